//! What a command should show, in the author's words, and how that can be judged.
//!
//! Only what a machine can decide beyond doubt gets a rule; prose is for a person. A rule that
//! holds for less than what the words say would be a false green.

use super::words::{self, says_any};
use super::{absence, cited, rest};
use crate::domain::plan::{Compare, ExpectRule, Expectation};
use crate::script::shell::after_word;
use regex::Regex;
use std::sync::LazyLock;

/// What an expectation may be called, in front of a colon.
const NAMED: &[&str] = &["expected", "expect", "sample", "example"];
const NAMED_WHAT: &[&str] = &["output", "result", "response", "value"];

/// What may stand alone in front of what is shown.
const SHOWING: &[&str] = &[
    "output", "result", "response", "returns", "return", "prints", "print",
];

/// What a command should do, after "should" or "must".
const DOING: &[&str] = &[
    "return", "show", "print", "be", "see", "say", "display", "output", "respond", "report", "give",
];

/// The same in other languages.
const FOREIGN: &[&str] = &[
    "预期",
    "期望",
    "输出",
    "期待値",
    "期待",
    "出力",
    "예상",
    "결과",
    "resultado esperado",
    "respuesta esperada",
    "esperado",
    "saída esperada",
    "salida esperada",
    "erwartet",
    "erwartete ausgabe",
    "erwartete antwort",
    "erwartetes ergebnis",
    "attendu",
    "résultat attendu",
    "sortie attendue",
    "ожидается",
    "ожидаемый результат",
    "ожидаемый вывод",
    "ожидаемый ответ",
    "oczekiwany wynik",
    "oczekiwane",
    "beklenen",
    "ответ",
    "вывод",
    "antwort",
    "ausgabe",
    "réponse",
    "respuesta",
    "resposta",
    "answer",
    "risultato atteso",
    "atteso",
    "verwacht resultaat",
    "verwacht",
    "النتيجة المتوقعة",
    "المتوقع",
    "kết quả mong đợi",
    "mong đợi",
];

/// What is expected, between the word for it and a colon: `预期输出:`, `期待される` apart.
const FOREIGN_WHAT: &[&str] = &[
    "输出",
    "結果",
    "结果",
    "返回值",
    "返回",
    "响应",
    "值",
    "値",
    "出力",
    "応答",
    "결과",
    "출력",
    "응답",
    "されるレスポンス",
    "される出力",
    "される結果",
];

// Patterns are kept to ASCII where they can be, and each is asked only where it may fit: building
// one takes longer than reading a short plan.

static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i-u)(?:http(?:/[\d.]+)?\s*(?:status)?\s*(?:code)?\s*:?\s*)?(?P<code>[1-5]\d\d)(?:\s+(?:ok|created|accepted|no content|not found|unauthorized|forbidden|service unavailable|bad request|moved permanently|found)\b|$|\s*[,(]|\s+with\b|\s+status\b)").ok()
});

static ROWS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u:(?P<how>no(?:t)? more than|no(?:t)? (?:less|fewer) than|at least|at most|more than|less than|fewer than|up to|over|above|under|below|>=?|<=?|exactly)?\s*(?P<n>\b\d+|\bzero|\bno)\s*)(?:(?i-u:(?:rows?|records?|filas?|linhas?|zeilen?|lignes?|righe|wiersz[ey]?|rijen)\b)|[Сс]трок|СТРОК|行|条|件|건|개 행|satır)").ok()
});

static COMPARISON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i-u:a (?:number|value|count) )?(?P<how>(?i-u:at least|at most|more than|less than|fewer than|greater than|under|below)|>=|<=|≥|≤|>|<|==?|!=)?(?-u:\s*)(?P<n>-?[0-9]+(?:\.[0-9]{1,3})?)(?-u:\s*)(?i-u:%|ms|s)?$").ok()
});

static EXIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i-u)exit(?:s| code| status)*\s*(?:with\s*)?[:=]?\s*(\d{1,3})\b").ok()
});

