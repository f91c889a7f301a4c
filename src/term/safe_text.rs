//! [`SafeText`]: the one type through which foreign text reaches a widget.
//!
//! It can only be made by scrubbing. Colours and weights that a text asks for by SGR become
//! [`Look`]s; every other control is shown as caret text, everything that hides or reverses as a
//! mark that names it, a byte that is no text as its number. It is one line: line breaks are for
//! the caller to split at first ([`SafeText::lines`]).

use unicode_segmentation::UnicodeSegmentation as _;

use super::cut::{ELLIPSIS, cut_at, wrap_code_ranges, wrap_ranges};
use super::scrub::{Shown, combines, raw_byte, shown};
use super::style::Look;
use super::width::{plain, width, width_of};

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// How many marks may be drawn over one character; more only smear over other lines.
const MOST_MARKS: usize = 4;

/// A run of harmless text that looks the same throughout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SafePiece {
    text: String,
    look: Look,
}

impl SafePiece {
    /// The text: printable, in exactly the width that [`width`] says.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How it wants to look.
    #[must_use]
    pub fn look(&self) -> Look {
        self.look
    }
}

/// One line of text that can do no harm to a terminal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SafeText {
    pieces: Vec<SafePiece>,
}

impl SafeText {
    /// Scrubs a text; a line break in it is shown as `^J`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut scrubber = Scrubber::default();
        scrubber.text(text);
        Self {
            pieces: scrubber.pieces,
        }
    }

    /// Scrubs bytes that need not be text at all.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut scrubber = Scrubber::default();
        scrubber.bytes(bytes);
        Self {
            pieces: scrubber.pieces,
        }
    }

    /// Scrubs a text of several lines; looks carry over from line to line.
    #[must_use]
    pub fn lines(text: &str) -> Vec<Self> {
        let mut scrubber = Scrubber::default();
        let mut lines = Vec::new();
        for line in text.split('\n') {
            scrubber.text(line.strip_suffix('\r').unwrap_or(line));
            lines.push(scrubber.end_line());
        }
        if lines.len() > 1 && text.ends_with('\n') {
            lines.pop();
        }
        lines
    }

    /// Its runs, in order.
    #[must_use]
    pub fn pieces(&self) -> &[SafePiece] {
        &self.pieces
    }

    /// Its text without looks.
    #[must_use]
    pub fn plain(&self) -> String {
        self.pieces.iter().map(SafePiece::text).collect()
    }

    /// Columns that it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|p| width(&p.text)).sum()
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether something in it could not be shown as itself.
    #[must_use]
    pub fn has_marks(&self) -> bool {
        self.pieces.iter().any(|p| p.look.mark)
    }

    /// Cut to a number of columns, with `…` at the end where it was cut.
    #[must_use]
    pub fn truncate(&self, columns: usize) -> Self {
        if self.width() <= columns {
            return self.clone();
        }
        let plain = self.plain();
        let Some(at) = cut_at(&plain, columns) else {
            return self.clone();
        };
        let mut cut = self.slice(0, at);
        if columns > 0 {
            let look = cut.pieces.last().map(|p| p.look).unwrap_or_default();
            let text = ELLIPSIS.to_owned();
            cut.pieces.push(SafePiece { text, look });
        }
        cut
    }

    /// Broken into lines of at most that many columns.
    #[must_use]
    pub fn wrap(&self, columns: usize) -> Vec<Self> {
        let ranges = wrap_ranges(&self.plain(), columns);
        ranges
            .into_iter()
            .map(|range| self.slice(range.start, range.end))
            .collect()
    }

    /// A command broken into lines: at its blanks, and the lines after the first `hang` columns
    /// shorter, so that they can be set in.
    #[must_use]
    pub fn wrap_code(&self, columns: usize, hang: usize) -> Vec<Self> {
        let ranges = wrap_code_ranges(&self.plain(), columns, hang);
        ranges
            .into_iter()
            .map(|range| self.slice(range.start, range.end))
            .collect()
    }

    /// The part between two bytes of the plain text.
    fn slice(&self, start: usize, end: usize) -> Self {
        let mut pieces = Vec::new();
        let mut at = 0;
        for piece in &self.pieces {
            let from = start.max(at).saturating_sub(at);
            let to = end.min(at + piece.text.len()).saturating_sub(at);
            at += piece.text.len();
            if let Some(text) = piece.text.get(from..to)
                && !text.is_empty()
            {
                pieces.push(SafePiece {
                    text: text.to_owned(),
                    look: piece.look,
                });
            }
        }
        Self { pieces }
    }
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Turns foreign text into pieces, remembering how it wants to look.
#[derive(Default)]
struct Scrubber {
    pieces: Vec<SafePiece>,
    look: Look,
    column: usize,
    /// Marks drawn over the last character so far; none may be before there is a character.
    marks: Option<usize>,
}

