//! Running an attempt's text elsewhere: over the command line that the plan reaches the place by,
//! the text given as its input.
//!
//! A relay of our own stands between that command line and the terminal. The far shell is told,
//! besides the text, what earlier attempts at the same place have left (directory, variables,
//! functions), and prints at its end what it leaves, behind a mark that nothing else prints; the
//! relay passes on everything before the mark and keeps what is behind it. Nothing is written to
//! a file there. The exit status is that of the command line. Where the plan says which target it
//! is for, the far shell is asked first, over the same connection, and nothing of the text is sent
//! before it has answered and the answer is right.

use super::guard;
use super::shell::{CD, LEAVE_THERE, LEAVE_THERE_SH, PRELUDE_FD, STATE_FD, guards_cd};
use super::spec::{AttemptSpec, There};
use super::state::ShellState;
use crate::script::shell;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

/// The status with which ssh ends where it has no connection, or none any more.
const LOST: i32 = 255;
/// What is said then; a text that itself ends so has said before that it ends.
const LOST_THERE: &str = "the connection ended before the text there had said that it ends: it may still run there. Look there before it runs again";

/// What is said where no shell was reached.
const NO_ANSWER: &str =
    "no shell answered there, so nothing was sent; what it said instead is in the output";

/// The longest state that is kept.
const MAX_STATE: usize = 32 << 20;

/// What the far shell gets as its input, `mark` being what comes before the state that it leaves.
pub(super) fn input(
    spec: &AttemptSpec,
    there: &There,
    carried: &ShellState,
    mark: &str,
) -> io::Result<Vec<u8>> {
    let code = shell::given(&there.line, &spec.code).ok_or_else(|| {
        io::Error::other("the script is not what its command line would be given")
    })?;
    // One stream, so that what is printed keeps its order.
    let mut text = b"exec 2>&1\n".to_vec();
    if !there.posix {
        text.extend_from_slice(
            b"__backout_was=$(declare -p 2>/dev/null)\n__backout_had=$(declare -F)\n",
        );
    }
    for (name, value) in spec.env.iter().chain(&spec.secret_env) {
        let value = shlex::try_quote(value).map_err(io::Error::other)?;
        text.extend_from_slice(format!("export {name}={value}\n").as_bytes());
    }
    if !there.posix {
        let given: Vec<&str> = spec
            .env
            .iter()
            .chain(&spec.secret_env)
            .map(|(n, _)| n.as_str())
            .collect();
        carried.write_for_bash(&given, &mut text);
    }
    if let Some(dir) = &there.cwd {
        let dir = shlex::try_quote(dir).map_err(io::Error::other)?;
        text.extend_from_slice(format!("cd {dir} || exit\n").as_bytes());
    }
    // Nothing is sent to where no shell answers: what never began is told from what was cut off.
    let questions = guard::far_questions(&spec.guards, &guard::far_mark(mark));
    text.extend_from_slice(questions.as_bytes());
    text.extend_from_slice(hold(mark).as_bytes());
    let leave = if there.posix {
        LEAVE_THERE_SH
    } else {
        LEAVE_THERE
    };
    if !replaces_output(code) {
        text.extend_from_slice(leave.replace("MARK", mark).as_bytes());
    }
    if guards_cd(spec) {
        text.extend_from_slice(CD.as_bytes());
    }
    // Read as a whole before any of it runs: a command that reads its input must not eat the rest.
    let mut delimiter = "BACKOUT_TEXT".to_owned();
    while code.lines().any(|l| l == delimiter) {
        delimiter.push('_');
    }
    let body = format!("__backout_text=$(cat <<'{delimiter}'\n{code}\n{delimiter}\n)\n");
    text.extend_from_slice(body.as_bytes());
    if !there.posix {
        carried.write_options(&mut text);
    }
    if spec.stop_at_first_failure {
        text.extend_from_slice(b"set -o errexit\n");
    }
    text.extend_from_slice(b"eval \"$__backout_text\" </dev/null\n");
    Ok(text)
}

/// The line up to which the input is sent before the answers are in.
fn hold(mark: &str) -> String {
    format!("# hold {mark}\n")
}

/// A text that sends its own output elsewhere would take the state with it.
fn replaces_output(code: &str) -> bool {
    code.lines()
        .map(str::trim)
        .any(|l| l.starts_with("exec ") && l.contains('>'))
}

/// A mark that nothing prints by accident.
pub(super) fn mark() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok(format!("backout-leaves-{hex}"))
}

/// The hidden subcommand: runs the command line with the prepared input, and keeps what the far
/// shell leaves.
pub(super) fn main(dir: &Path, line: &str, mark: &str) -> i32 {
    match relay(dir, line, mark) {
        Ok(status) => status,
        Err(error) => {
            let said = writeln!(io::stderr(), "backout: cannot run {line}: {error}");
            drop(said);
            126
        }
    }
}

