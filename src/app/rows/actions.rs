//! The rows of actions: what would run, what it should show, what it showed, how it stands.

use super::ended::{how_it_ended, other_tries};
use super::harm::harm;
use super::places::where_it_runs;
use super::verdicts::{examinations, expectations, overtaken, same_command};
use super::{Row, Sign, Target, Tone};
use crate::domain::event::{ActionMark, Ending, ParameterValue};
use crate::domain::flight::{self, Alternative, Place};
use crate::domain::ids::ActionRef;
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::plan::{Action, ActionKind, Danger};
use crate::domain::status::ActionStatus;
use crate::domain::transaction::Fate;
use crate::report::words;
use crate::script::windows;

/// The rows of a step: what the plan says of it, then its actions.
pub(super) fn step_rows(incident: &Incident, step: &flight::FlightStep<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend(condition(incident, step).map(Row::text));
    let prose = paragraphs(&step.step.text);
    let says_it = |text: &String| text.to_lowercase().starts_with(NO_RETURN);
    if step.step.point_of_no_return {
        // The plan's own words where they begin with it.
        let own = prose.iter().find(|p| says_it(p)).cloned();
        let mut row = Row::text(own.unwrap_or_else(|| "Point of no return".into()));
        row.sign = Sign::Judge;
        if let Some(at) = incident.no_return.get(&step.step.id) {
            row.aside = format!("passed {}", at.format("%H:%M:%S UTC"));
        }
        rows.push(row);
    }
    let shown = prose
        .into_iter()
        .filter(|p| !(step.step.point_of_no_return && says_it(p)));
    rows.extend(shown.map(Row::text));
    let mut within = None;
    for place in &step.places {
        if let Some(inner) = place.within
            && within != Some(&inner.id)
        {
            within = Some(&inner.id);
            let mut head = Row::text(inner.title.clone());
            head.depth = 1;
            rows.push(head);
        }
        rows.push(place_row(incident, place));
    }
    rows
}

/// When a part of what is flown is for a case of its own, and which.
fn condition(incident: &Incident, step: &flight::FlightStep<'_>) -> Option<String> {
    let part = step.procedure;
    if !part.conditional || incident.procedure.as_ref() == Some(&part.id) {
        return None;
    }
    let when = if part.use_when.is_empty() {
        &part.title
    } else {
        &part.use_when
    };
    Some(format!("Only for this case: {when}"))
}

/// How a step's prose begins that says that there is no way back.
const NO_RETURN: &str = "point of no return";

/// The paragraphs of a step's prose, unwrapped; what stands in lines of its own keeps them.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let words = line.trim();
        if words.is_empty() {
            open = false;
            continue;
        }
        let own_line = words.starts_with(['-', '*', '|', '>', '#', '·', '•', '`'])
            || words.starts_with(|c: char| c.is_ascii_digit())
            || line.starts_with("  ");
        match all.last_mut() {
            Some(last) if open && !own_line => {
                last.push(' ');
                last.push_str(words);
            }
            _ => all.push(line.to_owned()),
        }
        // A label and its text, such as `Owner: …`, may be short: only full lines run on.
        open = !own_line && words.chars().count() >= FULL_LINE;
    }
    all.retain(|p| says_something(p));
    all
}

/// Characters from which a line of prose is taken to have been wrapped by its writer.
const FULL_LINE: usize = 60;

/// Whether a line of a step's prose says more than its estimate, which stands in the title.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    let bracketed = line.starts_with('(') && line.ends_with(')') && line.len() < 24;
    let only_time = bracketed && line.contains(|c: char| c.is_ascii_digit());
    !line.is_empty() && !only_time
}

