//! The words under which the plan's small enums are stored.

use crate::domain::plan::{
    ChecklistRole, Compare, Level, ObjectiveKind, ParameterKind, Phase, TemplateKind, UnplacedKind,
};
use crate::journal::words::words;

words! {
    ChecklistRole {
        PreRollback = "pre_rollback", Checkpoint = "checkpoint", Verification = "verification",
        Success = "success", FollowUp = "follow_up", Other = "other",
    }
    Phase { Prepare = "prepare", Execute = "execute", Verify = "verify", Close = "close" }
    Compare {
        Less = "<", AtMost = "<=", Equal = "=", AtLeast = ">=", More = ">", Differs = "!=",
    }
    TemplateKind {
        IncidentLog = "incident_log", Message = "message", PostMortem = "post_mortem",
        Metrics = "metrics",
    }
    ObjectiveKind { Rto = "rto", Rpo = "rpo" }
    ParameterKind {
        Text = "text", Integer = "integer", Number = "number", Duration = "duration", Url = "url",
        Path = "path", Date = "date", Choice = "choice",
    }
    UnplacedKind { Code = "code", List = "list", Table = "table", Text = "text" }
    Level { Note = "note", Warning = "warning", Error = "error" }
}
