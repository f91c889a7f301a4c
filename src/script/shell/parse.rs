//! Whether a text is shell, by a real parser of the bash grammar.
//!
//! Blanks are masked before parsing, because a shell takes `<host>` for a redirection. The parser
//! is an oracle for yes and no and the source of the command tree; its spans are never used to
//! cut text. A panic inside it counts as "does not parse".

use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use shuck_parser::parser::{ParseResult, Parser};

use super::plain::is_plain;
use super::repl::outside;
use crate::script::blanks;
use crate::script::places;
use crate::script::recent::Recent;

/// Texts longer than this are not parsed: the time would grow faster than the text.
pub(super) const MOST_LINES: usize = 2_000;

/// Why a text is not shell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseProblem {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What the parser says.
    pub message: String,
}

impl fmt::Display for ParseProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}

impl std::error::Error for ParseProblem {}

type Parsed = Result<Rc<ParseResult>, ParseProblem>;

thread_local! {
    /// The texts that were parsed last and what came of them: a block and its pieces are asked
    /// about several times, whether they parse, where they end and what they call.
    static LAST: RefCell<Recent<Parsed>> = const { RefCell::new(Recent::new()) };
}

/// Parses a text whose blanks are masked already.
pub(super) fn parse_masked(masked: &str) -> Parsed {
    let key = masked.trim_end_matches('\n');
    let known = LAST.with_borrow(|last| last.of(key));
    known.unwrap_or_else(|| {
        let parsed = parse_anew(masked);
        LAST.with_borrow_mut(|last| last.keep(key, parsed.clone()));
        parsed
    })
}

fn parse_anew(masked: &str) -> Parsed {
    crate::script::work::done(masked.len());
    let too_long = masked.lines().count() > MOST_LINES;
    if too_long {
        return Err(problem(1, 1, "too long to be read"));
    }
    // The parser wants a line end after the last statement, as a shell's input has.
    let mut text = masked.to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let result = catch_unwind(AssertUnwindSafe(|| Parser::new(&text).parse()))
        .map_err(|_| problem(1, 1, "it cannot be read"))?;
    if result.is_ok() {
        return Ok(Rc::new(result));
    }
    Err(match result.diagnostics.first() {
        Some(first) => problem(
            first.span.start.line(),
            first.span.start.column(),
            &first.message,
        ),
        None => problem(
            1,
            1,
            &result
                .terminal_error
                .map_or_else(String::new, |e| e.to_string()),
        ),
    })
}

fn problem(line: usize, column: usize, message: &str) -> ParseProblem {
    let number = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
    ParseProblem {
        line: number(line),
        column: number(column),
        message: message.to_owned(),
    }
}

/// Whether a text parses as shell.
///
/// # Errors
///
/// Where and why it does not.
pub fn parses(code: &str) -> Result<(), ParseProblem> {
    let masked = blanks::mask(&outside(code), "bash");
    if is_plain(&masked) {
        return Ok(());
    }
    parse_masked(&masked)?;
    if let Some(line) = open_at_end(&masked) {
        return Err(problem(
            line,
            1,
            "a quote, heredoc or compound command is not closed",
        ));
    }
    Ok(())
}

/// The last line, if the text ends inside something. The parser accepts an unclosed heredoc.
fn open_at_end(masked: &str) -> Option<usize> {
    let places = places::scanned(masked);
    (!places.closed()).then(|| masked.lines().count())
}

/// Whether a shell that has read this text would run it rather than wait for more: no open quote,
/// heredoc, substitution or compound command, no continuation at the end, no error.
#[must_use]
pub fn is_complete(code: &str) -> bool {
    chunk_is_complete(&blanks::mask(code, "bash"))
}

/// As [`is_complete`], of a text whose blanks are masked already.
pub(super) fn chunk_is_complete(masked: &str) -> bool {
    let tail = masked.trim_end_matches(['\n', '\r']);
    let backslashes = tail.bytes().rev().take_while(|b| *b == b'\\').count();
    let comment = tail
        .lines()
        .next_back()
        .is_some_and(|l| l.trim_start().starts_with('#'));
    if backslashes % 2 == 1 && !comment {
        return false;
    }
    // A lone `fi` is an error where a statement may begin; an open heredoc would swallow it.
    let probe = format!("{tail}\nfi\n");
    parse_masked(tail).is_ok() && parse_masked(&probe).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_commands_are_complete_and_parts_are_not() {
        for code in [
            "ls\n",
            "pg_dump -h <host> -d [DB] \\\n  -F c\n",
            "cat <<EOF\nfi\nEOF\n",
            "for x in a; do\n echo $x\ndone\n",
            "psql -c \"SELECT\n 1\"\n",
        ] {
            assert!(is_complete(code), "{code}");
            assert_eq!(parses(code), Ok(()), "{code}");
        }
        for code in [
            "ls \\\n",
            "cat <<EOF\nx\n",
            "for x in a; do\n",
            "echo 'x\n",
            "if true; then\n",
            "a &&\n",
            "echo )\n",
        ] {
            assert!(!is_complete(code), "{code}");
        }
        assert!(parses("cat <<EOF\nx\n").is_err());
    }

    #[test]
    fn a_problem_has_its_place() {
        let problem = parses("ls\necho )\n").expect_err("a stray parenthesis");
        assert_eq!(problem.line, 2);
        assert!(!problem.message.is_empty());
    }
}
