//! Whether a block of SQL can stand in one transaction that waits before its COMMIT.
//!
//! By the words of its statements. What `PostgreSQL` refuses inside a transaction is known by
//! name; a block that holds transactions of its own is left as it is, except where it is plainly
//! one transaction: that one can be held before its own COMMIT.

use super::danger::{reads_only, words};
use super::split::{Statement, split};

/// How a block of SQL can be carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Manner {
    /// In a transaction around all of it.
    Around,
    /// It is one transaction of its own, whether it begins it or only commits it: with the line of
    /// its COMMIT in the block, from 1, or none where it leaves the transaction open.
    Own(Option<u32>),
    /// Statement by statement, each final when it is done, and why.
    Bare(String),
}

/// What a statement does to transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// Begins one.
    Begins,
    /// Commits it.
    Commits,
    /// Rolls it back.
    RollsBack,
    /// Something else that a transaction around it would change: `SET TRANSACTION`, two phases.
    Other,
}

/// What a statement does to transactions, if anything. Savepoints stay within one.
#[must_use]
pub fn control(text: &str) -> Option<Control> {
    let words = upper(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let has = |word: &str| words.contains(&word);
    match words.as_slice() {
        ["BEGIN", ..] | ["START", "TRANSACTION", ..] => Some(Control::Begins),
        ["COMMIT" | "END" | "ROLLBACK" | "ABORT", ..]
            if has("PREPARED") || has("CHAIN") && !has("NO") =>
        {
            Some(Control::Other)
        }
        ["COMMIT" | "END", ..] => Some(Control::Commits),
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => None,
        ["ROLLBACK" | "ABORT", ..] => Some(Control::RollsBack),
        ["PREPARE" | "SET", "TRANSACTION", ..] | ["SET", "SESSION", "CHARACTERISTICS", ..] => {
            Some(Control::Other)
        }
        _ => None,
    }
}

/// How the block can be carried out.
#[must_use]
pub fn manner(code: &str) -> Manner {
    let statements = split(code);
    let outside = statements
        .iter()
        .find_map(|s| Some((not_inside(&s.text)?, verb_line(s))));
    if let Some((what, line)) = outside {
        return Manner::Bare(format!(
            "{what} (line {line}) cannot run inside a transaction"
        ));
    }
    let controls: Vec<(usize, Control, u32)> = statements
        .iter()
        .enumerate()
        .filter_map(|(at, s)| Some((at, control(&s.text)?, verb_line(s))))
        .collect();
    match controls.as_slice() {
        [] => Manner::Around,
        [(first, Control::Begins, _)] if quiet(&statements, 0, *first) => Manner::Own(None),
        [(first, Control::Begins, _), (last, Control::Commits, line)]
            if quiet(&statements, 0, *first) && quiet(&statements, last + 1, statements.len()) =>
        {
            Manner::Own(Some(*line))
        }
        // As for a program that begins a transaction by itself: its COMMIT is what it is held at.
        [(last, Control::Commits, line)] if quiet(&statements, last + 1, statements.len()) => {
            Manner::Own(Some(*line))
        }
        [(_, Control::Begins, _), (_, Control::RollsBack, line)] => {
            Manner::Bare(format!("it rolls its own transaction back (line {line})"))
        }
        [(_, _, line), ..] => Manner::Bare(format!("it holds its own transactions (line {line})")),
    }
}

/// Whether the statements from one place to another only read.
fn quiet(statements: &[Statement], from: usize, to: usize) -> bool {
    let part = statements.get(from..to).unwrap_or_default();
    part.iter().all(|s| reads_only(&s.text))
}

/// Line of a statement's first word in the block, from 1: its comments stand above it.
#[must_use]
pub fn verb_line(statement: &Statement) -> u32 {
    let seen = super::places::places(&statement.text);
    let word = statement
        .text
        .char_indices()
        .find(|(at, c)| !c.is_whitespace() && seen.at(*at) != super::places::SqlPlace::Comment);
    let before = word.map_or(0, |(at, _)| {
        statement.text.get(..at).unwrap_or("").matches('\n').count()
    });
    statement.first_line + u32::try_from(before).unwrap_or(0) + 1
}

/// What `PostgreSQL` refuses inside a transaction, by name.
fn not_inside(text: &str) -> Option<&'static str> {
    let words = upper(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let has = |word: &str| words.contains(&word);
    let concurrently = has("CONCURRENTLY");
    match words.as_slice() {
        ["VACUUM", ..] => Some("VACUUM"),
        ["CREATE", "DATABASE", ..] => Some("CREATE DATABASE"),
        ["DROP", "DATABASE", ..] => Some("DROP DATABASE"),
        ["ALTER", "DATABASE", ..] if has("TABLESPACE") => Some("ALTER DATABASE … SET TABLESPACE"),
        ["CREATE", "TABLESPACE", ..] => Some("CREATE TABLESPACE"),
        ["DROP", "TABLESPACE", ..] => Some("DROP TABLESPACE"),
        ["ALTER", "SYSTEM", ..] => Some("ALTER SYSTEM"),
        ["CREATE", "INDEX", ..] | ["CREATE", "UNIQUE", "INDEX", ..] if concurrently => {
            Some("CREATE INDEX CONCURRENTLY")
        }
        ["DROP", "INDEX", ..] if concurrently => Some("DROP INDEX CONCURRENTLY"),
        ["REINDEX", ..] if concurrently => Some("REINDEX CONCURRENTLY"),
        ["REINDEX", what, ..] if matches!(*what, "SCHEMA" | "DATABASE" | "SYSTEM") => {
            Some("REINDEX of a whole schema or database")
        }
        ["ALTER", "TABLE", ..] if has("DETACH") && concurrently => {
            Some("DETACH PARTITION CONCURRENTLY")
        }
        ["CLUSTER"] => Some("CLUSTER of everything"),
        ["DISCARD", "ALL"] => Some("DISCARD ALL"),
        ["CREATE" | "DROP" | "ALTER", "SUBSCRIPTION", ..] => Some("SUBSCRIPTION"),
        ["DO", ..] if commits_inside(text) => Some("DO with a COMMIT of its own"),
        _ => None,
    }
}

/// Functions whose effect does not wait for a COMMIT and is not taken back.
const AT_ONCE: &str = "setval pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile \
    pg_switch_wal pg_promote pg_wal_replay_pause pg_wal_replay_resume pg_create_restore_point \
    pg_drop_replication_slot pg_create_physical_replication_slot \
    pg_create_logical_replication_slot pg_replication_slot_advance pg_backup_start pg_backup_stop \
    pg_start_backup pg_stop_backup pg_stat_reset pg_stat_statements_reset pg_file_write \
    pg_file_rename pg_file_unlink lo_export dblink dblink_exec dblink_send_query http http_post";

/// What in the block takes effect at once, whatever becomes of its transaction: `setval (line 2)`.
#[must_use]
pub fn at_once(code: &str) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    for statement in split(code) {
        let names = if told_to_copy(&statement.text) {
            vec!["COPY … TO".to_owned()]
        } else {
            called_at_once(&statement.text)
        };
        let line = verb_line(&statement);
        found.extend(names.iter().map(|name| format!("{name} (line {line})")));
    }
    (!found.is_empty()).then(|| found.join(", "))
}

