//! The end of an attempt: what is known of it, put together and put on disk.
//!
//! A result that cannot be written (a full disk) is tried again until it can; the attempt counts
//! as running for so long, because nobody could learn from the disk that it is not. Whoever
//! listens is told at once.

use super::{Engine, Phase, TIME_BOX};
use crate::exec::backlog;
use crate::exec::files;
use crate::exec::find;
use crate::exec::http;
use crate::exec::outcome::{EndedBy, Outcome};
use crate::exec::process::{self, Session, Table};
use crate::exec::redact::Redactor;
use crate::exec::spec::Kind;
use crate::exec::supervise::Attempt;
use crate::exec::survivors;
use crate::script::sql::reads_only;
use chrono::Utc;
use std::fs::{self, File};
use std::io;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// Before a result that could not be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

impl Engine {
    pub(super) fn end(&mut self) {
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return;
        }
        self.write_index();
        // Put together once: what went into it can be read only once.
        let mut outcome = match self.pending.take() {
            Some(outcome) => outcome,
            None => self.put_together(),
        };
        outcome.taken_over = self.taken_over;
        self.measure_evidence(&mut outcome);
        match write_result(&self.attempt, &outcome) {
            // An evidence directory that was taken away will not come back.
            Err(_) if !self.attempt.dir.exists() => self.phase = Phase::Ended,
            Ok(()) => {
                self.phase = Phase::Ended;
                self.retry_at = None;
                self.standing.unwritten = None;
                self.shared.backlog().give_up();
                if let Some(server) = self.server.as_mut() {
                    server.ring(outcome.bytes, true);
                }
            }
            Err(error) => {
                let why = backlog::words(&error);
                let since = self.standing.unwritten.take().map(|(since, _)| since);
                self.standing.unwritten = Some((since.unwrap_or_else(Utc::now), why));
                self.retry_at = Some(Instant::now() + RETRY);
                self.pending = Some(outcome);
            }
        }
    }

    /// What of the output is in the evidence, once what waited was written as far as there is
    /// room. What still waits when the result is on disk is lost: nobody would come back for it.
    fn measure_evidence(&mut self, outcome: &mut Outcome) {
        if self.shared.troubled.load(SeqCst) {
            self.write_backlog();
        }
        outcome.bytes = self.shared.bytes.load(SeqCst);
        outcome.lines = self.shared.lines.load(SeqCst);
        let backlog = self.shared.backlog();
        outcome.lost_bytes = backlog.lost() + backlog.waiting();
        outcome.lost_since = backlog.loss().map(|loss| loss.since).or(backlog.since());
        outcome.lost_why = match (backlog.loss(), outcome.lost_bytes) {
            (_, 0) => None,
            (Some(loss), _) => Some(loss.why),
            (None, _) => Some(backlog.why()),
        };
        if outcome.lost_bytes == 0 {
            outcome.lost_since = None;
        }
    }

    /// Also for whoever takes over; one that has no room (many processes left running) is made
    /// again by them, as far as it still can be.
    fn put_together(&mut self) -> Outcome {
        let outcome = self.outcome();
        if let Ok(json) = serde_json::to_vec(&outcome)
            && self.pending_kept.has_room(json.len())
        {
            self.pending_kept.add(&json);
        }
        outcome
    }

    fn outcome(&self) -> Outcome {
        let (ended, ended_at) = self.ended.unwrap_or_else(|| (Instant::now(), Utc::now()));
        let status = self.notes.status;
        let failure = read_failure(&self.attempt);
        let duration = ended.duration_since(self.attempt.started);
        let mut outcome = Outcome {
            format: 1,
            exit: status.and_then(process::exit_status),
            signal: status.and_then(process::ending_signal),
            status_unknown: status.is_none(),
            ended_by: self.ended_by(failure.is_some()),
            stops: self.stops.list().to_vec(),
            started_at: self.attempt.started_at,
            ended_at,
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            left_running: self.left_running(),
            error: failure.or_else(|| self.sentence()),
            refused: files::said(&self.attempt.dir, files::REFUSED),
            ..Outcome::default()
        };
        for said in [&mut outcome.error, &mut outcome.refused] {
            let masked = said.as_deref().zip(self.redactor.as_ref());
            if let Some(masked) = masked.and_then(|(text, redactor)| redactor.masked(text)) {
                *said = Some(masked);
            }
        }
        if self.is_cut_off(&outcome) {
            outcome.status_unknown = true;
            outcome.error = Some(CUT_OFF.to_owned());
        }
        if outcome.ended_by == EndedBy::Itself
            && let Some(why) = files::said(&self.attempt.dir, files::PARTED)
        {
            outcome.status_unknown = true;
            outcome.error = Some(why);
        }
        if outcome.signal == Some(HANG_UP) && self.has_lost_its_lender() {
            outcome.error = Some(LENDER.to_owned());
        }
        outcome.survivors = survivors::of(&outcome.left_running, self.redactor.as_ref());
        self.capture_state(&mut outcome);
        outcome
    }

    /// What the server said of the statement that failed.
    fn sentence(&self) -> Option<String> {
        let failed = self.notes.status.and_then(process::exit_status) != Some(0);
        let said = files::said(&self.attempt.dir, files::SENTENCE);
        said.filter(|said| failed && !said.is_empty())
    }

    /// A connection has no second owner: where its process was killed, nobody has heard what
    /// became of the last thing that it had asked for.
    fn is_cut_off(&self, outcome: &Outcome) -> bool {
        let code = &self.attempt.spec.code;
        outcome.signal.is_some()
            && match self.attempt.spec.kind {
                Kind::Shell => false,
                Kind::Sql => !reads_only(code),
                Kind::Http => !http::reads_only(code),
            }
    }

    fn capture_state(&self, outcome: &mut Outcome) {
        // What was typed at a password prompt may still stand in a variable of the shell.
        let mut secrets = self.attempt.spec.secret_env.clone();
        secrets.extend(self.hidden.lines());
        let redactor = Redactor::new(&secrets).ok().flatten();
        let ended = outcome.exit.is_some() && outcome.ended_by == EndedBy::Itself;
        let keeps = ended && !self.hidden.overflowed();
        let captured = self
            .attempt
            .program
            .capture(&self.attempt.spec, keeps, redactor.as_ref());
        outcome.state_captured = captured.saved;
        outcome.state_note = captured.note;
        if ended && !keeps && outcome.state_note.is_some() {
            outcome.state_note = Some(TOO_MUCH.to_owned());
        }
        outcome.cwd_after = captured.cwd;
        let failed = outcome.exit.is_some_and(|exit| exit != 0);
        outcome.failed_at = captured.line.filter(|_| failed);
        outcome.stages = captured.stages;
    }

    fn ended_by(&self, unstarted: bool) -> EndedBy {
        if unstarted {
            return EndedBy::Unstarted;
        }
        match self.stops.list().iter().rfind(|stop| stop.signalled > 0) {
            Some(stop) if stop.by == TIME_BOX => EndedBy::TimeBox,
            Some(_) => EndedBy::Stop,
            None => EndedBy::Itself,
        }
    }

    /// A leader hangs its terminal up shortly before it can be seen to be dead.
    fn has_lost_its_lender(&self) -> bool {
        let Some(Session::Lent(leader)) = self.notes.session() else {
            return false;
        };
        let lives = || process::is_alive(leader.as_raw_nonzero().get());
        let due = Instant::now() + DYING;
        while lives() && Instant::now() < due {
            std::thread::sleep(Duration::from_millis(1));
        }
        !lives()
    }

    fn left_running(&self) -> Vec<u32> {
        let known = self.anchor().zip(self.notes.session());
        let family = known.map(|(anchor, session)| Table::read().family_of(anchor, session));
        let pids = family.unwrap_or_default();
        pids.iter()
            .filter_map(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok())
            .collect()
    }
}

