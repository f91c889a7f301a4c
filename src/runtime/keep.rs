//! Files that the cockpit writes for the operator, in the incident's own `exports`: what was
//! copied, and the log and its documents as they stand.

use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};
use sha2::{Digest as _, Sha256};

use crate::domain::Incident;
use crate::domain::event::Recorded;
use crate::journal::chain::hex;
use crate::report;
use crate::report::export::Kept;
use crate::session::home::make_private_dir;
use crate::session::open::runbook;

/// A form of the export.
type Form = fn(&Incident, &[Recorded], &Kept<'_>, DateTime<Utc>, &FixedOffset) -> String;

/// Keeps a text that was copied, because a terminal never says whether it took it.
///
/// # Errors
/// Where the file cannot be written.
pub fn copied(incident_dir: &Path, text: &str) -> io::Result<PathBuf> {
    let path = exports(incident_dir)?.join("copied.txt");
    write(&path, text)?;
    Ok(path)
}

/// Writes the incident as text, Markdown and JSON, the incident log and the post-mortem documents,
/// as they stand; gives the directory.
///
/// # Errors
/// Where a file cannot be written.
pub fn export(
    incident_dir: &Path,
    incident: &Incident,
    records: &[Recorded],
    now: DateTime<Utc>,
    zone: FixedOffset,
) -> io::Result<PathBuf> {
    let dir = exports(incident_dir)?;
    let head = crate::journal::store::read(incident_dir)
        .map_err(io::Error::other)?
        .head;
    let runbook = runbook(incident_dir);
    let kept = Kept {
        head: &head,
        runbook: runbook.as_deref(),
    };
    for (name, form) in [
        ("incident.txt", report::export::text as Form),
        ("incident.md", report::export::markdown),
        ("incident.json", report::export::json),
    ] {
        write(&dir.join(name), &form(incident, records, &kept, now, &zone))?;
    }
    let patch = runbook.and_then(|text| report::export::patch(incident, records, &text));
    if let Some(patch) = patch {
        write(&dir.join("runbook.patch"), &patch)?;
    }
    let log = report::log::filled(incident, records, now, &zone);
    write(&dir.join("incident-log.md"), &report::log::render(&log))?;
    let documents = report::log::post_mortems(incident, records, now, &zone);
    for (number, document) in documents.iter().enumerate() {
        let name = format!("post-mortem-{}.md", number + 1);
        write(&dir.join(name), &report::log::render(document))?;
    }
    Ok(dir)
}

/// What an attachment is: the path made absolute with the hash of its content, or the address
/// as it is.
///
/// # Errors
/// What went wrong, in words.
pub fn attached(what: &str) -> Result<(String, String), String> {
    if what.contains("://") {
        return Ok((what.to_owned(), String::new()));
    }
    let words = |error: io::Error| format!("cannot attach {what}: {error}");
    let path = std::fs::canonicalize(what).map_err(words)?;
    let mut file = std::fs::File::open(&path).map_err(words)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(size) => hash.update(piece.get(..size).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(words(error)),
        }
    }
    Ok((path.display().to_string(), hex(&hash.finalize())))
}

fn exports(incident_dir: &Path) -> io::Result<PathBuf> {
    let dir = incident_dir.join("exports");
    make_private_dir(&dir).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(dir)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{attached, copied};

    #[test]
    fn an_attachment_has_its_hash_and_an_address_has_none() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("shot.txt");
        std::fs::write(&file, "abc").expect("written");
        let (_, hash) = attached(&file.display().to_string()).expect("attached");
        assert!(hash.starts_with("ba7816bf"));
        let address = "https://status.example.invalid/1";
        assert_eq!(attached(address), Ok((address.to_owned(), String::new())));
        assert!(attached("/no/such/file").is_err());
    }

    #[test]
    fn what_is_copied_is_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = copied(dir.path(), "git log -1").expect("kept");
        assert_eq!(
            std::fs::read_to_string(path).ok().as_deref(),
            Some("git log -1")
        );
    }
}
