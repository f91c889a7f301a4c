//! What a plan warns of before a procedure is chosen: what would be lost must be seen by then.

use super::Tone;

/// How a line begins that warns.
const BEGINS: &[&str] = &[
    "warning",
    "caution",
    "danger",
    "attention",
    "important",
    "data loss",
    "achtung",
    "warnung",
    "vorsicht",
    "advertencia",
    "atención",
    "importante",
    "atenção",
    "aviso",
    "avertissement",
    "внимание",
    "важно",
    "предупреждение",
    "uwaga",
    "ostrzeżenie",
    "警告",
    "注意",
    "重要",
    "危险",
    "危険",
    "경고",
    "주의",
    "uyarı",
    "dikkat",
    "cảnh báo",
];

/// Most lines of it that stand in a list of procedures.
const MOST: usize = 3;

/// The lines of a procedure's text that warn.
pub(super) fn warned(text: &str) -> Vec<(Tone, String)> {
    let lines = text.lines().map(str::trim).filter(|line| warns(line));
    lines
        .take(MOST)
        .map(|l| (Tone::Warning, l.to_owned()))
        .collect()
}

fn warns(line: &str) -> bool {
    if line.contains(['⚠', '🚨', '⛔']) {
        return true;
    }
    let words = line
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    BEGINS.iter().any(|word| {
        words.strip_prefix(word).is_some_and(|rest| {
            let rest = rest.trim_start_matches(['*', '_', ' ']);
            rest.starts_with([':', '：', '!', '！', '-', '–', '—'])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_warns_is_shown_before_the_choice() {
        let said = |text: &str| warned(text).len();
        assert_eq!(said("Warning: orders of today are lost"), 1);
        assert_eq!(said("**警告**: 今日の注文は失われます"), 1);
        assert_eq!(said("⚠ Orders of today are lost"), 1);
        assert_eq!(said("Attention!\nIt stops the shop"), 1);
        assert_eq!(said("Brings back the release before"), 0);
        assert_eq!(said("Warnings in the log can be ignored"), 0);
        assert_eq!(said(&"Caution: a\n".repeat(9)), MOST);
    }
}
