//! The resume card: after a pause, a reconnect or a change of driver it says what was done last,
//! what is running, what is not known, what was deferred, and what is next.

use chrono::{DateTime, Utc};

use super::flown;
use super::{when, words};
use crate::domain::elsewhere::Whereabouts;
use crate::domain::event::{ActionMark, Decision, ItemMark};
use crate::domain::flight::{self, Leg};
use crate::domain::incident::{AttemptState, Incident};
use crate::domain::outline::{EntryState, Stage};
use crate::domain::status::{ActionStatus, ItemStatus, attempt_status};

/// What somebody needs to know who comes (back) to an incident.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ResumeCard {
    /// What was done last.
    pub last_done: Option<String>,
    /// What is running.
    pub running: Vec<String>,
    /// What nobody knows the outcome of.
    pub unknown: Vec<String>,
    /// What failed, or what a check says does not hold.
    pub failed: Vec<String>,
    /// What ran and waits for a judgement.
    pub to_judge: Vec<String>,
    /// What was put off.
    pub deferred: Vec<String>,
    /// What is next.
    pub next: Option<String>,
}

/// The resume card as it stands.
#[must_use]
pub fn resume_card(incident: &Incident, now: DateTime<Utc>) -> ResumeCard {
    let mut card = ResumeCard {
        last_done: last_done(incident, now),
        running: running(incident, now),
        deferred: deferred(incident),
        next: next(incident, now),
        ..ResumeCard::default()
    };
    unsettled(incident, &mut card);
    card
}

fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match when::between(at, now) {
        Some(passed) => format!("{} UTC, {} ago", when::clock(at), when::seconds(passed)),
        None => format!("{} UTC", when::clock(at)),
    }
}

fn last_done(incident: &Incident, now: DateTime<Utc>) -> Option<String> {
    let plan = &incident.plan;
    let mut last: Option<(DateTime<Utc>, String)> = None;
    let mut offer = |at: DateTime<Utc>, text: String| {
        if last.as_ref().is_none_or(|(before, _)| at >= *before) {
            last = Some((at, text));
        }
    };
    for attempt in &incident.attempts {
        let Some(at) = flown::ended_at(attempt) else {
            continue;
        };
        let title = words::action(plan, &attempt.intent.action);
        offer(
            at,
            format!(
                "attempt {} at {title}{}: {} ({})",
                attempt.intent.attempt,
                words::place(incident, attempt),
                words::attempt(attempt),
                attempt.by
            ),
        );
    }
    for (at, marked) in incident
        .actions
        .iter()
        .filter(|(_, m)| m.mark != ActionMark::Open)
    {
        offer(
            marked.at,
            format!(
                "{} {} ({})",
                words::action(plan, at),
                words::action_mark(marked.mark),
                marked.by
            ),
        );
    }
    for (id, marked) in incident
        .items
        .iter()
        .filter(|(_, m)| m.mark != ItemMark::Open)
    {
        offer(
            marked.at,
            format!(
                "{} {} ({})",
                words::item(plan, id),
                words::item_mark(marked.mark),
                marked.by
            ),
        );
    }
    if let Some(decided) = &incident.decision {
        offer(
            decided.at,
            format!(
                "decided to {} ({})",
                words::decision(decided.decision),
                decided.by
            ),
        );
    }
    for approval in &incident.approvals {
        offer(
            approval.at,
            format!("approval of {} recorded", approval.name),
        );
    }
    if let Some(at) = incident.completed_at {
        let what = match incident.ended_short {
            None => "rollback complete",
            Some(_) => "rollback ended as it is, not complete",
        };
        offer(at, what.to_owned());
    }
    last.map(|(at, text)| format!("{text} · {}", ago(at, now)))
}

fn running(incident: &Incident, now: DateTime<Utc>) -> Vec<String> {
    let alive = incident.attempts.iter().filter(|a| a.is_alive());
    alive
        .map(|attempt| {
            let title = words::action(&incident.plan, &attempt.intent.action);
            let title = title + &words::place(incident, attempt);
            let id = attempt.intent.attempt;
            if let Some(waits) = words::waits(attempt) {
                return format!("attempt {id} {waits}");
            }
            match &attempt.state {
                AttemptState::Intended => {
                    format!("attempt {id} at {title}: confirmed, not known to run yet")
                }
                _ => format!(
                    "attempt {id} at {title}: running since {}",
                    ago(flown::begun_at(attempt), now)
                ),
            }
        })
        .collect()
}

