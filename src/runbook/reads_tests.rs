//! What an operator needs to find in a plan, told by small plans of the kinds that people write.

use super::read;
use crate::domain::plan::{
    Action, ActionKind, ChecklistRole, Danger, ExpectRule, Phase, Plan, Procedure, TemplateKind,
};

pub(super) fn plan(text: &str) -> Plan {
    read(text.as_bytes())
}

/// Procedures, their steps and actions, one a line: `shell 5-7 first line|second line`.
pub(super) fn shape(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for procedure in &plan.procedures {
        lines.push(procedure.title.clone());
        for step in &procedure.steps {
            lines.push(format!("  {}", step.title));
            for action in &step.actions {
                let kind = format!("{:?}", action.kind).to_lowercase();
                let span = action.span;
                let code = action.code.replace('\n', "|");
                lines.push(format!("    {kind} {}-{} {code}", span.first, span.last));
            }
        }
    }
    lines
}

fn procedure<'a>(plan: &'a Plan, title: &str) -> &'a Procedure {
    let found = plan.procedures.iter().find(|p| p.title.contains(title));
    found.unwrap_or_else(|| {
        panic!(
            "no procedure {title} among {:?}",
            plan.procedures.iter().map(|p| &p.title).collect::<Vec<_>>()
        )
    })
}

pub(super) fn actions(plan: &Plan) -> Vec<&Action> {
    plan.procedures
        .iter()
        .flat_map(|p| &p.steps)
        .flat_map(|s| &s.actions)
        .collect()
}

#[test]
fn sections_have_their_place_in_the_flight() {
    let block = "```bash\nls\n```\n";
    let text = format!(
        "# Shop\n## Information to gather\n{block}## Rollback procedures\n### Code\n{block}## Post-rollback verification\n### Look\n{block}## Follow-up actions\n{block}## Rollback drill\n{block}## Quick reference\n{block}## Redeploy\n{block}"
    );
    let plan = plan(&text);
    let got: Vec<(&str, Phase, bool)> = plan
        .procedures
        .iter()
        .map(|p| (p.title.as_str(), p.phase, p.off_path))
        .collect();
    assert_eq!(
        got,
        [
            ("Information to gather", Phase::Prepare, false),
            ("Code", Phase::Execute, false),
            ("Post-rollback verification › Look", Phase::Verify, false),
            ("Follow-up actions", Phase::Close, false),
            ("Rollback drill", Phase::Execute, true),
            ("Quick reference", Phase::Execute, true),
            ("Redeploy", Phase::Execute, true),
        ]
    );
}

#[test]
fn options_exclude_each_other_and_parts_do_not() {
    let plan = plan(
        "# S\n## Rollback\n### Option A: Fast\n```bash\nls\n```\n### Option B: Slow\n#### Immediate\n1. Stop it\n#### Recovery\n1. Start it\n",
    );
    let (a, b) = (procedure(&plan, "Option A"), procedure(&plan, "Option B"));
    assert!(a.choice.is_some() && a.choice == b.choice);
    let parts: Vec<_> = plan
        .procedures
        .iter()
        .filter(|p| p.parent.as_ref() == Some(&b.id))
        .collect();
    assert_eq!(parts.len(), 2);
    assert!(parts.iter().all(|p| p.choice.is_none()));
}

#[test]
fn numbered_comments_are_steps_only_where_there_are_no_others() {
    let block = "```bash\n# 1. One\nls\n\n# 2. Two\npwd\n```\n";
    let alone = plan(&format!("# S\n## Rollback\n{block}"));
    assert_eq!(procedure(&alone, "Rollback").steps.len(), 2);
    let headed = plan(&format!(
        "# S\n## Rollback\n### Step 1: All of it (3 minutes)\n{block}"
    ));
    let steps = &procedure(&headed, "Rollback").steps;
    assert_eq!(
        (steps.len(), steps[0].actions.len(), steps[0].title.as_str()),
        (1, 2, "All of it")
    );
    assert_eq!(steps[0].estimate.map(|e| e.high_s), Some(180));
}

