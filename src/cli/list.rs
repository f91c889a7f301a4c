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

/// `backout` alone: what is open, and the commands that a newcomer needs.
pub fn home(everywhere: &Everywhere) -> Ending {
    let (home, mut found) = find(everywhere)?;
    found.retain(|(_, incident)| !matches!(incident, Ok(incident) if incident.closed.is_some()));
    let mut text = if found.is_empty() {
        format!(
            "no open incident in {}\n",
            harmless(&home.dir().display().to_string())
        )
    } else {
        format!(
            "open incidents\n{}",
            as_table(&found, &home, Look::of(everywhere))
        )
    };
    text.push_str(
        "\n  backout resume [ID]      take up the latest open incident, or that one\n  \
         backout open RUNBOOK     open an incident with a rollback plan\n  \
         backout practice         learn it on a broken shop: safe, real, five minutes\n  \
         backout --help           everything else\n",
    );
    output::print(&text)
}

/// Runs it.
pub fn run(list: &List, everywhere: &Everywhere) -> Ending {
    let (home, found) = find(everywhere)?;
    let text = match list.format {
        ListForm::Json => as_json(&found),
        ListForm::Table => as_table(&found, &home, Look::of(everywhere)),
    };
    output::print(&text)
}

/// An incident, or why it cannot be read.
type Found = (IncidentId, Result<Incident, String>);

fn find(everywhere: &Everywhere) -> Result<(Home, Vec<Found>), Failure> {
    let todo = "name a directory that you may read with --home";
    let failed = |error: crate::session::HomeError| Failure::new(error.to_string(), todo);
    let home = Home::locate(everywhere.home.clone()).map_err(failed)?;
    let ids = home.incidents().map_err(failed)?;
    let found = ids.into_iter().map(|id| {
        let incident = look(&home, &id).map(|(incident, _, _)| incident);
        (id, incident.map_err(|error| error.to_string()))
    });
    let found = found.collect();
    Ok((home, found))
}

fn as_json(found: &[Found]) -> String {
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

fn as_table(found: &[Found], home: &Home, look: Look) -> String {
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