fn place_row(incident: &Incident, place: &Place<'_>) -> Row {
    let status = incident.place_status(place);
    let mut row = action_row(incident, &place.at, place.action, status);
    row.depth = u8::from(place.depth > 0);
    match place.alternative {
        Alternative::Unresolved if place.action.option() != &place.action.id => {
            row.aside = "goes with the one above".into();
        }
        Alternative::Unresolved if place.action.kind == ActionKind::Manual => {
            row.aside = "one of several: tick what is done".into();
        }
        Alternative::Unresolved => row.aside = "one of several: to run it chooses it".into(),
        Alternative::Chosen if row.aside.is_empty() => row.aside = "chosen".into(),
        Alternative::Passed => {
            // What was tried before another way was taken has been done all the same.
            let ran = incident
                .telling_attempt(&place.at)
                .is_some_and(Attempt::has_run);
            let stood = incident.action_status(&place.at, place.action);
            row.aside = "another one is chosen".into();
            if ran {
                row.aside = format!("{} · {}", words::action_status(stood), row.aside);
            }
        }
        Alternative::No | Alternative::Chosen => {}
    }
    if place.held && status == ActionStatus::OffPath {
        let held = "held back by the plan: only on purpose";
        row.aside = match place.alternative {
            Alternative::Unresolved => format!("one of several, {held}"),
            _ => held.to_owned(),
        };
    }
    row
}

pub(super) fn action_row(
    incident: &Incident,
    at: &ActionRef,
    action: &Action,
    status: ActionStatus,
) -> Row {
    let attempt = incident.telling_attempt(at);
    let mut row = Row::new(Target::Action(at.clone()), sign_of(status), action.label());
    row.aside = aside(incident, at, action, status, attempt);
    let older = attempt.is_some_and(|a| incident.overtaken_by(a).is_some());
    if older && matches!(status, ActionStatus::Passed(_)) {
        row.sign = Sign::Ran;
        row.aside.push_str(" · older than a run above");
    }
    if is_runnable(action) || action.is_run_by_hand() {
        let was = attempt.filter(|a| a.has_run() || a.is_alive());
        let told = where_it_runs(incident, at, action, was);
        row.below.extend(told.map(|text| (Tone::Judge, text)));
        let code = by_hand(incident, action);
        let code = code.as_ref().unwrap_or(&action.code);
        let lines: Vec<&str> = code.lines().filter(|l| !l.trim().is_empty()).collect();
        // A first line that is the title is not shown twice.
        let titled = row.below.is_empty() && lines.first().is_some_and(|l| l.trim() == row.text);
        let shown = lines.iter().skip(usize::from(titled));
        row.below
            .extend(shown.map(|l| (Tone::Code, (*l).to_owned())));
        let (danger, why) = harm(incident, action);
        if danger == Danger::Irreversible {
            let text = format!("cannot be undone: {why}");
            row.below.push((Tone::Danger, text));
        }
    } else if action.kind == ActionKind::Include {
        row.below.push((Tone::Dim, "laid out below".into()));
        if action.target.is_some() && status == ActionStatus::Open {
            // Only the heading of what follows: there is nothing of its own to be done.
            row.sign = Sign::None;
            row.aside.clear();
        }
    } else {
        row.below.extend(
            words_below(action)
                .into_iter()
                .map(|l| (Tone::Plain, l.to_owned())),
        );
    }
    if action.is_run_by_hand() && status == ActionStatus::Open {
        row.below.extend(blanks_by_hand(incident, action));
    }
    if status == ActionStatus::Open
        && let Some(ran) = incident.ran_as_another(at, &action.code)
    {
        row.below.push((
            Tone::Warning,
            format!("has run: {}", same_command(incident, ran)),
        ));
    }
    expectations(action, attempt, &mut row);
    if let Some(attempt) = attempt {
        examinations(action, attempt, &mut row);
        row.below.extend(overtaken(incident, attempt, status));
    }
    if let Some(attempt) = attempt {
        ended_lines(attempt, status, &mut row);
        row.below.extend(rest_did_not_run(action, attempt, status));
        row.below.extend(other_tries(incident, at, attempt));
    }
    if let Some(ahead) = incident.was_passed_by(at, status) {
        let to = words::action(&incident.plan, &ahead.to);
        let when = ahead.at.format("%H:%M:%S UTC");
        row.below.push((
            Tone::Warning,
            words::with_reason(
                &format!("left open at {when} to go on to “{to}”"),
                &ahead.reason,
            ),
        ));
    }
    if let Some(marked) = incident.actions.get(at) {
        let when = marked.at.format("%H:%M:%S UTC");
        row.below.push((
            Tone::Dim,
            match marked.reason.as_str() {
                "" => format!("{when} by {}", marked.by),
                reason => format!("{when} by {}: {reason}", marked.by),
            },
        ));
    }
    row
}

