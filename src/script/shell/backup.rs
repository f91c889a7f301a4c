//! The backup files that a shell text makes, restores from or looks at.
//!
//! Only what the text says plainly by the programs that it calls; a name alone makes a backup of
//! nothing but what is copied. Whether a file is any good is for others to find out.

use super::calls::{Call, calls};
use super::wrappers::{Inner, unwrap};

/// What a text does with a backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackupUse {
    /// It makes it.
    Made,
    /// It brings back what is in it.
    Restored,
    /// It looks whether it is there.
    Looked,
}

/// A backup that a text speaks of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupFile {
    /// As the text names it, quotes removed, expansions as they are written.
    pub path: String,
    /// What is done with it.
    pub how: BackupUse,
    /// The database that it is of, where the text says so plainly.
    pub database: Option<String>,
    /// It is to hold structure only, by the text's own options.
    pub schema_only: bool,
    /// It may be a directory: a copy of one, or an archive in several files.
    pub may_be_dir: bool,
    /// It is a copy of something, of which the text does not say what.
    pub copy: bool,
}

/// The backups of a text, each once, in its order.
#[must_use]
pub fn backups(code: &str) -> Vec<BackupFile> {
    let mut found = Vec::new();
    collect(code, &mut found, 0);
    found
}

fn collect(code: &str, found: &mut Vec<BackupFile>, depth: u32) {
    let Ok(all) = calls(code) else { return };
    for call in &all.all {
        through(call, found, depth);
    }
}

fn through(call: &Call, found: &mut Vec<BackupFile>, depth: u32) {
    if depth > super::danger::MOST_WRAPPERS {
        return;
    }
    if let Some(file) = of(call)
        && !found.contains(&file)
    {
        found.push(file);
    }
    let elsewhere = matches!(
        call.program(),
        Some("ssh" | "docker" | "podman" | "kubectl" | "oc" | "docker-compose")
    );
    if elsewhere {
        // What is sent back over the connection is written here.
        if let Some(Inner::Call(inner)) = unwrap(call)
            && let Some(path) = call.writes.first()
            && is_dump(&inner)
        {
            found.push(file(path, BackupUse::Made, database(&inner)));
        }
        return;
    }
    match unwrap(call) {
        Some(Inner::Call(inner)) => through(&inner, found, depth + 1),
        Some(Inner::Text(text)) => collect(&text, found, depth + 1),
        Some(Inner::Unknown | Inner::Session) | None => {}
    }
}

fn file(path: &str, how: BackupUse, database: Option<String>) -> BackupFile {
    BackupFile {
        path: path.to_owned(),
        how,
        database,
        schema_only: false,
        may_be_dir: false,
        copy: false,
    }
}

const DUMPS: &[&str] = &["pg_dump", "pg_dumpall", "mysqldump", "mariadb-dump"];
const CLIENTS: &[&str] = &["psql", "mysql", "mariadb"];
const UNPACK: &[&str] = &["gunzip", "zcat", "gzcat", "gzip", "cat", "pigz"];

fn is_dump(call: &Call) -> bool {
    call.program().is_some_and(|p| DUMPS.contains(&p))
}

/// The backup that one call speaks of.
pub(super) fn of(call: &Call) -> Option<BackupFile> {
    let program = call.program()?;
    match program {
        p if DUMPS.contains(&p) => dumped(call),
        "gzip" | "pigz" | "bzip2" | "xz" | "zstd" if call.piped.as_deref().is_some_and(is_dump) => {
            let path = call.writes.first()?;
            let from = call.piped.as_deref()?;
            let mut made = file(path, BackupUse::Made, database(from));
            made.schema_only = is_schema_only(from);
            Some(made)
        }
        "pg_restore" => restored_archive(call),
        p if CLIENTS.contains(&p) => restored_text(call),
        "tar" => archived(call),
        "cp" | "rsync" => copied(call),
        "ls" | "test" | "[" | "stat" | "file" | "du" => {
            let path = call
                .args()
                .find(|w| !w.starts_with('-') && is_backup_name(w))?;
            let mut looked = file(path, BackupUse::Looked, None);
            looked.may_be_dir = true;
            Some(looked)
        }
        "gzip" | "gunzip" if call.args().any(|w| w == "-t" || w == "--test") => {
            let path = call.args().find(|w| !w.starts_with('-'))?;
            Some(file(path, BackupUse::Looked, None))
        }
        _ => None,
    }
}

