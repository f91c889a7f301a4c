//! What a drill makes sure of before anything runs: which procedure, every blank filled, nothing
//! irreversible that was not allowed, every program there. Reads the plan; changes nothing.

use std::collections::BTreeMap;

use crate::cli::args::{Drill, Setting};
use crate::cli::blanks;
use crate::cli::failure::Failure;
use crate::cli::machine;
use crate::cli::output::harmless;
use crate::domain::flight::{self, Alternative, Leg, Place};
use crate::domain::ids::{ChoiceId, ParameterName};
use crate::domain::plan::{Action, ActionKind, Danger, Parameter, Phase, Plan, Procedure};
use crate::exec;
use crate::script;
use crate::session;

/// What a drill is going to do.
pub struct Course<'p> {
    /// The procedure.
    pub procedure: &'p Procedure,
    /// What was chosen where the plan leaves a choice, and what it is called.
    pub chosen: Vec<(ChoiceId, String, String)>,
    /// The blanks and what fills them.
    pub values: Vec<(&'p Parameter, String)>,
}

/// Settles the course, or says everything that is in its way.
pub fn settle<'p>(plan: &'p Plan, drill: &Drill, path: &str) -> Result<Course<'p>, Vec<Failure>> {
    let procedure = procedure(plan, drill.procedure.as_deref(), path).map_err(|f| vec![f])?;
    let chosen = first_choices(plan, procedure);
    let map: BTreeMap<ChoiceId, String> = chosen
        .iter()
        .map(|(choice, option, _)| (choice.clone(), option.clone()))
        .collect();
    let legs = flight::path(plan, &procedure.id, &map);
    let steps = flight::steps(&legs);
    let on_path = steps
        .iter()
        .flat_map(|step| &step.places)
        .filter(|place| runs(place));
    let in_lists = plan
        .checklists
        .iter()
        .flat_map(|list| &list.items)
        .flat_map(|i| &i.actions);
    let actions: Vec<&Action> = on_path
        .map(|place| place.action)
        .chain(in_lists.filter(|action| is_runnable(action)))
        .collect();

    let mut findings = blanks::check(plan, &drill.set, path);
    let values = values(plan, &actions, &drill.set, path, &mut findings);
    if !drill.allow_destructive {
        findings.extend(destructive(&actions, path));
    }
    findings.extend(unreadable(&actions, path));
    findings.extend(unfit(plan, &actions, &values, path));
    findings.extend(missing_programs(&actions, path));
    if actions.is_empty() {
        let what = format!(
            "{path}: “{}” has nothing that runs",
            harmless(&procedure.title)
        );
        findings.push(Failure::new(
            what,
            "name another procedure with --procedure",
        ));
    }
    if findings.is_empty() {
        Ok(Course {
            procedure,
            chosen,
            values,
        })
    } else {
        Err(findings)
    }
}

/// Whether a drill runs the action at a place.
pub fn runs(place: &Place<'_>) -> bool {
    place.alternative != Alternative::Passed && is_runnable(place.action)
}

/// Whether a drill runs an action: a monitor is left out, a keyboard is a person's, and so is
/// what is meant for elsewhere.
pub fn is_runnable(action: &Action) -> bool {
    matches!(
        action.kind,
        ActionKind::Shell | ActionKind::Sql | ActionKind::Http
    ) && !action.monitor
        && !action.interactive
        && !action.opt_in
        && action.place.is_none()
}

