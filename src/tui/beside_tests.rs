//! What the screens say of what is not selected: what runs beside the work, what has ended and is
//! not on record yet, what was done before the procedure was changed.

use super::screens_tests::Cockpit;
use crate::app::layer::{LayerKind, Wanted};
use crate::app::{Key, Msg, update};
use crate::domain::condition::{Condition, Trouble};
use crate::domain::event::Confirmation;
use crate::domain::fixture::{Flight, action, plan, procedure, step};
use crate::domain::ids::AttemptId;
use crate::domain::plan::{Action, Danger};
use crate::domain::{Command, Present};

fn changes(id: &str, code: &str) -> Action {
    Action {
        danger: Danger::Changes,
        ..action(id, code)
    }
}

#[test]
fn what_runs_beside_is_counted_and_named_where_the_work_is() {
    let watch = Action {
        monitor: true,
        ..action("watch", "watch -n1 uptime")
    };
    let mut it = plan();
    let steps = vec![step("s", vec![watch, changes("end", "touch end")])];
    it.procedures = vec![procedure("full", steps)];
    let mut flight = Flight::ready(it);
    flight
        .start("watch", Confirmation::ReadOnly)
        .expect("starts");
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("3");
    cockpit.model.go_to_action(&"end".into());
    cockpit.show();
    cockpit.sees("1 beside: watch -n1");
    cockpit.sees("ctrl-c stop “watch -n1");
    // Where it is selected itself, nothing else can be meant.
    cockpit.model.go_to_action(&"watch".into());
    cockpit.show();
    cockpit.sees("ctrl-c stop…");
}

#[test]
fn what_has_ended_and_waits_for_space_is_not_running() {
    let mut it = plan();
    it.procedures = vec![procedure(
        "full",
        vec![step("s", vec![changes("go", "make")])],
    )];
    let mut flight = Flight::ready(it);
    flight.start("go", Confirmation::Pressed).expect("starts");
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("3");
    cockpit.sees("running");
    let trouble = Trouble {
        since: crate::domain::fixture::stamp(60).wall,
        why: "No space left on device".to_owned(),
        waiting: 0,
        lost: 0,
        ended: true,
    };
    let condition = Condition {
        trouble: Some(trouble),
        ..Condition::default()
    };
    let mut present = Present::default();
    present.attempts.insert(AttemptId(1), condition);
    let clock = cockpit.clock();
    update(&mut cockpit.model, Msg::Present(present.clone()), clock);
    cockpit.sees("it has ended: waits for space");
    let screen = cockpit.screen();
    assert!(!screen.contains("ctrl-c stop"), "{screen}");
    // The same everywhere: in the pane, the flight plan, the card.
    cockpit.model.output.attempt = Some(AttemptId(1));
    cockpit.model.size = (140, 40);
    cockpit.sees("ended, waits for space");
    let screen = cockpit.screen();
    assert!(
        !screen.contains('●') && !screen.contains("follow"),
        "{screen}"
    );
    cockpit.keys("b");
    cockpit.sees("it has ended, its result waits for space");
    cockpit.press(Key::Esc);
    // There is room again.
    cockpit.flight.ends(0, "");
    present.attempts.clear();
    update(&mut cockpit.model, Msg::Present(present), clock);
    cockpit.show();
    let screen = cockpit.screen();
    assert!(!screen.contains("waits for space"), "{screen}");
}

#[test]
fn a_change_of_the_procedure_says_what_stays_done() {
    let mut it = plan();
    let steps = |id: &str| vec![step(id, vec![changes(id, "touch stopped")])];
    it.procedures = vec![
        procedure("full", steps("one")),
        procedure("other", steps("two")),
    ];
    let mut flight = Flight::ready(it);
    flight.start("one", Confirmation::Pressed).expect("stops");
    flight.ends(0, "");
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("3");
    let change = Command::ChooseProcedure {
        procedure: "other".into(),
        reason: "the first does not do".to_owned(),
    };
    cockpit.flight.wants(&change).expect("changed");
    cockpit.show();
    cockpit.sees("1 action that changed things stays done: “touch stopped”");
    cockpit.model.go_to_action(&"two".into());
    cockpit.show();
    cockpit.sees("has run: the same command, as “Step one › touch stopped”");
}

#[test]
fn running_on_asks_for_the_acceptance_before_its_box() {
    let mut flight = Flight::ready(plan());
    flight.incident.trusted = false;
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("3");
    cockpit.press(Key::Char('R'));
    let top = cockpit.model.top().map(|layer| &layer.kind);
    assert_eq!(top, Some(&LayerKind::Accept(Wanted::RunOn)));
    // And then it is what was asked for that opens.
    cockpit.keys("y");
    let top = cockpit.model.top().map(|layer| &layer.kind);
    assert!(matches!(top, Some(LayerKind::RunOn(_))), "{top:?}");
}

#[test]
fn a_blank_without_a_value_is_asked_for_again() {
    use crate::app::purpose::{Outcome, Purpose};
    let now = crate::domain::fixture::stamp(60).wall;
    let answered = |text: &str| Purpose::Parameter("host".into()).answered(text, now);
    let Outcome::No(why) = answered("  ") else {
        panic!("an empty value is none");
    };
    assert!(why.contains("a value is due"), "{why}");
    assert!(matches!(answered("app-1"), Outcome::Command(_)));
}
