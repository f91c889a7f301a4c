//! The command line as it is typed: exit status, the one line of an error, what is on disk.

use crate::scratch::{Scratch, binary};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command came to.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs backout in a directory with a home of its own.
fn backout(dir: &Path, words: &[&str]) -> Said {
    let output = Command::new(binary())
        .args(words)
        .current_dir(dir)
        .env("BACKOUT_HOME", dir.join("home"))
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .expect("backout runs");
    Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

const PLAN: &str = r#"# Plan

## Pre-Rollback Checklist

- [ ] The mark is not there yet
  ```bash
  ls
  # Expected: "plan.md"
  ```

## Rollback Procedures

### Option 1: Quick

1. **Go back** (1 minute)
   ```bash
   echo "went to <tag>" | tee mark
   # Expected: went
   ```

### Option 2: Broken

1. **Fail**
   ```bash
   echo oops >&2; exit 4
   ```

2. **Never**
   ```bash
   touch never
   ```

### Option 3: Wipe

1. **Wipe**
   ```bash
   rm -rf data
   ```

## Verification

- [ ] It went
  ```bash
  cat mark
  # Expected: went
  ```
"#;

fn bench() -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.join("plan.md"), PLAN).expect("a plan");
    scratch
}

#[test]
fn a_drill_that_lacks_something_runs_nothing() {
    let scratch = bench();
    for (words, wanted) in [
        (&["drill", "plan.md"][..], "name one with --procedure"),
        (
            &["drill", "plan.md", "--procedure", "Quick"],
            "plan.md:17: <tag> is not filled",
        ),
        (
            &["drill", "plan.md", "--procedure", "Wipe"],
            "allow it with --allow-destructive",
        ),
    ] {
        let said = backout(scratch.path(), words);
        assert_eq!(said.code, Some(2), "{words:?}: {}", said.err);
        assert!(said.err.contains(wanted), "{words:?}: {}", said.err);
        assert!(
            !scratch.join("home").exists(),
            "{words:?} opened an incident"
        );
    }
}

#[test]
fn a_drill_flies_the_procedure_and_closes() {
    let scratch = bench();
    let words = [
        "drill",
        "plan.md",
        "--procedure",
        "Quick",
        "--set",
        "tag=v1",
    ];
    let said = backout(scratch.path(), &words);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("passed  ls"), "{}", said.err);
    assert!(said.out.contains("Go back     1 min"), "{}", said.out);
    assert!(
        said.out
            .lines()
            .last()
            .is_some_and(|l| l.ends_with("finished")),
        "{}",
        said.out
    );
    assert_eq!(
        fs::read_to_string(scratch.join("mark")).expect("it ran"),
        "went to v1\n"
    );
    let list = backout(scratch.path(), &["list"]);
    assert!(list.out.contains("closed"), "{}", list.out);
}

#[test]
fn a_drill_stops_at_the_first_failure() {
    let scratch = bench();
    let said = backout(
        scratch.path(),
        &["drill", "plan.md", "--procedure", "Broken"],
    );
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("(exit 4)"), "{}", said.err);
    assert!(said.out.contains("not reached"), "{}", said.out);
    assert!(
        !scratch.join("never").exists(),
        "nothing runs after a failure"
    );
}

#[test]
fn a_drill_stops_at_what_a_person_does() {
    let scratch = bench();
    let plan = PLAN.replace("- [ ] The mark", "- [ ] Call the manager\n- [ ] The mark");
    fs::write(scratch.join("plan.md"), plan).expect("a plan");
    let words = [
        "drill",
        "plan.md",
        "--procedure",
        "Quick",
        "--set",
        "tag=v1",
    ];
    let said = backout(scratch.path(), &words);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(
        said.err.contains("what a person does: Call the manager"),
        "{}",
        said.err
    );
    assert!(!scratch.join("mark").exists());

    let assumed = backout(scratch.path(), &[&words[..], &["--assume-manual"]].concat());
    assert_eq!(assumed.code, Some(0), "{}", assumed.err);
    assert!(
        assumed.err.contains("assumed  Call the manager"),
        "{}",
        assumed.err
    );
}

