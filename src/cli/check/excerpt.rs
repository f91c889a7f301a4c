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
use crate::term::{ELLIPSIS, truncate, width, wrap};

use super::Checked;
use crate::cli::output::{Look, harmless};

/// How many places of one finding are shown with their text; of a note, fewer.
const MOST_EXCERPTS: usize = 4;
const MOST_OF_A_NOTE: usize = 2;

/// Columns that are kept of what stands before the underlined words of a long line.
const CONTEXT: usize = 12;

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
        let marked = marked(line, finding.column, finding.width);
        let room = self.look.columns().saturating_sub(GUTTER);
        let (text, range) = fitted(marked, room, self.look.is_ascii());
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
        let room = self.look.columns().saturating_sub(indent).max(12);
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

/// A line cut to so many columns around the bytes that are underlined.
fn fitted(
    (text, range): (String, Range<usize>),
    room: usize,
    ascii: bool,
) -> (String, Range<usize>) {
    if width(&text) <= room {
        return (text, range);
    }
    let part = |range: Range<usize>| text.get(range).unwrap_or_default();
    let before = part(0..range.start);
    // Something of what stands before it, so that one sees where the line is.
    let kept = width(before).min(CONTEXT);
    let middle = truncate(part(range.clone()), room.saturating_sub(kept));
    // And one column to say that it goes on.
    let more = usize::from(range.end < text.len());
    let before = tail(before, room.saturating_sub(width(&middle) + more));
    let left = room.saturating_sub(width(&before) + width(&middle));
    let after = truncate(part(range.end..text.len()), left);
    let cut = |text: &str| {
        if ascii {
            text.replace(ELLIPSIS, "~")
        } else {
            text.to_owned()
        }
    };
    let (before, middle) = (cut(&before), cut(&middle));
    let range = before.len()..before.len() + middle.len();
    (format!("{before}{middle}{}", cut(&after)), range)
}

/// The end of a text in so many columns.
fn tail(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for (at, _) in text.char_indices().rev() {
        let end = text.get(at..).unwrap_or_default();
        if width(end) + 1 > room {
            break;
        }
        end.clone_into(&mut kept);
    }
    format!("{ELLIPSIS}{kept}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{self, lint};

    fn checked(text: &str) -> Checked {
        let plan = runbook::read(text.as_bytes());
        let findings = lint::check(&plan, text);
        Checked {
            name: "plan.md".to_owned(),
            text: text.to_owned(),
            plan,
            findings,
        }
    }

    const PLAN: &str = "# Plan\n\n## Rollback\n\n1. **Wipe the store of the shop and whatever else is in there**\n   ```bash\n   # 界 größer\n\tdropdb --if-exists --host=<db> shop_of_the_north && dropdb --if-exists --host=<db2> shop_of_the_south\n   ```\n2. **And so on**\n   ```bash\n   kill <pid> <pid2> <pid3>\n   ```\n\n## Contacts\n\n- **Somebody with a very long name of a role**: [phone]\n- **Bo**: [mail]\n";

    #[test]
    fn nothing_is_wider_than_it_may_be() {
        for columns in [48, 60, 120] {
            let text = all(&checked(PLAN), Look::plain(columns));
            assert!(text.contains("warning[no-backup-check]"), "{text}");
            for line in text.lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
        }
    }

    #[test]
    fn one_code_is_said_once_with_its_places() {
        let text = all(&checked(PLAN), Look::plain(100));
        assert_eq!(text.matches("warning[blank-contact]").count(), 1, "{text}");
        assert!(
            text.contains("a contact that is still a blank (2 places)"),
            "{text}"
        );
        assert!(text.contains("how to reach Bo is still a blank"), "{text}");
        assert!(
            text.contains("and <pid> (line 12), <pid2> (line 12), <pid3> (line 12)"),
            "{text}"
        );
    }

    #[test]
    fn marks_stand_under_what_they_mean() {
        assert_eq!(marked("a größer b", 3, 6), ("a größer b".to_owned(), 2..10));
        assert_eq!(
            marked("  all of it ", 1, 0),
            ("  all of it ".to_owned(), 2..11)
        );
        let (text, range) = marked("x \u{202e}rm", 4, 2);
        assert_eq!(text.get(range), Some("rm"));
        assert_eq!(marked("short", 40, 3).1, 5..5);
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let line = "abc ".repeat(30);
        let (text, range) = fitted((line.clone(), 60..67), 20, false);
        assert_eq!(text.get(range), Some("abc abc"));
        assert_eq!((text.as_str(), width(&text)), ("…bc abc abc abc abc…", 20));
        let (text, _) = fitted((line.clone(), 0..119), 20, true);
        assert_eq!(text, "abc abc abc abc abc~");
        assert_eq!(tail("größer", 3), "…er");
    }

    #[test]
    fn a_secret_cannot_be_read() {
        assert_eq!(masked("key größe!", 5, 5), "key *****!");
    }
}
