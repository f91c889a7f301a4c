//! What happened: the facts of an incident, in the past tense, never renamed.
//!
//! Only vocabulary. Each variant is what one line of the journal says; everything that is shown
//! or exported is a fold over these.

use super::bearing::Bearing;
use super::elsewhere::{Goes, Whereabouts};
pub use super::ending::{Ending, LostOutput, Survivor};
pub use super::gates::Gate;
use super::ids::{
    ActionRef, AttemptId, ChecklistId, ChoiceId, FieldId, IncidentId, ItemId, ParameterName,
    ProcedureId, QuestionId, SeverityId, StepId, TemplateId, TriggerId,
};
use super::judge::Judgement;
use super::moment::Moment;
use super::names::MadeName;
use super::plan::{ActionKind, Danger};
use super::probes::Sensing;
use super::source::Source;
use super::time::Stamp;
use super::transaction::{Tally, Terms};
use chrono::{DateTime, Utc};

/// An event with when and by whom it was recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// Position in the journal, from 1.
    pub seq: u64,
    /// When it was recorded.
    pub at: Stamp,
    /// The driver's name.
    pub by: String,
    /// What happened.
    pub event: Event,
}

/// What kind of use an incident is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Mode {
    /// For real.
    #[default]
    Real,
    /// On purpose, to time the plan.
    Drill,
    /// Nothing runs at all.
    DryRun,
    /// In the built-in world.
    Practice,
}

/// Who drives, where.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Person {
    /// Login name.
    pub name: String,
    /// Numeric user id.
    pub uid: u32,
    /// The machine's name.
    pub host: String,
    /// The terminal, or empty.
    pub terminal: String,
}

/// What was decided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Decision {
    /// Go back.
    RollBack,
    /// Mend the new version instead.
    FixForward,
    /// Watch.
    Monitor,
}

/// An answer to a decision question.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// The operator does not know.
    Unsure,
}

/// What a person said of an item.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ItemMark {
    /// Not done (also: unticked).
    Open,
    /// Done, a person says so.
    Done,
    /// Passed although the sensor disagrees.
    Overridden,
    /// To be done later, and before the end.
    Deferred,
    /// Does not apply here.
    NotApplicable,
}

/// What a person said of an action that backout did not run, or ran otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ActionMark {
    /// Back to open.
    Open,
    /// Done by hand, elsewhere.
    DoneByHand,
    /// Passed over.
    Skipped,
    /// It did not work, whatever the exit status says.
    Failed,
    /// Does not apply here.
    NotApplicable,
    /// To be done later, and before the end.
    Deferred,
}

/// How the operator confirmed a start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Confirmation {
    /// Enter on something that only reads.
    ReadOnly,
    /// The run key in an open run box.
    Pressed,
    /// A word typed in an open run box.
    Typed(String),
    /// Part of a run-on that was confirmed as a whole.
    RunOn,
    /// An unattended drill that was started for it.
    Drill,
}

/// What was about to run when it was confirmed: the intent of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Intent {
    /// The number of the attempt.
    pub attempt: AttemptId,
    /// The place on the path.
    pub action: ActionRef,
    /// Title for people.
    pub title: String,
    /// How it runs.
    pub kind: ActionKind,
    /// The exact text that runs, blanks filled; secrets stay references.
    pub code: String,
    /// Hex SHA-256 of that text.
    pub sha256: String,
    /// The directory it starts in.
    pub cwd: String,
    /// user@host where it runs.
    pub host: String,
    /// The environment, or empty.
    pub environment: String,
    /// How much harm it can do.
    pub danger: Danger,
    /// How it was confirmed.
    pub confirmation: Confirmation,
    /// Runs beside the work.
    pub monitor: bool,
    /// The operator changed the plan's text.
    pub edited: bool,
    /// What the operator made of the plan's text, in the plan's words: blanks are not filled.
    pub wording: Option<String>,
    /// Whose shell state it shares: a procedure or a checklist.
    pub scope: String,
    /// The attempt whose shell state it starts from.
    pub state_from: Option<AttemptId>,
    /// The command line that takes it elsewhere, where it does not run here.
    pub there: Option<String>,
    /// What the plan says it is for, as it was measured for the box.
    pub bearings: Vec<Bearing>,
    /// What it restores from, as it was looked at for the box.
    pub sources: Vec<Source>,
    /// The terms on which a block of SQL runs.
    pub terms: Option<Terms>,
    /// It was accepted as a probe: sensed again by itself after so many seconds.
    pub again_s: Option<u32>,
}

/// How an operator settled an attempt whose outcome is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Resolution {
    /// It did its work.
    Succeeded,
    /// It did not.
    Failed,
    /// It never ran.
    NeverRan,
}

