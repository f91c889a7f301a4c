//! Which database, role and server a client of `PostgreSQL` goes to: a question over the very
//! connection, where nothing that the client is told leads away from it.

use std::fmt::Write as _;

use super::words::{one_word, raw};
use super::{How, Question, Walk, fixed};
use crate::script::shell::calls::{Call, Word};
use crate::script::shell::connection::Connection;
use crate::script::shell::feed;
use crate::script::shell::values::{Piece, variables};
use crate::script::sql::{
    self, Whole, changes_role, leads_elsewhere, picked_databases, whole_databases,
};

/// What they are measured of.
pub(super) const KEYS: &[&str] = &["database", "role", "server"];

/// The server's own address; where it is reached without the network, this machine's name is in
/// the shell's hands.
const SERVER: &str =
    "SELECT coalesce(host(inet_server_addr()), current_setting($$listen_addresses$$), $$local$$)";

/// Commands of `psql` that lead elsewhere, for a look into a file.
const LEADS: &str = r"(^|[^\\])\\(c|connect|i|ir|include|include_relative)([^[:alnum:]_]|$)";

/// What a client is told, as far as it can be seen.
#[derive(Default)]
struct Told {
    /// All that stands in the text.
    text: String,
    /// What looks into the rest before the question.
    checks: String,
    /// There is a rest.
    unseen: bool,
}

impl Walk {
    pub(super) fn postgres(&mut self, call: &Call, prefix: &[String], program: &str) {
        if let Err(why) = self.postgres_asked(call, prefix, program) {
            self.unreadable(KEYS, &why);
        }
    }

    fn postgres_asked(
        &mut self,
        call: &Call,
        prefix: &[String],
        program: &str,
    ) -> Result<(), String> {
        let Some(to) = Connection::of(call, program)? else {
            // A restore into a file, or a question for the version: no database.
            return Ok(());
        };
        if to.all {
            return Err(format!("{program} works on all databases of the server"));
        }
        let told = match program {
            "psql" => self.told(call, &to)?,
            _ => Told::default(),
        };
        let maintains = matches!(program, "createdb" | "dropdb") || to.creates;
        let postgres = fixed("postgres");
        let database = if maintains {
            Some(&postgres)
        } else {
            to.database.as_ref()
        };
        let question = |select: &str| {
            let mut question = Question {
                checks: told.checks.clone(),
                place: !told.checks.is_empty(),
                ..Question::of("psql -X -w -A -t -q")
            };
            let flags = [(" -h ", &to.host), (" -p ", &to.port), (" -U ", &to.user)];
            for (flag, word) in flags {
                if let Some(word) = word {
                    question.with(flag, word)?;
                }
            }
            if let Some(word) = database {
                question.with(" -d ", word)?;
            }
            for word in &to.others {
                let parts = raw(word)?.parts;
                question.checks.extend(parts.iter().map(|p| one_word(p)));
            }
            question.text = format!("{} -c '{select}'", question.text);
            Ok::<_, String>(question)
        };
        self.database(call, prefix, program, (&to, &told), || {
            question("SELECT current_database()")
        });
        match &to.role {
            Some(role) => self.named("role", role),
            None if changes_role(&told.text) => {
                self.unreadable(&["role"], "what it is told takes on another role");
            }
            None => {
                let asked = question("SELECT current_user");
                self.ask("role", prefix, asked);
            }
        }
        let server = question(SERVER);
        self.ask("server", prefix, server);
        Ok(())
    }

    fn database(
        &mut self,
        call: &Call,
        prefix: &[String],
        program: &str,
        (to, told): (&Connection, &Told),
        question: impl Fn() -> Result<Question, String>,
    ) {
        if matches!(program, "createdb" | "dropdb") {
            return match &to.database {
                Some(word) => self.named("database", word),
                None => self.unreadable(&["database"], "it does not name its database"),
            };
        }
        if to.creates {
            let asked = archive(call, to);
            return self.ask("database", prefix, asked);
        }
        let mut whole = whole_databases(&told.text);
        let upkeep = program == "psql" && to.database.as_ref().is_some_and(is_for_upkeep);
        if upkeep {
            // Work on databases as a whole is done from the one that is there for it.
            let picked = picked_databases(&told.text);
            whole.extend(picked.into_iter().map(Whole::Named));
            let reads = !told.unseen && !told.text.is_empty() && sql::reads_only(&told.text);
            if whole.is_empty() && !reads {
                whole.push(Whole::Open);
            }
        } else {
            self.ask("database", prefix, question());
        }
        for one in whole {
            let how = match one {
                Whole::Named(name) => How::Stated(name),
                Whole::Open => {
                    How::Unreadable("which database it works on is not plainly named".to_owned())
                }
            };
            self.add("database", how);
        }
    }

