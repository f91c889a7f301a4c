//! PowerShell and the Windows command prompt as data: cut at comments, danger judged.
//!
//! backout runs neither: a value cannot be put into their text safely by the rules of a shell.
//! What such a block does is shown piece by piece to the person who runs it elsewhere, with the
//! harm that it can do. The reading is shallow on purpose: what it does not know changes things.

mod blanks;
mod commands;
mod danger;
mod scan;
mod split;

pub use blanks::{blanks, fill};
pub use danger::danger;
pub use split::split;

/// One of the two languages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// `Stop-Service shop`, with `#` for comments.
    PowerShell,
    /// `net stop shop`, with `REM` and `::` for comments.
    Batch,
}

/// The dialect that a fence's label stands for.
#[must_use]
pub fn dialect(label: &str) -> Option<Dialect> {
    match label {
        "powershell" | "pwsh" | "ps1" | "posh" | "powershell-session" => Some(Dialect::PowerShell),
        "cmd" | "bat" | "batch" | "batchfile" | "dos" => Some(Dialect::Batch),
        _ => None,
    }
}

impl Dialect {
    /// What a line says as a comment, without its mark.
    #[must_use]
    pub fn comment(self, line: &str) -> Option<&str> {
        let line = line.trim();
        match self {
            Self::PowerShell => line.strip_prefix('#').map(str::trim),
            Self::Batch => {
                let line = line.strip_prefix('@').unwrap_or(line);
                let rem = line.get(..3).is_some_and(|w| w.eq_ignore_ascii_case("rem"));
                let rest = line
                    .get(3..)
                    .filter(|r| rem && !r.starts_with(|c: char| c.is_alphanumeric()));
                rest.or_else(|| line.strip_prefix("::"))
                    .or_else(|| line.strip_prefix('#'))
                    .map(str::trim)
            }
        }
    }
}
