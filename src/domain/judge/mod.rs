//! Judging what an action showed against what it should show.
//!
//! A verdict never comes without a reason that can be read: the line of output it rests on, or
//! the lack of one. Where the output does not say, or says one thing here and another there, the
//! verdict is that it does not say: a person reads it.

mod data;
mod errors;
mod fellows;
mod figures;
mod names;
mod nothing;
mod numbers;
mod person;
mod words;

pub use data::is_redirected;
pub use errors::{clues, reads_as_error};

use super::plan::{ExpectRule, Expectation};

/// Characters of each side that a similarity looks at; the cost grows with their product.
const SIMILAR_CHARS: usize = 4_000;

/// Characters of a line that a reason quotes.
const QUOTED: usize = 120;

/// What was made of one expectation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// As it should be.
    Met,
    /// Not as it should be.
    NotMet,
    /// The output does not say.
    Inconclusive,
    /// Only a person can say.
    ForPerson,
}

/// A verdict and what it rests on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The line of output, or the lack of one, that it rests on.
    pub because: String,
}

/// Judges an output, control sequences already taken out, and the exit status, where it is known.
#[must_use]
pub fn judge(expect: &Expectation, output: &str, exit: Option<i32>) -> Judgement {
    let judged = judge_rule(expect, output, exit);
    if expect.partly && judged.verdict == Verdict::Met {
        return unclear(format!(
            "{}; the rest is yours to judge: {}",
            judged.because, expect.text
        ));
    }
    judged
}

fn judge_rule(expect: &Expectation, output: &str, exit: Option<i32>) -> Judgement {
    match &expect.rule {
        ExpectRule::Contains(text) => words::contains(text, output),
        ExpectRule::Absent(words) => words::absent(words, output, exit),
        ExpectRule::Exactly(text) => exactly(text, output),
        ExpectRule::JsonSubset(text) => data::json(text, output),
        ExpectRule::HttpStatus(code) => data::http_status(*code, output),
        ExpectRule::Rows(compare, wanted) => numbers::rows(*compare, *wanted, output),
        ExpectRule::Number(compare, wanted) => {
            numbers::number(*compare, *wanted, numbers::unit_of(&expect.text), output)
        }
        ExpectRule::Regex(pattern) => regex(pattern, output),
        ExpectRule::Similar(hundredths, text) => similar(*hundredths, text, output),
        ExpectRule::Exit(wanted) => exit_status(*wanted, exit),
        ExpectRule::Person => person::for_person(&expect.text, output),
    }
}

/// Judges an output against each of several expectations, in their order. Where as many row counts
/// are expected as the output holds, each is of one statement and they stand in the same order.
#[must_use]
pub fn judge_all(expected: &[Expectation], output: &str, exit: Option<i32>) -> Vec<Judgement> {
    let is_rows = |e: &&Expectation| matches!(e.rule, ExpectRule::Rows(..));
    let mut counts = numbers::counts(output);
    if counts.len() < 2 || counts.len() != expected.iter().filter(is_rows).count() {
        counts.clear();
    }
    let mut counts = counts.into_iter().peekable();
    let own = |e: &Expectation| {
        let count = counts.next_if(|_| is_rows(&e));
        judge(e, count.map_or(output, |(_, line)| line), exit)
    };
    expected.iter().map(own).collect()
}

/// What is left of a judgement where the middle of a very long output was not read.
#[must_use]
pub fn of_its_ends(expect: &Expectation, judged: Judgement) -> Judgement {
    let stands = match (&expect.rule, judged.verdict) {
        (ExpectRule::Exit(_), _) | (_, Verdict::ForPerson | Verdict::Inconclusive) => true,
        (ExpectRule::Contains(_) | ExpectRule::Regex(_), verdict) => verdict == Verdict::Met,
        (ExpectRule::Absent(_), verdict) => verdict == Verdict::NotMet,
        _ => false,
    };
    if stands {
        return judged;
    }
    let read = "only its beginning and its end were read";
    unclear(format!(
        "{}; the output is very long: {read}",
        judged.because
    ))
}

