//! Flights by keys only, through the built binary in a real terminal.

use crate::pilot::Pilot;
use crate::scratch::Scratch;
use crate::terminal::patience;
use rustix::fs::OFlags;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Instant;

/// Presses enter on a row whose command only reads, and waits for its check to tick it.
#[track_caller]
fn sensed(it: &mut Pilot, row: &str) {
    it.select(row).keys(&["enter"]);
    it.stands(row, "[✔]");
}

#[track_caller]
fn ticked(it: &mut Pilot, row: &str) {
    it.select(row).keys(&["space"]);
    it.stands(row, "[x]");
}

#[test]
fn practice_is_flown_to_its_end() {
    let scratch = Scratch::new();
    let mut it = Pilot::sized(&scratch, scratch.path(), &["practice"], (140, 50));
    it.see("Kettle Orders").see("Orders fail for customers");
    it.key("space", "[x] Orders fail").see("start within");
    it.key("d", "Fix forward")
        .key("r", "Why? (enter")
        .keys(&["enter"])
        .see("✔ Roll back");
    it.key("a", "Approved as what?")
        .key("1", "(Any engineer on call)");
    it.answer("(Any engineer on call)", "nell")
        .see("How did nell approve?");
    it.keys(&["down", "enter"]).gone("How did nell").see("nell");

    it.key("2", "See that the service is failing")
        .select("See that the service");
    it.key("enter", "can run commands")
        .key("y", "run it")
        .keys(&["r"]);
    it.stands("See that the service", "[✔]");
    sensed(&mut it, "Know the release");
    sensed(&mut it, "Know whether the data");
    ticked(&mut it, "Tell the shop manager");
    it.run("Take a backup").stands("Take a backup", "✔");
    it.run("Verify that the backup")
        .stands("Verify that the backup", "✔");
    it.stands("Back up the data as it is", "[✔]");

    // What is gathered stands before the checkpoint that ends the stage.
    it.key("2", "Watch the Orders");
    it.entry("Checkpoint 1").see("The severity is decided");
    for item in [
        "The severity is decided",
        "A usable backup of",
        "The release to go back",
    ] {
        ticked(&mut it, item);
    }
    it.key("3", "Option 2: Full Rollback")
        .select("Option 2: Full")
        .keys(&["enter"]);
    it.see("bin/service stop");
    it.run("bin/service stop").see("bin/migrate down");
    it.run("bin/migrate down").see("The data is at schema 2");
    sensed(&mut it, "The data is at schema 2");
    it.select("No order was lost")
        .keys(&["enter"])
        .see("git checkout <stable_tag>");
    it.select("git checkout")
        .key("enter", "fill it")
        .key("e", "Value of stable_tag");
    it.see("v2.4.2").keys(&["down", "down"]);
    it.key("enter", "git checkout v2.4.2")
        .see("run it")
        .keys(&["r"]);
    it.stands("git checkout", "✔");
    it.run("bin/service restart").see("known to fail the");
    it.select("curl").keys(&["enter"]);
    it.see("stale cache").stands("curl", "✘");
    it.key("m", "Skip…")
        .key("s", "Why skipped?")
        .answer("Why skipped?", "known, step 5 is next")
        .see("rm -rf data/cache");
    it.select("rm -rf").key("enter", "CANNOT BE UNDONE");
    it.see(" and enter: ");
    let word = word_of(&it.terminal.screen());
    it.terminal.type_(&word);
    it.see("enter run it")
        .keys(&["enter"])
        .see("A service that finds no cache");
    it.run("bin/service restart").see("✔ Restart once more");
    it.entry("Checkpoint 3").see("The service is healthy");
    sensed(&mut it, "The service is healthy");
    it.select("An order shows its price")
        .keys(&["space"])
        .see("Mark the rollback as complete");
    it.entry("Rollback complete")
        .select("Mark the rollback as complete")
        .keys(&["enter"]);
    it.entry("Verification")
        .see("The stable release is serving");
    sensed(&mut it, "The stable release is serving");
    sensed(&mut it, "Orders are answered");
    ticked(&mut it, "The counter confirms");
    it.entry("Success Criteria");
    for item in [
        "Health check reports ok",
        "Every order has its price",
        "No order was lost",
    ] {
        ticked(&mut it, item);
    }
    // What is seen before its time says nothing of that time.
    it.entry("Checkpoint 4").see("Still healthy");
    it.select("Still healthy").keys(&["enter"]);
    it.stands("Still healthy", "checked too early");
    it.see("▲ Checkpoint 4");
    it.run("Still healthy").stands("Still healthy", "[✔]");
    ticked(&mut it, "The error rate has stayed");
    it.entry("Checkpoint 5").see("Nobody has complained");
    ticked(&mut it, "Nobody has complained");
    ticked(&mut it, "The release desk knows");
    it.key("5", "Sign off").entry("Sign off and close");
    it.keys(&["enter"])
        .see("Who signs off?")
        .keys(&["enter"])
        .gone("Who signs off?");
    it.see("✔ Closed");
    assert_eq!(it.leave(), 0);
    it.see("is closed; everything about it is kept");
    let worlds = scratch
        .join("home/practice")
        .read_dir()
        .expect("the worlds' directory");
    assert_eq!(
        worlds.count(),
        0,
        "the world is gone, and its service with it"
    );
}

