//! What a blank asks for, by its label, its section and the words around it.
//!
//! A table of common wordings in several languages. A wording that is not in it asks for
//! nothing that backout knows, and stays a blank for a person: better empty than wrong.

use super::wordings::RULES;
use crate::domain::plan::Field;

/// What a blank asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topic {
    /// The incident's id.
    IncidentId,
    /// A date that says no more; which one depends on where it stands.
    Date,
    /// The severity.
    Severity,
    /// Whether it is over.
    Status,
    /// What was seen.
    WhatWentWrong,
    /// Error messages that were pinned.
    ErrorMessages,
    /// When it was seen.
    Detected,
    /// Who decided.
    DecisionMaker,
    /// When it was decided.
    DecisionTime,
    /// Why it was decided so.
    DecisionReason,
    /// Who approved.
    Approver,
    /// When they did.
    ApprovalTime,
    /// Which procedure.
    Method,
    /// How long it should take, or when it should be over.
    Estimate,
    /// When the rollback began.
    Started,
    /// The database part.
    Database,
    /// Whether data were restored.
    DataRestored,
    /// The code part.
    Code,
    /// The services part.
    Services,
    /// When the rollback was complete.
    Completed,
    /// How long it took.
    TotalTime,
    /// That the system is stable.
    Stability,
    /// That users are well again.
    ImpactResolved,
    /// That the data are whole.
    Integrity,
    /// That no errors remain.
    NoErrors,
    /// What it was taken back to.
    Version,
    /// What was left open.
    LeftOpen,
    /// Who signs.
    SignOff,
    /// When it was signed.
    ClosedAt,
    /// Who carried it out.
    Operator,
    /// Which environment.
    Environment,
    /// Which plan.
    Plan,
    /// Notes that were taken.
    Notes,
    /// How far it is, in per cent.
    Progress,
    /// The step at which it is.
    CurrentStep,
}

/// What stands at and around a blank, ready to be compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    /// The label.
    pub label: String,
    /// The section.
    pub section: String,
    /// What stands before the blank in its line.
    pub lead: String,
    /// What stands in the blank itself.
    pub inside: String,
    /// What stands after it in its line.
    pub tail: String,
    /// It asks for a figure in per cent.
    pub percent: bool,
}

impl Asked {
    /// Reads what a field asks from the field and the text it stands in.
    #[must_use]
    pub fn of(field: &Field, text: &str) -> Self {
        let (from, to) = field.blank;
        let before = text.get(..from).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let after = text.get(to..).unwrap_or_default();
        let rest = after.split('\n').next().unwrap_or_default();
        Self {
            label: plain(&field.label),
            section: plain(&field.section),
            lead: plain(nearest(line)),
            inside: plain(text.get(from..to).unwrap_or_default()),
            tail: plain(
                rest.split(['.', ',', '[', '{', '<'])
                    .next()
                    .unwrap_or_default(),
            ),
            percent: text.get(from..to).is_some_and(|t| t.ends_with('%')) || rest.starts_with('%'),
        }
    }

    /// What a line of a list speaks of.
    #[must_use]
    pub fn of_label(text: &str) -> Self {
        Self {
            label: plain(text),
            ..Self::default()
        }
    }

    /// What it asks for, where that can be told.
    #[must_use]
    pub fn topic(&self) -> Option<Topic> {
        if is_about_lessons(&self.section) && !self.label.contains("sign") {
            return None;
        }
        if self.percent {
            let says = |w: &&str| self.lead.contains(w) || self.tail.contains(w);
            let done = ["progress", "complete", "done"].iter().any(says);
            return done.then_some(Topic::Progress);
        }
        let levels = ["p", "sev", "level", "priority", "severity p"];
        if self.inside.starts_with(|c: char| c.is_ascii_digit())
            && levels.iter().any(|w| says(&self.lead, w))
        {
            return Some(Topic::Severity);
        }
        // In "Issue detected at: [timestamp]" the line says more than the blank.
        let order = if is_vague(&self.inside) || self.inside.is_empty() {
            [&self.label, &self.lead, &self.tail]
        } else {
            [&self.inside, &self.label, &self.lead]
        };
        let subject = |t: &str| matches!(t, "subject" | "asunto" | "betreff" | "objet");
        order
            .into_iter()
            .filter(|t| !t.is_empty() && !subject(t) && !is_vague(t))
            .find_map(|t| of_words(t))
            .or_else(|| self.vague_topic())
    }

    /// `Date: ____`: a vague word that is all there is. After other words ("meeting at \[time\]")
    /// it asks for something else.
    fn vague_topic(&self) -> Option<Topic> {
        if self.lead == self.label || (self.lead.is_empty() && self.tail.is_empty()) {
            let said = of_words(&self.label);
            let silent = self.label.is_empty() || is_vague(&self.label);
            return said.or_else(|| of_words(&self.inside).filter(|_| silent));
        }
        let titles = ["post mortem", "report", "retrospective", "log"];
        let is_title = titles.iter().any(|t| self.lead.ends_with(t));
        let topic = if is_title {
            of_words(&self.inside)
        } else {
            None
        };
        topic.filter(|t| *t == Topic::Date)
    }
}

