//! The HTTP status of a request: a plain `curl` never prints it.
//!
//! Offers the same command with the flag that prints it; it is for an operator to take, in view,
//! and never a second request behind the first.

use super::calls::calls;
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
    let shows = [
        "-w",
        "--write-out",
        "-i",
        "--include",
        "-I",
        "--head",
        "-D",
        "--dump-header",
        "-v",
    ];
    let names = curl_option_names(only);
    if names.iter().any(|name| shows.contains(&name.as_str())) {
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