/// How hard a stop is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StopStage {
    /// Interrupt, as ctrl-c.
    Interrupt,
    /// Terminate.
    Terminate,
    /// Kill.
    Kill,
}

/// A parameter's value as it may be recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ParameterValue {
    /// The text itself.
    Text(String),
    /// A secret was given; its value is in memory only.
    Secret,
}

/// What happened.
#[expect(
    clippy::large_enum_variant,
    reason = "an intent is as long as what was confirmed, and there is one for each attempt"
)]
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    // --- the incident and its driver
    /// The incident began.
    Opened {
        /// Its id.
        incident: IncidentId,
        /// The plan's hash.
        plan_sha256: String,
        /// Path of the runbook as it was named.
        runbook: String,
        /// Kind of use.
        mode: Mode,
        /// Environment, if named.
        environment: Option<String>,
        /// Who opened it.
        driver: Person,
        /// Directory in which procedures start.
        start_dir: String,
        /// The runbook had been accepted before, with exactly this content.
        trusted: bool,
    },
    /// Somebody took up the incident again.
    Resumed {
        /// Who.
        driver: Person,
        /// From whom it was taken over, and how they parted, if somebody drove it.
        over: Option<String>,
    },
    /// The driver left; the incident stays open.
    Left,
    /// The runbook's commands were looked at and accepted.
    RunbookAccepted,
    /// The end of the journal was torn and was cut.
    JournalRepaired {
        /// Bytes that were cut and kept beside.
        cut: u64,
    },
    /// The journal could not be written for a while, and can be again.
    JournalStalled {
        /// Since when.
        since: DateTime<Utc>,
        /// Why.
        why: String,
    },
    /// The environment was named.
    EnvironmentSet {
        /// Its name.
        name: String,
    },

    // --- triage
    /// A trigger was ticked or unticked.
    TriggerTicked {
        /// Which.
        trigger: TriggerId,
        /// Ticked.
        on: bool,
    },
    /// A decision question was answered.
    QuestionAnswered {
        /// Which.
        question: QuestionId,
        /// How.
        answer: Answer,
    },
    /// The time of a moment was said or corrected.
    Timed {
        /// Of which.
        moment: Moment,
        /// When it was.
        at: DateTime<Utc>,
        /// Why it was corrected, or empty.
        reason: String,
    },
    /// The severity was set by hand, or given back to the triggers.
    SeveritySet {
        /// Which, or none for the triggers' own.
        severity: Option<SeverityId>,
        /// Why.
        reason: String,
    },
    /// It was decided what to do.
    Decided {
        /// What.
        decision: Decision,
        /// Why.
        reason: String,
    },
    /// Somebody approved.
    Approved {
        /// Who.
        name: String,
        /// As what.
        role: String,
        /// How it was given (by phone, here, in chat).
        how: String,
    },

    // --- checklists and gates
    /// A person said something of an item.
    ItemMarked {
        /// Which.
        item: ItemId,
        /// What.
        mark: ItemMark,
        /// Why, where a reason is due.
        reason: String,
    },
    /// A gate was passed with a reason.
    GateWaived {
        /// Which.
        gate: Gate,
        /// Why.
        reason: String,
    },
    /// Somebody went on to an action although earlier ones are not done.
    WentAhead {
        /// To which.
        to: ActionRef,
        /// What stays open behind.
        over: Vec<ActionRef>,
        /// Why.
        reason: String,
    },
    /// A checkpoint's place among the actions was settled.
    CheckpointPlaced {
        /// Which.
        checklist: ChecklistId,
        /// The action before which it gates, or none for the end of the procedure.
        before: Option<ActionRef>,
    },

    // --- procedures, parameters
    /// A procedure was chosen.
    ProcedureChosen {
        /// Which.
        procedure: ProcedureId,
        /// Why, on a change.
        reason: String,
    },
    /// One of several alternatives was chosen.
    AlternativeChosen {
        /// Which set.
        choice: ChoiceId,
        /// The id of the chosen procedure, step or action.
        option: String,
    },
    /// A parameter was filled.
    ParameterFilled {
        /// Which.
        name: ParameterName,
        /// With what.
        value: ParameterValue,
    },

    /// Somebody said where the actions of a scope that are meant for elsewhere run.
    PlaceChosen {
        /// Whose: a procedure or a checklist.
        scope: String,
        /// What the plan calls the place.
        place: String,
        /// Where they run.
        on: Whereabouts,
    },

    /// Somebody said that a procedure, a checklist or an action runs elsewhere, though the plan means
    /// it for here.
    SentElsewhere {
        /// Whose: a scope, or an action of its own.
        whose: String,
        /// Where it goes.
        goes: Goes,
    },

    // --- attempts
    /// A start was confirmed; on disk before anything starts.
    AttemptIntended(Intent),
    /// It is running.
    AttemptStarted {
        /// Which.
        attempt: AttemptId,
        /// When the supervisor claimed it.
        at: DateTime<Utc>,
    },
    /// It has done its statements and waits for a decision before its COMMIT.
    CommitAwaited {
        /// Which.
        attempt: AttemptId,
        /// What would become final.
        tally: Tally,
    },
    /// It was decided whether to commit.
    CommitDecided {
        /// Which.
        attempt: AttemptId,
        /// Commit; else roll back.
        commit: bool,
        /// How it was confirmed.
        confirmation: Confirmation,
    },
    /// The box of an action showed another target than the plan is for; nothing was started.
    OtherTargetSeen {
        /// Of which action.
        action: ActionRef,
        /// What is another one.
        bearings: Vec<Bearing>,
    },
    /// The time in a name was fixed, as the command was shown or copied.
    NameMade(MadeName),
    /// It ended.
    AttemptEnded {
        /// Which.
        attempt: AttemptId,
        /// How.
        ending: Ending,
        /// What was made of its output, one for each expectation of the action, in order.
        judgements: Vec<Judgement>,
    },
    /// It certainly never ran.
    AttemptNeverRan {
        /// Which.
        attempt: AttemptId,
        /// Why not.
        why: String,
    },
    /// Whether and how it ended cannot be known.
    AttemptLost {
        /// Which.
        attempt: AttemptId,
        /// What is known.
        why: String,
    },
    /// What was accepted as a probe was sensed again, by itself.
    ProbeSensed {
        /// The attempt that was accepted.
        attempt: AttemptId,
        /// What it came to the last time.
        sensing: Sensing,
        /// How often it was sensed since the last record, this time too.
        times: u32,
        /// How often it came to something else in between that was not recorded by itself.
        turns: u32,
    },
    /// An operator settled what could not be known.
    AttemptResolved {
        /// Which.
        attempt: AttemptId,
        /// How.
        resolution: Resolution,
        /// On what ground.
        reason: String,
    },
    /// A person judged what an attempt showed.
    AttemptJudged {
        /// Which.
        attempt: AttemptId,
        /// It was as it should be.
        met: bool,
        /// What was seen.
        reason: String,
    },
    /// A stop was asked for.
    StopAsked {
        /// Which.
        attempt: AttemptId,
        /// How hard.
        stage: StopStage,
    },
    /// It was asked that what an attempt left running be stopped.
    SurvivorsStopAsked {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// It was seen which of the processes that an attempt left running still live.
    SurvivorsSeen {
        /// Which attempt.
        attempt: AttemptId,
        /// Those that live.
        alive: Vec<u32>,
        /// What became of the others, where it is known.
        note: String,
    },
    /// A person said something of an action.
    ActionMarked {
        /// Where.
        action: ActionRef,
        /// What.
        mark: ActionMark,
        /// Why.
        reason: String,
        /// When it was done, if earlier than now.
        done_at: Option<DateTime<Utc>>,
        /// Output of what was run elsewhere, pasted.
        pasted: String,
    },
    /// The operator went past a point of no return.
    PointOfNoReturnPassed {
        /// The step that announces it.
        step: StepId,
    },

    // --- the log
    /// A note was written.
    NoteAdded {
        /// Its text.
        text: String,
    },
    /// Lines of output were pinned.
    LinesPinned {
        /// Their text.
        text: String,
        /// From which attempt.
        attempt: Option<AttemptId>,
    },
    /// A file or address was attached.
    Attached {
        /// Path or address.
        what: String,
        /// Hex SHA-256 of a file's content, or empty.
        sha256: String,
    },
    /// The operator wrote a field of the log; empty text gives it back to backout.
    FieldWritten {
        /// Which.
        field: FieldId,
        /// What.
        text: String,
    },
    /// A message was used.
    MessageUsed {
        /// Which template.
        template: TemplateId,
        /// `copied`, `saved`.
        how: String,
        /// As it was.
        text: String,
    },
    /// The last tick or text was taken back: this is what was restored.
    Undone(Box<Event>),

    // --- the end
    /// The rollback is complete; due times count from here.
    RollbackCompleted {
        /// When.
        at: DateTime<Utc>,
        /// Why, where not everything was done; else empty.
        reason: String,
        /// What was still running then, monitors left out.
        running: Vec<String>,
    },
    /// The incident was closed.
    Closed {
        /// Who signs.
        sign_off: String,
        /// What is left, by name.
        left_open: Vec<String>,
    },
    /// It was opened again.
    Reopened {
        /// Why.
        reason: String,
    },
}
