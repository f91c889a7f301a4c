//! The path that is flown: a procedure's steps with its parts and includes laid out in order.
//!
//! Pure look-ups on the plan. An include is laid out in place, so that "follow option 1" is
//! flown here and its actions have places of their own; a cycle of includes is cut at its second
//! turn.

use std::collections::BTreeMap;

use super::ids::{ActionId, ActionRef, ChecklistId, ChoiceId, ProcedureId};
use super::plan::{Action, ActionKind, Checklist, Item, Plan, Procedure, Step};

/// How deep includes may nest before the rest is left to a person.
const MAX_INCLUDES: usize = 4;

/// One action at its place on a path.
#[derive(Clone, Debug)]
pub struct Place<'p> {
    /// Its name on the path.
    pub at: ActionRef,
    /// The action.
    pub action: &'p Action,
    /// How many includes lead to it.
    pub depth: usize,
    /// The step of an included procedure that it belongs to, where it is not the path's own.
    pub within: Option<&'p Step>,
    /// Whether an alternative keeps it off the path.
    pub alternative: Alternative,
    /// The plan holds it back, or what leads to it; to choose it is to want it.
    pub held: bool,
}

/// Where an action stands among alternatives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Alternative {
    /// It has none.
    No,
    /// None is chosen yet.
    Unresolved,
    /// It is the chosen one.
    Chosen,
    /// Another one is chosen.
    Passed,
}

/// One step on a path.
#[derive(Clone, Debug)]
pub struct FlightStep<'p> {
    /// The procedure it belongs to: the chosen one or a part of it.
    pub procedure: &'p Procedure,
    /// The step.
    pub step: &'p Step,
    /// Its actions with includes laid out.
    pub places: Vec<Place<'p>>,
}

/// One entry of a path.
#[derive(Clone, Debug)]
pub enum Leg<'p> {
    /// A step.
    Step(FlightStep<'p>),
    /// Parts or steps of which one is still to be chosen.
    Choose {
        /// The set.
        choice: &'p ChoiceId,
        /// Id and title of each option, in order.
        options: Vec<(&'p str, &'p str)>,
    },
}

type Chosen = BTreeMap<ChoiceId, String>;

/// Lays out a procedure: its own steps, then its parts, alternatives by what was chosen.
#[must_use]
pub fn path<'p>(plan: &'p Plan, procedure: &ProcedureId, chosen: &Chosen) -> Vec<Leg<'p>> {
    let mut legs = Vec::new();
    if let Some(procedure) = find_procedure(plan, procedure) {
        lay_out(plan, procedure, chosen, &mut legs, (0, false));
    }
    legs
}

/// The steps of a path, choices still open left out.
#[must_use]
pub fn steps<'p>(legs: &'p [Leg<'p>]) -> Vec<&'p FlightStep<'p>> {
    legs.iter()
        .filter_map(|leg| match leg {
            Leg::Step(step) => Some(step),
            Leg::Choose { .. } => None,
        })
        .collect()
}

fn lay_out<'p>(
    plan: &'p Plan,
    procedure: &'p Procedure,
    chosen: &Chosen,
    legs: &mut Vec<Leg<'p>>,
    (depth, held): (usize, bool),
) {
    let steps = procedure.steps.iter();
    let all: Vec<_> = steps
        .map(|s| (s, s.choice.as_ref(), s.option().as_str(), s.title.as_str()))
        .collect();
    choose(&all, chosen, legs, |step, legs| {
        legs.push(Leg::Step(flight_step(plan, procedure, step, chosen, held)));
    });
    if depth > MAX_INCLUDES {
        return;
    }
    let parts = parts_of(plan, procedure).into_iter();
    let all: Vec<_> = parts
        .map(|p| (p, p.choice.as_ref(), p.id.as_str(), p.title.as_str()))
        .collect();
    choose(&all, chosen, legs, |part, legs| {
        let held = held || part.conditional;
        lay_out(plan, part, chosen, legs, (depth + 1, held));
    });
}

/// A step or a part, the set it excludes others of, the option it belongs to and its title.
type Alternate<'p, T> = (&'p T, Option<&'p ChoiceId>, &'p str, &'p str);

