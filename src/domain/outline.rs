//! The flight plan: everything that is to be done, in order, with its state, by stage.
//!
//! One pure function of the incident and the time. The cockpit's left pane, the drill's table
//! and the resume card are drawn from it.

use chrono::{DateTime, TimeDelta, Utc};

use super::event::{Decision, Gate};
use super::flight::{self, Leg};
use super::gates::gates_execute;
use super::ids::{AttemptId, ChecklistId, ChoiceId, ProcedureId, StepId};
use super::incident::{Attempt, Incident};
use super::plan::{Checklist, ChecklistRole, Estimate, Phase, Procedure};
use super::status::ActionStatus;

/// A stage of the flight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// What is wrong, how bad, what to do.
    Triage,
    /// Before the rollback.
    Prepare,
    /// The rollback.
    Execute,
    /// Whether it helped.
    Verify,
    /// The log, the sign-off.
    Close,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Stage; 5] = [
        Stage::Triage,
        Stage::Prepare,
        Stage::Execute,
        Stage::Verify,
        Stage::Close,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stage::Triage => "Triage",
            Stage::Prepare => "Prepare",
            Stage::Execute => "Execute",
            Stage::Verify => "Verify",
            Stage::Close => "Close",
        }
    }
}

/// What an entry of the flight plan is about.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Subject {
    /// Severity and decision.
    Triage,
    /// A checklist or checkpoint.
    Checklist(ChecklistId),
    /// A procedure's heading; its steps follow.
    Procedure(ProcedureId),
    /// A step of a path: the root procedure of the path and the step.
    Step(ProcedureId, StepId),
    /// Alternatives of which one is still to be chosen.
    Choose(ChoiceId),
    /// What runs beside the work.
    Monitor(AttemptId),
    /// What is sensed again by itself.
    Probe(AttemptId),
    /// No procedure is chosen yet.
    ChooseProcedure,
    /// The mark that the rollback is complete.
    CompleteMark,
    /// Messages.
    Messages,
    /// The incident log.
    Log,
    /// The sign-off.
    SignOff,
    /// What the plan holds besides the flight; its lists and procedures follow.
    Beside,
}

impl Subject {
    /// The attempt that it is, where it is one.
    #[must_use]
    pub const fn attempt(&self) -> Option<AttemptId> {
        match self {
            Self::Monitor(id) | Self::Probe(id) => Some(*id),
            _ => None,
        }
    }
}

/// How an entry stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EntryState {
    /// Nothing done.
    Open,
    /// Begun.
    Part,
    /// Running now.
    Running,
    /// Done; every part of it passed or was confirmed.
    Done,
    /// Done, but some of it ran with nothing to judge it by, or was passed over.
    DoneUnjudged,
    /// A person is to judge.
    Judge,
    /// Something failed.
    Failed,
    /// Something is not known.
    Unknown,
    /// Passed with a reason.
    Waived,
    /// Not due yet.
    Later,
    /// Due, and not done.
    Due,
    /// Does not apply.
    NotApplicable,
}

/// One line of the flight plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The stage under which it stands.
    pub stage: Stage,
    /// What it is about.
    pub subject: Subject,
    /// Its title.
    pub title: String,
    /// How deep it is indented.
    pub depth: u8,
    /// How it stands.
    pub state: EntryState,
    /// Parts done, and parts.
    pub progress: (usize, usize),
    /// What it is estimated to take.
    pub estimate: Option<Estimate>,
    /// Milliseconds its attempts have taken.
    pub took_ms: Option<u64>,
    /// When it is due.
    pub due: Option<DateTime<Utc>>,
}

impl Incident {
    /// The flight plan as it stands at a time.
    #[must_use]
    pub fn outline(&self, now: DateTime<Utc>) -> Vec<Entry> {
        let mut entries = vec![self.triage_entry()];
        self.prepare(&mut entries, now);
        self.execute(&mut entries, now);
        self.verify(&mut entries, now);
        self.close_entries(&mut entries, now);
        self.beside(&mut entries, now);
        self.probe_entries(&mut entries);
        self.monitor_entries(&mut entries, now);
        entries
    }

