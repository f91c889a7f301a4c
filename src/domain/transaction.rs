//! SQL that changes things: on which terms it runs, what it has counted before its COMMIT, what a
//! person decided, and what became of it.
//!
//! Vocabulary and the rules for the decision. An attempt that waits has done its statements; none
//! of them is final before COMMIT, and without a decision the server rolls them back.

use super::event::Event;
use super::ids::AttemptId;
use super::incident::{Attempt, Incident};
use super::plan::{Danger, ExpectRule};
use super::refusal::Refusal;
use super::{event::Confirmation, flight};
use chrono::{DateTime, Utc};

/// How a block of SQL is carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Conduct {
    /// In a transaction that the server holds to reading.
    ReadOnly,
    /// In one transaction around it, which waits before its COMMIT.
    Held,
    /// It is one transaction of its own, which waits before its COMMIT on this line of the block;
    /// none where it leaves the transaction open.
    HeldOwn(Option<u32>),
    /// Statement by statement, each final when it is done, and why.
    AsWritten(String),
}

/// The terms on which a block of SQL runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// How it is carried out.
    pub conduct: Conduct,
    /// The most rows that it may change; with more it rolls back by itself.
    pub max_affected: Option<u64>,
    /// Seconds that a statement may take.
    pub statement_timeout_s: Option<u64>,
    /// Seconds that a statement may wait for a lock.
    pub lock_timeout_s: Option<u64>,
    /// Seconds that it waits for a decision before it rolls back.
    pub patience_s: u64,
    /// What takes effect at once, whatever is decided: `setval (line 2)`.
    pub at_once: Option<String>,
}

impl Terms {
    /// Whether it waits for a decision before its COMMIT.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self.conduct, Conduct::Held | Conduct::HeldOwn(_))
    }
}

/// A statement that has done its work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// `DELETE`, `ALTER TABLE`.
    pub verb: String,
    /// Its line in the block, from 1.
    pub line: u32,
    /// How many rows the server says, for a verb that has rows.
    pub rows: Option<u64>,
}

/// What was changed in a table, by whatever: the statements, their triggers and cascades.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Touched {
    /// Its name.
    pub table: String,
    /// Rows inserted.
    pub inserted: u64,
    /// Rows updated.
    pub updated: u64,
    /// Rows deleted.
    pub deleted: u64,
    /// Rows that it had before it was emptied or dropped.
    pub emptied: Option<u64>,
}

impl Touched {
    /// Rows changed in it.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let all = [self.inserted, self.updated, self.deleted];
        all.into_iter()
            .chain(self.emptied)
            .fold(0, u64::saturating_add)
    }

    /// `3 inserted, 12 deleted`.
    #[must_use]
    pub fn words(&self) -> String {
        let counted = [
            (Some(self.inserted), "inserted"),
            (Some(self.updated), "updated"),
            (Some(self.deleted), "deleted"),
            (self.emptied, "removed with all it held"),
        ];
        let parts: Vec<String> = counted
            .iter()
            .filter_map(|(rows, what)| Some(format!("{} {what}", thousands((*rows)?))))
            .filter(|text| !text.starts_with("0 ") || text.ends_with("held"))
            .collect();
        parts.join(", ")
    }
}

/// A table that others cannot use while the transaction is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shut {
    /// Its name.
    pub table: String,
    /// They cannot even read it.
    pub unreadable: bool,
}

/// What would become final with a COMMIT.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// The statements that changed something, in order.
    pub statements: Vec<Done>,
    /// What was changed, by table.
    pub tables: Vec<Touched>,
    /// What nobody else can use until it is decided.
    pub shut: Vec<Shut>,
    /// What of the output so far is not as the plan expects, and why.
    pub unmet: Vec<String>,
    /// Where: `orders on db-1 as ana`, as the server said.
    pub place: String,
    /// When it rolls back if nobody decides.
    pub until: DateTime<Utc>,
}

