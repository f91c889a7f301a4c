//! Folding an event into the incident. Total: every event applies, whatever the state, so that a
//! replay cannot fail; whether an event may happen at all was decided before it was recorded.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ahead::Ahead;
use super::elsewhere::Sent;
use super::event::{Event, Gate, Intent, ItemMark, ParameterValue, Recorded};
use super::ids::AttemptId;
use super::incident::{Approval, Attempt, AttemptState, Decided, Incident, Marked, UsedMessage};
use super::moment::Moment;
use super::plan::Plan;
use super::transaction::Wait;

/// How many ticks and texts can be taken back.
const UNDO_DEPTH: usize = 100;

impl Incident {
    /// Begins an incident from its first event; none if that is not an opening.
    #[must_use]
    pub fn begin(plan: Arc<Plan>, first: &Recorded) -> Option<Self> {
        let Event::Opened {
            incident,
            runbook,
            mode,
            environment,
            driver,
            start_dir,
            trusted,
            ..
        } = &first.event
        else {
            return None;
        };
        Some(Self {
            id: incident.clone(),
            environment: environment.clone().or_else(|| plan.environment.clone()),
            plan,
            runbook: runbook.clone(),
            mode: *mode,
            opened_by: driver.clone(),
            driver: driver.clone(),
            start_dir: start_dir.clone(),
            trusted: *trusted,
            opened_at: first.at.clone(),
            detected: Vec::new(),
            deployed: Vec::new(),
            ticked: BTreeMap::new(),
            answers: BTreeMap::new(),
            severity_by_hand: None,
            decision: None,
            approvals: Vec::new(),
            items: BTreeMap::new(),
            waived: Vec::new(),
            ahead: Vec::new(),
            names: Vec::new(),
            places: BTreeMap::new(),
            procedure: None,
            procedure_at: None,
            earlier_procedures: Vec::new(),
            chosen: BTreeMap::new(),
            whereabouts: Vec::new(),
            sent: BTreeMap::new(),
            parameters: BTreeMap::new(),
            attempts: Vec::new(),
            actions: BTreeMap::new(),
            no_return: BTreeMap::new(),
            notes: Vec::new(),
            pins: Vec::new(),
            attachments: Vec::new(),
            fields: BTreeMap::new(),
            messages: Vec::new(),
            completed_at: None,
            ended_short: None,
            closed: None,
            left_open: Vec::new(),
            undo: Vec::new(),
            events: 1,
            run_revision: 1,
        })
    }

