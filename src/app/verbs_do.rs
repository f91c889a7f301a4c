//! What the verbs do on the bare cockpit, where nothing is open.

use super::layer::{LayerKind, Menu, MenuAct, MenuItem};
use super::layers;
use super::model::{Model, Pane, moved};
use super::msg::{BoxFor, Request};
use super::output::{Scroll, Selecting, Sought};
use super::output_do;
use super::purpose::Purpose;
use super::rows::{Target, is_runnable};
use super::verbs::{Verb, verb_of};
use crate::app::key::Key;
use crate::domain::Command;
use crate::domain::decide::may_be_ticked;
use crate::domain::event::{ActionMark, Answer, Gate, ItemMark};
use crate::domain::flight;
use crate::domain::ids::ActionRef;
use crate::domain::incident::Attempt;
use crate::domain::outline::{Stage, Subject};
use crate::domain::plan::ActionKind;
use crate::domain::status::ActionStatus;

/// A key on the bare cockpit.
pub(super) fn on_key(model: &mut Model, key: Key) -> Vec<Request> {
    if key == Key::Esc && model.output.selected.is_some() {
        return vec![Request::Select(Selecting::Nothing)];
    }
    // `esc` ends a selection, a zoom, a search, in this order.
    if key == Key::Esc && std::mem::take(&mut model.zoom) {
        return Vec::new();
    }
    if key == Key::Esc && model.output.search.is_some() {
        return vec![Request::Search(Sought::Words(String::new()))];
    }
    match verb_of(key) {
        Some(Verb::Back) if key == Key::Esc => Vec::new(),
        Some(verb) => act(model, verb),
        None => Vec::new(),
    }
}

/// Does what a verb does.
pub(super) fn act(model: &mut Model, verb: Verb) -> Vec<Request> {
    match verb {
        Verb::Stage(n) => {
            let stage = Stage::ALL.get(usize::from(n).saturating_sub(1)).copied();
            if let Some(stage) = stage {
                if model.go_to_stage(stage) {
                    model.focus = Pane::Work;
                } else {
                    let name = stage.name();
                    model.say(format!("this plan has nothing under {name}"), false);
                }
            }
            Vec::new()
        }
        Verb::Down => step(model, 1),
        Verb::Up => step(model, -1),
        Verb::PageDown => page(model, 1),
        Verb::PageUp => page(model, -1),
        Verb::Top => edge(model, false),
        Verb::Bottom => edge(model, true),
        Verb::NextPane => turn(model, 1),
        Verb::PrevPane => turn(model, 3),
        Verb::Open => open(model),
        Verb::Tick => tick(model),
        Verb::Undo => vec![Request::Submit(Command::Undo)],
        Verb::Run => {
            model.say("r runs in an open run box: enter opens it", false);
            Vec::new()
        }
        Verb::RunOn => {
            layers::run_box::open_run_on(model);
            Vec::new()
        }
        Verb::StopAfter => stop_after(model),
        Verb::Decide => {
            model.open(LayerKind::Menu(layers::menus::decide(&model.incident)));
            Vec::new()
        }
        Verb::Approve => {
            layers::menus::approve(model);
            Vec::new()
        }
        Verb::Mark => mark(model),
        Verb::Input => input(model),
        Verb::Interrupt => interrupt(model),
        Verb::Zoom => {
            model.zoom = !model.zoom;
            Vec::new()
        }
        Verb::Follow => vec![Request::Scroll(Scroll::Follow)],
        Verb::Select => output_do::select(model),
        Verb::Pin => output_do::pin(model),
        Verb::Copy => output_do::copy(model),
        Verb::Save => output_do::save(model),
        Verb::FirstError => output_do::first_error(model),
        Verb::Note => layers::ask::open(model, Purpose::Note),
        Verb::Attach => layers::ask::open(model, Purpose::Attach),
        Verb::Edit => edit(model),
        Verb::Messages => {
            model.select_subject(&Subject::Messages);
            model.focus = Pane::Work;
            Vec::new()
        }
        Verb::Log => {
            model.open(LayerKind::Log { selected: 0 });
            Vec::new()
        }
        Verb::Timeline => {
            layers::texts::open_timeline(model);
            Vec::new()
        }
        Verb::Plan => {
            layers::texts::open_plan_page(model);
            Vec::new()
        }
        Verb::Card => {
            let lines = layers::texts::card(model);
            model.open(LayerKind::Text {
                title: layers::texts::CARD.into(),
                lines,
            });
            Vec::new()
        }
        Verb::Search => layers::ask::open(model, Purpose::Search),
        Verb::NextHit => vec![Request::Hit { forwards: true }],
        Verb::PrevHit => vec![Request::Hit { forwards: false }],
        Verb::Export => vec![Request::Export],
        Verb::Menu => {
            let list = match model.selected_entry().map(|e| &e.subject) {
                Some(Subject::Checklist(id)) => Some(id.clone()),
                _ => None,
            };
            let menu = layers::menus::place(&model.incident, list.as_ref());
            model.open(LayerKind::Menu(menu));
            Vec::new()
        }
        Verb::Palette => {
            let text = super::TextInput::default();
            model.open(LayerKind::Palette { text, selected: 0 });
            Vec::new()
        }
        Verb::Help => {
            model.open(LayerKind::Help);
            Vec::new()
        }
        Verb::Back => leave(model),
    }
}

