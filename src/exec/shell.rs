//! The command of an attempt, and the shell state that one attempt leaves to the next.
//!
//! bash runs the stored script itself, so that its messages carry the right names and lines. What
//! is loaded before the script comes as bash's start-up file over a private descriptor, and what
//! the shell leaves comes out through another; neither is on disk. The dump happens in an EXIT
//! trap, so it is missing when the script replaces the shell (`exec`), sets an EXIT trap of its
//! own, or is killed; whoever comes after is told so, and nothing is worked around. Exit statuses
//! are never touched.

use super::anchor::Exec;
use super::files;
use super::memory;
use super::process;
use super::redact::Redactor;
use super::spec::{AttemptSpec, Kind, There};
use super::state::{self, ShellState};
use super::there;
use crate::script::lines::lines_up_to;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The descriptor that the shell's state comes out of; not one that scripts take for their locks.
pub(super) const STATE_FD: RawFd = 217;
/// The descriptor that bash's start-up file comes in by.
pub(super) const PRELUDE_FD: RawFd = 218;
/// No shell state is larger, unless something is wrong.
const MAX_STATE: u64 = 32 << 20;

/// What is executed for an attempt.
pub(super) struct Program {
    order: Order,
    shell: Option<ShellPipes>,
}

/// What of a program is not a descriptor.
#[derive(Serialize, Deserialize)]
struct Order {
    argv: Vec<OsString>,
    cwd: OsString,
    env: Vec<(String, String)>,
    /// The shell is not here: what is prepared is its input, and no start-up file of one here.
    elsewhere: bool,
    /// It has descriptors beside its terminal.
    shell: bool,
}

struct ShellPipes {
    prelude: OwnedFd,
    state: File,
}

/// What came out of a shell.
#[derive(Default)]
pub(super) struct Captured {
    /// The state was left where it was asked for.
    pub saved: bool,
    /// Why not, or what was left out of it.
    pub note: Option<String>,
    /// Where the shell stood at its end.
    pub cwd: Option<PathBuf>,
    /// The line of the script, from 1, in which the command begins whose failure ended it.
    pub line: Option<u32>,
    /// The statuses of the commands of the pipeline that it ended with; empty where not known.
    pub stages: Vec<i32>,
}

impl Program {
    /// Puts together what is executed, the state to begin with included.
    pub(super) fn new(dir: &Path, spec: &AttemptSpec) -> io::Result<Self> {
        if let Some(there) = &spec.there {
            return Self::elsewhere(dir, spec, there);
        }
        let script = dir.join(files::SCRIPT).into_os_string();
        let (argv, is_bash) = match spec.kind {
            Kind::Sql => (vec!["/proc/self/exe".into(), "__sql".into(), script], false),
            Kind::Http => (
                vec!["/proc/self/exe".into(), "__http".into(), script],
                false,
            ),
            Kind::Shell => interpreter(spec, script)?,
        };
        let shell = if is_bash {
            Some(ShellPipes::new(spec)?)
        } else {
            None
        };
        let env = spec.env.iter().chain(&spec.secret_env).cloned().collect();
        let order = Order {
            argv,
            cwd: spec.cwd.clone().into(),
            env,
            elsewhere: false,
            shell: is_bash,
        };
        Ok(Self { order, shell })
    }

    /// The relay, with what the far shell gets as its input.
    fn elsewhere(dir: &Path, spec: &AttemptSpec, there: &There) -> io::Result<Self> {
        let carried = match &spec.state_in {
            Some(path) => ShellState::load(path)?,
            None => ShellState::default(),
        };
        let mark = there::mark()?;
        let input = there::input(spec, there, &carried, &mark)?;
        let argv: [OsString; 5] = [
            "/proc/self/exe".into(),
            "__there".into(),
            dir.into(),
            there.line.clone().into(),
            mark.into(),
        ];
        let order = Order {
            argv: argv.to_vec(),
            cwd: spec.cwd.clone().into(),
            // A secret in the command line is a reference to a variable.
            env: spec.env.iter().chain(&spec.secret_env).cloned().collect(),
            elsewhere: true,
            shell: true,
        };
        let shell = Some(ShellPipes::with(&input)?);
        Ok(Self { order, shell })
    }

    /// What another process needs to execute it, with [`Self::pipes`]; on no disk.
    pub(super) fn order(&self) -> io::Result<OwnedFd> {
        let json = serde_json::to_vec(&self.order)?;
        Ok(memory::file("backout-order", &json)?.into())
    }

