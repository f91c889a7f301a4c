//! The ledger of a transaction that waits before its COMMIT: what was about to become final, that
//! COMMIT was sent, and what became of it.
//!
//! One JSON line for each, synced before the next thing is done: nothing is sent that the ledger
//! does not say. Whoever writes it keeps it locked, so that a ledger without a lock has no writer
//! any more: where COMMIT was not sent by then, the server has rolled back. Also the answer of a
//! person: a file of its own, of which the first wins.

use super::files;
use crate::domain::transaction::{Conduct, Done, Shut, Tally, Terms, Touched};
use chrono::{DateTime, Utc};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// How far a transaction has come, by its ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nothing was sent yet that could make anything final.
    Begun,
    /// It waits for a decision, or has waited.
    Asked(Tally),
    /// COMMIT was sent; the number of the transaction at the server, where there is one.
    Sent(Option<String>),
    /// The server said that it is final.
    Committed,
    /// Nothing of it is in the database, and why.
    RolledBack(String),
    /// There was nothing to commit.
    Unchanged,
}

/// What is known of an attempt's transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// How far it has come.
    pub standing: Standing,
    /// Whoever carries it out is alive.
    pub alive: bool,
}

/// A line of the ledger.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
enum Line {
    Begun,
    Asked { tally: TallyRecord },
    Sent { xid: Option<String> },
    Committed,
    RolledBack { why: String },
    Unchanged,
}

#[derive(Serialize, Deserialize)]
struct TallyRecord {
    statements: Vec<(String, u32, Option<u64>)>,
    tables: Vec<TouchedRecord>,
    #[serde(default)]
    shut: Vec<(String, bool)>,
    place: String,
    #[serde(with = "super::stamp")]
    until: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct TouchedRecord {
    table: String,
    inserted: u64,
    updated: u64,
    deleted: u64,
    emptied: Option<u64>,
}

impl From<&Tally> for TallyRecord {
    fn from(tally: &Tally) -> Self {
        let statement = |s: &Done| (s.verb.clone(), s.line, s.rows);
        let touched = |t: &Touched| TouchedRecord {
            table: t.table.clone(),
            inserted: t.inserted,
            updated: t.updated,
            deleted: t.deleted,
            emptied: t.emptied,
        };
        Self {
            statements: tally.statements.iter().map(statement).collect(),
            tables: tally.tables.iter().map(touched).collect(),
            shut: tally
                .shut
                .iter()
                .map(|s| (s.table.clone(), s.unreadable))
                .collect(),
            place: tally.place.clone(),
            until: tally.until,
        }
    }
}

impl From<TallyRecord> for Tally {
    fn from(record: TallyRecord) -> Self {
        let done = |(verb, line, rows)| Done { verb, line, rows };
        let touched = |t: TouchedRecord| Touched {
            table: t.table,
            inserted: t.inserted,
            updated: t.updated,
            deleted: t.deleted,
            emptied: t.emptied,
        };
        Self {
            statements: record.statements.into_iter().map(done).collect(),
            tables: record.tables.into_iter().map(touched).collect(),
            shut: record
                .shut
                .into_iter()
                .map(|(table, unreadable)| Shut { table, unreadable })
                .collect(),
            unmet: Vec::new(),
            place: record.place,
            until: record.until,
        }
    }
}

impl From<Line> for Standing {
    fn from(line: Line) -> Self {
        match line {
            Line::Begun => Self::Begun,
            Line::Asked { tally } => Self::Asked(tally.into()),
            Line::Sent { xid } => Self::Sent(xid),
            Line::Committed => Self::Committed,
            Line::RolledBack { why } => Self::RolledBack(why),
            Line::Unchanged => Self::Unchanged,
        }
    }
}

/// The writer's end.
pub(super) struct Ledger {
    file: File,
}

impl Ledger {
    /// Begins the ledger of the attempt in `dir`. It has its name only once it is locked: whoever
    /// looks at it in between would hold the lock, or take its writer for dead.
    pub(super) fn begin(dir: &Path) -> io::Result<Self> {
        let temporary = files::temporary(dir, files::LEDGER);
        let file = files::create_new(&temporary)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let mut ledger = Self { file };
        ledger.write(&Line::Begun)?;
        files::publish(dir, &temporary, files::LEDGER)?;
        Ok(ledger)
    }

