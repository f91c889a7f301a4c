//! Which repository and branch, which docker, and which account of a cloud a command goes to.

use super::ground::Touch;
use super::{How, Question, Walk, in_a_shell, stated, value_of};
use crate::script::shell::calls::{Call, Word};

const GIT: &[&str] = &["git_remote", "git_branch"];

impl Walk {
    pub(super) fn git(&mut self, call: &Call, prefix: &[String]) {
        if let Err(why) = self.git_asked(call, prefix) {
            self.unreadable(GIT, &why);
        }
    }

    fn git_asked(&mut self, call: &Call, prefix: &[String]) -> Result<(), String> {
        let mut git = Question {
            place: true,
            ..Question::of("git")
        };
        let mut at = 1;
        while let Some(word) = call.words.get(at) {
            let text = word.text.as_str();
            match text {
                "-C" | "--git-dir" | "--work-tree" | "-c" => {
                    let value = call.words.get(at + 1).ok_or("it names no place")?;
                    git.with(&format!(" {text} "), value)?;
                    at += 2;
                }
                _ if text.starts_with("--git-dir=") || text.starts_with("--work-tree=") => {
                    git.with(" ", word)?;
                    at += 1;
                }
                "--no-pager" | "-p" | "--paginate" | "-P" | "--no-replace-objects" => at += 1,
                _ if text.starts_with('-') => {
                    return Err(format!("git {text} may lead elsewhere"));
                }
                _ => break,
            }
        }
        let Some(verb) = call.words.get(at) else {
            return Ok(());
        };
        if !verb.fixed {
            return Err(format!("what git {} does is not known", verb.text));
        }
        let rest = call.words.get(at + 1..).unwrap_or_default();
        let first = rest.first().map(|w| w.text.as_str()).unwrap_or_default();
        let verb = verb.text.as_str();
        match verb {
            "clone" | "init" | "version" | "help" => return Ok(()),
            "config" => {
                let looks = rest
                    .iter()
                    .any(|w| w.text.starts_with("--get") || w.text == "-l")
                    || matches!(first, "get" | "list" | "--list")
                    || rest.iter().filter(|w| !w.text.starts_with('-')).count() < 2;
                if !looks {
                    self.moves_remotes("git config");
                }
                return Ok(());
            }
            "remote" => {
                if !matches!(first, "" | "-v" | "show" | "get-url" | "update" | "prune") {
                    self.moves_remotes(&format!("git remote {first}"));
                }
                return Ok(());
            }
            _ => {}
        }
        let operands: Vec<&Word> = rest.iter().filter(|w| !w.text.starts_with('-')).collect();
        let reaches = matches!(verb, "push" | "pull" | "fetch" | "ls-remote");
        if reaches
            && rest.iter().any(|w| {
                matches!(w.text.as_str(), "--all" | "--multiple" | "--repo")
                    || w.text.starts_with("--repo=")
            })
            && verb != "push"
            || rest.iter().any(|w| w.text.starts_with("--repo"))
        {
            return Err(format!("git {verb} goes to more than one remote like this"));
        }
        self.remote(
            &git,
            operands.first().copied().filter(|_| reaches),
            verb,
            prefix,
        );
        self.branch(&git, rest, &operands, verb, prefix);
        Ok(())
    }

    fn moves_remotes(&mut self, by: &str) {
        self.ground.remotes = Some(format!("{by} changes it on the way"));
        self.touched.push(Touch::Remotes);
    }

    fn remote(&mut self, git: &Question, named: Option<&Word>, verb: &str, prefix: &[String]) {
        if let Some(why) = self.ground.remotes.clone() {
            return self.unreadable(&["git_remote"], &why);
        }
        match named {
            Some(word) if word.fixed && word.text.contains([':', '/']) => {
                self.add("git_remote", How::Stated(word.text.clone()));
            }
            named => {
                let push = if verb == "push" { "--push " } else { "" };
                let mut question = Question {
                    checks: git.checks.clone(),
                    text: format!("{} remote get-url {push}", git.text),
                    place: true,
                };
                let origin = super::fixed("origin");
                let put = question.with("", named.unwrap_or(&origin));
                let question = put.map(|()| question);
                self.ask("git_remote", prefix, question);
            }
        }
    }

