//! What is known about each thing that a log asks for, and where it is known from.

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::flown::{self, Stretch};
use super::kind::Work;
use super::log::Source;
use super::topic::Topic;
use super::verified;
use super::when;
use crate::domain::Moment;
use crate::domain::event::{Decision, Event, Recorded};
use crate::domain::flight;
use crate::domain::incident::Incident;
use crate::domain::plan::{Plan, Procedure};

/// What is known about one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fact {
    /// In words.
    pub text: String,
    /// The point in time that it is about, for a blank that wants only a time or a date.
    pub at: Option<DateTime<Utc>>,
    /// Where it is known from.
    pub source: Source,
    /// When it came to be known.
    pub changed: Option<DateTime<Utc>>,
}

fn known(text: impl Into<String>, from: &str, changed: Option<DateTime<Utc>>) -> Option<Fact> {
    let text = text.into();
    (!text.trim().is_empty()).then(|| Fact {
        text,
        at: None,
        source: Source::Known(from.to_owned()),
        changed,
    })
}

/// What is needed to say what is known.
pub(crate) struct Known<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its events.
    pub records: &'a [Recorded],
    /// The zone whose time stands beside UTC.
    pub zone: &'a FixedOffset,
    /// The present.
    pub now: DateTime<Utc>,
    /// For a message, which speaks of what is left; a log speaks of what was planned.
    pub live: bool,
}

