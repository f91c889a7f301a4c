//! Levels, their triggers and deadlines, the decision matrix, and who may approve.
//!
//! Tables are known by the vocabulary of their cells, lists by the level that leads them in.
//! A plan that has no levels gets none.

use super::blocks::{Block, Grid, List, Row};
use super::conditions;
use super::inline::{Lead, lead, plain};
use super::levels;
use super::people;
use super::reading::Reading;
use super::time;
use super::words::{self, Role, says_any, slug};
use crate::domain::ids::{SeverityId, TriggerId};
use crate::domain::plan::{ApprovalRule, Severity, Span, Table, Trigger};

/// Reads everything that helps to decide.
pub fn read(reading: &mut Reading<'_>) {
    level_lists(reading);
    tables(reading);
    settle_descriptions(reading);
    conditions::read(reading);
    let ranks: Option<Vec<u8>> = reading
        .plan
        .severities
        .iter()
        .map(|s| words::level(&s.name))
        .collect();
    if ranks.is_some() {
        reading
            .plan
            .severities
            .sort_by_key(|s| words::level(&s.name));
    }
}

// ---- lists under a level ------------------------------------------------------------------

fn level_lists(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        if section.role != Some(Role::Triage) {
            continue;
        }
        for (at, block) in section.blocks.iter().enumerate() {
            let Some(list) = block
                .list()
                .filter(|_| reading.all_free(block) && !block.has_fence())
            else {
                continue;
            };
            let intro = reading
                .intro_lead(index, at)
                .filter(|(_, l)| words::level(&l.label).is_some());
            let label = intro.as_ref().map_or(&section.title, |(_, l)| &l.label);
            if is_against(label) && !among_levels(reading, index) {
                continue;
            }
            if let Some((para, lead)) = intro {
                if let Some(p) = section
                    .blocks
                    .get(para)
                    .filter(|p| p.para().is_some_and(|t| !t.contains('\n')))
                {
                    reading.take(p.atom);
                }
                let line = section
                    .blocks
                    .get(para)
                    .map_or(block.span.first, |p| p.span.first);
                level_list(
                    reading,
                    &lead,
                    list,
                    Span {
                        first: line,
                        last: block.span.last,
                    },
                );
            } else if words::level(&section.title)
                .or_else(|| words::level(words::bare(&section.title)))
                .is_some()
                && at <= 2
            {
                let title = Lead {
                    label: section.title.clone(),
                    rest: String::new(),
                    colon: false,
                };
                level_list(
                    reading,
                    &title,
                    list,
                    Span {
                        first: section.line,
                        last: block.span.last,
                    },
                );
            } else {
                nested_levels(reading, list);
            }
        }
    }
}

/// `Fix forward when`: conditions for something else than a rollback.
#[must_use]
pub fn is_against(label: &str) -> bool {
    const AGAINST: &[&str] = &[
        "fix forward|fix-forward|roll forward|do not roll|don't roll|no rollback|when not to|not requiring|nicht zurückrollen",
        "no revertir|não reverter|ne pas revenir|不回滚|不需要回滚|ロールバックしない|롤백하지|не откатывать",
    ];
    says_any(label, AGAINST)
}

/// The section, or one beside it, speaks of a level: then that one may be a band among others.
fn among_levels(reading: &Reading<'_>, index: usize) -> bool {
    let section = reading.section(index);
    let is = |label: &str| words::level(words::bare(label)).is_some() && !is_against(label);
    let leads = section
        .blocks
        .iter()
        .filter_map(Block::para)
        .filter_map(lead);
    let beside = section
        .parent
        .map(|p| reading.section(p).children.as_slice());
    let mut beside = beside.into_iter().flatten();
    leads.into_iter().any(|l| is(&l.label)) || beside.any(|&s| is(&reading.section(s).title))
}

/// `- **P1**: …` with bullets below it.
fn nested_levels(reading: &mut Reading<'_>, list: &List) {
    let levels: Vec<_> = list
        .items
        .iter()
        .filter_map(|e| Some((e, lead(&e.text)?)))
        .collect();
    let ranked = levels
        .iter()
        .filter(|(_, l)| words::level(&l.label).is_some())
        .count();
    if levels.len() != list.items.len() || ranked < 2 || ranked != levels.len() {
        return;
    }
    for (entry, lead) in levels {
        let at = severity(reading, &lead.label, &plain(&lead.rest), entry.span);
        also_said(reading, at, &plain(&lead.rest));
        let bullets: Vec<(String, Span)> = entry
            .bullets()
            .iter()
            .map(|b| (plain(&b.text), b.span))
            .collect();
        reading.take_entry(entry);
        if bullets.is_empty() {
            trigger(reading, at, &plain(&lead.rest), entry.span);
        }
        for (text, span) in bullets {
            trigger(reading, at, &text, span);
        }
    }
}

