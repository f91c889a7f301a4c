//! The journal on disk: append, sync, and only then acknowledged.
//!
//! The first error is final for the file: a sync that fails may have lost the data, and one that
//! "succeeds" after it proves nothing. From then on every append is refused with what happened.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::chain::write_line;
use super::disk::{Disk, FileDisk};
use super::replay::{Damage, Replay, replay};
use crate::domain::event::{Event, Recorded};
use crate::domain::time::Stamp;

/// Name of the journal within an incident's directory.
pub const JOURNAL: &str = "journal.jsonl";

/// Name of the lock file within an incident's directory.
const LOCK: &str = "driver.lock";

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A record does not fit.
    #[error("{}: {damage}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where and how.
        damage: Damage,
    },
    /// There is no record in it.
    #[error("{}: it holds no record", path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
    },
    /// Somebody else drives this incident.
    #[error("somebody else drives this incident ({who})")]
    Locked {
        /// Who, as they wrote it.
        who: String,
    },
    /// An earlier write failed, so nothing more is acknowledged.
    #[error("an earlier write to the journal failed ({0}); nothing since then is on record")]
    Poisoned(String),
}

/// The only writer of an incident's journal.
pub struct Store<D: Disk = FileDisk> {
    disk: D,
    seq: u64,
    head: String,
    /// Bytes that were acknowledged.
    whole: u64,
    failed: Option<String>,
}

impl<D: Disk> Store<D> {
    /// A store that goes on after what was replayed.
    #[must_use]
    pub fn after(disk: D, replayed: &Replay) -> Self {
        let seq = u64::try_from(replayed.records.len()).unwrap_or(u64::MAX);
        Self {
            disk,
            seq,
            head: replayed.head.clone(),
            whole: replayed.whole,
            failed: None,
        }
    }

    /// Appends events together and syncs once; when this returns, they survive a crash.
    ///
    /// # Errors
    /// The first error is final: see [`JournalError::Poisoned`].
    pub fn append(
        &mut self,
        events: Vec<Event>,
        at: &Stamp,
        by: &str,
    ) -> Result<Vec<Recorded>, JournalError> {
        if let Some(failed) = &self.failed {
            return Err(JournalError::Poisoned(failed.clone()));
        }
        let mut text = String::new();
        let (mut seq, mut head) = (self.seq, self.head.clone());
        let mut recorded = Vec::with_capacity(events.len());
        for event in events {
            seq += 1;
            let (line, hash) = write_line(seq, at, by, &event, &head);
            text.push_str(&line);
            head = hash;
            recorded.push(Recorded {
                seq,
                at: at.clone(),
                by: by.to_owned(),
                event,
            });
        }
        let written = self
            .disk
            .append(text.as_bytes())
            .and_then(|()| self.disk.sync());
        if let Err(error) = written {
            self.failed = Some(error.to_string());
            return Err(JournalError::Poisoned(error.to_string()));
        }
        self.whole += text.len() as u64;
        self.seq = seq;
        self.head = head;
        Ok(recorded)
    }

    /// After a failure: goes on in a new file that holds exactly what was acknowledged. The one
    /// that failed is not written to again.
    ///
    /// # Errors
    /// Where that cannot be done (yet); the store stays as it is.
    pub fn mend(&mut self) -> io::Result<()> {
        let (seq, head) = (self.seq, self.head.as_str());
        let holds = |bytes: &[u8]| {
            replay(bytes).is_ok_and(|found| {
                found.torn == 0 && found.head == head && found.records.len() as u64 == seq
            })
        };
        self.disk.renew(self.whole, &holds)?;
        self.failed = None;
        Ok(())
    }

    /// The hash of the last record.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }
}

/// The right to drive an incident; given back when dropped, or when the process ends.
pub struct DriverLock {
    _file: File,
}

/// Who wrote themselves down as the driver, every line of it, whether or not they still are.
#[must_use]
pub fn driver(dir: &Path) -> Option<String> {
    std::fs::read_to_string(dir.join(LOCK)).ok()
}

