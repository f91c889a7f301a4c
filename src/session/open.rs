//! Opening, resuming and reading incidents: what turns a directory into a session.
//!
//! A new incident is on disk whole (runbook, plan, first event) before anyone can act on it. A
//! resumed one is the fold of its journal over the stored plan; the runbook is never read again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::home::{Home, HomeError};
use super::{Session, SubmitError, machine, world::World};
use crate::domain::event::{Event, Mode, Recorded};
use crate::domain::ids::IncidentId;
use crate::domain::{Command, Incident, Observation, Plan};
use crate::journal::replay::Replay;
use crate::journal::{JournalError, plan_form, store};

/// Name of the stored runbook within an incident's directory.
pub const RUNBOOK: &str = "runbook.md";
/// Name of the stored plan.
pub const PLAN: &str = "plan.json";
/// Name of the stored additions to the environment.
const ENVIRONMENT: &str = "env.json";

/// Why an incident could not be opened or taken up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A file of the incident.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The stored plan cannot be read.
    #[error("{}: the stored plan cannot be read: {why}", path.display())]
    Plan {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// There is no such incident.
    #[error("there is no incident {id} in {}; backout list shows those there are", home.display())]
    NoSuch {
        /// The id that was named.
        id: String,
        /// Where it was looked for.
        home: PathBuf,
    },
    /// The first event is not an opening.
    #[error("the journal of {0} does not begin with its opening")]
    NotOpened(IncidentId),
    /// The journal cannot be written.
    #[error("its journal cannot be written: {0}")]
    Unwritten(String),
    /// The recorder refused what every session begins with.
    #[error("the session could not begin: {0}")]
    Begin(String),
}

/// How an incident is to be opened.
#[derive(Clone, Debug)]
pub struct NewIncident {
    /// The plan.
    pub plan: Plan,
    /// The bytes that it was read from.
    pub runbook: Vec<u8>,
    /// The path as it was named, for people.
    pub runbook_path: String,
    /// Kind of use.
    pub mode: Mode,
    /// Environment, where it was named.
    pub environment: Option<String>,
    /// Directory in which procedures start.
    pub start_dir: PathBuf,
    /// Additions to the environment of everything that runs.
    pub env: Vec<(String, String)>,
    /// The commands count as accepted.
    pub trusted: bool,
}

impl OpenError {
    /// Whether the disk is at fault, or full, rather than what is on it.
    #[must_use]
    pub fn is_of_the_disk(&self) -> bool {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match self {
            Self::Io { source, .. }
            | Self::Home(HomeError::Io { source, .. })
            | Self::Journal(JournalError::Io { source, .. }) => {
                let kinds = [FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull];
                kinds.contains(&source.kind()) || source.raw_os_error() == Some(libc::EIO)
            }
            Self::Unwritten(_) => true,
            Self::Home(HomeError::NoHome)
            | Self::Journal(_)
            | Self::Plan { .. }
            | Self::NoSuch { .. }
            | Self::NotOpened(_)
            | Self::Begin(_) => false,
        }
    }
}

impl Session {
    /// Opens a new incident and becomes its driver.
    ///
    /// # Errors
    /// Where the data directory cannot be written; nothing is left half made that `list` would
    /// show.
    pub fn create(
        home: &Home,
        new: NewIncident,
        world: Arc<dyn World>,
    ) -> Result<Session, OpenError> {
        let stamp = machine::now();
        let prefix = match new.mode {
            Mode::Real => "inc",
            Mode::Drill => "drill",
            Mode::DryRun => "dry",
            Mode::Practice => "practice",
        };
        let time = stamp.wall.format("%Y%m%d-%H%M%S").to_string();
        let (id, dir) = home.new_incident(prefix, &time)?;
        let trusted = new.trusted || home.is_trusted(&new.runbook_path, &new.runbook);
        keep(&dir.join(RUNBOOK), &new.runbook)?;
        keep(
            &dir.join(PLAN),
            plan_form::to_json(&new.plan).to_string().as_bytes(),
        )?;
        keep(
            &dir.join(ENVIRONMENT),
            environment_json(&new.env).as_bytes(),
        )?;
        let driver = machine::person();
        let lock = super::driver::lock(&dir, &driver)?;
        let mut store = store::create(&dir)?;
        let opened = Event::Opened {
            incident: id.clone(),
            plan_sha256: new.plan.sha256.clone(),
            runbook: new.runbook_path.clone(),
            mode: new.mode,
            environment: new.environment.clone(),
            driver: driver.clone(),
            start_dir: new.start_dir.to_string_lossy().into_owned(),
            trusted,
        };
        let records = store.append(vec![opened], &stamp, &driver.name)?;
        let incident = fold(Arc::new(new.plan), &records, &id)?;
        Ok(Session::begin(
            home.clone(),
            dir,
            lock,
            store,
            incident,
            records,
            new.env,
            world,
        ))
    }

    /// Takes up an incident and becomes its driver: replays it, and finds what became of the
    /// attempts that were running.
    ///
    /// # Errors
    /// Where there is none, somebody else drives it, or its journal is damaged.
    pub fn resume(
        home: &Home,
        id: &IncidentId,
        world: Arc<dyn World>,
    ) -> Result<Session, OpenError> {
        Self::resume_over(home, id, world, None)
    }

