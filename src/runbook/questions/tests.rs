//! Questions as whole documents ask them: in lists and drawings, in several languages.

use crate::domain::plan::{Branch, Plan};

fn plan(text: &str) -> Plan {
    crate::runbook::read(text.as_bytes())
}

fn asked(text: &str) -> Vec<String> {
    let side = |b: &Branch| {
        let next = b.next.as_ref().map(|n| format!("#{n}"));
        let both: Vec<String> = b.outcome.iter().cloned().chain(next).collect();
        if both.is_empty() {
            "-".into()
        } else {
            both.join(" ")
        }
    };
    let plan = plan(text);
    let lines = plan.questions.iter();
    lines
        .map(|q| format!("{} y:{} n:{}", q.ask, side(&q.yes), side(&q.no)))
        .collect()
}

fn left(text: &str) -> Vec<String> {
    plan(text).unplaced.into_iter().map(|u| u.text).collect()
}

#[test]
fn a_list_with_answers_below() {
    let text = "# Way back\n\n## Overview\n\n- Is the shop down?\n  - **Yes** → Go back at once\n  - No: are more than 5 % of the orders lost?\n    - Yes, go back\n    - No, watch\n";
    assert_eq!(
        asked(text),
        [
            "Is the shop down? y:Go back at once n:#q2",
            "are more than 5 % of the orders lost? y:go back n:watch"
        ]
    );
    assert!(left(text).is_empty());
}

#[test]
fn numbered_questions_lead_on() {
    let text = "# Rückfall\n\n## Entscheidung\n\n1. **Ist der Dienst gestört?**\n   - Wenn ja: sofort zurückrollen\n   - Wenn nein: weiter mit Frage 3\n2. **Sind Daten betroffen?**\n   - Ja – Sicherung einspielen\n   - Nein – weiter\n3. **Läuft die Warteschlange voll?**\n   - Ja: Knoten zuschalten\n     - Leitung verständigen\n   - Nein: beobachten\n";
    assert_eq!(
        asked(text),
        [
            "Ist der Dienst gestört? y:sofort zurückrollen n:#q3",
            "Sind Daten betroffen? y:Sicherung einspielen n:#q3",
            "Läuft die Warteschlange voll? y:Knoten zuschalten; Leitung verständigen n:beobachten",
        ]
    );
    assert!(left(text).is_empty());
}

#[test]
fn answers_on_the_line_beside_or_below_a_sentence() {
    assert_eq!(
        asked(
            "# Plan\n\n## Cuándo revertir\n\n- ¿Está caído? Sí → revertir. No → esperar\n- ¿Hay datos perdidos?\n- Sí: restaurar\n- No: seguir\n"
        ),
        [
            "¿Está caído? y:revertir. n:esperar",
            "¿Hay datos perdidos? y:restaurar n:seguir"
        ]
    );
    assert_eq!(
        asked(
            "# Plan\n\n## Décision\n\nTrois points. Le site répond-il ?\n\n- **Oui** : attendre\n- **Non** : revenir en arrière\n"
        ),
        ["Le site répond-il ? y:attendre n:revenir en arrière"]
    );
    assert_eq!(
        asked(
            "# 手順\n\n## 判断\n\n### サービスは停止していますか？\n\n- はい → 切り戻し\n- いいえ → 様子を見る\n"
        ),
        ["サービスは停止していますか？ y:切り戻し n:様子を見る"]
    );
    assert_eq!(
        asked(
            "# План\n\n## Когда откатывать\n\n**Сервис недоступен?**\n**Да** — откатить\n**Нет** — наблюдать\n"
        ),
        ["Сервис недоступен? y:откатить n:наблюдать"]
    );
}

#[test]
fn what_belongs_to_no_answer_is_kept() {
    let text = "# Plan\n\n## Decision\n\n- Is it down?\n  - Look at the status page first\n  - Yes: go back\n    > nothing else\n  - No: wait\n  - Maybe: ask Nadia\n";
    assert_eq!(asked(text).len(), 1);
    let left = left(text).join("\n");
    assert!(
        left.contains("status page") && left.contains("Nadia"),
        "{left}"
    );
}

#[test]
fn what_is_done_before_the_next_question_is_an_outcome_and_what_follows_it_stays() {
    let text = "# Plan\n\n## Decision\n\n- Is A down?\n  - Yes:\n    - Tell Ines\n    - Is B down?\n      - Yes → go back\n      - No → mend A\n    - Otherwise call Omar\n  - No: wait\n";
    assert_eq!(
        asked(text),
        [
            "Is A down? y:Tell Ines #q2 n:wait",
            "Is B down? y:go back n:mend A"
        ]
    );
    assert_eq!(left(text).concat().trim(), "- Otherwise call Omar");
}

