//! A confirmation is meant: keys that were waiting, pasted or held down run nothing, and neither
//! does a wrong name. Every round ends with a key whose effect is seen, so that all that came
//! before it has been looked at.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Flight, comes, comes_within, many, signal, to_first_action};
use crate::terminal::Terminal;

const CHANGES: &str = "echo run >> runs";
const DESTROYS: &str = "echo run >> runs; rm -rf data";

/// What is done in front of a box.
const KINDS: [(&str, Round); 7] = [
    ("50 keys waiting before the box is there", waiting),
    ("50 keys while the cockpit is stopped", stopped),
    ("a paste", pasted),
    ("a key held down", held),
    ("a wrong name", wrong_name),
    ("the right name among 50 waiting keys", waiting_name),
    ("a burst that would mark it", marking),
];

type Round = fn(&Flight, &mut Terminal);

/// So many rounds, and the control.
pub fn run(count: usize) -> bool {
    let tally = many("P16 keys that were not meant", count, 3, |number| {
        let (name, act) = KINDS[number % KINDS.len()];
        let word = matches!(number % KINDS.len(), 4 | 5);
        let (flight, mut terminal) = at_the_row(if word { DESTROYS } else { CHANGES });
        act(&flight, &mut terminal);
        settle(&mut terminal);
        judge(&flight).map(|()| name.to_owned())
    });
    let control = many("P16 control, the key that is meant", 1, 1, |_| {
        let (flight, mut terminal) = at_the_row(CHANGES);
        terminal.key("enter").see("r run it");
        std::thread::sleep(Duration::from_millis(900));
        terminal.key("r");
        if !comes(|| flight.lines("runs") == 1) {
            return Err("it does not run".to_owned());
        }
        match judge(&flight) {
            Err(_) => Ok("seen as run".to_owned()),
            Ok(()) => Err("not seen".to_owned()),
        }
    });
    [tally.told(), control.told()] == [true; 2]
}

fn judge(flight: &Flight) -> Result<(), String> {
    let journal = flight.journal();
    let started = journal.matches("\"attempt-intended\"").count();
    let marked = journal.matches("\"action-marked\"").count();
    if started == 0 && marked == 0 && flight.lines("runs") == 0 {
        return Ok(());
    }
    Err(format!("{started} started, {marked} marked"))
}

/// At the first action of an accepted runbook, with nothing open.
fn at_the_row(command: &str) -> (Flight, Terminal) {
    let flight = Flight::with(&[command, "true"]);
    let mut terminal = flight.cockpit(&["open", "ROLLBACK.md"]);
    if command == CHANGES {
        to_first_action(&mut terminal);
    } else {
        terminal.see("Flight plan").key("d").see("Fix forward");
        terminal.key("r").see("Why?").key("enter").gone("Why?");
        terminal.key("3").see("Rollback Procedure");
        terminal.see("0/").key("k").key("enter");
        terminal.see("can run commands").key("y").see("and enter:");
    }
    terminal.key("esc").gone("┌ Run ");
    // Enter twice within a moment is one hand.
    std::thread::sleep(Duration::from_millis(500));
    (flight, terminal)
}

/// Everything that was typed has been looked at once the list of keys is seen, which only the
/// last key brings; whatever the keys before have opened is closed until then.
fn settle(terminal: &mut Terminal) {
    for _ in 0..20 {
        terminal.key("esc");
        std::thread::sleep(Duration::from_millis(150));
        terminal.key("?");
        let shown = || terminal.screen().contains("┌ Keys");
        if comes_within(Duration::from_secs(1), shown) {
            return;
        }
    }
    terminal.see("┌ Keys");
}

fn waiting(_: &Flight, terminal: &mut Terminal) {
    let keys = "r\r".repeat(25) + &"y\r".repeat(25);
    by_hand(terminal, &format!("\r{keys}"), 3);
    terminal.see("┌ Run ");
}

fn stopped(_: &Flight, terminal: &mut Terminal) {
    let pid = terminal.pid().as_raw_nonzero().get();
    signal(pid, Signal::STOP);
    terminal.type_(&format!("\r{}", "y\r".repeat(50)));
    std::thread::sleep(Duration::from_secs(1));
    terminal.type_(&"r".repeat(50));
    signal(pid, Signal::CONT);
    // So many at once are no keys of a hand.
    terminal.see("You pasted something");
}

fn pasted(_: &Flight, terminal: &mut Terminal) {
    terminal.key("enter").see("r run it");
    std::thread::sleep(Duration::from_millis(900));
    terminal.paste("r\ny\nr").see("a paste does nothing");
}

fn held(_: &Flight, terminal: &mut Terminal) {
    // The box says that `r` runs it once it would.
    terminal.key("enter").see("┌ Run ");
    let until = Instant::now() + Duration::from_millis(2_500);
    while Instant::now() < until {
        terminal.key("r");
        std::thread::sleep(Duration::from_millis(33));
    }
}

fn name(terminal: &Terminal) -> String {
    let screen = terminal.screen();
    let after = screen.split_once("type ").map_or("", |(_, rest)| rest);
    let name = after.split_once(" and enter").map_or("", |(name, _)| name);
    assert!(!name.is_empty(), "{screen}");
    name.to_owned()
}

fn wrong_name(_: &Flight, terminal: &mut Terminal) {
    terminal.key("enter").see("and enter:");
    let name = name(terminal);
    std::thread::sleep(Duration::from_millis(900));
    for wrong in ["yes", "y", "r", &format!("{name}x"), &name.to_uppercase()] {
        terminal
            .type_(wrong)
            .see(&format!(": {wrong}_"))
            .key("enter");
        terminal.see("that is not the word").see("enter: _");
    }
    terminal.paste(&name).see("a paste does nothing");
}

fn waiting_name(_: &Flight, terminal: &mut Terminal) {
    terminal.key("enter").see("and enter:");
    let name = name(terminal);
    terminal.key("esc").gone("┌ Run ");
    std::thread::sleep(Duration::from_millis(500));
    by_hand(
        terminal,
        &format!("\r{}", format!("{name}\r").repeat(12)),
        3,
    );
    terminal.see("┌ Run ");
}

fn marking(_: &Flight, terminal: &mut Terminal) {
    by_hand(terminal, "mhdone by hand\rmsno time\rmllater\r", 3);
    terminal.see("Why");
}

/// Keys one by one, so many milliseconds apart.
fn by_hand(terminal: &mut Terminal, keys: &str, apart_ms: u64) {
    for key in keys.chars() {
        terminal.type_(key.encode_utf8(&mut [0; 4]));
        std::thread::sleep(Duration::from_millis(apart_ms));
    }
}
