//! How the target of a shell text is measured: for each thing that a plan says it is for, the
//! command that asks which one it is, put so that it asks about the very one that the text goes
//! to (its `--context`, its `-C`, its connection).
//!
//! Nothing here asks; what the text itself names needs no asking. A question is only made where
//! everything that it rests on is plainly readable from the text; everything else is said to be
//! unreadable, never left out.

mod blocks;
mod databases;
mod ground;
mod kube;
mod machine;
mod others;
mod questions;
mod steers;
mod tools;
mod words;

use super::calls::{Call, Word, calls};
use super::fleet::sent;
use super::values::{Piece, Values, is_prefix, variables};
use super::wrappers::{Inner, unwrap};
use blocks::By;
use ground::{Ground, Touch};
pub(super) use questions::behind;
use questions::{Question, in_a_shell, value_of};
use words::raw;

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
    walked(code, keys).found
}

/// What the measures of a text rest on, and what of it nobody can say where it goes, in words.
#[must_use]
pub fn remarks(code: &str, keys: &[&str]) -> Vec<String> {
    walked(code, keys).remarks
}

fn walked(code: &str, keys: &[&str]) -> Walk {
    let mut walk = Walk {
        keys: keys.iter().map(|k| (*k).to_owned()).collect(),
        ..Walk::default()
    };
    walk.add("host", How::Ask("uname -n".to_owned()));
    if !machine::goes_away(code) {
        walk.add("machine", How::Ask("uname -n".to_owned()));
    }
    walk.add("user", How::Ask("id -un".to_owned()));
    walk.text(code, &[], 0);
    walk
}

/// Programs by the keys that they have to do with.
const KUBE: &[&str] = &["kubectl", "oc", "helm"];
const PG: &[&str] = &[
    "psql",
    "pg_restore",
    "pg_dump",
    "vacuumdb",
    "reindexdb",
    "clusterdb",
    "createdb",
    "dropdb",
];
const GIT: &[&str] = &["git"];
const DOCKER: &[&str] = &["docker", "docker-compose"];
const AWS: &[&str] = &["aws", "terraform", "eksctl", "eb", "sam", "cdk"];
const GCP: &[&str] = &["gcloud", "gsutil", "bq"];

/// Programs, the keys that they have to do with, and what the variables that they read begin with.
type Family = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const FAMILIES: &[Family] = &[
    (
        KUBE,
        &["kube_context", "cluster", "namespace"],
        &["KUBE", "HELM"],
    ),
    (PG, &["database", "role", "server"], &["PG"]),
    (GIT, &["git_remote", "git_branch"], &["GIT"]),
    (DOCKER, &["docker_context"], &["DOCKER", "COMPOSE"]),
    (AWS, &["aws_profile"], &["AWS"]),
    (GCP, &["gcp_project"], &["CLOUDSDK", "GOOGLE"]),
];

/// So many values of loops are asked for one after the other.
const MOST_EACH: usize = 12;

/// The variables that the programs of a key read.
fn read_by(key: &str) -> &'static [&'static str] {
    let family = FAMILIES.iter().find(|(_, keys, _)| keys.contains(&key));
    family.map_or(&[], |(_, _, read)| read)
}

#[derive(Default)]
struct Walk {
    keys: Vec<String>,
    found: Vec<Measure>,
    remarks: Vec<String>,
    ground: Ground,
    /// What may have been changed so far.
    touched: Vec<Touch>,
    /// The loops around this place that give a variable plain words.
    each: Vec<(String, Vec<String>)>,
    /// How many loops are around this place.
    loops: usize,
    /// The functions of the text, with what they may change.
    functions: Vec<(String, Vec<Touch>)>,
    /// The values that the text gives to variables.
    values: Values,
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

    fn remark(&mut self, text: String) {
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }

    fn touch(&mut self, touch: Touch) {
        if let Touch::All(why) = &touch {
            self.ground.all = Some(why.clone());
        }
        self.touched.push(touch);
    }

