//! From the plan to its stored form.

use serde_json::{Value, json};

use super::VERSION;
use crate::domain::plan::{
    Action, Branch, Checklist, Elsewhere, Estimate, ExpectRule, Expectation, Field, Item,
    Parameter, Plan, Procedure, Question, SecretSource, Severity, Span, Step, Table, Template,
    Trigger,
};
use crate::journal::words::Word as _;

/// The stored form of a plan.
#[must_use]
pub fn to_json(plan: &Plan) -> Value {
    json!({
        "version": VERSION,
        "title": plan.title,
        "sha256": plan.sha256,
        "environment": plan.environment,
        "facts": each(&plan.facts, |f| json!({
            "key": f.key, "value": f.value, "span": span(f.span),
        })),
        "service": plan.service,
        "aims": each(&plan.aims, |a| json!({"key": a.key, "value": a.value, "span": span(a.span)})),
        "connections": each(&plan.connections, |c| json!({
            "name": c.name, "url": c.url, "service": c.service, "span": span(c.span),
        })),
        "commit_within_s": plan.commit_within_s,
        "probes": each(&plan.probes, |p| json!({
            "name": p.name, "kind": p.kind.word(), "code": p.code,
            "expect": p.expect.iter().map(expectation).collect::<Vec<_>>(),
            "every_s": p.every_s, "span": span(p.span),
        })),
        "channels": each(&plan.channels, |c| json!({
            "name": c.name, "channel": c.channel, "every_s": c.every_s, "span": span(c.span),
        })),
        "severities": each(&plan.severities, severity),
        "triggers": each(&plan.triggers, |t| Value::from(t.text.clone())),
        "trigger_nodes": each(&plan.triggers, trigger),
        "decision_matrix": plan.decision_matrix.as_ref().map(table),
        "questions": each(&plan.questions, question),
        "approvals": each(&plan.approvals, |a| json!({
            "when": a.when, "who": a.who, "notify": a.notify,
            "respond_within_s": a.respond_within_s, "respond": a.respond, "span": span(a.span),
        })),
        "checklists": each(&plan.checklists, checklist),
        "procedures": each(&plan.procedures, procedure),
        "files": each(&plan.files, |f| json!({
            "path": f.path, "lang": f.lang, "code": f.code, "span": span(f.span),
        })),
        "templates": each(&plan.templates, template),
        "targets": each(&plan.targets, |t| json!({
            "metric": t.metric, "target": t.target, "for_s": t.for_s, "how": t.how,
            "span": span(t.span),
        })),
        "contacts": each(&plan.contacts, |c| json!({
            "role": c.role, "contact": c.contact, "span": span(c.span),
        })),
        "objectives": each(&plan.objectives, |o| json!({
            "kind": o.kind.word(), "component": o.component, "within_s": o.within_s,
            "note": o.note, "span": span(o.span),
        })),
        "parameters": each(&plan.parameters, parameter),
        "unplaced": each(&plan.unplaced, |u| json!({
            "span": span(u.span), "kind": u.kind.word(), "heading": u.heading, "text": u.text,
        })),
        "diagnostics": each(&plan.diagnostics, |d| json!({
            "line": d.line, "column": d.column, "width": d.width, "severity": d.level.word(), "code": d.code,
            "message": d.message, "help": d.help,
        })),
    })
}

fn each<T>(list: &[T], write: impl Fn(&T) -> Value) -> Value {
    list.iter().map(write).collect()
}

fn span(span: Span) -> Value {
    json!([span.first, span.last])
}

fn estimate(estimate: Option<Estimate>) -> Value {
    estimate.map_or(Value::Null, |e| json!([e.low_s, e.high_s]))
}

fn severity(s: &Severity) -> Value {
    json!({
        "id": s.id.as_str(), "name": s.name, "response": s.response, "within_s": s.within_s,
        "triggers": each(&s.triggers, |t| Value::from(t.text.clone())),
        "trigger_nodes": each(&s.triggers, trigger), "span": span(s.span),
    })
}

fn trigger(t: &Trigger) -> Value {
    json!({"id": t.id.as_str(), "text": t.text, "span": span(t.span)})
}

fn table(t: &Table) -> Value {
    json!({"columns": t.columns, "rows": t.rows, "span": span(t.span)})
}

fn question(q: &Question) -> Value {
    let branch = |b: &Branch| json!({"outcome": b.outcome, "next": b.next.as_ref().map(ToString::to_string)});
    json!({
        "id": q.id.as_str(), "ask": q.ask, "yes": branch(&q.yes), "no": branch(&q.no),
        "span": span(q.span),
    })
}

fn checklist(c: &Checklist) -> Value {
    json!({
        "id": c.id.as_str(), "title": c.title, "role": c.role.word(), "checkpoint": c.checkpoint,
        "place": c.place, "due_after_s": c.due_after_s, "items": each(&c.items, item),
        "span": span(c.span),
    })
}

fn item(i: &Item) -> Value {
    json!({
        "id": i.id.as_str(), "text": i.text, "details": i.details,
        "actions": each(&i.actions, action), "span": span(i.span),
    })
}

