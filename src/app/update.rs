//! The one place where messages become changes of the model and requests.
//!
//! A dispatcher: who owns the keyboard now, and which handler it is. The handlers are in files
//! of their own.

use chrono::{DateTime, Utc};

use super::layer::{LayerKind, Wanted};
use super::model::{Model, Pane};
use super::msg::{BoxFor, Msg, Request};
use super::{boxes, ends, guard, handover, layers, output_do, verbs_do};
use crate::app::key::Key;
use crate::domain::Present;
use crate::domain::condition::Input;
use crate::domain::ids::AttemptId;
use crate::domain::judge::Verdict;

/// How long something said stays in the last line.
const TOAST_MS: u64 = 8_000;

/// How long something said stays although keys are pressed.
const READ_MS: u64 = 1_500;

/// The time by both clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    /// Wall clock.
    pub wall: DateTime<Utc>,
    /// Milliseconds of a monotonic clock.
    pub mono_ms: u64,
}

/// Takes a message that arrived at a time; gives what the world is asked for.
pub fn update(model: &mut Model, msg: Msg, clock: Clock) -> Vec<Request> {
    model.now = clock.wall;
    model.mono_ms = clock.mono_ms;
    if model
        .toast
        .as_ref()
        .is_some_and(|t| clock.mono_ms.saturating_sub(t.since_ms) > TOAST_MS)
    {
        model.toast = None;
    }
    let requests = take(model, msg);
    ends::refresh(model);
    handover::when_asked(model);
    requests
}

fn take(model: &mut Model, msg: Msg) -> Vec<Request> {
    match msg {
        Msg::Key(key, at_ms) => on_key(model, key, at_ms),
        Msg::Paste(text) => on_paste(model, text),
        Msg::Resized(cols, rows) => {
            model.size = (cols, rows);
            Vec::new()
        }
        Msg::Tick => {
            model.refresh();
            boxes::keep(model)
        }
        Msg::Incident(incident, records) => on_incident(model, incident, records),
        Msg::Present(present) => on_present(model, present),
        Msg::Refused(why) => {
            model.running = None;
            model.accepting = None;
            not_done(model, why);
            vec![Request::Bell]
        }
        Msg::Unsent(whose, typed, why) => {
            layers::sends::refused(model, whose, &typed, why);
            vec![Request::Bell]
        }
        Msg::Sent(whose, goes) => {
            layers::sends::taken(model, &whose, &goes);
            Vec::new()
        }
        Msg::Prepared(shown, purpose) => boxes::on_prepared(model, shown, purpose),
        Msg::Output(view) => {
            model.output = view;
            Vec::new()
        }
        Msg::Choices(name, choices) => {
            layers::ask::take_choices(model, &name, choices);
            Vec::new()
        }
        Msg::Edited(purpose, text) => layers::ask::answer(model, &purpose, &text),
        Msg::Said(text) => {
            model.say(text, false);
            Vec::new()
        }
        Msg::Told(title, text) => {
            model.say_whole(&title, text, false);
            Vec::new()
        }
        Msg::Taken(saving, path) => output_do::taken(model, saving, path),
        Msg::Writing(writing) => {
            model.writing = writing;
            Vec::new()
        }
    }
}

/// Says why something was not done: whole, not cut to the line, where nothing else is open.
pub(super) fn not_done(model: &mut Model, why: String) {
    model.say_whole("Not done", why, true);
}

