//! Exports: the whole incident for a reader of tomorrow, as text, Markdown and JSON.
//!
//! One gathering, three forms; what stands in one stands in all. Secrets are not in them because
//! they are not in the incident. Control characters of foreign text are written out, so that an
//! export may be shown in a terminal. The journal's head is printed, so that the export can be
//! held against the journal later.

mod gather;
mod json;
mod lay;
mod markdown;
mod patch;
mod text;

#[cfg(test)]
mod tests;

use chrono::{DateTime, FixedOffset, Utc};

use crate::domain::event::Recorded;
use crate::domain::incident::Incident;

/// What an export takes from the incident's directory besides its events.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Hash of the journal's last record.
    pub head: &'a str,
    /// The runbook as it was when the incident was opened, where it is text.
    pub runbook: Option<&'a str>,
}

/// What operators changed in commands, as a unified diff of the runbook; none where nothing was
/// changed that stands in its text.
#[must_use]
pub fn patch(incident: &Incident, records: &[Recorded], runbook: &str) -> Option<String> {
    patch::patch(incident, records, runbook).diff
}

/// The export as text: the log in its template first, then everything that it rests on.
#[must_use]
pub fn text(
    incident: &Incident,
    records: &[Recorded],
    kept: &Kept<'_>,
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> String {
    text::write(&gather::gather(incident, records, kept, now, zone))
}

/// The export as Markdown that reads well on any forge.
#[must_use]
pub fn markdown(
    incident: &Incident,
    records: &[Recorded],
    kept: &Kept<'_>,
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> String {
    markdown::write(&gather::gather(incident, records, kept, now, zone))
}

/// The export as a versioned JSON document; times are RFC 3339 in UTC.
#[must_use]
pub fn json(
    incident: &Incident,
    records: &[Recorded],
    kept: &Kept<'_>,
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> String {
    json::write(&gather::gather(incident, records, kept, now, zone))
}
