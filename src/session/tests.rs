//! The session with a stand-in for the world that runs attempts: what is recorded before what is
//! started, and what a new session makes of what an old one left behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::Utc;

use super::world::{Ear, Found, Launch, Started, World};
use super::{Home, NewIncident, OpenError, Session, SubmitError};
use crate::domain::event::{Confirmation, Decision, Ending, Event, Mode, StopStage, Survivor};
use crate::domain::fixture;
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::{Attempt, AttemptState, Incident};
use crate::domain::transaction::Tally;
use crate::domain::{Command, Refusal};
use crate::journal::{JournalError, store};

/// A stand-in for supervisors: what each attempt is found to be is set by the test.
#[derive(Default)]
struct StandIn {
    found: Mutex<BTreeMap<PathBuf, Found>>,
    started: Mutex<Vec<(PathBuf, usize)>>,
    journal: Mutex<Option<PathBuf>>,
    fenced: Mutex<Vec<PathBuf>>,
    living: Mutex<std::collections::BTreeSet<u32>>,
    waiting: Mutex<BTreeMap<PathBuf, Tally>>,
    settled: Mutex<Vec<(PathBuf, bool, bool)>>,
}

impl StandIn {
    fn becomes(&self, dir: &Path, found: Found) {
        self.found
            .lock()
            .expect("lock")
            .insert(dir.to_path_buf(), found);
    }

    fn starts(&self) -> usize {
        self.started.lock().expect("lock").len()
    }
}

impl World for StandIn {
    fn at_it(&self, _: &Path) -> Vec<u32> {
        self.living.lock().expect("lock").iter().copied().collect()
    }

    fn start(&self, launch: &Launch) -> Started {
        let journal = self.journal.lock().expect("lock").clone();
        let on_disk = journal
            .and_then(|p| std::fs::read_to_string(p).ok())
            .unwrap_or_default();
        let intents = on_disk.matches("\"attempt-intended\"").count();
        self.started
            .lock()
            .expect("lock")
            .push((launch.dir.clone(), intents));
        self.becomes(&launch.dir, Found::Running(Utc::now()));
        Started::Claimed(Utc::now())
    }

    fn find(&self, dir: &Path) -> Found {
        self.found
            .lock()
            .expect("lock")
            .get(dir)
            .cloned()
            .unwrap_or(Found::NotClaimed)
    }

    fn fence(&self, dir: &Path) -> bool {
        self.fenced.lock().expect("lock").push(dir.to_path_buf());
        true
    }

    fn stop(&self, dir: &Path, _stage: StopStage) -> Result<(), String> {
        let ending = Ending {
            signal: Some(2),
            cancelled: true,
            ..Ending::default()
        };
        self.becomes(dir, Found::Ended(ending));
        Ok(())
    }

    fn waits(&self, dir: &Path) -> Option<Tally> {
        self.waiting.lock().expect("lock").get(dir).cloned()
    }

    fn settle(&self, dir: &Path, commit: bool) -> Result<(), String> {
        let journal = self.journal.lock().expect("lock").clone();
        let on_disk = journal
            .and_then(|p| std::fs::read_to_string(p).ok())
            .unwrap_or_default();
        let recorded = on_disk.contains("\"commit-decided\"");
        let mut settled = self.settled.lock().expect("lock");
        settled.push((dir.to_path_buf(), commit, recorded));
        Ok(())
    }

    fn ear(&self, _dir: &Path) -> Box<dyn Ear> {
        Box::new(Deaf)
    }

    fn lives(&self, survivor: &Survivor) -> bool {
        self.living.lock().expect("lock").contains(&survivor.pid)
    }

    fn stop_survivor(&self, survivor: &Survivor) -> Result<StopStage, String> {
        if survivor.command.contains("stubborn") {
            return Err("Operation not permitted".to_owned());
        }
        self.living.lock().expect("lock").remove(&survivor.pid);
        Ok(StopStage::Terminate)
    }
}

/// Hears nothing, and does not take long over it.
struct Deaf;

impl Ear for Deaf {
    fn listen(&mut self) -> Option<crate::domain::Condition> {
        std::thread::yield_now();
        None
    }
}