fn relay(dir: &Path, line: &str, mark: &str) -> io::Result<i32> {
    let mut input = Vec::new();
    File::open(format!("/proc/self/fd/{PRELUDE_FD}"))?.read_to_end(&mut input)?;
    let hold = hold(mark);
    let held = memchr::memmem::find(&input, hold.as_bytes());
    let rest = held.map(|at| input.split_off(at));
    let text = rest.as_deref().and_then(|rest| rest.get(hold.len()..));
    let says_its_end = text.is_some_and(|t| memchr::memmem::find(t, mark.as_bytes()).is_some());
    let mut sent = false;
    let mut child = Command::new("bash")
        .args(["-c", line])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut feed = child.stdin.take();
    send(&mut feed, input, rest.is_some());
    let mut state = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        let mut after = Vec::new();
        if let Some(rest) = rest {
            let guards = guard::of_script(&dir.join(super::files::SCRIPT))?;
            let answers = answers(&mut output, &mut io::stdout(), &guards, mark, &mut after)?;
            let far: Vec<_> = guards.into_iter().filter(|g| g.far).collect();
            match answers.map(|bearings| guard::allow(&far, &bearings)) {
                Some(Ok(())) => {
                    sent = true;
                    send(&mut feed, rest, false);
                }
                Some(Err(why)) => {
                    drop(feed.take());
                    guard::refuse(dir, &why)?;
                    writeln!(io::stdout(), "backout: {why}")?;
                    let _ = child.kill();
                    let _ = child.wait();
                    return Ok(1);
                }
                // The connection ended before a shell had answered, so the text was never sent.
                None => guard::refuse(dir, NO_ANSWER)?,
            }
        }
        state = pass_on(
            after.as_slice().chain(output),
            &mut io::stdout(),
            mark.as_bytes(),
        )?;
    }
    drop(feed);
    let status = child.wait()?;
    let cut_off = status.code().is_none_or(|code| code == LOST);
    if sent && says_its_end && state.is_empty() && cut_off {
        writeln!(io::stdout(), "backout: {LOST_THERE}")?;
        // On a full disk the output says it alone.
        let _ = super::files::write_new(&dir.join(super::files::PARTED), LOST_THERE.as_bytes());
    }
    let mut out = OpenOptions::new()
        .write(true)
        .open(format!("/proc/self/fd/{STATE_FD}"))?;
    out.write_all(&state)?;
    Ok(status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
}

/// Sends without waiting for whoever reads; the pipe is kept only where more is to come.
fn send(feed: &mut Option<ChildStdin>, bytes: Vec<u8>, more: bool) {
    if more {
        // It is short, and a shell that does not read it has ended.
        if let Some(pipe) = feed {
            let _ = pipe.write_all(&bytes);
        }
    } else if let Some(mut pipe) = feed.take() {
        std::thread::spawn(move || pipe.write_all(&bytes));
    }
}

/// Waits for what the far shell says of itself, passing on what comes before; what comes after
/// goes into `after`. None where the connection ends without it.
fn answers(
    from: &mut impl Read,
    to: &mut impl Write,
    guards: &[guard::Guard],
    mark: &str,
    after: &mut Vec<u8>,
) -> io::Result<Option<Vec<crate::domain::bearing::Bearing>>> {
    let mark = guard::far_mark(mark);
    let frame = [b"\0", mark.as_bytes(), b"\0"].concat();
    let end = [frame.as_slice(), b"asked\0"].concat();
    let (mut heard, mut passed) = (Vec::new(), 0);
    let mut chunk = vec![0; 4096];
    loop {
        let count = match from.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        heard.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let free = memchr::memmem::find(&heard, &frame)
            .unwrap_or_else(|| heard.len() - begun(&heard, &frame));
        to.write_all(heard.get(passed..free).unwrap_or_default())?;
        to.flush()?;
        passed = free.max(passed);
        if let Some(at) = memchr::memmem::find(&heard, &end) {
            *after = heard.split_off(at + end.len());
            return Ok(guard::far_bearings(guards, &mark, &heard));
        }
    }
}

/// Passes on what comes before the mark (which stands between two NULs), and gives what is behind.
fn pass_on(mut from: impl Read, to: &mut impl Write, mark: &[u8]) -> io::Result<Vec<u8>> {
    let whole = [b"\0", mark, b"\0"].concat();
    let (mut held, mut state, mut found) = (Vec::new(), Vec::new(), false);
    let mut chunk = vec![0; 64 << 10];
    loop {
        let count = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let new = chunk.get(..count).unwrap_or_default();
        if found {
            if state.len() < MAX_STATE {
                state.extend_from_slice(new);
            }
            continue;
        }
        held.extend_from_slice(new);
        if let Some(at) = memchr::memmem::find(&held, &whole) {
            found = true;
            state = held.split_off(at).split_off(whole.len());
        }
        let keep = if found { 0 } else { begun(&held, &whole) };
        let rest = held.split_off(held.len() - keep);
        to.write_all(&held)?;
        to.flush()?;
        held = rest;
    }
    to.write_all(&held)?;
    to.flush()?;
    Ok(state)
}

