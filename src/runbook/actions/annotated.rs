//! A fence whose author says how it is to be run: one action, with what the attributes say.

use super::{Context, Part, blank, finish, leading_comment, part, warn_by_words};
use crate::domain::ids::ActionId;
use crate::domain::plan::{ActionKind, Expectation, Level};
use crate::runbook::blocks::{Block, Fence};
use crate::runbook::reading::Reading;
use crate::runbook::{expect, time, words};

/// The one action of a fence with attributes.
pub fn annotated(
    reading: &mut Reading<'_>,
    context: &Context,
    block: &Block,
    fence: &Fence,
    kind: ActionKind,
    attributes: &[(String, String)],
) -> Part {
    let get = |key: &str| {
        attributes
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    };
    let yes = |key: &str| get(key).is_some_and(|v| v != "false");
    let interpreter = get("interpreter").map(str::to_owned);
    let kind = if interpreter.is_some() && fence.closed {
        ActionKind::Shell
    } else {
        kind
    };
    let title = get("title").map_or_else(|| leading_comment(&fence.code), str::to_owned);
    let mut action = blank(kind, &title, &fence.code, &fence.lang, block.span);
    action.interpreter = interpreter;
    action.cwd = get("cwd").map(str::to_owned);
    action.timeout_s = get("timeout").and_then(time::within);
    action.interactive |= get("interactive") == Some("true");
    action.monitor |= yes("background");
    action.opt_in = yes("excludeFromRunAll");
    action.backup_check = yes("backup-check");
    if let Some(text) = get("expect") {
        let pattern = text.strip_prefix('/').and_then(|t| t.strip_suffix('/'));
        let rule = pattern.map_or_else(
            || expect::rule(text, &fence.code),
            |p| crate::domain::plan::ExpectRule::Regex(p.to_owned()),
        );
        action.expect.push(Expectation {
            text: text.to_owned(),
            rule,
        });
    }
    warn_by_words(&mut action, &fence.code);
    finish(reading, context, &mut action);
    if let Some(name) = get("name") {
        action.id = ActionId::new(reading.id(name));
    }
    if yes("ignore") {
        action.kind = ActionKind::Text;
    }
    report_unknown(reading, block, attributes);
    part(None, action)
}

fn report_unknown(reading: &mut Reading<'_>, block: &Block, attributes: &[(String, String)]) {
    const KNOWN: &[&str] = &[
        "name|title|cwd|timeout|interactive|background|excludeFromRunAll",
        "interpreter|expect|ignore|backup-check|promptEnv|tag|category",
        "closeTerminalOnSuccess|mimeType|id|terminalRows",
    ];
    for (key, _) in attributes
        .iter()
        .filter(|(k, _)| !words::each(KNOWN).any(|w| w == k))
    {
        let message = format!("the attribute {key} is not known to backout");
        reading.note(
            block.span.first,
            Level::Note,
            "unknown-attribute",
            message,
            "it is kept in the document and has no effect",
        );
    }
}
