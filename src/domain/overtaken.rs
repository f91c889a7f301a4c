//! What an answer is worth once something above it was done again: whoever runs a change behind
//! whose back later actions of the path had run already makes what they showed older than it.
//!
//! A check that only reads is to be made again. What changes things is not asked for a second
//! time, which might do harm: it is seen to be older, and a person decides.

use super::event::Intent;
use super::flight::{self, Place};
use super::gates::gates_execute;
use super::ids::{ActionRef, AttemptId};
use super::incident::{Attempt, Incident};
use super::outline::Stage;
use super::plan::{Action, ActionKind, Danger};
use super::runbox::RunBox;
use super::status::ActionStatus;

impl Incident {
    /// The change that has run since above what an attempt showed, the latest of them; none where
    /// there is none, or a person has looked at the attempt since.
    #[must_use]
    pub fn overtaken_by(&self, attempt: &Attempt) -> Option<&Attempt> {
        // What is sensed again by itself says how it is now.
        if attempt.intent.again_s.is_some() {
            return None;
        }
        let told = attempt.told_after;
        let since = attempt.overtaken.iter().rev();
        let since = since.filter(|id| told.is_none_or(|told| told < **id));
        let mut changes = since.filter_map(|id| self.attempt(*id));
        changes.find(|change| change.has_run() && !change.left_nothing())
    }

    /// Where an action stands by its attempt, with what has run above it since.
    pub(super) fn as_of_now(&self, attempt: &Attempt, status: ActionStatus) -> ActionStatus {
        let reads = attempt.intent.danger == Danger::None && !attempt.intent.monitor;
        match status {
            ActionStatus::Passed(id) if reads && self.overtaken_by(attempt).is_some() => {
                ActionStatus::Stale(id)
            }
            _ => status,
        }
    }

    /// Whether what an action passed with was before a change above it.
    pub(super) fn is_older(&self, status: ActionStatus) -> bool {
        let ActionStatus::Passed(id) = status else {
            return false;
        };
        let attempt = self.attempt(id);
        attempt.is_some_and(|a| self.overtaken_by(a).is_some())
    }

    /// Takes in that a change begins: the attempts behind its place are older than it from now on.
    pub(super) fn overtake(&mut self, intent: &Intent) {
        if intent.danger == Danger::None || intent.monitor {
            return;
        }
        let behind = self.behind(&intent.action);
        let last: Vec<AttemptId> = behind
            .iter()
            .filter_map(|at| Some(self.telling_attempt(at)?.intent.attempt))
            .collect();
        let older = |a: &&mut Attempt| last.contains(&a.intent.attempt);
        for attempt in self.attempts.iter_mut().filter(older) {
            attempt.overtaken.push(intent.attempt);
        }
    }

    /// What comes after an action on the path: actions, and the checks of the lists that stand
    /// there or look at the whole.
    fn behind(&self, at: &ActionRef) -> Vec<ActionRef> {
        let path = self.path();
        let steps = flight::steps(&path);
        let places: Vec<&Place<'_>> = steps.iter().flat_map(|s| &s.places).collect();
        let Some(index) = places.iter().position(|p| p.at == *at) else {
            return Vec::new();
        };
        let later = places.get(index + 1..).unwrap_or_default();
        let mut behind: Vec<ActionRef> = later.iter().map(|p| p.at.clone()).collect();
        let lists = self.plan.checklists.iter().filter(|list| {
            if gates_execute(list) {
                return false;
            }
            match self.places.get(&list.id) {
                Some(Some(before)) => later.iter().any(|p| p.at == *before),
                Some(None) => true,
                None => self.stage_of(list) == Stage::Verify,
            }
        });
        let checks = lists.flat_map(|l| &l.items).flat_map(|i| &i.actions);
        behind.extend(checks.map(|a| ActionRef::new(a.id.as_str())));
        behind
    }

