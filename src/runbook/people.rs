//! Contacts and recovery objectives.

use super::blocks::{Block, Fence, Grid, List};
use super::inline::{lead, plain};
use super::outline::Section;
use super::reading::Reading;
use super::steps::is_order;
use super::time;
use super::words::{self, Role, each, says_any};
use crate::domain::plan::{Contact, Objective, ObjectiveKind, Span, UnplacedKind};

/// Reads contacts and objectives.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        let inherited = section.own_role != Some(Role::Contacts)
            && !(section.own_role.is_none() || section.own_role == Some(Role::Approval));
        for (at, block) in section.blocks.iter().enumerate() {
            if section.role == Some(Role::Contents) {
                continue;
            }
            objectives(reading, block, component(section));
            if let Some(grid) = block
                .grid()
                .filter(|g| reading.all_free(block) && is_people(g))
            {
                from_table(reading, grid);
            }
            if section.role != Some(Role::Contacts) || inherited || !reading.all_free(block) {
                continue;
            }
            if says_any(
                &section.title,
                &["trigger", "when", "criteria", "condition"],
            ) {
                continue;
            }
            if let Some(fence) = block.fence().filter(|f| !f.told.is_decided()) {
                from_fence(reading, block, fence, &section.title);
            } else if let Some(list) = block.list() {
                // `Escalation actions:` tells what to do, and not whom to call.
                let named = reading.name_of(index, at);
                if named == section.title || !says_any(&named, &["action|actions|steps|when to"]) {
                    let own = section.own_role == Some(Role::Contacts);
                    from_list(reading, &section.title, list, own);
                }
            } else if let Some(grid) = block.grid() {
                if grid.columns.iter().any(|c| says_any(&plain(c), WHOM)) {
                    from_table(reading, grid);
                }
            } else if block.para().is_some() {
                from_prose(reading, block);
            }
        }
    }
}

fn push(reading: &mut Reading<'_>, role: String, contact: String, span: Span) {
    reading.plan.contacts.push(Contact {
        role,
        contact,
        span,
    });
}

fn from_fence(reading: &mut Reading<'_>, block: &Block, fence: &Fence, heading: &str) {
    let pairs: Vec<(u32, &str, &str)> = fence
        .code
        .lines()
        .zip(fence.code_line..)
        .filter_map(|(l, n)| {
            l.split_once([':', '：'])
                .map(|(k, v)| (n, k.trim(), v.trim()))
        })
        .filter(|(_, k, v)| !k.is_empty() && !v.is_empty() && k.chars().count() < 50)
        .collect();
    let lines = fence.code.lines().filter(|l| !l.trim().is_empty()).count();
    if !matches!(fence.lang.as_str(), "" | "text" | "txt" | "plaintext")
        || pairs.len() * 2 < lines
        || pairs.is_empty()
    {
        return;
    }
    reading.take(block.atom);
    let other: Vec<u32> = fence
        .code
        .lines()
        .zip(fence.code_line..)
        .filter(|(l, n)| !l.trim().is_empty() && !pairs.iter().any(|(used, ..)| used == n))
        .map(|(_, n)| n)
        .collect();
    reading.leave_lines(UnplacedKind::Text, heading, &other);
    // The first of them stands for the block's own line as well.
    let mut first = block.span.first;
    for (line, role, contact) in pairs {
        let from = std::mem::replace(&mut first, line);
        first = first.max(line + 1);
        push(
            reading,
            role.to_owned(),
            contact.to_owned(),
            Span {
                first: from.min(line),
                last: line,
            },
        );
    }
}

/// The two sides of `**Role**: contact`, `Role - contact`.
#[must_use]
pub fn sides(text: &str) -> Option<(String, String)> {
    let first = text.lines().next()?;
    if let Some(lead) = lead(first).filter(|l| !l.label.is_empty()) {
        let rest = lead.rest.trim_start_matches(['-', '–', '—', '→', ' ']);
        return Some((lead.label, plain(rest)));
    }
    let text = plain(first);
    let (role, contact) = [": ", "：", " - ", " – ", " — "]
        .iter()
        .find_map(|m| text.split_once(m))?;
    (role.chars().count() < 50).then(|| (role.trim().to_owned(), contact.trim().to_owned()))
}

