//! `backout show`: what was understood of a runbook, as a tree for people or as JSON for
//! programs. Reads one file; runs nothing.

use crate::domain::plan::Plan;
use crate::journal::plan_form;
use crate::runbook;

use super::args::{Everywhere, PlanForm, Show};
use super::failure::{Ended, Ending};
use super::output::{self, Look, Tone, harmless};
use super::source::Source;

/// Runs it.
pub fn run(show: &Show, everywhere: &Everywhere) -> Ending {
    let source = Source::read(&show.runbook.path)?;
    let plan = runbook::read(&source.bytes);
    let text = match show.format {
        PlanForm::Json => json(&plan)?,
        PlanForm::Tree => tree(&plan, Look::of(everywhere)),
    };
    output::print(&text)
}

fn json(plan: &Plan) -> Result<String, Ended> {
    let text = serde_json::to_string_pretty(&plan_form::to_json(plan))
        .map_err(|error| Ended::Fault(error.into()))?;
    Ok(text + "\n")
}

/// The tree with its headings in weight, and nothing in it that commands a terminal.
fn tree(plan: &Plan, look: Look) -> String {
    let mut text = String::new();
    for line in runbook::tree::tree(plan).lines() {
        let line = harmless(line);
        if line.is_empty() || line.starts_with(' ') {
            text.push_str(&line);
        } else {
            text.push_str(&look.paint(Tone::Strong, &line));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::tree;
    use crate::cli::args::{Everywhere, When};
    use crate::cli::output::Look;

    #[test]
    fn a_hostile_plan_is_shown_harmlessly() {
        let everywhere = Everywhere {
            home: None,
            color: When::Never,
            ascii: true,
        };
        let text = b"# Plan \x1b]0;owned\x07\n\n## Rollback\n\n1. **Go**\n   ```bash\n   echo \x1b[2J\n   ```\n";
        let text = tree(&crate::runbook::read(text), Look::of(&everywhere));
        assert!(!text.contains('\x1b') && !text.contains('\x07'), "{text}");
        assert!(text.contains("echo"), "{text}");
    }
}
