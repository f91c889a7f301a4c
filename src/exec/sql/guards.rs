//! Asking a connection which database, role and server it leads to, before anything else is sent
//! over it.

use super::target::Target;
use super::{End, chain};
use crate::domain::bearing::Bearing;
use crate::exec::guard::{self, Guard, Question};
use std::path::Path;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, SimpleQueryMessage};

/// One row with everything that a plan may name.
const ASK: &str = "SELECT current_database(), current_user, \
                   pg_catalog.host(pg_catalog.inet_server_addr())";

/// The guards of a script that are measured over its connection.
pub(super) fn of(script: &Path) -> Result<Vec<Guard>, End> {
    let all = guard::of_script(script);
    // A script that stands alone belongs to no attempt.
    let all = match all {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(|error| End::Failed(format!("cannot read the action: {error}")))?,
    };
    let mine = all.into_iter().filter(|g| g.how == Question::Connection);
    Ok(mine.collect())
}

/// Leaves word that nothing was sent.
pub(super) fn refuse(script: &Path, why: &str) {
    if let Some(dir) = script.parent() {
        // The status says that it failed even where the word cannot be left.
        let _ = guard::refuse(dir, why);
    }
}

/// Asks, and compares.
pub(super) async fn check(client: &Client, target: &Target, guards: &[Guard]) -> Result<(), End> {
    if guards.is_empty() {
        return Ok(());
    }
    let answer = client.simple_query(ASK).await;
    let row = match &answer {
        Ok(messages) => messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        }),
        Err(_) => None,
    };
    let why = || match &answer {
        Err(error) => chain(error),
        Ok(_) => "the server does not say".to_owned(),
    };
    let column = |n: usize| row.and_then(|row| row.get(n)).map(str::to_owned);
    let bearings: Vec<Bearing> = guards
        .iter()
        .map(|g| {
            let found = match g.key.as_str() {
                "database" => column(0),
                "role" => column(1),
                "server" => Some(server(target, column(2), false)).filter(|_| row.is_some()),
                "host" => Some(server(target, column(2), true)).filter(|_| row.is_some()),
                _ => None,
            };
            let found = found.filter(|f| !f.trim().is_empty()).ok_or_else(why);
            Bearing::of(&g.key, &g.expected, found)
        })
        .collect();
    guard::allow(guards, &bearings).map_err(End::Refused)
}

/// The names of the server: as it is addressed, its own address, and this machine's name where it
/// is reached without the network or the plan means the machine that works on it.
fn server(target: &Target, address: Option<String>, here: bool) -> String {
    let mut names = Vec::new();
    let mut local = here;
    for host in target.config.get_hosts() {
        match host {
            Host::Tcp(name) => {
                local |= matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1");
                names.push(name.clone());
            }
            Host::Unix(_) => local = true,
        }
    }
    names.extend(address);
    if local {
        let own = rustix::system::uname();
        names.push(own.nodename().to_string_lossy().into_owned());
    }
    names.join("\n")
}
