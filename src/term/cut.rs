//! Cutting and wrapping by columns.
//!
//! Nothing is cut off silently: a cut text ends in `…`. Wrapping never splits a character that
//! is drawn as one, breaks at spaces where it can, and keeps every visible character.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use super::width::width;

/// What stands at the end of a cut text.
pub const ELLIPSIS: &str = "…";

/// Cuts a text to a number of columns.
#[must_use]
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    match cut_at(text, columns) {
        None => Cow::Borrowed(text),
        Some(_) if columns == 0 => Cow::Borrowed(""),
        Some(at) => {
            let kept = text.get(..at).unwrap_or_default();
            Cow::Owned(format!("{kept}{ELLIPSIS}"))
        }
    }
}

/// Breaks a text into lines of at most that many columns, its own line breaks kept.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let ranges = wrap_ranges(line, columns);
        lines.extend(
            ranges
                .into_iter()
                .filter_map(|r| line.get(r))
                .map(str::to_owned),
        );
    }
    lines
}

/// The byte at which a text is to be cut so that an ellipsis still fits; none where it all fits.
pub(super) fn cut_at(text: &str, columns: usize) -> Option<usize> {
    if width(text) <= columns {
        return None;
    }
    let room = columns.saturating_sub(1);
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > room {
            return Some(at);
        }
    }
    Some(text.len())
}

/// Where the lines of a wrapped text are; a text without width gives one empty line. A character
/// that is wider than the whole line gets a line of its own.
pub(super) fn wrap_ranges(text: &str, columns: usize) -> Vec<Range<usize>> {
    ranges(text, columns, columns, false)
}

/// The same for a command: it is broken at its blanks alone, where it has any (`--force` in two
/// lines would read as `-- force`), and the lines after the first are that much shorter.
pub(super) fn wrap_code_ranges(text: &str, columns: usize, hang: usize) -> Vec<Range<usize>> {
    ranges(text, columns, columns.saturating_sub(hang), true)
}

fn ranges(text: &str, first: usize, rest: usize, code: bool) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut line = Line::at(0);
    line.code = code;
    for (at, grapheme) in text.grapheme_indices(true) {
        let wide = width(grapheme);
        let blank = grapheme.chars().all(char::is_whitespace);
        loop {
            let columns = if lines.is_empty() { first } else { rest }.max(1);
            if line.used + wide <= columns || blank || at <= line.start {
                break;
            }
            let broken = line.break_before(at, text);
            if !broken.is_empty() {
                lines.push(broken);
            }
        }
        line.take(at, grapheme, wide, blank);
    }
    let end = line.start + text.get(line.start..).unwrap_or_default().trim_end().len();
    if end > line.start || lines.is_empty() {
        lines.push(line.start..end.max(line.start));
    }
    lines
}

/// A line under construction.
struct Line {
    /// Its first byte.
    start: usize,
    /// Columns so far.
    used: usize,
    /// The last place where it may be broken: the byte after it, and the columns up to there.
    may_break: Option<(usize, usize)>,
    /// It is a command's: only blanks may break it, and not those that it begins with.
    code: bool,
    /// Whether something else than a blank stands in it.
    begun: bool,
}

impl Line {
    fn at(start: usize) -> Self {
        Self {
            start,
            used: 0,
            may_break: None,
            code: false,
            begun: false,
        }
    }

    /// Ends the line before byte `at`, or at the last place where it may be broken, and goes on
    /// with the rest.
    fn break_before(&mut self, at: usize, text: &str) -> Range<usize> {
        let (end, columns) = match self.may_break {
            Some((end, columns)) if end > self.start => (end, columns),
            Some(_) | None => (at, self.used),
        };
        let full = text.get(self.start..end).unwrap_or_default();
        let range = self.start..self.start + full.trim_end().len();
        *self = Self {
            start: end,
            used: self.used.saturating_sub(columns),
            may_break: None,
            code: self.code,
            begun: end < at,
        };
        range
    }

    fn take(&mut self, at: usize, grapheme: &str, wide: usize, blank: bool) {
        self.used += wide;
        self.begun |= !blank;
        // A wide character is one of a script that breaks anywhere.
        let breaks = if self.code {
            blank && self.begun
        } else {
            blank || wide > 1 || matches!(grapheme, "-" | "/" | "," | "|" | "&")
        };
        if breaks {
            self.may_break = Some((at + grapheme.len(), self.used));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{truncate, width, wrap};

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(truncate("rollback", 8), "rollback");
        assert_eq!(truncate("rollback", 5), "roll…");
        assert_eq!(truncate("界界界", 4), "界…");
        assert_eq!(truncate("a", 0), "");
        assert_eq!(truncate("ab", 1), "…");
    }

    #[test]
    fn wrapping_breaks_at_spaces_and_loses_nothing() {
        assert_eq!(
            wrap("stop the worker now", 8),
            ["stop the", "worker", "now"]
        );
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("界界界", 4), ["界界", "界"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("a\n\nb", 4), ["a", "", "b"]);
        assert_eq!(wrap("a🌞b", 2), ["a", "🌞", "b"]);
        assert_eq!(wrap("🌞", 1), ["🌞"]);
    }

    #[test]
    fn a_command_is_broken_at_its_blanks_and_its_words_stay_whole() {
        let code = |text: &str, columns, hang| -> Vec<String> {
            let ranges = super::wrap_code_ranges(text, columns, hang);
            ranges.into_iter().map(|r| text[r].to_owned()).collect()
        };
        assert_eq!(
            code("kubectl scale web --replicas=0 --wait", 22, 4),
            ["kubectl scale web", "--replicas=0", "--wait"]
        );
        assert_eq!(
            code("run aaaa-bbbb/cccc-dd", 10, 2),
            ["run", "aaaa-bbb", "b/cccc-d", "d"]
        );
        assert_eq!(code("    indented word", 10, 2), ["    indent", "ed word"]);
    }

    #[test]
    fn indentation_stays() {
        assert_eq!(wrap("  --flag value", 10), ["  --flag", "value"]);
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_wider_than_asked(text in "\\PC{0,60}", columns in 2usize..30) {
            let lines = wrap(&text, columns);
            for line in &lines {
                let one = unicode_segmentation::UnicodeSegmentation::graphemes(line.as_str(), true).count() <= 1;
                proptest::prop_assert!(width(line) <= columns || one, "{line:?}");
            }
            let seen = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            proptest::prop_assert_eq!(seen(&lines.concat()), seen(&text));
        }

        #[test]
        fn a_cut_text_fits(text in "\\PC{0,60}", columns in 0usize..30) {
            proptest::prop_assert!(width(&truncate(&text, columns)) <= columns);
        }
    }
}
