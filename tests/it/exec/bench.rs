//! Where the attempts of these tests run, and how their ends are waited for.

use backout::exec::{AttemptSpec, Follower, Found, Kind, Lenders, Outcome, find, start_with};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(super) const DEADLINE: Duration = Duration::from_mins(1);

pub(super) fn exe() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_backout"))
}

/// A place for attempts, numbered as in an incident.
pub(super) struct Bench {
    pub(super) home: TempDir,
    next: Cell<u32>,
    lenders: Option<Lenders>,
}

impl Bench {
    /// As in a procedure: what a shell runs is on a lent terminal.
    pub(super) fn new() -> Self {
        Self {
            lenders: Some(Lenders::default()),
            ..Self::own()
        }
    }

    /// As for a monitor: each attempt has a terminal of its own.
    pub(super) fn own() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            next: Cell::new(1),
            lenders: None,
        }
    }

    /// Whoever set off the lenders has gone.
    pub(super) fn is_left(&mut self) {
        self.lenders = None;
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(super) fn shell(&self, code: &str) -> AttemptSpec {
        AttemptSpec::new(Kind::Shell, code, self.home.path())
    }

    pub(super) fn start(&self, spec: &AttemptSpec) -> Attempt {
        let number = self.next.replace(self.next.get() + 1);
        let dir = self.path(&format!("{number:04}"));
        let lenders = self.lenders.as_ref().filter(|_| spec.kind == Kind::Shell);
        match lenders {
            Some(lenders) => lenders.start(exe(), "a procedure", &dir, spec).unwrap(),
            None => start_with(exe(), &dir, spec).unwrap(),
        };
        Attempt { dir }
    }

    pub(super) fn run(&self, spec: &AttemptSpec) -> (Outcome, String) {
        let attempt = self.start(spec);
        (attempt.outcome(), attempt.output())
    }
}

pub(super) struct Attempt {
    pub(super) dir: PathBuf,
}

impl Attempt {
    pub(super) fn outcome(&self) -> Outcome {
        let mut follower = Follower::open(&self.dir).unwrap();
        let end = Instant::now() + DEADLINE;
        while Instant::now() < end {
            if let Some(outcome) = follower.ended().unwrap() {
                return outcome.clone();
            }
            follower.seek(follower.len().unwrap());
            follower.wait(Duration::from_secs(1)).unwrap();
        }
        panic!("no result in time; output: {}", self.output());
    }

    pub(super) fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.dir.join("output")).unwrap()).into_owned()
    }

    /// Waits until the output holds a text.
    pub(super) fn shows(&self, text: &str) -> &Self {
        wait_for(
            || self.output().contains(text),
            || format!("{text:?} in {:?}", self.output()),
        );
        self
    }

    pub(super) fn supervisor(&self) -> i32 {
        match find(&self.dir).unwrap() {
            Found::Running { supervisor, .. } => i32::try_from(supervisor).unwrap(),
            other => panic!("not running: {other:?}"),
        }
    }

    pub(super) fn holder(&self) -> i32 {
        *children(self.supervisor()).first().expect("a holder")
    }

    /// Kills both who watch it.
    pub(super) fn loses_both(&self) {
        let (supervisor, holder) = (self.supervisor(), self.holder());
        kill9(holder);
        kill9(supervisor);
    }
}

pub(super) fn wait_for(fact: impl Fn() -> bool, what: impl Fn() -> String) {
    let end = Instant::now() + DEADLINE;
    while !fact() {
        assert!(Instant::now() < end, "not in time: {}", what());
        // Between two looks, so that those who are waited for get the processor.
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(super) fn children(pid: i32) -> Vec<i32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

pub(super) fn is_alive(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit_once(')')
            .unwrap()
            .1
            .trim_start()
            .starts_with('Z')
    })
}

pub(super) fn kill9(pid: i32) {
    try_kill9(pid).unwrap();
}

pub(super) fn try_kill9(pid: i32) -> rustix::io::Result<()> {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL)
}
