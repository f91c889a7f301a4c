//! Which block, item or section each comment to backout speaks of.
//!
//! A comment stands directly before the block that it speaks of (one line of prose may stand
//! between), directly under the heading of its section, or at the beginning of its item. One that
//! speaks of nothing is reported at its line and column, and so is one that cannot be read.

use super::attributes::Malformed;
use super::blocks::{Block, Entry, Kind, List};
use super::code;
use super::marks::{self, Mark, Way, Wrong};
use super::outline::{self, Outline};
use super::told::Order;
use super::words::Role;
use crate::domain::plan::{Diagnostic, Level, Phase, Span};

/// Attaches every comment, and says which could not be.
pub fn attach(outline: &mut Outline, lines: &[&str]) -> Vec<Diagnostic> {
    let mut pass = Pass {
        lines,
        found: Vec::new(),
    };
    for section in &mut outline.sections {
        // What stands under the document's title speaks of what follows, not of all of it.
        let place = match section.level {
            0 => Place::Nowhere,
            1 => Place::Document,
            _ => Place::Section,
        };
        pass.sequence(&mut section.blocks, place, &mut section.marks);
        section.blocks = lifted(std::mem::take(&mut section.blocks));
    }
    roles(outline);
    pass.found
}

/// What the blocks stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first heading.
    Nowhere,
    /// Under the title of the document.
    Document,
    /// Under a heading.
    Section,
    /// In an item of a list that begins on this line.
    Item(u32),
}

/// What a comment speaks of.
enum About {
    /// The section or the item itself.
    Owner,
    /// The block with that number.
    Block(usize),
    /// The fence before, in the block with that number.
    Before(usize),
}

struct Pass<'a> {
    lines: &'a [&'a str],
    found: Vec<Diagnostic>,
}

impl Pass<'_> {
    fn sequence(&mut self, blocks: &mut [Block], place: Place, own: &mut Vec<Mark>) {
        for at in 0..blocks.len() {
            let Some(block) = blocks.get_mut(at) else {
                continue;
            };
            let span = block.span;
            match &mut block.kind {
                Kind::List(list) => list.items.iter_mut().for_each(|e| self.item(e)),
                Kind::Comment(text) => {
                    let text = std::mem::take(text);
                    self.comment(blocks, at, &text, span, place, own);
                    if let Some(Kind::Comment(slot)) = blocks.get_mut(at).map(|b| &mut b.kind) {
                        *slot = text;
                    }
                }
                Kind::Para(text) if text.contains("<!-- backout:") => {
                    let text = text.clone();
                    self.stray(&text, span);
                }
                Kind::Para(_) | Kind::Heading(..) | Kind::Fence(_) | Kind::Table(_) => {}
            }
        }
    }

    /// A comment in the middle of a sentence speaks of nothing.
    fn stray(&mut self, text: &str, span: Span) {
        for line in text.lines() {
            let Some(found) = line.find("<!-- backout:").and_then(|at| line.get(at + 5..)) else {
                continue;
            };
            let what = Malformed {
                at: 0,
                message: "a comment in the middle of a line speaks of nothing".to_owned(),
            };
            let help = "put it on a line of its own";
            self.report(found, span, &what, "misplaced-annotation", help);
        }
    }

    fn item(&mut self, entry: &mut Entry) {
        let mut own = Vec::new();
        self.stray(&entry.text, entry.span);
        let place = Place::Item(entry.span.first);
        self.sequence(&mut entry.children, place, &mut own);
        entry.marks = own;
    }

    fn comment(
        &mut self,
        blocks: &mut [Block],
        at: usize,
        text: &str,
        span: Span,
        place: Place,
        own: &mut Vec<Mark>,
    ) {
        let mark = match marks::read(text) {
            None => return,
            Some(Ok(mark)) => mark,
            Some(Err(Wrong::Unknown(what))) => {
                let help = "see docs/annotations.md for those that it knows";
                return self.report(text, span, &what, "unknown-annotation", help);
            }
            Some(Err(Wrong::Malformed(what))) => {
                let help = "it has no effect until it is mended; see docs/annotations.md";
                return self.report(text, span, &what, "bad-annotation", help);
            }
        };
        match about(blocks, at, &mark, place) {
            Ok(About::Owner) => own.push(mark),
            Ok(About::Block(n)) => {
                if let Some(block) = blocks.get_mut(n) {
                    put(block, mark);
                }
            }
            Ok(About::Before(n)) => {
                if let Some(fence) = blocks.get_mut(n).and_then(last_fence) {
                    fence.marks.push(mark);
                }
            }
            Err(message) => {
                let what = Malformed {
                    at: 0,
                    message: message.to_owned(),
                };
                let help = "put it directly before the block, or under the heading, it speaks of";
                self.report(text, span, &what, "misplaced-annotation", help);
            }
        }
    }

    fn report(&mut self, text: &str, span: Span, what: &Malformed, code: &str, help: &str) {
        let (line, column) = self.place(text, span, what.at);
        self.found.push(Diagnostic {
            line,
            column,
            width: 0,
            level: Level::Warning,
            code: code.to_owned(),
            message: what.message.clone(),
            help: help.to_owned(),
        });
    }

    /// The line and column of a character of a comment.
    fn place(&self, text: &str, span: Span, at: usize) -> (u32, u32) {
        let mut left = at;
        let mut inside = "";
        let mut down = 0;
        for (n, line) in text.lines().enumerate() {
            (inside, down) = (line, n);
            let long = line.chars().count();
            if left <= long {
                break;
            }
            left -= long + 1;
        }
        let raw = |line: u32| self.lines.get(line.saturating_sub(1) as usize).copied();
        let begins = text.lines().next().unwrap_or_default();
        let first = (span.first..=span.last)
            .find(|n| raw(*n).is_some_and(|l| l.contains(begins)))
            .unwrap_or(span.first);
        let line = first.saturating_add(u32::try_from(down).unwrap_or(0));
        let start = raw(line)
            .and_then(|l| Some(l.get(..l.find(inside)?)?.chars().count()))
            .unwrap_or(0);
        (line, u32::try_from(start + left + 1).unwrap_or(u32::MAX))
    }
}

