//! A line (or a few) of text being typed, with its cursor between whole graphemes.

use unicode_segmentation::UnicodeSegmentation as _;

use super::key::Key;

/// Text being typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TextInput {
    text: String,
    cursor: usize,
}

impl TextInput {
    /// Begins with a text, the cursor at its end.
    #[must_use]
    pub fn with(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cursor: text.len(),
            text,
        }
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before and behind the cursor.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        self.text
            .split_at_checked(self.cursor)
            .unwrap_or((&self.text, ""))
    }

    /// Inserts a text at the cursor; control characters but newlines and tabs are left out.
    pub fn insert(&mut self, text: &str) {
        let clean: String = text
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    /// Takes an editing key. False where it means nothing here.
    pub fn key(&mut self, key: Key) -> bool {
        match key {
            Key::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            Key::Left => self.cursor -= self.before(),
            Key::Right => self.cursor += self.behind(),
            Key::Home | Key::Ctrl('a') => self.cursor = 0,
            Key::End | Key::Ctrl('e') => self.cursor = self.text.len(),
            Key::Backspace => {
                let start = self.cursor - self.before();
                self.text.replace_range(start..self.cursor, "");
                self.cursor = start;
            }
            Key::Delete => {
                let end = self.cursor + self.behind();
                self.text.replace_range(self.cursor..end, "");
            }
            Key::Ctrl('u') => {
                self.text.replace_range(..self.cursor, "");
                self.cursor = 0;
            }
            Key::Ctrl('w') => self.erase_word(),
            Key::Ctrl(_)
            | Key::Enter
            | Key::Esc
            | Key::Tab
            | Key::BackTab
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown => return false,
        }
        true
    }

    fn erase_word(&mut self) {
        let (before, _) = self.parts();
        let kept = before.trim_end();
        let start = kept.rfind(char::is_whitespace).map_or(0, |at| {
            at + kept
                .get(at..)
                .and_then(|s| s.chars().next())
                .map_or(1, char::len_utf8)
        });
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    /// Bytes of the grapheme before the cursor.
    fn before(&self) -> usize {
        self.parts()
            .0
            .graphemes(true)
            .next_back()
            .map_or(0, str::len)
    }

    /// Bytes of the grapheme behind the cursor.
    fn behind(&self) -> usize {
        self.parts().1.graphemes(true).next().map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_moves_by_whole_graphemes() {
        let mut input = TextInput::with("añ👩‍🚀");
        assert!(input.key(Key::Backspace));
        assert_eq!(input.text(), "añ");
        input.key(Key::Left);
        input.insert("b\u{1b}c");
        assert_eq!(input.parts(), ("abc", "ñ"));
        input.key(Key::Delete);
        assert_eq!(input.text(), "abc");
        input.insert(" two  ");
        input.key(Key::Ctrl('w'));
        assert_eq!(input.text(), "abc ");
        input.key(Key::Ctrl('u'));
        assert_eq!(input.text(), "");
        assert!(!input.key(Key::Enter));
    }
}
