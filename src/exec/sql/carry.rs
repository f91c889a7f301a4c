//! Carrying out a script on its terms, statement by statement; the first failure ends it.
//!
//! What only reads runs in a transaction that the server holds to that. What changes runs in one
//! transaction that waits before its COMMIT (see [`super::hold`]), or as it is written where that
//! cannot be: then each statement is final when it is done.

use super::hold::Hold;
use super::table::{self, Printer};
use super::{End, count, told};
use crate::domain::transaction::{Conduct, Terms};
use crate::script::blanks::secret;
use crate::script::sql::{Control, Statement, control, reads_only};
use futures_util::StreamExt;
use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use tokio_postgres::{Client, SimpleQueryMessage};

/// What the script is doing, for whoever wants to stop it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doing {
    /// A statement runs.
    Work,
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
        self.settings().await?;
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

    /// Time limits. What was set for the connection elsewhere is kept.
    async fn settings(&self) -> Result<(), End> {
        let limits = [
            ("statement_timeout", self.terms.statement_timeout_s),
            ("lock_timeout", self.terms.lock_timeout_s),
        ];
        for (name, seconds) in limits {
            let Some(seconds) = seconds else { continue };
            let query = format!(
                "SELECT pg_catalog.set_config('{name}', '{seconds}s', false) \
                 WHERE pg_catalog.current_setting('{name}') = '0'"
            );
            self.ours(&query).await?;
        }
        Ok(())
    }

    /// In a session that reads, and a transaction that has begun to: it cannot be turned into one
    /// that writes. A script with transactions of its own is held to it after each of them.
    async fn reading(&self) -> Result<(), End> {
        self.ours("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            .await?;
        let own = self.statements.iter().any(|s| control(&s.text).is_some());
        if !own {
            self.ours("BEGIN READ ONLY").await?;
            self.ours("SELECT 1").await?;
        }
        for at in 0..self.statements.len() {
            self.one(at).await?;
            let only = count::value(self.client, "SHOW transaction_read_only").await;
            if !matches!(&only, Ok(Some(on)) if on == "on") {
                return Err(End::Failed(
                    "stopped: it was said to read only, and its transaction does not".to_owned(),
                ));
            }
        }
        Ok(())
    }

    async fn as_written(&self) -> Result<(), End> {
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

    /// Runs a statement and shows what it gives; gives the server's count of rows.
    pub(super) async fn one(&self, index: usize) -> Result<u64, End> {
        if self.interrupted.get() {
            return Err(End::Interrupted);
        }
        let Some(statement) = self.statements.get(index) else {
            return Ok(0);
        };
        let sent = secret::resolve(&statement.text, told::variable).map_err(End::Failed)?;
        match self.run(&sent).await {
            Ok(rows) => Ok(rows),
            Err(error) => {
                told::error(&error, self.code, self.begins(index), &statement.text);
                let total = self.statements.len();
                Err(End::Failed(format!(
                    "stopped: {index} of {total} statements were done"
                )))
            }
        }
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

    /// Whether a statement commits.
    pub(super) fn commits(statement: &Statement) -> bool {
        control(&statement.text) == Some(Control::Commits)
    }
}

/// Columns of the terminal.
fn room() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}