/// Takes what excludes nothing and what is chosen; leaves one leg to choose for each open set.
fn choose<'p, T>(
    all: &[Alternate<'p, T>],
    chosen: &Chosen,
    legs: &mut Vec<Leg<'p>>,
    take: impl Fn(&'p T, &mut Vec<Leg<'p>>),
) {
    let mut open: Vec<&ChoiceId> = Vec::new();
    for (one, choice, id, _) in all {
        let Some(choice) = *choice else {
            take(one, legs);
            continue;
        };
        match chosen.get(choice) {
            Some(option) if option == id => take(one, legs),
            Some(_) => {}
            None if open.contains(&choice) => {}
            None => {
                open.push(choice);
                let same = all.iter().filter(|(_, other, _, _)| *other == Some(choice));
                let mut options: Vec<(&str, &str)> = Vec::new();
                for (_, _, id, title) in same {
                    // Only the first of a branch stands for it.
                    if !options.iter().any(|(known, _)| known == id) {
                        options.push((id, title));
                    }
                }
                legs.push(Leg::Choose { choice, options });
            }
        }
    }
}

/// The parts of a procedure that belong to its path, in document order.
fn parts_of<'p>(plan: &'p Plan, procedure: &Procedure) -> Vec<&'p Procedure> {
    plan.procedures
        .iter()
        .filter(|p| p.parent.as_ref() == Some(&procedure.id) && !p.off_path)
        .collect()
}

fn flight_step<'p>(
    plan: &'p Plan,
    procedure: &'p Procedure,
    step: &'p Step,
    chosen: &Chosen,
    held: bool,
) -> FlightStep<'p> {
    let mut places = Vec::new();
    let mut trail = Trail {
        ids: Vec::new(),
        procedures: vec![&procedure.id],
        held,
    };
    lay_actions(plan, &step.actions, None, chosen, &mut trail, &mut places);
    FlightStep {
        procedure,
        step,
        places,
    }
}

struct Trail<'p> {
    ids: Vec<&'p ActionId>,
    procedures: Vec<&'p ProcedureId>,
    /// What leads here is held back.
    held: bool,
}

fn lay_actions<'p>(
    plan: &'p Plan,
    actions: &'p [Action],
    within: Option<&'p Step>,
    chosen: &Chosen,
    trail: &mut Trail<'p>,
    places: &mut Vec<Place<'p>>,
) {
    for action in actions {
        let alternative = alternative(action, chosen);
        let wanted = alternative == Alternative::Chosen && is_offered(actions, action);
        let held = trail.held || action.opt_in && !wanted;
        places.push(Place {
            at: at(&trail.ids, &action.id),
            action,
            depth: trail.ids.len(),
            within,
            alternative,
            held,
        });
        let target = (action.kind == ActionKind::Include && alternative != Alternative::Passed)
            .then(|| action.target.as_ref().and_then(|t| find_procedure(plan, t)))
            .flatten();
        let Some(target) = target else { continue };
        if trail.ids.len() >= MAX_INCLUDES || trail.procedures.contains(&&target.id) {
            continue;
        }
        trail.ids.push(&action.id);
        trail.procedures.push(&target.id);
        let before = std::mem::replace(&mut trail.held, held);
        for step in &target.steps {
            lay_actions(plan, &step.actions, Some(step), chosen, trail, places);
        }
        for part in parts_of(plan, target) {
            for step in &part.steps {
                lay_actions(plan, &step.actions, Some(step), chosen, trail, places);
            }
        }
        trail.ids.pop();
        trail.procedures.pop();
        trail.held = before;
    }
}

/// The way that an action belongs to is held back as a whole, so that to choose it is to want it;
/// what is held back within a way stays so.
fn is_offered(actions: &[Action], action: &Action) -> bool {
    let head = actions.iter().find(|a| a.id == *action.option());
    head.is_some_and(|h| h.opt_in)
}

fn alternative(action: &Action, chosen: &Chosen) -> Alternative {
    match &action.choice {
        None => Alternative::No,
        Some(choice) => match chosen.get(choice) {
            None => Alternative::Unresolved,
            Some(option) if option == action.option().as_str() => Alternative::Chosen,
            Some(_) => Alternative::Passed,
        },
    }
}

