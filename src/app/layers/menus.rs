//! The menus: decision, approval, marks, and the menu of this place.

use super::sends;
use super::ways;
use crate::app::layer::{LayerKind, Menu, MenuAct, MenuItem};
use crate::app::model::Model;
use crate::app::purpose::Purpose;
use crate::app::verbs::Verb;
use crate::domain::Command;
use crate::domain::Moment;
use crate::domain::elsewhere::itself;
use crate::domain::event::{ActionMark, Decision, ItemMark, Resolution};
use crate::domain::flight;
use crate::domain::ids::{ActionRef, ChecklistId, ItemId};
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::outline::Stage;
use crate::domain::plan::{ActionKind, Phase};

pub(super) fn item_of(key: char, label: impl Into<String>, act: MenuAct) -> MenuItem {
    MenuItem {
        key,
        label: label.into(),
        act,
    }
}

/// Letters for entries that have none of their own.
pub(super) const LETTERS: &str = "123456789abcdefghijklmnopqrstuvwxyz";

/// The decision menu.
#[must_use]
pub fn decide(incident: &Incident) -> Menu {
    let decide = |d| MenuAct::Ask(Purpose::Decision(d));
    let mut items = vec![
        item_of('r', "Roll back", decide(Decision::RollBack)),
        item_of('f', "Fix forward", decide(Decision::FixForward)),
        item_of('m', "Monitor", decide(Decision::Monitor)),
    ];
    if !incident.plan.severities.is_empty() {
        let levels = incident.plan.severities.iter().zip(LETTERS.chars());
        let mut levels: Vec<MenuItem> = levels
            .map(|(s, key)| {
                let label = format!("{}  {}", s.name, s.response);
                item_of(key, label, MenuAct::Ask(Purpose::Severity(s.id.clone())))
            })
            .collect();
        if incident.severity_by_hand.is_some() {
            let back = Command::SetSeverity {
                severity: None,
                reason: String::new(),
            };
            levels.push(item_of(
                '0',
                "Follow the ticked triggers again",
                MenuAct::Submit(back),
            ));
        }
        let menu = Menu {
            title: "Severity by hand".into(),
            items: levels,
            selected: 0,
        };
        items.push(item_of(
            's',
            "Severity by hand…",
            MenuAct::Menu(Box::new(menu)),
        ));
    }
    items.extend(moments());
    Menu {
        title: "Decide".into(),
        items,
        selected: 0,
    }
}

/// The times that only a person can tell.
fn moments() -> [MenuItem; 2] {
    let ask = |moment| MenuAct::Ask(Purpose::Moment(moment));
    [
        item_of('t', "When was it detected…", ask(Moment::Detected)),
        item_of(
            'v',
            "When was the bad version deployed…",
            ask(Moment::Deployed),
        ),
    ]
}

/// The approval: the roles that the plan names, else straight to the name.
pub(crate) fn approve(model: &mut Model) {
    let rules = &model.incident.plan.approvals;
    let severity = model.incident.severity().map(|s| s.name.clone());
    let mut items: Vec<MenuItem> = Vec::new();
    for (rule, key) in rules.iter().zip(LETTERS.chars()) {
        let label = if rule.when.is_empty() {
            rule.who.clone()
        } else {
            format!("{}  ({})", rule.who, rule.when)
        };
        let ask = Purpose::ApproverName {
            role: rule.who.clone(),
        };
        items.push(item_of(key, label, MenuAct::Ask(ask)));
    }
    let fits = rules
        .iter()
        .position(|r| severity.as_ref().is_some_and(|s| r.names(s)));
    let other = Purpose::ApproverName {
        role: String::new(),
    };
    items.push(item_of('o', "Somebody else", MenuAct::Ask(other)));
    let title = "Approved as what?".to_owned();
    model.open(LayerKind::Menu(Menu {
        title,
        items,
        selected: fits.unwrap_or(0),
    }));
}

/// The marks of an item.
#[must_use]
pub fn item(id: &ItemId) -> Menu {
    let ask = |mark| MenuAct::Ask(Purpose::Item(id.clone(), mark));
    let plain = |mark| {
        MenuAct::Submit(Command::MarkItem {
            item: id.clone(),
            mark,
            reason: String::new(),
        })
    };
    let items = vec![
        item_of('d', "Done", plain(ItemMark::Done)),
        item_of('o', "Override its check…", ask(ItemMark::Overridden)),
        item_of('l', "Defer…", ask(ItemMark::Deferred)),
        item_of('n', "Not applicable…", ask(ItemMark::NotApplicable)),
        item_of('b', "Back to open", plain(ItemMark::Open)),
    ];
    Menu {
        title: "Mark this item".into(),
        items,
        selected: 0,
    }
}

