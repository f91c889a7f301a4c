//! Probes: what only reads, was accepted once, and is sensed again by itself.
//!
//! To start one is to accept it: the intent says after how many seconds it is sensed again, and
//! from then on exactly that text is, until somebody says something of it, starts it anew or
//! closes the incident. When it is due, and which of what it comes to is worth a record, is the
//! matter of others.

use chrono::{DateTime, Utc};

use super::event::{ActionMark, Ending, Event, Mode};
use super::flight;
use super::ids::{ActionRef, AttemptId};
use super::incident::{Attempt, AttemptState, Incident};
use super::judge::{Judgement, Verdict};
use super::outline::{Entry, EntryState, Subject, entry};
use super::plan::{Action, Danger, Plan, Probe};
use super::status::{ActionStatus, attempt_status};

/// What a probe came to, once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sensing {
    /// When.
    pub at: DateTime<Utc>,
    /// What was made of it.
    pub verdict: Verdict,
    /// The line of output that this rests on, or how it ended.
    pub because: String,
}

/// Some sensings, of which the last one is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sensings {
    /// The attempt that was accepted.
    pub attempt: AttemptId,
    /// The last of them.
    pub last: Sensing,
    /// How many they are.
    pub times: u32,
    /// How often the verdict turned in between and was not recorded by itself.
    pub turns: u32,
}

/// What is on record of a probe's sensings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sensed {
    /// The last one that was recorded.
    pub last: Sensing,
    /// How many are counted in the record.
    pub times: u32,
}

/// How a probe stands at this moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watch {
    /// Sensed again after so many seconds.
    pub every_s: u32,
    /// How often this session has sensed it.
    pub times: u32,
    /// What it came to the last time.
    pub last: Option<Sensing>,
    /// The verdicts up to now, oldest first, as far as they are kept.
    pub trail: Vec<Verdict>,
}

/// What is to be sensed again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repeat {
    /// The attempt that was accepted.
    pub attempt: AttemptId,
    /// After so many seconds.
    pub every_s: u32,
    /// What is on record of it.
    pub verdict: Verdict,
}

impl Plan {
    /// The probe that an action is, if it is one.
    #[must_use]
    pub fn probe_of(&self, action: &Action) -> Option<&Probe> {
        let is = |p: &&Probe| p.span == action.span && p.code == action.code;
        self.probes.iter().find(is).filter(|_| action.sense)
    }
}

impl Incident {
    /// What is to be sensed again by itself: of each probe its last attempt, where that was
    /// accepted as one.
    #[must_use]
    pub fn repeats(&self) -> Vec<Repeat> {
        let flown = matches!(self.mode, Mode::Real | Mode::Practice);
        if self.closed.is_some() || !self.trusted || !flown {
            return Vec::new();
        }
        let probes = flight::actions(&self.plan).filter(|a| self.plan.probe_of(a).is_some());
        probes.filter_map(|action| self.repeat(action)).collect()
    }

    fn repeat(&self, action: &Action) -> Option<Repeat> {
        let at = ActionRef::new(action.id.as_str());
        let said = self.actions.get(&at).map(|marked| marked.mark);
        if said.is_some_and(|mark| mark != ActionMark::Open) {
            return None;
        }
        let attempt = self.attempts_at(&at).last()?;
        let every_s = attempt.intent.again_s?;
        let reads = attempt.intent.danger == Danger::None && !attempt.intent.edited;
        let ended = attempt.ending().is_some_and(|ending| !ending.cancelled);
        (reads && ended).then(|| Repeat {
            attempt: attempt.intent.attempt,
            every_s,
            verdict: attempt.machine_verdict(action),
        })
    }

    /// Puts a line for each probe that is sensed again below what the present stage holds.
    pub(super) fn probe_entries(&self, entries: &mut Vec<Entry>) {
        let stage = self.stage();
        let last = entries.iter().rposition(|e| e.stage <= stage);
        let at = last.map_or(0, |at| at + 1);
        let line = |repeat: Repeat| {
            let attempt = self.attempt(repeat.attempt)?;
            let at = &attempt.intent.action;
            let (_, action) = flight::find_action(&self.plan, at)?;
            let state = match self.action_status(at, action) {
                ActionStatus::Failed(_) => EntryState::Failed,
                ActionStatus::Passed(_) => EntryState::Done,
                ActionStatus::Ran(_) => EntryState::DoneUnjudged,
                _ => EntryState::Judge,
            };
            let subject = Subject::Probe(repeat.attempt);
            Some(entry(stage, subject, attempt.intent.title.clone(), state))
        };
        let lines: Vec<Entry> = self.repeats().into_iter().filter_map(line).collect();
        entries.splice(at..at, lines);
    }
}