fn called_at_once(text: &str) -> Vec<String> {
    let all = words(text);
    let inside: Vec<String> = match all.first() {
        // What it runs is in its quotes.
        Some(first) if first.eq_ignore_ascii_case("DO") => text
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map(str::to_owned)
            .collect(),
        Some(_) | None => all,
    };
    let mut names: Vec<String> = Vec::new();
    for word in inside {
        let name = word.rsplit('.').next().unwrap_or_default().to_lowercase();
        if AT_ONCE.split_whitespace().any(|f| f == name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a statement copies into a file or a program of the server.
fn told_to_copy(text: &str) -> bool {
    let words = upper(text);
    let has = |word: &str| words.iter().any(|w| w == word);
    words.first().is_some_and(|w| w == "COPY") && has("TO") && !has("STDOUT")
}

/// Whether a statement tells listeners something with its COMMIT.
#[must_use]
pub fn notifies(text: &str) -> bool {
    let words = upper(text);
    words.first().is_some_and(|w| w == "NOTIFY")
        || words.iter().any(|w| w.ends_with("PG_NOTIFY"))
        || text.to_uppercase().contains("PG_NOTIFY")
}

/// Whether the text of a `DO` ends transactions by itself.
fn commits_inside(text: &str) -> bool {
    let upper = text.to_uppercase();
    let words: Vec<&str> = upper
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .collect();
    words.contains(&"COMMIT") || words.contains(&"ROLLBACK")
}

fn upper(text: &str) -> Vec<String> {
    words(text).iter().map(|w| w.to_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_stand_in_a_transaction_is_left_as_it_is() {
        for (code, why) in [
            ("UPDATE t SET a = 1;\nVACUUM t;", "VACUUM (line 2)"),
            (
                "-- fast\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (a);",
                "CREATE INDEX CONCURRENTLY (line 2)",
            ),
            ("create database copy;", "CREATE DATABASE (line 1)"),
            (
                "DO $$ BEGIN DELETE FROM t; COMMIT; END $$;",
                "DO with a COMMIT",
            ),
            (
                "BEGIN; DELETE FROM t; ROLLBACK;",
                "rolls its own transaction back",
            ),
            (
                "BEGIN; DELETE FROM t; COMMIT; BEGIN; DELETE FROM u; COMMIT;",
                "its own",
            ),
            ("BEGIN; DELETE FROM t; COMMIT; DELETE FROM u;", "its own"),
            ("DELETE FROM t; COMMIT; DELETE FROM u;", "its own"),
            ("DELETE FROM t; COMMIT; COMMIT;", "its own"),
            ("BEGIN; DELETE FROM t; COMMIT AND CHAIN;", "its own"),
        ] {
            assert!(
                matches!(manner(code), Manner::Bare(said) if said.contains(why)),
                "{code}: {:?}",
                manner(code)
            );
        }
    }

    #[test]
    fn what_does_not_wait_for_a_commit_is_named() {
        for (code, want) in [
            ("DELETE FROM t;", None),
            (
                "DELETE FROM t;\nSELECT pg_catalog.setval('s', 1);",
                Some("setval (line 2)"),
            ),
            (
                "DO $$ BEGIN PERFORM pg_terminate_backend(7); END $$;",
                Some("pg_terminate_backend (line 1)"),
            ),
            ("COPY t TO '/tmp/t.csv';", Some("COPY … TO (line 1)")),
            ("COPY t FROM '/tmp/t.csv';", None),
            ("SELECT 'setval' -- setval", None),
        ] {
            assert_eq!(at_once(code).as_deref(), want, "{code}");
        }
        assert!(notifies("NOTIFY jobs;") && notifies("SELECT pg_notify('a', 'b')"));
        assert!(!notifies("SELECT 1"));
    }

    #[test]
    fn one_transaction_is_told_from_several() {
        for (code, want) in [
            ("DELETE FROM t WHERE a = 1;", Manner::Around),
            ("SAVEPOINT a; DELETE FROM t; ROLLBACK TO a;", Manner::Around),
            // Words in quotes and comments are no statements.
            (
                "UPDATE t SET a = 'VACUUM; COMMIT'; -- BEGIN",
                Manner::Around,
            ),
            ("REINDEX TABLE t;", Manner::Around),
            (
                "BEGIN;\nDELETE FROM t;\nCOMMIT;\nSELECT count(*) FROM t;",
                Manner::Own(Some(3)),
            ),
            (
                "begin;\ndelete from t;\n-- look, then commit",
                Manner::Own(None),
            ),
            ("DELETE FROM t;\nCOMMIT;", Manner::Own(Some(2))),
            ("DO $$ BEGIN DELETE FROM t; END $$;", Manner::Around),
        ] {
            assert_eq!(manner(code), want, "{code}");
        }
    }
}
