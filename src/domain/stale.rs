//! When the answer of a check is too old for what cannot be undone: time has passed since, or
//! something that changes things has run; and for what can, where that stands above the check.
//!
//! What counts as a check is what only reads and was met since the last change on the path, and
//! the sensed items of the checkpoints that stand there. A gate that was passed with a reason is a
//! person's answer, and grows old in the same way.

use chrono::{DateTime, Utc};

use super::event::{ActionMark, Gate};
use super::flight::{self, Place};
use super::gates::gates_execute;
use super::ids::{ActionRef, AttemptId};
use super::incident::{AttemptState, Incident};
use super::plan::{Action, ChecklistRole, Danger};
use super::runbox::RunBox;
use super::status::ActionStatus;

/// So many seconds the answer of a check holds.
pub const HOLDS_S: i64 = 600;

/// A check whose answer is too old.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StaleCheck {
    /// The gate that it is.
    pub gate: Gate,
    /// Its name and how old it is, for people.
    pub words: String,
}

impl Incident {
    /// The checks before an action that cannot be undone whose answers are too old for it; before
    /// one that can, the first that something above it has overtaken.
    #[must_use]
    pub fn stale_checks(&self, shown: &RunBox, now: DateTime<Utc>) -> Vec<StaleCheck> {
        if shown.danger == Danger::None {
            return Vec::new();
        }
        let mut stale = Vec::new();
        if shown.danger == Danger::Irreversible {
            let checks = self.checks_before(&shown.action).into_iter();
            stale.extend(checks.filter_map(|(at, action, id)| self.stale(&at, action, id, now)));
        }
        if stale.is_empty()
            && let Some((at, id)) = self.overtaken_before(&shown.action)
            && let Some((_, action)) = flight::find_action(&self.plan, &at)
        {
            stale.extend(self.stale(&at, action, id, now));
        }
        stale
    }

    fn stale(
        &self,
        at: &ActionRef,
        action: &Action,
        id: AttemptId,
        now: DateTime<Utc>,
    ) -> Option<StaleCheck> {
        let gate = Gate::Stale(at.clone(), id);
        let ended = self.attempt(id)?.ended_at();
        // Whoever passes the gate says how it is, and that grows old as an answer does.
        let passed = self.passed_at(&gate).filter(|at| *at >= ended);
        let said = passed.unwrap_or(ended);
        let seconds = |at: DateTime<Utc>| (now - at).num_seconds().max(0);
        let changed = self.attempts.iter().rev().find(|a| {
            let ran = !matches!(a.state, AttemptState::NeverRan(_));
            let later = match passed {
                Some(at) => a.intended_at > at,
                None => a.is_alive() || a.intended_at >= ended || a.ended_at() > ended,
            };
            a.intent.danger > Danger::None && ran && later
        });
        if seconds(said) < HOLDS_S && changed.is_none() {
            return None;
        }
        let mut words = format!(
            "“{}” was met {} ago",
            action.label(),
            age_words(seconds(ended))
        );
        if let Some(at) = passed {
            words = format!(
                "{words}, its gate was passed {} ago",
                age_words(seconds(at))
            );
        }
        if let Some(change) = changed {
            words = format!("{words}, and “{}” has run since", change.intent.title);
        }
        Some(StaleCheck { gate, words })
    }

    /// When a gate was last passed.
    pub(super) fn passed_at(&self, gate: &Gate) -> Option<DateTime<Utc>> {
        let mut passed = self.waived.iter().rev();
        passed.find(|(g, ..)| g == gate).map(|(_, _, at)| *at)
    }

    /// What was sensed since the last change before an action, with the attempt that was met.
    fn checks_before(&self, at: &ActionRef) -> Vec<(ActionRef, &Action, AttemptId)> {
        let path = self.path();
        let steps = flight::steps(&path);
        let places: Vec<&Place<'_>> = steps.iter().flat_map(|s| &s.places).collect();
        let Some(index) = places.iter().position(|p| p.at == *at) else {
            return Vec::new();
        };
        let before = places.get(..index).unwrap_or_default();
        let change = before.iter().rposition(|p| self.is_change(p));
        let from = change.map_or(0, |at| at + 1);
        let since = before.get(from..).unwrap_or_default();
        let mut found = self.sensed_items(&places, from, index, change.is_none());
        found.extend(since.iter().filter_map(|p| {
            // The plan is what lives as long as the incident.
            let (_, action) = flight::find_action(&self.plan, &p.at)?;
            self.met(&p.at, action)
        }));
        found
    }

