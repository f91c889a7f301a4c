//! The rules by which a plan is inferred, each held by plans of the shape that it is for.
//!
//! A test shows a small plan and the whole of what is read from it, one line for each node, so
//! that nothing beside the point slips in unseen.

use super::{lint, read};
use crate::domain::plan::{
    Action, ActionKind, Danger, Estimate, ExpectRule, Phase, Plan, Procedure, Step,
};

mod blanks;
mod deciding;
mod expectations;
mod forms;
mod people;
mod references;
mod sections;
mod state;
mod times;

fn plan(text: &str) -> Plan {
    read(text.as_bytes())
}

/// The procedures of a plan: `P`rocedures, `S`teps, and a line for each action.
///
/// After the kind of an action stand `~` for one that changes things and `!` for one that cannot
/// be undone, and the choice and option that it belongs to. `=` is what it should show, `?` its
/// blanks; a line end in code is shown as `⏎`.
fn told(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let mut choices = Vec::new();
    for one in &plan.procedures {
        lines.push(format!(
            "P {}{}{}",
            one.title,
            place(one),
            time(one.estimate)
        ));
        for step in &one.steps {
            tell_step(step, &mut choices, &mut lines);
        }
    }
    lines
}

fn place(procedure: &Procedure) -> String {
    let mut text = match procedure.phase {
        Phase::Prepare => " (prepare)",
        Phase::Execute => "",
        Phase::Verify => " (verify)",
        Phase::Close => " (close)",
    }
    .to_owned();
    if procedure.off_path {
        text.push_str(" (off)");
    }
    if procedure.choice.is_some() {
        text.push_str(" (one of)");
    }
    text
}

fn time(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(String::new, |e| format!(" {}..{}s", e.low_s, e.high_s))
}

type Choices = Vec<(String, Vec<String>)>;

/// `<1b>`: the second option of the first choice.
fn option(choices: &mut Choices, choice: &str, option: &str) -> String {
    let at = choices
        .iter()
        .position(|(c, _)| c == choice)
        .unwrap_or_else(|| {
            choices.push((choice.to_owned(), Vec::new()));
            choices.len() - 1
        });
    let options = &mut choices[at].1;
    let which = options.iter().position(|o| o == option).unwrap_or_else(|| {
        options.push(option.to_owned());
        options.len() - 1
    });
    let letter = char::from(b'a' + u8::try_from(which).expect("few options"));
    format!(" <{}{letter}>", at + 1)
}

fn tell_step(step: &Step, choices: &mut Choices, lines: &mut Vec<String>) {
    let chosen = step.choice.as_ref().map_or_else(String::new, |c| {
        option(choices, c.as_str(), step.option().as_str())
    });
    let end = if step.point_of_no_return { " !" } else { "" };
    lines.push(format!(
        " S {}{end}{chosen}{}",
        step.title,
        time(step.estimate)
    ));
    for action in &step.actions {
        tell_action(action, choices, lines);
    }
}

fn tell_action(action: &Action, choices: &mut Choices, lines: &mut Vec<String>) {
    let kind = match action.kind {
        ActionKind::Shell => "shell",
        ActionKind::Sql => "sql",
        ActionKind::Http => "http",
        ActionKind::Manual => "manual",
        ActionKind::Include => "include",
        ActionKind::Text => "text",
    };
    let danger = match action.danger {
        Danger::None => "",
        Danger::Changes => "~",
        Danger::Irreversible => "!",
    };
    let chosen = action.choice.as_ref().map_or_else(String::new, |c| {
        option(choices, c.as_str(), action.option().as_str())
    });
    let mut flags = String::new();
    for (set, name) in [
        (action.monitor, " monitor"),
        (action.interactive, " interactive"),
        (action.opt_in, " opt-in"),
        (action.backup_check, " backup"),
    ] {
        if set {
            flags.push_str(name);
        }
    }
    let title = if action.title.is_empty() {
        String::new()
    } else {
        format!(" [{}]", action.title)
    };
    let code = action.code.replace('\n', "⏎");
    lines.push(format!("  {kind}{danger}{flags}{chosen}{title} {code}"));
    for expect in &action.expect {
        lines.push(format!("   = {}", judged(&expect.rule, &expect.text)));
    }
    if !action.parameters.is_empty() {
        let names: Vec<&str> = action
            .parameters
            .iter()
            .map(crate::domain::ids::ParameterName::as_str)
            .collect();
        lines.push(format!("   ? {}", names.join(" ")));
    }
}

fn judged(rule: &ExpectRule, text: &str) -> String {
    match rule {
        ExpectRule::Person => format!("person: {}", text.replace('\n', "⏎")),
        other => format!("{other:?}"),
    }
}

/// The codes of everything that `check` says, with their lines.
fn findings(text: &str) -> Vec<(u32, String)> {
    lint::check(&plan(text), text)
        .into_iter()
        .map(|d| (d.line, d.code))
        .collect()
}
