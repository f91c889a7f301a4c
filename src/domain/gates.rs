//! Gates: what holds up an action, and where the checkpoints stand among the actions.
//!
//! Every gate here yields to an operator who gives a reason. What never yields (the wrong bytes,
//! an unfilled blank, an outcome that is not known) is not a gate; `decide` refuses it.

use chrono::{DateTime, TimeDelta, Utc};

use super::event::Decision;
use super::flight::{self, FlightStep, Home, Leg, Place};
use super::ids::{ActionRef, AttemptId, ChecklistId};
use super::incident::Incident;
use super::outline::Stage;
use super::plan::{ActionKind, Checklist, ChecklistRole, Phase};
use super::status::ActionStatus;

/// A hold that an operator may pass with a reason.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Gate {
    /// No decision to roll back is recorded.
    Decision,
    /// The plan names approvers and none has approved.
    Approval,
    /// A checklist or checkpoint is not complete.
    Checklist(ChecklistId),
    /// Earlier actions of the procedure are not done; the first of them.
    Order(ActionRef),
    /// What it would restore from is no good backup: which, and why.
    Backup(String),
    /// The answer of a check is too old for what cannot be undone: which, and the attempt that gave
    /// it.
    Stale(ActionRef, AttemptId),
}

impl Incident {
    /// The path of the chosen procedure.
    #[must_use]
    pub fn path(&self) -> Vec<Leg<'_>> {
        match &self.procedure {
            Some(procedure) => flight::path(&self.plan, procedure, &self.chosen),
            None => Vec::new(),
        }
    }

    /// The gates that still hold up the action at a place, waived ones left out.
    #[must_use]
    pub fn gates_before(&self, at: &ActionRef) -> Vec<Gate> {
        let path = self.path();
        let steps = flight::steps(&path);
        let places: Vec<&Place<'_>> = steps.iter().flat_map(|s| &s.places).collect();
        let mut gates = Vec::new();
        if let Some(index) = places.iter().position(|p| p.at == *at) {
            self.gates_on_path(&places, index, &mut gates);
        } else if self.is_rollback_action(at) {
            self.gates_to_execute(&mut gates);
        }
        gates.retain(|gate| !self.is_waived(gate));
        gates
    }

    /// A gate that is in the way, for people.
    #[must_use]
    pub fn gate_name(&self, gate: &Gate) -> String {
        match gate {
            Gate::Decision => "the decision to roll back is not recorded".to_owned(),
            Gate::Approval => "nobody has approved".to_owned(),
            Gate::Checklist(id) => match flight::find_checklist(&self.plan, id) {
                Some(list) => {
                    let (done, all) = self.checklist_progress(list);
                    format!("{}: {done} of {all}", list.title)
                }
                None => format!("checklist {id}"),
            },
            Gate::Backup(what) => format!("no good backup to restore from, {what}"),
            Gate::Stale(at, id) => self.stale_name(at, *id),
            Gate::Order(at) => match flight::find_action(&self.plan, at) {
                Some((_, action)) if action.tunnel => self.down_name(at, action),
                Some((_, action)) => format!("an earlier action is not done: {}", action.label()),
                None => format!("an earlier action is not done: {at}"),
            },
        }
    }

    /// Whether the action belongs to a procedure that is part of a rollback, chosen or not.
    fn is_rollback_action(&self, at: &ActionRef) -> bool {
        match flight::find_action(&self.plan, at) {
            Some((Home::Step(procedure, _), _)) => {
                procedure.phase == Phase::Execute && !procedure.off_path
            }
            Some((Home::Item(..), _)) | None => false,
        }
    }

    fn gates_on_path(&self, places: &[&Place<'_>], index: usize, gates: &mut Vec<Gate>) {
        if self.chosen_phase() == Phase::Execute {
            self.gates_to_execute(gates);
        }
        for list in self.placed_checkpoints() {
            let before = self.places.get(&list.id).cloned().flatten();
            let Some(before) = before else { continue };
            let gates_here = places
                .iter()
                .position(|p| p.at == before)
                .is_some_and(|place| place <= index);
            if gates_here && !self.is_complete(list) {
                gates.push(Gate::Checklist(list.id.clone()));
            }
        }
        let held = places.get(index);
        let earlier = places.iter().take(index).filter(|p| {
            // A tunnel that a person has stopped is in the way of what it was for.
            self.holds_up(p) || held.is_some_and(|held| self.went_through(held, p))
        });
        gates.extend(earlier.map(|p| Gate::Order(p.at.clone())).next());
    }

    /// Whether an earlier action is still in the way of later ones.
    pub(super) fn holds_up(&self, place: &Place<'_>) -> bool {
        if place.action.kind == ActionKind::Include && place.action.target.is_some() {
            return false;
        }
        if place.action.monitor {
            return place.action.tunnel && self.is_down(place);
        }
        let gate = Gate::Order(place.at.clone());
        let status = self.place_status(place);
        // What was overtaken is a gate of its own (`stale`), before what changes things.
        let stale = matches!(status, ActionStatus::Stale(_));
        !stale && !status.is_settled() && !self.is_waived(&gate)
    }

    fn chosen_phase(&self) -> Phase {
        let chosen = self
            .procedure
            .as_ref()
            .and_then(|p| flight::find_procedure(&self.plan, p));
        chosen.map_or(Phase::Execute, |p| p.phase)
    }

    fn gates_to_execute(&self, gates: &mut Vec<Gate>) {
        if self.decision.as_ref().map(|d| d.decision) != Some(Decision::RollBack) {
            gates.push(Gate::Decision);
        }
        if !self.plan.approvals.is_empty() && self.approvals.is_empty() {
            gates.push(Gate::Approval);
        }
        let first = self
            .plan
            .checklists
            .iter()
            .filter(|list| gates_execute(list));
        for list in first {
            if !self.is_complete(list) {
                gates.push(Gate::Checklist(list.id.clone()));
            }
        }
    }

    fn placed_checkpoints(&self) -> impl Iterator<Item = &Checklist> {
        self.plan.checklists.iter().filter(|list| {
            list.role == ChecklistRole::Checkpoint
                && !gates_execute(list)
                && list.due_after_s.is_none()
        })
    }

    /// Whether something of the rollback is still to be done, checkpoints of the procedure included.
    #[must_use]
    pub fn is_undone(&self) -> bool {
        self.next_place().is_some() || !self.open_checkpoints().is_empty()
    }

    /// Whether a checklist looks back at a rollback that is to be made: what is seen before that is
    /// complete says nothing of the time after it.
    #[must_use]
    pub fn looks_back(&self, list: &Checklist) -> bool {
        let decided = self.decision.as_ref().map(|d| d.decision);
        list.counted_s().is_some()
            && !self.places.contains_key(&list.id)
            && self.stage_of(list) == Stage::Verify
            && self.procedure.is_some()
            && decided == Some(Decision::RollBack)
    }

    /// When a checkpoint falls due whose time counts from the end, once the rollback is complete.
    #[must_use]
    pub fn due_at(&self, list: &Checklist) -> Option<DateTime<Utc>> {
        let after = i64::try_from(list.counted_s()?).ok()?;
        self.completed_at?
            .checked_add_signed(TimeDelta::try_seconds(after)?)
    }

    /// Whether a checklist looks back at a rollback that is not complete.
    #[must_use]
    pub fn comes_too_soon(&self, list: &Checklist) -> bool {
        self.looks_back(list) && self.completed_at.is_none()
    }

    /// The checkpoints that stand in the chosen procedure, its end included, and are not complete.
    #[must_use]
    pub fn open_checkpoints(&self) -> Vec<&Checklist> {
        self.placed_checkpoints()
            .filter(|list| self.places.contains_key(&list.id) && !self.is_complete(list))
            .collect()
    }

    /// Where each checkpoint that is named after something belongs among the actions of the
    /// chosen procedure: before which action, or none for its end. A checkpoint whose kind does
    /// not occur is left out.
    #[must_use]
    pub fn proposed_places(&self) -> Vec<(&Checklist, Option<ActionRef>)> {
        let path = self.path();
        let steps = flight::steps(&path);
        self.placed_checkpoints()
            .filter_map(|list| propose(list, &steps).map(|before| (list, before)))
            .collect()
    }
}

