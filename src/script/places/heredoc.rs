//! Heredocs: the announcement on the line, the body below it, and what expands within.

use std::ops::Range;

use super::scanner::{Pending, Scanner};
use super::{Place, Region};

impl Scanner<'_> {
    /// `<<<` of a here-string, or the announcement of a heredoc.
    pub(super) fn heredoc_or_string(&mut self) {
        if self.peek(2) == b'<' {
            self.mark(3, Place::Bare);
            return;
        }
        let command = self.command();
        let strip_tabs = self.peek(2) == b'-';
        self.mark(if strip_tabs { 3 } else { 2 }, Place::Bare);
        while matches!(self.peek(0), b' ' | b'\t') {
            self.mark(1, Place::Bare);
        }
        let (mut delimiter, mut quoted) = (Vec::new(), false);
        loop {
            match self.peek(0) {
                quote @ (b'\'' | b'"') => {
                    quoted = true;
                    let rest = self.text.get(self.at + 1..).unwrap_or_default();
                    let end = memchr::memchr2(quote, b'\n', rest).unwrap_or(rest.len());
                    delimiter.extend_from_slice(rest.get(..end).unwrap_or_default());
                    self.mark((end + 2).min(rest.len() + 1), Place::Bare);
                }
                b'\\' => {
                    quoted = true;
                    delimiter.push(self.peek(1));
                    self.mark(2, Place::Bare);
                }
                0 | b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'('
                | b')' => break,
                byte => {
                    delimiter.push(byte);
                    self.mark(1, Place::Bare);
                }
            }
        }
        let delimiter = String::from_utf8_lossy(&delimiter).into_owned();
        if !delimiter.is_empty() {
            self.pending.push(Pending {
                delimiter,
                strip_tabs,
                quoted,
                command,
            });
        }
    }

    /// The body of a heredoc, from the line after its announcement.
    pub(super) fn heredoc_body(&mut self, pending: &Pending) {
        let start = self.at;
        let mut end = None;
        let mut line = start;
        while line < self.text.len() {
            let rest = self.text.get(line..).unwrap_or_default();
            let count = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let mut body = rest.get(..count).unwrap_or_default();
            if pending.strip_tabs {
                let tabs = body.iter().take_while(|b| **b == b'\t').count();
                body = body.get(tabs..).unwrap_or_default();
            }
            if body == pending.delimiter.as_bytes() {
                end = Some((line, line + count));
                break;
            }
            line += count + 1;
        }
        let place = if pending.quoted {
            Place::HeredocRaw
        } else {
            Place::Heredoc
        };
        let (body_end, delimiter_end) = end.unwrap_or((self.text.len(), self.text.len()));
        self.mark(body_end - start, place);
        if place == Place::Heredoc {
            self.mark_substitutions(start..body_end);
        }
        self.out.regions.push(Region {
            place,
            content: start..body_end,
            command: pending.command,
            delimiter: Some(pending.delimiter.clone()),
        });
        self.stray |= end.is_none();
        self.mark(
            (delimiter_end + 1).min(self.text.len()) - self.at,
            Place::Bare,
        );
        if delimiter_end == self.text.len() {
            self.out.line_closed.push(false);
            if end.is_some() {
                self.reopen_last_line();
            }
        }
    }

    /// Marks `$(…)` and `${…}` within an expanding heredoc, where a value must not be text.
    fn mark_substitutions(&mut self, body: Range<usize>) {
        let mut at = body.start;
        while at < body.end {
            let pair = (self.text.get(at).copied(), self.text.get(at + 1).copied());
            match pair {
                (Some(b'\\'), _) => at += 2,
                (Some(b'$'), Some(open @ (b'(' | b'{'))) => {
                    let place = if open == b'(' {
                        Place::Backtick
                    } else {
                        Place::Expansion
                    };
                    let close = if open == b'(' { b')' } else { b'}' };
                    let end = self.balanced(at + 1, body.end, open, close);
                    for slot in self.out.bytes.get_mut(at + 2..end).into_iter().flatten() {
                        *slot = place;
                    }
                    at = end + 1;
                }
                (Some(b'`'), _) => {
                    let rest = self.text.get(at + 1..body.end).unwrap_or_default();
                    let end = at + 1 + memchr::memchr(b'`', rest).unwrap_or(rest.len());
                    for slot in self.out.bytes.get_mut(at + 1..end).into_iter().flatten() {
                        *slot = Place::Backtick;
                    }
                    at = end + 1;
                }
                _ => at += 1,
            }
        }
    }

    fn balanced(&self, from: usize, limit: usize, open: u8, close: u8) -> usize {
        let mut depth = 0_u32;
        for offset in from..limit {
            match self.text.get(offset) {
                Some(byte) if *byte == open => depth += 1,
                Some(byte) if *byte == close => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return offset;
            }
        }
        limit
    }
}
