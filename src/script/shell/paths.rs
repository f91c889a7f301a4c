//! The paths that a shell text needs to be there: what it reads, enters, runs and removes, each with
//! the directory that it is looked for in, as far as the text's own `cd` tell it.
//!
//! Plain paths alone. What the text itself may make before it gets there is left out, and so is
//! what runs at the far end of ssh or in a container. Whether a path is there is for others to
//! find out.

use std::path::PathBuf;

use super::backup;
use super::calls::{Call, Calls, Word, calls};
use super::needed::{ELSEWHERE, listed};
use super::repl::outside_with_openers;
use super::rules;
use super::wrappers::{Inner, operand, unwrap};
use crate::script::Danger;
use crate::script::blanks::{self, Kind};

/// What a text does with a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Touch {
    /// It reads it.
    Reads,
    /// It makes it its directory, or that of one program.
    Enters,
    /// It runs it: a program that is named by its path.
    Runs,
    /// It removes it.
    Removes,
}

/// A path that a text speaks of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathUse {
    /// As the text writes it.
    pub written: String,
    /// The path itself, expansions looked up; relative to `dir` where it is relative.
    pub path: String,
    /// What is done with it.
    pub touch: Touch,
    /// The directory of that moment; relative to where the text starts where it is relative.
    pub dir: PathBuf,
}

/// The paths of a text, each once, in its order. `expand` gives the value of a word that holds
/// expansions (`$DIR/x`, `~/x`), where it can.
pub fn paths(code: &str, expand: &mut dyn FnMut(&str) -> Option<String>) -> Vec<PathUse> {
    // A blank that is still open is a word that stands for another.
    let open = |b: &blanks::Blank| b.kind != Kind::Environment;
    if blanks::find(code, "bash").iter().any(open) {
        return Vec::new();
    }
    let mut walk = Walk {
        expand,
        found: Vec::new(),
        made: Vec::new(),
        unsure: false,
    };
    walk.text(&outside_with_openers(code), Some(PathBuf::new()), 0);
    walk.found
}

/// The directory of a shell; none where it cannot be told any more.
type Dir = Option<PathBuf>;

struct Walk<'a> {
    expand: &'a mut dyn FnMut(&str) -> Option<String>,
    found: Vec<PathUse>,
    /// What the text writes itself, or asks whether it is there.
    made: Vec<PathBuf>,
    /// Something ran that may have made anything.
    unsure: bool,
}

impl Walk<'_> {
    fn text(&mut self, code: &str, start: Dir, depth: u32) {
        let Ok(all) = calls(code) else {
            self.unsure = true;
            return;
        };
        let mut shells: Vec<Option<Dir>> = vec![None; all.subshells.len() + 1];
        if let Some(first) = shells.first_mut() {
            *first = Some(start);
        }
        let mut asked = all.asked.iter().peekable();
        for (at, call) in all.all.iter().enumerate() {
            // What is asked about may be missing.
            while let Some((_, shell, path)) = asked.next_if(|(before, ..)| *before <= at) {
                let dir = entered(&shells, &all, *shell);
                self.make(path, &dir);
            }
            let mut dir = entered(&shells, &all, call.subshell);
            self.call(call, &mut dir, depth, &all.functions);
            if let Some(own) = shells.get_mut(call.subshell) {
                *own = Some(dir);
            }
        }
    }

    fn call(&mut self, call: &Call, dir: &mut Dir, depth: u32, functions: &[String]) {
        if depth > super::danger::MOST_WRAPPERS {
            return;
        }
        for path in &call.reads {
            self.add(path, Touch::Reads, dir);
        }
        let program = call.program().unwrap_or_default().to_owned();
        let named = call.words.first().filter(|w| w.text.contains('/'));
        if let Some(word) = named {
            self.add(&word.text.clone(), Touch::Runs, dir);
        }
        if functions.contains(&program) {
            self.unsure = true;
        } else if matches!(program.as_str(), "cd" | "pushd" | "popd") {
            self.enter(call, &program, dir);
        } else {
            self.operands(call, &program, dir);
        }
        for path in &call.writes {
            self.make(path, dir);
        }
        let far = listed(ELSEWHERE, &program) || program == "sudo" && opens_a_login(call);
        match unwrap(call).filter(|_| !far) {
            Some(Inner::Call(inner)) => {
                let inner = Call {
                    reads: Vec::new(),
                    writes: Vec::new(),
                    ..inner
                };
                self.call(&inner, &mut dir.clone(), depth + 1, functions);
            }
            Some(Inner::Text(text)) => self.text(&text, dir.clone(), depth + 1),
            Some(Inner::Session | Inner::Unknown) => self.unsure |= !far,
            None => self.unsure |= makes(call, &program),
        }
    }

    fn enter(&mut self, call: &Call, program: &str, dir: &mut Dir) {
        let to = call.words.iter().skip(1).find(|w| w.text != "--");
        *dir = match to {
            _ if program == "popd" => None,
            Some(to) if to.text != "-" && !to.text.starts_with('+') => {
                let known = self.add(&to.text.clone(), Touch::Enters, dir);
                known.and_then(|path| Some(dir.clone()?.join(path)))
            }
            Some(_) => None,
            None => (self.expand)("~/").map(PathBuf::from),
        };
    }

    fn operands(&mut self, call: &Call, program: &str, dir: &Dir) {
        for (touch, word) in touched(call, program) {
            self.add(&word, touch, dir);
        }
        if matches!(program, "test" | "[") {
            // What is asked about may be missing.
            for word in call.args().filter(|a| !a.starts_with('-')) {
                self.make(word, dir);
            }
        }
        if matches!(program, "mkdir" | "touch" | "tee") {
            for word in call.args().filter(|a| !a.starts_with('-')) {
                self.make(word, dir);
            }
        }
        if let Some(made) = backup::of(call).filter(|f| f.how == backup::BackupUse::Made) {
            self.make(&made.path, dir);
        }
    }

    fn make(&mut self, written: &str, dir: &Dir) {
        if let (Some(path), Some(dir)) = (self.plain(written), dir) {
            self.made.push(dir.join(path));
        }
    }

    /// The path of a word; none where it cannot be told.
    fn plain(&mut self, written: &str) -> Option<String> {
        let bare = written.trim_matches(['"', '\'']);
        if bare.is_empty()
            || bare.contains(['*', '?', '[', '{', '`', '(', '\n', '|']) && !bare.contains("${")
        {
            return None;
        }
        if bare.contains('$') || bare.starts_with('~') {
            return (self.expand)(bare);
        }
        Some(bare.to_owned())
    }

    fn add(&mut self, written: &str, touch: Touch, dir: &Dir) -> Option<String> {
        let path = self.plain(written)?;
        let dir = dir.clone()?;
        let beside = path == "-" || path.contains("://") || path.starts_with("/dev/");
        let whole = dir.join(&path);
        let own = self
            .made
            .iter()
            .any(|made| whole.starts_with(made) || made.starts_with(&whole));
        let new = PathUse {
            written: written.trim_matches(['"', '\'']).to_owned(),
            path: path.clone(),
            touch,
            dir,
        };
        if !beside && !own && !self.unsure && !self.found.contains(&new) {
            self.found.push(new);
        }
        Some(path)
    }
}

