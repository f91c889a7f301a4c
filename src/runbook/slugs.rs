//! Titles as parts of ids and as the anchors that a forge gives them.

use super::words::bare;

/// Bytes after which a part of an id is cut.
const LONGEST_SLUG: usize = 48;

/// A path of words for an id: lower case, joined by `-`.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(LONGEST_SLUG + 4);
    for c in bare(text).chars() {
        if c.is_ascii() {
            add_to_slug(&mut out, c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(|c| add_to_slug(&mut out, c));
        }
        if out.len() >= LONGEST_SLUG {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}

fn add_to_slug(out: &mut String, c: char) {
    if out.len() >= LONGEST_SLUG {
        return;
    }
    if c.is_alphanumeric() || c == '_' {
        out.push(c);
    } else if !out.ends_with('-') && !out.is_empty() {
        out.push('-');
    }
}

/// The anchor that a forge gives a heading.
#[must_use]
pub fn anchor(title: &str) -> String {
    title
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}
