//! What operators changed in commands, as a patch to the runbook: what a plan should have said
//! is not copied out of a log by hand.
//!
//! Of each action the change that worked last counts. A command whose lines do not stand in the
//! runbook as they run (joined, repaired) is left to the list of deviations, which shows it in any
//! case, and the export says that the patch is without it.

use std::collections::BTreeMap;
use std::ops::Range;

use similar::TextDiff;

use crate::domain::event::{Event, Recorded};
use crate::domain::flight;
use crate::domain::incident::{Attempt, Incident};
use crate::domain::plan::Action;

/// What operators made of commands and worked, in the order in which it ran.
fn worked<'a>(
    incident: &'a Incident,
    records: &'a [Recorded],
) -> impl Iterator<Item = (&'a Action, &'a str)> {
    records.iter().filter_map(|record| {
        let Event::AttemptIntended(intent) = &record.event else {
            return None;
        };
        let ending = incident.attempt(intent.attempt).and_then(Attempt::ending);
        ending.filter(|ending| ending.succeeded())?;
        let (_, action) = flight::find_action(&incident.plan, &intent.action)?;
        Some((action, intent.wording.as_deref()?))
    })
}

/// What operators made of the runbook.
#[derive(Default)]
pub(super) struct Patch {
    /// A unified diff that `git apply` takes, or none where nothing was edited that stands in the
    /// runbook's text.
    pub diff: Option<String>,
    /// The changed commands that the diff does not have, because their lines do not stand in the
    /// runbook as they ran: what each is called.
    pub left_out: Vec<String>,
}

/// The patch of an incident; `runbook` is the text as it was kept with it.
pub(super) fn patch(incident: &Incident, records: &[Recorded], runbook: &str) -> Patch {
    let lines: Vec<&str> = runbook.split_inclusive('\n').collect();
    let mut changes: BTreeMap<usize, (Range<usize>, String)> = BTreeMap::new();
    let mut left_out: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for (action, wording) in worked(incident, records) {
        let change = change(&lines, action, wording);
        let name = change.is_none().then(|| action.label());
        left_out.insert(action.id.as_str(), name);
        if let Some((range, text)) = change {
            changes.insert(range.start, (range, text));
        }
    }
    Patch {
        diff: diff(incident, runbook, &lines, changes),
        left_out: left_out.into_values().flatten().collect(),
    }
}

fn diff(
    incident: &Incident,
    runbook: &str,
    lines: &[&str],
    changes: BTreeMap<usize, (Range<usize>, String)>,
) -> Option<String> {
    let mut after = String::with_capacity(runbook.len());
    let mut from = 0;
    for (range, text) in changes.into_values() {
        // Two actions never share a line; if they did, the first keeps it.
        if range.start < from {
            continue;
        }
        after.extend(
            lines
                .get(from..range.start)
                .unwrap_or_default()
                .iter()
                .copied(),
        );
        after.push_str(&text);
        from = range.end;
    }
    after.extend(lines.get(from..).unwrap_or_default().iter().copied());
    if after == runbook {
        return None;
    }
    let name = file_name(&incident.runbook);
    let diff = TextDiff::from_lines(runbook, after.as_str());
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    Some(diff.unified_diff().header(&old, &new).to_string())
}

fn file_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() || name == "-" {
        "runbook.md"
    } else {
        name
    }
}

/// The runbook's lines that an action was read from, and what stands there with the operator's
/// wording in their place.
fn change(lines: &[&str], action: &Action, wording: &str) -> Option<(Range<usize>, String)> {
    let first = usize::try_from(action.span.first).ok()?.checked_sub(1)?;
    let last = usize::try_from(action.span.last).ok()?.min(lines.len());
    let code: Vec<&str> = action.code.split('\n').collect();
    let wanted = code.len();
    let start = (first..last).find(|&at| {
        at + wanted <= last
            && code
                .iter()
                .zip(lines.get(at..).unwrap_or_default())
                .all(|(code, line)| before(line, code).is_some())
    })?;
    let range = start..start + wanted;
    let model = lines.get(start)?;
    let prefix = before(model, code.first()?)?;
    let ending = if model.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let text = wording.split('\n').fold(String::new(), |mut text, line| {
        text.push_str(if line.is_empty() {
            prefix.trim_end()
        } else {
            prefix
        });
        text.push_str(line);
        text.push_str(ending);
        text
    });
    Some((range, text))
}

/// What stands before the code on its line: white space and quote marks, and the prompt of a
/// transcript; nothing else.
fn before<'a>(line: &'a str, code: &str) -> Option<&'a str> {
    let prefix = line.trim_end().strip_suffix(code.trim_end())?;
    let is_margin = |c: char| c.is_whitespace() || c == '>';
    let prompt = prefix.trim_start_matches(is_margin);
    matches!(prompt, "" | "$ " | "% ").then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn a_prompt_stands_before_its_command_and_a_word_does_not() {
        assert_eq!(before("> $ scale web\n", "scale web"), Some("> $ "));
        assert_eq!(before("  scale web", "scale web"), Some("  "));
        assert_eq!(before("then scale web", "scale web"), None);
        assert_eq!(before("echo $ scale web", "scale web"), None);
    }
}
