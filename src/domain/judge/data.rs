//! Answers that are made for programs: JSON and the status of HTTP.

use serde_json::Value;

use super::numbers::complains;
use super::words::{complaint, is_bad};
use super::{Judgement, lacks, met, not_met, quote, unclear};

/// Most JSON values of an output that are looked at.
const MOST: usize = 100;

pub(super) fn json(text: &str, output: &str) -> Judgement {
    let Ok(wanted) = serde_json::from_str::<Value>(text) else {
        return unclear(format!("the plan's “{text}” is no JSON"));
    };
    let found = json_values(output);
    let fits = found
        .values
        .iter()
        .map(|value| (fit(&wanted, value), value));
    // The first of the best.
    let best = fits.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (is_so, value) = match best {
        Some((Fit::No, value)) if deeper(&wanted, value) => {
            return unclear(format!("it says so within {}", quote(&value.to_string())));
        }
        Some((Fit::No, value)) => return not_met(quote(&value.to_string())),
        None => return not_met(lacks("JSON", output)),
        Some(best) => best,
    };
    let said = quote(&value.to_string());
    // Of several answers one may say the opposite of another.
    let other = found
        .values
        .iter()
        .find(|other| speaks_of(&wanted, other) && fit(&wanted, other) == Fit::No);
    if let Some(other) = other {
        return unclear(format!(
            "it says {said}, but also {}",
            quote(&other.to_string())
        ));
    }
    if is_so == Fit::More {
        return unclear(format!("{said} is more than the plan shows"));
    }
    let plain = |text: &str| text.replace('"', "").to_lowercase();
    if is_bad(&plain(&value.to_string()), &plain(text)) {
        return unclear(format!(
            "it holds what is expected, but not all of {said} is well"
        ));
    }
    match found.beside.iter().find(|beside| beside.is_against()) {
        Some(beside) => unclear(format!("it says {said}, but also {}", quote(beside.text))),
        None => met(said),
    }
}

/// What an output holds.
#[derive(Default)]
struct Found<'a> {
    /// Every JSON object and list that stands in no other.
    values: Vec<Value>,
    /// The text around them.
    beside: Vec<Beside<'a>>,
}

/// A line without JSON, or what is left of one with some.
struct Beside<'a> {
    text: &'a str,
    /// It leads in what follows: on the same line, or with a colon at its end.
    leads: bool,
    /// It begins like JSON, and is none.
    broken: bool,
}

impl Beside<'_> {
    /// Whether it says that an answer beside it is none: a complaint, an error by HTTP, words of a
    /// failure, or that it is an example.
    fn is_against(&self) -> bool {
        let line = self.text.trim();
        let code = line.trim_start_matches("< ").strip_prefix("HTTP/");
        let code = code.and_then(|line| line.split_whitespace().nth(1));
        self.broken
            || code.is_some_and(|code| code.starts_with(['4', '5']))
            || complaint(line)
            || complains(line)
            || is_bad(&line.to_lowercase(), "")
            || self.leads && is_example(line)
    }
}

/// Whether words in front of an answer make it an example, or one of another time.
fn is_example(line: &str) -> bool {
    const WORDS: &str = "sample example expected expect should would must like wanted previous previously before was until not instead old usage";
    let lower = line.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    words.any(|word| !word.is_empty() && WORDS.split(' ').any(|one| one == word))
}

impl<'a> Found<'a> {
    fn note(&mut self, text: &'a str, leads: bool, broken: bool) {
        let leads = leads || text.trim_end().ends_with(':');
        if !text.trim().is_empty() {
            self.beside.push(Beside {
                text,
                leads,
                broken,
            });
        }
    }
}

fn json_values(output: &str) -> Found<'_> {
    let mut found = Found::default();
    let part = |from: usize, to: usize| output.get(from..to).unwrap_or_default();
    let (mut at, mut past) = (0, 0);
    for line in output.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // What is left of this line behind a value that ended in it.
        let mut from = past.max(start);
        let mut search = from;
        while let Some(open) = part(search, at).find(['{', '[']) {
            let open = search + open;
            let rest = part(open, output.len());
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter();
            match stream.next() {
                Some(Ok(value)) if found.values.len() < MOST => {
                    found.note(part(from, open), true, false);
                    found.values.push(value);
                    past = open + stream.byte_offset();
                    (from, search) = (past, past);
                }
                // `[info]`, in front of what is logged.
                _ if is_tag(part(open, at)) => search = open + 1,
                _ => {
                    found.note(part(from, at), false, !is_trace(part(from, at)));
                    from = at;
                    search = at;
                }
            }
        }
        found.note(part(from, at), from > start, false);
    }
    found
}

/// Whether a bracket is closed on its line and holds words: `[info]`, `[2031-04-12 03:00]`.
fn is_tag(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    inner.is_some_and(|(inner, _)| !inner.contains(['{', '[', '"']))
}

/// Whether a line is what `curl -v` says of the data that it moves: `{ [15 bytes data]`.
fn is_trace(line: &str) -> bool {
    line.trim().starts_with(['{', '}']) && line.trim_end().ends_with("bytes data]")
}