impl Attempt {
    /// What a machine made of it, as last recorded, whatever a person said.
    fn machine_verdict(&self, action: &Action) -> Verdict {
        match (&self.sensed, &self.state) {
            (Some(sensed), _) => sensed.last.verdict,
            (None, AttemptState::Ended(ending)) => self.verdict(action, ending, &self.judgements),
            (None, _) => Verdict::Inconclusive,
        }
    }

    /// What a machine makes of an ending like this one's.
    #[must_use]
    pub fn verdict(&self, action: &Action, ending: &Ending, judgements: &[Judgement]) -> Verdict {
        let again = Self {
            state: AttemptState::Ended(ending.clone()),
            judgements: judgements.to_vec(),
            judged: None,
            sensed: None,
            ..self.clone()
        };
        match attempt_status(&again, action) {
            ActionStatus::Passed(_) => Verdict::Met,
            ActionStatus::Failed(_) => Verdict::NotMet,
            _ if judgements.iter().any(|j| j.verdict == Verdict::ForPerson) => Verdict::ForPerson,
            _ => Verdict::Inconclusive,
        }
    }

    /// Takes in what was recorded of its being sensed again. What a person judged was what it
    /// showed then: it holds until it shows something else.
    pub(super) fn senses(&mut self, sensing: &Sensing, times: u32) {
        let (before, known) = match &self.sensed {
            Some(sensed) => (sensed.times, Some(sensed.last.verdict)),
            None => (0, None),
        };
        if known != Some(sensing.verdict) {
            self.judged = None;
        }
        self.sensed = Some(Sensed {
            last: sensing.clone(),
            times: before.saturating_add(times),
        });
    }
}

impl Sensed {
    /// Where an action stands that it was last sensed of.
    pub(super) fn status(&self, action: &Action, id: AttemptId) -> ActionStatus {
        match self.last.verdict {
            Verdict::Met => ActionStatus::Passed(id),
            Verdict::NotMet => ActionStatus::Failed(id),
            Verdict::Inconclusive | Verdict::ForPerson if action.expect.is_empty() => {
                ActionStatus::Ran(id)
            }
            Verdict::Inconclusive | Verdict::ForPerson => ActionStatus::Judge(id),
        }
    }
}

/// Sensings are facts of what was accepted as a probe, and of nothing else.
pub(super) fn sensed(incident: &Incident, seen: &Sensings) -> Vec<Event> {
    let attempt = incident.attempt(seen.attempt);
    let accepted = attempt.is_some_and(|a| a.intent.again_s.is_some() && a.ending().is_some());
    if !accepted || seen.times == 0 {
        return Vec::new();
    }
    vec![Event::ProbeSensed {
        attempt: seen.attempt,
        sensing: seen.last.clone(),
        times: seen.times,
        turns: seen.turns,
    }]
}

#[cfg(test)]
mod tests {
    use super::super::event::Confirmation;
    use super::super::fixture::{Flight, action, expecting, plan, procedure, stamp, step};
    use super::super::plan::{ActionKind, Expectation, Span};
    use super::super::runbox::RunBox;
    use super::super::{Command, Observation};
    use super::*;

    const EVERY: u32 = 30;

    fn flight() -> Flight {
        let mut it = plan();
        let span = Span { first: 3, last: 4 };
        let mut check = expecting("health", "cat health", "up");
        (check.span, check.sense) = (span, true);
        it.probes = vec![Probe {
            name: "health".to_owned(),
            kind: ActionKind::Shell,
            code: check.code.clone(),
            expect: None::<Expectation>,
            every_s: Some(u64::from(EVERY)),
            span,
        }];
        let mut probes = procedure(
            "probes",
            vec![step("health", vec![check, action("b", "ls")])],
        );
        probes.off_path = true;
        it.procedures.push(probes);
        Flight::ready(it)
    }

    fn accepts(flight: &mut Flight, confirmation: Confirmation, change: impl Fn(&mut RunBox)) {
        let mut shown = flight.shown("health");
        shown.again_s = Some(EVERY);
        change(&mut shown);
        let shown = Box::new(shown);
        let start = Command::Start {
            shown,
            confirmation,
        };
        flight.wants(&start).expect("starts");
    }

