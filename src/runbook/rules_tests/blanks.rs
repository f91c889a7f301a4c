//! Blanks in commands: which stretches are blanks, under which name, which only look like one;
//! and commands that repeat, break or write documents of their own.

use super::{findings, plan, told};
use crate::domain::plan::Plan;

fn blanks(plan: &Plan) -> Vec<(&str, Vec<&str>, bool, bool)> {
    plan.parameters
        .iter()
        .map(|p| {
            let spellings = p.spellings.iter().map(String::as_str).collect();
            (p.name.as_str(), spellings, p.environment, p.secret)
        })
        .collect()
}

fn in_shell(code: &str) -> Plan {
    plan(&format!("# Hive\n\n## Rollback\n\n```bash\n{code}\n```\n"))
}

/// One blank in many spellings is asked for once.
#[test]
fn one_name_in_many_spellings_is_one_blank() {
    let plan = in_shell(
        "git revert <commit-hash>\ngit show [COMMIT_HASH]\ngit tag x {commit_hash}\ngit log {{ commit_hash }} -- ${commit-hash}",
    );
    assert_eq!(
        blanks(&plan),
        [(
            "commit_hash",
            vec![
                "<commit-hash>",
                "[COMMIT_HASH]",
                "{commit_hash}",
                "{{ commit_hash }}",
                "${commit-hash}"
            ],
            false,
            false
        )]
    );
    assert_eq!(plan.parameters[0].uses, [6, 7, 8, 9]);
}

/// A blank that names nothing is another one in each place, called by what stands before it.
#[test]
fn a_blank_that_names_nothing_is_one_for_each_place() {
    let text = "# Hive\n\n## Rollback\n\n1. **A**\n   ```bash\n   kubectl -n [FILL IN] rollout undo deploy/[FILL IN]\n   ```\n2. **B**\n   ```bash\n   kubectl -n [FILL IN] get pods -l app=<app>\n   kubectl logs -l app=<app>\n   ```\n";
    let plan = plan(text);
    let names: Vec<&str> = plan.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "blank-namespace",
            "blank-deploy",
            "blank-namespace-2",
            "app"
        ]
    );
    let help = &plan.parameters[0].help;
    assert_eq!(
        help,
        "blank 1 of 2 in `kubectl -n ▶___◀ rollout undo deploy/___`, after -n: the namespace"
    );
    let actions = plan.procedures[0].steps.iter().flat_map(|s| &s.actions);
    let placed: Vec<Vec<&str>> = actions
        .map(|a| plan.placed(&a.id).iter().map(|p| p.name.as_str()).collect())
        .collect();
    assert_eq!(
        placed[..2],
        [
            vec!["blank-namespace", "blank-deploy"],
            vec!["blank-namespace-2"]
        ]
    );
    // What its author explains names something.
    let front = "---\nbackout:\n  parameters:\n    fill-in: {help: the namespace}\n---\n";
    let plan = super::plan(&format!("{front}{text}"));
    let names: Vec<&str> = plan.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["fill_in", "app"]);
}

/// Every spelling of a blank in a command.
#[test]
fn every_spelling_of_a_blank_is_known() {
    for (code, name) in [
        ("ping <host>", "host"),
        ("ping <адрес сервера>", "адрес_сервера"),
        ("git checkout [GOOD_COMMIT]", "good_commit"),
        ("deploy {service}", "service"),
        ("deploy {{ service }}", "service"),
        ("aws s3 ls s3://your-bucket", "your_bucket"),
        ("export KEY=YOUR_API_KEY", "your_api_key"),
        ("git checkout vX.Y.Z", "vx_y_z"),
        ("ls dump_YYYY-MM-DD.sql", "yyyy_mm_dd"),
        ("echo INCIDENT-XXX", "incident_xxx"),
        ("curl https://hive.test/jobs/:id", "id"),
        ("scale ${db-instance-name}", "db_instance_name"),
    ] {
        let plan = in_shell(code);
        let names: Vec<&str> = plan.parameters.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, [name], "{code}");
    }
}

