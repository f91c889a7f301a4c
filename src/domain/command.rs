//! What someone wants: imperative, refused or turned into events by `decide`.
//!
//! Only vocabulary. Operators' wishes come from the cockpit or a drill; observations come from
//! whoever watches the world (the session), and are facts that still have to be recorded.

use super::bearing::Bearing;
use super::elsewhere::{Goes, Whereabouts};
use super::event::{
    ActionMark, Answer, Confirmation, Decision, Ending, Gate, ItemMark, ParameterValue, Person,
    Resolution, StopStage,
};
use super::ids::{
    ActionRef, AttemptId, ChecklistId, ChoiceId, FieldId, ItemId, ParameterName, ProcedureId,
    QuestionId, SeverityId, TemplateId, TriggerId,
};
use super::judge::Judgement;
use super::moment::Moment;
use super::probes::Sensings;
use super::runbox::RunBox;
use super::transaction::Tally;
use chrono::{DateTime, Utc};

/// What someone wants.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Take up the incident again.
    Resume {
        /// Who.
        driver: Person,
        /// From whom it was taken over, if somebody drove it.
        over: Option<String>,
    },
    /// Leave it open.
    Leave,
    /// Accept the commands of the runbook.
    AcceptRunbook,
    /// Name the environment.
    SetEnvironment(String),
    /// Tick or untick a trigger.
    TickTrigger {
        /// Which.
        trigger: TriggerId,
        /// Ticked.
        on: bool,
    },
    /// Answer a decision question.
    Answer {
        /// Which.
        question: QuestionId,
        /// How.
        answer: Answer,
    },
    /// Say when something was that nobody else can tell.
    StateTime {
        /// What.
        moment: Moment,
        /// When.
        at: DateTime<Utc>,
        /// Why it is corrected.
        reason: String,
    },
    /// Set the severity by hand, or none to follow the triggers again.
    SetSeverity {
        /// Which.
        severity: Option<SeverityId>,
        /// Why; needed when a severity is set.
        reason: String,
    },
    /// Decide.
    Decide {
        /// What.
        decision: Decision,
        /// Why; may be empty.
        reason: String,
    },
    /// Record an approval.
    Approve {
        /// Who.
        name: String,
        /// As what.
        role: String,
        /// How it was given.
        how: String,
    },
    /// Say something of an item.
    MarkItem {
        /// Which.
        item: ItemId,
        /// What.
        mark: ItemMark,
        /// Why; needed for everything but open and done.
        reason: String,
    },
    /// Pass a gate.
    WaiveGate {
        /// Which.
        gate: Gate,
        /// Why; needed.
        reason: String,
    },
    /// Go on to an action although earlier ones are not done.
    GoAhead {
        /// To which.
        to: ActionRef,
        /// Why; needed where any is not done.
        reason: String,
    },
    /// Settle a checkpoint's place.
    PlaceCheckpoint {
        /// Which.
        checklist: ChecklistId,
        /// Before which action; none for the end.
        before: Option<ActionRef>,
    },
    /// Choose a procedure.
    ChooseProcedure {
        /// Which.
        procedure: ProcedureId,
        /// Why; needed when another one was chosen before.
        reason: String,
    },
    /// Choose one of several alternatives.
    ChooseAlternative {
        /// Which set.
        choice: ChoiceId,
        /// The id of the chosen procedure, step or action.
        option: String,
    },
    /// Say that a procedure, a checklist or an action runs elsewhere, though the plan means it for
    /// here.
    SendElsewhere {
        /// Whose: a scope, or an action of its own.
        whose: String,
        /// Where it goes.
        goes: Goes,
    },
    /// Say where an action runs that is meant for elsewhere, and all of its procedure that are
    /// meant for the same place.
    ChoosePlace {
        /// Which action.
        action: ActionRef,
        /// Where.
        on: Whereabouts,
        /// The word that is due for running it here.
        word: String,
    },
    /// Fill a parameter.
    FillParameter {
        /// Which.
        name: ParameterName,
        /// With what.
        value: ParameterValue,
    },
    /// Run what the box shows.
    Start {
        /// The box, exactly as it was shown and confirmed.
        shown: Box<RunBox>,
        /// How it was confirmed.
        confirmation: Confirmation,
    },
    /// Stop a running attempt.
    Stop {
        /// Which.
        attempt: AttemptId,
        /// How hard.
        stage: StopStage,
    },
    /// Commit what a waiting attempt has done, or roll it back.
    DecideCommit {
        /// Which.
        attempt: AttemptId,
        /// Commit; else roll back.
        commit: bool,
        /// How it was confirmed.
        confirmation: Confirmation,
    },
    /// Stop what an attempt left running.
    StopSurvivors(AttemptId),
    /// Judge what an attempt showed.
    Judge {
        /// Which.
        attempt: AttemptId,
        /// It was as it should be.
        met: bool,
        /// What was seen; needed when it was not.
        reason: String,
    },
    /// Settle an attempt whose outcome is not known.
    Resolve {
        /// Which.
        attempt: AttemptId,
        /// How.
        resolution: Resolution,
        /// On what ground; needed.
        reason: String,
    },
    /// Say something of an action.
    MarkAction {
        /// Where.
        action: ActionRef,
        /// What.
        mark: ActionMark,
        /// Why; needed for everything but open.
        reason: String,
        /// When it was done, if earlier than now.
        done_at: Option<DateTime<Utc>>,
        /// Output of what was run elsewhere.
        pasted: String,
    },
    /// Write a note.
    AddNote(String),
    /// Pin lines of output.
    Pin {
        /// Their text.
        text: String,
        /// From which attempt.
        attempt: Option<AttemptId>,
    },
    /// Attach a file or an address.
    Attach {
        /// Path or address.
        what: String,
        /// Hex SHA-256 of a file's content, or empty.
        sha256: String,
    },
    /// Write a field of the log.
    WriteField {
        /// Which.
        field: FieldId,
        /// What; empty gives it back to backout.
        text: String,
    },
    /// Record that a message was used.
    UseMessage {
        /// Which template.
        template: TemplateId,
        /// `copied`, `saved`.
        how: String,
        /// As it was.
        text: String,
    },
    /// Take back the last tick or text.
    Undo,
    /// The rollback is complete.
    CompleteRollback {
        /// Why; needed where not everything is done.
        reason: String,
    },
    /// Close the incident.
    Close {
        /// Who signs; needed.
        sign_off: String,
    },
    /// Open it again.
    Reopen {
        /// Why; needed.
        reason: String,
    },
    /// Something was seen in the world.
    Observe(Observation),
}

