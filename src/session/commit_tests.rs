//! The wait before a COMMIT in a session: what is recorded before the program is told.

use super::*;
use crate::domain::transaction::{Conduct, Done, Terms};

fn tally() -> Tally {
    Tally {
        unmet: Vec::new(),
        statements: vec![Done {
            verb: "DELETE".to_owned(),
            line: 1,
            rows: Some(7),
        }],
        tables: Vec::new(),
        shut: Vec::new(),
        place: "shop on db-1 as ana".to_owned(),
        until: chrono::DateTime::UNIX_EPOCH,
    }
}

/// A session whose attempt waits.
fn waiting(bench: &Bench) -> (Session, PathBuf) {
    let session = bench.open();
    ready(&session);
    let Command::Start {
        mut shown,
        confirmation,
    } = look(&session)
    else {
        unreachable!("a start")
    };
    shown.terms = Some(Terms {
        conduct: Conduct::Held,
        max_affected: None,
        statement_timeout_s: None,
        lock_timeout_s: None,
        patience_s: 60,
        at_once: None,
    });
    let start = Command::Start {
        shown,
        confirmation,
    };
    session.submit_and_wait(start).expect("started");
    let dir = session.evidence_dir(AttemptId(1));
    let all = &bench.world.waiting;
    all.lock().expect("lock").insert(dir.clone(), tally());
    until(&session, "waiting", |i| i.waits_for_commit().is_some());
    (session, dir)
}

fn decide(commit: bool) -> Command {
    Command::DecideCommit {
        attempt: AttemptId(1),
        commit,
        confirmation: Confirmation::Pressed,
    }
}

fn told(bench: &Bench) -> Vec<(PathBuf, bool, bool)> {
    bench.world.settled.lock().expect("lock").clone()
}

fn until_told(bench: &Bench, times: usize) {
    let begun = std::time::Instant::now();
    while told(bench).len() < times {
        assert!(begun.elapsed().as_secs() < 20, "never told");
        std::thread::yield_now();
    }
}

#[test]
fn a_decision_is_on_disk_before_the_program_is_told() {
    let bench = Bench::new();
    let (session, dir) = waiting(&bench);
    let incident = session.incident();
    let waits = incident.waits_for_commit().expect("a wait");
    assert_eq!(waits.awaits(), Some(&tally()));
    session.submit_and_wait(decide(true)).expect("decided");
    until_told(&bench, 1);
    assert_eq!(told(&bench), [(dir, true, true)]);
    let awaited =
        |r: &crate::domain::event::Recorded| matches!(r.event, Event::CommitAwaited { .. });
    let times = session.records(0).into_iter().filter(awaited).count();
    assert_eq!(times, 1, "it was seen once");
}

#[test]
fn a_wait_that_has_ended_takes_no_decision() {
    let bench = Bench::new();
    let (session, dir) = waiting(&bench);
    bench.world.becomes(&dir, Found::Ended(Ending::default()));
    until(&session, "ended", |i| i.waits_for_commit().is_none());
    let refused = session.submit_and_wait(decide(true));
    assert!(
        matches!(
            refused,
            Err(SubmitError::Refused(Refusal::NotInThatState(_)))
        ),
        "{refused:?}"
    );
    assert!(told(&bench).is_empty());
}

#[test]
fn after_a_restart_the_question_is_still_there_and_a_decision_gets_there() {
    let bench = Bench::new();
    let (session, _) = waiting(&bench);
    let session = bench.resume(session);
    assert!(session.incident().waits_for_commit().is_some());
    session.submit_and_wait(decide(false)).expect("decided");
    until_told(&bench, 1);
    let _session = bench.resume(session);
    until_told(&bench, 2);
    assert!(told(&bench).iter().all(|(_, commit, _)| !commit));
}
