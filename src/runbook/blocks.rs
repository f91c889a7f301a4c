//! The blocks of a Markdown document, as tolerantly as people write them.
//!
//! Plain data: what the scanner finds and the interpreters claim. Every block, list item and
//! table row carries an [`Atom`], the unit of the accounting: each is claimed once or stays text.

use std::sync::OnceLock;

use super::code::Seen;
use super::inline::plain;
use super::marks::Mark;
use super::told::{self, Told};
use crate::domain::plan::Span;
use crate::script::shell;

/// The number of a thing that has to be accounted for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Atom(pub usize);

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its lines.
    pub span: Span,
    /// Its place in the accounting (of no use for lists and tables, whose parts have theirs).
    pub atom: Atom,
    /// What it is.
    pub kind: Kind,
    /// What comments say of it.
    pub marks: Vec<Mark>,
}

/// What a block is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A heading; only before sections are built.
    Heading(u8, String),
    /// Lines of prose, joined by `\n`.
    Para(String),
    /// A fenced or recovered code block.
    Fence(Fence),
    /// A list.
    List(List),
    /// A table.
    Table(Grid),
    /// The inside of an HTML comment.
    Comment(String),
}

/// A fenced block of code.
#[derive(Clone, Debug)]
pub struct Fence {
    /// First word of the info string, lower case.
    pub lang: String,
    /// The rest of the info string.
    pub attributes: String,
    /// What the author says of the block there and in a comment before it.
    pub told: Told,
    /// The body, dedented.
    pub code: String,
    /// Line of the first body line.
    pub code_line: u32,
    /// It has its own closing line.
    pub closed: bool,
    /// It has none, and the heading below it says where it ends.
    pub implied: bool,
    /// What it really is, found out once.
    pub seen: OnceLock<Seen>,
}

impl Fence {
    /// It is known where the block ends, so that what it holds may be run: it is closed, or it
    /// ends at the heading of the next block and holds commands beyond doubt.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.closed
            || (self.implied
                && super::code::is_shell_label(&self.lang)
                && shell::looks_like_shell(&self.code))
    }

    /// What the block really is: what its author says, else what it looks like.
    pub fn see(&self) -> &Seen {
        self.seen.get_or_init(|| told::see(self))
    }
}

/// A list.
#[derive(Clone, Debug)]
pub struct List {
    /// Numbered.
    pub ordered: bool,
    /// Its items.
    pub items: Vec<Entry>,
}

/// An item of a list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// All its lines, nested blocks included.
    pub span: Span,
    /// Its place in the accounting.
    pub atom: Atom,
    /// The number, in a numbered list.
    pub number: Option<u32>,
    /// It has a box, ticked or not.
    pub task: Option<bool>,
    /// Its first paragraph, without the marker and the box.
    pub text: String,
    /// What is nested in it.
    pub children: Vec<Block>,
    /// What comments say of it.
    pub marks: Vec<Mark>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Header cells.
    pub columns: Vec<String>,
    /// Body rows.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its line.
    pub line: u32,
    /// Its place in the accounting.
    pub atom: Atom,
    /// Its cells, as many as the header has.
    pub cells: Vec<String>,
}

impl Grid {
    /// What the columns say that nobody used: `Owner: Ana · Cost: high`.
    #[must_use]
    pub fn other_cells(&self, row: &Row, used: &[Option<usize>]) -> String {
        let said = row.cells.iter().enumerate().filter_map(|(at, cell)| {
            let text = plain(cell);
            if used.contains(&Some(at)) || text.trim().is_empty() {
                return None;
            }
            let column = self.columns.get(at).map(|c| plain(c)).unwrap_or_default();
            Some(if column.is_empty() {
                text
            } else {
                format!("{column}: {text}")
            })
        });
        said.collect::<Vec<_>>().join(" · ")
    }
}

impl Entry {
    /// Calls `visit` with the atom of the item and of everything in it.
    pub fn each_atom(&self, visit: &mut impl FnMut(Atom)) {
        visit(self.atom);
        for child in &self.children {
            child.each_atom(visit);
        }
    }

    /// The texts of the nested bullets, deeper ones included.
    #[must_use]
    pub fn bullets(&self) -> Vec<&Entry> {
        let mut found = Vec::new();
        for child in &self.children {
            if let Kind::List(list) = &child.kind {
                for entry in &list.items {
                    found.push(entry);
                    found.extend(entry.bullets());
                }
            }
        }
        found
    }

    /// The texts of what is nested in the item, fences apart, one below the other.
    #[must_use]
    pub fn nested(&self) -> Vec<String> {
        let mut found = Vec::new();
        for child in &self.children {
            match &child.kind {
                Kind::Para(text) => found.push(plain(&text.replace('\n', " "))),
                Kind::List(list) => {
                    for entry in &list.items {
                        found.push(plain(&entry.text));
                        found.extend(entry.nested());
                    }
                }
                Kind::Table(grid) => {
                    found.extend(grid.rows.iter().map(|r| plain(&r.cells.join(" | "))));
                }
                Kind::Fence(_) | Kind::Heading(..) | Kind::Comment(_) => {}
            }
        }
        found
    }

    /// What the item says, with what its nested bullets and sentences say after it.
    #[must_use]
    pub fn said(&self) -> String {
        let mut more = Vec::new();
        for child in &self.children {
            match &child.kind {
                Kind::Para(text) => more.push(plain(&text.replace('\n', " "))),
                Kind::List(list) => more.extend(list.items.iter().map(Entry::said)),
                Kind::Table(grid) => {
                    more.extend(grid.rows.iter().map(|r| plain(&r.cells.join(" | "))));
                }
                Kind::Fence(_) | Kind::Heading(..) | Kind::Comment(_) => {}
            }
        }
        let own = plain(&self.text);
        if more.is_empty() {
            return own;
        }
        format!("{} ({})", own.trim_end_matches(':'), more.join("; "))
    }

    /// Whether a fence is nested in the item, however deep.
    #[must_use]
    pub fn has_fence(&self) -> bool {
        self.children.iter().any(Block::has_fence)
    }
}

impl Block {
    /// Calls `visit` with every atom of the block.
    pub fn each_atom(&self, visit: &mut impl FnMut(Atom)) {
        match &self.kind {
            Kind::List(list) => list.items.iter().for_each(|e| e.each_atom(visit)),
            Kind::Table(grid) => grid.rows.iter().for_each(|r| visit(r.atom)),
            Kind::Heading(..) | Kind::Para(_) | Kind::Fence(_) | Kind::Comment(_) => {
                visit(self.atom);
            }
        }
    }

    /// It is or holds a fence.
    #[must_use]
    pub fn has_fence(&self) -> bool {
        match &self.kind {
            Kind::Fence(_) => true,
            Kind::List(list) => list.items.iter().any(Entry::has_fence),
            _ => false,
        }
    }

    /// The fence that it is.
    #[must_use]
    pub fn fence(&self) -> Option<&Fence> {
        if let Kind::Fence(f) = &self.kind {
            Some(f)
        } else {
            None
        }
    }

    /// The list that it is.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        if let Kind::List(l) = &self.kind {
            Some(l)
        } else {
            None
        }
    }

    /// The table that it is.
    #[must_use]
    pub fn grid(&self) -> Option<&Grid> {
        if let Kind::Table(g) = &self.kind {
            Some(g)
        } else {
            None
        }
    }

    /// The prose that it is.
    #[must_use]
    pub fn para(&self) -> Option<&str> {
        if let Kind::Para(t) = &self.kind {
            Some(t)
        } else {
            None
        }
    }
}
