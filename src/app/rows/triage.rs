//! The rows of triage: levels and triggers to tick, questions to answer, what follows from them,
//! the decision and the approval.

use chrono::{DateTime, Utc};

use super::{Row, Sign, Target, Tone};
use crate::domain::event::Answer;
use crate::domain::incident::Incident;

pub(super) fn triage(incident: &Incident) -> Vec<Row> {
    let plan = &incident.plan;
    let tick = |trigger: &crate::domain::plan::Trigger| {
        let on = incident.ticked.contains_key(&trigger.id);
        let sign = if on { Sign::Ticked } else { Sign::Unticked };
        Row::new(
            Target::Trigger(trigger.id.clone()),
            sign,
            trigger.text.clone(),
        )
    };
    let mut rows = Vec::new();
    for severity in &plan.severities {
        let mut head = Row::text(severity.name.clone());
        head.aside = match severity.within_s {
            Some(within) if severity.response.is_empty() => {
                let limit = crate::domain::plan::Estimate {
                    low_s: within,
                    high_s: within,
                };
                format!("within {}", super::estimate(limit))
            }
            Some(_) | None => severity.response.clone(),
        };
        rows.push(head);
        rows.extend(severity.triggers.iter().map(tick));
    }
    if !plan.triggers.is_empty() {
        rows.push(Row::text("Triggers that the plan puts at no level"));
        rows.extend(plan.triggers.iter().map(tick));
    }
    if !plan.questions.is_empty() {
        rows.push(Row::text("Questions"));
    }
    for question in &plan.questions {
        let answer = incident.answers.get(&question.id);
        let sign = if answer.is_some() {
            Sign::Done
        } else {
            Sign::Open
        };
        let mut row = Row::new(
            Target::Question(question.id.clone()),
            sign,
            question.ask.clone(),
        );
        row.aside = match answer {
            Some(Answer::Yes) => "yes".into(),
            Some(Answer::No) => "no".into(),
            Some(Answer::Unsure) => "unsure".into(),
            None => String::new(),
        };
        let branch = match answer {
            Some(Answer::Yes) => Some(&question.yes),
            Some(Answer::No) => Some(&question.no),
            Some(Answer::Unsure) | None => None,
        };
        if let Some(outcome) = branch.and_then(|b| b.outcome.clone()) {
            row.below.push((Tone::Warning, format!("→ {outcome}")));
        }
        rows.push(row);
    }
    if plan.severities.is_empty() && plan.triggers.is_empty() {
        rows.push(Row::text(
            "This plan names no severities: decide by what you see.",
        ));
    }
    rows.push(Row::text("Decision"));
    rows.push(detected_row(incident));
    rows.extend(deployed_row(incident));
    rows.extend(severity_rows(incident));
    rows.push(decision_row(incident));
    rows.push(approval_row(incident));
    rows
}

/// From when the clocks count, and how to say otherwise.
fn detected_row(incident: &Incident) -> Row {
    let at = incident.detected_at().format("%H:%M:%S UTC");
    let mut row = if incident.detected.is_empty() {
        Row::text(format!(
            "Detected: not stated, counted from the opening at {at}"
        ))
    } else {
        Row::text(format!("Detected at {at}"))
    };
    row.aside = "d, then t".into();
    row
}

/// When what is rolled back was deployed, where somebody has said so.
fn deployed_row(incident: &Incident) -> Option<Row> {
    let at = incident.deployed_at()?;
    let mut row = Row::text(format!(
        "The bad version was deployed at {}",
        at.format("%Y-%m-%d %H:%M:%S UTC")
    ));
    row.aside = "d, then v".into();
    Some(row)
}

/// What the plan says for the severity as it stands: the deadline, the matrix, who may approve.
fn severity_rows(incident: &Incident) -> Vec<Row> {
    let Some(severity) = incident.severity() else {
        return Vec::new();
    };
    let ticked = severity
        .triggers
        .iter()
        .filter(|t| incident.ticked.contains_key(&t.id))
        .count();
    let from = match (&incident.severity_by_hand, ticked) {
        (Some((_, reason)), _) => format!("set by hand: {reason}"),
        (None, 1) => "from 1 ticked trigger".to_owned(),
        (None, n) => format!("from {n} ticked triggers"),
    };
    let mut row = Row::text(format!("{}  {from}", severity.name));
    if !severity.response.is_empty() {
        row.below.push((Tone::Plain, severity.response.clone()));
    }
    if let Some(deadline) = incident.deadline() {
        let by = deadline.format("%H:%M:%S UTC");
        row.below.push((
            Tone::Warning,
            format!(
                "Start by {by}, counted from detection{}",
                started(incident, deadline)
            ),
        ));
    }
    row.below.extend(matrix_lines(incident, &severity.name));
    for rule in approvers(incident, &severity.name) {
        let answer = if rule.respond.is_empty() {
            ""
        } else {
            " · response: "
        };
        row.below.push((
            Tone::Plain,
            format!("May approve: {}{answer}{}", rule.who, rule.respond),
        ));
        if !rule.notify.is_empty() && rule.notify != "-" {
            row.below
                .push((Tone::Dim, format!("Tell: {}", rule.notify)));
        }
    }
    vec![row]
}

