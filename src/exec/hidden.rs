//! What was typed while the echo was off: kept in memory only, so that it can be left out of the
//! shell state that is carried on.
//!
//! The keys are in memory that supervisor and holder share: a password must not come to light
//! because the supervisor was killed after it was typed.

use super::memory;
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Most keys that are remembered.
const MOST: usize = 16 * 1024;

#[repr(C)]
struct Page {
    /// How many keys were typed, also those that have no room.
    typed: AtomicU64,
    keys: [u8; MOST],
}

/// Keys that were typed while the echo was off.
pub(super) struct Hidden {
    page: NonNull<Page>,
}

// SAFETY: within a process the page is owned by this value alone, and the other process reads it
// only after this one has died.
#[allow(unsafe_code)]
unsafe impl Send for Hidden {}

impl Hidden {
    /// Nothing yet, to be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        memory::shared().map(|page| Self { page })
    }

    #[allow(unsafe_code)]
    fn page(&self) -> &Page {
        // SAFETY: the mapping holds a `Page`, for which all bit patterns are valid, for ever.
        unsafe { self.page.as_ref() }
    }

    #[allow(unsafe_code)]
    fn keys_mut(&mut self) -> &mut [u8; MOST] {
        // SAFETY: as above; `&mut self` makes this the only reference into the keys.
        unsafe { &mut self.page.as_mut().keys }
    }

    /// Takes what is typed, before it goes to the terminal.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let before = self.page().typed.load(SeqCst);
        let at = usize::try_from(before).unwrap_or(MOST).min(MOST);
        let places = self.keys_mut().iter_mut().skip(at);
        for (place, byte) in places.zip(bytes) {
            *place = *byte;
        }
        let typed = before.saturating_add(bytes.len() as u64);
        self.page().typed.store(typed, SeqCst);
    }

    /// More was typed than is remembered, so that nobody can say what to leave out.
    pub(super) fn overflowed(&self) -> bool {
        self.page().typed.load(SeqCst) > MOST as u64
    }

    /// The lines so far, as the terminal edits them, each with a name that no variable has.
    pub(super) fn lines(&self) -> Vec<(String, String)> {
        let typed = usize::try_from(self.page().typed.load(SeqCst)).unwrap_or(MOST);
        let keys = self.page().keys.get(..typed.min(MOST)).unwrap_or_default();
        let named = |line| ("typed without echo".to_owned(), line);
        lines(keys).into_iter().map(named).collect()
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
        hidden.add(&[b'x'; MOST - 1]);
        assert!(!hidden.overflowed());
        hidden.add(b"yz\r");
        assert!(hidden.overflowed());
        assert!(hidden.lines().is_empty());
    }
}
