//! Findings with the place in the text: what is the matter, the line with the words underlined,
//! what to do.
//!
//! What is said by the same code is said once, with its first places in excerpts and the lines of
//! the others. Everything that comes from the runbook is made harmless before it is laid out.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level as Grade, Renderer, Snippet};

use crate::domain::plan::{Diagnostic, Level};
use crate::runbook::lint::codes;
use crate::term::{width, wrap};

use super::Checked;
use crate::cli::output::{Look, harmless};

/// How many places of one finding are shown with their text; of a note, fewer.
const MOST_EXCERPTS: usize = 4;
const MOST_OF_A_NOTE: usize = 2;

/// Columns beside the text for line numbers and lines.
const GUTTER: usize = 10;

/// How many further lines are named; a document may have thousands.
const MOST_LINES: usize = 12;

/// Everything there is to say about one runbook, by its lines.
pub fn all(checked: &Checked, look: Look) -> String {
    let mut lines: Vec<Cow<'_, str>> = checked.text.lines().map(Cow::Borrowed).collect();
    for finding in checked.findings.iter().filter(|f| is_secret(f)) {
        if let Some(line) = lines.get_mut(finding.line.saturating_sub(1) as usize) {
            *line = Cow::Owned(masked(line, finding.column, finding.width));
        }
    }
    let page = Page {
        name: harmless(&checked.name),
        lines: &lines,
        look,
    };
    let mut text = String::new();
    for group in grouped(&checked.findings) {
        text.push_str(&page.render(&group));
        text.push_str("\n\n");
    }
    text
}

