//! Writing an output to a file of the operator's choice: as plain text, or as a recording.
//!
//! The file has its name only when all of it is on the disk: until then it has none where the file
//! system can do that, so that nothing is left behind whatever happens, and another one elsewhere.
//! A file that is there is replaced only on demand.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};
use sha2::{Digest as _, Sha256};

use crate::journal::chain::hex;
use crate::term::plain_line;

/// Bytes read at a time.
const PIECE: usize = 1 << 18;

/// The longest part of a line that is laid out at once.
const LONGEST: usize = 1 << 20;

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// The hash of all of it.
    pub sha256: String,
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Unwritten {
    /// There is a file of that name.
    Taken,
    /// What went wrong.
    Failed(io::Error),
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::AlreadyExists {
            Self::Taken
        } else {
            Self::Failed(error)
        }
    }
}

/// Where to write, and on which terms.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// One that is there may be replaced.
    pub replace: bool,
    /// Set when nobody waits for it any more.
    pub unwanted: Arc<AtomicBool>,
}

/// Lines of an output file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// The byte to begin at, which begins a line.
    pub from: u64,
    /// Line breaks to pass over from there.
    pub skip: u64,
    /// Lines to write; none for all.
    pub lines: Option<u64>,
    /// Bytes of the file that count: what is printed later does not.
    pub until: u64,
}

/// The path that is meant by what was typed: from the home directory for `~`, and in a directory
/// under the name that was offered.
#[must_use]
pub fn meant(typed: &str, name: &str) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let path = match (typed.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(typed),
    };
    let path = std::path::absolute(&path).unwrap_or(path);
    if typed.ends_with('/') || path.is_dir() {
        return path.join(name);
    }
    path
}

/// Writes lines of an output as plain text.
///
/// # Errors
/// Where there is a file already, or it cannot be written; nothing is left then.
pub fn text(output: &Path, part: Part, to: &Place) -> Result<Written, Unwritten> {
    write(to, |out| copy_plain(output, part, out))
}

/// Writes what `fill` writes.
///
/// # Errors
/// Where there is a file already, or it cannot be written; nothing is left then.
pub fn write(
    to: &Place,
    fill: impl FnOnce(&mut Counted<'_>) -> io::Result<()>,
) -> Result<Written, Unwritten> {
    let there = std::fs::metadata(&to.path).ok();
    let path = match there {
        Some(_) if !to.replace => return Err(Unwritten::Taken),
        Some(file) if !file.is_file() => {
            return Err(Unwritten::Failed(io::ErrorKind::IsADirectory.into()));
        }
        // What a link leads to is replaced, not the link.
        Some(_) => std::fs::canonicalize(&to.path)?,
        None => to.path.clone(),
    };
    let unnamed = Unnamed::create(&path)?;
    let mut out = Counted {
        file: BufWriter::with_capacity(PIECE, &unnamed.file),
        hash: Sha256::new(),
        bytes: 0,
        lines: 0,
        unwanted: &to.unwanted,
    };
    fill(&mut out)?;
    out.flush()?;
    let (lines, bytes) = (out.lines, out.bytes);
    let sha256 = hex(&out.hash.clone().finalize());
    drop(out);
    unnamed.file.sync_all()?;
    unnamed.name_it(to.replace)?;
    Ok(Written {
        path,
        lines,
        bytes,
        sha256,
    })
}

/// A writer that counts and hashes what goes through it, and ends when nobody wants it.
pub struct Counted<'a> {
    file: BufWriter<&'a File>,
    hash: Sha256,
    bytes: u64,
    lines: u64,
    unwanted: &'a AtomicBool,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.unwanted.load(Ordering::Relaxed) {
            return Err(io::Error::other("the cockpit was left meanwhile"));
        }
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that has not its name yet.
struct Unnamed {
    file: File,
    path: PathBuf,
    dir: PathBuf,
    /// The name that it has meanwhile, where it cannot be without one.
    temporary: Option<PathBuf>,
}

