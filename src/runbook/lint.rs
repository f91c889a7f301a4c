//! What an author should settle before the deployment: what `backout check` adds to what the
//! reader noticed.
//!
//! Looks at the plan alone. Finds gaps that hurt at three in the morning: a command that cannot
//! be undone with no look at a backup before it, a blank nobody explained, a level without a
//! deadline, a contact that is still a blank. Judges nothing by taste.

use std::sync::LazyLock;

use super::words::{level, says_any};
use crate::domain::plan::{
    Action, ActionKind, ChecklistRole, Danger, Diagnostic, ExpectRule, Level, Phase, Plan,
    Procedure, UnplacedKind,
};
use regex::Regex;

/// Everything that is worth saying about a plan, the reader's findings included, in the order of
/// its lines.
#[must_use]
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Findings {
        all: plan.diagnostics.clone(),
    };
    backups(&mut found, plan);
    levels(&mut found, plan);
    blanks(&mut found, plan);
    commands(&mut found, plan);
    people(&mut found, plan);
    whole(&mut found, plan);
    text(&mut found, plan);
    found
        .all
        .sort_by(|a, b| (a.line, a.column, &a.code).cmp(&(b.line, b.column, &b.code)));
    found.all
}

struct Findings {
    all: Vec<Diagnostic>,
}

impl Findings {
    fn add(&mut self, line: u32, level: Level, code: &str, message: String, help: &str) {
        self.all.push(Diagnostic {
            line: line.max(1),
            column: 1,
            width: 0,
            level,
            code: code.to_owned(),
            message,
            help: help.to_owned(),
        });
    }
}

// ---- what cannot be undone ------------------------------------------------------------------

fn backups(found: &mut Findings, plan: &Plan) {
    let before = |p: &&Procedure| p.phase == Phase::Prepare && !p.off_path;
    let prepared = plan.procedures.iter().filter(before).any(looks_at_backup)
        || plan
            .checklists
            .iter()
            .filter(|c| c.role == ChecklistRole::PreRollback || c.checkpoint == Some(1))
            .flat_map(|c| &c.items)
            .any(|i| {
                is_backup(&i.text) || i.actions.iter().any(|a| a.backup_check || takes_backup(a))
            });
    if prepared {
        return;
    }
    for procedure in plan
        .procedures
        .iter()
        .filter(|p| !p.off_path && p.phase == Phase::Execute)
    {
        let mut looked = false;
        for action in procedure.steps.iter().flat_map(|s| &s.actions) {
            looked |= action.backup_check || takes_backup(action);
            if action.danger == Danger::Irreversible && !looked {
                let why = if action.danger_why.is_empty() {
                    "it cannot be undone"
                } else {
                    &action.danger_why
                };
                let message = format!("nothing before this looks at a backup, and {why}");
                found.add(
                    action.span.first,
                    Level::Warning,
                    "no-backup-check",
                    message,
                    "take a backup first, or verify that one exists",
                );
                break;
            }
        }
    }
}

fn looks_at_backup(procedure: &Procedure) -> bool {
    procedure
        .steps
        .iter()
        .any(|s| is_backup(&s.title) || s.actions.iter().any(|a| a.backup_check || takes_backup(a)))
}

fn is_backup(text: &str) -> bool {
    says_any(
        text,
        &[
            "backup|back up|snapshot|dump|respaldo|copia de seguridad|sicherung|sauvegarde|备份|バックアップ|백업|резервн",
        ],
    )
}

fn takes_backup(action: &Action) -> bool {
    const TAKES: &[&str] = &[
        "pg_dump",
        "mysqldump",
        "mongodump",
        "create-db-snapshot",
        "create-snapshot",
        "redis-cli save",
        "BGSAVE",
        "velero backup create",
    ];
    TAKES.iter().any(|t| action.code.contains(t))
        || (action.kind != ActionKind::Manual
            && is_backup(&action.title)
            && action.danger != Danger::Irreversible)
}

// ---- levels ---------------------------------------------------------------------------------

fn levels(found: &mut Findings, plan: &Plan) {
    for severity in &plan.severities {
        let urgent = level(&severity.name).is_none_or(|rank| rank <= 1);
        let approved = plan
            .approvals
            .iter()
            .find(|a| says_any(&a.when, &[severity.name.to_lowercase().as_str()]));
        let answered = approved.and_then(|a| a.respond_within_s).is_some();
        if urgent && severity.within_s.is_none() && !answered {
            let message = format!("the level {} has no deadline", severity.name);
            found.add(
                severity.span.first,
                Level::Note,
                "no-deadline",
                message,
                "say within which time to act, such as \"within 15 minutes\"",
            );
        }
        if severity.triggers.is_empty() {
            let message = format!(
                "nothing says what puts an incident at the level {}",
                severity.name
            );
            found.add(
                severity.span.first,
                Level::Note,
                "no-trigger",
                message,
                "list what one would see",
            );
        }
    }
    if plan.approvals.is_empty() && !plan.procedures.is_empty() {
        let line = plan.severities.first().map_or(1, |s| s.span.first);
        found.add(
            line,
            Level::Note,
            "no-approver",
            "the plan does not say who may approve a rollback".to_owned(),
            "add a table of levels and who may approve",
        );
    }
    for list in plan
        .checklists
        .iter()
        .filter(|c| c.role == ChecklistRole::Checkpoint)
    {
        if list.place.is_none() && list.due_after_s.is_none() {
            let message = format!("nothing says when \"{}\" is due", list.title);
            found.add(
                list.span.first,
                Level::Note,
                "no-place",
                message,
                "name its place, such as \"After the code rollback\" or \"30 minutes after\"",
            );
        }
    }
}

