//! A program in a real terminal, as an operator has it: keys in, screen out.
//!
//! Every wait is for a fact (a text on the screen, the end of the program), wakes as soon as the
//! terminal changes, and gives up after [`patience`] with the screen in the message. A program
//! that is still there when the test is over gets what a closed terminal gives, then SIGKILL.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::process::{PidfdFlags, pidfd_open};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for what should happen at once; `BACKOUT_TEST_PATIENCE` in seconds.
pub fn patience() -> Duration {
    let seconds = std::env::var("BACKOUT_TEST_PATIENCE")
        .ok()
        .and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(60))
}

/// What the terminal shows, shared with the thread that reads from it.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    screen: avt::Terminal,
    /// Every byte that the program wrote.
    raw: Vec<u8>,
    /// The program's side is closed.
    hung_up: bool,
}

/// A program in a terminal.
pub struct Terminal {
    shared: Arc<Shared>,
    keyboard: Option<File>,
    /// Dropped to let the reading thread give up its handle of the terminal.
    reading: Option<OwnedFd>,
    /// Before the next key is pressed.
    pause: Duration,
    child: Child,
    status: Option<ExitStatus>,
}

impl Terminal {
    /// Starts `command` in a terminal of its own of `columns` by `rows`.
    pub fn start(mut command: Command, columns: u16, rows: u16) -> Self {
        let (ours, theirs) = open_pty(columns, rows);
        command
            .stdin(theirs.try_clone().expect("a handle"))
            .stdout(theirs.try_clone().expect("a handle"))
            .stderr(theirs)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .env("LANG", "C.UTF-8");
        own_session(&mut command);
        let child = command.spawn().expect("the program starts");
        // The command holds our copies of the terminal's other side until it is dropped.
        drop(command);
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                screen: avt::Terminal::new(columns.into(), rows.into()).expect("a size"),
                raw: Vec::new(),
                hung_up: false,
            }),
            changed: Condvar::new(),
        });
        let keyboard = File::from(ours);
        let output = keyboard.try_clone().expect("a handle");
        let follow = Arc::clone(&shared);
        let (give_up, reading) =
            rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).expect("a pipe");
        thread::spawn(move || read_all(output, &give_up, &follow));
        Self {
            shared,
            keyboard: Some(keyboard),
            reading: Some(reading),
            pause: Duration::ZERO,
            child,
            status: None,
        }
    }

    /// Waits until the text stands on the screen.
    #[track_caller]
    pub fn see(&mut self, text: &str) -> &mut Self {
        self.until(&format!("“{text}” on the screen"), |screen| {
            screen.contains(text)
        })
    }

    /// Waits until the text stands on the screen no more.
    #[track_caller]
    pub fn gone(&mut self, text: &str) -> &mut Self {
        self.until(&format!("“{text}” to go"), |screen| {
            !screen.contains(text)
        })
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut holds: impl FnMut(&str) -> bool) -> &mut Self {
        let end = Instant::now() + patience();
        let mut state = self.state();
        loop {
            let screen = text_of(&state.screen);
            if holds(&screen) {
                drop(state);
                return self;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || state.hung_up {
                let why = if state.hung_up {
                    "the program is gone"
                } else {
                    "waited too long"
                };
                panic!("{why} for {what}:\n{}", framed(&screen));
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .expect("no reader panicked")
                .0;
        }
    }

    /// Presses a key: a name (`enter`, `esc`, `tab`, `up`, `ctrl-c`, `alt-x`…) or one character.
    #[track_caller]
    pub fn key(&mut self, name: &str) -> &mut Self {
        let bytes = key_bytes(name);
        // As fast as a hand and no faster: what comes faster is taken for a paste, and a key
        // within 50 ms of keys that came so may not answer what they opened.
        thread::sleep(self.pause);
        self.pause = Duration::from_millis(60);
        self.send(&bytes)
    }

    /// Types characters, one after the other, faster than any hand.
    #[track_caller]
    pub fn type_(&mut self, text: &str) -> &mut Self {
        self.pause = Duration::from_millis(80);
        self.send(text.as_bytes())
    }

    /// Pastes, as a terminal does it that was asked to bracket.
    #[track_caller]
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes())
    }

    /// Changes the size of the window.
    #[track_caller]
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.state().screen.resize(columns.into(), rows.into());
        let keyboard = self.keyboard.as_ref().expect("the terminal is open");
        rustix::termios::tcsetwinsize(keyboard, size(columns, rows)).expect("a new size");
        self
    }

    /// The screen as text, a line for each row.
    pub fn screen(&self) -> String {
        text_of(&self.state().screen)
    }

    /// Every byte that the program has written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.state().raw.clone()
    }

    /// The process.
    pub fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Kills the program as `kill -9` does, and waits until it is dead.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.status = Some(self.child.wait().expect("it can be waited for"));
    }

    /// Closes the terminal, as a lost connection does; the kernel sends the hang-up.
    pub fn hang_up(&mut self) {
        self.reading = None;
        self.keyboard = None;
    }

    /// Waits for the end of the program: its exit code, or 128 and the signal that ended it.
    #[track_caller]
    pub fn exit_code(&mut self) -> i32 {
        let status = match self.status {
            Some(status) => status,
            None => self.wait_for_end(),
        };
        self.status = Some(status);
        self.read_last_words();
        status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
    }

    #[track_caller]
    fn wait_for_end(&mut self) -> ExitStatus {
        let ended = pidfd_open(self.pid(), PidfdFlags::empty()).expect("a handle of the process");
        let limit = Timespec::try_from(patience()).expect("a sane limit");
        let count = poll(&mut [PollFd::new(&ended, PollFlags::IN)], Some(&limit));
        assert!(
            count == Ok(1),
            "the program did not end:\n{}",
            framed(&self.screen())
        );
        self.child.wait().expect("it can be waited for")
    }

    /// What is still in the terminal when the program has ended; a process that it left behind
    /// may hold the terminal open, so this does not wait for long.
    fn read_last_words(&self) {
        let end = Instant::now() + Duration::from_secs(2);
        let mut state = self.state();
        while !state.hung_up && self.keyboard.is_some() && Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .expect("no reader panicked")
                .0;
        }
    }

    #[track_caller]
    fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let keyboard = self.keyboard.as_mut().expect("the terminal is open");
        if let Err(error) = keyboard.write_all(bytes) {
            panic!(
                "the terminal takes no keys ({error}):\n{}",
                framed(&self.screen())
            );
        }
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.hang_up();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize {
        ws_col: columns,
        ws_row: rows,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

/// Our side and the program's side of a new terminal.
fn open_pty(columns: u16, rows: u16) -> (OwnedFd, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let ours = rustix::pty::openpt(flags).expect("a terminal");
    rustix::pty::grantpt(&ours).expect("granted");
    rustix::pty::unlockpt(&ours).expect("unlocked");
    let name = rustix::pty::ptsname(&ours, Vec::new()).expect("a name");
    let theirs = rustix::fs::open(
        name.as_c_str(),
        OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    );
    rustix::termios::tcsetwinsize(&ours, size(columns, rows)).expect("a size");
    (ours, theirs.expect("the other side"))
}

/// Makes the terminal on standard input the controlling one of a session of its own, in which a
/// hang-up and an interrupt do what they do to an operator: whoever started the tests may ignore
/// them, as `nohup` and a script's background do, and that would be inherited.
#[allow(unsafe_code)]
fn own_session(command: &mut Command) {
    let prepare = || {
        for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT] {
            // SAFETY: the default effect is one that each of them has.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(rustix::stdio::stdin().as_fd())?;
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls and nothing else; it
    // allocates nothing and takes no lock.
    unsafe { command.pre_exec(prepare) };
}

/// Reads until the other side is closed; answers the one question that programs ask at start.
fn read_all(mut output: File, give_up: &OwnedFd, shared: &Shared) {
    let mut part = [0; 16 * 1024];
    let mut held_back = Vec::new();
    while is_open(&output, give_up)
        && let Ok(count @ 1..) = output.read(&mut part)
    {
        held_back.extend_from_slice(&part[..count]);
        let mut state = lock(shared);
        state.raw.extend_from_slice(&part[..count]);
        let text = take_text(&mut held_back);
        state.screen.feed(text.as_str());
        if text.contains("\x1b[6n") {
            let at = state.screen.cursor_position();
            let (column, row) = (at.col + 1, at.row + 1);
            let _ = output.write_all(format!("\x1b[{row};{column}R").as_bytes());
        }
        drop(state);
        shared.changed.notify_all();
    }
    lock(shared).hung_up = true;
    shared.changed.notify_all();
}

/// The state also after a failed test let go of it: the reader goes on for the next question.
fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for bytes, or for the word to give up.
fn is_open(output: &File, give_up: &OwnedFd) -> bool {
    let mut ends = [
        PollFd::new(output, PollFlags::IN),
        PollFd::new(give_up, PollFlags::IN),
    ];
    while poll(&mut ends, None) == Err(rustix::io::Errno::INTR) {}
    ends[1].revents().is_empty()
}

/// The text so far; an unfinished character at the end is kept for the next part.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let mut text = String::new();
    let mut done = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        done += chunk.valid().len();
        let unfinished = done + chunk.invalid().len() == bytes.len() && chunk.invalid().len() < 4;
        if !chunk.invalid().is_empty() && !unfinished {
            text.push('\u{fffd}');
            done += chunk.invalid().len();
        }
    }
    bytes.drain(..done);
    text
}

