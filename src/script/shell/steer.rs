//! What decides from beside a command which program runs: variables such as `LD_PRELOAD` and
//! `GIT_PAGER`, options of ssh, words of the shell that evaluate their text.

use super::calls::{Assigned, Call};
use super::danger::{TOOLS, is_installed};
use super::values::Piece;
use crate::script::Judged;

/// Variables that name a program, or what a program loads, whatever their value.
const ALWAYS: &[&str] = &[
    "LD_AUDIT",
    "BASH_ENV",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "KUBECTL_EXTERNAL_DIFF",
    "LESSOPEN",
    "PROMPT_COMMAND",
];

/// Where the tools of a language have their programs below a home.
const OF_A_HOME: &[&str] = &[
    "/.local/bin",
    "/.cargo/bin",
    "/.nvm/",
    "/.rbenv/",
    "/.pyenv/",
    "/.asdf/",
    "/.volta/",
    "/.krew/bin",
    "/.fly/bin",
    "/.bun/bin",
    "/.deno/bin",
];

/// What it means that a text gives these values to its variables.
pub(super) fn by_variables(assigned: &[Assigned]) -> Judged {
    assigned.iter().fold(Judged::reads(), |worst, one| {
        let text: String = one.pieces.iter().map(written).collect();
        let literal = one
            .pieces
            .iter()
            .any(|p| matches!(p, Piece::Text(t) if evaluates(t)));
        let judged = if literal {
            Judged::changes(format!("what {} holds may be run as arithmetic", one.name))
        } else {
            variable(&one.name, &text)
        };
        worst.worse(judged)
    })
}

fn written(piece: &Piece) -> &str {
    match piece {
        Piece::Text(text) | Piece::Other(text) => text,
        Piece::Variable(used) => &used.written,
    }
}

/// What it means that a call is made with these variables and options.
pub(super) fn by_call(call: &Call) -> Judged {
    let mut judged = call
        .sets
        .iter()
        .fold(Judged::reads(), |worst, (name, value)| {
            worst.worse(variable(name, &value.text))
        });
    let program = call.program().unwrap_or_default();
    if matches!(program, "env" | "sudo" | "doas") {
        let pairs = call.args().filter_map(|a| a.split_once('='));
        judged = pairs.fold(judged, |worst, (name, value)| {
            worst.worse(variable(name, value))
        });
    }
    judged.worse(match program {
        "ssh" | "scp" | "sftp" => connection(call),
        "mapfile" | "readarray" if call.args().any(|a| a.starts_with("-C")) => {
            Judged::changes(format!("{program} -C runs a command"))
        }
        "let" | "declare" | "typeset" | "local" | "export" | "readonly" | "read" | "unset"
            if call.args().any(evaluates) =>
        {
            evaluated(program)
        }
        "printf" | "test" | "[" | "wait"
            if call.args().any(|a| a == "-v" || a == "-p" || a == "-eq")
                && call.args().any(evaluates) =>
        {
            evaluated(program)
        }
        _ => Judged::reads(),
    })
}

fn evaluated(program: &str) -> Judged {
    Judged::changes(format!("{program} runs what stands in a subscript"))
}

/// Whether a text is run where it is taken for the name of an element: `a[$(x)]`.
fn evaluates(text: &str) -> bool {
    text.split_once('[')
        .is_some_and(|(_, rest)| rest.contains("$(") || rest.contains('`'))
        && !text.contains(' ')
        || text.contains("[$(")
        || text.contains("[`")
}

fn variable(name: &str, value: &str) -> Judged {
    let value = value.trim();
    let program = value.split_whitespace().next().unwrap_or_default();
    let harmless = match name {
        "PATH" => value.is_empty() || front_is_known(value),
        "LD_PRELOAD" => value.is_empty() || value.split([':', ' ']).all(is_installed),
        // Elsewhere it is the name of an environment.
        "ENV" => !value.contains(['/', '$', '`']),
        "GIT_SSH_COMMAND" | "GIT_SSH" | "RSYNC_RSH" => {
            value.is_empty() || program == "ssh" && !is_program(value) && !asks_for_command(value)
        }
        _ if name.ends_with("PAGER") => {
            let name = program.rsplit('/').next().unwrap_or_default();
            matches!(name, "" | "cat" | "less" | "more") && !is_program(value)
        }
        _ if name.starts_with("TF_CLI_ARGS") => value.split_whitespace().all(|word| {
            let word = word.trim_start_matches('-');
            let name = word.split('=').next().unwrap_or_default();
            [
                "no-color",
                "input",
                "lock",
                "lock-timeout",
                "compact-warnings",
                "parallelism",
            ]
            .contains(&name)
        }),
        _ => !ALWAYS.contains(&name) || value.is_empty(),
    };
    if harmless {
        Judged::reads()
    } else {
        Judged::changes(format!(
            "{name} decides which program runs, or what it does"
        ))
    }
}

/// Whether what is looked through first for programs is where a system or a language's tools have
/// theirs.
fn front_is_known(path: &str) -> bool {
    let path = path.trim_start_matches("./");
    let front = path.split(':').next().unwrap_or_default();
    let home = front.strip_prefix("${").or(front.strip_prefix('$'));
    let named = home.is_some_and(|home| {
        let name = home.split(['/', '}']).next().unwrap_or_default();
        name == "PATH" || name.ends_with("_HOME") || matches!(name, "GOPATH" | "VIRTUAL_ENV")
    });
    let asked =
        front.starts_with("$(brew ") || front.starts_with("$(npm ") || front.starts_with("$(go ");
    named
        || asked
        || is_installed(&format!("{front}/x"))
        || OF_A_HOME
            .iter()
            .chain(TOOLS)
            .any(|tool| front.contains(tool.trim_end_matches('/')))
}

/// Whether a value is more than a program's name and words.
fn is_program(value: &str) -> bool {
    value.contains([';', '|', '&', '$', '`', '<', '>', '\n'])
}

fn asks_for_command(value: &str) -> bool {
    let lower = value.to_lowercase();
    ["proxycommand", "localcommand", "knownhostscommand"]
        .iter()
        .any(|o| lower.contains(o))
}

/// `ssh -o ProxyCommand=x`: a command on this side. To go through another machine is none.
fn connection(call: &Call) -> Judged {
    let args: Vec<&str> = call.args().collect();
    let harmful = args.iter().enumerate().any(|(at, arg)| {
        let option = match arg.strip_prefix("-o") {
            Some("") => args.get(at + 1).copied().unwrap_or_default(),
            Some(joined) => joined,
            None => return false,
        };
        let (name, value) = option.split_once(['=', ' ']).unwrap_or((option, ""));
        let value = value.trim();
        let hop = value.starts_with("ssh ") && value.contains("-W") && !asks_for_command(value)
            || value.starts_with("nc ");
        let goes_through = hop && !is_program(value);
        asks_for_command(name) && value != "none" && !goes_through
    });
    if harmful {
        return Judged::changes("ssh runs a command on this side (-o …Command)");
    }
    Judged::reads()
}
