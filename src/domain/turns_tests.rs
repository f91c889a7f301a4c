//! The rules of what was done and cannot be: a retry that never ran, a mark over what is open, a
//! tick before its time, and how far back `u` goes.

use super::event::{Confirmation, Decision, ItemMark};
use super::fixture::{Flight, checklist, expecting, plan};
use super::ids::{ActionRef, AttemptId};
use super::plan::{Checklist, ChecklistRole};
use super::status::{ActionStatus, ItemStatus};
use super::{Command, Observation, Refusal, flight};

fn status(flight: &Flight, at: &str) -> ActionStatus {
    let at = ActionRef::new(at);
    let (_, action) = flight::find_action(&flight.incident.plan, &at).expect("an action");
    flight.incident.action_status(&at, action)
}

/// The second attempt is held back as it is set off.
fn second_never_ran(flight: &mut Flight) {
    let refused = Observation::NeverRan {
        attempt: AttemptId(2),
        why: "another host".to_owned(),
    };
    flight
        .wants(&Command::Observe(refused))
        .expect("an observation");
}

/// A checkpoint that is due a minute after the mark.
fn late(item: &str) -> Checklist {
    let mut late = checklist("late", ChecklistRole::Checkpoint, &[item]);
    late.checkpoint = Some(5);
    late.due_after_s = Some(60);
    late
}

fn complete(reason: &str) -> Command {
    let reason = reason.to_owned();
    Command::CompleteRollback { reason }
}

#[test]
fn what_failed_stays_failed_where_the_next_attempt_never_ran() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("runs");
    flight.ends(2, "");
    let failed = ActionStatus::Failed(AttemptId(1));
    assert_eq!(status(&flight, "look"), failed);
    flight.start("look", Confirmation::ReadOnly).expect("again");
    second_never_ran(&mut flight);
    assert_eq!(status(&flight, "look"), failed);
}

#[test]
fn what_passed_is_open_where_the_next_attempt_never_ran() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("runs");
    flight.ends(0, "v1");
    assert_eq!(status(&flight, "look"), ActionStatus::Passed(AttemptId(1)));
    flight.start("look", Confirmation::ReadOnly).expect("again");
    second_never_ran(&mut flight);
    assert_eq!(status(&flight, "look"), ActionStatus::Open);
}

#[test]
fn a_rollback_that_is_not_done_is_complete_for_a_reason_only() {
    let mut flight = Flight::ready(plan());
    assert!(flight.incident.is_undone());
    assert_eq!(flight.wants(&complete(" ")), Err(Refusal::ReasonDue));
    assert_eq!(flight.incident.completed_at, None);
    flight
        .wants(&complete("the rest was done elsewhere"))
        .expect("a reason");
    assert!(flight.incident.completed_at.is_some());
}

#[test]
fn what_is_looked_at_some_time_after_is_not_ticked_before() {
    let mut it = plan();
    let late = late("stable");
    it.checklists.push(late);
    let mut flight = Flight::ready(it);
    flight.incident.procedure = Some("full".into());
    let refused = flight.tick("late/stable").expect_err("too early");
    assert!(refused.to_string().contains("not set"), "{refused}");
    let defer = Command::MarkItem {
        item: "late/stable".into(),
        mark: ItemMark::Deferred,
        reason: "tomorrow".to_owned(),
    };
    flight.wants(&defer).expect("a reason");
    flight.wants(&complete("enough for now")).expect("marked");
    flight.tick("late/stable").expect("its time counts");
}

#[test]
fn a_time_in_the_title_of_an_early_list_holds_nothing_up() {
    let mut it = plan();
    let mut early = checklist("early", ChecklistRole::PreRollback, &["told early"]);
    early.due_after_s = Some(900);
    it.checklists.push(early);
    let mut flight = Flight::ready(it);
    flight.incident.procedure = Some("full".into());
    flight
        .tick("early/told early")
        .expect("it is not a look back");
}

#[test]
fn u_does_not_go_back_past_a_decision_or_a_mark() {
    let mut flight = Flight::ready(plan());
    let open = Command::MarkItem {
        item: "pre/told".into(),
        mark: ItemMark::Open,
        reason: String::new(),
    };
    flight.wants(&open).expect("opened again");
    assert!(!flight.incident.undo.is_empty());
    flight.wants(&complete("enough for now")).expect("marked");
    assert_eq!(flight.wants(&Command::Undo), Err(Refusal::NothingToUndo));
    let again = Command::Decide {
        decision: Decision::FixForward,
        reason: "it can be mended".to_owned(),
    };
    flight.wants(&again).expect("a reason");
    assert_eq!(flight.wants(&Command::Undo), Err(Refusal::NothingToUndo));
}