    /// The actions of those checkpoints that stand in this part of the path.
    fn sensed_items(
        &self,
        places: &[&Place<'_>],
        from: usize,
        index: usize,
        first: bool,
    ) -> Vec<(ActionRef, &Action, AttemptId)> {
        let stands = |list: &&super::plan::Checklist| {
            if gates_execute(list) {
                return first;
            }
            let before = self.places.get(&list.id).cloned().flatten();
            let place = before.and_then(|at| places.iter().position(|p| p.at == at));
            list.role == ChecklistRole::Checkpoint
                && place.is_some_and(|p| (from..=index).contains(&p))
        };
        let lists = self.plan.checklists.iter().filter(stands);
        let actions = lists.flat_map(|l| &l.items).flat_map(|i| &i.actions);
        actions
            .filter_map(|action| self.met(&ActionRef::new(action.id.as_str()), action))
            .collect()
    }

    fn met<'a>(
        &self,
        at: &ActionRef,
        action: &'a Action,
    ) -> Option<(ActionRef, &'a Action, AttemptId)> {
        let (ActionStatus::Passed(id) | ActionStatus::Stale(id)) = self.action_status(at, action)
        else {
            return None;
        };
        let reads = self.attempt(id)?.intent.danger == Danger::None;
        (reads && !action.monitor).then(|| (at.clone(), action, id))
    }

    /// Whether a place has changed something, or may have.
    fn is_change(&self, place: &Place<'_>) -> bool {
        use ActionMark::{Deferred, NotApplicable, Skipped};
        let status = self.place_status(place);
        let passed = matches!(
            status,
            ActionStatus::OffPath | ActionStatus::Marked(Skipped | Deferred | NotApplicable)
        );
        place.action.danger > Danger::None && !passed
    }

    /// A gate in words, for a check whose answer is old.
    pub(super) fn stale_name(&self, at: &ActionRef, id: AttemptId) -> String {
        let label = match flight::find_action(&self.plan, at) {
            Some((_, action)) => action.label(),
            None => at.to_string(),
        };
        let when = self.attempt(id).map(|a| a.ended_at().format("%H:%M:%S"));
        let when = when.map_or_else(String::new, |at| format!(" (its answer is of {at} UTC)"));
        format!("“{label}” is to be sensed again first{when}")
    }
}

