//! What was flown: when the rollback began, and how each kind of work on its path stands.

use chrono::{DateTime, TimeDelta, Utc};

use super::kind::{Work, work};
use crate::domain::event::ActionMark;
use crate::domain::flight::{self, Home};
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::{Attempt, Incident};
use crate::domain::plan::{Danger, Phase};
use crate::domain::status::ActionStatus;

/// How one kind of work stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Stretch {
    /// Actions of this kind on the path.
    pub planned: usize,
    /// Of them, carried out and not found wrong.
    pub done: usize,
    /// Of them, passed over with a reason.
    pub passed_over: usize,
    /// Of those done, by the exit status alone.
    pub unjudged: usize,
    /// Of those done, by hand.
    pub by_hand: usize,
    /// One is running since then.
    pub running: Option<DateTime<Utc>>,
    /// One failed.
    pub failed: bool,
    /// The outcome of one is not known.
    pub unknown: bool,
    /// When the first began.
    pub first: Option<DateTime<Utc>>,
    /// When the last ended.
    pub last: Option<DateTime<Utc>>,
    /// The attempts.
    pub attempts: Vec<AttemptId>,
}

impl Stretch {
    /// Whether all of it was carried out.
    pub(crate) fn is_complete(&self) -> bool {
        self.planned > 0
            && self.done + self.passed_over == self.planned
            && self.done > 0
            && self.running.is_none()
            && !self.failed
            && !self.unknown
    }

    /// Whether nothing of it was begun.
    pub(crate) fn is_untouched(&self) -> bool {
        self.first.is_none()
    }
}

/// How one kind of work stands.
pub(crate) fn stretch(incident: &Incident, kind: Work) -> Stretch {
    let mut found = Stretch::default();
    for attempt in incident.attempts.iter().filter(|a| a.has_run()) {
        let intent = &attempt.intent;
        let ours = work(intent.kind, intent.danger, &intent.code).contains(&kind);
        if ours && is_rollback(incident, &intent.action) {
            found.note(begun_at(attempt), ended_at(attempt));
            found.attempts.push(intent.attempt);
        }
    }
    let path = incident.path();
    for place in flight::steps(&path).iter().flat_map(|s| &s.places) {
        let action = place.action;
        if work(action.kind, action.danger, &action.code).contains(&kind) {
            found.count(incident, &place.at, incident.place_status(place));
        }
    }
    found
}

impl Stretch {
    fn note(&mut self, begun: DateTime<Utc>, ended: Option<DateTime<Utc>>) {
        self.first = Some(self.first.map_or(begun, |t| t.min(begun)));
        if let Some(ended) = ended {
            self.last = Some(self.last.map_or(ended, |t| t.max(ended)));
        }
    }

    fn count(&mut self, incident: &Incident, at: &ActionRef, status: ActionStatus) {
        if status == ActionStatus::OffPath {
            return;
        }
        self.planned += 1;
        match status {
            ActionStatus::Passed(_) | ActionStatus::Stale(_) => self.done += 1,
            ActionStatus::Ran(_) => {
                self.done += 1;
                self.unjudged += 1;
            }
            ActionStatus::Running(id) => {
                self.running = incident.attempt(id).map(begun_at);
            }
            ActionStatus::Failed(_) | ActionStatus::Marked(ActionMark::Failed) => {
                self.failed = true;
            }
            ActionStatus::Unknown(_) => self.unknown = true,
            ActionStatus::Marked(ActionMark::DoneByHand) => {
                self.done += 1;
                self.by_hand += 1;
                if let Some(marked) = incident.actions.get(at) {
                    self.note(marked.at, Some(marked.at));
                }
            }
            ActionStatus::Marked(
                ActionMark::Skipped | ActionMark::NotApplicable | ActionMark::Deferred,
            ) => self.passed_over += 1,
            ActionStatus::Marked(ActionMark::Open)
            | ActionStatus::Open
            | ActionStatus::OffPath
            | ActionStatus::Judge(_) => {}
        }
    }
}

/// When the rollback began: the first thing that changed something, or that was done by hand.
pub fn started_at(incident: &Incident) -> Option<DateTime<Utc>> {
    let ran = incident
        .attempts
        .iter()
        .filter(|a| a.has_run() && a.intent.danger != Danger::None)
        .filter(|a| is_rollback(incident, &a.intent.action))
        .map(begun_at);
    let by_hand = incident
        .actions
        .iter()
        .filter(|(at, m)| m.mark == ActionMark::DoneByHand && is_rollback(incident, at))
        .map(|(_, m)| m.at);
    ran.chain(by_hand).min()
}

/// Whether an action belongs to a procedure that is part of a rollback.
pub(crate) fn is_rollback(incident: &Incident, at: &ActionRef) -> bool {
    match flight::find_action(&incident.plan, at) {
        Some((Home::Step(procedure, _), _)) => procedure.phase == Phase::Execute,
        Some((Home::Item(..), _)) | None => false,
    }
}

/// When an attempt began, as well as it is known.
pub(crate) fn begun_at(attempt: &Attempt) -> DateTime<Utc> {
    attempt.started_at.unwrap_or(attempt.intended_at)
}

/// When an attempt ended, where that is known.
pub(crate) fn ended_at(attempt: &Attempt) -> Option<DateTime<Utc>> {
    let ending = attempt.ending()?;
    let took = i64::try_from(ending.duration_ms).ok()?;
    ending
        .at
        .or_else(|| begun_at(attempt).checked_add_signed(TimeDelta::try_milliseconds(took)?))
}
