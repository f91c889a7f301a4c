//! The rules: what someone wants, held against what is, gives events or a refusal.
//!
//! Pure. A rule returns facts; nothing here changes the state or runs anything.

use super::ahead;
use super::command::{Command, Observation};
use super::elsewhere;
use super::event::{ActionMark, Decision, Event, ItemMark};
use super::flight;
use super::ids::{ActionRef, ItemId, ProcedureId};
use super::incident::{AttemptState, Incident};
use super::plan::{Checklist, Item};
use super::probes;
use super::refusal::Refusal;
use super::start;
use super::status::ItemStatus;
use super::survivors;
use super::time::Stamp;
use super::transaction;

/// Decides on a command. The events are to be recorded in this order, together or not at all.
///
/// # Errors
/// A [`Refusal`] that says why not; nothing follows from it.
pub fn decide(
    incident: &Incident,
    command: &Command,
    stamp: &Stamp,
) -> Result<Vec<Event>, Refusal> {
    if incident.closed.is_some() && !allowed_when_closed(command) {
        return Err(Refusal::Closed);
    }
    let one = |event| Ok(vec![event]);
    match command {
        Command::Resume { driver, over } => one(Event::Resumed {
            driver: driver.clone(),
            over: over.clone(),
        }),
        Command::Leave => one(Event::Left),
        Command::AcceptRunbook if incident.trusted => Ok(Vec::new()),
        Command::AcceptRunbook => one(Event::RunbookAccepted),
        Command::SetEnvironment(name) => {
            named(name)?;
            one(Event::EnvironmentSet {
                name: name.trim().to_owned(),
            })
        }
        Command::TickTrigger { trigger, on } => {
            known(flight::has_trigger(&incident.plan, trigger), "trigger")?;
            if incident.ticked.contains_key(trigger) == *on {
                return Ok(Vec::new());
            }
            one(Event::TriggerTicked {
                trigger: trigger.clone(),
                on: *on,
            })
        }
        Command::Answer { question, answer } => {
            known(
                incident.plan.questions.iter().any(|q| q.id == *question),
                "question",
            )?;
            one(Event::QuestionAnswered {
                question: question.clone(),
                answer: *answer,
            })
        }
        Command::StateTime { moment, at, reason } => {
            if !incident.stated(*moment).is_empty() {
                reasoned(reason)?;
            }
            one(Event::Timed {
                moment: *moment,
                at: *at,
                reason: reason.clone(),
            })
        }
        Command::SetSeverity { severity, reason } => {
            if let Some(id) = severity {
                known(incident.find_severity(id).is_some(), "severity")?;
                reasoned(reason)?;
            }
            one(Event::SeveritySet {
                severity: severity.clone(),
                reason: reason.clone(),
            })
        }
        Command::Decide { decision, reason } => decided(incident, *decision, reason),
        Command::Approve { name, role, how } => {
            named(name)?;
            one(Event::Approved {
                name: name.clone(),
                role: role.clone(),
                how: how.clone(),
            })
        }
        Command::MarkItem { item, mark, reason } => mark_item(incident, item, *mark, reason),
        Command::WaiveGate { gate, reason } => {
            reasoned(reason)?;
            one(Event::GateWaived {
                gate: gate.clone(),
                reason: reason.clone(),
            })
        }
        Command::GoAhead { to, reason } => ahead::go(incident, to, reason),
        Command::PlaceCheckpoint { checklist, before } => {
            known(
                flight::find_checklist(&incident.plan, checklist).is_some(),
                "checkpoint",
            )?;
            one(Event::CheckpointPlaced {
                checklist: checklist.clone(),
                before: before.clone(),
            })
        }
        Command::ChooseProcedure { procedure, reason } => {
            choose_procedure(incident, procedure, reason)
        }
        Command::ChooseAlternative { choice, option } => {
            known(
                flight::has_option(&incident.plan, choice, option),
                "alternative",
            )?;
            one(Event::AlternativeChosen {
                choice: choice.clone(),
                option: option.clone(),
            })
        }
        Command::SendElsewhere { whose, goes } => elsewhere::send(incident, whose, goes),
        Command::ChoosePlace { action, on, word } => elsewhere::choose(incident, action, *on, word),
        Command::FillParameter { name, value } => {
            known(
                incident.plan.parameters.iter().any(|p| p.name == *name),
                "parameter",
            )?;
            one(Event::ParameterFilled {
                name: name.clone(),
                value: value.clone(),
            })
        }
        Command::Start {
            shown,
            confirmation,
        } => start::start(incident, shown, confirmation, stamp.wall),
        Command::Stop { attempt, stage } => {
            let alive = incident
                .attempt(*attempt)
                .is_some_and(super::incident::Attempt::is_alive);
            state(alive, "it is not running any more")?;
            one(Event::StopAsked {
                attempt: *attempt,
                stage: *stage,
            })
        }
        Command::DecideCommit {
            attempt,
            commit,
            confirmation,
        } => transaction::decide(incident, *attempt, *commit, confirmation),
        Command::StopSurvivors(attempt) => {
            let lives = incident
                .attempt(*attempt)
                .is_some_and(|a| a.survivors().next().is_some());
            state(lives, "nothing that it left running lives any more")?;
            one(Event::SurvivorsStopAsked { attempt: *attempt })
        }
        Command::Judge {
            attempt,
            met,
            reason,
        } => {
            if !met {
                reasoned(reason)?;
            }
            let ended = incident
                .attempt(*attempt)
                .is_some_and(|a| a.ending().is_some());
            state(ended, "only what has ended can be judged")?;
            one(Event::AttemptJudged {
                attempt: *attempt,
                met: *met,
                reason: reason.clone(),
            })
        }
        Command::Resolve {
            attempt,
            resolution,
            reason,
        } => {
            reasoned(reason)?;
            let unknown = incident
                .attempt(*attempt)
                .is_some_and(|a| matches!(a.state, AttemptState::Unknown(_)));
            state(unknown, "its outcome is known")?;
            one(Event::AttemptResolved {
                attempt: *attempt,
                resolution: *resolution,
                reason: reason.clone(),
            })
        }
        Command::MarkAction {
            action,
            mark,
            reason,
            done_at,
            pasted,
        } => {
            mark_action(incident, action, *mark, reason)?;
            let marked = Event::ActionMarked {
                action: action.clone(),
                mark: *mark,
                reason: reason.clone(),
                done_at: *done_at,
                pasted: pasted.clone(),
            };
            let chosen = super::start::chosen_by_hand(incident, action, *mark);
            Ok(chosen.into_iter().chain([marked]).collect())
        }
        Command::AddNote(text) => {
            named(text)?;
            one(Event::NoteAdded { text: text.clone() })
        }
        Command::Pin { text, attempt } => one(Event::LinesPinned {
            text: text.clone(),
            attempt: *attempt,
        }),
        Command::Attach { what, sha256 } => {
            named(what)?;
            one(Event::Attached {
                what: what.clone(),
                sha256: sha256.clone(),
            })
        }
        Command::WriteField { field, text } => one(Event::FieldWritten {
            field: field.clone(),
            text: text.clone(),
        }),
        Command::UseMessage {
            template,
            how,
            text,
        } => one(Event::MessageUsed {
            template: template.clone(),
            how: how.clone(),
            text: text.clone(),
        }),
        Command::Undo => match incident.undo.last() {
            Some(event) => one(Event::Undone(Box::new(event.clone()))),
            None => Err(Refusal::NothingToUndo),
        },
        Command::CompleteRollback { reason } => {
            state(
                incident.completed_at.is_none(),
                "it is marked complete already",
            )?;
            let mut why = String::new();
            let running = incident.still_running();
            if incident.is_undone() || !running.is_empty() {
                reasoned(reason)?;
                reason.trim().clone_into(&mut why);
            }
            one(Event::RollbackCompleted {
                at: stamp.wall,
                reason: why,
                running,
            })
        }
        Command::Close { sign_off } => close(incident, sign_off),
        Command::Reopen { reason } => {
            if incident.closed.is_none() {
                return Err(Refusal::NotClosed);
            }
            reasoned(reason)?;
            one(Event::Reopened {
                reason: reason.clone(),
            })
        }
        Command::Observe(observation) => Ok(observe(incident, observation)),
    }
}

