//! Numbers and row counts in an output.
//!
//! A number is judged where it does not matter which of those in the output is meant, or there is
//! only one. Parts of names, dates, times, addresses and ratios are no numbers.

use super::super::plan::Compare;
use super::words::{complaint, data_lines};
use super::{Judgement, lacks, met, not_met, quote, unclear};

/// The row counts of an output, each with its line.
pub(super) fn counts(output: &str) -> Vec<(i64, &str)> {
    let of = |line| Some((count(line).or_else(|| told(line))?, line));
    output.lines().filter_map(of).collect()
}

pub(super) fn rows(compare: Compare, wanted: i64, output: &str) -> Judgement {
    let counts = counts(output);
    let Some(&(_, last)) = counts.last() else {
        return unclear("it printed no row count");
    };
    let holds = |count: &(i64, &str)| compare.holds(count.0, wanted);
    // One row that is a count: which of the two is meant is not said.
    let is_count = |line: &str| {
        let name = line.trim().trim_matches(['|', ' ']).to_lowercase();
        name.starts_with("count") || name == "total" || name == "n"
    };
    if let [(1, _)] = counts.as_slice()
        && output.lines().any(is_count)
        && let [(value, line)] = plain_numbers(output).as_slice()
        && value % 1_000 == 0
        && compare.holds(value / 1_000, wanted) != compare.holds(1, wanted)
    {
        return unclear(format!(
            "a row that says {}, and {}",
            quote(line),
            quote(last)
        ));
    }
    agreed(&counts, holds, last)
}

/// The numbers of an output's rows, each with its line.
fn plain_numbers(output: &str) -> Vec<(i64, &str)> {
    let lines = values(output).into_iter();
    let each = lines.flat_map(|line| numbers(line).into_iter().map(move |(n, _)| (n, line)));
    each.collect()
}

/// Met where all hold and not met where none does: then it does not matter which was meant.
fn agreed<T>(all: &[(T, &str)], holds: impl Fn(&(T, &str)) -> bool, last: &str) -> Judgement {
    let good = all.iter().find(|one| holds(one));
    let bad = all.iter().find(|one| !holds(one));
    match (good, bad) {
        (Some(_), None) => met(quote(last)),
        (Some((_, good)), Some((_, bad))) if good == bad => {
            unclear(format!("{} has several numbers", quote(good)))
        }
        (Some((_, good)), Some((_, bad))) => {
            unclear(format!("it says {}, but also {}", quote(good), quote(bad)))
        }
        (None, _) => not_met(quote(last)),
    }
}

/// `(3 rows)`, `3 rows in set (0.01 sec)`
fn count(line: &str) -> Option<i64> {
    let said = line
        .trim()
        .strip_prefix("Query OK, ")
        .unwrap_or(line.trim());
    if said.starts_with("Empty set") {
        return Some(0);
    }
    let words: Vec<&str> = said.split_whitespace().take(3).collect();
    if let [number, "row" | "rows", "in" | "affected"] = words.as_slice() {
        return number.parse().ok();
    }
    let inner = line.trim().strip_prefix('(')?.strip_suffix(')')?;
    let (number, unit) = inner.split_once(' ')?;
    let count = number.parse().ok()?;
    matches!(unit, "row" | "rows").then_some(count)
}

/// The count of what a database says it has done: `UPDATE 400`, `INSERT 0 3`. A row of a table
/// begins with a blank.
fn told(line: &str) -> Option<i64> {
    let words: Vec<&str> = line.trim_end().split(' ').collect();
    match words.as_slice() {
        ["UPDATE" | "DELETE" | "MERGE" | "COPY", rows] | ["INSERT", "0", rows] => rows.parse().ok(),
        _ => None,
    }
}

/// The unit at the end of what is expected: `< 500ms`; empty where there is none.
pub(super) fn unit_of(text: &str) -> &str {
    let is_own = |unit: &&str| {
        let before = text.trim_end().strip_suffix(unit).map(str::trim_end);
        before.is_some_and(|t| t.ends_with(|c: char| c.is_ascii_digit()))
    };
    ["ms", "s", "%"]
        .into_iter()
        .find(is_own)
        .unwrap_or_default()
}

pub(super) fn number(compare: Compare, wanted: i64, unit: &str, output: &str) -> Judgement {
    if let Some(line) = output.lines().find(|line| complaint(line)) {
        return unclear(quote(line));
    }
    let mut found = Vec::new();
    let mut foreign = None;
    // Of several columns the one in percent is meant.
    let lines = values(output);
    let own = |line: &&str| numbers(line).iter().any(|(_, own)| *own == unit);
    let percents = unit == "%" && lines.iter().any(own);
    for line in lines {
        if let Some(count) = told(line) {
            found.push((count.saturating_mul(1_000), line));
            continue;
        }
        for (value, own) in numbers(line) {
            if percents && own != unit {
                continue;
            }
            match in_unit(value, own, unit) {
                Some(value) => found.push((value, line)),
                None => foreign = Some(line),
            }
        }
    }
    let Some(&(_, first)) = found.first() else {
        return match foreign {
            Some(line) => unclear(format!("{} is in another unit", quote(line))),
            None => unclear(lacks("number", output)),
        };
    };
    if let Some(line) = foreign {
        return unclear(format!(
            "several numbers, not all in one unit: {}",
            quote(line)
        ));
    }
    let holds = |one: &(i64, &str)| compare.holds(one.0, wanted);
    agreed(&found, holds, first)
}

