//! Cutting a block at its comments into the pieces that a person advances by.
//!
//! As with shell, cuts fall only between statements, and every line that says something is in
//! exactly one piece.

use super::Dialect;
use super::scan::Scanner;
use crate::script::shell::{Piece, is_expectation, number_of};

/// Cuts a block into its pieces, in order.
#[must_use]
pub fn split(code: &str, dialect: Dialect) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut scanner = Scanner::new(dialect);
    let mut apart = false;
    for (line, text) in (0u32..).zip(code.lines()) {
        let between = scanner.is_between();
        if text.trim().is_empty() {
            apart = true;
        } else if let Some(words) = dialect.comment(text).filter(|_| between) {
            comment(&mut pieces, line, words, apart);
            apart = false;
        } else {
            scanner.line(text);
            statement(&mut pieces, line, text);
            apart = false;
        }
    }
    for piece in &mut pieces {
        name(piece);
    }
    pieces
}

/// A comment says what the command above should show, or begins the next piece.
fn comment(pieces: &mut Vec<Piece>, line: u32, words: &str, apart: bool) {
    if let Some(piece) = pieces.last_mut() {
        if piece.code.is_empty() && !apart {
            piece.comments.push(words.to_owned());
            piece.last_line = line;
            return;
        }
        if !piece.code.is_empty() && is_expectation(words) {
            piece.after.push((line, words.to_owned()));
            piece.last_line = line;
            return;
        }
    }
    pieces.push(Piece {
        comments: vec![words.to_owned()],
        first_line: line,
        last_line: line,
        code_line: line,
        ..Piece::default()
    });
}

fn statement(pieces: &mut Vec<Piece>, line: u32, text: &str) {
    let fresh = |line| Piece {
        first_line: line,
        code_line: line,
        ..Piece::default()
    };
    // What follows the words about a command's output is the next command.
    if pieces.last().is_none_or(|p| !p.after.is_empty()) {
        pieces.push(fresh(line));
    }
    let Some(piece) = pieces.last_mut() else {
        return;
    };
    if piece.code.is_empty() {
        piece.code_line = line;
    } else {
        piece.code.push('\n');
    }
    piece.code.push_str(text.trim_end());
    piece.last_line = line;
}

/// The title and number that the first comment gives.
fn name(piece: &mut Piece) {
    let Some(first) = piece.comments.first() else {
        return;
    };
    piece.number = number_of(first);
    let bare = first.trim_start_matches(|c: char| c.is_ascii_digit());
    let bare = bare.trim_start_matches(['.', ')', ':']).trim();
    let numbered = piece.number.is_some() && bare.len() < first.len() && !bare.is_empty();
    piece.title = if numbered { bare } else { first }.to_owned();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_cut_at_its_comments_and_nowhere_else() {
        let code = "# 1. Stop the pool\nStop-WebAppPool shop\n\n# 2. Put the files back\n\
                    Get-ChildItem old | ForEach-Object {\n    # each of them\n    Copy-Item $_ new\n}\n\
                    # Expected: 12 files\n";
        let got = split(code, Dialect::PowerShell);
        let told: Vec<_> = got.iter().map(|p| (p.number, p.title.as_str())).collect();
        assert_eq!(
            told,
            [(Some(1), "Stop the pool"), (Some(2), "Put the files back")]
        );
        assert!(got[1].code.contains("# each of them") && got[1].code.ends_with('}'));
        assert_eq!(got[1].after, [(8, "Expected: 12 files".to_owned())]);
    }

    #[test]
    fn strings_over_several_lines_are_not_cut() {
        let code = "$text = @\"\n# not a comment\n\"@\nSet-Content a.txt $text\n";
        assert_eq!(split(code, Dialect::PowerShell).len(), 1);
        let batch = "REM stop it\nnet stop shop\n:: start it\nnet start shop\n";
        assert_eq!(split(batch, Dialect::Batch).len(), 2);
    }
}
