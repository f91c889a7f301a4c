//! Failures that nobody hears of: a command in front of a pipe, whose status is lost and which says
//! nothing. What stands behind the pipe then finds nothing, counts none, and ends well.

use super::calls::{Call, calls};
use super::rules::curl_option_names;

/// A reader of the pipe went away before its end: no failure.
const SIGPIPE: i32 = 141;

/// Why what a text printed may be nothing only because a command in front of a pipe has failed; none
/// where all of them are known to have worked, or would have said so. `stages` are the statuses of
/// the pipeline that it ended with, as its shell told them; empty where it did not. `empty` says that
/// nothing, or only a count of none, was printed.
#[must_use]
pub fn unheard(code: &str, stages: &[i32], empty: bool) -> Option<String> {
    let found = calls(code).ok()?;
    let chain = chain(&found.all);
    let told = chain.len() == stages.len();
    if told {
        let each = chain.iter().zip(stages).rev().skip(1);
        let failed = each.rev().find(|(call, status)| !is_well(call, **status));
        if let Some((call, status)) = failed {
            let name = call.program().unwrap_or("a command");
            return Some(format!(
                "{name}, in front of its pipe, has ended with {status}"
            ));
        }
    } else if let Some(status) = failed(stages).filter(|_| !searches(&found.all)) {
        return Some(format!(
            "a command in front of its pipe has ended with {status}"
        ));
    }
    if !empty {
        return None;
    }
    let hushed = hides_errors(code);
    let fronts = found.all.iter().filter_map(|call| call.piped.as_deref());
    let known = |call: &Call| told && chain.iter().any(|one| one.words == call.words);
    let silent = fronts
        .filter(|call| !known(call))
        .find(|call| is_silent(call) || hushed && !is_search(call))?;
    let name = silent.program().unwrap_or("the command");
    Some(format!(
        "{name}, in front of its pipe, says nothing where it fails"
    ))
}

/// The commands of the pipeline that ends with the last call, in their order.
fn chain(all: &[Call]) -> Vec<&Call> {
    let mut chain = Vec::new();
    let mut before = all.iter().rev();
    let mut next = before.next();
    while let Some(call) = next {
        chain.push(call);
        let front = call.piped.as_deref();
        // A call knows the one before it, which does not know its own.
        next = front.and_then(|front| before.find(|call| call.words == front.words));
    }
    chain.reverse();
    chain
}

fn failed(stages: &[i32]) -> Option<i32> {
    let (_, fronts) = stages.split_last()?;
    fronts.iter().copied().find(|s| !matches!(*s, 0 | SIGPIPE))
}

/// Whether a status is no failure: a search that finds nothing ends with 1.
fn is_well(call: &Call, status: i32) -> bool {
    matches!(status, 0 | SIGPIPE) || status == 1 && is_search(call)
}

fn searches(all: &[Call]) -> bool {
    all.iter().any(is_search)
}

fn is_search(call: &Call) -> bool {
    matches!(
        call.program(),
        Some("grep" | "egrep" | "fgrep" | "zgrep" | "rg" | "pgrep" | "diff" | "cmp")
    )
}

/// Whether a command says nothing of its own failure: `curl -s` without `-S`.
fn is_silent(call: &Call) -> bool {
    let names = || curl_option_names(call);
    let has = |short: &str, long: &str| names().iter().any(|n| n == short || n == long);
    match call.program() {
        Some("curl") => has("-s", "--silent") && !has("-S", "--show-error"),
        Some("wget") => call.args().any(|a| matches!(a, "-q" | "-qO-" | "--quiet")),
        _ => false,
    }
}

/// Whether a text throws away what its commands say of their failures.
fn hides_errors(code: &str) -> bool {
    let code = code.replace(' ', "");
    ["2>/dev/null", "&>/dev/null"]
        .iter()
        .any(|to| code.contains(to))
}

#[cfg(test)]
mod tests {
    use super::unheard;

    #[test]
    fn a_failure_in_front_of_a_pipe_is_heard() {
        for (code, stages) in [
            ("redis-cli keys 'sess:*' | wc -l", [1, 0].as_slice()),
            ("curl -s http://h/x | jq -r .errors", &[7, 0]),
            ("curl -s http://h/x | grep -c ERROR", &[7, 1]),
            ("cat app.log | grep ERROR | wc -l", &[1, 1, 0]),
            ("grep x missing.log | wc -l", &[2, 0]),
            // Not known, and it would say nothing.
            ("curl -s http://h/x | jq -r .errors", &[]),
            ("tail app.log 2>/dev/null | grep -c ERROR", &[]),
            ("N=$(curl -s http://h/x | wc -l); echo \"$N\"", &[0]),
            ("wget -qO- http://h/x | wc -l", &[]),
        ] {
            assert!(unheard(code, stages, true).is_some(), "{code}");
        }
        assert!(unheard("curl -s h | wc -l", &[7, 0], false).is_some());
    }

    #[test]
    fn what_worked_or_would_have_said_so_is_trusted() {
        for (code, stages) in [
            ("redis-cli keys 'sess:*' | wc -l", [0, 0].as_slice()),
            ("curl -s http://h/x | jq -r .errors", &[0, 0]),
            ("ps aux | grep worker | grep -v grep | wc -l", &[0, 1, 1, 0]),
            ("cat big.log | head -n 1", &[141, 0]),
            ("docker ps -q | wc -l", &[]),
            ("curl -sS http://h/x | jq -r .errors", &[]),
            ("curl -s http://h/x", &[0]),
            ("git diff --stat", &[]),
            ("", &[]),
        ] {
            assert_eq!(unheard(code, stages, true), None, "{code}");
        }
        assert_eq!(unheard("curl -s h | jq .n", &[], false), None);
    }
}
