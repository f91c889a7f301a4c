//! Carrying out a script on its terms, statement by statement; the first failure ends it.
//!
//! What only reads runs in a transaction that the server holds to that. What changes runs in one
//! transaction that waits before its COMMIT (see [`super::hold`]), or as it is written where that
//! cannot be: then each statement is final when it is done. Nothing is set for the session that
//! would outlast its transaction: behind a pooler the session is somebody else's next.

use super::hold::Hold;
use super::table::{self, Printer};
use super::{End, count, told};
use crate::domain::transaction::{Conduct, Terms};
use crate::exec::files;
use crate::script::blanks::secret;
use crate::script::sql::{Control, Statement, control, reads_only};
use futures_util::StreamExt;
use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};

/// How a transaction of ours begins that only reads.
const READ_ONLY: &str = "BEGIN READ ONLY";

/// What the script is doing, for whoever wants to stop it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doing {
    /// What belongs to no statement of the script.
    Work,
    /// A statement runs.
    Statement,
    /// It waits for a decision.
    Wait,
    /// COMMIT was sent.
    Commit,
}

/// A script and the connection that it goes through.
pub(super) struct Carry<'c> {
    pub client: &'c Client,
    pub code: &'c str,
    pub statements: &'c [Statement],
    pub terms: &'c Terms,
    /// The attempt's evidence directory.
    pub dir: &'c Path,
    /// The host, as the connection names it.
    pub host: &'c str,
    /// Somebody has asked it to stop.
    pub interrupted: &'c Cell<bool>,
    pub doing: &'c Cell<Doing>,
}

