//! A rollback of a database, flown by keys against a real `PostgreSQL`: the question before the
//! COMMIT outlives the cockpit, and a drill says what it commits.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::cluster::{Cluster, programs};
use crate::scratch::{Scratch, binary};
use crate::terminal::Terminal;

const PLAN: &str = "# Undo\n\n## Rollback procedure\n\n### Step 1: Take the trial back\n\n\
    ```sql\nDELETE FROM trial WHERE id > 7;\n```\n\nExpected: 3 rows\n";

/// A server with a table of ten rows, and a plan that takes three of them back.
pub struct Place {
    cluster: Cluster,
    scratch: Scratch,
}

impl Place {
    pub fn new() -> Option<Self> {
        Self::with(PLAN)
    }

    fn with(plan: &str) -> Option<Self> {
        let place = Self {
            cluster: Cluster::or_skip(false)?,
            scratch: Scratch::new(),
        };
        std::fs::write(place.scratch.join("UNDO.md"), plan).unwrap();
        place.ask("CREATE TABLE trial AS SELECT id FROM generate_series(1, 10) id");
        Some(place)
    }

    fn psql(&self) -> Command {
        let psql = programs().expect("a server's programs").join("psql");
        let mut command = Command::new(psql);
        command.arg("-XAtq").envs(self.cluster.environment());
        command
    }

