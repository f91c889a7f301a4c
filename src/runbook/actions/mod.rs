//! From a block of code to the actions that an operator runs one by one.
//!
//! Cut at comments; each action carries what it should show, other ways of doing it, how much
//! harm it can do. What was commented out is offered and never part of a run.

mod annotated;
mod apart;
mod choices;
mod content;
mod foreign;
mod held;
mod manual_parts;
mod ordered;
mod remarks;
mod safeguards;
mod shell_parts;
mod sql_parts;
mod targets;

use super::ahead;
use super::blocks::{Block, Fence};
use super::code::{self, Seen};
use super::inline::plain;
use super::marks::Mark;
use super::reading::Reading;
use super::words::{says_any, slug};
use super::{expect, told};
use crate::domain::ids::ActionId;
use crate::domain::plan::{Action, ActionKind, Danger, Expectation, Level, Span};
use crate::script::shell;
use annotated::{as_one, as_told, contradictions, named};
pub use apart::apart;
use choices::choose;
use manual_parts::manual_parts;
pub use ordered::ordered;
use shell_parts::shell_parts;
use sql_parts::sql_parts;

/// Where the actions belong.
#[derive(Clone, Default)]
pub struct Context {
    /// Prefix of their ids.
    pub id: String,
    /// The title of an action that has no comment.
    pub title: String,
}

/// An action with what the steps around it need to know.
pub struct Part {
    /// The number that its comment gives.
    pub number: Option<u32>,
    /// The action.
    pub action: Action,
    /// It is another way of doing what stands before it.
    pub instead: bool,
    /// It ends in `# Or …:`, so that the next block is another way.
    pub or_next: bool,
    /// It was cut off the part before: it goes wherever that one goes.
    pub goes_on: bool,
    /// What is said above it and asks for nothing by itself.
    pub said: String,
}

/// An action with nothing but what is always there.
#[must_use]
pub fn blank(kind: ActionKind, title: &str, code: &str, lang: &str, span: Span) -> Action {
    let (danger, danger_why) = code::danger(kind, code);
    let shell = kind == ActionKind::Shell;
    Action {
        id: ActionId::default(),
        title: title.to_owned(),
        kind,
        lang: lang.to_owned(),
        code: code.to_owned(),
        parameters: Vec::new(),
        expect: Vec::new(),
        danger,
        danger_why,
        monitor: shell && shell::is_monitor(code),
        tunnel: shell && shell::is_tunnel(code),
        interactive: shell && shell::needs_terminal(code),
        opt_in: false,
        choice: None,
        branch: None,
        target: None,
        interpreter: None,
        cwd: None,
        timeout_s: None,
        timeout_line: None,
        backup_check: false,
        sense: false,
        place: None,
        connection: None,
        attributes: Vec::new(),
        span,
    }
}

/// A thing for a person to do.
pub fn manual(reading: &mut Reading<'_>, id: &str, text: &str, span: Span) -> Action {
    let mut action = blank(ActionKind::Manual, "", text, "", span);
    action.backup_check = is_backup_check(text);
    action.id = ActionId::new(reading.id(&format!("{id}/{}", name(text))));
    action
}

fn name(text: &str) -> String {
    let slug = slug(text);
    if slug.is_empty() {
        "run".to_owned()
    } else {
        slug
    }
}

/// The actions of a fence, in order.
pub fn from_fence(
    reading: &mut Reading<'_>,
    context: &Context,
    block: &Block,
    fence: &Fence,
) -> Vec<Part> {
    let mut seen = fence.see().clone();
    if !fence.is_whole() {
        seen = Seen {
            kind: ActionKind::Text,
            mislabelled: None,
        };
    }
    if let Some(what) = &seen.mislabelled {
        let message = format!("the block is labelled {} and holds {what}", fence.lang);
        reading.note(
            block.span.first,
            Level::Warning,
            "fence-label",
            message,
            "label it for what it is",
        );
    }
    let ahead = reading.ahead.remove(&ahead::key(fence));
    let mut parts = ahead.unwrap_or_else(|| cut(fence, block.span, seen.kind));
    let one = fence.told.is_one_action();
    if one {
        parts = vec![as_one(fence, block.span, seen.kind, parts)];
    }
    for part in &mut parts {
        as_told(&mut part.action, fence);
        finish(reading, context, &mut part.action);
        named(reading, &mut part.action, fence);
    }
    if !one {
        // An option is named by the id of its first action, so these come last.
        choose(&mut parts, context);
        held::hold_back(&mut parts, fence);
    }
    expect_as_told(&mut parts, block);
    contradictions(reading, block.span, &parts);
    parts
}

