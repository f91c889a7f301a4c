//! The plan's messages with what is known in their blanks, and when the next one is due.
//!
//! A blank that cannot be filled stays as it is and is named, so that nobody sends
//! `[USER IMPACT]` to the users. Nothing is sent from here.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::answer::answer;
use super::choose;
use super::facts::Known;
use super::fill::{self, fill};
use super::topic::Asked;
use crate::domain::event::Decision;
use crate::domain::ids::TemplateId;
use crate::domain::incident::Incident;
use crate::domain::plan::{Field, Template, TemplateKind};

/// A message, filled as far as it can be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its template.
    pub template: TemplateId,
    /// Its title.
    pub title: String,
    /// `before`, `during`, `after` or empty.
    pub moment: String,
    /// The text.
    pub text: String,
    /// The blanks that are still in it, as they stand there.
    pub open_blanks: Vec<String>,
    /// When it was last used.
    pub used: Option<DateTime<Utc>>,
}

/// The plan's messages as they would read now, in the plan's order.
#[must_use]
pub fn messages(incident: &Incident, now: DateTime<Utc>, zone: &FixedOffset) -> Vec<Message> {
    let known = Known {
        incident,
        records: &[],
        zone,
        now,
        live: true,
    };
    let templates = incident.plan.templates.iter();
    templates
        .filter(|t| t.kind == TemplateKind::Message)
        .map(|t| message(&known, t))
        .collect()
}

fn message(known: &Known<'_>, template: &Template) -> Message {
    let mut answers = ticks(known, template);
    let mut open_blanks = Vec::new();
    for field in &template.fields {
        match text_for(known, field, template) {
            Some(text) => answers.push(fill::Answer::Replace(field.blank, text)),
            None => open_blanks.extend(spelling(field, template)),
        }
    }
    let used = known
        .incident
        .messages
        .iter()
        .rev()
        .find(|m| m.template == template.id);
    Message {
        template: template.id.clone(),
        title: template.title.clone(),
        moment: template.moment.clone(),
        text: fill(&template.text, answers),
        open_blanks,
        used: used.map(|m| m.at),
    }
}

fn spelling(field: &Field, template: &Template) -> Option<String> {
    let blank = template.text.get(field.blank.0..field.blank.1)?;
    Some(if blank.is_empty() {
        field.label.clone()
    } else {
        blank.to_owned()
    })
}

fn text_for(known: &Known<'_>, field: &Field, template: &Template) -> Option<String> {
    if let Some(text) = known.incident.fields.get(&field.id) {
        return Some(text.clone());
    }
    let topic = Asked::of(field, &template.text).topic()?;
    let text = answer(known, topic, field, &template.text)?.fact.text;
    let mut lines = text.lines();
    let first = lines.next()?.to_owned();
    // A sentence takes one line.
    Some(lines.fold(first, |all, line| format!("{all}; {line}")))
}

/// Boxes of a message's own list of what is done: ticked where it is.
fn ticks(known: &Known<'_>, template: &Template) -> Vec<fill::Answer> {
    let mut answers = Vec::new();
    let mut start = 0;
    for line in template.text.split('\n') {
        let indent = line.len() - line.trim_start().len();
        if let Some(text) = line.trim_start().strip_prefix("- [ ] ") {
            let holds = Asked::of_label(text)
                .topic()
                .and_then(|t| choose::truth(known.incident, t));
            if holds == Some(true) {
                answers.push(fill::Answer::Tick(start + indent + 3));
            }
        }
        start += line.len() + 1;
    }
    answers
}

