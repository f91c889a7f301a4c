//! The databases that SQL names as a whole: what it drops, creates or alters, and whose sessions
//! it picks.

use super::places::{SqlPlace, places};
use super::split::split;

/// A database that a text works on as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Whole {
    /// By its name.
    Named(String),
    /// It is only named when it runs.
    Open,
}

/// The databases that `DROP`, `CREATE` or `ALTER DATABASE` name in a text.
#[must_use]
pub fn whole_databases(code: &str) -> Vec<Whole> {
    let mut found = Vec::new();
    for statement in split(code) {
        let text = without_comments(&statement.text);
        let mut words = text.split_whitespace();
        let verb = words.next().unwrap_or_default().to_uppercase();
        let works = matches!(verb.as_str(), "DROP" | "CREATE" | "ALTER");
        let kind = words.next().unwrap_or_default();
        if !works || !kind.eq_ignore_ascii_case("DATABASE") {
            continue;
        }
        // A name may hold blanks where it is quoted.
        let at = text.to_uppercase().find("DATABASE").unwrap_or_default();
        let rest = text.get(at + "DATABASE".len()..).unwrap_or_default();
        let mut rest = rest.trim_start();
        if rest.get(..3).is_some_and(|w| w.eq_ignore_ascii_case("IF ")) {
            let behind = rest.to_uppercase().find("EXISTS").map(|at| at + 6);
            rest = behind
                .and_then(|at| rest.get(at..))
                .unwrap_or(rest)
                .trim_start();
        }
        let name = named(rest);
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The databases that a text picks by `datname = '…'`.
#[must_use]
pub fn picked_databases(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.to_lowercase().match_indices("datname") {
        let rest = code.get(at + "datname".len()..).unwrap_or_default();
        let rest = rest.trim_start().strip_prefix('=').unwrap_or_default();
        let Some(inner) = rest.trim_start().strip_prefix('\'') else {
            continue;
        };
        if let Some((name, _)) = inner.split_once('\'')
            && !name.contains(['$', ':'])
        {
            found.push(name.to_owned());
        }
    }
    found
}

/// The command of `psql` in a text that goes to another database or reads another file.
#[must_use]
pub fn leads_elsewhere(text: &str) -> Option<&'static str> {
    const WORDS: &[&str] = &[
        "\\c",
        "\\connect",
        "\\i",
        "\\ir",
        "\\include",
        "\\include_relative",
    ];
    text.match_indices('\\').find_map(|(at, _)| {
        let before = text.get(..at).is_some_and(|b| b.ends_with('\\'));
        let rest = text.get(at + 1..).unwrap_or_default();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let word = WORDS.iter().find(|word| word.get(1..) == Some(name));
        word.copied().filter(|_| !before)
    })
}

/// Whether a text takes on another role.
#[must_use]
pub fn changes_role(text: &str) -> bool {
    split(text).iter().any(|statement| {
        let text = without_comments(&statement.text).to_uppercase();
        let mut words = text.split_whitespace();
        let sets = words.next() == Some("SET");
        let words: Vec<&str> = words
            .map(|w| w.trim_end_matches(';'))
            .filter(|w| !matches!(*w, "LOCAL"))
            .collect();
        let words = match words.as_slice() {
            ["SESSION", rest @ ..] => rest,
            words => words,
        };
        sets && matches!(words.first(), Some(&"ROLE" | &"AUTHORIZATION"))
    })
}

fn named(rest: &str) -> Whole {
    let name = match rest.strip_prefix('"') {
        Some(inner) => inner.split('"').next().unwrap_or_default().to_owned(),
        None => {
            let end = rest.find(|c: char| c.is_whitespace() || c == ';');
            rest.get(..end.unwrap_or(rest.len()))
                .unwrap_or_default()
                .to_lowercase()
        }
    };
    if name.is_empty() || name.contains(['$', ':', '`', '<', '{', '\'', '%']) {
        return Whole::Open;
    }
    Whole::Named(name)
}

fn without_comments(text: &str) -> String {
    let seen = places(text);
    let keep = |at: usize| !matches!(seen.at(at), SqlPlace::Comment);
    let kept = text
        .char_indices()
        .map(|(at, c)| if keep(at) { c } else { ' ' });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_worked_on_as_a_whole_is_named() {
        for (code, want) in [
            ("DROP DATABASE orders_prod", "orders_prod"),
            ("drop database if exists Orders;", "orders"),
            ("CREATE DATABASE \"Shop 2\" TEMPLATE shop", "Shop 2"),
            ("-- first\nALTER DATABASE shop RENAME TO old;", "shop"),
            ("/* x */ DROP DATABASE shop WITH (FORCE)", "shop"),
        ] {
            let want = vec![Whole::Named(want.to_owned())];
            assert_eq!(whole_databases(code), want, "{code}");
        }
        assert_eq!(whole_databases("DROP DATABASE :name"), [Whole::Open]);
        assert_eq!(whole_databases("DROP DATABASE \"$OLD\""), [Whole::Open]);
        assert_eq!(whole_databases("DROP TABLE database; SELECT 1"), []);
        let picked =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'";
        assert_eq!(picked_databases(picked), ["shop"]);
    }

    #[test]
    fn what_leads_elsewhere_is_seen_wherever_it_stands() {
        for text in [
            "\\c staging",
            "SELECT 1; \\connect staging\nDELETE FROM a;",
            "\\i down.sql",
            "  \\ir x",
            "\\c",
        ] {
            assert!(leads_elsewhere(text).is_some(), "{text}");
        }
        for text in [
            "\\copy a FROM 'x'",
            "\\conninfo",
            "a\\\\c b",
            "\\d",
            "SELECT 'c'",
        ] {
            assert_eq!(leads_elsewhere(text), None, "{text}");
        }
        assert!(changes_role("SET ROLE owner;") && changes_role("set session authorization x"));
        assert!(!changes_role("UPDATE a SET role = 'x'"));
    }
}
