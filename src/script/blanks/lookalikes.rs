//! What is written like a blank and is none: tests, globs, regular expressions, log tags, JSON,
//! templates of other tools, redirections, HTML, links.

use super::candidates::Candidate;
use super::{Kind, Language, fillers};

/// Words in square brackets that tag a line of a log or a choice and ask for nothing.
const TAGS: &[&str] = &[
    "error",
    "errors",
    "info",
    "warn",
    "warning",
    "debug",
    "fatal",
    "trace",
    "ok",
    "fail",
    "failed",
    "pass",
    "passed",
    "done",
    "success",
    "critical",
    "urgent",
    "notice",
    "skip",
    "skipped",
    "alert",
    "emergency",
    "update",
    "resolved",
    "action",
    "todo",
    "note",
    "tip",
    "install",
    "unit",
    "service section",
    "skip ci",
    "ci skip",
    "no ci",
    "skip actions",
    "actions skip",
    "skip deploy",
];

/// Single lower-case words in square brackets that are blanks.
const WORDS: &[&str] = &[
    "app",
    "backup",
    "branch",
    "bucket",
    "cluster",
    "commit",
    "container",
    "database",
    "date",
    "domain",
    "env",
    "environment",
    "file",
    "filename",
    "hash",
    "host",
    "hostname",
    "id",
    "image",
    "instance",
    "ip",
    "key",
    "name",
    "namespace",
    "password",
    "path",
    "pod",
    "port",
    "project",
    "reason",
    "region",
    "release",
    "revision",
    "server",
    "service",
    "sha",
    "table",
    "tag",
    "time",
    "timestamp",
    "token",
    "url",
    "user",
    "username",
    "version",
];

/// Elements of HTML that stand in code more often than blanks of that name.
const ELEMENTS: &[&str] = &[
    "a", "b", "body", "br", "button", "code", "div", "em", "footer", "form", "h1", "h2", "h3",
    "h4", "head", "header", "hr", "html", "i", "img", "input", "li", "link", "main", "meta", "nav",
    "ol", "p", "pre", "script", "section", "span", "strong", "style", "svg", "table", "td", "th",
    "title", "tr", "ul",
];

/// Words of other tools' templates.
const TEMPLATE_WORDS: &[&str] = &[
    "range", "if", "else", "end", "with", "json", "define", "template", "block", "println",
    "printf", "index", "len", "upper", "lower", "join", "split", "table",
];

/// The text around a candidate.
pub(super) struct Around<'a> {
    /// The code as a whole.
    pub code: &'a str,
    /// The language it is in.
    pub language: Language,
}

