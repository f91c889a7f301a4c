//! Output without the sequences that command a terminal: to be searched, and to be written to a
//! file.

use std::borrow::Cow;

use alacritty_terminal::vte::{Params, Parser, Perform};

use super::safe_text::SafeText;
use super::width::width_of;

/// The last column that is gone to beyond the end of a line.
const WIDEST: usize = 16 * 1024;

const ESC: u8 = 0x1b;

/// The bytes without escape sequences. A line break always stays, even where a sequence that is
/// never finished would swallow it.
#[must_use]
pub fn without_sequences(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(ESC, bytes) else {
        return Cow::Borrowed(bytes);
    };
    let mut plain = Vec::with_capacity(bytes.len());
    let (mut rest, mut next) = (bytes, Some(first));
    while let Some(at) = next {
        let (before, sequence) = rest.split_at(at);
        plain.extend_from_slice(before);
        rest = sequence.get(length_of(sequence)..).unwrap_or_default();
        next = memchr::memchr(ESC, rest);
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

/// Bytes of the sequence that begins here, with an escape.
fn length_of(bytes: &[u8]) -> usize {
    let body = bytes.get(2..).unwrap_or_default();
    match bytes.get(1) {
        Some(b'[') => {
            let end = body.iter().position(|b| !(0x20..=0x3f).contains(b));
            match end.and_then(|at| Some((at, body.get(at)?))) {
                Some((at, 0x40..=0x7e)) => at + 3,
                Some((at, _)) => at + 2,
                None => bytes.len(),
            }
        }
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            let end = body.iter().position(|b| matches!(b, 7 | b'\n' | &ESC));
            match end.and_then(|at| Some((at, body.get(at)?))) {
                Some((at, 7)) => at + 3,
                Some((at, &ESC)) if body.get(at + 1) == Some(&b'\\') => at + 4,
                Some((at, _)) => at + 2,
                None => bytes.len(),
            }
        }
        Some(0x20..=0x2f) => {
            let end = body.iter().position(|b| !(0x20..=0x2f).contains(b));
            match end.and_then(|at| Some((at, body.get(at)?))) {
                Some((at, 0x30..=0x7e)) => at + 3,
                Some((at, _)) => at + 2,
                None => bytes.len(),
            }
        }
        Some(0x30..=0x7e) => 2,
        Some(_) | None => 1,
    }
}

/// A line of output, without its break, as a terminal without an edge shows it in the end: what was
/// overwritten is gone, and nothing in it can command the terminal that it is shown in later.
#[must_use]
pub fn plain_line(bytes: &[u8]) -> String {
    let line = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    if line.iter().all(|b| matches!(b, b' '..=b'~'))
        && let Ok(text) = std::str::from_utf8(line)
    {
        return text.to_owned();
    }
    let mut drawn = Drawn::default();
    Parser::new().advance(&mut drawn, line);
    let text = drawn.text();
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text;
    }
    SafeText::new(&text).plain()
}

/// A line while it is drawn: a character for each column with the marks over it, and nothing for the
/// right half of a wide one.
#[derive(Default)]
struct Drawn {
    cells: Vec<(Option<char>, String)>,
    column: usize,
}

const BLANK: (Option<char>, String) = (Some(' '), String::new());

impl Drawn {
    fn put(&mut self, c: char) {
        let width = width_of(c);
        if width == 0 {
            let before = self.cells.get_mut(..self.column).unwrap_or_default();
            if let Some((_, marks)) = before.iter_mut().rfind(|(glyph, _)| glyph.is_some()) {
                marks.push(c);
            }
            return;
        }
        let end = self.column + width;
        self.fill_to(end);
        // Of a wide one that loses a half, nothing stays.
        if self.is_right_half(self.column) {
            self.blank(self.column - 1, self.column);
        }
        if self.is_right_half(end) {
            self.blank(end, end + 1);
        }
        for at in self.column..end {
            if let Some(cell) = self.cells.get_mut(at) {
                *cell = ((at == self.column).then_some(c), String::new());
            }
        }
        self.column = end;
    }

