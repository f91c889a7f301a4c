//! A shell on another machine opened inside a block: `ssh host` on a line of its own, followed by
//! commands that are meant for there.
//!
//! Run one after the other they would open the session and, once it is left, run the rest on the
//! operator's own machine. The block says one thing: do all this over there. So it stays one
//! piece, and its lines are fed to the far shell, which stops at the first that fails.

use super::calls::{Call, calls};
use super::wrappers::{Inner, unwrap};

/// A delimiter that no plan uses by accident, and another than that of a prompt within.
pub(super) const DELIMITER: &str = "BACKOUT_REMOTE";

/// If the line at `at` opens a shell elsewhere and commands for it follow: the last of them. Where
/// several machines are named in one block, nobody can tell which line is for which.
pub(super) fn remote_end(lines: &[&str], at: usize) -> Option<usize> {
    if !opens_remote(lines.get(at)?.trim()) {
        return None;
    }
    let below = lines.get(at + 1..)?;
    let left = below.iter().position(|l| leaves(l.trim()));
    let below = below.get(..left.unwrap_or(below.len()))?;
    let runs = |l: &&&str| !l.trim().is_empty() && !l.trim().starts_with('#');
    let moves = |l: &&str| {
        let first = l.split_whitespace().next().unwrap_or_default();
        matches!(first, "ssh" | "scp" | "rsync" | "sftp")
    };
    if !below.iter().any(|l| runs(&l)) || below.iter().any(moves) || inside(lines, at) {
        return None;
    }
    let last = below.iter().rposition(|l| !l.trim().is_empty())?;
    Some(at + 1 + left.unwrap_or(last))
}

/// A session that was opened further up is still open.
fn inside(lines: &[&str], at: usize) -> bool {
    let above = lines.get(..at).unwrap_or_default().iter().rev();
    above
        .map(|l| l.trim())
        .take_while(|l| !leaves(l))
        .any(opens_remote)
}

/// The line is `ssh` to somewhere with nothing to run there.
fn opens_remote(line: &str) -> bool {
    if !line.contains("ssh ")
        || line.starts_with('#')
        || line.ends_with('\\')
        || line.contains("<<")
    {
        return false;
    }
    let Ok(found) = calls(line) else { return false };
    let [call] = found.all.as_slice() else {
        return false;
    };
    is_session(call)
}

fn is_session(call: &Call) -> bool {
    let tunnel = |a: &str| {
        a.starts_with('-') && !a.starts_with("--") && a.contains(['L', 'R', 'D', 'N', 'f', 'W'])
    };
    call.program() == Some("ssh")
        && !call.args().any(tunnel)
        && matches!(unwrap(call), Some(Inner::Session))
}

fn leaves(line: &str) -> bool {
    matches!(line, "exit" | "logout" | "exit 0")
}

/// Whether a block opens a shell elsewhere and has commands for it.
#[must_use]
pub fn is_remote(code: &str) -> bool {
    let lines: Vec<&str> = code.lines().collect();
    code.contains("ssh ") && (0..lines.len()).any(|at| remote_end(&lines, at).is_some())
}

/// Whether a text ends in a shell elsewhere: what comes after it in a plan was meant for there.
#[must_use]
pub fn stays_remote(code: &str) -> bool {
    let last = code
        .lines()
        .map(str::trim)
        .rfind(|l| !l.is_empty() && !l.starts_with('#'));
    last.is_some_and(opens_remote)
}

/// The block with the lines for the other machine as input of the `ssh` that goes there; `inner`
/// turns them into what a shell can run.
pub(super) fn fed(code: &str, inner: impl Fn(&str) -> String) -> Option<String> {
    if !code.contains("ssh ") {
        return None;
    }
    let lines: Vec<&str> = code.lines().collect();
    let mut out: Vec<String> = Vec::new();
    let (mut at, mut any) = (0, false);
    while let Some(line) = lines.get(at) {
        let Some(last) = remote_end(&lines, at) else {
            out.push((*line).to_owned());
            at += 1;
            continue;
        };
        any = true;
        let mut typed = lines.get(at + 1..=last).unwrap_or_default();
        if let Some((end, rest)) = typed.split_last()
            && leaves(end.trim())
        {
            typed = rest;
        }
        out.push(format!("{line} <<'{DELIMITER}'"));
        out.push("set -e".to_owned());
        out.push(inner(typed.join("\n").trim_matches('\n')));
        out.push(DELIMITER.to_owned());
        at = last + 1;
    }
    any.then(|| out.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::{danger, fed, parses, split};
    use super::*;
    use crate::script::Danger;

    const BLOCK: &str = "# 1. Go there\nssh deploy@orchard\n\n# 2. Stop\ncd /srv/orchard\nsystemctl stop orchard\n\n# 3. Leave\nexit\n\n# 4. Look from here\ncurl -s https://orchard.test/\n";

    #[test]
    fn what_is_meant_for_another_machine_stays_in_one_piece() {
        let pieces = split(BLOCK);
        let got: Vec<_> = pieces
            .iter()
            .map(|p| (p.title.as_str(), p.number))
            .collect();
        assert_eq!(got, [("Go there", Some(1)), ("Look from here", Some(4))]);
        assert!(pieces[0].code.ends_with("# 3. Leave\nexit"));
        assert_eq!(danger(&pieces[0].code).danger, Danger::Changes);
    }

    #[test]
    fn its_lines_are_fed_to_the_far_shell() {
        let text = fed(BLOCK).expect("a session");
        assert_eq!(
            text,
            "# 1. Go there\nssh deploy@orchard <<'BACKOUT_REMOTE'\nset -e\n# 2. Stop\ncd /srv/orchard\nsystemctl stop orchard\n\n# 3. Leave\nBACKOUT_REMOTE\n\n# 4. Look from here\ncurl -s https://orchard.test/"
        );
        assert_eq!(parses(&text), Ok(()));
    }

    #[test]
    fn a_prompt_on_the_other_machine_is_fed_there() {
        let text = fed("ssh db-1\nsudo -u postgres psql\nSELECT 1;\n\\q\ndf -h\n").expect("both");
        assert_eq!(
            text,
            "ssh db-1 <<'BACKOUT_REMOTE'\nset -e\nsudo -u postgres psql <<'BACKOUT_INPUT'\nSELECT 1;\n\\q\nBACKOUT_INPUT\ndf -h\nBACKOUT_REMOTE"
        );
    }

    #[test]
    fn other_calls_of_ssh_are_left_alone() {
        for code in [
            "ssh a@b uptime\nls\n",
            "ssh a@b\n",
            "ssh a@b\n# there you are\n",
            "ssh -L 5432:db:5432 a@b\npsql -h localhost -c 'SELECT 1'\n",
            "ssh a@b\nssh c@d\nls\n",
            "ssh a@b\nscp x y:\n",
            "ssh a@b <<EOF\nls\nEOF\n",
        ] {
            assert_eq!(fed(code), None, "{code}");
            assert!(!is_remote(code), "{code}");
        }
    }

    #[test]
    fn a_session_left_open_is_known() {
        for (code, stays) in [
            ("ssh a@b", true),
            ("# there\nssh -p 22 a@b\n# wait", true),
            ("ssh a@b uptime", false),
            ("ssh -N -L 1:b:2 a@b", false),
            ("ls", false),
        ] {
            assert_eq!(stays_remote(code), stays, "{code}");
        }
    }
}
