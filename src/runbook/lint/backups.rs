//! What destroys data: whether a backup was looked at before, and whether the plan says that
//! there is no way back.
//!
//! What can be built or fetched again (dependencies, caches, images) is no data, and what git
//! keeps is not lost by a reset: a warning about those would be read once and never again.

use std::collections::HashMap;

use super::{Review, codes, walk};
use crate::domain::ids::ProcedureId;
use crate::domain::plan::{Action, ActionKind, ChecklistRole, Danger, Phase, Plan, Procedure};
use crate::runbook::words::says_any;

/// Looks at every procedure of the rollback.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    let prepared = is_prepared(plan);
    let mut looked: HashMap<&ProcedureId, bool> = HashMap::new();
    for procedure in walk::flown(plan) {
        // What is above a part was done before it.
        let above = procedure.parent.as_ref().and_then(|p| looked.get(p));
        let before = prepared || above.copied().unwrap_or(false);
        let after = backup(review, procedure, before);
        looked.insert(&procedure.id, after);
        no_return(review, procedure);
    }
}

/// The backup is looked at before any procedure begins.
fn is_prepared(plan: &Plan) -> bool {
    let before = |p: &&Procedure| p.phase == Phase::Prepare && !p.off_path;
    let lists = plan
        .checklists
        .iter()
        .filter(|c| c.role == ChecklistRole::PreRollback || c.checkpoint == Some(1));
    plan.procedures.iter().filter(before).any(looks_at_backup)
        || lists
            .flat_map(|c| &c.items)
            .any(|i| is_backup(&i.text) || i.actions.iter().any(looks))
}

fn looks_at_backup(procedure: &Procedure) -> bool {
    procedure
        .steps
        .iter()
        .any(|s| is_backup(&s.title) || s.actions.iter().any(looks))
}

/// Says the first command that destroys data before a backup was looked at. Whether one was, at
/// the end.
fn backup(review: &mut Review<'_>, procedure: &Procedure, before: bool) -> bool {
    let mut looked = before;
    let mut said = false;
    for step in &procedure.steps {
        // "Back up, then drop" is one step to its author.
        let titled = is_backup(&step.title) && !step.actions.iter().any(restores);
        looked |= titled;
        for action in &step.actions {
            looked |= looks(action);
            if looked || said || !destroys(action) {
                continue;
            }
            said = true;
            let why = why(action);
            let place = review.offender(action);
            let message = format!("nothing before this looks at a backup, and {why}");
            review.say(&codes::NO_BACKUP_CHECK, place, message);
        }
    }
    looked
}

/// Says the first step of a procedure from which there is no way back, if the plan does not.
fn no_return(review: &mut Review<'_>, procedure: &Procedure) {
    let first = procedure
        .steps
        .iter()
        .find(|s| s.point_of_no_return || s.actions.iter().any(destroys));
    let Some(step) = first.filter(|s| !s.point_of_no_return) else {
        return;
    };
    let Some(action) = step.actions.iter().find(|a| destroys(a)) else {
        return;
    };
    // The plan's own words are a mark.
    let said = [&action.danger_why, &action.title, &step.title, &step.text];
    if said.iter().any(|text| says_any(text, FINAL)) {
        return;
    }
    let place = review.offender(action);
    let message = format!(
        "\"{}\" cannot be undone and does not say so: {}",
        super::cut(&step.title, 60),
        why(action)
    );
    review.say(&codes::NO_RETURN_MARK, place, message);
}

/// Words that tell an operator to stop and think.
const FINAL: &[&str] = &[
    "the plan says|danger|destructive|irreversible|cannot be undone|can not be undone|can't be undone",
    "point of no return|no way back|nuclear|permanent|data loss|will be lost|will be deleted|caution",
    "last resort|warning|不可逆|危险|unwiderruflich|irréversible|irreversível|peligro|необратим|nieodwracaln",
];

fn why(action: &Action) -> &str {
    if action.danger_why.is_empty() {
        "it cannot be undone"
    } else {
        &action.danger_why
    }
}

/// What it takes away cannot be built, fetched or found again.
fn destroys(action: &Action) -> bool {
    if action.danger != Danger::Irreversible || action.opt_in || !walk::is_runnable(action) {
        return false;
    }
    let why = action.danger_why.as_str();
    let made = |what: &&str| why.starts_with(&format!("DROP {what} "));
    let kept = why.starts_with("git ")
        || DEFINITIONS.iter().any(made)
        || (why.starts_with("rm removes files") && !action.code.contains('*'))
        || (why.starts_with("docker ") && why.contains("prune") && !action.code.contains("volume"))
        || (why.starts_with("rm ") && action.code.lines().filter_map(removed).all(rebuildable));
    !kept
}

