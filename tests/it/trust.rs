//! What an operator must be told while a step runs: that something cannot be written, that it waits
//! for a password, what it left running; and what they find when they come back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::exec::disk::SmallDisk;
use crate::scratch::{Scratch, binary};
use crate::terminal::Terminal;

/// An incident on a plan with these commands, each an action of one step.
struct Flight {
    scratch: Scratch,
    home: PathBuf,
}

impl Flight {
    fn with(commands: &[&str]) -> Self {
        let scratch = Scratch::new();
        let mut plan =
            "# Shop rollback\n\n## Rollback Procedure\n\n### Step 1: Bring it back\n\n".to_owned();
        for (number, command) in commands.iter().enumerate() {
            let number = number + 1;
            let action = [
                &format!("{number}. **Do part {number}**\n   ```bash\n   "),
                *command,
                "\n   ```\n",
            ];
            plan.push_str(&action.concat());
        }
        fs::write(scratch.join("ROLLBACK.md"), plan).expect("a plan");
        let home = scratch.join("home");
        Self { scratch, home }
    }

    fn backout(&self, arguments: &[&str]) -> Terminal {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.scratch.path())
            .env("BACKOUT_HOME", &self.home)
            .env_remove("NO_COLOR");
        Terminal::start(command, 140, 40)
    }

    /// Opens the incident and starts its first command.
    fn flying(&self) -> Terminal {
        let mut terminal = self.backout(&["open", "ROLLBACK.md"]);
        terminal.see("Flight plan").key("d").see("Fix forward");
        terminal.key("r").see("Why?").key("enter").gone("Why?");
        terminal.key("3").see("Rollback Procedure");
        terminal.see("0/").key("k").key("enter");
        terminal.see("can run commands");
        terminal.key("y").see("r run it").key("r").gone("r run it");
        terminal
    }

    fn incident(&self) -> PathBuf {
        let incidents = fs::read_dir(self.home.join("incidents")).expect("incidents");
        incidents.flatten().next().expect("an incident").path()
    }

    fn said(&self, arguments: &[&str]) -> String {
        let id = self.incident();
        let id = id.file_name().expect("a name");
        let said = Command::new(binary())
            .args(arguments)
            .arg(id)
            .env("BACKOUT_HOME", &self.home)
            .output()
            .expect("it runs");
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    fn touch(&self, name: &str) {
        fs::write(self.scratch.join(name), "").expect("a file");
    }

    fn wait_for(&self, name: &str) {
        until(name, || self.scratch.join(name).exists());
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + crate::terminal::patience();
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Takes all the room there is.
fn fill(dir: &Path) -> PathBuf {
    use std::io::Write as _;
    let path = dir.join("filler");
    let mut file = fs::File::create(&path).expect("a file");
    let block = vec![7; 64 * 1024];
    while file.write_all(&block).is_ok() {}
    let byte = [7; 512];
    while file.write_all(&byte).is_ok() {}
    path
}

/// Every file below a directory holds no such text.
fn is_nowhere(text: &str, dir: &Path) -> bool {
    fs::read_dir(dir)
        .expect("a directory")
        .flatten()
        .all(|entry| {
            let path = entry.path();
            if path.is_dir() {
                return is_nowhere(text, &path);
            }
            let bytes = fs::read(&path).unwrap_or_default();
            !String::from_utf8_lossy(&bytes).contains(text)
        })
}

#[test]
fn a_full_disk_is_told_at_once_and_the_result_is_recorded_when_there_is_room() {
    let mut flight = Flight::with(&[
        "touch begun; until [ -e go ]; do sleep 0.05; done; head -c 7000000 /dev/zero | tr '\\0' x; \
         echo; touch said; until [ -e end ]; do sleep 0.05; done; echo the last word",
        "true",
    ]);
    let Some(disk) = SmallDisk::mount(flight.scratch.join("disk"), 8 * 1024) else {
        return;
    };
    flight.home = disk.0.join("home");
    let mut terminal = flight.flying();
    flight.wait_for("begun");
    terminal.see("running");
    let filler = fill(&disk.0);
    flight.touch("go");
    terminal
        .see("OUTPUT NOT KEPT since")
        .see("No space left on device");
    terminal
        .see("Free some space there")
        .see("The command goes on");
    flight.wait_for("said");
    flight.touch("end");
    let asked = Instant::now();
    terminal.see("RESULT NOT KEPT since");
    // Well above a second only because the tests share the machine.
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "{:?}",
        asked.elapsed()
    );
    fs::remove_file(filler).expect("room again");
    terminal.gone("NOT KEPT").see("are missing");
    terminal.key("q");
    assert_eq!(terminal.exit_code(), 0);
    let evidence = fs::read(flight.incident().join("evidence/0001/output")).expect("evidence");
    let evidence = String::from_utf8_lossy(&evidence);
    assert!(
        evidence.contains("[backout: ") && evidence.contains(" bytes of output are missing here")
    );
    assert!(
        flight
            .said(&["export", "--format", "text"])
            .contains("bytes of its output are missing")
    );
}

#[test]
fn a_journal_that_cannot_be_written_is_told_and_goes_on_when_it_can() {
    let mut flight = Flight::with(&["true"]);
    let Some(disk) = SmallDisk::mount(flight.scratch.join("disk"), 1024) else {
        return;
    };
    flight.home = disk.0.join("home");
    let mut terminal = flight.backout(&["open", "ROLLBACK.md"]);
    terminal.see("Flight plan");
    let filler = fill(&disk.0);
    // The last page of the journal has room for a few more notes.
    let note = "n".repeat(3000);
    for _ in 0..2 {
        terminal.key("n").see("┌ Note");
        terminal.paste(&note).key("enter").gone("┌ Note");
    }
    terminal
        .see("NOT RECORDED since")
        .see("No space left on device");
    let before = fs::read(flight.incident().join("journal.jsonl")).expect("a journal");
    // A second terminal may look who drives; it is not taken over.
    let mut again = flight.backout(&["resume"]);
    again.see("Type take").key("enter");
    assert_eq!(again.exit_code(), 2);
    fs::remove_file(filler).expect("room again");
    terminal.gone("NOT RECORDED");
    terminal.key("n").see("┌ Note");
    terminal.type_("after it").key("enter").gone("┌ Note");
    terminal
        .key("t")
        .see("nothing could be recorded from")
        .see("after it");
    terminal.key("esc").gone("┌ Timeline").key("q");
    assert_eq!(terminal.exit_code(), 0);
    let after = fs::read(flight.incident().join("journal.jsonl")).expect("a journal");
    let whole = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    assert!(
        after.starts_with(&before[..whole]),
        "what was acknowledged stands"
    );
}

#[test]
fn to_come_back_to_a_full_disk_is_an_error_that_says_what_to_do() {
    let mut flight = Flight::with(&["true"]);
    let Some(disk) = SmallDisk::mount(flight.scratch.join("disk"), 1024) else {
        return;
    };
    flight.home = disk.0.join("home");
    let mut terminal = flight.backout(&["open", "ROLLBACK.md"]);
    terminal.see("Flight plan").key("q");
    assert_eq!(terminal.exit_code(), 0);
    // Up to the end of a page, so that not a byte more has room.
    let journal = flight.incident().join("journal.jsonl");
    let bytes = fs::read(&journal).expect("a journal");
    let filler = fill(&disk.0);
    let mut resumed = flight.backout(&["resume"]);
    let mut tries = 0;
    while resumed.screen().contains("Where you are") || tries == 0 {
        tries += 1;
        std::thread::sleep(Duration::from_millis(300));
        if resumed.screen().contains("cannot take up") || tries > 20 {
            break;
        }
        if resumed.screen().contains("Where you are") {
            resumed.key("esc").gone("Where you are").key("q");
            assert_eq!(resumed.exit_code(), 0);
            resumed = flight.backout(&["resume"]);
            tries = 0;
        }
    }
    assert_eq!(resumed.exit_code(), 2);
    let said = resumed.screen().replace('\n', " ");
    assert!(
        said.contains("cannot take up") && said.contains("free some space"),
        "{said}"
    );
    assert!(fs::read(&journal).expect("a journal").starts_with(&bytes));
    fs::remove_file(filler).expect("room again");
    let mut resumed = flight.backout(&["resume"]);
    resumed
        .see("Where you are")
        .key("esc")
        .gone("Where you are")
        .key("q");
    assert_eq!(resumed.exit_code(), 0);
}

#[test]
fn a_password_prompt_is_a_fact_and_what_is_typed_is_nowhere() {
    let flight = Flight::with(&[
        "read -r -s -p 'Password: ' word; echo; [ ${#word} = 13 ] && echo let'' in; \
         read -r answer; echo \"got $answer\"",
        "sleep 3",
    ]);
    let mut terminal = flight.flying();
    terminal
        .see("waits for a password")
        .see("neither shown nor kept");
    // Keys are dropped for a moment after they went to the step without being asked to.
    std::thread::sleep(Duration::from_millis(900));
    terminal.type_("hunter2secret").key("enter").see("let in");
    // The next one asks nothing and shows the echo: it is seen to read all the same.
    terminal
        .see("waits for input")
        .gone("neither shown nor kept");
    terminal
        .type_("plain words")
        .key("enter")
        .see("got plain words");
    terminal.gone("waits for input");
    std::thread::sleep(Duration::from_millis(800));
    terminal.key("q");
    assert_eq!(terminal.exit_code(), 0);
    let output = fs::read_to_string(flight.incident().join("evidence/0001/output")).expect("text");
    assert!(
        output.contains("plain words"),
        "the echo of what is no secret is evidence"
    );
    assert!(is_nowhere("hunter2secret", &flight.home));
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(!raw.contains("hunter2secret"));
    assert!(
        !is_nowhere("plain words", &flight.home),
        "the search can find something"
    );
}

#[test]
fn what_a_step_left_running_is_seen_stopped_and_named() {
    let flight = Flight::with(&[
        "(trap '' INT; exec sleep 4711) > /dev/null 2>&1 & echo begun",
        "true",
    ]);
    let mut terminal = flight.flying();
    terminal.see("1 left running").key("k").see("sleep 4711");
    // Coming back does not lose sight of it.
    terminal.key("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = flight.backout(&["resume"]);
    terminal
        .see("Left running")
        .see("sleep 4711")
        .key("esc")
        .gone("Where you are");
    terminal
        .key("ctrl-c")
        .see("left running?")
        .see("sleep 4711");
    terminal.key("s").gone("left running?");
    let journal = flight.incident().join("journal.jsonl");
    until("what became of it on record", || {
        fs::read_to_string(&journal).is_ok_and(|text| text.contains("stopped (terminate)\""))
    });
    // On the screen a moment after it is on the disk.
    std::thread::sleep(Duration::from_millis(500));
    terminal.key("t").see("lives any more");
    terminal.key("esc").gone("┌ Timeline").key("q");
    assert_eq!(terminal.exit_code(), 0);
    let text = flight.said(&["export", "--format", "text"]);
    assert!(text.contains("asked to stop what attempt 0001"), "{text}");
}

#[test]
fn whoever_comes_back_is_told_what_changed_meanwhile() {
    use std::io::Write as _;
    let flight = Flight::with(&["true"]);
    let mut terminal = flight.backout(&["open", "ROLLBACK.md"]);
    terminal.see("Flight plan").key("q");
    assert_eq!(terminal.exit_code(), 0);
    // Nothing has changed: the card does not say that something has.
    let mut terminal = flight.backout(&["resume"]);
    terminal.see("Where you are").see("left at");
    assert!(!terminal.screen().contains("keeps its own copy"));
    terminal.kill();
    let runbook = flight.scratch.join("ROLLBACK.md");
    let text = fs::read_to_string(&runbook).expect("the plan");
    fs::write(&runbook, text.replace("true", "false")).expect("changed");
    let journal = flight.incident().join("journal.jsonl");
    let mut file = fs::File::options()
        .append(true)
        .open(journal)
        .expect("a journal");
    file.write_all(b"{\"torn").expect("torn");
    let mut terminal = flight.backout(&["resume"]);
    terminal.see("has changed").see("keeps its own copy");
    terminal
        .see("6 bytes were cut")
        .see("torn-")
        .see("did not leave");
    terminal.key("esc").gone("Where you are").key("q");
    assert_eq!(terminal.exit_code(), 0);
}
