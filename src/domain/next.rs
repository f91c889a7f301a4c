//! What is next: the first thing on the path that is not settled, and how far a run-on may go.
//!
//! A run-on never begins in the middle and never passes a hold point: a gate, a choice, a thing
//! for a person, a thing that cannot be undone, a thing that has run before.

use super::event::Gate;
use super::flight::{self, Alternative, Leg, Place};
use super::ids::{ActionRef, ChoiceId, ParameterName};
use super::incident::Incident;
use super::plan::{Action, ActionKind, Danger};
use super::status::ActionStatus;

/// Why a run-on stops where it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hold {
    /// A gate stands before this action.
    Gate(ActionRef, Gate),
    /// This one is meant for elsewhere, and nobody has said where it is to run.
    Elsewhere(ActionRef),
    /// A person does this one.
    Person(ActionRef),
    /// This one cannot be undone.
    Irreversible(ActionRef),
    /// One of several is to be chosen.
    Choice(ChoiceId),
    /// An alternative is to be chosen, beginning with this one.
    Alternative(ActionRef),
    /// A blank is still open in this one.
    Blank(ActionRef),
    /// A value in this one was given for another command.
    Reused(ActionRef, ParameterName),
    /// This one needs a person at its keyboard, or runs beside the work.
    Attended(ActionRef),
    /// This one has run before, or did not end well.
    Again(ActionRef),
    /// This one is still running.
    Running(ActionRef),
    /// A person is to judge this one.
    Judge(ActionRef),
    /// This check is older than a change above it: it is to be made again.
    Stale(ActionRef),
    /// The end of the path.
    End,
}

/// How far a run-on may go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunOn {
    /// What would run, in order.
    pub actions: Vec<ActionRef>,
    /// What the plan holds back on the way, which is passed by.
    pub passed: Vec<ActionRef>,
    /// Why it stops after that.
    pub hold: Hold,
}

impl Incident {
    /// The first place on the path that is not settled.
    #[must_use]
    pub fn next_place(&self) -> Option<ActionRef> {
        let path = self.path();
        let steps = flight::steps(&path);
        let mut places = steps.iter().flat_map(|s| &s.places);
        places
            .find(|p| is_work(p) && is_to_do(p.action, self.place_status(p)))
            .map(|p| p.at.clone())
    }

    /// How far a run-on may go from here.
    #[must_use]
    pub fn run_on(&self) -> RunOn {
        let mut actions = Vec::new();
        let mut passed = Vec::new();
        for leg in &self.path() {
            let step = match leg {
                Leg::Step(step) => step,
                Leg::Choose { choice, .. } => {
                    return RunOn {
                        actions,
                        passed,
                        hold: Hold::Choice((*choice).clone()),
                    };
                }
            };
            for place in step.places.iter().filter(|p| is_work(p)) {
                let status = self.place_status(place);
                if place.held && status == ActionStatus::OffPath {
                    if place.alternative != Alternative::Passed {
                        passed.push(place.at.clone());
                    }
                    continue;
                }
                if !is_to_do(place.action, status) {
                    if actions.is_empty() {
                        // What was held back before what is done lies behind.
                        passed.clear();
                    }
                    continue;
                }
                if let Some(hold) = self.hold_at(place, status, &actions) {
                    return RunOn {
                        actions,
                        passed,
                        hold,
                    };
                }
                actions.push(place.at.clone());
            }
        }
        RunOn {
            actions,
            passed,
            hold: Hold::End,
        }
    }

