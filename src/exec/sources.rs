//! The last look at what a command restores from: is it still the file that the box was made of?
//!
//! A look is cheap: what the file system says, and a hash of the beginning and the end, so that
//! the supervisor can take it again at the last moment. It reads nothing but regular files, since
//! anything else could wait for ever, and leaves their times as they are.

use super::spec::hex_sha256;
use crate::domain::source::{Look, Source, same};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// So much of the beginning and of the end of a file is hashed.
const ENDS: u64 = 1 << 20;
/// More entries of a directory are not looked at.
const MOST_ENTRIES: usize = 10_000;

/// A source as it looks now.
#[must_use]
pub fn look(path: &Path, newest_of: Option<&Path>) -> Source {
    Source {
        path: path.display().to_string(),
        newest_of: newest_of.map(|p| p.display().to_string()),
        look: fs::metadata(path).ok().map(|meta| look_of(path, &meta)),
    }
}

fn look_of(path: &Path, meta: &Metadata) -> Look {
    let mut look = Look {
        device: meta.dev(),
        inode: meta.ino(),
        bytes: 0,
        modified: 0,
        changed: 0,
        sha256: String::new(),
    };
    if meta.is_dir() {
        look.sha256 = inside(path, &mut look);
    }
    if meta.is_file() {
        look.sha256 = ends(path, meta.len()).unwrap_or_default();
    }
    if meta.is_file() || meta.is_dir() {
        add(&mut look, meta);
    }
    look
}

fn add(look: &mut Look, meta: &Metadata) {
    if meta.is_file() {
        look.bytes = look.bytes.saturating_add(meta.len());
    }
    look.modified = look.modified.max(nanos(meta.mtime(), meta.mtime_nsec()));
    look.changed = look.changed.max(nanos(meta.ctime(), meta.ctime_nsec()));
}

