//! The HTTP status of a request: a plain `curl` never prints it.
//!
//! Offers the same command with the flag that prints it; it is for an operator to take, in view,
//! and never a second request behind the first.

use super::calls::{Call, calls};
use super::rules::curl_option_names;
use crate::script::blanks;
use crate::script::places::{Place, scan};

/// Prints the status on a line of its own after the body.
const FLAG: &str = r" -w '\n%{http_code}\n'";

/// The code with the flag added that makes its one `curl` print the status; none where that is
/// not one plain `curl`, or it prints the status already.
#[must_use]
pub fn with_http_status(code: &str) -> Option<String> {
    let found = calls(code).ok()?;
    let [only] = found.all.as_slice() else {
        return None;
    };
    if only.program() != Some("curl") {
        return None;
    }
    if shows(only) {
        return None;
    }
    let places = scan(&blanks::mask(code, "bash"), &[]);
    let word = |at: usize| {
        let before = code.get(..at).and_then(|b| b.chars().next_back());
        let after = code.get(at + 4..).and_then(|a| a.chars().next());
        places.at(at) == Place::Bare
            && before.is_none_or(|c| c.is_whitespace() || c == '/')
            && after.is_some_and(char::is_whitespace)
    };
    let at = code
        .match_indices("curl")
        .map(|(at, _)| at)
        .find(|at| word(*at))?
        + 4;
    Some(format!("{}{FLAG}{}", code.get(..at)?, code.get(at..)?))
}

/// Whether a curl call prints the status of the answer.
fn shows(curl: &Call) -> bool {
    const OPTIONS: &[&str] = &[
        "-w",
        "--write-out",
        "-i",
        "--include",
        "-I",
        "--head",
        "-D",
        "--dump-header",
        "-v",
        "--verbose",
        "--trace",
        "--trace-ascii",
    ];
    let names = curl_option_names(curl);
    names.iter().any(|name| OPTIONS.contains(&name.as_str()))
}

/// What the requests of a text show of the status of their answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatusShown {
    /// Nothing: it is made of plain `curl`.
    Never,
    /// Each shows its own, and goes where it is sent on to.
    Followed,
    /// Each shows its own and goes nowhere else: two are of two requests.
    Apart,
    /// Nobody can say.
    Unknown,
}

/// Whether what a text prints can hold the status of an answer by HTTP, and of how many requests.
#[must_use]
pub fn status_shown(code: &str) -> StatusShown {
    let Ok(found) = calls(code) else {
        return StatusShown::Unknown;
    };
    let is_curl = |call: &&Call| call.program() == Some("curl");
    let plain = found
        .all
        .iter()
        .flat_map(|call| &call.words)
        .all(|w| w.fixed || !w.is_several());
    let curls: Vec<&Call> = found.all.iter().filter(is_curl).collect();
    if curls.is_empty() || !plain {
        return StatusShown::Unknown;
    }
    let follows = |call: &&Call| {
        let names = curl_option_names(call);
        names
            .iter()
            .any(|name| matches!(name.as_str(), "-L" | "--location"))
    };
    match curls.iter().filter(|call| shows(call)).count() {
        // Another program may show it.
        0 if curls.len() == found.all.len() => StatusShown::Never,
        0 => StatusShown::Unknown,
        _ if curls.iter().all(follows) => StatusShown::Followed,
        _ => StatusShown::Apart,
    }
}

#[cfg(test)]
mod tests {
    use super::super::danger;
    use super::*;

    #[test]
    fn a_plain_curl_gets_the_flag() {
        for (code, want) in [
            (
                "curl http://h/health",
                r"curl -w '\n%{http_code}\n' http://h/health",
            ),
            (
                "# curl it\ncurl -X POST http://h \\\n  -d 'curl x'",
                "# curl it\ncurl -w '\\n%{http_code}\\n' -X POST http://h \\\n  -d 'curl x'",
            ),
            (
                "curl https://<host>/{id}",
                r"curl -w '\n%{http_code}\n' https://<host>/{id}",
            ),
        ] {
            assert_eq!(with_http_status(code).as_deref(), Some(want));
            assert_eq!(danger(code).danger, danger(want).danger, "{code}");
        }
    }

    #[test]
    fn what_a_request_can_show_of_its_status_is_known() {
        for (code, shown) in [
            ("curl -s http://h/health", StatusShown::Never),
            ("curl -sSf http://a; curl http://b", StatusShown::Never),
            ("curl -sI http://h", StatusShown::Apart),
            ("curl -sIL http://h", StatusShown::Followed),
            (
                "curl -s -o /dev/null -w '%{http_code}' http://h",
                StatusShown::Apart,
            ),
            (
                "for i in 1 2; do curl -sI http://h/$i; done",
                StatusShown::Apart,
            ),
            ("curl -s http://h | check.py", StatusShown::Unknown),
            ("wget -S http://h", StatusShown::Unknown),
            ("curl \"$@\" http://h", StatusShown::Unknown),
        ] {
            assert_eq!(status_shown(code), shown, "{code}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for code in [
            "curl -sw '%{http_code}' http://h",
            "curl -si http://h",
            "curl -I http://h",
            "curl http://a; curl http://b",
            "curl http://a | jq .",
            "wget http://h",
            "curl",
            "",
        ] {
            assert_eq!(with_http_status(code), None, "{code}");
        }
    }
}
