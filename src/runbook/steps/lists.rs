//! What a list adds to a procedure: numbered items are steps, bullets are things to do in one.

use super::says::{
    Said, acts_by_itself, add_line, as_told, describes, each_an_option, ends_in_or, entry_action,
    is_choice, is_final, is_instead, is_options_lead, is_order, is_overview, join_branch,
    last_command,
};
use super::{Builder, Either, Heading};
use crate::domain::ids::ChoiceId;
use crate::domain::plan::{Action, ActionKind, Span};
use crate::runbook::blocks::{Block, Entry, Kind, List};
use crate::runbook::inline::{plain, tick};
use crate::runbook::marks::Mark;
use crate::runbook::reading::Reading;
use crate::runbook::titles::{is_condition, is_forbidden, is_inventory};
use crate::runbook::words::{self, says_any};
use crate::runbook::{expect, flow, time};

impl Builder {
    pub(super) fn list(&mut self, reading: &mut Reading<'_>, list: &List, marks: &[Mark]) {
        let heading = self.heading.take();
        let plain_list = !list.items.iter().any(Entry::has_fence);
        let title = heading.as_ref().map_or("", |h| h.title.as_str());
        if plain_list && self.only_tells(reading, title, list) {
            return;
        }
        if plain_list && self.expected_items(reading, heading.as_ref(), list) {
            return;
        }
        let either = is_choice(title) || is_options_lead(title) || self.either == Either::Items;
        if self.either == Either::Items {
            self.either = Either::Nothing;
        }
        let declared =
            marks.contains(&Mark::ChooseOne) || list.items.iter().any(|e| said_step(e).is_some());
        if self.inside {
            self.heading = heading;
            self.say_heading();
            if declared {
                self.each_entry(reading, list, false, marks);
            } else {
                self.entries_join_step(reading, list, either);
            }
        } else if list.ordered
            || list.items.iter().any(|e| said_step(e).is_some())
            || (list.items.iter().all(|e| e.task.is_some())
                && list.items.iter().any(Entry::has_fence))
        {
            if declared {
                self.heading = heading;
                self.say_heading();
                return self.each_entry(reading, list, true, marks);
            }
            self.entries_as_steps(reading, list, heading, either);
        } else {
            let title = heading.map_or_else(|| self.title.clone(), |h| h.title);
            let first = list.items.first().map_or(1, |e| e.span.first);
            let last = list.items.last().map_or(first, |e| e.span.last);
            let step = self.blank_step(reading, &title, Span { first, last });
            self.built.steps.push(step);
            if declared {
                self.each_entry(reading, list, false, marks);
            } else {
                self.entries_join_step(reading, list, either);
            }
        }
    }

    /// `Expected:` and what should be seen, one item each: of the last command. Where there is no
    /// command yet it is said and not done. False where it is neither: a lead that only speaks of
    /// an output leads to things to do.
    fn expected_items(
        &mut self,
        reading: &mut Reading<'_>,
        heading: Option<&Heading>,
        list: &List,
    ) -> bool {
        let Some(heading) = heading.filter(|h| h.expected) else {
            return false;
        };
        let open = self.built.steps.last_mut().and_then(last_command).is_some();
        let orders = list.ordered || is_order(&heading.title);
        if !open && orders && !expect::is_bare(&heading.title) {
            return false;
        }
        if !open || !expect::is_bare(&heading.title) {
            self.say(&heading.title);
        }
        for entry in &list.items {
            if !self.expect_prose(&entry.said()) {
                self.say(&format!("- {}", entry.said()));
            }
            reading.take_entry(entry);
        }
        true
    }

    /// The bullets of a step are things to do in it, or ways of which one is to be gone.
    fn entries_join_step(&mut self, reading: &mut Reading<'_>, list: &List, either: bool) {
        let at = self.built.steps.len();
        let mut starts = Vec::new();
        let mut way: Option<usize> = None;
        let mut or_next = false;
        for entry in &list.items {
            let from = self.built.steps.last().map_or(0, |s| s.actions.len());
            self.entry_join_step(reading, entry);
            let Some(step) = self
                .built
                .steps
                .last_mut()
                .filter(|s| s.actions.len() > from)
            else {
                continue;
            };
            // `Alternatively, …` stands for the item before, and so does what follows `…, or`.
            let instead = or_next || is_instead(&plain(&entry.text));
            or_next = ends_in_or(&entry.text);
            if let Some(way) = way.filter(|_| instead && !either) {
                let starts = [way, from];
                each_an_option(step, &starts);
            } else {
                way = Some(from);
            }
            starts.push(from);
        }
        if either
            && at == self.built.steps.len()
            && let Some(step) = self.built.steps.last_mut()
        {
            each_an_option(step, &starts);
        }
    }