/// What is written like a blank and is something else.
#[test]
fn what_only_looks_like_a_blank_is_none() {
    for code in [
        "[ -f /tmp/hive ] && ls",
        "[[ -n \"$HOME\" ]] && ls",
        "cp queen.{js,css} old/",
        "echo \"${PATH}\"",
        "sort < bees.txt",
        "cat <<EOF\nbees\nEOF",
        "echo '<!DOCTYPE html>'",
        "echo '{\"bees\": [1, 2]}'",
        "curl -s -o /dev/null -w '%{http_code}' localhost",
        "kubectl get pod hive -o jsonpath='{.status.phase}'",
        "docker inspect -f '{{.State.Status}}' hive",
        "awk '{print $1}' bees.txt",
        "grep '[a-z]*' bees.txt",
        "diff <(ls a) <(ls b)",
        "echo ${HIVE:-home}",
        "stage=test\necho ${stage?}",
        "for bee in a b; do echo $bee; done",
        "read name\necho $name",
        "# git revert <commit>\nls",
    ] {
        assert_eq!(blanks(&in_shell(code)), [], "{code}");
    }
}

/// Variables that the plan assigns nowhere are asked for, as variables; what they hold may be
/// secret.
#[test]
fn variables_that_nobody_assigns_are_asked_for() {
    let plan = plan(
        "# Hive\n\n## Rollback\n\n```bash\nexport HIVE=north\npsql \"$DATABASE_URL\" -c 'SELECT 1'\ncurl -H \"Authorization: Bearer ${API_TOKEN}\" localhost/$HIVE/$ROOM\n```\n",
    );
    assert_eq!(
        blanks(&plan),
        [
            ("DATABASE_URL", vec!["$DATABASE_URL"], true, true),
            ("API_TOKEN", vec!["${API_TOKEN}"], true, true),
            ("ROOM", vec!["$ROOM"], true, false),
        ]
    );
}

/// Versions, hashes and dates that are written out may be the author's example.
#[test]
fn samples_that_are_written_out_are_pointed_at() {
    let text = "# Hive\n\n## Rollback\n\n```bash\n# Back\ngit checkout v2.4.1\n\n# Or an earlier one\ngit checkout 4f2a9c1\n\n# The dump\nls dump_20260114.sql\n\n# Nothing here\nls dump.sql\n```\n";
    let lines: Vec<u32> = findings(text)
        .into_iter()
        .filter(|(_, code)| code == "sample-value")
        .map(|(line, _)| line)
        .collect();
    assert_eq!(lines, [7, 10, 13]);
}

/// A remark behind a backslash ends the command in its middle: it is kept whole, is not taken for
/// harmless, and is pointed at before anybody runs it.
#[test]
fn a_remark_behind_a_continuation_is_kept_and_pointed_at() {
    let text = "# Farm\n\n## Database rollback\n\n```bash\nls -lt dumps/*.dump | head -3\n# Take the one from before\n\n# Restore it\npg_restore -h db.farm.test \\\n  -U postgres -d farm \\\n  -c \\ # Drop (what is there)\n  dumps/farm_DATE.dump\n```\n";
    assert_eq!(
        told(&plan(text)),
        [
            "P Database rollback",
            " S Database rollback",
            "  shell ls -lt dumps/*.dump | head -3",
            "  manual Take the one from before",
            "  shell! [Restore it] pg_restore -h db.farm.test \\⏎  -U postgres -d farm \\⏎  -c \\ # Drop (what is there)⏎  dumps/farm_DATE.dump",
        ]
    );
    assert!(
        findings(text).contains(&(12, "does-not-parse".to_owned())),
        "{:?}",
        findings(text)
    );
}

