//! How the target of a shell text is measured: for each thing that a plan says it is for, the
//! command that asks which one it is, put so that it asks about the very one that the text goes
//! to (its `--context`, its `-C`, its connection).
//!
//! Nothing here asks; what the text itself names needs no asking, and what cannot be told from
//! the text is said to be unreadable, never left out.

use super::calls::{Call, Word, calls};
use super::connection::Connection;
use super::wrappers::{Inner, unwrap};

/// How one thing is measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measure {
    /// `host`, `kube_context`…
    pub key: String,
    /// How.
    pub how: How,
}

/// The way to a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum How {
    /// A shell text that only reads and prints it.
    Ask(String),
    /// The text itself names it.
    Stated(String),
    /// It goes to such a target, and which one cannot be told; why.
    Unreadable(String),
}

/// How the targets of a text are measured, of those keys that it has to do with.
#[must_use]
pub fn measures(code: &str, keys: &[&str]) -> Vec<Measure> {
    let mut walk = Walk {
        keys: keys.iter().map(|k| (*k).to_owned()).collect(),
        ..Walk::default()
    };
    walk.add("host", How::Ask("uname -n".to_owned()));
    if !goes_away(code) {
        walk.add("machine", How::Ask("uname -n".to_owned()));
    }
    walk.add("user", How::Ask("id -un".to_owned()));
    walk.text(code, &[], 0);
    walk.found
}

/// Programs by the keys that they have to do with.
const KUBE: &[&str] = &["kubectl", "oc", "helm"];
const PG: &[&str] = &[
    "psql",
    "pg_restore",
    "pg_dump",
    "vacuumdb",
    "reindexdb",
    "createdb",
    "dropdb",
];

/// Whether a text only asks for what is elsewhere, whichever machine it runs on: by `ssh`, by the
/// client of a cluster or a cloud, of an address that is not this machine's.
fn goes_away(code: &str) -> bool {
    const AWAY: &[&str] = &[
        "ssh",
        "scp",
        "sftp",
        "rsync",
        "kubectl",
        "oc",
        "helm",
        "aws",
        "az",
        "gcloud",
        "gsutil",
        "bq",
        "terraform",
        "heroku",
        "flyctl",
        "doctl",
        "gh",
        "curl",
        "wget",
        "ping",
        "dig",
        "nslookup",
        "host",
    ];
    const BESIDE: &[&str] = &[
        "echo", "printf", "sleep", "true", "grep", "jq", "head", "tail", "awk", "sed", "cut",
        "sort", "wc", "export", "set", "date", "[", "[[", "test",
    ];
    let Ok(found) = calls(code) else {
        return false;
    };
    let own = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];
    let programs = || {
        found
            .all
            .iter()
            .map(|call| call.program().unwrap_or_default())
    };
    programs().any(|p| AWAY.contains(&p))
        && programs().all(|p| AWAY.contains(&p) || BESIDE.contains(&p))
        && !own.iter().any(|name| code.contains(name))
}

#[derive(Default)]
struct Walk {
    keys: Vec<String>,
    found: Vec<Measure>,
    /// What stands before a question: assignments and changes of directory of the text.
    before: Vec<String>,
    /// The directory cannot be told any more.
    lost: bool,
    /// The kube context that the text has switched to.
    switched: Option<How>,
    /// The branch that the text has switched to.
    branch: Option<How>,
}

impl Walk {
    fn add(&mut self, key: &str, how: How) {
        let measure = Measure {
            key: key.to_owned(),
            how,
        };
        if self.keys.iter().any(|k| k == key) && !self.found.contains(&measure) {
            self.found.push(measure);
        }
    }

    fn ask(&mut self, key: &str, prefix: &[String], question: Option<String>) {
        let how = match question {
            Some(question) if !self.lost => {
                let mut text = self.before.join("");
                let words = prefix.iter().map(|w| format!("{w} "));
                text.extend(words);
                How::Ask(text + &question)
            }
            _ => How::Unreadable("the command does not say plainly where it goes".to_owned()),
        };
        self.add(key, how);
    }

