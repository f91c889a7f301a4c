//! The last line of the screen: what was said, or the keys that matter where the operator is.

use ratatui::style::Color;
use ratatui::text::{Line, Span};

use super::Theme;
use super::text::{cut, with_aside};
use crate::app::notice::{Waits, waits, who_waits};
use crate::app::rows::duration;
use crate::app::verbs::{Verb, row_of};
use crate::app::{Model, Pane};
use crate::domain::incident::Attempt;

/// The last line: what was said, or the keys that matter here.
pub(super) fn hints(model: &Model, theme: Theme, width: usize) -> Line<'static> {
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
        (Pane::Output, _) if model.output.selected.is_some() => {
            vec![Verb::Copy, Verb::Pin, Verb::Save]
        }
        (Pane::Output, _) if model.output.search.as_ref().is_some_and(|s| s.hits > 0) => vec![
            Verb::NextHit,
            Verb::PrevHit,
            Verb::Select,
            Verb::Save,
            Verb::Back,
        ],
        (Pane::Output, _) => vec![
            Verb::FirstError,
            Verb::Search,
            Verb::Follow,
            Verb::Select,
            Verb::Save,
            Verb::Zoom,
        ],
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
