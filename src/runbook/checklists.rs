//! Lists of things to confirm, the numbered safety checkpoints among them.
//!
//! A list with boxes is one wherever it stands outside a step; a list of ✅ lines is one where
//! success or verification is the subject. Nested bullets are details, nested fences are the
//! item's actions.

use std::collections::HashMap;

use super::actions::{self, Context};
use super::blocks::{Block, Entry, Kind, List};
use super::flow;
use super::inline::{lead, plain, tick};
use super::marks::Mark;
use super::outline::Section;
use super::reading::Reading;
use super::steps::acts_by_itself;
use super::time;
use super::words::{self, Numbered, Role, slug};
use crate::domain::ids::{ChecklistId, ItemId};
use crate::domain::plan::{Action, Checklist, ChecklistRole, Item, Span};

/// Reads the checklists of a plan.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        if section.role == Some(Role::Contents) {
            continue;
        }
        for (at, block) in section.blocks.iter().enumerate() {
            let Some(list) = block.list().filter(|_| reading.all_free(block)) else {
                continue;
            };
            if !is_work(section, block) && is_checklist(reading, index, at, list) {
                checklist(reading, index, at, block, list, None);
            }
        }
    }
    // Those that a comment declares came first.
    reading.plan.checklists.sort_by_key(|c| c.span.first);
    tell_apart(reading);
}

/// Lists of the same title are called by what stands above them as well.
fn tell_apart(reading: &mut Reading<'_>) {
    let mut count: HashMap<String, usize> = HashMap::new();
    for list in &reading.plan.checklists {
        *count.entry(list.title.to_lowercase()).or_default() += 1;
    }
    let mut lists = std::mem::take(&mut reading.plan.checklists);
    // Both are in the order of the document.
    let mut at = 0;
    for list in &mut lists {
        while at + 1 < reading.outline.sections.len()
            && reading.section(at + 1).line <= list.span.first
        {
            at += 1;
        }
        if count.get(&list.title.to_lowercase()).is_none_or(|n| *n < 2) {
            continue;
        }
        let titled = |i: &usize| reading.section(*i).level > 1;
        let mut names = std::iter::once(at)
            .chain(reading.outline.above(at))
            .filter(titled)
            .map(|i| words::bare(&reading.section(i).title))
            .filter(|t| !t.is_empty() && *t != words::bare(&list.title));
        if let Some(name) = names.next() {
            list.title = format!("{name} › {}", words::bare(&list.title));
        }
    }
    reading.plan.checklists = lists;
}

/// Comments say that the list is work: of a procedure, a step, or a choice.
fn is_work(section: &Section, block: &Block) -> bool {
    let work = |m: &Mark| matches!(m, Mark::Procedure(_) | Mark::Step { .. });
    let steps = |l: &List| l.items.iter().any(|e| e.marks.iter().any(work));
    section.marks.iter().any(work)
        || block.marks.contains(&Mark::ChooseOne)
        || block.list().is_some_and(steps)
}

fn is_checklist(reading: &Reading<'_>, index: usize, at: usize, list: &List) -> bool {
    let section = reading.section(index);
    let boxed = list.items.iter().filter(|e| e.task.is_some()).count();
    if boxed * 2 > list.items.len() {
        let does = list.items.iter().any(Entry::has_fence);
        let rollback = matches!(section.role, None | Some(Role::Rollback));
        // Boxes with commands in the middle of a rollback are its steps.
        return !(in_step(reading, index) || does && rollback);
    }
    let above = |role: Role| {
        section.role == Some(role)
            || reading
                .outline
                .above(index)
                .any(|a| reading.section(a).role == Some(role))
    };
    let lead = lead_of(reading, index, at);
    let lead_role = lead.as_deref().and_then(words::role);
    let led = lead.as_deref().is_some_and(says_success)
        || matches!(lead_role, Some(Role::Verify | Role::Success));
    let confirms = above(Role::Success)
        || above(Role::Verify)
        || above(Role::After)
        || above(Role::Metrics)
        || above(Role::Before)
        || led;
    let ticked = list
        .items
        .iter()
        .filter(|e| tick(&e.text).is_some())
        .count();
    if ticked * 2 > list.items.len() {
        return confirms;
    }
    // Plain bullets count where there is nothing to do but to confirm.
    let bullets = !list.ordered && !list.items.iter().any(Entry::has_fence);
    if !bullets || in_step(reading, index) || section.role == Some(Role::OffPath) {
        return false;
    }
    if section.own_role == Some(Role::Success) || led {
        return true;
    }
    let own = matches!(section.own_role, Some(Role::Before | Role::Verify)) && section.level > 1;
    let other = lead_role.is_some_and(|r| role_of(Some(r)) == ChecklistRole::Other);
    own && !other
        && !lead.as_deref().is_some_and(acts_by_itself)
        && !section.blocks.iter().any(Block::has_fence)
        && !refers(list)
}

