//! A directory of a test's own, and the built binary: what every test here starts from.

use std::path::{Path, PathBuf};

/// The built `backout`.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_backout"))
}

/// A directory that is gone when the test is over.
pub struct Scratch {
    dir: tempfile::TempDir,
}

impl Scratch {
    /// Makes one.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("backout-test-").tempdir();
        Self {
            dir: dir.expect("a scratch directory"),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A path in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