impl Unnamed {
    fn create(path: &Path) -> io::Result<Self> {
        let dir = path.parent().unwrap_or(Path::new("/")).to_owned();
        let mode = Mode::RUSR | Mode::WUSR;
        let flags = OFlags::WRONLY | OFlags::CLOEXEC;
        let (file, temporary) = match rustix::fs::open(&dir, flags | OFlags::TMPFILE, mode) {
            Ok(file) => (file, None),
            // A file system without such files says one of these, an old kernel another.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR) => {
                let temporary = beside(path);
                let flags = flags | OFlags::CREATE | OFlags::EXCL;
                (rustix::fs::open(&temporary, flags, mode)?, Some(temporary))
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            file: file.into(),
            path: path.to_owned(),
            dir,
            temporary,
        })
    }

    /// Gives it its name.
    fn name_it(mut self, replace: bool) -> io::Result<()> {
        let from = match &self.temporary {
            Some(temporary) => temporary.clone(),
            None => {
                let own = format!("/proc/self/fd/{}", self.file.as_raw_fd());
                let to = if replace {
                    beside(&self.path)
                } else {
                    self.path.clone()
                };
                rustix::fs::linkat(CWD, own, CWD, &to, AtFlags::SYMLINK_FOLLOW)?;
                if !replace {
                    return self.settle();
                }
                self.temporary = Some(to.clone());
                to
            }
        };
        if replace {
            std::fs::rename(&from, &self.path)?;
            self.temporary = None;
        } else {
            let only_new = RenameFlags::NOREPLACE;
            match rustix::fs::renameat_with(CWD, &from, CWD, &self.path, only_new) {
                Ok(()) => self.temporary = None,
                // Not everywhere: there a second name is as good, and the first one goes.
                Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
                    std::fs::hard_link(&from, &self.path)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.settle()
    }

    /// Its name is on the disk too.
    fn settle(&self) -> io::Result<()> {
        // A directory that only lets in cannot be opened; the file itself is safe.
        File::open(&self.dir).map_or(Ok(()), |dir| dir.sync_all())
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = std::fs::remove_file(temporary);
        }
    }
}