    /// The first check before an action that was overtaken, and that nobody has let stand since.
    pub(super) fn overtaken_before(&self, at: &ActionRef) -> Option<(ActionRef, AttemptId)> {
        let path = self.path();
        let steps = flight::steps(&path);
        let mut places = steps.iter().flat_map(|s| &s.places);
        let before = places.by_ref().take_while(|p| p.at != *at);
        let stale: Vec<_> = before
            .filter_map(|p| match self.place_status(p) {
                ActionStatus::Stale(id) => Some((p.at.clone(), id)),
                _ => None,
            })
            .collect();
        // Whoever has said of one how it is after the change has looked at where it led.
        let change = |id: &AttemptId| self.overtaken_by(self.attempt(*id)?);
        let let_stand = stale.iter().any(|(at, id)| {
            let passed = self.passed_at(&super::event::Gate::Stale(at.clone(), *id));
            change(id).is_some_and(|c| passed.is_some_and(|when| when >= c.intended_at))
        });
        stale.into_iter().next().filter(|_| !let_stand)
    }

    /// The check that can be asked before something that changes things runs again.
    #[must_use]
    pub fn check_first(&self, shown: &RunBox) -> Option<ActionRef> {
        let again = shown.runs_before > 0 && shown.danger > Danger::None;
        again.then(|| self.check_of(&shown.action)).flatten()
    }

    /// What an action can be asked by before it runs again: the first check behind it, as far as
    /// the next change, else the nearest before it in its step.
    fn check_of(&self, at: &ActionRef) -> Option<ActionRef> {
        let path = self.path();
        let steps = flight::steps(&path);
        let on = |p: &&Place<'_>| self.place_status(p) != ActionStatus::OffPath;
        let mut places = steps.iter().flat_map(|s| &s.places);
        places.find(|p| p.at == *at)?;
        let own = |p: &&Place<'_>| p.action.danger == Danger::None;
        let mut behind = places.filter(on).take_while(own);
        let behind = behind.find(|p| is_check(p.action));
        let holds = |s: &&&flight::FlightStep<'_>| s.places.iter().any(|p| p.at == *at);
        let step = steps.iter().find(holds)?;
        let before = step.places.iter().take_while(|p| p.at != *at);
        let before = before.filter(on).filter(|p| is_check(p.action)).last();
        behind.or(before).map(|p| p.at.clone())
    }
}

