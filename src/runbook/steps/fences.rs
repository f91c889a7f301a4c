//! What a fence adds to a procedure: steps, actions of the open step, another way, a sample.

use super::says::{
    add_line, choose_block, is_last, join_branch, last_command, no_return, title_of,
};
use super::{Builder, Either};
use crate::domain::ids::ChoiceId;
use crate::domain::plan::{ActionKind, Danger, Span, Step};
use crate::runbook::actions::{self, Context, Part};
use crate::runbook::blocks::{Block, Fence};
use crate::runbook::reading::Reading;
use crate::runbook::{cases, code, output, words};

impl Builder {
    pub(super) fn fence(&mut self, reading: &mut Reading<'_>, block: &Block, fence: &Fence) {
        if self.sample(reading, block, fence) {
            return;
        }
        reading.take(block.atom);
        let heading = self.heading.take();
        let later = self.later.take();
        let instead =
            heading.as_ref().is_some_and(|h| h.instead) || self.or_next || later.is_some();
        self.or_next = false;
        let lead = heading
            .as_ref()
            .map_or_else(String::new, |h| h.title.clone());
        // The sentence between the lead-in of another way and its block is what is said about it.
        let (title, said) = match later {
            Some(later) => (later, lead),
            None => (lead, String::new()),
        };
        let context = Context {
            id: self.context_id(),
            title: title.clone(),
        };
        let mut parts = actions::from_fence(reading, &context, block, fence);
        if self.sheet {
            parts = actions::apart(reading, &context, parts);
        }
        self.or_next = parts.last().is_some_and(|p| p.or_next);
        if !self.inside && self.are_of_listed(&parts) {
            return self.join_listed(parts);
        }
        let first = heading
            .as_ref()
            .map_or(block.span.first, |h| h.line.min(block.span.first));
        let span = Span {
            first,
            last: block.span.last,
        };
        let led = self.either != Either::Nothing && heading.is_some() && !title.is_empty();
        let led = led || self.case_leads.contains(&title);
        let option = option_of(&title, &parts).or_else(|| led.then(|| title.clone()));
        if option.is_none() && !instead {
            self.hold_block(&mut parts, &title);
            self.hold_repeated(&mut parts, &title);
        }
        let from = self.built.steps.len();
        if self.inside {
            self.join_step(parts, instead, &title, option.as_deref());
        } else {
            self.as_steps(reading, parts, instead, &title, span, option.is_some());
        }
        let into = from.min(self.built.steps.len().saturating_sub(1));
        if let Some(step) = self.built.steps.get_mut(into).filter(|_| !said.is_empty()) {
            add_line(&mut step.text, &said);
        }
    }

    /// The step of the list of ways above that a part says to be, by its number: `# Option 2: …`.
    fn listed_way(&self, part: &Part) -> Option<usize> {
        let title = title_of(&part.action);
        let (kind, number) = words::numbered(&title).filter(|_| words::is_option(&title))?;
        let number: usize = number.parse().ok()?;
        let at = self.listed.start.checked_add(number.checked_sub(1)?)?;
        (kind == words::Numbered::Choice && self.listed.contains(&at)).then_some(at)
    }

    fn are_of_listed(&self, parts: &[Part]) -> bool {
        parts.first().and_then(|p| self.listed_way(p)).is_some()
    }

    /// What is done for the ways of the list above: each part belongs to the way that it names.
    fn join_listed(&mut self, parts: Vec<Part>) {
        let mut at = self.listed.start;
        for mut part in parts {
            at = self.listed_way(&part).unwrap_or(at);
            let Some(step) = self.built.steps.get_mut(at) else {
                continue;
            };
            // The item asked for nothing but what its name says, and that is done here.
            step.actions
                .retain(|a| a.kind != ActionKind::Manual || a.code != step.title);
            (part.action.choice, part.action.branch) = (None, None);
            step.point_of_no_return |= is_last(&part.action);
            step.span.last = step.span.last.max(part.action.span.last);
            step.actions.push(part.action);
        }
    }

    pub(super) fn context_id(&self) -> String {
        match self.built.steps.last() {
            Some(step) if self.inside => step.id.as_str().to_owned(),
            _ => self.id.clone(),
        }
    }

    /// A block of output after a command: what the command should show.
    pub(super) fn sample(
        &mut self,
        reading: &mut Reading<'_>,
        block: &Block,
        fence: &Fence,
    ) -> bool {
        let announced = self.heading.as_ref().filter(|h| h.expected);
        let is_output = matches!(fence.lang.as_str(), "output" | "json" | "log")
            || code::is_unlabelled(&fence.lang);
        let shown = actions::shown_by(block, fence).or_else(|| {
            announced
                .filter(|_| is_output && !fence.told.is_decided())
                .map(|heading| output::shown(&heading.title, &fence.code))
        });
        let action = self.built.steps.last_mut().and_then(last_command);
        let (Some(shown), Some(action)) = (shown, action) else {
            return false;
        };
        action.expect.push(shown);
        reading.take(block.atom);
        true
    }

