//! What follows from an event that has just been recorded.
//!
//! Called once for each new event, after it is on disk and applied; never on replay.

use super::effect::Effect;
use super::event::Event;

/// The effects that follow from an event.
#[must_use]
pub fn react(event: &Event) -> Vec<Effect> {
    match event {
        Event::AttemptIntended(intent) => vec![Effect::StartAttempt(intent.attempt)],
        Event::StopAsked { attempt, stage } => {
            vec![Effect::StopAttempt {
                attempt: *attempt,
                stage: *stage,
            }]
        }
        Event::CommitDecided {
            attempt, commit, ..
        } => vec![Effect::SettleCommit {
            attempt: *attempt,
            commit: *commit,
        }],
        Event::SurvivorsStopAsked { attempt } => vec![Effect::StopSurvivors(*attempt)],
        Event::Closed { .. } => vec![Effect::RemoveShellState],
        Event::Opened { .. }
        | Event::Resumed { .. }
        | Event::Left
        | Event::RunbookAccepted
        | Event::JournalRepaired { .. }
        | Event::EnvironmentSet { .. }
        | Event::TriggerTicked { .. }
        | Event::QuestionAnswered { .. }
        | Event::Timed { .. }
        | Event::SeveritySet { .. }
        | Event::Decided { .. }
        | Event::Approved { .. }
        | Event::ItemMarked { .. }
        | Event::GateWaived { .. }
        | Event::WentAhead { .. }
        | Event::CheckpointPlaced { .. }
        | Event::ProcedureChosen { .. }
        | Event::AlternativeChosen { .. }
        | Event::PlaceChosen { .. }
        | Event::SentElsewhere { .. }
        | Event::ParameterFilled { .. }
        | Event::AttemptStarted { .. }
        | Event::CommitAwaited { .. }
        | Event::AttemptEnded { .. }
        | Event::AttemptNeverRan { .. }
        | Event::AttemptLost { .. }
        | Event::AttemptResolved { .. }
        | Event::AttemptJudged { .. }
        | Event::OtherTargetSeen { .. }
        | Event::NameMade(_)
        | Event::ProbeSensed { .. }
        | Event::SurvivorsSeen { .. }
        | Event::JournalStalled { .. }
        | Event::ActionMarked { .. }
        | Event::PointOfNoReturnPassed { .. }
        | Event::NoteAdded { .. }
        | Event::LinesPinned { .. }
        | Event::Attached { .. }
        | Event::FieldWritten { .. }
        | Event::MessageUsed { .. }
        | Event::Undone(_)
        | Event::RollbackCompleted { .. }
        | Event::Reopened { .. } => Vec::new(),
    }
}
