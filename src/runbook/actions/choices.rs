//! Which actions of one block exclude each other.

use super::Part;
use crate::domain::ids::{ActionId, ChoiceId};
use crate::domain::plan::ActionKind;
use crate::runbook::words::{self, Numbered};
use crate::script::shell;

/// `# Option A`, `# Option B` in one block, or `# For Docker:`, `# For systemd:`: one is chosen.
pub fn choose_options(parts: &mut [Part], id: &str) {
    let option = |p: &Part| {
        matches!(
            words::numbered(&p.action.title),
            Some((Numbered::Choice, _))
        )
    };
    if parts.iter().filter(|p| option(p)).count() >= 2 {
        return share(parts, id, option);
    }
    let mine = |p: &Part| kind_of_place(&p.action.title);
    let first = parts.iter().find_map(mine);
    if let Some(word) = first
        && parts.iter().filter(|p| mine(p) == Some(word)).count() >= 2
    {
        // A head without a command of its own lost its colon when it became a thing to do.
        let bare = |p: &Part| {
            let action = &p.action;
            let only = action.kind == ActionKind::Manual && action.title.is_empty();
            only && kind_of_place(&format!("{}:", action.code)) == Some(word)
        };
        share(parts, id, |p| mine(p) == Some(word) || bare(p));
    }
}

/// `# Automatic (recommended)` above `# Via make`: two manners of one thing, of which the author
/// likes the first better.
pub fn choose_recommended(parts: &mut [Part], id: &str) {
    const BEST: &[&str] = &[
        "(recommended)",
        "(preferred)",
        "(recomendado)",
        "(empfohlen)",
    ];
    const OTHER: &[&str] = &[
        "via ", "using ", "with ", "manual", "by hand", "directly", "fallback", "legacy",
        "usando ", "manuell", "mit ",
    ];
    for at in 1..parts.len() {
        let title = |n: usize| {
            let part = parts
                .get(n)
                .filter(|p| p.number.is_none() && p.action.choice.is_none())?;
            Some(part.action.title.to_lowercase())
        };
        let (Some(first), Some(second)) = (title(at - 1), title(at)) else {
            continue;
        };
        let best = BEST
            .iter()
            .any(|w| first.trim_end_matches(':').ends_with(w));
        let other = OTHER.iter().any(|w| second.starts_with(w));
        if best && other {
            let line = parts.get(at - 1).map_or(0, |p| p.action.span.first);
            let choice = ChoiceId::new(format!("{id}/manners-{line}"));
            for part in parts.iter_mut().skip(at - 1).take(2) {
                part.action.choice = Some(choice.clone());
            }
        }
    }
}

/// The word with which a comment says for which kind of place its commands are.
fn kind_of_place(title: &str) -> Option<&'static str> {
    let lower = title.to_lowercase();
    let sure = [
        "if using ",
        "if you use ",
        "if you are using ",
        "wenn sie ",
        "si usa ",
        "如果使用",
    ];
    if let Some(word) = sure.into_iter().find(|w| lower.starts_with(w)) {
        return Some(word);
    }
    let short = title.trim_end().ends_with([':', '：']) && title.split_whitespace().count() <= 5;
    let maybe = [
        "for ", "using ", "with ", "via ", "on ", "für ", "para ", "pour ", "для ",
    ];
    maybe.into_iter().find(|w| short && lower.starts_with(w))
}

/// Each option is its head and what follows it up to the next head. What follows the last head
/// belongs to it only as far as the longest option before goes; the rest comes after the choice.
fn share(parts: &mut [Part], id: &str, one_of: impl Fn(&Part) -> bool) {
    let line = parts.first().map_or(0, |p| p.action.span.first);
    let choice = ChoiceId::new(format!("{id}/options-{line}"));
    let heads: Vec<usize> = (0..parts.len())
        .filter(|at| parts.get(*at).is_some_and(&one_of))
        .collect();
    let longest = heads
        .windows(2)
        .filter_map(|w| Some(w.get(1)? - w.first()?))
        .max()
        .unwrap_or(1);
    for (n, &head) in heads.iter().enumerate() {
        let end = heads
            .get(n + 1)
            .copied()
            .unwrap_or_else(|| parts.len().min(head + longest));
        let Some(first) = parts.get(head).map(|p| p.action.id.clone()) else {
            continue;
        };
        // Numbers below a head without a command of its own count what it asks for.
        let numbered = parts
            .get(head)
            .is_some_and(|p| p.number.is_some() || p.action.kind == ActionKind::Manual);
        for part in parts.iter_mut().take(end).skip(head) {
            let after = part.action.id != first && part.number.is_some() && !numbered;
            if after {
                break;
            }
            part.action.choice = Some(choice.clone());
            if part.action.id != first {
                part.action.branch = Some(first.clone());
            }
        }
    }
}

