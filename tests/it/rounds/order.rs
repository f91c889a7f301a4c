//! The order on disk and screen, in a trace of the system calls: what is intended is on disk
//! before it is executed, and its result before a ✔ is painted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use super::{Flight, many, preload, to_first_action};
use crate::scratch::binary;
use crate::terminal::Terminal;

/// So many steps in one flight, and the control.
pub fn run(count: usize) -> bool {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: strace is missing (apt-get install strace)");
        return true;
    }
    let Some(trace) = fly(count, None) else {
        println!("skipped: system calls cannot be traced here");
        return true;
    };
    let tally = many("P8 steps in order", count, 1, |number| {
        trace.judge(number + 1)
    });
    let library = Flight::with(&["true"]);
    let source = "int fdatasync(int fd) { return 0; }\nint fsync(int fd) { return 0; }\n";
    let Some(no_sync) = preload(library.scratch.path(), source) else {
        return tally.told();
    };
    let trace = fly(2, Some(&no_sync));
    let control = many(
        "P8 control, a C library that does not sync",
        1,
        1,
        |_| match trace.as_ref().map(|trace| trace.judge(1)) {
            Some(Err(_)) => Ok("seen as broken".to_owned()),
            other => Err(format!("not seen: {other:?}")),
        },
    );
    [tally.told(), control.told()] == [true; 2]
}

/// Flies all steps under strace; none where that does not work here.
fn fly(steps: usize, before: Option<&std::path::Path>) -> Option<Trace> {
    let block = |number: usize| {
        format!(
            "```bash\n   touch t{number}; echo well{number}\n   ```\n   <!-- backout:expect \"well{number}\" -->"
        )
    };
    // One more, that is not run: it keeps the cursor in the step.
    let blocks: Vec<String> = (1..=steps + 1).map(block).collect();
    let flight = Flight::on(&blocks);
    let file = flight.scratch.join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "--seccomp-bpf", "-y", "-xx", "-s", "1000000", "-o"]);
    command
        .arg(&file)
        .args(["-e", "trace=execve,write,fsync,fdatasync"]);
    if let Some(library) = before {
        command
            .arg("-E")
            .arg(format!("LD_PRELOAD={}", library.display()));
    }
    command.arg(binary()).args(["open", "ROLLBACK.md"]);
    flight.furnish(&mut command);
    let mut terminal = Terminal::start(command, 140, 40);
    to_first_action(&mut terminal);
    terminal.key("r").gone("r run it");
    for number in 1..=steps {
        let what = format!("✔ at part {number}");
        terminal.until(&what, |screen| is_done(screen, number));
        if number < steps {
            // As an operator looks before enter.
            std::thread::sleep(std::time::Duration::from_millis(800));
            terminal
                .key("enter")
                .see("r run it")
                .key("r")
                .gone("r run it");
        }
    }
    terminal.key("q");
    terminal.exit_code();
    let text = fs::read_to_string(file).ok()?;
    Trace::read(&text)
}

fn is_done(screen: &str, number: usize) -> bool {
    let name = format!("Do part {number}");
    screen.lines().any(|line| {
        let Some((_, right)) = line.split_once("││") else {
            return false;
        };
        right.contains('✔')
            && right
                .split(&name)
                .nth(1)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// When what happened, by line of the trace.
#[derive(Default)]
struct Trace {
    /// An intent was on disk.
    intended: BTreeMap<usize, usize>,
    /// Its script was executed.
    executed: BTreeMap<usize, usize>,
    /// Its end was on disk.
    ended: BTreeMap<usize, usize>,
    /// Its ✔ was painted.
    painted: BTreeMap<usize, usize>,
}

impl Trace {
    fn judge(&self, step: usize) -> Result<String, String> {
        let at = |what: &str, of: &BTreeMap<usize, usize>| {
            of.get(&step)
                .copied()
                .ok_or(format!("step {step}: never {what}"))
        };
        let intended = at("intended on disk", &self.intended)?;
        let executed = at("executed", &self.executed)?;
        let ended = at("ended on disk", &self.ended)?;
        let painted = at("painted as done", &self.painted)?;
        if intended < executed && executed < ended && ended < painted {
            return Ok("in order".to_owned());
        }
        Err(format!(
            "step {step}: intended at {intended}, executed at {executed}, ended at {ended}, painted at {painted}"
        ))
    }

    fn read(text: &str) -> Option<Self> {
        let mut trace = Self::default();
        let mut screen = avt::Terminal::new(140, 40).ok()?;
        // What was written to the journal and is not synced yet, and by whom it is being synced.
        let (mut unsynced, mut syncing) = (String::new(), BTreeMap::new());
        let (mut intents, mut ends) = (0, 0);
        let mut held = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let (pid, call) = line.split_once(' ')?;
            let call = call.trim_start();
            if call.contains("execve(") && !call.contains("resumed>") {
                if let Some(step) = script_of(call) {
                    trace.executed.entry(step).or_insert(at);
                }
            } else if call.starts_with("write(") {
                let target = decoded(call.split(['<', '>']).nth(1).unwrap_or_default());
                let target = String::from_utf8_lossy(&target).into_owned();
                let bytes = decoded(call.split('"').nth(1).unwrap_or_default());
                if target.ends_with("journal.jsonl") {
                    unsynced.push_str(&String::from_utf8_lossy(&bytes));
                } else if target.starts_with("/dev/pts/") {
                    held.extend(bytes);
                    paint(&mut screen, &mut held);
                    let shown = text_of(&screen);
                    for step in 1..=intents {
                        if !trace.painted.contains_key(&step) && is_done(&shown, step) {
                            trace.painted.insert(step, at);
                        }
                    }
                }
            } else if call.contains("sync(") && call.contains(&hex("journal.jsonl")) {
                syncing.insert(pid.to_owned(), std::mem::take(&mut unsynced));
            }
            let over = call.contains("sync(") && !call.contains("<unfinished")
                || call.contains("sync resumed>");
            if over && let Some(synced) = syncing.remove(pid) {
                for record in synced.lines() {
                    if record.contains("\"attempt-intended\"") {
                        intents += 1;
                        trace.intended.insert(intents, at);
                    } else if record.contains("\"attempt-ended\"") {
                        ends += 1;
                        trace.ended.insert(ends, at);
                    }
                }
            }
        }
        (!text.is_empty()).then_some(trace)
    }
}

/// The number of the attempt whose script is executed.
fn script_of(call: &str) -> Option<usize> {
    let marks = (hex("/evidence/"), hex("/script"));
    let number = call.split(&marks.0).nth(1)?.split(&marks.1).next()?;
    String::from_utf8(decoded(number)).ok()?.parse().ok()
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "\\x{byte:02x}");
        hex
    })
}

fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.split("\\x").skip(1);
    bytes
        .filter_map(|byte| u8::from_str_radix(byte.get(..2)?, 16).ok())
        .collect()
}

fn paint(screen: &mut avt::Terminal, held: &mut Vec<u8>) {
    let whole = match std::str::from_utf8(held) {
        Ok(text) => text.len(),
        Err(error) => error.valid_up_to(),
    };
    let text = String::from_utf8_lossy(&held[..whole]).into_owned();
    held.drain(..whole);
    screen.feed(text.as_str());
}

fn text_of(screen: &avt::Terminal) -> String {
    let lines = screen.screen().visible_lines();
    lines
        .map(|line| line.text().trim_end().to_owned() + "\n")
        .collect()
}
