//! F4, F9, F10, F11 and F12: memory under much output, an event to the disk, a long incident
//! taken up again, a step found again that has printed a gigabyte, a rare word in it.
//!
//! `cargo bench --bench evidence [-- GB]` prints; nothing is asserted. `BACKOUT_BENCH_DIR` names
//! a directory on the disk to measure, where that is not the one for temporary files.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use backout::domain::Stamp;
use backout::domain::event::Event;
use backout::exec::{AttemptSpec, Control, Doorbell, Follower, Kind, StopStage, start_with};
use backout::journal::{chain, store};
use pty::{Pty, backout, status_kb, table};

mod pty;

/// Words of the step's output, put together by the shell so that its command has neither.
const RARE: &str = "rarewordhere";
const LAST: &str = "last-line";

fn main() {
    let gigabytes = std::env::args()
        .find_map(|a| a.parse::<u64>().ok())
        .unwrap_or(1);
    let place =
        std::env::var_os("BACKOUT_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(place).expect("a directory");
    events(dir.path());
    supervisors(dir.path());
    let home = dir.path().join("home");
    let id = big_output(dir.path(), &home, gigabytes);
    found_again(&home, &id);
    long_incidents(dir.path());
}

/// F9: append and fdatasync of the same bytes, by the journal and by bare calls, in turns.
fn events(dir: &Path) {
    let own = dir.join("journal");
    fs::create_dir(&own).expect("a directory");
    let mut store = store::create(&own).expect("a journal");
    let mut bare = OpenOptions::new()
        .append(true)
        .create(true)
        .open(dir.join("bare"))
        .expect("a file");
    let at = Stamp {
        wall: chrono::Utc::now(),
        mono_ms: 1,
        boot: "boot".to_owned(),
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..400_u64 {
        let event = Event::NoteAdded {
            text: format!("note {round} of a bench, of ordinary length"),
        };
        let (line, _) = chain::write_line(round + 1, &at, "bench", &event, store.head());
        let begun = Instant::now();
        store.append(vec![event], &at, "bench").expect("appended");
        ours.push(begun.elapsed());
        let begun = Instant::now();
        bare.write_all(line.as_bytes()).expect("written");
        bare.sync_data().expect("synced");
        theirs.push(begun.elapsed());
    }
    let middle = |times: &[Duration]| {
        let mut sorted = times.to_vec();
        sorted.sort();
        sorted
            .get(sorted.len() / 2)
            .map_or(f64::NAN, Duration::as_secs_f64)
    };
    let ratio = middle(&ours) / middle(&theirs);
    table("an event to the disk", ours);
    table("the same bytes by bare calls", theirs);
    println!("{:<44} {ratio:.2}x", "an event against the bare calls");
}

/// F4: twenty steps that print, and what a supervisor and a holder take of memory.
fn supervisors(dir: &Path) {
    let mut steps = Vec::new();
    for at in 0..20 {
        let own = dir.join(format!("step-{at}"));
        let code =
            "yes 'a line that is printed for as long as it is wanted' | head -c 50000000; sleep 60";
        start_with(exe(), &own, &AttemptSpec::new(Kind::Shell, code, "/")).expect("a step");
        steps.push(own);
    }
    for own in &steps {
        let follower = Follower::open(own).expect("evidence");
        while follower.len().expect("evidence") < 50_000_000 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let supervised = running("__supervise", dir);
    // A holder is the first child of its supervisor and goes by the same name.
    let is_child = |pid: &&u32| supervised.contains(&parent(**pid));
    let holders: Vec<u32> = supervised.iter().filter(is_child).copied().collect();
    let not_held = |pid: &&u32| !holders.contains(pid);
    let supervisors: Vec<u32> = supervised.iter().filter(not_held).copied().collect();
    for (name, pids) in [("supervisor", supervisors), ("holder", holders)] {
        let own = pids
            .iter()
            .map(|pid| status_kb(*pid, "RssAnon"))
            .max()
            .unwrap_or(0);
        let shared = pids
            .iter()
            .map(|pid| status_kb(*pid, "RssFile"))
            .max()
            .unwrap_or(0);
        println!(
            "{:<44} {own} kB of its own at most, {shared} kB of the shared binary ({} of them)",
            format!("memory of a {name}"),
            pids.len()
        );
    }
    for own in &steps {
        if let Ok(mut control) = Control::connect(own) {
            let _ = control.stop(StopStage::Kill, "bench");
        }
    }
}

/// The process that started another one.
fn parent(pid: u32) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let field = after.split_whitespace().nth(1);
    field.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn running(word: &str, dir: &Path) -> Vec<u32> {
    let processes = fs::read_dir("/proc")
        .expect("processes")
        .filter_map(Result::ok);
    processes
        .filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            line.contains(word) && line.contains(&dir.display().to_string())
        })
        .collect()
}

/// A step that prints that much and goes on running; the incident that it belongs to.
fn big_output(dir: &Path, home: &Path, gigabytes: u64) -> String {
    let bytes = gigabytes * 1_000_000_000;
    let plan = dir.join("big.md");
    let code = format!(
        "yes 'a line of no interest that is printed again and again and again' | head -c {bytes}; \
         printf '\\nnow %s%s\\n' rareword here; printf '%s-%s\\n' last line; sleep 600"
    );
    let text = format!(
        "# Big\n\n## Rollback procedures\n\n### Option 1: Print\n\n1. **Print**\n   ```bash\n   {code}\n   ```\n"
    );
    fs::write(&plan, text).expect("written");
    let mut command = backout(home);
    command.arg("open").arg(&plan);
    let mut pty = Pty::start(command).expect("started");
    pty.see("Flight plan", 0);
    for keys in ["d", "r", "\r", "3", "\r", "\r", "y"] {
        pty.press(keys);
        std::thread::sleep(Duration::from_millis(900));
    }
    let after = pty.offset();
    let begun = pty.press("r");
    let told = pty.arrival_within(LAST, after, Duration::from_mins(gigabytes.max(2)));
    println!(
        "{:<44} {:.1} s, cockpit {:.1} MB now, {:.1} MB at most",
        format!("{gigabytes} GB through a step, attached"),
        told.map_or(f64::NAN, |at| (at - begun).as_secs_f64()),
        megabytes(status_kb(pty.child.id(), "VmRSS")),
        megabytes(status_kb(pty.child.id(), "VmHWM"))
    );
    drop(pty);
    let mut incidents = fs::read_dir(home.join("incidents")).expect("incidents");
    let incident = incidents.next().expect("one").expect("readable");
    incident.file_name().to_string_lossy().into_owned()
}

#[allow(clippy::cast_precision_loss)] // Kilobytes of a process.
fn megabytes(kb: u64) -> f64 {
    kb as f64 / 1024.0
}

/// F11 and F12: the way back to the running step, its first line, a rare word.
fn found_again(home: &Path, id: &str) {
    let again = |home: &Path| {
        let mut command = backout(home);
        command.arg("resume").arg(id);
        command
    };
    let back: Vec<Duration> = (0..5)
        .filter_map(|_| {
            let begun = Instant::now();
            let pty = Pty::start(again(home)).ok()?;
            pty.arrival(LAST, 0).map(|at| at - begun)
        })
        .collect();
    table("from the shell to the running step's tail", back);
    let mut pty = Pty::start(again(home)).expect("started");
    pty.see(LAST, 0);
    std::thread::sleep(Duration::from_secs(1));
    // The card goes, and the output has the keys.
    for key in ["\x1b", "\t"] {
        pty.press(key);
        std::thread::sleep(Duration::from_millis(500));
    }
    // Beside it the same file read and thrown away: what of the time is the disk's.
    let output = home.join("incidents").join(id).join("evidence/0001/output");
    bare_read(&output);
    for name in ["a rare word, first time", "a rare word, again"] {
        if name.ends_with("first time") {
            forget();
        }
        pty.press("/");
        std::thread::sleep(Duration::from_millis(300));
        for letter in RARE.chars() {
            pty.press(&letter.to_string());
            std::thread::sleep(Duration::from_millis(20));
        }
        let after = pty.offset();
        let begun = pty.press("\r");
        // Of "1 of 1" only the cells that change are painted, in pieces.
        let shown = pty.arrival_within("of 1", after, Duration::from_mins(1));
        println!(
            "{name:<44} {:.2} s",
            shown.map_or(f64::NAN, |at| (at - begun).as_secs_f64())
        );
        pty.press("\x1b");
        std::thread::sleep(Duration::from_secs(1));
    }
    bare_read(&output);
    drop(pty);
    stop(&home.join("incidents").join(id).join("evidence/0001"));
}

/// Drops what the kernel keeps of files in memory, and says whether it could.
fn forget() {
    let dropped = Command::new("sh")
        .args(["-c", "sync; echo 1 > /proc/sys/vm/drop_caches"])
        .output();
    let cold = dropped.is_ok_and(|o| o.status.success());
    let place = if cold { "out of" } else { "perhaps in" };
    println!("the file is {place} memory");
}

/// Reads a file from the disk and throws it away.
fn bare_read(file: &Path) {
    forget();
    let begun = Instant::now();
    let read = fs::File::open(file).and_then(|mut f| {
        let mut piece = vec![0; 1 << 20];
        let mut whole = 0_u64;
        loop {
            match f.read(&mut piece)? {
                0 => return Ok(whole),
                n => whole += n as u64,
            }
        }
    });
    let name = "the same file, only read";
    match read {
        Ok(_) => println!("{name:<44} {:.2} s", begun.elapsed().as_secs_f64()),
        Err(e) => println!("{name:<44} {e}"),
    }
}

fn stop(evidence: &Path) {
    if let Ok(mut control) = Control::connect(evidence) {
        let _ = control.stop(StopStage::Kill, "bench");
    }
    if let Ok(mut follower) = Follower::open(evidence) {
        follower.seek(u64::MAX);
        while let Ok(Doorbell::Rung { ended: false, .. }) = follower.wait(Duration::from_secs(5)) {}
    }
}

/// F10: an incident of many events is read again.
fn long_incidents(dir: &Path) {
    for count in [10_000, 100_000_u64] {
        let own = dir.join(format!("events-{count}"));
        fs::create_dir(&own).expect("a directory");
        let mut text = String::new();
        let mut head = String::new();
        let at = Stamp {
            wall: chrono::Utc::now(),
            mono_ms: 1,
            boot: "boot".to_owned(),
        };
        let mut store = store::create(&own).expect("a journal");
        store.append(vec![note(0)], &at, "bench").expect("appended");
        head.push_str(store.head());
        drop(store);
        for n in 1..count {
            let (line, hash) = chain::write_line(n + 1, &at, "bench", &note(n), &head);
            text.push_str(&line);
            head = hash;
        }
        let journal = own.join("journal.jsonl");
        let mut file = OpenOptions::new()
            .append(true)
            .open(journal)
            .expect("a journal");
        file.write_all(text.as_bytes()).expect("written");
        let times: Vec<Duration> = (0..5)
            .map(|_| {
                let begun = Instant::now();
                let replayed = store::read(&own).expect("readable");
                assert_eq!(replayed.records.len() as u64, count);
                begun.elapsed()
            })
            .collect();
        table(&format!("reading a journal of {count} events"), times);
    }
}

fn note(n: u64) -> Event {
    Event::NoteAdded {
        text: format!("note {n} of a bench, of ordinary length"),
    }
}

fn exe() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_backout"))
}
