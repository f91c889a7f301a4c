//! F1, F2 and F13: a flood through the cockpit and through tmux in one run, each in a terminal
//! that drains it; keys meanwhile; and keys while twenty monitors print.
//!
//! `cargo bench --bench peers [-- MB ROUNDS]`. Rounds are interleaved, medians and ratios are
//! printed, nothing is asserted. tmux is left out, and it is said, where it is not installed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use pty::{COLUMNS, Pty, ROWS, backout, cpu, echoes, latency, status_kb, table};

mod pty;

/// What is printed behind a flood, put together by the shell so that no echo of a command is it.
const END: &str = "flood-is-over";
const SAY_END: &str = "printf 'flood-%s\\n' is-over";
/// What twenty monitors print is what F13 says: 1 MB a second each.
const MONITORS: usize = 20;

fn main() {
    let mut numbers = std::env::args().filter_map(|a| a.parse::<usize>().ok());
    let megabytes = numbers.next().unwrap_or(100);
    let rounds = numbers.next().unwrap_or(3);
    let dir = tempfile::tempdir().expect("a directory");
    println!("terminal {COLUMNS}x{ROWS}, {megabytes} MB, medians of {rounds} rounds, seconds");
    println!(
        "{:<10} {:>8} {:>18} {:>18}",
        "stream", "bare", "backout", "tmux"
    );
    for (name, block) in streams() {
        let file = dir.path().join(name);
        write_stream(&file, &block, megabytes * 1_000_000);
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for round in 0..rounds {
            times[0].push(bare(&file));
            times[1].push(through_backout(
                dir.path(),
                &format!("{name}-{round}"),
                &file,
            ));
            times[2].extend(through_tmux(dir.path(), &file));
        }
        let [bare, ours, theirs] = times.map(median);
        let of = |time: f64| format!("{time:.2} ({:.2}x)", time / bare);
        println!("{name:<10} {bare:>8.2} {:>18} {:>18}", of(ours), of(theirs));
    }
    keys(dir.path());
    monitors(dir.path());
}

