//! The ways on from a failure: try again, change, by hand, skip, another way, another step, end.
//!
//! One list, in the order in which a person weighs them. None of them claims that anything is
//! done which is not: what is passed by stays open, and what still runs is said.

use super::menus::{LETTERS, change_procedure, complete, item_of};
use crate::app::layer::{Menu, MenuAct, MenuItem, NO_KEY};
use crate::app::model::{Model, Pane};
use crate::app::msg::Request;
use crate::app::purpose::Purpose;
use crate::app::rows::is_runnable;
use crate::app::verbs::Verb;
use crate::domain::Command;
use crate::domain::event::ActionMark;
use crate::domain::flight::{self, FlightStep, Home, Place};
use crate::domain::ids::{ActionRef, AttemptId, ChoiceId};
use crate::domain::incident::{Attempt, Incident};
use crate::domain::outline::Stage;
use crate::domain::plan::{Action, ActionKind, Danger};
use crate::domain::status::ActionStatus;

/// So many actions are named in a question.
const NAMED: usize = 4;

/// What a failure leaves to do, most likely first.
pub(super) fn out(
    incident: &Incident,
    at: &ActionRef,
    action: &Action,
    by_hand: bool,
) -> Vec<MenuItem> {
    let mut items = Vec::new();
    if is_runnable(action) {
        items.extend(again(at));
    }
    items.extend(done(at, by_hand));
    let skip = MenuAct::Ask(Purpose::Action(at.clone(), ActionMark::Skipped));
    items.push(item_of('s', "Skip…", skip));
    items.extend(other_way(incident, at));
    items.extend(other_step(incident, at));
    items.extend(change_procedure(incident));
    if incident.completed_at.is_none() && incident.stage() >= Stage::Execute {
        let label = "End the rollback here, as it is…";
        items.push(item_of('z', label, complete(incident)));
    }
    items
}

/// To run it again, as it is or changed.
pub(super) fn again(at: &ActionRef) -> [MenuItem; 2] {
    [
        item_of('r', "Try again…", MenuAct::Prepare(at.clone())),
        item_of('e', "Change it and run…", MenuAct::Verb(Verb::Edit)),
    ]
}

/// That a person has done it.
pub(super) fn done(at: &ActionRef, by_hand: bool) -> Vec<MenuItem> {
    let ask = MenuAct::Ask(Purpose::Action(at.clone(), ActionMark::DoneByHand));
    if !by_hand {
        return vec![item_of('h', "Done by hand…", ask)];
    }
    let done = Command::MarkAction {
        action: at.clone(),
        mark: ActionMark::DoneByHand,
        reason: String::new(),
        done_at: None,
        pasted: String::new(),
    };
    vec![
        item_of('d', "Done", MenuAct::Submit(done)),
        item_of('h', "Done, with what was seen…", ask),
    ]
}

/// The other ways of which the plan wants one: of the action, else of its step, else of its part.
fn other_way(incident: &Incident, at: &ActionRef) -> Option<MenuItem> {
    let (choice, ways) = other_ways(incident, at)?;
    let take = |id: String| MenuAct::Take(choice.clone(), id);
    if let [(id, title)] = ways.as_slice() {
        let label = format!("Take the alternative: {title}");
        return Some(item_of('a', label, take(id.clone())));
    }
    let items = ways.into_iter().zip(LETTERS.chars());
    let items = items.map(|((id, title), key)| item_of(key, title, take(id)));
    let menu = Menu {
        title: "Take which alternative?".into(),
        items: items.collect(),
        selected: 0,
    };
    let act = MenuAct::Menu(Box::new(menu));
    Some(item_of('a', "Take an alternative…", act))
}

/// The set that an action, its step or its part belongs to, and the others of it by id and title.
fn other_ways(incident: &Incident, at: &ActionRef) -> Option<(ChoiceId, Vec<(String, String)>)> {
    let plan = &incident.plan;
    let (home, action) = flight::find_action(plan, at)?;
    let others = |own: &str, all: Vec<(&str, String)>| -> Vec<(String, String)> {
        let others = all.into_iter().filter(|(id, _)| *id != own);
        others.map(|(id, title)| (id.to_owned(), title)).collect()
    };
    let actions = match home {
        Home::Step(_, step) => &step.actions,
        Home::Item(_, item) => &item.actions,
    };
    if let Some(choice) = &action.choice {
        let heads = actions
            .iter()
            .filter(|a| a.choice.as_ref() == Some(choice) && a.option() == &a.id);
        let heads = heads.map(|a| (a.id.as_str(), named(a))).collect();
        return Some((choice.clone(), others(action.option().as_str(), heads)));
    }
    let Home::Step(procedure, step) = home else {
        return None;
    };
    if let Some(choice) = &step.choice {
        let heads = procedure
            .steps
            .iter()
            .filter(|s| s.choice.as_ref() == Some(choice) && s.option() == &s.id);
        let heads = heads.map(|s| (s.id.as_str(), s.title.clone())).collect();
        return Some((choice.clone(), others(step.option().as_str(), heads)));
    }
    let choice = procedure.choice.as_ref()?;
    procedure.parent.as_ref()?;
    let parts = plan.procedures.iter();
    let parts = parts.filter(|p| p.choice.as_ref() == Some(choice));
    let parts = parts.map(|p| (p.id.as_str(), p.title.clone())).collect();
    Some((choice.clone(), others(procedure.id.as_str(), parts)))
}

