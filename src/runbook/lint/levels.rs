//! Levels, deadlines, approvals and checkpoints: whether the plan says who decides, and by when.

use super::{Review, codes};
use crate::domain::plan::{ApprovalRule, ChecklistRole, Severity};
use crate::runbook::words::{level, says, says_any};

/// Looks at every level and checkpoint.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    // Approvals by scenario say nothing about levels.
    let by_level = plan
        .approvals
        .iter()
        .any(|a| plan.severities.iter().any(|s| is_of(a, s)));
    for severity in &plan.severities {
        one(review, severity, by_level);
    }
    if plan.approvals.is_empty() && !plan.procedures.is_empty() {
        let place = match plan.severities.first() {
            Some(first) => review.source.said(first.span.first),
            None => review.top(),
        };
        let message = "the plan does not say who may approve a rollback";
        review.say(&codes::NO_APPROVER, place, message);
    }
    for list in plan
        .checklists
        .iter()
        .filter(|c| c.role == ChecklistRole::Checkpoint)
    {
        if list.place.is_none() && list.due_after_s.is_none() {
            let place = review.source.heading(list.span.first, &list.title);
            let message = format!("nothing says when \"{}\" is due", list.title);
            review.say(&codes::NO_PLACE, place, message);
        }
    }
}

fn one(review: &mut Review<'_>, severity: &Severity, by_level: bool) {
    let urgent = level(&severity.name).is_none_or(|rank| rank <= 1);
    let approvals = &review.plan.approvals;
    let approved = approvals.iter().find(|a| is_of(a, severity));
    let answered = approved.and_then(|a| a.respond_within_s).is_some();
    let place = review
        .source
        .find(severity.span, &severity.name)
        .unwrap_or_else(|| review.source.said(severity.span.first));
    let name = super::cut(&severity.name, 50);
    if urgent && severity.within_s.is_none() && !answered {
        let message = format!("the level {name} has no deadline");
        review.say(&codes::NO_DEADLINE, place, message);
    }
    if urgent && by_level && approved.is_none() {
        let message = format!("nobody is named who may approve at the level {name}");
        review.say(&codes::LEVEL_WITHOUT_APPROVER, place, message);
    }
    if severity.triggers.is_empty() {
        let message = format!("nothing says what puts an incident at the level {name}");
        review.say(&codes::NO_TRIGGER, place, message);
    }
}

/// The approval is for that level: by its name, or by how severe both sound.
fn is_of(approval: &ApprovalRule, severity: &Severity) -> bool {
    // Who decides without a condition decides at every level.
    approval.when.is_empty()
        || approval.names(&severity.name)
        || says(&approval.when.to_lowercase(), &severity.name.to_lowercase())
        || says_any(&approval.when, &["any|all|every"])
        || level(&approval.when).is_some_and(|rank| level(&severity.name) == Some(rank))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};

    const LEVELS: &str = "# P\n## When to roll back\n**CRITICAL:**\n- it burns\n\n**LOW** - within 2 days if:\n- a spelling mistake\n\n## Rollback\n```bash\nls\n```\n";

    #[test]
    fn an_urgent_level_has_a_deadline() {
        assert_eq!(underlined(LEVELS, "no-deadline"), ["CRITICAL"]);
        let dated = LEVELS.replace("**CRITICAL:**", "**CRITICAL** - within 5 minutes if:");
        assert_eq!(at(&dated, "no-deadline"), NONE);
    }

    #[test]
    fn an_urgent_level_has_an_approver_where_others_do() {
        let table =
            "\n## Who may approve\n| Severity | Who can approve |\n|--|--|\n| LOW | Ana |\n";
        let text = format!("{LEVELS}{table}");
        assert_eq!(underlined(&text, "level-without-approver"), ["CRITICAL"]);
        assert_eq!(at(&text, "no-approver"), NONE);
        let both = format!("{text}| CRITICAL | Bo |\n");
        assert_eq!(at(&both, "level-without-approver"), NONE);
        assert_eq!(at(LEVELS, "level-without-approver"), NONE);
        assert_eq!(at(LEVELS, "no-approver"), [3]);
    }

    #[test]
    fn a_checkpoint_has_a_place() {
        let text = "# P\n## Rollback\n```bash\nls\n```\n## Checkpoint 2\n- [ ] all is well\n";
        assert_eq!(underlined(text, "no-place"), ["Checkpoint 2"]);
        let placed = text.replace("Checkpoint 2", "Checkpoint 2: 30 Minutes After Rollback");
        assert_eq!(at(&placed, "no-place"), NONE);
    }
}
