//! What a list adds to a procedure: numbered items are steps, bullets are things to do in one.

use super::says::{
    add_line, as_told, each_an_option, ends_in_or, entry_action, is_choice, is_final, is_instead,
    join_branch,
};
use super::{Builder, Either, Heading};
use crate::domain::ids::ChoiceId;
use crate::domain::plan::{ActionKind, Span};
use crate::runbook::blocks::{Block, Entry, Kind, List};
use crate::runbook::inline::{lead, plain};
use crate::runbook::marks::Mark;
use crate::runbook::reading::Reading;
use crate::runbook::time;
use crate::runbook::words::{self, says_any};

/// What an item says first, over all lines that its sentence takes, and what it says after that.
fn sentence(text: &str) -> (String, String) {
    const ENDS: &[char] = &['.', '!', '?', ':', '。', '：', '！', '？'];
    let lines: Vec<&str> = text.lines().collect();
    let ends = lines.iter().position(|l| l.trim_end().ends_with(ENDS));
    let first = ends.map_or(lines.len(), |at| at + 1);
    let join = |lines: &[&str]| lines.iter().map(|l| l.trim()).collect::<Vec<_>>().join(" ");
    (
        join(lines.get(..first).unwrap_or_default()),
        join(lines.get(first..).unwrap_or_default()),
    )
}

/// `Keep the schema if`: the list says when, not what.
fn is_condition(title: &str) -> bool {
    [
        " if",
        " when",
        " unless",
        " wenn",
        " falls",
        " si",
        " cuando",
        " quando",
        " если",
    ]
    .iter()
    .any(|w| title.ends_with(w))
}

/// `Components available`, `Automatic checks`: the list names things, or what happens by itself.
fn is_inventory(title: &str) -> bool {
    title.starts_with("automatic")
        || [
            " available",
            " restored",
            " affected",
            " included",
            " locations",
            " features",
            " capabilities",
        ]
        .iter()
        .any(|w| title.ends_with(w))
}

impl Builder {
    pub(super) fn list(&mut self, reading: &mut Reading<'_>, list: &List, marks: &[Mark]) {
        let heading = self.heading.take();
        let plain_list = !list.items.iter().any(Entry::has_fence);
        if let Some(heading) = heading.as_ref().filter(|_| plain_list)
            && self.only_tells(reading, &heading.title, list)
        {
            return;
        }
        if heading.as_ref().is_some_and(|h| h.expected) {
            for entry in &list.items {
                if plain_list && self.expect_prose(&entry.said()) {
                    reading.take_entry(entry);
                }
            }
            return;
        }
        let either =
            heading.as_ref().is_some_and(|h| is_choice(&h.title)) || self.either == Either::Items;
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
            self.heading = heading;
            self.say_heading();
            if declared {
                self.each_entry(reading, list, true, marks);
                return;
            }
            for (at, entry) in list.items.iter().enumerate() {
                self.entry_as_step(reading, entry);
                if at > 0 && is_instead(&plain(&entry.text)) {
                    self.choose_pair(self.built.steps.len().saturating_sub(1));
                }
            }
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

    /// Lists that ask for nothing: when to use the procedure, and what to think of beside it.
    fn only_tells(&mut self, reading: &mut Reading<'_>, title: &str, list: &List) -> bool {
        const WHEN: &[&str] = &[
            "use case|when to escalate|when to apply|caso de uso|casos de uso|anwendungsfall|anwendungsfälle|cas d'usage",
            "use when|when to use|use this when|use if|symptom|indicator|signs|síntomas|sintomas|symptômes|anzeichen|症状|증상|симптомы|objawy",
        ];
        const NOTES: &[&str] = &[
            "prevention|note|notes|important|warning|warnings|caution|pros|cons|advantages|disadvantages|limitations|impact|risks",
        ];
        let bare = words::bare(title).to_lowercase();
        let notes = words::each(NOTES).any(|w| bare.starts_with(w)) || is_inventory(&bare);
        let into = if says_any(title, WHEN) && !self.inside {
            &mut self.built.use_when
        } else if notes && !self.inside {
            add_line(&mut self.built.text, title);
            &mut self.built.text
        } else if is_condition(&bare) {
            let into = match self.built.steps.last_mut() {
                Some(step) if self.inside => &mut step.text,
                _ => &mut self.built.text,
            };
            add_line(into, title);
            into
        } else {
            return false;
        };
        let gap = if says_any(title, WHEN) { "; " } else { "\n" };
        for entry in &list.items {
            if !into.is_empty() {
                into.push_str(gap);
            }
            into.push_str(&entry.said());
            reading.take_entry(entry);
        }
        true
    }

    pub(super) fn entry_as_step(&mut self, reading: &mut Reading<'_>, entry: &Entry) {
        let found = lead(&entry.text);
        let (first, more) = sentence(&entry.text);
        let words = plain(&first);
        // `**Name** of the thing` goes on after its bold beginning; `**Name** (note)` does not.
        let found = found.filter(|l| {
            l.colon || l.rest.is_empty() || l.rest.starts_with(['(', '-', '–', '—', '['])
        });
        let title = found.as_ref().map_or_else(
            || words.trim_end_matches([':', '：']).to_owned(),
            |l| l.label.clone(),
        );
        let mut step = self.blank_step(reading, &title, entry.span);
        step.estimate = time::of_title(&words).map(|(_, e)| e);
        let said = match &found {
            Some(lead) => {
                let rest = lead.rest.replace('\n', " ");
                rest.trim_start_matches(['-', '–', '—', '→', ' '])
                    .to_owned()
            }
            None => more,
        };
        // The estimate is shown as such, and need not be read twice.
        step.text = plain(time::past_brackets(&said));
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
        self.never_empty(reading, entry);
    }

    /// A step that holds nothing to do is itself the thing to do.
    pub(super) fn never_empty(&mut self, reading: &mut Reading<'_>, entry: &Entry) {
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
        if action.kind == ActionKind::Manual && !step.text.is_empty() {
            action.code.clone_from(&step.text);
        }
        step.actions.push(action);
    }

    pub(super) fn children(&mut self, reading: &mut Reading<'_>, entry: &Entry) {
        for (at, child) in entry.children.iter().enumerate() {
            match &child.kind {
                Kind::Para(text) => self.prose(reading, child, text, entry.children.get(at + 1)),
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
        let heads_fence = entry
            .children
            .first()
            .is_some_and(|c| matches!(c.kind, Kind::Fence(_)));
        if heads_fence {
            let title = plain(entry.text.trim_end_matches([':', '：']));
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
        self.children(reading, entry);
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
