//! What needs no question: of one procedure alone, the decision to roll back is the choice.

use super::model::Model;
use super::msg::Request;
use super::rows::{Target, rows};
use crate::domain::event::Decision;
use crate::domain::ids::ProcedureId;
use crate::domain::outline::Subject;
use crate::domain::{Command, Incident};

/// The procedure, where the plan offers one only.
fn only(incident: &Incident) -> Option<ProcedureId> {
    let offered = rows(incident, &Subject::ChooseProcedure);
    let mut offered = offered.into_iter().filter_map(|row| match row.target {
        Target::Procedure(id) => Some(id),
        _ => None,
    });
    let first = offered.next()?;
    offered.next().is_none().then_some(first)
}

/// When it has just been decided to roll back and there is one way only, chooses it. The cursor
/// stays: what is next may be an approval or a checklist.
pub(super) fn choose(model: &mut Model, before: &Incident) -> Option<Request> {
    let decided =
        |i: &Incident| i.decision.as_ref().map(|d| d.decision) == Some(Decision::RollBack);
    if decided(before) || !decided(&model.incident) || model.incident.procedure.is_some() {
        return None;
    }
    let procedure = only(&model.incident)?;
    model.chose_only = true;
    Some(Request::Submit(Command::ChooseProcedure {
        procedure,
        reason: String::new(),
    }))
}