impl Scrubber {
    fn end_line(&mut self) -> SafeText {
        self.column = 0;
        self.marks = None;
        SafeText {
            pieces: std::mem::take(&mut self.pieces),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            self.text(chunk.valid());
            for byte in chunk.invalid() {
                self.mark(&raw_byte(*byte));
            }
        }
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        loop {
            rest = self.plain(rest);
            let Some(c) = rest.chars().next() else {
                break;
            };
            if let Some((groups, behind)) = sgr(rest) {
                self.look.apply(&groups);
                rest = behind;
                continue;
            }
            let end = rest
                .grapheme_indices(true)
                .nth(1)
                .map_or(rest.len(), |(at, _)| at);
            let (grapheme, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = behind;
            if c == '\t' {
                let room = TAB - self.column % TAB;
                self.push(&" ".repeat(room), self.look);
                continue;
            }
            self.grapheme(grapheme);
        }
    }

    /// Takes the plain characters that a text begins with, and gives the rest; the last of them
    /// stays where something follows that may be drawn as one with it.
    fn plain<'t>(&mut self, text: &'t str) -> &'t str {
        let plain = plain(text);
        let whole = text.get(plain..).is_none_or(str::is_empty);
        let taken = if whole {
            plain
        } else {
            plain.saturating_sub(1)
        };
        let (run, rest) = text.split_at_checked(taken).unwrap_or(("", text));
        if !run.is_empty() {
            self.push(run, self.look);
            self.marks = Some(0);
        }
        rest
    }

    /// Takes what is drawn as one, part by part.
    fn grapheme(&mut self, grapheme: &str) {
        let joined = grapheme.chars().any(|c| width_of(c) == 2);
        for c in grapheme.chars() {
            match shown(c) {
                // The joiner of a picture made of several: they are shown one after the other.
                Shown::As(_) if c == '\u{200d}' && joined => {}
                Shown::LeftOut => {}
                Shown::As(text) => self.mark(&text),
                Shown::Itself if combines(c) => self.combining(c),
                Shown::Itself => {
                    self.push(c.encode_utf8(&mut [0; 4]), self.look);
                    self.marks = Some(0);
                }
            }
        }
    }

    /// A mark over the character before; named where there is none, or too many are.
    fn combining(&mut self, c: char) {
        match &mut self.marks {
            Some(marks) if *marks < MOST_MARKS => {
                *marks += 1;
                self.push(c.encode_utf8(&mut [0; 4]), self.look);
            }
            Some(_) => {}
            None => self.mark(&format!("<U+{:04X}>", u32::from(c))),
        }
    }

    fn mark(&mut self, text: &str) {
        let look = Look {
            mark: true,
            ..self.look
        };
        self.push(text, look);
        self.marks = None;
    }

    fn push(&mut self, text: &str, look: Look) {
        self.column += width(text);
        match self.pieces.last_mut() {
            Some(last) if last.look == look => last.text.push_str(text),
            Some(_) | None => self.pieces.push(SafePiece {
                text: text.to_owned(),
                look,
            }),
        }
    }
}