impl Tally {
    /// Rows changed: what the statements report or what the tables show, whichever is more.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let said = self.statements.iter().filter_map(|s| s.rows);
        let said = said.fold(0, u64::saturating_add);
        let emptied = self.tables.iter().filter_map(|t| t.emptied);
        let emptied = emptied.fold(0, u64::saturating_add);
        let seen = self.tables.iter().map(Touched::rows);
        let seen = seen.fold(0, u64::saturating_add);
        said.saturating_add(emptied).max(seen)
    }

    /// What nobody else can do meanwhile: `nobody else can read or write orders`.
    #[must_use]
    pub fn shut_words(&self) -> Option<String> {
        let named = |unreadable: bool| {
            let all = self.shut.iter().filter(|s| s.unreadable == unreadable);
            all.map(|s| s.table.as_str()).collect::<Vec<_>>().join(", ")
        };
        let parts = [(true, "read or write"), (false, "write")]
            .map(|(unreadable, what)| (named(unreadable), what))
            .into_iter()
            .filter(|(tables, _)| !tables.is_empty())
            .map(|(tables, what)| format!("nobody else can {what} {tables}"));
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// `DELETE 1,204 rows in orders`; of more than one statement how many, and their rows.
    #[must_use]
    pub fn headline(&self) -> String {
        if let [only] = self.statements.as_slice() {
            // With cascades and triggers: the one table with that very count.
            let mut fits = self.tables.iter().filter(|t| Some(t.rows()) == only.rows);
            let table = match (self.tables.as_slice(), fits.next(), fits.next()) {
                ([touched], _, _) | (_, Some(touched), None) => format!(" in {}", touched.table),
                _ => String::new(),
            };
            return match only.rows {
                Some(rows) => format!("{} {}{table}", only.verb, rows_words(rows)),
                None => match self.rows() {
                    0 => format!("{}{table}", only.verb),
                    rows => format!("{}: {}{table}", only.verb, rows_words(rows)),
                },
            };
        }
        let verbs: Vec<&str> = self.statements.iter().map(|s| s.verb.as_str()).collect();
        match self.rows() {
            0 => verbs.join(", "),
            rows => format!("{}: {} in all", verbs.join(", "), rows_words(rows)),
        }
    }
}

/// `1 row`, `1,204 rows`.
#[must_use]
pub fn rows_words(rows: u64) -> String {
    match rows {
        1 => "1 row".to_owned(),
        n => format!("{} rows", thousands(n)),
    }
}

/// `1,204`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What became of the transaction of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is final.
    Committed,
    /// Nothing of it is in the database, and why.
    RolledBack(String),
    /// There was nothing to commit.
    Unchanged,
}

/// An attempt's wait for a decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wait {
    /// What would become final.
    pub tally: Tally,
    /// Since when, as recorded.
    pub since: DateTime<Utc>,
    /// What was decided: commit or not.
    pub decided: Option<bool>,
}

impl Attempt {
    /// What it waits for a decision on, while it does.
    #[must_use]
    pub fn awaits(&self) -> Option<&Tally> {
        let wait = self.wait.as_ref()?;
        (self.is_alive() && wait.decided.is_none()).then_some(&wait.tally)
    }

    /// Whether it is known that nothing of it is in the database.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        let fate = self.ending().and_then(|ending| ending.fate.as_ref());
        matches!(fate, Some(Fate::RolledBack(_)))
    }

    /// Whether it is known that it has left nothing behind: it was rolled back or changed nothing,
    /// and none of it took effect at once.
    #[must_use]
    pub fn left_nothing(&self) -> bool {
        let fate = self.ending().and_then(|ending| ending.fate.as_ref());
        let terms = self.intent.terms.as_ref();
        matches!(fate, Some(Fate::RolledBack(_) | Fate::Unchanged))
            && terms.is_some_and(|terms| terms.at_once.is_none())
    }
}

impl Incident {
    /// The attempt that waits for a decision before its COMMIT.
    #[must_use]
    pub fn waits_for_commit(&self) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|a| a.awaits().is_some())
    }

    /// Why it is not what the plan expects: what was printed so far, or the count where it says a
    /// number of rows.
    #[must_use]
    pub fn unexpected(&self, attempt: &Attempt) -> Option<String> {
        let tally = &attempt.wait.as_ref()?.tally;
        if !tally.unmet.is_empty() {
            return Some(tally.unmet.join("; "));
        }
        let (_, action) = flight::find_action(&self.plan, &attempt.intent.action)?;
        let [only] = tally.statements.as_slice() else {
            return None;
        };
        let rows = i64::try_from(only.rows?).ok()?;
        action.expect.iter().find_map(|e| match e.rule {
            ExpectRule::Rows(compare, wanted) if !compare.holds(rows, wanted) => {
                Some(format!("the plan expects: {}", e.text))
            }
            _ => None,
        })
    }

    /// The word that is to be typed for a COMMIT: the number of rows where what it does cannot be
    /// undone or is not what the plan expects; `commit` where there is no number.
    #[must_use]
    pub fn word_for_commit(&self, attempt: &Attempt) -> Option<String> {
        let tally = &attempt.wait.as_ref()?.tally;
        let due =
            attempt.intent.danger == Danger::Irreversible || self.unexpected(attempt).is_some();
        due.then(|| match tally.rows() {
            0 => "commit".to_owned(),
            rows => rows.to_string(),
        })
    }
}

