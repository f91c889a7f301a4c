//! Filling a plan's blanks from the command line: `--set NAME=VALUE`, held against the plan.

use regex::Regex;

use crate::domain::event::ParameterValue;
use crate::domain::plan::{Parameter, Plan};
use crate::domain::{Command, Incident};
use crate::session::{Session, SubmitError};

use super::args::Setting;
use super::failure::Failure;
use super::output::harmless;

/// A finding for each setting that fills no blank of the plan, or with a value that its pattern
/// does not allow. `path` is the runbook as it was named.
pub fn check(plan: &Plan, set: &[Setting], path: &str) -> Vec<Failure> {
    set.iter()
        .filter_map(|setting| check_one(plan, setting, path))
        .collect()
}

fn check_one(plan: &Plan, setting: &Setting, path: &str) -> Option<Failure> {
    let Some(parameter) = plan.parameters.iter().find(|p| is_called(p, &setting.name)) else {
        let names: Vec<_> = plan.parameters.iter().map(|p| p.name.as_str()).collect();
        let there = match names.as_slice() {
            [] => "it has none".to_owned(),
            names => format!("those there are: {}", names.join(", ")),
        };
        let what = format!("{path}: it has no blank called “{}”", setting.name);
        return Some(Failure::new(what, there));
    };
    if parameter.secret {
        let what = format!(
            "{}: --set would show the secret {} to whoever lists the processes of this machine",
            place(parameter, path),
            parameter.name
        );
        return Some(Failure::new(what, how_to_give(parameter)));
    }
    let shown = format!("“{}”", setting.value);
    if let Some(why) = crate::domain::parameter::misfit(parameter, &setting.value) {
        let what = format!("{}: {shown} {why}", place(parameter, path));
        return Some(Failure::new(
            what,
            format!("give {} a value that the plan allows", parameter.name),
        ));
    }
    if fits(parameter, &setting.value) {
        return None;
    }
    let pattern = harmless(parameter.pattern.as_deref().unwrap_or_default());
    let what = format!("{}: {shown} is not like {pattern}", place(parameter, path));
    Some(Failure::new(
        what,
        format!("give {} a value that is", parameter.name),
    ))
}

/// What to do about a secret that is to be given, other than to write it into a command line.
pub fn how_to_give(parameter: &Parameter) -> String {
    if parameter.environment {
        let name = bare(&parameter.syntax);
        return format!("start backout with the variable {name} set, by what keeps your secrets");
    }
    match &parameter.secret_from {
        Some(source) => format!(
            "leave it out: it is taken from {}",
            harmless(&source.described())
        ),
        None => format!(
            "leave it out: the cockpit asks for it and does not show it; for a drill the plan says \
             where it is, `{}: {{secret: {{env: NAME}}}}` below its parameters, or a file or command",
            parameter.name
        ),
    }
}

/// The value that the settings give a blank; the last one counts.
pub fn given(parameter: &Parameter, set: &[Setting]) -> Option<String> {
    let setting = set
        .iter()
        .rev()
        .find(|setting| is_called(parameter, &setting.name))?;
    Some(setting.value.clone())
}

/// Where a blank is first used, `ROLLBACK.md:153`.
pub fn place(parameter: &Parameter, path: &str) -> String {
    match parameter.uses.first() {
        Some(line) => format!("{path}:{line}"),
        None => path.to_owned(),
    }
}

/// Whether this process's environment holds a value for a `$NAME` blank.
pub fn is_in_environment(parameter: &Parameter) -> bool {
    parameter.environment && std::env::var_os(bare(&parameter.syntax)).is_some()
}

/// The secret at the place that the plan says, as seen from the directory that the user is in.
///
/// # Errors
/// Why it could not be had; never the value.
pub fn fetched(parameter: &Parameter) -> Result<String, String> {
    let dir = std::env::current_dir().map_err(|error| error.to_string())?;
    let source = parameter.secret_from.as_ref();
    let source = source.ok_or("the plan does not say where it is")?;
    crate::session::fetch(source, &dir)
        .map_err(|why| format!("{} could not be had: {why}", parameter.name))
}

/// Fills a blank of an incident. A secret stays in memory.
///
/// # Errors
/// As [`Session::submit_and_wait`].
pub fn fill(session: &Session, parameter: &Parameter, value: &str) -> Result<(), SubmitError> {
    let name = parameter.name.clone();
    let value = if parameter.secret {
        session.set_secret(name.clone(), value.to_owned());
        ParameterValue::Secret
    } else {
        ParameterValue::Text(value.to_owned())
    };
    session
        .submit_and_wait(Command::FillParameter { name, value })
        .map(|_| ())
}

/// Fills everything that the settings name.
///
/// # Errors
/// As [`fill`].
pub fn fill_all(session: &Session, set: &[Setting]) -> Result<(), SubmitError> {
    let incident: std::sync::Arc<Incident> = session.incident();
    for parameter in &incident.plan.parameters {
        if let Some(value) = given(parameter, set) {
            fill(session, parameter, &value)?;
        }
    }
    Ok(())
}

fn is_called(parameter: &Parameter, name: &str) -> bool {
    parameter.name.as_str() == name
        // How a blank that names nothing is spelled, others are too.
        || parameter.place.is_none()
            && parameter
                .spellings
                .iter()
                .any(|spelling| bare(spelling) == name || spelling == name)
}

fn bare(spelling: &str) -> &str {
    spelling.trim_matches(|c: char| !c.is_alphanumeric())
}

fn fits(parameter: &Parameter, value: &str) -> bool {
    let Some(pattern) = &parameter.pattern else {
        return true;
    };
    // A pattern that cannot be read holds nobody up.
    Regex::new(&format!("^(?:{pattern})$")).map_or(true, |regex| regex.is_match(value))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::cli::args::Setting;

    #[test]
    fn a_secret_in_the_command_line_is_refused_and_never_repeated() {
        let text = "---\nbackout:\n  parameters:\n    pin: {secret: {file: held}}\n---\n# P\n\n## Rollback\n\n1. Go\n   ```bash\n   login <db_password> <pin> \"$DEPLOY_TOKEN\" <tag>\n   ```\n";
        let plan = crate::runbook::read(text.as_bytes());
        let said = |name: &str| {
            let (name, value) = (name.to_owned(), "s3same".to_owned());
            let found = check(&plan, &[Setting { name, value }], "x.md");
            found.iter().map(ToString::to_string).collect::<String>()
        };
        for (name, todo) in [
            ("db_password", "the cockpit asks for it"),
            ("pin", "taken from the file held"),
            ("DEPLOY_TOKEN", "the variable DEPLOY_TOKEN set"),
        ] {
            let said = said(name);
            assert!(
                said.contains("lists the processes") && said.contains(todo),
                "{said}"
            );
            assert!(!said.contains("s3same"), "{said}");
        }
        assert_eq!(said("tag"), "");
    }
}
