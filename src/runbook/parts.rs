//! What the headings and sentences of a section say about how its parts belong together.

use super::actions;
use super::outline::Section;
use super::reading::Reading;
use super::words::{self, Role, says_any};

/// One rollback in parts, the first of which looks and a later one of which goes back: `Check what
/// was migrated`, `Roll the schema back`.
pub fn is_phased(reading: &Reading<'_>, section: &Section, parts: &[usize]) -> bool {
    const ONE: &[&str] = &["rollback|roll back|recovery|restore|revert"];
    const LOOK: &[&str] = &["check|identify|determine|assess|find out|inspect"];
    let begins = |at: usize, list| {
        let title = words::bare(&reading.section(at).title).to_lowercase();
        words::each(list).any(|w| title.starts_with(w))
    };
    let [first, rest @ ..] = parts else {
        return false;
    };
    let goes_back = rest
        .iter()
        .any(|&c| says_any(&reading.section(c).title, ONE));
    says_any(&section.title, ONE) && begins(*first, LOOK) && goes_back
}

/// A title that only makes sense as a part of what stands above it.
pub fn is_part(title: &str) -> bool {
    const PARTS: &[&str] = &[
        "symptom|diagnos|indicator|signs|resolution|recovery steps|recovery procedure|immediate response",
        "rollback steps|steps|wiederherstellung|sofortmaßnahmen|síntomas|sintomas|pasos|passos",
        "symptômes|étapes|症状|步骤|症狀|증상|симптомы|objawy",
    ];
    let bare = words::bare(title).to_lowercase();
    words::each(PARTS).any(|w| bare.starts_with(w))
}

/// A part that tells when its procedure is to be used.
pub fn is_symptoms(title: &str) -> bool {
    const SIGNS: &[&str] = &[
        "symptom|indicator|signs|when to use|use when|síntomas|sintomas|symptômes|症状|증상|симптомы|objawy|anzeichen",
    ];
    let bare = words::bare(title).to_lowercase();
    words::each(SIGNS).any(|w| bare.starts_with(w))
}

/// Sections in which a sentence that orders a command to be run is work.
pub fn is_carried_out(role: Option<Role>) -> bool {
    matches!(role, Some(Role::Rollback | Role::Verify | Role::After))
}

/// A sentence orders a command to be run.
pub fn orders(text: &str) -> bool {
    text.contains('`') && actions::ordered(text).is_some()
}
