//! The screens in the operator's language: keys in, text out, at the sizes that must work.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::{Theme, draw};
use crate::app::rows::Target;
use crate::app::{Clock, Key, Model, Msg, Request, update};
use crate::domain::Command;
use crate::domain::elsewhere::Goes;
use crate::domain::event::Confirmation;
use crate::domain::fixture::{Flight, plan, stamp};

const THEME: Theme = Theme {
    colour: false,
    ascii: false,
};

/// A cockpit under test.
pub(super) struct Cockpit {
    pub(super) flight: Flight,
    pub(super) model: Model,
    at_ms: u64,
}

impl Cockpit {
    pub(super) fn on(flight: Flight, size: (u16, u16)) -> Self {
        let incident = Arc::new(flight.incident.clone());
        let records = Arc::new(flight.events.clone());
        let model = Model::new(
            incident,
            records,
            stamp(60).wall,
            chrono::FixedOffset::east_opt(0).expect("UTC"),
            size,
        );
        Self {
            flight,
            model,
            at_ms: 60_000,
        }
    }

    pub(super) fn clock(&self) -> Clock {
        Clock {
            wall: stamp(self.at_ms / 1_000).wall,
            mono_ms: self.at_ms,
        }
    }

    /// Presses a key; commands are carried out as the session would.
    pub(super) fn press(&mut self, key: Key) -> Vec<Request> {
        self.press_after(1_000, key)
    }

    /// Presses a key so many milliseconds after what was last done.
    pub(super) fn press_after(&mut self, wait_ms: u64, key: Key) -> Vec<Request> {
        self.at_ms += wait_ms;
        let clock = self.clock();
        let requests = update(&mut self.model, Msg::Key(key, self.at_ms), clock);
        let reach = super::reach(&self.model, THEME);
        self.model.hold_scroll(reach);
        for request in &requests {
            match request {
                Request::Submit(command) => match self.flight.wants(command) {
                    Ok(()) => self.show(),
                    Err(refusal) => {
                        let refused = Msg::Refused(refusal.to_string());
                        update(&mut self.model, refused, clock);
                    }
                },
                Request::Prepare { at, purpose, .. } => {
                    let shown = Box::new(self.flight.shown(at.as_str()));
                    let prepared = Msg::Prepared(Some(shown), *purpose);
                    for request in update(&mut self.model, prepared, clock) {
                        if let Request::Submit(command) = request {
                            self.flight.wants(&command).expect("accepted");
                            self.show();
                        }
                    }
                }
                Request::Send { whose, opener } => self.send(whose, opener),
                _ => {}
            }
        }
        requests
    }

    /// Carries out a wish to send something: only `ssh HOST` opens a session here.
    fn send(&mut self, whose: &str, typed: &str) {
        let clock = self.clock();
        let goes = match (typed, typed.strip_prefix("ssh ")) {
            ("", _) if whose.starts_with("action:") => Goes::AsTheRest,
            ("" | "here", _) => Goes::Here,
            (_, Some(host)) => Goes::to(typed, host),
            (_, None) => {
                let why = format!("“{typed}” opens no session");
                let unsent = Msg::Unsent(whose.to_owned(), typed.to_owned(), why);
                update(&mut self.model, unsent, clock);
                return;
            }
        };
        let command = Command::SendElsewhere {
            whose: whose.to_owned(),
            goes: goes.clone(),
        };
        self.flight.wants(&command).expect("sent");
        update(&mut self.model, Msg::Sent(whose.to_owned(), goes), clock);
        self.show();
    }

    pub(super) fn keys(&mut self, keys: &str) {
        for c in keys.chars() {
            self.press(match c {
                '\n' => Key::Enter,
                c => Key::Char(c),
            });
        }
    }

    pub(super) fn show(&mut self) {
        let incident = Arc::new(self.flight.incident.clone());
        let records = Arc::new(self.flight.events.clone());
        let clock = self.clock();
        let requests = update(&mut self.model, Msg::Incident(incident, records), clock);
        for request in requests {
            if let Request::Submit(command) = request {
                self.flight.wants(&command).expect("accepted");
                self.show();
            }
        }
    }

