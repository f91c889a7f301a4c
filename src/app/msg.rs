//! What arrives at the cockpit, and what it asks of the world around it.

use std::sync::Arc;

use super::key::Key;
use super::output::{OutputView, Scroll, Selecting, Sought};
use super::purpose::Purpose;
use super::saving::Saving;
use crate::domain::elsewhere::Goes;
use crate::domain::event::Recorded;
use crate::domain::ids::{ActionRef, AttemptId, ParameterName};
use crate::domain::runbox::RunBox;
use crate::domain::{Command, Incident, Present};

/// What may be picked for a parameter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choices {
    /// The values.
    pub values: Vec<String>,
    /// The commands that they are from.
    pub from: Vec<String>,
    /// Why the plan's own command for them gave none.
    pub why_not: Option<String>,
}

/// What arrived.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key, with the milliseconds of a monotonic clock at which it was read.
    Key(Key, u64),
    /// A paste, as a whole.
    Paste(String),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// Time has passed.
    Tick,
    /// The last acknowledged state, and the events since the beginning.
    Incident(Arc<Incident>, Arc<Vec<Recorded>>),
    /// What is so at this moment and not on record.
    Present(Present),
    /// A command was refused, or could not be written.
    Refused(String),
    /// What was typed opens no session: whose it was, the text, and why.
    Unsent(String, String, String),
    /// A procedure, a list or an action was sent somewhere.
    Sent(String, Goes),
    /// A run box was made; none where the plan has no such action.
    Prepared(Option<Box<RunBox>>, BoxFor),
    /// What the output pane shows now.
    Output(OutputView),
    /// What may be picked for a parameter.
    Choices(ParameterName, Choices),
    /// The editor gave a text back.
    Edited(Purpose, String),
    /// Something worth saying.
    Said(String),
    /// Something to be read whole, with its title.
    Told(String, String),
    /// Nothing was saved: there is a file of that name.
    Taken(Saving, String),
    /// The journal is being written, or is not any more.
    Writing(bool),
}

/// What a run box is made for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BoxFor {
    /// To be shown, and run with `r`.
    Show,
    /// To be run at once if it only reads, else shown.
    Enter,
    /// The next one of a run-on.
    RunOn,
    /// To be run at once if it only reads: a check whose answer is too old for the open box.
    Sense,
    /// To be shown again after something changed.
    Again,
}

/// What the cockpit asks of the world around it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Submit a command to the session.
    Submit(Command),
    /// Make a run box.
    Prepare {
        /// For which action.
        at: ActionRef,
        /// The operator's own text instead of the plan's.
        edited: Option<String>,
        /// What for.
        purpose: BoxFor,
    },
    /// Have a scope or an action run where a command opens a session; nothing for here.
    Send {
        /// Whose.
        whose: String,
        /// The command.
        opener: String,
    },
    /// Keep a secret in memory.
    KeepSecret(ParameterName, String),
    /// Take a secret from where the plan says that it is.
    FetchSecret(ParameterName),
    /// Type into a running attempt.
    Input(AttemptId, Vec<u8>),
    /// Show this attempt's output.
    Show(AttemptId),
    /// Move in the output.
    Scroll(Scroll),
    /// Search in the output; for no words, end the search.
    Search(Sought),
    /// Go to the next hit, or the previous one.
    Hit {
        /// Forwards.
        forwards: bool,
    },
    /// Look for what may be picked for a parameter: the lines of its command, which only reads, and
    /// what earlier commands have printed.
    Choices(ParameterName),
    /// Open the editor on a text.
    Edit(Purpose, String),
    /// Select lines of the output.
    Select(Selecting),
    /// Copy the selected lines.
    CopySelected,
    /// Pin the selected lines to the log.
    PinSelected,
    /// Write an output to a file; over one that is there only where that was asked for.
    Save {
        /// What.
        saving: Saving,
        /// The file, as it was typed.
        path: String,
        /// Something of that name may be replaced.
        replace: bool,
    },
    /// Copy a text to the terminal's clipboard, and keep it in a file.
    Copy(String),
    /// Copy the filled command of an action.
    CopyFilled(ActionRef),
    /// Hash and attach a path, or attach an address.
    Attach(String),
    /// Write the exports.
    Export,
    /// Ring the bell.
    Bell,
    /// Leave the cockpit; the incident stays open.
    Leave,
}
