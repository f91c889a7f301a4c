//! The work pane: the rows of the selected entry, wrapped, with the selected one in view.

use ratatui::text::{Line, Span};

use super::Theme;
use super::text::{code, with_aside, wrapped};
use crate::app::Model;
use crate::app::rows::{Row, Sign, Tone};
use crate::term::SafeText;

/// Lines of code shown below a row before the rest is folded, unless the row is selected.
const FOLDED: usize = 6;

/// The lines of the pane for a width and a height, scrolled so that the selected row is in view.
pub(super) fn lines(
    model: &Model,
    theme: Theme,
    width: usize,
    height: usize,
) -> Vec<Line<'static>> {
    let mut all: Vec<Line<'static>> = Vec::new();
    let (mut first, mut last) = (0, 0);
    for (index, row) in model.rows.iter().enumerate() {
        let selected = index == model.row && row.is_selectable();
        let start = all.len();
        row_lines(row, theme, width, selected, &mut all);
        if selected {
            (first, last) = (start, all.len());
        }
    }
    let offset = offset(all.len(), first, last, height);
    let mut shown: Vec<Line<'static>> = all.iter().skip(offset).take(height).cloned().collect();
    let below = all.len().saturating_sub(offset + height);
    if below > 0
        && let Some(line) = shown.last_mut()
    {
        *line = Line::styled(format!("  … {} more lines", below + 1), theme.dim());
    }
    shown
}

/// The first line to show, so that the selected ones are in view with something before them.
fn offset(all: usize, first: usize, last: usize, height: usize) -> usize {
    if all <= height || last + 1 < height {
        return 0;
    }
    // The whole row if it fits, its beginning otherwise; one line is kept for what follows.
    let fit = (last + 2).saturating_sub(height);
    fit.min(first.saturating_sub(1))
        .min(all.saturating_sub(height))
}

fn row_lines(row: &Row, theme: Theme, width: usize, selected: bool, all: &mut Vec<Line<'static>>) {
    let (sign, sign_style) = theme.sign(row.sign);
    let indent = 2 + usize::from(row.depth) * 2;
    let cursor = if selected { theme.cursor() } else { "  " };
    let mut lead = vec![
        Span::styled(cursor, theme.key()),
        Span::raw(" ".repeat(indent - 2)),
    ];
    let sign_width = SafeText::new(sign).width();
    if sign_width > 0 {
        lead.push(Span::styled(sign, sign_style));
        lead.push(Span::raw(" "));
    }
    let hang = indent + if sign_width > 0 { sign_width + 1 } else { 0 };
    let aside_width = SafeText::new(&row.aside).width().min(width / 2);
    let room = width.saturating_sub(hang + if aside_width > 0 { aside_width + 2 } else { 1 });
    let style = match (selected, row.is_selectable(), row.sign) {
        (false, true, Sign::OffPath) => theme.dim(),
        (false, false, Sign::None) if row.aside.is_empty() => theme.dim(),
        (true, _, _) | (false, false, _) => theme.head(),
        (false, true, _) => ratatui::style::Style::new(),
    };
    for (i, line) in wrapped(&row.text, room, style).into_iter().enumerate() {
        if i == 0 {
            let mut left = std::mem::take(&mut lead);
            left.extend(line);
            all.push(with_aside(
                left,
                &row.aside,
                width.saturating_sub(1),
                theme.dim(),
            ));
        } else {
            all.push(indented(hang, line));
        }
    }
    below(row, theme, width, hang, selected, all);
}

fn below(
    row: &Row,
    theme: Theme,
    width: usize,
    hang: usize,
    selected: bool,
    all: &mut Vec<Line<'static>>,
) {
    // What is done is one line, unless the cursor is on it.
    let done = matches!(
        row.sign,
        Sign::Done | Sign::Ran | Sign::Sensed | Sign::Ticked | Sign::OffPath
    );
    if done && !selected && row.is_selectable() {
        return;
    }
    let of_code = row
        .below
        .iter()
        .filter(|(tone, _)| *tone == Tone::Code)
        .count();
    let mut shown = 0;
    for (tone, text) in &row.below {
        if *tone == Tone::Code {
            shown += 1;
            if !selected && of_code > FOLDED && shown >= FOLDED {
                if shown == FOLDED {
                    let rest = format!("… {} more lines of it", of_code - FOLDED + 1);
                    all.push(indented(hang, vec![Span::styled(rest, theme.dim())]));
                }
                continue;
            }
        }
        let room = width.saturating_sub(hang + 1);
        let style = theme.tone(*tone);
        let lines = match tone {
            Tone::Code => code(text, room.max(8), style),
            _ => wrapped(text, room.max(8), style),
        };
        all.extend(lines.into_iter().map(|line| indented(hang, line)));
    }
}

fn indented(by: usize, line: Vec<Span<'static>>) -> Line<'static> {
    let mut spans = vec![Span::raw(" ".repeat(by))];
    spans.extend(line);
    Line::from(spans)
}
