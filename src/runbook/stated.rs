//! What the front matter states, put into the plan.
//!
//! It beats what was inferred. A key that is not known and a value of the wrong shape are reported
//! at their own line and column, and have no effect; nothing is guessed.

use super::front::Front;
use super::reading::Reading;
use super::words::slug;
use super::{time, told};
use crate::domain::ids::{ActionId, ParameterName, ProcedureId, SeverityId, StepId, TriggerId};
use crate::domain::plan::{
    ActionKind, Aim, ApprovalRule, Channel, Connection, Danger, Fact, Level, Parameter,
    ParameterKind, Phase, Probe, Procedure, SecretSource, Severity, Span, Step, Trigger,
};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The keys below `backout:`, each with the keys of its entries; none where names are free.
pub const KEYS: &[(&str, &[&str])] = &[
    ("title", &[]),
    ("service", &[]),
    ("environment", &[]),
    ("targets", AIMS),
    ("connections", &["url", "service"]),
    ("commit-within", &[]),
    (
        "parameters",
        &[
            "default", "help", "pattern", "type", "min", "max", "choices", "secret", "env", "from",
        ],
    ),
    ("probes", &["http", "run", "expect", "every"]),
    (
        "severities",
        &[
            "name", "within", "response", "approver", "notify", "triggers",
        ],
    ),
    ("deadlines", &[]),
    ("messages", &["channel", "every"]),
    ("tested", &[]),
    ("untested", &[]),
];

const AIMS: &[&str] = &[
    "host",
    "user",
    "database",
    "role",
    "cluster",
    "namespace",
    "git_remote",
    "git_branch",
    "kube_context",
    "docker_context",
    "server",
    "aws_profile",
    "gcp_project",
];

fn below(key: &str) -> &'static [&'static str] {
    KEYS.iter().find(|(k, _)| *k == key).map_or(&[], |(_, v)| v)
}

/// Where a value is: the keys that lead to it.
type Path<'a> = &'a [&'a str];

struct Stated<'r, 'd, 'f> {
    reading: &'r mut Reading<'d>,
    front: &'f Front,
}

/// The parameters that the front matter speaks of: what is explained there names something.
pub fn names(front: &Front) -> HashSet<String> {
    let ours = front.values.get("backout");
    let Some(Value::Object(map)) = ours.and_then(|v| v.get("parameters")) else {
        return HashSet::new();
    };
    map.keys()
        .map(|k| crate::script::blanks::normalise(k))
        .collect()
}

/// Puts into the plan what can be run or asked for; before parameters are looked for.
pub fn early(reading: &mut Reading<'_>, front: &Front) {
    let Some(Value::Object(map)) = front.values.get("backout") else {
        return;
    };
    if let Some(value) = map.get("probes") {
        Stated { reading, front }.probes(value);
    }
}

/// Puts into the plan what the front matter says; it beats what was inferred.
pub fn apply(reading: &mut Reading<'_>, front: &Front) {
    if let Some((line, column, problem)) = &front.problem {
        reading.note_at(
            (*line, *column),
            Level::Warning,
            "front-matter",
            format!("the front matter cannot be read: {problem}"),
            "mend it or take it out",
        );
    }
    let mut facts = Vec::new();
    for (key, value) in &front.values {
        match key.as_str() {
            "backout" => Stated { reading, front }.ours(value),
            "title" if reading.plan.title.is_empty() => reading.plan.title = words(value),
            _ => facts.push(Fact {
                key: key.clone(),
                value: words(value),
                span: front.span(&[key]),
            }),
        }
    }
    facts.append(&mut reading.plan.facts);
    reading.plan.facts = facts;
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A text, a number or a flag, in words.
fn scalar(value: &Value) -> Option<String> {
    let plain = value.is_string() || value.is_number() || value.is_boolean();
    plain.then(|| words(value))
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| time::exact(value.as_str()?))
}

