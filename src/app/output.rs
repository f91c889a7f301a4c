//! What the output pane shows: a window on the evidence of one attempt, made by the loop.
//!
//! The lines come scrubbed and styled; nothing here reads a file.

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
    /// What was searched for and how many hits there are, with the present one.
    pub search: Option<SearchState>,
    /// Something worth saying about it (`skipped 83 MB, evidence complete`), or empty.
    pub note: String,
}

/// How a search stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchState {
    /// What is searched for.
    pub text: String,
    /// The present hit, from 1; 0 where there is none.
    pub at: usize,
    /// Hits found so far.
    pub hits: usize,
    /// The search has seen the whole output.
    pub complete: bool,
}

/// What the output pane wants to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scroll {
    /// Lines up (negative) or down.
    By(i64),
    /// The first line.
    Top,
    /// The tail, following it.
    Follow,
}
