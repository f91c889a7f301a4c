//! What a line of a block opens for the lines below it: a database prompt, a shell on another
//! host, in a container or as another user, or the prompt of another program.
//!
//! Says which lines are meant for that inside, and how it takes them as its input.

use super::calls::{Call, calls};
use super::danger::collect;
use super::known::reads_as_command;
use super::manner::{opens_prompt, opens_session};
use super::repl::PROMPTS;
use crate::script::lists::Needles;
use crate::script::{Danger, Judged, places, sql};
use std::sync::LazyLock;

/// What takes the lines.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Inside {
    /// A prompt that takes SQL.
    Sql,
    /// A shell elsewhere.
    Shell,
    /// The prompt of a program with commands of its own, such as `redis-cli`.
    Other,
}

/// Programs that open a shell elsewhere.
const SHELLS: &[&str] = &[
    "ssh",
    "su",
    "sudo",
    "doas",
    "runuser",
    "docker",
    "podman",
    "docker-compose",
    "kubectl",
    "oc",
    "chroot",
    "gcloud",
    "aws",
    "vagrant",
    "fly",
    "flyctl",
];

/// Programs with a prompt of their own that takes its input line by line.
const OTHERS: &[&str] = &["redis-cli", "mongo", "mongosh"];

/// Those two, for a look at every line.
static ELSEWHERE: LazyLock<Needles> =
    LazyLock::new(|| Needles::of(SHELLS.iter().chain(OTHERS).copied()));

/// Options of `ssh` with which it opens no shell: forwarding, or going to the background.
const FORWARDING: &[&str] = &["-L", "-R", "-D", "-N", "-f", "-W"];

/// Words of a comment that says that what follows is for this side again.
const BACK: &[&str] = &[
    "locally",
    "back on",
    "back to your",
    "on your",
    "local machine",
    "on the host",
    "from your",
    "exit",
    "log out",
    "leave the",
    "lokal",
    "localmente",
    "en local",
    "локально",
    "本地",
    "ローカル",
    "호스트",
];

/// What a line opens, if it opens something that lines below it can be meant for.
pub(super) fn opens(line: &str) -> Option<Inside> {
    let opener = line.trim();
    let mentions = |names: &[&str]| names.iter().any(|n| opener.contains(n));
    if opener.starts_with('#') || opener.ends_with('\\') || opener.contains(" | ") {
        return None;
    }
    if mentions(PROMPTS) {
        let mut prompt = false;
        collect(opener, 0, &mut |call| prompt |= opens_prompt(call));
        if prompt {
            return Some(Inside::Sql);
        }
    }
    if !ELSEWHERE.are_in(opener) {
        return None;
    }
    let found = calls(opener).ok()?;
    let [call] = found.all.as_slice() else {
        return None;
    };
    let program = call.program()?;
    if SHELLS.contains(&program) && opens_session(call) && !forwards(call) {
        return Some(Inside::Shell);
    }
    let mut other = false;
    collect(opener, 0, &mut |call| other |= waits_for_commands(call));
    other.then_some(Inside::Other)
}

/// The program whose prompt a line opens, if that takes SQL.
pub(super) fn prompt_of(line: &str) -> Option<String> {
    let mut found = None;
    collect(line.trim(), 0, &mut |call| {
        if opens_prompt(call) {
            found = call.program().map(str::to_owned);
        }
    });
    found
}

fn forwards(call: &Call) -> bool {
    call.program() == Some("ssh")
        && call
            .args()
            .any(|a| FORWARDING.iter().any(|f| a.starts_with(f)))
}

/// Whether a prompt of another program is opened: nothing tells it what to do.
fn waits_for_commands(call: &Call) -> bool {
    let fed = call.fed || call.piped.is_some() || call.input.is_some() || !call.reads.is_empty();
    let Some(program) = call.program().filter(|p| OTHERS.contains(p) && !fed) else {
        return false;
    };
    let args: Vec<&str> = call.args().collect();
    let with_value = [
        "-h", "-p", "-a", "-n", "-u", "-s", "--host", "--port", "--user", "--pass",
    ];
    let told = args.iter().enumerate().any(|(at, arg)| {
        let value = at > 0 && args.get(at - 1).is_some_and(|a| with_value.contains(a));
        let operand = program == "redis-cli" && !arg.starts_with('-') && !value;
        operand
            || arg.starts_with("--eval")
            || arg.starts_with("--st")
            || arg.rsplit('.').next() == Some("js")
    });
    !told
}

/// The last line from `from` on that is for the shell that `opener` opens: up to the line that
/// leaves it, to a comment that says so, or to a command that can only be for this side.
pub(super) fn shell_until(lines: &[&str], opener: &str, from: usize) -> Option<usize> {
    let tool = program_of(opener);
    let mut last = None;
    // Shells opened inside, and whether a prompt is open in the innermost.
    let (mut depth, mut prompt) = (0_u32, false);
    for (at, line) in lines.iter().enumerate().skip(from) {
        let text = line.trim();
        let comment = text.strip_prefix('#').map(str::to_lowercase);
        if let Some(comment) = comment {
            if BACK.iter().any(|word| comment.contains(word)) && !goes_out(lines, at) {
                break;
            }
            continue;
        }
        if leaves_shell(text) && !prompt {
            let Some(outer) = depth.checked_sub(1) else {
                // A session with nothing in it is a person's.
                return last.map(|_| at);
            };
            depth = outer;
        }
        if text.is_empty() {
            continue;
        }
        let opened = opens(text);
        let hop = last.is_none() && opened == Some(Inside::Shell);
        if depth == 0 && tool.is_some() && program_of(text) == tool && !hop {
            break;
        }
        match opened {
            Some(Inside::Shell) => {
                depth += 1;
                continue;
            }
            Some(Inside::Sql | Inside::Other) => prompt = true,
            None => prompt &= !leaves_prompt(text) && !reads_as_command(text),
        }
        last = Some(at);
    }
    last
}

