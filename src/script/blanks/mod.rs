//! Blanks in code: what an operator must fill in before a command can run.
//!
//! `<host>`, `[STABLE_COMMIT]`, `{week_id}`, `{{ x }}`, `/:id`, `INCIDENT-XXX` and `$NAME` are
//! blanks; what merely looks like one (`[ -f x ]`, `{a,b}`, `${x:-y}`, `<file`, JSON,
//! `%{http_code}`) is not. Values are spliced as values, never as program text: quoted for the
//! place in which the blank stands, or refused with the reason.

mod address;
mod candidates;
mod counted;
mod environment;
mod fill;
mod fillers;
mod find;
mod form;
pub mod hint;
mod lookalikes;
mod nested;
mod render;
pub mod secret;
mod through;

pub use environment::assigned;
pub use fill::{
    FillProblem, Filled, Missing, Refused, carried, fill, fill_placed, fill_with_secrets,
    find_placed,
};
pub use fillers::names_nothing;
pub use find::{find, mask};

use std::ops::Range;

/// How a blank is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// `<host>`
    Angle,
    /// `[STABLE_COMMIT]`
    Bracket,
    /// `{week_id}`, and `${name-with-dash}`, which a shell would silently take for a default.
    Brace,
    /// `{{ version }}`
    Mustache,
    /// `INCIDENT-XXX`, `YYYY-MM-DD`, `your-bucket`, `vX.Y.Z`
    Shouted,
    /// `:id` as a part of a URL's path.
    Colon,
    /// `____`, `???`, `XXX`, `TBD`: no marks and no name.
    Filler,
    /// `$NAME`, which nothing in the code assigns. It stays in the text; its value is exported.
    Environment,
}

/// A blank and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blank {
    /// Bytes of the code that a value replaces.
    pub range: Range<usize>,
    /// As written.
    pub spelling: String,
    /// Lower case with everything but letters and digits as `_`, so that `<commit-hash>`,
    /// `[COMMIT_HASH]` and `{commit_hash}` are one; an environment variable keeps its own name.
    pub name: String,
    /// How it is written.
    pub kind: Kind,
}

impl Blank {
    /// It does not say what belongs there, so that it has nothing in common with another one that
    /// reads alike.
    #[must_use]
    pub fn names_nothing(&self) -> bool {
        self.kind != Kind::Environment && names_nothing(&self.name)
    }
}

/// What language a fence's label stands for, as far as quoting goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Language {
    /// A POSIX-like shell; also no label at all.
    Shell,
    /// SQL.
    Sql,
    /// Anything else: places cannot be told apart.
    Other,
}

impl Language {
    /// The language of a fence label.
    #[must_use]
    pub fn of(lang: &str) -> Self {
        match lang.trim().to_ascii_lowercase().as_str() {
            "" | "bash" | "sh" | "shell" | "zsh" | "ksh" | "dash" | "console" | "terminal"
            | "shell-session" | "shellsession" | "shellscript" | "sh-session" => Self::Shell,
            "sql" | "psql" | "postgres" | "postgresql" | "pgsql" | "mysql" | "plpgsql"
            | "sqlite" => Self::Sql,
            _ => Self::Other,
        }
    }
}

/// The normalised name of a blank's inside: lower case, runs of anything else as one `_`.
#[must_use]
pub fn normalise(inside: &str) -> String {
    let inside = inside.trim();
    let lower = inside.to_lowercase();
    let lower = lower.strip_prefix("e.g.").unwrap_or(&lower);
    let mut name = String::with_capacity(lower.len());
    for character in lower.chars() {
        if character.is_alphanumeric() {
            name.push(character);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.truncate(name.trim_end_matches('_').len());
    name
}
