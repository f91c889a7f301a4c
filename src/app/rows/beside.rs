//! What runs beside the work: its rows, and when it is stopped.

use super::Row;
use super::actions::{action_row, duration};
use crate::domain::flight;
use crate::domain::ids::AttemptId;
use crate::domain::incident::Incident;
use crate::domain::plan::{Action, Danger};

/// What runs beside the work: its action, and how it ends.
pub(super) fn monitor_rows(incident: &Incident, id: AttemptId) -> Vec<Row> {
    let Some(attempt) = incident.attempt(id) else {
        return Vec::new();
    };
    let at = &attempt.intent.action;
    let mut rows = Vec::new();
    let found = flight::find_action(&incident.plan, at).map(|(_, action)| action);
    if let Some(action) = found {
        let status = incident.action_status(at, action);
        rows.push(action_row(incident, at, action, status));
    }
    let own = &attempt.intent;
    let ends = found.and_then(|a| time_box(a, own.monitor, own.danger));
    let ends = ends.unwrap_or_else(|| "when the incident is signed off".to_owned());
    let role = if found.is_some_and(|action| action.tunnel) {
        "what comes behind it goes through it"
    } else {
        "nothing waits for it"
    };
    rows.push(Row::text(format!(
        "Runs beside the work, {role}. It is stopped {ends}, or by ctrl-c."
    )));
    rows
}

/// When an action is stopped by its plan, and where that says so: `after 5:00 (line 12)`.
#[must_use]
pub fn time_box(action: &Action, monitor: bool, danger: Danger) -> Option<String> {
    let after = duration(action.time_box(monitor, danger)?.saturating_mul(1_000));
    Some(match action.timeout_line {
        Some(line) => format!("after {after} (line {line} of the plan)"),
        None => format!("after {after}"),
    })
}

/// What stands at the right of one that has not run.
pub(super) fn aside(action: &Action) -> String {
    match action.timeout_s {
        Some(seconds) => {
            let long = duration(seconds.saturating_mul(1_000));
            format!("runs beside the work · for {long}")
        }
        None => "runs beside the work".into(),
    }
}
