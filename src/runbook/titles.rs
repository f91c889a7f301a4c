//! What the words of a title say beside the role of its section.

use super::words::{self, Numbered, Role, each, says_any};

/// `Service Recovery (RTO: 15 minutes)` is a recovery with an objective, and no list of objectives.
#[must_use]
pub fn without_objective(lower: &str) -> String {
    const WAYS: &[&str] = &["recover", "restor", "rollback", "roll back", "failover"];
    const ABOUT: &[&str] = &["objective", "target", "goal"];
    let Some((name, inside)) = lower.split_once(['(', '（']) else {
        return lower.to_owned();
    };
    let stated = ["rto", "rpo"].iter().any(|w| inside.starts_with(w));
    let way = WAYS.iter().any(|w| name.contains(w)) && !ABOUT.iter().any(|w| name.contains(w));
    let figure = inside.bytes().any(|b| b.is_ascii_digit());
    if stated && way && figure {
        name.trim_end().to_owned()
    } else {
        lower.to_owned()
    }
}

/// A title of things that hold in general, such as `Rollback Principles`.
#[must_use]
pub fn is_principles(lower: &str) -> bool {
    const PRINCIPLES: &[&str] = &[
        "principle|principles|rollback scope|recovery scope|scope of |philosophy|golden rules|assumptions|invariants|considerations",
        "回滚范围|恢复范围|适用范围|適用範囲|롤백 범위|область применения|alcance del|escopo do|grundsätze|prinzipien|principios|princípios|principes|原则|原則|원칙|принцип|zasady",
    ];
    says_any(lower, PRINCIPLES)
}

/// The heading is off the path for no more than how its way is gone: by a script, by a new
/// deployment. Among the ways of a rollback that is one of them.
#[must_use]
pub fn is_manner(title: &str) -> bool {
    const MANNERS: &[&str] =
        &["script|automation|automated|redeploy|re-deploy|prevention|preventing"];
    const OTHERS: &[&str] = &[
        "drill|rehears|test|reference|cheat|troubleshoot|appendix|useful|best practice|deployment",
        "release pro|release steps|faq|tools",
    ];
    let numbered = matches!(words::numbered(title), Some((Numbered::Choice, _)));
    // A script by itself is a file; what is done by it is a way.
    let way = says_any(title, &["rollback|roll back|revert|restor|recover"])
        && !says_any(title, &["script"]);
    (numbered || way) && says_any(title, MANNERS) && !says_any(title, OTHERS)
}

/// A part of the time after a rollback that is no longer verification: `Within 24 hours`.
#[must_use]
pub fn is_later(title: &str) -> bool {
    const LATER: &[&str] = &[
        "short-term|short term|within 24|within 48|within 72|within one week|within 1 week",
        "within a week|next day|next business day|24 horas|innerhalb von 24|24 heures|24小时|24時間以内",
    ];
    says_any(title, LATER)
}

/// `Morning check (daily)`, `Snapshot retention`: what is done the year round, whether or not
/// something is rolled back.
#[must_use]
pub fn is_standing(lower: &str) -> bool {
    const OFTEN: &[&str] =
        &["daily|weekly|monthly|quarterly|annual|routine|nightly|every day|every week|every month"];
    const DONE: &[&str] = &[
        "check|health|monitoring|task|maintenance|operation|backup|drill|test|review|verification",
        "procedure|run|creation|snapshot|point|audit|report",
    ];
    const FOREIGN: &[&str] = &[
        "täglich|wöchentlich|monatlich|vierteljährlich|diariamente|mensualmente|trimestralmente|mensalmente",
        "chaque jour|chaque semaine|chaque mois|每日|每天|每周|每月|日常|例行|毎日|毎週|毎月|定期|매일|매주|매월|정기",
        "ежедневн|еженедельн|ежемесячн|codzienn|cotygodniow|comiesięczn",
    ];
    const KEPT: &[&str] = &[
        "backup|backups|snapshot|snapshots|rollback point|restore point|recovery point|dumps|release|artifact",
    ];
    const KEEPING: &[&str] =
        &["management|retention|rotation|cleanup|clean-up|clean up|housekeeping|lifecycle|policy"];
    const ONCE: &[&str] = &[
        "post-|after|following|first|until|emergency|nach |después|après|depois|回滚后|之后|後|이후|после|po ",
    ];
    let often = says_any(lower, OFTEN) && says_any(lower, DONE) || says_any(lower, FOREIGN);
    let kept = || says_any(lower, KEPT) && says_any(lower, KEEPING);
    (often || kept()) && !says_any(lower, ONCE)
}

