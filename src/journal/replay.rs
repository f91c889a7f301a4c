//! Reading a journal back: every whole record, the torn end if there is one, or the damage.
//!
//! Reads only. A torn end is what a crash leaves: bytes after the last newline. Anything else
//! that does not fit is damage, and damage is never repaired in silence.

use super::chain::{GENESIS, LineError, read_line};
use crate::domain::event::Recorded;

/// What a journal holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Replay {
    /// Every whole record, in order.
    pub records: Vec<Recorded>,
    /// The hash of the last one, or the genesis hash.
    pub head: String,
    /// Bytes of the whole records.
    pub whole: u64,
    /// Bytes after them: the torn end of a write that a crash cut short.
    pub torn: u64,
}

/// Damage: where it is, and of which kind.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct Damage {
    /// Line, from 1.
    pub line: u64,
    /// What is wrong.
    pub error: LineError,
}

/// Reads a journal's bytes.
///
/// # Errors
/// [`Damage`] at the first line that is whole but does not fit.
pub fn replay(bytes: &[u8]) -> Result<Replay, Damage> {
    let mut replay = Replay {
        records: Vec::new(),
        head: GENESIS.to_owned(),
        whole: 0,
        torn: 0,
    };
    let mut rest = bytes;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (line, after) = rest.split_at(end);
        let seq = u64::try_from(replay.records.len()).unwrap_or(u64::MAX);
        let read = read_line(line, seq, &replay.head).map_err(|error| Damage {
            line: seq + 1,
            error,
        })?;
        replay.records.push(read.recorded);
        replay.head = read.hash;
        rest = after.get(1..).unwrap_or_default();
        replay.whole += u64::try_from(end).unwrap_or(0) + 1;
    }
    replay.torn = u64::try_from(rest.len()).unwrap_or(0);
    Ok(replay)
}