/// The directory of a shell: its own, else that which it was opened in.
fn entered(shells: &[Option<Dir>], all: &Calls, mut shell: usize) -> Dir {
    for _ in 0..=shells.len() {
        if let Some(Some(own)) = shells.get(shell) {
            return own.clone();
        }
        let around = shell.checked_sub(1).and_then(|at| all.subshells.get(at));
        shell = around.copied()?;
    }
    None
}

/// `sudo -i x` runs in the directory of another user.
fn opens_a_login(call: &Call) -> bool {
    call.args().any(|a| a == "-i" || a == "--login")
}

/// Programs that change what runs or is stored, and make no file.
const NO_FILES: &str = "cd export source . set unset echo printf sleep wait true false exit \
    systemctl service initctl supervisorctl pm2 kill pkill killall nginx apachectl psql mysql \
    mariadb redis-cli kubectl oc read trap ulimit umask chmod chown rm rmdir createdb dropdb \
    pg_restore iptables ufw crontab logger";

/// Whether a call may make files that later ones read.
fn makes(call: &Call, program: &str) -> bool {
    if program.is_empty() {
        return !call.words.is_empty();
    }
    let reads = || rules::judge(call, program).is_some_and(|j| j.danger == Danger::None);
    let copies = matches!(program, "kubectl" | "oc") && call.args().any(|a| a == "cp");
    copies || !listed(NO_FILES, program) && !reads()
}

/// The options of a program whose next word is a value and no operand; with `-` alone, none.
fn valued(program: &str) -> &'static str {
    match program {
        "head" | "tail" => "-n -c --lines --bytes",
        "grep" | "egrep" | "fgrep" | "zgrep" => "-e -f -m -A -B -C --include --exclude",
        "sed" => "-e -f -E",
        "diff" => "-U -W",
        "shasum" => "-a",
        "python" | "python3" => "-W -X",
        "node" => "-r --require",
        "bash" | "sh" | "zsh" | "dash" | "ksh" => "-o +o -O",
        _ => "",
    }
}

/// The operands of a call; nothing where one of `stops` says that there is no file.
fn operands_of(call: &Call, program: &str, stops: &[&str]) -> Vec<Word> {
    let mut found = Vec::new();
    let mut words = call.words.iter().skip(1);
    let mut ended = false;
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        if ended || text.len() < 2 || !text.starts_with('-') {
            found.push(word.clone());
        } else if text == "--" {
            ended = true;
        } else if stops.contains(&text) {
            return Vec::new();
        } else if listed(valued(program), text) {
            words.next();
        }
    }
    found
}

/// The values of options that name a file, up to the first operand or of the whole call.
fn values_of(call: &Call, flags: &[&str], whole: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = call.args();
    while let Some(word) = words.next() {
        if flags.contains(&word) {
            found.extend(words.next().map(str::to_owned));
        } else if let Some((name, value)) = word.split_once('=')
            && flags.contains(&name)
        {
            found.push(value.to_owned());
        } else if !whole && !word.starts_with('-') {
            break;
        }
    }
    found
}