/// Three times the same command, each under its own comment, is three times.
#[test]
fn the_same_command_three_times_is_three_actions() {
    assert_eq!(
        told(&plan(
            "# Projections\n\n## Rollback Procedure\n\n1. **Stop**\n   ```bash\n   systemctl stop proj\n   ```\n\n2. **Migrations back**\n   ```bash\n   cd /Users/jo/proj\n\n   # Migration 12 (seed)\n   alembic downgrade -1\n\n   # Migration 11 (columns)\n   alembic downgrade -1\n\n   # Migration 10 (table)\n   alembic downgrade -1\n\n   # Verify\n   alembic current\n   ```\n"
        )),
        [
            "P Rollback Procedure",
            " S Stop",
            "  shell~ systemctl stop proj",
            " S Migrations back",
            "  shell cd /Users/jo/proj",
            "  shell~ [Migration 12 (seed)] alembic downgrade -1",
            "  shell~ [Migration 11 (columns)] alembic downgrade -1",
            "  shell~ [Migration 10 (table)] alembic downgrade -1",
            "  shell [Verify] alembic current",
        ]
    );
}

/// `# Or by program:` ends a block, the next block is in another language, the third goes on with
/// the numbers of the first.
#[test]
fn an_alternative_may_be_a_block_in_another_language() {
    assert_eq!(
        told(&plan(
            "# Queues\n\n## Rollback procedure\n\n### Step 1: Queue rollback\n\n```bash\n# 1. Stop the workers\npm2 stop mailer\n# Or programmatically:\n```\n\n```typescript\nimport { manager } from './queues';\n\n// Close them\nawait manager.close();\n```\n\n```bash\n# 2. Drain what runs (let it end)\n# Board: http://localhost:3001/queues\n\n# 3. Pause\ncurl -X POST http://localhost:3001/api/pause\n\n# 4. Code back\ngit checkout [GOOD_COMMIT] -- src/queues/\n\n# 5. Restart\npm2 restart mailer\n```\n"
        )),
        [
            "P Rollback procedure",
            " S Queue rollback",
            "  shell~ <1a> [Stop the workers] pm2 stop mailer⏎# Or programmatically:",
            "  text <1b> import { manager } from './queues';⏎⏎// Close them⏎await manager.close();",
            "  manual [Drain what runs (let it end)] Board: http://localhost:3001/queues",
            "  shell~ [Pause] curl -X POST http://localhost:3001/api/pause",
            "  shell~ [Code back] git checkout [GOOD_COMMIT] -- src/queues/",
            "   ? good_commit",
            "  shell~ [Restart] pm2 restart mailer",
        ]
    );
}

/// A document written by a heredoc inside a list: its end is found, its headings are no comments.
#[test]
fn a_heredoc_in_an_indented_fence_ends_where_it_should() {
    assert_eq!(
        told(&plan(
            "# Farm\n\n## Post-Rollback\n\n1. **Report**:\n\n   ```bash\n   # Make the document\n   cat > reports/rollback_$(date +%Y%m%d).md <<EOF\n   # Report\n\n   Date: $(date)\n   Severity: [P0/P1/P2]\n   Length: [X] minutes\n\n   ## Times\n   - [Time] seen\n   EOF\n\n   # Put it under control\n   git add reports/\n   ```\n\n2. **Tell the team**\n"
        )),
        [
            "P Post-Rollback (verify)",
            " S Report",
            "  shell~ [Make the document] cat > reports/rollback_$(date +%Y%m%d).md <<EOF⏎# Report⏎⏎Date: $(date)⏎Severity: [P0/P1/P2]⏎Length: [X] minutes⏎⏎## Times⏎- [Time] seen⏎EOF",
            "   ? p0_p1_p2 time",
            "  shell~ [Put it under control] git add reports/",
            " S Tell the team",
            "  manual Tell the team",
        ]
    );
}

