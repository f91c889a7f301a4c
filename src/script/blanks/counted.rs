//! Places where bash counts: it reads what stands there as arithmetic, also within quotes, and runs
//! the `$(…)` in the index of an array that it is told of, `a[$(…)]`. So only a number may be
//! put there; and where it takes the name of a variable, only a name.

use std::ops::Range;

use super::through::is_name;
use crate::script::places::{Place, Places};

/// What may stand at such a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Counted {
    /// A whole number.
    Number,
    /// The name of a variable.
    Name,
}

impl Counted {
    /// Whether a value may stand there.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn check(self, value: &str) -> Result<(), String> {
        let fits = match self {
            Self::Number => is_number(value),
            Self::Name => is_name(value),
        };
        let why = match self {
            _ if fits => return Ok(()),
            Self::Number => {
                "bash counts here, and runs commands in a text that it is to count with: only a \
                 whole number can stand here"
            }
            Self::Name => {
                "bash takes the name of a variable here, and runs commands in its index: only \
                 letters, digits and _ can stand here"
            }
        };
        Err(why.to_owned())
    }
}

/// A whole number, with a sign or without.
pub(super) fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Comparisons of `[[ … ]]` that count.
const COMPARES: &[&str] = &["-eq", "-ne", "-lt", "-le", "-gt", "-ge"];

/// Commands whose words are names of variables, or `name=value`.
const NAMING: &[&str] = &[
    "unset", "declare", "typeset", "local", "readonly", "integer",
];

/// Those that read into variables.
const READING: &[&str] = &["read", "mapfile", "readarray"];

/// What may stand at this place, where bash counts or wants a name. `code` has a word for each
/// blank.
pub(super) fn at(code: &str, shell: &Places, range: &Range<usize>) -> Option<Counted> {
    let from = outside_quotes(shell, range.start);
    match shell.at(from) {
        Place::Arithmetic => Some(Counted::Number),
        Place::Expansion => in_expansion(code, from).then_some(Counted::Number),
        Place::Bare => in_words(code, shell, from, range.end),
        _ => None,
    }
}

/// Where the quotes around a place begin.
fn outside_quotes(shell: &Places, at: usize) -> usize {
    let mut at = at;
    while matches!(shell.at(at), Place::Single | Place::Double | Place::Ansi) {
        let place = shell.at(at);
        let Some(region) = shell.region(at).filter(|r| r.place == place) else {
            break;
        };
        match region.content.start.checked_sub(1) {
            Some(before) => at = before,
            None => break,
        }
    }
    at
}

/// `${name:…` that cuts, or `${name[…`.
fn in_expansion(code: &str, at: usize) -> bool {
    let bytes = code.as_bytes();
    let mut depth = 0_u32;
    let opener = (1..at)
        .rev()
        .find(|i| match (bytes.get(i - 1), bytes.get(*i)) {
            (_, Some(b'}')) => {
                depth += 1;
                false
            }
            (Some(b'$'), Some(b'{')) if depth > 0 => {
                depth -= 1;
                false
            }
            (Some(b'$'), Some(b'{')) => true,
            _ => false,
        });
    let Some(inside) = opener.and_then(|i| code.get(i + 1..at)) else {
        return false;
    };
    let inside = inside.trim_start_matches(['#', '!']);
    let name_ends = inside.find(|c: char| !is_letter(c)).unwrap_or(inside.len());
    let (name, mut rest) = inside.split_at(name_ends);
    if let Some(index) = rest.strip_prefix('[') {
        match index.split_once(']') {
            None => return !has_flag(code, name, 'A'),
            Some((_, after)) => rest = after,
        }
    }
    let cut = rest.strip_prefix(':');
    cut.is_some_and(|cut| !cut.starts_with(['-', '=', '?', '+']))
}

