//! Output that could not be written: kept in memory until there is room again, up to a limit, and
//! what is beyond it counted as lost. Where a gap remains, a line in the evidence says so, at its
//! place.
//!
//! The reader adds, the engine writes; nothing overtakes. While there is something here, the
//! reader writes nothing itself. Supervisor and holder share the memory: if the supervisor is
//! killed while the disk is full, the holder goes on with what waited and with the count of what
//! is lost.
//!
//! What a dead process had written and not noted is told by the length of the evidence, of which
//! what waits is always the continuation.

use super::memory::{Shared, Twice};
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

/// A moment and the number of an error; zeroes where there is none.
#[derive(Clone, Copy)]
#[repr(C)]
struct Failure {
    /// Microseconds since 1970.
    at: i64,
    errno: i32,
}

/// What is known. Offsets are in the evidence, as it is when all that waits is written.
#[derive(Clone, Copy)]
#[repr(C)]
struct State {
    /// Since when writing fails, if it does, and why it failed the last time.
    trouble: Failure,
    /// Where the first byte that waits belongs.
    front: u64,
    /// Where the byte after the last one that waits belongs.
    end: u64,
    /// Lost behind what waits, so that nothing after it may be kept before the gap is said.
    gap: u64,
    /// All that is lost.
    lost: u64,
    loss: Failure,
    /// Bytes of gaps that were said, which the evidence does not have.
    left_out: u64,
    /// Bytes that say it, which the terminal did not give.
    said: u64,
}

#[repr(C)]
struct Page {
    state: Twice<State>,
    /// What waits, each byte at its offset, around.
    bytes: [u8; MOST],
}

/// What waits to be written.
pub(super) struct Backlog {
    page: Shared<Page>,
}

impl Backlog {
    /// Nothing waits; to be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        Shared::new().map(|page| Self { page })
    }

    fn state(&self) -> State {
        self.page.state.get()
    }

    fn change(&mut self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        self.page.state.set(state);
    }

    /// How much of what the terminal gave is in an evidence that is `written` long, waits here or
    /// is lost; for whoever takes the place of a process that was killed.
    pub(super) fn resume(&mut self, written: u64) -> u64 {
        self.change(|state| {
            if !state.trouble.is_none() {
                state.front = written.clamp(state.front, state.end);
            }
        });
        let state = self.state();
        let known = match state.trouble.moment() {
            None => written,
            Some(_) => state.end + state.gap,
        };
        (known + state.left_out).saturating_sub(state.said)
    }

    /// Writing has failed where the evidence has `written` bytes; from now on everything goes
    /// through here.
    pub(super) fn begin(&mut self, error: &io::Error, written: u64) {
        self.change(|state| {
            if state.trouble.is_none() {
                state.trouble = Failure::now(error);
                (state.front, state.end) = (written, written);
            }
            state.trouble.errno = errno(error);
        });
    }

    /// Since when writing fails, if it does.
    pub(super) fn since(&self) -> Option<DateTime<Utc>> {
        self.state().trouble.moment()
    }

    /// Why it failed the last time.
    pub(super) fn why(&self) -> String {
        self.state().trouble.why()
    }

    /// Bytes that wait.
    pub(super) fn waiting(&self) -> u64 {
        self.state().waiting()
    }

    /// Bytes that are lost, in all.
    pub(super) fn lost(&self) -> u64 {
        self.state().lost
    }

    /// When and why they were lost.
    pub(super) fn loss(&self) -> Option<Loss> {
        let loss = self.state().loss;
        let why = loss.why();
        loss.moment().map(|since| Loss { since, why })
    }

    /// Takes what the terminal gave.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let state = self.state();
        let room = match state.gap {
            0 => MOST.saturating_sub(size(state.waiting())),
            _ => 0,
        };
        let (kept, rest) = bytes.split_at(room.min(bytes.len()));
        self.put(state.end, kept);
        self.change(|state| {
            state.end += kept.len() as u64;
            state.lose(rest.len() as u64);
        });
    }

    /// Lays bytes down that are not counted yet.
    fn put(&mut self, offset: u64, bytes: &[u8]) {
        let at = place(offset);
        let ring = &mut self.page.bytes;
        let (before, behind) = bytes.split_at(bytes.len().min(MOST - at));
        for (from, bytes) in [(at, before), (0, behind)] {
            if let Some(places) = ring.get_mut(from..from + bytes.len()) {
                places.copy_from_slice(bytes);
            }
        }
    }

    /// The first of what waits, as far as it stands in one piece.
    fn piece(&self) -> &[u8] {
        let state = self.state();
        let at = place(state.front);
        let length = size(state.waiting()).min(MOST - at);
        let bytes = self.page.bytes.get(at..at + length);
        bytes.unwrap_or_default()
    }

    /// Writes at most so many bytes; gives bytes and newlines that are in the file now. When
    /// nothing is left the backlog is over.
    pub(super) fn write(&mut self, output: &mut File, at_most: u64) -> (u64, u64) {
        let (mut done, mut lines) = (0, 0);
        loop {
            let state = self.state();
            if state.waiting() == 0 && state.gap > 0 {
                self.say_the_gap();
            }
            let piece = self.piece();
            if piece.is_empty() {
                self.change(|state| state.trouble = Failure::NONE);
                return (done, lines);
            }
            let piece = piece.get(..size(at_most - done)).unwrap_or(piece);
            if piece.is_empty() {
                return (done, lines);
            }
            match output.write(piece) {
                Ok(written) => {
                    let written = piece.get(..written).unwrap_or(piece);
                    lines += memchr::memchr_iter(b'\n', written).count() as u64;
                    let length = written.len() as u64;
                    done += length;
                    self.change(|state| state.front += length);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.change(|state| state.trouble.errno = errno(&error));
                    return (done, lines);
                }
            }
        }
    }

    /// Gives up what waits: the result says so and is on disk.
    pub(super) fn give_up(&mut self) {
        self.change(|state| {
            let waiting = state.waiting();
            state.end = state.front;
            state.lose(waiting);
        });
    }

    /// Puts the line that says the gap in its place.
    fn say_the_gap(&mut self) {
        let state = self.state();
        let since = self.since().unwrap_or_else(Utc::now).format("%H:%M:%S");
        let until = Utc::now().format("%H:%M:%S");
        let line = format!(
            "\r\n[backout: {} bytes of output are missing here; {since} to {until} UTC: {}]\r\n",
            state.gap,
            self.why()
        );
        self.put(state.end, line.as_bytes());
        self.change(|state| {
            let length = line.len() as u64;
            state.end += length;
            state.said += length;
            state.left_out += state.gap;
            state.gap = 0;
        });
    }
}