fn at(trail: &[&ActionId], id: &ActionId) -> ActionRef {
    let mut text = String::new();
    for step in trail {
        text.push_str(step.as_str());
        text.push('>');
    }
    text.push_str(id.as_str());
    ActionRef::new(text)
}

/// The includes that lead to a place, outermost first.
pub fn ancestors(at: &ActionRef) -> impl Iterator<Item = ActionRef> + '_ {
    let text = at.as_str();
    text.char_indices()
        .filter(|(_, c)| *c == '>')
        .filter_map(move |(i, _)| text.get(..i).map(ActionRef::new))
}

/// The procedure with that id.
#[must_use]
pub fn find_procedure<'p>(plan: &'p Plan, id: &ProcedureId) -> Option<&'p Procedure> {
    plan.procedures.iter().find(|p| p.id == *id)
}

/// The checklist with that id.
#[must_use]
pub fn find_checklist<'p>(plan: &'p Plan, id: &ChecklistId) -> Option<&'p Checklist> {
    plan.checklists.iter().find(|c| c.id == *id)
}

/// The item with that id, and its checklist.
#[must_use]
pub fn find_item<'p>(plan: &'p Plan, id: &super::ids::ItemId) -> Option<(&'p Checklist, &'p Item)> {
    plan.checklists
        .iter()
        .find_map(|c| c.items.iter().find(|i| i.id == *id).map(|i| (c, i)))
}

/// Whether the plan has that trigger, at a level or at none.
#[must_use]
pub fn has_trigger(plan: &Plan, id: &super::ids::TriggerId) -> bool {
    let levels = plan.severities.iter().flat_map(|s| &s.triggers);
    levels.chain(&plan.triggers).any(|t| t.id == *id)
}

/// Whether an option is one of a choice: a procedure, or the first of a branch of steps or actions.
#[must_use]
pub fn has_option(plan: &Plan, choice: &ChoiceId, option: &str) -> bool {
    let of = |a: &Action| a.choice.as_ref() == Some(choice) && a.option().as_str() == option;
    let procedures = plan.procedures.iter().any(|p| {
        (p.choice.as_ref() == Some(choice) && p.id.as_str() == option)
            || p.steps.iter().any(|s| {
                (s.choice.as_ref() == Some(choice) && s.option().as_str() == option)
                    || s.actions.iter().any(of)
            })
    });
    let mut items = plan.checklists.iter().flat_map(|c| &c.items);
    procedures || items.any(|i| i.actions.iter().any(of))
}

/// What an action belongs to.
#[derive(Clone, Copy, Debug)]
pub enum Home<'p> {
    /// A step of a procedure.
    Step(&'p Procedure, &'p Step),
    /// An item of a checklist.
    Item(&'p Checklist, &'p Item),
}

/// Every action of a plan: of its steps, then of its items.
pub fn actions(plan: &Plan) -> impl Iterator<Item = &Action> {
    let steps = plan.procedures.iter().flat_map(|p| &p.steps);
    let items = plan.checklists.iter().flat_map(|c| &c.items);
    let actions = steps.flat_map(|s| &s.actions);
    actions.chain(items.flat_map(|i| &i.actions))
}

/// The action that a place names, and what it belongs to.
#[must_use]
pub fn find_action<'p>(plan: &'p Plan, at: &ActionRef) -> Option<(Home<'p>, &'p Action)> {
    let id = at.as_str().rsplit('>').next().unwrap_or_default();
    let fits = |a: &&Action| a.id.as_str() == id;
    let in_steps = plan.procedures.iter().find_map(|p| {
        p.steps
            .iter()
            .find_map(|s| s.actions.iter().find(fits).map(|a| (Home::Step(p, s), a)))
    });
    in_steps.or_else(|| {
        plan.checklists.iter().find_map(|c| {
            c.items
                .iter()
                .find_map(|i| i.actions.iter().find(fits).map(|a| (Home::Item(c, i), a)))
        })
    })
}

/// The outermost procedure of the tree that a procedure is part of.
#[must_use]
pub fn root_of<'p>(plan: &'p Plan, procedure: &'p Procedure) -> &'p Procedure {
    let mut at = procedure;
    for _ in 0..plan.procedures.len() {
        match at.parent.as_ref().and_then(|p| find_procedure(plan, p)) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    at
}
