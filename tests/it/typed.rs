//! A secret that a person types: into its question, into a command, into a note. It is in no file.

use std::fs;

use crate::pilot::Pilot;
use crate::rounds::secrets::{files_below, finds, traces};
use crate::scratch::Scratch;

/// What is typed.
pub const SECRET: &str = "canary'typed six";

/// Whether no file of the incident has it, in any form; says which has.
#[track_caller]
pub fn kept_out(scratch: &Scratch) {
    let files = files_below(&scratch.join("home"));
    for never in traces(SECRET) {
        let found = files.iter().find(|(_, b)| finds(b, never.as_bytes()));
        assert!(found.is_none(), "{never} is in {:?}", found.map(|(p, _)| p));
    }
}

#[test]
fn a_secret_in_an_edited_command_or_a_note_is_in_no_file() {
    let scratch = Scratch::new();
    let plan = "# Orchard rollback\n\n## Rollback Procedure\n\n### Step 1: Log in\n\n```bash\necho \"using <db_password>\" | tee login.txt\n```\n";
    fs::write(scratch.join("ROLLBACK.md"), plan).expect("a plan");
    let mut it = Pilot::sized(
        &scratch,
        scratch.path(),
        &["open", "ROLLBACK.md"],
        (140, 44),
    );
    it.see("Flight plan").key("d", "Fix forward");
    it.key("r", "Why?").keys(&["enter"]).gone("Why?");
    it.key("3", "Rollback Procedure");
    it.see("echo \"using")
        .select("echo \"using")
        .keys(&["enter"]);
    it.see("can run commands").key("y", "fill it");
    it.key("e", "Value of db_password");
    it.answer("Value of db_password", SECRET);
    it.see("BACKOUT_SECRET_DB_PASSWORD").see("r run it");

    // Written into the command, it would be in the script and in the journal.
    it.key("e", "The command to run instead");
    it.answer(
        "The command to run instead",
        &format!("; echo \"{SECRET}\""),
    );
    it.see("spells out the secret db_password").keys(&["r"]);
    it.see("something is still in the way");
    it.keys(&["esc"]).gone("spells out");

    it.keys(&["enter"]).see("r run it");
    it.key("e", "The command to run instead");
    it.answer("The command to run instead", "; echo loud");
    it.see("echo loud").see("r run it");
    std::thread::sleep(std::time::Duration::from_millis(900));
    it.keys(&["r"]).gone("r run it").see("[secret");
    let told = fs::read_to_string(scratch.join("login.txt")).expect("it ran");
    assert_eq!(told, format!("using {SECRET}\n"));

    it.key("n", "┌ Note");
    it.answer("┌ Note", &format!("it was {SECRET} all along"));
    it.key("x", "written to");
    assert_eq!(it.leave(), 0);
    kept_out(&scratch);
    let files = files_below(&scratch.join("home"));
    let named = |name: &str| files.iter().find(|(p, _)| p.ends_with(name));
    let patch = named("runbook.patch").map(|(_, b)| String::from_utf8_lossy(b).into_owned());
    let line = "+echo \"using <db_password>\" | tee login.txt; echo loud";
    assert!(
        patch.as_deref().is_some_and(|p| p.contains(line)),
        "{patch:?}"
    );
    let (_, journal) = named("journal.jsonl").expect("a journal");
    assert!(finds(journal, b"it was [secret db_password] all along"));
}
