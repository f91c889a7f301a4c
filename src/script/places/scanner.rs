//! The pass itself: one byte after the other, with a stack of what is open.

use std::ops::Range;

use super::{Place, Places, Region};

/// A heredoc announced on a line whose body follows it.
pub(super) struct Pending {
    pub(super) delimiter: String,
    pub(super) strip_tabs: bool,
    pub(super) quoted: bool,
    pub(super) command: usize,
}

/// What the scanner is inside of.
pub(super) enum Frame {
    /// Code, ended by `closer` if there is one.
    Code {
        closer: Option<u8>,
        command: usize,
        word: usize,
        cases: u32,
        compounds: u32,
    },
    /// A double-quoted string that began after this offset.
    Double { start: usize, command: usize },
    /// `${`
    Expansion,
    /// Arithmetic with so many open parentheses.
    Arithmetic { depth: u32 },
}

/// Marks a frame of code that a plain `(` opened, as against `$(` or `<(`.
const SUBSHELL: u8 = b'(';

pub(super) struct Scanner<'a> {
    pub(super) text: &'a [u8],
    opaque: &'a [Range<usize>],
    next_opaque: usize,
    pub(super) at: usize,
    pub(super) out: Places,
    frames: Vec<Frame>,
    pub(super) pending: Vec<Pending>,
    pub(super) stray: bool,
}