    /// Asks, for each value of the loops around, where everything that the question rests on is
    /// known.
    fn ask(&mut self, key: &str, prefix: &[String], question: Result<Question, String>) {
        let question = match question {
            Ok(question) => question,
            Err(why) => return self.add(key, How::Unreadable(why)),
        };
        let words: String = prefix.iter().flat_map(|w| [w, " "]).collect();
        let names = variables(&format!("{words}{} {}", question.checks, question.text));
        let lost = self.ground.lost.clone().filter(|_| question.place);
        if let Some(why) = self.ground.doubt(&names, read_by(key)).or(lost) {
            return self.add(key, How::Unreadable(why));
        }
        let Some(ways) = self.ways(&names) else {
            let why = "a loop gives it more values than are looked at".to_owned();
            return self.add(key, How::Unreadable(why));
        };
        for way in ways {
            let before = self.ground.before(&way, question.place);
            let text = format!("{before}{}{words}{}", question.checks, question.text);
            self.add(key, How::Ask(text));
        }
    }

    fn unreadable(&mut self, keys: &[&str], why: &str) {
        for key in keys {
            self.add(key, How::Unreadable(why.to_owned()));
        }
    }

    fn text(&mut self, code: &str, prefix: &[String], depth: u32) {
        let Ok(found) = calls(code) else {
            return self.unread(code);
        };
        let outer = std::mem::replace(&mut self.values, Values::of(&[], &found));
        self.run(&blocks::items(&found), By { prefix, depth });
        self.values = outer;
    }

    /// A text that is no shell, or is run where nothing can be asked: what it mentions is open.
    fn unread(&mut self, code: &str) {
        self.mentions(
            code,
            "it goes there in a way that cannot be followed from here",
        );
    }

    fn mentions(&mut self, code: &str, why: &str) {
        let words = |names: &[&str]| {
            code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
                .any(|w| names.contains(&w))
        };
        for (programs, keys, _) in FAMILIES {
            if words(programs) {
                self.unreadable(keys, why);
            }
        }
        if words(tools::NAMES) {
            self.unreadable(tools::KEYS, why);
        }
    }

    fn call(&mut self, call: &Call, prefix: &[String], depth: u32) {
        if depth > super::danger::MOST_WRAPPERS || call.words.is_empty() {
            return;
        }
        self.defaults(call);
        let Some(program) = call.program() else {
            return self.unnamed(call, prefix, depth);
        };
        let mut prefix = prefix.to_vec();
        for (name, value) in &call.sets {
            match raw(value) {
                Ok(value) => prefix.push(format!("{name}={}", value.text)),
                Err(why) => self.mentions(program, &why),
            }
        }
        if call.sets.iter().any(|(_, value)| raw(value).is_err()) {
            return;
        }
        let called = call.words.first().map(|w| w.text.as_str());
        let own = self
            .functions
            .iter()
            .find(|(f, _)| Some(f.as_str()) == called);
        if let Some((_, touched)) = own.cloned() {
            let why = format!("{program} is a function of the text, which is not followed");
            self.mentions(program, &why);
            self.ground =
                std::mem::take(&mut self.ground).without(&touched, &format!("by {program}"));
            self.touched.extend(touched);
            return;
        }
        if self.steers(call, program) {
            return;
        }
        self.goes(call, program, &prefix);
        self.inner(call, &prefix, program, depth);
    }

    /// A program that has to do with a target.
    fn goes(&mut self, call: &Call, program: &str, prefix: &[String]) {
        match program {
            "kubectl" | "oc" | "helm" => self.kube(call, prefix, program),
            "git" => self.git(call, prefix),
            "docker" | "docker-compose" => self.docker(call, prefix),
            name if AWS.contains(&name) => self.aws(call, prefix),
            name if GCP.contains(&name) => self.cloud(call, prefix),
            name if PG.contains(&name) => self.postgres(call, prefix, name),
            name => self.tool(call, prefix, name),
        }
    }