fn procedure(p: &Procedure) -> Value {
    json!({
        "id": p.id.as_str(), "title": p.title,
        "parent": p.parent.as_ref().map(ToString::to_string),
        "choice": p.choice.as_ref().map(ToString::to_string),
        "off_path": p.off_path, "conditional": p.conditional, "phase": p.phase.word(), "use_when": p.use_when, "text": p.text,
        "estimate_s": estimate(p.estimate), "steps": each(&p.steps, step), "span": span(p.span),
    })
}

fn step(s: &Step) -> Value {
    json!({
        "id": s.id.as_str(), "title": s.title, "estimate_s": estimate(s.estimate),
        "text": s.text, "point_of_no_return": s.point_of_no_return,
        "choice": s.choice.as_ref().map(ToString::to_string),
        "branch": s.branch.as_ref().map(ToString::to_string),
        "actions": each(&s.actions, action), "span": span(s.span),
    })
}

fn action(a: &Action) -> Value {
    json!({
        "id": a.id.as_str(), "title": a.title, "kind": a.kind.word(), "lang": a.lang,
        "code": a.code, "span": span(a.span),
        "parameters": a.parameters.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "expect": each(&a.expect, expectation),
        "danger": a.danger.word(), "danger_why": a.danger_why,
        "monitor": a.monitor, "tunnel": a.tunnel, "interactive": a.interactive, "opt_in": a.opt_in,
        "choice": a.choice.as_ref().map(ToString::to_string),
        "branch": a.branch.as_ref().map(ToString::to_string),
        "target": a.target.as_ref().map(ToString::to_string),
        "interpreter": a.interpreter, "cwd": a.cwd, "timeout_s": a.timeout_s,
        "timeout_line": a.timeout_line,
        "backup_check": a.backup_check, "sense": a.sense, "connection": a.connection,
        "place": a.place.as_ref().map(place),
        "attributes": each(&a.attributes, |a| json!({"key": a.key, "value": a.value})),
    })
}

fn place(p: &Elsewhere) -> Value {
    json!({"opener": p.opener, "through": p.through, "name": p.name, "line": p.line})
}

fn expectation(e: &Expectation) -> Value {
    let (rule, mut value) = match &e.rule {
        ExpectRule::Contains(text) => ("contains", json!({"value": text})),
        ExpectRule::Absent(words) => ("absent", json!({"values": words})),
        ExpectRule::Exactly(text) => ("exactly", json!({"value": text})),
        ExpectRule::JsonSubset(text) => ("json", json!({"value": text})),
        ExpectRule::HttpStatus(code) => ("http_status", json!({"value": code})),
        ExpectRule::Rows(compare, n) => ("rows", json!({"compare": compare.word(), "value": n})),
        ExpectRule::Number(compare, n) => (
            "number",
            json!({"compare": compare.word(), "thousandths": n}),
        ),
        ExpectRule::Regex(text) => ("regex", json!({"value": text})),
        ExpectRule::Similar(hundredths, text) => {
            ("similar", json!({"hundredths": hundredths, "value": text}))
        }
        ExpectRule::Exit(code) => ("exit", json!({"value": code})),
        ExpectRule::Person => ("person", json!({})),
    };
    if let Some(fields) = value.as_object_mut() {
        fields.insert("text".to_owned(), Value::from(e.text.clone()));
        fields.insert("sensed".to_owned(), Value::from(e.is_sensed()));
        fields.insert("rule".to_owned(), Value::from(rule));
        if e.partly {
            fields.insert("partly".to_owned(), Value::from(true));
        }
    }
    value
}

fn template(t: &Template) -> Value {
    json!({
        "id": t.id.as_str(), "kind": t.kind.word(), "title": t.title, "moment": t.moment,
        "every_s": t.every_s, "text": t.text, "fields": each(&t.fields, field),
        "span": span(t.span),
    })
}

fn field(f: &Field) -> Value {
    json!({
        "id": f.id.as_str(), "section": f.section, "label": f.label,
        "blank": [f.blank.0, f.blank.1],
        "choices": each(&f.choices, |c| Value::from(c.text.clone())),
        "ticks": each(&f.choices, |c| c.tick_at.map_or(Value::Null, Value::from)),
        "line": f.line,
    })
}

fn secret_source(source: &SecretSource) -> Value {
    match source {
        SecretSource::Environment(name) => json!({"env": name}),
        SecretSource::File(path) => json!({"file": path}),
        SecretSource::Command(command) => json!({"command": command}),
    }
}

fn parameter(p: &Parameter) -> Value {
    json!({
        "name": p.name.as_str(), "syntax": p.syntax, "spellings": p.spellings, "uses": p.uses,
        "environment": p.environment, "default": p.default, "pattern": p.pattern,
        "secret": p.secret, "secret_from": p.secret_from.as_ref().map(secret_source),
        "help": p.help, "pick_from": p.pick_from,
        "type": p.kind.word(), "min": p.min, "max": p.max, "choices": p.choices,
        "place": p.place.as_ref().map(|at| json!({"action": at.action.as_str(), "nth": at.nth})),
    })
}
