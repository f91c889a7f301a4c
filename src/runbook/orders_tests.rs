//! Work that stands in sentences and under bold lines, and what looks like work and is none.

use super::read;
use crate::domain::plan::{Action, ActionKind, Danger, Plan};

fn plan(text: &str) -> Plan {
    read(text.as_bytes())
}

fn actions(plan: &Plan) -> Vec<&Action> {
    let steps = plan.procedures.iter().flat_map(|p| &p.steps);
    steps.flat_map(|s| &s.actions).collect()
}

fn titles(plan: &Plan) -> Vec<&str> {
    let steps = plan.procedures.iter().flat_map(|p| &p.steps);
    steps.map(|s| s.title.as_str()).collect()
}

#[test]
fn a_sentence_that_orders_a_command_is_run_by_the_operator() {
    let plan = plan(
        "# Till\n\n## Rollback\n\nRun `helm rollback till 3`.\n\n1. Execute `terraform destroy -auto-approve`\n2. Do not run `git push --force`\n3. Run `systemctl stop till` on each server\n",
    );
    let told: Vec<_> = actions(&plan).iter().map(|a| (a.kind, a.danger)).collect();
    assert_eq!(
        told,
        [
            (ActionKind::Shell, Danger::Changes),
            (ActionKind::Shell, Danger::Irreversible),
            (ActionKind::Manual, Danger::None),
            (ActionKind::Manual, Danger::None),
        ]
    );
}

#[test]
fn a_sentence_above_its_block_is_not_run_beside_it() {
    let plan = plan(
        "# Till\n\n## Rollback\n\nRun `./back.sh` to go back.\n\n```bash\n./back.sh --to 3\n```\n",
    );
    let code: Vec<_> = actions(&plan).iter().map(|a| a.code.as_str()).collect();
    assert_eq!(code, ["./back.sh --to 3"]);
}

#[test]
fn what_is_forbidden_is_never_an_action() {
    let plan = plan(
        "# Till\n\n## Rollback\n\n### Step 1: Stop\n\n```bash\nsystemctl stop till\n```\n\n**Do not:**\n\n- Run `git push --force`\n\n## Never do this during a rollback\n\n1. Run `terraform destroy -auto-approve`\n",
    );
    assert_eq!(actions(&plan).len(), 1);
    assert!(
        plan.procedures[0].steps[0]
            .text
            .contains("git push --force")
    );
    assert!(plan.unplaced.iter().any(|u| u.text.contains("destroy")));
}

#[test]
fn numbered_bold_lines_are_steps_also_where_they_only_tell() {
    let plan = plan(
        "# Till\n\n## Rollback\n\n**2.1. Look at the schema**\n\nCan the new one stay?\n\n**Keep it if:**\n\n- nothing was dropped\n\n**2.2. Put it back**\n\n```bash\nmake schema-back\n```\n\n**2.3. See the dashboards**\n\nEverything is green.\n",
    );
    assert_eq!(
        titles(&plan),
        ["Look at the schema", "Put it back", "See the dashboards"]
    );
    let all = actions(&plan);
    assert!(all[0].code.contains("Can the new one stay?") && all[0].code.contains("nothing was"));
    assert_eq!(all[1].kind, ActionKind::Shell);
    assert_eq!(all[2].code, "Everything is green.");
}

#[test]
fn what_a_command_does_by_itself_is_told_beside_it() {
    let plan = plan(
        "# Till\n\n## Rollback\n\n```bash\n# Go back\nmake back\n\n# This will:\n# 1. Stop the till\n# 2. Start the old one\n```\n",
    );
    let all = actions(&plan);
    assert_eq!(all.len(), 1);
    assert!(
        all[0].code.ends_with("# 2. Start the old one"),
        "{}",
        all[0].code
    );
}

#[test]
fn parts_that_look_first_are_one_rollback() {
    let plan = plan(
        "# Till\n\n## Database Rollback\n\n### Check what was migrated\n\n```bash\nmake db-version\n```\n\n### Revert the database\n\n```bash\nmake db-rollback\n```\n",
    );
    let parents: Vec<_> = plan.procedures.iter().map(|p| p.parent.is_some()).collect();
    assert_eq!(parents, [false, true, true]);
}

#[test]
fn a_measure_is_no_contact_and_a_form_no_fact() {
    let plan = plan(
        "# Till\n\n**Signed by:** ________ **Date:** ____\n\n## Escalation\n\n1. **Escalate to Ada** (pager)\n2. **Restore from the backup** (last resort)\n",
    );
    let roles: Vec<_> = plan.contacts.iter().map(|c| c.role.as_str()).collect();
    assert_eq!(roles, ["Escalate to Ada"]);
    assert!(plan.facts.is_empty());
}