/// `# Undo it, keep the files` and `# Undo it, discard the files`: the same thing in two manners
/// that exclude each other.
pub fn choose_opposites(parts: &mut [Part], id: &str) {
    const MANNERS: &[(&str, &str)] = &[
        ("keep", "discard"),
        ("keep", "lose"),
        ("keep", "delete"),
        ("preserve", "discard"),
        ("preserve", "delete"),
        ("soft", "hard"),
        ("safe", "dangerous"),
        ("with", "without"),
    ];
    let split = |p: &Part| {
        let lower = p.action.title.to_lowercase();
        let at = lower.find([',', '(', ':'])?;
        let (stem, manner) = lower.split_at(at);
        let manner = manner.trim_start_matches([',', '(', ':', ' ']);
        let first = manner.split(|c: char| !c.is_alphanumeric()).next()?;
        Some((stem.trim().to_owned(), first.to_owned()))
    };
    for at in 1..parts.len() {
        let pair = (at - 1, at);
        let (Some(one), Some(other)) = (
            parts.get(pair.0).and_then(split),
            parts.get(pair.1).and_then(split),
        ) else {
            continue;
        };
        let opposed = MANNERS
            .iter()
            .any(|(a, b)| (one.1 == *a && other.1 == *b) || (one.1 == *b && other.1 == *a));
        let free = [pair.0, pair.1]
            .iter()
            .all(|i| parts.get(*i).is_some_and(|p| p.action.choice.is_none()));
        if opposed && free && one.0 == other.0 {
            let line = parts.get(pair.0).map_or(0, |p| p.action.span.first);
            let choice = ChoiceId::new(format!("{id}/manners-{line}"));
            for index in [pair.0, pair.1] {
                if let Some(part) = parts.get_mut(index) {
                    part.action.choice = Some(choice.clone());
                }
            }
        }
    }
}

/// What follows `# otherwise:` without a gap is done where the way before it is not taken.
pub fn join_otherwise(parts: &mut [Part]) {
    let mut open: Option<(ActionId, ChoiceId, u32)> = None;
    for part in parts {
        let here = part.action.span;
        let heads = part.instead && shell::is_otherwise(&part.action.title);
        if let Some(choice) = part.action.choice.clone().filter(|_| heads) {
            open = Some((part.action.id.clone(), choice, here.last));
            continue;
        }
        open = open.filter(|(.., last)| part.number.is_none() && here.first <= last + 1);
        if let Some((head, choice, last)) = &mut open {
            part.action.choice = Some(choice.clone());
            part.action.branch = Some(head.clone());
            *last = here.last;
        }
    }
}

/// `# Or …`: a choice with what stands before.
pub fn choose_instead(parts: &mut [Part], id: &str) {
    let mut main: Option<usize> = None;
    for at in 0..parts.len() {
        let instead = parts.get(at).is_some_and(|p| p.instead);
        let Some(first) = main.filter(|_| instead) else {
            main = Some(at);
            continue;
        };
        let known = parts.get(first).and_then(|p| p.action.choice.clone());
        let line = parts.get(first).map_or(0, |p| p.action.span.first);
        let choice = known.unwrap_or_else(|| ChoiceId::new(format!("{id}/choice-{line}")));
        for index in [first, at] {
            if let Some(part) = parts.get_mut(index) {
                part.action.choice = Some(choice.clone());
            }
        }
    }
}
