//! The run box: the one place from which something that changes things starts.

use crate::app::TextInput;
use crate::app::boxes;
use crate::app::guard;
use crate::app::key::Key;
use crate::app::layer::{LayerKind, Wanted};
use crate::app::model::{Model, Pane, Running};
use crate::app::msg::{BoxFor, Request};
use crate::app::purpose::Purpose;
use crate::app::verbs::Verb;
use crate::app::verbs_do;
use crate::domain::Command;
use crate::domain::elsewhere::Whereabouts;
use crate::domain::event::{Confirmation, Gate};
use crate::domain::ids::{ActionRef, ParameterName};
use crate::domain::next::Hold;
use crate::domain::outline::Subject;
use crate::domain::runbox::RunBox;

/// Opens a box; before the first command of a runbook that was not accepted, that question.
pub(crate) fn open(model: &mut Model, shown: Box<RunBox>) -> Vec<Request> {
    if !model.incident.trusted {
        model.open(LayerKind::Accept(Wanted::Box(shown.action.clone())));
        return Vec::new();
    }
    model.open(LayerKind::RunBox {
        shown,
        word: TextInput::default(),
        remaking: false,
        told: Vec::new(),
    });
    model
        .layers
        .last_mut()
        .map_or_else(Vec::new, boxes::on_record)
}

/// Opens the first open blank of an action, else its text.
pub(crate) fn edit_action(model: &mut Model, at: &ActionRef) -> Vec<Request> {
    let Some((_, action)) = crate::domain::flight::find_action(&model.incident.plan, at) else {
        return Vec::new();
    };
    let open = action
        .parameters
        .iter()
        .find(|n| !model.incident.parameters.contains_key(*n));
    let changed = model.incident.changed_text(at).filter(|_| open.is_none());
    if let Some(own) = changed.map(str::to_owned) {
        return super::ask::open_with(model, Purpose::Code(at.clone()), &own);
    }
    if let Some(name) = open.or_else(|| action.parameters.first()).cloned() {
        return ask_parameter(model, name);
    }
    if !crate::app::rows::is_runnable(action) {
        model.say("a person does this one: space ticks it, m marks it", false);
        return Vec::new();
    }
    let code = action.code.clone();
    super::ask::open_with(model, Purpose::Code(at.clone()), &code)
}

/// Asks for a parameter; a secret one is not shown while it is typed.
fn ask_parameter(model: &mut Model, name: ParameterName) -> Vec<Request> {
    let secret = model
        .incident
        .plan
        .parameters
        .iter()
        .any(|p| p.name == name && p.secret);
    let purpose = if secret {
        Purpose::Secret(name)
    } else {
        Purpose::Parameter(name)
    };
    super::ask::open(model, purpose)
}

