//! Answers into a text with blanks. Whatever is not a blank stays as it is, byte for byte; a
//! blank without an answer stays too.

/// An answer to one blank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// These bytes are replaced by this text.
    Replace((usize, usize), String),
    /// An `x` goes over this byte.
    Tick(usize),
}

impl Answer {
    fn range(&self) -> (usize, usize) {
        match self {
            Self::Replace(range, _) => *range,
            Self::Tick(at) => (*at, at + 1),
        }
    }
}

/// The text with the answers in place. An answer whose place is not in the text, or is already
/// taken, is added at the end rather than lost.
pub(crate) fn fill(text: &str, mut answers: Vec<Answer>) -> String {
    answers.sort_by_key(Answer::range);
    let mut filled = String::with_capacity(text.len() + 256);
    let mut homeless = Vec::new();
    let mut done = 0;
    for answer in answers {
        let (from, to) = answer.range();
        let before = (from >= done && to >= from)
            .then(|| text.get(done..from))
            .flatten();
        let (Some(before), Some(blank)) = (before, text.get(from..to)) else {
            homeless.push(answer);
            continue;
        };
        filled.push_str(before);
        match answer {
            Answer::Tick(_) => filled.push('x'),
            Answer::Replace(_, value) => {
                let line = line_before(text, from);
                if blank.is_empty() && !line.is_empty() && !line.ends_with(char::is_whitespace) {
                    filled.push(' ');
                }
                filled.push_str(&laid(&value, line));
            }
        }
        done = to;
    }
    filled.push_str(text.get(done..).unwrap_or_default());
    for answer in homeless {
        if let Answer::Replace(_, value) = answer {
            filled.push('\n');
            filled.push_str(&value);
        }
    }
    filled
}

fn line_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default()
}

/// An answer of several lines: its further lines stand under the first, in from the label; in a
/// table, which has only one line, they are joined.
fn laid(value: &str, line: &str) -> String {
    let value = value.trim_end().replace("\r\n", "\n");
    if !value.contains('\n') {
        return value;
    }
    if line.trim_start().starts_with('|') {
        let parts: Vec<&str> = value
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        return parts.join("; ");
    }
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    let marker = line.trim_start().starts_with(['-', '*', '+']);
    let pad = " ".repeat(indent + if marker { 4 } else { 2 });
    let mut lines = value.lines();
    let mut laid = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        laid.push('\n');
        if !line.trim().is_empty() {
            laid.push_str(&pad);
            laid.push_str(line);
        }
    }
    laid
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_takes_the_place_of_its_blank_and_nothing_else() {
        let text = "Who: ____\nHow: [ ] a  [ ] b\nEnd:\n";
        let answers = vec![
            Answer::Replace((5, 9), "ana\nben".to_owned()),
            Answer::Tick(23),
            Answer::Replace((32, 32), "now".to_owned()),
        ];
        let filled = fill(text, answers);
        assert_eq!(filled, "Who: ana\n  ben\nHow: [ ] a  [x] b\nEnd: now\n");
    }

    #[test]
    fn a_place_that_is_not_there_loses_no_answer() {
        let answers = vec![
            Answer::Replace((1, 2), "kept".to_owned()),
            Answer::Replace((90, 99), "late".to_owned()),
        ];
        assert_eq!(fill("äb", answers), "äb\nkept\nlate");
    }

    proptest! {
        #[test]
        fn no_text_and_no_place_can_break_it(text in "[a-zä_\\[\\] \n|-]{0,60}", places in proptest::collection::vec((0usize..80, 0usize..80), 0..6)) {
            let answers = places.iter().map(|(a, b)| Answer::Replace((*a, *b), "x".to_owned())).collect();
            let filled = fill(&text, answers);
            prop_assert!(filled.len() >= places.len().min(filled.len()));
            prop_assert_eq!(fill(&text, Vec::new()), text);
        }
    }
}
