//! What all checks have in common: order, places, the table of codes and its page.

use super::*;
use crate::domain::plan::Level;

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

/// The codes that the reader gives in a source text, each with its level.
fn given(source: &str) -> Vec<(String, String)> {
    let pattern = regex::Regex::new(r#"Level::(Note|Warning|Error),\s*"([a-z]+(?:-[a-z]+)+)""#);
    let pattern = pattern.expect("a pattern");
    let found = pattern.captures_iter(source);
    found.map(|c| (c[2].to_owned(), c[1].to_owned())).collect()
}

fn rust_files(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn every_code_of_the_reader_is_in_the_table_with_its_level() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/runbook");
    let mut seen = 0;
    for file in rust_files(&root) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        for (name, level) in given(&text) {
            let code = codes::find(&name);
            let known = code.map(|c| format!("{:?}", c.level));
            assert_eq!(
                known,
                Some(level),
                "{name} of {} is to be in src/runbook/lint/codes.rs",
                file.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 5, "the pattern finds the reader's findings no more");
}

/// The page about the codes, as the table has it.
fn page() -> String {
    use std::fmt::Write as _;
    let mut page = String::from(PREFACE);
    for (level, heading) in [
        (Level::Error, "Errors"),
        (Level::Warning, "Warnings"),
        (Level::Note, "Notes"),
    ] {
        let _ = write!(page, "\n## {heading}\n");
        for code in codes::ALL.iter().filter(|c| c.level == level) {
            let (name, meaning) = (code.name, capital(code.meaning));
            let _ = write!(
                page,
                "\n### `{name}`\n\n{meaning}. {}\n\n*To do:* {}.\n",
                code.why, code.help
            );
        }
    }
    page
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

const PREFACE: &str = "\
# What `backout check` says

Each finding has a level, a stable code, a place and something to do. A code has one level; it is
never renamed and never comes to mean something else, so that a pipeline can go by it.

| level | means | exit status | with `--strict` |
|---|---|---|---|
| error | must be settled | 1 | 1 |
| warning | should be settled before the deployment | 0 | 1 |
| note | worth knowing | 0 | 0 |

A file that cannot be read is exit status 2. This page is written from the table in
`src/runbook/lint/codes.rs`, and a test holds the two together; after a change of the table,
`BACKOUT_WRITE_DOCS=1 cargo test --lib runbook::lint` writes it anew.
";

#[test]
fn the_page_about_the_codes_is_true() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md");
    if std::env::var_os("BACKOUT_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(&path, page()).expect("the page");
    }
    let written = std::fs::read_to_string(&path).expect("docs/checks.md");
    assert!(
        written == page(),
        "docs/checks.md differs from src/runbook/lint/codes.rs: see its first section"
    );
}
