//! The choices of a parameter: the lines that the plan's own command for it prints, and what
//! earlier commands of the incident have printed that may be meant.
//!
//! Runs only what only reads, judged from the text as every other command is, for a short time,
//! in the directory in which the procedure starts.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;

use crate::app::msg::Choices;
use crate::domain::ids::ParameterName;
use crate::script;
use crate::session::Session;

/// How long a command may take to list choices.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most choices that are offered.
const MOST: usize = 200;

/// What may be picked for a parameter, or why there is nothing.
pub async fn of(session: Arc<Session>, name: &ParameterName) -> Choices {
    let incident = session.incident();
    let parameter = incident.plan.parameters.iter().find(|p| p.name == *name);
    let mut found = Choices::default();
    if let Some(command) = parameter.and_then(|p| p.pick_from.as_ref()) {
        match ask(command, Path::new(&incident.start_dir)).await {
            Ok(lines) => {
                found.values = lines;
                found.from.push(command.clone());
            }
            Err(why) => found.why_not = Some(why),
        }
    }
    let looked = name.clone();
    let picks = tokio::task::spawn_blocking(move || session.picks(&looked)).await;
    if let Ok(mut picks) = picks {
        picks.values.retain(|v| !found.values.contains(v));
        if !picks.values.is_empty() {
            found.values.append(&mut picks.values);
            found.from.append(&mut picks.from);
        }
    }
    found
}

/// The choices that a command prints.
///
/// # Errors
/// Why there are none, in words.
async fn ask(command: &str, dir: &Path) -> Result<Vec<String>, String> {
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