    /// The descriptors that a shell has beside its terminal.
    pub(super) fn pipes(&self) -> Option<[BorrowedFd<'_>; 2]> {
        let shell = self.shell.as_ref()?;
        Some([shell.prelude.as_fd(), shell.state.as_fd()])
    }

    /// The program again, from what [`Self::order`] and [`Self::pipes`] gave.
    pub(super) fn from_order(order: OwnedFd, pipes: Vec<OwnedFd>) -> io::Result<Self> {
        let order = File::from(order);
        let mut json = vec![0; usize::try_from(order.metadata()?.len()).unwrap_or(0)];
        order.read_exact_at(&mut json, 0)?;
        let order: Order = serde_json::from_slice(&json)?;
        let shell = match <[OwnedFd; 2]>::try_from(pipes) {
            Ok([prelude, state]) => Some(ShellPipes {
                prelude,
                state: state.into(),
            }),
            Err(_) => None,
        };
        if shell.is_some() != order.shell {
            return Err(io::Error::other("a descriptor of the shell was lost"));
        }
        Ok(Self { order, shell })
    }

    /// Takes what the shell left, and stores it where it may be carried on. Whether a failure was
    /// one is not known here: `grep` that finds nothing ends with 1.
    pub(super) fn capture(
        &self,
        spec: &AttemptSpec,
        keeps: bool,
        redactor: Option<&Redactor>,
    ) -> Captured {
        let Some(shell) = &self.shell else {
            let wanted = spec.kind == Kind::Shell && spec.state_out.is_some();
            let note = wanted.then(|| "only bash leaves a shell state".to_owned());
            return Captured {
                note,
                ..Captured::default()
            };
        };
        let state = shell.read();
        let cwd = state.as_ref().map(|state| state.cwd.clone());
        let failed = state.as_ref().and_then(|state| state.failed_at.as_ref());
        let line = failed
            .filter(|(line, command)| is_of_line(&spec.code, *line, command))
            .and_then(|(line, _)| lines_up_to(&spec.code, *line))
            .and_then(|(first, _)| u32::try_from(first).ok());
        let stages = state.as_ref().map(|s| s.stages.clone()).unwrap_or_default();
        let (saved, note) = match (&spec.state_out, state) {
            (None, _) => (false, None),
            (Some(_), _) if !keeps => (false, Some("not carried on: it was stopped".to_owned())),
            (Some(_), None) => (false, Some(NOT_LEFT.to_owned())),
            (Some(path), Some(state)) => save(state, path, spec, redactor),
        };
        Captured {
            saved,
            note,
            cwd,
            line,
            stages,
        }
    }
}

/// Whether a command is of a line of the script, or of one that goes on there: bash counts the lines
/// of `eval` as its own, and names the end of what has a body.
fn is_of_line(code: &str, line: u32, command: &str) -> bool {
    let Some(word) = command.split_whitespace().next() else {
        return false;
    };
    let Some((_, lines)) = lines_up_to(code, line) else {
        return false;
    };
    let last = lines.last().and_then(|line| line.split_whitespace().next());
    let ends = last.is_some_and(|word| matches!(word, "done" | "fi" | "esac" | "}" | ")"));
    let evaluates = code.lines().any(|line| has_word(line, "eval"));
    !ends && !evaluates && lines.iter().any(|line| has_word(line, word))
}

/// Whether a word stands in a line, with nothing of another word beside it.
fn has_word(line: &str, word: &str) -> bool {
    let apart = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let behind = line
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        before.is_none_or(apart) && behind.is_none_or(apart)
    })
}

const NOT_LEFT: &str = "the shell left no state: it was replaced (exec), or the script has an EXIT trap of its own, or took its descriptor";

fn save(
    mut state: ShellState,
    path: &Path,
    spec: &AttemptSpec,
    redactor: Option<&Redactor>,
) -> (bool, Option<String>) {
    let left_out = state.remove_secrets(&spec.secret_env, redactor);
    if guards_cd(spec) {
        state.functions.retain(|(name, _)| name != b"cd");
    }
    if is_of_its_own(spec) {
        let before = spec.state_in.as_ref().map(|path| ShellState::load(path));
        state.options = before.and_then(Result::ok).unwrap_or_default().options;
    }
    match state.store(path) {
        Ok(()) if left_out.is_empty() => (true, None),
        Ok(()) => (
            true,
            Some(format!("left out, as secret: {}", left_out.join(", "))),
        ),
        Err(error) => (
            false,
            Some(format!("cannot write {}: {error}", path.display())),
        ),
    }
}