    /// Applies the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.events += 1;
        if bears_on_running(&recorded.event) {
            self.run_revision += 1;
        }
        if is_a_turn(&recorded.event) {
            // What lies before it is not what somebody means who takes back the last thing.
            self.undo.clear();
        }
        if let Some(inverse) = self.inverse(&recorded.event) {
            self.undo.push(inverse);
            if self.undo.len() > UNDO_DEPTH {
                self.undo.remove(0);
            }
        }
        if let Event::Undone(inner) = &recorded.event {
            self.undo.pop();
            self.fold(inner, recorded);
        } else {
            self.fold(&recorded.event, recorded);
        }
    }

    fn fold(&mut self, event: &Event, recorded: &Recorded) {
        let now = recorded.at.wall;
        match event {
            Event::Opened { .. }
            | Event::Left
            | Event::JournalRepaired { .. }
            | Event::JournalStalled { .. }
            | Event::OtherTargetSeen { .. }
            | Event::SurvivorsStopAsked { .. } => {}
            Event::Undone(inner) => self.fold(inner, recorded),
            Event::NameMade(name) => self.fix_name(name),
            Event::Resumed { driver, .. } => self.driver = driver.clone(),
            Event::RunbookAccepted => self.trusted = true,
            Event::EnvironmentSet { name } => self.environment = Some(name.clone()),
            Event::TriggerTicked { trigger, on: true } => {
                self.ticked.insert(trigger.clone(), now);
            }
            Event::TriggerTicked { trigger, on: false } => {
                self.ticked.remove(trigger);
            }
            Event::QuestionAnswered { question, answer } => {
                self.answers.insert(question.clone(), *answer);
            }
            Event::Timed { moment, at, reason } => match moment {
                Moment::Detected => self.detected.push((*at, reason.clone())),
                Moment::Deployed => self.deployed.push((*at, reason.clone())),
            },
            Event::SeveritySet { severity, reason } => {
                self.severity_by_hand = severity.clone().map(|s| (s, reason.clone()));
            }
            Event::Decided { decision, reason } => {
                self.decision = Some(Decided {
                    decision: *decision,
                    reason: reason.clone(),
                    at: now,
                    by: recorded.by.clone(),
                });
            }
            Event::Approved { name, role, how } => self.approvals.push(Approval {
                name: name.clone(),
                role: role.clone(),
                how: how.clone(),
                at: now,
                by: recorded.by.clone(),
            }),
            Event::ItemMarked { item, mark, reason } => {
                let marked = Marked {
                    mark: *mark,
                    reason: reason.clone(),
                    at: now,
                    by: recorded.by.clone(),
                    pasted: String::new(),
                };
                self.items.insert(item.clone(), marked);
            }
            Event::GateWaived { gate, reason } => {
                self.waived.push((gate.clone(), reason.clone(), now));
            }
            Event::WentAhead { to, over, reason } => {
                let gates = over.iter().cloned().map(Gate::Order);
                self.waived
                    .extend(gates.map(|gate| (gate, reason.clone(), now)));
                self.ahead.push(Ahead {
                    to: to.clone(),
                    over: over.clone(),
                    reason: reason.clone(),
                    at: now,
                    by: recorded.by.clone(),
                });
            }
            Event::CheckpointPlaced { checklist, before } => {
                self.places.insert(checklist.clone(), before.clone());
            }
            Event::ProcedureChosen { procedure, .. } => {
                if let Some(earlier) = self.procedure.replace(procedure.clone()) {
                    // The machine that it is about is the same.
                    if let Some(place) = self.sent.get(&format!("procedure:{earlier}")).cloned() {
                        self.sent
                            .entry(format!("procedure:{procedure}"))
                            .or_insert(place);
                    }
                    self.earlier_procedures.push(earlier);
                }
                self.procedure_at = Some(now);
            }
            Event::AlternativeChosen { choice, option } => {
                self.chosen.insert(choice.clone(), option.clone());
            }
            Event::PlaceChosen { scope, place, on } => {
                self.whereabouts.push((scope.clone(), place.clone(), *on));
            }
            Event::SentElsewhere { whose, goes } => {
                let goes = goes.clone();
                let after = self.attempts.last().map(|a| a.intent.attempt);
                self.sent.insert(whose.clone(), Sent { goes, after });
            }
            Event::ParameterFilled { name, value } => {
                self.parameters.insert(name.clone(), value.clone());
            }
            Event::AttemptIntended(intent) => self.intend(intent, recorded),
            Event::AttemptStarted { attempt, at } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.started_at = Some(*at);
                    attempt.state = AttemptState::Running;
                }
            }
            Event::CommitAwaited { attempt, tally } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.wait = Some(Wait {
                        tally: tally.clone(),
                        since: now,
                        decided: None,
                    });
                }
            }
            Event::CommitDecided {
                attempt, commit, ..
            } => {
                let attempt = self.attempt_mut(*attempt);
                if let Some(wait) = attempt.and_then(|a| a.wait.as_mut()) {
                    wait.decided = Some(*commit);
                }
            }
            Event::AttemptEnded {
                attempt,
                ending,
                judgements,
            } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.living = ending.survivors.iter().map(|s| s.pid).collect();
                    attempt.state = AttemptState::Ended(ending.clone());
                    attempt.judgements.clone_from(judgements);
                }
            }
            Event::AttemptNeverRan { attempt, why } => {
                self.set_state(*attempt, AttemptState::NeverRan(why.clone()));
            }
            Event::AttemptLost { attempt, why } => {
                self.set_state(*attempt, AttemptState::Unknown(why.clone()));
            }
            Event::ProbeSensed {
                attempt,
                sensing,
                times,
                ..
            } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.senses(sensing, *times);
                }
            }
            Event::AttemptResolved {
                attempt,
                resolution,
                reason,
            } => {
                self.set_state(
                    *attempt,
                    AttemptState::Resolved(*resolution, reason.clone()),
                );
                self.told(*attempt);
            }
            Event::AttemptJudged {
                attempt,
                met,
                reason,
            } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.judged = Some((*met, reason.clone()));
                }
                self.told(*attempt);
            }
            Event::StopAsked { attempt, .. } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.stops += 1;
                }
            }
            Event::SurvivorsSeen { attempt, alive, .. } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.living.clone_from(alive);
                }
            }
            Event::ActionMarked {
                action,
                mark,
                reason,
                done_at,
                pasted,
            } => {
                let marked = Marked {
                    mark: *mark,
                    reason: reason.clone(),
                    at: done_at.unwrap_or(now),
                    by: recorded.by.clone(),
                    pasted: pasted.clone(),
                };
                self.actions.insert(action.clone(), marked);
            }
            Event::PointOfNoReturnPassed { step } => {
                self.no_return.insert(step.clone(), now);
            }
            Event::NoteAdded { text } => self.notes.push((now, text.clone())),
            Event::LinesPinned { text, attempt } => {
                self.pins.push((now, text.clone(), *attempt));
            }
            Event::Attached { what, sha256 } => {
                self.attachments.push((now, what.clone(), sha256.clone()));
            }
            Event::FieldWritten { field, text } if text.is_empty() => {
                self.fields.remove(field);
            }
            Event::FieldWritten { field, text } => {
                self.fields.insert(field.clone(), text.clone());
            }
            Event::MessageUsed {
                template,
                how,
                text,
            } => self.messages.push(UsedMessage {
                at: now,
                template: template.clone(),
                how: how.clone(),
                text: text.clone(),
            }),
            Event::RollbackCompleted { at, reason, .. } => {
                self.completed_at = Some(*at);
                self.ended_short = Some(reason.clone()).filter(|why| !why.is_empty());
            }
            Event::Closed {
                sign_off,
                left_open,
            } => {
                self.closed = Some((now, sign_off.clone()));
                self.left_open.clone_from(left_open);
            }
            Event::Reopened { .. } => self.closed = None,
        }
    }

    fn intend(&mut self, intent: &Intent, recorded: &Recorded) {
        // A new attempt speaks for itself: an earlier mark of the action is history.
        self.overtake(intent);
        self.actions.remove(&intent.action);
        self.attempts.push(Attempt {
            intent: intent.clone(),
            by: recorded.by.clone(),
            intended_at: recorded.at.wall,
            started_at: None,
            state: AttemptState::Intended,
            judgements: Vec::new(),
            judged: None,
            told_after: None,
            overtaken: Vec::new(),
            sensed: None,
            stops: 0,
            living: Vec::new(),
            wait: None,
        });
    }

    fn attempt_mut(&mut self, id: AttemptId) -> Option<&mut Attempt> {
        let index = usize::try_from(id.0).ok()?.checked_sub(1)?;
        self.attempts.get_mut(index)
    }

    /// A person has just said what became of an attempt.
    fn told(&mut self, attempt: AttemptId) {
        let last = self.attempts.last().map(|a| a.intent.attempt);
        if let Some(attempt) = self.attempt_mut(attempt) {
            attempt.told_after = last;
        }
    }

    fn set_state(&mut self, id: AttemptId, state: AttemptState) {
        if let Some(attempt) = self.attempt_mut(id) {
            attempt.state = state;
        }
    }

    /// The event that would bring back what this one is about to change, for ticks and texts.
    fn inverse(&self, event: &Event) -> Option<Event> {
        match event {
            Event::TriggerTicked { trigger, .. } => Some(Event::TriggerTicked {
                trigger: trigger.clone(),
                on: self.ticked.contains_key(trigger),
            }),
            Event::ItemMarked { item, .. } => {
                let before = self.items.get(item);
                Some(Event::ItemMarked {
                    item: item.clone(),
                    mark: before.map_or(ItemMark::Open, |m| m.mark),
                    reason: before.map(|m| m.reason.clone()).unwrap_or_default(),
                })
            }
            Event::FieldWritten { field, .. } => Some(Event::FieldWritten {
                field: field.clone(),
                text: self.fields.get(field).cloned().unwrap_or_default(),
            }),
            Event::ParameterFilled { name, .. } => match self.parameters.get(name) {
                Some(ParameterValue::Text(text)) => Some(Event::ParameterFilled {
                    name: name.clone(),
                    value: ParameterValue::Text(text.clone()),
                }),
                Some(ParameterValue::Secret) | None => None,
            },
            _ => None,
        }
    }
}

