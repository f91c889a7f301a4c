//! The blanks of a text: which bytes an answer replaces, what they are called, what may be chosen.
//!
//! A label alone never names a field; its section and an ordinal do. Text between blanks is
//! left as it is, byte for byte.

use super::inline::plain;
use super::words::slug;
use crate::domain::ids::FieldId;
use crate::domain::plan::{Field, FieldChoice};
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

static BLANK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<rule>_{3,}|(?:\*{4,}(?:\\?_)*\*{4,})|\.{6,})",
        r"|(?P<bracket>\[[^\[\]\n]{1,60}\](?:%|ms)?)",
        r"|(?P<brace>\{\{?[A-Za-z][A-Za-z0-9_ -]{0,40}\}?\})",
        r"|(?P<angle><[A-Za-z][A-Za-z0-9_ /-]{0,40}>)",
        r"|(?P<stamp>\b(?:HH:MM(?::SS)?|YYYY-MM-DD(?:[ T]HH:MM(?::SS)?)?|DD/MM/YYYY|[A-Z]{2,12}-XXX+|XX:XX|#XXX+)\b)",
    ))
    .ok()
});

static BOX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:\[(?P<in>[ xX])\]|[☐□☑])\s*(?P<text>[^\[\]☐□☑\n]*)").ok());

/// Finds the fields of a template. `open_labels` also takes `Label:` with nothing after it, empty
/// bullets and `A / B` choices for fields: right for forms, wrong for messages.
#[must_use]
pub fn find(id: &str, text: &str, first_line: u32, open_labels: bool) -> Vec<Field> {
    let mut finder = Finder {
        id,
        fields: Vec::new(),
        section: String::new(),
        used: HashMap::new(),
        open_labels,
    };
    let lines: Vec<&str> = text.split('\n').collect();
    let mut start = 0;
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1).copied().unwrap_or_default();
        finder.line(
            line,
            next,
            start,
            first_line + u32::try_from(at).unwrap_or(0),
        );
        start += line.len() + 1;
    }
    finder.fields
}

struct Finder<'a> {
    id: &'a str,
    fields: Vec<Field>,
    section: String,
    used: HashMap<String, u32>,
    open_labels: bool,
}

