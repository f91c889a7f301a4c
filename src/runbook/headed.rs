//! A procedure whose heading says little is called by the heading above it as well.
//!
//! Where a section only gathers procedures, each of them is offered by itself: `Kubernetes` or
//! `Within 24 hours` is then all that is left of `Service rollbacks` and `After the rollback`.
//! This runs when links are resolved, since a link says a heading as it stands.

use std::collections::{HashMap, HashSet};

use super::blocks::Block;
use super::marks::Mark;
use super::reading::Reading;
use super::titles;
use super::words::{self, Role, says_any};
use crate::domain::plan::{Action, ActionKind, Step};

/// Puts the heading above before titles that do not speak for themselves.
pub fn name(reading: &mut Reading<'_>) {
    let by_line: HashMap<u32, usize> = reading
        .sections()
        .map(|i| (reading.section(i).line, i))
        .collect();
    let mut named = Vec::new();
    for (at, procedure) in reading.plan.procedures.iter().enumerate() {
        let section = by_line.get(&procedure.span.first).copied();
        if procedure.parent.is_none()
            && !procedure.off_path
            && let Some(above) = section.and_then(|s| heading_above(reading, s))
            && section.is_some_and(|s| reading.section(s).title == procedure.title)
        {
            named.push((at, format!("{above} › {}", words::bare(&procedure.title))));
        }
    }
    for (at, title) in named {
        if let Some(procedure) = reading.plan.procedures.get_mut(at) {
            procedure.title = title;
        }
    }
}

/// What is only told, and names something that is done every day or week, is a custom of the house
/// and no rollback.
pub fn set_standing_apart(reading: &mut Reading<'_>) {
    let declared: HashSet<u32> = reading
        .sections()
        .map(|i| reading.section(i))
        .filter(|s| s.marks.iter().any(|m| matches!(m, Mark::Procedure(_))))
        .map(|s| s.line)
        .collect();
    let work = |a: &Action| !matches!(a.kind, ActionKind::Text | ActionKind::Manual);
    let standing = |s: &Step| titles::is_standing(&s.title.to_lowercase());
    for procedure in &mut reading.plan.procedures {
        procedure.off_path |= !declared.contains(&procedure.span.first)
            && procedure.steps.iter().any(standing)
            && !procedure.steps.iter().flat_map(|s| &s.actions).any(work);
    }
}

/// The heading above a section, where it tells what the section's own does not.
fn heading_above(reading: &Reading<'_>, index: usize) -> Option<String> {
    let section = reading.section(index);
    let above = reading.section(section.parent?);
    let speaks = section.own_role.is_some() || words::numbered(&section.title).is_some();
    let bare = words::bare(&above.title).trim_end_matches([':', '：']);
    (above.level > 1 && !speaks && !bare.is_empty() && !is_general(bare)).then(|| bare.to_owned())
}

/// A section about the time before a deployment. Its lists may hold for a rollback as well; its
/// commands would keep what is broken in the place of what was kept for the way back.
#[must_use]
pub fn precedes(reading: &Reading<'_>, index: usize) -> bool {
    let says = |i: usize| words::says_any(&reading.section(i).title, &["pre-deploy|predeploy"]);
    let above = |i: &usize| reading.section(*i).level > 1;
    says(index) || reading.outline.above(index).filter(above).any(says)
}

/// A heading of nothing but commands to look up, however it names what they are for.
const SHEET: &[&str] = &[
    "commands|cheat sheet|cheatsheet|command reference|quick reference|cli reference|comandos|befehle",
    "commandes|команды|команд|komendy|polecenia|命令|コマンド|명령",
];

/// A section of commands that stand beside each other, as in a reference: none of them is a step
/// after the one above it.
#[must_use]
pub fn is_sheet(reading: &Reading<'_>, index: usize) -> bool {
    let named = |i: usize| says_any(&reading.section(i).title, SHEET);
    let off = reading.section(index).role == Some(Role::OffPath);
    let above = |i: &usize| reading.section(*i).level > 1;
    off && (named(index) || reading.outline.above(index).filter(above).any(named))
        || lists_commands(reading, index)
}

/// `Migration commands` outside a rollback, with several of them: a cheat sheet as well.
#[must_use]
pub fn lists_commands(reading: &Reading<'_>, index: usize) -> bool {
    const WAYS: &[&str] = &[
        "rollback|roll back|revert|restore|recover|emergency|undo|verif|health|backup|back up|stop|start",
        "to run|execute|deploy|diagnos|debug|fix|step|procedure|回滚|恢复|ロールバック|롤백|откат|wiederherstell|restaur",
    ];
    let section = reading.section(index);
    let named = section.level > 1 && says_any(&section.title, SHEET);
    if !named || section.role.is_some() || says_any(&section.title, WAYS) {
        return false;
    }
    let commands = |b: &Block| {
        let code = b.fence().map_or("", |f| f.code.as_str());
        let lines = code.lines().map(str::trim);
        lines
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .count()
    };
    section.children.is_empty() && section.blocks.iter().map(commands).sum::<usize>() >= 3
}

/// A heading of words that every plan of this kind has: it tells nothing of a part.
fn is_general(title: &str) -> bool {
    const GENERAL: &[&str] = &[
        "rollback",
        "rollbacks",
        "roll",
        "back",
        "recovery",
        "restore",
        "procedure",
        "procedures",
        "process",
        "plan",
        "steps",
        "instructions",
        "scenarios",
        "options",
        "methods",
        "strategies",
        "common",
        "standard",
        "emergency",
        "detailed",
        "and",
        "the",
        "by",
        "of",
        "to",
        "how",
        "step",
    ];
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|w| !w.is_empty())
        .all(|w| GENERAL.contains(&w) || w.bytes().all(|b| b.is_ascii_digit()))
}