/// A way by its title and what it does; “or” is no title.
fn named(action: &Action) -> String {
    const JOINTS: &[&str] = &["or", "else", "otherwise", "alternatively", "alternative"];
    let label = action.label();
    let mut lines = action.code.lines().map(str::trim);
    let does = lines.find(|l| !l.is_empty() && !l.starts_with('#'));
    let joint = label.trim_end_matches([':', ',', '…']).to_lowercase();
    match does {
        Some(does) if JOINTS.contains(&joint.as_str()) => does.to_owned(),
        Some(does) if does != label => format!("{label} · {does}"),
        Some(_) | None => label,
    }
}

/// The steps of the chosen procedure, where the action is one of its own.
fn other_step(incident: &Incident, at: &ActionRef) -> Option<MenuItem> {
    let path = incident.path();
    let steps = flight::steps(&path);
    let here = |step: &FlightStep<'_>| step.places.iter().any(|p| p.at == *at);
    let own = steps.iter().position(|s| here(s))?;
    if steps.len() < 2 {
        return None;
    }
    let keys = LETTERS.chars().chain(std::iter::repeat(NO_KEY));
    let mut items = Vec::new();
    let mut selected = 0;
    for (index, (step, key)) in steps.iter().zip(keys).enumerate() {
        let Some(first) = first_open(incident, step) else {
            continue;
        };
        if index <= own + 1 {
            selected = items.len();
        }
        let you = if index == own { ", you are here" } else { "" };
        let stands = how_it_stands(incident, step);
        let label = format!("{}  ({stands}{you})", step.step.title);
        items.push(item_of(key, label, MenuAct::GoTo(first)));
    }
    let menu = Menu {
        title: "Go to which step?".into(),
        items,
        selected,
    };
    let act = MenuAct::Menu(Box::new(menu));
    Some(item_of('t', "Go to another step…", act))
}

/// The first action of a step that is to be done, else its first one.
fn first_open(incident: &Incident, step: &FlightStep<'_>) -> Option<ActionRef> {
    let is_work =
        |p: &&Place<'_>| p.action.kind != ActionKind::Include || p.action.target.is_none();
    let mut work = step.places.iter().filter(is_work);
    let open = work
        .clone()
        .find(|p| !incident.place_status(p).is_settled());
    open.or_else(|| work.next()).map(|p| p.at.clone())
}

/// Where a step stands, in words.
fn how_it_stands(incident: &Incident, step: &FlightStep<'_>) -> String {
    let places = step.places.iter();
    let all: Vec<ActionStatus> = places
        .filter(|p| p.action.kind != ActionKind::Include || p.action.target.is_none())
        .map(|p| incident.place_status(p))
        .filter(|s| *s != ActionStatus::OffPath)
        .collect();
    let settled = all.iter().filter(|s| s.is_settled()).count();
    let any = |is: fn(&ActionStatus) -> bool| all.iter().any(is);
    if all.is_empty() {
        "only on purpose".to_owned()
    } else if any(|s| matches!(s, ActionStatus::Unknown(_))) {
        "outcome unknown".to_owned()
    } else if any(|s| s.is_broken()) {
        "failed".to_owned()
    } else if any(|s| matches!(s, ActionStatus::Running(_))) {
        "running".to_owned()
    } else if settled == all.len() {
        "done".to_owned()
    } else if settled == 0 {
        "open".to_owned()
    } else {
        format!("{settled} of {} done", all.len())
    }
}

/// Goes to an action; where that leaves the order of the plan, asks why.
pub(super) fn go_to(model: &mut Model, at: ActionRef) -> Vec<Request> {
    model.focus = Pane::Work;
    if model.incident.passed_by(&at).is_empty() {
        model.go_to_action(&at);
        return Vec::new();
    }
    super::ask::open(model, Purpose::Ahead(at))
}

