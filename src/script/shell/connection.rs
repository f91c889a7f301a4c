//! Which database the command line of a client of `PostgreSQL` points at: its flags, and the
//! words that stand in their place.

use super::calls::{Call, Word};

/// Which database a client of `PostgreSQL` is pointed at.
#[derive(Default)]
pub(super) struct Connection {
    pub(super) host: Option<Word>,
    pub(super) port: Option<Word>,
    pub(super) user: Option<Word>,
    pub(super) database: Option<Word>,
    /// It creates the database that it restores.
    pub(super) creates: bool,
}

impl Connection {
    /// None where it goes to no database.
    pub(super) fn of(call: &Call, program: &str) -> Option<Self> {
        let mut to = Self::default();
        let mut operands = Vec::new();
        let mut words = call.words.iter().skip(1);
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if matches!(text, "--version" | "--help" | "-V" | "-?" | "-l" | "--list")
                && program != "psql"
            {
                return None;
            }
            let (flag, own) = match text.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
                _ if text.starts_with("--") => (text, None),
                _ if text.len() > 2 && text.starts_with('-') => {
                    let (flag, value) = text.split_at_checked(2)?;
                    (flag, Some(value))
                }
                _ => (text, None),
            };
            let slot = match flag {
                "-h" | "--host" => &mut to.host,
                "-p" | "--port" => &mut to.port,
                "-U" | "--username" => &mut to.user,
                "-d" | "--dbname" => &mut to.database,
                "-C" | "--create" if program == "pg_restore" => {
                    to.creates = true;
                    continue;
                }
                flag if flag.starts_with('-') => {
                    if own.is_none() && takes_value(program, flag) {
                        words.next();
                    }
                    continue;
                }
                _ => {
                    operands.push(word.clone());
                    continue;
                }
            };
            *slot = match own {
                Some(value) => Some(Word {
                    text: value.to_owned(),
                    fixed: word.fixed,
                    ..Word::default()
                }),
                None => words.next().cloned(),
            };
        }
        match program {
            // Without a database it writes what it would restore.
            "pg_restore" => to.database.as_ref()?,
            _ => {
                let mut operands = operands.into_iter();
                if to.database.is_none() {
                    to.database = operands.next();
                }
                if program == "psql" && to.user.is_none() {
                    to.user = operands.next();
                }
                return Some(to);
            }
        };
        Some(to)
    }
}

/// Whether a flag takes the next word.
fn takes_value(program: &str, flag: &str) -> bool {
    let known = match program {
        "psql" => {
            "-c --command -f --file -v --set --variable -o --output -F -R -P -T -L --log-file"
        }
        "pg_restore" => {
            "-f --file -F --format -j --jobs -L --use-list -n --schema -N -P --function -S \
             --superuser -t --table -T --trigger -I --index --role --section"
        }
        "pg_dump" => {
            "-f --file -F --format -j --jobs -n --schema -N --exclude-schema -t --table -T \
             --exclude-table -Z --compress -E --encoding --role --section --snapshot"
        }
        _ => {
            "-t --table -j --jobs -O --owner -T --template -E --encoding -D --tablespace --maintenance-db"
        }
    };
    known.split_whitespace().any(|k| k == flag)
}
