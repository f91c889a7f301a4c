//! The timeline: every event in words that a colleague understands, in the order of the journal.
//!
//! Nothing is left out and nothing is merged; who said or did a thing stands beside it. The time
//! of a line is that of its recording; where a thing was done earlier, the words say when.

use chrono::{DateTime, FixedOffset, Utc};

use super::{when, words};
use crate::domain::bearing::Bearing;
use crate::domain::elsewhere::{self, Goes, Whereabouts};
use crate::domain::event::{ActionMark, Ending, Event, Intent, ItemMark, ParameterValue, Recorded};
use crate::domain::flight;
use crate::domain::ids::AttemptId;
use crate::domain::judge::Judgement;
use crate::domain::plan::{Danger, Plan};
use crate::domain::probes::Sensing;

/// One line of the timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Who drove then.
    pub who: String,
    /// What happened.
    pub what: String,
    /// The attempt that it speaks of.
    pub attempt: Option<AttemptId>,
}

/// The timeline of an incident.
#[must_use]
pub fn timeline(records: &[Recorded], plan: &Plan, zone: &FixedOffset) -> Vec<Line> {
    let teller = Teller { plan, zone };
    records
        .iter()
        .map(|record| {
            let (what, attempt) = teller.tell(&record.event);
            Line {
                at: record.at.wall,
                who: record.by.clone(),
                what,
                attempt,
            }
        })
        .collect()
}

struct Teller<'a> {
    plan: &'a Plan,
    zone: &'a FixedOffset,
}

