//! Where an action is meant to run when that is not here: in a session on another machine, in a
//! container or as another user, which the plan opened before it.
//!
//! Nothing of that kind runs before a person has said where: there, or here on purpose. What was
//! said holds for the procedure and the place, and is in the journal.

use super::event::Event;
use super::flight::{self, Home};
use super::ids::{ActionRef, AttemptId};
use super::incident::{Attempt, Incident};
use super::plan::{ActionKind, Plan};
use super::refusal::Refusal;

/// A session elsewhere that an action is meant for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The command that opens it, as the plan writes it; empty where it depends on what is chosen.
    pub opener: String,
    /// The commands of the sessions that it was opened in, outermost first.
    pub through: Vec<String>,
    /// What it is called: `deploy@app-1`, `container web`, `user postgres`.
    pub name: String,
    /// Line of the runbook where it is opened, from 1; 0 where a person has said it.
    pub line: u32,
}

/// What a person has said of where something runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// The place; an opener that is empty means here.
    pub place: Elsewhere,
    /// The last attempt that there was then: it and those before it say nothing of the place.
    pub after: Option<AttemptId>,
}

impl Elsewhere {
    /// `on deploy@app-1`, `in container web`, `as user postgres`.
    #[must_use]
    pub fn on(&self) -> String {
        on(&self.name)
    }

    /// Where a person has said that something runs.
    #[must_use]
    pub fn said(opener: String, name: String) -> Self {
        Self {
            opener,
            through: Vec::new(),
            name,
            line: 0,
        }
    }

    /// `by the ssh of line 41`, `by ssh, as was said`.
    #[must_use]
    pub fn by(&self) -> String {
        let words = self.opener.split_whitespace();
        let program = words.map(|w| w.rsplit('/').next().unwrap_or(w)).next();
        let program = program.unwrap_or("session");
        if self.line == 0 {
            return format!("by {program}, as was said");
        }
        format!("by the {program} of line {}", self.line)
    }
}

/// A place with the word that its name goes with.
#[must_use]
pub fn on(name: &str) -> String {
    let word = match name.split(' ').next() {
        Some("container" | "pod") => "in",
        Some("user") => "as",
        _ => "on",
    };
    format!("{word} {name}")
}

/// Where a person wants it to run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Whereabouts {
    /// Where the plan is, reached from here.
    There,
    /// On this machine, on purpose.
    Here,
}

impl Plan {
    /// The session elsewhere that the action at a place is meant for: its own, or that of what
    /// includes it.
    #[must_use]
    pub fn meant_for(&self, at: &ActionRef) -> Option<&Elsewhere> {
        let of = |at: &ActionRef| flight::find_action(self, at).and_then(|(_, a)| a.place.as_ref());
        of(at).or_else(|| {
            let above: Vec<ActionRef> = flight::ancestors(at).collect();
            above.iter().rev().find_map(of)
        })
    }
}

impl Incident {
    /// Whose shell state an action shares: the chosen procedure's while it is flown, its own
    /// procedure's or checklist's otherwise.
    #[must_use]
    pub fn scope_of(&self, at: &ActionRef) -> String {
        let path = self.path();
        let on_path = flight::steps(&path)
            .iter()
            .any(|s| s.places.iter().any(|p| p.at == *at));
        if on_path && let Some(procedure) = &self.procedure {
            return format!("procedure:{procedure}");
        }
        match flight::find_action(&self.plan, at) {
            Some((Home::Step(procedure, _), _)) => {
                format!("procedure:{}", flight::root_of(&self.plan, procedure).id)
            }
            Some((Home::Item(checklist, _), _)) => format!("checklist:{}", checklist.id),
            None => String::new(),
        }
    }

    /// Where an action runs that does not run here: where the plan means it to, or where a person
    /// has sent it.
    #[must_use]
    pub fn meant_for(&self, at: &ActionRef) -> Option<&Elsewhere> {
        self.plan.meant_for(at).or_else(|| self.sent_to(at))
    }

    /// Where a person has sent an action: itself, or all of its procedure or checklist. Only a
    /// command of the shell can be taken anywhere.
    #[must_use]
    pub fn sent_to(&self, at: &ActionRef) -> Option<&Elsewhere> {
        if self.sent.is_empty() {
            return None;
        }
        let (_, action) = flight::find_action(&self.plan, at)?;
        if action.kind != ActionKind::Shell || self.plan.meant_for(at).is_some() {
            return None;
        }
        let place = self.said_of(at).map(|said| &said.place);
        place.filter(|place| !place.opener.is_empty())
    }

