//! A run box while it is open: what it says has to stay true until its key is taken.
//!
//! The age of the answers that it rests on is held against the clock, at every tick and once more
//! when the key is taken; what has changed otherwise is looked at anew. What is seen of a wrong
//! target is put on record, once for a box, whether or not anybody presses a key.

use super::guard;
use super::layer::{Layer, LayerKind};
use super::layers::run_box;
use super::model::Model;
use super::msg::{BoxFor, Request};
use super::text_input::TextInput;
use crate::domain::bearing::Bearing;
use crate::domain::event::{Confirmation, Gate};
use crate::domain::runbox::RunBox;
use crate::domain::{Command, Observation};

/// A box that was asked for is there.
pub(super) fn on_prepared(
    model: &mut Model,
    shown: Option<Box<RunBox>>,
    purpose: BoxFor,
) -> Vec<Request> {
    model.preparing = false;
    if purpose == BoxFor::Again {
        return shown_again(model, shown);
    }
    let Some(shown) = shown else {
        model.say("the plan has no such action", true);
        return Vec::new();
    };
    let start = |confirmation, shown| {
        vec![Request::Submit(Command::Start {
            shown,
            confirmation,
        })]
    };
    match purpose {
        BoxFor::RunOn if model.running.is_some() && asks_to_stop(model) => {
            model.running = None;
            model.say(
                "the run-on stopped: you are asked whether to stop something",
                false,
            );
            Vec::new()
        }
        BoxFor::RunOn if model.running.is_some() => {
            if shown.is_clear() && shown.word.is_none() && !shown.is_final_by_parts() {
                return start(Confirmation::RunOn, shown);
            }
            model.running = None;
            model.say("the run-on stopped: this one wants a look", true);
            let mut requests = run_box::open(model, shown);
            requests.push(Request::Bell);
            requests
        }
        BoxFor::Enter
            if shown.runs_on_enter() && shown.runs_before == 0 && model.incident.trusted =>
        {
            start(Confirmation::ReadOnly, shown)
        }
        BoxFor::Sense if shown.runs_on_enter() && model.incident.trusted => {
            start(Confirmation::ReadOnly, shown)
        }
        // It was stopped while its next box was made.
        BoxFor::RunOn => Vec::new(),
        // Several keys may have asked for the same box before it was there.
        _ if is_open(model, &shown) => shown_again(model, Some(shown)),
        BoxFor::Enter | BoxFor::Show | BoxFor::Sense | BoxFor::Again => run_box::open(model, shown),
    }
}

/// Whether a question is open whether to stop what runs.
pub(super) fn asks_to_stop(model: &Model) -> bool {
    let mut layers = model.layers.iter();
    layers.any(|layer| matches!(layer.kind, LayerKind::Stop(_)))
}

/// Whether the box of this action is what is open.
fn is_open(model: &Model, shown: &RunBox) -> bool {
    match model.top().map(|layer| &layer.kind) {
        Some(LayerKind::RunBox { shown: open, .. }) => open.action == shown.action,
        _ => false,
    }
}

/// The box that is open, made anew.
fn shown_again(model: &mut Model, again: Option<Box<RunBox>>) -> Vec<Request> {
    for layer in &mut model.layers {
        if let LayerKind::RunBox { remaking, .. } = &mut layer.kind {
            *remaking = false;
        }
    }
    let now = model.mono_ms;
    let Some(layer) = model.layers.last_mut() else {
        return Vec::new();
    };
    let since_ms = &mut layer.since_ms;
    let LayerKind::RunBox { shown, word, .. } = &mut layer.kind else {
        return Vec::new();
    };
    let Some(again) = again.filter(|again| again.action == shown.action) else {
        return Vec::new();
    };
    // What was in the way and is not any more leaves a box that was not seen before.
    let opened = !shown.is_clear() && again.is_clear();
    if opened
        || shown.code != again.code
        || shown.cwd != again.cwd
        || shown.word != again.word
        || shown.sources != again.sources
    {
        *word = TextInput::default();
        *since_ms = now;
    }
    *shown = again;
    let behind = shown.revision < model.incident.run_revision;
    let mut requests = on_record(layer);
    if behind {
        requests.extend(keep(model));
    }
    requests
}

