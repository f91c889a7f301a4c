//! What of a stream is to be read: without colours, moves of the cursor and line breaks, which a
//! program may put between any two characters.
//!
//! Only what cannot be text itself is left out: the title that a program gives its window is read
//! as text, and a number that is too long for a colour too. Knows nothing about secrets.

use std::ops::Range;

/// A number in a sequence has no more digits than this.
const DIGITS: usize = 4;

/// The bytes of a text that are read, and where they stand in it.
#[derive(Default)]
pub(super) struct Visible {
    pub(super) bytes: Vec<u8>,
    /// Where each piece without a gap begins: here, and in the text.
    pieces: Vec<(usize, usize)>,
}

impl Visible {
    /// Of a text, which may end within a sequence.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut seen = Self {
            bytes: Vec::with_capacity(text.len()),
            pieces: Vec::new(),
        };
        let mut at = 0;
        for next in memchr::memchr3_iter(b'\n', b'\r', 0x1b, text) {
            // It may be within a sequence that was passed over.
            if next < at {
                continue;
            }
            seen.add(text, at..next);
            at = next + skipped(text.get(next..).unwrap_or_default());
        }
        seen.add(text, at..text.len());
        seen
    }

    fn add(&mut self, text: &[u8], range: Range<usize>) {
        if let Some(piece) = text.get(range.clone()).filter(|piece| !piece.is_empty()) {
            self.pieces.push((self.bytes.len(), range.start));
            self.bytes.extend_from_slice(piece);
        }
    }

    /// Where one of the bytes stands in the text.
    pub(super) fn place(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|(here, _)| *here <= at);
        let (here, there) = piece
            .checked_sub(1)
            .and_then(|p| self.pieces.get(p))
            .copied()
            .unwrap_or_default();
        there + (at - here)
    }

    /// The stretch of the text from the first to the last of these bytes.
    pub(super) fn stretch(&self, range: &Range<usize>) -> Range<usize> {
        if range.is_empty() {
            let at = self.place(range.start);
            return at..at;
        }
        self.place(range.start)..self.place(range.end - 1) + 1
    }
}

/// What a stretch of text has between the bytes that are read: its sequences, and one line break
/// if there is any.
pub(super) fn between(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut broken = false;
    let mut at = 0;
    while let Some(next) = text
        .get(at..)
        .and_then(|rest| memchr::memchr3(b'\n', b'\r', 0x1b, rest))
    {
        at += next;
        let rest = text.get(at..).unwrap_or_default();
        let long = skipped(rest);
        let sequence = rest.get(..long).unwrap_or_default();
        match sequence {
            b"\r" => {}
            b"\n" | b"\r\n" if broken => {}
            b"\n" | b"\r\n" => {
                broken = true;
                out.extend_from_slice(sequence);
            }
            _ => out.extend_from_slice(sequence),
        }
        at += long;
    }
    out
}

/// How long what begins a text is, which is not read: a line break or a sequence.
fn skipped(text: &[u8]) -> usize {
    match text {
        [0x1b, b'[', rest @ ..] => control(rest).map_or(1, |long| 2 + long),
        [0x1b, b'(' | b')', b'A' | b'B' | b'0', ..] => 3,
        [0x1b, b'(' | b')'] | [0x1b, b'\\' | b']', ..] | [b'\r', b'\n', ..] => 2,
        _ => 1,
    }
}

/// The length of what follows `ESC [`, as far as it is there; none where it is no sequence.
fn control(text: &[u8]) -> Option<usize> {
    let mut digits = 0;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                if digits > DIGITS {
                    return None;
                }
            }
            0x20..=0x3f => digits = 0,
            0x40..=0x7e => return Some(at + 1),
            _ => return None,
        }
    }
    Some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        String::from_utf8_lossy(&Visible::of(text.as_bytes()).bytes).into_owned()
    }

    #[test]
    fn colours_moves_and_line_breaks_are_passed_over_and_text_is_not() {
        for (text, seen) in [
            ("a\u{1b}[1;31mb\u{1b}[0mc", "abc"),
            ("a\r\nb\nc", "abc"),
            ("a\u{1b}[2;5Hb\u{1b}(Bc\u{1b}[?25ld", "abcd"),
            ("\u{1b}]0;title\u{7}b", "0;title\u{7}b"),
            ("\u{1b}[4711471m", "[4711471m"),
            ("\u{1b}hunter", "hunter"),
            ("a\u{1b}[3", "a"),
            ("\u{1b}", ""),
            ("", ""),
        ] {
            assert_eq!(read(text), seen, "{text:?}");
        }
    }

    #[test]
    fn each_byte_is_where_it_stands() {
        let text = b"ab\x1b[0mc\r\n\r\nde";
        let seen = Visible::of(text);
        for (at, byte) in seen.bytes.iter().enumerate() {
            assert_eq!(text.get(seen.place(at)), Some(byte));
        }
        assert_eq!(seen.stretch(&(1..3)), 1..7);
        assert_eq!(between(&text[1..7]), b"\x1b[0m");
        assert_eq!(between(text), b"\x1b[0m\r\n");
    }
}