fn text_of(screen: &avt::Terminal) -> String {
    let mut text = String::new();
    for line in screen.screen().visible_lines() {
        let _ = writeln!(text, "{}", line.text().trim_end());
    }
    text
}

fn framed(screen: &str) -> String {
    format!("--- screen ---\n{}\n--------------", screen.trim_end())
}

#[track_caller]
fn key_bytes(name: &str) -> Vec<u8> {
    let fixed = match name {
        "enter" => "\r",
        "tab" => "\t",
        "shift-tab" => "\x1b[Z",
        "esc" => "\x1b",
        "space" => " ",
        "backspace" => "\x7f",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "pgup" => "\x1b[5~",
        "pgdn" => "\x1b[6~",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "" => panic!("a key has a name"),
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.as_bytes().to_vec();
    }
    if let Some(letter) = name.strip_prefix("ctrl-") {
        let byte = letter.as_bytes().first().expect("ctrl with a letter");
        return vec![byte.to_ascii_uppercase() & 0x1f];
    }
    if let Some(letter) = name.strip_prefix("alt-") {
        return format!("\x1b{letter}").into_bytes();
    }
    assert!(name.chars().count() == 1, "no such key: {name}");
    name.as_bytes().to_vec()
}

mod tests {
    use super::Terminal;
    use std::process::Command;

