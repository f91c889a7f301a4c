//! Finding the blanks of a code block.

use std::cell::RefCell;

use super::candidates::{Candidate, candidates};
use super::environment::environment;
use super::lookalikes::Around;
use super::{Blank, Kind, Language, normalise};
use crate::script::places::{Place, Places, scan};
use crate::script::recent::Recent;
use crate::script::sql;

/// Every blank of a code block, in the order of the text. `lang` is the label of the fence;
/// without one the code is taken for shell.
///
/// Comments hold no blanks: they do not run.
#[must_use]
pub fn find(code: &str, lang: &str) -> Vec<Blank> {
    let language = Language::of(lang);
    let around = Around { code, language };
    let written = candidates(code, |candidate| around.may_be_blank(candidate));
    match language {
        Language::Shell => in_shell(code, &written),
        Language::Sql => in_sql(code, &written),
        Language::Other => written.iter().map(|c| blank(code, c)).collect(),
    }
}

/// The code with each blank (environment variables apart) replaced by a word of the same length
/// in bytes, so that a parser can read it and offsets stay true.
#[must_use]
pub fn mask(code: &str, lang: &str) -> String {
    let language = Language::of(lang);
    // The same few blocks are asked about again and again while they are read.
    let known = match language {
        Language::Shell => &MASKED_SHELL,
        Language::Sql => &MASKED_SQL,
        Language::Other => return mask_anew(code, language),
    };
    known.with_borrow_mut(|known| {
        known.of(code).unwrap_or_else(|| {
            let masked = mask_anew(code, language);
            known.keep(code, masked.clone());
            masked
        })
    })
}

thread_local! {
    static MASKED_SHELL: RefCell<Recent<String>> = const { RefCell::new(Recent::new()) };
    static MASKED_SQL: RefCell<Recent<String>> = const { RefCell::new(Recent::new()) };
}

fn mask_anew(code: &str, language: Language) -> String {
    let around = Around { code, language };
    let mut written = candidates(code, |candidate| around.may_be_blank(candidate));
    if !written.is_empty() {
        match language {
            Language::Shell => {
                let places = around_written(code, &written);
                written.retain(|c| stands_well(code, c, &places));
            }
            Language::Sql => {
                let places = sql::places(code);
                written.retain(|c| places.at(c.range.start) != sql::SqlPlace::Comment);
            }
            Language::Other => {}
        }
    }
    let mut masked = String::with_capacity(code.len() + 1);
    let mut at = 0;
    for blank in &written {
        masked.push_str(code.get(at..blank.range.start).unwrap_or(""));
        masked.extend(std::iter::repeat_n('x', blank.range.len()));
        at = blank.range.end;
    }
    masked.push_str(code.get(at..).unwrap_or(""));
    masked
}

/// The places of a shell text with its written blanks taken as parts of words.
pub(super) fn shell_places(code: &str, blanks: &[Blank]) -> Places {
    let opaque: Vec<_> = blanks
        .iter()
        .filter(|b| b.kind != Kind::Environment)
        .map(|b| b.range.clone())
        .collect();
    scan(code, &opaque)
}

fn in_shell(code: &str, written: &[Candidate]) -> Vec<Blank> {
    if written.is_empty() && !code.contains('$') {
        return Vec::new();
    }
    let places = around_written(code, written);
    let mut found: Vec<Blank> = written
        .iter()
        .filter(|c| stands_well(code, c, &places))
        .map(|c| blank(code, c))
        .collect();
    let taken: Vec<_> = found.iter().map(|b| b.range.clone()).collect();
    found.extend(environment(code, &places).into_iter().filter(|e| {
        !taken
            .iter()
            .any(|t| t.start < e.range.end && e.range.start < t.end)
    }));
    found.sort_by_key(|b| b.range.start);
    found
}

/// The places of a shell text, with what is written like a blank taken as parts of words.
fn around_written(code: &str, written: &[Candidate]) -> Places {
    let opaque: Vec<_> = written.iter().map(|c| c.range.clone()).collect();
    scan(code, &opaque)
}

/// Whether something written like a blank can be one at its place.
fn stands_well(code: &str, candidate: &Candidate, places: &Places) -> bool {
    match places.at(candidate.range.start) {
        Place::Comment => false,
        // A document may say TBD of itself; where a value is due, it is a blank there too.
        Place::Heredoc | Place::HeredocRaw if candidate.kind == Kind::Filler => {
            let before = code.get(..candidate.range.start).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            line.trim_end()
                .ends_with(['=', ':', '"', '\'', '(', ',', '@', '/'])
        }
        Place::Expansion | Place::Arithmetic => {
            matches!(
                candidate.kind,
                Kind::Angle | Kind::Mustache | Kind::Shouted | Kind::Filler
            )
        }
        _ => true,
    }
}

fn in_sql(code: &str, written: &[Candidate]) -> Vec<Blank> {
    if written.is_empty() {
        return Vec::new();
    }
    let places = sql::places(code);
    written
        .iter()
        .filter(|c| places.at(c.range.start) != sql::SqlPlace::Comment)
        .map(|c| blank(code, c))
        .collect()
}

fn blank(code: &str, candidate: &Candidate) -> Blank {
    Blank {
        range: candidate.range.clone(),
        spelling: code
            .get(candidate.range.clone())
            .unwrap_or_default()
            .to_owned(),
        name: normalise(code.get(candidate.inside.clone()).unwrap_or_default()),
        kind: candidate.kind,
    }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
