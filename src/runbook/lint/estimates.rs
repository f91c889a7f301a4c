//! Whether procedures say how long they take, and whether their parts add up to it.
//!
//! An estimate is a guess, so only a clear contradiction is said: parts that need a good deal
//! longer than the whole. A whole that leaves room is prudence.

use super::{Review, codes, walk};
use crate::domain::ids::ChoiceId;
use crate::domain::plan::{Estimate, Plan, Procedure};
use crate::runbook::words::says_any;

/// Rounding, in seconds.
const SLACK_S: u64 = 60;

/// Looks at every procedure of the rollback.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    for procedure in walk::flown(plan) {
        sum(review, plan, procedure);
        let runs = procedure
            .steps
            .iter()
            .flat_map(|s| &s.actions)
            .any(walk::is_runnable);
        let whole = procedure.parent.is_none() && runs;
        if whole && procedure.estimate.is_none() && parts(plan, procedure).is_none() {
            let place = review.source.said(procedure.span.first);
            let message = format!(
                "\"{}\" does not say how long it takes",
                super::cut(&procedure.title, 60)
            );
            review.say(&codes::NO_ESTIMATE, place, message);
        }
    }
}

fn sum(review: &mut Review<'_>, plan: &Plan, procedure: &Procedure) {
    // Where nothing is stated the reader has summed the steps.
    let Some(stated) = procedure
        .estimate
        .filter(|e| of_steps(procedure) != Some(*e))
    else {
        return;
    };
    let Some(parts) = parts(plan, procedure) else {
        return;
    };
    let most = stated.high_s + (stated.high_s / 5).max(SLACK_S);
    // A range that reaches further is said only where it does so clearly.
    if parts.low_s <= most && parts.high_s <= most + most / 2 {
        return;
    }
    let place = place(review, procedure);
    let message = format!(
        "\"{}\" says {}, and its parts come to {}",
        super::cut(&procedure.title, 50),
        words(stated),
        words(parts)
    );
    review.say(&codes::ESTIMATE_SUM, place, message);
}

/// Where the whole is stated: the line with the estimate, else the heading.
fn place(review: &Review<'_>, procedure: &Procedure) -> super::Place {
    const LABELS: &[&str] = &["estimat|time required|duration|total time|eta"];
    let first = procedure.span.first;
    let last = procedure
        .steps
        .first()
        .map_or(procedure.span.last, |s| s.span.first);
    let stated = (first..last.min(first + 40)).find(|n| says_any(review.source.line(*n), LABELS));
    review.source.said(stated.unwrap_or(first))
}

/// Steps and parts together, where at least one says how long it takes. What excludes each other
/// counts once: the quickest of it at least, the slowest at most.
fn parts(plan: &Plan, procedure: &Procedure) -> Option<Estimate> {
    let steps = procedure
        .steps
        .iter()
        .map(|s| (s.choice.as_ref().map(ChoiceId::as_str), s.estimate));
    let below = plan
        .procedures
        .iter()
        .filter(|p| p.parent.as_ref() == Some(&procedure.id))
        .map(|p| (p.choice.as_ref().map(ChoiceId::as_str), p.estimate));
    let mut total: Option<Estimate> = None;
    let mut choices: Vec<(&str, Estimate)> = Vec::new();
    for (choice, estimate) in steps.chain(below) {
        let Some(estimate) = estimate else { continue };
        match choice {
            None => total = Some(plus(total.unwrap_or_default(), estimate)),
            Some(choice) => match choices.iter_mut().find(|(c, _)| *c == choice) {
                Some((_, known)) => {
                    known.low_s = known.low_s.min(estimate.low_s);
                    known.high_s = known.high_s.max(estimate.high_s);
                }
                None => choices.push((choice, estimate)),
            },
        }
    }
    choices
        .into_iter()
        .fold(total, |sum, (_, e)| Some(plus(sum.unwrap_or_default(), e)))
}