    /// The stage in which the incident is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self.decision.as_ref().map(|d| d.decision) {
            None => return Stage::Triage,
            Some(Decision::FixForward | Decision::Monitor) => return Stage::Close,
            Some(Decision::RollBack) => {}
        }
        let first = self.plan.checklists.iter().filter(|c| gates_execute(c));
        let ready = first.into_iter().all(|c| self.is_complete(c));
        let begun = self
            .attempts
            .iter()
            .any(|a| a.intent.scope.starts_with("procedure:"))
            && self.procedure.is_some();
        if !ready && !begun {
            return Stage::Prepare;
        }
        if self.completed_at.is_none() {
            return Stage::Execute;
        }
        let verifying = self
            .plan
            .checklists
            .iter()
            .filter(|c| self.stage_of(c) == Stage::Verify);
        if verifying.into_iter().all(|c| self.is_complete(c)) {
            Stage::Close
        } else {
            Stage::Verify
        }
    }

    /// The deadline of the severity, counted from detection.
    #[must_use]
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        let within = i64::try_from(self.severity()?.within_s?).ok()?;
        self.detected_at()
            .checked_add_signed(TimeDelta::try_seconds(within)?)
    }

    /// The stage under which a checklist stands.
    #[must_use]
    pub fn stage_of(&self, list: &Checklist) -> Stage {
        match list.role {
            ChecklistRole::PreRollback => Stage::Prepare,
            ChecklistRole::Checkpoint if gates_execute(list) => Stage::Prepare,
            ChecklistRole::Checkpoint if list.due_after_s.is_some() => Stage::Verify,
            ChecklistRole::Checkpoint if self.places.contains_key(&list.id) => Stage::Execute,
            ChecklistRole::Checkpoint | ChecklistRole::Verification | ChecklistRole::Success => {
                Stage::Verify
            }
            // No stage waits for a list that says of itself nothing about the rollback.
            ChecklistRole::FollowUp | ChecklistRole::Other => Stage::Close,
        }
    }

    fn triage_entry(&self) -> Entry {
        let title = match self.severity() {
            Some(severity) => format!("Severity {}", severity.name),
            None => "Severity and decision".to_owned(),
        };
        let state = match (&self.decision, self.severity()) {
            (Some(decided), _)
                if decided.decision == Decision::RollBack
                    && !self.plan.approvals.is_empty()
                    && self.approvals.is_empty()
                    && !self.is_waived(&Gate::Approval) =>
            {
                EntryState::Part
            }
            (Some(_), _) => EntryState::Done,
            (None, Some(_)) => EntryState::Part,
            (None, None) => EntryState::Open,
        };
        entry(Stage::Triage, Subject::Triage, title, state)
    }

    fn prepare(&self, entries: &mut Vec<Entry>, now: DateTime<Utc>) {
        let mut lists = Vec::new();
        self.checklists_of(Stage::Prepare, &mut lists, now);
        // A checkpoint is the gate at the end of the stage: what is gathered comes before it.
        let (gates, before): (Vec<Entry>, Vec<Entry>) =
            lists.into_iter().partition(|e| self.is_checkpoint(e));
        entries.extend(before);
        self.side_procedures(Phase::Prepare, Stage::Prepare, entries);
        entries.extend(gates);
    }

    fn is_checkpoint(&self, entry: &Entry) -> bool {
        let Subject::Checklist(id) = &entry.subject else {
            return false;
        };
        let list = self.plan.checklists.iter().find(|c| c.id == *id);
        list.is_some_and(|c| c.role == ChecklistRole::Checkpoint)
    }

    fn execute(&self, entries: &mut Vec<Entry>, now: DateTime<Utc>) {
        let Some(id) = &self.procedure else {
            let title = "Choose a procedure".to_owned();
            entries.push(entry(
                Stage::Execute,
                Subject::ChooseProcedure,
                title,
                EntryState::Open,
            ));
            return;
        };
        let Some(procedure) = flight::find_procedure(&self.plan, id) else {
            return;
        };
        let mut own = Vec::new();
        self.path_entries(procedure, Stage::Execute, &mut own, Some(now));
        heading(procedure, Stage::Execute, &own, entries);
        entries.append(&mut own);
        let (state, title) = match (self.completed_at, &self.ended_short) {
            (Some(_), None) => (EntryState::Done, "Rollback complete"),
            (Some(_), Some(_)) => (EntryState::Part, "Rollback ended as it is"),
            (None, _) => (EntryState::Open, "Rollback complete"),
        };
        let title = title.to_owned();
        entries.push(entry(Stage::Execute, Subject::CompleteMark, title, state));
    }

    fn verify(&self, entries: &mut Vec<Entry>, now: DateTime<Utc>) {
        self.side_procedures(Phase::Verify, Stage::Verify, entries);
        self.checklists_of(Stage::Verify, entries, now);
    }

    fn close_entries(&self, entries: &mut Vec<Entry>, now: DateTime<Utc>) {
        self.side_procedures(Phase::Close, Stage::Close, entries);
        self.checklists_of(Stage::Close, entries, now);
        if !self.plan.templates.is_empty() {
            let state = if self.messages.is_empty() {
                EntryState::Open
            } else {
                EntryState::Part
            };
            entries.push(entry(
                Stage::Close,
                Subject::Messages,
                "Messages".to_owned(),
                state,
            ));
        }
        let signed = if self.closed.is_some() {
            EntryState::Done
        } else {
            EntryState::Open
        };
        entries.push(entry(
            Stage::Close,
            Subject::Log,
            "Incident log".to_owned(),
            EntryState::Part,
        ));
        entries.push(entry(
            Stage::Close,
            Subject::SignOff,
            "Sign off and close".to_owned(),
            signed,
        ));
    }

    fn checklists_of(&self, stage: Stage, entries: &mut Vec<Entry>, now: DateTime<Utc>) {
        for list in self
            .plan
            .checklists
            .iter()
            .filter(|c| self.stage_of(c) == stage && c.role != ChecklistRole::Other)
        {
            if stage == Stage::Execute {
                continue;
            }
            entries.push(self.checklist_entry(list, stage, 0, now));
        }
    }

    pub(super) fn checklist_entry(
        &self,
        list: &Checklist,
        stage: Stage,
        depth: u8,
        now: DateTime<Utc>,
    ) -> Entry {
        let progress = self.checklist_progress(list);
        let due = self.due_at(list);
        let disagrees = list
            .items
            .iter()
            .any(|i| self.item_status(i) == super::status::ItemStatus::Disagrees);
        let state = if self.is_waived(&Gate::Checklist(list.id.clone())) && progress.0 < progress.1
        {
            EntryState::Waived
        } else if disagrees {
            EntryState::Failed
        } else if progress.0 == progress.1 {
            EntryState::Done
        } else if list.counted_s().is_some() {
            match due {
                Some(due) if due <= now => EntryState::Due,
                Some(_) | None => EntryState::Later,
            }
        } else if progress.0 > 0 {
            EntryState::Part
        } else {
            EntryState::Open
        };
        Entry {
            depth,
            progress,
            due,
            ..entry(
                stage,
                Subject::Checklist(list.id.clone()),
                list.title.clone(),
                state,
            )
        }
    }

    /// Procedures that are not the rollback itself: shown whole, in their stage.
    fn side_procedures(&self, phase: Phase, stage: Stage, entries: &mut Vec<Entry>) {
        let side = self.plan.procedures.iter().filter(|p| {
            p.phase == phase
                && !p.off_path
                && p.parent.is_none()
                && self.procedure.as_ref() != Some(&p.id)
        });
        for procedure in side {
            let mut own = Vec::new();
            self.path_entries(procedure, stage, &mut own, None);
            if own.is_empty() {
                continue;
            }
            heading(procedure, stage, &own, entries);
            entries.append(&mut own);
        }
    }

    /// The steps of a path, with the checkpoints that were placed among them when `now` is given.
    pub(super) fn path_entries(
        &self,
        procedure: &Procedure,
        stage: Stage,
        entries: &mut Vec<Entry>,
        now: Option<DateTime<Utc>>,
    ) {
        let path = flight::path(&self.plan, &procedure.id, &self.chosen);
        for leg in &path {
            match leg {
                Leg::Choose { choice, options } => {
                    let title = format!("Choose one of {}", options.len());
                    let subject = Subject::Choose((*choice).clone());
                    entries.push(Entry {
                        depth: 1,
                        ..entry(stage, subject, title, EntryState::Open)
                    });
                }
                Leg::Step(step) => {
                    if let Some(now) = now {
                        self.checkpoints_at(step, true, entries, now);
                    }
                    entries.push(self.step_entry(procedure, step, stage));
                    if let Some(now) = now {
                        self.checkpoints_at(step, false, entries, now);
                    }
                }
            }
        }
        if let Some(now) = now {
            let at_end = |list: &&Checklist| self.places.get(&list.id) == Some(&None);
            for list in self.plan.checklists.iter().filter(at_end) {
                if self.stage_of(list) == Stage::Execute {
                    entries.push(self.checklist_entry(list, stage, 1, now));
                }
            }
        }
    }

    /// The checkpoints that stand at a step: before its first action, or (they are listed behind
    /// it) within it.
    fn checkpoints_at(
        &self,
        step: &flight::FlightStep<'_>,
        first: bool,
        entries: &mut Vec<Entry>,
        now: DateTime<Utc>,
    ) {
        for list in &self.plan.checklists {
            let Some(Some(before)) = self.places.get(&list.id) else {
                continue;
            };
            let at = step.places.iter().position(|p| p.at == *before);
            let here = at.is_some_and(|at| (at == 0) == first);
            if here && self.stage_of(list) == Stage::Execute {
                entries.push(self.checklist_entry(list, Stage::Execute, 1, now));
            }
        }
    }

    fn step_entry(&self, root: &Procedure, step: &flight::FlightStep<'_>, stage: Stage) -> Entry {
        let states: Vec<ActionStatus> = step
            .places
            .iter()
            .filter(|p| {
                p.action.kind != super::plan::ActionKind::Include || p.action.target.is_none()
            })
            .map(|p| self.place_status(p))
            .filter(|s| *s != ActionStatus::OffPath)
            .collect();
        let done = states.iter().filter(|s| s.is_settled()).count();
        let own = |a: &&Attempt| step.places.iter().any(|p| p.at == a.intent.action);
        let took = super::took::together_ms(self.attempts.iter().filter(own));
        let state = |s: &ActionStatus| match *s {
            // Not as good as done.
            older if self.is_older(older) => EntryState::DoneUnjudged,
            status => entry_state(status),
        };
        let each: Vec<EntryState> = states.iter().map(state).collect();
        Entry {
            depth: 1,
            progress: (done, states.len()),
            estimate: step.step.estimate,
            took_ms: (took > 0).then_some(took),
            ..entry(
                stage,
                Subject::Step(root.id.clone(), step.step.id.clone()),
                step.step.title.clone(),
                together(&each),
            )
        }
    }
}

