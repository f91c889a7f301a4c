//! The choices of a parameter: the lines that the plan's own command for it prints.
//!
//! Runs only what only reads, judged from the text as every other command is, for a short time,
//! in the directory in which the procedure starts.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::script;

/// How long a command may take to list choices.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most choices that are offered.
const MOST: usize = 200;

/// The choices that a command prints.
///
/// # Errors
/// Why there are none, in words.
pub async fn ask(command: &str, dir: &Path) -> Result<Vec<String>, String> {
    let judged = script::shell::danger(command);
    if judged.danger != script::Danger::None {
        return Err(format!("not asked: “{command}” does not only read"));
    }
    let run = Command::new("bash")
        .args(["-c", command])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(PATIENCE, run).await {
        Err(_) => return Err(format!("“{command}” took longer than 10 s")),
        Ok(Err(error)) => return Err(format!("“{command}” did not start: {error}")),
        Ok(Ok(output)) => output,
    };
    let lines: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty() && !line.contains(char::is_control))
        .take(MOST)
        .collect();
    if lines.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("it printed nothing");
        return Err(format!("“{command}”: {first}"));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::ask;
    use std::path::Path;

    fn asked(command: &str) -> Result<Vec<String>, String> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(ask(command, Path::new("/")))
    }

    #[test]
    fn what_only_reads_is_asked_and_nothing_else() {
        assert_eq!(asked("echo one two"), Ok(vec!["one two".to_owned()]));
        assert!(asked("touch /tmp/never").is_err_and(|why| why.contains("not asked")));
    }
}
