//! Texts to read: the timeline, the resume card, a message.

use super::ask;
use crate::app::key::Key;
use crate::app::layer::LayerKind;
use crate::app::model::Model;
use crate::app::msg::Request;
use crate::app::purpose::Purpose;
use crate::domain::Command;
use crate::domain::ids::TemplateId;

/// The timeline, a line each.
#[must_use]
pub fn timeline(model: &Model) -> Vec<String> {
    model
        .records
        .iter()
        .map(|r| format!("{}  {:?}", r.at.wall.format("%H:%M:%S"), r.event))
        .collect()
}

/// The resume card: what runs, what was put off, what is next.
#[must_use]
pub fn card(model: &Model) -> Vec<String> {
    let running = model.incident.attempts.iter().filter(|a| a.is_alive());
    let mut lines: Vec<String> = running
        .map(|a| format!("Running     {}", a.intent.title))
        .collect();
    lines.extend(
        model
            .incident
            .deferred()
            .into_iter()
            .map(|d| format!("Deferred    {d}")),
    );
    if let Some(next) = model.incident.next_place() {
        lines.push(format!("Next        {next}"));
    }
    lines
}

/// Opens a message.
pub(crate) fn open_message(model: &mut Model, id: &TemplateId) {
    let template = model
        .incident
        .plan
        .templates
        .iter()
        .find(|t| t.id == *id)
        .cloned();
    if let Some(template) = template {
        model.open(LayerKind::Message {
            template: template.id,
            title: template.title,
            text: template.text,
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
