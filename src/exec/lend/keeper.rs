//! The process that lends its terminal.
//!
//! It lends it only while nobody has it: no process of an earlier attempt in its session, nobody
//! with the terminal open, and nobody who watches an earlier attempt, so that nothing can write
//! into the evidence of another attempt or read what was typed for it. Modes, foreground and what
//! was typed ahead are put back each time; what cannot be put back is not lent again.
//!
//! When both who watched an attempt are dead it closes the controlling side, as their deaths close
//! one of their own. It leaves when whoever set it off has gone and nobody is in its session: a
//! kernel hangs up a terminal's foreground when the leader of its session dies. It ignores every
//! signal, writes no file, and has no timer while something can tell it what it waits for.

use super::super::anchor;
use super::super::process::{self, Disposition, Fork, Session, Table};
use super::super::pty::{self, Pty};
use super::super::shell::Program;
use super::super::supervise::detach;
use super::{BEGIN, BORROW, LEAVING, NO, YES, receive, send};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, WaitOptions, pidfd_open, waitpid};
use rustix::termios::Termios;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// Between two looks at what tells nobody that it has changed.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks at somebody who is about to leave.
const SOON: Duration = Duration::from_millis(2);

/// The hidden subcommand; the socket is its standard input.
pub(in crate::exec) fn main() -> i32 {
    process::close_from(3);
    process::set_signals(Disposition::Ignored);
    match Keeper::new().and_then(Keeper::run) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// The anchor of an attempt.
struct Anchor {
    pid: Pid,
    /// Readable once it has ended; none where the kernel has no such thing.
    end: Option<OwnedFd>,
    /// Hung up once nobody watches the attempt.
    watched: Option<OwnedFd>,
}

struct Keeper {
    /// None once everybody who could ask has gone.
    socket: Option<OwnedFd>,
    /// None once the terminal is not to be lent again.
    master: Option<OwnedFd>,
    modes: Termios,
    anchors: Vec<Anchor>,
}

impl Keeper {
    fn new() -> io::Result<Self> {
        let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        detach();
        rustix::process::setsid()?;
        // As large as any; whoever borrows it says.
        let Pty { master, slave } = pty::open(24, 80)?;
        rustix::process::ioctl_tiocsctty(&slave)?;
        let modes = rustix::termios::tcgetattr(&slave)?;
        let _ = rustix::thread::set_name(c"backout-lender");
        Ok(Self {
            socket: Some(socket),
            master: Some(master),
            modes,
            anchors: Vec::new(),
        })
    }

    fn run(mut self) -> io::Result<()> {
        loop {
            self.look();
            if self.socket.is_none() && self.anchors.is_empty() && is_alone() {
                return Ok(());
            }
            if self.wait()? {
                self.answer();
            }
        }
    }

    /// Waits until something happens; true where somebody asks.
    fn wait(&self) -> io::Result<bool> {
        let ends = self.anchors.iter().filter_map(|a| a.end.as_ref());
        let watched = self.anchors.iter().filter_map(|a| a.watched.as_ref());
        let all = self.socket.iter().chain(ends).chain(watched);
        let mut fds: Vec<PollFd<'_>> = all.map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
        let untold = self.anchors.iter().any(|a| a.end.is_none());
        let alone = self.socket.is_none() && self.anchors.is_empty();
        let limit = (untold || alone).then_some(LOOK);
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        match poll(&mut fds, limit.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let asked = fds.first().is_some_and(|fd| !fd.revents().is_empty());
        Ok(asked && self.socket.is_some())
    }

    /// Sees who has gone.
    fn look(&mut self) {
        self.anchors
            .retain(|a| matches!(waitpid(Some(a.pid), WaitOptions::NOHANG), Ok(None)));
        for anchor in &mut self.anchors {
            if !anchor.watched.as_ref().is_some_and(has_hung_up) {
                continue;
            }
            anchor.watched = None;
            if self
                .master
                .as_ref()
                .is_some_and(|master| !has_hung_up(master))
            {
                self.master = None;
            }
        }
    }

    fn is_watched(&self) -> bool {
        self.anchors.iter().any(|anchor| anchor.watched.is_some())
    }

    fn answer(&mut self) {
        let Some(socket) = self.socket.take() else {
            return;
        };
        match receive(&socket) {
            Ok(Some((BORROW, _))) => {
                let lent = self.is_free().then_some(self.master.as_ref()).flatten();
                let _ = match lent {
                    Some(master) => send(&socket, YES, &[master.as_fd()]),
                    None => send(&socket, NO, &[]),
                };
            }
            Ok(Some((BEGIN, fds))) => self.begin(fds),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return,
        }
        self.socket = Some(socket);
    }

    /// Whether it can be lent, and is as it was at first. Whoever is about to leave has time to.
    fn is_free(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            self.look();
            let Some(master) = &self.master else {
                return false;
            };
            if !has_hung_up(master) {
                return false;
            }
            if !self.is_watched() && is_alone() {
                return pty::put_back(master, &self.modes).is_ok();
            }
            if begun.elapsed() > LEAVING {
                return false;
            }
            std::thread::sleep(SOON);
        }
    }

    /// Forks the anchor of an attempt.
    fn begin(&mut self, fds: Vec<OwnedFd>) {
        let mut fds = fds.into_iter();
        let Some(watched) = fds.next() else {
            return;
        };
        match process::fork() {
            Ok(Fork::Parent(pid)) => self.anchors.push(Anchor {
                pid,
                end: pidfd_open(pid, PidfdFlags::empty()).ok(),
                watched: Some(watched),
            }),
            Ok(Fork::Child) => {
                drop(watched);
                process::exit_now(i32::from(attempt(fds.collect()).is_none()))
            }
            // Nothing runs: whoever asked reads it from the ends of the pipes.
            Err(_) => {}
        }
    }
}

/// The anchor's life, from what came with the word.
fn attempt(fds: Vec<OwnedFd>) -> Option<()> {
    let mut fds = fds.into_iter();
    let mut next = || fds.next();
    let (terminal, first, second) = (next()?, next()?, next()?);
    let (failure, order) = (next()?, next()?);
    let began = Program::from_order(order, fds)
        .and_then(|program| anchor::lent(&program, &terminal, [&first, &second], &failure));
    began
        .inspect_err(|error| anchor::report(&failure, error))
        .ok()
}

/// Whether no process of an attempt is in the session.
fn is_alone() -> bool {
    let session = Session::Lent(rustix::process::getpid());
    Table::read().session_of(session).is_empty()
}

/// Whether nobody has the other end open.
fn has_hung_up(fd: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(fd, PollFlags::empty())];
    let polled = poll(&mut fds, Some(&Timespec::default()));
    let [fd] = fds;
    polled.is_ok() && fd.revents().contains(PollFlags::HUP)
}
