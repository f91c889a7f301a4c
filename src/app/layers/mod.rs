//! Keys for what is open above the cockpit. The innermost thing owns the keyboard: what it does
//! not know does nothing, and never falls through to what lies below.

pub(super) mod ask;
pub(super) mod commit;
pub mod lists;
pub mod menus;
pub(super) mod run_box;
pub mod sends;
pub mod texts;
pub(super) mod ways;

use super::guard;
use super::key::Key;
use super::layer::{LayerKind, MenuAct, NO_KEY};
use super::model::Model;
use super::msg::{BoxFor, Request};
use super::purpose::Purpose;
use crate::domain::Command;
use crate::domain::event::StopStage;
use crate::domain::ids::AttemptId;

/// A key for the innermost open thing.
pub(super) fn on_key(model: &mut Model, key: Key) -> Vec<Request> {
    let Some(layer) = model.top() else {
        return Vec::new();
    };
    if key == Key::Esc {
        model.ending = None;
        model.close();
        return Vec::new();
    }
    let runs = matches!(
        layer.kind,
        LayerKind::RunBox { .. }
            | LayerKind::RunOn(_)
            | LayerKind::Accept(_)
            | LayerKind::Commit { .. }
            | LayerKind::Stop(_)
    );
    if runs && matches!(key, Key::Down | Key::Up | Key::PageDown | Key::PageUp) {
        // What is to be agreed to can be read to its end.
        lists::scroll(model, key);
        return Vec::new();
    }
    match &layer.kind {
        LayerKind::RunBox { .. } => run_box::on_key(model, key),
        LayerKind::RunOn(_) => run_box::on_run_on_key(model, key),
        LayerKind::Accept(_) => run_box::on_accept_key(model, key),
        LayerKind::Ask(_) => ask::on_key(model, key),
        LayerKind::Menu(_) => on_menu_key(model, key),
        LayerKind::Commit { .. } => commit::on_key(model, key),
        LayerKind::Stop(id) => {
            let id = *id;
            on_stop_key(model, id, key)
        }
        LayerKind::Text { .. } | LayerKind::Help => {
            lists::on_scroll_key(model, key);
            Vec::new()
        }
        LayerKind::Message { .. } => texts::on_message_key(model, key),
        LayerKind::Log { .. } => lists::on_log_key(model, key),
        LayerKind::Palette { .. } => lists::on_palette_key(model, key),
        LayerKind::Pasted(_) => on_pasted_key(model, key),
    }
}

fn on_menu_key(model: &mut Model, key: Key) -> Vec<Request> {
    let Some(LayerKind::Menu(menu)) = model.layers.last_mut().map(|l| &mut l.kind) else {
        return Vec::new();
    };
    let last = menu.items.len().saturating_sub(1);
    let is_item = |c| menu.items.iter().any(|item| item.key == c);
    let key = match key {
        Key::Char('j') if !is_item('j') => Key::Down,
        Key::Char('k') if !is_item('k') => Key::Up,
        key => key,
    };
    let chosen = match key {
        Key::Down => {
            menu.selected = (menu.selected + 1).min(last);
            return Vec::new();
        }
        Key::Up => {
            menu.selected = menu.selected.saturating_sub(1);
            return Vec::new();
        }
        Key::Enter => menu.items.get(menu.selected).cloned(),
        Key::Char(NO_KEY) => None,
        Key::Char(c) => menu.items.iter().find(|i| i.key == c).cloned(),
        _ => None,
    };
    let Some(item) = chosen else {
        return Vec::new();
    };
    if matches!(item.act, MenuAct::Submit(_)) && !guard::may_settle(model) {
        return Vec::new();
    }
    model.close();
    perform(model, item.act)
}

/// Does what an item of a menu stands for.
pub(crate) fn perform(model: &mut Model, act: MenuAct) -> Vec<Request> {
    match act {
        MenuAct::Submit(command) => vec![Request::Submit(command)],
        MenuAct::Ask(purpose) => ask::open(model, purpose),
        MenuAct::Verb(verb) => super::verbs_do::act(model, verb),
        MenuAct::Prepare(at) => {
            model.preparing = true;
            vec![Request::Prepare {
                at,
                edited: None,
                purpose: BoxFor::Show,
            }]
        }
        MenuAct::Menu(menu) => {
            model.open(LayerKind::Menu(*menu));
            Vec::new()
        }
        MenuAct::GoTo(at) => ways::go_to(model, at),
        MenuAct::Take(choice, option) => {
            model.taking = true;
            vec![Request::Submit(Command::ChooseAlternative {
                choice,
                option,
            })]
        }
        MenuAct::StopAndEnd(id) => {
            model.ending = Some(id);
            commit::open_stop(model, id);
            Vec::new()
        }
    }
}

/// The stop question: each rung of the ladder is a key of its own, and says what it does.
fn on_stop_key(model: &mut Model, attempt: AttemptId, key: Key) -> Vec<Request> {
    let stage = match key {
        Key::Char('y') | Key::Ctrl('c') => StopStage::Interrupt,
        Key::Char('t') => StopStage::Terminate,
        Key::Char('K') => StopStage::Kill,
        Key::Char('n') => {
            model.ending = None;
            model.close();
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    model.close();
    vec![Request::Submit(Command::Stop { attempt, stage })]
}

fn on_pasted_key(model: &mut Model, key: Key) -> Vec<Request> {
    let Some(LayerKind::Pasted(text)) = model.top().map(|l| &l.kind) else {
        return Vec::new();
    };
    let text = text.clone();
    match key {
        Key::Char('n') => {
            model.close();
            vec![Request::Submit(Command::AddNote(text))]
        }
        Key::Char('o') => {
            model.close();
            match model.selected() {
                super::rows::Target::Action(at) => {
                    let purpose = Purpose::PastedFor(at, "run elsewhere".into());
                    ask::open_with(model, purpose, &text)
                }
                _ => {
                    model.say("select the action whose output it is, then paste", true);
                    Vec::new()
                }
            }
        }
        Key::Char('f') => {
            model.close();
            let empty = model
                .log
                .entries
                .iter()
                .position(|e| e.value.is_empty())
                .unwrap_or(0);
            let field = model.log.entries.get(empty).map(|e| e.field.clone());
            match field {
                Some(field) => ask::open_with(model, Purpose::Field(field), &text),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
