//! The tree of sections that the headings of a document make.
//!
//! Bold lines that number a part (`**Option A: …**`) count as headings, and so do bare lines in a
//! document that has none. Section 0 is what stands before the first heading.

use super::blocks::{Block, Kind};
use super::inline::{lead, plain};
use super::marks::Mark;
use super::words::{self, Role};

/// A heading and what stands directly under it.
#[derive(Debug)]
pub struct Section {
    /// Depth; bold headings are deeper than the heading that they stand under.
    pub level: u8,
    /// The heading without its marks.
    pub title: String,
    /// Line of the heading, from 1.
    pub line: u32,
    /// Last line of the section, its parts included.
    pub last: u32,
    /// Path of headings, unique in the document.
    pub id: String,
    /// The anchor that a forge gives it.
    pub anchor: String,
    /// What stands directly under the heading.
    pub blocks: Vec<Block>,
    /// What comments under the heading say of the section.
    pub marks: Vec<Mark>,
    /// The section that this one is a part of.
    pub parent: Option<usize>,
    /// Its parts.
    pub children: Vec<usize>,
    /// What its own heading says that it is about.
    pub own_role: Option<Role>,
    /// What it is about, by its heading or by those above.
    pub role: Option<Role>,
    /// A comment says what it is about, or what a section above it is about.
    pub told_role: bool,
}

/// The sections of a document in order.
#[derive(Debug, Default)]
pub struct Outline {
    /// Section 0 stands before the first heading.
    pub sections: Vec<Section>,
}

impl Outline {
    /// The section with that number; section 0 always exists.
    #[must_use]
    pub fn at(&self, index: usize) -> &Section {
        // `build` always makes section 0, and indices come from the outline itself.
        &self.sections[index.min(self.sections.len() - 1)]
    }

    /// All sections above one, nearest first.
    pub fn above(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.at(index).parent, |&i| self.at(i).parent)
    }

    /// The section and all its parts, in document order.
    #[must_use]
    pub fn within(&self, index: usize) -> Vec<usize> {
        let mut found = vec![index];
        for &child in &self.at(index).children {
            found.extend(self.within(child));
        }
        found
    }
}

/// Builds the tree.
#[must_use]
pub fn build(blocks: Vec<Block>, lines: u32) -> Outline {
    let headless = !blocks.iter().any(|b| matches!(b.kind, Kind::Heading(..)));
    let mut builder = Builder {
        outline: Outline::default(),
        open: Vec::new(),
        titled: false,
    };
    builder.section(0, "", 1);
    let mut first = true;
    for block in blocks {
        let heading = match &block.kind {
            Kind::Heading(level, text) => Some((*level, text.clone())),
            Kind::Para(text) => builder.as_heading(text, headless, first),
            _ => None,
        };
        first = false;
        match heading {
            Some((level, text)) => builder.section(level, &text, block.span.first),
            None => builder.block(block),
        }
    }
    builder.finish(lines)
}

struct Builder {
    outline: Outline,
    /// Open sections, outermost first.
    open: Vec<usize>,
    /// The document's title was seen.
    titled: bool,
}

/// The level from which bold headings count.
const BOLD: u8 = 10;

impl Builder {
    /// The level and title of a line of prose that serves as a heading.
    fn as_heading(&self, text: &str, headless: bool, first: bool) -> Option<(u8, String)> {
        if text.contains('\n') {
            return None;
        }
        if headless
            && text.chars().count() <= 70
            && !text.ends_with(['.', ':', ';', ',', '?', '!'])
            && !text.starts_with("**")
        {
            return Some((if first { 1 } else { 2 }, text.to_owned()));
        }
        let bold = lead(text)?;
        if !bold.rest.is_empty() {
            return None;
        }
        // `**Phase 2 is not meant to change the schema.**` is a sentence.
        if bold.label.ends_with(['.', ';', ',']) {
            return None;
        }
        let (kind, _) = words::numbered(&bold.label)?;
        let level = match kind {
            words::Numbered::Step => BOLD + 2,
            words::Numbered::Phase => BOLD,
            words::Numbered::Choice => BOLD + 1,
        };
        // Bold steps under a heading that is itself a step are its lead-ins, not sections.
        let inside_step = self.open.iter().any(|&i| {
            matches!(
                words::numbered(&self.outline.at(i).title),
                Some((words::Numbered::Step, _))
            ) && self.outline.at(i).level < BOLD
        });
        (!inside_step).then_some((level, bold.label))
    }