/// A bell for what begins to wait for somebody, for what cannot be written from now on, and for a
/// probe that turns red.
fn on_present(model: &mut Model, present: Present) -> Vec<Request> {
    let asks = |p: &Present| -> Vec<AttemptId> {
        let waits = |c: &crate::domain::Condition| matches!(c.input, Input::Line | Input::Hidden);
        let all = p.attempts.iter().filter(|(_, c)| waits(c));
        all.map(|(id, _)| *id).collect()
    };
    let fails = |p: &Present| {
        let attempts = p.attempts.values().filter(|c| c.trouble.is_some()).count();
        attempts + usize::from(p.journal.is_some())
    };
    let before = asks(&model.present);
    let asked = asks(&present).iter().any(|id| !before.contains(id));
    let failed = fails(&present) > fails(&model.present);
    let red = |p: &Present, id: &AttemptId| {
        let last = p.probes.get(id).and_then(|w| w.last.as_ref());
        last.is_some_and(|l| l.verdict == Verdict::NotMet)
    };
    let mut probes = present.probes.keys();
    let turned = probes.any(|id| red(&present, id) && !red(&model.present, id));
    let sensed = present.probes != model.present.probes;
    let ended = |p: &Present| -> Vec<AttemptId> {
        let all = p.attempts.keys().copied();
        all.filter(|id| p.has_ended(*id)).collect()
    };
    let turned_end = ended(&present) != ended(&model.present);
    model.present = present;
    if sensed || turned_end {
        model.refresh();
    }
    if model.typing.is_some_and(|id| model.present.has_ended(id)) {
        keys_come_back(model);
    }
    if asked || failed || turned {
        vec![Request::Bell]
    } else {
        Vec::new()
    }
}

/// A key goes to the running action while the operator types into it, else to the innermost open
/// thing if it was pressed after that came into view, else to the cockpit.
fn on_key(model: &mut Model, key: Key, at_ms: u64) -> Vec<Request> {
    if model
        .toast
        .as_ref()
        .is_some_and(|t| at_ms.saturating_sub(t.since_ms) > READ_MS)
    {
        model.toast = None;
    }
    if guard::drops(model, key, at_ms) {
        return Vec::new();
    }
    if let Some(attempt) = model.typing {
        return type_into(model, attempt, key);
    }
    if handover::holds_back(model, key) {
        return Vec::new();
    }
    match model.top() {
        Some(layer) if at_ms < layer.since_ms => Vec::new(),
        Some(_) => layers::on_key(model, key),
        None => verbs_do::on_key(model, key),
    }
}

fn type_into(model: &mut Model, attempt: AttemptId, key: Key) -> Vec<Request> {
    if key == Key::Ctrl(']') {
        model.typing = None;
        return Vec::new();
    }
    let runs = model.incident.attempt(attempt);
    if !runs.is_some_and(|attempt| model.runs(attempt)) {
        keys_come_back(model);
        return Vec::new();
    }
    vec![Request::Input(attempt, bytes_of(key))]
}

/// The action that the operator typed into has ended: what they still type is not for the cockpit,
/// and the cursor is at the work again, from where they had gone to it.
fn keys_come_back(model: &mut Model) {
    model.typing = None;
    if model.focus == Pane::Output {
        model.focus = Pane::Work;
    }
    guard::keys_switched(model);
    model.say("it has ended: the keys are the cockpit's again", false);
}

/// The bytes that a terminal sends for a key.
fn bytes_of(key: Key) -> Vec<u8> {
    match key {
        Key::Char(c) => c.to_string().into_bytes(),
        Key::Ctrl(c) => match u8::try_from(c.to_ascii_uppercase()) {
            Ok(letter) => vec![letter & 0x1f],
            Err(_) => Vec::new(),
        },
        Key::Enter => b"\r".to_vec(),
        Key::Esc => b"\x1b".to_vec(),
        Key::Tab => b"\t".to_vec(),
        Key::BackTab => b"\x1b[Z".to_vec(),
        Key::Up => b"\x1b[A".to_vec(),
        Key::Down => b"\x1b[B".to_vec(),
        Key::Right => b"\x1b[C".to_vec(),
        Key::Left => b"\x1b[D".to_vec(),
        Key::PageUp => b"\x1b[5~".to_vec(),
        Key::PageDown => b"\x1b[6~".to_vec(),
        Key::Home => b"\x1b[H".to_vec(),
        Key::End => b"\x1b[F".to_vec(),
        Key::Backspace => b"\x7f".to_vec(),
        Key::Delete => b"\x1b[3~".to_vec(),
    }
}

