//! Making the run box: everything that is shown, and confirmed, before an action runs.
//!
//! Reads the state and looks at the machine; changes nothing and runs nothing. What it makes is
//! carried by the start itself, so that what runs is what was shown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::carried::{left_nothing, state_from};
use super::own_text::of_program;
use super::there::HOME;
use super::{Session, machine};
use crate::domain::elsewhere::Whereabouts;
use crate::domain::event::ParameterValue;
use crate::domain::flight;
use crate::domain::ids::{ActionRef, AttemptId, ParameterName};
use crate::domain::incident::Incident;
use crate::domain::plan::{Action, ActionKind, Danger, ExpectRule, Expectation, Parameter, Plan};
use crate::domain::runbox::RunBox;
use crate::journal::chain::hex;
use crate::script::secret_names::is_secret_name;
use crate::script::{self, blanks, hidden};
use sha2::{Digest as _, Sha256};

/// What a masked value looks like.
const MASK: &str = "••••••";

impl Session {
    /// The run box of the action at a place, with the plan's text or the operator's own in its
    /// stead. None where the plan has no such action.
    #[must_use]
    pub fn prepare(&self, at: &ActionRef, edited: Option<&str>) -> Option<RunBox> {
        let incident = self.incident();
        let (_, action) = flight::find_action(&incident.plan, at)?;
        let place = incident.meant_for(at);
        let place = place.as_ref();
        let there = incident.whereabouts(at) == Some(Whereabouts::There);
        let own = edited.filter(|text| !self.is_the_plans(&incident, action, text, there));
        let source = own.unwrap_or(&action.code);
        let edited = own.is_some();
        // The operator's own text may have other blanks, in another order.
        let places = if edited {
            Vec::new()
        } else {
            places(&incident.plan, action)
        };
        let filling = self.fill(&incident, action, source, &places, there);
        let scope = incident.scope_of(at);
        let state_from = state_from(&incident, at, &scope, there);
        let judged = judge_danger(action, &filling.text, edited);
        let host = machine::person();
        let mut shown = RunBox {
            action: at.clone(),
            title: action.label(),
            kind: action.kind,
            sha256: hex(&Sha256::digest(filling.text.as_bytes())),
            cwd: start_dir(&incident, action, state_from, there),
            host: format!("{}@{}", host.name, host.host),
            environment: incident.environment.clone().unwrap_or_default(),
            danger: judged.0,
            danger_why: judged.1,
            parameters: filling.used,
            missing: filling.missing,
            problems: filling.problems,
            notes: Vec::new(),
            bearings: Vec::new(),
            remarks: Vec::new(),
            sources: Vec::new(),
            gates: incident.gates_before(at),
            runs_before: incident.runs_of(at),
            word: None,
            monitor: action.monitor,
            names: filling.made,
            interactive: action.interactive && !filling.fed,
            edited,
            wording: own.map(|own| self.in_the_plans_words(&incident, action, own, there)),
            scope,
            state_from,
            meant: None,
            there: None,
            terms: None,
            again_s: None,
            database: None,
            revision: incident.run_revision,
            code: filling.text,
        };
        if edited {
            shown
                .problems
                .extend(self.spelled_out(&incident, action, &shown.code, there));
        }
        self.judge_carried(&incident, action, there, &mut shown);
        shown
            .problems
            .extend(self.handed_on(&incident, action, &shown));
        shown.meant = place.map(|p| self.meant(&incident, p, action, &shown));
        match place.filter(|_| there) {
            Some(place) => self.send_there(&incident, place, action, &filling.needs, &mut shown),
            None => {
                self.take_carried(&incident, &mut shown);
                shown.notes = self.preflight(&incident, &shown);
            }
        }
        // What is not filled in is not read as it will be.
        if !filling.refused {
            shown.problems.extend(self.unreadable(action, &shown));
        }
        shown.notes.extend(filling.notes);
        if place.is_none() && !incident.sent_places().is_empty() && action.kind != ActionKind::Shell
        {
            let text = "SQL and HTTP are asked from here, also where the commands run elsewhere";
            shown.notes.push(text.to_owned());
        }
        shown.notes.extend(left_nothing(&incident, &shown, there));
        shown.notes.extend(self.left_behind(&incident, &shown));
        let reused = incident.reused(at, action, shown.danger, &[]);
        shown.notes.extend(reused.into_iter().map(|r| {
            let (name, value, from) = (r.name, r.value, r.from);
            format!("{name} = {value} was given for “{from}”; is it the same here?")
        }));
        shown.notes.extend(status_note(action, &shown.code));
        shown.notes.extend(super::halting::note(&shown.code));
        shown.notes.extend(super::logout::risk());
        self.sql(&incident, action, &mut shown);
        match connection_note(&incident.plan, action) {
            Some(Ok(note)) => shown.notes.push(note),
            Some(Err(problem)) => shown.problems.push(problem),
            None => {}
        }
        self.take_bearings(&incident, action, &mut shown);
        self.look_at_sources(&incident, &mut shown);
        for check in incident.stale_checks(&shown, machine::now().wall) {
            shown.notes.push(check.words);
            shown.gates.push(check.gate);
        }
        super::probes::offer(&incident, action, &mut shown);
        shown.word = incident.word_before(&shown);
        Some(shown)
    }

