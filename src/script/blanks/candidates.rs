//! Every stretch of text that is written like a blank, before its surroundings are looked at.
//!
//! Purely by spelling; `lookalikes` then says which of them are something else.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Kind;

/// A stretch written like a blank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    /// The bytes.
    pub range: Range<usize>,
    /// The bytes without the marks around them.
    pub inside: Range<usize>,
    /// By its marks.
    pub kind: Kind,
}

struct Pattern {
    regex: Regex,
    kind: Kind,
}

/// The first group of each pattern is the blank, the second (if any) its inside.
const PATTERNS: &[(Kind, &str)] = &[
    (
        Kind::Mustache,
        r"(\{\{-?[ \t]*([^{}\n]{1,60}?)[ \t]*-?\}\})",
    ),
    (Kind::Angle, r#"(<(\p{L}[^<>\n|&;$`"\\{}=@]{0,79})>)"#),
    (Kind::Bracket, r"(\[(\p{L}[^\[\]\n]{1,79})\])"),
    (Kind::Brace, r"(\$\{([a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)+)\})"),
    (Kind::Brace, r"(\{(\p{L}[\p{L}\p{N}_-]{0,59})\})"),
    (Kind::Colon, r"/(:([A-Za-z][A-Za-z0-9_]*))"),
    (
        Kind::Shouted,
        r"(YYYY[-_/.]?MM[-_/.]?DD(?:[-_T ]?HH[-:_]?MM(?:[-:_]?SS)?)?|HH:MM(?::SS)?)",
    ),
    (Kind::Shouted, r"([A-Z][A-Z0-9]*[-_]X{2,}|v?X\.Y(?:\.Z)?)"),
    (
        Kind::Shouted,
        r"(YOUR[-_][A-Z0-9]+(?:[-_][A-Z0-9]+)*|your[-_][a-z0-9]+(?:[-_][a-z0-9]+)*)",
    ),
];

static COMPILED: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    PATTERNS
        .iter()
        .filter_map(|(kind, text)| {
            Some(Pattern {
                regex: Regex::new(text).ok()?,
                kind: *kind,
            })
        })
        .collect()
});

/// Everything written like a blank, in order; where two overlap, the one that begins first, and
/// of those the longer.
pub(super) fn candidates(code: &str, keep: impl Fn(&Candidate) -> bool) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = COMPILED
        .iter()
        .flat_map(|pattern| {
            pattern.regex.captures_iter(code).filter_map(|captures| {
                let whole = captures.get(1)?;
                let inside = captures.get(2).unwrap_or(whole);
                Some(Candidate {
                    range: whole.range(),
                    inside: inside.range(),
                    kind: pattern.kind,
                })
            })
        })
        .filter(|candidate| keep(candidate))
        .collect();
    all.sort_by_key(|c| (c.range.start, usize::MAX - c.range.end));
    let mut end = 0;
    all.retain(|candidate| {
        let apart = candidate.range.start >= end;
        if apart {
            end = candidate.range.end;
        }
        apart
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(COMPILED.len(), PATTERNS.len());
    }
}
