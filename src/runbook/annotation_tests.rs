//! An annotation beats inference: one test for each, where inference alone would say otherwise.

use super::read;
use crate::domain::plan::{
    Action, ActionKind, ChecklistRole, Danger, ExpectRule, Level, Phase, Plan, TemplateKind,
};

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

// ---- comments -------------------------------------------------------------------------------

fn plan(text: &str) -> Plan {
    read(text.as_bytes())
}

#[test]
fn ignore_leaves_a_block_an_item_or_a_section_text() {
    let text = "# Shop\n\n## Rollback\n\nGo:\n\n<!-- backout: ignore -->\n```bash\nmake bad\n```\n\n1. Stop it\n2. <!-- backout: ignore --> Forget it\n3. Go on\n\n   <!-- backout: ignore -->\n   ```bash\n   make worse\n   ```\n\n## Recovery\n<!-- backout: ignore -->\n\n```bash\nmake worst\n```\n\n### Part\n\n1. Stop it all\n";
    let plan = plan(text);
    let steps = &plan.procedures[0].steps;
    let titles: Vec<&str> = steps.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Stop it", "Go on"]);
    assert!(actions(&plan).iter().all(|a| a.kind == ActionKind::Manual));
    let left: Vec<u32> = plan.unplaced.iter().map(|u| u.span.first).collect();
    assert_eq!(left, [8, 13, 17, 24, 30]);
    assert_eq!(findings(&plan), []);
}

#[test]
fn text_and_run_say_what_a_fence_is() {
    let runs = |text: &str| {
        actions(&plan(&format!(
            "# S\n\n## Rollback\n\n```bash\nls\n```\n\n{text}\n"
        )))
        .iter()
        .filter(|a| a.kind == ActionKind::Shell)
        .count()
    };
    assert_eq!(runs("```bash\nmake\n```"), 2);
    assert_eq!(runs("<!-- backout: text -->\n```bash\nmake\n```"), 1);
    assert_eq!(runs("```\nfrobnicate the shop\n```"), 1);
    assert_eq!(
        runs("<!-- backout: run -->\n```\nfrobnicate the shop\n```"),
        2
    );
    assert_eq!(
        runs("- Do:\n  <!-- backout: run -->\n  ```\n  frobnicate the shop\n  ```"),
        2
    );
    let wrong = plan("# S\n\n## Rollback\n\n<!-- backout: run -->\n```python\nx = 1\n```\n");
    assert_eq!(findings(&wrong), [(5, 6, "misplaced-annotation")]);
}

#[test]
fn expect_beats_what_the_block_says() {
    let plan = plan(
        "# S\n\n## Rollback\n\n1. Look\n\n   ```bash\n   systemctl is-active shop\n   # Expected: inactive\n   ```\n   <!-- backout: expect \"active (running)\" -->\n   <!-- backout: expect /^act/ -->\n\n2. Next\n\n   ```bash\n   ./version\n   ```\n\n   <!-- expected_similarity=\"v1\\.\\d\" -->\n   ```bash\n   git describe\n   ```\n",
    );
    let rules: Vec<Vec<ExpectRule>> = actions(&plan)
        .iter()
        .map(|a| a.expect.iter().map(|e| e.rule.clone()).collect())
        .collect();
    assert_eq!(
        rules,
        [
            vec![
                ExpectRule::Contains("active (running)".into()),
                ExpectRule::Regex("^act".into())
            ],
            vec![ExpectRule::Regex("v1\\.\\d".into())],
        ]
    );
    let alone = read(b"# S\n\n## Rollback\n\n<!-- backout: expect \"x\" -->\n\n1. Go\n");
    assert_eq!(findings(&alone), [(5, 6, "misplaced-annotation")]);
}

