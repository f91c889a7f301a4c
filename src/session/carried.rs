//! What an action finds of the shell of those before it: whose state it starts from, and whether
//! the one before left any; and what its functions make of a text.

use crate::domain::event::{Ending, Intent};
use crate::domain::flight;
use crate::domain::ids::{ActionRef, AttemptId, ParameterName};
use crate::domain::incident::{Attempt, Incident};
use crate::domain::plan::{Action, ActionKind};
use crate::domain::runbox::RunBox;
use crate::domain::status::{ActionStatus, attempt_status};
use crate::session::Session;
use crate::{exec, script};
use std::path::Path;

/// Which attempts share a shell with the action at a place: each session elsewhere has one of its
/// own.
fn shares<'i>(
    incident: &'i Incident,
    at: &'i ActionRef,
    scope: &'i str,
    there: bool,
) -> impl Fn(&&'i Attempt) -> bool {
    let session = incident.meant_for(at);
    let sent = session.as_ref().and_then(|place| {
        let reach = script::shell::Reach::new(&[place.opener.as_str()]);
        reach.map(|reach| reach.line())
    });
    let by_plan = move |at: &ActionRef| incident.plan.meant_for(at).map(|p| p.line);
    move |a| {
        // Where a person has sent it, by the very command: a name may be that of several.
        let meant = match &session {
            Some(place) if place.line == 0 => a.intent.there == sent,
            // One that began before a person sent all of it elsewhere began from another place.
            _ => {
                by_plan(&a.intent.action) == by_plan(at)
                    && !incident.was_elsewhere(&a.intent.action, a)
            }
        };
        a.intent.scope == scope
            && a.intent.there.is_some() == there
            && (!there || meant)
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
        Some(_) if on_terminal(&last.intent) => {
            "it ran on a terminal there, from which nothing is taken"
        }
        Some(_) if there => "as after a lost connection, an EXIT trap of its own, or exec",
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

/// Whether it was given to a far terminal, rather than to a shell's input.
fn on_terminal(intent: &Intent) -> bool {
    let line = intent.there.as_deref();
    line.is_some_and(|line| script::shell::given(line, &intent.code).is_none())
}

impl Session {
    /// What of the values that persons gave an earlier command would be a part of another program
    /// here: a variable of that command takes it there.
    pub(super) fn handed_on(
        &self,
        incident: &Incident,
        action: &Action,
        shown: &RunBox,
    ) -> Vec<String> {
        let is_shell = action.kind == ActionKind::Shell && action.interpreter.is_none();
        let Some(from) = shown.state_from.filter(|_| is_shell) else {
            return Vec::new();
        };
        let state = self.hands.shell_state(from);
        let functions = exec::carried_functions(&state);
        let code = with_declared(&functions, &[], &shown.code);
        let used = script::shell::variables(&code);
        let values = super::prepare::values(incident);
        let mut problems = Vec::new();
        for (name, declared) in exec::carried_variables(&state) {
            if !used.contains(&name) {
                continue;
            }
            let held = declared_value(&declared);
            for (parameter, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
                let checked = script::blanks::carried(&code, &name, &held, value);
                if let Err(why) = checked {
                    let parameter = ParameterName::new(parameter);
                    problems.push(format!("{parameter}: {why}"));
                }
            }
        }
        problems
    }

    /// What the functions and variables that the commands before have left, and the variables of
    /// the environment, make of the text: a word that is the name of a function is that function,
    /// whatever program has the same name, and `$OPTS` may be options.
    pub(super) fn judge_carried(
        &self,
        incident: &Incident,
        action: &Action,
        there: bool,
        shown: &mut RunBox,
    ) {
        let is_shell = action.kind == ActionKind::Shell && action.interpreter.is_none();
        if !is_shell || (!shown.edited && action.danger_is_stated()) {
            return;
        }
        let state = shown.state_from.map(|from| self.hands.shell_state(from));
        let left = |of: fn(&Path) -> Vec<Declared>| state.as_deref().map(of).unwrap_or_default();
        let functions = left(exec::carried_functions);
        let variables = left(exec::carried_variables);
        let text = with_declared(&functions, &variables, &shown.code);
        let own = self.hands.environment(incident, there);
        let given: Vec<Declared> = script::shell::variables(&text)
            .into_iter()
            .filter_map(|name| {
                let given = own.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
                // What another machine has set is only known there.
                let value = given.or_else(|| std::env::var(&name).ok().filter(|_| !there))?;
                Some((name, value))
            })
            .collect();
        if text == shown.code && given.is_empty() {
            return;
        }
        let judged = script::shell::danger_given(&text, &given);
        let danger = super::prepare::in_plan_words(judged.danger);
        if danger > shown.danger {
            shown.danger = danger;
            shown.danger_why = unspoken(judged.why, &given, &shown.code);
        }
    }
}

/// What a declared variable holds, from `declare -x NAME="…"` as bash writes it.
fn declared_value(declared: &str) -> String {
    let quoted = declared.split_once("=\"").map_or("", |(_, rest)| rest);
    let mut letters = quoted
        .trim_end()
        .strip_suffix('"')
        .unwrap_or(quoted)
        .chars();
    let mut held = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => held.extend(letters.next()),
            letter => held.push(letter),
        }
    }
    held
}

