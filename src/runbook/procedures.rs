//! Which sections are procedures, how they nest, and where in the flight they belong.
//!
//! A section with something to do is a procedure; one that merely holds such sections is not.
//! Options, methods and scenarios side by side exclude each other. What is runnable but no part
//! of a rollback stays off the path.

use std::collections::HashMap;

use super::blocks::{Block, Kind, List};
use super::conditions;
use super::headed::{self, precedes};
use super::inline::lead;
use super::links;
use super::marks::{Mark, Way};
use super::outline::Section;
use super::parts::{is_carried_out, is_part, is_phased, is_symptoms, orders};
use super::planned;
use super::reading::Reading;
use super::sequence;
use super::settle;
use super::steps;
use super::titles;
use super::ways;
use super::words::{self, Numbered, Role, says_any};
use crate::domain::ids::ProcedureId;
use crate::domain::plan::{ActionKind, Phase, Procedure, Span};

/// Reads the procedures of a plan.
pub fn read(reading: &mut Reading<'_>) {
    let map = Map::of(reading);
    visit(reading, &map, 0, None);
    ways::drop_lonely_choices(reading);
    links::resolve(reading);
    steps::hold_parts(&mut reading.plan);
    planned::estimate(reading);
    headed::set_standing_apart(reading);
    headed::name(reading);
}

/// Which sections have something to do.
pub struct Map {
    own: Vec<bool>,
    live: Vec<bool>,
    /// How often each title occurs.
    titles: HashMap<String, usize>,
}

impl Map {
    fn of(reading: &Reading<'_>) -> Self {
        let outline = reading.outline;
        let fences = outline.sections.iter().any(|s| {
            s.blocks
                .iter()
                .any(|b| b.has_fence() && reading.all_free(b))
        });
        let mut own: Vec<bool> = reading
            .sections()
            .map(|i| does(reading, i, !fences))
            .collect();
        let mut live = spread(reading, &own);
        // Bullets under a heading among procedures are things to do there.
        for index in reading.sections() {
            let section = reading.section(index);
            let above = section.parent.filter(|&p| reading.section(p).level > 1);
            let among = above.is_some_and(|p| live.get(p).copied().unwrap_or(false));
            let role = matches!(
                section.role,
                Some(Role::Rollback | Role::Verify | Role::After | Role::FollowUp)
            );
            let after = is_afterwards(section.role)
                || section
                    .parent
                    .is_some_and(|p| is_afterwards(reading.section(p).role))
                    && matches!(
                        section.role,
                        None | Some(Role::Communication | Role::Retrospective)
                    );
            let bullets = section.blocks.iter().enumerate().any(|(at, b)| {
                let told = || steps::acts_by_itself(&reading.name_of(index, at));
                let asks = |l: &List| asks_for_work(l) && !steps::is_ticked(l) && !told();
                b.list().is_some_and(asks) && reading.all_free(b)
            });
            if (among && role || after)
                && bullets
                && !is_symptoms(&section.title)
                && !titles::is_forbidden(&section.title)
                && let Some(slot) = own.get_mut(index)
            {
                *slot = true;
            }
        }
        live = spread(reading, &own);
        let mut titles = HashMap::new();
        for index in reading.sections() {
            *titles
                .entry(reading.section(index).title.clone())
                .or_insert(0) += 1;
        }
        Self { own, live, titles }
    }

    /// Another section has the same title.
    fn is_common(&self, reading: &Reading<'_>, index: usize) -> bool {
        self.titles
            .get(&reading.section(index).title)
            .is_some_and(|n| *n > 1)
    }

    /// The section itself has something to do.
    #[must_use]
    pub fn own(&self, index: usize) -> bool {
        self.own.get(index).copied().unwrap_or(false)
    }

    /// The section or one of its parts has.
    #[must_use]
    pub fn live(&self, index: usize) -> bool {
        self.live.get(index).copied().unwrap_or(false)
    }
}

/// The time after the rollback, in which lists ask for something.
fn is_afterwards(role: Option<Role>) -> bool {
    matches!(role, Some(Role::After | Role::FollowUp))
}

fn spread(reading: &Reading<'_>, own: &[bool]) -> Vec<bool> {
    let mut live = own.to_vec();
    for index in reading.sections().rev() {
        if live.get(index).copied().unwrap_or(false)
            && let Some(parent) = reading.section(index).parent
            && let Some(slot) = live.get_mut(parent)
        {
            *slot = true;
        }
    }
    live
}