/// The text begins with `Expected:`, `Expected output:` and the like.
#[must_use]
pub fn begins(text: &str) -> bool {
    let said = after_word(text, "expect").is_some() && called(text).is_some();
    said || foreign(text).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Words that lead in what should be seen, and say nothing besides.
#[must_use]
pub fn is_bare(title: &str) -> bool {
    let one = title.trim().trim_end_matches(['s', 'S']);
    let text = format!("{one}:");
    let rest = called(&text).or_else(|| showing(&text));
    rest.or_else(|| doing(&text))
        .or_else(|| foreign(&text))
        .is_some_and(|rest| rest.trim().is_empty())
}

/// The words before a colon say that what should be seen comes behind it.
#[must_use]
pub fn is_label(label: &str) -> bool {
    const EXPECTS: &[&str] = &[
        "expected|expect|should show|should see",
        "esperado|esperada|erwartet|attendu|预期|期望|期待|예상 결과|출력|ожидаем|oczekiwan",
        "resultado esperado|atteso|attesa|verwacht|beklenen|المتوقع|mong đợi|ожидается",
    ];
    let label = label.to_lowercase();
    says_any(&label, EXPECTS) && !is_a_case(&label) || names_output(&label)
}

/// `If you see what you expect, go on:` says when to do what comes; `If healthy, expected output:`
/// says in which case that is seen.
fn is_a_case(label: &str) -> bool {
    const WHEN: &[&str] = &["if|unless|until|otherwise|falls|wenn|si|se|если|jeśli|als|eğer"];
    const SHOWN: &[&str] = &["expected|output|result|results|response|values"];
    let mut words = label.split(|c: char| !c.is_alphanumeric());
    let first = words.find(|w| !w.is_empty()).unwrap_or_default();
    let last = label.trim_end_matches(|c: char| !c.is_alphanumeric());
    let ends = words::each(SHOWN).any(|w| last.ends_with(w));
    let case = words::each(WHEN).any(|w| w == first) || label.starts_with("in case");
    case && !ends && !says_any(label, &["should show|should see"])
}

/// `Output`, `Sample output (staging)`, `Output of the check`: the block that comes is one. `Save
/// the output to a file` and `With the output of step 2` speak of another and ask for something.
fn names_output(label: &str) -> bool {
    const NOT_FIRST: &[&str] = &[
        "with|using|from|given|based|by|in|on|if|when|redirect|pipe|parse|read|grep|paste|attach",
        "append|study|scan|capture|analyse|analyze|search|filter|tail|no|any|all|every|each|see",
    ];
    let words: Vec<&str> = label
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let at = words.iter().position(|w| *w == "output");
    let first = words.first().copied().unwrap_or_default();
    at.is_some_and(|at| at <= 2)
        && !super::steps::is_order(label)
        && !words::each(NOT_FIRST).any(|w| w == first)
}

/// The expectation that a comment states about a command.
#[must_use]
pub fn of_comment(comment: &str, command: &str) -> Expectation {
    judged(bare(comment), command)
}

/// The words without `Expected:` and the like.
pub(super) fn bare(comment: &str) -> &str {
    let text = comment.trim();
    let pointed = pointed(text).trim_start();
    let rest = called(pointed)
        .or_else(|| showing(pointed))
        .or_else(|| doing(pointed))
        .or_else(|| foreign(pointed))
        .unwrap_or(pointed)
        .trim();
    if rest.is_empty() { text } else { rest }
}

/// The text without an arrow or a tick in front.
fn pointed(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix(['→', '⇒', '✓', '✔', '✅']) {
        return rest.strip_prefix('\u{fe0f}').unwrap_or(rest);
    }
    let arrow = text.strip_prefix("=>").or_else(|| text.strip_prefix("->"));
    arrow.unwrap_or(text)
}

/// What follows one of the words, whatever their case.
fn past<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|w| after_word(text, w))
}

/// The text without brackets at its beginning.
fn past_brackets(text: &str) -> &str {
    let text = text.trim_start();
    let inner = text.strip_prefix('(').and_then(|t| t.split_once(')'));
    inner.map_or(text, |(_, rest)| rest.trim_start())
}

fn past_colon(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_prefix([':', '：']).unwrap_or(text)
}

/// `Expected output (JSON): …`
fn called(text: &str) -> Option<&str> {
    let rest = past(text, NAMED)?.trim_start();
    let rest = past(rest, NAMED_WHAT).unwrap_or(rest);
    past_brackets(rest).strip_prefix([':', '：'])
}