/// When the next update is due, where the plan gives a cadence: from the last used message, or
/// from the decision. None once the rollback is complete.
#[must_use]
pub fn next_update(incident: &Incident, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if incident.completed_at.is_some() || incident.closed.is_some() {
        return None;
    }
    let decided = incident
        .decision
        .as_ref()
        .filter(|d| d.decision != Decision::Monitor)?;
    let templates = incident
        .plan
        .templates
        .iter()
        .filter(|t| t.kind == TemplateKind::Message);
    let every = templates.filter_map(|t| t.every_s).min()?;
    let last = incident
        .messages
        .last()
        .map(|m| m.at)
        .filter(|at| *at > decided.at);
    // A clock that was set back must not put the next update far off.
    let base = last.unwrap_or(decided.at).min(now);
    base.checked_add_signed(TimeDelta::try_seconds(i64::try_from(every).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, plan, time, utc};
    use super::*;
    use crate::domain::event::Event;
    use crate::domain::fixture::Flight;
    use crate::domain::plan::{FieldChoice, Plan};

    const TEXT: &str = "\
Subject: [SEVERITY] shop is going back
We go back because of [ISSUE DESCRIPTION]. Level: P[0/1/2]
Method: [Database/Code/Full Restore]
Started: [timestamp], ETA: [X] minutes
At the moment: [Current step], [X]% complete
Impact: [USER IMPACT], review at [time]
- [ ] Database restored
- [ ] Services restarted";

    /// The blanks of a text, named by their inside.
    fn message_template() -> Template {
        let mut fields = Vec::new();
        for (from, _) in TEXT.match_indices('[') {
            let Some(length) = TEXT[from..].find(']') else {
                continue;
            };
            let inside = &TEXT[from + 1..from + length];
            if inside.trim().is_empty() {
                continue;
            }
            let to = from + length + 1;
            let to = if TEXT[to..].starts_with('%') {
                to + 1
            } else {
                to
            };
            let choices = if inside.contains("Code") {
                inside.split('/').collect()
            } else {
                Vec::new()
            };
            let choices = choices
                .into_iter()
                .map(|c: &str| FieldChoice {
                    text: c.to_owned(),
                    tick_at: None,
                })
                .collect();
            fields.push(fixture::field("m", from, inside, (from, to), choices));
        }
        let blank = fixture::template("m", TemplateKind::Message, TEXT);
        Template {
            fields,
            every_s: Some(900),
            ..blank
        }
    }

    fn shop() -> Plan {
        let mut plan = plan();
        plan.templates.push(message_template());
        plan
    }

    fn flight() -> Flight {
        let mut flight = Flight::ready(shop());
        fixture::record(
            &mut flight,
            20,
            Event::TriggerTicked {
                trigger: "errors".into(),
                on: true,
            },
        );
        flight
    }

    fn only(flight: &Flight, at: u64) -> Message {
        messages(&flight.incident, time(at), &utc()).remove(0)
    }

    #[test]
    fn known_blanks_are_filled_and_the_others_stay_and_are_named() {
        let mut flight = flight();
        let before = only(&flight, 30);
        assert!(
            before.text.starts_with(
                "Subject: HIGH shop is going back\nWe go back because of we see errors."
            )
        );
        assert!(
            before.text.contains("Method: Full Restore\n"),
            "{}",
            before.text
        );
        assert!(
            before
                .text
                .contains("Started: [timestamp], ETA: 5 to 10 minutes"),
            "{}",
            before.text
        );
        assert_eq!(
            before.open_blanks,
            ["[0/1/2]", "[timestamp]", "[USER IMPACT]", "[time]"]
        );
        fixture::run(&mut flight, "look", 0, "v1");
        fixture::run(&mut flight, "down-1", 0, "");
        let during = only(&flight, 130);
        assert!(
            during
                .text
                .contains("At the moment: step 2 of 4: Step db, 40% complete"),
            "{}",
            during.text
        );
        assert!(during.text.contains("ETA: 8 minutes"), "{}", during.text);
    }

    #[test]
    fn an_eta_that_is_used_up_is_not_repeated() {
        let mut flight = flight();
        fixture::run(&mut flight, "look", 0, "v1");
        fixture::run(&mut flight, "down-1", 0, "");
        assert!(only(&flight, 4000).text.contains("ETA: [X] minutes"));
    }

    #[test]
    fn what_is_done_is_ticked_and_what_is_half_done_is_not() {
        let mut flight = flight();
        fixture::run(&mut flight, "look", 0, "v1");
        fixture::run(&mut flight, "down-1", 0, "");
        assert!(
            only(&flight, 60)
                .text
                .contains("- [ ] Database restored\n- [ ] Services")
        );
        fixture::run(&mut flight, "down-2", 0, "");
        assert!(
            only(&flight, 60)
                .text
                .contains("- [x] Database restored\n- [ ] Services")
        );
    }

    #[test]
    fn a_level_that_is_called_by_a_number_fills_the_number() {
        let mut plan = shop();
        plan.severities[0].name = "P1 - major".to_owned();
        let mut flight = Flight::ready(plan);
        fixture::record(
            &mut flight,
            20,
            Event::TriggerTicked {
                trigger: "errors".into(),
                on: true,
            },
        );
        assert!(
            only(&flight, 30).text.contains("Level: P1\n"),
            "{}",
            only(&flight, 30).text
        );
    }

    #[test]
    fn the_next_update_counts_from_the_last_one() {
        let mut flight = Flight::open(shop());
        assert_eq!(next_update(&flight.incident, time(10)), None);
        flight = super::tests::flight();
        let decided = flight.incident.decision.as_ref().expect("decided").at;
        assert_eq!(
            next_update(&flight.incident, time(60)),
            Some(decided + TimeDelta::seconds(900))
        );
        let used = Event::MessageUsed {
            template: "m".into(),
            how: "copied".to_owned(),
            text: String::new(),
        };
        fixture::record(&mut flight, 300, used);
        assert_eq!(next_update(&flight.incident, time(310)), Some(time(1200)));
        assert_eq!(only(&flight, 310).used, Some(time(300)));
        fixture::complete(&mut flight);
        assert_eq!(next_update(&flight.incident, time(610)), None);
    }
}