/// What stands between the last other blank, or the last sentence, and this one.
fn nearest(line: &str) -> &str {
    let ends = |c: char| matches!(c, '.' | ',' | ']' | '}' | '>');
    line.rsplit(ends).next().unwrap_or(line)
}

/// Lower case, letters and digits only, one space between words.
fn plain(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Words that say of what kind the answer is and not what it is about.
fn is_vague(text: &str) -> bool {
    matches!(
        text,
        "timestamp"
            | "time"
            | "date"
            | "hh mm"
            | "hh mm ss"
            | "yyyy mm dd"
            | "x"
            | "n"
            | "name"
            | "description"
            | "value"
            | "list"
            | "version"
            | "details"
            | "yes no"
            | "0 1 2"
            | "1 2 3"
            | "duration"
    )
}

fn is_about_lessons(section: &str) -> bool {
    const WORDS: &[&str] = &[
        "lesson",
        "learn",
        "went well",
        "went wrong",
        "what went",
        "improve",
        "prevent",
        "root cause",
        "remediation",
        "action items",
        "lecciones",
        "causa raíz",
        "ursache",
        "cause racine",
        "根本原因",
        "改善",
        "经验",
        "교훈",
    ];
    WORDS.iter().any(|w| section.contains(w))
}

/// Labels that only look like one of ours.
fn is_other(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "how ",
        "why ",
        "deployment ",
        "deploy ",
        "re deployment",
        "next ",
    ];
    const PARTS: &[&str] = &[
        "went well",
        "improve",
        "missed",
        "contributing",
        "primary cause",
        "root cause",
        "deployment start",
        "deployment time",
        "required",
        "prevent",
        "action item",
    ];
    STARTS.iter().any(|s| text.starts_with(s)) || PARTS.iter().any(|p| text.contains(p))
}

fn of_words(text: &str) -> Option<Topic> {
    if text.is_empty() || is_other(text) {
        return None;
    }
    RULES
        .iter()
        .find(|(_, wordings)| wordings.split('|').any(|w| says(text, w)))
        .map(|(topic, _)| *topic)
}

/// Whether a text holds a wording as whole words; `=` asks that it be all of the text.
fn says(text: &str, wording: &str) -> bool {
    if let Some(whole) = wording.strip_prefix('=') {
        return text == whole;
    }
    if wording.is_ascii() {
        return format!(" {text} ").contains(&format!(" {wording} "));
    }
    text.contains(wording)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(label: &str, section: &str) -> Option<Topic> {
        let asked = Asked {
            label: plain(label),
            section: plain(section),
            ..Asked::default()
        };
        asked.topic()
    }

    #[test]
    fn common_wordings_are_known() {
        assert_eq!(asks("When discovered", ""), Some(Topic::Detected));
        assert_eq!(asks("Issue first detected", ""), Some(Topic::Detected));
        assert_eq!(asks("Approval time", ""), Some(Topic::ApprovalTime));
        assert_eq!(asks("Approved by", ""), Some(Topic::Approver));
        assert_eq!(asks("Total downtime", ""), Some(Topic::TotalTime));
        assert_eq!(asks("Date/Time", ""), Some(Topic::Date));
        assert_eq!(asks("Schweregrad", ""), Some(Topic::Severity));
        assert_eq!(asks("严重级别", ""), Some(Topic::Severity));
        assert_eq!(asks("Sign-off", "Lessons learned"), Some(Topic::SignOff));
    }

    #[test]
    fn what_only_a_person_knows_stays_theirs() {
        assert_eq!(asks("What went wrong", ""), Some(Topic::WhatWentWrong));
        assert_eq!(asks("What went wrong", "Lessons learned"), None);
        assert_eq!(asks("Deployment start time", ""), None);
        assert_eq!(asks("How was it detected", ""), None);
        assert_eq!(asks("Primary cause", ""), None);
        assert_eq!(asks("Users affected", ""), None);
    }

    #[test]
    fn a_blank_that_names_only_its_kind_is_read_by_its_line() {
        let asked = |lead: &str, inside: &str, label: &str| Asked {
            label: plain(label),
            section: String::new(),
            lead: plain(lead),
            inside: plain(inside),
            ..Asked::default()
        };
        let seen = asked("Problem detected at ", "[timestamp]", "timestamp");
        assert_eq!(seen.topic(), Some(Topic::Detected));
        let subject = asked("SUBJECT: ", "[SEVERITY]", "SUBJECT");
        assert_eq!(subject.topic(), Some(Topic::Severity));
        let reason = asked("Reason: ", "[ISSUE DESCRIPTION]", "Reason");
        assert_eq!(reason.topic(), Some(Topic::WhatWentWrong));
        let impact = asked("Impact: ", "[Description]", "Impact");
        assert_eq!(impact.topic(), None);
        let meeting = asked("Review meeting at ", "[time]", "time");
        assert_eq!(meeting.topic(), None);
    }
}
