//! The runbooks that come with the project, as their operators get them: read in full, nothing for
//! `check` to find, nothing in them that works on one person's machine only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scratch::{Scratch, binary};
use serde_json::Value;

/// What a runbook has to hold, beside what all of them have to. The table is the list of runbooks
/// as well: a file that is not in it fails the test.
struct Wanted {
    file: &'static str,
    /// Lists of the plan that must not be empty.
    lists: &'static [&'static str],
    /// Procedures on the path.
    procedures: usize,
    /// Safety checkpoints, with the seconds after which they are due.
    checkpoints: &'static [(u64, Option<u64>)],
}

const RUNBOOKS: &[Wanted] = &[
    Wanted {
        file: "options-trading.md",
        lists: &[
            "severities",
            "approvals",
            "questions",
            "files",
            "targets",
            "contacts",
            "objectives",
        ],
        procedures: 12,
        checkpoints: &[
            (1, None),
            (2, Some(14_400)),
            (3, Some(86_400)),
            (4, Some(604_800)),
        ],
    },
    Wanted {
        file: "pfa-vanguard.md",
        lists: &[
            "severities",
            "approvals",
            "questions",
            "files",
            "targets",
            "objectives",
        ],
        procedures: 8,
        checkpoints: &[
            (1, None),
            (2, None),
            (3, Some(900)),
            (4, Some(1_800)),
            (5, Some(259_200)),
        ],
    },
    Wanted {
        file: "practice.md",
        lists: &[
            "severities",
            "approvals",
            "objectives",
            "targets",
            "contacts",
        ],
        procedures: 3,
        checkpoints: &[
            (1, None),
            (2, None),
            (3, None),
            (4, Some(30)),
            (5, Some(60)),
        ],
    },
    Wanted {
        file: "prism-scoring.md",
        lists: &[
            "severities",
            "approvals",
            "questions",
            "objectives",
            "parameters",
        ],
        procedures: 3,
        checkpoints: &[],
    },
    Wanted {
        file: "projection-calibration.md",
        lists: &[
            "severities",
            "approvals",
            "targets",
            "contacts",
            "objectives",
            "parameters",
        ],
        procedures: 6,
        checkpoints: &[
            (1, None),
            (2, None),
            (3, None),
            (4, Some(3_600)),
            (5, Some(86_400)),
        ],
    },
    Wanted {
        file: "scene-analysis.md",
        lists: &[
            "severities",
            "approvals",
            "questions",
            "targets",
            "contacts",
            "files",
            "objectives",
            "parameters",
        ],
        procedures: 15,
        checkpoints: &[
            (1, None),
            (2, None),
            (3, None),
            (4, Some(1_800)),
            (5, Some(86_400)),
        ],
    },
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks")
}

/// The runbooks of the folder, its guide apart.
fn files() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the folder of runbooks")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| {
            Path::new(name).extension().is_some_and(|e| e == "md") && name != "README.md"
        })
        .collect();
    names.sort();
    names
}

