//! Holding a transaction before its COMMIT until somebody has decided.
//!
//! What would become final is counted, written into the ledger and shown; then it waits. Nobody
//! answering, a stop, a lost connection: nothing of it stays. That COMMIT is sent is in the ledger
//! before it is; where no answer comes to it, the server is asked what became of that
//! transaction, by its number.

use super::carry::{Carry, Doing};
use super::count::{self, XID};
use super::{End, table, told};
use crate::domain::transaction::{Done, Shut, Tally, Touched, rows_words, thousands};
use crate::exec::ledger::{self, Ledger};
use crate::script::sql::{Control, Statement, control, notifies, verb_line};
use chrono::{TimeDelta, Utc};
use std::time::{Duration, Instant};
use tokio_postgres::error::Severity;

/// Between two looks for an answer.
const LOOK: Duration = Duration::from_millis(50);

/// Asks the server over a new connection what became of a transaction: `committed`, `aborted`;
/// none where it cannot be had.
pub(super) type Inquire<'i> =
    &'i dyn Fn(String) -> std::pin::Pin<Box<dyn std::future::Future<Output = Option<bool>> + 'i>>;

/// A transaction that is held.
pub(super) struct Hold<'i> {
    ledger: Ledger,
    inquire: Inquire<'i>,
    statements: Vec<Done>,
    emptied: Vec<Touched>,
    /// Something could not be counted.
    inexact: bool,
}

/// How a wait ended.
enum Answer {
    Commit,
    RollBack(String),
}

impl<'i> Hold<'i> {
    pub(super) fn new(ledger: Ledger, inquire: Inquire<'i>) -> Self {
        Self {
            ledger,
            inquire,
            statements: Vec::new(),
            emptied: Vec::new(),
            inexact: false,
        }
    }

    /// In a transaction of ours around all of it.
    pub(super) async fn around(&mut self, carry: &Carry<'_>) -> Result<(), End> {
        carry.begin("BEGIN").await?;
        for at in 0..carry.statements.len() {
            self.step(carry, at).await?;
        }
        self.settle(carry).await
    }

    /// In the script's own transaction: held before its COMMIT, or at its end. What stands before
    /// and after it can only read. One that only has the COMMIT is begun for it.
    pub(super) async fn own(&mut self, carry: &Carry<'_>) -> Result<(), End> {
        let limits = carry.limits().await?;
        let is_begun = |s: &Statement| control(&s.text) == Some(Control::Begins);
        let (mut inside, mut settled) = (!carry.statements.iter().any(is_begun), false);
        if inside {
            carry.begin("BEGIN").await?;
        }
        for (at, statement) in carry.statements.iter().enumerate() {
            match control(&statement.text) {
                Some(Control::Begins) if !inside && !settled => {
                    carry.one(at).await?;
                    carry.limit(&limits).await?;
                    inside = true;
                }
                Some(Control::Commits) if inside => {
                    self.settle(carry).await?;
                    (inside, settled) = (false, true);
                }
                None if inside => self.step(carry, at).await?,
                None => carry.looking(at).await?,
                Some(_) => {
                    let why = "stopped: it holds more than one transaction";
                    return Err(self.failed(carry, End::Failed(why.to_owned())));
                }
            }
        }
        if inside {
            self.settle(carry).await?;
        }
        Ok(())
    }

    /// A statement within the transaction. Where it fails the server has rolled all of it back.
    async fn step(&mut self, carry: &Carry<'_>, at: usize) -> Result<(), End> {
        let Some(statement) = carry.statements.get(at) else {
            return Ok(());
        };
        let changes = Carry::changes(statement);
        let verb = table::verb(&statement.text);
        let takes_away =
            matches!(verb.as_str(), "TRUNCATE" | "TRUNCATE TABLE") || verb.starts_with("DROP ");
        if changes && takes_away && !carry.interrupted.get() {
            carry.doing.set(Doing::Statement);
            match count::emptied(carry.client, &statement.text).await {
                Ok(found) => {
                    self.inexact |= !found.exact;
                    self.emptied.extend(found.tables);
                }
                Err(_) => self.inexact = true,
            }
        }
        let rows = match carry.within(at).await {
            Ok(rows) => rows,
            Err(end) => return Err(self.failed(carry, end)),
        };
        if changes {
            let counted = table::counts_changes(&verb).then_some(rows);
            let line = verb_line(statement);
            self.statements.push(Done {
                verb,
                line,
                rows: counted,
            });
        }
        Ok(())
    }

    fn failed(&mut self, carry: &Carry<'_>, end: End) -> End {
        let why = if carry.interrupted.get() {
            "it was stopped before its COMMIT"
        } else if carry.client.is_closed() {
            "the connection was lost before its COMMIT"
        } else {
            "a statement failed"
        };
        self.note_rolled_back(why);
        say_rolled_back(carry);
        end
    }

