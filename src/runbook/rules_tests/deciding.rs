//! What helps to decide: levels in words, colours and tables, approvals, and who is called.

use super::{findings, plan};
use crate::domain::plan::Plan;

/// Each level with its deadline and what puts an incident there.
fn levels(plan: &Plan) -> Vec<(&str, Option<u64>, Vec<&str>)> {
    plan.severities
        .iter()
        .map(|s| {
            let triggers = s.triggers.iter().map(|t| t.text.as_str()).collect();
            (s.name.as_str(), s.within_s, triggers)
        })
        .collect()
}

fn people(plan: &Plan) -> Vec<(&str, &str)> {
    plan.contacts
        .iter()
        .map(|c| (c.role.as_str(), c.contact.as_str()))
        .collect()
}

/// Bands of urgency in words, without names of levels.
#[test]
fn bands_in_words_are_levels() {
    let plan = plan(
        "# Ferry\n\n## When to Roll Back\n\n**IMMEDIATE ROLLBACK** - start within 5 minutes if:\n- [ ] Error rate above 10% for 5 minutes\n- [ ] Tickets are lost\n\n**Consider rollback** - decide within 30 minutes if:\n- [ ] p95 above 900 ms\n\n**Monitor closely**:\n- A few guests complain\n",
    );
    assert_eq!(
        levels(&plan),
        [
            (
                "IMMEDIATE ROLLBACK",
                Some(300),
                vec!["Error rate above 10% for 5 minutes", "Tickets are lost"]
            ),
            ("Consider rollback", Some(1800), vec!["p95 above 900 ms"]),
            ("Monitor closely", None, vec!["A few guests complain"]),
        ]
    );
}

/// A colour alone tells how bad it is, whatever the words behind it.
#[test]
fn coloured_headings_are_levels() {
    let plan = plan(
        "# Ferry\n\n## Triggers\n\n### 🟢 Watch only\n- Latency up by 10%\n\n### 🔴 Automatic\n- Health check fails for 3 minutes\n\n### 🟡 By hand\n- CPU > 90% for 15 minutes\n",
    );
    assert_eq!(
        levels(&plan),
        [
            (
                "🔴 Automatic",
                None,
                vec!["Health check fails for 3 minutes"]
            ),
            ("🟡 By hand", None, vec!["CPU > 90% for 15 minutes"]),
            ("🟢 Watch only", None, vec!["Latency up by 10%"]),
        ]
    );
}

/// Tables of levels in other languages, known by the words of their columns and cells.
#[test]
fn tables_of_levels_are_read_in_other_languages() {
    let tables = [
        (
            "## Критерии\n\n| Уровень | Условие | Действие | Срок |\n|---|---|---|---|\n| 🟢 Низкий | Жалоба | Ждать | 24 часа |\n| 🔴 Критический | Сайт не отвечает | Откат | 5 мин |\n",
            [
                ("🔴 Критический", 300, "Сайт не отвечает"),
                ("🟢 Низкий", 86_400, "Жалоба"),
            ],
        ),
        (
            "## 触发条件\n\n| 级别 | 描述 | 响应时间 |\n|---|---|---|\n| 紧急 | 服务不可用 | 5 分钟 |\n| 低 | 界面问题 | 24 小时 |\n",
            [("紧急", 300, "服务不可用"), ("低", 86_400, "界面问题")],
        ),
        (
            "## Cuándo revertir\n\n| Severidad | Descripción | Tiempo |\n|---|---|---|\n| Crítica | Todo caído | 10 min |\n| Baja | Un color | 1 día |\n",
            [("Crítica", 600, "Todo caído"), ("Baja", 86_400, "Un color")],
        ),
        (
            "## Entscheidung\n\n| Schweregrad | Beschreibung | Frist |\n|---|---|---|\n| Kritisch | Alles steht | 15 Min. |\n| Niedrig | Farbe falsch | 2 Tage |\n",
            [
                ("Kritisch", 900, "Alles steht"),
                ("Niedrig", 172_800, "Farbe falsch"),
            ],
        ),
    ];
    for (table, want) in tables {
        let plan = plan(&format!("# Ferry\n\n{table}"));
        let want: Vec<_> = want
            .into_iter()
            .map(|(name, within, trigger)| (name, Some(within), vec![trigger]))
            .collect();
        assert_eq!(levels(&plan), want, "{table}");
    }
}