    /// Each item as a step or as a part of the open one; where a comment says so, one of them.
    fn each_entry(&mut self, reading: &mut Reading<'_>, list: &List, steps: bool, marks: &[Mark]) {
        let mut begins = Vec::new();
        for entry in &list.items {
            begins.push((self.built.steps.len(), self.open_actions()));
            if steps || said_step(entry).is_some() {
                self.entry_as_step(reading, entry);
            } else {
                self.entry_join_step(reading, entry);
            }
        }
        if marks.contains(&Mark::ChooseOne) && list.items.len() > 1 {
            let line = list.items.first().map_or(0, |e| e.span.first);
            self.exclude(&begins, line);
        }
    }

    /// How many actions the open step has.
    fn open_actions(&self) -> usize {
        self.built.steps.last().map_or(0, |s| s.actions.len())
    }

    /// Makes what each item added an option of one choice: the steps, or the actions of the step.
    fn exclude(&mut self, begins: &[(usize, usize)], line: u32) {
        let choice = ChoiceId::new(format!("{}/one-of-{line}", self.context_id()));
        let end = (self.built.steps.len(), self.open_actions());
        let ends = begins.iter().skip(1).chain(std::iter::once(&end));
        for (from, to) in begins.iter().zip(ends) {
            if to.0 > from.0 {
                let new = self.built.steps.get_mut(from.0..to.0).unwrap_or_default();
                let head = new.first().map(|s| s.id.clone());
                for step in new {
                    step.choice = Some(choice.clone());
                    step.branch = head.clone().filter(|h| *h != step.id);
                }
            } else if let Some(step) = self.built.steps.last_mut() {
                let new = step.actions.get_mut(from.1..to.1).unwrap_or_default();
                join_branch(new, &choice);
            }
        }
    }

    /// Numbered items are steps. What is said between two lists belongs to the second.
    fn entries_as_steps(
        &mut self,
        reading: &mut Reading<'_>,
        list: &List,
        heading: Option<Heading>,
        one_of: bool,
    ) {
        let from = self.built.steps.len();
        let said = heading.filter(|h| !h.section);
        if from == 0 {
            self.heading.clone_from(&said);
            self.say_heading();
        }
        for (at, entry) in list.items.iter().enumerate() {
            let step = self.built.steps.len();
            self.entry_as_step(reading, entry);
            if at > 0 && !one_of && is_instead(&plain(&entry.text)) {
                self.choose_pair(step);
            }
        }
        if one_of {
            self.listed = from..self.built.steps.len();
            self.share_steps(self.listed.clone());
        }
        if let Some(step) = self.built.steps.get_mut(from).filter(|_| from > 0)
            && let Some(said) = said
        {
            let own = std::mem::replace(&mut step.text, said.title);
            if !own.is_empty() {
                add_line(&mut step.text, &own);
            }
        }
    }

    /// Makes neighbouring steps ways of which one is chosen.
    pub(super) fn share_steps(&mut self, range: std::ops::Range<usize>) {
        let steps = self.built.steps.get_mut(range).unwrap_or_default();
        if steps.len() < 2 {
            return;
        }
        let line = steps.first().map_or(0, |s| s.span.first);
        let known = steps.iter().find_map(|s| s.choice.clone());
        let choice = known.unwrap_or_else(|| ChoiceId::new(format!("{}/one-of-{line}", self.id)));
        for step in steps {
            step.choice = Some(choice.clone());
        }
    }

