//! What each byte of a SQL text stands in: bare code, a string, an identifier, a comment.
//!
//! The lexical rules of `PostgreSQL`: `''` inside strings, `E'\''`, `"…"`, `$tag$…$tag$`, `--`
//! and nested `/* */`. Never fails; an unclosed quote reaches to the end.

/// What a byte of SQL stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SqlPlace {
    /// Code outside all quotes.
    Bare,
    /// `'…'`
    Text,
    /// `E'…'`, where a backslash escapes.
    Escaped,
    /// `"…"`
    Identifier,
    /// `$tag$…$tag$`
    Dollar,
    /// `-- …` or `/* … */`
    Comment,
}

/// The places of a SQL text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SqlPlaces {
    bytes: Vec<SqlPlace>,
    /// The text ends inside a quote or a comment.
    pub open: bool,
}

impl SqlPlaces {
    /// What a byte stands in; bare code beyond the end.
    #[must_use]
    pub fn at(&self, offset: usize) -> SqlPlace {
        self.bytes.get(offset).copied().unwrap_or(SqlPlace::Bare)
    }
}

/// Reads a SQL text.
#[must_use]
pub fn places(code: &str) -> SqlPlaces {
    crate::script::work::done(code.len());
    let bytes = code.as_bytes();
    let mut out = SqlPlaces {
        bytes: vec![SqlPlace::Bare; bytes.len()],
        open: false,
    };
    let mut at = 0;
    while at < bytes.len() {
        let Some((place, inside, end, closed)) = opened(bytes, at) else {
            at += 1;
            continue;
        };
        for slot in out.bytes.get_mut(inside..end).into_iter().flatten() {
            *slot = place;
        }
        out.open |= !closed;
        at = end.max(at + 1) + usize::from(closed && is_one_byte_quote(place));
    }
    out
}

fn is_one_byte_quote(place: SqlPlace) -> bool {
    matches!(
        place,
        SqlPlace::Text | SqlPlace::Escaped | SqlPlace::Identifier
    )
}

/// If something opens at `at`: its place, where its inside begins and ends, whether it closes.
fn opened(bytes: &[u8], at: usize) -> Option<(SqlPlace, usize, usize, bool)> {
    let byte = *bytes.get(at)?;
    let next = bytes.get(at + 1).copied().unwrap_or(0);
    match (byte, next) {
        (b'-', b'-') => {
            let rest = bytes.get(at..)?;
            let end = at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            Some((SqlPlace::Comment, at, end, true))
        }
        (b'/', b'*') => {
            let (end, closed) = block_comment(bytes, at);
            Some((SqlPlace::Comment, at, end, closed))
        }
        (b'\'', _) => {
            let escaped = at > 0
                && matches!(bytes.get(at - 1), Some(b'E' | b'e'))
                && !at
                    .checked_sub(2)
                    .and_then(|p| bytes.get(p))
                    .is_some_and(|b| is_in_name(*b));
            let place = if escaped {
                SqlPlace::Escaped
            } else {
                SqlPlace::Text
            };
            let (end, closed) = quoted(bytes, at + 1, b'\'', escaped);
            Some((place, at + 1, end, closed))
        }
        (b'"', _) => {
            let (end, closed) = quoted(bytes, at + 1, b'"', false);
            Some((SqlPlace::Identifier, at + 1, end, closed))
        }
        (b'$', _) => dollar(bytes, at),
        _ => None,
    }
}

fn quoted(bytes: &[u8], from: usize, quote: u8, backslash: bool) -> (usize, bool) {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        let escaped = byte == b'\\' && backslash;
        if escaped || (byte == quote && bytes.get(at + 1) == Some(&quote)) {
            at += 2;
        } else if byte == quote {
            return (at, true);
        } else {
            at += 1;
        }
    }
    (bytes.len(), false)
}

fn block_comment(bytes: &[u8], from: usize) -> (usize, bool) {
    let (mut at, mut depth) = (from, 0_u32);
    while at < bytes.len() {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return (at, true);
                }
            }
            _ => at += 1,
        }
    }
    (bytes.len(), false)
}

/// Whether a byte can stand inside a name.
fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

fn dollar(bytes: &[u8], at: usize) -> Option<(SqlPlace, usize, usize, bool)> {
    let glued = at
        .checked_sub(1)
        .and_then(|p| bytes.get(p))
        .is_some_and(|b| is_in_name(*b));
    let rest = bytes.get(at + 1..)?;
    let length = rest
        .iter()
        .take_while(|b| **b != b'$' && is_in_name(**b))
        .count();
    let begins = rest.first().is_some_and(u8::is_ascii_digit);
    if glued || begins || rest.get(length) != Some(&b'$') {
        return None;
    }
    let tag = bytes.get(at..at + length + 2)?;
    let inside = at + length + 2;
    let body = bytes.get(inside..)?;
    let end = memchr::memmem::find(body, tag);
    let reach = end.map_or(bytes.len(), |e| inside + e + tag.len());
    Some((SqlPlace::Dollar, inside, reach, end.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_takes_for_code_is_code_here() {
        for (text, bare) in [
            ("SELECT 1 -- x\r; COMMIT", true),
            ("SELECT _e'\\'; COMMIT; --'", true),
            ("SELECT a_$x$; COMMIT; SELECT b_$x$", true),
            ("SELECT é$x$; COMMIT; SELECT é$x$", true),
            ("SELECT $é$; COMMIT; $é$", false),
            ("SELECT a$$; COMMIT; SELECT b$$", true),
            ("SELECT +$$; COMMIT; $$", false),
        ] {
            let at = text.find("COMMIT").expect("there");
            assert_eq!(places(text).at(at) == SqlPlace::Bare, bare, "{text:?}");
        }
    }

    #[test]
    fn each_kind_of_quote_is_told_apart() {
        let text = "SELECT 'S''T', E'\\'U', \"I\"\"J\", $f$ D $f$ B -- C\n, /* /* N */ M */ A $1";
        let seen = places(text);
        for (needle, place) in [
            ("S'", SqlPlace::Text),
            ("T", SqlPlace::Bare),
            ("T'", SqlPlace::Text),
            ("U", SqlPlace::Escaped),
            ("I\"", SqlPlace::Identifier),
            ("J", SqlPlace::Identifier),
            ("D", SqlPlace::Dollar),
            ("B", SqlPlace::Bare),
            ("C\n", SqlPlace::Comment),
            ("M *", SqlPlace::Comment),
            ("A $1", SqlPlace::Bare),
        ] {
            let at = match needle {
                "D" => text.find(" D ").map(|p| p + 1),
                _ => text.find(needle),
            };
            assert_eq!(seen.at(at.expect("there")), place, "{needle}");
        }
        assert!(!seen.open);
        assert!(places("'x").open);
    }
}