    /// A command whose name is only known when it runs.
    fn unnamed(&mut self, call: &Call, prefix: &[String], depth: u32) {
        let Some(first) = call.words.first() else {
            return;
        };
        if first.text.is_empty() {
            let why = "what it runs is only known when it runs";
            return self.all_unreadable(why);
        }
        // `"$PGBIN/psql" …`
        if let Some(Piece::Text(end)) = first.pieces.last()
            && let Some((_, name)) = end.rsplit_once('/')
            && !name.is_empty()
        {
            let mut words = call.words.clone();
            if let Some(first) = words.first_mut() {
                *first = fixed(name);
            }
            let call = Call {
                words,
                ..call.clone()
            };
            return self.call(&call, prefix, depth + 1);
        }
        if is_prefix(first) && call.words.len() > 1 {
            let why = format!("what {} does is only known when it runs", first.text);
            let texts: Vec<&str> = call.args().collect();
            return self.mentions(&texts.join(" "), &why);
        }
        let why = format!("what {} is, is only known when it runs", first.text);
        let readings = self.values.readings(call, MOST_EACH);
        if readings.is_empty() || first.is_several() {
            return self.all_unreadable(&why);
        }
        for reading in readings {
            let texts: Vec<&str> = reading.words.iter().map(|w| w.text.as_str()).collect();
            self.mentions(&texts.join(" "), &why);
        }
    }

    fn all_unreadable(&mut self, why: &str) {
        for (_, keys, _) in FAMILIES {
            self.unreadable(keys, why);
        }
    }

    /// What a wrapper runs, with as much of the wrapper as says who or where.
    fn inner(&mut self, call: &Call, prefix: &[String], program: &str, depth: u32) {
        // Elsewhere, as somebody else, or with variables that the wrapper reads from somewhere.
        let place = matches!(
            program,
            "ssh"
                | "docker"
                | "podman"
                | "kubectl"
                | "oc"
                | "su"
                | "runuser"
                | "docker-compose"
                | "gcloud"
                | "aws"
                | "vagrant"
                | "heroku"
                | "fly"
                | "flyctl"
                | "railway"
                | "eb"
                | "chroot"
                | "dotenv"
                | "doppler"
                | "op"
                | "pipenv"
        );
        match unwrap(call) {
            Some(Inner::Call(_)) if place => {
                let words = call.words.iter().map(|w| w.text.as_str());
                self.unread(&words.skip(1).collect::<Vec<_>>().join(" "));
            }
            Some(Inner::Text(text)) if place => self.unread(&text),
            Some(Inner::Call(mut inner)) => {
                let taken = call.words.len().saturating_sub(inner.words.len());
                let mut own = prefix.to_vec();
                if matches!(program, "sudo" | "doas" | "env") {
                    for (n, word) in call.words.iter().take(taken).enumerate() {
                        match raw(word) {
                            Ok(raw) => own.push(raw.text),
                            Err(why) => {
                                let texts: Vec<&str> = call.args().collect();
                                return self.mentions(&texts.join(" "), &why);
                            }
                        }
                        if n == 0 && program != "env" {
                            // Nobody is there to give a password to a question of ours.
                            own.push("-n".to_owned());
                        }
                    }
                }
                if program == "xargs" {
                    inner = given_words(call, inner);
                }
                self.call(&inner, &own, depth + 1);
            }
            Some(Inner::Text(text)) => self.inner_text(call, prefix, program, &text, depth),
            Some(Inner::Unknown) if !place => {
                let why = format!("what {program} runs is not known beforehand");
                if program == "eval" {
                    self.touch(Touch::All(why));
                } else if let Some(fed) = super::feed::fed(call) {
                    self.mentions(&fed.text, &why);
                }
                if program != "eval" {
                    self.script(call, program);
                }
            }
            Some(Inner::Unknown | Inner::Session) => {
                if let Some(fed) = super::feed::fed(call) {
                    self.unread(&fed.text);
                }
            }
            None => self.handed_on(call, program),
        }
    }