/// The mark that the rollback is complete; it wants a reason while something is to be done. What
/// still runs is asked about first.
pub(crate) fn complete(incident: &Incident) -> MenuAct {
    if let Some(running) = incident.foreground() {
        return MenuAct::Menu(Box::new(ways::still_runs(running)));
    }
    if incident.is_undone() || !incident.still_running().is_empty() {
        return MenuAct::Ask(Purpose::Complete);
    }
    MenuAct::Submit(Command::CompleteRollback {
        reason: String::new(),
    })
}

/// The marks of an action: what can be said of it as it stands.
#[must_use]
pub fn action(incident: &Incident, at: &ActionRef) -> Option<Menu> {
    let (_, action) = flight::find_action(&incident.plan, at)?;
    // What is not known holds up what follows, also where it was tried again since.
    let is_unknown = |a: &&Attempt| matches!(a.state, AttemptState::Unknown(_));
    let last = incident.attempts_at(at).find(is_unknown);
    let last = last.or_else(|| incident.telling_attempt(at));
    let title = action.label();
    let ask = |mark| MenuAct::Ask(Purpose::Action(at.clone(), mark));
    let by_hand = matches!(
        action.kind,
        ActionKind::Manual | ActionKind::Include | ActionKind::Text
    );
    // What a failure leaves to do comes first, and as one list.
    let broken = incident.action_status(at, action).is_broken();
    let mut items = Vec::new();
    if broken && !last.is_some_and(Attempt::is_unknown) {
        items.extend(ways::out(incident, at, action, by_hand));
    }
    match last.map(|a| (&a.state, a.intent.attempt)) {
        Some((AttemptState::Unknown(_), id)) => {
            let settle = |r| MenuAct::Ask(Purpose::Resolve(id, r));
            items.push(item_of(
                's',
                "It did its work…",
                settle(Resolution::Succeeded),
            ));
            items.push(item_of('f', "It failed…", settle(Resolution::Failed)));
            items.push(item_of('n', "It never ran…", settle(Resolution::NeverRan)));
            let runs = last.and_then(Attempt::still_runs);
            let runs = runs.map_or_else(String::new, |runs| format!(" ({runs})"));
            return Some(Menu {
                title: format!("What became of “{title}”?{runs}"),
                items,
                selected: 0,
            });
        }
        Some((AttemptState::Ended(_), id)) => {
            let judge = [
                item_of(
                    'g',
                    "As it should be (judged)…",
                    MenuAct::Ask(Purpose::Judge(id, true)),
                ),
                item_of(
                    'w',
                    "Not as it should be (judged)…",
                    MenuAct::Ask(Purpose::Judge(id, false)),
                ),
            ];
            items.extend(judge);
            if !broken {
                items.extend(ways::again(at));
            }
        }
        Some((AttemptState::NeverRan(_), _)) => {
            let ran = incident.attempts_at(at).rfind(|a| a.ending().is_some());
            if let Some(ran) = ran {
                let id = ran.intent.attempt;
                let stands = MenuAct::Ask(Purpose::Judge(id, true));
                items.push(item_of(
                    'g',
                    format!("Attempt {id} before it counts (judged)…"),
                    stands,
                ));
            }
        }
        Some(_) | None => {}
    }
    let left = incident.attempts_at(at).filter_map(survivors).next_back();
    if let Some(menu) = left {
        let label = "Stop what it left running…";
        items.push(item_of('x', label, MenuAct::Menu(Box::new(menu))));
    }
    if !broken {
        items.extend(ways::done(at, by_hand));
    }
    if action.kind == ActionKind::Shell {
        let send = Purpose::Send(itself(at));
        items.push(item_of('o', "Where it runs…", MenuAct::Ask(send)));
    }
    if !broken {
        items.push(item_of('s', "Skip…", ask(ActionMark::Skipped)));
    }
    items.push(item_of('l', "Defer…", ask(ActionMark::Deferred)));
    items.push(item_of(
        'n',
        "Not applicable…",
        ask(ActionMark::NotApplicable),
    ));
    if !broken {
        items.push(item_of('f', "Failed…", ask(ActionMark::Failed)));
    }
    if incident.actions.contains_key(at) {
        let open = Command::MarkAction {
            action: at.clone(),
            mark: ActionMark::Open,
            reason: String::new(),
            done_at: None,
            pasted: String::new(),
        };
        items.push(item_of('b', "Back to open", MenuAct::Submit(open)));
    }
    Some(Menu {
        title,
        items,
        selected: 0,
    })
}

/// Whether to stop what an attempt left running; none where nothing lives.
#[must_use]
pub fn survivors(attempt: &Attempt) -> Option<Menu> {
    let id = attempt.intent.attempt;
    let who: Vec<String> = attempt
        .survivors()
        .map(|s| format!("{} {}", s.pid, s.command))
        .collect();
    if who.is_empty() {
        return None;
    }
    let label = format!(
        "Stop {} (interrupt, then terminate, then kill)",
        who.join(" and ")
    );
    let stop = MenuAct::Submit(Command::StopSurvivors(id));
    Some(Menu {
        title: format!("Stop what attempt {id} left running?"),
        items: vec![item_of('s', label, stop)],
        selected: 0,
    })
}

