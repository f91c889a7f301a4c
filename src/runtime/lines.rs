//! Where the lines of an output begin: one mark for every few hundred, so that any line of any
//! output is found by reading a little, and memory stays small.

/// Lines between two marks.
const EVERY: u64 = 256;

/// The marks of one output.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    /// The byte at which line `i * EVERY` begins.
    marks: Vec<u64>,
    /// Line breaks so far.
    breaks: u64,
    /// Bytes looked at so far.
    bytes: u64,
    /// The byte behind the last line break.
    last: u64,
}

impl LineIndex {
    /// Takes the next bytes of the output.
    pub fn add(&mut self, bytes: &[u8]) {
        for at in memchr::memchr_iter(b'\n', bytes) {
            self.breaks += 1;
            self.last = self.bytes + at as u64 + 1;
            if self.breaks.is_multiple_of(EVERY) {
                self.marks.push(self.last);
            }
        }
        self.bytes += bytes.len() as u64;
    }

    /// Bytes looked at so far: where the next ones begin.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many lines there are; a last one without a break counts when it holds something.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.breaks + u64::from(self.bytes > self.last)
    }

    /// Whether the output stands in the middle of a line.
    #[must_use]
    pub fn is_mid_line(&self) -> bool {
        self.bytes > self.last
    }

    /// The byte of a mark at or before a line, and how many line breaks follow until the line.
    #[must_use]
    pub fn before(&self, line: u64) -> (u64, u64) {
        let mark = usize::try_from(line / EVERY).unwrap_or(usize::MAX);
        let mark = mark.min(self.marks.len());
        match mark.checked_sub(1).and_then(|m| self.marks.get(m)) {
            Some(byte) => (*byte, line - mark as u64 * EVERY),
            None => (0, line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn any_line_is_found_from_the_mark_before_it() {
        let lines: Vec<String> = (0..2_000).map(|n| format!("line {n}\n")).collect();
        let text = lines.concat();
        let mut index = LineIndex::default();
        for chunk in text.as_bytes().chunks(777) {
            index.add(chunk);
        }
        assert_eq!((index.lines(), index.bytes()), (2_000, text.len() as u64));
        assert!(!index.is_mid_line());
        for line in [0, 1, 255, 256, 257, 1_024, 1_999] {
            let (byte, skip) = index.before(line);
            assert!(skip < 512);
            let rest = text
                .get(usize::try_from(byte).expect("small")..)
                .expect("inside");
            let found = rest.lines().nth(usize::try_from(skip).expect("small"));
            assert_eq!(found, Some(format!("line {line}").as_str()));
        }
    }

    #[test]
    fn a_line_without_its_break_counts() {
        let mut index = LineIndex::default();
        assert_eq!(index.lines(), 0);
        index.add(b"password: ");
        assert_eq!((index.lines(), index.is_mid_line()), (1, true));
    }
}
