//! Programs that run another program: what is left when they are taken off.
//!
//! `sudo -u app env A=1 nice rm x` is `rm x`; `kubectl exec pod -- rm x` is `rm x`, elsewhere;
//! `bash -c 'rm x'` and `ssh host 'rm x'` hold shell text that is read again.

use super::calls::Call;

/// What a wrapper wraps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Inner {
    /// Another command's words.
    Call(Call),
    /// Shell text to be read again.
    Text(String),
    /// Shell text that is not known before it runs.
    Unknown,
    /// It wraps nothing: an interactive session on another host, in a container, as a user.
    Session,
}

/// Options of wrappers that take a value in the next word.
fn takes_value(program: &str, option: &str) -> bool {
    let list = match program {
        "sudo" | "doas" => "-u -g -h -p -C -r -t -T -U --user --group --host --prompt",
        "nice" => "-n --adjustment",
        "ionice" => "-c -n -p",
        "timeout" => "-s -k --signal --kill-after",
        "env" => "-u -C -S --unset --chdir",
        "xargs" => "-I -n -P -L -d -a -s -E --max-args --max-procs --replace --delimiter",
        "watch" => "-n --interval",
        "stdbuf" => "-i -o -e",
        "ssh" => "-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w",
        "su" => "-s -g -G -w --shell --group",
        "runuser" => "-u -s -g -G -w --user --shell --group",
        "docker" | "podman" => {
            "-e -u -w -v -p -l --env --user --workdir --volume --name --network --entrypoint \
             --publish --mount --env-file --label --memory --cpus --platform -H --host --context -f"
        }
        "docker-compose" => {
            "-f --file -p --project-name --profile --env-file -e -u -w --user --index"
        }
        "kubectl" | "oc" => {
            "-n --namespace -c --container --context --kubeconfig --cluster -l -f -s --server"
        }
        "chroot" => "--userspec --groups",
        "npx" => "-p --package",
        "flock" => "-w --timeout -E",
        _ => "",
    };
    list.split_whitespace().any(|known| known == option)
}

/// The index of the first word after `from` that is no option of `program` and no value of one.
pub(super) fn operand(call: &Call, program: &str, from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(word) = call.words.get(at) {
        let text = word.text.as_str();
        if text == "--" {
            return (at + 1 < call.words.len()).then_some(at + 1);
        }
        if text.len() < 2 || !text.starts_with('-') {
            return Some(at);
        }
        // `sudo -iu app`
        let user = matches!(program, "sudo" | "doas")
            && !text.starts_with("--")
            && text.len() > 2
            && text.ends_with('u');
        // `ssh -NL 1:db:2 gate`
        let cluster = program == "ssh" && ends_with_valued(text);
        at += if user || cluster || takes_value(program, text) {
            2
        } else {
            1
        };
    }
    None
}

/// Whether of the letters of an option of `ssh` the last one is the first that takes a value.
fn ends_with_valued(text: &str) -> bool {
    let letters = text.strip_prefix('-').unwrap_or_default();
    let valued = letters.find(|c| takes_value("ssh", &format!("-{c}")));
    valued.is_some_and(|at| at + 1 == letters.len())
}

fn rest(call: &Call, at: Option<usize>) -> Inner {
    at.filter(|at| *at < call.words.len())
        .map_or(Inner::Session, |at| Inner::Call(call.without(at)))
}