#[test]
fn other_ways_share_a_choice_and_never_run_by_themselves() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# 1. Restart\npm2 restart all\n# Or: systemctl restart shop\n\n# 2. Clear\nredis-cli FLUSHALL\n\n# Or only some keys\nredis-cli DEL a\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got.len(), 4);
    assert!(got[0].choice.is_some() && got[0].choice == got[1].choice);
    assert!(got[1].opt_in && got[1].code == "systemctl restart shop");
    assert!(got[2].choice.is_some() && got[2].choice == got[3].choice);
    assert_ne!(got[0].choice, got[2].choice);
    assert_eq!(got[2].danger, Danger::Irreversible);
}

#[test]
fn an_alternative_block_never_joins_a_run() {
    let plan = plan(
        "# S\n## Rollback\n### Step 1: Database\n```bash\n# 1. Look\ngit log\n\n# 2. Back\nnpx prisma migrate resolve --rolled-back x\n```\n\n**Alternative: Full restore (if all is lost)**\n\n```bash\n# 1. Drop\ndropdb shop\n\n# 2. Restore\npg_restore -d shop x.dump\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(procedure(&plan, "Rollback").steps.len(), 1);
    assert!(
        got[1].choice.is_some() && got[1].choice == got[2].choice,
        "what changes things is what the alternative replaces"
    );
    assert_eq!(got[0].choice, None, "looking is done either way");
    assert!(
        got[3].choice == got[2].choice,
        "the whole block is the other way"
    );
    assert_eq!(got[3].option(), &got[2].id);
    assert_eq!(got[1].option(), &got[1].id);
}

#[test]
fn one_of_several_places_inside_a_step_is_chosen() {
    let plan = plan(
        "# S\n## Rollback\n### Step 1: Stop\n#### If using Docker:\n```bash\ndocker compose down\n```\n#### If using PM2:\n```bash\npm2 stop all\npm2 save\n```\n### Step 2: Find\n**Option A: by tag**\n```bash\ngit tag -l\n```\n**Option B: by commit**\n```bash\n# Look\ngit log\n\n# Note it\ngit show\n```\n",
    );
    let steps = &procedure(&plan, "Rollback").steps;
    assert_eq!(steps.len(), 2);
    // Each action: whether it is part of a choice, and whether it heads its option.
    let chosen: Vec<Vec<(bool, bool)>> = steps
        .iter()
        .map(|s| {
            s.actions
                .iter()
                .map(|a| (a.choice.is_some(), a.branch.is_none()))
                .collect()
        })
        .collect();
    assert_eq!(
        chosen,
        [
            vec![(true, true), (true, true)],
            vec![(true, true), (true, true), (true, false)]
        ]
    );
    assert_eq!(steps[1].actions[2].option(), &steps[1].actions[1].id);
    assert_ne!(steps[0].actions[0].choice, steps[1].actions[0].choice);
}

#[test]
fn an_option_goes_as_far_as_the_next_one_and_what_follows_the_last_is_for_all() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# Option A: by tag\ngit checkout v1\n# note it\ngit log -1\n\n# Option B: by copy\ncp -r /srv/old /srv/app\n# own it\nchown -R app /srv/app\n# Look\nls /srv/app\n```\n",
    );
    let got = actions(&plan);
    let options: Vec<Option<&str>> = got
        .iter()
        .map(|a| a.choice.as_ref().map(|_| a.option().as_str()))
        .collect();
    assert_eq!(got.len(), 5);
    assert_eq!(options[0], Some(got[0].id.as_str()));
    assert_eq!(options[1], options[0]);
    assert_eq!(options[2], Some(got[2].id.as_str()));
    assert_eq!(options[3], options[2]);
    assert_eq!(options[4], None);
}

#[test]
fn what_was_commented_out_or_only_said_is_not_run() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# Tell the team\n# Wait for an answer\n```\n```sql\n-- Look\nSELECT 1 FROM shop;\n-- If there are any:\n-- DELETE FROM shop WHERE id = 7;\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got[0].kind, ActionKind::Manual);
    assert_eq!(
        (got[1].kind, got[1].opt_in, got[1].danger),
        (ActionKind::Sql, false, Danger::None)
    );
    assert_eq!((got[2].kind, got[2].opt_in), (ActionKind::Sql, true));
    assert!(got[2].code.starts_with("DELETE"));
}