/// `Scenario 4: Verification Failure` is what went wrong, not what is verified.
#[must_use]
pub fn is_failed(role: Role, lower: &str, title: &str) -> bool {
    const FAILS: &[&str] = &[
        "failure|failures|failed|fails|failing|error|errors|outage|broken|incompatib|corrupt",
        "fallo|falla|falha|erro|ausfall|fehler|échec|panne|故障|失败|異常|障害|失敗|장애|실패|сбой|отказ|ошибк|awari",
    ];
    matches!(
        role,
        Role::Verify | Role::Metrics | Role::Prepare | Role::Communication | Role::OffPath
    ) && matches!(words::numbered(title), Some((Numbered::Choice, _)))
        && says_any(lower, FAILS)
}

/// `After the deploy`, in languages in which `after` alone speaks of a rollback: the time in which
/// one may be needed, and not the time after it.
#[must_use]
pub fn is_after_release(lower: &str) -> bool {
    const AFTER: &[&str] = &["después|pós|depois|après|после|nach dem|po |بعد|后|後|후"];
    const RELEASE: &[&str] = &[
        "deploy|desplieg|despleg|implanta|déploie|mise en production|деплой|деплоя|релиз|выкат|внедрен",
        "release|wdroże|النشر|部署|上线|发布|デプロイ|リリース|배포|rollout",
    ];
    const BACK: &[&str] = &[
        "rollback|roll back|reversión|reversão|retour arrière|откат|восстанов|回滚|恢复|ロールバック|復旧|롤백|복구|التراجع|cofnięci",
    ];
    says_any(lower, AFTER) && says_any(lower, RELEASE) && !says_any(lower, BACK)
}

/// `Rollback after a failed health check`: what comes after the first word is when, not what.
#[must_use]
pub fn is_way_back_when(lower: &str) -> bool {
    const WAY: &[&str] = &["rollback|roll back|revert|restore|recover|recovery|undo|back out"];
    const WHEN: &[&str] =
        &[" if | when | on | after | upon | because | following | in case | should "];
    let text = words::bare(lower);
    let rest = each(WAY).find_map(|w| text.strip_prefix(w));
    let at = rest.and_then(|r| each(WHEN).filter_map(|w| r.find(w)).min());
    // The condition belongs to the first words, before any colon or dash.
    rest.zip(at).is_some_and(|(rest, at)| {
        let before = rest.get(..at).unwrap_or_default();
        before.split_whitespace().count() <= 3 && !before.contains([':', '(', '–', '—', '&', ','])
    })
}

/// `Roll back at once if`: what stands below says when, not what.
#[must_use]
pub fn is_condition(title: &str) -> bool {
    const ENDS: &[&str] = &[" if| when| unless| wenn| falls| si| cuando| quando| se| если|时|場合"];
    let title = title.trim_end_matches([':', '：', ' ', '…', '.']);
    each(ENDS).any(|w| title.ends_with(w))
}

/// `Critical variables`, `Data impact`: what stands below is there to be known.
#[must_use]
pub fn is_inventory(title: &str) -> bool {
    const ENDS: &[&str] = &[
        " available| restored| affected| included| locations| features| capabilities",
        " variables| impact| impacts| effects| consequences| risks",
        "影响|对象|範囲|范围|影響|対象|风险",
    ];
    title.starts_with("automatic") || each(ENDS).any(|w| title.ends_with(w))
}