/// Whether a text is a script with its own first line, or its author names what runs it: the options
/// that it sets are for itself.
fn is_of_its_own(spec: &AttemptSpec) -> bool {
    spec.interpreter.is_some() || spec.code.starts_with("#!")
}

/// The shells that `-e` stops at the first failure.
const SHELLS: [&str; 7] = ["bash", "sh", "dash", "ash", "ksh", "mksh", "zsh"];

/// What runs another program with the environment and the descriptors that it has.
const PASSING: [&str; 7] = [
    "env", "nice", "ionice", "nohup", "timeout", "stdbuf", "taskset",
];

/// The argument vector of a script, and whether bash will run it.
fn interpreter(spec: &AttemptSpec, script: OsString) -> io::Result<(Vec<OsString>, bool)> {
    let named = spec.interpreter.as_deref().unwrap_or("bash");
    let words = shlex::split(named)
        .filter(|words| !words.is_empty())
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("not an interpreter: {named}"),
            )
        })?;
    let at = words.iter().position(|word| SHELLS.contains(&base(word)));
    let (before, after) = words.split_at(at.unwrap_or(0));
    // With these bash reads no start-up file of ours.
    let value = |word: &str| word.contains('=') || word.starts_with(|c: char| c.is_ascii_digit());
    let passes = before
        .iter()
        .all(|word| word.starts_with('-') || value(word) || PASSING.contains(&base(word)));
    let clears = |word: &str| word == "-" || word.starts_with('-') && word.contains('i');
    let cleared = before
        .iter()
        .any(|word| clears(word) || word.contains("BASH_ENV"));
    let apart = after
        .iter()
        .any(|word| matches!(word.as_str(), "-p" | "--posix" | "posix"));
    let is_bash =
        after.first().is_some_and(|word| base(word) == "bash") && passes && !cleared && !apart;
    let mut argv: Vec<OsString> = words.iter().map(OsString::from).collect();
    if at.is_some() && !is_bash && spec.stop_at_first_failure {
        argv.push("-e".into());
    }
    argv.push(script);
    Ok((argv, is_bash))
}

/// The name of a program without its directory.
fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

impl ShellPipes {
    fn new(spec: &AttemptSpec) -> io::Result<Self> {
        let carried = match &spec.state_in {
            Some(path) => ShellState::load(path)?,
            None => ShellState::default(),
        };
        Self::with(&self::prelude(spec, &carried))
    }

    fn with(text: &[u8]) -> io::Result<Self> {
        let prelude = memory::file("backout-prelude", text)?.into();
        let state = memory::file("backout-state", &[])?;
        Ok(Self { prelude, state })
    }

    fn read(&self) -> Option<ShellState> {
        let size = self.state.metadata().ok()?.len().min(MAX_STATE);
        let mut bytes = vec![0; usize::try_from(size).ok()?];
        self.state.read_exact_at(&mut bytes, 0).ok()?;
        state::parse_dump(&bytes)
    }
}

/// bash's start-up file for one attempt: earlier state, the trap, errexit.
fn prelude(spec: &AttemptSpec, carried: &ShellState) -> Vec<u8> {
    let given: Vec<&str> = spec
        .env
        .iter()
        .chain(&spec.secret_env)
        .map(|(name, _)| name.as_str())
        .collect();
    let mut text = format!("exec {PRELUDE_FD}<&-\n{}\n", restored_bash_env()).into_bytes();
    carried.write_for_bash(&given, &mut text);
    let again = PRELUDE_FD + 1;
    text.extend_from_slice(format!("exec {again}>&{STATE_FD}\n").as_bytes());
    let leave = LEAVE.replace("STATE", &STATE_FD.to_string());
    text.extend_from_slice(leave.replace("AGAIN", &again.to_string()).as_bytes());
    if guards_cd(spec) {
        text.extend_from_slice(CD.as_bytes());
    }
    if spec.stop_at_first_failure {
        text.extend_from_slice(WHERE.as_bytes());
    }
    carried.write_options(&mut text);
    if spec.stop_at_first_failure {
        text.extend_from_slice(b"set -o errexit\n");
    }
    text
}

fn restored_bash_env() -> String {
    match std::env::var("BASH_ENV")
        .ok()
        .and_then(|path| shlex::try_quote(&path).ok().map(String::from))
    {
        Some(quoted) => format!("BASH_ENV={quoted}"),
        None => "unset -v BASH_ENV".to_owned(),
    }
}