impl Checklist {
    /// The seconds after the end of the rollback at which it falls due; none where its time counts
    /// from something else, or it has none.
    #[must_use]
    pub fn counted_s(&self) -> Option<u64> {
        self.due_after_s
            .filter(|_| counts_from_the_end(&self.title))
    }
}

/// Whether the time in a title counts from the end of the rollback: “10 minutes after” something
/// that a procedure does on its way does not.
fn counts_from_the_end(title: &str) -> bool {
    const THE_END: &[&str] = &[
        "rollback",
        "roll-back",
        "roll back",
        "rolling back",
        "backout",
        "revert",
        "complet",
        "finish",
        "the end",
        "recover",
        "mark",
    ];
    const ON_THE_WAY: &[&str] = &["step", "phase", "each", "every", "shift", "wave", "batch"];
    let title = title.to_lowercase();
    let named = title.split_once("after").map_or("", |(_, rest)| rest);
    let named = named
        .split(['(', ':', ','])
        .next()
        .unwrap_or_default()
        .trim();
    let says_what = named.starts_with(char::is_alphabetic);
    let names = |words: &[&str]| words.iter().any(|word| named.contains(word));
    (!says_what || names(THE_END)) && !names(ON_THE_WAY)
}

/// Whether a checklist gates the way into execution as a whole.
#[must_use]
pub fn gates_execute(list: &Checklist) -> bool {
    match list.role {
        ChecklistRole::PreRollback => true,
        ChecklistRole::Checkpoint => {
            let place = list.place.as_deref().unwrap_or_default().to_lowercase();
            list.due_after_s.is_none()
                && (place.starts_with("before") || (place.is_empty() && list.checkpoint == Some(1)))
        }
        ChecklistRole::Verification
        | ChecklistRole::Success
        | ChecklistRole::FollowUp
        | ChecklistRole::Other => false,
    }
}

