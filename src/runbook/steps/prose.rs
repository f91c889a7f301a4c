//! What is said in and around a step: leads with a meaning, titles of what follows, text.

use super::says::{add_line, is_choice, is_final, is_instead, is_steps_label, last_command};
use super::{Builder, Either, Heading};
use crate::domain::plan::{Danger, Step};
use crate::runbook::actions;
use crate::runbook::blocks::{Block, Kind};
use crate::runbook::expect;
use crate::runbook::inline::{Lead, lead, plain};
use crate::runbook::reading::Reading;
use crate::runbook::{flow, links, time, words};
use crate::script::shell::says_what_should_be;

/// Words from which on an estimate says more than a time: `10 to 15 minutes in total` has five.
const MANY_WORDS: usize = 4;

impl Builder {
    pub(super) fn prose(
        &mut self,
        reading: &mut Reading<'_>,
        block: &Block,
        text: &str,
        next: Option<&Block>,
    ) {
        if !reading.take(block.atom) {
            return;
        }
        if self.another_way_to_come(text, next) || self.order(reading, block, text, next) {
            return;
        }
        let lines = flow::lines(text);
        let last = lines.len().saturating_sub(1);
        for (n, (at, line)) in lines.iter().enumerate() {
            let heads =
                n == last && next.is_some_and(|n| matches!(n.kind, Kind::Fence(_) | Kind::List(_)));
            let number = block.span.first + u32::try_from(*at).unwrap_or(0);
            self.prose_line(line, heads, number);
        }
        if self.inside && next.is_none_or(|n| n.para().is_some()) {
            self.only_prose(reading, block);
        }
    }

    /// `**Alternative: the old bridge**:` with a sentence before its block.
    fn another_way_to_come(&mut self, text: &str, next: Option<&Block>) -> bool {
        let prose = next.is_some_and(|n| matches!(n.kind, Kind::Para(_)));
        let Some(lead) = lead(text).filter(|l| prose && l.rest.is_empty() && is_instead(&l.label))
        else {
            return false;
        };
        if text.contains('\n') || self.built.steps.is_empty() {
            return false;
        }
        self.later = Some(lead.label);
        true
    }

    /// A sentence that orders a command to be run is a thing to do, unless a block shows how.
    fn order(
        &mut self,
        reading: &mut Reading<'_>,
        block: &Block,
        text: &str,
        next: Option<&Block>,
    ) -> bool {
        if next.is_some_and(Block::has_fence) || self.has_step_parts && !self.inside {
            return false;
        }
        let Some((said, command)) = actions::ordered(text) else {
            return false;
        };
        if !self.inside {
            let step = self.blank_step(reading, said.trim_end_matches('.'), block.span);
            self.built.steps.push(step);
        }
        let id = self.built.steps.last().map(|s| s.id.as_str().to_owned());
        let id = id.unwrap_or_default();
        let action = actions::one_command(reading, &id, &said, &command, block.span);
        if let Some(step) = self.built.steps.last_mut() {
            step.span.last = step.span.last.max(block.span.last);
            step.actions.push(action);
        }
        true
    }

    /// A step that consists of a sentence is a thing for a person.
    pub(super) fn only_prose(&mut self, reading: &mut Reading<'_>, block: &Block) {
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        if step.actions.is_empty()
            && !step.text.is_empty()
            && block.span.last >= step.span.last.saturating_sub(3)
        {
            let mut text = std::mem::take(&mut step.text);
            let written = block.para().map(flow::joined).unwrap_or_default();
            if plain(&written) == text {
                text = links::keep_anchor(&written);
            }
            let action = actions::manual(reading, step.id.as_str(), &text, block.span);
            step.actions.push(action);
        }
    }