impl Finder<'_> {
    fn line(&mut self, line: &str, next: &str, start: usize, number: u32) {
        if is_underline(line) {
            return;
        }
        if let Some(heading) = section(line, next) {
            self.section = heading;
            if !BLANK.as_ref().is_some_and(|b| b.is_match(line)) {
                return;
            }
        }
        let (label, rest_at) = label(line);
        let rest = line.get(rest_at..).unwrap_or_default();
        if self.boxes(&label, line, rest_at, start, number) {
            return;
        }
        let before = self.fields.len();
        self.blanks(&label, line, rest_at, start, number);
        if self.fields.len() > before || !self.open_labels {
            return;
        }
        if rest.trim().is_empty() && rest_at > 0 {
            let end = start + line.trim_end().len();
            self.push(label, (end, end), Vec::new(), number);
        } else if rest_at > 0
            && let Some(choices) = slashes(rest)
        {
            let from = start + rest_at + (rest.len() - rest.trim_start().len());
            self.push(
                label,
                (from, start + line.trim_end().len()),
                choices,
                number,
            );
        } else if matches!(line.trim(), "-" | "*" | "- [ ]" | "1." | "- [ ] ") {
            let end = start + line.trim_end().len();
            let label = self.section.clone();
            self.push(label, (end, end), Vec::new(), number);
        }
    }

    /// A row of boxes after a label: one field with choices.
    fn boxes(
        &mut self,
        label: &str,
        line: &str,
        rest_at: usize,
        start: usize,
        number: u32,
    ) -> bool {
        let Some(pattern) = BOX.as_ref() else {
            return false;
        };
        let rest = line.get(rest_at..).unwrap_or_default();
        let found: Vec<_> = pattern.captures_iter(rest).collect();
        if rest_at == 0 || found.is_empty() || !rest.trim_start().starts_with(['[', '☐', '□', '☑'])
        {
            return false;
        }
        let choices: Vec<FieldChoice> = found
            .iter()
            .map(|c| FieldChoice {
                text: c.name("text").map_or("", |t| t.as_str()).trim().to_owned(),
                tick_at: c.name("in").map(|m| start + rest_at + m.start()),
            })
            .collect();
        if choices.iter().all(|c| c.text.is_empty()) || (choices.len() == 1 && !self.open_labels) {
            return false;
        }
        let whole = found
            .first()
            .zip(found.last())
            .and_then(|(a, b)| Some((a.get(0)?.start(), b.get(0)?.end())));
        let Some((from, to)) = whole else {
            return false;
        };
        let to = rest.get(..to).map_or(to, |t| t.trim_end().len());
        self.push(
            label.to_owned(),
            (start + rest_at + from, start + rest_at + to),
            choices,
            number,
        );
        true
    }

    fn blanks(&mut self, label: &str, line: &str, rest_at: usize, start: usize, number: u32) {
        let Some(pattern) = BLANK.as_ref() else {
            return;
        };
        let found: Vec<_> = pattern.captures_iter(line).collect();
        let alone = found.len() == 1;
        for captures in found {
            let Some(whole) = captures.get(0) else {
                continue;
            };
            let spelling = whole.as_str();
            let after = line.get(whole.end()..).unwrap_or_default();
            let before = line.get(..whole.start()).unwrap_or_default();
            if captures.name("bracket").is_some()
                && (is_box(spelling, before) || after.starts_with('('))
            {
                continue;
            }
            // In a form the label says what is asked; in a sentence the blank itself does.
            let inside = spelling.trim_matches(['[', ']', '{', '}', '<', '>', '%', ' ']);
            let ruled = captures.name("rule").is_some();
            let name = if whole.start() >= rest_at && rest_at > 0 && (alone || ruled) {
                label.to_owned()
            } else if ruled {
                plain(line.get(..whole.start()).unwrap_or_default())
                    .trim_end_matches([':', ' ', '`', '('])
                    .to_owned()
            } else {
                inside.to_owned()
            };
            let choices = if captures.name("bracket").is_some() {
                slashes(inside).unwrap_or_default()
            } else {
                Vec::new()
            };
            self.push(
                name,
                (start + whole.start(), start + whole.end()),
                choices,
                number,
            );
        }
    }

    fn push(&mut self, label: String, blank: (usize, usize), choices: Vec<FieldChoice>, line: u32) {
        let base = format!("{}/{}/{}", self.id, slug(&self.section), slug(&label));
        let count = self.used.entry(base.clone()).or_insert(0);
        *count += 1;
        let id = FieldId::new(format!("{base}/{count}"));
        self.fields.push(Field {
            id,
            section: self.section.clone(),
            label,
            blank,
            choices,
            line,
        });
    }
}

fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}

/// The heading that a line is: underlined, with hashes, or a numbered bold lead.
fn section(line: &str, next: &str) -> Option<String> {
    let text = line.trim();
    if text.is_empty() {
        return None;
    }
    if text.starts_with('#') {
        return Some(plain(text.trim_start_matches('#')));
    }
    if is_underline(next) && !text.contains(':') {
        return Some(plain(text));
    }
    let body =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | ' '));
    let lead = super::inline::lead(body)?;
    (lead.rest.is_empty() && !lead.colon).then_some(lead.label)
}

/// The label before the colon, and where the rest of the line begins. `Date/Time:` is one;
/// a sentence is not.
fn label(line: &str) -> (String, usize) {
    let indent = line.len() - line.trim_start().len();
    let mut at = indent;
    for marker in ["- [ ] ", "- ", "* ", "• ", "| "] {
        if line.get(at..).is_some_and(|t| t.starts_with(marker)) {
            at += marker.len();
            break;
        }
    }
    let body = line.get(at..).unwrap_or_default();
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && body.get(digits..).is_some_and(|t| t.starts_with(". ")) {
        at += digits + 2;
    }
    let body = line.get(at..).unwrap_or_default();
    let Some(colon) = body.find([':', '：']) else {
        return (String::new(), 0);
    };
    let name = body.get(..colon).unwrap_or_default();
    let width = if body.get(colon..).is_some_and(|t| t.starts_with('：')) {
        '：'.len_utf8()
    } else {
        1
    };
    let end = colon + width;
    // The colon may stand inside the bold part.
    let stars = body
        .get(end..)
        .map_or(0, |t| if t.starts_with("**") { 2 } else { 0 });
    let clock = body
        .get(end..)
        .is_some_and(|t| t.starts_with("MM") || t.starts_with("//"));
    let name = plain(
        name.trim_start_matches(['#', ' '])
            .trim_start_matches("**")
            .trim_end_matches("**"),
    );
    if name.is_empty() || name.chars().count() > 60 || clock || name.contains(['[', '{']) {
        return (String::new(), 0);
    }
    (name, at + end + stars)
}

