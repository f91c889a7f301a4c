//! Where incidents live: the data directory and what is in it.
//!
//! Creates what it needs with mode 0700; says what to do when it cannot.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::domain::ids::IncidentId;
use crate::journal::{chain::hex, disk::write_whole};

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is no home directory to derive it from.
    #[error("there is no home directory: name one with --home DIR or BACKOUT_HOME")]
    NoHome,
    /// It cannot be made or written.
    #[error("cannot write {}: {source}; name another place with --home DIR or BACKOUT_HOME", path.display())]
    Io {
        /// Which path.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The data directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Home {
    dir: PathBuf,
}

impl Home {
    /// The directory named by the caller, or the user's own data directory. Nothing is created.
    ///
    /// # Errors
    /// [`HomeError::NoHome`] where there is neither.
    pub fn locate(named: Option<PathBuf>) -> Result<Self, HomeError> {
        let dir = match named {
            Some(dir) => {
                std::path::absolute(&dir).map_err(|source| HomeError::Io { path: dir, source })?
            }
            None => directories::ProjectDirs::from("", "", "backout")
                .ok_or(HomeError::NoHome)?
                .data_dir()
                .to_path_buf(),
        };
        Ok(Self { dir })
    }

    /// The directory itself.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory of an incident.
    #[must_use]
    pub fn incident_dir(&self, id: &IncidentId) -> PathBuf {
        self.dir.join("incidents").join(id.as_str())
    }

    /// Ids of all incidents on disk, oldest first.
    ///
    /// # Errors
    /// Where the directory exists and cannot be read.
    pub fn incidents(&self) -> Result<Vec<IncidentId>, HomeError> {
        let dir = self.dir.join("incidents");
        let entries = match std::fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(HomeError::Io { path: dir, source }),
        };
        let mut ids: Vec<IncidentId> = entries
            .filter_map(Result::ok)
            .filter(|e| e.path().join(crate::journal::store::JOURNAL).exists())
            .filter_map(|e| e.file_name().to_str().map(IncidentId::new))
            .collect();
        // The time of opening is in the id behind its prefix.
        ids.sort_by(|a, b| time_part(a).cmp(time_part(b)).then_with(|| a.cmp(b)));
        Ok(ids)
    }

    /// Makes the directory of a new incident, under an id that no other has.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn new_incident(
        &self,
        prefix: &str,
        stamp: &str,
    ) -> Result<(IncidentId, PathBuf), HomeError> {
        let parent = self.dir.join("incidents");
        make_private_dir(&parent)?;
        for attempt in 0..64_u32 {
            let id = IncidentId::new(format!("{prefix}-{stamp}-{}", suffix(attempt)));
            let dir = parent.join(id.as_str());
            match std::fs::DirBuilder::new().mode(0o700).create(&dir) {
                Ok(()) => {
                    for part in ["evidence", "shell", "exports"] {
                        make_private_dir(&dir.join(part))?;
                    }
                    return Ok((id, dir));
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(HomeError::Io { path: dir, source }),
            }
        }
        let source = io::Error::from(io::ErrorKind::AlreadyExists);
        Err(HomeError::Io {
            path: parent,
            source,
        })
    }

    /// Whether a runbook was accepted at this path with exactly this content.
    #[must_use]
    pub fn is_trusted(&self, path: &str, bytes: &[u8]) -> bool {
        let known = std::fs::read_to_string(self.trust_file()).unwrap_or_default();
        known.lines().any(|line| line == trust_key(path, bytes))
    }

    /// Remembers that a runbook was accepted at this path with exactly this content.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn trust(&self, path: &str, bytes: &[u8]) -> Result<(), HomeError> {
        if self.is_trusted(path, bytes) {
            return Ok(());
        }
        make_private_dir(&self.dir)?;
        let file = self.trust_file();
        let mut known = std::fs::read_to_string(&file).unwrap_or_default();
        known.push_str(&trust_key(path, bytes));
        known.push('\n');
        write_whole(&file, known.as_bytes()).map_err(|source| HomeError::Io { path: file, source })
    }

    fn trust_file(&self) -> PathBuf {
        self.dir.join("accepted-runbooks")
    }
}

fn trust_key(path: &str, bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(path.as_bytes());
    hash.update([0]);
    hash.update(bytes);
    hex(&hash.finalize())
}

fn time_part(id: &IncidentId) -> &str {
    id.as_str().split_once('-').map_or("", |(_, rest)| rest)
}

/// Three characters that make an id its own; random enough to tell apart what one second begins.
fn suffix(attempt: u32) -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u32(attempt);
    let mut bits = hasher.finish();
    let mut text = String::new();
    for _ in 0..3 {
        let index = usize::try_from(bits % 32).unwrap_or(0);
        text.push(char::from(LETTERS.get(index).copied().unwrap_or(b'a')));
        bits /= 32;
    }
    text
}

/// Makes a directory, and those above it, that only its owner may enter.
///
/// # Errors
/// Where it cannot be made.
pub fn make_private_dir(dir: &Path) -> Result<(), HomeError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|source| HomeError::Io {
            path: dir.to_path_buf(),
            source,
        })
}