/// What is not known, failed, or waits for a judgement; of each action the last attempt, and
/// all whose outcome is not known.
fn unsettled(incident: &Incident, card: &mut ResumeCard) {
    let plan = &incident.plan;
    let mut ran = 0_usize;
    let mut seen = Vec::new();
    for attempt in incident.attempts.iter().rev() {
        let at = &attempt.intent.action;
        // What is not known holds up what follows, whatever was tried or said since.
        let unknown = matches!(attempt.state, AttemptState::Unknown(_));
        if !unknown && (!attempt.has_run() || seen.contains(&at)) {
            continue;
        }
        seen.push(at);
        let Some((_, action)) = flight::find_action(plan, at) else {
            continue;
        };
        let marked = incident
            .actions
            .get(at)
            .is_some_and(|m| m.mark != ActionMark::Open);
        if marked && !unknown {
            continue;
        }
        let status = attempt_status(attempt, action);
        let text = format!(
            "attempt {} at {}{}: {}",
            attempt.intent.attempt,
            words::action(plan, at),
            words::place(incident, attempt),
            words::action_status(status)
        );
        match (&attempt.state, status) {
            (AttemptState::Unknown(why), _) => {
                card.unknown.push(words::with_reason(&text, why));
            }
            (_, ActionStatus::Unknown(_)) => card.unknown.push(text),
            (_, ActionStatus::Judge(_)) => card.to_judge.push(text),
            (_, ActionStatus::Ran(_)) => ran += usize::from(!attempt.intent.monitor),
            _ if status.is_broken() => card.failed.push(text),
            _ => {}
        }
    }
    if ran > 0 {
        let actions = if ran == 1 { "action" } else { "actions" };
        card.to_judge.push(format!(
            "{ran} {actions} ran, with nothing to compare the output with"
        ));
    }
    let marks = incident.actions.iter();
    let failed = marks.filter(|(_, m)| m.mark == ActionMark::Failed);
    card.failed.extend(failed.map(|(at, marked)| {
        let text = format!("{}: failed", words::action(plan, at));
        words::with_reason(&text, &marked.reason)
    }));
    let items = plan.checklists.iter().flat_map(|l| &l.items);
    let items = items.filter(|i| incident.item_status(i) == ItemStatus::Disagrees);
    card.failed
        .extend(items.map(|item| format!("{}: a check says that it does not hold", item.text)));
}

/// What was put off: items and actions, with the reasons.
pub(crate) fn deferred(incident: &Incident) -> Vec<String> {
    let plan = &incident.plan;
    let items = incident
        .items
        .iter()
        .filter(|(_, m)| m.mark == ItemMark::Deferred);
    let actions = incident
        .actions
        .iter()
        .filter(|(_, m)| m.mark == ActionMark::Deferred);
    items
        .map(|(id, m)| words::with_reason(&words::item(plan, id), &m.reason))
        .chain(actions.map(|(at, m)| words::with_reason(&words::action(plan, at), &m.reason)))
        .collect()
}

fn next(incident: &Incident, now: DateTime<Utc>) -> Option<String> {
    if incident.closed.is_some() {
        return None;
    }
    match incident.stage() {
        Stage::Triage => Some("decide: roll back, fix forward or monitor".to_owned()),
        Stage::Prepare => open_item(incident, Stage::Prepare, now),
        Stage::Execute => Some(on_path(incident)),
        Stage::Verify => open_item(incident, Stage::Verify, now),
        Stage::Close => Some(match incident.decision.as_ref().map(|d| d.decision) {
            Some(Decision::RollBack) | None => "complete the log, sign off and close".to_owned(),
            Some(_) => "note what becomes of it; complete the log and close".to_owned(),
        }),
    }
}

fn on_path(incident: &Incident) -> String {
    if incident.procedure.is_none() {
        return "choose a procedure".to_owned();
    }
    let Some(at) = incident.next_place() else {
        let open = incident
            .path()
            .iter()
            .any(|leg| matches!(leg, Leg::Choose { .. }));
        return if open {
            "choose one of the alternatives"
        } else {
            "mark the rollback as complete"
        }
        .to_owned();
    };
    let mut text = words::action(&incident.plan, &at);
    if let Some(place) = incident.meant_for(&at)
        && incident.whereabouts(&at) != Some(Whereabouts::Here)
    {
        text = format!("{text} ({})", place.on());
    }
    if let Some(gate) = incident.gates_before(&at).first() {
        text = format!("{}, before {text}", words::gate(&incident.plan, gate));
    }
    text
}

fn open_item(incident: &Incident, stage: Stage, now: DateTime<Utc>) -> Option<String> {
    let lists = || {
        incident
            .plan
            .checklists
            .iter()
            .filter(|l| incident.stage_of(l) == stage && !incident.is_complete(l))
    };
    let is_due =
        |list: &&crate::domain::plan::Checklist| incident.due_at(list).is_none_or(|due| due <= now);
    if let Some(list) = lists().find(is_due) {
        let item = list
            .items
            .iter()
            .find(|i| !incident.item_status(i).is_settled())?;
        return Some(format!("{}: {}", list.title, item.text));
    }
    let later = lists()
        .filter_map(|l| incident.due_at(l).map(|due| (due, l)))
        .min_by_key(|(due, _)| *due);
    if let Some((due, list)) = later {
        return Some(format!("{}, due at {}", list.title, when::utc(due)));
    }
    let entries = incident.outline(now);
    let open = entries
        .iter()
        .find(|e| e.stage == stage && e.state == EntryState::Open)?;
    Some(open.title.clone())
}
