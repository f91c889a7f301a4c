//! Whether a file is a backup: it exists, is not empty, can be read to its end, lists tables with
//! data, is of the right database, made by tools that fit the server, at the right side of time.
//!
//! It only reads. What it cannot judge it says, and that is never taken for a good one.

use chrono::{DateTime, Local, NaiveDateTime, TimeZone as _, Utc};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long reading one through may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is wanted of a backup.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// It is of this database.
    pub database: Option<String>,
    /// Structure alone is what was asked for.
    pub schema_only: bool,
    /// It may be a directory.
    pub may_be_dir: bool,
    /// Anything may be in it.
    pub any: bool,
    /// How long reading it through may take; a minute where nothing is said.
    pub patience: Duration,
    /// It must not be younger than this, and what that is.
    pub not_after: Option<(DateTime<Utc>, String)>,
    /// It must not be older than this, and what that is.
    pub not_before: Option<(DateTime<Utc>, String)>,
}

/// What came of looking at one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Examined {
    /// It is one; the evidence.
    Good(String),
    /// It is none, or not the right one; why.
    Bad(String),
    /// That cannot be judged; why.
    Open(String),
}

/// Looks at a file.
#[must_use]
pub fn examine(path: &Path, wanted: &Wanted) -> Examined {
    match look(path, wanted) {
        Ok(examined) => examined,
        Err(error) => Examined::Bad(format!("it cannot be read: {error}")),
    }
}

fn look(path: &Path, wanted: &Wanted) -> io::Result<Examined> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(_) if fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink()) => {
            return Ok(bad("it is a link to something that is not there"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(bad("it does not exist"));
        }
        Err(error) => return Err(error),
    };
    if meta.is_dir() {
        return Ok(directory(path, wanted));
    }
    if !meta.is_file() {
        return Ok(bad("it is no regular file"));
    }
    if meta.len() == 0 {
        return Ok(bad("it is empty"));
    }
    let mut head = vec![0; 512];
    let size = read_up_to(&mut File::open(path)?, &mut head)?;
    head.truncate(size);
    let made = meta.modified().map(DateTime::<Utc>::from)?;
    let due = Instant::now()
        + if wanted.patience.is_zero() {
            PATIENCE
        } else {
            wanted.patience
        };
    let read = if head.starts_with(b"\x1f\x8b") {
        packed(path, due)
    } else if head.starts_with(b"PGDMP") {
        archive(path, due)
    } else if head.get(257..262) == Some(b"ustar") {
        Contents::listed(path, &["tar", "-tf"])
    } else if head.starts_with(b"BZh")
        || head.starts_with(b"\xfd7zXZ")
        || head.starts_with(b"\x28\xb5\x2f\xfd")
    {
        Contents::open("it is packed in a way that is not looked into")
    } else {
        Contents::of_text(File::open(path)?, due)
    };
    let mut read = read;
    if wanted.any {
        // It is there and not empty; what else it should be nobody has said.
        return Ok(Examined::Open(format!(
            "{} bytes; what is in it is not judged",
            meta.len()
        )));
    }
    if read.made.is_none() {
        read.made = Some(made);
    }
    Ok(read.judged(meta.len(), wanted))
}

fn read_up_to(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut size = 0;
    while let Some(rest) = into.get_mut(size..).filter(|r| !r.is_empty()) {
        match from.read(rest)? {
            0 => break,
            count => size += count,
        }
    }
    Ok(size)
}

fn bad(why: &str) -> Examined {
    Examined::Bad(why.to_owned())
}

fn directory(path: &Path, wanted: &Wanted) -> Examined {
    if !wanted.may_be_dir {
        return bad("it is a directory");
    }
    if path.join("toc.dat").is_file() {
        return archive(path, Instant::now() + PATIENCE).judged(0, wanted);
    }
    match fs::read_dir(path).map(Iterator::count) {
        Ok(0) => bad("it is an empty directory"),
        Ok(count) => Examined::Open(format!(
            "it is a directory with {count} entries, which is not looked into"
        )),
        Err(error) => Examined::Bad(format!("it cannot be read: {error}")),
    }
}

/// What was read of a backup.
#[derive(Default)]
struct Contents {
    /// Why it is none.
    broken: Option<String>,
    /// Why it cannot be judged.
    open: Option<String>,
    /// It is a dump of a database, and of which kind.
    dump: Option<&'static str>,
    /// The end that such a dump has was there.
    ended: bool,
    tables: usize,
    data: usize,
    entries: usize,
    database: Option<String>,
    server: Option<u32>,
    tool: Option<u32>,
    made: Option<DateTime<Utc>>,
}

impl Contents {
    fn broken(why: impl Into<String>) -> Self {
        Self {
            broken: Some(why.into()),
            ..Self::default()
        }
    }

    fn open(why: impl Into<String>) -> Self {
        Self {
            open: Some(why.into()),
            ..Self::default()
        }
    }