    /// What it did not get to the ledger is so all the same: COMMIT was not sent.
    fn note_rolled_back(&mut self, why: &str) {
        let _ = self.ledger.rolled_back(&told::unsaid(why));
    }

    /// Counts, asks, and does what was decided.
    async fn settle(&mut self, carry: &Carry<'_>) -> Result<(), End> {
        let xid = match count::value(carry.client, XID).await {
            Ok(xid) => xid,
            Err(error) => return self.roll_back(carry, &super::chain(&error)).await,
        };
        let tables = match count::touched(carry.client).await {
            Ok(tables) => tables,
            Err(error) => return self.roll_back(carry, &super::chain(&error)).await,
        };
        let notifies = carry.statements.iter().any(|s| notifies(&s.text));
        if xid.is_none() && tables.is_empty() && !notifies {
            let _ = carry.client.batch_execute("COMMIT").await;
            let _ = self.ledger.unchanged();
            told::say("COMMIT: there was nothing to make final");
            return Ok(());
        }
        if tables.is_empty() {
            let counts = count::value(carry.client, count::COUNTS).await;
            self.inexact |= !matches!(&counts, Ok(Some(on)) if on == "on");
        }
        let shut = match xid {
            Some(_) => count::shut(carry.client).await,
            None => Ok(Vec::new()),
        };
        let shut = match shut {
            Ok(shut) => shut,
            Err(error) => return self.roll_back(carry, &super::chain(&error)).await,
        };
        let mut tally = self.tally(carry, tables, shut).await;
        if let Some(why) = self.too_many(carry, &tally) {
            show_changes("It would change", &tally);
            return self.roll_back(carry, &why).await;
        }
        let patience = self.patience(carry).await;
        tally.until = Utc::now() + TimeDelta::from_std(patience).unwrap_or_default();
        if let Err(error) = self.ledger.asked(&tally) {
            let why = format!("that it waits could not be written: {error}");
            return self.roll_back(carry, &why).await;
        }
        show(&tally);
        match wait(carry, Instant::now() + patience).await {
            Answer::Commit => self.commit(carry, xid).await,
            Answer::RollBack(why) => self.roll_back(carry, &why).await,
        }
    }

    async fn tally(&self, carry: &Carry<'_>, mut tables: Vec<Touched>, shut: Vec<Shut>) -> Tally {
        for emptied in &self.emptied {
            match tables.iter_mut().find(|t| t.table == emptied.table) {
                Some(same) => same.emptied = emptied.emptied,
                None => tables.push(emptied.clone()),
            }
        }
        let who =
            "SELECT pg_catalog.current_database() || ' on ' || '{}' || ' as ' || current_user";
        let host = carry.host.replace('\'', "''");
        let place = count::value(carry.client, &who.replace("{}", &host)).await;
        Tally {
            statements: self.statements.clone(),
            tables,
            shut,
            unmet: Vec::new(),
            place: place
                .ok()
                .flatten()
                .unwrap_or_else(|| carry.host.to_owned()),
            until: Utc::now(),
        }
    }

    /// Why it goes beyond what the plan allows.
    fn too_many(&self, carry: &Carry<'_>, tally: &Tally) -> Option<String> {
        let most = carry.terms.max_affected?;
        let rows = tally.rows();
        if rows > most {
            return Some(format!(
                "it changes {}, and the plan allows at most {} (max_affected)",
                rows_words(rows),
                thousands(most)
            ));
        }
        self.inexact.then(|| {
            format!(
                "its rows cannot be counted, and the plan allows at most {} (max_affected)",
                thousands(most)
            )
        })
    }

    /// How long it may wait: the server's own patience with a transaction that idles goes first.
    async fn patience(&self, carry: &Carry<'_>) -> Duration {
        let ours = Duration::from_secs(carry.terms.patience_s);
        let limits = "SELECT min(setting::bigint) FROM pg_catalog.pg_settings WHERE setting <> '0' \
            AND name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')";
        let server = count::value(carry.client, limits).await.ok().flatten();
        let server = server
            .and_then(|ms| ms.parse().ok())
            .map(Duration::from_millis);
        let Some(server) = server else {
            // Should we vanish without the server noticing, it must not keep the locks.
            let late = (ours + Duration::from_secs(30)).as_secs();
            let set = format!("SET LOCAL idle_in_transaction_session_timeout = '{late}s'");
            let _ = carry.client.batch_execute(&set).await;
            return ours;
        };
        ours.min(server.saturating_sub(Duration::from_secs(1)))
    }

