//! What a blank asks for, by its label, its section and the words around it.
//!
//! A table of common wordings in several languages. A wording that is not in it asks for
//! nothing that backout knows, and stays a blank for a person: better empty than wrong.

use crate::domain::plan::Field;

/// What a blank asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topic {
    /// The incident's id.
    IncidentId,
    /// A date that says no more; which one depends on where it stands.
    Date,
    /// The severity.
    Severity,
    /// Whether it is over.
    Status,
    /// What was seen.
    WhatWentWrong,
    /// Error messages that were pinned.
    ErrorMessages,
    /// When it was seen.
    Detected,
    /// Who decided.
    DecisionMaker,
    /// When it was decided.
    DecisionTime,
    /// Why it was decided so.
    DecisionReason,
    /// Who approved.
    Approver,
    /// When they did.
    ApprovalTime,
    /// Which procedure.
    Method,
    /// How long it should take, or when it should be over.
    Estimate,
    /// When the rollback began.
    Started,
    /// The database part.
    Database,
    /// Whether data were restored.
    DataRestored,
    /// The code part.
    Code,
    /// The services part.
    Services,
    /// When the rollback was complete.
    Completed,
    /// How long it took.
    TotalTime,
    /// That the system is stable.
    Stability,
    /// That users are well again.
    ImpactResolved,
    /// That the data are whole.
    Integrity,
    /// That no errors remain.
    NoErrors,
    /// What it was taken back to.
    Version,
    /// What was left open.
    LeftOpen,
    /// Who signs.
    SignOff,
    /// When it was signed.
    ClosedAt,
    /// Who carried it out.
    Operator,
    /// Which environment.
    Environment,
    /// Which plan.
    Plan,
    /// Notes that were taken.
    Notes,
    /// How far it is, in per cent.
    Progress,
    /// The step at which it is.
    CurrentStep,
}

/// What stands at and around a blank, ready to be compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    /// The label.
    pub label: String,
    /// The section.
    pub section: String,
    /// What stands before the blank in its line.
    pub lead: String,
    /// What stands in the blank itself.
    pub inside: String,
    /// What stands after it in its line.
    pub tail: String,
}

impl Asked {
    /// Reads what a field asks from the field and the text it stands in.
    #[must_use]
    pub fn of(field: &Field, text: &str) -> Self {
        let (from, to) = field.blank;
        let before = text.get(..from).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let after = text.get(to..).unwrap_or_default();
        let rest = after.split('\n').next().unwrap_or_default();
        Self {
            label: plain(&field.label),
            section: plain(&field.section),
            lead: plain(line),
            inside: plain(text.get(from..to).unwrap_or_default()),
            tail: plain(rest),
        }
    }

    /// What it asks for, where that can be told.
    #[must_use]
    pub fn topic(&self) -> Option<Topic> {
        if is_about_lessons(&self.section) && !self.label.contains("sign") {
            return None;
        }
        // In "Issue detected at: [timestamp]" the line says more than the blank.
        let vague = is_vague(&self.inside) || self.inside.is_empty();
        let order = if vague {
            [&self.label, &self.lead, &self.tail, &self.inside]
        } else if is_vague(&self.label) {
            [&self.inside, &self.lead, &self.label, &self.tail]
        } else {
            [&self.label, &self.inside, &self.lead, &self.inside]
        };
        let subject = |t: &str| matches!(t, "subject" | "asunto" | "betreff" | "objet");
        order
            .into_iter()
            .filter(|t| !t.is_empty() && !subject(t) && !is_vague(t))
            .find_map(|t| of_words(t))
            .or_else(|| order.into_iter().find_map(|t| of_words(t)))
    }
}