impl Carry<'_> {
    /// Carries it out.
    pub(super) async fn out(&self, hold: Option<&mut Hold<'_>>) -> Result<(), End> {
        match (&self.terms.conduct, hold) {
            (Conduct::ReadOnly, _) => self.reading().await,
            (Conduct::Held, Some(hold)) => hold.around(self).await,
            (Conduct::HeldOwn(_), Some(hold)) => hold.own(self).await,
            (Conduct::AsWritten(_) | Conduct::Held | Conduct::HeldOwn(_), _) => {
                self.as_written().await
            }
        }
    }

    async fn ours(&self, query: &str) -> Result<(), End> {
        let done = self.client.batch_execute(query).await;
        done.map_err(|error| End::Failed(super::chain(&error)))
    }

    /// Time limits that are to be set. What was set for the connection elsewhere is kept.
    pub(super) async fn limits(&self) -> Result<Vec<(&'static str, u64)>, End> {
        let wanted = [
            ("statement_timeout", self.terms.statement_timeout_s),
            ("lock_timeout", self.terms.lock_timeout_s),
        ];
        let mut limits = Vec::new();
        for (name, seconds) in wanted {
            let Some(seconds) = seconds else { continue };
            let query = format!("SELECT pg_catalog.current_setting('{name}')");
            let set = count::value(self.client, &query).await;
            let set = set.map_err(|error| End::Failed(super::chain(&error)))?;
            if set.as_deref() == Some("0") {
                limits.push((name, seconds));
            }
        }
        Ok(limits)
    }

    /// Sets time limits for the transaction that has begun, and for nothing else: a pooler gives
    /// the session to others.
    pub(super) async fn limit(&self, limits: &[(&'static str, u64)]) -> Result<(), End> {
        for (name, seconds) in limits {
            self.ours(&format!("SET LOCAL {name} = '{seconds}s'"))
                .await?;
        }
        Ok(())
    }

    /// Begins a transaction of ours.
    pub(super) async fn begin(&self, how: &str) -> Result<(), End> {
        let limits = self.limits().await?;
        self.ours(how).await?;
        self.limit(&limits).await
    }

    /// In transactions that have begun to read: they cannot be turned into ones that write. Those
    /// of the script are held to it too, and what stands outside of them stands in one of ours.
    async fn reading(&self) -> Result<(), End> {
        let own = self.statements.iter().any(|s| control(&s.text).is_some());
        if !own {
            self.begin(READ_ONLY).await?;
            self.ours("SELECT 1").await?;
            for at in 0..self.statements.len() {
                self.within(at).await?;
                self.reads_only().await?;
            }
            return self.ours("ROLLBACK").await;
        }
        let limits = self.limits().await?;
        let (mut inside, mut fresh) = (false, false);
        for (at, statement) in self.statements.iter().enumerate() {
            match control(&statement.text) {
                Some(Control::Begins) => {
                    self.one(at).await?;
                    self.ours("SET TRANSACTION READ ONLY").await?;
                    self.limit(&limits).await?;
                    (inside, fresh) = (true, true);
                }
                Some(Control::Commits | Control::RollsBack) => {
                    self.one(at).await?;
                    inside = false;
                }
                Some(Control::Other) => {
                    self.one(at).await?;
                    inside &= !leaves(&statement.text);
                    fresh = inside;
                }
                None if inside => {
                    if std::mem::take(&mut fresh) {
                        self.ours("SELECT 1").await?;
                    }
                    self.within(at).await?;
                    self.reads_only().await?;
                }
                None => self.looking(at).await?,
            }
        }
        Ok(())
    }

    /// A statement that stands outside of the script's transaction and only reads.
    pub(super) async fn looking(&self, at: usize) -> Result<(), End> {
        self.begin(READ_ONLY).await?;
        self.ours("SELECT 1").await?;
        self.within(at).await?;
        self.reads_only().await?;
        // What it has set for its session is kept.
        self.ours("COMMIT").await
    }

    async fn reads_only(&self) -> Result<(), End> {
        let only = count::value(self.client, "SHOW transaction_read_only").await;
        if matches!(&only, Ok(Some(on)) if on == "on") {
            return Ok(());
        }
        Err(End::Failed(
            "stopped: it was said to read only, and its transaction does not".to_owned(),
        ))
    }

    async fn as_written(&self) -> Result<(), End> {
        let limits = self.limits().await?;
        for (name, seconds) in &limits {
            self.ours(&format!("SET {name} = '{seconds}s'")).await?;
        }
        let done = self.each().await;
        for (name, _) in &limits {
            let reset = format!("RESET {name}");
            // The first may meet a cancel that was meant for the script.
            if self.client.batch_execute(&reset).await.is_err() {
                let _ = self.client.batch_execute(&reset).await;
            }
        }
        done
    }

    async fn each(&self) -> Result<(), End> {
        for at in 0..self.statements.len() {
            self.one(at).await?;
        }
        // A transaction that was left open is rolled back with the connection: that is no success.
        match count::value(self.client, count::XID).await {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(End::RolledBack(
                "it left its transaction open, so the server rolls it back".to_owned(),
            )),
            Err(error) => Err(End::Failed(super::chain(&error))),
        }
    }

    /// Runs a statement as it stands and shows what it gives; gives the server's count of rows.
    pub(super) async fn one(&self, index: usize) -> Result<u64, End> {
        self.send(index, false).await
    }

    /// Runs a statement inside a transaction: only where the server itself reads a single
    /// statement in it. A COMMIT that hid in a text that is read otherwise there never gets sent.
    pub(super) async fn within(&self, index: usize) -> Result<u64, End> {
        self.send(index, true).await
    }

    async fn send(&self, index: usize, within: bool) -> Result<u64, End> {
        if self.interrupted.get() {
            return Err(End::Interrupted);
        }
        let Some(statement) = self.statements.get(index) else {
            return Ok(0);
        };
        let sent = secret::resolve(&statement.text, told::variable).map_err(End::Failed)?;
        if control(&sent) != control(&statement.text) {
            let why = "a secret in it makes it another statement; it was not sent";
            return Err(End::Failed(why.to_owned()));
        }
        self.doing.set(Doing::Statement);
        let mut done = Ok(0);
        if within {
            done = self.client.prepare(&sent).await.map(|_| 0);
        }
        // A stop may have come when the server had nothing to cancel.
        let stopped = done.is_ok() && self.interrupted.get();
        if done.is_ok() && !stopped {
            done = self.run(&sent).await;
        }
        self.doing.set(Doing::Work);
        if stopped {
            return Err(End::Interrupted);
        }
        done.map_err(|error| {
            let said = told::error(&error, self.code, self.begins(index), &statement.text);
            if !self.interrupted.get() {
                // Without it the row says the exit status; the output has it all the same.
                let _ = std::fs::write(self.dir.join(files::SENTENCE), said);
            }
            if within && is_several(&error) {
                told::say("backout takes it for one statement, the server does not; not sent");
            }
            let total = self.statements.len();
            // Of one statement, and of what is rolled back as a whole, there is no more to say.
            End::Failed(if total == 1 || self.terms.waits() {
                String::new()
            } else {
                format!("stopped: {index} of {total} statements were done")
            })
        })
    }

    /// The byte of the script at which a statement begins.
    fn begins(&self, index: usize) -> usize {
        let mut cursor = 0;
        let mut begins = 0;
        for statement in self.statements.iter().take(index + 1) {
            let rest = self.code.get(cursor..).unwrap_or_default();
            begins = cursor + rest.find(&statement.text).unwrap_or(0);
            cursor = begins + statement.text.len();
        }
        begins
    }

    async fn run(&self, text: &str) -> Result<u64, tokio_postgres::Error> {
        let messages = self.client.simple_query_raw(text).await?;
        let mut messages = std::pin::pin!(messages);
        let mut printer = Printer::new(room());
        let mut rows = 0;
        while let Some(message) = messages.next().await {
            let shown = match message? {
                SimpleQueryMessage::RowDescription(columns) => {
                    printer.columns(columns.iter().map(|c| c.name().to_owned()));
                    continue;
                }
                SimpleQueryMessage::Row(row) => printer.row(&row),
                SimpleQueryMessage::CommandComplete(count) => {
                    rows = count;
                    let tag = || format!("{}\n", table::tag(text, count));
                    printer.complete().unwrap_or_else(tag)
                }
                _ => continue,
            };
            let _ = std::io::stdout().write_all(shown.as_bytes());
        }
        let _ = std::io::stdout().flush();
        Ok(rows)
    }

    /// Whether a statement may change something.
    pub(super) fn changes(statement: &Statement) -> bool {
        !reads_only(&statement.text) && control(&statement.text).is_none()
    }
}

/// Whether a statement ends the transaction without beginning the next.
fn leaves(text: &str) -> bool {
    table::verb(text).starts_with("PREPARE")
}

/// Whether the server has found more than one statement in a text: that error has no place in it.
fn is_several(error: &tokio_postgres::Error) -> bool {
    let told = error.as_db_error();
    told.is_some_and(|told| *told.code() == SqlState::SYNTAX_ERROR && told.position().is_none())
}

/// Columns of the terminal.
fn room() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}
