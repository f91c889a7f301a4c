//! The home screen: incidents to take up, plans to open, a place to practise. What a newcomer
//! needs is on it in words.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Theme;
use super::lines::{Edge, Lines};
use super::text::{cut, span, with_aside};

/// An incident on the home screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HomeRow {
    /// Its id.
    pub id: String,
    /// The plan's title.
    pub title: String,
    /// `Execute 2/5`, `closed`, `driven by ben`.
    pub state: String,
    /// When it was opened.
    pub when: String,
    /// Something wants a person (a checkpoint is due, an outcome is unknown).
    pub wants: bool,
    /// It is closed.
    pub closed: bool,
}

/// The home screen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HomeModel {
    /// Incidents, newest first.
    pub rows: Vec<HomeRow>,
    /// The selected one; the position behind the last is “practise”.
    pub selected: usize,
    /// Something to say.
    pub said: String,
}

/// Draws the home screen.
pub fn draw(frame: &mut Frame, model: &HomeModel, theme: Theme) {
    let whole = frame.area();
    let [body, hints] = Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(whole);
    let edge = Edge {
        set: theme.border_set(),
        style: theme.border(true),
        title: Line::from(vec![
            Span::raw(" backout"),
            Span::styled(" · rollbacks, one step at a time ", theme.dim()),
        ]),
        aside: Line::default(),
    };
    frame.render_widget(edge, body);
    let inner = Edge::inner(body);
    let inner = Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    };
    let lines = lines(
        model,
        theme,
        usize::from(inner.width),
        usize::from(inner.height),
    );
    frame.render_widget(Lines(lines), inner);
    let hint = if model.said.is_empty() {
        " enter opens   p practises   ↑ ↓ move   q leaves".to_owned()
    } else {
        format!(" {}", model.said)
    };
    let hint = cut(&hint, usize::from(hints.width), theme.dim());
    frame.render_widget(Lines::from(Line::from(hint)), hints);
}

fn lines(model: &HomeModel, theme: Theme, width: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    if model.rows.is_empty() {
        lines.push(Line::styled(
            "No incident yet. Three commands to begin with:",
            theme.head(),
        ));
        lines.push(Line::default());
        for (command, does) in [
            (
                "backout practice",
                "five minutes in a world of its own: safe, real commands",
            ),
            ("backout open ROLLBACK.md", "fly the plan that you have"),
            (
                "backout show ROLLBACK.md",
                "see what backout understands of it; nothing runs",
            ),
        ] {
            let mut line = span(&format!("  {command:<28}"), theme.code());
            line.extend(cut(does, width.saturating_sub(30), Style::new()));
            lines.push(Line::from(line));
        }
        lines.push(Line::default());
    } else {
        lines.push(Line::styled("Incidents", theme.head()));
    }
    let room = height.saturating_sub(lines.len() + 3).max(1);
    let skip = (model.selected + 1)
        .saturating_sub(room)
        .min(model.rows.len().saturating_sub(room));
    for (i, row) in model.rows.iter().enumerate().skip(skip).take(room) {
        lines.push(row_line(model, theme, width, i, row));
    }
    lines.push(Line::default());
    let selected = model.selected >= model.rows.len();
    let style = if selected {
        theme.selected()
    } else {
        Style::new()
    };
    let lead = if selected { theme.cursor() } else { "  " };
    lines.push(Line::from(vec![
        Span::styled(lead, theme.key()),
        Span::styled("Practise: a broken release in a world of its own", style),
    ]));
    lines
}

fn row_line(
    model: &HomeModel,
    theme: Theme,
    width: usize,
    index: usize,
    row: &HomeRow,
) -> Line<'static> {
    let selected = index == model.selected;
    let lead = if selected { theme.cursor() } else { "  " };
    let style = match (row.wants, row.closed) {
        (true, _) => theme.judge(),
        (false, true) => theme.dim(),
        (false, false) => Style::new(),
    };
    let mut line = vec![Span::styled(lead, theme.key())];
    line.extend(span(&row.when, theme.dim()));
    line.push(Span::raw("  "));
    line.extend(span(
        &row.title,
        if selected { theme.head() } else { Style::new() },
    ));
    line.extend(span(&format!("  {}", row.id), theme.dim()));
    with_aside(line, &row.state, width, style)
}