/// Lower case, letters and digits only, one space between words.
fn plain(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Words that say of what kind the answer is and not what it is about.
fn is_vague(text: &str) -> bool {
    matches!(
        text,
        "timestamp"
            | "time"
            | "date"
            | "hh mm"
            | "hh mm ss"
            | "yyyy mm dd"
            | "x"
            | "n"
            | "name"
            | "value"
            | "list"
            | "version"
            | "details"
            | "yes no"
            | "0 1 2"
            | "1 2 3"
            | "duration"
    )
}

fn is_about_lessons(section: &str) -> bool {
    const WORDS: &[&str] = &[
        "lesson",
        "learn",
        "went well",
        "went wrong",
        "what went",
        "improve",
        "prevent",
        "root cause",
        "remediation",
        "action items",
        "lecciones",
        "causa raíz",
        "ursache",
        "cause racine",
        "根本原因",
        "改善",
        "经验",
        "교훈",
    ];
    WORDS.iter().any(|w| section.contains(w))
}

/// Labels that only look like one of ours.
fn is_other(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "how ",
        "why ",
        "deployment ",
        "deploy ",
        "re deployment",
        "next ",
    ];
    const PARTS: &[&str] = &[
        "went well",
        "improve",
        "missed",
        "contributing",
        "primary cause",
        "root cause",
        "deployment start",
        "deployment time",
        "required",
        "prevent",
        "action item",
    ];
    STARTS.iter().any(|s| text.starts_with(s)) || PARTS.iter().any(|p| text.contains(p))
}

fn of_words(text: &str) -> Option<Topic> {
    if text.is_empty() || is_other(text) {
        return None;
    }
    RULES
        .iter()
        .find(|(_, wordings)| wordings.iter().any(|w| says(text, w)))
        .map(|(topic, _)| *topic)
}

/// Whether a text holds a wording as whole words; `=` asks that it be all of the text.
fn says(text: &str, wording: &str) -> bool {
    if let Some(whole) = wording.strip_prefix('=') {
        return text == whole;
    }
    if wording.is_ascii() {
        return format!(" {text} ").contains(&format!(" {wording} "));
    }
    text.contains(wording)
}

