//! The boxes from which something runs: the run box, the box for running on, and the question
//! whether a runbook's commands are accepted.

use std::collections::BTreeSet;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{keys, named};
use crate::app::Model;
use crate::app::rows::{same_command, time_box};
use crate::app::text_input::TextInput;
use crate::domain::bearing::{self, Found};
use crate::domain::elsewhere::{self, Whereabouts};
use crate::domain::event::{Gate, ParameterValue};
use crate::domain::next::{Hold, RunOn};
use crate::domain::plan::{ActionKind, Danger};
use crate::domain::runbox::{Meant, RunBox};
use crate::report::words;
use crate::tui::text::{code, cut, span, with_aside, wrapped};
use crate::tui::{Theme, header};

/// What runs where, in the title: a box that is for production says so in capitals.
pub(super) fn run_title(model: &Model, shown: &RunBox) -> String {
    let again = if shown.runs_before > 0 {
        "Run again"
    } else {
        "Run"
    };
    format!("{again} · {}", place_of(model, shown))
}

/// Host and environment, and the database where the plan names it.
fn place_of(model: &Model, shown: &RunBox) -> String {
    let mut place = match shown.there {
        Some(_) => elsewhere::on(&shown.host),
        None => shown.host.clone(),
    };
    if !shown.environment.is_empty() {
        place.push_str(" · ");
        if header::is_production(model) {
            place.push_str(&shown.environment.to_uppercase());
        } else {
            place.push_str(&shown.environment);
        }
    }
    if let Some(database) = shown.bearings.iter().find(|b| b.key == "database") {
        place = format!("{place} · {}", database.expected);
    }
    place
}

/// What the plan says it is for, and what was measured of it.
fn bearings(theme: Theme, shown: &RunBox, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (n, b) in shown.bearings.iter().enumerate() {
        let label = if n == 0 { "Plan is for" } else { "" };
        let (name, expected) = (bearing::name(&b.key), &b.expected);
        let (text, style) = match &b.found {
            Found::Same(found) if found == expected => {
                (format!("{name} {expected}: measured"), theme.good())
            }
            Found::Same(found) => {
                let found = found.replace('\n', ", ");
                (
                    format!("{name} {expected}: measured, {found}"),
                    theme.good(),
                )
            }
            Found::Other(found) => {
                let found = found.replace('\n', ", ");
                (format!("{name} {expected}, and it is {found}"), theme.bad())
            }
            Found::Unknown(why) => (
                format!("{name} {expected}: NOT MEASURED, {why}"),
                theme.judge(),
            ),
            Found::There => (
                format!("{name} {expected}: asked where it goes, before anything is sent"),
                Style::new(),
            ),
        };
        lines.extend(named(theme, label, &text, style, width));
    }
    for remark in &shown.remarks {
        let label = if lines.is_empty() { "Plan is for" } else { "" };
        lines.extend(named(theme, label, remark, Style::new(), width));
    }
    lines
}

/// How often exactly this text has run at its place.
fn of_this_text(model: &Model, shown: &RunBox) -> u32 {
    let attempts = model.incident.attempts_at(&shown.action);
    let same = attempts.filter(|a| a.has_run() && a.intent.code == shown.code);
    u32::try_from(same.count()).unwrap_or(u32::MAX)
}