/// Whether a section holds something to do that nobody has claimed.
fn does(reading: &Reading<'_>, index: usize, prose_only: bool) -> bool {
    let section = reading.section(index);
    let said = |e: &super::blocks::Entry| e.marks.iter().any(is_declared);
    let item = |b: &Block| b.list().is_some_and(|l| l.items.iter().any(said));
    if section.marks.iter().any(is_declared) || section.blocks.iter().any(item) {
        return true;
    }
    if section.role == Some(Role::Contents) {
        return false;
    }
    let bare = is_symptoms(&section.title) || titles::is_forbidden(&section.title);
    if bare && !section.blocks.iter().any(Block::has_fence) {
        return false;
    }
    let step = matches!(words::numbered(&section.title), Some((Numbered::Step, _)));
    section
        .blocks
        .iter()
        .filter(|b| reading.all_free(b))
        .any(|block| match &block.kind {
            Kind::Fence(f) => {
                f.is_whole() && f.see().kind != ActionKind::Text
                    || ((is_program(&f.lang) || f.see().mislabelled.is_some())
                        && matches!(
                            section.role,
                            Some(Role::Rollback | Role::Verify | Role::After)
                        ))
                    || is_other_shell(&f.lang)
            }
            Kind::List(list) => {
                block.has_fence() && holds_work(block)
                    || is_steps(section.role, &section.title, list, prose_only)
                    || step
            }
            Kind::Para(text) => step || is_carried_out(section.role) && orders(text),
            _ => false,
        })
}

/// A comment says that the section is something to do.
fn is_declared(mark: &Mark) -> bool {
    matches!(mark, Mark::Procedure(_) | Mark::Step { .. })
}

/// Neither links nor questions to think about.
fn asks_for_work(list: &List) -> bool {
    let questions = list.items.iter().filter(|e| e.text.ends_with('?')).count();
    !is_links(list) && questions * 2 < list.items.len().max(1)
}

/// A list of links leads elsewhere and asks for nothing.
#[must_use]
pub fn is_links(list: &List) -> bool {
    list.items
        .iter()
        .all(|e| e.text.starts_with('[') && e.children.is_empty())
}

/// A shell that backout does not run: its commands are shown where they belong.
fn is_other_shell(lang: &str) -> bool {
    matches!(
        lang,
        "powershell" | "ps1" | "pwsh" | "cmd" | "bat" | "batch" | "fish"
    )
}

fn is_program(lang: &str) -> bool {
    matches!(
        lang,
        "python"
            | "py"
            | "javascript"
            | "js"
            | "typescript"
            | "ts"
            | "ruby"
            | "php"
            | "powershell"
            | "go"
            | "java"
    )
}

fn holds_work(block: &Block) -> bool {
    match &block.kind {
        Kind::Fence(f) => f.see().kind != ActionKind::Text || is_program(&f.lang),
        Kind::List(list) => list.items.iter().any(|e| e.children.iter().any(holds_work)),
        _ => false,
    }
}

/// A numbered list of things to do.
fn is_steps(role: Option<Role>, title: &str, list: &List, prose_only: bool) -> bool {
    if !list.ordered
        || list.items.iter().all(|e| e.text.starts_with('['))
        || steps::describes(list)
        || list.items.iter().filter(|e| e.text.ends_with('?')).count() * 2 > list.items.len()
    {
        return false;
    }
    match role {
        Some(
            Role::Rollback
            | Role::After
            | Role::Verify
            | Role::Prepare
            | Role::Before
            | Role::Retrospective
            | Role::FollowUp,
        ) => true,
        Some(Role::OffPath) => says_any(
            title,
            &[
                "test",
                "drill",
                "procedure",
                "steps",
                "exercise",
                "simulacro",
                "übung",
                "演练",
            ],
        ),
        None => prose_only,
        _ => false,
    }
}

/// A heading that says nothing but that a procedure follows.
fn is_nameless(title: &str) -> bool {
    matches!(
        title.to_lowercase().as_str(),
        "procedure" | "steps" | "instructions" | "procedimiento" | "procedimento" | "schritte"
    )
}

fn is_numbered(reading: &Reading<'_>, index: usize) -> bool {
    words::numbered(&reading.section(index).title).is_some()
}

fn is_step(reading: &Reading<'_>, index: usize) -> bool {
    for mark in &reading.section(index).marks {
        match mark {
            Mark::Step { .. } => return true,
            Mark::Procedure(_) => return false,
            _ => {}
        }
    }
    matches!(
        words::numbered(&reading.section(index).title),
        Some((Numbered::Step, _))
    )
}