#[test]
fn an_answer_that_leads_nowhere_is_said() {
    let plan = plan(
        "# Plan\n\n## Decision\n\n- Is it down?\n  - Yes: go back\n  - No:\n- Is it slow?\n  - Yes: wait\n  - No: look\n",
    );
    assert_eq!(plan.questions.len(), 2);
    let open: Vec<u32> = plan
        .diagnostics
        .iter()
        .filter(|d| d.code == "open-branch")
        .map(|d| d.line)
        .collect();
    assert_eq!(open, [5]);
}

#[test]
fn work_is_no_question() {
    // A command below an answer, questions to think about, things to confirm.
    for text in [
        "# Rollback\n\n## Rollback steps\n\n1. Is the pod up?\n   - Yes: go on\n   - No: restart it\n\n     ```bash\n     kubectl rollout restart deploy/shop\n     ```\n",
        "# Rollback\n\n## Retrospective\n\n- Was it found early?\n- What went well?\n",
        "# Rollback\n\n## Verification\n\n- Can users log in?\n- No errors in the log\n",
        "# Rollback\n\n## Rollback steps\n\n1. Stop the shop\n2. Is it stopped?\n   - Yes: go on\n   - No: wait\n3. Start the old one\n",
    ] {
        assert_eq!(asked(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn drawings_out_of_all_measure_end() {
    let crosses = format!("Down? yes →\n{}", "+++++++++++++++++++\n".repeat(150));
    let words = format!(
        "Down? yes →\n{}",
        "a  b  c  d  e  f  /  \\  g\n".repeat(150)
    );
    let chain: Vec<String> = (0..3000).map(|n| format!("a{n}")).collect();
    let joined = format!(
        "graph TD\n  q{{Up?}} -->|Yes| {}\n  q -->|No| z",
        chain.join(" & ")
    );
    for drawing in [crosses, words, joined] {
        let text = format!("# Plan\n\n## Decision\n\n```mermaid\n{drawing}\n```\n");
        assert!(asked(&text).is_empty());
        assert_eq!(left(&text).len(), 1);
        // Read as a drawing of signs, nothing of it may be lost either.
        let signs = plan(&text.replace("mermaid", ""));
        assert!(!signs.questions.is_empty() || signs.unplaced.len() == 1);
    }
}

#[test]
fn labels_with_a_space_before_the_colon_are_the_same() {
    let text = "# Retour\n\n## Méthode 1\n\n**Durée** : 10 minutes\n**Use when** : la page est vide\n\n```bash\ngit checkout v4\n```\n\n**Success criteria** :\n- la page répond\n- le journal est vide\n";
    let told = |text: &str| {
        let plan = plan(text);
        let items = plan
            .checklists
            .iter()
            .map(|c| (c.title.clone(), c.items.len()));
        let ways = plan
            .procedures
            .iter()
            .map(|p| (p.use_when.clone(), p.estimate));
        (items.collect::<Vec<_>>(), ways.collect::<Vec<_>>())
    };
    let (items, ways) = told(text);
    assert_eq!(items, [("Success criteria".to_owned(), 2)]);
    assert_eq!(ways.len(), 1);
    assert_eq!(ways[0].0, "la page est vide");
    assert_eq!((items, ways), told(&text.replace(" :", ":")));
    assert_eq!(told(text), told(&text.replace(" :", "\u{a0}:")));
}

#[test]
fn drawings_in_whole_documents() {
    let text = "# Plan\n\n## Decision\n\n```mermaid\nflowchart TD\n  S[Alarm] --> A{Down?}\n  A -->|Yes| B[Go back]\n  A -->|No| C[Watch]\n```\n";
    assert_eq!(asked(text), ["Down? y:Go back n:Watch"]);
    assert_eq!(left(text), ["  S[Alarm] --> A{Down?}"]);
    let unclear = "# Plan\n\n## Decision\n\n```\n   Which part?\n  ┌────┼────┐\n YES  NO  MAYBE\n  │    │    │\n  A    B    C\n```\n";
    let read = plan(unclear);
    assert!(read.questions.is_empty());
    assert_eq!(read.unplaced.len(), 1);
    assert!(
        read.diagnostics
            .iter()
            .any(|d| d.code == "unread-drawing" && d.line == 5)
    );
}
