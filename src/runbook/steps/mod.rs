//! The steps of one procedure, from what stands under its heading.
//!
//! In this order of preference: parts headed `Step n`, numbered lists, `# n.` comments. Fences
//! without any of these make a step each; bullets are things for a person.

mod fences;
mod held;
mod lists;
mod prose;
mod says;

use super::actions;
use super::blocks::{Block, Kind};
use super::headed;
use super::marks::Mark;
use super::procedures::Map;
use super::reading::Reading;
use super::sequence;
use super::time;
use super::words::{self, Role, slug};
use crate::domain::ids::{ChoiceId, ProcedureId, StepId};
use crate::domain::plan::{Action, ActionKind, Estimate, Span, Step};
pub use held::hold_parts;
pub use lists::is_ticked;
pub use says::{acts_by_itself, describes, is_order};
use says::{as_told, is_instead, is_options_lead, step_title};

/// What a procedure is made of.
#[derive(Default)]
pub struct Built {
    /// When to use it.
    pub use_when: String,
    /// What is said about it.
    pub text: String,
    /// Stated, or summed over its steps.
    pub estimate: Option<Estimate>,
    /// The estimate is a window after the rollback, not a duration.
    pub window: bool,
    /// In order.
    pub steps: Vec<Step>,
}

/// Builds the steps of the section's procedure; `parts` are the sections that are steps of it.
pub fn build(
    reading: &mut Reading<'_>,
    map: &Map,
    index: usize,
    id: &ProcedureId,
    parts: &[usize],
) -> Built {
    let section = reading.section(index);
    let mut builder = Builder::new(id, &section.title);
    builder.sheet = headed::is_sheet(reading, index);
    builder.built.estimate = time::of_title(&section.title).map(|(_, e)| e);
    builder.built.window = matches!(section.role, Some(Role::After | Role::FollowUp))
        && builder.built.estimate.is_some();
    builder.has_step_parts = !parts.is_empty();
    builder.section(reading, index);
    let one_of = section.marks.contains(&Mark::ChooseOne) && parts.len() > 1;
    for &part in parts {
        let from = builder.built.steps.len();
        builder.step_section(reading, map, part);
        let step = builder.built.steps.get_mut(from);
        if let Some(step) = step.filter(|s| one_of && s.choice.is_none()) {
            step.choice = Some(ChoiceId::new(format!("{}/one-of-parts", id.as_str())));
        }
    }
    builder.finish()
}

#[allow(clippy::struct_excessive_bools)] // Four independent things that hold or do not.
struct Builder {
    id: String,
    title: String,
    built: Built,
    /// The lead-in of the block to come.
    heading: Option<Heading>,
    /// The last command's comment announced another way.
    or_next: bool,
    /// All that comes belongs to the last step.
    inside: bool,
    has_step_parts: bool,
    /// A cheat sheet: its commands do not follow from each other.
    sheet: bool,
    /// How many blocks with commands the section has that is read.
    commands: usize,
    /// The first step that the last fence made, for another way of doing it.
    last_from: usize,
    /// Where the last block of the open step begins: the number of the step, then the action's.
    last_block: (usize, usize),
    /// The choice among the blocks of the open step, with the number of the step.
    options: Option<(usize, ChoiceId)>,
    /// The last step that is one of several.
    option_step: Option<usize>,
    /// The steps of the last list of numbered ways, of which one is to be chosen.
    listed: std::ops::Range<usize>,
    /// The lead-in of another way whose block comes after a sentence.
    later: Option<String>,
    /// What was announced as ways of which one is to be chosen.
    either: Either,
    /// The leads of the section that is read that say when to do something.
    when_leads: usize,
    /// The leads that name a block of the section that is read.
    leads: usize,
    /// Those that name cases beside each other.
    case_leads: Vec<String>,
}

/// What was announced as ways of which one is to be chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Either {
    Nothing,
    /// The blocks to come, each with its own lead-in.
    Blocks,
    /// The bullets of the item that is open.
    Items,
}

#[derive(Clone)]
struct Heading {
    title: String,
    instead: bool,
    expected: bool,
    /// It is the heading of a section, which is shown anyway.
    section: bool,
    line: u32,
}

