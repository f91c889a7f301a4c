//! A failure and the ways on from it, in the operator's keys.

use super::screens_tests::Cockpit;
use crate::domain::event::{Confirmation, Event};
use crate::domain::fixture::{Flight, action, plan, procedure, step};
use crate::domain::plan::{Action, Danger};
use crate::domain::status::ActionStatus;

/// Four steps: the first has been done, the second has failed.
fn failed() -> Flight {
    let changes = |id: &str| Action {
        danger: Danger::Changes,
        ..action(id, &format!("do {id}"))
    };
    let mut it = plan();
    let steps = ["one", "two", "three", "four"];
    let steps = steps.map(|id| step(id, vec![changes(id)]));
    it.procedures = vec![procedure("full", steps.to_vec())];
    let mut flight = Flight::ready(it);
    for (id, exit) in [("one", 0), ("two", 1)] {
        flight.start(id, Confirmation::Pressed).expect("starts");
        flight.ends(exit, "");
    }
    flight
}

fn status(cockpit: &Cockpit, at: &str) -> ActionStatus {
    let incident = &cockpit.flight.incident;
    let at = at.into();
    let (_, action) = crate::domain::flight::find_action(&incident.plan, &at).expect("it is there");
    incident.action_status(&at, action)
}

#[test]
fn from_a_failure_one_key_shows_the_ways_on_as_one_list() {
    let mut cockpit = Cockpit::on(failed(), (80, 24));
    cockpit.keys("3");
    cockpit.sees("failed (m)");
    cockpit.keys("m");
    let screen = cockpit.screen();
    let ways = [
        "Try again…",
        "Change it and run…",
        "Done by hand…",
        "Skip…",
        "Go to another step…",
        "End the rollback here, as it is…",
    ];
    let places = ways.map(|w| screen.find(w).unwrap_or_else(|| panic!("{w} in\n{screen}")));
    assert!(places.is_sorted(), "{screen}");
}

#[test]
fn another_step_is_gone_to_with_one_reason_and_nothing_is_claimed_done() {
    let mut cockpit = Cockpit::on(failed(), (80, 24));
    cockpit.keys("3mt");
    for line in [
        "Step one  (done)",
        "Step two  (failed, you are here)",
        "Step three  (open)",
    ] {
        cockpit.sees(line);
    }
    cockpit.keys("4");
    cockpit.sees("Why go on out of order?");
    cockpit.sees("(failed), “do three”.");
    assert_eq!(
        cockpit.flight.incident.ahead,
        [],
        "nothing without a reason"
    );
    cockpit.keys("workers first\n");
    cockpit.sees("Step four");
    // The one reason was for all of it: only the box is between here and the run.
    cockpit.keys("\n");
    cockpit.sees("changes things");
    cockpit.keys("r");
    cockpit.flight.ends(0, "");
    cockpit.show();
    let incident = &cockpit.flight.incident;
    assert_eq!(incident.attempts.len(), 3);
    assert!(matches!(status(&cockpit, "two"), ActionStatus::Failed(_)));
    assert_eq!(status(&cockpit, "three"), ActionStatus::Open);
    assert_eq!(incident.next_place(), Some("two".into()));
    // Back at what was left, which says so.
    cockpit.sees("left open at");
    cockpit.sees("to go on to “Step four › do four”: workers");
    let said = cockpit.flight.events.iter();
    let said = said.filter(|r| matches!(r.event, Event::WentAhead { .. }));
    assert_eq!(said.count(), 1);
}

#[test]
fn a_step_behind_is_gone_to_without_a_reason() {
    let mut cockpit = Cockpit::on(failed(), (80, 24));
    cockpit.keys("3mt1");
    cockpit.sees("Step one");
    assert!(cockpit.model.layers.is_empty());
    assert_eq!(cockpit.flight.incident.ahead, []);
}

