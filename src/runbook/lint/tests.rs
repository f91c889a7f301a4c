//! What all checks have in common: order, places, the table of codes and its page.

use super::*;

/// What is said about a text.
pub fn findings(text: &str) -> Vec<Diagnostic> {
    check(&crate::runbook::read(text.as_bytes()), text)
}

/// The codes of what is said about a text.
pub fn codes(text: &str) -> Vec<String> {
    findings(text).into_iter().map(|d| d.code).collect()
}

/// No line.
pub const NONE: Vec<u32> = Vec::new();

/// The lines at which a code is said.
pub fn at(text: &str, code: &str) -> Vec<u32> {
    let found = findings(text);
    let found = found.iter().filter(|d| d.code == code);
    found.map(|d| d.line).collect()
}

/// The words that are underlined for a code.
pub fn underlined(text: &str, code: &str) -> Vec<String> {
    let found = findings(text);
    let found = found.iter().filter(|d| d.code == code);
    found
        .map(|d| {
            let line = text.lines().nth(d.line as usize - 1).unwrap_or_default();
            let from = line.chars().skip(d.column as usize - 1);
            from.take(d.width as usize).collect()
        })
        .collect()
}

/// A plan that leaves nothing open.
const SETTLED: &str = "---\nbackout:\n  parameters:\n    host: {help: the shop's host}\n---\n# P\n\n**Last drill:** 2026-03-01\n\n## When to roll back\n**CRITICAL** - within 5 minutes if:\n- it burns\n\n## Who may approve\n| Severity | Who can approve |\n|--|--|\n| CRITICAL | Ana |\n\n## Rollback (2 minutes)\n```bash\nsystemctl --host <host> restart shop\n```\n\n## Verification\n- [ ] it answers\n\n## Contacts\n- **Ana**: +00 123\n";

#[test]
fn a_settled_plan_has_nothing_to_be_told() {
    assert_eq!(codes(SETTLED), Vec::<String>::new());
}

#[test]
fn findings_are_in_the_order_of_the_text() {
    let text = "# P\n## When to roll back\n**CRITICAL:**\n- it burns\n\n## Rollback\n```bash\ncurl http://x/<host>\ngit checkout v1.2.3\ncd /home/ana/shop\n```\n\n## Contacts\n- **Ana**: [phone]\n";
    let found = findings(text);
    assert!(found.len() > 6, "{found:?}");
    assert!(found.is_sorted_by_key(|d| (d.line, d.column)), "{found:?}");
}

#[test]
fn every_place_is_inside_the_text() {
    let text = "\u{feff}# Plän\n\n## Rollback\n> ```bash\n> dropdb größe <x>\n> ```\n| a |\n|--|\n| [TBD] |\n";
    let plan = crate::runbook::read(text.as_bytes());
    let text = crate::runbook::text(text.as_bytes());
    let found = check(&plan, &text);
    assert!(!found.is_empty());
    for d in found {
        let line = text.lines().nth(d.line as usize - 1).unwrap_or_default();
        let end = (d.column + d.width) as usize - 1;
        assert!(d.column >= 1 && end <= line.chars().count(), "{d:?}");
    }
}

#[test]
fn codes_are_unique_and_well_formed() {
    let mut names: Vec<&str> = codes::ALL.iter().map(|c| c.name).collect();
    for code in codes::ALL {
        let word = |b: u8| b.is_ascii_lowercase() || b == b'-';
        assert!(code.name.bytes().all(word), "{}", code.name);
        assert!(code.why.ends_with('.'), "{}", code.name);
        assert!(
            !code.help.ends_with('.') && !code.meaning.ends_with('.'),
            "{}",
            code.name
        );
        assert_eq!(codes::find(code.name), Some(*code));
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), codes::ALL.len());
}
