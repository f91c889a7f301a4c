//! Answers that are made for programs: JSON and the status of HTTP.

use serde_json::Value;

use super::{Judgement, lacks, met, not_met, quote, unclear};

pub(super) fn json(text: &str, output: &str) -> Judgement {
    let Ok(wanted) = serde_json::from_str::<Value>(text) else {
        return unclear(format!("the plan's “{text}” is no JSON"));
    };
    let found = json_values(output);
    let Some(value) = found.iter().find(|value| is_part(&wanted, value)) else {
        return match found.first() {
            Some(value) => not_met(quote(&value.to_string())),
            None => not_met(lacks("JSON", output)),
        };
    };
    // Of several answers one may say the opposite of another.
    let other = found
        .iter()
        .find(|other| speaks_of(&wanted, other) && !is_part(&wanted, other));
    let said = quote(&value.to_string());
    match other {
        Some(other) => unclear(format!(
            "it says {said}, but also {}",
            quote(&other.to_string())
        )),
        None => met(said),
    }
}

/// Every JSON object and list of the output that stands in no other.
fn json_values(output: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let (mut at, mut past) = (0, 0);
    for line in output.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // What is left of this line behind a value that ended in it.
        let from = past.max(start);
        let Some(open) = output.get(from..at).and_then(|l| l.find(['{', '['])) else {
            continue;
        };
        let Some(rest) = output.get(from + open..) else {
            continue;
        };
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        while let Some(Ok(value)) = stream.next() {
            past = from + open + stream.byte_offset();
            if value.is_object() || value.is_array() {
                values.push(value);
            }
            if past > at || values.len() >= 100 {
                break;
            }
        }
        if values.len() >= 100 {
            break;
        }
    }
    values
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

/// Names of values that are others each time.
const VOLATILE: &[&str] = &[
    "timestamp",
    "time",
    "datetime",
    "ts",
    "uptime",
    "request_id",
    "requestid",
    "duration",
    "duration_ms",
    "latency_ms",
];

/// Whether everything in `part` is in `whole`, at the same places. An empty list or object is one
/// that holds nothing; a time of day is another each time, and dots stand for anything.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::String(dots), _) if dots == "..." || dots == "…" => true,
        (Value::Object(part), Value::Object(whole)) if part.is_empty() => whole.is_empty(),
        (Value::Array(part), Value::Array(whole)) if part.is_empty() => whole.is_empty(),
        (Value::Object(part), Value::Object(whole)) => {
            // What is asked for alone is asked for.
            let varies = |key: &str, own: &Value, got: &Value| {
                let same = own.is_string() == got.is_string() && own.is_number() == got.is_number();
                let name = VOLATILE.contains(&key.to_lowercase().as_str());
                part.len() > 1 && name && same && !own.is_object() && !got.is_null()
            };
            part.iter().all(|(key, value)| {
                let got = whole.get(key);
                got.is_some_and(|got| varies(key, value, got) || is_part(value, got))
            })
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.iter().all(|p| whole.iter().any(|w| is_part(p, w)))
        }
        (part, whole) => part == whole,
    }
}

pub(super) fn http_status(wanted: u16, output: &str) -> Judgement {
    let mut said: Vec<(u16, &str)> = output
        .lines()
        .map(|line| line.trim_start().trim_start_matches("< "))
        .filter(|line| line.starts_with("HTTP/"))
        .filter_map(|line| Some((line.split_whitespace().nth(1)?.parse().ok()?, line)))
        .collect();
    if said.is_empty() {
        // `curl -w '%{http_code}'` prints the bare status, alone or at the end of the body.
        let bare = |line| Some((bare_status(line)?, line));
        said.extend(output.lines().filter_map(bare));
    }
    if said.is_empty() {
        let named = |line| Some((named_status(line)?, line));
        said.extend(last_line(output).and_then(named));
    }
    if said.is_empty() {
        let behind = |line| Some((status_after_body(line)?, line));
        said.extend(last_line(output).and_then(behind));
    }
    let Some(&(last, line)) = said.last() else {
        return unclear("it printed no HTTP status; with curl, add: -w '\\n%{http_code}\\n'");
    };
    if last != wanted {
        return not_met(quote(line));
    }
    // On the way to an answer there may be others: `100 Continue`, a redirection.
    let on_the_way = |code: u16| code < 200 || (300..400).contains(&code);
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

fn last_line(output: &str) -> Option<&str> {
    output.lines().rev().find(|line| !line.trim().is_empty())
}

/// The status directly behind a body that ends without a line end: `{"ok":true}200`. Behind
/// anything but a closing mark the digits may be the body's own.
fn status_after_body(line: &str) -> Option<u16> {
    let line = line.trim_end();
    let digits = line
        .len()
        .checked_sub(3)
        .filter(|at| line.is_char_boundary(*at))?;
    let (body, code) = line.split_at(digits);
    let closed = body.ends_with(['}', ']', '>', '"']);
    bare_status(code).filter(|_| closed)
}

/// The status with its name, or with the time that it took: `Status: 200`, `200 0.031`.
fn named_status(line: &str) -> Option<u16> {
    let words: Vec<&str> = line
        .split([' ', ':', '=', '\t'])
        .filter(|w| !w.is_empty())
        .collect();
    let is_name = |word: &str| {
        let word = word.to_lowercase();
        matches!(word.as_str(), "status" | "http" | "code" | "http_code")
    };
    if words
        .iter()
        .filter(|word| bare_status(word).is_some())
        .count()
        != 1
    {
        return None;
    }
    match words.as_slice() {
        [code, time] if time.contains('.') && time.trim_end_matches('s').parse::<f64>().is_ok() => {
            bare_status(code)
        }
        [.., name, code] if is_name(name) => bare_status(code),
        [name, code, "in" | "OK", ..] if is_name(name) => bare_status(code),
        _ => None,
    }
}

fn bare_status(line: &str) -> Option<u16> {
    let line = line.trim();
    let code = line.parse::<u16>().ok().filter(|_| line.len() == 3)?;
    // 000 is how curl says that there was no answer.
    ((100..600).contains(&code) || code == 0).then_some(code)
}