/// What the session saw of an attempt.
#[derive(Clone, PartialEq, Debug)]
pub enum Observation {
    /// It is running.
    Started {
        /// Which.
        attempt: AttemptId,
        /// When it was claimed.
        at: DateTime<Utc>,
    },
    /// It waits for a decision before its COMMIT.
    AwaitsCommit {
        /// Which.
        attempt: AttemptId,
        /// What would become final.
        tally: Tally,
    },
    /// It ended.
    Ended {
        /// Which.
        attempt: AttemptId,
        /// How.
        ending: Ending,
        /// What was made of its output.
        judgements: Vec<Judgement>,
    },
    /// It certainly never ran.
    NeverRan {
        /// Which.
        attempt: AttemptId,
        /// Why not.
        why: String,
    },
    /// Its outcome cannot be known.
    Lost {
        /// Which.
        attempt: AttemptId,
        /// What is known.
        why: String,
    },
    /// These of the processes that it left running still live.
    Survivors {
        /// Which.
        attempt: AttemptId,
        /// Those that live.
        alive: Vec<u32>,
        /// What became of the others, where it is known.
        note: String,
    },
    /// The box of an action shows another target than the plan is for.
    OtherTarget {
        /// Of which action.
        action: ActionRef,
        /// What is another one.
        bearings: Vec<Bearing>,
    },
    /// Names with a time in them were shown or copied.
    Named(Vec<super::names::MadeName>),
    /// What was accepted as a probe was sensed again.
    Sensed(Sensings),
    /// The journal could not be written for a while.
    JournalStalled {
        /// Since when.
        since: DateTime<Utc>,
        /// Why.
        why: String,
    },
    /// The end of the journal was torn and was cut.
    JournalCut {
        /// Bytes.
        bytes: u64,
    },
}