/// Puts on record that the box shows another target than the plan is for, as far as this one has
/// not said so yet.
pub(super) fn on_record(layer: &mut Layer) -> Vec<Request> {
    let LayerKind::RunBox { shown, told, .. } = &mut layer.kind else {
        return Vec::new();
    };
    let observe = |seen| Request::Submit(Command::Observe(seen));
    let mut requests = Vec::new();
    // What is read here is what runs, here or by hand.
    let names = std::mem::take(&mut shown.names);
    if !names.is_empty() {
        requests.push(observe(Observation::Named(names)));
    }
    let fresh = |b: &Bearing| !told.contains(b);
    let bearings: Vec<Bearing> = shown.other_targets().into_iter().filter(fresh).collect();
    if !bearings.is_empty() {
        told.extend(bearings.iter().cloned());
        let action = shown.action.clone();
        requests.push(observe(Observation::OtherTarget { action, bearings }));
    }
    requests
}

/// Time has passed, or something has happened: what the open box says is made true again.
pub(super) fn keep(model: &mut Model) -> Vec<Request> {
    let mut requests = Vec::new();
    if ages(model) {
        requests.push(Request::Bell);
    }
    requests.extend(refresh(model));
    requests
}

/// Puts the gates into the open box that the time has made, at once. Whether there was one.
pub(super) fn ages(model: &mut Model) -> bool {
    let Some(LayerKind::RunBox { shown, word, .. }) = model.layers.last_mut().map(|l| &mut l.kind)
    else {
        return false;
    };
    let old = model.incident.stale_checks(shown, model.now);
    let new: Vec<_> = old
        .into_iter()
        .filter(|check| !shown.gates.contains(&check.gate))
        .collect();
    if new.is_empty() {
        return false;
    }
    let typing = shown.is_clear() && shown.word.is_some();
    for check in new {
        shown.notes.push(check.words);
        shown.gates.push(check.gate);
    }
    *word = TextInput::default();
    if typing {
        // The letters of the word that are still to come are not for what the box asks now.
        guard::keys_switched(model);
    }
    model.say(
        "a check that this rests on is too old now: see the box",
        true,
    );
    true
}

/// The gates of a box that the state knows by itself, with what was passed since.
fn known_gates(model: &Model, shown: &RunBox) -> Vec<Gate> {
    let gates = shown.gates.iter().filter(|gate| match gate {
        Gate::Backup(_) => model.incident.is_waived(gate),
        Gate::Stale(..) => false,
        _ => true,
    });
    gates.cloned().collect()
}

/// Whether the box says which answers are too old as it is now.
fn tells_the_age(model: &Model, shown: &RunBox) -> bool {
    let old = model.incident.stale_checks(shown, model.now);
    let told = shown.gates.iter().filter(|g| matches!(g, Gate::Stale(..)));
    old.iter().map(|check| &check.gate).eq(told)
}

/// A box that is open is made again when what it shows may not be true any more.
fn refresh(model: &mut Model) -> Vec<Request> {
    let Some(LayerKind::RunBox {
        shown, remaking, ..
    }) = model.top().map(|l| &l.kind)
    else {
        return Vec::new();
    };
    let is_true = shown.revision == model.incident.run_revision
        && known_gates(model, shown) == model.incident.gates_before(&shown.action)
        && tells_the_age(model, shown);
    if is_true || *remaking {
        return Vec::new();
    }
    let own = shown.meant.as_ref().map_or(&shown.code, |m| &m.code);
    let edited = shown.edited.then(|| own.clone());
    let at = shown.action.clone();
    if let Some(LayerKind::RunBox { remaking, .. }) = model.layers.last_mut().map(|l| &mut l.kind) {
        *remaking = true;
    }
    vec![Request::Prepare {
        at,
        edited,
        purpose: BoxFor::Again,
    }]
}

#[cfg(test)]
#[path = "boxes_tests.rs"]
mod tests;