/// Whether an action only reads, and ends by itself.
fn is_check(action: &Action) -> bool {
    let runs = matches!(
        action.kind,
        ActionKind::Shell | ActionKind::Sql | ActionKind::Http
    );
    runs && action.danger == Danger::None && !action.monitor && !action.interactive
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::event::{Confirmation, Gate};
    use super::super::fixture::{Flight, action, expecting, plan, procedure, step};
    use super::super::outline::{EntryState, Subject};
    use super::super::refusal::Refusal;
    use super::*;

    /// A change, a check of it, a change that shows what it did, and one more change.
    fn flown() -> Flight {
        let changes = |it: Action| Action {
            danger: Danger::Changes,
            ..it
        };
        let mut it = plan();
        it.procedures = vec![procedure(
            "full",
            vec![
                step("one", vec![changes(action("set", "echo v1 > s1"))]),
                step("two", vec![expecting("ask", "cat s1", "v1")]),
                step(
                    "three",
                    vec![changes(expecting("copy", "cp s1 s2; cat s2", "v1"))],
                ),
                step("four", vec![changes(action("last", "touch end"))]),
            ],
        )];
        let mut flight = Flight::ready(it);
        flight.start("set", Confirmation::Pressed).expect("sets");
        flight.ends(0, "");
        flight.start("ask", Confirmation::ReadOnly).expect("asks");
        flight.ends(0, "v1");
        flight.start("copy", Confirmation::Pressed).expect("copies");
        flight.ends(0, "v1");
        flight
    }

    fn status(flight: &Flight, at: &str) -> ActionStatus {
        let at = at.into();
        let (_, action) = flight::find_action(&flight.incident.plan, &at).expect("an action");
        flight.incident.action_status(&at, action)
    }

    fn again() -> Confirmation {
        Confirmation::Typed("again".to_owned())
    }

    #[test]
    fn what_comes_after_a_change_that_ran_again_is_seen_to_be_older() {
        let mut flight = flown();
        let entry = |flight: &Flight, id: &str| {
            let now = super::super::fixture::stamp(90).wall;
            let all = flight.incident.outline(now);
            let wanted = Subject::Step("full".into(), id.into());
            let one = all.into_iter().find(|e| e.subject == wanted);
            one.map(|e| (e.state, e.progress)).expect("a step")
        };
        assert_eq!(entry(&flight, "two"), (EntryState::Done, (1, 1)));
        flight.start("set", again()).expect("sets again");
        flight.ends(0, "");
        // The check is to be made again, and the way leads there.
        assert_eq!(status(&flight, "ask"), ActionStatus::Stale(AttemptId(2)));
        assert_eq!(entry(&flight, "two"), (EntryState::Judge, (0, 1)));
        assert_eq!(flight.incident.next_place(), Some("ask".into()));
        // What changes things is not asked for again, and is not as green as it was.
        assert_eq!(status(&flight, "copy"), ActionStatus::Passed(AttemptId(3)));
        assert_eq!(entry(&flight, "three"), (EntryState::DoneUnjudged, (1, 1)));
        flight.start("ask", Confirmation::ReadOnly).expect("asks");
        flight.ends(0, "v1");
        assert_eq!(entry(&flight, "two"), (EntryState::Done, (1, 1)));
        assert_eq!(flight.incident.next_place(), Some("last".into()));
    }

    #[test]
    fn a_check_that_was_overtaken_holds_up_a_change_and_can_be_let_stand() {
        let mut flight = flown();
        flight.start("set", again()).expect("sets again");
        flight.ends(0, "");
        let now = super::super::fixture::stamp(60).wall;
        let mut shown = flight.shown("last");
        let stale = flight.incident.stale_checks(&shown, now);
        let gate = Gate::Stale("ask".into(), AttemptId(2));
        assert_eq!(stale.len(), 1);
        assert_eq!(stale[0].gate, gate);
        assert!(
            stale[0].words.contains("has run since"),
            "{}",
            stale[0].words
        );
        assert_eq!(shown.gates, [], "the order itself is kept");
        let start = Command::Start {
            shown: Box::new(shown.clone()),
            confirmation: Confirmation::Pressed,
        };
        let refused = flight.wants(&start).expect_err("gated");
        assert_eq!(refused, Refusal::Gated(vec![gate.clone()]));
        let reason = "s1 is meant to be v2 now".to_owned();
        flight
            .wants(&Command::WaiveGate { gate, reason })
            .expect("let stand");
        shown.revision = flight.incident.run_revision;
        let start = Command::Start {
            shown: Box::new(shown),
            confirmation: Confirmation::Pressed,
        };
        flight.wants(&start).expect("the way on is free");
    }

    #[test]
    fn what_never_ran_overtakes_nothing_and_a_person_may_look_instead() {
        use super::super::Observation;
        let mut flight = flown();
        flight.start("set", again()).expect("sets again");
        let never = Observation::NeverRan {
            attempt: AttemptId(4),
            why: "another target".to_owned(),
        };
        flight.wants(&Command::Observe(never)).expect("never ran");
        assert_eq!(status(&flight, "ask"), ActionStatus::Passed(AttemptId(2)));
        flight.start("set", again()).expect("sets again");
        flight.ends(0, "");
        assert_eq!(status(&flight, "ask"), ActionStatus::Stale(AttemptId(2)));
        let judged = Command::Judge {
            attempt: AttemptId(2),
            met: true,
            reason: "it still is v1".to_owned(),
        };
        flight.wants(&judged).expect("judged");
        assert_eq!(status(&flight, "ask"), ActionStatus::Passed(AttemptId(2)));
    }

    #[test]
    fn the_check_of_a_change_stands_behind_it_or_before_it_in_its_step() {
        let mut it = plan();
        let change = Action {
            danger: Danger::Changes,
            ..action("down", "alembic downgrade -1")
        };
        let step_of = |actions| vec![procedure("full", vec![step("s", actions)])];
        let (before, after) = (
            action("was", "alembic current"),
            action("is", "alembic show"),
        );
        it.procedures = step_of(vec![before.clone(), change.clone(), after]);
        let flight = Flight::ready(it.clone());
        assert_eq!(flight.incident.check_of(&"down".into()), Some("is".into()));
        it.procedures = step_of(vec![before, change.clone()]);
        let flight = Flight::ready(it.clone());
        assert_eq!(flight.incident.check_of(&"down".into()), Some("was".into()));
        it.procedures = step_of(vec![change]);
        let flight = Flight::ready(it);
        assert_eq!(flight.incident.check_of(&"down".into()), None);
        // A step of its own may look at what the one before did.
        assert_eq!(flown().incident.check_of(&"set".into()), Some("ask".into()));
        assert_eq!(flown().incident.check_of(&"copy".into()), None);
    }
}
