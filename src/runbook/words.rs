//! The words that tell what a heading, a lead-in or a column is about, in a dozen languages.
//!
//! Roles come from vocabulary, never from an exact heading: almost no heading occurs twice among
//! real plans. An ASCII word matches where a word begins; others match anywhere.

pub use super::slugs::{anchor, slug};
pub use super::titles::{is_later, is_manner};
pub use super::vocabulary::says_any;
use crate::script::work;
use std::sync::LazyLock;

use super::titles;
use super::vocabulary::Book;

/// What a section is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Table of contents.
    Contents,
    /// A numbered safety checkpoint.
    Checkpoint,
    /// The log of the incident to be filled.
    IncidentLog,
    /// Who may approve.
    Approval,
    /// People and how to reach them.
    Contacts,
    /// Messages to somebody.
    Communication,
    /// Review after the incident.
    Retrospective,
    /// Recovery objectives.
    Objectives,
    /// What must hold for success.
    Success,
    /// Runnable, but not part of a rollback.
    OffPath,
    /// Gathering information, taking backups.
    Prepare,
    /// To confirm before the rollback.
    Before,
    /// Verification.
    Verify,
    /// Work after the rollback.
    After,
    /// Follow-up after the incident.
    FollowUp,
    /// Figures and their targets.
    Metrics,
    /// Conditions, levels and decisions.
    Triage,
    /// The rollback itself.
    Rollback,
    /// About the document.
    About,
    /// What holds in general: nothing to do.
    Principles,
}

