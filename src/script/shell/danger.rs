//! How much harm a shell text can do, judged from its parsed commands.
//!
//! Whatever is not known to only read changes things; whatever cannot be read changes things. The
//! rules for each program are in `rules`.

use super::calls::{Call, Calls, Word, calls};
use super::feed::fed;
use super::fleet::sent;
use super::inside;
use super::repl::{outside, repls};
use super::rules;
use super::steer::{by_call, by_variables};
use super::values::{Values, is_prefix};
use super::wrappers::{Inner, unwrap};
use crate::script::blanks::{self, Kind};
use crate::script::{Danger, Judged, places};

/// Shell text inside shell text is read this many levels deep.
const DEEPEST: u32 = 6;

/// So many ways to read a command whose variables may have several values are looked at.
const MOST_READINGS: usize = 8;

/// Names and values of variables that are there before a text begins.
type Given = [(String, String)];

/// So many wrappers around one command are read.
pub(super) const MOST_WRAPPERS: u32 = 16;

/// How much harm a shell text can do.
#[must_use]
pub fn danger(code: &str) -> Judged {
    danger_given(code, &[])
}

/// How much harm a shell text can do that finds these variables set, by name and value.
#[must_use]
pub fn danger_given(code: &str, given: &Given) -> Judged {
    let judged = given_at_depth(code, given, 0);
    Judged {
        why: unmasked(code, judged.why),
        ..judged
    }
}

/// Puts the blanks back that were masked for the parser.
fn unmasked(code: &str, why: String) -> String {
    if !why.contains("xxx") {
        return why;
    }
    let written = blanks::find(code, "bash")
        .into_iter()
        .filter(|b| b.kind != Kind::Environment);
    written.fold(why, |why, blank| {
        let mask = "x".repeat(blank.range.len());
        let at = why.find(&mask).filter(|at| {
            let next = why.as_bytes().get(at + mask.len());
            next != Some(&b'x')
        });
        match at {
            Some(at) => {
                let rest = why.get(at + mask.len()..).unwrap_or("");
                format!("{}{}{rest}", why.get(..at).unwrap_or(""), blank.spelling)
            }
            None => why,
        }
    })
}

fn at_depth(code: &str, depth: u32) -> Judged {
    given_at_depth(code, &[], depth)
}

fn given_at_depth(code: &str, given: &Given, depth: u32) -> Judged {
    if depth > DEEPEST {
        return Judged::changes("it runs commands within commands too deep to be read");
    }
    let code = without_prompts(code);
    let typed = repls(&code).iter().fold(Judged::reads(), |worst, repl| {
        worst.worse(inside::danger(repl.inside, &repl.inner, |text| {
            at_depth(text, depth + 1)
        }))
    });
    let host = outside(&code);
    let open = !places::scanned(&blanks::mask(&host, "bash")).closed();
    let ran = match calls(&host) {
        // What cannot be read as a whole may still hold a line that says what it does.
        Ok(_) if open => {
            Judged::changes("backout could not read it (something in it is not closed)")
                .worse(line_by_line(&host, depth))
        }
        Err(problem) => {
            let unread = format!("backout could not read it ({})", problem.message);
            Judged::changes(unread).worse(line_by_line(&host, depth))
        }
        Ok(found) => judge_all(&found, given, depth),
    };
    ran.worse(typed)
}

fn line_by_line(code: &str, depth: u32) -> Judged {
    let joined = code.replace("\\\n", " ");
    let lines = joined
        .lines()
        .map(|l| l.split(" #").next().unwrap_or(l).trim());
    lines
        .map(|l| l.trim_end_matches(['\\', ' ']))
        .filter_map(|line| calls(line).ok())
        .fold(Judged::reads(), |worst, found| {
            worst.worse(judge_all(&found, &[], depth))
        })
}

fn judge_all(found: &Calls, given: &Given, depth: u32) -> Judged {
    let values = Values::of(given, found);
    let steered = by_variables(&found.assigned);
    found.all.iter().fold(steered, |worst, call| {
        worst
            .worse(judge(call, found, depth))
            .worse(with_values(call, found, &values, depth))
    })
}

/// What a call does once its variables have the values that are known.
fn with_values(call: &Call, found: &Calls, values: &Values, depth: u32) -> Judged {
    if call.words.iter().all(|w| w.fixed) && call.writes.is_empty() && !call.expands {
        let piped = call.piped.as_ref();
        if piped.is_none_or(|p| p.words.iter().all(|w| w.fixed)) {
            return Judged::reads();
        }
    }
    let ways = if depth == 0 { MOST_READINGS } else { 2 };
    let judged = values
        .readings(call, ways)
        .iter()
        .fold(unknown_options(call, values), |worst, call| {
            worst.worse(judge(call, found, depth))
        });
    // `$SUDO rm x`
    match call.words.first() {
        Some(first) if is_prefix(first) && call.words.len() > 1 => {
            judged.worse(judge(&call.without(1), found, depth))
        }
        Some(_) | None => judged,
    }
}

