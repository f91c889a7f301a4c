//! Shell text as data: whether it parses, where it may be cut, what it calls, how it runs.
//!
//! Nothing here expands or runs anything.

mod comments;
mod known;
mod parse;
mod split;

pub use comments::{Alternative, alternative, commented_out, is_expectation, number_of};
pub use known::{looks_like_prose, looks_like_shell, looks_like_sql};
pub use parse::{ParseProblem, is_complete, parses};
pub use split::{Piece, split};
