//! The cockpit as a whole: header, panes, hints, and what is open above them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::hints::hints;
use super::lines::{Edge, Lines};
use super::text::{cut, span, wrapped};
use super::{Theme, boxes, header, panes, work};
use crate::app::{Model, Pane};
use crate::domain::event::Mode;

/// Columns from which the panes stand side by side.
const WIDE: u16 = 100;

/// The least size at which there is something to see.
const LEAST: (u16, u16) = (30, 8);

/// Where everything is.
struct Areas {
    header: Rect,
    plan: Option<Rect>,
    work: Option<Rect>,
    output: Option<Rect>,
    log: Option<Rect>,
    hints: Rect,
}

/// How much there is to make room for in the output pane.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// Nothing has run.
    None,
    /// What ran has ended.
    Ended,
    /// Something runs, or is about to.
    Live,
}

impl Room {
    fn of(model: &Model) -> Self {
        let shown = model.output.attempt;
        match shown.map(|id| model.incident.attempt(id)) {
            None => Self::None,
            Some(Some(attempt)) if attempt.ending().is_some() => Self::Ended,
            Some(_) => Self::Live,
        }
    }
}

/// Rows of the output pane on a narrow screen once what it shows has ended.
const ENDED_ROWS: u16 = 6;

/// Lays the screen out.
fn areas(model: &Model, whole: Rect, room: Room) -> Areas {
    let none = Areas {
        header: whole,
        plan: None,
        work: None,
        output: None,
        log: None,
        hints: whole,
    };
    if model.zoom {
        let mut zoomed = Areas {
            header: Rect::ZERO,
            hints: Rect::ZERO,
            ..none
        };
        let slot = match model.focus {
            Pane::Plan => &mut zoomed.plan,
            Pane::Work => &mut zoomed.work,
            Pane::Output => &mut zoomed.output,
            Pane::Log => &mut zoomed.log,
        };
        *slot = Some(whole);
        return zoomed;
    }
    let [header, body, hints] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Min(1),
        Constraint::Length(1),
    ])
    .areas(whole);
    if whole.width < WIDE {
        let mut areas = Areas {
            header,
            hints,
            ..none
        };
        let split = match room {
            Room::Ended => [Constraint::Min(1), Constraint::Length(ENDED_ROWS)],
            Room::None | Room::Live => [Constraint::Fill(3), Constraint::Fill(2)],
        };
        match model.focus {
            Pane::Plan => areas.plan = Some(body),
            Pane::Log => areas.log = Some(body),
            // Below the work there is room for the tail of the output.
            Pane::Work if body.height >= 16 && room != Room::None => {
                let [work, output] = Layout::vertical(split).areas(body);
                (areas.work, areas.output) = (Some(work), Some(output));
            }
            Pane::Work => areas.work = Some(body),
            Pane::Output => areas.output = Some(body),
        }
        return areas;
    }
    let plan_width = (whole.width * 3 / 10).clamp(30, 56);
    let [plan, right] =
        Layout::horizontal([Constraint::Length(plan_width), Constraint::Min(1)]).areas(body);
    let (work_share, output_share, log_share) = match model.focus {
        Pane::Output => (3, 5, 2),
        Pane::Log => (3, 3, 4),
        Pane::Plan | Pane::Work => (5, 3, 2),
    };
    let shares = if room == Room::None && model.focus != Pane::Output {
        // Nothing has run: the room is the work's.
        [
            Constraint::Fill(1),
            Constraint::Length(0),
            Constraint::Max(right.height / 4),
        ]
    } else {
        [
            Constraint::Fill(work_share),
            Constraint::Fill(output_share),
            Constraint::Fill(log_share),
        ]
    };
    let [work, output, log] = Layout::vertical(shares).areas(right);
    Areas {
        header,
        plan: Some(plan),
        work: Some(work),
        output: (output.height > 0).then_some(output),
        log: Some(log),
        hints,
    }
}

/// Rows and columns inside the output pane, for the terminal of what runs next.
#[must_use]
pub fn output_area(model: &Model, columns: u16, rows: u16) -> (u16, u16) {
    let notices = notice_lines(model, columns, rows).len();
    let rows = rows.saturating_sub(u16::try_from(notices).unwrap_or(0));
    let areas = areas(model, Rect::new(0, 0, columns, rows), Room::Live);
    let frame = if model.zoom { 0 } else { 2 };
    match areas.output {
        Some(area) => (
            area.height.saturating_sub(frame).max(1),
            area.width.saturating_sub(frame).max(1),
        ),
        None => (
            rows.saturating_sub(5).max(1),
            columns.saturating_sub(frame).max(1),
        ),
    }
}

