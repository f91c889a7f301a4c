//! The operator's terminal while the cockpit has it: raw, on the alternate screen, pastes
//! bracketed; and as it was before on every way out.
//!
//! The ways out are: return, panic, hang-up, a signal. What restores is kept where a panic finds
//! it too. A panic on another thread than the cockpit's does not touch the screen; what it said is
//! printed once the screen is given back.

use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::ThreadId;

use rustix::termios::{
    OptionalActions, QueueSelector, Termios, isatty, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
};

/// Alternate screen, cursor hidden, pastes bracketed.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[2J";
/// The same back, colours and weights reset, the cursor shown.
const LEAVE: &[u8] = b"\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";

/// How to give the terminal back.
struct Way {
    input: OwnedFd,
    output: OwnedFd,
    before: Termios,
    owner: ThreadId,
}

static WAY_BACK: Mutex<Option<Way>> = Mutex::new(None);
static SAID_LATER: Mutex<Vec<String>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

/// The terminal, taken. Dropping it gives it back.
#[derive(Debug)]
pub struct Tty {
    input: OwnedFd,
    output: OwnedFd,
}

impl Tty {
    /// Takes the terminal of standard input and output.
    ///
    /// # Errors
    /// Where they are no terminal, or it does not let itself be set.
    pub fn take() -> io::Result<Self> {
        let (input, output) = (rustix::stdio::stdin(), rustix::stdio::stdout());
        if !isatty(input) || !isatty(output) {
            let why = "the cockpit needs a terminal: standard input or output is none";
            return Err(io::Error::other(why));
        }
        let tty = Self {
            input: input.try_clone_to_owned()?,
            output: output.try_clone_to_owned()?,
        };
        HOOK.call_once(restore_before_a_panic_speaks);
        tty.enter()?;
        Ok(tty)
    }

    /// Takes it again, after [`Tty::give_back`].
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn enter(&self) -> io::Result<()> {
        let mut way = lock(&WAY_BACK);
        let before = tcgetattr(&self.input)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&self.input, OptionalActions::Now, &raw)?;
        *way = Some(Way {
            input: self.input.try_clone()?,
            output: self.output.try_clone()?,
            before,
            owner: std::thread::current().id(),
        });
        drop(way);
        write_all(self.output.as_fd(), ENTER)
    }

    /// Gives it back for a while (an editor, a stop).
    pub fn give_back(&self) {
        restore();
    }

    /// Throws away what was typed and not read yet.
    pub fn drop_typed(&self) {
        let _ = tcflush(&self.input, QueueSelector::IFlush);
    }

    /// A handle to read from.
    ///
    /// # Errors
    /// Where the process has no more handles.
    pub fn reader(&self) -> io::Result<OwnedFd> {
        self.input.try_clone()
    }

    /// A handle to write to.
    ///
    /// # Errors
    /// Where the process has no more handles.
    pub fn writer(&self) -> io::Result<OwnedFd> {
        self.output.try_clone()
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        restore();
        for line in lock(&SAID_LATER).drain(..) {
            // Standard error may be the terminal that is gone.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}

/// Columns and rows of a terminal; 80x24 where it does not say.
#[must_use]
pub fn size_of(output: BorrowedFd<'_>) -> (u16, u16) {
    match tcgetwinsize(output) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        Ok(_) | Err(_) => (80, 24),
    }
}

/// Writes everything, waiting where the terminal is slow.
///
/// # Errors
/// Where the terminal is gone.
pub fn write_all(output: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(output, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(size) => bytes = bytes.get(size..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => wait_to_write(output)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until a terminal that was left non-blocking by somebody else takes more.
fn wait_to_write(output: BorrowedFd<'_>) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    let mut fds = [PollFd::new(&output, PollFlags::OUT)];
    match poll(&mut fds, None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn restore() {
    let Some(way) = lock(&WAY_BACK).take() else {
        return;
    };
    // A terminal that is gone needs nothing back.
    let _ = write_all(way.output.as_fd(), LEAVE);
    let _ = tcsetattr(&way.input, OptionalActions::Now, &way.before);
}

fn restore_before_a_panic_speaks() {
    let speak = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let owner = WAY_BACK
            .try_lock()
            .ok()
            .and_then(|way| way.as_ref().map(|w| w.owner));
        match owner {
            Some(owner) if owner != std::thread::current().id() => {
                lock(&SAID_LATER).push(format!("a part of backout failed: {info}"));
            }
            Some(_) | None => {
                restore();
                speak(info);
            }
        }
    }));
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