impl Teller<'_> {
    fn tell(&self, event: &Event) -> (String, Option<AttemptId>) {
        match event {
            Event::AttemptIntended(intent) => (self.intended(intent), Some(intent.attempt)),
            Event::AttemptStarted { attempt, at } => (
                format!(
                    "attempt {attempt} is running since {}",
                    when::full(*at, self.zone)
                ),
                Some(*attempt),
            ),
            Event::CommitAwaited { attempt, tally } => (
                format!(
                    "attempt {attempt} waits before its COMMIT: {}",
                    words::tally(tally)
                ),
                Some(*attempt),
            ),
            Event::CommitDecided {
                attempt,
                commit,
                confirmation,
            } => {
                let what = if *commit { "commit" } else { "roll back" };
                let how = words::confirmation(confirmation);
                (
                    format!("decided to {what} attempt {attempt} ({how})"),
                    Some(*attempt),
                )
            }
            Event::AttemptEnded {
                attempt,
                ending,
                judgements,
            } => (ended(*attempt, ending, judgements), Some(*attempt)),
            Event::AttemptNeverRan { attempt, why } => (
                words::with_reason(&format!("attempt {attempt} never ran"), why),
                Some(*attempt),
            ),
            Event::AttemptLost { attempt, why } => {
                let text = format!("the outcome of attempt {attempt} is UNKNOWN");
                (words::with_reason(&text, why), Some(*attempt))
            }
            Event::AttemptResolved {
                attempt,
                resolution,
                reason,
            } => {
                let text = format!(
                    "settled the outcome of attempt {attempt}: {}",
                    words::resolution(*resolution)
                );
                (words::with_reason(&text, reason), Some(*attempt))
            }
            Event::AttemptJudged {
                attempt,
                met,
                reason,
            } => {
                let met = if *met {
                    "as it should be"
                } else {
                    "not as it should be"
                };
                (
                    words::with_reason(&format!("judged attempt {attempt}: {met}"), reason),
                    Some(*attempt),
                )
            }
            Event::ProbeSensed {
                attempt,
                sensing,
                times,
                turns,
            } => (
                self.sensed(*attempt, sensing, *times, *turns),
                Some(*attempt),
            ),
            Event::StopAsked { attempt, stage } => (
                format!("asked attempt {attempt} to stop ({})", words::stop(*stage)),
                Some(*attempt),
            ),
            Event::SurvivorsStopAsked { attempt } => (
                format!("asked to stop what attempt {attempt} left running"),
                Some(*attempt),
            ),
            Event::SurvivorsSeen {
                attempt,
                alive,
                note,
            } => {
                let ids: Vec<String> = alive.iter().map(ToString::to_string).collect();
                let text = if ids.is_empty() {
                    format!("nothing that attempt {attempt} left running lives any more")
                } else {
                    format!(
                        "left running by attempt {attempt} and alive: {}",
                        ids.join(", ")
                    )
                };
                (words::with_reason(&text, note), Some(*attempt))
            }
            Event::LinesPinned { text, attempt } => {
                let from = attempt
                    .map(|a| format!(" from attempt {a}"))
                    .unwrap_or_default();
                (format!("pinned{from}: {}", text.trim_end()), *attempt)
            }
            Event::Undone(inner) => {
                let (what, attempt) = self.tell(inner);
                (
                    format!("took back the last change; now again: {what}"),
                    attempt,
                )
            }
            Event::Opened { .. }
            | Event::Resumed { .. }
            | Event::Left
            | Event::RunbookAccepted
            | Event::JournalRepaired { .. }
            | Event::JournalStalled { .. }
            | Event::EnvironmentSet { .. }
            | Event::RollbackCompleted { .. }
            | Event::Closed { .. }
            | Event::Reopened { .. } => (self.incident(event), None),
            Event::TriggerTicked { .. }
            | Event::QuestionAnswered { .. }
            | Event::Timed { .. }
            | Event::SeveritySet { .. }
            | Event::Decided { .. }
            | Event::Approved { .. } => (self.triage(event), None),
            Event::ItemMarked { .. }
            | Event::GateWaived { .. }
            | Event::WentAhead { .. }
            | Event::CheckpointPlaced { .. }
            | Event::ProcedureChosen { .. }
            | Event::AlternativeChosen { .. }
            | Event::PlaceChosen { .. }
            | Event::SentElsewhere { .. }
            | Event::ParameterFilled { .. }
            | Event::ActionMarked { .. }
            | Event::OtherTargetSeen { .. }
            | Event::NameMade(_)
            | Event::PointOfNoReturnPassed { .. } => (self.work(event), None),
            Event::NoteAdded { .. }
            | Event::Attached { .. }
            | Event::FieldWritten { .. }
            | Event::MessageUsed { .. } => (self.record(event), None),
        }
    }

    fn incident(&self, event: &Event) -> String {
        match event {
            Event::Opened {
                incident,
                runbook,
                mode,
                environment,
                driver,
                trusted,
                ..
            } => {
                let place = environment
                    .as_ref()
                    .map(|e| format!(" in {e}"))
                    .unwrap_or_default();
                let host = if driver.host.is_empty() {
                    String::new()
                } else {
                    format!(" on {}", driver.host)
                };
                let known = if *trusted {
                    "; this runbook had been accepted before"
                } else {
                    ""
                };
                format!(
                    "opened {} {incident}{place} with {runbook}{host}{known}",
                    words::mode(*mode)
                )
            }
            Event::Resumed { driver, over } => {
                let over = over
                    .as_ref()
                    .map(|over| format!(", taken over from {over}"));
                let over = over.unwrap_or_default();
                format!(
                    "{} took up the incident on {}{over}",
                    driver.name, driver.host
                )
            }
            Event::Left => "left; the incident stays open".to_owned(),
            Event::RunbookAccepted => {
                "looked at the runbook's commands and accepted them".to_owned()
            }
            Event::JournalRepaired { cut } => {
                format!("the torn end of the journal was cut: {cut} bytes, kept beside it")
            }
            Event::JournalStalled { since, why } => words::with_reason(
                &format!(
                    "nothing could be recorded from {} until now",
                    when::full(*since, self.zone)
                ),
                why,
            ),
            Event::EnvironmentSet { name } => format!("named the environment: {name}"),
            Event::RollbackCompleted {
                at,
                reason,
                running,
            } => {
                let what = if reason.is_empty() {
                    "rollback complete at"
                } else {
                    "rollback ended as it is, not complete, at"
                };
                let mut said = format!("{what} {}", when::full(*at, self.zone));
                said.push_str(&words::still_running(running));
                words::with_reason(&said, reason)
            }
            Event::Closed {
                sign_off,
                left_open,
            } => {
                let open = if left_open.is_empty() {
                    "nothing left open".to_owned()
                } else {
                    format!("left open: {}", left_open.join("; "))
                };
                format!("closed, signed off by {sign_off}; {open}")
            }
            Event::Reopened { reason } => words::with_reason("opened again", reason),
            _ => String::new(),
        }
    }

    fn triage(&self, event: &Event) -> String {
        match event {
            Event::TriggerTicked { trigger, on } => {
                let text = words::find_trigger(self.plan, trigger)
                    .map_or(trigger.as_str(), |t| t.text.as_str());
                if *on {
                    format!("saw: {text}")
                } else {
                    format!("no longer ticked: {text}")
                }
            }
            Event::QuestionAnswered { question, answer } => {
                let asked = self.plan.questions.iter().find(|q| q.id == *question);
                let ask = asked.map_or(question.as_str(), |q| q.ask.as_str());
                format!("{ask} {}", words::answer(*answer))
            }
            Event::Timed { moment, at, reason } => words::with_reason(
                &format!("{} at {}", moment.words(), when::full(*at, self.zone)),
                reason,
            ),
            Event::SeveritySet {
                severity: Some(id),
                reason,
            } => {
                let found = self.plan.severities.iter().find(|s| s.id == *id);
                let name = found.map_or(id.as_str(), |s| s.name.as_str());
                words::with_reason(&format!("set the severity by hand to {name}"), reason)
            }
            Event::SeveritySet {
                severity: None,
                reason,
            } => words::with_reason("gave the severity back to the triggers", reason),
            Event::Decided { decision, reason } => words::with_reason(
                &format!("decided to {}", words::decision(*decision)),
                reason,
            ),
            Event::Approved { name, role, how } => {
                let role = if role.is_empty() {
                    String::new()
                } else {
                    format!(" ({role})")
                };
                let how = if how.is_empty() {
                    String::new()
                } else {
                    format!(", {how}")
                };
                format!("recorded the approval of {name}{role}{how}")
            }
            _ => String::new(),
        }
    }

    fn work(&self, event: &Event) -> String {
        match event {
            Event::ItemMarked { item, mark, reason } => {
                let text = words::item(self.plan, item);
                let mark = if *mark == ItemMark::Open {
                    "open again"
                } else {
                    words::item_mark(*mark)
                };
                words::with_reason(&format!("item “{text}” {mark}"), reason)
            }
            Event::GateWaived { gate, reason } => words::with_reason(
                &format!("passed {} without it", words::gate(self.plan, gate)),
                reason,
            ),
            Event::WentAhead { to, over, reason } => {
                words::with_reason(&words::went_ahead(self.plan, to, over), reason)
            }
            Event::CheckpointPlaced { checklist, before } => {
                let list = flight::find_checklist(self.plan, checklist);
                let title = list.map_or(checklist.as_str(), |l| l.title.as_str());
                match before {
                    Some(at) => format!("placed {title} before {}", words::action(self.plan, at)),
                    None => format!("placed {title} at the end of the procedure"),
                }
            }
            Event::ProcedureChosen { procedure, reason } => {
                let found = flight::find_procedure(self.plan, procedure);
                let title = found.map_or(procedure.as_str(), |p| p.title.as_str());
                words::with_reason(&format!("chose the procedure “{title}”"), reason)
            }
            Event::AlternativeChosen { option, .. } => {
                format!("chose the alternative {}", self.option(option))
            }
            Event::PlaceChosen { place, on, .. } => match on {
                Whereabouts::There => format!("what is meant for it runs {}", elsewhere::on(place)),
                Whereabouts::Here => format!(
                    "what is meant to run {} runs here, on purpose",
                    elsewhere::on(place)
                ),
            },
            Event::SentElsewhere { whose, goes } => {
                let what = self.whose(whose);
                match goes {
                    Goes::There(place) => {
                        format!("{what}: to run {}, by {}", place.on(), place.opener)
                    }
                    Goes::Here => format!("{what}: to run here"),
                    Goes::AsTheRest => format!("{what}: to run where the rest does"),
                }
            }
            Event::ParameterFilled { name, value } => match value {
                ParameterValue::Text(text) => format!("filled {name} with {text}"),
                ParameterValue::Secret => format!("filled {name} with a secret"),
            },
            Event::ActionMarked {
                action,
                mark,
                reason,
                done_at,
                pasted,
            } => {
                let text = words::action(self.plan, action);
                let mark = if *mark == ActionMark::Open {
                    "open again"
                } else {
                    words::action_mark(*mark)
                };
                let done = done_at
                    .map(|at| format!(" at {}", when::full(at, self.zone)))
                    .unwrap_or_default();
                let pasted = match pasted.lines().count() {
                    0 => String::new(),
                    lines => format!(" (with {lines} pasted lines of output)"),
                };
                words::with_reason(&format!("action “{text}” {mark}{done}{pasted}"), reason)
            }
            Event::OtherTargetSeen { action, bearings } => {
                let text = words::action(self.plan, action);
                let why: Vec<String> = bearings.iter().filter_map(Bearing::refusal).collect();
                words::with_reason(
                    &format!("was shown another target for “{text}”; it was not started"),
                    &why.join("; "),
                )
            }
            Event::NameMade(name) => {
                let text = words::action(self.plan, &name.action.as_str().into());
                let (prefix, value) = (&name.prefix, &name.value);
                format!("was shown “{text}” with the name {prefix}{value}")
            }
            Event::PointOfNoReturnPassed { step } => {
                format!(
                    "went past the point of no return at {}",
                    self.option(step.as_str())
                )
            }
            _ => String::new(),
        }
    }

    fn record(&self, event: &Event) -> String {
        match event {
            Event::NoteAdded { text } => format!("note: {text}"),
            Event::Attached { what, sha256 } if sha256.is_empty() => format!("attached {what}"),
            Event::Attached { what, sha256 } => format!("attached {what} (SHA-256 {sha256})"),
            Event::FieldWritten { field, text } => {
                let fields = self.plan.templates.iter().flat_map(|t| &t.fields);
                let label = fields
                    .clone()
                    .find(|f| f.id == *field)
                    .map_or(field.as_str(), |f| f.label.as_str());
                if text.is_empty() {
                    format!("took their words out of the log field “{label}”")
                } else {
                    format!("wrote the log field “{label}”: {text}")
                }
            }
            Event::MessageUsed { template, how, .. } => {
                let found = self.plan.templates.iter().find(|t| t.id == *template);
                let title = found.map_or(template.as_str(), |t| t.title.as_str());
                format!("message “{title}” {how}")
            }
            _ => String::new(),
        }
    }

    fn intended(&self, intent: &Intent) -> String {
        let place = if intent.environment.is_empty() {
            intent.host.clone()
        } else {
            format!("{} ({})", intent.host, intent.environment)
        };
        let title = if intent.title.is_empty() {
            words::action(self.plan, &intent.action)
        } else {
            intent.title.clone()
        };
        let mut text = format!(
            "attempt {}: {title} on {place}, {}",
            intent.attempt,
            words::confirmation(&intent.confirmation)
        );
        if intent.danger == Danger::Irreversible {
            text.push_str(", cannot be undone");
        }
        if intent.edited {
            text.push_str(", edited by the operator");
        }
        text
    }

    /// A procedure, step or action by its id.
    /// What a probe came to, and how often it had come to what it was before.
    fn sensed(&self, attempt: AttemptId, sensing: &Sensing, times: u32, turns: u32) -> String {
        let at = when::full(sensing.at, self.zone);
        let what = words::with_reason(words::verdict(sensing.verdict), &sensing.because);
        let times = match times {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        let turned = match turns {
            0 => String::new(),
            1 => ", with one more turn on the way".to_owned(),
            n => format!(", with {n} more turns on the way"),
        };
        format!("attempt {attempt}, sensed again by itself {times}{turned}; last at {at}: {what}")
    }

    /// What a scope, or an action that was sent somewhere by itself, is called.
    fn whose(&self, whose: &str) -> String {
        match whose.split_once(':') {
            Some(("checklist", id)) => {
                let found = self.plan.checklists.iter().find(|c| c.id.as_str() == id);
                format!("“{}”", found.map_or(id, |list| list.title.as_str()))
            }
            Some((_, id)) => self.option(id),
            None if whose == elsewhere::CHECKS => "the checks of the lists".to_owned(),
            None => whose.to_owned(),
        }
    }

    fn option(&self, id: &str) -> String {
        let procedures = || self.plan.procedures.iter();
        if let Some(found) = procedures().find(|p| p.id.as_str() == id) {
            return format!("“{}”", found.title);
        }
        if let Some(found) = procedures()
            .flat_map(|p| &p.steps)
            .find(|s| s.id.as_str() == id)
        {
            return format!("“{}”", found.title);
        }
        format!("“{}”", words::action(self.plan, &id.into()))
    }
}

fn ended(attempt: AttemptId, ending: &Ending, judgements: &[Judgement]) -> String {
    let took = when::millis(ending.duration_ms);
    let mut text = format!(
        "attempt {attempt} ended after {took}: {}",
        words::ending(ending)
    );
    for judgement in judgements {
        text.push_str("; ");
        text.push_str(&words::with_reason(
            words::verdict(judgement.verdict),
            &judgement.because,
        ));
    }
    if !ending.left_running.is_empty() {
        let ids = words::left_running(ending);
        text.push_str("; left running: ");
        text.push_str(&ids.join(", "));
    }
    text
}
