//! What may be picked for a blank out of what this incident's commands have printed and were
//! called with: the newest first.

use super::{Session, evidence};
use crate::domain::flight;
use crate::domain::ids::ParameterName;
use crate::domain::incident::{Attempt, Incident};
use crate::domain::parameter::misfit;
use crate::domain::plan::{ActionKind, Parameter};
use crate::script::{blanks, picks};

/// How many attempts are looked at, and how much is offered.
const MOST: usize = 40;

/// What may be picked, and where it is from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picks {
    /// The values.
    pub values: Vec<String>,
    /// The titles of the commands that they are from.
    pub from: Vec<String>,
}

impl Session {
    /// What earlier commands offer for a blank. Reads their output, which takes its time.
    #[must_use]
    pub fn picks(&self, name: &ParameterName) -> Picks {
        let incident = self.incident();
        let parameter = incident.plan.parameters.iter().find(|p| p.name == *name);
        let Some(parameter) = parameter.filter(|p| !p.secret) else {
            return Picks::default();
        };
        let wanted = picks::wanted(name.as_str());
        let within = places(&incident, parameter);
        let mut picks = Picks::default();
        let shell = |a: &&Attempt| a.intent.kind == ActionKind::Shell && !a.is_alive();
        for attempt in incident.attempts.iter().rev().filter(shell).take(MOST) {
            let lists = picks::listed(&attempt.intent.code).filter(|l| wanted.contains(l));
            if lists.is_none() && within.is_empty() {
                continue;
            }
            let (printed, _) = evidence::plain_text(&self.evidence_dir(attempt.intent.attempt));
            let listed = lists.map_or_else(Vec::new, |l| picks::offered(l, &printed));
            let told = format!("{}\n{printed}", attempt.intent.code);
            let around = within
                .iter()
                .flat_map(|(code, range)| picks::within(code, range, &told));
            let fits = |v: &String| misfit(parameter, v).is_none() && looks_right(parameter, v);
            let mut new: Vec<String> = listed.into_iter().chain(around).filter(fits).collect();
            new.retain(|v| !picks.values.contains(v));
            if !new.is_empty() {
                picks.values.append(&mut new);
                picks.from.push(attempt.intent.title.clone());
            }
        }
        picks.values.truncate(MOST);
        picks
    }
}

/// Where a blank stands in the plan's commands.
fn places(incident: &Incident, parameter: &Parameter) -> Vec<(String, std::ops::Range<usize>)> {
    let at = parameter.place.as_ref().map(|p| p.action.as_str());
    let mut found = Vec::new();
    for action in flight::actions(&incident.plan) {
        let named = action.parameters.contains(&parameter.name);
        if !named || at.is_some_and(|at| at != action.id.as_str()) {
            continue;
        }
        let places = incident.plan.placed(&action.id);
        let places: Vec<String> = places.iter().map(|p| p.name.as_str().to_owned()).collect();
        let all = blanks::find_placed(&action.code, "bash", &places).into_iter();
        let own = all.filter(|b| b.name == parameter.name.as_str());
        found.extend(own.map(|b| (action.code.clone(), b.range)));
    }
    found
}

fn looks_right(parameter: &Parameter, value: &str) -> bool {
    let Some(pattern) = &parameter.pattern else {
        return true;
    };
    let whole = regex::Regex::new(&format!("^(?:{pattern})$"));
    whole.map_or(true, |whole| whole.is_match(value))
}
