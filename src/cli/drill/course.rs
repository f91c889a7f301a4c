//! Flying a drill: the commands that an operator would give, given one after the other.
//!
//! The same session, journal, supervisor and evidence as the cockpit. It stops at the first
//! failure and at the first thing for a person; what it passes over it records as the drill's
//! doing, never as given, waited for or seen.

use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::cli::blanks;
use crate::cli::output::{self, Look, Tone, harmless};
use crate::domain::bearing::Bearing;
use crate::domain::condition::Input;
use crate::domain::event::{ActionMark, Confirmation, Decision, Gate, ItemMark, StopStage};
use crate::domain::flight;
use crate::domain::gates::gates_execute;
use crate::domain::ids::{ActionRef, AttemptId, ChecklistId, ItemId};
use crate::domain::incident::{Attempt, Incident};
use crate::domain::judge::Verdict;
use crate::domain::plan::{Action, ActionKind, Checklist, ChecklistRole, Danger};
use crate::domain::status::{ActionStatus, ItemStatus};
use crate::domain::{Command, Observation};
use crate::report::{when, words};
use crate::session::{Session, SubmitError};

use super::preflight::{Course, is_runnable};

/// Why a drill stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// Something failed, in words.
    Failed(String),
    /// Something is for a person, in words.
    Person(String),
    /// The operator interrupted it.
    Interrupted,
    /// It could not go on, in words.
    Refused(String),
}

type Step = Result<(), Stop>;

/// What a wait for a command came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// It has ended, or asks for a decision.
    Over,
    /// The operator interrupted it.
    Interrupted,
    /// It waits for somebody to type; without the echo, a password.
    Typing(bool),
}

/// That a command waits for a keyboard that nobody sits at, and what to do.
fn nobody_types(hidden: bool) -> String {
    let (what, how) = if hidden {
        (
            "a password",
            "give it beforehand (.pgpass, PGPASSWORD, ssh-agent, sudo -v or a secret of the plan)",
        )
    } else {
        (
            "a line",
            "give it in the command (an option such as --yes, or a here-document)",
        )
    };
    format!("it waits for {what} to be typed, and a drill has nobody to do that; {how}")
}

/// A drill under way.
pub struct Flight<'s> {
    session: &'s Session,
    runtime: &'s Runtime,
    look: Look,
    assume: bool,
    allow_destructive: bool,
}

const DRILL: &str = "drill";
const ASSUMED: &str = "drill: assumed, nobody looked";

impl<'s> Flight<'s> {
    /// A drill in this session; `assume` takes what is for a person as done.
    pub fn new(
        session: &'s Session,
        runtime: &'s Runtime,
        look: Look,
        assume: bool,
        allow_destructive: bool,
    ) -> Self {
        Self {
            session,
            runtime,
            look,
            assume,
            allow_destructive,
        }
    }

    /// Flies the whole of it.
    pub fn fly(&self, course: &Course<'_>) -> Step {
        self.begin(course)?;
        for list in self.lists(gates_execute) {
            self.checklist(&list)?;
        }
        self.path()?;
        let reason = "the end of the drill".to_owned();
        self.submit(Command::CompleteRollback { reason })?;
        for list in self.lists(is_after) {
            self.checklist(&list)?;
        }
        self.pass_waits()?;
        self.pass_unplaced()?;
        self.submit(Command::Close {
            sign_off: DRILL.to_owned(),
        })
    }

    fn begin(&self, course: &Course<'_>) -> Step {
        self.submit(Command::Decide {
            decision: Decision::RollBack,
            reason: DRILL.to_owned(),
        })?;
        for (parameter, value) in &course.values {
            blanks::fill(self.session, parameter, value).map_err(refused)?;
        }
        let procedure = course.procedure.id.clone();
        self.submit(Command::ChooseProcedure {
            procedure,
            reason: String::new(),
        })?;
        for (choice, option, title) in &course.chosen {
            self.say(
                Tone::Quiet,
                &format!("chose the first: {}", harmless(title)),
            );
            let (choice, option) = (choice.clone(), option.clone());
            self.submit(Command::ChooseAlternative { choice, option })?;
        }
        for (list, before) in self.places() {
            self.submit(Command::PlaceCheckpoint {
                checklist: list,
                before,
            })?;
        }
        Ok(())
    }

    fn places(&self) -> Vec<(ChecklistId, Option<ActionRef>)> {
        let incident = self.session.incident();
        let proposed = incident.proposed_places();
        proposed
            .into_iter()
            .map(|(list, before)| (list.id.clone(), before))
            .collect()
    }

