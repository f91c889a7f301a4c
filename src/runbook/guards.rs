//! Words that make doing something depend on something else: `If that fails: …`, `(if required)`.
//!
//! What stands under such words is for the case that it is so, and nobody but a person knows
//! whether it is. It is offered in its place and never run through. Conditions that hold as a
//! rule, or that the rollback works towards, guard nothing: `(if running)`, `If all is well, …`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::words::{self, each, says_any};
use crate::script::lists::QuickHash;

/// How a condition begins.
const IF: &[&str] = &[
    "if|only if|falls|nur falls|wenn|nur wenn|si|sólo si|solo si|seulement si|se|somente se|только если|если",
    "in case|in the case|should the|should this|im fehlerfall|im falle|en caso de|em caso de|en cas de",
    "w razie|jeśli|jeżeli|в случае|only when|如果|若|如需|如有|仅当|もし|만약",
];

/// The words that a condition begins with, by their first letter: every title is asked.
static BEGINNINGS: LazyLock<HashMap<char, Vec<&'static str>, QuickHash>> = LazyLock::new(|| {
    let mut found: HashMap<_, Vec<_>, _> = HashMap::default();
    for word in each(IF) {
        if let Some(first) = word.chars().next() {
            found.entry(first).or_default().push(word);
        }
    }
    found
});

/// The same in the middle of a title, where fewer words are beyond doubt.
const LATER: &[&str] = &[" if ", " only if ", " falls ", " nur wenn ", " если "];

/// What goes before an `if` that is a question: `Check if it runs`.
const ASKS: &[&str] = &[
    "check|verify|see|determine|confirm|ask|decide|out|test|know|tell|assess|even|as|what|sure|unsure|and|or",
    "validate|identify|review|evaluate|clear|understand|not|nor|look|prüfen|prüfe|проверить|проверьте",
];

const NOT: &[&str] = &[
    "not|n't|cannot|can't|doesn't|don't|didn't|isn't|wasn't|aren't|won't|unable|never|nicht|kein|keine|keinen",
    "no se|pas|não|nie|не|不|未|没|無|ない|않",
];

const BAD: &[&str] = &[
    "fail|fails|failed|failing|failure|error|corrupt|corrupted|corruption|broken|down|crash|lost|damaged",
    "unresponsive|unavailable|unreachable|hang|hangs|stuck|compromised|still|persist|continues|worse|unstable",
    "fehl|scheitert|kaputt|korrupt|beschädigt|immer noch|weiterhin|kompromittiert|falla|fallo|persiste|sigue",
    "échoue|échec|falha|continua|失败|失敗|无法|损坏|仍|エラー|실패|오류|ошибк|сбой|błąd|awari",
];

/// What the rollback works towards.
const GOOD: &[&str] = &[
    "ok|okay|well|good|fine|healthy|success|successful|successfully|pass|passes|passed|work|works|working|stable",
    "green|confirmed|resolved|correct|approved|complete|completed|ready|up|happy|clean|erfolgreich|gut|grün",
    "correcto|exitoso|bien|succès|réussi|sucesso|成功|正常|完了|성공|успеш|pomyśln",
    "läuft|laufen|fertig|abgeschlossen|bereit|stabil|funktioniert|listo|funciona|estable|pronto|prêt|fonctionne",
];

const NOTHING_BAD: &[&str] = &[
    "no error|no errors|no issue|no issues|no problem|no problems|no failure|no failures|nothing|without error",
    "keine fehler|sin errores|sem erros|sans erreur|没有错误|无错误|無錯誤|エラーがなければ|нет ошибок",
];

/// What is there as a rule.
const AS_A_RULE: &[&str] = &[
    "running|available|applicable|possible|enabled|installed|present|exist|exists|existing|separate|configured",
    "supported|stopped|integrated|used|in use|set up|deployed|using|you use|you have|already|verfügbar|vorhanden",
    "möglich|installiert|aktiv|disponible|aplica|posible|existe|disponível|possível|applicable|适用|可用|存在|可能",
    "該当|利用可能|해당|가능|доступ|примен|возможн|dostępn|możliw",
];

const LAST: &[&str] = &[
    "last resort|letzter ausweg|letztes mittel|ultima ratio|último recurso|dernier recours|最后手段|最終手段",
    "最后的手段|最後の手段|최후의 수단|крайн|ostatecznoś",
];

/// A condition that a title states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Clause<'t> {
    /// The words of the condition, without the one that it begins with.
    words: &'t str,
    /// The title begins with it.
    begins: bool,
    /// Nothing stands in the title but the condition.
    alone: bool,
}

/// What stands under this title is only done where a person says that it applies.
#[must_use]
pub fn is_guarded(title: &str) -> bool {
    let lower = title.to_lowercase();
    is_last_resort(&lower) || clause(&lower).is_some_and(|c| guards(c.words))
}

/// The title is a condition and says nothing of what is done then: `If the restart fails:`.
#[must_use]
pub fn is_only_condition(title: &str) -> bool {
    let lower = title.to_lowercase();
    clause(&lower).is_some_and(|c| c.alone && guards(c.words))
}

