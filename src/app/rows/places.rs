//! What rows say of where an action runs: of what is meant for elsewhere, and of everything once
//! a person has sent something elsewhere.

use super::actions::is_runnable;
use crate::domain::elsewhere::{self, Elsewhere, Whereabouts};
use crate::domain::ids::ActionRef;
use crate::domain::incident::{Attempt, Incident};
use crate::domain::plan::Action;

/// Where an action ran or would run: of what is meant for elsewhere, and of everything once a
/// person has sent something elsewhere.
pub(super) fn where_it_runs(
    incident: &Incident,
    at: &ActionRef,
    action: &Action,
    was: Option<&Attempt>,
) -> Option<String> {
    let place = incident.meant_for(at);
    if let Some(place) = place.as_ref().filter(|p| p.line > 0 || was.is_none()) {
        return Some(meant(incident, at, place));
    }
    if incident.sent.is_empty() {
        return None;
    }
    if let Some(was) = was {
        return Some(ran(incident, at, was));
    }
    let sent = !incident.sent_places().is_empty();
    let said = incident.sent.contains_key(&elsewhere::itself(at));
    (sent && is_runnable(action)).then(|| {
        let said = if said { ", as was said" } else { "" };
        format!("{}{said}", incident.here())
    })
}

/// Where an attempt ran: `on app-1`, `here (bastion-1)`.
pub(super) fn ran_at(was: &Attempt) -> String {
    match was.intent.there {
        Some(_) => elsewhere::on(&was.intent.host),
        None => elsewhere::here(&was.intent.host),
    }
}

/// Where an action ran, where a person has sent something elsewhere; and where it would run next,
/// if that is not the same.
fn ran(incident: &Incident, at: &ActionRef, was: &Attempt) -> String {
    let there = was.intent.there.as_ref().map(|_| was.intent.host.as_str());
    let place = ran_at(was);
    let next = incident.sent_to(at).map(|p| p.name.as_str());
    let verb = if was.is_alive() { "runs" } else { "ran" };
    match next {
        next if next == there => format!("{verb} {place}"),
        Some(next) => format!(
            "{verb} {place}; the next time it runs {}",
            elsewhere::on(next)
        ),
        None => format!("{verb} {place}; the next time it runs here"),
    }
}

/// Where the plan is at an action that is meant for elsewhere.
fn meant(incident: &Incident, at: &ActionRef, place: &Elsewhere) -> String {
    let said = match incident.whereabouts(at) {
        None => "",
        Some(Whereabouts::There) => ": it runs there",
        Some(Whereabouts::Here) => ": it runs here, on purpose",
    };
    format!("{}, {}{said}", place.on(), place.by())
}
