//! The closing table of a drill: step, estimate, actual, verdict. A pure function of the incident.

use std::fmt::Write as _;

use crate::cli::output::harmless;
use crate::domain::flight::{self, FlightStep};
use crate::domain::incident::Incident;
use crate::domain::plan::Estimate;
use crate::domain::status::ActionStatus;
use crate::report::when;

use unicode_width::UnicodeWidthStr as _;

/// One row.
struct Row {
    step: String,
    estimate: String,
    actual: String,
    verdict: &'static str,
}

/// The table, a line for each step of the path and one for all of it.
pub fn table(incident: &Incident) -> String {
    let legs = incident.path();
    let steps = flight::steps(&legs);
    let mut rows = vec![Row {
        step: "step".to_owned(),
        estimate: "estimate".to_owned(),
        actual: "actual".to_owned(),
        verdict: "verdict",
    }];
    rows.extend(steps.iter().map(|step| row(incident, step)));
    rows.push(total(incident, &steps));
    let width =
        |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).width()).max().unwrap_or(0);
    let (first, second) = (width(|row| &row.step).min(60), width(|row| &row.estimate));
    let mut text = String::new();
    for row in &rows {
        let gap = " ".repeat(first.saturating_sub(row.step.width()));
        let _ = writeln!(
            text,
            "{}{gap}  {:>second$}  {:>8}  {}",
            row.step, row.estimate, row.actual, row.verdict
        );
    }
    text
}

fn row(incident: &Incident, step: &FlightStep<'_>) -> Row {
    let millis = took(incident, step);
    Row {
        step: harmless(&step.step.title),
        estimate: step
            .step
            .estimate
            .map_or_else(|| "-".to_owned(), when::estimate),
        actual: millis.map_or_else(|| "-".to_owned(), when::millis),
        verdict: match (verdict(incident, step), step.step.estimate, millis) {
            ("passed" | "ran", Some(Estimate { high_s, .. }), Some(millis))
                if millis > high_s.saturating_mul(1000) =>
            {
                "over the estimate"
            }
            (verdict, _, _) => verdict,
        },
    }
}

fn total(incident: &Incident, steps: &[&FlightStep<'_>]) -> Row {
    let millis: u64 = steps.iter().filter_map(|step| took(incident, step)).sum();
    let procedure = incident.procedure.as_ref();
    let estimate = procedure
        .and_then(|id| flight::find_procedure(&incident.plan, id))
        .and_then(|procedure| procedure.estimate);
    let failed = steps.iter().any(|step| verdict(incident, step) == "failed");
    let undone = steps
        .iter()
        .any(|step| verdict(incident, step) == "not reached");
    Row {
        step: "all".to_owned(),
        estimate: estimate.map_or_else(|| "-".to_owned(), when::estimate),
        actual: when::millis(millis),
        verdict: match (failed, undone) {
            (true, _) => "failed",
            (false, true) => "not finished",
            (false, false) => "finished",
        },
    }
}

/// Milliseconds that the step's attempts took; none where nothing ran.
fn took(incident: &Incident, step: &FlightStep<'_>) -> Option<u64> {
    let attempts = step
        .places
        .iter()
        .flat_map(|place| incident.attempts_at(&place.at));
    let mut endings = attempts.filter_map(|attempt| attempt.ending()).peekable();
    endings.peek()?;
    Some(endings.map(|ending| ending.duration_ms).sum())
}

fn verdict(incident: &Incident, step: &FlightStep<'_>) -> &'static str {
    let mut all = "passed";
    for place in &step.places {
        let include = place.action.target.is_some();
        match incident.place_status(place) {
            ActionStatus::Open if include => {}
            ActionStatus::Failed(_) | ActionStatus::Unknown(_) => return "failed",
            ActionStatus::Open | ActionStatus::Running(_) => all = "not reached",
            ActionStatus::Judge(_) | ActionStatus::Stale(_) if all != "not reached" => {
                all = "judge";
            }
            ActionStatus::Marked(_) if all == "passed" || all == "ran" => all = "assumed",
            ActionStatus::Ran(_) if all == "passed" => all = "ran",
            ActionStatus::OffPath
            | ActionStatus::Passed(_)
            | ActionStatus::Ran(_)
            | ActionStatus::Judge(_)
            | ActionStatus::Stale(_)
            | ActionStatus::Marked(_) => {}
        }
    }
    all
}
