//! How an attempt ended: what its supervisor measured, and what it left behind.

use super::transaction::Fate;
use chrono::{DateTime, Utc};

/// How an attempt ended, as the supervisor measured it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ending {
    /// Exit status, unless a signal ended it or it is not known.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Why it could not even start, or what else went wrong.
    pub error: Option<String>,
    /// It was asked to end, by an operator or by its time box.
    pub cancelled: bool,
    /// It was the time box that asked; older records do not say.
    pub by_time_box: bool,
    /// Wall clock at the end.
    pub at: Option<DateTime<Utc>>,
    /// Milliseconds it took, monotonic.
    pub duration_ms: u64,
    /// Bytes of evidence.
    pub bytes: u64,
    /// Output that could not be kept.
    pub lost: Option<Box<LostOutput>>,
    /// Processes that it left running.
    pub left_running: Vec<u32>,
    /// The same with what tells each from a later process of its number; none in older records.
    pub survivors: Vec<Survivor>,
    /// Directory afterwards, where it was captured.
    pub cwd_after: Option<String>,
    /// The shell state was captured and may be carried on.
    pub state_captured: bool,
    /// The line of the text that ran whose failure ended it, from 1, where its shell has said so.
    pub failed_at: Option<u32>,
    /// The statuses of the commands of the pipeline that its shell ended with, where it has said
    /// so: the first may have failed unheard.
    pub stages: Vec<i32>,
    /// What became of its transaction, where it waited before its COMMIT.
    pub fate: Option<Fate>,
}

/// Output that could not be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LostOutput {
    /// How many bytes.
    pub bytes: u64,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// Why.
    pub why: String,
}

/// A process that a command left running.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Survivor {
    /// Its number.
    pub pid: u32,
    /// When it started, in the kernel's ticks since the boot: with the number it is this process
    /// and no later one.
    pub started: u64,
    /// The boot that the ticks count from.
    pub boot: String,
    /// What it runs.
    pub command: String,
}

impl Ending {
    /// Whether the command itself said that it succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        let undone = matches!(self.fate, Some(Fate::RolledBack(_)));
        self.exit == Some(0) && self.error.is_none() && !self.cancelled && !undone
    }
}
