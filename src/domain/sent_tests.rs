//! What a person has sent elsewhere, and what that says of what ran before.

use super::Command;
use super::elsewhere::{CHECKS, Elsewhere, Goes, Whereabouts, itself};
use super::event::Confirmation;
use super::fixture::{Flight, action, expecting, plan, procedure, step};
use super::ids::ActionRef;
use super::plan::{Action, ActionKind, Phase, Plan};
use super::refusal::Refusal;
use super::status::{ActionStatus, ItemStatus};

/// A procedure of two commands and one of SQL, a check of a list and a step of Verify.
fn fleet() -> Plan {
    let sql = Action {
        kind: ActionKind::Sql,
        ..action("ask", "SELECT 1")
    };
    let mut it = plan();
    it.checklists[0].items[0].actions = vec![expecting("sense", "cat state", "ready")];
    let after = procedure("after", vec![step("v", vec![action("verify", "uptime")])]);
    it.procedures = vec![
        procedure(
            "full",
            vec![step("s", vec![sql, action("a", "date"), action("b", "ls")])],
        ),
        super::plan::Procedure {
            phase: Phase::Verify,
            ..after
        },
    ];
    it
}

fn send(flight: &mut Flight, whose: &str, goes: Goes) {
    let whose = whose.to_owned();
    let sent = flight.wants(&Command::SendElsewhere { whose, goes });
    sent.expect("sent");
}

fn goes_to(flight: &Flight, at: &str) -> Option<String> {
    let place = flight.incident.meant_for(&ActionRef::new(at));
    place.map(|p| p.called())
}

fn status(flight: &Flight, at: &str) -> ActionStatus {
    let at = ActionRef::new(at);
    let found = super::flight::find_action(&flight.incident.plan, &at);
    flight
        .incident
        .action_status(&at, found.expect("an action").1)
}

fn app() -> Goes {
    Goes::to("ssh app-1", "app-1")
}

#[test]
fn a_procedure_and_the_checks_are_sent_each_for_itself() {
    let mut flight = Flight::ready(fleet());
    send(&mut flight, "procedure:full", app());
    let went =
        |flight: &Flight| ["a", "ask", "sense", "verify"].map(|at| goes_to(flight, at).is_some());
    assert_eq!(went(&flight), [true, false, false, false]);
    let checks = flight.incident.checks();
    assert_eq!(checks, ["sense".into(), "verify".into()]);
    send(&mut flight, CHECKS, app());
    assert_eq!(went(&flight), [true, false, true, true]);
    // One list here, whatever holds for all of them; and as all of them again.
    send(&mut flight, "checklist:pre", Goes::Here);
    assert_eq!(went(&flight), [true, false, false, true]);
    send(&mut flight, "checklist:pre", Goes::AsTheRest);
    assert_eq!(went(&flight), [true, false, true, true]);
}

#[test]
fn an_action_goes_its_own_way_and_back_with_the_rest() {
    let mut flight = Flight::ready(fleet());
    send(&mut flight, "procedure:full", app());
    let own = itself(&"a".into());
    send(&mut flight, &own, Goes::Here);
    assert_eq!(goes_to(&flight, "a"), None);
    flight.start("ask", Confirmation::ReadOnly).expect("starts");
    flight.ends(0, "");
    flight.start("a", Confirmation::ReadOnly).expect("starts");
    flight.ends(0, "");
    assert!(matches!(status(&flight, "a"), ActionStatus::Ran(_)));
    send(&mut flight, &own, Goes::AsTheRest);
    assert_eq!(goes_to(&flight, "a").as_deref(), Some("app-1"));
    // It ran here, and says nothing of the place where it goes now.
    let attempt = flight.incident.attempts.last().expect("an attempt");
    assert!(flight.incident.was_elsewhere(&"a".into(), attempt));
}

#[test]
fn what_is_so_already_is_not_recorded_and_puts_nothing_in_doubt() {
    let mut flight = Flight::ready(fleet());
    send(&mut flight, "procedure:full", app());
    send(&mut flight, &itself(&"b".into()), Goes::AsTheRest);
    let said = flight.events.len();
    send(&mut flight, "procedure:full", app());
    send(&mut flight, &itself(&"b".into()), Goes::AsTheRest);
    send(&mut flight, CHECKS, Goes::Here);
    assert_eq!(flight.events.len(), said);
    let nowhere = flight.wants(&Command::SendElsewhere {
        whose: "procedure:other".into(),
        goes: app(),
    });
    assert!(matches!(nowhere, Err(Refusal::NoSuch(_))));
}

#[test]
fn what_was_asked_by_sql_stands_when_the_commands_are_sent_elsewhere() {
    let mut flight = Flight::ready(fleet());
    flight.start("ask", Confirmation::ReadOnly).expect("starts");
    flight.ends(0, "");
    send(&mut flight, "procedure:full", app());
    let attempt = flight.incident.attempts.last().expect("an attempt");
    assert!(!flight.incident.was_elsewhere(&"ask".into(), attempt));
}

#[test]
fn a_check_that_looked_here_ticks_nothing_once_it_is_sent_elsewhere() {
    let mut it = fleet();
    it.checklists[0].items.truncate(1);
    let mut flight = Flight::open(it);
    flight.start("sense", Confirmation::ReadOnly).expect("asks");
    flight.ends(0, "all is ready");
    let item = flight.incident.plan.checklists[0].items[0].clone();
    assert_eq!(flight.incident.item_status(&item), ItemStatus::Sensed);
    send(&mut flight, CHECKS, app());
    assert_eq!(flight.incident.item_status(&item), ItemStatus::Open);
}

#[test]
fn the_plans_own_session_is_opened_from_where_all_of_it_was_sent() {
    let inside = Action {
        place: Some(Elsewhere {
            opener: "docker exec -it web bash".into(),
            through: Vec::new(),
            name: "container web".into(),
            line: 7,
            from: String::new(),
        }),
        ..action("inside", "cat /etc/os-release")
    };
    let mut it = plan();
    it.procedures = vec![procedure("full", vec![step("s", vec![inside])])];
    let mut flight = Flight::ready(it);
    let at = ActionRef::new("inside");
    let there = Command::ChoosePlace {
        action: at.clone(),
        on: Whereabouts::There,
        word: String::new(),
    };
    flight.wants(&there).expect("chosen");
    assert_eq!(flight.incident.whereabouts(&at), Some(Whereabouts::There));
    send(&mut flight, "procedure:full", app());
    // The container of this machine is not that of the other: it is asked anew.
    let place = flight.incident.meant_for(&at).expect("a place");
    assert_eq!(place.called(), "container web, through app-1");
    assert_eq!(place.through, ["ssh app-1"]);
    assert_eq!(flight.incident.whereabouts(&at), None);
    flight.wants(&there).expect("chosen");
    assert_eq!(flight.incident.whereabouts(&at), Some(Whereabouts::There));
    // Of this one it is said that it stays here.
    send(&mut flight, &itself(&at), Goes::Here);
    assert_eq!(goes_to(&flight, "inside").as_deref(), Some("container web"));
}
