//! The recorder: one thread owns the state and the journal and takes one command at a time.
//!
//! Decide, make durable, apply, publish, then act. Whoever waits for an acknowledgement gets it
//! after the events are on disk; an effect starts only from an event that is. When the journal
//! fails, nothing is acknowledged until a new file could be begun that holds exactly what was
//! acknowledged before.

use std::sync::{Arc, RwLock, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::secrets::Secrets;
use super::veil::{refusal, veiled};
use crate::domain::condition::Stall;
use crate::domain::event::Recorded;
use crate::domain::{
    Command, Effect, Incident, Observation, Present, Refusal, Stamp, decide, react,
};
use crate::journal::disk::Disk;
use crate::journal::{JournalError, Store};

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal cannot be written: nothing of this happened.
    #[error("the journal cannot be written, so nothing was done: {0}")]
    Journal(String),
    /// The recorder has ended.
    #[error("the session has ended")]
    Ended,
}

/// What a command came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Ack {
    /// The events, now on disk; empty where nothing had to change.
    pub events: Vec<Recorded>,
}

/// An answer that is on its way.
pub type Pending = oneshot::Receiver<Result<Ack, SubmitError>>;

/// What the recorder is asked.
pub(super) enum Ask {
    /// Carry out a command.
    Submit {
        /// Which.
        command: Box<Command>,
        /// When it arrived.
        stamp: Stamp,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Ack, SubmitError>>,
    },
    /// End, once everything before is done.
    End,
}

/// Does what an effect asks for, without waiting for it.
pub(super) type Act = Box<dyn Fn(&Arc<Incident>, &Effect) + Send>;

/// The shared record of what happened.
pub(super) type Records = Arc<RwLock<Vec<Recorded>>>;

/// Between two attempts to write a journal that could not be written.
const AGAIN: Duration = Duration::from_millis(500);

/// The state of the recorder's thread.
pub(super) struct Recorder<D: Disk> {
    pub(super) store: Store<D>,
    pub(super) incident: Arc<Incident>,
    pub(super) records: Records,
    pub(super) publish: watch::Sender<Arc<Incident>>,
    pub(super) present: Arc<watch::Sender<Present>>,
    pub(super) act: Act,
    /// What was seen in the world while nothing could be recorded: it is so all the same.
    pub(super) held: Vec<(Command, Stamp)>,
    /// What must not be in anything that is recorded.
    pub(super) secrets: Secrets,
}

impl<D: Disk> Recorder<D> {
    /// Takes what is asked until it is told to end or nobody can ask any more.
    pub(super) fn run(mut self, asks: &mpsc::Receiver<Ask>) {
        let mut tried = Instant::now();
        loop {
            let ask = if self.is_stalled() {
                match asks.recv_timeout(AGAIN) {
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    asked => asked.ok(),
                }
            } else {
                match asks.recv() {
                    Err(_) => return,
                    asked => asked.ok(),
                }
            };
            match ask {
                Some(Ask::End) => return,
                Some(Ask::Submit {
                    command,
                    stamp,
                    reply,
                }) => {
                    let answer = self.carry_out(&command, &stamp);
                    // Nobody waiting for the answer is no reason not to have done it.
                    let _ = reply.send(answer);
                }
                None => {}
            }
            if self.is_stalled() && tried.elapsed() >= AGAIN {
                tried = Instant::now();
                self.mend();
            }
        }
    }

    fn is_stalled(&self) -> bool {
        self.present.borrow().journal.is_some()
    }

    fn carry_out(&mut self, command: &Command, stamp: &Stamp) -> Result<Ack, SubmitError> {
        if let Some(refusal) = refusal(command, &self.secrets) {
            return Err(refusal.into());
        }
        let command = &*veiled(command, &self.secrets);
        let events = decide(&self.incident, command, stamp)?;
        if events.is_empty() {
            return Ok(Ack { events: Vec::new() });
        }
        let by = self.incident.driver.name.clone();
        let recorded = match self.store.append(events, stamp, &by) {
            Ok(recorded) => recorded,
            Err(error) => return Err(self.stall(command, stamp, error)),
        };
        let incident = Arc::make_mut(&mut self.incident);
        for record in &recorded {
            incident.apply(record);
        }
        if let Ok(mut records) = self.records.write() {
            records.extend(recorded.iter().cloned());
        }
        self.publish.send_replace(Arc::clone(&self.incident));
        for record in &recorded {
            for effect in react(&record.event) {
                (self.act)(&self.incident, &effect);
            }
        }
        Ok(Ack { events: recorded })
    }

    /// The journal could not be written: that is told at once, and what was seen in the world is
    /// kept until it can be. What a person wanted is refused, and theirs to ask for again.
    fn stall(&mut self, command: &Command, stamp: &Stamp, error: JournalError) -> SubmitError {
        let why = match error {
            JournalError::Poisoned(why) => why,
            other => other.to_string(),
        };
        let seen = matches!(command, Command::Observe(_));
        if seen && !self.held.iter().any(|(held, _)| held == command) {
            self.held.push((command.clone(), stamp.clone()));
        }
        let waiting = self.held.len();
        self.present.send_if_modified(|present| {
            let before = present.journal.clone();
            let since = before.as_ref().map_or(stamp.wall, |stall| stall.since);
            let why = why.clone();
            present.journal = Some(Stall {
                since,
                why,
                waiting,
            });
            present.journal != before
        });
        SubmitError::Journal(why)
    }

    /// Goes on in a new file if that can be had, records the gap, then what was seen meanwhile.
    fn mend(&mut self) {
        let Some(stall) = self.present.borrow().journal.clone() else {
            return;
        };
        if self.store.mend().is_err() {
            return;
        }
        let gap = Command::Observe(Observation::JournalStalled {
            since: stall.since,
            why: stall.why,
        });
        if self.carry_out(&gap, &super::machine::now()).is_err() {
            self.held.retain(|(held, _)| *held != gap);
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.present.send_modify(|present| present.journal = None);
        for (command, stamp) in held {
            // One that fails again is held again.
            let _ = self.carry_out(&command, &stamp);
        }
    }
}
