//! Words that tell cases apart, of which only one is there at a time: causes, problems, symptoms.
//!
//! What helps against one cause does harm where the cause is another one, so what stands under
//! such words is chosen from and never run through.

use super::words::{self, each, says_any};
use std::collections::HashMap;

/// `Common causes`, `Known rollback issues`, `Possible reasons & fixes`: each of what follows is
/// done where it is the one that is there.
#[must_use]
pub fn are_announced(title: &str) -> bool {
    const HOW: &[&str] =
        &["common|possible|likely|typical|frequent|known|probable|most likely|usual"];
    const WHAT: &[&str] =
        &["cause|causes|issue|issues|problem|problems|reason|reasons|error|errors"];
    const FOREIGN: &[&str] = &[
        "häufige ursachen|mögliche ursachen|häufige probleme|häufige fehler|bekannte probleme",
        "causas comunes|causas posibles|problemas comunes|errores comunes",
        "causas comuns|causas possíveis|problemas comuns|erros comuns",
        "causes possibles|causes fréquentes|problèmes courants|problèmes connus",
        "常见原因|可能原因|可能的原因|常见问题|常见错误|よくある原因|考えられる原因|よくある問題|既知の問題",
        "일반적인 원인|가능한 원인|возможные причины|частые причины|типичные проблемы|частые проблемы",
        "możliwe przyczyny|częste przyczyny|typowe problemy",
    ];
    let lower = words::bare(title).to_lowercase();
    let lower = lower.trim_end_matches([':', '：', ' ']);
    if each(FOREIGN).any(|w| lower.starts_with(w)) {
        return true;
    }
    let how = |w: &&str| lower.strip_prefix(*w).is_some_and(|r| r.starts_with(' '));
    let Some(rest) = each(HOW).find(how).and_then(|w| lower.get(w.len()..)) else {
        return false;
    };
    // `Known issues are listed elsewhere` announces nothing.
    let mut names = rest.split_whitespace();
    let near = names.by_ref().take(3).any(|w| each(WHAT).any(|x| x == w));
    near && names
        .next()
        .is_none_or(|w| matches!(w, "&" | "and" | "with" | "/" | "–" | "-" | "→"))
}

/// `Issue: the disk is full`, `Cause 2 – no network`: what follows is for that case.
#[must_use]
pub fn is_one(title: &str) -> bool {
    const CASES: &[&str] = &[
        "issue|problem|symptom|cause|error|failure|ursache|fehler|problema|causa|síntoma|sintoma|erro",
        "problème|symptôme|问题|原因|症状|故障|問題|문제|원인|증상|проблема|причина|симптом|przyczyna|objaw",
    ];
    let lower = words::bare(title).to_lowercase();
    each(CASES).any(|w| {
        lower.strip_prefix(w).is_some_and(|rest| {
            let rest = rest.trim_start_matches([' ', '#']);
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let set_off = rest
                .trim_start()
                .strip_prefix([':', '：', '–', '—', '-', '、']);
            set_off.is_some_and(|said| said.chars().any(char::is_alphanumeric))
        })
    })
}

/// Which of the leads of a section stand for cases or places beside each other, of which one is
/// there: `For Docker` and `For systemd`, `CPU-bound` and `Memory-bound`, `Network issues` and
/// `Disk issues`.
#[must_use]
pub fn beside_each_other(leads: &[String]) -> Vec<bool> {
    let kinds: Vec<Option<String>> = leads.iter().map(|l| kind(l)).collect();
    let mut count: HashMap<&str, usize> = HashMap::new();
    for kind in kinds.iter().flatten() {
        *count.entry(kind).or_default() += 1;
    }
    let several = |k: &String| count.get(k.as_str()).is_some_and(|n| *n > 1);
    kinds
        .iter()
        .map(|k| k.as_ref().is_some_and(several))
        .collect()
}

/// What two leads have in common that tell cases apart.
fn kind(lead: &str) -> Option<String> {
    const ENDS: &[&str] = &[
        "bound|related|issue|issues|problem|problems|error|errors|failure|failures|outage|outages|down",
        "problema|problemas|probleme|fehler|problème|problèmes|问题|故障|問題|障害|проблемы|проблема|awaria",
    ];
    const ALL: &[&str] = &["each|every|all|the|example|any|more|this|these|that|now|both"];
    let lower = words::bare(lead).to_lowercase();
    let lower = lower.trim_end_matches([':', '：', ' ']);
    let mut said = lower.split([' ', '-', '/']).filter(|w| !w.is_empty());
    let count = said.clone().count();
    let (first, second, last) = (said.next()?, said.next(), lower.rsplit([' ', '-']).next()?);
    if first == "for" && count <= 7 && second.is_some_and(|w| !each(ALL).any(|a| a == w)) {
        return Some("for".to_owned());
    }
    (2..=4)
        .contains(&count)
        .then(|| each(ENDS).find(|w| *w == last))
        .flatten()
        .map(|w| w.trim_end_matches('s').to_owned())
}

