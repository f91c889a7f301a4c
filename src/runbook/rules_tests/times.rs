//! Estimates, deadlines and conditions that must hold for a while, as people write them.

use super::{plan, told};
use crate::runbook::time;

/// Every form of an estimate behind the title of a step.
#[test]
fn estimates_are_read_in_every_form() {
    let cases = [
        ("(3 min)", 180, 180),
        ("(< 10 minutes)", 0, 600),
        ("(5-10 minutes)", 300, 600),
        ("(0-15 min)", 0, 900),
        ("(30 seconds to 2 minutes)", 30, 120),
        ("(~ 1.5 hours)", 5400, 5400),
        ("(1h30)", 5400, 5400),
        ("(1 h 15 min)", 4500, 4500),
        ("[2–3 min]", 120, 180),
        ("- 5 minutes", 300, 300),
        ("— 10 Min.", 600, 600),
        ("⏱️ 4 min", 240, 240),
        ("(Zeit: 20 Minuten)", 1200, 1200),
        ("(3分)", 180, 180),
        ("(約5分)", 300, 300),
        ("（5分以内）", 0, 300),
        ("(2時間)", 7200, 7200),
        ("(10 分钟)", 600, 600),
        ("（约 5 分鐘）", 300, 300),
        ("(5~10분)", 300, 600),
        ("(1시간)", 3600, 3600),
        ("(5 мин)", 300, 300),
        ("(не более 5 минут)", 0, 300),
        ("(15 phút)", 900, 900),
        ("(máx. 8 minutos)", 0, 480),
        ("(2 horas)", 7200, 7200),
        ("(environ 5 minutes)", 300, 300),
        ("(jusqu'à 2 heures)", 0, 7200),
        ("(10 minuti)", 600, 600),
        ("(5 dakika)", 300, 300),
        ("(15 minut)", 900, 900),
        ("(5 دقائق)", 300, 300),
    ];
    for (written, low, high) in cases {
        let got = told(&plan(&format!(
            "# Mill\n\n## Rollback\n\n### Step 1: Stop the wheel {written}\n\n```bash\nls\n```\n"
        )));
        assert_eq!(
            got,
            [
                format!("P Rollback {low}..{high}s"),
                format!(" S Stop the wheel {low}..{high}s"),
                "  shell ls".to_owned(),
            ],
            "{written}"
        );
    }
}

/// Points in time, versions, thresholds and years are no estimates.
#[test]
fn other_numbers_in_titles_are_no_estimates() {
    for title in [
        "Stop the wheel (within 1 hour)",
        "Stop the wheel (T+5 min)",
        "Stop wheel 3",
        "Stop the wheel (v2.1)",
        "Stop the wheel - 2 of 3",
        "Stop the wheel (error rate > 5%)",
        "Stop the wheel (P0)",
        "Stop the wheel (2026)",
    ] {
        let got = plan(&format!(
            "# Mill\n\n## Rollback\n\n### Step 1: {title}\n\n```bash\nls\n```\n"
        ));
        assert_eq!(got.procedures[0].steps[0].estimate, None, "{title}");
        assert_eq!(got.procedures[0].steps[0].title, title);
    }
}

/// A line that says how long it takes belongs to its step, the last step of a plan included.
#[test]
fn a_label_gives_the_time_of_its_step() {
    for label in [
        "**Estimated time:** 5-8 minutes",
        "**Duration**: 5 to 8 min",
        "Estimated time: 5-8 minutes",
        "*Time required: 5–8 min*",
        "**Tiempo estimado:** 5-8 minutos",
        "**Tempo stimato:** 5-8 minuti",
        "**Dauer:** 5-8 Minuten",
        "**Durée estimée :** 5-8 minutes",
        "**预计时间**：5-8 分钟",
        "**所要時間**: 5-8分",
        "**예상 시간**: 5-8분",
        "**Время:** 5-8 минут",
        "**Thời gian:** 5-8 phút",
        "**Süre:** 5-8 dakika",
    ] {
        let got = told(&plan(&format!(
            "# Mill\n\n## Rollback\n\n### Step 1: Stop\n\n```bash\nls\n```\n\n{label}\n\n---\n\n### Step 2: Start\n\n{label}\n\n```bash\npwd\n```\n\n### Step 3: Look\n\n```bash\ndf\n```\n\n{label}\n"
        )));
        assert_eq!(
            got,
            [
                "P Rollback 900..1440s",
                " S Stop 300..480s",
                "  shell ls",
                " S Start 300..480s",
                "  shell pwd",
                " S Look 300..480s",
                "  shell df",
            ],
            "{label}"
        );
    }
}

