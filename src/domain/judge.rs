//! Judging what an action showed against what it should show.
//!
//! A verdict never comes without a reason that can be read: the line of output it rests on, or
//! the lack of one. Where the output does not say, the verdict is that it does not say.

use serde_json::Value;

use super::plan::{Compare, ExpectRule, Expectation};

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
    match &expect.rule {
        ExpectRule::Contains(text) => contains(text, output),
        ExpectRule::Absent(words) => absent(words, output, exit),
        ExpectRule::Exactly(text) => exactly(text, output),
        ExpectRule::JsonSubset(text) => json(text, output),
        ExpectRule::HttpStatus(code) => http_status(*code, output),
        ExpectRule::Rows(compare, wanted) => rows(*compare, *wanted, output),
        ExpectRule::Number(compare, wanted) => number(*compare, *wanted, output),
        ExpectRule::Regex(pattern) => regex(pattern, output),
        ExpectRule::Similar(hundredths, text) => similar(*hundredths, text, output),
        ExpectRule::Exit(wanted) => exit_status(*wanted, exit),
        ExpectRule::Person => for_person(&expect.text, output),
    }
}

/// Words for a person, unless a line of the output is those very words.
fn for_person(text: &str, output: &str) -> Judgement {
    let wanted = text.trim();
    match output.lines().find(|line| line.trim() == wanted) {
        Some(line) if !wanted.is_empty() => met(quote(line)),
        Some(_) | None => Judgement {
            verdict: Verdict::ForPerson,
            because: format!("expected: {text}"),
        },
    }
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

/// How much was looked through, for a reason that rests on the lack of a line.
fn extent(output: &str) -> String {
    match output.lines().filter(|l| !l.trim().is_empty()).count() {
        0 => "it printed nothing".to_owned(),
        1 => format!("it printed only {}", quote(output)),
        n => format!("not in the {n} lines it printed"),
    }
}

/// Letters and white space that do not count: case, runs of blanks, the quotes around a value.
fn folded(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '`'))
        .collect();
    plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn contains(text: &str, output: &str) -> Judgement {
    let wanted = folded(text);
    if wanted.is_empty() {
        return unclear("the plan expects an empty text");
    }
    // `ls: cannot access 'backup_*': …` repeats what was looked for, and found nothing.
    let complains = |line: &str| complaint(line) && !complaint(&format!("x: {text}"));
    if let Some(line) = output
        .lines()
        .find(|line| has_words(&folded(line), &wanted) && !complains(line))
    {
        return met(quote(line));
    }
    if text.contains('\n') && has_words(&folded(output), &wanted) {
        return met(quote(text.lines().next().unwrap_or_default()));
    }
    not_met(format!("“{text}”: {}", extent(output)))
}

/// Whether a line is a program's own complaint that what it should read is not there:
/// `tail: cannot open 'app.log' for reading: No such file or directory`.
fn complaint(line: &str) -> bool {
    const ENDS: &[&str] = &[
        "no such file or directory",
        "permission denied",
        "command not found",
    ];
    let line = line.trim().trim_matches(['"', '\'', '`']).to_lowercase();
    let named = line.split_once(": ");
    named.is_some_and(|(program, why)| {
        !program.contains(char::is_whitespace) && ENDS.iter().any(|end| why.ends_with(end))
    })
}

/// Whether the words stand in the line as words: `ok` is not found in `broken`, nor
/// `healthy` in `unhealthy`. Words that end in `_` ask for a beginning: `backup_` is found in
/// `backup_20310412`.
fn has_words(line: &str, words: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let closed = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(words).any(|(start, found)| {
        let before = line.get(..start).and_then(|s| s.chars().next_back());
        let after = line
            .get(start + found.len()..)
            .and_then(|s| s.chars().next());
        let joined_before = is_word(before) && closed(found.chars().next());
        let joined_after = is_word(after) && closed(found.chars().next_back());
        !joined_before && !joined_after
    })
}

