//! A second terminal of the same person takes an incident over while a COMMIT waits, on a real
//! `PostgreSQL`: the transaction stays open throughout, is decided by whoever drives then, and by
//! nobody else.

use rustix::process::Signal;

use crate::rounds::{comes, lives, signal};
use crate::sql_flight::{Place, press, to_the_question};
use crate::terminal::Terminal;

/// A second terminal, up to the word with which it takes over.
#[track_caller]
fn second(place: &Place) -> Terminal {
    let mut second = place.cockpit(&["resume"]);
    second.see("is driven by").see("Type take");
    second
}

/// Takes it over, and comes to the question there.
#[track_caller]
fn take(place: &Place, second: &mut Terminal) {
    second.type_("take").key("enter");
    answer(place, second);
}

/// From the card of whoever comes to the question.
#[track_caller]
fn answer(place: &Place, second: &mut Terminal) {
    second.see("Where you are").see("taken over from");
    assert_eq!(place.rows(), "10", "to be taken over decides nothing");
    press(second, "esc", "ctrl-c opens the question");
    press(second, "ctrl-c", "Commit or roll back?");
    second.see("DELETE 3 rows in trial").see("decide later");
}

/// Stops a cockpit, and types into it what would commit if it were ever read.
fn suspend(first: &mut Terminal) -> i32 {
    let pid = first.pid().as_raw_nonzero().get();
    assert!(signal(pid, Signal::STOP));
    first.key("c");
    pid
}

#[track_caller]
fn decided(place: &Place, commit: bool) {
    // The output says it first, and the record follows.
    assert!(comes(|| place.journal().contains("\"attempt-ended\"")));
    let journal = place.journal();
    for (kind, times) in [
        ("\"resumed\"", 1),
        ("\"attempt-intended\"", 1),
        ("\"commit-decided\"", 1),
        ("\"attempt-ended\"", 1),
    ] {
        assert_eq!(journal.matches(kind).count(), times, "{kind}: {journal}");
    }
    let decided = journal.lines().find(|l| l.contains("\"commit-decided\""));
    let said = format!("\"commit\":{commit}");
    assert!(decided.is_some_and(|l| l.contains(&said)), "{journal}");
    // Whoever was there before has left nothing open on the server.
    let open = "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL \
        AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    assert!(comes(|| place.ask(open) == "0"));
}

#[test]
fn whoever_takes_over_from_a_cockpit_that_answers_commits() {
    let Some(place) = Place::new() else { return };
    let mut first = to_the_question(&place);
    let mut second = second(&place);
    second
        .see("That cockpit answers")
        .see("waits before its COMMIT");
    second.type_("take").key("enter");
    second.see("attempt 0001 waits before its COMMIT: DELETE 3 rows");
    answer(&place, &mut second);
    assert_eq!(first.exit_code(), 0);
    let said = first.screen().replace('\n', " ");
    assert!(said.contains("was taken over by"), "{said}");
    assert!(said.contains("waits before its COMMIT"), "{said}");
    press(&mut second, "c", "Every action of the procedure is done");
    assert_eq!(place.rows(), "7");
    decided(&place, true);
}

#[test]
fn whoever_takes_over_from_a_cockpit_that_answers_rolls_back() {
    let Some(place) = Place::new() else { return };
    let mut first = to_the_question(&place);
    let mut second = second(&place);
    take(&place, &mut second);
    assert_eq!(first.exit_code(), 0);
    press(&mut second, "b", "rolled back: it was decided so");
    assert_eq!(place.rows(), "10");
    decided(&place, false);
}

#[test]
fn what_a_hung_cockpit_was_told_decides_nothing() {
    let Some(place) = Place::new() else { return };
    let mut first = to_the_question(&place);
    let pid = suspend(&mut first);
    let mut second = second(&place);
    second.see("does not answer: it is suspended");
    take(&place, &mut second);
    assert!(!lives(pid), "the first cockpit can still write");
    assert_eq!(place.rows(), "10", "a key that nobody read has committed");
    press(&mut second, "b", "rolled back: it was decided so");
    assert_eq!(place.rows(), "10");
    decided(&place, false);
}

#[test]
fn a_question_that_a_hung_cockpit_never_saw_is_put_to_the_next() {
    let Some(place) = Place::new() else { return };
    // Somebody else's lock keeps the DELETE from ending until the cockpit hangs.
    let mut lock = place.holding("SELECT * FROM trial WHERE id = 9 FOR UPDATE");
    let mut first = place.cockpit(&["open", "UNDO.md"]);
    crate::sql_flight::run(&mut first, "5:00 at most");
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    assert!(comes(|| place.ask(waits) == "1"), "it never began");
    let pid = suspend(&mut first);
    lock.release();
    let mut second = second(&place);
    second.see("does not answer: it is suspended");
    take(&place, &mut second);
    assert!(!lives(pid), "the first cockpit can still write");
    press(&mut second, "c", "Every action of the procedure is done");
    assert_eq!(place.rows(), "7");
    decided(&place, true);
}
