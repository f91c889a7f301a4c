//! Blocks and steps under a condition: for whom the condition holds, and for nobody else.

use super::Builder;
use crate::domain::plan::{Action, ActionKind, Danger, Plan, Step};
use crate::runbook::actions::Part;
use crate::runbook::blocks::Block;
use crate::runbook::inline::plain;
use crate::runbook::{cases, guards};

/// How many sentences of a section say when to do what stands below them.
pub fn when_leads(blocks: &[Block]) -> usize {
    let leads = |b: &&Block| {
        b.para().is_some_and(|text| {
            let words = plain(text);
            words.ends_with([':', '：']) && guards::says_when(&words)
        })
    };
    blocks.iter().filter(leads).count()
}

/// The words before each block of a section, where they stand alone.
pub fn leads(blocks: &[Block]) -> Vec<String> {
    let after = blocks.iter().skip(1);
    let pairs = blocks
        .iter()
        .zip(after)
        .filter(|(_, next)| next.has_fence());
    let words = pairs.filter_map(|(b, _)| Some(plain(b.para()?.trim())));
    words
        .filter(|words| !words.contains('\n'))
        .map(|words| words.trim_end_matches([':', '：']).trim().to_owned())
        .collect()
}

/// Those of the leads that name cases beside each other.
pub fn case_leads(leads: Vec<String>) -> Vec<String> {
    let cases = cases::beside_each_other(&leads);
    let both = leads.into_iter().zip(cases);
    both.filter_map(|(lead, is)| is.then_some(lead)).collect()
}

impl Builder {
    /// Below `Deploy commands:` stands once more what was done above it: to do it twice is for
    /// whoever wants it twice.
    pub(super) fn hold_repeated(&self, parts: &mut [Part], title: &str) {
        let lists = title.to_lowercase().ends_with(" commands");
        let done = self.built.steps.iter().flat_map(|s| &s.actions);
        let done: Vec<Vec<&str>> = done
            .filter(|a| is_work(a) && a.danger != Danger::None)
            .map(|a| beginning(&a.code))
            .collect();
        for part in parts.iter_mut().filter(|_| lists) {
            let again = done.contains(&beginning(&part.action.code));
            part.action.opt_in |= again && is_work(&part.action);
        }
    }

    /// The only words of their kind, before everything else: they say when to use the procedure.
    pub(super) fn opens_with_when(&mut self, words: &str) -> bool {
        let first = !self.inside && self.built.steps.is_empty();
        let fits = self.when_leads == 1 && guards::says_when(words);
        if !first || !fits || crate::runbook::words::is_one_of(words) {
            return false;
        }
        if !self.built.use_when.is_empty() {
            self.built.use_when.push_str("; ");
        }
        self.built.use_when.push_str(words);
        true
    }

    /// A block below a condition is for the case that it holds. The first words of a procedure
    /// say when to use it, and whoever chose it has said so.
    pub(super) fn hold_block(&self, parts: &mut [Part], title: &str) {
        let first = !self.inside && self.built.steps.is_empty();
        if first || !guards::is_guarded(title) {
            return;
        }
        for part in parts {
            part.action.opt_in |= part.action.kind != ActionKind::Text;
        }
    }
}

/// The first words of the first command.
fn beginning(code: &str) -> Vec<&str> {
    let mut lines = code.lines().map(str::trim);
    let first = lines.find(|l| !l.is_empty() && !l.starts_with('#'));
    first
        .unwrap_or_default()
        .split_whitespace()
        .take(3)
        .collect()
}

/// A step with a condition in its title is for the case that it holds. What only looks does no
/// harm, and what a person does by hand asks that person anyway.
pub fn hold_steps(steps: &mut [Step]) {
    let several = steps.len() > 1;
    for step in steps.iter_mut() {
        let changes = |a: &Action| is_work(a) && a.danger != Danger::None;
        if step.choice.is_some() {
            let title = step.title.clone();
            release(step.actions.iter_mut().filter(|a| a.title == title));
        } else if several && step.actions.iter().any(changes) && guards::is_guarded(&step.title) {
            for action in &mut step.actions {
                action.opt_in |= action.kind != ActionKind::Text;
            }
        }
    }
    // Whoever chooses what is all under one condition says that the condition holds.
    if let [only] = steps
        && let mut work = only.actions.iter().filter(|a| is_work(a))
        && work.all(|a| a.opt_in && a.choice.is_none())
    {
        release(only.actions.iter_mut());
    }
}

/// Takes back what the title of an action alone has held.
fn release<'a>(actions: impl Iterator<Item = &'a mut Action>) {
    for action in actions.filter(|a| is_work(a) && guards::is_guarded(&a.title)) {
        action.opt_in = false;
    }
}

fn is_work(action: &Action) -> bool {
    !matches!(action.kind, ActionKind::Text | ActionKind::Manual)
}

/// What is flown as another procedure, in a step under a condition, is held back like a command;
/// so is a whole part under a condition.
pub fn hold_parts(plan: &mut Plan) {
    for procedure in &mut plan.procedures {
        let title = guards::is_guarded(&procedure.title);
        let said = guards::is_only_condition(&procedure.use_when);
        let alone = procedure.parent.is_none() || procedure.choice.is_some();
        procedure.conditional = !alone && (title || said);
        let several = procedure.steps.len() > 1;
        for step in procedure.steps.iter_mut().filter(|_| several) {
            let held = step.choice.is_none() && guards::is_guarded(&step.title);
            for action in &mut step.actions {
                let include = action.kind == ActionKind::Include && action.choice.is_none();
                action.opt_in |= include && (held || guards::is_guarded(&action.code));
            }
        }
    }
}
