//! The output of the shown attempt: a live screen at its tail, and any earlier line read back from
//! the evidence. Memory is that of one screen, however long the output is.
//!
//! When the output runs ahead by more than can be shown, the screen jumps to the tail; the
//! evidence is complete all the same. Answers of the screen to a program's questions are given
//! only for output that arrives while it is being looked at, never for what is read again.

use std::path::{Path, PathBuf};
use std::time::Instant;

use ratatui::text::Line;

use super::paint::line_of;
use super::watch::{Rung, Watcher};
use crate::exec::Follower;
use crate::term::{Emulator, Modes, Vt as _, plain_line};

/// Further behind than this, the screen jumps.
const TOO_FAR: u64 = 128 * 1024;
/// What is read again after a jump.
const TAIL: u64 = 64 * 1024;
/// The longest part of a single line that is laid out.
const LONGEST_LINE: usize = 16 * 1024;
/// The most rows that a line is laid out to.
const MOST_ROWS: u16 = 4_096;
/// The most lines that are taken at once.
const MOST_LINES: usize = 10_000;
/// The most that is read to find and lay out a page of lines.
const MOST_READ: usize = 4 << 20;

/// The output of one attempt.
pub struct Pane {
    dir: PathBuf,
    watcher: Watcher,
    follower: Option<Follower>,
    screen: Emulator,
    /// The tail was reached once: from here on, output is live.
    live: bool,
    /// Bytes that were jumped over.
    skipped: u64,
    heard: Instant,
}

/// A row of an output: a line, from 0, and which of the rows that it is wrapped to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct At {
    /// The line.
    pub line: u64,
    /// Its row.
    pub row: usize,
}

impl At {
    /// Where a line begins.
    #[must_use]
    pub fn line(line: u64) -> Self {
        Self { line, row: 0 }
    }
}

/// What there is to see of an output.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The rows, at most as many as were asked for.
    pub rows: Vec<Line<'static>>,
    /// Where each row is; none at the tail, where the live screen has no lines.
    pub at: Vec<At>,
    /// The line of the first row, from 0.
    pub first: u64,
    /// Lines so far.
    pub total: u64,
    /// Column and row of the program's cursor, at the tail.
    pub cursor: Option<(u16, u16)>,
}

impl Pane {
    /// Shows the attempt with its evidence in this directory.
    ///
    /// # Errors
    /// Where the process has no more threads.
    pub fn open(dir: &Path, columns: u16, rows: u16) -> std::io::Result<Self> {
        Ok(Self {
            dir: dir.to_owned(),
            watcher: Watcher::start(dir)?,
            follower: None,
            screen: Emulator::new(columns, rows),
            live: false,
            skipped: 0,
            heard: Instant::now(),
        })
    }

    /// The evidence directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What rings when there is more.
    #[must_use]
    pub fn watcher(&self) -> &Watcher {
        &self.watcher
    }

    /// Takes what has arrived. Gives what the screen answers to the program.
    ///
    /// # Errors
    /// Where the evidence cannot be read.
    pub fn absorb(&mut self) -> std::io::Result<Vec<u8>> {
        let mut answers = Vec::new();
        let Rung { bytes, .. } = self.watcher.now();
        if self.follower.is_none() {
            self.follower = Follower::open(&self.dir).ok();
        }
        let Some(follower) = self.follower.as_mut() else {
            return Ok(answers);
        };
        if bytes > follower.offset() {
            self.heard = Instant::now();
        }
        if bytes.saturating_sub(follower.offset()) > TOO_FAR {
            self.skipped += bytes - TAIL - follower.offset();
            follower.seek(bytes - TAIL);
            let (columns, rows) = self.screen.size();
            self.screen = Emulator::new(columns, rows);
            skip_to_line(follower)?;
        }
        let mut buffer = vec![0; 32 * 1024];
        while follower.offset() < bytes {
            let size = follower.read(&mut buffer)?;
            if size == 0 {
                break;
            }
            let said = self.screen.feed(buffer.get(..size).unwrap_or_default());
            if self.live {
                answers.extend(said);
            }
        }
        self.live = true;
        Ok(answers)
    }

    /// Bytes that are there and not taken in yet.
    #[must_use]
    pub fn behind(&self) -> u64 {
        let taken = self.follower.as_ref().map_or(0, Follower::offset);
        self.watcher.now().bytes.saturating_sub(taken)
    }

    /// Shows a frame that its program was still drawing, where that takes too long; says when to
    /// look again.
    pub fn settle(&mut self, now: Instant) -> Option<Instant> {
        let until = self.screen.holds_until()?;
        if until > now {
            return Some(until);
        }
        self.screen.settle();
        None
    }

