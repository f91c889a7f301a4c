//! Texts to read: the timeline, the resume card, what the plan says beside its flight, a message.

use super::ask;
use crate::app::key::Key;
use crate::app::layer::LayerKind;
use crate::app::model::Model;
use crate::app::msg::Request;
use crate::app::purpose::Purpose;
use crate::app::rows;
use crate::domain::Command;
use crate::domain::event::Event;
use crate::domain::ids::TemplateId;
use crate::domain::incident::Incident;
use crate::domain::plan::{ApprovalRule, Estimate, Objective, ObjectiveKind, Plan};
use crate::report;

/// The timeline, a line each.
#[must_use]
pub fn timeline(model: &Model) -> Vec<String> {
    report::timeline::timeline(&model.records, &model.incident.plan, &model.zone)
        .into_iter()
        .map(|line| format!("{}  {}", line.at.format("%H:%M:%S"), line.what))
        .collect()
}

/// What was taken back just now, in words.
pub(crate) fn taken_back(model: &Model, before: &Incident) -> Option<String> {
    let last = model.records.last()?;
    if model.incident.events == before.events || !matches!(last.event, Event::Undone(_)) {
        return None;
    }
    let told = std::slice::from_ref(last);
    let mut lines = report::timeline::timeline(told, &model.incident.plan, &model.zone);
    lines.pop().map(|line| line.what)
}

/// What the plan says beside its flight: whom to call, what has to be reached, and every text that
/// became no list and no step, by its heading.
#[must_use]
pub fn plan_page(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut list = |head: &str, items: Vec<String>| {
        if !items.is_empty() {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(head.to_owned());
            lines.extend(items.into_iter().map(|i| format!("  {i}")));
        }
    };
    let contacts = plan.contacts.iter();
    list(
        "People",
        contacts
            .map(|c| format!("{}: {}", c.role, c.contact))
            .collect(),
    );
    let rules = plan.approvals.iter();
    let when = |r: &ApprovalRule| {
        let mark = if r.when.is_empty() { "" } else { ": " };
        format!("{}{mark}{}", r.when, r.who)
    };
    list("May approve", rules.map(when).collect());
    let objectives = plan.objectives.iter();
    list("Recovery objectives", objectives.map(objective).collect());
    let targets = plan.targets.iter();
    list(
        "Targets",
        targets
            .map(|t| joined(&[&format!("{} {}", t.metric, t.target), &t.how]))
            .collect(),
    );
    let facts = plan.facts.iter();
    list(
        "About the plan",
        facts.map(|f| format!("{}: {}", f.key, f.value)).collect(),
    );
    for texts in plan.unplaced.chunk_by(|a, b| a.heading == b.heading) {
        let said = texts.iter().flat_map(|t| t.text.lines()).map(str::to_owned);
        let head = texts.first().map_or("", |t| t.heading.as_str());
        let head = if head.is_empty() {
            "At the beginning"
        } else {
            head
        };
        list(&format!("Text: {head}"), said.collect());
    }
    if lines.is_empty() {
        lines.push("Everything that the plan says is in the flight plan.".to_owned());
    }
    lines
}

fn objective(objective: &Objective) -> String {
    let limit = Estimate {
        low_s: objective.within_s,
        high_s: objective.within_s,
    };
    let kind = match objective.kind {
        ObjectiveKind::Rto => "recovery time",
        ObjectiveKind::Rpo => "recovery point",
    };
    let within = match objective.within_s {
        0 => format!("{kind}: none lost"),
        _ => format!("{kind} {}", rows::estimate(limit)),
    };
    joined(&[&objective.component, &within, &objective.note])
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
    parts.join(" · ")
}

/// The title of the timeline.
const TIMELINE: &str = "Timeline";

/// Opens the timeline, at its end.
pub(crate) fn open_timeline(model: &mut Model) {
    let lines = timeline(model);
    open(model, TIMELINE, lines);
    super::lists::scroll(model, Key::End);
}

/// Opens what the plan says beside its flight.
pub(crate) fn open_plan_page(model: &mut Model) {
    let lines = plan_page(&model.incident.plan);
    open(model, "People, and what else the plan says", lines);
}

fn open(model: &mut Model, title: &str, lines: Vec<String>) {
    let title = title.to_owned();
    model.open(LayerKind::Text { title, lines });
}

/// What runs, in the words of the card: of what has ended, that it waits for space.
fn running(model: &Model, told: Vec<String>) -> Vec<String> {
    let alive = model.incident.attempts.iter().filter(|a| a.is_alive());
    let each = alive.zip(told).map(|(attempt, told)| {
        if model.runs(attempt) {
            return told;
        }
        let id = attempt.intent.attempt;
        let title = &attempt.intent.title;
        format!("attempt {id} at {title}: it has ended, its result waits for space")
    });
    each.collect()
}

