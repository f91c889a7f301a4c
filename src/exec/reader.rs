//! The thread that reads the PTY: read, append to the evidence, store the watermark.
//!
//! It does nothing else while the command runs: every microsecond away from `read` costs
//! throughput, and so does every call, so that a flood is read on before it is written. It never
//! gives up draining: what cannot be written waits in the backlog, and the command goes on. After
//! the command has exited it reports when the PTY is empty, and reads on for what was left running
//! until no process holds the terminal.

use super::backlog::Backlog;
use super::redact::Redactor;
use super::spool::Spool;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

const INDEX_EVERY_US: u64 = 20_000;
const INDEX_BYTES: u64 = 64 * 1024;
/// A read of so many bytes is a part of more.
const LARGE: usize = 2048;
/// How long a beginning of a secret is held back before less than half of it is shown.
const PAUSE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 40_000_000,
};

/// When the evidence had how many bytes and newlines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Microseconds since the command was set off.
    pub t_us: u64,
    /// Bytes before this moment.
    pub bytes: u64,
    /// Newlines among them.
    pub lines: u64,
}

impl Mark {
    /// The 24 bytes of an index record.
    pub(super) fn encode(self) -> [u8; 24] {
        let mut record = [0; 24];
        for (place, value) in record
            .chunks_exact_mut(8)
            .zip([self.t_us, self.bytes, self.lines])
        {
            place.copy_from_slice(&value.to_le_bytes());
        }
        record
    }

    /// Reads a record back.
    pub(super) fn decode(record: &[u8]) -> Option<Self> {
        let mut values = record
            .chunks_exact(8)
            .filter_map(|value| value.try_into().ok().map(u64::from_le_bytes));
        let (t_us, bytes, lines) = (values.next()?, values.next()?, values.next()?);
        Some(Self { t_us, bytes, lines })
    }
}

/// What reader and engine share.
pub(super) struct Shared {
    /// Bytes of evidence on disk (as far as the page cache).
    pub bytes: AtomicU64,
    /// Newlines among them.
    pub lines: AtomicU64,
    /// The engine sleeps and wants to be woken by output.
    pub parked: AtomicBool,
    /// The command has exited: report when the PTY is empty.
    pub exited: AtomicBool,
    /// The PTY was empty after the exit.
    pub drained: AtomicBool,
    /// No process holds the terminal any more; the reader has left.
    pub finished: AtomicBool,
    /// Writing has failed: everything goes to the backlog until that is over.
    pub troubled: AtomicBool,
    /// What could not be written.
    pub backlog: Mutex<Backlog>,
    /// Wakes the engine.
    pub wake: OwnedFd,
    /// Wakes the reader.
    pub kick: OwnedFd,
}

impl Shared {
    /// Nothing read yet; the evidence may hold something already, and something may wait, after a
    /// take-over.
    pub(super) fn new(bytes: u64, lines: u64, backlog: Backlog) -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Self {
            bytes: AtomicU64::new(bytes),
            lines: AtomicU64::new(lines),
            parked: AtomicBool::new(false),
            exited: AtomicBool::new(false),
            drained: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            troubled: AtomicBool::new(backlog.since().is_some()),
            backlog: Mutex::new(backlog),
            wake: eventfd(0, flags)?,
            kick: eventfd(0, flags)?,
        })
    }

    /// Tells the reader that the command has exited.
    pub(super) fn tell_exited(&self) {
        self.exited.store(true, Ordering::SeqCst);
        ring(&self.kick);
    }

    /// So many bytes and newlines more are in the file.
    fn count(&self, bytes: u64, lines: u64) {
        self.lines.fetch_add(lines, Ordering::SeqCst);
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    /// Writes at most so many bytes of what waits. For the engine alone.
    pub(super) fn write_backlog(&self, output: &mut File, at_most: u64) {
        let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, lines) = backlog.write(output, at_most);
        self.count(bytes, lines);
        if backlog.since().is_none() {
            self.troubled.store(false, Ordering::SeqCst);
        }
    }

    fn unpark(&self) {
        if self.parked.load(Ordering::SeqCst) && self.parked.swap(false, Ordering::SeqCst) {
            ring(&self.wake);
        }
    }
}

fn ring(bell: &OwnedFd) {
    let _ = rustix::io::write(bell, &1_u64.to_ne_bytes());
}

/// Empties a bell.
pub(super) fn hush(bell: &OwnedFd) {
    let mut count = [0_u8; 8];
    let _ = rustix::io::read(bell, &mut count);
}

/// The reading thread's own things.
pub(super) struct Reader {
    /// The supervisor's side of the terminal, non-blocking.
    pub master: Arc<OwnedFd>,
    /// Opened for appending.
    pub output: File,
    /// For declared secrets.
    pub redactor: Option<Redactor>,
    /// Where a chunk is between terminal and evidence.
    pub spool: Spool,
    /// Where index records go; one that finds no room is left out.
    pub marks: SyncSender<Mark>,
    /// When the command was set off.
    pub started: Instant,
    /// Seen by the engine.
    pub shared: Arc<Shared>,
}

