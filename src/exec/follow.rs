//! Following the evidence of an attempt: what every screen, observer and export does.
//!
//! Reads the file and nothing else; the supervisor is only asked to ring when there is more, and
//! where it cannot be reached the file is looked at every 15 ms instead. A follower, however
//! slow, never slows the command down.

use super::control::{Bell, Doorbell};
use super::files;
use super::find::read_result;
use super::outcome::Outcome;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two looks at the file when nobody rings.
const LOOK: Duration = Duration::from_millis(15);
/// Between two attempts to reach a supervisor.
const RECONNECT: Duration = Duration::from_millis(500);

/// A reader of one attempt's evidence.
#[derive(Debug)]
pub struct Follower {
    dir: PathBuf,
    output: File,
    offset: u64,
    bell: Option<Bell>,
    tried: Option<Instant>,
    outcome: Option<Outcome>,
}

impl Follower {
    /// Opens the evidence in `dir` at its beginning.
    ///
    /// # Errors
    /// When there is no evidence file (the attempt has not started) or it cannot be read.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let output = File::open(dir.join(files::OUTPUT))?;
        let dir = dir.to_owned();
        Ok(Self {
            dir,
            output,
            offset: 0,
            bell: None,
            tried: None,
            outcome: None,
        })
    }

    /// Bytes of evidence there are now.
    ///
    /// # Errors
    /// When the file cannot be asked.
    pub fn len(&self) -> io::Result<u64> {
        Ok(self.output.metadata()?.len())
    }

    /// Whether there is no evidence yet.
    ///
    /// # Errors
    /// When the file cannot be asked.
    pub fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Where the next read begins.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes to an offset, so that the next read begins there (to jump to the tail).
    pub fn seek(&mut self, offset: u64) {
        self.offset = offset;
    }

    /// Reads on from the offset; 0 bytes mean that there is no more for now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.output.read_at(buffer, self.offset)?;
        self.offset += size as u64;
        Ok(size)
    }

    /// Reads at an offset, without moving (for scrollback and search).
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.output.read_at(buffer, offset)
    }

    /// How it ended, once the result is on disk.
    ///
    /// # Errors
    /// When the result is there and cannot be read.
    pub fn ended(&mut self) -> io::Result<Option<&Outcome>> {
        if self.outcome.is_none() {
            self.outcome = read_result(&self.dir)?;
        }
        Ok(self.outcome.as_ref())
    }

    /// Blocks until there are bytes after the offset, or the attempt has ended, or the time is
    /// up. For a thread of its own; a screen that draws at its own pace need not call it.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn wait(&mut self, at_most: Duration) -> io::Result<Doorbell> {
        let deadline = Instant::now() + at_most;
        loop {
            let bytes = self.len()?;
            let ended = self.ended()?.is_some();
            if bytes > self.offset || ended {
                return Ok(Doorbell::Rung { bytes, ended });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Doorbell::Silent);
            }
            self.doze(left);
        }
    }

    fn doze(&mut self, left: Duration) {
        if self.bell.is_none() && self.tried.is_none_or(|tried| tried.elapsed() > RECONNECT) {
            self.tried = Some(Instant::now());
            self.bell = Bell::connect(&self.dir).ok();
        }
        let Some(bell) = self.bell.as_mut() else {
            std::thread::sleep(left.min(LOOK));
            return;
        };
        if bell.wait(self.offset, left).is_err() {
            self.bell = None;
        }
    }
}
