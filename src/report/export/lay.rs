//! Laying out: tables, fences, escapes, and control characters written out.

use unicode_width::UnicodeWidthStr as _;

/// A table of text, columns in line; a cell's further lines are joined.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
    let all: Vec<Vec<String>> = std::iter::once(head)
        .chain(rows.iter().map(|r| r.iter().map(|c| one_line(c)).collect()))
        .collect();
    let width = |column: usize| {
        all.iter()
            .filter_map(|r| r.get(column))
            .map(|c| c.width())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A Markdown table.
pub(super) fn markdown_table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!(
        "| {} |\n|{}\n",
        header.join(" | "),
        "---|".repeat(header.len())
    );
    for row in rows {
        text.push_str("| ");
        text.push_str(&row.join(" | "));
        text.push_str(" |\n");
    }
    text
}

/// The lines of a text as one.
pub(super) fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    lines.join(" ⏎ ")
}

/// Text that Markdown shows as it is, also in a cell of a table.
pub(super) fn cell(text: &str) -> String {
    let lines: Vec<String> = text.trim().lines().map(escape).collect();
    lines.join("<br>")
}

fn escape(line: &str) -> String {
    let mut text = String::with_capacity(line.len() + 8);
    for c in line.chars() {
        match c {
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '>' => {
                text.push('\\');
                text.push(c);
            }
            _ => text.push(c),
        }
    }
    text
}

/// A command in a cell: its ticks are longer than any in it, its bars do not end the cell.
pub(super) fn code_cell(code: &str) -> String {
    let code = one_line(code).replace('|', "\\|");
    if code.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&code) + 1);
    let pad = if code.starts_with('`') || code.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{code}{pad}{ticks}")
}

/// A fence that no content can close.
pub(super) fn fence(lang: &str, content: &str) -> String {
    let ticks = "`".repeat(longest_run(content).max(2) + 1);
    let end = if content.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{lang}\n{content}{end}{ticks}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Control characters and those that turn the direction of a text, written out; line ends and
/// tabs stay.
pub(super) fn written_out(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => safe.push(c),
            '\r' => {}
            '\0'..='\x1f' => {
                safe.push('^');
                safe.push(char::from(u8::try_from(u32::from(c)).unwrap_or(0) ^ 0x40));
            }
            '\u{7f}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                safe.extend(c.escape_unicode());
            }
            _ => safe.push(c),
        }
    }
    safe
}
