//! The lines below an action that say why it is what it is.

use super::{Row, Tone};
use crate::domain::flight;
use crate::domain::incident::{Attempt, Incident};
use crate::domain::judge::Verdict;
use crate::domain::plan::Action;
use crate::domain::status::ActionStatus;
use crate::report::words;

/// What was expected of an action, and what was made of what it showed.
pub(super) fn expectations(action: &Action, attempt: Option<&Attempt>, row: &mut Row) {
    let judgements = attempt.map(|a| a.judgements.as_slice()).unwrap_or_default();
    let then = if attempt.is_some_and(|a| a.sensed.is_some()) {
        "when it was run, "
    } else {
        ""
    };
    for (index, expect) in action.expect.iter().enumerate() {
        match judgements.get(index) {
            Some(judged) => {
                let (tone, word) = match judged.verdict {
                    Verdict::Met => (Tone::Good, "as expected"),
                    Verdict::NotMet => (Tone::Bad, "not as expected"),
                    Verdict::Inconclusive => (Tone::Judge, "not clear"),
                    Verdict::ForPerson => (Tone::Judge, "for you to judge"),
                };
                row.below
                    .push((tone, format!("{then}{word}: {}", judged.because)));
                if judged.verdict != Verdict::Met {
                    row.below
                        .push((Tone::Dim, format!("expected: {}", expect.text)));
                }
            }
            None => {
                let by = if expect.is_sensed() {
                    ""
                } else {
                    " (you judge)"
                };
                row.below
                    .push((Tone::Dim, format!("expect {}{by}", expect.text)));
            }
        }
    }
}

/// What was made of the backups that it speaks of, behind what was expected of its output.
pub(super) fn examinations(action: &Action, attempt: &Attempt, row: &mut Row) {
    for judged in attempt.judgements.iter().skip(action.expect.len()) {
        let tone = match judged.verdict {
            Verdict::Met => Tone::Good,
            Verdict::NotMet => Tone::Bad,
            Verdict::Inconclusive | Verdict::ForPerson => Tone::Judge,
        };
        let open = match tone {
            Tone::Judge => "for you to judge: ",
            _ => "",
        };
        row.below.push((tone, format!("{open}{}", judged.because)));
    }
}

/// That a command has run as another action: which, when, and how that stands.
#[must_use]
pub fn same_command(incident: &Incident, attempt: &Attempt) -> String {
    let at = &attempt.intent.action;
    let status = match flight::find_action(&incident.plan, at) {
        Some((_, action)) => words::action_status(incident.action_status(at, action)),
        None => "",
    };
    format!(
        "the same command, as “{}”, at {}: {status}",
        words::action(&incident.plan, at),
        attempt.intended_at.format("%H:%M:%S UTC")
    )
}

/// What ran for a procedure that was chosen before and stays done, in one line: how much, and what.
#[must_use]
pub fn kept(incident: &Incident) -> Option<String> {
    let kept = incident.kept();
    let names = kept.iter().map(|a| format!("“{}”", a.intent.title));
    let names: Vec<String> = names.collect();
    let did = match names.len() {
        0 => return None,
        1 => "1 action that changed things stays done".to_owned(),
        n => format!("{n} actions that changed things stay done"),
    };
    Some(format!("{did}: {}", names.join(", ")))
}

/// What has run above it since, which it is older than, where it counts as done.
pub(super) fn overtaken(
    incident: &Incident,
    attempt: &Attempt,
    status: ActionStatus,
) -> Option<(Tone, String)> {
    let change = incident.overtaken_by(attempt)?;
    let what = match status {
        ActionStatus::Stale(_) => "enter looks again",
        ActionStatus::Passed(_) => "what it showed was before that",
        ActionStatus::Ran(_) => "it ran before that",
        _ => return None,
    };
    let text = format!(
        "older than the last run of “{}” at {}: {what}",
        change.intent.title,
        change.intended_at.format("%H:%M:%S UTC")
    );
    Some((Tone::Warning, text))
}
