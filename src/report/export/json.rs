//! The export as JSON: a stored form, versioned and mapped by hand. Times are RFC 3339 in UTC,
//! durations are milliseconds or seconds as their names say.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::super::log::{Log, Source, render};
use super::super::words;
use super::gather::{AttemptRow, Deviation, ListRows, Report};
use super::markdown::state_word;
use crate::domain::plan::ObjectiveKind;

/// The version of this form.
const VERSION: u32 = 1;

pub(super) fn write(report: &Report<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&document(report)).unwrap_or_default();
    text.push('\n');
    text
}

fn document(report: &Report<'_>) -> Value {
    let incident = report.incident;
    let drafts: Vec<Value> = report.post_mortems.iter().map(log).collect();
    json!({
        "version": VERSION,
        "incident": head(report),
        "journal": { "events": incident.events, "head": report.head_hash },
        "exported_at": time(report.now),
        "log": log(&report.log),
        "post_mortems": drafts,
        "timeline": report.timeline.iter().map(|l| json!({
            "at": time(l.at), "by": l.who, "what": l.what, "attempt": l.attempt.map(|a| a.0),
        })).collect::<Vec<_>>(),
        "attempts": report.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "deviations": report.deviations.iter().map(deviation).collect::<Vec<_>>(),
        "patch": report.patch, "not_in_patch": report.not_in_patch,
        "deferred": report.deferred,
        "left_open": report.left_open,
        "parameters": report.parameters.iter().map(|(n, v)| json!({ "name": n, "value": v })).collect::<Vec<_>>(),
        "checklists": report.checklists.iter().map(checklist).collect::<Vec<_>>(),
        "steps": report.steps.iter().map(|s| json!({
            "title": s.title, "state": state_word(s.state), "took_ms": s.took_ms,
            "estimate_s": s.estimate.map(|e| [e.low_s, e.high_s]),
        })).collect::<Vec<_>>(),
        "objectives": report.objectives.iter().map(|o| json!({
            "kind": match o.kind { ObjectiveKind::Rto => "rto", ObjectiveKind::Rpo => "rpo" },
            "component": o.component, "within_s": o.within_s, "measured_s": o.measured_s,
            "measured_from": o.measured_s.map(|_| o.measured_from),
            "met": o.measured_s.map(|m| m <= o.within_s),
        })).collect::<Vec<_>>(),
        "notes": incident.notes.iter().map(|(at, text)| json!({ "at": time(*at), "text": text })).collect::<Vec<_>>(),
        "pins": incident.pins.iter().map(|(at, text, id)| json!({
            "at": time(*at), "text": text, "attempt": id.map(|a| a.0),
        })).collect::<Vec<_>>(),
        "attachments": incident.attachments.iter().map(|(at, what, hash)| json!({
            "at": time(*at), "what": what, "sha256": hash,
        })).collect::<Vec<_>>(),
        "messages": incident.messages.iter().map(|m| json!({
            "at": time(m.at), "template": m.template.as_str(), "how": m.how, "text": m.text,
        })).collect::<Vec<_>>(),
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn head(report: &Report<'_>) -> Value {
    let incident = report.incident;
    json!({
        "id": incident.id.as_str(),
        "kind": words::mode(incident.mode),
        "plan": { "title": incident.plan.title, "sha256": incident.plan.sha256, "runbook": incident.runbook },
        "environment": incident.environment,
        "opened_at": time(incident.opened_at.wall),
        "opened_by": { "name": incident.opened_by.name, "uid": incident.opened_by.uid, "host": incident.opened_by.host },
        "detected": incident.detected.iter().map(|(at, why)| json!({ "at": time(*at), "reason": why })).collect::<Vec<_>>(),
        "deployed": incident.deployed.iter().map(|(at, why)| json!({ "at": time(*at), "reason": why })).collect::<Vec<_>>(),
        "triggers": incident.ticked.iter().map(|(id, at)| json!({
            "at": time(*at),
            "text": words::find_trigger(&incident.plan, id).map_or(id.as_str(), |t| t.text.as_str()),
        })).collect::<Vec<_>>(),
        "severity": incident.severity().map(|s| json!({
            "name": s.name, "by_hand": incident.severity_by_hand.as_ref().map(|(_, reason)| reason),
        })),
        "decision": incident.decision.as_ref().map(|d| json!({
            "what": words::decision(d.decision), "reason": d.reason, "at": time(d.at), "by": d.by,
        })),
        "approvals": incident.approvals.iter().map(|a| json!({
            "name": a.name, "role": a.role, "how": a.how, "at": time(a.at), "recorded_by": a.by,
        })).collect::<Vec<_>>(),
        "procedure": super::super::facts::chosen(incident).map(|p| p.title.as_str()),
        "rollback_began_at": super::super::flown::started_at(incident).map(time),
        "rollback_complete_at": incident.completed_at.map(time),
        "closed": incident.closed.as_ref().map(|(at, who)| json!({ "at": time(*at), "signed_by": who })),
    })
}

fn log(log: &Log) -> Value {
    let entries: Vec<Value> = log
        .entries
        .iter()
        .map(|e| {
            let (source, from) = match &e.source {
                Source::Operator => ("operator", None),
                Source::Known(from) => ("known", Some(from)),
                Source::Running(from) => ("running", Some(from)),
                Source::Partial(from) => ("partial", Some(from)),
                Source::Blank => ("blank", None),
            };
            let ticked: Vec<&str> = e
                .choices
                .iter()
                .filter(|(_, on)| *on)
                .map(|(c, _)| c.as_str())
                .collect();
            json!({
                "id": e.field.as_str(), "section": e.section, "label": e.label, "value": e.value,
                "source": source, "from": from, "ticked": ticked, "changed_at": e.changed.map(time),
            })
        })
        .collect();
    json!({ "title": log.template.title, "filled": log.filled, "total": log.total, "fields": entries, "text": render(log) })
}

fn attempt(row: &AttemptRow<'_>) -> Value {
    let intent = &row.attempt.intent;
    let ending = row.attempt.ending();
    json!({
        "attempt": intent.attempt.0,
        "action": intent.action.as_str(),
        "title": row.action,
        "command": intent.code,
        "sha256": intent.sha256,
        "edited": intent.edited,
        "host": intent.host,
        "cwd": intent.cwd,
        "environment": intent.environment,
        "by": row.by,
        "confirmation": words::confirmation(&intent.confirmation),
        "confirmed_at": time(row.attempt.intended_at),
        "started_at": row.attempt.started_at.map(time),
        "took_ms": row.took_ms,
        "exit": ending.and_then(|e| e.exit),
        "signal": ending.and_then(|e| e.signal),
        "state": row.state,
        "verdict": row.verdict,
        "evidence": row.evidence,
        "bytes": ending.map(|e| e.bytes),
    })
}

fn deviation(deviation: &Deviation) -> Value {
    let edit = deviation.edit.as_ref();
    json!({
        "at": deviation.at.map(time), "by": deviation.by, "what": deviation.what,
        "before": edit.map(|(before, _)| before), "after": edit.map(|(_, after)| after),
    })
}

fn checklist(rows: &ListRows<'_>) -> Value {
    json!({
        "title": rows.list.title,
        "waived": rows.waived.as_ref().map(|(reason, at)| json!({ "reason": reason, "at": time(*at) })),
        "items": rows.items.iter().map(|(item, settled)| json!({
            "text": item.text, "status": words::item_status(settled.status), "by": settled.by,
            "reason": settled.reason, "at": settled.at.map(time), "attempt": settled.evidence.map(|a| a.0),
        })).collect::<Vec<_>>(),
    })
}
