//! The log in the operator's language: what happened, and what then stands in the form.

use proptest::prelude::*;

use super::fixture::{self, FORM, plan, template, time, utc};
use super::log::{Entry, Log, Source, filled, render};
use crate::domain::event::{ActionMark, Event, ItemMark};
use crate::domain::fixture::Flight;
use crate::domain::plan::{Plan, TemplateKind};

fn log(flight: &Flight) -> Log {
    filled(&flight.incident, &flight.events, time(700), &utc())
}

fn entry<'l>(log: &'l Log, label: &str) -> &'l Entry {
    log.entries
        .iter()
        .find(|e| e.label == label)
        .expect("a field of that label")
}

fn value(flight: &Flight, label: &str) -> String {
    entry(&log(flight), label).value.clone()
}

#[test]
fn at_the_opening_only_the_id_and_the_time_are_known() {
    let flight = Flight::open(plan());
    let text = render(&log(&flight));
    let expected = FORM
        .replacen("Incident ID: ____", "Incident ID: inc-1", 1)
        .replacen("Date/Time: ____", "Date/Time: 2026-11-20 03:00:00 UTC", 1);
    assert_eq!(text, expected);
    assert_eq!(log(&flight).filled, 2);
}

#[test]
fn a_form_that_asks_nothing_known_is_rendered_as_it_is() {
    let text = "Moon phase: ____\nMood: [ ] good  [ ] bad\n  odd ☐ line ✅\n";
    let odd = Plan {
        templates: vec![template("odd", TemplateKind::IncidentLog, text)],
        ..plan()
    };
    let mut flight = Flight::ready(odd);
    fixture::fly(&mut flight);
    assert_eq!(render(&log(&flight)), text);
}

#[test]
fn the_severity_is_ticked_and_the_triggers_are_what_went_wrong() {
    let flight = fixture::ready();
    let text = render(&log(&flight));
    assert!(text.contains("Severity: [x] HIGH  [ ] LOW"), "{text}");
    assert!(text.contains("What went wrong: we see errors\n"), "{text}");
    assert!(text.contains("Decision maker: ana\n"), "{text}");
    assert!(text.contains("Approved by: ____"), "{text}");
}

#[test]
fn detection_is_blank_until_somebody_says_it() {
    let mut flight = fixture::ready();
    assert_eq!(
        entry(&log(&flight), "When discovered").source,
        Source::Blank
    );
    let at = time(0) - chrono::TimeDelta::minutes(12);
    fixture::record(
        &mut flight,
        30,
        Event::Timed {
            moment: crate::domain::Moment::Detected,
            at,
            reason: String::new(),
        },
    );
    assert_eq!(value(&flight, "When discovered"), "2026-11-20 02:48:00 UTC");
    assert_eq!(
        log(&flight).last_filled,
        Some(entry(&log(&flight), "When discovered").field.clone())
    );
}

#[test]
fn looking_does_not_start_the_rollback_and_the_first_change_does() {
    let mut flight = fixture::ready();
    fixture::run(&mut flight, "look", 0, "v1");
    assert_eq!(value(&flight, "Rollback started"), "");
    fixture::start(&mut flight, "down-1");
    assert_ne!(value(&flight, "Rollback started"), "");
    let running = entry(&log(&flight), "Database rollback").clone();
    assert!(
        running.value.starts_with("running since 03:00:"),
        "{}",
        running.value
    );
    assert!(running.value.ends_with("0 of 2 done"), "{}", running.value);
    assert!(matches!(running.source, Source::Running(_)));
}

#[test]
fn half_of_the_database_is_not_the_database() {
    let mut flight = fixture::ready();
    fixture::run(&mut flight, "look", 0, "v1");
    fixture::run(&mut flight, "down-1", 0, "");
    let half = entry(&log(&flight), "Database rollback").clone();
    assert!(half.value.ends_with("1 of 2 done"), "{}", half.value);
    assert!(matches!(half.source, Source::Partial(_)));
    fixture::run(&mut flight, "down-2", 1, "");
    let failed = value(&flight, "Database rollback");
    assert!(failed.contains("FAILED"), "{failed}");
    assert_eq!(value(&flight, "Database restored"), "");
}

#[test]
fn a_step_of_unknown_outcome_is_unknown_in_the_log() {
    let mut flight = fixture::ready();
    fixture::run(&mut flight, "look", 0, "v1");
    fixture::start(&mut flight, "down-1");
    let attempt = crate::domain::ids::AttemptId(2);
    fixture::record(
        &mut flight,
        60,
        Event::AttemptLost {
            attempt,
            why: "no result".to_owned(),
        },
    );
    assert!(value(&flight, "Database rollback").contains("UNKNOWN"));
}

#[test]
fn a_flown_procedure_fills_its_times_and_ticks_its_method() {
    let mut flight = fixture::ready();
    fixture::fly(&mut flight);
    let text = render(&log(&flight));
    assert!(
        text.contains("Rollback method: [ ] Database  [ ] Code  [x] Full Restore"),
        "{text}"
    );
    assert!(
        text.contains("Rollback completed: 2026-11-20 03:10:00 UTC\n"),
        "{text}"
    );
    assert!(text.contains("Database restored: Yes\n"), "{text}");
    let database = entry(&log(&flight), "Database rollback").clone();
    assert!(
        database.value.contains("by exit status only"),
        "{}",
        database.value
    );
    assert_eq!(
        database.source,
        Source::Known("evidence 0002, 0003".to_owned())
    );
}

