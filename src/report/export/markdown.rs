//! The export as Markdown. Foreign text is escaped or fenced: it can neither end a cell nor
//! close a fence nor become markup.

use std::fmt::Write as _;

use chrono::FixedOffset;

use super::super::verified::Settled;
use super::super::{log, when, words};
use super::gather::{ObjectiveRow, Report, StepRow};
use super::lay::{cell, code_cell, fence, markdown_table, written_out};
use crate::domain::outline::EntryState;
use crate::domain::plan::ObjectiveKind;

pub(super) fn write(report: &Report<'_>) -> String {
    let mut text = format!("# Incident {}\n\n", cell(report.incident.id.as_str()));
    let facts: Vec<Vec<String>> = report
        .facts
        .iter()
        .map(|(l, v)| vec![(*l).to_owned(), cell(v)])
        .collect();
    text.push_str(&markdown_table(&["", ""], &facts));
    text.push_str("\n## Incident log\n\n");
    text.push_str(&fence("text", &log::render(&report.log)));
    for draft in &report.post_mortems {
        let _ = writeln!(text, "\n## {}\n", cell(&draft.template.title));
        text.push_str(&fence("markdown", &log::render(draft)));
    }
    timeline(&mut text, report);
    attempts(&mut text, report);
    deviations(&mut text, report);
    list(&mut text, "Deferred", &report.deferred);
    list(
        &mut text,
        "Left open at the close",
        &report.left_open_lines(),
    );
    parameters(&mut text, report);
    checklists(&mut text, report);
    steps(&mut text, report);
    let _ = writeln!(
        text,
        "\n## Journal\n\n{} events, head `{}`.",
        report.incident.events, report.head_hash
    );
    written_out(&text)
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    let _ = writeln!(text, "\n## {title}\n");
    if lines.is_empty() {
        text.push_str("None.\n");
    }
    for line in lines {
        let _ = writeln!(text, "- {}", cell(line));
    }
}

fn timeline(text: &mut String, report: &Report<'_>) {
    text.push_str("\n## Timeline\n\n");
    let rows: Vec<Vec<String>> = report
        .timeline
        .iter()
        .map(|l| {
            vec![
                cell(&when::full(l.at, report.zone)),
                cell(&l.who),
                cell(&l.what),
            ]
        })
        .collect();
    text.push_str(&markdown_table(&["When", "Who", "What"], &rows));
}

fn attempts(text: &mut String, report: &Report<'_>) {
    text.push_str("\n## Attempts\n\n");
    if report.attempts.is_empty() {
        text.push_str("None.\n");
        return;
    }
    let rows: Vec<Vec<String>> = report
        .attempts
        .iter()
        .map(|row| {
            vec![
                row.attempt.intent.attempt.to_string(),
                cell(&when::full(row.started, report.zone)),
                row.took_ms.map(when::millis).unwrap_or_default(),
                cell(&row.by),
                cell(&row.attempt.intent.host),
                cell(&row.action),
                code_cell(words::first_line(&row.attempt.intent.code)),
                cell(&row.state),
                cell(&row.verdict),
                code_cell(&row.evidence),
            ]
        })
        .collect();
    let header = [
        "No.", "Started", "Took", "By", "On", "Action", "Command", "Ended", "Verdict", "Evidence",
    ];
    text.push_str(&markdown_table(&header, &rows));
}

fn deviations(text: &mut String, report: &Report<'_>) {
    text.push_str("\n## Deviations from the plan\n\n");
    if report.deviations.is_empty() {
        text.push_str("None.\n");
    }
    for deviation in &report.deviations {
        let at = deviation
            .at
            .map(|at| when::full(at, report.zone))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "- {at}, {}: {}",
            cell(&deviation.by),
            cell(&deviation.what)
        );
        if let Some((before, after)) = &deviation.edit {
            let before = before.lines().map(|l| ('-', l));
            let mut diff = String::new();
            for (mark, line) in before.chain(after.lines().map(|l| ('+', l))) {
                let _ = writeln!(diff, "{mark}{line}");
            }
            let _ = writeln!(text, "\n{}", fence("diff", &diff));
        }
    }
    if let Some(patch) = &report.patch {
        text.push_str("\n### As a patch to the runbook\n\n");
        text.push_str(&fence("diff", patch));
    }
    if !report.not_in_patch.is_empty() {
        let names: Vec<String> = report.not_in_patch.iter().map(|n| cell(n)).collect();
        let _ = writeln!(
            text,
            "\nNo patch has these changes, because their lines do not stand in the runbook as they ran: {}.",
            names.join("; ")
        );
    }
}

