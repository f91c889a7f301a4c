//! The blanks of a block that a person runs elsewhere.
//!
//! Only `<commit>` is one there: brackets and braces are the language's own. A value is put in as
//! it is, and only where it means nothing to the language; else the blank stays, and the person
//! sees the value beside it.

use super::Dialect;
use crate::script::blanks::{Blank, Kind, find};

/// The blanks of a block, in its order. Comments hold none, and markup none either.
#[must_use]
pub fn blanks(code: &str, dialect: Dialect) -> Vec<Blank> {
    if !code.contains('<') || code.contains("</") || code.contains("/>") {
        return Vec::new();
    }
    let mut found = find(code, "powershell");
    found.retain(|blank| {
        let before = code.get(..blank.range.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let remark = dialect == Dialect::PowerShell && line.contains(" #");
        blank.kind == Kind::Angle
            && !blank.names_nothing()
            && !remark
            && dialect.comment(line).is_none()
    });
    found
}

/// The block with the values that are known put in.
#[must_use]
pub fn fill(code: &str, dialect: Dialect, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(code.len());
    let mut at = 0;
    for blank in blanks(code, dialect) {
        let Some(value) = value(&blank.name).filter(|v| is_plain(v)) else {
            continue;
        };
        text.push_str(code.get(at..blank.range.start).unwrap_or_default());
        text.push_str(&value);
        at = blank.range.end;
    }
    text.push_str(code.get(at..).unwrap_or_default());
    text
}

/// Whether a value means itself, quoted or not, in both languages.
fn is_plain(value: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "._-/\\:+=~".contains(c);
    !value.is_empty() && value.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_named_blank_in_angles_is_one() {
        let names = |code: &str| -> Vec<String> {
            let found = blanks(code, Dialect::PowerShell);
            found.into_iter().map(|b| b.name).collect()
        };
        assert_eq!(names("git checkout <last-good>\nnpm ci"), ["last_good"]);
        assert_eq!(names("Copy-Item C:\\rel\\<version> C:\\shop"), ["version"]);
        for code in [
            "# Choose <commit> first\nGet-Date",
            "git log  # find <commit>",
            "[string]$Name = 'x'; if ($a -lt 3) { Get-Date }",
            "$xml = '<shop><port>80</port></shop>'",
            "Get-Content [FILE]",
        ] {
            assert!(names(code).is_empty(), "{code}");
        }
    }

    #[test]
    fn a_value_that_would_mean_more_than_itself_stays_out() {
        let with = |value: &str| {
            let value = value.to_owned();
            fill("git checkout <tag>", Dialect::Batch, |_| {
                Some(value.clone())
            })
        };
        assert_eq!(with("v1.4"), "git checkout v1.4");
        assert_eq!(with("a; Remove-Item b"), "git checkout <tag>");
        assert_eq!(with("$(x)"), "git checkout <tag>");
    }
}
