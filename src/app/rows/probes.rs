//! What rows say of probes: after how long they are sensed again, how it went, what they came to.

use super::actions::action_row;
use super::{Row, Target, Tone};
use crate::domain::condition::Present;
use crate::domain::flight;
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::Incident;
use crate::domain::judge::Verdict;
use crate::domain::plan::{Action, ActionKind, Danger};
use crate::domain::probes::{Sensing, Watch};
use crate::script;

/// What is sensed again by itself: its action, and how that ends.
pub(super) fn rows(incident: &Incident, id: AttemptId) -> Vec<Row> {
    let Some(attempt) = incident.attempt(id) else {
        return Vec::new();
    };
    let at = &attempt.intent.action;
    let mut rows = Vec::new();
    if let Some((_, action)) = flight::find_action(&incident.plan, at) {
        let status = incident.action_status(at, action);
        rows.push(action_row(incident, at, action, status));
    }
    rows.push(Row::text(
        "It only reads, was accepted by being run, and is sensed again by itself; nothing waits \
         for it. What m says of it, or the sign-off, ends that.",
    ));
    rows
}

/// Adds to the rows of probes how they stand at this moment.
pub(in crate::app) fn add(rows: &mut [Row], incident: &Incident, present: &Present) {
    for row in rows {
        if let Target::Action(at) = &row.target {
            let lines = lines(incident, at, present);
            row.below.extend(lines);
            let last = incident.attempts_at(at).last();
            let watch = last.and_then(|a| present.probes.get(&a.intent.attempt));
            if let Some(last) = watch.and_then(|w| w.last.as_ref()) {
                row.aside = format!("sensed {}", last.at.format("%H:%M:%S UTC"));
            }
        }
    }
}

fn lines(incident: &Incident, at: &ActionRef, present: &Present) -> Vec<(Tone, String)> {
    let found = flight::find_action(&incident.plan, at);
    let probe = found.and_then(|(_, action)| incident.plan.probe_of(action));
    let Some(every_s) = probe.and_then(|p| p.every_s) else {
        return Vec::new();
    };
    let Some(attempt) = incident.attempts_at(at).last() else {
        let how = if found.is_some_and(|(_, action)| shows_that_it_reads(action)) {
            "by itself, once it was run"
        } else {
            "in the plan, and not by itself: its text does not show that it only reads"
        };
        return vec![(Tone::Dim, format!("every {every_s} s {how}"))];
    };
    let watch = present.probes.get(&attempt.intent.attempt);
    let recorded = attempt.sensed.as_ref().map(|sensed| &sensed.last);
    let last = watch.and_then(|w| w.last.as_ref()).or(recorded);
    last.map(now).into_iter().chain(watch.map(trail)).collect()
}

/// Whether the text itself says that it only reads, and the plan says nothing else: by the judges
/// that the run box asks, and what an interpreter runs is read by none of them.
fn shows_that_it_reads(action: &Action) -> bool {
    if action.danger != Danger::None || action.monitor || action.interactive {
        return false;
    }
    let judged = match action.kind {
        ActionKind::Shell if action.interpreter.is_none() => script::shell::danger(&action.code),
        ActionKind::Http => script::http::danger(&action.code),
        _ => return false,
    };
    judged.danger == script::Danger::None
}

fn now(last: &Sensing) -> (Tone, String) {
    let (tone, word) = match last.verdict {
        Verdict::Met => (Tone::Good, "as expected"),
        Verdict::NotMet => (Tone::Bad, "NOT AS EXPECTED"),
        Verdict::Inconclusive => (Tone::Judge, "not clear"),
        Verdict::ForPerson => (Tone::Judge, "for you to judge"),
    };
    let at = last.at.format("%H:%M:%S UTC");
    (tone, format!("now ({at}) {word}: {}", last.because))
}

/// How it went: a sign for each time, the last one at the end.
fn trail(watch: &Watch) -> (Tone, String) {
    let sign = |verdict: &Verdict| match verdict {
        Verdict::Met => '+',
        Verdict::NotMet => '-',
        Verdict::Inconclusive | Verdict::ForPerson => '?',
    };
    let signs: String = watch.trail.iter().map(sign).collect();
    let (every, times) = (watch.every_s, watch.times);
    let text = format!("every {every} s by itself, {times} times: {signs}");
    (Tone::Dim, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::action;

    #[test]
    fn a_row_promises_to_sense_again_only_what_its_box_would() {
        let shell = |code: &str| action("a", code);
        assert!(shows_that_it_reads(&shell("cat /etc/hostname")));
        assert!(!shows_that_it_reads(&shell("./check.sh")));
        let interpreted = Action {
            interpreter: Some("python3".to_owned()),
            ..shell("cat /etc/hostname")
        };
        assert!(!shows_that_it_reads(&interpreted));
        let http = |code: &str| Action {
            kind: ActionKind::Http,
            ..shell(code)
        };
        assert!(shows_that_it_reads(&http("GET http://h/health")));
        assert!(!shows_that_it_reads(&http("POST http://h/health")));
        let stated = Action {
            danger: Danger::Changes,
            ..http("GET http://h/health")
        };
        assert!(!shows_that_it_reads(&stated));
    }
}
