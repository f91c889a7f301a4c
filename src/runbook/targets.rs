//! Figures with a value that they should have.
//!
//! Tables of metrics are claimed; a line to confirm that holds a figure and a comparison is a
//! target as well, and stays an item of its checklist.

use super::blocks::Grid;
use super::inline::{lead, plain};
use super::reading::Reading;
use super::time;
use super::words::{Role, says_any};
use crate::domain::plan::{Span, Target};
use regex::Regex;
use std::sync::LazyLock;

static COMPARED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?P<target>(?:<=?|>=?|≤|≥|≈|(?i-u:under|below|above|at least|at most|less than|more than|fewer than))(?i-u:\s*\d[\d.,]*\s*(?:%|ms\b|s\b|sec\w*|min\w*|hours?|req/s|rps|gb|mb|kb|x\b)?)|(?-u:\d[\d.,]*\s*%))").ok()
});

/// Reads the targets of a plan.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        if matches!(
            section.role,
            Some(
                Role::Triage | Role::Contents | Role::Approval | Role::Contacts | Role::Objectives
            )
        ) {
            continue;
        }
        for block in &section.blocks {
            if let Some(grid) = block.grid() {
                from_table(reading, grid);
            }
            let confirms = matches!(section.role, Some(Role::Success | Role::Metrics))
                || reading
                    .outline
                    .above(index)
                    .any(|a| reading.section(a).role == Some(Role::Success));
            let own = section.own_role == Some(Role::Success);
            if let Some(list) = block.list() {
                for entry in &list.items {
                    let marked = entry.text.starts_with(['✅', '✔', '✓']);
                    if (marked && (confirms || section.role == Some(Role::Verify)))
                        || (own && entry.task.is_none())
                    {
                        from_line(reading, &plain(&entry.text), &entry.text, entry.span);
                    }
                }
            }
        }
    }
}

const METRIC: &[&str] = &[
    "metric|indicator|kpi|measure|check|métrica|indicador|kennzahl|métrique|指标",
    "指標|지표|метрик|wskaźnik|service|parameter",
];
const TARGET: &[&str] = &[
    "target|threshold|goal|expected|acceptable|normal|baseline|objetivo|meta",
    "umbral|ziel|schwelle|cible|seuil|目标|阈值|目標|しきい値|목표|임계|цель|порог|cel",
];
const HOW: &[&str] = &[
    "how|check|source|tool|command|where|monitor|cómo|como|wie|comment|方法|如何|方法",
    "방법|как|jak",
];

/// Targets from a table that is said to hold them: by its columns' names, else by their order.
pub fn declared(reading: &mut Reading<'_>, grid: &Grid) {
    let (metric, target, how) = columns(grid);
    let (metric, target, how) = match (metric, target) {
        (Some(_), Some(_)) => (metric, target, how),
        _ => (Some(0), Some(1), Some(2)),
    };
    rows(reading, grid, metric, target, how);
}

fn from_table(reading: &mut Reading<'_>, grid: &Grid) {
    let (metric, target, how) = columns(grid);
    if metric.is_some() && target.is_some() {
        rows(reading, grid, metric, target, how);
    }
}

/// The columns of metric, target and how to look.
fn columns(grid: &Grid) -> (Option<usize>, Option<usize>, Option<usize>) {
    let find = |words: &'static [&'static str], not: &[Option<usize>]| {
        grid.columns
            .iter()
            .enumerate()
            .position(|(at, c)| !not.contains(&Some(at)) && says_any(&plain(c), words))
    };
    let metric = find(METRIC, &[]);
    let target = find(TARGET, &[metric]);
    let how = find(HOW, &[metric, target]);
    (metric, target, how)
}

fn rows(
    reading: &mut Reading<'_>,
    grid: &Grid,
    metric: Option<usize>,
    target: Option<usize>,
    how: Option<usize>,
) {
    for row in &grid.rows {
        let cell = |at: Option<usize>| {
            at.and_then(|a| row.cells.get(a))
                .map(|c| plain(c))
                .unwrap_or_default()
        };
        if reading.take(row.atom) {
            let target_text = cell(target);
            // What the other columns say belongs to how it is checked.
            let others = grid.other_cells(row, &[metric, target, how]);
            let said: Vec<String> = std::iter::once(cell(how))
                .chain(std::iter::once(others))
                .filter(|h| !h.is_empty())
                .collect();
            reading.plan.targets.push(Target {
                metric: cell(metric),
                for_s: time::sustained(&target_text),
                target: target_text,
                how: said.join(" · "),
                span: Span {
                    first: row.line,
                    last: row.line,
                },
            });
        }
    }
}

/// A target from a line that holds a figure and a comparison.
pub fn from_line(reading: &mut Reading<'_>, text: &str, raw: &str, span: Span) {
    let text = text.trim_start_matches(['✅', '☑', '✔', '✓', '\u{fe0f}', ' ']);
    let Some(found) = COMPARED.as_ref().and_then(|c| c.find(text)) else {
        return;
    };
    let metric = match lead(raw).filter(|l| l.colon) {
        Some(lead) => lead.label,
        None => text
            .get(..found.start())
            .unwrap_or_default()
            .trim_end_matches([':', ' ', '('])
            .to_owned(),
    };
    if metric.is_empty() {
        return;
    }
    reading.plan.targets.push(Target {
        metric,
        target: found.as_str().trim().to_owned(),
        for_s: time::sustained(text),
        how: String::new(),
        span,
    });
}
