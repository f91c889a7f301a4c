//! The incident log: the plan's own template, with what is known in its blanks.
//!
//! What the operator wrote always wins. What is not known stays the blank that it is, character
//! for character; nothing between the blanks is touched.

use chrono::{DateTime, FixedOffset, Utc};

use super::answer::answer;
use super::facts::Known;
use super::fill::{Answer, fill};
use super::form;
use super::topic::{Asked, Topic};
use crate::domain::event::{Event, Recorded};
use crate::domain::ids::FieldId;
use crate::domain::incident::Incident;
use crate::domain::plan::{Field, Template, TemplateKind};

/// Where a value of the log comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// The operator wrote it.
    Operator,
    /// It is known, from there.
    Known(String),
    /// It is under way.
    Running(String),
    /// Some of it is known, and more is to come.
    Partial(String),
    /// Nothing is known.
    Blank,
}

/// One field of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its id.
    pub field: FieldId,
    /// The heading under which it stands.
    pub section: String,
    /// Its label.
    pub label: String,
    /// What stands in it; empty where nothing is known.
    pub value: String,
    /// Where that comes from.
    pub source: Source,
    /// The choices, and whether each is ticked; empty for a text.
    pub choices: Vec<(String, bool)>,
    /// When it came to stand there.
    pub changed: Option<DateTime<Utc>>,
}

impl Entry {
    /// Whether it counts as filled.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        matches!(self.source, Source::Operator | Source::Known(_))
    }
}

/// A template with what is known in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    /// The template.
    pub template: Template,
    /// One entry for each field of the template, in its order.
    pub entries: Vec<Entry>,
    /// Entries that are filled.
    pub filled: usize,
    /// Entries.
    pub total: usize,
    /// The entry that came to stand there last.
    pub last_filled: Option<FieldId>,
}

