//! Which characters may reach a terminal as themselves, and what stands for the others.
//!
//! Guarantees that what is kept is printed by any terminal in the width that is said, and in the
//! place where it stands: no controls, nothing that reverses, hides or joins.

use super::width::width_of;

/// What becomes of a character.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    /// It stands for itself.
    Itself,
    /// It is left out: it only says how its neighbour is to be drawn, and terminals do not agree
    /// on the width of the result.
    LeftOut,
    /// This stands for it.
    As(String),
}

/// What becomes of a character in a text that is laid out by us.
pub(super) fn shown(c: char) -> Shown {
    match c {
        '\u{fe00}'..='\u{fe0f}' => Shown::LeftOut,
        '\u{0}'..='\u{1f}' | '\u{7f}' => Shown::As(caret(c)),
        c if is_hidden(c) => Shown::As(code_point(c)),
        _ => Shown::Itself,
    }
}

/// `^[` for an escape, `^?` for a delete.
fn caret(c: char) -> String {
    let byte = u8::try_from(c).unwrap_or(0x7f);
    format!("^{}", char::from(byte ^ 0x40))
}

/// `<U+202E>`.
fn code_point(c: char) -> String {
    format!("<U+{:04X}>", u32::from(c))
}

/// `<FF>` for a byte that is no text.
pub(super) fn raw_byte(byte: u8) -> String {
    format!("<{byte:02X}>")
}

/// Whether a character hides, reverses, joins or separates without being seen.
pub(super) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is drawn over the one before it.
pub(super) fn combines(c: char) -> bool {
    width_of(c) == 0 && !c.is_control() && !is_hidden(c)
}

#[cfg(test)]
mod tests {
    use super::{Shown, shown};

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(shown('\u{1b}'), Shown::As("^[".to_owned()));
        assert_eq!(shown('\u{7f}'), Shown::As("^?".to_owned()));
        assert_eq!(shown('\u{202e}'), Shown::As("<U+202E>".to_owned()));
        assert_eq!(shown('\u{9b}'), Shown::As("<U+009B>".to_owned()));
        assert_eq!(shown('\u{fe0f}'), Shown::LeftOut);
        assert_eq!(shown('é'), Shown::Itself);
        assert_eq!(shown('界'), Shown::Itself);
    }
}
