//! Rounds of what must never happen: each promise tried as often as one wants, with a control in
//! which it is broken on purpose and must be seen to be.
//!
//! A few rounds of each run with every test; the full figures are `cargo test --test torture`.

pub mod cancel;
pub mod cockpit;
pub mod death;
pub mod meant;
pub mod order;
pub mod screen;
pub mod secrets;
pub mod shown;
pub mod sources;
pub mod unknown;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::scratch::{Scratch, binary};
use crate::terminal::{self, Terminal};

/// What came of rounds.
pub struct Tally {
    name: &'static str,
    /// Rounds that held.
    pub held: usize,
    of: usize,
    kinds: BTreeMap<String, usize>,
}

impl Tally {
    /// Prints the figure; true where every round held.
    pub fn told(&self) -> bool {
        let kinds: Vec<String> = self.kinds.iter().map(|(k, n)| format!("{n} {k}")).collect();
        println!(
            "{}: {} of {} held ({})",
            self.name,
            self.held,
            self.of,
            kinds.join(", ")
        );
        self.held == self.of
    }
}

/// Runs rounds, a few at a time. A round gives its kind, or why it did not hold.
pub fn many(
    name: &'static str,
    count: usize,
    at_once: usize,
    round: impl Fn(usize) -> Result<String, String> + Sync,
) -> Tally {
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally {
        name,
        held: 0,
        of: count,
        kinds: BTreeMap::new(),
    });
    std::thread::scope(|scope| {
        for _ in 0..at_once.min(count) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    let came = catch_unwind(AssertUnwindSafe(|| round(number)))
                        .unwrap_or_else(|_| Err("it came to a stop".to_owned()));
                    let mut tally = tally.lock().expect("no round panics here");
                    match came {
                        Ok(kind) => {
                            tally.held += 1;
                            *tally.kinds.entry(kind).or_default() += 1;
                        }
                        Err(why) => println!("{name}, round {number}: {why}"),
                    }
                }
            });
        }
    });
    tally.into_inner().expect("no round panics here")
}

/// A number that nobody foresees.
pub fn random() -> u64 {
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}

/// One of a few.
pub fn one_of<T: Copy>(all: &[T]) -> T {
    let at = usize::try_from(random() % all.len() as u64).expect("small");
    all[at]
}

/// Waits for a fact; false when it does not come.
pub fn comes(holds: impl FnMut() -> bool) -> bool {
    comes_within(terminal::patience(), holds)
}

/// As [`comes`], with a limit.
pub fn comes_within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !holds() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Kills a process as `kill -9` does; false where it is gone already.
pub fn kill9(pid: i32) -> bool {
    signal(pid, rustix::process::Signal::KILL)
}

/// Sends a signal.
pub fn signal(pid: i32, signal: rustix::process::Signal) -> bool {
    rustix::process::Pid::from_raw(pid)
        .is_some_and(|pid| rustix::process::kill_process(pid, signal).is_ok())
}

/// The children of a process.
pub fn children(pid: i32) -> Vec<i32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    let pids = text.split_whitespace().map(str::parse);
    pids.filter_map(Result::ok).collect()
}

/// Whether a process lives.
pub fn lives(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map_or("Z", |(_, rest)| rest.trim());
    !state.starts_with(['Z', 'X'])
}

/// An incident on a plan with these commands, each an action of one step.
pub struct Flight {
    /// Where it is flown.
    pub scratch: Scratch,
}

impl Flight {
    /// A plan with an action for each command.
    pub fn with(commands: &[&str]) -> Self {
        let actions: Vec<String> = commands
            .iter()
            .map(|command| format!("```bash\n   {command}\n   ```"))
            .collect();
        Self::on(&actions)
    }

    /// A plan with an action for each block.
    pub fn on(blocks: &[String]) -> Self {
        let scratch = Scratch::new();
        let mut plan =
            "# Shop rollback\n\n## Rollback Procedure\n\n### Step 1: Bring it back\n\n".to_owned();
        for (number, block) in blocks.iter().enumerate() {
            let number = number + 1;
            let _ = writeln!(plan, "{number}. **Do part {number}**\n   {block}");
        }
        fs::write(scratch.join("ROLLBACK.md"), plan).expect("a plan");
        Self { scratch }
    }