impl Known<'_> {
    /// What is known about a topic.
    pub(crate) fn fact(&self, topic: Topic) -> Option<Fact> {
        let incident = self.incident;
        let opened = Some(incident.opened_at.wall);
        match topic {
            Topic::IncidentId => known(incident.id.as_str(), "the incident", opened),
            Topic::Date => self.time(opened, "when the incident was opened"),
            Topic::Severity => self.severity(),
            Topic::Status => self.status(),
            Topic::WhatWentWrong => self.triggers(),
            Topic::ErrorMessages => self.errors(),
            Topic::Detected => self.detected(),
            Topic::DecisionMaker => {
                let decided = incident.decision.as_ref()?;
                known(&decided.by, "who recorded the decision", Some(decided.at))
            }
            Topic::DecisionTime => {
                let at = incident.decision.as_ref().map(|d| d.at);
                self.time(at, "when the decision was recorded")
            }
            Topic::DecisionReason => {
                let decided = incident.decision.as_ref()?;
                known(&decided.reason, "the decision", Some(decided.at))
            }
            Topic::Approver => self.approver(),
            Topic::ApprovalTime => {
                let at = incident.approvals.first().map(|a| a.at);
                self.time(at, "when the approval was recorded")
            }
            Topic::Method => {
                let procedure = chosen(incident)?;
                known(
                    &procedure.title,
                    "the chosen procedure",
                    incident.procedure_at,
                )
            }
            Topic::Estimate => self.estimate(),
            Topic::Started => self.time(
                flown::started_at(incident),
                "the first step that changed anything",
            ),
            Topic::Database => self.stretch(Work::Database),
            Topic::Code => self.stretch(Work::Code),
            Topic::Services => self.stretch(Work::Services),
            Topic::Completed => self.completed(),
            Topic::TotalTime => self.total(),
            Topic::Stability | Topic::ImpactResolved | Topic::Integrity | Topic::NoErrors => {
                self.verified(topic)
            }
            Topic::Version => self.version(),
            Topic::LeftOpen => {
                let (at, _) = incident.closed.as_ref()?;
                let text = incident.left_open.join("\n");
                known(
                    if text.is_empty() {
                        "nothing".to_owned()
                    } else {
                        text
                    },
                    "the close",
                    Some(*at),
                )
            }
            Topic::SignOff => {
                let (at, who) = incident.closed.as_ref()?;
                known(who, "who signed at the close", Some(*at))
            }
            Topic::ClosedAt => {
                let at = incident.closed.as_ref().map(|(at, _)| *at);
                self.time(at, "the close")
            }
            Topic::Operator => known(&incident.driver.name, "who drives", opened),
            Topic::Environment => known(incident.environment.as_deref()?, "the incident", opened),
            Topic::Plan => known(&incident.plan.title, "the plan", opened),
            Topic::Notes => self.notes(),
            Topic::DataRestored => None,
            Topic::Progress => self.progress(),
            Topic::CurrentStep => self.current_step(),
        }
    }

    /// When the last event of a kind was recorded, which may be long after what it speaks of.
    fn recorded(&self, is: impl Fn(&Event) -> bool) -> Option<DateTime<Utc>> {
        let last = self.records.iter().rev().find(|r| is(&r.event));
        last.map(|r| r.at.wall)
    }

    fn completed(&self) -> Option<Fact> {
        let mut fact = self.time(self.incident.completed_at, "the mark of completion")?;
        if let Some(why) = &self.incident.ended_short {
            fact.text = format!("not complete; ended as it is {}: {why}", fact.text);
        }
        let said = self.recorded(|e| matches!(e, Event::RollbackCompleted { .. }));
        Some(Fact {
            changed: said.or(fact.changed),
            ..fact
        })
    }

    fn time(&self, at: Option<DateTime<Utc>>, from: &str) -> Option<Fact> {
        let at = at?;
        let fact = known(when::full(at, self.zone), from, Some(at))?;
        Some(Fact {
            at: Some(at),
            ..fact
        })
    }

    fn severity(&self) -> Option<Fact> {
        let incident = self.incident;
        let severity = incident.severity()?;
        let from = match &incident.severity_by_hand {
            Some(_) => "set by hand",
            None => "the ticked triggers",
        };
        let changed = severity
            .triggers
            .iter()
            .filter_map(|t| incident.ticked.get(&t.id))
            .max();
        known(
            &severity.name,
            from,
            changed.copied().or(Some(incident.opened_at.wall)),
        )
    }

    fn status(&self) -> Option<Fact> {
        let incident = self.incident;
        if let Some((at, _)) = &incident.closed {
            return known("closed", "the close", Some(*at));
        }
        if let Some(at) = incident.completed_at {
            let text = match incident.ended_short {
                None => "rollback complete, incident open",
                Some(_) => "rollback ended as it is, incident open",
            };
            return known(text, "the mark of completion", Some(at));
        }
        let decided = incident.decision.as_ref()?;
        let text = match decided.decision {
            Decision::RollBack if flown::started_at(incident).is_some() => "rollback in progress",
            Decision::RollBack => "rollback decided",
            Decision::FixForward => "fix forward decided",
            Decision::Monitor => "under observation",
        };
        let fact = known(text, "the decision", Some(decided.at))?;
        Some(Fact {
            source: Source::Partial("the incident is open".to_owned()),
            ..fact
        })
    }

    fn triggers(&self) -> Option<Fact> {
        let mut texts = Vec::new();
        let mut changed = None;
        for trigger in triggers(&self.incident.plan) {
            if let Some(at) = self.incident.ticked.get(&trigger.id) {
                texts.push(trigger.text.clone());
                changed = changed.max(Some(*at));
            }
        }
        known(texts.join("\n"), "the ticked triggers", changed)
    }

    fn errors(&self) -> Option<Fact> {
        const SIGNS: &[&str] = &[
            "error",
            "exception",
            "fatal",
            "fail",
            "traceback",
            "panic",
            "denied",
            "refused",
            "timeout",
            "timed out",
        ];
        let is_error = |text: &str| {
            let text = text.to_lowercase();
            SIGNS.iter().any(|s| text.contains(s))
        };
        let pins: Vec<_> = self
            .incident
            .pins
            .iter()
            .filter(|(_, text, _)| is_error(text))
            .collect();
        let texts: Vec<&str> = pins.iter().map(|(_, text, _)| text.trim_end()).collect();
        known(
            texts.join("\n"),
            "pinned lines",
            pins.last().map(|(at, ..)| *at),
        )
    }

    fn detected(&self) -> Option<Fact> {
        // Nobody said when it was seen: the opening is then only the latest that it can have been.
        let (at, _) = self.incident.detected.last()?;
        let fact = self.time(Some(*at), "the stated time of detection")?;
        let said = self.recorded(is_detection);
        Some(Fact {
            changed: said.or(fact.changed),
            ..fact
        })
    }

    fn approver(&self) -> Option<Fact> {
        let approvals = &self.incident.approvals;
        let each = approvals.iter().map(|a| {
            let role = if a.role.is_empty() {
                String::new()
            } else {
                format!(", {}", a.role)
            };
            let how = if a.how.is_empty() {
                String::new()
            } else {
                format!(" ({})", a.how)
            };
            format!("{}{role}{how}", a.name)
        });
        let text = each.collect::<Vec<_>>().join("; ");
        known(
            text,
            "the recorded approval",
            approvals.last().map(|a| a.at),
        )
    }

    fn estimate(&self) -> Option<Fact> {
        let estimate = chosen(self.incident)?.estimate?;
        let end = flown::started_at(self.incident).and_then(|start| {
            start.checked_add_signed(TimeDelta::try_seconds(
                i64::try_from(estimate.high_s).ok()?,
            )?)
        });
        let fact = known(
            when::estimate(estimate),
            "the plan's estimate",
            self.incident.procedure_at,
        )?;
        Some(Fact { at: end, ..fact })
    }

    fn stretch(&self, work: Work) -> Option<Fact> {
        let stretch = flown::stretch(self.incident, work);
        let first = stretch.first?;
        let changed = stretch.last.max(stretch.running).max(stretch.first);
        let ids: Vec<String> = stretch.attempts.iter().map(ToString::to_string).collect();
        let from = if ids.is_empty() {
            "marked by hand".to_owned()
        } else {
            format!("evidence {}", ids.join(", "))
        };
        let (text, source) = stretch_words(&stretch, first, from);
        Some(Fact {
            text,
            at: stretch.last.or(Some(first)),
            source,
            changed,
        })
    }

    fn total(&self) -> Option<Fact> {
        let incident = self.incident;
        let end = incident
            .completed_at
            .filter(|_| incident.ended_short.is_none())?;
        let start = flown::started_at(incident);
        let rollback = start.and_then(|s| when::between(s, end)).map(when::seconds);
        let seen = incident
            .detected
            .last()
            .and_then(|(at, _)| when::between(*at, end))
            .map(when::seconds);
        let text = match (seen, rollback) {
            (Some(seen), Some(rollback)) => {
                format!("{seen} from detection to completion (the rollback itself {rollback})")
            }
            (Some(seen), None) => format!("{seen} from detection to completion"),
            (None, Some(rollback)) => format!("{rollback} from the first change to completion"),
            (None, None) => return None,
        };
        known(text, "the recorded times", Some(end))
    }

    fn verified(&self, topic: Topic) -> Option<Fact> {
        let found = verified::verified(self.incident, topic)?;
        let last = found.last?;
        let words = found.words();
        let (text, source) = if found.holds() {
            (
                format!("yes, {} ({words})", when::utc(last)),
                Source::Known("the plan's checklists".to_owned()),
            )
        } else {
            (
                format!("not yet: {words}"),
                Source::Partial("the plan's checklists".to_owned()),
            )
        };
        let at = found.holds().then_some(last);
        Some(Fact {
            text,
            at,
            source,
            changed: Some(last),
        })
    }

    fn version(&self) -> Option<Fact> {
        use crate::domain::event::ParameterValue;
        let names = |name: &str| {
            let old = [
                "stable",
                "previous",
                "prev",
                "target",
                "last_good",
                "rollback",
            ];
            let what = ["commit", "version", "tag", "release", "image", "revision"];
            old.iter().any(|w| name.contains(w)) && what.iter().any(|w| name.contains(w))
        };
        self.incident
            .parameters
            .iter()
            .find_map(|(name, value)| match value {
                ParameterValue::Text(text) if names(&name.as_str().to_lowercase()) => known(
                    text,
                    &format!("the parameter {name}"),
                    self.incident.procedure_at,
                ),
                ParameterValue::Text(_) | ParameterValue::Secret => None,
            })
    }

    fn notes(&self) -> Option<Fact> {
        let notes = &self.incident.notes;
        let lines: Vec<String> = notes
            .iter()
            .map(|(at, text)| format!("{} {text}", when::clock(*at)))
            .collect();
        known(
            lines.join("\n"),
            "the notes",
            notes.last().map(|(at, _)| *at),
        )
    }

    fn progress(&self) -> Option<Fact> {
        let path = self.incident.path();
        let steps = flight::steps(&path);
        let all: Vec<_> = steps
            .iter()
            .flat_map(|s| &s.places)
            .map(|p| self.incident.place_status(p))
            .filter(|s| *s != crate::domain::status::ActionStatus::OffPath)
            .collect();
        let done = all.iter().filter(|s| s.is_settled()).count();
        let percent = (done * 100).checked_div(all.len())?;
        let fact = known(percent.to_string(), "the flight plan", Some(self.now))?;
        Some(Fact {
            source: Source::Partial("the flight plan".to_owned()),
            ..fact
        })
    }

    fn current_step(&self) -> Option<Fact> {
        let incident = self.incident;
        if incident.completed_at.is_some() {
            let text = match incident.ended_short {
                None => "rollback complete, verifying",
                Some(_) => "rollback ended as it is",
            };
            return known(text, "the mark of completion", incident.completed_at);
        }
        let at = incident
            .foreground()
            .map(|a| a.intent.action.clone())
            .or_else(|| incident.next_place())?;
        let path = incident.path();
        let steps = flight::steps(&path);
        let index = steps
            .iter()
            .position(|s| s.places.iter().any(|p| p.at == at))?;
        let title = steps.get(index).map(|s| s.step.title.clone())?;
        let text = format!("step {} of {}: {title}", index + 1, steps.len());
        known(text, "the flight plan", Some(self.now))
    }
}

