//! A terminal that is lent from one attempt to the next, so that `sudo` asks once in a procedure.
//!
//! The ticket of `sudo` holds for a terminal together with its session and the start of the
//! session's leader. A lender is that leader: a process that makes a terminal, keeps its
//! controlling side, and forks the anchor of each attempt that borrows it ([`keeper`]). Supervisor
//! and holder of the attempt get the controlling side and work as on a terminal of their own;
//! whoever cannot borrow has one of its own.

pub(super) mod keeper;

use super::pty::{self, Pty};
use super::shell::Program;
use super::spec::AttemptSpec;
use super::start::{self, StartError, Started};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use std::collections::HashMap;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long those who watch an earlier attempt may take to leave once its terminal is closed.
const PARTING: Duration = Duration::from_secs(2);
/// How long the answer to a wish to borrow may take.
const ANSWER: Duration = Duration::from_secs(4);

/// May I have it?
const BORROW: u8 = b'b';
/// Begin this attempt.
const BEGIN: u8 = b'a';
/// Yes, and here it is.
const YES: u8 = b'y';
/// Somebody has it, or it is not what it was.
const NO: u8 = b'n';

/// Most descriptors that go with a word.
const MOST: usize = 8;

/// The lenders of an incident, by the scope of the shell state that attempts share: a procedure or
/// a checklist. They leave when this is dropped and nobody is left in their sessions.
#[derive(Debug, Default)]
pub struct Lenders(Mutex<HashMap<String, Lender>>);

impl Lenders {
    /// Sets off an attempt as [`super::start_with`] does, on the terminal of its scope if that is
    /// free.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(
        &self,
        exe: &Path,
        scope: &str,
        dir: &Path,
        spec: &AttemptSpec,
    ) -> Result<Started, StartError> {
        // Nobody waits for a start that takes long: whoever comes meanwhile gets another lender.
        let known = self.all().remove(scope).filter(Lender::lives);
        let lender = known.or_else(|| Lender::new(exe).ok());
        let started = start::start_on(exe, dir, spec, lender.as_ref());
        self.all()
            .extend(lender.map(|lender| (scope.to_owned(), lender)));
        started
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Lender>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cockpit's hold of a lender.
#[derive(Debug)]
pub(super) struct Lender {
    socket: OwnedFd,
}

impl Lender {
    /// Sets one off by an executable of this program.
    fn new(exe: &Path) -> io::Result<Self> {
        let (socket, theirs) = pair()?;
        start::apart(
            exe,
            &["__lend".as_ref()],
            theirs.into(),
            Stdio::null(),
            None,
        )?
        .wait()?;
        Ok(Self { socket })
    }

    /// Whether it is there and has not retired.
    fn lives(&self) -> bool {
        // It says nothing that it was not asked for, so only its end can be read.
        !super::process::readable_within(&self.socket, Duration::ZERO)
    }

    /// What the supervisor of an attempt inherits.
    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?)
}

/// A lender as the supervisor of an attempt has it, whose terminal is borrowed.
pub(super) struct Borrowed {
    socket: OwnedFd,
}

/// The terminal of a lender, in a size; none where somebody else has it or the lender is gone.
pub(super) fn borrow(socket: OwnedFd, rows: u16, cols: u16) -> Option<(Pty, Borrowed)> {
    send(&socket, BORROW, &[]).ok()?;
    if !super::process::readable_within(&socket, ANSWER) {
        return None;
    }
    let (word, fds) = receive(&socket).ok().flatten()?;
    let master = fds.into_iter().next().filter(|_| word == YES)?;
    let slave = pty::peer(&master).ok()?;
    pty::resize(&master, rows, cols).ok()?;
    Some((Pty { master, slave }, Borrowed { socket }))
}

impl Borrowed {
    /// Has the anchor of an attempt forked: `notes` and `failure` as in
    /// [`super::anchor::launch`]; `watched` tells by its end that nobody watches any more.
    pub(super) fn launch(
        &self,
        program: &Program,
        slave: &OwnedFd,
        notes: [&OwnedFd; 2],
        failure: &OwnedFd,
        watched: &OwnedFd,
    ) -> io::Result<()> {
        let order = program.order()?;
        let [first, second] = notes;
        let mut fds: Vec<BorrowedFd<'_>> = [watched, slave, first, second, failure]
            .map(OwnedFd::as_fd)
            .to_vec();
        fds.push(order.as_fd());
        fds.extend(program.pipes().into_iter().flatten());
        send(&self.socket, BEGIN, &fds)
    }
}

/// Sends a word with descriptors.
fn send(socket: &OwnedFd, word: u8, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // Nobody is waited for, and nobody who has gone ends this process.
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    sendmsg(socket, &[IoSlice::new(&[word])], &mut control, flags)?;
    Ok(())
}

/// Takes a word with its descriptors; none once everybody at the other end has gone.
fn receive(socket: &OwnedFd) -> io::Result<Option<(u8, Vec<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut word = [0];
    let received = loop {
        let into = &mut [IoSliceMut::new(&mut word)];
        match recvmsg(socket, into, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            received => break received?,
        }
    };
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            fds.extend(rights);
        }
    }
    let [word] = word;
    Ok((received.bytes > 0).then_some((word, fds)))
}
