//! Running SQL as an attempt's command: statement by statement, output as text, first failure ends.
//!
//! The simple query protocol, so that values come as `PostgreSQL` writes them. A script that only
//! reads runs in a session whose transactions are read-only. What only psql understands is
//! refused before anything runs, and so is everything where the database, the role or the server
//! is not the one that the plan is for: the connection itself is asked. An interrupt cancels the
//! statement at the server, which is what the operator means by it. What refers to a secret gets
//! its value as it is sent. Exit status: 0, 1 for a failure, 2 when there is no connection, 130
//! when it was interrupted.

mod guards;
pub(super) mod named;
mod table;
mod target;
mod tls;

use crate::exec::guard::Guard;
use crate::script::blanks::secret;
use crate::script::sql::{Statement, reads_only, split};
use std::cell::Cell;
use std::future::poll_fn;
use std::io::Write;
use std::path::Path;
use target::{Target, Transport};
use tokio_postgres::error::{DbError, ErrorPosition};
use tokio_postgres::tls::{MakeTlsConnect, NoTls, TlsConnect};
use tokio_postgres::{AsyncMessage, CancelToken, Client, Connection, Socket};

/// The hidden subcommand: runs the script at `path`.
pub(super) fn main(path: &Path) -> i32 {
    match run(path) {
        Ok(()) => 0,
        Err(end) => end.tell(),
    }
}

/// Why it did not come to its end.
enum End {
    /// Before a connection stood.
    Unconnected(String),
    /// Nothing ran or something failed; already told, if empty.
    Failed(String),
    /// The target is not the one that the plan is for: nothing was sent.
    Refused(String),
    /// Somebody stopped it.
    Interrupted,
}

impl End {
    fn tell(self) -> i32 {
        match self {
            Self::Unconnected(why) => {
                say(&format!("FATAL:  {why}"));
                2
            }
            Self::Failed(why) => {
                if !why.is_empty() {
                    say(&why);
                }
                1
            }
            Self::Refused(why) => {
                say(&format!("backout: {why}"));
                1
            }
            Self::Interrupted => 130,
        }
    }
}

fn run(path: &Path) -> Result<(), End> {
    let code = std::fs::read_to_string(path)
        .map_err(|error| End::Failed(format!("cannot read the script: {error}")))?;
    let statements = statements(&code)?;
    let guards = guards::of(path)?;
    let target = Target::from_environment().map_err(End::Unconnected)?;
    for note in &target.notes {
        say(&format!("note: {note}"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| End::Failed(error.to_string()))?;
    runtime.block_on(async {
        let done = match target.transport {
            Transport::Plain => work(&target, NoTls, &code, &statements, &guards).await,
            Transport::Tls(ref verify) => {
                let tls = tls::connector(verify).map_err(End::Unconnected)?;
                work(&target, tls, &code, &statements, &guards).await
            }
        };
        if let Err(End::Refused(why)) = &done {
            guards::refuse(path, why);
        }
        done
    })
}

/// The statements, unless one of them is for psql alone.
fn statements(code: &str) -> Result<Vec<Statement>, End> {
    let statements = split(code);
    match statements.iter().find(|statement| statement.psql_only) {
        None => Ok(statements),
        Some(statement) => {
            let line = statement.first_line + 1;
            let text = statement.text.trim().lines().next().unwrap_or_default();
            Err(End::Failed(format!(
                "line {line}: only psql understands `{text}`; nothing was run. Run it by psql."
            )))
        }
    }
}

async fn work<T>(
    target: &Target,
    tls: T,
    code: &str,
    statements: &[Statement],
    guards: &[Guard],
) -> Result<(), End>
where
    T: MakeTlsConnect<Socket> + Clone,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let (client, connection) = target
        .config
        .connect(tls.clone())
        .await
        .map_err(|error| End::Unconnected(chain(&error)))?;
    tokio::spawn(converse(connection));
    guards::check(&client, target, guards).await?;
    let token = client.cancel_token();
    let interrupted = Cell::new(false);
    let all = each(&client, code, statements, &interrupted);
    tokio::pin!(all);
    loop {
        tokio::select! {
            done = &mut all => {
                return if interrupted.get() && done.is_err() { Err(End::Interrupted) } else { done };
            }
            () = interrupt() => {
                interrupted.set(true);
                cancel(&token, tls.clone()).await;
            }
        }
    }
}

/// Drives the connection and shows what the server says by itself.
async fn converse<S, T>(mut connection: Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            AsyncMessage::Notice(notice) => {
                say(&format!("{}:  {}", notice.severity(), notice.message()));
                say_details(&notice);
            }
            AsyncMessage::Notification(note) => {
                say(&format!("NOTIFY {}: {}", note.channel(), note.payload()));
            }
            _ => {}
        }
    }
}

