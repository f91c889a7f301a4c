//! Where in the text something stands: line, column and width of the words that a finding is
//! about. What cannot be found is said of the whole line; nothing here judges.

use crate::domain::plan::Span;

/// A piece of one line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters; 0 for an empty line.
    pub width: u32,
}

/// The text of a runbook by lines.
pub struct Source<'a> {
    lines: Vec<&'a str>,
}

impl<'a> Source<'a> {
    /// Of the text that the plan was read from.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            lines: text.lines().collect(),
        }
    }

    /// One line, from 1.
    #[must_use]
    pub fn line(&self, number: u32) -> &'a str {
        let index = number.max(1) as usize - 1;
        self.lines.get(index).copied().unwrap_or_default()
    }

    /// All lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &'a str)> {
        (1..).zip(self.lines.iter().copied())
    }

    /// What stands on a line, without the space around it.
    #[must_use]
    pub fn whole(&self, number: u32) -> Place {
        let line = self.line(number);
        let start = line.len() - line.trim_start().len();
        self.bytes(number, start, line.trim_end().len())
    }

    /// Some bytes of a line.
    #[must_use]
    pub fn bytes(&self, number: u32, from: usize, to: usize) -> Place {
        let line = self.line(number);
        let count = |text: Option<&str>| {
            u32::try_from(text.unwrap_or_default().chars().count()).unwrap_or(u32::MAX)
        };
        Place {
            line: number.max(1),
            column: count(line.get(..from)).saturating_add(1),
            width: count(line.get(from..to)),
        }
    }

    /// The first place of a text of one line within some lines.
    #[must_use]
    pub fn find(&self, span: Span, text: &str) -> Option<Place> {
        let text = text.trim();
        let (first, last) = (span.first.max(1), span.last.max(span.first));
        if text.is_empty() {
            return None;
        }
        let from = (first as usize - 1).min(self.lines.len());
        let to = (last as usize).min(self.lines.len()).max(from);
        let lines = self.lines.get(from..to).unwrap_or_default();
        (first..).zip(lines).find_map(|(number, line)| {
            let at = memchr::memmem::find(line.as_bytes(), text.as_bytes())?;
            Some(self.bytes(number, at, at + text.len()))
        })
    }

    /// As [`Source::find`], of a whole word, in a comment only where it is nowhere else.
    #[must_use]
    pub fn find_word(&self, span: Span, word: &str) -> Option<Place> {
        let code = self.find_word_in(span, word, false);
        code.or_else(|| self.find_word_in(span, word, true))
    }

    fn find_word_in(&self, span: Span, word: &str, comments: bool) -> Option<Place> {
        let inside = |c: char| c.is_alphanumeric() || "_-./".contains(c);
        (span.first..=span.last).find_map(|number| {
            let line = self.line(number);
            let hit = line.match_indices(word).find(|(at, _)| {
                let before = line.get(..*at).and_then(|t| t.chars().next_back());
                let after = line.get(at + word.len()..).and_then(|t| t.chars().next());
                !before.is_some_and(inside) && !after.is_some_and(inside)
            });
            let (at, _) = hit.filter(|_| comments || !line.trim_start().starts_with('#'))?;
            Some(self.bytes(number, at, at + word.len()))
        })
    }

    /// As [`Source::find`]; where it is not there, the first line of the span.
    #[must_use]
    pub fn locate(&self, span: Span, text: &str) -> Place {
        let first = text.lines().find(|l| !l.trim().is_empty());
        first
            .and_then(|line| self.find(span, line))
            .unwrap_or_else(|| self.whole(span.first))
    }

    /// The heading or lead-in with that title, at a line or not far above it.
    #[must_use]
    pub fn heading(&self, number: u32, title: &str) -> Place {
        let named = |line: &u32| !title.is_empty() && self.line(*line).contains(title);
        let above = (number.saturating_sub(40).max(1)..=number)
            .rev()
            .find(named);
        self.said(above.unwrap_or(number))
    }

    /// The heading, item or row that begins on a line, without its marks.
    #[must_use]
    pub fn said(&self, number: u32) -> Place {
        let line = self.line(number);
        let marks = |c: char| c.is_whitespace() || "#*-+>|`_:".contains(c);
        let start = line.len() - line.trim_start_matches(marks).len();
        let end = line.trim_end_matches(marks).len();
        if start < end {
            self.bytes(number, start, end)
        } else {
            self.whole(number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters() {
        let source = Source::new("# Plän\n  größer rm -rf x  \n\n### **Step**");
        let span = Span { first: 1, last: 3 };
        let place = |line, column, width| Place {
            line,
            column,
            width,
        };
        assert_eq!(source.find(span, "rm -rf x"), Some(place(2, 10, 8)));
        assert_eq!(source.whole(2), place(2, 3, 15));
        assert_eq!(source.whole(3), place(3, 1, 0));
        assert_eq!(source.said(4), place(4, 7, 4));
        assert_eq!(source.locate(span, "nowhere"), source.whole(1));
        assert_eq!(source.whole(99), place(99, 1, 0));
    }
}
