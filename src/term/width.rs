//! How many columns a text takes.
//!
//! One measure for the whole program: the same tables that the drawing library uses, on text from
//! which everything was taken that terminals measure differently (see `scrub`).

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if plain(text) == text.len() {
        return text.len();
    }
    text.width()
}

/// How much of a text's beginning is printable ASCII: a byte, a character and a column each.
pub(super) fn plain(text: &str) -> usize {
    text.bytes()
        .position(|b| !matches!(b, b' '..=b'~'))
        .unwrap_or(text.len())
}

/// Columns that a character takes by itself; none for a control.
pub(super) fn width_of(c: char) -> usize {
    c.width().unwrap_or(0)
}
