//! The blanks of all commands: one per distinct name, and one per place for those that name
//! nothing.
//!
//! `<commit-hash>` and `[COMMIT_HASH]` are one parameter. `[FILL IN]` is another one wherever it
//! stands: a namespace and a release that were both left open have no value in common. A variable
//! that the plan's own commands assign is none.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::reading::Reading;
use super::told;
use crate::domain::ids::ParameterName;
use crate::domain::plan::{Action, ActionKind, BlankPlace, Parameter, Plan};
use crate::script::blanks::{self, Blank, Kind, hint};
use crate::script::secret_names::is_secret_name;
use crate::script::{shell, windows};
use regex::Regex;

static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m-u)(?:^|[;&|(]|\bexport|\blocal|\breadonly|\bdeclare)\s*(?P<a>[A-Za-z_][A-Za-z0-9_]*)\+?=|\bfor\s+(?P<b>[A-Za-z_][A-Za-z0-9_]*)\s+in\b|\bread\s+(?:-\w+\s+)*(?P<c>[A-Za-z_][A-Za-z0-9_]*)").ok()
});

/// So much of a command is in the help of a blank that names nothing.
const SHOWN: usize = 72;

/// Notes every blank of every action that can run. `declared` are the names that the author
/// explains: those name something, whatever they are.
pub fn read(reading: &mut Reading<'_>, declared: &HashSet<String>) {
    let assigned = assigned(&reading.plan);
    let mut found = Found {
        parameters: Vec::new(),
        at: HashMap::new(),
        places: HashMap::new(),
        declared,
        assigned,
    };
    let mut plan = std::mem::take(&mut reading.plan);
    each_action(&mut plan, &mut |action| found.action(action));
    plan.parameters = found.parameters;
    reading.plan = plan;
}

/// Calls `visit` with every action of a plan.
pub fn each_action(plan: &mut Plan, visit: &mut impl FnMut(&mut Action)) {
    for checklist in &mut plan.checklists {
        for item in &mut checklist.items {
            item.actions.iter_mut().for_each(&mut *visit);
        }
    }
    for procedure in &mut plan.procedures {
        for step in &mut procedure.steps {
            step.actions.iter_mut().for_each(&mut *visit);
        }
    }
}

fn assigned(plan: &Plan) -> HashSet<String> {
    let mut names = HashSet::new();
    let Some(pattern) = ASSIGNED.as_ref() else {
        return names;
    };
    let items = plan
        .checklists
        .iter()
        .flat_map(|c| &c.items)
        .flat_map(|i| &i.actions);
    let steps = plan
        .procedures
        .iter()
        .flat_map(|p| &p.steps)
        .flat_map(|s| &s.actions);
    let sets = |a: &&Action| {
        a.kind == ActionKind::Shell
            && (a.code.contains('=') || a.code.contains("for") || a.code.contains("read"))
    };
    for action in items.chain(steps).filter(sets) {
        for captures in pattern.captures_iter(&action.code) {
            let name = ["a", "b", "c"].iter().find_map(|g| captures.name(g));
            names.extend(name.map(|m| m.as_str().to_owned()));
        }
    }
    names
}

struct Found<'a> {
    parameters: Vec<Parameter>,
    at: HashMap<String, usize>,
    /// How many blanks that name nothing have been called so.
    places: HashMap<String, u32>,
    declared: &'a HashSet<String>,
    assigned: HashSet<String>,
}