fn absent(words: &[String], output: &str, exit: Option<i32>) -> Judgement {
    let words: Vec<String> = words.iter().map(|w| w.to_lowercase()).collect();
    let bad = output.lines().find(|line| {
        let line = line.to_lowercase();
        words
            .iter()
            .any(|w| !w.is_empty() && line.contains(w.as_str()))
    });
    if let Some(line) = bad {
        return not_met(quote(line));
    }
    if let Some(line) = output.lines().find(|line| complaint(line)) {
        return unclear(quote(line));
    }
    match exit {
        Some(0 | 1) => {
            let lines = output.lines().count();
            met(format!(
                "none of “{}” in {lines} lines of output",
                words.join("”, “")
            ))
        }
        Some(code) => unclear(format!(
            "it ended with {code}, so its silence proves nothing"
        )),
        None => unclear("it did not end by itself, so its silence proves nothing"),
    }
}

fn exactly(text: &str, output: &str) -> Judgement {
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
        None => not_met(format!("“{}”: {}", text.trim(), extent(output))),
    }
}

fn json(text: &str, output: &str) -> Judgement {
    let Ok(wanted) = serde_json::from_str::<Value>(text) else {
        return unclear(format!("the plan's “{text}” is no JSON"));
    };
    let found = json_values(output);
    if let Some(value) = found.iter().find(|value| is_part(&wanted, value)) {
        return met(quote(&value.to_string()));
    }
    match found.first() {
        Some(value) => not_met(quote(&value.to_string())),
        None => not_met(format!("no JSON: {}", extent(output))),
    }
}

/// Every JSON object and list that begins at the start of a line of the output.
fn json_values(output: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let mut at = 0;
    for line in output.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(open) = line.find(['{', '[']) else {
            continue;
        };
        let Some(rest) = output.get(start + open..) else {
            continue;
        };
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        if let Some(Ok(value)) = stream.next() {
            values.push(value);
        }
        if values.len() >= 100 {
            break;
        }
    }
    values
}

/// Whether everything in `part` is in `whole`, at the same places.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|w| is_part(value, w))),
        (Value::Array(part), Value::Array(whole)) => {
            part.iter().all(|p| whole.iter().any(|w| is_part(p, w)))
        }
        (part, whole) => part == whole,
    }
}

