//! The answer to one blank: what is known, in the shape that the blank asks for.

use super::choose::choose;
use super::facts::{Fact, Known};
use super::topic::{Asked, Topic};
use super::when;
use crate::domain::plan::Field;

/// An answer: which choices hold, or a text, and what it rests on.
pub(crate) struct Found {
    /// Choices that hold, by position.
    pub picked: Vec<usize>,
    /// What is known.
    pub fact: Fact,
}

/// What is known about a field's topic, shaped for its blank.
pub(crate) fn answer(known: &Known<'_>, topic: Topic, field: &Field, text: &str) -> Option<Found> {
    if !field.choices.is_empty() {
        let choices: Vec<String> = field.choices.iter().map(|c| c.text.clone()).collect();
        let (picked, fact) = choose(known, topic, &choices);
        let one_of = field.choices.iter().any(|c| c.tick_at.is_none());
        if one_of && picked.len() > 1 {
            return None;
        }
        return fact.map(|fact| Found { picked, fact });
    }
    let fact = known.fact(topic)?;
    let blank = text.get(field.blank.0..field.blank.1).unwrap_or_default();
    let asked = Asked::of(field, text);
    let shaped = shape(known, &fact, topic, blank, &asked)?;
    Some(Found {
        picked: Vec::new(),
        fact: Fact {
            text: shaped,
            ..fact
        },
    })
}

/// The fact as the blank wants it: `HH:MM` wants a clock, `[0/1/2]` a digit, `[X]%` a number.
/// None where the fact cannot be said that way.
fn shape(
    known: &Known<'_>,
    fact: &Fact,
    topic: Topic,
    blank: &str,
    asked: &Asked,
) -> Option<String> {
    let upper = blank.to_uppercase();
    if topic == Topic::Severity
        && let Some(digit) = digit_of(&fact.text, &asked.inside)
    {
        return digit;
    }
    if upper.contains("HH:MM") && !upper.contains("YYYY") {
        return fact.at.map(when::minute);
    }
    if upper.contains("YYYY-MM-DD") && !upper.contains("HH") || asked.inside == "date" {
        return fact.at.map(when::day);
    }
    if topic == Topic::Estimate {
        return estimate(known, fact, blank, asked);
    }
    if blank.ends_with('%') {
        return (topic == Topic::Progress).then(|| format!("{}%", fact.text));
    }
    // A number is asked for, and none of the other topics is one.
    if matches!(asked.inside.as_str(), "x" | "n" | "count" | "number") && topic != Topic::Progress {
        return None;
    }
    Some(fact.text.clone())
}

/// `5 to 10` before the word minutes, the time when it should be over for `[TIME]`, else both.
fn estimate(known: &Known<'_>, fact: &Fact, blank: &str, asked: &Asked) -> Option<String> {
    let before_unit = asked.tail.starts_with("min");
    if before_unit
        && known.live
        && let Some(end) = fact.at
    {
        // What is left of it; nothing is promised once the estimate is used up.
        let left = when::between(known.now, end).filter(|s| *s > 0)?;
        return Some(left.div_ceil(60).to_string());
    }
    if before_unit {
        return fact.text.strip_suffix(" min").map(str::to_owned);
    }
    if asked.inside == "x" {
        return None;
    }
    let wants_time = blank.to_lowercase().contains("time");
    match fact.at {
        Some(end) if wants_time => Some(when::minute(end)),
        Some(end) => Some(format!("{}, until about {}", fact.text, when::minute(end))),
        None => Some(fact.text.clone()),
    }
}

/// For `P[0/1/2]`: the digit of the severity's name; outer none where no digit is asked for,
/// inner none where the name has no such digit.
fn digit_of(severity: &str, inside: &str) -> Option<Option<String>> {
    let options: Vec<&str> = inside.split(' ').collect();
    let digits = |t: &&str| t.len() == 1 && t.bytes().all(|b| b.is_ascii_digit());
    if options.len() < 2 || !options.iter().all(digits) {
        return None;
    }
    let found = options.iter().find(|o| severity.contains(**o));
    Some(found.map(|o| (*o).to_owned()))
}