/// `Returns …`, `Output: …`
fn showing(text: &str) -> Option<&str> {
    let rest = past(text, SHOWING).filter(|t| !t.starts_with(char::is_alphanumeric))?;
    Some(past_colon(past_brackets(rest)))
}

/// `It should show …`
fn doing(text: &str) -> Option<&str> {
    let subject = past(text, &["this", "it", "you"])
        .filter(|t| t.starts_with(char::is_whitespace))
        .map_or(text, str::trim_start);
    let rest = past(subject, &["should", "must"]).filter(|t| t.starts_with(char::is_whitespace))?;
    let verb = past(rest.trim_start(), DOING).unwrap_or(rest);
    let with = after_word(verb.trim_start(), "with").filter(|_| responds(rest));
    Some(past_colon(with.unwrap_or(verb)))
}

fn responds(text: &str) -> bool {
    after_word(text.trim_start(), "respond").is_some_and(|t| t.starts_with(char::is_whitespace))
}

fn foreign(text: &str) -> Option<&str> {
    // The longer of two that begin alike: `esperado` is not all of `esperado por el equipo`.
    let rest = FOREIGN
        .iter()
        .filter_map(|w| after_word(text, w))
        .min_by_key(|rest| rest.len())?;
    let what = past(rest.trim_start(), FOREIGN_WHAT).map(past_brackets);
    let rest = what
        .filter(|r| r.starts_with([':', '：']) || r.is_empty() || text.starts_with("예상"))
        .unwrap_or(rest);
    Some(past_colon(rest))
}

/// What words about a command's output say, and how much of it can be judged.
#[must_use]
pub fn judged(text: &str, command: &str) -> Expectation {
    let said = text.trim();
    let whole = |rule| (rule, false);
    let found = json(said)
        .map(whole)
        .or_else(|| exit(said))
        .or_else(|| status(said, command))
        .or_else(|| rows(said))
        .or_else(|| number(said.trim_matches(['"', '`'])).map(whole))
        .or_else(|| Some((absence::rule(said, command)?, rest::joins(said))))
        .or_else(|| literal(said));
    let (rule, partly) = found.unwrap_or((ExpectRule::Person, false));
    Expectation {
        text: text.to_owned(),
        rule,
        partly,
    }
}

pub(super) fn json(text: &str) -> Option<ExpectRule> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let whole = value.is_object() || value.is_array();
    // `{"status": …}` with dots in it is a sketch, and does not parse.
    whole.then(|| ExpectRule::JsonSubset(value.to_string()))
}

fn exit(text: &str) -> Option<(ExpectRule, bool)> {
    after_word(text, "exit")?;
    let found = EXIT.as_ref()?.captures(text)?;
    let rule = ExpectRule::Exit(found.get(1)?.as_str().parse().ok()?);
    Some((rule, rest::says(text.get(found.get(0)?.end()..)?)))
}

fn status(text: &str, command: &str) -> Option<(ExpectRule, bool)> {
    let asks = ["curl", "wget", "http", "GET "]
        .iter()
        .any(|w| command.contains(w));
    let may = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'h' | 'H'));
    if !(asks && may) {
        return None;
    }
    let found = STATUS.as_ref()?.captures(text)?;
    let code = found.name("code")?;
    let rule = ExpectRule::HttpStatus(code.as_str().parse().ok()?);
    Some((rule, rest::says_past_reason(text.get(code.end()..)?)))
}

fn compare(how: Option<&str>) -> Compare {
    match how.map(str::to_lowercase).as_deref() {
        Some("at least" | ">=" | "≥") => Compare::AtLeast,
        Some("at most" | "up to" | "<=" | "≤") => Compare::AtMost,
        Some("more than" | "greater than" | "over" | "above" | ">") => Compare::More,
        Some("less than" | "fewer than" | "under" | "below" | "<") => Compare::Less,
        Some(how) if how.ends_with("more than") => Compare::AtMost,
        Some(how) if how.ends_with("than") => Compare::AtLeast,
        Some("!=") => Compare::Differs,
        _ => Compare::Equal,
    }
}