/// A key for the box.
pub(crate) fn on_key(model: &mut Model, key: Key) -> Vec<Request> {
    // The key was pressed for a box that did not say this yet.
    if boxes::ages(model) {
        return vec![Request::Bell];
    }
    let settled = matches!(key, Key::Char('r') | Key::Enter) && guard::may_run(model);
    let Some(layer) = model.layers.last() else {
        return Vec::new();
    };
    let LayerKind::RunBox { shown, .. } = &layer.kind else {
        return Vec::new();
    };
    match key {
        Key::Char(key @ ('t' | 'h')) if asks_where(shown, key) => return choose_where(model, key),
        // While a word is due the letters are its own.
        Key::Tab | Key::Char('s') if asks_first(model, shown, key).is_some() => {
            let at = asks_first(model, shown, key);
            return at.map(sense).into_iter().collect();
        }
        _ if shown.is_clear() && shown.word.is_some() => return on_word_key(model, key, settled),
        Key::Char('r') => {
            if shown.asks_where() {
                model.say("say first where it is to run: see the box", true);
            } else if !shown.is_clear() {
                model.say("something is still in the way: see the box", true);
            } else if settled {
                return run(model, Confirmation::Pressed);
            }
        }
        Key::Enter if shown.runs_on_enter() && settled => {
            return run(model, Confirmation::ReadOnly);
        }
        Key::Enter | Key::Char('e') if !shown.missing.is_empty() => {
            if let Some(name) = shown.missing.first().cloned() {
                return ask_parameter(model, name);
            }
        }
        Key::Enter | Key::Char('e') if !shown.problems.is_empty() && !shown.edited => {
            // A value that cannot stand where it would is asked for again.
            let at = shown.action.clone();
            return edit_action(model, &at);
        }
        Key::Char('e') => {
            let own = shown.meant.as_ref().map(|m| m.code.clone());
            let own = own.unwrap_or_else(|| shown.code.clone());
            let at = shown.action.clone();
            // What was changed is changed further, where it did not do.
            let changed = model.incident.changed_text(&at).filter(|_| !shown.edited);
            let code = changed.map_or(own, str::to_owned);
            model.close();
            return super::ask::open_with(model, Purpose::Code(at), &code);
        }
        Key::Char('s') if shown.old_check().is_some() => {
            let at = shown.old_check();
            return at.map(sense).into_iter().collect();
        }
        Key::Enter | Key::Char('m') if !shown.gates.is_empty() => {
            let at = shown.action.clone();
            match shown.gates.first().cloned() {
                // One reason for all that is passed by.
                Some(Gate::Order(_)) => return super::ask::open(model, Purpose::Ahead(at)),
                Some(gate) => return super::ask::open(model, Purpose::Gate(gate)),
                None => {}
            }
        }
        Key::Char('m') => {
            let at = shown.action.clone();
            model.close();
            if let Some(menu) = super::menus::action(&model.incident, &at) {
                model.open(LayerKind::Menu(menu));
            }
        }
        Key::Char('y') => return vec![Request::Copy(shown.code.clone())],
        Key::Char('q') => model.close(),
        _ => {}
    }
    Vec::new()
}

/// The check that a box asks with this key before what has run already runs again.
fn asks_first(model: &Model, shown: &RunBox, key: Key) -> Option<ActionRef> {
    let due = shown.is_clear() && shown.word.is_some();
    let wanted = if due { Key::Tab } else { Key::Char('s') };
    let asked = key == wanted && shown.old_check().is_none();
    asked.then(|| model.incident.check_first(shown)).flatten()
}

/// Asks a check again; the box stays open and is made again when the answer is there.
fn sense(at: ActionRef) -> Request {
    Request::Prepare {
        at,
        edited: None,
        purpose: BoxFor::Sense,
    }
}

/// Whether a key says where something runs that is meant for elsewhere. Once it was said and a
/// word is due, the letters belong to the word.
fn asks_where(shown: &RunBox, key: char) -> bool {
    let types = shown.is_clear() && shown.word.is_some();
    let there = shown.meant.as_ref().is_some_and(|m| m.reach.is_some());
    let asked = shown.meant.as_ref().is_some_and(|m| !m.sent);
    asked && !types && (key == 'h' || there)
}

fn choose_where(model: &mut Model, key: char) -> Vec<Request> {
    let Some(LayerKind::RunBox { shown, .. }) = model.top().map(|l| &l.kind) else {
        return Vec::new();
    };
    let at = shown.action.clone();
    let word = shown.meant.as_ref().map(|m| m.word.clone());
    if key == 'h' {
        return super::ask::open(model, Purpose::Here(at, word.unwrap_or_default()));
    }
    vec![Request::Submit(Command::ChoosePlace {
        action: at,
        on: Whereabouts::There,
        word: String::new(),
    })]
}

/// While a word is due, every character belongs to it, and enter runs once it is right.
fn on_word_key(model: &mut Model, key: Key, settled: bool) -> Vec<Request> {
    let Some(LayerKind::RunBox { shown, word, .. }) = model.layers.last_mut().map(|l| &mut l.kind)
    else {
        return Vec::new();
    };
    if key != Key::Enter {
        word.key(key);
        return Vec::new();
    }
    let right = shown.word.as_deref() == Some(word.text().trim());
    let typed = word.text().trim().to_owned();
    if right && settled {
        return run(model, Confirmation::Typed(typed));
    }
    if !right {
        *word = TextInput::default();
        model.say("that is not the word", true);
    }
    Vec::new()
}

