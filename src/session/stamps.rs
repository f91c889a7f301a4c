//! Times in names that more than one command of the plan names: expanded once, by backout, and the
//! same in all of them.
//!
//! Nothing of it is stored: what a command ran with stands in the journal, and from there the next
//! one has it. The command that comes first in the plan makes the name, anew each time it runs;
//! every other one takes the name that was made.

use chrono::{DateTime, Local, Utc};

use crate::domain::event::Ending;
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::plan::{Action, ActionKind, Plan};
use crate::domain::{flight, ids::ActionId};
use crate::script::shell::{Stamp, stamps};

/// A text with the times in its names, and what is said of each.
#[derive(Default)]
pub(super) struct Stamped {
    pub(super) text: String,
    /// A name up to its time, as it runs and as the plan writes it.
    pub(super) names: Vec<(String, String)>,
    /// For the run box.
    pub(super) notes: Vec<String>,
}

/// The text with each time in it that another place of the plan names too; none without one.
pub(super) fn stamped(incident: &Incident, action: &Action, source: &str) -> Option<Stamped> {
    if action.kind != ActionKind::Shell || action.monitor || action.interpreter.is_some() {
        return None;
    }
    let found = stamps(source);
    if found.is_empty() {
        return None;
    }
    let uses = uses(&incident.plan);
    let now = Utc::now();
    let (mut done, mut at) = (Stamped::default(), 0);
    for stamp in found {
        let Some(name) = Name::of(&incident.plan, &uses, &stamp) else {
            continue;
        };
        let written = source.get(stamp.range.clone()).unwrap_or_default();
        let (value, why) = name.value(incident, action, now);
        done.text
            .push_str(source.get(at..stamp.range.start).unwrap_or_default());
        done.text.push_str(&value);
        at = stamp.range.end;
        let pair = (
            format!("{}{value}", stamp.prefix),
            format!("{}{written}", stamp.prefix),
        );
        if !done.names.contains(&pair) {
            done.notes.push(format!("{}: {why}", pair.0));
            done.names.push(pair);
        }
    }
    done.text.push_str(source.get(at..).unwrap_or_default());
    (!done.names.is_empty()).then_some(done)
}

/// Every time in a name of the plan's commands, in the order of the document.
fn uses(plan: &Plan) -> Vec<(&Action, Stamp)> {
    let shell = flight::actions(plan).filter(|a| a.kind == ActionKind::Shell && !a.monitor);
    let mut uses: Vec<_> = shell
        .flat_map(|a| stamps(&a.code).into_iter().map(move |s| (a, s)))
        .collect();
    uses.sort_by_key(|(a, s)| (a.span.first, s.range.start));
    uses
}

/// Whether a command has a blank in the place of the time: who fills it in has to know the name.
fn is_asked_for(plan: &Plan, stamp: &Stamp) -> bool {
    let named = stamp.prefix.chars().any(char::is_alphanumeric);
    let spelled = plan.parameters.iter().flat_map(|p| &p.spellings);
    let mut names = spelled.map(|s| format!("{}{s}", stamp.prefix));
    named && names.any(|name| flight::actions(plan).any(|a| a.code.contains(&name)))
}

/// A name that is used more than once.
struct Name<'p> {
    stamp: Stamp,
    /// Whose commands name it, the one that makes it first.
    users: Vec<&'p ActionId>,
}

impl<'p> Name<'p> {
    fn of(plan: &Plan, uses: &[(&'p Action, Stamp)], stamp: &Stamp) -> Option<Self> {
        let same = uses.iter().filter(|(_, s)| s.is_like(stamp));
        let users: Vec<&ActionId> = same.map(|(a, _)| &a.id).collect();
        (users.len() > 1 || is_asked_for(plan, stamp)).then(|| Self {
            stamp: stamp.clone(),
            users,
        })
    }

    /// The time that stands in the name, and where it is from.
    fn value(&self, incident: &Incident, action: &Action, now: DateTime<Utc>) -> (String, String) {
        let makes = self.users.first() == Some(&&action.id);
        if makes {
            let why = "expanded once; the commands that name it again get this one";
            return (self.fresh(now), why.to_owned());
        }
        match self.made(incident) {
            Some((value, title)) => (value, format!("the name that “{title}” was run with")),
            None => {
                let why = "no command that names it was run yet, so it has this moment's time";
                (self.fresh(now), why.to_owned())
            }
        }
    }

    /// The name as it was last made, by a success if there was one; else as it was last used.
    fn made(&self, incident: &Incident) -> Option<(String, String)> {
        let ran = |a: &&Attempt| !matches!(a.state, AttemptState::NeverRan(_));
        let of = |a: &Attempt| {
            let (_, action) = flight::find_action(&incident.plan, &a.intent.action)?;
            let place = self.users.iter().position(|id| **id == action.id)?;
            let value = self.stamp.values_in(&a.intent.code).pop()?;
            let good = a.ending().is_some_and(Ending::succeeded);
            Some((
                (place == 0, good, a.intent.attempt),
                (value, a.intent.title.clone()),
            ))
        };
        let found = incident.attempts.iter().filter(ran).filter_map(of);
        found.max_by_key(|(rank, _)| *rank).map(|(_, name)| name)
    }

    fn fresh(&self, now: DateTime<Utc>) -> String {
        if self.stamp.utc {
            return now.format(&self.stamp.format).to_string();
        }
        now.with_timezone(&Local)
            .format(&self.stamp.format)
            .to_string()
    }
}
