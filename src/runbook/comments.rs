//! Comments to backout that stand on a line with something else.
//!
//! `## Heading <!-- backout: procedure -->`, `1. <!-- backout: step --> Stop it`. Only comments
//! that speak to backout are looked for; others are what they were.

/// How a comment to backout begins; blanks after the marks do not matter.
fn begins(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("<!--")?;
    let word = inner.trim_start();
    let ours = word.starts_with("backout:")
        || word.starts_with("backout ")
        || word.starts_with("expected_similarity");
    ours.then_some(inner)
}

/// The text without a comment at its end, and what the comment says.
#[must_use]
pub fn at_end(text: &str) -> (&str, Option<&str>) {
    let found = (|| {
        let body = text.trim_end().strip_suffix("-->")?;
        let at = body.rfind("<!--")?;
        let comment = begins(body.get(at..)?)?;
        Some((body.get(..at)?.trim_end(), comment.trim()))
    })();
    found.map_or((text, None), |(before, comment)| (before, Some(comment)))
}

/// What a comment at the beginning of a text says, and the text after it.
#[must_use]
pub fn at_start(text: &str) -> (Option<&str>, &str) {
    let found = begins(text).and_then(|inner| inner.split_once("-->"));
    found.map_or((None, text), |(comment, rest)| {
        (Some(comment.trim()), rest.trim_start())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_speaks_to_backout_is_taken_out() {
        assert_eq!(
            at_end("Stop it <!-- backout: step -->"),
            ("Stop it", Some("backout: step"))
        );
        assert_eq!(
            at_end("Stop it <!-- why -->"),
            ("Stop it <!-- why -->", None)
        );
        assert_eq!(
            at_start("<!-- backout: step --> Stop it"),
            (Some("backout: step"), "Stop it")
        );
        assert_eq!(at_start("<!-- backout: step"), (None, "<!-- backout: step"));
    }
}
