//! The words that small enums are stored under: a promise, so they are listed here by hand and
//! never derived from the names in the code.

use crate::domain::elsewhere::Whereabouts;
use crate::domain::event::{ActionMark, Answer, Decision, ItemMark, Mode, Resolution, StopStage};
use crate::domain::judge::Verdict;
use crate::domain::plan::{ActionKind, Danger};

/// An enum that is stored as one word.
pub(crate) trait Word: Sized + Copy + PartialEq + 'static {
    /// Every case with its word.
    const WORDS: &'static [(Self, &'static str)];

    /// The word of a case.
    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(case, _)| *case == self)
            .map_or("?", |(_, word)| word)
    }

    /// The case of a word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(case, _)| *case)
    }
}

macro_rules! words {
    ($($type:ty { $($case:ident = $word:literal),* $(,)? })*) => {$(
        impl $crate::journal::words::Word for $type {
            const WORDS: &'static [(Self, &'static str)] = &[$((<$type>::$case, $word)),*];
        }
    )*};
}

pub(crate) use words;

words! {
    Mode { Real = "real", Drill = "drill", DryRun = "dry-run", Practice = "practice" }
    Decision { RollBack = "roll-back", FixForward = "fix-forward", Monitor = "monitor" }
    Answer { Yes = "yes", No = "no", Unsure = "unsure" }
    ItemMark {
        Open = "open", Done = "done", Overridden = "overridden", Deferred = "deferred",
        NotApplicable = "not-applicable",
    }
    ActionMark {
        Open = "open", DoneByHand = "done-by-hand", Skipped = "skipped", Failed = "failed",
        NotApplicable = "not-applicable", Deferred = "deferred",
    }
    Whereabouts { There = "there", Here = "here" }
    Resolution { Succeeded = "succeeded", Failed = "failed", NeverRan = "never-ran" }
    StopStage { Interrupt = "interrupt", Terminate = "terminate", Kill = "kill" }
    Verdict {
        Met = "met", NotMet = "not-met", Inconclusive = "inconclusive", ForPerson = "for-person",
    }
    ActionKind {
        Shell = "shell", Sql = "sql", Http = "http", Manual = "manual", Include = "include",
        Text = "text",
    }
    Danger { None = "none", Changes = "changes", Irreversible = "irreversible" }
}
