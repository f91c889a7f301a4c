//! Commands that are meant for a session elsewhere, which the plan opened before them.

use std::collections::BTreeMap;

use super::{Review, codes, walk};

/// One note for each session, where it is opened.
pub fn check(review: &mut Review<'_>) {
    let mut sessions: BTreeMap<(u32, String), (u32, u32, u32)> = BTreeMap::new();
    for action in walk::of_steps(review.plan).filter(|a| walk::is_runnable(a)) {
        let Some(place) = &action.place else { continue };
        let span = action.span;
        let seen = sessions
            .entry((place.line, place.on()))
            .or_insert((0, span.first, span.last));
        *seen = (seen.0 + 1, seen.1.min(span.first), seen.2.max(span.last));
    }
    for ((line, on), (count, first, last)) in sessions {
        let place = review.source.said(line);
        let what = if count == 1 {
            format!("the command of lines {first} to {last} is")
        } else {
            format!("{count} commands from line {first} to {last} are")
        };
        let message = format!("{what} meant to run {on}, not where backout runs");
        review.say(&codes::MEANT_ELSEWHERE, place, message);
    }
}

#[cfg(test)]
mod tests {
    use crate::runbook::{lint, read};

    #[test]
    fn a_session_that_later_blocks_are_meant_for_is_noted_once() {
        let text = "# P\n\n## Rollback\n\n1. **Go**\n   ```bash\n   ssh ops@gate\n   ```\n2. **Back**\n   ```bash\n   make back\n   ```\n3. **Up**\n   ```bash\n   make up\n   ```\n";
        let found = lint::check(&read(text.as_bytes()), text);
        let said: Vec<_> = found
            .iter()
            .filter(|d| d.code == "meant-elsewhere")
            .map(|d| (d.line, d.message.as_str()))
            .collect();
        let message =
            "2 commands from line 11 to 15 are meant to run on ops@gate, not where backout runs";
        assert_eq!(said, [(7, message)]);
        let told = text.replace("ssh ops@gate", "ssh ops@gate uptime");
        let found = lint::check(&read(told.as_bytes()), &told);
        assert!(found.iter().all(|d| d.code != "meant-elsewhere"));
    }
}