/// Lines as programs print them: plain, coloured, and redrawn in place.
fn streams() -> [(&'static str, Vec<u8>); 3] {
    let (mut plain, mut color, mut progress) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..1000_u32 {
        let shade = at % 200 + 16;
        let _ = writeln!(
            plain,
            "{at:08} moved the rows of the table in {at:>6} ms, as it was planned, and kept a copy"
        );
        let _ = writeln!(
            color,
            "\x1b[32m{at:06}\x1b[0m \x1b[1;38;5;{shade}mmoved\x1b[0m the \x1b[48;2;1;2;{}mrows\x1b[m of the table",
            at % 256
        );
        let _ = write!(
            progress,
            "\r\x1b[K{:>3} % {} {at} of 1000",
            at / 10,
            "█".repeat((at % 50) as usize)
        );
    }
    [
        ("plain", plain),
        ("coloured", color),
        ("progress", progress),
    ]
}

fn write_stream(path: &Path, block: &[u8], size: usize) {
    let mut file = std::fs::File::create(path).expect("a place for the stream");
    let mut left = size;
    while left > 0 {
        let piece = &block[..block.len().min(left)];
        file.write_all(piece).expect("room for the stream");
        left -= piece.len();
    }
}

/// The limit: the flood through a terminal to a reader that only reads.
fn bare(file: &Path) -> f64 {
    let mut command = Command::new("cat");
    command.arg(file);
    pty::drained(command)
}

/// From the key that runs the step to the end of its output on the screen.
fn through_backout(dir: &Path, name: &str, file: &Path) -> f64 {
    let home = dir.join(format!("home-{name}"));
    let mut pty = ready(
        &home,
        dir,
        name,
        &[format!("cat {}; {SAY_END}", file.display())],
        0,
    );
    let after = pty.offset();
    let pressed = pty.press("r");
    let arrived = pty.arrival_within(END, after, Duration::from_mins(2));
    arrived.map_or(f64::NAN, |at| (at - pressed).as_secs_f64())
}

/// The same in a pane of tmux, with a client attached that draws it.
fn through_tmux(dir: &Path, file: &Path) -> Option<f64> {
    let socket = dir.join("flood.sock");
    let command = format!(
        "stty -echo; read go; cat {}; {SAY_END}; sleep 60",
        file.display()
    );
    let mut pty = tmux(&socket, &command)?;
    std::thread::sleep(Duration::from_millis(700));
    let after = pty.offset();
    let pressed = pty.press("\r");
    let arrived = pty.arrival_within(END, after, Duration::from_mins(2));
    kill_tmux(&socket);
    arrived.map(|at| (at - pressed).as_secs_f64())
}

fn tmux(socket: &Path, command: &str) -> Option<Pty> {
    Command::new("tmux").arg("-V").output().ok()?;
    let mut server = Command::new("tmux");
    server.args(["-f", "/dev/null", "-S"]).arg(socket);
    server.args(["new-session", "-x", "160", "-y", "50", command]);
    Pty::start(server).ok()
}

fn kill_tmux(socket: &Path) {
    let _ = Command::new("tmux")
        .arg("-S")
        .arg(socket)
        .arg("kill-server")
        .output();
}

/// A cockpit whose first action stands in an open run box that may run.
fn ready(home: &Path, dir: &Path, name: &str, commands: &[String], beside: usize) -> Pty {
    let mut plan = format!("# Flood {name}\n\n## Rollback procedures\n\n### Option 1: Flood\n");
    for (at, command) in commands.iter().enumerate() {
        let kind = if at < beside { " monitor=true" } else { "" };
        let _ = write!(
            plan,
            "\n{}. **Print {at}**\n\n   ```bash{kind}\n   {command}\n   ```\n",
            at + 1
        );
    }
    let path = dir.join(format!("{name}.md"));
    std::fs::write(&path, plan).expect("written");
    let mut command = backout(home);
    command.arg("open").arg(path);
    let mut pty = Pty::start(command).expect("started");
    pty.see("Flight plan", 0);
    // The screen is drawn by differences, so what is waited for is the journal.
    for (keys, recorded) in [
        ("d", ""),
        ("r", ""),
        ("\r", "\"decided\""),
        ("3", ""),
        ("\r", "\"procedure-chosen\""),
        ("\r", ""),
        ("y", "\"runbook-accepted\""),
    ] {
        pty.press(keys);
        std::thread::sleep(Duration::from_millis(900));
        assert!(
            journal(home).contains(recorded),
            "never recorded {recorded}"
        );
    }
    pty
}

fn journal(home: &Path) -> String {
    let incidents = std::fs::read_dir(home.join("incidents"))
        .into_iter()
        .flatten();
    incidents
        .filter_map(Result::ok)
        .filter_map(|e| std::fs::read_to_string(e.path().join("journal.jsonl")).ok())
        .collect()
}

/// Keys during a flood: in the cockpit whose own pane is flooded, in tmux beside it.
fn keys(dir: &Path) {
    let home = dir.join("home-keys");
    let yes = "yes 'the quick brown fox jumps over the lazy dog 0123456789' | head -c 20000000000";
    let mut pty = ready(&home, dir, "keys", &[yes.to_owned()], 0);
    pty.press("r");
    std::thread::sleep(Duration::from_secs(2));
    table(
        "key to paint, flood (backout)",
        latency(&mut pty, ":", "Find", "\x1b", 60),
    );
    pty.press("\x03");
    std::thread::sleep(Duration::from_millis(500));
    pty.press("y");
    std::thread::sleep(Duration::from_secs(1));
    drop(pty);
    let socket = dir.join("keys.sock");
    let Some(mut pty) = tmux(&socket, "stty -echo -icanon; cat") else {
        println!("tmux is not installed: not compared");
        return;
    };
    std::thread::sleep(Duration::from_millis(700));
    let split = Command::new("tmux")
        .arg("-S")
        .arg(&socket)
        .args([
            "split-window",
            "-d",
            "yes 'the quick brown fox jumps over the lazy dog 0123456789'",
        ])
        .output();
    split.expect("tmux");
    std::thread::sleep(Duration::from_secs(1));
    table("key to paint, flood beside it (tmux)", echoes(&mut pty));
    kill_tmux(&socket);
}

/// Twenty monitors of a megabyte a second each.
fn monitors(dir: &Path) {
    let piece = dir.join("piece");
    write_stream(&piece, &streams()[0].1, 500_000);
    let home = dir.join("home-monitors");
    let command = format!("while true; do cat {}; sleep 0.5; done", piece.display());
    let commands = vec![command; MONITORS];
    let mut pty = ready(&home, dir, "monitors", &commands, MONITORS);
    for at in 0..MONITORS {
        if at > 0 {
            pty.press("\r");
            std::thread::sleep(Duration::from_millis(900));
        }
        pty.press("r");
        std::thread::sleep(Duration::from_millis(400));
    }
    let started = journal(&home).matches("\"attempt-started\"").count();
    println!("{started} monitors of {MONITORS} run");
    let (before, begun) = (cpu(pty.child.id()), Instant::now());
    table(
        "key to paint, monitors beside the work",
        latency(&mut pty, ":", "Find", "\x1b", 60),
    );
    println!(
        "{:<44} {:.1} % of a core, {:.1} MB",
        "the cockpit meanwhile",
        (cpu(pty.child.id()) - before) / begun.elapsed().as_secs_f64() * 100.0,
        f64::from(u32::try_from(status_kb(pty.child.id(), "VmRSS")).unwrap_or(0)) / 1024.0
    );
    drop(pty);
    stop_all(&home);
}

/// Ends what the cockpit left running: its steps outlive it.
fn stop_all(home: &Path) {
    use backout::exec::{Control, StopStage};
    let incidents = std::fs::read_dir(home.join("incidents"))
        .into_iter()
        .flatten();
    for incident in incidents.filter_map(Result::ok) {
        let attempts = std::fs::read_dir(incident.path().join("evidence"))
            .into_iter()
            .flatten();
        for attempt in attempts.filter_map(Result::ok) {
            if let Ok(mut control) = Control::connect(&attempt.path()) {
                let _ = control.stop(StopStage::Kill, "bench");
            }
        }
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