fn page(model: &mut Model, by: i64) -> Vec<Request> {
    if model.focus == Pane::Output {
        return output_do::page(model, by);
    }
    let rows = i64::from(model.size.1.saturating_sub(8).max(1));
    step(model, by * rows)
}

fn step(model: &mut Model, by: i64) -> Vec<Request> {
    match model.focus {
        Pane::Plan => {
            let last = model.outline.len().saturating_sub(1);
            model.select_entry(moved(model.entry, by, last));
            Vec::new()
        }
        Pane::Work => {
            model.row = model.next_row(by);
            Vec::new()
        }
        Pane::Output => output_do::step(model, by),
        Pane::Log => {
            let last = model.log.entries.len().saturating_sub(1);
            model.log_scroll = Some(moved(model.log_scroll.unwrap_or(last), by, last));
            Vec::new()
        }
    }
}

fn edge(model: &mut Model, end: bool) -> Vec<Request> {
    match model.focus {
        Pane::Output => output_do::edge(model, end),
        Pane::Plan | Pane::Work | Pane::Log => step(model, if end { i64::MAX } else { i64::MIN }),
    }
}

fn turn(model: &mut Model, by: usize) -> Vec<Request> {
    let here = Pane::ALL
        .iter()
        .position(|p| *p == model.focus)
        .unwrap_or(0);
    if let Some(pane) = Pane::ALL.get((here + by) % Pane::ALL.len()) {
        model.focus = *pane;
    }
    match model.output.selected {
        Some(_) => vec![Request::Select(Selecting::Nothing)],
        None => Vec::new(),
    }
}

fn open(model: &mut Model) -> Vec<Request> {
    match model.focus {
        Pane::Plan => {
            model.focus = Pane::Work;
            let shown = model.selected_entry().and_then(|e| e.subject.attempt());
            if let Some(id) = shown {
                return vec![Request::Show(id)];
            }
            return Vec::new();
        }
        Pane::Log => {
            let selected = model.log_scroll.unwrap_or(0);
            model.open(LayerKind::Log { selected });
            return Vec::new();
        }
        Pane::Output | Pane::Work => {}
    }
    match model.selected() {
        Target::Nothing => Vec::new(),
        Target::Trigger(_) => tick(model),
        Target::Question(id) => {
            let items = [
                ('y', "Yes", Answer::Yes),
                ('n', "No", Answer::No),
                ('u', "Unsure", Answer::Unsure),
            ]
            .map(|(key, label, answer)| MenuItem {
                key,
                label: label.into(),
                act: MenuAct::Submit(Command::Answer {
                    question: id.clone(),
                    answer,
                }),
            });
            let title = model
                .rows
                .get(model.row)
                .map(|r| r.text.clone())
                .unwrap_or_default();
            model.open(LayerKind::Menu(Menu {
                title,
                items: items.to_vec(),
                selected: 0,
            }));
            Vec::new()
        }
        Target::Decision => act(model, Verb::Decide),
        Target::Approval => act(model, Verb::Approve),
        Target::Item(id) => open_item(model, &id),
        Target::Action(at) => open_action(model, &at),
        Target::Procedure(id) => match &model.incident.procedure {
            Some(chosen) if *chosen == id => {
                model.say("this procedure is chosen already", false);
                Vec::new()
            }
            Some(_) => layers::ask::open(model, Purpose::Procedure(id)),
            None => {
                let reason = String::new();
                vec![Request::Submit(Command::ChooseProcedure {
                    procedure: id,
                    reason,
                })]
            }
        },
        Target::Option(choice, option) => {
            vec![Request::Submit(Command::ChooseAlternative {
                choice,
                option,
            })]
        }
        Target::Gate(gate) => layers::ask::open(model, Purpose::Gate(gate)),
        Target::Complete => {
            let act = layers::menus::complete(&model.incident);
            layers::perform(model, act)
        }
        Target::Message(id) => {
            layers::texts::open_message(model, &id);
            Vec::new()
        }
        Target::Log => act(model, Verb::Log),
        Target::SignOff if model.incident.closed.is_some() => {
            layers::ask::open(model, Purpose::Reopen)
        }
        Target::SignOff => layers::ask::open(model, Purpose::SignOff),
    }
}