fn run(model: &mut Model, confirmation: Confirmation) -> Vec<Request> {
    let Some(LayerKind::RunBox { shown, .. }) = model.layers.pop().map(|l| l.kind) else {
        return Vec::new();
    };
    vec![Request::Submit(Command::Start {
        shown,
        confirmation,
    })]
}

/// Opens the box of a run-on, which is of the chosen procedure: from another one it would run
/// what the operator is not looking at.
pub(crate) fn open_run_on(model: &mut Model) {
    if model.is_beside_the_path() {
        return model.say(
            "run on is for the chosen procedure (3); here enter runs one at a time",
            false,
        );
    }
    let run_on = model.incident.run_on();
    if !model.incident.trusted && !run_on.actions.is_empty() {
        return model.open(LayerKind::Accept(Wanted::RunOn));
    }
    model.open(LayerKind::RunOn(run_on));
}

/// A key for the box of a run-on.
pub(crate) fn on_run_on_key(model: &mut Model, key: Key) -> Vec<Request> {
    let settled = key == Key::Char('r') && guard::may_run(model);
    let Some(layer) = model.top() else {
        return Vec::new();
    };
    let LayerKind::RunOn(run_on) = &layer.kind else {
        return Vec::new();
    };
    match key {
        Key::Char('r') if settled && !run_on.actions.is_empty() => {
            let mut left = run_on.actions.clone();
            let first = left.remove(0);
            model.close();
            model.running = Some(Running {
                left,
                current: Some(first.clone()),
                stopping: false,
            });
            model.go_to_action(&first);
            vec![Request::Prepare {
                at: first,
                edited: None,
                purpose: BoxFor::RunOn,
            }]
        }
        Key::Enter => {
            let hold = run_on.hold.clone();
            model.close();
            go_to_hold(model, &hold)
        }
        Key::Char('q') => {
            model.close();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Goes to what a run-on holds at: the question that it waits for, or its place.
fn go_to_hold(model: &mut Model, hold: &Hold) -> Vec<Request> {
    model.focus = Pane::Work;
    match hold {
        Hold::Gate(_, Gate::Decision) => return verbs_do::act(model, Verb::Decide),
        Hold::Gate(_, Gate::Approval) => return verbs_do::act(model, Verb::Approve),
        Hold::Gate(_, Gate::Checklist(id)) => {
            model.select_subject(&Subject::Checklist(id.clone()));
            model.select_open_row();
        }
        Hold::Choice(choice) => {
            model.select_subject(&Subject::Choose(choice.clone()));
        }
        Hold::Gate(_, Gate::Order(at))
        | Hold::Gate(at, _)
        | Hold::Elsewhere(at)
        | Hold::Person(at)
        | Hold::Irreversible(at)
        | Hold::Alternative(at)
        | Hold::Blank(at)
        | Hold::Reused(at, _)
        | Hold::Attended(at)
        | Hold::Again(at)
        | Hold::Running(at)
        | Hold::Judge(at)
        | Hold::Stale(at) => model.go_to_action(at),
        Hold::End => model.go_to_next(),
    }
    Vec::new()
}

/// A key for the question whether the runbook's commands are accepted.
pub(crate) fn on_accept_key(model: &mut Model, key: Key) -> Vec<Request> {
    let Some(LayerKind::Accept(wanted)) = model.top().map(|l| &l.kind) else {
        return Vec::new();
    };
    let wanted = wanted.clone();
    match key {
        Key::Char('y') if guard::may_settle(model) => {
            model.close();
            // The box comes when the acceptance is on disk: made before, it would ask again.
            model.accepting = Some(wanted);
            vec![Request::Submit(Command::AcceptRunbook)]
        }
        Key::Char('n' | 'q') => {
            model.close();
            Vec::new()
        }
        _ => Vec::new(),
    }
}