    fn senses(flight: &mut Flight, verdict: Verdict, times: u32) {
        let attempt = flight.incident.attempts.last().expect("one").intent.attempt;
        let last = Sensing {
            at: stamp(500).wall,
            verdict,
            because: "it says so".to_owned(),
        };
        let sensings = Sensings {
            attempt,
            last,
            times,
            turns: 0,
        };
        let seen = Command::Observe(Observation::Sensed(sensings));
        flight.wants(&seen).expect("an observation");
    }

    fn mark(flight: &mut Flight, mark: ActionMark) {
        let marked = Command::MarkAction {
            action: "health".into(),
            mark,
            reason: "seen enough".to_owned(),
            done_at: None,
            pasted: String::new(),
        };
        flight.wants(&marked).expect("marked");
    }

    #[test]
    fn only_what_was_accepted_is_sensed_again_and_until_somebody_says_something_of_it() {
        let mut flight = flight();
        assert_eq!(flight.incident.repeats(), [], "nobody has run it");
        accepts(&mut flight, Confirmation::ReadOnly, |_| {});
        assert_eq!(flight.incident.repeats(), [], "it still runs");
        flight.ends(0, "up");
        let repeats = flight.incident.repeats();
        assert_eq!(repeats.len(), 1);
        assert_eq!(repeats[0].verdict, Verdict::Met);
        mark(&mut flight, ActionMark::Skipped);
        assert_eq!(flight.incident.repeats(), []);
        accepts(&mut flight, Confirmation::ReadOnly, |_| {});
        flight.ends(0, "up");
        assert_eq!(flight.incident.repeats().len(), 1, "accepted anew, once");
        let entries = flight.incident.outline(stamp(60).wall);
        let line = |e: &&Entry| matches!(e.subject, Subject::Probe(_));
        assert_eq!(entries.iter().filter(line).count(), 1);
    }

    #[test]
    fn what_changes_things_was_edited_drilled_or_never_offered_is_not_sensed_again() {
        type Change = fn(&mut RunBox);
        let changes: [(Confirmation, Change); 4] = [
            (Confirmation::Pressed, |b| b.danger = Danger::Changes),
            (Confirmation::Pressed, |b| b.edited = true),
            (Confirmation::ReadOnly, |b| b.again_s = None),
            (Confirmation::Drill, |_| {}),
        ];
        for (confirmation, change) in changes {
            let mut flight = flight();
            flight.incident.mode = match confirmation {
                Confirmation::Drill => Mode::Drill,
                _ => Mode::Real,
            };
            accepts(&mut flight, confirmation.clone(), change);
            flight.ends(0, "up");
            assert_eq!(flight.incident.repeats(), [], "{confirmation:?}");
        }
    }

    #[test]
    fn what_it_comes_to_later_is_how_it_stands_and_a_person_has_the_last_word_on_that() {
        let mut flight = flight();
        accepts(&mut flight, Confirmation::ReadOnly, |_| {});
        flight.ends(0, "up");
        let status = |flight: &Flight| {
            let at = ActionRef::new("health");
            let (_, action) = flight::find_action(&flight.incident.plan, &at).expect("it");
            flight.incident.action_status(&at, action)
        };
        let id = AttemptId(1);
        assert_eq!(status(&flight), ActionStatus::Passed(id));
        senses(&mut flight, Verdict::NotMet, 12);
        assert_eq!(status(&flight), ActionStatus::Failed(id));
        let judge = Command::Judge {
            attempt: id,
            met: true,
            reason: "a known flutter".to_owned(),
        };
        flight.wants(&judge).expect("judged");
        assert_eq!(status(&flight), ActionStatus::Passed(id));
        senses(&mut flight, Verdict::NotMet, 3);
        assert_eq!(
            status(&flight),
            ActionStatus::Passed(id),
            "as it was judged"
        );
        senses(&mut flight, Verdict::Inconclusive, 1);
        assert_eq!(
            status(&flight),
            ActionStatus::Judge(id),
            "it shows something else"
        );
        let sensed = flight.incident.attempts[0]
            .sensed
            .clone()
            .expect("on record");
        assert_eq!(sensed.times, 16);
    }

    #[test]
    fn nothing_else_can_be_said_to_have_been_sensed() {
        let mut flight = flight();
        flight
            .start("look", Confirmation::ReadOnly)
            .expect("starts");
        flight.ends(0, "v1");
        let events = flight.events.len();
        senses(&mut flight, Verdict::NotMet, 1);
        assert_eq!(flight.events.len(), events);
    }
}