fn met(because: impl Into<String>) -> Judgement {
    Judgement {
        verdict: Verdict::Met,
        because: because.into(),
    }
}

fn not_met(because: impl Into<String>) -> Judgement {
    Judgement {
        verdict: Verdict::NotMet,
        because: because.into(),
    }
}

fn unclear(because: impl Into<String>) -> Judgement {
    Judgement {
        verdict: Verdict::Inconclusive,
        because: because.into(),
    }
}

fn quote(line: &str) -> String {
    let line = line.trim();
    if line.chars().count() <= QUOTED {
        return format!("“{line}”");
    }
    let head: String = line.chars().take(QUOTED - 1).collect();
    format!("“{head}…”")
}

/// What is not there, and how much was looked through for it.
fn lacks(what: &str, output: &str) -> String {
    match output.lines().filter(|l| !l.trim().is_empty()).count() {
        0 => "it printed nothing".to_owned(),
        1 => format!("it printed only {}", quote(output)),
        n => format!("there is no {what} in the {n} lines that it printed"),
    }
}

fn exactly(text: &str, output: &str) -> Judgement {
    if text.trim().is_empty()
        && let Some(judged) = nothing::of(output)
    {
        return judged;
    }
    let lines = |t: &str| {
        t.trim()
            .lines()
            .map(|l| l.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    if lines(text) == lines(output) {
        return met(quote(text.lines().next().unwrap_or_default()));
    }
    let different = lines(output)
        .into_iter()
        .zip(lines(text))
        .find(|(got, want)| got != want);
    match different {
        Some((got, want)) => not_met(format!("{} instead of {}", quote(&got), quote(&want))),
        None => not_met(lacks(&quote(text), output)),
    }
}

fn regex(pattern: &str, output: &str) -> Judgement {
    // What only complains that it found nothing shows nothing.
    if pattern == r"\S" && nothing::is_all(output) {
        return not_met(lacks("answer", output));
    }
    let built = regex::RegexBuilder::new(pattern)
        .multi_line(true)
        .size_limit(1 << 20)
        .build();
    let Ok(regex) = built else {
        return unclear(format!("the plan's pattern “{pattern}” cannot be read"));
    };
    let Some(found) = regex.find(output) else {
        return not_met(lacks(&format!("match for “{pattern}”"), output));
    };
    // The whole line: what stands beside a match may say that it is none.
    let before = output.get(..found.start()).unwrap_or_default();
    let from = before.rfind('\n').map_or(0, |at| at + 1);
    let line = output.get(from..).and_then(|rest| rest.lines().next());
    met(quote(line.unwrap_or(found.as_str())))
}

fn similar(hundredths: u8, text: &str, output: &str) -> Judgement {
    let side = |t: &str| {
        t.trim()
            .chars()
            .take(SIMILAR_CHARS + 1)
            .collect::<Vec<char>>()
    };
    let (mut a, mut b) = (side(text), side(output));
    let is_cut = a.len().max(b.len()) > SIMILAR_CHARS;
    a.truncate(SIMILAR_CHARS);
    b.truncate(SIMILAR_CHARS);
    let longest = a.len().max(b.len());
    // What differs is rounded up: 100 % is the same text.
    let differs = (distance(&a, &b) * 100).div_ceil(longest.max(1));
    let likeness = 100usize.saturating_sub(differs);
    let said = format!("{likeness} % like what the plan shows ({hundredths} % wanted)");
    match likeness >= usize::from(hundredths) {
        true if is_cut => unclear(format!(
            "{said}, as far as the first {SIMILAR_CHARS} characters go"
        )),
        true => met(said),
        false => not_met(said),
    }
}

/// The number of single-character changes between two texts.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(b) {
            let changed = diagonal + usize::from(left != right);
            diagonal = *cell;
            before = changed.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

fn exit_status(wanted: i32, exit: Option<i32>) -> Judgement {
    match exit {
        Some(code) if code == wanted => met(format!("it ended with {code}")),
        Some(code) => not_met(format!("it ended with {code} instead of {wanted}")),
        None => not_met("it did not end by itself".to_owned()),
    }
}

#[cfg(test)]
mod tests;