fn procedure<'p>(
    plan: &'p Plan,
    wanted: Option<&str>,
    path: &str,
) -> Result<&'p Procedure, Failure> {
    let is_candidate =
        |p: &&Procedure| p.phase == Phase::Execute && !p.off_path && p.parent.is_none();
    let candidates: Vec<&Procedure> = plan.procedures.iter().filter(is_candidate).collect();
    let titles = || {
        let titles: Vec<_> = candidates
            .iter()
            .map(|p| format!("“{}”", harmless(&p.title)))
            .collect();
        titles.join(", ")
    };
    let Some(wanted) = wanted else {
        return match candidates.as_slice() {
            [] => {
                let what = format!("{path}: no procedure was found in it");
                let todo = "see with `backout show` what was understood";
                Err(Failure::new(what, todo))
            }
            [only] => Ok(only),
            _ => {
                let what = format!("{path}: it has several procedures");
                let todo = format!("name one with --procedure: {}", titles());
                Err(Failure::new(what, todo))
            }
        };
    };
    let lower = wanted.to_lowercase();
    let exact = plan
        .procedures
        .iter()
        .find(|p| p.id.as_str() == wanted || p.title.to_lowercase() == lower);
    let mut parts = plan
        .procedures
        .iter()
        .filter(|p| p.title.to_lowercase().contains(&lower));
    match (exact, parts.next(), parts.next()) {
        (Some(found), _, _) | (None, Some(found), None) => Ok(found),
        (None, Some(_), Some(_)) => {
            let what =
                format!("{path}: more than one procedure is called something with “{wanted}”");
            Err(Failure::new(
                what,
                format!("say more of its name: {}", titles()),
            ))
        }
        (None, None, _) => {
            let what = format!("{path}: no procedure is called “{wanted}”");
            Err(Failure::new(what, format!("those there are: {}", titles())))
        }
    }
}

/// Takes the first of everything that is to be chosen, until nothing is left to choose.
fn first_choices(plan: &Plan, procedure: &Procedure) -> Vec<(ChoiceId, String, String)> {
    let mut chosen: Vec<(ChoiceId, String, String)> = Vec::new();
    let most = plan.procedures.len() + 1000;
    for _ in 0..most {
        let map: BTreeMap<ChoiceId, String> = chosen
            .iter()
            .map(|(choice, option, _)| (choice.clone(), option.clone()))
            .collect();
        match next_choice(&flight::path(plan, &procedure.id, &map)) {
            Some(next) => chosen.push(next),
            None => break,
        }
    }
    chosen
}

fn next_choice(legs: &[Leg<'_>]) -> Option<(ChoiceId, String, String)> {
    legs.iter().find_map(|leg| match leg {
        Leg::Choose { choice, options } => {
            let (option, title) = options.first()?;
            Some(((*choice).clone(), (*option).to_owned(), (*title).to_owned()))
        }
        Leg::Step(step) => {
            let open = |place: &&Place<'_>| place.alternative == Alternative::Unresolved;
            let place = step.places.iter().find(open)?;
            let choice = place.action.choice.clone()?;
            Some((
                choice,
                place.action.option().as_str().to_owned(),
                place.action.label(),
            ))
        }
    })
}

/// What fills each blank that is used; a finding for each that nothing fills.
fn values<'p>(
    plan: &'p Plan,
    actions: &[&Action],
    set: &[Setting],
    path: &str,
    findings: &mut Vec<Failure>,
) -> Vec<(&'p Parameter, String)> {
    let used = |name: &ParameterName| {
        // What a person runs elsewhere keeps no drill waiting for a value.
        let mut run = actions.iter().filter(|a| !a.is_run_by_hand());
        run.any(|action| action.parameters.contains(name))
    };
    let mut values = Vec::new();
    for parameter in plan
        .parameters
        .iter()
        .filter(|parameter| used(&parameter.name))
    {
        match blanks::given(parameter, set).or_else(|| parameter.default.clone()) {
            Some(value) => values.push((parameter, value)),
            None if blanks::is_in_environment(parameter) => {}
            None if parameter.secret_from.is_some() => match blanks::fetched(parameter) {
                Ok(value) => values.push((parameter, value)),
                Err(why) => {
                    let what = format!("{}: {why}", blanks::place(parameter, path));
                    findings.push(Failure::new(what, "see to it that it can be had there"));
                }
            },
            None => {
                let syntax = harmless(&parameter.syntax);
                let which = match &parameter.place {
                    Some(_) => format!(" ({})", harmless(&parameter.help)),
                    None => String::new(),
                };
                let what = format!(
                    "{}: {syntax} is not filled{which}",
                    blanks::place(parameter, path)
                );
                let todo = if parameter.secret {
                    blanks::how_to_give(parameter)
                } else {
                    format!("add --set {}=…", parameter.name)
                };
                findings.push(Failure::new(what, todo));
            }
        }
    }
    values
}

