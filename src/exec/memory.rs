//! Memory that others have too: what supervisor and holder share, so that what the one knew
//! outlives it, and files that are on no disk.
//!
//! What is shared is made before the fork and never given back: both live as long as the attempt.

use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// A file that is on no disk and holds `bytes`, to be read from its beginning; `name` is for
/// whoever looks at `/proc`.
pub(super) fn file(name: &str, bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

/// A `T` in memory that is shared with every process forked after this; zeroes to begin with.
///
/// For types only for which all bit patterns are valid. Within a process it is owned by this
/// value alone, and another process uses it only after this one has died.
pub(super) struct Shared<T> {
    at: NonNull<T>,
}

// SAFETY: it is what `T` is, which is owned by this value alone.
#[allow(unsafe_code)]
unsafe impl<T: Send> Send for Shared<T> {}

impl<T> Shared<T> {
    /// To be made before the fork.
    #[allow(unsafe_code)]
    pub(super) fn new() -> io::Result<Self> {
        let (protection, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
        );
        // SAFETY: a fresh anonymous mapping, zeroed, page-aligned, and never unmapped.
        let at = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<T>(),
                protection,
                flags,
                -1,
                0,
            )
        };
        if at == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let at = NonNull::new(at.cast::<T>());
        at.map(|at| Self { at })
            .ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    #[allow(unsafe_code)]
    fn deref(&self) -> &T {
        // SAFETY: the mapping holds a `T`, for which all bit patterns are valid, for ever.
        unsafe { self.at.as_ref() }
    }
}

impl<T> DerefMut for Shared<T> {
    #[allow(unsafe_code)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; `&mut self` makes this the only reference into it.
        unsafe { self.at.as_mut() }
    }
}

/// A value that is kept twice: a change goes to the copy that does not count, which counts from
/// then on, so that no instant leaves it half-changed. Zeroes to begin with.
#[repr(C)]
pub(super) struct Twice<T> {
    /// Which of the two counts.
    counts: AtomicU64,
    copies: [T; 2],
}

impl<T: Copy> Twice<T> {
    /// The value.
    pub(super) fn get(&self) -> T {
        let [first, second] = self.copies;
        match self.counts.load(SeqCst) {
            0 => first,
            _ => second,
        }
    }

    /// Another value, at once.
    pub(super) fn set(&mut self, value: T) {
        let [first, second] = &mut self.copies;
        let (place, number) = match self.counts.load(SeqCst) {
            0 => (second, 1),
            _ => (first, 0),
        };
        *place = value;
        self.counts.store(number, SeqCst);
    }
}

/// Most that a [`Log`] keeps.
const MOST: usize = 16 * 1024;

#[repr(C)]
struct Page {
    /// How many bytes were given, also those that have no room.
    given: AtomicU64,
    bytes: [u8; MOST],
}

/// Bytes that are only ever added to, and are there for whoever takes over.
pub(super) struct Log {
    page: Shared<Page>,
}

impl Log {
    /// Nothing yet, to be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        Shared::new().map(|page| Self { page })
    }

    /// Adds bytes, as far as there is room; all of them count at once.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let before = self.page.given.load(SeqCst);
        let at = usize::try_from(before).unwrap_or(MOST).min(MOST);
        let places = self.page.bytes.iter_mut().skip(at);
        for (place, byte) in places.zip(bytes) {
            *place = *byte;
        }
        let given = before.saturating_add(bytes.len() as u64);
        self.page.given.store(given, SeqCst);
    }

    /// Whether so many bytes more have room.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.bytes().len() + bytes <= MOST
    }

    /// What was added and had room.
    pub(super) fn bytes(&self) -> &[u8] {
        let given = usize::try_from(self.page.given.load(SeqCst)).unwrap_or(MOST);
        let bytes = self.page.bytes.get(..given.min(MOST));
        bytes.unwrap_or_default()
    }

    /// More was added than there is room for.
    pub(super) fn overflowed(&self) -> bool {
        self.page.given.load(SeqCst) > MOST as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_what_has_room_and_knows_that_there_was_more() {
        let mut log = Log::new().unwrap();
        log.add(&[b'x'; MOST - 1]);
        assert!(!log.overflowed());
        log.add(b"yz");
        assert!(log.overflowed());
        assert_eq!(log.bytes().len(), MOST);
        assert!(log.bytes().ends_with(b"xy"));
    }
}
