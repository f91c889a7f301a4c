//! What the screens must not leave out or promise: checkpoints on the way, commands as a whole,
//! keys that do something.

use super::screens_tests::Cockpit;
use crate::app::Key;
use crate::app::rows::Target;
use crate::domain::event::Confirmation;
use crate::domain::fixture::{Flight, plan};

/// A rollback of one action with a checkpoint that is named after it, and one that is due later.
fn with_checkpoints() -> crate::domain::plan::Plan {
    use crate::domain::fixture::{action, checklist, procedure, step};
    use crate::domain::plan::ChecklistRole;
    let mut it = plan();
    let mut after = checklist("cp2", ChecklistRole::Checkpoint, &["it answers"]);
    (after.checkpoint, after.place) = (Some(2), Some("After Service Restart".to_owned()));
    let mut later = checklist("cp3", ChecklistRole::Checkpoint, &["still quiet"]);
    (later.checkpoint, later.due_after_s) = (Some(3), Some(86_400));
    let verify = checklist("verify", ChecklistRole::Verification, &["orders come in"]);
    it.checklists.extend([after, later, verify]);
    let look = action("look", "systemctl status shop # restart");
    it.procedures = vec![procedure("full", vec![step("s", vec![look])])];
    it
}

#[test]
fn a_checkpoint_at_the_end_comes_before_the_mark_and_no_stage_is_done_over_it() {
    let mut cockpit = Cockpit::on(Flight::ready(with_checkpoints()), (80, 24));
    cockpit
        .flight
        .start("look", Confirmation::ReadOnly)
        .expect("starts");
    cockpit.flight.ends(0, "");
    cockpit.show();
    cockpit.keys("3");
    cockpit.sees("Checklist cp2");
    cockpit.sees("[ ] it answers");
    // Marked in spite of it: the screen says what is open, and claims nothing.
    cockpit
        .flight
        .wants(&crate::domain::Command::CompleteRollback {
            reason: "enough for now".into(),
        })
        .expect("marked");
    cockpit.show();
    cockpit.sees("3 Execute  ");
    cockpit.keys("3");
    cockpit.sees("[ ] it answers");
    cockpit.keys(" ");
    cockpit.sees("3 Execute ✔");
}

#[test]
fn the_mark_names_the_checkpoints_that_are_open_and_what_was_passed_over() {
    let mut cockpit = Cockpit::on(Flight::ready(with_checkpoints()), (80, 24));
    let skip = crate::domain::Command::MarkAction {
        action: "look".into(),
        mark: crate::domain::event::ActionMark::Skipped,
        reason: "not needed".to_owned(),
        done_at: None,
        pasted: String::new(),
    };
    cockpit.flight.wants(&skip).expect("skipped");
    cockpit.show();
    let mark = crate::domain::outline::Subject::CompleteMark;
    cockpit.model.select_subject(&mark);
    cockpit.sees("Checklist cp2");
    cockpit.sees("0 of 1");
    cockpit.sees("complete all the same");
    cockpit.flight.tick("cp2/it answers").expect("ticked");
    cockpit.show();
    cockpit.model.select_subject(&mark);
    cockpit.sees("is done, but for");
    cockpit.sees("(skipped)");
}

#[test]
fn a_stages_key_goes_to_what_can_be_done_now_and_past_what_only_waits() {
    let mut cockpit = Cockpit::on(Flight::ready(with_checkpoints()), (80, 24));
    cockpit.keys("4");
    cockpit.sees("Checklist verify");
    cockpit.keys(" 4");
    cockpit.sees("Checklist cp3");
    cockpit.keys("5");
    cockpit.sees("Open the incident log");
    cockpit.keys("5");
    cockpit.sees("Sign off and close the incident");
}

#[test]
fn a_stage_without_anything_says_so() {
    let mut it = plan();
    it.checklists.clear();
    let mut cockpit = Cockpit::on(Flight::open(it), (80, 24));
    cockpit.keys("2");
    cockpit.sees("this plan has nothing under Prepare");
}

