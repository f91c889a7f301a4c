//! The timeline and the resume card, as a colleague reads them.

use super::fixture::{self, plan, time, utc};
use super::resume::resume_card;
use super::timeline::timeline;
use crate::domain::event::{ActionMark, Event, Gate, ItemMark};
use crate::domain::fixture::Flight;
use crate::domain::ids::AttemptId;

fn told(flight: &Flight) -> Vec<String> {
    let lines = timeline(&flight.events, &flight.incident.plan, &utc());
    assert_eq!(lines.len(), flight.events.len(), "no event is left out");
    lines
        .into_iter()
        .map(|l| format!("{} {}", l.who, l.what))
        .collect()
}

#[test]
fn who_did_what_and_why() {
    let mut flight = fixture::ready();
    let gate = Gate::Checklist("pre".into());
    fixture::record(
        &mut flight,
        40,
        Event::GateWaived {
            gate,
            reason: "nobody to tell".to_owned(),
        },
    );
    let mark = Event::ActionMarked {
        action: "down-1".into(),
        mark: ActionMark::DoneByHand,
        reason: "on the database host".to_owned(),
        done_at: Some(time(20)),
        pasted: "a\nb\n".to_owned(),
    };
    fixture::record(&mut flight, 50, mark);
    let told = told(&flight);
    for line in [
        "ana opened incident inc-1 in staging with plan.md; this runbook had been accepted before",
        "ana decided to roll back",
        "ana item “told” done",
        "ana chose the procedure “Full rollback”",
        "ana saw: we see errors",
        "ana passed the checklist Checklist pre without it: nobody to tell",
        "ana action “Step db › alembic downgrade -1” done by hand at 2026-11-20 03:00:20 UTC \
         (with 2 pasted lines of output): on the database host",
    ] {
        assert!(
            told.iter().any(|t| t == line),
            "{line}\nnot in\n{}",
            told.join("\n")
        );
    }
}

#[test]
fn an_attempt_tells_its_exit_its_time_and_its_verdict() {
    let mut flight = fixture::ready();
    fixture::run(&mut flight, "look", 0, "nothing here");
    let lines = timeline(&flight.events, &flight.incident.plan, &utc());
    let ended = lines
        .iter()
        .find(|l| l.what.contains("ended"))
        .expect("an end");
    assert_eq!(ended.attempt, Some(AttemptId(1)));
    assert!(
        ended
            .what
            .starts_with("attempt 0001 ended after 1.0 s: exit 0; not met"),
        "{}",
        ended.what
    );
}

#[test]
fn an_undo_says_what_is_true_again() {
    let mut flight = fixture::ready();
    let back = Event::TriggerTicked {
        trigger: "errors".into(),
        on: false,
    };
    fixture::record(&mut flight, 60, Event::Undone(Box::new(back)));
    let last = told(&flight).pop().expect("a line");
    assert_eq!(
        last,
        "ana took back the last change; now again: no longer ticked: we see errors"
    );
}

#[test]
fn somebody_who_comes_back_sees_where_it_stands() {
    let mut flight = fixture::ready();
    fixture::run(&mut flight, "look", 0, "v1");
    fixture::run(&mut flight, "down-1", 0, "");
    fixture::start(&mut flight, "down-2");
    let card = resume_card(&flight.incident, time(100));
    let last = card.last_done.expect("something was done");
    assert!(
        last.starts_with("attempt 0002 at Step db › alembic downgrade -1: exit 0 (ana) · 03:00:"),
        "{last}"
    );
    assert_eq!(card.running.len(), 1);
    assert!(
        card.running[0].contains("attempt 0003"),
        "{}",
        card.running[0]
    );
    assert!(card.unknown.is_empty());
    // What ran or runs elsewhere says where.
    for attempt in &mut flight.incident.attempts {
        attempt.intent.there = Some("ssh app-1 bash -s".to_owned());
        "app-1".clone_into(&mut attempt.intent.host);
    }
    let far = resume_card(&flight.incident, time(100));
    let last = far.last_done.expect("something was done");
    assert!(last.contains("downgrade -1 (on app-1): exit 0"), "{last}");
    assert!(
        far.running[0].contains("(on app-1): confirmed"),
        "{:?}",
        far.running
    );
    for attempt in &mut flight.incident.attempts {
        attempt.intent.there = None;
    }

    let lost = Event::AttemptLost {
        attempt: AttemptId(3),
        why: "no result".to_owned(),
    };
    fixture::record(&mut flight, 110, lost);
    let card = resume_card(&flight.incident, time(120));
    assert!(card.running.is_empty());
    assert_eq!(
        card.unknown,
        ["attempt 0003 at Step db › alembic downgrade -1: UNKNOWN: no result"]
    );
}

#[test]
fn what_has_failed_is_not_called_unknown() {
    let mut flight = fixture::ready();
    fixture::run(&mut flight, "look", 1, "");
    let card = resume_card(&flight.incident, time(100));
    assert_eq!((card.unknown.len(), card.to_judge.len()), (0, 0));
    assert_eq!(card.failed.len(), 1, "{:?}", card.failed);
    assert!(
        card.failed[0].starts_with("attempt 0001 at "),
        "{:?}",
        card.failed
    );
    let marked = Event::ActionMarked {
        action: "look".into(),
        mark: ActionMark::DoneByHand,
        reason: "by hand".to_owned(),
        done_at: None,
        pasted: String::new(),
    };
    fixture::record(&mut flight, 90, marked);
    assert!(resume_card(&flight.incident, time(100)).failed.is_empty());
}

#[test]
fn what_is_next_follows_the_stage() {
    let mut flight = Flight::open(plan());
    let next = |flight: &Flight| {
        resume_card(&flight.incident, time(650))
            .next
            .unwrap_or_default()
    };
    assert_eq!(next(&flight), "decide: roll back, fix forward or monitor");
    flight = fixture::ready();
    assert_eq!(next(&flight), "Step look › git tag");
    for (at, output) in [
        ("look", "v1"),
        ("down-1", ""),
        ("down-2", ""),
        ("checkout", ""),
        ("restart", ""),
    ] {
        fixture::run(&mut flight, at, 0, output);
    }
    assert_eq!(next(&flight), "mark the rollback as complete");
    fixture::complete(&mut flight);
    assert_eq!(next(&flight), "Checklist after: Data integrity confirmed");
    let item = "after/Data integrity confirmed".into();
    let put_off = Event::ItemMarked {
        item,
        mark: ItemMark::Deferred,
        reason: "needs the DBA".to_owned(),
    };
    fixture::record(&mut flight, 610, put_off);
    let card = resume_card(&flight.incident, time(650));
    assert_eq!(card.deferred, ["Data integrity confirmed: needs the DBA"]);
    assert_eq!(card.next.as_deref(), Some("Checklist after: Shop opens"));
}