    pub(super) fn screen(&self) -> String {
        let (columns, rows) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a terminal");
        terminal
            .draw(|frame| draw(frame, &self.model, THEME))
            .expect("drawn");
        let buffer = terminal.backend().buffer().clone();
        (0..rows)
            .map(|y| {
                let line: String = (0..columns)
                    .filter_map(|x| buffer.cell((x, y)).map(|c| c.symbol().to_owned()))
                    .collect();
                line.trim_end().to_owned() + "\n"
            })
            .collect()
    }

    pub(super) fn sees(&self, text: &str) {
        let screen = self.screen();
        assert!(screen.contains(text), "never saw {text:?} on\n{screen}");
    }
}

#[test]
fn triage_shows_levels_triggers_and_the_decision() {
    for size in [(80, 24), (120, 30), (200, 60)] {
        let mut cockpit = Cockpit::on(Flight::open(plan()), size);
        cockpit.sees("HIGH");
        cockpit.sees("[ ] errors");
        cockpit.keys(" ");
        cockpit.sees("[x] errors");
        cockpit.sees("start within");
        cockpit.keys("dr\n");
        cockpit.sees("Roll back");
        assert!(cockpit.flight.incident.decision.is_some());
    }
}

#[test]
fn a_gated_action_says_what_is_in_the_way_and_yields_to_a_reason() {
    let mut flight = Flight::open(plan());
    let choose = crate::domain::Command::ChooseProcedure {
        procedure: "full".into(),
        reason: String::new(),
    };
    flight.wants(&choose).expect("chosen");
    let mut cockpit = Cockpit::on(flight, (120, 30));
    cockpit.keys("3\n");
    cockpit.sees("Gate");
    cockpit.sees("the decision to roll back is not recorded");
    cockpit.keys("r");
    assert!(cockpit.flight.incident.attempts.is_empty(), "a gate held");
    cockpit.keys("memergency\n");
    assert_eq!(cockpit.flight.incident.waived.len(), 1);
}

#[test]
fn enter_runs_what_only_reads_and_opens_a_box_for_what_changes() {
    let mut cockpit = Cockpit::on(Flight::ready(plan()), (120, 30));
    cockpit.keys("3\n");
    assert_eq!(cockpit.flight.incident.attempts.len(), 1);
    cockpit.flight.ends(0, "v1");
    cockpit.show();
    cockpit.keys("\n");
    cockpit.sees("git checkout v1");
    cockpit.sees("changes things");
    assert_eq!(cockpit.flight.incident.attempts.len(), 1, "nothing ran yet");
    cockpit.keys("r");
    assert_eq!(cockpit.flight.incident.attempts.len(), 2);
}

#[test]
fn a_box_does_not_take_a_key_that_was_pressed_before_it_appeared() {
    let mut cockpit = Cockpit::on(Flight::ready(plan()), (120, 30));
    cockpit
        .flight
        .start("look", Confirmation::ReadOnly)
        .expect("starts");
    cockpit.flight.ends(0, "v1");
    cockpit.show();
    cockpit.keys("3\n");
    cockpit.sees("git checkout v1");
    let early = Msg::Key(Key::Char('r'), cockpit.at_ms - 5_000);
    let clock = cockpit.clock();
    assert_eq!(update(&mut cockpit.model, early, clock), []);
    let soon = Clock {
        mono_ms: cockpit.at_ms + 200,
        ..clock
    };
    let hasty = Msg::Key(Key::Char('r'), soon.mono_ms);
    assert_eq!(update(&mut cockpit.model, hasty, soon), []);
    cockpit.keys("r");
    assert_eq!(cockpit.flight.incident.attempts.len(), 2);
}