/// Keeps the line of the command that ends the script because it has failed. It says so only where
/// errexit is on at that moment (elsewhere the script goes on, and ends for another reason), and
/// not of a line of another file, nor where a part of a pipeline has failed before its last, whose
/// own failure says nothing then. In one line: bash counts those of a trap too.
const WHERE: &str = r#"
trap '{ __backout_pipe=" ${PIPESTATUS[*]} "; [[ ! -o errexit || ${#BASH_SOURCE[@]} -gt 1 || ! $__backout_pipe =~ (^\ *((0|141)\ +)*[0-9]+\ *$|\ 0\ *$) ]] || { __backout_line=$LINENO; __backout_command=$BASH_COMMAND; }; } 2>/dev/null' ERR
"#;

/// Dumps directory, variables and functions, each field ended by a NUL, without a word on the
/// terminal and without touching the exit status; not into a file that the script has opened in
/// the place of ours.
const LEAVE: &str = r#"
__backout_leave() {
  __backout_set=${SHELLOPTS-} __backout_shopt=${BASHOPTS-}
  set +eux
  if [ "$BASHPID" != "$$" ]; then return 0; fi
  if [ ! /dev/fd/STATE -ef /dev/fd/AGAIN ]; then return 0; fi
  {
    builtin printf 'backout-shell-dump 1\0%s\0' "$PWD"
    while IFS= builtin read -r __backout_name; do
      builtin printf 'v\0%s\0' "$__backout_name"
      builtin declare -p -- "$__backout_name"
      builtin printf '\0'
    done < <(builtin compgen -v)
    while IFS= builtin read -r __backout_name; do
      builtin printf 'f\0%s\0' "$__backout_name"
      builtin declare -f -- "$__backout_name"
      builtin printf '\0'
    done < <(builtin compgen -A function)
    builtin printf 'o\0%s\0%s\0' set "$__backout_set" shopt "$__backout_shopt"
    if [ -n "${__backout_line-}" ]; then
      builtin printf 'l\0%s\0%s\0' "$__backout_line" "$__backout_command"
    fi
    builtin printf 'p\0%s\0' "$__backout_ended"
    builtin printf 'end\0'
  } >&STATE
}
trap '{ __backout_ended=${PIPESTATUS[*]}; trap - DEBUG RETURN ERR; __backout_leave; } >/dev/null 2>&1' EXIT
"#;

/// As [`LEAVE`], for a shell elsewhere: after a mark, and only what the session has not had at its
/// beginning, so that nothing of that machine's own comes here.
pub(super) const LEAVE_THERE: &str = r#"
__backout_leave() {
  __backout_set=${SHELLOPTS-} __backout_shopt=${BASHOPTS-}
  set +eux
  shopt -u nocasematch
  if [ "$BASHPID" != "$$" ]; then return 0; fi
  {
    builtin printf '\0MARK\0backout-shell-dump 1\0%s\0' "$PWD"
    while IFS= builtin read -r __backout_name; do
      __backout_one=$(builtin declare -p -- "$__backout_name")
      case $'\n'"$__backout_was"$'\n' in *$'\n'"$__backout_one"$'\n'*) continue ;; esac
      builtin printf 'v\0%s\0%s\0' "$__backout_name" "$__backout_one"
    done < <(builtin compgen -v)
    while IFS= builtin read -r __backout_name; do
      case $'\n'"$__backout_had"$'\n' in *" $__backout_name"$'\n'*) continue ;; esac
      builtin printf 'f\0%s\0' "$__backout_name"
      builtin declare -f -- "$__backout_name"
      builtin printf '\0'
    done < <(builtin compgen -A function)
    builtin printf 'o\0%s\0%s\0' set "$__backout_set" shopt "$__backout_shopt"
    builtin printf 'p\0%s\0' "$__backout_ended"
    builtin printf 'end\0'
  } >&3
}
trap '{ __backout_ended=${PIPESTATUS[*]}; trap - DEBUG RETURN ERR; __backout_leave; } 3>&1 >/dev/null 2>&1' EXIT
"#;

/// As [`LEAVE_THERE`], for a shell that is no bash: the directory only.
pub(super) const LEAVE_THERE_SH: &str = r#"
trap 'printf '\''\0MARK\0backout-shell-dump 1\0%s\0end\0'\'' "$PWD"' EXIT
"#;

/// errexit lets `cd missing && make` pass, and what follows would run in the wrong place.
pub(super) const CD: &str = r#"
cd() {
  command cd "$@" || { printf 'backout: cd failed, so the action ends here\n' >&2; exit 2; }
}
"#;

