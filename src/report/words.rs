//! The cases of the domain's enums in words for people.

use super::when;
use crate::domain::elsewhere;
use crate::domain::event::{
    ActionMark, Answer, Confirmation, Decision, Ending, Gate, ItemMark, LostOutput, Mode,
    Resolution, StopStage,
};
use crate::domain::flight::{self, Home};
use crate::domain::ids::{ActionRef, ItemId};
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::judge::Verdict;
use crate::domain::plan::{Plan, Trigger};
use crate::domain::status::{ActionStatus, ItemStatus};
use crate::domain::transaction::{Fate, Tally};

/// A decision.
#[must_use]
pub fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::RollBack => "roll back",
        Decision::FixForward => "fix forward",
        Decision::Monitor => "monitor",
    }
}

/// An answer.
#[must_use]
pub fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Unsure => "unsure",
    }
}

/// A kind of use.
#[must_use]
pub fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Real => "incident",
        Mode::Drill => "drill",
        Mode::DryRun => "dry run",
        Mode::Practice => "practice",
    }
}

/// A mark on an item.
#[must_use]
pub fn item_mark(mark: ItemMark) -> &'static str {
    match mark {
        ItemMark::Open => "open",
        ItemMark::Done => "done",
        ItemMark::Overridden => "overridden",
        ItemMark::Deferred => "deferred",
        ItemMark::NotApplicable => "not applicable",
    }
}

/// A mark on an action.
#[must_use]
pub fn action_mark(mark: ActionMark) -> &'static str {
    match mark {
        ActionMark::Open => "open",
        ActionMark::DoneByHand => "done by hand",
        ActionMark::Skipped => "skipped",
        ActionMark::Failed => "failed",
        ActionMark::NotApplicable => "not applicable",
        ActionMark::Deferred => "deferred",
    }
}

/// Where an item stands.
#[must_use]
pub fn item_status(status: ItemStatus) -> &'static str {
    match status {
        ItemStatus::Open => "open",
        ItemStatus::Disagrees => "does not hold",
        ItemStatus::Sensed => "sensed",
        ItemStatus::Said(mark) => item_mark(mark),
    }
}

/// Where an action stands.
#[must_use]
pub fn action_status(status: ActionStatus) -> &'static str {
    match status {
        ActionStatus::Open => "open",
        ActionStatus::OffPath => "not on the path",
        ActionStatus::Running(_) => "running",
        ActionStatus::Passed(_) => "passed",
        ActionStatus::Stale(_) => "passed, before something above it ran again",
        ActionStatus::Ran(_) => "ran, nothing to judge it by",
        ActionStatus::Judge(_) => "ran, to be judged",
        ActionStatus::Failed(_) => "failed",
        ActionStatus::Unknown(_) => "UNKNOWN",
        ActionStatus::Marked(mark) => action_mark(mark),
    }
}

/// How an unknown outcome was settled.
#[must_use]
pub fn resolution(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Succeeded => "it did its work",
        Resolution::Failed => "it did not do its work",
        Resolution::NeverRan => "it never ran",
    }
}

/// How hard a stop is.
#[must_use]
pub fn stop(stage: StopStage) -> &'static str {
    match stage {
        StopStage::Interrupt => "interrupt",
        StopStage::Terminate => "terminate",
        StopStage::Kill => "kill",
    }
}

/// A verdict.
#[must_use]
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::NotMet => "not met",
        Verdict::Inconclusive => "inconclusive",
        Verdict::ForPerson => "for a person to judge",
    }
}

/// How a start was confirmed.
#[must_use]
pub fn confirmation(confirmation: &Confirmation) -> String {
    match confirmation {
        Confirmation::ReadOnly => "reads only".to_owned(),
        Confirmation::Pressed => "confirmed".to_owned(),
        Confirmation::Typed(word) => format!("confirmed by typing {word:?}"),
        Confirmation::RunOn => "part of a run-on".to_owned(),
        Confirmation::Drill => "unattended drill".to_owned(),
    }
}

