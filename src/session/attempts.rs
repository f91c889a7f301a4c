//! The session's side of attempts: launching what an effect asks for, watching it to its end,
//! judging what it showed, and finding out after a restart what became of it.
//!
//! Everything seen here goes back to the recorder as an observation; nothing here writes the
//! journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::showed::weighed;
use super::world::{Found, Launch, Started, World};
use super::{Door, evidence, target};
use crate::domain::event::{Ending, Intent, StopStage};
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::{Attempt, Incident};
use crate::domain::judge::{Judgement, Verdict, judge_all, of_its_ends};
use crate::domain::plan::{Action, ActionKind, ExpectRule, Expectation, Plan, SecretSource};
use crate::domain::{Command, Condition, Effect, Observation, Present, flight};
use crate::exec::{self, CONNECTION_SERVICE, CONNECTION_URL};
use crate::script::blanks::secret;
use tokio::sync::watch;

/// Where shell states are, below the incident's directory.
const SHELL: &str = "shell";

/// How often at most it is looked whether an output still grows, and the time between two looks.
const MOST_LOOKS: u32 = 20;
const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(50);

/// A shorter value that nobody gave as a secret is found in too much that is none.
const TELLING: usize = 6;

/// What effects need.
pub(super) struct Hands {
    pub(super) dir: PathBuf,
    pub(super) world: Arc<dyn World>,
    pub(super) door: Door,
    pub(super) present: Arc<watch::Sender<Present>>,
    pub(super) env: Vec<(String, String)>,
    pub(super) secrets: super::secrets::Secrets,
    pub(super) size: Arc<super::PaneSize>,
    pub(super) probes: super::probes::Probes,
}

/// What `timeout` prints nothing about and ends with when the time is over.
const TIME_IS_OVER: i32 = 124;

/// Says of a monitor that ended at the time box of its own text (`timeout 15 tail -f log`) that it
/// was that which asked it to end.
pub(super) fn boxed(incident: &Incident, id: AttemptId, ending: &mut Ending) {
    let intent = incident.attempt(id).map(|a| &a.intent);
    let over = ending.exit == Some(TIME_IS_OVER) && !ending.cancelled;
    if over && intent.is_some_and(|i| i.monitor && crate::script::shell::is_timed(&i.code)) {
        (ending.cancelled, ending.by_time_box) = (true, true);
    }
}

impl Hands {
    /// Does what an effect asks for, without holding up the recorder.
    pub(super) fn act(self: &Arc<Self>, incident: &Arc<Incident>, effect: &Effect) {
        match *effect {
            Effect::StartAttempt(id) => {
                if let Some(attempt) = incident.attempt(id) {
                    let launch = self.launch(incident, &attempt.intent);
                    let incident = Arc::clone(incident);
                    let hands = Arc::clone(self);
                    in_background(move || hands.start(&incident, &launch));
                }
            }
            Effect::StopAttempt { attempt, stage } => {
                let hands = Arc::clone(self);
                // Nobody is expected to look after what runs on beside a closed incident.
                let beside = incident.attempt(attempt).is_some_and(|a| a.intent.monitor);
                let closed = incident.closed.is_some();
                let for_good = beside && closed && stage == StopStage::Terminate;
                in_background(move || hands.stop(attempt, stage, for_good));
            }
            Effect::SettleCommit { attempt, commit } => {
                let hands = Arc::clone(self);
                in_background(move || hands.settle(attempt, commit));
            }
            Effect::StopSurvivors(attempt) => self.stop_survivors(incident, attempt),
            Effect::RemoveShellState => {
                // What cannot be removed is still only readable by its owner.
                let _ = std::fs::remove_dir_all(self.dir.join(SHELL));
            }
        }
    }

    /// Where the shell state that an attempt leaves is kept.
    pub(super) fn shell_state(&self, id: AttemptId) -> PathBuf {
        self.dir.join(SHELL).join(id.to_string())
    }

    /// The evidence directory of an attempt.
    pub(super) fn evidence(&self, id: AttemptId) -> PathBuf {
        evidence::dir(&self.dir, id)
    }

