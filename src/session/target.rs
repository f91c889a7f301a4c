//! What the plan says it is for, held against what an action goes to: measured for the run box, and
//! given to whoever runs the attempt to be measured once more at the last moment.
//!
//! Measures read only. Which of the plan's statements bear on an action follows from its text.

use super::Session;
use super::carried::with_declared;
use crate::domain::bearing::{self, Bearing, Found};
use crate::domain::event::Intent;
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::{AttemptState, Incident};
use crate::domain::plan::{Action, ActionKind};
use crate::domain::runbox::RunBox;
use crate::exec::{self, Guard, Question, Surroundings};
use crate::script::{shell, sql};
use std::path::{Path, PathBuf};

/// What the plan is for: a key and what it says.
type Aims = Vec<(String, String)>;

impl Session {
    /// Measures what the plan says of the target, as far as it bears on the action.
    pub(super) fn take_bearings(&self, incident: &Incident, action: &Action, shown: &mut RunBox) {
        let (mut aims, mut open) = (Aims::new(), Vec::new());
        for aim in &incident.plan.aims {
            let filled = self.fill_command(incident, &aim.value);
            open.extend(
                filled
                    .missing
                    .into_iter()
                    .map(|name| (aim.key.clone(), name)),
            );
            aims.push((aim.key.clone(), filled.text.trim().to_owned()));
        }
        let state = shown.state_from.filter(|_| shown.there.is_none());
        let state = state.map(|id| self.hands.shell_state(id));
        let text = carried_text(
            action,
            &shown.code,
            shown.there.as_deref(),
            state.as_deref(),
        );
        let sent = (text.as_str(), shown.there.as_deref());
        let guards = guards(incident, action, &shown.action, sent, &aims);
        shown.remarks = remarks(action, sent, &aims);
        if guards.is_empty() {
            return;
        }
        for (key, name) in open {
            if guards.iter().any(|g| g.key == key) && !shown.missing.contains(&name) {
                shown.missing.push(name);
            }
        }
        let there = shown.there.is_some();
        let mut env = self.hands.environment(incident, there);
        env.extend(self.hands.secret_environment(incident, &shown.code));
        let at = Surroundings {
            cwd: if there {
                (&incident.start_dir).into()
            } else {
                (&shown.cwd).into()
            },
            env,
            state_in: shown
                .state_from
                .filter(|_| !there)
                .map(|id| self.hands.shell_state(id)),
        };
        shown.bearings = exec::measure(&guards, &at);
        for bearing in &mut shown.bearings {
            // What could not be measured on the spot before is for a person to say now.
            if bearing.found == Found::There
                && let Some(why) = doubted(incident, &shown.action, bearing)
            {
                bearing.found = Found::Unknown(why);
            }
            shown.problems.extend(bearing.refusal());
        }
    }
}

/// Why the last attempt could not measure it where it went.
fn doubted(incident: &Incident, at: &ActionRef, bearing: &Bearing) -> Option<String> {
    let last = incident.attempts_at(at).last()?;
    let AttemptState::NeverRan(why) = &last.state else {
        return None;
    };
    let open = Bearing {
        found: Found::Unknown(String::new()),
        ..bearing.clone()
    };
    let (_, rest) = why.split_once(&open.doubt()?)?;
    Some(rest.split(';').next().unwrap_or(rest).trim().to_owned())
}