const ROLES: &[(Role, &[&str])] = &[
    (
        Role::Contents,
        &[
            "table of contents|contents|inhaltsverzeichnis|índice|indice|sommaire",
            "table des matières|目录|目次|목차|содержание|spis treści|sumário",
        ],
    ),
    (
        Role::Checkpoint,
        &[
            "checkpoint",
            "hold point",
            "检查点",
            "チェックポイント",
            "체크포인트",
        ],
    ),
    (
        Role::IncidentLog,
        &[
            "incident log|rollback log|incident record|log template|incident form",
            "execution log|registro de incidente|事件记录|einsatzprotokoll",
            "journal d'incident",
        ],
    ),
    (
        Role::Approval,
        &[
            "approval|authority|authoriz|authoris|who can approve|decision maker",
            "sign-off|aprobación|aprovação|autoriz|freigabe|genehmigung|autorisation|审批",
            "授权|승인|承認|согласован|akceptacj",
        ],
    ),
    (
        Role::Contacts,
        &[
            "contact|escalation|escalate|on-call|response team|team roles|responsables",
            "responsáveis|contacto|contato|kontakt|ansprechpartner|eskalation|联系|連絡|연락",
            "контакт|responsabl|jemand|iletişim|جهات الاتصال|معلومات الاتصال|فريق الطوارئ",
        ],
    ),
    (
        Role::Communication,
        &[
            "communication|notification template|message template|announcement",
            "status update|comunicación|comunicação|kommunikation|通知|沟通|連絡文|коммуникац",
            "komunikacj|커뮤니케이션",
        ],
    ),
    (
        Role::Retrospective,
        &[
            "retrospective|post-mortem|postmortem|post mortem|lessons learned",
            "incident report|root cause|post-incident|post incident|lecciones|lições",
            "causa raíz|causa raiz|cause racine|ursachenanalyse|根因|根本原因|근본 원인|первопричин|nachbetrachtung|复盘|振り返り|회고|разбор",
        ],
    ),
    (
        Role::Objectives,
        &[
            "recovery time objective",
            "recovery point objective",
            "rto",
            "rpo",
            "recovery objectives",
        ],
    ),
    (
        Role::Success,
        &[
            "success criteria|acceptance criteria|rollback complete|exit criteria",
            "definition of done|criterios de éxito|critérios de sucesso",
            "erfolgskriterien|critères de succès|成功标准|成功基準|성공 기준|критерии успех",
            "kryteria sukcesu|معايير النجاح",
        ],
    ),
    (
        Role::OffPath,
        &[
            "drill|rehears|dr test|testing dr|test dr|testing disaster|disaster recovery test|dr exercise|recovery exercise|game day|gameday|chaos engineering|backup restoration test|rollback test|testing rollback|test rollback",
            "test the rollback|testing the rollback|testing procedure|staging test",
            // A rollback comes after the deployment: what is asked before one is late by then, and
            // may write over the very thing that was kept for the way back.
            "before deploy|before any deploy|before every deploy|before each deploy|before a deploy|before the deploy|during deployment|after every deploy|after each deploy",
            "antes de cada despliegue|antes del despliegue|antes de desplegar|antes do deploy|antes de cada deploy|vor dem deployment|vor jedem deployment|avant chaque déploiement|avant le déploiement|部署前|发布前|デプロイ前|배포 전|перед деплоем|przed wdrożeniem",
            "prevention|preventive|preventing|avoiding rollback|reducing rollback|reducir rollback|evitar rollback|prevención|prevenção|prévention|vorbeug|预防|予防|再発防止|예방|재발 방지|предотвращ|zapobieg|deployment procedure|deployment steps",
            "redeploy|re-deploy|script|automation|automated|quick reference|问题处理",
            "release procedure|release process|release steps|deployment process",
            "faq|frequently asked|cli commands|console commands|tools and|tools &",
            "常见问题|故障排除|故障排查|よくある質問|자주 묻는|推送前|上线前",
            "solución de problemas|resolução de problemas|fehlerbehebung|dépannage|トラブルシュー|문제 해결|устранение неполад",
            "command reference|quick command|cheat sheet|cheatsheet|troubleshoot",
            "appendix|useful commands|best practice|simulacro|prueba de rollback",
            "teste de rollback|übung|exercice|附录|演练|常用命令|訓練|훈련|учени|ćwiczen",
        ],
    ),
    (
        Role::Metrics,
        &["metric|kpi|sli|slo|métrica|kennzahl|métrique|指标|指標|지표|метрик"],
    ),
    (
        Role::Before,
        &[
            "pre-rollback|pre rollback|before rollback|before you|before initiat",
            "before start|before execut|before the rollback|before a rollback|before rolling back|prerequisite|pre-requisite|precondition",
            "rollback requirements|pre-flight|preflight|pre-deploy|predeploy|antes de",
            "prerrequisito|requisitos|pré-rollback|voraussetzung|vor dem rollback",
            "vorbedingung|prérequis|pré-requis|avant|回滚前|前置|前提|사전|предварительн|przed",
            "قبل",
        ],
    ),
    (
        Role::Prepare,
        &[
            "information to gather|gather|collect|backup current|take backup",
            "create backup|backup before|back up|prepar|snapshot|vorbereit|préparation",
            "准备|備份|备份|準備|준비|подготов|przygotow",
        ],
    ),
    (
        Role::FollowUp,
        &[
            "follow-up|follow up|followup|continuous improvement|post-rollback analysis",
            "next steps|after each rollback|long-term|action items|seguimiento",
            "acompanhamento|nachbereitung|suivi|后续|事后|事後|フォロー|후속|дальнейш",
            "after the incident|after an incident|after every incident",
        ],
    ),
    (
        Role::Verify,
        &[
            "verif|validat|health check|smoke test|sanity|functional test|confirm",
            "monitor|immediate checks|überprüf|prüfung|comprob|vérif|验证|確認|検証|검증|확인",
            "проверк|weryfik|sprawdz|doğrula|تحقق|اختبار",
        ],
    ),
    (
        Role::After,
        &[
            "post-rollback|post rollback|after rollback|after the rollback|post-restore",
            "after recovery|after the recovery|after restor|post-recovery|post-emergency",
            "después|pós-rollback|nach dem rollback|après|回滚后|ロールバック後|롤백 후|после",
            "po rollback|بعد",
        ],
    ),
    (
        Role::Triage,
        &[
            "when to|trigger|severity|decision|criteria|criterio|critério|kriterien|matrix|condition|cuándo|cuando",
            "quando|disparador|severidad|gravedad|wann|auslöser|schweregrad",
            "entscheidung|quand|déclencheur|critères|触发|何时|决策|严重|判断|トリガー|条件|基準|트리거|기준",
            "когда|триггер|критери|kiedy|kryteri|متى|언제|いつ|ne zaman|معايير",
        ],
    ),
    (
        Role::Rollback,
        &[
            "rollback|roll back|rolling back|revert|restore|recover|procedure|undo",
            "downgrade|emergency|mitigation|remediation|back out|backout|steps|reversión|revertir|restaurar",
            "reversão|reversa|pasos|passos|procedimiento|procedimento|wiederherstell",
            "zurücksetz|rückfall|schritte|restaur|retour arrière|étapes|procédure|回滚|恢复",
            "还原|步骤|ロールバック|復旧|手順|切り戻し|롤백|복구|절차|откат|восстанов|cofnięci|przywr|wycofan",
            "geri alma|التراجع",
        ],
    ),
    (
        Role::About,
        &[
            "document information|document info|document control|revision history",
            "version history|changelog|related document|references|metadata|references",
        ],
    ),
];

