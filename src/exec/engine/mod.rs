//! The supervisor's second thread: status, requests, time box, doorbells, and the result.
//!
//! It never touches the output on its way; the reader does that alone. It sleeps without any
//! timer while nothing happens. The result is written when the command has exited and what it had
//! printed is drained; what was left running keeps the engine alive, but not the attempt open.

mod ending;
mod standing;

use crate::exec::backlog::Backlog;
use crate::exec::files;
use crate::exec::hidden::Hidden;
use crate::exec::memory::Log;
use crate::exec::outcome::{Outcome, Stop, StopStage};
use crate::exec::process::{self, Session};
use crate::exec::prompt;
use crate::exec::pty;
use crate::exec::reader::{Mark, Reader, Shared, append, hush};
use crate::exec::redact::Redactor;
use crate::exec::serve::Server;
use crate::exec::spool::Spool;
use crate::exec::stops::Stops;
use crate::exec::supervise::{Attempt, Notes};
use crate::exec::typed::Typed;
use crate::exec::wire::Frame;
use crate::exec::writeback::Writeback;
use chrono::Utc;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, kill_process_group};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// Between two looks while output flows.
const TICK: Duration = Duration::from_millis(20);
/// The terminal must stay empty so long after the exit, if processes still hold it…
const QUIET: Duration = Duration::from_millis(100);
/// … but the attempt is not kept open longer than this.
const DRAIN_AT_MOST: Duration = Duration::from_secs(2);
/// Between two rungs when the time box has run out.
const RUNG: Duration = Duration::from_secs(5);
enum Phase {
    Running,
    Draining {
        since: Instant,
        quiet_since: Instant,
        bytes: u64,
    },
    Ended,
}

/// What the evidence is written with, and what is known in memory alone.
pub(super) struct Pen {
    /// Opened for appending.
    pub output: File,
    /// For declared secrets.
    pub redactor: Option<Redactor>,
    /// Shared with the holder.
    pub spool: Spool,
    /// Shared with the holder.
    pub backlog: Backlog,
    /// Shared with the holder.
    pub hidden: Hidden,
    /// Shared with the holder.
    pub stops: Stops,
    /// Shared with the holder.
    pub typed: Typed,
    /// The result from before it is first written until it is on disk; shared with the holder.
    pub pending: Log,
}

/// One attempt under way.
pub(super) struct Engine {
    attempt: Attempt,
    notes: Notes,
    server: Option<Server>,
    shared: Arc<Shared>,
    marks: Receiver<Mark>,
    index: Option<File>,
    /// The engine's own handle of the evidence, for what waited.
    output: Option<File>,
    writeback: Writeback,
    standing: standing::Standing,
    typed: Typed,
    stops: Stops,
    phase: Phase,
    ended: Option<(Instant, chrono::DateTime<Utc>)>,
    seen: u64,
    /// When the time box asked last, as far as this process knows.
    rung_at: Option<Instant>,
    retry_at: Option<Instant>,
    pending: Option<Outcome>,
    /// The same for whoever takes over.
    pending_kept: Log,
    redactor: Option<Redactor>,
    taken_over: bool,
    /// What was typed while the echo was off.
    hidden: Hidden,
}

