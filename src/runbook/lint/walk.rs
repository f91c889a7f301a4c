//! The ways through a plan that several checks go: what is on the path, what is runnable.

use crate::domain::plan::{Action, ActionKind, Danger, Phase, Plan, Procedure};
use crate::script::shell;

/// The procedures that an operator may fly as the rollback itself.
pub fn flown(plan: &Plan) -> impl Iterator<Item = &Procedure> {
    plan.procedures
        .iter()
        .filter(|p| !p.off_path && p.phase == Phase::Execute)
}

/// Every action of every step.
pub fn of_steps(plan: &Plan) -> impl Iterator<Item = &Action> {
    let steps = plan.procedures.iter().flat_map(|p| &p.steps);
    steps.flat_map(|s| &s.actions)
}

/// Every action of every checklist.
pub fn of_items(plan: &Plan) -> impl Iterator<Item = &Action> {
    let items = plan.checklists.iter().flat_map(|c| &c.items);
    items.flat_map(|i| &i.actions)
}

/// A machine carries it out.
pub fn is_runnable(action: &Action) -> bool {
    matches!(
        action.kind,
        ActionKind::Shell | ActionKind::Sql | ActionKind::Http
    )
}

/// It changes something when it runs, and runs as part of its step. Only going to a directory or
/// setting a variable changes nothing that lasts.
pub fn changes(action: &Action) -> bool {
    is_runnable(action) && action.danger != Danger::None && !action.monitor && !prepares(action)
}

/// Only prepares the shell for the commands to come.
fn prepares(action: &Action) -> bool {
    const PREPARES: &[&str] = &["cd", "export", "set", "source", ".", "ssh", "echo", "unset"];
    action.kind == ActionKind::Shell
        && action
            .code
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .all(|l| {
                let first = l.split_whitespace().next().unwrap_or_default();
                let assigns = first.split_once('=').is_some_and(|(name, _)| {
                    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                });
                !l.contains(['>', ';', '|', '&']) && (PREPARES.contains(&first) || assigns)
            })
}

/// Something is looked at: a command that only reads, or an expectation of any.
pub fn looks(action: &Action) -> bool {
    !action.expect.is_empty() || (is_runnable(action) && action.danger == Danger::None)
}

/// The last thing that a command does is to look: `cp -r a b` and then `diff -r a b`.
pub fn ends_with_a_look(action: &Action) -> bool {
    let lines = action.code.lines().map(str::trim);
    let mut lines = lines.filter(|l| !l.is_empty() && !l.starts_with('#'));
    let last = lines.next_back().unwrap_or_default();
    let first = last.split_whitespace().next().unwrap_or_default();
    let says = matches!(
        first,
        "echo" | "cd" | "export" | "fi" | "done" | "}" | "sleep" | "true"
    );
    let more = lines.next().is_some();
    more && !says
        && action.kind == ActionKind::Shell
        && shell::danger(last).danger == crate::script::Danger::None
}