#[test]
fn a_key_that_is_held_down_runs_nothing_and_one_read_early_stays_early() {
    for held in [Key::Char('r'), Key::Enter] {
        let mut cockpit = Cockpit::on(Flight::ready(plan()), (120, 30));
        let looked = cockpit.flight.start("look", Confirmation::ReadOnly);
        looked.expect("starts");
        cockpit.flight.ends(0, "v1");
        cockpit.show();
        cockpit.keys("3\n");
        cockpit.sees("changes things");
        let before = cockpit.flight.incident.attempts.len();
        for _ in 0..100 {
            cockpit.press_after(40, held);
        }
        assert_eq!(cockpit.flight.incident.attempts.len(), before);
        // The cockpit comes to it late; it was read before the box could be.
        cockpit.press_after(1000, Key::Esc);
        cockpit.press_after(1000, Key::Enter);
        let read_at = cockpit.at_ms + 300;
        let late = Clock {
            mono_ms: cockpit.at_ms + 3_000,
            ..cockpit.clock()
        };
        let key = Msg::Key(Key::Char('r'), read_at);
        assert_eq!(update(&mut cockpit.model, key, late), []);
        cockpit.at_ms += 3_000;
        cockpit.press_after(1000, Key::Char('r'));
        assert_eq!(cockpit.flight.incident.attempts.len(), before + 1);
    }
}

#[test]
fn an_enter_that_is_held_down_opens_one_thing_and_decides_nothing() {
    let mut cockpit = Cockpit::on(Flight::open(plan()), (120, 30));
    let decision = Target::Decision;
    cockpit.model.select_target(&decision);
    assert_eq!(cockpit.model.selected(), decision);
    for _ in 0..20 {
        cockpit.press_after(100, Key::Enter);
    }
    cockpit.sees("Roll back");
    assert_eq!(cockpit.flight.incident.decision, None);
    cockpit.keys("\n\n");
    assert!(cockpit.flight.incident.decision.is_some(), "one by one");
}

#[test]
fn an_enter_meant_for_the_last_action_does_not_open_the_next() {
    let mut cockpit = Cockpit::on(Flight::ready(plan()), (120, 30));
    cockpit.keys("3\n");
    cockpit.flight.ends(0, "v1");
    cockpit.show();
    assert_eq!(cockpit.press_after(300, Key::Enter), []);
    cockpit.sees("the cursor has just gone on");
    cockpit.keys("\n");
    cockpit.sees("git checkout v1");
}

#[test]
fn what_is_still_typed_into_an_action_that_has_ended_is_not_for_the_cockpit() {
    let mut cockpit = Cockpit::on(Flight::ready(plan()), (120, 30));
    cockpit.keys("3\ni");
    assert!(cockpit.model.typing.is_some());
    cockpit.flight.ends(0, "v1");
    cockpit.show();
    for key in [Key::Char('d'), Key::Char('q'), Key::Enter, Key::Char('R')] {
        assert_eq!(cockpit.press_after(500, key), []);
    }
    assert!(cockpit.model.layers.is_empty());
    assert!(!cockpit.model.leaving);
    cockpit.keys("d");
    cockpit.sees("Fix forward");
}

#[test]
fn running_on_is_for_the_chosen_procedure_alone() {
    let mut it = plan();
    let mut drill = it.procedures.first().cloned().expect("a procedure");
    drill.id = "drill".into();
    drill.off_path = true;
    it.procedures.push(drill);
    let mut cockpit = Cockpit::on(Flight::ready(it), (120, 30));
    let beside = |e: &crate::domain::outline::Entry| {
        e.subject == crate::domain::outline::Subject::Procedure("drill".into())
    };
    let at = cockpit.model.outline.iter().position(beside);
    cockpit.model.select_entry(at.expect("it is in reach"));
    cockpit.keys("R");
    cockpit.sees("run on is for the chosen procedure");
    assert!(cockpit.model.layers.is_empty());
    cockpit.keys("3R");
    assert_eq!(cockpit.model.layers.len(), 1);
}

#[test]
fn what_cannot_be_undone_wants_the_targets_name() {
    let mut cockpit = Cockpit::on(Flight::ready(plan()), (80, 24));
    cockpit
        .flight
        .start("look", Confirmation::ReadOnly)
        .expect("starts");
    cockpit.flight.ends(0, "v1");
    cockpit
        .flight
        .start("go-back", Confirmation::Pressed)
        .expect("starts");
    cockpit.flight.ends(0, "");
    cockpit.show();
    cockpit.keys("3\n");
    cockpit.sees("CANNOT BE UNDONE");
    cockpit.sees("type staging");
    cockpit.keys("rrr\n");
    assert_eq!(
        cockpit.flight.incident.attempts.len(),
        2,
        "a wrong word runs nothing"
    );
    let pasted = Msg::Paste("staging".into());
    let clock = cockpit.clock();
    update(&mut cockpit.model, pasted, clock);
    cockpit.press(Key::Ctrl('u'));
    cockpit.keys("staging\n");
    assert_eq!(cockpit.flight.incident.attempts.len(), 3);
}

