//! Which procedures are ways of doing one thing, so that they exclude each other.

use std::collections::{HashMap, HashSet};

use super::marks::Mark;
use super::reading::Reading;
use super::words::{self, Numbered, Role, says_any};
use crate::domain::ids::{ActionId, ChoiceId, ProcedureId};

/// One thing alone is no choice.
pub fn drop_lonely_choices(reading: &mut Reading<'_>) {
    for procedure in &mut reading.plan.procedures {
        for step in &mut procedure.steps {
            let mut shared: Vec<(ChoiceId, ActionId)> = step
                .actions
                .iter()
                .filter_map(|a| Some((a.choice.clone()?, a.option().clone())))
                .collect();
            shared.sort_unstable();
            shared.dedup();
            let alone = |c: &ChoiceId| shared.iter().filter(|(s, _)| s == c).count() < 2;
            for action in &mut step.actions {
                if action.choice.as_ref().is_some_and(alone) {
                    action.choice = None;
                    action.branch = None;
                }
            }
        }
    }
}

/// `Via the console` beside `Via the command line`; `Using systemd (recommended)` beside `By hand`:
/// manners of doing the same thing.
fn manners(all: &[&str]) -> Vec<bool> {
    const BEGINS: &[&str] =
        &["via|using|through|with the|from the|usando|mit|über|avec|depuis|desde|通过|使用|через"];
    const BEST: &[&str] = &[
        "(recommended|(preferred|(default|(recomendad|(preferid|(empfohlen|(bevorzugt|(recommandé",
        "（推荐|(推荐|（推奨|(推奨|(권장|(рекоменд|(zalecan",
    ];
    const OTHER: &[&str] = &[
        "manual|automatic|automated|by hand|manuell|automatique|manuelle|automátic|手动|手工|自动",
        "手動|自動|수동|자동|ручн|автоматич|ręczn|automatyczn",
    ];
    const SPARE: &[&str] = &["(fallback|(alternative|(last resort|(alternativa|（备用|(备用"];
    let word = |lower: &str| {
        words::each(BEGINS).find(|w| {
            lower.strip_prefix(w).is_some_and(|rest| {
                !w.is_ascii() && !rest.is_empty() || rest.starts_with(char::is_whitespace)
            })
        })
    };
    let holds = |lower: &str, marks| words::each(marks).any(|w| lower.contains(w));
    let begins = |lower: &str| words::each(OTHER).any(|w| lower.starts_with(w));
    let lower: Vec<String> = all
        .iter()
        .map(|title| words::bare(title).to_lowercase())
        .collect();
    // Each title is looked at once, however many stand side by side.
    let mut with: HashMap<&str, usize> = HashMap::new();
    let said: Vec<Option<&str>> = lower.iter().map(|t| word(t)).collect();
    for word in said.iter().flatten() {
        *with.entry(word).or_default() += 1;
    }
    let best = lower.iter().any(|t| holds(t, BEST));
    lower
        .iter()
        .zip(said)
        .map(|(title, word)| {
            let same = word.is_some_and(|w| with.get(w).is_some_and(|n| *n > 1));
            let way =
                || holds(title, BEST) || holds(title, SPARE) || begins(title) || word.is_some();
            same || best && way()
        })
        .collect()
}

/// `Jenkins Rollback` beside options A and B: the same once more, by another means.
fn names_a_means(reading: &Reading<'_>, section: usize) -> bool {
    const MEANS: &[&str] = &[
        "ci/cd|ci|pipeline|gitlab|github|jenkins|argo|argocd|helm|terraform|ansible|console|dashboard|portal",
        "cli|web ui|ui|api|manual|by hand|script|one-click|button|via|using|konsole|manuell|consola",
        "控制台|手动|手動|수동|コンソール|вручную|ręczn",
    ];
    let title = &reading.section(section).title;
    says_any(title, MEANS)
        && says_any(
            title,
            &["rollback|roll back|revert|restore|回滚|ロールバック|롤백|откат"],
        )
}

/// Options, methods and scenarios side by side exclude each other.
pub fn choose(
    reading: &mut Reading<'_>,
    index: usize,
    parts: &[(usize, ProcedureId)],
    is_procedure: bool,
) {
    // Several rollbacks under one name are ways to do it, not parts of one flight.
    let title = &reading.section(index).title;
    let ways = is_procedure
        && says_any(
            title,
            &["procedures|methods|options|strategies|ways|approaches"],
        )
        && parts.iter().all(|(s, _)| {
            let title = &reading.section(*s).title;
            says_any(title, &["rollback", "roll back", "revert", "restore"])
                && !words::bare(title).starts_with("Post")
        });
    let by_phase = says_any(
        &reading.section(index).title,
        &["by phase", "por fase", "nach phase", "par phase"],
    );
    let all = reading.section(index).marks.contains(&Mark::ChooseOne);
    let own_way = |s: usize| {
        matches!(
            reading.section(s).own_role,
            None | Some(Role::Rollback | Role::OffPath)
        )
    };
    let own: Vec<usize> = parts
        .iter()
        .map(|(s, _)| *s)
        .filter(|s| own_way(*s))
        .collect();
    let titles: Vec<&str> = own
        .iter()
        .map(|s| reading.section(*s).title.as_str())
        .collect();
    let manners: HashSet<usize> = own
        .iter()
        .zip(manners(&titles))
        .filter_map(|(s, is)| is.then_some(*s))
        .collect();
    let one_of = |section: usize| {
        let title = &reading.section(section).title;
        all || ways
            || manners.contains(&section)
            || words::is_one_of(title)
            || (by_phase && matches!(words::numbered(title), Some((Numbered::Phase, _))))
    };
    // Procedures that each begin with their symptoms are for different troubles.
    let by_symptom = |s: usize| {
        let children = &reading.section(s).children;
        children
            .iter()
            .any(|&c| crate::runbook::parts::is_symptoms(&reading.section(c).title))
    };
    let options = own.iter().filter(|s| one_of(**s)).count();
    let also =
        |s: usize| is_procedure && options > 1 && own.contains(&s) && names_a_means(reading, s);
    let chosen: HashSet<ProcedureId> = parts
        .iter()
        .filter(|(s, _)| one_of(*s) || by_symptom(*s) || also(*s))
        .map(|(_, id)| id.clone())
        .collect();
    if chosen.len() < 2 {
        return;
    }
    let choice = ChoiceId::new(format!("{}/one-of", reading.section(index).id));
    for procedure in reading
        .plan
        .procedures
        .iter_mut()
        .filter(|p| chosen.contains(&p.id) && p.choice.is_none())
    {
        procedure.choice = Some(choice.clone());
    }
}
