//! The chain from the supervisor down to the command, and the anchor in it.
//!
//! [`launch`] forks the holder; the holder forks the anchor; the anchor forks the command. The
//! anchor leads the session of the terminal, adopts the orphans of the command, reports its
//! status to supervisor and holder alike over a pipe each, and leaves when no descendant is
//! left. Where a terminal is lent (see [`super::lend`]) it is the lender who leads that session and
//! forks the anchor. It ignores every signal, allocates nothing after the fork of the command, and touches
//! no file.

use super::process::{self, Disposition, Fork};
use rustix::process::{Pid, WaitOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// A note from the anchor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Note {
    /// Its own process id, which is the id of the session where no other leader was named.
    Anchor(i32),
    /// The process id of the command.
    Command(i32),
    /// The wait status of the command.
    Status(i32),
    /// Who leads the session, where the terminal is lent.
    Lender(i32),
}

/// Size of a note on the pipe.
pub(super) const NOTE: usize = 8;

impl Note {
    fn encode(self) -> [u8; NOTE] {
        let (tag, value) = match self {
            Self::Anchor(pid) => (1_u32, pid),
            Self::Command(pid) => (2, pid),
            Self::Status(status) => (3, status),
            Self::Lender(pid) => (4, pid),
        };
        let [tag, value] = [tag.to_le_bytes(), value.to_le_bytes()];
        let mut bytes = [0; NOTE];
        for (place, byte) in bytes.iter_mut().zip(tag.into_iter().chain(value)) {
            *place = byte;
        }
        bytes
    }

    /// Reads a note back.
    pub(super) fn decode(bytes: [u8; NOTE]) -> Option<Self> {
        let (tag, rest) = bytes.split_first_chunk()?;
        let value = i32::from_le_bytes(*rest.first_chunk()?);
        match u32::from_le_bytes(*tag) {
            1 => Some(Self::Anchor(value)),
            2 => Some(Self::Command(value)),
            3 => Some(Self::Status(value)),
            4 => Some(Self::Lender(value)),
            _ => None,
        }
    }
}

/// What forks the command: runs in the new process and only returns if it could not execute.
pub(super) trait Exec {
    /// Becomes the command.
    fn exec(&self, terminal: BorrowedFd<'_>) -> io::Error;
}

/// Forks the anchor, which forks the command. `notes` are where the anchor reports to, `failure`
/// is where the reason goes if the command cannot be executed.
pub(super) fn launch(
    exec: &dyn Exec,
    terminal: &OwnedFd,
    notes: [&OwnedFd; 2],
    failure: &OwnedFd,
) -> io::Result<Pid> {
    match process::fork()? {
        Fork::Parent(anchor) => Ok(anchor),
        Fork::Child => process::exit_now(match anchor(exec, terminal, notes, failure) {
            Ok(()) => 0,
            Err(error) => {
                report(failure, &error);
                1
            }
        }),
    }
}

fn anchor(
    exec: &dyn Exec,
    terminal: &OwnedFd,
    notes: [&OwnedFd; 2],
    failure: &OwnedFd,
) -> io::Result<()> {
    rustix::process::setsid()?;
    rustix::process::ioctl_tiocsctty(terminal)?;
    begin(exec, terminal, notes, failure, None)
}

/// The anchor of an attempt on a lent terminal, in a process that the lender has forked: it is in
/// the lender's group, so that whoever stops a process of the foreground finds it as on a terminal
/// of its own, where nobody could wake it.
pub(super) fn lent(
    exec: &dyn Exec,
    terminal: &OwnedFd,
    notes: [&OwnedFd; 2],
    failure: &OwnedFd,
) -> io::Result<()> {
    let lender = rustix::process::getsid(None)?;
    begin(exec, terminal, notes, failure, Some(lender))
}

fn begin(
    exec: &dyn Exec,
    terminal: &OwnedFd,
    notes: [&OwnedFd; 2],
    failure: &OwnedFd,
    lender: Option<Pid>,
) -> io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let _ = rustix::thread::set_name(c"backout-anchor");
    match process::fork()? {
        Fork::Child => {
            process::set_signals(Disposition::Default);
            let error = exec.exec(terminal.as_fd());
            report(failure, &error);
            tell_terminal(terminal, &error);
            process::exit_now(127)
        }
        Fork::Parent(command) => keep(command, notes, lender),
    }
}

/// Waits until the last descendant has gone.
fn keep(command: Pid, notes: [&OwnedFd; 2], lender: Option<Pid>) -> io::Result<()> {
    let first = notes.map(AsRawFd::as_raw_fd).into_iter().max().unwrap_or(2) + 1;
    // The two notes pipes move to the lowest numbers, and everything else is closed: above all
    // the terminal, whose last copy outside the command would keep it open for ever.
    let copies = notes.map(|fd| rustix::io::fcntl_dupfd_cloexec(fd, first));
    for (at, copy) in copies.iter().enumerate() {
        if let (Ok(copy), Ok(at)) = (copy, i32::try_from(at)) {
            process::place(copy.as_fd(), at)?;
        }
    }
    std::mem::forget(copies);
    process::close_from(2);
    if let Some(lender) = lender {
        tell(Note::Lender(lender.as_raw_nonzero().get()));
    }
    tell(Note::Anchor(
        rustix::process::getpid().as_raw_nonzero().get(),
    ));
    tell(Note::Command(command.as_raw_nonzero().get()));
    while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::empty()) {
        if pid == command {
            tell(Note::Status(status.as_raw()));
            process::close_from(0);
        }
    }
    Ok(())
}

fn tell(note: Note) {
    for pipe in [rustix::stdio::stdin(), rustix::stdio::stdout()] {
        let _ = rustix::io::write(pipe, &note.encode());
    }
}

pub(super) fn report(failure: &OwnedFd, error: &io::Error) {
    let _ = rustix::io::write(failure, error.to_string().as_bytes());
}

/// The reason belongs into the evidence too: it is what the operator looks at.
fn tell_terminal(terminal: &OwnedFd, error: &io::Error) {
    let _ = rustix::io::write(terminal, format!("backout: {error}\n").as_bytes());
}
