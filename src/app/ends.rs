//! What is said when something has ended: beside the work, in it, or in a run-on.
//!
//! A key is named only while it acts on what the line is about: the line is written anew as the
//! cursor moves and as the state does. Who ends shortly behind another is named with it.

use super::boxes;
use super::layer::LayerKind;
use super::model::{Model, Pane, Running};
use super::msg::{BoxFor, Request};
use super::rows::Target;
use super::update::{advance, is_on, not_done};
use crate::domain::event::ActionMark;
use crate::domain::flight;
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::plan::Action;
use crate::domain::status::ActionStatus;
use crate::term;

/// The columns of a name where several are named.
const NAME: usize = 32;

/// When attempts have ended: the run-on goes on or stops, the cursor moves to what is next if it
/// was on what ended well, and the others are named.
pub(super) fn after(model: &mut Model, before: &Incident) -> Vec<Request> {
    let incident = std::sync::Arc::clone(&model.incident);
    let ended: Vec<&Attempt> = incident
        .attempts
        .iter()
        .enumerate()
        .filter(|(at, now)| {
            let over = matches!(
                now.state,
                AttemptState::Ended(_) | AttemptState::NeverRan(_) | AttemptState::Unknown(_)
            );
            // It may have begun and ended since.
            let was_over = before.attempts.get(*at).is_some_and(|a| !a.is_alive());
            over && !was_over
        })
        .map(|(_, now)| now)
        .collect();
    // What the run-on waits for comes last, and has the last word.
    let is_its = |a: &Attempt| {
        let running = model.running.as_ref();
        running.is_some_and(|r| r.waits_for(&a.intent.action))
    };
    let (its, others): (Vec<&Attempt>, Vec<&Attempt>) = ended.into_iter().partition(|a| is_its(a));
    let mut requests = Vec::new();
    for attempt in others.into_iter().chain(its) {
        requests.extend(one(model, attempt));
    }
    requests.dedup();
    requests
}

fn one(model: &mut Model, attempt: &Attempt) -> Vec<Request> {
    let at = attempt.intent.action.clone();
    let Some((action, status)) = standing(&model.incident, &at) else {
        return Vec::new();
    };
    let label = action.label();
    // What runs beside the work, or ends while the next is prepared, is none of the run-on's.
    let running = model.running.take_if(|r| r.waits_for(&at));
    if let AttemptState::NeverRan(why) = &attempt.state {
        let stopped = if running.is_some() {
            model.go_to_action(&at);
            "The run-on stopped. "
        } else {
            ""
        };
        not_done(model, format!("{stopped}{label}: {why}"));
        return vec![Request::Bell];
    }
    if let Some(running) = running {
        return run_on(model, running, status);
    }
    if status.is_settled() {
        if is_on(model, &at) {
            advance(model);
        }
        return Vec::new();
    }
    model.say_ended(attempt.intent.attempt);
    refresh(model);
    vec![Request::Bell]
}

/// Writes anew what the last line says of ends: keys are named while they act on what it names.
pub(super) fn refresh(model: &mut Model) {
    let Some(toast) = model.toast.as_ref().filter(|t| !t.ends.is_empty()) else {
        return;
    };
    let incident = std::sync::Arc::clone(&model.incident);
    let told: Vec<Told> = toast
        .ends
        .iter()
        .filter_map(|id| {
            let at = &incident.attempt(*id)?.intent.action;
            let (action, status) = standing(&incident, at)?;
            (last_word(status) == Some(*id)).then_some((at, action, status))
        })
        .collect();
    let text = match told.as_slice() {
        [] => None,
        [(at, action, status)] => Some(single(model, at, action, *status)),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|(_, action, status)| {
                    let label = action.label();
                    format!("{} {}", term::truncate(&label, NAME), briefly(*status))
                })
                .collect();
            Some(format!("{} have ended: {}", names.len(), names.join("; ")))
        }
    };
    let bad = told.iter().any(|(.., status)| status.is_broken());
    match (text, &mut model.toast) {
        (Some(text), Some(toast)) => (toast.text, toast.bad) = (text, bad),
        (_, toast) => *toast = None,
    }
}

