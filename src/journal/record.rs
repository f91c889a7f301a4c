//! The stored form of an event: `type` and `data`, mapped by hand from the domain's event.
//!
//! A stored form is a promise: types and fields are added, never renamed and never reused. A
//! record of a later format is refused rather than half understood.

use serde_json::{Value, json};

use super::ending_form::{ending, read_ending};
use super::fields::{Fields, RecordError, stored_time};
use super::looked_form::{self, bearing, read_bearing, read_sensed, read_source, sensed, source};
use super::transaction_form as form;
use super::words::Word;
use crate::domain::Moment;
use crate::domain::elsewhere::Goes;
use crate::domain::event::{Event, Gate, Intent, ParameterValue, Person};
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::judge::Judgement;

/// The type of an event and its data.
#[must_use]
pub fn to_stored(event: &Event) -> (&'static str, Value) {
    match event {
        Event::Opened {
            incident,
            plan_sha256,
            runbook,
            mode,
            environment,
            driver,
            start_dir,
            trusted,
        } => (
            "opened",
            json!({
                "incident": incident.as_str(), "plan_sha256": plan_sha256, "runbook": runbook,
                "mode": mode.word(), "environment": environment, "driver": person(driver),
                "start_dir": start_dir, "trusted": trusted,
            }),
        ),
        Event::Resumed { driver, over } => {
            ("resumed", json!({"driver": person(driver), "over": over}))
        }
        Event::Left => ("left", json!({})),
        Event::RunbookAccepted => ("runbook-accepted", json!({})),
        Event::JournalRepaired { cut } => ("journal-repaired", json!({"cut": cut})),
        Event::EnvironmentSet { name } => ("environment-set", json!({"name": name})),
        Event::TriggerTicked { trigger, on } => (
            "trigger-ticked",
            json!({"trigger": trigger.as_str(), "on": on}),
        ),
        Event::QuestionAnswered { question, answer } => (
            "question-answered",
            json!({"question": question.as_str(), "answer": answer.word()}),
        ),
        Event::Timed { moment, at, reason } => (
            match moment {
                Moment::Detected => "detection-timed",
                Moment::Deployed => "deployment-timed",
            },
            json!({"at": stored_time(*at), "reason": reason}),
        ),
        Event::SeveritySet { severity, reason } => (
            "severity-set",
            json!({"severity": severity.as_ref().map(ToString::to_string), "reason": reason}),
        ),
        Event::Decided { decision, reason } => (
            "decided",
            json!({"decision": decision.word(), "reason": reason}),
        ),
        Event::Approved { name, role, how } => {
            ("approved", json!({"name": name, "role": role, "how": how}))
        }
        Event::ItemMarked { item, mark, reason } => (
            "item-marked",
            json!({"item": item.as_str(), "mark": mark.word(), "reason": reason}),
        ),
        Event::GateWaived {
            gate: waived,
            reason,
        } => (
            "gate-waived",
            json!({"gate": gate(waived), "reason": reason}),
        ),
        Event::WentAhead { to, over, reason } => {
            let over: Vec<&str> = over.iter().map(ActionRef::as_str).collect();
            (
                "went-ahead",
                json!({"to": to.as_str(), "over": over, "reason": reason}),
            )
        }
        Event::CheckpointPlaced { checklist, before } => (
            "checkpoint-placed",
            json!({
                "checklist": checklist.as_str(),
                "before": before.as_ref().map(ToString::to_string),
            }),
        ),
        Event::ProcedureChosen { procedure, reason } => (
            "procedure-chosen",
            json!({"procedure": procedure.as_str(), "reason": reason}),
        ),
        Event::AlternativeChosen { choice, option } => (
            "alternative-chosen",
            json!({"choice": choice.as_str(), "option": option}),
        ),
        Event::ParameterFilled { name, value } => (
            "parameter-filled",
            match value {
                ParameterValue::Text(text) => json!({"name": name.as_str(), "text": text}),
                ParameterValue::Secret => json!({"name": name.as_str(), "secret": true}),
            },
        ),
        Event::PlaceChosen { scope, place, on } => (
            "place-chosen",
            json!({"scope": scope, "place": place, "on": on.word()}),
        ),
        Event::SentElsewhere { whose, goes } => (
            "sent-elsewhere",
            match goes {
                Goes::There(place) => {
                    json!({"whose": whose, "opener": place.opener, "name": place.name})
                }
                Goes::Here => json!({"whose": whose, "opener": "", "name": ""}),
                Goes::AsTheRest => {
                    json!({"whose": whose, "opener": "", "name": "", "as-the-rest": true})
                }
            },
        ),
        Event::AttemptIntended(it) => ("attempt-intended", intent(it)),
        Event::AttemptStarted { attempt, at } => (
            "attempt-started",
            json!({"attempt": attempt.0, "at": stored_time(*at)}),
        ),
        Event::CommitAwaited { attempt, tally } => (
            "commit-awaited",
            json!({"attempt": attempt.0, "tally": form::tally(tally)}),
        ),
        Event::CommitDecided {
            attempt,
            commit,
            confirmation,
        } => {
            let (how, word) = form::confirmation(confirmation);
            (
                "commit-decided",
                json!({
                    "attempt": attempt.0, "commit": commit, "confirmation": how, "word": word,
                }),
            )
        }
        Event::OtherTargetSeen { action, bearings } => (
            "other-target-seen",
            json!({
                "action": action.as_str(),
                "bearings": bearings.iter().map(bearing).collect::<Vec<_>>(),
            }),
        ),
        Event::NameMade(name) => ("name-made", looked_form::made_name(name)),
        Event::AttemptEnded {
            attempt,
            ending: it,
            judgements,
        } => (
            "attempt-ended",
            json!({
                "attempt": attempt.0, "ending": ending(it),
                "judgements": judgements.iter().map(judgement).collect::<Vec<_>>(),
            }),
        ),
        Event::AttemptNeverRan { attempt, why } => (
            "attempt-never-ran",
            json!({"attempt": attempt.0, "why": why}),
        ),
        Event::AttemptLost { attempt, why } => {
            ("attempt-lost", json!({"attempt": attempt.0, "why": why}))
        }
        Event::ProbeSensed { .. } => ("probe-sensed", sensed(event)),
        Event::AttemptResolved {
            attempt,
            resolution,
            reason,
        } => (
            "attempt-resolved",
            json!({"attempt": attempt.0, "resolution": resolution.word(), "reason": reason}),
        ),
        Event::AttemptJudged {
            attempt,
            met,
            reason,
        } => (
            "attempt-judged",
            json!({"attempt": attempt.0, "met": met, "reason": reason}),
        ),
        Event::StopAsked { attempt, stage } => (
            "stop-asked",
            json!({"attempt": attempt.0, "stage": stage.word()}),
        ),
        Event::SurvivorsStopAsked { attempt } => {
            ("survivors-stop-asked", json!({"attempt": attempt.0}))
        }
        Event::SurvivorsSeen {
            attempt,
            alive,
            note,
        } => (
            "survivors-seen",
            json!({"attempt": attempt.0, "alive": alive, "note": note}),
        ),
        Event::JournalStalled { since, why } => (
            "journal-stalled",
            json!({"since": stored_time(*since), "why": why}),
        ),
        Event::ActionMarked {
            action,
            mark,
            reason,
            done_at,
            pasted,
        } => (
            "action-marked",
            json!({
                "action": action.as_str(), "mark": mark.word(), "reason": reason,
                "done_at": done_at.map(stored_time), "pasted": pasted,
            }),
        ),
        Event::PointOfNoReturnPassed { step } => {
            ("point-of-no-return-passed", json!({"step": step.as_str()}))
        }
        Event::NoteAdded { text } => ("note-added", json!({"text": text})),
        Event::LinesPinned { text, attempt } => (
            "lines-pinned",
            json!({"text": text, "attempt": attempt.map(|a| a.0)}),
        ),
        Event::Attached { what, sha256 } => ("attached", json!({"what": what, "sha256": sha256})),
        Event::FieldWritten { field, text } => (
            "field-written",
            json!({"field": field.as_str(), "text": text}),
        ),
        Event::MessageUsed {
            template,
            how,
            text,
        } => (
            "message-used",
            json!({"template": template.as_str(), "how": how, "text": text}),
        ),
        Event::Undone(inner) => {
            let (kind, data) = to_stored(inner);
            ("undone", json!({"type": kind, "data": data}))
        }
        Event::RollbackCompleted {
            at,
            reason,
            running,
        } => (
            "rollback-completed",
            json!({"at": stored_time(*at), "reason": reason, "running": running}),
        ),
        Event::Closed {
            sign_off,
            left_open,
        } => (
            "closed",
            json!({"sign_off": sign_off, "left_open": left_open}),
        ),
        Event::Reopened { reason } => ("reopened", json!({"reason": reason})),
    }
}

