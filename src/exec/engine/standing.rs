//! How the attempt stands at this moment, told to whoever listens: whether it waits for somebody
//! to type, and what of it cannot be written. Also writes what waited for room.

use super::{Engine, Phase};
use crate::domain::condition::{Condition, Input, Trouble};
use crate::exec::backlog::Backlog;
use crate::exec::prompt;
use crate::exec::serve::Server;
use crate::exec::wire::Frame;
use chrono::{DateTime, Utc};
use std::sync::PoisonError;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// Between two looks at the terminal while the command runs.
const LOOK: Duration = Duration::from_millis(250);
/// Between two looks at its processes, and the silence before the first one.
const LOOK_CLOSELY: Duration = Duration::from_millis(750);
/// Between two attempts to write what could not be written.
const MEND: Duration = Duration::from_millis(250);
/// Between two tellings of numbers that only grow.
const NUMBERS: Duration = Duration::from_millis(500);
/// Room that is left for the result.
const FOR_THE_RESULT: u64 = 128 * 1024;

/// What was seen and what was told.
pub(in crate::exec) struct Standing {
    input: Input,
    look_at: Instant,
    bytes: u64,
    quiet_since: Instant,
    closely_at: Instant,
    mend_at: Instant,
    told: Option<Condition>,
    told_at: Instant,
    /// A result could not be written, since when and why.
    pub(super) unwritten: Option<(DateTime<Utc>, String)>,
}

impl Default for Standing {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            input: Input::Untold,
            look_at: now,
            bytes: 0,
            quiet_since: now,
            closely_at: now,
            mend_at: now,
            told: None,
            told_at: now,
            unwritten: None,
        }
    }
}

impl Engine {
    /// When there is something to be looked at again.
    pub(super) fn stands_again(&self) -> Option<Instant> {
        let look = matches!(self.phase, Phase::Running).then_some(self.standing.look_at);
        let mend = self.is_to_mend().then_some(self.standing.mend_at);
        [look, mend].into_iter().flatten().min()
    }

    /// Looks, mends, and tells what is new.
    pub(super) fn stand(&mut self) {
        let now = Instant::now();
        self.look_at_terminal(now);
        if self.is_to_mend() && now >= self.standing.mend_at {
            self.standing.mend_at = now + MEND;
            self.mend();
        }
        self.tell(now);
    }

    /// Whether something could not be had that may be had later: room for what waits, or a socket
    /// after a take-over.
    fn is_to_mend(&self) -> bool {
        self.shared.troubled.load(SeqCst) || self.server.is_none()
    }

    fn mend(&mut self) {
        if self.shared.troubled.load(SeqCst) {
            self.write_backlog();
        }
        if self.server.is_none() {
            self.server = Server::open(&self.attempt.dir).ok();
        }
    }

    fn look_at_terminal(&mut self, now: Instant) {
        if !matches!(self.phase, Phase::Running) {
            self.standing.input = Input::Busy;
            return;
        }
        if now < self.standing.look_at {
            return;
        }
        self.standing.look_at = now + LOOK;
        let bytes = self.shared.bytes.load(SeqCst);
        if bytes != self.standing.bytes {
            self.standing.bytes = bytes;
            self.standing.quiet_since = now;
        }
        let modes = prompt::modes(&self.attempt.master);
        let mut reads = modes == prompt::Modes::Lines && self.standing.input == Input::Line;
        let silent = now.duration_since(self.standing.quiet_since) >= LOOK_CLOSELY;
        if !silent {
            reads = false;
        } else if modes == prompt::Modes::Lines && now >= self.standing.closely_at {
            self.standing.closely_at = now + LOOK_CLOSELY;
            reads = self.is_read();
        }
        self.standing.input = prompt::input(modes, reads);
    }

    fn is_read(&self) -> bool {
        let foreground = rustix::termios::tcgetpgrp(&*self.attempt.master);
        match (self.notes.anchor, foreground) {
            (Some(anchor), Ok(group)) => prompt::is_read(anchor, group.as_raw_nonzero().get()),
            _ => false,
        }
    }

    /// Writes what waits, as far as there is room for it and for the result.
    pub(super) fn write_backlog(&mut self) {
        let room = match rustix::fs::statvfs(&self.attempt.dir) {
            Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
            Err(_) => u64::MAX,
        };
        let Some(output) = self.output.as_mut() else {
            return;
        };
        let room = room.saturating_sub(FOR_THE_RESULT);
        if room > 0 {
            self.shared.write_backlog(output, room);
        }
    }

    fn tell(&mut self, now: Instant) {
        let condition = Condition {
            input: self.standing.input,
            trouble: self.trouble(),
        };
        let told = self.standing.told.as_ref();
        let same_but_numbers = told.is_some_and(|told| {
            let parts = |c: &Condition| {
                let trouble = c.trouble.as_ref();
                (
                    c.input,
                    trouble.map(|t| (t.ended, t.lost > 0, t.why.clone())),
                )
            };
            parts(told) == parts(&condition)
        });
        let soon = now.duration_since(self.standing.told_at) < NUMBERS;
        if told == Some(&condition) || (same_but_numbers && soon) {
            return;
        }
        if let Some(server) = self.server.as_mut() {
            server.tell(&Frame::Stands(condition.clone()));
        }
        self.standing.told = Some(condition);
        self.standing.told_at = now;
    }

    /// Somebody new listens: everything is to be told again.
    pub(super) fn tell_again(&mut self) {
        self.standing.told = None;
    }

    fn trouble(&self) -> Option<Trouble> {
        let backlog = self.shared.backlog();
        let result = self.standing.unwritten.as_ref();
        let since = result.map(|(since, _)| *since);
        let since = backlog.since().into_iter().chain(since).min()?;
        let why = result.map_or_else(|| backlog.why(), |(_, why)| why.clone());
        Some(Trouble {
            since,
            why,
            waiting: backlog.waiting(),
            lost: backlog.lost(),
            ended: result.is_some(),
        })
    }
}

impl crate::exec::reader::Shared {
    /// What waits to be written.
    pub(super) fn backlog(&self) -> std::sync::MutexGuard<'_, Backlog> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
