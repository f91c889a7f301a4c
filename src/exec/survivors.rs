//! Processes that a command left running: who they are, whether they still live, and how one of
//! them is stopped.
//!
//! A number alone may belong to somebody else by now. The time of its start goes with it, and a
//! signal goes through a descriptor that was opened before that time was compared, so that it can
//! reach this process only.

use super::files;
use super::find::boot_id;
use super::outcome::{StopStage, Survivor};
use super::process;
use super::redact::Redactor;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

/// The rungs of the ladder, and how many seconds each has before the next.
const LADDER: [Rung; 3] = [
    (StopStage::Int, Signal::INT, 2),
    (StopStage::Term, Signal::TERM, 5),
    (StopStage::Kill, Signal::KILL, 3),
];

type Rung = (StopStage, Signal, u64);

/// Characters of a command line that are kept.
const LONGEST: usize = 120;

/// What a stop came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// It had ended before.
    Gone,
    /// It ended after this rung.
    By(StopStage),
}

/// Who these processes are; those that are gone already are left out.
pub(super) fn of(pids: &[u32], redactor: Option<&Redactor>) -> Vec<Survivor> {
    let boot = boot_id();
    let known = |pid: &u32| {
        Some(Survivor {
            pid: *pid,
            started: started(*pid)?,
            boot: boot.clone(),
            // A command line may hold what is to be kept out of every file.
            command: match redactor {
                None => command(*pid),
                Some(_) => name(*pid),
            },
        })
    };
    pids.iter().filter_map(known).collect()
}

/// Whether exactly this process still lives.
#[must_use]
pub fn lives(survivor: &Survivor) -> bool {
    started(survivor.pid) == Some(survivor.started) && boot_id() == survivor.boot
}

/// Stops exactly this process and waits for its end, ten seconds at most.
///
/// # Errors
/// Where it may not be signalled, or still lives in the end.
pub fn stop(survivor: &Survivor) -> io::Result<Stopped> {
    climb(survivor, &LADDER)
}

/// Ends exactly this process and waits until it is dead: asked first, or at once, where it does
/// not answer.
///
/// # Errors
/// Where it may not be signalled, or still lives in the end.
pub fn end(survivor: &Survivor, ask: bool) -> io::Result<Stopped> {
    let [_, ladder @ ..] = &LADDER;
    let [_, last @ ..] = ladder;
    climb(survivor, if ask { ladder } else { last })
}

/// Who still runs what was set off for an attempt that nobody watches any more, by the path of its
/// text in their command line.
#[must_use]
pub fn at_it(dir: &Path) -> Vec<u32> {
    let script = dir.join(files::SCRIPT);
    let script = script.as_os_str().as_bytes();
    let runs = |pid: &u32| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|word| word == script)
    };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut found: Vec<u32> = pids.filter(runs).collect();
    found.sort_unstable();
    found
}

/// This process, so that another one can tell it from a later one of its number.
#[must_use]
pub fn this_process() -> Option<Survivor> {
    of(&[std::process::id()], None).pop()
}

fn climb(survivor: &Survivor, ladder: &[Rung]) -> io::Result<Stopped> {
    let pid = i32::try_from(survivor.pid).ok().and_then(Pid::from_raw);
    let Some(handle) = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
        return if lives(survivor) {
            Err(io::Error::other("this system cannot signal it safely"))
        } else {
            Ok(Stopped::Gone)
        };
    };
    if !lives(survivor) {
        return Ok(Stopped::Gone);
    }
    for (stage, signal, seconds) in ladder.iter().copied() {
        match pidfd_send_signal(&handle, signal) {
            Ok(()) => {}
            Err(rustix::io::Errno::SRCH) => return Ok(Stopped::By(stage)),
            Err(error) => return Err(error.into()),
        }
        if signal == Signal::TERM {
            // A stopped process would not get to see it.
            let _ = pidfd_send_signal(&handle, Signal::CONT);
        }
        if process::readable_within(&handle, Duration::from_secs(seconds)) || !lives(survivor) {
            return Ok(Stopped::By(stage));
        }
    }
    Err(io::Error::other("it does not end, not even when killed"))
}

/// The start in ticks since the boot; none for a process that is dead.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X" | "x") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Its command line on one line, or its name where it has none.
fn command(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let words: Vec<&str> = text.split('\0').filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return name(pid);
    }
    let line = words.join(" ");
    let plain = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(LONGEST).collect()
}

fn name(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Child, Command};

    fn sleeper() -> Child {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        // Its words are in place a moment after it has begun.
        let words = format!("/proc/{}/cmdline", child.id());
        while !fs::read(&words).unwrap().starts_with(b"sleep") {
            std::thread::yield_now();
        }
        child
    }

    /// Whether it ignores an interrupt: what a script starts in its background inherits that.
    fn ignores_int(child: &Child) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
        let mask = u64::from_str_radix(mask.unwrap().trim(), 16).unwrap();
        mask & (1 << (libc::SIGINT - 1)) != 0
    }

    fn survivor(child: &Child) -> Survivor {
        of(&[child.id()], None).pop().unwrap()
    }

    #[test]
    fn a_stop_reaches_exactly_the_process_that_was_recorded() {
        let mut other = sleeper();
        let mut recycled = survivor(&other);
        recycled.started += 1;
        assert!(!lives(&recycled));
        assert_eq!(stop(&recycled).unwrap(), Stopped::Gone);
        // The process that has the number now was not touched.
        assert!(lives(&survivor(&other)) && other.try_wait().unwrap().is_none());
        let mut of_another_boot = survivor(&other);
        of_another_boot.boot = "another".to_owned();
        assert_eq!(stop(&of_another_boot).unwrap(), Stopped::Gone);
        assert!(other.try_wait().unwrap().is_none());
        let right = survivor(&other);
        assert!(right.command.contains("sleep 60"), "{right:?}");
        // A machine under load may take its time: each rung waits for the fact.
        let (stage, ended_by, first) = if ignores_int(&other) {
            (StopStage::Term, libc::SIGTERM, 0)
        } else {
            (StopStage::Int, libc::SIGINT, 60)
        };
        let patient = LADDER.map(|(stage, signal, _)| match stage {
            StopStage::Int => (stage, signal, first),
            _ => (stage, signal, 60),
        });
        assert_eq!(climb(&right, &patient).unwrap(), Stopped::By(stage));
        assert_eq!(other.wait().unwrap().signal(), Some(ended_by));
        assert_eq!(stop(&right).unwrap(), Stopped::Gone);
    }
}
