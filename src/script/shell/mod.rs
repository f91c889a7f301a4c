//! Shell text as data: whether it parses, where it may be cut, what it calls, how it runs.
//!
//! Nothing here expands or runs anything.

mod backup;
mod calls;
mod comments;
mod connection;
mod course;
mod danger;
mod feed;
mod fleet;
mod halting;
mod inside;
mod known;
// Each arm is one program; they are kept apart to be read as a table.
#[allow(clippy::match_same_arms)]
mod manner;
mod needed;
mod parse;
mod paths;
mod plain;
mod reach;
mod remote;
mod repl;
#[allow(clippy::match_same_arms)]
mod rules;
mod split;
mod stamps;
mod status;
mod steer;
#[allow(clippy::match_same_arms)]
mod target;
mod tunnel;
mod unheard;
mod values;
mod walk;
mod wrappers;

pub use backup::{BackupFile, BackupUse, backups};
pub(crate) use comments::after_word;
pub use comments::{
    Alternative, alternative, commented_out, is_expectation, is_otherwise, number_of,
    says_what_should_be,
};
pub use danger::{danger, danger_given, is_comment_only, programs};
pub use halting::{GoesOn, GoesOnIn, goes_on, stops_itself};
pub use inside::Inside;
pub use known::{
    begins_commands, looks_like_program, looks_like_prose, looks_like_shell, looks_like_sql,
};
pub use manner::{is_monitor, is_timed, needs_terminal};
pub use needed::needed_here;
pub use parse::{ParseProblem, is_complete, parses};
pub use paths::{PathUse, Touch, paths};
pub use reach::{
    FarShell, Leaving, Opened, Reach, given, given_to, is_for_this_side, leaves_open, leaving,
};
pub use remote::{is_remote, stays_remote};
pub use repl::{Repl, fed, repls};
pub use split::{Piece, split};
pub use stamps::{Stamp, stamps};
pub use status::{StatusShown, status_shown, with_http_status};
pub use target::{How, Measure, measures, remarks};
pub use tunnel::is_tunnel;
pub use unheard::unheard;
pub use values::variables;
