//! A cancel is true: whatever a step does about signals, it ends, what became of it is recorded
//! as it was, never as good, and no process of it is left that nobody knows of.

use std::fs;
use std::time::Duration;

use backout::exec::{
    AttemptSpec, Control, EndedBy, Found, Kind, Outcome, StopStage, find, start_with,
};

use super::{children, comes_within, lives, many, one_of, random};
use crate::scratch::{Scratch, binary};

/// What a step is like; `$D` is a directory in which each of its processes leaves its number.
const STEPS: [(&str, &str); 8] = [
    ("plain", "sleep 300"),
    ("prints", "while :; do echo line; sleep 0.01; done"),
    ("ignores INT", "trap '' INT; while :; do sleep 0.1; done"),
    (
        "ignores INT and TERM",
        "trap '' INT TERM; while :; do sleep 0.1; done",
    ),
    (
        "says that all is well",
        "trap 'exit 0' INT TERM; while :; do sleep 0.05; done",
    ),
    (
        "has grandchildren",
        "bash -c 'echo $$ > $D/$$; (echo $BASHPID > $D/$BASHPID; sleep 300; :) & (echo $BASHPID > $D/$BASHPID; trap \"\" INT TERM; while :; do sleep 0.1; done) & wait'",
    ),
    (
        "has a pipeline with jobs",
        "set -m; (echo $BASHPID > $D/$BASHPID; trap '' INT TERM HUP; while :; do sleep 0.1; done) | cat & sleep 300",
    ),
    (
        "has one that left the session",
        "setsid bash -c 'echo $$ > $D/$$; trap \"\" INT TERM HUP; while :; do sleep 0.1; done' & wait; sleep 300",
    ),
];

/// So many steps, and the control.
pub fn run(count: usize) -> bool {
    let tally = many("P15 cancels", count, 6, |number| {
        let (name, code) = STEPS[number % STEPS.len()];
        round(code, true).map(|()| name.to_owned())
    });
    let control = many(
        "P15 control, only the command itself killed",
        1,
        1,
        |_| match round(STEPS[5].1, false) {
            Err(why) if why.contains("left behind") => Ok("seen as broken".to_owned()),
            other => Err(format!("not seen: {other:?}")),
        },
    );
    [tally.told(), control.told()] == [true; 2]
}

fn round(code: &str, truly: bool) -> Result<(), String> {
    let home = Scratch::new();
    let numbers = home.join("numbers");
    fs::create_dir(&numbers).map_err(|e| e.to_string())?;
    let code = format!("echo $$ > $D/$$; echo begun; {code}");
    let mut spec = AttemptSpec::new(Kind::Shell, code, home.path());
    spec.env = vec![("D".to_owned(), numbers.display().to_string())];
    let dir = home.join("0001");
    start_with(binary(), &dir, &spec).map_err(|e| e.to_string())?;
    if truly {
        std::thread::sleep(Duration::from_millis(random() % 300));
        ladder(&dir);
    } else {
        comes_within(Duration::from_secs(5), || {
            fs::read_dir(&numbers).is_ok_and(|found| found.count() >= 4)
        });
        kill_command_only(&dir)?;
    }
    let outcome = ended(&dir)?;
    let result = judge(&outcome, &numbers, truly);
    // Nothing of a round is left for the next.
    for pid in started(&numbers) {
        super::kill9(pid);
    }
    result
}

/// INT, then TERM, then KILL, each given a moment, as an operator does it.
fn ladder(dir: &std::path::Path) {
    for stage in [StopStage::Int, StopStage::Term, StopStage::Kill] {
        let Ok(mut control) = Control::connect(dir) else {
            return;
        };
        // An attempt that ends at this very moment needs no stop any more.
        let _ = control.stop(stage, "ana");
        let patience = Duration::from_millis(one_of(&[0, 50, 400]));
        if comes_within(patience, || matches!(find(dir), Ok(Found::Ended(_)))) {
            return;
        }
    }
}

fn kill_command_only(dir: &std::path::Path) -> Result<(), String> {
    let Ok(Found::Running { supervisor, .. }) = find(dir) else {
        return Err("it does not run".to_owned());
    };
    let mut pid = i32::try_from(supervisor).map_err(|e| e.to_string())?;
    for _ in 0..3 {
        pid = *children(pid).first().ok_or("no command")?;
    }
    super::kill9(pid);
    Ok(())
}

fn ended(dir: &std::path::Path) -> Result<Outcome, String> {
    let mut end = None;
    comes_within(Duration::from_secs(30), || {
        if let Ok(Found::Ended(outcome)) = find(dir) {
            end = Some(*outcome);
        }
        end.is_some()
    });
    end.ok_or_else(|| format!("it did not end: {:?}", find(dir)))
}

fn judge(outcome: &Outcome, numbers: &std::path::Path, stopped: bool) -> Result<(), String> {
    if outcome.succeeded() {
        return Err(format!("recorded as good: {outcome:?}"));
    }
    if stopped && (outcome.ended_by != EndedBy::Stop || outcome.stops.is_empty()) {
        return Err(format!(
            "nobody is on record as having stopped it: {outcome:?}"
        ));
    }
    let named = |pid: &i32| {
        outcome
            .left_running
            .iter()
            .any(|left| i64::from(*left) == i64::from(*pid))
    };
    let left: Vec<i32> = started(numbers)
        .into_iter()
        .filter(|pid| !named(pid))
        .collect();
    // What was killed may take a moment to be gone.
    if !comes_within(Duration::from_secs(3), || {
        !left.iter().any(|pid| lives(*pid))
    }) {
        return Err(format!(
            "left behind, and not named: {left:?} of {outcome:?}"
        ));
    }
    if stopped {
        return Ok(());
    }
    // The control killed one process only: the others live, named or not.
    let orphans = started(numbers)
        .into_iter()
        .filter(|pid| lives(*pid))
        .count();
    match orphans {
        0 => Ok(()),
        n => Err(format!("{n} left behind")),
    }
}

fn started(numbers: &std::path::Path) -> Vec<i32> {
    let found = fs::read_dir(numbers).into_iter().flatten().flatten();
    found
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
