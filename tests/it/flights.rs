//! Flights by keys only, through the built binary in a real terminal.

use crate::pilot::Pilot;
use crate::scratch::Scratch;

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
        .key("1", "as Any engineer on call?");
    it.answer("as Any engineer on call?", "nell")
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

    it.key("2", "The severity is decided");
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
        .see("skipped");
    it.key("3", "rm -rf data/cache")
        .select("rm -rf")
        .key("enter", "CANNOT BE UNDONE");
    let word = word_of(&it.terminal.screen());
    it.terminal.type_(&word);
    it.see("enter run it")
        .keys(&["enter"])
        .see("A service that finds no cache");
    it.run("bin/service restart")
        .see("Mark the rollback as complete");
    it.entry("Checkpoint 3").see("The service is healthy");
    sensed(&mut it, "The service is healthy");
    it.select("An order shows its price")
        .keys(&["space"])
        .see("After Service Restart is complete");
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
    it.entry("Checkpoint 4").see("Still healthy");
    sensed(&mut it, "Still healthy");
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
