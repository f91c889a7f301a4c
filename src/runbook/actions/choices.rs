//! Which actions of one block exclude each other.

use super::Part;
use crate::domain::ids::ChoiceId;
use crate::runbook::words::{self, Numbered};

/// `# Option A`, `# Option B` in one block: one is chosen.
pub fn choose_options(parts: &mut [Part], id: &str) {
    let option = |p: &Part| {
        matches!(
            words::numbered(&p.action.title),
            Some((Numbered::Choice, _))
        )
    };
    if parts.iter().filter(|p| option(p)).count() < 2 {
        return;
    }
    let line = parts.first().map_or(0, |p| p.action.span.first);
    let choice = ChoiceId::new(format!("{id}/options-{line}"));
    for part in parts.iter_mut().filter(|p| option(p)) {
        part.action.choice = Some(choice.clone());
    }
}

/// `# Or …`: a choice with what stands before.
pub fn choose_instead(parts: &mut [Part], id: &str) {
    let mut main: Option<usize> = None;
    for at in 0..parts.len() {
        let instead = parts.get(at).is_some_and(|p| p.instead);
        let Some(first) = main.filter(|_| instead) else {
            main = Some(at);
            continue;
        };
        let known = parts.get(first).and_then(|p| p.action.choice.clone());
        let line = parts.get(first).map_or(0, |p| p.action.span.first);
        let choice = known.unwrap_or_else(|| ChoiceId::new(format!("{id}/choice-{line}")));
        for index in [first, at] {
            if let Some(part) = parts.get_mut(index) {
                part.action.choice = Some(choice.clone());
            }
        }
    }
}