/// Said of a connection whose process was killed.
const CUT_OFF: &str = "its process was killed while it had a connection: what it had asked for last may have been done or not";

/// So long a process may take from its last act to its death.
const DYING: Duration = Duration::from_millis(50);

/// What a kernel sends to the foreground of a terminal that goes.
const HANG_UP: i32 = 1;

/// Said when the terminal went with the process that lends it.
const LENDER: &str =
    "ended by signal 1 with its terminal: the process that lends it (backout-lender) was killed";

/// Said when nobody can say what to leave out of the shell state.
const TOO_MUCH: &str = "not carried on: more was typed without echo than could be remembered";

fn read_failure(attempt: &Attempt) -> Option<String> {
    let mut text = [0; 1024];
    let size = rustix::io::read(&attempt.failure, &mut text).ok()?;
    let text = String::from_utf8_lossy(text.get(..size)?).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The first result wins; a second one is no error.
fn write_result(attempt: &Attempt, outcome: &Outcome) -> io::Result<()> {
    if find::read_result(&attempt.dir).is_ok_and(|result| result.is_some()) {
        return Ok(());
    }
    let _ = File::open(attempt.dir.join(files::OUTPUT)).and_then(|output| output.sync_all());
    let json = serde_json::to_vec_pretty(outcome)?;
    let temporary = files::temporary(&attempt.dir, files::RESULT);
    if let Err(error) = files::write_new(&temporary, &json) {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    match files::publish(&attempt.dir, &temporary, files::RESULT) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