pub(super) fn run_box(
    model: &Model,
    theme: Theme,
    shown: &RunBox,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    // What the code begins with is not said above it once more.
    let first = shown.code.lines().map(str::trim).find(|l| !l.is_empty());
    if first != Some(shown.title.trim()) {
        lines.extend(
            wrapped(&shown.title, width, theme.head())
                .into_iter()
                .map(Line::from),
        );
        lines.push(Line::default());
    }
    lines.extend(set_in(2, &shown.code, theme, width));
    lines.push(Line::default());
    match &shown.meant {
        Some(meant) => lines.extend(place_of_plan(theme, meant, width)),
        None => lines.extend(not_there(model, theme, shown, width)),
    }
    let how = match shown.kind {
        _ if shown.there.is_some() => "",
        ActionKind::Sql => "on ",
        _ => "as ",
    };
    let there = crate::domain::elsewhere::on(&shown.host);
    let host = shown.there.as_ref().map_or(&shown.host, |_| &there);
    let environment = match shown.environment.as_str() {
        "" => "environment not named",
        named => named,
    };
    let place = format!("{how}{host} · {environment}");
    let style = if header::is_production(model) {
        theme.bad()
    } else {
        theme.head()
    };
    lines.extend(named(theme, "Where", &place, style, width));
    lines.extend(bearings(theme, shown, width));
    if let Some(database) = &shown.database {
        lines.extend(named(theme, "Database", database, theme.head(), width));
    }
    lines.extend(named(theme, "Directory", &shown.cwd, Style::new(), width));
    for (name, value) in &shown.parameters {
        lines.extend(named(
            theme,
            "With",
            &format!("{name} = {value}"),
            Style::new(),
            width,
        ));
    }
    let (text, style) = match shown.danger {
        Danger::None => ("reads only".to_owned(), theme.good()),
        Danger::Changes => (with_why("changes things", &shown.danger_why), theme.judge()),
        Danger::Irreversible => (with_why("CANNOT BE UNDONE", &shown.danger_why), theme.bad()),
    };
    lines.extend(named(theme, "Effect", &text, style, width));
    if let Some(terms) = &shown.terms {
        lines.extend(super::commit::terms(theme, terms, width));
    }
    if shown.monitor {
        let found = crate::domain::flight::find_action(&model.incident.plan, &shown.action);
        let text = match found.and_then(|(_, a)| time_box(a, true, shown.danger)) {
            Some(ends) => format!("runs beside the work; it is stopped {ends}"),
            None => "runs beside the work until it is stopped".to_owned(),
        };
        lines.extend(named(theme, "", &text, Style::new(), width));
    }
    if let Some(every) = shown.again_s {
        let text = format!(
            "every {every} s by itself, until m says something of it or the incident is closed"
        );
        lines.extend(named(theme, "Again", &text, theme.judge(), width));
    }
    if shown.edited {
        lines.extend(named(
            theme,
            "Changed",
            "not the plan's own text; the log will say so",
            theme.judge(),
            width,
        ));
    }
    if shown.runs_before > 0 {
        let times = match shown.runs_before {
            1 => "once already".to_owned(),
            n => format!("{n} times already"),
        };
        let times = match of_this_text(model, shown) {
            0 => format!("{times}, with another text than this one"),
            n if n < shown.runs_before => format!("{times}, {n} of them with this text"),
            _ => times,
        };
        lines.extend(named(theme, "Has run", &times, theme.judge(), width));
    }
    lines.extend(as_another(model, theme, shown, width));
    lines.extend(check_of(model, theme, shown, width));
    for note in &shown.notes {
        lines.extend(named(theme, "Note", note, theme.judge(), width));
    }
    for missing in &shown.missing {
        let parameters = &model.incident.plan.parameters;
        let place = parameters
            .iter()
            .find(|p| p.name == *missing && p.place.is_some());
        let text = match place {
            Some(p) => format!("{} is still to be filled: {}", p.syntax, p.help),
            None => format!("{missing} is still to be filled"),
        };
        lines.extend(named(theme, "Blank", &text, theme.bad(), width));
    }
    for problem in &shown.problems {
        lines.extend(named(theme, "In the way", problem, theme.bad(), width));
    }
    for gate in &shown.gates {
        lines.extend(named(
            theme,
            "Gate",
            &model.incident.gate_name(gate),
            theme.bad(),
            width,
        ));
    }
    lines
}

/// That the same command has run for a procedure that was chosen before.
fn as_another(model: &Model, theme: Theme, shown: &RunBox, width: usize) -> Vec<Line<'static>> {
    let ran = model.incident.ran_as_another(&shown.action, &shown.code);
    let Some(attempt) = ran else {
        return Vec::new();
    };
    let text = same_command(&model.incident, attempt);
    named(theme, "Has run", &text, theme.judge(), width)
}

/// What can be asked before it runs again, and how that stands.
fn check_of(model: &Model, theme: Theme, shown: &RunBox, width: usize) -> Vec<Line<'static>> {
    let incident = &model.incident;
    let Some(at) = incident.check_first(shown) else {
        return Vec::new();
    };
    let Some((_, action)) = crate::domain::flight::find_action(&incident.plan, &at) else {
        return Vec::new();
    };
    let status = words::action_status(incident.action_status(&at, action));
    let last = incident.telling_attempt(&at);
    let when = last.map_or_else(String::new, |a| {
        format!(" at {}", a.intended_at.format("%H:%M:%S UTC"))
    });
    let mut text = format!("“{}”: {status}{when}", action.label());
    let because = last.and_then(|a| a.judgements.first());
    if let Some(judged) = because {
        text = format!("{text}, {}", judged.because);
    }
    named(theme, "Its check", &text, Style::new(), width)
}