/// The words of the roles, each title asked once for all of them.
static SAID: LazyLock<Book> = LazyLock::new(|| Book::of(ROLES.iter().map(|(_, words)| *words)));

/// Whether `text` (lower case) says `word`.
#[must_use]
pub fn says(text: &str, word: &str) -> bool {
    work::done(text.len());
    if !word.is_ascii() {
        let folded = || super::traditional::simplified(text).is_some_and(|t| t.contains(word));
        return !text.is_ascii() && (text.contains(word) || folded());
    }
    let Some(first) = word.bytes().next() else {
        return true;
    };
    // Hundreds of words are asked for and few are there: a look at their first bytes tells most.
    let mut from = 0;
    while let Some(at) = text
        .as_bytes()
        .get(from..)
        .and_then(|rest| memchr::memchr(first, rest))
    {
        let (start, end) = (from + at, from + at + word.len());
        if !text.get(start..).is_some_and(|rest| rest.starts_with(word)) {
            from = start + 1;
            continue;
        }
        let before = text.get(..start).and_then(|t| t.chars().next_back());
        let after = text.get(end..).and_then(|t| t.chars().next());
        let begins = before.is_none_or(|c| !c.is_alphanumeric());
        // A short word is that word and no beginning: `slo` is not in `slow`.
        let whole = word.len() > 3 || after.is_none_or(|c| !c.is_alphanumeric());
        if begins && whole {
            return true;
        }
        from = end;
    }
    false
}

/// The words of a table, in which several may stand in one string, divided by `|`.
pub fn each<'a>(words: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    words.iter().flat_map(|some| {
        let mut rest = Some(*some);
        std::iter::from_fn(move || {
            let text = rest?;
            let bar = memchr::memchr(b'|', text.as_bytes());
            let word = bar.map_or(Some(text), |at| text.get(..at));
            rest = bar.and_then(|at| text.get(at + 1..));
            word
        })
    })
}

/// What a heading says of itself.
#[must_use]
pub fn role(title: &str) -> Option<Role> {
    let lower = titles::without_objective(&title.to_lowercase());
    if titles::is_principles(&lower) {
        return Some(Role::Principles);
    }
    if titles::is_standing(&lower) {
        return Some(Role::OffPath);
    }
    let named = bare(title).to_lowercase();
    // The automatic way back is a way back; what is automated otherwise is not.
    let automatic = ["automated ", "automatic "]
        .iter()
        .find_map(|w| named.strip_prefix(w))
        .and_then(|t| each(&["rollback|recovery|restore"]).find_map(|w| t.strip_prefix(w)))
        .filter(|rest| rest.is_empty() || rest.trim_start().starts_with(['(', ':', '-', '–']));
    if automatic.is_some() {
        return Some(Role::Rollback);
    }
    let condition = titles::is_way_back_when(&lower);
    let early = titles::is_after_release(&lower);
    let other = |role: Role| match role {
        Role::Verify | Role::Metrics | Role::Before | Role::Prepare => condition,
        Role::After => condition || early,
        _ => false,
    };
    let said = SAID.said_by(&lower);
    ROLES
        .iter()
        .enumerate()
        .map(|(number, (role, _))| (number, *role))
        .find(|(number, role)| said & (1 << number) != 0 && !other(*role))
        .map(|(_, role)| role)
        .filter(|role| !titles::is_failed(*role, &lower, title))
}

/// A word that numbers headings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Numbered {
    /// One after the other: `Step 2`.
    Step,
    /// One after the other, and large: `Phase 2`.
    Phase,
    /// One of several: `Option B`.
    Choice,
}

const STEP: &[&str] =
    &["step|paso|passo|schritt|étape|etape|шаг|krok|步骤|ステップ|手順|단계|adım|الخطوة"];
const PHASE: &[&str] = &["phase|fase|stage|etapa|фаза|этап|faza|阶段|フェーズ|wave|part"];
const CHOICE: &[&str] = &[
    "option|method|scenario|strategy|approach|alternative|variant|plan|opción",
    "opcion|método|metodo|escenario|opção|cenário|methode|szenario|variante",
    "méthode|scénario|вариант|способ|сценарий|opcja|metoda|scenariusz|方案|方法|场景",
    "選択肢|方式|シナリオ|방법|옵션|시나리오|seçenek|الخيار|case|level|tier",
];

