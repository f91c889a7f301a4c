//! A fence whose author says how it is to be run.
//!
//! An attribute that speaks of one action (a name, a title, what it shows) makes the whole block
//! one action; any other holds for each action that the block is cut into. What the author says
//! beats what the commands look like.

use super::{Part, blank, leading_comment, part, warn_by_words};
use crate::domain::ids::ActionId;
use crate::domain::plan::{
    Action, ActionKind, Attribute, Danger, ExpectRule, Expectation, Level, Span,
};
use crate::runbook::blocks::Fence;
use crate::runbook::code;
use crate::runbook::expect;
use crate::runbook::reading::Reading;
use crate::runbook::settle;
use crate::runbook::told::{self, Told};
use crate::script::shell;

/// The whole block as one action. What its pieces should show, all of it should show, as far as
/// that can be told from the output of all of them.
pub fn as_one(fence: &Fence, span: Span, kind: ActionKind, parts: Vec<Part>) -> Part {
    let told = &fence.told;
    let title = told
        .get("title")
        .map_or_else(|| leading_comment(&fence.code), str::to_owned);
    let mut action = blank(kind, &title, &fence.code, &fence.lang, span);
    let alone = parts.len() == 1;
    for piece in parts.into_iter().filter(|p| !p.instead) {
        let all = piece.action.expect.into_iter();
        action.expect.extend(all.map(|e| among(e, alone)));
    }
    warn_by_words(&mut action, &fence.code);
    part(None, action)
}

/// An expectation of one command, held against the output of several.
fn among(expectation: Expectation, alone: bool) -> Expectation {
    let holds = matches!(
        expectation.rule,
        ExpectRule::Contains(_)
            | ExpectRule::Regex(_)
            | ExpectRule::JsonSubset(_)
            | ExpectRule::Person
    );
    if alone || holds {
        return expectation;
    }
    Expectation {
        rule: ExpectRule::Person,
        ..expectation
    }
}

/// What another program's text says in comments of its own that it should show. Only `Expected: …`
/// at the beginning of a line counts: other words are about the program.
pub fn commented(code: &str) -> Vec<Expectation> {
    code.lines()
        .filter_map(|line| {
            let text = ["#", "//", "--"]
                .iter()
                .find_map(|mark| line.strip_prefix(mark))?
                .trim();
            let named = text
                .get(..6)
                .is_some_and(|t| t.eq_ignore_ascii_case("expect"));
            (named && shell::is_expectation(text)).then(|| expect::of_comment(text, code))
        })
        .collect()
}

/// What the attributes say of each action of the block.
pub fn as_told(action: &mut Action, fence: &Fence) {
    let told = &fence.told;
    if told.words.is_empty() || told.problem.is_some() {
        return;
    }
    let text = |key: &str| told.get(key).map(str::to_owned);
    action.interpreter = text("interpreter");
    action.cwd = text("cwd");
    action.timeout_s = told.get("timeout").and_then(told::duration);
    action.interactive = told.flag("interactive").unwrap_or(action.interactive);
    action.monitor = beside(told).unwrap_or(action.monitor);
    action.tunnel &= action.monitor;
    action.connection = text("connection");
    action.sense = told.yes("sense");
    if let Some(shown) = told.get("expect") {
        action.expect = told::shown(shown, &action.code).into_iter().collect();
    }
    action.attributes = told
        .words
        .iter()
        .map(|w| Attribute {
            key: w.key.clone(),
            value: w.text().to_owned(),
        })
        .collect();
}

fn beside(told: &Told) -> Option<bool> {
    told.flag("monitor").or_else(|| told.flag("background"))
}

/// The id that the author gives, and the backup check, which the words around decide otherwise.
pub fn named(reading: &mut Reading<'_>, action: &mut Action, fence: &Fence) {
    if fence.told.problem.is_some() {
        return;
    }
    if let Some(name) = fence.told.get("name").or_else(|| fence.told.get("id")) {
        action.id = ActionId::new(reading.id(name));
    }
    action.backup_check = fence
        .told
        .flag("backup-check")
        .unwrap_or(action.backup_check);
}

/// The author's word holds; where the commands say that they destroy, that is worth a warning.
pub fn contradictions(reading: &mut Reading<'_>, span: Span, parts: &[Part]) {
    for action in parts.iter().map(|p| &p.action) {
        let Some(stated) = settle::stated_danger(action) else {
            continue;
        };
        let (danger, why) = code::danger(action.kind, &action.code);
        if stated < danger && danger == Danger::Irreversible {
            let message = format!("the plan says that this does less harm than it looks: {why}");
            reading.note(
                span.first,
                Level::Warning,
                "danger-stated",
                message,
                "make sure; backout goes by what the plan says",
            );
        }
    }
}