fn rows(text: &str) -> Option<(ExpectRule, bool)> {
    let lower = text.to_lowercase();
    let units = [
        "row",
        "record",
        "fila",
        "linha",
        "zeile",
        "ligne",
        "righe",
        "wiersz",
        "rijen",
        "строк",
        "行",
        "条",
        "件",
        "건",
        "개 행",
        "satır",
    ];
    if !units.iter().any(|u| lower.contains(u)) {
        return None;
    }
    let found = ROWS.as_ref()?.captures(text)?;
    let whole = found.get(0)?;
    if is_hedged(text.get(..whole.start())?, text.get(whole.end()..)?) {
        return None;
    }
    let count = match found.name("n")?.as_str().to_lowercase().as_str() {
        "no" | "zero" => 0,
        digits => digits.parse().ok()?,
    };
    let compare = compare(found.name("how").map(|m| m.as_str()));
    let (before, after) = (text.get(..whole.start())?, text.get(whole.end()..)?);
    // Of no rows nothing more can be said than which they would be.
    let none = compare == Compare::Equal && count == 0;
    let more = |text: &str| {
        if none {
            rest::joins(text)
        } else {
            rest::says(text)
        }
    };
    let partly = more(before) || more(after);
    Some((ExpectRule::Rows(compare, count), partly))
}

/// Whether what stands around a count makes it another one, or one of several: `not 0 rows`,
/// `5-10 rows`, `0 rows or 1 row`.
fn is_hedged(before: &str, after: &str) -> bool {
    const AROUND: &[&str] = &[
        "not|never|isn't|shouldn't|between|about|around|roughly|approximately|approx|nearly|almost",
        "either|per|each|every|without|unless|if|or|to|than|except|plus|minus|increase|decrease",
    ];
    const BEHIND: &[&str] = &["or|to|if|unless|per|each|every|except|more|fewer|less"];
    let says = |text: &str, words: &[&str]| {
        let text = text.to_lowercase();
        let mut said = text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
        said.any(|w| words::each(words).any(|word| word == w))
    };
    let joined = before.trim_end().ends_with(['-', '–', '~', '±', '/']);
    joined || says(before, AROUND) || says(after, BEHIND)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 80 characters of digits, and checked"
)]
pub(super) fn number(text: &str) -> Option<ExpectRule> {
    if !text.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '%' | 's' | 'S'))
        || !text.bytes().any(|b| b.is_ascii_digit())
    {
        return None;
    }
    let found = COMPARISON.as_ref()?.captures(text)?;
    let value: f64 = found.name("n")?.as_str().parse().ok()?;
    let thousandths = (value * 1000.0).round();
    if thousandths.abs() > 9e15 {
        return None;
    }
    Some(ExpectRule::Number(
        compare(found.name("how").map(|m| m.as_str())),
        thousandths as i64,
    ))
}

/// The first stretch in quotes of a length that one would quote, and what follows it.
pub(super) fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    while let Some(at) = rest.find(['"', '`', '\'']) {
        let (mark, inner) = (rest.get(at..=at)?, rest.get(at + 1..)?);
        let least = if mark == "'" { 3 } else { 2 };
        let closed = inner.split_once(mark);
        if let Some((word, after)) = closed
            && (least..=80).contains(&word.chars().take(81).count())
        {
            return Some((word, after));
        }
        // An apostrophe may open nothing; other marks come in pairs.
        rest = closed
            .filter(|_| mark != "'")
            .map_or(inner, |(_, after)| after);
    }
    None
}

