//! Expectations: which command they belong to, how they are worded, and who can judge them.

use super::{findings, plan, told};
use crate::domain::plan::{Compare, ExpectRule};
use crate::runbook::expect;

/// The words that lead an expectation in, in a dozen languages and more.
#[test]
fn what_is_expected_is_known_in_many_languages() {
    let worded = [
        "Expected: \"PONG\"",
        "Expected output: \"PONG\"",
        "Should print \"PONG\"",
        "→ \"PONG\"",
        "Resultado esperado: \"PONG\"",
        "Respuesta esperada: \"PONG\"",
        "Debe devolver \"PONG\"",
        "Saída esperada: \"PONG\"",
        "Deve retornar \"PONG\"",
        "Résultat attendu : \"PONG\"",
        "Doit afficher \"PONG\"",
        "Erwartet: \"PONG\"",
        "Sollte \"PONG\" ausgeben",
        "Risultato atteso: \"PONG\"",
        "Verwacht: \"PONG\"",
        "Oczekiwany wynik: \"PONG\"",
        "Powinno zwrócić \"PONG\"",
        "Ожидается: \"PONG\"",
        "Ожидаемый результат: \"PONG\"",
        "Должно вернуть \"PONG\"",
        "预期：\"PONG\"",
        "应返回 \"PONG\"",
        "期待値: \"PONG\"",
        "\"PONG\" と表示されること",
        "예상 결과: \"PONG\"",
        "\"PONG\" 이 나와야 함",
        "Beklenen: \"PONG\"",
        "\"PONG\" olmalı",
        "النتيجة المتوقعة: \"PONG\"",
        "Kết quả mong đợi: \"PONG\"",
    ];
    for comment in worded {
        let got = told(&plan(&format!(
            "# Cache\n\n## Rollback\n\n```bash\nredis-cli ping\n# {comment}\n\n# Then\nls\n```\n"
        )));
        assert_eq!(
            got,
            [
                "P Rollback",
                " S Rollback",
                "  shell redis-cli ping",
                "   = Contains(\"PONG\")",
                "  shell [Then] ls"
            ],
            "{comment}"
        );
    }
}

/// The label is taken off; what is left is what the operator reads beside the output.
#[test]
fn the_words_that_lead_in_are_no_part_of_what_is_expected() {
    for (comment, text) in [
        ("Expected output (JSON): {\"a\":1}", "{\"a\":1}"),
        ("Resultado esperado: activo", "activo"),
        ("예상 결과: 두 줄", "두 줄"),
        ("预期输出: 两行", "两行"),
        ("Erwartete Ausgabe: aktiv", "aktiv"),
        ("Salida esperada: activo", "activo"),
        ("النتيجة المتوقعة: نشط", "نشط"),
        ("Should respond with 204", "204"),
        ("Risultato atteso: attivo", "attivo"),
        ("result: two lines", "two lines"),
    ] {
        assert_eq!(expect::of_comment(comment, "curl x").text, text);
    }
}

/// What a machine can decide gets a rule; what it cannot is for a person, and is never guessed.
#[test]
fn only_what_a_machine_can_decide_is_judged_by_one() {
    let rows = |how, n| ExpectRule::Rows(how, n);
    let number = |how, n| ExpectRule::Number(how, n);
    let cases = [
        (
            "{\"up\":true}",
            "curl x",
            ExpectRule::JsonSubset("{\"up\":true}".into()),
        ),
        ("204", "curl -i x", ExpectRule::HttpStatus(204)),
        ("HTTP/1.1 503", "curl -I x", ExpectRule::HttpStatus(503)),
        ("no rows", "select 1", rows(Compare::Equal, 0)),
        ("at least 12 rows", "select 1", rows(Compare::AtLeast, 12)),
        ("0 行", "select 1", rows(Compare::Equal, 0)),
        ("3 건", "select 1", rows(Compare::Equal, 3)),
        (">= 2", "wc -l x", number(Compare::AtLeast, 2000)),
        ("< 0.5%", "cat x", number(Compare::Less, 500)),
        (
            "running",
            "systemctl x",
            ExpectRule::Contains("running".into()),
        ),
        ("exit code 3", "x", ExpectRule::Exit(3)),
        (
            "empty",
            "git status --short",
            ExpectRule::Exactly(String::new()),
        ),
        (
            "пусто",
            "git status --short",
            ExpectRule::Exactly(String::new()),
        ),
        (
            "no errors",
            "tail x | grep -i error",
            ExpectRule::Absent(vec!["error".into()]),
        ),
        (
            "keine Fehler",
            "tail x | grep FEHLER",
            ExpectRule::Absent(vec!["FEHLER".into()]),
        ),
        // Sentences.
        ("no errors", "tail x", ExpectRule::Person),
        ("all pods running", "kubectl get pods", ExpectRule::Person),
        ("the page of last week", "curl x", ExpectRule::Person),
        ("200 or 302", "curl x", ExpectRule::Person),
        ("404", "ls", number(Compare::Equal, 404_000)),
        ("{\"up\": …}", "curl x", ExpectRule::Person),
        ("\"a\" and \"b\"", "x", ExpectRule::Person),
    ];
    for (text, command, want) in cases {
        assert_eq!(
            expect::judged(text, command).rule,
            want,
            "{text} of {command}"
        );
    }
}