/// What a person wants with a transaction that waits.
pub(super) fn decide(
    incident: &Incident,
    id: AttemptId,
    commit: bool,
    confirmation: &Confirmation,
) -> Result<Vec<Event>, Refusal> {
    let waits = incident.attempt(id).filter(|a| a.is_alive());
    let Some(attempt) = waits.filter(|a| a.wait.is_some()) else {
        let why = "it does not wait for a decision (any more)".to_owned();
        return Err(Refusal::NotInThatState(why));
    };
    if commit {
        let word = incident.word_for_commit(attempt);
        let fits = match (confirmation, &word) {
            (Confirmation::Typed(typed), Some(word)) => typed.trim().replace(',', "") == *word,
            (Confirmation::Drill, _) => incident.mode == super::event::Mode::Drill,
            (Confirmation::Pressed | Confirmation::Typed(_), None) => true,
            (Confirmation::Pressed | Confirmation::ReadOnly | Confirmation::RunOn, _) => false,
        };
        if !fits {
            return Err(Refusal::Confirmation { word });
        }
    }
    Ok(vec![Event::CommitDecided {
        attempt: id,
        commit,
        confirmation: confirmation.clone(),
    }])
}

/// That an attempt was seen to wait, where that is new.
pub(super) fn waits(incident: &Incident, id: AttemptId, tally: &Tally) -> Vec<Event> {
    let known = |a: &Attempt| a.wait.as_ref().is_some_and(|w| w.tally == *tally);
    match incident.attempt(id) {
        Some(attempt) if attempt.is_alive() && !known(attempt) => vec![Event::CommitAwaited {
            attempt: id,
            tally: tally.clone(),
        }],
        Some(_) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Compare;

    fn tally(statements: &[(&str, Option<u64>)], tables: Vec<Touched>) -> Tally {
        let done = |(verb, rows): &(&str, Option<u64>)| Done {
            verb: (*verb).to_owned(),
            line: 1,
            rows: *rows,
        };
        Tally {
            unmet: Vec::new(),
            statements: statements.iter().map(done).collect(),
            tables,
            shut: Vec::new(),
            place: "shop on db-1 as ana".to_owned(),
            until: DateTime::UNIX_EPOCH,
        }
    }

    fn deleted(table: &str, rows: u64) -> Touched {
        Touched {
            table: table.to_owned(),
            deleted: rows,
            ..Touched::default()
        }
    }

    #[test]
    fn a_headline_says_what_and_how_many() {
        let one = tally(&[("DELETE", Some(1204))], vec![deleted("orders", 1204)]);
        assert_eq!(one.headline(), "DELETE 1,204 rows in orders");
        let none = tally(&[("ALTER TABLE", None)], Vec::new());
        assert_eq!((none.headline().as_str(), none.rows()), ("ALTER TABLE", 0));
        let gone = Touched {
            table: "orders".to_owned(),
            emptied: Some(7),
            ..Touched::default()
        };
        let gone = tally(&[("TRUNCATE", None)], vec![gone]);
        assert_eq!(gone.headline(), "TRUNCATE: 7 rows in orders");
    }

    #[test]
    fn what_nobody_else_can_use_is_said() {
        let mut it = tally(&[("ALTER TABLE", None)], Vec::new());
        assert_eq!(it.shut_words(), None);
        let shut = |table: &str, unreadable| Shut {
            table: table.to_owned(),
            unreadable,
        };
        it.shut = vec![shut("a", true), shut("b", false), shut("c", true)];
        let want = "nobody else can read or write a, c; nobody else can write b";
        assert_eq!(it.shut_words().as_deref(), Some(want));
    }

    #[test]
    fn what_cascades_is_counted() {
        let with = vec![deleted("orders", 2), deleted("lines", 9)];
        let with = tally(&[("DELETE", Some(2))], with);
        assert_eq!(with.rows(), 11);
        assert_eq!(with.headline(), "DELETE 2 rows in orders");
        assert_eq!(with.tables[1].words(), "9 deleted");
        let unseen = tally(&[("DELETE", Some(2)), ("INSERT", Some(1))], Vec::new());
        assert_eq!(unseen.rows(), 3);
        assert_eq!(unseen.headline(), "DELETE, INSERT: 3 rows in all");
    }

    /// An attempt at a changing action that waits with seven rows.
    fn waiting(danger: Danger, expect: Option<i64>) -> crate::domain::fixture::Flight {
        use crate::domain::fixture::{Flight, action, plan, procedure, step};
        use crate::domain::plan::Expectation;
        let mut it = plan();
        let mut change = action("change", "DELETE FROM orders");
        change.danger = danger;
        change.kind = super::super::plan::ActionKind::Sql;
        change.expect = expect
            .map(|n| Expectation::new(format!("{n} rows"), ExpectRule::Rows(Compare::Equal, n)))
            .into_iter()
            .collect();
        it.procedures = vec![procedure("full", vec![step("s", vec![change])])];
        let mut flight = Flight::ready(it);
        let word = flight.shown("change").word;
        let confirmation = word.map_or(Confirmation::Pressed, Confirmation::Typed);
        flight.start("change", confirmation).expect("starts");
        let waits = super::super::command::Observation::AwaitsCommit {
            attempt: AttemptId(1),
            tally: tally(&[("DELETE", Some(7))], Vec::new()),
        };
        let waits = super::super::Command::Observe(waits);
        flight.wants(&waits).expect("seen");
        flight
    }

    fn commit(confirmation: Confirmation) -> super::super::Command {
        super::super::Command::DecideCommit {
            attempt: AttemptId(1),
            commit: true,
            confirmation,
        }
    }

    #[test]
    fn a_commit_that_cannot_be_undone_or_was_not_expected_wants_its_count_typed() {
        for (danger, expect, word) in [
            (Danger::Changes, None, None),
            (Danger::Changes, Some(7), None),
            (Danger::Changes, Some(3), Some("7")),
            (Danger::Irreversible, Some(7), Some("7")),
        ] {
            let mut flight = waiting(danger, expect);
            let attempt = flight.incident.attempt(AttemptId(1)).expect("an attempt");
            let due = flight.incident.word_for_commit(attempt);
            assert_eq!(due.as_deref(), word, "{danger:?} {expect:?}");
            for wrong in [
                Confirmation::ReadOnly,
                Confirmation::RunOn,
                Confirmation::Drill,
            ] {
                assert!(flight.wants(&commit(wrong)).is_err());
            }
            if word.is_some() {
                assert!(flight.wants(&commit(Confirmation::Pressed)).is_err());
                let other = Confirmation::Typed("8".to_owned());
                assert!(flight.wants(&commit(other)).is_err());
            }
            let right = word.map_or(Confirmation::Pressed, |w| Confirmation::Typed(w.into()));
            flight.wants(&commit(right)).expect("committed");
            let attempt = flight.incident.attempt(AttemptId(1)).expect("an attempt");
            assert_eq!(attempt.awaits(), None);
        }
    }

    #[test]
    fn what_was_rolled_back_is_never_settled_whatever_it_ended_with() {
        use crate::domain::event::Ending;
        use crate::domain::status::ActionStatus;
        for (fate, settled) in [
            (Some(Fate::RolledBack("x".to_owned())), false),
            (Some(Fate::Committed), true),
            (None, true),
        ] {
            let mut flight = waiting(Danger::Changes, None);
            let ending = Ending {
                exit: Some(0),
                fate,
                ..Ending::default()
            };
            let ended = super::super::command::Observation::Ended {
                attempt: AttemptId(1),
                ending,
                judgements: Vec::new(),
            };
            let ended = super::super::Command::Observe(ended);
            flight.wants(&ended).expect("seen");
            let (_, action) =
                flight::find_action(&flight.incident.plan, &"change".into()).expect("an action");
            let status = flight.incident.action_status(&"change".into(), action);
            assert_eq!(status.is_settled(), settled, "{status:?}");
            assert_eq!(matches!(status, ActionStatus::Failed(_)), !settled);
        }
    }

    #[test]
    fn only_what_may_have_left_something_is_typed_again() {
        use crate::domain::event::Ending;
        let held = |at_once: Option<&str>| Terms {
            conduct: Conduct::Held,
            max_affected: None,
            statement_timeout_s: None,
            lock_timeout_s: None,
            patience_s: 1,
            at_once: at_once.map(str::to_owned),
        };
        let undone = || Some(Fate::RolledBack("x".to_owned()));
        for (fate, at_once, word) in [
            (undone(), None, None),
            (undone(), Some("setval (line 1)"), Some("again")),
            (Some(Fate::Unchanged), None, None),
            (Some(Fate::Committed), None, Some("again")),
            (None, None, Some("again")),
        ] {
            let mut flight = waiting(Danger::Changes, None);
            let ended = super::super::command::Observation::Ended {
                attempt: AttemptId(1),
                ending: Ending {
                    exit: Some(3),
                    fate,
                    ..Ending::default()
                },
                judgements: Vec::new(),
            };
            let ended = super::super::Command::Observe(ended);
            flight.wants(&ended).expect("seen");
            let attempt = flight.incident.attempts.first_mut().expect("an attempt");
            attempt.intent.terms = Some(held(at_once));
            assert_eq!(flight.shown("change").word.as_deref(), word);
        }
    }

    #[test]
    fn numbers_are_read_in_groups() {
        let read = [0, 999, 1_000, 1_234_567].map(thousands);
        assert_eq!(read, ["0", "999", "1,000", "1,234,567"]);
    }
}
