//! What every export says, gathered once.

use chrono::{DateTime, FixedOffset, Utc};

use super::super::log::{self, Log};
use super::super::timeline::{self, Line};
use super::super::verified::{Settled, settled};
use super::super::{facts, flown, resume, when, words};
use super::{Kept, patch};
use crate::domain::Moment;
use crate::domain::event::{ActionMark, Event, Gate, ItemMark, ParameterValue, Recorded};
use crate::domain::flight;
use crate::domain::ids::AttemptId;
use crate::domain::incident::{Attempt, Incident};
use crate::domain::outline::{EntryState, Subject};
use crate::domain::plan::{Checklist, Estimate, Item, ObjectiveKind};

/// Everything that an export says.
pub(super) struct Report<'a> {
    pub incident: &'a Incident,
    pub head_hash: &'a str,
    pub now: DateTime<Utc>,
    pub zone: &'a FixedOffset,
    pub facts: Vec<(&'static str, String)>,
    pub log: Log,
    pub post_mortems: Vec<Log>,
    pub timeline: Vec<Line>,
    pub attempts: Vec<AttemptRow<'a>>,
    pub deviations: Vec<Deviation>,
    /// The changed commands as a patch to the runbook.
    pub patch: Option<String>,
    /// Changed commands that no patch has.
    pub not_in_patch: Vec<String>,
    pub deferred: Vec<String>,
    pub left_open: Vec<String>,
    /// The incident is closed.
    pub closed: bool,
    pub parameters: Vec<(String, String)>,
    pub checklists: Vec<ListRows<'a>>,
    pub steps: Vec<StepRow>,
    pub objectives: Vec<ObjectiveRow>,
}

/// One attempt.
pub(super) struct AttemptRow<'a> {
    pub attempt: &'a Attempt,
    pub by: String,
    pub action: String,
    pub started: DateTime<Utc>,
    pub took_ms: Option<u64>,
    pub state: String,
    pub verdict: String,
    pub evidence: String,
}

/// Where the flight left the plan.
pub(super) struct Deviation {
    pub at: Option<DateTime<Utc>>,
    pub by: String,
    pub what: String,
    /// The plan's command and the one that ran, where it was edited.
    pub edit: Option<(String, String)>,
}

impl Report<'_> {
    /// What was left open at the close, or that there was no close yet.
    pub(super) fn left_open_lines(&self) -> Vec<String> {
        if self.closed {
            return self.left_open.clone();
        }
        vec!["It is not closed yet.".to_owned()]
    }
}

/// A checklist with its items.
pub(super) struct ListRows<'a> {
    pub list: &'a Checklist,
    pub waived: Option<(String, DateTime<Utc>)>,
    pub items: Vec<(&'a Item, Settled)>,
}

/// A step's estimate and what it took.
pub(super) struct StepRow {
    pub title: String,
    pub estimate: Option<Estimate>,
    pub took_ms: Option<u64>,
    pub state: EntryState,
}

/// An objective and what was measured.
pub(super) struct ObjectiveRow {
    pub kind: ObjectiveKind,
    pub component: String,
    pub within_s: u64,
    pub measured_s: Option<u64>,
    /// From when it was measured.
    pub measured_from: &'static str,
}

pub(super) fn gather<'a>(
    incident: &'a Incident,
    records: &[Recorded],
    kept: &Kept<'a>,
    now: DateTime<Utc>,
    zone: &'a FixedOffset,
) -> Report<'a> {
    let head_hash = kept.head;
    let changed = kept
        .runbook
        .map(|text| patch::patch(incident, records, text));
    let changed = changed.unwrap_or_default();
    Report {
        incident,
        head_hash,
        now,
        zone,
        facts: head_facts(incident, head_hash, now, *zone),
        log: log::filled(incident, records, now, zone),
        post_mortems: log::post_mortems(incident, records, now, zone),
        timeline: timeline::timeline(records, &incident.plan, zone),
        attempts: incident
            .attempts
            .iter()
            .map(|a| row(incident, records, a))
            .collect(),
        deviations: deviations(incident, records),
        patch: changed.diff,
        not_in_patch: changed.left_out,
        deferred: resume::deferred(incident),
        left_open: incident.left_open.clone(),
        closed: incident.closed.is_some(),
        parameters: parameters(incident),
        checklists: incident
            .plan
            .checklists
            .iter()
            .map(|l| list_rows(incident, l))
            .collect(),
        steps: step_rows(incident, now),
        objectives: objectives(incident),
    }
}

