//! What an operator changed in a command, in the plan's own words: where a blank was filled, the
//! blank stands again, so that the change can go back into the runbook.
//!
//! Lines that were left alone are the plan's, letter for letter. Of a changed line only values
//! that stand there by themselves become their blanks again; nothing else is guessed.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A value that a blank was filled with, and the blank as the plan writes it.
pub(super) type Filled = (String, String);

/// The operator's text with the plan's blanks. `planned` is the plan's text, `filled` the same
/// with its blanks filled, `own` what the operator made of it.
pub(super) fn unfilled(planned: &str, filled: &str, own: &str, values: &[Filled]) -> String {
    let (planned, filled) = (lines(planned), lines(filled));
    let own = lines(own);
    let paired = planned.len() == filled.len();
    let mut told = Vec::with_capacity(own.len());
    for op in capture_diff_slices(Algorithm::Myers, &filled, &own) {
        let news = own.get(op.new_range()).unwrap_or_default();
        match op {
            DiffOp::Equal { .. } if paired => {
                let olds = planned.get(op.old_range()).unwrap_or_default();
                told.extend(olds.iter().map(|l| (*l).to_owned()));
            }
            _ => told.extend(news.iter().map(|line| blank_again(line, values))),
        }
    }
    told.join("\n")
}

fn lines(text: &str) -> Vec<&str> {
    text.split('\n').collect()
}

/// The line with each value that stands by itself replaced by its blank.
fn blank_again(line: &str, values: &[Filled]) -> String {
    let mut text = line.to_owned();
    for (value, blank) in values.iter().filter(|(value, _)| value.len() > 1) {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(value.as_str())) {
            let (start, end) = (from + at, from + at + value.len());
            if stands_alone(&text, start, end) {
                text.replace_range(start..end, blank);
                from = start + blank.len();
            } else {
                from = end;
            }
        }
    }
    text
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let after = text.get(end..).and_then(|t| t.chars().next());
    !before.is_some_and(part) && !after.is_some_and(part)
}

#[cfg(test)]
mod tests {
    use super::unfilled;

    #[test]
    fn lines_left_alone_are_the_plans_and_values_in_changed_ones_become_blanks() {
        let planned = "git fetch\ngit checkout <tag>\necho 7";
        let filled = "git fetch\ngit checkout v1.4\necho 7";
        let own = "git fetch --tags\ngit checkout v1.4\ngit status\necho v1.4 and v1.45";
        let values = [("v1.4".to_owned(), "<tag>".to_owned())];
        assert_eq!(
            unfilled(planned, filled, own, &values),
            "git fetch --tags\ngit checkout <tag>\ngit status\necho <tag> and v1.45"
        );
        assert_eq!(unfilled(planned, filled, filled, &values), planned);
    }

    #[test]
    fn a_value_of_one_letter_or_within_a_word_is_left_alone() {
        let values = [
            ("7".to_owned(), "<n>".to_owned()),
            ("api".to_owned(), "<name>".to_owned()),
        ];
        let told = unfilled("x <n>", "x 7", "rollout 7 --to rapid api-7", &values);
        assert_eq!(told, "rollout 7 --to rapid <name>-7");
    }
}
