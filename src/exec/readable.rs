//! Whether the shell that is to run a text can read all of it.
//!
//! A shell reads as it goes: what stands above a quote that is never closed has been done before
//! anybody hears of it. So it is asked first, to read and do nothing.

use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::process::{Command, Stdio};

/// Where bash cannot go on reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// The line of the text, from 1.
    pub line: u32,
    /// What bash says of it.
    pub why: String,
}

/// Lets bash read a text without running any of it. None where it can, and where it could not be
/// asked: whoever runs the text will hear then.
#[must_use]
pub fn unreadable(code: &str) -> Option<Unreadable> {
    let output = read_only(code).ok()?;
    if output.status.success() {
        return None;
    }
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().find_map(of_message)
}

fn read_only(code: &str) -> io::Result<std::process::Output> {
    let mut text = File::from(memfd_create("backout-reading", MemfdFlags::CLOEXEC)?);
    text.write_all(code.as_bytes())?;
    text.write_all(b"\n")?;
    text.seek(SeekFrom::Start(0))?;
    // A text may allow these patterns itself, which it cannot while nothing of it runs.
    Command::new("bash")
        .args(["--norc", "--noprofile", "-O", "extglob", "-n"])
        .env("LC_ALL", "C")
        .env_remove("BASH_ENV")
        .env_remove("SHELLOPTS")
        .stdin(text)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
}

/// `bash: line 3: syntax error near …`
fn of_message(message: &str) -> Option<Unreadable> {
    let (_, rest) = message.split_once(": line ")?;
    let (number, why) = rest.split_once(": ")?;
    let line = number.parse().ok()?;
    let why = why.trim().to_owned();
    Some(Unreadable { line, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bash_cannot_read_has_its_line() {
        for (code, line) in [
            ("touch a\nif true; then\n  touch b", 4),
            ("touch a\necho )\n", 2),
            ("touch a\ndone\n", 2),
        ] {
            let found = unreadable(code).unwrap_or_else(|| panic!("{code} was read"));
            assert_eq!(found.line, line, "{code}: {}", found.why);
            assert!(found.why.contains("syntax error"), "{}", found.why);
        }
        let open = unreadable("touch a\necho \"b\n").map(|u| u.why);
        assert!(open.is_some_and(|why| why.contains("matching")));
    }

    #[test]
    fn nothing_runs_and_what_can_be_read_is_left_in_peace() {
        let dir = tempfile::tempdir().unwrap();
        let made = dir.path().join("made");
        assert_eq!(unreadable(&format!("touch {}", made.display())), None);
        assert!(!made.exists());
        for code in [
            "",
            "shopt -s extglob\nrm -f !(keep|this).log",
            "cat <<EOF\nnot closed",
            "for x in a; do echo \"$x\"; done <<< \"$(date)\"",
            "declare -A m=([a]=1); [[ ${m[a]} =~ ^(1|2)$ ]]",
            "f() { (( $1 > 2 )) && return 3; }",
        ] {
            assert_eq!(unreadable(code), None, "{code}");
        }
    }
}
