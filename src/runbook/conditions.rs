//! Conditions that name no level: the lists and tables that say when to roll back.

use super::blocks::{Block, Grid, List};
use super::inline::{Lead, plain};
use super::reading::Reading;
use super::titles;
use super::triage;
use super::words::{self, Role, says_any, slug};
use crate::domain::ids::TriggerId;
use crate::domain::plan::{Span, Trigger};

const WORDS: &[&str] = &[
    "when|trigger|condition|criteria|criterio|critério|cuándo|cuando|quando|disparador",
    "condiciones|condições|wann|auslöser|kriterien|quand|déclencheur|critères",
    "触发|何时|条件|トリガー|基準|판단|트리거|기준|когда|триггер|критери|kiedy|kryteri|متى|언제|いつ|ne zaman|معايير",
];

/// What heads the column of conditions, and the one that says how bad they have to be.
const CONDITION: &[&str] = &[
    "condition|trigger|symptom|signal|indicator|metric|condición|condicion|condição|síntoma",
    "bedingung|symptôme|métrica|métrique|条件|症状|指标|指標|조건|지표|условие|метрик|warunek|koşul",
];
const THRESHOLD: &[&str] = &[
    "threshold|limit|umbral|limiar|limite|límite|schwelle|seuil|阈值|閾値|しきい値|임계|порог|próg|eşik",
];

/// Reads the triggers that ask for a level when they are ticked.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        if section.role != Some(Role::Triage) {
            continue;
        }
        for (at, block) in section.blocks.iter().enumerate() {
            if !reading.all_free(block) {
                continue;
            }
            let intro = reading.intro(index, at).map(|(_, t)| plain(t));
            let answers = intro.as_deref().is_some_and(titles::is_response);
            let leads = intro.as_deref().is_some_and(|t| says_any(t, WORDS));
            // What a decision is based on are no conditions that somebody observes.
            let factors = intro
                .as_deref()
                .is_some_and(|t| says_any(t, &["based on", "depends on", "depending on"]));
            let named = reading.name_of(index, at);
            if answers
                || factors
                || triage::is_against(&named)
                || !(says_any(&section.title, WORDS) || leads)
            {
                continue;
            }
            let list = block.list().filter(|_| !block.has_fence());
            if let Some(list) = list.filter(|l| !asks(l))
                && reading.plan.severities.is_empty()
                && let Some((para, said)) = reading.intro(index, at)
                && let Some((level, response)) = at_once(&plain(said))
            {
                let lead = Lead {
                    label: level.to_owned(),
                    rest: response,
                    colon: true,
                };
                let alone = section.blocks.get(para).filter(|p| is_one_line(p));
                let first = alone.map_or(block.span.first, |p| p.span.first);
                if let Some(para) = alone {
                    reading.take(para.atom);
                }
                let last = block.span.last;
                triage::level_list(reading, &lead, list, Span { first, last });
            } else if let Some(list) = list {
                of_list(reading, list);
            } else if let Some(grid) = block.grid() {
                of_table(reading, grid);
            }
        }
    }
}

fn is_one_line(block: &Block) -> bool {
    block.para().is_some_and(|t| !t.contains('\n'))
}

/// `Roll back immediately if:` above conditions is a level, where the plan knows no others: its
/// name, and what is done at it.
fn at_once(said: &str) -> Option<(&'static str, String)> {
    const WORDS: &[(&str, &str)] = &[
        ("Immediate", "immediately|at once|right away|without delay"),
        ("Sofort", "sofort|umgehend|unverzüglich"),
        ("Inmediato", "inmediatamente|de inmediato"),
        ("Imediato", "imediatamente|de imediato"),
        ("Immédiat", "immédiatement|sans délai"),
        ("立即", "立即|立刻|马上|直ちに|すぐに|즉시"),
        ("Немедленно", "немедленно|сразу"),
        ("Natychmiast", "natychmiast"),
    ];
    const ACTS: &[&str] = &[
        "rollback|roll back|revert|rolling back|back out|zurückrollen|rückgängig|revertir|reverter|restaurar",
        "annuler|revenir|回滚|回退|ロールバック|切り戻|롤백|откат|откатить|wycof|cofnij",
    ];
    let said = said.trim().trim_end_matches([':', '：']).trim_end();
    let lower = said.to_lowercase();
    let (name, at) = WORDS.iter().find_map(|(name, words)| {
        let word = words::each(std::slice::from_ref(words)).find(|w| words::says(&lower, w))?;
        Some((*name, lower.find(word)? + word.len()))
    })?;
    if !says_any(&lower, ACTS) || lower.len() != said.len() || said.len() > 120 {
        return None;
    }
    let (before, after) = said.split_at_checked(at)?;
    let ends = [
        " if", " when", " for", " wenn", " falls", " si", " se", " cuando", " quando",
    ];
    let after = after.to_lowercase();
    let end = ends.iter().any(|e| after.starts_with(e));
    Some((
        name,
        if end {
            before.to_owned()
        } else {
            said.to_owned()
        },
    ))
}

/// A condition without the cross in front, which says that it is bad, as every condition does.
#[must_use]
pub fn unmarked(text: &str) -> &str {
    text.trim_start_matches(['❌', '✗', '✖', '⛔', '🚫', '⚠', '\u{fe0f}', ' '])
}

/// Questions are no conditions.
fn asks(list: &List) -> bool {
    list.items.iter().any(|e| e.text.contains('?'))
}

fn of_list(reading: &mut Reading<'_>, list: &List) {
    if asks(list) {
        return;
    }
    for entry in &list.items {
        let text = unmarked(&entry.said()).to_owned();
        reading.take_entry(entry);
        trigger(reading, text, entry.span);
    }
}

/// `Condition | Threshold`: each row is a condition.
fn of_table(reading: &mut Reading<'_>, grid: &Grid) {
    let says = |at: usize, words| {
        grid.columns
            .get(at)
            .is_some_and(|c| says_any(&plain(c), words))
    };
    if grid.columns.len() != 2 || !says(0, CONDITION) || !says(1, THRESHOLD) {
        return;
    }
    for row in &grid.rows {
        if !reading.take(row.atom) {
            continue;
        }
        let cells: Vec<String> = row.cells.iter().map(|c| plain(c)).collect();
        let here = Span {
            first: row.line,
            last: row.line,
        };
        trigger(reading, cells.join(" · "), here);
    }
}

fn trigger(reading: &mut Reading<'_>, text: String, span: Span) {
    let id = reading.id(&format!("trigger/{}", slug(&text)));
    reading.plan.triggers.push(Trigger {
        id: TriggerId::new(id),
        text,
        span,
    });
}

#[cfg(test)]
mod tests {
    use crate::runbook::read;

    fn triggers(text: &str) -> Vec<String> {
        let plan = read(text.as_bytes());
        plan.triggers.into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn a_table_of_conditions_and_limits() {
        let text = "# P\n\n## When to roll back\n\n| Condition | Threshold |\n|---|---|\n\
                    | Mail stands still | > 5 minutes |\n| Nobody can log in | at once |\n";
        assert_eq!(
            triggers(text),
            [
                "Mail stands still · > 5 minutes",
                "Nobody can log in · at once"
            ]
        );
    }

    #[test]
    fn what_to_do_about_a_condition_is_none() {
        let text = "# 计划\n\n## 触发条件\n\n- 内容错乱\n\n处理方式：\n\n- 停止写入\n";
        assert_eq!(triggers(text), ["内容错乱"]);
    }
}