impl Engine {
    /// Starts the reader, once what a dead supervisor had read and not written is in its place.
    pub(super) fn new(
        attempt: Attempt,
        notes: Notes,
        server: Option<Server>,
        Pen {
            mut output,
            mut redactor,
            mut spool,
            mut backlog,
            hidden,
            stops,
            mut typed,
            pending,
        }: Pen,
    ) -> io::Result<Self> {
        let (bytes, lines) = measure(&attempt)?;
        let taken = backlog.resume(bytes);
        let shared = Arc::new(Shared::new(bytes, lines, backlog)?);
        let rest = spool.take_over(redactor.as_mut(), taken);
        append(&mut output, &shared, &rest);
        if let Some(lost) = typed.lost() {
            append(&mut output, &shared, lost.as_bytes());
        }
        let again = output.try_clone().ok();
        let writeback = Writeback::new(output.try_clone().ok(), bytes);
        let (sender, marks) = sync_channel(2048);
        let reader = Reader {
            master: Arc::clone(&attempt.master),
            output,
            redactor,
            spool,
            marks: sender,
            started: attempt.started,
            shared: Arc::clone(&shared),
        };
        std::thread::Builder::new()
            .name("reader".to_owned())
            .stack_size(256 * 1024)
            .spawn(move || reader.run())?;
        let index = files::append(&attempt.dir.join(files::INDEX)).ok();
        let redactor = Redactor::new(&attempt.spec.secrets()).ok().flatten();
        let stops = stops.resumed();
        Ok(Self {
            attempt,
            notes,
            server,
            shared,
            marks,
            index,
            output: again,
            writeback,
            standing: standing::Standing::default(),
            typed,
            rung_at: (!stops.list().is_empty()).then(Instant::now),
            stops,
            phase: Phase::Running,
            ended: None,
            seen: bytes,
            retry_at: None,
            pending: serde_json::from_slice(pending.bytes()).ok(),
            pending_kept: pending,
            redactor,
            taken_over: false,
            hidden,
        })
    }

    /// This is the holder, and the supervisor is dead; it may have written the result before.
    pub(super) fn taking_over(mut self) -> Self {
        self.taken_over = true;
        if self.attempt.dir.join(files::RESULT).exists() {
            self.phase = Phase::Ended;
            self.shared.tell_exited();
        }
        self
    }

    /// Goes on until the attempt has ended and no process holds its terminal.
    pub(super) fn run(mut self) -> io::Result<()> {
        loop {
            self.sleep()?;
            self.notes.read();
            self.reap();
            self.write_index();
            self.writeback.note(self.shared.bytes.load(SeqCst));
            self.serve();
            self.type_ahead();
            self.advance();
            self.keep_time_box();
            self.stand();
            if matches!(self.phase, Phase::Ended) && self.shared.finished.load(SeqCst) {
                break;
            }
        }
        self.write_index();
        if let Some(server) = self.server.take() {
            server.close();
        }
        Ok(())
    }

    fn sleep(&mut self) -> io::Result<()> {
        let timeout = self.timeout();
        let mut fds = vec![PollFd::new(&self.shared.wake, PollFlags::IN)];
        if let Some(pipe) = self.notes.pipe() {
            fds.push(PollFd::new(pipe, PollFlags::IN));
        }
        if !self.typed.is_empty() {
            fds.push(PollFd::new(&*self.attempt.master, PollFlags::OUT));
        }
        if let Some(server) = &self.server {
            server.watch(&mut fds);
        }
        let timeout = timeout.and_then(|time| Timespec::try_from(time).ok());
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        self.shared.parked.store(false, SeqCst);
        hush(&self.shared.wake);
        Ok(())
    }

    /// How long to sleep; none is until something happens. Asks the reader to ring when output
    /// matters at once, and looks every tick while it flows anyway.
    fn timeout(&mut self) -> Option<Duration> {
        let flowing = self.shared.bytes.load(SeqCst) != self.seen;
        self.seen = self.shared.bytes.load(SeqCst);
        let mut wait = None;
        if flowing {
            wait = Some(TICK);
        }
        let awaited = self.server.as_ref().map(|server| server.awaits(self.seen));
        let awaited = awaited.unwrap_or_default();
        let now = Instant::now();
        if let Some(at) = awaited.at {
            let soon = at.saturating_duration_since(now);
            wait = Some(wait.map_or(soon, |wait| wait.min(soon)));
        }
        if !flowing || awaited.next {
            self.shared.parked.store(true, SeqCst);
            if self.shared.bytes.load(SeqCst) != self.seen {
                wait = Some(Duration::ZERO);
            }
        }
        let phase = match self.phase {
            Phase::Running if self.notes.pipe().is_none() => Some(TICK),
            Phase::Draining { .. } => Some(Duration::from_millis(10)),
            Phase::Running | Phase::Ended => None,
        };
        let retry = self.retry_at.map(|at| at.saturating_duration_since(now));
        let rung = self
            .next_rung()
            .map(|(at, ..)| at.saturating_duration_since(now));
        let again = self
            .stands_again()
            .map(|at| at.saturating_duration_since(now));
        [wait, phase, rung, again]
            .into_iter()
            .flatten()
            .min()
            .map_or(retry, |soon| {
                Some(retry.map_or(soon, |retry| retry.max(soon)))
            })
    }

