//! What the operator must not miss although nobody pressed a key: what cannot be written, and an
//! action that waits for somebody to type. Words only; where they stand is the drawing's matter.

use super::model::Model;
use crate::domain::condition::{Input, Stall, Trouble};
use crate::domain::ids::AttemptId;

/// What cannot be written: what is lost, since when, where, and what to do.
#[must_use]
pub fn notices(model: &Model) -> Vec<String> {
    let dir = &model.incident_dir;
    let journal = model
        .present
        .journal
        .iter()
        .map(|stall| stalled(stall, dir));
    let attempts = model.present.attempts.iter().filter_map(|(id, condition)| {
        let trouble = condition.trouble.as_ref()?;
        Some(not_kept(*id, trouble, dir))
    });
    journal.chain(attempts).collect()
}

fn stalled(stall: &Stall, dir: &str) -> String {
    let since = stall.since.format("%H:%M:%S");
    let waiting = match stall.waiting {
        0 => String::new(),
        1 => " One thing that was seen since waits to be recorded.".to_owned(),
        n => format!(" {n} things that were seen since wait to be recorded."),
    };
    format!(
        "NOT RECORDED since {since} UTC: {} in {dir}. What runs goes on, nothing new is recorded \
         or started.{waiting} {}, and it goes on by itself. To go on without a record, y copies \
         a command.",
        plain(&stall.why),
        remedy(&stall.why)
    )
}

fn not_kept(id: AttemptId, trouble: &Trouble, dir: &str) -> String {
    let since = trouble.since.format("%H:%M:%S");
    let why = plain(&trouble.why);
    let lost = match trouble.lost {
        0 => String::new(),
        bytes => format!(" {} of its output are lost.", size(bytes)),
    };
    let (what, goes_on) = if trouble.ended {
        (
            "RESULT NOT KEPT",
            "It has ended; how is known and waits in memory.".to_owned(),
        )
    } else {
        let waiting = size(trouble.waiting);
        let text = format!("The command goes on; {waiting} of its output wait in memory.");
        ("OUTPUT NOT KEPT", text)
    };
    format!(
        "{what} since {since} UTC (attempt {id}): {why} in {dir}. {goes_on}{lost} {}, and it is \
         written by itself.",
        remedy(&trouble.why)
    )
}

/// What to do about an error of the disk.
fn remedy(why: &str) -> &'static str {
    let why = why.to_lowercase();
    if why.contains("read-only") {
        "Make it writable again"
    } else if why.contains("input/output") {
        "The disk itself fails: see that it is mended"
    } else {
        "Free some space there"
    }
}

/// An error without the number that only a programmer can use.
fn plain(why: &str) -> &str {
    why.split_once(" (os error").map_or(why, |(words, _)| words)
}

/// So many bytes, in words.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// That an action waits for somebody to type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waits {
    /// For a decision before its COMMIT.
    Decision,
    /// For a password: the echo is off.
    Password,
    /// For a line.
    Line,
    /// It looks as if: it has asked something and is silent.
    Perhaps,
}

impl Waits {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Decision => "waits before its COMMIT",
            Self::Password => "waits for a password",
            Self::Line => "waits for input",
            Self::Perhaps => "seems to wait for input",
        }
    }

    /// What to press for it.
    #[must_use]
    pub fn to_do(self) -> &'static str {
        match self {
            Self::Decision => "ctrl-c opens the question",
            Self::Password | Self::Line | Self::Perhaps => "i types into it",
        }
    }
}

/// Whether an attempt waits for somebody to type.
#[must_use]
pub fn waits(model: &Model, id: AttemptId) -> Option<Waits> {
    let attempt = model.incident.attempt(id)?;
    if !model.runs(attempt) {
        return None;
    }
    if attempt.awaits().is_some() {
        return Some(Waits::Decision);
    }
    let input = model.present.attempts.get(&id).map(|c| c.input);
    match input.unwrap_or_default() {
        Input::Hidden => Some(Waits::Password),
        Input::Line => Some(Waits::Line),
        Input::Busy => None,
        Input::Untold => {
            let guessed = model.output.attempt == Some(id) && model.output.waits;
            guessed.then_some(Waits::Perhaps)
        }
    }
}

/// The attempt that waits for somebody to type: the shown one before others.
#[must_use]
pub fn who_waits(model: &Model) -> Option<(AttemptId, Waits)> {
    let held = model.incident.waits_for_commit();
    if let Some(held) = held {
        return Some((held.intent.attempt, Waits::Decision));
    }
    let shown = model.output.attempt.into_iter();
    let others = model.present.attempts.keys().copied();
    let mut all = shown.chain(others);
    all.find_map(|id| waits(model, id).map(|how| (id, how)))
}

#[cfg(test)]
mod tests {
    use super::{remedy, size};

    #[test]
    fn what_to_do_fits_the_error() {
        assert_eq!(remedy("No space left on device"), "Free some space there");
        assert_eq!(remedy("Read-only file system"), "Make it writable again");
        assert!(remedy("Input/output error (os error 5)").starts_with("The disk"));
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(2_345_678), "2.3 MB");
    }
}