fn in_words(code: &str, shell: &Places, at: usize, end: usize) -> Option<Counted> {
    let bytes = code.as_bytes();
    let is_bare = |at: usize| shell.at(at) == Place::Bare;
    let parts =
        |at: usize| is_bare(at) && bytes.get(at).is_none_or(|b| b" \t\r\n;&|()<>`".contains(b));
    let start = (0..at).rev().find(|i| parts(*i)).map_or(0, |i| i + 1);
    let stop = (end..bytes.len())
        .find(|i| parts(*i))
        .unwrap_or(bytes.len());
    let unquoted = |range: Range<usize>| -> String {
        let text = code.get(range).unwrap_or("");
        text.chars().filter(|c| !matches!(c, '"' | '\'')).collect()
    };
    let (before, after) = (unquoted(start..at), unquoted(end..stop));
    let previous = code
        .get(..start)?
        .split_whitespace()
        .next_back()
        .unwrap_or("");
    let next = code.get(stop..)?.split_whitespace().next().unwrap_or("");
    let own = own_command(code, shell, start);
    let mut words = own
        .split_whitespace()
        .skip_while(|w| w.contains('=') || is_keyword(w));
    let command = words.next().unwrap_or("");
    let tests = opened(code, shell, at, "[[", "]]");

    if tests && (COMPARES.contains(&previous) || COMPARES.contains(&next)) {
        return Some(Counted::Number);
    }
    let asks = tests || matches!(command, "[" | "test");
    if (asks || command == "printf") && previous == "-v" {
        return Some(Counted::Name);
    }
    if command == "let" || in_for(code, shell, at) {
        return Some(Counted::Number);
    }
    let old = before
        .rsplit_once("$[")
        .is_some_and(|(_, inside)| !inside.contains(']'));
    if old {
        return Some(Counted::Number);
    }
    let names = NAMING.contains(&command)
        || READING.contains(&command) && !previous.starts_with('-')
        || asks && previous == "-v";
    if let Some((name, index)) = before.split_once('[')
        && is_name(name)
        && !index.contains(']')
    {
        let behind = after.split_once(']').map_or("", |(_, behind)| behind);
        let assigns = behind.starts_with('=') || behind.starts_with("+=");
        return ((assigns || names) && !has_flag(code, name, 'A')).then_some(Counted::Number);
    }
    if let Some((name, _)) = before.split_once('=') {
        let name = name.trim_end_matches('+');
        let name = name.split('[').next().unwrap_or(name);
        let counts = is_name(name) && (has_flag(code, name, 'i') || command == "integer");
        return counts.then_some(Counted::Number);
    }
    let is_option = before.starts_with('-');
    (names && !is_option).then_some(Counted::Name)
}

/// The command so far that a word belongs to.
fn own_command<'c>(code: &'c str, shell: &Places, start: usize) -> &'c str {
    let bytes = code.as_bytes();
    let ends = |at: usize| {
        shell.at(at) == Place::Bare && bytes.get(at).is_some_and(|b| b"\n;&|`(".contains(b))
    };
    let from = (0..start).rev().find(|i| ends(*i)).map_or(0, |i| i + 1);
    code.get(from..start).unwrap_or("")
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "then"
            | "elif"
            | "else"
            | "do"
            | "while"
            | "until"
            | "{"
            | "!"
            | "builtin"
            | "command"
    )
}

/// In `for ((…; …; …))`.
fn in_for(code: &str, shell: &Places, at: usize) -> bool {
    let before = code.get(..at).unwrap_or("");
    let opener = before.rfind("((").and_then(|open| code.get(..open));
    opener.is_some_and(|before| before.trim_end().ends_with("for"))
        && opened(code, shell, at, "((", "))")
}

/// Whether an opener stands bare before a place, and its closer not behind it.
fn opened(code: &str, shell: &Places, at: usize, opener: &str, closer: &str) -> bool {
    let before = code.get(..at).unwrap_or("");
    let bare = |i: &usize| shell.at(*i) == Place::Bare;
    let found = |what: &str| {
        let all = before.match_indices(what).map(|(i, _)| i);
        all.filter(bare).last()
    };
    found(opener).is_some_and(|open| found(closer).is_none_or(|close| close < open))
}

/// Whether a text declares a variable with this flag: `declare -i N`.
fn has_flag(code: &str, name: &str, flag: char) -> bool {
    let mut lines = code.split(['\n', ';', '&', '|']);
    lines.any(|line| {
        let mut words = line.split_whitespace();
        let declares = |w: &str| NAMING.contains(&w) || w == "export";
        if !words.by_ref().any(declares) {
            return false;
        }
        let (flags, names): (Vec<&str>, Vec<&str>) = words.partition(|w| w.starts_with('-'));
        let named = |w: &&str| w.split(['=', '+', '[']).next() == Some(name);
        flags.iter().any(|f| f.contains(flag)) && names.iter().any(named)
    })
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Where a text names a variable without a `$` and bash counts with it: `(( N > 3 ))`.
pub(super) fn uses(code: &str, shell: &Places, name: &str) -> Vec<Range<usize>> {
    let whole = |at: usize, end: usize| {
        let before = code.get(..at).and_then(|b| b.chars().next_back());
        let after = code.get(end..).and_then(|a| a.chars().next());
        !before.is_some_and(|c| is_letter(c) || c == '$' || c == '{')
            && !after.is_some_and(is_letter)
    };
    let found = code.match_indices(name).map(|(at, _)| at..at + name.len());
    found
        .filter(|r| whole(r.start, r.end) && at(code, shell, r) == Some(Counted::Number))
        .collect()
}

#[cfg(test)]
#[path = "counted_tests.rs"]
mod tests;