fn age_words(seconds: i64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 7_200 => format!("{} min", s / 60),
        s => format!("{} h", s / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Confirmation;
    use super::super::fixture::{Flight, action, expecting, plan, procedure, step};
    use super::*;

    fn flown() -> Flight {
        let mut it = plan();
        let change = Action {
            danger: Danger::Changes,
            ..action("stop", "systemctl stop shop")
        };
        let wipe = Action {
            danger: Danger::Irreversible,
            ..action("wipe", "rm -rf old")
        };
        let check = expecting("check", "cat state", "ready");
        let steps = vec![step("one", vec![change, check, wipe])];
        it.procedures = vec![procedure("full", steps)];
        let mut flight = Flight::ready(it);
        flight.start("stop", Confirmation::Pressed).expect("stops");
        flight.ends(0, "");
        flight.start("check", Confirmation::ReadOnly).expect("asks");
        flight.ends(0, "ready");
        flight
    }

    #[test]
    fn an_answer_is_old_after_ten_minutes_and_after_a_change() {
        let mut flight = flown();
        let shown = flight.shown("wipe");
        let ended = flight
            .incident
            .attempts
            .last()
            .expect("an attempt")
            .ended_at();
        let after = |s: i64| ended + chrono::Duration::seconds(s);
        assert_eq!(flight.incident.stale_checks(&shown, after(HOLDS_S - 1)), []);
        let old = flight.incident.stale_checks(&shown, after(HOLDS_S + 60));
        assert_eq!(old.len(), 1);
        assert!(
            old[0].words.contains("was met 11 min ago"),
            "{}",
            old[0].words
        );

        // What can be undone does not ask.
        let harmless = RunBox {
            danger: Danger::Changes,
            ..shown.clone()
        };
        assert_eq!(flight.incident.stale_checks(&harmless, after(9_999)), []);

        let again = Confirmation::Typed("again".to_owned());
        flight.start("stop", again).expect("stops again");
        flight.ends(0, "");
        let old = flight.incident.stale_checks(&shown, after(5));
        assert!(old[0].words.contains("has run since"), "{}", old[0].words);

        // Asked again, it is fresh.
        flight.start("check", Confirmation::ReadOnly).expect("asks");
        flight.ends(0, "ready");
        assert_eq!(flight.incident.stale_checks(&shown, after(9)), []);
    }

    #[test]
    fn a_box_with_an_old_answer_does_not_start_until_a_reason_is_given() {
        use super::super::Command;
        use super::super::refusal::Refusal;
        let mut flight = flown();
        let mut shown = flight.shown("wipe");
        let late = flight.incident.attempts.last().expect("one").ended_at()
            + chrono::Duration::seconds(HOLDS_S);
        let gate = flight.incident.stale_checks(&shown, late)[0].gate.clone();
        shown.gates = vec![gate.clone()];
        let start = |shown: &RunBox| Command::Start {
            shown: Box::new(shown.clone()),
            confirmation: Confirmation::Typed(shown.word.clone().unwrap_or_default()),
        };
        let refused = flight.wants(&start(&shown)).expect_err("gated");
        assert_eq!(refused, Refusal::Gated(vec![gate.clone()]));
        let reason = "looked myself".to_owned();
        flight
            .wants(&Command::WaiveGate { gate, reason })
            .expect("waived");
        shown.revision = flight.incident.run_revision;
        shown.word = flight.incident.word_before(&shown);
        flight.wants(&start(&shown)).expect("starts");
    }

    #[test]
    fn what_has_grown_old_since_the_box_was_shown_does_not_start() {
        use super::super::refusal::Refusal;
        use super::super::{Command, decide, fixture};
        let flight = flown();
        let shown = flight.shown("wipe");
        assert_eq!(shown.gates, [], "fresh, and shown so");
        let start = Command::Start {
            confirmation: Confirmation::Typed(shown.word.clone().unwrap_or_default()),
            shown: Box::new(shown),
        };
        let soon = fixture::stamp(60);
        assert!(decide(&flight.incident, &start, &soon).is_ok());
        let late = fixture::stamp(u64::try_from(HOLDS_S).expect("a number") + 60);
        let refused = decide(&flight.incident, &start, &late).expect_err("too old");
        assert!(
            matches!(&refused, Refusal::Gated(gates) if matches!(gates[..], [Gate::Stale(..)])),
            "{refused:?}"
        );
    }

    #[test]
    fn a_gate_that_was_passed_holds_as_long_as_an_answer() {
        use super::super::Command;
        let mut flight = flown();
        let shown = flight.shown("wipe");
        let ended = flight.incident.attempts.last().expect("one").ended_at();
        let after = |s: i64| ended + chrono::Duration::seconds(s);
        let gate = flight.incident.stale_checks(&shown, after(HOLDS_S))[0]
            .gate
            .clone();
        let reason = "looked myself".to_owned();
        let passes = Command::WaiveGate { gate, reason };
        flight.wants(&passes).expect("passed");
        let (_, _, at) = flight.incident.waived.last().cloned().expect("passed");
        let later = |s: i64| at + chrono::Duration::seconds(s);
        assert_eq!(flight.incident.stale_checks(&shown, later(HOLDS_S - 1)), []);
        let old = flight.incident.stale_checks(&shown, later(HOLDS_S));
        assert!(
            old[0].words.contains("its gate was passed 10 min ago"),
            "{}",
            old[0].words
        );

        // Passed again it holds again, until something changes things.
        flight.wants(&passes).expect("passed again");
        let (_, _, at) = flight.incident.waived.last().cloned().expect("passed");
        let later = |s: i64| at + chrono::Duration::seconds(s);
        assert_eq!(flight.incident.stale_checks(&shown, later(9)), []);
        let again = Confirmation::Typed("again".to_owned());
        flight.start("stop", again).expect("stops again");
        let old = flight.incident.stale_checks(&shown, later(9));
        assert!(old[0].words.contains("has run since"), "{}", old[0].words);
    }
}