/// What a variable is that is named after options, and whose value nobody knows: some may make a
/// program that only looks do more.
fn unknown_options(call: &Call, values: &Values) -> Judged {
    let mut options = call.words.iter().skip(1);
    let Some(option) = options.find(|w| values.are_unknown_options(w)) else {
        return Judged::reads();
    };
    let mut inner = call.clone();
    for _ in 0..MOST_WRAPPERS {
        match unwrap(&inner) {
            Some(Inner::Call(call)) => inner = call,
            _ => break,
        }
    }
    match inner.program() {
        Some(program) if !rules::always_reads(program) => Judged::changes(format!(
            "what {} gives to {program} is only known when it runs",
            option.text
        )),
        Some(_) | None => Judged::reads(),
    }
}

/// `$ cmd` lines of a console session, without their prompts.
fn without_prompts(code: &str) -> String {
    let prompted = code
        .lines()
        .filter(|l| !l.trim().is_empty())
        .all(|l| l.starts_with("$ "));
    if prompted {
        code.lines()
            .map(|l| l.strip_prefix("$ ").unwrap_or(l))
            .collect::<Vec<_>>()
            .join("\n")
    } else {
        code.to_owned()
    }
}

fn judge(call: &Call, found: &Calls, depth: u32) -> Judged {
    let written = call
        .writes
        .iter()
        .fold(Judged::reads(), |worst, f| worst.worse(writing(f)));
    if call.words.is_empty() {
        return written;
    }
    if depth > MOST_WRAPPERS {
        return Judged::changes("too many commands that run commands");
    }
    let ran = match unwrap(call) {
        Some(Inner::Call(inner)) => judge(
            &Call {
                writes: Vec::new(),
                ..inner
            },
            found,
            depth + 1,
        ),
        Some(Inner::Text(text)) => {
            at_depth(&text, depth + 1).worse(with_input(call, &text, depth + 1))
        }
        Some(Inner::Unknown) => Judged::changes(format!("what {} runs is not known", name(call)))
            .worse(typed_into(call, depth)),
        Some(Inner::Session) => Judged::changes(format!(
            "{} opens a session in which anything may be done",
            name(call)
        ))
        .worse(typed_into(call, depth)),
        // It runs later what it is given.
        None if matches!(call.program(), Some("at" | "batch")) => {
            known(call, found, depth).worse(typed_into(call, depth))
        }
        None => known(call, found, depth).worse(sent_on(call, found, depth)),
    };
    ran.worse(written).worse(own(call)).worse(by_call(call))
}

/// What a shell does that is given its commands as input.
fn typed_into(call: &Call, depth: u32) -> Judged {
    fed(call).map_or_else(Judged::reads, |fed| at_depth(&fed.text, depth + 1))
}

/// What the command does that a program hands to other machines, or starts in a manner of its own.
fn sent_on(call: &Call, found: &Calls, depth: u32) -> Judged {
    match sent(call) {
        Some(Inner::Call(inner)) => judge(&inner, found, depth + 1),
        Some(Inner::Text(text)) => at_depth(&text, depth + 1),
        Some(Inner::Unknown | Inner::Session) | None => Judged::reads(),
    }
}

/// What the commands of a shell text do with the input that the text as a whole gets: that of
/// `ssh h 'psql shop' < x` is psql's.
fn with_input(call: &Call, text: &str, depth: u32) -> Judged {
    if depth > DEEPEST || call.input.is_none() && call.piped.is_none() && call.reads.is_empty() {
        return Judged::reads();
    }
    let Ok(found) = calls(text) else {
        return Judged::reads();
    };
    let own = |c: &&Call| c.input.is_some() || c.piped.is_some() || c.fed || !c.reads.is_empty();
    let open = found.all.iter().filter(|c| !own(c));
    open.fold(Judged::reads(), |worst, inner| {
        let inner = Call {
            input: call.input.clone(),
            piped: call.piped.clone(),
            reads: call.reads.clone(),
            ..inner.clone()
        };
        worst.worse(judge(&inner, &found, depth))
    })
}

/// A program that is named by its place and does not stand where a system has its programs is
/// somebody's own, whatever it is called.
fn own(call: &Call) -> Judged {
    match call.words.first().map(|word| word.text.as_str()) {
        Some(path) if path.contains('/') && !is_installed(path) => {
            Judged::changes(format!("what {path} does is not known"))
        }
        Some(_) | None => Judged::reads(),
    }
}

pub(super) fn is_installed(path: &str) -> bool {
    let below = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    if path.split('/').any(|part| part == "..") {
        return false;
    }
    // Of what is put there by hand, what has such a name is somebody's script.
    let name = path.rsplit('/').next().unwrap_or(path);
    let script = below(&["/opt/", "/usr/local/"]) && rules::is_shell_word(name)
        || below(&["/opt/"]) && !below(&["/opt/homebrew/"]) && rules::only_looks(name);
    !script
        && (below(SYSTEM)
            || CUSTOM.contains(&path.strip_prefix("./").unwrap_or(path))
            || TOOLS.iter().any(|place| path.contains(place)))
}

