//! The plan as a text that a person likes to read: what `backout show` prints.
//!
//! Plain text without colours, at most `WIDTH` columns; what is cut ends in `…`. It shows what
//! was understood and counts what was not; it is no stored form and promises nothing to programs.

use super::page::Page;
use crate::domain::plan::{
    Action, ActionKind, Checklist, ChecklistRole, Danger, Elsewhere, Estimate, ExpectRule, Item,
    Level, ObjectiveKind, Phase, Plan, Procedure, Step, TemplateKind, UnplacedKind,
};

/// The plan as a tree of lines.
#[must_use]
pub fn tree(plan: &Plan) -> String {
    let mut page = Page::default();
    page.line(0, &plan.title);
    if let Some(environment) = &plan.environment {
        page.line(1, &format!("environment {environment}"));
    }
    super::tree_stated::stated(&mut page, plan);
    for fact in plan.facts.iter().filter(|f| !f.value.is_empty()) {
        page.line(1, &format!("{}: {}", fact.key, fact.value));
    }
    decisions(&mut page, plan);
    checklists(&mut page, plan);
    procedures(&mut page, plan);
    supplies(&mut page, plan);
    people(&mut page, plan);
    rest(&mut page, plan);
    page.text
}

/// `1 item`, `2 items`.
fn counted(n: usize, one: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {one}s")
    }
}

/// Seconds in the largest units that say them exactly: `90 s`, `15 min`, `2 h`, `3 d`, and
/// `10 min 20 s` for a sum.
pub(super) fn time(seconds: u64) -> String {
    for (unit, name) in [(86_400, "d"), (3600, "h"), (60, "min")] {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            return format!("{} {name}", seconds / unit);
        }
    }
    if seconds > 120 {
        return format!("{} min {} s", seconds / 60, seconds % 60);
    }
    format!("{seconds} s")
}

fn estimate(estimate: Option<Estimate>) -> String {
    match estimate {
        None => String::new(),
        Some(e) if e.low_s == e.high_s => time(e.high_s),
        Some(e) if e.low_s == 0 => format!("up to {}", time(e.high_s)),
        Some(e) => format!("{} to {}", time(e.low_s), time(e.high_s)),
    }
}