/// Shows that the driver is there; when that was, [`last_sign`] tells.
pub fn give_sign(dir: &Path) {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, utimensat};
    let at = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    let now = Timestamps {
        last_access: at(UTIME_OMIT),
        last_modification: at(UTIME_NOW),
    };
    // Without it the driver looks as if they were not there; they can say otherwise.
    let _ = utimensat(CWD, dir.join(LOCK), &now, AtFlags::empty());
}

/// How long ago the driver gave a sign.
#[must_use]
pub fn last_sign(dir: &Path) -> Option<std::time::Duration> {
    let changed = std::fs::metadata(dir.join(LOCK)).ok()?.modified().ok()?;
    Some(changed.elapsed().unwrap_or_default())
}

/// Takes the right to drive the incident in this directory. The first line of `who` is for people.
///
/// # Errors
/// [`JournalError::Locked`] with who has it, or an I/O error.
pub fn lock(dir: &Path, who: &str) -> Result<DriverLock, JournalError> {
    use std::io::{Read as _, Seek as _, Write as _};
    let path = dir.join(LOCK);
    let io = |source| JournalError::Io {
        path: path.clone(),
        source,
    };
    let mut file = super::disk::private_file(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            let mut who = String::new();
            // Who it is only makes the message better; without it the lock holds all the same.
            let _ = file.read_to_string(&mut who);
            return Err(JournalError::Locked {
                who: who.lines().next().unwrap_or_default().trim().to_owned(),
            });
        }
        Err(std::fs::TryLockError::Error(source)) => return Err(io(source)),
    }
    // The lock holds without the name in it; a full disk must not keep anybody out here.
    let _ = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{who}"));
    Ok(DriverLock { _file: file })
}

/// Where the torn end of a journal is kept that was cut after so many bytes.
#[must_use]
pub fn torn_end(dir: &Path, whole: u64) -> PathBuf {
    super::disk::beside(&dir.join(JOURNAL), whole)
}

/// Reads the journal of an incident; changes nothing.
///
/// # Errors
/// I/O, damage, or an empty journal.
pub fn read(dir: &Path) -> Result<Replay, JournalError> {
    let path = dir.join(JOURNAL);
    let bytes = std::fs::read(&path).map_err(|source| JournalError::Io {
        path: path.clone(),
        source,
    })?;
    let replayed = replay(&bytes).map_err(|damage| JournalError::Damaged {
        path: path.clone(),
        damage,
    })?;
    if replayed.records.is_empty() {
        return Err(JournalError::Empty { path });
    }
    Ok(replayed)
}

/// Creates the journal of a new incident.
///
/// # Errors
/// I/O; also where one exists already.
pub fn create(dir: &Path) -> Result<Store, JournalError> {
    let path = dir.join(JOURNAL);
    let io = |source| JournalError::Io {
        path: path.clone(),
        source,
    };
    let disk = FileDisk::create(&path).map_err(io)?;
    super::disk::sync_dir(dir).map_err(io)?;
    let nothing = Replay {
        records: Vec::new(),
        head: super::chain::GENESIS.to_owned(),
        whole: 0,
        torn: 0,
    };
    Ok(Store::after(disk, &nothing))
}

/// Opens the journal of an incident for going on. A torn end is kept beside the journal and cut.
///
/// # Errors
/// I/O, damage, or an empty journal.
pub fn open(dir: &Path) -> Result<(Store, Replay), JournalError> {
    let path = dir.join(JOURNAL);
    let io = |source| JournalError::Io {
        path: path.clone(),
        source,
    };
    let replayed = read(dir)?;
    if replayed.torn > 0 {
        super::disk::cut_tail(&path, replayed.whole).map_err(io)?;
    }
    let disk = FileDisk::open(&path).map_err(io)?;
    let store = Store::after(disk, &replayed);
    Ok((store, replayed))
}
