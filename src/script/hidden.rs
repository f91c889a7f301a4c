//! Characters that a person cannot see but a shell can: bidirectional controls, zero-width
//! characters, tag characters and control characters.
//!
//! A command that holds one is not what it looks like. This module finds them and names them; it
//! never removes them, because the text shown must stay the text that runs.

/// What kind of invisible character.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HiddenKind {
    /// Changes the order in which text is shown.
    Bidirectional,
    /// Takes no room.
    ZeroWidth,
    /// A Unicode tag character or variation selector beyond the usual two.
    Tag,
    /// A control character other than tab and line end.
    Control,
    /// A space that is not a space to a shell.
    OddSpace,
}

/// One invisible character and where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hidden {
    /// Byte offset.
    pub offset: usize,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The character.
    pub character: char,
    /// What it is.
    pub kind: HiddenKind,
}

/// What kind of invisible character this is, if it is one.
#[must_use]
pub fn kind_of(character: char) -> Option<HiddenKind> {
    match character {
        '\t' | '\n' => None,
        '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{061C}' => Some(HiddenKind::Bidirectional),
        '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2064}'
        | '\u{FEFF}'
        | '\u{00AD}'
        | '\u{034F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{2065}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' => Some(HiddenKind::ZeroWidth),
        '\u{E0000}'..='\u{E0FFF}' | '\u{FE00}'..='\u{FE0D}' => Some(HiddenKind::Tag),
        '\u{00A0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200A}'
        | '\u{202F}'
        | '\u{205F}'
        | '\u{3000}'
        | '\u{2028}'
        | '\u{2029}' => Some(HiddenKind::OddSpace),
        other if other.is_control() => Some(HiddenKind::Control),
        _ => None,
    }
}

/// Every invisible character of a text, in order.
#[must_use]
pub fn find(text: &str) -> Vec<Hidden> {
    let (mut line, mut column) = (1, 1);
    let mut found = Vec::new();
    for (offset, character) in text.char_indices() {
        // A carriage return that only ends a line is not hidden from anyone.
        let line_end = character == '\r' && text.as_bytes().get(offset + 1) == Some(&b'\n');
        let stray = is_stray(text, offset, character).then_some(HiddenKind::ZeroWidth);
        if let (false, Some(kind)) = (line_end, kind_of(character).or(stray)) {
            found.push(Hidden {
                offset,
                line,
                column,
                character,
                kind,
            });
        }
        if character == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    found
}

/// A selector between text and picture (`⚠️`) that stands after no picture: nothing shows it, and
/// a shell takes it for a part of the word.
fn is_stray(text: &str, offset: usize, character: char) -> bool {
    if !matches!(character, '\u{FE0E}' | '\u{FE0F}') {
        return false;
    }
    let before = text.get(..offset).and_then(|t| t.chars().next_back());
    let after = text.get(offset + character.len_utf8()..);
    let key_cap = after.is_some_and(|t| t.starts_with('\u{20E3}'));
    match before {
        Some('0'..='9' | '#' | '*') if key_cap => false,
        Some(c) => c.is_ascii() || c.is_alphanumeric() || matches!(c, '\u{FE00}'..='\u{FE0F}'),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_may_be_one_and_a_letter_has_no_selector() {
        assert!(find("echo '⚠\u{FE0F} 1\u{FE0F}\u{20E3} ✔\u{FE0E}'").is_empty());
        for text in [
            "r\u{FE0F}m",
            "\u{FE0F}",
            "1\u{FE0F}",
            "⚠\u{FE0F}\u{FE0F}",
            "字\u{FE0E}",
        ] {
            let found = find(text);
            assert_eq!(found.len(), 1, "{text:?}");
            assert_eq!(found[0].kind, HiddenKind::ZeroWidth);
        }
    }

    #[test]
    fn plain_text_in_any_language_hides_nothing() {
        assert!(find("psql -c 'SELECT 1'\r\n\tcafé 回滚 ✅ اختبار\n").is_empty());
    }

    #[test]
    fn each_kind_is_found_with_its_place() {
        let text = "rm a\n\u{202E}b\u{200B}c\u{E0041}d\x1be\u{00A0}f";
        let kinds: Vec<_> = find(text)
            .iter()
            .map(|h| (h.kind, h.line, h.column))
            .collect();
        assert_eq!(
            kinds,
            [
                (HiddenKind::Bidirectional, 2, 1),
                (HiddenKind::ZeroWidth, 2, 3),
                (HiddenKind::Tag, 2, 5),
                (HiddenKind::Control, 2, 7),
                (HiddenKind::OddSpace, 2, 9),
            ]
        );
    }

    #[test]
    fn a_lone_carriage_return_is_hidden() {
        assert_eq!(find("ls\rrm -rf /").len(), 1);
    }
}