/// The letter that a title begins with, in small: `b) …`, `(b) …`, `B. …`.
#[must_use]
pub fn letter(title: &str) -> Option<char> {
    let text = title.trim();
    let (open, text) = match text.strip_prefix('(') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut rest = text.chars();
    let letter = rest.next().filter(char::is_ascii_alphabetic)?;
    let mark = rest.next()?;
    let marked = mark == ')' || !open && mark == '.' && rest.next() == Some(' ');
    marked.then(|| letter.to_ascii_lowercase())
}

/// What comes after the letter begins with a condition: `a) If the queue is full`.
#[must_use]
pub fn is_conditional(title: &str) -> bool {
    const IF: &[&str] = &[
        "if|when|where|in case|for the case|case|wenn|falls|bei|si|cuando|se|quando|en cas|lorsque",
        "如果|若|当|場合|もし|경우|если|при|когда|jeśli|gdy",
    ];
    let lower = title.to_lowercase();
    let said = match letter(&lower) {
        Some(_) => lower.split_once([')', '.']).map_or("", |(_, rest)| rest),
        None => lower.as_str(),
    };
    let said = said.trim_start();
    each(IF).any(|w| {
        said.strip_prefix(w)
            .is_some_and(|rest| !w.is_ascii() || rest.starts_with([' ', ':']))
    })
}

/// The words above lettered parts say that these are cases or ways, and no sequence.
#[must_use]
pub fn says_cases(lead: &str) -> bool {
    const WORDS: &[&str] = &[
        "depending|either|one of|which of|in case|alternative|option|cause|reason|if",
        "je nach|ursache|según|causa|selon|cause|根据|原因|よって|応じて|따라|원인|в зависимости|причин",
        "zależnie|przyczyn",
    ];
    are_announced(lead) || says_any(lead, WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_announced_in_their_usual_words() {
        for title in [
            "Common causes",
            "Common Rollback Issues",
            "Common Causes & Fixes:",
            "Known problems",
            "Mögliche Ursachen:",
            "常见问题与解决方案",
        ] {
            assert!(are_announced(title), "{title}");
        }
        for title in [
            "Common procedures",
            "Known issues are kept in the wiki",
            "Issue the certificate",
            "Possible data loss",
        ] {
            assert!(!are_announced(title), "{title}");
        }
    }

    #[test]
    fn a_case_is_told_from_an_order() {
        for title in [
            "Issue: disk full",
            "Problem 2 – no network",
            "问题 1: 无法启动",
        ] {
            assert!(is_one(title), "{title}");
        }
        for title in [
            "Issue a certificate",
            "Errors",
            "Problem:",
            "Cause analysis: who",
        ] {
            assert!(!is_one(title), "{title}");
        }
    }

    #[test]
    fn leads_of_one_kind_are_cases() {
        let of = |leads: &[&str]| {
            let leads: Vec<String> = leads.iter().map(|l| (*l).to_owned()).collect();
            beside_each_other(&leads)
        };
        assert_eq!(
            of(&["For the till", "For all shops", "For Docker"]),
            [false; 3]
        );
        assert_eq!(
            of(&["For Docker (default)", "Stop", "For plain systemd"]),
            [true, false, true]
        );
        assert_eq!(
            of(&["CPU-bound:", "Memory-bound:", "Disk I/O-bound"]),
            [true; 3]
        );
        assert_eq!(
            of(&["Network issues", "Check for errors in the log of the till"]),
            [false; 2]
        );
    }

    #[test]
    fn letters_and_conditions() {
        let got = ["a) x", "(b) y", "C. Go", "e.g. this", "I am", "A.B"].map(letter);
        assert_eq!(got, [Some('a'), Some('b'), Some('c'), None, None, None]);
        assert!(is_conditional("a) If it hangs") && is_conditional("b) 如果失败"));
        assert!(!is_conditional("a) Stop it") && !is_conditional("c) Sew it"));
        assert!(says_cases("Depending on what broke") && !says_cases("Then, in this order"));
    }
}