#[test]
fn the_box_of_a_later_action_asks_for_one_reason_too() {
    let mut cockpit = Cockpit::on(failed(), (80, 24));
    cockpit.model.go_to_action(&"four".into());
    cockpit.keys("\n");
    cockpit.sees("an earlier action is not done: do two");
    cockpit.keys("memergency\n");
    let ahead = &cockpit.flight.incident.ahead;
    assert_eq!(ahead[0].over, ["two".into(), "three".into()]);
    assert!(cockpit.flight.shown("four").gates.is_empty());
}

#[test]
fn a_failed_way_offers_the_other_one_and_goes_to_it() {
    let way = |id: &str| Action {
        choice: Some("c".into()),
        ..action(id, &format!("do {id}"))
    };
    let mut it = plan();
    it.procedures = vec![procedure(
        "full",
        vec![step("s", vec![way("fast"), way("slow")])],
    )];
    let mut flight = Flight::ready(it);
    let start = flight.start("fast", Confirmation::ReadOnly);
    start.expect("starts");
    flight.ends(1, "");
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("3m");
    cockpit.sees("Take the alternative: do slow");
    cockpit.keys("a");
    let selected = crate::app::rows::Target::Action("slow".into());
    assert_eq!(cockpit.model.selected(), selected);
    assert_eq!(cockpit.flight.incident.next_place(), Some("slow".into()));
    // That the first one was tried is not forgotten.
    cockpit.sees("failed · another one is chosen");
}

#[test]
fn an_end_says_what_still_runs_and_asks_whether_to_stop_it() {
    let mut flight = failed();
    let again = Confirmation::Typed("again".into());
    flight.start("two", again).expect("runs again");
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("oc");
    cockpit.sees("Attempt 0003 still runs (changes things): do two");
    cockpit.keys("s");
    cockpit.sees("Stop what is running?");
    cockpit.keys("y");
    assert_eq!(cockpit.flight.incident.attempts[2].stops, 1);
    cockpit.flight.ends(130, "");
    cockpit.show();
    // Stopped for the end: which is asked for now.
    cockpit.sees("Why end it here, though not everything is done?");
    cockpit.keys("enough\n");
    let incident = &cockpit.flight.incident;
    assert!(incident.completed_at.is_some() && incident.still_running().is_empty());
}

#[test]
fn an_end_over_what_runs_on_is_on_record_and_in_view() {
    let mut flight = failed();
    let again = Confirmation::Typed("again".into());
    flight.start("two", again).expect("runs again");
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("ocl");
    cockpit.sees("Still runs, and the log says so: “do two” (attempt 0003)");
    cockpit.keys("the service is well\n");
    cockpit.sees("Marked: the rollback ends here.");
    let last = cockpit.flight.events.last().map(|r| &r.event);
    let Some(Event::RollbackCompleted { running, .. }) = last else {
        panic!("{last:?}");
    };
    assert_eq!(running, &["“do two” (attempt 0003)".to_owned()]);
    cockpit
        .model
        .select_subject(&crate::domain::outline::Subject::CompleteMark);
    cockpit.sees("“do two” (attempt 0003) still runs");
}

#[test]
fn a_run_on_that_cannot_begin_says_the_way_on_and_goes_there() {
    let mut cockpit = Cockpit::on(failed(), (80, 24));
    cockpit.model.go_to_action(&"four".into());
    cockpit.keys("R");
    cockpit.sees("“do two” has run before, or did not end well");
    cockpit.sees("enter goes to it: m there has the ways on");
    cockpit.keys("\n");
    let selected = crate::app::rows::Target::Action("two".into());
    assert_eq!(cockpit.model.selected(), selected);
    let mut open = Flight::open(plan());
    let choose = crate::domain::Command::ChooseProcedure {
        procedure: "full".into(),
        reason: String::new(),
    };
    open.wants(&choose).expect("chosen");
    let mut cockpit = Cockpit::on(open, (80, 24));
    cockpit.keys("3R");
    cockpit.sees("enter asks for the decision (d)");
    cockpit.keys("\n");
    cockpit.sees("Fix forward");
}
