//! Memory that supervisor and holder share, so that what the one knew outlives it.
//!
//! Made before the fork, on no disk, and never given back: both live as long as the attempt.

use std::io;
use std::ptr::NonNull;

/// Zeroed memory for a `T` that is shared with every process forked after this.
///
/// For types only for which all bit patterns are valid, zeroes to begin with.
#[allow(unsafe_code)]
pub(super) fn shared<T>() -> io::Result<NonNull<T>> {
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
    NonNull::new(at.cast::<T>()).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
}