struct Bench {
    _dir: tempfile::TempDir,
    home: Home,
    world: Arc<StandIn>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::locate(Some(dir.path().join("home"))).expect("a home");
        Self {
            _dir: dir,
            home,
            world: Arc::default(),
        }
    }

    fn open(&self) -> Session {
        let new = NewIncident {
            plan: fixture::plan(),
            runbook: b"# Fixture".to_vec(),
            runbook_path: "plan.md".to_owned(),
            mode: Mode::Real,
            environment: Some("staging".to_owned()),
            start_dir: "/".into(),
            env: Vec::new(),
            trusted: true,
        };
        let world: Arc<dyn World> = Arc::clone(&self.world) as _;
        let session = Session::create(&self.home, new, world).expect("opened");
        let journal = session.dir().join(store::JOURNAL);
        *self.world.journal.lock().expect("lock") = Some(journal);
        session
    }

    fn resume(&self, session: Session) -> Session {
        let id = session.incident().id.clone();
        drop(session);
        let world: Arc<dyn World> = Arc::clone(&self.world) as _;
        Session::resume(&self.home, &id, world).expect("resumed")
    }
}

#[test]
fn a_text_that_comes_back_from_the_editor_as_it_was_is_the_plans() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    let at = ActionRef::new("look");
    let edited = |text: &str| session.prepare(&at, Some(text)).expect("a box").edited;
    let shown = session.prepare(&at, None).expect("a box").code;
    assert!(!edited(&shown));
    assert!(!edited(&format!("{shown}\n")));
    assert!(edited(&format!("{shown} --all")));
}

#[test]
fn a_monitor_that_ends_by_the_timeout_in_its_text_has_not_failed() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    let Command::Start {
        mut shown,
        confirmation,
    } = look(&session)
    else {
        panic!("a start");
    };
    shown.monitor = true;
    "timeout 15 tail -f app.log".clone_into(&mut shown.code);
    let start = Command::Start {
        shown,
        confirmation,
    };
    session.submit_and_wait(start).expect("starts");
    let incident = session.incident();
    let id = incident.attempts[0].intent.attempt;
    let mut ending = Ending {
        exit: Some(124),
        ..Ending::default()
    };
    super::attempts::boxed(&incident, id, &mut ending);
    assert!(ending.by_time_box && ending.cancelled);
    let mut failed = Ending {
        exit: Some(1),
        ..Ending::default()
    };
    super::attempts::boxed(&incident, id, &mut failed);
    assert!(!failed.by_time_box);
}

fn ready(session: &Session) {
    let go = |command| session.submit_and_wait(command).expect("accepted");
    go(Command::Decide {
        decision: Decision::RollBack,
        reason: String::new(),
    });
    for item in ["pre/told", "pre/saved"] {
        go(Command::MarkItem {
            item: item.into(),
            mark: crate::domain::event::ItemMark::Done,
            reason: String::new(),
        });
    }
    go(Command::ChooseProcedure {
        procedure: "full".into(),
        reason: String::new(),
    });
}

fn look(session: &Session) -> Command {
    let shown = session
        .prepare(&ActionRef::new("look"), None)
        .expect("an action");
    assert!(shown.is_clear(), "{shown:?}");
    Command::Start {
        shown: Box::new(shown),
        confirmation: Confirmation::ReadOnly,
    }
}

/// Waits until the last acknowledged state is as it should be.
fn until(session: &Session, what: &str, holds: impl Fn(&Incident) -> bool) {
    let begun = std::time::Instant::now();
    while !holds(&session.incident()) {
        assert!(begun.elapsed().as_secs() < 20, "never: {what}");
        std::thread::yield_now();
    }
}

fn state(incident: &Incident) -> Option<&AttemptState> {
    incident.attempt(AttemptId(1)).map(|a| &a.state)
}

#[test]
fn the_intent_is_on_disk_before_anything_starts() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    let started = bench.world.started.lock().expect("lock").clone();
    assert_eq!(started, [(session.evidence_dir(AttemptId(1)), 1)]);
}