fn parameters(text: &mut String, report: &Report<'_>) {
    text.push_str("\n## Parameters\n\n");
    if report.parameters.is_empty() {
        text.push_str("None.\n");
        return;
    }
    let rows: Vec<Vec<String>> = report
        .parameters
        .iter()
        .map(|(n, v)| vec![cell(n), code_cell(v)])
        .collect();
    text.push_str(&markdown_table(&["Name", "Value"], &rows));
}

fn checklists(text: &mut String, report: &Report<'_>) {
    text.push_str("\n## Checklists\n");
    for rows in &report.checklists {
        let settled = rows
            .items
            .iter()
            .filter(|(_, s)| s.status.is_settled())
            .count();
        let _ = writeln!(
            text,
            "\n### {} ({settled} of {})\n",
            cell(&rows.list.title),
            rows.items.len()
        );
        if let Some((reason, at)) = &rows.waived {
            let _ = writeln!(
                text,
                "Passed without it, {}: {}\n",
                when::full(*at, report.zone),
                cell(reason)
            );
        }
        for (item, settled) in &rows.items {
            let mark = if settled.status.is_settled() {
                "x"
            } else {
                " "
            };
            let _ = writeln!(
                text,
                "- [{mark}] {} · {}",
                cell(&item.text),
                cell(&settled_words(settled, *report.zone))
            );
        }
    }
}

fn steps(text: &mut String, report: &Report<'_>) {
    text.push_str("\n## Estimate and time taken\n\n");
    let rows: Vec<Vec<String>> = report
        .steps
        .iter()
        .map(|s| {
            let estimate = s.estimate.map(when::estimate).unwrap_or_default();
            vec![
                cell(&s.title),
                estimate,
                step_took(s),
                state_word(s.state).to_owned(),
            ]
        })
        .collect();
    text.push_str(&markdown_table(
        &["Step", "Estimate", "Took", "State"],
        &rows,
    ));
    if !report.objectives.is_empty() {
        text.push('\n');
        let rows: Vec<Vec<String>> = report
            .objectives
            .iter()
            .map(|o| objective_row(o).iter().map(|c| cell(c)).collect())
            .collect();
        text.push_str(&markdown_table(
            &["Objective", "Within", "Measured", "Met"],
            &rows,
        ));
    }
}

/// How an item was settled, when and by whom.
pub(super) fn settled_words(settled: &Settled, zone: FixedOffset) -> String {
    let mut text = words::item_status(settled.status).to_owned();
    if !settled.by.is_empty() {
        text.push_str(" by ");
        text.push_str(&settled.by);
    }
    if let Some(at) = settled.at {
        text.push_str(", ");
        text.push_str(&when::full(at, &zone));
    }
    if let Some(evidence) = settled.evidence {
        let _ = write!(text, ", evidence {evidence}");
    }
    words::with_reason(&text, &settled.reason)
}

/// What a step took, and by how much that is over its estimate.
pub(super) fn step_took(step: &StepRow) -> String {
    let Some(took) = step.took_ms else {
        return String::new();
    };
    let text = when::millis(took);
    let over = step
        .estimate
        .and_then(|e| (took / 1000).checked_sub(e.high_s))
        .filter(|s| *s > 0);
    match over {
        Some(over) => format!("{text} ({} over)", when::seconds(over)),
        None => text,
    }
}

/// A state in a word.
pub(super) fn state_word(state: EntryState) -> &'static str {
    match state {
        EntryState::Open => "open",
        EntryState::Part => "begun",
        EntryState::Running => "running",
        EntryState::Done => "done",
        EntryState::DoneUnjudged => "done, not judged",
        EntryState::Judge => "to be judged",
        EntryState::Failed => "failed",
        EntryState::Unknown => "UNKNOWN",
        EntryState::Waived => "passed over",
        EntryState::Later => "later",
        EntryState::Due => "due",
        EntryState::NotApplicable => "not applicable",
    }
}

/// An objective, what was measured, and whether it was met.
pub(super) fn objective_row(row: &ObjectiveRow) -> Vec<String> {
    let kind = match row.kind {
        ObjectiveKind::Rto => "RTO",
        ObjectiveKind::Rpo => "RPO",
    };
    let met = row
        .measured_s
        .map_or("", |m| if m <= row.within_s { "yes" } else { "no" });
    vec![
        format!("{kind} {}", row.component).trim_end().to_owned(),
        when::seconds(row.within_s),
        row.measured_s.map_or_else(
            || "not measured".to_owned(),
            |s| format!("{} from {}", when::seconds(s), row.measured_from),
        ),
        met.to_owned(),
    ]
}