/// The stated total of a procedure stands; without one its steps are summed, and a step that says
/// nothing leaves the sum open.
#[test]
fn a_stated_total_stands_and_a_sum_is_never_half() {
    let total = |text: &str| {
        plan(text).procedures[0]
            .estimate
            .map(|e| (e.low_s, e.high_s))
    };
    let steps = "### Step 1: A (2 min)\n```sh\nls\n```\n### Step 2: B (3-4 min)\n```sh\nls\n```\n";
    assert_eq!(
        total(&format!("# M\n## Rollback (< 30 minutes)\n{steps}")),
        Some((0, 1800))
    );
    assert_eq!(
        total(&format!("# M\n## Rollback\n{steps}")),
        Some((300, 360))
    );
    let open = format!("# M\n## Rollback\n{steps}### Step 3: C\n```sh\nls\n```\n");
    assert_eq!(total(&open), None);
}

/// How long a condition must hold.
#[test]
fn conditions_that_must_hold_for_a_while() {
    let cases = [
        ("Error rate < 1% for 30 minutes", Some(1800)),
        ("p95 above 900 ms for more than 10 min", Some(600)),
        ("Stable for at least 2 hours", Some(7200)),
        ("CPU unter 70 % für 15 Minuten", Some(900)),
        ("mindestens 10 Minuten lang stabil", Some(600)),
        ("Taux < 1 % pendant 30 minutes", Some(1800)),
        ("Errores < 1 % durante 30 minutos", Some(1800)),
        ("Erros < 1% por 5 minutos", Some(300)),
        ("ошибок < 1% в течение 30 минут", Some(1800)),
        ("错误率 < 1% 持续 30 分钟", Some(1800)),
        ("エラー率 1% 未満が30分続く", Some(1800)),
        ("오류율 1% 미만이 30분 동안 유지", Some(1800)),
        ("hata oranı 10 dakika boyunca düşük", Some(600)),
        // No time that anything must hold.
        ("no data for users", None),
        ("Response time over 2 s", None),
        ("ready within 5 minutes", None),
        ("for 30% of the users", None),
    ];
    for (text, want) in cases {
        assert_eq!(time::sustained(text), want, "{text}");
    }
}

/// Targets of a table and of lines carry the time for which they must hold.
#[test]
fn targets_know_for_how_long_they_must_hold() {
    let plan = plan(
        "# Mill\n\n## Success criteria\n\n- ✅ Error rate < 1% for 30 minutes\n- ✅ The wheel turns\n\n## Metrics\n\n| Metric | Target | How to check |\n|---|---|---|\n| p95 | < 250 ms for 15 min | `curl -s localhost/p95` |\n| Queue | empty | board |\n",
    );
    let got: Vec<_> = plan
        .targets
        .iter()
        .map(|t| {
            (
                t.metric.as_str(),
                t.target.as_str(),
                t.for_s,
                t.how.as_str(),
            )
        })
        .collect();
    assert_eq!(
        got,
        [
            ("Error rate", "< 1%", Some(1800), ""),
            (
                "p95",
                "< 250 ms for 15 min",
                Some(900),
                "curl -s localhost/p95"
            ),
            ("Queue", "empty", None, "board"),
        ]
    );
}