#[test]
fn what_a_person_says_after_a_try_that_never_ran_counts() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("runs");
    flight.ends(2, "");
    flight.start("look", Confirmation::ReadOnly).expect("again");
    second_never_ran(&mut flight);
    let judged = Command::Judge {
        attempt: AttemptId(1),
        met: true,
        reason: "it shows v1 now".to_owned(),
    };
    flight.wants(&judged).expect("a judgement");
    let passed = ActionStatus::Passed(AttemptId(1));
    assert_eq!(status(&flight, "look"), passed);
    // Whatever else is run after it.
    let mut other = flight.incident.attempts[0].clone();
    other.intent.attempt = AttemptId(3);
    other.intent.action = ActionRef::new("another");
    flight.incident.attempts.push(other);
    assert_eq!(status(&flight, "look"), passed);
}

#[test]
fn a_sensor_says_nothing_of_the_time_after_before_it_has_come() {
    let mut it = plan();
    let mut late = late("quiet");
    late.items[0].actions = vec![expecting("errors", "cat errors", "quiet")];
    it.checklists.push(late);
    let mut flight = Flight::ready(it);
    flight.incident.procedure = Some("full".into());
    let sense = |flight: &mut Flight| {
        let run = flight.start("errors", Confirmation::ReadOnly);
        run.expect("it reads only");
        flight.ends(0, "quiet");
    };
    let stands = |flight: &Flight| {
        let found = flight::find_item(&flight.incident.plan, &"late/quiet".into());
        flight.incident.item_status(found.expect("an item").1)
    };
    sense(&mut flight);
    assert_eq!(stands(&flight), ItemStatus::Open);
    flight.wants(&complete("enough for now")).expect("marked");
    assert_eq!(stands(&flight), ItemStatus::Open, "seen before it");
    sense(&mut flight);
    assert_eq!(stands(&flight), ItemStatus::Open, "seen before its time");
    let minute = chrono::TimeDelta::seconds(60);
    let complete = &mut flight.incident.completed_at;
    *complete = complete.map(|at| at - minute);
    sense(&mut flight);
    assert_eq!(stands(&flight), ItemStatus::Sensed);
}

#[test]
fn the_time_after_a_step_does_not_wait_for_the_end() {
    let mut it = plan();
    let mut late = late("stable");
    late.title = "Checkpoint 2: 10 Minutes After Traffic Shift".into();
    it.checklists.push(late);
    let mut flight = Flight::ready(it);
    flight.incident.procedure = Some("full".into());
    flight.tick("late/stable").expect("the shift is over");
    for (title, from_the_end) in [
        ("Checkpoint 4: 30 Minutes After Rollback", true),
        ("1 hour after", true),
        ("Checkpoint 4: After 30 minutes", true),
        ("30 Minutes After Rolling Back", true),
        ("1 hour after: error rate normal", true),
        ("1 hour after (each region)", true),
        ("5 minutes after each phase", false),
        ("10 minutes after DB restore", false),
    ] {
        let list = &mut flight.incident.plan;
        let list = std::sync::Arc::make_mut(list).checklists.last_mut();
        list.expect("the late one").title = title.into();
        let late = flight.incident.plan.checklists.last().expect("the same");
        assert_eq!(
            flight.incident.comes_too_soon(late),
            from_the_end,
            "{title}"
        );
    }
}

#[test]
fn a_status_that_is_an_answer_is_no_failure() {
    use super::plan::{Compare, ExpectRule, Expectation};
    let inactive = || ExpectRule::Contains("inactive".into());
    let none = || ExpectRule::Number(Compare::Equal, 0);
    for (code, rule, exit, said, passes) in [
        ("grep -c ERROR app.log", none(), 1, "0\n", true),
        (
            "grep ERROR app.log",
            ExpectRule::Exactly(String::new()),
            1,
            "",
            true,
        ),
        (
            "systemctl is-active shop",
            inactive(),
            3,
            "inactive\n",
            true,
        ),
        (
            "systemctl is-active shop",
            inactive(),
            4,
            "inactive\n",
            false,
        ),
        ("systemctl stop shop", inactive(), 3, "inactive\n", false),
        ("grep -c ERROR app.log", none(), 2, "0\n", false),
    ] {
        let mut it = plan();
        let look = &mut it.procedures[0].steps[0].actions[0];
        look.code = code.to_owned();
        look.expect = vec![Expectation::new("as planned", rule)];
        let mut flight = Flight::ready(it);
        flight.start("look", Confirmation::ReadOnly).expect("runs");
        flight.ends(exit, said);
        let passed = status(&flight, "look") == ActionStatus::Passed(AttemptId(1));
        assert_eq!(passed, passes, "{code} {exit}");
    }
}
