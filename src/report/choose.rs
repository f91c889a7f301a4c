//! Which of a field's choices hold. None is chosen on a guess.

use super::facts::{self, Fact, Known};
use super::flown;
use super::kind::Work;
use super::log::Source;
use super::topic::Topic;
use crate::domain::incident::Incident;

/// The choices that hold, by position, and what that rests on; empty where it cannot be told.
pub(crate) fn choose(
    known: &Known<'_>,
    topic: Topic,
    choices: &[String],
) -> (Vec<usize>, Option<Fact>) {
    let incident = known.incident;
    let yes_no = yes_and_no(choices);
    let (picked, fact) = match (topic, yes_no) {
        (_, Some(pair)) => (
            truth(incident, topic).map(|holds| vec![if holds { pair.0 } else { pair.1 }]),
            known.fact(topic),
        ),
        (Topic::Severity, None) => {
            let fact = known.fact(Topic::Severity);
            (
                fact.as_ref()
                    .and_then(|f| by_name(&f.text, choices))
                    .map(|i| vec![i]),
                fact,
            )
        }
        (Topic::Method, None) => (Some(methods(incident, choices)), known.fact(Topic::Method)),
        (Topic::Status, None) => (
            status(incident, choices).map(|i| vec![i]),
            known.fact(Topic::Status),
        ),
        (Topic::Environment, None) => {
            let fact = known.fact(Topic::Environment);
            (
                fact.as_ref()
                    .and_then(|f| by_name(&f.text, choices))
                    .map(|i| vec![i]),
                fact,
            )
        }
        _ => (None, None),
    };
    let picked = picked.unwrap_or_default();
    if picked.is_empty() {
        return (picked, None);
    }
    let names: Vec<&str> = picked
        .iter()
        .filter_map(|i| choices.get(*i))
        .map(String::as_str)
        .collect();
    let fact = fact.unwrap_or(Fact {
        text: String::new(),
        at: None,
        source: Source::Known("the recorded steps".to_owned()),
        changed: incident.completed_at,
    });
    (
        picked,
        Some(Fact {
            text: names.join(", "),
            at: None,
            ..fact
        }),
    )
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The choice that names the same thing: all of its words stand in the name, and no other
/// choice says as much.
fn by_name(name: &str, choices: &[String]) -> Option<usize> {
    let name = words(name);
    let fits = |choice: &String| {
        let choice = words(choice);
        !choice.is_empty()
            && (choice.iter().all(|w| name.contains(w)) || name.iter().all(|w| choice.contains(w)))
    };
    let mut fitting = choices
        .iter()
        .enumerate()
        .filter(|(_, c)| fits(c))
        .map(|(i, _)| i);
    let first = fitting.next()?;
    match fitting.next() {
        None => Some(first),
        Some(_) => choices.iter().position(|c| words(c) == name),
    }
}

fn yes_and_no(choices: &[String]) -> Option<(usize, usize)> {
    const YES: &[&str] = &[
        "yes", "y", "sí", "si", "ja", "oui", "sim", "是", "はい", "예",
    ];
    const NO: &[&str] = &["no", "n", "nein", "non", "não", "否", "いいえ", "아니오"];
    let find = |set: &[&str]| {
        choices
            .iter()
            .position(|c| set.contains(&c.trim().to_lowercase().as_str()))
    };
    Some((find(YES)?, find(NO)?))
}

/// Whether something was done; none while that can still change or is not known.
pub(crate) fn truth(incident: &Incident, topic: Topic) -> Option<bool> {
    let work = match topic {
        Topic::Database => Work::Database,
        Topic::Code => Work::Code,
        Topic::Services => Work::Services,
        Topic::DataRestored => return restored(incident),
        Topic::Started => return flown::started_at(incident).map(|_| true),
        Topic::Completed => {
            let whole = incident.ended_short.is_none();
            return incident.completed_at.map(|_| whole);
        }
        Topic::Stability | Topic::ImpactResolved | Topic::Integrity | Topic::NoErrors => {
            let found = super::verified::verified(incident, topic)?;
            return found.holds().then_some(true);
        }
        _ => return None,
    };
    let stretch = flown::stretch(incident, work);
    if stretch.is_complete() {
        return Some(true);
    }
    (is_over(incident) && stretch.is_untouched()).then_some(false)
}

fn is_over(incident: &Incident) -> bool {
    incident.completed_at.is_some() || incident.closed.is_some()
}

fn restored(incident: &Incident) -> Option<bool> {
    const SIGNS: &[&str] = &[
        "pg_restore",
        "mongorestore",
        "restore",
        "mysql <",
        "psql <",
        "--file",
        ".dump",
        ".sql",
    ];
    let says = |code: &str| SIGNS.iter().any(|s| code.contains(s)) && !code.contains("pg_dump");
    let mut touched = incident
        .attempts
        .iter()
        .filter(|a| {
            a.has_run() && flown::is_rollback(incident, &a.intent.action) && says(&a.intent.code)
        })
        .peekable();
    if touched.peek().is_none() {
        let by_hand = incident.actions.keys().any(|at| {
            crate::domain::flight::find_action(&incident.plan, at)
                .is_some_and(|(_, action)| says(&action.code))
        });
        return (is_over(incident) && !by_hand).then_some(false);
    }
    let last = touched.last()?;
    last.ending().filter(|e| e.succeeded()).map(|_| true)
}

/// The rollback's method: what the procedure calls itself, else the kinds of work that were done.
fn methods(incident: &Incident, choices: &[String]) -> Vec<usize> {
    const DATABASE: &[&str] = &[
        "database",
        "db",
        "migration",
        "migrations",
        "schema",
        "datenbank",
        "datos",
    ];
    const CODE: &[&str] = &[
        "code",
        "application",
        "app",
        "backend",
        "frontend",
        "git",
        "código",
    ];
    const FULL: &[&str] = &[
        "full",
        "complete",
        "restore",
        "completo",
        "vollständig",
        "complet",
    ];
    let Some(procedure) = facts::chosen(incident) else {
        return Vec::new();
    };
    // What stands in parentheses says when, not how: "Database only (if the code is fine)".
    let title = words(
        procedure
            .title
            .split(['(', '（'])
            .next()
            .unwrap_or_default(),
    );
    let speaks = |set: &[&str], of: &[String]| of.iter().any(|w| set.contains(&w.as_str()));
    let each: Vec<Vec<String>> = choices.iter().map(|c| words(c)).collect();
    if speaks(
        &["full", "complete", "completo", "vollständig", "complet"],
        &title,
    ) && let Some(full) = each.iter().position(|c| speaks(FULL, c))
    {
        return vec![full];
    }
    let own = |choice: &Vec<String>| {
        !choice.is_empty()
            && (choice.iter().all(|w| title.contains(w))
                || (speaks(DATABASE, choice) && speaks(DATABASE, &title))
                || (speaks(CODE, choice) && speaks(CODE, &title)))
    };
    let titled: Vec<usize> = each
        .iter()
        .enumerate()
        .filter(|(_, c)| own(c))
        .map(|(i, _)| i)
        .collect();
    if !titled.is_empty() {
        return titled;
    }
    let done = |work| flown::stretch(incident, work).is_complete();
    let fits = |choice: &Vec<String>| {
        !speaks(FULL, choice)
            && ((speaks(DATABASE, choice) && done(Work::Database))
                || (speaks(CODE, choice) && done(Work::Code)))
    };
    each.iter()
        .enumerate()
        .filter(|(_, c)| fits(c))
        .map(|(i, _)| i)
        .collect()
}

fn status(incident: &Incident, choices: &[String]) -> Option<usize> {
    let find = |set: &[&str]| {
        choices
            .iter()
            .position(|c| words(c).iter().any(|w| set.contains(&w.as_str())))
    };
    if incident.closed.is_some() {
        return find(&[
            "resolved",
            "closed",
            "complete",
            "completed",
            "resuelto",
            "gelöst",
            "résolu",
        ]);
    }
    find(&[
        "investigating",
        "open",
        "ongoing",
        "progress",
        "active",
        "abierto",
        "offen",
        "ouvert",
    ])
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn picked(title: &str, choices: &[&str]) -> Vec<usize> {
        let mut plan = fixture::plan();
        plan.procedures[0].title = title.to_owned();
        let flight = crate::domain::fixture::Flight::ready(plan);
        let choices: Vec<String> = choices.iter().map(|c| (*c).to_owned()).collect();
        methods(&flight.incident, &choices)
    }

    #[test]
    fn the_method_is_what_the_procedure_calls_itself() {
        let boxes = ["Database", "Code", "Full Restore"];
        assert_eq!(
            picked("Option 1: Database only (if the backend is fine)", &boxes),
            [0]
        );
        assert_eq!(picked("Option 2: Code Rollback", &boxes), [1]);
        assert_eq!(picked("Option 3: Full rollback", &boxes), [2]);
        assert_eq!(picked("Plan Z", &boxes), Vec::<usize>::new());
        assert_eq!(picked("Quick rollback", &["Quick", "Full", "Partial"]), [0]);
    }

    #[test]
    fn a_choice_is_named_by_its_words_and_by_no_other() {
        let levels = ["P0", "P1"].map(str::to_owned);
        assert_eq!(by_name("P1 - major", &levels), Some(1));
        assert_eq!(by_name("IMMEDIATE", &levels), None);
        let near = ["high", "very high"].map(str::to_owned);
        assert_eq!(by_name("high", &near), Some(0));
    }
}
