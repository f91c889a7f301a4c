//! Environment variables that a shell text uses and does not set itself.
//!
//! `${x:-y}` brings its own value and is none; neither are loop variables, positional parameters
//! and what every login shell has.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Blank, Kind};
use crate::script::places::{Place, Places, scan};

/// Variables that are there, or that the shell itself sets.
const GIVEN: &[&str] = &[
    "_",
    "BASH",
    "BASHPID",
    "BASH_SOURCE",
    "BASH_VERSION",
    "COLUMNS",
    "EDITOR",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LANG",
    "LC_ALL",
    "LINENO",
    "LINES",
    "LOGNAME",
    "MAIL",
    "OLDPWD",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PATH",
    "PIPESTATUS",
    "PPID",
    "PS1",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "TERM",
    "TMPDIR",
    "UID",
    "USER",
    "BASH_REMATCH",
    "MAPFILE",
    "COPROC",
];

static USE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([#!]?)([A-Za-z_][A-Za-z0-9_]*)([^}]?))").ok()
});

/// Names that a text sets: `X=`, `export X=`, `for x in`, `read x y`, `mapfile x`, `printf -v x`.
static SET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // A shell divides words by ASCII alone, and patterns over ASCII are quick to build.
    Regex::new(concat!(
        r"(?:^|[\t-\r ;&|({`])(?:(?:export|local|readonly|declare|typeset)[\t-\r ]+(?:-[A-Za-z0-9_]+[\t-\r ]+)*)?",
        r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]\n]*\])?\+?=",
        r"|(?:^|[\t-\r ;&|({])(?:for|select)[\t-\r ]+([A-Za-z_][A-Za-z0-9_]*)(?-u:\b)",
        r"|(?:^|[\t-\r ;&|({])(?:read|mapfile|readarray|getopts|printf[\t-\r ]+-v|local|declare)[\t-\r ]+([^;&|<\n]*)",
    ))
    .ok()
});

/// The variables that a shell text sets. What an earlier block of the same procedure has set is no
/// blank of a later one.
#[must_use]
pub fn assigned(code: &str) -> BTreeSet<String> {
    assignments(code, &scan(code, &[])).into_keys().collect()
}

/// The variables that `code` uses before it has set them.
pub(super) fn environment(code: &str, places: &Places) -> Vec<Blank> {
    if !code.contains('$') {
        return Vec::new();
    }
    let Some(uses) = USE.as_ref().filter(|u| u.is_match(code)) else {
        return Vec::new();
    };
    let set = assignments(code, places);
    uses.captures_iter(code)
        .filter_map(|captures| {
            let whole = captures.get(0)?;
            let name = captures.get(1).or_else(|| captures.get(3))?.as_str();
            let operator = captures.get(4).map_or("", |m| m.as_str());
            let indirect = captures.get(2).is_some_and(|m| m.as_str() == "!");
            let range = whole_use(code, whole.range(), captures.get(1).is_some());
            let known = GIVEN.contains(&name)
                || set.get(name).is_some_and(|at| *at <= whole.start())
                || indirect
                || brings_its_own(code, &range, operator);
            let asked = !known && expands(code, whole.start(), places);
            asked.then(|| Blank {
                spelling: code.get(range.clone()).unwrap_or_default().to_owned(),
                name: name.to_owned(),
                kind: Kind::Environment,
                range,
            })
        })
        .collect()
}

/// From the `$` to the end of the use, braces included.
fn whole_use(code: &str, found: Range<usize>, plain: bool) -> Range<usize> {
    if plain {
        return found;
    }
    let rest = code.get(found.start..).unwrap_or("");
    let mut depth = 0_u32;
    for (offset, byte) in rest.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return found.start..found.start + offset + 1,
            b'}' => depth -= 1,
            b'\n' => break,
            _ => {}
        }
    }
    found
}

/// `${x:-y}`, `${x-y}`, `${x:=y}`, `${x:+y}`: absence is provided for.
fn brings_its_own(code: &str, range: &Range<usize>, operator: &str) -> bool {
    let text = code.get(range.clone()).unwrap_or("");
    match operator {
        "-" | "=" | "+" => true,
        ":" => [":-", ":=", ":+"].iter().any(|op| text.contains(op)),
        _ => false,
    }
}

/// Whether a `$` at this place is expanded.
fn expands(code: &str, at: usize, places: &Places) -> bool {
    let escaped = code
        .get(..at)
        .unwrap_or("")
        .bytes()
        .rev()
        .take_while(|b| *b == b'\\')
        .count();
    let literal = matches!(
        places.at(at),
        Place::Single | Place::Ansi | Place::HeredocRaw | Place::Comment
    );
    escaped % 2 == 0 && !literal
}

/// The names that the text sets, each with the offset from which it is set.
fn assignments(code: &str, places: &Places) -> BTreeMap<String, usize> {
    let mut set = BTreeMap::new();
    let Some(pattern) = SET.as_ref() else {
        return set;
    };
    for captures in pattern.captures_iter(code) {
        let Some(first) = captures.iter().skip(1).flatten().next() else {
            continue;
        };
        let quoted = !matches!(places.at(first.start()), Place::Bare | Place::Backtick);
        if quoted {
            continue;
        }
        let loops = captures.get(2).is_some();
        let from = if loops {
            first.end()
        } else {
            word_end(code, first.end(), places)
        };
        for name in first.as_str().split_whitespace() {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if plain && !name.is_empty() {
                set.entry(name.to_owned()).or_insert(from);
            }
        }
    }
    set
}

/// The end of the word that goes on at `from`: the value of an assignment is not yet its own.
fn word_end(code: &str, from: usize, places: &Places) -> usize {
    let rest = code.get(from..).unwrap_or("");
    rest.bytes()
        .enumerate()
        .find(|(offset, byte)| {
            matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|')
                && places.at(from + offset) == Place::Bare
        })
        .map_or(code.len(), |(offset, _)| from + offset)
}
