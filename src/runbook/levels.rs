//! What a label says of a level: its name, and what is to be done at it.
//!
//! `CRITICAL Issues (roll back at once)` is the level `CRITICAL`; `P0 - Critical` is one name of
//! two words; `Critical issues that need a rollback` is `Critical`, and the rest tells what to do.

use super::inline::plain;
use super::words::{self, each};

/// The two sides of a dash or a colon.
fn split(label: &str) -> Option<(&str, &str)> {
    [" - ", " – ", " — ", ": ", "："]
        .iter()
        .find_map(|mark| label.split_once(mark))
}

/// The level's name.
#[must_use]
pub fn name(label: &str) -> String {
    divide(label).0
}

/// What the label says to do, or an empty text.
#[must_use]
pub fn response(label: &str) -> String {
    divide(label).1
}

fn divide(label: &str) -> (String, String) {
    let text = plain(label);
    let text = text.trim().trim_end_matches([':', '：']).trim_end();
    if let Some((name, rest)) = double(text) {
        return (name, rest);
    }
    let (head, inside) = match text.split_once(['(', '（']) {
        Some((head, rest)) => (head, rest.trim_end_matches([')', '）'])),
        None => (text, ""),
    };
    let (head, after) = match split(head).filter(|(first, _)| words::level(first).is_some()) {
        Some((first, after)) => (first, after),
        None => (head, ""),
    };
    let (name, rest) = past_noun(head.trim().trim_end_matches([':', '：']).trim());
    let said = [inside, after, rest.as_str()]
        .into_iter()
        .find(|t| !t.is_empty())
        .unwrap_or_default();
    (name, said.trim().to_owned())
}

/// `P0 - Critical`, `SEV1 (High)`: a code and the word for it are one name.
fn double(text: &str) -> Option<(String, String)> {
    let marks = [" - ", " – ", " — ", ": ", " (", "（"];
    let at = marks
        .iter()
        .filter_map(|m| Some((text.find(m)?, *m)))
        .min()?;
    let (code, rest) = (text.get(..at.0)?, text.get(at.0 + at.1.len()..)?);
    let bracket = at.1.contains(['(', '（']);
    let end = if bracket {
        rest.find([')', '）'])?
    } else {
        split(rest).map_or(rest.len(), |(first, _)| first.len())
    };
    let word = rest.get(..end)?.trim();
    let word = if bracket {
        word
    } else {
        first_of_brackets(word)
    };
    if !is_code(code) || word.contains(char::is_whitespace) || words::level(word).is_none() {
        return None;
    }
    let from = at.0 + at.1.len() + rest.find(word)? + word.len();
    let closed = text
        .get(from..)
        .and_then(|t| t.chars().next())
        .filter(|c| bracket && matches!(c, ')' | '）'));
    let end = from + closed.map_or(0, char::len_utf8);
    let marks =
        |c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | ':' | '：' | '(' | '（');
    let rest = text.get(end..)?.trim_start_matches(marks);
    let rest = rest.trim_end_matches([')', '）']);
    Some((text.get(..end)?.to_owned(), rest.to_owned()))
}

fn first_of_brackets(word: &str) -> &str {
    word.split(['(', '（']).next().unwrap_or(word).trim_end()
}

/// `P0`, `SEV-1`, `Level 2`: a level by its number.
fn is_code(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    text.starts_with(char::is_alphabetic)
        && text.trim_end().ends_with(|c: char| c.is_ascii_digit())
        && text.chars().count() <= 10
}

/// A name without `issues`, `triggers` and the like, and what is said after such a word.
fn past_noun(name: &str) -> (String, String) {
    const NOUNS: &[&str] =
        &["issues|issue|triggers|trigger|conditions|criteria|severity|priority|problems|incidents"];
    const LINKS: &[&str] = &["requiring|require|requires|that|which|for|needing|need|to|with|–|-"];
    let spaced: Vec<&str> = name.split_whitespace().collect();
    let is = |word: &str, list| {
        let lower = word.to_lowercase();
        each(list).any(|w| w == lower)
    };
    let noun = spaced.iter().skip(1).position(|w| is(w, NOUNS));
    let Some(at) = noun.map(|n| n + 1).filter(|at| *at <= 2) else {
        return (name.to_owned(), String::new());
    };
    let (before, after) = spaced.split_at(at);
    let before = before.join(" ");
    if words::level(&before).is_none() {
        return (name.to_owned(), String::new());
    }
    let rest: Vec<&str> = after
        .iter()
        .skip_while(|w| is(w, NOUNS) || is(w, LINKS))
        .copied()
        .collect();
    (before, rest.join(" "))
}

#[cfg(test)]
mod tests {
    use super::divide;

    #[test]
    fn a_label_is_a_name_and_what_to_do() {
        for (label, name, response) in [
            (
                "CRITICAL Issues (back at once):",
                "CRITICAL",
                "back at once",
            ),
            ("P0 - Critical", "P0 - Critical", ""),
            ("🔴 SEV1 (High)", "🔴 SEV1 (High)", ""),
            ("P2 – Medium – answer today", "P2 – Medium", "answer today"),
            ("P1: High (within 1 h)", "P1: High", "within 1 h"),
            ("P0 - the shop is down", "P0", "the shop is down"),
            ("CRITICAL - go back", "CRITICAL", "go back"),
            (
                "Critical Problems That Require a Rollback",
                "Critical",
                "a Rollback",
            ),
            ("High Priority Issues", "High", ""),
            ("Immediate Rollback Triggers", "Immediate Rollback", ""),
            ("Urgent: wake somebody", "Urgent", "wake somebody"),
        ] {
            assert_eq!(
                divide(label),
                (name.to_owned(), response.to_owned()),
                "{label}"
            );
        }
    }
}
