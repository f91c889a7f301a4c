//! What an expectation cites in quotes: it is to be there as it stands, if the words around it say
//! nothing besides.

use super::expect::{json, number, quoted};
use super::{rest, words};
use crate::domain::plan::ExpectRule;

/// Words behind a quote that only say where it is seen.
const FILLER: &[&str] = &[
    "in|on|at|within|message|messages|line|lines|appears|appear|shown|printed|displayed|output",
    "returned|status|state|text|somewhere|present|logged|listed|response|is|should|and|from|by",
    "for|near|as|with|when|after|before|if|means|found|exists|confirmed|reported|visible|row",
    "ausgeben|anzeigen|zeigen|erscheinen|erscheint|stehen|mostrar|aparece|devolver|afficher",
];

/// How what is cited can be judged: the whole text, the words in quotes, and what follows them. A
/// name with its value is a part of JSON, or for a person; a number is one.
/// Whether they say more than that goes with the rule.
pub(super) fn rule(text: &str, word: &str, after: &str) -> Option<(ExpectRule, bool)> {
    if let Some(rule) = json(&format!("{{{text}}}")) {
        return Some((rule, false));
    }
    let behind = after.trim_start();
    let first = behind
        .split(|c: char| !c.is_alphanumeric())
        .find(|w| !w.is_empty());
    let first = first.unwrap_or_default().to_lowercase();
    // Of other scripts nothing is known.
    let is_filler =
        first.is_empty() || !first.is_ascii() || words::each(FILLER).any(|w| w == first);
    let value = behind.strip_prefix([':', '=']).map(str::trim);
    let is_name =
        value.is_some_and(|value| !value.is_empty()) || first == "is" && !behind.contains("shown");
    let before = text.split(word).next().unwrap_or_default();
    let counts = before.chars().any(|c| c.is_ascii_digit());
    if is_name || counts || !is_filler || quoted(after).is_some() {
        return None;
    }
    let rule = number(word).unwrap_or_else(|| ExpectRule::Contains(word.to_owned()));
    Some((rule, rest::says(after)))
}

#[cfg(test)]
mod tests {
    use super::super::expect::of_comment;
    use crate::domain::plan::{Compare, ExpectRule};

    #[test]
    fn what_is_cited_with_its_value_is_not_the_name_alone() {
        let of = |text: &str| of_comment(text, "curl x").rule;
        let json = |text: &str| ExpectRule::JsonSubset(text.to_owned());
        let contains = |text: &str| ExpectRule::Contains(text.to_owned());
        for (text, rule) in [
            (
                "Expected: \"new_checkout\": false",
                json("{\"new_checkout\":false}"),
            ),
            (
                "Expected: \"db\": \"up\", \"n\": 2",
                json("{\"db\":\"up\",\"n\":2}"),
            ),
            ("Expected: \"db\": up", ExpectRule::Person),
            ("Expected: \"gbp\":", contains("gbp")),
            ("Expected: 'maintenance' is false", ExpectRule::Person),
            ("Expected: 3 pods \"Running\"", ExpectRule::Person),
            (
                "Expected: deployment \"shop\" successfully rolled out",
                ExpectRule::Person,
            ),
            ("Expected: status = \"stopped\"", contains("stopped")),
            ("Expected: \"ready\" in the log", contains("ready")),
            ("Expected: \"1\"", ExpectRule::Number(Compare::Equal, 1_000)),
        ] {
            assert_eq!(of(text), rule, "{text}");
        }
    }
}