/// The first rule that fits decides; the narrower wordings stand first.
const RULES: &[(Topic, &[&str])] = &[
    (
        Topic::ErrorMessages,
        &[
            "error messages",
            "error message",
            "log excerpt",
            "fehlermeldungen",
            "mensajes de error",
            "错误信息",
        ],
    ),
    (
        Topic::ApprovalTime,
        &[
            "approval time",
            "approved at",
            "time of approval",
            "approval date",
            "authorized at",
            "hora de aprobación",
            "genehmigt am",
            "heure d approbation",
            "批准时间",
            "承認時刻",
        ],
    ),
    (
        Topic::Approver,
        &[
            "approver",
            "approved by",
            "approval by",
            "authorized by",
            "authorised by",
            "=approval",
            "aprobado por",
            "aprovado por",
            "genehmigt von",
            "freigegeben von",
            "approuvé par",
            "批准人",
            "承認者",
            "승인자",
        ],
    ),
    (
        Topic::DecisionTime,
        &[
            "decision time",
            "decision made",
            "decided at",
            "time of decision",
            "hora de decisión",
            "entschieden um",
            "决策时间",
        ],
    ),
    (
        Topic::DecisionMaker,
        &[
            "decision maker",
            "decided by",
            "decision by",
            "decision owner",
            "decisor",
            "decidido por",
            "entscheider",
            "entschieden von",
            "décideur",
            "décidé par",
            "决策人",
            "决策者",
            "決定者",
            "결정자",
        ],
    ),
    (
        Topic::Estimate,
        &[
            "estimated",
            "eta",
            "expected duration",
            "expected downtime",
            "=estimate",
            "estimado",
            "tiempo estimado",
            "geschätzt",
            "geschätzte",
            "estimée",
            "预计",
            "予想",
            "예상",
        ],
    ),
    (
        Topic::TotalTime,
        &[
            "total downtime",
            "downtime",
            "total time",
            "time taken",
            "total duration",
            "actual duration",
            "=duration",
            "recovery time",
            "=dauer",
            "ausfallzeit",
            "duración",
            "duração",
            "durée",
            "停机时间",
            "耗时",
            "所要時間",
        ],
    ),
    (
        Topic::DataRestored,
        &[
            "data restoration",
            "data restored",
            "restauración de datos",
            "daten wiederhergestellt",
        ],
    ),
    (
        Topic::Database,
        &[
            "database rollback",
            "database rolled back",
            "database restored",
            "database reverted",
            "db rollback",
            "schema rollback",
            "migration rollback",
            "migrations rolled back",
            "rollback de base de datos",
            "base de datos revertida",
            "datenbank zurückgesetzt",
            "datenbank rollback",
            "base de données",
            "数据库回滚",
            "データベース",
        ],
    ),
    (
        Topic::Code,
        &[
            "code rollback",
            "code reverted",
            "code rolled back",
            "application rollback",
            "application reverted",
            "código revertido",
            "code zurückgesetzt",
            "retour du code",
            "代码回滚",
        ],
    ),
    (
        Topic::Services,
        &[
            "services restarted",
            "service restarted",
            "services restored",
            "services started",
            "services restart",
            "servicios reiniciados",
            "dienste neu gestartet",
            "services redémarrés",
            "服务重启",
            "再起動",
        ],
    ),
    (
        Topic::ImpactResolved,
        &[
            "user impact resolved",
            "impact resolved",
            "users confirmed",
            "impacto resuelto",
            "用户影响已解决",
        ],
    ),
    (
        Topic::Integrity,
        &[
            "data integrity",
            "integrity confirmed",
            "integrity verified",
            "integridad",
            "datenintegrität",
            "intégrité",
            "数据完整性",
        ],
    ),
    (
        Topic::NoErrors,
        &[
            "residual errors",
            "no errors",
            "error free",
            "sin errores",
            "keine fehler",
            "sans erreur",
            "无错误",
        ],
    ),
    (
        Topic::Stability,
        &[
            "stability",
            "stability verified",
            "verified stable",
            "system stable",
            "system verified",
            "service verified",
            "health verified",
            "validation complete",
            "verification complete",
            "estabilidad",
            "stabilität",
            "stabilité",
            "系统稳定",
            "安定",
        ],
    ),
    (
        Topic::Version,
        &[
            "restored to",
            "rolled back to",
            "reverted to",
            "target version",
            "rollback version",
            "回滚版本",
        ],
    ),
    (
        Topic::LeftOpen,
        &[
            "left open",
            "open items",
            "outstanding items",
            "deferred items",
            "still open",
            "offene punkte",
        ],
    ),
    (
        Topic::ClosedAt,
        &[
            "closed at",
            "close time",
            "time closed",
            "sign off date",
            "cerrado",
            "geschlossen am",
            "关闭时间",
        ],
    ),
    (
        Topic::SignOff,
        &[
            "sign off",
            "signed off by",
            "signed by",
            "signature",
            "firma",
            "unterschrift",
            "assinatura",
            "签字",
            "署名",
            "서명",
        ],
    ),
    (
        Topic::Detected,
        &[
            "when discovered",
            "discovered",
            "detected",
            "detection time",
            "first noticed",
            "noticed",
            "detectado",
            "entdeckt",
            "erkannt",
            "détecté",
            "发现时间",
            "検知",
            "発見",
            "감지",
        ],
    ),
    (
        Topic::Completed,
        &[
            "rollback completed",
            "rollback complete",
            "completed at",
            "=completed",
            "rollback finished",
            "finished at",
            "end time",
            "completion time",
            "rollback completado",
            "finalizado",
            "abgeschlossen",
            "terminé",
            "完成时间",
            "完了",
            "완료",
        ],
    ),
    (
        Topic::Started,
        &[
            "rollback started",
            "rollback initiated",
            "rollback start",
            "rollback began",
            "start time",
            "=started",
            "=initiated",
            "started at",
            "inicio",
            "iniciado",
            "begonnen",
            "gestartet",
            "début",
            "démarré",
            "开始时间",
            "開始",
            "시작",
        ],
    ),
    (
        Topic::Severity,
        &[
            "severity",
            "severity level",
            "=priority",
            "severidad",
            "severidade",
            "gravedad",
            "schweregrad",
            "priorität",
            "sévérité",
            "gravité",
            "严重",
            "重大度",
            "深刻度",
            "심각도",
            "critical high",
        ],
    ),
    (
        Topic::IncidentId,
        &[
            "incident id",
            "incident number",
            "incident no",
            "=incident",
            "incident xxx",
            "rollback id",
            "id del incidente",
            "vorfallnummer",
            "numéro d incident",
            "事件编号",
            "インシデント番号",
            "사고 번호",
        ],
    ),
    (
        Topic::Method,
        &[
            "rollback method",
            "rollback type",
            "rollback procedure",
            "rollback strategy",
            "rollback option",
            "procedure used",
            "=method",
            "=procedure",
            "método",
            "methode",
            "méthode",
            "回滚方式",
            "方式",
        ],
    ),
    (
        Topic::Operator,
        &[
            "executed by",
            "performed by",
            "carried out by",
            "=operator",
            "your name",
            "ejecutado por",
            "durchgeführt von",
            "执行人",
        ],
    ),
    (
        Topic::CurrentStep,
        &["current step", "step name", "paso actual", "当前步骤"],
    ),
    (
        Topic::Progress,
        &["percent complete", "progress", "percentage"],
    ),
    (
        Topic::Environment,
        &["=environment", "=entorno", "=umgebung", "=env", "环境"],
    ),
    (Topic::Plan, &["=plan", "=runbook", "rollback plan"]),
    (
        Topic::Status,
        &["=status", "=current status", "=estado", "incident status"],
    ),
    (
        Topic::DecisionReason,
        &[
            "decision reason",
            "reason for decision",
            "rationale",
            "justification",
            "=reason",
            "=motivo",
            "begründung",
        ],
    ),
    (
        Topic::WhatWentWrong,
        &[
            "what went wrong",
            "what broke",
            "what happened",
            "issue description",
            "problem description",
            "reason for rollback",
            "=issue",
            "=problem",
            "=symptoms",
            "=symptom",
            "=description",
            "=trigger",
            "=triggers",
            "=issue detected",
            "qué falló",
            "descripción del problema",
            "was ist passiert",
            "fehlerbild",
            "problème",
            "问题描述",
            "何が起きた",
        ],
    ),
    (
        Topic::Notes,
        &["=notes", "=comments", "=notas", "=anmerkungen", "备注"],
    ),
    (
        Topic::Date,
        &[
            "date time",
            "date and time",
            "=date",
            "=datetime",
            "=time",
            "=fecha",
            "=datum",
            "yyyy mm dd",
            "日期",
            "日時",
            "날짜",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(label: &str, section: &str) -> Option<Topic> {
        let asked = Asked {
            label: plain(label),
            section: plain(section),
            ..Asked::default()
        };
        asked.topic()
    }

    #[test]
    fn common_wordings_are_known() {
        assert_eq!(asks("When discovered", ""), Some(Topic::Detected));
        assert_eq!(asks("Issue first detected", ""), Some(Topic::Detected));
        assert_eq!(asks("Approval time", ""), Some(Topic::ApprovalTime));
        assert_eq!(asks("Approved by", ""), Some(Topic::Approver));
        assert_eq!(asks("Total downtime", ""), Some(Topic::TotalTime));
        assert_eq!(asks("Date/Time", ""), Some(Topic::Date));
        assert_eq!(asks("Schweregrad", ""), Some(Topic::Severity));
        assert_eq!(asks("严重级别", ""), Some(Topic::Severity));
        assert_eq!(asks("Sign-off", "Lessons learned"), Some(Topic::SignOff));
    }

    #[test]
    fn what_only_a_person_knows_stays_theirs() {
        assert_eq!(asks("What went wrong", ""), Some(Topic::WhatWentWrong));
        assert_eq!(asks("What went wrong", "Lessons learned"), None);
        assert_eq!(asks("Deployment start time", ""), None);
        assert_eq!(asks("How was it detected", ""), None);
        assert_eq!(asks("Primary cause", ""), None);
        assert_eq!(asks("Users affected", ""), None);
    }

    #[test]
    fn a_blank_that_names_only_its_kind_is_read_by_its_line() {
        let asked = |lead: &str, inside: &str, label: &str| Asked {
            label: plain(label),
            section: String::new(),
            lead: plain(lead),
            inside: plain(inside),
            tail: String::new(),
        };
        let seen = asked("Problem detected at ", "[timestamp]", "timestamp");
        assert_eq!(seen.topic(), Some(Topic::Detected));
        let subject = asked("SUBJECT: ", "[SEVERITY]", "SUBJECT");
        assert_eq!(subject.topic(), Some(Topic::Severity));
    }
}
