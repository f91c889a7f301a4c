//! What the world should do: requests that follow from recorded events, and from nothing else.
//!
//! Replaying a journal never makes an effect, so a replay cannot run anything.

use super::event::StopStage;
use super::ids::AttemptId;

/// What the world should do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Start the attempt whose intent has just been recorded.
    StartAttempt(AttemptId),
    /// Stop a running attempt.
    StopAttempt {
        /// Which.
        attempt: AttemptId,
        /// How hard.
        stage: StopStage,
    },
    /// Tell an attempt that waits before its COMMIT what was decided.
    SettleCommit {
        /// Which.
        attempt: AttemptId,
        /// Commit; else roll back.
        commit: bool,
    },
    /// Stop what an attempt left running.
    StopSurvivors(AttemptId),
    /// Remove the carried shell state: the incident is closed.
    RemoveShellState,
}
