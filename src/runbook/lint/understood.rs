//! What did not become a part of the plan.

use super::{Review, codes, walk};
use crate::domain::plan::{Unplaced, UnplacedKind};

/// Says whether there is anything to fly, and what stayed text.
pub fn check(review: &mut Review<'_>) {
    if walk::flown(review.plan).next().is_none() {
        let message = "no procedure of a rollback was found";
        review.say(&codes::NO_PROCEDURE, review.top(), message);
    }
    for piece in &review.plan.unplaced {
        let Some(kind) = kind(piece) else { continue };
        let place = if piece.heading.is_empty() {
            "before the first heading".to_owned()
        } else {
            format!("under \"{}\"", piece.heading)
        };
        let at = review.source.whole(piece.span.first);
        let message = format!("this {kind} {place} is shown as text");
        review.say(&codes::STAYS_TEXT, at, message);
    }
}

/// What to call a piece that may have been meant to be understood. Prose and lists of links are
/// to be read anywhere.
fn kind(piece: &Unplaced) -> Option<&'static str> {
    match piece.kind {
        UnplacedKind::Text => None,
        UnplacedKind::Code => Some("code block"),
        UnplacedKind::Table => Some("table"),
        UnplacedKind::List => {
            let mut lines = piece.text.lines().filter(|l| !l.trim().is_empty());
            let links = lines.all(|l| l.contains("](") || l.starts_with(' '));
            (!links).then_some("list")
        }
    }
}
