//! What a command restores from: how it looked for the box, and what is different about it since.
//!
//! Pure: who looks is elsewhere. A backup that was examined says nothing about another file that
//! stands in its place when the command is sent, so the two looks are held against each other.

use chrono::{DateTime, Utc};

/// Something that a command restores from, as it was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Where it is.
    pub path: String,
    /// The pattern that it is the newest file of, where the command names it so.
    pub newest_of: Option<String>,
    /// How it looked; none where there was nothing.
    pub look: Option<Look>,
}

/// What tells one file from another, and from itself at another time, without reading it whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// The device that it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// How large it is; of a directory, all files in it.
    pub bytes: u64,
    /// When its content was last written, in nanoseconds since 1970; of a directory, the last.
    pub modified: i64,
    /// When anything about it last changed, likewise. Nobody can set this one back.
    pub changed: i64,
    /// Hex SHA-256 of its beginning and its end; of a directory, of what is in it. Empty where it
    /// cannot be read.
    pub sha256: String,
}

impl Source {
    /// What is different about it now, for people; none where it is the same.
    #[must_use]
    pub fn difference(&self, now: &Self) -> Option<String> {
        let path = &self.path;
        if let Some(pattern) = self.newest_of.as_ref().filter(|_| now.path != *path) {
            let (now, path) = (name(&now.path), name(path));
            return Some(format!(
                "the newest of {pattern} is now {now}, and it was {path}"
            ));
        }
        match (&self.look, &now.look) {
            (None, None) => None,
            (Some(_), None) => Some(format!("{path} is gone")),
            (None, Some(_)) => Some(format!("{path} was not there, and now it is")),
            (Some(was), Some(is)) => was.difference(is).map(|what| format!("{path} {what}")),
        }
    }
}

impl Look {
    fn difference(&self, now: &Self) -> Option<String> {
        let sizes = if self.bytes == now.bytes {
            format!("of {} bytes too", now.bytes)
        } else {
            format!("of {} bytes, it had {}", now.bytes, self.bytes)
        };
        let written = time(now.modified);
        if (self.device, self.inode) != (now.device, now.inode) {
            return Some(format!("is another file now, {sizes}, written {written}"));
        }
        if self.bytes != now.bytes || self.sha256 != now.sha256 || self.modified != now.modified {
            return Some(format!(
                "has another content now, {sizes}, written {written}"
            ));
        }
        (self.changed != now.changed).then(|| {
            let at = time(now.changed);
            format!("was changed at {at}: its content, its owner or its mode")
        })
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn time(nanos: i64) -> String {
    let at: DateTime<Utc> = DateTime::from_timestamp_nanos(nanos);
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Why nothing is sent, where something is different from what the box showed.
///
/// # Errors
/// What is different, and what to do.
pub fn same(shown: &[Source], now: &[Source]) -> Result<(), String> {
    let pairs = shown.iter().zip(now);
    let changes: Vec<String> = pairs.filter_map(|(was, is)| was.difference(is)).collect();
    if changes.is_empty() {
        return Ok(());
    }
    Err(format!(
        "nothing was sent: what it would restore from is not what the box showed: {}; look at it again",
        changes.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(change: impl FnOnce(&mut Look)) -> Source {
        let mut look = Look {
            device: 1,
            inode: 2,
            bytes: 300,
            modified: 1_000_000_000,
            changed: 1_000_000_000,
            sha256: "ab".to_owned(),
        };
        change(&mut look);
        Source {
            path: "/b/shop.dump".to_owned(),
            newest_of: None,
            look: Some(look),
        }
    }

    #[test]
    fn whatever_is_different_is_said_and_the_same_is_not() {
        let was = source(|_| {});
        assert_eq!(was.difference(&source(|_| {})), None);
        for (now, said) in [
            (
                source(|l| l.inode = 9),
                "is another file now, of 300 bytes too",
            ),
            (
                source(|l| l.bytes = 7),
                "another content now, of 7 bytes, it had 300",
            ),
            (source(|l| l.sha256.push('c')), "has another content now"),
            (source(|l| l.modified += 1), "has another content now"),
            (
                source(|l| l.changed += 1_000_000_000),
                "was changed at 1970-01-01 00:00:02",
            ),
            (
                Source {
                    look: None,
                    ..source(|_| {})
                },
                "/b/shop.dump is gone",
            ),
        ] {
            let difference = was.difference(&now).expect("a difference");
            assert!(difference.contains(said), "{difference}");
            let why = same(std::slice::from_ref(&was), &[now]).expect_err("refused");
            assert!(
                why.starts_with("nothing was sent") && why.contains(said),
                "{why}"
            );
        }
        let none = Source {
            look: None,
            ..was.clone()
        };
        assert_eq!(none.difference(&none), None);
        assert!(none.difference(&was).is_some());
    }

    #[test]
    fn a_newer_file_of_the_same_pattern_is_another_source() {
        let mut was = source(|_| {});
        was.newest_of = Some("/b/*.dump".to_owned());
        let newer = Source {
            path: "/b/later.dump".to_owned(),
            ..was.clone()
        };
        let said = was.difference(&newer).expect("a difference");
        assert_eq!(
            said,
            "the newest of /b/*.dump is now later.dump, and it was shop.dump"
        );
    }
}
