//! What is met, what is not, and what is left to a person.

use super::super::plan::Compare;
use super::*;

fn verdict(rule: ExpectRule, output: &str, exit: i32) -> Verdict {
    let expect = Expectation::new("as planned", rule);
    let judged = judge(&expect, output, Some(exit));
    assert!(!judged.because.is_empty(), "a verdict without a reason");
    judged.verdict
}

#[test]
fn a_word_is_not_found_inside_another() {
    let rule = || ExpectRule::Contains("healthy".to_owned());
    assert_eq!(verdict(rule(), "state: Healthy\n", 0), Verdict::Met);
    // The literal text stands inside another word: the letters are there, the word is not.
    assert_eq!(
        verdict(ExpectRule::Contains("OK".to_owned()), "BROKEN", 0),
        Verdict::NotMet
    );
    assert_eq!(verdict(rule(), "", 0), Verdict::NotMet);
}

#[test]
fn words_with_an_open_end_ask_for_a_beginning() {
    let rule = || ExpectRule::Contains("\"copy_\"".to_owned());
    assert_eq!(verdict(rule(), "copy_20310412.tar\n", 0), Verdict::Met);
    assert_eq!(verdict(rule(), "photocopy_1\n", 0), Verdict::NotMet);
    assert_eq!(verdict(rule(), "copy\n", 0), Verdict::NotMet);
}

#[test]
fn the_opposite_of_what_is_expected_is_not_met() {
    let rule = ExpectRule::Contains("healthy".to_owned());
    assert_eq!(verdict(rule, "state: unhealthy", 0), Verdict::NotMet);
}

#[test]
fn silence_proves_nothing_when_the_search_failed() {
    let rule = || ExpectRule::Absent(vec!["error".to_owned()]);
    assert_eq!(verdict(rule(), "", 1), Verdict::Met);
    // 0 says that the search has found something, whatever it looked like.
    assert_eq!(verdict(rule(), "all well\n", 0), Verdict::NotMet);
    assert_eq!(verdict(rule(), "", 2), Verdict::Inconclusive);
    assert_eq!(verdict(rule(), "12:00 ERROR disk\n", 0), Verdict::NotMet);
    let gone = "tail: cannot open 'app.log' for reading: No such file or directory\n";
    assert_eq!(verdict(rule(), gone, 1), Verdict::Inconclusive);
}

#[test]
fn a_complaint_that_repeats_the_name_is_no_find() {
    let gone = "ls: cannot access '/b/shop_*.gz': No such file or directory\n";
    let rule = |text: &str| ExpectRule::Contains(text.to_owned());
    assert_eq!(verdict(rule(".gz"), gone, 0), Verdict::NotMet);
    let there = format!("{gone}-rw-r--r-- 1 shop_1.gz\n");
    assert_eq!(verdict(rule(".gz"), &there, 0), Verdict::Met);
    let expected = rule("No such file or directory");
    assert_eq!(verdict(expected, gone, 2), Verdict::Met);
}

