//! The run box: everything that is shown before something runs, and therefore everything that is
//! confirmed. What is started is this value, not a second look at the plan.

use super::bearing::{Bearing, Found};
use super::elsewhere::Whereabouts;
use super::event::Gate;
use super::ids::{ActionRef, AttemptId, ParameterName};
use super::plan::{ActionKind, Danger};
use super::source::Source;
use super::transaction::{Conduct, Terms};

/// What is shown, and confirmed, before an action runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunBox {
    /// The place on the path.
    pub action: ActionRef,
    /// Title for people.
    pub title: String,
    /// How it runs.
    pub kind: ActionKind,
    /// The exact text that runs, blanks filled.
    pub code: String,
    /// Hex SHA-256 of that text.
    pub sha256: String,
    /// The directory it starts in.
    pub cwd: String,
    /// user@host where it runs.
    pub host: String,
    /// The environment, or empty.
    pub environment: String,
    /// How much harm it can do, judged from exactly this text.
    pub danger: Danger,
    /// Why it is thought so.
    pub danger_why: String,
    /// What each parameter became, secrets masked.
    pub parameters: Vec<(ParameterName, String)>,
    /// Parameters still to be filled; while there is one, it does not run.
    pub missing: Vec<ParameterName>,
    /// Anything else in the way (hidden characters, a value that cannot be quoted): integrity,
    /// not waivable.
    pub problems: Vec<String>,
    /// Worth knowing before the run (a program that is not found, a path that does not exist).
    pub notes: Vec<String>,
    /// What the plan says it is for, held against what was measured.
    pub bearings: Vec<Bearing>,
    /// What a measure rests on, and what nobody can say of where it goes; it holds nothing.
    pub remarks: Vec<String>,
    /// What it restores from, as it was looked at.
    pub sources: Vec<Source>,
    /// Gates that are still in the way; waivable with a reason.
    pub gates: Vec<Gate>,
    /// How often this action has run already.
    pub runs_before: u32,
    /// The word to type before it runs, where one is due.
    pub word: Option<String>,
    /// Runs beside the work.
    pub monitor: bool,
    /// The times in its names that are not fixed before it is shown.
    pub names: Vec<super::names::MadeName>,
    /// Needs a person at its keyboard.
    pub interactive: bool,
    /// The operator changed the plan's text.
    pub edited: bool,
    /// What the operator made of the plan's text, in the plan's words: blanks are not filled.
    pub wording: Option<String>,
    /// Whose shell state it shares.
    pub scope: String,
    /// The attempt whose shell state it starts from.
    pub state_from: Option<AttemptId>,
    /// The session elsewhere that the plan means it for.
    pub meant: Option<Meant>,
    /// The command line that takes it there, where it does not run here.
    pub there: Option<String>,
    /// The terms on which a block of SQL runs.
    pub terms: Option<Terms>,
    /// Started, it is accepted as a probe: sensed again by itself after so many seconds.
    pub again_s: Option<u32>,
    /// The database that SQL goes to, as far as it is known before a connection.
    pub database: Option<String>,
    /// The incident's run revision when the box was made.
    pub revision: u64,
}

/// What a box says of an action that is meant for elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Meant {
    /// `on deploy@app-1`.
    pub on: String,
    /// `by the ssh of line 41`.
    pub by: String,
    /// What was said of where it runs.
    pub chosen: Option<Whereabouts>,
    /// The command line by which it could run there; none where only a person can go there.
    pub reach: Option<String>,
    /// The text without what takes it there: what an operator edits.
    pub code: String,
    /// The word that is typed to run it here on purpose.
    pub word: String,
    /// It is not the plan but a person who has sent it there.
    pub sent: bool,
}

impl RunBox {
    /// Whether it changes a database statement by statement, each final when it is done: nobody is
    /// asked before a COMMIT.
    #[must_use]
    pub fn is_final_by_parts(&self) -> bool {
        let conduct = self.terms.as_ref().map(|terms| &terms.conduct);
        matches!(conduct, Some(Conduct::AsWritten(_))) && self.danger > Danger::None
    }

    /// Whether enter alone may run it: it only reads, and nothing is in the way.
    #[must_use]
    pub fn runs_on_enter(&self) -> bool {
        self.danger == Danger::None && self.word.is_none() && self.is_clear()
    }

    /// Whether nothing is in the way but the confirmation.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.missing.is_empty()
            && self.problems.is_empty()
            && self.gates.is_empty()
            && !self.asks_where()
    }

    /// What of the plan's target was measured to be another one.
    #[must_use]
    pub fn other_targets(&self) -> Vec<Bearing> {
        let other = |b: &&Bearing| matches!(b.found, Found::Other(_));
        self.bearings.iter().filter(other).cloned().collect()
    }

    /// The check in the way whose answer is too old.
    #[must_use]
    pub fn old_check(&self) -> Option<ActionRef> {
        self.gates.iter().find_map(|gate| match gate {
            Gate::Stale(at, _) => Some(at.clone()),
            _ => None,
        })
    }

    /// Whether a person has still to say where it runs.
    #[must_use]
    pub fn asks_where(&self) -> bool {
        self.meant.as_ref().is_some_and(|m| m.chosen.is_none())
    }
}