    /// What a program lists of it, a line for each thing.
    fn listed(path: &Path, program: &[&str]) -> Self {
        let mut contents = Self::default();
        let read = through(path, program, |out| {
            contents.entries = BufReader::new(out)
                .split(b'\n')
                .map_while(Result::ok)
                .count();
        });
        match read {
            Through::Well if contents.entries == 0 => Self::broken("there is nothing in it"),
            Through::Well => contents,
            Through::Failed(why) => Self::broken(why),
            Through::Unable(why) => Self::open(why),
        }
    }

    /// A dump as SQL, read to its end.
    fn of_text(from: impl Read, due: Instant) -> Self {
        let mut contents = Self::default();
        let mut lines = BufReader::new(from);
        let (mut line, mut number, mut copying) = (Vec::new(), 0_u64, false);
        loop {
            line.clear();
            match (&mut lines).take(1 << 20).read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return Self::broken(format!("it cannot be read: {error}")),
            }
            number += 1;
            if number % 4096 == 0 && Instant::now() > due {
                return Self::open("reading it through takes too long");
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            if copying {
                copying = text != "\\.";
                continue;
            }
            copying = contents.line(text, number);
        }
        if copying {
            contents.ended = false;
        }
        if contents.dump.is_none() && contents.broken.is_none() {
            contents.broken = Some("it is no dump: nothing in it says what it is".to_owned());
        }
        contents
    }

    /// Takes in a line; whether rows follow it.
    fn line(&mut self, text: &str, number: u64) -> bool {
        let lower = text.trim_start().to_ascii_lowercase();
        if number < 20 && (lower.starts_with("<!doctype") || lower.starts_with("<html")) {
            self.broken = Some("it is a web page, not a dump".to_owned());
        }
        if let Some(rest) = text.strip_prefix("-- ") {
            if rest.starts_with("PostgreSQL database dump complete")
                || rest.starts_with("PostgreSQL database cluster dump complete")
                || rest.starts_with("Dump completed")
            {
                self.ended = true;
            } else if rest.starts_with("PostgreSQL database") {
                self.dump = Some("PostgreSQL");
            } else if rest.starts_with("MySQL dump") || rest.starts_with("MariaDB dump") {
                self.dump = Some("MySQL");
            } else if let Some(version) = rest.strip_prefix("Dumped from database version ") {
                self.server = major(version);
            } else if let Some(version) = rest.strip_prefix("Dumped by pg_dump version ") {
                self.tool = major(version);
            } else if let Some(at) = rest.strip_prefix("Started on ") {
                self.made = time(at);
            } else if let Some((_, name)) = rest.split_once("Database: ") {
                self.database = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
            }
            return false;
        }
        if lower.starts_with("create table") || lower.starts_with("create unlogged table") {
            self.tables += 1;
        } else if let Some(name) = text.strip_prefix("\\connect ") {
            self.database = Some(name.trim_matches('"').to_owned());
        } else if lower.starts_with("insert into") {
            self.data += 1;
        } else if lower.starts_with("copy ") && lower.ends_with("from stdin;") {
            self.data += 1;
            return true;
        }
        false
    }

    fn judged(self, bytes: u64, wanted: &Wanted) -> Examined {
        if let Some(why) = self.broken {
            return Examined::Bad(why);
        }
        if let Some(why) = self.wrong_time(wanted) {
            return Examined::Bad(why);
        }
        if let Some(why) = self.open {
            return Examined::Open(why);
        }
        let Some(kind) = self.dump else {
            return Examined::Good(format!(
                "{bytes} bytes, {} entries, read to the end",
                self.entries
            ));
        };
        if !self.ended {
            return bad("it is cut off: the end of the dump is missing");
        }
        if self.tables == 0 {
            return bad("there is no table in it");
        }
        if self.data == 0 && !wanted.schema_only {
            return bad("it has tables and no data (structure only)");
        }
        if let (Some(database), Some(wanted)) = (&self.database, &wanted.database)
            && database != wanted
        {
            return Examined::Bad(format!("it is of the database {database}, not {wanted}"));
        }
        if let (Some(tool), Some(server)) = (self.tool, self.server)
            && tool < server
        {
            return Examined::Bad(format!(
                "it was made by pg_dump {tool} from a server {server}: the versions do not fit"
            ));
        }
        let of = self
            .database
            .map(|d| format!(" of {d}"))
            .unwrap_or_default();
        let made = self
            .made
            .map(|at| format!(", made {}", shown(at)))
            .unwrap_or_default();
        Examined::Good(format!(
            "{bytes} bytes, a {kind} dump{of} with {} tables, {} with data, read to the end{made}",
            self.tables, self.data
        ))
    }

