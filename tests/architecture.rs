//! The rules of the house, held by reading the source: layers look down only, every file says
//! why it exists, files stay small, and nothing unfinished is left behind.
//!
//! Which layer may name which stands in one place, the table of `ARCHITECTURE.md`; this test
//! reads it there. It looks at text, not at types: a path in a comment does not count, a path in
//! a test does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The longest that a file may be, in lines.
const LONGEST: usize = 600;

/// Tables and wide matches, which may be longer. Keep this list short.
const TABLES: [&str; 1] = ["src/domain/plan.rs"];

/// What must not be left behind; in two parts, so that this file does not hold it.
const UNFINISHED: [(&str, &str); 4] = [
    ("to", "do!"),
    ("db", "g!"),
    ("unimple", "mented!"),
    ("#[igno", "re"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a directory of the package, as paths relative to the package.
fn rust_files(below: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(below)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("a readable directory") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(
                    path.strip_prefix(root())
                        .expect("below the root")
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no Rust file below {below}");
    found
}

fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).expect("a readable file")
}

#[track_caller]
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// The table of `ARCHITECTURE.md`: each layer with the layers that it may name.
fn layers(document: &str) -> BTreeMap<String, BTreeSet<String>> {
    let names = |cell: &str| -> BTreeSet<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let section = document
        .split("\n## Layers\n")
        .nth(1)
        .expect("a section called Layers");
    let mut layers = BTreeMap::new();
    for row in section.lines().take_while(|line| !line.starts_with("## ")) {
        let cells: Vec<&str> = row.split('|').collect();
        if let [_, name, may_name, _, ..] = cells.as_slice()
            && let Some(layer) = names(name).pop_first()
        {
            layers.insert(layer, names(may_name));
        }
    }
    layers
}

/// The top-level modules that a line of code names, in a file that is `depth` modules deep.
fn named(line: &str, depth: usize) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let above = "super::".repeat(depth);
    let mut names = Vec::new();
    for start in ["crate::", "backout::", above.as_str()] {
        if start.is_empty() {
            continue;
        }
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            let inside_a_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
            // One `super::` fewer reaches the module itself, never what is beside it.
            if !inside_a_word {
                names.extend(first_names(&code[at + start.len()..]));
            }
        }
    }
    names
}

/// `journal::Store` gives `journal`; `{journal::Store, exec}` gives both.
fn first_names(path: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut part = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(&std::mem::take(&mut part))),
            _ => {}
        }
        if c != ',' || depth > 0 {
            part.push(c);
        }
    }
    names.push(word(&part));
    names.retain(|name| !name.is_empty());
    names
}

/// The lines of a file with a group over several lines drawn together, each with its number.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut statements: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        match statements.last_mut() {
            Some((_, statement)) if open => statement.push_str(code),
            _ => statements.push((index + 1, code.to_owned())),
        }
        let is_use = statements.last().is_some_and(|(_, statement)| {
            let start = statement.trim_start();
            start.starts_with("use ") || start.starts_with("pub use ") || start.starts_with("pub(")
        });
        let so_far = statements
            .last()
            .map_or("", |(_, statement)| statement.as_str());
        open = is_use && so_far.contains('{') && !so_far.contains(';') && so_far.contains("::{");
    }
    statements
}

#[test]
fn layers_look_down_only() {
    let layers = layers(&read(Path::new("ARCHITECTURE.md")));
    let mut findings = Vec::new();
    for file in rust_files("src") {
        let parts: Vec<String> = file
            .iter()
            .skip(1)
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let layer = parts[0].trim_end_matches(".rs");
        if parts.len() == 1 && (layer == "lib" || layer == "main") {
            continue;
        }
        let Some(allowed) = layers.get(layer) else {
            findings.push(format!(
                "{}: no layer `{layer}` in ARCHITECTURE.md",
                file.display()
            ));
            continue;
        };
        let is_mod = parts.last().is_some_and(|name| name == "mod.rs");
        let depth = parts.len() - usize::from(is_mod);
        for (number, statement) in statements(&read(&file)) {
            for name in named(&statement, depth) {
                if name != layer && layers.contains_key(&name) && !allowed.contains(&name) {
                    let file = file.display();
                    findings.push(format!("{file}:{number}: `{layer}` may not name `{name}`"));
                }
            }
        }
    }
    none(&findings);
}

#[test]
fn no_layer_may_name_one_that_may_name_it() {
    let layers = layers(&read(Path::new("ARCHITECTURE.md")));
    assert!(
        layers.len() >= 10,
        "the table was not understood: {layers:?}"
    );
    let mut findings = Vec::new();
    for (layer, allowed) in &layers {
        for lower in allowed {
            match layers.get(lower) {
                None => findings.push(format!("`{layer}` may name `{lower}`, which is no layer")),
                Some(back) if back.contains(layer) => {
                    findings.push(format!("`{layer}` and `{lower}` may name each other"));
                }
                Some(_) => {}
            }
        }
    }
    none(&findings);
}

#[test]
fn every_file_says_why_it_exists() {
    let mut findings = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        if !read(&file).starts_with("//! ") {
            findings.push(format!(
                "{}:1: the file does not open with `//!`",
                file.display()
            ));
        }
    }
    none(&findings);
}

#[test]
fn files_stay_small() {
    let mut findings = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let lines = read(&file).lines().count();
        let is_table = TABLES.iter().any(|table| file == Path::new(table));
        if lines > LONGEST && !is_table {
            findings.push(format!(
                "{}: {lines} lines, more than {LONGEST}",
                file.display()
            ));
        }
    }
    for table in TABLES {
        let lines = read(Path::new(table)).lines().count();
        if lines <= LONGEST {
            findings.push(format!(
                "{table}: {lines} lines: no longer needs to be on the list"
            ));
        }
    }
    none(&findings);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut findings = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        for (index, line) in read(&file).lines().enumerate() {
            for (start, end) in UNFINISHED {
                let word = format!("{start}{end}");
                if line.contains(&word) {
                    findings.push(format!("{}:{}: {word}", file.display(), index + 1));
                }
            }
        }
    }
    none(&findings);
}

#[test]
fn this_test_sees_a_path_however_it_is_written() {
    assert_eq!(named("use crate::journal::Store;", 2), ["journal"]);
    assert_eq!(
        named("use crate::{domain::Plan, exec::{self, Pty}, tui};", 2),
        ["domain", "exec", "tui"]
    );
    assert_eq!(
        named("    let x = crate::exec::spawn(backout::cli::run());", 2),
        ["exec", "cli"]
    );
    assert_eq!(named("use super::super::app::Model;", 2), ["app"]);
    assert_eq!(named("pub(in crate::tui) fn x() {}", 2), ["tui"]);
    assert!(named("// use crate::journal::Store;", 2).is_empty());
    assert!(named("/// See [`crate::journal`].", 2).is_empty());
    assert!(named("use mycrate::journal;", 2).is_empty());
    let text = "use crate::{\n    domain::Plan, // the plan\n    exec::Pty,\n};\nfn f() {}\n";
    let statements = statements(text);
    assert_eq!(statements[0].0, 1);
    assert_eq!(named(&statements[0].1, 2), ["domain", "exec"]);
    assert_eq!(statements[1], (5, "fn f() {}".to_owned()));
}