async fn interrupt() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut int), Ok(mut term)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => {}
        _ = term.recv() => {}
    }
}

async fn cancel<T>(token: &CancelToken, tls: T)
where
    T: MakeTlsConnect<Socket>,
{
    match token.cancel_query(tls).await {
        Ok(()) => say("cancel asked for"),
        Err(error) => say(&format!(
            "the server could not be asked to cancel: {}",
            chain(&error)
        )),
    }
}

async fn each(
    client: &Client,
    code: &str,
    statements: &[Statement],
    interrupted: &Cell<bool>,
) -> Result<(), End> {
    if reads_only(code) {
        const READ_ONLY: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
        client
            .batch_execute(READ_ONLY)
            .await
            .map_err(|error| End::Failed(chain(&error)))?;
    }
    let mut cursor = 0;
    for (done, statement) in statements.iter().enumerate() {
        if interrupted.get() {
            return Err(End::Interrupted);
        }
        let found = code
            .get(cursor..)
            .and_then(|rest| rest.find(&statement.text));
        let at = found.map_or(cursor, |offset| cursor + offset);
        let text = secret::resolve(&statement.text, |name| std::env::var(name).ok())
            .map_err(End::Failed)?;
        match client.simple_query(&text).await {
            Ok(messages) => table::show(&statement.text, &messages, &mut std::io::stdout()),
            Err(error) => {
                tell_error(&error, code, at, &text);
                let total = statements.len();
                return Err(End::Failed(format!(
                    "stopped: {done} of {total} statements were done"
                )));
            }
        }
        cursor = at + statement.text.len();
    }
    Ok(())
}

fn tell_error(error: &tokio_postgres::Error, code: &str, at: usize, statement: &str) {
    let Some(told) = error.as_db_error() else {
        say(&format!("ERROR:  {}", chain(error)));
        return;
    };
    say(&format!(
        "{}:  {} ({})",
        told.severity(),
        told.message(),
        told.code().code()
    ));
    if let Some(ErrorPosition::Original(position)) = told.position() {
        let (line, column) = place(code, at, statement, *position);
        say(&format!("AT:  {line}:{column}"));
    }
    say_details(told);
}

fn say_details(told: &DbError) {
    let details = [
        ("DETAIL", told.detail()),
        ("HINT", told.hint()),
        ("WHERE", told.where_()),
    ];
    for (label, text) in details {
        if let Some(text) = text {
            say(&format!("{label}:  {text}"));
        }
    }
}

/// Line and column in the script, from 1, of a character of a statement, from 1.
fn place(code: &str, at: usize, statement: &str, position: u32) -> (usize, usize) {
    let before: String = statement
        .chars()
        .take((position as usize).saturating_sub(1))
        .collect();
    let before = code.get(..at).unwrap_or_default().to_owned() + &before;
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_the_whole_script() {
        let code = "SELECT 1;\n-- é\nSELECT é, nope;";
        let at = code.find("-- é").unwrap();
        let statement = &code[at..];
        let position = u32::try_from(statement.chars().count() - 4).unwrap();
        assert_eq!(place(code, at, statement, position), (3, 11));
    }

    #[test]
    fn what_only_psql_understands_is_refused() {
        assert!(
            matches!(statements("SELECT 1;\n\\dt\n"), Err(End::Failed(why)) if why.contains("line 2"))
        );
        assert_eq!(
            statements("SELECT 1; SELECT 2").map_or(0, |all| all.len()),
            2
        );
    }
}