    /// Whether a text that was offered for a change came back as it was: the plan's own, blanks
    /// filled or not.
    fn is_the_plans(&self, incident: &Incident, action: &Action, text: &str, there: bool) -> bool {
        let same = |own: &str| own.trim_end() == text.trim_end();
        let filled = || {
            let places = places(&incident.plan, action);
            let filling = self.fill(incident, action, &action.code, &places, there);
            filling.missing.is_empty() && same(&filling.text)
        };
        same(&action.code) || filled()
    }

    /// On which terms a block of SQL runs, and where it goes.
    fn sql(&self, incident: &Incident, action: &Action, shown: &mut RunBox) {
        shown.terms = super::transaction::terms(&incident.plan, action, &shown.code, shown.danger);
        let Some(terms) = &shown.terms else { return };
        shown.problems.extend(super::transaction::problem(terms));
        if let Some((line, text)) = script::sql::for_psql(&shown.code) {
            shown.problems.push(format!(
                "line {line}: only psql understands “{text}”; change it, or run it by psql"
            ));
        }
        let mut env = self.hands.environment(incident, false);
        env.extend(super::attempts::connection(&incident.plan, action));
        env.extend(self.hands.secrets_at_hand(incident, &shown.code));
        match crate::exec::describe_database(&env) {
            Ok(database) => shown.database = Some(database),
            Err(why) => shown.notes.push(why),
        }
    }

    /// Fills the blanks of a command of the plan that is no action.
    pub(super) fn fill_command(&self, incident: &Incident, command: &str) -> Filling {
        let mut filling = Filling {
            text: command.to_owned(),
            ..Filling::default()
        };
        self.fill_blanks(incident, command, "bash", &[], false, &mut filling);
        filling
    }

    pub(super) fn fill(
        &self,
        incident: &Incident,
        action: &Action,
        source: &str,
        places: &[String],
        there: bool,
    ) -> Filling {
        let mut filling = Filling {
            text: source.to_owned(),
            ..Filling::default()
        };
        if matches!(
            action.kind,
            ActionKind::Manual | ActionKind::Include | ActionKind::Text
        ) {
            if let Some(dialect) = script::windows::dialect(&action.lang) {
                let known = values(incident);
                let value = |name: &str| known.get(name).cloned();
                filling.text = script::windows::fill(source, dialect, value);
            }
            return filling;
        }
        for found in hidden::find(source) {
            filling.problems.push(format!(
                "a hidden character (U+{:04X}) at line {}, column {} of the command",
                u32::from(found.character),
                found.line,
                found.column
            ));
        }
        let lang = language(action);
        // Lines that are meant for a database prompt are fed to it: what is shown is what runs.
        let fed = (lang == "bash" && action.interpreter.is_none())
            .then(|| script::shell::fed(source))
            .flatten();
        let source = fed.as_deref().unwrap_or(source);
        let stamped = super::stamps::stamped(incident, action, source).unwrap_or_default();
        let source = if stamped.names.is_empty() {
            source
        } else {
            &stamped.text
        };
        (filling.names, filling.notes) = (stamped.names, stamped.notes);
        filling.made = stamped.made;
        source.clone_into(&mut filling.text);
        // Another machine may ask who is there.
        filling.fed = fed.is_some() && !script::shell::is_remote(&action.code);
        self.fill_blanks(incident, source, lang, places, there, &mut filling);
        let doubts = of_program(incident, action, &filling);
        filling.problems.extend(doubts);
        filling
    }

