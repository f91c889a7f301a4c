//! Torture, run on purpose: the cockpit is killed at random moments while a step prints.
//!
//! `cargo test --test torture [-- ROUNDS]` (50 rounds unless told). Each round opens a plan in a
//! real terminal, starts its step, kills the cockpit with SIGKILL somewhere between the key that
//! runs the step and its end, takes the incident up again, and holds what is on disk against what
//! the step did: every line once and in order, one run, one recorded end. Ends with status 1 when
//! a round did not hold.

#[path = "../it/scratch.rs"]
mod scratch;
#[allow(dead_code)] // The flights use more of it than the torture does.
#[path = "../it/terminal.rs"]
mod terminal;

use std::hash::{BuildHasher as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use scratch::{Scratch, binary};
use terminal::Terminal;

/// Lines that the step prints, ten milliseconds apart.
const LINES: usize = 200;

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(50);
    let (mut held, mut before, mut during, mut after) = (0, 0, 0, 0);
    for round in 1..=rounds {
        let delay = Duration::from_millis(random() % 2_600);
        match one_round(delay) {
            Ok(when) => {
                held += 1;
                match when {
                    When::BeforeTheClaim => before += 1,
                    When::WhileItRan => during += 1,
                    When::AfterItsEnd => after += 1,
                }
            }
            Err(why) => println!(
                "round {round}, killed {} ms after r: {why}",
                delay.as_millis()
            ),
        }
    }
    println!(
        "{held} of {rounds} rounds held: killed {before} times before the claim, {during} while it ran, {after} after its end"
    );
    std::process::exit(i32::from(held != rounds));
}

enum When {
    BeforeTheClaim,
    WhileItRan,
    AfterItsEnd,
}

fn random() -> u64 {
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}

fn one_round(delay: Duration) -> Result<When, String> {
    let scratch = Scratch::new();
    let plan = scratch.join("plan.md");
    let text = format!(
        "# Torture\n\n## Rollback procedures\n\n### Option 1: Count\n\n1. **Count**\n   ```bash\n   echo run >> runs; for i in $(seq 1 {LINES}); do echo \"line $i\"; sleep 0.01; done\n   ```\n"
    );
    std::fs::write(&plan, text).map_err(|e| e.to_string())?;
    let mut cockpit = start(&scratch, &["open", "plan.md"]);
    cockpit.see("Flight plan");
    for (key, sees) in [
        ("d", "Fix forward"),
        ("r", "Why?"),
        ("enter", "Roll back"),
        ("3", "Option 1"),
        ("enter", "echo run"),
    ] {
        press(&mut cockpit, key);
        cockpit.see(sees);
    }
    press(&mut cockpit, "enter");
    cockpit.see("accept these");
    cockpit.key("y");
    cockpit.see("run it");
    cockpit.key("r");
    std::thread::sleep(delay);
    let evidence = incident(&scratch)?.join("evidence/0001");
    let when = if evidence.join("result.json").exists() {
        When::AfterItsEnd
    } else if evidence.join("claim").exists() {
        When::WhileItRan
    } else {
        When::BeforeTheClaim
    };
    cockpit.kill();
    drop(cockpit);
    let mut cockpit = start(&scratch, &["resume"]);
    cockpit.see("Torture");
    let settled = wait_for(|| {
        let journal = journal(&scratch);
        journal.contains("\"attempt-ended\"") || journal.contains("\"attempt-never-ran\"")
    });
    cockpit.key("esc");
    cockpit.gone("Where you are");
    cockpit.key("q");
    let status = cockpit.exit_code();
    if !settled {
        return Err(format!("its end was never recorded: {}", journal(&scratch)));
    }
    if status != 0 {
        return Err(format!("the resumed cockpit ended with {status}"));
    }
    check(&scratch, &evidence)?;
    Ok(when)
}

/// Presses a key; before enter it looks as long as an operator does, because the cockpit drops an
/// enter that comes too soon after another one.
fn press(cockpit: &mut Terminal, key: &str) {
    if key == "enter" {
        std::thread::sleep(Duration::from_millis(800));
    }
    cockpit.key(key);
}

fn start(scratch: &Scratch, words: &[&str]) -> Terminal {
    let mut command = Command::new(binary());
    command
        .args(words)
        .current_dir(scratch.path())
        .env("BACKOUT_HOME", scratch.join("home"));
    Terminal::start(command, 120, 40)
}

fn wait_for(holds: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > terminal::patience() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

fn incident(scratch: &Scratch) -> Result<PathBuf, String> {
    let dir = scratch.join("home/incidents");
    let mut entries = std::fs::read_dir(&dir).map_err(|e| e.to_string())?;
    entries
        .next()
        .and_then(Result::ok)
        .map(|e| e.path())
        .ok_or("no incident".to_owned())
}

fn journal(scratch: &Scratch) -> String {
    incident(scratch)
        .and_then(|dir| {
            std::fs::read_to_string(dir.join("journal.jsonl")).map_err(|e| e.to_string())
        })
        .unwrap_or_default()
}

/// What is on disk against what the step did.
fn check(scratch: &Scratch, evidence: &Path) -> Result<(), String> {
    let journal = journal(scratch);
    let runs = std::fs::read_to_string(scratch.join("runs"))
        .unwrap_or_default()
        .lines()
        .count();
    if journal.contains("\"attempt-never-ran\"") {
        return if runs == 0 {
            Ok(())
        } else {
            Err("said to have never run, and it ran".to_owned())
        };
    }
    if runs != 1 {
        return Err(format!("it ran {runs} times"));
    }
    let ends = journal.matches("\"attempt-ended\"").count();
    if ends != 1 {
        return Err(format!("{ends} ends are on record"));
    }
    let output = std::fs::read_to_string(evidence.join("output")).map_err(|e| e.to_string())?;
    let lines: Vec<&str> = output.lines().map(str::trim_end).collect();
    let expected: Vec<String> = (1..=LINES).map(|i| format!("line {i}")).collect();
    if lines != expected {
        return Err(format!(
            "{} of {LINES} lines are in the evidence",
            lines.len()
        ));
    }
    Ok(())
}