type Told<'a> = (&'a ActionRef, &'a Action, ActionStatus);

fn standing<'a>(incident: &'a Incident, at: &ActionRef) -> Option<(&'a Action, ActionStatus)> {
    let (_, action) = flight::find_action(&incident.plan, at)?;
    Some((action, incident.action_status(at, action)))
}

/// The attempt that a person has still to do something about.
fn last_word(status: ActionStatus) -> Option<AttemptId> {
    match status {
        ActionStatus::Failed(id) | ActionStatus::Unknown(id) | ActionStatus::Judge(id) => Some(id),
        ActionStatus::Open
        | ActionStatus::OffPath
        | ActionStatus::Running(_)
        | ActionStatus::Passed(_)
        | ActionStatus::Stale(_)
        | ActionStatus::Ran(_)
        | ActionStatus::Marked(_) => None,
    }
}

/// What to press comes first: the name may be longer than the line.
fn single(model: &Model, at: &ActionRef, action: &Action, status: ActionStatus) -> String {
    let label = action.label();
    let reached = model.layers.is_empty() && matches!(model.focus, Pane::Work | Pane::Output);
    if reached && model.selected() == Target::Action(at.clone()) {
        return format!("{} · {label}", keys(&model.incident, status));
    }
    let held = if action.tunnel {
        "; it holds up what goes through it"
    } else {
        ""
    };
    let beside = if action.monitor {
        " beside the work"
    } else {
        ""
    };
    format!("{}{beside}{held}: {label}", capital(briefly(status)))
}

fn briefly(status: ActionStatus) -> &'static str {
    match status {
        ActionStatus::Failed(_) | ActionStatus::Marked(ActionMark::Failed) => "failed",
        ActionStatus::Unknown(_) => "ended, nobody knows how",
        ActionStatus::Judge(_) => "is to be judged",
        _ => "ended",
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// What to press where the cursor is on it.
fn keys(incident: &Incident, status: ActionStatus) -> &'static str {
    match status {
        ActionStatus::Failed(id) if incident.attempt(id).is_some_and(Attempt::is_rolled_back) => {
            "Rolled back: m has the ways on, enter tries again, e changes it"
        }
        ActionStatus::Failed(_) => "Failed: m has the ways on, enter tries again, e changes it",
        ActionStatus::Unknown(_) => "Its outcome is not known: settle it with m",
        ActionStatus::Judge(_) => "Look at what it shows and judge it with m",
        _ => "Ended",
    }
}

fn run_on(model: &mut Model, mut running: Running, status: ActionStatus) -> Vec<Request> {
    if !status.is_settled() {
        let text = format!("The run-on stopped. {}", keys(&model.incident, status));
        model.say(text, true);
        if let Some(at) = &running.current {
            model.go_to_action(&at.clone());
        }
        return vec![Request::Bell];
    }
    // Who is about to stop something does not want the next to begin under the question.
    let asked = boxes::asks_to_stop(model);
    if asked || running.stopping || running.left.is_empty() {
        model.go_to_next();
        let why = if asked {
            let incident = std::sync::Arc::clone(&model.incident);
            let is_moot = |kind: &LayerKind| match kind {
                LayerKind::Stop(id) => !incident.attempt(*id).is_some_and(Attempt::is_alive),
                _ => false,
            };
            model.layers.retain(|layer| !is_moot(&layer.kind));
            ": you were asked whether to stop something"
        } else if running.stopping {
            " as asked"
        } else {
            " at its hold point"
        };
        model.say(format!("the run-on stopped{why}"), asked);
        return vec![Request::Bell];
    }
    let next = running.left.remove(0);
    running.current = Some(next.clone());
    model.running = Some(running);
    model.go_to_action(&next);
    vec![Request::Prepare {
        at: next,
        edited: None,
        purpose: BoxFor::RunOn,
    }]
}

#[cfg(test)]
#[path = "ends_tests.rs"]
mod tests;
