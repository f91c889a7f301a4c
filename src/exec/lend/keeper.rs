//! The process that lends its terminal.
//!
//! It lends it only while nobody has it: no process of an earlier attempt in its session, nobody
//! with the terminal open, and nobody who watches an earlier attempt, so that nothing can write
//! into the evidence of another attempt or read what was typed for it. Modes, foreground and what
//! was typed ahead are put back each time.
//!
//! When those who watched an attempt have gone and somebody of it is left, it retires: it closes
//! the controlling side, as their end closes one of their own, and its socket, so that whoever
//! asks next sets off another. It leaves when nobody wants it and nobody is in its session: a
//! kernel hangs up a terminal's foreground when the leader of its session dies. It ignores every
//! signal and writes no file.

use super::super::anchor;
use super::super::process::{self, Disposition, Fork, Session, Table};
use super::super::pty::{self, Pty};
use super::super::shell::Program;
use super::super::supervise::detach;
use super::{BEGIN, BORROW, NO, PARTING, YES, receive, send};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, WaitOptions, pidfd_open, waitpid};
use rustix::termios::Termios;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long somebody of an attempt may take to leave after those who watched it.
const LEAVING: Duration = Duration::from_millis(200);
/// Between two looks at somebody who is about to leave.
const SOON: Duration = Duration::from_millis(5);
/// Between two looks at the session of one that has retired: nobody tells who leaves it.
const LOOK: Duration = Duration::from_secs(5);

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
}

struct Keeper {
    /// None once it has retired, or everybody who could ask has gone.
    socket: Option<OwnedFd>,
    /// None once it has retired.
    master: Option<OwnedFd>,
    modes: Termios,
    anchors: Vec<Anchor>,
    /// An anchor was killed, so that somebody of its attempt may be left.
    disorderly: bool,
    /// Each is hung up once nobody watches the attempt.
    watched: Vec<OwnedFd>,
    /// When the last of those who watched went, until it is known who is left.
    parted: Option<Instant>,
}

impl Keeper {
    fn new() -> io::Result<Self> {
        let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        detach();
        rustix::process::setsid()?;
        // Whoever borrows it says which size.
        let Pty { master, slave } = pty::open(24, 80)?;
        rustix::process::ioctl_tiocsctty(&slave)?;
        let modes = rustix::termios::tcgetattr(&slave)?;
        let _ = rustix::thread::set_name(c"backout-lender");
        Ok(Self {
            socket: Some(socket),
            master: Some(master),
            modes,
            anchors: Vec::new(),
            disorderly: false,
            watched: Vec::new(),
            parted: None,
        })
    }

