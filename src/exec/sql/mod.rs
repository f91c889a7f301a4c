//! Running SQL as an attempt's command: statement by statement, output as text, first failure ends.
//!
//! The simple query protocol, so that values come as `PostgreSQL` writes them. A script that only
//! reads is held to reading by the server; one that changes things waits before its COMMIT, or
//! runs as it is written where that cannot be. What only psql understands is refused before
//! anything runs, and so is everything where the connection leads to another target than the plan is
//! for. An interrupt cancels the statement at the server, which is what the operator
//! means by it; a second one leaves without waiting for the server. What refers to a secret gets
//! its value as it is sent. Exit status: 0, 1 for a failure, 2 when there is no connection, 3 when
//! it was rolled back with nothing wrong in it,
//! 4 when COMMIT was sent and nobody knows what became of it, 130 when it was interrupted.

mod carry;
mod count;
mod guards;
mod hold;
pub(super) mod named;
mod table;
mod target;
mod tls;
mod told;

use super::ledger::Ledger;
use super::spec;
use crate::domain::transaction::{Conduct, Terms};
use crate::exec::guard::Guard;
use crate::script::sql::{Statement, for_psql, reads_only, split};
use carry::{Carry, Doing};
use hold::Hold;
use std::cell::Cell;
use std::future::poll_fn;
use std::path::Path;
use std::time::Duration;
use target::{Target, Transport};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_postgres::tls::{MakeTlsConnect, NoTls, TlsConnect};
use tokio_postgres::{AsyncMessage, CancelToken, Client, Connection, Socket};
use told::say;

/// How long the server is asked to cancel.
const CANCEL: Duration = Duration::from_secs(5);
/// Between two askings: one that comes just before a statement, or that a statement catches, does
/// not end it.
const CANCEL_AGAIN: Duration = Duration::from_millis(300);
/// How long the server is asked what became of a transaction.
const INQUIRE: Duration = Duration::from_secs(20);

pub use target::describe;

/// The hidden subcommand: runs the script at `path`.
pub(super) fn main(path: &Path) -> i32 {
    match run(path) {
        Ok(()) => 0,
        Err(end) => end.tell(),
    }
}

/// Why it did not come to its end.
#[derive(Debug)]
enum End {
    /// Before a connection stood.
    Unconnected(String),
    /// Nothing ran or something failed; already told, if empty.
    Failed(String),
    /// The target is not the one that the plan is for: nothing was sent.
    Refused(String),
    /// Rolled back, with nothing wrong in it.
    RolledBack(String),
    /// COMMIT was sent; the number of the transaction, to ask for it.
    Unsettled(Option<String>),
    /// Somebody stopped it.
    Interrupted,
}

impl End {
    fn tell(self) -> i32 {
        let (status, why) = match self {
            Self::Unconnected(why) => (2, format!("FATAL:  {why}")),
            Self::Failed(why) => (1, why),
            Self::Refused(why) => (1, format!("backout: {why}")),
            Self::RolledBack(why) => (3, format!("rolled back: {why}")),
            Self::Unsettled(xid) => (4, unsettled(xid.as_deref())),
            Self::Interrupted => (130, String::new()),
        };
        if !why.is_empty() {
            say(&why);
        }
        status
    }
}

fn unsettled(xid: Option<&str>) -> String {
    let ask = xid.map_or_else(String::new, |xid| {
        format!("; the server knows it: SELECT txid_status({xid});")
    });
    format!("COMMIT was sent, and no answer came: whether it is final is not known{ask}")
}

/// What is run, on which terms, and where its ledger goes.
struct Job<'j> {
    dir: &'j Path,
    code: String,
    statements: Vec<Statement>,
    terms: Terms,
    guards: Vec<Guard>,
}

fn run(path: &Path) -> Result<(), End> {
    let failed =
        |what: &str, error: &dyn std::fmt::Display| End::Failed(format!("{what}: {error}"));
    let code = std::fs::read_to_string(path).map_err(|e| failed("cannot read the script", &e))?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let told = spec::terms_of(dir).map_err(|e| failed("cannot read its terms", &e))?;
    let job = Job {
        dir,
        statements: statements(&code)?,
        terms: told.unwrap_or_else(|| judged(&code)),
        guards: guards::of(path)?,
        code,
    };
    // Begun before a connection: from here on nothing is final that the ledger does not say.
    let ledger = if job.terms.waits() {
        Some(Ledger::begin(dir).map_err(|e| failed("cannot write its ledger", &e))?)
    } else {
        None
    };
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
            Transport::Plain => work(&target, NoTls, &job, ledger).await,
            Transport::Tls(ref verify) => {
                let tls = tls::connector(verify).map_err(End::Unconnected)?;
                work(&target, tls, &job, ledger).await
            }
        };
        if let Err(End::Refused(why)) = &done {
            guards::refuse(path, why);
        }
        done
    })
}

/// Terms from the text alone.
fn judged(code: &str) -> Terms {
    Terms {
        conduct: if reads_only(code) {
            Conduct::ReadOnly
        } else {
            Conduct::AsWritten("nobody has said how".to_owned())
        },
        max_affected: None,
        statement_timeout_s: None,
        lock_timeout_s: None,
        patience_s: 0,
        at_once: None,
    }
}

/// The statements, unless one of them is for psql alone.
fn statements(code: &str) -> Result<Vec<Statement>, End> {
    match for_psql(code) {
        None => Ok(split(code)),
        Some((line, text)) => Err(End::Failed(format!(
            "line {line}: only psql understands `{text}`; nothing was run. Run it by psql."
        ))),
    }
}

/// What stops it: an interrupt, or a request to terminate.
struct Stops {
    int: Signal,
    term: Signal,
}

