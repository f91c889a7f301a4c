//! Where the statements of PowerShell or batch text end, and its commands one by one.
//!
//! Knows quotes, here-strings, comments, brackets and the marks by which a line goes on; nothing
//! of what the words mean.

use super::Dialect;

/// One command: its words, and the sign that ended it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Segment {
    /// As written, quotes kept.
    pub words: Vec<String>,
    /// `(` where a call's arguments follow.
    pub end: char,
}

/// What the scanner is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Quote(char),
    HereString(char),
    Comment,
}

/// A text under way.
pub struct Scanner {
    dialect: Dialect,
    inside: Inside,
    depth: usize,
    goes_on: bool,
    open: Segment,
    word: String,
    /// The commands so far.
    pub found: Vec<Segment>,
}

impl Scanner {
    /// Begins.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            inside: Inside::Nothing,
            depth: 0,
            goes_on: false,
            open: Segment::default(),
            word: String::new(),
            found: Vec::new(),
        }
    }

    /// A statement may begin here.
    pub fn is_between(&self) -> bool {
        self.inside == Inside::Nothing && self.depth == 0 && !self.goes_on
    }

    /// Reads the next line.
    pub fn line(&mut self, line: &str) {
        if let Inside::HereString(quote) = self.inside {
            let ends = line.trim_start().strip_prefix(quote);
            let Some(rest) = ends.and_then(|r| r.strip_prefix('@')) else {
                return;
            };
            self.inside = Inside::Nothing;
            return self.line(rest);
        }
        let text = line.trim_end();
        self.goes_on = false;
        let (text, carried) = match (self.dialect, text.chars().next_back()) {
            (Dialect::PowerShell, Some('`')) | (Dialect::Batch, Some('^')) => {
                (text.get(..text.len() - 1).unwrap_or(text), true)
            }
            _ => (text, false),
        };
        let piped = self.signs(text);
        if self.inside == Inside::Nothing {
            self.word_ends();
            self.goes_on = carried || piped;
            if !self.goes_on {
                self.ends('\n');
            }
        }
    }

    /// The signs of a line; true where it ends in one that the next line follows.
    fn signs(&mut self, text: &str) -> bool {
        let mut signs = text.char_indices().peekable();
        let mut last = ' ';
        while let Some((at, sign)) = signs.next() {
            match self.inside {
                Inside::Comment => {
                    if sign == '#' && text.get(at + 1..).is_some_and(|r| r.starts_with('>')) {
                        signs.next();
                        self.inside = Inside::Nothing;
                    }
                    continue;
                }
                Inside::Quote(quote) => {
                    self.word.push(sign);
                    if sign == '`' && quote == '"' && self.dialect == Dialect::PowerShell {
                        self.word.extend(signs.next().map(|(_, c)| c));
                    } else if sign == quote {
                        self.inside = Inside::Nothing;
                    }
                    last = sign;
                    continue;
                }
                Inside::HereString(_) => return false,
                Inside::Nothing => {}
            }
            let next = text
                .get(at + sign.len_utf8()..)
                .and_then(|r| r.chars().next());
            if self.opens(sign, next) {
                if matches!(self.inside, Inside::HereString(_)) {
                    return false;
                }
                if self.inside == Inside::Comment {
                    signs.next();
                }
                last = sign;
                continue;
            }
            if sign == '#' && self.dialect == Dialect::PowerShell && self.word.is_empty() {
                break;
            }
            self.sign(sign);
            if !sign.is_whitespace() {
                last = sign;
            }
        }
        matches!(last, '|' | ',')
    }

    /// Begins what a sign opens: a quote, a here-string, a block comment.
    fn opens(&mut self, sign: char, next: Option<char>) -> bool {
        let powershell = self.dialect == Dialect::PowerShell;
        self.inside = match (sign, next) {
            ('@', Some(q @ ('"' | '\''))) if powershell => Inside::HereString(q),
            ('<', Some('#')) if powershell => Inside::Comment,
            ('"', _) => Inside::Quote('"'),
            ('\'', _) if powershell => Inside::Quote('\''),
            _ => return false,
        };
        if matches!(self.inside, Inside::Quote(_)) {
            self.word.push(sign);
        }
        true
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '(' | '{' => {
                self.depth += 1;
                self.ends(sign);
            }
            ')' | '}' => {
                self.depth = self.depth.saturating_sub(1);
                self.ends(sign);
            }
            ';' if self.dialect == Dialect::PowerShell => self.ends(sign),
            '|' => self.ends(sign),
            // `2>&1` is no end; `a & b` and `a && b` are, and `& 'x'` only begins.
            '&' if !self.word.ends_with('>') => self.ends(sign),
            c if c.is_whitespace() => self.word_ends(),
            c => self.word.push(c),
        }
    }

    fn word_ends(&mut self) {
        if !self.word.is_empty() {
            self.open.words.push(std::mem::take(&mut self.word));
        }
    }

    fn ends(&mut self, sign: char) {
        self.word_ends();
        if self.open.words.is_empty() {
            return;
        }
        let mut segment = std::mem::take(&mut self.open);
        segment.end = sign;
        self.found.push(segment);
    }
}

/// All commands of a text.
pub fn commands(code: &str, dialect: Dialect) -> Vec<Segment> {
    let mut scanner = Scanner::new(dialect);
    for line in code.lines() {
        if !(scanner.is_between() && dialect.comment(line).is_some()) {
            scanner.line(line);
        }
    }
    scanner.ends('\n');
    scanner.found
}