/// `Never do this during a rollback`: what stands below is not to be done.
#[must_use]
pub fn is_forbidden(title: &str) -> bool {
    const BEGIN: &[&str] = &[
        "never|do not|don't|don’t|donts|what not to do|things not to do|avoid|prohibited|forbidden",
        "nunca|no hacer|não fazer|niemals|nicht tun|ne jamais|ne pas|никогда|не делать|nigdy|不要|禁止|切勿|してはいけない|やってはいけない|하지 마",
    ];
    let bare = words::bare(title).to_lowercase();
    each(BEGIN).any(|w| {
        bare.strip_prefix(w)
            .is_some_and(|rest| !w.is_ascii() || !rest.starts_with(char::is_alphanumeric))
    })
}

/// `If the check fails, deploy.sh will`: what stands below is done by a script.
#[must_use]
pub fn is_of_a_script(title: &str) -> bool {
    const ACTS: &[&str] = &[" will| does|会|將会|将|が| va| wird| hará| fará| faz"];
    const SCRIPTS: &[&str] = &[".sh|.py|.ps1|.rb|.js|.ts|.bat"];
    let title = title.trim_end_matches([':', '：', ' ', '\u{a0}']);
    let acts = each(ACTS).find_map(|w| title.strip_suffix(w));
    let rest = acts.unwrap_or(title).trim_end();
    let script = rest.rsplit(char::is_whitespace).next().unwrap_or(rest);
    let clause = rest.strip_suffix(script).unwrap_or_default().trim_end();
    let named = each(SCRIPTS).any(|end| script.ends_with(end));
    named && (acts.is_some() || clause.ends_with([',', '，']))
}

/// `What to do:` below a condition leads to no further condition.
#[must_use]
pub fn is_response(lead: &str) -> bool {
    const DO: &[&str] = &[
        "action|what to do|response|handling|then|acción|acciones|ação|ações|maßnahme|mesures",
        "处理|处置|措施|动作|対応|処置|조치|действия|działani",
    ];
    let lead = lead.to_lowercase();
    lead.ends_with([':', '：']) && each(DO).any(|w| lead.starts_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_in_brackets_is_no_subject() {
        for (title, want) in [
            ("2. mail recovery (rto: 20 minutes)", "2. mail recovery"),
            (
                "recovery objectives (rto/rpo)",
                "recovery objectives (rto/rpo)",
            ),
            ("restore (fast)", "restore (fast)"),
        ] {
            assert_eq!(without_objective(title), want);
        }
    }

    #[test]
    fn what_is_done_the_year_round_is_no_part_of_a_rollback() {
        for title in [
            "evening check (run daily)",
            "weekly backup test",
            "snapshot retention",
            "restore point cleanup",
            "每日检查",
        ] {
            assert!(is_standing(title), "{title}");
        }
        for title in [
            "critical: daily users cannot log in",
            "post-rollback monitoring (daily checks)",
            "take a snapshot",
            "clean up",
        ] {
            assert!(!is_standing(title), "{title}");
        }
    }

    #[test]
    fn what_a_script_does_is_told_apart_from_running_it() {
        assert!(is_of_a_script("如果检查失败，deploy.sh 会"));
        assert!(is_of_a_script("Si le contrôle échoue, back.sh :"));
        assert!(!is_of_a_script("Run back.sh:") && !is_of_a_script("the host will"));
    }

    #[test]
    fn when_is_told_apart_from_what() {
        assert!(is_after_release("si algo falla después del despliegue"));
        assert!(!is_after_release("después del rollback") && !is_after_release("after deploy"));
        assert!(is_way_back_when("2. rollback after a failed health check"));
        assert!(is_way_back_when("restore the data if the check fails"));
        assert!(!is_way_back_when("rollback verification: after the deploy"));
        assert!(!is_way_back_when("rollback & health check on all hosts"));
    }

    #[test]
    fn what_is_not_to_be_done_says_so_first() {
        assert!(is_forbidden("⚠️ NEVER do this during rollback") && is_forbidden("Don't:"));
        assert!(!is_forbidden("Nevertheless, stop") && !is_forbidden("Stop what never ends"));
    }

    #[test]
    fn titles_of_conditions_and_inventories() {
        assert!(is_condition("go back at once if:") && is_condition("volver si"));
        assert!(!is_condition("decide"));
        assert!(is_inventory("secret variables") && is_inventory("automatic checks"));
        assert!(!is_inventory("impact the least") && !is_inventory("stop it"));
    }
}