/// How many bytes at the end of a text may be the beginning of the mark.
fn begun(text: &[u8], mark: &[u8]) -> usize {
    (1..mark.len().min(text.len() + 1))
        .rev()
        .find(|n| mark.get(..*n).is_some_and(|begin| text.ends_with(begin)))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::spec::Kind;

    /// Gives one byte at a time.
    struct Slow<'b>(&'b [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let (Some((first, rest)), Some(into)) = (self.0.split_first(), into.first_mut()) else {
                return Ok(0);
            };
            *into = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn the_mark_is_found_however_it_is_cut() {
        let text = b"out\0mar\0put\0mark\0state\0\n";
        for slow in [true, false] {
            let mut out = Vec::new();
            let state = if slow {
                pass_on(Slow(text), &mut out, b"mark")
            } else {
                pass_on(&text[..], &mut out, b"mark")
            };
            assert_eq!(out, b"out\0mar\0put");
            assert_eq!(state.expect("read"), b"state\0\n");
        }
        let mut out = Vec::new();
        let state = pass_on(&b"all of it\0mar"[..], &mut out, b"mark");
        assert_eq!(
            (out.as_slice(), state.expect("read").len()),
            (&b"all of it\0mar"[..], 0)
        );
    }

    fn ran(
        line: &str,
        code: &str,
        carried: &ShellState,
        cwd: Option<&str>,
    ) -> (String, Vec<u8>, Option<i32>) {
        let mut spec = AttemptSpec::new(Kind::Shell, shell::given_to(line, code), "/");
        spec.secret_env = vec![("PW".to_owned(), "it's".to_owned())];
        let there = There {
            line: line.to_owned(),
            cwd: cwd.map(str::to_owned),
            posix: line.starts_with("sh"),
        };
        let input = input(&spec, &there, carried, "mark").expect("an input");
        let mut child = Command::new("bash")
            .args(["-c", line])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(&input)
            .expect("written");
        let mut out = Vec::new();
        let state = pass_on(child.stdout.take().expect("a pipe"), &mut out, b"mark").expect("read");
        let status = child.wait().expect("ended").code();
        // The shell says that it is there before it is sent the rest.
        let said = String::from_utf8_lossy(&out).into_owned();
        let (_, text) = said.split_once("\0asked\0").expect("an answer");
        (text.to_owned(), state, status)
    }

    #[test]
    fn what_one_leaves_the_next_begins_with_and_reading_eats_nothing() {
        let none = ShellState::default();
        let code = "cd /usr/lib\nN=1\nexport M='a \"b\"'\nf() { echo f; }\ncat\necho $PW >&2";
        let (out, state, status) = ran("bash -s", code, &none, Some("/usr"));
        assert_eq!((out.as_str(), status), ("it's\n", Some(0)));
        let left = crate::exec::state::parse_dump(&state).expect("a state");
        assert_eq!(left.cwd.to_str(), Some("/usr/lib"));
        let names: Vec<_> = left
            .variables
            .iter()
            .map(|(n, _)| String::from_utf8_lossy(n))
            .collect();
        assert!(
            names.contains(&"N".into()) && names.contains(&"M".into()),
            "{names:?}"
        );
        assert!(
            !names.iter().any(|n| n == "HOME" || n == "PATH"),
            "{names:?}"
        );
        let (out, _, status) = ran(
            "bash -s",
            "pwd\necho $N $M\nf\nfalse\necho not",
            &left,
            Some("/usr/lib"),
        );
        assert_eq!(
            (out.as_str(), status),
            ("/usr/lib\n1 a \"b\"\nf\n", Some(1))
        );
    }

    #[test]
    fn a_plain_sh_keeps_its_directory() {
        let none = ShellState::default();
        let (out, state, status) = ran("sh -s", "cd /usr\necho $PW\nexit 0", &none, None);
        assert_eq!((out.as_str(), status), ("it's\n", Some(0)));
        let left = crate::exec::state::parse_dump(&state).expect("a state");
        assert_eq!(left.cwd.to_str(), Some("/usr"));
    }

    #[test]
    fn a_script_that_is_not_what_was_confirmed_gives_no_input() {
        let spec = AttemptSpec::new(Kind::Shell, shell::given_to("ssh a bash -s", "ls"), "/");
        let there = There {
            line: "ssh b bash -s".to_owned(),
            cwd: None,
            posix: false,
        };
        assert!(input(&spec, &there, &ShellState::default(), "mark").is_err());
    }
}