impl Around<'_> {
    /// Whether a candidate may be a blank, judged by its spelling and its neighbours alone.
    pub(super) fn may_be_blank(&self, candidate: &Candidate) -> bool {
        match candidate.kind {
            Kind::Angle => self.angle(candidate),
            Kind::Bracket => self.bracket(candidate),
            Kind::Brace => self.brace(candidate),
            Kind::Mustache => self.mustache(candidate),
            Kind::Shouted => self.shouted(candidate),
            Kind::Colon => self.colon(candidate),
            Kind::Filler => self.filler(candidate),
            Kind::Environment => true,
        }
    }

    fn inside(&self, candidate: &Candidate) -> &str {
        self.code.get(candidate.inside.clone()).unwrap_or("")
    }

    fn before(&self, candidate: &Candidate) -> Option<char> {
        self.code.get(..candidate.range.start)?.chars().next_back()
    }

    fn after(&self, candidate: &Candidate) -> Option<char> {
        self.code.get(candidate.range.end..)?.chars().next()
    }

    /// The text of the line up to the candidate.
    fn line_before(&self, candidate: &Candidate) -> &str {
        let before = self.code.get(..candidate.range.start).unwrap_or("");
        before.rsplit('\n').next().unwrap_or("")
    }

    fn angle(&self, candidate: &Candidate) -> bool {
        let inside = self.inside(candidate);
        let lower = inside.to_lowercase();
        let word_before = self.before(candidate).is_some_and(is_word);
        let word_after = self.after(candidate).is_some_and(is_word);
        if inside.ends_with(char::is_whitespace) || self.before(candidate) == Some('<') {
            return false;
        }
        // `sort <a.txt>b.txt` redirects twice.
        if word_after && inside.contains(['.', '/']) && !inside.contains(' ') {
            return false;
        }
        if self.code.contains(&format!("</{inside}>")) {
            return false;
        }
        let quoted = matches!(self.before(candidate), Some('"' | '\'' | '>'));
        if ELEMENTS.contains(&lower.as_str()) && (quoted || self.language == Language::Other) {
            return false;
        }
        match self.language {
            Language::Shell => true,
            // `a<b AND c>d` compares; `old_<date>` does not.
            Language::Sql => {
                (!word_before || self.before(candidate) == Some('_'))
                    && !lower.contains(" and ")
                    && !lower.contains(" or ")
            }
            Language::Other => !word_before && inside.split('.').next_back() != Some("h"),
        }
    }

    fn bracket(&self, candidate: &Candidate) -> bool {
        let inside = self.inside(candidate);
        let before = self.before(candidate);
        if matches!(before, Some('[' | '\\' | ']' | '$' | '!' | '.')) {
            return false;
        }
        if matches!(self.after(candidate), Some('(' | ']' | '[')) {
            return false;
        }
        if fillers::is_dots(inside) {
            return !searches(self.line_before(candidate));
        }
        if inside.ends_with(' ')
            || inside.contains(|c: char| "\"'$`*?^=,;|&<>{}\\#!~+@".contains(c))
        {
            return false;
        }
        let lower = inside.to_lowercase();
        let glued = before.is_some_and(char::is_alphanumeric);
        let regex = searches(self.line_before(candidate));
        if fillers::asks(inside) && !glued && !regex && !self.is_said(candidate) {
            return true;
        }
        if TAGS.contains(&lower.as_str()) || is_range(inside) || self.is_ini_section(candidate) {
            return false;
        }
        if self.is_route(candidate) {
            return false;
        }
        if glued && (self.after(candidate) == Some('=') || self.language != Language::Shell) {
            return false;
        }
        if regex && !inside.contains(['_', ' ']) {
            return false;
        }
        looks_named(inside, &lower, glued)
    }

    /// `src/app/clients/[id]/route.ts`: a part of a web framework's file name.
    fn is_route(&self, candidate: &Candidate) -> bool {
        const FOLDERS: &[&str] = &["app", "pages", "routes", "api"];
        const SOURCES: &[&str] = &[
            ".ts", ".tsx", ".js", ".jsx", ".mjs", ".vue", ".svelte", ".astro", ".mdx",
        ];
        if self.before(candidate) != Some('/') {
            return false;
        }
        let apart = |c: char| c.is_whitespace() || "\"'`;:=".contains(c);
        let line = self.line_before(candidate);
        let path = line.rsplit(apart).next().unwrap_or("");
        let after = self.code.get(candidate.range.end..).unwrap_or("");
        let tail = after.split(apart).next().unwrap_or("");
        path.split('/').any(|part| FOLDERS.contains(&part))
            && (tail.is_empty() || tail == "/" || SOURCES.iter().any(|end| tail.ends_with(end)))
    }

    /// `[mysqld]` on a line of its own, followed by a setting.
    fn is_ini_section(&self, candidate: &Candidate) -> bool {
        if !self.line_before(candidate).trim().is_empty() {
            return false;
        }
        let rest = self.code.get(candidate.range.end..).unwrap_or("");
        let mut lines = rest.lines();
        let alone = lines.next().is_none_or(|tail| tail.trim().is_empty());
        alone
            && lines
                .find(|l| !l.trim().is_empty())
                .is_some_and(|l| l.contains('='))
    }

    fn brace(&self, candidate: &Candidate) -> bool {
        let inside = self.inside(candidate);
        if matches!(
            self.before(candidate),
            Some('$' | '%' | '@' | '#' | '\\' | '{')
        ) {
            return false;
        }
        if self.after(candidate) == Some('}') {
            return false;
        }
        let line = self.line_before(candidate);
        let named = self.code.get(candidate.range.clone()).unwrap_or("");
        if line.contains(&format!("-I {named}")) || line.trim_end().ends_with("-I") {
            return false;
        }
        // `awk '{print}'` and `jq '{id}'` are programs.
        let program = ["awk", "jq", "gawk", "perl"]
            .iter()
            .any(|p| words(line).any(|w| w == *p));
        if program && self.language == Language::Shell {
            return false;
        }
        let after = self.code.get(candidate.range.end..).unwrap_or("");
        let array = line.ends_with('\'') && after.starts_with("'::");
        !(array || matches!(inside, "print" | "next" | "exit" | "end"))
    }

    fn mustache(&self, candidate: &Candidate) -> bool {
        let inside = self.inside(candidate);
        let first = inside
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or("");
        (fillers::is_dots(inside) || inside.starts_with(|c: char| c.is_alphabetic() || c == '_'))
            && !inside.contains(['(', '"', '\'', '$', '|'])
            && !inside.contains(" .")
            && !TEMPLATE_WORDS.contains(&first)
    }

    fn shouted(&self, candidate: &Candidate) -> bool {
        let text = self.code.get(candidate.range.clone()).unwrap_or("");
        let date = text.starts_with("YYYY") || text.starts_with("HH");
        let glued = |c: char| c.is_alphanumeric() || (c == '_' && !date);
        let before = self.before(candidate);
        if before.is_some_and(|c| glued(c) || "$-%+".contains(c) && !date || "%+$".contains(c)) {
            return false;
        }
        let after = self.after(candidate);
        if after.is_some_and(|c| c.is_alphanumeric() || c == '=' || c == '_' && !date) {
            return false;
        }
        let line = self.line_before(candidate).to_lowercase();
        let formats = [
            "to_char",
            "to_date",
            "to_timestamp",
            "date_format",
            "strftime",
            "mktemp",
        ];
        !formats.iter().any(|f| line.contains(f)) && !line.ends_with("${")
    }

    /// `TODO` is a blank where a value is due; in what is printed or searched for it is a word.
    fn filler(&self, candidate: &Candidate) -> bool {
        let text = self.inside(candidate);
        let line = self.line_before(candidate);
        let lower = line.to_lowercase();
        let other = self.is_said(candidate) || searches(line) || lower.contains("mktemp");
        let due = line.ends_with('=')
            || line
                .split_whitespace()
                .next_back()
                .is_some_and(|w| w.starts_with('-') && line.ends_with([' ', '\t', '"', '\'']));
        let word = match text.bytes().next() {
            // A word that may as well be the name of a file.
            _ if matches!(text, "TODO" | "FIXME") => due,
            Some(b'T') if self.language == Language::Sql => {
                !matches!(self.before(candidate), Some('"' | '\''))
            }
            // One character each, to LIKE.
            Some(b'_') if self.language == Language::Sql => !lower.contains("like"),
            _ => self.language != Language::Other || text.starts_with(['X', '_']),
        };
        word && !other
    }

    /// Whether the command only prints what stands here: the words of a person to a person.
    fn is_said(&self, candidate: &Candidate) -> bool {
        let line = self.line_before(candidate);
        let tail = line.rsplit(['|', ';', '&']).next().unwrap_or(line);
        let first = words(tail.trim_start()).next().unwrap_or_default();
        let message = ["-m \"", "-m '", "--message"]
            .iter()
            .any(|m| tail.contains(m));
        let rest = self.code.get(candidate.range.end..).unwrap_or("");
        let rest = rest.lines().next().unwrap_or_default();
        matches!(first, "echo" | "printf") && !rest.contains('>') || message
    }

    fn colon(&self, candidate: &Candidate) -> bool {
        let word = self.line_before(candidate);
        let word = word
            .rsplit([' ', '\t', '"', '\'', '='])
            .next()
            .unwrap_or("");
        let end = self.after(candidate);
        self.language != Language::Sql
            && (word.contains("://") || word.starts_with('/') || word.starts_with('$'))
            && !end.is_some_and(|c| is_word(c) || c == ':')
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', '\t', '|', ';', '&', '('])
        .map(|w| w.rsplit('/').next().unwrap_or(w))
}

/// Whether the line so far calls something whose quoted argument is a regular expression.
fn searches(line: &str) -> bool {
    let tools = [
        "grep", "egrep", "sed", "awk", "gawk", "rg", "ack", "perl", "pgrep", "zgrep",
    ];
    let tail = line.rsplit(['|', ';', '&']).next().unwrap_or(line);
    words(tail).any(|w| tools.contains(&w))
}

/// `A-Z0-9` and other character classes.
fn is_range(inside: &str) -> bool {
    let mut rest = inside;
    let mut ranges = 0;
    loop {
        let mut characters = rest.chars();
        match (characters.next(), characters.next(), characters.next()) {
            (None, ..) => return ranges > 0,
            (Some(a), Some('-'), Some(b)) if a.is_alphanumeric() && b.is_alphanumeric() => {
                ranges += 1;
                rest = characters.as_str();
            }
            (Some('_' | '.' | '-'), ..) if ranges > 0 => rest = rest.get(1..).unwrap_or(""),
            _ => return false,
        }
    }
}

/// Whether the inside of square brackets is worded like something to fill in.
fn looks_named(inside: &str, lower: &str, glued: bool) -> bool {
    let parts: Vec<&str> = inside
        .split([' ', '_', '-', '/', '.', ':', '(', ')'])
        .collect();
    let plain = parts.iter().all(|p| p.chars().all(char::is_alphanumeric));
    if !plain {
        return false;
    }
    let letters = || inside.chars().filter(|c| c.is_alphabetic());
    let shouted = letters().all(|c| !c.is_lowercase()) && letters().count() >= 3;
    let several = parts.len() > 1 && parts.first().is_some_and(|p| p.len() >= 2);
    let capitalised = inside.chars().count() >= 4 && inside.starts_with(char::is_uppercase);
    shouted || (!glued && (several || capitalised || WORDS.contains(&lower)))
}
