//! How long several attempts have taken together: what ran side by side counts once.

use super::incident::Attempt;

/// Milliseconds in which at least one of the attempts that have ended ran; those whose end has no
/// time of its own are added.
#[must_use]
pub fn together_ms<'a>(attempts: impl Iterator<Item = &'a Attempt>) -> u64 {
    let mut alone = 0;
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for ending in attempts.filter_map(Attempt::ending) {
        match (ending.at, i64::try_from(ending.duration_ms)) {
            (Some(at), Ok(long)) => {
                let end = at.timestamp_millis();
                spans.push((end.saturating_sub(long), end));
            }
            _ => alone += ending.duration_ms,
        }
    }
    spans.sort_unstable();
    let (mut sum, mut until) = (0, i64::MIN);
    for (start, end) in spans {
        sum += (end - start.max(until)).max(0);
        until = until.max(end);
    }
    alone + u64::try_from(sum).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::event::{Confirmation, Ending};
    use super::super::fixture::{Flight, plan, stamp};
    use super::super::incident::AttemptState;
    use super::*;

    #[test]
    fn what_ran_side_by_side_counts_once() {
        let mut flight = Flight::ready(plan());
        flight
            .start("look", Confirmation::ReadOnly)
            .expect("starts");
        let one = flight.incident.attempts[0].clone();
        let ran = |from: u64, to: u64| Attempt {
            state: AttemptState::Ended(Ending {
                at: Some(stamp(to).wall),
                duration_ms: (to - from) * 1_000,
                ..Ending::default()
            }),
            ..one.clone()
        };
        let beside = [ran(0, 480), ran(5, 480), ran(10, 482), ran(500, 510)];
        assert_eq!(together_ms(beside.iter()), 492_000);
        assert_eq!(together_ms([one].iter()), 0, "it still runs");
    }
}
