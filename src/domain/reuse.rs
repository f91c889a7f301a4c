//! Values that were given for one command and would go into another.
//!
//! `<pod-name>` is the same pod wherever it stands. `<name>` or `<id>` only says what kind of word
//! belongs there: what was filled in for the container of one step may be taken for the database
//! of the next. Such a value is said in the run box, and a run-on holds before it.

use super::ids::{ActionRef, ParameterName};
use super::incident::{Attempt, AttemptState, Incident};
use super::plan::{Action, Danger};
use super::{event::ParameterValue, flight};

/// Names that say what kind of word belongs there, and not of which thing.
const KINDS: &[&str] = &[
    "name",
    "id",
    "uuid",
    "key",
    "file",
    "filename",
    "file_name",
    "path",
    "dir",
    "directory",
    "number",
    "num",
    "count",
    "date",
    "time",
    "timestamp",
    "user",
    "username",
    "host",
    "hostname",
    "port",
    "url",
    "ip",
    "type",
    "object",
    "resource",
    "target",
    "source",
    "item",
    "table",
    "nombre",
    "nome",
    "nom",
    "fecha",
    "data",
    "datum",
    "archivo",
    "arquivo",
    "fichier",
    "datei",
    "version",
    "tag",
    "commit",
    "hash",
    "sha",
    "revision",
    "branch",
    "yyyymmdd",
    "yyyy_mm_dd",
    "hh_mm",
    "名称",
    "名前",
    "이름",
    "имя",
];

/// Whether a name says only what kind of word belongs there.
#[must_use]
pub fn is_only_a_kind(name: &str) -> bool {
    KINDS.contains(&name)
}

impl Incident {
    /// Values that an action which changes something would take over from another command that
    /// has run, or is to run `before` it in one go: each with the title of that one. A value that
    /// this action has run with before is its own; so is one that its author explains.
    #[must_use]
    pub fn reused(
        &self,
        at: &ActionRef,
        action: &Action,
        danger: Danger,
        before: &[ActionRef],
    ) -> Vec<Reused> {
        if danger == Danger::None || self.runs_of(at) > 0 {
            return Vec::new();
        }
        let vague = self.plan.parameters.iter().filter(|p| {
            let explained = !p.help.is_empty() || p.environment;
            !explained && is_only_a_kind(p.name.as_str()) && action.parameters.contains(&p.name)
        });
        let found = vague.filter_map(|p| match self.parameters.get(&p.name)? {
            ParameterValue::Text(value) => Some(Reused {
                name: p.name.clone(),
                value: value.clone(),
                from: self.used_by(&p.name, at, before)?,
            }),
            ParameterValue::Secret => None,
        });
        found.collect()
    }

    /// The title of the last other action that has a parameter and ran, or is to run before.
    fn used_by(
        &self,
        name: &ParameterName,
        at: &ActionRef,
        before: &[ActionRef],
    ) -> Option<String> {
        let planned = before.iter().rev().find_map(|b| {
            let (_, action) = flight::find_action(&self.plan, b)?;
            action.parameters.contains(name).then(|| action.label())
        });
        if planned.is_some() {
            return planned;
        }
        let ran = |a: &&Attempt| !matches!(a.state, AttemptState::NeverRan(_));
        let others = self.attempts.iter().rev().filter(ran);
        let mut others = others.filter(|a| a.intent.action != *at);
        let with = others.find(|a| {
            flight::find_action(&self.plan, &a.intent.action)
                .is_some_and(|(_, action)| action.parameters.contains(name))
        });
        with.map(|a| a.intent.title.clone())
    }
}

/// A value that was given for another command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reused {
    /// Of which parameter.
    pub name: ParameterName,
    /// The value.
    pub value: String,
    /// The title of the command that ran with it.
    pub from: String,
}

#[cfg(test)]
mod tests {
    use super::is_only_a_kind;
    use crate::domain::event::{Confirmation, ParameterValue};
    use crate::domain::fixture::{Flight, action, plan, procedure, step};
    use crate::domain::next::Hold;
    use crate::domain::plan::{Action, Danger, Parameter};

    fn flight(name: &str) -> Flight {
        let with = |id: &str| Action {
            parameters: vec![name.into()],
            danger: Danger::Changes,
            ..action(id, &format!("stop <{name}>"))
        };
        let mut it = plan();
        it.parameters = vec![Parameter {
            name: name.into(),
            ..Parameter::default()
        }];
        it.procedures = vec![procedure(
            "full",
            vec![step("s", vec![with("a"), with("b")])],
        )];
        let mut flight = Flight::ready(it);
        let value = ParameterValue::Text("web-1".to_owned());
        flight.incident.parameters.insert(name.into(), value);
        flight
    }

    #[test]
    fn a_value_that_another_command_ran_with_holds_a_run_on() {
        let mut it = flight("name");
        // Nor does one run-on take both along.
        let run_on = it.incident.run_on();
        assert_eq!(run_on.actions, ["a".into()]);
        assert_eq!(run_on.hold, Hold::Reused("b".into(), "name".into()));
        it.start("a", Confirmation::Pressed).expect("starts");
        it.ends(0, "");
        let (at, changes) = ("b".into(), Danger::Changes);
        let (_, action) = crate::domain::flight::find_action(&it.incident.plan, &at).expect("b");
        let reused = it.incident.reused(&at, action, changes, &[]);
        let said: Vec<_> = reused
            .iter()
            .map(|r| (r.name.as_str(), r.value.as_str()))
            .collect();
        assert_eq!(said, [("name", "web-1")]);
        assert_eq!(it.incident.reused(&at, action, Danger::None, &[]), []);
        assert_eq!(it.incident.run_on().hold, Hold::Reused(at, "name".into()));
    }

    #[test]
    fn a_name_that_says_which_thing_is_the_same_everywhere() {
        assert!(is_only_a_kind("id") && !is_only_a_kind("pod_name"));
        let mut it = flight("pod_name");
        it.start("a", Confirmation::Pressed).expect("starts");
        it.ends(0, "");
        assert_eq!(it.incident.run_on().hold, Hold::End);
    }
}