/// Reads a shell text, taking the `opaque` ranges (sorted, apart) as parts of words.
#[must_use]
pub fn scan(text: &str, opaque: &[Range<usize>]) -> Places {
    crate::script::work::done(text.len());
    let mut scanner = Scanner {
        text: text.as_bytes(),
        opaque,
        next_opaque: 0,
        at: 0,
        out: Places {
            bytes: vec![Place::Bare; text.len()],
            ..Places::default()
        },
        frames: vec![Frame::Code {
            closer: None,
            command: 0,
            word: 0,
            cases: 0,
            compounds: 0,
        }],
        pending: Vec::new(),
        stray: false,
    };
    scanner.run();
    scanner.out
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            if self.skip_opaque() {
                continue;
            }
            match self.frames.last() {
                None | Some(Frame::Code { .. }) => self.code(),
                Some(Frame::Double { .. }) => self.double(),
                Some(Frame::Expansion) => self.expansion(),
                Some(Frame::Arithmetic { .. }) => self.arithmetic(),
            }
        }
        if !self.text.ends_with(b"\n") {
            self.end_word(self.text.len());
            self.close_line(self.text.len());
        }
    }

    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn mark(&mut self, count: usize, place: Place) {
        let end = (self.at + count).min(self.text.len());
        for slot in self.out.bytes.get_mut(self.at..end).into_iter().flatten() {
            *slot = place;
        }
        // A line end inside quotes is still the end of a line.
        for offset in self.at..end {
            if self.text.get(offset) == Some(&b'\n') {
                self.out.line_closed.push(false);
            }
        }
        self.at = end;
    }

    fn here(&self) -> Place {
        match self.frames.last() {
            None | Some(Frame::Code { .. }) => Place::Bare,
            Some(Frame::Double { .. }) => Place::Double,
            Some(Frame::Expansion) => Place::Expansion,
            Some(Frame::Arithmetic { .. }) => Place::Arithmetic,
        }
    }

    fn skip_opaque(&mut self) -> bool {
        while let Some(range) = self.opaque.get(self.next_opaque) {
            if range.end <= self.at {
                self.next_opaque += 1;
                continue;
            }
            if range.start != self.at {
                return false;
            }
            let (count, place) = (range.len(), self.here());
            self.next_opaque += 1;
            self.mark(count, place);
            return count > 0;
        }
        false
    }

    pub(super) fn command(&self) -> usize {
        self.frames
            .iter()
            .rev()
            .find_map(|f| {
                if let Frame::Code { command, .. } = f {
                    Some(*command)
                } else {
                    None
                }
            })
            .unwrap_or(0)
    }

    fn begin_command(&mut self, at: usize) {
        if let Some(Frame::Code { command, word, .. }) = self.frames.last_mut() {
            *command = at;
            *word = at;
        }
    }

    fn push_code(&mut self, closer: u8) {
        let at = self.at;
        self.frames.push(Frame::Code {
            closer: Some(closer),
            command: at,
            word: at,
            cases: 0,
            compounds: 0,
        });
    }

    /// The line ends at `end`: may a statement end here?
    fn close_line(&mut self, end: usize) {
        let level = matches!(
            self.frames.as_slice(),
            [Frame::Code {
                cases: 0,
                compounds: 0,
                ..
            }]
        );
        let tail = self.text.get(..end).unwrap_or_default();
        let tail = trim_end(tail);
        let joined = tail.ends_with(b"|") || tail.ends_with(b"&&");
        let joined = joined && self.out.at(tail.len().saturating_sub(1)) == Place::Bare;
        self.out
            .line_closed
            .push(level && !joined && self.pending.is_empty() && !self.stray);
    }

    fn code(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (b'\\', b'\n') => {
                self.mark(2, Place::Bare);
                if let Some(Frame::Code { word, command, .. }) = self.frames.last_mut()
                    && word == command
                    && *word + 2 == self.at
                {
                    (*word, *command) = (self.at, self.at);
                }
            }
            (b'\\', _) => self.mark(2, Place::Bare),
            (b'\'', _) => self.quoted(1, Place::Single),
            (b'$', b'\'') => self.quoted(2, Place::Ansi),
            (b'$', b'"') => self.open_double(2),
            (b'"', _) => self.open_double(1),
            (b'`', _) => self.backtick(),
            (b'$', b'{' | b'(') => self.dollar(),
            (b'<', b'<') => self.heredoc_or_string(),
            (b'<' | b'>', b'(') => {
                self.mark(2, Place::Bare);
                self.push_code(b')');
            }
            (b'(', b'(') if self.at_command() => {
                self.mark(2, Place::Bare);
                self.frames.push(Frame::Arithmetic { depth: 0 });
            }
            (b'(', _) => {
                self.end_word(self.at);
                self.mark(1, Place::Bare);
                self.push_code(SUBSHELL);
            }
            (b')', _) => self.close_paren(),
            (b'#', _) if self.at_word() => self.comment(),
            (b'\n', _) => self.newline(),
            (b';' | b'|', _) => self.separator(),
            (b'&', next) if next != b'>' && !self.after_redirect() => self.separator(),
            (b' ' | b'\t' | b'\r', _) => {
                self.end_word(self.at);
                self.mark(1, Place::Bare);
                let at = self.at;
                if let Some(Frame::Code { word, command, .. }) = self.frames.last_mut() {
                    if word == command && *word + 1 == at {
                        *command = at;
                    }
                    *word = at;
                }
            }
            _ => self.mark(1, Place::Bare),
        }
    }

    fn after_redirect(&self) -> bool {
        self.at > 0 && matches!(self.text.get(self.at - 1), Some(b'>' | b'<'))
    }

    fn at_word(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Code { word, .. }) if *word == self.at)
    }

    fn at_command(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Code { command, .. }) if *command == self.at)
    }

    /// A word ends at `end`: keeps count of compound commands, and moves the start of the command
    /// past a keyword that another command follows.
    fn end_word(&mut self, end: usize) {
        let text = self.text;
        let Some(Frame::Code {
            command,
            word,
            cases,
            compounds,
            ..
        }) = self.frames.last_mut()
        else {
            return;
        };
        if *word != *command || *word >= end {
            return;
        }
        let bytes = text.get(*word..end).unwrap_or_default();
        match bytes {
            b"case" => *cases += 1,
            b"esac" => *cases = cases.saturating_sub(1),
            b"if" | b"for" | b"while" | b"until" | b"select" | b"{" => *compounds += 1,
            b"fi" | b"done" | b"}" => *compounds = compounds.saturating_sub(1),
            _ => {}
        }
        if matches!(
            bytes,
            b"if"
                | b"then"
                | b"elif"
                | b"else"
                | b"do"
                | b"while"
                | b"until"
                | b"{"
                | b"!"
                | b"time"
        ) {
            (*command, *word) = (end, end);
        }
    }

    fn separator(&mut self) {
        self.end_word(self.at);
        self.mark(1, Place::Bare);
        self.begin_command(self.at);
    }

    fn close_paren(&mut self) {
        self.end_word(self.at);
        self.mark(1, Place::Bare);
        let pattern = matches!(self.frames.last(), Some(Frame::Code { cases, .. }) if *cases > 0);
        let closer = match self.frames.last() {
            Some(Frame::Code {
                closer: Some(closer),
                ..
            }) if !pattern => Some(*closer),
            _ => None,
        };
        if closer.is_some() {
            self.frames.pop();
        }
        // After a subshell, a function's `()` or a pattern another command may begin; after a
        // substitution the word goes on.
        if closer != Some(b')') {
            self.begin_command(self.at);
        }
    }

    fn newline(&mut self) {
        self.end_word(self.at);
        let end = self.at;
        self.close_line(end);
        self.at += 1;
        let closed = self.pending.is_empty();
        for pending in std::mem::take(&mut self.pending) {
            self.heredoc_body(&pending);
        }
        if !closed {
            self.reopen_last_line();
        }
        self.begin_command(self.at);
    }

    /// After heredocs the statement ends with the last delimiter line, if nothing else is open.
    pub(super) fn reopen_last_line(&mut self) {
        let level = matches!(
            self.frames.as_slice(),
            [Frame::Code {
                cases: 0,
                compounds: 0,
                ..
            }]
        );
        if let (Some(last), false) = (self.out.line_closed.last_mut(), self.stray) {
            *last = level;
        }
    }

    fn comment(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let count = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.out.comments.push(self.at..self.at + count);
        self.mark(count, Place::Comment);
        let at = self.at;
        if let Some(Frame::Code { word, .. }) = self.frames.last_mut() {
            *word = at;
        }
    }

    /// A string without nesting: `'…'` or `$'…'`.
    fn quoted(&mut self, opener: usize, place: Place) {
        let command = self.command();
        self.mark(opener, Place::Bare);
        let start = self.at;
        let mut end = start;
        while let Some(&byte) = self.text.get(end) {
            match byte {
                b'\\' if place == Place::Ansi => end += 2,
                b'\'' => break,
                _ => end += 1,
            }
        }
        let end = end.min(self.text.len());
        self.mark(end - start, place);
        self.out.regions.push(Region {
            place,
            content: start..end,
            command,
            delimiter: None,
        });
        if end < self.text.len() {
            self.mark(1, Place::Bare);
        } else {
            self.stray = true;
        }
    }

    fn open_double(&mut self, opener: usize) {
        let command = self.command();
        let place = self.here();
        self.mark(opener, place);
        self.frames.push(Frame::Double {
            start: self.at,
            command,
        });
    }

    fn double(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (b'\\', _) => self.mark(2, Place::Double),
            (b'"', _) => {
                if let Some(Frame::Double { start, command }) = self.frames.pop() {
                    let content = start..self.at;
                    let place = Place::Double;
                    self.out.regions.push(Region {
                        place,
                        content,
                        command,
                        delimiter: None,
                    });
                }
                let place = self.here();
                self.mark(1, place);
            }
            (b'`', _) => self.backtick(),
            (b'$', b'{' | b'(') => self.dollar(),
            _ => self.mark(1, Place::Double),
        }
    }

    fn dollar(&mut self) {
        let place = self.here();
        match (self.peek(1), self.peek(2)) {
            (b'{', _) => {
                self.mark(2, place);
                self.frames.push(Frame::Expansion);
            }
            (_, b'(') => {
                self.mark(3, place);
                self.frames.push(Frame::Arithmetic { depth: 0 });
            }
            _ => {
                self.mark(2, place);
                self.push_code(b')');
            }
        }
    }

    fn expansion(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (b'\\', _) => self.mark(2, Place::Expansion),
            (b'}', _) => {
                self.frames.pop();
                let place = self.here();
                self.mark(1, place);
            }
            (b'"', _) => self.open_double(1),
            (b'`', _) => self.backtick(),
            (b'$', b'{' | b'(') => self.dollar(),
            (b'\'', _) if !self.within_double() => self.quoted(1, Place::Single),
            _ => self.mark(1, Place::Expansion),
        }
    }

    fn within_double(&self) -> bool {
        self.frames
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|f| matches!(f, Frame::Double { .. }))
    }

    fn arithmetic(&mut self) {
        match (self.peek(0), self.peek(1), self.frames.last_mut()) {
            (b')', b')', Some(Frame::Arithmetic { depth: 0 })) => {
                self.frames.pop();
                let place = self.here();
                self.mark(2, place);
            }
            (b'(', _, Some(Frame::Arithmetic { depth })) => {
                *depth += 1;
                self.mark(1, Place::Arithmetic);
            }
            (b')', _, Some(Frame::Arithmetic { depth })) => {
                // One closer only: it was a subshell in a substitution after all.
                if *depth == 0 {
                    self.frames.pop();
                } else {
                    *depth -= 1;
                }
                self.mark(1, Place::Arithmetic);
            }
            (b'$', b'{' | b'(', _) => self.dollar(),
            (b'"', _, _) => self.open_double(1),
            _ => self.mark(1, Place::Arithmetic),
        }
    }

    fn backtick(&mut self) {
        let place = self.here();
        let command = self.command();
        self.mark(1, place);
        let start = self.at;
        let mut end = start;
        while let Some(&byte) = self.text.get(end) {
            match byte {
                b'\\' => end += 2,
                b'`' => break,
                _ => end += 1,
            }
        }
        let end = end.min(self.text.len());
        self.mark(end - start, Place::Backtick);
        let content = start..end;
        self.out.regions.push(Region {
            place: Place::Backtick,
            content,
            command,
            delimiter: None,
        });
        if end < self.text.len() {
            self.mark(1, place);
        } else {
            self.stray = true;
        }
    }
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    let kept = bytes
        .iter()
        .rposition(|b| !matches!(b, b' ' | b'\t' | b'\r'))
        .map_or(0, |p| p + 1);
    bytes.get(..kept).unwrap_or_default()
}
