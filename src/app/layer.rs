//! What is open above the cockpit: questions, boxes, lists. The innermost owns the keyboard.

use super::purpose::Purpose;
use super::text_input::TextInput;
use super::verbs::Verb;
use crate::domain::Command;
use crate::domain::bearing::Bearing;
use crate::domain::ids::{ActionRef, AttemptId, ChoiceId, ParameterName, TemplateId};
use crate::domain::next::RunOn;
use crate::domain::runbox::RunBox;

/// Milliseconds that a run box must have been in view before `r` counts, so that a key meant for
/// something else cannot run it.
pub const SETTLE_MS: u64 = 700;

/// Something open above the cockpit.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    /// What it is.
    pub kind: LayerKind,
    /// Milliseconds of the monotonic clock at which it came into view: keys typed before do not
    /// count.
    pub since_ms: u64,
    /// How far it is scrolled; what is drawn says how far that can be.
    pub scroll: usize,
    /// It was scrolled to its end when it was drawn: what comes below is shown.
    pub at_end: bool,
}

/// What a layer is.
#[derive(Clone, PartialEq, Debug)]
pub enum LayerKind {
    /// A run box.
    RunBox {
        /// What would run.
        shown: Box<RunBox>,
        /// The word as far as it is typed.
        word: TextInput,
        /// It was asked for anew.
        remaking: bool,
        /// What it has put on record of another target.
        told: Vec<Bearing>,
    },
    /// The box for running on.
    RunOn(RunOn),
    /// The question whether the runbook's commands are accepted.
    Accept(Wanted),
    /// A question with a typed answer.
    Ask(Ask),
    /// A choice.
    Menu(Menu),
    /// A question whether to stop a running action.
    Stop(AttemptId),
    /// The question before a COMMIT.
    Commit {
        /// Whose.
        attempt: AttemptId,
        /// The word as far as it is typed.
        word: TextInput,
    },
    /// A text to read.
    Text {
        /// Its title.
        title: String,
        /// Its lines.
        lines: Vec<String>,
    },
    /// A message, filled.
    Message {
        /// Which.
        template: TemplateId,
        /// Its title.
        title: String,
        /// As it is now.
        text: String,
    },
    /// The incident log, field by field.
    Log {
        /// The selected field.
        selected: usize,
    },
    /// The palette.
    Palette {
        /// What is looked for.
        text: TextInput,
        /// The selected entry of those that fit.
        selected: usize,
    },
    /// The help.
    Help,
    /// A paste that has to be told what it is.
    Pasted(String),
}

/// What was asked for before the runbook's commands were accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The box of an action.
    Box(ActionRef),
    /// The box for running on.
    RunOn,
}

/// A question with a typed answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Ask {
    /// What the answer is for.
    pub purpose: Purpose,
    /// What is typed.
    pub input: TextInput,
    /// What may be picked instead.
    pub options: Vec<String>,
    /// The picked option.
    pub picked: Option<usize>,
    /// The digits by which it was picked, which may turn out to be the beginning of a text.
    pub numbered: String,
    /// Something to say about it.
    pub hint: String,
    /// Options are still being asked for.
    pub waiting: Option<ParameterName>,
}

/// A choice.
#[derive(Clone, PartialEq, Debug)]
pub struct Menu {
    /// Its title.
    pub title: String,
    /// What may be chosen.
    pub items: Vec<MenuItem>,
    /// The selected one.
    pub selected: usize,
}

/// What an entry has instead of a key where there are more entries than keys.
pub const NO_KEY: char = ' ';

/// Something that may be chosen.
#[derive(Clone, PartialEq, Debug)]
pub struct MenuItem {
    /// The key that chooses it at once.
    pub key: char,
    /// What it says.
    pub label: String,
    /// What it does.
    pub act: MenuAct,
}

/// What a choice does.
#[derive(Clone, PartialEq, Debug)]
pub enum MenuAct {
    /// Submits a command.
    Submit(Command),
    /// Asks on.
    Ask(Purpose),
    /// Does what a verb does.
    Verb(Verb),
    /// Opens the run box of an action again.
    Prepare(ActionRef),
    /// Opens another menu.
    Menu(Box<Menu>),
    /// Goes on to an action; where that leaves the order of the plan, asks why.
    GoTo(ActionRef),
    /// Takes one of several ways, and goes to it.
    Take(ChoiceId, String),
    /// Asks how to stop a running attempt, and then for the end of the rollback.
    StopAndEnd(AttemptId),
}

/// An entry of the palette.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PaletteEntry {
    /// A verb.
    Verb(Verb),
    /// An entry of the flight plan, by its position.
    Entry(usize),
}