/// Where the plan is at this action, and what was said of it.
fn place_of_plan(theme: Theme, meant: &Meant, width: usize) -> Vec<Line<'static>> {
    if meant.sent {
        let text = format!("{}, {} (o, m)", meant.on, meant.by);
        return named(theme, "Sent there", &text, theme.judge(), width);
    }
    let place = format!("{}, {}", meant.on, meant.by);
    let mut lines = named(theme, "The plan is", &place, theme.judge(), width);
    let said = match (meant.chosen, &meant.reach) {
        (None, Some(reach)) => format!("say where it is to run; there by: {reach}"),
        (None, None) => "say where it is to run: by hand there, or here on purpose".to_owned(),
        (Some(Whereabouts::There), _) => "it runs there".to_owned(),
        (Some(Whereabouts::Here), _) => "it runs HERE, on purpose".to_owned(),
    };
    lines.extend(named(theme, "", &said, theme.judge(), width));
    lines
}

/// That it runs here, where a person has sent other things elsewhere.
fn not_there(model: &Model, theme: Theme, shown: &RunBox, width: usize) -> Vec<Line<'static>> {
    let places = model.incident.sent_places();
    let Some(first) = places.first() else {
        return Vec::new();
    };
    let text = format!(
        "{}, not {} (o, m)",
        elsewhere::here(&shown.host),
        first.on()
    );
    named(theme, "It runs", &text, theme.judge(), width)
}

/// A command, whole, set in by so many columns.
fn set_in(by: usize, code_text: &str, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let lines = code(code_text, width.saturating_sub(by), theme.code());
    let indented = lines.into_iter().map(|line| {
        let mut spans = vec![Span::raw(" ".repeat(by))];
        spans.extend(line);
        Line::from(spans)
    });
    indented.collect()
}

fn with_why(what: &str, why: &str) -> String {
    if why.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: {why}")
    }
}

pub(super) fn run_box_foot(
    model: &Model,
    theme: Theme,
    shown: &RunBox,
    word: &TextInput,
    settled: bool,
    width: usize,
) -> Vec<Line<'static>> {
    if !shown.missing.is_empty() {
        return vec![keys(theme, &[("e", "fill it"), ("esc", "close")])];
    }
    if !shown.problems.is_empty() {
        return vec![keys(
            theme,
            &[("e", "change the command"), ("esc", "close")],
        )];
    }
    if shown.asks_where() {
        let mut offered = Vec::new();
        if shown.meant.as_ref().is_some_and(|m| m.reach.is_some()) {
            offered.push(("t", "run it there"));
        }
        offered.extend([
            ("h", "here, on purpose"),
            ("m", "mark it"),
            ("esc", "close"),
        ]);
        return vec![keys(theme, &offered)];
    }
    if !shown.gates.is_empty() {
        let sense = shown.old_check();
        let sense = sense.map(|_| ("s", "sense it again"));
        let pass = [("m", "pass the gate with a reason"), ("esc", "close")];
        let offered: Vec<_> = sense.into_iter().chain(pass).collect();
        return vec![keys(theme, &offered)];
    }
    if let Some(due) = &shown.word {
        let mut line = vec![Span::raw(match shown.danger {
            _ if shown.bearings.iter().any(|b| b.doubt().is_some()) => {
                "Look for yourself, then type what the plan is for, "
            }
            _ => "To run it, type ",
        })];
        line.extend(span(due, theme.bad()));
        line.push(Span::raw(" and enter: "));
        line.extend(cut(word.text(), width / 3, theme.head()));
        line.push(Span::styled("_", theme.key()));
        let foot = if settled {
            let check = model.incident.check_first(shown);
            let check = check.map(|_| ("tab", "ask its check first"));
            let run = [("enter", "run it"), ("esc", "close")];
            let offered: Vec<_> = check.into_iter().chain(run).collect();
            keys(theme, &offered)
        } else {
            Line::styled("Look at it…", theme.dim())
        };
        return vec![Line::from(line), foot];
    }
    if !settled {
        return vec![Line::styled("Look at it…", theme.dim())];
    }
    let place = place_of(model, shown);
    let run = match shown.there {
        Some(_) => format!("run it {place}"),
        None => format!("run it on {place}"),
    };
    let check = model.incident.check_first(shown);
    let check = check.map(|_| ("s", "ask its check first"));
    let others = [
        ("e", "change it"),
        ("m", "mark it instead"),
        ("y", "copy"),
        ("esc", "close"),
    ];
    let others: Vec<_> = check.into_iter().chain(others).collect();
    vec![run_key(model, theme, &run, width), keys(theme, &others)]
}

