//! Searching in an output: through the whole file, on a thread of its own, a slice at a time, so
//! that the first hits are there at once and a search that nobody wants any more ends.
//!
//! It searches what is shown, without the sequences that colour it. Small letters find capital ones
//! too; a capital letter in the words asks for exactly these. What reads as an error is the
//! domain's word list; here only the lines that may be one are picked out for it.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::app::output::Sought;
use crate::domain::judge;
use crate::term::without_sequences;

/// Bytes searched at a time.
const SLICE: usize = 1 << 20;

/// The most lines that are kept.
const MOST_HITS: usize = 10_000;

/// The longest words that are searched for, in bytes; slices overlap by as much.
const LONGEST: usize = 512;

/// How much of a line is looked at to tell whether it reads as an error.
const LOOKED_AT: usize = 4 * 1024;

/// What was found so far.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hits {
    /// Lines with a hit, from 0, in order.
    pub lines: Vec<u64>,
    /// What there was of the output has been searched, or as many were found as are kept.
    pub done: bool,
    /// Bytes of the output that have been searched.
    pub bytes: u64,
    /// Where to go on once there is more: the beginning of the last line, and its number.
    next: (u64, u64),
}

impl Hits {
    /// Whether there is something to search behind what was searched, in an output of so many
    /// bytes.
    #[must_use]
    pub fn is_behind(&self, bytes: u64) -> bool {
        self.done && self.bytes < bytes && self.lines.len() < MOST_HITS
    }
}

/// A search under way. Dropping it ends it.
#[derive(Debug)]
pub struct Search {
    hits: watch::Receiver<Hits>,
    unwanted: Arc<AtomicBool>,
}

impl Search {
    /// Searches the output file of an evidence directory. None where there is nothing to search
    /// for, or too much.
    #[must_use]
    pub fn start(dir: &Path, wanted: &Sought) -> Option<Self> {
        Self::start_from(dir, wanted, Hits::default())
    }

    /// The same search, from where it came to the end of an output that has grown since.
    #[must_use]
    pub fn go_on(&self, dir: &Path, wanted: &Sought) -> Option<Self> {
        Self::start_from(dir, wanted, self.hits())
    }

    fn start_from(dir: &Path, wanted: &Sought, mut so_far: Hits) -> Option<Self> {
        let pattern = pattern(wanted)?;
        so_far.done = false;
        let next = so_far.next;
        let (found, hits) = watch::channel(so_far);
        let unwanted = Arc::new(AtomicBool::new(false));
        let work = Work {
            path: dir.join("output"),
            pattern,
            errors: *wanted == Sought::Errors,
            found,
            unwanted: Arc::clone(&unwanted),
        };
        std::thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || work.search(next))
            .ok()?;
        Some(Self { hits, unwanted })
    }

    /// What was found so far.
    #[must_use]
    pub fn hits(&self) -> Hits {
        self.hits.borrow().clone()
    }

    /// A way to wait for more.
    #[must_use]
    pub fn bell(&self) -> watch::Receiver<Hits> {
        self.hits.clone()
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::Relaxed);
    }
}

/// What a hit has.
fn pattern(wanted: &Sought) -> Option<regex::bytes::Regex> {
    let (pattern, any_case) = match wanted {
        Sought::Words(words) if words.is_empty() || words.len() > LONGEST => return None,
        Sought::Words(words) => (regex::escape(words), !words.chars().any(char::is_uppercase)),
        Sought::Errors => (judge::clues().collect::<Vec<_>>().join("|"), true),
    };
    regex::bytes::RegexBuilder::new(&pattern)
        .case_insensitive(any_case)
        .build()
        .ok()
}

struct Work {
    path: PathBuf,
    pattern: regex::bytes::Regex,
    /// Only lines that read as an error are hits.
    errors: bool,
    found: watch::Sender<Hits>,
    unwanted: Arc<AtomicBool>,
}

impl Work {
    fn search(&self, from: (u64, u64)) {
        if let Ok(file) = File::open(&self.path) {
            self.go_through(&file, from);
        }
        self.found.send_modify(|hits| hits.done = true);
    }

    fn go_through(&self, file: &File, (mut offset, mut line): (u64, u64)) {
        let mut buffer = vec![0; SLICE + LONGEST];
        while !self.unwanted.load(Ordering::Relaxed) {
            let Ok(size) = fill(file, &mut buffer, offset) else {
                return;
            };
            let bytes = buffer.get(..size).unwrap_or_default();
            let is_last = size <= SLICE;
            // A slice ends with a line, unless there is none that ends in it.
            let ends = |bytes: &[u8]| memchr::memrchr(b'\n', bytes).map(|at| at + 1);
            let slice = bytes.get(..size.min(SLICE)).unwrap_or_default();
            let whole = ends(slice);
            let own = whole.filter(|_| !is_last).unwrap_or(slice.len());
            // Words across the end of a slice are looked for where no line ends there.
            let seen = whole.filter(|_| !is_last).unwrap_or(size);
            let enough = self.look(bytes.get(..seen).unwrap_or_default(), own, line);
            let lines = memchr::memchr_iter(b'\n', slice).count() as u64;
            self.found.send_modify(|hits| {
                hits.bytes = offset + own as u64;
                hits.next = (offset + whole.unwrap_or(0) as u64, line + lines);
            });
            if enough || is_last {
                return;
            }
            line += lines;
            offset += own as u64;
        }
    }