impl Builder {
    fn new(id: &ProcedureId, title: &str) -> Self {
        Self {
            id: id.as_str().to_owned(),
            title: step_title(title).to_owned(),
            built: Built::default(),
            heading: None,
            or_next: false,
            inside: false,
            has_step_parts: false,
            sheet: false,
            commands: 0,
            last_from: 0,
            last_block: (0, 0),
            options: None,
            option_step: None,
            listed: 0..0,
            later: None,
            either: Either::Nothing,
            when_leads: 0,
            leads: 0,
            case_leads: Vec::new(),
        }
    }

    fn finish(mut self) -> Built {
        if is_options_lead(&self.title) && !self.has_step_parts {
            self.share_steps(0..self.built.steps.len());
        }
        held::hold_steps(&mut self.built.steps);
        if self.built.estimate.is_none() && !self.built.steps.is_empty() {
            let sum = self
                .built
                .steps
                .iter()
                .try_fold(Estimate::default(), |sum, step| {
                    let own = step.estimate?;
                    Some(Estimate {
                        low_s: sum.low_s + own.low_s,
                        high_s: sum.high_s + own.high_s,
                    })
                });
            self.built.estimate = sum;
        }
        self.built
    }

    fn section(&mut self, reading: &mut Reading<'_>, index: usize) {
        let section = reading.section(index);
        self.either = Either::Nothing;
        let inside = self.inside;
        let leads = if inside || self.has_step_parts {
            Vec::new()
        } else {
            sequence::leads(&section.blocks)
        };
        let mut led = leads.iter().peekable();
        self.commands = section.blocks.iter().filter(|b| b.has_fence()).count();
        self.when_leads = held::when_leads(&section.blocks);
        let names = held::leads(&section.blocks);
        self.leads = names.len();
        self.case_leads = held::case_leads(names);
        for (at, block) in section.blocks.iter().enumerate() {
            if let Some((_, title)) = led.next_if(|(lead, _)| *lead == at) {
                self.say_heading();
                self.only_told_in_lead(reading);
                let until = led.peek().map(|(next, _)| *next);
                let until = until.unwrap_or(section.blocks.len());
                let last = until.checked_sub(1).and_then(|b| section.blocks.get(b));
                let span = Span {
                    first: block.span.first,
                    last: last.map_or(block.span.last, |b| b.span.last),
                };
                self.lead_step(reading, block, title, span);
                continue;
            }
            match &block.kind {
                Kind::Para(text) => self.prose(reading, block, text, section.blocks.get(at + 1)),
                Kind::Fence(fence) if reading.is_free(block.atom) => {
                    self.fence(reading, block, fence);
                    self.heading = None;
                }
                Kind::List(list)
                    if reading.all_free(block) && !super::procedures::is_links(list) =>
                {
                    self.list(reading, list, &block.marks);
                    self.heading = None;
                }
                _ => self.say_heading(),
            }
        }
        self.say_heading();
        if !leads.is_empty() {
            self.only_told_in_lead(reading);
            self.inside = inside;
        }
    }

    /// A bold line with a number begins a step, whatever stands below it.
    fn lead_step(&mut self, reading: &mut Reading<'_>, block: &Block, title: &str, span: Span) {
        reading.take(block.atom);
        let mut step = self.blank_step(reading, step_title(title), span);
        step.estimate = time::of_title(title).map(|(_, e)| e);
        self.built.steps.push(step);
        self.last_from = self.built.steps.len() - 1;
        self.either = Either::Nothing;
        self.or_next = false;
        self.inside = true;
    }

    /// What such a step only tells is what a person does in it.
    fn only_told_in_lead(&mut self, reading: &mut Reading<'_>) {
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        if !self.inside || !step.actions.is_empty() {
            return;
        }
        let told = std::mem::take(&mut step.text);
        let text = if told.is_empty() { &step.title } else { &told };
        let action = actions::manual(reading, step.id.as_str(), text, step.span);
        step.actions.push(action);
    }

    /// A part headed `Step n`, with everything below it.
    fn step_section(&mut self, reading: &mut Reading<'_>, map: &Map, index: usize) {
        let section = reading.section(index);
        let mut step = self.blank_step(
            reading,
            step_title(&section.title),
            Span {
                first: section.line,
                last: section.last,
            },
        );
        step.estimate = time::of_title(&section.title).map(|(_, e)| e);
        for mark in &section.marks {
            as_told(&mut step, mark, &self.id);
        }
        self.built.steps.push(step);
        self.last_from = self.built.steps.len() - 1;
        self.inside = true;
        self.section(reading, index);
        let mut parts = Vec::new();
        for part in reading.outline.within(index).into_iter().skip(1) {
            parts.push((part, self.said_and_done().0));
            if !map.own(part) && reading.section(part).blocks.is_empty() {
                continue;
            }
            let title = reading.section(part).title.clone();
            let instead = is_instead(&title);
            let before = self.said_and_done();
            self.heading = Some(Heading {
                title,
                instead,
                expected: false,
                section: true,
                line: reading.section(part).line,
            });
            self.section(reading, part);
            self.only_told(reading, part, before);
        }
        self.whole_ways(reading, &parts);
        self.inside = false;
        self.or_next = false;
    }

