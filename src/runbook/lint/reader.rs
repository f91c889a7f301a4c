//! What the reader noticed, with its places made exact.
//!
//! The reader knows the line; the words that it speaks of are in its message, in quotes, and are
//! looked for on that line.

use super::{Place, Review};
use crate::domain::plan::Diagnostic;

/// Takes over the reader's findings.
pub fn take_over(review: &mut Review<'_>) {
    for known in &review.plan.diagnostics {
        let mut finding = known.clone();
        if finding.width == 0 {
            let place = place(review, known);
            finding.column = place.column;
            finding.width = place.width;
        }
        review.found.push(finding);
    }
}

fn place(review: &Review<'_>, finding: &Diagnostic) -> Place {
    let line = review.source.line(finding.line);
    if finding.column > 1 {
        return word_at(review, finding, line);
    }
    let quoted = finding.message.split('"').skip(1).step_by(2);
    let found = quoted.filter(|q| !q.is_empty()).find_map(|q| {
        let at = line.find(q)?;
        Some(review.source.bytes(finding.line, at, at + q.len()))
    });
    found.unwrap_or_else(|| review.source.said(finding.line))
}

/// From the column on, as far as the word goes.
fn word_at(review: &Review<'_>, finding: &Diagnostic, line: &str) -> Place {
    let skip = finding.column as usize - 1;
    let from = line
        .char_indices()
        .nth(skip)
        .map_or(line.len(), |(at, _)| at);
    let rest = line.get(from..).unwrap_or_default();
    let end = rest
        .char_indices()
        .find(|(at, c)| *at > 0 && (c.is_whitespace() || matches!(c, '}' | ',' | ':' | '=')))
        .map_or(rest.len(), |(at, _)| at);
    if end == 0 {
        return review.source.whole(finding.line);
    }
    review.source.bytes(finding.line, from, from + end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::underlined;

    #[test]
    fn what_the_reader_says_is_underlined() {
        let label = "# P\n## Rollback\n```python\npython tools/go.py --all\n```\n";
        assert_eq!(underlined(label, "fence-label"), ["python"]);
        let link = "# P\n## Rollback\nFirst [the other](#not-there).\n```bash\nls\n```\n";
        assert_eq!(underlined(link, "dead-link"), ["the other"]);
        let attribute = "# P\n## Rollback\n```bash {name=go colour=red}\nls\n```\n";
        assert_eq!(underlined(attribute, "unknown-attribute"), ["colour"]);
    }
}
