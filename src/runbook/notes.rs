//! What an author says to backout in HTML comments and fence attributes.
//!
//! An annotation beats whatever would be inferred. Unknown ones are reported, never dropped.

use super::blocks::{Block, Fence, Kind};
use super::outline::Section;
use super::reading::Reading;
use super::time;
use crate::domain::plan::{ChecklistRole, Level};

/// An annotation in an HTML comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark {
    /// The next block stays text.
    Ignore,
    /// The next list is a checklist, or this checkpoint.
    Checklist {
        /// Its role, if it says so.
        role: Option<ChecklistRole>,
        /// Its number, for a checkpoint.
        checkpoint: Option<u8>,
        /// Due so many seconds after the rollback.
        after_s: Option<u64>,
    },
    /// The next fence shows output like what the one before should print.
    Similar(u8),
    /// The output of the fence before must match this regular expression.
    Matches(String),
    /// Words that backout does not know.
    Unknown(String),
}

/// What a comment says, if it speaks to backout.
#[must_use]
pub fn mark(comment: &str) -> Option<Mark> {
    let text = comment.trim();
    if let Some(value) = text.strip_prefix("expected_similarity=") {
        let value = value.trim();
        if let Some(pattern) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
            return Some(Mark::Matches(pattern.to_owned()));
        }
        return Some(
            hundredths(value).map_or_else(|| Mark::Unknown(text.to_owned()), Mark::Similar),
        );
    }
    let words = text.strip_prefix("backout:")?.trim();
    let mut parts = words.split_whitespace();
    let first = parts.next().unwrap_or_default();
    let (role, checkpoint) = match first {
        "ignore" => return Some(Mark::Ignore),
        "checkpoint" => (
            Some(ChecklistRole::Checkpoint),
            parts.clone().next().and_then(|n| n.parse().ok()),
        ),
        "checklist" => {
            let named = |w: &str| checklist_role(w.strip_prefix("role=").unwrap_or(w));
            (parts.clone().find_map(named), None)
        }
        _ => return Some(Mark::Unknown(words.to_owned())),
    };
    let after_s = parts
        .find_map(|w| w.strip_prefix("after="))
        .and_then(time::within);
    Some(Mark::Checklist {
        role,
        checkpoint,
        after_s,
    })
}

/// The role that a word of the stored form names.
#[must_use]
pub fn checklist_role(word: &str) -> Option<ChecklistRole> {
    Some(match word {
        "pre_rollback" => ChecklistRole::PreRollback,
        "checkpoint" => ChecklistRole::Checkpoint,
        "verification" => ChecklistRole::Verification,
        "success" => ChecklistRole::Success,
        "follow_up" => ChecklistRole::FollowUp,
        "other" => ChecklistRole::Other,
        _ => return None,
    })
}

fn hundredths(value: &str) -> Option<u8> {
    let number: f64 = value.parse().ok()?;
    let scaled = (number * 100.0).round();
    (0..=100_u8).find(|n| f64::from(*n) >= scaled && scaled >= 0.0)
}

/// The annotation directly before a block.
#[must_use]
pub fn before(section: &Section, block: usize) -> Option<Mark> {
    let above = section.blocks.get(block.checked_sub(1)?)?;
    if let Kind::Comment(text) = &above.kind {
        mark(text)
    } else {
        None
    }
}

/// Sets aside what the author wants left alone, and reports what is not understood.
pub fn set_aside(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        for (at, block) in section.blocks.iter().enumerate() {
            report_fences(reading, block);
            let Kind::Comment(text) = &block.kind else {
                continue;
            };
            match mark(text) {
                Some(Mark::Ignore) => {
                    if let Some(next) = section.blocks.get(at + 1) {
                        leave(reading, next, &section.title);
                    }
                }
                Some(Mark::Unknown(words)) => {
                    let message = format!("backout does not know the annotation \"{words}\"");
                    reading.note(
                        block.span.first,
                        Level::Warning,
                        "unknown-annotation",
                        message,
                        "see the handbook for those that it knows",
                    );
                }
                _ => {}
            }
        }
    }
}

/// What is wrong with the fences of a block, those in its items included.
fn report_fences(reading: &mut Reading<'_>, block: &Block) {
    match &block.kind {
        Kind::Fence(fence) => {
            report_attributes(reading, block.span.first, fence);
            if !fence.closed {
                let message = if fence.is_whole() {
                    "this block is never closed; it is taken to end before the next heading"
                } else {
                    "this block is never closed; it is shown and cannot be run"
                };
                reading.note(
                    block.span.first,
                    Level::Warning,
                    "unclosed-fence",
                    message,
                    "close it with ```",
                );
            }
        }
        Kind::List(list) => {
            list.items
                .iter()
                .flat_map(|e| &e.children)
                .for_each(|c| report_fences(reading, c));
        }
        _ => {}
    }
}

/// Attributes that cannot be read, and those that backout does not know.
fn report_attributes(reading: &mut Reading<'_>, line: u32, fence: &Fence) {
    if fence.attributes.is_empty() {
        return;
    }
    let start = reading.column_of(line, &fence.attributes);
    let column = |at: usize| start.saturating_add(u32::try_from(at).unwrap_or(0));
    if let Some(problem) = &fence.told.problem {
        reading.note_at(
            (line, column(problem.at)),
            Level::Error,
            "bad-attribute",
            format!("{}; the block is shown and cannot be run", problem.message),
            "write {\"name\":\"value\"} or { name=value }",
        );
    }
    for word in fence.told.unknown() {
        // Some tools put the label itself into the braces.
        if word.value.is_none() && word.key == fence.lang {
            continue;
        }
        reading.note_at(
            (line, column(word.at)),
            Level::Note,
            "unknown-attribute",
            format!("the attribute {} is not known to backout", word.key),
            "it is kept and has no effect",
        );
    }
}

fn leave(reading: &mut Reading<'_>, block: &Block, heading: &str) {
    reading.leave_alone(block, heading);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_speak_to_backout() {
        assert_eq!(mark("backout: ignore"), Some(Mark::Ignore));
        assert_eq!(
            mark("backout: checkpoint 2 after=30m"),
            Some(Mark::Checklist {
                role: Some(ChecklistRole::Checkpoint),
                checkpoint: Some(2),
                after_s: Some(1800)
            })
        );
        assert_eq!(mark("expected_similarity=0.8"), Some(Mark::Similar(80)));
        assert_eq!(
            mark("expected_similarity=\"ok.*\""),
            Some(Mark::Matches("ok.*".into()))
        );
        assert_eq!(mark("backout: dance"), Some(Mark::Unknown("dance".into())));
        assert_eq!(mark("prettier-ignore"), None);
    }
}