    pub fn ask(&self, query: &str) -> String {
        let mut command = self.psql();
        let output = command.args(["-c", query]).output().expect("psql runs");
        assert!(output.status.success(), "{query}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Another session whose transaction stays open after this query.
    pub fn holding(&self, query: &str) -> Holding {
        let mut command = self.psql();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut psql = command.spawn().expect("psql runs");
        let words = format!("BEGIN;\n{query};\n");
        let stdin = psql.stdin.as_mut().expect("its input");
        stdin.write_all(words.as_bytes()).expect("told");
        let out = psql.stdout.as_mut().expect("its output");
        out.read_exact(&mut [0]).expect("an answer");
        Holding(psql)
    }

    /// The journal of its one incident.
    pub fn journal(&self) -> String {
        let incidents = self.scratch.join("home/incidents");
        let mut all = std::fs::read_dir(incidents).expect("incidents").flatten();
        let one = all.next().expect("an incident").path();
        std::fs::read_to_string(one.join("journal.jsonl")).expect("a journal")
    }

    pub fn rows(&self) -> String {
        self.ask("SELECT count(*) FROM trial")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(words)
            .current_dir(self.scratch.path())
            .envs(self.cluster.environment())
            .env("BACKOUT_HOME", self.scratch.join("home"))
            .env_remove("NO_COLOR")
            .env_remove("TMUX");
        command
    }

    pub fn cockpit(&self, words: &[&str]) -> Terminal {
        Terminal::start(self.command(words), 100, 30)
    }
}

/// A session that holds a transaction open until it is let go.
pub struct Holding(Child);

impl Holding {
    /// Ends it; what it held is free.
    pub fn release(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.release();
    }
}

/// A key, after the time that a look takes.
#[track_caller]
pub fn press(terminal: &mut Terminal, key: &str, sees: &str) {
    std::thread::sleep(Duration::from_millis(900));
    terminal.key(key);
    terminal.see(sees);
}

/// From the opening to the start of the one step.
#[track_caller]
pub fn run(cockpit: &mut Terminal, patience: &str) {
    cockpit.see("Severity and decision");
    press(cockpit, "d", "Fix forward");
    press(cockpit, "r", "Why?");
    press(cockpit, "enter", "Triage ✔");
    press(cockpit, "3", "expect 3 rows");
    press(cockpit, "enter", "y accept these commands");
    press(cockpit, "y", patience);
    press(cockpit, "r", "Output 0001");
}

/// From the opening to the question before the COMMIT.
#[track_caller]
pub fn to_the_question(place: &Place) -> Terminal {
    to_a_question(place, "5:00 at most")
}

/// The same, of a plan that says how long it waits.
#[track_caller]
fn to_a_question(place: &Place, patience: &str) -> Terminal {
    let mut cockpit = place.cockpit(&["open", "UNDO.md"]);
    run(&mut cockpit, patience);
    cockpit.see("Commit or roll back?");
    cockpit.see("DELETE 3 rows in trial").see("decide later");
    assert_eq!(place.rows(), "10", "nothing is final yet");
    cockpit
}

#[test]
fn the_question_outlives_the_cockpit_and_is_answered_by_the_next() {
    let Some(place) = Place::new() else { return };
    to_the_question(&place).kill();
    let mut again = place.cockpit(&["resume"]);
    again.see("Where you are");
    press(&mut again, "esc", "waits before its COMMIT");
    assert_eq!(place.rows(), "10", "a death decides nothing");
    press(&mut again, "ctrl-c", "decide later");
    // Closing it decides nothing either.
    press(&mut again, "esc", "ctrl-c opens the question");
    assert_eq!(place.rows(), "10");
    press(&mut again, "ctrl-c", "decide later");
    press(&mut again, "c", "Every action of the procedure is done");
    assert_eq!(place.rows(), "7");
}

#[test]
fn what_was_rolled_back_is_tried_again_without_a_word() {
    let Some(place) = Place::new() else { return };
    let mut cockpit = to_the_question(&place);
    press(&mut cockpit, "b", "rolled back: it was decided so");
    assert_eq!(place.rows(), "10");
    press(&mut cockpit, "enter", "r run it");
    press(&mut cockpit, "r", "decide later");
    // A stop is a rollback, and recorded as one.
    press(&mut cockpit, "ctrl-c", "rolled back");
    assert_eq!(place.rows(), "10");
}

#[test]
fn the_plan_says_how_long_a_commit_waits() {
    // The block's word beats the plan's.
    let plan = PLAN.replace("```sql", "```sql { commit-within=10s }");
    let front = "---\nbackout:\n  commit-within: 20m\n---\n";
    let Some(place) = Place::with(&format!("{front}{plan}")) else {
        return;
    };
    let mut cockpit = to_a_question(&place, "0:10 at most");
    cockpit.see("left to decide: at");
    cockpit.see("rolled back: nobody decided in time");
    assert_eq!(place.rows(), "10");
}

#[test]
fn a_drill_commits_and_says_what() {
    let Some(place) = Place::new() else { return };
    let output = place.command(&["drill", "UNDO.md"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("commits  DELETE 3 rows in trial"), "{said}");
    assert_eq!(place.rows(), "7");
}

#[test]
fn what_is_not_as_expected_is_said_before_the_commit() {
    let plan = "# Undo\n\n## Rollback procedure\n\n### Step 1: Take the trial back, expect 3 rows\n\n\
        ```sql\nDELETE FROM trial WHERE id > 8;\nSELECT count(*) FROM trial;\n-- Expected: 7\n```\n";
    let Some(place) = Place::with(plan) else {
        return;
    };
    let mut cockpit = place.cockpit(&["open", "UNDO.md"]);
    run(&mut cockpit, "5:00 at most");
    cockpit.see("Commit or roll back?");
    cockpit.see("the plan expects 7, and it shows “8”");
    cockpit.see("To commit, type 2");
    // A look is not enough for it.
    press(&mut cockpit, "c", "To commit, type 2");
    assert_eq!(place.rows(), "10");
    press(&mut cockpit, "ctrl-c", "rolled back");
    assert_eq!(place.rows(), "10");
}

/// The plan counts on three rows; a drill has nobody who could look at any other number.
#[test]
fn a_drill_rolls_back_what_is_not_as_the_plan_expects() {
    let Some(place) = Place::with(&PLAN.replace("id > 7", "id > 1")) else {
        return;
    };
    let mut said = place.command(&["drill", "UNDO.md", "--allow-destructive"]);
    let output = said.stdin(Stdio::null()).output().expect("backout runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{told}");
    assert!(told.contains("rolls back"), "{told}");
    assert!(!told.contains("commits"), "{told}");
    assert_eq!(place.rows(), "10");
}
