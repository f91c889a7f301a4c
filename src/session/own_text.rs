//! A text that is not what the plan's shell commands are: the operator's own, and that of another
//! program. What of the plan's blanks and of its secrets is in it, and what cannot be.

use super::attempts::variable;
use super::prepare::{Filling, find_variable, language, places, push_new, values};
use super::{Session, wording};
use crate::domain::ids::ParameterName;
use crate::domain::incident::Incident;
use crate::domain::plan::{Action, ActionKind};
use crate::domain::runbox::RunBox;
use crate::exec;
use crate::script::blanks;

impl Session {
    /// What is said of secrets that an operator's text spells out and the plan's does not: the
    /// text goes to the disk.
    pub(super) fn spelled_out(
        &self,
        incident: &Incident,
        action: &Action,
        own: &str,
        there: bool,
    ) -> Vec<String> {
        let places = places(&incident.plan, action);
        let planned = self.fill(incident, action, &action.code, &places, there);
        let added = self.secrets.added(own, &planned.text).into_iter();
        let reference = |name: &ParameterName| {
            let found = incident.plan.parameters.iter().find(|p| p.name == *name);
            found.map_or_else(String::new, variable)
        };
        added
            .map(|name| {
                let variable = reference(&name);
                format!("the text spells out the secret {name}, and it would be kept: write \"${{{variable}}}\" in its place")
            })
            .collect()
    }

    /// An operator's text with the plan's blanks where their values stand in it.
    pub(super) fn in_the_plans_words(
        &self,
        incident: &Incident,
        action: &Action,
        own: &str,
        there: bool,
    ) -> String {
        let places = places(&incident.plan, action);
        let planned = self.fill(incident, action, &action.code, &places, there);
        let values = values(incident);
        let blanks = blanks::find_placed(&action.code, language(action), &places);
        let mut filled: Vec<wording::Filled> = planned.names;
        for blank in blanks {
            let used = planned.references.iter().find(|(n, _)| *n == blank.name);
            let text = values.get(&blank.name).or(used.map(|(_, text)| text));
            if let Some(text) = text {
                push_new(&mut filled, (text.clone(), blank.spelling));
            }
        }
        wording::unfilled(&action.code, &planned.text, own, &filled)
    }
}

impl Session {
    /// What the commands before have set from a secret that has to be given again.
    pub(super) fn left_behind(&self, incident: &Incident, shown: &RunBox) -> Option<String> {
        let state = self.hands.shell_state(shown.state_from?);
        let given = self.hands.secrets_at_hand(incident, &shown.code);
        let given: Vec<String> = given.into_iter().map(|(name, _)| name).collect();
        let lacking = exec::left_out(&state, &given);
        (!lacking.is_empty()).then(|| {
            format!(
                "not set: {}; it was made from a secret that is not kept: run again what sets it",
                lacking.join(", ")
            )
        })
    }
}

/// What cannot be put into the text of a program that is no shell: whatever would be quoted.
pub(super) fn of_program(incident: &Incident, action: &Action, filling: &Filling) -> Vec<String> {
    if action.kind != ActionKind::Shell || is_shell(action) {
        return Vec::new();
    }
    let values = values(incident);
    let quoted = filling.used.iter().filter(|(name, text)| {
        let blank = find_variable(&incident.plan, name.as_str()).is_none();
        blank && values.get(name.as_str()) != Some(text)
    });
    let program = action.interpreter.as_deref().unwrap_or_default();
    let told = quoted.map(|(name, _)| {
        format!(
            "{name} would be quoted as for a shell, and {program} reads this text: let it read the value from its environment"
        )
    });
    told.collect()
}

/// Whether what reads the text is a shell.
fn is_shell(action: &Action) -> bool {
    let Some(named) = action.interpreter.as_deref() else {
        return true;
    };
    let mut words = named.split_whitespace().filter(|w| !w.ends_with("env"));
    let program = words.next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    blanks::Language::of(name) == blanks::Language::Shell
}