pub(super) fn joined(parts: &[String]) -> String {
    parts
        .iter()
        .filter(|p| !p.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(" · ")
}

fn decisions(page: &mut Page, plan: &Plan) {
    if !plan.severities.is_empty() {
        page.heading("Severities");
    }
    for severity in &plan.severities {
        let within = severity.within_s.map_or_else(
            || "no deadline".to_owned(),
            |s| format!("within {}", time(s)),
        );
        let note = joined(&[counted(severity.triggers.len(), "trigger"), within]);
        let text = if severity.response.is_empty() {
            severity.name.clone()
        } else {
            format!("{}: {}", severity.name, severity.response)
        };
        page.noted(1, &text, &note);
    }
    if !plan.triggers.is_empty() {
        page.heading("Triggers that ask for a level");
    }
    for trigger in &plan.triggers {
        page.line(1, &trigger.text);
    }
    if let Some(matrix) = &plan.decision_matrix {
        page.heading("Decision matrix");
        page.noted(
            1,
            &matrix.columns.join(" | "),
            &counted(matrix.rows.len(), "row"),
        );
    }
    if !plan.questions.is_empty() {
        page.heading("Questions");
    }
    for question in &plan.questions {
        page.line(1, &format!("{} {}", question.id, question.ask));
        for (name, branch) in [("yes", &question.yes), ("no", &question.no)] {
            let next = branch.next.as_ref().map(|n| format!("ask {n}"));
            let to = branch
                .outcome
                .clone()
                .or(next)
                .unwrap_or_else(|| "leads nowhere".to_owned());
            page.line(3, &format!("{name}: {to}"));
        }
    }
    if !plan.approvals.is_empty() {
        page.heading("Who may approve");
    }
    for rule in &plan.approvals {
        let text = if rule.when.is_empty() {
            rule.who.clone()
        } else {
            format!("{}: {}", rule.when, rule.who)
        };
        page.noted(1, &text, &rule.respond);
    }
}

fn role(list: &Checklist) -> String {
    match list.role {
        ChecklistRole::PreRollback => "before the rollback".to_owned(),
        ChecklistRole::Checkpoint => list
            .checkpoint
            .map_or_else(|| "checkpoint".to_owned(), |n| format!("checkpoint {n}")),
        ChecklistRole::Verification => "verification".to_owned(),
        ChecklistRole::Success => "success".to_owned(),
        ChecklistRole::FollowUp => "follow-up".to_owned(),
        ChecklistRole::Other => String::new(),
    }
}

fn checklists(page: &mut Page, plan: &Plan) {
    if !plan.checklists.is_empty() {
        page.heading("Checklists");
    }
    for list in &plan.checklists {
        let due = list
            .due_after_s
            .map(|s| format!("due {} after", time(s)))
            .unwrap_or_default();
        page.noted(
            1,
            &list.title,
            &joined(&[role(list), due, counted(list.items.len(), "item")]),
        );
        for item in &list.items {
            item_line(page, item);
        }
    }
}

fn item_line(page: &mut Page, item: &Item) {
    let details = if item.details.is_empty() {
        String::new()
    } else {
        counted(item.details.len(), "detail")
    };
    page.noted(2, &format!("[ ] {}", item.text), &details);
    for one in &item.actions {
        action(page, 4, one);
    }
}

fn procedures(page: &mut Page, plan: &Plan) {
    let groups = [
        ("Prepare", Phase::Prepare, false),
        ("Procedures", Phase::Execute, false),
        ("Verify", Phase::Verify, false),
        ("Close", Phase::Close, false),
    ];
    for (title, phase, off_path) in groups {
        let on = |p: &&Procedure| p.phase == phase && p.off_path == off_path;
        group(
            page,
            plan,
            title,
            &plan.procedures.iter().filter(on).collect::<Vec<_>>(),
        );
    }
    let off: Vec<&Procedure> = plan.procedures.iter().filter(|p| p.off_path).collect();
    group(page, plan, "Off the path (drill, scripts, reference)", &off);
}

fn group(page: &mut Page, plan: &Plan, title: &str, members: &[&Procedure]) {
    if members.is_empty() {
        return;
    }
    page.heading(title);
    for procedure in members {
        one_procedure(page, plan, procedure, 1 + depth(plan, procedure));
    }
}

/// How many procedures this one is a part of, in turn.
fn depth(plan: &Plan, procedure: &Procedure) -> usize {
    let mut depth = 0;
    let mut above = procedure.parent.as_ref();
    while let Some(parent) = above.and_then(|id| plan.procedures.iter().find(|p| p.id == *id)) {
        depth += 1;
        if depth > 12 {
            break;
        }
        above = parent.parent.as_ref();
    }
    depth
}

fn one_procedure(page: &mut Page, plan: &Plan, procedure: &Procedure, depth: usize) {
    let one_of = if procedure.choice.is_some() {
        "one of several"
    } else {
        ""
    };
    let opt_in = if procedure.conditional { "opt-in" } else { "" };
    let steps = if procedure.steps.is_empty() {
        String::new()
    } else {
        counted(procedure.steps.len(), "step")
    };
    page.noted(
        depth,
        &procedure.title,
        &joined(&[
            one_of.to_owned(),
            opt_in.to_owned(),
            estimate(procedure.estimate),
            steps,
        ]),
    );
    if !procedure.use_when.is_empty() {
        page.line(depth + 1, &format!("use when: {}", procedure.use_when));
    }
    for line in procedure.text.lines().take(3) {
        page.line(depth + 1, line);
    }
    for (at, step) in procedure.steps.iter().enumerate() {
        one_step(page, plan, step, at + 1, depth + 1);
    }
}

fn one_step(page: &mut Page, plan: &Plan, step: &Step, number: usize, depth: usize) {
    let final_word = if step.point_of_no_return {
        "point of no return"
    } else {
        ""
    };
    let one_of = if step.choice.is_some() {
        "one of several"
    } else {
        ""
    };
    page.noted(
        depth,
        &format!("{number}. {}", step.title),
        &joined(&[
            final_word.to_owned(),
            one_of.to_owned(),
            estimate(step.estimate),
        ]),
    );
    for one in &step.actions {
        action(page, depth + 2, one);
        if let Some(target) = one
            .target
            .as_ref()
            .and_then(|id| plan.procedures.iter().find(|p| p.id == *id))
        {
            page.line(depth + 3, &format!("flies: {}", target.title));
        }
    }
}

fn action(page: &mut Page, depth: usize, action: &Action) {
    let by_hand = format!("by hand, {}:", action.lang);
    let mark = match action.kind {
        ActionKind::Manual if action.is_run_by_hand() => by_hand.as_str(),
        ActionKind::Shell => "$",
        ActionKind::Sql => "sql",
        ActionKind::Http => "http",
        ActionKind::Manual => "by hand:",
        ActionKind::Include => "see:",
        ActionKind::Text => "read:",
    };
    let code = action
        .code
        .lines()
        .find(|l| !l.trim().is_empty() && !l.trim_start().starts_with(['#']))
        .unwrap_or(&action.code);
    let longer = action.code.lines().filter(|l| !l.trim().is_empty()).count() > 1;
    let words =
        matches!(action.kind, ActionKind::Manual | ActionKind::Include) && !action.is_run_by_hand();
    let shown = if words && !action.title.is_empty() {
        action.title.as_str()
    } else {
        code.trim()
    };
    let more = if longer && !words { " …" } else { "" };
    page.noted(depth, &format!("{mark} {shown}{more}"), &flags(action));
    if let Some(said) = said(action) {
        page.line(depth + 1, &said);
    }
    for expectation in &action.expect {
        page.noted(
            depth + 1,
            &format!("expect: {}", expectation.text),
            &judged(&expectation.rule),
        );
    }
}

/// What the author says of the action and is not shown otherwise.
fn said(action: &Action) -> Option<String> {
    const SHOWN: &[&str] = &[
        "title",
        "expect",
        "danger",
        "sense",
        "connection",
        "choice",
        "monitor",
        "background",
        "opt-in",
        "excludeFromRunAll",
        "interactive",
        "backup-check",
        "point-of-no-return",
    ];
    let rest: Vec<String> = action
        .attributes
        .iter()
        .filter(|a| !SHOWN.contains(&a.key.as_str()))
        .map(|a| format!("{}={}", a.key, a.value))
        .collect();
    (!rest.is_empty()).then(|| rest.join(" · "))
}

fn flags(action: &Action) -> String {
    let runs = action.is_run_by_hand()
        || matches!(
            action.kind,
            ActionKind::Shell | ActionKind::Sql | ActionKind::Http
        );
    let danger = match action.danger {
        Danger::Irreversible => "CANNOT BE UNDONE",
        Danger::Changes if runs => "changes things",
        Danger::Changes | Danger::None => "",
    };
    let flag = |on: bool, word: &str| if on { word.to_owned() } else { String::new() };
    let place = action.place.as_ref().filter(|_| runs);
    joined(&[
        place.map(Elsewhere::on).unwrap_or_default(),
        flag(action.choice.is_some(), "one of several"),
        flag(action.opt_in, "opt-in"),
        flag(action.monitor, "monitor"),
        flag(action.interactive, "needs a keyboard"),
        flag(action.backup_check, "backup check"),
        flag(action.sense, "may be sensed again"),
        action
            .connection
            .as_ref()
            .map(|c| format!("through {c}"))
            .unwrap_or_default(),
        danger.to_owned(),
    ])
}

pub(super) fn judged(rule: &ExpectRule) -> String {
    match rule {
        ExpectRule::Contains(_) => "by its text",
        ExpectRule::Absent(_) => "by what is absent",
        ExpectRule::Exactly(_) => "by the whole output",
        ExpectRule::JsonSubset(_) => "by its JSON",
        ExpectRule::HttpStatus(_) => "by the HTTP status",
        ExpectRule::Rows(..) => "by counting rows",
        ExpectRule::Number(..) => "by its number",
        ExpectRule::Regex(_) => "by a pattern",
        ExpectRule::Similar(..) => "by likeness",
        ExpectRule::Exit(_) => "by the exit status",
        ExpectRule::Person => "by a person",
    }
    .to_owned()
}

fn supplies(page: &mut Page, plan: &Plan) {
    if !plan.parameters.is_empty() {
        page.heading("Parameters");
    }
    for parameter in &plan.parameters {
        let secret = if parameter.secret { "secret" } else { "" };
        let default = parameter
            .default
            .as_ref()
            .map(|d| format!("default {d}"))
            .unwrap_or_default();
        let used = format!("used {}", counted(parameter.uses.len(), "time"));
        page.noted(
            1,
            &format!("{} {}", parameter.name, parameter.syntax),
            &joined(&[
                secret.to_owned(),
                super::tree_stated::allowed(parameter),
                default,
                used,
            ]),
        );
        page.wrapped(2, &parameter.help);
        if let Some(pattern) = &parameter.pattern {
            page.line(2, &format!("fits: {pattern}"));
        }
        if let Some(source) = &parameter.secret_from {
            page.line(2, &format!("taken from {}", source.described()));
        }
        if let Some(command) = &parameter.pick_from {
            page.line(2, &format!("picked from: {command}"));
        }
    }
    if !plan.files.is_empty() {
        page.heading("Files that the plan carries");
    }
    for file in &plan.files {
        page.noted(1, &file.path, &counted(file.code.lines().count(), "line"));
    }
    if !plan.templates.is_empty() {
        page.heading("Templates");
    }
    for template in &plan.templates {
        let kind = match template.kind {
            TemplateKind::IncidentLog => "incident log",
            TemplateKind::Message => "message",
            TemplateKind::PostMortem => "post-mortem",
            TemplateKind::Metrics => "figures",
        };
        let every = template
            .every_s
            .map(|s| format!("every {}", time(s)))
            .unwrap_or_default();
        page.noted(
            1,
            &template.title,
            &joined(&[
                kind.to_owned(),
                template.moment.clone(),
                every,
                counted(template.fields.len(), "field"),
            ]),
        );
    }
    if !plan.targets.is_empty() {
        page.heading("Targets");
    }
    for target in &plan.targets {
        let held = target
            .for_s
            .map(|s| format!("for {}", time(s)))
            .unwrap_or_default();
        page.noted(
            1,
            &format!("{} {}", target.metric, target.target),
            &joined(&[held, target.how.clone()]),
        );
    }
}

fn people(page: &mut Page, plan: &Plan) {
    if !plan.contacts.is_empty() {
        page.heading("Contacts");
    }
    for contact in &plan.contacts {
        page.line(1, &format!("{}: {}", contact.role, contact.contact));
    }
    if !plan.objectives.is_empty() {
        page.heading("Recovery objectives");
    }
    for objective in &plan.objectives {
        let kind = match objective.kind {
            ObjectiveKind::Rto => "recovery time",
            ObjectiveKind::Rpo => "recovery point",
        };
        page.line(
            1,
            &joined(&[
                objective.component.clone(),
                format!("{kind} {}", time(objective.within_s)),
            ]),
        );
    }
}

fn rest(page: &mut Page, plan: &Plan) {
    if !plan.unplaced.is_empty() {
        page.heading("Stayed text");
    }
    for piece in &plan.unplaced {
        let kind = match piece.kind {
            UnplacedKind::Code => "code",
            UnplacedKind::List => "list",
            UnplacedKind::Table => "table",
            UnplacedKind::Text => "text",
        };
        let place = if piece.span.first == piece.span.last {
            format!("line {}", piece.span.first)
        } else {
            format!("lines {} to {}", piece.span.first, piece.span.last)
        };
        page.noted(
            1,
            piece.text.trim_start(),
            &joined(&[kind.to_owned(), place]),
        );
    }
    let count = |level: Level| plan.diagnostics.iter().filter(|d| d.level == level).count();
    let findings = [
        (Level::Error, "error"),
        (Level::Warning, "warning"),
        (Level::Note, "note"),
    ]
    .into_iter()
    .filter(|(level, _)| count(*level) > 0)
    .map(|(level, name)| counted(count(level), name))
    .collect::<Vec<_>>()
    .join(", ");
    if !findings.is_empty() {
        page.heading(&format!("Findings: {findings} (backout check says which)"));
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
