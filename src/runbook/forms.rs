//! Tables to be filled in: a column of empty cells beside one that says what goes there.

use super::blocks::{Block, Grid};
use super::inline::plain;
use super::outline::Section;
use super::people;
use super::words::{Role, each, slug};
use crate::domain::ids::FieldId;
use crate::domain::plan::{Field, FieldChoice};

/// What heads the column of what is asked, and of what is to be written.
const FIELD: &[&str] = &[
    "field|item|detail|property|campo|dato|datos|feld|champ|élément|поле|字段|项目|項目|항목|pole|alan",
];
const VALUE: &[&str] = &[
    "value|answer|information|info|entry|details|to fill in|valor|información|informação|wert|angabe|valeur",
    "réponse|информация|значение|内容|值|値|記入|記入欄|값|내용|wartość|değer",
];

/// Whether a table is a form: beside what is asked, a column that is blank in every row; or in
/// some, where the heads of the columns say that values are to be written there.
#[must_use]
pub fn is_form(section: &Section, grid: &Grid) -> bool {
    let people = people::is_people(grid)
        || matches!(
            section.role,
            Some(Role::Approval | Role::Triage | Role::Objectives | Role::Contents)
        );
    let blanks = |at: usize| {
        let rows = grid.rows.iter();
        rows.filter(|r| r.cells.get(at).is_none_or(|c| is_blank(c)))
            .count()
    };
    let asked = grid
        .rows
        .iter()
        .filter(|r| r.cells.first().is_some_and(|c| !is_blank(c)))
        .count();
    let rows = grid.rows.len();
    let enough = |at: usize| blanks(at) == rows || (is_headed(grid, at) && blanks(at) > 0);
    !people && asked >= 2 && (1..grid.columns.len()).any(enough)
}

/// `Field | Value`, and nothing else.
fn is_headed(grid: &Grid, at: usize) -> bool {
    let head = |at: usize| grid.columns.get(at).map(|c| plain(c).to_lowercase());
    let says =
        |head: Option<String>, words: &[&str]| head.is_some_and(|h| each(words).any(|w| w == h));
    grid.columns.len() == 2 && at == 1 && says(head(0), FIELD) && says(head(1), VALUE)
}

/// Nothing, a rule, words that ask to be written over, or words to choose from.
fn is_blank(cell: &str) -> bool {
    let text = plain(cell);
    let text = text.trim_matches([' ', '-', '—', '…', '.', '_']);
    text.is_empty() || text == "TBD" || is_bracket(text) || !choices(text).is_empty()
}

/// `[FILL IN]`: nothing but words in brackets.
fn is_bracket(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    inner.is_some_and(|t| !t.contains(['[', ']']) && t.contains(char::is_alphabetic))
}

/// `[ ] this [ ] that`: boxes to tick, in a cell that begins at `start`.
fn boxes(cell: &str, start: usize) -> Option<Vec<FieldChoice>> {
    const BOX: &str = "[ ]";
    let found: Vec<FieldChoice> = cell
        .match_indices(BOX)
        .map(|(at, mark)| {
            let rest = cell.get(at + mark.len()..).unwrap_or_default();
            FieldChoice {
                text: plain(rest.split(BOX).next().unwrap_or_default()),
                tick_at: Some(start + at + 1),
            }
        })
        .collect();
    let named = found.iter().all(|c| !c.text.is_empty());
    (cell.starts_with(BOX) && found.len() > 1 && named).then_some(found)
}

fn choices(text: &str) -> Vec<FieldChoice> {
    if let Some(boxes) = boxes(text, 0) {
        return boxes;
    }
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
                    choices: boxes(cell, start + from).unwrap_or_else(|| choices(cell)),
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