fn dumped(call: &Call) -> Option<BackupFile> {
    let flags: &[&str] =
        if call.program() == Some("pg_dump") || call.program() == Some("pg_dumpall") {
            &["-f", "--file"]
        } else {
            &["-r", "--result-file"]
        };
    let path = value(call, flags).or_else(|| call.writes.first().cloned())?;
    if path == "/dev/null" || path.starts_with('&') {
        return None;
    }
    let mut made = file(&path, BackupUse::Made, database(call));
    made.schema_only = is_schema_only(call);
    made.may_be_dir = value(call, &["-F", "--format"]).is_some_and(|f| f.starts_with('d'))
        || call.args().any(|w| w == "-Fd");
    Some(made)
}

fn is_schema_only(call: &Call) -> bool {
    let flags = [
        "-s",
        "--schema-only",
        "--no-data",
        "-g",
        "--globals-only",
        "-r",
        "--roles-only",
    ];
    let pg = call.program().is_some_and(|p| p.starts_with("pg_"));
    call.args()
        .any(|w| flags.contains(&w) && (pg || w.starts_with("--")))
}

/// The database of a dump: its option, else its operand; none for one that has to be looked up.
fn database(call: &Call) -> Option<String> {
    let named = value(call, &["-d", "--dbname"]).or_else(|| {
        let mut words = call.args().peekable();
        let mut last = None;
        while let Some(word) = words.next() {
            let takes = matches!(
                word,
                "-f" | "-F"
                    | "-h"
                    | "-p"
                    | "-U"
                    | "-u"
                    | "-j"
                    | "-n"
                    | "-N"
                    | "-t"
                    | "-T"
                    | "-Z"
                    | "-r"
                    | "--host"
                    | "--port"
                    | "--username"
                    | "--user"
                    | "--file"
                    | "--format"
                    | "--table"
            );
            if takes {
                words.next();
            } else if !word.starts_with('-') {
                last = last.or(Some(word.to_owned()));
            }
        }
        last
    })?;
    let plain = match named.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1.split('?').next()?.to_owned(),
        None => named,
    };
    (!plain.is_empty() && !plain.contains(['$', '`', '='])).then_some(plain)
}

fn restored_archive(call: &Call) -> Option<BackupFile> {
    let lists = call.args().any(|w| w == "-l" || w == "--list");
    let how = if lists {
        BackupUse::Looked
    } else {
        BackupUse::Restored
    };
    let mut operand = None;
    let mut words = call.args();
    while let Some(word) = words.next() {
        let takes = matches!(
            word,
            "-d" | "--dbname"
                | "-h"
                | "--host"
                | "-p"
                | "--port"
                | "-U"
                | "--username"
                | "-j"
                | "--jobs"
                | "-f"
                | "--file"
                | "-F"
                | "--format"
                | "-L"
                | "-n"
                | "-N"
                | "-t"
                | "-T"
                | "-I"
                | "-P"
                | "-S"
        );
        if takes {
            words.next();
        } else if !word.starts_with('-') {
            operand = Some(word.to_owned());
        }
    }
    let path = operand.or_else(|| call.reads.first().cloned())?;
    let mut restored = file(&path, how, None);
    restored.may_be_dir = true;
    Some(restored)
}

fn restored_text(call: &Call) -> Option<BackupFile> {
    if let Some(from) = call.piped.as_deref()
        && from.program().is_some_and(|p| UNPACK.contains(&p))
    {
        let operand = from.args().find(|w| !w.starts_with('-')).map(str::to_owned);
        let path = operand.or_else(|| from.reads.first().cloned())?;
        return is_backup_name(&path).then(|| file(&path, BackupUse::Restored, None));
    }
    let path = value(call, &["-f", "--file"])
        .filter(|_| call.program() == Some("psql"))
        .or_else(|| call.reads.first().cloned())?;
    // A migration or a check is no backup, however it is fed.
    is_backup_name(&path).then(|| file(&path, BackupUse::Restored, None))
}

