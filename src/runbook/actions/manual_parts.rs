//! Actions for a person, from a block of comments, sentences, numbered lines or clicks.

use super::shell_parts::comment_piece;
use super::{Part, blank, is_backup_check, part};
use crate::domain::plan::{ActionKind, Span};
use crate::runbook::blocks::Fence;
use crate::runbook::{clicks, code};
use crate::script::shell;

/// A block of nothing but comments or sentences: something for a person to do.
pub fn manual_parts(fence: &Fence) -> Vec<Part> {
    let sql = code::is_sql_label(&fence.lang);
    let hashed = fence.code.replace("--", "#");
    let text = if sql {
        hashed.as_str()
    } else {
        fence.code.as_str()
    };
    let mut parts = Vec::new();
    if text
        .lines()
        .all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'))
    {
        for piece in shell::split(text) {
            let span = Span {
                first: fence.code_line + piece.first_line,
                last: fence.code_line + piece.last_line,
            };
            comment_piece(fence, &piece, span, &mut parts);
        }
        return parts;
    }
    items(fence)
}

/// What a person is asked to do, one line or numbered item each; sentences stay together. A
/// comment above them, or a line that ends in a colon, is the title of the item below it.
fn items(fence: &Fence) -> Vec<Part> {
    let mut found: Vec<Asked> = Vec::new();
    let mut title: Option<(u32, String)> = None;
    let each_line = clicks::asks_for_them(&fence.code);
    let mut apart = true;
    for (line, written) in (fence.code_line..).zip(fence.code.lines()) {
        let text = written.trim();
        let heads = text.starts_with('#') || apart && text.ends_with([':', '：']);
        let item = item_text(text);
        let ways = ways(text);
        if text.is_empty() {
            apart = true;
        } else if ways.len() >= 2 {
            // Boxes side by side: one of them is chosen.
            let label = title.take().map(|(_, words)| words);
            let label = ways_label(text).or(label).unwrap_or_default();
            found.extend(ways.into_iter().map(|way| Asked {
                first: line,
                last: line,
                title: label.clone(),
                text: way,
            }));
            apart = true;
        } else if heads && item.is_none() {
            let words = text.trim_start_matches('#').trim();
            found.extend(title.replace((line, words.to_owned())).map(Asked::untitled));
        } else if let Some(last) = found
            .last_mut()
            .filter(|_| !each_line && !apart && item.is_none())
        {
            last.last = line;
            last.text.push('\n');
            last.text.push_str(text);
        } else {
            let (first, title) = title.take().unwrap_or((line, String::new()));
            let text = item.unwrap_or(text).to_owned();
            found.push(Asked {
                first,
                last: line,
                title,
                text,
            });
            apart = false;
        }
    }
    found.extend(title.map(Asked::untitled));
    let action = |asked: Asked| {
        let span = Span {
            first: asked.first,
            last: asked.last,
        };
        let mut action = blank(ActionKind::Manual, &asked.title, &asked.text, "", span);
        action.backup_check = is_backup_check(&asked.text);
        part(None, action)
    };
    found.into_iter().map(action).collect()
}

struct Asked {
    first: u32,
    last: u32,
    title: String,
    text: String,
}

impl Asked {
    /// Words that head nothing are themselves what is asked.
    fn untitled((line, text): (u32, String)) -> Self {
        Self {
            first: line,
            last: line,
            title: String::new(),
            text,
        }
    }
}

/// The words behind each box of a line that has several.
fn ways(line: &str) -> Vec<String> {
    let starts = code::boxes(line);
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    let text = |(from, to): (&usize, usize)| {
        let way = line.get(*from..to)?;
        let (_, words) = way.split_once(['☐', '□', ']'])?;
        Some(
            words
                .trim()
                .trim_end_matches(['/', '|', ','])
                .trim()
                .to_owned(),
        )
    };
    starts.iter().zip(ends).filter_map(text).collect()
}

/// What stands before the first of several boxes.
fn ways_label(line: &str) -> Option<String> {
    let first = *code::boxes(line).first()?;
    let label = line.get(..first)?.trim().trim_end_matches([':', '：']);
    (!label.is_empty()).then(|| label.to_owned())
}

/// The words of a numbered or bulleted line, without its box.
fn item_text(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..)?;
    let rest = if digits > 0 {
        rest.strip_prefix(['.', ')'])?
    } else if code::boxes(text).first() == Some(&0) {
        let (_, words) = text.split_once(['☐', '□', ']'])?;
        return Some(words.trim());
    } else {
        rest.strip_prefix(['-', '*', '•', '□', '☐', '✅', '✓'])?
    };
    let rest = rest.strip_prefix(' ')?.trim_start();
    let boxed = ["[ ]", "[x]", "[X]"]
        .iter()
        .find_map(|b| rest.strip_prefix(b));
    Some(boxed.unwrap_or(rest).trim_start())
}
