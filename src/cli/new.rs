//! `backout new`: a plan to start from, written where there is none.
//!
//! A short plan that could be flown as it is, so that its author changes words instead of filling
//! a form. It is an ordinary runbook and leaves `check --strict` nothing to say; a file that is
//! there is never touched.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use super::args::New;
use super::failure::{Ending, Failure, Outcome};
use super::output;

const PLAN: &str = include_str!("new.md");

/// Words of a file's name that name the document and not the service.
const DOCUMENT: [&str; 11] = [
    "rollback",
    "backout",
    "plan",
    "runbook",
    "playbook",
    "roll",
    "back",
    "out",
    "procedure",
    "md",
    "the",
];

/// Runs it.
pub fn run(new: &New) -> Ending {
    if new.path == Path::new("-") {
        return output::print(&plan(""));
    }
    let stem = new.path.file_stem().unwrap_or_default().to_string_lossy();
    write(&new.path, &plan(&stem)).map_err(|error| failure(&new.path, &error))?;
    let shown = output::harmless(&new.path.display().to_string());
    output::say(&format!(
        "{shown} is a plan to start from: change it to fit, then backout check {shown} and \
         backout open {shown}"
    ));
    Ok(Outcome::Good)
}

/// The plan for what the file is named after.
fn plan(stem: &str) -> String {
    let words: Vec<String> = stem
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|w| !w.is_empty() && !DOCUMENT.contains(&w.as_str()))
        .collect();
    let name = match words.join("-") {
        name if name.is_empty() || !name.is_ascii() => "orders".to_owned(),
        name => name,
    };
    let mut title = words.join(" ");
    if title.is_empty() {
        title.clone_from(&name);
    }
    let first = title
        .chars()
        .next()
        .into_iter()
        .flat_map(char::to_uppercase);
    let title: String = first.chain(title.chars().skip(1)).collect();
    PLAN.replace("TITLE", &format!("{title} Rollback Plan"))
        .replace("SERVICE", &name)
}

/// Writes a file that is not there yet, whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a plan is worse than none; the file is ours, it was not there before.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    let what = |why: &str| format!("cannot write {}: {why}", path.display());
    match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(
            what("it is there already"),
            "name another file, or move that one away",
        ),
        io::ErrorKind::NotFound => Failure::new(
            what("its directory is not there"),
            "make the directory first",
        ),
        io::ErrorKind::PermissionDenied => {
            Failure::new(what("you may not write there"), "name a file where you may")
        }
        _ => Failure::new(what(&error.to_string()), "name another file"),
    }
}

#[cfg(test)]
mod tests {
    use super::plan;
    use crate::domain::plan::{Expectation, Level, Phase};
    use crate::runbook::{lint, read};

    #[test]
    fn the_plan_leaves_a_reviewer_nothing_but_its_rehearsal() {
        for stem in ["", "checkout", "ROLLBACK_PLAN", "支払い"] {
            let text = plan(stem);
            let found = lint::check(&read(text.as_bytes()), &text);
            let codes: Vec<&str> = found.iter().map(|d| d.code.as_str()).collect();
            assert_eq!(codes, ["untested"], "{stem}: {found:?}");
            assert!(found.iter().all(|d| d.level == Level::Note));
        }
    }

    #[test]
    fn the_plan_has_what_a_flight_needs() {
        let plan = read(plan("checkout-rollback").as_bytes());
        assert_eq!(plan.title, "Checkout Rollback Plan");
        assert_eq!(plan.environment.as_deref(), Some("production"));
        let flown: Vec<_> = plan
            .procedures
            .iter()
            .filter(|p| p.phase == Phase::Execute && !p.off_path)
            .collect();
        assert_eq!(flown.len(), 1, "{flown:?}");
        assert_eq!(flown[0].steps.len(), 5);
        assert!(flown[0].steps[2].point_of_no_return);
        let sensed = |s: &crate::domain::plan::Step| {
            s.actions
                .iter()
                .flat_map(|a| &a.expect)
                .any(Expectation::is_sensed)
        };
        assert!(flown[0].steps.iter().all(sensed), "{:?}", flown[0].steps);
        assert_eq!((plan.severities.len(), plan.approvals.len()), (3, 3));
        assert_eq!(plan.templates.len(), 4, "{:?}", plan.templates);
        assert_eq!(plan.contacts.len(), 3);
        assert!(
            plan.unplaced
                .iter()
                .all(|u| u.kind == crate::domain::plan::UnplacedKind::Text)
        );
        let checkpoints: Vec<_> = plan
            .checklists
            .iter()
            .filter_map(|c| c.checkpoint)
            .collect();
        assert_eq!(checkpoints, [1, 2, 3]);
    }

    #[test]
    fn a_file_is_named_after_what_it_is_for() {
        assert!(plan("payment_api").contains("# Payment api Rollback Plan"));
        assert!(plan("payment_api").contains("default: payment-api"));
        assert!(plan("ROLLBACK").contains("# Orders Rollback Plan"));
    }
}
