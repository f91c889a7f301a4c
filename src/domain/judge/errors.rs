//! Lines that read as an error, for whoever looks for the first one in a long output. By the same
//! words as the verdicts, but only where something went wrong: a service that is `down` is a state.

use super::words::{
    FAULTS, NOT, complaint, folded, holds_nothing, is_denied, is_in_name, listed, places, words_of,
};

/// What programs call an error, beside the words for it: in a log, in the name of a class.
const MARKS: &str = "err panicked segfault fatals";

/// Several words that say the same, without apostrophes.
const PHRASES: &[&str] = &[
    "not found",
    "no such",
    "no space left",
    "no route to host",
    "not known",
    "could not",
    "couldnt",
    "timed out",
    "out of memory",
    "segmentation fault",
    "core dumped",
];

/// How the names of classes of errors end.
const CLASSES: [&str; 2] = ["error", "exception"];

/// What may stand between a number and what it counts: `0 of 12 tests failed`, `no fatal errors`.
const BETWEEN: &str = "of out total any new more other further known such single serious fatal critical severe test tests check checks job jobs request requests row rows file files item items task tasks unit units host hosts pod pods query queries step steps have has were was are is";

/// What may stand between the word and how many there are: `failed requests: 0`.
const COUNTED: &str = "rate rates ratio count counts total number percentage test tests check checks job jobs request requests row rows file files item items task tasks unit units line lines message messages code";

/// Whether a line, control sequences already taken out, reads as an error. One that says that
/// there is none (`0 errors`, `failed=0`, `without error`) does not.
#[must_use]
pub fn reads_as_error(line: &str) -> bool {
    let words = folded(line);
    let said =
        |phrase: &&str| places(&words, phrase).any(|(before, after)| is_fault(before, after));
    // A program that complains of how it was asked goes on.
    complaint(line) && !words.starts_with("mysql: [warning]")
        || is_klog(line)
        || words.starts_with("e: ")
        || has_word(&words)
        || PHRASES.iter().any(said)
}

/// Patterns of which a line that reads as an error has one, in any case; most lines have none and
/// need not be looked at.
pub fn clues() -> impl Iterator<Item = &'static str> {
    let words = FAULTS.split(' ').chain(MARKS.split(' '));
    let others = [
        r"(?m:^[ \t]?e: )",
        r"(?m:^e[01][0-9]{3} )",
        "couldn",
        r"curl: \(",
        r"mysql: \[",
        "kex_exchange",
        "the connection to the server",
    ];
    words
        .chain(PHRASES.iter().copied())
        .chain(CLASSES)
        .chain(others)
}

/// Whether one of the words stands in a line, as a word that is meant.
fn has_word(line: &str) -> bool {
    words_of(line).any(|(before, word, after)| {
        let plain = listed(FAULTS, word) || listed(MARKS, word);
        let class = CLASSES.iter().any(|end| word.ends_with(end)) && !plain;
        // `ValueError` and `java.sql.SQLException` are no names of anything else.
        let named = !class && is_in_name(before, after) || before.ends_with("--");
        (plain || class) && !named && is_fault(before, after)
    })
}

/// Whether what stands around the word does not say that there is none.
fn is_fault(before: &str, after: &str) -> bool {
    !is_denied(before) && !is_counted_none(before) && !holds_nothing(after) && !has_none(after)
}

/// Whether a count in front is none: `0 of 12 tests`, `0.00%`, `without any`.
fn is_counted_none(before: &str) -> bool {
    let mut words = before.split_whitespace().rev().take(6).peekable();
    while let Some(word) = words.next() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let none = word.parse() == Ok(0.0) || listed(NOT, word) && word != "cannot";
        if none {
            return true;
        }
        let of = word.parse::<f64>().is_ok() && words.peek() == Some(&"of");
        if !of && !listed(BETWEEN, word) {
            return false;
        }
    }
    false
}