/// The words that lead in a list, where it has some of its own.
fn lead_of(reading: &Reading<'_>, index: usize, at: usize) -> Option<String> {
    let name = reading.name_of(index, at);
    (name != reading.section(index).title).then_some(name)
}

/// The words are about a rollback that went well.
fn says_success(text: &str) -> bool {
    words::says_any(
        text,
        &[
            "success|successful|if it worked|erfolgreich|erfolg|exitos|éxito|con éxito|bem-sucedid|sucesso",
            "réussi|succès|成功|성공|успеш|успех|sukces|pomyśln|başarı",
        ],
    )
}

/// Most items lead elsewhere: links, addresses.
fn refers(list: &List) -> bool {
    let links = list
        .items
        .iter()
        .filter(|e| e.text.starts_with('[') || e.text.contains("://"))
        .count();
    links * 2 > list.items.len()
}

/// Boxes inside a numbered step are things to do in that step.
fn in_step(reading: &Reading<'_>, index: usize) -> bool {
    let step = |title: &str| matches!(words::numbered(title), Some((Numbered::Step, _)));
    step(&reading.section(index).title)
        || reading
            .outline
            .above(index)
            .any(|a| step(&reading.section(a).title) && reading.section(a).level > 1)
}

/// The checklist that a list is.
pub fn checklist(
    reading: &mut Reading<'_>,
    index: usize,
    at: usize,
    block: &Block,
    list: &List,
    mark: Option<&Mark>,
) {
    let section = reading.section(index);
    let title = reading.name_of(index, at);
    let lead_role = words::role(&title)
        .filter(|r| title != section.title && role_of(Some(*r)) != ChecklistRole::Other);
    let place = place_of(section, &title);
    let number = place.as_ref().map(|p| p.0);
    // `Before you start, verify:` is still about what has to hold before.
    let before = role_of(section.role) == ChecklistRole::PreRollback;
    let lead_role = lead_role.filter(|r| !(before && *r == Role::Verify));
    let mut role = if number.is_some() {
        ChecklistRole::Checkpoint
    } else {
        role_of(lead_role.or(section.role))
    };
    if role == ChecklistRole::Other && title != section.title && says_success(&title) {
        role = ChecklistRole::Success;
    }
    let mut checkpoint = number;
    let mut due = time_after(&title).or_else(|| {
        if number.is_some() {
            time_after(&section.title)
        } else {
            None
        }
    });
    if let Some(Mark::Checklist {
        role: r,
        checkpoint: c,
        after_s,
    }) = mark
    {
        role = r.unwrap_or(role);
        checkpoint = c.or(checkpoint);
        due = after_s.or(due);
    }
    let first = claim_intro(reading, index, at).unwrap_or(block.span.first);
    let id = reading.id(&format!("{}/{}", section.id, slug(&title)));
    let mut items = Vec::new();
    for entry in &list.items {
        add_items(reading, &id, entry, &mut items);
    }
    reading.plan.checklists.push(Checklist {
        id: ChecklistId::new(id),
        title,
        role,
        checkpoint,
        place: place.and_then(|p| p.1),
        due_after_s: due,
        items,
        span: Span {
            first,
            last: block.span.last,
        },
    });
}

/// A lead-in that became the title is accounted for.
fn claim_intro(reading: &mut Reading<'_>, index: usize, at: usize) -> Option<u32> {
    let (para, line) = reading.intro(index, at)?;
    let block = reading.section(index).blocks.get(para)?;
    let only = block.para().is_some_and(|t| !t.contains('\n'));
    let leads = line.trim_end().ends_with([':', '：']) || line.starts_with("**");
    // What stands after the lead is not in the title: then the sentence stays where it is.
    let whole = lead(line).is_none_or(|l| !l.rest.contains(char::is_alphanumeric));
    if only && leads && whole && plain(line).chars().count() < 90 && reading.take(block.atom) {
        return Some(block.span.first);
    }
    None
}

fn role_of(role: Option<Role>) -> ChecklistRole {
    match role {
        Some(Role::Before | Role::Prepare) => ChecklistRole::PreRollback,
        Some(Role::Checkpoint) => ChecklistRole::Checkpoint,
        Some(Role::Verify | Role::After | Role::Metrics) => ChecklistRole::Verification,
        Some(Role::Success) => ChecklistRole::Success,
        Some(Role::FollowUp | Role::Retrospective) => ChecklistRole::FollowUp,
        _ => ChecklistRole::Other,
    }
}

