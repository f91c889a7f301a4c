//! What a block does only where a condition holds: kept out of every run, and offered.

use super::{Part, is_work};
use crate::domain::plan::{ActionKind, Danger};
use crate::runbook::blocks::Fence;
use crate::runbook::guards;
use crate::script::shell::{self, Piece};

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

/// A command with a condition at the end of its own line (`ufw deny 80  # if needed`) is a piece
/// of its own, where the lines around it are whole commands without it.
pub fn apart(code: &str, piece: Piece) -> Vec<Piece> {
    let lines: Vec<&str> = code.lines().collect();
    let end = piece.code_line + u32::try_from(piece.code.lines().count()).unwrap_or(0);
    let slice = |from: u32, to: u32| {
        let lines = lines.get(from as usize..to as usize).unwrap_or_default();
        lines.join("\n").trim().to_owned()
    };
    let whole = |text: &str| !text.is_empty() && shell::parses(text).is_ok();
    let own = |line: u32| {
        let text = slice(line, line + 1);
        // What a value is to be is said of the value.
        let sets = text.split(' ').next().is_some_and(|w| w.contains('='));
        !text.starts_with('#') && !sets && whole(&text) && shell::is_complete(&text)
    };
    let said = |line: &u32, text: &String| {
        (piece.code_line..end).contains(line) && guards::is_guarded(text) && own(*line)
    };
    let Some((at, title)) = piece.after.iter().find(|(l, t)| said(l, t)).cloned() else {
        return vec![piece];
    };
    let (before, after) = (slice(piece.code_line, at), slice(at + 1, end));
    let fits = |text: &str| text.is_empty() || whole(text);
    if before.is_empty() && after.is_empty() || !fits(&before) || !fits(&after) {
        return vec![piece];
    }
    let part = |code: String, title: String, from: u32, to: u32| Piece {
        code,
        title,
        first_line: from,
        code_line: from,
        last_line: to.saturating_sub(1),
        goes_on: true,
        after: piece
            .after
            .iter()
            .filter(|(l, _)| (from..to).contains(l))
            .cloned()
            .collect(),
        ..Piece::default()
    };
    let mut pieces = Vec::new();
    if !before.is_empty() {
        let rest = part(before, String::new(), piece.code_line, at);
        pieces.push(Piece {
            title: piece.title.clone(),
            number: piece.number,
            comments: piece.comments.clone(),
            first_line: piece.first_line,
            goes_on: piece.goes_on,
            ..rest
        });
    }
    pieces.push(part(slice(at, at + 1), title, at, at + 1));
    if !after.is_empty() {
        let rest = part(after, String::new(), at + 1, piece.last_line + 1);
        pieces.extend(apart(code, rest));
    }
    pieces
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
