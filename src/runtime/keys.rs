//! From the bytes that a terminal sends to keys and pastes. Pure; the reading is done elsewhere.
//!
//! Every input keeps its bytes, so that what is typed into a step arrives there as it was typed.
//! A paste is one thing and never keys: where the terminal brackets it, and also where several
//! lines arrive in one burst, which no hand can type. Answers of the terminal to questions
//! (which are never asked here) are dropped.

use crate::app::Key;

/// What arrived from the terminal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A key; none where the cockpit has no name for it.
    Key(Option<Key>, Vec<u8>),
    /// A paste.
    Paste(Vec<u8>),
    /// The terminal is gone.
    Gone,
}

/// The most of a paste that is kept.
const LONGEST_PASTE: usize = 1 << 20;

/// The longest sequence that is waited for; anything longer is no key.
const LONGEST_SEQUENCE: usize = 4_096;

const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Puts bytes together to inputs.
#[derive(Default, Debug)]
pub struct Decoder {
    waiting: Vec<u8>,
    /// The text so far, inside a bracketed paste.
    paste: Option<Vec<u8>>,
}

/// What the beginning of the waiting bytes is.
enum Found {
    /// An input of so many bytes.
    Is(Option<Key>, usize),
    /// So many bytes that mean nothing to anybody.
    Noise(usize),
    /// The beginning of a paste.
    Paste,
    /// Not to be told yet.
    More,
}

impl Decoder {
    /// Takes the bytes of one read.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        if self.paste.is_none() && self.waiting.is_empty() && is_burst(bytes) {
            return vec![Input::Paste(bytes.to_vec())];
        }
        self.waiting.extend_from_slice(bytes);
        let mut inputs = Vec::new();
        while let Some(input) = self.next(false) {
            inputs.extend(input);
        }
        inputs
    }

    /// Whether something waits for more bytes that may never come (a single escape).
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() && self.paste.is_none()
    }

    /// No more bytes came in time: what waits is what it is.
    pub fn time_is_up(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        while self.paste.is_none()
            && let Some(input) = self.next(true)
        {
            inputs.extend(input);
        }
        inputs
    }

    /// The next input, if one is complete; an inner none is noise.
    fn next(&mut self, up: bool) -> Option<Option<Input>> {
        if self.paste.is_some() {
            return self.go_on_with_paste();
        }
        if self.waiting.is_empty() {
            return None;
        }
        let (key, size) = match find(&self.waiting, up) {
            Found::More => return None,
            Found::Noise(size) => {
                self.waiting.drain(..size.min(self.waiting.len()));
                return Some(None);
            }
            Found::Paste => {
                self.waiting.drain(..PASTE_BEGINS.len());
                self.paste = Some(Vec::new());
                return Some(None);
            }
            Found::Is(key, size) => (key, size.min(self.waiting.len())),
        };
        Some(Some(Input::Key(key, self.waiting.drain(..size).collect())))
    }

    fn go_on_with_paste(&mut self) -> Option<Option<Input>> {
        let text = self.paste.as_mut()?;
        let end = memchr::memmem::find(&self.waiting, PASTE_ENDS);
        // Without an end, the last bytes may be the beginning of one.
        let safe = end.unwrap_or(self.waiting.len().saturating_sub(PASTE_ENDS.len() - 1));
        let room = LONGEST_PASTE.saturating_sub(text.len());
        text.extend(self.waiting.drain(..safe).take(room));
        end?;
        self.waiting.drain(..PASTE_ENDS.len());
        self.paste.take().map(|text| Some(Input::Paste(text)))
    }
}

/// Several lines at once, without a bracket around them.
fn is_burst(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_end();
    let breaks = text.iter().any(|b| matches!(b, b'\r' | b'\n'));
    breaks && !text.contains(&0x1b) && text.len() > 8
}

fn find(bytes: &[u8], up: bool) -> Found {
    match bytes {
        [0x1b, rest @ ..] => escape(bytes, rest, up),
        [byte, ..] if *byte < 0x80 => Found::Is(Some(plain(*byte)), 1),
        _ => character(bytes, up),
    }
}