fn stretch_words(stretch: &Stretch, first: DateTime<Utc>, from: String) -> (String, Source) {
    let count = format!("{} of {} done", stretch.done, stretch.planned);
    if let Some(since) = stretch.running {
        let more = if stretch.planned > 1 {
            format!(", {count}")
        } else {
            String::new()
        };
        return (
            format!("running since {}{more}", when::clock(since)),
            Source::Running(from),
        );
    }
    let began = when::utc(first);
    if stretch.unknown {
        return (
            format!("begun {began}; an outcome is UNKNOWN; {count}"),
            Source::Partial(from),
        );
    }
    if stretch.failed {
        return (
            format!("begun {began}; FAILED; {count}"),
            Source::Partial(from),
        );
    }
    if !stretch.is_complete() {
        let text = if stretch.planned == 0 {
            // What ran belongs to a procedure that was given up for another.
            format!(
                "{} (not part of the chosen procedure)",
                when::span(first, stretch.last.unwrap_or(first))
            )
        } else {
            format!("begun {began}; {count}")
        };
        return (text, Source::Partial(from));
    }
    let mut text = when::span(first, stretch.last.unwrap_or(first));
    for (number, words) in [
        (stretch.by_hand, "by hand"),
        (stretch.unjudged, "by exit status only"),
        (stretch.passed_over, "passed over"),
    ] {
        if number > 0 {
            let _ = write!(text, ", {number} {words}");
        }
    }
    (text, Source::Known(from))
}

/// Every trigger of a plan, by level and without one.
pub(crate) fn triggers(plan: &Plan) -> impl Iterator<Item = &crate::domain::plan::Trigger> {
    plan.severities
        .iter()
        .flat_map(|s| &s.triggers)
        .chain(&plan.triggers)
}

/// The chosen procedure.
pub(crate) fn chosen(incident: &Incident) -> Option<&Procedure> {
    flight::find_procedure(&incident.plan, incident.procedure.as_ref()?)
}

fn is_detection(event: &Event) -> bool {
    let Event::Timed { moment, .. } = event else {
        return false;
    };
    *moment == Moment::Detected
}