/// A paste never acts: it goes into the text that is being typed, or it is asked what it is.
fn on_paste(model: &mut Model, text: String) -> Vec<Request> {
    if let Some(attempt) = model.typing {
        return vec![Request::Input(attempt, text.into_bytes())];
    }
    if let Some(layer) = model.layers.last_mut() {
        match &mut layer.kind {
            LayerKind::Ask(ask) => {
                let begun = std::mem::take(&mut ask.numbered);
                ask.input.insert(&begun);
                ask.input
                    .insert(&text.replace("\r\n", "\n").replace('\r', "\n"));
                ask.picked = None;
            }
            LayerKind::Palette { text: typed, .. } => {
                typed.insert(&text.replace(['\r', '\n'], " "));
            }
            // A word that confirms is typed, never pasted.
            _ => model.say("a paste does nothing here", true),
        }
        return Vec::new();
    }
    model.open(LayerKind::Pasted(text));
    Vec::new()
}

fn on_incident(
    model: &mut Model,
    incident: std::sync::Arc<crate::domain::Incident>,
    records: std::sync::Arc<Vec<crate::domain::event::Recorded>>,
) -> Vec<Request> {
    let before = std::sync::Arc::clone(&model.incident);
    let choosing = model.selected_entry().map(|e| &e.subject)
        == Some(&crate::domain::outline::Subject::ChooseProcedure);
    model.take(incident, records);
    let mut requests = Vec::new();
    let last = model.incident.attempts.last();
    if model.incident.attempts.len() > before.attempts.len()
        && let Some(attempt) = last
        && (!attempt.intent.monitor || model.output.attempt.is_none())
    {
        requests.push(Request::Show(attempt.intent.attempt));
        if attempt.intent.kind == crate::domain::plan::ActionKind::Shell
            && attempt_is_interactive(model)
        {
            let id = attempt.intent.attempt;
            handover::expects(model, id);
        }
    }
    let begun = (model.incident.attempts.len() > before.attempts.len())
        .then(|| model.incident.attempts.last())
        .flatten();
    // Nothing waits for what runs beside the work.
    if let Some(at) = begun
        .filter(|a| a.intent.monitor)
        .map(|a| a.intent.action.clone())
        && is_on(model, &at)
    {
        advance(model);
    }
    if let Some(attempt) = model.typing
        && !model
            .incident
            .attempt(attempt)
            .is_some_and(crate::domain::incident::Attempt::is_alive)
    {
        keys_come_back(model);
    }
    if let Some(words) = layers::texts::taken_back(model, &before) {
        model.say(words, false);
    }
    requests.extend(layers::commit::on_incident(model, &before));
    requests.extend(layers::ways::on_incident(model, &before));
    requests.extend(boxes::keep(model));
    requests.extend(box_after_acceptance(model));
    requests.extend(super::only::choose(model, &before));
    if before.procedure != model.incident.procedure {
        let by_itself = std::mem::take(&mut model.chose_only);
        if choosing || !by_itself {
            model.go_to_next();
        }
        if let (Some(_), Some(kept)) = (&before.procedure, super::rows::kept(&model.incident)) {
            model.say_whole("The procedure was changed", kept, false);
        }
    }
    let selected = model.selected();
    requests.extend(ends::after(model, &before));
    if model.selected() != selected {
        guard::cursor_moved(model);
    }
    after_a_mark(model, &before);
    layers::texts::refresh_text(model);
    say_what_is_next(model, &before);
    requests
}

/// The box that the operator was on the way to when the runbook had to be accepted first.
fn box_after_acceptance(model: &mut Model) -> Option<Request> {
    if !model.incident.trusted {
        return None;
    }
    let at = match model.accepting.take()? {
        Wanted::Box(at) => at,
        Wanted::RunOn => {
            layers::run_box::open_run_on(model);
            return None;
        }
    };
    model.preparing = true;
    Some(Request::Prepare {
        at,
        edited: None,
        purpose: BoxFor::Show,
    })
}

