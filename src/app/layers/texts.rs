//! Texts to read: the timeline, the resume card, a message.

use super::ask;
use crate::app::key::Key;
use crate::app::layer::LayerKind;
use crate::app::model::Model;
use crate::app::msg::Request;
use crate::app::purpose::Purpose;
use crate::domain::Command;
use crate::domain::ids::TemplateId;
use crate::report;

/// The timeline, a line each.
#[must_use]
pub fn timeline(model: &Model) -> Vec<String> {
    report::timeline::timeline(&model.records, &model.incident.plan, &model.zone)
        .into_iter()
        .map(|line| format!("{}  {}", line.at.format("%H:%M:%S"), line.what))
        .collect()
}

/// The resume card: what was last, what runs, what is unknown, what was put off, what is next.
#[must_use]
pub fn card(model: &Model) -> Vec<String> {
    let card = report::resume::resume_card(&model.incident, model.now);
    let mut lines = Vec::new();
    let mut list = |title: &str, items: &[String]| {
        for (i, item) in items.iter().enumerate() {
            let head = if i == 0 { title } else { "" };
            lines.push(format!("{head:<12}{item}"));
        }
        if items.is_empty() {
            lines.push(format!("{title:<12}nothing"));
        }
    };
    list("Last done", &one(card.last_done.as_ref()));
    list("Running", &card.running);
    list("Unknown", &card.unknown);
    list("Deferred", &card.deferred);
    list("Next", &one(card.next.as_ref()));
    lines
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
            scroll: 0,
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
