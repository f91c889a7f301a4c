//! Signals as messages. None is ignored, and none is handled inside a handler.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal means to the cockpit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The terminal has another size.
    Resized,
    /// The terminal hung up.
    HungUp,
    /// Somebody wants the cockpit to end.
    Terminate,
    /// Somebody wants it to stop for a while.
    Stop,
    /// It goes on after a stop.
    Continued,
}

/// The signals that the cockpit listens to.
#[derive(Debug)]
pub struct Signals {
    resized: Signal,
    hung_up: Signal,
    terminate: Signal,
    interrupt: Signal,
    stop: Signal,
    continued: Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// Where the system does not allow it.
    pub fn listen() -> io::Result<Self> {
        let on = |number: rustix::process::Signal| signal(SignalKind::from_raw(number.as_raw()));
        Ok(Self {
            resized: signal(SignalKind::window_change())?,
            hung_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            stop: on(rustix::process::Signal::TSTP)?,
            continued: on(rustix::process::Signal::CONT)?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Notice {
        tokio::select! {
            _ = self.hung_up.recv() => Notice::HungUp,
            _ = self.terminate.recv() => Notice::Terminate,
            // Sent from outside: ctrl-c at the keyboard is a key, because the terminal is raw.
            _ = self.interrupt.recv() => Notice::Terminate,
            _ = self.stop.recv() => Notice::Stop,
            _ = self.continued.recv() => Notice::Continued,
            _ = self.resized.recv() => Notice::Resized,
        }
    }
}

/// Stops this process as a terminal's stop key would; comes back when it is continued.
pub fn stop_here() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}