// ---- blanks ---------------------------------------------------------------------------------

fn blanks(found: &mut Findings, plan: &Plan) {
    for parameter in &plan.parameters {
        let explained = !parameter.help.is_empty()
            || parameter.default.is_some()
            || parameter.pattern.is_some()
            || parameter.pick_from.is_some();
        let Some(line) = parameter.uses.first().filter(|_| !explained) else {
            continue;
        };
        if parameter.environment {
            let message = format!(
                "{} is used and the plan assigns it nowhere",
                parameter.syntax
            );
            found.add(
                *line,
                Level::Note,
                "unset-variable",
                message,
                "say in the front matter what it is, or set it before the rollback",
            );
        } else {
            let message = format!("the blank {} is not explained", parameter.syntax);
            found.add(
                *line,
                Level::Note,
                "bare-blank",
                message,
                "give it a help, a pattern or a from in the front matter",
            );
        }
    }
}

// ---- commands -------------------------------------------------------------------------------

static PERSONAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:/Users|/home)/[a-z][\w.-]*/|[A-Z]:\\Users\\").ok());
static SAMPLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:[0-9a-f]{7,40}|20\d{6}(?:_\d{6})?|v\d+\.\d+\.\d+)\b").ok());

fn commands(found: &mut Findings, plan: &Plan) {
    let steps = plan
        .procedures
        .iter()
        .flat_map(|p| &p.steps)
        .flat_map(|s| &s.actions);
    let items = plan
        .checklists
        .iter()
        .flat_map(|c| &c.items)
        .flat_map(|i| &i.actions);
    for action in steps.chain(items) {
        if !matches!(action.kind, ActionKind::Shell | ActionKind::Sql) {
            continue;
        }
        status_of_plain_curl(found, action);
        let line = action.span.first;
        if let Some(path) = PERSONAL.as_ref().and_then(|p| p.find(&action.code)) {
            let message = format!("{} is a path on somebody's own machine", path.as_str());
            found.add(
                line,
                Level::Note,
                "personal-path",
                message,
                "use a path that every operator has",
            );
        }
        let sample = SAMPLE
            .as_ref()
            .and_then(|s| s.find_iter(&action.code).find(|m| is_sample(m.as_str())));
        if let Some(sample) = sample {
            let message = format!(
                "{} is fixed in the plan; it may be an example",
                sample.as_str()
            );
            found.add(
                line,
                Level::Note,
                "sample-value",
                message,
                "make it a blank, such as <version>, if it changes",
            );
        }
    }
}

/// A hash has letters and digits; a word such as `defaced` and a plain number are none.
fn is_sample(text: &str) -> bool {
    let dated = text.starts_with("20") || text.starts_with('v');
    dated
        || (text.bytes().any(|b| b.is_ascii_digit())
            && text.bytes().any(|b| b.is_ascii_alphabetic()))
}

fn status_of_plain_curl(found: &mut Findings, action: &Action) {
    let asked = action
        .expect
        .iter()
        .any(|e| matches!(e.rule, ExpectRule::HttpStatus(_)));
    let prints = [
        "-w",
        "--write-out",
        "-i",
        "-I",
        "--head",
        "--include",
        "-v",
        "-sI",
        "-Is",
        "-si",
    ]
    .iter()
    .any(|f| action.code.split_whitespace().any(|w| w == *f));
    if asked && action.code.contains("curl") && !prints {
        found.add(
            action.span.first,
            Level::Warning,
            "status-not-printed",
            "an HTTP status is expected, and this curl prints none".to_owned(),
            "add -w '%{http_code}' or -i",
        );
    }
}

// ---- people and the plan as a whole -----------------------------------------------------------

fn people(found: &mut Findings, plan: &Plan) {
    for contact in &plan.contacts {
        let blank = contact.contact.contains(['[', '<', '{'])
            || contact.contact.contains("___")
            || says_any(&contact.contact, &["tbd|todo|to be filled|xxx"]);
        if blank {
            let message = format!("how to reach {} is still a blank", contact.role);
            found.add(
                contact.span.first,
                Level::Warning,
                "blank-contact",
                message,
                "fill it in before it is needed",
            );
        }
    }
}

