//! Words of the program's own that are looked for in every line of a plan, made ready for that.
//!
//! They are constants: nobody outside chooses them, so a quick hash is enough.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// A hash of a few instructions a byte (FNV-1a), for tables of the program's own.
#[derive(Clone, Copy, Debug)]
pub struct Quick(u64);

impl Default for Quick {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = (self.0 ^ number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// How such a table is hashed.
pub type QuickHash = BuildHasherDefault<Quick>;

/// A set of words of the program's own.
pub type Words = HashSet<&'static str, QuickHash>;

/// Words that are looked for anywhere in a text, by their first byte.
#[derive(Debug)]
pub struct Needles(Vec<Vec<&'static str>>);

impl Needles {
    /// Makes words ready.
    #[must_use]
    pub fn of(words: impl IntoIterator<Item = &'static str>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for word in words {
            let first = word.bytes().next().map(usize::from);
            if let Some(same) = first.and_then(|b| by_first.get_mut(b)) {
                same.push(word);
            }
        }
        Self(by_first)
    }

    /// Whether a text holds one of them.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        super::work::done(text.len());
        let bytes = text.as_bytes();
        bytes.iter().enumerate().any(|(at, byte)| {
            let same = self
                .0
                .get(usize::from(*byte))
                .map_or(&[][..], Vec::as_slice);
            same.iter().any(|word| {
                let here = bytes.get(at..).unwrap_or_default();
                here.starts_with(word.as_bytes())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_anywhere() {
        let needles = Needles::of(["ssh ", "su ", "psql"]);
        for yes in ["ssh a", "/bin/psql", "sudo su -", "é psql"] {
            assert!(needles.are_in(yes), "{yes}");
        }
        for no in ["", "ssh", "ps ql", "sus"] {
            assert!(!needles.are_in(no), "{no}");
        }
    }
}