/// How the start went against its deadline, once there was one.
fn started(incident: &Incident, deadline: DateTime<Utc>) -> String {
    let Some(at) = crate::report::started_at(incident) else {
        return String::new();
    };
    let late = u64::try_from((at - deadline).num_milliseconds()).unwrap_or(0);
    let word = if late > 0 {
        format!("{} late", super::duration(late))
    } else {
        "in time".to_owned()
    };
    format!("; started {word}")
}

/// The rows of the decision matrix that speak of a severity.
fn matrix_lines(incident: &Incident, severity: &str) -> Vec<(Tone, String)> {
    let Some(matrix) = &incident.plan.decision_matrix else {
        return Vec::new();
    };
    let names_it = |cell: &str| cell.trim().eq_ignore_ascii_case(severity);
    let about = matrix
        .rows
        .iter()
        .filter(|cells| cells.iter().any(|c| names_it(c)));
    about
        .map(|cells| {
            let others = matrix
                .columns
                .iter()
                .zip(cells)
                .filter(|(_, cell)| !names_it(cell));
            let said: Vec<String> = others
                .map(|(name, cell)| format!("{name}: {cell}"))
                .collect();
            (Tone::Dim, said.join(" · "))
        })
        .collect()
}

/// The rules about who may approve at a severity; all of them where none names it.
fn approvers<'p>(
    incident: &'p Incident,
    severity: &str,
) -> Vec<&'p crate::domain::plan::ApprovalRule> {
    let rules = &incident.plan.approvals;
    let fit: Vec<_> = rules.iter().filter(|r| r.names(severity)).collect();
    if fit.is_empty() {
        rules.iter().collect()
    } else {
        fit
    }
}

fn decision_row(incident: &Incident) -> Row {
    let (sign, text) = match &incident.decision {
        Some(decided) => (Sign::Done, decision_word(decided.decision).to_owned()),
        None => (Sign::Open, "Roll back, fix forward or monitor?".to_owned()),
    };
    let mut row = Row::new(Target::Decision, sign, text);
    row.aside = "d decides".into();
    if let Some(decided) = &incident.decision {
        let reason = if decided.reason.is_empty() { "" } else { ": " };
        let at = decided.at.format("%H:%M:%S UTC");
        row.below.push((
            Tone::Dim,
            format!("{at} by {}{reason}{}", decided.by, decided.reason),
        ));
    }
    row
}

/// What a decision is called.
#[must_use]
pub fn decision_word(decision: crate::domain::event::Decision) -> &'static str {
    use crate::domain::event::Decision;
    match decision {
        Decision::RollBack => "Roll back",
        Decision::FixForward => "Fix forward",
        Decision::Monitor => "Monitor",
    }
}

fn approval_row(incident: &Incident) -> Row {
    let needed = !incident.plan.approvals.is_empty();
    let (sign, text) = match incident.approvals.last() {
        Some(a) => (
            Sign::Done,
            format!("Approved by {}", name_and_role(&a.name, &a.role)),
        ),
        None if needed => (Sign::Open, "Who approved?".to_owned()),
        None => (Sign::None, "The plan asks for no approval".to_owned()),
    };
    let mut row = Row::new(Target::Approval, sign, text);
    row.aside = "a records".into();
    for approval in &incident.approvals {
        let at = approval.at.format("%H:%M:%S UTC");
        let how = &approval.how;
        row.below
            .push((Tone::Dim, format!("{at} {} ({how})", approval.name)));
    }
    row
}

fn name_and_role(name: &str, role: &str) -> String {
    if role.is_empty() {
        name.to_owned()
    } else {
        format!("{name}, {role}")
    }
}