    async fn roll_back(&mut self, carry: &Carry<'_>, why: &str) -> Result<(), End> {
        // Whatever comes of it: without a COMMIT the server rolls back with the connection.
        let asked = carry.client.batch_execute("ROLLBACK");
        let _ = tokio::time::timeout(Duration::from_secs(5), asked).await;
        self.note_rolled_back(why);
        say_rolled_back(carry);
        if carry.interrupted.get() {
            return Err(End::Interrupted);
        }
        Err(End::RolledBack(why.to_owned()))
    }

    async fn commit(&mut self, carry: &Carry<'_>, xid: Option<String>) -> Result<(), End> {
        if let Err(error) = self.ledger.sent(xid.as_deref()) {
            let why = format!("that COMMIT is sent could not be written: {error}");
            return self.roll_back(carry, &why).await;
        }
        carry.doing.set(Doing::Commit);
        let sent = carry.client.batch_execute("COMMIT").await;
        let settled = match (&sent, &xid) {
            // A COMMIT of a transaction that has failed is answered like any other: it is green
            // by what the server says of that transaction, and by nothing less.
            (Ok(()), Some(xid)) => match status(carry, xid).await {
                Some(settled) => Some(settled),
                None => (self.inquire)(xid.clone()).await,
            },
            (Ok(()), None) => Some(true),
            (Err(error), _) if refused(error) => Some(false),
            (Err(_), Some(xid)) => {
                told::say("no answer to COMMIT: asking the server what became of it");
                (self.inquire)(xid.clone()).await
            }
            (Err(_), None) => None,
        };
        let why = sent.err().map(|error| super::chain(&error));
        match settled {
            Some(true) => {
                let _ = self.ledger.committed();
                carry.doing.set(Doing::Work);
                told::say("COMMIT");
                Ok(())
            }
            Some(false) => {
                let why = why.unwrap_or_else(|| "the server did not commit".to_owned());
                let why = format!("COMMIT failed: {why}");
                self.note_rolled_back(&why);
                say_rolled_back(carry);
                Err(End::RolledBack(why))
            }
            None => Err(End::Unsettled(xid)),
        }
    }
}

/// Whether the server itself has said that it does not commit.
fn refused(error: &tokio_postgres::Error) -> bool {
    let told = error.as_db_error();
    told.is_some_and(|told| told.parsed_severity() == Some(Severity::Error))
}

/// Whether the server holds a transaction for committed.
async fn status(carry: &Carry<'_>, xid: &str) -> Option<bool> {
    let query = format!("SELECT pg_catalog.txid_status({xid})");
    match count::value(carry.client, &query).await.ok()??.as_str() {
        "committed" => Some(true),
        "aborted" => Some(false),
        _ => None,
    }
}

fn say_rolled_back(carry: &Carry<'_>) {
    let except = carry.terms.at_once.as_ref();
    let except = except.map_or_else(String::new, |what| {
        format!(", but {what} took effect at once and stays")
    });
    told::say(&format!(
        "ROLLBACK: nothing of it is in the database{except}"
    ));
}

fn show_changes(what: &str, tally: &Tally) {
    told::say(&format!("{what}: {}", tally.headline()));
    for table in &tally.tables {
        told::say(&format!(
            "  {}: {}",
            told::plain(&table.table),
            table.words()
        ));
    }
}

fn show(tally: &Tally) {
    show_changes("To be committed", tally);
    if let Some(shut) = tally.shut_words() {
        told::say(&format!("  meanwhile {}", told::plain(&shut)));
    }
    let until = tally.until.format("%H:%M:%S");
    told::say(&format!(
        "Waiting for a decision. Without one it is rolled back at {until} UTC."
    ));
}

/// Whether the terminal has been hung up: nobody could see or record what comes of it.
fn is_gone() -> bool {
    let terminal = rustix::termios::tcgetattr(std::io::stdout());
    matches!(terminal, Err(rustix::io::Errno::IO))
}

async fn wait(carry: &Carry<'_>, until: Instant) -> Answer {
    carry.doing.set(Doing::Wait);
    loop {
        if carry.client.is_closed() {
            return Answer::RollBack("the connection was lost while it waited".to_owned());
        }
        if carry.interrupted.get() {
            return Answer::RollBack("it was stopped while it waited".to_owned());
        }
        if is_gone() {
            return Answer::RollBack("whoever watched it is gone".to_owned());
        }
        match ledger::answer(carry.dir) {
            Some(true) => return Answer::Commit,
            Some(false) => return Answer::RollBack("it was decided so".to_owned()),
            None if Instant::now() >= until => {
                return Answer::RollBack("nobody decided in time".to_owned());
            }
            None => tokio::time::sleep(LOOK).await,
        }
    }
}