fn whole(found: &mut Findings, plan: &Plan) {
    let on_path = plan
        .procedures
        .iter()
        .any(|p| !p.off_path && p.phase == Phase::Execute);
    if !on_path {
        found.add(
            1,
            Level::Warning,
            "no-procedure",
            "no procedure of a rollback was found".to_owned(),
            "put the commands under a heading that says rollback, in fences or numbered steps",
        );
    }
    let verifies = plan
        .procedures
        .iter()
        .any(|p| p.phase == Phase::Verify && !p.off_path)
        || plan
            .checklists
            .iter()
            .any(|c| matches!(c.role, ChecklistRole::Verification | ChecklistRole::Success));
    if on_path && !verifies {
        found.add(
            1,
            Level::Note,
            "no-verification",
            "nothing says how to see that the rollback worked".to_owned(),
            "add a checklist of what must hold afterwards",
        );
    }
    for fact in &plan.facts {
        if says_any(&fact.key, &["tested|test status|last drill|drill date"])
            && says_any(&fact.value, &["not yet|never|no|not tested|pending|____"])
        {
            let message = format!("{}: {}", fact.key, fact.value);
            found.add(
                fact.span.first,
                Level::Note,
                "untested",
                message,
                "rehearse it with backout drill",
            );
        }
    }
}

/// What stayed text, apart from prose: each may be something that was meant to be understood.
fn text(found: &mut Findings, plan: &Plan) {
    for piece in &plan.unplaced {
        let kind = match piece.kind {
            UnplacedKind::Code => "code block",
            UnplacedKind::Table => "table",
            UnplacedKind::List => "list",
            UnplacedKind::Text => continue,
        };
        let links = piece
            .text
            .lines()
            .filter(|l| !l.trim().is_empty())
            .all(|l| l.contains("](") || l.starts_with(' '));
        if links && piece.kind == UnplacedKind::List {
            continue;
        }
        let place = if piece.heading.is_empty() {
            "before the first heading".to_owned()
        } else {
            format!("under \"{}\"", piece.heading)
        };
        found.add(
            piece.span.first,
            Level::Note,
            "stays-text",
            format!("this {kind} {place} is shown as text"),
            "nothing to do if it is only to be read",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        check(&super::super::read(text.as_bytes()))
            .into_iter()
            .map(|d| d.code)
            .collect()
    }

    #[test]
    fn a_command_that_cannot_be_undone_wants_a_look_at_a_backup() {
        let bare = "# P\n## Rollback\n```bash\ndropdb shop\n```\n";
        assert!(codes(bare).contains(&"no-backup-check".to_owned()));
        let looked = "# P\n## Rollback\n```bash\n# 1. Verify that a backup exists\nls -l /backups\n\n# 2. Drop it\ndropdb shop\n```\n";
        assert!(
            !codes(looked).contains(&"no-backup-check".to_owned()),
            "{:?}",
            codes(looked)
        );
        let listed = "# P\n## Before rollback\n- [ ] Backup is there\n\n## Rollback\n```bash\ndropdb shop\n```\n";
        assert!(!codes(listed).contains(&"no-backup-check".to_owned()));
    }

    #[test]
    fn gaps_are_named_with_their_lines() {
        let text = "# P\n## When to roll back\n**CRITICAL:**\n- it burns\n\n## Rollback\n```bash\ncurl http://x/<host>\n# Expected: 200 OK\ngit checkout v1.2.3\ncd /home/ana/shop\n```\n\n## Contacts\n- **Ana**: [phone]\n";
        let found = check(&super::super::read(text.as_bytes()));
        let at = |code: &str| found.iter().find(|d| d.code == code).map(|d| d.line);
        assert_eq!(at("no-deadline"), Some(3));
        assert_eq!(at("bare-blank"), Some(8));
        assert_eq!(at("status-not-printed"), Some(8));
        assert_eq!(at("sample-value"), Some(10));
        assert_eq!(at("personal-path"), Some(10));
        assert_eq!(at("blank-contact"), Some(15));
        assert_eq!(at("no-verification"), Some(1));
        assert!(found.is_sorted_by_key(|d| d.line));
    }

    #[test]
    fn a_settled_plan_has_nothing_to_be_told() {
        let text = "---\nbackout:\n  parameters:\n    host: {help: the shop's host}\n---\n# P\n## When to roll back\n**CRITICAL** - within 5 minutes if:\n- it burns\n\n## Who may approve\n| Severity | Who can approve |\n|--|--|\n| CRITICAL | Ana |\n\n## Rollback\n```bash\nsystemctl --host <host> restart shop\n```\n\n## Verification\n- [ ] it answers\n\n## Contacts\n- **Ana**: +00 123\n";
        assert_eq!(codes(text), Vec::<String>::new());
    }
}