    /// What a word names.
    fn named(&mut self, key: &str, word: &Word) {
        if word.fixed {
            return self.add(key, How::Stated(word.text.clone()));
        }
        let mut question = Question::of("printf '%s\\n'");
        let put = question.with(" ", word);
        self.ask(key, &[], put.map(|()| question));
    }

    /// What `psql` is told; an error where it may lead away from its connection.
    fn told(&self, call: &Call, to: &Connection) -> Result<Told, String> {
        let mut told = Told::default();
        for order in &to.orders {
            self.order(order, &mut told)?;
        }
        for file in &to.files {
            if !matches!(file.text.as_str(), "-" | "/dev/stdin") {
                look_into(&raw(file)?.text, &mut told);
            }
        }
        let input = to
            .files
            .iter()
            .any(|f| matches!(f.text.as_str(), "-" | "/dev/stdin"));
        if input || to.orders.is_empty() && to.files.is_empty() {
            self.input(call, &mut told)?;
        }
        match leads_elsewhere(&told.text) {
            Some(word) => Err(format!(
                "what psql is told holds {word}, which leads elsewhere"
            )),
            None => Ok(told),
        }
    }

    fn order(&self, order: &Word, told: &mut Told) -> Result<(), String> {
        told.text.push_str(&order.text);
        told.text.push_str(";\n");
        if order.fixed {
            return Ok(());
        }
        told.unseen = true;
        let first = order
            .pieces
            .iter()
            .find(|p| !matches!(p, Piece::Text(t) if t.is_empty()));
        let leads = !matches!(first, Some(Piece::Text(_)));
        for piece in &order.pieces {
            match piece {
                Piece::Text(_) => {}
                Piece::Variable(used) => self.put_in(&used.written, leads, told)?,
                Piece::Other(written) if leads => {
                    return Err(format!("what {written} tells psql is not known beforehand"));
                }
                Piece::Other(_) => {}
            }
        }
        Ok(())
    }

    /// A variable in what psql is told: one that is known is looked at, and of one that is not,
    /// nothing but a value within a statement is taken.
    fn put_in(&self, written: &str, leads: bool, told: &mut Told) -> Result<(), String> {
        let names = variables(written);
        let open = names.iter().any(|n| self.ground.is_open(n)) || names.is_empty();
        if !open {
            let _ = write!(
                told.checks,
                "case \"{written}\" in (*\\\\*) echo '{written} holds a command of psql' >&2; exit 1;; esac; "
            );
        } else if leads {
            return Err(format!("what {written} tells psql is not known beforehand"));
        }
        Ok(())
    }

    fn input(&self, call: &Call, told: &mut Told) -> Result<(), String> {
        if let Some(text) = &call.input {
            return self.text_in(text, call.expands, told);
        }
        if let Some(file) = call.reads.last() {
            let plain = |c: char| !matches!(c, '`' | '"' | '\'' | '\\' | '(');
            let text = match shlex::try_quote(file) {
                Ok(quoted) if !file.contains('$') => quoted.into_owned(),
                _ if file.chars().all(plain) => format!("\"{file}\""),
                _ => return Err(format!("{file} is only known when it runs")),
            };
            look_into(&text, told);
            return Ok(());
        }
        match (&call.piped, feed::fed(call)) {
            (_, Some(fed)) => self.text_in(&fed.text, !fed.whole, told),
            (Some(feeder), None) => fed_by(feeder, told),
            (None, None) if call.fed => {
                Err("what psql is told by the block around it is not read beforehand".to_owned())
            }
            (None, None) => Ok(()),
        }
    }

