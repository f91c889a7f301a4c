//! Why a command is not carried out: data, with words that say what to do instead.

use std::fmt;

use super::event::Gate;
use super::ids::{AttemptId, ParameterName};

/// Why a command was refused. Nothing was recorded and nothing was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The incident is closed.
    Closed,
    /// The incident is open already.
    NotClosed,
    /// A dry run runs nothing.
    DryRun,
    /// The runbook's commands were not accepted yet.
    NotAccepted,
    /// The state has moved on since the box was shown.
    Stale,
    /// Blanks are still open.
    Blanks(Vec<ParameterName>),
    /// What would run is not what it should be.
    Integrity(Vec<String>),
    /// Gates are in the way; each may be passed with a reason.
    Gated(Vec<Gate>),
    /// Something else is running in the foreground.
    Busy(String),
    /// The outcome of an earlier attempt is not known: of which, and what it ran.
    UnknownBefore(AttemptId, String, Option<String>),
    /// The confirmation is not of the kind that is due.
    Confirmation {
        /// The word that is to be typed, if one is.
        word: Option<String>,
    },
    /// It is meant for elsewhere, and nobody has said where it is to run.
    MeantFor(String),
    /// A reason is due.
    ReasonDue,
    /// A name is due.
    NameDue,
    /// No such thing in the plan or the incident.
    NoSuch(String),
    /// The action is not one that runs.
    NotRunnable,
    /// The attempt is not in a state for this.
    NotInThatState(String),
    /// A sensed item cannot be ticked while its sensor disagrees.
    SensorDisagrees,
    /// There is nothing to take back.
    NothingToUndo,
    /// Things must be done, waived or deferred before the close.
    StillOpen(Vec<String>),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the incident is closed: reopen it first"),
            Self::NotClosed => f.write_str("the incident is open already"),
            Self::DryRun => f.write_str("this is a dry run: nothing runs"),
            Self::NotAccepted => {
                f.write_str("this runbook's commands were not accepted yet: look at them first")
            }
            Self::Stale => f.write_str("something changed since this was shown: look at it again"),
            Self::Blanks(names) => {
                let names: Vec<&str> = names.iter().map(ParameterName::as_str).collect();
                write!(f, "still to be filled: {} (e edits)", names.join(", "))
            }
            Self::Integrity(problems) => write!(f, "it cannot run: {}", problems.join("; ")),
            Self::Gated(gates) => write!(
                f,
                "{} {} in the way: complete, or pass with a reason",
                gates.len(),
                if gates.len() == 1 {
                    "gate is"
                } else {
                    "gates are"
                }
            ),
            Self::Busy(title) => write!(f, "“{title}” is still running: wait, or stop it"),
            Self::UnknownBefore(attempt, title, runs) => {
                let runs = runs.as_ref();
                let runs = runs.map_or_else(String::new, |runs| format!(", and {runs}"));
                write!(
                    f,
                    "the outcome of “{title}” is not known (attempt {attempt}){runs}: settle it first, with m on its row"
                )
            }
            Self::Confirmation { word: Some(word) } => {
                write!(f, "this one wants the word “{word}” typed")
            }
            Self::Confirmation { word: None } => f.write_str("this one wants r in its run box"),
            Self::MeantFor(on) => write!(
                f,
                "the plan is {on} here: say in its run box where it is to run"
            ),
            Self::ReasonDue => f.write_str("a reason is due, for the log"),
            Self::NameDue => f.write_str("a name is due, for the log"),
            Self::NoSuch(what) => write!(f, "there is no {what} in this incident"),
            Self::NotRunnable => {
                f.write_str("this is done by a person: mark it when it is done (m)")
            }
            Self::NotInThatState(what) => f.write_str(what),
            Self::SensorDisagrees => f.write_str(
                "its check says otherwise: run the check again, or override it with a reason (m)",
            ),
            Self::NothingToUndo => f.write_str(
                "nothing to take back: u takes back a tick or a text, and not past a decision or a mark",
            ),
            Self::StillOpen(names) => write!(
                f,
                "still open: {}; do, waive, defer or stop (ctrl-c) them, then close",
                names.join(", ")
            ),
        }
    }
}

impl std::error::Error for Refusal {}
