//! The judgements about commands, in the words of the plan.
//!
//! `script` judges and knows nothing of plans; here its degrees of danger become the plan's.

use crate::domain::plan::Danger;
use crate::script;

/// How much harm a shell text can do, and why it is thought so.
#[must_use]
pub fn shell(code: &str) -> (Danger, String) {
    in_plan_words(script::shell::danger(code))
}

/// How much harm SQL can do, and why it is thought so.
#[must_use]
pub fn sql(code: &str) -> (Danger, String) {
    in_plan_words(script::sql::danger(code))
}

/// How much harm PowerShell or batch text can do, and why it is thought so.
#[must_use]
pub fn windows(code: &str, dialect: script::windows::Dialect) -> (Danger, String) {
    in_plan_words(script::windows::danger(code, dialect))
}

fn in_plan_words(judged: script::Judged) -> (Danger, String) {
    let danger = match judged.danger {
        script::Danger::None => Danger::None,
        script::Danger::Changes => Danger::Changes,
        script::Danger::Irreversible => Danger::Irreversible,
    };
    (danger, judged.why)
}