    /// Why a run-on cannot take this action along, if it cannot; `before` are those that it
    /// takes along already.
    fn hold_at(
        &self,
        place: &Place<'_>,
        status: ActionStatus,
        before: &[ActionRef],
    ) -> Option<Hold> {
        let at = || place.at.clone();
        match status {
            ActionStatus::Running(_) => return Some(Hold::Running(at())),
            ActionStatus::Judge(_) => return Some(Hold::Judge(at())),
            ActionStatus::Stale(_) => return Some(Hold::Stale(at())),
            ActionStatus::Failed(_) | ActionStatus::Unknown(_) | ActionStatus::Marked(_) => {
                return Some(Hold::Again(at()));
            }
            ActionStatus::Open
            | ActionStatus::OffPath
            | ActionStatus::Passed(_)
            | ActionStatus::Ran(_) => {}
        }
        let gate = self
            .gates_before(&place.at)
            .into_iter()
            .find(|gate| match gate {
                Gate::Order(earlier) => !before.contains(earlier),
                Gate::Decision
                | Gate::Approval
                | Gate::Checklist(_)
                | Gate::Backup(_)
                | Gate::Stale(..) => true,
            });
        if let Some(gate) = gate {
            return Some(Hold::Gate(at(), gate));
        }
        let action = place.action;
        if place.alternative == Alternative::Unresolved {
            return Some(Hold::Alternative(at()));
        }
        if matches!(
            action.kind,
            ActionKind::Manual | ActionKind::Include | ActionKind::Text
        ) {
            return Some(Hold::Person(at()));
        }
        if self.meant_for(&place.at).is_some() && self.whereabouts(&place.at).is_none() {
            return Some(Hold::Elsewhere(at()));
        }
        if action.danger == Danger::Irreversible {
            return Some(Hold::Irreversible(at()));
        }
        if action.monitor || action.interactive {
            return Some(Hold::Attended(at()));
        }
        if self.runs_of(&place.at) > 0 {
            return Some(Hold::Again(at()));
        }
        let open = |name| !self.parameters.contains_key(name);
        let blanks = self.plan.parameters.iter().filter(|p| !p.environment);
        let mut blanks = blanks.filter(|p| action.parameters.contains(&p.name));
        if blanks.any(|p| open(&p.name)) {
            return Some(Hold::Blank(at()));
        }
        let reused = self.reused(&place.at, action, action.danger, before);
        reused
            .into_iter()
            .next()
            .map(|r| Hold::Reused(at(), r.name))
    }
}

/// Whether the way goes on only with it: it is not settled, and does not run beside the work. What
/// only shows something is not waited for either where it has ended by itself.
fn is_to_do(action: &Action, status: ActionStatus) -> bool {
    let beside = action.monitor && matches!(status, ActionStatus::Running(_));
    let window = action.monitor && !action.tunnel;
    let gone = window && matches!(status, ActionStatus::Failed(_) | ActionStatus::Judge(_));
    !status.is_settled() && !beside && !gone
}

/// Whether a place is something to be done: an include that is laid out is only its heading.
fn is_work(place: &Place<'_>) -> bool {
    place.action.kind != ActionKind::Include || place.action.target.is_none()
}

#[cfg(test)]
mod tests {
    use super::Hold;
    use crate::domain::event::Confirmation;
    use crate::domain::fixture::{Flight, action, plan, procedure, step};
    use crate::domain::plan::Action;

    #[test]
    fn a_run_on_takes_what_is_safe_and_stops_before_what_cannot_be_undone() {
        let flight = Flight::ready(plan());
        let run_on = flight.incident.run_on();
        assert_eq!(run_on.actions, ["look".into(), "go-back".into()]);
        assert_eq!(run_on.hold, Hold::Irreversible("drop".into()));
    }

    #[test]
    fn a_run_on_does_not_begin_behind_a_gate() {
        let flight = Flight::open(plan());
        assert_eq!(flight.incident.run_on().actions, []);
        let mut ready = Flight::ready(plan());
        ready.start("look", Confirmation::ReadOnly).expect("starts");
        ready.ends(0, "not what was expected");
        let run_on = ready.incident.run_on();
        assert_eq!(
            (run_on.actions.len(), run_on.hold),
            (0, Hold::Again("look".into()))
        );
    }

    #[test]
    fn a_run_on_stops_at_a_thing_for_a_person() {
        let by_hand = Action {
            kind: crate::domain::plan::ActionKind::Manual,
            ..action("call", "Call them")
        };
        let mut it = plan();
        it.procedures = vec![procedure(
            "full",
            vec![step("s", vec![action("a", "true"), by_hand])],
        )];
        let flight = Flight::ready(it);
        let run_on = flight.incident.run_on();
        assert_eq!(
            (run_on.actions.len(), run_on.hold),
            (1, Hold::Person("call".into()))
        );
        assert_eq!(flight.incident.next_place(), Some("a".into()));
    }

    #[test]
    fn a_run_on_tells_what_it_passes_by() {
        let held = |id: &str| Action {
            opt_in: true,
            ..action(id, "true")
        };
        let mut it = plan();
        let actions = vec![
            held("behind"),
            action("a", "true"),
            held("b"),
            action("c", "true"),
        ];
        it.procedures = vec![procedure("full", vec![step("s", actions)])];
        let mut flight = Flight::ready(it);
        let passed = |flight: &Flight| flight.incident.run_on().passed;
        assert_eq!(passed(&flight), ["behind".into(), "b".into()]);
        flight.start("a", Confirmation::ReadOnly).expect("starts");
        flight.ends(0, "");
        assert_eq!(passed(&flight), ["b".into()]);
    }
}
