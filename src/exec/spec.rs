//! What an attempt is to run, and its form on disk.
//!
//! `action.json` holds everything but the code (in `script`, byte for byte) and the values of
//! secrets (nowhere on disk). The stored form is a record of its own: the names in it are a
//! promise to later versions.

use super::files;
use super::guard::Guard;
use super::ledger::TermsRecord;
use super::sources::SourceRecord;
use crate::domain::source::Source;
use crate::domain::transaction::Terms;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// How the code is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// By bash, or by the interpreter that is named.
    Shell,
    /// Through a `PostgreSQL` connection.
    Sql,
    /// Through the built-in HTTP client.
    Http,
}

/// What one attempt is to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttemptSpec {
    /// How it is carried out.
    pub kind: Kind,
    /// The exact text that runs, every blank filled.
    pub code: String,
    /// Interpreter and its arguments instead of bash (`python3 -u`), for [`Kind::Shell`].
    pub interpreter: Option<String>,
    /// Directory it starts in.
    pub cwd: PathBuf,
    /// Environment variables added to those of the cockpit; not secret.
    pub env: Vec<(String, String)>,
    /// Environment variables whose values never reach the disk.
    pub secret_env: Vec<(String, String)>,
    /// More that never reaches the disk and is not given to the command, each with what it is
    /// called where it was taken out.
    pub hidden: Vec<(String, String)>,
    /// Height of its terminal.
    pub rows: u16,
    /// Width of its terminal.
    pub cols: u16,
    /// Shell state to begin with, left by an earlier attempt.
    pub state_in: Option<PathBuf>,
    /// Where to leave the shell state if it succeeds; none for a monitor.
    pub state_out: Option<PathBuf>,
    /// Stop at the first command that fails (`errexit`).
    pub stop_at_first_failure: bool,
    /// Stop it after this many seconds.
    pub timeout_s: Option<u64>,
    /// Where it runs, when that is not here.
    pub there: Option<There>,
    /// What has to be so of its target.
    pub guards: Vec<Guard>,
    /// What it restores from, as it was looked at for the box.
    pub sources: Vec<Source>,
    /// On which terms, for [`Kind::Sql`]; judged from the text where nobody has said.
    pub terms: Option<Terms>,
}

/// A place elsewhere that a text is given to, for [`Kind::Shell`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct There {
    /// The command line whose input runs there; the script begins with it.
    pub line: String,
    /// The directory there; none for the one that the session begins in.
    pub cwd: Option<String>,
    /// The shell there is no bash.
    pub posix: bool,
}

impl AttemptSpec {
    /// A specification with a terminal of 24x80 and nothing carried.
    #[must_use]
    pub fn new(kind: Kind, code: impl Into<String>, cwd: impl Into<PathBuf>) -> Self {
        Self {
            kind,
            code: code.into(),
            interpreter: None,
            cwd: cwd.into(),
            env: Vec::new(),
            secret_env: Vec::new(),
            hidden: Vec::new(),
            rows: 24,
            cols: 80,
            state_in: None,
            state_out: None,
            stop_at_first_failure: true,
            timeout_s: None,
            there: None,
            guards: Vec::new(),
            sources: Vec::new(),
            terms: None,
        }
    }

    /// Everything that is taken out of what is kept.
    pub(super) fn secrets(&self) -> Vec<(String, String)> {
        self.secret_env
            .iter()
            .chain(&self.hidden)
            .cloned()
            .collect()
    }

    /// Hex SHA-256 of the code.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex_sha256(self.code.as_bytes())
    }
}

/// Hex SHA-256 of some bytes.
pub(super) fn hex_sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The stored form of a specification.
#[derive(Serialize, Deserialize)]
struct ActionRecord {
    format: u32,
    kind: Kind,
    sha256: String,
    interpreter: Option<String>,
    cwd: PathBuf,
    env: Vec<(String, String)>,
    /// Names only.
    secrets: Vec<String>,
    rows: u16,
    cols: u16,
    state_in: Option<PathBuf>,
    state_out: Option<PathBuf>,
    stop_at_first_failure: bool,
    timeout_s: Option<u64>,
    #[serde(default)]
    there: Option<There>,
    #[serde(default)]
    guards: Vec<Guard>,
    #[serde(default)]
    sources: Vec<SourceRecord>,
    #[serde(default)]
    terms: Option<TermsRecord>,
}

