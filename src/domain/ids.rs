//! Names of things, as types of their own, so that one cannot stand where another is meant.
//!
//! Ids of plan nodes are an author's `name=` or the path of headings plus an ordinal; they are
//! stable for the stored plan of an incident and are what the journal refers to.

use std::fmt;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text of an id.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )*};
}

text_id! {
    /// One incident, such as `inc-20261120-140311-k3f`; also the name of its directory.
    IncidentId,
    /// A severity level of the plan (or of the default matrix).
    SeverityId,
    /// An observable condition that puts the incident at a level.
    TriggerId,
    /// A decision question.
    QuestionId,
    /// A checklist, checkpoints included.
    ChecklistId,
    /// One item of a checklist.
    ItemId,
    /// A procedure.
    ProcedureId,
    /// A step of a procedure.
    StepId,
    /// An action as the plan has it.
    ActionId,
    /// An action at its place on the path that is flown: the ids of the includes that lead to
    /// it, joined by `>`, and its own. The same action reached by two ways is two places.
    ActionRef,
    /// A set of things that exclude each other.
    ChoiceId,
    /// A message, log or post-mortem template.
    TemplateId,
    /// A field of a template.
    FieldId,
    /// The normalised name of a parameter (`commit_hash` for `<commit-hash>`).
    ParameterName,
}

/// The number of an attempt at an action within its incident, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AttemptId(pub u32);

impl fmt::Display for AttemptId {
    /// Four digits, as the evidence directory is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}