    fn section(&mut self, level: u8, text: &str, line: u32) {
        while self
            .open
            .last()
            .is_some_and(|&i| self.outline.at(i).level >= level && i != 0)
        {
            self.open.pop();
        }
        let index = self.outline.sections.len();
        let parent = self.open.last().copied();
        let title = plain(text);
        let own_role = words::role(&title);
        let above = parent.map(|p| self.outline.at(p).role);
        // The document's title speaks of rollback everywhere and says nothing about a section.
        let is_title = level == 0 || (level == 1 && !self.titled);
        self.titled |= level == 1;
        let role = if is_title {
            None
        } else {
            effective(&title, own_role, above.flatten())
        };
        if let Some(p) = parent {
            self.outline.sections[p].children.push(index);
        }
        self.outline.sections.push(Section {
            level,
            anchor: words::anchor(&title),
            title,
            line,
            last: line,
            id: String::new(),
            blocks: Vec::new(),
            marks: Vec::new(),
            parent,
            children: Vec::new(),
            own_role,
            role,
            told_role: false,
        });
        self.open.push(index);
    }

    fn block(&mut self, block: Block) {
        let at = self.open.last().copied().unwrap_or(0);
        if let Some(section) = self.outline.sections.get_mut(at) {
            section.blocks.push(block);
        }
    }

    fn finish(mut self, lines: u32) -> Outline {
        let count = self.outline.sections.len();
        let mut next_at: Vec<(u8, u32)> = Vec::new();
        for index in (0..count).rev() {
            let (level, line) = (
                self.outline.sections[index].level,
                self.outline.sections[index].line,
            );
            while next_at.last().is_some_and(|(l, _)| *l > level) {
                next_at.pop();
            }
            let end = next_at.last().map_or(lines, |(_, l)| l.saturating_sub(1));
            self.outline.sections[index].last = end.max(line);
            next_at.push((level, line));
        }
        let mut used = std::collections::HashMap::new();
        for index in 0..count {
            let section = self.outline.at(index);
            let own = words::slug(&section.title);
            let own = if own.is_empty() {
                "part".to_owned()
            } else {
                own
            };
            let path = match section.parent.map(|p| self.outline.at(p)) {
                Some(p) if p.level > 1 && p.parent.is_some() => format!("{}/{own}", p.id),
                _ => own,
            };
            let seen = used.entry(path.clone()).or_insert(0_u32);
            *seen += 1;
            let id = if *seen > 1 {
                format!("{path}-{seen}")
            } else {
                path
            };
            self.outline.sections[index].id = id;
        }
        self.outline
    }
}

/// The role of a section by its own heading and the one above.
#[must_use]
pub fn effective(title: &str, own: Option<Role>, above: Option<Role>) -> Option<Role> {
    match (own, above) {
        // General rules are about nothing but themselves.
        (Some(Role::Principles), _) => Some(Role::Principles),
        (own, Some(Role::Principles)) => own,
        (None | Some(Role::Rollback | Role::After), Some(Role::After))
            if words::is_later(title) =>
        {
            Some(Role::FollowUp)
        }
        (Some(Role::OffPath), Some(Role::Rollback)) if words::is_manner(title) => above,
        // What is verified to know that it succeeded is success.
        (Some(Role::Verify | Role::Metrics), Some(Role::Success)) => above,
        // A procedure's word under a heading that says more (drill, verification) adds nothing.
        (Some(Role::Rollback) | None, Some(above)) => Some(above),
        // "Monitoring" inside a drill is still the drill.
        (
            Some(Role::Verify | Role::Prepare | Role::Metrics | Role::After | Role::Before),
            Some(Role::OffPath),
        ) => Some(Role::OffPath),
        (own, _) => own,
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    fn titles(text: &str) -> Vec<(String, Option<usize>)> {
        let lines: Vec<&str> = text.lines().collect();
        let outline = build(scan(&lines, 0).blocks, 99);
        outline
            .sections
            .iter()
            .map(|s| (s.id.clone(), s.parent))
            .collect()
    }

    #[test]
    fn headings_nest_and_ids_are_unique() {
        let got = titles("# T\n## A\n### X\n## B\n### X\n### X\n");
        let ids: Vec<&str> = got.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["part", "t", "a", "a/x", "b", "b/x", "b/x-2"]);
        assert_eq!(got[6].1, Some(4));
    }

    #[test]
    fn bold_numbered_lines_are_headings() {
        let got =
            titles("# T\n## A\n**Option A: fast**\n\ntext\n\n**Option B: slow**\n\n**Note:** x\n");
        assert_eq!(got.len(), 5);
        assert_eq!(got[4], ("a/option-b-slow".into(), Some(2)));
    }

    #[test]
    fn bare_lines_head_a_document_without_headings() {
        let got = titles("Plan for the worst\n\nDatabase\n\n1. Stop it.\n\nApp\n\n1. Go.\n");
        assert_eq!(got.len(), 4);
    }
}