/// The three, divided once: titles are asked for them several times each.
static NUMBERING: LazyLock<[(Numbered, Vec<&'static str>); 3]> = LazyLock::new(|| {
    [
        (Numbered::Step, each(STEP).collect()),
        (Numbered::Phase, each(PHASE).collect()),
        (Numbered::Choice, each(CHOICE).collect()),
    ]
});

/// `Option 2: …`, `Step 3 – …`, `方案一`: the word that numbers a heading, and the number's text.
#[must_use]
pub fn numbered(title: &str) -> Option<(Numbered, String)> {
    let lower = bare(title).to_lowercase();
    if lower.is_empty() {
        return None;
    }
    numbered_in(&lower).or_else(|| numbered_in(&super::traditional::simplified(&lower)?))
}

fn numbered_in(lower: &str) -> Option<(Numbered, String)> {
    for (kind, words) in NUMBERING.iter() {
        for word in words {
            // Most words fall out by their first byte.
            if word.as_bytes().first() != lower.as_bytes().first() {
                continue;
            }
            let Some(rest) = lower.strip_prefix(word) else {
                continue;
            };
            let spaced = rest.starts_with(char::is_whitespace) || rest.starts_with('#');
            let rest = rest.trim_start_matches([' ', '\u{a0}', '#']);
            let ordinal: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            let fits = ordinal.bytes().all(|b| b.is_ascii_digit()) && !ordinal.is_empty()
                || (spaced && ordinal.chars().count() == 1)
                || matches!(
                    ordinal.as_str(),
                    "ii" | "iii" | "iv" | "one" | "two" | "three"
                )
                || ordinal.starts_with(['一', '二', '三', '四', '五', '六']);
            if fits {
                return Some((*kind, ordinal));
            }
        }
    }
    None
}

/// A title that names one of several ways: `Option B`, `If using Docker`.
#[must_use]
pub fn is_one_of(title: &str) -> bool {
    const USING: &[&str] = &[
        "if using|if you use|if you are using|if you're using|when using|falls sie|wenn sie",
        "if running|if it runs|if deployed|if started|wenn es|läuft es|если запущен|если развёрнут|si corre|si está desplegado|si utilise|si usa|si utiliza|se usar|se você usa|si vous utilisez|если используется|如果使用|使用する場合",
    ];
    let lower = bare(title).to_lowercase();
    matches!(numbered(title), Some((Numbered::Choice, _)))
        || each(USING).any(|w| lower.starts_with(w))
}

/// `Option 2: with nginx`: what follows the number is set off from it.
#[must_use]
pub fn is_option(title: &str) -> bool {
    let Some((Numbered::Choice, ordinal)) = numbered(title) else {
        return false;
    };
    let lower = bare(title).to_lowercase();
    let after = lower
        .split_once(ordinal.as_str())
        .map_or("", |(_, rest)| rest.trim_start());
    after.is_empty() || after.starts_with([':', '：', '-', '–', '—', '.', ')', '(', ','])
}

/// A title without pictures and the outline's own numbers (`✅ 4.1 Restore` is `Restore`).
#[must_use]
pub fn bare(title: &str) -> &str {
    let text =
        title.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '<' | '[' | '('));
    let digits = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(0);
    let rest = text.get(digits..).unwrap_or(text);
    let number = text.get(..digits).unwrap_or_default();
    let outline = number.contains('.') || rest.starts_with(')');
    if digits > 0 && outline && rest.starts_with([' ', ')']) {
        return rest.trim_start_matches([')', ' ']);
    }
    text
}