/// The triggers of one level from a list.
pub fn level_list(reading: &mut Reading<'_>, lead: &Lead, list: &List, span: Span) {
    let mut response = plain(lead.rest.trim_start_matches(['-', '–', '—', ' ']));
    if response.is_empty() {
        response = levels::response(&lead.label);
    }
    let response = response.trim_end_matches([':', '：']).trim();
    let response = response
        .strip_suffix(" if")
        .unwrap_or(response)
        .trim_end_matches([',', ' '])
        .to_owned();
    let at = severity(reading, &lead.label, &response, span);
    also_said(reading, at, &response);
    for entry in &list.items {
        reading.take_entry(entry);
        let said = entry.said();
        trigger(reading, at, conditions::unmarked(&said), entry.span);
    }
}

/// The number of the level with that name, made if there is none.
fn severity(reading: &mut Reading<'_>, label: &str, response: &str, span: Span) -> usize {
    let name = levels::name(label);
    let within = time::within(response).or_else(|| time::within(label));
    if let Some(at) = find(reading, &name) {
        if let Some(known) = reading.plan.severities.get_mut(at) {
            known.within_s = known.within_s.or(within);
            if known.response.is_empty() {
                response.clone_into(&mut known.response);
            }
        }
        return at;
    }
    let id = reading.id(&format!("severity/{}", slug(&name)));
    reading.plan.severities.push(Severity {
        id: SeverityId::new(id),
        name,
        response: response.to_owned(),
        within_s: within,
        triggers: Vec::new(),
        span,
    });
    reading.plan.severities.len() - 1
}

/// What a level says where it is named once more, with other triggers; nothing of it is lost, and
/// of two times the shorter one counts.
fn also_said(reading: &mut Reading<'_>, level: usize, response: &str) {
    let within = time::within(response);
    if let Some(severity) = reading.plan.severities.get_mut(level)
        && !severity.response.contains(response)
    {
        severity.response.push_str("; ");
        severity.response.push_str(response);
        severity.within_s = severity.within_s.into_iter().chain(within).min();
    }
}

fn find(reading: &Reading<'_>, name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let has = |s: &Severity| {
        let own = s.name.to_lowercase();
        own == name || (!name.is_empty() && words::says(&own, &name)) || words::says(&name, &own)
    };
    reading.plan.severities.iter().position(has)
}

fn trigger(reading: &mut Reading<'_>, level: usize, text: &str, span: Span) {
    let Some(name) = reading
        .plan
        .severities
        .get(level)
        .map(|s| s.id.as_str().to_owned())
    else {
        return;
    };
    let id = reading.id(&format!("{name}/{}", slug(text)));
    if let Some(severity) = reading.plan.severities.get_mut(level) {
        severity.triggers.push(Trigger {
            id: TriggerId::new(id),
            text: text.to_owned(),
            span,
        });
    }
}

// ---- tables -------------------------------------------------------------------------------

const LEVEL: &[&str] = &[
    "severity|level|priority|urgency|severidad|gravedad|nivel|severidade|nível",
    "schweregrad|stufe|gravité|niveau|级别|严重|等级|緊急度|重要度|レベル|심각도|уровень",
    "критичность|poziom|sev",
];
const APPROVE: &[&str] = &[
    "approve|approval|authoriz|authoris|decision maker|authority|who can",
    "aprueba|aprova|autoriza|freigabe|genehmigt|autorise|审批|批准|承認|승인|утвержда",
    "akceptuje|decides",
];
const NOTIFY: &[&str] = &["notif", "inform", "tell", "通知", "연락", "уведом"];
const RESPOND: &[&str] = &[
    "response time|respond|timeline|time|within|sla|deadline|tiempo|tempo|plazo",
    "prazo|zeit|frist|délai|时间|时限|時間|期限|시간|время|срок|czas",
];
const RESPONSE: &[&str] = &[
    "action|decision|response|what to do|acción|decisión",
    "ação|decisão|aktion|entscheidung|maßnahme|décision|措施|操作|决策|动作|対応|조치",
    "действи|решени|działanie|acción",
];
const CONDITION: &[&str] = &[
    "issue|scenario|threshold|trigger|condition|symptom|problem|situation|description",
    "example|criteria|impact|definition|descripción|problema|condición",
    "descrição|beschreibung|beispiel|problème|description|描述|场景|问题|条件|症状|説明|증상",
    "описание|opis|меры|escenario|критери|условие|признак|ситуация|warunek|状况|状況|現象|상황|조건|durum|koşul|الحالة",
];