    fn lists(&self, wanted: impl Fn(&Checklist) -> bool) -> Vec<ChecklistId> {
        let incident = self.session.incident();
        let lists = incident.plan.checklists.iter().filter(|list| wanted(list));
        lists.map(|list| list.id.clone()).collect()
    }

    /// The chosen procedure, action by action, with what gates each of them before it.
    fn path(&self) -> Step {
        let incident = self.session.incident();
        let legs = incident.path();
        for step in flight::steps(&legs) {
            for place in &step.places {
                let laid_out =
                    place.action.kind == ActionKind::Include && place.action.target.is_some();
                if laid_out || self.session.incident().place_status(place) == ActionStatus::OffPath
                {
                    continue;
                }
                self.gates(&place.at)?;
                self.action(&place.at, place.action)?;
            }
        }
        for list in self.lists(|list| incident.places.get(&list.id) == Some(&None)) {
            self.checklist(&list)?;
        }
        Ok(())
    }

    fn gates(&self, at: &ActionRef) -> Step {
        for gate in self.session.incident().gates_before(at) {
            match gate {
                Gate::Checklist(list) => self.checklist(&list)?,
                gate @ (Gate::Approval | Gate::Decision | Gate::Backup(_) | Gate::Stale(..)) => {
                    let reason = "drill: nobody was asked".to_owned();
                    self.submit(Command::WaiveGate { gate, reason })?;
                }
                Gate::Order(earlier) => {
                    return Err(Stop::Refused(format!("{earlier} is not settled")));
                }
            }
        }
        Ok(())
    }

    fn checklist(&self, id: &ChecklistId) -> Step {
        let incident = self.session.incident();
        let Some(list) = flight::find_checklist(&incident.plan, id) else {
            return Ok(());
        };
        if incident.is_complete(list) {
            return Ok(());
        }
        self.say(Tone::Strong, &harmless(&list.title));
        for item in &list.items {
            for action in item.actions.iter().filter(|action| is_runnable(action)) {
                self.action(&ActionRef::new(action.id.as_str()), action)?;
            }
            match self.session.incident().item_status(item) {
                ItemStatus::Sensed | ItemStatus::Said(_) => {}
                ItemStatus::Open => self.assume_item(&item.id, &item.text)?,
                ItemStatus::Disagrees => {
                    return Err(Stop::Failed(format!(
                        "its check disagrees: {}",
                        harmless(&item.text)
                    )));
                }
            }
        }
        Ok(())
    }

    fn assume_item(&self, item: &ItemId, text: &str) -> Step {
        let text = harmless(text);
        if !self.assume {
            return Err(Stop::Person(text));
        }
        self.line("", "assumed", Tone::Warn, &text);
        self.submit(Command::MarkItem {
            item: item.clone(),
            mark: ItemMark::Done,
            reason: ASSUMED.to_owned(),
        })
    }

    fn action(&self, at: &ActionRef, action: &Action) -> Step {
        let label = harmless(&action.label());
        if action.monitor {
            self.line(
                "",
                "left out",
                Tone::Quiet,
                &format!("{label} (runs beside the work)"),
            );
            return self.mark(
                at,
                ActionMark::NotApplicable,
                "drill: monitors are not started",
            );
        }
        let elsewhere = self.session.incident().plan.meant_for(at).cloned();
        let label = match &elsewhere {
            Some(place) => format!("{label} ({})", harmless(&place.on())),
            None => label,
        };
        if !is_runnable(action) || elsewhere.is_some() {
            if !self.assume {
                return Err(Stop::Person(label));
            }
            self.line("", "assumed", Tone::Warn, &label);
            return self.mark(at, ActionMark::Skipped, ASSUMED);
        }
        self.run(at, &label)
    }

    fn mark(&self, at: &ActionRef, mark: ActionMark, reason: &str) -> Step {
        self.submit(Command::MarkAction {
            action: at.clone(),
            mark,
            reason: reason.to_owned(),
            done_at: None,
            pasted: String::new(),
        })
    }

