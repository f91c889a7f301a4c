//! Lines that are cut and wrapped already, one to a row, and the edge around them: what the drawing
//! library's paragraph and block show, without asking of every character whether the next one
//! belongs to it or what it meets. Most of a screen cannot be in doubt, and a frame is what a key
//! waits for.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::symbols::border::Set;
use ratatui::text::Line;
use ratatui::widgets::Widget;

/// Lines from the top of an area down; what is too long or too many for it is left out.
pub(super) struct Lines(pub(super) Vec<Line<'static>>);

impl From<Line<'static>> for Lines {
    fn from(line: Line<'static>) -> Self {
        Self(vec![line])
    }
}

impl Widget for Lines {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        for (y, line) in (area.top()..area.bottom()).zip(&self.0) {
            put_line(buf, (area.left(), y), area.right(), line);
        }
    }
}

/// A line around an area, with a title at the left of its top and another at the right, which
/// keeps its place where there is no room for both.
pub(super) struct Edge {
    pub(super) set: Set<'static>,
    pub(super) style: Style,
    pub(super) title: Line<'static>,
    pub(super) aside: Line<'static>,
}

impl Edge {
    /// What is inside of it.
    pub(super) fn inner(area: Rect) -> Rect {
        area.inner(Margin::new(1, 1))
    }
}

impl Widget for Edge {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (left, top) = (area.left(), area.top());
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        let mut set = |x, y, symbol| {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_symbol(symbol).set_style(self.style);
            }
        };
        for x in left + 1..right {
            set(x, top, self.set.horizontal_top);
            set(x, bottom, self.set.horizontal_bottom);
        }
        for y in top + 1..bottom {
            set(left, y, self.set.vertical_left);
            set(right, y, self.set.vertical_right);
        }
        set(left, top, self.set.top_left);
        set(right, top, self.set.top_right);
        set(left, bottom, self.set.bottom_left);
        set(right, bottom, self.set.bottom_right);
        let aside = u16::try_from(self.aside.width()).unwrap_or(u16::MAX);
        let aside_at = right.saturating_sub(aside).max(left + 1);
        put_line(buf, (aside_at, top), right, &self.aside);
        put_line(buf, (left + 1, top), aside_at, &self.title);
    }
}

/// Puts a line into the cells from a place on, as far as there is room before a column.
fn put_line(buf: &mut Buffer, at: (u16, u16), end: u16, line: &Line<'_>) {
    let (mut x, y) = at;
    for span in &line.spans {
        let style = line.style.patch(span.style);
        match put(buf, (x, y), end, &span.content, style) {
            Some(behind) => x = behind,
            None => break,
        }
    }
}

/// Puts a text into the cells from a place on; the column behind it, none where it did not fit.
fn put(buf: &mut Buffer, at: (u16, u16), end: u16, text: &str, style: Style) -> Option<u16> {
    let (mut x, y) = at;
    if !text.chars().all(stands_alone) {
        let room = usize::from(end.saturating_sub(x));
        let fits = crate::term::width(text) <= room;
        let (behind, _) = buf.set_stringn(x, y, text, room, style);
        return fits.then_some(behind);
    }
    for c in text.chars() {
        if x >= end {
            return None;
        }
        buf.cell_mut((x, y))?.set_char(c).set_style(style);
        x += 1;
    }
    Some(x)
}

/// Whether a character takes one column and joins with nothing, whatever of these is beside it.
fn stands_alone(c: char) -> bool {
    matches!(c,
        ' '..='~' | '·' | '×' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ſ' | '–' | '—' | '“' | '”' | '…'
        | '›' | '←'..='↓' | '─'..='▟')
}

#[cfg(test)]
mod tests {
    use super::{Edge, Lines};
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};
    use ratatui::symbols::border;
    use ratatui::text::{Line, Span};
    use ratatui::widgets::{Block, Borders, Paragraph, Widget};

    /// Text of the kinds that a plan has, and of those that are hard to cut.
    fn text() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "[ -~]{0,12}",
            "[ -~·›…→–─│└]{0,9}",
            "[äöüßéÀſ×]{0,5}",
            "[日本語ロールバック]{0,5}",
            Just("e\u{301}".to_owned()),
            Just("👩\u{200d}🚀".to_owned()),
            Just("⚠\u{fe0f} ✔ ❌".to_owned()),
            "\\PC{0,6}",
        ];
        prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
    }

    fn style() -> impl Strategy<Value = Style> {
        prop_oneof![
            Just(Style::new()),
            Just(Style::new().fg(Color::Red)),
            Just(Style::new().bold().bg(Color::Blue)),
        ]
    }

    fn line(text: impl Strategy<Value = String>) -> impl Strategy<Value = Line<'static>> {
        let spans = prop::collection::vec((text, style()), 0..4);
        (style(), spans).prop_map(|(style, spans)| {
            let spans = spans
                .into_iter()
                .map(|(text, style)| Span::styled(text, style));
            Line::from(spans.collect::<Vec<Span<'static>>>()).style(style)
        })
    }

    fn drawn(widget: impl Widget, width: u16, height: u16) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 64, 8));
        widget.render(Rect::new(3, 1, width, height), &mut buffer);
        buffer
    }

    proptest! {
        #[test]
        fn lines_look_as_a_paragraph_of_them_does(
            lines in prop::collection::vec(line(text()), 0..6),
            width in 2_u16..40,
            height in 0_u16..6,
        ) {
            let ours = drawn(Lines(lines.clone()), width, height);
            prop_assert_eq!(ours, drawn(Paragraph::new(lines), width, height));
        }

        #[test]
        fn what_stands_at_the_right_of_an_edge_is_whole_where_there_is_room(
            title in line("[ -~·›…é日本]{0,20}"),
            aside in "[a-z]{1,12}",
            width in 2_u16..40,
        ) {
            let edge = Edge {
                set: border::PLAIN,
                style: Style::new(),
                title,
                aside: Line::from(aside.clone()),
            };
            let drawn = drawn(edge, width, 3);
            let cells = (4..3 + width - 1).filter_map(|x| drawn.cell((x, 1)));
            let top: String = cells.map(ratatui::buffer::Cell::symbol).collect();
            let room = usize::from(width - 2);
            prop_assert!(top.ends_with(&aside[..aside.len().min(room)]), "{top:?}");
        }

        #[test]
        fn an_edge_looks_as_a_block_does(
            title in line("[ -~·›…é日本]{0,3}"),
            aside in "[ -~]{0,12}",
            more in 0..3_usize,
            height in 2_u16..6,
            style in style(),
        ) {
            let width = u16::try_from(2 + title.width() + aside.len() + more)?;
            let aside = Line::from(aside);
            let block = Block::new()
                .borders(Borders::ALL)
                .border_set(border::PLAIN)
                .border_style(style)
                .title(title.clone())
                .title(aside.clone().right_aligned());
            let set = border::PLAIN;
            let edge = Edge { set, style, title, aside };
            let area = Rect::new(3, 1, width, height);
            prop_assert_eq!(Edge::inner(area).area(), block.inner(area).area());
            prop_assert_eq!(drawn(edge, width, height), drawn(block, width, height));
        }
    }
}
