//! The last look before a command: is the target the one that the plan is for?
//!
//! What runs here is measured by the supervisor, with the directory, environment and shell state
//! that the command will have, before the attempt is claimed: another target means that nothing
//! was sent. What goes over a connection of its own (SQL, a far shell) is measured over that very
//! connection before anything else, and a refusal is left in the evidence directory. A measure
//! only reads, has no terminal, and is given up after some seconds; what it could not say is
//! never taken for the right target unless a person has said so beforehand.

use super::files;
use super::memory;
use super::spec::{AttemptSpec, hex_sha256};
use super::state::ShellState;
use crate::domain::bearing::{Bearing, Found};
use crate::script::shell::How;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a measure may take.
const PATIENCE: Duration = Duration::from_secs(6);
/// More than this of an answer is no name.
const MOST: u64 = 4096;

/// One thing that has to be so before the command is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Guard {
    /// `host`, `database`…
    pub key: String,
    /// What the plan says.
    pub expected: String,
    /// How it is measured.
    pub how: Question,
    /// It is measured where the command goes, and not here.
    pub far: bool,
    /// A person has said that it may run where this cannot be measured.
    pub unknown_ok: bool,
}

/// How a guard is measured; the stored form of [`How`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// By a shell text that prints it.
    Ask(String),
    /// The command names it.
    Stated(String),
    /// Not at all, and why.
    Unreadable(String),
    /// Over the connection of the SQL itself.
    Connection,
}

impl From<How> for Question {
    fn from(how: How) -> Self {
        match how {
            How::Ask(text) => Self::Ask(text),
            How::Stated(value) => Self::Stated(value),
            How::Unreadable(why) => Self::Unreadable(why),
        }
    }
}

/// What a measure here is made with.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The directory that the command starts in.
    pub cwd: PathBuf,
    /// Additions to the environment, secret ones too.
    pub env: Vec<(String, String)>,
    /// The shell state that it starts from.
    pub state_in: Option<PathBuf>,
}

/// Measures what can be measured here; each in the order of the guards.
#[must_use]
pub fn measure(guards: &[Guard], at: &Surroundings) -> Vec<Bearing> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = guards
            .iter()
            .map(|guard| scope.spawn(move || bearing(guard, at)))
            .collect();
        let answers = guards.iter().zip(asked).map(|(guard, answer)| {
            answer.join().unwrap_or_else(|_| {
                Bearing::of(&guard.key, &guard.expected, Err("no answer".to_owned()))
            })
        });
        answers.collect()
    })
}

fn bearing(guard: &Guard, at: &Surroundings) -> Bearing {
    if guard.far || guard.how == Question::Connection {
        return Bearing {
            key: guard.key.clone(),
            expected: guard.expected.clone(),
            found: Found::There,
        };
    }
    let answer = match &guard.how {
        Question::Ask(text) => ask(text, at).map(|a| presentable(&guard.key, &a)),
        Question::Stated(value) => Ok(value.clone()),
        Question::Unreadable(why) => Err(why.clone()),
        Question::Connection => Err("it is measured over the connection".to_owned()),
    };
    Bearing::of(&guard.key, &guard.expected, answer)
}

/// An address as it may be shown and kept: without a password.
fn presentable(key: &str, answer: &str) -> String {
    if !matches!(key, "git_remote" | "docker_context") {
        return answer.to_owned();
    }
    match answer.split_once("://") {
        Some((scheme, rest)) => match rest.split_once('@') {
            Some((_, place)) => format!("{scheme}://{place}"),
            None => answer.to_owned(),
        },
        None => answer.to_owned(),
    }
}

/// Asks a shell that has what the command will have; the question must only read.
///
/// # Errors
/// Why there is no answer.
pub fn ask(question: &str, at: &Surroundings) -> Result<String, String> {
    let said = |error: io::Error| format!("it could not be asked: {error}");
    let script = script(question, at).map_err(said)?;
    let mut command = Command::new("bash");
    command
        .args(["--norc", "--noprofile", "-s"])
        .envs(at.env.iter().map(|(n, v)| (n, v)))
        .env_remove("BASH_ENV")
        .current_dir(&at.cwd)
        .stdin(script)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let child = command.spawn().map_err(said)?;
    answer(child)
}

fn script(question: &str, at: &Surroundings) -> io::Result<File> {
    let mut text = Vec::new();
    if let Some(path) = &at.state_in {
        let given: Vec<&str> = at.env.iter().map(|(name, _)| name.as_str()).collect();
        ShellState::load(path)?.write_for_bash(&given, &mut text);
    }
    text.extend_from_slice(format!("{{\n{question}\n}} </dev/null\n").as_bytes());
    memory::file("backout-measure", &text)
}

