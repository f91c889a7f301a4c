//! What is to be saved of an output, and under which name.

use crate::domain::ids::AttemptId;
use crate::domain::incident::Incident;

/// The most characters of a title in a name.
const TITLE: usize = 20;

/// What is to be written to a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saving {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// The first and the last of the lines, from 0; none for all of it.
    pub lines: Option<(u64, u64)>,
}

impl Saving {
    /// The question for the file.
    #[must_use]
    pub fn question(&self) -> String {
        match self.lines {
            None => format!("Save the output of {} to which file?", self.attempt),
            Some((first, last)) if first == last => "Save this line to which file?".to_owned(),
            Some((first, last)) => format!("Save these {} lines to which file?", last - first + 1),
        }
    }

    /// What is to be known before it is answered, in a directory.
    #[must_use]
    pub fn hint(&self, incident: &Incident, directory: &str) -> String {
        let runs = incident
            .attempt(self.attempt)
            .is_some_and(crate::domain::incident::Attempt::is_alive);
        let so_far = if runs {
            " It still runs: this is what it has printed so far."
        } else {
            ""
        };
        let recording = if self.lines.is_none() {
            " A name that ends in .cast makes a recording (asciicast)."
        } else {
            ""
        };
        format!("In {directory}.{recording}{so_far}")
    }

    /// A name that says what it is: the incident, the attempt, the action.
    #[must_use]
    pub fn name(&self, incident: &Incident) -> String {
        let title = incident
            .attempt(self.attempt)
            .map_or("", |a| a.intent.title.as_str());
        let mut words = String::new();
        for c in title.chars() {
            if c.is_ascii_alphanumeric() {
                words.push(c.to_ascii_lowercase());
            } else if !words.is_empty() && !words.ends_with('-') {
                words.push('-');
            }
            if words.len() >= TITLE {
                break;
            }
        }
        let words = words.trim_end_matches('-');
        let gap = if words.is_empty() { "" } else { "-" };
        format!("{}-{}{gap}{words}.log", incident.id, self.attempt)
    }

    /// What is wrong with a name, if anything.
    #[must_use]
    pub fn misfit(&self, name: &str) -> Option<String> {
        let name = name.trim();
        if name.is_empty() {
            return Some("a file wants a name; esc leaves the question".to_owned());
        }
        let part = self.lines.is_some() && is_recording(name);
        part.then(|| {
            "a recording is of all of it: another name, or esc and nothing selected".into()
        })
    }
}

/// Whether a file of this name is to be a recording.
#[must_use]
pub fn is_recording(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    end.eq_ignore_ascii_case("cast")
}

#[cfg(test)]
mod tests {
    use super::{Saving, is_recording};
    use crate::domain::event::Confirmation;
    use crate::domain::fixture::{Flight, plan};
    use crate::domain::ids::AttemptId;

    #[test]
    fn the_name_says_what_it_is_and_is_one_for_a_shell() {
        let mut flight = Flight::ready(plan());
        flight
            .start("look", Confirmation::ReadOnly)
            .expect("starts");
        let saving = Saving {
            attempt: AttemptId(1),
            lines: None,
        };
        let name = saving.name(&flight.incident);
        assert!(name.ends_with("-0001-git-tag.log"), "{name}");
        assert!(saving.hint(&flight.incident, "/srv").contains("so far"));
        let other = Saving {
            attempt: AttemptId(9),
            lines: Some((3, 5)),
        };
        assert!(other.name(&flight.incident).ends_with("-0009.log"));
        assert_eq!(other.question(), "Save these 3 lines to which file?");
    }

    #[test]
    fn a_recording_is_of_all_of_it() {
        assert!(is_recording("a/b.CAST") && !is_recording("cast") && !is_recording("a.cast.log"));
        let part = Saving {
            attempt: AttemptId(1),
            lines: Some((0, 0)),
        };
        assert!(
            part.misfit("x.cast")
                .is_some_and(|why| why.contains("all of it"))
        );
        assert_eq!(part.misfit("x.log"), None);
        assert!(part.misfit(" ").is_some());
    }
}