/// The resume card: what was last, what runs, what is unknown, what was put off, what is next.
#[must_use]
pub fn card(model: &Model) -> Vec<String> {
    let card = report::resume::resume_card(&model.incident, model.now);
    let mut lines: Vec<String> = Vec::new();
    for (head, text) in &model.on_return {
        lines.push(format!("{head:<14}{text}"));
    }
    if let Some(text) = before_you(model) {
        lines.push(format!("{:<14}{text}", "Before you"));
    }
    let mut list = |title: &str, items: &[String]| {
        for (i, item) in items.iter().enumerate() {
            let head = if i == 0 { title } else { "" };
            lines.push(format!("{head:<14}{item}"));
        }
        if items.is_empty() {
            lines.push(format!("{title:<14}nothing"));
        }
    };
    list("Last done", &one(card.last_done.as_ref()));
    list("Running", &running(model, card.running));
    list("Unknown", &card.unknown);
    let left = model.incident.left_running();
    for (title, items) in [
        ("Failed", &card.failed),
        ("To judge", &card.to_judge),
        ("Left running", &left),
    ] {
        if !items.is_empty() {
            list(title, items);
        }
    }
    list("Deferred", &card.deferred);
    list("Next", &one(card.next.as_ref()));
    lines
}

/// The title of the resume card.
pub(crate) const CARD: &str = "Where you are";

/// A card or a timeline that is open says what is so now: what became of the attempts is found
/// after it opens. A timeline at its end stays there.
pub(crate) fn refresh_text(model: &mut Model) {
    let fresh = match model.top().map(|layer| &layer.kind) {
        Some(LayerKind::Text { title, .. }) if title == CARD => card(model),
        Some(LayerKind::Text { title, .. }) if title == TIMELINE => timeline(model),
        _ => return,
    };
    if let Some(layer) = model.layers.last_mut()
        && let LayerKind::Text { lines, .. } = &mut layer.kind
    {
        *lines = fresh;
        if layer.at_end {
            layer.scroll = usize::MAX;
        }
    }
}

/// Who drove before this session, and whether they left or were lost.
fn before_you(model: &Model) -> Option<String> {
    use crate::domain::event::Event;
    let records = &model.records;
    let back = records
        .iter()
        .rposition(|r| matches!(r.event, Event::Resumed { .. }))?;
    if let Some(Event::Resumed {
        over: Some(over), ..
    }) = records.get(back).map(|r| &r.event)
    {
        return Some(format!("taken over from {over}"));
    }
    let earlier = records.get(..back)?;
    // What is recorded while somebody comes back is not theirs who were there before.
    let last = earlier
        .iter()
        .rev()
        .find(|r| !matches!(r.event, Event::JournalRepaired { .. }))?;
    let person = earlier.iter().rev().find_map(|r| match &r.event {
        Event::Resumed { driver, .. } | Event::Opened { driver, .. } => Some(driver),
        _ => None,
    })?;
    let who = format!("{}@{}", person.name, person.host);
    let at = format!(
        "{} UTC, {} ago",
        last.at.wall.format("%H:%M"),
        report::when::seconds(
            (model.now - last.at.wall)
                .to_std()
                .unwrap_or_default()
                .as_secs()
        )
    );
    Some(match last.event {
        Event::Left => format!("{who} left at {at}"),
        _ => format!(
            "{who} did not leave: the connection or the machine was lost; last record at {at}"
        ),
    })
}

fn one(text: Option<&String>) -> Vec<String> {
    text.into_iter().cloned().collect()
}

/// Opens a message, filled from the incident.
pub(crate) fn open_message(model: &mut Model, id: &TemplateId) {
    let messages = report::messages::messages(&model.incident, model.now, &model.zone);
    if let Some(message) = messages.into_iter().find(|m| m.template == *id) {
        model.open(LayerKind::Message {
            template: message.template,
            title: message.title,
            text: message.text,
        });
    }
}

/// A key for a message: copy, save, edit, or scroll.
pub(super) fn on_message_key(model: &mut Model, key: Key) -> Vec<Request> {
    let Some(LayerKind::Message { template, text, .. }) = model.top().map(|l| &l.kind) else {
        return Vec::new();
    };
    let (template, text) = (template.clone(), text.clone());
    match key {
        Key::Char('y') => {
            let how = "copied".to_owned();
            model.close();
            let used = Command::UseMessage {
                template,
                how,
                text: text.clone(),
            };
            vec![Request::Copy(text), Request::Submit(used)]
        }
        Key::Char('e') => ask::open_with(model, Purpose::Message(template), &text),
        key => {
            super::lists::on_scroll_key(model, key);
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plan_page;
    use crate::domain::plan::{Contact, Plan, Span, Unplaced, UnplacedKind};

    #[test]
    fn people_and_text_are_in_reach_while_flying() {
        let mut plan = Plan::default();
        assert_eq!(plan_page(&plan).len(), 1);
        plan.contacts.push(Contact {
            role: "Duty".into(),
            contact: "+00 12".into(),
            span: Span::default(),
        });
        for text in ["- a typo", "- one user"] {
            plan.unplaced.push(Unplaced {
                kind: UnplacedKind::List,
                heading: "No rollback for".into(),
                text: text.into(),
                span: Span::default(),
            });
        }
        assert_eq!(
            plan_page(&plan),
            [
                "People",
                "  Duty: +00 12",
                "",
                "Text: No rollback for",
                "  - a typo",
                "  - one user"
            ]
        );
    }
}
