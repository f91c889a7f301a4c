//! Gives the keys to a step that asks on its own keyboard, when it asks and not before: a key that
//! was pressed while it still worked would answer a question that nobody has read.

use super::guard;
use super::key::Key;
use super::model::{Model, Pane};
use super::notice::{Waits, waits};
use crate::domain::ids::AttemptId;
use crate::domain::incident::Attempt;

/// An attempt has begun whose command asks on its own keyboard.
pub(super) fn expects(model: &mut Model, attempt: AttemptId) {
    model.asking = Some(attempt);
}

/// Gives the keys to the attempt that is expected to ask, if it does, its output is in view and
/// nothing else has the keys.
pub(super) fn when_asked(model: &mut Model) {
    let Some(id) = model.asking else {
        return;
    };
    let lives = model.incident.attempt(id).is_some_and(Attempt::is_alive);
    if !lives || model.typing.is_some() {
        model.asking = None;
        return;
    }
    if model.layers.is_empty() && model.output.attempt == Some(id) && asks(model, id) {
        model.asking = None;
        model.typing = Some(id);
        model.focus = Pane::Output;
        guard::keys_switched(model);
    }
}

/// Whether a command asks, as far as that can be told: its terminal says so, it has written what
/// looks like a question and is silent, or it has the whole screen.
fn asks(model: &Model, id: AttemptId) -> bool {
    if let Some(how) = waits(model, id) {
        return how != Waits::Decision;
    }
    model.output.first.is_none() && model.output.bytes > 0
}

/// Whether a key is held back while the step that is to ask has not asked: it may be meant for that.
pub(super) fn holds_back(model: &mut Model, key: Key) -> bool {
    if model.asking.is_none() || !model.layers.is_empty() {
        return false;
    }
    match key {
        Key::Esc => {
            model.asking = None;
            true
        }
        Key::Char('i' | 'x' | '?' | ':' | '/') => false,
        Key::Char(_) | Key::Enter => {
            model.say(
                "it has not asked yet: i types into it, esc leaves the keys here",
                false,
            );
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::msg::{Msg, Request};
    use crate::app::output::OutputView;
    use crate::app::update::{Clock, update};
    use crate::domain::condition::Input;
    use crate::domain::event::Confirmation;
    use crate::domain::fixture::{Flight, action, plan, procedure, stamp, step};
    use crate::domain::plan::Action;
    use crate::domain::{Condition, Present};
    use std::sync::Arc;

    /// A cockpit on a step that asks, which has just begun.
    struct Bench {
        model: Model,
        second: u64,
    }

    impl Bench {
        fn new() -> Self {
            let ask = Action {
                interactive: true,
                ..action("ask", "sleep 4; read -p 'Drop all? ' x")
            };
            let mut it = plan();
            it.procedures = vec![procedure("full", vec![step("one", vec![ask])])];
            let mut flight = Flight::ready(it);
            let records = Arc::new(flight.events.clone());
            let before = Arc::new(flight.incident.clone());
            let zone = chrono::FixedOffset::east_opt(0).expect("a zone");
            let model = Model::new(before, records, stamp(9).wall, zone, (80, 24));
            let mut bench = Self { model, second: 9 };
            flight.start("ask", Confirmation::ReadOnly).expect("begins");
            let (incident, records) = (flight.incident, flight.events);
            bench.gets(Msg::Incident(Arc::new(incident), Arc::new(records)));
            bench.shows(OutputView::default());
            bench
        }

        fn gets(&mut self, msg: Msg) -> Vec<Request> {
            self.second += 5;
            let clock = Clock {
                wall: stamp(self.second).wall,
                mono_ms: self.second * 1_000,
            };
            let msg = match msg {
                Msg::Key(key, _) => Msg::Key(key, clock.mono_ms),
                other => other,
            };
            update(&mut self.model, msg, clock)
        }

        fn shows(&mut self, view: OutputView) {
            self.gets(Msg::Output(OutputView {
                attempt: Some(AttemptId(1)),
                first: view.first.or(Some(1)),
                ..view
            }));
        }

        fn types(&mut self) -> bool {
            let sent = self.gets(Msg::Key(Key::Char('y'), 0));
            matches!(sent.as_slice(), [Request::Input(AttemptId(1), _)])
        }

        fn is(&mut self, input: Input) {
            let condition = Condition {
                input,
                ..Condition::default()
            };
            let mut present = Present::default();
            present.attempts.insert(AttemptId(1), condition);
            self.gets(Msg::Present(present));
        }
    }

    #[test]
    fn keys_that_come_before_the_question_do_not_answer_it() {
        let mut bench = Bench::new();
        bench.is(Input::Busy);
        assert!(!bench.types(), "it still works");
        bench.model.layers.clear();
        bench.is(Input::Line);
        assert!(bench.types(), "it asks");
    }

    #[test]
    fn what_does_not_tell_asks_where_it_looks_like_it() {
        let mut bench = Bench::new();
        // A line that is left open is none: it may go on.
        bench.shows(OutputView {
            cursor: Some((1, 6)),
            ..OutputView::default()
        });
        assert!(!bench.types());
        bench.shows(OutputView {
            waits: true,
            ..OutputView::default()
        });
        assert!(bench.types());
    }

    #[test]
    fn a_key_that_was_meant_for_the_question_is_not_the_cockpits() {
        let mut bench = Bench::new();
        bench.is(Input::Busy);
        for key in [Key::Char('q'), Key::Enter, Key::Char('d')] {
            assert_eq!(bench.gets(Msg::Key(key, 0)), []);
        }
        assert!(!bench.model.leaving && bench.model.layers.is_empty());
        bench.gets(Msg::Key(Key::Esc, 0));
        bench.gets(Msg::Key(Key::Char('n'), 0));
        assert_eq!(bench.model.layers.len(), 1, "a note");
    }

    #[test]
    fn the_keys_are_not_taken_from_what_is_open_nor_a_second_time() {
        let mut bench = Bench::new();
        bench.gets(Msg::Key(Key::Char('?'), 0));
        assert_eq!(bench.model.layers.len(), 1);
        bench.is(Input::Line);
        assert_eq!(bench.model.typing, None, "the help is open");
        bench.gets(Msg::Key(Key::Esc, 0));
        assert!(bench.types());
        bench.gets(Msg::Key(Key::Ctrl(']'), 0));
        bench.is(Input::Line);
        assert_eq!(bench.model.typing, None, "it was left");
    }
}
