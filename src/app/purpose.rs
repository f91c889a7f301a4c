//! What an answer is for: the rest of a command whose text is still being typed.

use chrono::{DateTime, Utc};

use super::saving::Saving;
use crate::domain::Command;
use crate::domain::Moment;
use crate::domain::elsewhere::Whereabouts;
use crate::domain::event::{ActionMark, Decision, Gate, ItemMark, ParameterValue, Resolution};
use crate::domain::ids::{
    ActionRef, AttemptId, FieldId, ItemId, ParameterName, ProcedureId, SeverityId, TemplateId,
};
use crate::report::words;

/// What an answer is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A note.
    Note,
    /// A path or an address to attach.
    Attach,
    /// What to search for in the output.
    Search,
    /// The file that an output is saved to.
    Save(Saving),
    /// Whether to replace the file of that name.
    Replace(Saving, String),
    /// A field of the log.
    Field(FieldId),
    /// A parameter's value.
    Parameter(ParameterName),
    /// A parameter's value that is not to be shown.
    Secret(ParameterName),
    /// The word with which something meant for elsewhere runs here on purpose.
    Here(ActionRef, String),
    /// The command that opens a session where a scope or an action is to run.
    Send(String),
    /// An action's text, before it runs.
    Code(ActionRef),
    /// The name of who approved.
    ApproverName {
        /// As what, as the plan has it.
        role: String,
    },
    /// How the approval was given.
    ApproverHow {
        /// Who.
        name: String,
        /// As what.
        role: String,
    },
    /// Why an item is marked so.
    Item(ItemId, ItemMark),
    /// Why an action is marked so.
    Action(ActionRef, ActionMark),
    /// What the output of an action that was done by hand was.
    PastedFor(ActionRef, String),
    /// Why a gate is passed.
    Gate(Gate),
    /// Why the way goes on to an action although earlier ones are not done.
    Ahead(ActionRef),
    /// Why an attempt is judged so.
    Judge(AttemptId, bool),
    /// On what ground an unknown outcome is settled.
    Resolve(AttemptId, Resolution),
    /// Why the decision is so.
    Decision(Decision),
    /// Why the severity is set by hand.
    Severity(SeverityId),
    /// Why the procedure is changed.
    Procedure(ProcedureId),
    /// When something was that a person states.
    Moment(Moment),
    /// The environment's name.
    Environment,
    /// A message, edited before it is used.
    Message(TemplateId),
    /// Who signs.
    SignOff,
    /// Why a closed incident is opened again.
    Reopen,
    /// Why the rollback is complete although not everything is done.
    Complete,
}

/// What came of an answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// A command to submit.
    Command(Command),
    /// Another question.
    Ask(Purpose),
    /// Not understood, with what to do.
    No(String),
    /// Something that is not a command: the caller knows what.
    Other,
}

impl Purpose {
    /// The question.
    #[must_use]
    pub fn question(&self) -> String {
        match self {
            Self::Note => "Note".into(),
            Self::Attach => "Attach a path or an address".into(),
            Self::Search => "Search in the output".into(),
            Self::Save(saving) => saving.question(),
            Self::Replace(..) => "There is a file of that name".into(),
            Self::Field(_) => "This field of the log".into(),
            Self::Parameter(name) | Self::Secret(name) => format!("Value of {name}"),
            Self::Here(_, word) => {
                format!("To run here what is meant for elsewhere, type this machine's name: {word}")
            }
            Self::Send(whose) => super::layers::sends::question(whose).into(),
            Self::Code(_) => "The command to run instead".into(),
            Self::ApproverName { role } if role.is_empty() => "Who approved?".into(),
            Self::ApproverName { role } => format!("Who approved? ({role})"),
            Self::ApproverHow { name, .. } => format!("How did {name} approve?"),
            Self::Item(_, mark) => format!("Why {}?", words::item_mark(*mark)),
            Self::Action(_, mark) => format!("Why {}?", words::action_mark(*mark)),
            Self::PastedFor(..) => "Its output, pasted (enter for none)".into(),
            Self::Gate(_) => "Why pass this gate?".into(),
            Self::Ahead(_) => "Why go on out of order?".into(),
            Self::Judge(_, true) => "What did you see that is as it should be?".into(),
            Self::Judge(_, false) => "What is wrong with it?".into(),
            Self::Resolve(..) => "On what ground?".into(),
            Self::Decision(_) => "Why? (enter for none)".into(),
            Self::Severity(_) => "Why this severity?".into(),
            Self::Procedure(_) => "Why change the procedure?".into(),
            Self::Moment(moment) => {
                let what = match moment {
                    Moment::Detected => "Detected when?",
                    Moment::Deployed => "When was the bad version deployed?",
                };
                format!("{what} (14:03, -12m, 2026-11-20 14:03)")
            }
            Self::Environment => "Which environment is this?".into(),
            Self::Message(_) => "The message".into(),
            Self::SignOff => "Who signs off?".into(),
            Self::Reopen => "Why open it again?".into(),
            Self::Complete => "Why end it here, though not everything is done?".into(),
        }
    }

