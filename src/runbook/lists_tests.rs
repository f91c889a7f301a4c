//! What lists and numbered headings ask for: steps, ways, things to confirm, or nothing.

use super::read;
use crate::domain::plan::{ActionKind, ChecklistRole, Phase, Plan};

fn plan(text: &str) -> Plan {
    read(text.as_bytes())
}

#[test]
fn an_item_goes_on_with_its_next_line() {
    let plan = plan(
        "# S\n## Rollback\n1. Push a commit like the one of\n   last week\n1. Attach the disk that was made from the snapshot to the\n   machine. Give it the name that the ticket says, so that others find it and nobody\n   deletes it by mistake.\n",
    );
    let steps = &plan.procedures[0].steps;
    assert_eq!(steps[0].title, "Push a commit like the one of last week");
    assert_eq!(
        steps[1].title,
        "Attach the disk that was made from the snapshot to the machine"
    );
    assert!(steps[1].actions[0].code.contains("deletes it by mistake"));
}

#[test]
fn a_lead_in_broken_for_width_is_one_title() {
    let plan = plan(
        "# S\n## Rollback\n```bash\nls\n```\n\nOn your own machine, put the new file into the archive with the\nold one:\n\n```bash\ntar -xf a.tar\n```\n",
    );
    assert_eq!(
        plan.procedures[0].steps[1].title,
        "On your own machine, put the new file into the archive with the old one"
    );
}

#[test]
fn a_quotation_in_an_item_does_not_end_it() {
    let plan = plan(
        "# S\n## Rollback\n1. Stop the cluster.\n\n    On each node.\n\n    > Skip this where it does not run.\n\n    ```bash\n    systemctl stop store\n    ```\n\n1. Look.\n",
    );
    let steps = &plan.procedures[0].steps;
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0].actions.len(), 1);
    assert!(steps[0].text.contains("Skip this"));
}

#[test]
fn what_happens_by_itself_asks_for_nothing() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n./back.sh v3\n```\n\nThe script will:\n\n1. Stop the service\n2. Start the old one\n\nYou should then:\n\n1. Look at the log\n",
    );
    let steps = &plan.procedures[0].steps;
    assert_eq!(steps.len(), 2);
    assert!(steps[0].text.contains("- Start the old one"));
    assert_eq!(steps[1].title, "Look at the log");
}

#[test]
fn items_that_are_options_are_chosen_from() {
    let listed = plan(
        "# S\n## Rollback\n**Options:**\n1. Loosen the policy\n2. Put the domain on the list\n\n## Restore\n1. Restore the dump\n2. Or run the old migration\n3. Start\n",
    );
    let options = &listed.procedures[0].steps;
    assert!(options[0].choice.is_some() && options[0].choice == options[1].choice);
    let or = &listed.procedures[1].steps;
    assert!(or[0].choice.is_some() && or[0].choice == or[1].choice);
    assert!(or[2].choice.is_none());
}

#[test]
fn ticked_lines_are_to_be_confirmed_or_told() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n./back.sh\n```\n\n**Verification:**\n\n- ✅ The service answers\n- ✅ No errors\n\n### Safety\n- ✅ All orders are kept\n",
    );
    assert_eq!(plan.checklists.len(), 1);
    assert_eq!(plan.checklists[0].role, ChecklistRole::Verification);
    assert_eq!(plan.procedures.len(), 1);
    assert!(plan.unplaced.iter().any(|u| u.text.contains("orders")));
}

#[test]
fn what_has_to_hold_before_is_a_checklist_and_principles_are_not_work() {
    let plan = plan(
        "# S\n## Preconditions\nBefore you begin, verify:\n- the owner is there\n- the plan is approved\n## Rollback\n1. Go back\n## Post-rollback\n- Watch for an hour\n- Write it down\n## Rollback principles\n1. **Safety first:** nothing is lost\n2. **Speed:** it is fast\n",
    );
    let roles: Vec<ChecklistRole> = plan.checklists.iter().map(|c| c.role).collect();
    assert_eq!(roles, [ChecklistRole::PreRollback]);
    let titles: Vec<&str> = plan.procedures.iter().map(|p| p.title.as_str()).collect();
    assert_eq!(titles, ["Rollback", "Post-rollback"]);
}

#[test]
fn boxes_below_a_box_are_ticked_by_themselves() {
    let plan = plan(
        "# S\n## Verification\n- [ ] Services\n  - [ ] web\n  - [ ] worker\n- [ ] Tests pass: `go test ./...`\n",
    );
    let items = &plan.checklists[0].items;
    assert_eq!(items.len(), 4);
    assert_eq!(items[3].actions[0].code, "go test ./...");
}

