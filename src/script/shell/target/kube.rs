//! Which cluster, context and namespace a client of Kubernetes goes to.

use super::ground::Touch;
use super::{How, Question, Walk, in_a_shell, stated, value_of};
use crate::script::shell::calls::{Call, Word};

const KEYS: &[&str] = &["kube_context", "cluster", "namespace"];

/// Options that lead past the context.
const PAST: &[&str] = &[
    "--cluster",
    "--server",
    "-s",
    "--user",
    "--kube-apiserver",
    "--kube-token",
];

/// What a helm that names no context does not read.
const HELM: &str =
    "[ -z \"${HELM_KUBECONTEXT:-}\" ] || { echo 'HELM_KUBECONTEXT is set' >&2; exit 1; }; ";

impl Walk {
    pub(super) fn kube(&mut self, call: &Call, prefix: &[String], program: &str) {
        let rest: Vec<&str> = call.args().collect();
        if program != "helm" && rest.first() == Some(&"config") {
            return self.kube_config(call, &rest);
        }
        if program == "oc" && matches!(rest.first(), Some(&"login" | &"project" | &"logout")) {
            return self.switches("oc");
        }
        let past = call.args().find(|arg| {
            let flag = arg.split('=').next().unwrap_or_default();
            PAST.contains(&flag)
        });
        if let Some(flag) = past {
            let why = format!("{flag} leads past the context");
            return self.unreadable(KEYS, &why);
        }
        if let Err(why) = self.kube_asked(call, prefix, program) {
            self.unreadable(KEYS, &why);
        }
    }

    fn kube_asked(&mut self, call: &Call, prefix: &[String], program: &str) -> Result<(), String> {
        let flag = if program == "helm" {
            "--kube-context"
        } else {
            "--context"
        };
        let context = value_of(call, &[flag])?;
        let config = value_of(call, &["--kubeconfig"])?;
        let mut client = Question {
            checks: self.checks(call)?,
            // A path of a configuration may start from here.
            place: config.is_some(),
            ..Question::of("kubectl")
        };
        if program == "helm" && context.is_none() {
            client.checks.push_str(HELM);
        }
        if let Some(word) = &config {
            client.with(" --kubeconfig ", word)?;
        }
        match (&context, self.ground.kube.clone()) {
            (Some(word), _) => self.value("kube_context", call, word),
            (None, Some(to)) => self.add("kube_context", to),
            (None, None) => {
                let text = format!("{} config current-context", client.text);
                let question = Question {
                    text,
                    checks: client.checks.clone(),
                    ..client
                };
                self.ask("kube_context", prefix, Ok(question));
            }
        }
        let mut client = Question {
            checks: self.checks(call)?,
            ..Question::of("kubectl")
        };
        client.place = config.is_some();
        for (flag, word) in [(" --kubeconfig ", &config), (" --context ", &context)] {
            if let Some(word) = word {
                client.with(flag, word)?;
            }
        }
        if context.is_none() {
            match &self.ground.kube {
                Some(How::Stated(to)) => client.with(" --context ", &super::fixed(to))?,
                Some(How::Ask(_)) => return Err("the context is switched on the way".to_owned()),
                Some(How::Unreadable(why)) => return Err(why.clone()),
                None => {}
            }
        }
        let view = |path: &str| {
            format!(
                "{} config view --minify -o 'jsonpath={{.contexts[0].context.{path}}}'",
                client.text
            )
        };
        let as_asked = |text: String| Question {
            checks: client.checks.clone(),
            text,
            place: client.place,
        };
        self.ask("cluster", prefix, Ok(as_asked(view("cluster"))));
        // One that the command names is the plan's own word; it is compared where it is not named.
        let named = value_of(call, &["-n", "--namespace"]);
        let all = call.args().any(|w| matches!(w, "-A" | "--all-namespaces"));
        if named == Ok(None) && !all {
            let text = format!(
                "ns=$({}); printf '%s\\n' \"${{ns:-default}}\"",
                view("namespace")
            );
            let question = in_a_shell(&text, prefix).map(as_asked);
            self.ask("namespace", prefix, question);
        }
        Ok(())
    }

    fn kube_config(&mut self, call: &Call, rest: &[&str]) {
        match rest.get(1) {
            Some(&"use-context" | &"use") => {
                let to = call.words.get(3).map_or_else(
                    || How::Unreadable("the context is not named".to_owned()),
                    |word: &Word| stated(word),
                );
                self.add("kube_context", to.clone());
                self.ground.kube = Some(to);
                self.touched.push(Touch::Kube);
            }
            Some(
                &"current-context" | &"get-contexts" | &"get-clusters" | &"get-users" | &"view",
            )
            | None => {}
            Some(_) => self.switches("kubectl config"),
        }
    }

    /// The text changes the configuration of the clients in a way that is not followed.
    pub(super) fn switches(&mut self, by: &str) {
        let why = format!("{by} changes the configuration on the way");
        self.ground.kube = Some(How::Unreadable(why));
        self.touched.push(Touch::Kube);
    }

    /// `kubectx blue`
    pub(super) fn kubectx(&mut self, call: &Call) {
        match call.words.get(1) {
            Some(word) if word.text.starts_with('-') => self.switches("kubectx"),
            Some(word) => {
                let to = stated(word);
                self.add("kube_context", to.clone());
                self.ground.kube = Some(to);
                self.touched.push(Touch::Kube);
            }
            None => {}
        }
    }
}
