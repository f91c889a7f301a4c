//! `backout drill`: an unattended rehearsal, so that plans do not rot.
//!
//! Makes sure of everything first and runs nothing where something is missing; then a line for
//! each action on standard error as it ends, and the table on standard output.

mod course;
mod preflight;
mod table;

use std::sync::Arc;

use crate::domain::event::Mode;
use crate::runbook;
use crate::session::run::Supervised;
use crate::session::{Home, NewIncident, Session};

use super::args::{Drill, Everywhere};
use super::failure::{Ended, Ending, Failure, Outcome};
use super::output::{self, Look};
use super::source::Source;
use course::{Flight, Stop};

/// Runs it.
pub fn run(drill: &Drill, everywhere: &Everywhere) -> Ending {
    let source = Source::read(&drill.runbook.path)?;
    let plan = runbook::read(&source.bytes);
    let path = drill.runbook.path.display().to_string();
    let course = preflight::settle(&plan, drill, &path).map_err(Ended::Failures)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Ended::Fault(error.into()))?;
    let session = open(drill, everywhere, &source, &plan)?;
    let id = session.incident().id.clone();
    output::say(&format!(
        "drill {id}: {}",
        output::harmless(&course.procedure.title)
    ));

    if let Some(risk) = crate::session::logout::risk() {
        output::say(&format!("note: {}", output::harmless(&risk)));
    }
    let flight = Flight::new(
        &session,
        &runtime,
        Look::for_errors(everywhere),
        drill.assume_manual,
        drill.allow_destructive,
    );
    let flown = flight.fly(&course);
    output::print(&table::table(&session.incident()))?;
    match flown {
        Ok(()) => Ok(Outcome::Good),
        Err(stop) => Ok(stopped(&stop, id.as_str())),
    }
}

fn open(
    drill: &Drill,
    everywhere: &Everywhere,
    source: &Source,
    plan: &crate::domain::Plan,
) -> Result<Session, Failure> {
    let todo = "name a directory that you may write with --home";
    let home = Home::locate(everywhere.home.clone())
        .map_err(|error| Failure::new(error.to_string(), todo))?;
    let start_dir = std::env::current_dir().map_err(|error| {
        Failure::new(
            format!("cannot tell the present directory: {error}"),
            "go to one that exists",
        )
    })?;
    let new = NewIncident {
        plan: plan.clone(),
        runbook: source.bytes.clone(),
        runbook_path: source.name.clone(),
        mode: Mode::Drill,
        environment: drill.env.clone().or_else(|| plan.environment.clone()),
        start_dir,
        env: Vec::new(),
        // Naming it on this command line is the acceptance.
        trusted: true,
    };
    Session::create(&home, new, Arc::new(Supervised::default()))
        .map_err(|error| Failure::new(format!("cannot keep a drill: {error}"), todo))
}

fn stopped(stop: &Stop, id: &str) -> Outcome {
    let (why, outcome) = match stop {
        Stop::Failed(what) => (format!("failed at {what}"), Outcome::Wanting),
        Stop::Person(what) => (
            format!("stopped at what a person does: {what} (--assume-manual takes it as done)"),
            Outcome::Wanting,
        ),
        Stop::Refused(why) => (format!("could not go on: {why}"), Outcome::Wanting),
        Stop::Interrupted => ("interrupted".to_owned(), Outcome::Interrupted),
    };
    output::say(&format!(
        "drill {id} {why}; everything is kept; look at it with `backout resume {id}`"
    ));
    outcome
}