#[test]
fn what_is_no_runbook_is_told_apart() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("docs")).expect("a directory");
    fs::write(scratch.join("docs/ROLLBACK.md"), "# x").expect("a file");
    fs::write(scratch.join("empty.md"), "").expect("a file");
    fs::write(scratch.join("binary.md"), b"\x7fELF\x02\x01\x01\0\0\0").expect("a file");
    for verb in ["show", "drill"] {
        for (path, wanted) in [
            (
                "missing.md",
                "cannot read missing.md: there is no such file",
            ),
            ("docs", "name the Markdown file, such as ROLLBACK.md"),
            ("empty.md", "cannot use empty.md: it is empty"),
            ("binary.md", "cannot use binary.md: it is a binary file"),
        ] {
            let said = backout(scratch.path(), &[verb, path]);
            assert_eq!(said.code, Some(2), "{verb} {path}: {}", said.err);
            assert!(said.err.starts_with("error: "), "{}", said.err);
            assert!(said.err.contains(wanted), "{verb} {path}: {}", said.err);
            assert_eq!(said.err.lines().count(), 1, "one line: {}", said.err);
            assert!(said.out.is_empty());
        }
    }
}

#[test]
fn a_plan_without_a_procedure_is_shown_and_not_drilled() {
    let scratch = Scratch::new();
    fs::write(scratch.join("plan.md"), "# Only words\n\nNobody knows.\n").expect("a plan");
    let shown = backout(scratch.path(), &["show", "plan.md"]);
    assert_eq!(shown.code, Some(0));
    assert!(shown.out.starts_with("Only words\n"), "{}", shown.out);
    let drilled = backout(scratch.path(), &["drill", "plan.md"]);
    assert_eq!(drilled.code, Some(2));
    assert!(
        drilled.err.contains("no procedure was found"),
        "{}",
        drilled.err
    );
}

#[test]
fn wrong_words_are_usage() {
    let scratch = Scratch::new();
    for words in [
        &["fly"][..],
        &["show"],
        &["drill", "x.md", "--set", "novalue"],
    ] {
        let said = backout(scratch.path(), words);
        assert_eq!(said.code, Some(2), "{words:?}");
        assert!(said.err.starts_with("error: "), "{}", said.err);
    }
    assert_eq!(backout(scratch.path(), &["--help"]).code, Some(0));
    assert!(
        backout(scratch.path(), &["--version"])
            .out
            .starts_with("backout ")
    );
}

#[test]
fn a_home_that_cannot_be_written_is_named() {
    let scratch = bench();
    fs::write(scratch.join("home"), "in the way").expect("a file");
    let words = [
        "drill",
        "plan.md",
        "--procedure",
        "Quick",
        "--set",
        "tag=v1",
    ];
    let said = backout(scratch.path(), &words);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("home"), "{}", said.err);
    assert!(said.err.contains("--home"), "{}", said.err);
    assert!(!scratch.join("mark").exists());
}

#[test]
fn the_json_of_a_plan_is_versioned() {
    let scratch = bench();
    let said = backout(scratch.path(), &["show", "--format", "json", "plan.md"]);
    let value: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(value["version"], 1);
    assert_eq!(value["procedures"][0]["title"], "Option 1: Quick");
    assert_eq!(value["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn the_cockpit_wants_a_terminal_and_an_incident() {
    let scratch = bench();
    for words in [&["open", "plan.md"][..], &["practice"], &["resume"]] {
        let said = backout(scratch.path(), words);
        assert_eq!(said.code, Some(2), "{words:?}: {}", said.err);
        assert!(
            said.err.contains("the cockpit needs a terminal"),
            "{}",
            said.err
        );
    }
    assert!(!scratch.join("home").exists(), "nothing was written");
}

#[test]
fn a_drill_does_not_wait_for_what_nobody_types() {
    let scratch = bench();
    let asks = PLAN.replace("echo oops >&2; exit 4", "bash ask.sh");
    let ask = "read -rsp 'Password: ' X </dev/tty\necho done > never\n";
    fs::write(scratch.join("ask.sh"), ask).expect("a script");
    fs::write(scratch.join("plan.md"), asks).expect("a plan");
    let said = backout(
        scratch.path(),
        &["drill", "plan.md", "--procedure", "Broken"],
    );
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("it waits for a password"), "{}", said.err);
    assert!(!scratch.join("never").exists());
}

#[test]
fn a_drill_changes_nothing_whose_target_nobody_could_measure() {
    let scratch = bench();
    let text = format!(
        "---\nbackout:\n  targets: {{database: shop}}\n---\n{}",
        PLAN.replace(
            "echo oops >&2; exit 4",
            "shopt -s lastpipe; touch never; psql shop -c 'DELETE FROM a WHERE id = 1'"
        )
    );
    fs::write(scratch.join("plan.md"), text).expect("a plan");
    let said = backout(
        scratch.path(),
        &["drill", "plan.md", "--procedure", "Broken"],
    );
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("could not be measured"), "{}", said.err);
    assert!(!scratch.join("never").exists());
}
