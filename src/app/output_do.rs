//! What the verbs of the output pane do: moving, selecting lines, and where these go; the first
//! error; saving.

use super::layers;
use super::model::{Model, Pane};
use super::msg::Request;
use super::output::{Scroll, Selecting, Sought};
use super::purpose::Purpose;
use super::rows::Target;
use super::saving::Saving;
use crate::domain::ids::AttemptId;

/// What is said where there is no output.
const NOTHING: &str = "nothing has run yet: there is no output";

/// Moves by rows, or the end of a selection by lines.
pub(super) fn step(model: &Model, by: i64) -> Vec<Request> {
    vec![match model.output.selected {
        Some(_) => Request::Select(Selecting::By(by)),
        None => Request::Scroll(Scroll::By(by)),
    }]
}

/// Moves by pages of the pane.
pub(super) fn page(model: &Model, by: i64) -> Vec<Request> {
    vec![match model.output.selected {
        Some(_) => Request::Select(Selecting::Pages(by)),
        None => Request::Scroll(Scroll::Pages(by)),
    }]
}

/// Moves to the first line, or to the last.
pub(super) fn edge(model: &Model, end: bool) -> Vec<Request> {
    vec![match (model.output.selected.is_some(), end) {
        (true, false) => Request::Select(Selecting::Top),
        (true, true) => Request::Select(Selecting::Bottom),
        (false, false) => Request::Scroll(Scroll::Top),
        (false, true) => Request::Scroll(Scroll::Follow),
    }]
}

/// Begins a selection, or ends it.
pub(super) fn select(model: &mut Model) -> Vec<Request> {
    if model.output.attempt.is_none() {
        model.say(NOTHING, false);
        return Vec::new();
    }
    model.focus = Pane::Output;
    vec![Request::Select(Selecting::Toggle)]
}

/// Pins the selected lines.
pub(super) fn pin(model: &mut Model) -> Vec<Request> {
    if model.output.selected.is_none() {
        model.say("v selects lines of the output, then p pins them", false);
        return Vec::new();
    }
    vec![Request::PinSelected]
}

/// Copies the selected lines, else what is selected in the work.
pub(super) fn copy(model: &mut Model) -> Vec<Request> {
    if model.output.selected.is_some() {
        return vec![Request::CopySelected];
    }
    match model.selected() {
        Target::Action(at) => {
            model.preparing = true;
            vec![Request::CopyFilled(at)]
        }
        _ => {
            let text = model
                .rows
                .get(model.row)
                .map(|r| r.text.clone())
                .unwrap_or_default();
            vec![Request::Copy(text)]
        }
    }
}

/// The attempt whose output is meant: that of the selected action, where the cursor is on one that
/// has run, else the one that is shown.
fn meant(model: &Model) -> Option<AttemptId> {
    let selected = match (model.focus, model.selected()) {
        (Pane::Work, Target::Action(at)) => model.incident.telling_attempt(&at),
        _ => None,
    };
    let selected = selected.filter(|a| a.has_run() || a.is_alive());
    selected.map(|a| a.intent.attempt).or(model.output.attempt)
}

/// Goes to the first line of the output that reads as an error.
pub(super) fn first_error(model: &mut Model) -> Vec<Request> {
    let Some(id) = meant(model) else {
        model.say(NOTHING, false);
        return Vec::new();
    };
    model.focus = Pane::Output;
    vec![Request::Show(id), Request::Search(Sought::Errors)]
}

/// Asks where the output, or the selection, is to be written.
pub(super) fn save(model: &mut Model) -> Vec<Request> {
    let Some(id) = meant(model) else {
        model.say(NOTHING, false);
        return Vec::new();
    };
    let selected = model.output.selected.as_ref();
    let selected = selected.filter(|_| model.output.attempt == Some(id));
    if selected.is_some() && model.output.first.is_none() {
        let why = "what a program draws on the whole screen has no lines: y copies the selection";
        model.say(why, false);
        return Vec::new();
    }
    let lines = selected.map(|s| (s.first, s.first + s.lines - 1));
    let saving = Saving { attempt: id, lines };
    layers::ask::open(model, Purpose::Save(saving))
}

/// There is a file of that name: asks what to do, where nobody is asked anything else.
pub(super) fn taken(model: &mut Model, saving: Saving, path: String) -> Vec<Request> {
    if !model.layers.is_empty() || model.typing.is_some() {
        model.say(format!("not saved: {path} is there already (s)"), true);
        return vec![Request::Bell];
    }
    layers::ask::open(model, Purpose::Replace(saving, path))
}