/// When the list in view has just become complete, says where the way goes on.
fn say_what_is_next(model: &mut Model, before: &crate::domain::Incident) {
    use crate::domain::outline::{EntryState, Subject};
    let Some(Subject::Checklist(id)) = model.selected_entry().map(|e| e.subject.clone()) else {
        return;
    };
    let Some(list) = crate::domain::flight::find_checklist(&model.incident.plan, &id) else {
        return;
    };
    if before.is_complete(list) || !model.incident.is_complete(list) {
        return;
    }
    let list_stage = model.incident.stage_of(list);
    let open = |e: &&crate::domain::outline::Entry| {
        matches!(
            e.state,
            EntryState::Open | EntryState::Part | EntryState::Due
        ) && !matches!(e.subject, Subject::Procedure(_) | Subject::Log)
    };
    // Messages are there to be used when one likes; what was passed by is still to be done.
    let asked = |e: &&crate::domain::outline::Entry| open(e) && e.subject != Subject::Messages;
    let behind = model.outline.iter().skip(model.entry);
    let next = behind.clone().find(asked);
    let next = next.or_else(|| model.outline.iter().find(asked));
    let next = next.or_else(|| behind.clone().find(open));
    let text = match next {
        Some(entry) => {
            let number = entry.stage as usize + 1;
            let way = if list_stage == crate::domain::outline::Stage::Execute {
                String::new()
            } else {
                format!("  (under {number})")
            };
            format!("Complete. Next: {}{way}", entry.title)
        }
        None => format!("{} is complete.", list.title),
    };
    model.say(text, false);
    if list_stage == crate::domain::outline::Stage::Execute {
        model.go_to_next();
    }
}

/// Whether the newest attempt needs a person at its keyboard.
fn attempt_is_interactive(model: &Model) -> bool {
    let Some(attempt) = model.incident.attempts.last() else {
        return false;
    };
    crate::domain::flight::find_action(&model.incident.plan, &attempt.intent.action)
        .is_some_and(|(_, action)| action.interactive)
}

/// When the action under the cursor has just been marked or judged and is settled by it, goes on.
fn after_a_mark(model: &mut Model, before: &crate::domain::Incident) {
    let super::rows::Target::Action(at) = model.selected() else {
        return;
    };
    let Some((_, action)) = crate::domain::flight::find_action(&model.incident.plan, &at) else {
        return;
    };
    let marked = model.incident.actions.get(&at) != before.actions.get(&at);
    let (was, is) = (
        before.action_status(&at, action),
        model.incident.action_status(&at, action),
    );
    if (marked || was != is) && is.is_settled() {
        advance(model);
    }
}

/// Whether the cursor is on an action, or on the item that it belongs to.
pub(super) fn is_on(model: &Model, at: &crate::domain::ids::ActionRef) -> bool {
    use super::rows::Target;
    use crate::domain::flight::{Home, find_action};
    match model.selected() {
        Target::Action(selected) => selected == *at,
        Target::Item(selected) => find_action(&model.incident.plan, at)
            .is_some_and(|(home, _)| matches!(home, Home::Item(_, item) if item.id == selected)),
        _ => false,
    }
}

/// Moves the cursor to the next thing that is to be done, within this entry first.
pub(super) fn advance(model: &mut Model) {
    use crate::domain::outline::Subject;
    let row = model.row;
    // In a list the way goes on downwards: what was begun is finished before what was passed by.
    match model.selected_entry().map(|e| &e.subject) {
        Some(Subject::Checklist(_)) => model.select_open_row_after(row),
        _ => model.select_open_row(),
    }
    if model.row != row {
        // A checkpoint may stand between two actions of a step.
        if let super::rows::Target::Action(at) = model.selected()
            && model.incident.next_place().as_ref() == Some(&at)
        {
            model.go_to_next();
        }
        return;
    }
    let here = model.selected_entry().map(|e| (e.subject.clone(), e.stage));
    match here {
        Some((Subject::Step(..), crate::domain::outline::Stage::Execute)) => {
            model.go_to_next();
        }
        Some(_) | None => {}
    }
}

#[cfg(test)]
#[path = "run_on_tests.rs"]
mod run_on_tests;
