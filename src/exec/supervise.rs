//! The supervisor's beginning and the holder: from the handshake to the engine.
//!
//! Everything that can fail is done before the claim, so that a failure means that nothing ran.
//! After the claim the process forks into supervisor and holder; the holder waits, and becomes
//! the supervisor when the supervisor dies.

use super::anchor::{self, NOTE, Note};
use super::backlog::Backlog;
use super::engine::{Engine, Pen};
use super::files;
use super::find;
use super::hidden::Hidden;
use super::lend::{self, Borrowed};
use super::memory::Log;
use super::process::{self, Disposition, Fork, Session};
use super::pty::{self, Pty};
use super::redact::Redactor;
use super::serve::Server;
use super::shell::Program;
use super::spec::{self, AttemptSpec, Handshake};
use super::spool::Spool;
use super::stops::Stops;
use super::typed::Typed;
use chrono::{DateTime, Utc};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Pid;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So long a fork is waited for.
const BEGINNING: Duration = Duration::from_secs(10);

/// The last word of a supervisor that leaves in order.
pub(super) const FAREWELL: u8 = b'B';

/// What supervisor and holder both have of an attempt.
pub(super) struct Attempt {
    /// Its evidence directory.
    pub dir: PathBuf,
    /// What it is to run.
    pub spec: AttemptSpec,
    /// The controlling side of its terminal, non-blocking.
    pub master: Arc<OwnedFd>,
    /// What the command is, and where its shell state comes out.
    pub program: Program,
    /// Where a reason is written if the command cannot be executed.
    pub failure: OwnedFd,
    /// When it was set off.
    pub started: Instant,
    /// The same by the wall clock.
    pub started_at: DateTime<Utc>,
    /// Locked as long as a process has it open.
    _claim: File,
    /// Open as long as a process watches the attempt; for the lender of its terminal.
    _watching: Option<OwnedFd>,
}

/// Where the notes of the anchor come in, and what came in so far.
pub(super) struct Notes {
    pipe: Option<OwnedFd>,
    /// The command's parent.
    pub anchor: Option<i32>,
    /// The command.
    pub command: Option<i32>,
    /// Its wait status.
    pub status: Option<i32>,
    /// When that was heard.
    pub ended: Option<(Instant, DateTime<Utc>)>,
    /// Who leads the session, where that is not the anchor.
    lender: Option<i32>,
}

impl Notes {
    fn new(pipe: OwnedFd) -> Self {
        Self {
            pipe: Some(pipe),
            anchor: None,
            command: None,
            status: None,
            ended: None,
            lender: None,
        }
    }

    /// The session that the command is in.
    pub(super) fn session(&self) -> Option<Session> {
        let own = self.anchor.and_then(Pid::from_raw).map(Session::Own);
        self.lender
            .and_then(Pid::from_raw)
            .map(Session::Lent)
            .or(own)
    }

    /// What to wait for, until the anchor has said everything or is gone.
    pub(super) fn pipe(&self) -> Option<&OwnedFd> {
        self.pipe.as_ref()
    }

    /// Waits until the command has been forked, or never will be: from then on the death of
    /// any one process loses nothing. Whoever forks it may be held up (a stopped lender); what
    /// comes later is read then, by somebody who can be asked to stop.
    fn await_command(&mut self) {
        let due = Instant::now() + BEGINNING;
        while let (Some(pipe), None) = (&self.pipe, self.command) {
            let left = due.saturating_duration_since(Instant::now());
            if !process::readable_within(pipe, left) {
                return;
            }
            self.read();
        }
    }

    /// Reads what there is.
    pub(super) fn read(&mut self) {
        while let Some(pipe) = &self.pipe {
            let mut bytes = [0; NOTE];
            match rustix::io::read(pipe, &mut bytes) {
                Ok(NOTE) => self.take(Note::decode(bytes)),
                Err(rustix::io::Errno::AGAIN) => return,
                Err(rustix::io::Errno::INTR) => {}
                Ok(_) | Err(_) => self.pipe = None,
            }
        }
    }

    /// The command has ended.
    pub(super) fn end(&mut self, status: i32) {
        self.status = Some(status);
        self.ended
            .get_or_insert_with(|| (Instant::now(), Utc::now()));
    }

    fn take(&mut self, note: Option<Note>) {
        match note {
            Some(Note::Anchor(pid)) => self.anchor = Some(pid),
            Some(Note::Command(pid)) => self.command = Some(pid),
            Some(Note::Status(status)) => self.end(status),
            Some(Note::Lender(pid)) => self.lender = Some(pid),
            None => {}
        }
    }
}

