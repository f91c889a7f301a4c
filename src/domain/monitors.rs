//! What runs beside the work (`tail -f`, `watch`, a port-forward): a line in the flight plan for
//! each, in the stage where one is, for as long as it runs.
//!
//! Nothing waits for a monitor, and none outlives its incident: signing off stops them. What
//! comes behind a tunnel goes through it, and is held up where it is down.

use chrono::{DateTime, Utc};

use super::event::{Ending, Event, Gate, StopStage};
use super::flight::{self, Place};
use super::ids::ActionRef;
use super::incident::{Attempt, Incident};
use super::outline::{Entry, EntryState, Subject, entry};
use super::plan::{Action, Danger};
use super::status::ActionStatus;

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

    /// Whether a tunnel of the path does not stand, and nobody has said that it may be so.
    pub(super) fn is_down(&self, place: &Place<'_>) -> bool {
        let status = self.place_status(place);
        let up = matches!(status, ActionStatus::Running(_)) || status.is_settled();
        !up && !self.is_waived(&Gate::Order(place.at.clone()))
    }

    /// Whether an action names a port of a tunnel that has ended, though it may have been stopped
    /// on purpose: what else answers there now is not what the plan means.
    pub(super) fn went_through(&self, place: &Place<'_>, tunnel: &Place<'_>) -> bool {
        let ended = |status| matches!(status, ActionStatus::Ran(_) | ActionStatus::Passed(_));
        tunnel.action.tunnel
            && ended(self.place_status(tunnel))
            && !self.is_waived(&Gate::Order(tunnel.at.clone()))
            && ports(&tunnel.action.code).any(|port| ports(&place.action.code).any(|p| p == port))
    }

    /// Whether what a gate stands for was given up on, and has stood and gone since.
    pub(super) fn has_gone_since(&self, gate: &Gate, passed: DateTime<Utc>) -> bool {
        let Gate::Order(at) = gate else { return false };
        let tunnel = flight::find_action(&self.plan, at).is_some_and(|(_, a)| a.tunnel);
        let last = self.attempts_at(at).rfind(|a| a.has_run());
        tunnel && last.is_some_and(|a| !a.is_alive() && a.ended_at() > passed)
    }

    /// A tunnel that is down, for people, with how it ended.
    pub(super) fn down_name(&self, at: &ActionRef, action: &Action) -> String {
        let last = self.attempts_at(at).rfind(|a| a.has_run());
        let how = match (last, last.and_then(Attempt::ending)) {
            (None, _) => "it was not started".to_owned(),
            (Some(_), None) => "nobody knows how it ended".to_owned(),
            (Some(_), Some(ending)) => gone_words(ending),
        };
        let label = action.label();
        format!("what comes behind it goes through this, and {how}: {label}")
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

/// How something that should have gone on has ended.
fn gone_words(ending: &Ending) -> String {
    match (ending.exit, ending.cancelled) {
        (_, true) => "it was stopped".to_owned(),
        (Some(code), false) => format!("it has ended with {code}"),
        (None, false) => "it has ended".to_owned(),
    }
}

/// The numbers of a text that may be ports.
fn ports(code: &str) -> impl Iterator<Item = &str> {
    let numbers = code.split(|c: char| !c.is_ascii_digit());
    numbers.filter(|n| (3..=5).contains(&n.len()))
}

#[cfg(test)]
mod tests {
    use super::super::event::{Confirmation, Ending, Event};
    use super::super::fixture::{Flight, action, plan, procedure, stamp, step};
    use super::super::ids::AttemptId;
    use super::super::outline::{EntryState, Stage, Subject};
    use super::super::plan::Action;
    use super::super::{Command, Observation, Refusal};

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

    /// A tunnel, what goes through it and names its port, and what does not.
    fn through() -> Flight {
        let tunnel = Action {
            monitor: true,
            tunnel: true,
            ..action("way", "kubectl port-forward svc/db 15432:5432")
        };
        let mut plan = plan();
        plan.procedures = vec![procedure(
            "full",
            vec![step(
                "data",
                vec![
                    tunnel,
                    action("ask", "psql -p 15432 -h 127.0.0.1 -c 'SELECT 1'"),
                    action("look", "date"),
                ],
            )],
        )];
        Flight::ready(plan)
    }

    fn gates(flight: &Flight, at: &str) -> Vec<String> {
        let gates = flight.incident.gates_before(&at.into());
        gates.iter().map(|g| flight.incident.gate_name(g)).collect()
    }

    fn stopped(flight: &mut Flight, attempt: u32) {
        let ending = Ending {
            signal: Some(2),
            cancelled: true,
            ..Ending::default()
        };
        let ended = Observation::Ended {
            attempt: AttemptId(attempt),
            ending,
            judgements: Vec::new(),
        };
        flight.wants(&Command::Observe(ended)).expect("observed");
    }

    #[test]
    fn a_tunnel_that_is_down_holds_up_what_is_behind_it() {
        let mut flight = through();
        let before = gates(&flight, "ask");
        assert!(before[0].contains("it was not started"), "{before:?}");
        flight.start("way", Confirmation::ReadOnly).expect("starts");
        assert_eq!(gates(&flight, "ask"), Vec::<String>::new());
        flight.ends(1, "unable to listen");
        let down = gates(&flight, "ask");
        assert!(
            down[0].contains("it has ended with 1: kubectl port-forward"),
            "{down:?}"
        );
        let refused = flight.start("ask", Confirmation::ReadOnly);
        assert!(matches!(refused, Err(Refusal::Gated(_))), "{refused:?}");
        assert_eq!(flight.incident.next_place(), Some("way".into()));
        // It yields to a reason, until it has stood and gone once more.
        let gate = flight.incident.gates_before(&"ask".into()).remove(0);
        let pass = Command::WaiveGate {
            gate,
            reason: "a tunnel of our own stands there".into(),
        };
        flight.wants(&pass).expect("passed");
        assert_eq!(gates(&flight, "ask"), Vec::<String>::new());
        flight.start("way", Confirmation::ReadOnly).expect("again");
        // That it ends well by itself makes it stand no better.
        flight.ends(0, "");
        assert_eq!(gates(&flight, "look").len(), 1);
    }

    #[test]
    fn a_tunnel_that_a_person_has_stopped_holds_up_what_names_its_port() {
        let mut flight = through();
        flight.start("way", Confirmation::ReadOnly).expect("starts");
        stopped(&mut flight, 1);
        assert!(gates(&flight, "ask")[0].contains("it was stopped"));
        assert_eq!(gates(&flight, "look").len(), 1, "its turn has not come");
        flight.start("way", Confirmation::ReadOnly).expect("again");
        flight.start("ask", Confirmation::ReadOnly).expect("asks");
        flight.ends(0, "1");
        stopped(&mut flight, 2);
        assert_eq!(gates(&flight, "look"), Vec::<String>::new());
    }

    #[test]
    fn a_window_that_has_failed_holds_up_nothing_and_reads_so() {
        let mut flight = watched();
        flight.start("log", Confirmation::ReadOnly).expect("starts");
        flight
            .start("pods", Confirmation::ReadOnly)
            .expect("starts");
        flight.ends(1, "no such command");
        assert_eq!(gates(&flight, "now"), Vec::<String>::new());
        assert_eq!(flight.incident.run_on().actions, ["now".into()]);
        let outline = flight.incident.outline(stamp(60).wall);
        let step = outline
            .iter()
            .find(|e| matches!(e.subject, Subject::Step(..)));
        assert_eq!(step.map(|e| e.state), Some(EntryState::Failed));
    }
}