struct Columns {
    level: Option<usize>,
    condition: Option<usize>,
    response: Option<usize>,
    time: Option<usize>,
}

fn tables(reading: &mut Reading<'_>) {
    let mut best: Option<(u8, usize, usize)> = None;
    let mut found = Vec::new();
    for index in reading.sections() {
        let section = reading.section(index);
        for (at, block) in section.blocks.iter().enumerate() {
            let Some(grid) = block.grid().filter(|_| reading.all_free(block)) else {
                continue;
            };
            if is_approval(section.role, grid) {
                approvals(reading, grid);
            } else if let Some(rank) = matrix_rank(section.role, &section.title, grid) {
                found.push((index, at));
                if best.is_none_or(|(r, ..)| rank > r) {
                    best = Some((rank, index, at));
                }
            }
        }
    }
    let Some((_, index, at)) = best else { return };
    for here in found {
        let section = reading.section(here.0);
        if let Some(block) = section.blocks.get(here.1)
            && let Some(grid) = block.grid()
        {
            severity_table(reading, grid, block.span, here == (index, at));
        }
    }
    let Some(block) = reading.section(index).blocks.get(at) else {
        return;
    };
    let Some(grid) = block.grid() else { return };
    reading.take_block(block);
    reading.plan.decision_matrix = Some(Table {
        columns: grid.columns.iter().map(|c| plain(c)).collect(),
        rows: grid
            .rows
            .iter()
            .map(|r| r.cells.iter().map(|c| plain(c)).collect())
            .collect(),
        span: block.span,
    });
}

fn column(grid: &Grid, words: &'static [&'static str], not: &[Option<usize>]) -> Option<usize> {
    let fits = |at: usize| !not.contains(&Some(at));
    grid.columns
        .iter()
        .enumerate()
        .position(|(at, c)| fits(at) && says_any(&plain(c), words))
}

fn columns(grid: &Grid) -> Columns {
    let ranked = |at: usize| {
        grid.rows
            .iter()
            .filter(|r| {
                r.cells
                    .get(at)
                    .is_some_and(|c| words::level(&plain(c)).is_some())
            })
            .count()
    };
    let level = (0..grid.columns.len())
        .find(|&at| {
            grid.columns
                .get(at)
                .is_some_and(|c| says_any(&plain(c), LEVEL))
                && ranked(at) * 2 >= grid.rows.len()
        })
        .or_else(|| (ranked(0) * 2 > grid.rows.len() && grid.rows.len() >= 2).then_some(0));
    let time = column(grid, RESPOND, &[level]);
    let response = column(grid, RESPONSE, &[level, time])
        .or_else(|| column(grid, &["rollback"], &[level, time]));
    let condition = column(grid, CONDITION, &[level, time, response]);
    Columns {
        level,
        condition,
        response,
        time,
    }
}

fn is_approval(role: Option<Role>, grid: &Grid) -> bool {
    let who = grid.columns.iter().any(|c| says_any(&plain(c), APPROVE));
    who || (role == Some(Role::Approval) && grid.columns.len() >= 2)
}

/// How well a table serves as the decision matrix; none where it is no table of levels.
fn matrix_rank(role: Option<Role>, title: &str, grid: &Grid) -> Option<u8> {
    let columns = columns(grid);
    let level = columns.level?;
    if grid.rows.is_empty()
        || matches!(
            role,
            Some(
                Role::Contacts
                    | Role::Communication
                    | Role::Contents
                    | Role::Objectives
                    | Role::Metrics
            )
        )
    {
        return None;
    }
    if role != Some(Role::Triage) && columns.response.is_none() && columns.time.is_none() {
        return None;
    }
    let by_issue = u8::from(level > 0 && columns.condition.is_some());
    let named = u8::from(says_any(
        title,
        &["matrix", "matriz", "матриц", "矩阵", "decision"],
    ));
    Some(4 * by_issue + 2 * named + u8::from(columns.response.is_some()))
}

