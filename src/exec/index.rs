//! From times and line numbers to places in the evidence.
//!
//! The index is a help, not the truth: it is thin (a record per 20 ms or 64 KiB), a torn last
//! record is passed over, and whoever wants a line scans on from the place that is given here.

use super::files;
use super::reader::Mark;
use std::fs;
use std::io;
use std::path::Path;

/// The index of one attempt, in the order of the output.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Index {
    marks: Vec<Mark>,
}

impl Index {
    /// Reads the index in `dir`; an attempt that has printed nothing has an empty one.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(dir: &Path) -> io::Result<Self> {
        let bytes = match fs::read(dir.join(files::INDEX)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let marks = bytes.chunks_exact(24).filter_map(Mark::decode).collect();
        Ok(Self { marks })
    }

    /// All records.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The last record at or before a line, counted from 0: scan on from its offset.
    #[must_use]
    pub fn before_line(&self, line: u64) -> Mark {
        self.last_where(|mark| mark.lines <= line)
    }

    /// The last record at or before a time in microseconds since the start.
    #[must_use]
    pub fn before_time(&self, t_us: u64) -> Mark {
        self.last_where(|mark| mark.t_us <= t_us)
    }

    /// When the byte at an offset was in the evidence at the latest, in microseconds since the
    /// start; none for what came after the last record.
    #[must_use]
    pub fn time_of(&self, offset: u64) -> Option<u64> {
        let at = self.marks.partition_point(|mark| mark.bytes <= offset);
        self.marks.get(at).map(|mark| mark.t_us)
    }

    fn last_where(&self, holds: impl Fn(&Mark) -> bool) -> Mark {
        let at = self.marks.partition_point(holds);
        at.checked_sub(1)
            .and_then(|at| self.marks.get(at))
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_line_and_by_time_and_a_torn_record_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Index::read(dir.path()).unwrap(), Index::default());
        let mark = |t_us, bytes, lines| Mark { t_us, bytes, lines };
        let marks = [mark(10, 100, 3), mark(50, 300, 9), mark(90, 400, 12)];
        let mut bytes: Vec<u8> = marks.into_iter().flat_map(Mark::encode).collect();
        bytes.extend([7; 11]);
        fs::write(dir.path().join(files::INDEX), bytes).unwrap();
        let index = Index::read(dir.path()).unwrap();
        assert_eq!(index.marks(), marks);
        assert_eq!(index.before_line(10), marks[1]);
        assert_eq!(index.before_line(2), Mark::default());
        assert_eq!(index.before_time(50), marks[1]);
        assert_eq!((index.time_of(0), index.time_of(100)), (Some(10), Some(50)));
        assert_eq!(index.time_of(400), None);
    }
}
