//! The stops that were asked for, in memory that supervisor and holder share: a command that was
//! stopped must not count as one that ended by itself because its supervisor was killed.

use super::memory::Log;
use super::outcome::Stop;
use std::io;

/// Stops in their order.
pub(super) struct Stops {
    log: Log,
    list: Vec<Stop>,
}

impl Stops {
    /// None yet, to be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        let list = Vec::new();
        Log::new().map(|log| Self { log, list })
    }

    /// With those of a process whose place is taken.
    pub(super) fn resumed(mut self) -> Self {
        let lines = self.log.bytes().split(|byte| *byte == b'\n');
        self.list = lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        self
    }

    /// One more, before anybody is signalled: who dies in between has asked for it all the same.
    pub(super) fn push(&mut self, stop: Stop) {
        if let Ok(mut line) = serde_json::to_vec(&stop) {
            line.push(b'\n');
            self.log.add(&line);
        }
        self.list.push(stop);
    }

    /// The last one has reached so many.
    pub(super) fn reached(&mut self, signalled: u32) {
        if let Some(last) = self.list.last_mut() {
            last.signalled = signalled;
        }
    }

    /// All so far.
    pub(super) fn list(&self) -> &[Stop] {
        &self.list
    }
}