fn archived(call: &Call) -> Option<BackupFile> {
    let mut words = call.args();
    let mode = words.next()?.trim_start_matches('-').to_owned();
    let short = !call.args().next()?.starts_with("--");
    let path = if short && mode.contains('f') {
        words.next().map(str::to_owned)
    } else {
        value(call, &["-f", "--file"])
    }?;
    let long = |word: &str| call.args().any(|w| w == word);
    let how = match () {
        () if short && mode.contains('c') || long("--create") => BackupUse::Made,
        () if short && mode.contains('x') || long("--extract") => BackupUse::Restored,
        () if short && mode.contains('t') || long("--list") => BackupUse::Looked,
        () => return None,
    };
    (path != "-").then(|| file(&path, how, None))
}

fn copied(call: &Call) -> Option<BackupFile> {
    let operands: Vec<&str> = call.args().filter(|w| !w.starts_with('-')).collect();
    let (from, to) = match operands.as_slice() {
        [from, to] if !to.contains(':') && !from.contains(':') => (*from, *to),
        _ => return None,
    };
    let (path, how) = match (is_backup_name(from), is_backup_name(to)) {
        (true, _) => (from, BackupUse::Restored),
        (false, true) => (to, BackupUse::Made),
        (false, false) => return None,
    };
    let mut copy = file(path, how, None);
    copy.may_be_dir = true;
    copy.copy = true;
    Some(copy)
}

/// Whether a path says of itself that it is a backup.
fn is_backup_name(path: &str) -> bool {
    let lower = path.to_lowercase();
    let words = ["backup", "dump", "snapshot", ".bak", "_bak", "-bak"];
    words.iter().any(|w| lower.contains(w))
}

fn value(call: &Call, flags: &[&str]) -> Option<String> {
    let mut words = call.args();
    while let Some(word) = words.next() {
        for flag in flags {
            if word == *flag {
                return words.next().map(str::to_owned);
            }
            let rest = word.strip_prefix(flag);
            let own = rest.and_then(|r| {
                if flag.starts_with("--") {
                    r.strip_prefix('=')
                } else {
                    Some(r)
                }
            });
            if let Some(own) = own.filter(|o| !o.is_empty()) {
                return Some(own.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_restored_and_looked_at_is_told_apart() {
        use BackupUse::{Looked, Made, Restored};
        for (code, path, how, database) in [
            (
                "pg_dump -Fc shop -f /b/a.dump",
                "/b/a.dump",
                Made,
                Some("shop"),
            ),
            ("pg_dump -h db shop > a.sql", "a.sql", Made, Some("shop")),
            ("pg_dump \"$DATABASE_URL\" > a.sql", "a.sql", Made, None),
            (
                "pg_dump shop | gzip > a.sql.gz",
                "a.sql.gz",
                Made,
                Some("shop"),
            ),
            (
                "sudo -u postgres pg_dump shop -f a",
                "a",
                Made,
                Some("shop"),
            ),
            (
                "docker exec db pg_dump shop > a.sql",
                "a.sql",
                Made,
                Some("shop"),
            ),
            ("pg_restore -l /b/a.dump", "/b/a.dump", Looked, None),
            (
                "pg_restore --clean -d shop /b/a.dump",
                "/b/a.dump",
                Restored,
                None,
            ),
            ("psql shop < backup.sql", "backup.sql", Restored, None),
            (
                "gunzip -c shop_dump.gz | psql shop",
                "shop_dump.gz",
                Restored,
                None,
            ),
            ("tar czf cfg.tgz /etc/shop", "cfg.tgz", Made, None),
            ("tar -xzf cfg.tgz -C /", "cfg.tgz", Restored, None),
            ("cp shop.conf shop.conf.bak", "shop.conf.bak", Made, None),
            (
                "cp shop.conf.bak shop.conf",
                "shop.conf.bak",
                Restored,
                None,
            ),
            ("ls -lh /b/backup_1.dump", "/b/backup_1.dump", Looked, None),
        ] {
            let all = backups(code);
            let found = all.first().unwrap_or_else(|| panic!("none in {code}"));
            let said = (found.path.as_str(), found.how, found.database.as_deref());
            assert_eq!(said, (path, how, database), "{code}");
        }
        for none in [
            "psql shop < migration_12.sql",
            "cp a b",
            "ls -l",
            "pg_dump --version",
            "git tag",
        ] {
            assert_eq!(backups(none), [], "{none}");
        }
    }
}
