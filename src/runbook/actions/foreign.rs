//! Actions from PowerShell and batch text: shown piece by piece to the person who runs it.
//!
//! backout does not run them: it could not put values into their text safely. They are cut,
//! titled and judged like other commands, and are done by hand where they belong.

use super::shell_parts::is_instead;
use super::{Part, blank, is_backup_check, part, warn_by_words};
use crate::domain::plan::{Action, ActionKind, Span};
use crate::runbook::blocks::Fence;
use crate::runbook::expect;
use crate::runbook::judge;
use crate::script::shell::{self, Piece};
use crate::script::windows::{self, Dialect};

/// The actions of such a block; nothing where the label stands for no such language.
pub fn parts(fence: &Fence) -> Option<Vec<Part>> {
    let dialect = windows::dialect(&fence.lang)?;
    let pieces = windows::split(&fence.code, dialect);
    Some(pieces.iter().map(|p| one(fence, p, dialect)).collect())
}

fn one(fence: &Fence, piece: &Piece, dialect: Dialect) -> Part {
    let span = Span {
        first: fence.code_line + piece.first_line,
        last: fence.code_line + piece.last_line,
    };
    let mut told = part(piece.number, action(fence, piece, dialect, span));
    told.instead = is_instead(&piece.title);
    told
}

fn action(fence: &Fence, piece: &Piece, dialect: Dialect, span: Span) -> Action {
    let (said, expected): (Vec<&str>, Vec<&str>) = piece
        .comments
        .iter()
        .skip(1)
        .map(String::as_str)
        .partition(|c| !shell::is_expectation(c));
    if piece.code.is_empty() {
        let words = if said.is_empty() {
            piece.title.clone()
        } else {
            said.join("\n")
        };
        let title = if said.is_empty() { "" } else { &piece.title };
        let mut action = blank(ActionKind::Manual, title, &words, "", span);
        action.backup_check = is_backup_check(&piece.title);
        return action;
    }
    let mark = match dialect {
        Dialect::PowerShell => "# ",
        Dialect::Batch => "REM ",
    };
    let mut code = String::new();
    for line in said {
        code.push_str(mark);
        code.push_str(line);
        code.push('\n');
    }
    code.push_str(&piece.code);
    let mut action = blank(ActionKind::Manual, &piece.title, &code, &fence.lang, span);
    (action.danger, action.danger_why) = judge::windows(&piece.code, dialect);
    warn_by_words(&mut action, &piece.comments.join("\n"));
    let after = piece.after.iter().map(|(_, text)| text.as_str());
    for text in expected.into_iter().chain(after) {
        action.expect.push(expect::of_comment(text, &piece.code));
    }
    action
}
