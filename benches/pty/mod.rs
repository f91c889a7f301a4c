//! A program in a real terminal, driven and timed: what the benches share.
//!
//! A key's time is from the write on our side to the arrival of the bytes that show its effect.

#![allow(dead_code)] // Each bench uses its own part of this.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

pub const COLUMNS: u16 = 160;
pub const ROWS: u16 = 50;

/// Bytes of a terminal with the time at which each read arrived.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    arrivals: Vec<(usize, Instant)>,
    gone: bool,
}

pub struct Pty {
    pub child: Child,
    master: File,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Pty {
    pub fn start(command: Command) -> io::Result<Self> {
        let (child, master) = spawn(command)?;
        let master = File::from(master);
        let seen: Arc<(Mutex<Seen>, Condvar)> = Arc::default();
        let (theirs, mut reader) = (Arc::clone(&seen), master.try_clone()?);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let now = Instant::now();
                let mut seen = theirs.0.lock().expect("lock");
                let at = seen.bytes.len();
                seen.bytes
                    .extend_from_slice(buffer.get(..read).unwrap_or_default());
                seen.arrivals.push((at, now));
                seen.gone = read == 0;
                theirs.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Ok(Self {
            child,
            master,
            seen,
        })
    }

    pub fn offset(&self) -> usize {
        self.seen.0.lock().expect("lock").bytes.len()
    }

    pub fn press(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.master.write_all(keys.as_bytes()).expect("written");
        at
    }

    /// When the text arrived, after an offset; none if it did not within ten seconds.
    pub fn arrival(&self, text: &str, after: usize) -> Option<Instant> {
        self.arrival_within(text, after, Duration::from_secs(10))
    }

    /// When the text arrived, after an offset; none if it did not in time. What was searched is
    /// not searched again: there may be 100 MB of it.
    pub fn arrival_within(&self, text: &str, after: usize, most: Duration) -> Option<Instant> {
        let deadline = Instant::now() + most;
        let (lock, bell) = &*self.seen;
        let mut seen = lock.lock().expect("lock");
        let mut from = after;
        loop {
            let tail = seen.bytes.get(from..).unwrap_or_default();
            if let Some(found) = memchr::memmem::find(tail, text.as_bytes()) {
                let end = from + found + text.len();
                let arrived = seen.arrivals.iter().rev().find(|(start, _)| *start < end);
                return arrived.map(|(_, at)| *at);
            }
            from = seen.bytes.len().saturating_sub(text.len()).max(after);
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.gone {
                return None;
            }
            seen = bell.wait_timeout(seen, left).expect("lock").0;
        }
    }

    pub fn see(&self, text: &str, after: usize) {
        if self.arrival(text, after).is_none() {
            let seen = self.seen.0.lock().expect("lock");
            let tail = seen.bytes.len().saturating_sub(3_000);
            let tail =
                String::from_utf8_lossy(seen.bytes.get(tail..).unwrap_or_default()).into_owned();
            panic!("never saw {text:?}; the end of what came:\n{tail}");
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time of a process so far, in seconds.
pub fn cpu(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |i: usize| {
        fields
            .get(i)
            .and_then(|f| f.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / 100.0
}

/// A line of `/proc/PID/status`, in kB.
pub fn status_kb(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find(|l| l.starts_with(name))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

pub fn table(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at =
        |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
    let ms = |d: Option<&Duration>| d.map_or(f64::NAN, |d| d.as_secs_f64() * 1e3);
    println!(
        "{name:<44} n {:>3}   p50 {:>7.2} ms   p95 {:>7.2} ms   max {:>7.2} ms",
        times.len(),
        ms(at(50)),
        ms(at(95)),
        ms(times.last())
    );
}

/// Presses a key that shows a text, and one that takes it away, many times.
pub fn latency(pty: &mut Pty, key: &str, shows: &str, back: &str, rounds: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let after = pty.offset();
        let pressed = pty.press(key);
        match pty.arrival(shows, after) {
            Some(arrived) => times.push(arrived.saturating_duration_since(pressed)),
            None => println!("  a key was not answered within 10 s"),
        }
        pty.press(back);
        // An escape is told from a sequence by what does not follow.
        std::thread::sleep(Duration::from_millis(120));
    }
    times
}

/// The program under test, with a home of its own.
pub fn backout(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backout"));
    command.arg("--home").arg(home).env_remove("NO_COLOR");
    command
}

/// Letters typed and seen again, one by one.
pub fn echoes(pty: &mut Pty) -> Vec<Duration> {
    let mut times = Vec::new();
    for letter in ('À'..='ÿ').filter(|c| c.is_alphabetic()).take(60) {
        let after = pty.offset();
        let pressed = pty.press(&letter.to_string());
        if let Some(at) = pty.arrival(&letter.to_string(), after) {
            times.push(at.saturating_duration_since(pressed));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    times
}

/// The limit of this machine: a program's output through a terminal to a reader that throws it
/// away. Seconds until the terminal is closed.
pub fn drained(command: Command) -> f64 {
    let begun = Instant::now();
    let (mut child, master) = spawn(command).expect("started");
    let mut buffer = vec![0_u8; 64 * 1024];
    while rustix::io::read(&master, buffer.as_mut_slice()).is_ok_and(|size| size > 0) {}
    child.wait().expect("ended");
    begun.elapsed().as_secs_f64()
}

/// A program in a terminal and a session of its own, as every terminal starts it, and the
/// terminal's controlling side. Its own session matters for the time too: a kernel shares the
/// processor out by sessions.
fn spawn(mut command: Command) -> io::Result<(Child, OwnedFd)> {
    use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let slave = ioctl_tiocgptpeer(&master, flags)?;
    let size = rustix::termios::Winsize {
        ws_row: ROWS,
        ws_col: COLUMNS,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(&slave, size)?;
    let stdio = || slave.try_clone().map(Stdio::from);
    command
        .stdin(stdio()?)
        .stdout(stdio()?)
        .stderr(stdio()?)
        .env("TERM", "xterm-256color");
    // SAFETY: only async-signal-safe calls between fork and exec.
    #[allow(unsafe_code)]
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
            Ok(())
        });
    }
    let child = command.spawn()?;
    // The command holds its side alone from here on.
    drop(command);
    Ok((child, master))
}
