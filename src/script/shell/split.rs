//! Cutting a code block into the pieces that an operator advances by.
//!
//! A piece is one or more top-level statements with the comments that title it. Cuts fall only
//! between statements: never inside a heredoc, quotes, a continuation or a compound command. What
//! cannot be read stays whole. Every line of the block is in exactly one piece, blank lines apart.

use super::comments::{is_expectation, number_of};
use super::manner::{is_monitor, only_sets_up};
use super::parse::{MOST_LINES, parse_masked};
use super::plain::is_plain_command;
use super::repl::{inner_end, outside_with_openers};
use crate::script::blanks;
use crate::script::places::{Places, scanned};

/// A piece of a code block.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Piece {
    /// The first comment above the commands, without its mark and number; empty without one.
    pub title: String,
    /// The number that the comment gives: 3 of `# 3. Restart`.
    pub number: Option<u32>,
    /// Every comment line above the commands, as written without the mark, the title's included.
    pub comments: Vec<String>,
    /// What runs, as written; empty for a piece of comments alone.
    pub code: String,
    /// First line in the block, from 0, the comments included.
    pub first_line: u32,
    /// Last line in the block, from 0, included.
    pub last_line: u32,
    /// First line of the commands in the block, from 0; the first line for comments alone.
    pub code_line: u32,
    /// It was cut off the piece before because that, or this, does not end by itself: what is said
    /// of the one is said of both.
    pub goes_on: bool,
    /// Comments below or beside the commands, with their lines in the block, from 0: what the
    /// commands should show, notes, other ways.
    pub after: Vec<(u32, String)>,
}

/// What one or more lines of a block are.
enum Unit {
    Blank,
    Comment(String),
    Statement,
}

struct Line {
    unit: Unit,
    first: usize,
    last: usize,
}

/// Cuts a code block into its pieces, in order.
#[must_use]
pub fn split(code: &str) -> Vec<Piece> {
    let lines: Vec<&str> = code.split('\n').map(|l| l.trim_end_matches('\r')).collect();
    let lines = match lines.split_last() {
        Some((&"", rest)) => rest.to_vec(),
        _ => lines,
    };
    if lines.iter().all(|l| l.trim().is_empty()) {
        return Vec::new();
    }
    if lines.len() > MOST_LINES {
        return vec![whole(&lines)];
    }
    let masked = blanks::mask(&outside_with_openers(code), "bash");
    let places = scanned(&masked);
    let units = units(&lines, &masked, &places);
    let mut pieces = Assembly {
        lines: &lines,
        pieces: Vec::new(),
        open: Piece::default(),
        begun: false,
        endless: false,
    }
    .assemble(&units);
    attach_inline(&mut pieces, &masked, code, &places);
    pieces
}

/// The block as one piece, unread.
fn whole(lines: &[&str]) -> Piece {
    Piece {
        code: lines.join("\n"),
        last_line: count(lines.len().saturating_sub(1)),
        ..Piece::default()
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Reads a block as blank lines, comment lines and whole statements.
fn units(lines: &[&str], masked: &str, places: &Places) -> Vec<Line> {
    let masked: Vec<&str> = masked.split('\n').collect();
    let mut units = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let text = line.trim();
        if text.is_empty() {
            units.push(Line {
                unit: Unit::Blank,
                first: at,
                last: at,
            });
            at += 1;
        } else if let Some(comment) = text.strip_prefix('#').filter(|_| !text.starts_with("#!")) {
            let comment = comment.trim_start_matches('#').trim().to_owned();
            units.push(Line {
                unit: Unit::Comment(comment),
                first: at,
                last: at,
            });
            at += 1;
        } else {
            let typed = inner_end(lines, at);
            let last = typed.unwrap_or_else(|| statement_end(&masked, places, at));
            let last = last.min(lines.len() - 1);
            units.push(Line {
                unit: Unit::Statement,
                first: at,
                last,
            });
            at = last + 1;
        }
    }
    units
}

/// The last line of the statement that begins on line `first`: the scanner proposes, the parser
/// confirms; where the parser confirms nothing, the scanner's first proposal stands.
fn statement_end(masked: &[&str], places: &Places, first: usize) -> usize {
    let closed = |line: usize| places.line_closed.get(line).copied().unwrap_or(true);
    let ends = || (first..masked.len()).filter(|line| closed(*line));
    let proposal = ends().next().unwrap_or(masked.len().saturating_sub(1));
    let alone = masked.get(first).is_some_and(|line| is_plain_command(line));
    if proposal == first && alone {
        return first;
    }
    let parsed = ends().take(12).find(|end| {
        masked
            .get(first..=*end)
            .is_some_and(|chunk| parse_masked(&chunk.join("\n")).is_ok())
    });
    parsed.unwrap_or(proposal)
}

/// The pieces so far and the one being put together.
struct Assembly<'a> {
    lines: &'a [&'a str],
    pieces: Vec<Piece>,
    open: Piece,
    begun: bool,
    /// The last statement of the open piece does not end by itself.
    endless: bool,
}

