//! Which sections are on the way of a rollback, what their lists are for, and how much harm their
//! commands can do.

use super::{findings, plan, told};
use crate::domain::plan::{ActionKind, ChecklistRole, Danger};

/// Commands that run until they are stopped run beside the work.
#[test]
fn commands_that_do_not_end_are_watched() {
    for (command, watched) in [
        ("watch -n 5 df -h", true),
        ("tail -f /var/log/app.log", true),
        ("journalctl -u app -f", true),
        ("kubectl logs -f deploy/app", true),
        ("docker compose logs --follow app", true),
        ("kubectl port-forward svc/app 8080:80", true),
        ("while true; do curl -s localhost; sleep 5; done", true),
        ("npm run dev", true),
        ("tail -n 50 /var/log/app.log", false),
        ("kubectl logs deploy/app --tail=20", false),
        ("for n in 1 2 3; do curl -s localhost; done", false),
        ("sleep 30", false),
    ] {
        let plan = plan(&format!("# Pump\n\n## Rollback\n\n```sh\n{command}\n```\n"));
        let action = &plan.procedures[0].steps[0].actions[0];
        assert_eq!(
            (action.kind, action.monitor),
            (ActionKind::Shell, watched),
            "{command}"
        );
    }
}

/// How much harm a command can do, from what it does and from what the plan says of it.
#[test]
fn what_cannot_be_undone_is_known() {
    for (command, danger) in [
        ("rm -rf /srv/pump/*", Danger::Irreversible),
        ("git reset --hard v1", Danger::Irreversible),
        ("git push --force origin main", Danger::Irreversible),
        ("git clean -fd", Danger::Irreversible),
        ("dropdb pump", Danger::Irreversible),
        ("psql -c 'DROP TABLE pumps'", Danger::Irreversible),
        ("pg_restore -c -d pump x.dump", Danger::Irreversible),
        ("redis-cli FLUSHALL", Danger::Irreversible),
        ("terraform destroy", Danger::Irreversible),
        ("kubectl delete namespace pump", Danger::Irreversible),
        ("aws s3 sync dist/ s3://pump --delete", Danger::Irreversible),
        ("alembic downgrade -1", Danger::Changes),
        ("kubectl rollout undo deploy/pump", Danger::Changes),
        ("some-unknown-tool --go", Danger::Changes),
        ("git log --oneline", Danger::None),
        ("psql -c 'SELECT 1'", Danger::None),
    ] {
        let plan = plan(&format!(
            "# Pump\n\n## Rollback\n\n```bash\n# Do it\n{command}\n```\n"
        ));
        let found = plan
            .procedures
            .iter()
            .flat_map(|p| &p.steps)
            .flat_map(|s| &s.actions)
            .next();
        assert_eq!(found.map(|a| a.danger), Some(danger), "{command}");
    }
    let said = plan(
        "# Pump\n\n## Rollback\n\n```sh\n# Wind it back (this cannot be undone)\npumpctl wind --back\n```\n",
    );
    assert_eq!(
        said.procedures[0].steps[0].actions[0].danger,
        Danger::Irreversible
    );
}

/// What cannot be undone wants a look at a backup before it.
#[test]
fn a_backup_is_asked_for_before_what_cannot_be_undone() {
    let without = "# Pump\n\n## Rollback\n\n```sh\nls\n\n# Empty it\ndropdb pump\n```\n";
    let with = "# Pump\n\n## Rollback\n\n```sh\n# Verify that the backup exists\nls -l /backups\n\n# Empty it\ndropdb pump\n```\n";
    let asked = |text: &str| {
        findings(text)
            .iter()
            .any(|(_, code)| code == "no-backup-check")
    };
    assert!(asked(without) && !asked(with));
}

/// Ways of going back stand beside each other with what they say of themselves; what is no part of
/// a rollback stays off the way, whatever it runs.
#[test]
fn procedures_are_picked_and_other_sections_stay_off_the_way() {
    let run = "```sh\nls\n```\n\n";
    let plan = plan(&format!(
        "# Pump\n\n## Rollback methods\n\n### Method A: Valve (2 min)\n\n**Use when:** only the valve sticks\n\n{run}### Method B: Motor (< 1 hour)\n\n**Use when:** nothing else helps\n\n{run}## Testing the rollback\n\n{run}## Preventive measures\n\n{run}## Deployment procedure\n\n{run}## Rollback scripts\n\nCreate: `tools/wind.sh`\n\n```bash\n#!/bin/bash\necho wind\n```\n"
    ));
    assert_eq!(
        told(&plan),
        [
            "P Method A: Valve (2 min) (one of) 120..120s",
            " S Valve",
            "  shell ls",
            "P Method B: Motor (< 1 hour) (one of) 0..3600s",
            " S Motor",
            "  shell ls",
            "P Testing the rollback (off)",
            " S Testing the rollback",
            "  shell ls",
            "P Preventive measures (off)",
            " S Preventive measures",
            "  shell ls",
            "P Deployment procedure (off)",
            " S Deployment procedure",
            "  shell ls",
        ]
    );
    let when: Vec<&str> = plan
        .procedures
        .iter()
        .take(2)
        .map(|p| p.use_when.as_str())
        .collect();
    assert_eq!(when, ["only the valve sticks", "nothing else helps"]);
    let files: Vec<(&str, &str)> = plan
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.code.trim_end()))
        .collect();
    assert_eq!(files, [("tools/wind.sh", "#!/bin/bash\necho wind")]);
}