#[test]
fn a_program_that_is_fed_lines_is_one_action() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# 1. Look inside\npsql $DATABASE_URL\n\n-- what is there\n\\dt shop\nSELECT 1;\n\n# 2. Leave\npwd\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got.len(), 2);
    assert!(got[0].code.contains("\\dt shop") && got[0].code.contains("SELECT 1;"));
    assert_eq!(got[1].code, "pwd");
}

#[test]
fn expectations_belong_to_the_nearest_command() {
    let plan = plan(
        "# S\n## Rollback\n```bash\ncurl localhost/a\n# Expected: {\"up\":true}\n\ncurl -i localhost/b\n# Expected: 200 OK\n```\n\n**Expected:** the page looks as before\n\n```bash\nsystemctl is-active shop\n```\n\nExpected output:\n\n```\nactive\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(
        got[0].expect[0].rule,
        ExpectRule::JsonSubset("{\"up\":true}".into())
    );
    assert_eq!(got[1].expect[0].rule, ExpectRule::HttpStatus(200));
    assert_eq!(got[1].expect[1].rule, ExpectRule::Person);
    assert_eq!(got[2].expect[0].rule, ExpectRule::Contains("active".into()));
    assert_eq!(got.len(), 3, "the sample is no action");
}

#[test]
fn a_point_of_no_return_and_a_backup_check_are_seen() {
    let plan = plan(
        "# S\n## Rollback\n### Step 1: Migrate back\n\n**CRITICAL:** this is irreversible.\n\n```bash\n# 1. Verify backup exists\nls -l /backups\n\n# 2. Go back\nmigrate-tool down\n```\n",
    );
    let step = &procedure(&plan, "Rollback").steps[0];
    assert!(step.point_of_no_return);
    assert!(step.actions[0].backup_check && !step.actions[1].backup_check);
    assert_eq!(step.actions[0].danger, Danger::None);
    assert_eq!(step.actions[1].danger, Danger::Irreversible);
}

#[test]
fn references_to_procedures_are_includes() {
    let plan = plan(
        "# S\n## Rollback\n### Option 1: Data only\n```bash\nls\n```\n### Option 2: All\n1. **Data**\n   - Follow \"Option 1: Data only\" steps\n   - Tell somebody\n2. See [the data](#option-1-data-only)\n",
    );
    let kinds: Vec<ActionKind> = procedure(&plan, "Option 2")
        .steps
        .iter()
        .flat_map(|s| &s.actions)
        .map(|a| a.kind)
        .collect();
    assert_eq!(
        kinds,
        [ActionKind::Include, ActionKind::Manual, ActionKind::Include]
    );
    let target = &procedure(&plan, "Option 1").id;
    assert!(
        actions(&plan)
            .iter()
            .filter(|a| a.kind == ActionKind::Include)
            .all(|a| a.target.as_ref() == Some(target))
    );
    assert!(actions(&plan).iter().all(|a| !a.code.contains('\u{1}')));
}

#[test]
fn checkpoints_have_their_place_and_time() {
    let plan = plan(
        "# S\n## Checkpoints\n### Checkpoint 1: Before the start\n- [ ] a\n### Checkpoint 2: After the code\n- [ ] b\n### Checkpoint 3: 30 Minutes After Rollback\n- [ ] c\n<!-- backout: checkpoint 4 after=24h -->\n- [ ] d\n",
    );
    let got: Vec<_> = plan
        .checklists
        .iter()
        .map(|c| (c.role, c.checkpoint, c.place.as_deref(), c.due_after_s))
        .collect();
    assert_eq!(
        got[..3],
        [
            (
                ChecklistRole::Checkpoint,
                Some(1),
                Some("Before the start"),
                None
            ),
            (
                ChecklistRole::Checkpoint,
                Some(2),
                Some("After the code"),
                None
            ),
            (
                ChecklistRole::Checkpoint,
                Some(3),
                Some("30 Minutes After Rollback"),
                Some(1800)
            ),
        ]
    );
    assert_eq!((got[3].1, got[3].3), (Some(4), Some(86_400)));
}