impl Stops {
    fn listen() -> Result<Self, End> {
        let failed = |error: std::io::Error| End::Failed(error.to_string());
        Ok(Self {
            int: signal(SignalKind::interrupt()).map_err(failed)?,
            term: signal(SignalKind::terminate()).map_err(failed)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.int.recv() => {}
            _ = self.term.recv() => {}
        }
    }
}

async fn connect<T>(target: &Target, tls: T) -> Result<Client, End>
where
    T: MakeTlsConnect<Socket> + Clone,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    // The library's own limit ends with the TCP handshake: a server that takes the connection and
    // says nothing would be waited for for ever.
    let limit = target.patience();
    let connecting = tokio::time::timeout(limit, target.config.connect(tls));
    let (client, connection) = match connecting.await {
        Ok(connected) => connected.map_err(|error| End::Unconnected(chain(&error)))?,
        Err(_) => {
            let seconds = limit.as_secs();
            let why = format!("{} did not answer within {seconds} s", target.host());
            return Err(End::Unconnected(why));
        }
    };
    tokio::spawn(converse(connection));
    Ok(client)
}

async fn work<T>(target: &Target, tls: T, job: &Job<'_>, ledger: Option<Ledger>) -> Result<(), End>
where
    T: MakeTlsConnect<Socket> + Clone + 'static,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let mut stops = Stops::listen()?;
    let client = tokio::select! {
        biased;
        () = stops.next() => return Err(End::Interrupted),
        connected = connect(target, tls.clone()) => connected?,
    };
    guards::check(&client, target, &job.guards).await?;
    let token = client.cancel_token();
    let (interrupted, doing) = (Cell::new(false), Cell::new(Doing::Work));
    let host = target.place();
    let carry = Carry {
        client: &client,
        code: &job.code,
        statements: &job.statements,
        terms: &job.terms,
        dir: job.dir,
        host: &host,
        interrupted: &interrupted,
        doing: &doing,
    };
    let again = tls.clone();
    let ask = |xid: String| {
        let tls = again.clone();
        Box::pin(async move { inquire(target, tls, &xid).await })
            as std::pin::Pin<Box<dyn Future<Output = Option<bool>>>>
    };
    let mut hold = ledger.map(|ledger| Hold::new(ledger, &ask));
    let all = carry.out(hold.as_mut());
    tokio::pin!(all);
    loop {
        tokio::select! {
            biased;
            done = &mut all => return match done {
                Err(End::Failed(_)) if interrupted.get() => Err(End::Interrupted),
                done => done,
            },
            () = stops.next() => {
                // A second one: the server does not answer, and nobody wants to wait for it.
                if interrupted.replace(true) {
                    return Err(match doing.get() {
                        Doing::Commit => End::Unsettled(None),
                        Doing::Work | Doing::Statement | Doing::Wait => End::Interrupted,
                    });
                }
                match doing.get() {
                    Doing::Work | Doing::Statement => {
                        let asked = cancel(&token, tls.clone(), &mut stops).await;
                        say(&asked.ok_or(End::Interrupted)?);
                    }
                    Doing::Wait => {}
                    Doing::Commit => say("COMMIT was sent already: waiting for the answer"),
                }
            }
            () = tokio::time::sleep(CANCEL_AGAIN), if interrupted.get() => {
                if doing.get() == Doing::Statement {
                    let asked = cancel(&token, tls.clone(), &mut stops).await;
                    asked.ok_or(End::Interrupted)?;
                }
            }
        }
    }
}

/// Asks over new connections what became of a transaction, until it is known or for too long.
async fn inquire<T>(target: &Target, tls: T, xid: &str) -> Option<bool>
where
    T: MakeTlsConnect<Socket> + Clone,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let query = format!("SELECT pg_catalog.txid_status({xid})");
    let asking = async {
        loop {
            if let Ok(client) = connect(target, tls.clone()).await
                && let Ok(Some(status)) = count::value(&client, &query).await
            {
                match status.as_str() {
                    "committed" => return true,
                    "aborted" => return false,
                    _ => {}
                }
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(INQUIRE, asking).await.ok()
}

/// Drives the connection and shows what the server says by itself.
async fn converse<S, T>(mut connection: Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            AsyncMessage::Notice(notice) => told::notice(&notice),
            AsyncMessage::Notification(note) => {
                told::say_theirs(&format!("NOTIFY {}", note.channel()), note.payload());
            }
            _ => {}
        }
    }
}

/// Asks the server to cancel what it is at: what is to be said of that, or none where somebody who
/// has asked for the end once more does not want to wait for it.
async fn cancel<T>(token: &CancelToken, tls: T, stops: &mut Stops) -> Option<String>
where
    T: MakeTlsConnect<Socket>,
{
    let asked = tokio::select! {
        biased;
        asked = tokio::time::timeout(CANCEL, token.cancel_query(tls)) => asked,
        () = stops.next() => return None,
    };
    Some(match asked {
        Ok(Ok(())) => "cancel asked for".to_owned(),
        Ok(Err(error)) => format!("the server could not be asked to cancel: {}", chain(&error)),
        Err(_) => "the server could not be asked to cancel: no answer".to_owned(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_psql_understands_is_refused() {
        for code in [
            "SELECT 1;\n\\dt\n",
            "SELECT 1;\nCOPY t TO STDOUT;",
            "SELECT 1;\nCOPY t FROM STDIN;\n1\n\\.\n",
        ] {
            assert!(
                matches!(statements(code), Err(End::Failed(why)) if why.contains("line 2")),
                "{code}"
            );
        }
        for code in [
            "SELECT 1; SELECT 2",
            "COPY t TO '/tmp/STDOUT'; SELECT 'STDIN'",
        ] {
            assert_eq!(statements(code).map_or(0, |all| all.len()), 2);
        }
    }
}
