//! What a command should show, in the author's words, and how that can be judged.
//!
//! Only what a machine can decide beyond doubt gets a rule; prose is for a person. A rule that
//! holds for less than what the words say would be a false green.

use crate::domain::plan::{Compare, ExpectRule, Expectation};
use regex::Regex;
use std::sync::LazyLock;

static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?i)(?:[→⇒✓✔✅]\u{fe0f}?|=>|->)?\s*",
        r"(?:(?:expected|expect|sample|example)\s*(?:output|result|response|value)?\s*(?:\([^)]*\))?\s*[:：]",
        r"|(?:output|result|response|returns?|prints?)\s*(?:\([^)]*\))?\s*[:：]?",
        r"|(?:this\s+|it\s+|you\s+)?(?:should|must)\s+(?:return|show|print|be|see|say|display|output|respond(?:\s+with)?|report|give)?\s*[:：]?",
        r"|(?:预期|期望|输出|输出结果|期待値?|出力|예상(?:\s*결과)?|결과|resultado esperado|respuesta esperada|esperado|saída esperada|erwartet|attendu|résultat attendu|ожидается|ожидаемый результат|oczekiwany wynik|oczekiwane|beklenen)\s*[:：]?)?\s*",
    ))
    .ok()
});

static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i)(?:http(?:/[\d.]+)?\s*(?:status)?\s*(?:code)?\s*:?\s*)?(?P<code>[1-5]\d\d)(?:\s+(?:ok|created|accepted|no content|not found|unauthorized|forbidden|service unavailable|bad request|moved permanently|found)\b|$|\s*[,(]|\s+with\b|\s+status\b)").ok()
});

static ROWS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?P<how>at least|at most|more than|less than|fewer than|>=?|<=?|exactly)?\s*(?P<n>\b\d+|\bzero|\bno)\s+(?:rows?\b|records?\b|filas?\b|linhas?\b|zeilen?\b|lignes?\b|строк)").ok()
});

static COMPARISON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i)(?:a (?:number|value|count) )?(?P<how>at least|at most|more than|less than|fewer than|greater than|>=|<=|≥|≤|>|<|==?|!=)?\s*(?P<n>-?\d+(?:\.\d{1,3})?)\s*(?:%|ms)?$").ok()
});

static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("\"([^\"]{2,80})\"|`([^`]{2,80})`|'([^']{3,80})'").ok());

static EXIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i)exit(?:s| code| status)*\s*(?:with\s*)?[:=]?\s*(\d{1,3})\b").ok()
});

/// The expectation that a comment states about a command.
#[must_use]
pub fn of_comment(comment: &str, command: &str) -> Expectation {
    let text = bare(comment);
    Expectation {
        rule: rule(text, command),
        text: text.to_owned(),
    }
}

/// The words without `Expected:` and the like.
fn bare(comment: &str) -> &str {
    let text = comment.trim();
    let end = LABEL
        .as_ref()
        .and_then(|l| l.find(text))
        .map_or(0, |m| m.end());
    let rest = text.get(end..).unwrap_or_default().trim();
    if rest.is_empty() { text } else { rest }
}

/// How words about a command's output can be judged.
#[must_use]
pub fn rule(text: &str, command: &str) -> ExpectRule {
    let text = text.trim();
    json(text)
        .or_else(|| exit(text))
        .or_else(|| status(text, command))
        .or_else(|| rows(text))
        .or_else(|| number(text))
        .or_else(|| absence(text, command))
        .or_else(|| literal(text))
        .unwrap_or(ExpectRule::Person)
}

fn json(text: &str) -> Option<ExpectRule> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let whole = value.is_object() || value.is_array();
    // `{"status": …}` with dots in it is a sketch, and does not parse.
    whole.then(|| ExpectRule::JsonSubset(value.to_string()))
}

fn exit(text: &str) -> Option<ExpectRule> {
    let found = EXIT.as_ref()?.captures(text)?;
    Some(ExpectRule::Exit(found.get(1)?.as_str().parse().ok()?))
}

fn status(text: &str, command: &str) -> Option<ExpectRule> {
    let asks = ["curl", "wget", "http", "GET "]
        .iter()
        .any(|w| command.contains(w));
    let found = STATUS.as_ref()?.captures(text).filter(|_| asks)?;
    Some(ExpectRule::HttpStatus(
        found.name("code")?.as_str().parse().ok()?,
    ))
}

fn compare(how: Option<&str>) -> Compare {
    match how.map(str::to_lowercase).as_deref() {
        Some("at least" | ">=" | "≥") => Compare::AtLeast,
        Some("at most" | "<=" | "≤") => Compare::AtMost,
        Some("more than" | "greater than" | ">") => Compare::More,
        Some("less than" | "fewer than" | "<") => Compare::Less,
        Some("!=") => Compare::Differs,
        _ => Compare::Equal,
    }
}

fn rows(text: &str) -> Option<ExpectRule> {
    let found = ROWS.as_ref()?.captures(text)?;
    let count = match found.name("n")?.as_str().to_lowercase().as_str() {
        "no" | "zero" => 0,
        digits => digits.parse().ok()?,
    };
    Some(ExpectRule::Rows(
        compare(found.name("how").map(|m| m.as_str())),
        count,
    ))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 80 characters of digits, and checked"
)]
fn number(text: &str) -> Option<ExpectRule> {
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

/// "No new errors" after a search for errors: what was searched for is not in the output.
fn absence(text: &str, command: &str) -> Option<ExpectRule> {
    let lower = text.to_lowercase();
    if matches!(
        lower.trim_end_matches('.'),
        "empty" | "nothing" | "no output" | "empty output" | "(empty)" | "none" | "(no output)"
    ) {
        return Some(ExpectRule::Exactly(String::new()));
    }
    let negative = lower.starts_with("no ") || lower.starts_with("0 ") || lower.starts_with("not ");
    let searched = command.lines().last()?.rsplit('|').next()?.trim();
    let words = shlex::split(searched)?;
    let pattern = match words.split_first() {
        Some((grep, rest)) if grep.ends_with("grep") => {
            rest.iter().find(|w| !w.starts_with('-'))?
        }
        _ => return None,
    };
    negative.then(|| ExpectRule::Absent(vec![pattern.clone()]))
}

/// A quoted word, or a single one, that must stand in the output.
fn literal(text: &str) -> Option<ExpectRule> {
    let lower = text.to_lowercase();
    let spread = [
        "all ", "every", "each ", "both ", "or ", "no ", "not ", "without", "never", "none",
        "alle", "todos", "toutes",
    ];
    if spread.iter().any(|w| super::words::says(&lower, w)) {
        return None;
    }
    let mut quoted = QUOTED.as_ref()?.captures_iter(text);
    if let Some(first) = quoted.next() {
        let word = (1..=3).find_map(|i| first.get(i))?.as_str();
        return quoted
            .next()
            .is_none()
            .then(|| ExpectRule::Contains(word.to_owned()));
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
        .then(|| ExpectRule::Contains(single.to_owned()))
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
            json(text.trim()).unwrap_or_else(|| ExpectRule::Contains(text.trim().to_owned()))
        }
        (None, None) => json(text.trim()).unwrap_or(ExpectRule::Person),
    };
    Expectation { text, rule }
}

#[cfg(test)]
mod tests {
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
