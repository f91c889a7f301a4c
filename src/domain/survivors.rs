//! What attempts left running: what follows when it is looked at, and what still lives of it.

use super::event::{Event, Survivor};
use super::ids::AttemptId;
use super::incident::{Attempt, Incident};

/// What was seen of processes that were left running, where it is new.
pub(super) fn seen(incident: &Incident, id: AttemptId, alive: &[u32], note: &str) -> Vec<Event> {
    let Some(attempt) = incident.attempt(id) else {
        return Vec::new();
    };
    if attempt.living == alive && note.is_empty() {
        return Vec::new();
    }
    vec![Event::SurvivorsSeen {
        attempt: id,
        alive: alive.to_vec(),
        note: note.to_owned(),
    }]
}

impl Incident {
    /// What is still at work, by name: what runs in the foreground, and what nobody watches any
    /// more and lives. What runs beside the work is not of it.
    #[must_use]
    pub fn still_running(&self) -> Vec<String> {
        let work = self.attempts.iter().filter(|a| !a.intent.monitor);
        let named = |a: &Attempt| {
            let name = format!("“{}” (attempt {})", a.intent.title, a.intent.attempt);
            match a.still_runs() {
                Some(runs) => Some(format!("{name}, {runs}")),
                None if a.is_alive() => Some(name),
                None => None,
            }
        };
        work.filter_map(named).collect()
    }

    /// What attempts left running and what still lives of it, by name.
    #[must_use]
    pub fn left_running(&self) -> Vec<String> {
        let of = |attempt: &Attempt| -> Vec<String> {
            let title = &attempt.intent.title;
            let named = |s: &Survivor| {
                format!("still running: {} {} (left by “{title}”)", s.pid, s.command)
            };
            attempt.survivors().map(named).collect()
        };
        self.attempts.iter().flat_map(of).collect()
    }
}
