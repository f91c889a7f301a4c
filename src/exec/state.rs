//! The carried shell state as data: directory, variables, functions.
//!
//! Each variable and function is kept as the text by which bash itself declares it, so nothing
//! has to be quoted again. What belongs to one process (its id, its random numbers, its
//! descriptors) is never carried, and neither is a secret, under whatever name it was copied to:
//! where its value stands in a variable, a reference to it is kept instead, and the variable is
//! there again for whoever has the secret.

use super::files;
use super::redact::Redactor;
use crate::script::blanks::secret;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

const HEADER: &[u8] = b"backout-shell-state 1";

/// Shorter secrets are found in too many words to be referred to.
const SHORTEST: usize = 4;

/// A name and bash's declaration of it.
type Declared = (Vec<u8>, Vec<u8>);

/// What one shell leaves to the next.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub(super) struct ShellState {
    /// Where it stood.
    pub cwd: PathBuf,
    /// Variables.
    pub variables: Vec<Declared>,
    /// Functions.
    pub functions: Vec<Declared>,
    /// Variables whose declaration refers to secrets.
    pub referring: Vec<Declared>,
    /// Options that were on, by the builtin that sets them: `set` or `shopt`.
    pub options: Vec<Declared>,
    /// The line of the script at whose failure the shell ended, and the command; not carried.
    pub failed_at: Option<(u32, String)>,
    /// The statuses of the commands of the pipeline that it ended with; not carried.
    pub stages: Vec<i32>,
}

/// Variables that are a shell's own.
const OWN: &[&str] = &[
    "_",
    "BASHOPTS",
    "BASHPID",
    "BASH",
    "COLUMNS",
    "COMP_WORDBREAKS",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "HOSTNAME",
    "HOSTTYPE",
    "LINENO",
    "LINES",
    "MACHTYPE",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PIPESTATUS",
    "PPID",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELLOPTS",
    "SHLVL",
    "SRANDOM",
    "TERM",
    "UID",
];

fn is_own(name: &[u8]) -> bool {
    name.starts_with(b"BASH_")
        || name.starts_with(b"__backout_")
        || OWN.iter().any(|own| own.as_bytes() == name)
}

/// Reads what a shell has left; none if it did not come to the end of it.
pub(super) fn parse_dump(bytes: &[u8]) -> Option<ShellState> {
    let mut fields = bytes.split(|byte| *byte == 0);
    if fields.next()? != b"backout-shell-dump 1" {
        return None;
    }
    let cwd = PathBuf::from(OsString::from_vec(fields.next()?.to_vec()));
    let mut state = ShellState {
        cwd,
        ..ShellState::default()
    };
    read_declared(fields, &mut state)
}

fn read_declared<'a>(
    mut fields: impl Iterator<Item = &'a [u8]>,
    state: &mut ShellState,
) -> Option<ShellState> {
    loop {
        let kind = match fields.next()? {
            b"v" => &mut state.variables,
            b"f" => &mut state.functions,
            b"s" => &mut state.referring,
            b"o" => {
                let (name, text) = (fields.next()?, fields.next()?);
                state.options.push((name.to_vec(), text.to_vec()));
                continue;
            }
            b"l" => {
                let (line, command) = (fields.next()?, fields.next()?);
                let line = std::str::from_utf8(line).ok().and_then(|l| l.parse().ok());
                let command = String::from_utf8_lossy(command).into_owned();
                state.failed_at = line.map(|line| (line, command));
                continue;
            }
            b"p" => {
                let text = String::from_utf8_lossy(fields.next()?).into_owned();
                let all = text.split_whitespace().map(str::parse);
                state.stages = all.collect::<Result<_, _>>().unwrap_or_default();
                continue;
            }
            b"end" => return Some(std::mem::take(state)),
            _ => return None,
        };
        let (name, text) = (fields.next()?, fields.next()?);
        if !is_own(name) && !text.is_empty() {
            kind.push((name.to_vec(), text.to_vec()));
        }
    }
}

/// The names of the variables that a stored state brings; none where there is no such state.
#[must_use]
pub fn carried(path: &Path) -> Vec<String> {
    let state = ShellState::load(path).unwrap_or_default();
    let all = state.variables.iter().chain(&state.referring);
    all.map(|(name, _)| String::from_utf8_lossy(name).into_owned())
        .collect()
}

/// The functions that a stored state brings: names and declarations; none where there is no such
/// state.
#[must_use]
pub fn carried_functions(path: &Path) -> Vec<(String, String)> {
    texts(&ShellState::load(path).unwrap_or_default().functions)
}

/// The same of the variables that refer to no secret.
#[must_use]
pub fn carried_variables(path: &Path) -> Vec<(String, String)> {
    texts(&ShellState::load(path).unwrap_or_default().variables)
}

fn texts(declared: &[(Vec<u8>, Vec<u8>)]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = declared.iter();
    all.map(|(name, declared)| (text(name), text(declared)))
        .collect()
}

