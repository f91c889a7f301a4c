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
        | '\u{180B}'..='\u{180E}'
        | '\u{206A}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FFA0}' => Some(HiddenKind::ZeroWidth),
        '\u{E0000}'..='\u{E007F}' | '\u{E0100}'..='\u{E01EF}' | '\u{FE00}'..='\u{FE0D}' => {
            Some(HiddenKind::Tag)
        }
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
        if let (false, Some(kind)) = (line_end, kind_of(character)) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