/// The words from `at` on, joined as `ssh`, `eval` and `watch` join them.
fn joined(call: &Call, at: Option<usize>) -> Inner {
    let Some(at) = at.filter(|at| *at < call.words.len()) else {
        return Inner::Session;
    };
    let words = call.words.get(at..).unwrap_or_default();
    if words.iter().any(|w| !w.fixed && w.text.starts_with('$')) && words.len() == 1 {
        return Inner::Unknown;
    }
    Inner::Text(
        words
            .iter()
            .map(|w| w.text.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    )
}

/// What the call wraps, if its program is a wrapper.
pub(super) fn unwrap(call: &Call) -> Option<Inner> {
    let program = call.program()?;
    let first = call.args().next().unwrap_or("");
    Some(match program {
        // `command -v x` only asks where it is.
        "command" if matches!(first, "-v" | "-V") => Inner::Text("true".to_owned()),
        "exec" if call.words.len() == 1 => return None,
        "sudo" | "doas" => match operand(call, program, 1) {
            Some(at) => Inner::Call(call.without(skip_assignments(call, at))),
            None => session_or_check(call),
        },
        "env" => match operand(call, program, 1).map(|at| skip_assignments(call, at)) {
            Some(at) if at < call.words.len() => Inner::Call(call.without(at)),
            _ => return None,
        },
        "nohup" | "time" | "nice" | "ionice" | "stdbuf" | "setsid" | "command" | "builtin"
        | "exec" | "catchsegv" | "unbuffer" | "caffeinate" => rest(call, operand(call, program, 1)),
        "flock" => locked(call),
        "timeout" | "gtimeout" | "chroot" => {
            rest(call, operand(call, "timeout", 1).map(|at| at + 1))
        }
        "xargs" => match operand(call, program, 1) {
            Some(at) => Inner::Call(call.without(at)),
            None => return None,
        },
        "watch" => joined(call, operand(call, program, 1)),
        "eval" => joined(call, Some(1)),
        "ssh" => joined(
            call,
            operand(call, program, 1)
                .map(|at| at + 1)
                .and_then(|at| operand(call, program, at)),
        ),
        "bash" | "sh" | "zsh" | "dash" | "ksh" | "fish" => shell(call)?,
        // `runuser -u postgres -- dropdb shop`
        "runuser" if matches!(first, "-u" | "--user") => rest(call, operand(call, program, 1)),
        "su" | "runuser" => match option_value(call, &["-c", "--command", "-lc"]) {
            Some(inner) => inner,
            None => Inner::Session,
        },
        "npx" | "bunx" | "pnpx" => rest(call, operand(call, "npx", 1)),
        "bundle" | "poetry" | "pipenv" | "uv" | "pdm" | "rye" | "hatch" | "dotenv" | "doppler"
        | "op"
            if matches!(first, "exec" | "run") =>
        {
            rest(call, operand(call, program, 2))
        }
        "docker" | "podman" | "docker-compose" | "kubectl" | "oc" => {
            return container(call, program);
        }
        "gcloud" => return cloud(call, &["compute", "ssh"], "--command"),
        // A port-forward is neither a session nor told what to do.
        "aws" if call.args().any(|a| a.contains("PortForwarding")) => return None,
        "aws" => return cloud(call, &["ssm", "start-session"], "--document-name"),
        "vagrant" => return cloud(call, &["ssh"], "-c"),
        "heroku" | "fly" | "flyctl" | "railway" | "eb" => return hosted(call, program),
        _ => return None,
    })
}

/// `flock LOCK cmd`, `flock LOCK -c 'text'`; with a descriptor alone it only takes the lock.
fn locked(call: &Call) -> Inner {
    let Some(at) = operand(call, "flock", 1).map(|at| at + 1) else {
        return Inner::Text("true".to_owned());
    };
    let next = call.words.get(at).map(|w| w.text.as_str());
    match next {
        None => Inner::Text("true".to_owned()),
        Some("-c" | "--command") => {
            option_value(call, &["-c", "--command"]).unwrap_or(Inner::Unknown)
        }
        Some(_) => rest(call, Some(at)),
    }
}

/// `sudo -i`, `sudo -s` open a session; `sudo -v`, `-l`, `-k` only look.
fn session_or_check(call: &Call) -> Inner {
    let looks = call
        .args()
        .any(|a| matches!(a, "-v" | "-l" | "-k" | "-K" | "--validate" | "--list"));
    if looks {
        Inner::Text("true".to_owned())
    } else {
        Inner::Session
    }
}

fn skip_assignments(call: &Call, from: usize) -> usize {
    let assigned = |text: &str| {
        text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    let words = call.words.get(from..).unwrap_or_default();
    from + words.iter().take_while(|w| assigned(&w.text)).count()
}

/// The word after one of the options.
fn option_value(call: &Call, options: &[&str]) -> Option<Inner> {
    let at = call
        .words
        .iter()
        .position(|w| options.contains(&w.text.as_str()))?;
    let word = call.words.get(at + 1)?;
    let known = word.fixed || !word.text.starts_with('$');
    Some(if known {
        Inner::Text(word.text.clone())
    } else {
        Inner::Unknown
    })
}

fn shell(call: &Call) -> Option<Inner> {
    let flag =
        call.words.iter().skip(1).find(|w| {
            w.text.starts_with('-') && !w.text.starts_with("--") && w.text.ends_with('c')
        });
    if let Some(flag) = flag {
        return option_value(call, &[flag.text.as_str()]);
    }
    if call.args().any(|a| a == "-n") {
        return Some(Inner::Text("true".to_owned()));
    }
    let input = has_letter(call, 's');
    let script = !input
        && call
            .args()
            .any(|a| !a.starts_with('-') && a != "/dev/stdin");
    // What a script makes of its input is the script's to say.
    if let Some(text) = call.input.as_ref().filter(|_| !script) {
        return Some(Inner::Text(text.clone()));
    }
    let fed = call.piped.is_some() || !call.reads.is_empty();
    if script || fed {
        Some(Inner::Unknown)
    } else {
        Some(Inner::Session)
    }
}

/// Whether a shell has this option among its letters: `bash -es`.
fn has_letter(call: &Call, letter: char) -> bool {
    let options = call.args().take_while(|a| a.starts_with('-'));
    let mut short = options.filter(|a| !a.starts_with("--"));
    short.any(|a| a.contains(letter))
}

/// `docker exec c cmd`, `docker compose run s cmd`, `kubectl exec p -- cmd`.
fn container(call: &Call, program: &str) -> Option<Inner> {
    let mut at = operand(call, program, 1)?;
    if call.words.get(at).is_some_and(|w| w.text == "compose") {
        at = operand(call, "docker-compose", at + 1)?;
    }
    let verb = call.words.get(at)?.text.as_str();
    if !matches!(verb, "exec" | "run" | "rsh") {
        return None;
    }
    if matches!(program, "kubectl" | "oc") {
        let dashes = call.words.iter().position(|w| w.text == "--");
        return Some(dashes.map_or(Inner::Session, |at| rest(call, Some(at + 1))));
    }
    // After the container's or image's name comes the command; without one an image runs its own.
    let name = operand(call, program, at + 1)?;
    match (verb, call.words.len() > name + 1) {
        (_, true) => Some(Inner::Call(call.without(name + 1))),
        ("run", false) => Some(Inner::Unknown),
        _ => Some(Inner::Session),
    }
}

/// `gcloud compute ssh vm`, `aws ssm start-session`: a session, unless it is told what to do.
fn cloud(call: &Call, words: &[&str], told: &str) -> Option<Inner> {
    let args: Vec<&str> = call.args().collect();
    args.starts_with(words).then_some(())?;
    if let Some(text) = args
        .iter()
        .find_map(|a| a.strip_prefix(told)?.strip_prefix('='))
    {
        return Some(Inner::Text(text.to_owned()));
    }
    if let Some(at) = call.words.iter().position(|w| w.text == "--") {
        return Some(joined(call, Some(at + 1)));
    }
    Some(option_value(call, &[told, "--command"]).unwrap_or(Inner::Session))
}

/// `heroku run cmd`, `fly ssh console -C cmd`.
fn hosted(call: &Call, program: &str) -> Option<Inner> {
    let mut args = call.args();
    let (first, second) = (args.next().unwrap_or(""), args.next().unwrap_or(""));
    match (first, second) {
        ("ssh", _) => {
            Some(option_value(call, &["-C", "--command", "-c"]).unwrap_or(Inner::Session))
        }
        ("run", _) => Some(joined(call, operand(call, program, 2))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::calls;
    use super::*;

    fn unwrapped(code: &str) -> Option<String> {
        let call = calls(code)
            .expect("shell")
            .all
            .last()
            .cloned()
            .expect("a call");
        Some(match unwrap(&call)? {
            Inner::Call(inner) => inner
                .words
                .iter()
                .map(|w| w.text.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            Inner::Text(text) => format!("text {text}"),
            Inner::Unknown => "unknown".to_owned(),
            Inner::Session => "session".to_owned(),
        })
    }

    #[test]
    fn wrappers_come_off() {
        for (code, want) in [
            ("sudo -u app A=1 rm x", Some("rm x")),
            ("env -u B A=1 rm x", Some("rm x")),
            ("env", None),
            ("nice -n 5 rm x", Some("rm x")),
            ("timeout -k 5 30 rm x", Some("rm x")),
            ("flock -w 5 /run/l rm x", Some("rm x")),
            ("flock /run/l -c 'rm x'", Some("text rm x")),
            ("flock -n 9", Some("text true")),
            ("ssh -NL 1:db:2 gate", Some("session")),
            ("ls | xargs -n 1 rm -f", Some("rm -f")),
            ("ssh -p 22 a@b 'rm x'", Some("text rm x")),
            ("ssh a@b", Some("session")),
            ("ssh a@b rm -rf y", Some("text rm -rf y")),
            ("bash -lc 'rm x'", Some("text rm x")),
            ("bash -c \"$X\"", Some("unknown")),
            ("curl http://x | bash", Some("unknown")),
            ("bash deploy.sh", Some("unknown")),
            ("kubectl -n a exec p -c c -- rm x", Some("rm x")),
            ("kubectl get pods", None),
            ("docker exec -it -u root c rm x", Some("rm x")),
            ("docker compose exec -T db psql", Some("psql")),
            ("docker ps", None),
            ("docker run --rm -v /a:/b img rm x", Some("rm x")),
            (
                "watch -n 5 'curl -s http://x'",
                Some("text curl -s http://x"),
            ),
            ("npx prisma migrate reset", Some("prisma migrate reset")),
            ("su - app -c 'rm x'", Some("text rm x")),
            ("sudo -i", Some("session")),
            ("sudo -iu app", Some("session")),
            ("gcloud compute ssh app-1 --zone=z", Some("session")),
            (
                "gcloud compute ssh app-1 --command='rm x'",
                Some("text rm x"),
            ),
            ("aws ssm start-session --target i-1", Some("session")),
        ] {
            assert_eq!(unwrapped(code).as_deref(), want, "{code}");
        }
    }
}