    fn run(&self, at: &ActionRef, label: &str) -> Step {
        let box_of = || {
            let shown = self.session.prepare(at, None);
            shown.ok_or_else(|| Stop::Refused(format!("{label}: no such action")))
        };
        let mut shown = box_of()?;
        for gate in shown.gates.clone() {
            // An answer that is too old is asked for again.
            if let Gate::Stale(check, _) = gate {
                self.run(&check, label)?;
                shown = box_of()?;
            }
        }
        let bearings = shown.other_targets();
        if !bearings.is_empty() {
            let action = at.clone();
            let seen = Observation::OtherTarget { action, bearings };
            self.submit(Command::Observe(seen))?;
        }
        if shown.danger == Danger::Irreversible && !self.allow_destructive {
            let why = harmless(&shown.danger_why);
            return Err(Stop::Refused(format!(
                "{label}: filled in, it cannot be undone ({why})"
            )));
        }
        for note in shown.notes.iter().chain(&shown.remarks) {
            self.line("", "note", Tone::Warn, &harmless(note));
        }
        // Nobody is there to look for what could not be measured.
        let doubt = shown.bearings.iter().find_map(Bearing::doubt);
        if let Some(doubt) = doubt.filter(|_| shown.danger != Danger::None) {
            let doubt = harmless(&doubt);
            if !self.assume {
                return Err(Stop::Person(format!("{label}: {doubt}")));
            }
            self.line("", "assumed", Tone::Warn, &format!("{label}: {doubt}"));
        }
        let attempt = self.session.incident().next_attempt();
        self.submit(Command::Start {
            shown: Box::new(shown),
            confirmation: Confirmation::Drill,
        })?;
        let incident = self.wait(attempt)?;
        let Some(ended) = incident.attempt(attempt) else {
            return Ok(());
        };
        self.verdict(at, label, ended, &incident)
    }

    fn verdict(&self, at: &ActionRef, label: &str, ended: &Attempt, incident: &Incident) -> Step {
        let took = ended
            .ending()
            .map_or_else(String::new, |ending| when::millis(ending.duration_ms));
        let Some((_, action)) = flight::find_action(&incident.plan, at) else {
            return Ok(());
        };
        let not_met = ended
            .judgements
            .iter()
            .find(|judged| judged.verdict != Verdict::Met);
        let seen = not_met.map_or_else(String::new, |judged| {
            format!(": {}", harmless(&judged.because))
        });
        match incident.action_status(at, action) {
            ActionStatus::Passed(_) => self.line(&took, "passed", Tone::Good, label),
            ActionStatus::Ran(_) => self.line(&took, "ran", Tone::Good, label),
            ActionStatus::Judge(attempt) if self.assume => {
                self.line(&took, "assumed", Tone::Warn, &format!("{label}{seen}"));
                let reason = ASSUMED.to_owned();
                self.submit(Command::Judge {
                    attempt,
                    met: true,
                    reason,
                })?;
            }
            ActionStatus::Judge(_) => {
                self.line(&took, "judge", Tone::Warn, &format!("{label}{seen}"));
                return Err(Stop::Person(format!("what {label} showed")));
            }
            ActionStatus::Open
            | ActionStatus::OffPath
            | ActionStatus::Stale(_)
            | ActionStatus::Running(_)
            | ActionStatus::Failed(_)
            | ActionStatus::Unknown(_)
            | ActionStatus::Marked(_) => {
                self.line(&took, "failed", Tone::Bad, &format!("{label}{seen}"));
                return Err(Stop::Failed(format!("{label}{}{seen}", how(ended))));
            }
        }
        Ok(())
    }

    /// What was allowed to run is committed where it is what the plan expects, and what that was is
    /// said; nobody is there to look at anything else, which is rolled back.
    fn commit(&self, attempt: AttemptId) -> Step {
        let incident = self.session.incident();
        let waits = incident.attempt(attempt);
        let tally = waits.and_then(Attempt::awaits);
        let what = tally.map(|tally| harmless(&words::tally(tally)));
        let what = what.unwrap_or_default();
        let why = waits.and_then(|attempt| incident.unexpected(attempt));
        match &why {
            None => self.line("", "commits", Tone::Warn, &what),
            Some(why) => {
                let text = format!("{what}: {}", harmless(why));
                self.line("", "rolls back", Tone::Warn, &text);
            }
        }
        self.submit(Command::DecideCommit {
            attempt,
            commit: why.is_none(),
            confirmation: Confirmation::Drill,
        })
    }