/// The title begins with a condition of any kind, or says for what it is: `For outages:`.
#[must_use]
pub fn says_when(title: &str) -> bool {
    let lower = title.to_lowercase();
    let lower = lower.trim();
    let of_each = ["for each", "for every", "for all", "for the", "for example"];
    clause(lower).is_some_and(|c| c.begins)
        || lower.starts_with("for ") && !of_each.iter().any(|w| lower.starts_with(w))
}

/// The words say that it is the last thing to try.
#[must_use]
pub fn is_last_resort(text: &str) -> bool {
    says_any(text, LAST)
}

/// The condition in a title, in small letters.
fn clause(lower: &str) -> Option<Clause<'_>> {
    let text = words::bare(lower);
    let text =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '));
    if let Some(rest) = after_if(text) {
        let end = rest.find([':', '：', ',', '，']).unwrap_or(rest.len());
        let end = [" - ", " – ", " — ", " then "]
            .iter()
            .filter_map(|m| rest.find(m))
            .fold(end, usize::min);
        let (words, then) = rest.split_at(end);
        let alone = !then.chars().any(char::is_alphanumeric);
        return Some(Clause {
            words,
            begins: true,
            alone,
        });
    }
    let bracketed = text.match_indices(['(', '（']).find_map(|(at, open)| {
        let inner = text.get(at + open.len()..)?;
        let inner = inner.split([')', '）']).next()?;
        after_if(inner)
    });
    let words = bracketed.or_else(|| at_the_end(text))?;
    Some(Clause {
        words,
        begins: false,
        alone: false,
    })
}

/// What follows the word that a condition begins with.
fn after_if(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let first = text.chars().next()?;
    let mut found: Option<&str> = None;
    for word in BEGINNINGS.get(&first).into_iter().flatten() {
        let Some(rest) = text.strip_prefix(word) else {
            continue;
        };
        let apart =
            rest.starts_with(' ') || !word.is_ascii() && !word.ends_with(char::is_alphabetic);
        let apart = apart || is_cjk(word) && !rest.is_empty();
        // The longest of them is the one that is meant.
        if apart && found.is_none_or(|f| rest.len() < f.len()) {
            found = Some(rest);
        }
    }
    found.map(str::trim)
}

fn is_cjk(word: &str) -> bool {
    word.chars().next().is_some_and(|c| u32::from(c) >= 0x1100)
}

/// `Restore the files if needed`; `Check if it runs` asks a question.
fn at_the_end(text: &str) -> Option<&str> {
    // The one that ends last, and of two that end together the longer, which stands behind.
    let (at, word) = memchr::memrchr_iter(b' ', text.as_bytes()).find_map(|end| {
        let upto = text.get(..=end)?;
        let word = LATER.iter().rev().find(|w| upto.ends_with(*w))?;
        Some((upto.len() - word.len(), *word))
    })?;
    let before = text.get(..at)?.trim_end();
    let last = before.rsplit(|c: char| !c.is_alphanumeric()).next()?;
    if each(ASKS).any(|w| w == last) {
        return None;
    }
    let words = text.get(at + word.len()..)?.trim();
    (words.split_whitespace().count() <= 8).then_some(words)
}

/// Whether a condition is one that only a person can tell, and that does not hold as a rule.
fn guards(clause: &str) -> bool {
    if clause.is_empty() || words::is_one_of(&format!("if {clause}")) {
        return false;
    }
    let none = says_any(clause, NOT);
    let rule = says_any(clause, AS_A_RULE);
    if says_any(clause, NOTHING_BAD) {
        return false;
    }
    // `if it does not exist yet` asks for what has to be there; `if git is not available` does not.
    let still = says_any(clause, BAD);
    if none && rule && !still {
        return says_any(
            clause,
            &["available|possible|verfügbar|disponible|disponível|可用|доступ"],
        );
    }
    none || still || !says_any(clause, GOOD) && !rule && clause != "any"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_something_is_told_from_what_is_done_anyway() {
        for title in [
            "If that fails: restart the queue",
            "3. If the check fails, rebuild the index",
            "Restore the queue (if required)",
            "Restore the queue if needed",
            "Undo the schema (only if it was changed)",
            "Falls Schritt 2 nicht hilft – Neustart",
            "Wiederherstellung (falls der Index korrupt ist)",
            "Wenn der Laden nicht läuft: Neustart",
            "If still down: page the vendor",
            "Turn the triggers off (last resort)",
            "如果仍然失败：恢复备份",
            "By hand (if the console is not available)",
            "Если не помогло, перезапустить",
        ] {
            assert!(is_guarded(title), "{title}");
        }
        for title in [
            "Check if the till runs",
            "Stop the worker (if running)",
            "Create the folder if it does not exist",
            "If all checks pass: open the till",
            "If there are no errors, go on",
            "If using Docker",
            "Purge the cache (if applicable)",
            "Find out if orders were lost",
            "Import the dump if available",
            "Notify the team",
            "If everything is healthy, switch over",
            "Wenn der Laden wieder läuft: Sperre aufheben",
            "Classify the incident",
            "Send the report to the site owner",
        ] {
            assert!(!is_guarded(title), "{title}");
        }
    }

    #[test]
    fn a_condition_alone_heads_what_follows() {
        assert!(is_only_condition("If the restart fails:"));
        assert!(!is_only_condition("If the restart fails: rebuild"));
        assert!(says_when("For outages") && says_when("If data was lost"));
        assert!(!says_when("For each host") && !says_when("Restore (if needed)"));
    }
}