#[test]
fn a_run_on_shows_where_and_every_command_whole_and_can_be_read_to_its_end() {
    use crate::domain::fixture::{action, procedure, step};
    let long =
        "kubectl wait --for=condition=ready pod -l app=orders --namespace=shop --timeout=600s";
    let mut actions = vec![action("wait", long)];
    actions.extend((0..12).map(|n| action(&format!("a{n}"), &format!("echo {n}"))));
    let mut it = plan();
    it.procedures = vec![procedure("full", vec![step("s", actions)])];
    let mut cockpit = Cockpit::on(Flight::ready(it), (80, 24));
    cockpit.keys("3R");
    cockpit.sees("--timeout=600s");
    cockpit.sees("reads only");
    cockpit.sees("more lines (↓)");
    for _ in 0..40 {
        cockpit.press(Key::Down);
    }
    cockpit.sees("echo 11");
    cockpit.sees("Where        as ana@");
    cockpit.sees("staging");
    cockpit.sees("Holds at     the end of the procedure");
    // It is not scrolled past its end: the first key back is seen.
    cockpit.press(Key::Up);
    cockpit.sees("more lines (↓)");
}

#[test]
fn a_timeline_that_opens_at_its_end_answers_the_first_key_up() {
    let mut flight = Flight::ready(plan());
    for n in 0..40 {
        let text = format!("note number {n}");
        let note = crate::domain::Command::AddNote(text);
        flight.wants(&note).expect("noted");
    }
    let mut cockpit = Cockpit::on(flight, (80, 24));
    cockpit.keys("t");
    cockpit.sees("note number 39");
    cockpit.press(Key::Up);
    assert!(!cockpit.screen().contains("note number 39"));
    cockpit.keys("Gk");
    assert!(!cockpit.screen().contains("note number 39"));
    cockpit.keys("j");
    cockpit.sees("note number 39");
    // At its end it goes on with what happens.
    let note = crate::domain::Command::AddNote("note number 40".to_owned());
    cockpit.flight.wants(&note).expect("noted");
    cockpit.show();
    cockpit.sees("note number 40");
}

#[test]
fn of_one_procedure_alone_nobody_is_asked_to_choose_one() {
    let mut cockpit = Cockpit::on(Flight::open(plan()), (80, 24));
    cockpit.keys(" dr\n");
    assert_eq!(cockpit.flight.incident.procedure, Some("full".into()));
    cockpit.sees("Decision");
    let mut two = plan();
    two.procedures
        .push(crate::domain::fixture::procedure("quick", Vec::new()));
    let mut cockpit = Cockpit::on(Flight::open(two), (80, 24));
    cockpit.keys(" dr\n3");
    assert_eq!(cockpit.flight.incident.procedure, None);
    cockpit.sees("Choose a procedure");
}

#[test]
fn the_hints_name_only_keys_that_do_something_here() {
    use crate::domain::fixture::{action, procedure, step};
    use crate::domain::plan::{Action, ActionKind};
    let call = Action {
        kind: ActionKind::Manual,
        ..action("call", "Call the shop")
    };
    let mut it = plan();
    let act = action("ls", "ls");
    it.procedures = vec![procedure("full", vec![step("s", vec![call, act])])];
    let mut cockpit = Cockpit::on(Flight::ready(it), (80, 24));
    let hints = |cockpit: &Cockpit| cockpit.screen().lines().last().unwrap_or("").to_owned();
    cockpit.keys("3");
    cockpit.sees("▶ ○ Call the shop");
    assert!(!hints(&cockpit).contains("e edit"), "{}", hints(&cockpit));
    assert!(hints(&cockpit).contains("m mark"));
    cockpit.keys("e");
    cockpit.sees("a person does this one");
    assert!(cockpit.model.layers.is_empty());
    cockpit.keys("j");
    cockpit.press_after(5_000, Key::Up);
    cockpit.press(Key::Down);
    cockpit.model.toast = None;
    assert!(hints(&cockpit).contains("e edit"), "{}", hints(&cockpit));
    assert!(hints(&cockpit).ends_with("? help"), "{}", hints(&cockpit));
}

