//! `backout export`: an incident as one document, from what is on disk. Takes nobody's lock and
//! executes nothing.

use std::io;
use std::path::Path;

use chrono::{Local, Offset as _, Utc};

use crate::domain::Incident;
use crate::domain::event::Recorded;
use crate::domain::ids::{AttemptId, IncidentId};
use crate::journal::store;
use crate::report::export::{self, Kept};
use crate::session::open::{look, runbook};
use crate::session::{Home, cast};

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
    if wanted.format == ExportForm::Cast {
        return cast(wanted, &incident, &records, &dir);
    }
    if wanted.attempt.is_some() {
        let what = "--attempt is for --format cast";
        return Err(Failure::new(what, "leave one of them out").into());
    }
    let form = match wanted.format {
        ExportForm::Text | ExportForm::Cast => export::text,
        ExportForm::Markdown => export::markdown,
        ExportForm::Json => export::json,
    };
    let runbook = runbook(&dir);
    let kept = Kept {
        head: &head,
        runbook: runbook.as_deref(),
    };
    let text = form(&incident, &records, &kept, Utc::now(), &zone);
    match &wanted.output {
        None => output::print(&text),
        Some(path) => {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            crate::journal::disk::write_whole(&whole, text.as_bytes())
                .map_err(|error| unwritten(path, &error))?;
            Ok(Outcome::Good)
        }
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let what = format!("cannot write {}: {error}", path.display());
    Failure::new(what, "name another file with -o; the incident is untouched")
}

/// The recording is written as it is read: evidence may be larger than memory.
fn cast(wanted: &Export, incident: &Incident, records: &[Recorded], dir: &Path) -> Ending {
    let only = wanted.attempt.map(AttemptId);
    if let Some(id) = only
        && !incident.attempts.iter().any(|a| a.intent.attempt == id)
    {
        let what = format!("{} has no attempt {}", wanted.id, id.0);
        let todo = "`backout export` shows the attempts there are";
        return Err(Failure::new(what, todo).into());
    }
    match &wanted.output {
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            match cast::write(dir, incident, records, only, &mut out) {
                // A player that has seen enough leaves.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Good),
                Err(error) => {
                    let what = format!("cannot export {}: {error}", wanted.id);
                    Err(Failure::new(what, "the incident is untouched").into())
                }
                Ok(()) => Ok(Outcome::Good),
            }
        }
        Some(path) => {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let written = (|| {
                let parent = whole.parent().unwrap_or(Path::new("/"));
                let mut file = tempfile::NamedTempFile::new_in(parent)?;
                let mut out = io::BufWriter::new(file.as_file_mut());
                cast::write(dir, incident, records, only, &mut out)?;
                io::Write::flush(&mut out)?;
                drop(out);
                file.as_file().sync_all()?;
                file.persist(&whole).map_err(|e| e.error).map(drop)
            })();
            written.map_err(|error| unwritten(path, &error))?;
            Ok(Outcome::Good)
        }
    }
}