/// Draws the cockpit.
pub fn draw(frame: &mut Frame, model: &Model, theme: Theme) {
    let whole = frame.area();
    if whole.width < LEAST.0 || whole.height < LEAST.1 {
        let text = format!(
            "backout: {}x{} is too small; {}x{} is the least. Nothing is lost.",
            whole.width, whole.height, LEAST.0, LEAST.1
        );
        let lines = crate::term::wrap(&text, usize::from(whole.width.max(1)));
        frame.render_widget(Lines(lines.into_iter().map(Line::from).collect()), whole);
        return;
    }
    // What cannot be written stands above everything, and nothing ever covers it.
    let notices = notices(model, theme, whole.width, whole.height);
    let height = u16::try_from(notices.len()).unwrap_or(0);
    let [top, whole] =
        Layout::vertical([Constraint::Length(height), Constraint::Min(1)]).areas(whole);
    frame.render_widget(Lines(notices), top);
    let areas = areas(model, whole, Room::of(model));
    if !model.zoom {
        let lines = header::lines(model, theme, usize::from(areas.header.width));
        frame.render_widget(Lines(lines), areas.header);
        frame.render_widget(
            Lines::from(hints(model, theme, usize::from(areas.hints.width))),
            areas.hints,
        );
    }
    draw_panes(frame, model, theme, &areas);
    if model.zoom {
        draw_told(frame, model, theme, whole);
    }
    for layer in &model.layers {
        boxes::draw(frame, model, theme, layer, whole);
    }
}

/// How far what is open can be scrolled on a screen of the model's size.
#[must_use]
pub fn reach(model: &Model, theme: Theme) -> usize {
    let (width, height) = model.size;
    let Some(layer) = model.layers.last() else {
        return 0;
    };
    let notices = notices(model, theme, width, height).len();
    let whole = Rect {
        height: height.saturating_sub(u16::try_from(notices).unwrap_or(0)),
        width,
        ..Rect::default()
    };
    boxes::reach(model, theme, layer, whole)
}

/// What cannot be written, in as many lines as a third of the screen has.
fn notices(model: &Model, theme: Theme, width: u16, height: u16) -> Vec<Line<'static>> {
    let style = theme.badge(Color::Red);
    let filled = |mut spans: Vec<Span<'static>>| {
        let taken: usize = spans.iter().map(Span::width).sum();
        let left = usize::from(width).saturating_sub(taken + 1);
        spans.insert(0, Span::raw(" "));
        spans.push(Span::raw(" ".repeat(left)));
        Line::from(spans).style(style)
    };
    let lines = notice_lines(model, width, height);
    lines.into_iter().map(filled).collect()
}

fn notice_lines(model: &Model, width: u16, height: u16) -> Vec<Vec<Span<'static>>> {
    let room = usize::from(width).saturating_sub(2).max(8);
    let texts = crate::app::notice::notices(model);
    let lines = texts
        .iter()
        .flat_map(|text| wrapped(text, room, Style::new()));
    lines.take(usize::from(height / 3).max(1)).collect()
}

/// What a pane without borders has to say stands in its last corner, no wider than it is: what was
/// said, else how a search stands and what is selected.
fn draw_told(frame: &mut Frame, model: &Model, theme: Theme, whole: Rect) {
    let told = match &model.toast {
        Some(toast) => toast.text.clone(),
        None if model.focus == Pane::Output => panes::found(model).unwrap_or_default(),
        None => String::new(),
    };
    if told.is_empty() {
        return;
    }
    let room = usize::from(whole.width).saturating_sub(1);
    let line = Line::from(cut(&format!(" {told} "), room, theme.badge(Color::Yellow)));
    let width = u16::try_from(line.width()).unwrap_or(whole.width);
    let corner = Rect {
        x: whole.right().saturating_sub(width),
        y: whole.bottom().saturating_sub(1),
        width,
        height: 1,
    };
    frame.render_widget(Lines::from(line), corner);
}

