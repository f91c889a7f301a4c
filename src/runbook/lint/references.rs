//! References by number to parts that the document does not have: "continue with Option 4" where
//! there are three.
//!
//! Only kinds of parts that the document numbers in its headings are held against them; where
//! nothing is called "Option", the word means something else.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::{Review, codes};
use regex::Regex;

static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?P<kind>option|method|scenario|phase|checkpoint|appendix|procedure)\s+(?P<number>[0-9]{1,2}|[A-Z])\b").ok()
});

static POINTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:see|follow|use|go to|go back to|proceed (?:with|to)|continue with|skip to|jump to|return to|refer to|execute|perform|as in|described in|steps (?:of|in|from))\s+(?:the\s+)?["“*_`]*(?P<kind>option|method|scenario|phase|checkpoint|appendix|procedure)\s+(?P<number>[0-9]{1,2}|[A-Z])\b"#).ok()
});

/// Looks at every line that is no heading and no code.
pub fn check(review: &mut Review<'_>) {
    let (Some(numbered), Some(pointing)) = (NUMBERED.as_ref(), POINTING.as_ref()) else {
        return;
    };
    let mut known: HashMap<String, HashSet<String>> = HashMap::new();
    let mut open = Vec::new();
    let mut fence = false;
    for (number, line) in review.source.lines() {
        let start = line.trim_start();
        if start.starts_with("```") || start.starts_with("~~~") {
            fence = !fence;
            continue;
        }
        // Comments in code and bold leads name parts as headings do.
        let names = start.starts_with(['#', '*', '-', '>']) || start.starts_with("<!--");
        if names {
            for found in numbered.captures_iter(line) {
                let part = |name| found.name(name).map_or("", |m| m.as_str()).to_lowercase();
                if is_title(start, found.get(0).map_or(0, |m| m.start()), line) {
                    known
                        .entry(part("kind"))
                        .or_default()
                        .insert(part("number"));
                }
            }
        }
        if !fence && !start.starts_with('#') && pointing.is_match(line) {
            open.push((number, line));
        }
    }
    for (number, line) in open {
        for found in pointing.captures_iter(line) {
            let part = |name| found.name(name).map_or("", |m| m.as_str());
            let kind = known.get(&part("kind").to_lowercase());
            let there = kind.is_none_or(|k| k.contains(&part("number").to_lowercase()));
            if let (false, Some(from), Some(to)) = (there, found.name("kind"), found.name("number"))
            {
                let named = line.get(from.start()..to.end()).unwrap_or_default();
                let message = format!("\"{named}\" is nowhere in this document");
                let place = review.source.bytes(number, from.start(), to.end());
                review.say(&codes::DEAD_LINK, place, message);
            }
        }
    }
}

/// Nothing but marks, pictures and outline numbers stand before it.
fn is_title(start: &str, at: usize, line: &str) -> bool {
    let indent = line.len() - start.len();
    let before = line.get(indent..at).unwrap_or_default();
    !before.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};

    #[test]
    fn a_part_that_is_not_there_is_said() {
        let text = "# P\n## Rollback\n### Option 1: Quick\n1. Go on with it, then follow Option 3.\n```bash\nls\n```\n### Option 2: Slow\n```bash\nls\n```\n";
        assert_eq!(underlined(text, "dead-link"), ["Option 3"]);
        assert_eq!(
            at(&text.replace("Option 3.", "Option 2."), "dead-link"),
            NONE
        );
        // Nothing is called a method here, so the word means something else.
        assert_eq!(
            at(&text.replace("Option 3.", "method A."), "dead-link"),
            NONE
        );
    }
}