/// Whether an event is something that a person did and that cannot be taken back.
fn is_a_turn(event: &Event) -> bool {
    matches!(
        event,
        Event::Decided { .. }
            | Event::SeveritySet { .. }
            | Event::ProcedureChosen { .. }
            | Event::AlternativeChosen { .. }
            | Event::ActionMarked { .. }
            | Event::GateWaived { .. }
            | Event::WentAhead { .. }
            | Event::RollbackCompleted { .. }
            | Event::Closed { .. }
            | Event::Reopened { .. }
    )
}

/// Whether an event changes what may run or how, so that a box shown before it is stale.
fn bears_on_running(event: &Event) -> bool {
    match event {
        Event::Undone(inner) => bears_on_running(inner),
        Event::EnvironmentSet { .. }
        | Event::Decided { .. }
        | Event::ItemMarked { .. }
        | Event::CheckpointPlaced { .. }
        | Event::ProcedureChosen { .. }
        | Event::AlternativeChosen { .. }
        | Event::PlaceChosen { .. }
        | Event::SentElsewhere { .. }
        | Event::ParameterFilled { .. }
        | Event::AttemptIntended(_)
        | Event::AttemptEnded { .. }
        | Event::AttemptNeverRan { .. }
        | Event::AttemptLost { .. }
        | Event::AttemptResolved { .. }
        | Event::ActionMarked { .. }
        | Event::Closed { .. }
        | Event::Reopened { .. }
        | Event::Resumed { .. } => true,
        Event::Opened { .. }
        | Event::Left
        | Event::RunbookAccepted
        | Event::JournalRepaired { .. }
        | Event::TriggerTicked { .. }
        | Event::QuestionAnswered { .. }
        | Event::Timed { .. }
        | Event::SeveritySet { .. }
        | Event::Approved { .. }
        | Event::GateWaived { .. }
        | Event::WentAhead { .. }
        | Event::AttemptStarted { .. }
        | Event::CommitAwaited { .. }
        | Event::CommitDecided { .. }
        | Event::AttemptJudged { .. }
        | Event::NameMade(_)
        | Event::OtherTargetSeen { .. }
        | Event::ProbeSensed { .. }
        | Event::StopAsked { .. }
        | Event::SurvivorsStopAsked { .. }
        | Event::SurvivorsSeen { .. }
        | Event::JournalStalled { .. }
        | Event::PointOfNoReturnPassed { .. }
        | Event::NoteAdded { .. }
        | Event::LinesPinned { .. }
        | Event::Attached { .. }
        | Event::FieldWritten { .. }
        | Event::MessageUsed { .. }
        | Event::RollbackCompleted { .. } => false,
    }
}
