//! What the screen says of where things run, once a person has sent something elsewhere.

use super::screens_tests::Cockpit;
use crate::app::Key;
use crate::domain::elsewhere::CHECKS;
use crate::domain::event::Confirmation;
use crate::domain::fixture::{Flight, action, checklist, expecting, plan, procedure, step};
use crate::domain::plan::{Action, ChecklistRole, Danger, Plan};

fn fleet() -> Plan {
    let changes = Action {
        danger: Danger::Changes,
        ..action("a", "touch mark")
    };
    let mut it = plan();
    let mut after = checklist("post", ChecklistRole::Verification, &["it answers"]);
    after.items[0].actions = vec![expecting("sense", "cat state", "ready")];
    it.checklists.push(after);
    it.procedures = vec![procedure(
        "full",
        vec![step("s", vec![changes, action("b", "ls -l")])],
    )];
    it
}

fn cockpit(size: (u16, u16)) -> Cockpit {
    let mut flight = Flight::ready(fleet());
    let driver = &mut flight.incident.driver;
    "bastion-1".clone_into(&mut driver.host);
    Cockpit::on(flight, size)
}

#[test]
fn what_opens_no_session_keeps_its_question_and_what_was_typed() {
    for size in [(80, 24), (120, 30)] {
        let mut cockpit = cockpit(size);
        cockpit.keys("owdeploy@app-1\n");
        cockpit.sees("Run it where?");
        cockpit.sees("“deploy@app-1” opens no session");
        // It is mended where it stands.
        cockpit.press(Key::Home);
        cockpit.keys("ssh \n");
        cockpit.sees("And the checks of the lists and of Verify?");
        cockpit.sees("On deploy@app-1 too");
        cockpit.sees("Here (bastion-1), as until now");
    }
}

#[test]
fn the_checks_go_along_or_say_that_they_stay_here() {
    let mut cockpit = cockpit((120, 30));
    cockpit.keys("owssh app-1\n");
    cockpit.keys("h");
    assert!(!cockpit.flight.incident.sent.contains_key(CHECKS));
    cockpit.keys("4");
    cockpit.sees("here (bastion-1)");
    cockpit.keys("ohssh app-1\n");
    cockpit.sees("on app-1, by ssh, as was said");
    assert!(cockpit.flight.incident.sent.contains_key(CHECKS));
}

#[test]
fn a_tick_that_was_sensed_here_says_so() {
    let mut cockpit = cockpit((120, 30));
    cockpit.keys("owssh app-1\nh");
    cockpit
        .flight
        .start("sense", Confirmation::ReadOnly)
        .expect("asks");
    cockpit.flight.ends(0, "all is ready");
    cockpit.show();
    cockpit.keys("4");
    cockpit.sees("sensed here (bastion)");
}

#[test]
fn one_action_stays_here_and_goes_back_with_its_procedure() {
    let mut cockpit = cockpit((120, 30));
    cockpit.keys("owssh app-1\nh3mo");
    cockpit.sees("nothing: as its procedure or list; here: here");
    cockpit.keys("here\n");
    cockpit.sees("here (bastion-1), as was said");
    cockpit.keys("\n");
    cockpit.sees("here (bastion), not on app-1");
    cockpit.press(Key::Esc);
    cockpit.keys("mo");
    cockpit.press(Key::Ctrl('u'));
    cockpit.keys("\n");
    assert!(!cockpit.screen().contains("as was said)"));
    let at = "a".into();
    let place = cockpit.flight.incident.meant_for(&at).expect("a place");
    assert_eq!(place.name, "app-1");
}

#[test]
fn running_on_says_of_each_where_it_runs() {
    let mut cockpit = cockpit((120, 30));
    cockpit.keys("owssh app-1\nh3mohere\n");
    cockpit.keys("R");
    cockpit.sees("here (bastion-1)");
    cockpit.sees("on app-1, by ssh, as was said");
}