/// Whether a value speaks of what is wanted: an object of one of its names, a list of a list.
fn speaks_of(wanted: &Value, value: &Value) -> bool {
    match (wanted, value) {
        (Value::Object(wanted), Value::Object(value)) => {
            wanted.is_empty() || wanted.keys().any(|key| value.contains_key(key))
        }
        (Value::Array(_), Value::Array(_)) => true,
        _ => false,
    }
}

/// Names of times and of what is counted up, which are others each time.
const TIMES: &[&str] = &["timestamp", "time", "datetime", "ts", "uptime"];

/// Names of what has a name of its own each time.
const IDS: &[&str] = &["request_id", "requestid"];

/// Names of what takes more or less each time.
const SPANS: &[&str] = &["duration", "duration_ms", "latency_ms"];

/// How much longer than in the sample something may have taken.
const LONGER: f64 = 10.0;

/// How a value stands to what is wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    /// It holds what is wanted, and beside it what may say otherwise.
    More,
    Yes,
}

/// Whether what is wanted, which has no name at the top of an answer, stands deeper in it.
fn deeper(wanted: &Value, value: &Value) -> bool {
    let Value::Object(names) = wanted else {
        return false;
    };
    let inner: Vec<&Value> = match value {
        Value::Object(all) if names.keys().any(|name| all.contains_key(name)) => return false,
        Value::Object(all) => all.values().collect(),
        Value::Array(all) => all.iter().collect(),
        _ => return false,
    };
    inner
        .into_iter()
        .any(|value| fit(wanted, value) == Fit::Yes || deeper(wanted, value))
}

/// Whether everything in `part` is in `whole`, at the same places. An empty list or object is one
/// that holds nothing; a time of day is another each time, and dots stand for anything. An object
/// may have more names; a list in which another kind of thing stands is more than is wanted.
fn fit(part: &Value, whole: &Value) -> Fit {
    let when = |is_so: bool| if is_so { Fit::Yes } else { Fit::No };
    match (part, whole) {
        (Value::String(dots), _) if is_dots(dots) => Fit::Yes,
        (Value::Object(part), Value::Object(whole)) if part.is_empty() => when(whole.is_empty()),
        (Value::Array(part), Value::Array(whole)) if part.is_empty() => when(whole.is_empty()),
        (Value::Object(part), Value::Object(whole)) => {
            let each = part.iter().map(|(key, value)| match whole.get(key) {
                None => Fit::No,
                // What is asked for alone is asked for.
                Some(got) if part.len() > 1 => varies(key, value, got).max(fit(value, got)),
                Some(got) => fit(value, got),
            });
            let all = each.min().unwrap_or(Fit::Yes);
            let mut rest = whole.iter().filter(|(key, _)| !part.contains_key(*key));
            let denied = part.iter().any(|(key, value)| {
                value.is_boolean() && rest.any(|(_, r)| differs(key, value, r))
            });
            all.min(if denied { Fit::More } else { Fit::Yes })
        }
        (Value::Array(part), Value::Array(whole)) => in_list(part, whole),
        (part, whole) => when(part == whole),
    }
}

fn in_list(part: &[Value], whole: &[Value]) -> Fit {
    let dots = |value: &Value| value.as_str().is_some_and(is_dots);
    let wanted = part.iter().filter(|value| !dots(value)).count();
    if whole.len() < wanted {
        return Fit::No;
    }
    let best = |all: &mut dyn Iterator<Item = Fit>| all.max().unwrap_or(Fit::No);
    let there = part
        .iter()
        .map(|p| {
            best(&mut whole.iter().map(|w| fit(p, w))).max(if dots(p) { Fit::Yes } else { Fit::No })
        })
        .min();
    // What else stands in it is as one of those that are wanted, or it is something else.
    let others = whole
        .iter()
        .map(|w| best(&mut part.iter().map(|p| fit(p, w))).max(Fit::More))
        .min();
    there.unwrap_or(Fit::Yes).min(others.unwrap_or(Fit::Yes))
}

fn is_dots(text: &str) -> bool {
    matches!(text, "..." | "…")
}

/// Whether a name stands anywhere in a value with the other of two values.
fn differs(name: &str, wanted: &Value, value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, own)| {
            key == name && own.is_boolean() && own != wanted || differs(name, wanted, own)
        }),
        Value::Array(all) => all.iter().any(|one| differs(name, wanted, one)),
        _ => false,
    }
}

/// Whether two values are the same thing of two times: a time, an identifier, how long it took.
fn varies(key: &str, own: &Value, got: &Value) -> Fit {
    let key = key.to_lowercase();
    let named = |names: &[&str]| names.contains(&key.as_str());
    let shaped = |text: &str| {
        let digits = text.chars().any(|c| c.is_ascii_digit());
        let one = !text.contains(' ') && text.len() >= 8;
        if named(IDS) { one || digits } else { digits }
    };
    match (own, got) {
        (Value::String(own), Value::String(got)) if named(TIMES) || named(IDS) || named(SPANS) => {
            if shaped(own) && shaped(got) {
                Fit::Yes
            } else {
                Fit::No
            }
        }
        (Value::Number(_), Value::Number(_)) if named(TIMES) || named(IDS) => Fit::Yes,
        (Value::Number(own), Value::Number(got)) if named(SPANS) => {
            let (own, got) = (
                own.as_f64().unwrap_or(0.0),
                got.as_f64().unwrap_or(f64::MAX),
            );
            if got <= own * LONGER {
                Fit::Yes
            } else {
                Fit::More
            }
        }
        _ => Fit::No,
    }
}

