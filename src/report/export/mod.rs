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
mod text;

#[cfg(test)]
mod tests;

use chrono::{DateTime, FixedOffset, Utc};

use crate::domain::event::Recorded;
use crate::domain::incident::Incident;

/// The export as text: the log in its template first, then everything that it rests on.
#[must_use]
pub fn text(
    incident: &Incident,
    records: &[Recorded],
    head_hash: &str,
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> String {
    text::write(&gather::gather(incident, records, head_hash, now, zone))
}

/// The export as Markdown that reads well on any forge.
#[must_use]
pub fn markdown(
    incident: &Incident,
    records: &[Recorded],
    head_hash: &str,
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> String {
    markdown::write(&gather::gather(incident, records, head_hash, now, zone))
}

/// The export as a versioned JSON document; times are RFC 3339 in UTC.
#[must_use]
pub fn json(
    incident: &Incident,
    records: &[Recorded],
    head_hash: &str,
    now: DateTime<Utc>,
    zone: &FixedOffset,
) -> String {
    json::write(&gather::gather(incident, records, head_hash, now, zone))
}
