//! What the plan holds besides its flight: the end of the flight plan.
//!
//! Drills, troubleshooting, lists for other times. Nothing waits for them and no stage counts
//! them; but a plan that was opened at three in the night has to be in reach as a whole.

use chrono::{DateTime, Utc};

use super::flight;
use super::incident::Incident;
use super::outline::{Entry, EntryState, Stage, Subject, entry, heading};
use super::plan::ChecklistRole;

impl Incident {
    /// What the plan holds and no stage asks for: lists for other times, drills, troubleshooting.
    /// It stays in reach, at the end and a line each.
    pub(super) fn beside(&self, entries: &mut Vec<Entry>, now: DateTime<Utc>) {
        let mut own = Vec::new();
        let lists = self.plan.checklists.iter();
        for list in lists.filter(|c| c.role == ChecklistRole::Other) {
            own.push(self.checklist_entry(list, Stage::Close, 1, now));
        }
        let off = self.plan.procedures.iter().filter(|p| {
            let above = p.parent.as_ref();
            let above = above.and_then(|id| flight::find_procedure(&self.plan, id));
            p.off_path && above.is_none_or(|a| !a.off_path)
        });
        for procedure in off {
            let mut steps = Vec::new();
            self.path_entries(procedure, Stage::Close, &mut steps, None);
            if steps.is_empty() {
                continue;
            }
            heading(procedure, Stage::Close, &steps, &mut own);
            if let Some(entry) = own.last_mut() {
                entry.depth = 1;
            }
        }
        if own.is_empty() {
            return;
        }
        let title = "Also in this plan".to_owned();
        entries.push(entry(
            Stage::Close,
            Subject::Beside,
            title,
            EntryState::Open,
        ));
        entries.append(&mut own);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Flight, action, checklist, plan, procedure, stamp, step};
    use super::*;

    #[test]
    fn what_no_stage_asks_for_stands_at_the_end_and_nothing_waits_for_it() {
        let mut it = plan();
        let other = checklist("each-release", ChecklistRole::Other, &["staged"]);
        it.checklists.insert(0, other);
        let mut drill = procedure("drill", vec![step("try", vec![action("go", "make drill")])]);
        drill.off_path = true;
        it.procedures.insert(0, drill);
        let flight = Flight::ready(it);
        let entries = flight.incident.outline(stamp(60).wall);
        let last: Vec<&Subject> = entries.iter().rev().take(4).map(|e| &e.subject).collect();
        assert_eq!(
            last,
            [
                &Subject::Procedure("drill".into()),
                &Subject::Checklist("each-release".into()),
                &Subject::Beside,
                &Subject::SignOff,
            ]
        );
        let left = flight.incident.not_done();
        assert!(!left.iter().any(|l| l.contains("each-release")), "{left:?}");
    }
}
