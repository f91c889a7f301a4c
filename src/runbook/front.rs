//! Front matter: what an author states about the plan before it begins.
//!
//! YAML between `---` lines or TOML between `+++` lines. Ours is nested under `backout:`; the rest
//! are facts. The values come without their places, so that a place is looked up in the lines when
//! it is needed. What is said is put into the plan by [`super::stated`].

use crate::domain::plan::Span;
use serde_json::{Map, Value};

/// What front matter says, if there is any.
#[derive(Default)]
pub struct Front {
    /// Number of lines that it takes.
    pub lines: usize,
    /// What it says, as one tree.
    pub values: Map<String, Value>,
    /// Why it could not be read, with line and column.
    pub problem: Option<(u32, u32, String)>,
    /// Its lines, the marks apart.
    text: Vec<String>,
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Front {
    /// The line and the column at which the last of some keys stands, each below the one before;
    /// of those that can be found.
    #[must_use]
    pub fn place(&self, path: &[&str]) -> (u32, u32) {
        let mut place = (1, 1);
        let (mut line, mut from, mut end) = (0, 0, self.text.len());
        for key in path {
            let found = (line..end).find_map(|n| {
                let text = self.text.get(n)?;
                let start = if n == line { from } else { 0 };
                Some((n, start + key_in(text.get(start..)?, key)?))
            });
            let Some((n, at)) = found else { break };
            let text = self.text.get(n).map_or("", String::as_str);
            let before = text.get(..at).unwrap_or_default();
            place = (number(n + 2), number(before.chars().count() + 1));
            if !before.trim_start().starts_with('[') {
                end = end.min(self.block_end(n));
            }
            (line, from) = (n, at + key.len());
        }
        place
    }

    /// The span of the line at which a key stands.
    #[must_use]
    pub fn span(&self, path: &[&str]) -> Span {
        let (line, _) = self.place(path);
        Span {
            first: line,
            last: line,
        }
    }

    /// Where the lines end that are indented deeper than this one; TOML has tables instead.
    fn block_end(&self, line: usize) -> usize {
        let indent = |text: &str| text.len() - text.trim_start().len();
        let own = self.text.get(line).map_or(0, |t| indent(t));
        let goes_on = |t: &String| {
            t.trim().is_empty() || indent(t) > own || t.trim_start().starts_with(['-', '}', ']'])
        };
        let more = self.text.iter().skip(line + 1).take_while(|t| goes_on(t));
        line + 1 + more.count()
    }
}

/// The byte at which a key stands in a line: before a colon, an equals sign, or in a table's name.
fn key_in(text: &str, key: &str) -> Option<usize> {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(key).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).and_then(|t| t.chars().next_back());
        let after = text.get(at + key.len()..).unwrap_or_default();
        let after = after.trim_start_matches(['"', '\'']).trim_start();
        !before.is_some_and(name) && after.starts_with([':', '=', ']', '.'])
    })
}

/// The line and the column of a byte of a text, from 1.
fn at_byte(text: &str, byte: usize) -> (u32, u32) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    (number(line + 1), number(column + 1))
}

/// Reads the front matter of a document.
#[must_use]
pub fn read(lines: &[&str]) -> Front {
    let Some(fence) = lines
        .first()
        .map(|l| l.trim_end())
        .filter(|l| matches!(*l, "---" | "+++"))
    else {
        return Front::default();
    };
    let Some(end) = lines
        .iter()
        .skip(1)
        .take(500)
        .position(|l| l.trim_end() == fence)
    else {
        return Front::default();
    };
    let body = lines.get(1..=end).unwrap_or_default().join("\n");
    let parsed = if fence == "+++" {
        toml::from_str::<Value>(&body).map_err(|e| {
            let (line, column) = at_byte(&body, e.span().map_or(0, |s| s.start));
            (line + 1, column, e.message().to_owned())
        })
    } else {
        serde_saphyr::from_str::<Value>(&body).map_err(|e| {
            let place = e.location();
            let of = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let line = place.map_or(1, |l| of(l.line()).saturating_add(1));
            let column = place.map_or(1, |l| of(l.column()).max(1));
            let message = e.to_string();
            (
                line,
                column,
                message.lines().next().unwrap_or_default().to_owned(),
            )
        })
    };
    let text: Vec<String> = body.lines().map(str::to_owned).collect();
    // A rule, prose and another rule at the top of a document are not front matter.
    let prose = body
        .lines()
        .any(|l| l.starts_with('#') && l.contains("# ") && !l.contains(':'));
    match parsed {
        Ok(Value::Object(values)) => Front {
            lines: end + 2,
            values,
            problem: None,
            text,
        },
        Ok(Value::Null) if body.trim().is_empty() => Front {
            lines: end + 2,
            ..Front::default()
        },
        // What cannot be read stays in the document, where it can be seen.
        Err(problem) if !prose && body.contains(':') => Front {
            problem: Some(problem),
            ..Front::default()
        },
        _ => Front::default(),
    }
}
