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

/// Whether a bash below the attempt's holder still lives.
fn is_alive_below(attempt: &Attempt) -> bool {
    let anchors = children(attempt.holder());
    anchors.iter().any(|anchor| !children(*anchor).is_empty())
}
