//! Where an action is meant to run when that is not here: in a session on another machine, in a
//! container or as another user, which the plan opened before it.
//!
//! Nothing of that kind runs before a person has said where: there, or here on purpose. What was
//! said holds for the procedure and the place, and is in the journal.

use super::event::Event;
use super::flight::{self, Home};
use super::ids::{ActionRef, AttemptId};
use super::incident::{Attempt, Incident};
use super::plan::{Action, ActionKind, Phase, Plan};
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
    /// What the place is called that a person has sent it to, where the plan's own session is
    /// opened from there; empty where it is opened from here.
    pub from: String,
}

/// Where a person wants something to run that the plan means for here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Goes {
    /// There, by the command that opens a session.
    There(Elsewhere),
    /// Here, whatever was said of all of it.
    Here,
    /// As was said of what it belongs to.
    AsTheRest,
}

impl Goes {
    /// The place by the command that opens a session there and what it is called; both empty for
    /// here.
    #[must_use]
    pub fn to(opener: &str, name: &str) -> Self {
        if opener.is_empty() {
            return Self::Here;
        }
        Self::There(Elsewhere::said(opener.to_owned(), name.to_owned()))
    }
}

/// What a person has said of where something runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Where it goes.
    pub goes: Goes,
    /// The last attempt that there was then: it and those before it say nothing of the place.
    pub after: Option<AttemptId>,
}

impl Elsewhere {
    /// `on deploy@app-1`, `in container web`, `as user postgres`.
    #[must_use]
    pub fn on(&self) -> String {
        on(&self.called())
    }

    /// `deploy@app-1`, `container web, through deploy@app-1`.
    #[must_use]
    pub fn called(&self) -> String {
        if self.from.is_empty() {
            return self.name.clone();
        }
        format!("{}, through {}", self.name, self.from)
    }

    /// The plan's own session, opened from where a person has sent what it is opened for.
    fn opened_from(&self, outer: &Self) -> Self {
        let mut through = vec![outer.opener.clone()];
        through.extend(self.through.iter().cloned());
        Self {
            through,
            from: outer.name.clone(),
            ..self.clone()
        }
    }