#[test]
fn the_way_in_a_list_goes_on_downwards_and_a_tick_goes_to_the_next_item() {
    use crate::domain::fixture::{action, checklist};
    use crate::domain::plan::ChecklistRole;
    let mut it = plan();
    let mut list = checklist(
        "pre",
        ChecklistRole::PreRollback,
        &["told", "saved", "known"],
    );
    list.items[1].actions = vec![action("save", "true"), action("check", "true")];
    it.checklists = vec![list];
    let mut cockpit = Cockpit::on(Flight::open(it), (80, 24));
    cockpit.keys("2jj");
    cockpit
        .flight
        .start("save", Confirmation::ReadOnly)
        .expect("starts");
    cockpit.show();
    cockpit.flight.ends(0, "");
    cockpit.show();
    // The first item is still open, and what was begun goes on.
    assert_eq!(cockpit.model.selected(), Target::Action("check".into()));
    cockpit.keys("k");
    cockpit.press(Key::Up);
    cockpit.keys(" ");
    assert_eq!(cockpit.model.selected(), Target::Item("pre/known".into()));
}

#[test]
fn a_blank_of_what_a_person_runs_elsewhere_is_asked_for_and_put_in() {
    use crate::domain::fixture::{action, procedure, step};
    use crate::domain::plan::{Action, ActionKind, Parameter};
    let back = Action {
        kind: ActionKind::Manual,
        lang: "powershell".to_owned(),
        parameters: vec!["last_good".into()],
        ..action("back", "git checkout <last-good>\nRestart-Service shop")
    };
    let mut it = plan();
    it.parameters = vec![Parameter {
        name: "last_good".into(),
        syntax: "<last-good>".to_owned(),
        ..Parameter::default()
    }];
    it.procedures = vec![procedure("full", vec![step("s", vec![back])])];
    let mut cockpit = Cockpit::on(Flight::ready(it), (80, 24));
    cockpit.keys("3");
    cockpit.sees("last_good is still to be filled (e)");
    cockpit.keys("e");
    cockpit.sees("Value of last_good");
    cockpit.keys("v41\n");
    cockpit.sees("git checkout v41");
    cockpit.sees("with last_good = v41");
}

#[test]
fn a_way_that_was_done_by_hand_is_chosen_and_the_others_are_not_done_after_it() {
    use crate::domain::fixture::{action, procedure, step};
    use crate::domain::plan::{Action, ActionKind};
    let way = |id: &str, code: &str, head: Option<&str>| Action {
        kind: ActionKind::Manual,
        choice: Some("ways".into()),
        branch: head.map(Into::into),
        ..action(id, code)
    };
    let mut it = plan();
    let ways = vec![
        way("console", "In the console", None),
        way("promote", "Promote the one before", Some("console")),
        way("revert", "Revert in the repository", None),
        action("look", "curl shop.test"),
    ];
    it.procedures = vec![procedure("full", vec![step("s", ways)])];
    let mut cockpit = Cockpit::on(Flight::ready(it), (80, 24));
    cockpit.keys("3");
    cockpit.sees("one of several: tick what is done");
    cockpit.keys(" ");
    cockpit.sees("another one is chosen");
    // The rest of the way that was taken is still to be done, the other way is not.
    let next = || Some("promote".into());
    assert_eq!(cockpit.flight.incident.next_place(), next());
    cockpit
        .flight
        .wants(&crate::domain::Command::MarkAction {
            action: "promote".into(),
            mark: crate::domain::event::ActionMark::DoneByHand,
            reason: String::new(),
            done_at: None,
            pasted: String::new(),
        })
        .expect("done");
    assert_eq!(cockpit.flight.incident.next_place(), Some("look".into()));
}
