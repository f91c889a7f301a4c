//! How an attempt ended, in words, and which of its lines ended it.

use super::{Row, Sign, Target, Tone};
use crate::domain::Present;
use crate::domain::event::Ending;
use crate::domain::flight;
use crate::domain::ids::ActionRef;
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::outline::{Entry, EntryState, Subject};
use crate::report::words;

/// Says of what the record still has as running that it has ended, where the result waits for room.
pub(in crate::app) fn say_ended(rows: &mut [Row], incident: &Incident, present: &Present) {
    let (ended, going_on) = alive(incident, present);
    for row in rows {
        let has = |a: &&Attempt| is_of(&row.target, incident, a);
        if ended.iter().any(has) && !going_on.iter().any(has) {
            row.sign = Sign::Judge;
            "it has ended: waits for space".clone_into(&mut row.aside);
        }
    }
}

/// The same for the lines of the flight plan.
pub(in crate::app) fn say_ended_in_plan(
    plan: &mut [Entry],
    incident: &Incident,
    present: &Present,
) {
    let (ended, going_on) = alive(incident, present);
    if ended.is_empty() {
        return;
    }
    let subjects: Vec<Subject> = plan.iter().map(|e| e.subject.clone()).collect();
    let holds = |subject: &Subject, attempt: &Attempt| {
        let of = |subject: &Subject| {
            subject.attempt() == Some(attempt.intent.attempt)
                || super::rows(incident, subject)
                    .iter()
                    .any(|row| is_of(&row.target, incident, attempt))
        };
        match subject {
            Subject::Procedure(root) => subjects
                .iter()
                .filter(|s| matches!(s, Subject::Step(under, _) if under == root))
                .any(of),
            subject => of(subject),
        }
    };
    for entry in plan.iter_mut().filter(|e| e.state == EntryState::Running) {
        if !going_on.iter().any(|a| holds(&entry.subject, a)) {
            entry.state = EntryState::Judge;
        }
    }
}

/// What the record has as running: what has ended and waits for room, and what goes on.
fn alive<'a>(incident: &'a Incident, present: &Present) -> (Vec<&'a Attempt>, Vec<&'a Attempt>) {
    let all = incident.attempts.iter().filter(|a| a.is_alive());
    all.partition(|a| present.has_ended(a.intent.attempt))
}

/// Whether an attempt is one at a row.
fn is_of(target: &Target, incident: &Incident, attempt: &Attempt) -> bool {
    let at = &attempt.intent.action;
    match target {
        Target::Action(own) => own == at,
        Target::Item(id) => flight::find_item(&incident.plan, id)
            .is_some_and(|(_, item)| item.actions.iter().any(|a| a.id.as_str() == at.as_str())),
        _ => false,
    }
}

/// How an attempt ended, in words.
pub(super) fn how_it_ended(attempt: &Attempt, ending: &Ending) -> String {
    if let Some(error) = &ending.error {
        return if ending.cancelled && !ending.by_time_box {
            format!("stopped: {error}")
        } else {
            error.clone()
        };
    }
    if ending.by_time_box {
        return words::ending(ending);
    }
    match (ending.exit, ending.signal, ending.cancelled) {
        (_, Some(signal), true) => format!("stopped (signal {signal})"),
        (_, Some(signal), false) => format!("ended by signal {signal}"),
        (Some(code), _, true) => format!("stopped, exit status {code}"),
        (Some(code), _, false) => match failed_line(&attempt.intent.code, ending.failed_at) {
            Some(line) => format!("exit status {code} at {line}"),
            None => format!("exit status {code}"),
        },
        (None, None, _) => "no exit status".into(),
    }
}

/// `line 3: test -f dump.sql`; none where there is one line only.
fn failed_line(code: &str, at: Option<u32>) -> Option<String> {
    let number = usize::try_from(at?).ok()?;
    if code.lines().filter(|line| !line.trim().is_empty()).count() < 2 {
        return None;
    }
    let text = code.lines().nth(number.checked_sub(1)?)?.trim();
    let says_something = text.chars().any(char::is_alphanumeric);
    Some(if says_something {
        format!("line {number}: {text}")
    } else {
        format!("line {number}")
    })
}

/// What is to be known of the other attempts of an action: that the outcome of one is not known,
/// which holds up what follows; that a later one never ran; that there was one before.
pub(super) fn other_tries(
    incident: &Incident,
    at: &ActionRef,
    telling: &Attempt,
) -> Vec<(Tone, String)> {
    let mut lines = Vec::new();
    let mut last = None;
    for other in incident.attempts_at(at) {
        let id = other.intent.attempt;
        if id == telling.intent.attempt {
            continue;
        }
        if matches!(other.state, AttemptState::Unknown(_)) {
            let held = format!("the outcome of attempt {id} is not known: m settles it");
            lines.push((Tone::Danger, held));
        }
        last = Some(other);
    }
    match (last, &telling.state) {
        (Some(last), _) if last.intent.attempt > telling.intent.attempt => {
            if let AttemptState::NeverRan(why) = &last.state {
                let again = format!("tried again, and it never ran: {why}");
                lines.push((Tone::Warning, again));
            }
        }
        (Some(before), AttemptState::NeverRan(_)) if before.has_run() => {
            let ran = before.intent.attempt;
            let counts =
                format!("it ran before, as attempt {ran}; what counts is this last try (m)");
            lines.push((Tone::Warning, counts));
        }
        _ => {}
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::failed_line;

    #[test]
    fn the_line_that_failed_is_named_with_its_text() {
        let code = "cd app\n\nfalse |\n  tee log\n( true\n  false\n)";
        let at = |line| failed_line(code, Some(line));
        assert_eq!(at(1).as_deref(), Some("line 1: cd app"));
        assert_eq!(at(3).as_deref(), Some("line 3: false |"));
        assert_eq!(at(7).as_deref(), Some("line 7"));
        for never in [Some(0), Some(99), None] {
            assert_eq!(failed_line(code, never), None);
        }
        // There is nothing to choose from.
        assert_eq!(failed_line("\nfalse\n", Some(2)), None);
    }
}
