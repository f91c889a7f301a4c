//! What the journal needs of a disk, small enough that tests can put a failing one in its place.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A file that is only appended to.
pub trait Disk {
    /// Appends bytes.
    ///
    /// # Errors
    /// Whatever the operating system says.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes what was appended survive a crash.
    ///
    /// # Errors
    /// Whatever the operating system says.
    fn sync(&mut self) -> io::Result<()>;

    /// Begins anew, after a failure, with a file that holds the first `whole` bytes and nothing
    /// else, if `holds` says that they are what they should be. What stood behind them is kept
    /// beside.
    ///
    /// # Errors
    /// Whatever the operating system says; nothing may be appended then.
    fn renew(&mut self, whole: u64, holds: &dyn Fn(&[u8]) -> bool) -> io::Result<()> {
        let _ = (whole, holds);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A real file.
pub struct FileDisk(File, PathBuf);

impl FileDisk {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map(|file| Self(file, path.to_owned()))
    }

    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(path)?;
        Ok(Self(file, path.to_owned()))
    }
}

impl Disk for FileDisk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    /// A file whose sync has failed is never trusted again: what is known to be on the disk is
    /// written to a new one, which takes its name.
    fn renew(&mut self, whole: u64, holds: &dyn Fn(&[u8]) -> bool) -> io::Result<()> {
        let bytes = std::fs::read(&self.1)?;
        let whole = usize::try_from(whole).unwrap_or(usize::MAX);
        let Some((kept, tail)) = bytes
            .split_at_checked(whole)
            .filter(|(kept, _)| holds(kept))
        else {
            return Err(io::Error::other(
                "what was recorded before is not there any more",
            ));
        };
        if !tail.is_empty() {
            write_whole(&beside(&self.1, whole), tail)?;
        }
        write_whole(&self.1, kept)?;
        *self = Self::open(&self.1)?;
        Ok(())
    }
}

/// Where the torn end of a journal is kept.
pub(super) fn beside(path: &Path, whole: impl std::fmt::Display) -> PathBuf {
    path.with_extension(format!("torn-{whole}"))
}

/// Opens a file for reading and writing that only its owner may read, making it if need be.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// Makes the entries of a directory survive a crash.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Writes a file whole or not at all: beside it, synced, renamed, directory synced.
///
/// # Errors
/// Whatever the operating system says; the old file is then still there.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path
        .parent()
        .ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    sync_dir(dir)
}

/// Keeps what stands after `whole` bytes in a file beside the journal, then cuts it off.
pub(super) fn cut_tail(path: &Path, whole: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    file.seek(SeekFrom::Start(whole))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    write_whole(&beside(path, whole), &tail)?;
    file.set_len(whole)?;
    file.sync_all()
}
