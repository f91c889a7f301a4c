//! One value, written so that the place it stands in yields exactly that value.
//!
//! Every function either returns text that the shell or the database reads back as the value, or
//! says why it cannot.

use super::counted::is_number as is_whole_number;
use crate::script::places::Place;
use crate::script::sql::SqlPlace;

/// Words that a shell takes for its own where a command begins.
const RESERVED: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac",
    "in", "select", "function", "time", "coproc",
];

/// Words that SQL takes for its own where a name could stand.
const SQL_RESERVED: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "check",
    "column",
    "constraint",
    "create",
    "cross",
    "current_user",
    "default",
    "delete",
    "desc",
    "distinct",
    "do",
    "drop",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "for",
    "foreign",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "primary",
    "references",
    "right",
    "select",
    "session_user",
    "set",
    "some",
    "table",
    "then",
    "to",
    "true",
    "truncate",
    "union",
    "unique",
    "update",
    "user",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// Whether every character means itself to every shell, everywhere in a word.
pub(super) fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_./:@+-".contains(c))
}

/// Writes a value for a place of a shell text. `redirects` says that a redirection follows at
/// once, so that a bare number would become its file descriptor.
pub(super) fn shell(place: Place, value: &str, redirects: bool) -> Result<String, String> {
    match place {
        Place::Bare => Ok(bare(value, redirects)),
        Place::Single => Ok(value.replace('\'', r"'\''")),
        Place::Ansi => Ok(escape(value, &['\\', '\''])),
        Place::Double => Ok(escape(value, &['\\', '"', '$', '`'])),
        Place::Heredoc => Ok(escape(value, &['\\', '$', '`'])),
        Place::HeredocRaw | Place::Comment => Ok(value.to_owned()),
        Place::Arithmetic => {
            if is_whole_number(value) {
                Ok(value.to_owned())
            } else {
                Err("only a whole number can stand in arithmetic".to_owned())
            }
        }
        Place::Expansion => plain(value, "inside ${…}"),
        Place::Backtick => plain(value, "inside a command substitution"),
    }
}

/// A value that means itself, or the reason why it cannot stand there.
pub(super) fn plain(value: &str, place: &str) -> Result<String, String> {
    if is_plain(value) {
        return Ok(value.to_owned());
    }
    Err(format!(
        "it stands {place}, where only letters, digits and _ . / : @ + - are safe to put"
    ))
}

