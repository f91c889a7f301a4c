//! What is left of a verdict by what the command could show at all.
//!
//! A plain `curl` prints no status, so one that is read was in the body; and nothing behind a pipe is
//! what a command in front of it that has failed prints too.

use crate::domain::event::Ending;
use crate::domain::judge::{Judgement, Verdict, is_redirected};
use crate::domain::plan::{ExpectRule, Expectation};
use crate::script::shell::{self, StatusShown};

/// A judgement in the light of the text that ran and how it ended.
pub(super) fn weighed(
    expect: &Expectation,
    judged: Judgement,
    output: &str,
    code: &str,
    ending: &Ending,
) -> Judgement {
    if judged.verdict != Verdict::Met {
        return judged;
    }
    let why = match &expect.rule {
        ExpectRule::HttpStatus(_) => match shell::status_shown(code) {
            StatusShown::Never => Some("curl prints no status as it is called here".to_owned()),
            StatusShown::Apart if is_redirected(output) => {
                Some("an earlier answer sends it elsewhere, and curl did not go there".to_owned())
            }
            _ => None,
        },
        ExpectRule::Exactly(text) if !text.trim().is_empty() => None,
        ExpectRule::Exactly(_)
        | ExpectRule::Number(..)
        | ExpectRule::Rows(..)
        | ExpectRule::Absent(_)
        | ExpectRule::Exit(_) => {
            let none = |c: char| c.is_whitespace() || c == '0';
            shell::unheard(code, &ending.stages, output.chars().all(none))
        }
        _ => None,
    };
    let Some(why) = why else {
        return judged;
    };
    let seen = if output.trim().is_empty() {
        "it printed nothing".to_owned()
    } else {
        judged.because
    };
    Judgement {
        verdict: Verdict::Inconclusive,
        because: format!("{seen}, but {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judge::judge;
    use crate::domain::plan::Compare;

    fn of(rule: ExpectRule, code: &str, output: &str, stages: &[i32]) -> Verdict {
        let text = "as planned".to_owned();
        let expect = Expectation {
            text,
            rule,
            partly: false,
        };
        let ending = Ending {
            exit: Some(0),
            stages: stages.to_vec(),
            ..Ending::default()
        };
        let judged = judge(&expect, output, ending.exit);
        weighed(&expect, judged, output, code, &ending).verdict
    }

    #[test]
    fn a_status_is_of_an_answer_and_not_of_a_body() {
        let ok = |code: &str, output: &str| of(ExpectRule::HttpStatus(200), code, output, &[]);
        let moved = "HTTP/1.1 302 Found\n\nHTTP/1.1 200 OK\n";
        assert_eq!(ok("curl -s http://h", "200\n"), Verdict::Inconclusive);
        assert_eq!(
            ok("curl -s http://h", "status: 200\n"),
            Verdict::Inconclusive
        );
        assert_eq!(ok("curl -sI http://h", "HTTP/2 200 \n"), Verdict::Met);
        assert_eq!(ok("curl -sw '%{http_code}' http://h", "200"), Verdict::Met);
        assert_eq!(ok("curl -sIL http://h", moved), Verdict::Met);
        let two = "for i in 1 2; do curl -sI http://h/$i; done";
        assert_eq!(ok(two, moved), Verdict::Inconclusive);
        assert_eq!(ok("./probe.sh", "200\n"), Verdict::Met);
    }

    #[test]
    fn nothing_is_no_answer_where_what_should_give_one_failed() {
        let empty = || ExpectRule::Exactly(String::new());
        let zero = || ExpectRule::Number(Compare::Equal, 0);
        let keys = "redis-cli keys 'sess:*' | wc -l";
        assert_eq!(of(zero(), keys, "0\n", &[1, 0]), Verdict::Inconclusive);
        assert_eq!(of(zero(), keys, "0\n", &[0, 0]), Verdict::Met);
        assert_eq!(of(zero(), keys, "7\n", &[1, 0]), Verdict::NotMet);
        let errors = "curl -s http://h/x | jq -r .errors";
        assert_eq!(of(empty(), errors, "", &[7, 0]), Verdict::Inconclusive);
        assert_eq!(of(empty(), errors, "", &[]), Verdict::Inconclusive);
        assert_eq!(of(empty(), errors, "", &[0, 0]), Verdict::Met);
    }
}
