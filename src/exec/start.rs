//! Setting off an attempt: evidence directory, supervisor, and the word that it is claimed.
//!
//! Guarantees: when [`start_with`] gives an error, the attempt never ran and never will (it is
//! fenced), unless the error says that this could not be made sure of.

use super::find::{self, Fence};
use super::lend::Lender;
use super::process::{self, Fork};
use super::spec::{AttemptSpec, Handshake, prepare};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::FdFlags;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How long a supervisor may take to claim the attempt.
const PATIENCE: Timespec = Timespec {
    tv_sec: 20,
    tv_nsec: 0,
};

/// An attempt that was claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    /// Process id of its supervisor.
    pub supervisor: u32,
}

/// Why an attempt was not set off.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The evidence directory could not be written; nothing ran.
    #[error("cannot prepare the evidence directory {dir}: {source}")]
    Prepare {
        /// The directory.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The supervisor could not take the attempt on; nothing ran and nothing will.
    #[error("cannot start the attempt: {0}")]
    Supervisor(String),
    /// It cannot be said whether it runs; [`super::find()`] may tell later.
    #[error("it is not known whether the attempt started: {0}")]
    Unsure(String),
}

/// The executable that becomes a supervisor where none is named: this program's own, or the one
/// that the environment variable `BACKOUT_EXE` names (for tests, whose executable is not backout).
#[must_use]
pub fn own_exe() -> PathBuf {
    let named = std::env::var_os("BACKOUT_EXE");
    named.map_or_else(|| "/proc/self/exe".into(), PathBuf::from)
}

/// Sets off an attempt whose evidence goes to `dir`, which must not exist yet; returns when it is
/// claimed. The supervisor is made of the executable at `exe`.
///
/// # Errors
/// See [`StartError`].
pub fn start_with(exe: &Path, dir: &Path, spec: &AttemptSpec) -> Result<Started, StartError> {
    start_on(exe, dir, spec, None)
}

/// [`start_with`] on a lent terminal, where there is a lender and it lends.
pub(super) fn start_on(
    exe: &Path,
    dir: &Path,
    spec: &AttemptSpec,
    lender: Option<&Lender>,
) -> Result<Started, StartError> {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    prepare(&dir, spec).map_err(|source| StartError::Prepare {
        dir: dir.clone(),
        source,
    })?;
    match set_off(exe, &dir, spec, lender) {
        Ok(started) => Ok(started),
        Err(why) => settle(&dir, why),
    }
}

/// Nobody reported a claim: makes sure that nobody can make one any more.
fn settle(dir: &Path, why: String) -> Result<Started, StartError> {
    match find::fence(dir) {
        Ok(Fence::Fenced) => Err(StartError::Supervisor(why)),
        Ok(Fence::AlreadyClaimed) => match find::find(dir) {
            Ok(find::Found::Running { supervisor, .. }) => Ok(Started { supervisor }),
            Ok(find::Found::Ended(_)) => Ok(Started { supervisor: 0 }),
            _ => Err(StartError::Unsure(why)),
        },
        Err(error) => Err(StartError::Unsure(format!("{why}; {error}"))),
    }
}

fn set_off(
    exe: &Path,
    dir: &Path,
    spec: &AttemptSpec,
    lender: Option<&Lender>,
) -> Result<Started, String> {
    let handshake = Handshake {
        sha256: spec.sha256(),
        secrets: spec.secret_env.clone(),
        hidden: spec.hidden.clone(),
    };
    let handshake = serde_json::to_vec(&handshake).map_err(|error| error.to_string())?;
    let mut child =
        spawn(exe, dir, lender).map_err(|error| format!("{}: {error}", exe.display()))?;
    // Before the wait, which would close it.
    let pipe = child.stdin.take();
    // What is spawned forks and leaves at once, so this never waits for the attempt.
    let _ = child.wait();
    if let Some(mut pipe) = pipe {
        pipe.write_all(&handshake)
            .map_err(|_| "the supervisor has died".to_owned())?;
    }
    read_word(&mut child)
}

fn spawn(exe: &Path, dir: &Path, lender: Option<&Lender>) -> io::Result<Child> {
    let socket = lender.map(|lender| lender.socket().as_raw_fd());
    let number = socket.map(|fd| fd.to_string());
    let mut args: Vec<&OsStr> = vec!["__supervise".as_ref(), dir.as_os_str()];
    args.extend(number.as_deref().map(OsStr::new));
    apart(exe, &args, Stdio::piped(), Stdio::piped(), socket)
}

/// Spawns this program with a hidden subcommand, in a session of its own and as nobody's child;
/// what is given has left at once. A descriptor of this process is left open for it, by its
/// number.
#[allow(unsafe_code)]
pub(super) fn apart(
    exe: &Path,
    args: &[&OsStr],
    stdin: Stdio,
    stdout: Stdio,
    inherits: Option<RawFd>,
) -> io::Result<Child> {
    let mut command = Command::new(exe);
    command
        .arg0("backout")
        .args(args)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(Stdio::null());
    // SAFETY: between fork and exec only system calls are made; nothing allocates or locks. The
    // descriptor is one that the caller has open meanwhile.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid()?;
            if let Some(fd) = inherits {
                rustix::io::fcntl_setfd(BorrowedFd::borrow_raw(fd), FdFlags::empty())?;
            }
            match process::fork()? {
                Fork::Child => Ok(()),
                Fork::Parent(_) => process::exit_now(0),
            }
        });
    }
    command.spawn()
}

/// `ok PID` or `no REASON`, from the supervisor.
fn read_word(child: &mut Child) -> Result<Started, String> {
    let Some(mut pipe) = child.stdout.take() else {
        return Err("there is no pipe from the supervisor".to_owned());
    };
    let mut word = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let mut fds = [PollFd::new(&pipe, PollFlags::IN)];
        match poll(&mut fds, Some(&PATIENCE)) {
            Ok(0) => return Err("the supervisor did not answer".to_owned()),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.to_string()),
        }
        match pipe.read(&mut piece) {
            Ok(0) => break,
            Ok(size) => word.extend_from_slice(piece.get(..size).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    let word = String::from_utf8_lossy(&word);
    match word.split_once(' ') {
        Some(("ok", pid)) => pid
            .trim()
            .parse()
            .map(|supervisor| Started { supervisor })
            .map_err(|_| word.into()),
        Some(("no", reason)) => Err(reason.trim().to_owned()),
        _ => Err("the supervisor died before it had claimed the attempt".to_owned()),
    }
}
