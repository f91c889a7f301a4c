//! Values in an address, in the body of a form and in a connection string.
//!
//! `#` in the query of a URL, `@` in its password and a blank in `host=… password=…` mean something
//! to whoever reads them, so a value is written as that reader takes it for the value: percent-encoded,
//! or in the quotes of libpq. Where that is not sure to be meant it is refused. Knows nothing of the
//! shell's quotes: they are put around what this makes.

use std::fmt::Write as _;
use std::ops::Range;

use super::secret::Form;
use super::{Blank, Kind};
use crate::script::places::{Place, Places};
use crate::script::sql::{self, SqlPlace};

/// Whose `user:password@`, path and query are percent-decoded.
const SCHEMES: &[&str] = &[
    "http",
    "https",
    "ws",
    "wss",
    "ftp",
    "ftps",
    "sftp",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "redis",
    "rediss",
    "mongodb",
    "mongodb+srv",
    "amqp",
    "amqps",
    "mqtt",
    "mqtts",
    "smtp",
    "smtps",
    "ldap",
    "ldaps",
    "nats",
    "clickhouse",
    "cockroachdb",
    "ssh",
    "git+https",
    "git+ssh",
    "elasticsearch",
    "imap",
    "imaps",
];

/// Programs that take an address without its scheme.
const FETCHERS: &[&str] = &["curl", "wget", "http", "https", "xh", "hey", "ab"];

/// Options of theirs whose value is no address.
const NO_ADDRESS: &[&str] = &[
    "-H",
    "--header",
    "-A",
    "--user-agent",
    "-b",
    "--cookie",
    "-o",
    "--output",
    "-u",
    "--user",
    "-F",
    "--form",
    "-w",
    "--write-out",
    "-e",
    "--referer",
];

/// The words of a connection string of libpq.
const CONNINFO: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "service",
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "application_name",
    "options",
    "connect_timeout",
    "target_session_attrs",
    "fallback_application_name",
    "replication",
    "client_encoding",
];

/// Programs whose one pair `dbname=…` is a connection string too.
const LIBPQ: &[&str] = &[
    "psql",
    "pg_dump",
    "pg_dumpall",
    "pg_restore",
    "pg_basebackup",
    "pg_isready",
    "pgbench",
    "vacuumdb",
    "reindexdb",
    "createdb",
    "dropdb",
    "pg_receivewal",
    "pg_rewind",
];

/// What a blank is a part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spot {
    /// `user:password@`, of which it may be the whole.
    Login { whole: bool },
    /// The name of a host, with a port it may be.
    Host,
    /// The path, or a piece of it.
    Path,
    /// A key or a value of the query.
    Query,
    /// All that follows the question mark, or a `&` of it.
    Queries,
    /// A key or a value in the body of a form.
    Form,
    /// A value of a connection string: whole and without quotes, in its quotes, or a piece of one.
    Conninfo { quoted: bool, whole: bool },
}

/// A text around a blank, as its reader gets it.
struct Word {
    before: String,
    after: String,
    /// The command up to the word.
    command: String,
}

/// What a blank of a shell text is a part of. `code` has something harmless where its blanks are.
pub(super) fn in_shell(code: &str, shell: &Places, at: &Range<usize>) -> Option<Spot> {
    let place = shell.at(at.start);
    let quoted = matches!(place, Place::Single | Place::Double | Place::Ansi);
    if place == Place::Bare || quoted {
        let word = shell_word(code, shell, at);
        if let Some(spot) = word.spot() {
            return Some(spot);
        }
    }
    (place != Place::Comment)
        .then(|| inner_word(code, at))?
        .url()
}

/// A code with `_` for each byte of its blanks.
pub(super) fn masked(code: &str, blanks: &[Blank]) -> String {
    let mut out = String::with_capacity(code.len());
    let mut at = 0;
    for blank in blanks.iter().filter(|b| b.kind != Kind::Environment) {
        out.push_str(code.get(at..blank.range.start).unwrap_or(""));
        out.push_str(&"_".repeat(blank.range.len()));
        at = blank.range.end;
    }
    out.push_str(code.get(at..).unwrap_or(""));
    out
}