/// The number of a checkpoint and the words of its place: `Checkpoint 2: After the restart`.
fn place_of(section: &Section, title: &str) -> Option<(u8, Option<String>)> {
    [title, section.title.as_str()]
        .into_iter()
        .find_map(|text| {
            let lower = text.to_lowercase();
            let word = [
                "checkpoint",
                "hold point",
                "检查点",
                "チェックポイント",
                "체크포인트",
            ]
            .iter()
            .find(|w| lower.contains(**w))?;
            let rest = lower
                .find(word)
                .and_then(|at| text.get(at + word.len()..))?;
            let rest = rest.trim_start_matches([' ', '#']);
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = rest.get(..digits)?.parse().ok()?;
            let place = rest
                .get(digits..)?
                .trim_start_matches([':', '：', '-', '–', '—', '.', ' ', '('])
                .trim_end_matches(')');
            Some((number, (!place.is_empty()).then(|| place.to_owned())))
        })
}

/// `30 Minutes After …`: seconds after the rollback is complete.
fn time_after(title: &str) -> Option<u64> {
    let lower = title.to_lowercase();
    let at = [
        "after",
        "después",
        "nach",
        "après",
        "depois",
        "后",
        "後",
        "후",
        "после",
    ]
    .iter()
    .filter_map(|w| lower.find(w))
    .min()?;
    let before = time::within(lower.get(..at)?);
    before.or_else(|| {
        // "After 30 minutes", "T+30 min".
        let rest = lower.get(at..)?;
        let number = rest
            .split_whitespace()
            .nth(1)?
            .starts_with(|c: char| c.is_ascii_digit());
        if number { time::within(rest) } else { None }
    })
}

/// An item, and the boxes below it: each of those is ticked by itself.
fn add_items(reading: &mut Reading<'_>, list: &str, entry: &Entry, items: &mut Vec<Item>) {
    let boxes = |child: &Block| {
        child
            .list()
            .is_some_and(|l| l.items.iter().all(|e| e.task.is_some()))
    };
    items.push(item(reading, list, entry, boxes));
    for child in entry.children.iter().filter(|c| boxes(c)) {
        for inner in child.list().into_iter().flat_map(|l| &l.items) {
            add_items(reading, list, inner, items);
        }
    }
}

fn item(
    reading: &mut Reading<'_>,
    list: &str,
    entry: &Entry,
    boxes: impl Fn(&Block) -> bool,
) -> Item {
    let written = plain(&flow::joined(&entry.text));
    let text = tick(&written).map_or_else(|| written.clone(), str::to_owned);
    let id = reading.id(&format!("{list}/{}", slug(&text)));
    let mut details = Vec::new();
    let mut found = Vec::new();
    reading.take(entry.atom);
    if let Some((label, command)) = actions::inline_command(&flow::joined(&entry.text)) {
        found.push(actions::one_command(
            reading, &id, &label, &command, entry.span,
        ));
    }
    for child in entry.children.iter().filter(|c| !boxes(c)) {
        inside(reading, &id, child, &mut details, &mut found);
    }
    Item {
        id: ItemId::new(id),
        text,
        details,
        actions: found,
        span: entry.span,
    }
}

fn inside(
    reading: &mut Reading<'_>,
    id: &str,
    block: &Block,
    details: &mut Vec<String>,
    found: &mut Vec<Action>,
) {
    match &block.kind {
        Kind::List(list) => {
            for entry in &list.items {
                reading.take(entry.atom);
                details.push(plain(&entry.text.replace('\n', " ")));
                for child in &entry.children {
                    inside(reading, id, child, details, found);
                }
            }
        }
        Kind::Para(text) => {
            reading.take(block.atom);
            details.push(plain(&text.replace('\n', " ")));
        }
        Kind::Fence(fence) => {
            reading.take(block.atom);
            if let Some(action) = found.last_mut()
                && let Some(shown) = actions::shown_by(block, fence)
            {
                return action.expect.push(shown);
            }
            let context = Context {
                id: id.to_owned(),
                ..Context::default()
            };
            for part in actions::from_fence(reading, &context, block, fence) {
                details.extend(Some(part.said).filter(|s| !s.is_empty()));
                found.push(part.action);
            }
        }
        // A table inside an item stays what it is: text in its place.
        Kind::Table(_) | Kind::Heading(..) | Kind::Comment(_) => {}
    }
}