/// Words that say of which kind an action is, by the words that a checkpoint's place uses.
const KINDS: &[(&[&str], &[&str])] = &[
    (
        &["code", "backend", "application", "app", "deploy", "version"],
        &[
            "git checkout",
            "git reset",
            "git revert",
            "npm ",
            "build",
            "restart",
            "deploy",
            "release",
        ],
    ),
    (
        &["database", "db", "schema", "migration", "data", "restore"],
        &[
            "psql",
            "migrat",
            "alembic",
            "pg_restore",
            "prisma",
            "createdb",
            "sql",
            "mysql",
            "mariadb",
            "sqlite",
            "restore",
        ],
    ),
    (
        &["queue", "queues", "worker", "workers", "jobs"],
        &["queue", "worker"],
    ),
    (&["cache", "redis"], &["redis", "cache"]),
    (
        &["frontend", "cdn", "static"],
        &["frontend", "cdn", "cloudfront", "s3 sync", "vercel"],
    ),
    (
        &["service", "services", "restart", "start"],
        &["restart", "systemctl start", "service start"],
    ),
];

/// The place after the last action of the kind that the checkpoint is named after.
fn propose(list: &Checklist, steps: &[&FlightStep<'_>]) -> Option<Option<ActionRef>> {
    let words = list.place.as_deref()?.to_lowercase();
    let words: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).collect();
    let signs: Vec<&str> = KINDS
        .iter()
        .filter(|(names, _)| names.iter().any(|n| words.contains(n)))
        .flat_map(|(_, signs)| signs.iter().copied())
        .collect();
    let resumes = words.iter().any(|w| matches!(*w, "resume" | "resumed"));
    let places: Vec<&Place<'_>> = steps.iter().flat_map(|s| &s.places).collect();
    let fits = |p: &&Place<'_>| {
        let text = format!("{} {}", p.action.title, p.action.code).to_lowercase();
        // "Resume queues" is what a checkpoint about the code comes before, not a part of it.
        let is_resume = text.contains("resume");
        // What runs beside the work is not of a kind: nothing is complete after it.
        signs.iter().any(|s| begins_a_word(&text, s)) && is_resume == resumes && !p.action.monitor
    };
    let last = places.iter().rposition(fits)?;
    Some(places.get(last + 1).map(|p| p.at.clone()))
}

/// Whether a sign stands where a word begins, and a short one as the whole word: `sql` is not
/// found in `postgresql`, so that starting the server is no part of a rollback of its data.
fn begins_a_word(text: &str, sign: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(sign).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + sign.len()..).and_then(|t| t.chars().next());
        !is_word(before) && (sign.len() > 3 || !is_word(after))
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Flight, action, checklist, plan, procedure, step};
    use super::*;

    #[test]
    fn starting_a_database_is_no_part_of_rolling_it_back() {
        let mut it = plan();
        let mut after = checklist("cp2", ChecklistRole::Checkpoint, &["rows are there"]);
        after.checkpoint = Some(2);
        after.place = Some("After Database Rollback".to_owned());
        it.checklists.push(after);
        let data = vec![
            action("load", "psql shop < old.dump"),
            action("start", "systemctl start postgresql"),
            action("ask", "curl shop.test/health"),
        ];
        it.procedures = vec![procedure("full", vec![step("data", data)])];
        let places = Flight::ready(it).incident;
        let proposed = places.proposed_places();
        let before: Vec<Option<&str>> = proposed
            .iter()
            .map(|(_, at)| at.as_ref().map(ActionRef::as_str))
            .collect();
        assert_eq!(before, [Some("start")]);
    }
}
