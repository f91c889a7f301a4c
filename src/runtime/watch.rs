//! A thread that watches the evidence of one attempt: says when there is more, and keeps the
//! index of its lines, so that neither is the cockpit's work.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::lines::LineIndex;
use crate::exec::Follower;

/// The longest that a watcher waits without looking whether it is still wanted.
const WAIT: Duration = Duration::from_secs(1);

/// Between two looks for evidence that is not there yet.
const NOT_YET: Duration = Duration::from_millis(10);

/// Between two looks at evidence that grows: a flood is then read in pieces that are worth it.
const PACE: Duration = Duration::from_millis(2);

/// Bytes read at a time.
const PIECE: usize = 1 << 18;

/// What is known of the evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rung {
    /// Bytes there are.
    pub bytes: u64,
    /// The result is there too, so that there will be no more.
    pub ended: bool,
}

/// Watches one attempt until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    rung: watch::Receiver<Rung>,
    index: Arc<Mutex<LineIndex>>,
    unwanted: Arc<AtomicBool>,
}

impl Watcher {
    /// Begins to watch the evidence in this directory; it need not be there yet.
    ///
    /// # Errors
    /// Where the process has no more threads.
    pub fn start(dir: &Path) -> std::io::Result<Self> {
        let (ring, rung) = watch::channel(Rung::default());
        let index = Arc::new(Mutex::new(LineIndex::default()));
        let unwanted = Arc::new(AtomicBool::new(false));
        let work = Work {
            dir: dir.to_owned(),
            ring,
            index: Arc::clone(&index),
            unwanted: Arc::clone(&unwanted),
        };
        std::thread::Builder::new()
            .name("evidence".to_owned())
            .spawn(move || work.watch())?;
        Ok(Self {
            rung,
            index,
            unwanted,
        })
    }

    /// What is known now.
    #[must_use]
    pub fn now(&self) -> Rung {
        *self.rung.borrow()
    }

    /// A way to wait for more.
    #[must_use]
    pub fn bell(&self) -> watch::Receiver<Rung> {
        self.rung.clone()
    }

    /// Looks at the index of the lines.
    pub fn index<T>(&self, look: impl FnOnce(&LineIndex) -> T) -> T {
        look(&self.index.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::Relaxed);
    }
}

struct Work {
    dir: PathBuf,
    ring: watch::Sender<Rung>,
    index: Arc<Mutex<LineIndex>>,
    unwanted: Arc<AtomicBool>,
}

impl Work {
    fn watch(&self) {
        let Some(mut follower) = self.find() else {
            return;
        };
        let mut buffer = vec![0; PIECE];
        let mut looked = Instant::now();
        while self.is_wanted() {
            if follower.wait(WAIT).is_err() {
                return;
            }
            std::thread::sleep(PACE.saturating_sub(looked.elapsed()));
            looked = Instant::now();
            let Some(rung) = self.look(&mut follower) else {
                return;
            };
            if !self.count(&mut follower, rung.bytes, &mut buffer) {
                return;
            }
            if rung.ended {
                self.ring.send_replace(rung);
                return;
            }
        }
    }

    /// Waits for evidence to be there at all.
    fn find(&self) -> Option<Follower> {
        while self.is_wanted() {
            if let Ok(follower) = Follower::open(&self.dir) {
                return Some(follower);
            }
            std::thread::sleep(NOT_YET);
        }
        None
    }

    /// How much there is; said at once, before the lines are counted. The result is asked for
    /// first: what is there after it is all there will be.
    fn look(&self, follower: &mut Follower) -> Option<Rung> {
        let ended = follower.ended().ok()?.is_some();
        let bytes = follower.len().ok()?;
        let rung = Rung { bytes, ended };
        self.ring.send_replace(Rung {
            bytes,
            ended: false,
        });
        Some(rung)
    }

    /// Counts the lines up to a byte. False where the evidence cannot be read.
    fn count(&self, follower: &mut Follower, until: u64, buffer: &mut [u8]) -> bool {
        while follower.offset() < until && self.is_wanted() {
            match follower.read(buffer) {
                Ok(0) => break,
                Ok(size) => {
                    let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
                    index.add(buffer.get(..size).unwrap_or_default());
                }
                Err(_) => return false,
            }
        }
        true
    }

    fn is_wanted(&self) -> bool {
        !self.unwanted.load(Ordering::Relaxed) && !self.ring.is_closed()
    }
}
