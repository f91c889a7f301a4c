//! The other panes: the flight plan, the output, the incident log.

use ratatui::text::{Line, Span};

use super::Theme;
use super::text::{cut, span, with_aside};
use crate::app::rows::{Sign, duration, estimate};
use crate::app::{Model, Pane};
use crate::domain::ids::AttemptId;
use crate::domain::outline::{Entry, EntryState, Stage, Subject};
use crate::report::log::Source;

/// The flight plan, scrolled so that the selected entry is in view.
pub(super) fn plan(model: &Model, theme: Theme, width: usize, height: usize) -> Vec<Line<'static>> {
    let mut all: Vec<Line<'static>> = Vec::new();
    let mut at = 0;
    let mut stage: Option<Stage> = None;
    for (index, entry) in model.outline.iter().enumerate() {
        if stage != Some(entry.stage) {
            stage = Some(entry.stage);
            all.push(Line::styled(
                format!(" {}", entry.stage.name()),
                theme.dim(),
            ));
        }
        if index == model.entry {
            at = all.len();
        }
        all.push(entry_line(model, theme, width, index, entry));
    }
    let offset = (at + 3)
        .saturating_sub(height)
        .min(all.len().saturating_sub(height));
    all.into_iter().skip(offset).take(height).collect()
}

fn entry_line(
    model: &Model,
    theme: Theme,
    width: usize,
    index: usize,
    entry: &Entry,
) -> Line<'static> {
    let (sign, sign_style) = theme.entry_sign(entry.state);
    let selected = index == model.entry;
    let mut style = match entry.state {
        EntryState::Done | EntryState::DoneUnjudged | EntryState::NotApplicable => theme.dim(),
        _ => ratatui::style::Style::new(),
    };
    if matches!(entry.subject, Subject::Procedure(_) | Subject::Beside) {
        style = style.patch(theme.head());
    }
    let mut left = vec![
        Span::raw(" ".repeat(1 + usize::from(entry.depth) * 2)),
        Span::styled(sign, sign_style),
        Span::raw(" "),
    ];
    left.extend(span(&entry.title, style));
    let mut line = with_aside(left, &entry_aside(model, entry), width, theme.dim());
    if selected {
        let style = if model.focus == Pane::Plan {
            theme.selected()
        } else {
            theme.head()
        };
        line = line.patch_style(style);
        if model.focus != Pane::Plan
            && let Some(first) = line.spans.first_mut()
        {
            *first = Span::styled(theme.cursor().trim_end().to_owned(), theme.key());
            let rest = usize::from(entry.depth) * 2;
            line.spans.insert(1, Span::raw(" ".repeat(rest)));
        }
    }
    line
}

fn entry_aside(model: &Model, entry: &Entry) -> String {
    if let Some(due) = entry.due
        && !matches!(entry.state, EntryState::Done | EntryState::Waived)
    {
        let left = due - model.now;
        let ms = u64::try_from(left.num_milliseconds().abs()).unwrap_or(0);
        let sign = if left.num_milliseconds() >= 0 {
            "in "
        } else {
            "over "
        };
        return format!("{sign}{}", duration(ms));
    }
    let (done, all) = entry.progress;
    match (&entry.subject, entry.took_ms) {
        (Subject::Log, _) => {
            format!("{}/{}", model.log.filled, model.log.entries.len())
        }
        (Subject::Step(..), Some(ms)) => duration(ms),
        (Subject::Probe(id), _) => every(model, *id),
        (Subject::Monitor(_), Some(ms)) => format!("beside {}", duration(ms)),
        (Subject::Step(..), None) => entry.estimate.map(estimate).unwrap_or_default(),
        _ if all > 0 => format!("{done}/{all}"),
        _ => String::new(),
    }
}

/// How often a probe is sensed.
fn every(model: &Model, id: AttemptId) -> String {
    let again = model.incident.attempt(id).and_then(|a| a.intent.again_s);
    again.map_or_else(String::new, |s| format!("every {s} s"))
}

/// The title of the output pane.
pub(super) fn output_title(model: &Model) -> (String, String) {
    let view = &model.output;
    let Some(attempt) = view.attempt.and_then(|id| model.incident.attempt(id)) else {
        return ("Output".to_owned(), String::new());
    };
    let mut right = if view.total > 0 {
        lines_of(view.total)
    } else {
        String::new()
    };
    if let Some(found) = found(model) {
        right = found;
    } else if !view.note.is_empty() {
        right.clone_from(&view.note);
    }
    let follow = if view.follows {
        " · follow"
    } else {
        " · f follows"
    };
    if let Some(how) = crate::app::notice::waits(model, attempt.intent.attempt) {
        right = format!("{} · {right}", how.words());
    }
    if model.runs(attempt) {
        right.push_str(follow);
    } else if attempt.is_alive() {
        right.push_str(" · ended, waits for space");
    }
    (
        format!(
            "Output {} › {}",
            attempt.intent.attempt, attempt.intent.title
        ),
        right,
    )
}