/// What a shell answers in time; its whole group is ended when it does not.
fn answer(mut child: Child) -> Result<String, String> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let out = child.stdout.take().map(reading);
    let err = child.stderr.take().map(reading);
    let due = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < due => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) | Err(_) => break None,
        }
    };
    if let Some(group) = group {
        // Also what it may have left behind, which would keep the pipes open.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
    let collect = |reader: Option<std::thread::JoinHandle<String>>| {
        reader.and_then(|r| r.join().ok()).unwrap_or_default()
    };
    let (out, err) = (collect(out), collect(err));
    match status {
        Some(status) if status.success() && !out.trim().is_empty() => Ok(out.trim().to_owned()),
        Some(_) => {
            let last = err.lines().rev().map(str::trim).find(|l| !l.is_empty());
            // `bash: line 2: kubectl: command not found` says too much.
            let why = last.map(|l| {
                l.rsplit_once("line ")
                    .map_or(l, |(_, rest)| after_number(rest))
            });
            Err(why.unwrap_or("there is none").to_owned())
        }
        None => Err(format!("no answer in {} s", PATIENCE.as_secs())),
    }
}

fn after_number(rest: &str) -> &str {
    rest.split_once(": ").map_or(rest, |(_, said)| said)
}

fn reading(pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.take(MOST).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Holds a target against the plan, at the last moment.
///
/// # Errors
/// Why nothing is sent.
pub(super) fn allow(guards: &[Guard], bearings: &[Bearing]) -> Result<(), String> {
    let mut reasons = Vec::new();
    for (guard, bearing) in guards.iter().zip(bearings) {
        reasons.extend(bearing.refusal());
        if !guard.unknown_ok {
            reasons.extend(bearing.doubt());
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    Err(format!("nothing was sent: {}", reasons.join("; ")))
}

/// The supervisor's own look, before the claim.
pub(super) fn check(spec: &AttemptSpec) -> io::Result<()> {
    let here: Vec<Guard> = spec
        .guards
        .iter()
        .filter(|g| !g.far && g.how != Question::Connection)
        .cloned()
        .collect();
    if here.is_empty() {
        return Ok(());
    }
    let at = Surroundings {
        cwd: spec.cwd.clone(),
        env: spec.env.iter().chain(&spec.secret_env).cloned().collect(),
        state_in: spec.state_in.clone().filter(|_| spec.there.is_none()),
    };
    allow(&here, &measure(&here, &at)).map_err(io::Error::other)
}

/// The guards of the attempt that a script in an evidence directory belongs to.
pub(super) fn of_script(script: &Path) -> io::Result<Vec<Guard>> {
    #[derive(Deserialize)]
    struct Kept {
        #[serde(default)]
        guards: Vec<Guard>,
    }
    let Some(dir) = script.parent() else {
        return Ok(Vec::new());
    };
    let bytes = std::fs::read(dir.join(files::ACTION))?;
    let kept: Kept = serde_json::from_slice(&bytes)?;
    Ok(kept.guards)
}

/// Leaves word that nothing was sent, for whoever makes the result.
pub(super) fn refuse(dir: &Path, why: &str) -> io::Result<()> {
    files::write_new(&dir.join(files::REFUSED), why.as_bytes())
}

/// The questions for a far shell, each answered between marks; plain enough for any `sh`. Where
/// there are none, it only says that it is there.
pub(super) fn far_questions(guards: &[Guard], mark: &str) -> String {
    let far: Vec<&Guard> = guards.iter().filter(|g| g.far).collect();
    let mut text = String::new();
    for guard in far {
        if let Question::Ask(question) = &guard.how {
            let _ = write!(
                text,
                "__backout_found=$( {{ {question}\n}} </dev/null 2>/dev/null )\nprintf '\\0{mark}\\0%s\\0%s\\0' \"$?\" \"$__backout_found\"\n",
            );
        }
    }
    let _ = write!(
        text,
        "unset __backout_found\nprintf '\\0{mark}\\0asked\\0'\n"
    );
    text
}

/// What a far shell has answered so far; none while it has not answered everything.
pub(super) fn far_bearings(guards: &[Guard], mark: &str, heard: &[u8]) -> Option<Vec<Bearing>> {
    let heard = String::from_utf8_lossy(heard);
    let frame = format!("\0{mark}\0");
    let (answers, _) = heard.split_once(&format!("{frame}asked\0"))?;
    let mut answers = answers.split(&frame).skip(1).map(|answer| {
        let mut fields = answer.split('\0');
        match (fields.next(), fields.next()) {
            (Some("0"), Some(value)) if !value.trim().is_empty() => Ok(value.to_owned()),
            _ => Err("there is no answer where it runs".to_owned()),
        }
    });
    let bearing = |g: &Guard| {
        let answer = match &g.how {
            Question::Ask(_) => answers
                .next()
                .unwrap_or_else(|| Err("there is no answer".to_owned())),
            Question::Stated(value) => Ok(value.clone()),
            Question::Unreadable(why) => Err(why.clone()),
            Question::Connection => Err("it has no connection of its own".to_owned()),
        };
        Bearing::of(&g.key, &g.expected, answer.map(|a| presentable(&g.key, &a)))
    };
    Some(guards.iter().filter(|g| g.far).map(bearing).collect())
}

/// A mark that no answer holds by accident, from the one that the state comes behind.
pub(super) fn far_mark(mark: &str) -> String {
    format!("backout-asks-{}", hex_sha256(mark.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(key: &str, expected: &str, how: Question) -> Guard {
        Guard {
            key: key.to_owned(),
            expected: expected.to_owned(),
            how,
            far: false,
            unknown_ok: false,
        }
    }

    fn here(env: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            cwd: "/".into(),
            env: env
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            state_in: None,
        }
    }

    fn asks(key: &str, expected: &str, text: &str) -> Guard {
        guard(key, expected, Question::Ask(text.to_owned()))
    }

    #[test]
    fn what_is_measured_has_what_the_command_will_have() {
        let guards = [
            asks("host", "a", "printf '%s\\n' \"$WHERE\""),
            asks("user", "/", "pwd"),
        ];
        let found = measure(&guards, &here(&[("WHERE", "a")]));
        assert_eq!(found[0].found, Found::Same("a".to_owned()));
        assert_eq!(found[1].found, Found::Same("/".to_owned()));
        assert_eq!(allow(&guards, &found), Ok(()));
        let found = measure(&guards, &here(&[("WHERE", "b")]));
        let why = allow(&guards, &found).expect_err("another one");
        assert!(why.contains("for the host a, and this is b"), "{why}");
    }

    #[test]
    fn what_cannot_be_measured_is_let_through_only_when_a_person_said_so() {
        let mut guards = [asks("kube_context", "prod", "no-such-program-here config")];
        let found = measure(&guards, &here(&[]));
        let why = allow(&guards, &found).expect_err("unknown");
        assert!(
            why.contains("no-such-program-here: command not found"),
            "{why}"
        );
        guards[0].unknown_ok = true;
        assert_eq!(allow(&guards, &found), Ok(()));
        guards[0].how = Question::Stated("staging".to_owned());
        assert!(allow(&guards, &measure(&guards, &here(&[]))).is_err());
    }

    #[test]
    fn a_measure_that_hangs_or_floods_is_given_up() {
        let began = Instant::now();
        let guards = [asks("host", "a", "sleep 60"), asks("user", "b", "yes")];
        let found = measure(&guards, &here(&[]));
        assert!(began.elapsed() < Duration::from_secs(12));
        assert!(found.iter().all(|b| !matches!(b.found, Found::Same(_))));
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        let guards = [asks(
            "git_remote",
            "acme/shop",
            "echo https://u:hush@h/acme/shop.git",
        )];
        let found = measure(&guards, &here(&[]));
        assert_eq!(
            found[0].found,
            Found::Same("https://h/acme/shop.git".to_owned())
        );
    }

    #[test]
    fn a_far_shell_answers_between_marks() {
        let mut guards = [asks("host", "a", "echo a"), asks("user", "u", "exit 3")];
        for guard in &mut guards {
            guard.far = true;
        }
        let questions = far_questions(&guards, "m");
        assert!(far_questions(&[], "m").ends_with("asked\\0'\n"));
        for shell in ["bash", "sh"] {
            let said = Command::new(shell)
                .args(["-c", &questions])
                .output()
                .expect("ran");
            let found = far_bearings(&guards, "m", &said.stdout).expect("all answered");
            assert_eq!(found[0].found, Found::Same("a".to_owned()));
            assert!(matches!(found[1].found, Found::Unknown(_)));
            assert_eq!(
                far_bearings(&guards, "m", &said.stdout[..said.stdout.len() - 1]),
                None
            );
        }
    }
}
