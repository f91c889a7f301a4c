//! The thread that reads the terminal. Of our own, because a reader that does not notice that its
//! terminal is gone spins for ever: this one waits in poll, and leaves at a hang-up, at the end
//! of input and at an I/O error, with [`Input::Gone`] as its last word.
//!
//! It never blocks on the cockpit: keys that arrive while a thousand others wait are dropped, as
//! a terminal would.

use std::io;
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::sync::mpsc;

use super::keys::{Decoder, Input};

/// How long an escape waits for the rest of a sequence, in nanoseconds.
const ESCAPE_WAITS_NS: i64 = 25_000_000;

/// Inputs that may wait for the cockpit.
const MOST_WAITING: usize = 1_024;

/// An input with when it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// When its last byte was read.
    pub at: Instant,
    /// What it is.
    pub input: Input,
}

/// The reading thread.
#[derive(Debug)]
pub struct Reader {
    thread: Option<JoinHandle<()>>,
    /// Closed to end the thread.
    stop: Option<OwnedFd>,
}

impl Reader {
    /// Begins to read.
    ///
    /// # Errors
    /// Where the process has no more handles or threads.
    pub fn start(tty: OwnedFd) -> io::Result<(Self, mpsc::Receiver<Arrived>)> {
        let (stopped, stop) = pipe_with(PipeFlags::CLOEXEC)?;
        let (inputs, arrived) = mpsc::channel(MOST_WAITING);
        let thread = std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || read(&tty, &stopped, &inputs))?;
        let reader = Self {
            thread: Some(thread),
            stop: Some(stop),
        };
        Ok((reader, arrived))
    }
}

impl Drop for Reader {
    /// Ends the thread before anybody else reads the terminal.
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(tty: &OwnedFd, stopped: &OwnedFd, inputs: &mpsc::Sender<Arrived>) {
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; 65_536];
    loop {
        let arrived = match wait(tty, stopped, decoder.is_waiting()) {
            Waited::Stopped => return,
            Waited::Gone => break,
            Waited::Nothing => decoder.time_is_up(),
            Waited::Interrupted => continue,
            Waited::Bytes => match rustix::io::read(tty, &mut buffer) {
                Ok(0) => break,
                Ok(size) => decoder.feed(buffer.get(..size).unwrap_or_default()),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => break,
            },
        };
        let at = Instant::now();
        for input in arrived {
            // Full or closed: either way this one cannot be delivered.
            let _ = inputs.try_send(Arrived { at, input });
        }
    }
    // Where even this does not fit, the closed channel says the same.
    let _ = inputs.try_send(Arrived {
        at: Instant::now(),
        input: Input::Gone,
    });
}

enum Waited {
    Bytes,
    Nothing,
    Interrupted,
    Gone,
    Stopped,
}

fn wait(tty: &OwnedFd, stopped: &OwnedFd, not_for_ever: bool) -> Waited {
    let mut fds = [
        PollFd::new(tty, PollFlags::IN),
        PollFd::new(stopped, PollFlags::IN),
    ];
    let limit = Timespec {
        tv_sec: 0,
        tv_nsec: ESCAPE_WAITS_NS,
    };
    match poll(&mut fds, not_for_ever.then_some(&limit)) {
        Ok(0) => return Waited::Nothing,
        Ok(_) => {}
        Err(Errno::INTR) => return Waited::Interrupted,
        Err(_) => return Waited::Gone,
    }
    let [tty, stopped] = fds.map(|fd| fd.revents());
    if !stopped.is_empty() {
        Waited::Stopped
    } else if tty.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        Waited::Gone
    } else {
        Waited::Bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Reader};
    use crate::app::Key;
    use rustix::pipe::{PipeFlags, pipe_with};

    #[test]
    fn keys_arrive_and_a_closed_terminal_is_the_last_word() {
        let (tty, keyboard) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let (reader, mut arrived) = Reader::start(tty).expect("a reader");
        rustix::io::write(&keyboard, b"j\x1b").expect("typed");
        let key = |key, bytes: &[u8]| Some(Input::Key(Some(key), bytes.to_vec()));
        let mut next = || arrived.blocking_recv().map(|arrived| arrived.input);
        assert_eq!(next(), key(Key::Char('j'), b"j"));
        assert_eq!(next(), key(Key::Esc, b"\x1b"));
        drop(keyboard);
        assert_eq!(next(), Some(Input::Gone));
        assert_eq!(next(), None);
        drop(reader);
    }

    #[test]
    fn a_stopped_reader_leaves_what_is_typed_afterwards() {
        let (tty, keyboard) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let kept = tty.try_clone().expect("a handle");
        let (reader, mut arrived) = Reader::start(tty).expect("a reader");
        drop(reader);
        assert_eq!(arrived.blocking_recv(), None);
        rustix::io::write(&keyboard, b"x").expect("typed");
        let mut byte = [0];
        assert_eq!(rustix::io::read(&kept, &mut byte), Ok(1));
        assert_eq!(&byte, b"x");
    }
}