/// The event of a stored type and its data.
///
/// # Errors
/// A [`RecordError`] that names the field or the unknown type.
pub fn from_stored(kind: &str, data: &Value) -> Result<Event, RecordError> {
    let f = Fields(data);
    let attempt = || f.u32("attempt").map(AttemptId);
    let reason = || f.text("reason");
    Ok(match kind {
        "opened" => Event::Opened {
            incident: f.text("incident")?.as_str().into(),
            plan_sha256: f.text("plan_sha256")?,
            runbook: f.text("runbook")?,
            mode: f.word("mode")?,
            environment: f.text_opt("environment")?,
            driver: read_person(f.object("driver")?)?,
            start_dir: f.text("start_dir")?,
            trusted: f.bool("trusted")?,
        },
        "resumed" => Event::Resumed {
            driver: read_person(f.object("driver")?)?,
            over: f.text_opt("over")?,
        },
        "left" => Event::Left,
        "runbook-accepted" => Event::RunbookAccepted,
        "journal-repaired" => Event::JournalRepaired { cut: f.u64("cut")? },
        "environment-set" => Event::EnvironmentSet {
            name: f.text("name")?,
        },
        "trigger-ticked" => Event::TriggerTicked {
            trigger: f.text("trigger")?.as_str().into(),
            on: f.bool("on")?,
        },
        "question-answered" => Event::QuestionAnswered {
            question: f.text("question")?.as_str().into(),
            answer: f.word("answer")?,
        },
        "detection-timed" | "deployment-timed" => Event::Timed {
            moment: match kind {
                "detection-timed" => Moment::Detected,
                _ => Moment::Deployed,
            },
            at: f.time("at")?,
            reason: reason()?,
        },
        "severity-set" => Event::SeveritySet {
            severity: f.text_opt("severity")?.map(|s| s.as_str().into()),
            reason: reason()?,
        },
        "decided" => Event::Decided {
            decision: f.word("decision")?,
            reason: reason()?,
        },
        "approved" => Event::Approved {
            name: f.text("name")?,
            role: f.text("role")?,
            how: f.text("how")?,
        },
        "item-marked" => Event::ItemMarked {
            item: f.text("item")?.as_str().into(),
            mark: f.word("mark")?,
            reason: reason()?,
        },
        "gate-waived" => Event::GateWaived {
            gate: read_gate(f.object("gate")?)?,
            reason: reason()?,
        },
        "went-ahead" => Event::WentAhead {
            to: ActionRef::new(f.text("to")?),
            over: f.texts("over")?.into_iter().map(ActionRef::new).collect(),
            reason: reason()?,
        },
        "checkpoint-placed" => Event::CheckpointPlaced {
            checklist: f.text("checklist")?.as_str().into(),
            before: f.text_opt("before")?.map(ActionRef::new),
        },
        "procedure-chosen" => Event::ProcedureChosen {
            procedure: f.text("procedure")?.as_str().into(),
            reason: reason()?,
        },
        "alternative-chosen" => Event::AlternativeChosen {
            choice: f.text("choice")?.as_str().into(),
            option: f.text("option")?,
        },
        "parameter-filled" => Event::ParameterFilled {
            name: f.text("name")?.as_str().into(),
            value: match f.text_opt("text")? {
                Some(text) => ParameterValue::Text(text),
                None if f.bool("secret")? => ParameterValue::Secret,
                None => return Err(RecordError::Field("text".to_owned())),
            },
        },
        "place-chosen" => Event::PlaceChosen {
            scope: f.text("scope")?,
            place: f.text("place")?,
            on: f.word("on")?,
        },
        "sent-elsewhere" => Event::SentElsewhere {
            whose: f.text("whose")?,
            goes: if f.bool_or("as-the-rest", false)? {
                Goes::AsTheRest
            } else {
                Goes::to(&f.text("opener")?, &f.text("name")?)
            },
        },
        "attempt-intended" => Event::AttemptIntended(read_intent(f)?),
        "attempt-started" => Event::AttemptStarted {
            attempt: attempt()?,
            at: f.time("at")?,
        },
        "commit-awaited" => Event::CommitAwaited {
            attempt: attempt()?,
            tally: form::read_tally(f.object("tally")?)?,
        },
        "commit-decided" => Event::CommitDecided {
            attempt: attempt()?,
            commit: f.bool("commit")?,
            confirmation: form::read_confirmation(f)?,
        },
        "other-target-seen" => Event::OtherTargetSeen {
            action: ActionRef::new(f.text("action")?),
            bearings: f.list("bearings", |v| read_bearing(Fields(v)).ok())?,
        },
        "name-made" => Event::NameMade(looked_form::read_made_name(f)?),
        "attempt-ended" => Event::AttemptEnded {
            attempt: attempt()?,
            ending: read_ending(f.object("ending")?)?,
            judgements: f.list("judgements", |v| read_judgement(Fields(v)).ok())?,
        },
        "attempt-never-ran" => Event::AttemptNeverRan {
            attempt: attempt()?,
            why: f.text("why")?,
        },
        "attempt-lost" => Event::AttemptLost {
            attempt: attempt()?,
            why: f.text("why")?,
        },
        "probe-sensed" => read_sensed(f)?,
        "attempt-resolved" => Event::AttemptResolved {
            attempt: attempt()?,
            resolution: f.word("resolution")?,
            reason: reason()?,
        },
        "attempt-judged" => Event::AttemptJudged {
            attempt: attempt()?,
            met: f.bool("met")?,
            reason: reason()?,
        },
        "stop-asked" => Event::StopAsked {
            attempt: attempt()?,
            stage: f.word("stage")?,
        },
        "survivors-stop-asked" => Event::SurvivorsStopAsked {
            attempt: attempt()?,
        },
        "survivors-seen" => Event::SurvivorsSeen {
            attempt: attempt()?,
            alive: f.list("alive", |v| v.as_u64().and_then(|n| u32::try_from(n).ok()))?,
            note: f.text("note")?,
        },
        "journal-stalled" => Event::JournalStalled {
            since: f.time("since")?,
            why: f.text("why")?,
        },
        "action-marked" => Event::ActionMarked {
            action: ActionRef::new(f.text("action")?),
            mark: f.word("mark")?,
            reason: reason()?,
            done_at: f.time_opt("done_at")?,
            pasted: f.text("pasted")?,
        },
        "point-of-no-return-passed" => Event::PointOfNoReturnPassed {
            step: f.text("step")?.as_str().into(),
        },
        "note-added" => Event::NoteAdded {
            text: f.text("text")?,
        },
        "lines-pinned" => Event::LinesPinned {
            text: f.text("text")?,
            attempt: f.u32_opt("attempt")?.map(AttemptId),
        },
        "attached" => Event::Attached {
            what: f.text("what")?,
            sha256: f.text("sha256")?,
        },
        "field-written" => Event::FieldWritten {
            field: f.text("field")?.as_str().into(),
            text: f.text("text")?,
        },
        "message-used" => Event::MessageUsed {
            template: f.text("template")?.as_str().into(),
            how: f.text("how")?,
            text: f.text("text")?,
        },
        "undone" => Event::Undone(Box::new(from_stored(&f.text("type")?, f.value("data")?)?)),
        "rollback-completed" => Event::RollbackCompleted {
            at: f.time("at")?,
            reason: f.text_opt("reason")?.unwrap_or_default(),
            running: f.texts_or_none("running")?,
        },
        "closed" => Event::Closed {
            sign_off: f.text("sign_off")?,
            left_open: f.texts("left_open")?,
        },
        "reopened" => Event::Reopened { reason: reason()? },
        unknown => return Err(RecordError::Type(unknown.to_owned())),
    })
}