/// Arabic: comments alone are for a person, a log is watched, a database shell needs somebody at
/// its keyboard.
#[test]
fn comments_from_right_to_left() {
    assert_eq!(
        told(&plan(
            "# النظام\n\n## التراجع\n\n### 1. فحص السجلات\n```bash\n# فحص سجلات قاعدة البيانات\n# (حسب نوع القاعدة)\n\n# فحص سجل الخادم\ntail -f /var/log/nginx/error.log\n```\n\n### 2. اختبار الاتصال\n```bash\n# اختبار القاعدة\npython manage.py dbshell\n\n# اختبار الخدمات\npython manage.py check --deploy\n```\n"
        )),
        [
            "P التراجع",
            " S فحص السجلات",
            "  manual [فحص سجلات قاعدة البيانات] (حسب نوع القاعدة)",
            "  shell monitor [فحص سجل الخادم] tail -f /var/log/nginx/error.log",
            " S اختبار الاتصال",
            "  shell~ interactive [اختبار القاعدة] python manage.py dbshell",
            "  shell [اختبار الخدمات] python manage.py check --deploy",
        ]
    );
}

/// A formatter took the ends of a rule to write on for bold: it is still a blank.
#[test]
fn a_rule_that_a_formatter_mangled_is_still_a_blank() {
    let plan = plan(
        "# Breeze\n\n## 📋 Rollback Checklist\n\n- [ ] **Incident declared** (Slack `#inc`)\n- [ ] **Rollback begun** (at: ****\\_****)\n- [ ] **Approved by** **********\\_\\_**********\n",
    );
    let items: Vec<&str> = plan.checklists[0]
        .items
        .iter()
        .map(|i| i.text.as_str())
        .collect();
    assert_eq!(
        items,
        [
            "Incident declared (Slack #inc)",
            "Rollback begun (at: ____)",
            "Approved by ____"
        ]
    );
}

/// Items with commands: the blanks of each are its own, and a redirection is none of them.
#[test]
fn items_with_commands_have_their_blanks() {
    let plan = plan(
        "# Forecast\n\n## Pre-Rollback Checklist\n\n- [ ] **Take a backup**\n  ```bash\n  # Dump\n  pg_dump -h <host> -U <user> -d <base> \\\n    -f before_$(date +%Y%m%d).dump\n\n  # Note the version\n  git rev-parse HEAD > before.txt\n  ```\n\n- [ ] **Prepare the window**\n  - Tell the users\n",
    );
    let list = &plan.checklists[0];
    let first = &list.items[0];
    let codes: Vec<&str> = first.actions.iter().map(|a| a.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "pg_dump -h <host> -U <user> -d <base> \\\n  -f before_$(date +%Y%m%d).dump",
            "git rev-parse HEAD > before.txt"
        ]
    );
    let names: Vec<&str> = first.actions[0]
        .parameters
        .iter()
        .map(crate::domain::ids::ParameterName::as_str)
        .collect();
    assert_eq!(names, ["host", "user", "base"]);
    assert_eq!(first.actions[1].parameters, []);
    assert_eq!(list.items[1].details, ["Tell the users"]);
}

/// Boxes side by side are a choice, boxes below each other are things to do, and none is a command.
#[test]
fn boxes_in_a_block_without_a_label_are_for_a_person() {
    let step = |code: &str| {
        let text = format!("# Hive\n\n## Rollback\n\n1. **Pick**\n   ```\n{code}\n   ```\n");
        let plan = plan(&text);
        let actions = plan.procedures.iter().flat_map(|p| &p.steps);
        let actions: Vec<_> = actions.flat_map(|s| s.actions.clone()).collect();
        actions
    };
    let ways = step("   Way: [ ] snapshot  [ ] dump of last night\n   Call the keeper");
    let said: Vec<_> = ways
        .iter()
        .map(|a| (a.title.as_str(), a.code.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("Way", "snapshot"),
            ("Way", "dump of last night"),
            ("", "Call the keeper")
        ]
    );
    assert!(ways[0].choice.is_some() && ways[0].choice == ways[1].choice);
    assert_eq!(ways[2].choice, None);
    let boxes = step("   [ ] stop the pump\n   [ ] tell the keeper");
    let said: Vec<_> = boxes.iter().map(|a| (a.kind, a.code.as_str())).collect();
    let manual = crate::domain::plan::ActionKind::Manual;
    assert_eq!(
        said,
        [(manual, "stop the pump"), (manual, "tell the keeper")]
    );
    assert!(boxes.iter().all(|a| a.choice.is_none()));
}