    /// Collects dead children: the holder, and orphans of an anchor of its own that was killed.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if Some(pid.as_raw_nonzero().get()) == self.notes.command {
                self.notes.end(status.as_raw());
            }
        }
    }

    fn write_index(&mut self) {
        let records: Vec<u8> = self.marks.try_iter().flat_map(Mark::encode).collect();
        if let (Some(index), false) = (self.index.as_mut(), records.is_empty()) {
            // The index can be made again from the output; losing it is not worth a word.
            let _ = index.write_all(&records);
        }
    }

    fn serve(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        for (client, frame) in server.requests() {
            match frame {
                Frame::Input(number, bytes) => {
                    let room = self.typed.has_room(&bytes);
                    if room {
                        if prompt::modes(&self.attempt.master) == prompt::Modes::Hidden {
                            self.hidden.add(&bytes);
                        }
                        self.typed.add(bytes);
                    }
                    server.answer(client, number, room);
                }
                Frame::Resize(number, rows, cols) => {
                    let done = pty::resize(&self.attempt.master, rows, cols).is_ok();
                    server.answer(client, number, done);
                }
                Frame::Stop(number, stage, by) => {
                    let done = self.stop(stage, by) > 0;
                    server.answer(client, number, done);
                }
                Frame::Listen => self.tell_again(),
                Frame::Arm(_) | Frame::Mark(..) | Frame::Ack(..) | Frame::Stands(_) => {}
            }
        }
        server.ring(
            self.shared.bytes.load(SeqCst),
            matches!(self.phase, Phase::Ended),
        );
        server.sweep();
        self.server = Some(server);
    }

    fn type_ahead(&mut self) {
        if !self.typed.is_empty() {
            self.typed.type_into(self.attempt.master.as_fd());
        }
    }

    fn anchor(&self) -> Option<Pid> {
        self.notes.anchor.and_then(Pid::from_raw)
    }

    /// Stops the command by one rung and records that somebody asked; gives how many processes
    /// or groups were signalled.
    fn stop(&mut self, stage: StopStage, by: String) -> u32 {
        let foreground = rustix::termios::tcgetpgrp(&*self.attempt.master).ok();
        let session = self.notes.session();
        let own = session.map(Session::leader);
        let on_record = !matches!(self.phase, Phase::Ended);
        if by == AT_CLOSE {
            self.rung_at = Some(Instant::now());
        }
        if on_record {
            self.stops.push(Stop {
                stage,
                by,
                at: Utc::now(),
                signalled: 1,
            });
        }
        let signalled = match stage {
            StopStage::Int => signal_groups(&[foreground.or(own)], Signal::INT),
            StopStage::Term => {
                let count = signal_groups(&[own, foreground], Signal::TERM);
                // A stopped process would not get to see it.
                signal_groups(&[own, foreground], Signal::CONT);
                count
            }
            StopStage::Kill => session.map_or(0, process::kill_session),
        };
        if on_record {
            self.stops.reached(signalled);
        }
        signalled
    }

    /// The next stop that comes by itself: when, how hard, and on whose account.
    fn next_rung(&self) -> Option<(Instant, StopStage, &'static str)> {
        if !matches!(self.phase, Phase::Running) {
            return None;
        }
        let closes = self.stops.list().iter().filter(|s| s.by == AT_CLOSE);
        match closes.count() {
            0 => {}
            1 => return Some((self.rung_at? + RUNG, StopStage::Kill, AT_CLOSE)),
            _ => return None,
        }
        let limit = Duration::from_secs(self.attempt.spec.timeout_s?);
        let by_itself = |stop: &&Stop| stop.by == TIME_BOX;
        let asked = self.stops.list().iter().filter(by_itself).count();
        let (stage, rungs) = match asked {
            0 => (StopStage::Int, 0),
            1 => (StopStage::Term, 1),
            2 => (StopStage::Kill, 2),
            _ => return None,
        };
        let due = self.attempt.started.checked_add(limit)?;
        let due = due.checked_add(RUNG * rungs)?;
        // Also where the machine slept meanwhile, or somebody else asked for the one before.
        let apart = self.rung_at.map(|at| at + RUNG);
        Some((apart.map_or(due, |apart| apart.max(due)), stage, TIME_BOX))
    }

    fn keep_time_box(&mut self) {
        if let Some((at, stage, by)) = self.next_rung()
            && Instant::now() >= at
        {
            self.stop(stage, by.to_owned());
            self.rung_at = Some(Instant::now());
        }
    }

    fn advance(&mut self) {
        let now = Instant::now();
        let bytes = self.shared.bytes.load(SeqCst);
        match self.phase {
            Phase::Running if self.has_exited() => {
                self.ended = self.notes.ended.or_else(|| Some((now, Utc::now())));
                self.shared.tell_exited();
                self.phase = Phase::Draining {
                    since: now,
                    quiet_since: now,
                    bytes,
                };
                self.advance();
            }
            Phase::Draining {
                since,
                quiet_since,
                bytes: before,
            } => {
                let empty = self.shared.drained.load(SeqCst) && before == bytes;
                let quiet_since = if empty { quiet_since } else { now };
                let finished = self.shared.finished.load(SeqCst);
                let quiet = now.duration_since(quiet_since) >= QUIET;
                if finished || quiet || now.duration_since(since) >= DRAIN_AT_MOST {
                    self.end();
                } else {
                    self.phase = Phase::Draining {
                        since,
                        quiet_since,
                        bytes,
                    };
                }
            }
            Phase::Running | Phase::Ended => {}
        }
    }

    /// Whether the command has exited, its status known or lost for good.
    fn has_exited(&self) -> bool {
        let gone = || self.notes.command.is_none_or(|pid| !process::is_alive(pid));
        self.notes.status.is_some() || (self.notes.pipe().is_none() && gone())
    }
}

/// Who asks when the time box has run out.
const TIME_BOX: &str = "time box";

/// Who stops what runs beside the work when the incident is closed: what does not heed it is
/// killed a while later, whether or not anybody still looks.
pub const AT_CLOSE: &str = "the close of the incident";

fn signal_groups(groups: &[Option<Pid>], signal: Signal) -> u32 {
    let mut groups: Vec<Pid> = groups.iter().flatten().copied().collect();
    groups.dedup();
    let reached = groups
        .iter()
        .filter(|group| kill_process_group(**group, signal).is_ok());
    u32::try_from(reached.count()).unwrap_or(u32::MAX)
}

/// Bytes and newlines of the evidence so far.
fn measure(attempt: &Attempt) -> io::Result<(u64, u64)> {
    use std::io::Read;
    let mut file = File::open(attempt.dir.join(files::OUTPUT))?;
    let mut buffer = vec![0; 256 * 1024];
    let (mut bytes, mut lines) = (0, 0);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((bytes, lines)),
            size => {
                bytes += size as u64;
                let piece = buffer.get(..size).unwrap_or_default();
                lines += memchr::memchr_iter(b'\n', piece).count() as u64;
            }
        }
    }
}