    pub(super) fn launch(&self, incident: &Incident, intent: &Intent) -> Launch {
        let action = flight::find_action(&incident.plan, &intent.action).map(|(_, a)| a);
        let mut env = self.environment(incident, intent.there.is_some());
        env.extend(action.and_then(|a| connection(&incident.plan, a)));
        let (secret_env, mut hidden) = if intent.there.is_none() {
            (self.secrets_at_hand(incident, &intent.code), Vec::new())
        } else {
            let given = self.secret_environment(incident, &intent.code);
            (given, self.at_hand(incident))
        };
        hidden.extend(addresses(incident));
        Launch {
            dir: self.evidence(intent.attempt),
            start_dir: incident.start_dir.clone(),
            state_in: intent.state_from.map(|id| self.shell_state(id)),
            state_out: (!intent.monitor).then(|| self.shell_state(intent.attempt)),
            interpreter: action.and_then(|a| a.interpreter.clone()),
            interactive: action.is_some_and(|a| a.interactive),
            timeout_s: action.and_then(|a| a.time_box(intent.monitor, intent.danger)),
            guards: target::guards_of(incident, intent, |id| self.shell_state(id)),
            env,
            secret_env,
            hidden,
            size: self.size.get(),
            intent: intent.clone(),
        }
    }

    /// What is added to the environment of an attempt.
    pub(super) fn environment(&self, incident: &Incident, there: bool) -> Vec<(String, String)> {
        // What was added for this machine is not for another.
        let mut env = if there { Vec::new() } else { self.env.clone() };
        let filled = incident.plan.parameters.iter().filter(|p| p.environment);
        env.extend(
            filled.filter_map(|p| match incident.parameters.get(&p.name) {
                Some(crate::domain::event::ParameterValue::Text(text)) => {
                    Some((variable(p), text.clone()))
                }
                Some(crate::domain::event::ParameterValue::Secret) | None => None,
            }),
        );
        env
    }

    /// The same for what never reaches the disk, in the forms that a text refers to.
    pub(super) fn secret_environment(
        &self,
        incident: &Incident,
        code: &str,
    ) -> Vec<(String, String)> {
        let parameters = incident.plan.parameters.iter();
        let held = parameters.filter_map(|p| Some((p, self.secrets.get(&p.name)?)));
        held.flat_map(|(p, value)| {
            if p.environment {
                vec![(variable(p), value)]
            } else {
                secret::variables(&variable(p), &value, code)
            }
        })
        .collect()
    }

    /// What never reaches the disk of the environment of an attempt here.
    pub(super) fn secrets_at_hand(&self, incident: &Incident, code: &str) -> Vec<(String, String)> {
        let mut given = self.secret_environment(incident, code);
        given.extend(self.at_hand(incident));
        given
    }

    /// Secrets that nobody was asked for and that a command could show all the same: those of the
    /// environment, and those in files that the plan names. A command is not run for one.
    fn at_hand(&self, incident: &Incident) -> Vec<(String, String)> {
        let dir = Path::new(&incident.start_dir);
        let declared = incident.plan.parameters.iter().filter(|p| p.secret);
        let open = declared.filter(|p| self.secrets.get(&p.name).is_none());
        let found = open.filter_map(|p| {
            let value = match &p.secret_from {
                _ if p.environment => std::env::var(variable(p)).ok()?,
                Some(SecretSource::Command(_)) | None => return None,
                Some(source) => super::fetch(source, dir).ok()?,
            };
            (value.len() >= TELLING).then(|| (variable(p), value))
        });
        found.collect()
    }

    fn start(&self, incident: &Incident, launch: &Launch) {
        let attempt = launch.intent.attempt;
        match self.world.start(launch) {
            Started::Claimed(at) => {
                self.observe(Observation::Started { attempt, at });
                self.watch(incident, attempt, &launch.intent.action);
            }
            Started::NeverRan(why) => self.observe(Observation::NeverRan { attempt, why }),
        }
    }

    fn stop(&self, attempt: AttemptId, stage: StopStage, for_good: bool) {
        let dir = self.evidence(attempt);
        let asked = if for_good {
            self.world.stop_for_good(&dir)
        } else {
            self.world.stop(&dir, stage)
        };
        if let Err(why) = asked {
            let text = format!("attempt {attempt} could not be asked to stop: {why}");
            self.door.send(Command::AddNote(text));
        }
    }

    /// Tells an attempt that waits before its COMMIT what was decided.
    fn settle(&self, attempt: AttemptId, commit: bool) {
        if let Err(why) = self.world.settle(&self.evidence(attempt), commit) {
            let text = format!("attempt {attempt} could not be told what was decided: {why}");
            self.door.send(Command::AddNote(text));
        }
    }

