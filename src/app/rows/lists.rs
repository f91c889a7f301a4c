//! The rows of checklists: what is to be confirmed, what a check makes of it, what a person said.

use super::actions::{action_row, is_runnable};
use super::places::ran_at;
use super::{Row, Sign, Target, Tone};
use crate::domain::event::{Gate, ItemMark};
use crate::domain::flight;
use crate::domain::ids::ActionRef;
use crate::domain::incident::{Attempt, Incident};
use crate::domain::plan::{Action, Checklist, Item};
use crate::domain::status::{ActionStatus, ItemStatus};
use crate::report::words;

/// The rows of a checklist: its items with what checks them, and how it stands.
pub(super) fn checklist(incident: &Incident, list: &Checklist) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(due) = incident.due_at(list) {
        rows.push(Row::text(format!(
            "Due {}",
            due.format("%Y-%m-%d %H:%M:%S UTC")
        )));
    } else if list.counted_s().is_some() {
        rows.push(Row::text("Counts from the mark “rollback complete”"));
    }
    if let Some(place) = &list.place
        && list.due_after_s.is_none()
    {
        match incident.places.get(&list.id) {
            Some(Some(before)) => {
                let label = flight::find_action(&incident.plan, before)
                    .map_or_else(|| before.to_string(), |(_, a)| a.label());
                rows.push(Row::text(format!("{place}: placed before “{label}”")));
            }
            Some(None) => rows.push(Row::text(format!("{place}: placed at the end"))),
            None => rows.push(Row::text(place.clone())),
        }
    }
    for item in &list.items {
        rows.push(item_row(incident, item));
        for action in &item.actions {
            let at = ActionRef::new(action.id.as_str());
            let mut row = action_row(incident, &at, action, incident.action_status(&at, action));
            row.depth = 1;
            rows.push(row);
        }
    }
    let (done, all) = incident.checklist_progress(list);
    let gate = Gate::Checklist(list.id.clone());
    if incident.is_waived(&gate) {
        let why = incident.waived.iter().rev().find(|(g, _, _)| *g == gate);
        let why = why.map(|(_, reason, _)| reason.clone()).unwrap_or_default();
        rows.push(Row::new(
            Target::Nothing,
            Sign::Waived,
            format!("Passed: {why}"),
        ));
    } else if done == all {
        rows.push(Row::new(Target::Nothing, Sign::Done, "Complete"));
    } else if list.checkpoint.is_some() || crate::domain::gates::gates_execute(list) {
        let text = format!("{} still open: pass it with a reason (m)", all - done);
        rows.push(Row::new(Target::Gate(gate), Sign::None, text));
    }
    rows
}

fn item_row(incident: &Incident, item: &Item) -> Row {
    let status = incident.item_status(item);
    let (sign, aside) = match status {
        ItemStatus::Open if incident.seen_too_soon(item).is_some() => {
            (Sign::Unticked, "checked too early")
        }
        ItemStatus::Open if is_overtaken(incident, item) => {
            (Sign::Unticked, "look again: older than a run above")
        }
        ItemStatus::Open => (Sign::Unticked, ""),
        ItemStatus::Disagrees => (Sign::Failed, "its check disagrees"),
        ItemStatus::Sensed => (Sign::Sensed, "sensed"),
        ItemStatus::Said(ItemMark::Done | ItemMark::Open) => (Sign::Ticked, ""),
        ItemStatus::Said(ItemMark::Overridden) => (Sign::Waived, "overridden"),
        ItemStatus::Said(ItemMark::Deferred) => (Sign::Waived, "deferred"),
        ItemStatus::Said(ItemMark::NotApplicable) => (Sign::OffPath, "not applicable"),
    };
    let mut row = Row::new(Target::Item(item.id.clone()), sign, item.text.clone());
    aside.clone_into(&mut row.aside);
    if status == ItemStatus::Sensed {
        row.aside.extend(sensed_at(incident, item));
    }
    if status == ItemStatus::Said(ItemMark::Done) && !is_sensed_at_all(incident, item) {
        "ticked, its check did not run".clone_into(&mut row.aside);
    }
    if let Some(marked) = incident.items.get(&item.id)
        && marked.mark != ItemMark::Open
    {
        let why = if marked.reason.is_empty() { "" } else { ": " };
        let line = format!(
            "{} by {}{why}{}",
            marked.at.format("%H:%M:%S UTC"),
            marked.by,
            marked.reason
        );
        row.below.push((Tone::Dim, line));
    }
    if status == ItemStatus::Sensed {
        let said = reasons(incident, item).into_iter();
        row.below.extend(said.map(|text| (Tone::Good, text)));
    }
    row.below
        .extend(item.details.iter().map(|d| (Tone::Dim, format!("· {d}"))));
    row
}

