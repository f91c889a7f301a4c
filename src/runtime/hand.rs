//! A thread that types into running attempts and tells them the size of the pane, so that a
//! supervisor that takes its time never holds up the screen.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use crate::exec::{Control, is_running};

/// Requests that may wait.
const MOST_WAITING: usize = 256;

/// What the hand is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Do {
    Type(PathBuf, Vec<u8>),
    Resize(PathBuf, u16, u16),
}

/// The cockpit's hand on running attempts.
#[derive(Debug)]
pub struct Hand {
    wanted: mpsc::SyncSender<Do>,
}

impl Hand {
    /// Begins; what could not be typed is told through `failed`, in words.
    ///
    /// # Errors
    /// Where the process has no more threads.
    pub fn start(failed: impl Fn(String) + Send + 'static) -> io::Result<Self> {
        let (wanted, asked) = mpsc::sync_channel(MOST_WAITING);
        std::thread::Builder::new()
            .name("hand".to_owned())
            .spawn(move || work(&asked, &failed))?;
        Ok(Self { wanted })
    }

    /// Types bytes into the attempt with its evidence in this directory. False where too much
    /// waits already, so that nothing was typed.
    #[must_use]
    pub fn type_into(&self, dir: &Path, bytes: Vec<u8>) -> bool {
        let wanted = Do::Type(dir.to_owned(), bytes);
        self.wanted.try_send(wanted).is_ok()
    }

    /// Tells it the size of its pane. One that is lost is made good by the next.
    pub fn resize(&self, dir: &Path, rows: u16, columns: u16) {
        let wanted = Do::Resize(dir.to_owned(), rows, columns);
        let _ = self.wanted.try_send(wanted);
    }
}

fn work(asked: &mpsc::Receiver<Do>, failed: &impl Fn(String)) {
    let mut held: Option<(PathBuf, Control)> = None;
    let mut unreached = None;
    while let Ok(wanted) = asked.recv() {
        let (Do::Type(dir, _) | Do::Resize(dir, ..)) = &wanted;
        if held.as_ref().is_none_or(|(of, _)| of != dir) {
            held = None;
            match Control::connect(dir) {
                Ok(control) => held = Some((dir.clone(), control)),
                Err(error) => unreached = Some(error).filter(|_| is_running(dir)),
            }
        }
        let done = match (&mut held, &wanted) {
            (Some((_, control)), Do::Type(_, bytes)) => control.input(bytes),
            (Some((_, control)), Do::Resize(_, rows, columns)) => control.resize(*rows, *columns),
            (None, _) => Err(unreached
                .take()
                .unwrap_or(io::ErrorKind::NotConnected.into())),
        };
        if let Err(error) = done {
            if error.kind() != io::ErrorKind::WouldBlock {
                held = None;
            }
            if matches!(wanted, Do::Type(..)) {
                failed(in_words(&error));
            }
        }
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock => {
            "not typed: the command does not read what was typed before".to_owned()
        }
        io::ErrorKind::NotConnected => "not typed: the command is not running".to_owned(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            "not typed: who watches the command cannot be reached at the moment".to_owned()
        }
        _ => format!("not typed: {error}"),
    }
}