    /// All actions of the fence belong to the step that is open.
    pub(super) fn join_step(
        &mut self,
        parts: Vec<Part>,
        instead: bool,
        title: &str,
        option: Option<&str>,
    ) {
        let at = self.built.steps.len();
        let block = if self.last_block.0 == at {
            self.last_block.1
        } else {
            0
        };
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        step.point_of_no_return |= parts.iter().any(|p| is_last(&p.action));
        let before = step.actions.len();
        for part in parts.iter().filter(|p| !p.said.is_empty()) {
            add_line(&mut step.text, &part.said);
        }
        // A lead-in names the command that has no comment; else it is what is said about them.
        let mut parts = parts;
        match parts.first_mut() {
            Some(first) if first.action.title.is_empty() => {
                title.clone_into(&mut first.action.title);
            }
            // An option is known by its name where one is chosen.
            Some(first) if option.is_some() && !first.action.title.contains(title) => {
                first.action.title = format!("{title} – {}", first.action.title);
            }
            Some(first) if self.leads > 1 && apart(title, &step.title) => {
                first.action.title = format!("{title} – {}", first.action.title);
            }
            Some(_) if !title.is_empty() && !step.title.contains(title) => {
                add_line(&mut step.text, title);
            }
            _ => {}
        }
        step.actions.extend(parts.into_iter().map(|p| p.action));
        if let Some(option) = option {
            self.one_of_the_blocks(before, option);
        } else if instead && before > 0 {
            choose_block(step, block, before, title);
        }
        self.last_block = (at, before);
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        if step.point_of_no_return {
            no_return(step);
        }
    }

    /// A block under `Option A` or `If using Docker`: each block is an option of one choice.
    pub(super) fn one_of_the_blocks(&mut self, from: usize, title: &str) {
        let at = self.built.steps.len();
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        let known = self.options.take().filter(|(step, _)| *step == at);
        let line = step.actions.get(from).map_or(0, |a| a.span.first);
        let choice = known.map_or_else(
            || ChoiceId::new(format!("{}/options-{line}", step.id)),
            |(_, c)| c,
        );
        let block = step.actions.get_mut(from..).unwrap_or_default();
        join_branch(block, &choice);
        for action in block {
            if action.title.is_empty() {
                title.clone_into(&mut action.title);
            }
        }
        self.options = Some((at, choice));
    }

    /// `# n.` comments make steps; a fence without them makes one.
    pub(super) fn as_steps(
        &mut self,
        reading: &mut Reading<'_>,
        parts: Vec<Part>,
        instead: bool,
        title: &str,
        span: Span,
        option: bool,
    ) {
        let from = self.built.steps.len();
        // What one of several blocks does is one step: it is chosen or left as a whole.
        let numbered = !option && counts_steps(&parts);
        let joined = instead && title.is_empty() && from > 0;
        if joined {
            self.another_way(parts);
            return;
        }
        let said = if numbered { title } else { "" };
        let mut fresh = true;
        let mut ways = Vec::new();
        for part in parts {
            let begins = fresh || (numbered && part.number.is_some());
            if begins {
                if part.instead && !fresh {
                    ways.push(self.built.steps.len());
                }
                let own = if numbered && part.number.is_some() {
                    title_of(&part.action)
                } else {
                    String::new()
                };
                let name = [
                    part.action.attribute("title").unwrap_or_default(),
                    own.as_str(),
                    words::bare(title),
                    if numbered {
                        part.action.title.as_str()
                    } else {
                        ""
                    },
                    self.title.as_str(),
                ]
                .into_iter()
                .find(|t| !t.is_empty())
                .unwrap_or_default()
                .to_owned();
                let here = if numbered { part.action.span } else { span };
                let mut step = self.blank_step(reading, &name, here);
                if fresh && !said.is_empty() && name != words::bare(said) {
                    add_line(&mut step.text, said);
                }
                self.built.steps.push(step);
            }
            fresh = false;
            if let Some(step) = self.built.steps.last_mut() {
                step.span.last = step.span.last.max(part.action.span.last);
                step.point_of_no_return |= is_last(&part.action);
                if !part.said.is_empty() {
                    add_line(&mut step.text, &part.said);
                }
                step.actions.push(part.action);
            }
        }
        // `# 3. Or restore the files` stands for the step before.
        for way in ways {
            self.choose_pair(way);
        }
        if option {
            self.one_of_the_steps(from);
        } else if instead && from > 0 {
            self.choose_steps(from);
        }
        self.last_from = from;
    }

