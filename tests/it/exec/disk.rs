//! A disk without room under the evidence: the command goes on, and the loss is told.

use super::*;
use std::path::PathBuf;

/// Room for so many bytes, which root alone can make; unmounted at the end.
pub struct SmallDisk(pub PathBuf);

impl SmallDisk {
    pub fn mount(at: PathBuf, kib: u32) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let done = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "none"])
            .arg(&at)
            .output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Self(at));
        }
        println!("skipped: a small file system cannot be mounted here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .status();
    }
}

#[test]
fn a_full_disk_neither_stops_the_command_nor_hides_the_loss() {
    let bench = Bench::new();
    let Some(disk) = SmallDisk::mount(bench.path("disk"), 512) else {
        return;
    };
    let dir = disk.0.join("0001");
    let code = "head -c 3000000 /dev/zero | tr '\\0' x; touch done; read x";
    let spec = bench.shell(code);
    start_with(exe(), &dir, &spec).unwrap();
    let attempt = Attempt { dir };
    // It ran to its end although nobody could write what it said.
    wait_for(
        || bench.path("done").exists(),
        || "the end of the output".to_owned(),
    );
    Control::connect(&attempt.dir)
        .unwrap()
        .input(b"\n")
        .unwrap();
    wait_for(
        || {
            matches!(find(&attempt.dir).unwrap(), Found::Running { .. })
                && !is_alive_below(&attempt)
        },
        || "the end of the command".to_owned(),
    );
    // Room again: the result follows by itself.
    fs::remove_file(attempt.dir.join("index")).unwrap();
    let file = fs::OpenOptions::new()
        .write(true)
        .open(attempt.dir.join("output"))
        .unwrap();
    file.set_len(file.metadata().unwrap().len() - 16384)
        .unwrap();
    let outcome = attempt.outcome();
    assert_eq!(outcome.exit, Some(0));
    assert!(outcome.lost_bytes > 2_000_000 && outcome.bytes + outcome.lost_bytes >= 3_000_000);
    assert_eq!(outcome.lost_why.as_deref(), Some("No space left on device"));
    assert!(outcome.lost_since.is_some() && outcome.error.is_none());
}

/// What a step prints while the disk is full, and what of it is in the evidence once there is room
/// again; the supervisor is killed on the way.
fn killed_on_a_full_disk(lines: u32, after: Duration) -> Option<(backout::exec::Outcome, String)> {
    let bench = Bench::new();
    let disk = SmallDisk::mount(bench.path("disk"), 384)?;
    let dir = disk.0.join("0001");
    let code = format!(
        "seq 1 40000; touch full; n=40001; while [ $n -le {lines} ]; do seq $n $((n + 9999)); \
         n=$((n + 10000)); sleep 0.005; done; touch done; read x"
    );
    start_with(exe(), &dir, &bench.shell(&code)).unwrap();
    let attempt = Attempt { dir };
    let supervisor = attempt.supervisor();
    wait_for(|| bench.path("full").exists(), || "a full disk".to_owned());
    // Any moment will do.
    std::thread::sleep(after);
    kill9(supervisor);
    wait_for(|| bench.path("done").exists(), || "all output".to_owned());
    let remounted = std::process::Command::new("mount")
        .args(["-o", "remount,size=64m"])
        .arg(&disk.0)
        .status();
    assert!(remounted.unwrap().success());
    // The holder serves where the supervisor did.
    wait_for(
        || Control::connect(&attempt.dir).is_ok_and(|mut control| control.input(b"\n").is_ok()),
        || "somebody who takes a key".to_owned(),
    );
    let outcome = attempt.outcome();
    assert_eq!((outcome.exit, outcome.taken_over), (Some(0), true));
    let output = fs::read_to_string(attempt.dir.join("output")).unwrap();
    assert_eq!(outcome.bytes, output.len() as u64);
    Some((outcome, output))
}

#[test]
fn what_waits_for_room_outlives_its_supervisor() {
    for round in 0..6 {
        let Some((outcome, output)) =
            killed_on_a_full_disk(300_000, Duration::from_millis(20 * round))
        else {
            return;
        };
        assert_eq!((outcome.lost_bytes, outcome.error), (0, None));
        let mut found = output.lines().filter(|line| !line.is_empty());
        for number in 1..=300_000_u32 {
            assert_eq!(found.next(), Some(number.to_string().as_str()), "{round}");
        }
        assert_eq!(found.next(), None);
    }
}

#[test]
fn what_is_lost_is_counted_although_its_supervisor_was_killed() {
    let whole: u64 = (1..=900_000_u32)
        .map(|n| n.to_string().len() as u64 + 2)
        .sum();
    for round in 0..3 {
        let Some((outcome, output)) =
            killed_on_a_full_disk(900_000, Duration::from_millis(100 * round))
        else {
            return;
        };
        let (before, rest) = output.split_once("\r\n[backout: ").unwrap();
        let (number, rest) = rest.split_once(' ').unwrap();
        assert_eq!(number.parse(), Ok(outcome.lost_bytes));
        assert!(outcome.lost_since.is_some() && outcome.lost_why.is_some());
        let (_, behind) = rest.split_once("]\r\n").unwrap();
        // With the echo of the key.
        let seen = (before.len() + behind.len()) as u64 - 2;
        assert_eq!(seen + outcome.lost_bytes, whole, "{round}");
    }
}

/// Whether a bash below the attempt's holder still lives.
fn is_alive_below(attempt: &Attempt) -> bool {
    let anchors = children(attempt.holder());
    anchors.iter().any(|anchor| !children(*anchor).is_empty())
}