pub(super) fn entry(stage: Stage, subject: Subject, title: String, state: EntryState) -> Entry {
    Entry {
        stage,
        subject,
        title,
        depth: 0,
        state,
        progress: (0, 0),
        estimate: None,
        took_ms: None,
        due: None,
    }
}

fn entry_state(status: ActionStatus) -> EntryState {
    use super::event::ActionMark;
    match status {
        ActionStatus::Open | ActionStatus::Marked(ActionMark::Open) => EntryState::Open,
        ActionStatus::OffPath | ActionStatus::Marked(ActionMark::NotApplicable) => {
            EntryState::NotApplicable
        }
        ActionStatus::Running(_) => EntryState::Running,
        ActionStatus::Passed(_) | ActionStatus::Marked(ActionMark::DoneByHand) => EntryState::Done,
        ActionStatus::Ran(_) => EntryState::DoneUnjudged,
        ActionStatus::Judge(_) | ActionStatus::Stale(_) => EntryState::Judge,
        ActionStatus::Failed(_) | ActionStatus::Marked(ActionMark::Failed) => EntryState::Failed,
        ActionStatus::Unknown(_) => EntryState::Unknown,
        ActionStatus::Marked(ActionMark::Skipped | ActionMark::Deferred) => EntryState::Waived,
    }
}