    fn fill_blanks(
        &self,
        incident: &Incident,
        source: &str,
        lang: &str,
        places: &[String],
        there: bool,
        filling: &mut Filling,
    ) {
        let secrets = self.references(incident);
        let mut known = values(incident);
        known.extend(self.values_of_secrets(incident));
        match blanks::fill_placed(source, lang, &known, &secrets, places) {
            Ok(filled) => {
                filling.text = filled.text;
                for (name, how) in filled.rewritten {
                    let secret = secrets.contains_key(&name);
                    let note = if secret {
                        format!("{name} is {how}: give it as it is")
                    } else {
                        format!("{name} is {how}")
                    };
                    push_new(&mut filling.notes, note);
                }
                for (name, value) in filled.used {
                    let value = if secrets.contains_key(&name) {
                        push_new(&mut filling.references, (name.clone(), value));
                        MASK.to_owned()
                    } else {
                        value
                    };
                    push_new(&mut filling.used, (ParameterName::new(name), value));
                }
                for name in filled.environment {
                    if there && !is_filled(incident, &name) {
                        // Whether it is set there is only known there.
                        push_new(&mut filling.needs, name);
                    } else {
                        self.variable(incident, &name, filling);
                    }
                }
            }
            Err(problem) => {
                for missing in problem.missing {
                    let name = ParameterName::new(missing.name);
                    if incident.plan.parameters.iter().any(|p| p.name == name) {
                        push_new(&mut filling.missing, name);
                    } else {
                        // Of a text that is not the plan's: nobody can be asked for it by name.
                        filling.problems.push(format!(
                            "{} at line {}, column {} is a blank: put its value into the command",
                            missing.spelling, missing.line, missing.column
                        ));
                    }
                }
                for refused in problem.refused {
                    filling.refused = true;
                    filling.problems.push(super::beforehand::refusal(&refused));
                }
            }
        }
    }

    /// For each blank whose value is secret and known: the variable that will hold it.
    pub(super) fn references(&self, incident: &Incident) -> BTreeMap<String, String> {
        let secret = |p: &&Parameter| {
            !p.environment
                && incident.parameters.get(&p.name) == Some(&ParameterValue::Secret)
                && self.secrets.get(&p.name).is_some()
        };
        let held = incident.plan.parameters.iter().filter(secret);
        held.map(|p| (p.name.as_str().to_owned(), super::attempts::variable(p)))
            .collect()
    }

    /// The values of secrets, to see whether they can go where the text takes them. A blank of
    /// the text is filled by a reference, so that none of them gets into it.
    fn values_of_secrets(&self, incident: &Incident) -> Vec<(String, String)> {
        let only_variable =
            |p: &Parameter| p.environment && p.spellings.iter().all(|s| s.starts_with('$'));
        let given = |p: &&Parameter| {
            incident.parameters.get(&p.name) == Some(&ParameterValue::Secret)
                && (!p.environment || only_variable(p))
        };
        let held = incident.plan.parameters.iter().filter(given);
        held.filter_map(|p| Some((p.name.as_str().to_owned(), self.secrets.get(&p.name)?)))
            .collect()
    }

    /// Whether an environment variable that the text needs will be there.
    fn variable(&self, incident: &Incident, name: &str, filling: &mut Filling) {
        let Some(parameter) = find_variable(&incident.plan, name) else {
            return;
        };
        let value = match incident.parameters.get(&parameter.name) {
            Some(ParameterValue::Text(text)) => Some(text.clone()),
            Some(ParameterValue::Secret) => self.secrets.get(&parameter.name).map(|value| {
                if parameter.secret {
                    MASK.to_owned()
                } else {
                    shown_value(name, &value)
                }
            }),
            None => {
                let given = self
                    .env
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, v)| v.clone());
                given.or_else(|| {
                    std::env::var(name)
                        .ok()
                        .map(|value| shown_value(name, &value))
                })
            }
        };
        match value {
            Some(value) => push_new(&mut filling.used, (parameter.name.clone(), value)),
            None => push_new(&mut filling.missing, parameter.name.clone()),
        }
    }
}

