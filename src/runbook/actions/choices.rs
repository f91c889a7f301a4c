//! Which actions of one block exclude each other.

use super::{Context, Part, targets};
use crate::domain::ids::{ActionId, ChoiceId};
use crate::domain::plan::ActionKind;
use crate::runbook::cases;
use crate::runbook::words::{self, Numbered};
use crate::script::shell;

/// Finds what excludes each other. What was cut off a part goes with it.
pub fn choose(parts: &mut Vec<Part>, context: &Context) {
    let id = context.id.as_str();
    let mut heads: Vec<Part> = Vec::with_capacity(parts.len());
    let mut rest: Vec<(usize, usize, Part)> = Vec::new();
    for part in parts.drain(..) {
        let cut = |p: &Part| !p.action.opt_in && p.action.kind != ActionKind::Manual;
        match heads.iter().rposition(cut).filter(|_| part.goes_on) {
            Some(owner) => rest.push((heads.len(), owner, part)),
            None => heads.push(part),
        }
    }
    choose_boxes(&mut heads, id);
    choose_lettered(&mut heads, context);
    choose_options(&mut heads, id);
    choose_instead(&mut heads, id);
    choose_opposites(&mut heads, id);
    choose_recommended(&mut heads, id);
    join_otherwise(&mut heads);
    targets::choose_targets(&mut heads, id);
    for (_, owner, part) in &mut rest {
        if let Some(head) = heads.get(*owner).filter(|h| h.action.choice.is_some()) {
            part.action.choice.clone_from(&head.action.choice);
            part.action.branch = Some(head.action.option().clone());
        }
    }
    let mut rest = rest.into_iter().peekable();
    for (at, head) in (1..).zip(heads) {
        parts.push(head);
        while let Some((_, _, part)) = rest.next_if(|(n, ..)| *n == at) {
            parts.push(part);
        }
    }
}

/// `[ ] snapshot  [ ] dump`: things for a person side by side on one line.
fn choose_boxes(parts: &mut [Part], id: &str) {
    let by_hand = |p: &Part| p.action.kind == ActionKind::Manual;
    let groups = parts.chunk_by_mut(|a, b| {
        by_hand(a) && by_hand(b) && a.action.span.first == b.action.span.first
    });
    for group in groups.filter(|g| g.len() >= 2) {
        let line = group.first().map_or(0, |p| p.action.span.first);
        for part in group {
            part.action.choice = Some(ChoiceId::new(format!("{id}/boxes-{line}")));
        }
    }
}

/// `# Option A`, `# Option B` in one block, or `# For Docker:`, `# For systemd:`: one is chosen.
fn choose_options(parts: &mut [Part], id: &str) {
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
        return share(parts, id, |p| mine(p) == Some(word) || bare(p));
    }
    choose_cases(parts, id);
}

/// `# For Docker (default)` and `# For plain systemd`, and nothing else in the block.
fn choose_cases(parts: &mut [Part], id: &str) {
    let named = |p: &&Part| !p.action.title.is_empty() && !p.goes_on;
    let titles: Vec<String> = parts
        .iter()
        .filter(named)
        .map(|p| p.action.title.clone())
        .collect();
    let free = parts
        .iter()
        .all(|p| p.number.is_none() && p.action.choice.is_none());
    if free && titles.len() > 1 && cases::beside_each_other(&titles).iter().all(|is| *is) {
        share(parts, id, |p| named(&p));
    }
}

/// `# a) No network`, `# b) No disk` below `# Possible causes:`: the one that is there is chosen.
/// Letters that only count what comes one after the other choose nothing.
fn choose_lettered(parts: &mut Vec<Part>, context: &Context) {
    let letter = |p: &Part| cases::letter(&name_of(p));
    let mut next = 'a';
    let mut heads = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if part.action.choice.is_none() && letter(part) == Some(next) {
            heads.push(at);
            next = char::from_u32(u32::from(next) + 1).unwrap_or(next);
        }
    }
    let Some(&first) = heads.first().filter(|_| heads.len() > 1) else {
        return;
    };
    let above = first.checked_sub(1).and_then(|at| parts.get(at));
    let lead = above
        .filter(|p| p.action.kind == ActionKind::Manual && p.action.title.is_empty())
        .map(name_of);
    let led = lead.as_deref().is_some_and(cases::says_cases);
    let conditions = heads
        .iter()
        .filter_map(|at| parts.get(*at))
        .filter(|p| cases::is_conditional(&name_of(p)))
        .count();
    if !led && !cases::says_cases(&context.title) && conditions * 2 <= heads.len() {
        return;
    }
    let ids: Vec<ActionId> = heads
        .iter()
        .filter_map(|at| Some(parts.get(*at)?.action.id.clone()))
        .collect();
    share(parts, &context.id, |p| ids.contains(&p.action.id));
    // The words above them are said, and are nothing to do.
    if let Some(lead) = lead.filter(|_| led) {
        let line = parts.remove(first - 1).action.span.first;
        if let Some(part) = parts.get_mut(first - 1) {
            part.action.span.first = part.action.span.first.min(line);
            part.said = lead;
        }
    }
}

/// What a part is called: its title, else the first of its words.
fn name_of(part: &Part) -> String {
    let action = &part.action;
    if action.title.is_empty() && action.kind == ActionKind::Manual {
        return action.code.lines().next().unwrap_or_default().to_owned();
    }
    action.title.clone()
}

/// `# Automatic (recommended)` above `# Via make`: two manners of one thing, of which the author
/// likes the first better.
fn choose_recommended(parts: &mut [Part], id: &str) {
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
fn choose_opposites(parts: &mut [Part], id: &str) {
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
fn join_otherwise(parts: &mut [Part]) {
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
fn choose_instead(parts: &mut [Part], id: &str) {
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
