//! The loop that carries the cockpit: reads the terminal, waits for what happens, draws, and does
//! what the model asks for.
//!
//! No decisions: what a key means is `app`'s, what may run is `domain`'s. Guarantees that the
//! terminal is given back on every way out, that a terminal that is gone ends the cockpit and
//! nothing else (running steps go on), and that nothing wakes up while nothing is due.

mod choices;
mod cockpit;
mod editor;
pub mod find;
pub mod frames;
pub mod hand;
pub mod home;
pub mod input;
mod keep;
pub mod keys;
pub mod lines;
pub mod marks;
mod options;
pub mod paint;
pub mod pane;
mod perform;
pub mod save;
mod screen;
pub mod signals;
pub mod tty;
pub mod viewer;
pub mod watch;

use std::io;

pub use home::{Chosen, home};
pub use options::{ExitReport, Options, Why};

use crate::session::Session;

/// Flies an incident until the operator leaves or the terminal is gone. Running steps go on.
///
/// # Errors
/// Where standard input or output is no terminal, or the process has no more handles or threads.
pub fn fly(session: Session, options: Options) -> io::Result<ExitReport> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()?;
    let report = runtime.block_on(async {
        let cockpit = cockpit::Cockpit::take_off(session, options)?;
        Box::pin(cockpit.fly()).await
    });
    // A look at the machine that takes for ever must not keep the operator here.
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    report
}
