//! Sensing again, by itself, what was accepted as a probe.
//!
//! What is run is the text that was accepted, byte for byte, by the same supervisors and with the
//! same guards as the attempt in which it was, and never what could do more than read: the text
//! itself has to say so, whatever the plan says of it. Nobody sits at its keyboard, it leaves no
//! state behind, and it is given up after a while. What goes on record of it is bounded
//! (`crate::probe`); so is what is kept of its output, which is that of the recorded ones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::watch;

use super::attempts::{Hands, in_background, judge_output};
use super::machine;
use super::world::{Found, Started};
use crate::domain::event::{Ending, ParameterValue};
use crate::domain::flight;
use crate::domain::ids::AttemptId;
use crate::domain::incident::{Attempt, Incident};
use crate::domain::judge::{Judgement, Verdict};
use crate::domain::plan::{Action, ActionKind, Danger};
use crate::domain::probes::{Repeat, Sensing, Sensings};
use crate::domain::runbox::RunBox;
use crate::domain::{Observation, flight::find_action};
use crate::probe::Schedule;

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_millis(100);
/// A probe that has not answered then is stopped, and that is its answer.
const PATIENCE_S: u64 = 30;

/// The repeated checks of a session, and its clock for them.
pub(super) struct Probes {
    schedule: Mutex<Schedule>,
    began: Instant,
    /// Who senses, and where: what was accepted elsewhere or by somebody else is not for here.
    host: String,
}

impl Default for Probes {
    fn default() -> Self {
        let person = machine::person();
        Self {
            schedule: Mutex::default(),
            began: Instant::now(),
            host: format!("{}@{}", person.name, person.host),
        }
    }
}

impl Probes {
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says in a box whether to start it is to accept it as a probe that is sensed again by itself.
pub(super) fn offer(incident: &Incident, action: &Action, shown: &mut RunBox) {
    let probe = incident.plan.probe_of(action);
    let Some(every_s) = probe.and_then(|p| p.every_s) else {
        return;
    };
    let every_s = u32::try_from(every_s).unwrap_or(u32::MAX);
    let here = shown.there.is_none() && !shown.monitor && !shown.interactive;
    let kind = matches!(shown.kind, ActionKind::Shell | ActionKind::Http);
    let (own, _) = super::prepare::judge_danger(action, &shown.code, true);
    let why_not = if shown.edited {
        "it is not the plan's text"
    } else if own != Danger::None || shown.danger != Danger::None {
        "its text does not show that it only reads"
    } else if !here || !kind {
        "it does not run here by itself"
    } else {
        shown.again_s = Some(every_s);
        return;
    };
    let note = format!("it is not sensed again every {every_s} s by itself: {why_not}");
    shown.notes.push(note);
}

/// Senses what is due until the session ends.
pub(super) fn watch(hands: &Arc<Hands>, snapshot: &watch::Receiver<Arc<Incident>>) {
    let (hands, snapshot) = (Arc::clone(hands), snapshot.clone());
    in_background(move || {
        while !hands.door.is_closed() {
            std::thread::sleep(LOOK);
            let incident = Arc::clone(&snapshot.borrow());
            if incident.plan.probes.iter().any(|p| p.every_s.is_some()) {
                hands.look_at_probes(&incident);
            }
        }
    });
}

impl Hands {
    fn look_at_probes(self: &Arc<Self>, incident: &Arc<Incident>) {
        let repeats: Vec<Repeat> = incident
            .repeats()
            .into_iter()
            .filter(|repeat| self.may_sense(incident, repeat.attempt))
            .collect();
        let stalled = self.present.borrow().journal.is_some();
        let now = self.probes.began.elapsed();
        let (ended, due) = {
            let mut schedule = self.probes.schedule();
            let ended = schedule.follow(&repeats, now);
            let due = if stalled {
                Vec::new()
            } else {
                schedule.due(now)
            };
            (ended, due)
        };
        self.tell(ended);
        self.show_probes();
        for id in due {
            let (hands, incident) = (Arc::clone(self), Arc::clone(incident));
            in_background(move || hands.sense_again(&incident, id));
        }
    }

    /// Whether what was accepted can be asked again as it was: by the same person on the same
    /// machine, with every secret at hand.
    fn may_sense(&self, incident: &Incident, id: AttemptId) -> bool {
        let Some(attempt) = incident.attempt(id) else {
            return false;
        };
        let found = find_action(&incident.plan, &attempt.intent.action);
        let Some((_, action)) = found else {
            return false;
        };
        let secret = |name| incident.parameters.get(name) == Some(&ParameterValue::Secret);
        let mut secrets = action.parameters.iter().filter(|name| secret(*name));
        attempt.intent.host == self.probes.host
            && secrets.all(|name| self.secrets.get(name).is_some())
    }