    /// Waits for the end of an attempt; an interrupt stops it first.
    fn wait(&self, attempt: AttemptId) -> Result<Arc<Incident>, Stop> {
        let mut state = self.session.subscribe();
        let alive =
            |incident: &Arc<Incident>| incident.attempt(attempt).is_some_and(Attempt::is_alive);
        let asks = |incident: &Arc<Incident>| {
            let waits = incident.attempt(attempt).and_then(Attempt::awaits);
            waits.is_some()
        };
        let present = self.session.present();
        let mut until = || {
            let mut asked = 0;
            self.runtime.block_on(async {
                loop {
                    self.session.beat();
                    tokio::select! {
                        _ = tokio::signal::ctrl_c() => return Wait::Interrupted,
                        found = state.wait_for(|i| !alive(i) || asks(i)) => {
                            return if found.is_ok() { Wait::Over } else { Wait::Interrupted };
                        }
                        () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
                    }
                    let input = present.borrow().attempts.get(&attempt).map(|c| c.input);
                    asked = match input {
                        Some(Input::Line | Input::Hidden) => asked + 1,
                        Some(Input::Untold | Input::Busy) | None => 0,
                    };
                    if asked > 1 {
                        return Wait::Typing(input == Some(Input::Hidden));
                    }
                }
            })
        };
        let mut ended = until();
        if ended == Wait::Over && asks(&self.session.incident()) {
            self.commit(attempt)?;
            ended = until();
        }
        let stop = match ended {
            Wait::Over => return Ok(self.session.incident()),
            Wait::Interrupted => {
                self.say(Tone::Warn, "interrupted: waiting for the command to stop");
                Stop::Interrupted
            }
            Wait::Typing(hidden) => Stop::Refused(nobody_types(hidden)),
        };
        self.submit(Command::Stop {
            attempt,
            stage: StopStage::Interrupt,
        })?;
        let patience = std::time::Duration::from_secs(5);
        let ends = || {
            self.runtime.block_on(async {
                tokio::time::timeout(patience, state.wait_for(|i| !alive(i)))
                    .await
                    .is_ok()
            })
        };
        let mut ends = ends;
        if !ends() {
            // A prompt may let an interrupt pass.
            self.submit(Command::Stop {
                attempt,
                stage: StopStage::Terminate,
            })?;
            ends();
        }
        Err(stop)
    }

    /// Nobody waits in a drill: what is due later is passed with that reason.
    fn pass_waits(&self) -> Step {
        let due = self.lists(|list| list.due_after_s.is_some());
        self.pass(&due, "not waited", "drill: nobody waited for it")
    }

    /// A checkpoint after something that the procedure has not, such as the database.
    fn pass_unplaced(&self) -> Step {
        let incident = self.session.incident();
        let unplaced = self.lists(|list| {
            list.role == ChecklistRole::Checkpoint
                && list.due_after_s.is_none()
                && !gates_execute(list)
                && !incident.places.contains_key(&list.id)
        });
        let reason = "drill: the procedure has nothing that it comes after";
        self.pass(&unplaced, "no place", reason)
    }

    fn pass(&self, lists: &[ChecklistId], word: &str, reason: &str) -> Step {
        for list in lists {
            let incident = self.session.incident();
            let Some(list) = flight::find_checklist(&incident.plan, list) else {
                continue;
            };
            if !incident.is_complete(list) {
                self.line("", word, Tone::Quiet, &harmless(&list.title));
                self.submit(Command::WaiveGate {
                    gate: Gate::Checklist(list.id.clone()),
                    reason: reason.to_owned(),
                })?;
            }
        }
        Ok(())
    }

    fn submit(&self, command: Command) -> Step {
        self.session
            .submit_and_wait(command)
            .map(|_| ())
            .map_err(refused)
    }

    fn line(&self, took: &str, word: &str, tone: Tone, text: &str) {
        let word = self.look.paint(tone, &format!("{word:>10}"));
        output::say(&format!("{took:>8} {word}  {text}"));
    }

    fn say(&self, tone: Tone, text: &str) {
        output::say(&format!("{:>8} {}", "", self.look.paint(tone, text)));
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn refused(error: SubmitError) -> Stop {
    Stop::Refused(error.to_string())
}

/// Whether a checklist is for after the rollback and due at once.
fn is_after(list: &Checklist) -> bool {
    list.due_after_s.is_none()
        && matches!(
            list.role,
            ChecklistRole::Verification | ChecklistRole::Success
        )
}

fn how(ended: &Attempt) -> String {
    let Some(ending) = ended.ending() else {
        return " (its outcome is not known)".to_owned();
    };
    match (ending.exit, ending.signal, &ending.error) {
        (_, _, Some(error)) => format!(" ({})", harmless(error)),
        _ if ending.fate.is_some() => format!(" ({})", harmless(&words::ending(ending))),
        (Some(0) | None, None, None) => String::new(),
        (Some(code), _, None) => format!(" (exit {code})"),
        (None, Some(signal), None) => format!(" (signal {signal})"),
    }
}