#[test]
fn a_paste_never_acts() {
    let mut cockpit = Cockpit::on(Flight::open(plan()), (80, 24));
    let clock = cockpit.clock();
    assert_eq!(
        update(&mut cockpit.model, Msg::Paste("drq\n".into()), clock),
        []
    );
    cockpit.sees("You pasted something");
    assert!(cockpit.flight.incident.decision.is_none());
    cockpit.keys("n");
    assert_eq!(cockpit.flight.incident.notes.len(), 1);
}

#[test]
fn a_failure_offers_the_ways_out() {
    let mut cockpit = Cockpit::on(Flight::ready(plan()), (120, 30));
    cockpit.keys("3\n");
    cockpit.flight.ends(0, "v2");
    cockpit.show();
    cockpit.sees("not as expected");
    cockpit.keys("m");
    for way in ["Try again", "Done by hand", "Skip", "Change it and run"] {
        cockpit.sees(way);
    }
}

#[test]
fn every_size_draws_and_the_smallest_says_so() {
    for columns in (1..140).step_by(7) {
        for rows in (1..50).step_by(3) {
            let mut cockpit = Cockpit::on(Flight::ready(plan()), (columns, rows));
            let _ = cockpit.screen();
            for keys in ["?", "q", ":", "L", "t", "b", "R", "m", "o"] {
                cockpit.keys(keys);
                let _ = cockpit.screen();
                cockpit.press(Key::Esc);
            }
        }
    }
    let small = Cockpit::on(Flight::open(plan()), (20, 5));
    small.sees("30x8 is the");
}

#[test]
fn hostile_text_reaches_no_cell() {
    let mut it = plan();
    it.title = "\u{1b}[2J\u{202e}evil\u{7}".into();
    if let Some(severity) = it.severities.first_mut()
        && let Some(trigger) = severity.triggers.first_mut()
    {
        trigger.text = "a\u{1b}]52;c;AAAA\u{7}b\rc".into();
    }
    let cockpit = Cockpit::on(Flight::open(it), (120, 30));
    let screen = cockpit.screen();
    assert!(
        screen.chars().all(|c| c == '\n' || !c.is_control()),
        "{screen:?}"
    );
    assert!(!screen.contains('\u{202e}'));
}

#[test]
fn the_palette_finds_a_verb_and_a_place() {
    let mut cockpit = Cockpit::on(Flight::ready(plan()), (80, 24));
    cockpit.keys(":go to step back\n");
    let entry = cockpit.model.selected_entry().expect("an entry");
    assert_eq!(entry.title, "Step back");
    cockpit.keys(":timeline\n");
    cockpit.sees("Timeline");
}

#[test]
fn the_way_to_help_and_the_severity_are_on_every_screen() {
    for size in [(80, 24), (120, 30), (200, 60)] {
        let mut cockpit = Cockpit::on(Flight::open(plan()), size);
        cockpit.keys("1");
        cockpit.press(Key::Char(' '));
        let screen = cockpit.screen();
        let last = screen.lines().last().unwrap_or_default();
        assert!(last.contains("? help"), "{last}");
        let first = screen.lines().next().unwrap_or_default();
        let severity = cockpit.model.incident.severity().expect("ticked");
        assert!(first.contains(&format!(" {} ", severity.name)), "{first}");
        assert!(first.contains("start within"), "{first}");
    }
}

#[test]
fn the_cockpits_hints_give_way_to_an_open_box() {
    let mut cockpit = Cockpit::on(Flight::open(plan()), (80, 24));
    cockpit.keys("d");
    let screen = cockpit.screen();
    assert!(screen.contains("enter choose   esc close"), "{screen}");
    assert!(!screen.contains("? help"), "{screen}");
}