/// Whether a count behind is none: `rate: 0.0%`, `requests: 0`.
fn has_none(after: &str) -> bool {
    let mut rest = after.trim_start();
    for _ in 0..2 {
        let end = rest.find(|c: char| !c.is_alphanumeric());
        let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
        if !listed(COUNTED, word) {
            return false;
        }
        if holds_nothing(behind) {
            return true;
        }
        rest = behind.trim_start();
    }
    false
}

/// `E0312 14:03:11.000001`: how the tools of Kubernetes begin the line of an error.
fn is_klog(line: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let date = line.strip_prefix('E').and_then(|rest| rest.split_once(' '));
    date.is_some_and(|(date, time)| {
        date.len() == 4 && digits(date) && time.trim_start().as_bytes().get(2) == Some(&b':')
    })
}

#[cfg(test)]
mod tests {
    use super::{clues, reads_as_error};

    #[test]
    fn what_went_wrong_is_seen_however_it_is_written() {
        for line in [
            "ERROR: relation \"orders\" does not exist",
            "E: Unable to locate package",
            "npm ERR! code ELIFECYCLE",
            "2031-04-12 03:11:02 FATAL  the pool is empty",
            "level=error msg=\"no answer\"",
            "{\"level\":\"error\",\"msg\":\"late\"}",
            "Traceback (most recent call last):",
            "ValueError: 3 is too many",
            "Caused by: java.sql.SQLException: closed",
            "thread 'main' panicked at src/main.rs:3:5",
            "panic: runtime trouble",
            "connect: Connection refused",
            "rm: cannot remove 'x': Permission denied",
            "bash: frobnicate: command not found",
            "cp: error writing 'b': No space left on device",
            "error: no space left on device",
            "ERROR:  null value in column \"id\" violates not-null constraint",
            "3 tests, 1 failed",
            "0 errors, 1 failure",
            "E0412 03:11:02.114000 1 main.go:12] gone",
            "HTTP/1.1 500 Internal Server Error",
            "Could not connect to server",
            "dial tcp: i/o timed out",
            "Segmentation fault (core dumped)",
            "10 failed",
        ] {
            assert!(reads_as_error(line), "{line}");
        }
    }

    #[test]
    fn a_line_that_says_that_there_is_none_is_no_error() {
        for line in [
            "0 errors",
            "0 errors, 0 warnings",
            "No errors found.",
            "no fatal errors",
            "error: none",
            "errors=0",
            "\"errors\": [],",
            "\"error\": null,",
            "ok=3 changed=1 unreachable=0 failed=0",
            "12 passed, 0 failed",
            "0 of 12 tests failed",
            "finished without error",
            "finished without any errors",
            "error rate: 0.0%",
            "Failed requests:        0",
            "0.00% errors",
            "it did not fail",
            "/var/log/nginx/error.log",
            "public.errors",
            "copied error-handler.js",
            "curl --fail https://shop.example.invalid",
            "psql -v ON_ERROR_STOP=1",
            "mirror of terrors",
            "mysql: [Warning] Using a password on the command line can be insecure.",
            "shop-1 is down",
            "all is well",
            "",
        ] {
            assert!(!reads_as_error(line), "{line}");
        }
    }

    #[test]
    fn no_line_reads_as_an_error_without_a_clue() {
        let all: Vec<&str> = clues().collect();
        let any = regex::Regex::new(&format!("(?i){}", all.join("|"))).expect("patterns");
        assert!(!any.is_match("all is well"));
        for line in [
            "curl: (7) x",
            "kex_exchange_identification: Connection closed by remote host",
            "psql: error: connection to server failed",
            "mysql: [ERROR] no such option",
            "ssh: Could not resolve hostname",
            "The connection to the server was lost",
            "E: x",
            "Couldn't do it",
            "KeyError",
            "E0412 03:11:02.114000 1 main.go:12] gone",
        ] {
            assert!(reads_as_error(line) && any.is_match(line), "{line}");
        }
    }
}
