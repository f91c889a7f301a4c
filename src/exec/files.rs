//! The files of an attempt's evidence directory: their names, and how they are put on disk.
//!
//! Guarantees: a file made by [`publish`] is complete and synced before its name appears, and its
//! name appears once: of two writers the first wins and the second is told.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// What is to run, without its code and without secret values.
pub(super) const ACTION: &str = "action.json";
/// The code, byte for byte.
pub(super) const SCRIPT: &str = "script";
/// Made exclusively before anything runs; locked while a supervisor or holder lives.
pub(super) const CLAIM: &str = "claim";
/// What the command printed, after redaction.
pub(super) const OUTPUT: &str = "output";
/// Time, offset and line records of the output.
pub(super) const INDEX: &str = "index";
/// The name of the control socket.
pub(super) const SOCKET: &str = "socket";
/// How far a transaction has come that waits before its COMMIT.
pub(super) const LEDGER: &str = "transaction";
/// What a person decided about it.
pub(super) const ANSWER: &str = "answer";
/// How it ended.
pub(super) const RESULT: &str = "result.json";

/// Why nothing was sent, where that is so.
pub(super) const REFUSED: &str = "refused";

/// What the server said of the statement that failed, where one did.
pub(super) const SENTENCE: &str = "sentence";

/// That the connection ended while the text ran at its other end, where that is so.
pub(super) const PARTED: &str = "parted";

/// Creates a file that must not exist yet, for its owner only.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a file to append to, creating it for its owner only.
pub(super) fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

/// Writes a new file and syncs it; the caller syncs the directory.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What a file of an attempt says, where it is there.
pub(super) fn said(dir: &Path, name: &str) -> Option<String> {
    fs::read_to_string(dir.join(name)).ok()
}

/// Replaces a file in one step.
pub(super) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(dir, name);
    let _ = fs::remove_file(&temporary);
    write_new(&temporary, bytes)?;
    fs::rename(&temporary, dir.join(name))?;
    sync_dir(dir)
}

/// Gives a synced file its final name, unless somebody else was first (`AlreadyExists`).
pub(super) fn publish(dir: &Path, temporary: &Path, name: &str) -> io::Result<()> {
    let linked = fs::hard_link(temporary, dir.join(name));
    let _ = fs::remove_file(temporary);
    linked?;
    sync_dir(dir)
}

/// A name of its own for each writer of `name`.
pub(super) fn temporary(dir: &Path, name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    dir.join(format!(".{name}.{}.{number}", std::process::id()))
}

/// Makes the names in a directory durable.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