    /// Gives the screen another size. An attempt that has ended is laid out anew.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        if self.screen.size() == (columns, rows) {
            return;
        }
        if self.watcher.now().ended {
            self.screen = Emulator::new(columns, rows);
            let tail = self.watcher.now().bytes.saturating_sub(TAIL);
            if let Some(follower) = self.follower.as_mut() {
                follower.seek(tail);
                if tail > 0 {
                    let _ = skip_to_line(follower);
                }
            }
            self.live = false;
            let _ = self.absorb();
        } else {
            self.screen.resize(columns, rows);
        }
    }

    /// What the program has switched on.
    #[must_use]
    pub fn modes(&self) -> Modes {
        self.screen.modes()
    }

    /// Whether a fault of the emulator made it begin anew.
    #[must_use]
    pub fn began_anew(&self) -> bool {
        self.screen.began_anew()
    }

    /// Bytes that were jumped over on the way to the tail.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Whether it seems to wait for an answer: it has said something, stands in the middle of a
    /// line that looks like a question, and has been silent since.
    #[must_use]
    pub fn seems_to_ask(&self, now: Instant) -> bool {
        let silent = now.duration_since(self.heard).as_millis() > 700;
        let Rung { ended, .. } = self.watcher.now();
        if ended || !silent || !self.watcher.index(super::lines::LineIndex::is_mid_line) {
            return false;
        }
        let Some((_, row)) = self.screen.cursor() else {
            return false;
        };
        let line = self.screen.row_text(row);
        line.trim_end()
            .ends_with([':', '?', '>', '#', '$', ']', ')'])
    }

    /// When it was last heard of.
    #[must_use]
    pub fn heard(&self) -> Instant {
        self.heard
    }

    /// The tail: the live screen.
    #[must_use]
    pub fn tail(&self) -> Seen {
        let (_, rows) = self.screen.size();
        let cells: Vec<Line<'static>> = (0..rows)
            .map(|row| line_of(&self.screen.row(row)))
            .collect();
        let total = self.watcher.index(super::lines::LineIndex::lines);
        Seen {
            rows: cells,
            at: Vec::new(),
            first: total.saturating_sub(u64::from(rows)),
            total,
            cursor: self.screen.cursor(),
        }
    }

    /// The rows from a place on, wrapped to the width of the pane.
    #[must_use]
    pub fn page(&self, from: At) -> Seen {
        let total = self.total();
        let (columns, rows) = self.screen.size();
        let first = from.line.min(total.saturating_sub(1));
        let mut seen = Seen {
            first,
            total,
            ..Seen::default()
        };
        let wanted = usize::from(rows);
        for (line, bytes) in (first..).zip(self.read_lines(first, wanted)) {
            let skip = if line == from.line { from.row } else { 0 };
            let laid = lay_out(&bytes, columns, rows).into_iter().enumerate();
            for (row, text) in laid.skip(skip).take(wanted - seen.rows.len()) {
                seen.rows.push(text);
                seen.at.push(At { line, row });
            }
        }
        seen
    }

    /// Lines so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.watcher.index(super::lines::LineIndex::lines)
    }

    /// The place so many rows further on; behind the last line at most.
    #[must_use]
    pub fn forward(&self, from: At, by: usize) -> At {
        let mut left = from.row + by;
        let lines = self.read_lines(from.line, by + 1);
        for (line, bytes) in (from.line..).zip(&lines) {
            let rows = self.rows_of(bytes);
            if left < rows {
                return At { line, row: left };
            }
            left -= rows;
        }
        At::line(from.line + lines.len() as u64)
    }

    /// The place so many rows further back; the first at least.
    #[must_use]
    pub fn back(&self, from: At, by: usize) -> At {
        let Some(mut left) = by.checked_sub(from.row) else {
            let row = from.row - by;
            return At { row, ..from };
        };
        let above = from.line.min(left as u64);
        let mut line = from.line;
        let count = usize::try_from(above).unwrap_or(usize::MAX);
        for bytes in self.read_lines(line - above, count).iter().rev() {
            if left == 0 {
                break;
            }
            line -= 1;
            let rows = self.rows_of(bytes);
            if left < rows {
                return At {
                    line,
                    row: rows - left,
                };
            }
            left -= rows;
        }
        At::line(line)
    }

    /// Where the page begins that ends with the last line.
    #[must_use]
    pub fn last_page(&self) -> At {
        let (_, rows) = self.screen.size();
        self.back(At::line(self.total()), usize::from(rows))
    }

    /// The row of a line in which words stand that are searched for; its first where they are cut
    /// by the edge.
    #[must_use]
    pub fn row_with(&self, line: u64, is_there: impl Fn(&str) -> bool) -> At {
        let (columns, rows) = self.screen.size();
        let bytes = self.read_lines(line, 1).pop().unwrap_or_default();
        let laid = lay_out(&bytes, columns, rows);
        let row = laid.iter().position(|row| is_there(&row.to_string()));
        let row = row.unwrap_or(0);
        At { line, row }
    }

    fn rows_of(&self, line: &[u8]) -> usize {
        let (columns, rows) = self.screen.size();
        if line.len() <= usize::from(columns) && !line.contains(&0x1b) && !line.contains(&b'\t') {
            return 1;
        }
        lay_out(line, columns, rows).len()
    }

    /// The plain text of some lines; none where that is more than can be taken at once.
    #[must_use]
    pub fn text(&self, first: u64, last: u64) -> Option<String> {
        let count = usize::try_from(last.saturating_sub(first) + 1).ok()?;
        if count > MOST_LINES {
            return None;
        }
        let lines = self.read_lines(first, count);
        let plain: Vec<String> = lines.iter().map(|line| plain_line(line)).collect();
        let whole = lines.iter().all(|line| line.len() < LONGEST_LINE);
        (lines.len() == count && whole).then(|| plain.join("\n"))
    }

    /// The plain text of some rows of the live screen.
    #[must_use]
    pub fn screen_text(&self, first: u64, last: u64) -> String {
        let rows = (first..=last).filter_map(|row| u16::try_from(row).ok());
        let rows: Vec<String> = rows.map(|row| self.screen.row_text(row)).collect();
        rows.join("\n")
    }

    /// The bytes of some lines, without their breaks, very long ones cut.
    fn read_lines(&self, first: u64, count: usize) -> Vec<Vec<u8>> {
        let (mut at, mut skip) = self.watcher.index(|index| index.before(first));
        let Some(follower) = self.follower.as_ref() else {
            return Vec::new();
        };
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut line = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut read = 0;
        while lines.len() < count && read < MOST_READ {
            let Ok(size) = follower.read_at(&mut buffer, at) else {
                break;
            };
            if size == 0 {
                break;
            }
            (at, read) = (at + size as u64, read + size);
            for piece in buffer
                .get(..size)
                .unwrap_or_default()
                .split_inclusive(|b| *b == b'\n')
            {
                let ends = piece.ends_with(b"\n");
                if skip > 0 {
                    skip -= u64::from(ends);
                    continue;
                }
                let room = LONGEST_LINE.saturating_sub(line.len());
                line.extend(piece.iter().copied().filter(|b| *b != b'\n').take(room));
                if ends {
                    lines.push(std::mem::take(&mut line));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines.truncate(count);
        lines
    }
}

/// Goes on to the beginning of the next line, if there is one soon.
fn skip_to_line(follower: &mut Follower) -> std::io::Result<()> {
    let mut buffer = [0; 8192];
    let size = follower.read_at(&mut buffer, follower.offset())?;
    if let Some(at) = memchr::memchr(b'\n', buffer.get(..size).unwrap_or_default()) {
        follower.seek(follower.offset() + at as u64 + 1);
    }
    Ok(())
}

/// A line as a terminal of that width shows it: overwritten parts gone, too wide ones wrapped.
fn lay_out(line: &[u8], columns: u16, rows: u16) -> Vec<Line<'static>> {
    // As many rows as it can need, so that none of it is scrolled away.
    let tabs = memchr::memchr_iter(b'\t', line).count();
    let needed = (line.len() + 7 * tabs) / usize::from(columns.max(1)) + 1;
    let rows = u16::try_from(needed)
        .unwrap_or(u16::MAX)
        .min(MOST_ROWS)
        .max(rows);
    let mut screen = Emulator::new(columns, rows);
    screen.feed(line);
    screen.settle();
    let last = (0..rows)
        .rev()
        .find(|row| !screen.row_text(*row).is_empty())
        .unwrap_or(0);
    (0..=last).map(|row| line_of(&screen.row(row))).collect()
}

#[cfg(test)]
mod tests {
    use super::lay_out;

    #[test]
    fn a_wide_line_is_wrapped_as_the_live_screen_wraps_it() {
        let rows = lay_out(b"abcdefgh", 5, 10);
        let text: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["abcde", "fgh"]);
        assert_eq!(lay_out(b"", 5, 10).len(), 1);
        // All of it, however few rows the pane has.
        assert_eq!(lay_out(&[b'x'; 51], 5, 3).len(), 11);
    }
}
