//! `backout list`: the incidents there are, oldest first, without taking anybody's lock.
//!
//! An incident that cannot be read is listed with the reason: nothing is hidden because it is
//! damaged.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::ids::IncidentId;
use crate::domain::incident::Incident;
use crate::session::Home;
use crate::session::open::look;

use super::args::{Everywhere, List, ListForm};
use super::failure::{Ending, Failure};
use super::output::{self, Look, Tone, harmless};

/// Runs it.
pub fn run(list: &List, everywhere: &Everywhere) -> Ending {
    let todo = "name a directory that you may read with --home";
    let failed = |error: crate::session::HomeError| Failure::new(error.to_string(), todo);
    let home = Home::locate(everywhere.home.clone()).map_err(failed)?;
    let ids = home.incidents().map_err(failed)?;
    let found: Vec<(IncidentId, Result<Incident, String>)> = ids
        .into_iter()
        .map(|id| {
            let incident = look(&home, &id).map(|(incident, _, _)| incident);
            (id, incident.map_err(|error| error.to_string()))
        })
        .collect();
    let text = match list.format {
        ListForm::Json => as_json(&found),
        ListForm::Table => as_table(&found, &home, Look::of(everywhere)),
    };
    output::print(&text)
}

fn as_json(found: &[(IncidentId, Result<Incident, String>)]) -> String {
    let incidents: Vec<Value> = found
        .iter()
        .map(|(id, incident)| match incident {
            Ok(incident) => json!({
                "id": id.as_str(),
                "title": incident.plan.title,
                "runbook": incident.runbook,
                "mode": mode(incident),
                "environment": incident.environment,
                "opened_at": incident.opened_at.wall.to_rfc3339(),
                "driver": incident.driver.name,
                "stage": incident.stage().name(),
                "closed_at": incident.closed.as_ref().map(|(at, _)| at.to_rfc3339()),
            }),
            Err(error) => json!({"id": id.as_str(), "error": error}),
        })
        .collect();
    let document = json!({"version": 1, "incidents": incidents});
    format!("{document:#}\n")
}

fn as_table(found: &[(IncidentId, Result<Incident, String>)], home: &Home, look: Look) -> String {
    if found.is_empty() {
        return format!(
            "no incidents in {}\nopen one with `backout open RUNBOOK`, or learn how with `backout practice`\n",
            harmless(&home.dir().display().to_string())
        );
    }
    let mut text = String::new();
    for (id, incident) in found {
        match incident {
            Ok(incident) => {
                let opened = incident.opened_at.wall.format("%Y-%m-%d %H:%M UTC");
                let (state, tone) = match &incident.closed {
                    Some(_) => ("closed", Tone::Quiet),
                    None => (incident.stage().name(), Tone::Strong),
                };
                let state = look.paint(tone, &format!("{state:<8}"));
                let title = harmless(&incident.plan.title);
                let _ = writeln!(text, "{id:<32}  {opened}  {state}  {title}");
            }
            Err(error) => {
                let error = look.paint(Tone::Bad, &harmless(error));
                let _ = writeln!(text, "{id:<32}  cannot be read: {error}");
            }
        }
    }
    text
}

fn mode(incident: &Incident) -> &'static str {
    use crate::domain::event::Mode;
    match incident.mode {
        Mode::Real => "real",
        Mode::Drill => "drill",
        Mode::DryRun => "dry-run",
        Mode::Practice => "practice",
    }
}