    /// One is chosen of this step and the one before.
    pub(super) fn choose_pair(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1) else {
            return;
        };
        let line = self.built.steps.get(before).map_or(0, |s| s.span.first);
        let known = self.built.steps.get(before).and_then(|s| s.choice.clone());
        let choice = known.unwrap_or_else(|| ChoiceId::new(format!("{}/choice-{line}", self.id)));
        for step in self.built.steps.get_mut(before..=at).unwrap_or_default() {
            step.choice = Some(choice.clone());
        }
    }

    /// Blocks that begin `# Option 1`, `# Option 2` make steps of which one is chosen.
    fn one_of_the_steps(&mut self, at: usize) {
        let Some(first) = self.option_step.replace(at) else {
            return;
        };
        let line = self.built.steps.get(first).map_or(0, |s| s.span.first);
        let known = self.built.steps.get(first).and_then(|s| s.choice.clone());
        let choice = known.unwrap_or_else(|| ChoiceId::new(format!("{}/options-{line}", self.id)));
        for step in [first, at] {
            if let Some(step) = self.built.steps.get_mut(step) {
                step.choice = Some(choice.clone());
            }
        }
    }

    /// A block after `# Or …:` is another way of the last action.
    pub(super) fn another_way(&mut self, parts: Vec<Part>) {
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        let before = step.actions.len();
        step.actions.extend(parts.into_iter().map(|p| p.action));
        let Some(main) = before.checked_sub(1) else {
            return;
        };
        let line = step.actions.get(main).map_or(0, |a| a.span.first);
        let known = step.actions.get(main).and_then(|a| a.choice.clone());
        let choice = known.unwrap_or_else(|| ChoiceId::new(format!("{}/choice-{line}", step.id)));
        if let Some(action) = step.actions.get_mut(main) {
            action.choice = Some(choice.clone());
        }
        join_branch(step.actions.get_mut(before..).unwrap_or_default(), &choice);
    }

    /// Another way in place of earlier steps: a choice with the first of them that changes things.
    pub(super) fn choose_steps(&mut self, from: usize) {
        let changes = |s: &Step| s.actions.iter().any(|a| a.danger != Danger::None);
        let main = self
            .built
            .steps
            .get(self.last_from..from)
            .and_then(|s| s.iter().position(changes))
            .map_or(self.last_from, |p| p + self.last_from);
        let line = self.built.steps.get(main).map_or(0, |s| s.span.first);
        let old = self.built.steps.get(self.last_from..from);
        let known = old.and_then(|o| o.iter().find_map(|s| s.choice.clone()));
        let choice = known
            .clone()
            .unwrap_or_else(|| ChoiceId::new(format!("{}/choice-{line}", self.id)));
        let end = self.built.steps.len();
        let old = known.is_none().then_some(main..from);
        for way in old.into_iter().chain(std::iter::once(from..end)) {
            let steps = self.built.steps.get_mut(way).unwrap_or_default();
            let Some(head) = steps.first().map(|s| s.id.clone()) else {
                continue;
            };
            for step in steps {
                step.choice = Some(choice.clone());
                step.branch = (step.id != head).then(|| head.clone());
            }
        }
    }
}

/// A short name of its own, and no sentence.
fn apart(title: &str, step: &str) -> bool {
    let short = (1..=5).contains(&title.split_whitespace().count());
    short && !step.contains(title) && title.chars().count() <= 40
}

/// The numbers in a block count its steps, and not only the things to look at after its commands.
fn counts_steps(parts: &[Part]) -> bool {
    let mut numbers = parts.iter().filter(|p| p.number.is_some());
    let begins = parts.first().is_some_and(|p| p.number.is_some());
    let runs = parts.iter().any(|p| p.action.kind != ActionKind::Manual);
    let listed = !begins && runs && numbers.clone().all(|p| p.action.kind == ActionKind::Manual);
    numbers.next().is_some() && !listed
}

/// The option that a block is, by its lead-in or by the comment that it begins with. A block that
/// holds several options has settled that among its own commands.
fn option_of(title: &str, parts: &[Part]) -> Option<String> {
    if words::is_one_of(title) || cases::is_one(title) {
        return Some(title.to_owned());
    }
    let numbered = |p: &&Part| words::is_option(&title_of(&p.action));
    let first = parts.first().filter(numbered)?;
    let alone = parts.iter().filter(numbered).count() == 1;
    alone.then(|| title_of(&first.action))
}
