//! What attempts left running: which of it still lives, and stopping it.
//!
//! Looked at once a second while there is any, so that the record says what lives without anybody
//! asking; what was seen goes to the recorder like every observation.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::attempts::{Hands, in_background};
use crate::domain::event::{StopStage, Survivor};
use crate::domain::ids::AttemptId;
use crate::domain::incident::Attempt;
use crate::domain::{Incident, Observation};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// Between two looks whether the session is over.
const OVER: Duration = Duration::from_millis(100);

/// Watches what was left running until the session ends.
pub(super) fn watch(hands: &Arc<Hands>, snapshot: &watch::Receiver<Arc<Incident>>) {
    let (hands, snapshot) = (Arc::clone(hands), snapshot.clone());
    in_background(move || {
        let mut waited = Duration::ZERO;
        while !hands.door.is_closed() {
            std::thread::sleep(OVER);
            waited += OVER;
            if waited >= EVERY {
                waited = Duration::ZERO;
                let incident = Arc::clone(&snapshot.borrow());
                hands.look_at_survivors(&incident);
            }
        }
    });
}

impl Hands {
    /// Reports what of it has ended since it was last seen.
    pub(super) fn look_at_survivors(&self, incident: &Incident) {
        self.look_at_lost(incident);
        let watched = |a: &&Attempt| !a.living.is_empty() && !a.is_unknown();
        for attempt in incident.attempts.iter().filter(watched) {
            let alive: Vec<u32> = attempt
                .survivors()
                .filter(|survivor| self.world.lives(survivor))
                .map(|survivor| survivor.pid)
                .collect();
            if alive != attempt.living {
                self.observe(Observation::Survivors {
                    attempt: attempt.intent.attempt,
                    alive,
                    note: String::new(),
                });
            }
        }
    }

    /// Reports who is still at what nobody watches any more, and that nobody is.
    fn look_at_lost(&self, incident: &Incident) {
        for attempt in incident.attempts.iter().filter(|a| a.is_unknown()) {
            let id = attempt.intent.attempt;
            let alive = self.world.at_it(&self.evidence(id));
            if alive != attempt.living {
                self.observe(Observation::Survivors {
                    attempt: id,
                    alive,
                    note: String::new(),
                });
            }
        }
    }

    /// Stops what an attempt left running, one after the other, and reports what it came to.
    pub(super) fn stop_survivors(self: &Arc<Self>, incident: &Arc<Incident>, id: AttemptId) {
        let Some(attempt) = incident.attempt(id) else {
            return;
        };
        let all: Vec<Survivor> = attempt.survivors().cloned().collect();
        let hands = Arc::clone(self);
        in_background(move || {
            let notes: Vec<String> = all.iter().map(|one| hands.stop_one(one)).collect();
            let alive = all.iter().filter(|one| hands.world.lives(one));
            hands.observe(Observation::Survivors {
                attempt: id,
                alive: alive.map(|one| one.pid).collect(),
                note: notes.join("; "),
            });
        });
    }

    fn stop_one(&self, survivor: &Survivor) -> String {
        let who = format!("{} {}", survivor.pid, survivor.command);
        match self.world.stop_survivor(survivor) {
            Ok(StopStage::Interrupt) => format!("{who}: stopped (interrupt)"),
            Ok(StopStage::Terminate) => format!("{who}: stopped (terminate)"),
            Ok(StopStage::Kill) => format!("{who}: killed"),
            Err(why) => format!("{who}: not stopped, {why}"),
        }
    }
}
