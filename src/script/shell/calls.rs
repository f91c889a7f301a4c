//! Every simple command that a shell text holds, wherever it stands: in lists, pipes, compounds,
//! functions, substitutions, conditions.
//!
//! Plain data taken from the parser's tree, so that the rules about danger need not know it. Words
//! that a shell would expand are kept as written and marked as not fixed.

use std::cell::RefCell;
use std::rc::Rc;

use super::course::Turn;
use super::parse::ParseProblem;
use super::plain::plain_calls;
use super::values::Piece;
use super::walk::walked;
use crate::script::blanks;
use crate::script::recent::Recent;

/// One word of a command.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Word {
    /// Its text after the removal of quotes; expansions as written.
    pub text: String,
    /// Nothing in it is expanded when it runs.
    pub fixed: bool,
    /// Of one that is not fixed, what it is made of.
    pub pieces: Vec<Piece>,
}

impl Word {
    /// Whether it may become several, or an option: all or one of what a function or a script was
    /// given, or all of an array.
    pub fn is_several(&self) -> bool {
        let text = self.text.trim_matches('"');
        let name = text.strip_prefix('$').unwrap_or_default();
        let name = name.trim_matches(['{', '}']);
        let given = name == "*" || !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
        let parts = ["$@", "${@", "${*", "[@]", "[*]"];
        !self.fixed && (given || parts.iter().any(|part| text.contains(part)))
    }
}

/// One simple command.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Call {
    /// The command's name and its arguments.
    pub words: Vec<Word>,
    /// Variables that are set for it alone.
    pub sets: Vec<(String, Word)>,
    /// Files that its output goes to.
    pub writes: Vec<String>,
    /// Files that its input comes from.
    pub reads: Vec<String>,
    /// Text that is its input, by heredoc or here-string.
    pub input: Option<String>,
    /// Variables in that text are put in before it is given.
    pub expands: bool,
    /// The command before it in a pipe.
    pub piped: Option<Box<Call>>,
    /// It stands in a compound command that gets its input from a file, a text or a pipe.
    pub fed: bool,
    /// It is left to run in the background.
    pub left: bool,
    /// The subshell that it stands in, by its place in [`Calls::subshells`]; 0 is the text itself.
    pub subshell: usize,
}

impl Call {
    /// The name of the program without its directory, or none where it is not known.
    pub fn program(&self) -> Option<&str> {
        let first = self.words.first()?;
        let name = first.text.rsplit('/').next().unwrap_or(&first.text);
        (first.fixed && !name.is_empty()).then_some(name)
    }

    /// The texts of the arguments.
    pub fn args(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(|w| w.text.as_str())
    }

    /// The same call with the first `count` words taken off.
    pub fn without(&self, count: usize) -> Self {
        let words = self.words.iter().skip(count).cloned().collect();
        let all = self.clone();
        Self { words, ..all }
    }
}

/// A value that a variable gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Assigned {
    /// Its name; of an array, with `[@]`.
    pub name: String,
    /// What the value is made of.
    pub pieces: Vec<Piece>,
    /// It goes behind what is there: `+=`.
    pub adds: bool,
}

/// The calls of a text and the functions that it defines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Calls {
    /// In the order of the text.
    pub all: Vec<Call>,
    /// Names of functions defined in it.
    pub functions: Vec<String>,
    /// The values that it gives to variables, in the order of the text.
    pub assigned: Vec<Assigned>,
    /// Something repeats without end by its own condition: `while true`.
    pub endless: bool,
    /// What `[[ -f x ]]` asks about: how many calls stand before it, its subshell, and the path.
    pub asked: Vec<(usize, usize, String)>,
    /// For each subshell from the first on, the one around it: a change of directory stays within.
    pub subshells: Vec<usize>,
    /// Its blocks and assignments, each with how many calls stand before it.
    pub course: Vec<(usize, Turn)>,
}

type Taken = Result<Rc<Calls>, ParseProblem>;

thread_local! {
    /// The texts that were asked about last: a piece is cut out of a block, and its danger, its
    /// manner and its needs are judged one after the other.
    static LAST: RefCell<Recent<Taken>> = const { RefCell::new(Recent::new()) };
}

/// Takes the calls out of a text.
///
/// # Errors
///
/// Where the text is not shell.
pub(super) fn calls(code: &str) -> Taken {
    let known = LAST.with_borrow(|last| last.of(code));
    known.unwrap_or_else(|| {
        let taken = take(code).map(Rc::new);
        LAST.with_borrow_mut(|last| last.keep(code, taken.clone()));
        taken
    })
}

fn take(code: &str) -> Result<Calls, ParseProblem> {
    let mut masked = blanks::mask(code, "bash");
    if !masked.ends_with('\n') {
        masked.push('\n');
    }
    plain_calls(&masked).map_or_else(|| walked(&masked), Ok)
}

#[cfg(test)]
#[path = "calls_tests.rs"]
mod tests;