/// The blanks of what a person runs elsewhere: what is open, and the values that are given.
fn blanks_by_hand(incident: &Incident, action: &Action) -> Vec<(Tone, String)> {
    let said = |name| match incident.parameters.get(name) {
        Some(ParameterValue::Text(text)) => (Tone::Dim, format!("with {name} = {text}")),
        Some(ParameterValue::Secret) => (Tone::Dim, format!("with {name} = a secret")),
        None => (Tone::Judge, format!("{name} is still to be filled (e)")),
    };
    action.parameters.iter().map(said).collect()
}

/// What a person runs elsewhere, with the values that are known: there is no run box to show them.
fn by_hand(incident: &Incident, action: &Action) -> Option<String> {
    let by_hand = action.is_run_by_hand() && !action.parameters.is_empty();
    let dialect = windows::dialect(&action.lang).filter(|_| by_hand)?;
    let value = |name: &str| {
        let known = incident.parameters.iter().find(|(n, _)| n.as_str() == name);
        known.and_then(|(_, value)| match value {
            ParameterValue::Text(text) => Some(text.clone()),
            ParameterValue::Secret => None,
        })
    };
    Some(windows::fill(&action.code, dialect, value))
}

/// The words of what a person does; a first line that is the title is not shown twice.
fn words_below(action: &Action) -> Vec<&str> {
    let label = action.label();
    let is_label = |line: &str| line.trim() == label;
    let mut lines: Vec<&str> = action
        .code
        .lines()
        .skip_while(|l| l.trim().is_empty())
        .collect();
    if lines.first().is_some_and(|first| is_label(first)) {
        lines.remove(0);
    }
    lines
}

/// Whether backout runs it, rather than a person.
#[must_use]
pub fn is_runnable(action: &Action) -> bool {
    matches!(
        action.kind,
        ActionKind::Shell | ActionKind::Sql | ActionKind::Http
    )
}

fn sign_of(status: ActionStatus) -> Sign {
    match status {
        ActionStatus::Open | ActionStatus::Marked(ActionMark::Open) => Sign::Open,
        ActionStatus::OffPath | ActionStatus::Marked(ActionMark::NotApplicable) => Sign::OffPath,
        ActionStatus::Running(_) => Sign::Running,
        ActionStatus::Passed(_) | ActionStatus::Marked(ActionMark::DoneByHand) => Sign::Done,
        ActionStatus::Ran(_) => Sign::Ran,
        ActionStatus::Judge(_) | ActionStatus::Stale(_) => Sign::Judge,
        ActionStatus::Failed(_) | ActionStatus::Marked(ActionMark::Failed) => Sign::Failed,
        ActionStatus::Unknown(_) => Sign::Unknown,
        ActionStatus::Marked(ActionMark::Skipped | ActionMark::Deferred) => Sign::Waived,
    }
}

fn aside(
    incident: &Incident,
    at: &ActionRef,
    action: &Action,
    status: ActionStatus,
    attempt: Option<&Attempt>,
) -> String {
    let took = attempt
        .and_then(Attempt::ending)
        .map(|e| duration(e.duration_ms));
    let runs = incident.runs_of(at);
    let times = if runs > 1 {
        format!(" · run {runs}")
    } else {
        String::new()
    };
    match status {
        ActionStatus::Running(_) if attempt.is_some_and(|a| a.awaits().is_some()) => {
            "commit or roll back? (enter)".into()
        }
        ActionStatus::Running(_) => "running".into(),
        ActionStatus::Passed(_) => format!("{}{times}", took.unwrap_or_default()),
        ActionStatus::Ran(_) => format!("ran: judge · {}{times}", took.unwrap_or_default()),
        ActionStatus::Stale(_) => "look again (enter)".into(),
        ActionStatus::Judge(_) => format!("judge (m) · {}{times}", took.unwrap_or_default()),
        ActionStatus::Failed(_) => {
            let fate = attempt
                .and_then(Attempt::ending)
                .and_then(|e| e.fate.as_ref());
            let word = match fate {
                Some(Fate::RolledBack(_)) => "rolled back",
                Some(Fate::Committed | Fate::Unchanged) | None => "failed",
            };
            format!("{word} (m) · {}{times}", took.unwrap_or_default())
        }
        ActionStatus::Unknown(_) if attempt.is_some_and(|a| a.still_runs().is_some()) => {
            "UNKNOWN, still runs (m)".into()
        }
        ActionStatus::Unknown(_) => "UNKNOWN: settle it (m)".into(),
        ActionStatus::Marked(mark) => words::action_mark(mark).into(),
        ActionStatus::OffPath => String::new(),
        ActionStatus::Open => match action.kind {
            ActionKind::Manual if action.is_run_by_hand() => {
                format!("{} by hand (m)", action.lang)
            }
            ActionKind::Manual => "by hand (m)".into(),
            ActionKind::Text => "to read".into(),
            ActionKind::Include => String::new(),
            _ if action.monitor => super::beside::aside(action),
            _ if harm(incident, action).0 == Danger::None => "reads only".into(),
            _ => String::new(),
        },
    }
}