fn draw_panes(frame: &mut Frame, model: &Model, theme: Theme, areas: &Areas) {
    if let Some(area) = areas.plan {
        let title = Line::from("Flight plan");
        let inner = pane(frame, model, theme, area, Pane::Plan, title, "");
        let lines = panes::plan(
            model,
            theme,
            usize::from(inner.width),
            usize::from(inner.height),
        );
        frame.render_widget(Lines(lines), inner);
    }
    if let Some(area) = areas.work {
        let title = work_title(model);
        let aside = work_aside(model);
        let room = usize::from(area.width).saturating_sub(crate::term::width(&aside) + 8);
        let inner = pane(
            frame,
            model,
            theme,
            area,
            Pane::Work,
            Line::from(cut(&title, room, Style::new())),
            &aside,
        );
        let lines = work::lines(
            model,
            theme,
            usize::from(inner.width),
            usize::from(inner.height),
        );
        frame.render_widget(Lines(lines), inner);
    }
    if let Some(area) = areas.output {
        let (title, aside) = panes::output_title(model);
        let room = usize::from(area.width).saturating_sub(crate::term::width(&aside) + 8);
        let mut spans: Vec<Span<'static>> = panes::live_sign(model, theme).into_iter().collect();
        spans.extend(cut(&title, room, Style::new()));
        let inner = pane(
            frame,
            model,
            theme,
            area,
            Pane::Output,
            Line::from(spans),
            &aside,
        );
        let lines = panes::output(model, theme, usize::from(inner.height));
        frame.render_widget(Lines(lines), inner);
        if model.typing.is_some()
            && model.layers.is_empty()
            && let Some((row, column)) = model.output.cursor
            && row < inner.height
            && column < inner.width
        {
            frame.set_cursor_position((inner.x + column, inner.y + row));
        }
    }
    if let Some(area) = areas.log {
        let aside = format!("{} of {}", model.log.filled, model.log.entries.len());
        let inner = pane(
            frame,
            model,
            theme,
            area,
            Pane::Log,
            Line::from("Incident log"),
            &aside,
        );
        let lines = panes::log(
            model,
            theme,
            usize::from(inner.width),
            usize::from(inner.height),
        );
        frame.render_widget(Lines(lines), inner);
    }
}

/// What the work pane shows; a step says which of how many it is, and of which procedure.
fn work_title(model: &Model) -> String {
    use crate::domain::outline::Subject;
    let Some(entry) = model.selected_entry() else {
        return String::new();
    };
    let Subject::Step(root, _) = &entry.subject else {
        return entry.title.clone();
    };
    let steps = model
        .outline
        .iter()
        .filter(|e| matches!(&e.subject, Subject::Step(of, _) if of == root));
    let before = model.outline.iter().take(model.entry);
    let number = 1 + before
        .filter(|e| matches!(&e.subject, Subject::Step(of, _) if of == root))
        .count();
    match steps.count() {
        0 | 1 => entry.title.clone(),
        all => format!("Step {number} of {all} › {}", entry.title),
    }
}

fn work_aside(model: &Model) -> String {
    let Some(entry) = model.selected_entry() else {
        return String::new();
    };
    let mut parts = Vec::new();
    if let Some(estimate) = entry.estimate {
        parts.push(format!("est {}", crate::app::rows::estimate(estimate)));
    }
    if let Some(ms) = entry.took_ms {
        parts.push(format!("took {}", crate::app::rows::duration(ms)));
    }
    if entry.progress.1 > 0 {
        parts.push(format!("{}/{}", entry.progress.0, entry.progress.1));
    }
    parts.join(" · ")
}

/// Draws the border of a pane and gives its inside; a zoomed pane has none.
fn pane(
    frame: &mut Frame,
    model: &Model,
    theme: Theme,
    area: Rect,
    which: Pane,
    title: Line<'static>,
    aside: &str,
) -> Rect {
    if model.zoom {
        return area;
    }
    let focused = model.focus == which && model.layers.is_empty();
    let edge = edge(model, theme, focused);
    let aside = match aside {
        "" => Line::default(),
        aside => padded(Line::from(span(aside, theme.dim()))),
    };
    let edge = Edge {
        set: theme.border_set(),
        style: edge,
        title: padded(title),
        aside,
    };
    frame.render_widget(edge, area);
    Edge::inner(area)
}

/// A production incident has a red edge, a drill and practice a blue one.
fn edge(model: &Model, theme: Theme, focused: bool) -> Style {
    let style = theme.border(focused);
    if !theme.colour {
        return style;
    }
    match model.incident.mode {
        Mode::Drill | Mode::Practice if !focused => style.fg(Color::Blue),
        Mode::Real if header::is_production(model) && !focused => style.fg(Color::Red),
        Mode::Real | Mode::Drill | Mode::Practice | Mode::DryRun => style,
    }
}

fn padded(title: Line<'static>) -> Line<'static> {
    let mut spans = vec![Span::raw(" ")];
    spans.extend(title.spans);
    spans.push(Span::raw(" "));
    Line::from(spans)
}
