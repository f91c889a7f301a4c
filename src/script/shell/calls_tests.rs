//! Which commands a text calls, and what goes into and out of them.

use super::*;

fn names(code: &str) -> Vec<String> {
    let all = calls(code).expect("shell").all.clone();
    all.iter()
        .map(|c| c.program().unwrap_or("?").to_owned())
        .collect()
}

#[test]
fn calls_are_found_wherever_they_stand() {
    assert_eq!(names("a && b | c; (d) & { e; }"), ["a", "b", "c", "d", "e"]);
    assert_eq!(
        names("if a; then b; elif c; then d; else e; fi"),
        ["a", "b", "c", "d", "e"]
    );
    assert_eq!(
        names("for x in $(a); do b; done; while c; do d; done"),
        ["a", "b", "c", "d"]
    );
    assert_eq!(
        names("x=$(a) b \"$(c)\" <(d); y=(1 $(e))"),
        ["a", "c", "d", "b", "e"]
    );
    assert_eq!(
        names("case $(a) in x) b;; esac; f() { c; }; [[ $(d) ]]"),
        ["a", "b", "c", "d"]
    );
    assert_eq!(names("cat <<E\n$(a)\nE\n"), ["a", "cat"]);
    assert_eq!(
        names("/usr/bin/rm x; $CMD y; ${A:-$(b)}"),
        ["rm", "?", "?", "?"]
    );
}

#[test]
fn redirections_are_told_apart() {
    let all = calls("a > f 2>&1 < g; b >> h; c <<< 'x'; d >/dev/null 2>&1")
        .expect("shell")
        .all
        .clone();
    assert_eq!(all[0].writes, ["f"]);
    assert_eq!(all[0].reads, ["g"]);
    assert_eq!(all[1].writes, ["h"]);
    assert_eq!(all[2].input.as_deref(), Some("x"));
    assert_eq!(all[3].writes, ["/dev/null"]);
}

#[test]
fn pipes_know_what_feeds_them() {
    let all = calls("echo x | psql d").expect("shell").all.clone();
    assert_eq!(
        all[1].piped.as_ref().and_then(|c| c.program()),
        Some("echo")
    );
}

#[test]
fn endless_loops_are_noticed() {
    for code in [
        "while true; do a; done",
        "while :; do a; done",
        "for ((;;)); do a; done",
        "until false; do a; done",
    ] {
        assert!(calls(code).expect("shell").endless, "{code}");
    }
    assert!(!calls("while read x; do a; done").expect("shell").endless);
}