#[test]
fn levels_come_from_lists_and_tables_with_their_deadlines() {
    let lists = plan(
        "# S\n## When to roll back\n**HIGH Issues (within 1 hour):**\n- slow\n- > 5% errors\n\n**CRITICAL Issues (at once):**\n- down\n",
    );
    let got: Vec<_> = lists
        .severities
        .iter()
        .map(|s| (s.name.as_str(), s.within_s, s.triggers.len()))
        .collect();
    assert_eq!(
        got,
        [("CRITICAL", None, 1), ("HIGH", Some(3600), 2)],
        "most severe first"
    );
    let table = plan(
        "# S\n## Decision matrix\n| Issue | Severity | Action |\n|--|--|--|\n| Down | P0 | roll back |\n| Lost data | P0 | roll back |\n| Ugly | P3 | wait |\n",
    );
    let got: Vec<_> = table
        .severities
        .iter()
        .map(|s| (s.name.as_str(), s.triggers.len()))
        .collect();
    assert_eq!(got, [("P0", 2), ("P3", 1)]);
    assert_eq!(
        table
            .decision_matrix
            .map(|m| (m.columns.len(), m.rows.len())),
        Some((3, 3))
    );
}

#[test]
fn templates_keep_their_text_and_know_their_blanks() {
    let plan = plan(
        "# S\n## Incident log\n```\nStarted: ____\nBy: ____\nLevel: [ ] A  [ ] B\nWhy: ____\n```\n## Communication\n**During the rollback:**\n```\nSubject: [UPDATE] shop\nWe are at [X]%. Updates every 15 minutes.\n```\n",
    );
    let log = &plan.templates[0];
    assert_eq!((log.kind, log.fields.len()), (TemplateKind::IncidentLog, 4));
    assert_eq!(log.fields[2].choices.len(), 2);
    let message = &plan.templates[1];
    assert_eq!(
        (message.kind, message.moment.as_str(), message.every_s),
        (TemplateKind::Message, "during", Some(900))
    );
}

#[test]
fn annotations_beat_inference() {
    let plan = plan(
        "---\ntitle: no\nbackout:\n  title: The shop\n  environment: production\n  parameters:\n    host: {default: shop-1, pattern: 'shop-\\d', help: which, secret: true}\n---\n# S\n## Rollback\n```bash {\"name\":\"stop-it\",\"timeout\":\"2m\",\"cwd\":\"/srv\",\"expect\":\"stopped\"}\nstop <host>\n```\n```python { interpreter=python3 excludeFromRunAll=true dance=1 }\nprint(1)\n```\n<!-- backout: ignore -->\n```bash\nrm -rf /\n```\n",
    );
    assert_eq!(
        (plan.title.as_str(), plan.environment.as_deref()),
        ("The shop", Some("production"))
    );
    let got = actions(&plan);
    assert_eq!(got.len(), 2);
    assert_eq!(
        (got[0].id.as_str(), got[0].timeout_s, got[0].cwd.as_deref()),
        ("stop-it", Some(120), Some("/srv"))
    );
    assert_eq!(
        got[0].expect[0].rule,
        ExpectRule::Contains("stopped".into())
    );
    assert_eq!(
        (got[1].kind, got[1].interpreter.as_deref(), got[1].opt_in),
        (ActionKind::Shell, Some("python3"), true)
    );
    let host = plan
        .parameters
        .iter()
        .find(|p| p.name.as_str() == "host")
        .expect("the parameter");
    assert_eq!(
        (
            host.default.as_deref(),
            host.secret,
            host.pattern.as_deref()
        ),
        (Some("shop-1"), true, Some("shop-\\d"))
    );
    assert!(plan.unplaced.iter().any(|u| u.text.contains("rm -rf /")));
    assert!(
        plan.diagnostics
            .iter()
            .any(|d| d.code == "unknown-attribute")
    );
}

#[test]
fn a_block_that_is_never_closed_cannot_be_run() {
    let plan = plan("# S\n## Rollback\n```bash\nrm -rf /srv/shop\n\n## Later\nText\n");
    assert!(
        actions(&plan).iter().all(|a| a.kind == ActionKind::Text),
        "{:?}",
        actions(&plan)
    );
}

