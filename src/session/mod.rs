//! One incident under way: the only door to it, for the cockpit, a drill and tests alike.
//!
//! `submit` takes a command and answers when it is on disk or refused; `incident` is the last
//! acknowledged state; `prepare` makes the run box that a start has to carry. No drawing, no
//! keys, no decisions of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, mpsc};

use tokio::sync::{oneshot, watch};

use crate::domain::event::{ParameterValue, Recorded};
use crate::domain::ids::{AttemptId, ParameterName};
use crate::domain::{Command, Incident, Present};
use crate::exec;
use crate::journal::{DriverLock, Store};

mod attempts;
mod backups;
mod beforehand;
mod carried;
pub mod cast;
pub mod driver;
pub mod evidence;
mod expected;
mod halting;
pub mod home;
pub mod logout;
pub mod machine;
pub mod open;
mod own_text;
mod picks;
mod preflight;
mod prepare;
mod probes;
mod recorder;
pub mod run;
mod secrets;
mod showed;
mod stamps;
mod survivors;
mod target;
mod there;
mod transaction;
mod veil;
mod wording;
pub mod world;

pub use beforehand::refusals;
pub use home::{Home, HomeError};
pub use open::{NewIncident, OpenError};
pub use picks::Picks;
pub use recorder::{Ack, Pending, SubmitError};
pub use secrets::{Secrets, fetch};

use recorder::{Ask, Recorder, Records};

/// One incident under way.
pub struct Session {
    home: Home,
    dir: PathBuf,
    door: Door,
    snapshot: watch::Receiver<Arc<Incident>>,
    present: watch::Receiver<Present>,
    records: Records,
    hands: Arc<attempts::Hands>,
    recorder: Option<std::thread::JoinHandle<()>>,
    secrets: Secrets,
    size: Arc<PaneSize>,
    on_return: Vec<(String, String)>,
    env: Vec<(String, String)>,
    pulse: mpsc::SyncSender<()>,
    _lock: DriverLock,
}

/// Rows (high half) and columns (low half) that a new attempt's terminal gets; 24x80 at first.
#[derive(Debug)]
pub struct PaneSize(AtomicU32);

impl PaneSize {
    fn get(&self) -> (u16, u16) {
        let both = self.0.load(Ordering::Relaxed);
        let half = |n: u32| u16::try_from(n & 0xffff).unwrap_or(u16::MAX);
        (half(both >> 16), half(both))
    }
}

/// The way in to the recorder. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Door {
    asks: mpsc::Sender<Ask>,
    closed: Arc<std::sync::atomic::AtomicBool>,
}

impl Door {
    /// Asks for a command; the answer comes later, or never if the recorder has ended.
    fn ask(&self, command: Command) -> Pending {
        let (reply, answer) = oneshot::channel();
        // A recorder that has ended drops the reply, which is the answer.
        let _ = self.asks.send(Ask::Submit {
            command: Box::new(command),
            stamp: machine::now(),
            reply,
        });
        answer
    }

    fn send(&self, command: Command) {
        drop(self.ask(command));
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

impl Session {
    #[allow(clippy::too_many_arguments)] // The parts of one whole, put together in one place.
    fn begin(
        home: Home,
        dir: PathBuf,
        lock: DriverLock,
        store: Store,
        incident: Incident,
        records: Vec<Recorded>,
        env: Vec<(String, String)>,
        world: Arc<dyn world::World>,
    ) -> Session {
        let (asks, asked) = mpsc::channel();
        let door = Door {
            asks,
            closed: Arc::default(),
        };
        let secrets = Secrets::default();
        let size = Arc::new(PaneSize(AtomicU32::new(0x0018_0050)));
        let (present, presence) = watch::channel(Present::default());
        let present = Arc::new(present);
        let hands = Arc::new(attempts::Hands {
            present: Arc::clone(&present),
            dir: dir.clone(),
            world,
            door: door.clone(),
            env: env.clone(),
            secrets: secrets.clone(),
            size: Arc::clone(&size),
            probes: probes::Probes::default(),
        });
        let incident = Arc::new(incident);
        let (publish, snapshot) = watch::channel(Arc::clone(&incident));
        let records: Records = Arc::new(RwLock::new(records));
        let acting = Arc::clone(&hands);
        let recorder = Recorder {
            store,
            incident,
            records: Arc::clone(&records),
            publish,
            present,
            held: Vec::new(),
            secrets: secrets.clone(),
            act: Box::new(move |incident, effect| acting.act(incident, effect)),
        };
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || recorder.run(&asked));
        survivors::watch(&hands, &snapshot);
        probes::watch(&hands, &snapshot);
        let pulse = driver::pulse(&dir);
        Session {
            home,
            dir,
            door,
            snapshot,
            present: presence,
            records,
            hands,
            recorder: thread.ok(),
            secrets,
            size,
            on_return: Vec::new(),
            env,
            pulse,
            _lock: lock,
        }
    }

    /// Asks for a command. The answer comes when its events are on disk, or it is refused; it may
    /// be dropped without harm.
    #[allow(clippy::must_use_candidate)] // Asking is the point; the answer may be dropped.
    pub fn submit(&self, command: Command) -> Pending {
        if matches!(command, Command::AcceptRunbook) {
            self.remember_trust();
        }
        if matches!(command, Command::Close { .. } | Command::Leave) {
            self.hands.count_probes();
        }
        if matches!(command, Command::Close { .. }) {
            // What still runs is to be named at the close as it is then.
            self.hands.look_at_survivors(&self.incident());
        }
        self.door.ask(self.without_password(command))
    }

    /// An address with a password in it, for a variable of the environment, is kept as a secret is:
    /// nobody declared it, and everybody knows what it is.
    fn without_password(&self, command: Command) -> Command {
        let Command::FillParameter {
            name,
            value: ParameterValue::Text(text),
        } = &command
        else {
            return command;
        };
        let incident = self.incident();
        let parameter = incident.plan.parameters.iter().find(|p| p.name == *name);
        let telling = exec::password_in(text).is_some_and(|p| !p.starts_with(['$', '<']));
        if !(telling && parameter.is_some_and(|p| p.environment)) {
            return command;
        }
        self.set_secret(name.clone(), text.clone());
        Command::FillParameter {
            name: name.clone(),
            value: ParameterValue::Secret,
        }
    }

    /// Asks for a command and waits for the answer. Not from within an async task.
    ///
    /// # Errors
    /// Refused, not written, or ended.
    pub fn submit_and_wait(&self, command: Command) -> Result<Ack, SubmitError> {
        self.submit(command)
            .blocking_recv()
            .unwrap_or(Err(SubmitError::Ended))
    }

    /// The last acknowledged state.
    #[must_use]
    pub fn incident(&self) -> Arc<Incident> {
        Arc::clone(&self.snapshot.borrow())
    }

    /// The last acknowledged state, and a way to wait for the next.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Incident>> {
        self.snapshot.clone()
    }

