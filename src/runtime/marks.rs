//! Marking words in lines that are drawn.

use std::ops::Range;

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Where words stand in a text.
#[must_use]
pub fn found(text: &str, words: &str) -> Vec<Range<usize>> {
    let any_case = !words.chars().any(char::is_uppercase);
    // Lower case may change the length of a text; then it is searched as it is.
    let low = text.to_lowercase();
    let hay = if any_case && low.len() == text.len() {
        &low
    } else {
        text
    };
    let hits = hay.match_indices(words);
    hits.map(|(at, found)| at..at + found.len()).collect()
}

/// Reverses the words that are searched for, whatever colours are in their middle.
pub fn highlight(line: &mut Line<'static>, words: &str) {
    let hits = found(&line.to_string(), words);
    if hits.is_empty() {
        return;
    }
    let mut spans = Vec::with_capacity(line.spans.len() + hits.len());
    let mut begin = 0;
    for span in line.spans.drain(..) {
        let end = begin + span.content.len();
        let (mut at, mut push) = (begin, |from: usize, to: usize, hit: bool| {
            let part = span.content.get(from - begin..to - begin);
            let Some(part) = part.filter(|part| !part.is_empty()) else {
                return;
            };
            let mut style = span.style;
            if hit {
                style = style.add_modifier(Modifier::REVERSED);
            }
            spans.push(Span::styled(part.to_owned(), style));
        });
        for hit in hits.iter().filter(|hit| hit.start < end && hit.end > begin) {
            let (from, to) = (hit.start.max(begin), hit.end.min(end));
            push(at, from, false);
            push(from, to, true);
            at = to;
        }
        push(at, end, false);
        begin = end;
    }
    line.spans = spans;
}

#[cfg(test)]
mod tests {
    use super::highlight;
    use ratatui::style::{Modifier, Stylize as _};
    use ratatui::text::{Line, Span};

    #[test]
    fn words_are_marked_across_their_colours() {
        let plain = |text: &str| Span::raw(text.to_owned());
        let mut line = Line::from(vec![plain("a nee"), "dle".to_owned().red(), plain(" b")]);
        highlight(&mut line, "needle");
        let marked = |s: &&Span<'_>| s.style.add_modifier.contains(Modifier::REVERSED);
        let parts: Vec<&str> = line.spans.iter().map(|s| s.content.as_ref()).collect();
        assert_eq!(parts, ["a ", "nee", "dle", " b"]);
        assert_eq!(line.spans.iter().filter(marked).count(), 2);
        assert_eq!(line.spans[2].style.fg, Some(ratatui::style::Color::Red));
    }

    #[test]
    fn the_words_are_marked_and_nothing_else() {
        let mut line = Line::from("An Error, and another error");
        highlight(&mut line, "error");
        let marked: Vec<&str> = line
            .spans
            .iter()
            .filter(|s| s.style.add_modifier.contains(Modifier::REVERSED))
            .map(|s| s.content.as_ref())
            .collect();
        assert_eq!(marked, ["Error", "error"]);
        let text: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
        assert_eq!(text, "An Error, and another error");
    }
}