/// What a blank within a string of SQL is a part of.
pub(super) fn in_sql(text: &str, at: &Range<usize>) -> Option<Spot> {
    let places = sql::places(text);
    let inside = |at: usize| matches!(places.at(at), SqlPlace::Text | SqlPlace::Escaped);
    if !inside(at.start) {
        return None;
    }
    let from = (0..at.start)
        .rev()
        .find(|i| !inside(*i))
        .map_or(0, |i| i + 1);
    let to = (at.end..text.len())
        .find(|i| !inside(*i))
        .unwrap_or(text.len());
    let bared = |text: &str| text.trim_matches('\'').replace("''", "'");
    let word = Word {
        before: bared(text.get(from..at.start)?),
        after: bared(text.get(at.end..to)?),
        command: String::new(),
    };
    word.conninfo().or_else(|| word.url())
}

/// What a blank in the first line of a request is a part of.
pub(super) fn in_request(code: &str, at: &Range<usize>) -> Option<Spot> {
    inner_word(code, at).url()
}

/// The word of the shell that a blank stands in, without the quotes around its pieces.
fn shell_word(code: &str, shell: &Places, at: &Range<usize>) -> Word {
    let bytes = code.as_bytes();
    let ends = |at: usize| {
        shell.at(at) == Place::Bare
            && bytes.get(at).is_none_or(|b| b" \t\r\n;&|()<>`".contains(b))
            && !(at > 0 && bytes.get(at - 1) == Some(&b'\\'))
    };
    let mut from = at.start;
    while from > 0 && !ends(from - 1) {
        from -= 1;
    }
    let mut to = at.end;
    while to < bytes.len() && !ends(to) {
        to += 1;
    }
    let bared = |range: Range<usize>| -> String {
        let first = range.start;
        let text = code.get(range).unwrap_or("");
        let kept = text
            .char_indices()
            .filter(|(i, c)| !(matches!(c, '"' | '\'') && shell.at(first + i) == Place::Bare));
        kept.map(|(_, c)| c).collect()
    };
    let statement = super::through::statement(code, from);
    let own = statement
        .rsplit([';', '|', '&', '(', '`'])
        .next()
        .unwrap_or("");
    Word {
        before: bared(from..at.start),
        after: bared(at.end..to),
        command: own.to_owned(),
    }
}

/// What stands around a blank up to the next space or quote.
fn inner_word(code: &str, at: &Range<usize>) -> Word {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')');
    let before = code.get(..at.start).unwrap_or("");
    let after = code.get(at.end..).unwrap_or("");
    Word {
        before: before.rsplit(ends).next().unwrap_or("").to_owned(),
        after: after.split(ends).next().unwrap_or("").to_owned(),
        command: String::new(),
    }
}

impl Word {
    fn spot(&self) -> Option<Spot> {
        self.conninfo()
            .or_else(|| self.form())
            .or_else(|| self.url())
            .or_else(|| self.bare_url())
    }

    /// In `scheme://…`.
    fn url(&self) -> Option<Spot> {
        let (head, rest) = self.before.split_once("://")?;
        let start = head.rfind(|c: char| !(c.is_alphanumeric() || "+.-_:".contains(c)));
        let scheme = head.get(start.map_or(0, |at| at + 1)..)?;
        let lead = head.strip_suffix(scheme)?;
        let opens = lead.is_empty() || lead.ends_with(['=', ',', '$', '{', '}']);
        if !opens || scheme.is_empty() {
            return None;
        }
        let own = scheme
            .rsplit(':')
            .next()
            .unwrap_or(scheme)
            .to_ascii_lowercase();
        // A scheme that is a blank or a variable is somebody's http.
        let decodes = SCHEMES.contains(&own.as_str()) || own.contains('_') || lead.ends_with('$');
        let spot = self.part(rest);
        match spot {
            Some(Spot::Login { .. }) => spot,
            _ => spot.filter(|_| decodes),
        }
    }

    fn part(&self, rest: &str) -> Option<Spot> {
        if rest.contains('#') {
            return None;
        }
        if let Some((_, query)) = rest.split_once('?') {
            return Some(self.query(query));
        }
        if rest.contains('/') {
            return Some(Spot::Path);
        }
        let authority = self.after.split(['/', '?', '#']).next().unwrap_or("");
        if authority.contains('@') {
            let whole = rest.is_empty() && authority.starts_with('@');
            return Some(Spot::Login { whole });
        }
        Some(Spot::Host)
    }

    /// In a query of which this much stands before.
    fn query(&self, query: &str) -> Spot {
        let pair = query.rsplit('&').next().unwrap_or("");
        let alone = pair.is_empty() && !self.after.starts_with('=');
        if alone { Spot::Queries } else { Spot::Query }
    }

