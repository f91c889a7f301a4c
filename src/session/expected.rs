//! What an action should show, with the plan's blanks in it filled by the same values that its
//! command got: `# Expected: shop <version>` is judged as `shop v1.4.2`.
//!
//! What cannot be filled is left to a person: a blank that is open, one that names nothing (its
//! value belongs to one place of a command), and a secret, which the output does not show.

use crate::domain::event::ParameterValue;
use crate::domain::incident::Incident;
use crate::domain::plan::{ExpectRule, Expectation};
use crate::runbook;
use crate::script::blanks;

/// An expectation as it is to be judged. `command` is the text that it speaks of.
pub(super) fn filled(incident: &Incident, expect: &Expectation, command: &str) -> Expectation {
    let plain = |value: &str| value.to_owned();
    if open(incident, &expect.text) || open_rule(incident, &expect.rule) {
        return Expectation::new(expect.text.clone(), ExpectRule::Person);
    }
    let text = fill(incident, &expect.text, plain);
    let put = |text: &String| fill(incident, text, plain);
    if expect.rule == ExpectRule::Person && text != expect.text {
        // With its value in it, it may be something that a machine can decide.
        return runbook::judged(&text, command);
    }
    let rule = match &expect.rule {
        ExpectRule::Contains(text) => ExpectRule::Contains(put(text)),
        ExpectRule::Exactly(text) => ExpectRule::Exactly(put(text)),
        ExpectRule::Similar(percent, text) => ExpectRule::Similar(*percent, put(text)),
        ExpectRule::Absent(words) => ExpectRule::Absent(words.iter().map(put).collect()),
        ExpectRule::JsonSubset(text) => ExpectRule::JsonSubset(fill(incident, text, in_json)),
        ExpectRule::Regex(text) => ExpectRule::Regex(fill(incident, text, regex::escape)),
        ExpectRule::Person
        | ExpectRule::HttpStatus(_)
        | ExpectRule::Rows(..)
        | ExpectRule::Number(..)
        | ExpectRule::Exit(_) => expect.rule.clone(),
    };
    Expectation {
        text,
        rule,
        partly: expect.partly,
    }
}

/// The inside of a JSON string.
fn in_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    let inside = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

/// Whether one of the plan's blanks stands in a text and has no value that may be shown.
fn open(incident: &Incident, text: &str) -> bool {
    of_plan(incident, text).any(|blank| value(incident, &blank).is_none())
}

fn open_rule(incident: &Incident, rule: &ExpectRule) -> bool {
    match rule {
        ExpectRule::Contains(text)
        | ExpectRule::Exactly(text)
        | ExpectRule::Similar(_, text)
        | ExpectRule::JsonSubset(text)
        | ExpectRule::Regex(text) => open(incident, text),
        ExpectRule::Absent(words) => words.iter().any(|w| open(incident, w)),
        ExpectRule::Person
        | ExpectRule::HttpStatus(_)
        | ExpectRule::Rows(..)
        | ExpectRule::Number(..)
        | ExpectRule::Exit(_) => false,
    }
}

/// The blanks of a text that are blanks of the plan's commands too.
fn of_plan(incident: &Incident, text: &str) -> impl Iterator<Item = blanks::Blank> {
    let found = blanks::find(text, "text").into_iter();
    let plan = std::sync::Arc::clone(&incident.plan);
    found.filter(move |blank| {
        let name = blank.name.as_str();
        blank.names_nothing() || plan.parameters.iter().any(|p| p.name.as_str() == name)
    })
}

fn value(incident: &Incident, blank: &blanks::Blank) -> Option<String> {
    let mut known = incident.parameters.iter();
    let (_, value) = known.find(|(name, _)| name.as_str() == blank.name)?;
    match value {
        ParameterValue::Text(text) => Some(text.clone()),
        ParameterValue::Secret => None,
    }
}

fn fill(incident: &Incident, text: &str, write: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut at = 0;
    for blank in of_plan(incident, text) {
        let Some(value) = value(incident, &blank) else {
            continue;
        };
        out.push_str(text.get(at..blank.range.start).unwrap_or_default());
        out.push_str(&write(&value));
        at = blank.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::filled;
    use crate::domain::event::ParameterValue;
    use crate::domain::fixture::{Flight, plan};
    use crate::domain::plan::{ExpectRule, Expectation, Parameter};

    fn judged(text: &str, rule: ExpectRule) -> Expectation {
        let mut it = plan();
        for name in ["version", "build", "password"] {
            it.parameters.push(Parameter {
                name: name.into(),
                ..Parameter::default()
            });
        }
        let mut incident = Flight::ready(it).incident;
        let values = [
            ("version", ParameterValue::Text("v1.4+\"2".to_owned())),
            ("password", ParameterValue::Secret),
        ];
        for (name, value) in values {
            incident.parameters.insert(name.into(), value);
        }
        filled(&incident, &Expectation::new(text, rule), "cat version.txt")
    }

    #[test]
    fn a_blank_of_the_plan_is_filled_before_it_is_judged() {
        let one = judged("<version>", ExpectRule::Person);
        assert_eq!(one.text, "v1.4+\"2");
        let said = judged("shop <version> runs", ExpectRule::Person);
        assert_eq!(
            (said.text.as_str(), said.rule),
            ("shop v1.4+\"2 runs", ExpectRule::Person)
        );
        let json = judged("x", ExpectRule::JsonSubset("{\"v\":\"<version>\"}".into()));
        assert_eq!(
            json.rule,
            ExpectRule::JsonSubset("{\"v\":\"v1.4+\\\"2\"}".into())
        );
        let pattern = judged("x", ExpectRule::Regex("^<version>$".into()));
        assert_eq!(pattern.rule, ExpectRule::Regex("^v1\\.4\\+\"2$".into()));
    }

    #[test]
    fn what_has_no_value_to_show_is_for_a_person() {
        for text in ["<build>", "<password>", "[FILL IN]"] {
            let one = judged(text, ExpectRule::Contains(text.to_owned()));
            assert_eq!(
                (one.text.as_str(), one.rule),
                (text, ExpectRule::Person),
                "{text}"
            );
        }
        // What is no blank of the commands stays as its author wrote it.
        let tag = judged("<h2>", ExpectRule::Contains("<h2>".to_owned()));
        assert_eq!(tag.rule, ExpectRule::Contains("<h2>".to_owned()));
    }
}
