//! How an attempt ended: the content of `result.json`.
//!
//! The field names are the stored form and a promise to later versions; every field has a
//! default, so that an older result can be read. A status that nobody saw is said to be unknown,
//! never guessed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One rung of the ladder by which a command is stopped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StopStage {
    /// SIGINT to the foreground group of its terminal, as ctrl-c does.
    Int,
    /// SIGTERM to its process groups.
    Term,
    /// SIGKILL to every process of its session.
    Kill,
}

/// A stop that was asked for while the command ran.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stop {
    /// Which rung.
    pub stage: StopStage,
    /// Who asked; `time box` for the supervisor itself.
    pub by: String,
    /// When.
    #[serde(with = "super::stamp")]
    pub at: DateTime<Utc>,
    /// How many processes or groups were signalled.
    pub signalled: u32,
}

/// Why it ended, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// By itself, well or badly.
    #[default]
    Itself,
    /// After somebody had asked for it to stop.
    Stop,
    /// After its time box had run out.
    TimeBox,
    /// It could not be executed at all; [`Outcome::error`] says why.
    Unstarted,
}

/// A process that a command left running.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Survivor {
    /// Its number.
    pub pid: u32,
    /// When it started, in the kernel's ticks since the boot.
    pub started: u64,
    /// The boot that the ticks count from.
    pub boot: String,
    /// What it runs.
    pub command: String,
}

/// How one attempt ended.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// Version of this form.
    pub format: u32,
    /// Exit status, if it exited.
    pub exit: Option<i32>,
    /// Signal that ended it, if one did.
    pub signal: Option<i32>,
    /// It ended, but nobody could learn how.
    pub status_unknown: bool,
    /// Why it ended.
    pub ended_by: EndedBy,
    /// Stops that were asked for, in order.
    pub stops: Vec<Stop>,
    /// When the command was set off.
    #[serde(with = "super::stamp")]
    pub started_at: DateTime<Utc>,
    /// When its end was seen.
    #[serde(with = "super::stamp")]
    pub ended_at: DateTime<Utc>,
    /// From the one to the other by the monotonic clock, in milliseconds.
    pub duration_ms: u64,
    /// Bytes of evidence at the end; what was left running may add to the file later.
    pub bytes: u64,
    /// Newlines among them.
    pub lines: u64,
    /// Bytes of output that could not be written (a full disk).
    pub lost_bytes: u64,
    /// Since when they were lost.
    #[serde(with = "super::stamp::opt")]
    pub lost_since: Option<DateTime<Utc>>,
    /// Why.
    pub lost_why: Option<String>,
    /// Processes that it left running.
    pub left_running: Vec<u32>,
    /// The same, told apart from later processes of their numbers.
    pub survivors: Vec<Survivor>,
    /// What went wrong around the command: it could not be executed, evidence was lost…
    pub error: Option<String>,
    /// The shell state was left where it was asked for.
    pub state_captured: bool,
    /// Why not, where it was asked for; also what was left out of it.
    pub state_note: Option<String>,
    /// Directory in which the shell ended, where it is known.
    pub cwd_after: Option<PathBuf>,
    /// The line of the script whose failure ended it, from 1, where the shell has said so.
    pub failed_at: Option<u32>,
    /// The statuses of the commands of the pipeline that its shell ended with; empty where not
    /// known.
    pub stages: Vec<i32>,
    /// The target was not the one that the plan is for, so nothing was sent; in words.
    pub refused: Option<String>,
    /// The supervisor had died, and the holder saw the end.
    pub taken_over: bool,
}

impl Outcome {
    /// It exited with status 0 and nobody had asked it to stop.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.exit == Some(0) && self.ended_by == EndedBy::Itself
    }
}