/// The parts of a section that are steps of it.
#[must_use]
pub fn step_parts(reading: &Reading<'_>, map: &Map, index: usize) -> Vec<usize> {
    let live = |c: usize| map.live(c);
    let steps: Vec<usize> = reading
        .section(index)
        .children
        .iter()
        .copied()
        .filter(|&c| is_step(reading, c) && live(c))
        .collect();
    if !steps.is_empty() {
        return steps;
    }
    let parts = sequence::parts(reading, live, index);
    let simple = parts.iter().all(|&c| sequence::is_simple(reading, live, c));
    if simple { parts } else { Vec::new() }
}

fn visit(
    reading: &mut Reading<'_>,
    map: &Map,
    index: usize,
    parent: Option<&ProcedureId>,
) -> Option<ProcedureId> {
    if !map.live(index) {
        return None;
    }
    let steps = step_parts(reading, map, index);
    let is_procedure =
        map.own(index) || !steps.is_empty() || !is_container(reading, map, index, parent);
    let id = is_procedure.then(|| procedure(reading, map, index, parent, &steps));
    // What stands under the title of the document is a part of nothing.
    let title = reading.section(index).level <= 1 && !is_numbered(reading, index);
    let above = id.as_ref().filter(|_| !title).or(parent).cloned();
    let mut parts = Vec::new();
    for child in reading.section(index).children.clone() {
        if id.is_some() && is_symptoms(&reading.section(child).title) {
            tell_when(reading, child);
        } else if steps.contains(&child) {
            parts_of_step(reading, map, child, above.as_ref());
        } else if let Some(found) = visit(reading, map, child, above.as_ref()) {
            parts.push((child, found));
        }
    }
    ways::choose(reading, index, &parts, id.is_some());
    id
}

/// Lists of symptoms tell when to use the procedure that was made last.
fn tell_when(reading: &mut Reading<'_>, index: usize) {
    let mut said = Vec::new();
    for block in &reading.section(index).blocks {
        if let Some(list) = block
            .list()
            .filter(|_| reading.all_free(block) && !block.has_fence())
        {
            for entry in &list.items {
                reading.take_entry(entry);
                said.push(conditions::unmarked(&entry.said()).to_owned());
            }
        }
    }
    if let Some(procedure) = reading
        .plan
        .procedures
        .last_mut()
        .filter(|_| !said.is_empty())
    {
        let before = std::mem::take(&mut procedure.use_when);
        let all: Vec<String> = std::iter::once(before)
            .filter(|b| !b.is_empty())
            .chain(said)
            .collect();
        procedure.use_when = all.join("; ");
    }
}

/// Parts of a step that are no steps themselves were taken into it; what is left are procedures.
fn parts_of_step(reading: &mut Reading<'_>, map: &Map, index: usize, above: Option<&ProcedureId>) {
    for child in reading.section(index).children.clone() {
        let free = reading
            .section(child)
            .blocks
            .iter()
            .any(|b| b.has_fence() && reading.all_free(b));
        if free {
            visit(reading, map, child, above);
        }
    }
}

/// A section that holds procedures and is none.
fn is_container(
    reading: &Reading<'_>,
    map: &Map,
    index: usize,
    parent: Option<&ProcedureId>,
) -> bool {
    let section = reading.section(index);
    if section
        .marks
        .iter()
        .any(|m| matches!(m, Mark::Procedure(_)))
    {
        return false;
    }
    if section.level <= 1 {
        return true;
    }
    if parent.is_some() || words::numbered(&section.title).is_some() {
        return false;
    }
    let parts: Vec<usize> = section
        .children
        .iter()
        .copied()
        .filter(|&c| map.live(c))
        .collect();
    let plural = says_any(
        &section.title,
        &[
            "procedures|scenarios|methods|options|strategies|by phase|by component",
            "procedimientos|procedimentos|verfahren|szenarien|optionen|procédures",
            "scénarios",
        ],
    );
    if !plural && is_phased(reading, section, &parts) {
        return false;
    }
    let phases = parts.len() > 1
        && parts.iter().all(|&c| {
            matches!(
                words::numbered(&reading.section(c).title),
                Some((Numbered::Phase, _))
            )
        });
    let each_whole = parts.iter().all(|&c| {
        says_any(
            &reading.section(c).title,
            &["rollback", "revert", "restore"],
        )
    });
    if phases && !plural && !each_whole {
        return false;
    }
    if !sequence::parts(reading, |c| map.live(c), index).is_empty() {
        return false;
    }
    // Where several sections have parts of the same names, theirs tells them apart.
    let top = section.parent.is_none_or(|p| reading.section(p).level <= 1);
    let beside = match section.parent {
        Some(p) if !top => reading.section(p).children.as_slice(),
        _ => &[],
    };
    let theirs = beside.iter().flat_map(|&s| &reading.section(s).children);
    if theirs
        .chain(&parts)
        .any(|&c| map.live(c) && map.is_common(reading, c))
    {
        return false;
    }
    if !plural
        && (is_described(section) || parts.iter().any(|&c| is_part(&reading.section(c).title)))
    {
        return false;
    }
    top || plural
}

