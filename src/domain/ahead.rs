//! Leaving the order of the plan: going on to an action although earlier ones are not done.
//!
//! What is passed by stays as it is, open or failed, and nobody claims that it is done. Only the
//! order yields; checkpoints, approvals and what is not known are in the way as before.

use chrono::{DateTime, Utc};

use super::decide::{known, reasoned};
use super::event::Event;
use super::flight::{self, Place};
use super::ids::ActionRef;
use super::incident::Incident;
use super::refusal::Refusal;
use super::status::ActionStatus;

/// Once that the order was left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ahead {
    /// Where the way went on.
    pub to: ActionRef,
    /// What was not done before it.
    pub over: Vec<ActionRef>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who said so.
    pub by: String,
}

/// Decides on going on to an action. Nothing is recorded where it is its turn.
///
/// # Errors
/// A [`Refusal`] where the action is not known, something before it is running, or a reason is due.
pub(super) fn go(incident: &Incident, to: &ActionRef, reason: &str) -> Result<Vec<Event>, Refusal> {
    known(flight::find_action(&incident.plan, to).is_some(), "action")?;
    let over = incident.passed_by(to);
    if over.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(running) = incident.foreground()
        && over.contains(&running.intent.action)
    {
        return Err(Refusal::Busy(running.intent.title.clone()));
    }
    reasoned(reason)?;
    Ok(vec![Event::WentAhead {
        to: to.clone(),
        over,
        reason: reason.trim().to_owned(),
    }])
}

impl Incident {
    /// What would be passed by, not done, on the way to an action of the path: what the order of
    /// the plan puts before it, without what was passed by with a reason already.
    #[must_use]
    pub fn passed_by(&self, to: &ActionRef) -> Vec<ActionRef> {
        let path = self.path();
        let steps = flight::steps(&path);
        let places: Vec<&Place<'_>> = steps.iter().flat_map(|s| &s.places).collect();
        let Some(index) = places.iter().position(|p| p.at == *to) else {
            return Vec::new();
        };
        let earlier = places.iter().take(index).filter(|p| self.holds_up(p));
        earlier.map(|p| p.at.clone()).collect()
    }

    /// The last time that an action was passed by, while it is still to be done.
    #[must_use]
    pub fn was_passed_by(&self, at: &ActionRef, status: ActionStatus) -> Option<&Ahead> {
        let open = !status.is_settled() && !matches!(status, ActionStatus::Running(_));
        let mut all = self.ahead.iter().rev();
        all.find(|a| open && a.over.contains(at))
    }
}