/// What a database can be told again, from the same migrations.
const DEFINITIONS: &[&str] = &[
    "POLICY",
    "TRIGGER",
    "FUNCTION",
    "PROCEDURE",
    "INDEX",
    "VIEW",
    "CONSTRAINT",
    "RULE",
];

/// The operands of a line that removes files.
fn removed(line: &str) -> Option<&str> {
    let line = line.trim();
    let at = line.find("rm ")?;
    let before = line.get(..at).unwrap_or_default();
    let word = before
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || ";&|(".contains(c));
    (word && !line.starts_with('#')).then(|| line.get(at + 3..).unwrap_or_default())
}

/// Everything that is named can be made again.
fn rebuildable(operands: &str) -> bool {
    const AGAIN: &[&str] = &[
        "node_modules",
        "dist",
        "build",
        "out",
        "target",
        "vendor",
        "venv",
        ".venv",
        "env",
        ".next",
        ".nuxt",
        ".cache",
        "cache",
        "tmp",
        "temp",
        "logs",
        "__pycache__",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".turbo",
        ".parcel-cache",
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "coverage",
        ".gradle",
        "obj",
        "bin",
        "site-packages",
        ".tox",
        "public",
        "index.lock",
        ".vite",
        ".svelte-kit",
        ".terraform",
    ];
    let end = operands.find([';', '&', '|']).unwrap_or(operands.len());
    let words = operands.get(..end).unwrap_or_default().split_whitespace();
    words.filter(|w| !w.starts_with('-')).all(|word| {
        let path = word.trim_matches(['"', '\'', '/', '*']);
        let name = path.rsplit('/').next().unwrap_or(path);
        path.starts_with("tmp/")
            || AGAIN.contains(&name)
            || path.to_lowercase().contains("cache")
            || path.split('/').any(|part| part == "node_modules")
            || [".pyc", ".tmp", ".log", ".pid", ".lock", ".sock"]
                .iter()
                .any(|e| name.ends_with(e))
    })
}

fn is_backup(text: &str) -> bool {
    says_any(
        text,
        &[
            "backup|back up|snapshot|dump|respaldo|copia de seguridad|sicherung|sauvegarde|备份|バックアップ|백업|резервн",
        ],
    )
}

/// It puts a backup back, which overwrites what is there.
fn restores(action: &Action) -> bool {
    destroys(action) || says_any(&action.title, &["restore|restaur|wiederherstell|恢复|復元"])
}

fn looks(action: &Action) -> bool {
    action.backup_check || takes_backup(action)
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
        "etcdctl snapshot save",
        "sqlite3 .backup",
    ];
    TAKES.iter().any(|t| action.code.contains(t))
        || (action.kind != ActionKind::Manual
            && is_backup(&action.title)
            && action.danger != Danger::Irreversible)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, codes, underlined};
    use super::*;

    #[test]
    fn a_command_that_destroys_data_wants_a_look_at_a_backup() {
        let bare = "# P\n## Rollback\n```bash\nls\ndropdb shop\n```\n";
        assert_eq!(underlined(bare, "no-backup-check"), ["dropdb shop"]);
        let looked = "# P\n## Rollback\n```bash\n# 1. Verify that a backup exists\nls -l /backups\n\n# 2. Drop it\ndropdb shop\n```\n";
        assert_eq!(at(looked, "no-backup-check"), NONE);
        let listed = "# P\n## Before rollback\n- [ ] Backup is there\n\n## Rollback\n```bash\ndropdb shop\n```\n";
        assert_eq!(at(listed, "no-backup-check"), NONE);
    }

    #[test]
    fn what_can_be_made_again_wants_none() {
        for command in [
            "rm -rf node_modules dist",
            "rm -rf frontend/.next/ && npm ci",
            "git reset --hard HEAD~1",
            "docker system prune -f",
            "rm -f /tmp/deploy.lock",
        ] {
            let text = format!("# P\n## Rollback\n```bash\n{command}\n```\n");
            let codes = codes(&text);
            assert!(!codes.contains(&"no-backup-check".to_owned()), "{command}");
            assert!(
                !codes.contains(&"no-point-of-no-return".to_owned()),
                "{command}"
            );
        }
        assert!(!rebuildable("-rf node_modules /srv/uploads"));
    }

    #[test]
    fn a_step_without_a_way_back_says_so() {
        let bare = "# P\n## Rollback\n1. **Drop the tables**\n   ```bash\n   dropdb shop\n   ```\n";
        assert_eq!(underlined(bare, "no-point-of-no-return"), ["dropdb shop"]);
        let said = bare.replace("tables**", "tables (point of no return)**");
        assert_eq!(at(&said, "no-point-of-no-return"), NONE);
    }
}
