//! The second pass of the scanner: headings, lists, tables, prose and comments.
//!
//! A list is built from columns alone. What people get wrong is read as they meant it: a fence
//! or a sentence at column 0 between item 1 and item 2 belongs to item 1. Linear in the number
//! of lines; nothing here fails, and every line ends up in some block.

use super::blocks::{Atom, Block, Entry, Fence, Grid, Kind, List, Row};
use super::code;
use super::comments;
use super::fences::{self, Fenced};
use super::lines::{Marker, cells, heading, indent, is_rule, marker, task_box};
use super::outlined;
use super::quotes::{margin, unquoted};
use super::told::Told;
use crate::domain::plan::Span;

/// How far ahead the next number of a list is looked for.
const LOOK_AHEAD: usize = 120;

/// The blocks of a document and how many atoms they have.
pub struct Scanned {
    /// In document order; headings among them.
    pub blocks: Vec<Block>,
    /// Number of atoms given out.
    pub atoms: usize,
}

/// Scans the lines of a document from line `from` (counted from 0) on.
#[must_use]
pub fn scan(lines: &[&str], from: usize) -> Scanned {
    let plain: Vec<&str> = lines.iter().map(|l| unquoted(l)).collect();
    let mut hidden = plain.clone();
    for line in hidden.iter_mut().take(from) {
        *line = "";
    }
    let mut scanner = Scanner {
        fences: fences::find(&hidden),
        next_fence: 0,
        margins: lines.iter().map(|l| margin(l)).collect(),
        lines: hidden,
        done: Vec::new(),
        items: Vec::new(),
        prose: Vec::new(),
        prose_first: 0,
        blank: true,
        atoms: 0,
    };
    let mut at = from;
    while at < scanner.lines.len() {
        at = scanner.line(at);
    }
    scanner.close_items(0);
    Scanned {
        blocks: scanner.done,
        atoms: scanner.atoms,
    }
}

struct OpenItem {
    column: usize,
    ordered: bool,
    entry: Entry,
    /// Lists and other blocks of the enclosing level wait here until the list is closed.
    siblings: Vec<Entry>,
    first: usize,
}

struct Scanner<'a> {
    lines: Vec<&'a str>,
    /// Columns that stood before the marks of quotations.
    margins: Vec<usize>,
    fences: Vec<Fenced>,
    next_fence: usize,
    done: Vec<Block>,
    /// The chain of open items, outermost first.
    items: Vec<OpenItem>,
    prose: Vec<&'a str>,
    prose_first: usize,
    /// The line before was empty.
    blank: bool,
    atoms: usize,
}

fn number(line: usize) -> u32 {
    u32::try_from(line + 1).unwrap_or(u32::MAX)
}

fn span(first: usize, last: usize) -> Span {
    Span {
        first: number(first),
        last: number(last),
    }
}

impl<'a> Scanner<'a> {
    fn atom(&mut self) -> Atom {
        self.atoms += 1;
        Atom(self.atoms - 1)
    }

    /// Takes in the line `at` and says which comes next.
    fn line(&mut self, at: usize) -> usize {
        let line = self.lines.get(at).copied().unwrap_or_default();
        if let Some(fence) = self.fences.get(self.next_fence)
            && fence.first == at
        {
            let fence = fence.clone();
            self.next_fence += 1;
            return self.fence(&fence, line);
        }
        if line.trim().is_empty() {
            self.end_prose(at);
            self.blank = true;
            return at + 1;
        }
        let next = self.content(at, line);
        self.blank = false;
        next
    }

    fn content(&mut self, at: usize, line: &'a str) -> usize {
        let (column, text) = indent(line);
        let column = column + self.margins.get(at).copied().unwrap_or(0);
        if let Some((level, title)) = heading(line) {
            self.end_prose(at);
            self.close_items(0);
            let (title, comment) = comments::at_end(&title);
            self.push(span(at, at), Kind::Heading(level, title.to_owned()));
            self.said(at, comment);
            return at + 1;
        }
        if let Some(level) = self.underlined(text) {
            let title = self.prose.join(" ");
            self.prose.clear();
            self.close_items(0);
            self.push(span(at - 1, at), Kind::Heading(level, title));
            return at + 1;
        }
        if is_rule(text) {
            self.end_prose(at);
            self.close_items(0);
            return at + 1;
        }
        if let Some(comment) = text.strip_prefix("<!--") {
            return self.comment(at, comment);
        }
        if let Some(marker) = marker(text) {
            self.item(at, column, &marker);
            return at + 1;
        }
        if self.prose.is_empty() && self.starts_table(at) {
            return self.table(at, column);
        }
        self.prose_line(at, column, text);
        at + 1
    }

