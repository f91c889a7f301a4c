//! The programs that a rollback needs and this machine does not have.
//!
//! What is on a machine is asked through the caller: this layer touches none.

use std::collections::BTreeMap;

use super::{Review, codes, walk};
use crate::domain::plan::{Action, ActionKind, Diagnostic, Plan};
use crate::script::shell;

/// One finding for each program that is missing, where it is needed first. Scripts that the plan
/// brings or expects in a directory (`./rollback.sh`) are not looked for.
#[must_use]
pub fn programs(plan: &Plan, text: &str, is_here: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut review = Review::of(plan, text);
    let flown = plan.procedures.iter().filter(|p| !p.off_path);
    let steps = flown.flat_map(|p| &p.steps).flat_map(|s| &s.actions);
    let mut missing: BTreeMap<String, (&Action, u32)> = BTreeMap::new();
    let mut here: BTreeMap<String, bool> = BTreeMap::new();
    for action in walk::of_items(plan).chain(steps) {
        if action.kind != ActionKind::Shell
            || action.interpreter.is_some()
            || action.place.is_some()
        {
            continue;
        }
        for program in shell::needed_here(&action.code) {
            if !is_name(&program) {
                continue;
            }
            let there = here
                .entry(program.clone())
                .or_insert_with(|| is_here(&program));
            if !*there {
                missing.entry(program).or_insert((action, 0)).1 += 1;
            }
        }
    }
    for (program, (action, count)) in missing {
        let place = review.source.find_word(action.span, &program);
        let place = place.unwrap_or_else(|| review.offender(action));
        let often = if count > 1 {
            format!(", and {count} commands need it")
        } else {
            String::new()
        };
        let message = format!("{program} is not on this machine{often}");
        review.say(&codes::MISSING_PROGRAM, place, message);
    }
    review.sorted()
}

/// A word that a shell would look for in its path.
fn is_name(program: &str) -> bool {
    program
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b))
        && program.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_program_is_said_once_where_it_is_needed_first() {
        let text = "# P\n## Rollback\n```bash\nls -l\npm2 restart shop && ./go.sh\n```\n```bash\npm2 save\nkubectl get pods\n```\n";
        let plan = crate::runbook::read(text.as_bytes());
        let found = programs(&plan, text, &|p| matches!(p, "ls" | "kubectl"));
        let said: Vec<_> = found
            .iter()
            .map(|d| (d.line, d.column, d.width, d.message.as_str()))
            .collect();
        assert_eq!(
            said,
            [(
                5,
                1,
                3,
                "pm2 is not on this machine, and 2 commands need it"
            )]
        );
        assert_eq!(programs(&plan, text, &|_| true), []);
    }
}
