//! What is so at this moment and is not on record: whether a running attempt waits for somebody to
//! type, and what cannot be written. Told by whoever watches, shown, and never journalled; what
//! follows from it for good comes with the attempt's ending or as an event of its own.

use super::ids::AttemptId;
use super::probes::Watch;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What is so at this moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Present {
    /// Of the attempts that run.
    pub attempts: BTreeMap<AttemptId, Condition>,
    /// What is sensed again by itself, by the attempt that was accepted.
    pub probes: BTreeMap<AttemptId, Watch>,
    /// The journal cannot be written.
    pub journal: Option<Stall>,
}

impl Present {
    /// Whether an attempt has ended, and how waits for room.
    #[must_use]
    pub fn has_ended(&self, attempt: AttemptId) -> bool {
        let trouble = self.attempts.get(&attempt).and_then(|c| c.trouble.as_ref());
        trouble.is_some_and(|t| t.ended)
    }
}

/// What a supervisor says of its attempt.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Condition {
    /// Whether it waits for somebody to type.
    pub input: Input,
    /// What of it cannot be written.
    pub trouble: Option<Trouble>,
}

/// Whether a command waits for somebody to type, by the state of its terminal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Input {
    /// Its terminal does not say: the command has taken over its keyboard, or nobody looked yet.
    #[default]
    Untold,
    /// It does not read.
    Busy,
    /// It reads a line.
    Line,
    /// It reads with the echo switched off: a password.
    Hidden,
}

/// Evidence or a result that cannot be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// Since when.
    pub since: DateTime<Utc>,
    /// The error of the operating system.
    pub why: String,
    /// Bytes of output that are kept in memory and wait for room.
    pub waiting: u64,
    /// Bytes of output that are lost.
    pub lost: u64,
    /// It has ended, and its result waits for room.
    pub ended: bool,
}

/// A journal that cannot be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stall {
    /// Since when.
    pub since: DateTime<Utc>,
    /// The error of the operating system.
    pub why: String,
    /// What was seen since and waits to be recorded.
    pub waiting: usize,
}
