//! The recorder: one thread owns the state and the journal and takes one command at a time.
//!
//! Decide, make durable, apply, publish, then act. Whoever waits for an acknowledgement gets it
//! after the events are on disk; an effect starts only from an event that is. When the journal
//! fails, nothing is acknowledged from then on.

use std::sync::{Arc, RwLock, mpsc};

use tokio::sync::{oneshot, watch};

use crate::domain::event::Recorded;
use crate::domain::{Command, Effect, Incident, Refusal, Stamp, decide, react};
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

/// The state of the recorder's thread.
pub(super) struct Recorder<D: Disk> {
    pub(super) store: Store<D>,
    pub(super) incident: Arc<Incident>,
    pub(super) records: Records,
    pub(super) publish: watch::Sender<Arc<Incident>>,
    pub(super) act: Act,
}

impl<D: Disk> Recorder<D> {
    /// Takes what is asked until it is told to end or nobody can ask any more.
    pub(super) fn run(mut self, asks: &mpsc::Receiver<Ask>) {
        while let Ok(Ask::Submit {
            command,
            stamp,
            reply,
        }) = asks.recv()
        {
            let answer = self.carry_out(&command, &stamp);
            // Nobody waiting for the answer is no reason not to have done it.
            let _ = reply.send(answer);
        }
    }

    fn carry_out(&mut self, command: &Command, stamp: &Stamp) -> Result<Ack, SubmitError> {
        let events = decide(&self.incident, command, stamp)?;
        if events.is_empty() {
            return Ok(Ack { events: Vec::new() });
        }
        let by = self.incident.driver.name.clone();
        let recorded = self
            .store
            .append(events, stamp, &by)
            .map_err(|error| match error {
                JournalError::Poisoned(why) => SubmitError::Journal(why),
                other => SubmitError::Journal(other.to_string()),
            })?;
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
}
