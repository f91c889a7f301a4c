//! What runs beside the work (`tail -f`, `watch`, a port-forward): a line in the flight plan for
//! each, in the stage where one is, for as long as it runs.
//!
//! Nothing waits for a monitor, and none outlives its incident: signing off stops them.

use chrono::{DateTime, Utc};

use super::event::{Event, StopStage};
use super::incident::{Attempt, Incident};
use super::outline::{Entry, EntryState, Subject, entry};
use super::plan::{Action, Danger};

impl Incident {
    /// The monitors that run, in the order of their starts.
    pub fn monitors(&self) -> impl Iterator<Item = &Attempt> {
        let attempts = self.attempts.iter();
        attempts.filter(|a| a.intent.monitor && a.is_alive())
    }

    /// Puts a line for each running monitor below what the present stage holds.
    pub(super) fn monitor_entries(&self, entries: &mut Vec<Entry>, now: DateTime<Utc>) {
        let stage = self.stage();
        let last = entries.iter().rposition(|e| e.stage <= stage);
        let at = last.map_or(0, |at| at + 1);
        let lines: Vec<Entry> = self
            .monitors()
            .map(|attempt| {
                let id = attempt.intent.attempt;
                let title = attempt.intent.title.clone();
                let ran = now.signed_duration_since(attempt.intended_at);
                Entry {
                    took_ms: u64::try_from(ran.num_milliseconds()).ok(),
                    ..entry(stage, Subject::Monitor(id), title, EntryState::Running)
                }
            })
            .collect();
        entries.splice(at..at, lines);
    }

    /// What ends the monitors when the incident is signed off.
    pub(super) fn stop_monitors(&self) -> Vec<Event> {
        self.monitors()
            .map(|attempt| Event::StopAsked {
                attempt: attempt.intent.attempt,
                stage: StopStage::Terminate,
            })
            .collect()
    }
}

impl Action {
    /// Seconds after which it is stopped by its plan, where that says so. What the words around a
    /// monitor say is for a monitor that reads: an operator may have made something else of it.
    #[must_use]
    pub fn time_box(&self, monitor: bool, danger: Danger) -> Option<u64> {
        let by_words = self.timeout_line.is_some();
        let watches = monitor && danger == Danger::None;
        self.timeout_s.filter(|_| watches || !by_words)
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::{Confirmation, Event};
    use super::super::fixture::{Flight, action, plan, procedure, stamp, step};
    use super::super::outline::{Stage, Subject};
    use super::super::plan::Action;
    use super::super::{Command, Refusal};

    fn watched() -> Flight {
        let monitor = |id: &str, code: &str| Action {
            monitor: true,
            ..action(id, code)
        };
        let mut plan = plan();
        plan.procedures = vec![procedure(
            "full",
            vec![step(
                "look",
                vec![
                    monitor("log", "tail -f app.log"),
                    monitor("pods", "watch kubectl get pods"),
                    action("now", "date"),
                ],
            )],
        )];
        Flight::ready(plan)
    }

    #[test]
    fn several_run_beside_the_work_each_with_a_line_in_the_present_stage() {
        let mut flight = watched();
        flight.start("log", Confirmation::ReadOnly).expect("starts");
        flight
            .start("pods", Confirmation::ReadOnly)
            .expect("starts beside it");
        flight
            .start("now", Confirmation::ReadOnly)
            .expect("the work goes on");
        let outline = flight.incident.outline(stamp(60).wall);
        let lines: Vec<_> = outline
            .iter()
            .filter(|e| matches!(e.subject, Subject::Monitor(_)))
            .collect();
        let titles: Vec<_> = lines.iter().map(|e| e.title.as_str()).collect();
        assert_eq!(titles, ["tail -f app.log", "watch kubectl get pods"]);
        assert!(
            lines
                .iter()
                .all(|e| e.stage == Stage::Execute && e.took_ms.is_some())
        );
    }

    #[test]
    fn signing_off_stops_them_and_waits_only_for_the_work() {
        let mut flight = watched();
        flight.start("log", Confirmation::ReadOnly).expect("starts");
        flight.start("now", Confirmation::ReadOnly).expect("starts");
        let close = Command::Close {
            sign_off: "ana".to_owned(),
        };
        let Err(Refusal::StillOpen(open)) = flight.wants(&close) else {
            panic!("an action in the foreground is still running");
        };
        assert!(open.iter().any(|line| line == "date (running)"), "{open:?}");
        assert!(!open.iter().any(|line| line.contains("tail")), "{open:?}");
        flight.ends(0, "");
        flight
            .wants(&Command::CompleteRollback {
                reason: "enough for now".into(),
            })
            .expect("complete");
        let before = flight.events.len();
        flight.wants(&close).expect("closed");
        let said: Vec<_> = flight.events[before..].iter().map(|r| &r.event).collect();
        assert!(
            matches!(said[..], [Event::StopAsked { .. }, Event::Closed { .. }]),
            "{said:?}"
        );
        // One that does not heed it can still be stopped by a person.
        let stop = Command::Stop {
            attempt: crate::domain::ids::AttemptId(1),
            stage: crate::domain::event::StopStage::Kill,
        };
        flight.wants(&stop).expect("stopped");
    }
}