/// An item opens the first of its actions that is still to be done, or its details.
fn open_item(model: &mut Model, id: &crate::domain::ids::ItemId) -> Vec<Request> {
    let Some((_, item)) = flight::find_item(&model.incident.plan, id) else {
        return Vec::new();
    };
    let next = item.actions.iter().find(|a| {
        let at = ActionRef::new(a.id.as_str());
        is_runnable(a)
            && !matches!(
                model.incident.action_status(&at, a),
                ActionStatus::Passed(_)
            )
    });
    let next = next.or_else(|| model.incident.seen_too_soon(item));
    if let Some(action) = next {
        let at = ActionRef::new(action.id.as_str());
        return open_action(model, &at);
    }
    let mut lines = vec![item.text.clone()];
    lines.extend(item.details.iter().map(|d| format!("· {d}")));
    lines.extend(super::rows::reasons(&model.incident, item));
    model.open(LayerKind::Text {
        title: "Item".into(),
        lines,
    });
    Vec::new()
}

fn open_action(model: &mut Model, at: &ActionRef) -> Vec<Request> {
    let Some((_, action)) = flight::find_action(&model.incident.plan, at) else {
        return Vec::new();
    };
    let running = model
        .incident
        .attempts_at(at)
        .last()
        .filter(|a| a.is_alive());
    if let Some(attempt) = running {
        return layers::commit::show(model, attempt.intent.attempt);
    }
    match action.kind {
        ActionKind::Manual | ActionKind::Include => mark(model),
        ActionKind::Text => {
            let lines = action.code.lines().map(str::to_owned).collect();
            model.open(LayerKind::Text {
                title: action.label(),
                lines,
            });
            Vec::new()
        }
        ActionKind::Shell | ActionKind::Sql | ActionKind::Http => {
            model.preparing = true;
            vec![Request::Prepare {
                at: at.clone(),
                edited: None,
                purpose: BoxFor::Enter,
            }]
        }
    }
}

fn tick(model: &mut Model) -> Vec<Request> {
    match model.selected() {
        Target::Trigger(trigger) => {
            let on = !model.incident.ticked.contains_key(&trigger);
            vec![Request::Submit(Command::TickTrigger { trigger, on })]
        }
        Target::Item(item) => {
            let marked = model.incident.items.get(&item).map(|m| m.mark);
            let mark = match marked {
                None | Some(ItemMark::Open) => ItemMark::Done,
                Some(_) => ItemMark::Open,
            };
            let found = flight::find_item(&model.incident.plan, &item);
            let moves = mark == ItemMark::Done
                && found.is_some_and(|(l, i)| may_be_ticked(&model.incident, l, i).is_ok());
            let command = Command::MarkItem {
                item,
                mark,
                reason: String::new(),
            };
            if moves {
                model.row = model.next_item();
            }
            vec![Request::Submit(command)]
        }
        Target::Action(at) => {
            let manual = flight::find_action(&model.incident.plan, &at)
                .is_some_and(|(_, a)| a.kind == ActionKind::Manual);
            if !manual {
                model.say("enter opens it; space ticks what a person does", false);
                return Vec::new();
            }
            let done = model.incident.actions.contains_key(&at);
            let mark = if done {
                ActionMark::Open
            } else {
                ActionMark::DoneByHand
            };
            if !done {
                model.row = model.next_row(1);
            }
            vec![Request::Submit(Command::MarkAction {
                action: at,
                mark,
                reason: String::new(),
                done_at: None,
                pasted: String::new(),
            })]
        }
        _ => Vec::new(),
    }
}