    /// The level of the heading that a line of `=` or `-` makes of the line above.
    fn underlined(&self, text: &str) -> Option<u8> {
        let level = match text.bytes().next()? {
            b'=' => 1,
            b'-' => 2,
            _ => return None,
        };
        let first = text.as_bytes()[0];
        let [title] = self.prose.as_slice() else {
            return None;
        };
        let fits = text.trim_end().bytes().all(|b| b == first)
            && text.trim_end().len() >= 3
            && self.items.is_empty()
            && title.chars().count() <= 80
            && !title.starts_with("**")
            && !title.ends_with(['.', ':', ';', ',']);
        fits.then_some(level)
    }

    fn comment(&mut self, at: usize, begin: &'a str) -> usize {
        self.end_prose(at);
        let (column, _) = indent(self.lines.get(at).copied().unwrap_or_default());
        let keep = self.items.iter().take_while(|i| column > i.column).count();
        if keep < self.items.len() && !self.goes_on(at) {
            self.close_items(keep);
        }
        let mut text = String::new();
        let mut last = at;
        let mut part = begin;
        while !part.contains("-->") && last + 1 < self.lines.len() && last < at + 200 {
            text.push_str(part);
            text.push('\n');
            last += 1;
            part = self.lines.get(last).copied().unwrap_or_default();
        }
        let (inner, tail) = part.split_once("-->").unwrap_or((part, ""));
        text.push_str(inner);
        while self
            .fences
            .get(self.next_fence)
            .is_some_and(|f| f.first <= last)
        {
            self.next_fence += 1;
        }
        self.push(span(at, last), Kind::Comment(text.trim().to_owned()));
        // What stands behind it on its last line is a line of its own.
        match tail.trim() {
            "" => last + 1,
            more if more.starts_with("<!--") => {
                self.comment(last, more.strip_prefix("<!--").unwrap_or_default())
            }
            more => {
                self.prose_line(last, column, more);
                last + 1
            }
        }
    }