fn person(person: &Person) -> Value {
    json!({
        "name": person.name, "uid": person.uid, "host": person.host, "terminal": person.terminal,
    })
}

fn read_person(f: Fields<'_>) -> Result<Person, RecordError> {
    Ok(Person {
        name: f.text("name")?,
        uid: f.u32("uid")?,
        host: f.text("host")?,
        terminal: f.text("terminal")?,
    })
}

fn gate(gate: &Gate) -> Value {
    match gate {
        Gate::Decision => json!({"kind": "decision"}),
        Gate::Approval => json!({"kind": "approval"}),
        Gate::Checklist(id) => json!({"kind": "checklist", "checklist": id.as_str()}),
        Gate::Order(at) => json!({"kind": "order", "action": at.as_str()}),
        Gate::Backup(what) => json!({"kind": "backup", "what": what}),
        Gate::Stale(at, id) => json!({"kind": "stale", "action": at.as_str(), "attempt": id.0}),
    }
}

fn read_gate(f: Fields<'_>) -> Result<Gate, RecordError> {
    match f.text("kind")?.as_str() {
        "decision" => Ok(Gate::Decision),
        "approval" => Ok(Gate::Approval),
        "checklist" => Ok(Gate::Checklist(f.text("checklist")?.as_str().into())),
        "order" => Ok(Gate::Order(ActionRef::new(f.text("action")?))),
        "backup" => Ok(Gate::Backup(f.text("what")?)),
        "stale" => Ok(Gate::Stale(
            ActionRef::new(f.text("action")?),
            AttemptId(f.u32("attempt")?),
        )),
        _ => Err(RecordError::Field("kind".to_owned())),
    }
}