    fn wrong_time(&self, wanted: &Wanted) -> Option<String> {
        let made = self.made?;
        if let Some((limit, what)) = &wanted.not_after
            && made > *limit
        {
            let (made, limit) = (shown(made), shown(*limit));
            return Some(format!("it was made {made}, after {what} ({limit})"));
        }
        if let Some((limit, what)) = &wanted.not_before
            && made < *limit
        {
            let (made, limit) = (shown(made), shown(*limit));
            return Some(format!("it was made {made}, before {what} ({limit})"));
        }
        None
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn major(version: &str) -> Option<u32> {
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// A time as the dump tools write it, in this machine's zone where none is named.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let plain = text.get(..19)?;
    let at = NaiveDateTime::parse_from_str(plain, "%Y-%m-%d %H:%M:%S").ok()?;
    if text.ends_with("UTC") || text.ends_with("GMT") {
        return Some(at.and_utc());
    }
    Local
        .from_local_datetime(&at)
        .earliest()
        .map(|at| at.with_timezone(&Utc))
}

/// Packed by gzip: unpacked to its end, and looked into.
fn packed(path: &Path, due: Instant) -> Contents {
    let mut contents = Contents::default();
    let read = through(path, &["gzip", "-dc"], |out| {
        let mut out = BufReader::with_capacity(1024, out);
        let head = out.fill_buf().map(<[u8]>::to_vec).unwrap_or_default();
        contents = if head.starts_with(b"PGDMP") {
            Contents::open("an archive inside a packed file is not looked into")
        } else if head.get(257..262) == Some(b"ustar") {
            Contents::default()
        } else {
            Contents::of_text(&mut out, due)
        };
        if contents.open.is_none() {
            let _ = io::copy(&mut out, &mut io::sink());
        }
    });
    match read {
        _ if contents.open.is_some() => contents,
        Through::Well
            if contents.dump.is_none() && contents.broken.is_none() && contents.open.is_none() =>
        {
            Contents::listed(path, &["tar", "-tzf"])
        }
        Through::Well => contents,
        Through::Failed(why) => Contents::broken(why),
        Through::Unable(why) => Contents::open(why),
    }
}

/// An archive of `pg_dump`: its list, and all of its data read through.
fn archive(path: &Path, due: Instant) -> Contents {
    let mut listed = Contents::default();
    let mut data = 0;
    let read = through(path, &["pg_restore", "-l"], |out| {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let (name, value) = line
                .trim_start_matches(';')
                .trim()
                .split_once(": ")
                .unwrap_or_default();
            match name {
                "dbname" => listed.database = Some(value.to_owned()),
                "Dumped from database version" => listed.server = major(value),
                "Dumped by pg_dump version" => listed.tool = major(value),
                _ => {}
            }
            if let Some(at) = line.strip_prefix("; Archive created at ") {
                listed.made = time(at);
            }
            if !line.starts_with(';') {
                data += usize::from(line.contains(" TABLE DATA "));
                listed.tables +=
                    usize::from(line.contains(" TABLE ") && !line.contains(" TABLE DATA "));
            }
        }
    });
    match read {
        Through::Well => {}
        Through::Failed(why) => return Contents::broken(why),
        Through::Unable(why) => return Contents::open(why),
    }
    let mut whole = Contents::default();
    // The list stands at the beginning; only reading the data shows that it is all there.
    let read = through(path, &["pg_restore", "-f", "-"], |out| {
        whole = Contents::of_text(out, due);
    });
    listed.data = data;
    listed.dump = Some("PostgreSQL");
    listed.ended = whole.ended;
    listed.open = whole.open;
    match read {
        _ if listed.open.is_some() => listed,
        Through::Well => listed,
        Through::Failed(why) => Contents::broken(why),
        Through::Unable(why) => Contents::open(why),
    }
}

enum Through {
    Well,
    Failed(String),
    Unable(String),
}

/// Gives a file to a program that only reads, and its output to `take`.
fn through(path: &Path, program: &[&str], take: impl FnOnce(std::process::ChildStdout)) -> Through {
    let Some((name, args)) = program.split_first() else {
        return Through::Unable("no program".to_owned());
    };
    let begun = Command::new(name)
        .args(args)
        .arg(path)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match begun {
        Ok(child) => child,
        Err(error) => return Through::Unable(format!("{name} cannot be run here ({error})")),
    };
    let complaint = child.stderr.take().map(|mut err| {
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = err.by_ref().take(8192).read_to_string(&mut text);
            let _ = io::copy(&mut err, &mut io::sink());
            text
        })
    });
    if let Some(out) = child.stdout.take() {
        take(out);
    }
    let status = child.wait();
    let text = complaint.and_then(|c| c.join().ok()).unwrap_or_default();
    match status {
        Ok(status) if status.success() => Through::Well,
        Ok(_) => {
            let last = text.lines().map(str::trim).rfind(|l| !l.is_empty());
            Through::Failed(last.unwrap_or("it cannot be read to its end").to_owned())
        }
        Err(error) => Through::Unable(error.to_string()),
    }
}

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
