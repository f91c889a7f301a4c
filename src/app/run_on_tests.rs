//! A run-on and the key that stops it.

use std::sync::Arc;

use chrono::FixedOffset;

use crate::app::Model;
use crate::app::key::Key;
use crate::app::layer::LayerKind;
use crate::app::model::Running;
use crate::app::msg::{BoxFor, Msg, Request};
use crate::app::update::{Clock, update};
use crate::domain::event::Confirmation;
use crate::domain::fixture::{Flight, expecting, plan, procedure, stamp, step};
use crate::domain::ids::AttemptId;
use crate::domain::{Command, Observation};

/// A cockpit whose run-on has begun the first of two actions.
fn run_on() -> (Flight, Model) {
    let mut it = plan();
    let actions = vec![
        expecting("first", "cat state", "ready"),
        expecting("second", "cat other", "ready"),
    ];
    it.procedures = vec![procedure("full", vec![step("one", actions)])];
    let mut flight = Flight::ready(it);
    flight
        .start("first", Confirmation::ReadOnly)
        .expect("begins");
    let zone = FixedOffset::east_opt(0).expect("a zone");
    let incident = Arc::new(flight.incident.clone());
    let records = Arc::new(flight.events.clone());
    let mut model = Model::new(incident, records, stamp(0).wall, zone, (120, 40));
    let first = flight.incident.attempts[0].intent.action.clone();
    let second = flight.shown("second").action;
    model.running = Some(Running {
        left: vec![second],
        current: Some(first),
        stopping: false,
    });
    (flight, model)
}

fn gets(model: &mut Model, msg: Msg) -> Vec<Request> {
    let clock = Clock {
        wall: stamp(60).wall,
        mono_ms: 60_000,
    };
    update(model, msg, clock)
}

fn ends(flight: &mut Flight, model: &mut Model) -> Vec<Request> {
    flight.ends(0, "ready");
    let incident = Arc::new(flight.incident.clone());
    let records = Arc::new(flight.events.clone());
    gets(model, Msg::Incident(incident, records))
}

fn goes_on(requests: &[Request]) -> bool {
    let next = |r: &Request| {
        matches!(
            r,
            Request::Prepare {
                purpose: BoxFor::RunOn,
                ..
            }
        )
    };
    requests.iter().any(next)
}

#[test]
fn it_goes_on_after_what_ended_well() {
    let (mut flight, mut model) = run_on();
    assert!(goes_on(&ends(&mut flight, &mut model)));
    assert!(model.running.is_some());
}

#[test]
fn nothing_begins_under_the_question_whether_to_stop() {
    let (mut flight, mut model) = run_on();
    gets(&mut model, Msg::Key(Key::Ctrl('c'), 60_000));
    assert!(matches!(
        model.top().map(|l| &l.kind),
        Some(LayerKind::Stop(_))
    ));
    assert!(!goes_on(&ends(&mut flight, &mut model)));
    assert_eq!(model.running, None);
    assert!(
        model.layers.is_empty(),
        "there is nothing left to be stopped"
    );
}

#[test]
fn between_two_actions_the_key_stops_it_and_no_box_comes() {
    let (mut flight, mut model) = run_on();
    assert!(goes_on(&ends(&mut flight, &mut model)));
    gets(&mut model, Msg::Key(Key::Ctrl('c'), 60_000));
    assert_eq!(model.running, None);
    let shown = flight.shown("second");
    let prepared = Msg::Prepared(Some(Box::new(shown)), BoxFor::RunOn);
    assert_eq!(gets(&mut model, prepared), []);
    assert!(model.layers.is_empty());
}

/// The cockpit gets what the incident has come to.
fn shows(flight: &Flight, model: &mut Model) -> Vec<Request> {
    let incident = Arc::new(flight.incident.clone());
    let records = Arc::new(flight.events.clone());
    gets(model, Msg::Incident(incident, records))
}

#[test]
fn what_was_not_set_off_stops_it_and_says_why() {
    let (mut flight, mut model) = run_on();
    let refused = Observation::NeverRan {
        attempt: AttemptId(1),
        why: "another host".to_owned(),
    };
    flight.wants(&Command::Observe(refused)).expect("observed");
    assert!(!goes_on(&shows(&flight, &mut model)));
    assert_eq!(model.running, None);
    let toast = model.toast.as_ref().map(|t| t.text.as_str());
    assert!(
        toast.is_some_and(|t| t.contains("run-on stopped") && t.contains("another host")),
        "{toast:?}"
    );
}

#[test]
fn what_ends_beside_it_neither_stops_nor_drives_it() {
    let (mut flight, mut model) = run_on();
    let waits_for = flight.shown("second").action;
    // As if the run-on's own were another one, and this one a monitor.
    let running = model.running.as_mut().expect("a run-on");
    running.current = Some(waits_for.clone());
    let before = model.running.clone();
    flight.ends(1, "gone");
    assert!(!goes_on(&shows(&flight, &mut model)));
    assert_eq!(model.running, before);
}