    /// Places a comment that stands at the end of a line of something else.
    fn said(&mut self, at: usize, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.push(span(at, at), Kind::Comment(comment.to_owned()));
        }
    }

    fn prose_line(&mut self, at: usize, column: usize, text: &'a str) {
        if self.blank {
            let keep = self.items.iter().take_while(|i| column > i.column).count();
            if keep < self.items.len() && !self.goes_on(at) {
                self.close_items(keep);
            }
        }
        let (text, comment) = comments::at_end(text);
        if self.prose.is_empty() {
            self.prose_first = at;
        }
        self.prose.push(text.trim_end());
        if comment.is_some() {
            self.end_prose(at + 1);
            self.said(at, comment);
        }
    }

    /// Whether the numbered list that is open goes on with its next number further down.
    fn goes_on(&self, at: usize) -> bool {
        let Some(top) = self.items.first().filter(|i| i.ordered) else {
            return false;
        };
        let Some(wanted) = top.entry.number.and_then(|n| n.checked_add(1)) else {
            return false;
        };
        let mut fence = self.next_fence;
        let mut line = at;
        while line < (at + LOOK_AHEAD).min(self.lines.len()) {
            if let Some(f) = self.fences.get(fence)
                && f.first <= line
            {
                line = line.max(f.last) + 1;
                fence += 1;
                continue;
            }
            let text = self.lines.get(line).copied().unwrap_or_default();
            if heading(text).is_some() || is_rule(text.trim()) {
                return false;
            }
            let (column, inner) = indent(text);
            if column == top.column
                && let Some(found) = marker(inner).and_then(|m| m.number)
            {
                return found == wanted;
            }
            line += 1;
        }
        false
    }

    fn end_prose(&mut self, at: usize) {
        if self.prose.is_empty() {
            return;
        }
        let text = self.prose.join("\n");
        self.prose.clear();
        let commands = text.contains("\\\n") && crate::script::shell::looks_like_shell(&text);
        // Commands that nobody fenced, known by the line that goes on.
        let kind = if commands {
            self.unfenced(&text, at)
        } else {
            Kind::Para(text)
        };
        self.place(span(self.prose_first, at.saturating_sub(1)), kind);
    }

    /// The prose up to line `end` as a block of code, indented below its first line as written.
    fn unfenced(&self, text: &str, end: usize) -> Kind {
        let lines = self.lines.get(self.prose_first..end).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        let column = lines.first().and_then(|l| l.find(first)).unwrap_or(0);
        let mut code = first.to_owned();
        for line in lines.iter().skip(1) {
            let spaces = line.len() - line.trim_start().len();
            code.push('\n');
            code.push_str(
                line.get(spaces.min(column)..)
                    .unwrap_or_default()
                    .trim_end(),
            );
        }
        Kind::Fence(Fence {
            lang: String::new(),
            attributes: String::new(),
            told: Told::default(),
            code,
            code_line: number(self.prose_first),
            closed: true,
            implied: false,
            seen: std::sync::OnceLock::new(),
        })
    }

    /// Puts a block into the innermost open item, or into the document.
    fn place(&mut self, span: Span, kind: Kind) {
        let atom = self.atom();
        let block = Block {
            span,
            atom,
            kind,
            marks: Vec::new(),
        };
        match self.items.last_mut() {
            Some(item) => item.entry.children.push(block),
            None => self.done.push(block),
        }
    }

    fn push(&mut self, span: Span, kind: Kind) {
        self.place(span, kind);
    }

    fn item(&mut self, at: usize, column: usize, marker: &Marker<'a>) {
        self.end_prose(at);
        let mut keep = self
            .items
            .iter()
            .take_while(|i| column > i.column + 1)
            .count();
        let bullet = marker.number.is_none();
        let under_number = bullet && self.items.get(keep).is_some_and(|i| i.ordered);
        let listed = self
            .items
            .get(keep + 1)
            .is_some_and(|i| !i.ordered && i.column == column);
        if under_number && (listed || !self.blank) {
            // Bullets written at the column of the number that they explain.
            keep += 1;
        }
        // An item at the column of an open one goes on with that list.
        let goes_on = self
            .items
            .get(keep)
            .is_some_and(|i| i.ordered == marker.number.is_some());
        let inherited = if goes_on {
            self.take_siblings(keep)
        } else {
            None
        };
        if inherited.is_none() {
            self.close_items(keep);
        }
        let (siblings, first) = inherited.unwrap_or((Vec::new(), at));
        let (before, text) = comments::at_start(marker.text);
        let (task, text) = task_box(text);
        let (after, text) = comments::at_start(text);
        let (text, last) = comments::at_end(text);
        let atom = self.atom();
        let entry = Entry {
            span: span(at, at),
            atom,
            number: marker.number,
            task,
            text: String::new(),
            children: Vec::new(),
            marks: Vec::new(),
        };
        self.items.push(OpenItem {
            column,
            ordered: marker.number.is_some(),
            entry,
            siblings,
            first,
        });
        for comment in [before, after, last] {
            self.said(at, comment);
        }
        if !text.is_empty() {
            self.prose_first = at;
            self.prose.push(text.trim_end());
        }
    }

    /// Closes everything inside the item at depth `keep`, and that item, but not its list.
    fn take_siblings(&mut self, keep: usize) -> Option<(Vec<Entry>, usize)> {
        self.close_items(keep + 1);
        let mut open = self.items.pop()?;
        open.siblings.push(finished(open.entry));
        Some((open.siblings, open.first))
    }

    /// Closes the open items beyond depth `keep`, with their lists.
    fn close_items(&mut self, keep: usize) {
        let at = self.prose_first + self.prose.len();
        self.end_prose(at);
        while self.items.len() > keep {
            let Some(mut open) = self.items.pop() else {
                return;
            };
            open.siblings.push(finished(open.entry));
            let last = open
                .siblings
                .last()
                .map_or(number(open.first), |e| e.span.last);
            let list = List {
                ordered: open.ordered,
                items: open.siblings,
            };
            self.place(
                Span {
                    first: number(open.first),
                    last,
                },
                Kind::List(list),
            );
        }
    }

    /// The last item of a numbered list whose items have their fences at the column of the number
    /// has its own there too.
    fn goes_like_before(&self) -> bool {
        let Some(top) = self.items.first().filter(|i| i.ordered) else {
            return false;
        };
        let outdented = |block: &Block| {
            let at = block.span.first.saturating_sub(1) as usize;
            let line = self.lines.get(at).copied().unwrap_or_default();
            block.fence().is_some() && indent(line).0 <= top.column
        };
        !top.entry.children.iter().any(Block::has_fence)
            && top
                .siblings
                .last()
                .is_some_and(|e| e.children.iter().any(outdented))
    }

    fn fence(&mut self, fence: &Fenced, line: &'a str) -> usize {
        self.end_prose(fence.first);
        let (column, text) = indent(line);
        let column = column + self.margins.get(fence.first).copied().unwrap_or(0);
        if let Some(marker) = marker(text) {
            self.item(fence.first, column, &Marker { text: "", ..marker });
        } else if self.blank {
            let keep = self.items.iter().take_while(|i| column > i.column).count();
            if keep < self.items.len() && !self.goes_on(fence.last + 1) {
                self.close_items(keep.max(usize::from(self.goes_like_before())));
            }
        }
        let (lang, attributes) = fences::label(&fence.info);
        let code = fences::body(&self.lines, fence);
        self.blank = false;
        if fence.closed && code::is_unlabelled(&lang) && attributes.is_empty() {
            let atoms = &mut self.atoms;
            let mut atom = || {
                *atoms += 1;
                Atom(*atoms - 1)
            };
            if let Some(list) = outlined::list(&code, number(fence.first + 1), &mut atom) {
                self.place(span(fence.first, fence.last), Kind::List(list));
                return fence.last + 1;
            }
        }
        let kind = Kind::Fence(Fence {
            lang,
            told: Told::of(&attributes),
            attributes,
            code,
            code_line: number(fence.first + 1),
            closed: fence.closed,
            implied: fence.implied,
            seen: std::sync::OnceLock::new(),
        });
        self.place(span(fence.first, fence.last), kind);
        fence.last + 1
    }

    fn starts_table(&self, at: usize) -> bool {
        let head = self.lines.get(at).copied().unwrap_or_default();
        let rule = self.lines.get(at + 1).copied().unwrap_or_default().trim();
        head.contains('|')
            && rule.contains('-')
            && rule.contains('|')
            && rule
                .bytes()
                .all(|b| matches!(b, b'|' | b'-' | b':' | b' ' | b'\t'))
    }

    fn table(&mut self, at: usize, column: usize) -> usize {
        let keep = self.items.iter().take_while(|i| column > i.column).count();
        if keep < self.items.len() && !self.goes_on(at) {
            self.close_items(keep);
        }
        let columns = cells(self.lines.get(at).copied().unwrap_or_default());
        let mut rows = Vec::new();
        let mut line = at + 2;
        let limit = self
            .fences
            .get(self.next_fence)
            .map_or(self.lines.len(), |f| f.first);
        while line < limit {
            let text = self.lines.get(line).copied().unwrap_or_default();
            if text.trim().is_empty() || !text.contains('|') {
                break;
            }
            let mut row = cells(text);
            // A forge drops what has no column; here it stays with the last cell.
            let excess = row.split_off(row.len().min(columns.len()));
            row.resize(columns.len(), String::new());
            if let Some(last) = row.last_mut() {
                for cell in excess.iter().filter(|c| !c.trim().is_empty()) {
                    last.push_str(" | ");
                    last.push_str(cell);
                }
            }
            let atom = self.atom();
            rows.push(Row {
                line: number(line),
                atom,
                cells: row,
            });
            line += 1;
        }
        self.push(span(at, line - 1), Kind::Table(Grid { columns, rows }));
        line
    }
}

/// The item with its first paragraph as its text and its span over all that is in it.
fn finished(mut entry: Entry) -> Entry {
    // What is said to backout may stand before the first words.
    let said = |b: &Block| matches!(b.kind, Kind::Comment(_));
    let at = entry.children.iter().take_while(|b| said(b)).count();
    let from = match at.checked_sub(1).and_then(|n| entry.children.get(n)) {
        Some(comment) => comment.span.last + 1,
        None => entry.span.first,
    };
    let starts = entry
        .children
        .get(at)
        .is_some_and(|b| b.span.first <= from && matches!(b.kind, Kind::Para(_)));
    if starts {
        let first = entry.children.remove(at);
        entry.span.last = first.span.last.max(entry.span.last);
        if let Kind::Para(text) = first.kind {
            entry.text = text;
        }
    }
    if let Some(last) = entry.children.last() {
        entry.span.last = last.span.last.max(entry.span.last);
    }
    entry
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
