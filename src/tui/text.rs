//! From text to what a widget may show: the only way foreign text reaches the screen.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::term::SafeText;

/// A foreign text in one line.
pub(super) fn span(text: &str, style: Style) -> Vec<Span<'static>> {
    spans(&SafeText::new(text), style)
}

/// A scrubbed text as spans over a base style; what could not be shown as itself stands out.
pub(super) fn spans(text: &SafeText, base: Style) -> Vec<Span<'static>> {
    text.pieces()
        .iter()
        .map(|piece| {
            let mut style = base;
            if piece.look().mark {
                style = style.add_modifier(Modifier::REVERSED);
            }
            Span::styled(piece.text().to_owned(), style)
        })
        .collect()
}

/// A foreign text wrapped to a width.
pub(super) fn wrapped(text: &str, width: usize, style: Style) -> Vec<Vec<Span<'static>>> {
    let mut lines = Vec::new();
    for line in SafeText::lines(text) {
        for part in line.wrap(width.max(4)) {
            lines.push(spans(&part, style));
        }
    }
    lines
}

/// Columns by which the lines that a command goes on in are set in.
const GOES_ON: usize = 4;

/// Widest head that a line's other lines are set in behind.
const HEAD: usize = 16;

/// The lines of a command, whole: where one is too long it goes on in lines that are set in, so
/// that none of them reads as a command of its own.
pub(super) fn code(text: &str, width: usize, style: Style) -> Vec<Vec<Span<'static>>> {
    let own = |line: &str| line.len() - line.trim_start_matches(' ').len();
    set_in(text, width, style, |line| own(line) + GOES_ON)
}

/// A foreign text wrapped to a width, with what a line goes on in below its text and not below the
/// head that stands in front of it: `Running       attempt 0003 …`.
pub(super) fn headed(text: &str, width: usize, style: Style) -> Vec<Vec<Span<'static>>> {
    set_in(text, width, style, head)
}

/// The columns up to the text behind a head, which two blanks or more keep apart.
fn head(line: &str) -> usize {
    let own = line.len() - line.trim_start_matches(' ').len();
    let gap = line.get(own..).and_then(|rest| rest.find("  "));
    let behind = gap.and_then(|gap| {
        let rest = line.get(own + gap..)?;
        Some(own + gap + rest.len() - rest.trim_start_matches(' ').len())
    });
    let columns = behind.and_then(|at| Some(line.get(..at)?.chars().count()));
    columns.filter(|at| *at <= HEAD).unwrap_or(own)
}

fn set_in(
    text: &str,
    width: usize,
    style: Style,
    hang: impl Fn(&str) -> usize,
) -> Vec<Vec<Span<'static>>> {
    let mut lines = Vec::new();
    for line in SafeText::lines(text.trim_end_matches('\n')) {
        let hang = hang(&line.plain()).min(width / 2);
        for (n, part) in line.wrap_code(width.max(8), hang).into_iter().enumerate() {
            let mut spans_of = Vec::new();
            if n > 0 {
                spans_of.push(Span::raw(" ".repeat(hang)));
            }
            spans_of.extend(spans(&part, style));
            lines.push(spans_of);
        }
    }
    lines
}

/// A foreign text cut to a width, with `…` where it was cut.
pub(super) fn cut(text: &str, width: usize, style: Style) -> Vec<Span<'static>> {
    spans(&SafeText::new(text).truncate(width), style)
}

/// A line with something at its right edge; the left part gives way.
pub(super) fn with_aside(
    left: Vec<Span<'static>>,
    aside: &str,
    width: usize,
    aside_style: Style,
) -> Line<'static> {
    with_long_aside(left, aside, width / 2, width, aside_style)
}

/// As [`with_aside`], where the right part may take up to `most` columns.
pub(super) fn with_long_aside(
    left: Vec<Span<'static>>,
    aside: &str,
    most: usize,
    width: usize,
    aside_style: Style,
) -> Line<'static> {
    let aside = SafeText::new(aside).truncate(most);
    let edge = if aside.is_empty() {
        0
    } else {
        aside.width() + 1
    };
    let room = width.saturating_sub(edge);
    let mut used = 0;
    let mut line: Vec<Span<'static>> = Vec::new();
    for span in left {
        let span_width = span.width();
        if used + span_width <= room {
            used += span_width;
            line.push(span);
            continue;
        }
        let rest = SafeText::new(&span.content).truncate(room.saturating_sub(used));
        used += rest.width();
        line.extend(spans(&rest, span.style));
        break;
    }
    if !aside.is_empty() {
        let gap = width.saturating_sub(used + aside.width());
        line.push(Span::raw(" ".repeat(gap)));
        line.extend(spans(&aside, aside_style));
    }
    Line::from(line)
}

#[cfg(test)]
mod tests {
    use super::{head, headed};
    use ratatui::style::Style;

    #[test]
    fn a_line_goes_on_below_its_text() {
        for (line, at) in [
            ("Running       attempt 3", 14),
            ("              and more", 14),
            ("no head here", 0),
            ("", 0),
            ("a very long head that is none  x", 0),
            ("größe  weit", 7),
        ] {
            assert_eq!(head(line), at, "{line}");
        }
        let lines = headed("Next          one two three", 22, Style::new());
        let texts: Vec<String> = lines
            .iter()
            .map(|spans| spans.iter().map(|s| s.content.as_ref()).collect())
            .collect();
        assert_eq!(
            texts,
            ["Next          one two", "           three"],
            "not more than half of the width is given to it"
        );
        assert_eq!(headed("", 22, Style::new()).len(), 1);
    }
}