pub(super) fn http_status(wanted: u16, output: &str) -> Judgement {
    let heads = statuses(output, head_status);
    // On the way to an answer there may be others: `100 Continue`, a redirection. A status alone
    // is the one at the end of it.
    let on_the_way = |code: u16| !heads.is_empty() && (100..400).contains(&code) && code != 200;
    let mut said = heads.clone();
    if said.is_empty() {
        // `curl -w '%{http_code}'` prints the bare status, alone or at the end of the body.
        said = statuses(output, bare_status);
    }
    if said.is_empty() {
        said = statuses(output, named_status);
    }
    if said.is_empty() {
        said.extend(
            last_line(output)
                .into_iter()
                .flat_map(statuses_after_bodies),
        );
    }
    let Some(&(last, line)) = said.last() else {
        return unclear("it printed no HTTP status; with curl, add: -w '\\n%{http_code}\\n'");
    };
    if last != wanted {
        return not_met(quote(line));
    }
    let other = said
        .iter()
        .find(|(code, _)| *code != wanted && !on_the_way(*code));
    match other {
        Some((_, other)) => unclear(format!(
            "its last answer is {}, but an earlier one is {}",
            quote(line),
            quote(other)
        )),
        None => met(quote(line)),
    }
}

/// Whether a redirection came before the answer that an output ends with, by the heads in it.
#[must_use]
pub fn is_redirected(output: &str) -> bool {
    let heads = statuses(output, head_status);
    heads.iter().any(|(code, _)| (300..400).contains(code))
        && heads
            .last()
            .is_some_and(|(code, _)| !(300..400).contains(code))
}

/// The statuses of an output, each with its line.
fn statuses(output: &str, of: impl Fn(&str) -> Option<u16>) -> Vec<(u16, &str)> {
    let own = |line| Some((of(line)?, line));
    output.lines().filter_map(own).collect()
}

/// The status in the head of an answer, as curl shows it, or wget.
fn head_status(line: &str) -> Option<u16> {
    let line = line.trim_start().trim_start_matches("< ");
    if line.starts_with("HTTP/") {
        return line.split_whitespace().nth(1)?.parse().ok();
    }
    let (_, answer) = line.split_once("awaiting response... ")?;
    answer.split_whitespace().next()?.parse().ok()
}

fn last_line(output: &str) -> Option<&str> {
    output.lines().rev().find(|line| !line.trim().is_empty())
}

/// The status directly behind a body that ends without a line end: `{"ok":true}200`. Behind
/// anything but a closing mark the digits may be the body's own.
fn statuses_after_bodies(line: &str) -> Vec<(u16, &str)> {
    let line = line.trim_end();
    let closings = line.match_indices(['}', ']', '>', '"']);
    let behind = closings.filter_map(|(at, _)| {
        let (code, rest) = line.get(at + 1..)?.split_at_checked(3)?;
        let ends = rest.is_empty() || rest.starts_with(['{', '[', '<', '"']);
        Some((bare_status(code).filter(|_| ends)?, line))
    });
    let found: Vec<(u16, &str)> = behind.collect();
    let ends = line.len().checked_sub(3).and_then(|at| line.get(at..));
    let at_its_end = ends.and_then(bare_status).is_some();
    if at_its_end { found } else { Vec::new() }
}

/// The status with its name, or with the time that it took: `Status: 200`, `200 0.031`. Behind
/// another word it may be another's: `error code: 200`.
fn named_status(line: &str) -> Option<u16> {
    let words: Vec<&str> = line
        .split([' ', ':', '=', '\t'])
        .filter(|w| !w.is_empty())
        .collect();
    let is_name = |word: &&str| {
        let word = word.to_lowercase();
        matches!(
            word.as_str(),
            "status" | "http" | "code" | "http_code" | "response" | "http_status"
        )
    };
    let is_code = |word: &&&str| bare_status(word).is_some();
    if words.iter().filter(is_code).count() != 1 {
        return None;
    }
    let is_time =
        |word: &str| word.contains('.') && word.trim_end_matches('s').parse::<f64>().is_ok();
    let names = words.iter().take_while(|word| is_name(word)).count();
    match words.get(names..)? {
        [code, time] if is_time(time) => bare_status(code),
        [code] | [code, "in" | "OK", ..] if names > 0 => bare_status(code),
        _ => None,
    }
}

fn bare_status(line: &str) -> Option<u16> {
    let line = line.trim();
    let code = line.parse::<u16>().ok().filter(|_| line.len() == 3)?;
    // 000 is how curl says that there was no answer.
    ((100..600).contains(&code) || code == 0).then_some(code)
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
