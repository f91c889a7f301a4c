//! The incident as it stands: the fold of its events.
//!
//! Built by `apply` only; everyone else reads. Cheap to clone enough for a snapshot after each
//! event: the plan is shared, the rest is small.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ahead::Ahead;
use super::elsewhere::{Sent, Whereabouts};
use super::event::{
    ActionMark, Answer, Decision, Ending, Event, Gate, Intent, ItemMark, Mode, ParameterValue,
    Person, Resolution, Survivor,
};
use super::ids::{
    ActionRef, AttemptId, ChecklistId, ChoiceId, FieldId, IncidentId, ItemId, ParameterName,
    ProcedureId, QuestionId, SeverityId, StepId, TriggerId,
};
use super::judge::Judgement;
use super::plan::Plan;
use super::probes::Sensed;
use super::time::Stamp;
use super::transaction::Wait;
use chrono::{DateTime, Utc};

/// One use of a plan, from open to closed.
#[derive(Clone, PartialEq, Debug)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The plan as it was when the incident opened.
    pub plan: Arc<Plan>,
    /// Path of the runbook as it was named.
    pub runbook: String,
    /// Kind of use.
    pub mode: Mode,
    /// Environment, where it is known.
    pub environment: Option<String>,
    /// Who opened it.
    pub opened_by: Person,
    /// Who drives now.
    pub driver: Person,
    /// Directory in which procedures start.
    pub start_dir: String,
    /// The commands of the runbook were accepted.
    pub trusted: bool,
    /// When it opened.
    pub opened_at: Stamp,
    /// When the problem was seen, and every earlier statement of it with its reason.
    pub detected: Vec<(DateTime<Utc>, String)>,
    /// When what is rolled back was deployed, likewise.
    pub deployed: Vec<(DateTime<Utc>, String)>,
    /// Ticked triggers, with when each was ticked.
    pub ticked: BTreeMap<TriggerId, DateTime<Utc>>,
    /// Answers to decision questions.
    pub answers: BTreeMap<QuestionId, Answer>,
    /// Severity set by hand, with the reason.
    pub severity_by_hand: Option<(SeverityId, String)>,
    /// The last decision.
    pub decision: Option<Decided>,
    /// Approvals, oldest first.
    pub approvals: Vec<Approval>,
    /// What persons said of items.
    pub items: BTreeMap<ItemId, Marked<ItemMark>>,
    /// Gates that were passed, with reason and time.
    pub waived: Vec<(Gate, String, DateTime<Utc>)>,
    /// Where the order of the plan was left, oldest first.
    pub ahead: Vec<Ahead>,
    /// Times in names that were fixed as their commands were shown or copied, oldest first.
    pub names: Vec<super::names::Fixed>,
    /// Places of checkpoints that were settled.
    pub places: BTreeMap<ChecklistId, Option<ActionRef>>,
    /// The chosen procedure.
    pub procedure: Option<ProcedureId>,
    /// When the present procedure was chosen.
    pub procedure_at: Option<DateTime<Utc>>,
    /// Procedures chosen before, oldest first.
    pub earlier_procedures: Vec<ProcedureId>,
    /// Chosen alternatives.
    pub chosen: BTreeMap<ChoiceId, String>,
    /// Where actions run that are meant for elsewhere: whose, the place's name, what was said.
    pub whereabouts: Vec<(String, String, Whereabouts)>,
    /// Where a person has sent a scope or an action that the plan means for here.
    pub sent: BTreeMap<String, Sent>,
    /// Filled parameters.
    pub parameters: BTreeMap<ParameterName, ParameterValue>,
    /// Every attempt, oldest first; the number is the position plus one.
    pub attempts: Vec<Attempt>,
    /// What persons said of actions.
    pub actions: BTreeMap<ActionRef, Marked<ActionMark>>,
    /// Points of no return that were passed, with when.
    pub no_return: BTreeMap<StepId, DateTime<Utc>>,
    /// Notes, oldest first.
    pub notes: Vec<(DateTime<Utc>, String)>,
    /// Pinned lines, oldest first.
    pub pins: Vec<(DateTime<Utc>, String, Option<AttemptId>)>,
    /// Attachments, oldest first: when, what, hash.
    pub attachments: Vec<(DateTime<Utc>, String, String)>,
    /// Fields of the log that the operator wrote.
    pub fields: BTreeMap<FieldId, String>,
    /// Messages that were used: when, template, how.
    pub messages: Vec<UsedMessage>,
    /// When the rollback was complete.
    pub completed_at: Option<DateTime<Utc>>,
    /// Why it ended there, where not everything was done; it is not complete then.
    pub ended_short: Option<String>,
    /// When it was closed and who signed.
    pub closed: Option<(DateTime<Utc>, String)>,
    /// What was left open at the close.
    pub left_open: Vec<String>,
    /// What an undo would restore, newest last: the events that bring back the earlier state.
    pub(super) undo: Vec<Event>,
    /// Number of events applied.
    pub events: u64,
    /// Rises with every event that bears on what may run and how; a confirmed box carries it.
    pub run_revision: u64,
}

/// A mark with when and why it was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marked<M> {
    /// The mark.
    pub mark: M,
    /// Why, or empty.
    pub reason: String,
    /// When the thing was done.
    pub at: DateTime<Utc>,
    /// Who said so.
    pub by: String,
    /// Output of what was run elsewhere, or empty.
    pub pasted: String,
}

/// A decision with when and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// What.
    pub decision: Decision,
    /// Why, or empty.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who recorded it.
    pub by: String,
}

