//! The reading of one document under way: the plan so far, and what is accounted for.
//!
//! Interpreters look at what is still free and claim it when they make a structure of it. What
//! nobody claims goes to `unplaced`, so that nothing is lost and nothing stands twice.

use std::collections::HashMap;

use super::ahead::Pieces;
use super::blocks::{Atom, Block, Entry, Kind};
use super::inline::{Lead, lead, plain};
use super::outline::{Outline, Section};
use crate::domain::plan::{Diagnostic, Level, Plan, Span, Unplaced, UnplacedKind};
use crate::script::work;

/// One document under way.
pub struct Reading<'a> {
    /// Its sections.
    pub outline: &'a Outline,
    /// Its lines.
    pub lines: &'a [&'a str],
    /// What is understood so far.
    pub plan: Plan,
    /// The pieces of blocks that were read ahead.
    pub ahead: Pieces,
    taken: Vec<bool>,
    ids: HashMap<String, u32>,
}

impl<'a> Reading<'a> {
    /// Begins a reading in which nothing is claimed.
    #[must_use]
    pub fn new(outline: &'a Outline, lines: &'a [&'a str], atoms: usize) -> Self {
        Self {
            outline,
            lines,
            plan: Plan::default(),
            ahead: Pieces::new(),
            taken: vec![false; atoms],
            ids: HashMap::new(),
        }
    }

    /// The section with that number.
    #[must_use]
    pub fn section(&self, index: usize) -> &'a Section {
        work::done(1);
        self.outline.at(index)
    }

    /// The numbers of all sections, in order.
    #[must_use]
    pub fn sections(&self) -> std::ops::Range<usize> {
        0..self.outline.sections.len()
    }

    /// Nobody has claimed it.
    #[must_use]
    pub fn is_free(&self, atom: Atom) -> bool {
        work::done(1);
        self.taken.get(atom.0).is_some_and(|t| !t)
    }

    /// Claims one thing. False where it was claimed before.
    pub fn take(&mut self, atom: Atom) -> bool {
        match self.taken.get_mut(atom.0) {
            Some(taken) if !*taken => {
                *taken = true;
                true
            }
            _ => false,
        }
    }

    /// Nobody has claimed any part of the block.
    #[must_use]
    pub fn all_free(&self, block: &Block) -> bool {
        let mut free = true;
        block.each_atom(&mut |a| free &= self.is_free(a));
        free
    }

    /// Claims a block with everything in it.
    pub fn take_block(&mut self, block: &Block) {
        block.each_atom(&mut |a| {
            self.take(a);
        });
    }

    /// Claims an item with everything in it.
    pub fn take_entry(&mut self, entry: &Entry) {
        entry.each_atom(&mut |a| {
            self.take(a);
        });
    }

    /// An id that no other node has: the wanted one, or with an ordinal.
    pub fn id(&mut self, wanted: &str) -> String {
        let seen = self.ids.entry(wanted.to_owned()).or_insert(0);
        *seen += 1;
        if *seen == 1 {
            return wanted.to_owned();
        }
        let next = format!("{wanted}-{seen}");
        self.id(&next)
    }

    /// Notes a finding.
    pub fn note(
        &mut self,
        line: u32,
        level: Level,
        code: &str,
        message: impl Into<String>,
        help: &str,
    ) {
        self.plan.diagnostics.push(Diagnostic {
            line: line.max(1),
            column: 1,
            width: 0,
            level,
            code: code.to_owned(),
            message: message.into(),
            help: help.to_owned(),
        });
    }

    /// Notes a finding at a column, counted in characters from 1.
    pub fn note_at(
        &mut self,
        (line, column): (u32, u32),
        level: Level,
        code: &str,
        message: impl Into<String>,
        help: &str,
    ) {
        self.note(line, level, code, message, help);
        if let Some(last) = self.plan.diagnostics.last_mut() {
            last.column = column.max(1);
        }
    }

    /// The column, from 1, of the first place of a text on a line; 1 where it does not stand there.
    #[must_use]
    pub fn column_of(&self, line: u32, text: &str) -> u32 {
        let found = (line as usize)
            .checked_sub(1)
            .and_then(|at| self.lines.get(at))
            .and_then(|l| Some(l.get(..l.find(text)?)?.chars().count()));
        found.map_or(1, |c| u32::try_from(c + 1).unwrap_or(u32::MAX))
    }

    /// The lines of a span as they are written.
    #[must_use]
    pub fn raw(&self, span: Span) -> String {
        work::done((span.last - span.first.min(span.last)) as usize + 1);
        let first = span.first.saturating_sub(1) as usize;
        let last = (span.last as usize).min(self.lines.len());
        self.lines
            .get(first..last.max(first))
            .unwrap_or_default()
            .join("\n")
    }