/// The names under which the values of an action's blanks that name nothing are kept.
pub(super) fn places(plan: &Plan, action: &Action) -> Vec<String> {
    let placed = plan.placed(&action.id);
    placed.iter().map(|p| p.name.as_str().to_owned()).collect()
}

/// Whether somebody has given a value to the parameter that a variable is.
fn is_filled(incident: &Incident, name: &str) -> bool {
    find_variable(&incident.plan, name).is_some_and(|p| incident.parameters.contains_key(&p.name))
}

/// A text with its blanks filled, and what came of them.
#[derive(Default)]
pub(super) struct Filling {
    pub(super) text: String,
    pub(super) used: Vec<(ParameterName, String)>,
    /// For each blank of a secret, the reference in its place.
    pub(super) references: Vec<(String, String)>,
    /// Names with a time in them, as they run and as the plan writes them.
    pub(super) names: Vec<(String, String)>,
    /// The times in them that are not fixed before.
    made: Vec<crate::domain::names::MadeName>,
    notes: Vec<String>,
    pub(super) missing: Vec<ParameterName>,
    pub(super) problems: Vec<String>,
    /// Variables that have to be set where it runs.
    needs: Vec<String>,
    /// The lines of a database prompt became its input.
    fed: bool,
    /// A value cannot stand where it would.
    refused: bool,
}

pub(super) fn push_new<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

pub(super) fn language(action: &Action) -> &str {
    match action.kind {
        ActionKind::Sql => "sql",
        ActionKind::Http => "http",
        ActionKind::Shell | ActionKind::Manual | ActionKind::Include | ActionKind::Text => "bash",
    }
}

pub(super) fn values(incident: &Incident) -> BTreeMap<String, String> {
    incident
        .parameters
        .iter()
        .filter_map(|(name, value)| match value {
            ParameterValue::Text(text) => Some((name.as_str().to_owned(), text.clone())),
            ParameterValue::Secret => None,
        })
        .collect()
}

pub(super) fn find_variable<'p>(plan: &'p Plan, name: &str) -> Option<&'p Parameter> {
    let spelled =
        |spelling: &str| spelling.trim_start_matches('$').trim_matches(['{', '}']) == name;
    plan.parameters.iter().find(|p| {
        p.environment && (p.name.as_str() == name || p.spellings.iter().any(|s| spelled(s)))
    })
}

/// The value of a variable of our own environment as it may be shown: those whose name says that
/// they are secret, and passwords within addresses, are masked.
fn shown_value(name: &str, value: &str) -> String {
    let masked = (|| {
        let (scheme, rest) = value.split_once("://")?;
        let (login, place) = rest.rsplit_once('@')?;
        let (user, _password) = login.split_once(':')?;
        Some(format!("{scheme}://{user}:{MASK}@{place}"))
    })();
    match masked {
        Some(masked) => masked,
        None if is_secret_name(name) && !is_address_without_login(value) => MASK.to_owned(),
        None => value.to_owned(),
    }
}

/// An address in which nothing is secret, though its name says that there may be: `DATABASE_URL`.
/// What has more than a host and a name behind it may be a key.
fn is_address_without_login(value: &str) -> bool {
    value
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.contains(['@', '?']) && rest.matches('/').count() < 2)
}

/// How much harm exactly this text can do: judged from the text, and never less than what the
/// plan says of the action it replaces.
pub(super) fn judge_danger(action: &Action, text: &str, edited: bool) -> (Danger, String) {
    let judged = match action.kind {
        ActionKind::Shell if action.interpreter.is_none() => script::shell::danger(text),
        ActionKind::Sql => script::sql::danger(text),
        ActionKind::Http => script::http::danger(text),
        ActionKind::Shell => script::Judged::changes("run by an interpreter that is not read"),
        ActionKind::Manual | ActionKind::Include | ActionKind::Text => script::Judged::reads(),
    };
    let danger = in_plan_words(judged.danger);
    if !edited && (action.danger > danger || action.danger_is_stated()) {
        return (action.danger, action.danger_why.clone());
    }
    (danger, judged.why)
}

