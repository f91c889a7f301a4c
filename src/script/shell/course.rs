//! The course of a text: where its commands stand in blocks that may run or not, again, or in a
//! shell of their own, and which variables it sets on the way.
//!
//! Kept beside the calls, for whoever has to know what holds where a command stands. Says nothing
//! of what follows from it.

use super::calls::Word;

/// What lies between the calls before and those after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// A block begins.
    Enter(Block),
    /// The innermost block ends.
    Leave,
    /// What follows in a chain runs where all before it went well.
    And,
    /// What follows in a chain runs where something before it failed.
    Or,
    /// A variable gets a value that stays.
    Set {
        /// Its name.
        name: String,
        /// The value; none where it is only declared, or is not one text.
        value: Option<Word>,
        /// It goes behind what is there: `+=`.
        adds: bool,
        /// The words that declare it: `export`, `declare -x`; empty for a bare assignment.
        how: String,
    },
    /// Arithmetic, which may set what it names.
    Counts(String),
    /// Something is declared that is only known when it runs, as written.
    Anything(String),
}

/// A block of commands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Block {
    /// It has variables and a directory of its own.
    Subshell,
    /// It may run or not.
    Branch,
    /// It may run several times, or not at all.
    Again,
    /// It runs for each of these words.
    Each {
        /// The variables that get them.
        names: Vec<String>,
        /// The words.
        words: Vec<Word>,
        /// They are written there, and are not what the text itself was given.
        given: bool,
    },
    /// It runs wherever one of these names is called.
    Function(Vec<String>),
    /// Commands with `&&`, `||` or `|` between them.
    Chain,
}