/// Columns of tables in which people or ways to reach them stand.
const WHOM: &[&str] = &[
    "role|name|team|who|contact|phone|email|e-mail|slack|pager|channel|escalat|level|person|owner|responsib",
    "on-call|backup|primary|rol|nombre|nome|rolle|rôle|nom|contacto|contato|kontakt|teléfono|telefone",
    "角色|姓名|电话|联系|担当|連絡|電話|役割|역할|연락|전화|роль|имя|контакт|телефон|rola|zespół",
];

/// What a list of one person's details has before its colons.
const DETAILS: &[&str] = &[
    "name",
    "phone",
    "email",
    "e-mail",
    "slack",
    "pager",
    "mobile",
    "telephone",
    "nombre",
    "teléfono",
    "correo",
    "nome",
    "telefone",
    "telefon",
    "téléphone",
    "nom",
    "姓名",
    "电话",
    "邮箱",
    "氏名",
    "電話",
    "メール",
];

/// `Name`, `Phone`, `Email` below each other are one person, called by the heading.
fn one_person(reading: &mut Reading<'_>, title: &str, list: &List) -> bool {
    let found: Vec<_> = list.items.iter().filter_map(|e| sides(&e.text)).collect();
    let detail = |side: &(String, String)| DETAILS.contains(&side.0.to_lowercase().as_str());
    if found.len() < 2 || found.len() != list.items.len() || !found.iter().all(detail) {
        return false;
    }
    let contact: Vec<String> = found.into_iter().map(|(_, c)| c).collect();
    for entry in &list.items {
        reading.take_entry(entry);
    }
    let lines = (list.items.first(), list.items.last());
    let span = Span {
        first: lines.0.map_or(1, |e| e.span.first),
        last: lines.1.map_or(1, |e| e.span.last),
    };
    push(reading, title.to_owned(), contact.join(", "), span);
    true
}

fn from_list(reading: &mut Reading<'_>, title: &str, list: &List, own: bool) {
    if one_person(reading, title, list) {
        return;
    }
    let tasks = list.items.iter().any(|e| e.task.is_some() || e.has_fence());
    let fits = list
        .items
        .iter()
        .filter(|e| sides(&e.text).is_some())
        .count();
    if tasks || (!own && fits * 2 <= list.items.len()) || fits == 0 {
        return;
    }
    for entry in &list.items {
        let Some((role, mut contact)) = sides(&entry.text) else {
            continue;
        };
        if is_measure(&role) {
            continue;
        }
        let more = entry.text.lines().skip(1).map(plain);
        for text in more.chain(entry.nested()) {
            if !contact.is_empty() {
                contact.push_str(", ");
            }
            contact.push_str(&text);
        }
        reading.take_entry(entry);
        push(reading, role, contact, entry.span);
    }
}

/// `Restore from the backup` in an escalation is something to do, and nobody to call.
fn is_measure(role: &str) -> bool {
    const CALLS: &[&str] = &[
        "call|contact|notify|inform|page|escalate|engage|open|file|check|follow|report|view|watch|submit|request",
    ];
    let lower = role.to_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    let several = role.split_whitespace().count() >= 2;
    let asks = is_order(role) || first == "consider";
    several && asks && !each(CALLS).any(|w| w == first)
}

