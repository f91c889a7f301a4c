//! What the last line says of what has ended, and which keys it names.

use std::sync::Arc;

use chrono::FixedOffset;

use crate::app::Model;
use crate::app::key::Key;
use crate::app::msg::Msg;
use crate::app::update::{Clock, update};
use crate::domain::event::{Confirmation, Ending};
use crate::domain::fixture::{Flight, action, plan, procedure, stamp, step};
use crate::domain::ids::AttemptId;
use crate::domain::plan::{Action, Danger};
use crate::domain::{Command, Observation};

fn beside(id: &str, code: &str, tunnel: bool) -> Action {
    Action {
        monitor: true,
        tunnel,
        ..action(id, code)
    }
}

/// Two windows and a tunnel run; the cursor is at what goes through the tunnel.
fn at_work() -> (Flight, Model) {
    let mut it = plan();
    let send = Action {
        danger: Danger::Changes,
        ..action("send", "curl -X POST http://127.0.0.1:15432/")
    };
    let actions = vec![
        beside("log", "tail -f app.log", false),
        beside("pods", "watch kubectl get pods", false),
        beside("way", "kubectl port-forward svc/db 15432:5432", true),
        send,
        action("look", "date"),
    ];
    it.procedures = vec![procedure("full", vec![step("one", actions)])];
    let mut flight = Flight::ready(it);
    for id in ["log", "pods", "way"] {
        flight.start(id, Confirmation::ReadOnly).expect("starts");
    }
    let incident = Arc::new(flight.incident.clone());
    let records = Arc::new(flight.events.clone());
    let zone = FixedOffset::east_opt(0).expect("a zone");
    let mut model = Model::new(incident, records, stamp(0).wall, zone, (120, 40));
    model.go_to_next();
    model.focus = crate::app::Pane::Work;
    (flight, model)
}

fn gets(model: &mut Model, msg: Msg, mono_ms: u64) {
    let clock = Clock {
        wall: stamp(60).wall,
        mono_ms,
    };
    update(model, msg, clock);
}

fn ends(flight: &mut Flight, model: &mut Model, attempt: u32, at_ms: u64) {
    let ending = Ending {
        exit: Some(1),
        ..Ending::default()
    };
    let ended = Observation::Ended {
        attempt: AttemptId(attempt),
        ending,
        judgements: Vec::new(),
    };
    flight.wants(&Command::Observe(ended)).expect("observed");
    let incident = Arc::new(flight.incident.clone());
    let records = Arc::new(flight.events.clone());
    gets(model, Msg::Incident(incident, records), at_ms);
}

fn said(model: &Model) -> String {
    model
        .toast
        .as_ref()
        .map_or_else(String::new, |t| t.text.clone())
}

#[test]
fn a_key_is_named_only_while_it_acts_on_what_the_line_names() {
    let (mut flight, mut model) = at_work();
    ends(&mut flight, &mut model, 3, 60_000);
    let line = said(&model);
    assert!(
        line.starts_with("Failed beside the work; it holds up"),
        "{line}"
    );
    assert!(!line.contains("enter") && !line.contains(" m "), "{line}");
    // On it the keys act on it, and away from it they do not.
    gets(&mut model, Msg::Key(Key::Up, 60_100), 60_100);
    assert!(
        said(&model).contains("enter tries again"),
        "{}",
        said(&model)
    );
    gets(&mut model, Msg::Key(Key::Up, 60_200), 60_200);
    assert!(!said(&model).contains("enter"), "{}", said(&model));
    gets(&mut model, Msg::Key(Key::Down, 60_300), 60_300);
    gets(&mut model, Msg::Key(Key::BackTab, 60_400), 60_400);
    assert!(!said(&model).contains("enter"), "{}", said(&model));
}

#[test]
fn those_that_end_together_are_all_named() {
    let (mut flight, mut model) = at_work();
    ends(&mut flight, &mut model, 1, 60_000);
    ends(&mut flight, &mut model, 2, 60_050);
    let line = said(&model);
    assert!(
        line.starts_with("2 have ended: ") && line.contains("tail -f") && line.contains("watch"),
        "{line}"
    );
    // One is started again: the line is about the other.
    flight.start("log", Confirmation::ReadOnly).expect("again");
    let incident = Arc::new(flight.incident.clone());
    let records = Arc::new(flight.events.clone());
    gets(&mut model, Msg::Incident(incident, records), 60_100);
    assert!(
        said(&model).ends_with("beside the work: watch kubectl get pods"),
        "{}",
        said(&model)
    );
}