/// All steps together, where each says how long it takes.
fn of_steps(procedure: &Procedure) -> Option<Estimate> {
    procedure
        .steps
        .iter()
        .try_fold(Estimate::default(), |sum, step| {
            Some(plus(sum, step.estimate?))
        })
}

fn plus(a: Estimate, b: Estimate) -> Estimate {
    Estimate {
        low_s: a.low_s.saturating_add(b.low_s),
        high_s: a.high_s.saturating_add(b.high_s),
    }
}

/// `10 minutes`, `5 to 10 minutes`.
fn words(estimate: Estimate) -> String {
    let (low, high) = (estimate.low_s, estimate.high_s);
    let unit = |s: u64| -> (u64, &str) {
        match s {
            s if s >= 7200 && s.is_multiple_of(1800) => (3600, "hours"),
            s if s >= 120 => (60, "minutes"),
            _ => (1, "seconds"),
        }
    };
    let (scale, name) = unit(high);
    let number = |s: u64| {
        let tenths = s.saturating_mul(10) / scale;
        if tenths.is_multiple_of(10) {
            (tenths / 10).to_string()
        } else {
            format!("{}.{}", tenths / 10, tenths % 10)
        }
    };
    if low == high {
        format!("{} {name}", number(high))
    } else if low == 0 {
        format!("at most {} {name}", number(high))
    } else {
        format!("{} to {} {name}", number(low), number(high))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};
    use super::*;

    fn plan(stated: &str, first: &str, second: &str) -> String {
        format!(
            "# P\n## Rollback\n### Full\n**Estimated Time:** {stated}\n\n1. **Stop** ({first})\n   ```bash\n   systemctl stop shop\n   ```\n2. **Start** ({second})\n   ```bash\n   systemctl start shop\n   ```\n"
        )
    }

    #[test]
    fn parts_that_need_longer_than_the_whole_are_said() {
        let over = plan("10 minutes", "10 minutes", "15 minutes");
        assert_eq!(
            underlined(&over, "estimate-sum"),
            ["Estimated Time:** 10 minutes"]
        );
        for (stated, first, second) in [
            ("25 minutes", "10 minutes", "15 minutes"),
            ("20 minutes", "10 minutes", "13 minutes"),
            ("5-10 minutes", "2-5 minutes", "3-6 minutes"),
            ("2 hours", "1 minute", "1 minute"),
            ("1 minute", "30 seconds", "1 minute"),
        ] {
            assert_eq!(
                at(&plan(stated, first, second), "estimate-sum"),
                NONE,
                "{stated}"
            );
        }
    }

    #[test]
    fn nested_parts_count_and_choices_count_once() {
        let nested = "# P\n## Rollback\n### Full (10 minutes)\n```bash\nls\n```\n#### Option A: tag (10 minutes)\n```bash\ngit checkout v1\n```\n#### Option B: branch (9 minutes)\n```bash\ngit checkout main\n```\n";
        assert_eq!(at(nested, "estimate-sum"), NONE);
        let longer = nested.replace("(9 minutes)", "(3 hours)");
        assert_eq!(at(&longer, "estimate-sum"), [3]);
        let summed = "# P\n## Rollback\n### Full\n1. **Stop** (1 minute)\n   ```bash\n   ls\n   ```\n#### Then (1 hour)\n```bash\nls\n```\n";
        assert_eq!(at(summed, "estimate-sum"), NONE);
    }

    #[test]
    fn a_procedure_without_an_estimate_is_said() {
        let text =
            "# P\n## Rollback\n### Full\n```bash\nls\n```\n### Half (1 minute)\n```bash\nls\n```\n";
        assert_eq!(underlined(text, "no-estimate"), ["Full"]);
    }

    #[test]
    fn durations_are_said_as_people_do() {
        let of = |low_s, high_s| words(Estimate { low_s, high_s });
        assert_eq!(of(600, 600), "10 minutes");
        assert_eq!(of(300, 600), "5 to 10 minutes");
        assert_eq!(of(0, 90), "at most 90 seconds");
        assert_eq!(of(9000, 9000), "2.5 hours");
    }
}
