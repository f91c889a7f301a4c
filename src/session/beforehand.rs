//! What can be said of values before there is an incident: for a drill, which looks at everything
//! first. Reads the plan; changes nothing.

use super::attempts::variable;
use super::prepare::{language, places};
use crate::domain::plan::{Action, ActionKind, Parameter, Plan};
use crate::exec;
use crate::script::{self, blanks};

/// What of these values cannot stand where an action of a plan would have them, as far as its text
/// and they alone say it: for whoever looks at everything before anything runs.
#[must_use]
pub fn refusals(plan: &Plan, action: &Action, values: &[(&Parameter, String)]) -> Vec<String> {
    let lang = language(action);
    let fed = (lang == "bash" && action.interpreter.is_none())
        .then(|| script::shell::fed(&action.code))
        .flatten();
    let source = fed.as_deref().unwrap_or(&action.code);
    let secret = |p: &Parameter| p.secret && !p.environment;
    let named = |p: &Parameter| p.name.as_str().to_owned();
    let held = values.iter().filter(|(p, _)| secret(p));
    let secrets = held.map(|(p, _)| (named(p), variable(p))).collect();
    let values = values
        .iter()
        .map(|(p, value)| (named(p), value.clone()))
        .collect();
    match blanks::fill_placed(source, lang, &values, &secrets, &places(plan, action)) {
        Ok(filled) => {
            let asked = action.kind == ActionKind::Shell && action.interpreter.is_none();
            let found = asked
                .then(|| exec::unreadable(&filled.text, None))
                .flatten();
            let said = found.map(|f| format!("bash cannot read line {}: {}", f.line, f.why));
            said.into_iter().collect()
        }
        Err(problem) => problem.refused.iter().map(refusal).collect(),
    }
}

/// A value that was refused, in words.
pub(super) fn refusal(refused: &blanks::Refused) -> String {
    let blanks::Refused {
        name,
        line,
        column,
        reason,
    } = refused;
    format!("{name} at line {line}, column {column}: {reason}")
}
