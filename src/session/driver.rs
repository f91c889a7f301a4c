//! Who drives an incident, whether they answer, and how it is taken over from them.
//!
//! Only the death of a driver's process fences it: while it lives it holds the lock, and what it
//! writes counts. So it is asked to leave, or ended where it does not answer, and the lock is
//! taken only when the kernel has given it back. Only exactly the process that wrote itself down
//! is ever signalled.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::machine;
use crate::domain::event::Person;
use crate::exec;
use crate::journal::{JournalError, store};

/// Name of the file in which whoever takes over says so to whoever drove.
const SUCCESSOR: &str = "driver.next";

/// A driver that gave no sign for so long does not answer.
const SILENCE: Duration = Duration::from_secs(4);

/// The process of a driver, as the lock keeps it.
#[derive(Serialize, Deserialize)]
struct ProcessRecord {
    pid: u32,
    started: u64,
    boot: String,
}

/// Somebody who drives an incident.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Driver {
    /// Who, where, in words.
    pub who: String,
    /// How long ago they gave a sign.
    pub silent_for: Duration,
    /// Their process was stopped, as by ctrl-z or a debugger.
    pub suspended: bool,
    process: exec::Survivor,
}

impl Driver {
    /// They are there: their cockpit goes on.
    #[must_use]
    pub fn answers(&self) -> bool {
        !self.suspended && self.silent_for < SILENCE
    }

    /// Takes the incident in this directory from them: they leave, or are ended, and can write
    /// nothing more. Gives how they parted, in words. What runs goes on.
    ///
    /// # Errors
    /// Why they still drive, in words.
    pub fn take_over(&self, dir: &Path) -> Result<String, String> {
        // Only so that they learn who it was.
        let successor = dir.join(SUCCESSOR);
        let _ = std::fs::write(&successor, who(&machine::person()));
        let ended = exec::end_process(&self.process, self.answers());
        let _ = std::fs::remove_file(successor);
        let how = match ended {
            Err(error) => return Err(format!("their process does not end: {error}")),
            Ok(exec::Stopped::By(exec::StopStage::Kill)) if !self.answers() => {
                "which did not answer and was ended"
            }
            Ok(exec::Stopped::By(exec::StopStage::Kill)) => "which did not leave and was ended",
            Ok(exec::Stopped::By(_)) => "which left when it was asked to",
            Ok(exec::Stopped::Gone) => "which had gone",
        };
        Ok(format!("{}, {how}", self.who))
    }
}

/// Who drives the incident in this directory at this moment; none where nobody does, or where it
/// is somebody on another machine.
#[must_use]
pub fn driver_of(dir: &Path) -> Option<Driver> {
    let who = super::open::driven_by(dir)?;
    let text = store::driver(dir)?;
    let process: ProcessRecord = serde_json::from_str(text.lines().nth(1)?).ok()?;
    let process = exec::Survivor {
        pid: process.pid,
        started: process.started,
        boot: process.boot,
        command: String::new(),
    };
    exec::lives(&process).then(|| Driver {
        who,
        silent_for: store::last_sign(dir).unwrap_or_default(),
        suspended: is_suspended(process.pid),
        process,
    })
}

/// Who has taken over, or is about to, if somebody does.
pub(super) fn successor(dir: &Path) -> Option<String> {
    std::fs::read_to_string(dir.join(SUCCESSOR)).ok()
}

fn is_suspended(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map_or("", |(_, rest)| rest.trim());
    state.starts_with(['T', 't'])
}

/// A person and their process, for people.
pub(super) fn who(person: &Person) -> String {
    let terminal = if person.terminal.is_empty() {
        "no terminal"
    } else {
        &person.terminal
    };
    format!(
        "{}@{}, {terminal}, process {}",
        person.name,
        person.host,
        std::process::id()
    )
}

/// Takes the right to drive.
pub(super) fn lock(dir: &Path, driver: &Person) -> Result<store::DriverLock, JournalError> {
    let mut text = who(driver);
    if let Some(this) = exec::this_process() {
        let record = ProcessRecord {
            pid: this.pid,
            started: this.started,
            boot: this.boot,
        };
        let _ = write!(
            text,
            "\n{}",
            serde_json::to_string(&record).unwrap_or_default()
        );
    }
    store::lock(dir, &text)
}

/// Gives a sign each time it is asked to, on a thread of its own: a disk that stands still must
/// not hold up whoever asks.
pub(super) fn pulse(dir: &Path) -> SyncSender<()> {
    let (beat, beats): (SyncSender<()>, Receiver<()>) = sync_channel(1);
    let dir = dir.to_owned();
    let give = move || {
        while beats.recv().is_ok() {
            store::give_sign(&dir);
        }
    };
    // Without a thread there are no signs, and whoever takes over is told that.
    let _ = std::thread::Builder::new()
        .name("pulse".to_owned())
        .spawn(give);
    beat
}