impl Stated<'_, '_, '_> {
    fn wrong(&mut self, path: Path<'_>, wanted: &str) {
        let name = path.last().copied().unwrap_or_default();
        let message = format!("{name} wants {wanted}");
        let help = "it has no effect until it is mended; see docs/annotations.md";
        let place = self.front.place(path);
        self.reading
            .note_at(place, Level::Warning, "bad-value", message, help);
    }

    fn unknown(&mut self, path: Path<'_>) {
        let name = path.last().copied().unwrap_or_default();
        let message = format!("backout does not know the key \"{name}\" in its front matter");
        let help = "see docs/annotations.md for those that it knows";
        let place = self.front.place(path);
        self.reading
            .note_at(place, Level::Warning, "unknown-key", message, help);
    }

    /// The entries of a map; reported where there is none.
    fn map<'v>(&mut self, value: &'v Value, path: Path<'_>) -> Option<&'v Map<String, Value>> {
        let map = value.as_object();
        if map.is_none() {
            self.wrong(path, "keys with values");
        }
        map
    }

    /// The settings of an entry, of which unknown ones are reported.
    fn settings<'v>(&mut self, value: &'v Value, path: Path<'_>) -> Option<&'v Map<String, Value>> {
        let map = self.map(value, path)?;
        let known = below(path.get(1).copied().unwrap_or_default());
        for key in map.keys().filter(|k| !known.contains(&k.as_str())) {
            self.unknown(&[path, &[key]].concat());
        }
        Some(map)
    }

    /// One setting, understood by `read`; reported where it cannot be.
    fn get<T>(
        &mut self,
        map: &Map<String, Value>,
        path: Path<'_>,
        key: &str,
        wanted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = map.get(key)?;
        let found = read(value);
        if found.is_none() {
            self.wrong(&[path, &[key]].concat(), wanted);
        }
        found
    }

    fn text(&mut self, map: &Map<String, Value>, path: Path<'_>, key: &str) -> Option<String> {
        self.get(map, path, key, "a text", scalar)
    }

    fn ours(&mut self, value: &Value) {
        let Some(map) = self.map(value, &["backout"]) else {
            return;
        };
        for (key, value) in map {
            let path = ["backout", key.as_str()];
            match key.as_str() {
                "title" => {
                    if let Some(text) = self.text(map, &["backout"], key) {
                        self.reading.plan.title = text;
                    }
                }
                "environment" => {
                    let text = self.text(map, &["backout"], key);
                    self.reading.plan.environment = text;
                }
                "service" => {
                    let text = self.text(map, &["backout"], key);
                    self.reading.plan.service = text;
                }
                "targets" => self.aims(value, &path),
                "connections" => self.connections(value, &path),
                "commit-within" => {
                    let read = |v: &Value| told::wait(&scalar(v)?);
                    let found = self.get(map, &["backout"], key, told::WAIT, read);
                    self.reading.plan.commit_within_s = found;
                }
                "parameters" => self.parameters(value, &path),
                "probes" => {}
                "severities" => self.severities(value, &path),
                "deadlines" => self.deadlines(value, &path),
                "messages" => self.messages(value, &path),
                "tested" | "untested" => {
                    let fact = self.text(map, &["backout"], key);
                    if let Some(value) = fact {
                        let span = self.front.span(&path);
                        let key = key.clone();
                        self.reading.plan.facts.push(Fact { key, value, span });
                    }
                }
                _ => self.unknown(&path),
            }
        }
    }

    fn aims(&mut self, value: &Value, path: Path<'_>) {
        let Some(map) = self.settings(value, path) else {
            return;
        };
        for key in map.keys().filter(|k| AIMS.contains(&k.as_str())) {
            if let Some(value) = self.text(map, path, key) {
                let span = self.front.span(&[path, &[key]].concat());
                let key = key.clone();
                self.reading.plan.aims.push(Aim { key, value, span });
            }
        }
    }

    fn connections(&mut self, value: &Value, path: Path<'_>) {
        let Some(map) = self.map(value, path) else {
            return;
        };
        for (name, value) in map {
            let path = [path, &[name]].concat();
            let Some(settings) = self.settings(value, &path) else {
                continue;
            };
            let url = self.text(settings, &path, "url");
            let service = self.text(settings, &path, "service");
            if url.is_some() == service.is_some() {
                self.wrong(&path, "a url or a service, one of them");
                continue;
            }
            self.reading.plan.connections.push(Connection {
                name: name.clone(),
                url,
                service,
                span: self.front.span(&path),
            });
        }
    }

    fn parameters(&mut self, value: &Value, path: Path<'_>) {
        let Some(map) = self.map(value, path) else {
            return;
        };
        for (name, value) in map {
            let path = [path, &[name]].concat();
            let Some(settings) = self.settings(value, &path) else {
                continue;
            };
            let normal = crate::script::blanks::normalise(name);
            let all = &mut self.reading.plan.parameters;
            let known = all
                .iter()
                .position(|p| p.name.as_str() == name || p.name.as_str() == normal);
            let mut parameter = match known {
                Some(at) => all.remove(at),
                None => Parameter {
                    name: ParameterName::new(normal),
                    ..Parameter::default()
                },
            };
            self.parameter(&mut parameter, settings, &path);
            let all = &mut self.reading.plan.parameters;
            all.insert(known.unwrap_or(all.len()), parameter);
        }
    }

    fn parameter(&mut self, p: &mut Parameter, map: &Map<String, Value>, path: Path<'_>) {
        let flag = "true or false";
        p.default = self.text(map, path, "default").or(p.default.take());
        p.help = self
            .text(map, path, "help")
            .unwrap_or_else(|| std::mem::take(&mut p.help));
        let pattern = |v: &Value| {
            let text = v.as_str()?;
            regex::Regex::new(text).ok().map(|_| text.to_owned())
        };
        let found = self.get(map, path, "pattern", "a regular expression", pattern);
        p.pattern = found.or(p.pattern.take());
        let kinds = "text, integer, number, duration, url, path, date or choice";
        p.kind = self.get(map, path, "type", kinds, kind).unwrap_or(p.kind);
        p.min = self.text(map, path, "min").or(p.min.take());
        p.max = self.text(map, path, "max").or(p.max.take());
        let list = |v: &Value| v.as_array()?.iter().map(scalar).collect::<Option<Vec<_>>>();
        p.choices = self
            .get(map, path, "choices", "a list of values", list)
            .unwrap_or_else(|| std::mem::take(&mut p.choices));
        self.secret(p, map, path);
        let env = self.get(map, path, "env", flag, Value::as_bool);
        p.environment = env.unwrap_or(p.environment);
        p.pick_from = self.text(map, path, "from").or(p.pick_from.take());
        if p.kind == ParameterKind::Choice && p.choices.is_empty() && p.pick_from.is_none() {
            self.wrong(&[path, &["type"]].concat(), "choices to choose from");
        }
        if let Some(default) = p.default.clone()
            && let Some(why) = crate::domain::parameter::misfit(p, &default)
        {
            let place = self.front.place(&[path, &["default"]].concat());
            let message = format!("the default of {} {why}", p.name);
            let help = "give a default that the parameter allows";
            self.reading
                .note_at(place, Level::Warning, "bad-value", message, help);
        }
    }

    /// `true` or `false`, or where its value is.
    fn secret(&mut self, p: &mut Parameter, map: &Map<String, Value>, path: Path<'_>) {
        let wanted = "true, false, or one of env, file and command";
        match map.get("secret") {
            None => {}
            Some(Value::Bool(flag)) => p.secret = *flag,
            Some(value) => match secret_source(value) {
                Some(source) => (p.secret, p.secret_from) = (true, Some(source)),
                None => {
                    // What was meant to be a secret is one, whatever else is wrong with it.
                    p.secret = true;
                    self.wrong(&[path, &["secret"]].concat(), wanted);
                }
            },
        }
    }

    fn severities(&mut self, value: &Value, path: Path<'_>) {
        let named: Vec<(String, &Value)> = match value {
            Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
            Value::Array(list) => list
                .iter()
                .filter_map(|v| Some((words(v.get("name")?), v)))
                .collect(),
            _ => {
                self.wrong(path, "levels with what is to be done");
                return;
            }
        };
        for (name, value) in named {
            let path = [path, &[name.as_str()]].concat();
            // The short form: a level and its time.
            if !value.is_object() {
                self.deadline(&name, value, &path);
                continue;
            }
            let Some(settings) = self.settings(value, &path) else {
                continue;
            };
            self.severity(&name, settings, &path);
        }
    }

    /// The number of the level with that name, made if there is none.
    fn level(&mut self, name: &str, path: Path<'_>) -> usize {
        let all = &self.reading.plan.severities;
        if let Some(at) = all.iter().position(|s| s.name.eq_ignore_ascii_case(name)) {
            return at;
        }
        let id = SeverityId::new(self.reading.id(&format!("severity/{}", slug(name))));
        self.reading.plan.severities.push(Severity {
            id,
            name: name.to_owned(),
            response: String::new(),
            within_s: None,
            triggers: Vec::new(),
            span: self.front.span(path),
        });
        self.reading.plan.severities.len() - 1
    }

    fn deadlines(&mut self, value: &Value, path: Path<'_>) {
        let Some(map) = self.map(value, path) else {
            return;
        };
        for (name, value) in map {
            self.deadline(name, value, &[path, &[name]].concat());
        }
    }

    fn deadline(&mut self, name: &str, value: &Value, path: Path<'_>) {
        let Some(within) = seconds(value) else {
            return self.wrong(path, "a time such as 15m");
        };
        let at = self.level(name, path);
        if let Some(severity) = self.reading.plan.severities.get_mut(at) {
            severity.within_s = Some(within);
        }
    }

    fn severity(&mut self, name: &str, map: &Map<String, Value>, path: Path<'_>) {
        let at = self.level(name, path);
        let within = self.get(map, path, "within", "a time such as 15m", seconds);
        let response = self.text(map, path, "response");
        let who = self.text(map, path, "approver");
        let notify = self.text(map, path, "notify");
        let list = |v: &Value| v.as_array()?.iter().map(scalar).collect::<Option<Vec<_>>>();
        let triggers = self.get(map, path, "triggers", "a list of texts", list);
        let span = self.front.span(path);
        let mut made = Vec::new();
        for text in triggers.unwrap_or_default() {
            let id = self
                .reading
                .id(&format!("severity/{}/{}", slug(name), slug(&text)));
            let id = TriggerId::new(id);
            made.push(Trigger { id, text, span });
        }
        if let Some(severity) = self.reading.plan.severities.get_mut(at) {
            severity.within_s = within.or(severity.within_s);
            severity.response = response.unwrap_or_else(|| std::mem::take(&mut severity.response));
            severity.triggers.extend(made);
        }
        if who.is_some() || notify.is_some() {
            let all = &mut self.reading.plan.approvals;
            // What the plan says elsewhere of the same level is beaten, where this says it.
            let known = all.iter().position(|a| a.when.eq_ignore_ascii_case(name));
            let mut rule = known.map(|at| all.remove(at)).unwrap_or(ApprovalRule {
                when: name.to_owned(),
                who: String::new(),
                notify: String::new(),
                respond_within_s: None,
                respond: String::new(),
                span,
            });
            rule.who = who.unwrap_or(rule.who);
            rule.notify = notify.unwrap_or(rule.notify);
            all.insert(known.unwrap_or(all.len()), rule);
        }
    }

    fn messages(&mut self, value: &Value, path: Path<'_>) {
        let Some(map) = self.map(value, path) else {
            return;
        };
        for (name, value) in map {
            let path = [path, &[name]].concat();
            let Some(settings) = self.settings(value, &path) else {
                continue;
            };
            let channel = self.text(settings, &path, "channel").unwrap_or_default();
            let every_s = self.get(settings, &path, "every", "a time such as 15m", seconds);
            for template in &mut self.reading.plan.templates {
                if template.title.to_lowercase().contains(&name.to_lowercase()) {
                    template.every_s = every_s.or(template.every_s);
                }
            }
            self.reading.plan.channels.push(Channel {
                name: name.clone(),
                channel,
                every_s,
                span: self.front.span(&path),
            });
        }
    }

    fn probes(&mut self, value: &Value) {
        let path = ["backout", "probes"];
        let Some(map) = self.map(value, &path) else {
            return;
        };
        for (name, value) in map {
            let path = [path.as_slice(), &[name]].concat();
            let Some(settings) = self.settings(value, &path) else {
                continue;
            };
            let http = self.text(settings, &path, "http");
            let run = self.text(settings, &path, "run");
            let (kind, code) = match (http, run) {
                (Some(http), None) if http.contains(' ') => (ActionKind::Http, http),
                (Some(http), None) => (ActionKind::Http, format!("GET {http}")),
                (None, Some(run)) => (ActionKind::Shell, run),
                _ => {
                    self.wrong(&path, "http or run, one of them");
                    continue;
                }
            };
            let shown = |v: &Value| told::shown(&scalar(v)?, &code);
            let wanted = "words of the output, or /a pattern/";
            let expect = self.get(settings, &path, "expect", wanted, shown);
            let every_s = self.get(settings, &path, "every", "a time such as 30s", seconds);
            self.reading.plan.probes.push(Probe {
                name: name.clone(),
                kind,
                code,
                expect,
                every_s,
                span: self.front.span(&path),
            });
        }
        self.as_procedure();
    }

    /// Probes can be run on purpose: beside the path, a step for each.
    fn as_procedure(&mut self) {
        let probes = self.reading.plan.probes.clone();
        let (Some(first), Some(last)) = (probes.first(), probes.last()) else {
            return;
        };
        let span = Span {
            first: first.span.first,
            last: last.span.last,
        };
        let steps = probes.iter().map(|p| self.step(p)).collect();
        let id = ProcedureId::new(self.reading.id("probes"));
        self.reading.plan.procedures.push(Procedure {
            id,
            title: "Probes".to_owned(),
            parent: None,
            choice: None,
            off_path: true,
            conditional: false,
            phase: Phase::Verify,
            use_when: String::new(),
            text: String::new(),
            estimate: None,
            steps,
            span,
        });
    }

    fn step(&mut self, probe: &Probe) -> Step {
        let id = self.reading.id(&format!("probes/{}", slug(&probe.name)));
        let lang = if probe.kind == ActionKind::Http {
            "http"
        } else {
            "bash"
        };
        let mut action =
            super::actions::blank(probe.kind, &probe.name, &probe.code, lang, probe.span);
        action.id = ActionId::new(self.reading.id(&format!("{id}/sense")));
        action.expect = probe.expect.iter().cloned().collect();
        action.sense = true;
        (action.danger, action.danger_why) = (Danger::None, String::new());
        Step {
            id: StepId::new(id),
            title: probe.name.clone(),
            estimate: None,
            text: String::new(),
            point_of_no_return: false,
            actions: vec![action],
            choice: None,
            branch: None,
            span: probe.span,
        }
    }
}

fn secret_source(value: &Value) -> Option<SecretSource> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let (kind, value) = map.iter().next()?;
    SecretSource::of(kind, value.as_str().filter(|t| !t.trim().is_empty())?)
}

fn kind(value: &Value) -> Option<ParameterKind> {
    Some(match value.as_str()? {
        "text" => ParameterKind::Text,
        "integer" => ParameterKind::Integer,
        "number" => ParameterKind::Number,
        "duration" => ParameterKind::Duration,
        "url" => ParameterKind::Url,
        "path" => ParameterKind::Path,
        "date" => ParameterKind::Date,
        "choice" => ParameterKind::Choice,
        _ => return None,
    })
}