/// What may still be recorded once an incident is closed: who looks in, the way back, what the
/// world reports, and the words of the log.
fn allowed_when_closed(command: &Command) -> bool {
    matches!(
        command,
        Command::Reopen { .. }
            | Command::Resume { .. }
            | Command::Leave
            | Command::Observe(_)
            | Command::Stop { .. }
            | Command::StopSurvivors(_)
            | Command::DecideCommit { .. }
            | Command::AddNote(_)
            | Command::WriteField { .. }
            | Command::Undo
    )
}

pub(super) fn reasoned(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        Err(Refusal::ReasonDue)
    } else {
        Ok(())
    }
}

fn named(name: &str) -> Result<(), Refusal> {
    if name.trim().is_empty() {
        Err(Refusal::NameDue)
    } else {
        Ok(())
    }
}

pub(super) fn known(found: bool, what: &str) -> Result<(), Refusal> {
    if found {
        Ok(())
    } else {
        Err(Refusal::NoSuch(what.to_owned()))
    }
}

fn state(holds: bool, otherwise: &str) -> Result<(), Refusal> {
    if holds {
        Ok(())
    } else {
        Err(Refusal::NotInThatState(otherwise.to_owned()))
    }
}

fn decided(incident: &Incident, decision: Decision, reason: &str) -> Result<Vec<Event>, Refusal> {
    if incident
        .decision
        .as_ref()
        .is_some_and(|d| d.decision != decision)
    {
        reasoned(reason)?;
    }
    Ok(vec![Event::Decided {
        decision,
        reason: reason.to_owned(),
    }])
}