    /// Lists that ask for nothing: when to use the procedure, what to think of beside it, what
    /// happens by itself, what holds afterwards.
    fn only_tells(&mut self, reading: &mut Reading<'_>, title: &str, list: &List) -> bool {
        const WHEN: &[&str] = &[
            "use case|when to escalate|when to apply|caso de uso|casos de uso|anwendungsfall|anwendungsfälle|cas d'usage",
            "use when|when to use|use this when|use if|symptom|indicator|signs|síntomas|sintomas|symptômes|anzeichen|症状|증상|симптомы|objawy",
        ];
        const NOTES: &[&str] = &[
            "prevention|note|notes|important|warning|warnings|caution|pros|cons|advantages|disadvantages|limitations|impact|risks",
            "remember|tip|tips|hinweis|hinweise|nota|notas|注意|备注|メモ|참고",
        ];
        let named = !title.is_empty();
        if named && says_any(title, WHEN) && !self.inside {
            for entry in &list.items {
                if !self.built.use_when.is_empty() {
                    self.built.use_when.push_str("; ");
                }
                self.built.use_when.push_str(&entry.said());
                reading.take_entry(entry);
            }
            return true;
        }
        let bare = words::bare(title).to_lowercase();
        let noted = words::each(NOTES).any(|w| bare.starts_with(w)) || is_inventory(&bare);
        let noted = noted && !self.inside;
        let told =
            named && (noted || is_condition(&bare) || is_forbidden(title) || acts_by_itself(title));
        let told = told || is_ticked(list);
        let told = told || self.commands > 0 && describes(list);
        let told = told || self.has_run() && is_overview(title, &self.title, list);
        if !told {
            return false;
        }
        if named {
            self.tell(title, noted);
        }
        for entry in &list.items {
            let mark = if noted { "" } else { "- " };
            self.tell(&format!("{mark}{}", entry.said()), noted);
            reading.take_entry(entry);
            if let Some(step) = self.built.steps.last_mut().filter(|_| !noted) {
                step.span.last = step.span.last.max(entry.span.last);
            }
        }
        true
    }

    /// A command stands in what was read so far.
    fn has_run(&self) -> bool {
        let work = |a: &Action| !matches!(a.kind, ActionKind::Text | ActionKind::Manual);
        self.built.steps.iter().flat_map(|s| &s.actions).any(work)
    }

    /// Says something in the text of the procedure, or of what is open.
    fn tell(&mut self, words: &str, of_procedure: bool) {
        if of_procedure {
            add_line(&mut self.built.text, words);
        } else {
            self.say(words);
        }
    }

    pub(super) fn entry_as_step(&mut self, reading: &mut Reading<'_>, entry: &Entry) {
        let told = Said::of(&entry.text);
        let words = plain(entry.text.lines().next().unwrap_or_default());
        let mut step = self.blank_step(reading, &told.title, entry.span);
        step.estimate = time::of_title(&words).map(|(_, e)| e);
        // The estimate is shown as such, and need not be read twice.
        time::past_brackets(&told.rest).clone_into(&mut step.text);
        step.point_of_no_return = is_final(&words);
        if let Some(mark) = said_step(entry) {
            as_told(&mut step, mark, &self.id);
        }
        reading.take(entry.atom);
        self.built.steps.push(step);
        let before = self.either;
        if is_choice(&words) {
            self.either = Either::Items;
        }
        let inside = std::mem::replace(&mut self.inside, true);
        self.children(reading, entry);
        self.inside = inside;
        self.either = before;
        self.never_empty(reading, entry, told.flows);
    }

    /// A step that holds nothing to do is itself the thing to do.
    pub(super) fn never_empty(&mut self, reading: &mut Reading<'_>, entry: &Entry, flows: bool) {
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        if let Some(first) = step.actions.first() {
            // An item that is nothing but a fence is named by what it runs.
            if step.title.is_empty() {
                let code = first.code.lines().next().unwrap_or_default();
                let name = if first.title.is_empty() {
                    code
                } else {
                    &first.title
                };
                step.title = name.to_owned();
            }
            return;
        }
        let mut action = entry_action(reading, step.id.as_str(), entry);
        if flows {
            // The action says all of the item; what stands below it is still the step's.
            let told = Said::of(&entry.text);
            let own = time::past_brackets(&told.rest);
            let below = step.text.strip_prefix(own).unwrap_or_default();
            step.text = below.trim_start_matches('\n').to_owned();
        } else if action.kind == ActionKind::Manual && !step.text.is_empty() {
            // It is what there is to do, and need not be read twice.
            action.code = std::mem::take(&mut step.text);
        }
        step.actions.push(action);
    }