/// How many lines of the output are selected, else how a search of it stands.
pub(super) fn found(model: &Model) -> Option<String> {
    let view = &model.output;
    match (&view.selected, &view.search) {
        (Some(selected), _) => Some(format!("{} selected", lines_of(selected.lines))),
        (None, Some(search)) => Some(search.told()),
        (None, None) => None,
    }
}

fn lines_of(total: u64) -> String {
    if total == 1 {
        "1 line".to_owned()
    } else {
        format!("{total} lines")
    }
}

/// The lines of the output that fit, from the end while it follows.
pub(super) fn output(model: &Model, theme: Theme, height: usize) -> Vec<Line<'static>> {
    let view = &model.output;
    if view.attempt.is_none() {
        return vec![Line::styled(" Nothing has run yet.", theme.dim())];
    }
    let ended = view
        .attempt
        .and_then(|id| model.incident.attempt(id))
        .is_some_and(|a| a.ending().is_some());
    if ended && view.total == 0 && view.lines.iter().all(|l| l.width() == 0) {
        return vec![Line::styled(" It printed nothing.", theme.dim())];
    }
    let skip = if view.follows {
        view.lines.len().saturating_sub(height)
    } else {
        0
    };
    let selected = view.selected.as_ref().map(|selected| &selected.rows);
    view.lines
        .iter()
        .enumerate()
        .skip(skip)
        .take(height)
        .map(|(i, line)| match selected {
            Some(rows) if rows.contains(&i) => line.clone().patch_style(theme.selected()),
            _ => line.clone(),
        })
        .collect()
}

/// The incident log, at the field that was filled last unless the operator scrolled.
pub(super) fn log(model: &Model, theme: Theme, width: usize, height: usize) -> Vec<Line<'static>> {
    let entries = &model.log.entries;
    let label_width = entries
        .iter()
        .map(|e| crate::term::width(&e.label))
        .max()
        .unwrap_or(0)
        .min(28);
    let last = model
        .log
        .last_filled
        .as_ref()
        .and_then(|id| entries.iter().position(|e| e.field == *id))
        .unwrap_or(0);
    let at = model.log_scroll.unwrap_or(last);
    let offset = (at + 1)
        .saturating_sub(height.saturating_sub(1))
        .min(entries.len().saturating_sub(height));
    let lines = entries
        .iter()
        .enumerate()
        .skip(offset)
        .take(height)
        .map(|(i, entry)| {
            let mut line = vec![Span::raw(" ")];
            let label = SafeLabel::new(&entry.label, label_width);
            line.extend(cut(&label.0, label_width, theme.dim()));
            line.push(Span::raw(" ".repeat(label.1 + 2)));
            let style = match entry.source {
                Source::Operator => ratatui::style::Style::new(),
                Source::Known(_) => theme.good(),
                Source::Running(_) | Source::Partial(_) => theme.running(),
                Source::Blank => theme.dim(),
            };
            let value = if entry.value.is_empty() {
                theme_blank(theme)
            } else {
                entry.value.clone()
            };
            let room = width.saturating_sub(label_width + 4);
            line.extend(cut(value.lines().next().unwrap_or_default(), room, style));
            let mut line = Line::from(line);
            if model.focus == Pane::Log && model.log_scroll == Some(i) {
                line = line.patch_style(theme.selected());
            }
            line
        });
    lines.collect()
}

fn theme_blank(theme: Theme) -> String {
    if theme.ascii {
        "-".to_owned()
    } else {
        "·".to_owned()
    }
}

/// A label and how many columns are left beside it.
struct SafeLabel(String, usize);

impl SafeLabel {
    fn new(label: &str, width: usize) -> Self {
        let taken = crate::term::SafeText::new(label).truncate(width).width();
        Self(label.to_owned(), width.saturating_sub(taken))
    }
}

/// The sign that an attempt is live, for titles.
pub(super) fn live_sign(model: &Model, theme: Theme) -> Option<Span<'static>> {
    let attempt = model
        .output
        .attempt
        .and_then(|id| model.incident.attempt(id))?;
    attempt.is_alive().then(|| {
        let sign = if model.runs(attempt) {
            Sign::Running
        } else {
            Sign::Judge
        };
        let (sign, style) = theme.sign(sign);
        Span::styled(format!("{sign} "), style)
    })
}
