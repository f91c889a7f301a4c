//! The question before a COMMIT: what would become final, where, and what happens otherwise.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{keys, named};
use crate::app::Model;
use crate::app::rows::duration;
use crate::app::text_input::TextInput;
use crate::domain::ids::AttemptId;
use crate::domain::plan::Danger;
use crate::domain::transaction::{Conduct, Terms, rows_words};
use crate::tui::Theme;
use crate::tui::text::{cut, span, wrapped};

/// Tables that are named before the rest is counted.
const NAMED: usize = 10;

/// So little time left is pointed out.
const SOON_MS: u64 = 60_000;

pub(super) fn body(model: &Model, theme: Theme, id: AttemptId, width: usize) -> Vec<Line<'static>> {
    let Some(attempt) = model.incident.attempt(id) else {
        return Vec::new();
    };
    let Some(tally) = attempt.wait.as_ref().map(|w| &w.tally) else {
        return Vec::new();
    };
    let mut lines: Vec<Line<'static>> = wrapped(&tally.headline(), width, theme.head())
        .into_iter()
        .map(Line::from)
        .collect();
    lines.push(Line::default());
    if tally.statements.len() > 1 {
        for (at, done) in tally.statements.iter().enumerate() {
            let rows = done.rows.map(|n| format!(": {}", rows_words(n)));
            let text = format!(
                "line {}  {}{}",
                done.line,
                done.verb,
                rows.unwrap_or_default()
            );
            let name = if at == 0 { "Done" } else { "" };
            lines.extend(named(theme, name, &text, Style::new(), width));
        }
    }
    for (at, table) in tally.tables.iter().take(NAMED).enumerate() {
        let text = format!("{}: {}", table.table, table.words());
        let name = if at == 0 { "Changed" } else { "" };
        lines.extend(named(theme, name, &text, Style::new(), width));
    }
    if tally.tables.len() > NAMED {
        let text = format!("and {} more tables", tally.tables.len() - NAMED);
        lines.extend(named(theme, "", &text, Style::new(), width));
    }
    let place = match attempt.intent.environment.as_str() {
        "" => tally.place.clone(),
        environment => format!("{} · {environment}", tally.place),
    };
    lines.extend(named(theme, "Where", &place, theme.head(), width));
    if let Some(why) = model.incident.unexpected(attempt) {
        lines.extend(named(theme, "But", &why, theme.bad(), width));
    }
    let (effect, style) = match attempt.intent.danger {
        Danger::Irreversible => ("once committed it CANNOT BE UNDONE", theme.bad()),
        Danger::None | Danger::Changes => ("nothing is final before the commit", theme.judge()),
    };
    lines.extend(named(theme, "Effect", effect, style, width));
    let terms = attempt.intent.terms.as_ref();
    if let Some(what) = terms.and_then(|t| t.at_once.as_ref()) {
        let text = format!("{what} took effect at once and stays, whatever is decided");
        lines.extend(named(theme, "Done", &text, theme.judge(), width));
    }
    let left = (tally.until - model.now).num_milliseconds();
    let left = u64::try_from(left).unwrap_or(0);
    let (locked, style) = match tally.shut_words() {
        Some(shut) => (shut, theme.judge()),
        None => ("the rows it changed stay locked".to_owned(), Style::new()),
    };
    lines.extend(named(theme, "Meanwhile", &locked, style, width));
    let text = format!(
        "{} left to decide: at {} UTC it is rolled back",
        duration(left),
        tally.until.format("%H:%M:%S")
    );
    let style = if left < SOON_MS {
        theme.judge()
    } else {
        Style::new()
    };
    lines.extend(named(theme, "Time", &text, style, width));
    lines
}

pub(super) fn foot(
    model: &Model,
    theme: Theme,
    id: AttemptId,
    word: &TextInput,
    settled: bool,
    width: usize,
) -> Vec<Line<'static>> {
    let attempt = model.incident.attempt(id);
    let due = attempt.and_then(|a| model.incident.word_for_commit(a));
    let Some(due) = due else {
        if !settled {
            return vec![Line::styled("Look at it…", theme.dim())];
        }
        let offered = [("c", "commit"), ("b", "roll back"), ("esc", "decide later")];
        return vec![keys(theme, &offered)];
    };
    let mut line = vec![Span::raw("To commit, type ")];
    line.extend(span(&due, theme.bad()));
    line.push(Span::raw(" and enter: "));
    line.extend(cut(word.text(), width / 3, theme.head()));
    line.push(Span::styled("_", theme.key()));
    let foot = if settled {
        let offered = [
            ("enter", "commit"),
            ("ctrl-c", "roll back"),
            ("esc", "decide later"),
        ];
        keys(theme, &offered)
    } else {
        Line::styled("Look at it…", theme.dim())
    };
    vec![Line::from(line), foot]
}

/// The terms of a block of SQL, in its run box.
pub(super) fn terms(theme: Theme, terms: &Terms, width: usize) -> Vec<Line<'static>> {
    const DECIDE: &str = "it waits with the count of its rows, and you commit or roll back";
    let (text, style) = match &terms.conduct {
        Conduct::ReadOnly => ("the server holds it to reading".to_owned(), theme.good()),
        Conduct::Held => (format!("before its COMMIT {DECIDE}"), Style::new()),
        Conduct::HeldOwn(Some(line)) => (
            format!("before its own COMMIT (line {line}) {DECIDE}"),
            Style::new(),
        ),
        Conduct::HeldOwn(None) => (
            format!("it leaves its transaction open: at its end {DECIDE}"),
            Style::new(),
        ),
        Conduct::AsWritten(why) => (
            format!("each statement is final when it is done: {why}"),
            theme.judge(),
        ),
    };
    let mut lines = named(theme, "Transaction", &text, style, width);
    if terms.waits() {
        let wait = duration(terms.patience_s.saturating_mul(1000));
        let text = format!(
            "what it locks stays locked while you decide, {wait} at most; then it is rolled back"
        );
        lines.extend(named(theme, "", &text, Style::new(), width));
    }
    if let Some(what) = &terms.at_once {
        let text = format!("{what} takes effect at once and is not taken back");
        lines.extend(named(theme, "But", &text, theme.judge(), width));
    }
    if let Some(most) = terms.max_affected.filter(|_| terms.waits()) {
        let text = format!(
            "{} at most (max_affected): with more it rolls back by itself",
            rows_words(most)
        );
        lines.extend(named(theme, "Rows", &text, Style::new(), width));
    }
    let limits = [
        ("a statement may take", terms.statement_timeout_s),
        ("and wait for a lock", terms.lock_timeout_s),
    ];
    let limits: Vec<String> = limits
        .iter()
        .filter_map(|(what, s)| Some(format!("{what} {} s", (*s)?)))
        .collect();
    if !limits.is_empty() {
        let text = limits.join(", ");
        let text = text
            .strip_prefix("and ")
            .map_or(text.clone(), |t| format!("a statement may {t}"));
        lines.extend(named(theme, "Limits", &text, Style::new(), width));
    }
    lines
}
