//! A shell or SQL text as data: split into statements, blanks found and filled, danger judged.
//!
//! The same code judges what the plan said and what the operator edited, so that what is shown
//! as harmless is judged by the rule that lets it run. Nothing here does I/O, starts anything or
//! expands anything; facts about the machine come in as arguments. A text that cannot be read is
//! judged as one that changes things.

pub mod blanks;
pub mod hidden;
pub mod http;
pub mod lines;
pub mod lists;
pub mod picks;
pub mod places;
pub mod recent;
pub mod secret_names;
pub mod shell;
pub mod sql;
pub mod windows;
pub mod work;

/// How much harm a text can do when it runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Danger {
    /// Reads only.
    None,
    /// Changes things, and can be undone; also whatever could not be read.
    #[default]
    Changes,
    /// Cannot be undone.
    Irreversible,
}

/// A danger together with its reason.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Judged {
    /// How much harm.
    pub danger: Danger,
    /// Why it is thought so, naming the command; empty where it reads only.
    pub why: String,
}

impl Judged {
    /// A text that only reads.
    #[must_use]
    pub fn reads() -> Self {
        Self {
            danger: Danger::None,
            why: String::new(),
        }
    }

    /// A text that changes things.
    #[must_use]
    pub fn changes(why: impl Into<String>) -> Self {
        Self {
            danger: Danger::Changes,
            why: why.into(),
        }
    }

    /// A text that cannot be undone.
    #[must_use]
    pub fn irreversible(why: impl Into<String>) -> Self {
        Self {
            danger: Danger::Irreversible,
            why: why.into(),
        }
    }

    /// The worse of the two; of equals, the first.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.danger > self.danger {
            other
        } else {
            self
        }
    }
}

/// Line and column, both from 1 and the column in characters, of a byte offset.
#[must_use]
pub fn line_column(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}
