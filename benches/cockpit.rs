//! How the cockpit feels: key to paint (idle and under a flood), start to first frame, the
//! processor when nothing happens, memory after a flood. The same harness drives tmux for
//! comparison where it is installed.
//!
//! `cargo bench --bench cockpit` prints a table; nothing is asserted. The program under test is
//! the release binary that cargo builds for the bench, driven through a real PTY; a key's time is
//! from the write on our side to the arrival of the bytes that show its effect.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const COLUMNS: u16 = 160;
const ROWS: u16 = 50;

/// Bytes of a terminal with the time at which each read arrived.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    arrivals: Vec<(usize, Instant)>,
    gone: bool,
}

struct Pty {
    child: Child,
    master: File,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Pty {
    fn start(mut command: Command) -> io::Result<Self> {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let name = name.to_str().map_err(io::Error::other)?.to_owned();
        let slave = File::options().read(true).write(true).open(&name)?;
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

    fn offset(&self) -> usize {
        self.seen.0.lock().expect("lock").bytes.len()
    }

    fn press(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.master.write_all(keys.as_bytes()).expect("written");
        at
    }

    /// When the text arrived, after an offset; none if it did not within ten seconds.
    fn arrival(&self, text: &str, after: usize) -> Option<Instant> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let (lock, bell) = &*self.seen;
        let mut seen = lock.lock().expect("lock");
        loop {
            let tail = seen.bytes.get(after..).unwrap_or_default();
            if let Some(found) = memchr::memmem::find(tail, text.as_bytes()) {
                let end = after + found + text.len();
                let arrived = seen.arrivals.iter().rev().find(|(start, _)| *start < end);
                return arrived.map(|(_, at)| *at);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.gone {
                return None;
            }
            seen = bell.wait_timeout(seen, left).expect("lock").0;
        }
    }

    fn see(&self, text: &str, after: usize) {
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
fn cpu(pid: u32) -> f64 {
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
fn status_kb(pid: u32, name: &str) -> u64 {
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

fn table(name: &str, mut times: Vec<Duration>) {
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
fn latency(pty: &mut Pty, key: &str, shows: &str, back: &str, rounds: usize) -> Vec<Duration> {
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

fn plan_file(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("written");
    path
}

/// A plan of about that many lines.
fn long_plan(lines: usize) -> String {
    let mut plan = String::from("# Long plan\n\n## Rollback procedures\n");
    let mut n = 0;
    while plan.lines().count() < lines {
        n += 1;
        let _ = write!(plan, "\n### Option {n}: Part {n}\n");
        for step in 1..=12 {
            let _ = write!(
                plan,
                "\n{step}. **Step {step} of part {n}**\n   ```bash\n   echo {n}-{step}\n   # Expected: {n}-{step}\n   ```\n"
            );
        }
    }
    plan
}

fn backout(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backout"));
    command.arg("--home").arg(home).env_remove("NO_COLOR");
    command
}

fn first_frame(home: &Path, plan: &Path, rounds: usize) -> Vec<Duration> {
    (0..rounds)
        .filter_map(|_| {
            let mut command = backout(home);
            command.arg("open").arg(plan);
            let begun = Instant::now();
            let pty = Pty::start(command).ok()?;
            pty.arrival("Flight plan", 0).map(|at| at - begun)
        })
        .collect()
}

fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let home = dir.path().join("home");
    println!("terminal {COLUMNS}x{ROWS}; see benches/README.md for how to read this");

    let long = plan_file(dir.path(), "long.md", &long_plan(1_000));
    table(
        "start to first frame, plan of 1,000 lines",
        first_frame(&home, &long, 9),
    );

    let flood = plan_file(
        dir.path(),
        "flood.md",
        "# Flood\n\n## Rollback procedures\n\n### Option 1: Flood\n\n1. **Flood**\n   ```bash\n   yes 'the quick brown fox jumps over the lazy dog 0123456789' | head -c 10000000000\n   ```\n",
    );
    let mut command = backout(&home);
    command.arg("open").arg(&flood);
    let mut pty = Pty::start(command).expect("started");
    pty.see("Flight plan", 0);
    std::thread::sleep(Duration::from_millis(300));
    table(
        "key to paint, idle (backout)",
        latency(&mut pty, ":", "Find", "\x1b", 60),
    );
    let (before, begun) = (cpu(pty.child.id()), Instant::now());
    std::thread::sleep(Duration::from_secs(10));
    println!(
        "{:<44} {:.2} % of a core",
        "idle, clocks ticking",
        (cpu(pty.child.id()) - before) / begun.elapsed().as_secs_f64() * 100.0
    );
    start_flood(&mut pty, &home);
    std::thread::sleep(Duration::from_secs(1));
    table(
        "key to paint, flood (backout)",
        latency(&mut pty, ":", "Find", "\x1b", 60),
    );
    println!(
        "{:<44} {:.1} MB now, {:.1} MB at most",
        "memory of the cockpit under the flood",
        f64::from(u32::try_from(status_kb(pty.child.id(), "VmRSS")).unwrap_or(0)) / 1024.0,
        f64::from(u32::try_from(status_kb(pty.child.id(), "VmHWM")).unwrap_or(0)) / 1024.0
    );
    stop_flood(&mut pty, dir.path());
    drop(pty);
    tmux(dir.path());
}

/// Decides, chooses the procedure, accepts the commands, runs the flood.
fn start_flood(pty: &mut Pty, home: &Path) {
    // The screen is drawn by differences, so what is waited for is the journal.
    for (keys, recorded) in [
        ("d", ""),
        ("r", ""),
        ("\r", "\"decided\""),
        ("3", ""),
        ("\r", "\"procedure-chosen\""),
        ("\r", ""),
        ("y", "\"runbook-accepted\""),
        ("r", "\"attempt-started\""),
    ] {
        pty.press(keys);
        std::thread::sleep(Duration::from_secs(1));
        assert!(
            journal(home).contains(recorded),
            "never recorded {recorded}"
        );
    }
}

fn journal(home: &Path) -> String {
    let incidents = std::fs::read_dir(home.join("incidents")).expect("incidents");
    incidents
        .filter_map(Result::ok)
        .filter(|e| {
            let plan = std::fs::read_to_string(e.path().join("runbook.md"));
            plan.is_ok_and(|text| text.starts_with("# Flood"))
        })
        .filter_map(|e| std::fs::read_to_string(e.path().join("journal.jsonl")).ok())
        .collect()
}

fn stop_flood(pty: &mut Pty, _dir: &Path) {
    let running = || {
        let output = Command::new("pgrep")
            .args(["-f", "head -c 10000000000"])
            .output();
        output.is_ok_and(|o| !o.stdout.is_empty())
    };
    pty.press("\x03");
    std::thread::sleep(Duration::from_millis(500));
    let pressed = pty.press("y");
    while running() && pressed.elapsed() < Duration::from_secs(10) {
        std::thread::yield_now();
    }
    println!(
        "{:<44} {:.1} ms",
        "ctrl-c confirmed to child gone (with pgrep)",
        pressed.elapsed().as_secs_f64() * 1e3
    );
}

/// The same two latencies through tmux: idle, and with a flood in the other pane.
fn tmux(dir: &Path) {
    if Command::new("tmux").arg("-V").output().is_err() {
        println!("tmux is not installed: not compared");
        return;
    }
    let socket = dir.join("tmux.sock");
    let mut command = Command::new("tmux");
    command
        .arg("-f")
        .arg("/dev/null")
        .arg("-S")
        .arg(&socket)
        .args([
            "new-session",
            "-x",
            "160",
            "-y",
            "50",
            "stty -echo -icanon; cat",
        ]);
    let Ok(mut pty) = Pty::start(command) else {
        return;
    };
    std::thread::sleep(Duration::from_millis(700));
    table("key to paint, idle (tmux)", echoes(&mut pty));
    let _ = Command::new("tmux")
        .arg("-S")
        .arg(&socket)
        .args([
            "split-window",
            "-d",
            "yes 'the quick brown fox jumps over the lazy dog 0123456789'",
        ])
        .output();
    std::thread::sleep(Duration::from_secs(1));
    table(
        "key to paint, flood in the other pane (tmux)",
        echoes(&mut pty),
    );
    let _ = Command::new("tmux")
        .arg("-S")
        .arg(&socket)
        .arg("kill-server")
        .output();
}

fn echoes(pty: &mut Pty) -> Vec<Duration> {
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