/// A box to tick, and no blank: `- [X] done`, but not `for [X] hours`.
fn is_box(spelling: &str, before: &str) -> bool {
    let first = before
        .trim_matches([' ', '-', '*', '+', '•', '\t'])
        .is_empty()
        && !before.is_empty();
    (matches!(spelling, "[x]" | "[X]") && first)
        || spelling.trim_matches(['[', ']', '^', ' ']).is_empty()
}

/// `P1 / P2 / P3`, `Yes/No`: short words to choose from, without boxes.
fn slashes(text: &str) -> Option<Vec<FieldChoice>> {
    let text = text
        .split(" - ")
        .next()
        .unwrap_or(text)
        .trim()
        .trim_matches('`');
    if text.contains("//") || text.contains("http") {
        return None;
    }
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let short =
        |p: &&str| !p.is_empty() && p.chars().count() <= 24 && p.split_whitespace().count() <= 3;
    if parts.len() < 2
        || !parts.iter().all(short)
        || parts.concat().bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    Some(
        parts
            .into_iter()
            .map(|p| FieldChoice {
                text: p.to_owned(),
                tick_at: None,
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(fields: &[Field]) -> Vec<String> {
        fields
            .iter()
            .map(|f| format!("{}|{}", f.section, f.label))
            .collect()
    }

    #[test]
    fn a_form_with_sections_and_choices() {
        let text = "LOG\n===\n\nNumber: ____\nLevel: [ ] A  [ ] B b\n\nWHAT\n----\nStarted: _____\nSigned: ___\nSigned: ___";
        let fields = find("log", text, 10, true);
        assert_eq!(
            labels(&fields),
            [
                "LOG|Number",
                "LOG|Level",
                "WHAT|Started",
                "WHAT|Signed",
                "WHAT|Signed"
            ]
        );
        assert_eq!(&text[fields[0].blank.0..fields[0].blank.1], "____");
        assert_eq!(
            &text[fields[1].blank.0..fields[1].blank.1],
            "[ ] A  [ ] B b"
        );
        let tick = fields[1].choices[1].tick_at.expect("a box");
        assert_eq!(&text[tick - 1..tick + 2], "[ ]");
        assert_eq!(fields[2].line, 18);
        assert_ne!(fields[3].id, fields[4].id);
    }

    #[test]
    fn a_document_with_blanks_of_many_kinds() {
        let text = "# Report [Date]\n- Length:\n- **HH:MM** - Start\n**Level:** P1 / P2\n- Lost: Yes/No - {details}\n## Well\n-\n- [ ]\n[text](https://x.y)";
        let fields = find("pm", text, 1, true);
        let got: Vec<(&str, &str)> = fields
            .iter()
            .map(|f| (f.label.as_str(), &text[f.blank.0..f.blank.1]))
            .collect();
        assert_eq!(
            got,
            [
                ("Date", "[Date]"),
                ("Length", ""),
                ("HH:MM", "HH:MM"),
                ("Level", "P1 / P2"),
                ("Lost", "{details}"),
                ("Well", ""),
                ("Well", "")
            ]
        );
    }

    #[test]
    fn a_message_has_only_its_blanks() {
        let text =
            "Subject: [X] broken\n\nLevel: [P0/P1]\nNext:\n- go on for [X] hours, see [log](u)";
        let fields = find("m", text, 1, false);
        let spelled: Vec<&str> = fields.iter().map(|f| &text[f.blank.0..f.blank.1]).collect();
        assert_eq!(spelled, ["[X]", "[P0/P1]", "[X]"]);
        assert_eq!(fields[1].choices.len(), 2);
    }
}