    /// A command on this flight's home.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments);
        self.furnish(&mut command);
        command
    }

    /// Gives a command this flight's home and directory.
    pub fn furnish(&self, command: &mut Command) {
        command
            .current_dir(self.scratch.path())
            .env("BACKOUT_HOME", self.scratch.join("home"))
            .env_remove("NO_COLOR");
    }

    /// A cockpit in a terminal.
    pub fn cockpit(&self, arguments: &[&str]) -> Terminal {
        Terminal::start(self.command(arguments), 140, 40)
    }

    /// Opens the incident and starts its first command.
    pub fn flying(&self) -> Terminal {
        let mut terminal = self.cockpit(&["open", "ROLLBACK.md"]);
        to_first_action(&mut terminal);
        terminal.key("r").gone("r run it");
        terminal
    }

    /// The incident's directory.
    pub fn incident(&self) -> PathBuf {
        let incidents = fs::read_dir(self.scratch.join("home/incidents")).expect("incidents");
        incidents.flatten().next().expect("an incident").path()
    }

    /// The evidence of an attempt.
    pub fn evidence(&self, attempt: u32) -> PathBuf {
        self.incident().join(format!("evidence/{attempt:04}"))
    }

    /// The journal as text.
    pub fn journal(&self) -> String {
        fs::read_to_string(self.incident().join("journal.jsonl")).unwrap_or_default()
    }

    /// How many lines a file has that a command wrote.
    pub fn lines(&self, name: &str) -> usize {
        let text = fs::read_to_string(self.scratch.join(name)).unwrap_or_default();
        text.lines().count()
    }

    /// Supervisor and holder of an attempt, as far as they are there.
    pub fn watchers(&self, attempt: u32) -> (Option<i32>, Option<i32>) {
        let supervisor = match backout::exec::find(&self.evidence(attempt)) {
            Ok(backout::exec::Found::Running { supervisor, .. }) => i32::try_from(supervisor).ok(),
            _ => None,
        };
        let holder = supervisor.and_then(|pid| children(pid).first().copied());
        (supervisor, holder)
    }
}

impl Drop for Flight {
    /// A step outlives its cockpit, and would outlive the test.
    fn drop(&mut self) {
        use backout::exec::{Control, Found, StopStage, find};
        let incidents = fs::read_dir(self.scratch.join("home/incidents"));
        for incident in incidents.into_iter().flatten().flatten() {
            let attempts = fs::read_dir(incident.path().join("evidence"));
            for attempt in attempts.into_iter().flatten().flatten() {
                let dir = attempt.path();
                let running = || matches!(find(&dir), Ok(Found::Running { .. }));
                if running()
                    && let Ok(mut control) = Control::connect(&dir)
                {
                    let _ = control.stop(StopStage::Kill, "the end of the test");
                    comes_within(Duration::from_secs(3), || !running());
                }
            }
        }
    }
}

/// From the opened plan to the run box of the first action.
pub fn to_first_action(terminal: &mut Terminal) {
    terminal.see("Flight plan").key("d").see("Fix forward");
    terminal.key("r").see("Why?").key("enter").gone("Why?");
    terminal.key("3").see("Rollback Procedure");
    terminal.see("0/").key("k").key("enter");
    terminal.see("can run commands").key("y").see("r run it");
}

/// Leaves the cockpit; gives its exit status.
pub fn leave(terminal: &mut Terminal) -> i32 {
    terminal.key("q");
    terminal.exit_code()
}

/// Takes the incident up again, past the card that says where one is.
pub fn resumed(flight: &Flight) -> Terminal {
    let mut terminal = flight.cockpit(&["resume"]);
    terminal
        .see("Where you are")
        .key("esc")
        .gone("Where you are");
    terminal
}

/// Builds a library that stands before the C library's, from a source of the tests' own; none,
/// with the reason printed, where there is no compiler.
pub fn preload(scratch: &Path, source: &str) -> Option<PathBuf> {
    let (from, to) = (scratch.join("before.c"), scratch.join("before.so"));
    fs::write(&from, source).expect("a source");
    let built = Command::new("gcc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&to, &from])
        .arg("-ldl")
        .status();
    if built.is_ok_and(|status| status.success()) {
        return Some(to);
    }
    println!("skipped: gcc is missing (apt-get install gcc libc6-dev)");
    None
}