/// What comments say that a block should show, its last command shows; that beats what stands in
/// the block itself.
fn expect_as_told(parts: &mut [Part], block: &Block) {
    let told = block.marks.iter().filter_map(|m| match m {
        Mark::Expect(text) => Some(text),
        _ => None,
    });
    let Some(last) = parts
        .iter_mut()
        .map(|p| &mut p.action)
        .rfind(|a| is_work(a))
    else {
        return;
    };
    let all: Vec<Expectation> = told.filter_map(|t| told::shown(t, &last.code)).collect();
    if !all.is_empty() && last.attribute("expect").is_none() {
        last.expect.clear();
    }
    last.expect.extend(all);
}

/// What a fence shows of the command before it, where its author says that it does.
#[must_use]
pub fn shown_by(block: &Block, fence: &Fence) -> Option<Expectation> {
    if fence.told.problem.is_some() {
        return None;
    }
    let sample = |similar, pattern| Some(expect::of_sample(&fence.code, similar, pattern));
    let said = block.marks.iter().find_map(|m| match m {
        Mark::Similar(n) => sample(Some(*n), None),
        Mark::Matches(pattern) => sample(None, Some(pattern)),
        _ => None,
    });
    said.or_else(|| {
        fence
            .told
            .yes("output")
            .then(|| sample(None, None))
            .flatten()
    })
}

/// The pieces of a block that holds commands, before anything around it is known.
#[must_use]
pub fn pieces(block: &Block, fence: &Fence) -> Option<Vec<Part>> {
    let kind = fence.see().kind;
    let runs = matches!(kind, ActionKind::Shell | ActionKind::Sql);
    (runs && fence.is_whole()).then(|| cut(fence, block.span, kind))
}

/// The pieces of a block, each an action.
fn cut(fence: &Fence, span: Span, kind: ActionKind) -> Vec<Part> {
    let whole = |kind| {
        let title = leading_comment(&fence.code);
        vec![part(
            None,
            blank(kind, &title, &fence.code, &fence.lang, span),
        )]
    };
    match kind {
        // Another program's text is not cut by the rules of the shell.
        ActionKind::Shell if fence.told.get("interpreter").is_some() => {
            let mut parts = whole(kind);
            for part in &mut parts {
                part.action.expect = annotated::commented(&fence.code);
            }
            parts
        }
        ActionKind::Shell => shell_parts(fence),
        ActionKind::Sql => sql_parts(fence),
        ActionKind::Manual => foreign::parts(fence).unwrap_or_else(|| manual_parts(fence)),
        ActionKind::Http | ActionKind::Text | ActionKind::Include => whole(kind),
    }
}

fn part(number: Option<u32>, action: Action) -> Part {
    Part {
        number,
        action,
        instead: false,
        or_next: false,
        goes_on: false,
        said: String::new(),
    }
}

fn leading_comment(code: &str) -> String {
    let first = code.lines().next().unwrap_or_default().trim();
    let text = first
        .strip_prefix("# ")
        .or_else(|| first.strip_prefix("// "))
        .or_else(|| first.strip_prefix("-- "));
    text.unwrap_or_default().to_owned()
}

fn finish(reading: &mut Reading<'_>, context: &Context, action: &mut Action) {
    let title = if action.title.is_empty() {
        &context.title
    } else {
        &action.title
    };
    let words = if title.is_empty() {
        action.code.lines().next().unwrap_or_default()
    } else {
        title
    };
    action.id = ActionId::new(reading.id(&format!("{}/{}", context.id, name(words))));
    action.opt_in |= is_work(action) && safeguards::goes_past(&context.title);
    let looks = action.danger != Danger::Irreversible && !writes_backup(&action.code);
    action.backup_check |= looks && is_backup_check(&format!("{} {}", context.title, action.title));
}

/// It runs something.
fn is_work(action: &Action) -> bool {
    !matches!(action.kind, ActionKind::Text | ActionKind::Manual)
}