impl ShellState {
    /// Reads a state file.
    pub(super) fn load(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other?,
        };
        let damaged = || io::Error::other(format!("{} is not a shell state", path.display()));
        let rest = bytes.strip_prefix(HEADER).ok_or_else(damaged)?;
        let mut fields = rest.split(|byte| *byte == 0).skip(1);
        let cwd = PathBuf::from(OsString::from_vec(
            fields.next().ok_or_else(damaged)?.to_vec(),
        ));
        let mut state = Self {
            cwd,
            ..Self::default()
        };
        read_declared(fields, &mut state).ok_or_else(damaged)
    }

    /// Replaces a state file in one step, for its owner only.
    pub(super) fn store(&self, path: &Path) -> io::Result<()> {
        let mut bytes = HEADER.to_vec();
        let mut field = |text: &[u8]| {
            bytes.push(0);
            bytes.extend_from_slice(text);
        };
        field(self.cwd.as_os_str().as_bytes());
        for (kind, declared) in [
            (b"v", &self.variables),
            (b"f", &self.functions),
            (b"s", &self.referring),
            (b"o", &self.options),
        ] {
            for (name, text) in declared {
                field(kind);
                field(name);
                field(text);
            }
        }
        field(b"end");
        let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
        else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        files::replace(dir, name, &bytes)
    }

    /// Takes out secret variables, and whatever holds a secret's value and cannot refer to it;
    /// gives the names.
    pub(super) fn remove_secrets(
        &mut self,
        secrets: &[(String, String)],
        redactor: Option<&Redactor>,
    ) -> Vec<String> {
        let named = |name: &[u8]| secrets.iter().any(|(secret, _)| secret.as_bytes() == name);
        let own = self.variables.iter().filter(|(name, _)| !named(name));
        let found = own.filter(|(_, text)| redactor.is_some_and(|r| r.finds_in(text)));
        let referred: Vec<Declared> = found
            .filter_map(|(name, text)| Some((name.clone(), referring(text, secrets)?)))
            .filter(|(_, text)| redactor.is_some_and(|r| !r.finds_in(text)))
            .collect();
        self.variables
            .retain(|(name, _)| !referred.iter().any(|(kept, _)| kept == name));
        self.referring = referred;
        let mut removed = Vec::new();
        for declared in [&mut self.variables, &mut self.functions] {
            declared.retain(|(name, text)| {
                let named = named(name);
                let secret = named || redactor.is_some_and(|redactor| redactor.finds_in(text));
                if secret {
                    removed.push(String::from_utf8_lossy(name).into_owned());
                }
                !secret
            });
        }
        removed
    }

    /// Writes the declarations for a new bash, except of names that are given anew.
    pub(super) fn write_for_bash(&self, given: &[&str], out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\n");
        for (name, text) in &self.variables {
            if !given.iter().any(|given| given.as_bytes() == name) {
                out.extend_from_slice(text);
                out.push(b'\n');
            }
        }
        for (name, text) in &self.referring {
            let is_given = |name: &str| given.contains(&name);
            let own = given.iter().any(|given| given.as_bytes() == name);
            if !own && references(text).all(is_given) {
                out.extend_from_slice(text);
                out.push(b'\n');
            }
        }
        // Functions may have been written with extended patterns on; they only parse so.
        out.extend_from_slice(b"shopt -q extglob; __backout_extglob=$?; shopt -s extglob\n:\n}");
        out.extend_from_slice(b" 2>/dev/null\n");
        for (_, text) in &self.functions {
            out.extend_from_slice(text);
            out.push(b'\n');
        }
        out.extend_from_slice(b"[ \"$__backout_extglob\" = 0 ] || shopt -u extglob\n");
        out.extend_from_slice(b"unset -v __backout_extglob\n");
    }

    /// Writes the options for a new bash; behind everything of ours, which they are not for.
    pub(super) fn write_options(&self, out: &mut Vec<u8>) {
        for (builtin, names) in &self.options {
            let (words, carried) = match builtin.as_slice() {
                b"set" => ("set -o", SET),
                b"shopt" => ("shopt -s", SHOPT),
                _ => continue,
            };
            for name in carried.iter().filter(|name| is_on(names, name)) {
                out.extend_from_slice(format!("{words} {name}\n").as_bytes());
            }
        }
    }
}

/// Whether a stored state has the extended patterns on, with which a text is read in another way.
pub(super) fn is_extended(path: &Path) -> bool {
    let state = ShellState::load(path).unwrap_or_default();
    let mut options = state.options.iter();
    options.any(|(_, names)| is_on(names, "extglob"))
}

/// Whether an option is one of the `names` that are on, as bash lists them.
fn is_on(names: &[u8], option: &str) -> bool {
    let mut names = names.split(|byte| *byte == b':');
    names.any(|name| name == option.as_bytes())
}

/// Options of `set` that stay on for what comes after, as in one shell. Whether it stops at the
/// first failure is not the shell's to say, and tracing is for one action.
const SET: &[&str] = &[
    "allexport",
    "errtrace",
    "functrace",
    "noclobber",
    "noglob",
    "nounset",
    "pipefail",
];

