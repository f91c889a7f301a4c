//! Which database the command line of a client of `PostgreSQL` points at: its flags, and the
//! words that stand in their place; and what it is told to do.

use super::calls::{Call, Word};

/// Which database a client of `PostgreSQL` is pointed at.
#[derive(Default, Debug)]
pub(super) struct Connection {
    pub(super) host: Option<Word>,
    pub(super) port: Option<Word>,
    pub(super) user: Option<Word>,
    pub(super) database: Option<Word>,
    /// The role that it takes on.
    pub(super) role: Option<Word>,
    /// It creates the database that it restores.
    pub(super) creates: bool,
    /// It works on every database.
    pub(super) all: bool,
    /// SQL in its options.
    pub(super) orders: Vec<Word>,
    /// Files in its options, or of a restore.
    pub(super) files: Vec<Word>,
    /// Words that are none of these, and may be more than they seem.
    pub(super) others: Vec<Word>,
}

impl Connection {
    /// None where it goes to no database.
    ///
    /// # Errors
    ///
    /// Where an option is not known in full.
    pub(super) fn of(call: &Call, program: &str) -> Result<Option<Self>, String> {
        let mut to = Self::default();
        let mut operands = Vec::new();
        let mut words = call.words.iter().skip(1);
        let mut ends = false;
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if ends || text.len() < 2 || !text.starts_with('-') {
                operands.push(word.clone());
                continue;
            }
            if text == "--" {
                ends = true;
                continue;
            }
            if !word.fixed {
                to.others.push(word.clone());
            }
            if let Some(long) = text.strip_prefix("--") {
                let (name, own) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(part(word, value))),
                    None => (long, None),
                };
                let short = letter(program, name)?;
                if looks(program, short) {
                    return Ok(None);
                }
                let value = match own {
                    None if takes_value(program, short) => words.next().cloned(),
                    own => own,
                };
                to.take(program, short, value);
                continue;
            }
            for (at, short) in text.char_indices().skip(1) {
                if looks(program, short) {
                    return Ok(None);
                }
                if !takes_value(program, short) {
                    to.take(program, short, None);
                    continue;
                }
                let rest = text.get(at + short.len_utf8()..).unwrap_or_default();
                let value = match rest {
                    "" => words.next().cloned(),
                    rest => Some(part(word, rest)),
                };
                to.take(program, short, value);
                break;
            }
        }
        let mut operands = operands.into_iter();
        if program == "pg_restore" {
            // Without a database it writes what it would restore.
            if to.database.is_none() {
                return Ok(None);
            }
            to.files = operands.by_ref().take(1).collect();
        } else if to.database.is_none() {
            to.database = operands.next();
        }
        if program == "psql" && to.user.is_none() {
            to.user = operands.next();
        }
        to.others.extend(operands.filter(|w| !w.fixed));
        Ok(Some(to))
    }

    fn take(&mut self, program: &str, short: char, value: Option<Word>) {
        match (program, short) {
            (_, 'h') => self.host = value,
            (_, 'p') => self.port = value,
            (_, 'U') => self.user = value,
            ("createdb" | "dropdb", _) => {}
            (_, 'd') => self.database = value,
            (_, 'R') if program != "psql" => self.role = value,
            ("pg_restore", 'C') => self.creates = true,
            ("vacuumdb" | "reindexdb" | "clusterdb", 'a') => self.all = true,
            ("psql", 'c') => self.orders.extend(value),
            ("psql", 'f') => self.files.extend(value),
            _ => {}
        }
    }
}

/// What a word holds behind its option.
fn part(word: &Word, rest: &str) -> Word {
    super::target::behind(word, word.text.len() - rest.len(), rest)
}

/// Whether it only says something of itself.
fn looks(program: &str, short: char) -> bool {
    matches!(short, 'V' | '?') || program == "pg_restore" && short == 'l'
}

/// The letters that stand for long options with a meaning here; `=` for any other with a value, a
/// space for those without.
const LONG: &[(&str, char)] = &[
    ("host", 'h'),
    ("port", 'p'),
    ("username", 'U'),
    ("dbname", 'd'),
    ("command", 'c'),
    ("file", 'f'),
    ("role", 'R'),
    ("create", 'C'),
    ("all", 'a'),
    ("version", 'V'),
    ("help", '?'),
    ("list", 'l'),
];

/// Long options whose value may stand in the next word.
const VALUED: &str = "set variable log-file output field-separator pset record-separator \
    table-attr format jobs use-list schema exclude-schema function superuser table \
    exclude-table exclude-table-data trigger index section compress encoding snapshot owner template \
    tablespace maintenance-db lock-wait-timeout extra-float-digits rows-per-insert parallel \
    min-xid-age min-mxid-age buffer-usage-limit locale lc-collate lc-ctype strategy extension \
    filter include-foreign-data";

/// The letter of a long option; a shortened one is not guessed at.
fn letter(program: &str, name: &str) -> Result<char, String> {
    if let Some((_, letter)) = LONG.iter().find(|(long, _)| *long == name) {
        // `pg_dump --create` writes a line into the dump.
        let other = matches!((program, *letter), ("createdb" | "dropdb", 'd' | 'f'));
        return Ok(if other { ' ' } else { *letter });
    }
    let shortens = |long: &str| long.starts_with(name) && long != name;
    if LONG.iter().any(|(long, _)| shortens(long)) {
        return Err(format!("--{name} is an option in part"));
    }
    Ok(if VALUED.split_whitespace().any(|v| v == name) {
        '='
    } else {
        ' '
    })
}

/// Whether a flag takes a value.
fn takes_value(program: &str, short: char) -> bool {
    let known = match program {
        "psql" => "cdfFhLopPRTUv",
        "pg_restore" => "dFfhIjLnNPpSTtU",
        "pg_dump" => "dEfFhjnNpSTtUZe",
        "createdb" => "DEhlOpTU",
        "dropdb" => "hpU",
        _ => "djhpPntNSU",
    };
    short == '=' || short == 'R' && program != "psql" || known.contains(short)
}