    /// Watches an attempt until its end is known, then judges and reports it.
    fn watch(&self, incident: &Incident, attempt: AttemptId, action: &ActionRef) {
        let dir = self.evidence(attempt);
        let mut ear = self.world.ear(&dir);
        let known = incident.attempt(attempt);
        let terms = known.and_then(|a| a.intent.terms.as_ref());
        let mut may_wait = terms.is_some_and(crate::domain::transaction::Terms::waits);
        while !self.door.is_closed() {
            let seen = match self.world.find(&dir) {
                Found::Running(_) => {
                    if may_wait && let Some(mut tally) = self.world.waits(&dir) {
                        may_wait = false;
                        tally.unmet = unmet(incident, action, &dir);
                        self.observe(Observation::AwaitsCommit { attempt, tally });
                    }
                    if let Some(condition) = ear.listen() {
                        self.stands(attempt, condition);
                    }
                    continue;
                }
                Found::Ended(mut ending) => {
                    boxed(incident, attempt, &mut ending);
                    let judgements = self.judged(incident, attempt, action, &dir, &ending);
                    Observation::Ended {
                        attempt,
                        ending,
                        judgements,
                    }
                }
                Found::Refused(why) => Observation::NeverRan { attempt, why },
                Found::Lost(why) => Observation::Lost { attempt, why },
                Found::NotClaimed => {
                    let why = "its evidence is gone".to_owned();
                    Observation::Lost { attempt, why }
                }
            };
            self.stands(attempt, Condition::default());
            return self.observe(seen);
        }
    }

    /// Makes known how an attempt stands; one of which there is nothing to say is left out.
    fn stands(&self, attempt: AttemptId, condition: Condition) {
        self.present.send_if_modified(|present| {
            if condition == Condition::default() {
                return present.attempts.remove(&attempt).is_some();
            }
            let before = present.attempts.insert(attempt, condition.clone());
            before != Some(condition)
        });
    }

    /// Finds out what became of attempts that were alive when the last session ended.
    pub(super) fn find_running(self: &Arc<Self>, incident: &Arc<Incident>) {
        for attempt in incident.attempts.iter().filter(|a| a.is_alive()) {
            self.find_one(incident, attempt);
        }
    }

    fn find_one(self: &Arc<Self>, incident: &Arc<Incident>, attempt: &Attempt) {
        let id = attempt.intent.attempt;
        let dir = self.evidence(id);
        let mut found = self.world.find(&dir);
        if found == Found::NotClaimed {
            if self.world.fence(&dir) {
                let why = "the session ended before it was started".to_owned();
                return self.observe(Observation::NeverRan { attempt: id, why });
            }
            found = self.world.find(&dir);
        }
        match found {
            Found::Running(at) => {
                self.observe(Observation::Started { attempt: id, at });
                // A decision that is on record and may not have got there.
                if let Some(commit) = attempt.wait.as_ref().and_then(|w| w.decided) {
                    self.settle(id, commit);
                }
                let (hands, incident) = (Arc::clone(self), Arc::clone(incident));
                let action = attempt.intent.action.clone();
                in_background(move || hands.watch(&incident, id, &action));
            }
            Found::Ended(mut ending) => {
                boxed(incident, id, &mut ending);
                let action = &attempt.intent.action;
                let judgements = self.judged(incident, id, action, &dir, &ending);
                self.observe(Observation::Ended {
                    attempt: id,
                    ending,
                    judgements,
                });
            }
            Found::Refused(why) => self.observe(Observation::NeverRan { attempt: id, why }),
            Found::Lost(why) => self.observe(Observation::Lost { attempt: id, why }),
            Found::NotClaimed => {
                let why = "its evidence cannot be read".to_owned();
                self.observe(Observation::Lost { attempt: id, why });
            }
        }
    }

    /// What was made of an ended attempt: of its output, and of the backups that it speaks of.
    fn judged(
        &self,
        incident: &Incident,
        attempt: AttemptId,
        action: &ActionRef,
        dir: &Path,
        ending: &Ending,
    ) -> Vec<Judgement> {
        let attempt = incident.attempt(attempt);
        let ran = attempt.map(|attempt| attempt.intent.code.as_str());
        let mut judgements = judge_output(incident, action, dir, ending, ran);
        if let Some(attempt) = attempt {
            judgements.extend(self.judge_backups(incident, &attempt.intent, ending));
        }
        judgements
    }

    pub(super) fn observe(&self, observation: Observation) {
        self.door.send(Command::Observe(observation));
    }
}