#[test]
fn plans_in_other_languages_are_understood() {
    let spanish = plan(
        "# Plan\n## Cuándo revertir\n- Caída total\n## Pasos de reversión\n### Paso 1: Parar (5 minutos)\n```bash\nsystemctl stop tienda\n```\n## Verificación\n- [ ] Responde\n",
    );
    assert_eq!(
        (
            spanish.triggers.len(),
            spanish.procedures.len(),
            spanish.checklists[0].role
        ),
        (1, 1, ChecklistRole::Verification)
    );
    assert_eq!(
        spanish.procedures[0].steps[0].estimate.map(|e| e.low_s),
        Some(300)
    );
    let chinese = plan(
        "# 计划\n## 回滚步骤\n### 方案一：代码\n```bash\ngit checkout v1\n```\n### 方案二：数据\n```bash\nls\n```\n## 回滚后验证\n- [ ] 正常\n",
    );
    assert!(chinese.procedures.len() == 2 && chinese.procedures[0].choice.is_some());
    assert_eq!(chinese.checklists[0].role, ChecklistRole::Verification);
}

#[test]
fn a_message_is_known_by_its_place_and_its_moment_by_its_name() {
    let plan = plan(
        "# Shop\n## Communication\n### Rollback started\n```text\nIN PROGRESS: back to [version]\n```\n### Rollback complete\n```text\nThe shop is at [version] again\n```\n## Rollback complete\n- [ ] Orders work\n",
    );
    let told: Vec<(&str, &str)> = plan
        .templates
        .iter()
        .map(|t| (t.title.as_str(), t.moment.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("Rollback started", "before"),
            ("Rollback complete", "after")
        ]
    );
    assert_eq!(plan.checklists.len(), 1);
}

#[test]
fn a_copy_taken_in_a_step_without_return_can_be_taken_again() {
    let plan = plan(
        "# Shop\n## Rollback\n1. **Drop the orders**\n\n   This is irreversible.\n\n   ```bash\n   # Take a backup of them\n   pg_dump shop -t orders -f orders.dump\n\n   # Restore the backup of yesterday\n   psql shop -f yesterday.sql\n   ```\n",
    );
    let got: Vec<Danger> = actions(&plan).iter().map(|a| a.danger).collect();
    assert_eq!(got, [Danger::Changes, Danger::Irreversible]);
}

#[test]
fn when_to_use_a_procedure_may_take_two_lines() {
    let plan = plan(
        "# Shop\n## Rollback\n### Quick\n**Use when:** orders fail, and the till\nis still up\n**Risk:** low\n\n```bash\ngit checkout v1\n```\n",
    );
    let quick = procedure(&plan, "Quick");
    assert_eq!(quick.use_when, "orders fail, and the till is still up");
    assert_eq!(quick.text, "Risk: low");
}

#[test]
fn a_plan_in_traditional_chinese_is_read_as_one_in_simplified() {
    let plan = crate::runbook::read(
        "# 茶行回滾計畫\n\n## 決策\n\n| 嚴重度 | 症狀 | 動作 | 時限 |\n|---|---|---|---|\n\
         | P0 | 網站打不開 | 立即回滾 | 15 分鐘內 |\n| P2 | 報表太慢 | 先修復 | 2 小時內 |\n\n\
         ## 回滾步驟\n\n### 步驟 1：停止服務\n\n```bash\nsystemctl stop tea\n```\n\n\
         ### 步驟 2：還原資料庫\n\n```bash\npsql tea < /srv/tea.sql\n```\n\n\
         ## 驗證檢查\n\n- [ ] 網站可以打開\n"
            .as_bytes(),
    );
    let levels: Vec<_> = plan.severities.iter().map(|s| s.within_s).collect();
    assert_eq!(levels, [Some(900), Some(7200)], "{:?}", plan.severities);
    assert_eq!(plan.severities[0].triggers[0].text, "網站打不開");
    let steps: Vec<_> = plan.procedures[0]
        .steps
        .iter()
        .map(|s| s.title.clone())
        .collect();
    assert_eq!(steps, ["停止服務", "還原資料庫"]);
    assert_eq!(
        plan.checklists[0].role,
        crate::domain::plan::ChecklistRole::Verification
    );
}
