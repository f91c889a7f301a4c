//! Secret values, in memory only and never shown; and fetching them from where a plan says that
//! they are.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use crate::domain::ids::ParameterName;
use crate::domain::plan::SecretSource;
use crate::exec::Redactor;

/// A shorter value is found in too many words that are no secret.
const TELLING: usize = 4;
/// How long a command may take to print a secret.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than this is no secret but a file taken by mistake.
const LONGEST: u64 = 16 << 10;

/// The secrets of a session. Cloning shares them.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    values: BTreeMap<ParameterName, String>,
    /// What takes them out of a text.
    filter: Option<Redactor>,
}

impl Secrets {
    /// Keeps a value.
    pub fn set(&self, name: ParameterName, value: String) {
        let mut held = self.held();
        held.values.insert(name, value);
        let telling = held.values.iter().filter(|(_, v)| v.len() >= TELLING);
        let all: Vec<(String, String)> = telling.map(|(n, v)| (n.to_string(), v.clone())).collect();
        held.filter = Redactor::new(&all).ok().flatten();
    }

    /// The value, if this session has it.
    #[must_use]
    pub fn get(&self, name: &ParameterName) -> Option<String> {
        self.held().values.get(name).cloned()
    }

    /// Whether nothing can be found in a text.
    pub(super) fn are_none(&self) -> bool {
        self.held().filter.is_none()
    }

    /// The text without the secrets in it; none where there is none in it.
    pub(super) fn masked(&self, text: &str) -> Option<String> {
        self.held().filter.as_ref()?.masked(text)
    }

    /// The names of those that a text spells out more often than another one does.
    pub(super) fn added(&self, text: &str, before: &str) -> Vec<ParameterName> {
        let held = self.held();
        let spelled = held.values.iter().filter(|(_, value)| {
            let count = |text: &str| text.matches(value.as_str()).count();
            value.len() >= TELLING && count(text) > count(before)
        });
        spelled.map(|(name, _)| name.clone()).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value at a source, without the line end at its end. Takes as long as the command takes.
///
/// # Errors
/// Why there is none, in words; never the value.
pub fn fetch(source: &SecretSource, dir: &Path) -> Result<String, String> {
    let text = match source {
        SecretSource::Environment(name) => {
            std::env::var(name).map_err(|_| format!("the variable {name} is not set here"))?
        }
        SecretSource::File(path) => read_file(&resolved(path, dir))?,
        SecretSource::Command(command) => printed(command, dir)?,
    };
    let value = text.strip_suffix('\n').unwrap_or(&text);
    let value = value.strip_suffix('\r').unwrap_or(value);
    if value.is_empty() {
        return Err("it is empty there".to_owned());
    }
    if value.contains('\0') {
        return Err("it is no text there".to_owned());
    }
    Ok(value.to_owned())
}

/// A path from the directory of the incident; `~/` is the home directory.
fn resolved(path: &str, dir: &Path) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => dir.join(path),
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let said = |error: std::io::Error| format!("{}: {error}", path.display());
    let meta = std::fs::metadata(path).map_err(said)?;
    if !meta.is_file() || meta.len() > LONGEST {
        return Err(format!("{} is no file with a secret", path.display()));
    }
    std::fs::read_to_string(path).map_err(said)
}

fn printed(command: &str, dir: &Path) -> Result<String, String> {
    let mut child = Command::new("bash")
        .args(["-c", command])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("“{command}” did not start: {error}"))?;
    let (say, hear) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        super::attempts::in_background(move || {
            let mut text = String::new();
            let read = out.take(LONGEST).read_to_string(&mut text);
            let _ = say.send(read.map(|_| text));
        });
    }
    let text = hear.recv_timeout(PATIENCE);
    if text.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match text {
        Err(_) => Err(format!("“{command}” took longer than 30 s")),
        Ok(Err(_)) => Err(format!("“{command}” printed what is no text")),
        Ok(Ok(_)) if !status.success() => Err(format!("“{command}” failed: {status}")),
        Ok(Ok(text)) => Ok(text),
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::fetch;
    use crate::domain::plan::SecretSource;
    use std::path::Path;

    #[test]
    fn a_secret_is_taken_from_where_it_is() {
        let here = Path::new("/");
        let of = |source: SecretSource| fetch(&source, here);
        let command = |text: &str| of(SecretSource::Command(text.to_owned()));
        assert_eq!(command("echo 'a b '").as_deref(), Ok("a b "));
        assert!(command("echo hidden; false").is_err_and(|why| !why.contains("hidden\n")));
        assert!(command("true").is_err_and(|why| why.contains("empty")));
        let path = std::env::temp_dir().join(format!("backout-pw-{}", std::process::id()));
        std::fs::write(&path, "x'y\n").expect("a file");
        let file = of(SecretSource::File(path.display().to_string()));
        assert_eq!(file.as_deref(), Ok("x'y"));
        let _ = std::fs::remove_file(&path);
        assert!(of(SecretSource::File("nowhere/at/all".to_owned())).is_err());
        let unset = SecretSource::Environment("BACKOUT_NOT_SET_ANYWHERE".to_owned());
        assert!(of(unset).is_err_and(|why| why.contains("not set")));
    }
}