/// Gives a mark to its block; orders to a fence are obeyed where it is asked what it is.
fn put(block: &mut Block, mark: Mark) {
    if let Kind::Fence(fence) = &mut block.kind {
        match mark {
            // What shows output is never run.
            Mark::Text | Mark::Similar(_) | Mark::Matches(_) => {
                fence.told.order = Some(Order::Read);
            }
            Mark::Run => fence.told.order = Some(Order::Run),
            _ => {}
        }
    }
    block.marks.push(mark);
}

fn last_fence(block: &mut Block) -> Option<&mut Block> {
    match &block.kind {
        Kind::Fence(_) => Some(block),
        Kind::List(_) => {
            let Kind::List(list) = &mut block.kind else {
                return None;
            };
            list.items
                .last_mut()?
                .children
                .iter_mut()
                .rev()
                .find_map(last_fence)
        }
        _ => None,
    }
}

fn is_comment(block: &Block) -> bool {
    matches!(block.kind, Kind::Comment(_))
}

/// What a comment speaks of, or why of nothing.
fn about(blocks: &[Block], at: usize, mark: &Mark, place: Place) -> Result<About, &'static str> {
    let leads = blocks.iter().take(at).all(is_comment);
    let under = leads && place == Place::Section;
    let heads = blocks
        .iter()
        .take(at)
        .all(|b| is_comment(b) || b.para().is_some());
    let next = |fits: fn(&Block) -> bool| ahead(blocks, at, under, fits);
    let fence = |b: &Block| b.fence().is_some();
    let rows = |b: &Block| b.grid().is_some() || b.list().is_some();
    let in_item = matches!(place, Place::Item(_));
    let line = blocks.get(at).map_or(0, |b| b.span.first);
    let found = match mark {
        Mark::Ignore if under || place == Place::Item(line) => return Ok(About::Owner),
        Mark::Ignore => {
            let any = blocks.iter().skip(at + 1).position(|b| !is_comment(b));
            any.map(|n| at + 1 + n)
                .ok_or("nothing follows that could be ignored")
        }
        Mark::Procedure(_) if heads && matches!(place, Place::Section | Place::Document) => {
            return Ok(About::Owner);
        }
        Mark::Procedure(_) => {
            Err("a procedure is a section: this belongs directly under its heading")
        }
        Mark::Step { .. } if (heads && place == Place::Section) || in_item => {
            return Ok(About::Owner);
        }
        Mark::Step { .. } => Err("a step is a section or an item: this belongs to its beginning"),
        Mark::ChooseOne => match ahead(blocks, at, false, |b| b.list().is_some()) {
            Some(n) => Ok(n),
            None if heads && !in_item => return Ok(About::Owner),
            None => Err("no list follows, and this is not directly under a heading"),
        },
        Mark::Expect(_) => {
            let before = blocks.get(..at).unwrap_or_default();
            let found = before.iter().rposition(Block::has_fence).filter(|n| {
                let between = before.get(n + 1..).unwrap_or_default();
                between.iter().all(|b| is_comment(b) || b.para().is_some())
            });
            return found
                .map(About::Before)
                .ok_or("no block of code stands before it that could show this");
        }
        Mark::Run => match next(fence) {
            Some(n) if blocks.get(n).is_some_and(may_run) => Ok(n),
            Some(_) => Err("the next block is labelled otherwise: give it an interpreter instead"),
            None => Err("no block of code follows"),
        },
        Mark::Text | Mark::Similar(_) | Mark::Matches(_) => {
            next(fence).ok_or("no block of code follows")
        }
        Mark::Template { .. } | Mark::File(_) if !in_item => {
            next(fence).ok_or("no block of code follows")
        }
        Mark::Checklist { .. } | Mark::Trigger(_) | Mark::Questions if !in_item => {
            next(|b| b.list().is_some()).ok_or("no list follows")
        }
        Mark::Targets | Mark::Contacts | Mark::Approvals | Mark::Objectives if !in_item => {
            next(rows).ok_or("no table and no list follows")
        }
        _ => Err("this speaks of a block of its own, not of one in an item of a list"),
    };
    found.map(About::Block)
}