    pub(super) fn children(&mut self, reading: &mut Reading<'_>, entry: &Entry) {
        self.blocks(reading, &entry.children);
    }

    fn blocks(&mut self, reading: &mut Reading<'_>, blocks: &[Block]) {
        for (at, child) in blocks.iter().enumerate() {
            match &child.kind {
                Kind::Para(text) => self.prose(reading, child, text, blocks.get(at + 1)),
                Kind::Fence(fence) => {
                    self.fence(reading, child, fence);
                    self.heading = None;
                }
                Kind::List(list) => {
                    self.list(reading, list, &child.marks);
                    self.heading = None;
                }
                Kind::Table(_) | Kind::Heading(..) | Kind::Comment(_) => {}
            }
        }
    }

    /// A bullet of a step is a thing to do in it.
    pub(super) fn entry_join_step(&mut self, reading: &mut Reading<'_>, entry: &Entry) {
        reading.take(entry.atom);
        let Some(step) = self.built.steps.last().map(|s| s.id.as_str().to_owned()) else {
            return;
        };
        // Sentences may stand between an item and the command that it is about.
        let sentences = entry
            .children
            .iter()
            .take_while(|c| c.para().is_some())
            .count();
        let heads_fence = entry
            .children
            .get(sentences)
            .is_some_and(|c| matches!(c.kind, Kind::Fence(_)));
        let mut rest = entry.children.as_slice();
        if heads_fence {
            let (said, after) = rest.split_at(sentences);
            rest = after;
            for child in said {
                if let Kind::Para(text) = &child.kind
                    && reading.take(child.atom)
                {
                    self.say(&plain(&flow::joined(text)));
                }
            }
            let told = Said::of(&entry.text);
            if !told.rest.is_empty() {
                self.say(&told.rest);
            }
            let title = told.title;
            let instead = is_instead(&title);
            self.heading = Some(Heading {
                title,
                instead,
                expected: false,
                section: false,
                line: entry.span.first,
            });
        } else {
            let mut action = entry_action(reading, &step, entry);
            let whole = is_told_by_bullets(entry);
            if whole {
                for bullet in entry.bullets() {
                    reading.take(bullet.atom);
                    action.code.push_str("\n- ");
                    action
                        .code
                        .push_str(&plain(&bullet.text.replace('\n', " ")));
                }
            }
            if let Some(step) = self.built.steps.last_mut() {
                step.point_of_no_return |= is_final(&action.code);
                step.actions.push(action);
            }
            if whole {
                return;
            }
        }
        let inside = std::mem::replace(&mut self.inside, true);
        self.blocks(reading, rest);
        self.inside = inside;
    }
}

/// `Verify that the summary shows:` with bullets is one thing to do, told in several lines.
fn is_told_by_bullets(entry: &Entry) -> bool {
    let bullets = |b: &Block| {
        b.list().is_some_and(|l| {
            let plain =
                |e: &Entry| e.task.is_none() && e.marks.is_empty() && e.bullets().is_empty();
            !l.ordered && !b.has_fence() && b.marks.is_empty() && l.items.iter().all(plain)
        })
    };
    entry.text.trim_end().ends_with([':', '：'])
        && !entry.children.is_empty()
        && entry.children.iter().all(bullets)
}

/// What a comment says of an item that is a step.
fn said_step(entry: &Entry) -> Option<&Mark> {
    let step = |m: &&Mark| matches!(m, Mark::Step { .. });
    entry.marks.iter().find(step)
}

/// Most lines begin with a tick and none tells somebody to do something: what holds, not what to
/// do.
pub fn is_ticked(list: &List) -> bool {
    let ticked: Vec<&str> = list.items.iter().filter_map(|e| tick(&e.text)).collect();
    let orders = ticked.iter().filter(|t| is_order(t)).count();
    let boxed = list.items.iter().any(|e| e.task.is_some());
    !boxed && ticked.len() * 2 > list.items.len() && orders * 2 <= ticked.len()
}