fn nanos(seconds: i64, nanos: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

fn ends(path: &Path, bytes: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut read = Vec::new();
    file.by_ref().take(ENDS).read_to_end(&mut read)?;
    if bytes > ENDS {
        file.seek(SeekFrom::Start(ENDS.max(bytes.saturating_sub(ENDS))))?;
        file.take(ENDS).read_to_end(&mut read)?;
    }
    Ok(hex_sha256(&read))
}

/// What is in a directory, entry by entry, as far as the file system tells.
fn inside(path: &Path, look: &mut Look) -> String {
    let mut text = String::new();
    let (mut waiting, mut seen) = (vec![path.to_owned()], 0);
    while let Some(dir) = waiting.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(&dir)
            .map(|all| all.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        entries.sort();
        for entry in entries {
            let Ok(meta) = fs::symlink_metadata(&entry) else {
                continue;
            };
            seen += 1;
            if seen > MOST_ENTRIES {
                return hex_sha256(text.as_bytes());
            }
            let (name, inode, size) = (entry.display(), meta.ino(), meta.len());
            let changed = nanos(meta.ctime(), meta.ctime_nsec());
            let _ = writeln!(text, "{name} {inode} {size} {changed}");
            add(look, &meta);
            if meta.is_dir() {
                waiting.push(entry);
            }
        }
    }
    hex_sha256(text.as_bytes())
}

/// The supervisor's own look, before the claim.
pub(super) fn check(shown: &[Source]) -> io::Result<()> {
    let now: Vec<Source> = shown.iter().map(again).collect();
    same(shown, &now).map_err(io::Error::other)
}

fn again(shown: &Source) -> Source {
    let pattern = shown.newest_of.as_ref().map(PathBuf::from);
    let named = pattern.as_ref().and_then(|p| newest(p, None));
    let path = named.unwrap_or_else(|| PathBuf::from(&shown.path));
    look(&path, pattern.as_deref())
}

/// The newest file of a pattern whose stars are in its last part.
#[must_use]
pub fn newest(pattern: &Path, since: Option<DateTime<Utc>>) -> Option<PathBuf> {
    let name = pattern.file_name()?.to_str()?.to_owned();
    let entries = fs::read_dir(pattern.parent()?).ok()?;
    let fitting = entries.flatten().filter_map(|entry| {
        let made = DateTime::<Utc>::from(entry.metadata().ok()?.modified().ok()?);
        let fits = fits(&name, entry.file_name().to_str()?) && since.is_none_or(|s| made >= s);
        fits.then(|| (made, entry.path()))
    });
    fitting.max().map(|(_, path)| path)
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &str, name: &str) -> bool {
    let (Some(p), rest) = (pattern.chars().next(), name) else {
        return name.is_empty();
    };
    let tail = pattern.get(p.len_utf8()..).unwrap_or_default();
    match p {
        '*' => {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter()
                .any(|at| rest.get(at..).is_some_and(|rest| fits(tail, rest)))
        }
        _ => {
            let mut chars = rest.chars();
            chars
                .next()
                .is_some_and(|c| (c == p || p == '?') && fits(tail, chars.as_str()))
        }
    }
}

/// The stored form of a source.
#[derive(Serialize, Deserialize)]
pub(super) struct SourceRecord {
    path: String,
    newest_of: Option<String>,
    look: Option<LookRecord>,
}

#[derive(Serialize, Deserialize)]
struct LookRecord {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: i64,
    changed: i64,
    sha256: String,
}

impl From<&Source> for SourceRecord {
    fn from(source: &Source) -> Self {
        Self {
            path: source.path.clone(),
            newest_of: source.newest_of.clone(),
            look: source.look.as_ref().map(|look| LookRecord {
                device: look.device,
                inode: look.inode,
                bytes: look.bytes,
                modified: look.modified,
                changed: look.changed,
                sha256: look.sha256.clone(),
            }),
        }
    }
}

impl SourceRecord {
    pub(super) fn read(self) -> Source {
        Source {
            path: self.path,
            newest_of: self.newest_of,
            look: self.look.map(|look| Look {
                device: look.device,
                inode: look.inode,
                bytes: look.bytes,
                modified: look.modified,
                changed: look.changed,
                sha256: look.sha256,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_its_pattern() {
        for (pattern, name, good) in [
            ("b_*.sql", "b_2031.sql", true),
            ("b_*.sql", "b_2031.sql.gz", false),
            ("b?", "bc", true),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), good, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_swapped_is_noticed_whatever_is_put_in_its_place() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("shop.dump");
        let other = dir.path().join("other");
        let write = |path: &Path, text: &str| fs::write(path, text).expect("written");
        let shown = || vec![look(&path, None)];
        write(&path, "good");
        let before = shown();
        check(&before).expect("the same");

        // The same size and the same times, in the same place.
        let times = fs::metadata(&path).expect("there");
        let file = File::options().write(true).open(&path).expect("open");
        write(&path, "evil");
        file.set_modified(times.modified().expect("a time"))
            .expect("set");
        let why = check(&before).expect_err("other content").to_string();
        assert!(why.contains("another content"), "{why}");

        let before = shown();
        write(&other, "evil");
        fs::rename(&other, &path).expect("swapped");
        let why = check(&before).expect_err("another file").to_string();
        assert!(why.contains("is another file now"), "{why}");

        let before = shown();
        fs::remove_file(&path).expect("removed");
        check(&before).expect_err("gone");
        let before = shown();
        check(&before).expect("still gone");
        write(&path, "there");
        check(&before).expect_err("there now");
    }

    #[test]
    fn a_link_that_leads_elsewhere_and_a_file_in_a_directory_are_noticed() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        for name in ["a", "b"] {
            fs::create_dir_all(at(name)).expect("made");
            fs::write(at(name).join("toc.dat"), "the same").expect("written");
        }
        std::os::unix::fs::symlink(at("a"), at("latest")).expect("linked");
        let shown = vec![look(&at("latest"), None)];
        check(&shown).expect("the same");
        fs::remove_file(at("latest")).expect("removed");
        std::os::unix::fs::symlink(at("b"), at("latest")).expect("linked");
        check(&shown).expect_err("it leads elsewhere");

        let shown = vec![look(&at("a"), None)];
        fs::write(at("a").join("toc.dat"), "not same").expect("written");
        check(&shown).expect_err("a file in it is another one");
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let shown = look(Path::new("/dev/null"), None);
        assert_eq!(shown.look.map(|l| l.sha256), Some(String::new()));
    }

    #[test]
    fn both_ends_of_a_large_file_are_looked_at() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("large");
        let mut bytes = vec![b'x'; 3 << 20];
        let hashed = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("written");
            look(&path, None).look.expect("a look").sha256
        };
        let first = hashed(&bytes);
        *bytes.last_mut().expect("a byte") = b'y';
        assert_ne!(first, hashed(&bytes));
        *bytes.first_mut().expect("a byte") = b'y';
        let third = hashed(&bytes);
        let stored = serde_json::to_string(&SourceRecord::from(&look(&path, None))).expect("text");
        let read: SourceRecord = serde_json::from_str(&stored).expect("a record");
        assert_eq!(read.read().look.expect("a look").sha256, third);
    }
}