fn intent(it: &Intent) -> Value {
    let (how, word) = form::confirmation(&it.confirmation);
    json!({
        "attempt": it.attempt.0, "action": it.action.as_str(), "title": it.title,
        "kind": it.kind.word(), "code": it.code, "sha256": it.sha256, "cwd": it.cwd,
        "host": it.host, "environment": it.environment, "danger": it.danger.word(),
        "confirmation": how, "word": word, "monitor": it.monitor, "edited": it.edited,
        "scope": it.scope, "state_from": it.state_from.map(|a| a.0), "there": it.there,
        "wording": it.wording,
        "bearings": it.bearings.iter().map(bearing).collect::<Vec<_>>(),
        "sources": it.sources.iter().map(source).collect::<Vec<_>>(),
        "terms": it.terms.as_ref().map(form::terms), "again_s": it.again_s,
    })
}

fn read_intent(f: Fields<'_>) -> Result<Intent, RecordError> {
    Ok(Intent {
        attempt: AttemptId(f.u32("attempt")?),
        action: ActionRef::new(f.text("action")?),
        title: f.text("title")?,
        kind: f.word("kind")?,
        code: f.text("code")?,
        sha256: f.text("sha256")?,
        cwd: f.text("cwd")?,
        host: f.text("host")?,
        environment: f.text("environment")?,
        danger: f.word("danger")?,
        confirmation: form::read_confirmation(f)?,
        monitor: f.bool("monitor")?,
        edited: f.bool("edited")?,
        wording: f.text_opt("wording")?,
        scope: f.text("scope")?,
        state_from: f.u32_opt("state_from")?.map(AttemptId),
        there: f.text_opt("there")?,
        bearings: match f.value_opt("bearings") {
            Some(_) => f.list("bearings", |v| read_bearing(Fields(v)).ok())?,
            None => Vec::new(),
        },
        sources: match f.value_opt("sources") {
            Some(_) => f.list("sources", |v| read_source(Fields(v)).ok())?,
            None => Vec::new(),
        },
        terms: match f.value_opt("terms") {
            Some(value) => Some(form::read_terms(Fields(value))?),
            None => None,
        },
        again_s: f.u32_opt("again_s")?,
    })
}

fn judgement(it: &Judgement) -> Value {
    json!({"verdict": it.verdict.word(), "because": it.because})
}

fn read_judgement(f: Fields<'_>) -> Result<Judgement, RecordError> {
    Ok(Judgement {
        verdict: f.word("verdict")?,
        because: f.text("because")?,
    })
}