    fn is_right_half(&self, column: usize) -> bool {
        self.cells
            .get(column)
            .is_some_and(|(glyph, _)| glyph.is_none())
    }

    fn fill_to(&mut self, columns: usize) {
        if self.cells.len() < columns {
            self.cells.resize(columns, BLANK);
        }
    }

    fn blank(&mut self, from: usize, to: usize) {
        let cells = self.cells.iter_mut().take(to).skip(from);
        cells.for_each(|cell| *cell = BLANK);
    }

    /// Goes to a column; beyond the end no further than any terminal is wide.
    fn go_to(&mut self, column: usize) {
        self.column = column.min(self.cells.len().max(WIDEST));
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.cells.len());
        for (glyph, marks) in &self.cells {
            text.extend(*glyph);
            text.push_str(marks);
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl Perform for Drawn {
    fn print(&mut self, c: char) {
        self.put(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\r' => self.column = 0,
            8 => self.column = self.column.saturating_sub(1),
            b'\t' => {
                // Goes over what stands there, and leaves it.
                self.go_to((self.column / 8 + 1) * 8);
                self.fill_to(self.column);
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: char) {
        if !intermediates.is_empty() {
            return;
        }
        let given = params.iter().next().and_then(|p| p.first().copied());
        let given = usize::from(given.unwrap_or(0));
        let (by, end) = (given.max(1), self.cells.len());
        match (action, given) {
            ('C', _) => self.go_to(self.column + by),
            ('D', _) => self.column = self.column.saturating_sub(by),
            ('G' | '`', _) => self.go_to(by - 1),
            ('K', 0) => self.cells.truncate(self.column),
            ('K', 1) => self.blank(0, self.column + 1),
            ('K', 2) => self.blank(0, end),
            ('X', _) => self.blank(self.column, self.column + by),
            ('P', _) => {
                let to = (self.column + by).min(end);
                self.cells.drain(self.column.min(to)..to);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{plain_line, without_sequences};

    #[test]
    fn sequences_go_and_every_line_break_stays() {
        for (from, to) in [
            ("plain\n", "plain\n"),
            ("\u{1b}[1;31mred\u{1b}[0m\n", "red\n"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{7}.", "link."),
            ("\u{1b}(Bascii\u{1b}=\u{1b}7", "ascii"),
            ("\u{1b}]0;never closed\nnext", "\nnext"),
            ("\u{1b}[3\nnext\u{1b}", "\nnext"),
            ("\u{1b}[38;5;\u{1b}[1mx", "x"),
        ] {
            assert_eq!(
                without_sequences(from.as_bytes()),
                to.as_bytes(),
                "{from:?}"
            );
        }
    }

    #[test]
    fn a_line_is_what_it_looks_like_in_the_end() {
        for (from, to) in [
            ("as it is  ", "as it is  "),
            ("10%\r50%\r100% done\r", "100% done"),
            ("loading\r\u{1b}[Kok", "ok"),
            ("\u{1b}[32m✔\u{1b}[0m\tthere", "✔       there"),
            ("界bc\rx", "x bc"),
            ("界c\u{1b}[2Gx", " xc"),
            ("abc\u{8}\u{8}x", "axc"),
            ("a\u{1b}[5Cb\u{1b}[2Dc", "a    cb"),
            ("e\u{301}t\u{e9}", "e\u{301}té"),
        ] {
            assert_eq!(plain_line(from.as_bytes()), to, "{from:?}");
        }
        assert_eq!(plain_line(b"a\xffb"), "a\u{fffd}b");
        let hostile = "x\u{202e}y\u{9b}31m\u{1b}]52;c;eA==\u{7}z";
        let shown = plain_line(hostile.as_bytes());
        assert!(
            !shown.chars().any(|c| c.is_control() || c == '\u{202e}'),
            "{shown:?}"
        );
    }

    proptest::proptest! {
        #[test]
        fn anything_at_all_is_survived(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        ) {
            let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count();
            let plain = without_sequences(&bytes);
            proptest::prop_assert_eq!(lines(&plain), lines(&bytes));
            let shown = plain_line(&bytes);
            proptest::prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