/// What goes to the supervisor over the inherited pipe.
#[derive(Serialize, Deserialize)]
pub(super) struct Handshake {
    /// Of the code that was confirmed.
    pub sha256: String,
    /// Name and value.
    pub secrets: Vec<(String, String)>,
    /// The same of what the command is not given.
    #[serde(default)]
    pub hidden: Vec<(String, String)>,
}

/// Creates the evidence directory and puts the action and its script into it, synced.
pub(super) fn prepare(dir: &Path, spec: &AttemptSpec) -> io::Result<()> {
    let record = ActionRecord {
        format: 1,
        kind: spec.kind,
        sha256: spec.sha256(),
        interpreter: spec.interpreter.clone(),
        cwd: spec.cwd.clone(),
        env: spec.env.clone(),
        secrets: spec
            .secret_env
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
        rows: spec.rows,
        cols: spec.cols,
        state_in: spec.state_in.clone(),
        state_out: spec.state_out.clone(),
        stop_at_first_failure: spec.stop_at_first_failure,
        timeout_s: spec.timeout_s,
        there: spec.there.clone(),
        guards: spec.guards.clone(),
        sources: spec.sources.iter().map(SourceRecord::from).collect(),
        terms: spec.terms.as_ref().map(TermsRecord::from),
    };
    let json = serde_json::to_vec_pretty(&record)?;
    fs::DirBuilder::new().mode(0o700).create(dir)?;
    files::write_new(&dir.join(files::SCRIPT), spec.code.as_bytes())?;
    files::write_new(&dir.join(files::ACTION), &json)?;
    files::sync_dir(dir)?;
    dir.parent().map_or(Ok(()), files::sync_dir)
}

/// Width and height that the terminal of an attempt began with.
///
/// # Errors
/// When its action cannot be read.
pub fn size_of(dir: &Path) -> io::Result<(u16, u16)> {
    #[derive(Deserialize)]
    struct Size {
        cols: u16,
        rows: u16,
    }
    let size: Size = serde_json::from_slice(&fs::read(dir.join(files::ACTION))?)?;
    Ok((size.cols, size.rows))
}

/// On which terms the attempt in `dir` runs its SQL; none where nobody has said.
pub(super) fn terms_of(dir: &Path) -> io::Result<Option<Terms>> {
    let record: ActionRecord = serde_json::from_slice(&fs::read(dir.join(files::ACTION))?)?;
    record.terms.map(TermsRecord::read).transpose()
}

/// Reads back what is to run, and makes sure that it is what was confirmed.
pub(super) fn load(dir: &Path, handshake: Handshake) -> io::Result<AttemptSpec> {
    let record: ActionRecord = serde_json::from_slice(&fs::read(dir.join(files::ACTION))?)?;
    let code = fs::read_to_string(dir.join(files::SCRIPT))?;
    let found = hex_sha256(code.as_bytes());
    if found != handshake.sha256 || found != record.sha256 {
        return Err(io::Error::other(
            "the script on disk is not the code that was confirmed",
        ));
    }
    Ok(AttemptSpec {
        kind: record.kind,
        code,
        interpreter: record.interpreter,
        cwd: record.cwd,
        env: record.env,
        secret_env: handshake.secrets,
        hidden: handshake.hidden,
        rows: record.rows,
        cols: record.cols,
        state_in: record.state_in,
        state_out: record.state_out,
        stop_at_first_failure: record.stop_at_first_failure,
        timeout_s: record.timeout_s,
        there: record.there,
        guards: record.guards,
        sources: record.sources.into_iter().map(SourceRecord::read).collect(),
        terms: record.terms.map(TermsRecord::read).transpose()?,
    })
}