fn ended_lines(attempt: &Attempt, status: ActionStatus, row: &mut Row) {
    if attempt.intent.edited {
        // The lines above are the plan's; what ran is not to be guessed.
        let ran = match attempt.state {
            AttemptState::Intended | AttemptState::Running => "runs with a changed command:",
            _ => "ran with a changed command:",
        };
        row.below.push((Tone::Warning, ran.into()));
        let own = &attempt.intent;
        let words = own.wording.as_ref().unwrap_or(&own.code);
        let lines = words.lines().filter(|l| !l.trim().is_empty());
        row.below.extend(lines.map(|l| (Tone::Code, l.to_owned())));
        row.aside = format!("{} · changed", row.aside);
    }
    match &attempt.state {
        AttemptState::Ended(ending) => {
            let undone = matches!(ending.fate, Some(Fate::RolledBack(_)));
            let says_it = undone && ending.exit == Some(3) && ending.error.is_none();
            let own = attempt.sensed.is_none();
            let bad = matches!(status, ActionStatus::Failed(_) | ActionStatus::Judge(_));
            if bad && own && !says_it {
                // What is in doubt for another reason did end well.
                let tone = if ending.succeeded() {
                    Tone::Plain
                } else {
                    Tone::Bad
                };
                let mut how = how_it_ended(attempt, ending);
                if tone == Tone::Bad && ending.bytes > 0 {
                    how.push_str(" · ! shows its first error");
                }
                row.below.push((tone, how));
            }
            if let Some(fate) = &ending.fate {
                row.below.push(fate_row(attempt, fate));
            }
            if let Some(lost) = &ending.lost {
                row.below.push((Tone::Warning, words::lost_output(lost)));
            }
            left_running(attempt, ending, row);
        }
        AttemptState::NeverRan(why) => {
            row.below
                .push((Tone::Warning, format!("it never ran: {why}")));
        }
        AttemptState::Unknown(why) => {
            row.below.push((Tone::Judge, why.clone()));
            let runs = attempt.still_runs().map(|runs| (Tone::Danger, runs));
            row.below.extend(runs);
        }
        AttemptState::Resolved(_, reason) => {
            row.below.push((Tone::Dim, format!("settled: {reason}")));
        }
        AttemptState::Intended | AttemptState::Running => {}
    }
    if let Some((met, reason)) = &attempt.judged {
        let tone = if *met { Tone::Good } else { Tone::Bad };
        row.below.push((tone, format!("judged: {reason}")));
    }
}

/// Of several commands, those after the one that failed did not run: said, because to try again
/// runs the first ones a second time, and to call it done would pass over the last ones.
fn rest_did_not_run(
    action: &Action,
    attempt: &Attempt,
    status: ActionStatus,
) -> Option<(Tone, String)> {
    let ended = attempt.ending()?;
    let failed = matches!(status, ActionStatus::Failed(_)) && ended.exit.is_some_and(|c| c != 0);
    let by_shell = action.kind == ActionKind::Shell && action.interpreter.is_none();
    let own = &attempt.intent;
    if !failed || !by_shell || own.monitor || own.code.contains("set +") {
        return None;
    }
    // What is handed to a shell elsewhere is the plan's text within a line of ours.
    let text = own.wording.as_ref().unwrap_or(&action.code);
    let several = commands_in(&own.code) > 1 && commands_in(text) > 1;
    several.then(|| {
        let text = "it stops at the first command that fails: those after it did not run";
        (Tone::Warning, text.to_owned())
    })
}