/// What has to be so when an attempt is sent, as it was confirmed.
pub(super) fn guards_of(
    incident: &Incident,
    intent: &Intent,
    state: impl Fn(AttemptId) -> PathBuf,
) -> Vec<Guard> {
    let found = crate::domain::flight::find_action(&incident.plan, &intent.action);
    let Some((_, action)) = found else {
        return Vec::new();
    };
    let mut aims = Aims::new();
    for bearing in &intent.bearings {
        let aim = (bearing.key.clone(), bearing.expected.clone());
        if !aims.contains(&aim) {
            aims.push(aim);
        }
    }
    let there = intent.there.as_deref();
    let state = intent.state_from.filter(|_| there.is_none()).map(state);
    let text = carried_text(action, &intent.code, there, state.as_deref());
    let mut guards = guards(incident, action, &intent.action, (&text, there), &aims);
    for (guard, shown) in guards.iter_mut().zip(&intent.bearings) {
        let same = guard.key == shown.key && guard.expected == shown.expected;
        guard.unknown_ok = same && matches!(shown.found, Found::Unknown(_));
    }
    guards
}

/// The text with the functions that it calls and that an action before it has left: where those go
/// is not followed, and has to be said.
fn carried_text(action: &Action, code: &str, there: Option<&str>, state: Option<&Path>) -> String {
    let shell = action.kind == ActionKind::Shell && action.interpreter.is_none();
    match state.filter(|_| shell && there.is_none()) {
        Some(path) => with_declared(&exec::carried_functions(path), &[], code),
        None => code.to_owned(),
    }
}

/// What is to be known of the measures of an action, and of what nobody can measure.
fn remarks(action: &Action, (code, there): (&str, Option<&str>), aims: &Aims) -> Vec<String> {
    let shell = action.kind == ActionKind::Shell && action.interpreter.is_none();
    if !shell || there.is_some() {
        return Vec::new();
    }
    let keys: Vec<&str> = aims.iter().map(|(key, _)| key.as_str()).collect();
    let all = shell::remarks(code, &keys).into_iter();
    let first = aims
        .iter()
        .find(|(key, _)| !matches!(key.as_str(), "host" | "user" | "machine"));
    all.map(|text| match first {
        Some((key, expected)) if text.starts_with("what ") => {
            format!("{} {expected}: {text}", bearing::name(key))
        }
        Some(_) | None => text,
    })
    .collect()
}

/// What bears on an action, and how it is measured.
fn guards(
    incident: &Incident,
    action: &Action,
    at: &ActionRef,
    (code, there): (&str, Option<&str>),
    aims: &Aims,
) -> Vec<Guard> {
    let mut guards = Vec::new();
    for (key, expected) in aims {
        let sent = (code, there);
        let questions = questions(incident, action, at, sent, (key, expected));
        guards.extend(questions.into_iter().map(|(how, far)| Guard {
            key: key.clone(),
            expected: expected.clone(),
            how,
            far,
            unknown_ok: false,
        }));
    }
    guards
}

/// How one key is measured of an action, and whether that is where it goes.
fn questions(
    incident: &Incident,
    action: &Action,
    at: &ActionRef,
    (code, there): (&str, Option<&str>),
    (key, expected): (&str, &str),
) -> Vec<(Question, bool)> {
    let asked = |text: &str| -> Vec<(Question, bool)> {
        let all = shell::measures(text, &[key]).into_iter();
        all.map(|m| (m.how.into(), false)).collect()
    };
    match (action.kind, there) {
        _ if key == "machine" => machine(incident, action, at, (code, there), expected),
        (ActionKind::Manual | ActionKind::Include | ActionKind::Text, _) => Vec::new(),
        (ActionKind::Sql, _) => match key {
            "user" => asked(""),
            "host" => vec![(Question::Connection, false)],
            "database" | "role" | "server" if is_for(incident, action, expected) => {
                let mut all = vec![(Question::Connection, false)];
                if key == "database" {
                    all.extend(whole(code).into_iter().map(|how| (how, false)));
                }
                all
            }
            _ => Vec::new(),
        },
        (ActionKind::Http, _) => asked(""),
        (ActionKind::Shell, None) if action.interpreter.is_some() => asked(""),
        (ActionKind::Shell, None) => asked(code),
        (ActionKind::Shell, Some(line)) => {
            let whose = far(incident, at, key, expected);
            let mut all = Vec::new();
            if whose != Whose::There {
                // The way there may itself go through what the plan names.
                all = asked(line);
            }
            if whose != Whose::Here {
                let text = shell::given(line, code);
                let inside = asked(text.unwrap_or(code)).into_iter();
                all.extend(inside.map(|(how, _)| match text {
                    Some(_) => (how, true),
                    None => (Question::Unreadable(ON_A_TERMINAL.to_owned()), false),
                }));
            }
            all
        }
    }
}