    /// It waits for a decision on this.
    pub(super) fn asked(&mut self, tally: &Tally) -> io::Result<()> {
        self.write(&Line::Asked {
            tally: tally.into(),
        })
    }

    /// COMMIT is about to be sent.
    pub(super) fn sent(&mut self, xid: Option<&str>) -> io::Result<()> {
        self.write(&Line::Sent {
            xid: xid.map(str::to_owned),
        })
    }

    /// It is final.
    pub(super) fn committed(&mut self) -> io::Result<()> {
        self.write(&Line::Committed)
    }

    /// Nothing of it is in the database.
    pub(super) fn rolled_back(&mut self, why: &str) -> io::Result<()> {
        self.write(&Line::RolledBack {
            why: why.to_owned(),
        })
    }

    /// There was nothing to commit.
    pub(super) fn unchanged(&mut self) -> io::Result<()> {
        self.write(&Line::Unchanged)
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)?;
        self.file.sync_data()
    }
}

/// What the ledger of the attempt in `dir` says; none where it has none.
///
/// # Errors
/// When it cannot be read.
pub fn transaction(dir: &Path) -> io::Result<Option<Transaction>> {
    let path = dir.join(files::LEDGER);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // The lock is looked at first: what is written after that was written by somebody alive.
    let alive = match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => false,
        Err(rustix::io::Errno::WOULDBLOCK) => true,
        Err(error) => return Err(error.into()),
    };
    let text = fs::read_to_string(&path)?;
    let standing = text
        .split_inclusive('\n')
        .rev()
        .filter(|line| line.ends_with('\n'))
        .find_map(|line| serde_json::from_str::<Line>(line).ok());
    Ok(Some(Transaction {
        standing: standing.map_or(Standing::Begun, Standing::from),
        alive,
    }))
}

/// Tells the attempt in `dir` what was decided. False where it has been told already.
///
/// # Errors
/// When the answer cannot be written.
pub fn settle(dir: &Path, commit: bool) -> io::Result<bool> {
    let temporary = files::temporary(dir, files::ANSWER);
    let _ = fs::remove_file(&temporary);
    files::write_new(&temporary, if commit { b"commit" } else { b"roll back" })?;
    match files::publish(dir, &temporary, files::ANSWER) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// What was decided, as soon as somebody has. Anything but the very word is no COMMIT.
pub(super) fn answer(dir: &Path) -> Option<bool> {
    let answer = fs::read(dir.join(files::ANSWER)).ok()?;
    Some(answer == b"commit")
}

/// The stored form of the terms of a block of SQL.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct TermsRecord {
    conduct: String,
    #[serde(default)]
    commit_line: Option<u32>,
    #[serde(default)]
    why: String,
    #[serde(default)]
    max_affected: Option<u64>,
    #[serde(default)]
    statement_timeout_s: Option<u64>,
    #[serde(default)]
    lock_timeout_s: Option<u64>,
    patience_s: u64,
    #[serde(default)]
    at_once: Option<String>,
}

impl From<&Terms> for TermsRecord {
    fn from(terms: &Terms) -> Self {
        let (conduct, commit_line, why) = match &terms.conduct {
            Conduct::ReadOnly => ("read-only", None, ""),
            Conduct::Held => ("held", None, ""),
            Conduct::HeldOwn(line) => ("held-own", *line, ""),
            Conduct::AsWritten(why) => ("as-written", None, why.as_str()),
        };
        Self {
            conduct: conduct.to_owned(),
            commit_line,
            why: why.to_owned(),
            max_affected: terms.max_affected,
            statement_timeout_s: terms.statement_timeout_s,
            lock_timeout_s: terms.lock_timeout_s,
            patience_s: terms.patience_s,
            at_once: terms.at_once.clone(),
        }
    }
}