impl Found<'_> {
    /// The blanks of what a person runs elsewhere: asked for, so that the text can be copied whole.
    /// A secret is not: it would stand in what is shown.
    fn by_hand(&mut self, action: &mut Action) {
        let Some(dialect) = windows::dialect(&action.lang) else {
            return;
        };
        for blank in windows::blanks(&action.code, dialect) {
            if is_secret_name(&blank.name) {
                continue;
            }
            let before = action.code.get(..blank.range.start).unwrap_or_default();
            let offset = u32::try_from(before.matches('\n').count()).unwrap_or(0);
            let line = (action.span.first + offset).min(action.span.last);
            let name = ParameterName::new(blank.name.clone());
            if !action.parameters.contains(&name) {
                action.parameters.push(name);
            }
            self.used(&blank.name, &blank.spelling, false, line);
        }
    }

    fn action(&mut self, action: &mut Action) {
        if action.is_run_by_hand() {
            self.by_hand(action);
            return;
        }
        if !matches!(
            action.kind,
            ActionKind::Shell | ActionKind::Sql | ActionKind::Http
        ) {
            return;
        }
        let lang = match action.kind {
            ActionKind::Sql => "sql",
            ActionKind::Shell => "bash",
            _ => "http",
        };
        // The author wants no questions about the environment.
        let silent = action.attribute("promptEnv").and_then(told::prompts) == Some(false);
        // A variable in lines for a shell elsewhere is that shell's, not the operator's.
        let fed = (lang == "bash").then(|| shell::fed(&action.code)).flatten();
        let code = fed.as_deref().unwrap_or(&action.code);
        let found = blanks::find(code, lang);
        let nameless = |b: &&Blank| b.names_nothing();
        let of = found.iter().filter(nameless).count();
        let mut nth = 0;
        for blank in &found {
            let environment = blank.kind == Kind::Environment;
            if environment && (silent || self.assigned.contains(&blank.name)) {
                continue;
            }
            let at = if fed.is_some() {
                action.code.find(&blank.spelling).unwrap_or(0)
            } else {
                blank.range.start
            };
            let before = action.code.get(..at).unwrap_or_default();
            let offset = u32::try_from(before.matches('\n').count()).unwrap_or(0);
            let line = (action.span.first + offset).min(action.span.last);
            if blank.names_nothing() {
                nth += 1;
                if !self.declared.contains(&blank.name) {
                    let place = BlankPlace {
                        action: action.id.clone(),
                        nth: nth - 1,
                    };
                    let name = self.placed(place, of, code, lang, blank, line);
                    action.parameters.push(name);
                    continue;
                }
            }
            let name = ParameterName::new(blank.name.clone());
            if !action.parameters.contains(&name) {
                action.parameters.push(name);
            }
            self.used(&blank.name, &blank.spelling, environment, line);
        }
    }

    /// A parameter for one place.
    fn placed(
        &mut self,
        place: BlankPlace,
        of: usize,
        code: &str,
        lang: &str,
        blank: &Blank,
        line: u32,
    ) -> ParameterName {
        let hint = hint::hint(code, &blank.range);
        let name = self.free_name(&hint.word);
        let command = hint::shown(code, lang, &blank.range, SHOWN);
        let which = if of > 1 {
            format!("blank {} of {of}", place.nth + 1)
        } else {
            "the blank".to_owned()
        };
        let mut help = format!("{which} in `{command}`");
        if !hint.after.is_empty() {
            help = format!("{help}, {}", hint.after);
        }
        if !hint.word.is_empty() && !blanks::normalise(&hint.after).ends_with(&hint.word) {
            help = format!("{help}: the {}", hint.word.replace('_', " "));
        }
        self.parameters.push(Parameter {
            name: ParameterName::new(name.clone()),
            syntax: blank.spelling.clone(),
            spellings: vec![blank.spelling.clone()],
            uses: vec![line],
            secret: is_secret_name(&name),
            help,
            place: Some(place),
            ..Parameter::default()
        });
        ParameterName::new(name)
    }

    /// A name that no other blank of the document has: `blank-namespace`, `blank-namespace-2`. The
    /// name of a blank that names something has no dash in it.
    fn free_name(&mut self, word: &str) -> String {
        let base = match word {
            "" => "blank".to_owned(),
            word => format!("blank-{word}"),
        };
        let count = self.places.entry(base.clone()).or_insert(0);
        *count += 1;
        match *count {
            1 => base,
            n => format!("{base}-{n}"),
        }
    }

    fn used(&mut self, name: &str, spelling: &str, environment: bool, line: u32) {
        let at = *self.at.entry(name.to_owned()).or_insert_with(|| {
            self.parameters.push(Parameter {
                name: ParameterName::new(name),
                syntax: spelling.to_owned(),
                spellings: Vec::new(),
                uses: Vec::new(),
                environment,
                secret: is_secret_name(name),
                ..Parameter::default()
            });
            self.parameters.len() - 1
        });
        let Some(parameter) = self.parameters.get_mut(at) else {
            return;
        };
        if !parameter.spellings.iter().any(|s| s == spelling) {
            parameter.spellings.push(spelling.to_owned());
        }
        if !parameter.uses.contains(&line) {
            parameter.uses.push(line);
        }
    }
}
