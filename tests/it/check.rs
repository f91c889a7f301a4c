//! `backout check` as it is typed: exit status, excerpts, JSON, several files, what cannot be read.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::scratch::{Scratch, binary};
use serde_json::Value;

/// What a command came to.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Checks in a directory, with something to read on standard input.
fn check(dir: &Path, words: &[&str], input: &str) -> Said {
    let mut child = Command::new(binary())
        .arg("check")
        .args(words)
        .current_dir(dir)
        .env("BACKOUT_HOME", dir.join("home"))
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("backout runs");
    let mut stdin = child.stdin.take().expect("standard input");
    // It may have refused before it read anything.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("backout ends");
    Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A contact that is still a blank: a warning.
const WARNED: &str = "# Plan\n\n## Rollback\n\n```bash\nsystemctl restart shop\n```\n\n\
    ## Verification\n\n- [ ] it answers\n\n## Contacts\n\n- **Ana**: [phone]\n";

fn bench() -> Scratch {
    let bench = Scratch::new();
    fs::write(bench.join("plan.md"), WARNED).expect("a plan");
    bench
}

#[test]
fn warnings_pass_unless_it_is_strict() {
    let bench = bench();
    let said = check(bench.path(), &["plan.md"], "");
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(0), ""),
        "{}",
        said.out
    );
    assert!(said.out.contains("warning[blank-contact]"), "{}", said.out);
    assert_eq!(
        check(bench.path(), &["plan.md", "--strict"], "").code,
        Some(1)
    );
}

#[test]
fn the_place_is_shown_and_underlined() {
    let bench = bench();
    let said = check(bench.path(), &["--ascii", "plan.md"], "");
    assert!(said.out.contains("--> plan.md:15:"), "{}", said.out);
    assert!(said.out.contains("15 | - **Ana**: [phone]"), "{}", said.out);
    assert!(said.out.contains("= help: fill it in"), "{}", said.out);
    assert!(said.out.is_ascii(), "{}", said.out);
}

#[test]
fn what_cannot_be_read_is_said_and_the_others_are_still_checked() {
    let bench = bench();
    fs::write(bench.join("x.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("a file");
    let said = check(bench.path(), &["none.md", "x.png", "plan.md"], "");
    assert_eq!(said.code, Some(2));
    assert!(
        said.err
            .contains("cannot read none.md: there is no such file"),
        "{}",
        said.err
    );
    assert!(
        said.err.contains("x.png: it is a binary file"),
        "{}",
        said.err
    );
    assert_eq!(said.err.lines().count(), 2, "{}", said.err);
    assert!(said.out.contains("plan.md: 1 warning"), "{}", said.out);
}

#[test]
fn json_says_the_same_to_programs() {
    let bench = bench();
    let said = check(
        bench.path(),
        &["plan.md", "none.md", "-", "--format", "json"],
        WARNED,
    );
    assert_eq!(said.code, Some(2), "{}", said.err);
    let document: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(document["version"], 1);
    assert_eq!(document["ok"], false);
    assert_eq!(document["warnings"], 2);
    let found = document["files"][0]["diagnostics"]
        .as_array()
        .expect("a list");
    let contact = found
        .iter()
        .find(|d| d["code"] == "blank-contact")
        .expect("the finding");
    assert_eq!(
        (&contact["line"], &contact["severity"]),
        (&15.into(), &"warning".into())
    );
    assert!(
        document["files"][1]["unreadable"]
            .as_str()
            .is_some_and(|t| t.contains("none.md"))
    );
    assert_eq!(document["files"][2]["runbook"], "standard input");
}

#[test]
fn a_runbook_cannot_command_the_terminal() {
    let bench = Scratch::new();
    let hostile = WARNED.replace("[phone]", "[phone\x1b]0;owned\x07\u{202e}]");
    fs::write(bench.join("plan.md"), hostile).expect("a plan");
    let said = check(bench.path(), &["plan.md", "--color", "never"], "");
    assert!(
        said.out.contains("[phone^[]0;owned^G<U+202E>]"),
        "{}",
        said.out
    );
    assert!(
        !said.out.contains('\x1b') && !said.out.contains('\u{202e}'),
        "{}",
        said.out
    );
    let coloured = check(bench.path(), &["plan.md", "--color", "always"], "").out;
    assert!(
        coloured.contains("\x1b[") && !coloured.contains("\x1b]"),
        "{coloured}"
    );
}
