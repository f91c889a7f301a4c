//! What is left at the end: what was put off, and what the plan would still have had done.

use super::event::{ActionMark, Decision, ItemMark};
use super::flight;
use super::incident::Incident;
use super::status::ItemStatus;

impl Incident {
    /// What was put off: deferred items and actions, by name.
    #[must_use]
    pub fn deferred(&self) -> Vec<String> {
        let items = self
            .plan
            .checklists
            .iter()
            .flat_map(|c| &c.items)
            .filter(|i| self.item_status(i) == ItemStatus::Said(ItemMark::Deferred));
        let mut names: Vec<String> = items.map(|i| i.text.clone()).collect();
        for (at, marked) in &self.actions {
            if marked.mark == ActionMark::Deferred {
                let title = flight::find_action(&self.plan, at).map(|(_, a)| a.label());
                names.push(title.unwrap_or_else(|| at.to_string()));
            }
        }
        names
    }

    /// What the plan would still have had done: actions of the procedure and lists, by name.
    pub(super) fn not_done(&self) -> Vec<String> {
        if self.decision.as_ref().map(|d| d.decision) != Some(Decision::RollBack) {
            return Vec::new();
        }
        let path = self.path();
        let steps = flight::steps(&path);
        let places = steps.iter().flat_map(|s| &s.places);
        let open = places.filter(|p| {
            let heading =
                p.action.kind == super::plan::ActionKind::Include && p.action.target.is_some();
            !heading && !self.place_status(p).is_settled()
        });
        let mut names: Vec<String> = open
            .map(|p| format!("not done: {}", p.action.label()))
            .collect();
        // A list that no stage asks for counts once it was begun.
        let asked = |c: &&super::plan::Checklist| {
            c.role != super::plan::ChecklistRole::Other || self.checklist_progress(c).0 > 0
        };
        let lists = self.plan.checklists.iter().filter(asked);
        let lists = lists.filter(|c| !self.is_complete(c));
        names.extend(lists.map(|list| {
            let (done, all) = self.checklist_progress(list);
            format!("{}: {done} of {all}", list.title)
        }));
        names
    }
}
