//! Numbers as plans expect them, against what programs print: what meets them, what does not, and
//! what only seems to.

use super::super::super::plan::{Compare, ExpectRule, Expectation};
use super::super::{Verdict, judge};
use super::unit_of;

/// The verdict about an output where a comparison is expected: `< 1%`.
fn of(text: &str, output: &str) -> Verdict {
    let (how, rest) = match text.split_once(' ') {
        Some((how, rest)) => (how, rest),
        None => ("=", text),
    };
    let compare = match how {
        "<" => Compare::Less,
        ">" => Compare::More,
        ">=" => Compare::AtLeast,
        "<=" => Compare::AtMost,
        _ => Compare::Equal,
    };
    let number = rest.trim_end_matches(|c: char| !c.is_ascii_digit());
    let wanted: f64 = number.parse().expect("a number");
    #[expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]
    let rule = ExpectRule::Number(compare, (wanted * 1_000.0).round() as i64);
    let text = text.to_owned();
    let judged = judge(&Expectation::new(text, rule), output, Some(0));
    assert!(!judged.because.is_empty());
    judged.verdict
}

fn all(verdict: Verdict, cases: &[(&str, &str)]) {
    for (text, output) in cases {
        assert_eq!(of(text, output), verdict, "{text} in {output:?}");
    }
}

#[test]
fn a_number_in_another_unit_is_left_to_a_person() {
    all(
        Verdict::Inconclusive,
        &[
            ("< 1%", "0.35\n"),
            ("< 1%", "error_rate 0.35\n"),
            ("< 1%", "error_rate 0.4 (ratio)\n"),
            ("< 1%", " error_rate \n------------\n       0.05\n(1 row)\n"),
            ("< 80%", " ratio \n-------\n  0.97\n(1 row)\n"),
            ("< 100", "2k\n"),
            ("< 100", "2.5M\n"),
            ("< 100", "5min\n"),
            ("< 100", "7K keys\n"),
            ("< 100", "3Gi\n"),
            (
                "< 100",
                " pg_size_pretty \n----------------\n 50 GB\n(1 row)\n",
            ),
            ("< 10", "lag 2h\n"),
            ("< 5", "3 days 02:11:00\n"),
            ("< 5", "2 minutes behind\n"),
            ("< 10", "9xlarge\n"),
            ("> 99%", "99.5\n"),
            ("< 200ms", "{\"orders\": 3}\n"),
        ],
    );
}

#[test]
fn what_is_no_number_or_a_failure_is_no_answer() {
    all(
        Verdict::Inconclusive,
        &[
            ("< 1%", "Infinity 0\n"),
            ("< 1%", "NaN%\n"),
            ("0", "null\n0\n"),
            ("0", "(nil)\n"),
            (
                "< 100",
                "(error) WRONGTYPE Operation against a key holding the wrong kind of value, code 7\n",
            ),
            ("0", "wc: err.log: Is a directory\n0 err.log\n"),
            (
                "0",
                "cat: /srv/jobs: Input/output error\ncat: x: Bad file\n0\n",
            ),
            ("0", "ERROR:  relation \"jobs\" is not there\n0\n"),
            (
                "0",
                "psql:down.sql:4: ERROR:  no such column\n left \n------\n 0\n(1 row)\n",
            ),
            ("0", "HTTP/1.1 500 Oops\n\n0\n"),
            ("< 5", "-1\n"),
        ],
    );
}

#[test]
fn words_around_a_number_may_take_it_back() {
    all(
        Verdict::Inconclusive,
        &[
            ("3", "Only 3 of them reachable, seven are not\n"),
            ("3", "3 of 3 expected\n"),
            ("3", "3 pods crashed\n"),
            (">= 3", "unavailable replicas: 3\n"),
            ("0", "cannot reach the queue, retries 0\n"),
            ("< 5", "it was 3 before the restart\n"),
            ("< 100", ">50\n"),
            ("3", "3+\n"),
            ("3", "~3\n"),
        ],
    );
}

#[test]
fn everyday_numbers_are_met() {
    all(
        Verdict::Met,
        &[
            ("0", "0\n"),
            ("0", "(integer) 0\n"),
            ("< 100", "(integer) 12\n"),
            ("3", "3\n"),
            ("3", "ready replicas: 3\n"),
            ("< 1%", "0.35%\n"),
            ("< 1%", "error rate: 0.4 %\n"),
            ("< 1%", "0.35% of all requests\n"),
            ("< 1%", "0\n"),
            ("< 1%", " error_pct \n-----------\n      0.35\n(1 row)\n"),
            ("< 80%", "Use%\n 17%\n"),
            (
                "< 80%",
                "Filesystem  Size  Used Avail Use% Mounted on\n/dev/sda1  50G  8G  42G  17% /\n",
            ),
            ("< 300ms", "p95 120ms\n"),
            ("< 300ms", "p95_ms 120\n"),
            ("< 300ms", "{\"p95_seconds\": 0.12}\n"),
            ("< 2s", "took 850 ms\n"),
            ("< 0.5", "0.004000\n"),
            ("< 500", "120ms\n"),
            ("< 1000", "10 bytes\n"),
            ("0", "0 B\n"),
            ("0", "0%\n"),
            ("< 10", "errors: 3\n"),
            ("0", "errors: 0\n"),
            ("0", "error: 0\n"),
            ("0", "error: none\ncount: 0\n"),
            ("5", " n \n---\n 5\n(1 row)\n\nTime: 1.204 ms\n"),
            ("0", "-[ RECORD 1 ]\nlag | 0\n"),
            ("< 5", "Seconds_Behind_Source: 0\n"),
            ("42", "UPDATE 42\n"),
            ("> 1000", "1,200\n"),
            ("> 99%", "availability 99.95%\n"),
        ],
    );
}

#[test]
fn what_is_plainly_not_met_stays_so() {
    all(
        Verdict::NotMet,
        &[
            ("0", "10\n"),
            ("0", "2k\n"),
            ("0", "5min\n"),
            ("< 1%", "1.75%\n"),
            ("< 80%", " pct \n------\n 97.5\n(1 row)\n"),
            ("< 80%", "97.5\n"),
            (
                "< 80%",
                "Filesystem  Size  Used Avail Use% Mounted on\n/dev/sda1  50G  48G  2G  97% /\n",
            ),
            ("< 200ms", "p95 1.2s\n"),
            ("< 200ms", "p99 2 min\n"),
            ("< 100", "200k\n"),
            ("< 100", "(integer) 4711\n"),
            ("3", "ready: 2\n"),
            (">= 3", "2026-11-22 03:00 replicas ready: 0\n"),
            ("> 99%", "97%\n"),
            ("< 5", "Seconds_Behind_Source: 3600\n"),
        ],
    );
}

#[test]
fn the_unit_is_found_where_the_number_is() {
    for (text, unit) in [
        ("< 1%", "%"),
        ("`< 1%`", "%"),
        ("error rate \"< 1 %\" shown", "%"),
        ("< 500MS", "ms"),
        ("under 2s", "s"),
        ("< 5", ""),
        ("3 services", ""),
    ] {
        assert_eq!(unit_of(text), unit, "{text}");
    }
}
