//! Keys that no hand has pressed, against those of a quick one.

use std::sync::Arc;

use chrono::FixedOffset;

use crate::app::Model;
use crate::app::key::Key;
use crate::app::layer::LayerKind;
use crate::app::msg::{Msg, Request};
use crate::app::update::{Clock, update};
use crate::domain::Command;
use crate::domain::fixture::{Flight, action, plan, procedure, stamp, step};
use crate::domain::plan::{Action, ActionKind};

/// A cockpit at something that a person does, before something that runs.
fn at_the_row() -> Model {
    let call = Action {
        kind: ActionKind::Manual,
        ..action("call", "Call them")
    };
    let mut it = plan();
    it.procedures = vec![procedure(
        "full",
        vec![step("one", vec![call, action("b", "ls")])],
    )];
    let flight = Flight::ready(it);
    let (incident, records) = (Arc::new(flight.incident), Arc::new(flight.events));
    let zone = FixedOffset::east_opt(0).expect("a zone");
    let mut model = Model::new(incident, records, stamp(9).wall, zone, (120, 40));
    model.go_to_next();
    model
}

/// Presses keys so many milliseconds apart; gives the commands that come of it.
fn press(model: &mut Model, keys: &str, at_ms: &mut u64, apart_ms: u64) -> Vec<Command> {
    let mut commands = Vec::new();
    for c in keys.chars() {
        *at_ms += apart_ms;
        let key = if c == '\r' { Key::Enter } else { Key::Char(c) };
        let clock = Clock {
            wall: stamp(9).wall,
            mono_ms: *at_ms + 1,
        };
        let requests = update(model, Msg::Key(key, *at_ms), clock);
        commands.extend(requests.into_iter().filter_map(|r| match r {
            Request::Submit(command) => Some(command),
            _ => None,
        }));
    }
    commands
}

#[test]
fn a_burst_of_keys_decides_nothing_in_what_it_has_opened_itself() {
    let bursts = [
        "md",
        "mhcalled them\r",
        "msno time\r",
        "mllater\r",
        "xmd",
        "\rd",
        "the mail said: mark it as done, and mdmhx\rmsx\r",
        "drok\rdfok\r",
    ];
    for burst in bursts {
        for apart in [0, 1, 3, 8, 11] {
            let mut model = at_the_row();
            let commands = press(&mut model, burst, &mut 5_000, apart);
            // A note is a text, and settles nothing; it is not made either.
            assert_eq!(commands, [], "{burst:?}, {apart} ms apart");
        }
    }
}

#[test]
fn a_quick_hand_is_not_taken_for_a_burst() {
    for (keys, apart) in [
        ("md", 60),
        ("md", 25),
        ("msno time\r", 60),
        ("msno time\r", 20),
    ] {
        let mut model = at_the_row();
        let commands = press(&mut model, keys, &mut 5_000, apart);
        assert!(
            matches!(commands[..], [Command::MarkAction { .. }]),
            "{keys:?}, {apart} ms apart: {commands:?}"
        );
    }
}

#[test]
fn an_answer_may_come_quickly_in_a_question_that_was_in_view() {
    let mut model = at_the_row();
    let mut at = 5_000;
    assert_eq!(press(&mut model, "ms", &mut at, 200), []);
    assert!(matches!(
        model.top().map(|l| &l.kind),
        Some(LayerKind::Ask(_))
    ));
    at += 300;
    let commands = press(&mut model, "called them\r", &mut at, 2);
    assert!(
        matches!(commands[..], [Command::MarkAction { .. }]),
        "{commands:?}"
    );
}

#[test]
fn what_a_burst_has_opened_stays_open_for_the_hand_that_looks() {
    let mut model = at_the_row();
    let mut at = 5_000;
    assert_eq!(press(&mut model, "md", &mut at, 3), []);
    assert!(matches!(
        model.top().map(|l| &l.kind),
        Some(LayerKind::Menu(_))
    ));
    assert!(
        model
            .toast
            .as_ref()
            .is_some_and(|t| t.text.contains("faster than a hand"))
    );
    at += 400;
    let commands = press(&mut model, "d", &mut at, 0);
    assert!(
        matches!(commands[..], [Command::MarkAction { .. }]),
        "{commands:?}"
    );
}
