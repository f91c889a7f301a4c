//! One line of the journal: a record that carries the hash of the one before it and its own.
//!
//! The hash covers the exact bytes of the line up to its own field, so that any change of any
//! byte shows; nothing is re-serialised to check it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fields::{Fields, RecordError, stored_time};
use super::record;
use crate::domain::event::{Event, Recorded};
use crate::domain::time::Stamp;

/// The format of a record; a later one is refused.
const FORMAT: u64 = 1;

/// What stands before a record's own hash in its line.
const HASH_FIELD: &str = ",\"hash\":\"";

/// Hex digits of a SHA-256.
const HASH_LEN: usize = 64;

/// The hash that the first record carries as that of the one before it.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What is wrong with a line.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineError {
    /// The line is not a whole record.
    #[error("the line is not a whole record")]
    Torn,
    /// Its content does not fit its own hash.
    #[error("the record was changed after it was written (its hash does not fit)")]
    Hash,
    /// It does not follow the record before it.
    #[error("the record does not follow the one before it")]
    Chain,
    /// Its content is not understood.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// A line that was checked.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// What it records.
    pub recorded: Recorded,
    /// Its hash: the head of the chain once it is the last.
    pub hash: String,
}

/// The line for an event, newline included, and its hash.
#[must_use]
pub fn write_line(seq: u64, at: &Stamp, by: &str, event: &Event, prev: &str) -> (String, String) {
    let (kind, data) = record::to_stored(event);
    let body = json!({
        "v": FORMAT, "seq": seq, "at": stored_time(at.wall), "mono_ms": at.mono_ms,
        "boot": at.boot, "by": by, "type": kind, "data": data, "prev": prev,
    });
    let mut line = body.to_string();
    line.pop();
    let hash = hex(&Sha256::digest(line.as_bytes()));
    line.push_str(HASH_FIELD);
    line.push_str(&hash);
    line.push_str("\"}\n");
    (line, hash)
}

/// Checks and reads one line, without its newline, that must follow a record with this number
/// and hash.
///
/// # Errors
/// A [`LineError`] that says in which way it does not fit.
pub fn read_line(line: &[u8], after_seq: u64, after_hash: &str) -> Result<Line, LineError> {
    let text = std::str::from_utf8(line).map_err(|_| LineError::Torn)?;
    let tail = HASH_FIELD.len() + HASH_LEN + 2;
    let cut = text.len().checked_sub(tail).ok_or(LineError::Torn)?;
    let (body, end) = text.split_at_checked(cut).ok_or(LineError::Torn)?;
    let hash = end
        .strip_prefix(HASH_FIELD)
        .and_then(|rest| rest.strip_suffix("\"}"))
        .ok_or(LineError::Torn)?;
    if hex(&Sha256::digest(body.as_bytes())) != hash {
        return Err(LineError::Hash);
    }
    let value: Value = serde_json::from_str(text).map_err(|_| LineError::Torn)?;
    let f = Fields(&value);
    let version = f.u64("v")?;
    if version != FORMAT {
        return Err(RecordError::Version(version).into());
    }
    let seq = f.u64("seq")?;
    if seq != after_seq + 1 || f.text("prev")? != after_hash {
        return Err(LineError::Chain);
    }
    let at = Stamp {
        wall: f.time("at")?,
        mono_ms: f.u64("mono_ms")?,
        boot: f.text("boot")?,
    };
    let event = record::from_stored(&f.text("type")?, f.value("data")?)?;
    let recorded = Recorded {
        seq,
        at,
        by: f.text("by")?,
        event,
    };
    Ok(Line {
        recorded,
        hash: hash.to_owned(),
    })
}

/// Lower-case hex of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
