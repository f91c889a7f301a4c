//! The open run box against a clock of the test's own.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};

use crate::app::Model;
use crate::app::key::Key;
use crate::app::layer::LayerKind;
use crate::app::msg::{BoxFor, Msg, Request};
use crate::app::update::{Clock, update};
use crate::domain::bearing::{Bearing, Found};
use crate::domain::event::{Confirmation, Gate};
use crate::domain::fixture::{Flight, action, expecting, plan, procedure, stamp, step};
use crate::domain::plan::{Action, Danger};
use crate::domain::runbox::RunBox;
use crate::domain::stale::HOLDS_S;
use crate::domain::{Command, Observation};

/// A cockpit on a flight, and its clock.
struct Bench {
    flight: Flight,
    model: Model,
    second: u64,
}

impl Bench {
    /// A check that was met, before what cannot be undone.
    fn new() -> Self {
        let wipe = Action {
            danger: Danger::Irreversible,
            ..action("wipe", "rm -rf old")
        };
        let mut it = plan();
        let steps = vec![step(
            "one",
            vec![expecting("check", "cat state", "ready"), wipe],
        )];
        it.procedures = vec![procedure("full", steps)];
        let mut flight = Flight::ready(it);
        flight.start("check", Confirmation::ReadOnly).expect("asks");
        flight.ends(0, "ready");
        Self::on(flight)
    }

