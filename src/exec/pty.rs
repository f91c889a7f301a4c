//! The pseudo terminal of an attempt.
//!
//! Opened close-on-exec and without becoming anybody's controlling terminal; its size is set
//! before anything can ask for it. The controlling side never blocks: a command that does not
//! read its input must not hold up its supervisor.

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{
    Action, InputModes, OptionalActions, QueueSelector, Termios, Winsize, tcflow, tcflush,
    tcgetattr, tcsetattr, tcsetpgrp, tcsetwinsize,
};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// Both sides of a pseudo terminal.
pub(super) struct Pty {
    /// The side of the supervisor.
    pub master: OwnedFd,
    /// The side of the command.
    pub slave: OwnedFd,
}

/// Opens a pseudo terminal of a size.
pub(super) fn open(rows: u16, cols: u16) -> io::Result<Pty> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let slave = peer(&master)?;
    let mut modes = tcgetattr(&slave)?;
    modes.input_modes |= InputModes::IUTF8;
    tcsetattr(&slave, OptionalActions::Now, &modes)?;
    resize(&master, rows, cols)?;
    fcntl_setfl(&master, fcntl_getfl(&master)? | OFlags::NONBLOCK)?;
    Ok(Pty { master, slave })
}

/// The side of the command once more.
pub(super) fn peer(master: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    Ok(ioctl_tiocgptpeer(master, flags)?)
}

/// Makes the terminal of this session what it was at first: its modes, who has the foreground, and
/// nothing that was typed or printed. For the leader of the session.
///
/// # Errors
/// Also when something cannot be put back.
pub(super) fn put_back(master: &OwnedFd, modes: &Termios) -> io::Result<()> {
    let slave = peer(master)?;
    tcsetpgrp(&slave, rustix::process::getpgrp())?;
    // What is half typed, or stopped by ctrl-s, goes with the modes that know of it.
    let mut raw = modes.clone();
    raw.make_raw();
    tcsetattr(&slave, OptionalActions::Now, &raw)?;
    tcsetattr(&slave, OptionalActions::Now, modes)?;
    tcflow(&slave, Action::OOff)?;
    tcflow(&slave, Action::OOn)?;
    tcflush(&slave, QueueSelector::IOFlush)?;
    tcflush(master, QueueSelector::IOFlush)?;
    let now = tcgetattr(&slave)?;
    let same = now.input_modes == modes.input_modes
        && now.output_modes == modes.output_modes
        && now.control_modes == modes.control_modes
        && now.local_modes == modes.local_modes
        && now.line_discipline == modes.line_discipline;
    let mut rest = [0; 4096];
    while rustix::io::read(master, &mut rest).is_ok_and(|size| size > 0) {}
    if !same {
        return Err(io::Error::other("its modes cannot be put back"));
    }
    Ok(())
}

/// Sets the size; the kernel tells the foreground group.
pub(super) fn resize(pty: &OwnedFd, rows: u16, cols: u16) -> io::Result<()> {
    let size = Winsize {
        ws_row: rows.max(1),
        ws_col: cols.max(1),
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    Ok(tcsetwinsize(pty, size)?)
}

/// Types bytes without waiting; gives how many the terminal took.
pub(super) fn type_into(pty: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    match rustix::io::write(pty, bytes) {
        Ok(taken) => Ok(taken),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