fn mark_item(
    incident: &Incident,
    id: &ItemId,
    mark: ItemMark,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    let Some((list, item)) = flight::find_item(&incident.plan, id) else {
        return Err(Refusal::NoSuch("item".to_owned()));
    };
    match mark {
        ItemMark::Open => {}
        ItemMark::Done => {
            may_be_ticked(incident, list, item)?;
        }
        ItemMark::Overridden | ItemMark::Deferred | ItemMark::NotApplicable => reasoned(reason)?,
    }
    Ok(vec![Event::ItemMarked {
        item: id.clone(),
        mark,
        reason: reason.to_owned(),
    }])
}

/// Whether a person's plain “done” is enough for an item as it stands.
pub(crate) fn may_be_ticked(
    incident: &Incident,
    list: &Checklist,
    item: &Item,
) -> Result<(), Refusal> {
    if incident.item_status(item) == ItemStatus::Disagrees {
        return Err(Refusal::SensorDisagrees);
    }
    state(
        !incident.comes_too_soon(list),
        "its time counts from the mark “rollback complete”, which is not set (3 goes there)",
    )
}

fn mark_action(
    incident: &Incident,
    at: &ActionRef,
    mark: ActionMark,
    reason: &str,
) -> Result<(), Refusal> {
    known(flight::find_action(&incident.plan, at).is_some(), "action")?;
    if mark != ActionMark::Open && mark != ActionMark::DoneByHand {
        reasoned(reason)?;
    }
    if mark == ActionMark::DoneByHand && !is_manual(incident, at) {
        reasoned(reason)?;
    }
    let last = incident.telling_attempt(at);
    state(
        !last.is_some_and(super::incident::Attempt::is_alive),
        "it is still running",
    )?;
    let unknown = last.is_some_and(|a| matches!(a.state, AttemptState::Unknown(_)));
    state(!unknown, "its outcome is not known: settle that first")
}

fn is_manual(incident: &Incident, at: &ActionRef) -> bool {
    use super::plan::ActionKind;
    flight::find_action(&incident.plan, at).is_some_and(|(_, a)| {
        matches!(
            a.kind,
            ActionKind::Manual | ActionKind::Include | ActionKind::Text
        )
    })
}

fn choose_procedure(
    incident: &Incident,
    id: &ProcedureId,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    known(
        flight::find_procedure(&incident.plan, id).is_some(),
        "procedure",
    )?;
    match &incident.procedure {
        Some(chosen) if chosen == id => return Ok(Vec::new()),
        Some(_) => reasoned(reason)?,
        None => {}
    }
    let chosen = Event::ProcedureChosen {
        procedure: id.clone(),
        reason: reason.to_owned(),
    };
    let mut events = vec![chosen];
    let mut after = incident.clone();
    after.procedure = Some(id.clone());
    for (list, before) in after.proposed_places() {
        events.push(Event::CheckpointPlaced {
            checklist: list.id.clone(),
            before,
        });
    }
    Ok(events)
}

