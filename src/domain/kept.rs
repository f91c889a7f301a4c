//! What was done before the procedure was changed: it stays done, and is said where it bears on
//! what is to be done now.

use super::flight::{self, Home};
use super::ids::ActionRef;
use super::incident::{Attempt, Incident};
use super::plan::{Action, Danger};

impl Incident {
    /// What changed things for procedures that were chosen before and does not stand on the
    /// present path: the last attempt at each action, oldest first.
    #[must_use]
    pub fn kept(&self) -> Vec<&Attempt> {
        let changes = |a: &&Attempt| a.intent.danger > Danger::None;
        self.of_earlier_procedures().filter(changes).collect()
    }

    /// The last attempt by which exactly this command has run as an action of a procedure that was
    /// chosen before: the same text with the same values, as it stands in the plan or as it ran.
    #[must_use]
    pub fn ran_as_another(&self, at: &ActionRef, text: &str) -> Option<&Attempt> {
        let here = flight::find_action(&self.plan, at).map(|(_, action)| action);
        let reads_so = |a: &Attempt| {
            let there = flight::find_action(&self.plan, &a.intent.action);
            let same = |one: &Action, other: &Action| {
                one.kind == other.kind && one.lang == other.lang && one.code == other.code
            };
            let plans_text = here.is_some_and(|own| own.code == text);
            let alike = here.zip(there).is_some_and(|(own, (_, a))| same(own, a));
            plans_text && alike && !a.intent.edited
        };
        let same = |a: &&Attempt| a.intent.action != *at && (a.intent.code == text || reads_so(a));
        self.of_earlier_procedures().filter(same).last()
    }

    fn of_earlier_procedures(&self) -> impl Iterator<Item = &Attempt> {
        let changed = !self.earlier_procedures.is_empty();
        // Most procedures are never changed: their path is not laid out for this.
        let path = if changed { self.path() } else { Vec::new() };
        let steps = flight::steps(&path);
        let places = steps.iter().flat_map(|s| &s.places);
        let present: Vec<ActionRef> = places.map(|p| p.at.clone()).collect();
        let is_last = |a: &Attempt| {
            let last = self.attempts_at(&a.intent.action).rfind(|a| a.has_run());
            last.is_some_and(|l| l.intent.attempt == a.intent.attempt)
        };
        let of_a_step = |a: &Attempt| {
            let home = flight::find_action(&self.plan, &a.intent.action);
            matches!(home, Some((Home::Step(..), _)))
        };
        self.attempts.iter().filter(move |a| {
            let ran = changed && a.has_run() && !a.intent.monitor && !a.left_nothing();
            ran && of_a_step(a) && !present.contains(&a.intent.action) && is_last(a)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::event::Confirmation;
    use super::super::fixture::{Flight, action, plan, procedure, step};
    use super::*;

    #[test]
    fn what_ran_before_the_procedure_was_changed_is_known_and_wants_a_word_to_run_again() {
        let stop = |id: &str| Action {
            danger: Danger::Changes,
            ..action(id, "touch stopped")
        };
        let mut it = plan();
        it.procedures = vec![
            procedure("full", vec![step("a", vec![stop("one")])]),
            procedure(
                "other",
                vec![step("b", vec![stop("two"), action("look", "ls")])],
            ),
        ];
        let mut flight = Flight::ready(it);
        flight.start("one", Confirmation::Pressed).expect("stops");
        flight.ends(0, "");
        assert_eq!(flight.incident.kept(), Vec::<&Attempt>::new());
        let change = Command::ChooseProcedure {
            procedure: "other".into(),
            reason: "the first does not do".to_owned(),
        };
        flight.wants(&change).expect("changed");
        let names = |all: Vec<&Attempt>| -> Vec<String> {
            let names = all.iter().map(|a| a.intent.action.to_string());
            names.collect()
        };
        assert_eq!(names(flight.incident.kept()), ["one"]);
        let same = |at: &str, text: &str| {
            let found = flight.incident.ran_as_another(&at.into(), text);
            found.map(|a| a.intent.action.to_string())
        };
        assert_eq!(same("two", "touch stopped").as_deref(), Some("one"));
        assert_eq!(same("two", "touch stopped now"), None);
        assert_eq!(same("look", "ls"), None);
        // What changed things already does not do so again by one key.
        assert_eq!(flight.shown("two").word.as_deref(), Some("again"));
        flight
            .start("two", Confirmation::Pressed)
            .expect_err("a word is due");
        let again = Confirmation::Typed("again".to_owned());
        flight.start("two", again).expect("runs");
    }
}