#[test]
fn json_may_hold_more_than_is_expected() {
    let rule = || ExpectRule::JsonSubset(r#"{"status":"healthy"}"#.to_owned());
    let output = "{\n \"version\": \"1\", \"status\": \"healthy\"\n}\n";
    assert_eq!(verdict(rule(), output, 0), Verdict::Met);
    assert_eq!(
        verdict(rule(), r#"{"status":"degraded"}"#, 0),
        Verdict::NotMet
    );
    assert_eq!(verdict(rule(), "<html>", 0), Verdict::NotMet);
}

#[test]
fn a_status_that_is_not_printed_is_not_assumed() {
    let rule = || ExpectRule::HttpStatus(200);
    assert_eq!(verdict(rule(), "{\"a\":1}", 0), Verdict::Inconclusive);
    assert_eq!(verdict(rule(), "HTTP/1.1 200 OK\n\nbody", 0), Verdict::Met);
    assert_eq!(
        verdict(rule(), "HTTP/1.1 301 Moved\nHTTP/1.1 503 Busy\n", 0),
        Verdict::NotMet
    );
    assert_eq!(verdict(rule(), "body\n200", 0), Verdict::Met);
    assert_eq!(verdict(rule(), "{\"a\":1}200", 0), Verdict::Met);
    assert_eq!(verdict(rule(), "<p>no</p>503", 0), Verdict::NotMet);
    assert_eq!(verdict(rule(), "items: 200", 0), Verdict::Inconclusive);
    assert_eq!(verdict(rule(), "{\"a\":1200", 0), Verdict::Inconclusive);
}

#[test]
fn words_for_a_person_are_met_only_by_those_very_words() {
    let expect = Expectation::new("all orders answered", ExpectRule::Person);
    let of = |output| judge(&expect, output, Some(0)).verdict;
    assert_eq!(of("3 s\nall orders answered\n"), Verdict::Met);
    assert_eq!(of("not all orders answered\n"), Verdict::ForPerson);
}

#[test]
fn rows_and_numbers_compare() {
    let none = || ExpectRule::Rows(Compare::Equal, 0);
    assert_eq!(
        verdict(none(), " table_name\n-----\n(0 rows)\n", 0),
        Verdict::Met
    );
    assert_eq!(verdict(none(), "(1 row)\n", 0), Verdict::NotMet);
    assert_eq!(verdict(none(), "done\n", 0), Verdict::Inconclusive);
    let four = |output| verdict(ExpectRule::Rows(Compare::Equal, 4), output, 0);
    let says = [
        "UPDATE 4\r\nCOMMIT\r\n",
        "BEGIN\nINSERT 0 4\n",
        "COPY 4",
        "DELETE 4\nDELETE 4\n",
    ];
    assert!(says.iter().all(|said| four(said) == Verdict::Met));
    assert_eq!(four("UPDATE 5\n"), Verdict::NotMet);
    assert_eq!(four("DELETE 9\nDELETE 4\n"), Verdict::Inconclusive);
    for says in [" DELETE 4\n", "UPDATE 4 of 5\n", "UPDATE\n", "INSERT 4\n"] {
        assert_eq!(four(says), Verdict::Inconclusive, "{says:?}");
    }
    let below = || ExpectRule::Number(Compare::Less, 1_500);
    assert_eq!(verdict(below(), "rate 1.25 %", 0), Verdict::Met);
    assert_eq!(verdict(below(), "rate 1.75 %", 0), Verdict::NotMet);
}

#[test]
fn likeness_is_measured_on_both_sides() {
    let rule = |n| ExpectRule::Similar(n, "one two three".to_owned());
    assert_eq!(verdict(rule(80), "one two thee", 0), Verdict::Met);
    assert_eq!(
        verdict(rule(80), "something else entirely", 0),
        Verdict::NotMet
    );
    assert_eq!(distance(&['a', 'b'], &['b', 'c']), 2);
    assert_eq!(distance(&[], &['x']), 1);
}

fn of_words(wanted: &str, output: &str) -> Verdict {
    verdict(ExpectRule::Contains(wanted.to_owned()), output, 0)
}

#[test]
fn a_state_is_met_where_nothing_beside_it_says_the_opposite() {
    for (wanted, output) in [
        ("active", "     Active: active (running) since Mon\n"),
        ("success", "{\"success\": true, \"errors\": []}\n"),
        ("healthy", "{\"state\":\"healthy\",\"error\":null}\n"),
        ("healthy", "api Up 5 minutes (healthy)\n"),
        ("OK", "OK: 12 FAILED: 0\n"),
        (
            "Running",
            "web-1   1/1   Running   0   5d\nweb-2   1/1   Running   0   5d\n",
        ),
        ("ready", "10 ready, no errors\n"),
        ("active", "nginx: active\nmysql: active\n"),
        ("running", "load 1.0 running\n"),
        (
            "started",
            "stopped (it was not running)\nstarted (release 2.4.2)\n",
        ),
        ("online", "| api | online | 0 errors |\n"),
        // What names a thing is there or not, whatever else is said of it.
        ("v1.4.2", "a1b2c3 Fix login error (tag: v1.4.2)\n"),
        ("v1.4.2", "shop-v1.4.2.tar.gz\n"),
        ("stopped", "api  stopped\n"),
        ("orders", "orders: 0\n"),
        ("schema 3", "# schema 3\n"),
        (
            "active (running)",
            "Active: active (running) since\nsystemd[1]: Stopped Shop.\n",
        ),
        (
            "Running",
            "error-handler-6d8  1/1  Running\nshop-1  1/1  Running\n",
        ),
        (
            "working tree clean",
            "nothing to commit, working tree clean\n",
        ),
        (
            "Compiled successfully",
            "Compiled successfully\n├ ○ /error  1 kB\n",
        ),
        ("ok", "{\"status\":\"ok\",\"timeout\":30}\n"),
        ("200 OK", "HTTP/1.1 200 OK\nx-error-id: none\n"),
        (
            "Running downgrade",
            "Running downgrade abc -> def, add error table\n",
        ),
        (
            "completed",
            "dumping table \"public.errors\"\nBackup completed\n",
        ),
        (
            "Rollback complete",
            "[1/3] stopped worker\n[2/3] restored\nRollback complete\n",
        ),
        (
            "Server started on port 3000",
            "stopped old worker\nserver started on port 3000\n",
        ),
        ("passed", "All checks passed\n-----------------\n"),
        ("true", " exists \n--------\n t\n(1 row)\n"),
    ] {
        assert_eq!(
            of_words(wanted, output),
            Verdict::Met,
            "{wanted} in {output}"
        );
    }
}

#[test]
fn a_state_that_is_denied_or_doubtful_is_not_met() {
    for (wanted, output) in [
        ("success", "{\"success\": false}"),
        ("healthy", "healthy: no"),
        ("healthy", "non-healthy"),
        ("OK", "NOT OK"),
        ("OK", "OK: 0 FAILED: 12"),
        ("Ready", "node-1  Not Ready"),
        ("running", "0 running"),
        ("active", "Active: failed (Result: exit-code)"),
        ("active", "Active: inactive (dead)"),
        ("v1.4.2", "v1.4.20"),
    ] {
        assert_eq!(
            of_words(wanted, output),
            Verdict::NotMet,
            "{wanted} in {output}"
        );
    }
    for (wanted, output) in [
        ("OK", "checked: OK, failed: 12"),
        ("PONG", "PONG expected, got nothing"),
        ("Running", "web-1  Running\nweb-2  CrashLoopBackOff"),
        ("active", "active\nfailed"),
        ("active", "inactive\nactive"),
        ("started", "started\nstopped"),
        ("Running", "shop-1  0/1  Running  7  5m"),
        ("Running", "shop-1  1/1  Running\nshop-2  0/1  Running"),
        (
            "ok",
            "web: ok\ncurl: (7) Failed to connect to api port 80\n",
        ),
        (
            "active (running)",
            "Active: active (running) since\n\n Active: failed (Result: exit-code)\n",
        ),
        (
            "ready",
            "celery@a ready.\n[10:00: ERROR/MainProcess] Task raised KeyError\n",
        ),
        ("ok", "api: ok\nworker: crash-looping\n"),
        ("Running", "shop-1  1/1  Running\nshop-2  0/1  Pending"),
        (
            "Up",
            "api Up 2 minutes\nworker Restarting (1) 5 seconds ago",
        ),
        ("Up", "api Up 2 minutes\njob Exited (0) 5 seconds ago"),
        ("Ready", "node-1  Ready,SchedulingDisabled"),
        ("Yes", "IO_Running: Yes\nSQL_Running: No"),
        ("FEATURE_X=false", "#FEATURE_X=false\nFEATURE_X=true"),
        ("backup", "backup_20261122.tar.gz"),
        ("v1.4.2", "{\"version\":\"1.4.2\"}"),
        ("online", "api stopped\nweb online"),
        ("ready", "not all nodes ready"),
        ("ready", "ready: 1/3"),
        ("done", "ERROR:  relation \"orders\" does not exist\ndone"),
        ("v1.4.2", "v1.4.2-rc1"),
        ("v1.4.2", "v1.4.2.1"),
        // The name of a column is no value.
        ("healthy", " healthy \n---------\n f\n(1 row)\n"),
        (
            "healthy",
            "+---------+\n| healthy |\n+---------+\n| 0       |\n+---------+\n",
        ),
    ] {
        assert_eq!(
            of_words(wanted, output),
            Verdict::Inconclusive,
            "{wanted} in {output}"
        );
    }
    let framed = "+-------+\n| state |\n+-------+\n| ready |\n+-------+\n";
    assert_eq!(of_words("ready", framed), Verdict::Met, "the only row");
    let expect = Expectation::new("t", ExpectRule::Person);
    let of = |output| judge(&expect, output, Some(0)).verdict;
    assert_eq!(of(" t \n---\n f\n(1 row)\n"), Verdict::ForPerson);
    assert_eq!(of(" x \n---\n t\n(1 row)\n"), Verdict::Met);
}

#[test]
fn an_empty_list_is_empty_and_of_several_answers_none_says_otherwise() {
    let of = |wanted: &str, output: &str| verdict(ExpectRule::JsonSubset(wanted.into()), output, 0);
    assert_eq!(
        of(r#"{"errors":[]}"#, r#"{"errors":["db down"]}"#),
        Verdict::NotMet
    );
    assert_eq!(
        of(r#"{"errors":[]}"#, r#"{"errors":[],"n":1}"#),
        Verdict::Met
    );
    assert_eq!(of("[]", r#"[{"pod":"crashed"}]"#), Verdict::NotMet);
    assert_eq!(of("[]", "[]\n"), Verdict::Met);
    let nested = "{\n  \"status\":\"down\",\n  \"cache\": {\n    \"status\":\"up\"\n  }\n}\n";
    let up = r#"{"status":"up"}"#;
    assert_eq!(of(up, nested), Verdict::NotMet);
    assert_eq!(
        of(up, "{\"status\":\"up\"}\n{\"status\":\"down\"}\n"),
        Verdict::Inconclusive
    );
    assert_eq!(
        of(up, "{\"status\":\"up\"} {\"status\":\"up\"}\n"),
        Verdict::Met
    );
    assert_eq!(
        of(up, "{\"level\":\"info\"}\n{\"status\":\"up\"}\n"),
        Verdict::Met
    );
    assert_eq!(of(up, "[1] {\"status\":\"up\"}\n"), Verdict::Met);
}

#[test]
fn a_number_is_one_that_stands_for_itself() {
    let of = |text: &str, compare, wanted, output: &str| {
        let expect = Expectation::new(text, ExpectRule::Number(compare, wanted));
        judge(&expect, output, Some(0)).verdict
    };
    let less = |n: i64, output: &str| of(&format!("< {n}"), Compare::Less, n * 1_000, output);
    assert_eq!(
        less(10, "HTTP/1.0 200 OK\nContent-Length: 3\n\nfine\n"),
        Verdict::Inconclusive
    );
    assert_eq!(
        less(10, "HTTP/1.0 200 OK\nContent-Length: 30\n\n4\n"),
        Verdict::Met
    );
    assert_eq!(
        less(100, " errors_24h \n------------\n       5000\n(1 row)\n"),
        Verdict::NotMet
    );
    assert_eq!(less(500, "1,200\n"), Verdict::NotMet);
    assert_eq!(less(5, "db-1 lag: 3000\n"), Verdict::NotMet);
    assert_eq!(less(10, "5e9\n"), Verdict::NotMet);
    assert_eq!(less(10, "3 shards, 42 documents\n"), Verdict::Inconclusive);
    assert_eq!(less(10, "3 shards, 4 documents\n"), Verdict::Met);
    assert_eq!(less(10, "errors=3\n"), Verdict::Met);
    assert_eq!(
        less(10, "at 10.0.0.5:5432, 1/3 up\n"),
        Verdict::Inconclusive
    );
    let equal = |n: i64, output: &str| of(&n.to_string(), Compare::Equal, n * 1_000, output);
    assert_eq!(
        equal(1, " v1 \n----\n    \n(1 row)\n"),
        Verdict::Inconclusive
    );
    assert_eq!(equal(0, "exit 0.0004\n"), Verdict::NotMet);
    assert_eq!(
        equal(0, " n \n---\n 0\n 9000\n(2 rows)\n"),
        Verdict::Inconclusive
    );
    assert_eq!(
        equal(0, "DELETE 0\n count \n-------\n    10\n(1 row)\n"),
        Verdict::NotMet
    );
    assert_eq!(equal(4, "INSERT 0 4\n"), Verdict::Met);
    let ready = "2026-11-22 03:00 replicas ready: 0\n";
    assert_eq!(of(">= 3", Compare::AtLeast, 3_000, ready), Verdict::NotMet);
    let fast = |output: &str| of("< 200ms", Compare::Less, 200_000, output);
    assert_eq!(fast("p95: 850ms\n"), Verdict::NotMet);
    assert_eq!(fast("p95: 150 ms\n"), Verdict::Met);
    assert_eq!(fast("took 1.2s\n"), Verdict::NotMet);
    assert_eq!(fast("took 0.1s\n"), Verdict::Met);
    assert_eq!(fast("{\"orders\":3}\n"), Verdict::Inconclusive);
}

#[test]
fn each_row_count_is_of_its_own_statement() {
    let none = Expectation::new("0 rows", ExpectRule::Rows(Compare::Equal, 0));
    let of = |expected: &[Expectation], output: &str| {
        let judged = judge_all(expected, output, Some(0));
        judged.into_iter().map(|j| j.verdict).collect::<Vec<_>>()
    };
    let ten_and_none = " id\n----\n(10 rows)\n id\n----\n(0 rows)\n";
    let both = [none.clone(), none.clone()];
    assert_eq!(of(&both, ten_and_none), [Verdict::NotMet, Verdict::Met]);
    // Nobody can say of which statement it was meant.
    assert_eq!(of(&both[..1], ten_and_none), [Verdict::Inconclusive]);
    let all_none = "(0 rows)\n(0 rows)\n";
    assert_eq!(of(&both[..1], all_none), [Verdict::Met]);
}

#[test]
fn likeness_of_a_hundred_is_the_same_and_what_was_not_compared_is_said() {
    let line = format!("{}v1.4.2", "x".repeat(124));
    let of = |hundredths, text: &str, output: &str| {
        verdict(ExpectRule::Similar(hundredths, text.to_owned()), output, 0)
    };
    assert_eq!(of(100, &line, &line), Verdict::Met);
    assert_eq!(of(100, &line, &line.replace("4.2", "4.3")), Verdict::NotMet);
    let long = "ok line\n".repeat(600);
    let worse = format!("{long}FATAL: replication broken\n");
    assert_eq!(of(99, &long, &worse), Verdict::Inconclusive);
}

#[test]
fn one_status_among_others_and_a_match_inside_a_word_are_seen() {
    let rule = || ExpectRule::HttpStatus(200);
    assert_eq!(verdict(rule(), "503\n503\n200\n", 0), Verdict::Inconclusive);
    assert_eq!(verdict(rule(), "200\n200\n", 0), Verdict::Met);
    let moved = "HTTP/1.1 301 Moved\n\nHTTP/1.1 200 OK\n";
    assert_eq!(verdict(rule(), moved, 0), Verdict::Met);
    let busy = "HTTP/1.1 503 Busy\n\nHTTP/1.1 200 OK\n";
    assert_eq!(verdict(rule(), busy, 0), Verdict::Inconclusive);
    let expect = Expectation::new("active", ExpectRule::Regex("active".to_owned()));
    let judged = judge(&expect, "one\nstate: inactive (dead)\n", Some(0));
    assert_eq!(judged.because, "“state: inactive (dead)”");
}

#[test]
fn of_an_output_whose_middle_was_not_read_only_what_was_seen_counts() {
    let of = |rule: ExpectRule, output: &str, exit| {
        let expect = Expectation::new("as planned", rule);
        let judged = judge(&expect, output, Some(exit));
        of_its_ends(&expect, judged).verdict
    };
    let absent = || ExpectRule::Absent(vec!["panic".to_owned()]);
    assert_eq!(of(absent(), "fine\n", 1), Verdict::Inconclusive);
    assert_eq!(of(absent(), "panic: replica\n", 0), Verdict::NotMet);
    let tag = || ExpectRule::Contains("v1.4.2".to_owned());
    assert_eq!(of(tag(), "v1.4.2\n", 0), Verdict::Met);
    assert_eq!(of(tag(), "v1.4.1\n", 0), Verdict::Inconclusive);
    assert_eq!(of(ExpectRule::Exit(0), "", 0), Verdict::Met);
}

#[test]
fn a_programs_own_complaint_is_no_answer() {
    let number = || ExpectRule::Number(Compare::More, 0);
    for said in [
        "ERROR 1045 (28000): Access denied for user\n",
        "psql: error: connection to server at \"db\" (10.0.0.5), port 5432 failed\n",
        "curl: (7) Failed to connect to x port 443\n",
    ] {
        assert_eq!(verdict(number(), said, 0), Verdict::Inconclusive, "{said}");
    }
    let something = || ExpectRule::Regex(r"\S".to_owned());
    let gone = "ls: cannot access '/nope': No such file or directory\n";
    assert_eq!(verdict(something(), gone, 0), Verdict::NotMet);
    assert_eq!(verdict(something(), "a.gz\n", 0), Verdict::Met);
    let absent = "Error from server (NotFound): deployments.apps \"shop\" not found\n";
    assert_eq!(of_words("shop", absent), Verdict::NotMet);
}

#[test]
fn an_error_whose_text_begins_like_a_value_is_one() {
    for bad in [
        "error: no space left on device",
        "ERROR:  null value in column \"id\" violates not-null constraint",
        "error: none of the hosts answered",
    ] {
        let said = of_words("healthy", &format!("healthy\n{bad}\n"));
        assert_eq!(said, Verdict::Inconclusive, "{bad}");
    }
    for none in [
        "error: none",
        "\"error\": null, \"n\": 3",
        "errors: no  warnings: 2",
    ] {
        let said = of_words("healthy", &format!("healthy\n{none}\n"));
        assert_eq!(said, Verdict::Met, "{none}");
    }
}

#[test]
fn everyday_tables_and_answers_are_read() {
    let below = |output: &str| {
        let expect = Expectation::new("< 80%", ExpectRule::Number(Compare::Less, 80_000));
        judge(&expect, output, Some(0)).verdict
    };
    assert_eq!(below("/dev/sda1  50G  20G  30G  40%  /\n"), Verdict::Met);
    assert_eq!(below("/dev/sda1  50G  45G  5G  90%  /\n"), Verdict::NotMet);
    let no_errors = Expectation::new("no errors", ExpectRule::Number(Compare::Equal, 0));
    assert_eq!(judge(&no_errors, "0\n", Some(1)).verdict, Verdict::Met);
    let framed = "+---+\n| n |\n+---+\n| 0 |\n+---+\n1 row in set (0.00 sec)\n";
    assert_eq!(judge(&no_errors, framed, Some(0)).verdict, Verdict::Met);
    let rows = |n| ExpectRule::Rows(Compare::Equal, n);
    assert_eq!(verdict(rows(0), "Empty set (0.00 sec)\n", 0), Verdict::Met);
    assert_eq!(
        verdict(rows(3), "Query OK, 3 rows affected (0.01 sec)\n", 0),
        Verdict::Met
    );
    // One row that is a count of none.
    let count = " count \n-------\n     0\n(1 row)\n";
    assert_eq!(verdict(rows(0), count, 0), Verdict::Inconclusive);
    let least = ExpectRule::Rows(Compare::AtLeast, 1);
    assert_eq!(verdict(least, count, 0), Verdict::Inconclusive);
    let status = || ExpectRule::HttpStatus(200);
    for said in [
        "< HTTP/1.1 200 OK\n",
        "Status: 200\n",
        "body\n200 0.031\n",
        "HTTP 200 in 0.1s\n",
    ] {
        assert_eq!(verdict(status(), said, 0), Verdict::Met, "{said}");
    }
    assert_eq!(verdict(status(), "000", 7), Verdict::NotMet);
    let sample = r#"{"status":"ok","timestamp":"2025-01-01T00:00:00Z"}"#;
    let now = r#"{"status":"ok","timestamp":"2026-11-22T03:00:00Z"}"#;
    assert_eq!(
        verdict(ExpectRule::JsonSubset(sample.into()), now, 0),
        Verdict::Met
    );
    let asked = ExpectRule::JsonSubset(r#"{"time":"03:00"}"#.into());
    let later = r#"{"id":7,"time":"04:00"}"#;
    assert_eq!(verdict(asked, later, 0), Verdict::NotMet);
    let other = "HTTP 200 expected, got 503\n";
    assert_ne!(verdict(status(), other, 0), Verdict::Met);
    // Also where the one count is the one that is expected.
    let one = Expectation::new("at least 1 row", ExpectRule::Rows(Compare::AtLeast, 1));
    let judged = judge_all(&[one], count, Some(0));
    assert_eq!(judged[0].verdict, Verdict::Inconclusive);
    let id = " id \n----\n 42\n(1 row)\n";
    assert_eq!(verdict(rows(1), id, 0), Verdict::Met);
}

#[test]
fn the_very_words_and_the_very_sample_are_met() {
    let of = |text: &str, output: &str| {
        let expect = Expectation::new(text, ExpectRule::Person);
        judge(&expect, output, Some(0)).verdict
    };
    assert_eq!(
        of("active (running)", "Active: active (running) since\n"),
        Verdict::Met
    );
    assert_eq!(of("a.gz\nb.gz", "a.gz\nb.gz\n"), Verdict::Met);
    assert_eq!(of("a.gz\nb.gz", "a.gz\n"), Verdict::ForPerson);
    for (text, said) in [
        (
            "service is running",
            "api: service is running\nworker: service is not running\n",
        ),
        (
            "the orders table is empty",
            "cannot verify whether the orders table is empty\n",
        ),
        (
            "the orders table is empty",
            "Checking that the orders table is empty\n",
        ),
    ] {
        assert_eq!(of(text, said), Verdict::ForPerson, "{said}");
    }
    assert_eq!(of("error count", "error count: 500\n"), Verdict::ForPerson);
    assert_eq!(
        of("all orders answered", "not all orders answered\n"),
        Verdict::ForPerson
    );
}
