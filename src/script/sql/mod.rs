//! SQL as data: statements, places, danger.
//!
//! Statements are slices of the source, never re-serialised: what was read is what runs. Lines for
//! psql alone (`\dt`, `COPY … FROM stdin`) are flagged, because no other client understands them.

mod danger;
mod databases;
mod every;
mod manner;
mod places;
mod split;

pub use danger::{danger, is_statement, reads_only};
pub use databases::{Whole, changes_role, leads_elsewhere, picked_databases, whole_databases};
pub use manner::{Control, Manner, at_once, control, manner, notifies, verb_line};
pub use places::{SqlPlace, SqlPlaces, places};
pub use split::{Statement, split};

/// The first statement that only psql understands (a backslash command, data that is copied from
/// or to its own input and output): its line in the block, from 1, and its beginning.
#[must_use]
pub fn for_psql(code: &str) -> Option<(u32, String)> {
    let found = split(code)
        .into_iter()
        .find(|s| s.psql_only || danger::copies_by_client(&s.text))?;
    let line = verb_line(&found);
    let mut body = found.text.lines().map(str::trim);
    let first = body.find(|l| !l.is_empty() && !l.starts_with("--"));
    Some((line, first.unwrap_or_default().to_owned()))
}

/// Words that a statement may begin with.
const STARTS: &[&str] = &[
    "ABORT",
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CHECKPOINT",
    "CLUSTER",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DO",
    "DROP",
    "END",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "GRANT",
    "INSERT",
    "LOCK",
    "MERGE",
    "NOTIFY",
    "PREPARE",
    "REASSIGN",
    "REFRESH",
    "REINDEX",
    "RELEASE",
    "RENAME",
    "REPLACE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "START",
    "TABLE",
    "TRUNCATE",
    "UNLOCK",
    "UPDATE",
    "USE",
    "VACUUM",
    "VALUES",
    "WITH",
];

/// Words that only SQL puts second, for first words that sentences and shells have as well.
const SECONDS: &[&str] = &[
    "TABLE",
    "INTO",
    "FROM",
    "DATABASE",
    "SCHEMA",
    "INDEX",
    "VIEW",
    "FUNCTION",
    "USER",
    "ROLE",
    "TRANSACTION",
    "WORK",
    "UNIQUE",
    "OR",
    "EXTENSION",
    "TYPE",
    "SEQUENCE",
    "TRIGGER",
    "POLICY",
    "MATERIALIZED",
    "TEMP",
    "TEMPORARY",
    "PROCEDURE",
    "COLUMN",
];

/// False where the first word alone says that a text is no SQL. Quick, and asked of every block
/// of shell.
pub(super) fn may_begin_as_sql(text: &str) -> bool {
    let text = text.trim_start();
    let word = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap_or_default();
    if word.starts_with(char::is_alphabetic) {
        return STARTS.iter().any(|s| s.eq_ignore_ascii_case(word)) || !word.is_ascii();
    }
    // Comments, brackets, backslash commands and empty statements are for those who look closer.
    text.starts_with(['-', '/', '\\', '(', ';'])
}

/// Whether a statement, comments in front skipped, begins as SQL does or is for psql alone.
#[must_use]
pub fn begins_as_sql(statement: &str) -> bool {
    let bare = without_comments(statement);
    let text = bare.trim();
    if text.starts_with('\\') {
        return text
            .get(1..2)
            .is_some_and(|c| c.chars().all(|c| c.is_ascii_alphabetic()));
    }
    if !text.starts_with(|c: char| c.is_alphabetic() || c == '(') {
        return false;
    }
    let mut words = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|w| !w.is_empty());
    let first = words.next().unwrap_or("");
    let second = words.next().unwrap_or("").to_uppercase();
    if !STARTS.contains(&first.to_uppercase().as_str()) {
        return false;
    }
    // Whoever writes keywords in lower case, or a word that prose has too, must end as SQL ends.
    let shouted = first.chars().all(|c| c.is_ascii_uppercase());
    let ended = text.ends_with(';');
    let assigned = first.eq_ignore_ascii_case("update") && text.to_uppercase().contains(" SET ");
    let read =
        first.eq_ignore_ascii_case("select") && (ended || text.to_uppercase().contains(" FROM "));
    shouted && (ended || text.len() > first.len() || SECONDS.contains(&second.as_str()))
        || ended
        || assigned
        || read
        || SECONDS.contains(&second.as_str())
            && !second.is_empty()
            && second != "OR"
            && second != "FROM"
}

/// A SQL text with each comment replaced by a space.
fn without_comments(code: &str) -> String {
    let seen = places(code);
    code.char_indices()
        .map(|(at, c)| {
            if seen.at(at) == SqlPlace::Comment && c != '\n' {
                ' '
            } else {
                c
            }
        })
        .collect()
}