/// The command of an item that orders one to be run, or that names one at its end, with the words
/// of the item about it.
#[must_use]
pub fn inline_command(text: &str) -> Option<(String, String)> {
    ordered(text).or_else(|| named_at_the_end(text))
}

/// An item that names its one command at its end, after a colon: the words before it and the
/// command.
fn named_at_the_end(text: &str) -> Option<(String, String)> {
    const NOT: &[&str] = &[
        "never|not|don't|avoid|instead|error|symptom|message|output|returns|shows|e.g.|example",
        "bad|wrong|mistake|ran|caused by|triggered by|failed with",
        "nie|nicht|nunca|no|ne|не|不要|禁止|绝不|しない|금지",
    ];
    let text = text.trim().trim_end_matches('.');
    let inner = text.strip_suffix('`')?;
    let (before, command) = inner.rsplit_once('`')?;
    let label = before.trim_end().strip_suffix([':', '：'])?;
    if label.contains('`') || text.contains('\n') || says_any(label, NOT) {
        return None;
    }
    let first = command.split_whitespace().next()?;
    let script = first.starts_with("./") || first.rsplit('.').next() == Some("sh");
    let named = !first.contains('/') && command.split_whitespace().count() >= 2;
    let command = shell::commented_out(command).filter(|_| script || named)?;
    Some((
        plain(label).trim_end_matches([':', '：']).to_owned(),
        command,
    ))
}

/// The action of a command that an item names.
pub fn one_command(
    reading: &mut Reading<'_>,
    id: &str,
    label: &str,
    command: &str,
    span: Span,
) -> Action {
    let kind = if shell::looks_like_sql(command) {
        ActionKind::Sql
    } else {
        ActionKind::Shell
    };
    let mut action = blank(kind, label, command, "", span);
    action.id = ActionId::new(reading.id(&format!("{id}/{}", name(label))));
    action
}

/// `Verify backup exists`: looking for a backup, not taking one.
#[must_use]
pub fn is_backup_check(text: &str) -> bool {
    const LOOKS: &[&str] = &[
        "verify",
        "check",
        "confirm",
        "ensure",
        "list",
        "validate",
        "make sure",
        "comprobar",
        "verificar",
        "prüfe",
        "vérifier",
        "确认",
        "检查",
        "確認",
        "확인",
        "проверить",
    ];
    const BACKUP: &[&str] = &[
        "backup",
        "back-up",
        "snapshot",
        "dump",
        "respaldo",
        "sicherung",
        "sauvegarde",
        "备份",
        "バックアップ",
        "백업",
        "резервн",
    ];
    says_any(text, BACKUP) && says_any(text, LOOKS) && looks_at(text, LOOKS, BACKUP)
}

/// The looking is at the backup: close before it, or in the same sentence where words stand in
/// another order.
fn looks_at(text: &str, looks: &'static [&'static str], backup: &'static [&'static str]) -> bool {
    if !text.is_ascii() {
        return true;
    }
    text.split(['.', ':', ';', '\n']).any(|sentence| {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        let at = |wanted: &'static [&'static str]| words.iter().position(|w| says_any(w, wanted));
        let (Some(look), Some(object)) = (at(looks), at(backup)) else {
            return says_any(sentence, looks) && says_any(sentence, backup) && words.len() <= 6;
        };
        look < object && object - look <= 6
    })
}

fn writes_backup(code: &str) -> bool {
    [
        "pg_dump",
        "mysqldump",
        "tar -c",
        "tar c",
        "cp ",
        "create-db-snapshot",
        "pg_restore",
        "dropdb",
    ]
    .iter()
    .any(|w| code.contains(w))
}

/// Words of the document that outrank what the command looks like.
pub fn warn_by_words(action: &mut Action, said: &str) {
    const WORDS: &[&str] = &[
        "dangerous|destructive|irreversible|cannot be undone|can not be undone",
        "can't be undone|point of no return|nuclear option|will be lost|data loss",
        "permanently|unwiderruflich|irréversible|irreversível|不可逆|取り消せ|되돌릴 수 없",
        "необратим|nieodwracaln",
    ];
    action.opt_in |= safeguards::goes_past(said);
    if action.danger == Danger::Changes && says_any(said, WORDS) {
        action.danger = Danger::Irreversible;
        let line = said.lines().find(|l| says_any(l, WORDS)).unwrap_or(said);
        action.danger_why = format!("the plan says: {}", line.trim());
    }
}
