//! What each byte of a shell text stands in: bare code, a kind of quotes, a heredoc, a comment.
//!
//! A single forward pass with an explicit stack, so that no input can exhaust it. It knows where
//! words, strings and statements end well enough to say how a value must be quoted at a place and
//! where a block may be cut; whether the text as a whole is valid is the parser's business. Blanks
//! such as `<host>` are passed in as opaque ranges, because a shell would take them for
//! redirections.

use std::ops::Range;

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

/// A heredoc announced on a line whose body follows it.
struct Pending {
    delimiter: String,
    strip_tabs: bool,
    quoted: bool,
    command: usize,
}

/// What the scanner is inside of.
enum Frame {
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

struct Scanner<'a> {
    text: &'a [u8],
    opaque: &'a [Range<usize>],
    next_opaque: usize,
    at: usize,
    out: Places,
    frames: Vec<Frame>,
    pending: Vec<Pending>,
    stray: bool,
}

/// Reads a shell text, taking the `opaque` ranges (sorted, apart) as parts of words.
#[must_use]
pub fn scan(text: &str, opaque: &[Range<usize>]) -> Places {
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

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn mark(&mut self, count: usize, place: Place) {
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

    fn command(&self) -> usize {
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
    fn reopen_last_line(&mut self) {
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

    fn heredoc_or_string(&mut self) {
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

    fn heredoc_body(&mut self, pending: &Pending) {
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

fn trim_end(bytes: &[u8]) -> &[u8] {
    let kept = bytes
        .iter()
        .rposition(|b| !matches!(b, b' ' | b'\t' | b'\r'))
        .map_or(0, |p| p + 1);
    bytes.get(..kept).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(text: &str, needle: &str) -> Place {
        let at = text.find(needle).expect("needle");
        scan(text, &[]).at(at)
    }

    #[test]
    fn quotes_nest_as_bash_nests_them() {
        let text = "echo a 'S' \"D $(echo B 'T' \"E\") F\" $'N\\'' `K` # C\n";
        for (needle, place) in [
            ("a ", Place::Bare),
            ("S", Place::Single),
            ("D", Place::Double),
            ("B", Place::Bare),
            ("T", Place::Single),
            ("E", Place::Double),
            ("F", Place::Double),
            ("N", Place::Ansi),
            ("K", Place::Backtick),
            ("C", Place::Comment),
        ] {
            assert_eq!(place_of(text, needle), place, "{needle}");
        }
        assert!(scan(text, &[]).closed());
    }

    #[test]
    fn heredocs_are_bodies_until_their_delimiter() {
        let text = "cat <<EOF > x && echo T\nA $(B) # no\nEOF\ncat <<'END'\nC\nEND\necho D\n";
        assert_eq!(place_of(text, "A "), Place::Heredoc);
        assert_eq!(place_of(text, "B)"), Place::Backtick);
        assert_eq!(place_of(text, "C"), Place::HeredocRaw);
        assert_eq!(place_of(text, "D\n"), Place::Bare);
        assert_eq!(
            scan(text, &[]).line_closed,
            [false, false, true, false, false, true, true]
        );
    }

    #[test]
    fn lines_inside_compounds_are_not_ends() {
        let text = "for x in a b; do\n  echo $x\ndone\nif true; then\necho y\nfi\nf() {\n:\n}\n";
        assert_eq!(
            scan(text, &[]).line_closed,
            [false, false, true, false, false, true, false, false, true]
        );
    }

    #[test]
    fn case_patterns_do_not_close_anything() {
        let text = "x=$(case $1 in\na) echo 1 ;;\n*) echo 2 ;;\nesac)\necho ok\n";
        assert_eq!(
            scan(text, &[]).line_closed,
            [false, false, false, true, true]
        );
    }

    #[test]
    fn continuations_pipes_and_open_quotes_join_lines() {
        let text = "a \\\n  b\nc |\nd\ne &&\nf\ng 'x\ny'\n";
        assert_eq!(
            scan(text, &[]).line_closed,
            [false, true, false, true, false, true, false, true]
        );
    }

    #[test]
    fn a_hash_inside_a_word_is_no_comment() {
        assert!(
            scan("echo a#b $# ${#x} http://x/#y\n", &[])
                .comments
                .is_empty()
        );
    }

    #[test]
    fn regions_know_their_command() {
        let text = "cd x && psql -c \"SELECT 1\"\n";
        let places = scan(text, &[]);
        let region = places
            .region(text.find("SELECT").expect("there"))
            .expect("region");
        assert_eq!(text.get(region.command..region.command + 4), Some("psql"));
    }
}
