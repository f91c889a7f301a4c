//! What the output pane shows: a window on the evidence of one attempt, made by the loop.
//!
//! The lines come scrubbed and styled; nothing here reads a file.

use std::ops::Range;

use ratatui::text::Line;

use crate::domain::ids::AttemptId;

/// A window on the evidence of one attempt.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OutputView {
    /// The attempt that is shown.
    pub attempt: Option<AttemptId>,
    /// The lines of the window, scrubbed.
    pub lines: Vec<Line<'static>>,
    /// The number of the window's first line, from 1; none where lines are not counted (a
    /// full-screen program).
    pub first: Option<u64>,
    /// Lines in all, as far as they are counted.
    pub total: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Row and column of the program's cursor within the window, while it is to be shown.
    pub cursor: Option<(u16, u16)>,
    /// The window is at the tail and follows it.
    pub follows: bool,
    /// The program waits for input, as far as that can be told (echo is off).
    pub waits: bool,
    /// How a search of it stands.
    pub search: Option<SearchState>,
    /// What is selected.
    pub selected: Option<Selected>,
    /// Something worth saying about it (`skipped 83 MB, evidence complete`), or empty.
    pub note: String,
}

/// What is searched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sought {
    /// Lines with these words.
    Words(String),
    /// Lines that read as an error.
    Errors,
}

/// How a search stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchState {
    /// What is searched for.
    pub wanted: Sought,
    /// The present hit, from 1; 0 where none was gone to.
    pub at: usize,
    /// Hits found so far.
    pub hits: usize,
    /// The search has seen the whole output.
    pub complete: bool,
}

/// Selected lines of an output, which may go beyond the window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selected {
    /// Their rows in the window.
    pub rows: Range<usize>,
    /// The first of them, from 0.
    pub first: u64,
    /// How many lines.
    pub lines: u64,
}

/// How lines are selected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selecting {
    /// Begin with a line in view, or select nothing any more.
    Toggle,
    /// Select nothing.
    Nothing,
    /// The end of the selection moves by lines up (negative) or down.
    By(i64),
    /// It moves by pages.
    Pages(i64),
    /// It moves to the first line.
    Top,
    /// It moves to the last line.
    Bottom,
}

/// What the output pane wants to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scroll {
    /// Rows up (negative) or down.
    By(i64),
    /// Pages up (negative) or down.
    Pages(i64),
    /// The first line.
    Top,
    /// The tail, following it.
    Follow,
}

impl SearchState {
    /// How it stands, in a few words.
    #[must_use]
    pub fn told(&self) -> String {
        let more = if self.complete { "" } else { "+" };
        let (what, none, looks) = match &self.wanted {
            Sought::Words(words) => {
                let words = format!("“{words}”");
                let none = format!("{words} is not there");
                let looks = format!("looking for {words}…");
                (words, none, looks)
            }
            Sought::Errors => (
                "error".to_owned(),
                "no line reads as an error".to_owned(),
                "looking for errors…".to_owned(),
            ),
        };
        match (self.hits, self.at) {
            (0, _) if self.complete => none,
            (0, _) => looks,
            (hits, 0) => format!("{what}: {hits}{more} found"),
            (hits, at) => format!("{what} {at} of {hits}{more}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SearchState, Sought};

    #[test]
    fn a_search_says_what_it_has_and_whether_that_is_all() {
        let told = |wanted: &Sought, at, hits, complete| {
            let wanted = wanted.clone();
            SearchState {
                wanted,
                at,
                hits,
                complete,
            }
            .told()
        };
        let (words, errors) = (Sought::Words("late".to_owned()), Sought::Errors);
        assert_eq!(told(&words, 2, 3, true), "“late” 2 of 3");
        assert_eq!(told(&words, 0, 0, true), "“late” is not there");
        assert_eq!(told(&errors, 1, 3, false), "error 1 of 3+");
        assert_eq!(told(&errors, 0, 3, true), "error: 3 found");
        assert_eq!(told(&errors, 0, 0, false), "looking for errors…");
        assert_eq!(told(&errors, 0, 0, true), "no line reads as an error");
    }
}