fn destructive(actions: &[&Action], path: &str) -> Vec<Failure> {
    let cannot_be_undone = actions.iter().filter(|a| a.danger == Danger::Irreversible);
    cannot_be_undone
        .map(|action| {
            let label = harmless(&action.label());
            let why = harmless(&action.danger_why);
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(" ({why})")
            };
            let what = format!(
                "{path}:{}: `{label}` cannot be undone{why}",
                action.span.first
            );
            Failure::new(what, "allow it with --allow-destructive")
        })
        .collect()
}

/// Values that cannot stand where the plan would have them.
fn unfit(
    plan: &Plan,
    actions: &[&Action],
    values: &[(&Parameter, String)],
    path: &str,
) -> Vec<Failure> {
    // What an earlier action allows, its own box knows.
    let told = actions.iter().any(|action| action.code.contains("extglob"));
    let mut filled = actions
        .iter()
        .filter(|a| !a.parameters.is_empty() && !a.is_run_by_hand());
    let mut findings = Vec::new();
    while let Some(action) = filled.next().filter(|_| !told) {
        for why in session::refusals(plan, action, values) {
            let label = harmless(&action.label());
            let what = format!(
                "{path}:{}: `{label}`: {}",
                action.span.first,
                harmless(&why)
            );
            findings.push(Failure::new(what, "give another value, or mend the plan"));
        }
    }
    findings
}

/// What no shell could read to its end. A text with blanks is looked at when they are filled.
fn unreadable(actions: &[&Action], path: &str) -> Vec<Failure> {
    let is_whole = |action: &&&Action| {
        action.kind == ActionKind::Shell
            && action.interpreter.is_none()
            && action.parameters.is_empty()
    };
    let mut findings = Vec::new();
    // What an earlier action allows, its own box knows.
    if actions.iter().any(|action| action.code.contains("extglob")) {
        return findings;
    }
    for action in actions.iter().filter(is_whole) {
        if let Some(found) = exec::unreadable(&action.code, None) {
            let what = format!(
                "{path}:{}: bash cannot read line {} of this block: {}",
                action.span.first, found.line, found.why
            );
            findings.push(Failure::new(what, "mend the plan"));
        }
    }
    findings
}