    fn sense_again(&self, incident: &Incident, id: AttemptId) {
        let dir = self.probe_dir(id);
        let sensing = self.sense(incident, id, &dir);
        let now = self.probes.began.elapsed();
        let record = self.probes.schedule().sensed(id, sensing, now);
        if record.is_none() {
            // What cannot be removed is still only readable by its owner.
            let _ = std::fs::remove_dir_all(&dir);
        }
        self.tell(record);
        self.show_probes();
    }

    fn probe_dir(&self, id: AttemptId) -> PathBuf {
        let at = Utc::now().format("%Y%m%dT%H%M%S%.3f").to_string();
        self.dir.join("probes").join(id.to_string()).join(at)
    }

    /// Asks once, to the end; none where the session ended before it did.
    fn sense(&self, incident: &Incident, id: AttemptId, dir: &Path) -> Option<Sensing> {
        let attempt = incident.attempt(id)?;
        let (_, action) = flight::find_action(&incident.plan, &attempt.intent.action)?;
        let mut launch = self.launch(incident, &attempt.intent);
        dir.clone_into(&mut launch.dir);
        launch.state_out = None;
        launch.interactive = false;
        let limit = launch.timeout_s.unwrap_or(PATIENCE_S).min(PATIENCE_S);
        launch.timeout_s = Some(limit);
        let unsaid = |why: String| Sensing {
            at: Utc::now(),
            verdict: Verdict::Inconclusive,
            because: why,
        };
        if let Err(error) = made(dir.parent()) {
            return Some(unsaid(error.to_string()));
        }
        if let Started::NeverRan(why) = self.world.start(&launch) {
            return Some(unsaid(why));
        }
        while !self.door.is_closed() {
            match self.world.find(dir) {
                Found::Running(_) => std::thread::sleep(LOOK / 5),
                Found::Ended(ending) => {
                    let judgements = judge_output(
                        incident,
                        &attempt.intent.action,
                        dir,
                        &ending,
                        Some(&attempt.intent.code),
                    );
                    return Some(made_of(attempt, action, &ending, &judgements, limit));
                }
                Found::Refused(why) | Found::Lost(why) => return Some(unsaid(why)),
                Found::NotClaimed => return Some(unsaid("its evidence is gone".to_owned())),
            }
        }
        None
    }

    /// What has been counted of probes goes on record before the incident is left or closed.
    pub(super) fn count_probes(&self) {
        let counts = self.probes.schedule().counts(self.probes.began.elapsed());
        self.tell(counts);
    }

    fn tell(&self, sensings: impl IntoIterator<Item = Sensings>) {
        for sensings in sensings {
            self.observe(Observation::Sensed(sensings));
        }
    }

    fn show_probes(&self) {
        let watches = self.probes.schedule().watches();
        self.present.send_if_modified(|present| {
            let changed = present.probes != watches;
            present.probes = watches;
            changed
        });
    }
}

/// The directory, for its owner only.
fn made(dir: Option<&Path>) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    let Some(dir) = dir else { return Ok(()) };
    builder.recursive(true).mode(0o700).create(dir)
}

fn made_of(
    attempt: &Attempt,
    action: &Action,
    ending: &Ending,
    judgements: &[Judgement],
    limit: u64,
) -> Sensing {
    let verdict = attempt.verdict(action, ending, judgements);
    let speaks = judgements.iter().find(|j| j.verdict == verdict);
    let because = match (speaks.or(judgements.first()), ending) {
        (Some(judged), _) if ending.succeeded() || judged.verdict == verdict => {
            judged.because.clone()
        }
        (
            _,
            Ending {
                error: Some(error), ..
            },
        ) => error.clone(),
        (
            _,
            Ending {
                cancelled: true, ..
            },
        ) => format!("no end after {limit} s: it was stopped"),
        (
            _,
            Ending {
                exit: Some(exit), ..
            },
        ) => format!("exit status {exit}"),
        (
            _,
            Ending {
                signal: Some(signal),
                ..
            },
        ) => format!("ended by signal {signal}"),
        _ => "no exit status".to_owned(),
    };
    Sensing {
        at: ending.at.unwrap_or_else(Utc::now),
        verdict,
        because,
    }
}