    fn text(&mut self, code: &str, prefix: &[String], depth: u32) {
        let Ok(found) = calls(code) else {
            return self.unread(code);
        };
        if depth == 0 {
            self.assignments(code);
        }
        for call in &found.all {
            self.call(call, prefix, depth);
        }
    }

    /// A text that is no shell, or is run where nothing can be asked: what it mentions is open.
    fn unread(&mut self, code: &str) {
        let words = |names: &[&str]| {
            code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
                .any(|w| names.contains(&w))
        };
        let groups: [(&[&str], &[&str]); 6] = [
            (KUBE, &["kube_context", "cluster", "namespace"]),
            (PG, &["database", "role", "server"]),
            (&["git"], &["git_remote", "git_branch"]),
            (&["docker", "docker-compose"], &["docker_context"]),
            (&["aws", "terraform"], &["aws_profile"]),
            (&["gcloud", "gsutil", "bq"], &["gcp_project"]),
        ];
        for (programs, keys) in groups {
            if words(programs) {
                for key in keys {
                    let why = "it goes there in a way that cannot be followed from here";
                    self.add(key, How::Unreadable(why.to_owned()));
                }
            }
        }
    }

    /// Lines that set a variable to a plain value hold for what comes after them.
    fn assignments(&mut self, code: &str) {
        for line in code.lines().map(str::trim) {
            let bare = line.strip_prefix("export ").unwrap_or(line);
            let Some((name, value)) = bare.split_once('=') else {
                continue;
            };
            let is_name =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let quoted = |q: char| value.len() > 1 && value.starts_with(q) && value.ends_with(q);
            let inner = value
                .get(1..value.len().saturating_sub(1))
                .unwrap_or_default();
            let whole = match value.chars().next() {
                Some(q @ ('"' | '\'')) => quoted(q) && !inner.contains(q),
                _ => !value.contains(char::is_whitespace),
            };
            let plain = whole && !value.contains(['`', ';', '&', '|', '<', '>', '(']);
            if is_name && plain {
                self.before.push(format!("export {name}={value}; "));
            }
        }
    }

    fn call(&mut self, call: &Call, prefix: &[String], depth: u32) {
        if depth > super::danger::MOST_WRAPPERS {
            return;
        }
        let Some(program) = call.program() else {
            return;
        };
        let mut prefix = prefix.to_vec();
        for (name, value) in &call.sets {
            match raw(value) {
                Some(value) => prefix.push(format!("{name}={value}")),
                None => self.lost = true,
            }
        }
        match program {
            "cd" | "pushd" => self.directory(call),
            "kubectl" | "oc" | "helm" => self.kube(call, &prefix, program),
            "kubectx" => self.switched = call.words.get(1).map(stated),
            "git" => self.git(call, &prefix),
            "docker" | "docker-compose" => self.docker(call, &prefix),
            "aws" | "terraform" | "eksctl" | "eb" | "sam" | "cdk" => {
                let default = "printf '%s\\n' \"${AWS_PROFILE:-${AWS_DEFAULT_PROFILE:-default}}\"";
                self.flagged("aws_profile", call, "--profile", &prefix, default);
            }
            "gcloud" | "gsutil" | "bq" => {
                let default = "printf '%s\\n' \"${CLOUDSDK_CORE_PROJECT:-$(gcloud config get-value project 2>/dev/null)}\"";
                self.flagged("gcp_project", call, "--project", &prefix, default);
            }
            name if PG.contains(&name) => self.postgres(call, &prefix, name),
            _ => {}
        }
        self.inner(call, &prefix, program, depth);
    }