pub(super) fn in_plan_words(danger: script::Danger) -> Danger {
    match danger {
        script::Danger::None => Danger::None,
        script::Danger::Changes => Danger::Changes,
        script::Danger::Irreversible => Danger::Irreversible,
    }
}

/// The directory in which the action starts.
fn start_dir(
    incident: &Incident,
    action: &Action,
    state_from: Option<AttemptId>,
    there: bool,
) -> String {
    let carried = state_from
        .and_then(|id| incident.attempt(id))
        .and_then(|a| a.ending())
        .and_then(|e| e.cwd_after.clone());
    if there {
        return match (&action.cwd, carried) {
            (Some(dir), _) => dir.clone(),
            (None, carried) => carried.unwrap_or_else(|| HOME.to_owned()),
        };
    }
    let base = carried.unwrap_or_else(|| incident.start_dir.clone());
    match &action.cwd {
        Some(dir) => PathBuf::from(&incident.start_dir)
            .join(dir)
            .to_string_lossy()
            .into_owned(),
        None => base,
    }
}

/// A plain curl prints no status, so what is expected of it could not be sensed: the same command
/// with the flag that prints it, for the operator to take.
fn status_note(action: &Action, code: &str) -> Option<String> {
    let status = |e: &Expectation| matches!(e.rule, ExpectRule::HttpStatus(_));
    let expects = action.kind == ActionKind::Shell && action.expect.iter().any(status);
    let with = script::shell::with_http_status(code).filter(|_| expects)?;
    let line = with.lines().find(|l| l.contains("%{http_code}"))?.trim();
    Some(format!(
        "a plain curl prints no status; to have it sensed, edit it to: {line}"
    ))
}

/// Where SQL goes, if the plan names its connection; a name that the plan does not explain is a
/// problem, for the database of the environment may be another one.
fn connection_note(plan: &Plan, action: &Action) -> Option<Result<String, String>> {
    let name = action.connection.as_ref()?;
    if action.kind != ActionKind::Sql {
        return None;
    }
    let known = plan.connections.iter().find(|c| c.name == *name);
    let said = known.and_then(|c| {
        let service = c.service.as_ref().map(|s| format!("the service {s}"));
        c.url.as_ref().map(|url| without_password(url)).or(service)
    });
    Some(said.map_or_else(
        || {
            Err(format!(
                "the plan does not say where its connection {name} leads"
            ))
        },
        |to| Ok(format!("through the plan's connection {name}: {to}")),
    ))
}

/// An address as it may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (who, at) = rest.split_once('@').unwrap_or(("", rest));
    let user = who.split(':').next().unwrap_or_default();
    if user.is_empty() {
        return format!("{scheme}://{at}");
    }
    format!("{scheme}://{user}@{at}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn a_connection_of_the_plan_is_said_before_the_run_and_an_unknown_one_stops_it() {
        let mut plan = fixture::plan();
        plan.connections = vec![crate::domain::plan::Connection {
            name: "orders".to_owned(),
            url: Some("postgres://ana:secret@db-1/orders".to_owned()),
            service: None,
            span: crate::domain::plan::Span::default(),
        }];
        let mut action = fixture::action("a", "SELECT 1");
        action.connection = Some("orders".to_owned());
        let said = connection_note(&plan, &action);
        assert_eq!(said, None, "a shell command has its own");
        action.kind = ActionKind::Sql;
        let said = connection_note(&plan, &action).unwrap().unwrap();
        assert!(
            said.ends_with("orders: postgres://ana@db-1/orders"),
            "{said}"
        );
        action.connection = Some("other".to_owned());
        let why = connection_note(&plan, &action).unwrap().unwrap_err();
        assert!(why.contains("connection other"), "{why}");
    }

    #[test]
    fn a_status_that_will_not_be_printed_is_said_before_the_run() {
        let mut action = fixture::action("a", "curl http://h/health");
        assert_eq!(status_note(&action, &action.code), None);
        action.expect = vec![Expectation::new("200 OK", ExpectRule::HttpStatus(200))];
        let note = status_note(&action, &action.code).expect("a note");
        assert!(
            note.ends_with(r"curl -w '\n%{http_code}\n' http://h/health"),
            "{note}"
        );
        assert_eq!(status_note(&action, "curl -i http://h/health"), None);
    }
}
