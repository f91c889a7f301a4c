//! The rule for starting something: the one that must never be wrong.
//!
//! What was shown is held against what is. Integrity (stale state, open blanks, an unknown
//! outcome) cannot be passed; gates can, beforehand and with a reason.

use super::bearing::{Bearing, Found};
use super::elsewhere;
use super::event::{ActionMark, Confirmation, Event, Gate, Intent, Mode};
use super::flight::{self, Home};
use super::ids::ActionRef;
use super::incident::{Attempt, AttemptState, Incident};
use super::plan::{Action, ActionKind, Danger};
use super::refusal::Refusal;
use super::runbox::RunBox;
use super::transaction::Terms;
use chrono::{DateTime, Utc};

/// Decides on a start.
///
/// # Errors
/// A [`Refusal`]; nothing will run.
pub(super) fn start(
    incident: &Incident,
    shown: &RunBox,
    confirmation: &Confirmation,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, Refusal> {
    if incident.mode == Mode::DryRun {
        return Err(Refusal::DryRun);
    }
    if !incident.trusted {
        return Err(Refusal::NotAccepted);
    }
    let Some((home, action)) = flight::find_action(&incident.plan, &shown.action) else {
        return Err(Refusal::NoSuch("action".to_owned()));
    };
    if matches!(
        shown.kind,
        ActionKind::Manual | ActionKind::Include | ActionKind::Text
    ) {
        return Err(Refusal::NotRunnable);
    }
    if shown.revision != incident.run_revision {
        return Err(Refusal::Stale);
    }
    elsewhere::settled(incident, &shown.action, shown.there.as_deref())?;
    if !shown.missing.is_empty() {
        return Err(Refusal::Blanks(shown.missing.clone()));
    }
    if let Some(why) = shown.bearings.iter().find_map(Bearing::refusal) {
        return Err(Refusal::Integrity(vec![why]));
    }
    if !shown.problems.is_empty() {
        return Err(Refusal::Integrity(shown.problems.clone()));
    }
    free_to_start(incident, shown)?;
    let mut gates = incident.gates_before(&shown.action);
    let looked_at = shown
        .gates
        .iter()
        .filter(|g| matches!(g, Gate::Backup(_) | Gate::Stale(..)));
    gates.extend(looked_at.filter(|g| !incident.is_waived(g)).cloned());
    // What was fresh when the box was shown may be too old by now.
    let old = incident.stale_checks(shown, now).into_iter();
    for gate in old.map(|check| check.gate) {
        if !gates.contains(&gate) {
            gates.push(gate);
        }
    }
    if !gates.is_empty() {
        return Err(Refusal::Gated(gates));
    }
    confirmed(incident, shown, confirmation)?;
    Ok(events(incident, shown, confirmation, home, action))
}

/// Nothing else runs in the foreground, and nothing before it is unknown.
fn free_to_start(incident: &Incident, shown: &RunBox) -> Result<(), Refusal> {
    if let Some(running) = incident.attempts_at(&shown.action).find(|a| a.is_alive()) {
        return Err(Refusal::Busy(running.intent.title.clone()));
    }
    if let Some(running) = incident.foreground()
        && !shown.monitor
    {
        return Err(Refusal::Busy(running.intent.title.clone()));
    }
    let unknown = incident.attempts.iter().find(|a| {
        matches!(a.state, AttemptState::Unknown(_))
            && (a.intent.scope == shown.scope || a.intent.action == shown.action)
    });
    match unknown {
        Some(attempt) if shown.danger > Danger::None => {
            let title = attempt.intent.title.clone();
            let runs = attempt.still_runs();
            Err(Refusal::UnknownBefore(attempt.intent.attempt, title, runs))
        }
        Some(_) | None => Ok(()),
    }
}

fn confirmed(
    incident: &Incident,
    shown: &RunBox,
    confirmation: &Confirmation,
) -> Result<(), Refusal> {
    let word = incident.word_before(shown);
    let fits = match (confirmation, &word) {
        (Confirmation::Typed(typed), Some(word)) => typed.trim() == word,
        (Confirmation::Drill, _) => incident.mode == Mode::Drill,
        (Confirmation::Pressed | Confirmation::RunOn | Confirmation::Typed(_), None) => true,
        (Confirmation::ReadOnly, None) => shown.danger == Danger::None,
        (Confirmation::Pressed | Confirmation::RunOn | Confirmation::ReadOnly, Some(_)) => false,
    };
    if fits {
        Ok(())
    } else {
        Err(Refusal::Confirmation { word })
    }
}

/// What was done by hand of several ways is the way that is taken, as one that was run would be:
/// the others are not done after it.
pub(super) fn chosen_by_hand(
    incident: &Incident,
    at: &ActionRef,
    mark: ActionMark,
) -> Option<Event> {
    let (_, action) = flight::find_action(&incident.plan, at)?;
    let choice = action.choice.as_ref()?;
    let option = action.option().as_str();
    let other = incident.chosen.get(choice).map(String::as_str) != Some(option);
    (mark == ActionMark::DoneByHand && other).then(|| Event::AlternativeChosen {
        choice: choice.clone(),
        option: option.to_owned(),
    })
}

fn events(
    incident: &Incident,
    shown: &RunBox,
    confirmation: &Confirmation,
    home: Home<'_>,
    action: &Action,
) -> Vec<Event> {
    let mut events = Vec::new();
    if let Some(choice) = &action.choice
        && incident.chosen.get(choice).map(String::as_str) != Some(action.option().as_str())
    {
        let option = action.option().as_str().to_owned();
        events.push(Event::AlternativeChosen {
            choice: choice.clone(),
            option,
        });
    }
    if let Home::Step(_, step) = home
        && step.point_of_no_return
        && shown.danger > Danger::None
        && !incident.no_return.contains_key(&step.id)
    {
        events.push(Event::PointOfNoReturnPassed {
            step: step.id.clone(),
        });
    }
    events.push(Event::AttemptIntended(Intent {
        attempt: incident.next_attempt(),
        action: shown.action.clone(),
        title: shown.title.clone(),
        kind: shown.kind,
        code: shown.code.clone(),
        sha256: shown.sha256.clone(),
        cwd: shown.cwd.clone(),
        host: shown.host.clone(),
        environment: shown.environment.clone(),
        danger: shown.danger,
        confirmation: confirmation.clone(),
        monitor: shown.monitor,
        edited: shown.edited,
        wording: shown.wording.clone(),
        scope: shown.scope.clone(),
        state_from: shown.state_from,
        there: shown.there.clone(),
        bearings: shown.bearings.clone(),
        sources: shown.sources.clone(),
        terms: shown.terms.clone(),
        again_s: shown
            .again_s
            .filter(|_| *confirmation != Confirmation::Drill),
    }));
    events
}

impl Incident {
    /// The word that is to be typed before this box runs: the target's name where it cannot be
    /// undone, `again` where a changing action has run before, also as one
    /// of a procedure chosen earlier; once for a step's identical
    /// commands. What the plan says it is for and nobody could measure is typed by the person who
    /// has looked.
    #[must_use]
    pub fn word_before(&self, shown: &RunBox) -> Option<String> {
        let open = |b: &&Bearing| matches!(b.found, Found::Unknown(_));
        match shown.danger {
            Danger::None => None,
            _ if shown.bearings.iter().any(|b| open(&b)) => {
                let unmeasured = shown.bearings.iter().find(open);
                unmeasured.map(|b| b.expected.clone())
            }
            // What waits before its COMMIT is not final by being run: the word is due there.
            Danger::Irreversible if shown.terms.as_ref().is_some_and(Terms::waits) => {
                self.word_for_another_run(shown)
            }
            Danger::Changes => self.word_for_another_run(shown),
            Danger::Irreversible if self.typed_for_its_like(shown) => None,
            Danger::Irreversible => Some(target_name(shown)),
        }
    }

    fn word_for_another_run(&self, shown: &RunBox) -> Option<String> {
        let left = |a: &Attempt| !matches!(a.state, AttemptState::NeverRan(_)) && !a.left_nothing();
        let again = self.attempts_at(&shown.action).any(left)
            || self.ran_as_another(&shown.action, &shown.code).is_some();
        again.then(|| "again".to_owned())
    }

    /// How often an action was started and may have done something.
    #[must_use]
    pub fn runs_of(&self, action: &ActionRef) -> u32 {
        let ran = |a: &&Attempt| !matches!(a.state, AttemptState::NeverRan(_));
        u32::try_from(self.attempts_at(action).filter(ran).count()).unwrap_or(u32::MAX)
    }

    /// Whether an identical command of the same step was confirmed by its word and ended well.
    fn typed_for_its_like(&self, shown: &RunBox) -> bool {
        let step_of = |at: &ActionRef| match flight::find_action(&self.plan, at) {
            Some((Home::Step(_, step), _)) => Some(step.id.clone()),
            Some((Home::Item(..), _)) | None => None,
        };
        let here = step_of(&shown.action);
        here.is_some()
            && self.attempts.iter().any(|a| {
                a.intent.sha256 == shown.sha256
                    && a.intent.action != shown.action
                    && matches!(a.intent.confirmation, Confirmation::Typed(_))
                    && a.ending().is_some_and(super::event::Ending::succeeded)
                    && step_of(&a.intent.action) == here
            })
    }
}

/// What the operator types to show that the target is meant: the environment where it is named,
/// else the database that it was measured to go to, else the host.
fn target_name(shown: &RunBox) -> String {
    if !shown.environment.is_empty() {
        return shown.environment.clone();
    }
    let database = shown.bearings.iter().find(|b| b.key == "database");
    if let Some(Found::Same(name)) = database.map(|b| &b.found) {
        return name.clone();
    }
    let host = shown.host.rsplit('@').next().unwrap_or_default();
    if host.is_empty() {
        "yes".to_owned()
    } else {
        host.to_owned()
    }
}