    /// What a wrapper runs, with as much of the wrapper as says who or where.
    fn inner(&mut self, call: &Call, prefix: &[String], program: &str, depth: u32) {
        let place = matches!(
            program,
            "ssh" | "docker" | "podman" | "kubectl" | "oc" | "su" | "runuser" | "docker-compose"
        );
        match unwrap(call) {
            Some(Inner::Call(inner)) if place => {
                let words = call.words.iter().map(|w| w.text.as_str());
                self.unread(&words.skip(1).collect::<Vec<_>>().join(" "));
                drop(inner);
            }
            Some(Inner::Text(text)) if place => self.unread(&text),
            Some(Inner::Call(inner)) => {
                let taken = call.words.len().saturating_sub(inner.words.len());
                let mut own = prefix.to_vec();
                if matches!(program, "sudo" | "doas" | "env") {
                    for (n, word) in call.words.iter().take(taken).enumerate() {
                        match raw(word) {
                            Some(text) => own.push(text),
                            None => self.lost = true,
                        }
                        if n == 0 && program != "env" {
                            // Nobody is there to give a password to a question of ours.
                            own.push("-n".to_owned());
                        }
                    }
                }
                self.call(&inner, &own, depth + 1);
            }
            Some(Inner::Text(text)) => self.text(&text, prefix, depth + 1),
            Some(Inner::Unknown | Inner::Session) | None => {}
        }
    }

    fn directory(&mut self, call: &Call) {
        match call.words.get(1).map(raw) {
            Some(Some(dir)) => self.before.push(format!("cd {dir} >/dev/null && ")),
            Some(None) => self.lost = true,
            None => self.before.push("cd && ".to_owned()),
        }
    }

    /// A value that a flag names, else by a question.
    fn flagged(&mut self, key: &str, call: &Call, flag: &str, prefix: &[String], default: &str) {
        match value_of(call, &[flag]) {
            Some(word) => self.add(key, self.value(&word)),
            // The variables of a prefix are for a program, not for an expansion beside it.
            None if !prefix.is_empty() => {
                let quoted = shlex::try_quote(default).ok().map(|q| format!("sh -c {q}"));
                self.ask(key, prefix, quoted);
            }
            None => self.ask(key, &[], Some(default.to_owned())),
        }
    }

    /// What a word of the text names, as it stands or by asking the shell.
    fn value(&self, word: &Word) -> How {
        match (word.fixed, raw(word)) {
            (true, _) => How::Stated(word.text.clone()),
            (false, Some(text)) => {
                How::Ask(format!("{}printf '%s\\n' {text}", self.before.join("")))
            }
            (false, None) => How::Unreadable(format!("{} is not known beforehand", word.text)),
        }
    }

    fn kube(&mut self, call: &Call, prefix: &[String], program: &str) {
        let rest: Vec<&str> = call.args().collect();
        if program != "helm" && rest.first() == Some(&"config") {
            if matches!(rest.get(1), Some(&"use-context" | &"use")) {
                let to = call.words.get(3).map(stated);
                if let Some(how) = to.clone() {
                    self.add("kube_context", how);
                }
                self.switched = to;
            }
            return;
        }
        let flag = if program == "helm" {
            "--kube-context"
        } else {
            "--context"
        };
        let context = value_of(call, &[flag]);
        let config = value_of(call, &["--kubeconfig"]);
        let mut words = Some("kubectl".to_owned());
        for (flag, word) in [("--kubeconfig", &config), ("--context", &context)] {
            if let Some(word) = word {
                words = words.zip(raw(word)).map(|(w, v)| format!("{w} {flag} {v}"));
            }
        }
        match (&context, &self.switched) {
            (Some(word), _) => self.add("kube_context", self.value(word)),
            (None, Some(to)) => self.add("kube_context", to.clone()),
            (None, None) => {
                let question = words.clone().map(|w| format!("{w} config current-context"));
                self.ask("kube_context", prefix, question);
            }
        }
        let view = |path: &str| {
            let to = match (&self.switched, &context) {
                (Some(How::Stated(to)), None) => {
                    shlex::try_quote(to).ok().map(|q| format!(" --context {q}"))
                }
                (Some(_), None) => None,
                _ => Some(String::new()),
            };
            let (words, to) = words.clone().zip(to)?;
            Some(format!(
                "{words}{to} config view --minify -o 'jsonpath={{.contexts[0].context.{path}}}'"
            ))
        };
        let (cluster, namespace) = (view("cluster"), view("namespace"));
        self.ask("cluster", prefix, cluster);
        // One that the command names is the plan's own word; it is compared where it is not named.
        let named = value_of(call, &["-n", "--namespace"]).is_some();
        let all = rest.iter().any(|w| matches!(*w, "-A" | "--all-namespaces"));
        if !named && !all {
            let question =
                namespace.map(|n| format!("ns=$({n}); printf '%s\\n' \"${{ns:-default}}\""));
            match question {
                Some(q) if !prefix.is_empty() => {
                    let quoted = shlex::try_quote(&q).ok().map(|q| format!("sh -c {q}"));
                    self.ask("namespace", prefix, quoted);
                }
                question => self.ask("namespace", &[], question),
            }
        }
    }