    fn on(flight: Flight) -> Self {
        let second = u64::try_from(flight.events.len()).expect("a number");
        let records = Arc::new(flight.events.clone());
        let zone = FixedOffset::east_opt(0).expect("a zone");
        let incident = Arc::new(flight.incident.clone());
        let model = Model::new(incident, records, stamp(second).wall, zone, (120, 40));
        Self {
            flight,
            model,
            second,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        stamp(self.second).wall
    }

    fn gets(&mut self, msg: Msg) -> Vec<Request> {
        let clock = Clock {
            wall: self.now(),
            mono_ms: self.second * 1_000,
        };
        update(&mut self.model, msg, clock)
    }

    fn key(&mut self, key: Key) -> Vec<Request> {
        self.gets(Msg::Key(key, self.second * 1_000))
    }

    /// After so many seconds the clock of the cockpit ticks.
    fn ticks_after(&mut self, seconds: u64) -> Vec<Request> {
        self.second += seconds;
        self.gets(Msg::Tick)
    }

    fn prepared(&mut self, shown: RunBox, purpose: BoxFor) -> Vec<Request> {
        self.gets(Msg::Prepared(Some(Box::new(shown)), purpose))
    }

    fn opens(&mut self) -> RunBox {
        let shown = self.flight.shown("wipe");
        assert_eq!(shown.gates, []);
        let requests = self.prepared(shown.clone(), BoxFor::Show);
        assert_eq!(requests, []);
        shown
    }

    fn types(&mut self, word: &str) -> Vec<Request> {
        let mut requests = Vec::new();
        for c in word.chars() {
            requests.extend(self.key(Key::Char(c)));
        }
        requests.extend(self.key(Key::Enter));
        requests
    }

    fn shown(&self) -> &RunBox {
        match self.model.top().map(|layer| &layer.kind) {
            Some(LayerKind::RunBox { shown, .. }) => shown,
            other => panic!("no run box: {other:?}"),
        }
    }
}

fn starts(requests: &[Request]) -> usize {
    let start = |r: &&Request| matches!(r, Request::Submit(Command::Start { .. }));
    requests.iter().filter(start).count()
}

fn stale(shown: &RunBox) -> usize {
    let stale = |g: &&Gate| matches!(g, Gate::Stale(..));
    shown.gates.iter().filter(stale).count()
}

#[test]
fn what_was_fresh_when_the_box_opened_runs_while_it_is_fresh() {
    let mut bench = Bench::new();
    let shown = bench.opens();
    assert_eq!(bench.ticks_after(30), []);
    let word = shown.word.clone().expect("a word");
    assert_eq!(starts(&bench.types(&word)), 1);
}

#[test]
fn the_gate_comes_into_an_open_box_by_itself_and_nothing_passes_it() {
    let mut bench = Bench::new();
    let shown = bench.opens();
    let word = shown.word.clone().expect("a word");
    let half = u64::try_from(HOLDS_S).expect("a number") / 2;
    assert_eq!(bench.ticks_after(half), []);
    assert_eq!(stale(bench.shown()), 0);
    assert_eq!(bench.ticks_after(half + 60), [Request::Bell]);
    assert_eq!(stale(bench.shown()), 1, "the gate is there");
    assert!(
        bench.shown().notes[0].contains("was met"),
        "{:?}",
        bench.shown().notes
    );
    // Once, and not at every tick.
    assert_eq!(bench.ticks_after(1), []);
    assert_eq!(stale(bench.shown()), 1);
    bench.second += 5;
    assert_eq!(starts(&bench.types(&word)), 0);
}

#[test]
fn a_key_that_comes_before_the_next_tick_does_not_run_on_an_old_answer() {
    let mut bench = Bench::new();
    let shown = bench.opens();
    let word = shown.word.clone().expect("a word");
    bench.second += 5;
    for c in word.chars() {
        bench.key(Key::Char(c));
    }
    bench.second += u64::try_from(HOLDS_S).expect("a number");
    let requests = bench.key(Key::Enter);
    assert_eq!(starts(&requests), 0, "{requests:?}");
    assert_eq!(stale(bench.shown()), 1);
    // The rest of the word is not for what the box asks now.
    assert_eq!(bench.key(Key::Char('s')), []);
    bench.second += 2;
    let sensed = bench.key(Key::Char('s'));
    assert!(
        matches!(
            &sensed[..],
            [Request::Prepare {
                purpose: BoxFor::Sense,
                ..
            }]
        ),
        "{sensed:?}"
    );
}

#[test]
fn a_box_below_a_question_is_made_anew_when_it_is_in_view_again() {
    let mut bench = Bench::new();
    bench.opens();
    bench.key(Key::PageDown);
    bench.model.open(LayerKind::Help);
    let event = Command::SetEnvironment("blue".to_owned());
    bench.flight.wants(&event).expect("named");
    let incident = Arc::new(bench.flight.incident.clone());
    let records = Arc::new(bench.flight.events.clone());
    let again = |requests: &[Request]| {
        let again = |r: &&Request| {
            matches!(
                r,
                Request::Prepare {
                    purpose: BoxFor::Again,
                    ..
                }
            )
        };
        requests.iter().filter(again).count()
    };
    let requests = bench.gets(Msg::Incident(incident, records));
    assert_eq!(again(&requests), 0, "it is not in view");
    bench.second += 1;
    bench.key(Key::Esc);
    assert_eq!(again(&bench.ticks_after(1)), 1);
    assert_eq!(again(&bench.ticks_after(1)), 0, "it is on its way");
    let shown = bench.flight.shown("wipe");
    let requests = bench.prepared(shown, BoxFor::Again);
    assert_eq!(again(&requests), 0);
    assert_eq!(bench.shown().revision, bench.model.incident.run_revision);
}

fn another(found: &str) -> Vec<Bearing> {
    vec![Bearing {
        key: "host".to_owned(),
        expected: "db-1".to_owned(),
        found: Found::Other(found.to_owned()),
    }]
}

fn recorded(requests: &[Request]) -> usize {
    let seen = |r: &&Request| {
        let Request::Submit(Command::Observe(seen)) = r else {
            return false;
        };
        matches!(seen, Observation::OtherTarget { .. })
    };
    requests.iter().filter(seen).count()
}

#[test]
fn another_target_is_on_record_once_for_a_box_and_once_for_each_other_one() {
    let mut bench = Bench::new();
    let wrong = |bench: &Bench, found: &str| RunBox {
        bearings: another(found),
        problems: vec!["another target".to_owned()],
        ..bench.flight.shown("wipe")
    };
    let shown = wrong(&bench, "db-2");
    assert_eq!(recorded(&bench.prepared(shown.clone(), BoxFor::Show)), 1);
    for _ in 0..5 {
        assert_eq!(recorded(&bench.ticks_after(1)), 0, "not for each look");
    }
    assert_eq!(recorded(&bench.prepared(shown.clone(), BoxFor::Again)), 0);
    let other = wrong(&bench, "db-3");
    assert_eq!(
        recorded(&bench.prepared(other, BoxFor::Again)),
        1,
        "another one"
    );
    assert_eq!(recorded(&bench.prepared(shown.clone(), BoxFor::Again)), 0);
    bench.second += 1;
    bench.key(Key::Esc);
    assert_eq!(
        recorded(&bench.prepared(shown, BoxFor::Show)),
        1,
        "another box"
    );
    let right = bench.flight.shown("wipe");
    assert_eq!(recorded(&bench.prepared(right, BoxFor::Again)), 0);
}

#[test]
fn a_box_that_several_keys_asked_for_is_open_once() {
    let mut bench = Bench::new();
    bench.opens();
    for purpose in [BoxFor::Enter, BoxFor::Show, BoxFor::Enter] {
        let shown = bench.flight.shown("wipe");
        assert_eq!(bench.prepared(shown, purpose), []);
    }
    assert_eq!(bench.model.layers.len(), 1);
    bench.second += 1;
    bench.key(Key::Esc);
    assert!(bench.model.layers.is_empty(), "and closed once");
}

#[test]
fn a_number_that_begins_a_reason_is_a_part_of_it() {
    let mut bench = Bench::new();
    let steps = |bench: &mut Bench, text: &str| {
        bench.key(Key::Char('m'));
        let Some(LayerKind::Menu(_)) = bench.model.top().map(|l| &l.kind) else {
            panic!("no menu");
        };
        bench.second += 2;
        bench.key(Key::Char('s'));
        for c in text.chars() {
            bench.key(Key::Char(c));
        }
        match bench.model.top().map(|l| &l.kind) {
            Some(LayerKind::Ask(ask)) => (ask.input.text().to_owned(), ask.picked),
            other => panic!("no question: {other:?}"),
        }
    };
    bench.model.go_to_next();
    assert_eq!(steps(&mut bench, "1"), (String::new(), Some(0)));
    bench.key(Key::Esc);
    let text = "12 pods have no log";
    assert_eq!(steps(&mut bench, text), (text.to_owned(), None));
    bench.key(Key::Esc);
    assert_eq!(steps(&mut bench, "12"), (String::new(), Some(1)));
}

#[test]
fn what_was_changed_and_did_not_do_is_changed_further() {
    let mut bench = Bench::new();
    let mut own = bench.flight.shown("check");
    (own.edited, own.code) = (true, "cat /srv/state".into());
    own.wording = Some("cat <dir>/state".into());
    let start = Command::Start {
        shown: Box::new(own),
        confirmation: Confirmation::Pressed,
    };
    bench.flight.wants(&start).expect("starts");
    bench.flight.ends(1, "");
    bench.model.incident = Arc::new(bench.flight.incident.clone());
    // The plan's own text is what is offered; `e` has what ran.
    let shown = bench.flight.shown("check");
    bench.prepared(shown, BoxFor::Show);
    bench.second += 5;
    bench.key(Key::Char('e'));
    let Some(LayerKind::Ask(ask)) = bench.model.top().map(|layer| &layer.kind) else {
        panic!("nothing is asked");
    };
    assert_eq!(ask.input.text(), "cat <dir>/state");
    assert!(ask.hint.contains("ran last"), "{}", ask.hint);
}

#[test]
fn a_change_that_runs_again_offers_the_check_of_its_step_first() {
    let mut it = plan();
    let change = Action {
        danger: Danger::Changes,
        ..action("down", "alembic downgrade -1")
    };
    let check = expecting("is", "alembic current", "v1");
    it.procedures = vec![procedure("full", vec![step("one", vec![change, check])])];
    let mut flight = Flight::ready(it);
    flight.start("down", Confirmation::Pressed).expect("goes");
    flight.ends(0, "");
    let mut bench = Bench::on(flight);
    let shown = bench.flight.shown("down");
    assert_eq!(shown.word.as_deref(), Some("again"));
    bench.prepared(shown, BoxFor::Show);
    // The letters belong to the word that is due.
    assert_eq!(bench.key(Key::Char('s')), []);
    let requests = bench.key(Key::Tab);
    let asks = Request::Prepare {
        at: "is".into(),
        edited: None,
        purpose: BoxFor::Sense,
    };
    assert_eq!(requests, [asks]);
}