fn is_done(state: EntryState) -> bool {
    matches!(
        state,
        EntryState::Done
            | EntryState::DoneUnjudged
            | EntryState::Waived
            | EntryState::NotApplicable
    )
}

/// The state of a whole from the states of its parts: the most urgent one speaks.
fn together(states: &[EntryState]) -> EntryState {
    let has = |wanted: EntryState| states.contains(&wanted);
    for urgent in [
        EntryState::Unknown,
        EntryState::Failed,
        EntryState::Running,
        EntryState::Judge,
    ] {
        if has(urgent) {
            return urgent;
        }
    }
    if states.is_empty() || states.iter().all(|s| *s == EntryState::Open) {
        return EntryState::Open;
    }
    if !states.iter().all(|s| is_done(*s)) {
        return EntryState::Part;
    }
    for weaker in [
        EntryState::DoneUnjudged,
        EntryState::Waived,
        EntryState::Done,
    ] {
        if has(weaker) {
            return weaker;
        }
    }
    EntryState::NotApplicable
}

pub(super) fn heading(
    procedure: &Procedure,
    stage: Stage,
    own: &[Entry],
    entries: &mut Vec<Entry>,
) {
    // A step in which everything is held back or only read waits for nobody.
    let steps = own
        .iter()
        .filter(|e| matches!(e.subject, Subject::Step(..)) && e.progress.1 > 0);
    let states: Vec<EntryState> = steps.clone().map(|e| e.state).collect();
    let done = states.iter().filter(|s| is_done(**s)).count();
    let took: u64 = steps.filter_map(|e| e.took_ms).sum();
    entries.push(Entry {
        progress: (done, states.len()),
        estimate: procedure.estimate,
        took_ms: (took > 0).then_some(took),
        ..entry(
            stage,
            Subject::Procedure(procedure.id.clone()),
            procedure.title.clone(),
            together(&states),
        )
    });
}