/// What the checks of an item came to, each with when it was made and why it says so.
#[must_use]
pub fn reasons(incident: &Incident, item: &Item) -> Vec<String> {
    let mut lines = Vec::new();
    for action in &item.actions {
        let at = ActionRef::new(action.id.as_str());
        let Some(attempt) = incident.telling_attempt(&at) else {
            continue;
        };
        let (when, why) = match &attempt.sensed {
            Some(sensed) => (sensed.last.at, vec![sensed.last.because.as_str()]),
            None => (attempt.ended_at(), whys(attempt)),
        };
        let status = words::action_status(incident.action_status(&at, action));
        let place = if incident.sent.is_empty() {
            String::new()
        } else {
            format!(", {}", ran_at(attempt))
        };
        let head = format!(
            "{status} at {}{place}: “{}”",
            when.format("%H:%M:%S UTC"),
            action.label()
        );
        let why = why.into_iter().filter(|w| !w.is_empty());
        let said: Vec<&str> = std::iter::once(head.as_str()).chain(why).collect();
        lines.push(said.join(", "));
    }
    lines
}

/// Where the checks of an item looked, once a person has sent something elsewhere.
fn sensed_at(incident: &Incident, item: &Item) -> Option<String> {
    let of = |action: &Action| incident.telling_attempt(&ActionRef::new(action.id.as_str()));
    let looked = item.actions.iter().filter_map(of);
    let mut places: Vec<String> = looked.map(ran_at).collect();
    places.dedup();
    (!incident.sent.is_empty() && !places.is_empty()).then(|| format!(" {}", places.join(", ")))
}

/// Why an attempt is what it is: a person's words first, then what was made of its output.
fn whys(attempt: &Attempt) -> Vec<&str> {
    if let Some((_, reason)) = &attempt.judged {
        return vec![reason];
    }
    let own = attempt.judgements.iter();
    own.map(|j| j.because.as_str()).collect()
}

/// Whether a change has run since one of its checks was made.
fn is_overtaken(incident: &Incident, item: &Item) -> bool {
    item.actions.iter().any(|action| {
        let at = ActionRef::new(action.id.as_str());
        matches!(incident.action_status(&at, action), ActionStatus::Stale(_))
    })
}

/// Whether what could check an item has run, where there is anything.
fn is_sensed_at_all(incident: &Incident, item: &Item) -> bool {
    let mut checks = item.actions.iter().filter(|a| is_runnable(a)).peekable();
    let ran = |id: &str| {
        incident
            .attempts
            .iter()
            .any(|a| a.intent.action.as_str() == id)
    };
    checks.peek().is_none() || checks.any(|a| ran(a.id.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::domain::event::Confirmation;
    use crate::domain::fixture::{Flight, action, expecting, plan};

    #[test]
    fn a_tick_over_a_check_that_did_not_run_says_so() {
        let mut it = plan();
        it.checklists[0].items[0].actions = vec![action("sense", "curl shop.test")];
        let id = it.checklists[0].items[0].id.clone();
        let mut flight = Flight::open(it);
        let aside = |flight: &Flight| {
            let list = &flight.incident.plan.checklists[0];
            super::item_row(&flight.incident, &list.items[0]).aside
        };
        assert_eq!(aside(&flight), "");
        flight.tick(id.as_str()).expect("ticked");
        assert_eq!(aside(&flight), "ticked, its check did not run");
    }

    #[test]
    fn a_sensed_item_says_why_and_since_when() {
        let mut it = plan();
        it.checklists[0].items[0].actions = vec![expecting("sense", "cat state", "ready")];
        let mut flight = Flight::open(it);
        flight.start("sense", Confirmation::ReadOnly).expect("asks");
        flight.ends(0, "all is ready");
        let item = &flight.incident.plan.checklists[0].items[0];
        let row = super::item_row(&flight.incident, item);
        assert_eq!(row.sign, super::Sign::Sensed);
        let why = &flight.incident.attempts[0].judgements[0].because;
        let said = &row.below[0].1;
        assert!(said.contains("passed at 03:00:"), "{said}");
        assert!(said.contains("“cat state”"), "{said}");
        assert!(said.ends_with(why.as_str()), "{said}");
    }
}