fn stop_after(model: &mut Model) -> Vec<Request> {
    match &mut model.running {
        Some(running) => {
            running.stopping = true;
            model.say("the run-on ends after this action", false);
        }
        None => model.say("no run-on is under way", false),
    }
    Vec::new()
}

/// The mark menu of what is selected.
pub(super) fn mark(model: &mut Model) -> Vec<Request> {
    match model.selected() {
        Target::Item(id) => {
            model.open(LayerKind::Menu(layers::menus::item(&id)));
            Vec::new()
        }
        Target::Action(at) => {
            if let Some(menu) = layers::menus::action(&model.incident, &at) {
                model.open(LayerKind::Menu(menu));
            }
            Vec::new()
        }
        Target::Gate(gate) => layers::ask::open(model, Purpose::Gate(gate)),
        _ => match model.selected_entry().map(|e| e.subject.clone()) {
            Some(Subject::Checklist(id)) => {
                layers::ask::open(model, Purpose::Gate(Gate::Checklist(id)))
            }
            _ => {
                model.say("select an item or an action to mark it", false);
                Vec::new()
            }
        },
    }
}

fn input(model: &mut Model) -> Vec<Request> {
    match model.live().map(|a| a.intent.attempt) {
        Some(id) => {
            model.typing = Some(id);
            model.focus = Pane::Output;
            vec![Request::Show(id), Request::Scroll(Scroll::Follow)]
        }
        None => {
            model.say("nothing is running", false);
            Vec::new()
        }
    }
}

fn interrupt(model: &mut Model) -> Vec<Request> {
    // Between two actions of a run-on; what runs beside it is not what the key is for.
    if model.incident.foreground().is_none() && model.running.take().is_some() {
        let text = "the run-on ends here; an action that has just been started goes on";
        model.say(text, false);
        return Vec::new();
    }
    match model.live().map(|a| a.intent.attempt) {
        Some(id) => layers::commit::open_stop(model, id),
        None if open_survivors(model) => {}
        None => model.say("nothing is running; q leaves the cockpit", false),
    }
    Vec::new()
}

/// Asks whether to stop what was left running: by the selected action, else by the last one that
/// left anything. False where nothing lives.
fn open_survivors(model: &mut Model) -> bool {
    let incident = &model.incident;
    let lives = |a: &&Attempt| a.survivors().next().is_some();
    let target = model.selected();
    let selected = match &target {
        Target::Action(at) => incident.attempts_at(at).rfind(lives),
        _ => None,
    };
    let attempt = selected.or_else(|| incident.attempts.iter().rev().find(lives));
    let Some(menu) = attempt.and_then(layers::menus::survivors) else {
        return false;
    };
    model.open(LayerKind::Menu(menu));
    true
}

fn edit(model: &mut Model) -> Vec<Request> {
    if model.focus == Pane::Log {
        return act(model, Verb::Log);
    }
    match model.selected() {
        Target::Action(at) => layers::run_box::edit_action(model, &at),
        Target::Approval => act(model, Verb::Approve),
        _ => match model.selected_entry().map(|e| &e.subject) {
            Some(Subject::Log) => act(model, Verb::Log),
            _ => {
                model.say("select an action, or L for the log", false);
                Vec::new()
            }
        },
    }
}

fn leave(model: &mut Model) -> Vec<Request> {
    if std::mem::take(&mut model.zoom) {
        return Vec::new();
    }
    model.leaving = true;
    vec![Request::Leave]
}