    fn git(&mut self, call: &Call, prefix: &[String]) {
        let mut git = "git".to_owned();
        let mut at = 1;
        while let Some(word) = call.words.get(at) {
            match word.text.as_str() {
                "-C" | "--git-dir" | "--work-tree" => {
                    let Some(value) = call.words.get(at + 1).and_then(raw) else {
                        return self.ask("git_remote", prefix, None);
                    };
                    git = format!("{git} {} {value}", word.text);
                    at += 2;
                }
                "-c" => at += 2,
                text if text.starts_with('-') => at += 1,
                _ => break,
            }
        }
        let Some(verb) = call.words.get(at).map(|w| w.text.clone()) else {
            return;
        };
        let operands: Vec<&Word> = call
            .words
            .iter()
            .skip(at + 1)
            .filter(|w| !w.text.starts_with('-'))
            .collect();
        if matches!(
            verb.as_str(),
            "clone" | "init" | "version" | "help" | "config"
        ) {
            return;
        }
        let reaches = matches!(verb.as_str(), "push" | "pull" | "fetch" | "ls-remote");
        let remote = operands.first().filter(|_| reaches);
        match remote {
            Some(word) if word.fixed && word.text.contains([':', '/']) => {
                self.add("git_remote", How::Stated(word.text.clone()));
            }
            remote => {
                let named = remote.map_or(Some("origin".to_owned()), |w| raw(w));
                let push = if verb == "push" { "--push " } else { "" };
                let question = named.map(|name| format!("{git} remote get-url {push}{name}"));
                self.ask("git_remote", prefix, question);
            }
        }
        match verb.as_str() {
            "checkout" | "switch" => {
                let paths = call.words.iter().any(|w| w.text == "--") || operands.len() != 1;
                self.branch = if paths {
                    Some(How::Unreadable("the branch changes on the way".to_owned()))
                } else {
                    operands.first().map(|w| stated(w))
                };
            }
            "push" | "commit" | "merge" | "revert" | "reset" | "rebase" | "cherry-pick"
            | "pull" => match self.branch.clone() {
                Some(how) => self.add("git_branch", how),
                None => {
                    let question = format!("{git} symbolic-ref --short -q HEAD");
                    self.ask("git_branch", prefix, Some(question));
                }
            },
            _ => {}
        }
    }