/// The key that runs it, with where: in production as loud as production is.
fn run_key(model: &Model, theme: Theme, what: &str, width: usize) -> Line<'static> {
    let style = if header::is_production(model) {
        theme.bad()
    } else {
        Style::new()
    };
    let mut line = vec![Span::styled("r", theme.key()), Span::raw(" ")];
    line.extend(cut(what, width.saturating_sub(2), style));
    Line::from(line)
}

pub(super) fn run_on_body(
    model: &Model,
    theme: Theme,
    run_on: &RunOn,
    width: usize,
) -> Vec<Line<'static>> {
    let label = |at: &crate::domain::ids::ActionRef| {
        crate::domain::flight::find_action(&model.incident.plan, at)
            .map_or_else(|| at.to_string(), |(_, a)| a.label())
    };
    let mut lines = Vec::new();
    let mut places = BTreeSet::new();
    for (n, at) in (1..).zip(&run_on.actions) {
        let action = crate::domain::flight::find_action(&model.incident.plan, at).map(|(_, a)| a);
        let code = action.map(|a| a.code.clone()).unwrap_or_default();
        let danger = action.map_or(Danger::None, |a| a.danger);
        let effect = match danger {
            Danger::None => "reads only",
            Danger::Changes | Danger::Irreversible => "changes things",
        };
        let titled = code.trim() == label(at);
        let title = if titled { "" } else { &label(at) };
        let mut head = vec![Span::raw(format!("{n:>3}  "))];
        head.extend(span(title, Style::new()));
        lines.push(with_aside(head, effect, width, theme.dim()));
        lines.extend(set_in(5, &code, theme, width));
        let there = model.incident.meant_for(at);
        let goes = model.incident.whereabouts(at) == Some(Whereabouts::There);
        let told = match there.filter(|_| goes) {
            Some(place) => {
                places.insert(place.on());
                Some(format!("     {}, {}", place.on(), place.by()))
            }
            None => {
                places.insert(String::new());
                let sent = !model.incident.sent_places().is_empty();
                sent.then(|| format!("     {}", model.incident.here()))
            }
        };
        let told = told.map(|text| wrapped(&text, width, theme.judge()));
        lines.extend(told.into_iter().flatten().map(Line::from));
        for name in action.map(|a| a.parameters.as_slice()).unwrap_or_default() {
            if let Some(value) = model.incident.parameters.get(name) {
                let value = match value {
                    ParameterValue::Text(text) => text.as_str(),
                    ParameterValue::Secret => "a secret",
                };
                let with = format!("     with {name} = {value}");
                lines.extend(
                    wrapped(&with, width, theme.dim())
                        .into_iter()
                        .map(Line::from),
                );
            }
        }
    }
    if run_on.actions.is_empty() {
        lines.push(Line::from("There is nothing to run on to from here."));
    }
    lines.push(Line::default());
    let driver = &model.incident.driver;
    let environment = model.incident.environment.as_deref();
    let here = format!("as {}@{}", driver.name, driver.host);
    let place = match places.iter().collect::<Vec<_>>().as_slice() {
        [one] if !one.is_empty() => (*one).clone(),
        [] | [_] => here,
        _ => format!("{here}, and where it says so above"),
    };
    let place = match environment.filter(|e| !e.is_empty()) {
        Some(environment) => format!("{place} · {environment}"),
        None => place,
    };
    let style = if header::is_production(model) {
        theme.bad()
    } else {
        theme.head()
    };
    lines.extend(named(theme, "Where", &place, style, width));
    let hold = match &run_on.hold {
        Hold::Gate(_, gate) => format!("a gate: {}", model.incident.gate_name(gate)),
        Hold::Elsewhere(at) => match model.incident.meant_for(at) {
            Some(place) => format!("“{}” is meant to run {}", label(at), place.on()),
            None => format!("“{}” is meant for elsewhere", label(at)),
        },
        Hold::Person(at) => format!("a person does “{}”", label(at)),
        Hold::Irreversible(at) => format!("“{}” cannot be undone", label(at)),
        Hold::Choice(_) => "one of several parts is to be chosen".to_owned(),
        Hold::Alternative(at) => format!("an alternative is to be chosen at “{}”", label(at)),
        Hold::Blank(at) => format!("a blank is open in “{}”", label(at)),
        Hold::Reused(at, name) => {
            format!("{name} in “{}” was given for another command", label(at))
        }
        Hold::Attended(at) => format!("“{}” needs a person, or runs beside the work", label(at)),
        Hold::Again(at) => format!("“{}” has run before, or did not end well", label(at)),
        Hold::Running(at) => format!("“{}” is still running", label(at)),
        Hold::Judge(at) => format!("“{}” is to be judged", label(at)),
        Hold::Stale(at) => format!("“{}” is older than a run above it", label(at)),
        Hold::End => "the end of the procedure".to_owned(),
    };
    if !run_on.passed.is_empty() {
        let passed: Vec<String> = run_on.passed.iter().map(label).collect();
        let passed = format!("{} (held back by the plan)", passed.join(" · "));
        lines.extend(named(theme, "Passes by", &passed, theme.dim(), width));
    }
    lines.extend(named(theme, "Holds at", &hold, theme.judge(), width));
    if let Some(way) = way_on(&run_on.hold) {
        lines.extend(named(theme, "Way on", way, theme.dim(), width));
    }
    if !run_on.actions.is_empty() {
        let failure = "at the first failure";
        lines.extend(named(theme, "Also", failure, theme.judge(), width));
    }
    lines
}