/// `Role | Name` and nothing else.
fn is_roles(grid: &Grid) -> bool {
    const ROLE: &[&str] = &[
        "role|rol|función|função|papel|cargo|rolle|funktion|rôle|fonction|角色|职责|役割|担当|역할|роль|rola|görev",
    ];
    const NAME: &[&str] = &[
        "name|person|who|assigned to|assignee|nombre|persona|nome|pessoa|responsable|responsável|nom|personne|姓名|人员|氏名|名前|担当者|이름|имя|фио|imię|osoba|isim",
    ];
    let [a, b] = grid.columns.as_slice() else {
        return false;
    };
    let is = |cell: &str, words: &[&str]| {
        let text = plain(cell).to_lowercase();
        each(words).any(|w| w == text)
    };
    is(a, ROLE) && is(b, NAME)
}

/// A table of people: a role or name, and a way to reach them.
pub fn is_people(grid: &Grid) -> bool {
    if is_roles(grid) {
        return true;
    }
    let has =
        |words: &'static [&'static str]| grid.columns.iter().any(|c| says_any(&plain(c), words));
    has(&["role|name|team|rol|nombre|nome|rolle|rôle|nom|角色|姓名|担当|역할|роль|имя|rola"])
        && has(&[
            "phone|email|e-mail|contact|slack|pager|teléfono|telefone|telefon|téléphone|电话|联系|電話|連絡|전화|연락|телефон|контакт",
        ])
}

/// Contacts from a table: the role first, then everything else.
pub fn from_table(reading: &mut Reading<'_>, grid: &Grid) {
    for row in &grid.rows {
        let cells: Vec<String> = row.cells.iter().map(|c| plain(c)).collect();
        let Some((role, rest)) = cells.split_first() else {
            continue;
        };
        let contact = rest
            .iter()
            .filter(|c| !c.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" · ");
        if reading.take(row.atom) {
            push(
                reading,
                role.clone(),
                contact,
                Span {
                    first: row.line,
                    last: row.line,
                },
            );
        }
    }
}

/// Sentences about something are no way to reach somebody.
fn is_contact(text: &str) -> bool {
    let reach = text.contains(['@', '#', '+', '[', '<']) || text.contains("://");
    let words = text.split_whitespace().count();
    reach || words <= 5 || (words <= 10 && !text.ends_with(['.', '!']))
}

/// Lines of `**Role:** contact` one below the other.
fn from_prose(reading: &mut Reading<'_>, block: &Block) {
    let Some(text) = block.para() else { return };
    let found: Vec<_> = text
        .lines()
        .filter_map(|l| lead(l).filter(|l| l.colon && !l.rest.is_empty()))
        // `**CRITICAL**: in an emergency:` leads to what follows.
        .filter(|l| !l.rest.ends_with([':', '：']))
        .filter(|l| is_contact(&plain(&l.rest)))
        .collect();
    if found.len() != text.lines().count() || !reading.take(block.atom) {
        return;
    }
    for (lead, line) in found.into_iter().zip(block.span.first..) {
        push(
            reading,
            lead.label,
            plain(&lead.rest),
            Span {
                first: line,
                last: line,
            },
        );
    }
}

const RTO: &[&str] = &[
    "rto",
    "recovery time objective",
    "tiempo de recuperación",
    "wiederherstellungszeit",
    "恢复时间目标",
    "目標復旧時間",
];
const RPO: &[&str] = &[
    "rpo",
    "recovery point objective",
    "恢复点目标",
    "目標復旧時点",
];

fn objective_kind(text: &str) -> Option<ObjectiveKind> {
    if says_any(text, RTO) {
        Some(ObjectiveKind::Rto)
    } else if says_any(text, RPO) {
        Some(ObjectiveKind::Rpo)
    } else {
        None
    }
}

/// What an objective is about that stands below a heading: the way of going back that it names.
fn component(section: &Section) -> &str {
    const ABOUT_ALL: &[&str] = &[
        "overview|summary|introduction|purpose|scope|objective|target|goal|metri|kennzahl|kpi|指标",
    ];
    let way = matches!(section.role, Some(Role::Rollback) | None) && section.level > 1;
    if way && !says_any(&section.title, ABOUT_ALL) {
        words::bare(&section.title)
    } else {
        ""
    }
}

