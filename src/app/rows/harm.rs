//! How much harm an action can do with the values that are known: the row says what its box will
//! say, as far as the plan and what a person has filled in decide it.
//!
//! What the shell before it has left is looked at for the box alone.

use std::collections::BTreeMap;

use crate::domain::event::ParameterValue;
use crate::domain::incident::Incident;
use crate::domain::plan::{Action, ActionKind, Danger};
use crate::script::{self, blanks};

/// The danger of an action with its values, and why; never less than the plan's.
pub(super) fn harm(incident: &Incident, action: &Action) -> (Danger, String) {
    let plans = || (action.danger, action.danger_why.clone());
    let values: BTreeMap<String, String> = incident
        .parameters
        .iter()
        .filter_map(|(name, value)| match value {
            ParameterValue::Text(text) => Some((name.as_str().to_owned(), text.clone())),
            ParameterValue::Secret => None,
        })
        .collect();
    let fills = |name| values.contains_key(name);
    let used = action.parameters.iter().any(|name| fills(name.as_str()));
    if !used || action.danger_is_stated() || action.interpreter.is_some() {
        return plans();
    }
    // With a blank still open there is no text yet that could be judged.
    let Ok(filled) = blanks::fill(&action.code, &action.lang, &values) else {
        return plans();
    };
    let judged = match action.kind {
        ActionKind::Shell => {
            let given: Vec<(String, String)> = values.into_iter().collect();
            script::shell::danger_given(&filled.text, &given)
        }
        ActionKind::Sql => script::sql::danger(&filled.text),
        ActionKind::Http => script::http::danger(&filled.text),
        ActionKind::Manual | ActionKind::Include | ActionKind::Text => return plans(),
    };
    let danger = match judged.danger {
        script::Danger::None => Danger::None,
        script::Danger::Changes => Danger::Changes,
        script::Danger::Irreversible => Danger::Irreversible,
    };
    if danger > action.danger {
        (danger, judged.why)
    } else {
        plans()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Command;
    use crate::domain::fixture::{Flight, action, plan, procedure, step};
    use crate::domain::plan::Parameter;

    #[test]
    fn a_row_says_what_its_values_make_of_a_command() {
        let find = Action {
            parameters: vec!["what".into()],
            ..action("find", "find /srv/old <what>")
        };
        let mut it = plan();
        it.parameters = vec![Parameter {
            name: "what".into(),
            ..Parameter::default()
        }];
        it.procedures = vec![procedure("full", vec![step("s", vec![find.clone()])])];
        let mut flight = Flight::ready(it);
        assert_eq!(harm(&flight.incident, &find).0, Danger::None);
        for (value, wanted) in [("-print", Danger::None), ("-delete", Danger::Irreversible)] {
            let fill = Command::FillParameter {
                name: "what".into(),
                value: ParameterValue::Text(value.to_owned()),
            };
            flight.wants(&fill).expect("filled");
            assert_eq!(harm(&flight.incident, &find).0, wanted, "{value}");
            let row = super::super::actions::action_row(
                &flight.incident,
                &"find".into(),
                &find,
                crate::domain::status::ActionStatus::Open,
            );
            assert_eq!(row.aside == "reads only", wanted == Danger::None, "{row:?}");
        }
    }
}
