//! Lists, tables and fences of which a comment says what they are.
//!
//! They are claimed before anything is inferred. A part that cannot be read as what it is said to
//! be stays text, and that is a finding.

use super::blocks::{Block, Entry, List};
use super::inline::{Lead, lead, plain};
use super::marks::Mark;
use super::reading::Reading;
use super::{checklists, people, questions, targets, templates, triage};
use crate::domain::plan::{ApprovalRule, Contact, Level, PlanFile, Span, Target};

/// Claims what the author declares.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        for (at, block) in section.blocks.iter().enumerate() {
            for mark in &block.marks {
                if reading.all_free(block) {
                    one(reading, index, at, block, mark);
                }
            }
        }
    }
}

fn one(reading: &mut Reading<'_>, index: usize, at: usize, block: &Block, mark: &Mark) {
    match mark {
        Mark::Checklist { .. } => {
            if let Some(list) = block.list() {
                checklists::checklist(reading, index, at, block, list, Some(mark));
            }
        }
        Mark::Trigger(level) => triggers(reading, block, level),
        Mark::Questions => asked(reading, index, block),
        Mark::Targets => measured(reading, block),
        Mark::Contacts => reached(reading, block),
        Mark::Approvals => approved(reading, block),
        Mark::Objectives => held(reading, block),
        Mark::Template {
            kind,
            moment,
            every_s,
        } => {
            if let Some(fence) = block.fence() {
                templates::from_fence(reading, index, at, block, fence, *kind);
                if let Some(template) = reading.plan.templates.last_mut() {
                    if !moment.is_empty() {
                        moment.clone_into(&mut template.moment);
                    }
                    template.every_s = every_s.or(template.every_s);
                }
            }
        }
        Mark::File(path) => file(reading, block, path),
        // These are obeyed where steps, procedures and blocks are read.
        Mark::Ignore
        | Mark::Text
        | Mark::Run
        | Mark::ChooseOne
        | Mark::Procedure(_)
        | Mark::Step { .. }
        | Mark::Expect(_)
        | Mark::Similar(_)
        | Mark::Matches(_) => {}
    }
}

fn file(reading: &mut Reading<'_>, block: &Block, path: &str) {
    if let Some(fence) = block.fence().filter(|f| f.closed) {
        reading.take(block.atom);
        reading.plan.files.push(PlanFile {
            path: path.to_owned(),
            lang: fence.lang.clone(),
            code: fence.code.clone(),
            span: block.span,
        });
    }
}

fn triggers(reading: &mut Reading<'_>, block: &Block, level: &str) {
    let Some(list) = block.list() else { return };
    let lead = Lead {
        label: level.to_owned(),
        rest: String::new(),
        colon: false,
    };
    triage::level_list(reading, &lead, list, block.span);
}

fn asked(reading: &mut Reading<'_>, index: usize, block: &Block) {
    let Some(list) = block.list() else { return };
    if !questions::from_list(reading, index, list, block) {
        nothing(reading, block.span, "question");
    }
}

fn nothing(reading: &mut Reading<'_>, span: Span, what: &str) {
    reading.note(
        span.first,
        Level::Warning,
        "not-as-declared",
        format!("a comment says that a {what} stands here, and none can be read"),
        "see docs/annotations.md for how it is written",
    );
}

/// The two sides of an item: what it is about, and the rest.
fn sides(entry: &Entry) -> (String, String) {
    people::sides(&entry.text).unwrap_or_else(|| (plain(&entry.text), String::new()))
}

fn items(list: &List) -> impl Iterator<Item = &Entry> {
    list.items.iter()
}

fn measured(reading: &mut Reading<'_>, block: &Block) {
    if let Some(grid) = block.grid() {
        return targets::declared(reading, grid);
    }
    let Some(list) = block.list() else { return };
    for entry in items(list) {
        let known = reading.plan.targets.len();
        targets::from_line(reading, &plain(&entry.text), &entry.text, entry.span);
        if reading.plan.targets.len() == known {
            let (metric, target) = sides(entry);
            reading.plan.targets.push(Target {
                metric,
                target,
                for_s: None,
                how: String::new(),
                span: entry.span,
            });
        }
        reading.take_entry(entry);
    }
}

fn reached(reading: &mut Reading<'_>, block: &Block) {
    if let Some(grid) = block.grid() {
        return people::from_table(reading, grid);
    }
    let Some(list) = block.list() else { return };
    for entry in items(list) {
        let (role, mut contact) = sides(entry);
        for bullet in entry.bullets() {
            if !contact.is_empty() {
                contact.push_str(", ");
            }
            contact.push_str(&plain(&bullet.text));
        }
        reading.take_entry(entry);
        reading.plan.contacts.push(Contact {
            role,
            contact,
            span: entry.span,
        });
    }
}

fn approved(reading: &mut Reading<'_>, block: &Block) {
    if let Some(grid) = block.grid() {
        return triage::approvals(reading, grid);
    }
    let Some(list) = block.list() else { return };
    for entry in items(list) {
        let (when, who) = match lead(&entry.text) {
            Some(_) => sides(entry),
            None => {
                people::sides(&entry.text).unwrap_or_else(|| (String::new(), plain(&entry.text)))
            }
        };
        reading.take_entry(entry);
        reading.plan.approvals.push(ApprovalRule {
            respond_within_s: super::time::within(&who),
            when,
            who,
            notify: String::new(),
            respond: String::new(),
            span: entry.span,
        });
    }
}

fn held(reading: &mut Reading<'_>, block: &Block) {
    let known = reading.plan.objectives.len();
    people::objectives(reading, block, "");
    if reading.plan.objectives.len() == known {
        nothing(reading, block.span, "recovery time or recovery point");
    }
}