    /// In the query of an address without its scheme.
    fn bare_url(&self) -> Option<Spot> {
        let calls = |w: &&str| FETCHERS.contains(&w.rsplit('/').next().unwrap_or(w));
        self.command.split_whitespace().find(calls)?;
        let option = self.command.split_whitespace().next_back()?;
        if NO_ADDRESS.contains(&option) || is_data(option) || self.before.starts_with('-') {
            return None;
        }
        let (address, query) = self.before.split_once('?')?;
        let named = |c: char| c.is_alphanumeric() || "$_{}/.:[]-@%~".contains(c);
        let is_address = !address.is_empty() && address.chars().all(named);
        (is_address && !query.contains('#')).then(|| self.query(query))
    }

    /// In `-d "key=value&…"`.
    fn form(&self) -> Option<Spot> {
        let option = self.command.split_whitespace().next_back()?;
        let glued = [
            "--data=",
            "--data-raw=",
            "--data-binary=",
            "--data-ascii=",
            "--post-data=",
        ];
        let sent = match glued.iter().find_map(|g| self.before.strip_prefix(g)) {
            Some(sent) => sent,
            None if is_data(option) => &self.before,
            None => self.before.strip_prefix("-d")?,
        };
        let calls = |w: &&str| matches!(w.rsplit('/').next(), Some("curl" | "wget"));
        self.command.split_whitespace().find(calls)?;
        let lower = self.command.to_ascii_lowercase();
        let other = ["json", "xml", "text/", "octet-stream", "graphql"];
        if lower.contains("content-type") && other.iter().any(|kind| lower.contains(kind)) {
            return None;
        }
        let key = |c: char| c.is_alphanumeric() || "_.-[]%$".contains(c);
        let pair = sent.rsplit('&').next()?;
        let name = pair.split_once('=').map(|(name, _)| name);
        let named = |name: &str| !name.is_empty() && name.chars().all(key);
        match name {
            Some(name) => named(name).then_some(Spot::Form),
            None => (self.after.starts_with('=') && pair.is_empty()).then_some(Spot::Form),
        }
    }

    /// In `host=… password=…`.
    fn conninfo(&self) -> Option<Spot> {
        let text = self.before.trim_start();
        let is_word = |word: &str| CONNINFO.contains(&word);
        let begins = |text: &str| text.split_once('=').is_some_and(|(w, _)| is_word(w.trim()));
        let text = if begins(text) {
            text
        } else {
            text.split_once('=')
                .map(|(_, rest)| rest)
                .filter(|rest| begins(rest))?
        };
        let (mut quoted, mut escaped, mut from) = (false, false, 0);
        for (at, c) in text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\'' => quoted = !quoted,
                c if c.is_whitespace() && !quoted => from = at + c.len_utf8(),
                _ => {}
            }
        }
        let (word, value) = text.get(from..)?.split_once('=')?;
        if !is_word(word.trim()) {
            return None;
        }
        let whole_text = format!("{text}_{}", self.after);
        let pairs = whole_text
            .split_whitespace()
            .filter(|pair| begins(pair))
            .count();
        let of_libpq = |w: &&str| LIBPQ.contains(&w.rsplit('/').next().unwrap_or(w));
        if pairs < 2 && self.command.split_whitespace().find(of_libpq).is_none() {
            return None;
        }
        let ends = self.after.is_empty() || self.after.starts_with(char::is_whitespace);
        let whole = value.is_empty() && ends;
        Some(Spot::Conninfo { quoted, whole })
    }
}

/// `-d`, `-sd`, `--data-raw`, `--post-data`: what follows is the body.
fn is_data(option: &str) -> bool {
    let long = [
        "--data",
        "--data-raw",
        "--data-binary",
        "--data-ascii",
        "--post-data",
    ];
    let short = option
        .strip_prefix('-')
        .is_some_and(|o| o.ends_with('d') && o.chars().all(|c| c.is_ascii_alphabetic()));
    short || long.contains(&option)
}