/// The section says of itself when to use it.
fn is_described(section: &Section) -> bool {
    section
        .blocks
        .iter()
        .filter_map(Block::para)
        .flat_map(str::lines)
        .any(|line| {
            lead(line).is_some_and(|l| {
                !l.rest.is_empty()
                    && says_any(
                        &l.label,
                        &[
                            "use when",
                            "when to use",
                            "use case",
                            "use this",
                            "scenario",
                        ],
                    )
            })
        })
}

/// Where in the flight a section belongs, and whether it is on the way at all.
fn place(role: Option<Role>) -> (Phase, bool) {
    match role {
        None | Some(Role::Rollback | Role::Principles) => (Phase::Execute, false),
        Some(Role::Before | Role::Prepare | Role::Triage | Role::Approval) => {
            (Phase::Prepare, false)
        }
        Some(Role::Verify | Role::After | Role::Success | Role::Metrics | Role::Checkpoint) => {
            (Phase::Verify, false)
        }
        Some(Role::FollowUp | Role::Retrospective) => (Phase::Close, false),
        Some(
            Role::OffPath
            | Role::Communication
            | Role::About
            | Role::Contacts
            | Role::IncidentLog
            | Role::Objectives
            | Role::Contents,
        ) => (Phase::Execute, true),
    }
}

fn procedure(
    reading: &mut Reading<'_>,
    map: &Map,
    index: usize,
    parent: Option<&ProcedureId>,
    steps: &[usize],
) -> ProcedureId {
    let section = reading.section(index);
    let above = parent
        .and_then(|p| reading.plan.procedures.iter().rev().find(|q| q.id == *p))
        .map(|q| (q.phase, q.off_path));
    // Telling people after the rollback is a part of what is done then.
    let told = matches!(
        section.role,
        Some(Role::Communication | Role::Retrospective)
    );
    let role = section
        .parent
        .map(|p| reading.section(p).role)
        .filter(|r| told && is_afterwards(*r))
        .unwrap_or(section.role);
    let way = way(section);
    let (phase, off_path) = above
        .filter(|_| way.phase.is_none() && way.off_path.is_none())
        .unwrap_or_else(|| place(role));
    let phase = way.phase.unwrap_or(phase);
    let off_path = off_path || precedes(reading, index) || headed::lists_commands(reading, index);
    let off_path = way.off_path.unwrap_or(off_path);
    let title = if section.title.is_empty() {
        reading.plan.title.clone()
    } else if parent.is_none() && is_nameless(&section.title) {
        // `Procedure` alone is named by what it is the procedure of.
        let above = section.parent.map(|p| reading.section(p).title.clone());
        above
            .filter(|t| !t.is_empty())
            .unwrap_or_else(|| reading.plan.title.clone())
    } else {
        section.title.clone()
    };
    let id = ProcedureId::new(reading.id(&section.id));
    reading.plan.procedures.push(Procedure {
        id: id.clone(),
        title,
        parent: parent.cloned(),
        choice: way.choice.as_deref().map(settle::way_id),
        off_path,
        conditional: false,
        phase,
        use_when: String::new(),
        text: String::new(),
        estimate: None,
        steps: Vec::new(),
        span: Span {
            first: section.line,
            last: section.last,
        },
    });
    let at = reading.plan.procedures.len() - 1;
    let built = steps::build(reading, map, index, &id, steps);
    if let Some(procedure) = reading.plan.procedures.get_mut(at) {
        procedure.use_when = way.use_when.unwrap_or(built.use_when);
        procedure.text = built.text;
        let estimate = built
            .estimate
            .filter(|_| !(matches!(phase, Phase::Verify | Phase::Close) && built.window));
        procedure.estimate = way.estimate.or(estimate);
        procedure.steps = built.steps;
    }
    id
}

/// What a comment says of the procedure that a section is.
fn way(section: &Section) -> Way {
    let said = section.marks.iter().find_map(|m| match m {
        Mark::Procedure(way) => Some(way.clone()),
        _ => None,
    });
    said.unwrap_or_default()
}
