//! `backout check`: what a careful reviewer would say about runbooks, for the author at the
//! terminal and for a pipeline. Reads the files, looks for those that they link to and for the
//! programs of the search path; runs nothing.
//!
//! | | exit status |
//! |---|---|
//! | no error (with `--strict`: and no warning) | 0 |
//! | an error (with `--strict`: or a warning) | 1 |
//! | a file that cannot be read, whatever the others are | 2 |
//!
//! Notes never change the exit status. Every file is looked at, also after one that cannot be read.

mod excerpt;
mod form;

use std::path::{Path, PathBuf};

use crate::domain::plan::{Diagnostic, Level, Plan};
use crate::runbook::{self, lint};

use super::args::{Check, CheckForm, Everywhere};
use super::failure::{Ended, Ending, Failure, Outcome};
use super::machine;
use super::output::{self, Look, Tone, harmless};
use super::source::Source;

/// One runbook with what there is to say about it.
struct Checked {
    /// As it was named.
    name: String,
    /// The text that the findings are counted in.
    text: String,
    plan: Plan,
    findings: Vec<Diagnostic>,
}

impl Checked {
    fn of(path: &Path) -> Result<Self, Failure> {
        let source = Source::read(path)?;
        let text = runbook::text(&source.bytes);
        let plan = runbook::read(&source.bytes);
        let mut findings = lint::check(&plan, &text);
        findings.extend(lint::programs(&plan, &text, &machine::has_program));
        // What came by standard input stands in no directory.
        if let Some(dir) = path.parent().filter(|_| path != Path::new("-")) {
            let is_there = |link: &str| dir.join(link).exists();
            findings.extend(lint::files(&plan, &text, &is_there));
        }
        findings.sort_by_key(|d| (d.line, d.column));
        let name = if path == Path::new("-") {
            source.name
        } else {
            path.display().to_string()
        };
        Ok(Self {
            name,
            text,
            plan,
            findings,
        })
    }

    fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|d| d.level == level).count()
    }

    fn is_wanting(&self, strict: bool) -> bool {
        let least = if strict { Level::Warning } else { Level::Error };
        self.findings.iter().any(|d| d.level >= least)
    }
}

/// A runbook by the name that it was given, and what came of it.
type File = (PathBuf, Result<Checked, Failure>);

/// Runs it.
pub fn run(wanted: &Check, everywhere: &Everywhere) -> Ending {
    let files: Vec<File> = wanted
        .runbooks
        .iter()
        .map(|path| (path.clone(), Checked::of(path)))
        .collect();
    let text = match wanted.format {
        CheckForm::Json => form::json(&files, wanted.strict)?,
        CheckForm::Text => words(&files, Look::of(everywhere)),
    };
    output::print(&text)?;
    let mut wanting = false;
    let mut failures = Vec::new();
    for (_, file) in files {
        match file {
            Ok(checked) => wanting |= checked.is_wanting(wanted.strict),
            Err(failure) => failures.push(failure),
        }
    }
    match (failures.is_empty(), wanting) {
        (false, _) => Err(Ended::Failures(failures)),
        (true, true) => Ok(Outcome::Wanting),
        (true, false) => Ok(Outcome::Good),
    }
}

fn words(files: &[File], look: Look) -> String {
    let mut text = String::new();
    for checked in files.iter().filter_map(|(_, file)| file.as_ref().ok()) {
        text.push_str(&excerpt::all(checked, look));
        text.push_str(&summary(checked, look));
        text.push('\n');
    }
    text
}

/// `plan.md: 1 error, 2 warnings`.
fn summary(checked: &Checked, look: Look) -> String {
    let kinds = [
        (Level::Error, "error", Tone::Bad),
        (Level::Warning, "warning", Tone::Warn),
        (Level::Note, "note", Tone::Quiet),
    ];
    let counts: Vec<String> = kinds
        .into_iter()
        .filter_map(|(level, name, tone)| {
            let count = checked.count(level);
            let s = if count == 1 { "" } else { "s" };
            (count > 0).then(|| look.paint(tone, &format!("{count} {name}{s}")))
        })
        .collect();
    let said = if counts.is_empty() {
        look.paint(Tone::Good, "nothing to settle")
    } else {
        counts.join(", ")
    };
    format!(
        "{}: {said}",
        look.paint(Tone::Strong, &harmless(&checked.name))
    )
}
