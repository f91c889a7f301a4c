//! What was typed while the echo was off: kept in memory only, so that it can be left out of the
//! shell state that is carried on.
//!
//! The keys are in memory that supervisor and holder share: a password must not come to light
//! because the supervisor was killed after it was typed.

use super::memory::Log;
use std::io;

/// Keys that were typed while the echo was off.
pub(super) struct Hidden {
    keys: Log,
}

impl Hidden {
    /// Nothing yet, to be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        Log::new().map(|keys| Self { keys })
    }

    /// Takes what is typed, before it goes to the terminal.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.keys.add(bytes);
    }

    /// More was typed than is remembered, so that nobody can say what to leave out.
    pub(super) fn overflowed(&self) -> bool {
        self.keys.overflowed()
    }

    /// The lines so far, as the terminal edits them, each with a name that no variable has.
    pub(super) fn lines(&self) -> Vec<(String, String)> {
        let named = |line| ("typed without echo".to_owned(), line);
        lines(self.keys.bytes()).into_iter().map(named).collect()
    }
}

fn lines(keys: &[u8]) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    for key in keys {
        match key {
            b'\r' | b'\n' | 4 => {
                if let Ok(text) = String::from_utf8(std::mem::take(&mut line))
                    && !text.is_empty()
                {
                    lines.push(text);
                }
            }
            8 | 0x7f => drop(line.pop()),
            0x15 => line.clear(),
            other => line.push(*other),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_line_is_what_the_terminal_makes_of_the_keys() {
        let mut hidden = Hidden::new().unwrap();
        hidden.add(b"wrong\x15hunterX");
        hidden.add(b"\x7f2000\r\nhalf");
        let lines: Vec<String> = hidden.lines().into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines, ["hunter2000"]);
        assert!(!hidden.overflowed());
    }

    #[test]
    fn more_than_is_remembered_is_known_to_be_more() {
        let mut hidden = Hidden::new().unwrap();
        hidden.add(&vec![b'x'; 20_000]);
        hidden.add(b"yz\r");
        assert!(hidden.overflowed());
        assert!(hidden.lines().is_empty());
    }
}
