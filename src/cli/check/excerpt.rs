//! Findings with the place in the text: what is the matter, the line with the words underlined,
//! what to do.
//!
//! What is said by the same code is said once, with its first places in excerpts and the lines of
//! the others. Everything that comes from the runbook is made harmless before it is laid out.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Grade, Renderer, Snippet};

use crate::domain::plan::{Diagnostic, Level};
use crate::term::{width, wrap};

use super::Checked;
use crate::cli::output::{Look, harmless};

/// How many places of one finding are shown with their text.
const MOST_EXCERPTS: usize = 3;

/// How many further lines are named; a document may have thousands.
const MOST_LINES: usize = 12;

/// Everything there is to say about one runbook, by its lines.
pub fn all(checked: &Checked, look: Look) -> String {
    let lines: Vec<&str> = checked.text.lines().collect();
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
    lines: &'a [&'a str],
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
        let title = grade
            .primary_title(self.wrapped(&first.message, indent))
            .id(first.code.as_str());
        let mut report: Group<'_> = title.elements(
            group
                .iter()
                .take(MOST_EXCERPTS)
                .enumerate()
                .map(|(at, finding)| self.excerpt(finding, (at > 0).then_some(first))),
        );
        if let Some(others) = others(group.get(MOST_EXCERPTS..).unwrap_or_default()) {
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

    /// The line of a finding; a further one of the same kind says what it says by itself.
    fn excerpt(
        &self,
        finding: &Diagnostic,
        first: Option<&Diagnostic>,
    ) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
        let index = finding.line.saturating_sub(1) as usize;
        let line = self.lines.get(index).copied().unwrap_or_default();
        let (text, range) = marked(line, finding.column, finding.width);
        let mut mark = AnnotationKind::Primary.span(range);
        if first.is_some_and(|f| f.message != finding.message) {
            mark = mark.label(harmless(&finding.message));
        }
        Snippet::source(text)
            .line_start(index + 1)
            .path(self.name.clone())
            .annotation(mark)
    }

    /// Harmless, and broken so that it fits beside what stands before it.
    fn wrapped(&self, text: &str, indent: usize) -> String {
        let room = self.look.columns().saturating_sub(indent).max(20);
        wrap(&harmless(text), room).join("\n")
    }
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

/// `and at 3 more places: lines 4, 9, 12`.
fn others(findings: &[&Diagnostic]) -> Option<String> {
    let mut lines: Vec<u32> = findings.iter().map(|d| d.line).collect();
    lines.dedup();
    let (count, first) = (findings.len(), lines.first()?);
    let named: Vec<String> = lines
        .iter()
        .take(MOST_LINES)
        .map(ToString::to_string)
        .collect();
    let more = if lines.len() > MOST_LINES {
        ", …"
    } else {
        ""
    };
    Some(match count {
        1 => format!("and once more: line {first}"),
        _ => format!("and {count} more: lines {}{more}", named.join(", ")),
    })
}