fn plain(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        0x7f | 0x08 => Key::Backspace,
        0 => Key::Ctrl(' '),
        0x01..=0x1a => Key::Ctrl(char::from(byte - 1 + b'a')),
        0x1c..=0x1f => Key::Ctrl(char::from(byte | 0x40)),
        _ => Key::Char(char::from(byte)),
    }
}

/// A character of several bytes.
fn character(bytes: &[u8], up: bool) -> Found {
    let head = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => {
            let valid = head.get(..error.valid_up_to()).unwrap_or_default();
            if valid.is_empty() {
                return match error.error_len() {
                    None if !up => Found::More,
                    None => Found::Is(None, head.len()),
                    Some(size) => Found::Is(None, size),
                };
            }
            std::str::from_utf8(valid).unwrap_or_default()
        }
    };
    match valid.chars().next() {
        Some(c) => Found::Is(Some(Key::Char(c)), c.len_utf8()),
        None => Found::Is(None, 1),
    }
}

fn escape(bytes: &[u8], rest: &[u8], up: bool) -> Found {
    let alone = Found::Is(Some(Key::Esc), 1);
    match rest {
        [] if up => alone,
        [] => Found::More,
        [0x1b, ..] => alone,
        [b'[', ..] if bytes.starts_with(PASTE_BEGINS) => Found::Paste,
        [b'[', body @ ..] => sequence(bytes, body, up),
        [b'O', last, ..] => Found::Is(arrow(*last), 3),
        [b'O'] if !up => Found::More,
        [b']' | b'P' | b'_' | b'^' | b'X', ..] if !up => answer(bytes),
        [other, ..] if *other < 0x80 => Found::Is(None, 2),
        more => match character(more, up) {
            Found::Is(_, size) => Found::Is(None, size + 1),
            Found::Noise(_) | Found::Paste | Found::More => Found::More,
        },
    }
}

/// A sequence that begins with escape and a bracket.
fn sequence(bytes: &[u8], body: &[u8], up: bool) -> Found {
    if let [b'[', key @ ..] = body {
        // The function keys of a Linux console have a second bracket.
        return if key.is_empty() && !up {
            Found::More
        } else {
            Found::Is(None, bytes.len().min(4))
        };
    }
    let end = body.iter().position(|b| !(0x20..=0x3f).contains(b));
    let Some(end) = end else {
        return if up || body.len() > LONGEST_SEQUENCE {
            Found::Noise(bytes.len())
        } else {
            Found::More
        };
    };
    let size = end + 3;
    let parameters = body.get(..end).unwrap_or_default();
    match (parameters, body.get(end)) {
        (b"" | b"1", Some(last)) if arrow(*last).is_some() => Found::Is(arrow(*last), size),
        (b"", Some(b'Z')) => Found::Is(Some(Key::BackTab), size),
        (number, Some(b'~')) => Found::Is(numbered(number), size),
        // An answer to a question that somebody else asked: kind, status, place of the cursor.
        (_, Some(b'c' | b'n' | b'R' | b't' | b'y' | b'I')) => Found::Noise(size),
        (_, Some(_) | None) => Found::Is(None, size),
    }
}

fn arrow(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        _ => return None,
    })
}

fn numbered(number: &[u8]) -> Option<Key> {
    Some(match number {
        b"1" | b"7" => Key::Home,
        b"4" | b"8" => Key::End,
        b"3" => Key::Delete,
        b"5" => Key::PageUp,
        b"6" => Key::PageDown,
        _ => return None,
    })
}

/// An answer of the terminal that is a string: dropped up to its end.
fn answer(bytes: &[u8]) -> Found {
    let end = bytes.iter().position(|b| *b == 7);
    let long = memchr::memmem::find(bytes, b"\x1b\\");
    match (end, long) {
        (Some(bell), None) => Found::Noise(bell + 1),
        (None, Some(at)) => Found::Noise(at + 2),
        (Some(bell), Some(at)) => Found::Noise((bell + 1).min(at + 2)),
        (None, None) if bytes.len() > LONGEST_SEQUENCE => Found::Noise(bytes.len()),
        (None, None) => Found::More,
    }
}

