//! Words of a text as they may stand in a question: what is expanded in them are variables alone.

use std::fmt::Write as _;

use crate::script::shell::calls::Word;
use crate::script::shell::values::Piece;

/// A word that may stand in a question.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Raw {
    /// As a shell reads it, always one word.
    pub text: String,
    /// Expansions without quotes in it, which may be several words where the text has them.
    pub parts: Vec<String>,
}

/// A word as it may stand in a question, or why it may not.
pub(super) fn raw(word: &Word) -> Result<Raw, String> {
    let unknown = || format!("{} is only known when it runs", word.text);
    let quoted = |text: &str| {
        let quoted = shlex::try_quote(text).ok().map(String::from);
        quoted.ok_or_else(unknown)
    };
    if word.fixed {
        let text = match word.text.strip_prefix("~/") {
            Some(rest) => format!("~/{}", quoted(rest)?),
            None => quoted(&word.text)?,
        };
        return Ok(Raw {
            text,
            parts: Vec::new(),
        });
    }
    let mut out = Raw::default();
    for piece in &word.pieces {
        match piece {
            Piece::Text(text) if text.is_empty() => {}
            Piece::Text(text) => out.text.push_str(&quoted(text)?),
            Piece::Variable(used) => {
                let written = &used.written;
                if used.name.ends_with("[@]") || !is_plain(written) {
                    return Err(unknown());
                }
                let _ = write!(out.text, "\"{written}\"");
                if !used.quoted {
                    out.parts.push(written.clone());
                }
            }
            Piece::Other(written) if cuts_a_variable(written) => {
                let _ = write!(out.text, "\"{written}\"");
                out.parts.push(written.clone());
            }
            Piece::Other(_) => return Err(unknown()),
        }
    }
    if out.text.is_empty() {
        return Err(unknown());
    }
    Ok(out)
}

/// Whether an expansion does nothing but look a variable up.
fn is_plain(written: &str) -> bool {
    !written.contains(['`', '"', '\'', '\\', '('])
}

/// `${URL%/*}`, `${NAME^^}`: a variable with something cut off or replaced.
fn cuts_a_variable(written: &str) -> bool {
    let Some(inner) = written.strip_prefix("${").and_then(|w| w.strip_suffix('}')) else {
        return false;
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = inner.find(|c| !letter(c)).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let cuts = rest.starts_with(['%', '#', '/', '^', ',']);
    let plain = |c: char| !matches!(c, '`' | '"' | '\'' | '\\' | '(' | '$' | '{' | '}');
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && cuts
        && rest.chars().all(plain)
}

/// What a question asks first, so that an expansion without quotes is one word and no option.
pub(super) fn one_word(written: &str) -> String {
    format!(
        "case \"{written}\" in (''|-*|*[[:space:]]*) echo '{written} is not one word' >&2; exit 1;; esac; "
    )
}

/// What a question asks first, so that no word of an expansion is an option.
pub(super) fn no_option(written: &str) -> String {
    format!(
        "case \" {written}\" in (*[[:space:]]-*) echo '{written} holds options' >&2; exit 1;; esac; "
    )
}

/// Whether a word of a loop means nothing more to a shell.
pub(super) fn means_itself(word: &Word) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    word.fixed && !word.text.is_empty() && word.text.chars().all(plain)
}