    /// Takes the hits that begin in the first `own` bytes. True when there are enough.
    fn look(&self, bytes: &[u8], own: usize, first_line: u64) -> bool {
        let plain = without_sequences(bytes);
        // Of what is left of them, sequences taken out.
        let own = if own < bytes.len() {
            without_sequences(bytes.get(..own).unwrap_or_default()).len()
        } else {
            plain.len()
        };
        let (mut line, mut counted) = (first_line, 0);
        let mut fresh = Vec::new();
        let mut from = 0;
        while let Some(hit) = self.pattern.find_at(&plain, from) {
            if hit.start() >= own || fresh.len() > MOST_HITS || self.is_unwanted() {
                break;
            }
            let between = plain.get(counted..hit.start()).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count() as u64;
            counted = hit.start();
            // One hit is as good as several in a line.
            let rest = plain.get(hit.start()..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest).map_or(plain.len(), |at| hit.start() + at);
            let none = self.errors.then(|| no_error(&plain, hit.range(), end));
            if let Some(next) = none.flatten() {
                from = next;
            } else {
                fresh.push(line);
                from = end;
            }
        }
        if fresh.is_empty() {
            return false;
        }
        self.found.send_modify(|hits| {
            hits.lines.extend(fresh);
            hits.lines.dedup();
            hits.lines.truncate(MOST_HITS);
        });
        self.found.borrow().lines.len() >= MOST_HITS
    }

    fn is_unwanted(&self) -> bool {
        self.unwanted.load(Ordering::Relaxed)
    }
}

/// Where to look next if what stands around a place does not read as an error, or was overwritten;
/// none if it does. The line ends at `end`.
fn no_error(bytes: &[u8], at: Range<usize>, end: usize) -> Option<usize> {
    let before = bytes.get(..at.start).unwrap_or_default();
    let begin = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = bytes.get(begin..end).unwrap_or_default().trim_ascii_end();
    let begin = begin + memchr::memrchr(b'\r', line).map_or(0, |at| at + 1);
    if at.end <= begin {
        return Some(begin);
    }
    let from = begin.max(at.start.saturating_sub(LOOKED_AT / 2));
    let until = end.min(from + LOOKED_AT);
    let around = String::from_utf8_lossy(bytes.get(from..until).unwrap_or_default());
    (!judge::reads_as_error(&around)).then_some(until.max(at.end))
}

fn fill(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut size = 0;
    while let Some(rest) = buffer.get_mut(size..)
        && !rest.is_empty()
    {
        match file.read_at(rest, offset + size as u64)? {
            0 => break,
            read => size += read,
        }
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::{Hits, LONGEST, SLICE, Search, Sought};

    fn lines_of(output: &[u8], wanted: &Sought) -> Vec<u64> {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("output"), output).expect("written");
        ended(&Search::start(dir.path(), wanted).expect("a search")).lines
    }

    fn lines_with(output: &[u8], words: &str) -> Vec<u64> {
        lines_of(output, &Sought::Words(words.to_owned()))
    }

    fn ended(search: &Search) -> Hits {
        let mut bell = search.bell();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let done = bell.wait_for(|hits| hits.done).await;
            done.expect("it ends").clone()
        })
    }

    #[test]
    fn small_letters_find_all_and_capitals_are_exact() {
        let output = b"ok\nERROR one\nfine\nError error\n";
        assert_eq!(lines_with(output, "error"), [1, 3]);
        assert_eq!(lines_with(output, "ERROR"), [1]);
        assert!(lines_with(output, "a.b").is_empty());
    }

    #[test]
    fn what_is_printed_later_is_searched_from_where_it_stood() {
        let dir = tempfile::tempdir().expect("a directory");
        let output = dir.path().join("output");
        let mut text = b"needle\nhay\nnee".to_vec();
        std::fs::write(&output, &text).expect("written");
        let wanted = Sought::Words("needle".to_owned());
        let first = ended(&Search::start(dir.path(), &wanted).expect("a search"));
        assert_eq!(first.lines, [0]);
        assert!(!first.is_behind(text.len() as u64));
        text.extend(b"dle\nhay\nneedle needle\n");
        assert!(first.is_behind(text.len() as u64));
        std::fs::write(&output, &text).expect("written");
        let search = Search::start_from(dir.path(), &wanted, first).expect("a search");
        let second = ended(&search);
        assert_eq!(second.lines, [0, 2, 4]);
        assert!(!second.is_behind(text.len() as u64));
    }

    #[test]
    fn a_hit_across_two_slices_is_found_once() {
        let mut output = vec![b'x'; SLICE - 3];
        output.extend(b"needle\nneedle\n");
        output.extend(vec![b'y'; SLICE + 2 * LONGEST]);
        output.extend(b"\nneedle");
        assert_eq!(lines_with(&output, "needle"), [0, 1, 3]);
    }

    #[test]
    fn what_colours_a_word_is_not_searched() {
        let output = b"a \x1b[1mnee\x1b[0mdle\n\x1b[31mred\x1b[0m\n\x1b]0;needle\x07title\n";
        assert_eq!(lines_with(output, "needle"), [0]);
        assert!(lines_with(output, "31m").is_empty());
    }

    #[test]
    fn errors_are_found_wherever_they_stand_and_what_is_none_is_not() {
        let output = b"0 errors\r\n\x1b[31mERR\x1b[1mOR\x1b[0m: late\r\n 10%\r error 20%\r100%\r\nok\r\nbuild failed";
        assert_eq!(lines_of(output, &Sought::Errors), [1, 4]);
        assert!(lines_of(b"all is well\n", &Sought::Errors).is_empty());
        let mut long = b"no errors here\n".repeat(SLICE / 10);
        long.extend(b"then it failed\n");
        long.extend(b"fine\n".repeat(SLICE / 10));
        long.extend(b"panic: gone");
        let lines = (SLICE / 10) as u64;
        assert_eq!(lines_of(&long, &Sought::Errors), [lines, 2 * lines + 1]);
    }
}
