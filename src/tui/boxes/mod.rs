//! What is open above the cockpit, drawn: run box, questions, menus, texts, help, palette.

mod commit;
mod run;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::app::Model;
use crate::app::layer::{Ask, Layer, LayerKind, Menu, SETTLE_MS};
use crate::app::layers::lists::palette;
use crate::app::purpose::Purpose;
use crate::app::text_input::TextInput;
use crate::app::verbs::TABLE;
use crate::domain::plan::Danger;
use crate::tui::Theme;
use crate::tui::lines::{Edge, Lines};
use crate::tui::text::{cut, headed, with_aside, wrapped};
use run::{accept, run_box, run_box_foot, run_on_body, run_title};

/// Under this many columns a box leaves no margin.
const NARROW: u16 = 100;

/// Draws one layer.
pub(super) fn draw(frame: &mut Frame, model: &Model, theme: Theme, layer: &Layer, whole: Rect) {
    boxed(model, theme, layer, whole).draw(frame, theme, whole);
}

/// What is asked; a field of the log by its own name.
fn question(model: &Model, ask: &Ask) -> String {
    let Purpose::Field(field) = &ask.purpose else {
        return ask.purpose.question();
    };
    let entry = model.log.entries.iter().find(|e| e.field == *field);
    entry.map_or_else(
        || ask.purpose.question(),
        |e| format!("Incident log: {}", e.label),
    )
}

/// How far a layer can be scrolled.
pub(super) fn reach(model: &Model, theme: Theme, layer: &Layer, whole: Rect) -> usize {
    let shown = boxed(model, theme, layer, whole);
    shown.body.len().saturating_sub(shown.room(whole))
}

/// One layer as it is drawn on a screen.
fn boxed(model: &Model, theme: Theme, layer: &Layer, whole: Rect) -> Boxed {
    // On a narrow screen a box takes the whole width: slivers beside it would only be noise.
    let margin = if whole.width < NARROW { 0 } else { 4 };
    let width = usize::from(whole.width.saturating_sub(margin).clamp(24, 100)).saturating_sub(4);
    let settled = model.mono_ms.saturating_sub(layer.since_ms) >= SETTLE_MS;
    let (title, edge, body, foot) = match &layer.kind {
        LayerKind::RunBox { shown, word, .. } => (
            run_title(model, shown),
            danger_edge(shown.danger, theme),
            run_box(model, theme, shown, width),
            run_box_foot(model, theme, shown, word, settled, width),
        ),
        LayerKind::RunOn(run_on) => (
            "Run on".to_owned(),
            theme.border(true),
            run_on_body(model, theme, run_on, width),
            vec![keys(
                theme,
                if run_on.actions.is_empty() {
                    &[("enter", "go to what holds it"), ("esc", "close")]
                } else {
                    &[
                        ("r", "run these"),
                        ("enter", "go to what holds it"),
                        ("esc", "close"),
                    ]
                },
            )],
        ),
        LayerKind::Accept(_) => (
            "This plan can run commands".to_owned(),
            theme.judge(),
            accept(model, theme, width),
            vec![keys(
                theme,
                &[("y", "accept these commands"), ("n", "not now")],
            )],
        ),
        LayerKind::Ask(ask) => (
            question(model, ask),
            theme.border(true),
            ask_body(theme, ask, width),
            vec![ask_keys(theme, ask)],
        ),
        LayerKind::Menu(menu) => (
            menu.title.clone(),
            theme.border(true),
            menu_body(theme, menu, width),
            vec![keys(theme, &[("enter", "choose"), ("esc", "close")])],
        ),
        LayerKind::Commit { attempt, word } => (
            "Commit or roll back?".to_owned(),
            commit_edge(model, *attempt, theme),
            commit::body(model, theme, *attempt, width),
            commit::foot(model, theme, *attempt, word, settled, width),
        ),
        LayerKind::Stop(id) => (
            "Stop what is running?".to_owned(),
            theme.judge(),
            stop_body(model, theme, *id, width),
            vec![keys(
                theme,
                &[
                    ("y", "interrupt (ctrl-c)"),
                    ("t", "terminate"),
                    ("K", "kill"),
                    ("n", "let it run"),
                ],
            )],
        ),
        LayerKind::Text { title, lines, .. } => (
            title.clone(),
            theme.border(true),
            lines
                .iter()
                .flat_map(|l| headed(l, width, Style::new()))
                .map(Line::from)
                .collect(),
            vec![keys(theme, &[("↑ ↓", "scroll"), ("esc", "close")])],
        ),
        LayerKind::Message { title, text, .. } => (
            title.clone(),
            theme.border(true),
            text.lines()
                .flat_map(|l| wrapped(l, width, Style::new()))
                .map(Line::from)
                .collect(),
            vec![keys(
                theme,
                &[("y", "copy and record"), ("e", "edit"), ("esc", "close")],
            )],
        ),
        LayerKind::Log { selected } => (
            format!(
                "Incident log · {} of {}",
                model.log.filled,
                model.log.entries.len()
            ),
            theme.border(true),
            log_body(model, theme, *selected, width),
            vec![keys(
                theme,
                &[
                    ("enter", "write this field"),
                    ("u", "undo"),
                    ("x", "export"),
                    ("esc", "close"),
                ],
            )],
        ),
        LayerKind::Palette { text, selected } => (
            "Find".to_owned(),
            theme.border(true),
            palette_body(model, theme, text, *selected, width),
            vec![keys(
                theme,
                &[("enter", "do it"), ("↑ ↓", "pick"), ("esc", "close")],
            )],
        ),
        LayerKind::Help => (
            "Keys".to_owned(),
            theme.border(true),
            help_body(theme, width),
            vec![keys(theme, &[("↑ ↓", "scroll"), ("esc", "close")])],
        ),
        LayerKind::Pasted(text) => (
            "You pasted something: what is it?".to_owned(),
            theme.border(true),
            text.lines()
                .take(8)
                .map(|l| Line::from(cut(l, width, theme.code())))
                .collect(),
            vec![keys(
                theme,
                &[
                    ("n", "a note"),
                    ("o", "output of the selected action"),
                    ("f", "a log field"),
                    ("esc", "nothing"),
                ],
            )],
        ),
    };
    Boxed {
        title,
        edge,
        foot,
        scroll: layer.scroll,
        keep: keep_of(&layer.kind, body.len()),
        body,
        width,
    }
}

