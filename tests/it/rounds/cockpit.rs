//! The cockpit is killed at a random moment between the key that runs a step and its end, and the
//! incident is taken up again: every line once and in order, one run, one recorded end.

use std::time::Duration;

use super::death::{LINES, settled, whole};
use super::{Flight, leave, many, one_of, random, resumed, to_first_action};

/// So many rounds.
pub fn run(count: usize) -> bool {
    many("cockpit killed at any moment", count, 4, |_| round()).told()
}

fn round() -> Result<String, String> {
    let flight = Flight::with(&[&super::death::counts(), "true"]);
    let mut cockpit = flight.cockpit(&["open", "ROLLBACK.md"]);
    to_first_action(&mut cockpit);
    cockpit.key("r");
    // A few at once: what happens before the claim takes no longer than that.
    let delay = one_of(&[40, 4_000, 4_000, 4_000]);
    std::thread::sleep(Duration::from_millis(random() % delay));
    let evidence = flight.evidence(1);
    let when = if evidence.join("result.json").exists() {
        "after its end"
    } else if evidence.join("claim").exists() {
        "while it ran"
    } else {
        "before the claim"
    };
    cockpit.kill();
    drop(cockpit);
    let mut cockpit = resumed(&flight);
    if !flight.journal().contains("\"attempt-intended\"") {
        // The key was still on its way to a cockpit that had no processor.
        let left = leave(&mut cockpit) == 0;
        return match (flight.lines("runs"), evidence.exists(), left) {
            (0, false, true) => Ok("before the intent".to_owned()),
            _ => Err("no intent is on record, and it was begun".to_owned()),
        };
    }
    if !settled(&flight) {
        return Err(format!("its end was never recorded: {}", flight.journal()));
    }
    if leave(&mut cockpit) != 0 {
        return Err("the resumed cockpit ended badly".to_owned());
    }
    if flight.journal().contains("\"attempt-never-ran\"") {
        return match flight.lines("runs") {
            0 => Ok(when.to_owned()),
            _ => Err("said to have never run, and it ran".to_owned()),
        };
    }
    whole(&flight, LINES)?;
    Ok(when.to_owned())
}
