//! The bytes between terminal and evidence, in memory that supervisor and holder share.
//!
//! What the supervisor has read from the terminal exists nowhere else until it is in the file. If
//! it is killed in between, the holder finds the bytes here and completes the file. Even a read
//! that was cut off before its length could be noted is found: the place is filled beforehand with
//! bytes that no text contains.
//!
//! With secrets to take out, what is in the evidence is not what was read: there it is also kept
//! where the redactor stood before these bytes, so that the holder can put them through again and
//! pass over what of it is written already.
//!
//! The order of the stores matters: the length is cleared before the bytes are, and the base is
//! moved last, so that no instant makes a written chunk look unwritten.

use super::memory::{Shared, Twice};
use super::redact::{Held, Redactor};
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Most that one read takes.
pub(super) const SIZE: usize = 64 * 1024;

/// Most that a terminal gives at once.
const AT_ONCE: usize = 4096;

/// Bytes that never occur in UTF-8, in an order that no program is likely to print.
const BLANK: [u8; 8] = [0xff, 0xfb, 0xfe, 0xf9, 0xfd, 0xf8, 0xfc, 0xfa];

const _: () = assert!(SIZE.is_multiple_of(BLANK.len()), "no byte is left over");

#[repr(C)]
struct Page {
    /// How much the terminal gave before these bytes.
    base: AtomicU64,
    /// How many bytes were read, once that is known.
    length: AtomicU64,
    bytes: [u8; SIZE],
    kept: Twice<Kept>,
}

/// Where a redactor stood.
#[derive(Clone, Copy)]
#[repr(C)]
struct Kept {
    /// How much it had taken in.
    given: u64,
    /// How much it had given out.
    out: u64,
    held: Held,
}

/// One chunk on its way, in shared memory.
pub(super) struct Spool {
    page: Shared<Page>,
    /// Bytes at the front that are not blank any more.
    used: usize,
}

impl Spool {
    /// An empty spool, to be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        let page = Shared::new()?;
        let mut spool = Self { page, used: SIZE };
        spool.reset(0);
        Ok(spool)
    }

    /// The chunk is in the evidence, waits for room, or is lost.
    pub(super) fn done(&mut self) {
        self.reset(self.page.base.load(SeqCst) + self.used as u64);
    }

    /// Empty; the terminal gave `base` bytes before what comes.
    pub(super) fn reset(&mut self, base: u64) {
        self.page.length.store(0, SeqCst);
        let used = self.used;
        let (whole, _) = self.page.bytes.as_chunks_mut::<{ BLANK.len() }>();
        whole
            .iter_mut()
            .take(used.div_ceil(BLANK.len()))
            .for_each(|place| *place = BLANK);
        self.used = 0;
        self.page.base.store(base, SeqCst);
    }

    /// Reads a chunk; it stays until [`Self::done`].
    pub(super) fn read(&mut self, from: BorrowedFd<'_>) -> rustix::io::Result<usize> {
        self.used = SIZE;
        let read = rustix::io::read(from, self.page.bytes.as_mut_slice());
        self.used = *read.as_ref().unwrap_or(&0);
        self.page.length.store(self.used as u64, SeqCst);
        read
    }

    /// Reads on behind what was read, as long as there is room for all that one read of a terminal
    /// gives. What a read that is cut off had taken stands behind the length that is known.
    pub(super) fn read_on(&mut self, from: BorrowedFd<'_>) -> rustix::io::Result<usize> {
        let used = self.used;
        if SIZE - used < AT_ONCE {
            return Ok(0);
        }
        self.used = SIZE;
        let room = self.page.bytes.get_mut(used..).unwrap_or_default();
        let read = rustix::io::read(from, room);
        self.used = used + *read.as_ref().unwrap_or(&0);
        self.page.length.store(self.used as u64, SeqCst);
        read
    }

    /// The chunk that was read.
    pub(super) fn chunk(&self) -> &[u8] {
        self.page.bytes.get(..self.used).unwrap_or_default()
    }

    /// What a dead process had read and done nothing with, when so much of all that the terminal
    /// gave is `taken`.
    pub(super) fn rescue(&mut self, taken: u64) -> Vec<u8> {
        // Nothing is known about which of the bytes are blank.
        self.used = SIZE;
        let page = &*self.page;
        let known = usize::try_from(page.length.load(SeqCst)).unwrap_or(0);
        let length = known.max(extent(&page.bytes));
        let done = usize::try_from(taken.saturating_sub(page.base.load(SeqCst)));
        let left = page.bytes.get(done.unwrap_or(SIZE)..length.min(SIZE));
        left.unwrap_or_default().to_vec()
    }
}

impl Spool {
    /// Notes where a redactor stands that has taken in the chunk and given out so much for it.
    pub(super) fn keep(&mut self, out: u64, held: &Held) {
        let given = self.page.base.load(SeqCst) + self.used as u64;
        let out = self.page.kept.get().out + out;
        self.page.kept.set(Kept {
            given,
            out,
            held: *held,
        });
    }