/// The line that must stay in view, where one is selected, of so many.
fn keep_of(kind: &LayerKind, lines: usize) -> Option<usize> {
    match kind {
        LayerKind::Log { selected } => Some(*selected),
        LayerKind::Palette { selected, .. } => Some(*selected + 2),
        LayerKind::Menu(menu) => Some(menu.selected),
        // The options are the last lines, one each.
        LayerKind::Ask(ask) => ask
            .picked
            .map(|p| p + lines.saturating_sub(ask.options.len())),
        _ => None,
    }
}

struct Boxed {
    title: String,
    edge: Style,
    body: Vec<Line<'static>>,
    foot: Vec<Line<'static>>,
    scroll: usize,
    keep: Option<usize>,
    width: usize,
}

impl Boxed {
    /// Lines that its foot takes, with the empty one above it.
    fn foot_lines(&self) -> usize {
        match self.foot.len() {
            0 => 0,
            lines => lines + 1,
        }
    }

    /// Lines that there are for its body.
    fn room(&self, whole: Rect) -> usize {
        let most = usize::from(whole.height.saturating_sub(2));
        most.saturating_sub(self.foot_lines() + 2).max(1)
    }

    fn draw(self, frame: &mut Frame, theme: Theme, whole: Rect) {
        let (foot, width) = (self.foot_lines(), self.width);
        let height = self.body.len().min(self.room(whole));
        let last = self.body.len().saturating_sub(height);
        let scroll = match self.keep {
            Some(line) => (line + 1).saturating_sub(height).min(last),
            None => self.scroll.min(last),
        };
        let more = self.body.len().saturating_sub(scroll + height);
        let mut lines: Vec<Line<'static>> =
            self.body.into_iter().skip(scroll).take(height).collect();
        if more > 0
            && self.keep.is_none()
            && let Some(line) = lines.last_mut()
        {
            *line = Line::styled(format!("… {} more lines (↓)", more + 1), theme.judge());
        }
        if foot > 0 {
            lines.push(Line::default());
            lines.extend(self.foot);
        }
        let total = u16::try_from(lines.len() + 2).unwrap_or(whole.height);
        let box_width = u16::try_from(width + 4)
            .unwrap_or(whole.width)
            .min(whole.width);
        let area = Rect {
            x: whole.x + whole.width.saturating_sub(box_width) / 2,
            y: whole.y + whole.height.saturating_sub(total) / 2,
            width: box_width,
            height: total.min(whole.height),
        };
        frame.render_widget(Clear, area);
        let mut title = vec![Span::raw(" ")];
        title.extend(cut(&self.title, width.saturating_sub(2), theme.head()));
        title.push(Span::raw(" "));
        let edge = Edge {
            set: theme.border_set(),
            style: self.edge,
            title: Line::from(title),
            aside: Line::default(),
        };
        frame.render_widget(edge, area);
        let inner = Edge::inner(area);
        let inner = Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        };
        frame.render_widget(Lines(lines), inner);
    }
}

