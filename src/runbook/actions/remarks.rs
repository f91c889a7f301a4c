//! Comments in a block that ask for nothing: examples, formats, headings drawn with dashes, lists
//! of what is to be left alone.
//!
//! They are kept as comments of the command that they are about, where the operator sees them
//! beside it. As things to do of their own they would stop a run for nothing.

use crate::runbook::steps::acts_by_itself;
use crate::script::shell::{self, Piece};

/// Gives what asks for nothing to the piece that it belongs to.
pub fn settle(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut settled: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter().peekable();
    while let Some(mut piece) = pieces.next() {
        if !piece.code.trim().is_empty() {
            settled.push(piece);
            continue;
        }
        let headed = pieces
            .peek()
            .is_some_and(|next| !next.code.trim().is_empty() && heads(&piece, next));
        let runs_before = settled.last().is_some_and(|b| !b.code.trim().is_empty());
        if runs_before && piece.number.is_none() && is_aside(&piece) {
            if let Some(before) = settled.last_mut() {
                below(before, piece);
            }
        } else if headed && let Some(next) = pieces.next() {
            settled.push(above(piece, next));
        } else {
            let title = undrawn(&piece.title).to_owned();
            piece.title = title;
            settled.push(piece);
        }
    }
    settled
}

/// `# This will:` and the list below it tell what the command above does by itself: they stay
/// beside it.
pub fn told(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut settled: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut telling = false;
    for piece in pieces {
        let tells = |text: &String| text.trim_end().ends_with([':', '：']) && acts_by_itself(text);
        let bare = piece.code.trim().is_empty();
        let before = settled
            .last_mut()
            .filter(|b| bare && !b.code.trim().is_empty());
        let Some(before) = before else {
            telling = false;
            settled.push(piece);
            continue;
        };
        let led = before.after.last().is_some_and(|(_, text)| tells(text));
        telling |= led || piece.comments.first().is_some_and(tells);
        if !telling {
            settled.push(piece);
            continue;
        }
        let lead = before.after.pop_if(|_| led).map(|(_, text)| text);
        for text in lead.into_iter().chain(piece.comments) {
            before.code.push_str("\n# ");
            before.code.push_str(&text);
        }
        before.last_line = before.last_line.max(piece.last_line);
    }
    settled
}

/// An example, or a list under a drawn heading that says to leave it alone.
fn is_aside(piece: &Piece) -> bool {
    let Some((first, rest)) = piece.comments.split_first() else {
        return false;
    };
    is_remark(first)
        || !rest.is_empty()
            && is_drawn(first)
            && forbids(first)
            && rest.iter().all(|c| shell::commented_out(c).is_none())
}

/// A drawn heading above a command; or a number and a title with nothing below it but formats,
/// above a drawn heading.
fn heads(piece: &Piece, next: &Piece) -> bool {
    if next.number.is_some() {
        return false;
    }
    match piece.comments.split_first() {
        Some((first, [])) => is_drawn(first) && !forbids(first),
        Some((first, rest)) if piece.number.is_some() && is_drawn(&next.title) => {
            !is_remark(first)
                && shell::alternative(first).is_none()
                && rest.iter().all(|c| is_remark(c))
        }
        _ => false,
    }
}

/// The remarks join what stands below the command.
fn below(before: &mut Piece, piece: Piece) {
    let lines = piece.first_line..=piece.last_line;
    before.after.extend(lines.zip(piece.comments));
    before.last_line = before.last_line.max(piece.last_line);
}

/// The comments join those above the command; a title outranks a drawn heading.
fn above(piece: Piece, next: Piece) -> Piece {
    let drawn = piece.comments.len() == 1 && !next.title.is_empty();
    let mut comments = piece.comments;
    let title = if drawn {
        comments.splice(0..0, next.comments);
        next.title
    } else {
        comments.extend(next.comments);
        piece.title
    };
    Piece {
        title: undrawn(&title).to_owned(),
        number: piece.number.or(next.number),
        comments,
        first_line: piece.first_line,
        ..next
    }
}

/// `--- Our apps ---`, `=== Code ===`.
fn is_drawn(text: &str) -> bool {
    let lines = |c: char| matches!(c, '-' | '=' | '*' | '#' | '─' | '━' | '═' | '~');
    let text = text.trim();
    text.starts_with(lines) && text.ends_with(lines) && text.chars().any(char::is_alphanumeric)
}

/// A title without the lines drawn on both sides of it.
pub fn undrawn(title: &str) -> &str {
    if !is_drawn(title) {
        return title;
    }
    title.trim_matches(|c: char| matches!(c, '-' | '=' | '*' | '#' | '─' | '━' | '═' | '~' | ' '))
}

fn forbids(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "do not|don't|never|not to be|leave alone|no tocar|não tocar|nicht|ne pas|не трогать|nie rusz",
        "不要|しない|하지 마|dokunma|non toccare|لا تلمس",
    ];
    crate::runbook::words::says_any(text, WORDS)
}

/// A line with which comments begin that ask for nothing.
#[must_use]
pub fn begins(text: &str) -> bool {
    is_remark(text) || is_drawn(text) && forbids(text)
}

/// `Example: …`, `Format: …`, `Such as:`: it shows what something looks like.
fn is_remark(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "example",
        "examples",
        "e.g",
        "such as",
        "for example",
        "for instance",
        "sample",
        "format",
        "syntax",
        "usage",
        "ejemplo",
        "por ejemplo",
        "exemplo",
        "por exemplo",
        "beispiel",
        "z.b",
        "z. b",
        "exemple",
        "par exemple",
        "esempio",
        "per esempio",
        "voorbeeld",
        "bijvoorbeeld",
        "например",
        "пример",
        "przykład",
        "na przykład",
        "np.",
        "örnek",
        "örneğin",
        "مثال",
        "مثلا",
        "ví dụ",
        "例如",
        "例:",
        "例：",
        "示例",
        "比如",
        "格式",
        "例えば",
        "書式",
        "예:",
        "예：",
        "예시",
        "예를 들",
        "형식",
    ];
    let lower = text.trim().to_lowercase();
    let begun = WORDS.iter().any(|w| {
        lower
            .strip_prefix(w)
            .is_some_and(|rest| !w.is_ascii() || !rest.starts_with(|c: char| c.is_alphanumeric()))
    });
    // `Format the disk` is a thing to do; `Format: …` is not.
    begun
        && lower
            .chars()
            .take(40)
            .any(|c| matches!(c, ':' | '：' | ',' | '、'))
}