    fn text_in(&self, text: &str, expands: bool, told: &mut Told) -> Result<(), String> {
        told.text.push_str(text);
        if !expands {
            return Ok(());
        }
        for line in text.lines() {
            let leads = line.trim_start().starts_with(['$', '`']);
            if leads && line.trim_start().starts_with(['`']) || line.trim_start().starts_with("$(")
            {
                return Err("what psql is told is only known when it runs".to_owned());
            }
            for name in variables(line) {
                told.unseen = true;
                self.put_in(&format!("${{{name}:-}}"), leads, told)?;
            }
        }
        told.unseen |= text.contains("$(") || text.contains('`');
        Ok(())
    }
}

/// Looks into a file before anything is asked.
fn look_into(file: &str, told: &mut Told) {
    told.unseen = true;
    let looks = format!("LC_ALL=C grep -aEq '{LEADS}' -- {file}");
    told.checks.push_str(&refusing(&looks, file));
}

fn refusing(looks: &str, file: &str) -> String {
    let name = file.replace('\'', "");
    format!(
        "{looks}; case $? in (0) echo '{name} holds \\connect or \\i, which lead elsewhere' >&2; exit 1;; (1) ;; (*) echo '{name} cannot be read beforehand' >&2; exit 1;; esac; "
    )
}

/// What another command gives to psql.
fn fed_by(feeder: &Call, told: &mut Told) -> Result<(), String> {
    let program = feeder.program().unwrap_or("another command");
    let args: Vec<&str> = feeder.args().collect();
    let why = || format!("what {program} gives psql is not read beforehand");
    let creates = args.iter().any(|a| {
        let letters = a.starts_with('-') && !a.starts_with("--") && a.contains('C');
        letters || a.starts_with("--cr")
    });
    // Their text has no such command, unless it creates the database.
    if matches!(program, "pg_dump" | "pg_restore") && !creates {
        told.unseen = true;
        return Ok(());
    }
    let to_output = args
        .iter()
        .any(|a| a.starts_with('-') && a.contains('c') || *a == "--stdout");
    let shows = match program {
        "cat" | "zcat" | "xzcat" | "bzcat" | "zstdcat" => true,
        "gunzip" | "gzip" | "xz" | "bzip2" | "zstd" | "unxz" | "bunzip2" => to_output,
        _ => false,
    };
    if !shows || feeder.words.len() < 2 || !feeder.reads.is_empty() || feeder.piped.is_some() {
        return Err(why());
    }
    let words: Result<Vec<String>, String> = feeder
        .words
        .iter()
        .map(|w| raw(w).map(|raw| raw.text))
        .collect();
    let words = words?;
    told.unseen = true;
    let files = words.iter().skip(1).filter(|w| !w.starts_with('-'));
    for file in files {
        let name = file.replace('\'', "");
        let _ = write!(
            told.checks,
            "[ -r {file} ] || {{ echo '{name} cannot be read beforehand' >&2; exit 1; }}; "
        );
    }
    let looks = format!("{} | LC_ALL=C grep -aEq '{LEADS}'", words.join(" "));
    told.checks.push_str(&refusing(&looks, program));
    Ok(())
}

/// The name that an archive says its database has.
fn archive(call: &Call, to: &Connection) -> Result<Question, String> {
    let mut question = Question {
        place: true,
        ..Question::of("pg_restore -l")
    };
    match (to.files.first(), call.reads.last()) {
        (Some(file), _) => question.with(" ", file)?,
        (None, Some(file)) if !file.contains('$') => question.with(" ", &fixed(file))?,
        (None, _) => {
            return Err("the archive itself names the database that it creates".to_owned());
        }
    }
    question.text = format!("{} | sed -n 's/^; *dbname: //p'", question.text);
    Ok(question)
}

/// Whether a word names a database that is there for work on the others.
fn is_for_upkeep(word: &Word) -> bool {
    let text = word.text.as_str();
    let named = |name: &str| {
        text == name
            || text.contains("://")
                && text
                    .split('?')
                    .next()
                    .unwrap_or_default()
                    .ends_with(&format!("/{name}"))
            || text
                .split_whitespace()
                .any(|w| w == format!("dbname={name}"))
    };
    word.fixed && (named("postgres") || named("template1"))
}