#[path = "commit_tests.rs"]
mod commit;

#[test]
fn a_box_that_was_shown_once_starts_once() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    let start = look(&session);
    let first = session.submit(start.clone());
    let second = session.submit(start);
    assert!(first.blocking_recv().expect("an answer").is_ok());
    let refused = second.blocking_recv().expect("an answer");
    assert_eq!(refused, Err(SubmitError::Refused(Refusal::Stale)));
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    assert_eq!(bench.world.starts(), 1);
}

#[test]
fn the_end_is_judged_from_the_evidence_and_recorded() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    let dir = session.evidence_dir(AttemptId(1));
    std::fs::create_dir_all(&dir).expect("made");
    std::fs::write(dir.join("output"), "\u{1b}[1mv1\u{1b}[0m\r\n").expect("written");
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    bench.world.becomes(
        &dir,
        Found::Ended(Ending {
            exit: Some(0),
            ..Ending::default()
        }),
    );
    until(&session, "ended", |i| {
        matches!(state(i), Some(AttemptState::Ended(_)))
    });
    let incident = session.incident();
    let judged = &incident.attempt(AttemptId(1)).expect("there").judgements;
    assert_eq!(judged.len(), 1);
    assert_eq!(judged.first().map(|j| j.because.as_str()), Some("“v1”"));
}

#[test]
fn a_new_session_finds_a_running_attempt_and_sees_its_end() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    let session = bench.resume(session);
    assert_eq!(state(&session.incident()), Some(&AttemptState::Running));
    let dir = session.evidence_dir(AttemptId(1));
    bench.world.becomes(
        &dir,
        Found::Ended(Ending {
            exit: Some(0),
            ..Ending::default()
        }),
    );
    until(&session, "ended", |i| {
        matches!(state(i), Some(AttemptState::Ended(_)))
    });
    assert_eq!(bench.world.starts(), 1, "nothing ran twice");
}

#[test]
fn an_intent_that_nobody_claimed_is_fenced_and_never_ran() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    let dir = session.evidence_dir(AttemptId(1));
    let id = session.incident().id.clone();
    drop(session);
    bench.world.becomes(&dir, Found::NotClaimed);
    let world: Arc<dyn World> = Arc::clone(&bench.world) as _;
    let session = Session::resume(&bench.home, &id, world).expect("resumed");
    until(&session, "never ran", |i| {
        matches!(state(i), Some(AttemptState::NeverRan(_)))
    });
    assert_eq!(*bench.world.fenced.lock().expect("lock"), [dir]);
}

#[test]
fn an_attempt_without_result_and_without_anybody_is_unknown() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    let dir = session.evidence_dir(AttemptId(1));
    bench
        .world
        .becomes(&dir, Found::Lost("nobody is there".to_owned()));
    let session = bench.resume(session);
    until(&session, "unknown", |i| {
        matches!(state(i), Some(AttemptState::Unknown(_)))
    });
    assert_eq!(bench.world.starts(), 1);
    // Whoever is still at it is seen, for as long as it is.
    let runs = |i: &Incident| i.attempt(AttemptId(1)).and_then(Attempt::still_runs);
    bench.world.living.lock().expect("lock").insert(4711);
    let said = Some("pid 4711 of it still runs".to_owned());
    until(&session, "still at it", |i| runs(i) == said);
    bench.world.living.lock().expect("lock").clear();
    until(&session, "gone", |i| runs(i).is_none());
}

#[test]
fn a_replay_runs_nothing() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    let dir = session.evidence_dir(AttemptId(1));
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    bench.world.becomes(
        &dir,
        Found::Ended(Ending {
            exit: Some(0),
            ..Ending::default()
        }),
    );
    until(&session, "ended", |i| {
        matches!(state(i), Some(AttemptState::Ended(_)))
    });
    let mut session = session;
    for _ in 0..3 {
        session = bench.resume(session);
    }
    assert_eq!(bench.world.starts(), 1);
    let resumed = session
        .records(0)
        .iter()
        .filter(|r| matches!(r.event, Event::Resumed { .. }))
        .count();
    assert_eq!(resumed, 3);
}

