//! What a block does only where a condition holds: kept out of every run, and offered.

use super::{Part, is_work};
use crate::domain::plan::{ActionKind, Danger};
use crate::runbook::blocks::Fence;
use crate::runbook::guards;

/// Holds back what stands under a condition. What is chosen from is chosen by a person anyway,
/// and what only looks does no harm.
pub fn hold_back(parts: &mut [Part], fence: &Fence) {
    let lines: Vec<&str> = fence.code.lines().collect();
    let gaps = lines.iter().any(|l| l.trim().is_empty());
    let mut under: Option<Head> = None;
    for part in parts {
        let span = part.action.span;
        let said = lines
            .get(span.first.saturating_sub(fence.code_line) as usize)
            .map_or("", |l| l.trim());
        let open = under.take().filter(|head| head.holds(part));
        if let Some(mut head) = open {
            hold(part);
            head.last = span.last;
            head.fresh = false;
            under = Some(head);
            continue;
        }
        let title = title_of(part).to_owned();
        if part.action.choice.is_some() {
            continue;
        }
        let asks = tests_itself(&part.action.code);
        if is_work(&part.action) && !asks && (guards::is_guarded(&title) || is_last(part)) {
            hold(part);
        }
        let heads = said.ends_with([':', '：']) && guards::is_only_condition(&title);
        let bare = part.action.kind == ActionKind::Manual && part.action.title.is_empty();
        let all = heads || bare && said.ends_with([':', '：']) && guards::is_guarded(&title);
        under = all.then_some(Head {
            number: part.number,
            last: span.last,
            bare,
            fresh: bare,
            gaps,
        });
    }
}

/// A comment that is a condition and nothing else.
struct Head {
    number: Option<u32>,
    last: u32,
    /// It has no command of its own, so that what follows is what it asks for.
    bare: bool,
    /// Nothing has followed it yet.
    fresh: bool,
    /// Gaps tell in this block what belongs together.
    gaps: bool,
}

impl Head {
    /// Numbers below a condition without a number count what it asks for; without numbers it is
    /// what follows without a gap.
    fn holds(&self, part: &Part) -> bool {
        let near = part.action.span.first <= self.last + 1;
        match (self.number, part.number) {
            (None, Some(_)) => self.bare,
            (Some(_), Some(_)) => false,
            (_, None) => self.fresh || self.gaps && near,
        }
    }
}

fn hold(part: &mut Part) {
    let action = &mut part.action;
    if action.choice.is_none() && is_work(action) && action.danger != Danger::None {
        action.opt_in = true;
    }
}

/// `if [ -f dump.gz ]; then …`: the commands ask for themselves whether it is so.
fn tests_itself(code: &str) -> bool {
    let mut lines = code.lines().map(str::trim);
    let first = lines.find(|l| !l.is_empty() && !l.starts_with('#'));
    let begins = |w: &&str| first.is_some_and(|l| l.starts_with(*w));
    ["if ", "[ ", "[[ ", "test ", "! "].iter().any(begins)
}

fn title_of(part: &Part) -> &str {
    let action = &part.action;
    if action.title.is_empty() && action.kind == ActionKind::Manual {
        return action.code.lines().next().unwrap_or_default();
    }
    &action.title
}

/// The comments above the command call it the last thing to try.
fn is_last(part: &Part) -> bool {
    let comments = part
        .action
        .code
        .lines()
        .map(str::trim)
        .take_while(|l| l.starts_with('#') || l.starts_with("--"));
    comments
        .into_iter()
        .any(|l| guards::is_last_resort(&l.to_lowercase()))
}
