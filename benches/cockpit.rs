//! How the cockpit feels: key to paint (idle and under a flood), start to first frame, the
//! processor when nothing happens, memory after a flood. The same harness drives tmux for
//! comparison where it is installed.
//!
//! `cargo bench --bench cockpit` prints a table; nothing is asserted. The program under test is
//! the release binary that cargo builds for the bench, driven through a real PTY; a key's time is
//! from the write on our side to the arrival of the bytes that show its effect.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use pty::{COLUMNS, Pty, ROWS, backout, cpu, echoes, latency, status_kb, table};

mod pty;

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
    stop_flood(&mut pty);
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

/// From the key that confirms to the end of the program that floods, as the kernel says it.
fn stop_flood(pty: &mut Pty) {
    let Some(flood) = pid_of("head -c 10000000000") else {
        println!("the flood had ended before it was stopped: not measured");
        return;
    };
    let handle = pidfd_open(flood, PidfdFlags::empty()).expect("a handle of the process");
    pty.press("\x03");
    std::thread::sleep(Duration::from_millis(500));
    let pressed = pty.press("y");
    let limit = Timespec::try_from(Duration::from_secs(10)).expect("a sane limit");
    let ended = poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&limit));
    let took = pressed.elapsed().as_secs_f64() * 1e3;
    if ended == Ok(1) {
        println!("{:<44} {took:.1} ms", "ctrl-c confirmed to child gone");
    } else {
        println!("the child did not go within 10 s of ctrl-c");
    }
}

/// The process of this command line.
fn pid_of(words: &str) -> Option<Pid> {
    let processes = std::fs::read_dir("/proc").expect("proc");
    let runs = |pid: &i32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.trim_end() == words
    };
    let pids = processes.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(runs).find_map(Pid::from_raw)
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