/// Findings with the same code and level together, in the order of their first lines.
fn grouped(findings: &[Diagnostic]) -> Vec<Vec<&Diagnostic>> {
    let mut groups: Vec<Vec<&Diagnostic>> = Vec::new();
    for finding in findings {
        let same = |g: &&mut Vec<&Diagnostic>| {
            g.first()
                .is_some_and(|f| f.code == finding.code && f.level == finding.level)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// Where findings are laid out.
struct Page<'a> {
    name: String,
    lines: &'a [Cow<'a, str>],
    look: Look,
}

impl Page<'_> {
    fn render(&self, group: &[&Diagnostic]) -> String {
        let Some(first) = group.first() else {
            return String::new();
        };
        let (grade, word) = match first.level {
            Level::Note => (Grade::NOTE, "note"),
            Level::Warning => (Grade::WARNING, "warning"),
            Level::Error => (Grade::ERROR, "error"),
        };
        let indent = width(word) + width(&first.code) + 4;
        let alike = group.iter().all(|f| f.message == first.message);
        let title = title(group, alike);
        let title = grade
            .primary_title(self.wrapped(&title, indent))
            .id(first.code.as_str());
        let mut report = Group::with_title(title);
        let most = most_excerpts(first.level);
        for finding in group.iter().take(most) {
            let (snippet, said) = self.excerpt(finding, !alike && first.level > Level::Note);
            report = report.element(snippet);
            if let Some(said) = said {
                report = report.element(Grade::NOTE.no_name().message(self.wrapped(&said, 8)));
            }
        }
        if let Some(others) = self.others(group.get(most..).unwrap_or_default()) {
            report = report.element(Grade::NOTE.no_name().message(self.wrapped(&others, 8)));
        }
        if !first.help.is_empty() {
            report = report.element(Grade::HELP.message(self.wrapped(&first.help, 16)));
        }
        self.renderer().render(&[report])
    }

    fn renderer(&self) -> Renderer {
        let renderer = if self.look.is_coloured() {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let style = if self.look.is_ascii() {
            DecorStyle::Ascii
        } else {
            DecorStyle::Unicode
        };
        renderer.decor_style(style).term_width(self.look.columns())
    }

    /// The line of a finding, and what it says by itself, where that does not fit beside it.
    fn excerpt(
        &self,
        finding: &Diagnostic,
        own_words: bool,
    ) -> (Snippet<'static, Annotation<'static>>, Option<String>) {
        let index = finding.line.saturating_sub(1) as usize;
        let line = self.lines.get(index).map(Cow::as_ref).unwrap_or_default();
        let (text, range) = marked(line, finding.column, finding.width);
        let end = width(text.get(..range.end).unwrap_or_default());
        let mut mark = AnnotationKind::Primary.span(range.clone());
        let mut below = None;
        // What is underlined need not be repeated.
        let named = text.get(range).unwrap_or_default();
        if own_words && (named.is_empty() || !finding.message.starts_with(named)) {
            let words = harmless(&finding.message);
            if end + width(&words) + GUTTER <= self.look.columns() {
                mark = mark.label(words);
            } else {
                below = Some(finding.message.clone());
            }
        }
        let snippet = Snippet::source(text)
            .line_start(index + 1)
            .path(self.name.clone())
            .annotation(mark);
        (snippet, below)
    }

    /// Harmless, and broken so that it fits beside what stands before it.
    fn wrapped(&self, text: &str, indent: usize) -> String {
        let room = self.look.columns().saturating_sub(indent).max(20);
        wrap(&harmless(text), room).join("\n")
    }
}

/// One finding in its own words; several that differ, in those of their code.
fn title(group: &[&Diagnostic], alike: bool) -> String {
    let first = group.first().copied();
    let code = first.and_then(|f| codes::find(&f.code));
    let count = group.len();
    match (first, code) {
        (Some(first), _) if alike && count == 1 => first.message.clone(),
        (Some(first), _) if alike => format!("{} ({count} places)", first.message),
        (_, Some(code)) => format!("{} ({count} places)", code.meaning),
        (Some(first), None) => format!("{} (and {} more)", first.message, count - 1),
        (None, None) => String::new(),
    }
}

fn most_excerpts(level: Level) -> usize {
    match level {
        Level::Note => MOST_OF_A_NOTE,
        Level::Warning | Level::Error => MOST_EXCERPTS,
    }
}

/// What a log of a pipeline must not repeat.
fn is_secret(finding: &Diagnostic) -> bool {
    [&codes::SECRET, &codes::PASSWORD]
        .iter()
        .any(|code| code.name == finding.code)
}

/// A line with a part of it unreadable, each character by one, so that columns stay.
fn masked(line: &str, column: u32, columns: u32) -> String {
    let from = column.saturating_sub(1) as usize;
    let hide = from..from + columns as usize;
    line.chars()
        .enumerate()
        .map(|(at, c)| if hide.contains(&at) { '*' } else { c })
        .collect()
}

/// A line made harmless, and the bytes of it that are underlined.
fn marked(line: &str, column: u32, columns: u32) -> (String, Range<usize>) {
    let byte_of = |count: usize| {
        line.char_indices()
            .nth(count)
            .map_or(line.len(), |(at, _)| at)
    };
    let (start, end) = if columns == 0 {
        let start = line.len() - line.trim_start().len();
        (start, line.trim_end().len().max(start))
    } else {
        let from = column.saturating_sub(1) as usize;
        (byte_of(from), byte_of(from + columns as usize))
    };
    let part = |range: Range<usize>| harmless(line.get(range).unwrap_or_default());
    let mut text = part(0..start);
    let from = text.len();
    text.push_str(&part(start..end));
    let to = text.len();
    text.push_str(&part(end..line.len()));
    (text, from..to)
}

/// What a word at most may take to be repeated beside its line.
const SHORT: usize = 26;

impl Page<'_> {
    /// `and 3 more: <host> (line 4), <user> (line 9), lines 12, 13`.
    fn others(&self, findings: &[&Diagnostic]) -> Option<String> {
        if findings.is_empty() {
            return None;
        }
        let mut said: Vec<String> = Vec::new();
        for finding in findings {
            let line = self
                .lines
                .get(finding.line.saturating_sub(1) as usize)
                .map(Cow::as_ref)
                .unwrap_or_default();
            let words: String = line
                .chars()
                .skip(finding.column.saturating_sub(1) as usize)
                .take((finding.width as usize).min(SHORT + 1))
                .collect();
            let number = finding.line;
            let place = if words.is_empty() || words.chars().count() > SHORT {
                format!("line {number}")
            } else {
                format!("{words} (line {number})")
            };
            if !said.contains(&place) {
                said.push(place);
            }
        }
        let rest = said.len().saturating_sub(MOST_LINES);
        said.truncate(MOST_LINES);
        let more = if rest > 0 {
            format!(" and {rest} more places")
        } else {
            String::new()
        };
        Some(format!("and {}{more}", said.join(", ")))
    }
}