/// After the state has changed: goes where the order was left for, or to the way that was taken;
/// asks for the end once what was to be stopped for it has been.
pub(crate) fn on_incident(model: &mut Model, before: &Incident) -> Vec<Request> {
    let incident = std::sync::Arc::clone(&model.incident);
    let gone = incident.ahead.get(before.ahead.len()..);
    if let Some(gone) = gone.and_then(<[_]>::last) {
        model.go_to_action(&gone.to);
        let left = gone.over.len();
        let what = if left == 1 {
            "action stays"
        } else {
            "actions stay"
        };
        model.say(format!("Out of order: {left} earlier {what} open"), false);
    }
    if incident.chosen != before.chosen && std::mem::take(&mut model.taking) {
        model.go_to_next();
    }
    if incident.completed_at.is_some() && before.completed_at.is_none() {
        let text =
            "Marked: the rollback ends here. The incident is open until it is signed off (5)";
        model.say(text, false);
    }
    let over = |id: &AttemptId| !incident.attempt(*id).is_some_and(Attempt::is_alive);
    let Some(id) = model.ending.take_if(|id| over(id)) else {
        return Vec::new();
    };
    let stopped = incident.attempt(id).is_some_and(|a| a.stops > 0);
    if !stopped || incident.completed_at.is_some() || !model.layers.is_empty() {
        return Vec::new();
    }
    let act = complete(&incident);
    super::perform(model, act)
}

/// What there is to do about what still runs before the rollback is ended.
pub(super) fn still_runs(attempt: &Attempt) -> Menu {
    let id = attempt.intent.attempt;
    let harm = match attempt.intent.danger {
        Danger::None => "reads only",
        Danger::Changes => "changes things",
        Danger::Irreversible => "cannot be undone",
    };
    let title = format!("Attempt {id} still runs ({harm}): {}", attempt.intent.title);
    let all_the_same = "Let it run, and end the rollback all the same…";
    Menu {
        title,
        items: vec![
            item_of(
                's',
                "Stop it first (interrupt, terminate or kill), then end…",
                MenuAct::StopAndEnd(id),
            ),
            item_of('l', all_the_same, MenuAct::Ask(Purpose::Complete)),
        ],
        selected: 0,
    }
}

/// What the mark that the rollback is complete leaves as it is.
pub(super) fn at_the_end(incident: &Incident) -> String {
    let mut lines = Vec::new();
    let running = incident.still_running();
    if !running.is_empty() {
        let names = running.join(", ");
        lines.push(format!("Still runs, and the log says so: {names}."));
    }
    let beside = incident.monitors().map(|a| a.intent.title.clone());
    let beside: Vec<String> = beside.collect();
    if !beside.is_empty() {
        let names = beside.join(", ");
        lines.push(format!(
            "Runs beside the work, until the incident is signed off: {names}."
        ));
    }
    lines.extend(incident.left_running());
    lines.push("The incident stays open; what is not done stays so, and the log says it.".into());
    lines.join("\n")
}

/// What the close of the incident stops, and what it leaves running.
pub(super) fn at_the_close(incident: &Incident) -> String {
    let beside = incident.monitors();
    let mut lines: Vec<String> = beside
        .map(|a| format!("stopped with it: {}", a.intent.title))
        .collect();
    lines.extend(incident.left_running());
    lines.join("; ")
}

/// What stays open behind on the way to an action.
pub(super) fn left_open(incident: &Incident, to: &ActionRef) -> String {
    let label = |at: &ActionRef| {
        let found = flight::find_action(&incident.plan, at);
        let (label, broken) = found.map_or_else(
            || (at.to_string(), false),
            |(_, a)| (a.label(), incident.action_status(at, a).is_broken()),
        );
        format!("“{label}”{}", if broken { " (failed)" } else { "" })
    };
    let over = incident.passed_by(to);
    let mut names: Vec<String> = over.iter().take(NAMED).map(label).collect();
    if over.len() > NAMED {
        names.push(format!("and {} more", over.len() - NAMED));
    }
    format!(
        "To {}. Before it, these stay open and are not claimed done: {}.",
        label(to),
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::menus::action;
    use crate::domain::event::Confirmation;
    use crate::domain::fixture::{Flight, plan, procedure, step};

    #[test]
    fn a_failure_offers_another_procedure_and_to_end_it_as_it_is() {
        let mut it = plan();
        it.procedures
            .push(procedure("other", vec![step("o", Vec::new())]));
        let mut flight = Flight::ready(it);
        let labels = |flight: &Flight| -> Vec<String> {
            let menu = action(&flight.incident, &"look".into()).expect("a menu");
            menu.items.into_iter().map(|i| i.label).collect()
        };
        let ways = [
            "Choose or change the procedure…",
            "End the rollback here, as it is…",
        ];
        let offers = |flight: &Flight| ways.map(|w| labels(flight).iter().any(|l| l == w));
        assert_eq!(offers(&flight), [false, false], "nothing has failed");
        let start = Confirmation::ReadOnly;
        flight.start("look", start).expect("starts");
        flight.ends(1, "");
        assert_eq!(offers(&flight), [true, true]);
    }
}
