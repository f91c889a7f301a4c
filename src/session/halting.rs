//! Clients of a database that go on after an error and end with 0 all the same: said before the
//! run, and what they went on after is put to the person.

use crate::domain::judge::{Judgement, Verdict};
use crate::script::shell;

/// The first such client of a text.
pub(super) fn client(code: &str) -> Option<String> {
    let first = shell::goes_on(code).into_iter().next()?;
    Some(first.program)
}

/// What is to be known of such a client before it runs.
pub(super) fn note(code: &str) -> Option<String> {
    let program = client(code)?;
    Some(format!(
        "{program} goes on after an error and ends with 0: an error in its output is put to you"
    ))
}

/// The error that such a client went on after, in the output of a text that ended well.
pub(super) fn went_on(program: &str, output: &str) -> Option<Judgement> {
    let (number, line) = output
        .lines()
        .enumerate()
        .find(|(_, line)| is_error(line.trim_end()))?;
    Some(Judgement {
        verdict: Verdict::Inconclusive,
        because: format!(
            "{program} went on after an error, line {}: “{}”",
            number + 1,
            line.trim()
        ),
    })
}

/// `ERROR:  …`, `psql:undo.sql:3: ERROR:  …`, `ERROR 1146 (42S02) at line 1: …`
fn is_error(line: &str) -> bool {
    let said = |rest: &str| rest.starts_with("ERROR:  ") || rest.starts_with("FATAL:  ");
    let numbered = line.strip_prefix("ERROR ").is_some_and(|rest| {
        rest.split_once(" (")
            .is_some_and(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()))
    });
    let named = line
        .strip_prefix("psql:")
        .and_then(|rest| rest.split_once(": "))
        .is_some_and(|(_, rest)| said(rest));
    said(line) || numbered || named
}

#[cfg(test)]
mod tests {
    use super::{client, note, went_on};
    use crate::domain::judge::Verdict;

    #[test]
    fn an_error_that_a_client_went_on_after_is_put_to_the_person() {
        let fed = "psql orchard <<'EOF'\nUPDATE tres SET n = 1;\nSELECT 1;\nEOF";
        assert!(note(fed).is_some_and(|n| n.starts_with("psql goes on")));
        for error in [
            "ERROR:  relation \"tres\" does not exist",
            "psql:undo.sql:3: ERROR:  relation \"tres\" does not exist",
            "ERROR 1146 (42S02) at line 1: Table 'orchard.tres' doesn't exist",
        ] {
            let output = format!("BEGIN\n{error}\n(1 row)\n");
            let judged = went_on("psql", &output).expect("an error");
            assert_eq!(judged.verdict, Verdict::Inconclusive);
            assert!(judged.because.contains("line 2"), "{}", judged.because);
        }
        assert_eq!(went_on("psql", "UPDATE 3\n note: ERROR:  none\n"), None);
        let stops = "psql -v ON_ERROR_STOP=1 orchard <<'EOF'\nUPDATE tres SET n = 1;\nEOF";
        assert_eq!((note(stops), client(stops)), (None, None));
        assert_eq!(client("cat log"), None);
    }
}