/// Whether a failed `cd` needs help to end the action: it stands before `&&`, and the script does
/// not handle the failure in any way of its own.
pub(super) fn guards_cd(spec: &AttemptSpec) -> bool {
    if !spec.stop_at_first_failure {
        return false;
    }
    let mut wanted = false;
    for line in spec.code.lines() {
        let words: Vec<&str> = line
            .split(|c: char| !(c.is_alphanumeric() || "_-./!".contains(c)))
            .collect();
        let asks = ["if", "elif", "while", "until", "!", "function"];
        let handled = line.contains("||") || words.iter().any(|word| asks.contains(word));
        let defines = line.replace(' ', "").starts_with("cd()");
        if line.trim_start().starts_with("||") || defines {
            return false;
        }
        if words.contains(&"cd") {
            if handled {
                return false;
            }
            wanted |= line.contains("&&");
        }
    }
    wanted
}

impl Exec for Program {
    fn exec(&self, terminal: BorrowedFd<'_>) -> io::Error {
        match self.try_exec(terminal) {
            Ok(error) | Err(error) => error,
        }
    }
}

impl Program {
    fn try_exec(&self, terminal: BorrowedFd<'_>) -> io::Result<io::Error> {
        let order = &self.order;
        std::env::set_current_dir(&order.cwd).map_err(|error| {
            let cwd = Path::new(&order.cwd).display();
            io::Error::new(error.kind(), format!("cannot enter {cwd}: {error}"))
        })?;
        let (program, args) = order
            .argv
            .split_first()
            .ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command
            .args(args)
            .stdin(terminal.try_clone_to_owned()?)
            .stdout(terminal.try_clone_to_owned()?)
            .stderr(terminal.try_clone_to_owned()?)
            .env("TERM", "xterm-256color")
            .env("PWD", &order.cwd)
            .env_remove("LINES")
            .env_remove("COLUMNS")
            .envs(order.env.iter().map(|(name, value)| (name, value)));
        if let Some(shell) = &self.shell {
            process::place(shell.prelude.as_fd(), PRELUDE_FD)?;
            process::place(shell.state.as_fd(), STATE_FD)?;
        }
        if self.shell.is_some() && !order.elsewhere {
            command
                .env("BASH_ENV", format!("/dev/fd/{PRELUDE_FD}"))
                .env_remove("POSIXLY_CORRECT");
        }
        let error = command.exec();
        let name = program.to_string_lossy();
        Ok(io::Error::new(
            error.kind(),
            format!("cannot execute {name}: {error}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(code: &str) -> bool {
        guards_cd(&AttemptSpec::new(Kind::Shell, code, "/"))
    }

    #[test]
    fn a_cd_is_guarded_only_where_errexit_would_not_see_it() {
        assert!(guarded("cd backend && npm ci\nnpm run build"));
        assert!(!guarded("cd backend\nnpm ci"));
        assert!(!guarded("cd a && make || echo no"));
        assert!(!guarded("cd a || cd b\ncd c && make"));
        assert!(!guarded("if cd a && make; then :; fi"));
        assert!(!guarded("abcd && true"));
    }

    #[test]
    fn interpreters_keep_their_arguments() {
        let mut spec = AttemptSpec::new(Kind::Shell, "", "/");
        for (named, argv, bash) in [
            (None, "bash S", true),
            (Some("/bin/bash -x"), "/bin/bash -x S", true),
            (
                Some("/usr/bin/env python3"),
                "/usr/bin/env python3 S",
                false,
            ),
            (Some("sh"), "sh -e S", false),
            (
                Some("/usr/bin/env -S bash -u"),
                "/usr/bin/env -S bash -u S",
                true,
            ),
            (Some("nice -n 5 bash"), "nice -n 5 bash S", true),
            // Here bash reads nothing of ours, which is what stops it otherwise.
            (Some("bash --posix"), "bash --posix -e S", false),
            (Some("/bin/bash -p"), "/bin/bash -p -e S", false),
            (Some("sudo -n bash"), "sudo -n bash -e S", false),
            (Some("env -i bash"), "env -i bash -e S", false),
            (Some("doas bash"), "doas bash -e S", false),
            (Some("nice sudo -n bash"), "nice sudo -n bash -e S", false),
            (Some("env -iS bash"), "env -iS bash -e S", false),
            (Some("timeout 60s bash"), "timeout 60s bash S", true),
        ] {
            spec.interpreter = named.map(str::to_owned);
            let (found, is_bash) = interpreter(&spec, "S".into()).unwrap();
            assert_eq!(
                (found.join(&OsString::from(" ")), is_bash),
                (argv.into(), bash)
            );
        }
        spec.interpreter = Some("'".to_owned());
        assert!(interpreter(&spec, "S".into()).is_err());
    }
}
