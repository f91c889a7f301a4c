//! F1: 100 MB through a step with its evidence on disk, against the same flood through a bare
//! terminal to a reader that throws it away, in one run.
//!
//! `cargo bench --bench flood [-- MB ROUNDS]`. Rounds are interleaved; medians and ratios are
//! printed, and nothing is asserted: the clock of a shared machine proves nothing by itself.

use backout::exec::{AttemptSpec, Control, Doorbell, Follower, Kind, StopStage, start_with};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

mod pty;

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let megabytes = numbers.next().unwrap_or(100);
    let rounds = numbers.next().unwrap_or(5);
    let home = tempfile::tempdir().expect("a temporary directory");
    println!("{megabytes} MB, medians of {rounds} rounds, seconds (times the bare terminal)");
    println!(
        "{:<10} {:>8} {:>16} {:>16}",
        "stream", "bare", "detached", "attached"
    );
    for (name, block) in streams() {
        let file = home.path().join(name);
        write_stream(&file, &block, megabytes * 1_000_000);
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for round in 0..rounds {
            times[0].push(bare(&file));
            for (at, attached) in [(1, false), (2, true)] {
                let dir = home.path().join(format!("{name}-{round}-{at}"));
                times[at].push(step(&dir, &file, attached));
                fs::remove_dir_all(dir).expect("the evidence is there");
            }
        }
        let [bare, detached, attached] = times.map(median);
        let of = |time: f64| format!("{time:.2} ({:.2}x)", time / bare);
        println!(
            "{name:<10} {bare:>8.2} {:>16} {:>16}",
            of(detached),
            of(attached)
        );
    }
    latencies(home.path());
}

/// Lines as programs print them: plain, coloured, and redrawn in place.
fn streams() -> [(&'static str, Vec<u8>); 3] {
    let (mut plain, mut color, mut progress) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..1000_u32 {
        let shade = at % 200 + 16;
        let _ = writeln!(
            plain,
            "{at:08} applied the change to the table and all of its rows in {at:>6} ms, as it was planned"
        );
        let _ = writeln!(
            color,
            "\x1b[32m{at:06}\x1b[0m \x1b[1;38;5;{shade}mapplied\x1b[0m the \x1b[48;2;1;2;{}mchange\x1b[m to the table",
            at % 256
        );
        let bar = "█".repeat((at % 50) as usize);
        let _ = write!(progress, "\r\x1b[K{:>3} % {bar} {at} of 1000", at / 10);
    }
    [
        ("plain", plain),
        ("coloured", color),
        ("progress", progress),
    ]
}

fn write_stream(path: &Path, block: &[u8], size: usize) {
    let mut file = fs::File::create(path).expect("a place for the stream");
    let mut left = size;
    while left > 0 {
        let piece = &block[..block.len().min(left)];
        file.write_all(piece).expect("room for the stream");
        left -= piece.len();
    }
}

/// The limit: a reader that only reads.
fn bare(file: &Path) -> f64 {
    let mut command = Command::new("cat");
    command.arg(file);
    pty::drained(command)
}

/// A step from being set off to its result; attached, somebody reads along.
fn step(dir: &Path, file: &Path, attached: bool) -> f64 {
    let code = format!("cat {}", file.display());
    let spec = AttemptSpec::new(Kind::Shell, code, "/");
    let begun = Instant::now();
    start_with(exe(), dir, &spec).expect("a step");
    let mut follower = Follower::open(dir).expect("evidence");
    let mut buffer = vec![0; 64 * 1024];
    loop {
        if attached {
            // As a screen does: never more than the tail, sixty times a second.
            let end = follower.len().expect("evidence");
            follower.seek(
                end.saturating_sub(buffer.len() as u64)
                    .max(follower.offset()),
            );
            while follower.read(&mut buffer).expect("evidence") > 0 {}
            std::thread::sleep(Duration::from_millis(16));
        } else {
            follower.seek(u64::MAX);
        }
        match follower.wait(Duration::from_secs(5)).expect("evidence") {
            Doorbell::Rung { ended: true, .. } => return begun.elapsed().as_secs_f64(),
            Doorbell::Rung { .. } | Doorbell::Silent => {}
        }
    }
}

/// A key to its echo in the evidence, quiet; an interrupt during a flood to the end.
fn latencies(home: &Path) {
    let dir = home.join("echo");
    start_with(
        exe(),
        &dir,
        &AttemptSpec::new(Kind::Shell, "cat >/dev/null", "/"),
    )
    .expect("a step");
    let mut control = Control::connect(&dir).expect("a supervisor");
    let mut follower = Follower::open(&dir).expect("evidence");
    let mut echoes: Vec<f64> = (0..200)
        .map(|_| {
            let begun = Instant::now();
            control.input(b"x").expect("a supervisor");
            follower.wait(Duration::from_secs(5)).expect("evidence");
            let took = begun.elapsed().as_secs_f64() * 1000.0;
            follower.seek(follower.len().expect("evidence"));
            // As a hand types: who is rung for again within 2 ms waits for them.
            std::thread::sleep(Duration::from_millis(10));
            took
        })
        .collect();
    echoes.sort_by(f64::total_cmp);
    println!(
        "key to evidence, quiet: p50 {:.2} ms, p95 {:.2} ms",
        echoes[100], echoes[190]
    );
    control
        .stop(StopStage::Kill, "bench")
        .expect("a supervisor");
    let stops: Vec<f64> = (0..9)
        .map(|round| {
            let dir = home.join(format!("stop{round}"));
            start_with(exe(), &dir, &AttemptSpec::new(Kind::Shell, "yes", "/")).expect("a step");
            let mut control = Control::connect(&dir).expect("a supervisor");
            let mut follower = Follower::open(&dir).expect("evidence");
            while follower.len().expect("evidence") < 20_000_000 {
                std::thread::yield_now();
            }
            let begun = Instant::now();
            control.stop(StopStage::Int, "bench").expect("a supervisor");
            while follower.ended().expect("evidence").is_none() {
                std::thread::yield_now();
            }
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    println!(
        "interrupt during a flood to the result: median {:.1} ms",
        median(stops)
    );
}

fn exe() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_backout"))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