#[test]
fn work_by_hand_is_said_to_be_by_hand() {
    let mut flight = fixture::ready();
    fixture::run(&mut flight, "look", 0, "v1");
    for id in ["down-1", "down-2"] {
        let event = Event::ActionMarked {
            action: id.into(),
            mark: ActionMark::DoneByHand,
            reason: "on the database host".to_owned(),
            done_at: Some(time(90)),
            pasted: String::new(),
        };
        fixture::record(&mut flight, 100, event);
    }
    assert_eq!(
        value(&flight, "Database rollback"),
        "2026-11-20 03:01:30 to 03:01:30 UTC, 2 by hand"
    );
    assert_eq!(
        value(&flight, "Rollback started"),
        "2026-11-20 03:01:30 UTC"
    );
}

#[test]
fn a_verification_names_who_said_it_and_what_sensed_it() {
    let mut flight = fixture::ready();
    fixture::fly(&mut flight);
    let item = "after/Data integrity confirmed".into();
    fixture::record(
        &mut flight,
        610,
        Event::ItemMarked {
            item,
            mark: ItemMark::Done,
            reason: String::new(),
        },
    );
    let half = value(&flight, "Data integrity confirmed");
    assert_eq!(half, "not yet: 1 of 2 items confirmed; 1 said by ana");
    fixture::run(&mut flight, "rows", 0, "42 rows");
    let whole = value(&flight, "Data integrity confirmed");
    assert!(whole.starts_with("yes, 2026-11-20 03:"), "{whole}");
    assert!(
        whole.ends_with("(2 of 2 items confirmed; 1 said by ana; 1 sensed (evidence 0006))"),
        "{whole}"
    );
    let item = "after/Data integrity confirmed".into();
    fixture::record(
        &mut flight,
        620,
        Event::ItemMarked {
            item,
            mark: ItemMark::Deferred,
            reason: "later".to_owned(),
        },
    );
    let deferred = entry(&log(&flight), "Data integrity confirmed").clone();
    assert!(deferred.value.starts_with("not yet"), "{}", deferred.value);
    assert!(!deferred.is_filled());
}

#[test]
fn the_operators_words_win_over_what_is_known_and_come_back_when_taken_out() {
    let mut flight = fixture::ready();
    let id = entry(&log(&flight), "What went wrong").field.clone();
    let text = "Checkout shows 500s.\nSince the release.".to_owned();
    fixture::record(
        &mut flight,
        50,
        Event::FieldWritten {
            field: id.clone(),
            text,
        },
    );
    let rendered = render(&log(&flight));
    assert!(
        rendered.contains("What went wrong: Checkout shows 500s.\n  Since the release.\n"),
        "{rendered}"
    );
    assert_eq!(log(&flight).last_filled, Some(id.clone()));
    fixture::record(
        &mut flight,
        60,
        Event::FieldWritten {
            field: id,
            text: String::new(),
        },
    );
    assert_eq!(value(&flight, "What went wrong"), "we see errors");
}

#[test]
fn a_choice_written_by_hand_is_ticked_and_other_words_stand_behind_it() {
    let mut flight = fixture::ready();
    let id = entry(&log(&flight), "Severity").field.clone();
    let text = "low, see ticket 7".to_owned();
    fixture::record(&mut flight, 50, Event::FieldWritten { field: id, text });
    let rendered = render(&log(&flight));
    assert!(
        rendered.contains("Severity: [ ] HIGH  [x] LOW (see ticket 7)\n"),
        "{rendered}"
    );
}

#[test]
fn the_last_date_of_the_form_is_that_of_the_close() {
    let mut flight = fixture::ready();
    fixture::fly(&mut flight);
    let closed = Event::Closed {
        sign_off: "ana".to_owned(),
        left_open: Vec::new(),
    };
    fixture::record(&mut flight, 660, closed);
    let rendered = render(&log(&flight));
    assert!(
        rendered.ends_with("Sign-off: ana\nDate/Time: 2026-11-20 03:11:00 UTC\n"),
        "{rendered}"
    );
    assert!(
        rendered.contains("Date/Time: 2026-11-20 03:00:00 UTC\nSeverity"),
        "{rendered}"
    );
}

#[test]
fn a_plan_without_a_form_gets_ours_and_every_blank_of_it_can_be_told_apart() {
    let bare = Plan {
        templates: Vec::new(),
        ..plan()
    };
    let mut flight = Flight::ready(bare);
    let before = log(&flight);
    let mut ids: Vec<_> = before.entries.iter().map(|e| e.field.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), before.total);
    assert_eq!(value(&flight, "Primary cause"), "");
    fixture::fly(&mut flight);
    assert!(log(&flight).filled > before.filled + 4);
}

proptest! {
    #[test]
    fn whatever_is_written_between_the_blanks_stays(lines in proptest::collection::vec("[ -~äöü✅☐]{0,30}", 0..8)) {
        let mut text = lines.join("\n");
        text.push_str("\nMoon phase: ____\n");
        text.push_str(&lines.join("\n"));
        let odd = Plan { templates: vec![template("odd", TemplateKind::IncidentLog, &text)], ..plan() };
        let flight = Flight::open(odd);
        let log = log(&flight);
        prop_assume!(log.entries.iter().all(|e| e.source == Source::Blank));
        prop_assert_eq!(render(&log), text);
    }
}
