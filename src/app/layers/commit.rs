//! The question before a COMMIT: what would become final, and the keys that decide it.
//!
//! It comes up by itself only where nothing else is open: it never takes the keyboard from an
//! answer that is being typed. Closing it decides nothing.

use crate::app::TextInput;
use crate::app::key::Key;
use crate::app::layer::{LayerKind, SETTLE_MS};
use crate::app::model::{Model, Pane};
use crate::app::msg::Request;
use crate::domain::event::Confirmation;
use crate::domain::ids::AttemptId;
use crate::domain::{Command, Incident};

/// Opens the question of an attempt that waits.
fn open(model: &mut Model, attempt: AttemptId) {
    let word = TextInput::default();
    model.open(LayerKind::Commit { attempt, word });
}

fn waits(incident: &Incident, id: AttemptId) -> bool {
    incident.attempt(id).is_some_and(|a| a.awaits().is_some())
}

/// Shows a running attempt: its question where it has one, else its output.
pub(crate) fn show(model: &mut Model, id: AttemptId) -> Vec<Request> {
    if waits(&model.incident, id) {
        open(model, id);
    } else {
        model.focus = Pane::Output;
    }
    vec![Request::Show(id)]
}

/// Opens what stops a running attempt: its question where it has one.
pub(crate) fn open_stop(model: &mut Model, id: AttemptId) {
    if waits(&model.incident, id) {
        open(model, id);
    } else {
        model.open(LayerKind::Stop(id));
    }
}

/// After the state has changed: a question that has come up is opened, one that has gone closed.
pub(crate) fn on_incident(model: &mut Model, before: &Incident) -> Vec<Request> {
    if let Some(LayerKind::Commit { attempt, .. }) = model.top().map(|l| &l.kind)
        && !waits(&model.incident, *attempt)
    {
        model.close();
    }
    let Some(id) = model.incident.waits_for_commit().map(|a| a.intent.attempt) else {
        return Vec::new();
    };
    if waits(before, id) {
        return Vec::new();
    }
    if model.layers.is_empty() && model.typing.is_none() {
        open(model, id);
    }
    vec![Request::Bell, Request::Show(id)]
}

/// A key for the question.
pub(crate) fn on_key(model: &mut Model, key: Key) -> Vec<Request> {
    let now = model.mono_ms;
    let Some(layer) = model.layers.last_mut() else {
        return Vec::new();
    };
    let settled = now.saturating_sub(layer.since_ms) >= SETTLE_MS;
    let LayerKind::Commit { attempt, word } = &mut layer.kind else {
        return Vec::new();
    };
    let id = *attempt;
    let found = model.incident.attempt(id);
    let due = found.and_then(|a| model.incident.word_for_commit(a));
    match (key, due) {
        (Key::Ctrl('c'), _) | (Key::Char('b'), None) => {
            decide(model, id, false, Confirmation::Pressed)
        }
        (Key::Char('q'), None) => {
            model.close();
            Vec::new()
        }
        (_, _) if !settled => Vec::new(),
        (Key::Char('c'), None) => decide(model, id, true, Confirmation::Pressed),
        (Key::Enter, Some(due)) => {
            let typed = word.text().trim().replace(',', "");
            if typed == due {
                return decide(model, id, true, Confirmation::Typed(typed));
            }
            *word = TextInput::default();
            model.say("that is not what is asked for; nothing was decided", true);
            Vec::new()
        }
        (key, Some(_)) => {
            word.key(key);
            Vec::new()
        }
        (_, None) => Vec::new(),
    }
}

fn decide(
    model: &mut Model,
    attempt: AttemptId,
    commit: bool,
    confirmation: Confirmation,
) -> Vec<Request> {
    model.close();
    vec![Request::Submit(Command::DecideCommit {
        attempt,
        commit,
        confirmation,
    })]
}
