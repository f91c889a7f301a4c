//! Running one attempt at an action so that it survives the cockpit.
//!
//! The cockpit never owns a running command. [`start_with`] writes what is to run into the attempt's
//! evidence directory and sets off a supervisor: this same binary, in a session of its own. The
//! supervisor creates the claim (so that nothing can run twice), opens a PTY, and forks a holder,
//! which forks an anchor, which forks the command:
//!
//! ```text
//! supervisor   reads the PTY, appends to the evidence, serves the socket
//!  └ holder    keeps the PTY open; takes the supervisor's place if it dies
//!     └ anchor leader of the terminal's session, parent of the command and of its orphans
//!        └ command
//! ```
//!
//! The anchor exists because a kernel hangs up the foreground of a terminal when its session's
//! leader dies: were the command the leader, its background children would die with it; were
//! the holder, the command would die with the holder.
//!
//! In a procedure the terminal is lent from one attempt to the next by a *lender*, which then leads
//! its session and is the anchor's parent.
//!
//! Everybody else follows the evidence files; input, resizing and stopping go over a socket.
//! Nothing here writes the journal or draws, and nothing here decides what may run.

mod anchor;
mod backlog;
mod backup;
mod control;
mod dirs;
mod engine;
mod files;
mod find;
mod follow;
mod forms;
mod guard;
mod hidden;
mod http;
mod index;
mod ledger;
mod lend;
mod memory;
mod outcome;
mod process;
mod prompt;
mod pty;
mod readable;
mod reader;
mod redact;
mod serve;
mod shell;
mod sources;
mod spec;
mod spool;
mod sql;
mod stamp;
mod start;
mod state;
mod stops;
mod supervise;
mod survivors;
mod there;
mod typed;
mod visible;
mod wire;
mod writeback;

pub use backup::{Examined, Wanted, examine};
pub use control::{Control, Doorbell, Ear};
pub use engine::AT_CLOSE;
pub use find::{Fence, Found, fence, find, is_running};
pub use follow::Follower;
pub(crate) use forms::password_in;
pub use guard::{Guard, Question, Surroundings, ask, measure};
pub use index::Index;
pub use ledger::{Standing, Transaction, settle, transaction};
pub use lend::Lenders;
pub use outcome::{EndedBy, Outcome, Stop, StopStage, Survivor};
pub use readable::{Unreadable, unreadable};
pub use reader::Mark;
pub(crate) use redact::Redactor;
pub use sources::{look, newest};
pub use spec::{AttemptSpec, Kind, There, size_of};
pub use sql::describe as describe_database;
pub use sql::named::{CONNECTION_SERVICE, CONNECTION_URL};
pub use start::{StartError, Started, own_exe, start_with};
pub use state::{carried, carried_functions, carried_variables, left_out};
pub use survivors::{
    Stopped, at_it, end as end_process, lives, stop as stop_survivor, this_process,
};

use std::path::Path;

/// Runs a hidden subcommand if the arguments (without the program's name) ask for one, and gives
/// its exit status. Must be called while the process has one thread only.
///
/// Called first thing in `main`, so that supervisors start fast and stay small.
#[must_use]
pub fn hidden_main(args: &[std::ffi::OsString]) -> Option<i32> {
    let (name, rest) = args.split_first()?;
    match name.to_str()? {
        "__supervise" => {
            let lender = rest.get(1).and_then(|fd| fd.to_str()?.parse().ok());
            Some(supervise::main(Path::new(rest.first()?), lender))
        }
        "__lend" => Some(lend::keeper::main()),
        "__sql" => Some(sql::main(Path::new(rest.first()?))),
        "__there" => Some(there::main(
            Path::new(rest.first()?),
            rest.get(1)?.to_str()?,
            rest.get(2)?.to_str()?,
        )),
        "__http" => Some(http::main(Path::new(rest.first()?))),
        _ => None,
    }
}