/// The incident log as it stands: the plan's, or ours where it has none.
#[must_use]
pub fn filled(
    incident: &Incident,
    records: &[Recorded],
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> Log {
    let own = incident
        .plan
        .templates
        .iter()
        .find(|t| t.kind == TemplateKind::IncidentLog);
    let template = own
        .cloned()
        .unwrap_or_else(|| form::default_log(&incident.plan));
    fill_in(template, incident, records, now, zone)
}

/// The post-mortem documents of the plan, filled with what is known.
#[must_use]
pub fn post_mortems(
    incident: &Incident,
    records: &[Recorded],
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> Vec<Log> {
    let templates = incident
        .plan
        .templates
        .iter()
        .filter(|t| t.kind == TemplateKind::PostMortem);
    templates
        .map(|t| fill_in(t.clone(), incident, records, now, zone))
        .collect()
}

/// Any template, filled with what is known.
#[must_use]
pub fn fill_in(
    template: Template,
    incident: &Incident,
    records: &[Recorded],
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> Log {
    let known = Known {
        incident,
        records,
        zone,
        now,
        live: false,
    };
    let topics = topics(&template);
    let entries: Vec<Entry> = template
        .fields
        .iter()
        .zip(topics)
        .map(|(field, topic)| match incident.fields.get(&field.id) {
            Some(text) => written(field, text, written_at(records, &field.id)),
            None => derived(field, topic, &known, &template.text),
        })
        .collect();
    let last = entries
        .iter()
        .filter(|e| e.source != Source::Blank && e.changed.is_some())
        .max_by_key(|e| e.changed);
    Log {
        filled: entries.iter().filter(|e| e.is_filled()).count(),
        total: entries.len(),
        last_filled: last.map(|e| e.field.clone()),
        template,
        entries,
    }
}

/// The template's text with the answers in place.
#[must_use]
pub fn render(log: &Log) -> String {
    let answers = log
        .template
        .fields
        .iter()
        .zip(&log.entries)
        .flat_map(|(field, entry)| answers(field, entry));
    fill(&log.template.text, answers.collect())
}

/// What each field of a template asks for. A date at the end, or next to the sign-off, is the
/// date of the close.
fn topics(template: &Template) -> Vec<Option<Topic>> {
    let mut topics: Vec<Option<Topic>> = Vec::new();
    let last = template.fields.len().saturating_sub(1);
    for (index, field) in template.fields.iter().enumerate() {
        let mut topic = Asked::of(field, &template.text).topic();
        if topic == Some(Topic::Date) {
            let after_sign_off = topics.last() == Some(&Some(Topic::SignOff));
            let second = index == last && topics.contains(&Some(Topic::Date));
            if after_sign_off || second {
                topic = Some(Topic::ClosedAt);
            }
        }
        topics.push(topic);
    }
    topics
}

fn blank(field: &Field) -> Entry {
    Entry {
        field: field.id.clone(),
        section: field.section.clone(),
        label: field.label.clone(),
        value: String::new(),
        source: Source::Blank,
        choices: field
            .choices
            .iter()
            .map(|c| (c.text.clone(), false))
            .collect(),
        changed: None,
    }
}

fn derived(field: &Field, topic: Option<Topic>, known: &Known<'_>, text: &str) -> Entry {
    let mut entry = blank(field);
    let Some(found) = topic.and_then(|t| answer(known, t, field, text)) else {
        return entry;
    };
    for index in found.picked {
        if let Some(choice) = entry.choices.get_mut(index) {
            choice.1 = true;
        }
    }
    entry.value = found.fact.text;
    entry.source = found.fact.source;
    entry.changed = found.fact.changed;
    entry
}

fn written(field: &Field, text: &str, at: Option<DateTime<Utc>>) -> Entry {
    let mut entry = blank(field);
    let parts: Vec<String> = text
        .split([',', ';', '\n'])
        .map(|p| p.trim().to_lowercase())
        .collect();
    for choice in &mut entry.choices {
        choice.1 = parts.contains(&choice.0.trim().to_lowercase());
    }
    Entry {
        value: text.to_owned(),
        source: Source::Operator,
        changed: at,
        ..entry
    }
}

/// When the operator last wrote a field, an undo included.
fn written_at(records: &[Recorded], field: &FieldId) -> Option<DateTime<Utc>> {
    let writes =
        |event: &Event| matches!(event, Event::FieldWritten { field: f, .. } if f == field);
    records.iter().rev().find_map(|record| match &record.event {
        Event::Undone(inner) if writes(inner) => Some(record.at.wall),
        event if writes(event) => Some(record.at.wall),
        _ => None,
    })
}

fn answers(field: &Field, entry: &Entry) -> Vec<Answer> {
    if entry.source == Source::Blank {
        return Vec::new();
    }
    let boxed = !field.choices.is_empty() && field.choices.iter().all(|c| c.tick_at.is_some());
    if !boxed {
        return vec![Answer::Replace(field.blank, entry.value.clone())];
    }
    let ticked = field
        .choices
        .iter()
        .zip(&entry.choices)
        .filter(|(_, (_, on))| *on);
    let mut answers: Vec<Answer> = ticked
        .filter_map(|(c, _)| c.tick_at)
        .map(Answer::Tick)
        .collect();
    let others = other_words(entry);
    if !others.is_empty() {
        // Words that are none of the choices stand behind them.
        let end = field.blank.1;
        answers.push(Answer::Replace(
            (end, end),
            format!(" ({others})").trim_start().to_owned(),
        ));
    }
    answers
}

/// What the operator wrote into a field of choices that is none of them.
fn other_words(entry: &Entry) -> String {
    if entry.source != Source::Operator {
        return String::new();
    }
    let is_choice = |part: &str| {
        entry.choices.iter().any(|(c, _)| {
            c.trim().eq_ignore_ascii_case(part) || c.trim().to_lowercase() == part.to_lowercase()
        })
    };
    let parts = entry.value.split([',', ';', '\n']).map(str::trim);
    let others: Vec<&str> = parts.filter(|p| !p.is_empty() && !is_choice(p)).collect();
    others.join(", ")
}