    /// Parts of a step headed `Option A`, `Option B`: each is one way with all that stands in it,
    /// blocks and lists alike; `parts` are all below the step, with the number of actions before.
    fn whole_ways(&mut self, reading: &Reading<'_>, parts: &[(usize, usize)]) {
        let section = |part: usize| reading.section(part);
        let is_way = |part: usize| words::is_one_of(&section(part).title);
        let Some(above) = parts.iter().find(|(p, _)| is_way(*p)) else {
            return;
        };
        let above = section(above.0).parent;
        let beside: Vec<(usize, usize)> = parts
            .iter()
            .copied()
            .filter(|(p, _)| section(*p).parent == above)
            .collect();
        let at = self.built.steps.len();
        let known = self.options.clone().filter(|(step, _)| *step == at);
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        let ends = beside.iter().skip(1).map(|(_, from)| *from);
        let ends: Vec<usize> = ends.chain([step.actions.len()]).collect();
        let ways: Vec<(usize, std::ops::Range<usize>)> = beside
            .iter()
            .zip(ends)
            .filter(|((part, from), end)| is_way(*part) && from < end)
            .map(|((part, from), end)| (*part, *from..end))
            .collect();
        let Some((_, first)) = ways.first().filter(|_| ways.len() > 1) else {
            return;
        };
        let line = step.actions.get(first.start).map_or(0, |a| a.span.first);
        let own = || ChoiceId::new(format!("{}/options-{line}", step.id));
        let choice = known.map_or_else(own, |(_, choice)| choice);
        for (part, range) in ways {
            let way = step.actions.get_mut(range).unwrap_or_default();
            // What is a choice of its own within a way stays one.
            let other = |a: &Action| a.choice.as_ref().is_some_and(|c| *c != choice);
            if way.iter().any(other) {
                continue;
            }
            says::join_branch(way, &choice);
            if let Some(head) = way.first_mut() {
                name_way(head, &reading.section(part).title);
            }
        }
    }

    /// How many actions the open step has, and how much is said in it.
    fn said_and_done(&self) -> (usize, usize) {
        let step = self.built.steps.last();
        step.map_or((0, 0), |s| (s.actions.len(), s.text.len()))
    }

    /// `If started by hand: press Ctrl+C`: a way that is only told is a thing for a person, and one
    /// of the ways.
    fn only_told(&mut self, reading: &mut Reading<'_>, part: usize, before: (usize, usize)) {
        let section = reading.section(part);
        let (done, said) = self.said_and_done();
        if !words::is_one_of(&section.title) || done != before.0 || said == before.1 {
            return;
        }
        let Some(step) = self.built.steps.last_mut() else {
            return;
        };
        let told = step.text.split_off(before.1);
        let span = Span {
            first: section.line,
            last: section.last,
        };
        let mut action = actions::manual(reading, step.id.as_str(), told.trim(), span);
        action.title.clone_from(&section.title);
        step.actions.push(action);
        self.one_of_the_blocks(before.0, &section.title);
    }

    fn blank_step(&self, reading: &mut Reading<'_>, title: &str, span: Span) -> Step {
        let slug = slug(title);
        let name = if slug.is_empty() { "step" } else { &slug };
        Step {
            id: StepId::new(reading.id(&format!("{}/{name}", self.id))),
            title: title.to_owned(),
            estimate: None,
            text: String::new(),
            point_of_no_return: false,
            actions: Vec::new(),
            choice: None,
            branch: None,
            span,
        }
    }
}

/// The first action of a way carries its name, by which it is chosen.
fn name_way(head: &mut Action, name: &str) {
    if head.title.contains(name) {
        return;
    }
    let own = match head.kind {
        ActionKind::Manual => says::title_of(head),
        _ => head.title.clone(),
    };
    if own.is_empty() {
        name.clone_into(&mut head.title);
    } else {
        head.title = format!("{name} – {own}");
    }
}