/// What holds up the close: running and unknown attempts, checkpoints that are neither complete
/// nor waived nor deferred item by item.
fn close(incident: &Incident, sign_off: &str) -> Result<Vec<Event>, Refusal> {
    named(sign_off)?;
    let mut open: Vec<String> = Vec::new();
    for attempt in &incident.attempts {
        let title = &attempt.intent.title;
        match attempt.state {
            // Nothing waits for what runs beside the work; it is stopped below.
            AttemptState::Intended | AttemptState::Running if attempt.intent.monitor => {}
            AttemptState::Intended | AttemptState::Running => {
                open.push(format!("{title} (running)"));
            }
            AttemptState::Unknown(_) => open.push(format!("{title} (outcome unknown)")),
            AttemptState::Ended(_) | AttemptState::NeverRan(_) | AttemptState::Resolved(..) => {}
        }
    }
    let rolled_back = incident.decision.as_ref().map(|d| d.decision) == Some(Decision::RollBack);
    if rolled_back {
        let checkpoints = incident
            .plan
            .checklists
            .iter()
            .filter(|c| c.checkpoint.is_some());
        open.extend(
            checkpoints
                .filter(|c| !incident.is_complete(c))
                .map(|c| c.title.clone()),
        );
    }
    if rolled_back && incident.completed_at.is_none() && incident.next_place().is_some() {
        open.push("the rollback is not done, nor marked complete".to_owned());
    }
    if !open.is_empty() {
        return Err(Refusal::StillOpen(open));
    }
    let mut left_open = incident.left_running();
    left_open.extend(incident.deferred());
    left_open.extend(incident.not_done());
    let mut events = incident.stop_monitors();
    events.push(Event::Closed {
        sign_off: sign_off.trim().to_owned(),
        left_open,
    });
    Ok(events)
}

/// Observations are facts; one that is known already adds nothing.
fn observe(incident: &Incident, observation: &Observation) -> Vec<Event> {
    let alive = |id| {
        incident
            .attempt(id)
            .is_some_and(super::incident::Attempt::is_alive)
    };
    let may_still_end = |id| {
        incident
            .attempt(id)
            .is_some_and(|a| a.is_alive() || matches!(a.state, AttemptState::Unknown(_)))
    };
    match observation {
        Observation::Started { attempt, at } => {
            let intended = incident
                .attempt(*attempt)
                .is_some_and(|a| matches!(a.state, AttemptState::Intended));
            if intended {
                vec![Event::AttemptStarted {
                    attempt: *attempt,
                    at: *at,
                }]
            } else {
                Vec::new()
            }
        }
        Observation::AwaitsCommit { attempt, tally } => {
            transaction::waits(incident, *attempt, tally)
        }
        Observation::Ended {
            attempt,
            ending,
            judgements,
        } if may_still_end(*attempt) => {
            vec![Event::AttemptEnded {
                attempt: *attempt,
                ending: ending.clone(),
                judgements: judgements.clone(),
            }]
        }
        Observation::NeverRan { attempt, why } if alive(*attempt) => {
            vec![Event::AttemptNeverRan {
                attempt: *attempt,
                why: why.clone(),
            }]
        }
        Observation::Lost { attempt, why } if alive(*attempt) => {
            vec![Event::AttemptLost {
                attempt: *attempt,
                why: why.clone(),
            }]
        }
        Observation::Ended { .. } | Observation::NeverRan { .. } | Observation::Lost { .. } => {
            Vec::new()
        }
        Observation::Survivors {
            attempt,
            alive,
            note,
        } => survivors::seen(incident, *attempt, alive, note),
        Observation::OtherTarget { action, bearings } => vec![Event::OtherTargetSeen {
            action: action.clone(),
            bearings: bearings.clone(),
        }],
        Observation::Named(names) => {
            let fresh = incident.unrecorded_names(names);
            fresh.into_iter().map(Event::NameMade).collect()
        }
        Observation::Sensed(sensings) => probes::sensed(incident, sensings),
        Observation::JournalStalled { since, why } => vec![Event::JournalStalled {
            since: *since,
            why: why.clone(),
        }],
        Observation::JournalCut { bytes } => vec![Event::JournalRepaired { cut: *bytes }],
    }
}
