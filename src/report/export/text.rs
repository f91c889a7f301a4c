//! The export as text.

use std::fmt::Write as _;

use super::super::{log, when, words};
use super::gather::Report;
use super::lay::{one_line, table, written_out};
use super::markdown::{objective_row, state_word, step_took};
use crate::domain::outline::EntryState;

pub(super) fn write(report: &Report<'_>) -> String {
    let mut text = log::render(&report.log);
    for draft in &report.post_mortems {
        heading(&mut text, &draft.template.title);
        text.push_str(&log::render(draft));
    }
    heading(&mut text, "Incident");
    for (label, value) in &report.facts {
        let _ = writeln!(text, "{label:<19}{}", one_line(value));
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
    let filled: Vec<String> = report
        .parameters
        .iter()
        .map(|(n, v)| format!("{n} = {v}"))
        .collect();
    list(&mut text, "Parameters", &filled);
    checklists(&mut text, report);
    steps(&mut text, report);
    heading(&mut text, "Journal");
    let _ = writeln!(
        text,
        "{} events, head {}",
        report.incident.events, report.head_hash
    );
    written_out(&text)
}

fn heading(text: &mut String, title: &str) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let title = title.to_uppercase();
    let _ = writeln!(text, "\n{title}\n{}", "=".repeat(title.chars().count()));
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    heading(text, title);
    if lines.is_empty() {
        text.push_str("none\n");
    }
    for line in lines {
        let _ = writeln!(text, "- {}", one_line(line));
    }
}

fn timeline(text: &mut String, report: &Report<'_>) {
    heading(text, "Timeline");
    for line in &report.timeline {
        let _ = writeln!(
            text,
            "{}  {}: {}",
            when::full(line.at, report.zone),
            line.who,
            one_line(&line.what)
        );
    }
}

fn attempts(text: &mut String, report: &Report<'_>) {
    heading(text, "Attempts");
    let rows: Vec<Vec<String>> = report
        .attempts
        .iter()
        .map(|row| {
            vec![
                row.attempt.intent.attempt.to_string(),
                when::full(row.started, report.zone),
                row.took_ms.map(when::millis).unwrap_or_default(),
                row.by.clone(),
                row.attempt.intent.host.clone(),
                row.action.clone(),
                words::first_line(&row.attempt.intent.code).to_owned(),
                row.state.clone(),
                row.verdict.clone(),
                row.evidence.clone(),
            ]
        })
        .collect();
    if rows.is_empty() {
        text.push_str("none\n");
        return;
    }
    let header = [
        "No.", "Started", "Took", "By", "On", "Action", "Command", "Ended", "Verdict", "Evidence",
    ];
    text.push_str(&table(&header, &rows));
}

fn deviations(text: &mut String, report: &Report<'_>) {
    heading(text, "Deviations from the plan");
    if report.deviations.is_empty() {
        text.push_str("none\n");
    }
    for deviation in &report.deviations {
        let at = deviation
            .at
            .map(|at| when::full(at, report.zone))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "- {at}  {}: {}",
            deviation.by,
            one_line(&deviation.what)
        );
        if let Some((before, after)) = &deviation.edit {
            for (mark, code) in [("-", before), ("+", after)] {
                for line in code.lines() {
                    let _ = writeln!(text, "    {mark} {line}");
                }
            }
        }
    }
}

fn checklists(text: &mut String, report: &Report<'_>) {
    heading(text, "Checklists");
    for rows in &report.checklists {
        let settled = rows
            .items
            .iter()
            .filter(|(_, s)| s.status.is_settled())
            .count();
        let _ = writeln!(
            text,
            "{} ({settled} of {})",
            rows.list.title,
            rows.items.len()
        );
        if let Some((reason, at)) = &rows.waived {
            let _ = writeln!(
                text,
                "  passed without it, {}: {}",
                when::full(*at, report.zone),
                one_line(reason)
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
                "  [{mark}] {} · {}",
                one_line(&item.text),
                one_line(&super::markdown::settled_words(settled, *report.zone))
            );
        }
    }
}

fn steps(text: &mut String, report: &Report<'_>) {
    heading(text, "Estimate and time taken");
    let rows: Vec<Vec<String>> = report
        .steps
        .iter()
        .map(|s| {
            let estimate = s.estimate.map(when::estimate).unwrap_or_default();
            let state = if s.state == EntryState::Open {
                ""
            } else {
                state_word(s.state)
            };
            vec![s.title.clone(), estimate, step_took(s), state.to_owned()]
        })
        .collect();
    text.push_str(&table(&["Step", "Estimate", "Took", "State"], &rows));
    if !report.objectives.is_empty() {
        text.push('\n');
        let rows: Vec<Vec<String>> = report.objectives.iter().map(objective_row).collect();
        text.push_str(&table(&["Objective", "Within", "Measured", "Met"], &rows));
    }
}