/// The lines that may hold what was asked for: not the head of an answer by HTTP, nor the names of
/// columns, nor what a database says beside its rows.
fn values(output: &str) -> Vec<&str> {
    let body = if output.trim_start().starts_with("HTTP/") {
        output.split_once("\n\n").map_or("", |(_, body)| body)
    } else {
        output
    };
    let is_count = |line: &&str| count(line).is_some() || told(line).is_some();
    let lines: Vec<&str> = data_lines(body).collect();
    let rows: Vec<&str> = lines.iter().copied().filter(|l| !is_count(l)).collect();
    // Where nothing else was printed, the count is what there is.
    let bare = rows.iter().all(|line| numbers(line).is_empty());
    let only_told = lines.iter().all(|line| count(line).is_none());
    if bare && only_told { lines } else { rows }
}

/// The numbers of a line in thousandths, each with the unit that is written to it.
fn numbers(line: &str) -> Vec<(i64, &str)> {
    let is_part =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '-' | '+' | ',' | '%');
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(is_part) {
        let run = rest.get(start..).unwrap_or_default();
        let end = run.find(|c| !is_part(c)).unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        let spaced = || unit_after(after);
        for part in parts(run) {
            found.extend(number_in(part, spaced));
        }
        rest = after;
    }
    found
}

/// A run of characters without blanks, at its commas and colons, where no digits stand on both
/// sides of them.
fn parts(run: &str) -> Vec<&str> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, mark) in run.match_indices([',', ':']) {
        let before = run.get(..at).and_then(|t| t.chars().next_back());
        let after = run.get(at + mark.len()..).and_then(|t| t.chars().next());
        if !(digit(before) && digit(after)) {
            parts.extend(run.get(from..at));
            from = at + mark.len();
        }
    }
    parts.extend(run.get(from..));
    parts
}

/// The unit that stands a blank behind a number: `1.25 %`, `850 ms`.
fn unit_after(after: &str) -> &str {
    let word = after.strip_prefix(' ').unwrap_or_default();
    let end = word
        .find(|c: char| !c.is_alphanumeric() && c != '%')
        .unwrap_or(word.len());
    let unit = word.get(..end).unwrap_or_default();
    if is_unit(unit) { unit } else { "" }
}

fn is_unit(unit: &str) -> bool {
    matches!(
        unit,
        "%" | "ms" | "s" | "sec" | "us" | "µs" | "ns" | "min" | "h"
    )
}

/// A number that is all of a part, its unit and the marks around it apart.
fn number_in<'a>(part: &'a str, spaced: impl Fn() -> &'a str) -> Option<(i64, &'a str)> {
    let part = part.trim_end_matches(['.', '-', '+', '/']);
    let part = part.trim_start_matches(['.', '/', '+']);
    let digits = part.strip_prefix('-').unwrap_or(part);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = digits
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
        .unwrap_or(digits.len());
    let (number, unit) = digits.split_at(end);
    let (number, unit) = match unit.strip_prefix(['e', 'E']) {
        Some(power) if power.parse::<i8>().is_ok() => (digits, ""),
        _ => (number, unit),
    };
    if !unit.is_empty() && !unit.chars().all(|c| c.is_alphabetic() || c == '%') {
        return None;
    }
    // Groups of three, or it is no number that can be read for sure.
    let whole = number.split('.').next().unwrap_or(number);
    if whole.split(',').skip(1).any(|group| group.len() != 3) {
        return None;
    }
    let value: f64 = number.replace(',', "").parse().ok()?;
    let value = if part.starts_with('-') { -value } else { value };
    let unit = if unit.is_empty() { spaced() } else { unit };
    Some((thousandths(value), unit))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is larger than can be held is held as the largest"
)]
fn thousandths(value: f64) -> i64 {
    let thousandths = value * 1000.0;
    // Less than a thousandth is not nothing.
    let away = if value > 0.0 {
        thousandths.ceil()
    } else {
        thousandths.floor()
    };
    let near = thousandths.round();
    if (near - thousandths).abs() < 1e-6 {
        near as i64
    } else {
        away as i64
    }
}

/// A value in the unit that is wanted; none where it is in another one.
fn in_unit(value: i64, own: &str, wanted: &str) -> Option<i64> {
    let thousandth_ms = |unit: &str| match unit {
        "s" | "sec" => Some(1_000),
        "ms" => Some(1),
        _ => None,
    };
    match wanted {
        "ms" | "s" => {
            let (own, wanted) = (thousandth_ms(own)?, thousandth_ms(wanted)?);
            Some(value.saturating_mul(own) / wanted)
        }
        "%" => matches!(own, "" | "%").then_some(value),
        _ => Some(value),
    }
}