/// Lists of boxes by what their headings say, in several languages; bullets below an item are its
/// notes, a fence its command; ✅ under success is something to confirm.
#[test]
fn checklists_have_their_role_notes_and_commands() {
    for (heading, role) in [
        ("Pre-rollback checklist", ChecklistRole::PreRollback),
        ("Checkpoint 2: After the motor", ChecklistRole::Checkpoint),
        ("Verification", ChecklistRole::Verification),
        ("Success criteria", ChecklistRole::Success),
        ("Follow-up", ChecklistRole::FollowUp),
        ("Voraussetzungen", ChecklistRole::PreRollback),
        ("Verificación", ChecklistRole::Verification),
        ("Critères de succès", ChecklistRole::Success),
        ("回滚后验证", ChecklistRole::Verification),
        ("事前準備", ChecklistRole::PreRollback),
        ("Проверка", ChecklistRole::Verification),
    ] {
        let plan = plan(&format!(
            "# Pump\n\n## {heading}\n\n- [ ] It turns\n  - quietly\n- [ ] It stops\n  ```sh\n  pumpctl status\n  ```\n"
        ));
        let got: Vec<_> = plan
            .checklists
            .iter()
            .map(|c| {
                let items: Vec<_> = c
                    .items
                    .iter()
                    .map(|i| {
                        let codes: Vec<&str> = i.actions.iter().map(|a| a.code.as_str()).collect();
                        (i.text.as_str(), i.details.join(";"), codes.join(";"))
                    })
                    .collect();
                (c.role, items)
            })
            .collect();
        let items = vec![
            ("It turns", "quietly".to_owned(), String::new()),
            ("It stops", String::new(), "pumpctl status".to_owned()),
        ];
        assert_eq!(got, [(role, items)], "{heading}");
    }
    let ticked = plan("# Pump\n\n## Success criteria\n\n- ✅ It turns\n- ✅ It is quiet\n");
    let texts: Vec<&str> = ticked.checklists[0]
        .items
        .iter()
        .map(|i| i.text.as_str())
        .collect();
    assert_eq!(texts, ["It turns", "It is quiet"]);
}

#[test]
fn a_part_that_says_little_is_called_by_the_heading_above_as_well() {
    let plan = plan(
        "# Rollback\n\n## Rollback by platform\n\n### Nomad\n\n```bash\nnomad job revert shop 3\n```\n\n\
         ### Fly\n\n```bash\nfly deploy --image shop:3\n```\n\n\
         ## Rollback Procedures\n\n### Frontend\n\n```bash\ngit checkout v3\n```\n\n\
         ### Roll back the database\n\n```bash\nalembic downgrade -1\n```\n\n\
         ## Post-rollback work\n\n### Within 24 hours\n\n1. Write the review\n2. Tell the owners\n",
    );
    let titles: Vec<&str> = plan.procedures.iter().map(|p| p.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Rollback by platform › Nomad",
            "Rollback by platform › Fly",
            "Frontend",
            "Roll back the database",
            "Post-rollback work › Within 24 hours",
        ]
    );
}

#[test]
fn what_is_done_before_a_deployment_is_not_done_before_a_rollback() {
    let plan = plan(
        "# Rollback\n\n## Pre-Deployment Work\n\n- [ ] The owners know\n\n1. **Keep the version**\n   ```bash\n   git rev-parse HEAD > good.txt\n   ```\n\n\
         ## Fast rollback\n\n```bash\ngit checkout $(cat good.txt)\n```\n\n\
         ## Before every deployment\n\n- [ ] Take a backup\n",
    );
    let places: Vec<(&str, bool)> = plan
        .procedures
        .iter()
        .map(|p| (p.title.as_str(), p.off_path))
        .collect();
    assert_eq!(
        places,
        [("Pre-Deployment Work", true), ("Fast rollback", false)]
    );
    let roles: Vec<_> = plan.checklists.iter().map(|c| c.role).collect();
    assert_eq!(roles, [ChecklistRole::PreRollback, ChecklistRole::Other]);
}
