//! Tables to be filled in: a column of empty cells beside one that says what goes there.

use super::blocks::{Block, Grid};
use super::inline::plain;
use super::outline::Section;
use super::people;
use super::words::{Role, slug};
use crate::domain::ids::FieldId;
use crate::domain::plan::{Field, FieldChoice};

/// Whether a table is a form: beside what is asked, a column that is blank in every row.
#[must_use]
pub fn is_form(section: &Section, grid: &Grid) -> bool {
    let people = people::is_people(grid)
        || matches!(
            section.role,
            Some(Role::Approval | Role::Triage | Role::Objectives | Role::Contents)
        );
    let blank = |at: usize| {
        grid.rows
            .iter()
            .all(|r| r.cells.get(at).is_none_or(|c| is_blank(c)))
    };
    let asked = grid
        .rows
        .iter()
        .filter(|r| r.cells.first().is_some_and(|c| !is_blank(c)))
        .count();
    !people && asked >= 2 && (1..grid.columns.len()).any(blank)
}

/// Nothing, a rule, or words to choose from.
fn is_blank(cell: &str) -> bool {
    let text = plain(cell);
    let text = text.trim_matches([' ', '-', '—', '…', '.', '_']);
    text.is_empty() || !choices(text).is_empty()
}

fn choices(text: &str) -> Vec<FieldChoice> {
    let inner = text
        .trim()
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .filter(|t| t.contains('/'));
    let parts = inner.into_iter().flat_map(|t| t.split('/'));
    parts
        .map(|p| FieldChoice {
            text: p.trim().to_owned(),
            tick_at: None,
        })
        .collect()
}

/// The blanks of a table in `text`, which is the table as it is written.
#[must_use]
pub fn fields(id: &str, text: &str, block: &Block, grid: &Grid) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    let mut start = 0;
    for (line, number) in text.split('\n').zip(block.span.first..) {
        if let Some(row) = grid.rows.iter().find(|r| r.line == number) {
            let label = row.cells.first().map(|c| plain(c)).unwrap_or_default();
            for (at, (from, to)) in cells(line).into_iter().enumerate().skip(1) {
                let cell = line.get(from..to).unwrap_or_default();
                if label.is_empty() || !is_blank(cell) {
                    continue;
                }
                let column = grid.columns.get(at).map(|c| plain(c)).unwrap_or_default();
                let label = match grid.columns.len() {
                    0..=2 => label.clone(),
                    _ => format!("{label}: {column}"),
                };
                let n = found.iter().filter(|f| f.label == label).count() + 1;
                found.push(Field {
                    id: FieldId::new(format!("{id}//{}/{n}", slug(&label))),
                    section: String::new(),
                    label,
                    blank: (start + from, start + to),
                    choices: choices(cell),
                    line: number,
                });
            }
        }
        start += line.len() + 1;
    }
    found
}

/// Where the cells of a row begin and end, the spaces around them apart.
fn cells(line: &str) -> Vec<(usize, usize)> {
    let mut bars: Vec<usize> = Vec::new();
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '|' && before != '\\' {
            bars.push(at);
        }
        before = c;
    }
    if !line.trim_start().starts_with('|') {
        bars.insert(0, 0);
    }
    let inner = |(from, to): (usize, usize)| {
        let from = if line.get(from..=from) == Some("|") {
            from + 1
        } else {
            from
        };
        let cell = line.get(from..to).unwrap_or_default();
        let lead = cell.len() - cell.trim_start().len();
        if lead == cell.len() {
            // An empty cell keeps a space on both sides of what is filled in.
            let at = from + usize::from(lead > 0);
            return (at, at.max((from + lead).saturating_sub(1)));
        }
        (from + lead, from + lead + cell.trim().len())
    };
    bars.windows(2)
        .filter_map(|w| Some(inner((*w.first()?, *w.get(1)?))))
        .collect()
}