fn danger_edge(danger: Danger, theme: Theme) -> Style {
    match danger {
        Danger::None => theme.border(true),
        Danger::Changes => theme.judge(),
        Danger::Irreversible => theme.bad(),
    }
}

fn commit_edge(model: &Model, id: crate::domain::ids::AttemptId, theme: Theme) -> Style {
    let danger = model.incident.attempt(id).map(|a| a.intent.danger);
    danger_edge(danger.unwrap_or_default(), theme)
}

/// A line of keys and what they do.
fn keys(theme: Theme, keys: &[(&str, &str)]) -> Line<'static> {
    let mut line = Vec::new();
    for (key, does) in keys {
        line.push(Span::styled((*key).to_owned(), theme.key()));
        line.push(Span::raw(format!(" {does}   ")));
    }
    Line::from(line)
}

/// A name in the left column and its text, wrapped, in the right one.
fn named(theme: Theme, name: &str, text: &str, style: Style, width: usize) -> Vec<Line<'static>> {
    const NAME: usize = 13;
    wrapped(text, width.saturating_sub(NAME), style)
        .into_iter()
        .enumerate()
        .map(|(i, line)| {
            let head = if i == 0 { name } else { "" };
            let mut all = vec![Span::styled(format!("{head:<NAME$}"), theme.dim())];
            all.extend(line);
            Line::from(all)
        })
        .collect()
}

fn ask_body(theme: Theme, ask: &Ask, width: usize) -> Vec<Line<'static>> {
    let (before, behind) = ask.input.parts();
    let mut lines = Vec::new();
    if ask.purpose.is_secret() {
        let stars = "•".repeat(ask.input.text().chars().count());
        lines.push(Line::from(vec![
            Span::raw(stars),
            Span::styled("_", theme.key()),
        ]));
    } else {
        let whole = format!("{before}\u{2588}{behind}");
        for part in whole
            .split('\n')
            .flat_map(|l| wrapped(l, width, theme.head()))
        {
            lines.push(Line::from(part));
        }
    }
    if !ask.hint.is_empty() {
        lines.extend(
            wrapped(&ask.hint, width, theme.judge())
                .into_iter()
                .map(Line::from),
        );
    }
    if ask.waiting.is_some() {
        lines.push(Line::styled("Looking for choices…", theme.dim()));
    }
    if !ask.options.is_empty() {
        lines.push(Line::default());
    }
    for (i, option) in ask.options.iter().enumerate() {
        let picked = ask.picked == Some(i);
        let style = if picked {
            theme.selected()
        } else {
            Style::new()
        };
        let lead = if picked { theme.cursor() } else { "  " };
        let mut line = vec![Span::styled(lead, theme.key())];
        if !ask.purpose.presets().is_empty() && i < 9 {
            line.push(Span::styled(format!("{} ", i + 1), theme.key()));
        }
        line.extend(cut(option, width.saturating_sub(4), style));
        lines.push(Line::from(line));
    }
    lines
}

