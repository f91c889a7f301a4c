//! Where things run that the plan means for here: the entries of the menu, the question with the
//! command that opens a session there, and what is asked after it was answered.

use super::ask;
use crate::app::layer::{LayerKind, Menu, MenuAct, MenuItem};
use crate::app::model::Model;
use crate::app::purpose::Purpose;
use crate::domain::Command;
use crate::domain::elsewhere::{CHECKS, Goes, on};
use crate::domain::flight;
use crate::domain::ids::ChecklistId;
use crate::domain::incident::Incident;
use crate::domain::plan::{ActionKind, Checklist};

/// What is typed for this machine.
pub const HERE: &str = "here";

fn entry(key: char, label: impl Into<String>, whose: impl Into<String>) -> MenuItem {
    MenuItem {
        key,
        label: label.into(),
        act: MenuAct::Ask(Purpose::Send(whose.into())),
    }
}

/// Where the chosen procedure runs, the list in view, and all the checks.
pub(super) fn entries(incident: &Incident, list: Option<&ChecklistId>) -> Vec<MenuItem> {
    let mut items = Vec::new();
    if let Some(procedure) = &incident.procedure {
        let whose = format!("procedure:{procedure}");
        items.push(entry('w', "Where the procedure runs…", whose));
    }
    let list = list.and_then(|id| flight::find_checklist(&incident.plan, id));
    let shell = |list: &&Checklist| {
        let mut actions = list.items.iter().flat_map(|i| &i.actions);
        actions.any(|a| a.kind == ActionKind::Shell)
    };
    if let Some(list) = list.filter(shell) {
        let label = format!("Where the checks of “{}” run…", list.title);
        items.push(entry('l', label, format!("checklist:{}", list.id)));
    }
    if !incident.checks().is_empty() {
        let label = "Where the checks of all lists run…";
        items.push(entry('h', label, CHECKS));
    }
    items
}

/// The question: an answer that is empty is what holds unless something is said.
pub(crate) fn question(whose: &str) -> &'static str {
    match whose.split_once(':') {
        Some(("action", _)) => "Run it where? (nothing: as its procedure or list; here: here)",
        Some(("checklist", _)) => "Run them where? (nothing: as all the checks; here: here)",
        _ => "Run it where? (nothing: here)",
    }
}

/// What is typed already: what was said of exactly this.
pub(super) fn initial(incident: &Incident, whose: &str) -> String {
    match incident.sent.get(whose).map(|sent| &sent.goes) {
        Some(Goes::There(place)) => place.opener.clone(),
        Some(Goes::Here) if falls_back(whose) => HERE.to_owned(),
        Some(Goes::Here | Goes::AsTheRest) | None => String::new(),
    }
}

/// Whether there is something wider that holds where nothing is said of this.
#[must_use]
pub fn falls_back(whose: &str) -> bool {
    whose.starts_with("action:") || whose.starts_with("checklist:")
}

/// What is said under the question.
pub(super) const HINT: &str = "The command that opens a session there: ssh USER@HOST, docker exec -it NAME bash, kubectl exec -it POD -- sh, sudo -u USER -i.";

/// The answer opens nothing: the question stays, with what was typed and why.
pub(crate) fn refused(model: &mut Model, whose: String, typed: &str, why: String) {
    let requests = ask::open_with(model, Purpose::Send(whose), typed);
    debug_assert!(requests.is_empty(), "it only opens a question");
    if let Some(LayerKind::Ask(ask)) = model.layers.last_mut().map(|l| &mut l.kind) {
        ask.hint = why;
    }
}

/// A procedure was sent: the checks of the lists are not its own, and would run as before.
pub(crate) fn taken(model: &mut Model, whose: &str, goes: &Goes) {
    let incident = &model.incident;
    let checks = incident.sent.get(CHECKS).map(|sent| &sent.goes);
    let same = match (checks, goes) {
        (Some(now), goes) => now == goes,
        (None, goes) => *goes == Goes::Here,
    };
    if same || !whose.starts_with("procedure:") || incident.checks().is_empty() {
        return;
    }
    let called = |goes: &Goes| match goes {
        Goes::There(place) => on(&place.name),
        Goes::Here | Goes::AsTheRest => incident.here(),
    };
    let submit = |goes: &Goes| {
        MenuAct::Submit(Command::SendElsewhere {
            whose: CHECKS.to_owned(),
            goes: goes.clone(),
        })
    };
    let as_now = checks.unwrap_or(&Goes::Here);
    let item = |key, label, goes| MenuItem {
        key,
        label,
        act: submit(goes),
    };
    let items = vec![
        item('t', format!("{} too", upper(&called(goes))), goes),
        item(
            'h',
            format!("{}, as until now", upper(&called(as_now))),
            as_now,
        ),
    ];
    let title = "And the checks of the lists and of Verify?".to_owned();
    model.open(LayerKind::Menu(Menu {
        title,
        items,
        selected: 0,
    }));
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