fn bare(value: &str, redirects: bool) -> String {
    let unquoted = is_plain(value) && !redirects && !RESERVED.contains(&value);
    if unquoted {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

fn escape(value: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        if special.contains(&character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// Where in a SQL text a blank stands.
pub(super) struct SqlContext<'a> {
    /// The kind of quotes around it.
    pub place: SqlPlace,
    /// The text before it.
    pub before: &'a str,
    /// The text after it.
    pub after: &'a str,
    /// The database takes a backslash in `'…'` for an escape.
    pub backslash_escapes: bool,
}

/// Writes a value for a place of a SQL text.
pub(super) fn sql(context: &SqlContext<'_>, value: &str) -> Result<String, String> {
    let backslash = value.contains('\\') && context.backslash_escapes;
    match context.place {
        SqlPlace::Text if backslash => {
            Err("this database takes a backslash for an escape".to_owned())
        }
        SqlPlace::Text => Ok(value.replace('\'', "''")),
        SqlPlace::Escaped => Ok(value.replace('\\', r"\\").replace('\'', "''")),
        SqlPlace::Identifier => Ok(value.replace('"', "\"\"")),
        SqlPlace::Dollar => plain(value, "inside a dollar-quoted body"),
        SqlPlace::Comment => Ok(value.to_owned()),
        SqlPlace::Bare => sql_bare(context, value, backslash),
    }
}

fn sql_bare(context: &SqlContext<'_>, value: &str, backslash: bool) -> Result<String, String> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let glued = context.before.ends_with(word) || context.after.starts_with(word);
    if glued {
        return glued_name(value);
    }
    if is_number(value) {
        let minus = value.starts_with('-') && context.before.trim_end().ends_with('-');
        return if minus {
            Err("a negative number after a minus sign would begin a comment".to_owned())
        } else {
            Ok(value.to_owned())
        };
    }
    if names_follow(context.before) {
        return Ok(identifier(value));
    }
    if values_follow(context.before) && !context.after.trim_start().starts_with('.') {
        return if backslash {
            Err("this database takes a backslash for an escape".to_owned())
        } else {
            Ok(format!("'{}'", value.replace('\'', "''")))
        };
    }
    if is_name(value) {
        return Ok(value.to_owned());
    }
    Err(
        "neither a name nor a value is certain to be meant here; put it in quotes in the plan"
            .to_owned(),
    )
}

fn glued_name(value: &str) -> Result<String, String> {
    let name = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if name {
        Ok(value.to_owned())
    } else {
        Err("it is part of a name, where only letters, digits and _ can stand".to_owned())
    }
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let mut parts = digits.split('.');
    let whole = parts.next().is_some_and(all_digits);
    let fraction = parts.next().is_none_or(all_digits);
    whole && fraction && parts.next().is_none()
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_name(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && value
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !SQL_RESERVED.contains(&value)
}

/// A name, quoted where it must be; `schema.table` is two names.
fn identifier(value: &str) -> String {
    value
        .split('.')
        .map(|part| {
            if is_name(part) {
                part.to_owned()
            } else {
                format!("\"{}\"", part.replace('"', "\"\""))
            }
        })
        .collect::<Vec<_>>()
        .join(".")
}

/// The last word of SQL text, in upper case.
fn last_word(before: &str) -> String {
    let tail = before.trim_end();
    let word = tail
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap_or("");
    word.to_uppercase()
}

/// Whether the name of something is what comes next.
fn names_follow(before: &str) -> bool {
    let word = last_word(before);
    before.trim_end().ends_with('.')
        || matches!(
            word.as_str(),
            "FROM"
                | "INTO"
                | "TABLE"
                | "UPDATE"
                | "JOIN"
                | "DATABASE"
                | "SCHEMA"
                | "INDEX"
                | "COLUMN"
                | "VIEW"
                | "SEQUENCE"
                | "FUNCTION"
                | "ROLE"
                | "USER"
                | "EXISTS"
                | "TRUNCATE"
                | "ONLY"
                | "CONSTRAINT"
                | "TRIGGER"
                | "TYPE"
                | "EXTENSION"
                | "CONCURRENTLY"
                | "OWNER"
                | "TO"
                | "BY"
        )
}

/// Whether a value is what comes next.
fn values_follow(before: &str) -> bool {
    let tail = before.trim_end();
    tail.ends_with(['=', '<', '>', '(', ',', '|', '+'])
        || matches!(
            last_word(before).as_str(),
            "LIKE"
                | "ILIKE"
                | "BETWEEN"
                | "AND"
                | "IN"
                | "THEN"
                | "ELSE"
                | "INTERVAL"
                | "VALUES"
                | "TIMESTAMP"
                | "DATE"
                | "DEFAULT"
        )
}

/// Whether the text of a secret is what comes next in SQL.
pub(super) fn secret_follows(before: &str) -> bool {
    let word = last_word(before);
    values_follow(before) || matches!(word.as_str(), "PASSWORD" | "IDENTIFIED" | "BY")
}

/// Writes a value for the inside of a JSON string.
pub(super) fn json_string(value: &str) -> String {
    escape(value, &['\\', '"'])
}

/// A value as a JSON number, truth value or null.
pub(super) fn json_bare(value: &str) -> Result<String, String> {
    if is_number(value) || matches!(value, "true" | "false" | "null") {
        return Ok(value.to_owned());
    }
    Err(
        "JSON takes only a number, true, false or null here; put quotes around it in the plan"
            .to_owned(),
    )
}
