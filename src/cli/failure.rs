//! What went wrong, for the person at the prompt: one line that says what and where, then what
//! was kept, then what to do; and the exit status that says which kind it was.

use std::fmt;
use std::process::ExitCode;

/// How a command ended, where it did not end with a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Done, and as it should be.
    Good,
    /// Done, and found wanting.
    Wanting,
    /// Interrupted by the operator.
    Interrupted,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Good => ExitCode::SUCCESS,
            Outcome::Wanting => ExitCode::from(1),
            Outcome::Interrupted => ExitCode::from(130),
        }
    }
}

/// What could not be done as it was asked for. Exit status 2.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    what: String,
    kept: &'static str,
    todo: String,
}

impl Failure {
    /// What went wrong and where, and what to do about it. Says that nothing was changed.
    pub fn new(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            kept: "nothing was changed",
            todo: todo.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}; {}; {}", self.what, self.kept, self.todo);
        // One line, whatever a path or a program's message holds.
        for c in line.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub enum Ended {
    /// It could not be done as asked: everything that is in the way.
    Failures(Vec<Failure>),
    /// A fault of backout itself. Exit status 3.
    Fault(color_eyre::Report),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failures(vec![failure])
    }
}

impl From<color_eyre::Report> for Ended {
    fn from(report: color_eyre::Report) -> Self {
        Self::Fault(report)
    }
}

/// The end of a command.
pub type Ending = Result<Outcome, Ended>;

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failure_is_one_line_without_control_characters() {
        let failure = Failure::new("cannot read a\nb\x1b[2J.md: no", "check the path");
        let text = failure.to_string();
        assert_eq!(
            text,
            "cannot read a\\nb\\u{1b}[2J.md: no; nothing was changed; check the path"
        );
    }
}