/// What a command of backout prints about a runbook, as JSON.
fn json(words: &[&str]) -> Value {
    let scratch = Scratch::new();
    let output = Command::new(binary())
        .args(words)
        .args(["--format", "json"])
        .current_dir(folder())
        .env("BACKOUT_HOME", scratch.join("home"))
        .output()
        .expect("backout runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn list<'a>(plan: &'a Value, key: &str) -> &'a [Value] {
    plan[key].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn every_runbook_is_in_the_table() {
    let mut known: Vec<&str> = RUNBOOKS.iter().map(|r| r.file).collect();
    known.sort_unstable();
    assert_eq!(files(), known);
}

#[test]
fn check_finds_no_error_and_no_warning_in_any() {
    for file in files() {
        let said = json(&["check", "--strict", &file]);
        assert_eq!(said["ok"], true, "{file}: {said:#}");
        assert_eq!(
            (&said["errors"], &said["warnings"]),
            (&0.into(), &0.into()),
            "{file}"
        );
    }
}

#[test]
fn each_is_read_in_full() {
    for wanted in RUNBOOKS {
        let file = wanted.file;
        let plan = json(&["show", file]);
        for key in ["checklists", "procedures", "templates"]
            .iter()
            .chain(wanted.lists)
        {
            assert!(!list(&plan, key).is_empty(), "{file}: no {key}");
        }
        let on_path = list(&plan, "procedures")
            .iter()
            .filter(|p| p["off_path"] == false);
        assert_eq!(on_path.count(), wanted.procedures, "{file}: procedures");
        let checkpoints: Vec<(u64, Option<u64>)> = list(&plan, "checklists")
            .iter()
            .filter_map(|c| Some((c["checkpoint"].as_u64()?, c["due_after_s"].as_u64())))
            .collect();
        assert_eq!(checkpoints, wanted.checkpoints, "{file}: checkpoints");
        whole(file, &plan);
    }
}

/// What holds for all of them: steps that have something to do, blanks that are explained, and
/// nothing but prose that stayed text.
fn whole(file: &str, plan: &Value) {
    for procedure in list(plan, "procedures") {
        for step in list(procedure, "steps") {
            assert!(
                !list(step, "actions").is_empty(),
                "{file}: {}",
                step["title"]
            );
        }
    }
    for parameter in list(plan, "parameters") {
        let name = parameter["name"].as_str().unwrap_or_default();
        let outside = name.starts_with("PRACTICE_");
        let explained = parameter["help"].as_str().is_some_and(|h| !h.is_empty());
        assert!(explained || outside, "{file}: {name} has no help");
    }
    for piece in list(plan, "unplaced") {
        assert_eq!(piece["kind"], "text", "{file}: {piece:#}");
    }
}

#[test]
fn none_is_written_for_one_machine_or_broken_on_the_way() {
    // Ends of bytes that were read in the wrong encoding, and places that one person has.
    let broken = [
        "√",
        "‚Ä",
        "‚ú",
        "Ã",
        "â€",
        "âœ",
        "\u{fffd}",
        "/Users/",
        "/home/",
        "C:\\Users",
    ];
    for file in files() {
        let text = fs::read_to_string(folder().join(&file)).expect("UTF-8");
        for piece in broken {
            assert!(!text.contains(piece), "{file} holds {piece}");
        }
    }
}

// ---- the guide ------------------------------------------------------------------------------

/// An example of the guide, and what the guide says that `show` makes of it.
struct Example {
    markdown: String,
    shown: Vec<String>,
}

fn guide() -> String {
    fs::read_to_string(folder().join("README.md")).expect("the guide")
}

/// Runs of white space as one blank: the guide's columns are narrower than those of `show`.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every fence of four ticks, with the fence of text that follows it.
fn examples() -> Vec<Example> {
    let guide = guide();
    let mut rest = guide.as_str();
    let mut found = Vec::new();
    while let Some((_, from)) = rest.split_once("\n````markdown\n") {
        let (markdown, after) = from.split_once("\n````\n").expect("the example ends");
        let shown = after
            .strip_prefix("\n```text\n")
            .expect("what is shown of it");
        let (shown, left) = shown.split_once("\n```\n").expect("its end");
        found.push(Example {
            markdown: format!("{markdown}\n"),
            shown: shown
                .lines()
                .map(squeezed)
                .filter(|l| !l.is_empty())
                .collect(),
        });
        rest = left;
    }
    found
}

#[test]
fn every_example_of_the_guide_is_read_as_it_says() {
    let examples = examples();
    assert!(examples.len() >= 15, "only {} examples", examples.len());
    for example in examples {
        let scratch = Scratch::new();
        let file = scratch.join("example.md");
        fs::write(&file, &example.markdown).expect("an example");
        let output = Command::new(binary())
            .arg("show")
            .arg(&file)
            .env("BACKOUT_HOME", scratch.join("home"))
            .output()
            .expect("backout runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.lines().map(squeezed);
        for wanted in &example.shown {
            assert!(
                lines.any(|line| line == *wanted),
                "\"{wanted}\" is not shown, or not in its place, of\n{}\nbut\n{text}",
                example.markdown
            );
        }
    }
}

#[test]
fn no_example_of_the_guide_has_an_error() {
    for example in examples() {
        let scratch = Scratch::new();
        let file = scratch.join("example.md");
        fs::write(&file, &example.markdown).expect("an example");
        let said = json(&["check", file.to_str().expect("a path")]);
        assert_eq!(said["errors"], 0, "{said:#}");
    }
}

#[test]
fn the_guide_names_every_runbook_and_leads_nowhere_that_is_not_there() {
    let guide = guide();
    for file in files() {
        assert!(
            guide.contains(&format!("({file})")),
            "the guide does not name {file}"
        );
    }
    let targets = guide
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    for (target, _) in targets.filter(|(t, _)| !t.contains("://") && !t.starts_with('#')) {
        assert!(folder().join(target).exists(), "{target} is not there");
    }
}