    pub(super) fn prose_line(&mut self, line: &str, heads: bool, number: u32) {
        let found = lead(line);
        if is_choice(line) {
            self.either = Either::Blocks;
        }
        let said = found.clone().or_else(|| plain_lead(line));
        if let Some(lead) = &said
            && self.known_lead(lead)
        {
            return;
        }
        let words = plain(line);
        // `All pods should be running.` below a command says what it should show.
        let last = words.trim_end_matches(['.', '!']);
        if !heads && says_what_should_be(&words) && self.expect_prose(last) {
            return;
        }
        let colon = words.ends_with([':', '：']);
        // `Option A: the old image` needs no further mark to name the block below it.
        let option = words::is_option(&words) && !words.ends_with('.');
        let names = colon || option || found.as_ref().is_some_and(|l| l.rest.is_empty());
        // A long sentence leads on with its last part; what stands before that is said.
        let (before, words) = if heads && names {
            flow::leading(&words)
        } else {
            (String::new(), words)
        };
        if !before.is_empty() {
            self.say(&before);
        }
        if heads && names && words.chars().count() < 120 {
            let title = words.trim_end_matches([':', '：']).trim().to_owned();
            let instead = is_instead(&title);
            let expected = expect::is_label(&title);
            if !instead && self.opens_with_when(&title) {
                return;
            }
            if !is_steps_label(&title) {
                self.heading = Some(Heading {
                    title,
                    instead,
                    expected,
                    section: false,
                    line: number,
                });
            }
            return;
        }
        if heads && is_instead(&words) {
            self.heading = Some(Heading {
                title: words.clone(),
                instead: true,
                expected: false,
                section: false,
                line: number,
            });
        }
        if colon && !heads && self.opens_with_when(words.trim_end_matches([':', '：'])) {
            return;
        }
        if colon && !heads && !self.inside {
            // It leads to parts with headings of their own.
            return add_line(&mut self.built.text, &words);
        }
        self.say(&words);
    }

    /// `Use when`, `Estimated time`, `Expected`: leads with a meaning of their own.
    pub(super) fn known_lead(&mut self, lead: &Lead) -> bool {
        const WHEN: &[&str] = &[
            "use when|when|use case|when to use|situation|symptom|use this|scenario|cuándo",
            "cuando|quando|wann|anwendungsfall|quand|cas d'usage|适用|使用场景|何时|適用|使用時|사용 시",
            "когда|kiedy",
        ];
        let label = lead.label.to_lowercase();
        let starts = |words: &[&str]| words::each(words).any(|w| label.starts_with(w));
        if lead.rest.is_empty() {
            return false;
        }
        if time::is_label(&label)
            && let Some(estimate) = time::estimate(&lead.rest)
        {
            let slot = match self.built.steps.last_mut() {
                Some(step) if self.inside => &mut step.estimate,
                _ => &mut self.built.estimate,
            };
            // A second figure, such as a total, is worth reading beside the first.
            if slot.is_none() {
                *slot = Some(estimate);
                // A condition beside the figure is worth reading as well.
                let words = lead.rest.split(|c: char| !c.is_alphabetic());
                return words.filter(|w| w.chars().count() > 1).count() <= MANY_WORDS;
            }
            return false;
        }
        if lead.colon && !self.inside && starts(WHEN) {
            if !self.built.use_when.is_empty() {
                self.built.use_when.push(' ');
            }
            self.built.use_when.push_str(&plain(&lead.rest));
            return true;
        }
        if lead.colon && expect::is_label(&label) && self.expect_prose(&plain(&lead.rest)) {
            return true;
        }
        false
    }

    pub(super) fn expect_prose(&mut self, text: &str) -> bool {
        let Some(action) = self.built.steps.last_mut().and_then(last_command) else {
            return false;
        };
        action.expect.push(expect::of_comment(text, &action.code));
        true
    }

    /// A lead-in whose block is somebody else's is a sentence like any other.
    pub(super) fn say_heading(&mut self) {
        if let Some(heading) = self.heading.take().filter(|h| !h.section) {
            self.say(&heading.title);
        }
    }

    /// A step before the last cannot be undone by what it runs, and the last one can: a warning
    /// below all of them speaks of the former.
    fn final_before(&self) -> bool {
        let harm = |step: &Step| {
            let mut actions = step.actions.iter();
            actions.any(|a| a.danger == Danger::Irreversible)
        };
        self.built.steps.split_last().is_some_and(|(last, before)| {
            !harm(last) && !last.actions.is_empty() && before.iter().any(harm)
        })
    }

    pub(super) fn say(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let in_step = self.inside || (!self.has_step_parts && !self.built.steps.is_empty());
        if in_step && !self.inside && is_final(words) && self.final_before() {
            return add_line(&mut self.built.text, words);
        }
        let into = match self.built.steps.last_mut() {
            Some(step) if in_step => {
                step.point_of_no_return |= is_final(words);
                &mut step.text
            }
            _ => &mut self.built.text,
        };
        add_line(into, words);
    }
}

/// `Estimated time: 5 minutes` without marks, or in italics.
fn plain_lead(line: &str) -> Option<Lead> {
    let text = line.trim().trim_matches(['*', '_']);
    let (label, rest) = text.split_once([':', '：'])?;
    let label = plain(label);
    let fits = label.chars().count() <= 30 && (time::is_label(&label) || expect::begins(text));
    fits.then(|| Lead {
        label,
        rest: rest.trim().to_owned(),
        colon: true,
    })
}
