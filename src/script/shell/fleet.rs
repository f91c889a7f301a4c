//! Programs that run a command on many machines, in another place or in another manner, looked
//! through for the harm of that command alone: what it needs and where it runs is not asked.

use super::calls::Call;
use super::wrappers::Inner;

/// Programs that another program's words follow, each with the words before those that are no
/// options.
const BEFORE: &[(&str, usize)] = &[
    ("busybox", 0),
    ("toybox", 0),
    ("pkexec", 0),
    ("run0", 0),
    ("systemd-run", 0),
    ("strace", 0),
    ("ltrace", 0),
    ("chronic", 0),
    ("torsocks", 0),
    ("proxychains", 0),
    ("proxychains4", 0),
    ("gosu", 1),
    ("su-exec", 1),
    ("taskset", 1),
    ("chrt", 1),
    ("faketime", 1),
];

/// Programs whose command stands behind `--`.
const DASHED: &[&str] = &[
    "lxc",
    "incus",
    "multipass",
    "nsenter",
    "unshare",
    "machinectl",
    "aws-vault",
    "chamber",
    "mosh",
    "nomad",
    "setpriv",
    "firejail",
    "dsh",
];

/// Options of programs that send a command to many machines, where they take the next word.
fn takes_value(program: &str, option: &str) -> bool {
    let list = match program {
        "pdsh" => "-w -x -g -G -f -l -t -u -R -M -o -A -X -P -F",
        "clush" => "-w -x -g -X -f -l -t -u -o -m -O --hostfile --user --worker --options",
        "pssh" | "parallel-ssh" => "-h -H -l -p -o -e -t -O -x -X --hosts --host --user --par",
        "parallel" => "-j -S -a -I --jobs --sshlogin --arg-file --colsep --joblog --retries -d",
        "sshpass" => "-p -f -d -P",
        "tsh" => "--proxy --user --login -l --cluster -p",
        _ => "",
    };
    list.split_whitespace().any(|known| known == option)
}

/// What a call runs, if its program is one of these.
pub(super) fn sent(call: &Call) -> Option<Inner> {
    let program = call.program()?;
    let places = |word: &str| call.words.iter().position(|w| w.text == word);
    if let Some((_, skip)) = BEFORE.iter().find(|(name, _)| *name == program) {
        return behind(call, operand(call, program, 1)? + skip);
    }
    if DASHED.contains(&program) {
        return behind(call, places("--")? + 1);
    }
    match program {
        "pdsh" | "clush" | "pssh" | "parallel-ssh" => text(call, operand(call, program, 1)?),
        "parallel" => {
            let until = call.words.iter().take_while(|w| !w.text.starts_with(":::"));
            let words = until.cloned().collect();
            let call = Call {
                words,
                ..call.clone()
            };
            text(&call, operand(&call, program, 1)?)
        }
        "sshpass" => behind(call, operand(call, program, 1)?),
        "tsh" if call.args().any(|a| a == "ssh") => {
            let ssh = places("ssh")? + 1;
            text(call, operand(call, program, ssh)? + 1)
        }
        "salt" | "salt-ssh" | "salt-call" => {
            let at = call
                .words
                .iter()
                .position(|w| matches!(w.text.as_str(), "cmd.run" | "cmd.shell" | "cmd.run_all"))?;
            text(call, at + 1)
        }
        "ansible" => option(call, &["-a", "--args"]),
        "script" => option(call, &["-c", "-qc", "-qec", "--command"]),
        "knife" if call.args().next() == Some("ssh") => text(call, operand(call, program, 2)? + 1),
        "az" if call.args().any(|a| a == "run-command") => option(call, &["--scripts"]),
        "aws" if call.args().any(|a| a == "send-command") => {
            let Inner::Text(told) = option(call, &["--parameters"])? else {
                return None;
            };
            let (_, commands) = told.split_once("commands")?;
            let marks = |c: char| "[]\"'={}:".contains(c);
            let lines = commands.split("\",").map(|one| one.replace(marks, " "));
            Some(Inner::Text(lines.collect::<Vec<_>>().join("\n")))
        }
        _ => None,
    }
}

/// The first word from `from` on that is no option and no value of one.
fn operand(call: &Call, program: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let word = call.words.get(at)?.text.as_str();
        if !word.starts_with('-') {
            return Some(at);
        }
        at += if takes_value(program, word) { 2 } else { 1 };
    }
}

fn behind(call: &Call, at: usize) -> Option<Inner> {
    (at < call.words.len()).then(|| Inner::Call(call.without(at)))
}

fn text(call: &Call, at: usize) -> Option<Inner> {
    let words = call.words.get(at..).filter(|words| !words.is_empty())?;
    let texts: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
    Some(Inner::Text(texts.join(" ")))
}

fn option(call: &Call, names: &[&str]) -> Option<Inner> {
    let args: Vec<&str> = call.args().collect();
    let value = args.iter().enumerate().find_map(|(at, arg)| {
        if names.contains(arg) {
            return args.get(at + 1).copied();
        }
        let (name, value) = arg.split_once('=')?;
        names.contains(&name).then_some(value)
    })?;
    Some(Inner::Text(value.to_owned()))
}