#[test]
fn an_item_that_names_its_command_runs_it() {
    let plan = plan(
        "# S\n## Rollback\n1. Scale it down: `kubectl scale deploy/shop --replicas=0`\n2. The log is here: `/var/log/shop.log`\n3. Never run this: `rm -rf /srv/shop`\n4. End the sessions: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity;`\n",
    );
    let kinds: Vec<ActionKind> = plan.procedures[0]
        .steps
        .iter()
        .map(|s| s.actions[0].kind)
        .collect();
    assert_eq!(
        kinds,
        [
            ActionKind::Shell,
            ActionKind::Manual,
            ActionKind::Manual,
            ActionKind::Sql
        ]
    );
}

#[test]
fn numbered_headings_are_the_steps_of_what_stands_above() {
    let block = "```bash\nls\n```\n";
    let text = format!(
        "# S\n## Steps by hand\n### 1. Verify the state\n{block}### 2. Fail over\n{block}### 3. Restore the node\n{block}## Rollback Procedures\n### 1. Code Rollback\n{block}### 2. Data Rollback\n{block}"
    );
    let plan = plan(&text);
    let titles: Vec<&str> = plan.procedures.iter().map(|p| p.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Steps by hand", "1. Code Rollback", "2. Data Rollback"]
    );
    let steps = &plan.procedures[0].steps;
    assert_eq!(plan.procedures[0].phase, Phase::Execute);
    assert_eq!((steps.len(), steps[1].title.as_str()), (3, "Fail over"));
}

#[test]
fn sections_with_parts_of_the_same_names_keep_their_own() {
    let block = "```bash\n./back.sh\n```\n";
    let text = format!(
        "# S\n## Rollback by service\n### Mail Rollback Procedures\n#### Quick Rollback\n{block}#### Full Rollback\n{block}### Shop Rollback Procedures\n#### Quick Rollback\n{block}#### Full Rollback\n{block}"
    );
    let plan = plan(&text);
    let mail = plan.procedures.iter().find(|p| p.title.starts_with("Mail"));
    let mail = mail.expect("the service's own name");
    let ways: Vec<_> = plan
        .procedures
        .iter()
        .filter(|p| p.parent.as_ref() == Some(&mail.id))
        .collect();
    assert_eq!(ways.len(), 2);
    assert!(ways[0].choice.is_some() && ways[0].choice == ways[1].choice);
}

#[test]
fn a_bold_sentence_is_no_heading_and_no_contact() {
    let plan = plan(
        "# S\n## When to roll back\n- Orders fail\n\n**Decision:** go back or mend, based on:\n- How bad it is\n- Time to mend\n## Contacts\n**Before you start:** Keep calm and go through this document step by step!\n## Rollback\n### Scenario 1: No change\n\n**Phase 2 is not meant to change the schema.**\n\n```bash\n./look.sh\n```\n",
    );
    assert_eq!(plan.triggers.len(), 1);
    assert!(plan.contacts.is_empty());
    assert_eq!(plan.procedures.len(), 1);
    assert!(
        plan.procedures[0].steps[0]
            .title
            .starts_with("Phase 2 is not meant")
    );
}

#[test]
fn a_warning_below_all_steps_speaks_of_the_one_that_cannot_be_undone() {
    let plan = plan(
        "# P\n\n## Restore procedure\n\n1. **Load it**\n   ```bash\n   dropdb shop\n   ```\n\n2. **Start again**\n   ```bash\n   systemctl start shop\n   ```\n\n> **Warning**: this is irreversible, look at the file twice.\n",
    );
    let procedure = &plan.procedures[0];
    assert!(!procedure.steps[1].point_of_no_return);
    assert!(procedure.text.contains("look at the file twice"));
}

#[test]
fn what_a_script_does_by_itself_keeps_its_part_a_step() {
    let plan = plan(
        "# S\n## Rollback\n### Method 1: by a file\n#### 1.1 Save\n```bash\n./save.sh\n```\n#### 1.2 Run\n```bash\n./run.sh v1\n```\nThe script will do:\n1. Stop it\n2. Start it\n#### 1.3 Look\n```bash\ncurl host/health\n```\n### Method 2: by hand\n#### 2.1 Stop\n```bash\nsystemctl stop shop\n```\n#### 2.2 Start\n```bash\nsystemctl start shop\n```\n",
    );
    let got: Vec<(&str, usize)> = plan
        .procedures
        .iter()
        .map(|p| (p.title.as_str(), p.steps.len()))
        .collect();
    assert_eq!(got, [("Method 1: by a file", 3), ("Method 2: by hand", 2)]);
}