#[test]
fn a_section_is_a_procedure_where_its_author_says_so() {
    let bullets = "- Call Ana\n- Wait\n";
    let text = |said: &str| format!("# S\n\n## Musings\n{said}\n\n{bullets}");
    assert_eq!(plan(&text("")).procedures, []);
    let plan = plan(&text(
        "<!-- backout: procedure phase=verify off-path choice=a estimate=5m-10m use-when=\"all else fails\" -->",
    ));
    let one = &plan.procedures[0];
    assert_eq!((one.phase, one.off_path), (Phase::Verify, true));
    assert_eq!(one.use_when, "all else fails");
    assert_eq!(one.estimate.map(|e| (e.low_s, e.high_s)), Some((300, 600)));
    assert_eq!(one.steps[0].actions.len(), 2);
    assert_eq!(findings(&plan), [(3, 1, "lonely-choice")]);
}

#[test]
fn what_is_off_the_path_comes_onto_it() {
    let text = |said: &str| format!("# S\n\n## Drill {said}\n\n```bash\nls\n```\n");
    assert!(plan(&text("")).procedures[0].off_path);
    assert!(!plan(&text("<!-- backout: procedure phase=execute -->")).procedures[0].off_path);
    assert!(!plan(&text("<!-- backout: procedure off-path=false -->")).procedures[0].off_path);
}

#[test]
fn procedures_and_steps_exclude_each_other_by_name() {
    let plan = plan(
        "# S\n\n## Rollback\n\n### By tag\n<!-- backout: procedure choice=way -->\n\n```bash\nls\n```\n\n### By hash\n<!-- backout: procedure choice=way -->\n\n```bash\npwd\n```\n",
    );
    assert!(plan.procedures[0].choice.is_some());
    assert_eq!(plan.procedures[0].choice, plan.procedures[1].choice);
}

#[test]
fn a_section_or_an_item_is_a_step() {
    let plan = plan(
        "# S\n\n## Rollback\n\n### Look around\n<!-- backout: step estimate=3m -->\n\n```bash\nls\n```\n\n### Switch\n<!-- backout: step point-of-no-return choice=a -->\n\n```bash\n./switch\n```\n\n### Or so\n<!-- backout: step choice=a -->\n\n```bash\n./other\n```\n",
    );
    assert_eq!(plan.procedures.len(), 1);
    let steps = &plan.procedures[0].steps;
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[0].estimate.map(|e| e.high_s), Some(180));
    assert!(steps[1].point_of_no_return);
    assert!(steps[1].choice.is_some() && steps[1].choice == steps[2].choice);
    let items = read(
        b"# S\n\n## Rollback\n\n- Stop it <!-- backout: step estimate=90s -->\n- <!-- backout: step point-of-no-return --> Switch\n",
    );
    let steps = &items.procedures[0].steps;
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0].title, "Stop it");
    assert_eq!(steps[0].estimate.map(|e| e.high_s), Some(90));
    assert_eq!(
        (steps[1].title.as_str(), steps[1].point_of_no_return),
        ("Switch", true)
    );
}

#[test]
fn choose_one_of_items_or_of_sections() {
    let list = "1. By tag\n\n   ```bash\n   ./tag\n   ./push\n   ```\n\n2. By hash\n\n   ```bash\n   ./hash\n   ```\n";
    let plan = plan(&format!(
        "# S\n\n## Rollback\n\nText.\n\n<!-- backout: choose-one -->\n{list}"
    ));
    let steps = &plan.procedures[0].steps;
    assert!(steps[0].choice.is_some() && steps[0].choice == steps[1].choice);
    let bullets = read(b"# S\n\n## Rollback\n\n1. Do one of:\n   <!-- backout: choose-one -->\n   - Call Ana\n   - Call Bo\n");
    let all = actions(&bullets);
    let chosen: Vec<_> = all.iter().filter(|a| a.choice.is_some()).collect();
    assert_eq!(chosen.len(), 2, "{all:#?}");
    let parts = read(b"# S\n\n## Rollback\n<!-- backout: choose-one -->\n\n### Here\n\n```bash\nls\n```\n\n### There\n\n```bash\npwd\n```\n");
    assert!(parts.procedures[0].choice.is_some());
    assert_eq!(parts.procedures[0].choice, parts.procedures[1].choice);
}

