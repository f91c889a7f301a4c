//! What is said on the terminal: messages of the server, an error with its place underlined.
//!
//! What comes from the server can hold anything. Its control characters are spelled out and its
//! further lines are indented, so that no value and no message looks like a line of ours: a row
//! count, a table's edge.

use crate::exec::redact::Redactor;
use crate::script::blanks::secret;
use std::fmt::Write as _;
use std::io::Write as _;
use tokio_postgres::error::{DbError, ErrorPosition};

/// A line of our own.
pub(super) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// The value of a secret's variable.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What a server said, without the secrets that it was sent: for what is not shown but kept.
pub(super) fn unsaid(text: &str) -> String {
    let ours = std::env::vars().filter(|(name, _)| name.starts_with(secret::PREFIX));
    let filter = Redactor::new(&ours.collect::<Vec<_>>()).ok().flatten();
    let masked = filter.and_then(|filter| filter.masked(text));
    masked.unwrap_or_else(|| text.to_owned())
}

/// A message of somebody else's, under its label.
pub(super) fn say_theirs(label: &str, text: &str) {
    let indent = format!("\n{}", " ".repeat(label.len() + 3));
    let lines: Vec<String> = text.lines().map(plain).collect();
    say(&format!("{label}:  {}", lines.join(&indent)));
}

/// Without control characters: `\r` and the like are spelled out as psql does.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("    "),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// A notice of the server.
pub(super) fn notice(notice: &DbError) {
    say_theirs(notice.severity(), notice.message());
    details(notice);
}

/// An error of a statement that begins at a byte of the script; gives its first line.
pub(super) fn error(
    error: &tokio_postgres::Error,
    code: &str,
    at: usize,
    statement: &str,
) -> String {
    let Some(told) = error.as_db_error() else {
        let all = super::chain(error);
        say_theirs("ERROR", &all);
        return sentence("ERROR", &all);
    };
    let own = match told.position() {
        Some(ErrorPosition::Original(position)) => {
            let position = (*position as usize).saturating_sub(1);
            let position = secret::unresolved(statement, position, variable);
            Some(place(code, at, statement, position))
        }
        Some(ErrorPosition::Internal { .. }) | None => None,
    };
    let (message, state) = (told.message(), told.code().code());
    let whole = match own {
        Some((line, column)) => format!("{message} ({state}), line {line}, column {column}"),
        None => format!("{message} ({state})"),
    };
    say_theirs(told.severity(), &whole);
    match told.position() {
        Some(ErrorPosition::Original(_)) => {
            if let Some((line, column)) = own {
                underline(code, line, column);
            }
        }
        Some(ErrorPosition::Internal { position, query }) => {
            let position = (*position as usize).saturating_sub(1);
            let (line, column) = place(query, 0, query, position);
            say("In a statement within:");
            underline(query, line, column);
        }
        None => {}
    }
    details(told);
    sentence(told.severity(), &whole)
}

/// `ERROR: no such table (42P01), line 1, column 15`, without the secrets that were sent.
fn sentence(label: &str, text: &str) -> String {
    let text = unsaid(text);
    format!(
        "{label}: {}",
        plain(text.lines().next().unwrap_or_default())
    )
}

fn details(told: &DbError) {
    let details = [
        ("DETAIL", told.detail()),
        ("HINT", told.hint()),
        ("WHERE", told.where_()),
    ];
    for (label, text) in details {
        if let Some(text) = text {
            say_theirs(label, text);
        }
    }
}

/// The line of a text, and below it a mark under the word at the column.
fn underline(text: &str, line: usize, column: usize) {
    if let Some(marked) = marked(text, line, column) {
        say(&marked);
    }
}

fn marked(text: &str, line: usize, column: usize) -> Option<String> {
    let source = text.lines().nth(line.checked_sub(1)?)?;
    let before: String = source.chars().take(column.checked_sub(1)?).collect();
    let word = source
        .chars()
        .skip(column - 1)
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"'))
        .count()
        .max(1);
    let lead = format!("{line:>4} | ");
    let space = unicode_width::UnicodeWidthStr::width(plain(&before).as_str());
    Some(format!(
        "{lead}{}\n     | {}{}",
        plain(source),
        " ".repeat(space),
        "^".repeat(word)
    ))
}

/// Line and column in the script, from 1, of a character of a statement, from 0.
pub(super) fn place(code: &str, at: usize, statement: &str, position: usize) -> (usize, usize) {
    let before: String = statement.chars().take(position).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_the_whole_script() {
        let code = "SELECT 1;\n-- é\nSELECT é, nope;";
        let at = code.find("-- é").unwrap();
        let statement = &code[at..];
        let position = statement.chars().count() - 5;
        assert_eq!(place(code, at, statement, position), (3, 11));
    }

    #[test]
    fn the_word_is_underlined_where_it_stands() {
        let text = "SELECT a,\n\t日本, nope_1 FROM t";
        let got = marked(text, 2, 6).unwrap();
        let want = "   2 |     日本, nope_1 FROM t\n     |           ^^^^^^";
        assert_eq!(got, want);
        assert_eq!(marked(text, 9, 1), None);
        assert_eq!(marked("x", 1, 5).unwrap().lines().count(), 2);
    }

    #[test]
    fn what_others_write_holds_no_control_characters() {
        assert_eq!(plain("a\r\u{1b}[31mb"), "a\\r\\x1B[31mb");
    }
}