    /// What a person has said of where an action runs: of itself, or of its scope.
    fn said_of(&self, at: &ActionRef) -> Option<&Sent> {
        let own = self.sent.get(&itself(at));
        own.or_else(|| self.sent.get(&self.scope_of(at)))
    }

    /// Whether an attempt ran before a person said where its action is to run: it says nothing of
    /// that place.
    #[must_use]
    pub fn was_elsewhere(&self, at: &ActionRef, attempt: &Attempt) -> bool {
        if self.sent.is_empty() || self.plan.meant_for(at).is_some() {
            return false;
        }
        let said = self.said_of(at);
        said.is_some_and(|said| Some(attempt.intent.attempt) <= said.after)
    }

    /// Where a person wants an action to run that is meant for elsewhere, if it was said.
    #[must_use]
    pub fn whereabouts(&self, at: &ActionRef) -> Option<Whereabouts> {
        if self.sent_to(at).is_some() {
            return Some(Whereabouts::There);
        }
        let place = self.plan.meant_for(at)?;
        let said = self.whereabouts.iter().rev();
        let scope = self.scope_of(at);
        said.filter(|(s, name, _)| *s == scope && *name == place.name)
            .map(|(_, _, on)| *on)
            .next()
    }

    /// The word that is typed to run here what is meant for elsewhere: this machine's name.
    #[must_use]
    pub fn word_for_here(&self) -> &str {
        match self.driver.host.as_str() {
            "" => "here",
            host => host,
        }
    }
}

/// What an action is called that is sent somewhere by itself.
#[must_use]
pub fn itself(at: &ActionRef) -> String {
    format!("action:{at}")
}

/// Decides that something runs elsewhere, or here again.
pub(super) fn send(
    incident: &Incident,
    whose: &str,
    opener: &str,
    name: &str,
) -> Result<Vec<Event>, Refusal> {
    let chosen = incident.procedure.as_ref();
    let known = match whose.split_once(':') {
        Some(("procedure", id)) => chosen.is_some_and(|chosen| chosen.as_str() == id),
        Some(("checklist", id)) => flight::find_checklist(&incident.plan, &id.into()).is_some(),
        Some(("action", at)) => flight::find_action(&incident.plan, &ActionRef::new(at)).is_some(),
        _ => false,
    };
    if !known || opener.is_empty() != name.is_empty() {
        return Err(Refusal::NoSuch("place to send it".to_owned()));
    }
    Ok(vec![Event::SentElsewhere {
        whose: whose.to_owned(),
        opener: opener.to_owned(),
        name: name.to_owned(),
    }])
}

/// Decides on where an action is to run.
pub(super) fn choose(
    incident: &Incident,
    at: &ActionRef,
    on: Whereabouts,
    word: &str,
) -> Result<Vec<Event>, Refusal> {
    let Some(place) = incident.plan.meant_for(at) else {
        return Err(Refusal::NoSuch("place elsewhere".to_owned()));
    };
    if on == Whereabouts::Here && word.trim() != incident.word_for_here() {
        return Err(Refusal::Confirmation {
            word: Some(incident.word_for_here().to_owned()),
        });
    }
    Ok(vec![Event::PlaceChosen {
        scope: incident.scope_of(at),
        place: place.name.clone(),
        on,
    }])
}

/// Whether a box may start where it would: nothing runs here unsaid that is meant for elsewhere.
pub(super) fn settled(
    incident: &Incident,
    at: &ActionRef,
    reaches: Option<&str>,
) -> Result<(), Refusal> {
    if incident.sent_to(at).is_some() {
        return reaches.map(|_| ()).ok_or(Refusal::Stale);
    }
    let Some(place) = incident.plan.meant_for(at) else {
        return match reaches {
            None => Ok(()),
            Some(_) => Err(Refusal::Stale),
        };
    };
    match (incident.whereabouts(at), reaches) {
        (Some(Whereabouts::There), Some(_)) | (Some(Whereabouts::Here), None) => Ok(()),
        (None, _) => Err(Refusal::MeantFor(place.on())),
        (Some(_), _) => Err(Refusal::Stale),
    }
}