/// A scale that nobody knows is shown as it stands, and makes no levels.
#[test]
fn an_unknown_scale_stays_as_it_is_written() {
    let plan = plan(
        "# Ferry\n\n## Decision matrix\n\n| Guests | Flag | What to do |\n|---|---|---|\n| All | Purple | Stay |\n| Some | Teal | Think |\n",
    );
    assert_eq!(levels(&plan), []);
    let kept: Vec<_> = plan
        .unplaced
        .iter()
        .map(|u| (u.heading.as_str(), u.text.lines().count(), u.span.first))
        .collect();
    assert_eq!(kept, [("Decision matrix", 4, 5)]);
}

/// Who may approve at which level, whom to tell, and how quickly they answer.
#[test]
fn approvals_are_kept_with_their_levels() {
    let plan = plan(
        "# Ferry\n\n## Rollback decision\n\n- **SEV-1**: nothing sails (within 10 min)\n- **SEV-2**: one ship is late, decide within 1 hour\n\n## Approval authority\n\n| Severity | Who can approve | Notify | Response time |\n|---|---|---|---|\n| SEV-1 | Harbour master | Owner | 5 min |\n| SEV-2 | Team lead | | 30 min |\n",
    );
    assert_eq!(
        levels(&plan)
            .into_iter()
            .map(|(n, w, _)| (n, w))
            .collect::<Vec<_>>(),
        [("SEV-1", Some(600)), ("SEV-2", Some(3600))]
    );
    let approvals: Vec<_> = plan
        .approvals
        .iter()
        .map(|a| {
            (
                a.when.as_str(),
                a.who.as_str(),
                a.notify.as_str(),
                a.respond_within_s,
            )
        })
        .collect();
    assert_eq!(
        approvals,
        [
            ("SEV-1", "Harbour master", "Owner", Some(300)),
            ("SEV-2", "Team lead", "", Some(1800)),
        ]
    );
}

/// Contacts from a table, from bullets of several kinds, and from a fence; those that are still
/// blank are pointed at.
#[test]
fn contacts_come_from_tables_bullets_and_fences() {
    let text = "# Ferry\n\n## Emergency Contacts\n\n| Role | Name | Phone |\n|---|---|---|\n| Captain | Ada | +1 555 0100 |\n| Engineer | [Name] | [Phone] |\n\n### Escalation\n\n- **Level 1**: on-call, #bridge\n- Level 2 - head of the harbour\n- **Owner**: ____\n\n### Outside\n\n```\nCoast guard: +49 30 000\nInsurer: TBD\n```\n\n## Kontakte\n\n- Hafen: hafen@example.test\n- Werft: <name>\n";
    assert_eq!(
        people(&plan(text)),
        [
            ("Captain", "Ada · +1 555 0100"),
            ("Engineer", "[Name] · [Phone]"),
            ("Level 1", "on-call, #bridge"),
            ("Level 2", "head of the harbour"),
            ("Owner", "____"),
            ("Coast guard", "+49 30 000"),
            ("Insurer", "TBD"),
            ("Hafen", "hafen@example.test"),
            ("Werft", "<name>"),
        ]
    );
    let blank: Vec<u32> = findings(text)
        .into_iter()
        .filter(|(_, code)| code == "blank-contact")
        .map(|(line, _)| line)
        .collect();
    assert_eq!(blank, [8, 14, 20, 26]);
}

#[test]
fn a_level_that_is_named_twice_keeps_what_both_say() {
    let plan = plan(
        "# Kiosk\n\n## Rollback decision tree\n\n**HIGH** - go back within 1 hour if sales fall:\n- Tills are shut\n\n**HIGH** - go back within 5 minutes if money is lost:\n- Cards are charged twice\n\n**LOW** - wait:\n- A label is wrong\n",
    );
    let [high, low] = plan.severities.as_slice() else {
        panic!("{:?}", plan.severities);
    };
    assert_eq!(high.triggers.len(), 2);
    for words in ["sales fall", "money is lost"] {
        assert!(high.response.contains(words), "{}", high.response);
    }
    assert_eq!((high.within_s, low.response.as_str()), (Some(300), "wait"));
}