    fn bash(script: &str) -> Terminal {
        let mut command = Command::new("bash");
        command.args(["--norc", "-c", script]);
        Terminal::start(command, 60, 10)
    }

    #[test]
    fn keys_go_in_and_the_screen_comes_out() {
        let mut terminal = Terminal::start(Command::new("cat"), 60, 10);
        terminal.type_("grüße").see("grüße").key("enter");
        terminal.until("the line twice", |screen| {
            screen.matches("grüße").count() == 2
        });
        terminal.key("ctrl-d");
        assert_eq!(terminal.exit_code(), 0);
    }

    #[test]
    fn the_program_has_a_terminal_of_its_own() {
        let mut terminal = bash("tty; stty size; read -r line; stty size; exit 7");
        terminal
            .see("/dev/pts/")
            .see("10 60")
            .resize(72, 20)
            .key("enter")
            .see("20 72");
        assert_eq!(terminal.exit_code(), 7);
    }

    #[test]
    fn what_is_overwritten_is_gone() {
        let mut terminal =
            bash("stty -echo; printf 'first'; read -r line; printf '\\rsecond\\n'; read -r line");
        terminal
            .see("first")
            .key("enter")
            .see("second")
            .gone("first")
            .key("enter");
        assert_eq!(terminal.exit_code(), 0);
    }

    #[test]
    fn a_paste_arrives_in_brackets() {
        let mut terminal = bash("stty raw -echo; echo ready; head -c 14 | od -An -c; stty sane");
        terminal
            .see("ready")
            .paste("ab")
            .see("[   2   0   0   ~   a   b");
    }

    #[test]
    fn the_last_words_of_a_program_are_seen() {
        let mut terminal = bash("seq 1 2000; printf last");
        assert_eq!(terminal.exit_code(), 0);
        assert!(
            terminal.screen().contains("2000\nlast"),
            "{}",
            terminal.screen()
        );
        assert!(terminal.raw().starts_with(b"1\r\n2\r\n"));
    }

    #[test]
    fn a_killed_program_says_so() {
        let mut terminal = bash("echo here; read -r line");
        terminal.see("here").kill();
        assert_eq!(terminal.exit_code(), 128 + 9);
    }

    #[test]
    fn a_lost_connection_is_felt() {
        let mut terminal = bash("trap 'exit 3' HUP; echo here; while :; do read -r line; done");
        terminal.see("here").hang_up();
        assert_eq!(terminal.exit_code(), 3);
    }

    #[test]
    #[should_panic(expected = "the program is gone for “never” on the screen")]
    fn a_text_that_never_comes_fails_with_the_screen() {
        bash("echo something else").see("never");
    }
}