/// A quoted word, or a single one, that must stand in the output.
fn literal(text: &str) -> Option<(ExpectRule, bool)> {
    // `{"status": …}` shows how the answer is made, not what is in it.
    if text.starts_with(['{', '[']) {
        return None;
    }
    // What stands in quotes is to be there as it is; what stands around it says how.
    let found = quoted(text);
    let around = match found {
        Some((word, _)) => text.replacen(word, "", 1),
        None => text.to_owned(),
    };
    if absence::turns_round(&around) {
        return None;
    }
    if let Some((word, after)) = found {
        return cited::rule(text, word, after);
    }
    let single = text.trim_end_matches('.');
    let token = !single.contains(char::is_whitespace)
        && single.chars().count() >= 2
        && !single.ends_with('…')
        && !single.contains("...");
    let typed = single
        .chars()
        .any(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        || single.is_ascii();
    (token && typed && !single.contains(['<', '[', '{', '*']))
        .then(|| (ExpectRule::Contains(single.to_owned()), false))
}

/// The expectation that a block of sample output states.
#[must_use]
pub fn of_sample(sample: &str, similar: Option<u8>, pattern: Option<&str>) -> Expectation {
    let text = sample.trim_end().to_owned();
    let lines = text.lines().filter(|l| !l.trim().is_empty()).count();
    let rule = match (similar, pattern) {
        (_, Some(pattern)) => ExpectRule::Regex(pattern.to_owned()),
        (Some(percent), None) => ExpectRule::Similar(percent, text.clone()),
        // A longer sample holds names and times that will differ.
        (None, None) if lines == 1 && !text.contains(['<', '…']) && !text.contains("...") => {
            let said = text.trim();
            let known = json(said).or_else(|| number(said));
            known.unwrap_or_else(|| ExpectRule::Contains(said.to_owned()))
        }
        (None, None) => json(text.trim()).unwrap_or(ExpectRule::Person),
    };
    Expectation {
        text,
        rule,
        partly: false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_label_announces_output_and_an_order_about_output_does_not() {
        for label in [
            "Output",
            "Sample output (staging)",
            "Output of the check",
            "Expected result",
            "What you should see",
            "If it is healthy, the expected output",
            "Erwartete Ausgabe: erwartet",
        ] {
            assert!(super::is_label(label), "{label}");
        }
        for label in [
            "Check the output for errors",
            "Save the output to a file",
            "With the output of step 2",
            "Redirect the output",
            "Stop the jobs that write to the output bucket",
            "If you do not see what you expect",
        ] {
            assert!(!super::is_label(label), "{label}");
        }
    }

    use super::*;

    fn of(comment: &str, command: &str) -> ExpectRule {
        of_comment(comment, command).rule
    }

    #[test]
    fn what_a_machine_can_judge_gets_a_rule() {
        let cases = [
            (
                "Expected: {\"status\":\"up\"}",
                "curl x",
                ExpectRule::JsonSubset("{\"status\":\"up\"}".into()),
            ),
            ("Expected: 200 OK", "curl x", ExpectRule::HttpStatus(200)),
            (
                "Expected: 200 OK with a token",
                "curl x",
                ExpectRule::HttpStatus(200),
            ),
            (
                "Should return 0 rows",
                "SELECT 1",
                ExpectRule::Rows(Compare::Equal, 0),
            ),
            (
                "should return at least 3 rows",
                "SELECT 1",
                ExpectRule::Rows(Compare::AtLeast, 3),
            ),
            (
                "Expected: 1",
                "psql -c 'SELECT 1'",
                ExpectRule::Number(Compare::Equal, 1000),
            ),
            (
                "Expected: < 5",
                "wc -l",
                ExpectRule::Number(Compare::Less, 5000),
            ),
            (
                "Expected: PONG",
                "redis-cli PING",
                ExpectRule::Contains("PONG".into()),
            ),
            (
                "Expected: status = \"stopped\"",
                "pm2 list",
                ExpectRule::Contains("stopped".into()),
            ),
            (
                "Expected: No new errors",
                "tail x | grep ERROR",
                ExpectRule::Absent(vec!["ERROR".into()]),
            ),
            (
                "→ active",
                "systemctl is-active x",
                ExpectRule::Contains("active".into()),
            ),
            ("Expected: exit code 0", "test -f x", ExpectRule::Exit(0)),
        ];
        for (comment, command, want) in cases {
            assert_eq!(of(comment, command), want, "{comment}");
        }
    }

    #[test]
    fn prose_is_for_a_person() {
        for comment in [
            "Expected: All processes \"stopped\"",
            "Expected: No critical errors",
            "Expected: Recent backup file listed",
            "Expected: v3 = last stable version",
            "Expected: HTML page returned",
            "Should be the same as before",
            "Expected: 200 or 201",
        ] {
            assert_eq!(of(comment, "pm2 logs"), ExpectRule::Person, "{comment}");
        }
    }
}