/// An SGR sequence at the beginning of a text: its parameters, and what follows.
fn sgr(text: &str) -> Option<(Vec<Vec<u16>>, &str)> {
    let body = text.strip_prefix("\u{1b}[")?;
    let end = body.find(|c: char| !matches!(c, '0'..='9' | ';' | ':'))?;
    let (parameters, rest) = body.split_at_checked(end)?;
    let rest = rest.strip_prefix('m')?;
    let number = |n: &str| n.parse().unwrap_or(if n.is_empty() { 0 } else { u16::MAX });
    let groups = parameters
        .split(';')
        .map(|group| group.split(':').map(number).collect())
        .collect();
    Some((groups, rest))
}

#[cfg(test)]
mod tests {
    use super::super::style::Colour;
    use super::{Look, SafeText, Scrubber};
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation as _;

    #[test]
    fn colours_become_looks_and_other_controls_become_text() {
        let text = SafeText::new("\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}\u{1b}[2Jend");
        assert_eq!(text.plain(), "red ^[]0;title^G^[[2Jend");
        let first = text.pieces().first().expect("a piece");
        assert_eq!(first.look().fg, Colour::Indexed(1));
        assert!(text.has_marks());
    }

    #[test]
    fn what_reverses_or_hides_is_named() {
        let text = SafeText::new("rm \u{202e}gpj\u{200b}.x");
        assert_eq!(text.plain(), "rm <U+202E>gpj<U+200B>.x");
        assert_eq!(SafeText::new("a\nb").plain(), "a^Jb");
        assert_eq!(SafeText::from_bytes(b"a\xffb").plain(), "a<FF>b");
    }

    #[test]
    fn pictures_have_the_width_that_every_terminal_gives_them() {
        let text = SafeText::new("⚠\u{fe0f} 👩\u{200d}🚀");
        assert_eq!((text.plain().as_str(), text.width()), ("⚠ 👩🚀", 6));
        assert!(!text.has_marks());
    }

    #[test]
    fn marks_need_a_character_to_stand_on() {
        assert_eq!(SafeText::new("\u{301}a").plain(), "<U+0301>a");
        let heap = format!("a{}", "\u{301}".repeat(50));
        assert_eq!(SafeText::new(&heap).plain().chars().count(), 5);
    }

    #[test]
    fn tabs_go_to_the_next_stop() {
        assert_eq!(SafeText::new("ab\tc").plain(), "ab      c");
    }

    #[test]
    fn lines_carry_their_colour_on() {
        let lines = SafeText::lines("\u{1b}[1mone\r\ntwo\n");
        let plain: Vec<String> = lines.iter().map(SafeText::plain).collect();
        assert_eq!(plain, ["one", "two"]);
        let second = lines.get(1).and_then(|l| l.pieces().first());
        assert!(second.is_some_and(|p| p.look().bold));
        assert_eq!(SafeText::lines("").len(), 1);
    }

    proptest! {
        #[test]
        fn plain_text_taken_at_once_is_as_if_looked_at_one_by_one(
            text in "([ -~]{0,6}|[a\u{301}\u{200d}\u{fe0f}👩🚀⚠é日\u{202e}\u{200b}\u{7}\u{600}한]{0,4}|\\PC{0,3}){0,5}",
        ) {
            let mut one_by_one = Scrubber::default();
            for grapheme in text.graphemes(true) {
                one_by_one.grapheme(grapheme);
            }
            prop_assert_eq!(SafeText::new(&text), one_by_one.end_line());
        }
    }

    #[test]
    fn cutting_and_wrapping_keep_the_looks() {
        let text = SafeText::new("plain \u{1b}[1mbold text\u{1b}[0m");
        let bold = Look {
            bold: true,
            ..Look::default()
        };
        let cut = text.truncate(9);
        assert_eq!(cut.plain(), "plain bo…");
        assert_eq!(cut.pieces().last().map(super::SafePiece::look), Some(bold));
        let lines = text.wrap(10);
        let plain: Vec<String> = lines.iter().map(SafeText::plain).collect();
        assert_eq!(plain, ["plain bold", "text"]);
    }
}