fn missing_programs(actions: &[&Action], path: &str) -> Vec<Failure> {
    let mut seen: Vec<String> = Vec::new();
    let mut findings = Vec::new();
    for action in actions
        .iter()
        .filter(|action| action.kind == ActionKind::Shell)
    {
        // Another interpreter's text is not shell; the interpreter itself is what has to be here.
        let code = action.interpreter.as_deref().unwrap_or(&action.code);
        for program in script::shell::needed_here(code) {
            // A path is looked for from the step's own directory, when it is there.
            if seen.contains(&program) || program.contains('/') {
                continue;
            }
            seen.push(program.clone());
            if !machine::has_program(&program) {
                let name = harmless(&program);
                let what = format!(
                    "{path}:{}: {name} is not on this machine",
                    action.span.first
                );
                findings.push(Failure::new(
                    what,
                    format!("install {name}, or drill where it is"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::settle;
    use crate::cli::args::Drill;
    use crate::domain::plan::Plan;

    fn plan(text: &str) -> Plan {
        crate::runbook::read(text.as_bytes())
    }

    fn drill(words: &[&str]) -> Drill {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            drill: Drill,
        }
        let words = ["drill", "x.md"].iter().chain(words);
        <Only as clap::Parser>::try_parse_from(words)
            .expect("words")
            .drill
    }

    fn findings(text: &str, words: &[&str]) -> Vec<String> {
        match settle(&plan(text), &drill(words), "x.md") {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(ToString::to_string).collect(),
        }
    }

    const TWO: &str = "# P\n\n## Rollback Procedures\n\n### Option 1: Quick\n\n1. **Go**\n   ```bash\n   git checkout <tag>\n   ```\n\n### Option 2: Full\n\n1. **Drop**\n   ```bash\n   rm -rf data\n   ```\n";

    #[test]
    fn several_procedures_want_a_name() {
        let findings = findings(TWO, &[]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].contains("--procedure: “Option 1: Quick”"),
            "{findings:?}"
        );
    }

    #[test]
    fn an_open_blank_is_named_with_its_line() {
        let findings = self::findings(TWO, &["--procedure", "quick"]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].starts_with("x.md:9: <tag> is not filled"),
            "{findings:?}"
        );
        assert!(findings[0].ends_with("add --set tag=…"), "{findings:?}");
        assert_eq!(
            self::findings(TWO, &["--procedure", "quick", "--set", "tag=v1"]).len(),
            0
        );
    }

    #[test]
    fn a_value_that_cannot_stand_where_it_would_is_found_before_anything_runs() {
        for (code, value) in [
            ("ssh h echo <note>", "a b"),
            ("cat <<END\n   $(echo \"<note>\")\n   END", "a;b"),
            ("sed -i \"s/<note>/b/\" f", "a&e"),
            ("psql -c \"SELECT <note>\"", "a b"),
            ("[[ <note> -gt 100 ]]", "many"),
        ] {
            let text = TWO
                .replace("git checkout <tag>", code)
                .replace("ssh h", "env ssh h");
            let set = format!("note={value}");
            let found = self::findings(&text, &["--procedure", "quick", "--set", &set]);
            let about = |f: &&String| f.contains("note at line");
            assert_eq!(found.iter().filter(about).count(), 1, "{code}: {found:?}");
            let found = self::findings(&text, &["--procedure", "quick", "--set", "note=1"]);
            assert!(
                !found.iter().any(|f| f.contains("note at line")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_undone_wants_to_be_allowed() {
        let findings = self::findings(TWO, &["--procedure", "full"]);
        assert!(
            findings[0].contains("`rm -rf data` cannot be undone"),
            "{findings:?}"
        );
        assert_eq!(
            self::findings(TWO, &["--procedure", "full", "--allow-destructive"]).len(),
            0
        );
    }

    #[test]
    fn the_text_of_another_interpreter_names_no_programs() {
        let text = TWO.replace(
            "```bash\n   rm -rf data",
            "```python {\"interpreter\":\"no-such-python-x -q\"}\n   from shop import open\n   open('today')",
        );
        let findings = self::findings(&text, &["--procedure", "full"]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].contains("no-such-python-x is not on this machine"),
            "{findings:?}"
        );
    }

    #[test]
    fn a_missing_program_is_named_once() {
        let text = TWO.replace(
            "rm -rf data",
            "no-such-program-x a\n   no-such-program-x b\n   cd /",
        );
        let findings = self::findings(&text, &["--procedure", "full"]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].contains("no-such-program-x is not on this machine"),
            "{findings:?}"
        );
    }

    #[test]
    fn wrong_names_name_the_right_ones() {
        assert!(findings(TWO, &["--procedure", "slow"])[0].contains("no procedure is called"));
        assert!(findings(TWO, &["--procedure", "option"])[0].contains("more than one"));
        assert!(findings(TWO, &["--procedure", "quick", "--set", "tga=1"])[0].contains("tag"));
        assert!(findings("# Nothing\n\nText.\n", &[])[0].contains("no procedure was found"));
    }
}