fn head_facts(
    incident: &Incident,
    head_hash: &str,
    now: DateTime<Utc>,
    zone: FixedOffset,
) -> Vec<(&'static str, String)> {
    let time = |at: DateTime<Utc>| when::full(at, &zone);
    let unknown = || "not recorded".to_owned();
    let severity = incident
        .severity()
        .map_or_else(unknown, |s| match &incident.severity_by_hand {
            Some((_, reason)) => words::with_reason(&format!("{} (set by hand)", s.name), reason),
            None => format!("{} (from the ticked triggers)", s.name),
        });
    let decided = incident.decision.as_ref().map_or_else(unknown, |d| {
        let text = format!(
            "{}, {}, by {}",
            words::decision(d.decision),
            time(d.at),
            d.by
        );
        words::with_reason(&text, &d.reason)
    });
    let approvals: Vec<String> = incident
        .approvals
        .iter()
        .map(|a| {
            let role = if a.role.is_empty() {
                String::new()
            } else {
                format!(" ({})", a.role)
            };
            let how = if a.how.is_empty() {
                String::new()
            } else {
                format!(", {}", a.how)
            };
            format!(
                "{}{role}{how}, {}, recorded by {}",
                a.name,
                time(a.at),
                a.by
            )
        })
        .collect();
    let stated = |moment| {
        let last = incident.stated(moment).last();
        last.map_or_else(unknown, |(at, reason)| {
            words::with_reason(&time(*at), reason)
        })
    };
    vec![
        ("Incident", incident.id.to_string()),
        ("Kind", words::mode(incident.mode).to_owned()),
        ("Plan", incident.plan.title.clone()),
        (
            "Runbook",
            format!("{} (SHA-256 {})", incident.runbook, incident.plan.sha256),
        ),
        (
            "Environment",
            incident.environment.clone().unwrap_or_else(unknown),
        ),
        (
            "Opened",
            format!(
                "{} by {} on {}",
                time(incident.opened_at.wall),
                incident.opened_by.name,
                incident.opened_by.host
            ),
        ),
        ("Bad version deployed", stated(Moment::Deployed)),
        ("Detected", stated(Moment::Detected)),
        ("Severity", severity),
        ("Decision", decided),
        (
            "Approval",
            if approvals.is_empty() {
                unknown()
            } else {
                approvals.join("; ")
            },
        ),
        (
            "Procedure",
            facts::chosen(incident).map_or_else(unknown, |p| p.title.clone()),
        ),
        (
            "Rollback began",
            flown::started_at(incident).map_or_else(unknown, time),
        ),
        (
            match incident.ended_short {
                None => "Rollback complete",
                Some(_) => "Rollback ended as it is",
            },
            incident.completed_at.map_or_else(unknown, time),
        ),
        (
            "Closed",
            incident.closed.as_ref().map_or_else(
                || "still open".to_owned(),
                |(at, who)| format!("{}, signed off by {who}", time(*at)),
            ),
        ),
        ("Exported", time(now)),
        (
            "Journal",
            format!("{} events, head {head_hash}", incident.events),
        ),
    ]
}

fn row<'a>(incident: &'a Incident, records: &[Recorded], attempt: &'a Attempt) -> AttemptRow<'a> {
    let id = attempt.intent.attempt;
    AttemptRow {
        attempt,
        by: who_started(records, id),
        action: words::action(&incident.plan, &attempt.intent.action),
        started: flown::begun_at(attempt),
        took_ms: attempt.ending().map(|e| e.duration_ms),
        state: words::attempt(attempt),
        verdict: words::judgement(attempt),
        evidence: format!("evidence/{id}/output"),
    }
}

fn who_started(records: &[Recorded], id: AttemptId) -> String {
    let is =
        |r: &&Recorded| matches!(&r.event, Event::AttemptIntended(intent) if intent.attempt == id);
    records
        .iter()
        .find(is)
        .map(|r| r.by.clone())
        .unwrap_or_default()
}

