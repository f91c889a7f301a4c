//! Lines for a reader at a terminal: indented, cut to a width, with a note at the right end.
//!
//! Plain text; what is cut ends in `…`, and no control character comes through.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The widest line.
pub const WIDTH: usize = 100;

/// What was laid out so far.
#[derive(Default)]
pub struct Page {
    /// Its lines.
    pub text: String,
}

impl Page {
    /// A line at the margin, after an empty one.
    pub fn heading(&mut self, text: &str) {
        self.text.push('\n');
        self.line(0, text);
    }

    /// One line, indented by `depth` times two columns and cut to the width.
    pub fn line(&mut self, depth: usize, text: &str) {
        let indent = depth * 2;
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(&cut(text, WIDTH.saturating_sub(indent)));
        self.text.push('\n');
    }

    /// A line with a note at its right end; the text is cut before the note is.
    pub fn noted(&mut self, depth: usize, text: &str, note: &str) {
        if note.is_empty() {
            return self.line(depth, text);
        }
        let indent = depth * 2;
        let note = cut(note, WIDTH / 2);
        let room = WIDTH.saturating_sub(indent + note.width() + 2);
        let text = cut(text, room);
        let gap = room.saturating_sub(text.width()) + 2;
        for part in [&" ".repeat(indent), &text, &" ".repeat(gap), &note] {
            self.text.push_str(part);
        }
        self.text.push('\n');
    }

    /// Words over as many lines as they take.
    pub fn wrapped(&mut self, depth: usize, text: &str) {
        let room = WIDTH.saturating_sub(depth * 2);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                self.line(depth, &std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(depth, &line);
        }
    }
}

/// The first line of a text, without control characters, in so many columns.
pub fn cut(text: &str, columns: usize) -> String {
    let mut lines = text
        .lines()
        .map(str::trim_end)
        .filter(|l| !l.trim().is_empty());
    let first: String = lines
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    let more = lines.next().is_some();
    if first.width() + usize::from(more) * 2 <= columns {
        return if more { format!("{first} …") } else { first };
    }
    let mut out = String::new();
    let mut used = 0;
    for c in first.chars() {
        used += c.width().unwrap_or(0);
        if used >= columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}