    fn branch(
        &mut self,
        git: &Question,
        rest: &[Word],
        operands: &[&Word],
        verb: &str,
        prefix: &[String],
    ) {
        match verb {
            "checkout" | "switch" => {
                let paths = rest.iter().any(|w| w.text == "--") || operands.len() != 1;
                let to = operands.first().filter(|_| !paths).map(|w| stated(w));
                let open = || How::Unreadable("the branch changes on the way".to_owned());
                self.ground.branch = Some(to.unwrap_or_else(open));
                self.touched.push(Touch::Branch);
            }
            "push" | "commit" | "merge" | "revert" | "reset" | "rebase" | "cherry-pick"
            | "pull" => match self.ground.branch.clone() {
                Some(how) => self.add("git_branch", how),
                None => {
                    let question = Question {
                        checks: git.checks.clone(),
                        text: format!("{} symbolic-ref --short -q HEAD", git.text),
                        place: true,
                    };
                    self.ask("git_branch", prefix, Ok(question));
                }
            },
            _ => {}
        }
    }

    pub(super) fn docker(&mut self, call: &Call, prefix: &[String]) {
        const KEY: &[&str] = &["docker_context"];
        let args: Vec<&str> = call.args().collect();
        if args.starts_with(&["context", "use"]) {
            let to = call.words.get(3).map(stated);
            if let Some(to) = to.clone() {
                self.add("docker_context", to);
            }
            self.ground.docker = to;
            return self.touched.push(Touch::Docker);
        }
        let first = args.first().copied().unwrap_or_default();
        if first.starts_with("-H") || first.starts_with("--host") {
            return self.unreadable(KEY, "the command names a host of its own");
        }
        if first == "-c" || first.starts_with("--context") {
            return match value_of(call, &["-c", "--context"]) {
                Ok(Some(word)) => self.value("docker_context", call, &word),
                Ok(None) | Err(_) => self.unreadable(KEY, "the context is named in parts"),
            };
        }
        if let Some(to) = self.ground.docker.clone() {
            return self.add("docker_context", to);
        }
        let text = "if [ -n \"${DOCKER_HOST:-}\" ]; then printf '%s\\n' \"$DOCKER_HOST\"; else docker context show; fi";
        let question = in_a_shell(text, prefix).and_then(|text| {
            let mut question = Question::of(text);
            question.checks = self.checks(call)?;
            Ok(question)
        });
        self.ask("docker_context", prefix, question);
    }

    pub(super) fn aws(&mut self, call: &Call, prefix: &[String]) {
        let args: Vec<&str> = call.args().collect();
        if args.starts_with(&["eks", "update-kubeconfig"]) {
            self.switches("aws eks update-kubeconfig");
        }
        let default = "printf '%s\\n' \"${AWS_PROFILE:-${AWS_DEFAULT_PROFILE:-default}}\"";
        self.flagged("aws_profile", call, &["--profile"], prefix, default);
    }

    pub(super) fn cloud(&mut self, call: &Call, prefix: &[String]) {
        let args: Vec<&str> = call.args().collect();
        if args.starts_with(&["container", "clusters", "get-credentials"]) {
            self.switches("gcloud container clusters get-credentials");
        }
        let switches = args.starts_with(&["config", "set"])
            || args.starts_with(&["config", "configurations"])
            || args.starts_with(&["config", "unset"]);
        if switches {
            let to = match (args.get(2), call.words.get(4)) {
                (Some(&"project"), Some(word)) => stated(word),
                _ => How::Unreadable("gcloud config changes it on the way".to_owned()),
            };
            self.add("gcp_project", to.clone());
            self.ground.cloud = Some(to);
            return self.touched.push(Touch::Cloud);
        }
        let default = "printf '%s\\n' \"${CLOUDSDK_CORE_PROJECT:-$(gcloud config get-value project 2>/dev/null)}\"";
        match self.ground.cloud.clone() {
            Some(to) if value_of(call, &["--project"]) == Ok(None) => self.add("gcp_project", to),
            _ => self.flagged("gcp_project", call, &["--project"], prefix, default),
        }
    }
}
