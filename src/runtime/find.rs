//! Searching in an output: through the whole file, on a thread of its own, a slice at a time, so
//! that the first hits are there at once and a search that nobody wants any more ends.
//!
//! It searches the bytes as they are: a word that is coloured in its middle is not found. Small
//! letters find capital ones too; a capital letter in the words asks for exactly these.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// Bytes searched at a time.
const SLICE: usize = 1 << 20;

/// The most lines that are kept.
const MOST_HITS: usize = 10_000;

/// The longest words that are searched for, in bytes; slices overlap by as much.
const LONGEST: usize = 512;

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
    /// Searches the output file of an evidence directory for words. None where there is nothing
    /// to search for, or too much.
    #[must_use]
    pub fn start(dir: &Path, words: &str) -> Option<Self> {
        Self::start_from(dir, words, Hits::default())
    }

    /// The same search, from where it came to the end of an output that has grown since.
    #[must_use]
    pub fn go_on(&self, dir: &Path, words: &str) -> Option<Self> {
        Self::start_from(dir, words, self.hits())
    }

    fn start_from(dir: &Path, words: &str, mut so_far: Hits) -> Option<Self> {
        if words.is_empty() || words.len() > LONGEST {
            return None;
        }
        let any_case = !words.chars().any(char::is_uppercase);
        let pattern = regex::bytes::RegexBuilder::new(&regex::escape(words))
            .case_insensitive(any_case)
            .build()
            .ok()?;
        so_far.done = false;
        let next = so_far.next;
        let (found, hits) = watch::channel(so_far);
        let unwanted = Arc::new(AtomicBool::new(false));
        let work = Work {
            path: dir.join("output"),
            pattern,
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

struct Work {
    path: PathBuf,
    pattern: regex::bytes::Regex,
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
            let own = size.min(SLICE);
            let slice = bytes.get(..own).unwrap_or_default();
            let enough = self.look(bytes, own, line);
            let lines = memchr::memchr_iter(b'\n', slice).count() as u64;
            let last_line = memchr::memrchr(b'\n', slice).map_or(0, |at| at as u64 + 1);
            self.found.send_modify(|hits| {
                hits.bytes = offset + own as u64;
                hits.next = (offset + last_line, line + lines);
            });
            if enough || size <= SLICE {
                return;
            }
            line += lines;
            offset += own as u64;
        }
    }

    /// Takes the hits that begin in the first `own` bytes. True when there are enough.
    fn look(&self, bytes: &[u8], own: usize, first_line: u64) -> bool {
        let (mut line, mut counted) = (first_line, 0);
        let mut fresh = Vec::new();
        for hit in self.pattern.find_iter(bytes) {
            if hit.start() >= own || fresh.len() > MOST_HITS {
                break;
            }
            let between = bytes.get(counted..hit.start()).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count() as u64;
            counted = hit.start();
            if fresh.last() != Some(&line) {
                fresh.push(line);
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
    use super::{Hits, LONGEST, SLICE, Search};

    fn lines_with(output: &[u8], words: &str) -> Vec<u64> {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("output"), output).expect("written");
        ended(&Search::start(dir.path(), words).expect("a search")).lines
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
        let first = ended(&Search::start(dir.path(), "needle").expect("a search"));
        assert_eq!(first.lines, [0]);
        assert!(!first.is_behind(text.len() as u64));
        text.extend(b"dle\nhay\nneedle needle\n");
        assert!(first.is_behind(text.len() as u64));
        std::fs::write(&output, &text).expect("written");
        let search = Search::start_from(dir.path(), "needle", first).expect("a search");
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
}