fn ask_keys(theme: Theme, ask: &Ask) -> Line<'static> {
    let mut offered = vec![("enter", "ok")];
    if !ask.options.is_empty() {
        offered.push(("↑ ↓", "pick"));
    }
    if !ask.purpose.is_secret() {
        offered.push(("ctrl-e", "editor"));
    }
    offered.push(("esc", "leave it"));
    keys(theme, &offered)
}

fn menu_body(theme: Theme, menu: &Menu, width: usize) -> Vec<Line<'static>> {
    menu.items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let style = if i == menu.selected {
                theme.selected()
            } else {
                Style::new()
            };
            let mut line = vec![
                Span::styled(format!(" {} ", item.key), theme.key()),
                Span::raw(" "),
            ];
            line.extend(cut(&item.label, width.saturating_sub(4), style));
            Line::from(line)
        })
        .collect()
}

fn stop_body(
    model: &Model,
    theme: Theme,
    id: crate::domain::ids::AttemptId,
    width: usize,
) -> Vec<Line<'static>> {
    let Some(attempt) = model.incident.attempt(id) else {
        return Vec::new();
    };
    let mut lines: Vec<Line<'static>> = wrapped(&attempt.intent.title, width, theme.head())
        .into_iter()
        .map(Line::from)
        .collect();
    let asked = match attempt.stops {
        0 => "The incident stays open; what it printed is kept.".to_owned(),
        1 => "It was asked to stop once and still runs.".to_owned(),
        n => format!("It was asked to stop {n} times and still runs."),
    };
    lines.push(Line::styled(asked, theme.dim()));
    lines
}

fn log_body(model: &Model, theme: Theme, selected: usize, width: usize) -> Vec<Line<'static>> {
    let label = 30.min(width / 2);
    model
        .log
        .entries
        .iter()
        .enumerate()
        .map(|(i, entry)| {
            let style = if i == selected {
                theme.selected()
            } else {
                Style::new()
            };
            let mut line = cut(&entry.label, label, style);
            let used: usize = line.iter().map(Span::width).sum();
            line.push(Span::styled(
                " ".repeat(label.saturating_sub(used) + 1),
                style,
            ));
            let value = entry.value.lines().next().unwrap_or_default();
            let shown = if value.is_empty() { "·" } else { value };
            line.extend(cut(shown, width.saturating_sub(label + 14), style));
            with_aside(line, source_word(&entry.source), width, theme.dim())
        })
        .collect()
}

fn palette_body(
    model: &Model,
    theme: Theme,
    text: &TextInput,
    selected: usize,
    width: usize,
) -> Vec<Line<'static>> {
    let mut first = vec![Span::styled(": ", theme.key())];
    first.extend(cut(text.text(), width.saturating_sub(3), theme.head()));
    first.push(Span::styled("_", theme.key()));
    let mut lines = vec![Line::from(first), Line::default()];
    for (i, (_, label, aside)) in palette(model, text.text()).into_iter().enumerate() {
        let style = if i == selected {
            theme.selected()
        } else {
            Style::new()
        };
        lines.push(with_aside(
            cut(&label, width.saturating_sub(12), style),
            &aside,
            width,
            theme.dim(),
        ));
    }
    lines
}

fn help_body(theme: Theme, width: usize) -> Vec<Line<'static>> {
    TABLE
        .iter()
        .map(|row| {
            let keys: Vec<String> = row.keys.iter().map(ToString::to_string).collect();
            let mut line = vec![Span::styled(format!("{:<12}", keys.join(" ")), theme.key())];
            line.extend(cut(row.help, width.saturating_sub(13), Style::new()));
            Line::from(line)
        })
        .collect()
}

/// Where the text of a field comes from.
fn source_word(source: &crate::report::log::Source) -> &'static str {
    use crate::report::log::Source;
    match source {
        Source::Operator => "yours",
        Source::Known(_) => "known",
        Source::Running(_) => "running",
        Source::Partial(_) => "in part",
        Source::Blank => "",
    }
}
