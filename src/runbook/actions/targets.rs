//! The same command with and without a target: going back to the last version, or to a given one.
//!
//! `undo` and `undo --to 3` one below the other are two ways, and running both goes back twice.
//! Known by the words of the commands and of their titles; what pushes or only looks is left.

use super::Part;
use crate::domain::ids::ChoiceId;
use crate::domain::plan::{ActionKind, Danger};
use crate::runbook::words::says_any;

/// Words of going back, in a title or a command.
const BACK: &[&str] = &[
    "rollback|roll back|rollout undo|revert|restore|downgrade|promote|undo|restaurar|revertir|reverter",
    "zurück|wiederherst|restaur|откат|回滚|恢复|还原|ロールバック|戻す|롤백|복구",
];

/// Words for the version that was there before.
const LAST: &[&str] = &[
    "previous|last|latest|anterior|última|último|vorherig|letzte|précédent|dernier|предыдущ|上一|前の|直前|이전",
];

/// Words for one that has to be named.
const NAMED: &[&str] = &[
    "specific|particular|given|chosen|certain|específic|bestimmt|spécifique|конкретн|определен",
    "指定|特定|특정",
];

/// One is chosen of neighbours that go back with the same command to different targets.
pub fn choose_targets(parts: &mut [Part], id: &str) {
    let mut at = 0;
    while at + 1 < parts.len() {
        let mut end = at + 1;
        while parts
            .get(at)
            .zip(parts.get(end))
            .is_some_and(|(one, other)| are_ways(one, other))
        {
            end += 1;
        }
        if end > at + 1 {
            let line = parts.get(at).map_or(0, |p| p.action.span.first);
            let choice = ChoiceId::new(format!("{id}/target-{line}"));
            for part in parts.iter_mut().take(end).skip(at) {
                part.action.choice = Some(choice.clone());
            }
        }
        at = end;
    }
}

fn are_ways(one: &Part, other: &Part) -> bool {
    let fits = |p: &Part| {
        p.action.kind == ActionKind::Shell
            && p.action.danger != Danger::None
            && p.action.choice.is_none()
            && !p.action.opt_in
            && p.number.is_none()
    };
    let back = |p: &Part| says_any(&p.action.title, BACK) || says_any(&p.action.code, BACK);
    if !fits(one) || !fits(other) || !back(one) || !back(other) {
        return false;
    }
    let (title, second) = (&one.action.title, &other.action.title);
    let named = (says_any(title, LAST) && says_any(second, NAMED))
        || (says_any(title, NAMED) && says_any(second, LAST));
    named && same_program(&one.action.code, &other.action.code)
        || goes_on(&one.action.code, &other.action.code)
        || goes_on(&other.action.code, &one.action.code)
}

/// The first two words of both are the same: `kubectl rollout`, `npm run`.
fn same_program(one: &str, other: &str) -> bool {
    let head = |code: &str| {
        let first = command_lines(code).next().unwrap_or_default();
        first
            .split_whitespace()
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (one, other) = (head(one), head(other));
    one.len() == 2 && one == other || one.len() == 1 && one.first() == other.first()
}

/// `long` is nothing but the one command of `short`, each time with more words.
fn goes_on(short: &str, long: &str) -> bool {
    let mut lines = command_lines(short);
    let (Some(short), None) = (lines.next(), lines.next()) else {
        return false;
    };
    // Pushing twice pushes branches and tags, not two ways.
    if short.starts_with("git push") || short.starts_with("git fetch") {
        return false;
    }
    let short: Vec<&str> = short.split_whitespace().collect();
    let more = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.len() > short.len() && words.starts_with(&short)
    };
    command_lines(long).next().is_some() && command_lines(long).all(more)
}

fn command_lines(code: &str) -> impl Iterator<Item = &str> {
    code.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
}
