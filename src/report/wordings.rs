//! The wordings by which a log asks for things, in several languages: a table and nothing else.
//!
//! The first rule that fits decides, so the narrower wordings stand first. Wordings are lower
//! case, without punctuation, with a bar between them; `=` asks that one be all of the label.

use super::topic::Topic;

/// Topics with their wordings.
pub(crate) const RULES: &[(Topic, &str)] = &[
    (
        Topic::ErrorMessages,
        "error messages|error message|log excerpt|fehlermeldungen|\
         mensajes de error|错误信息",
    ),
    (
        Topic::ApprovalTime,
        "approval time|approved at|time of approval|approval date|authorized at|\
         hora de aprobación|genehmigt am|heure d approbation|批准时间|承認時刻",
    ),
    (
        Topic::Approver,
        "approver|approved by|approval by|authorized by|authorised by|=approval|\
         aprobado por|aprovado por|genehmigt von|freigegeben von|approuvé par|\
         批准人|承認者|승인자",
    ),
    (
        Topic::DecisionTime,
        "decision time|decision made|decided at|time of decision|\
         hora de decisión|entschieden um|决策时间",
    ),
    (
        Topic::DecisionMaker,
        "decision maker|decided by|decision by|decision owner|decisor|\
         decidido por|entscheider|entschieden von|décideur|décidé par|决策人|决策者|\
         決定者|결정자",
    ),
    (
        Topic::Estimate,
        "estimated|eta|expected duration|expected downtime|=estimate|estimado|\
         tiempo estimado|geschätzt|geschätzte|estimée|预计|予想|예상",
    ),
    (
        Topic::TotalTime,
        "total downtime|downtime|total time|time taken|total duration|\
         actual duration|=duration|recovery time|=dauer|ausfallzeit|duración|\
         duração|durée|停机时间|耗时|所要時間",
    ),
    (
        Topic::DataRestored,
        "data restoration|data restored|restauración de datos|\
         daten wiederhergestellt",
    ),
    (
        Topic::Database,
        "database rollback|database rolled back|database restored|\
         database reverted|db rollback|schema rollback|migration rollback|\
         migrations rolled back|rollback de base de datos|\
         base de datos revertida|datenbank zurückgesetzt|datenbank rollback|\
         base de données|数据库回滚|データベース",
    ),
    (
        Topic::Code,
        "code rollback|code reverted|code rolled back|application rollback|\
         application reverted|código revertido|code zurückgesetzt|\
         retour du code|代码回滚",
    ),
    (
        Topic::Services,
        "services restarted|service restarted|services restored|\
         services started|services restart|servicios reiniciados|\
         dienste neu gestartet|services redémarrés|服务重启|再起動",
    ),
    (
        Topic::ImpactResolved,
        "user impact resolved|impact resolved|users confirmed|impacto resuelto|\
         用户影响已解决",
    ),
    (
        Topic::Integrity,
        "data integrity|integrity confirmed|integrity verified|integridad|\
         datenintegrität|intégrité|数据完整性",
    ),
    (
        Topic::NoErrors,
        "residual errors|no errors|error free|sin errores|keine fehler|\
         sans erreur|无错误",
    ),
    (
        Topic::Stability,
        "stability|stability verified|verified stable|system stable|\
         system verified|service verified|health verified|validation complete|\
         verification complete|estabilidad|stabilität|stabilité|系统稳定|安定",
    ),
    (
        Topic::Version,
        "restored to|rolled back to|reverted to|target version|rollback version|\
         回滚版本",
    ),
    (
        Topic::LeftOpen,
        "left open|open items|outstanding items|deferred items|still open|\
         offene punkte",
    ),
    (
        Topic::ClosedAt,
        "closed at|close time|time closed|sign off date|cerrado|geschlossen am|\
         关闭时间",
    ),
    (
        Topic::SignOff,
        "sign off|signed off by|signed by|signature|firma|unterschrift|\
         assinatura|签字|署名|서명",
    ),
    (
        Topic::Detected,
        "when discovered|discovered|detected|detection time|first noticed|\
         noticed|detectado|entdeckt|erkannt|détecté|发现时间|検知|発見|감지",
    ),
    (
        Topic::Completed,
        "rollback completed|rollback complete|completed at|=completed|\
         rollback finished|finished at|end time|completion time|\
         rollback completado|finalizado|abgeschlossen|terminé|完成时间|完了|완료",
    ),
    (
        Topic::Started,
        "rollback started|rollback initiated|rollback start|rollback began|\
         start time|=started|=initiated|started at|inicio|iniciado|begonnen|\
         gestartet|début|démarré|开始时间|開始|시작",
    ),
    (
        Topic::Severity,
        "severity|severity level|=priority|severidad|severidade|gravedad|\
         schweregrad|priorität|sévérité|gravité|严重|重大度|深刻度|심각도|critical high",
    ),
    (
        Topic::IncidentId,
        "incident id|incident number|incident no|=incident|incident xxx|\
         rollback id|id del incidente|vorfallnummer|numéro d incident|事件编号|\
         インシデント番号|사고 번호",
    ),
    (
        Topic::Method,
        "rollback method|rollback type|rollback procedure|rollback strategy|\
         rollback option|procedure used|=method|=procedure|método|methode|\
         méthode|回滚方式|方式",
    ),
    (
        Topic::Operator,
        "executed by|performed by|carried out by|=operator|your name|\
         ejecutado por|durchgeführt von|执行人",
    ),
    (
        Topic::CurrentStep,
        "current step|step name|paso actual|当前步骤",
    ),
    (Topic::Progress, "percent complete|progress|percentage"),
    (
        Topic::Environment,
        "=environment|=entorno|=umgebung|=env|环境",
    ),
    (
        Topic::Plan,
        "=plan|=runbook|rollback plan|=status|=current status|=estado|\
         incident status",
    ),
    (
        Topic::Status,
        "=status|=current status|=estado|incident status",
    ),
    (
        Topic::DecisionReason,
        "decision reason|reason for decision|rationale|justification|=reason|\
         =motivo|begründung",
    ),
    (
        Topic::WhatWentWrong,
        "what went wrong|what broke|what happened|issue description|\
         problem description|reason for rollback|=issue|=problem|=symptoms|\
         =symptom|=description|=trigger|=triggers|=issue detected|qué falló|\
         descripción del problema|was ist passiert|fehlerbild|problème|问题描述|\
         何が起きた",
    ),
    (Topic::Notes, "=notes|=comments|=notas|=anmerkungen|备注"),
    (
        Topic::Date,
        "date time|date and time|=date|=datetime|=time|=fecha|=datum|yyyy mm dd|\
         日期|日時|날짜",
    ),
];