impl Reader {
    /// Reads until no process holds the terminal.
    pub(super) fn run(mut self) {
        let mut clean = Vec::new();
        let mut last = Mark {
            t_us: 0,
            bytes: 0,
            lines: 0,
        };
        while self.wait(&mut clean) {
            match self.spool.read(self.master.as_fd()) {
                Ok(0) => break,
                Ok(size) => {
                    self.read_on(size);
                    self.take(&mut clean);
                    last = self.mark(last);
                    self.shared.unpark();
                }
                Err(Errno::AGAIN) => self.note_empty(),
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        if let Some(mut redactor) = self.redactor.take() {
            redactor.finish(&mut clean);
            append(&mut self.output, &self.shared, &clean);
            self.spool.keep(clean.len() as u64, &redactor.held());
        }
        self.shared.finished.store(true, Ordering::SeqCst);
        ring(&self.shared.wake);
    }

    /// Takes what there is behind a large read at once: a flood is written in few pieces, and what
    /// a person waits for is written as it comes. Not where more than one read could be lost with
    /// this process: what is held back for a secret, and what waits for room on the disk.
    fn read_on(&mut self, mut size: usize) {
        if self.redactor.is_some() || self.shared.troubled.load(Ordering::SeqCst) {
            return;
        }
        while size >= LARGE {
            size = self.spool.read_on(self.master.as_fd()).unwrap_or(0);
        }
    }

    /// Waits until there may be something to read. False when waiting itself has failed.
    fn wait(&mut self, clean: &mut Vec<u8>) -> bool {
        let exited = self.shared.exited.load(Ordering::SeqCst);
        if exited && !self.shared.drained.load(Ordering::SeqCst) {
            return true;
        }
        let pausing = self.redactor.as_ref().is_some_and(Redactor::holds);
        let mut fds = [
            PollFd::new(&*self.master, PollFlags::IN),
            PollFd::new(&self.shared.kick, PollFlags::IN),
        ];
        let watched = if exited { &mut fds[..1] } else { &mut fds[..] };
        match poll(watched, pausing.then_some(&PAUSE)) {
            Ok(0) => {
                self.pause(clean);
                true
            }
            Ok(_) | Err(Errno::INTR) => true,
            Err(_) => false,
        }
    }

    fn pause(&mut self, clean: &mut Vec<u8>) {
        if let Some(redactor) = self.redactor.as_mut() {
            redactor.pause(clean);
            append(&mut self.output, &self.shared, clean);
            self.spool.keep(clean.len() as u64, &redactor.held());
            clean.clear();
            self.shared.unpark();
        }
    }

    fn take(&mut self, clean: &mut Vec<u8>) {
        match self.redactor.as_mut() {
            None => append(&mut self.output, &self.shared, self.spool.chunk()),
            Some(redactor) => {
                redactor.feed(self.spool.chunk(), clean);
                append(&mut self.output, &self.shared, clean);
                self.spool.keep(clean.len() as u64, &redactor.held());
                clean.clear();
            }
        }
        self.spool.done();
    }

    fn mark(&self, last: Mark) -> Mark {
        let bytes = self.shared.bytes.load(Ordering::SeqCst);
        let t_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let late = t_us.saturating_sub(last.t_us) >= INDEX_EVERY_US;
        if last.t_us != 0 && !late && bytes - last.bytes < INDEX_BYTES {
            return last;
        }
        let mark = Mark {
            t_us,
            bytes,
            lines: self.shared.lines.load(Ordering::SeqCst),
        };
        let _ = self.marks.try_send(mark);
        mark
    }

    fn note_empty(&mut self) {
        if self.shared.exited.load(Ordering::SeqCst) {
            self.shared.drained.store(true, Ordering::SeqCst);
            ring(&self.shared.wake);
        }
    }
}

/// Appends to the evidence; what cannot be written goes to the backlog, which the engine writes
/// when it can.
pub(super) fn append(output: &mut File, shared: &Shared, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        if shared.troubled.load(Ordering::SeqCst) {
            let mut backlog = shared
                .backlog
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            // The engine may have written the last of it while this waited.
            if shared.troubled.load(Ordering::SeqCst) {
                return backlog.add(bytes);
            }
        }
        match output.write(bytes) {
            Ok(written) => {
                let (done, rest) = bytes.split_at(written.min(bytes.len()));
                let lines = memchr::memchr_iter(b'\n', done).count() as u64;
                shared.count(done.len() as u64, lines);
                bytes = rest;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let mut backlog = shared
                    .backlog
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                backlog.begin(&error, shared.bytes.load(Ordering::SeqCst));
                backlog.add(bytes);
                shared.troubled.store(true, Ordering::SeqCst);
                ring(&shared.wake);
                return;
            }
        }
    }
}
