//! What an author says to backout in HTML comments and fence attributes.
//!
//! An annotation beats whatever would be inferred. Unknown ones are reported, never dropped.

use super::blocks::{Block, Kind};
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
            report_unclosed(reading, block);
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

fn report_unclosed(reading: &mut Reading<'_>, block: &Block) {
    match &block.kind {
        Kind::Fence(fence) if !fence.closed => {
            let message = "this block is never closed; it is shown and cannot be run";
            reading.note(
                block.span.first,
                Level::Warning,
                "unclosed-fence",
                message,
                "close it with ```",
            );
        }
        Kind::List(list) => {
            list.items
                .iter()
                .flat_map(|e| &e.children)
                .for_each(|c| report_unclosed(reading, c));
        }
        _ => {}
    }
}

fn leave(reading: &mut Reading<'_>, block: &Block, heading: &str) {
    reading.leave_alone(block, heading);
}

/// The attributes of a fence: `{"name":"x"}` or `{ name=x timeout=2m }`, in order.
#[must_use]
pub fn attributes(text: &str) -> Vec<(String, String)> {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('{') else {
        return Vec::new();
    };
    if let Ok(serde_json::Value::Object(map)) = serde_json::from_str::<serde_json::Value>(text) {
        let value = |v: serde_json::Value| match v {
            serde_json::Value::String(s) => s,
            other => other.to_string(),
        };
        return map.into_iter().map(|(k, v)| (k, value(v))).collect();
    }
    let inner = inner.trim_end().trim_end_matches('}');
    let words = shlex::split(inner)
        .unwrap_or_else(|| inner.split_whitespace().map(str::to_owned).collect());
    words
        .into_iter()
        .filter(|w| !w.is_empty())
        .map(|w| match w.split_once('=') {
            Some((k, v)) => (k.to_owned(), v.to_owned()),
            None => (w, "true".to_owned()),
        })
        .collect()
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

    #[test]
    fn both_spellings_of_attributes() {
        let want = vec![
            ("name".to_owned(), "stop".to_owned()),
            ("timeout".to_owned(), "2m".to_owned()),
        ];
        assert_eq!(attributes(r#"{"name":"stop","timeout":"2m"}"#), want);
        assert_eq!(attributes("{ name=stop timeout=2m }"), want);
        assert_eq!(attributes("title.sh"), []);
    }
}
