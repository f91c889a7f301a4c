//! Output that could not be written: kept in memory until there is room again, up to a limit, and
//! what is beyond it counted as lost. Where a gap remains, a line in the evidence says so, at its
//! place.
//!
//! The reader adds, the engine writes; nothing overtakes. While there is something here, the
//! reader writes nothing itself.

use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::{self, Write};

/// Most that is kept.
const MOST: usize = 4 << 20;

/// When and why bytes were lost for the first time.
#[derive(Clone, Debug)]
pub(super) struct Loss {
    pub since: DateTime<Utc>,
    pub why: String,
}

/// What waits to be written.
#[derive(Default, Debug)]
pub(super) struct Backlog {
    waiting: Vec<u8>,
    /// Lost behind what waits, so that nothing after it may be kept before the gap is said.
    gap: u64,
    since: Option<DateTime<Utc>>,
    why: String,
    /// All that is lost.
    lost: u64,
    loss: Option<Loss>,
}

impl Backlog {
    /// Writing has failed; from now on everything goes through here.
    pub(super) fn begin(&mut self, error: &io::Error) {
        self.since.get_or_insert_with(Utc::now);
        self.why = words(error);
    }

    /// Since when writing fails, if it does.
    pub(super) fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// Why it failed the last time.
    pub(super) fn why(&self) -> &str {
        &self.why
    }

    /// Bytes that wait.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// Bytes that are lost, in all.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// When and why they were lost.
    pub(super) fn loss(&self) -> Option<&Loss> {
        self.loss.as_ref()
    }

    /// Takes what the terminal gave.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let room = match self.gap {
            0 => MOST.saturating_sub(self.waiting.len()).min(bytes.len()),
            _ => 0,
        };
        let (kept, rest) = bytes.split_at(room);
        self.waiting.extend_from_slice(kept);
        if !rest.is_empty() {
            self.lose(rest.len() as u64);
            self.gap += rest.len() as u64;
        }
    }

    /// Writes at most so many bytes; gives bytes and newlines that are in the file now. When
    /// nothing is left the backlog is over.
    pub(super) fn write(&mut self, output: &mut File, at_most: u64) -> (u64, u64) {
        let (mut done, mut lines) = (0, 0);
        loop {
            if self.waiting.is_empty() && self.gap > 0 {
                self.waiting = self.notice().into_bytes();
                self.gap = 0;
            }
            if self.waiting.is_empty() {
                self.since = None;
                return (done, lines);
            }
            let room = usize::try_from(at_most - done).unwrap_or(usize::MAX);
            let piece = self.waiting.get(..room).unwrap_or(&self.waiting);
            if piece.is_empty() {
                return (done, lines);
            }
            match output.write(piece) {
                Ok(size) => {
                    let size = size.min(self.waiting.len());
                    let written = self.waiting.drain(..size);
                    lines += written.filter(|byte| *byte == b'\n').count() as u64;
                    done += size as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.why = words(&error);
                    return (done, lines);
                }
            }
        }
    }

    /// Gives up what waits: the result says so and is on disk.
    pub(super) fn give_up(&mut self) {
        let waiting = self.waiting();
        if waiting > 0 {
            self.lose(waiting);
            self.gap += waiting;
        }
        self.waiting = Vec::new();
    }

    fn lose(&mut self, bytes: u64) {
        self.lost += bytes;
        self.loss.get_or_insert_with(|| Loss {
            since: self.since.unwrap_or_else(Utc::now),
            why: self.why.clone(),
        });
    }

    /// The line in the place of what is missing.
    fn notice(&self) -> String {
        let since = self.since.unwrap_or_else(Utc::now).format("%H:%M:%S");
        let until = Utc::now().format("%H:%M:%S");
        format!(
            "\r\n[backout: {} bytes of output are missing here; {since} to {until} UTC: {}]\r\n",
            self.gap, self.why
        )
    }
}

/// An error without the number that only a programmer can use.
pub(super) fn words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn full() -> io::Error {
        io::Error::from_raw_os_error(libc::ENOSPC)
    }

    #[test]
    fn what_waited_is_written_in_order_and_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("output");
        let mut output = File::create(&path).unwrap();
        let mut backlog = Backlog::default();
        backlog.begin(&full());
        backlog.add(b"one\n");
        backlog.add(b"two\n");
        assert_eq!(backlog.write(&mut output, 5), (5, 1));
        assert!(backlog.since().is_some());
        assert_eq!(backlog.write(&mut output, 100), (3, 1));
        assert_eq!((backlog.since(), backlog.lost()), (None, 0));
        assert_eq!(fs::read(&path).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn beyond_the_limit_there_is_a_gap_that_says_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("output");
        let mut output = File::create(&path).unwrap();
        let mut backlog = Backlog::default();
        backlog.begin(&full());
        backlog.add(&vec![b'x'; MOST]);
        backlog.add(b"lost");
        backlog.add(b"and this");
        assert_eq!((backlog.waiting(), backlog.lost()), (MOST as u64, 12));
        backlog.write(&mut output, u64::MAX);
        assert!(backlog.since().is_none());
        let text = fs::read_to_string(&path).unwrap();
        let notice = text.trim_start_matches('x').trim();
        assert!(notice.starts_with("[backout: 12 bytes of output are missing here;"));
        assert!(
            notice.ends_with("UTC: No space left on device]"),
            "{notice}"
        );
        assert_eq!(backlog.loss().unwrap().why, "No space left on device");
    }

    #[test]
    fn what_is_given_up_is_lost_and_what_comes_after_it_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("output");
        let mut output = File::create(&path).unwrap();
        let mut backlog = Backlog::default();
        backlog.begin(&full());
        backlog.add(b"never");
        backlog.give_up();
        backlog.add(b"seen");
        assert_eq!((backlog.waiting(), backlog.lost()), (0, 9));
        backlog.write(&mut output, u64::MAX);
        assert!(fs::read_to_string(&path).unwrap().contains("9 bytes"));
    }
}