#[cfg(test)]
mod tests {
    use super::{Decoder, Input, Key};

    fn keys(bytes: &[u8]) -> Vec<Option<Key>> {
        let mut decoder = Decoder::default();
        let mut inputs = decoder.feed(bytes);
        inputs.extend(decoder.time_is_up());
        let key = |input: Input| match input {
            Input::Key(key, _) => key,
            Input::Paste(_) | Input::Gone => Some(Key::Char('P')),
        };
        inputs.into_iter().map(key).collect()
    }

    #[test]
    fn keys_are_told_apart() {
        assert_eq!(keys(b"a"), [Some(Key::Char('a'))]);
        assert_eq!(keys(b"\r"), [Some(Key::Enter)]);
        assert_eq!(
            keys(b"\x03\x1d"),
            [Some(Key::Ctrl('c')), Some(Key::Ctrl(']'))]
        );
        assert_eq!(keys(b"\x1b[A\x1bOB"), [Some(Key::Up), Some(Key::Down)]);
        assert_eq!(
            keys(b"\x1b[5~\x1b[Z"),
            [Some(Key::PageUp), Some(Key::BackTab)]
        );
        assert_eq!(
            keys("é界".as_bytes()),
            [Some(Key::Char('é')), Some(Key::Char('界'))]
        );
        assert_eq!(keys(b"\x7f"), [Some(Key::Backspace)]);
    }

    #[test]
    fn an_escape_alone_is_a_key_when_nothing_follows() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b"), []);
        assert!(decoder.is_waiting());
        let esc = Input::Key(Some(Key::Esc), vec![0x1b]);
        assert_eq!(decoder.time_is_up(), [esc]);
        assert_eq!(keys(b"\x1b\x1b[A"), [Some(Key::Esc), Some(Key::Up)]);
    }

    #[test]
    fn what_has_no_name_never_becomes_letters() {
        assert_eq!(
            keys(b"\x1b[15~\x1b[1;5Ax"),
            [None, None, Some(Key::Char('x'))]
        );
        assert_eq!(keys(b"\x1br"), [None]);
        assert_eq!(keys(b"\x1b[[A"), [None]);
        assert_eq!(
            keys(b"\x1b[24;80R\x1b]11;rgb:0/0/0\x1b\\q"),
            [Some(Key::Char('q'))]
        );
        assert_eq!(keys(b"\xff\xc3"), [None, None]);
    }

    #[test]
    fn a_paste_is_one_thing_however_it_arrives() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b[20"), []);
        assert_eq!(decoder.feed(b"0~rm -rf /\ry\r\x1b[2"), []);
        let paste = Input::Paste(b"rm -rf /\ry\r".to_vec());
        let behind = Input::Key(Some(Key::Char('j')), b"j".to_vec());
        assert_eq!(decoder.feed(b"01~j"), [paste, behind]);
        let burst = decoder.feed(b"first line\rsecond\r");
        assert!(matches!(burst.as_slice(), [Input::Paste(_)]));
    }

    #[test]
    fn a_paste_that_never_ends_does_not_act_either() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b[200~dy\r"), []);
        assert_eq!(decoder.time_is_up(), []);
        assert!(!decoder.is_waiting());
    }

    proptest::proptest! {
        #[test]
        fn no_byte_is_lost_or_doubled_in_keys(
            text in "[a-zé界\\x01-\\x1a]{0,8}", cut in 0usize..20,
        ) {
            let bytes = text.as_bytes();
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            let mut decoder = Decoder::default();
            let mut inputs = decoder.feed(head);
            inputs.extend(decoder.feed(tail));
            inputs.extend(decoder.time_is_up());
            let mut seen = Vec::new();
            for input in inputs {
                match input {
                    Input::Key(_, bytes) | Input::Paste(bytes) => seen.extend(bytes),
                    Input::Gone => {}
                }
            }
            proptest::prop_assert_eq!(seen, bytes);
        }

        #[test]
        fn anything_at_all_is_survived(
            chunks in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40), 0..6),
        ) {
            let mut decoder = Decoder::default();
            for chunk in chunks {
                decoder.feed(&chunk);
            }
            decoder.time_is_up();
        }
    }
}
