//! Whether the shell that is to run a text can read all of it.
//!
//! A shell reads as it goes: what stands above a quote that is never closed has been done before
//! anybody hears of it. So it is asked first, to read and do nothing.

use super::memory;
use super::state;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What is said of a here-document that goes on to the end.
const NEVER_CLOSED: &str = "never closed";

/// Where bash cannot go on reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// The line of the text, from 1.
    pub line: u32,
    /// What bash says of it.
    pub why: String,
}

/// Lets bash read a text without running any of it, as it would with the shell state that it is to
/// start from. None where it can, and where it could not be asked: whoever runs the text will hear
/// then.
#[must_use]
pub fn unreadable(code: &str, state: Option<&Path>) -> Option<Unreadable> {
    let found = read(code, false)?;
    if allows_extended(code) || state.is_some_and(state::is_extended) {
        return read(code, true);
    }
    let left = leaves_at(code);
    (left.is_none_or(|left| found.line <= left)).then_some(found)
}

/// What bash says to a text; a here-document that is never closed takes in what stands below it, and
/// bash only warns of that.
fn read(code: &str, extended: bool) -> Option<Unreadable> {
    let output = read_only(code, extended).ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let open = |found: &Unreadable| found.why.contains(NEVER_CLOSED);
    let mut found = said.lines().filter_map(of_message);
    if output.status.success() {
        return found.find(open);
    }
    found.find(|found| !open(found))
}

/// Whether a text may allow patterns that are read in another way, which it cannot do while nothing
/// of it runs.
fn allows_extended(code: &str) -> bool {
    code.contains("extglob")
}

/// The line in which a text leaves for good, whatever stands below it: what is above can be read.
fn leaves_at(code: &str) -> Option<u32> {
    let leaves = |line: &str| line == "exit" || line.starts_with("exit ") || line == "exit;";
    let at = code.lines().position(leaves)?;
    let above: Vec<&str> = code.lines().take(at + 1).collect();
    let is_whole = read(&above.join("\n"), false).is_none();
    is_whole.then(|| u32::try_from(at + 1).ok()).flatten()
}

fn read_only(code: &str, extended: bool) -> io::Result<std::process::Output> {
    let text = memory::file("backout-reading", format!("{code}\n").as_bytes())?;
    let extglob: &[&str] = if extended { &["-O", "extglob"] } else { &[] };
    Command::new("bash")
        .args(["--norc", "--noprofile"])
        .args(extglob)
        .arg("-n")
        .env("LC_ALL", "C")
        .env_remove("BASH_ENV")
        .env_remove("SHELLOPTS")
        .env_remove("BASHOPTS")
        .stdin(text)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
}

/// `bash: line 3: syntax error near …`, `bash: line 2: warning: here-document at line 1 …`
fn of_message(message: &str) -> Option<Unreadable> {
    let (_, rest) = message.split_once(": line ")?;
    let (number, why) = rest.split_once(": ")?;
    // The line in which it begins is the one to mend.
    if let Some((_, rest)) = why.split_once("here-document at line ")
        && let Some((line, why)) = rest.split_once(' ')
    {
        let line = line.parse().ok()?;
        let why = why.trim().replace("delimited by end-of-file", NEVER_CLOSED);
        let why = format!("its here-document is {why}");
        return Some(Unreadable { line, why });
    }
    let (line, why) = (number.parse().ok()?, why.trim().to_owned());
    Some(Unreadable { line, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(code: &str) -> Option<u32> {
        unreadable(code, None).map(|found| found.line)
    }

    #[test]
    fn what_bash_cannot_read_has_its_line() {
        for (code, line) in [
            ("touch a\nif true; then\n  touch b", 4),
            ("touch a\necho )\n", 2),
            ("touch a\ndone\n", 2),
            ("touch a\ntee x <<EOF\nb\n  EOF\ntouch c\n", 2),
            ("touch a\nls !(keep|x)\n", 2),
            ("echo )\nexit 0\n", 1),
            ("if true; then\nexit 1\nfi\ntouch a\necho \"b\n", 5),
        ] {
            assert_eq!(line_of(code), Some(line), "{code}");
        }
        let open = unreadable("touch a\necho \"b\n", None).map(|u| u.why);
        assert!(open.is_some_and(|why| why.contains("matching")));
    }

    #[test]
    fn nothing_runs_and_what_can_be_read_is_left_in_peace() {
        let dir = tempfile::tempdir().unwrap();
        let made = dir.path().join("made");
        assert_eq!(line_of(&format!("touch {}", made.display())), None);
        assert!(!made.exists());
        for code in [
            "",
            "shopt -s extglob\nrm -f !(keep|this).log",
            "if !(test -f x) then echo no; fi",
            "for x in a; do echo \"$x\"; done <<< \"$(date)\"",
            "declare -A m=([a]=1); [[ ${m[a]} =~ ^(1|2)$ ]]",
            "f() { (( $1 > 2 )) && return 3; }",
            "echo a\nexit 0\n__DATA__ (x\n",
        ] {
            assert_eq!(line_of(code), None, "{code}");
        }
    }
}
