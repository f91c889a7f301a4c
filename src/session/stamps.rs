//! Times in names that more than one command of the plan names: expanded once, by backout, and the
//! same in all of them.
//!
//! What a command ran with stands in the journal, and from there the next one has it; before it
//! runs, what was shown or copied does (`domain::names`). The command that comes first in the plan
//! makes the name, anew each time it runs; every other one takes the name that was made.

use chrono::{DateTime, Local, Utc};

use crate::domain::event::Ending;
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::names::MadeName;
use crate::domain::plan::{Action, ActionKind, Plan};
use crate::domain::{flight, ids::ActionId};
use crate::script::shell::{Stamp, stamps};

/// A text with the times in its names, and what is said of each.
#[derive(Default)]
pub(super) struct Stamped {
    pub(super) text: String,
    /// A name up to its time, as it runs and as the plan writes it.
    pub(super) names: Vec<(String, String)>,
    /// The times that are not fixed before this.
    pub(super) made: Vec<MadeName>,
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
        let (value, why, is_new) = name.value(incident, action, now);
        let made = name.of_action(action, &value);
        if is_new && !done.made.contains(&made) {
            done.made.push(made);
        }
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

    /// The time that stands in the name, where it is from, and whether it is made by this.
    fn value(
        &self,
        incident: &Incident,
        action: &Action,
        now: DateTime<Utc>,
    ) -> (String, String, bool) {
        let is = |name: &MadeName| self.is_its(name);
        let fixed = incident.fixed_name(&action.id, is).map(|n| n.value.clone());
        let is_new = fixed.is_none();
        let fixed = || fixed.clone().unwrap_or_else(|| self.fresh(now));
        if self.users.first() == Some(&&action.id) {
            let why = "expanded once; the commands that name it again get this one";
            return (fixed(), why.to_owned(), is_new);
        }
        if let Some((name, title)) = incident.shown_name(&self.users, true, is) {
            let why = format!("the name that “{title}” was shown with, and done by hand");
            return (name.value.clone(), why, false);
        }
        let shown = || incident.shown_name(&self.users, false, is);
        match (self.made(incident), shown()) {
            (Some((value, title)), _) => {
                let why = format!("the name that “{title}” was run with");
                (value, why, false)
            }
            (None, Some((name, title))) => {
                let why = format!("the name that “{title}” was shown with; it was not run yet");
                (name.value.clone(), why, false)
            }
            (None, None) => {
                let why = "no command that names it was run yet, so it has the time of this look";
                (fixed(), why.to_owned(), is_new)
            }
        }
    }

    /// As it goes on record with an action.
    fn of_action(&self, action: &Action, value: &str) -> MadeName {
        MadeName {
            action: action.id.clone(),
            prefix: self.stamp.prefix.clone(),
            format: self.stamp.format.clone(),
            utc: self.stamp.utc,
            value: value.to_owned(),
        }
    }

    fn is_its(&self, name: &MadeName) -> bool {
        let own = (&self.stamp.prefix, &self.stamp.format, self.stamp.utc);
        own == (&name.prefix, &name.format, name.utc)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{ActionMark, Confirmation};
    use crate::domain::fixture::{Flight, action, plan, procedure, step};
    use crate::domain::{Command, Observation};

    const NAME: &str = "dump-$(date +%H%M%S).sql";

    fn dumped() -> Flight {
        let mut it = plan();
        let mut actions = vec![
            action("make", &format!("echo more > {NAME}")),
            action("look", &format!("ls -l {NAME}")),
        ];
        for (action, line) in actions.iter_mut().zip(1..) {
            action.span.first = line;
        }
        it.procedures = vec![procedure("full", vec![step("one", actions)])];
        Flight::ready(it)
    }

    fn look(flight: &Flight, id: &str) -> Stamped {
        let (_, action) = flight::find_action(&flight.incident.plan, &id.into()).expect("known");
        stamped(&flight.incident, action, &action.code).expect("a name")
    }

    /// As if the box had been shown at another time.
    fn shown(flight: &mut Flight, id: &str, value: &str) {
        let mut made = look(flight, id).made;
        value.clone_into(&mut made[0].value);
        let named = Command::Observe(Observation::Named(made));
        flight.wants(&named).expect("on record");
    }

    #[test]
    fn what_was_shown_is_what_runs_and_what_was_made_by_hand() {
        let mut flight = dumped();
        shown(&mut flight, "make", "031500");
        let again = look(&flight, "make");
        assert_eq!(again.text, "echo more > dump-031500.sql");
        assert!(again.made.is_empty(), "it is on record already");
        let next = look(&flight, "look");
        assert_eq!(next.text, "ls -l dump-031500.sql");
        assert!(
            next.notes[0].contains("was not run yet"),
            "{:?}",
            next.notes
        );
        let done = Command::MarkAction {
            action: "make".into(),
            mark: ActionMark::DoneByHand,
            reason: "on the other machine".to_owned(),
            done_at: None,
            pasted: String::new(),
        };
        flight.wants(&done).expect("marked");
        let next = look(&flight, "look");
        assert_eq!(next.text, "ls -l dump-031500.sql");
        assert!(next.notes[0].contains("done by hand"), "{:?}", next.notes);
    }

    #[test]
    fn a_command_that_has_run_makes_its_name_anew() {
        let mut flight = dumped();
        shown(&mut flight, "make", "031500");
        flight.start("make", Confirmation::Pressed).expect("starts");
        flight.ends(0, "");
        assert_eq!(look(&flight, "make").made.len(), 1, "another one");
        // Two boxes at once do not fix it twice.
        shown(&mut flight, "make", "040000");
        let count = flight.incident.names.len();
        let twice = look(&dumped(), "make").made;
        let named = Command::Observe(Observation::Named(twice));
        flight.wants(&named).expect("known");
        assert_eq!(flight.incident.names.len(), count);
    }
}