/// An expectation belongs to the nearest command above it, wherever it stands.
#[test]
fn an_expectation_belongs_to_the_nearest_command_before_it() {
    let got = told(&plan(
        "# Zoo\n\n## Rollback\n\n1. **Look**\n\n   ```bash\n   # Bears\n   curl -s localhost/bears  # should return {\"n\":2}\n\n   # Owls\n   curl -s localhost/owls\n   # Expected: {\"n\":5}\n   # Note it down\n   ```\n\n   **Expected:** no cage is open\n\n2. **Count**\n\n   ```bash\n   wc -l < cages.txt\n   ```\n\n   Expected output:\n\n   ```text\n   14\n   ```\n",
    ));
    assert_eq!(
        got,
        [
            "P Rollback",
            " S Look",
            "  shell [Bears] curl -s localhost/bears  # should return {\"n\":2}",
            "   = JsonSubset(\"{\\\"n\\\":2}\")",
            "  shell [Owls] curl -s localhost/owls",
            "   = JsonSubset(\"{\\\"n\\\":5}\")",
            "   = person: no cage is open",
            "  manual Note it down",
            " S Count",
            "  shell wc -l < cages.txt",
            "   = Number(Equal, 14000)",
        ]
    );
}

/// Several commands that each say at their end what they should show are as many actions.
#[test]
fn expectations_at_the_ends_of_lines_belong_to_their_lines() {
    let got = told(&plan(
        "# Zoo\n\n## Rollback\n\n```bash\n# Look at both\ncurl -s localhost/bears | wc -l   # should be 2\nsystemctl is-active owls  # should be active\ndf -h /\n```\n",
    ));
    assert_eq!(
        got,
        [
            "P Rollback",
            " S Rollback",
            "  shell [Look at both] curl -s localhost/bears | wc -l   # should be 2",
            "   = Number(Equal, 2000)",
            "  shell systemctl is-active owls  # should be active",
            "   = Contains(\"active\")",
            "  shell df -h /",
        ]
    );
}

/// A table of output in comments is one expectation of many lines, and what follows a blank line
/// is no part of it.
#[test]
fn a_table_of_output_in_comments_is_one_expectation() {
    let got = told(&plan(
        "# Base\n\n## Emergency\n\n### Step 1: Look (45 seconds)\n\n```sh\n# Who leads\nclusterctl -c /etc/c.yml list\n\n# Expected output (all well):\n# + Cluster: birds (42) --+------+\n# | Node | Role    | State | Lag |\n# +------+---------+-------+-----+\n# | n-1  | Leader  | up    |     |\n# | n-2  | Replica | up    |   0 |\n\n# If nobody leads - switch over\n```\n\n### Step 2: Switch over\n\n```sh\nclusterctl -c /etc/c.yml failover\n```\n",
    ));
    assert_eq!(
        got,
        [
            "P Emergency",
            " S Look 45..45s",
            "  shell~ [Who leads] clusterctl -c /etc/c.yml list",
            "   = person: + Cluster: birds (42) --+------+⏎| Node | Role    | State | Lag |⏎+------+---------+-------+-----+⏎| n-1  | Leader  | up    |     |⏎| n-2  | Replica | up    |   0 |",
            "  manual If nobody leads - switch over",
            " S Switch over",
            "  shell~ clusterctl -c /etc/c.yml failover",
        ]
    );
}

/// A block without a label, led in as the result, is what the block above it should show.
#[test]
fn a_block_of_output_after_a_command_is_what_it_should_show() {
    for (lead, fence) in [
        ("**예상 결과**:", "```"),
        ("**Expected output:**", "```text"),
        ("Erwartete Ausgabe:", "~~~"),
        ("预期输出：", "```output"),
        ("Resultado esperado:", "```"),
    ] {
        let close = &fence[..3];
        let got = told(&plan(&format!(
            "# 숲\n\n## 롤백 절차\n\n### 단계 1: 확인\n\n**설명**: 새 것을 봅니다.\n\n```bash\nkubectl get pods -n wald -l app=eule\n```\n\n{lead}\n{fence}\nNAME     READY  STATUS\neule-1   1/1    Running\n{close}\n"
        )));
        assert_eq!(
            got,
            [
                "P 롤백 절차",
                " S 확인",
                "  shell kubectl get pods -n wald -l app=eule",
                "   = person: NAME     READY  STATUS⏎eule-1   1/1    Running",
            ],
            "{lead}"
        );
    }
}