    /// Reasons that are often given, one key each.
    #[must_use]
    pub fn presets(&self) -> &'static [&'static str] {
        match self {
            Self::ApproverHow { .. } => &["by phone", "in chat", "here, in person", "by e-mail"],
            Self::Item(_, ItemMark::NotApplicable) | Self::Action(_, ActionMark::NotApplicable) => {
                &["not part of this deployment", "no such component here"]
            }
            Self::Item(_, ItemMark::Deferred) | Self::Action(_, ActionMark::Deferred) => {
                &["after the service is back", "time does not allow it now"]
            }
            Self::Item(..) => &["checked by hand", "the check itself is wrong"],
            Self::Action(_, ActionMark::DoneByHand) => &[
                "done in another terminal",
                "done in the console of the vendor",
            ],
            Self::Action(..) => &["not needed in this case", "already as it should be"],
            Self::Gate(Gate::Approval) => &["nobody can be reached", "emergency"],
            Self::Gate(_) => &["emergency", "not needed in this case", "checked by hand"],
            Self::Ahead(_) => &["it does not depend on what is open", "emergency"],
            Self::Judge(_, true) => &["looked at the output", "checked elsewhere"],
            Self::Judge(_, false) => &["not what the plan expects"],
            Self::Resolve(_, Resolution::Succeeded) => &["checked the result by hand"],
            Self::Resolve(..) => &["checked the state by hand"],
            Self::Procedure(_) => &["the first one did not help", "more is broken than thought"],
            Self::Note
            | Self::Attach
            | Self::Search
            | Self::Save(_)
            | Self::Replace(..)
            | Self::Field(_)
            | Self::Parameter(_)
            | Self::Secret(_)
            | Self::Here(..)
            | Self::Send(_)
            | Self::Code(_)
            | Self::ApproverName { .. }
            | Self::PastedFor(..)
            | Self::Decision(_)
            | Self::Severity(_)
            | Self::Moment(_)
            | Self::Environment
            | Self::Message(_)
            | Self::SignOff
            | Self::Reopen => &[],
            Self::Complete => &["the service is well again", "the rest makes it worse"],
        }
    }

    /// What an answer comes to at a time.
    #[must_use]
    pub fn answered(&self, text: &str, now: DateTime<Utc>) -> Outcome {
        let reason = text.trim().to_owned();
        let command = match self.clone() {
            Self::Save(saving) | Self::Replace(saving, _) => {
                return saving.misfit(text).map_or(Outcome::Other, Outcome::No);
            }
            Self::Attach
            | Self::Search
            | Self::Secret(_)
            | Self::Send(_)
            | Self::Code(_)
            | Self::Message(_) => {
                return Outcome::Other;
            }
            Self::Note => Command::AddNote(reason),
            Self::Field(field) => Command::WriteField {
                field,
                text: text.trim_end().to_owned(),
            },
            Self::Here(_, word) if reason != word => {
                return Outcome::No(format!("that is not the word {word}"));
            }
            Self::Here(action, word) => Command::ChoosePlace {
                action,
                on: Whereabouts::Here,
                word,
            },
            Self::Parameter(_) if text.trim().is_empty() => {
                return Outcome::No("a value is due: with none the command is another one".into());
            }
            Self::Parameter(name) => Command::FillParameter {
                name,
                value: ParameterValue::Text(text.to_owned()),
            },
            Self::ApproverName { role } if !reason.is_empty() => {
                return Outcome::Ask(Self::ApproverHow { name: reason, role });
            }
            Self::ApproverName { .. } => return Outcome::No("a name is due, for the log".into()),
            Self::ApproverHow { name, role } => Command::Approve {
                name,
                role,
                how: reason,
            },
            Self::Item(item, mark) => Command::MarkItem { item, mark, reason },
            Self::Action(action, ActionMark::DoneByHand) if !reason.is_empty() => {
                return Outcome::Ask(Self::PastedFor(action, reason));
            }
            Self::Action(action, mark) => Command::MarkAction {
                action,
                mark,
                reason,
                done_at: None,
                pasted: String::new(),
            },
            Self::PastedFor(action, reason) => Command::MarkAction {
                action,
                mark: ActionMark::DoneByHand,
                reason,
                done_at: None,
                pasted: text.to_owned(),
            },
            Self::Gate(gate) => Command::WaiveGate { gate, reason },
            Self::Ahead(to) => Command::GoAhead { to, reason },
            Self::Judge(attempt, met) => Command::Judge {
                attempt,
                met,
                reason,
            },
            Self::Resolve(attempt, resolution) => Command::Resolve {
                attempt,
                resolution,
                reason,
            },
            Self::Decision(decision) => Command::Decide { decision, reason },
            Self::Severity(id) => Command::SetSeverity {
                severity: Some(id),
                reason,
            },
            Self::Procedure(procedure) => Command::ChooseProcedure { procedure, reason },
            Self::Moment(moment) => match super::when::read(text, now) {
                Some(at) => Command::StateTime {
                    moment,
                    at,
                    reason: "as stated".into(),
                },
                None => {
                    return Outcome::No("not a time: 14:03, -12m or 2026-11-20 14:03 (UTC)".into());
                }
            },
            Self::Environment => Command::SetEnvironment(reason),
            Self::SignOff => Command::Close { sign_off: reason },
            Self::Reopen => Command::Reopen { reason },
            Self::Complete => Command::CompleteRollback { reason },
        };
        Outcome::Command(command)
    }

    /// Whether an empty answer is one.
    #[must_use]
    pub fn takes_nothing(&self) -> bool {
        matches!(
            self,
            Self::Decision(_)
                | Self::PastedFor(..)
                | Self::Field(_)
                | Self::Search
                | Self::Save(_)
                | Self::Replace(..)
                | Self::Send(_)
                | Self::Parameter(_)
        )
    }

    /// Whether what is typed is not to be seen.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}
