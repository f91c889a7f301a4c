//! `backout check` as it is typed: exit status, excerpts, JSON, several files, what cannot be read.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::scratch::{Scratch, binary};
use crate::terminal::Terminal;
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

#[test]
fn a_new_plan_is_settled_and_is_never_written_over() {
    let bench = Scratch::new();
    let new = |words: &[&str]| {
        let output = Command::new(binary())
            .arg("new")
            .args(words)
            .current_dir(bench.path())
            .output()
            .expect("backout runs");
        (output.status.code(), output)
    };
    assert_eq!(new(&["checkout.md"]).0, Some(0));
    let written = fs::read_to_string(bench.join("checkout.md")).expect("a plan");
    assert!(written.contains("# Checkout Rollback Plan"), "{written}");
    let said = check(bench.path(), &["--strict", "checkout.md"], "");
    assert_eq!(said.code, Some(0), "{}", said.out);

    let (code, output) = new(&["checkout.md"]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(code, Some(2));
    assert!(words.contains("it is there already"), "{words}");
    assert_eq!(
        fs::read_to_string(bench.join("checkout.md")).ok(),
        Some(written)
    );

    let (code, output) = new(&["-"]);
    assert_eq!(code, Some(0));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = check(bench.path(), &["--strict", "-"], &printed);
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert_eq!(new(&["no/such/dir.md"]).0, Some(2));
}

#[test]
fn a_new_plan_opens_in_the_cockpit() {
    let bench = Scratch::new();
    let command = |words: &[&str]| {
        let mut command = Command::new(binary());
        command
            .args(words)
            .current_dir(bench.path())
            .env("BACKOUT_HOME", bench.join("home"));
        command
    };
    let status = command(&["new", "checkout.md"])
        .output()
        .expect("backout runs")
        .status;
    assert!(status.success());
    let mut terminal = Terminal::start(command(&["open", "checkout.md"]), 120, 30);
    terminal
        .see("Flight plan")
        .see("Customers cannot use the service");
    terminal.key("3").see("Back to the Last Good Release");
    terminal.hang_up();
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_secret_is_found_and_not_repeated() {
    let bench = Scratch::new();
    let key = format!("AKIA{}", "QWERTYUI87654321");
    let text = format!("{WARNED}\nUse {key} for it.\n");
    fs::write(bench.join("plan.md"), text).expect("a plan");
    let said = check(bench.path(), &["plan.md"], "");
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("error[secret]"), "{}", said.out);
    assert!(
        !said.out.contains(&key) && said.out.contains("****"),
        "{}",
        said.out
    );
    let json = check(bench.path(), &["plan.md", "--format", "json"], "").out;
    assert!(
        json.contains("\"secret\"") && !json.contains(&key),
        "{json}"
    );
}

#[test]
fn a_huge_runbook_is_checked() {
    let bench = Scratch::new();
    let step = "1. **Go**\n   ```bash\n   no-such-program-x <host>\n   dropdb shop\n   ```\n\n";
    let text = format!("# P\n\n## Rollback\n\n{}", step.repeat(4_000));
    fs::write(bench.join("plan.md"), text).expect("a plan");
    let said = check(bench.path(), &["plan.md", "--strict"], "");
    assert_eq!(said.code, Some(1), "{}", said.err);
    let shown = said.out.lines().count();
    assert!(shown < 200, "{shown} lines");
    assert!(
        said.out
            .contains("no-such-program-x is not on this machine"),
        "{}",
        said.out
    );
}