/// The word that the open run box wants.
fn word_of(screen: &str) -> String {
    let (_, rest) = screen
        .split_once("To run it, type ")
        .expect("a word is due");
    rest.split_once(" and enter").expect("its end").0.to_owned()
}

/// A step that prints, waits at a gate that the test opens, and prints on.
const GATED: &str = r"# Gated

## Rollback Procedures

### Option 1: Print

1. **Print**
   ```bash
   echo once >> ran; seq 1 500; printf 'at the %s\n' gate; read -r word < gate; seq 501 1000; echo all-printed
   # Expected: all-printed
   ```
";

#[test]
fn a_killed_cockpit_loses_no_line_and_runs_nothing_twice() {
    for round in 1..=5 {
        let scratch = Scratch::new();
        fs::write(scratch.join("plan.md"), GATED).expect("a plan");
        let made = Command::new("mkfifo").arg(scratch.join("gate")).status();
        assert!(made.expect("mkfifo runs").success());

        let mut it = Pilot::sized(&scratch, scratch.path(), &["open", "plan.md"], (140, 40));
        it.see("Gated")
            .key("d", "Fix forward")
            .key("r", "Why? (enter")
            .keys(&["enter"]);
        it.see("✔ Roll back").key("3", "Option 1: Print");
        it.see("echo once");
        it.select("echo once")
            .key("enter", "can run commands")
            .key("y", "r run it");
        it.keys(&["r"]).see("at the gate");
        it.terminal.kill();

        // Nobody is there when the step goes on and ends.
        open_gate(&scratch);
        let output = evidence(&scratch);
        let mut again = Pilot::sized(&scratch, scratch.path(), &["resume"], (140, 40));
        again
            .see("Where you are")
            .keys(&["esc"])
            .gone("Where you are");
        again.see("✔ Print").see("all-printed");
        assert_eq!(again.leave(), 0);

        let text = fs::read_to_string(output).expect("what it printed");
        let numbers: Vec<u32> = text
            .lines()
            .filter_map(|line| line.trim().parse().ok())
            .collect();
        assert_eq!(
            numbers,
            (1..=1000).collect::<Vec<_>>(),
            "round {round}: every line, once"
        );
        let ran = fs::read_to_string(scratch.join("ran")).expect("it ran");
        assert_eq!(ran, "once\n", "round {round}");
    }
}

