//! What is known where a command stands: which variables, directory, contexts and remotes hold
//! there, told by the text from its beginning to that place.
//!
//! A question is put behind the same steps. What may have become of a variable on the way (in a
//! branch, a loop, a function, by a file that is read in) is not known any more, and whatever
//! rests on it has no question.

use super::How;
use super::words::raw;
use crate::script::shell::calls::Word;
use crate::script::shell::values::variables;

/// Variables that change what any program is, or how words are made.
const ANY: &[&str] = &[
    "PATH",
    "HOME",
    "IFS",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
];

/// What holds at a place of the text.
#[derive(Clone, Default)]
pub(super) struct Ground {
    steps: Vec<Step>,
    /// Variables of which nothing is known, each with why.
    open: Vec<(String, String)>,
    /// Why nothing at all is known.
    pub all: Option<String>,
    /// Why the directory is not known.
    pub lost: Option<String>,
    /// Where the text has switched `kubectl` to.
    pub kube: Option<How>,
    /// Where the text has switched `docker` to.
    pub docker: Option<How>,
    /// Which project the text has switched `gcloud` to.
    pub cloud: Option<How>,
    /// The branch that the text has switched to.
    pub branch: Option<How>,
    /// Why the remotes are not known.
    pub remotes: Option<String>,
}

/// What the text does before a place, and a question does after it.
#[derive(Clone, PartialEq, Eq)]
enum Step {
    /// A shell text that sets something.
    Sets(String),
    /// A change of directory.
    Goes(String),
    /// The place where a loop gives its variable a word.
    Each(String),
}

/// What a text may have changed.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Touch {
    /// A variable.
    Name(String),
    /// Everything, and why.
    All(String),
    /// The directory.
    Place,
    /// The kube context.
    Kube,
    /// The docker context.
    Docker,
    /// The project of `gcloud`.
    Cloud,
    /// The branch.
    Branch,
    /// The remotes.
    Remotes,
}

impl Ground {
    /// Why a question that names these variables, and whose program reads those with these
    /// beginnings, has no answer here.
    pub fn doubt(&self, names: &[String], read: &[&str]) -> Option<String> {
        if let Some(why) = &self.all {
            return Some(why.clone());
        }
        let rests = |name: &String| {
            names.contains(name)
                || ANY.contains(&name.as_str())
                || read.iter().any(|begin| name.starts_with(begin))
        };
        let open = self.open.iter().find(|(name, _)| rests(name));
        open.map(|(_, why)| why.clone())
    }

    /// Whether nothing is known of a variable.
    pub fn is_open(&self, name: &str) -> bool {
        self.all.is_some() || self.open.iter().any(|(open, _)| open == name)
    }

    /// The steps before a question; `each` are the words that loops give, and `goes` whether it
    /// rests on the directory.
    pub fn before(&self, each: &[(String, String)], goes: bool) -> String {
        let go = goes || self.lost.is_none();
        let steps = self.steps.iter().map(|step| match step {
            Step::Sets(text) => text.clone(),
            Step::Goes(text) if go => text.clone(),
            Step::Goes(_) => String::new(),
            Step::Each(name) => {
                let word = each.iter().find(|(n, _)| n == name).map(|(_, w)| w);
                word.map_or_else(String::new, |word| format!("{name}={word}; "))
            }
        });
        steps.collect()
    }

    /// The text sets a variable to a value, declared by the words `how`.
    pub fn set(&mut self, name: &str, value: Option<&Word>, adds: bool, how: &str) -> Touch {
        let touch = Touch::Name(name.to_owned());
        let declares = match how {
            "" | "readonly" | "declare" | "typeset" => "",
            "export" | "declare -x" | "typeset -x" | "export --" => "export ",
            _ => {
                return self.opened(
                    name,
                    format!("${name} is declared in a way that is not followed"),
                );
            }
        };
        let Some(value) = value else {
            if !declares.is_empty() {
                self.steps.push(Step::Sets(format!("{declares}{name}; ")));
            }
            return touch;
        };
        let Ok(said) = raw(value) else {
            return self.opened(name, format!("${name} is only known when it runs"));
        };
        let mut names = variables(&value.text);
        if adds {
            names.push(name.to_owned());
        }
        if let Some(why) = self.doubt(&names, &[]).filter(|_| !names.is_empty()) {
            return self.opened(name, why);
        }
        let sign = if adds { "+=" } else { "=" };
        self.open.retain(|(open, _)| open != name);
        self.steps
            .push(Step::Sets(format!("{declares}{name}{sign}{}; ", said.text)));
        if name == "IFS" {
            return self.opened(name, "it sets how words are parted".to_owned());
        }
        touch
    }

    /// The text does something to the shell that a question can do as well.
    pub fn does(&mut self, text: String) {
        self.steps.push(Step::Sets(text));
    }

    /// The text takes a variable away.
    pub fn unset(&mut self, name: &str) -> Touch {
        self.open.retain(|(open, _)| open != name);
        self.does(format!("unset {name}; "));
        Touch::Name(name.to_owned())
    }

    /// The text goes to a directory.
    pub fn goes(&mut self, text: String) -> Touch {
        self.steps.push(Step::Goes(text));
        Touch::Place
    }

    /// A loop gives a variable one word after the other.
    pub fn each(&mut self, name: &str) -> Touch {
        self.open.retain(|(open, _)| open != name);
        self.steps.push(Step::Each(name.to_owned()));
        Touch::Name(name.to_owned())
    }

    /// Nothing is known of a variable any more.
    pub fn opened(&mut self, name: &str, why: String) -> Touch {
        self.open.retain(|(open, _)| open != name);
        self.open.push((name.to_owned(), why));
        Touch::Name(name.to_owned())
    }

    /// The ground of a shell that is started here: what is not exported is not there.
    pub fn within(&self) -> Self {
        Self {
            steps: Vec::new(),
            ..self.clone()
        }
    }

    /// Takes over what a shell of its own has left on the disk; whether that is of this kind.
    pub fn takes(&mut self, within: &Self, touch: &Touch) -> bool {
        match touch {
            Touch::Name(_) | Touch::All(_) | Touch::Place => return false,
            Touch::Kube => self.kube.clone_from(&within.kube),
            Touch::Docker => self.docker.clone_from(&within.docker),
            Touch::Cloud => self.cloud.clone_from(&within.cloud),
            Touch::Branch => self.branch.clone_from(&within.branch),
            Touch::Remotes => self.remotes.clone_from(&within.remotes),
        }
        true
    }

    /// What may have been changed is not known any more; `why` says where.
    pub fn without(mut self, touched: &[Touch], why: &str) -> Self {
        let open = || Some(How::Unreadable(format!("it may be switched {why}")));
        for touch in touched {
            match touch {
                Touch::Name(name) => {
                    self.opened(name, format!("${name} may be set {why}"));
                }
                Touch::All(why) => self.all = Some(why.clone()),
                Touch::Place => self.lost = Some(format!("the directory may change {why}")),
                Touch::Kube => self.kube = open(),
                Touch::Docker => self.docker = open(),
                Touch::Cloud => self.cloud = open(),
                Touch::Branch => self.branch = open(),
                Touch::Remotes => self.remotes = Some(format!("a remote may change {why}")),
            }
        }
        self
    }
}