/// A name, and its declaration or its value.
type Declared = (String, String);

/// A reason that does not spell out what the environment holds: it may be nobody's to read.
fn unspoken(why: String, given: &[Declared], code: &str) -> String {
    let parts = |v: &str| {
        let mut words = v.split_whitespace();
        words.any(|w| w.len() > 2 && why.contains(w) && !code.contains(w))
    };
    match given.iter().find(|(_, value)| parts(value)) {
        Some((name, _)) => format!("what ${name} holds here makes it more than it says"),
        None => why,
    }
}

/// A text behind the functions that it calls and those that they call, and the variables that they
/// use.
pub(super) fn with_declared(functions: &[Declared], variables: &[Declared], code: &str) -> String {
    let mut put = Vec::new();
    let mut text = code.to_owned();
    loop {
        let (called, used) = (
            script::shell::programs(&text),
            script::shell::variables(&text),
        );
        let functions = functions.iter().filter(|(name, _)| called.contains(name));
        let variables = variables.iter().filter(|(name, _)| used.contains(name));
        let new: Vec<&Declared> = functions
            .chain(variables)
            .filter(|d| !put.contains(d))
            .collect();
        if new.is_empty() {
            return text;
        }
        for declared in new {
            text = format!("{}\n{text}", declared.1);
            put.push(declared);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{declared_value, unspoken, with_declared};

    #[test]
    fn what_a_variable_holds_is_read_from_its_declaration() {
        let held = declared_value("declare -x TAG=\"v1; say \\\"\\$x\\\"\"");
        assert_eq!(held, "v1; say \"$x\"");
        assert_eq!(declared_value("declare -- N=\"\""), "");
    }

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
        let text = with_declared(&functions, &[], "reset v1.4");
        assert!(text.contains("> current") && !text.contains("rm"), "{text}");
        let judged = crate::script::shell::danger(&text);
        assert_eq!(judged.danger, crate::script::Danger::Changes);
        assert_eq!(with_declared(&functions, &[], "echo reset"), "echo reset");
    }

    #[test]
    fn a_text_brings_the_variables_that_it_uses() {
        let variable = |name: &str, value: &str| {
            let declared = format!("declare -x {name}=\"{value}\"");
            (name.to_owned(), declared)
        };
        let variables = [variable("FOPTS", "-type f -delete"), variable("OTHER", "x")];
        let text = with_declared(&[], &variables, "find /srv $FOPTS");
        assert!(!text.contains("OTHER"), "{text}");
        let judged = crate::script::shell::danger(&text);
        assert_eq!(judged.danger, crate::script::Danger::Irreversible);
    }

    #[test]
    fn a_reason_does_not_tell_what_the_environment_holds() {
        let given = [("OUT".to_owned(), "/etc/hidden-place".to_owned())];
        let why = |why: &str| unspoken(why.to_owned(), &given, "date > $OUT");
        assert!(!why("it writes the file /etc/hidden-place").contains("hidden"));
        assert_eq!(
            why("rm removes files for good"),
            "rm removes files for good"
        );
    }
}
