//! The reference of annotations has every key that the code knows, and no other.

use std::collections::BTreeSet;

use super::{marks, stated, told};

const PAGE: &str = include_str!("../../docs/annotations.md");

/// The part of the page under a heading.
fn part(heading: &str) -> &'static str {
    let begin = PAGE.find(heading).map(|at| at + heading.len());
    let rest = begin.and_then(|at| PAGE.get(at..)).unwrap_or_default();
    rest.split("\n## ").next().unwrap_or_default()
}

/// What stands between backticks in the first cells of the rows of a part.
fn rows(part: &str) -> BTreeSet<&str> {
    part.lines()
        .filter_map(|l| l.strip_prefix("| `")?.split('`').next())
        .collect()
}

#[test]
fn every_attribute_is_in_the_reference() {
    let known: BTreeSet<&str> = told::KEYS.iter().map(|k| k.name).collect();
    assert_eq!(rows(part("## Attributes of code blocks")), known);
    for key in told::KEYS {
        let ends = format!("| {} |", if key.one { "yes" } else { "no" });
        let row = part("## Attributes of code blocks")
            .lines()
            .find(|l| l.starts_with(&format!("| `{}`", key.name)));
        assert!(row.is_some_and(|r| r.ends_with(&ends)), "{}", key.name);
    }
}

#[test]
fn every_word_of_a_comment_is_in_the_reference() {
    let known: BTreeSet<&str> = marks::VERBS.iter().map(|v| v.name).collect();
    assert_eq!(rows(part("## Comments")), known);
    for verb in marks::VERBS {
        let row = part("## Comments")
            .lines()
            .find(|l| l.starts_with(&format!("| `{}`", verb.name)))
            .unwrap_or_default();
        let keys: BTreeSet<&str> = row
            .trim_end_matches('|')
            .rsplit('|')
            .next()
            .unwrap_or_default()
            .split('`')
            .skip(1)
            .step_by(2)
            .collect();
        assert_eq!(keys, verb.keys.iter().copied().collect(), "{}", verb.name);
    }
}

#[test]
fn every_key_of_the_front_matter_is_in_the_reference() {
    let page = part("## Front matter");
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (key, below) in stated::KEYS {
        known.insert(key);
        for inner in *below {
            assert!(page.contains(&format!("`{inner}`")), "{key}: {inner}");
            known.insert(inner);
        }
    }
    for row in rows(page) {
        assert!(known.contains(row), "{row} is not known to the code");
    }
    for (key, _) in stated::KEYS {
        assert!(rows(page).contains(key), "{key}");
    }
}