/// How an attempt ended: `exit 0`, `signal 9`, `stopped`.
#[must_use]
pub fn ending(ending: &Ending) -> String {
    if ending.by_time_box && ending.exit == Some(124) && ending.error.is_none() {
        return format!("ended at its time box ({} s)", ending.duration_ms / 1_000);
    }
    let mut text = match (ending.exit, ending.signal) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit status".to_owned(),
    };
    if let Some(line) = ending.failed_at {
        text.push_str(" at line ");
        text.push_str(&line.to_string());
    }
    if ending.by_time_box {
        text.push_str(", stopped by its time box");
    } else if ending.cancelled {
        text.push_str(", stopped on request");
    }
    if let Some(fate) = &ending.fate {
        text.push_str(", ");
        text.push_str(&fate_words(fate));
    }
    if let Some(error) = &ending.error {
        text.push_str(", ");
        text.push_str(error);
    }
    if let Some(lost) = &ending.lost {
        text.push_str("; ");
        text.push_str(&lost_output(lost));
    }
    text
}

/// What became of a transaction.
#[must_use]
pub fn fate_words(fate: &Fate) -> String {
    match fate {
        Fate::Committed => "committed".to_owned(),
        Fate::RolledBack(why) => with_reason("rolled back", why),
        Fate::Unchanged => "it changed nothing".to_owned(),
    }
}

/// What would become final with a COMMIT: `DELETE 2 rows (orders: 2 deleted; lines: 9 deleted)`.
#[must_use]
pub fn tally(tally: &Tally) -> String {
    let tables: Vec<String> = tally
        .tables
        .iter()
        .map(|t| format!("{}: {}", t.table, t.words()))
        .collect();
    let headline = tally.headline();
    let place = &tally.place;
    if tables.is_empty() {
        format!("{headline}, {place}")
    } else {
        format!("{headline} ({}), {place}", tables.join("; "))
    }
}

/// That it waits before its COMMIT, and what becomes of it without a decision.
#[must_use]
pub fn waits(attempt: &Attempt) -> Option<String> {
    let tally = attempt.awaits()?;
    Some(format!(
        "waits before its COMMIT: {}; without a decision it is rolled back at {} UTC",
        tally.headline(),
        when::clock(tally.until)
    ))
}

/// What runs, and what it waits for.
#[must_use]
pub fn under_way(attempt: &Attempt) -> String {
    let title = &attempt.intent.title;
    waits(attempt).map_or_else(|| title.clone(), |waits| format!("{title} · {waits}"))
}

/// The processes that it left running: number and command, where that is known.
#[must_use]
pub fn left_running(ending: &Ending) -> Vec<String> {
    let named = |pid: &u32| {
        let known = ending.survivors.iter().find(|s| s.pid == *pid);
        known.map_or_else(|| pid.to_string(), |s| format!("{pid} {}", s.command))
    };
    ending.left_running.iter().map(named).collect()
}

/// Output that could not be kept: how much, since when, why.
#[must_use]
pub fn lost_output(lost: &LostOutput) -> String {
    let since = lost
        .since
        .map(|at| format!(" from {} UTC on", super::when::clock(at)))
        .unwrap_or_default();
    let text = format!("{} bytes of its output are missing{since}", lost.bytes);
    with_reason(&text, &lost.why)
}

/// Where an attempt ran, behind its title: of what ran elsewhere, and of everything once a person
/// has sent something elsewhere.
#[must_use]
pub fn place(incident: &Incident, attempt: &Attempt) -> String {
    match attempt.intent.there {
        Some(_) => format!(" ({})", elsewhere::on(&attempt.intent.host)),
        None if incident.sent.is_empty() => String::new(),
        None => format!(" ({})", elsewhere::here(&attempt.intent.host)),
    }
}

/// Where an attempt stands, without what was made of its output.
#[must_use]
pub fn attempt(attempt: &Attempt) -> String {
    match &attempt.state {
        AttemptState::Intended => "confirmed, not known to run yet".to_owned(),
        AttemptState::Running => "running".to_owned(),
        AttemptState::Ended(ended) => ending(ended),
        AttemptState::NeverRan(why) => with_reason("never ran", why),
        AttemptState::Unknown(why) => with_reason("UNKNOWN", why),
        AttemptState::Resolved(how, why) => {
            with_reason(&format!("was UNKNOWN, settled: {}", resolution(*how)), why)
        }
    }
}