/// Whether the line below a comment leaves the shell: `# Log out` heads it.
fn goes_out(lines: &[&str], comment: usize) -> bool {
    let below = lines.iter().skip(comment + 1).map(|l| l.trim());
    let next = below
        .into_iter()
        .find(|l| !l.is_empty() && !l.starts_with('#'));
    next.is_some_and(leaves_shell)
}

/// Whether a line leaves a prompt inside a shell.
fn leaves_prompt(text: &str) -> bool {
    matches!(
        text.trim_end_matches(['(', ')', ';']),
        "\\q" | "exit" | "quit" | ".quit" | ".exit"
    )
}

/// The last line from `from` on that is for another program's prompt: lines that are no commands
/// of a shell.
pub(super) fn other_until(lines: &[&str], from: usize) -> Option<usize> {
    let mut last = None;
    for (at, line) in lines.iter().enumerate().skip(from) {
        let text = line.trim();
        if matches!(
            text.trim_end_matches(['(', ')', ';']),
            "exit" | "quit" | ".exit"
        ) {
            return last.map(|_| at);
        }
        if reads_as_command(text) {
            break;
        }
        if !text.is_empty() && !text.starts_with('#') {
            last = Some(at);
        }
    }
    last
}

/// The program of a line, for the tools whose commands say on which side they are.
fn program_of(line: &str) -> Option<&str> {
    let word = line
        .split_whitespace()
        .find(|w| !matches!(*w, "sudo" | "-E" | "time"))?;
    match word {
        "ssh" | "scp" | "rsync" | "sftp" => Some("ssh"),
        "docker" | "docker-compose" => Some("docker"),
        "podman" => Some("podman"),
        "kubectl" | "oc" => Some("kubectl"),
        _ => None,
    }
}

/// Whether a line leaves a shell.
pub(super) fn leaves_shell(text: &str) -> bool {
    let text = text.split(" #").next().unwrap_or(text).trim();
    matches!(
        text.trim_end_matches(';'),
        "exit" | "logout" | "exit 0" | "^D"
    )
}

/// How much harm the lines for another program's prompt can do.
pub(super) fn other_danger(inner: &str) -> Judged {
    let lower = inner.to_lowercase();
    let ending = [
        "flushall",
        "flushdb",
        "drop(",
        "dropdatabase",
        "deletemany",
        "remove(",
        "unlink ",
        "\ndel ",
    ];
    let begins = ["del ", "unlink "].iter().any(|w| lower.starts_with(w));
    if begins || ending.iter().any(|w| lower.contains(w)) {
        return Judged::irreversible("what it is told removes data");
    }
    let reading = [
        "ping", "info", "keys ", "get ", "scan ", "dbsize", "ttl ", "exists ", "llen ",
    ];
    let reads = lower
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .all(|l| reading.iter().any(|r| l == r.trim() || l.starts_with(r)));
    if reads {
        return Judged::reads();
    }
    Judged::changes("what it is told may change things")
}

/// How much harm the lines can do, `shell` being how a shell's are judged.
pub(super) fn danger(inside: Inside, inner: &str, shell: impl Fn(&str) -> Judged) -> Judged {
    let judged = match inside {
        Inside::Sql => sql::danger(inner),
        Inside::Shell => shell(inner),
        Inside::Other => other_danger(inner),
    };
    debug_assert!(judged.danger == Danger::None || !judged.why.is_empty());
    judged
}

/// The opener with `redirect` behind its command, and without the wish for a terminal, which it
/// has not when its input is a text: `docker exec -it` would refuse.
pub(super) fn with_input(opener: &str, redirect: &str) -> String {
    let seen = places::scan(opener, &[]);
    let end = seen.comments.first().map_or(opener.len(), |c| c.start);
    let (command, remark) = opener.split_at(end);
    let mut words: Vec<&str> = Vec::new();
    let mut runs = false;
    let mut compose = false;
    let mut tool = false;
    for word in command.trim().split(' ') {
        tool |= matches!(
            word,
            "docker" | "podman" | "docker-compose" | "kubectl" | "oc"
        );
        compose |= matches!(word, "compose" | "docker-compose");
        let begins = tool && !runs && matches!(word, "exec" | "run");
        runs |= begins;
        match word {
            "-it" | "-ti" if runs && compose => {}
            "-it" | "-ti" if runs => words.push("-i"),
            "-t" | "--tty" | "-T" if runs => {}
            _ => words.push(word),
        }
        if begins && compose {
            words.push("-T");
        }
    }
    let indent = opener.len() - opener.trim_start().len();
    let remark = if remark.is_empty() {
        String::new()
    } else {
        format!("  {remark}")
    };
    format!(
        "{}{} {redirect}{remark}",
        opener.get(..indent).unwrap_or_default(),
        words.join(" ")
    )
}
