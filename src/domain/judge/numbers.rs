//! Numbers and row counts in an output.
//!
//! A number is judged where it does not matter which of those in the output is meant, or there is
//! only one, nor in which unit it is meant. The words beside it may leave open what it says.

use super::super::plan::Compare;
use super::figures::{Figure, Read, figures, readings};
use super::words::{complaint, data_lines, is_bad};
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
    let own = |line| {
        figures(line)
            .into_iter()
            .map(move |one| (one.thousandths(), line))
    };
    lines.flat_map(own).collect()
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

/// The unit behind the number of what is expected: `< 500ms`; empty where there is none.
pub(super) fn unit_of(text: &str) -> &'static str {
    let is_own = |unit: &str| {
        text.match_indices(|c: char| c.is_ascii_digit())
            .any(|(at, digit)| {
                let after = text
                    .get(at + digit.len()..)
                    .unwrap_or_default()
                    .trim_start();
                let (own, rest) = after.split_at_checked(unit.len()).unwrap_or_default();
                own.eq_ignore_ascii_case(unit) && !rest.starts_with(char::is_alphanumeric)
            })
    };
    let units = ["ms", "s", "%"];
    units
        .into_iter()
        .find(|unit| is_own(unit))
        .unwrap_or_default()
}

pub(super) fn number(compare: Compare, wanted: i64, unit: &str, output: &str) -> Judgement {
    if let Some(line) = no_answer(output) {
        return unclear(quote(line));
    }
    let lines = values(output);
    // Of several columns the one in percent is meant.
    let percents = unit == "%" && {
        let own = |line: &&str| figures(line).iter().any(|one| one.unit == unit);
        lines.iter().any(own)
    };
    let in_percent = unit == "%" && names_percent(output);
    let mut found: Vec<(Option<bool>, &str)> = Vec::new();
    for line in lines {
        if let Some(count) = told(line) {
            found.push((
                Some(compare.holds(count.saturating_mul(1_000), wanted)),
                line,
            ));
            continue;
        }
        let alone = figures(line);
        let named = unit_in_name(line).filter(|_| alone.len() == 1 && matches!(unit, "ms" | "s"));
        for one in alone {
            if percents && one.unit != unit {
                continue;
            }
            let own = match one.unit {
                "" if in_percent => "%",
                "" => named.unwrap_or_default(),
                own => own,
            };
            let read = readings(one.value, own, unit);
            let holds = |value: &i64| compare.holds(*value, wanted);
            let is_so = match &read {
                Read::Sure(all) if all.iter().all(holds) => Some(true),
                Read::Sure(all) | Read::Guessed(all) if !all.iter().any(holds) => Some(false),
                Read::Rather(one, other) if holds(one) && holds(other) => Some(true),
                Read::Rather(one, _) if !holds(one) => Some(false),
                _ => None,
            };
            // A failure is often counted as less than nothing.
            let odd = one.value < 0.0 && wanted > 0;
            let doubted = is_so == Some(true) && (odd || doubtful(line, &one, holds(&0)));
            found.push((is_so.filter(|_| !doubted), line));
        }
    }
    if found.is_empty() {
        return unclear(lacks("number", output));
    }
    if let Some((_, line)) = found.iter().find(|(is_so, _)| is_so.is_none()) {
        return unclear(format!("{} {}", quote(line), why_unclear(line, unit)));
    }
    let first = found.first().map_or("", |(_, line)| *line);
    agreed(&found, |(is_so, _)| *is_so == Some(true), first)
}

/// What keeps the numbers of a line from being the answer, in words that go on from the line.
fn why_unclear(line: &str, unit: &str) -> &'static str {
    let own = figures(line);
    let bare = own.iter().all(|one| one.unit.is_empty());
    match unit {
        _ if own.len() > 1 => "has several numbers",
        "" if bare => "has a number, but its words may say otherwise",
        "%" if bare => "does not say whether it is in percent",
        "" => "has a unit, and none is expected",
        _ if bare => "has no unit",
        _ => "is in another unit, or its words may say otherwise",
    }
}

/// A line that says that what should give a number did not: a complaint, no number at all, an answer
/// by HTTP that is an error.
fn no_answer(output: &str) -> Option<&str> {
    let refused = |line: &str| {
        let code = line
            .strip_prefix("HTTP/")
            .and_then(|l| l.split_whitespace().nth(1));
        code.is_some_and(|code| code.starts_with(['4', '5']) && code.len() == 3)
    };
    let none = |line: &str| {
        let whole = line.trim().trim_matches(['"', '(', ')']).to_lowercase();
        let whole = matches!(
            whole.as_str(),
            "null" | "nil" | "none" | "n/a" | "undefined" | "unknown"
        );
        whole || tokens(line).any(|word| matches!(word.as_str(), "nan" | "inf" | "infinity"))
    };
    output
        .lines()
        .find(|line| complaint(line) || complains(line) || refused(line) || none(line))
}

