//! `backout export`: an incident as one document, from what is on disk. Takes nobody's lock and
//! executes nothing.

use chrono::{Local, Offset as _, Utc};

use crate::domain::ids::IncidentId;
use crate::journal::store;
use crate::report::export;
use crate::session::Home;
use crate::session::open::look;

use super::args::{Everywhere, Export, ExportForm};
use super::failure::{Ending, Failure, Outcome};
use super::output;

/// Runs it.
pub fn run(wanted: &Export, everywhere: &Everywhere) -> Ending {
    let todo = "see `backout list` for those there are";
    let failed = |error: String| Failure::new(error, todo);
    let home = Home::locate(everywhere.home.clone()).map_err(|e| failed(e.to_string()))?;
    let id = IncidentId::new(&wanted.id);
    let (incident, records, dir) = look(&home, &id).map_err(|e| failed(e.to_string()))?;
    let head = store::read(&dir).map_err(|e| failed(e.to_string()))?.head;
    let zone = Local::now().offset().fix();
    let form = match wanted.format {
        ExportForm::Text => export::text,
        ExportForm::Markdown => export::markdown,
        ExportForm::Json => export::json,
    };
    let text = form(&incident, &records, &head, Utc::now(), &zone);
    match &wanted.output {
        None => output::print(&text),
        Some(path) => {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            crate::journal::disk::write_whole(&whole, text.as_bytes()).map_err(|error| {
                let what = format!("cannot write {}: {error}", path.display());
                Failure::new(what, "name another file with -o; the incident is untouched")
            })?;
            Ok(Outcome::Good)
        }
    }
}
