//! From bytes to text, whatever the bytes are.
//!
//! A runbook that was once read in the wrong encoding (UTF-8 as cp1252 or as Mac Roman) is
//! repaired, a byte order mark and carriage returns are taken off, UTF-16 is decoded. Line
//! numbers stay those of the original. It never fails: bytes that are no text in any of these
//! become the characters that cp1252 has for them. It does not judge what the text says.

use encoding_rs::{Encoding, MACINTOSH, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// A text and what had to be done to get it.
pub struct Repaired {
    /// The text, with `\n` line ends and no byte order mark.
    pub text: String,
    /// Line (from 1) and description of each kind of repair that changed what is shown.
    pub notes: Vec<(u32, String)>,
}

/// Decodes and repairs a document.
#[must_use]
pub fn repair(bytes: &[u8]) -> Repaired {
    let mut notes = Vec::new();
    let text = decode(bytes, &mut notes);
    let text = match misread(&text) {
        Some((fixed, line, count, name)) => {
            notes.push((
                line,
                format!("{count} characters were UTF-8 once read as {name}"),
            ));
            fixed
        }
        None => text,
    };
    // A tool that adds a mark to a file that has one leaves two; they are no text.
    let mut text = plain_line_ends(&text);
    let marks = text.len() - text.trim_start_matches('\u{feff}').len();
    text.drain(..marks);
    Repaired { text, notes }
}

fn decode(bytes: &[u8], notes: &mut Vec<(u32, String)>) -> String {
    for (mark, encoding) in [(&[0xFF, 0xFE], UTF_16LE), (&[0xFE, 0xFF], UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            notes.push((1, format!("the file was {}", encoding.name())));
            return encoding.decode_without_bom_handling(rest).0.into_owned();
        }
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut text = String::with_capacity(bytes.len());
    let mut first_bad = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            first_bad.get_or_insert_with(|| line_at(&text, text.len()));
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    if let Some(line) = first_bad {
        notes.push((
            line,
            "bytes that are not UTF-8 were read as cp1252".to_owned(),
        ));
    }
    text
}

fn line_at(text: &str, byte: usize) -> u32 {
    let newlines = text
        .as_bytes()
        .iter()
        .take(byte)
        .filter(|&&b| b == b'\n')
        .count();
    u32::try_from(newlines)
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

fn plain_line_ends(text: &str) -> String {
    if !text.contains('\r') {
        return text.to_owned();
    }
    if text.contains('\n') {
        text.replace("\r\n", "\n").replace('\r', "")
    } else {
        text.replace('\r', "\n")
    }
}

/// The text read back through the encoding that it was once mistaken for, where that is beyond
/// doubt: the text, the first repaired line, the number of repaired characters, the encoding.
fn misread(text: &str) -> Option<(String, u32, usize, &'static str)> {
    if text.is_ascii() {
        return None;
    }
    [(WINDOWS_1252, "cp1252"), (MACINTOSH, "Mac Roman")]
        .into_iter()
        .map(|(encoding, name)| (read_back(text, encoding), name))
        .filter(|(attempt, _)| attempt.symbols > 0 && attempt.left_over * 4 <= attempt.repaired)
        .max_by_key(|(attempt, _)| attempt.repaired)
        .map(|(a, name)| (a.text, line_at(text, a.first), a.repaired, name))
}

struct Attempt {
    text: String,
    /// Sequences that became one character.
    repaired: usize,
    /// Of these, signs and pictures, which no one types as three odd letters.
    symbols: usize,
    /// Characters beyond ASCII that are part of no such sequence.
    left_over: usize,
    /// Byte of the first repair.
    first: usize,
}

fn read_back(text: &str, encoding: &'static Encoding) -> Attempt {
    let mut a = Attempt {
        text: String::with_capacity(text.len()),
        repaired: 0,
        symbols: 0,
        left_over: 0,
        first: 0,
    };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii() {
            let ascii = rest.bytes().take_while(u8::is_ascii).count();
            a.text.push_str(&rest[..ascii]);
            rest = &rest[ascii..];
        } else if let Some((real, used)) = sequence(rest, encoding) {
            if a.repaired == 0 {
                a.first = text.len() - rest.len();
            }
            a.repaired += 1;
            a.symbols += usize::from(u32::from(real) >= 0x2000 && !is_cjk(real));
            a.text.push(real);
            rest = &rest[used..];
        } else {
            // The last byte of a variation selector has no character in cp1252 and gets lost.
            if !rest.starts_with("ï¸") && !rest.starts_with('\u{a0}') {
                a.left_over += usize::from(!is_sign(c));
                a.text.push(c);
            } else if c == '\u{a0}' {
                a.text.push(c);
            } else {
                rest = &rest["ï¸".len()..];
                continue;
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    a
}

/// The one character that the beginning of a text is when its characters are bytes again.
fn sequence(text: &str, encoding: &'static Encoding) -> Option<(char, usize)> {
    let mut bytes = [0_u8; 4];
    let mut wanted = 1;
    let mut have = 0;
    let mut used = 0;
    for c in text.chars().take(4) {
        let byte = single_byte(c, encoding)?;
        if have == 0 {
            wanted = match byte {
                0xC2..=0xDF => 2,
                0xE0..=0xEF => 3,
                0xF0..=0xF4 => 4,
                _ => return None,
            };
        }
        *bytes.get_mut(have)? = byte;
        have += 1;
        used += c.len_utf8();
        if have == wanted {
            break;
        }
    }
    let real = std::str::from_utf8(bytes.get(..have)?).ok()?;
    let only = real.chars().next().filter(|_| have == wanted)?;
    Some((only, used))
}

fn single_byte(c: char, encoding: &'static Encoding) -> Option<u8> {
    let mut buffer = [0_u8; 4];
    let (bytes, _, failed) = encoding.encode(c.encode_utf8(&mut buffer));
    match bytes.as_ref() {
        [byte] if !failed && *byte >= 0x80 => Some(*byte),
        _ => None,
    }
}

fn is_cjk(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF)
}

/// Signs that an author may have typed into a document that is otherwise mis-encoded.
fn is_sign(c: char) -> bool {
    u32::from(c) >= 0x2190 && !c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn garble(text: &str, encoding: &'static Encoding) -> String {
        encoding
            .decode_without_bom_handling(text.as_bytes())
            .0
            .into_owned()
    }

    #[test]
    fn however_many_marks_stand_before_a_text_none_is_left() {
        for before in ["\u{feff}", "\u{feff}\u{feff}", "\u{feff}\u{feff}\u{feff}"] {
            let once = repair(format!("{before}# Plän\n").as_bytes()).text;
            assert_eq!(once, "# Plän\n");
            assert_eq!(repair(once.as_bytes()).text, once);
        }
    }

    #[test]
    fn both_kinds_of_misreading_are_undone() {
        let real = "Done ✅\n\n🔴 stop → go ⚠️\n";
        for encoding in [WINDOWS_1252, MACINTOSH] {
            let got = repair(garble(real, encoding).as_bytes());
            assert_eq!(got.text, real, "{}", encoding.name());
            assert_eq!(got.notes.len(), 1);
            assert_eq!(got.notes[0].0, 1);
        }
    }

    #[test]
    fn honest_accents_are_left_alone() {
        for text in [
            "Le café\u{a0}» est prêt, déjà testé ✅\n",
            "Übergröße – 5 °C\n",
            "确认 回滚 ✅\n",
            "naïve ≥ 5\n",
        ] {
            let got = repair(text.as_bytes());
            assert_eq!(got.text, text);
            assert!(got.notes.is_empty());
        }
    }

    #[test]
    fn marks_and_line_ends_go_and_lines_stay() {
        assert_eq!(repair(b"\xEF\xBB\xBFa\r\nb\r\n").text, "a\nb\n");
        assert_eq!(repair(b"a\rb").text, "a\nb");
        assert_eq!(repair(b"\xFF\xFEa\0\n\0").text, "a\n");
        assert_eq!(repair(b"caf\xe9 ok").text, "café ok");
    }
}