    fn docker(&mut self, call: &Call, prefix: &[String]) {
        if value_of(call, &["-H", "--host"]).is_some_and(|_| call.program() == Some("docker"))
            && call
                .words
                .get(1)
                .is_some_and(|w| w.text.starts_with("-H") || w.text.starts_with("--host"))
        {
            return self.ask("docker_context", prefix, None);
        }
        let first = call
            .words
            .get(1)
            .map(|w| w.text.clone())
            .unwrap_or_default();
        let named = (first == "-c" || first.starts_with("--context"))
            .then(|| value_of(call, &["-c", "--context"]))
            .flatten();
        match named {
            Some(word) => self.add("docker_context", self.value(&word)),
            None => {
                let question = "docker context show";
                let host = "if [ -n \"${DOCKER_HOST:-}\" ]; then printf '%s\\n' \"$DOCKER_HOST\"; else docker context show; fi";
                if prefix.is_empty() {
                    self.ask("docker_context", &[], Some(host.to_owned()));
                } else {
                    self.ask("docker_context", prefix, Some(question.to_owned()));
                }
            }
        }
    }

    fn postgres(&mut self, call: &Call, prefix: &[String], program: &str) {
        let Some(to) = Connection::of(call, program) else {
            // A restore into a file, or a question for the version: no database.
            return;
        };
        let question = |select: &str, database: Option<&Word>| {
            let mut text = "psql -X -w -A -t -q".to_owned();
            for (flag, word) in [("-h", &to.host), ("-p", &to.port), ("-U", &to.user)] {
                if let Some(word) = word {
                    text = format!("{text} {flag} {}", raw(word)?);
                }
            }
            if let Some(word) = database {
                text = format!("{text} -d {}", raw(word)?);
            }
            Some(format!("{text} -c '{select}'"))
        };
        let postgres = Word {
            text: "postgres".to_owned(),
            fixed: true,
            ..Word::default()
        };
        let maintains = matches!(program, "createdb" | "dropdb") || to.creates;
        let database = if maintains {
            Some(&postgres)
        } else {
            to.database.as_ref()
        };
        let upkeep = to
            .database
            .as_ref()
            .is_some_and(|w| w.fixed && matches!(w.text.as_str(), "postgres" | "template1"));
        match &to.database {
            Some(word) if matches!(program, "createdb" | "dropdb") => {
                self.add("database", self.value(word));
            }
            _ if to.creates => {
                let why = "the archive itself names the database that it creates";
                self.add("database", How::Unreadable(why.to_owned()));
            }
            // Work on databases as a whole is done from the one that is there for it.
            _ if upkeep => {}
            _ => {
                let asked = question("SELECT current_database()", database);
                self.ask("database", prefix, asked);
            }
        }
        let role = question("SELECT current_user", database);
        self.ask("role", prefix, role);
        let server = question(SERVER, database);
        self.ask("server", prefix, server);
    }
}

/// The server's own address; where it is reached without the network, this machine's name is in
/// the shell's hands.
const SERVER: &str =
    "SELECT coalesce(host(inet_server_addr()), current_setting($$listen_addresses$$), $$local$$)";

/// The value of the first of some flags.
fn value_of(call: &Call, flags: &[&str]) -> Option<Word> {
    let words = &call.words;
    words.iter().enumerate().skip(1).find_map(|(at, word)| {
        if flags.contains(&word.text.as_str()) {
            return words.get(at + 1).cloned();
        }
        let (flag, value) = word.text.split_once('=')?;
        flags.contains(&flag).then(|| Word {
            text: value.to_owned(),
            fixed: word.fixed,
            ..Word::default()
        })
    })
}

fn stated(word: &Word) -> How {
    if word.fixed {
        return How::Stated(word.text.clone());
    }
    How::Unreadable(format!("{} is not known beforehand", word.text))
}

/// A word as it may stand in a question: what is expanded are variables alone.
fn raw(word: &Word) -> Option<String> {
    if word.fixed {
        return shlex::try_quote(&word.text).ok().map(String::from);
    }
    let bare = word.text.trim_matches('"');
    let plain = !bare.contains(['`', '"', '\\', '\'']) && !bare.contains("$(");
    plain.then(|| format!("\"{bare}\""))
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