fn deviations(incident: &Incident, records: &[Recorded]) -> Vec<Deviation> {
    let plan = &incident.plan;
    let mut found = Vec::new();
    for record in records {
        let at = Some(record.at.wall);
        let by = record.by.clone();
        match &record.event {
            Event::GateWaived { gate, reason } => {
                let what = words::with_reason(
                    &format!("passed {} without it", words::gate(plan, gate)),
                    reason,
                );
                found.push(Deviation {
                    at,
                    by,
                    what,
                    edit: None,
                });
            }
            Event::WentAhead { to, over, reason } => {
                let what = words::went_ahead(plan, to, over);
                found.push(Deviation {
                    at,
                    by,
                    what: words::with_reason(&what, reason),
                    edit: None,
                });
            }
            Event::RollbackCompleted {
                reason, running, ..
            } if !reason.is_empty() => {
                let mut what = "ended the rollback as it is, before everything was done".to_owned();
                what.push_str(&words::still_running(running));
                found.push(Deviation {
                    at,
                    by,
                    what: words::with_reason(&what, reason),
                    edit: None,
                });
            }
            Event::AttemptIntended(intent) if intent.edited => {
                let planned =
                    flight::find_action(plan, &intent.action).map(|(_, a)| a.code.clone());
                let what = format!(
                    "attempt {} ran an edited command at {}",
                    intent.attempt,
                    words::action(plan, &intent.action)
                );
                found.push(Deviation {
                    at,
                    by,
                    what,
                    edit: Some((planned.unwrap_or_default(), intent.code.clone())),
                });
            }
            Event::ProcedureChosen { procedure, reason }
                if was_another_before(records, record.seq) =>
            {
                let title = flight::find_procedure(plan, procedure)
                    .map_or(procedure.as_str(), |p| p.title.as_str());
                let what =
                    words::with_reason(&format!("changed the procedure to “{title}”"), reason);
                found.push(Deviation {
                    at,
                    by,
                    what,
                    edit: None,
                });
            }
            _ => {}
        }
    }
    for (at, marked) in incident
        .actions
        .iter()
        .filter(|(_, m)| m.mark != ActionMark::Open)
    {
        let what = format!(
            "action “{}” {}",
            words::action(plan, at),
            words::action_mark(marked.mark)
        );
        let what = words::with_reason(&what, &marked.reason);
        found.push(Deviation {
            at: Some(marked.at),
            by: marked.by.clone(),
            what,
            edit: None,
        });
    }
    for (id, marked) in &incident.items {
        if matches!(
            marked.mark,
            ItemMark::Overridden | ItemMark::Deferred | ItemMark::NotApplicable
        ) {
            let what = format!(
                "item “{}” {}",
                words::item(plan, id),
                words::item_mark(marked.mark)
            );
            let what = words::with_reason(&what, &marked.reason);
            found.push(Deviation {
                at: Some(marked.at),
                by: marked.by.clone(),
                what,
                edit: None,
            });
        }
    }
    found.sort_by_key(|d| d.at);
    found
}

fn was_another_before(records: &[Recorded], seq: u64) -> bool {
    let mut earlier = records.iter().filter(|r| r.seq < seq);
    earlier.any(|r| matches!(r.event, Event::ProcedureChosen { .. }))
}

fn parameters(incident: &Incident) -> Vec<(String, String)> {
    let values = incident.parameters.iter();
    values
        .map(|(name, value)| match value {
            ParameterValue::Text(text) => (name.to_string(), text.clone()),
            ParameterValue::Secret => (name.to_string(), "(a secret, not recorded)".to_owned()),
        })
        .collect()
}

fn list_rows<'a>(incident: &Incident, list: &'a Checklist) -> ListRows<'a> {
    let gate = Gate::Checklist(list.id.clone());
    let waived = incident.waived.iter().rev().find(|(g, ..)| *g == gate);
    ListRows {
        list,
        waived: waived.map(|(_, reason, at)| (reason.clone(), *at)),
        items: list
            .items
            .iter()
            .map(|i| (i, settled(incident, i)))
            .collect(),
    }
}

fn step_rows(incident: &Incident, now: DateTime<Utc>) -> Vec<StepRow> {
    let outline = incident.outline(now);
    let flown = outline.iter().position(|e| e.subject == Subject::Beside);
    let flown = flown.unwrap_or(outline.len());
    let entries = outline.into_iter().enumerate();
    entries
        // What stands beside the flight is told of where some of it was used.
        .filter(|(at, e)| *at < flown || e.progress.0 > 0)
        .map(|(_, e)| e)
        .filter(|e| matches!(e.subject, Subject::Procedure(_) | Subject::Step(..)))
        .map(|e| StepRow {
            title: e.title,
            estimate: e.estimate,
            took_ms: e.took_ms,
            state: e.state,
        })
        .collect()
}

fn objectives(incident: &Incident) -> Vec<ObjectiveRow> {
    // Without a stated time of detection the opening is the earliest that is known.
    let measured = incident
        .completed_at
        .and_then(|end| when::between(incident.detected_at(), end));
    let stated = !incident.detected.is_empty();
    let measured_from = if stated { "detection" } else { "the opening" };
    let objectives = incident.plan.objectives.iter();
    objectives
        .map(|o| ObjectiveRow {
            kind: o.kind,
            component: o.component.clone(),
            within_s: o.within_s,
            measured_s: if o.kind == ObjectiveKind::Rto {
                measured
            } else {
                None
            },
            measured_from,
        })
        .collect()
}