/// Lets the step go on. It has said that it is at the gate, so a reader is there or is coming.
fn open_gate(scratch: &Scratch) {
    let end = Instant::now() + patience();
    loop {
        // Without a reader this fails instead of waiting for one for ever.
        let mut options = fs::OpenOptions::new();
        options
            .write(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        match options.open(scratch.join("gate")) {
            Ok(mut gate) => return gate.write_all(b"go\n").expect("the gate opens"),
            Err(error) => assert!(Instant::now() < end, "nobody is at the gate: {error}"),
        }
        thread::yield_now();
    }
}

/// The directory of the only incident.
fn incident_dir(scratch: &Scratch) -> PathBuf {
    let incidents = scratch
        .join("home/incidents")
        .read_dir()
        .expect("incidents");
    let mut dirs = incidents.map(|entry| entry.expect("an entry").path());
    let dir = dirs.next().expect("an incident");
    assert!(dirs.next().is_none(), "only one incident");
    dir
}

/// The output of the only attempt of the only incident.
fn evidence(scratch: &Scratch) -> PathBuf {
    let incidents = scratch
        .join("home/incidents")
        .read_dir()
        .expect("incidents");
    let mut dirs = incidents.map(|entry| entry.expect("an entry").path());
    let dir = dirs.next().expect("an incident");
    assert!(dirs.next().is_none(), "only one incident");
    let attempts = dir.join("evidence").read_dir().expect("attempts").count();
    assert_eq!(attempts, 1, "nothing ran twice");
    dir.join("evidence/0001/output")
}

#[test]
fn a_second_driver_is_told_who_drives_and_a_torn_line_is_told() {
    let scratch = Scratch::new();
    fs::write(scratch.join("plan.md"), GATED).expect("a plan");
    let open = ["open", "plan.md"];
    let mut first = Pilot::sized(&scratch, scratch.path(), &open, (100, 30));
    first.see("Gated");
    let mut second = Pilot::sized(&scratch, scratch.path(), &["resume"], (160, 10));
    second.see("is driven by").see("That cockpit answers");
    // Not taken: the first one goes on driving.
    second.terminal.key("enter");
    assert_eq!(second.terminal.exit_code(), 2);
    second.see("error: ");
    first.see("Gated").terminal.kill();

    let journal = incident_dir(&scratch).join("journal.jsonl");
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(journal)
        .expect("a journal");
    file.write_all(b"{\"half a li").expect("a torn line");
    drop(file);
    let mut third = Pilot::sized(&scratch, scratch.path(), &["resume"], (100, 30));
    third
        .see("Where you are")
        .keys(&["esc"])
        .gone("Where you are");
    assert_eq!(third.leave(), 0);
}

/// Each of the documents named by `BACKOUT_SEEDS` opens, and its first command comes into a box.
#[test]
fn the_seeds_open_and_reach_a_first_step() {
    let Some(seeds) = std::env::var_os("BACKOUT_SEEDS") else {
        let _ = writeln!(
            io::stderr(),
            "skipped: the seeds, because BACKOUT_SEEDS is not set"
        );
        return;
    };
    let mut files: Vec<PathBuf> = fs::read_dir(seeds)
        .expect("the seeds' directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no seed");
    for file in files {
        let scratch = Scratch::new();
        let name = file.to_string_lossy().into_owned();
        let mut it = Pilot::sized(&scratch, scratch.path(), &["open", &name], (140, 50));
        it.see("Flight plan").key("3", "Choose a procedure");
        it.keys(&["enter"]).gone("Choose a procedure");
        it.keys(&["3", "enter"]);
        let boxes = [
            "can run commands",
            "┌ Run ",
            "Done by hand",
            "Done, with what",
        ];
        let shown = |screen: &str| boxes.iter().any(|title| screen.contains(title));
        it.terminal.until("the first step's box", shown);
        it.keys(&["esc"]);
        it.terminal
            .until("the bare cockpit", |screen| !shown(screen));
        assert_eq!(it.leave(), 0, "{name}");
    }
}