fn http_status(wanted: u16, output: &str) -> Judgement {
    let status_line = |line: &&str| line.trim_start().starts_with("HTTP/");
    let line = output.lines().rev().find(status_line).or_else(|| {
        // `curl -w '%{http_code}'` prints the bare status, alone or at the end of the body.
        output
            .lines()
            .rev()
            .find(|line| bare_status(line).is_some())
            .or_else(|| last_line(output).filter(|line| status_after_body(line).is_some()))
    });
    let Some(line) = line else {
        return unclear("it printed no HTTP status; with curl, add: -w '\\n%{http_code}\\n'");
    };
    let code = match bare_status(line).or_else(|| status_after_body(line)) {
        Some(code) => Some(code),
        None => line
            .split_whitespace()
            .nth(1)
            .and_then(|code| code.parse().ok()),
    };
    if code == Some(wanted) {
        met(quote(line))
    } else {
        not_met(quote(line))
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

fn bare_status(line: &str) -> Option<u16> {
    let line = line.trim();
    let code = line.parse::<u16>().ok().filter(|_| line.len() == 3)?;
    (100..600).contains(&code).then_some(code)
}

fn rows(compare: Compare, wanted: i64, output: &str) -> Judgement {
    let count = |line: &str| {
        let inner = line.trim().strip_prefix('(')?.strip_suffix(')')?;
        let (number, unit) = inner.split_once(' ')?;
        matches!(unit, "row" | "rows")
            .then(|| number.parse::<i64>().ok())
            .flatten()
    };
    match output
        .lines()
        .rev()
        .find_map(|line| count(line).or_else(|| told(line)).map(|n| (n, line)))
    {
        Some((n, line)) if compare.holds(n, wanted) => met(quote(line)),
        Some((_, line)) => not_met(quote(line)),
        None => unclear("it printed no row count"),
    }
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

fn number(compare: Compare, wanted: i64, output: &str) -> Judgement {
    match output
        .lines()
        .find_map(|line| first_number(line).map(|n| (n, line)))
    {
        Some((n, line)) if compare.holds(n, wanted) => met(quote(line)),
        Some((_, line)) => not_met(quote(line)),
        None => unclear(format!("no number: {}", extent(output))),
    }
}

/// The first number of a line, in thousandths.
fn first_number(line: &str) -> Option<i64> {
    let start = line.find(|c: char| c.is_ascii_digit())?;
    let negative = line
        .get(..start)
        .is_some_and(|before| before.ends_with('-'));
    let digits = line.get(start..)?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(digits.len());
    let (whole, fraction) = digits
        .get(..end)?
        .split_once('.')
        .unwrap_or((digits.get(..end)?, ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let value = whole
        .parse::<i64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(thousandths.parse().ok()?)?;
    Some(if negative { -value } else { value })
}

fn regex(pattern: &str, output: &str) -> Judgement {
    let built = regex::RegexBuilder::new(pattern)
        .multi_line(true)
        .size_limit(1 << 20)
        .build();
    let Ok(regex) = built else {
        return unclear(format!("the plan's pattern “{pattern}” cannot be read"));
    };
    match regex.find(output) {
        Some(found) => met(quote(found.as_str())),
        None => not_met(format!("no match for “{pattern}”: {}", extent(output))),
    }
}

fn similar(hundredths: u8, text: &str, output: &str) -> Judgement {
    let side = |t: &str| t.trim().chars().take(SIMILAR_CHARS).collect::<Vec<char>>();
    let (a, b) = (side(text), side(output));
    let longest = a.len().max(b.len());
    let likeness = 100 - (distance(&a, &b) * 100).checked_div(longest).unwrap_or(0);
    let said = format!("{likeness} % like what the plan shows ({hundredths} % wanted)");
    if likeness >= usize::from(hundredths) {
        met(said)
    } else {
        not_met(said)
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
mod tests {
    use super::*;

    fn verdict(rule: ExpectRule, output: &str, exit: i32) -> Verdict {
        let expect = Expectation {
            text: "as planned".to_owned(),
            rule,
        };
        let judged = judge(&expect, output, Some(exit));
        assert!(!judged.because.is_empty(), "a verdict without a reason");
        judged.verdict
    }

    #[test]
    fn a_word_is_not_found_inside_another() {
        let rule = || ExpectRule::Contains("healthy".to_owned());
        assert_eq!(verdict(rule(), "state: Healthy\n", 0), Verdict::Met);
        // The literal text stands inside another word: the letters are there, the word is not.
        assert_eq!(
            verdict(ExpectRule::Contains("OK".to_owned()), "BROKEN", 0),
            Verdict::NotMet
        );
        assert_eq!(verdict(rule(), "", 0), Verdict::NotMet);
    }

    #[test]
    fn words_with_an_open_end_ask_for_a_beginning() {
        let rule = || ExpectRule::Contains("\"copy_\"".to_owned());
        assert_eq!(verdict(rule(), "copy_20310412.tar\n", 0), Verdict::Met);
        assert_eq!(verdict(rule(), "photocopy_1\n", 0), Verdict::NotMet);
        assert_eq!(verdict(rule(), "copy\n", 0), Verdict::NotMet);
    }

    #[test]
    fn the_opposite_of_what_is_expected_is_not_met() {
        let rule = ExpectRule::Contains("healthy".to_owned());
        assert_eq!(verdict(rule, "state: unhealthy", 0), Verdict::NotMet);
    }

    #[test]
    fn silence_proves_nothing_when_the_search_failed() {
        let rule = || ExpectRule::Absent(vec!["error".to_owned()]);
        assert_eq!(verdict(rule(), "", 1), Verdict::Met);
        assert_eq!(verdict(rule(), "all well\n", 0), Verdict::Met);
        assert_eq!(verdict(rule(), "", 2), Verdict::Inconclusive);
        assert_eq!(verdict(rule(), "12:00 ERROR disk\n", 0), Verdict::NotMet);
        let gone = "tail: cannot open 'app.log' for reading: No such file or directory\n";
        assert_eq!(verdict(rule(), gone, 1), Verdict::Inconclusive);
    }

    #[test]
    fn a_complaint_that_repeats_the_name_is_no_find() {
        let gone = "ls: cannot access '/b/shop_*.gz': No such file or directory\n";
        let rule = |text: &str| ExpectRule::Contains(text.to_owned());
        assert_eq!(verdict(rule(".gz"), gone, 0), Verdict::NotMet);
        let there = format!("{gone}-rw-r--r-- 1 shop_1.gz\n");
        assert_eq!(verdict(rule(".gz"), &there, 0), Verdict::Met);
        let expected = rule("No such file or directory");
        assert_eq!(verdict(expected, gone, 2), Verdict::Met);
    }

    #[test]
    fn json_may_hold_more_than_is_expected() {
        let rule = || ExpectRule::JsonSubset(r#"{"status":"healthy"}"#.to_owned());
        let output = "{\n \"version\": \"1\", \"status\": \"healthy\"\n}\n";
        assert_eq!(verdict(rule(), output, 0), Verdict::Met);
        assert_eq!(
            verdict(rule(), r#"{"status":"degraded"}"#, 0),
            Verdict::NotMet
        );
        assert_eq!(verdict(rule(), "<html>", 0), Verdict::NotMet);
    }

    #[test]
    fn a_status_that_is_not_printed_is_not_assumed() {
        let rule = || ExpectRule::HttpStatus(200);
        assert_eq!(verdict(rule(), "{\"a\":1}", 0), Verdict::Inconclusive);
        assert_eq!(verdict(rule(), "HTTP/1.1 200 OK\n\nbody", 0), Verdict::Met);
        assert_eq!(
            verdict(rule(), "HTTP/1.1 301 Moved\nHTTP/1.1 503 Busy\n", 0),
            Verdict::NotMet
        );
        assert_eq!(verdict(rule(), "body\n200", 0), Verdict::Met);
        assert_eq!(verdict(rule(), "{\"a\":1}200", 0), Verdict::Met);
        assert_eq!(verdict(rule(), "<p>no</p>503", 0), Verdict::NotMet);
        assert_eq!(verdict(rule(), "items: 200", 0), Verdict::Inconclusive);
        assert_eq!(verdict(rule(), "{\"a\":1200", 0), Verdict::Inconclusive);
    }

    #[test]
    fn words_for_a_person_are_met_only_by_those_very_words() {
        let expect = Expectation {
            text: "all orders answered".to_owned(),
            rule: ExpectRule::Person,
        };
        let of = |output| judge(&expect, output, Some(0)).verdict;
        assert_eq!(of("3 s\nall orders answered\n"), Verdict::Met);
        assert_eq!(of("not all orders answered\n"), Verdict::ForPerson);
    }

    #[test]
    fn rows_and_numbers_compare() {
        let none = || ExpectRule::Rows(Compare::Equal, 0);
        assert_eq!(
            verdict(none(), " table_name\n-----\n(0 rows)\n", 0),
            Verdict::Met
        );
        assert_eq!(verdict(none(), "(1 row)\n", 0), Verdict::NotMet);
        assert_eq!(verdict(none(), "done\n", 0), Verdict::Inconclusive);
        let four = |output| verdict(ExpectRule::Rows(Compare::Equal, 4), output, 0);
        let says = [
            "UPDATE 4\r\nCOMMIT\r\n",
            "BEGIN\nINSERT 0 4\n",
            "COPY 4",
            "DELETE 9\nDELETE 4\n",
        ];
        assert!(says.iter().all(|said| four(said) == Verdict::Met));
        assert_eq!(four("UPDATE 5\n"), Verdict::NotMet);
        for says in [" DELETE 4\n", "UPDATE 4 of 5\n", "UPDATE\n", "INSERT 4\n"] {
            assert_eq!(four(says), Verdict::Inconclusive, "{says:?}");
        }
        let below = || ExpectRule::Number(Compare::Less, 1_500);
        assert_eq!(verdict(below(), "rate 1.25 %", 0), Verdict::Met);
        assert_eq!(verdict(below(), "rate 1.75 %", 0), Verdict::NotMet);
    }

    #[test]
    fn likeness_is_measured_on_both_sides() {
        let rule = |n| ExpectRule::Similar(n, "one two three".to_owned());
        assert_eq!(verdict(rule(80), "one two thee", 0), Verdict::Met);
        assert_eq!(
            verdict(rule(80), "something else entirely", 0),
            Verdict::NotMet
        );
        assert_eq!(distance(&['a', 'b'], &['b', 'c']), 2);
        assert_eq!(distance(&[], &['x']), 1);
    }
}