/// The way to another procedure, where the plan has one.
pub(super) fn change_procedure(incident: &Incident) -> Option<MenuItem> {
    let offered = incident
        .plan
        .procedures
        .iter()
        .filter(|p| p.phase == Phase::Execute && !p.off_path)
        .filter(|p| incident.procedure.as_ref() != Some(&p.id));
    let procedures: Vec<MenuItem> = offered
        .zip(LETTERS.chars())
        .map(|(p, key)| {
            let act = if incident.procedure.is_some() {
                MenuAct::Ask(Purpose::Procedure(p.id.clone()))
            } else {
                let reason = String::new();
                MenuAct::Submit(Command::ChooseProcedure {
                    procedure: p.id.clone(),
                    reason,
                })
            };
            item_of(key, p.title.clone(), act)
        })
        .collect();
    if !procedures.is_empty() {
        let menu = Menu {
            title: match incident.procedure.as_ref() {
                Some(_) => "Change to which procedure?".into(),
                None => "Procedure".into(),
            },
            items: procedures,
            selected: 0,
        };
        return Some(item_of(
            'p',
            "Choose or change the procedure…",
            MenuAct::Menu(Box::new(menu)),
        ));
    }
    None
}

/// The menu of this place, with a list in view.
#[must_use]
pub fn place(incident: &Incident, list: Option<&ChecklistId>) -> Menu {
    let mut items = Vec::new();
    items.extend(change_procedure(incident));
    items.extend(sends::entries(incident, list));
    items.push(item_of(
        'e',
        "Name the environment…",
        MenuAct::Ask(Purpose::Environment),
    ));
    items.extend(moments());
    if incident.completed_at.is_none() && incident.stage() >= Stage::Execute {
        items.push(item_of(
            'c',
            "Mark the rollback as complete",
            complete(incident),
        ));
    }
    if let Some(menu) = incident.attempts.iter().rev().find_map(survivors) {
        let label = "Stop what was left running…";
        items.push(item_of('k', label, MenuAct::Menu(Box::new(menu))));
    }
    items.push(item_of('x', "Export", MenuAct::Verb(Verb::Export)));
    if incident.closed.is_some() {
        items.push(item_of(
            'o',
            "Open the incident again…",
            MenuAct::Ask(Purpose::Reopen),
        ));
    } else {
        items.push(item_of(
            's',
            "Sign off and close…",
            MenuAct::Ask(Purpose::SignOff),
        ));
    }
    items.push(item_of(
        'q',
        "Leave; the incident stays open",
        MenuAct::Verb(Verb::Back),
    ));
    Menu {
        title: "This incident".into(),
        items,
        selected: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{Flight, plan};
    use std::collections::BTreeSet;

    #[test]
    fn no_menu_has_one_key_twice() {
        let mut flight = Flight::ready(plan());
        let start = crate::domain::event::Confirmation::ReadOnly;
        flight.start("look", start).expect("starts");
        flight.ends(1, "");
        let incident = &flight.incident;
        let menus = [
            decide(incident),
            item(&"pre/told".into()),
            action(incident, &"look".into()).expect("a menu"),
            action(incident, &"go-back".into()).expect("a menu"),
            place(incident, Some(&"pre".into())),
        ];
        for menu in menus {
            let keys: BTreeSet<char> = menu.items.iter().map(|i| i.key).collect();
            assert_eq!(keys.len(), menu.items.len(), "{}", menu.title);
        }
    }

    #[test]
    fn what_ran_before_a_try_that_was_held_back_can_be_let_stand() {
        let mut flight = Flight::ready(plan());
        let offered = |flight: &Flight| {
            let menu = action(&flight.incident, &"look".into()).expect("a menu");
            let counts = |i: &MenuItem| i.label.contains("before it counts");
            menu.items.iter().any(counts)
        };
        for _ in 0..2 {
            let start = crate::domain::event::Confirmation::ReadOnly;
            flight.start("look", start).expect("starts");
            flight.ends(0, "v1");
            assert!(!offered(&flight), "the last try ran");
        }
        let held = crate::domain::Observation::NeverRan {
            attempt: crate::domain::ids::AttemptId(3),
            why: "the target has moved".to_owned(),
        };
        let start = crate::domain::event::Confirmation::ReadOnly;
        flight.start("look", start).expect("starts");
        flight
            .wants(&Command::Observe(held))
            .expect("an observation");
        let menu = action(&flight.incident, &"look".into()).expect("a menu");
        let first = menu.items.first().map(|i| i.label.as_str());
        assert_eq!(first, Some("Attempt 0002 before it counts (judged)…"));
    }
}