    /// A shell text that a command runs.
    fn inner_text(
        &mut self,
        call: &Call,
        prefix: &[String],
        program: &str,
        text: &str,
        depth: u32,
    ) {
        let put_in = call.words.iter().any(|w| !w.fixed && w.text.contains(text))
            || call.expands && text.contains(['$', '`'])
            || call.words.iter().any(|w| !w.fixed) && matches!(program, "eval" | "watch");
        if put_in {
            let why = format!("what {program} runs is only known when it runs");
            self.mentions(text, &why);
            if program == "eval" {
                self.touch(Touch::All(why));
            }
            return;
        }
        if program == "eval" {
            return self.text(text, prefix, depth + 1);
        }
        // Without a variable it is the same whichever shell reads it.
        if !text.contains('$') {
            return self.apart(|walk| walk.text(text, prefix, depth + 1));
        }
        let shell = match program {
            "bash" | "zsh" | "dash" | "ksh" => program,
            _ => "sh",
        };
        // A shell of its own: what is not exported is not there.
        let mut within = Self {
            keys: self.keys.clone(),
            ground: self.ground.within(),
            ..Self::default()
        };
        within.text(text, &[], depth + 1);
        for touch in within.touched {
            if self.ground.takes(&within.ground, &touch) {
                self.touched.push(touch);
            }
        }
        for remark in within.remarks {
            self.remark(remark);
        }
        for measure in within.found {
            match measure.how {
                How::Ask(text) => {
                    let quoted = shlex::try_quote(&text).map(String::from);
                    let question = quoted
                        .map(|q| Question {
                            place: true,
                            ..Question::of(format!("{shell} -c {q}"))
                        })
                        .map_err(|_| "it cannot be asked".to_owned());
                    self.ask(&measure.key, prefix, question);
                }
                how => self.add(&measure.key, how),
            }
        }
    }

    /// A program that is not known to run others, and whose words name one that has a target.
    fn handed_on(&mut self, call: &Call, program: &str) {
        let known = FAMILIES
            .iter()
            .any(|(names, _, _)| names.contains(&program));
        if known {
            return;
        }
        match sent(call) {
            Some(Inner::Call(inner)) => {
                let texts: Vec<&str> = inner.words.iter().map(|w| w.text.as_str()).collect();
                return self.unread(&texts.join(" "));
            }
            Some(Inner::Text(text)) => return self.unread(&text),
            Some(Inner::Unknown | Inner::Session) | None => {}
        }
        if tools::is_quiet(call, program) {
            return;
        }
        let named = |word: &Word| {
            let name = word.text.rsplit('/').next().unwrap_or_default();
            FAMILIES.iter().any(|(names, _, _)| names.contains(&name))
        };
        let installs = matches!(
            program,
            "apt"
                | "apt-get"
                | "brew"
                | "dnf"
                | "yum"
                | "apk"
                | "snap"
                | "pip"
                | "which"
                | "type"
                | "hash"
                | "man"
                | "echo"
                | "printf"
                | "pkill"
                | "killall"
        );
        if !installs {
            for word in call.words.iter().skip(1).filter(|w| named(w)) {
                self.unread(&word.text);
            }
            self.script(call, program);
        }
    }
}

/// The words of a command that `xargs` gives others: what it puts in is not known.
fn given_words(call: &Call, mut inner: Call) -> Call {
    let mut mark = None;
    let taken = call.words.len().saturating_sub(inner.words.len());
    let own: Vec<&str> = call
        .words
        .iter()
        .take(taken)
        .map(|w| w.text.as_str())
        .collect();
    for (at, word) in own.iter().enumerate() {
        match *word {
            "-I" | "--replace" => mark = own.get(at + 1).map(|m| (*m).to_owned()),
            "-i" => mark = Some("{}".to_owned()),
            word => {
                let joined = word.strip_prefix("-I").or(word.strip_prefix("--replace="));
                mark = mark.or(joined.filter(|m| !m.is_empty()).map(str::to_owned));
            }
        }
    }
    let open = |text: &str| Word {
        text: text.to_owned(),
        fixed: false,
        pieces: vec![Piece::Other(text.to_owned())],
    };
    match mark {
        Some(mark) => {
            for word in inner.words.iter_mut().filter(|w| w.text.contains(&mark)) {
                *word = open(&word.text);
            }
        }
        None => inner.words.push(open("what xargs adds")),
    }
    inner
}

fn fixed(text: &str) -> Word {
    Word {
        text: text.to_owned(),
        fixed: true,
        ..Word::default()
    }
}

fn stated(word: &Word) -> How {
    if word.fixed {
        return How::Stated(word.text.clone());
    }
    How::Unreadable(format!("{} is not known beforehand", word.text))
}

#[cfg(test)]
mod tests;