/// Objectives from a table, a list or lines of prose; those below one heading are about it.
pub fn objectives(reading: &mut Reading<'_>, block: &Block, component: &str) {
    if !reading.all_free(block) {
        return;
    }
    if let Some(grid) = block.grid() {
        objective_table(reading, grid);
    } else if let Some(text) = block.para() {
        let found: Vec<_> = text.lines().map(objective_line).collect();
        if !found.is_empty() && found.iter().all(Option::is_some) {
            reading.take(block.atom);
            for ((kind, within_s), line) in found.into_iter().flatten().zip(block.span.first..) {
                objective(
                    reading,
                    kind,
                    component,
                    within_s,
                    Span {
                        first: line,
                        last: line,
                    },
                );
            }
        }
    } else if let Some(list) = block.list() {
        for entry in &list.items {
            if let Some((kind, within_s)) = objective_line(&entry.text)
                && entry.children.is_empty()
            {
                reading.take_entry(entry);
                objective(reading, kind, component, within_s, entry.span);
            }
        }
    }
}

fn objective_line(text: &str) -> Option<(ObjectiveKind, u64)> {
    let (label, rest) = match lead(text) {
        Some(lead) => (lead.label, lead.rest),
        None => text
            .split_once([':', '：'])
            .map(|(a, b)| (plain(a), b.to_owned()))?,
    };
    if label.chars().count() > 60 {
        return None;
    }
    let kind = objective_kind(&label)?;
    let zero = says_any(&rest, &["zero", "none", "no data loss"]).then_some(0);
    Some((kind, time::within(&rest).or(zero)?))
}

fn objective_table(reading: &mut Reading<'_>, grid: &Grid) {
    let mut columns: Vec<(usize, ObjectiveKind)> = grid
        .columns
        .iter()
        .enumerate()
        .filter_map(|(at, c)| Some((at, objective_kind(&plain(c))?)))
        .collect();
    // The first column of a kind is the objective; what was measured may stand beside it.
    let mut seen = Vec::new();
    columns.retain(|(_, kind)| {
        !seen.contains(kind) && {
            seen.push(*kind);
            true
        }
    });
    let by_row = columns.is_empty();
    for row in &grid.rows {
        let name = row.cells.first().map(|c| plain(c)).unwrap_or_default();
        let kind = objective_kind(&name);
        if by_row && kind.is_none() {
            continue;
        }
        let cells: Vec<String> = row.cells.iter().map(|c| plain(c)).collect();
        let span = Span {
            first: row.line,
            last: row.line,
        };
        if by_row {
            let within = cells
                .iter()
                .enumerate()
                .skip(1)
                .find_map(|(at, c)| Some((at, time::within(c)?)));
            if let (Some(kind), Some((at, within_s))) = (kind, within) {
                reading.take(row.atom);
                objective(reading, kind, "", within_s, span);
                note(reading, 1, grid.other_cells(row, &[Some(0), Some(at)]));
            }
            continue;
        }
        let mut used = vec![Some(0)];
        for (at, kind) in &columns {
            if let Some(within_s) = cells.get(*at).and_then(|c| time::within(c)) {
                used.push(Some(*at));
                objective(reading, *kind, &name, within_s, span);
            }
        }
        if used.len() > 1 {
            reading.take(row.atom);
            note(reading, used.len() - 1, grid.other_cells(row, &used));
        }
    }
}

/// What a row says besides goes to the first of the objectives that it gave.
fn note(reading: &mut Reading<'_>, given: usize, text: String) {
    let all = &mut reading.plan.objectives;
    let first = all.len().saturating_sub(given);
    if let Some(objective) = all.get_mut(first) {
        objective.note = text;
    }
}

fn objective(
    reading: &mut Reading<'_>,
    kind: ObjectiveKind,
    component: &str,
    within_s: u64,
    span: Span,
) {
    reading.plan.objectives.push(Objective {
        kind,
        component: component.to_owned(),
        within_s,
        note: String::new(),
        span,
    });
}
