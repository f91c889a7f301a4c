//! How much reading looks at, counted where tests ask, so that they can hold that it grows with the
//! document and no faster. A clock would tell that of a quiet machine only.
//!
//! Counted are the bytes that go through the scanners, parsers and look-ups of words, and the steps
//! of the loops over lines and sections. Outside of tests nothing is counted.

#[cfg(test)]
thread_local! {
    static DONE: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// So many bytes are looked at, or so many steps done.
#[inline]
pub fn done(amount: usize) {
    #[cfg(test)]
    DONE.with(|done| done.set(done.get() + amount as u64));
    #[cfg(not(test))]
    let _ = amount;
}

/// What `work` does, counted.
#[cfg(test)]
pub fn counted(work: impl FnOnce()) -> u64 {
    let before = DONE.get();
    work();
    DONE.get() - before
}