/// How many lines begin a command: comments and what goes on from the line before do not.
fn commands_in(code: &str) -> usize {
    let goes_on = |l: &str| ["\\", "|", "&&"].iter().any(|end| l.ends_with(end));
    let mut lines = code.lines().map(str::trim);
    let mut on = false;
    let begins = lines.by_ref().filter(|line| {
        let begins = !on && !line.is_empty() && !line.starts_with('#');
        on = goes_on(line);
        begins
    });
    begins.count()
}

/// What became of its transaction.
fn fate_row(attempt: &Attempt, fate: &Fate) -> (Tone, String) {
    let tally = attempt.wait.as_ref().map(|w| w.tally.headline());
    let what = tally.map_or_else(String::new, |what| format!(": {what}"));
    match fate {
        Fate::Committed => (Tone::Plain, format!("committed{what}")),
        Fate::RolledBack(why) => (Tone::Warning, words::with_reason("rolled back", why)),
        Fate::Unchanged => (Tone::Plain, "it changed nothing".to_owned()),
    }
}

/// What it left running: what lives and how it is stopped, or that it is gone.
fn left_running(attempt: &Attempt, ending: &Ending, row: &mut Row) {
    if ending.left_running.is_empty() {
        return;
    }
    let living: Vec<String> = attempt
        .survivors()
        .map(|s| format!("{} {}", s.pid, s.command))
        .collect();
    let all = words::left_running(ending).join(", ");
    row.below
        .push(match (living.is_empty(), ending.survivors.is_empty()) {
            (false, _) => {
                let text = format!("left running: {}  (ctrl-c stops it)", living.join(", "));
                (Tone::Warning, text)
            }
            (true, false) => (Tone::Dim, format!("left running, and gone since: {all}")),
            (true, true) => (Tone::Dim, format!("left running: {all}")),
        });
    if !living.is_empty() {
        row.aside = format!("{} · {} left running", row.aside, living.len());
    }
}

/// A duration as it is shown: `0:07`, `12:41`, `1:02:03`.
#[must_use]
pub fn duration(ms: u64) -> String {
    let s = ms / 1_000;
    if ms > 0 && s == 0 {
        "<1 s".to_owned()
    } else if s >= 3_600 {
        format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    } else {
        format!("{}:{:02}", s / 60, s % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::action;

    #[test]
    fn a_failure_among_several_commands_says_that_the_rest_did_not_run() {
        use crate::domain::event::Confirmation;
        use crate::domain::fixture::{Flight, plan, procedure, step};
        let below = |code: &str| {
            let mut it = plan();
            it.procedures = vec![procedure("full", vec![step("s", vec![action("go", code)])])];
            let mut flight = Flight::ready(it);
            flight.start("go", Confirmation::ReadOnly).expect("starts");
            flight.ends(1, "no");
            let (incident, at) = (&flight.incident, "go".into());
            let act = &incident.plan.procedures[0].steps[0].actions[0];
            let row = action_row(incident, &at, act, incident.action_status(&at, act));
            let said = |(_, text): &(Tone, String)| text.contains("did not run");
            row.below.iter().any(said)
        };
        assert!(below("scale web\nscale jobs"));
        assert!(!below("scale web"));
        assert!(!below("# the web servers\nscale web \\\n  --to 0"));
        assert!(!below("set +e\nscale web\nscale jobs"));
    }

    #[test]
    fn what_a_person_does_is_shown_with_all_its_words_and_no_title_twice() {
        let by_hand = |title: &str, code: &str| Action {
            title: title.to_owned(),
            kind: ActionKind::Manual,
            ..action("look", code)
        };
        let titled = by_hand(
            "Open the board",
            "Where: http://board.test\nLook at the rate",
        );
        assert_eq!(
            words_below(&titled),
            ["Where: http://board.test", "Look at the rate"]
        );
        let own = by_hand("", "Ask the team\nthen write it down");
        assert_eq!(words_below(&own), ["then write it down"]);
        let same = by_hand("Ask the team", "Ask the team");
        assert!(words_below(&same).is_empty());
    }
}
