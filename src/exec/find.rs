//! What became of an attempt, judged from its evidence directory alone.
//!
//! Any process may ask, at any time: after a restart, from another terminal, as another user of
//! the directory's group. An attempt that was claimed and has neither a result nor a living
//! supervisor or holder is unknown, and is never guessed to have ended well.

use super::files;
use super::outcome::Outcome;
use chrono::{DateTime, Utc};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// What became of an attempt.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// Nothing was executed: no claim, or a fence.
    NotStarted,
    /// A supervisor or holder is at it.
    Running {
        /// Since when.
        since: DateTime<Utc>,
        /// Process id of the supervisor that claimed it.
        supervisor: u32,
    },
    /// It ended so.
    Ended(Box<Outcome>),
    /// It was begun, and nobody knows how it ended.
    Unknown,
}

/// What [`fence`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fence {
    /// The attempt can no longer start, and never has; perhaps since an earlier fence.
    Fenced,
    /// Somebody had claimed it before; see [`find`].
    AlreadyClaimed,
}

/// The content of the claim.
#[derive(Serialize, Deserialize)]
pub(super) struct ClaimRecord {
    format: u32,
    pid: u32,
    boot_id: String,
    #[serde(with = "super::stamp")]
    at: DateTime<Utc>,
    fenced: bool,
}

/// Whether somebody is at the attempt in `dir`, as far as can be seen.
#[must_use]
pub fn is_running(dir: &Path) -> bool {
    matches!(find(dir), Ok(Found::Running { .. }))
}

/// Reads what became of the attempt in `dir`.
///
/// # Errors
/// When the directory or its files cannot be read.
pub fn find(dir: &Path) -> io::Result<Found> {
    if let Some(ended) = result(dir)? {
        return Ok(ended);
    }
    let claim = match File::open(dir.join(files::CLAIM)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::metadata(dir)?;
            return Ok(Found::NotStarted);
        }
        Err(error) => return Err(error),
    };
    let record: ClaimRecord = serde_json::from_reader(&claim)?;
    if record.fenced {
        return Ok(Found::NotStarted);
    }
    if is_locked(&claim)? {
        return Ok(Found::Running {
            since: record.at,
            supervisor: record.pid,
        });
    }
    // It may have ended between the first look and the lock.
    Ok(result(dir)?.unwrap_or(Found::Unknown))
}

/// Sees to it that the attempt in `dir` can never start. May be done again.
///
/// # Errors
/// When the claim can be neither read nor written; the attempt may still start then.
pub fn fence(dir: &Path) -> io::Result<Fence> {
    match claim(dir, true) {
        Ok(_) => Ok(Fence::Fenced),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let standing: ClaimRecord =
                serde_json::from_reader(File::open(dir.join(files::CLAIM))?)?;
            Ok(if standing.fenced {
                Fence::Fenced
            } else {
                Fence::AlreadyClaimed
            })
        }
        Err(error) => Err(error),
    }
}

/// Claims the attempt, or fails with `AlreadyExists`. The file that comes back holds the lock:
/// it is locked before its name appears, so that no claim is ever seen without its owner.
pub(super) fn claim(dir: &Path, fenced: bool) -> io::Result<File> {
    let record = ClaimRecord {
        format: 1,
        pid: std::process::id(),
        boot_id: boot_id(),
        at: Utc::now(),
        fenced,
    };
    let temporary = files::temporary(dir, files::CLAIM);
    let _ = fs::remove_file(&temporary);
    let mut file = files::create_new(&temporary)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    serde_json::to_writer(&mut file, &record)?;
    file.sync_all()?;
    files::publish(dir, &temporary, files::CLAIM)?;
    Ok(file)
}

fn is_locked(claim: &File) -> io::Result<bool> {
    match flock(claim, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn result(dir: &Path) -> io::Result<Option<Found>> {
    Ok(read_result(dir)?.map(|outcome| Found::Ended(Box::new(outcome))))
}

/// The result, if there is one yet.
pub(super) fn read_result(dir: &Path) -> io::Result<Option<Outcome>> {
    match fs::read(dir.join(files::RESULT)) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}
