//! A shell on another machine, in a container or as another user, opened inside a block: `ssh host`
//! on a line of its own, followed by commands that are meant for there.
//!
//! Run one after the other they would open the session and, once it is left, run the rest on the
//! operator's own machine. The block says one thing: do all this over there. So it stays one
//! piece, and its lines are fed to the far shell, which stops at the first that fails.

use super::inside::{Inside, opens};
use super::repl::repls;

/// Whether a block opens a shell elsewhere and has commands for it.
#[must_use]
pub fn is_remote(code: &str) -> bool {
    repls(code).iter().any(|r| r.inside == Inside::Shell)
}

/// Whether a text ends in a shell elsewhere: what comes after it in a plan was meant for there.
#[must_use]
pub fn stays_remote(code: &str) -> bool {
    last_opener(code).is_some()
}

/// The line that opens the shell elsewhere that a text ends in.
pub(super) fn last_opener(code: &str) -> Option<&str> {
    let last = code
        .lines()
        .map(str::trim)
        .rfind(|l| !l.is_empty() && !l.starts_with('#'))?;
    (opens(last) == Some(Inside::Shell)).then_some(last)
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
            "# 1. Go there\nssh deploy@orchard <<'BACKOUT_REMOTE'\nset -e\ncd /srv/orchard\nsystemctl stop orchard\nBACKOUT_REMOTE\n\n# 4. Look from here\ncurl -s https://orchard.test/"
        );
        assert_eq!(parses(&text), Ok(()));
    }

    #[test]
    fn a_prompt_on_the_other_machine_is_fed_there() {
        let text = fed("ssh db-1\nsudo -u postgres psql\nSELECT 1;\n\\q\ndf -h\n").expect("both");
        assert_eq!(
            text,
            "ssh db-1 <<'BACKOUT_REMOTE'\nset -e\nsudo -u postgres psql <<'BACKOUT_INPUT'\n\\set ON_ERROR_STOP on\nSELECT 1;\n\\q\nBACKOUT_INPUT\ndf -h\nBACKOUT_REMOTE"
        );
    }

    #[test]
    fn a_machine_may_be_reached_through_another() {
        let text = fed("ssh gate\nssh shop-1\nuptime\nexit\nexit\nls\n").expect("both");
        assert_eq!(
            text,
            "ssh gate <<'BACKOUT_REMOTE'\nset -e\nssh shop-1 <<'BACKOUT_REMOTE_2'\nset -e\nuptime\nBACKOUT_REMOTE_2\nBACKOUT_REMOTE\nls"
        );
        assert_eq!(parses(&text), Ok(()));
    }

    #[test]
    fn other_calls_of_ssh_are_left_alone() {
        for code in [
            "ssh a@b uptime\nls\n",
            "ssh a@b\n",
            "ssh a@b\n# there you are\n",
            "ssh -L 5432:db:5432 a@b\npsql -h localhost -c 'SELECT 1'\n",
            "ssh a@b\nssh c@d\n",
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
