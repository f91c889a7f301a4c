//! Cross references that can be flown: "follow Option 1", a link to a heading.
//!
//! Resolved when all procedures are known. What points at no procedure stays a thing for a
//! person; a link to a heading that does not exist is a diagnostic.

use super::inline::{anchor, plain};
use super::reading::Reading;
use super::words::{self, says_any};
use crate::domain::ids::ProcedureId;
use crate::domain::plan::{Action, ActionKind, Level, Plan};
use std::collections::{HashMap, HashSet};
/// Marks where the target of a link is kept in a manual action until it is resolved.
const KEPT: char = '\u{1}';

/// The words of an item with the target of its link kept at the end.
#[must_use]
pub fn keep_anchor(text: &str) -> String {
    match anchor(text) {
        Some((_, target)) => format!("{}{KEPT}{target}", plain(text)),
        None => plain(text),
    }
}

/// So many procedures can be pointed at; no plan has more, and the search stays quick.
const MOST_TITLES: usize = 400;

struct Known {
    id: ProcedureId,
    parent: Option<ProcedureId>,
    title: String,
    anchor: String,
}

/// Turns manual actions that point at a procedure into includes of it.
pub fn resolve(reading: &mut Reading<'_>) {
    let mut titles = HashSet::new();
    let known: Vec<Known> = reading
        .plan
        .procedures
        .iter()
        .map(|p| Known {
            id: p.id.clone(),
            parent: p.parent.clone(),
            title: words::bare(&p.title).to_lowercase(),
            anchor: words::anchor(&p.title),
        })
        .filter(|k| titles.insert(k.title.clone()))
        .take(MOST_TITLES)
        .collect();
    let mut plan: Plan = std::mem::take(&mut reading.plan);
    let known: Vec<Known> = without_ways(&plan, known);
    for procedure in &mut plan.procedures {
        for action in procedure.steps.iter_mut().flat_map(|s| &mut s.actions) {
            include(action, &procedure.id, procedure.parent.as_ref(), &known);
        }
    }
    super::parameters::each_action(&mut plan, &mut |action| {
        if let Some((text, _)) = action.code.split_once(KEPT) {
            action.code = text.to_owned();
        }
    });
    reading.plan = plan;
    dead_anchors(reading);
}

/// Only what is one flight can be flown in the place of a step: where a way has to be chosen in it
/// first, the person goes there.
fn without_ways(plan: &Plan, known: Vec<Known>) -> Vec<Known> {
    let above: HashMap<&ProcedureId, &ProcedureId> = plan
        .procedures
        .iter()
        .filter_map(|p| Some((&p.id, p.parent.as_ref()?)))
        .collect();
    let parts = plan
        .procedures
        .iter()
        .filter_map(|p| Some((p, p.parent.as_ref()?)));
    let manifold: HashSet<&ProcedureId> = parts
        .flat_map(|(p, parent)| {
            let chosen = p.choice.is_some().then_some(parent);
            chosen.into_iter().chain(above.get(parent).copied())
        })
        .collect();
    known
        .into_iter()
        .filter(|k| !manifold.contains(&k.id))
        .collect()
}

fn include(action: &mut Action, own: &ProcedureId, above: Option<&ProcedureId>, known: &[Known]) {
    if action.kind != ActionKind::Manual {
        return;
    }
    let (text, target) = action
        .code
        .split_once(KEPT)
        .map_or((action.code.as_str(), None), |(t, a)| (t, Some(a)));
    let by_anchor = target.and_then(|a| known.iter().find(|k| k.anchor == a));
    let found = by_anchor.or_else(|| by_words(format!("{} {text}", action.title).trim(), known));
    let Some(found) =
        found.filter(|k| k.id != *own && Some(&k.id) != above && k.parent.as_ref() != Some(own))
    else {
        return;
    };
    action.kind = ActionKind::Include;
    action.target = Some(found.id.clone());
}