    fn run(mut self) -> io::Result<()> {
        loop {
            self.look();
            if self.socket.is_none() && self.watched.is_empty() && self.is_alone() {
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
        let all = self.socket.iter().chain(ends).chain(&self.watched);
        let mut fds: Vec<PollFd<'_>> = all.map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
        let limit = match (self.parted, &self.socket) {
            (Some(_), _) => Some(SOON),
            (None, None) => Some(LOOK),
            (None, Some(_)) => None,
        };
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        match poll(&mut fds, limit.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let asked = fds.first().is_some_and(|fd| !fd.revents().is_empty());
        Ok(asked && self.socket.is_some())
    }

    /// Sees who has gone, and retires where somebody stays whom nobody watches.
    fn look(&mut self) {
        self.reap();
        if !self.watched.is_empty() {
            self.watched.retain(|watched| !has_hung_up(watched));
            self.parted = self.watched.is_empty().then(Instant::now);
        }
        let (Some(parted), Some(master)) = (self.parted, &self.master) else {
            return;
        };
        if has_hung_up(master) && self.is_alone() {
            self.parted = None;
        } else if parted.elapsed() > LEAVING {
            self.retire();
        }
    }

    fn reap(&mut self) {
        let mut killed = false;
        self.anchors.retain(|anchor| {
            let ended = waitpid(Some(anchor.pid), WaitOptions::NOHANG);
            let status = ended.as_ref().map(|ended| ended.map(|(_, status)| status));
            killed |= matches!(status, Ok(Some(status)) if status.exit_status() != Some(0));
            matches!(ended, Ok(None))
        });
        self.disorderly |= killed;
    }

    fn retire(&mut self) {
        self.parted = None;
        self.master = None;
        self.socket = None;
    }

    /// Whether no process of an attempt is in the session. An anchor is the last to leave; where
    /// one stays, for somebody in another session, or was killed, only a look at all tells.
    fn is_alone(&self) -> bool {
        if self.anchors.is_empty() && !self.disorderly {
            return true;
        }
        let session = Session::Lent(rustix::process::getpid());
        let table = Table::read();
        table.sees_all() && table.session_of(session).is_empty()
    }

    fn answer(&mut self) {
        let word = self.socket.as_ref().map(receive);
        match word {
            Some(Ok(Some((BORROW, _)))) => {
                let free = self.is_free();
                let lent = self.master.as_ref().filter(|_| free);
                let _ = match (&self.socket, lent) {
                    (Some(socket), Some(master)) => send(socket, YES, &[master.as_fd()]),
                    (Some(socket), None) => send(socket, NO, &[]),
                    (None, _) => Ok(()),
                };
            }
            Some(Ok(Some((BEGIN, fds)))) => {
                if let Some(order) = Order::new(fds) {
                    self.begin(order);
                }
            }
            Some(Ok(Some(_))) => {}
            Some(Ok(None) | Err(_)) | None => self.socket = None,
        }
    }

    /// Whether it can be lent, and is as it was at first. Whoever is about to leave has time to.
    fn is_free(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            self.look();
            let Some(master) = &self.master else {
                return false;
            };
            if self.watched.is_empty() && self.parted.is_none() {
                if pty::put_back(master, &self.modes).is_ok() {
                    return true;
                }
                self.retire();
                return false;
            }
            // A step that runs; or one that has ended, whose watchers are slow to go.
            if !has_hung_up(master) || begun.elapsed() > PARTING {
                return false;
            }
            std::thread::sleep(SOON);
        }
    }

    /// Forks the anchor of an attempt.
    fn begin(&mut self, order: Order) {
        if has_hung_up(&order.watched) {
            // Nobody is left who could say what became of it.
            return;
        }
        match process::fork() {
            Ok(Fork::Parent(pid)) => {
                let end = pidfd_open(pid, PidfdFlags::empty()).ok();
                self.anchors.push(Anchor { pid, end });
                self.watched.push(order.watched);
                self.parted = None;
            }
            Ok(Fork::Child) => process::exit_now(i32::from(order.carry_out().is_err())),
            Err(error) => anchor::report(&order.failure, &error),
        }
    }
}

/// What comes with the word to begin.
struct Order {
    watched: OwnedFd,
    terminal: OwnedFd,
    notes: [OwnedFd; 2],
    failure: OwnedFd,
    program: OwnedFd,
    pipes: Vec<OwnedFd>,
}

impl Order {
    fn new(fds: Vec<OwnedFd>) -> Option<Self> {
        let mut fds = fds.into_iter();
        let mut next = || fds.next();
        Some(Self {
            watched: next()?,
            terminal: next()?,
            notes: [next()?, next()?],
            failure: next()?,
            program: next()?,
            pipes: fds.collect(),
        })
    }

    /// The anchor's life.
    fn carry_out(self) -> io::Result<()> {
        drop(self.watched);
        let [first, second] = &self.notes;
        Program::from_order(self.program, self.pipes)
            .and_then(|program| {
                anchor::lent(&program, &self.terminal, [first, second], &self.failure)
            })
            .inspect_err(|error| anchor::report(&self.failure, error))
    }
}

/// Whether nobody has the other end open.
fn has_hung_up(fd: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(fd, PollFlags::empty())];
    let polled = poll(&mut fds, Some(&Timespec::default()));
    let [fd] = fds;
    polled.is_ok() && fd.revents().contains(PollFlags::HUP)
}
