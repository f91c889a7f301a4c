//! A second terminal of the same person takes an incident over: from a cockpit that answers, and
//! from one that hangs.

use std::time::Duration;

use rustix::process::Signal;

use crate::rounds::{Flight, comes, leave, lives, signal};
use crate::terminal::Terminal;

const STEP: &str = "echo run >> runs; until [ -e end ]; do sleep 0.05; done; echo the last word";

fn flying() -> (Flight, Terminal) {
    let flight = Flight::with(&[STEP, "true"]);
    let cockpit = flight.flying();
    assert!(comes(|| flight.lines("runs") == 1), "it never began");
    (flight, cockpit)
}

/// The step goes on under the new driver, and its end is recorded by them.
fn finish(flight: &Flight, second: &mut Terminal) {
    second.see("Where you are").see("taken over from");
    second.key("esc").gone("Where you are");
    std::fs::write(flight.scratch.join("end"), "").expect("a file");
    let ended = || flight.journal().contains("\"attempt-ended\"");
    assert!(comes(ended), "its end was never recorded");
    second.see("the last word");
    // Keys are dropped for a moment after they may have been meant for the step.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(leave(second), 0);
    assert_eq!(flight.lines("runs"), 1);
    let journal = flight.journal();
    assert_eq!(journal.matches("\"resumed\"").count(), 1, "{journal}");
}

#[test]
fn a_cockpit_that_hangs_is_ended_and_can_write_nothing_more() {
    let (flight, mut first) = flying();
    let pid = first.pid().as_raw_nonzero().get();
    signal(pid, Signal::STOP);
    // What was typed there meanwhile must not be done later.
    first.key("n").type_("from the grave").key("enter");
    let mut second = flight.cockpit(&["resume"]);
    second
        .see("is driven by")
        .see("since")
        .see("does not answer: it is suspended");
    second.see("runs: Do part 1").see("Type take");
    second.type_("take").key("enter");
    second.see("Where you are").see("which did not answer");
    assert!(!lives(pid), "the first cockpit can still write");
    assert_eq!(first.exit_code(), 128 + 9);
    finish(&flight, &mut second);
    let journal = flight.journal();
    assert!(
        journal.contains("did not answer and was ended"),
        "{journal}"
    );
    assert!(!journal.contains("from the grave"));
}

#[test]
fn a_cockpit_that_answers_is_asked_to_leave_and_says_who_took_over() {
    let (flight, mut first) = flying();
    // Left to it first: nothing changes.
    let mut second = flight.cockpit(&["resume"]);
    second.see("That cockpit answers").see("Type take");
    second.type_("no").key("enter");
    assert_eq!(second.exit_code(), 2);
    first.see("running");
    let mut second = flight.cockpit(&["resume"]);
    second.see("That cockpit answers").see("Type take");
    second.type_("take").key("enter");
    assert_eq!(first.exit_code(), 0);
    assert!(
        first.screen().contains("was taken over by"),
        "{}",
        first.screen()
    );
    second.see("which left when");
    finish(&flight, &mut second);
}

#[test]
fn whoever_drives_now_is_not_taken_for_one_that_is_gone() {
    let flight = Flight::with(&["true"]);
    let mut first = flight.cockpit(&["open", "ROLLBACK.md"]);
    first.see("Flight plan").kill();
    // The name of the dead one still stands there.
    let mut second = flight.cockpit(&["resume"]);
    second.see("Where you are").see("did not leave");
    assert!(!second.screen().contains("taken over"));
    second.key("esc").gone("Where you are");
    assert_eq!(leave(&mut second), 0);
}