/// Variables of the environment that the plan uses and that are addresses with a password in them:
/// they are no secrets, and what is in them is.
fn addresses(incident: &Incident) -> Vec<(String, String)> {
    let plain = incident.plan.parameters.iter();
    let plain = plain.filter(|p| p.environment && !p.secret);
    let found = plain.filter_map(|p| {
        let value = std::env::var(variable(p)).ok()?;
        exec::password_in(&value)
            .is_some()
            .then(|| (variable(p), value))
    });
    found.collect()
}

/// How SQL is told which of the plan's connections it goes through: the address as the plan
/// writes it, so that what its variables hold is looked up where the SQL runs.
pub(super) fn connection(plan: &Plan, action: &Action) -> Option<(String, String)> {
    let name = action.connection.as_ref()?;
    let known = plan.connections.iter().find(|c| c.name == *name)?;
    let url = known
        .url
        .clone()
        .map(|url| (CONNECTION_URL.to_owned(), url));
    let service = known.service.clone();
    url.or_else(|| Some((CONNECTION_SERVICE.to_owned(), service?)))
        .filter(|_| action.kind == ActionKind::Sql)
}

/// The environment variable that a parameter stands for.
pub(super) fn variable(parameter: &crate::domain::plan::Parameter) -> String {
    if !parameter.environment {
        // A blank whose value is secret is referred to by a variable of its own.
        return secret::variable(parameter.name.as_str());
    }
    parameter
        .syntax
        .trim_start_matches('$')
        .trim_matches(['{', '}'])
        .to_owned()
}

/// Judges the output of an attempt against each expectation of its action, in order; `ran` is the
/// text that ran, where it is not the plan's.
pub(super) fn judge_output(
    incident: &Incident,
    action: &ActionRef,
    dir: &Path,
    ending: &Ending,
    ran: Option<&str>,
) -> Vec<Judgement> {
    let Some((_, action)) = flight::find_action(&incident.plan, action) else {
        return Vec::new();
    };
    let ran = ran.unwrap_or(&action.code);
    let may_go_on = action.kind == ActionKind::Shell && ending.succeeded();
    let client = may_go_on.then(|| super::halting::client(ran)).flatten();
    if action.expect.is_empty() && client.is_none() {
        return Vec::new();
    }
    let (text, whole) = evidence::plain_text(dir);
    let expected = action.expect.iter();
    let wanted = expected.map(|e| super::expected::filled(incident, e, &action.code));
    let wanted: Vec<Expectation> = wanted.collect();
    let judged = wanted.iter().zip(judge_all(&wanted, &text, ending.exit));
    let judged = judged.map(|(expect, judged)| weighed(expect, judged, &text, ran, ending));
    let mut judged: Vec<Judgement> = judged.collect();
    if !whole {
        let each = wanted.iter().zip(judged);
        judged = each
            .map(|(wanted, judged)| of_its_ends(wanted, judged))
            .collect();
    }
    judged.extend(client.and_then(|client| super::halting::went_on(&client, &text)));
    judged
}

/// What an attempt has printed so far that is not as it should be, for the question before its
/// COMMIT: the expectation with what speaks against it.
fn unmet(incident: &Incident, action: &ActionRef, dir: &Path) -> Vec<String> {
    // What it printed may be on its way to the evidence still.
    let size = || dir.join(evidence::OUTPUT).metadata().map_or(0, |m| m.len());
    let mut before = None;
    for _ in 0..MOST_LOOKS {
        let now = size();
        if before == Some(now) {
            break;
        }
        before = Some(now);
        std::thread::sleep(BETWEEN_LOOKS);
    }
    let so_far = Ending {
        exit: Some(0),
        ..Ending::default()
    };
    let judged = judge_output(incident, action, dir, &so_far, None);
    let found = flight::find_action(&incident.plan, action);
    let expected = found.map(|(_, action)| action.expect.as_slice());
    let each = expected.unwrap_or_default().iter().zip(judged);
    each.filter(|(e, j)| j.verdict == Verdict::NotMet && !matches!(e.rule, ExpectRule::Exit(_)))
        .map(|(e, j)| format!("the plan expects {}, and it shows {}", e.text, j.because))
        .collect()
}

/// Runs on a thread of its own. Where none can be had the work is dropped: the attempt is then
/// found, or fenced, at the next start.
pub(super) fn in_background(work: impl FnOnce() + Send + 'static) {
    let begun = std::thread::Builder::new()
        .name("attempt".to_owned())
        .spawn(work);
    drop(begun);
}