fn may_run(block: &Block) -> bool {
    block
        .fence()
        .is_some_and(|f| code::is_unlabelled(&f.lang) || code::is_shell_label(&f.lang))
}

/// The block ahead that a comment speaks of: the next, with one piece of prose between at most;
/// under a heading the first of the section.
fn ahead(blocks: &[Block], at: usize, under: bool, fits: fn(&Block) -> bool) -> Option<usize> {
    let mut prose = 0;
    for (n, block) in blocks.iter().enumerate().skip(at + 1) {
        if fits(block) {
            return Some(n);
        }
        if is_comment(block) || under {
            continue;
        }
        prose += 1;
        if block.para().is_none() || prose > 1 {
            return None;
        }
    }
    None
}

/// The blocks of a section with what is to be ignored inside of lists put behind its list, so that
/// the list goes on without it.
fn lifted(blocks: Vec<Block>) -> Vec<Block> {
    let mut all = Vec::with_capacity(blocks.len());
    for mut block in blocks {
        let mut out = Vec::new();
        if !block.marks.contains(&Mark::Ignore) {
            lift(&mut block, &mut out);
        }
        if block.list().is_none_or(|l| !l.items.is_empty()) {
            all.push(block);
        }
        all.append(&mut out);
    }
    all
}

fn lift(block: &mut Block, out: &mut Vec<Block>) {
    let Kind::List(list) = &mut block.kind else {
        return;
    };
    let ordered = list.ordered;
    for mut entry in std::mem::take(&mut list.items) {
        if entry.marks.contains(&Mark::Ignore) {
            out.push(Block {
                span: entry.span,
                atom: entry.atom,
                marks: vec![Mark::Ignore],
                kind: Kind::List(List {
                    ordered,
                    items: vec![entry],
                }),
            });
            continue;
        }
        for mut child in std::mem::take(&mut entry.children) {
            if child.marks.contains(&Mark::Ignore) {
                out.push(child);
                continue;
            }
            lift(&mut child, out);
            if child.list().is_none_or(|l| !l.items.is_empty()) {
                entry.children.push(child);
            }
        }
        list.items.push(entry);
    }
}

/// A section that its author calls a procedure or a step is about that, and so are its parts.
fn roles(outline: &mut Outline) {
    for at in 0..outline.sections.len() {
        let section = outline.at(at);
        let own = said_role(&section.marks, section.role);
        let above = section.parent.map(|p| outline.at(p));
        let moved = above.is_some_and(|p| p.told_role);
        let role = match own {
            Some(role) => Some(role),
            None if moved => {
                outline::effective(&section.title, section.own_role, above.and_then(|p| p.role))
            }
            None => continue,
        };
        if let Some(section) = outline.sections.get_mut(at) {
            section.told_role = true;
            section.role = role;
            if own.is_some() {
                section.own_role = role;
            }
        }
    }
}

fn said_role(marks: &[Mark], now: Option<Role>) -> Option<Role> {
    let way = marks.iter().find_map(|m| match m {
        Mark::Procedure(way) => Some(way.clone()),
        Mark::Step { .. } => Some(Way::default()),
        _ => None,
    })?;
    let fits = matches!(
        now,
        Some(
            Role::Prepare
                | Role::Before
                | Role::Verify
                | Role::After
                | Role::FollowUp
                | Role::OffPath
        )
    );
    Some(match (way.off_path, way.phase) {
        (Some(true), _) => Role::OffPath,
        (_, Some(Phase::Prepare)) => Role::Prepare,
        (_, Some(Phase::Verify)) => Role::Verify,
        (_, Some(Phase::Close)) => Role::FollowUp,
        (None, None) if fits => now.unwrap_or(Role::Rollback),
        (_, Some(Phase::Execute) | None) => Role::Rollback,
    })
}
