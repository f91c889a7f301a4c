//! The output pane as its user has it: to the first error, lines selected, saved, copied, pinned.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::exec::disk::SmallDisk;
use crate::pilot::Pilot;
use crate::rounds::secrets::{files_below, finds};
use crate::scratch::Scratch;

/// What the step prints: an error in colours far above its end, and one that is none.
const STEP: &str = "seq 1 300; echo '0 errors so far'; printf '\\033[1;31mERR\\033[0;33mOR\\033[0m: the index is gone\\n'; seq 301 600; echo 'import failed'; seq 1 100; (exit 3)";

/// A cockpit on a step that has failed.
fn failed(scratch: &Scratch, size: (u16, u16)) -> Pilot {
    let plan = format!(
        "# Orchard rollback\n\n## Rollback Procedure\n\n### Step 1: Import\n\n```bash\n{STEP}\n```\n"
    );
    fs::write(scratch.join("ROLLBACK.md"), plan).expect("a plan");
    let mut it = Pilot::sized(scratch, scratch.path(), &["open", "ROLLBACK.md"], size);
    it.see("d decides").key("d", "Fix forward");
    it.key("r", "Why?").keys(&["enter"]).gone("Why?");
    it.key("3", "seq 1 300").keys(&["enter"]);
    it.see("can run commands").key("y", "r run it");
    std::thread::sleep(Duration::from_millis(900));
    it.keys(&["r"]).see("! shows its first error");
    it
}

/// The file that was saved, by its end.
fn saved(scratch: &Scratch, end: &str) -> Option<PathBuf> {
    let files = fs::read_dir(scratch.path()).expect("a directory");
    let mut paths = files.map(|file| file.expect("a file").path());
    paths.find(|path| path.to_string_lossy().ends_with(end))
}

#[test]
fn the_first_error_is_a_key_away_and_its_lines_are_saved_copied_and_pinned() {
    let scratch = Scratch::new();
    let mut it = failed(&scratch, (100, 30));
    it.key("!", "error 1 of 2").see("ERROR: the index is gone");
    it.key("ctrl-n", "error 2 of 2").see("import failed");
    it.key("ctrl-n", "error 1 of 2");

    // The selection begins there, and goes beyond what is in view.
    it.key("v", "1 line selected");
    it.key("j", "2 lines selected").keys(&["pgdn", "pgdn", "k"]);
    it.key("g", "302 lines selected");
    it.key("esc", "error 1 of 2").keys(&["!"]).see("ERROR: the");
    it.key("v", "1 line selected");
    it.key("k", "2 lines selected");
    it.key("s", "Save these 2 lines to which file?");
    it.keys(&["enter"]).see("┌ Saved");
    let log = saved(&scratch, "-0001-seq-1-300-echo-0-err.log").expect("a file");
    let text = fs::read_to_string(&log).expect("text");
    assert_eq!(text, "0 errors so far\nERROR: the index is gone\n");
    it.keys(&["esc"]).gone("┌ Saved");

    // All of it, over the file that is there only when told to.
    it.key("s", "Save the output of 0001").keys(&["enter"]);
    it.see("There is a file of that name");
    assert_eq!(fs::read_to_string(&log).expect("text"), text);
    it.answer("There is a file of that name", "replace");
    it.see("703 lines");
    let all = fs::read_to_string(&log).expect("text");
    assert_eq!(all.lines().count(), 703);
    assert!(all.contains("\nERROR: the index is gone\n301\n") && !all.contains('\u{1b}'));
    it.keys(&["esc"]).gone("┌ Saved");

    // A recording, by its name; and a place that is none.
    it.key("s", "Save the output of 0001").keys(&["ctrl-u"]);
    it.answer("Save the output of 0001", "it.CAST");
    it.see("it.CAST").keys(&["esc"]).gone("┌ Saved");
    let cast = fs::read_to_string(scratch.join("it.CAST")).expect("a recording");
    assert!(
        cast.starts_with('{') && cast.contains("\"version\":3"),
        "{cast}"
    );
    it.key("s", "Save the output of 0001").keys(&["ctrl-u"]);
    it.answer("Save the output of 0001", "no/such/place.log");
    it.see("there is no directory").keys(&["esc"]);

    it.key("!", "error 1 of 2").key("v", "1 line selected");
    it.key("p", "error 1 of 2");
    it.key("v", "1 line selected")
        .key("y", "sent to the terminal");
    assert_eq!(it.leave(), 0);
    let files = files_below(&scratch.join("home"));
    let named = |name: &str| files.iter().find(|(p, _)| p.ends_with(name));
    let (_, copied) = named("copied.txt").expect("what was copied");
    assert_eq!(copied, b"ERROR: the index is gone");
    let (_, journal) = named("journal.jsonl").expect("a journal");
    for recorded in ["-err.log", "it.CAST", "the index is gone\""] {
        assert!(finds(journal, recorded.as_bytes()), "{recorded}");
    }
}

#[test]
fn what_ends_on_a_full_disk_is_not_said_to_run_anywhere() {
    let scratch = Scratch::new();
    let Some(disk) = SmallDisk::mount(scratch.join("home"), 1_024) else {
        return;
    };
    let plan = "# Orchard rollback\n\n## Rollback Procedure\n\n### Step 1: Import\n\n```bash\nhead -c 9000000 /dev/zero | tr '\\0' x; touch printed; until test -e enough; do sleep 0.1; done\n```\n";
    fs::write(scratch.join("ROLLBACK.md"), plan).expect("a plan");
    let words = ["open", "ROLLBACK.md"];
    let mut it = Pilot::sized(&scratch, scratch.path(), &words, (140, 44));
    it.see("d decides").key("d", "Fix forward");
    it.key("r", "Why?").keys(&["enter"]).gone("Why?");
    it.key("3", "head -c").keys(&["enter"]);
    it.see("can run commands").key("y", "r run it");
    std::thread::sleep(Duration::from_millis(900));
    it.keys(&["r"])
        .see("OUTPUT NOT KEPT")
        .see("The command goes on");
    it.see("of its output are lost").see("● Output 0001");
    while !scratch.join("printed").exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Until it ends it runs, and everything says so.
    it.see("● Import").see("running");
    fs::write(scratch.join("enough"), "").expect("written");
    it.see("RESULT NOT KEPT")
        .see("it has ended: waits for space");
    it.see("ended, waits for space").gone("●").gone("follow");
    it.key("b", "it has ended, its result waits for space");
    it.keys(&["esc"]).gone("its result waits");
    // Room again: the result follows by itself, with what is missing.
    let remounted = std::process::Command::new("mount")
        .args(["-o", "remount,size=64m"])
        .arg(&disk.0)
        .status();
    assert!(remounted.expect("mount").success());
    it.gone("NOT KEPT").gone("waits for space");
    it.entry("Import").see("of its output are missing");
    assert_eq!(it.leave(), 0);
}
