//! The product's own world: attempts run by supervisors that outlive us.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::transaction;
use super::world::{Ear, Found, Launch, Started, World};
use crate::domain::condition::Condition;
use crate::domain::event::{Ending, LostOutput, StopStage, Survivor};
use crate::domain::plan::ActionKind;
use crate::domain::transaction::Tally;
use crate::exec;
use crate::script;

/// How often an attempt that is running is looked at: often enough that its end is seen at once
/// by a person, seldom enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// So long it may take until another process has taken the place of a supervisor that died.
const BETWEEN: Duration = Duration::from_secs(3);

/// Attempts run by supervisors.
#[derive(Clone, Debug, Default)]
pub struct Supervised {
    /// The executable that becomes them; this program's own where none is named.
    exe: Option<PathBuf>,
    /// Who lends the terminal of a procedure to its attempts.
    lenders: Arc<exec::Lenders>,
}

impl Supervised {
    /// Supervisors by another executable than this one, which is not backout in a test.
    #[must_use]
    pub fn by(exe: PathBuf) -> Self {
        Self {
            exe: Some(exe),
            ..Self::default()
        }
    }

    fn set_off(
        &self,
        launch: &Launch,
        spec: &exec::AttemptSpec,
    ) -> Result<exec::Started, exec::StartError> {
        let exe = self.exe.clone().unwrap_or_else(exec::own_exe);
        if lends(launch, spec.kind) {
            let scope = &launch.intent.scope;
            return self.lenders.start(&exe, scope, &launch.dir, spec);
        }
        exec::start_with(&exe, &launch.dir, spec)
    }
}

/// Whether an attempt may be on the terminal of its procedure: what runs beside the work, or again
/// and again, has one of its own.
fn lends(launch: &Launch, kind: exec::Kind) -> bool {
    kind == exec::Kind::Shell && !launch.intent.monitor && launch.intent.again_s.is_none()
}

impl World for Supervised {
    fn start(&self, launch: &Launch) -> Started {
        let spec = spec(launch);
        if spec.sha256() != launch.intent.sha256 {
            return Started::NeverRan("what was to run is not what was confirmed".to_owned());
        }
        match self.set_off(launch, &spec) {
            Ok(_) => Started::Claimed(claimed_at(&launch.dir)),
            Err(error) => match exec::fence(&launch.dir) {
                Ok(exec::Fence::AlreadyClaimed) => Started::Claimed(claimed_at(&launch.dir)),
                Ok(exec::Fence::Fenced) | Err(_) => Started::NeverRan(error.to_string()),
            },
        }
    }

    fn find(&self, dir: &Path) -> Found {
        match exec::find(dir) {
            Ok(exec::Found::NotStarted) => Found::NotClaimed,
            Ok(exec::Found::Running { since, .. }) => Found::Running(since),
            Ok(exec::Found::Ended(outcome)) => transaction::settled(dir, ended(&outcome)),
            Ok(exec::Found::Unknown) => transaction::settled(
                dir,
                Found::Lost(
                    "it was started, and whoever watched it is gone without a result".to_owned(),
                ),
            ),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Found::NotClaimed,
            Err(error) => Found::Lost(format!("its evidence cannot be read: {error}")),
        }
    }

