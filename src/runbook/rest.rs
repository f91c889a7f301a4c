//! What the words of an expectation say beside what a rule can judge: `3 rows, all of them paid`.
//! Where they say more, what the rule holds for is a part of it.

use super::words;
use crate::script::shell::after_word;

/// Words that say where or how something is seen, and nothing that could be otherwise.
const NEUTRAL: &[&str] = &[
    "the|a|an|it|its|this|that|these|those|there|we|you|should|must|will|may|is|are|be|been|was|has|have|get|got|see|seen",
    "in|on|at|of|to|from|by|within|somewhere|above|below|here|near|again|just|only|exactly|total|all|set|as",
    "output|outputs|response|responses|body|reply|answer|result|results|message|messages|line|lines|text|log|logs",
    "console|terminal|screen|page|list|listing|table|column|columns|field|row|rows|record|records|header|headers|status",
    "state|code|codes|http|json|value|expected|means|meaning|indicates",
    "returned|returns|return|shown|shows|show|printed|prints|displayed|displays|visible|appears|appear|present|found",
    "listed|reported|confirmed|logged|given|affected|updated|deleted|inserted|changed|selected|received|exists",
    "ok|okay|success|successful|successfully|created|accepted|good|fine|passed",
    "contains|contain|includes|include|containing|including",
];

/// Words that join another condition.
const JOINING: &[&str] = &["and|but|also|plus|while|then|except|however"];

/// What stands behind a status and says the same.
const REASONS: &[&str] = &[
    "no content",
    "not found",
    "unauthorized",
    "forbidden",
    "service unavailable",
    "bad request",
    "bad gateway",
    "moved permanently",
    "moved temporarily",
    "found",
];

fn said(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
}

/// Whether words say more than where something is seen. Of other scripts nothing is known.
pub(super) fn says(text: &str) -> bool {
    let lower = text.to_lowercase();
    said(&lower)
        .filter(|word| word.is_ascii())
        .any(|word| !words::each(NEUTRAL).any(|neutral| neutral == word))
}

/// As [`says`], behind a status: `No Content` says the same as 204.
pub(super) fn says_past_reason(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '(']);
    let after = REASONS.iter().find_map(|reason| after_word(text, reason));
    says(after.unwrap_or(text))
}

/// Whether words join another condition to what is judged.
pub(super) fn joins(text: &str) -> bool {
    let lower = text.to_lowercase();
    said(&lower).any(|word| words::each(JOINING).any(|joint| joint == word))
}

#[cfg(test)]
mod tests {
    use super::super::expect::judged;
    use crate::domain::plan::ExpectRule;

    #[test]
    fn what_says_more_than_its_rule_is_judged_in_part() {
        for (text, command) in [
            ("1 row, enabled = false", "SELECT 1"),
            ("1 row with status = 'ok'", "SELECT 1"),
            ("2 rows, all with status ok", "SELECT 1"),
            ("200 OK with {\"status\":\"ok\"}", "curl x"),
            ("HTTP 200, status \"healthy\"", "curl x"),
            ("200 OK (version 1.4.2)", "curl x"),
            ("200, under 500ms", "curl x"),
            ("200 OK without X-Debug header", "curl x"),
            ("exit code 0 and \"0 pending\"", "x"),
            ("exit 0, all tests pass", "x"),
            ("exits 0 with no warnings", "x"),
            ("\"enabled\" as false", "cat x"),
            ("'new_checkout' should be off", "cat x"),
            ("\"role:master\" with 2 connected slaves", "redis-cli info"),
            (
                "\"active (running)\" for at least 5 minutes",
                "systemctl status x",
            ),
            ("\"Running\" on three nodes", "kubectl get pods"),
            ("0 rows and no warnings", "SELECT 1"),
        ] {
            let judged = judged(text, command);
            assert!(
                judged.partly || judged.rule == ExpectRule::Person,
                "{text}: {:?}",
                judged.rule
            );
        }
    }

    #[test]
    fn what_says_only_where_it_is_seen_is_judged_whole() {
        for (text, command) in [
            ("200 OK", "curl x"),
            ("HTTP/1.1 200 OK", "curl x"),
            ("200 (OK)", "curl x"),
            ("200 status code", "curl x"),
            ("404 Not Found", "curl x"),
            ("exit code 0", "x"),
            ("exit 0 (success)", "x"),
            ("3 rows returned", "SELECT 1"),
            ("at least 3 rows in the table", "SELECT 1"),
            ("0 rows with status failed", "SELECT 1"),
            ("\"ready\" in the log", "cat x"),
            ("status = \"stopped\"", "cat x"),
            ("no new errors", "tail x | grep ERROR"),
        ] {
            let judged = judged(text, command);
            assert!(
                !judged.partly && judged.rule != ExpectRule::Person,
                "{text}"
            );
        }
    }
}