/// How the machine that a line of the plan names is measured of an action: what is sent to one by a
/// person is asked there; what the plan itself takes to another place is of that place.
fn machine(
    incident: &Incident,
    action: &Action,
    at: &ActionRef,
    (code, there): (&str, Option<&str>),
    expected: &str,
) -> Vec<(Question, bool)> {
    let asked = |text: &str| -> Vec<Question> {
        let all = shell::measures(text, &["machine"]).into_iter();
        all.map(|m| m.how.into()).collect()
    };
    let here = |questions: Vec<Question>| questions.into_iter().map(|q| (q, false)).collect();
    if action.kind != ActionKind::Shell {
        return Vec::new();
    }
    let Some(line) = there else {
        let read = action.interpreter.is_none();
        return here(asked(if read { code } else { "" }));
    };
    let place = incident.meant_for(at);
    let Some(place) = place.filter(|p| p.line == 0 || !p.from.is_empty()) else {
        return Vec::new();
    };
    if place.line > 0 {
        // It goes on from a machine that nothing asks on the way.
        let host = place.from.rsplit('@').next().unwrap_or_default();
        let stated = Question::Unreadable("it goes on from there to another place".to_owned());
        let same = bearing::is_same("machine", expected, host);
        return if same { Vec::new() } else { here(vec![stated]) };
    }
    match place.name.split_once(' ').map(|(word, _)| word) {
        // A pod runs on a machine that the cluster has chosen.
        Some("pod") => Vec::new(),
        Some("container" | "user") => here(asked("")),
        _ => match shell::given(line, code) {
            Some(text) => asked(text).into_iter().map(|q| (q, true)).collect(),
            None => here(vec![Question::Unreadable(ON_A_TERMINAL.to_owned())]),
        },
    }
}

/// The databases that SQL drops, creates or alters, whatever it is connected to.
fn whole(code: &str) -> Vec<Question> {
    let named = |one| match one {
        sql::Whole::Named(name) => Question::Stated(name),
        sql::Whole::Open => {
            let why = "which database it works on is not plainly named";
            Question::Unreadable(why.to_owned())
        }
    };
    let all = sql::whole_databases(code).into_iter();
    all.map(named).collect()
}

const ON_A_TERMINAL: &str = "it runs on a terminal there, which cannot be asked first";

/// Where a key is measured of what runs elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Here,
    There,
    Both,
}

fn far(incident: &Incident, at: &ActionRef, key: &str, expected: &str) -> Whose {
    let place = incident.meant_for(at).map_or_else(String::new, |p| p.name);
    let inside = ["container", "pod", "user"];
    let is_inside = inside.iter().any(|w| place.starts_with(&format!("{w} ")));
    match key {
        // The name of a container is its own; and where the plan itself goes on to another
        // machine, what it says it is for is this one.
        "host" if is_inside => Whose::Here,
        "host" => {
            let host = place.rsplit('@').next().unwrap_or_default();
            if bearing::is_same("host", expected, host) {
                Whose::There
            } else {
                Whose::Here
            }
        }
        "user" => Whose::Here,
        _ => Whose::Both,
    }
}

/// Whether what the plan says of its database speaks of the connection of an action: with several
/// connections it does of that with its name alone.
fn is_for(incident: &Incident, action: &Action, expected: &str) -> bool {
    let several = incident.plan.connections.len() > 1;
    let named = action.connection.as_deref();
    !several || named.is_none_or(|name| expected.split(',').any(|e| e.trim() == name))
}
