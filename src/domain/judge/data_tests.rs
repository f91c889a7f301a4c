//! Answers for programs against what plans expect of them: what meets them, what does not, and what
//! only seems to.

use super::super::super::plan::{ExpectRule, Expectation};
use super::super::{Verdict, judge};

fn of(rule: ExpectRule, output: &str) -> Verdict {
    let text = "as planned".to_owned();
    let judged = judge(&Expectation::new(text, rule), output, Some(0));
    assert!(!judged.because.is_empty());
    judged.verdict
}

fn json(verdict: Verdict, cases: &[(&str, &str)]) {
    for (wanted, output) in cases {
        let rule = ExpectRule::JsonSubset((*wanted).to_owned());
        assert_eq!(of(rule, output), verdict, "{wanted} in {output:?}");
    }
}

fn http(verdict: Verdict, cases: &[(u16, &str)]) {
    for (wanted, output) in cases {
        let found = of(ExpectRule::HttpStatus(*wanted), output);
        assert_eq!(found, verdict, "{wanted} in {output:?}");
    }
}

#[test]
fn an_answer_that_may_say_otherwise_is_left_to_a_person() {
    json(
        Verdict::Inconclusive,
        &[
            (
                r#"[{"status":"up"}]"#,
                r#"[{"status":"up"},{"status":"down"}]"#,
            ),
            (
                r#"{"queues":[{"name":"a","lag":0}]}"#,
                r#"{"queues":[{"name":"a","lag":0},{"name":"a","lag":900}]}"#,
            ),
            (r#"["a"]"#, r#"["a","b"]"#),
            (
                r#"{"status":"ok"}"#,
                "Failed. Sample of a good answer: {\"status\":\"ok\"}\n",
            ),
            (
                r#"{"status":"ok"}"#,
                "expected {\"status\":\"ok\"}, got none\n",
            ),
            (
                r#"{"status":"ok"}"#,
                "Example answer:\n{\"status\":\"ok\"}\n",
            ),
            (
                r#"{"status":"ok"}"#,
                "HTTP/1.1 503 Busy\n\n{\"status\":\"ok\"}\n",
            ),
            (
                r#"{"status":"ok"}"#,
                "{\"status\":\"ok\"}\ncurl: (22) The requested URL returned error: 500\n",
            ),
            (
                r#"{"status":"ok"}"#,
                r#"{"status":"ok","db":{"status":"down"}}"#,
            ),
            (r#"{"ok":true}"#, r#"{"ok":true,"db":{"ok":false}}"#),
            (r#"{"status":"ok"}"#, r#"{"status":"ok","errors":3}"#),
            // Of a longer answer that was cut off.
            (
                r#"{"status":"up"}"#,
                "{\"status\":\"down\",\"parts\":[\n{\"status\":\"up\"}\n",
            ),
            (
                r#"{"status":"ok","duration_ms":12}"#,
                r#"{"status":"ok","duration_ms":98000}"#,
            ),
        ],
    );
}

#[test]
fn everyday_answers_are_met() {
    json(
        Verdict::Met,
        &[
            (r#"{"data":[]}"#, r#"{"data":[],"total":0}"#),
            (r#"{"data":[]}"#, "{\n  \"data\": []\n}\n"),
            (
                r#"{"status":"ok"}"#,
                "[info] health {\"status\":\"ok\",\"version\":\"1.4.2\"}\n",
            ),
            (
                r#"{"status":"ok"}"#,
                "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"status\":\"ok\"}\n",
            ),
            (r#"{"status":"ok"}"#, "{\"status\":\"ok\"}\n200\n"),
            (r#"{"status":"ok"}"#, "body: {\"status\":\"ok\"}\n"),
            (
                r#"{"status":"ok"}"#,
                "* Connected to localhost\n< HTTP/1.1 200 OK\n{ [15 bytes data]\n{\"status\":\"ok\"}\n* Connection #0 to host localhost left intact\n",
            ),
            (
                r#"{"status":"UP"}"#,
                r#"{"status":"UP","components":{"db":{"status":"UP"}}}"#,
            ),
            (
                r#"{"status":"ok"}"#,
                r#"{"status":"ok","error":null,"errors":[],"failed":0}"#,
            ),
            (
                r#"[{"status":"up"}]"#,
                r#"[{"status":"up","name":"a"},{"status":"up","name":"b"}]"#,
            ),
            (r#"[{"n":1},"..."]"#, r#"[{"n":1},{"n":2},{"n":3}]"#),
            (
                r#"{"status":"ok","time":"2025-01-01T00:00:00Z"}"#,
                r#"{"status":"ok","time":"2026-11-22T03:00:00Z"}"#,
            ),
            (
                r#"{"status":"ok","uptime":12,"request_id":"f00dfacebead"}"#,
                r#"{"status":"ok","uptime":98123,"request_id":"c0ffee4711aa"}"#,
            ),
            (
                r#"{"status":"ok","duration_ms":12}"#,
                r#"{"status":"ok","duration_ms":40}"#,
            ),
        ],
    );
}

#[test]
fn an_answer_that_lacks_what_is_expected_is_not_met() {
    json(
        Verdict::NotMet,
        &[
            (
                r#"{"status":"ok","time":"fresh"}"#,
                r#"{"status":"ok","time":"stale"}"#,
            ),
            (
                r#"{"status":"ok","time":"2025-01-01"}"#,
                r#"{"status":"ok","time":"never"}"#,
            ),
            (
                r#"[{"status":"up"},{"status":"up"}]"#,
                r#"[{"status":"up"}]"#,
            ),
            (r#"{"data":[]}"#, r#"{"data":[{"id":7}]}"#),
            (r#"{"data":[]}"#, r#"{"data":null}"#),
            (
                r#"{"status":"ok"}"#,
                r#"{"db":{"status":"ok"},"status":"down"}"#,
            ),
            (r#"{"maintenance":false}"#, r#"{"maintenance":"false"}"#),
            (r#"{"status":"ok"}"#, "<html>Bad Gateway</html>\n"),
            (r#"{"status":"ok"}"#, ""),
        ],
    );
}

#[test]
fn of_several_statuses_all_have_to_be_the_one() {
    http(
        Verdict::Inconclusive,
        &[
            (200, "302\n200\n"),
            (200, "000\n200\n"),
            (200, "503 0.102\n200 0.031\n"),
            (200, "{\"a\":1}503{\"a\":1}200\n"),
            (200, "200200\n"),
            (200, "<html>\nerror code: 200\n"),
            (200, "{\"error\":\"x\",\"retry\":200}\n"),
            (200, "retry after 200\n"),
            (200, ""),
        ],
    );
    http(
        Verdict::Met,
        &[
            (200, "HTTP/2 200 \ncontent-type: text/html\n\n"),
            (200, "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n"),
            (200, "HTTP/1.1 301 Moved\n\nHTTP/2 200\n"),
            (200, "200\n200\n"),
            (200, "200 0.031\n200 0.044\n"),
            (200, "{\"a\":1}200{\"a\":1}200\n"),
            (200, "HTTP request sent, awaiting response... 200 OK\n"),
            (200, "HTTP status: 200\n"),
            (301, "HTTP/1.1 301 Moved Permanently\nLocation: /x\n"),
            (503, "503\n"),
        ],
    );
    http(
        Verdict::NotMet,
        &[
            (200, "HTTP/2 502 \n"),
            (200, "301\n"),
            (200, "000\n"),
            (200, "200\n503\n"),
            (200, "HTTP/1.1 301 Moved\n\n"),
            (200, "HTTP/1.1 200 Connection established\n\nHTTP/2 503\n\n"),
            (301, "HTTP/1.1 301 Moved\n\nHTTP/1.1 200 OK\n"),
        ],
    );
}

#[test]
fn what_stands_deeper_than_it_was_cited_is_for_a_person() {
    let of = |wanted: &str, output: &str| {
        let rule = ExpectRule::JsonSubset(wanted.to_owned());
        judge(&Expectation::new("as planned", rule), output, Some(0)).verdict
    };
    let wanted = "{\"Status\":\"InProgress\"}";
    let answer = "{\"Invalidation\":{\"Status\":\"InProgress\",\"Id\":\"I1\"}}";
    assert_eq!(of(wanted, answer), Verdict::Inconclusive);
    let done = "{\"Invalidation\":{\"Status\":\"Completed\"}}";
    assert_eq!(of(wanted, done), Verdict::NotMet);
}
