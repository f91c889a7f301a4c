//! What each byte of a shell text stands in: bare code, a kind of quotes, a heredoc, a comment.
//!
//! A single forward pass with an explicit stack, so that no input can exhaust it. It knows where
//! words, strings and statements end well enough to say how a value must be quoted at a place and
//! where a block may be cut; whether the text as a whole is valid is the parser's business. Blanks
//! such as `<host>` are passed in as opaque ranges, because a shell would take them for
//! redirections.

mod heredoc;
mod scanner;

pub use scanner::scan;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use crate::script::recent::Recent;

/// What a byte of shell text stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// Code outside all quotes.
    Bare,
    /// `'…'`
    Single,
    /// `$'…'`
    Ansi,
    /// `"…"`
    Double,
    /// A heredoc whose delimiter is not quoted.
    Heredoc,
    /// A heredoc whose delimiter is quoted.
    HeredocRaw,
    /// The inside of `${…}`.
    Expansion,
    /// The inside of `$((…))` or `((…))`.
    Arithmetic,
    /// The inside of backticks, or of a substitution within a heredoc.
    Backtick,
    /// From `#` to the end of the line.
    Comment,
}

/// A stretch of quoted or heredoc text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Region {
    /// Which kind.
    pub place: Place,
    /// The bytes between the quotes, or the body of the heredoc.
    pub content: Range<usize>,
    /// Where the simple command begins that it is a word or the input of.
    pub command: usize,
    /// For a heredoc: its delimiter.
    pub delimiter: Option<String>,
}

/// The whole of what one pass found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Places {
    bytes: Vec<Place>,
    /// Quoted and heredoc regions, inner ones before the outer ones they end in.
    pub regions: Vec<Region>,
    /// Comments, from `#` to before the line end.
    pub comments: Vec<Range<usize>>,
    /// For each line of the text: a statement may end after it.
    pub line_closed: Vec<bool>,
}

impl Places {
    /// What a byte stands in; bare code beyond the end.
    #[must_use]
    pub fn at(&self, offset: usize) -> Place {
        self.bytes.get(offset).copied().unwrap_or(Place::Bare)
    }

    /// The innermost region that holds a byte.
    #[must_use]
    pub fn region(&self, offset: usize) -> Option<&Region> {
        self.regions
            .iter()
            .filter(|r| {
                r.content.start <= offset && offset < r.content.end.max(r.content.start + 1)
            })
            .min_by_key(|r| r.content.len())
    }

    /// Whether the text ends outside all quotes, substitutions, heredocs and compounds.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.line_closed.last().copied().unwrap_or(true)
    }
}

thread_local! {
    static LAST: RefCell<Recent<Rc<Places>>> = const { RefCell::new(Recent::new()) };
}

/// As [`scan`] of a text in which nothing is opaque; an answer that was given lately is given
/// again.
#[must_use]
pub fn scanned(text: &str) -> Rc<Places> {
    let known = LAST.with_borrow(|last| last.of(text));
    known.unwrap_or_else(|| {
        let places = Rc::new(scan(text, &[]));
        LAST.with_borrow_mut(|last| last.keep(text, Rc::clone(&places)));
        places
    })
}

#[cfg(test)]
mod tests;
