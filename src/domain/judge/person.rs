//! Words that a plan states without quotes: for a person, unless the output says them and nothing in
//! it takes them back.

use super::words::{
    NOT, WHETHER, contains, data_lines, folded, is_bad, is_bad_word, listed, places, says_so,
    tokens,
};
use super::{Judgement, Verdict, met, nothing, quote};

/// Words for a person, unless a line of the output is those very words.
pub(super) fn for_person(text: &str, output: &str) -> Judgement {
    let wanted = text.trim();
    // A name that is followed by its value is no answer: `error count` in `error count: 500`.
    let words = folded(wanted);
    let several = tokens(&words).nth(1).is_some();
    let doubtful = |word: &str| listed(NOT, word) || is_bad_word(word) || listed(WHETHER, word);
    let is_said = |line: &str| {
        let line = folded(line).replace("nothing to commit, ", "");
        // Nothing but an end, or words that go on without a number or a value.
        let goes_on = |after: &str| {
            let word = after.strip_prefix(' ').and_then(|rest| rest.chars().next());
            after.is_empty()
                || after.starts_with(['.', '!', ',', ';', ')'])
                || word.is_some_and(|c| c.is_alphabetic() || c == '(')
        };
        let plain = |(before, after): (&str, &str)| !tokens(before).any(doubtful) && goes_on(after);
        places(&line, &words).any(plain) && says_so(&line, &words) && !is_bad(&line, &words)
    };
    // What another line says against it counts here too.
    let judged = several.then(|| contains(wanted, output).verdict);
    let is_clear = judged == Some(Verdict::Met);
    let own = |line: &str| line.trim() == wanted && judged != Some(Verdict::Inconclusive);
    let mut said = data_lines(output).filter(|line| own(line) || is_clear && is_said(line));
    let whole = || {
        wanted
            .lines()
            .map(str::trim_end)
            .eq(output.trim().lines().map(str::trim_end))
    };
    match said.next() {
        Some(line) if !wanted.is_empty() => met(quote(line)),
        None if !wanted.is_empty() && (whole() || nothing::same_table(wanted, output)) => {
            met("it shows just what the plan shows")
        }
        Some(_) | None => Judgement {
            verdict: Verdict::ForPerson,
            because: format!("expected: {text}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Verdict, judge};
    use crate::domain::plan::{ExpectRule, Expectation};

    #[test]
    fn words_without_quotes_are_met_where_they_are_said_and_nothing_denies_them() {
        let of = |text: &str, output: &str| {
            judge(&Expectation::new(text, ExpectRule::Person), output, Some(0)).verdict
        };
        for (text, output) in [
            (
                "active (running)",
                "   Active: active (running) since Mon\n  Process: 12 (code=exited, status=0/SUCCESS)\n",
            ),
            (
                "successfully rolled out",
                "Waiting for rollout: 0 of 3 updated replicas\ndeployment \"shop\" successfully rolled out\n",
            ),
            (
                "Apply complete",
                "Apply complete! Resources: 0 added, 1 changed.\n",
            ),
            (
                "working tree clean",
                "nothing to commit, working tree clean\n",
            ),
            ("Already up to date", "Already up to date.\n"),
            (
                "Server started",
                "Nov 22 14:03:12 web1 node[4121]: Server started on port 3000\n",
            ),
        ] {
            assert_eq!(of(text, output), Verdict::Met, "{text} in {output}");
        }
        for (text, output) in [
            ("backup.dump: OK", "backup.dump: OK\nuploads.tar: FAILED\n"),
            (
                "Migration complete",
                "Migration complete\nError: relation orders does not exist\n",
            ),
            (
                "Server started",
                "Waiting until the Server started by hand\n",
            ),
            ("Apply complete", "not yet: Apply complete\n"),
            ("error count", "error count: 500\n"),
        ] {
            assert_eq!(of(text, output), Verdict::ForPerson, "{text} in {output}");
        }
    }
}
