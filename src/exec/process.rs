//! Processes: forking while single-threaded, signal dispositions, and who belongs to a session.
//!
//! Most of this layer's `unsafe` is here, because Rust has no safe form of `fork`. Looking at
//! `/proc` is how the descendants of a step are found; a process that is gone between two looks is
//! simply gone.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

/// Which side of a fork this is.
pub(super) enum Fork {
    /// The new process.
    Child,
    /// The old one.
    Parent(Pid),
}

/// Forks. To be called while the process has one thread only.
#[allow(unsafe_code)]
pub(super) fn fork() -> io::Result<Fork> {
    // SAFETY: the supervisor, the holder and the anchor fork before they start any thread, so
    // the child owns a consistent copy of everything, the allocator's locks included.
    match unsafe { libc::fork() } {
        0 => Ok(Fork::Child),
        -1 => Err(io::Error::last_os_error()),
        pid => Pid::from_raw(pid)
            .map(Fork::Parent)
            .ok_or_else(io::Error::last_os_error),
    }
}

/// Leaves the process at once, without running destructors that belong to the parent.
#[allow(unsafe_code)]
pub(super) fn exit_now(status: i32) -> ! {
    // SAFETY: `_exit` takes any status and does not return.
    unsafe { libc::_exit(status) }
}

/// Whether signals are to be ignored or to have their default effect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Disposition {
    /// A supervisor, holder or anchor: only SIGKILL ends it.
    Ignored,
    /// A command.
    Default,
}

