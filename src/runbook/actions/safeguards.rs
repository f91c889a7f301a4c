//! Words that say of a command that it goes past a safeguard.
//!
//! `Force it (skips the safety checks)` is there to be reached on purpose, and no part of a run:
//! whoever goes through the plan meets the safeguard, not the way around it.

use crate::runbook::words::says_any;

const PAST: &[&str] = &[
    "skip|bypass|overrid|ignor|circumvent|without|überspring|umgeh|ohne|omit|omite|salta|saltar",
    "contourn|sans|跳过|绕过|忽略|スキップ|無視|回避|건너뛰|무시|우회|пропус|обход|игнор|pomij|omija",
];

const GUARDS: &[&str] = &[
    "safety check|safety validation|safety net|safety prompt|safeguard|protection|all checks",
    "all validation|pre-check|prechecks|pre-flight check|preflight check|confirmation prompt",
    "sicherheitsprüfung|schutz|comprobaciones de seguridad|verificações de segurança|protección",
    "proteção|contrôles de sécurité|安全检查|保护|安全確認|安全チェック|保護|안전 검사|보호",
    "проверок безопасности|проверки безопасности|защит|zabezpiecze",
];

const NOT: &[&str] = &["never|not|don't|avoid|nie|nicht|nunca|jamais|не"];

/// Whether a line of what is said tells that a safeguard is passed by.
#[must_use]
pub fn goes_past(said: &str) -> bool {
    said.split(['\n', '.', ';', '。'])
        .any(|line| says_any(line, GUARDS) && passes(line))
}

/// The line tells to pass by something, and does not forbid it.
fn passes(line: &str) -> bool {
    const FORBIDS: &[&str] = &["不要|禁止|しない|하지"];
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let Some(at) = words.iter().position(|w| says_any(w, PAST)) else {
        return false;
    };
    let before = words.get(at.saturating_sub(2)..at).unwrap_or_default();
    !before.iter().any(|w| says_any(w, NOT)) && !says_any(&lower, FORBIDS)
}

#[cfg(test)]
mod tests {
    use super::goes_past;

    #[test]
    fn what_goes_past_a_safeguard_is_told_from_what_keeps_it() {
        for text in [
            "Force it (skips safety checks) - be very careful",
            "Drop it, bypassing the delete protection",
            "Ohne Sicherheitsprüfung",
            "跳过安全检查",
        ] {
            assert!(goes_past(text), "{text}");
        }
        for text in [
            "Never skip the safety checks",
            "Run all checks",
            "Disable health checks at the balancer",
            "Skip this where the cache is empty",
            "Turn the delete protection on again",
        ] {
            assert!(!goes_past(text), "{text}");
        }
    }
}
