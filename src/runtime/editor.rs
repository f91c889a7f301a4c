//! A long text in the operator's own editor. The terminal is the editor's meanwhile; the file is
//! the operator's alone and is removed afterwards.

use std::io::Write as _;
use std::process::Command;

/// The longest text that is taken back, in bytes.
const LONGEST: u64 = 1 << 20;

/// Opens the editor on a text; gives it back as it was left.
///
/// # Errors
/// What went wrong, in words; the text is then unchanged.
pub fn edit(text: &str) -> Result<String, String> {
    let words = |error: std::io::Error| format!("the editor: {error}");
    let mut file = tempfile::Builder::new()
        .prefix("backout-")
        .suffix(".txt")
        .tempfile()
        .map_err(words)?;
    file.write_all(text.as_bytes()).map_err(words)?;
    // A line that is appended there must not be glued to the last one; it is taken off again.
    file.write_all(b"\n").map_err(words)?;
    file.flush().map_err(words)?;
    let editor = named("VISUAL").or_else(|| named("EDITOR"));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    // Through the shell, because an editor may be named with options.
    let status = Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(file.path())
        .status()
        .map_err(words)?;
    if !status.success() {
        return Err(format!(
            "{editor} ended with {status}; the text is as it was"
        ));
    }
    let left = std::fs::metadata(file.path()).map_err(words)?;
    if left.len() > LONGEST {
        return Err("the text is longer than 1 MB; it is as it was".to_owned());
    }
    let bytes = std::fs::read(file.path()).map_err(words)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(text.strip_suffix('\n').map(str::to_owned).unwrap_or(text))
}

fn named(variable: &str) -> Option<String> {
    std::env::var(variable)
        .ok()
        .filter(|v| !v.trim().is_empty())
}