/// Sets every signal's disposition (except SIGCHLD's, which stays at its default so that
/// children can be waited for) and unblocks all of them.
#[allow(unsafe_code)]
pub(super) fn set_signals(disposition: Disposition) {
    let handler = match disposition {
        Disposition::Ignored => libc::SIG_IGN,
        Disposition::Default => libc::SIG_DFL,
    };
    for signal in 1..=libc::SIGRTMAX() {
        let fault = [
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGILL,
            libc::SIGFPE,
            libc::SIGABRT,
        ];
        let handler = if signal == libc::SIGCHLD {
            libc::SIG_DFL
        } else {
            handler
        };
        if !fault.contains(&signal) || disposition == Disposition::Default {
            // SAFETY: both handlers are constants that hold for every signal; signals that
            // cannot be set fail and stay as they are.
            unsafe { libc::signal(signal, handler) };
        }
    }
    // SAFETY: the set is initialised by `sigemptyset` before it is read.
    unsafe {
        let mut none = std::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Closes every descriptor from `first` on. For a process that will never drop the owners.
#[allow(unsafe_code)]
pub(super) fn close_from(first: libc::c_uint) {
    // SAFETY: closing descriptors touches no memory; the caller goes on with none of them.
    unsafe {
        if libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) != 0 {
            // A kernel before 5.9.
            (first.cast_signed()..4096).for_each(|fd| {
                libc::close(fd);
            });
        }
    }
}

/// Puts a copy of a descriptor at a fixed number, to be inherited by what is executed next.
#[allow(unsafe_code)]
pub(super) fn place(fd: BorrowedFd<'_>, at: RawFd) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: the number is one of ours that nothing in this process owns.
    match unsafe { libc::dup2(fd.as_raw_fd(), at) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// A descriptor that whoever executed this program left open for it, moved to the lowest number
/// behind the standard ones; every other one is closed. For a process that owns none yet.
#[allow(unsafe_code)]
pub(super) fn inherited(fd: RawFd) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    const AT: RawFd = 3;
    // SAFETY: a number that is not open makes `dup2` fail; nothing in this process owns `AT`, and
    // what is put there is owned by what is returned alone.
    let inherited = unsafe {
        place(BorrowedFd::borrow_raw(fd), AT)?;
        OwnedFd::from_raw_fd(AT)
    };
    rustix::io::fcntl_setfd(&inherited, rustix::io::FdFlags::CLOEXEC)?;
    close_from(AT.cast_unsigned() + 1);
    Ok(inherited)
}

/// Whether a descriptor can be read, or has come to its end, within a time.
pub(super) fn readable_within(fd: &OwnedFd, time: Duration) -> bool {
    let due = Instant::now() + time;
    loop {
        let left = due.saturating_duration_since(Instant::now());
        let time = Timespec::try_from(left).ok();
        let mut fds = [PollFd::new(fd, PollFlags::IN)];
        match poll(&mut fds, time.as_ref()) {
            // A signal of our own, such as a new size of the terminal, is not the end of the wait.
            Err(rustix::io::Errno::INTR) => {}
            polled => return matches!(polled, Ok(1..)),
        }
    }
}

/// One line of the process table.
#[derive(Clone, Copy)]
struct Entry {
    parent: i32,
    session: i32,
    dead: bool,
}

/// A session whose terminal belongs to an attempt, or is lent to it.
#[derive(Clone, Copy)]
pub(super) enum Session {
    /// Led by the anchor.
    Own(Pid),
    /// Led by whoever lends; its children are anchors, of this attempt and of earlier ones.
    Lent(Pid),
}

impl Session {
    /// Its leader, which is its number and that of the group in which a command begins.
    pub(super) fn leader(self) -> Pid {
        let (Self::Own(leader) | Self::Lent(leader)) = self;
        leader
    }

    fn has(self, pid: i32, entry: &Entry) -> bool {
        let leader = self.leader().as_raw_nonzero().get();
        let anchors = matches!(self, Self::Lent(_)) && entry.parent == leader;
        entry.session == leader && pid != leader && !anchors
    }
}

/// The processes of this moment.
pub(super) struct Table {
    entries: HashMap<i32, Entry>,
}

impl Table {
    /// Reads `/proc`.
    pub(super) fn read() -> Self {
        let mut entries = HashMap::new();
        for found in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = found
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            if let Some(entry) = read_entry(pid) {
                entries.insert(pid, entry);
            }
        }
        Self { entries }
    }

    /// Whether it has everybody: where a system hides the processes of others, it has not.
    pub(super) fn sees_all(&self) -> bool {
        self.entries.contains_key(&1)
    }

    /// Living processes of a session, its leader and anchors excepted.
    pub(super) fn session_of(&self, session: Session) -> Vec<Pid> {
        self.living(|pid, entry| session.has(pid, entry))
    }

    /// Living descendants of the anchor, whatever their session, and the whole session.
    pub(super) fn family_of(&self, anchor: Pid, session: Session) -> Vec<Pid> {
        let anchor = anchor.as_raw_nonzero().get();
        self.living(|pid, entry| {
            pid != anchor && (session.has(pid, entry) || self.descends(pid, anchor))
        })
    }

    fn living(&self, wanted: impl Fn(i32, &Entry) -> bool) -> Vec<Pid> {
        let mut pids: Vec<i32> = self
            .entries
            .iter()
            .filter(|(pid, entry)| !entry.dead && wanted(**pid, entry))
            .map(|(pid, _)| *pid)
            .collect();
        pids.sort_unstable();
        pids.into_iter().filter_map(Pid::from_raw).collect()
    }

    fn descends(&self, mut pid: i32, from: i32) -> bool {
        for _ in 0..self.entries.len() {
            match self.entries.get(&pid) {
                Some(entry) if entry.parent == from => return true,
                Some(entry) => pid = entry.parent,
                None => return false,
            }
        }
        false
    }
}

/// `pid (name) state parent group session …`; the name may hold anything, so read from its end.
fn read_entry(pid: i32) -> Option<Entry> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    Some(Entry {
        parent,
        session,
        dead: matches!(state, "Z" | "X" | "x"),
    })
}

/// Kills every process of a session but its leader and anchors, looking again until none is left
/// or nothing more can be done; gives how many were signalled.
pub(super) fn kill_session(session: Session) -> u32 {
    let mut killed = 0;
    for _ in 0..8 {
        let members = Table::read().session_of(session);
        let done = members
            .iter()
            .filter(|pid| kill_process(**pid, Signal::KILL).is_ok())
            .count();
        if done == 0 {
            break;
        }
        killed += u32::try_from(done).unwrap_or(u32::MAX);
    }
    killed
}

/// Whether a process exists and is not a corpse.
pub(super) fn is_alive(pid: i32) -> bool {
    read_entry(pid).is_some_and(|entry| !entry.dead)
}

/// The exit status in a wait status, if it says that the process exited.
pub(super) fn exit_status(wait: i32) -> Option<i32> {
    libc::WIFEXITED(wait).then(|| libc::WEXITSTATUS(wait))
}

/// The signal in a wait status, if it says that one ended the process.
pub(super) fn ending_signal(wait: i32) -> Option<i32> {
    libc::WIFSIGNALED(wait).then(|| libc::WTERMSIG(wait))
}
