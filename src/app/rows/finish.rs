//! The rows at the end: the mark that the rollback is complete, and the sign-off.

use super::{Row, Sign, Target};
use crate::domain::event::ActionMark;
use crate::domain::flight;
use crate::domain::incident::Incident;
use crate::domain::status::ActionStatus;
use crate::report::words;

/// So many actions are named in a row.
const NAMED: usize = 3;

/// What stands before the mark that the rollback is complete: what is not done, checkpoints of the
/// procedure included, and what was passed over.
pub(super) fn complete(incident: &Incident) -> Vec<Row> {
    if let Some(at) = incident.completed_at {
        let since = at.format("%Y-%m-%d %H:%M:%S UTC");
        let done = match &incident.ended_short {
            None => Row::new(
                Target::Nothing,
                Sign::Done,
                format!("Complete since {since}"),
            ),
            Some(why) => {
                let text = format!("Ended as it is, not complete, at {since}: {why}");
                Row::new(Target::Nothing, Sign::Waived, text)
            }
        };
        let runs = incident.still_running().into_iter();
        let runs = runs.map(|what| still_runs(&what));
        return [done].into_iter().chain(runs).collect();
    }
    let mut rows = Vec::new();
    let open = incident.open_checkpoints();
    if let Some(at) = incident.next_place() {
        let label = flight::find_action(&incident.plan, &at)
            .map_or_else(|| at.to_string(), |(_, a)| a.label());
        rows.push(Row::text(format!(
            "Not everything is done: next is “{label}”."
        )));
    } else if open.is_empty() {
        rows.push(Row::text(settled(incident)));
        rows.extend(unjudged(incident).map(Row::text));
    } else {
        rows.push(Row::text("The actions are done, the checkpoints are not:"));
    }
    rows.extend(incident.still_running().iter().map(|what| still_runs(what)));
    for list in &open {
        let (done, all) = incident.checklist_progress(list);
        let mut row = Row::text(list.title.clone());
        row.sign = Sign::Unticked;
        row.aside = format!("{done} of {all}");
        rows.push(row);
    }
    rows.push(Row::text(
        "Checkpoints that are due later count from this mark.",
    ));
    let mark = if open.is_empty() && incident.next_place().is_none() {
        "Mark the rollback as complete"
    } else {
        "Mark the rollback as complete all the same"
    };
    rows.push(Row::new(Target::Complete, Sign::Open, mark));
    rows
}

fn still_runs(what: &str) -> Row {
    let mut row = Row::text(format!("{what} still runs"));
    row.sign = Sign::Running;
    row
}

/// Every action of the procedure is done, or passed over: which, and how.
fn settled(incident: &Incident) -> String {
    let path = incident.path();
    let passed: Vec<String> = flight::steps(&path)
        .iter()
        .flat_map(|s| &s.places)
        .filter_map(|p| match incident.place_status(p) {
            ActionStatus::Marked(
                mark @ (ActionMark::Skipped | ActionMark::Deferred | ActionMark::NotApplicable),
            ) => Some(format!(
                "“{}” ({})",
                p.action.label(),
                words::action_mark(mark)
            )),
            _ => None,
        })
        .collect();
    if passed.is_empty() {
        return "Every action of the procedure is done.".to_owned();
    }
    format!(
        "Every action of the procedure is done, but for {}.",
        passed.join(", ")
    )
}

/// What ran and was judged by nobody; the first few by their names.
fn unjudged(incident: &Incident) -> Option<String> {
    let path = incident.path();
    let steps = flight::steps(&path);
    let places = steps.iter().flat_map(|step| &step.places);
    let ran = places
        .filter(|p| !p.action.monitor && matches!(incident.place_status(p), ActionStatus::Ran(_)));
    let names: Vec<String> = ran.map(|p| format!("“{}”", p.action.label())).collect();
    let (named, others) = names.split_at(names.len().min(NAMED));
    let (last, first) = named.split_last()?;
    let who = match (first, others.len()) {
        ([], 0) => last.clone(),
        (first, 0) => format!("{} and {last}", first.join(", ")),
        (_, others) => format!("{} and {others} more", named.join(", ")),
    };
    Some(format!(
        "Nobody has judged what {who} showed: the plan names nothing to compare it with (m)."
    ))
}

pub(super) fn sign_off(incident: &Incident) -> Vec<Row> {
    if let Some((at, by)) = &incident.closed {
        let text = format!("Closed {} by {by}", at.format("%Y-%m-%d %H:%M:%S UTC"));
        return vec![Row::new(Target::SignOff, Sign::Done, text)];
    }
    let mut rows = Vec::new();
    let deferred = incident.deferred();
    if !deferred.is_empty() {
        rows.push(Row::text("Deferred, and still to be done:"));
        rows.extend(deferred.into_iter().map(|d| {
            let mut row = Row::text(d);
            row.sign = Sign::Waived;
            row
        }));
    }
    rows.push(Row::new(
        Target::SignOff,
        Sign::Open,
        "Sign off and close the incident",
    ));
    rows
}

#[cfg(test)]
mod tests {
    use super::complete;
    use crate::domain::event::Confirmation;
    use crate::domain::fixture::{Flight, action, expecting, plan, procedure, step};

    /// What the page of completion says when so many actions ran without an expectation.
    fn page(plain: usize) -> String {
        let mut plan = plan();
        let mut actions = vec![expecting("look", "git tag", "v1")];
        actions.extend((0..plain).map(|n| action(&format!("a{n}"), &format!("ls {n}"))));
        let ids: Vec<String> = actions.iter().map(|a| a.id.to_string()).collect();
        plan.procedures = vec![procedure("full", vec![step("all", actions)])];
        let mut flight = Flight::ready(plan);
        for id in ids {
            flight.start(&id, Confirmation::Pressed).expect("started");
            flight.ends(0, "v1");
        }
        let rows = complete(&flight.incident);
        let texts: Vec<String> = rows.into_iter().map(|row| row.text).collect();
        texts.join("\n")
    }

    #[test]
    fn what_nobody_has_judged_is_named_before_the_end() {
        assert!(!page(0).contains("Nobody has judged"), "{}", page(0));
        for (plain, said) in [
            (1, "what “ls 0” showed"),
            (3, "what “ls 0”, “ls 1” and “ls 2” showed"),
            (5, "what “ls 0”, “ls 1”, “ls 2” and 2 more showed"),
        ] {
            let page = page(plain);
            assert!(page.contains(said), "{page}");
            assert!(page.starts_with("Every action of the procedure is done."));
        }
    }
}
