//! The way of much evidence to the disk, begun while it still grows.
//!
//! A result is published once all the evidence is synced. A kernel keeps what was written in
//! memory for as long as it can, so that a step which has printed 100 MB would end a tenth of a
//! second after its command. Here the kernel is asked to begin earlier. It is asked by a thread of
//! its own, because on a slow disk the question alone may take long; nobody waits for it, and
//! nothing is taken for synced because of it. Steps that print little have no such thread.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Asked for in pieces of so many bytes.
const PIECE: u64 = 4 << 20;
/// The thread calls one function.
const STACK: usize = 32 * 1024;

/// Asks for the evidence of one attempt.
pub(super) struct Writeback {
    file: Option<File>,
    thread: Option<SyncSender<(u64, u64)>>,
    asked: u64,
}

impl Writeback {
    /// For a file in which so many bytes are already, by a handle of its own; none asks for
    /// nothing.
    pub(super) fn new(file: Option<File>, bytes: u64) -> Self {
        Self {
            file,
            thread: None,
            asked: bytes,
        }
    }

    /// The evidence has so many bytes now.
    pub(super) fn note(&mut self, bytes: u64) {
        if bytes.saturating_sub(self.asked) < PIECE {
            return;
        }
        if let Some(file) = self.file.take() {
            self.thread = begin(file);
        }
        let wish = (self.asked, bytes - self.asked);
        // Where it is still busy, this piece goes with the next one.
        if self
            .thread
            .as_ref()
            .is_some_and(|t| t.try_send(wish).is_ok())
        {
            self.asked = bytes;
        }
    }
}

fn begin(file: File) -> Option<SyncSender<(u64, u64)>> {
    let (sender, wishes) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("writeback".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            for (from, length) in wishes {
                ask(&file, from, length);
            }
        });
    thread.is_ok().then_some(sender)
}

/// Asks without waiting for the end; a file system that cannot loses nothing.
#[allow(unsafe_code)]
fn ask(file: &File, from: u64, length: u64) {
    let (Ok(from), Ok(length)) = (i64::try_from(from), i64::try_from(length)) else {
        return;
    };
    // SAFETY: the descriptor is open, and no memory is passed.
    unsafe {
        libc::sync_file_range(file.as_raw_fd(), from, length, libc::SYNC_FILE_RANGE_WRITE);
    }
}

#[cfg(test)]
mod tests {
    use super::{PIECE, Writeback};
    use std::sync::mpsc::sync_channel;

    #[test]
    fn every_byte_is_asked_for_once_in_pieces_and_nobody_waits() {
        let (sender, wishes) = sync_channel(1);
        let mut writeback = Writeback::new(None, 7);
        writeback.thread = Some(sender);
        writeback.note(7 + PIECE - 1);
        assert!(wishes.try_recv().is_err(), "too little");
        writeback.note(7 + PIECE);
        // The thread is busy with it: what comes meanwhile goes with the next piece.
        writeback.note(7 + 2 * PIECE);
        assert_eq!(wishes.try_recv(), Ok((7, PIECE)));
        writeback.note(7 + 3 * PIECE);
        assert_eq!(wishes.try_recv(), Ok((7 + PIECE, 2 * PIECE)));
        drop(wishes);
        writeback.note(7 + 9 * PIECE);
    }

    #[test]
    fn a_step_that_prints_little_has_no_thread() {
        let file = tempfile::tempfile().unwrap();
        let mut writeback = Writeback::new(Some(file), 0);
        writeback.note(PIECE - 1);
        assert!(writeback.thread.is_none() && writeback.file.is_some());
        writeback.note(PIECE);
        assert!(writeback.thread.is_some());
    }
}