    fn fence(&self, dir: &Path) -> bool {
        match exec::fence(dir) {
            Ok(exec::Fence::Fenced) => true,
            Ok(exec::Fence::AlreadyClaimed) => false,
            // Without an evidence directory nothing can have been started in it.
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }

    fn stop(&self, dir: &Path, stage: StopStage) -> Result<(), String> {
        let stage = match stage {
            StopStage::Interrupt => exec::StopStage::Int,
            StopStage::Terminate => exec::StopStage::Term,
            StopStage::Kill => exec::StopStage::Kill,
        };
        ask_to_stop(dir, stage, &super::machine::person().name)
    }

    fn stop_for_good(&self, dir: &Path) -> Result<(), String> {
        ask_to_stop(dir, exec::StopStage::Term, exec::AT_CLOSE)
    }

    fn waits(&self, dir: &Path) -> Option<Tally> {
        transaction::waits(dir)
    }

    fn settle(&self, dir: &Path, commit: bool) -> Result<(), String> {
        // One who was told already goes by what he was told first.
        exec::settle(dir, commit)
            .map(drop)
            .map_err(|error| error.to_string())
    }

    fn ear(&self, dir: &Path) -> Box<dyn Ear> {
        Box::new(exec::Ear::at(dir))
    }

    fn at_it(&self, dir: &Path) -> Vec<u32> {
        exec::at_it(dir)
    }

    fn lives(&self, survivor: &Survivor) -> bool {
        exec::lives(&theirs(survivor))
    }

    fn stop_survivor(&self, survivor: &Survivor) -> Result<StopStage, String> {
        match exec::stop_survivor(&theirs(survivor)) {
            Ok(exec::Stopped::Gone) => Ok(StopStage::Interrupt),
            Ok(exec::Stopped::By(stage)) => Ok(match stage {
                exec::StopStage::Int => StopStage::Interrupt,
                exec::StopStage::Term => StopStage::Terminate,
                exec::StopStage::Kill => StopStage::Kill,
            }),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn ask_to_stop(dir: &Path, stage: exec::StopStage, by: &str) -> Result<(), String> {
    let mut control = reach(dir).map_err(|e| e.to_string())?;
    match control.stop(stage, by) {
        Ok(true) => Ok(()),
        Ok(false) => Err("nobody was there to take it".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl Ear for exec::Ear {
    fn listen(&mut self) -> Option<Condition> {
        exec::Ear::listen(self, LOOK_EVERY)
    }
}

fn theirs(survivor: &Survivor) -> exec::Survivor {
    exec::Survivor {
        pid: survivor.pid,
        started: survivor.started,
        boot: survivor.boot.clone(),
        command: survivor.command.clone(),
    }
}

fn claimed_at(dir: &Path) -> DateTime<Utc> {
    match exec::find(dir) {
        Ok(exec::Found::Running { since, .. }) => since,
        Ok(exec::Found::Ended(outcome)) => outcome.started_at,
        Ok(exec::Found::NotStarted | exec::Found::Unknown) | Err(_) => Utc::now(),
    }
}

fn spec(launch: &Launch) -> exec::AttemptSpec {
    let kind = match launch.intent.kind {
        ActionKind::Sql => exec::Kind::Sql,
        ActionKind::Http => exec::Kind::Http,
        ActionKind::Shell | ActionKind::Manual | ActionKind::Include | ActionKind::Text => {
            exec::Kind::Shell
        }
    };
    let mut spec = exec::AttemptSpec::new(kind, &launch.intent.code, &launch.intent.cwd);
    spec.interpreter.clone_from(&launch.interpreter);
    spec.env = without_pager(launch);
    spec.secret_env.clone_from(&launch.secret_env);
    spec.hidden.clone_from(&launch.hidden);
    // A watch that polls what is down must outlive that: it goes on until it is stopped.
    spec.stop_at_first_failure = !launch.intent.monitor;
    (spec.rows, spec.cols) = launch.size;
    spec.state_in = launch.state_in.clone().filter(|path| path.exists());
    spec.state_out.clone_from(&launch.state_out);
    spec.guards.clone_from(&launch.guards);
    spec.sources.clone_from(&launch.intent.sources);
    spec.terms.clone_from(&launch.intent.terms);
    // What a person takes to decide is not the command's time.
    let patience = spec.terms.as_ref().filter(|terms| terms.waits());
    let patience = patience.map_or(0, |terms| terms.patience_s);
    spec.timeout_s = launch.timeout_s.map(|limit| limit.saturating_add(patience));
    if let Some(line) = &launch.intent.there {
        send_there(&mut spec, line, launch);
    }
    spec
}

/// Elsewhere: the script is a command line of ours with what it is given, or, on a terminal, with
/// the text in it, which leaves nothing to carry on.
fn send_there(spec: &mut exec::AttemptSpec, line: &str, launch: &Launch) {
    spec.cwd = (&launch.start_dir).into();
    if script::shell::given(line, &spec.code).is_none() {
        (spec.state_in, spec.state_out) = (None, None);
        return;
    }
    let cwd = &launch.intent.cwd;
    spec.there = Some(exec::There {
        line: line.to_owned(),
        cwd: (cwd != super::there::HOME).then(|| cwd.clone()),
        posix: !line.contains("bash -s"),
    });
}

/// The additions to the environment. Nobody sits at the keyboard of an action that does not ask
/// for one, so `git log` and its like must not wait in a pager there.
fn without_pager(launch: &Launch) -> Vec<(String, String)> {
    let mut env = Vec::new();
    if !launch.interactive {
        for name in ["PAGER", "GIT_PAGER", "SYSTEMD_PAGER"] {
            env.push((name.to_owned(), "cat".to_owned()));
        }
    }
    env.extend(launch.env.iter().cloned());
    env
}

fn survivor(survivor: &exec::Survivor) -> Survivor {
    Survivor {
        pid: survivor.pid,
        started: survivor.started,
        boot: survivor.boot.clone(),
        command: survivor.command.clone(),
    }
}

/// Connects to who watches an attempt; between two of them there is nobody for a moment.
fn reach(dir: &Path) -> io::Result<exec::Control> {
    let due = Instant::now() + BETWEEN;
    loop {
        match exec::Control::connect(dir) {
            Err(_) if Instant::now() < due && exec::is_running(dir) => {
                std::thread::sleep(LOOK_EVERY);
            }
            other => return other,
        }
    }
}

fn ended(outcome: &exec::Outcome) -> Found {
    if let Some(why) = &outcome.refused {
        return Found::Refused(why.clone());
    }
    if outcome.status_unknown {
        let why = "it ended, and nobody could learn with which status".to_owned();
        return Found::Lost(outcome.error.clone().unwrap_or(why));
    }
    let lost = (outcome.lost_bytes > 0).then(|| LostOutput {
        bytes: outcome.lost_bytes,
        since: outcome.lost_since,
        why: outcome.lost_why.clone().unwrap_or_default(),
    });
    Found::Ended(Ending {
        exit: outcome.exit,
        signal: outcome.signal,
        error: outcome.error.clone(),
        lost: lost.map(Box::new),
        cancelled: outcome.ended_by != exec::EndedBy::Itself && !outcome.stops.is_empty(),
        by_time_box: outcome.ended_by == exec::EndedBy::TimeBox,
        at: Some(outcome.ended_at),
        duration_ms: outcome.duration_ms,
        bytes: outcome.bytes,
        left_running: outcome.left_running.clone(),
        survivors: outcome.survivors.iter().map(survivor).collect(),
        cwd_after: outcome
            .cwd_after
            .as_ref()
            .map(|p| p.to_string_lossy().into_owned()),
        state_captured: outcome.state_captured,
        failed_at: outcome.failed_at,
        stages: outcome.stages.clone(),
        fate: None,
    })
}