/// An approval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approval {
    /// Who.
    pub name: String,
    /// As what.
    pub role: String,
    /// How it was given.
    pub how: String,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Who recorded it.
    pub by: String,
}

/// A message that was used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsedMessage {
    /// When.
    pub at: DateTime<Utc>,
    /// Which template.
    pub template: super::ids::TemplateId,
    /// `copied`, `saved`.
    pub how: String,
    /// As it was.
    pub text: String,
}

/// One attempt at an action.
#[derive(Clone, PartialEq, Debug)]
pub struct Attempt {
    /// What was confirmed.
    pub intent: Intent,
    /// Who started it.
    pub by: String,
    /// When the intent was recorded.
    pub intended_at: DateTime<Utc>,
    /// When it was claimed.
    pub started_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: AttemptState,
    /// What was made of its output.
    pub judgements: Vec<Judgement>,
    /// What a person made of it: met or not, why.
    pub judged: Option<(bool, String)>,
    /// The last attempt that there was when a person judged or settled this one; none if nobody did.
    pub told_after: Option<AttemptId>,
    /// The changes above it on the path that were begun after it, oldest first.
    pub overtaken: Vec<AttemptId>,
    /// What it came to since, where it is sensed again by itself: as last recorded.
    pub sensed: Option<Sensed>,
    /// Stops that were asked for.
    pub stops: u32,
    /// Which of the processes that it left running live, as last seen.
    pub living: Vec<u32>,
    /// Its wait for a decision before its COMMIT.
    pub wait: Option<Wait>,
}

/// Where an attempt stands.
#[derive(Clone, PartialEq, Debug)]
pub enum AttemptState {
    /// Recorded, not known to run yet.
    Intended,
    /// Running.
    Running,
    /// Ended.
    Ended(Ending),
    /// It certainly never ran.
    NeverRan(String),
    /// Its outcome cannot be known.
    Unknown(String),
    /// It could not be known and an operator settled it.
    Resolved(Resolution, String),
}

impl Attempt {
    /// Whether it may still be running.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        matches!(self.state, AttemptState::Intended | AttemptState::Running)
    }

    /// Whether it ran, or may have run.
    #[must_use]
    pub fn has_run(&self) -> bool {
        !matches!(
            self.state,
            AttemptState::NeverRan(_) | AttemptState::Resolved(Resolution::NeverRan, _)
        )
    }

    /// Whether nobody knows how it ended.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.state, AttemptState::Unknown(_))
    }

    /// Who is still at it although nobody watches it any more, as last seen: `pid 4711 of it still
    /// runs`.
    #[must_use]
    pub fn still_runs(&self) -> Option<String> {
        let living = self.living.iter().map(ToString::to_string);
        let living: Vec<String> = living.collect();
        let words = match living.as_slice() {
            _ if !self.is_unknown() => return None,
            [] => return None,
            [one] => format!("pid {one} of it still runs"),
            all => format!("pids {} of it still run", all.join(", ")),
        };
        Some(words)
    }

    /// The processes that it left running and that live, as last seen.
    pub fn survivors(&self) -> impl Iterator<Item = &Survivor> {
        let all = self.ending().map(|ending| ending.survivors.as_slice());
        let all = all.unwrap_or_default().iter();
        all.filter(|survivor| self.living.contains(&survivor.pid))
    }

    /// When it ended; where that is not known, when it began.
    #[must_use]
    pub fn ended_at(&self) -> DateTime<Utc> {
        let ending = self.ending().and_then(|e| e.at);
        ending.unwrap_or(self.started_at.unwrap_or(self.intended_at))
    }

    /// How it ended, where that is known.
    #[must_use]
    pub fn ending(&self) -> Option<&Ending> {
        match &self.state {
            AttemptState::Ended(ending) => Some(ending),
            AttemptState::Intended
            | AttemptState::Running
            | AttemptState::NeverRan(_)
            | AttemptState::Unknown(_)
            | AttemptState::Resolved(..) => None,
        }
    }
}

impl Incident {
    /// The attempt with that number.
    #[must_use]
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        let index = usize::try_from(id.0).ok()?.checked_sub(1)?;
        self.attempts.get(index)
    }

    /// The number that the next attempt gets.
    #[must_use]
    pub fn next_attempt(&self) -> AttemptId {
        AttemptId(u32::try_from(self.attempts.len()).unwrap_or(u32::MAX - 1) + 1)
    }

    /// Attempts at an action, oldest first.
    #[must_use]
    pub fn attempts_at<'a>(
        &'a self,
        action: &ActionRef,
    ) -> impl DoubleEndedIterator<Item = &'a Attempt> {
        self.attempts
            .iter()
            .filter(move |a| a.intent.action == *action)
    }

    /// What the operator made of an action's text, in the plan's words, where that is what ran
    /// last.
    #[must_use]
    pub fn changed_text(&self, action: &ActionRef) -> Option<&str> {
        let last = &self.attempts_at(action).next_back()?.intent;
        let own = last.wording.as_ref().unwrap_or(&last.code);
        last.edited.then_some(own)
    }

    /// The attempt in the foreground that is still alive, if any.
    #[must_use]
    pub fn foreground(&self) -> Option<&Attempt> {
        self.attempts
            .iter()
            .rev()
            .find(|a| a.is_alive() && !a.intent.monitor)
    }

    /// Whether an operator passed this gate with a reason.
    #[must_use]
    pub fn is_waived(&self, gate: &Gate) -> bool {
        let passed = self.passed_at(gate);
        passed.is_some_and(|at| !self.has_gone_since(gate, at))
    }

    /// Whether there is a tick or a text that can be taken back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }
}
