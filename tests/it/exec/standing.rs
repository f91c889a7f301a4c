//! How an attempt stands while it runs, as whoever listens is told.

use super::*;
use backout::domain::condition::{Condition, Input};
use backout::exec::Ear;

/// Listens until it stands as it should.
pub(super) fn hears(ear: &mut Ear, what: &str, holds: impl Fn(&Condition) -> bool) -> Condition {
    let end = Instant::now() + DEADLINE;
    let mut last = None;
    while Instant::now() < end {
        if let Some(condition) = ear.listen(Duration::from_millis(100)) {
            if holds(&condition) {
                return condition;
            }
            last = Some(condition);
        }
    }
    panic!("never heard: {what}; last: {last:?}");
}

#[test]
fn what_it_waits_for_is_told_as_the_terminal_has_it() {
    let bench = Bench::new();
    let code = "read -r -s -p 'Password: ' w; echo; echo \"length ${#w}\"; read -r x; \
                echo \"read $x\"; until [ -e go ]; do sleep 0.05; done";
    let attempt = bench.start(&bench.shell(code));
    let mut ear = Ear::at(&attempt.dir);
    hears(&mut ear, "a password", |c| c.input == Input::Hidden);
    let mut control = Control::connect(&attempt.dir).unwrap();
    control.input(b"abc\r").unwrap();
    attempt.shows("length 3");
    hears(&mut ear, "a line", |c| c.input == Input::Line);
    control.input(b"yes\r").unwrap();
    attempt.shows("read yes");
    // It sleeps and loops: it is silent and does not read.
    hears(&mut ear, "busy", |c| c.input == Input::Busy);
    fs::write(bench.path("go"), "").unwrap();
    assert_eq!(attempt.outcome().exit, Some(0));
    assert!(!attempt.output().contains("abc") && attempt.output().contains("yes"));
}

#[test]
fn of_a_program_that_reads_keys_nothing_is_said() {
    let bench = Bench::new();
    let code = "stty -icanon -echo; echo raw; until [ -e go ]; do sleep 0.05; done";
    let attempt = bench.start(&bench.shell(code));
    attempt.shows("raw");
    let mut ear = Ear::at(&attempt.dir);
    hears(&mut ear, "untold", |c| c.input == Input::Untold);
    fs::write(bench.path("go"), "").unwrap();
    assert_eq!(attempt.outcome().exit, Some(0));
}

#[test]
fn what_was_typed_without_echo_is_not_carried_on_though_its_supervisor_was_killed() {
    for killed in [true, false] {
        let bench = Bench::new();
        let mut spec = bench.shell("kept=plain; read -r -s w; read -r x; echo \"got ${#w} $x\"");
        let state = bench.path("state");
        spec.state_out = Some(state.clone());
        let attempt = bench.start(&spec);
        let mut ear = Ear::at(&attempt.dir);
        hears(&mut ear, "a password", |c| c.input == Input::Hidden);
        let mut control = Control::connect(&attempt.dir).unwrap();
        control.input(b"hunter2secret\r").unwrap();
        hears(&mut ear, "a line", |c| c.input == Input::Line);
        if killed {
            kill9(attempt.supervisor());
            hears(&mut ear, "a line again", |c| c.input == Input::Line);
        }
        Control::connect(&attempt.dir)
            .unwrap()
            .input(b"done\r")
            .unwrap();
        let outcome = attempt.outcome();
        assert_eq!((outcome.exit, outcome.taken_over), (Some(0), killed));
        assert!(outcome.state_captured);
        let carried = String::from_utf8_lossy(&fs::read(&state).unwrap()).into_owned();
        assert!(carried.contains("kept") && carried.contains("done"));
        assert!(!carried.contains("hunter2secret"), "killed: {killed}");
    }
}