/// Reads the levels of a table. The decision matrix keeps all its cells; a row of another table
/// is claimed with what its other columns say.
fn severity_table(reading: &mut Reading<'_>, grid: &Grid, span: Span, is_matrix: bool) {
    let columns = columns(grid);
    let Some(level) = columns.level else { return };
    let used = [
        columns.level,
        columns.condition,
        columns.response,
        columns.time,
    ];
    let by_issue = level > 0 && columns.condition.is_some_and(|c| c < level);
    for row in &grid.rows {
        let cell = |at: Option<usize>| {
            at.and_then(|a| row.cells.get(a))
                .map(|c| plain(c))
                .unwrap_or_default()
        };
        let name = cell(Some(level));
        if name.is_empty()
            || (words::level(&name).is_none()
                && find(reading, &levels::name(&name)).is_none()
                && by_issue)
        {
            continue;
        }
        let here = Span {
            first: row.line,
            last: row.line,
        };
        let other = if is_matrix {
            String::new()
        } else {
            grid.other_cells(row, &used)
        };
        let and_other = |text: String| match (text.is_empty(), other.is_empty()) {
            (_, true) => text,
            (true, false) => other.clone(),
            (false, false) => format!("{text} · {other}"),
        };
        if by_issue {
            reading.take(row.atom);
            // One row is one condition; what it says to do belongs to the row, not to the level.
            let at = severity(
                reading,
                &name,
                "",
                Span {
                    first: span.first,
                    last: span.last,
                },
            );
            trigger(reading, at, &and_other(cell(columns.condition)), here);
        } else {
            let known = reading.plan.severities.len();
            let is_new = find(reading, &levels::name(&name)).is_none();
            let response = cell(columns.response);
            let response = if is_new {
                and_other(response)
            } else {
                response
            };
            let at = severity(reading, &name, &response, here);
            let time = cell(columns.time);
            deadline(reading, at, &time);
            // A row about a level that is known already stays in its table.
            if at == known {
                reading.take(row.atom);
                describe(reading, at, &cell(columns.condition), row);
            }
        }
    }
}

fn deadline(reading: &mut Reading<'_>, level: usize, text: &str) {
    if let Some(severity) = reading.plan.severities.get_mut(level) {
        severity.within_s = time::within(text).or(severity.within_s);
    }
}

/// A level's description is its trigger where it has no other; the others come first, so this
/// is settled when all are known.
fn describe(reading: &mut Reading<'_>, level: usize, text: &str, row: &Row) {
    let id = format!("described/{}", row.line);
    if let Some(severity) = reading.plan.severities.get_mut(level)
        && !text.is_empty()
    {
        let span = Span {
            first: row.line,
            last: row.line,
        };
        severity.triggers.push(Trigger {
            id: TriggerId::new(id),
            text: text.to_owned(),
            span,
        });
    }
}

/// Drops descriptions that stand in for triggers where there are real ones.
fn settle_descriptions(reading: &mut Reading<'_>) {
    let described = |t: &Trigger| t.id.as_str().starts_with("described/");
    for level in 0..reading.plan.severities.len() {
        let Some(severity) = reading.plan.severities.get_mut(level) else {
            continue;
        };
        if severity.triggers.iter().any(|t| !described(t)) {
            severity.triggers.retain(|t| !described(t));
            continue;
        }
        let kept = std::mem::take(&mut severity.triggers);
        for one in kept {
            trigger(reading, level, &one.text, one.span);
        }
    }
}

/// Who may approve, from a table.
pub fn approvals(reading: &mut Reading<'_>, grid: &Grid) {
    if people::is_people(grid) && column(grid, APPROVE, &[]).is_none_or(|c| c == 0) {
        return approvers(reading, grid);
    }
    let who = column(grid, APPROVE, &[]).filter(|&c| c > 0).or(Some(1));
    let notify = column(grid, NOTIFY, &[who]);
    let time = column(grid, RESPOND, &[who, notify]);
    let used = [Some(0), who, notify, time];
    for row in &grid.rows {
        let cell = |at: Option<usize>| {
            at.and_then(|a| row.cells.get(a))
                .map(|c| plain(c))
                .unwrap_or_default()
        };
        if !reading.take(row.atom) {
            continue;
        }
        let respond = cell(time);
        reading.plan.approvals.push(ApprovalRule {
            when: [cell(Some(0)), grid.other_cells(row, &used)]
                .into_iter()
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
            who: cell(who),
            notify: cell(notify),
            respond_within_s: time::within(&respond),
            respond,
            span: Span {
                first: row.line,
                last: row.line,
            },
        });
    }
}

/// A table of people who decide: the role approves, whoever is in it and however reached; what is
/// still to be written there is left out.
fn approvers(reading: &mut Reading<'_>, grid: &Grid) {
    for row in &grid.rows {
        if !reading.take(row.atom) {
            continue;
        }
        let blank = |c: &String| {
            let bare = c.trim_matches(['_', '-', '—', '.', '…', ' ']);
            bare.is_empty() || bare.starts_with('[') && bare.ends_with(']')
        };
        let cells = row.cells.iter().map(|c| plain(c));
        let said: Vec<String> = cells.filter(|c| !blank(c)).collect();
        reading.plan.approvals.push(ApprovalRule {
            when: String::new(),
            who: said.join(" · "),
            notify: String::new(),
            respond_within_s: None,
            respond: String::new(),
            span: Span {
                first: row.line,
                last: row.line,
            },
        });
    }
}