    /// What is still to be brought to the evidence in place of a dead process, when so much of
    /// what was to go there is `taken`. The redactor stands where that one would.
    pub(super) fn take_over(&mut self, redactor: Option<&mut Redactor>, taken: u64) -> Vec<u8> {
        let Some(redactor) = redactor else {
            let rest = self.rescue(taken);
            self.reset(taken + rest.len() as u64);
            return rest;
        };
        let kept = self.page.kept.get();
        let done = usize::try_from(taken.saturating_sub(kept.out)).unwrap_or(usize::MAX);
        redactor.resume(&kept.held);
        let chunk = self.rescue(kept.given);
        let mut out = Vec::new();
        redactor.feed(&chunk, &mut out);
        if chunk.is_empty() && done > 0 {
            // It was at a pause that it had given out more.
            redactor.pause(&mut out);
        }
        self.reset(kept.given + chunk.len() as u64);
        self.keep(out.len() as u64, &redactor.held());
        out.split_off(done.min(out.len()))
    }
}

/// How far a read of unknown length came.
fn extent(bytes: &[u8; SIZE]) -> usize {
    bytes
        .iter()
        .enumerate()
        .rposition(|(at, byte)| *byte != BLANK[at % BLANK.len()])
        .map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsFd;

    fn spool_with(text: &[u8]) -> Spool {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(text).unwrap();
        let mut spool = Spool::new().unwrap();
        spool.reset(1000);
        assert_eq!(spool.read(reader.as_fd()), Ok(text.len()));
        spool
    }

    #[test]
    fn what_is_not_in_the_file_is_rescued() {
        let mut spool = spool_with(b"hello");
        assert_eq!(spool.chunk(), b"hello");
        assert_eq!(spool.rescue(1000), b"hello");
        assert_eq!(spool.rescue(1002), b"llo");
        assert_eq!(spool.rescue(1005), b"");
    }

    #[test]
    fn a_read_whose_length_was_never_noted_is_rescued() {
        let mut spool = spool_with("grüß".as_bytes());
        spool.page.length.store(0, SeqCst);
        assert_eq!(spool.rescue(1000), "grüß".as_bytes());
        assert_eq!(spool.rescue(1006), b"");
    }

    #[test]
    fn what_was_read_on_is_rescued_with_what_was_read_before_it() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut spool = Spool::new().unwrap();
        spool.reset(1000);
        writer.write_all(b"one ").unwrap();
        assert_eq!(spool.read(reader.as_fd()), Ok(4));
        writer.write_all("zwö".as_bytes()).unwrap();
        assert_eq!(spool.read_on(reader.as_fd()), Ok(4));
        assert_eq!(spool.chunk(), "one zwö".as_bytes());
        assert_eq!(spool.rescue(1002), "e zwö".as_bytes());
        // Cut off before its length was noted, or the first one's.
        for known in [4, 0] {
            spool.page.length.store(known, SeqCst);
            assert_eq!(spool.rescue(1000), "one zwö".as_bytes());
        }
        spool.reset(1008);
        assert_eq!(spool.rescue(1008), b"");
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(&vec![b'x'; SIZE - AT_ONCE + 1]).unwrap();
        spool.read(reader.as_fd()).unwrap();
        writer.write_all(b"y").unwrap();
        assert_eq!(spool.read_on(reader.as_fd()), Ok(0), "there is no room");
        assert_eq!(spool.chunk().len(), SIZE - AT_ONCE + 1);
    }

    #[test]
    fn a_chunk_that_is_done_with_is_never_rescued() {
        let mut spool = spool_with(b"hello");
        spool.done();
        assert_eq!(spool.page.base.load(SeqCst), 1005);
        assert_eq!(spool.rescue(1005), b"");
    }

    #[test]
    fn with_a_redactor_what_was_given_out_is_not_given_out_again() {
        let redactor = || {
            let secret = [("PW".to_owned(), "hunter2000".to_owned())];
            Redactor::new(&secret).unwrap().unwrap()
        };
        for (done, rest) in [(0, "one hunt"), (4, "hunt"), (8, "")] {
            let (reader, mut writer) = io::pipe().unwrap();
            writer.write_all(b"one hunt").unwrap();
            let mut spool = Spool::new().unwrap();
            spool.read(reader.as_fd()).unwrap();
            let mut out = Vec::new();
            // What of it was written says the length of the evidence: nothing, a part, all of it
            // with the pause that followed.
            if done == 8 {
                let mut dead = redactor();
                dead.feed(spool.chunk(), &mut out);
                spool.keep(out.len() as u64, &dead.held());
                spool.done();
            }
            let mut heir = redactor();
            let mut given = spool.take_over(Some(&mut heir), done);
            heir.pause(&mut given);
            assert_eq!(String::from_utf8_lossy(&given), rest, "{done}");
            heir.feed(b"er2000", &mut given);
            assert!(given.ends_with(b"[secret PW]"), "it is known what was held");
        }
    }
}