/// A status that this `curl` never prints is said so; one that prints it is left in peace.
#[test]
fn a_status_that_is_not_printed_is_said_so() {
    let text = "# Zoo\n\n## Rollback\n\n```bash\n# 1. Sign in\ncurl -H \"Authorization: Bearer $ZOO_KEY\" \\\n  https://zoo.test/cages?of=bears\n# Expected: 200 OK\n\n# 2. The same, with its status\ncurl -s -o /dev/null -w '%{http_code}' https://zoo.test/\n# Expected: 200\n```\n";
    assert_eq!(
        told(&plan(text)),
        [
            "P Rollback",
            " S Sign in",
            "  shell [Sign in] curl -H \"Authorization: Bearer $ZOO_KEY\" \\⏎  https://zoo.test/cages?of=bears",
            "   = HttpStatus(200)",
            "   ? ZOO_KEY",
            " S The same, with its status",
            "  shell [The same, with its status] curl -s -o /dev/null -w '%{http_code}' https://zoo.test/",
            "   = HttpStatus(200)",
        ]
    );
    let codes: Vec<_> = findings(text)
        .into_iter()
        .filter(|(_, c)| c == "status-not-printed")
        .collect();
    assert_eq!(codes, [(7, "status-not-printed".to_owned())]);
}

/// An expectation in SQL, in Korean, with the tick that stands for it.
#[test]
fn sql_comments_say_what_a_query_should_show() {
    let got = told(&plan(
        "# 시세\n\n## 롤백\n\n```sql\n-- 1. 새 테이블 삭제\nDROP TABLE IF EXISTS price_wide CASCADE;\nDROP FUNCTION IF EXISTS widen_prices() CASCADE;\n\n-- 2. 확인\nSELECT table_name\nFROM information_schema.tables\nWHERE table_name LIKE '%price%';\n-- ✅ price만 존재해야 함\n\n-- 3. 행 수\nSELECT count(*) FROM price_old;\n-- Should return 0 rows\n```\n",
    ));
    assert_eq!(
        got,
        [
            "P 롤백",
            " S 새 테이블 삭제",
            "  sql! [새 테이블 삭제] DROP TABLE IF EXISTS price_wide CASCADE;⏎DROP FUNCTION IF EXISTS widen_prices() CASCADE;",
            " S 확인",
            "  sql [확인] SELECT table_name⏎FROM information_schema.tables⏎WHERE table_name LIKE '%price%';",
            "   = person: price만 존재해야 함",
            " S 행 수",
            "  sql [행 수] SELECT count(*) FROM price_old;",
            "   = Rows(Equal, 0)",
        ]
    );
}

/// What should be seen before there is a command to see it with is said where it stands.
#[test]
fn an_expectation_of_nothing_stays_text() {
    let text = "# Harbour\n\n## Rollback\n\n### Step 1: Look out\n\n**Expected:** the lamp is lit\nat both gates after:\n- the tide turned\n- the bell rang\n\n### Step 2: Count\n\n```bash\nls quays\n```\n\n**Expected results at the north gate:**\n- nobody waits\n";
    let read = plan(text);
    assert_eq!(
        told(&read),
        [
            "P Rollback",
            " S Look out",
            " S Count",
            "  shell ls quays",
            "   = person: nobody waits",
        ]
    );
    let said: Vec<&str> = read.procedures[0]
        .steps
        .iter()
        .map(|s| s.text.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "Expected: the lamp is lit at both gates after\n- the tide turned\n- the bell rang",
            "Expected results at the north gate",
        ]
    );
    assert!(read.unplaced.is_empty(), "{:?}", read.unplaced);
}

/// A lead that only speaks of an output hides no command below it.
#[test]
fn a_list_with_commands_is_work_whatever_leads_it_in() {
    let got = told(&plan(
        "# Harbour\n\n## Rollback\n\nWrite the output that the pilots need:\n1. Export\n   ```bash\n   pg_dump quays > out.sql\n   ```\n2. Copy\n   ```bash\n   cp out.sql /srv\n   ```\n",
    ));
    assert_eq!(
        got,
        [
            "P Rollback",
            " S Export",
            "  shell~ pg_dump quays > out.sql",
            " S Copy",
            "  shell~ cp out.sql /srv",
        ]
    );
}

/// A sentence right below a command, or a comment of its block, that says what should be seen.
#[test]
fn a_sentence_says_what_should_be_seen() {
    let got = told(&plan(
        "# Zoo\n\n## Rollback\n\n### Step 1: Cages\n\n```bash\nkubectl get pods\n```\n\nAll pods should be `Running`.\n\n### Step 2: Keepers\n\n```bash\nkubectl get jobs\n```\n\nYou should see 3 keepers in the list.\n\nThis should be run at night.\n\n### Step 3: Plan\n\n```bash\nterraform plan\n# Plan should show no changes\n```\n\n### Step 4: Count\n\n```sql\nSELECT * FROM owls; -- 0 rows expected\n```\n",
    ));
    assert_eq!(
        got,
        [
            "P Rollback",
            " S Cages",
            "  shell kubectl get pods",
            "   = person: All pods should be Running",
            " S Keepers",
            "  shell kubectl get jobs",
            "   = person: 3 keepers in the list",
            " S Plan",
            "  shell terraform plan",
            "   = person: Plan should show no changes",
            " S Count",
            "  sql SELECT * FROM owls; -- 0 rows expected",
            "   = Rows(Equal, 0)",
        ]
    );
}
