//! Getting a runbook's bytes: from a file or from standard input, once.
//!
//! The bytes that are read here are the bytes that are hashed, parsed and stored. What is surely
//! no runbook (a directory, a binary file, nothing at all) is refused with what to do instead.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::failure::Failure;

/// The longest runbook that is read, in bytes.
const LIMIT: u64 = 32 * 1024 * 1024;

/// A runbook's bytes and the name by which it was asked for.
pub struct Source {
    /// As it was named, made absolute; `standard input` for `-`.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Source {
    /// Reads a runbook; `-` is standard input.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let bytes = take(io::stdin().lock(), path)?;
            return Self::checked("standard input".to_owned(), bytes, path);
        }
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        if file.metadata().is_ok_and(|found| found.is_dir()) {
            return Err(is_directory(path));
        }
        let bytes = take(file, path)?;
        let name = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self::checked(name.to_string_lossy().into_owned(), bytes, path)
    }

    fn checked(name: String, bytes: Vec<u8>, path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        if bytes.trim_ascii().is_empty() {
            let what = format!("cannot use {shown}: it is empty");
            return Err(Failure::new(
                what,
                "write the plan first, or name another file",
            ));
        }
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            let what = format!("cannot use {shown}: it is UTF-16");
            return Err(Failure::new(what, "save it as UTF-8 and open it again"));
        }
        if is_binary(&bytes) {
            let what = format!("cannot use {shown}: it is a binary file, not a Markdown runbook");
            return Err(Failure::new(what, "name the Markdown file"));
        }
        Ok(Self { name, bytes })
    }
}

fn take(from: impl Read, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > LIMIT {
        let what = format!("cannot use {}: it is longer than 32 MiB", path.display());
        return Err(Failure::new(what, "name the Markdown file"));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    let (why, todo) = match error.kind() {
        io::ErrorKind::NotFound => ("there is no such file", "check the path"),
        io::ErrorKind::PermissionDenied => (
            "you may not read it",
            "ask its owner, or copy it to where you may",
        ),
        io::ErrorKind::IsADirectory => return is_directory(path),
        _ => return Failure::new(format!("cannot read {shown}: {error}"), "try again"),
    };
    Failure::new(format!("cannot read {shown}: {why}"), todo)
}

/// Names the Markdown files that are in the directory, because one of them is probably meant.
fn is_directory(path: &Path) -> Failure {
    let is_markdown = |name: &String| {
        Path::new(name)
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
    };
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.retain(is_markdown);
    names.sort();
    names.truncate(4);
    let todo = match names.as_slice() {
        [] => "name the Markdown file".to_owned(),
        names => format!("name the Markdown file, such as {}", names.join(", ")),
    };
    Failure::new(
        format!("cannot read {}: it is a directory", path.display()),
        todo,
    )
}

/// A NUL, or so many control characters that it is no text in any encoding that is repaired.
fn is_binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..64 * 1024).unwrap_or(bytes);
    let odd = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    memchr::memchr(0, head).is_some() || head.iter().filter(odd).count() * 20 > head.len()
}

#[cfg(test)]
mod tests {
    use super::{Source, is_binary};

    fn failure(name: &str, bytes: &[u8]) -> String {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        let failure = Source::read(&path).err().expect("a failure").to_string();
        failure.replace(&dir.path().display().to_string(), "DIR")
    }

    #[test]
    fn each_wrong_file_gets_an_answer_of_its_own() {
        assert_eq!(
            failure("empty.md", b" \n\n"),
            "cannot use DIR/empty.md: it is empty; nothing was changed; \
             write the plan first, or name another file"
        );
        assert!(failure("x.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").contains("a binary file"));
        assert!(failure("x.md", &[0xff, 0xfe, b'#', 0]).contains("UTF-16"));
    }

    #[test]
    fn a_directory_names_the_plans_in_it() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("ROLLBACK.md"), "# x").expect("a file");
        std::fs::write(dir.path().join("main.rs"), "").expect("a file");
        let failure = Source::read(dir.path())
            .err()
            .expect("a failure")
            .to_string();
        assert!(failure.contains("is a directory"), "{failure}");
        assert!(failure.ends_with("such as ROLLBACK.md"), "{failure}");
    }

    #[test]
    fn a_missing_file_says_so() {
        let failure = Source::read("/no/such/plan.md".as_ref())
            .err()
            .expect("a failure");
        assert!(
            failure.to_string().contains("there is no such file"),
            "{failure}"
        );
    }

    #[test]
    fn text_in_old_encodings_is_no_binary() {
        assert!(!is_binary("# Rücknahme ✅\r\n\tx\n".as_bytes()));
        assert!(!is_binary(b"# R\xfccknahme\n"));
        assert!(is_binary(&[1, 2, 3, 4, 5, 6, 7, 8]));
    }
}