/// Whether a line is what a program says of its own failure: `wc: err.log: Is a directory`,
/// `(error) WRONGTYPE …`, `ERROR:  relation "x" does not exist`. `error: 3` counts errors.
pub(super) fn complains(line: &str) -> bool {
    let line = line.trim();
    let lower = line.to_lowercase();
    let says = |mark: &str| {
        let rest = lower.split_once(mark).filter(|(before, _)| {
            before.is_empty() || before.ends_with(": ") && !before.starts_with(['{', '['])
        });
        let said = rest.map(|(_, rest)| rest.trim());
        let none = |said: &str| matches!(said, "none" | "null" | "nil" | "no" | "false");
        said.is_some_and(|said| said.starts_with(char::is_alphabetic) && !none(said))
    };
    if lower.starts_with("(error)") || lower.starts_with("traceback") {
        return true;
    }
    if ["error:", "fatal:", "panic:", "exception:"]
        .into_iter()
        .any(says)
    {
        return true;
    }
    // `prog: thing: Reason`
    let mut parts = line.split(": ");
    let (Some(program), Some(_), Some(reason), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let plain = |c: char| c.is_alphabetic() || c == ' ';
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+');
    program.chars().all(is_name)
        && reason.starts_with(char::is_uppercase)
        && reason.trim_end_matches('.').chars().all(plain)
}

/// The words of a line, small.
fn tokens(line: &str) -> impl Iterator<Item = String> {
    line.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Words beside a number that may make it another one, or one that is not what is asked for.
const DOUBTS: &str = "of only just not never without except expect expected expects should must want wanted was were previously before until instead about approximately around almost nearly least most more less fewer than ago limit threshold target quota goal cannot couldn unable refused denied unreachable fatal panic traceback two three four five six seven eight nine ten dozen hundred";

/// Whether the words beside a number leave it open what it says. Where something has to be there,
/// what counts the bad is another thing: `crashed: 3`.
fn doubtful(line: &str, one: &Figure<'_>, none_is_good: bool) -> bool {
    // `3 of them`, but `0.4 % of all requests`.
    let may = |word: &str| word != "of" || one.unit != "%";
    let sentence = tokens(line).any(|word| may(&word) && DOUBTS.split(' ').any(|d| d == word));
    sentence || !none_is_good && is_bad(&line.to_lowercase(), "")
}

/// Whether a name in the output says that its numbers are in percent: `Use%`, `cpu_percent`.
fn names_percent(output: &str) -> bool {
    let is_name = |word: &str| {
        let plain = word.trim_matches(['(', ')', '|', '"', ':', ',']);
        plain == "%" || plain.ends_with('%') && plain.starts_with(char::is_alphabetic)
    };
    let mut lines = output.lines();
    lines.any(|line| {
        line.split_whitespace().any(is_name)
            || tokens(line).any(|word| matches!(word.as_str(), "pct" | "percent" | "percentage"))
    })
}

/// The unit of time that a name ends with: `p95_ms`, `latency_seconds`.
fn unit_in_name(line: &str) -> Option<&'static str> {
    let names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut units = names.filter_map(|name| {
        let name = name.to_lowercase();
        let (_, unit) = name.rsplit_once('_')?;
        match unit {
            "ms" | "millis" | "milliseconds" => Some("ms"),
            "s" | "sec" | "seconds" => Some("s"),
            _ => None,
        }
    });
    units.next().filter(|_| units.next().is_none())
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
    // psql's `\timing`, and the heads of rows that stand below each other.
    let is_beside = |line: &&str| {
        line.starts_with("Time: ") && line.contains(" ms")
            || line.starts_with("-[ RECORD ")
            || line.starts_with("***") && line.contains(". row *")
    };
    let lines: Vec<&str> = data_lines(body).filter(|l| !is_beside(l)).collect();
    let rows: Vec<&str> = lines.iter().copied().filter(|l| !is_count(l)).collect();
    // Where nothing else was printed, the count is what there is.
    let bare = rows.iter().all(|line| figures(line).is_empty());
    let only_told = lines.iter().all(|line| count(line).is_none());
    if bare && only_told { lines } else { rows }
}

#[cfg(test)]
#[path = "numbers_tests.rs"]
mod tests;