impl Assembly<'_> {
    fn assemble(mut self, units: &[Line]) -> Vec<Piece> {
        let mut at = 0;
        while let Some(line) = units.get(at) {
            match &line.unit {
                Unit::Blank => at += 1,
                Unit::Statement => {
                    self.statement(line);
                    at += 1;
                }
                Unit::Comment(_) => {
                    let run = units
                        .iter()
                        .skip(at)
                        .take_while(|l| matches!(l.unit, Unit::Comment(_)))
                        .count();
                    let comments = units.get(at..at + run).unwrap_or_default();
                    let under =
                        at > 0 && !matches!(units.get(at - 1).map(|l| &l.unit), Some(Unit::Blank));
                    let above =
                        matches!(units.get(at + run).map(|l| &l.unit), Some(Unit::Statement));
                    self.comments(comments, under, above);
                    at += run;
                }
            }
        }
        self.close();
        self.pieces
    }

    fn statement(&mut self, line: &Line) {
        let text = self
            .lines
            .get(line.first..=line.last)
            .unwrap_or_default()
            .join("\n");
        let endless = is_monitor(&text);
        self.cut_at_monitor(endless);
        if self.open.code.is_empty() {
            self.begin(line.first);
            self.open.code_line = count(line.first);
        } else {
            // Blank lines and comments in between are kept: the code is a stretch of the block.
            let end = self.open.code_line as usize + self.open.code.split('\n').count();
            let gap = self.lines.get(end..line.first).unwrap_or_default();
            for between in gap {
                self.open.code.push('\n');
                self.open.code.push_str(between);
            }
            self.open.code.push('\n');
        }
        self.open.code.push_str(&text);
        self.open.last_line = count(line.last);
        self.endless = endless;
    }

    /// What does not end by itself would never come to the command below it, and would be stopped
    /// together with the one above it: each is a piece of its own.
    fn cut_at_monitor(&mut self, endless: bool) {
        if self.open.code.is_empty() {
            return;
        }
        if self.endless || endless && !only_sets_up(&self.open.code) {
            self.close();
            self.open.goes_on = true;
        }
    }

    /// A run of comment lines; `under` says that it follows its predecessor without a blank line,
    /// `above` that a statement follows at once.
    fn comments(&mut self, run: &[Line], under: bool, above: bool) {
        let mut tail = !self.open.code.is_empty();
        for (index, line) in run.iter().enumerate() {
            let Unit::Comment(text) = &line.unit else {
                continue;
            };
            let expects = is_expectation(text);
            let last_of_title = above && index + 1 == run.len();
            // Below a command stays what says what it shows, and what heads nothing itself.
            let stays = tail
                && number_of(text).is_none()
                && (expects && !last_of_title || under && (expects || !above));
            if stays || (tail && index > 0 && expects_more(run, index)) {
                self.open.after.push((count(line.first), text.clone()));
                self.open.last_line = count(line.first);
                continue;
            }
            let heads = tail || number_of(text).is_some() && !self.open.comments.is_empty();
            if heads {
                self.close();
                tail = false;
            } else if index == 0 && !under && !self.open.comments.is_empty() {
                self.close();
            }
            self.begin(line.first);
            self.open.comments.push(text.clone());
            self.open.last_line = count(line.first);
        }
    }

    fn begin(&mut self, line: usize) {
        if !self.begun {
            self.open.first_line = count(line);
            self.open.code_line = count(line);
            self.begun = true;
        }
    }

    fn close(&mut self) {
        if self.begun {
            let mut piece = std::mem::take(&mut self.open);
            let title = piece
                .comments
                .iter()
                .find(|c| c.chars().any(char::is_alphanumeric));
            piece.number = title.and_then(|t| number_of(t));
            piece.title = title.map(|t| without_number(t)).unwrap_or_default();
            self.pieces.push(piece);
        }
        self.begun = false;
    }
}

/// Whether a comment goes on with an expectation that an earlier line of its run began: a table
/// or other sample of output.
fn expects_more(run: &[Line], index: usize) -> bool {
    let before = run.get(..index).unwrap_or_default();
    let from = before
        .iter()
        .rposition(|l| matches!(&l.unit, Unit::Comment(t) if is_expectation(t)));
    let Some(from) = from else { return false };
    let opens =
        matches!(run.get(from).map(|l| &l.unit), Some(Unit::Comment(t)) if t.ends_with(':'));
    let unnumbered = |l: &Line| matches!(&l.unit, Unit::Comment(t) if number_of(t).is_none());
    opens
        && run
            .get(from + 1..=index)
            .unwrap_or_default()
            .iter()
            .all(unnumbered)
}

/// A title without the number in front.
fn without_number(title: &str) -> String {
    let Some(number) = number_of(title) else {
        return title.to_owned();
    };
    let digits = number.to_string();
    let rest = title
        .split_once(digits.as_str())
        .map_or(title, |(_, rest)| rest);
    let rest = rest.trim_start_matches(['.', ')', ':', '：', '、', '-', '–', '—', ' ', '步']);
    if rest.is_empty() {
        title.to_owned()
    } else {
        rest.to_owned()
    }
}

/// Notes the comments that stand at the end of a command's own lines.
fn attach_inline(pieces: &mut [Piece], masked: &str, code: &str, places: &Places) {
    for range in &places.comments {
        let before = masked.get(..range.start).unwrap_or("");
        let line = count(before.matches('\n').count());
        let own = before
            .rsplit('\n')
            .next()
            .is_some_and(|l| !l.trim().is_empty());
        let text = code
            .get(range.clone())
            .unwrap_or("")
            .trim_start_matches('#')
            .trim();
        let holder = pieces
            .iter_mut()
            .find(|p| !p.code.is_empty() && (p.code_line..=p.last_line).contains(&line));
        if let (true, Some(piece)) = (own && !text.is_empty(), holder) {
            piece.after.push((line, text.to_owned()));
            piece.after.sort_by_key(|(line, _)| *line);
        }
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