/// The same of `shopt`.
const SHOPT: &[&str] = &[
    "dotglob",
    "extglob",
    "failglob",
    "globstar",
    "inherit_errexit",
    "lastpipe",
    "nocaseglob",
    "nocasematch",
    "nullglob",
];

/// The declaration with references in the place of secret values; none where it is not written
/// in double quotes alone, in which a reference is expanded and read no further.
fn referring(text: &[u8], secrets: &[(String, String)]) -> Option<Vec<u8>> {
    let mut text = std::str::from_utf8(text).ok()?.to_owned();
    if text.contains("$'") {
        return None;
    }
    let mut plain: Vec<&(String, String)> = secrets
        .iter()
        .filter(|(name, value)| secret::is_whole(name) && value.len() >= SHORTEST)
        .collect();
    plain.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    for (name, value) in plain {
        let quoted = value.chars().fold(String::new(), |mut out, c| {
            if matches!(c, '"' | '$' | '`' | '\\') {
                out.push('\\');
            }
            out.push(c);
            out
        });
        let (head, rest) = text.split_once('=')?;
        text = format!("{head}={}", rest.replace(&quoted, &format!("${{{name}}}")));
    }
    Some(text.into_bytes())
}

/// The names that a declaration refers to. A `$` that is none stands behind a backslash.
fn references(text: &[u8]) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text.get(from..)?.find("${")?;
            from = at + 2;
            let escapes = text.get(..at)?.bytes().rev().take_while(|b| *b == b'\\');
            if escapes.count() % 2 == 0 {
                return Some(text.get(from..)?.split('}').next().unwrap_or_default());
            }
        }
    })
}

/// The variables that a state file has only for whoever has the secrets that they refer to, of
/// which these are not given.
#[must_use]
pub fn left_out(path: &Path, given: &[String]) -> Vec<String> {
    let state = ShellState::load(path).unwrap_or_default();
    let lacks = |text: &[u8]| references(text).any(|name| !given.iter().any(|g| g == name));
    let lacking = state.referring.iter().filter(|(_, text)| lacks(text));
    lacking
        .map(|(name, _)| String::from_utf8_lossy(name).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ShellState {
        ShellState {
            cwd: PathBuf::from("/srv/app"),
            variables: vec![
                (b"A".to_vec(), b"declare -- A=\"1\n2\"\n".to_vec()),
                (
                    b"URL".to_vec(),
                    b"declare -x URL=\"postgres://u:hunter2000@db\"\n".to_vec(),
                ),
            ],
            functions: vec![(b"f".to_vec(), b"f () \n{ \n    echo hi\n}\n".to_vec())],
            referring: Vec::new(),
            options: vec![(b"set".to_vec(), b"braceexpand:pipefail".to_vec())],
            failed_at: None,
            stages: Vec::new(),
        }
    }

    #[test]
    fn a_state_survives_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("carried");
        sample().store(&path).unwrap();
        assert_eq!(ShellState::load(&path).unwrap(), sample());
        fs::write(&path, b"something else").unwrap();
        assert!(ShellState::load(&path).is_err());
    }

    #[test]
    fn a_dump_without_its_end_is_none() {
        let whole = b"backout-shell-dump 1\0/x\0v\0A\0declare -- A=1\n\0v\0PPID\0declare\0end\0";
        let state = parse_dump(whole).unwrap();
        assert_eq!(state.variables.len(), 1);
        assert_eq!(parse_dump(&whole[..whole.len() - 5]), None);
        assert_eq!(parse_dump(b""), None);
    }

    #[test]
    fn a_secret_is_left_out_under_any_name() {
        let mut state = sample();
        let secrets = [("PW".to_owned(), "hunter2000".to_owned())];
        let redactor = Redactor::new(&secrets).unwrap();
        let given = [
            ("A".to_owned(), "1\n2".to_owned()),
            ("PW".to_owned(), "hunter2000".to_owned()),
        ];
        assert_eq!(state.remove_secrets(&given, redactor.as_ref()), ["A"]);
        assert!(state.variables.is_empty());
        assert_eq!(state.functions.len(), 1);
        let url = b"declare -x URL=\"postgres://u:${PW}@db\"\n";
        assert_eq!(state.referring, [(b"URL".to_vec(), url.to_vec())]);
        let names = |text: &[u8]| references(text).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names(url), ["PW"]);
        assert!(names(br#"declare -- A="\${PW} \\\${B}""#).is_empty());
        let written = |given: &[&str]| {
            let mut out = Vec::new();
            state.write_for_bash(given, &mut out);
            String::from_utf8_lossy(&out).contains("URL=")
        };
        assert!(written(&["PW"]) && !written(&[]));
        let mut hexed = sample();
        hexed.variables[1].1 = b"declare -- H=\"68756e74657232303030\"\n".to_vec();
        assert_eq!(
            hexed.remove_secrets(&given[1..], redactor.as_ref()),
            ["URL"]
        );
        assert!(hexed.referring.is_empty());
    }
}