/// `Follow "Option 1: …" steps`, `See "X" in Full Restore`.
fn by_words<'a>(text: &str, known: &'a [Known]) -> Option<&'a Known> {
    const POINTS: &[&str] = &[
        "follow|see|execute|perform|go to|refer to|proceed with|use the procedure",
        "siga|seguir|ver|siehe|voir|suivre|参见|参照|参考|см.|patrz",
    ];
    let lower = text.to_lowercase();
    if !says_any(&lower, POINTS) {
        return None;
    }
    let quoted = quoted(text);
    let mut names = quoted.iter().map(|q| words::bare(q).to_lowercase());
    let by_quote = names.find_map(|q| {
        known
            .iter()
            .find(|k| k.title.starts_with(&q) || k.title.contains(&q))
    });
    let by_number = || {
        let name = number_pointed_at(&lower)?;
        known
            .iter()
            .find(|k| short_name(&k.title).as_deref() == Some(name.as_str()))
    };
    by_quote.or_else(by_number).or_else(|| {
        let named = |k: &&Known| {
            let name = k.title.split(['(', '（']).next().unwrap_or_default().trim();
            name.split_whitespace().count() >= 2 && lower.contains(name)
        };
        let pointing =
            !quoted.is_empty() || says_any(text, &["section", "steps", "above", "below"]);
        known
            .iter()
            .filter(named)
            .max_by_key(|k| k.title.len())
            .filter(|_| pointing)
    })
}

/// `option 1` of `option 1: code only`, where a title is numbered so.
fn short_name(title: &str) -> Option<String> {
    let (kind, ordinal) = words::numbered(title)?;
    let word = title.split(|c: char| !c.is_alphabetic()).next()?;
    (kind == words::Numbered::Choice && !word.is_empty()).then(|| format!("{word} {ordinal}"))
}

/// `follow option 1 steps`: the numbered way that a text sends to.
fn number_pointed_at(lower: &str) -> Option<String> {
    const SENDS: &[&str] = &[
        "follow ",
        "execute ",
        "perform ",
        "proceed with ",
        "go to ",
        "use ",
        "run ",
        "apply ",
        "siga ",
        "seguir ",
        "ejecutar ",
        "executar ",
        "ausführen: ",
        "suivre ",
        "exécuter ",
        "выполните ",
        "wykonaj ",
    ];
    let sent = SENDS.iter().find_map(|w| lower.strip_prefix(w))?;
    let sent = [
        "the steps of ",
        "the steps in ",
        "the procedure of ",
        "the ",
        "all of ",
        "los pasos de ",
    ]
    .iter()
    .find_map(|w| sent.strip_prefix(w))
    .unwrap_or(sent);
    let name = short_name(sent)?;
    let rest = sent.get(name.len()..)?;
    (!rest.starts_with(char::is_alphanumeric)).then_some(name)
}

/// What stands in quotes, where it is as long as a name.
fn quoted(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, inner)) = rest.split_once(['"', '“', '«', '「']) {
        rest = inner;
        if let Some((name, after)) = inner.split_once(['"', '”', '»', '」'])
            && (3..=80).contains(&name.chars().take(81).count())
        {
            found.push(name);
            rest = after;
        }
    }
    found
}

/// Links to headings that the document does not have.
fn dead_anchors(reading: &mut Reading<'_>) {
    let anchors: std::collections::HashSet<&str> = reading
        .outline
        .sections
        .iter()
        .map(|s| s.anchor.as_str())
        .collect();
    let mut fenced = false;
    let mut dead = Vec::new();
    for (at, line) in reading.lines.iter().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let Some((label, target)) = anchor(line) else {
            continue;
        };
        let base = target
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_end_matches('-');
        let loose = |a: &&str| a.replace('-', "") == target.to_lowercase().replace(['-', '_'], "");
        if !anchors.contains(target) && !anchors.contains(base) && !anchors.iter().any(loose) {
            dead.push((
                at,
                format!(
                    "the link \"{}\" leads to no heading of this document",
                    plain(label)
                ),
            ));
        }
    }
    for (at, message) in dead {
        let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
        reading.note(
            line,
            Level::Warning,
            "dead-link",
            message,
            "name the heading as it is written",
        );
    }
}
