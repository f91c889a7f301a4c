//! Ways of doing the same thing that are no choice, so that all of them would run.
//!
//! The reader makes choices of what it recognises; this looks for what it did not: parts, steps
//! and commands that call themselves another way and share no choice with anything.

use super::{Review, codes, walk};
use crate::domain::plan::{Action, Plan, Procedure, Span, Step};
use crate::runbook::words::is_one_of;
use crate::script::shell;

/// Looks at parts of procedures, at steps, at commands, and inside commands.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    for procedure in walk::flown(plan) {
        parts(review, plan, procedure);
        steps(review, &procedure.steps);
        for step in &procedure.steps {
            actions(review, step);
        }
    }
}

/// Parts of one procedure that are options of it.
fn parts(review: &mut Review<'_>, plan: &Plan, whole: &Procedure) {
    let options: Vec<&Procedure> = walk::flown(plan)
        .filter(|p| p.parent.as_ref() == Some(&whole.id))
        .filter(|p| p.choice.is_none() && is_one_of(&p.title))
        .collect();
    let [first, second, ..] = options.as_slice() else {
        return;
    };
    say(review, second.span, &second.title, &first.title);
}

fn steps(review: &mut Review<'_>, steps: &[Step]) {
    let open = |s: &&Step| s.choice.is_none() && s.actions.iter().all(is_bound) && runs(s);
    let options: Vec<&Step> = steps
        .iter()
        .filter(|s| open(s) && is_one_of(&s.title))
        .collect();
    if let [first, second, ..] = options.as_slice() {
        say(review, second.span, &second.title, &first.title);
    }
    for pair in steps.windows(2) {
        let [before, step] = pair else { continue };
        if open(&step) && runs(before) && is_another_way(&step.title) {
            say(review, step.span, &step.title, &before.title);
        }
    }
}

fn runs(step: &Step) -> bool {
    step.actions
        .iter()
        .any(|a| walk::is_runnable(a) && !a.opt_in)
}

/// It has no alternative and would run.
fn is_bound(action: &Action) -> bool {
    action.choice.is_none() && !action.opt_in
}

fn actions(review: &mut Review<'_>, step: &Step) {
    let bound: Vec<&Action> = step
        .actions
        .iter()
        .filter(|a| is_bound(a) && walk::is_runnable(a))
        .collect();
    let options: Vec<&&Action> = bound.iter().filter(|a| is_one_of(&a.title)).collect();
    if let [first, second, ..] = options.as_slice() {
        say(review, second.span, &second.title, &first.title);
    }
    for pair in bound.windows(2) {
        if let [before, action] = pair
            && is_another_way(&action.title)
        {
            say(review, action.span, &action.title, &before.label());
        }
    }
    for action in bound {
        inside(review, action);
    }
}

/// `# or` between two commands of one text.
fn inside(review: &mut Review<'_>, action: &Action) {
    let lines: Vec<&str> = action.code.lines().map(str::trim).collect();
    let command = |l: &&str| !l.is_empty() && !l.starts_with('#') && !l.starts_with("--");
    for (at, line) in lines.iter().enumerate() {
        let comment = line.strip_prefix('#').filter(|_| !line.starts_with("#!"));
        let Some(text) = comment.filter(|t| is_another_way(t)) else {
            continue;
        };
        let before = lines
            .get(..at)
            .unwrap_or_default()
            .iter()
            .rfind(|l| command(l));
        let next = lines.get(at + 1).filter(|l| command(l));
        if let (Some(before), Some(_)) = (before, next) {
            let place = review.source.locate(action.span, line);
            let message = message(text, before);
            review.say(&codes::BOTH_WOULD_RUN, place, message);
        }
    }
}

/// `Or …`, `Alternatively …`: by the rules that read it of a comment.
fn is_another_way(title: &str) -> bool {
    shell::alternative(title).is_some_and(|a| a.command.is_none())
}

fn say(review: &mut Review<'_>, span: Span, title: &str, other: &str) {
    let place = review.source.find(span, title);
    let place = place.unwrap_or_else(|| review.source.said(span.first));
    review.say(&codes::BOTH_WOULD_RUN, place, message(title, other));
}

fn message(title: &str, other: &str) -> String {
    format!(
        "\"{}\" reads as another way of \"{}\", and both would run",
        super::cut(title.trim(), 50),
        super::cut(other.trim(), 50)
    )
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::tests::{NONE, at, underlined};
    use crate::domain::ids::ChoiceId;

    /// The reader makes a choice of these; taken out of the plan, they would both run.
    const OPTIONS: &str = "# P\n## Rollback\n### Full\n#### Option A: by tag\n```bash\ngit checkout v1\n```\n#### Option B: by branch\n```bash\ngit checkout main\n```\n";

    #[test]
    fn options_that_are_a_choice_are_none_of_its_business() {
        assert_eq!(at(OPTIONS, "both-would-run"), NONE);
        let or = "# P\n## Rollback\n```bash\ngit checkout v1\n# Or:\ngit checkout main\n```\n";
        assert_eq!(at(or, "both-would-run"), NONE);
    }

    #[test]
    fn options_that_share_no_choice_would_both_run() {
        let mut plan = crate::runbook::read(OPTIONS.as_bytes());
        let none: Option<ChoiceId> = None;
        for procedure in &mut plan.procedures {
            procedure.choice.clone_from(&none);
        }
        let found = check(&plan, OPTIONS);
        let found: Vec<u32> = found
            .iter()
            .filter(|d| d.code == "both-would-run")
            .map(|d| d.line)
            .collect();
        assert_eq!(found, [8]);
    }

    #[test]
    fn another_way_inside_a_compound_command_is_seen() {
        let text = "# P\n## Rollback\n```bash\nfor h in a b; do\n  ssh $h systemctl restart shop\n  # or\n  ssh $h docker restart shop\ndone\n```\n";
        assert_eq!(underlined(text, "both-would-run"), ["# or"]);
    }
}