/// What one call does with which of its words.
fn touched(call: &Call, program: &str) -> Vec<(Touch, String)> {
    let reads = |words: Vec<Word>| {
        let texts = words.into_iter().map(|w| (Touch::Reads, w.text));
        texts.collect::<Vec<_>>()
    };
    let values = |flags: &[&str]| {
        let texts = values_of(call, flags, true).into_iter();
        texts.map(|v| (Touch::Reads, v)).collect::<Vec<_>>()
    };
    let all = || operands_of(call, program, &[]);
    let first = |stops: &[&str]| {
        let found = operands_of(call, program, stops);
        reads(found.into_iter().take(1).collect())
    };
    let after_first = |given: &[&str]| {
        let is_given = call.args().any(|a| given.contains(&a));
        reads(all().into_iter().skip(usize::from(!is_given)).collect())
    };
    match program {
        "cat" | "less" | "more" | "head" | "tail" | "wc" | "md5sum" | "sha1sum" | "sha256sum"
        | "shasum" | "gunzip" | "zcat" | "gzip" | "bunzip2" | "unxz" | "diff" | "cmp" | "sort"
        | "ls" | "stat" | "file" | "du" => reads(all()),
        "." | "source" | "unzip" => first(&[]),
        "bash" | "sh" | "zsh" | "dash" | "ksh" => first(&["-c", "-s", "-lc", "-ic", "-ec", "-xc"]),
        "python" | "python3" => first(&["-c", "-m", "--version", "-V"]),
        "node" => first(&["-e", "-p", "--eval", "--print", "-v", "--version"]),
        "ruby" | "perl" => first(&["-e", "-ne", "-pe", "-ane", "-S", "-v"]),
        "php" => first(&["-r", "-v", "-i", "-m"]),
        "java" => values(&["-jar"]),
        "grep" | "egrep" | "fgrep" | "zgrep" => after_first(&["-e", "-f"]),
        "sed" => after_first(&["-e", "-f", "--expression", "--file"]),
        "chmod" | "chown" | "chgrp" => after_first(&["--reference"]),
        "cp" | "mv" if !call.args().any(|a| a == "-t") => {
            let mut found = all();
            found.pop();
            reads(found)
        }
        "rm" => {
            let found = all().into_iter();
            found.map(|w| (Touch::Removes, w.text)).collect()
        }
        "psql" => values(&["-f", "--file"]),
        "make" => in_directory(call, &["-f", "--file"], &["-C", "--directory"]),
        "git" => in_directory(call, &[], &["-C"]),
        "npm" | "yarn" | "pnpm" => in_directory(call, &[], &["--prefix", "--cwd", "-C"]),
        "terraform" => values(&["-var-file", "--var-file"]),
        "helm" => values(&["-f", "--values"]),
        "alembic" => values(&["-c", "--config"]),
        "ansible-playbook" => {
            let plays = |w: &Word| matches!(w.text.rsplit('.').next(), Some("yml" | "yaml"));
            reads(all().into_iter().filter(plays).collect())
        }
        "kubectl" | "oc" => applied(call, program),
        "docker" | "docker-compose" => composed(call, program),
        "pg_restore" | "tar" => backup::of(call)
            .filter(|f| f.how != backup::BackupUse::Made)
            .map(|f| (Touch::Reads, f.path))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Files and directories that stand before the verb.
fn in_directory(call: &Call, files: &[&str], dirs: &[&str]) -> Vec<(Touch, String)> {
    let read = values_of(call, files, true).into_iter();
    let mut found: Vec<_> = read.map(|v| (Touch::Reads, v)).collect();
    let entered = values_of(call, dirs, false).into_iter();
    found.extend(entered.map(|v| (Touch::Enters, v)));
    if found.iter().any(|(touch, _)| *touch == Touch::Enters) {
        // Whether a file is looked for from there or from here is the program's own affair.
        found.retain(|(touch, _)| *touch == Touch::Enters);
    }
    found
}

fn applied(call: &Call, program: &str) -> Vec<(Touch, String)> {
    let verb = operand(call, program, 1).and_then(|at| call.words.get(at));
    let takes = ["apply", "create", "delete", "replace", "diff"];
    if !verb.is_some_and(|v| takes.contains(&v.text.as_str())) {
        return Vec::new();
    }
    let files = values_of(call, &["-f", "--filename", "-k", "--kustomize"], true);
    files.into_iter().map(|v| (Touch::Reads, v)).collect()
}

/// The files of `docker compose -f x --env-file y up`; a `-f` after the verb is another one.
fn composed(call: &Call, program: &str) -> Vec<(Touch, String)> {
    let compose = call.words.get(1).is_some_and(|w| w.text == "compose");
    if program == "docker" && !compose {
        return Vec::new();
    }
    let from = call.without(usize::from(program == "docker"));
    let files = values_of(&from, &["-f", "--file", "--env-file"], false);
    files.into_iter().map(|v| (Touch::Reads, v)).collect()
}

#[cfg(test)]
#[path = "paths_tests.rs"]
mod tests;
