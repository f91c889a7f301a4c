//! What authors said of their blocks, once more at the end, so that it holds.
//!
//! The words around a block make choices, titles and dangers out of what they say. Where the
//! author of a block has said it in the block's own attributes, that is what counts.

use std::collections::HashMap;

use super::reading::Reading;
use super::told;
use super::words::slug;
use crate::domain::ids::ChoiceId;
use crate::domain::plan::{Action, ActionKind, Danger, Level, Plan, Procedure, Step};

/// The reason that is given for a danger that the author states.
pub const STATED: &str = "the plan says so";

/// Lets the attributes of every action have the last word.
pub fn settle(reading: &mut Reading<'_>) {
    let mut plan: Plan = std::mem::take(&mut reading.plan);
    let mut alone = Vec::new();
    for checklist in &mut plan.checklists {
        let id = checklist.id.as_str().to_owned();
        for action in checklist.items.iter_mut().flat_map(|i| &mut i.actions) {
            insist(action, &id);
        }
    }
    lonely_ways(&mut plan, &mut alone);
    for procedure in &mut plan.procedures {
        let id = procedure.id.as_str().to_owned();
        for action in procedure.steps.iter_mut().flat_map(|s| &mut s.actions) {
            insist(action, &id);
        }
        choose(procedure, &mut alone);
    }
    reading.plan = plan;
    for (line, name) in alone {
        let message = format!("nothing else has choice={name}, so there is nothing to choose");
        reading.note(
            line,
            Level::Warning,
            "lonely-choice",
            message,
            "give the same choice to each of the blocks that exclude each other",
        );
    }
}

/// What the attributes of an action say of it.
fn insist(action: &mut Action, scope: &str) {
    if action.attributes.is_empty() {
        return;
    }
    let said = |key: &str| action.attribute(key).map(str::to_owned);
    let flag = |key: &str| action.attribute(key).and_then(told::yes_no);
    let choice = said("choice").map(|name| choice_id(scope, &name));
    let title = said("title");
    let held_back = flag("opt-in").or_else(|| flag("excludeFromRunAll"));
    let danger = stated_danger(action);
    if let Some(choice) = choice {
        action.choice = Some(choice);
        action.branch = None;
    }
    if let Some(title) = title {
        action.title = title;
    }
    action.opt_in |= held_back == Some(true);
    if let Some(danger) = danger {
        action.danger = danger;
        action.danger_why = match danger {
            Danger::None => String::new(),
            Danger::Changes | Danger::Irreversible => STATED.to_owned(),
        };
    }
}

/// How much harm the author says that an action can do.
#[must_use]
pub fn stated_danger(action: &Action) -> Option<Danger> {
    let set = |key: &str| action.attribute(key).and_then(told::yes_no) == Some(true);
    let stated = action.attribute("danger").and_then(told::harm);
    stated
        .or_else(|| set("sense").then_some(Danger::None))
        .or_else(|| set("point-of-no-return").then_some(Danger::Irreversible))
}

/// The choice that an author names; names are of one procedure or checklist.
#[must_use]
pub fn choice_id(scope: &str, name: &str) -> ChoiceId {
    ChoiceId::new(format!("{scope}/chosen-{}", slug(name)))
}

/// The choice among procedures that an author names.
#[must_use]
pub fn way_id(name: &str) -> ChoiceId {
    choice_id("procedures", name)
}

/// One procedure alone is no choice.
fn lonely_ways(plan: &mut Plan, alone: &mut Vec<(u32, String)>) {
    let all: Vec<ChoiceId> = plan
        .procedures
        .iter()
        .filter_map(|p| p.choice.clone())
        .collect();
    for procedure in &mut plan.procedures {
        if let Some(choice) = &procedure.choice
            && let Some(name) = choice.as_str().strip_prefix("procedures/chosen-")
            && all.iter().filter(|c| *c == choice).count() == 1
        {
            alone.push((procedure.span.first, name.to_owned()));
            procedure.choice = None;
        }
    }
}

/// Blocks that exclude each other and are steps of their own make steps that do.
fn choose(procedure: &mut Procedure, alone: &mut Vec<(u32, String)>) {
    let mut count: HashMap<ChoiceId, usize> = HashMap::new();
    for action in procedure.steps.iter().flat_map(|s| &s.actions) {
        if let (Some(choice), Some(_)) = (&action.choice, action.attribute("choice")) {
            *count.entry(choice.clone()).or_default() += 1;
        }
    }
    for choice in procedure.steps.iter().filter_map(|s| s.choice.as_ref()) {
        *count.entry(choice.clone()).or_default() += 1;
    }
    let prefix = format!("{}/chosen-", procedure.id.as_str());
    for step in &mut procedure.steps {
        if let Some(choice) = &step.choice
            && let Some(name) = choice.as_str().strip_prefix(&prefix)
            && count.get(choice) == Some(&1)
        {
            alone.push((step.span.first, name.to_owned()));
            step.choice = None;
        }
    }
    for action in procedure.steps.iter_mut().flat_map(|s| &mut s.actions) {
        let said = action.attribute("choice").map(str::to_owned);
        if let (Some(choice), Some(name)) = (&action.choice, said)
            && count.get(choice) == Some(&1)
        {
            alone.push((action.span.first, name));
            action.choice = None;
        }
    }
    let whole: Vec<Option<ChoiceId>> = procedure.steps.iter().map(whole_step).collect();
    let stepped: Vec<ChoiceId> = procedure
        .steps
        .iter()
        .filter_map(|s| s.choice.clone())
        .collect();
    let shared = |c: &ChoiceId| {
        whole.iter().flatten().filter(|w| *w == c).count() > 1 || stepped.contains(c)
    };
    for (step, choice) in procedure.steps.iter_mut().zip(&whole) {
        if let Some(choice) = choice.clone().filter(|c| shared(c)) {
            for action in &mut step.actions {
                (action.choice, action.branch) = (None, None);
            }
            step.choice = Some(choice);
        }
    }
}

/// The choice that the one thing to do in a step belongs to.
fn whole_step(step: &Step) -> Option<ChoiceId> {
    let mut work = step.actions.iter().filter(|a| a.kind != ActionKind::Text);
    let only = work.next()?;
    if work.next().is_some() || only.attribute("choice").is_none() {
        return None;
    }
    only.choice.clone()
}