impl Spot {
    /// What is meant, for a note.
    pub(super) fn encoded_for(self) -> &'static str {
        match self {
            Self::Form => "encoded for the form",
            Self::Conninfo { .. } => "quoted for the connection string",
            _ => "encoded for the URL",
        }
    }

    /// The value as it is written there.
    ///
    /// # Errors
    /// Why it is not sure what would be meant.
    pub(super) fn write(self, value: &str) -> Result<String, String> {
        match self {
            Self::Conninfo { quoted, whole } => return conninfo(value, quoted, whole),
            Self::Login { .. } | Self::Query | Self::Form => {}
            Self::Host => return meant(value, "@?#%\\&= ", "the host of a URL"),
            Self::Path => return path(value),
            Self::Queries => return meant(value, "#%+ ", "the query of a URL"),
        }
        if encoded(value) {
            return Err(format!("it {ENCODED_ALREADY}"));
        }
        Ok(percent(value, self.kept()))
    }

    /// Whether a value may stand there as it is, put there by a variable.
    ///
    /// # Errors
    /// What to do about it.
    pub(super) fn holds(self, value: &str) -> Result<(), String> {
        let written = match self {
            Self::Conninfo { .. } => self.write(value),
            // What was put into a variable may have been encoded for this.
            _ => self.write(&without_escapes(value)),
        };
        let same = match self {
            Self::Conninfo { .. } => written.as_deref() == Ok(value),
            _ => written.as_deref() == Ok(without_escapes(value).as_str()),
        };
        if same {
            return Ok(());
        }
        Err(format!(
            "there it would have to be {}: put the blank itself there, or give it so",
            self.encoded_for()
        ))
    }

    /// How a secret is written there; none where it is as it is.
    pub(super) fn secret(self) -> Option<Form> {
        match self {
            Self::Login { whole: true } => Some(Form::Login),
            Self::Login { whole: false } | Self::Query | Self::Form => Some(Form::Address),
            Self::Path => Some(Form::Path),
            Self::Conninfo {
                quoted: false,
                whole: true,
            } => Some(Form::Conninfo),
            Self::Conninfo { .. } => Some(Form::ConninfoText),
            Self::Host | Self::Queries => None,
        }
    }

    /// What stands for itself beside letters and digits.
    fn kept(self) -> &'static str {
        match self {
            Self::Login { whole: true } => "-_.~:",
            Self::Login { whole: false } => "-_.~",
            _ => "-_.~/:@,",
        }
    }
}

const ENCODED_ALREADY: &str = "has a % and two digits, and may be encoded for a URL already: give \
                               it as it is, or change the command itself";

/// In quotes of libpq where it needs them.
fn conninfo(value: &str, quoted: bool, whole: bool) -> Result<String, String> {
    let needs = value.contains(|c: char| c.is_whitespace() || c == '\'' || c == '\\');
    if !needs {
        return Ok(value.to_owned());
    }
    let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
    match (quoted, whole) {
        (true, _) => Ok(escaped),
        (false, true) => Ok(format!("'{escaped}'")),
        (false, false) => Err(
            "it is a piece of a value in a connection string: put single quotes \
                               around the whole of that value"
                .to_owned(),
        ),
    }
}

/// As it is, unless a character would end the part of the address that it stands in.
fn meant(value: &str, ends: &str, of: &str) -> Result<String, String> {
    match value.chars().find(|c| ends.contains(*c)) {
        None => Ok(value.to_owned()),
        Some(found) => Err(format!(
            "it stands in {of}, where {} would mean something else: change the command itself if \
             that is meant",
            named(found)
        )),
    }
}

fn path(value: &str) -> Result<String, String> {
    meant(value, "?#%\\", "the path of a URL")?;
    if value.split('/').any(|piece| piece == "." || piece == "..") {
        return Err("a piece of a URL's path that is only dots leads to another path".to_owned());
    }
    Ok(percent(value, "-_.~/:@!$&'()*+,;="))
}

fn named(found: char) -> String {
    match found {
        ' ' => "a space".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a `%` with two digits stands in it.
fn encoded(value: &str) -> bool {
    let hex = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
    let bytes = value.as_bytes();
    let at = |(at, byte): (usize, &u8)| {
        *byte == b'%' && hex(bytes.get(at + 1)) && hex(bytes.get(at + 2))
    };
    bytes.iter().enumerate().any(at)
}

fn without_escapes(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let digits = after.as_bytes().get(..2);
        if digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit)) {
            out.push('x');
            rest = after.get(2..).unwrap_or("");
        } else {
            out.push('%');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Percent-encoded, all but letters, digits and what is `kept`.
pub(super) fn percent(value: &str, kept: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || (byte.is_ascii() && kept.contains(c)) {
            out.push(c);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
