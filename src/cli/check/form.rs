//! The findings as JSON for programs: versioned and stable. Keys are added, never renamed.

use serde_json::{Value, json};

use crate::domain::plan::{Diagnostic, Level};

use super::File;
use crate::cli::failure::Ended;

/// The version of the document.
const VERSION: u32 = 1;

/// All files in one document, in the order in which they were named.
pub fn json(files: &[File], strict: bool) -> Result<String, Ended> {
    let good = |(_, file): &File| file.as_ref().is_ok_and(|c| !c.is_wanting(strict));
    let total = |level| -> usize {
        let read = files.iter().filter_map(|(_, file)| file.as_ref().ok());
        read.map(|checked| checked.count(level)).sum()
    };
    let document = json!({
        "version": VERSION,
        "strict": strict,
        "ok": files.iter().all(good),
        "errors": total(Level::Error),
        "warnings": total(Level::Warning),
        "notes": total(Level::Note),
        "files": files.iter().map(|file| one(file, strict)).collect::<Vec<_>>(),
    });
    let text =
        serde_json::to_string_pretty(&document).map_err(|error| Ended::Fault(error.into()))?;
    Ok(text + "\n")
}

fn one((path, file): &File, strict: bool) -> Value {
    match file {
        Ok(checked) => json!({
            "runbook": checked.name,
            "title": checked.plan.title,
            "sha256": checked.plan.sha256,
            "ok": !checked.is_wanting(strict),
            "errors": checked.count(Level::Error),
            "warnings": checked.count(Level::Warning),
            "notes": checked.count(Level::Note),
            "diagnostics": checked.findings.iter().map(diagnostic).collect::<Vec<_>>(),
        }),
        Err(failure) => json!({
            "runbook": path.display().to_string(),
            "ok": false,
            "unreadable": failure.to_string(),
        }),
    }
}

/// As `show --format json` has it.
fn diagnostic(found: &Diagnostic) -> Value {
    let severity = match found.level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    json!({
        "line": found.line,
        "column": found.column,
        "width": found.width,
        "severity": severity,
        "code": found.code,
        "message": found.message,
        "help": found.help,
    })
}