#[test]
fn lists_are_what_a_comment_says() {
    let list = "- The shop sells\n- The till rings\n";
    let text = |said: &str| {
        format!("# S\n\n## Musings\n\nSome words.\n\n<!-- backout: {said} -->\n{list}")
    };
    let two = plan(&text("checkpoint 2 after=30m"));
    assert_eq!(two.checklists[0].role, ChecklistRole::Checkpoint);
    assert_eq!(two.checklists[0].checkpoint, Some(2));
    assert_eq!(two.checklists[0].due_after_s, Some(1800));
    let after = plan(&text("checklist role=follow_up after=24h"));
    assert_eq!(after.checklists[0].role, ChecklistRole::FollowUp);
    let level = plan(&text("trigger severity=CRITICAL"));
    assert_eq!(level.severities[0].name, "CRITICAL");
    assert_eq!(level.severities[0].triggers.len(), 2);
    assert_eq!(plan(&text("contacts")).contacts.len(), 2);
    assert_eq!(plan(&text("approvals")).approvals.len(), 2);
    assert_eq!(plan(&text("targets")).targets.len(), 2);
    assert_eq!(
        findings(&plan(&text("objectives"))),
        [(8, 1, "not-as-declared")]
    );
    let none = plan(&format!("# S\n\n## Musings\n\n{list}"));
    assert_eq!(none.unplaced.len(), 1);
}

#[test]
fn tables_are_what_a_comment_says() {
    let table = "| A | B | C |\n|---|---|---|\n| RTO | 5 min | x |\n";
    let text = |said: &str| format!("# S\n\n## Musings\n\n<!-- backout: {said} -->\n\n{table}");
    assert_eq!(plan(&text("targets")).targets[0].target, "5 min");
    assert_eq!(plan(&text("contacts")).contacts[0].contact, "5 min · x");
    assert_eq!(plan(&text("approvals")).approvals[0].who, "5 min");
    assert_eq!(plan(&text("objectives")).objectives[0].within_s, 300);
}

#[test]
fn a_nested_list_asks_questions() {
    let plan = plan(
        "# S\n\n## Musings\n\n<!-- backout: questions -->\n- Is it down?\n  - Yes: go back\n  - No:\n    - Is it slow?\n      - Yes: add a node\n      - No: watch\n",
    );
    let got: Vec<_> = plan
        .questions
        .iter()
        .map(|q| {
            (
                q.ask.as_str(),
                q.yes.outcome.as_deref(),
                q.no.outcome.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        got,
        [
            ("Is it down?", Some("go back"), None),
            ("Is it slow?", Some("add a node"), Some("watch"))
        ]
    );
    assert_eq!(
        plan.questions[0].no.next,
        Some(plan.questions[1].id.clone())
    );
}

#[test]
fn fences_are_what_a_comment_says() {
    let text = |said: &str| {
        format!("# S\n\n## Rollback\n\n<!-- backout: {said} -->\n```bash\nls NAME\n```\n")
    };
    let mail = plan(&text("template kind=message moment=during every=15m"));
    assert_eq!(mail.templates[0].kind, TemplateKind::Message);
    assert_eq!(mail.templates[0].moment, "during");
    assert_eq!(mail.templates[0].every_s, Some(900));
    assert_eq!(mail.procedures, []);
    let file = plan(&text("file path=bin/look.sh"));
    assert_eq!(file.files[0].path, "bin/look.sh");
    assert_eq!(file.procedures, []);
}

#[test]
fn comments_that_mean_nothing_are_reported_where_they_stand() {
    let plan = plan(
        "# S\n\n## Rollback\n\n> <!-- backout: dance -->\n\n1. Go\n\n   <!--\n   backout: checkpoint two\n   -->\n\nWords <!-- backout: procedure phase=later --> more.\n\n<!-- a --> <!-- backout: file -->\n\nEnd <!-- backout: trigger severity=HIGH -->\n",
    );
    assert_eq!(
        findings(&plan),
        [
            (5, 17, "unknown-annotation"),
            (10, 24, "bad-annotation"),
            (13, 12, "misplaced-annotation"),
            (15, 26, "bad-annotation"),
            (17, 10, "misplaced-annotation"),
        ]
    );
}
