//! Plans and flights for tests of what is written about an incident.
//!
//! Only compiled for tests.

use chrono::{DateTime, FixedOffset, Utc};

use crate::domain::Command;
use crate::domain::event::{Confirmation, Event, Recorded};
use crate::domain::fixture::{Flight, action, checklist, expecting, procedure, stamp, step};
use crate::domain::plan::{
    Action, ChecklistRole, Danger, Estimate, Field, FieldChoice, Item, Plan, Severity, Span,
    Template, TemplateKind, Trigger,
};

/// The log form of the fixture plan.
pub(crate) const FORM: &str = "\
LOG
Incident ID: ____
Date/Time: ____
Severity: [ ] HIGH  [ ] LOW
What went wrong: ____
When discovered: ____
Users affected: ____
Decision maker: ____
Approved by: ____
Approval time: ____
Rollback method: [ ] Database  [ ] Code  [ ] Full Restore
Estimated downtime: ____
Rollback started: ____
Database rollback: ____
Code rollback: ____
Services restarted: ____
Rollback completed: ____
Data integrity confirmed: ____
Database restored: Yes / No
What could improve: ____
Sign-off: ____
Date/Time: ____
";

pub(crate) fn utc() -> FixedOffset {
    FixedOffset::east_opt(0).expect("UTC")
}

pub(crate) fn time(second: u64) -> DateTime<Utc> {
    stamp(second).wall
}

/// Reads a form of `Label: ____`, `Label: [ ] A  [ ] B` and `Label: A / B` lines.
pub(crate) fn template(id: &str, kind: TemplateKind, text: &str) -> Template {
    let mut fields = Vec::new();
    let mut start = 0;
    for (index, line) in text.split('\n').enumerate() {
        if let Some((label, rest)) = line.split_once(": ") {
            let from = start + label.len() + 2;
            let blank = (from, from + rest.len());
            let choices = choices(rest, from);
            if !choices.is_empty() || rest.starts_with("____") {
                fields.push(field(id, index, label, blank, choices));
            }
        }
        start += line.len() + 1;
    }
    Template {
        id: id.into(),
        kind,
        title: format!("Template {id}"),
        moment: String::new(),
        every_s: None,
        text: text.to_owned(),
        fields,
        span: Span::default(),
    }
}

pub(crate) fn field(
    id: &str,
    index: usize,
    label: &str,
    blank: (usize, usize),
    choices: Vec<FieldChoice>,
) -> Field {
    Field {
        id: format!("{id}/{label}/{index}").as_str().into(),
        section: String::new(),
        label: label.to_owned(),
        blank,
        choices,
        line: 0,
    }
}

fn choices(rest: &str, from: usize) -> Vec<FieldChoice> {
    if rest.starts_with("[ ]") {
        let boxes = rest.match_indices("[ ] ");
        return boxes
            .map(|(at, _)| FieldChoice {
                text: rest[at + 4..]
                    .split("  ")
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                tick_at: Some(from + at + 1),
            })
            .collect();
    }
    let parts: Vec<&str> = rest.split(" / ").collect();
    let parts = if parts.len() > 1 { parts } else { Vec::new() };
    parts
        .into_iter()
        .map(|p| FieldChoice {
            text: p.to_owned(),
            tick_at: None,
        })
        .collect()
}

fn changing(id: &str, code: &str) -> Action {
    Action {
        danger: Danger::Changes,
        ..action(id, code)
    }
}

/// A shop's plan: two levels, a list before and after, one procedure of four steps, one form.
pub(crate) fn plan() -> Plan {
    let severity = |name: &str, trigger: &str| Severity {
        id: name.into(),
        name: name.to_owned(),
        response: String::new(),
        within_s: Some(900),
        triggers: vec![Trigger {
            id: trigger.into(),
            text: format!("we see {trigger}"),
            span: Span::default(),
        }],
        span: Span::default(),
    };
    let mut full = procedure(
        "full",
        vec![
            step("look", vec![expecting("look", "git tag", "v1")]),
            step(
                "db",
                vec![
                    changing("down-1", "alembic downgrade -1"),
                    changing("down-2", "alembic downgrade -1"),
                ],
            ),
            step("code", vec![changing("checkout", "git checkout v1")]),
            step("start", vec![changing("restart", "systemctl restart shop")]),
        ],
    );
    full.title = "Full rollback".to_owned();
    full.estimate = Some(Estimate {
        low_s: 300,
        high_s: 600,
    });
    let mut after = checklist(
        "after",
        ChecklistRole::Verification,
        &["Data integrity confirmed", "Shop opens"],
    );
    after.items.push(Item {
        id: "after/rows".into(),
        text: "Row counts match".to_owned(),
        details: Vec::new(),
        actions: vec![expecting("rows", "cat rows", "42")],
        span: Span::default(),
    });
    Plan {
        title: "Shop".to_owned(),
        severities: vec![severity("HIGH", "errors"), severity("LOW", "slowness")],
        checklists: vec![
            checklist("pre", ChecklistRole::PreRollback, &["told"]),
            after,
        ],
        procedures: vec![full],
        templates: vec![template("log", TemplateKind::IncidentLog, FORM)],
        ..Plan::default()
    }
}

/// Adds an event as the recorder would.
pub(crate) fn record(flight: &mut Flight, at: u64, event: Event) {
    let seq = u64::try_from(flight.events.len()).unwrap_or(0) + 1;
    let record = Recorded {
        seq,
        at: stamp(at),
        by: "ana".to_owned(),
        event,
    };
    flight.incident.apply(&record);
    flight.events.push(record);
}

/// Starts an action and lets it run.
pub(crate) fn start(flight: &mut Flight, at: &str) {
    flight.start(at, Confirmation::Pressed).expect("started");
}

/// Runs an action to its end.
pub(crate) fn run(flight: &mut Flight, at: &str, exit: i32, output: &str) {
    start(flight, at);
    flight.ends(exit, output);
}

/// The whole procedure is flown.
pub(crate) fn fly(flight: &mut Flight) {
    for (at, output) in [
        ("look", "v1"),
        ("down-1", ""),
        ("down-2", ""),
        ("checkout", ""),
        ("restart", ""),
    ] {
        run(flight, at, 0, output);
    }
    complete(flight);
}

/// Marked as complete ten minutes after the beginning, with nothing left open.
pub(crate) fn complete(flight: &mut Flight) {
    let event = Event::RollbackCompleted {
        at: time(600),
        reason: String::new(),
        running: Vec::new(),
    };
    record(flight, 600, event);
}

/// Decided, prepared, triggers ticked.
pub(crate) fn ready() -> Flight {
    let mut flight = Flight::ready(plan());
    let tick = Command::TickTrigger {
        trigger: "errors".into(),
        on: true,
    };
    flight.wants(&tick).expect("ticked");
    flight
}
