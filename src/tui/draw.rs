//! The cockpit as a whole: header, panes, hints, and what is open above them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::lines::{Edge, Lines};
use super::text::{cut, span, with_aside, wrapped};
use super::{Theme, boxes, header, panes, work};
use crate::app::notice::{Waits, waits, who_waits};
use crate::app::rows::duration;
use crate::app::verbs::{Verb, row_of};
use crate::app::{Model, Pane};
use crate::domain::event::Mode;
use crate::domain::incident::Attempt;

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

/// The last line: what was said, or the keys that matter here.
fn hints(model: &Model, theme: Theme, width: usize) -> Line<'static> {
    if let Some(attempt) = model.typing {
        let text = if waits(model, attempt) == Some(Waits::Password) {
            " It waits for a password: what you type is neither shown nor kept.  ctrl-] comes back"
        } else {
            " Your keys go to the running action.  ctrl-] comes back"
        };
        return Line::from(cut(text, width, theme.badge(Color::Yellow)));
    }
    if model.writing {
        return Line::from(cut(" Waiting for the disk…", width, theme.judge()));
    }
    if let Some(toast) = &model.toast {
        let style = if toast.bad { theme.bad() } else { theme.head() };
        return Line::from(cut(&format!(" {}", toast.text), width, style));
    }
    if let (Some((id, how)), true) = (who_waits(model), model.layers.is_empty()) {
        let waits = model.incident.attempt(id).and_then(Attempt::awaits);
        let left = waits.map_or_else(String::new, |tally| {
            let left = (tally.until - model.now).num_milliseconds();
            format!(", {} left", duration(u64::try_from(left).unwrap_or(0)))
        });
        let text = format!(" Attempt {id} {}{left}: {}.", how.words(), how.to_do());
        return Line::from(cut(&text, width, theme.badge(Color::Yellow)));
    }
    // A box that is open says its own keys; the cockpit's do not act below it.
    if !model.layers.is_empty() {
        return Line::default();
    }
    let right = if model.preparing { "…" } else { "" };
    let other = named_live(model);
    let named = |row: &crate::app::verbs::Row| match (row.verb, &other) {
        (Verb::Interrupt, Some(title)) => format!("stop {title}"),
        (Verb::Input, Some(_)) => "type there".to_owned(),
        _ => row.name.to_owned(),
    };
    let all: Vec<(String, String)> = hinted(model)
        .into_iter()
        .filter_map(row_of)
        .filter_map(|row| row.keys.first().map(|key| (key.to_string(), named(row))))
        .collect();
    let mut spans = vec![Span::raw(" ")];
    let fit = those_that_fit(all, width.saturating_sub(2 + right.len()));
    for (n, (key, name)) in fit.into_iter().enumerate() {
        if n > 0 {
            spans.push(Span::raw(HINT_GAP));
        }
        spans.push(Span::styled(key, theme.key()));
        spans.push(Span::raw(format!(" {name}")));
    }
    with_aside(spans, right, width, theme.dim())
}

/// What the keys for the running one are for, by name, where that is not what is selected.
fn named_live(model: &Model) -> Option<String> {
    let live = model.live()?;
    let own = match model.selected() {
        crate::app::rows::Target::Action(at) => at == live.intent.action,
        _ => false,
    };
    let title = crate::term::truncate(&live.intent.title, 16).into_owned();
    (!own).then(|| format!("“{title}”…"))
}

/// What stands between two hints.
const HINT_GAP: &str = "   ";

/// Whole hints only; the last one, which is the way to all others, always stays.
fn those_that_fit(mut hints: Vec<(String, String)>, width: usize) -> Vec<(String, String)> {
    let taken = |hints: &[(String, String)]| -> usize {
        let each = hints
            .iter()
            .map(|(key, name)| crate::term::width(key) + 1 + crate::term::width(name));
        each.sum::<usize>() + HINT_GAP.len() * hints.len().saturating_sub(1)
    };
    while hints.len() > 1 && taken(&hints) > width {
        hints.remove(hints.len() - 2);
    }
    hints
}

/// The verbs that matter where the operator is, most useful first.
fn hinted(model: &Model) -> Vec<Verb> {
    use crate::app::rows::Target;
    let running = model.live().is_some();
    let mut verbs = match (model.focus, model.selected()) {
        (Pane::Output, _) => vec![Verb::Search, Verb::Follow, Verb::Select, Verb::Zoom],
        (Pane::Log, _) => vec![Verb::Open, Verb::Log, Verb::Export],
        (Pane::Plan, _) => vec![Verb::Open, Verb::RunOn],
        (Pane::Work, Target::Trigger(_)) => {
            vec![Verb::Tick, Verb::Decide, Verb::Approve, Verb::Undo]
        }
        (Pane::Work, Target::Decision) => vec![Verb::Decide, Verb::Approve],
        (Pane::Work, Target::Approval) => vec![Verb::Approve, Verb::Decide],
        (Pane::Work, Target::Item(_)) => vec![Verb::Tick, Verb::Open, Verb::Mark, Verb::Undo],
        (Pane::Work, Target::Action(at)) => hinted_for(model, &at),
        (Pane::Work, Target::Gate(_)) => vec![Verb::Open, Verb::Mark],
        (Pane::Work, Target::Nothing) => Vec::new(),
        (Pane::Work, _) => vec![Verb::Open],
    };
    if model.is_beside_the_path() {
        verbs.retain(|v| *v != Verb::RunOn);
    }
    if model.running.is_some() {
        verbs.insert(0, Verb::StopAfter);
    }
    if running {
        // What runs is not what is selected: the keys of that come first.
        let other = named_live(model).is_some();
        let at = if other { verbs.len().min(3) } else { 0 };
        verbs.insert(at, Verb::Interrupt);
        verbs.insert(at + 1, Verb::Input);
    }
    verbs.extend([
        Verb::Note,
        Verb::Messages,
        Verb::NextPane,
        Verb::Palette,
        Verb::Help,
    ]);
    verbs
}

/// The verbs for an action: only what is run here can be run on from or changed.
fn hinted_for(model: &Model, at: &crate::domain::ids::ActionRef) -> Vec<Verb> {
    use crate::domain::plan::ActionKind;
    let found = crate::domain::flight::find_action(&model.incident.plan, at);
    match found.map(|(_, action)| action) {
        Some(action) if action.kind == ActionKind::Manual => {
            let blank = !action.parameters.is_empty();
            let edit = blank.then_some(Verb::Edit);
            // What is run elsewhere is taken there.
            let copy = action.is_run_by_hand().then_some(Verb::Copy);
            let own = [Verb::Tick, Verb::Mark].into_iter();
            own.chain(edit).chain(copy).collect()
        }
        Some(action) if matches!(action.kind, ActionKind::Include | ActionKind::Text) => {
            vec![Verb::Open]
        }
        _ => vec![Verb::Open, Verb::RunOn, Verb::Mark, Verb::Edit],
    }
}

#[cfg(test)]
mod tests {
    use super::those_that_fit;

    #[test]
    fn hints_are_whole_and_the_way_to_all_others_stays() {
        let hint = |key: &str, name: &str| (key.to_owned(), name.to_owned());
        let all = vec![hint("d", "decide…"), hint("n", "note"), hint("?", "help")];
        assert_eq!(those_that_fit(all.clone(), 80), all);
        let names = |width| -> Vec<String> {
            let kept = those_that_fit(all.clone(), width);
            kept.into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(names(20), ["decide…", "help"]);
        assert_eq!(names(3), ["help"]);
    }
}