    /// What is so at this moment and not on record, and a way to wait for a change of it.
    #[must_use]
    pub fn present(&self) -> watch::Receiver<Present> {
        self.present.clone()
    }

    /// What was found when the incident was taken up again and is not as it was left: of what,
    /// and in words.
    #[must_use]
    pub fn on_return(&self) -> &[(String, String)] {
        &self.on_return
    }

    /// Shows whoever would take over that this session is driven; to be called while it is.
    pub fn beat(&self) {
        // One that has not been given yet stands for this one too.
        let _ = self.pulse.try_send(());
    }

    /// Who takes this incident over, if somebody does.
    #[must_use]
    pub fn successor(&self) -> Option<String> {
        driver::successor(&self.dir)
    }

    /// Every event so far, from the `from`-th on (counted from 0).
    #[must_use]
    pub fn records(&self, from: usize) -> Vec<Recorded> {
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        records
            .get(from..)
            .map(<[Recorded]>::to_vec)
            .unwrap_or_default()
    }

    /// The directory of the incident.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The data directory.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The evidence directory of an attempt.
    #[must_use]
    pub fn evidence_dir(&self, id: AttemptId) -> PathBuf {
        evidence::dir(&self.dir, id)
    }

    /// Keeps a secret's value, in memory only.
    pub fn set_secret(&self, name: ParameterName, value: String) {
        self.secrets.set(name, value);
    }

    /// Takes a secret from where the plan says that it is, and keeps it in memory only. Takes as
    /// long as that takes.
    ///
    /// # Errors
    /// Why it could not be had, in words; never the value.
    pub fn fetch_secret(&self, name: &ParameterName) -> Result<(), String> {
        let incident = self.incident();
        if !incident.trusted {
            return Err("the plan's commands are not accepted yet".to_owned());
        }
        let parameter = incident.plan.parameters.iter().find(|p| p.name == *name);
        let source = parameter.and_then(|p| p.secret_from.as_ref());
        let source = source.ok_or("the plan does not say where it is")?;
        let value = secrets::fetch(source, Path::new(&incident.start_dir))?;
        self.set_secret(name.clone(), value);
        Ok(())
    }

    /// Rows and columns that the terminals of new attempts get.
    pub fn set_pane_size(&self, rows: u16, cols: u16) {
        self.size
            .0
            .store((u32::from(rows) << 16) | u32::from(cols), Ordering::Relaxed);
    }

    fn find_running(&self) {
        self.hands.find_running(&self.incident());
    }

    /// What is accepted is what this incident stored; a failure to remember it only means that
    /// it is asked again next time.
    fn remember_trust(&self) {
        let Ok(bytes) = std::fs::read(self.dir.join(open::RUNBOOK)) else {
            return;
        };
        let _ = self.home.trust(&self.incident().runbook, &bytes);
    }
}

impl Drop for Session {
    /// Lets the recorder finish what was asked before; running attempts go on without us.
    fn drop(&mut self) {
        self.door.closed.store(true, Ordering::Relaxed);
        let _ = self.door.asks.send(Ask::End);
        if let Some(recorder) = self.recorder.take() {
            let _ = recorder.join();
        }
    }
}

#[cfg(test)]
mod tests;
