//! What an action finds of the shell of those before it: whose state it starts from, and whether
//! the one before left any; and what its functions make of a text.

use crate::domain::event::Ending;
use crate::domain::flight;
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::{Attempt, Incident};
use crate::domain::plan::{Action, ActionKind};
use crate::domain::runbox::RunBox;
use crate::domain::status::{ActionStatus, attempt_status};
use crate::session::Session;
use crate::{exec, script};

/// Which attempts share a shell with the action at a place: each session elsewhere has one of its
/// own.
fn shares<'i>(
    incident: &'i Incident,
    at: &'i ActionRef,
    scope: &'i str,
    there: bool,
) -> impl Fn(&&'i Attempt) -> bool {
    let line = |at: &ActionRef| incident.plan.meant_for(at).map(|p| p.line);
    let session = line(at);
    move |a| {
        let meant = incident.plan.meant_for(&a.intent.action).map(|p| p.line);
        a.intent.scope == scope
            && a.intent.there.is_some() == there
            && (!there || meant == session)
            && !a.intent.monitor
    }
}

/// The attempt whose shell state the action starts from: the last of its scope that went well; for
/// an action that has run before, the one that its first attempt started from.
pub(super) fn state_from(
    incident: &Incident,
    at: &ActionRef,
    scope: &str,
    there: bool,
) -> Option<AttemptId> {
    let shares = shares(incident, at, scope, there);
    if let Some(first) = incident.attempts_at(at).find(|a| a.has_run() && shares(a)) {
        return first.intent.state_from;
    }
    let carried = incident.attempts.iter().rev().find(|a| {
        shares(a) && went_well(incident, a) && a.ending().is_some_and(|e| e.state_captured)
    });
    carried.map(|a| a.intent.attempt)
}

/// Whether what an attempt did to its shell is what the plan meant it to: it ended with 0, or with
/// the status that is the good one, or a person has said so.
fn went_well(incident: &Incident, attempt: &Attempt) -> bool {
    if attempt.ending().is_some_and(Ending::succeeded) {
        return true;
    }
    let found = flight::find_action(&incident.plan, &attempt.intent.action);
    let status = found.map(|(_, action)| attempt_status(attempt, action));
    matches!(
        status,
        Some(ActionStatus::Passed(_) | ActionStatus::Judge(_))
    )
}

/// That the last attempt which went well left nothing of its shell: what follows starts from before
/// it, in another directory perhaps.
pub(super) fn left_nothing(incident: &Incident, shown: &RunBox, there: bool) -> Option<String> {
    if shown.kind != ActionKind::Shell || incident.attempts_at(&shown.action).any(Attempt::has_run)
    {
        return None;
    }
    let shares = shares(incident, &shown.action, &shown.scope, there);
    let last = incident
        .attempts
        .iter()
        .rev()
        .find(|a| shares(a) && a.intent.kind == ActionKind::Shell && went_well(incident, a))?;
    let (_, action) = flight::find_action(&incident.plan, &last.intent.action)?;
    let why = match last.ending() {
        Some(ending) if ending.state_captured => return None,
        Some(_) => "as after an EXIT trap of its own, or exec",
        None => "nobody saw its end",
    };
    if action.interpreter.is_some() {
        return None;
    }
    Some(format!(
        "“{}” left no directory, variables or options ({why}): this starts from before it",
        action.label()
    ))
}

impl Session {
    /// What the functions that the commands before have left make of the text: a word that is the
    /// name of one of them is that function, whatever program has the same name.
    pub(super) fn judge_carried(&self, action: &Action, shown: &mut RunBox) {
        let Some(from) = shown.state_from else {
            return;
        };
        let is_shell = action.kind == ActionKind::Shell && action.interpreter.is_none();
        if !is_shell || (!shown.edited && action.danger_is_stated()) {
            return;
        }
        let functions = exec::carried_functions(&self.hands.shell_state(from));
        let Some(text) = with_functions(&functions, &shown.code) else {
            return;
        };
        let (danger, why) = super::prepare::judge_danger(action, &text, true);
        if danger > shown.danger {
            (shown.danger, shown.danger_why) = (danger, why);
        }
    }
}

/// A text behind the functions that it calls and those that they call; none where it calls none.
fn with_functions(functions: &[(String, String)], code: &str) -> Option<String> {
    let mut called = Vec::new();
    let mut text = code.to_owned();
    loop {
        let names = script::shell::programs(&text);
        let new: Vec<&(String, String)> = functions
            .iter()
            .filter(|(name, _)| names.contains(name) && !called.contains(&name))
            .collect();
        if new.is_empty() {
            return (!called.is_empty()).then_some(text);
        }
        for (name, declared) in new {
            called.push(name);
            text = format!("{declared}\n{text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::with_functions;

    #[test]
    fn a_text_brings_the_functions_that_it_calls_and_those_that_they_call() {
        let function = |name: &str, body: &str| {
            let declared = format!("{name} () \n{{ \n    {body}\n}}\n");
            (name.to_owned(), declared)
        };
        let functions = [
            function("reset", "point \"$1\""),
            function("point", "echo \"$1\" > current"),
            function("other", "rm -rf /"),
        ];
        let text = with_functions(&functions, "reset v1.4").expect("a function");
        assert!(text.contains("> current") && !text.contains("rm"), "{text}");
        let judged = crate::script::shell::danger(&text);
        assert_eq!(judged.danger, crate::script::Danger::Changes);
        assert_eq!(with_functions(&functions, "echo reset"), None);
    }
}
