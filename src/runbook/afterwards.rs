//! Work after a rollback that only records and tells: it belongs to the close.
//!
//! `After the rollback` gathers looking whether it helped and writing down what was done. The
//! first is verified before anything is closed; the second is what closing consists of.

use std::collections::{HashMap, HashSet};

use super::reading::Reading;
use super::words::{self, Role, each, says_any};
use crate::domain::ids::ProcedureId;
use crate::domain::plan::{ActionKind, Phase, Step};

/// Moves procedures that only record and tell from the verification to the close.
pub fn close(reading: &mut Reading<'_>) {
    let after: HashSet<u32> = reading
        .sections()
        .map(|i| reading.section(i))
        .filter(|s| matches!(s.role, Some(Role::After | Role::Metrics)))
        .map(|s| s.line)
        .collect();
    // What a procedure has to do is in it and in its parts; these come after it.
    let mut tells: HashMap<ProcedureId, bool> = HashMap::new();
    let procedures = &reading.plan.procedures;
    for procedure in procedures.iter().rev() {
        let parts = tells.get(&procedure.id).copied();
        let own = (!procedure.steps.is_empty()).then(|| procedure.steps.iter().all(is_told));
        let all = match (own, parts) {
            (Some(own), Some(parts)) => own && parts,
            (own, parts) => own.or(parts).unwrap_or(false),
        };
        tells.insert(procedure.id.clone(), all);
        if let Some(parent) = &procedure.parent {
            tells
                .entry(parent.clone())
                .and_modify(|t| *t &= all)
                .or_insert(all);
        }
    }
    let mut moved: HashSet<ProcedureId> = HashSet::new();
    for procedure in &mut reading.plan.procedures {
        let with = procedure.parent.as_ref().is_some_and(|p| moved.contains(p));
        let own = procedure.parent.is_none()
            && after.contains(&procedure.span.first)
            && tells.get(&procedure.id) == Some(&true);
        if procedure.phase == Phase::Verify && (own || with) {
            procedure.phase = Phase::Close;
            moved.insert(procedure.id.clone());
        }
    }
}

/// The step is about what is written down or told to somebody, and looks at nothing.
fn is_told(step: &Step) -> bool {
    const VERBS: &[&str] = &[
        "document|notify|inform|communicate|announce|archive|publish|thank|debrief|dokumentiere|informiere",
        "benachrichtige|documentar|notificar|informar|comunicar|notifier|informer|documenter",
        "记录|通知|更新文档|記録|連絡|기록|통보|уведом|задокумент|сообщ|powiadom|udokumentuj",
    ];
    const ABOUT: &[&str] = &[
        "status page|stakeholder|incident report|incident log|post-mortem|postmortem|ticket|lessons learned",
        "rollback history|rollback log|track all|log rollback|log the rollback|record the|retrospective",
        "changelog|nachbericht|statusseite|informe de incidente|relatório de incidente|事件报告|故障报告",
    ];
    const LOOKS: &[&str] = &[
        "verify|check|monitor|test|confirm|prüf|verific|vérif|验证|确认|検証|確認|검증|проверь|sprawdź",
    ];
    let says = |text: &str| {
        let bare = words::bare(text).to_lowercase();
        !says_any(&bare, LOOKS)
            && (each(VERBS).any(|w| bare.starts_with(w)) || says_any(&bare, ABOUT))
    };
    if says(&step.title) {
        return true;
    }
    let mut work = step
        .actions
        .iter()
        .filter(|a| a.kind != ActionKind::Text)
        .peekable();
    work.peek().is_some() && work.all(|a| says(&a.label()))
}

#[cfg(test)]
mod tests {
    use crate::domain::plan::Phase;
    use crate::runbook::read;

    fn phase(text: &str, title: &str) -> Option<Phase> {
        let plan = read(text.as_bytes());
        let found = plan.procedures.iter().find(|p| p.title.ends_with(title));
        found.map(|p| p.phase)
    }

    #[test]
    fn recording_and_telling_close() {
        let text = "# P\n\n## Rollback\n\n```bash\n./back.sh\n```\n\n## Post-Rollback Actions\n\n\
                    ### Right away\n\n1. **Inform the desk**\n   - by phone\n2. **Update the status page**\n\n\
                    ### In the first hour\n\n1. **Notify the desk**\n2. **Check the queue**\n";
        assert_eq!(phase(text, "Right away"), Some(Phase::Close));
        assert_eq!(phase(text, "In the first hour"), Some(Phase::Verify));
    }
}