/// What takes a hold away, once `enter` has gone to it.
const fn way_on(hold: &Hold) -> Option<&'static str> {
    Some(match hold {
        Hold::Gate(_, Gate::Decision) => "enter asks for the decision (d)",
        Hold::Gate(_, Gate::Approval) => "enter records the approval (a)",
        Hold::Gate(_, Gate::Checklist(_)) => {
            "enter goes to the list: tick it, or pass it with a reason (m)"
        }
        Hold::Gate(_, Gate::Order(_)) => "enter goes to that action: do it, or m has the ways on",
        Hold::Gate(..) => "enter goes to it: its box says what is in the way",
        Hold::Person(_) => "enter goes to it: space or m says that it is done",
        Hold::Judge(_) => "enter goes to it: m judges it",
        Hold::Again(_) => "enter goes to it: m there has the ways on",
        Hold::Running(_) => "wait for it, or ctrl-c stops it",
        Hold::Choice(_) | Hold::Alternative(_) => "enter goes there: choose one",
        Hold::Blank(_) => "enter goes to it: e fills the blank",
        Hold::Elsewhere(_)
        | Hold::Irreversible(_)
        | Hold::Reused(..)
        | Hold::Attended(_)
        | Hold::Stale(_) => "enter goes to it: it runs from its own box",
        Hold::End => return None,
    })
}

pub(super) fn accept(model: &Model, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let plan = &model.incident.plan;
    let all = plan
        .procedures
        .iter()
        .flat_map(|p| &p.steps)
        .flat_map(|s| &s.actions)
        .chain(
            plan.checklists
                .iter()
                .flat_map(|c| &c.items)
                .flat_map(|i| &i.actions),
        );
    let runnable: Vec<_> = all.filter(|a| crate::app::rows::is_runnable(a)).collect();
    let count = |d: Danger| runnable.iter().filter(|a| a.danger == d).count();
    let text = format!(
        "{} is new here, or has changed since it was last accepted. It has {} commands: {} only read, {} change things, {} cannot be undone. Each is shown before it runs. Scripts that they call are not covered.",
        model.incident.runbook,
        runnable.len(),
        count(Danger::None),
        count(Danger::Changes),
        count(Danger::Irreversible)
    );
    let mut lines: Vec<Line<'static>> = wrapped(&text, width, Style::new())
        .into_iter()
        .map(Line::from)
        .collect();
    lines.push(Line::default());
    for action in runnable.iter().filter(|a| a.danger == Danger::Irreversible) {
        // A comment above a command says what somebody thought of it.
        let runs = |l: &&str| !l.trim().is_empty() && !l.trim_start().starts_with('#');
        let told = action.code.lines().find(runs).unwrap_or_default();
        let text = format!("line {:>4}  {}", action.span.first, told.trim());
        lines.push(Line::from(cut(&text, width, theme.bad())));
        let why = format!("           {}", action.danger_why);
        lines.push(Line::from(cut(&why, width, theme.dim())));
    }
    lines
}
