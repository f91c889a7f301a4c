//! What was typed and the terminal has not taken yet, in order.
//!
//! How much that is stands in memory that supervisor and holder share: with the supervisor the
//! bytes are gone, and the successor says so where they are missing.

use super::memory::Shared;
use super::pty;
use std::collections::VecDeque;
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Typed bytes that may wait for a command that does not read.
const MOST: usize = 64 * 1024;

/// Typed bytes that wait.
pub(super) struct Typed {
    queue: VecDeque<u8>,
    waiting: Shared<AtomicU64>,
}

impl Typed {
    /// None, to be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        let queue = VecDeque::new();
        Shared::new().map(|waiting| Self { queue, waiting })
    }

    /// Whether there is room for so many more.
    pub(super) fn has_room(&self, bytes: &[u8]) -> bool {
        self.queue.len() + bytes.len() <= MOST
    }

    /// Takes what was typed.
    pub(super) fn add(&mut self, bytes: Vec<u8>) {
        self.queue.extend(bytes);
        self.note();
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Types as much as the terminal takes.
    pub(super) fn type_into(&mut self, master: BorrowedFd<'_>) {
        while !self.queue.is_empty() {
            let (front, _) = self.queue.as_slices();
            match pty::type_into(master, front) {
                Ok(0) => break,
                Ok(taken) => drop(self.queue.drain(..taken)),
                // Nobody has the terminal any more.
                Err(_) => self.queue.clear(),
            }
        }
        self.note();
    }

    fn note(&self) {
        self.waiting.store(self.queue.len() as u64, SeqCst);
    }

    /// What is said in the evidence where a dead process had something that waited.
    pub(super) fn lost(&mut self) -> Option<String> {
        let bytes = self.waiting.load(SeqCst);
        self.note();
        (bytes > 0).then(|| {
            format!(
                "\r\n[backout: {bytes} bytes that were typed did not reach the command: its supervisor was killed]\r\n"
            )
        })
    }
}
