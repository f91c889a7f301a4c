//! An annotation beats inference: one test for each, where inference alone would say otherwise.

use super::read;
use crate::domain::plan::{Action, ActionKind, Danger, ExpectRule, Level, Plan};

/// All actions of the procedures.
fn actions(plan: &Plan) -> Vec<&Action> {
    plan.procedures
        .iter()
        .flat_map(|p| &p.steps)
        .flat_map(|s| &s.actions)
        .collect()
}

/// A plan with one block under a procedure's heading.
fn with_block(fence: &str) -> Plan {
    read(format!("# Shop\n\n## Rollback\n\n{fence}\n").as_bytes())
}

/// The codes of the findings with their places.
fn findings(plan: &Plan) -> Vec<(u32, u32, &str)> {
    plan.diagnostics
        .iter()
        .map(|d| (d.line, d.column, d.code.as_str()))
        .collect()
}

#[test]
fn attributes_say_what_one_block_is() {
    let plan = with_block(
        "```bash { name=halt title=\"Halt it\" cwd=app timeout=1m30s interactive interpreter=\"bash -e\" expect=stopped connection=x sense }\n# Stop\nsystemctl stop shop\n\n# Start\nsystemctl start shop\n```",
    );
    let all = actions(&plan);
    assert_eq!(
        all.len(),
        1,
        "a name makes one action of a block that would be two"
    );
    let one = all[0];
    assert_eq!(one.id.as_str(), "halt");
    assert_eq!(one.title, "Halt it");
    assert_eq!(plan.procedures[0].steps[0].title, "Halt it");
    assert_eq!(one.cwd.as_deref(), Some("app"));
    assert_eq!(one.timeout_s, Some(90));
    assert!(one.interactive);
    assert_eq!(one.interpreter.as_deref(), Some("bash -e"));
    assert_eq!(one.connection.as_deref(), Some("x"));
    assert!(one.sense);
    assert_eq!(one.danger, Danger::None, "sense says that it only reads");
    assert_eq!(one.expect[0].rule, ExpectRule::Contains("stopped".into()));
}

#[test]
fn attributes_that_name_no_action_leave_the_pieces() {
    let plan = with_block(
        "```sh {\"excludeFromRunAll\":true,\"tag\":\"a\",\"category\":\"b\",\"terminalRows\":9}\n# Stop\nsystemctl stop shop\n\n# Start\nsystemctl start shop\n```",
    );
    let all = actions(&plan);
    assert_eq!(all.len(), 2);
    for one in all {
        assert!(one.opt_in);
        assert_eq!(one.attribute("tag"), Some("a"));
        assert_eq!(one.attribute("category"), Some("b"));
        assert_eq!(one.attribute("terminalRows"), Some("9"));
    }
}

#[test]
fn flags_clear_what_is_inferred() {
    let beside = |fence: &str| actions(&with_block(fence))[0].monitor;
    assert!(beside("```bash\ntail -f shop.log\n```"));
    assert!(!beside("```bash { monitor=false }\ntail -f shop.log\n```"));
    assert!(beside("```bash { background=true }\nmake serve\n```"));
    let held = |fence: &str| actions(&with_block(fence))[0].interactive;
    assert!(held("```bash\nvim shop.conf\n```"));
    assert!(!held(
        "```bash {\"interactive\":\"false\"}\nvim shop.conf\n```"
    ));
    let checks = |fence: &str| actions(&with_block(fence))[0].backup_check;
    assert!(checks("```bash { backup-check }\nls -l /srv\n```"));
    assert!(!checks(
        "```bash { backup-check=false }\n# Verify the backup exists\nls -l /srv\n```"
    ));
}

#[test]
fn danger_is_what_the_author_says() {
    let danger = |fence: &str| actions(&with_block(fence))[0].danger;
    assert_eq!(danger("```bash\nrm -rf /srv/x\n```"), Danger::Irreversible);
    assert_eq!(
        danger("```bash { danger=changes }\nrm -rf /srv/x\n```"),
        Danger::Changes
    );
    assert_eq!(
        danger("```bash { danger=irreversible }\nls\n```"),
        Danger::Irreversible
    );
    assert_eq!(danger("```bash { sense }\n./look-at-it\n```"), Danger::None);
    let plan = with_block("```bash { danger=none }\nrm -rf /srv/x\n```");
    assert_eq!(findings(&plan), [(5, 1, "danger-stated")]);
    let plan = with_block("```bash { point-of-no-return }\n./switch-over\n```");
    assert!(plan.procedures[0].steps[0].point_of_no_return);
    assert_eq!(actions(&plan)[0].danger, Danger::Irreversible);
}