/// How severe a level's name sounds: 0 is the worst. None where the word is no level.
#[must_use]
pub fn level(name: &str) -> Option<u8> {
    const LEVELS: &[(u8, &[&str])] = &[
        (
            0,
            &[
                "critical|immediate|emergency|p0|sev0|sev-0|sev 0|severity 0|s0|🔴|crítico|crítica",
                "critique|kritisch|критич|krytyczn|紧急|严重|緊急|긴급|치명|kritik|حرج|automatic|must",
                "red",
            ],
        ),
        (
            1,
            &[
                "high|p1|sev1|sev-1|sev 1|severity 1|s1|🟠|urgent|alto|alta|élevé|hoch|высок|wysoki|高|重大",
                "높음|major|severe|scheduled|planned|عالي|orange",
            ],
        ),
        (
            2,
            &[
                "medium|moderate|p2|sev2|sev-2|sev 2|severity 2|s2|🟡|consider|medio|media|médio|média",
                "moyen|mittel|средн|średni|中|중간|warning|discretionary|yellow|متوسط",
            ],
        ),
        (
            3,
            &[
                "low|p3|sev3|sev-3|sev 3|severity 3|s3|🟢|minor|monitor|bajo|baja|baixo|baixa|faible",
                "niedrig|низк|niski|低|軽微|낮음|no rollback|optional|green|منخفض",
            ],
        ),
        (
            4,
            &["p4|p5|severity 4|s4|sev4|sev5|sev-4|info|informational|do not rollback|fix forward"],
        ),
    ];
    static RANKED: LazyLock<Vec<(u8, &'static str)>> = LazyLock::new(|| {
        let all = LEVELS.iter();
        all.flat_map(|(rank, words)| each(words).map(|w| (*rank, w)))
            .collect()
    });
    let lower = name.to_lowercase();
    let bare = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    let at = |text: &str| text.bytes().next();
    RANKED
        .iter()
        .filter(|(_, word)| at(word) == at(bare) || at(word) == at(&lower))
        .find(|(_, word)| begins(&lower, bare, word))
        .map(|(rank, _)| *rank)
}

/// The level word stands at the beginning of the name, pictures and brackets apart, as a whole.
fn begins(name: &str, bare: &str, word: &str) -> bool {
    if name.starts_with(word) && !word.is_ascii() {
        return true;
    }
    bare.strip_prefix(word).is_some_and(|rest| {
        !word.is_ascii() || rest.chars().next().is_none_or(|c| !c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_say_their_roles() {
        let cases = [
            ("Pre-Rollback Checklist", Some(Role::Before)),
            ("Before the Rollback", Some(Role::Before)),
            ("Information to Gather", Some(Role::Prepare)),
            ("3. Full Restore", Some(Role::Rollback)),
            ("Database Rollback Verification", Some(Role::Verify)),
            ("Post-Rollback Procedures", Some(Role::After)),
            ("Rollback Drill", Some(Role::OffPath)),
            ("回滚步骤", Some(Role::Rollback)),
            ("Wann zurückrollen", Some(Role::Triage)),
            ("Overview", None),
            ("3. Queue Recovery (RTO: 20 minutes)", Some(Role::Rollback)),
            ("Section 4 — DR Test Procedure", Some(Role::OffPath)),
            ("Criterios para volver atrás", Some(Role::Triage)),
            ("언제 되돌리는가", Some(Role::Triage)),
            ("Scenario 4: Verification Failure", None),
        ];
        for (title, want) in cases {
            assert_eq!(role(title), want, "{title}");
        }
    }

    #[test]
    fn every_role_has_its_bit() {
        assert!(ROLES.len() <= 32);
        for (number, (role, words)) in ROLES.iter().enumerate() {
            let word = each(words).next().unwrap_or_default();
            assert!(SAID.said_by(word) & (1 << number) != 0, "{role:?}: {word}");
        }
    }

    #[test]
    fn numbered_headings() {
        assert_eq!(
            numbered("Option 2: Code"),
            Some((Numbered::Choice, "2".into()))
        );
        assert_eq!(
            numbered("### 🔧 Step 3 – go".trim_start_matches('#')),
            Some((Numbered::Step, "3".into()))
        );
        assert_eq!(
            numbered("Scenario A: x"),
            Some((Numbered::Choice, "a".into()))
        );
        assert_eq!(
            numbered("方案一：全部"),
            Some((Numbered::Choice, "一：全部".chars().take(1).collect()))
        );
        assert_eq!(numbered("Planned work"), None);
        assert_eq!(numbered("Options"), None);
    }

    #[test]
    fn outline_numbers_are_no_part_of_a_title() {
        assert_eq!(bare("4.1 Restore"), "Restore");
        assert_eq!(bare("✅ 2. Restore"), "Restore");
        assert_eq!(bare("24 Hours After"), "24 Hours After");
        assert_eq!(slug("4.1 Restore the <Database>"), "restore-the-database");
        assert_eq!(
            anchor("Quick Rollback (< 10 minutes)"),
            "quick-rollback--10-minutes"
        );
    }

    #[test]
    fn levels_are_ranked() {
        assert!(level("CRITICAL") < level("HIGH"));
        assert_eq!(level("P2"), Some(2));
        assert_eq!(level("IMMEDIATE ROLLBACK"), Some(0));
        assert_eq!(level("Highway"), None);
        assert_eq!(level("🟡 Watch"), Some(2));
    }
}
