//! Which procedures are ways of doing one thing, so that they exclude each other.

use std::collections::HashSet;

use super::marks::Mark;
use super::reading::Reading;
use super::words::{self, Numbered, says_any};
use crate::domain::ids::{ActionId, ChoiceId, ProcedureId};

/// One thing alone is no choice.
pub fn drop_lonely_choices(reading: &mut Reading<'_>) {
    for procedure in &mut reading.plan.procedures {
        for step in &mut procedure.steps {
            let mut shared: Vec<(ChoiceId, ActionId)> = step
                .actions
                .iter()
                .filter_map(|a| Some((a.choice.clone()?, a.option().clone())))
                .collect();
            shared.sort_unstable();
            shared.dedup();
            let alone = |c: &ChoiceId| shared.iter().filter(|(s, _)| s == c).count() < 2;
            for action in &mut step.actions {
                if action.choice.as_ref().is_some_and(alone) {
                    action.choice = None;
                    action.branch = None;
                }
            }
        }
    }
}

/// Options, methods and scenarios side by side exclude each other.
pub fn choose(
    reading: &mut Reading<'_>,
    index: usize,
    parts: &[(usize, ProcedureId)],
    is_procedure: bool,
) {
    // Several rollbacks under one name are ways to do it, not parts of one flight.
    let title = &reading.section(index).title;
    let ways = is_procedure
        && says_any(
            title,
            &["procedures|methods|options|strategies|ways|approaches"],
        )
        && parts.iter().all(|(s, _)| {
            let title = &reading.section(*s).title;
            says_any(title, &["rollback", "roll back", "revert", "restore"])
                && !words::bare(title).starts_with("Post")
        });
    let by_phase = says_any(
        &reading.section(index).title,
        &["by phase", "por fase", "nach phase", "par phase"],
    );
    let all = reading.section(index).marks.contains(&Mark::ChooseOne);
    let one_of = |section: usize| {
        let title = &reading.section(section).title;
        all || ways
            || words::is_one_of(title)
            || (by_phase && matches!(words::numbered(title), Some((Numbered::Phase, _))))
    };
    let chosen: HashSet<ProcedureId> = parts
        .iter()
        .filter(|(s, _)| one_of(*s))
        .map(|(_, id)| id.clone())
        .collect();
    if chosen.len() < 2 {
        return;
    }
    let choice = ChoiceId::new(format!("{}/one-of", reading.section(index).id));
    for procedure in reading
        .plan
        .procedures
        .iter_mut()
        .filter(|p| chosen.contains(&p.id) && p.choice.is_none())
    {
        procedure.choice = Some(choice.clone());
    }
}