impl TermsRecord {
    /// The terms; a conduct that is not known is no leave to run.
    pub(super) fn read(self) -> io::Result<Terms> {
        let conduct = match self.conduct.as_str() {
            "read-only" => Conduct::ReadOnly,
            "held" => Conduct::Held,
            "held-own" => Conduct::HeldOwn(self.commit_line),
            "as-written" => Conduct::AsWritten(self.why),
            other => return Err(io::Error::other(format!("not a conduct: {other}"))),
        };
        Ok(Terms {
            conduct,
            max_affected: self.max_affected,
            statement_timeout_s: self.statement_timeout_s,
            lock_timeout_s: self.lock_timeout_s,
            patience_s: self.patience_s,
            at_once: self.at_once,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally() -> Tally {
        Tally {
            unmet: Vec::new(),
            statements: vec![Done {
                verb: "DELETE".to_owned(),
                line: 2,
                rows: Some(7),
            }],
            tables: vec![Touched {
                table: "orders".to_owned(),
                deleted: 7,
                ..Touched::default()
            }],
            shut: vec![Shut {
                table: "orders".to_owned(),
                unreadable: true,
            }],
            place: "shop on db-1 as ana".to_owned(),
            until: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_last_whole_line_is_how_far_it_came() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(transaction(dir.path()).unwrap(), None);
        let mut ledger = Ledger::begin(dir.path()).unwrap();
        let seen = || transaction(dir.path()).unwrap().unwrap();
        assert_eq!((seen().standing, seen().alive), (Standing::Begun, true));
        ledger.asked(&tally()).unwrap();
        assert_eq!(seen().standing, Standing::Asked(tally()));
        ledger.sent(Some("77")).unwrap();
        drop(ledger);
        assert_eq!(seen().standing, Standing::Sent(Some("77".to_owned())));
        assert!(!seen().alive, "nobody holds it any more");
        let path = dir.path().join(files::LEDGER);
        let torn = fs::read_to_string(&path).unwrap() + "{\"state\":\"commit";
        fs::write(&path, torn).unwrap();
        assert_eq!(seen().standing, Standing::Sent(Some("77".to_owned())));
    }

    #[test]
    fn who_looks_for_it_while_it_begins_is_not_in_the_way_and_sees_a_living_writer() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let stop = AtomicBool::new(false);
        let dirs: Vec<_> = (0..200).map(|_| tempfile::tempdir().unwrap()).collect();
        std::thread::scope(|scope| {
            for dir in &dirs {
                stop.store(false, Ordering::Relaxed);
                let onlooker = scope.spawn(|| {
                    let mut seen = None;
                    while !stop.load(Ordering::Relaxed) && seen.is_none() {
                        seen = transaction(dir.path()).unwrap();
                    }
                    seen
                });
                let ledger = Ledger::begin(dir.path());
                let done = ledger.is_ok();
                stop.store(true, Ordering::Relaxed);
                let seen = onlooker.join().unwrap();
                assert!(done, "{:?}", ledger.err());
                assert!(seen.is_none_or(|seen| seen.alive));
            }
        });
    }

    #[test]
    fn the_first_answer_wins_and_only_the_word_commits() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(answer(dir.path()), None);
        assert!(settle(dir.path(), false).unwrap());
        assert!(!settle(dir.path(), true).unwrap());
        assert_eq!(answer(dir.path()), Some(false));
        fs::write(dir.path().join(files::ANSWER), "commit\n").unwrap();
        assert_eq!(answer(dir.path()), Some(false));
    }

    #[test]
    fn terms_read_back_as_they_were() {
        for conduct in [
            Conduct::ReadOnly,
            Conduct::Held,
            Conduct::HeldOwn(Some(4)),
            Conduct::AsWritten("VACUUM".to_owned()),
        ] {
            let terms = Terms {
                conduct,
                max_affected: Some(3),
                statement_timeout_s: None,
                lock_timeout_s: Some(30),
                patience_s: 300,
                at_once: Some("setval (line 2)".to_owned()),
            };
            let json = serde_json::to_string(&TermsRecord::from(&terms)).unwrap();
            let back: TermsRecord = serde_json::from_str(&json).unwrap();
            assert_eq!(back.read().unwrap(), terms);
        }
        let strange = r#"{"conduct":"loose","patience_s":1}"#;
        let strange: TermsRecord = serde_json::from_str(strange).unwrap();
        assert!(strange.read().is_err());
    }
}
