//! Commands of a cheat sheet: each stands for itself, and none follows from the one above it.

use super::{Context, Part, blank, finish};
use crate::domain::plan::{Action, ActionKind, Span};
use crate::runbook::reading::Reading;
use crate::script::shell;

/// A longer block is a program, and no list of commands.
const LONGEST: usize = 60;

/// The same parts, with every whole command an action of its own.
pub fn apart(reading: &mut Reading<'_>, context: &Context, parts: Vec<Part>) -> Vec<Part> {
    let mut all = Vec::new();
    for part in parts {
        let commands = commands(reading, &part.action);
        if commands.len() < 2 {
            all.push(part);
            continue;
        }
        let last = commands.len() - 1;
        let mut first = Some((part.number, part.action.id.clone(), part.instead));
        for (at, (line, code)) in commands.into_iter().enumerate() {
            let old = &part.action;
            let span = Span {
                first: line,
                last: line + u32::try_from(code.lines().count()).unwrap_or(1).max(1) - 1,
            };
            let title = if at == 0 { old.title.as_str() } else { "" };
            let mut action = blank(ActionKind::Shell, title, &code, &old.lang, span);
            action.attributes.clone_from(&old.attributes);
            if at == last {
                action.expect.clone_from(&old.expect);
            }
            let (number, id, instead) = first.take().unwrap_or_default();
            if at == 0 {
                action.id = id;
            } else {
                let own = Context {
                    id: context.id.clone(),
                    ..Context::default()
                };
                finish(reading, &own, &mut action);
            }
            all.push(Part {
                number,
                action,
                instead,
                or_next: at == last && part.or_next,
                goes_on: at > 0 || part.goes_on,
                said: if at == 0 {
                    part.said.clone()
                } else {
                    String::new()
                },
            });
        }
    }
    all
}

/// The commands of an action with their lines; none where the author says something about it as a
/// whole, or where they are cut by anything but the ends of lines.
fn commands(reading: &Reading<'_>, action: &Action) -> Vec<(u32, String)> {
    let lines: Vec<&str> = action.code.lines().collect();
    let told = !action.attributes.is_empty() || action.choice.is_some() || action.opt_in;
    if action.kind != ActionKind::Shell || told || lines.len() > LONGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut open = String::new();
    let mut at = action.span.first;
    let mut begin = at;
    for line in lines.iter().filter(|l| !l.trim().is_empty()) {
        let here = (at..=action.span.last).find(|n| {
            let written = (*n as usize)
                .checked_sub(1)
                .and_then(|i| reading.lines.get(i));
            written.is_some_and(|w| w.trim() == line.trim())
        });
        at = here.map_or(at, |n| n + 1);
        if open.is_empty() {
            begin = here.unwrap_or(begin);
        } else {
            open.push('\n');
        }
        open.push_str(line);
        let comment = line.trim_start().starts_with('#');
        if !comment && shell::is_complete(&open) && shell::parses(&open).is_ok() {
            found.push((begin, std::mem::take(&mut open)));
        }
    }
    // What is left is a remark below the last of them, or was not understood.
    match found.last_mut() {
        Some((_, code))
            if !open.is_empty() && open.lines().all(|l| l.trim_start().starts_with('#')) =>
        {
            code.push('\n');
            code.push_str(&open);
            found
        }
        _ if open.is_empty() => found,
        _ => Vec::new(),
    }
}