/// Where a system, or what its user installs, has its programs.
const SYSTEM: &[&str] = &[
    "/bin/",
    "/sbin/",
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/local/",
    "/usr/lib",
    "/usr/pgsql",
    "/opt/",
    "/snap/bin/",
    "/nix/",
    "/run/current-system/",
    "/home/linuxbrew/",
    "~/.local/bin/",
];

/// What frameworks put into every project under one name.
const CUSTOM: &[&str] = &["manage.py", "bin/rails", "bin/rake", "artisan"];

/// Where package managers put the programs of a project.
pub(super) const TOOLS: &[&str] = &["node_modules/.bin/", "venv/bin/", "vendor/bin/"];

fn known(call: &Call, found: &Calls, depth: u32) -> Judged {
    let Some(program) = call.program() else {
        return Judged::changes("the command's name is only known when it runs");
    };
    let called = call.words.first().map(|word| word.text.as_str());
    let judged = rules::judge(call, program);
    // A function is judged by its body, where it is called and not handed to another program; one
    // of a program's name may hand all it gets to that program.
    if depth == 0 && found.functions.iter().any(|f| Some(f.as_str()) == called) {
        let judged = judged.unwrap_or_else(Judged::reads);
        return judged.worse(handed_on(call, found, depth));
    }
    judged.unwrap_or_else(|| Judged::changes(format!("what {program} does is not known")))
}

/// What cannot be undone once the words of a function's call stand where a function of the text
/// hands its own on. Which function it is, is not asked.
fn handed_on(call: &Call, found: &Calls, depth: u32) -> Judged {
    let given = call.words.get(1..).unwrap_or_default();
    let hands_on = |other: &&Call| other.words.iter().any(Word::is_several);
    let bodies = found.all.iter().filter(hands_on);
    bodies
        .take(MOST_WRAPPERS as usize)
        .fold(Judged::reads(), |worst, body| {
            let mut words = body.words.clone();
            if let Some(at) = words.iter().position(Word::is_several) {
                words.splice(at..=at, given.iter().cloned());
            }
            let body = body.clone();
            let judged = judge(&Call { words, ..body }, found, depth + 1);
            match judged.danger {
                Danger::Irreversible => worst.worse(judged),
                Danger::None | Danger::Changes => worst,
            }
        })
}

fn name(call: &Call) -> &str {
    call.program().unwrap_or("the command")
}

/// What it means that a command's output goes to this file.
fn writing(file: &str) -> Judged {
    let sinks = [
        "/dev/null",
        "/dev/stdout",
        "/dev/stderr",
        "/dev/tty",
        "/dev/fd/",
    ];
    let disks = [
        "/dev/sd",
        "/dev/nvme",
        "/dev/vd",
        "/dev/xvd",
        "/dev/mapper/",
        "/dev/disk",
    ];
    if sinks.iter().any(|sink| file.starts_with(sink)) || file.is_empty() {
        return Judged::reads();
    }
    if disks.iter().any(|disk| file.starts_with(disk)) {
        return Judged::irreversible(format!("it writes over the disk {file}"));
    }
    Judged::changes(format!("it writes the file {file}"))
}

/// The programs that a shell text calls, wrappers taken off, in order, each once.
#[must_use]
pub fn programs(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    collect(code, 0, &mut |call| {
        if let Some(program) = call.program()
            && !names.iter().any(|n| n == program)
        {
            names.push(program.to_owned());
        }
    });
    names
}

/// Calls `see` for every call of a text with its wrappers taken off.
pub(super) fn collect(code: &str, depth: u32, see: &mut impl FnMut(&Call)) {
    let Ok(found) = calls(&without_prompts(code)) else {
        return;
    };
    for call in &found.all {
        seen_through(call, depth, see);
    }
}

fn seen_through(call: &Call, depth: u32, see: &mut impl FnMut(&Call)) {
    if depth > DEEPEST {
        return;
    }
    match unwrap(call) {
        Some(Inner::Call(inner)) => seen_through(&inner, depth + 1, see),
        Some(Inner::Text(text)) => collect(&text, depth + 1, see),
        Some(Inner::Unknown | Inner::Session) | None => see(call),
    }
}

/// Whether a text holds nothing that runs: comments and blank lines alone.
#[must_use]
pub fn is_comment_only(code: &str) -> bool {
    let masked = blanks::mask(code, "bash");
    masked.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') && !line.starts_with("#!")
    })
}

#[cfg(test)]
#[path = "danger_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "fed_tests.rs"]
mod fed_tests;

#[cfg(test)]
#[path = "values_tests.rs"]
mod values_tests;

#[cfg(test)]
#[path = "sent_tests.rs"]
mod sent_tests;

#[cfg(test)]
#[path = "steer_tests.rs"]
mod steer_tests;