#[test]
fn blocks_that_share_a_choice_exclude_each_other() {
    let plan = with_block(
        "```bash { choice=way }\n./by-tag\n```\n\n```bash { choice=way }\n./by-hash\n```\n\n```bash { choice=lonely }\n./end\n```",
    );
    let steps = &plan.procedures[0].steps;
    assert!(steps[0].choice.is_some());
    assert_eq!(steps[0].choice, steps[1].choice);
    assert_eq!(steps[2].choice, None);
    assert_eq!(findings(&plan), [(13, 1, "lonely-choice")]);
}

#[test]
fn a_block_may_be_only_to_read_or_the_output_of_the_one_before() {
    let plan = with_block("```bash { ignore }\nrm -rf /srv\n```\n\n```bash\nls\n```");
    assert_eq!(actions(&plan)[0].kind, ActionKind::Text);
    let plan = with_block("```bash\n./status\n```\n\n```bash { output }\nls\n```");
    let all = actions(&plan);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].expect[0].rule, ExpectRule::Contains("ls".into()));
}

#[test]
fn a_connection_makes_sql_of_a_block_without_a_label() {
    let plan =
        with_block("```sql\nSELECT 1;\n```\n\n``` { connection=orders }\nVACUUM orders\n```");
    let all = actions(&plan);
    assert_eq!(all[1].kind, ActionKind::Sql);
    assert_eq!(all[1].connection.as_deref(), Some("orders"));
}

#[test]
fn the_environment_is_not_asked_for_where_the_author_says_so() {
    assert_eq!(
        with_block("```bash\nping $SHOP_HOST\n```").parameters.len(),
        1
    );
    let plan = with_block("```bash { promptEnv=no }\nping $SHOP_HOST\n```");
    assert_eq!(plan.parameters, []);
}

#[test]
fn an_attribute_that_cannot_be_read_keeps_the_block_from_running() {
    let text = "# Shop\n\n## Rollback\n\n1. Stop it\n\n   ```bash { name=\"halt }\n   systemctl stop shop\n   ```\n\n2. Go\n\n   ```bash {\"timeout\":\"soon\"}\n   systemctl start shop\n   ```\n\n- [ ] Ask\n\n  ```sql {\"a\" 1}\n  DELETE FROM x;\n  ```\n";
    let plan = read(text.as_bytes());
    let runs = |a: &Action| !matches!(a.kind, ActionKind::Text | ActionKind::Manual);
    assert!(!actions(&plan).into_iter().any(runs), "{plan:#?}");
    let bad: Vec<_> = plan
        .diagnostics
        .iter()
        .filter(|d| d.code == "bad-attribute")
        .map(|d| (d.line, d.column, d.level))
        .collect();
    assert_eq!(
        bad,
        [
            (7, 19, Level::Error),
            (13, 13, Level::Error),
            (19, 15, Level::Error)
        ]
    );
}

#[test]
fn unknown_attributes_are_kept_and_noted() {
    let plan = with_block("```bash { colour=red name=look }\nls\n```");
    assert_eq!(findings(&plan), [(5, 11, "unknown-attribute")]);
    assert_eq!(actions(&plan)[0].attribute("colour"), Some("red"));
    assert_eq!(findings(&with_block("```{bash}\nls\n```")), []);
}

#[test]
fn another_programs_text_says_in_comments_what_it_should_show() {
    let plan = with_block(
        "```python { interpreter=python3 }\n# Count the orders\n# Expected: 42\nprint(42)  # returns nothing\n# should be quick\n```",
    );
    let all = actions(&plan);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].expect.len(), 1, "{:?}", all[0].expect);
    assert_eq!(all[0].expect[0].text, "42");
}
