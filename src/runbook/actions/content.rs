//! Text that stands among commands and is none: what is to be put into a file that an editor
//! opens, and words in brackets where a command would be.

use super::{Part, blank, part};
use crate::domain::plan::{ActionKind, Span};
use crate::runbook::blocks::Fence;
use crate::script::shell::{self, Piece};

/// A piece without the JSON in it, with the JSON as something to read. A shell would take the
/// object for a group of commands.
pub fn without_content(fence: &Fence, piece: &Piece) -> Option<(Piece, Part, Option<Piece>)> {
    let lines: Vec<&str> = piece.code.lines().collect();
    let (from, to) = object(&lines)?;
    let join = |lines: Option<&[&str]>| lines.unwrap_or_default().join("\n").trim().to_owned();
    let number = |at: usize| piece.code_line + u32::try_from(at).unwrap_or(0);
    let before = join(lines.get(..from));
    if before.is_empty() || shell::parses(&before).is_err() {
        return None;
    }
    let span = Span {
        first: fence.code_line + number(from),
        last: fence.code_line + number(to),
    };
    let content = join(lines.get(from..=to));
    let read = blank(ActionKind::Text, "Its content", &content, "json", span);
    let mut first = piece.clone();
    first.code = before;
    first.last_line = number(from.saturating_sub(1));
    first.after.retain(|(line, _)| *line <= first.last_line);
    let rest_at =
        (to + 1..lines.len()).find(|at| lines.get(*at).is_some_and(|l| !l.trim().is_empty()));
    let rest = rest_at.map(|at| Piece {
        code: join(lines.get(at..)),
        first_line: number(at),
        code_line: number(at),
        last_line: piece.last_line,
        after: piece
            .after
            .iter()
            .filter(|(line, _)| *line >= number(at))
            .cloned()
            .collect(),
        ..Piece::default()
    });
    Some((first, part(None, read), rest))
}

/// First and last line of a JSON object that stands on lines of its own.
fn object(lines: &[&str]) -> Option<(usize, usize)> {
    let from = lines.windows(2).position(|pair| {
        pair[0].trim() == "{" && pair[1].trim_start().starts_with('"') && pair[1].contains("\":")
    })?;
    let mut depth = 0_i32;
    for (at, line) in lines.iter().enumerate().skip(from) {
        for c in line.chars() {
            depth += i32::from(c == '{') - i32::from(c == '}');
        }
        if depth <= 0 {
            return Some((from, at));
        }
    }
    None
}

/// `[Follow the upgrade guide]` in place of a command is said to a person.
pub fn in_brackets(code: &str) -> Option<&str> {
    let inner = code
        .trim()
        .strip_prefix('[')
        .and_then(|c| c.strip_suffix(']'))
        .or_else(|| {
            code.trim()
                .strip_prefix('<')
                .and_then(|c| c.strip_suffix('>'))
        })?;
    let words = inner.split_whitespace().count() >= 2
        && inner.starts_with(char::is_alphabetic)
        && !inner.contains(['\n', '[', ']', '<', '>', '$', '=', '"']);
    words.then_some(inner)
}
