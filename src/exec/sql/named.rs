//! Connections by name: what the plan calls `orders`, and services that the machine knows.
//!
//! A plan's address may name variables (`$ORDERS_URL`); they are looked up where the SQL runs, so
//! that what they hold is in no journal. A service is a section of libpq's service file.

use std::fs;
use std::path::PathBuf;

/// The variable that hands the address of a named connection to the SQL program, as the plan
/// writes it.
pub const CONNECTION_URL: &str = "BACKOUT_CONNECTION_URL";
/// The variable that hands it the name of a service.
pub const CONNECTION_SERVICE: &str = "BACKOUT_CONNECTION_SERVICE";

/// An address with its variables looked up.
///
/// # Errors
/// A variable is not set.
pub(super) fn expand(url: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let braced = after.strip_prefix('{').and_then(|a| a.split_once('}'));
        let (name, tail) = braced.unwrap_or_else(|| {
            let end = after
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(after.len());
            after.split_at(end)
        });
        if name.is_empty() {
            out.push('$');
        } else {
            out.push_str(
                &lookup(name)
                    .ok_or_else(|| format!("the connection is to use ${name}, which is not set"))?,
            );
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// What the service file says of a service: its settings, in their order.
///
/// # Errors
/// There is no such file, or no such service in it.
pub(super) fn service(
    name: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<(String, String)>, String> {
    let own = lookup("PGSERVICEFILE")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(lookup("HOME")?).join(".pg_service.conf")));
    let shared = lookup("PGSYSCONFDIR").map(|dir| PathBuf::from(dir).join("pg_service.conf"));
    let mut looked = Vec::new();
    for path in own.into_iter().chain(shared) {
        looked.push(path.display().to_string());
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        if let Some(settings) = section(&text, name) {
            return Ok(settings);
        }
    }
    Err(format!(
        "the service {name} is not in {}",
        looked.join(" or ")
    ))
}

fn section(text: &str, name: &str) -> Option<Vec<(String, String)>> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|l| l.strip_prefix('[').and_then(|l| l.strip_suffix(']')) == Some(name))?;
    let settings = lines
        .take_while(|l| !l.starts_with('['))
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split_once('='))
        .map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()));
    Some(settings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Option<String> {
        (name == "ORDERS_URL" || name == "H").then(|| "db-1".to_owned())
    }

    #[test]
    fn variables_of_an_address_are_looked_up() {
        assert_eq!(expand("$ORDERS_URL", &known).as_deref(), Ok("db-1"));
        assert_eq!(
            expand("postgres://${H}:5432/a$", &known).as_deref(),
            Ok("postgres://db-1:5432/a$")
        );
        let missing = expand("$OTHER_URL", &known).unwrap_err();
        assert!(missing.contains("$OTHER_URL"), "{missing}");
    }

    #[test]
    fn a_service_is_a_section_of_the_file() {
        let text = "# ours\n[a]\nhost=x\n\n[orders]\n# note\nhost = db-1\nport=5433\n[b]\nhost=y\n";
        let got = section(text, "orders").unwrap();
        let want = [("host", "db-1"), ("port", "5433")];
        assert_eq!(got, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!(section(text, "orde"), None);
    }

    #[test]
    fn a_service_that_is_not_there_is_named_with_where_it_was_looked_for() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("services");
        std::fs::write(&file, "[a]\nhost=x\n").unwrap();
        let lookup = |name: &str| (name == "PGSERVICEFILE").then(|| file.display().to_string());
        assert_eq!(service("a", &lookup).unwrap().len(), 1);
        let why = service("b", &lookup).unwrap_err();
        assert!(
            why.contains("service b") && why.contains("services"),
            "{why}"
        );
    }
}