/// The hidden subcommand.
pub(super) fn main(dir: &Path, lender: Option<RawFd>) -> i32 {
    // Nothing else of whoever started this is kept open by a command that may run for days.
    let lender = lender.and_then(|fd| process::inherited(fd).ok());
    process::close_from(if lender.is_some() { 4 } else { 3 });
    process::set_signals(Disposition::Ignored);
    let ready = match prepare(dir, lender) {
        Ok(ready) => ready,
        Err(error) => {
            say(&format!("no {error}"));
            return 1;
        }
    };
    match run(ready) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

struct Ready {
    attempt: Attempt,
    slave: OwnedFd,
    /// Whose terminal it is, with the end that is hung up when nobody watches.
    lent: Option<(Borrowed, OwnedFd)>,
    failed: OwnedFd,
    pen: Pen,
    server: Server,
}

/// Everything up to and including the claim.
fn prepare(dir: &Path, lender: Option<OwnedFd>) -> io::Result<Ready> {
    let mut handshake = Vec::new();
    io::stdin().read_to_end(&mut handshake)?;
    let handshake: Handshake = serde_json::from_slice(&handshake)?;
    let spec = spec::load(dir, handshake)?;
    super::guard::check(&spec)?;
    let redactor = Redactor::new(&spec.secrets()).map_err(io::Error::other)?;
    let output = files::append(&dir.join(files::OUTPUT))?;
    files::append(&dir.join(files::INDEX))?;
    let program = Program::new(dir, &spec)?;
    let borrowed = lender.and_then(|socket| lend::borrow(socket, spec.rows, spec.cols));
    let (Pty { master, slave }, lent, watching) = match borrowed {
        Some((pty, borrowed)) => {
            let (watched, watching) = pipe_with(PipeFlags::CLOEXEC)?;
            (pty, Some((borrowed, watched)), Some(watching))
        }
        None => (pty::open(spec.rows, spec.cols)?, None, None),
    };
    let (failure, failed) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    let spool = Spool::new()?;
    let backlog = Backlog::new()?;
    let hidden = Hidden::new()?;
    let (stops, typed, pending) = (Stops::new()?, Typed::new()?, Log::new()?);
    let server = Server::open(dir)?;
    // The last thing before it may run: what takes time was done before it.
    super::sources::check(&spec.sources)?;
    let claim = find::claim(dir, false)?;
    let attempt = Attempt {
        dir: dir.to_owned(),
        spec,
        master: Arc::new(master),
        program,
        failure,
        started: Instant::now(),
        started_at: Utc::now(),
        _claim: claim,
        _watching: watching,
    };
    Ok(Ready {
        attempt,
        slave,
        lent,
        failed,
        pen: Pen {
            output,
            redactor,
            spool,
            backlog,
            hidden,
            stops,
            typed,
            pending,
        },
        server,
    })
}

fn say(word: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(word.as_bytes()).and_then(|()| out.flush());
}

/// Lets go of the pipes to whoever started this, and of the directory it stood in.
pub(super) fn detach() {
    let _ = std::env::set_current_dir("/");
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&null);
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
}

fn run(ready: Ready) -> io::Result<()> {
    let Ready {
        attempt,
        slave,
        lent,
        failed,
        pen,
        server,
    } = ready;
    let (notes, noted) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    let (held_notes, held_noted) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    let (life, living) = pipe_with(PipeFlags::CLOEXEC)?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    match process::fork() {
        Ok(Fork::Parent(_)) => {
            drop((slave, lent, failed, noted, held_notes, held_noted, life));
            let _ = rustix::thread::set_name(c"backout-super");
            let mut notes = Notes::new(notes);
            notes.await_command();
            say(&format!("ok {}", std::process::id()));
            detach();
            let engine = Engine::new(attempt, notes, Some(server), pen)?;
            engine.run()?;
            let _ = rustix::io::write(&living, &[FAREWELL]);
            Ok(())
        }
        Ok(Fork::Child) => {
            drop((living, notes, server));
            detach();
            let _ = rustix::thread::set_name(c"backout-holder");
            let notes = [&noted, &held_noted];
            let program = &attempt.program;
            let launched = match &lent {
                Some((lender, watched)) => lender.launch(program, &slave, notes, &failed, watched),
                None => anchor::launch(program, &slave, notes, &failed).map(drop),
            };
            if let Err(error) = launched {
                anchor::report(&failed, &error);
            }
            drop((slave, lent, failed, noted, held_noted));
            hold(attempt, Notes::new(held_notes), &life, pen)
        }
        Err(error) => Err(error),
    }
}

/// The holder's life: wait for the supervisor's farewell, or take its place.
fn hold(attempt: Attempt, mut notes: Notes, life: &OwnedFd, pen: Pen) -> io::Result<()> {
    loop {
        let mut fds = vec![PollFd::new(life, PollFlags::IN)];
        if let Some(pipe) = notes.pipe() {
            fds.push(PollFd::new(pipe, PollFlags::IN));
        }
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let parted = fds.first().is_some_and(|fd| !fd.revents().is_empty());
        notes.read();
        if parted {
            break;
        }
    }
    let mut word = [0];
    if matches!(rustix::io::read(life, &mut word), Ok(1)) && word == [FAREWELL] {
        return Ok(());
    }
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let server = Server::open(&attempt.dir).ok();
    Engine::new(attempt, notes, server, pen)?
        .taking_over()
        .run()
}