impl State {
    fn waiting(&self) -> u64 {
        self.end - self.front
    }

    fn lose(&mut self, bytes: u64) {
        if bytes == 0 {
            return;
        }
        self.lost += bytes;
        self.gap += bytes;
        if self.loss.is_none() {
            self.loss = self.trouble;
        }
    }
}

impl Failure {
    const NONE: Self = Self { at: 0, errno: 0 };

    fn now(error: &io::Error) -> Self {
        Self {
            at: Utc::now().timestamp_micros(),
            errno: errno(error),
        }
    }

    fn is_none(self) -> bool {
        self.at == 0
    }

    fn moment(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.at).filter(|_| !self.is_none())
    }

    fn why(self) -> String {
        match self.errno {
            0 => String::new(),
            number => words(&io::Error::from_raw_os_error(number)),
        }
    }
}

fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Where a byte of the evidence stands while it waits.
fn place(offset: u64) -> usize {
    size(offset % MOST as u64)
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

    fn none() -> Backlog {
        Backlog::new().unwrap()
    }

    fn full() -> io::Error {
        io::Error::from_raw_os_error(libc::ENOSPC)
    }

    #[test]
    fn what_waited_is_written_in_order_and_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("output");
        let mut output = File::create(&path).unwrap();
        let mut backlog = none();
        backlog.begin(&full(), 0);
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
        let mut backlog = none();
        backlog.begin(&full(), 0);
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
        let mut backlog = none();
        backlog.begin(&full(), 0);
        backlog.add(b"never");
        backlog.give_up();
        backlog.add(b"seen");
        assert_eq!((backlog.waiting(), backlog.lost()), (0, 9));
        backlog.write(&mut output, u64::MAX);
        assert!(fs::read_to_string(&path).unwrap().contains("9 bytes"));
    }

    #[test]
    fn who_takes_over_goes_on_where_the_dead_one_was_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("output");
        let mut output = File::options()
            .append(true)
            .create(true)
            .open(&path)
            .unwrap();
        let mut backlog = none();
        assert_eq!(backlog.resume(0), 0, "nobody was there before");
        output.write_all(b"in the file;").unwrap();
        assert_eq!(backlog.resume(12), 12, "no trouble");
        backlog.begin(&full(), 12);
        assert_eq!(backlog.resume(12), 12, "begun, and nothing added");
        backlog.add(b"what waits;");
        // Written, and killed before that was noted.
        output.write_all(b"what ").unwrap();
        assert_eq!(backlog.resume(17), 23);
        assert_eq!(backlog.waiting(), 6);
        backlog.add(&vec![b'x'; MOST]);
        assert_eq!((backlog.lost(), backlog.resume(17)), (6, 23 + MOST as u64));
        backlog.write(&mut output, u64::MAX);
        assert!(backlog.since().is_none());
        let length = output.metadata().unwrap().len();
        assert!(length > 23 + MOST as u64, "the gap is said");
        assert_eq!(
            backlog.resume(length),
            23 + MOST as u64,
            "it is not counted"
        );
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("in the file;what waits;xxx") && text.contains("6 bytes"));
        // Again, with what was not whole when it was laid down.
        backlog.begin(&full(), length);
        backlog.put(length, b"half");
        assert_eq!(backlog.resume(length), 23 + MOST as u64);
        assert_eq!(backlog.waiting(), 0);
    }
}
