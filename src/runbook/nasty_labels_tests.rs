//! Labels that say one thing around a body that is another, and blocks that change sides.
//!
//! Each document has the shape that its test's first line names; what is wanted is held exactly.

use super::reads_tests::{actions, plan, shape};
use crate::domain::plan::{ActionKind, Danger, ExpectRule};
use crate::script::shell;

/// A database prompt opened under `bash`; `#` and `--` comments, SQL, a backslash command, then
/// the shell again.
#[test]
fn a_prompt_takes_its_lines_and_the_shell_goes_on() {
    let plan = plan(
        "# Undo\n\n## Rollback\n\n```bash\n# Step 1: Open the store\npsql $STORE_URL\n\n# Step 2: By hand\n# For instance: loyalty cards\n\n-- The key first\nALTER TABLE \"cards\"\nDROP CONSTRAINT IF EXISTS \"cards_fkey\";\n\n-- The tool's own list\nDELETE FROM \"_migrations\"\nWHERE name = '0042';\n\n# Step 3: Look\n\\dt cards  # nothing is left\n\n# Step 4: Build the client\ncd packages/store\npnpm generate\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got.len(), 2);
    assert_eq!((got[0].span.first, got[0].span.last), (6, 21));
    assert_eq!(
        shell::fed(&got[0].code).as_deref(),
        Some(
            "psql $STORE_URL <<'BACKOUT_INPUT'\n\\set ON_ERROR_STOP on\n-- The key first\nALTER TABLE \"cards\"\nDROP CONSTRAINT IF EXISTS \"cards_fkey\";\n\n-- The tool's own list\nDELETE FROM \"_migrations\"\nWHERE name = '0042';\n\n\\dt cards\nBACKOUT_INPUT"
        )
    );
    assert!(!got[0].interactive, "its input is a text");
    assert_eq!(got[1].code, "cd packages/store\npnpm generate");
    let titles: Vec<&str> = plan.procedures[0]
        .steps
        .iter()
        .map(|s| s.title.as_str())
        .collect();
    assert_eq!(titles, ["Open the store", "Build the client"]);
}

/// A prompt in a container, one statement, then a command for the host.
#[test]
fn the_host_comes_after_a_prompt_in_a_container() {
    let plan = plan(
        "# Undo\n\n## Rollback the data\n\n```sh\n# 1. Stop\npodman-compose stop api\n\n# 2. Open\ndocker exec -it ledger_db psql -U ledger\n\n# 3. Set a mark\nSELECT pg_create_restore_point('before_' || now()::date);\n\n# 4. Load the copy\npg_restore -h db -U ledger -d ledger_new /copies/l_<stamp>.dump\n```\n",
    );
    let got = actions(&plan);
    let spans: Vec<(u32, u32)> = got.iter().map(|a| (a.span.first, a.span.last)).collect();
    assert_eq!(spans, [(6, 7), (9, 13), (15, 16)]);
    assert_eq!(
        shell::fed(&got[1].code).as_deref(),
        Some(
            "docker exec -i ledger_db psql -U ledger <<'BACKOUT_INPUT'\n\\set ON_ERROR_STOP on\nSELECT pg_create_restore_point('before_' || now()::date);\nBACKOUT_INPUT"
        ),
        "a container has no terminal to give where the input is a text"
    );
    assert_eq!(
        got[2].code,
        "pg_restore -h db -U ledger -d ledger_new /copies/l_<stamp>.dump"
    );
    assert_eq!(got[2].danger, Danger::Irreversible);
}

/// A prompt that asks for a password, comments with nothing below them, then the host.
#[test]
fn a_prompt_with_a_password_is_the_operators() {
    let plan = plan(
        "# 回退\n\n## 回滚步骤\n\n```bash\n# 1. 重启服务\nsystemctl restart shop-api\n\n# 2. 检查数据\nmariadb -u admin -p\nUSE shop_live;\n# 看看订单...\n\n# 3. 恢复\nmariadb -u admin -p shop_live < /copies/before.sql\n\n# 4. 停止\nsystemctl stop shop-jobs\n```\n",
    );
    let shells: Vec<(&str, bool)> = actions(&plan)
        .into_iter()
        .filter(|a| a.kind == ActionKind::Shell)
        .map(|a| (a.code.as_str(), a.interactive))
        .collect();
    assert_eq!(
        shells,
        [
            ("systemctl restart shop-api", false),
            ("mariadb -u admin -p\nUSE shop_live;", true),
            ("mariadb -u admin -p shop_live < /copies/before.sql", true),
            ("systemctl stop shop-jobs", false),
        ]
    );
}

/// Backslash commands under `sh`.
#[test]
fn backslash_commands_are_for_the_prompt_above() {
    let plan = plan(
        "# Undo\n\n## Rollback\n\n```sh\n# 1. Connect\npsql -h db -U shop shop\n\n# 2. Run the script\n\\i undo/0017-down.sql\n\n# 3. Look\n\\d+ orders\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got.len(), 1);
    assert_eq!(
        got[0].danger,
        Danger::Changes,
        "what the script does is not seen"
    );
    let fed = shell::fed(&got[0].code).expect("a prompt");
    assert!(fed.contains("\n\\i undo/0017-down.sql\n") && fed.contains("\n\\d+ orders\n"));
    assert!(!fed.contains('#'));
}

/// `python` around a command, between programs that need each other's variables.
#[test]
fn a_command_under_another_language_is_run_and_a_program_is_not() {
    let plan = plan(
        "# Undo\n\n## Rollback\n\n1. **Old model**\n   ```python\n   from scoring import Settings\n   settings = Settings()\n   settings.use('live', model='v1')\n   ```\n\n2. **Look**\n   ```python\n   python tools/health.py --all\n   ```\n\n3. **Resume**\n   ```python\n   settings.resume('live')\n   ```\n",
    );
    let kinds: Vec<ActionKind> = actions(&plan).iter().map(|a| a.kind).collect();
    assert_eq!(
        kinds,
        [ActionKind::Text, ActionKind::Shell, ActionKind::Text]
    );
    let lies: Vec<u32> = plan
        .diagnostics
        .iter()
        .filter(|d| d.code == "fence-label")
        .map(|d| d.line)
        .collect();
    assert_eq!(lies, [13]);
}

/// Numbered sentences and boxes under `bash`.
#[test]
fn sentences_under_a_shells_label_are_for_a_person_one_by_one() {
    let plan = plan(
        "# Undo\n\n## Rollback\n\n```bash\n# Half-yearly exercise\n\n1. Fix a day (a Tuesday)\n2. Break something on purpose\n   and tell nobody\n3. Go through the rollback\n```\n\n```shell\n- [ ] Tell support\n- [ ] Freeze deployments\n```\n",
    );
    let got: Vec<(ActionKind, &str, &str, u32, u32)> = actions(&plan)
        .iter()
        .map(|a| {
            (
                a.kind,
                a.title.as_str(),
                a.code.as_str(),
                a.span.first,
                a.span.last,
            )
        })
        .collect();
    let manual = ActionKind::Manual;
    assert_eq!(
        got,
        [
            (
                manual,
                "Half-yearly exercise",
                "Fix a day (a Tuesday)",
                6,
                8
            ),
            (
                manual,
                "",
                "Break something on purpose\nand tell nobody",
                9,
                10
            ),
            (manual, "", "Go through the rollback", 11, 11),
            (manual, "", "Tell support", 15, 15),
            (manual, "", "Freeze deployments", 16, 16),
        ]
    );
}

/// Clicks in blocks without a label.
#[test]
fn clicks_in_a_block_are_for_a_person() {
    let plan = plan(
        "# Undo\n\n## Rollback procedure\n\n1. **Open the pipeline**:\n   - URL: https://ci.example.org/undo\n\n2. **Start it**:\n\n   ```\n   Press \"Start job\"\n   ```\n\n3. **Confirm**:\n\n   ```text\n   Select \"Yes, go back\"\n   Press \"Confirm\"\n   ```\n",
    );
    assert_eq!(
        shape(&plan),
        [
            "Rollback procedure",
            "  Open the pipeline",
            "    manual 6-6 URL: https://ci.example.org/undo",
            "  Start it",
            "    manual 11-11 Press \"Start job\"",
            "  Confirm",
            "    manual 17-17 Select \"Yes, go back\"",
            "    manual 18-18 Press \"Confirm\"",
        ]
    );
}

/// Steps, times, bullets and commands, all inside one block without a label.
#[test]
fn steps_inside_one_block_are_steps() {
    let plan = plan(
        "# Plan\n\n## Procedure of rollback\n\n```\nSCHRITT 1: Bestätigen (Leitung)\n  ✅ Zeit: 2 min\n  ✅ Losung: \"ZURÜCK\"\n  ✅ Verantwortlich: Bereitschaft\n\nSCHRITT 2: Vorbereiten\n  ✅ Befehl (Docker):\n    docker pull kasse:1.4.0  # aus der Registry\n    docker compose down\n    # docker-compose.yml ändern\n    docker compose up -d kasse\n\nSCHRITT 3: Ausrollen\n  ☐ Zeit: 30-60 sec\n\n  Ablauf:\n    1. docker compose pull kasse\n    2. docker compose up -d kasse\n    3. Warten, bis er läuft\n\nSCHRITT 4: Prüfen\n  ☐ URL: [ EINTRAGEN ]\n  ☐ Antwort: [ ] 200 [ ] 500\n```\n",
    );
    assert_eq!(
        shape(&plan),
        [
            "Procedure of rollback",
            "  Bestätigen (Leitung)",
            "    manual 8-8 Losung: \"ZURÜCK\"",
            "  Vorbereiten",
            "    shell 13-14 docker pull kasse:1.4.0  # aus der Registry|docker compose down",
            "    shell 15-16 docker compose up -d kasse",
            "  Ausrollen",
            "    shell 22-22 docker compose pull kasse",
            "    shell 23-23 docker compose up -d kasse",
            "    manual 24-24 Warten, bis er läuft",
            "  Prüfen",
            "    manual 27-27 URL: [ EINTRAGEN ]",
            "    manual 28-28 Antwort: [ ] 200 [ ] 500",
        ]
    );
    let steps = &plan.procedures[0].steps;
    let times: Vec<_> = steps
        .iter()
        .map(|s| s.estimate.map(|e| (e.low_s, e.high_s)))
        .collect();
    assert_eq!(times, [Some((120, 120)), None, Some((30, 60)), None]);
    assert_eq!(steps[0].text, "Verantwortlich: Bereitschaft");
    assert!(plan.unplaced.is_empty() && plan.parameters.is_empty());
    // Arrows between the steps make a drawing, rules make a form: those stay blocks.
    for drawn in ["  ↓", "  By: ____\n  At: ____\n  Why: ____"] {
        let text =
            format!("# P\n\n## Rollback\n\n```\nStep 1: Stop\n{drawn}\nStep 2: Start\n```\n");
        assert!(
            super::read(text.as_bytes())
                .procedures
                .iter()
                .all(|p| p.steps.is_empty()),
            "{text}"
        );
    }
}

/// A browser's console under `bash`.
#[test]
fn a_program_under_a_shells_label_is_not_run() {
    let plan = plan(
        "# Undo\n\n## Rollback\n\n1. **Record**\n\n   ```bash\n   # In the browser console\n   console.time('first load');\n   // Reload the page\n   console.timeEnd('first load');\n   ```\n",
    );
    let got = actions(&plan);
    assert!(got.iter().all(|a| matches!(a.kind, ActionKind::Text)));
    assert!(plan.diagnostics.iter().any(|d| d.code == "fence-label"));
}

/// A prompt with `#` comments between statements, each of which only reads.
#[test]
fn comments_between_statements_are_not_typed() {
    let plan = plan(
        "# Retour\n\n## Vérification après rollback\n\n```bash\n# Ouvrir\nmysql -h db -u caisse caisse\n\n# Compter\nSELECT COUNT(*) FROM ventes;\n\n# Les clés\nSELECT * FROM t\nWHERE c = 'FOREIGN KEY';\n```\n",
    );
    let got = actions(&plan);
    assert_eq!((got.len(), got[0].danger), (1, Danger::None));
    assert_eq!(
        shell::fed(&got[0].code).as_deref(),
        Some(
            "mysql -h db -u caisse caisse <<'BACKOUT_INPUT'\nSELECT COUNT(*) FROM ventes;\n\nSELECT * FROM t\nWHERE c = 'FOREIGN KEY';\nBACKOUT_INPUT"
        )
    );
}

/// Commands, what they asked, what was typed and a table, without a label.
#[test]
fn what_was_printed_and_typed_is_not_run() {
    let plan = plan(
        "# Возврат\n\n## Восстановление\n\n```\n# 1. Сначала удалить старое:\npatronictl -c /etc/c.yml remove main\n# Ответ:\nPlease confirm the cluster name to remove:\nmain\n# Ответ:\nYou are about to remove it, please type: \"Yes I am aware\":\nYes I am aware\n# Запускаем:\nsystemctl start patroni\nsudo patronictl -c /etc/c.yml list\n# Ответ:\n+--------+--------+\n| Member | Role   |\n| n1     | Leader |\n+--------+--------+\n# На n2:\nsystemctl start patroni\n```\n",
    );
    let codes: Vec<&str> = actions(&plan).iter().map(|a| a.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "patronictl -c /etc/c.yml remove main",
            "systemctl start patroni\nsudo patronictl -c /etc/c.yml list",
            "systemctl start patroni",
        ]
    );
    let removal = actions(&plan)[0].clone();
    assert!(removal.interactive && removal.expect.len() == 2);
    assert!(removal.expect.iter().all(|e| e.rule == ExpectRule::Person));
    assert_eq!((removal.span.first, removal.span.last), (6, 13));
    let table = &actions(&plan)[1].expect[0].text;
    assert!(table.starts_with("+---") && table.contains("| n1     | Leader |"));
}

/// A shell on another host takes its lines; what follows its end is for this side.
#[test]
fn a_shell_elsewhere_takes_its_lines_and_this_side_goes_on() {
    let plan = plan(
        "# Undo\n\n## Rollback\n\n```bash\n# 1. Log in\nssh deploy@shop-1\n\n# 2. Go there\ncd /srv/shop\n\n# 3. Back\ngit reset --hard $TAG\n\n# 4. Leave\nexit\n\n# 5. Here again\ncurl -s https://shop.example/up\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got.len(), 2);
    assert_eq!((got[0].span.first, got[0].span.last), (6, 16));
    assert_eq!(got[0].danger, Danger::Irreversible);
    assert!(
        got[0].parameters.is_empty(),
        "the variable is the other side's"
    );
    assert_eq!(got[1].code, "curl -s https://shop.example/up");
}

/// A mistake in a command, and what is no command at all: neither makes a step disappear.
#[test]
fn a_step_whose_block_no_shell_can_read_is_still_a_step() {
    let text = "# Undo\n\n## Rollback\n\n### Step 1: Stop\n\n```bash\nsystemctl stop \"till\n```\n\n### Step 2: Restore\n\n```bash\nfor db in till audit; do\n  pg_restore -d $db \"$db.dump\n```\n\n### Step 3: Settings\n\n```bash\ntill:\n  port: 8080\n```\n\n### Step 4: Start\n\n```bash\nsystemctl start till\n```\n";
    let plan = plan(text);
    let kinds: Vec<ActionKind> = actions(&plan).iter().map(|a| a.kind).collect();
    let shell = ActionKind::Shell;
    assert_eq!(kinds, [shell, shell, ActionKind::Text, shell]);
    let found = crate::runbook::lint::check(&plan, text);
    let lines = |code: &str| -> Vec<u32> {
        let of = found.iter().filter(|d| d.code == code);
        of.map(|d| d.line).collect()
    };
    assert_eq!(lines("does-not-parse").len(), 2, "{found:?}");
    assert_eq!(lines("fence-label"), [20]);
}
