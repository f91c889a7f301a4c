//! The cockpit's hand on a running attempt: typing, resizing, stopping, and being rung.
//!
//! Every request is answered by the supervisor, so that a refused one is never taken for done.
//! After a take-over somebody else answers; a request that fails because the supervisor has gone
//! connects once more.

use super::files;
use super::outcome::StopStage;
use super::wire::{Frame, Inbox, MAX_PAYLOAD};
use crate::domain::condition::Condition;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// A connection for requests.
#[derive(Debug)]
pub struct Control {
    dir: PathBuf,
    line: Line,
    number: u32,
}

impl Control {
    /// Connects to the supervisor of the attempt in `dir`.
    ///
    /// # Errors
    /// When no supervisor listens (`NotFound`, `ConnectionRefused`): the attempt has not started
    /// or is over, or its supervisor has just died.
    pub fn connect(dir: &Path) -> io::Result<Self> {
        Ok(Self {
            dir: dir.to_owned(),
            line: Line::connect(dir)?,
            number: 0,
        })
    }

    /// Types bytes into the terminal of the command.
    ///
    /// # Errors
    /// `WouldBlock` when the command does not read and too much waits already; otherwise when
    /// the supervisor cannot be reached. What was refused was not typed.
    pub fn input(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(MAX_PAYLOAD / 2) {
            if !self.ask(|number| Frame::Input(number, piece.to_vec()))? {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        Ok(())
    }

    /// Sets the size of the command's terminal.
    ///
    /// # Errors
    /// When the supervisor cannot be reached.
    pub fn resize(&mut self, rows: u16, cols: u16) -> io::Result<()> {
        self.ask(|number| Frame::Resize(number, rows, cols))
            .map(drop)
    }

    /// Signals the command. `by` is who asks, for the record. True if there was something to
    /// signal.
    ///
    /// # Errors
    /// When the supervisor cannot be reached.
    pub fn stop(&mut self, stage: StopStage, by: &str) -> io::Result<bool> {
        self.ask(|number| Frame::Stop(number, stage, by.to_owned()))
    }

    fn ask(&mut self, frame: impl Fn(u32) -> Frame) -> io::Result<bool> {
        self.number = self.number.wrapping_add(1);
        let frame = frame(self.number);
        if self.line.send(&frame).is_err() {
            // Nothing of a frame that could not be sent was acted on.
            self.line = Line::connect(&self.dir)?;
            self.line.send(&frame)?;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.line.receive(deadline)? {
                Some(Frame::Ack(number, done)) if number == self.number => return Ok(done),
                Some(_) => {}
                None => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }
}

/// What a doorbell says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doorbell {
    /// There are so many bytes of evidence now, and whether the result is there.
    Rung {
        /// Bytes of evidence.
        bytes: u64,
        /// The result is there.
        ended: bool,
    },
    /// Nothing new in the given time.
    Silent,
}

/// A connection that waits for more output; never more than one message is under way.
#[derive(Debug)]
pub(super) struct Bell {
    line: Line,
    armed: bool,
}

impl Bell {
    /// Connects to the supervisor of the attempt in `dir`.
    pub(super) fn connect(dir: &Path) -> io::Result<Self> {
        Ok(Self {
            line: Line::connect(dir)?,
            armed: false,
        })
    }

    /// Waits until there are more than `seen` bytes, or a result, or the time is up.
    pub(super) fn wait(&mut self, seen: u64, at_most: Duration) -> io::Result<Doorbell> {
        if !self.armed {
            self.line.send(&Frame::Arm(seen))?;
            self.armed = true;
        }
        let deadline = Instant::now() + at_most;
        loop {
            match self.line.receive(deadline)? {
                Some(Frame::Mark(bytes, ended)) => {
                    self.armed = false;
                    return Ok(Doorbell::Rung { bytes, ended });
                }
                Some(_) => {}
                None => return Ok(Doorbell::Silent),
            }
        }
    }
}

/// Between two attempts to reach a supervisor.
const RECONNECT: Duration = Duration::from_millis(500);

/// An ear at a supervisor: how its attempt stands, told as soon as that changes.
#[derive(Debug)]
pub struct Ear {
    dir: PathBuf,
    line: Option<Line>,
    tried: Option<Instant>,
}

impl Ear {
    /// Listens to the attempt in `dir`; its supervisor need not be there yet.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            line: None,
            tried: None,
        }
    }

    /// Waits until something is told, or the time is up. What was told before does not hold any
    /// more once a supervisor has gone; its successor says it again.
    pub fn listen(&mut self, at_most: Duration) -> Option<Condition> {
        let deadline = Instant::now() + at_most;
        if self.line.is_none() && self.tried.is_none_or(|tried| tried.elapsed() > RECONNECT) {
            self.tried = Some(Instant::now());
            self.line = Line::connect(&self.dir).ok();
            if let Some(line) = self.line.as_mut()
                && line.send(&Frame::Listen).is_err()
            {
                self.line = None;
            }
        }
        let Some(line) = self.line.as_mut() else {
            std::thread::sleep(at_most);
            return None;
        };
        loop {
            match line.receive(deadline) {
                Ok(Some(Frame::Stands(condition))) => return Some(condition),
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(_) => {
                    self.line = None;
                    return None;
                }
            }
        }
    }
}

#[derive(Debug)]
struct Line {
    stream: UnixStream,
    inbox: Inbox,
}

impl Line {
    fn connect(dir: &Path) -> io::Result<Self> {
        let name = fs::read(dir.join(files::SOCKET))?;
        let stream = UnixStream::connect(PathBuf::from(OsString::from_vec(name)))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            inbox: Inbox::default(),
        })
    }

    fn send(&mut self, frame: &Frame) -> io::Result<()> {
        self.stream.write_all(&frame.encode())
    }

    /// The next frame, or none when the deadline has passed.
    fn receive(&mut self, deadline: Instant) -> io::Result<Option<Frame>> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(frame) = self.inbox.next().map_err(|_| io::ErrorKind::InvalidData)? {
                return Ok(Some(frame));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(size) => self.inbox.push(buffer.get(..size).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}
