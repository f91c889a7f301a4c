//! Quotations: what stands in them is read as if it stood outside, at the place of the quotation.

/// The line without the marks of a quotation.
#[must_use]
pub fn unquoted(line: &str) -> &str {
    let mut rest = line;
    while let Some(inner) = rest.trim_start().strip_prefix('>') {
        // "> 25 % errors" is a comparison, not a quotation.
        let next = inner.trim_start();
        if next.starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        rest = inner.strip_prefix(' ').unwrap_or(inner);
    }
    rest
}

/// How far a quotation is indented: that of the item that it belongs to.
#[must_use]
pub fn margin(line: &str) -> usize {
    let text = line.trim_start();
    if text.starts_with('>') {
        line.len() - text.len()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_lose_their_marks_and_keep_their_place() {
        assert_eq!(unquoted("> - quoted"), "- quoted");
        assert_eq!(unquoted("> 25 % errors"), "> 25 % errors");
        assert_eq!((margin("    > note"), margin("    note")), (4, 0));
    }
}
