//! What a person or the world says, without the secrets that this session knows.
//!
//! A password that was typed into a note, pasted with an output or named by an error would go into
//! the journal and from there into every export. It is taken out before anything is decided.
//! Names, ids and texts to run are left alone: what runs is what was confirmed, and the run box
//! refuses a text that spells a secret out.

use std::borrow::Cow;

use super::secrets::Secrets;
use crate::domain::bearing::Bearing;
use crate::domain::event::{Ending, ParameterValue, Survivor};
use crate::domain::judge::Judgement;
use crate::domain::transaction::Fate;
use crate::domain::{Command, Observation, Refusal};

/// The command as it may be recorded.
pub(super) fn veiled<'c>(command: &'c Command, secrets: &Secrets) -> Cow<'c, Command> {
    if secrets.are_none() {
        return Cow::Borrowed(command);
    }
    let mut command = command.clone();
    for text in texts(&mut command) {
        if let Some(masked) = secrets.masked(text) {
            *text = masked;
        }
    }
    Cow::Owned(command)
}

/// Why a command cannot be recorded: the value of a blank is a secret, and without it would be
/// another value.
pub(super) fn refusal(command: &Command, secrets: &Secrets) -> Option<Refusal> {
    let Command::FillParameter {
        value: ParameterValue::Text(text),
        name,
    } = command
    else {
        return None;
    };
    let spelled = secrets.added(text, "").into_iter().find(|n| n != name)?;
    let long = secrets.get(&spelled).is_some_and(|v| v.len() >= LONG);
    long.then(|| {
        Refusal::NotInThatState(format!(
            "this is the secret {spelled}, and {name} is recorded as it is"
        ))
    })
}

/// A shorter secret may by chance be another blank's value too.
const LONG: usize = 8;

/// Every text of a command that somebody wrote, or that something said.
fn texts(command: &mut Command) -> Vec<&mut String> {
    match command {
        Command::AddNote(text)
        | Command::Pin { text, .. }
        | Command::WriteField { text, .. }
        | Command::Attach { what: text, .. }
        | Command::Close { sign_off: text } => vec![text],
        Command::StateTime { reason, .. }
        | Command::SetSeverity { reason, .. }
        | Command::Decide { reason, .. }
        | Command::MarkItem { reason, .. }
        | Command::WaiveGate { reason, .. }
        | Command::GoAhead { reason, .. }
        | Command::ChooseProcedure { reason, .. }
        | Command::Judge { reason, .. }
        | Command::Resolve { reason, .. }
        | Command::CompleteRollback { reason }
        | Command::Reopen { reason } => vec![reason],
        Command::Approve { name, role, how } => vec![name, role, how],
        Command::MarkAction { reason, pasted, .. } => vec![reason, pasted],
        Command::UseMessage { how, text, .. } => vec![how, text],
        Command::Observe(seen) => seen_texts(seen),
        Command::FillParameter { .. }
        | Command::SetEnvironment(_)
        | Command::Resume { .. }
        | Command::Leave
        | Command::AcceptRunbook
        | Command::TickTrigger { .. }
        | Command::Answer { .. }
        | Command::PlaceCheckpoint { .. }
        | Command::ChooseAlternative { .. }
        | Command::ChoosePlace { .. }
        | Command::SendElsewhere { .. }
        | Command::Start { .. }
        | Command::Stop { .. }
        | Command::DecideCommit { .. }
        | Command::StopSurvivors(_)
        | Command::Undo => Vec::new(),
    }
}

fn seen_texts(seen: &mut Observation) -> Vec<&mut String> {
    match seen {
        Observation::Ended {
            ending, judgements, ..
        } => {
            let Ending {
                error,
                survivors,
                fate,
                ..
            } = ending;
            let undone = match fate {
                Some(Fate::RolledBack(why)) => Some(why),
                Some(Fate::Committed | Fate::Unchanged) | None => None,
            };
            let judged = judgements
                .iter_mut()
                .map(|j: &mut Judgement| &mut j.because);
            let left = survivors.iter_mut().map(|s: &mut Survivor| &mut s.command);
            judged.chain(left).chain(error).chain(undone).collect()
        }
        Observation::NeverRan { why, .. }
        | Observation::Lost { why, .. }
        | Observation::JournalStalled { why, .. } => vec![why],
        Observation::Survivors { note, .. } => vec![note],
        Observation::Sensed(sensings) => vec![&mut sensings.last.because],
        Observation::OtherTarget { bearings, .. } => {
            bearings.iter_mut().filter_map(Bearing::measured).collect()
        }
        // A tally has names of statements and tables, and figures.
        Observation::AwaitsCommit { .. }
        | Observation::Named(_)
        | Observation::Started { .. }
        | Observation::JournalCut { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ParameterName;

    #[test]
    fn a_secret_in_what_is_said_is_taken_out_and_what_runs_is_left() {
        let secrets = Secrets::default();
        let note = Command::AddNote("used hunter2000, and hunter%32000 is not it".to_owned());
        assert!(matches!(veiled(&note, &secrets), Cow::Borrowed(_)));
        secrets.set(ParameterName::new("pw"), "hunter2000".to_owned());
        let Command::AddNote(text) = veiled(&note, &secrets).into_owned() else {
            panic!("still a note");
        };
        assert_eq!(text, "used [secret pw], and hunter%32000 is not it");
        let ended = Command::Observe(Observation::Ended {
            attempt: crate::domain::ids::AttemptId(1),
            ending: Ending {
                error: Some("no hunter2000".to_owned()),
                ..Ending::default()
            },
            judgements: vec![Judgement {
                verdict: crate::domain::judge::Verdict::Met,
                because: "aHVudGVyMjAwMA==".to_owned(),
            }],
        });
        let told = format!("{:?}", veiled(&ended, &secrets));
        assert!(
            told.contains("no [secret pw]") && told.contains("\"[secret pw]"),
            "{told}"
        );
    }
}
