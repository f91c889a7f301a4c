//! What the session needs of whoever runs attempts: start, find, fence, stop.
//!
//! A seam, so that the rules of the recorder can be tested without processes. The product's own
//! is [`super::run::Supervised`].

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::domain::condition::Condition;
use crate::domain::event::{Ending, Intent, StopStage, Survivor};
use crate::domain::transaction::Tally;

/// Everything that is needed to start an attempt.
#[derive(Clone, Debug)]
pub struct Launch {
    /// What was confirmed.
    pub intent: Intent,
    /// The attempt's evidence directory.
    pub dir: PathBuf,
    /// Carried shell state to start from.
    pub state_in: Option<PathBuf>,
    /// Where shell state is left on a success.
    pub state_out: Option<PathBuf>,
    /// The directory here that a command line starts in which takes it elsewhere.
    pub start_dir: String,
    /// Interpreter by annotation.
    pub interpreter: Option<String>,
    /// A person is to sit at its keyboard.
    pub interactive: bool,
    /// Time box in seconds.
    pub timeout_s: Option<u64>,
    /// Additions to the environment.
    pub env: Vec<(String, String)>,
    /// Additions that never reach the disk.
    pub secret_env: Vec<(String, String)>,
    /// More that never reaches the disk, and is not for the command.
    pub hidden: Vec<(String, String)>,
    /// What has to be so of its target when it is sent.
    pub guards: Vec<crate::exec::Guard>,
    /// Rows and columns of the pane.
    pub size: (u16, u16),
}

/// What a start came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Started {
    /// It was claimed then and runs, or has ended already.
    Claimed(DateTime<Utc>),
    /// It certainly never ran.
    NeverRan(String),
}

/// What was found of an attempt.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// Nobody has claimed it.
    NotClaimed,
    /// It was claimed then and is running.
    Running(DateTime<Utc>),
    /// It has ended.
    Ended(Ending),
    /// Its target was not the one that the plan is for: nothing was sent, and why.
    Refused(String),
    /// It was claimed, there is no result, and nobody is alive.
    Lost(String),
}

/// Whoever runs attempts.
pub trait World: Send + Sync + 'static {
    /// Starts an attempt and returns when it is claimed, or certainly will not run.
    fn start(&self, launch: &Launch) -> Started;

    /// Looks at an attempt.
    fn find(&self, dir: &Path) -> Found;

    /// Makes sure that an attempt nobody has claimed never runs. False if it was claimed first.
    fn fence(&self, dir: &Path) -> bool;

    /// Asks for a stop.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn stop(&self, dir: &Path, stage: StopStage) -> Result<(), String>;

    /// Stops a running attempt for good, with nobody there to ask again.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn stop_for_good(&self, dir: &Path) -> Result<(), String> {
        self.stop(dir, StopStage::Terminate)
    }

    /// What an attempt waits for a decision on, if it does.
    fn waits(&self, dir: &Path) -> Option<Tally>;

    /// Tells it what was decided: commit, or roll back. What it was told first holds.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn settle(&self, dir: &Path, commit: bool) -> Result<(), String>;

    /// An ear at a running attempt.
    fn ear(&self, dir: &Path) -> Box<dyn Ear>;

    /// Who is still at an attempt that nobody watches any more: what it runs may change things yet.
    fn at_it(&self, dir: &Path) -> Vec<u32>;

    /// Whether a process that an attempt left running still lives.
    fn lives(&self, survivor: &Survivor) -> bool;

    /// Stops a process that an attempt left running: interrupt, terminate, kill, with time
    /// between them. Gives what it came to, in words, or why it still lives.
    ///
    /// # Errors
    /// Why it could not be stopped.
    fn stop_survivor(&self, survivor: &Survivor) -> Result<StopStage, String>;
}

/// Hears how a running attempt stands.
pub trait Ear: Send {
    /// Waits a little; gives how it stands when that is told anew.
    fn listen(&mut self) -> Option<Condition>;
}