/// What was made of an attempt's output, and on what ground.
#[must_use]
pub fn judgement(attempt: &Attempt) -> String {
    let mut parts: Vec<String> = attempt
        .judgements
        .iter()
        .map(|j| with_reason(verdict(j.verdict), &j.because))
        .collect();
    if let Some(sensed) = &attempt.sensed {
        let last = &sensed.last;
        let at = super::when::clock(last.at);
        let what = with_reason(verdict(last.verdict), &last.because);
        parts.push(format!(
            "sensed again {} times, at {at} UTC {what}",
            sensed.times
        ));
    }
    if let Some((met, reason)) = &attempt.judged {
        let said = if *met {
            "a person: as it should be"
        } else {
            "a person: not as it should be"
        };
        parts.push(with_reason(said, reason));
    }
    parts.join("; ")
}

/// A gate, by the name of what it holds up for.
#[must_use]
pub fn gate(plan: &Plan, gate: &Gate) -> String {
    match gate {
        Gate::Decision => "the decision to roll back".to_owned(),
        Gate::Approval => "the approval".to_owned(),
        Gate::Checklist(id) => match flight::find_checklist(plan, id) {
            Some(list) => format!("the checklist {}", list.title),
            None => format!("the checklist {id}"),
        },
        Gate::Backup(what) => format!("the look at the backup ({what})"),
        Gate::Stale(at, id) => format!(
            "the age of the answer of {} (attempt {id})",
            action(plan, at)
        ),
        Gate::Order(at) => format!("the order of steps at {}", action(plan, at)),
    }
}

/// What was running when an end was marked; nothing where nothing was.
#[must_use]
pub fn still_running(running: &[String]) -> String {
    if running.is_empty() {
        return String::new();
    }
    format!(" while this was still running: {}", running.join(", "))
}

/// That somebody left the order of the plan: where to, and what stays open behind.
#[must_use]
pub fn went_ahead(plan: &Plan, to: &ActionRef, over: &[ActionRef]) -> String {
    let over: Vec<String> = over
        .iter()
        .map(|at| format!("“{}”", action(plan, at)))
        .collect();
    let to = action(plan, to);
    format!(
        "went on to “{to}” out of order; not done before it: {}",
        over.join(", ")
    )
}

/// An action, by its title, within its step.
#[must_use]
pub fn action(plan: &Plan, at: &ActionRef) -> String {
    match flight::find_action(plan, at) {
        Some((Home::Step(_, step), action)) => {
            let label = action.label();
            if label == step.title || label.is_empty() {
                step.title.clone()
            } else if step.title.is_empty() {
                label
            } else {
                format!("{} › {label}", step.title)
            }
        }
        Some((Home::Item(_, item), _)) => item.text.clone(),
        None => at.to_string(),
    }
}

/// An item, by its text.
#[must_use]
pub fn item(plan: &Plan, id: &ItemId) -> String {
    flight::find_item(plan, id).map_or_else(|| id.to_string(), |(_, item)| item.text.clone())
}

/// A trigger of the plan.
#[must_use]
pub fn find_trigger<'p>(plan: &'p Plan, id: &crate::domain::ids::TriggerId) -> Option<&'p Trigger> {
    super::facts::triggers(plan).find(|t| t.id == *id)
}

/// Words, and the reason behind them where there is one.
#[must_use]
pub fn with_reason(words: &str, reason: &str) -> String {
    if reason.trim().is_empty() {
        words.to_owned()
    } else {
        format!("{words}: {}", reason.trim())
    }
}

/// The first line that runs, for a table.
#[must_use]
pub fn first_line(code: &str) -> &str {
    let lines = || code.lines().map(str::trim).filter(|l| !l.is_empty());
    lines()
        .find(|l| !l.starts_with('#'))
        .or_else(|| lines().next())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_by_the_time_box_is_nobodys_request() {
        let stopped = Ending {
            signal: Some(2),
            cancelled: true,
            ..Ending::default()
        };
        assert_eq!(ending(&stopped), "signal 2, stopped on request");
        let boxed = Ending {
            by_time_box: true,
            ..stopped
        };
        assert_eq!(ending(&boxed), "signal 2, stopped by its time box");
        let by_its_text = Ending {
            exit: Some(124),
            signal: None,
            duration_ms: 15_020,
            ..boxed
        };
        assert_eq!(ending(&by_its_text), "ended at its time box (15 s)");
    }
}