/// A name beside a file that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn copy_plain(output: &Path, part: Part, out: &mut impl Write) -> io::Result<()> {
    let file = match File::open(output) {
        Ok(file) => file,
        // It has printed nothing.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let (mut at, mut skip) = (part.from, part.skip);
    let mut left = part.lines.unwrap_or(u64::MAX);
    let mut line = Vec::new();
    let mut buffer = vec![0; PIECE];
    while left > 0 && at < part.until {
        let most = usize::try_from(part.until - at).map_or(PIECE, |room| room.min(PIECE));
        let size = file.read_at(buffer.get_mut(..most).unwrap_or_default(), at)?;
        if size == 0 {
            break;
        }
        at += size as u64;
        let bytes = buffer.get(..size).unwrap_or_default();
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            let ends = piece.ends_with(b"\n");
            if skip > 0 {
                skip -= u64::from(ends);
                continue;
            }
            if left == 0 {
                break;
            }
            line.extend_from_slice(piece.strip_suffix(b"\n").unwrap_or(piece));
            if ends || line.len() >= LONGEST {
                out.write_all(plain_line(&line).as_bytes())?;
                line.clear();
            }
            if ends {
                out.write_all(b"\n")?;
                left -= 1;
            }
        }
    }
    if !line.is_empty() && left > 0 {
        out.write_all(plain_line(&line).as_bytes())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// What went wrong, where, and what to do.
#[must_use]
pub fn why(path: &Path, error: &io::Error) -> String {
    use io::ErrorKind::{
        FileTooLarge, InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied,
        QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let dir = path.parent().unwrap_or(path).display();
    let file = path.display();
    match error.kind() {
        NotFound | NotADirectory => {
            format!("not saved: there is no directory {dir}: make it, or choose another place (s)")
        }
        PermissionDenied | ReadOnlyFilesystem => {
            format!("not saved: you may not write in {dir} ({error}): choose another place (s)")
        }
        StorageFull | QuotaExceeded | FileTooLarge => format!(
            "not saved: no room in {dir} ({error}), and nothing was left there: choose another place (s)"
        ),
        IsADirectory => format!("not saved: {file} is no plain file: choose another name (s)"),
        InvalidFilename => format!("not saved: that name is too long ({error}): a shorter one (s)"),
        _ => format!("not saved to {file}: {error}; nothing was left there (s tries again)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: PathBuf, replace: bool) -> Place {
        Place {
            path,
            replace,
            unwanted: Arc::default(),
        }
    }

    const ALL: Part = Part {
        from: 0,
        skip: 0,
        lines: None,
        until: u64::MAX,
    };

    /// A directory with an output in it.
    fn with_output(output: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("output");
        std::fs::write(&path, output).expect("written");
        (dir, path)
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).expect("a directory");
        let name = |e: io::Result<std::fs::DirEntry>| e.expect("an entry").file_name();
        let mut names: Vec<String> = entries
            .map(|e| name(e).to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_shown_is_written_without_its_colours() {
        let (dir, output) = with_output(b"\x1b[31mred\x1b[0m\r\n10%\r100%\r\nlast");
        let to = dir.path().join("a.log");
        let written = text(&output, ALL, &place(to.clone(), false)).expect("written");
        let text = std::fs::read(&to).expect("a file");
        assert_eq!(text, b"red\n100%\nlast\n");
        assert_eq!((written.lines, written.bytes), (3, 14));
        assert_eq!(written.sha256, hex(&Sha256::digest(&text)));
    }

    #[test]
    fn lines_are_written_from_where_they_are_and_no_more() {
        let lines: Vec<String> = (0..600).map(|n| format!("line {n}\r\n")).collect();
        let lines = lines.concat();
        let (dir, output) = with_output(lines.as_bytes());
        let to = dir.path().join("a.log");
        let part = Part {
            from: 8,
            skip: 2,
            lines: Some(2),
            until: lines.len() as u64,
        };
        let written = text(&output, part, &place(to.clone(), false)).expect("written");
        assert_eq!(std::fs::read(&to).expect("a file"), b"line 3\nline 4\n");
        assert_eq!(written.lines, 2);
        // What is printed later does not count.
        let part = Part { until: 12, ..ALL };
        text(&output, part, &place(to.clone(), true)).expect("written");
        assert_eq!(std::fs::read(&to).expect("a file"), b"line 0\nline\n");
    }

    #[test]
    fn a_line_without_an_end_is_written_whole() {
        let mut long = "é".repeat(LONGEST).into_bytes();
        long.extend(b"\x1b[0m\n");
        let (dir, output) = with_output(&long);
        let to = dir.path().join("a.log");
        let written = text(&output, ALL, &place(to, false)).expect("written");
        assert_eq!((written.lines, written.bytes), (1, 2 * LONGEST as u64 + 1));
    }

    #[test]
    fn a_file_that_is_there_is_kept_unless_it_is_to_be_replaced() {
        let (dir, output) = with_output(b"new\n");
        let to = dir.path().join("a.log");
        std::fs::write(&to, "old").expect("written");
        let kept = text(&output, ALL, &place(to.clone(), false));
        assert!(matches!(kept, Err(Unwritten::Taken)), "{kept:?}");
        assert_eq!(std::fs::read(&to).expect("a file"), b"old");
        text(&output, ALL, &place(to.clone(), true)).expect("written");
        assert_eq!(std::fs::read(&to).expect("a file"), b"new\n");
        assert_eq!(names(dir.path()), ["a.log", "output"]);
    }

    #[test]
    fn one_that_came_meanwhile_is_kept_too() {
        let (dir, _) = with_output(b"");
        let to = dir.path().join("a.log");
        let kept = write(&place(to.clone(), false), |_| std::fs::write(&to, "theirs"));
        assert!(matches!(kept, Err(Unwritten::Taken)), "{kept:?}");
        assert_eq!(std::fs::read(&to).expect("a file"), b"theirs");
        assert_eq!(names(dir.path()), ["a.log", "output"]);
    }

    #[test]
    fn what_fails_leaves_nothing_and_what_was_there() {
        let (dir, output) = with_output(b"new\n");
        let to = dir.path().join("a.log");
        std::fs::write(&to, "old").expect("written");
        let full = |_: &mut Counted<'_>| Err(io::ErrorKind::StorageFull.into());
        for replace in [false, true] {
            let path = if replace {
                to.clone()
            } else {
                dir.path().join("b.log")
            };
            assert!(matches!(
                write(&place(path, replace), full),
                Err(Unwritten::Failed(_))
            ));
        }
        let left = place(dir.path().join("c.log"), false);
        left.unwanted.store(true, Ordering::Relaxed);
        assert!(text(&output, ALL, &left).is_err());
        assert_eq!(names(dir.path()), ["a.log", "output"]);
        assert_eq!(std::fs::read(&to).expect("a file"), b"old");
    }

    #[test]
    fn a_file_system_that_wants_names_gets_one_that_goes() {
        let (dir, _) = with_output(b"");
        let to = dir.path().join("a.log");
        for replace in [false, true] {
            let temporary = beside(&to);
            let named = Unnamed {
                file: File::create(&temporary).expect("a file"),
                path: to.clone(),
                dir: dir.path().to_owned(),
                temporary: Some(temporary),
            };
            named.name_it(replace).expect("named");
            assert_eq!(names(dir.path()), ["a.log", "output"]);
        }
    }

    #[test]
    fn an_error_says_where_and_what_to_do() {
        let (dir, output) = with_output(b"x\n");
        let gone = dir.path().join("no/such/a.log");
        match text(&output, ALL, &place(gone.clone(), false)) {
            Err(Unwritten::Failed(error)) => {
                let why = why(&gone, &error);
                assert!(
                    why.contains("there is no directory") && why.contains("/no/such"),
                    "{why}"
                );
            }
            other => panic!("{other:?}"),
        }
        let full = why(&gone, &io::ErrorKind::StorageFull.into());
        assert!(full.contains("nothing was left"), "{full}");
        let taken = text(&output, ALL, &place("/dev/null".into(), true));
        assert!(matches!(taken, Err(Unwritten::Failed(_))), "{taken:?}");
    }

    #[test]
    fn a_directory_gets_the_name_that_was_offered() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().display().to_string();
        assert_eq!(meant(&path, "a.log"), dir.path().join("a.log"));
        assert_eq!(meant("/x/y/", "a.log"), Path::new("/x/y/a.log"));
        assert_eq!(meant("/x/y.txt", "a.log"), Path::new("/x/y.txt"));
        assert!(meant("b.log", "a.log").is_absolute());
    }
}