    /// [`Session::resume`], of an incident that was taken over: from whom, and how they parted.
    ///
    /// # Errors
    /// As for [`Session::resume`].
    pub fn resume_over(
        home: &Home,
        id: &IncidentId,
        world: Arc<dyn World>,
        over: Option<String>,
    ) -> Result<Session, OpenError> {
        let dir = existing(home, id)?;
        let driver = machine::person();
        let lock = super::driver::lock(&dir, &driver)?;
        let plan = Arc::new(stored_plan(&dir)?);
        let (store, replayed) = store::open(&dir)?;
        let incident = fold(plan, &replayed.records, id)?;
        let env = stored_environment(&dir)?;
        let torn = replayed.torn;
        let on_return = on_return(&dir, &incident, &replayed);
        let mut session = Session::begin(
            home.clone(),
            dir,
            lock,
            store,
            incident,
            replayed.records,
            env,
            world,
        );
        let mut first = Vec::new();
        if torn > 0 {
            first.push(Command::Observe(Observation::JournalCut { bytes: torn }));
        }
        first.push(Command::Resume { driver, over });
        for command in first {
            session
                .submit_and_wait(command)
                .map_err(|error| match error {
                    SubmitError::Journal(why) => OpenError::Unwritten(why),
                    other => OpenError::Begin(other.to_string()),
                })?;
        }
        session.on_return = on_return;
        session.find_running();
        Ok(session)
    }
}

/// An incident as it is on disk, for looking at: nobody's lock is taken and nothing is changed.
///
/// # Errors
/// Where there is none or its journal is damaged.
pub fn look(home: &Home, id: &IncidentId) -> Result<(Incident, Vec<Recorded>, PathBuf), OpenError> {
    let dir = existing(home, id)?;
    let plan = Arc::new(stored_plan(&dir)?);
    let replayed = store::read(&dir)?;
    let incident = fold(plan, &replayed.records, id)?;
    Ok((incident, replayed.records, dir))
}

/// The runbook that an incident keeps, where it is text.
#[must_use]
pub fn runbook(dir: &Path) -> Option<String> {
    let bytes = std::fs::read(dir.join(RUNBOOK)).ok()?;
    String::from_utf8(bytes).ok()
}

/// What is not as it was left.
fn on_return(dir: &Path, incident: &Incident, replayed: &Replay) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(how) = runbook_now(dir, incident) {
        let text = format!(
            "{} {how} since this incident was opened. The incident keeps its own copy and goes \
             by that: {}",
            incident.runbook,
            dir.join(RUNBOOK).display()
        );
        found.push(("Plan".to_owned(), text));
    }
    if replayed.torn > 0 {
        let text = format!(
            "its end was torn, as a crash leaves it: {} bytes were cut and are kept in {}",
            replayed.torn,
            store::torn_end(dir, replayed.whole).display()
        );
        found.push(("Journal".to_owned(), text));
    }
    found
}

/// How the runbook's file differs from the incident's copy, if it does.
fn runbook_now(dir: &Path, incident: &Incident) -> Option<&'static str> {
    let kept = std::fs::read(dir.join(RUNBOOK)).ok()?;
    let path = Path::new(&incident.start_dir).join(&incident.runbook);
    match std::fs::read(path) {
        Ok(bytes) if bytes == kept => None,
        Ok(_) => Some("has changed"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("was moved or removed"),
        Err(_) => Some("cannot be read any more"),
    }
}

/// Whether somebody drives the incident in this directory right now, and who.
#[must_use]
pub fn driven_by(dir: &Path) -> Option<String> {
    match store::lock(dir, "") {
        Err(JournalError::Locked { who }) => Some(who),
        Ok(_) | Err(_) => None,
    }
}

fn existing(home: &Home, id: &IncidentId) -> Result<PathBuf, OpenError> {
    let plain =
        !id.as_str().is_empty() && !id.as_str().contains(['/', '\0']) && id.as_str() != "..";
    let dir = home.incident_dir(id);
    if plain && dir.join(store::JOURNAL).exists() {
        return Ok(dir);
    }
    Err(OpenError::NoSuch {
        id: id.to_string(),
        home: home.dir().to_path_buf(),
    })
}

fn fold(plan: Arc<Plan>, records: &[Recorded], id: &IncidentId) -> Result<Incident, OpenError> {
    let first = records
        .first()
        .ok_or_else(|| OpenError::NotOpened(id.clone()))?;
    let mut incident =
        Incident::begin(plan, first).ok_or_else(|| OpenError::NotOpened(id.clone()))?;
    for record in records.iter().skip(1) {
        incident.apply(record);
    }
    Ok(incident)
}

fn keep(path: &Path, bytes: &[u8]) -> Result<(), OpenError> {
    crate::journal::disk::write_whole(path, bytes).map_err(|source| OpenError::Io {
        path: path.to_path_buf(),
        source,
    })
}

fn stored_plan(dir: &Path) -> Result<Plan, OpenError> {
    let path = dir.join(PLAN);
    let bad = |why: String| OpenError::Plan {
        path: path.clone(),
        why,
    };
    let bytes = std::fs::read(&path).map_err(|source| OpenError::Io {
        path: path.clone(),
        source,
    })?;
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
    plan_form::from_json(&value).map_err(|e| bad(e.to_string()))
}

fn environment_json(env: &[(String, String)]) -> String {
    let pairs: serde_json::Value = env.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    pairs.to_string()
}

fn stored_environment(dir: &Path) -> Result<Vec<(String, String)>, OpenError> {
    let path = dir.join(ENVIRONMENT);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(OpenError::Io { path, source }),
    };
    let map: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|e| OpenError::Plan {
            path: path.clone(),
            why: e.to_string(),
        })?;
    Ok(map
        .into_iter()
        .filter_map(|(name, value)| value.as_str().map(|v| (name, v.to_owned())))
        .collect())
}