    /// Where a person has said that something runs.
    #[must_use]
    pub fn said(opener: String, name: String) -> Self {
        Self {
            opener,
            through: Vec::new(),
            name,
            line: 0,
            from: String::new(),
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

    /// Where an action runs that does not run here: where the plan means it to, from where a
    /// person has sent what it belongs to; or where a person has sent it.
    #[must_use]
    pub fn meant_for(&self, at: &ActionRef) -> Option<Elsewhere> {
        match (self.plan.meant_for(at), self.sent_around(at)) {
            (Some(place), Some(outer)) => Some(place.opened_from(outer)),
            (place, outer) => place.or(outer).cloned(),
        }
    }

    /// Where a person has sent an action that the plan means for here.
    #[must_use]
    pub fn sent_to(&self, at: &ActionRef) -> Option<&Elsewhere> {
        let outer = self.sent_around(at)?;
        self.plan.meant_for(at).is_none().then_some(outer)
    }

    /// Where a person has sent an action: itself, or all that it belongs to. Only a command of the
    /// shell can be taken anywhere.
    fn sent_around(&self, at: &ActionRef) -> Option<&Elsewhere> {
        match self.said_of(at).last()?.goes {
            Goes::There(ref place) => Some(place),
            Goes::Here | Goes::AsTheRest => None,
        }
    }

    /// What a person has said of where a command of the shell runs: of itself, of its procedure or
    /// list, of all the checks. The last one is what holds.
    fn said_of(&self, at: &ActionRef) -> Vec<&Sent> {
        if self.sent.is_empty() {
            return Vec::new();
        }
        let shell = |(_, action): &(Home<'_>, &Action)| action.kind == ActionKind::Shell;
        let Some((home, _)) = flight::find_action(&self.plan, at).filter(shell) else {
            return Vec::new();
        };
        let scope = self.scope_of(at);
        let checks = self.is_check(&home, &scope).then_some(CHECKS);
        let keys = [itself(at), scope].into_iter();
        let keys = keys.chain(checks.map(str::to_owned));
        let mut said = Vec::new();
        for sent in keys.filter_map(|key| self.sent.get(&key)) {
            said.push(sent);
            if sent.goes != Goes::AsTheRest {
                break;
            }
        }
        said
    }

    /// Whether an action belongs to no procedure that is flown: to a list, or to the steps before
    /// and after the rollback.
    fn is_check(&self, home: &Home<'_>, scope: &str) -> bool {
        let flown = self.procedure.as_ref();
        if flown.is_some_and(|p| scope == format!("procedure:{p}")) {
            return false;
        }
        match home {
            Home::Step(part, _) => flight::root_of(&self.plan, part).phase != Phase::Execute,
            Home::Item(..) => true,
        }
    }

    /// Whether an attempt ran before a person said where its action is to run: it says nothing of
    /// that place.
    #[must_use]
    pub fn was_elsewhere(&self, at: &ActionRef, attempt: &Attempt) -> bool {
        let mut said = self.said_of(at).into_iter();
        said.any(|said| Some(attempt.intent.attempt) <= said.after)
    }

    /// The places that a person has sent something to, what is flown first; while there is one,
    /// everything says where it runs.
    #[must_use]
    pub fn sent_places(&self) -> Vec<&Elsewhere> {
        let flown = self.procedure.as_ref().map(|p| format!("procedure:{p}"));
        let mut all: Vec<_> = self.sent.iter().collect();
        all.sort_by_key(|(whose, _)| Some(*whose) != flown.as_ref());
        let mut places = Vec::new();
        for (_, sent) in all {
            if let Goes::There(place) = &sent.goes
                && !places.contains(&place)
            {
                places.push(place);
            }
        }
        places
    }

    /// The checks that belong to no procedure that is flown, and are commands of the shell.
    #[must_use]
    pub fn checks(&self) -> Vec<ActionRef> {
        let lists = self.plan.checklists.iter().flat_map(|c| &c.items);
        let steps = self.plan.procedures.iter().flat_map(|p| &p.steps);
        let all = lists.flat_map(|i| &i.actions);
        let all = all.chain(steps.flat_map(|s| &s.actions));
        let shell = all.filter(|a| a.kind == ActionKind::Shell);
        let at = shell.map(|a| ActionRef::new(a.id.as_str()));
        at.filter(|at| {
            let found = flight::find_action(&self.plan, at);
            found.is_some_and(|(home, _)| self.is_check(&home, &self.scope_of(at)))
        })
        .collect()
    }

    /// This machine, as it is called beside others: `here (bastion-1)`.
    #[must_use]
    pub fn here(&self) -> String {
        here(&self.driver.host)
    }

    /// Where a person wants an action to run that is meant for elsewhere, if it was said.
    #[must_use]
    pub fn whereabouts(&self, at: &ActionRef) -> Option<Whereabouts> {
        if self.sent_to(at).is_some() {
            return Some(Whereabouts::There);
        }
        let place = self.meant_for(at)?;
        let said = self.whereabouts.iter().rev();
        let (scope, called) = (self.scope_of(at), place.called());
        said.filter(|(s, name, _)| *s == scope && *name == called)
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

/// All the checks that belong to no procedure that is flown, where they are sent somewhere.
pub const CHECKS: &str = "checks";

/// A machine as this one is called beside others, from its name or from `user@host`.
#[must_use]
pub fn here(host: &str) -> String {
    match host.rsplit('@').next().unwrap_or_default() {
        "" => "here".to_owned(),
        host => format!("here ({host})"),
    }
}

/// What an action is called that is sent somewhere by itself.
#[must_use]
pub fn itself(at: &ActionRef) -> String {
    format!("action:{at}")
}

/// Decides that something runs elsewhere, or here again.
pub(super) fn send(incident: &Incident, whose: &str, goes: &Goes) -> Result<Vec<Event>, Refusal> {
    let chosen = incident.procedure.as_ref();
    let known = match whose.split_once(':') {
        Some(("procedure", id)) => chosen.is_some_and(|chosen| chosen.as_str() == id),
        Some(("checklist", id)) => flight::find_checklist(&incident.plan, &id.into()).is_some(),
        Some(("action", at)) => flight::find_action(&incident.plan, &ActionRef::new(at)).is_some(),
        _ => whose == CHECKS,
    };
    let named = match goes {
        Goes::There(place) => !place.opener.is_empty() && !place.name.is_empty(),
        Goes::Here | Goes::AsTheRest => true,
    };
    if !known || !named {
        return Err(Refusal::NoSuch("place to send it".to_owned()));
    }
    // What is so already is not said again: what ran since then is not in doubt.
    let now = incident.sent.get(whose).map(|sent| &sent.goes);
    let of_more = whose.starts_with("action:")
        || (whose.starts_with("checklist:") && incident.sent.contains_key(CHECKS));
    let same = match now {
        Some(now) => now == goes,
        None => *goes == Goes::AsTheRest || (*goes == Goes::Here && !of_more),
    };
    if same {
        return Ok(Vec::new());
    }
    Ok(vec![Event::SentElsewhere {
        whose: whose.to_owned(),
        goes: goes.clone(),
    }])
}

/// Decides on where an action is to run.
pub(super) fn choose(
    incident: &Incident,
    at: &ActionRef,
    on: Whereabouts,
    word: &str,
) -> Result<Vec<Event>, Refusal> {
    let planned = incident.plan.meant_for(at).is_some();
    let Some(place) = incident.meant_for(at).filter(|_| planned) else {
        return Err(Refusal::NoSuch("place elsewhere".to_owned()));
    };
    if on == Whereabouts::Here && word.trim() != incident.word_for_here() {
        return Err(Refusal::Confirmation {
            word: Some(incident.word_for_here().to_owned()),
        });
    }
    Ok(vec![Event::PlaceChosen {
        scope: incident.scope_of(at),
        place: place.called(),
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
    let Some(place) = incident.meant_for(at) else {
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