    /// The prose directly before a block of a section, if that is what stands there: its number
    /// among the blocks and its last line.
    #[must_use]
    pub fn intro(&self, section: usize, block: usize) -> Option<(usize, &'a str)> {
        let before = self.section(section).blocks.get(..block)?;
        // What is said to backout in between is invisible.
        let at = before
            .iter()
            .rposition(|b| !matches!(b.kind, Kind::Comment(_)))?;
        let text = before.get(at)?.para()?;
        text.lines().last().map(|l| (at, l))
    }

    /// The bold beginning of the prose directly before a block.
    #[must_use]
    pub fn intro_lead(&self, section: usize, block: usize) -> Option<(usize, Lead)> {
        let (at, line) = self.intro(section, block)?;
        Some((at, lead(line)?))
    }

    /// What names a block: the lead or sentence before it that ends in a colon, else the heading.
    #[must_use]
    pub fn name_of(&self, section: usize, block: usize) -> String {
        if let Some((_, lead)) = self.intro_lead(section, block) {
            return lead.label;
        }
        match self.intro(section, block) {
            Some((_, line))
                if line.trim_end().ends_with([':', '：']) && line.chars().count() < 80 =>
            {
                plain(line.trim_end().trim_end_matches([':', '：']))
            }
            _ => self.section(section).title.clone(),
        }
    }

    /// Puts everything that nobody claimed where it is shown as text, in document order.
    pub fn place_the_rest(&mut self) {
        for index in self.sections() {
            let section = self.section(index);
            for block in &section.blocks {
                self.rest_of(block, &section.title);
            }
        }
        self.plan
            .unplaced
            .sort_by_key(|u| (u.span.first, u.span.last));
    }

    /// Puts a block where it is shown as text, whoever might understand it.
    pub fn leave_alone(&mut self, block: &Block, heading: &str) {
        self.rest_of(block, heading);
    }

    fn rest_of(&mut self, block: &Block, heading: &str) {
        match &block.kind {
            Kind::Heading(..) => {}
            Kind::Para(_) => self.leave(block.atom, UnplacedKind::Text, heading, block.span),
            Kind::Comment(_) => {
                self.take(block.atom);
            }
            Kind::Fence(_) => self.leave(block.atom, UnplacedKind::Code, heading, block.span),
            Kind::Table(grid) => {
                if self.all_free(block) {
                    self.take_block(block);
                    self.leave_span(UnplacedKind::Table, heading, block.span);
                    return;
                }
                for row in &grid.rows {
                    self.leave(
                        row.atom,
                        UnplacedKind::Table,
                        heading,
                        Span {
                            first: row.line,
                            last: row.line,
                        },
                    );
                }
            }
            Kind::List(list) => self.rest_of_list(&list.items, heading),
        }
    }

    fn rest_of_list(&mut self, items: &[Entry], heading: &str) {
        let mut run: Option<Span> = None;
        for entry in items {
            let mut whole = true;
            entry.each_atom(&mut |a| whole &= self.is_free(a));
            if whole {
                self.take_entry(entry);
                run = Some(Span {
                    first: run.map_or(entry.span.first, |r| r.first),
                    last: entry.span.last,
                });
                continue;
            }
            if let Some(span) = run.take() {
                self.leave_span(UnplacedKind::List, heading, span);
            }
            let end = entry
                .children
                .first()
                .map_or(entry.span.last, |c| c.span.first.saturating_sub(1));
            let own = Span {
                first: entry.span.first,
                last: end.max(entry.span.first),
            };
            self.leave(entry.atom, UnplacedKind::List, heading, own);
            for child in &entry.children {
                self.rest_of(child, heading);
            }
        }
        if let Some(span) = run {
            self.leave_span(UnplacedKind::List, heading, span);
        }
    }

    fn leave(&mut self, atom: Atom, kind: UnplacedKind, heading: &str, span: Span) {
        if self.take(atom) {
            self.leave_span(kind, heading, span);
        }
    }

    /// Shows as text those lines of a claimed block that went into no structure.
    pub fn leave_lines(&mut self, kind: UnplacedKind, heading: &str, lines: &[u32]) {
        let mut run: Option<Span> = None;
        for &line in lines {
            match run.as_mut().filter(|r| r.last + 1 == line) {
                Some(run) => run.last = line,
                None => {
                    let next = Span {
                        first: line,
                        last: line,
                    };
                    if let Some(span) = run.replace(next) {
                        self.leave_span(kind, heading, span);
                    }
                }
            }
        }
        if let Some(span) = run {
            self.leave_span(kind, heading, span);
        }
    }

    fn leave_span(&mut self, kind: UnplacedKind, heading: &str, span: Span) {
        let text = self.raw(span);
        self.plan.unplaced.push(Unplaced {
            kind,
            heading: heading.to_owned(),
            text,
            span,
        });
    }
}