#[test]
fn a_second_driver_is_told_who_drives() {
    let bench = Bench::new();
    let session = bench.open();
    let id = session.incident().id.clone();
    let world: Arc<dyn World> = Arc::clone(&bench.world) as _;
    let second = Session::resume(&bench.home, &id, world).map(|_| ());
    match second {
        Err(OpenError::Journal(JournalError::Locked { who })) => {
            assert!(who.contains(&std::process::id().to_string()), "{who}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stop_is_recorded_and_asked_for() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    let stop = Command::Stop {
        attempt: AttemptId(1),
        stage: StopStage::Interrupt,
    };
    session.submit_and_wait(stop).expect("asked");
    until(&session, "ended", |i| {
        i.attempt(AttemptId(1))
            .and_then(|a| a.ending())
            .is_some_and(|e| e.cancelled)
    });
}

#[test]
fn an_incident_that_does_not_exist_is_said_so() {
    let bench = Bench::new();
    for name in ["inc-none", "../../etc", "", ".."] {
        let world: Arc<dyn World> = Arc::clone(&bench.world) as _;
        let missing = Session::resume(&bench.home, &name.into(), world).map(|_| ());
        assert!(
            matches!(missing, Err(OpenError::NoSuch { .. })),
            "{missing:?}"
        );
    }
}

/// Something that an attempt left running.
fn survivor(pid: u32, command: &str) -> Survivor {
    Survivor {
        pid,
        started: 7,
        boot: "b".to_owned(),
        command: command.to_owned(),
    }
}

#[test]
fn what_is_left_running_is_watched_stopped_and_named_at_the_close() {
    let bench = Bench::new();
    let session = bench.open();
    ready(&session);
    session.submit_and_wait(look(&session)).expect("started");
    until(&session, "running", |i| {
        state(i) == Some(&AttemptState::Running)
    });
    let survivors = vec![
        survivor(11, "short-lived"),
        survivor(12, "worker"),
        survivor(13, "stubborn"),
    ];
    bench
        .world
        .living
        .lock()
        .expect("lock")
        .extend([11, 12, 13]);
    bench.world.becomes(
        &session.evidence_dir(AttemptId(1)),
        Found::Ended(Ending {
            exit: Some(0),
            left_running: vec![11, 12, 13],
            survivors,
            ..Ending::default()
        }),
    );
    let living = |i: &Incident| i.attempt(AttemptId(1)).map(|a| a.living.clone());
    until(&session, "ended", |i| living(i) == Some(vec![11, 12, 13]));
    // One ends by itself, and that is on record without anybody asking.
    bench.world.living.lock().expect("lock").remove(&11);
    until(&session, "seen", |i| living(i) == Some(vec![12, 13]));
    session
        .submit_and_wait(Command::StopSurvivors(AttemptId(1)))
        .expect("asked");
    until(&session, "stopped", |i| living(i) == Some(vec![13]));
    let noted = session.records(0).iter().any(|r| {
        matches!(&r.event, Event::SurvivorsSeen { note, .. }
            if note.contains("12 worker: stopped (terminate)")
                && note.contains("13 stubborn: not stopped, Operation not permitted"))
    });
    assert!(noted, "what it came to is on record");
    let go = |command| session.submit_and_wait(command).expect("accepted");
    go(Command::Decide {
        decision: Decision::Monitor,
        reason: "enough".to_owned(),
    });
    go(Command::Close {
        sign_off: "ana".to_owned(),
    });
    let left = session.incident().left_open.clone();
    assert!(
        left.iter()
            .any(|text| text.contains("still running: 13 stubborn")),
        "{left:?}"
    );
    assert!(!left.iter().any(|text| text.contains("worker")), "{left:?}");
}

#[test]
fn nothing_left_running_is_nothing_to_stop() {
    let bench = Bench::new();
    let session = bench.open();
    let refused = session.submit_and_wait(Command::StopSurvivors(AttemptId(1)));
    assert!(matches!(
        refused,
        Err(SubmitError::Refused(Refusal::NotInThatState(_)))
    ));
}
