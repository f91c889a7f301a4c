//! The rules in the operator's language: what may start, what is green, what holds up what.

use super::event::{ActionMark, Confirmation, Decision, Gate, ItemMark, Mode, Resolution};
use super::fixture::{Flight, action, checklist, expecting, plan, procedure, step};
use super::ids::{ActionRef, AttemptId, ChoiceId};
use super::outline::{EntryState, Stage, Subject};
use super::plan::{Action, ActionKind, ChecklistRole, Danger};
use super::status::ActionStatus;
use super::{Command, Observation, Refusal, flight};

fn status(flight: &Flight, at: &str) -> ActionStatus {
    let at = ActionRef::new(at);
    let (_, action) = flight::find_action(&flight.incident.plan, &at).expect("an action");
    flight.incident.action_status(&at, action)
}

#[test]
fn nothing_of_the_rollback_starts_before_the_decision_and_the_checklist() {
    let mut flight = Flight::open(plan());
    let refused = flight
        .start("look", Confirmation::ReadOnly)
        .expect_err("gated");
    assert_eq!(
        refused,
        Refusal::Gated(vec![Gate::Decision, Gate::Checklist("pre".into())])
    );
    assert!(flight.incident.attempts.is_empty());
}

#[test]
fn a_gate_yields_to_a_reason_and_to_nothing_less() {
    let mut flight = Flight::ready(plan());
    let waive = |reason: &str| Command::WaiveGate {
        gate: Gate::Order("look".into()),
        reason: reason.to_owned(),
    };
    let refused = flight
        .start("go-back", Confirmation::Pressed)
        .expect_err("gated");
    assert_eq!(refused, Refusal::Gated(vec![Gate::Order("look".into())]));
    assert_eq!(flight.wants(&waive(" ")), Err(Refusal::ReasonDue));
    flight
        .wants(&waive("looked in another window"))
        .expect("a reason");
    flight
        .start("go-back", Confirmation::Pressed)
        .expect("the gate is passed");
}

#[test]
fn a_second_enter_on_the_same_box_runs_nothing() {
    let mut flight = Flight::ready(plan());
    let shown = Box::new(flight.shown("look"));
    let start = Command::Start {
        shown,
        confirmation: Confirmation::ReadOnly,
    };
    flight.wants(&start).expect("the first");
    assert_eq!(flight.wants(&start), Err(Refusal::Stale));
    assert_eq!(flight.incident.attempts.len(), 1);
}

#[test]
fn a_confirmation_must_be_of_the_kind_that_is_due() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("reads");
    flight.ends(0, "v1");
    let due = Refusal::Confirmation { word: None };
    assert_eq!(flight.start("go-back", Confirmation::ReadOnly), Err(due));
    flight
        .start("go-back", Confirmation::Pressed)
        .expect("pressed");
    flight.ends(0, "");
    let due = || {
        Err(Refusal::Confirmation {
            word: Some("staging".to_owned()),
        })
    };
    assert_eq!(flight.start("drop", Confirmation::Pressed), due());
    assert_eq!(flight.start("drop", Confirmation::RunOn), due());
    assert_eq!(
        flight.start("drop", Confirmation::Typed("stagin".to_owned())),
        due()
    );
    flight
        .start("drop", Confirmation::Typed("staging".to_owned()))
        .expect("the word");
}

#[test]
fn running_a_changing_action_again_wants_a_word() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("reads");
    flight.ends(0, "v1");
    flight
        .start("go-back", Confirmation::Pressed)
        .expect("first");
    flight.ends(1, "error");
    let due = Refusal::Confirmation {
        word: Some("again".to_owned()),
    };
    assert_eq!(flight.start("go-back", Confirmation::Pressed), Err(due));
    flight
        .start("go-back", Confirmation::Typed("again".to_owned()))
        .expect("the word");
}

#[test]
fn ran_is_not_passed() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("reads");
    flight.ends(0, "v1");
    assert_eq!(status(&flight, "look"), ActionStatus::Passed(AttemptId(1)));
    flight
        .start("go-back", Confirmation::Pressed)
        .expect("pressed");
    flight.ends(0, "done");
    assert_eq!(status(&flight, "go-back"), ActionStatus::Ran(AttemptId(2)));
}

#[test]
fn what_was_not_shown_is_a_failure_whatever_the_exit_status() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("reads");
    flight.ends(0, "v2 only");
    assert_eq!(status(&flight, "look"), ActionStatus::Failed(AttemptId(1)));
    let gated = flight.start("go-back", Confirmation::Pressed);
    assert_eq!(gated, Err(Refusal::Gated(vec![Gate::Order("look".into())])));
}

#[test]
fn a_search_that_found_nothing_is_for_a_person() {
    let mut it = plan();
    it.procedures = vec![procedure(
        "full",
        vec![step("look", vec![action("look", "tail log | grep ERROR")])],
    )];
    let mut flight = Flight::ready(it);
    flight.start("look", Confirmation::ReadOnly).expect("reads");
    flight.ends(1, "");
    assert_eq!(status(&flight, "look"), ActionStatus::Judge(AttemptId(1)));
}

#[test]
fn an_unknown_outcome_blocks_what_changes_until_it_is_settled() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("reads");
    flight.ends(0, "v1");
    flight
        .start("go-back", Confirmation::Pressed)
        .expect("pressed");
    let lost = Observation::Lost {
        attempt: AttemptId(2),
        why: "gone".to_owned(),
    };
    flight.wants(&Command::Observe(lost)).expect("observed");
    assert_eq!(
        status(&flight, "go-back"),
        ActionStatus::Unknown(AttemptId(2))
    );
    let blocked = flight.start("go-back", Confirmation::Typed("again".to_owned()));
    let title = flight.incident.attempts[1].intent.title.clone();
    let unknown = |runs| Err(Refusal::UnknownBefore(AttemptId(2), title.clone(), runs));
    assert_eq!(blocked, unknown(None));
    // Where somebody is still at it, whoever wants to go on is told.
    let seen = Observation::Survivors {
        attempt: AttemptId(2),
        alive: vec![4711],
        note: String::new(),
    };
    flight.wants(&Command::Observe(seen)).expect("seen");
    let blocked = flight.start("go-back", Confirmation::Typed("again".to_owned()));
    let runs = "pid 4711 of it still runs".to_owned();
    assert_eq!(blocked, unknown(Some(runs)));
    let skip = Command::MarkAction {
        action: "go-back".into(),
        mark: ActionMark::Skipped,
        reason: "never mind".to_owned(),
        done_at: None,
        pasted: String::new(),
    };
    assert!(
        flight.wants(&skip).is_err(),
        "an unknown outcome cannot be skipped over"
    );
    let settle = Command::Resolve {
        attempt: AttemptId(2),
        resolution: Resolution::Failed,
        reason: "git status says so".to_owned(),
    };
    flight.wants(&settle).expect("settled");
    flight
        .start("go-back", Confirmation::Typed("again".to_owned()))
        .expect("free again");
}

#[test]
fn two_things_never_run_at_once_in_the_foreground() {
    let mut it = plan();
    it.procedures = vec![procedure(
        "full",
        vec![
            step("a", vec![action("one", "sleep 9")]),
            step(
                "b",
                vec![Action {
                    monitor: true,
                    ..action("beside", "watch date")
                }],
            ),
        ],
    )];
    let mut flight = Flight::ready(it);
    flight.start("one", Confirmation::ReadOnly).expect("starts");
    let again = flight.start("one", Confirmation::ReadOnly);
    assert_eq!(again, Err(Refusal::Busy("sleep 9".to_owned())));
    let beside = flight.start("beside", Confirmation::ReadOnly);
    assert_eq!(beside, Err(Refusal::Gated(vec![Gate::Order("one".into())])));
}

#[test]
fn a_dry_run_and_an_unaccepted_runbook_run_nothing() {
    let mut flight = Flight::ready(plan());
    flight.incident.trusted = false;
    assert_eq!(
        flight.start("look", Confirmation::ReadOnly),
        Err(Refusal::NotAccepted)
    );
    flight.wants(&Command::AcceptRunbook).expect("accepted");
    flight.incident.mode = Mode::DryRun;
    assert_eq!(
        flight.start("look", Confirmation::ReadOnly),
        Err(Refusal::DryRun)
    );
}

#[test]
fn an_item_cannot_be_ticked_while_its_sensor_disagrees() {
    let mut it = plan();
    let list = it.checklists.first_mut().expect("a list");
    let sensed = expecting("backup", "ls backup", "dump");
    list.items
        .first_mut()
        .expect("an item")
        .actions
        .push(sensed);
    let mut flight = Flight::open(it);
    flight
        .start("backup", Confirmation::ReadOnly)
        .expect("reads");
    flight.ends(0, "empty");
    assert_eq!(flight.tick("pre/told"), Err(Refusal::SensorDisagrees));
    let mark = |reason: &str| Command::MarkItem {
        item: "pre/told".into(),
        mark: ItemMark::Overridden,
        reason: reason.to_owned(),
    };
    assert_eq!(flight.wants(&mark("")), Err(Refusal::ReasonDue));
    flight
        .wants(&mark("seen on the other host"))
        .expect("overridden");
}

#[test]
fn an_item_ticks_itself_when_its_sensor_agrees() {
    let mut it = plan();
    let list = it.checklists.first_mut().expect("a list");
    list.items
        .first_mut()
        .expect("an item")
        .actions
        .push(expecting("backup", "ls", "dump"));
    let mut flight = Flight::open(it);
    flight
        .start("backup", Confirmation::ReadOnly)
        .expect("reads");
    flight.ends(0, "orders.dump");
    let list = flight.incident.plan.checklists.first().expect("a list");
    assert_eq!(flight.incident.checklist_progress(list), (1, 2));
}

#[test]
fn undo_takes_back_ticks_and_texts_and_leaves_both_in_the_record() {
    let mut flight = Flight::open(plan());
    flight.tick("pre/told").expect("ticked");
    let before = flight.events.len();
    flight.wants(&Command::Undo).expect("undone");
    let list = flight.incident.plan.checklists.first().expect("a list");
    assert_eq!(flight.incident.checklist_progress(list).0, 0);
    assert_eq!(flight.events.len(), before + 1);
    assert_eq!(flight.wants(&Command::Undo), Err(Refusal::NothingToUndo));
    let write = |text: &str| Command::WriteField {
        field: "f".into(),
        text: text.to_owned(),
    };
    flight.wants(&write("first")).expect("written");
    flight.wants(&write("second")).expect("written");
    flight.wants(&Command::Undo).expect("undone");
    assert_eq!(
        flight.incident.fields.get(&"f".into()).map(String::as_str),
        Some("first")
    );
}

#[test]
fn of_alternatives_the_started_one_is_chosen_and_the_other_leaves_the_path() {
    let choice = Some(ChoiceId::new("restart"));
    let mut it = plan();
    it.procedures = vec![procedure(
        "full",
        vec![step(
            "s",
            vec![
                Action {
                    choice: choice.clone(),
                    ..action("pm2", "pm2 restart all")
                },
                Action {
                    choice,
                    ..action("docker", "docker restart web")
                },
            ],
        )],
    )];
    let mut flight = Flight::ready(it);
    flight
        .start("docker", Confirmation::ReadOnly)
        .expect_err("the first is in the way");
    let pick = Command::ChooseAlternative {
        choice: "restart".into(),
        option: "docker".into(),
    };
    flight.wants(&pick).expect("chosen");
    flight
        .start("docker", Confirmation::ReadOnly)
        .expect("starts");
    let path = flight.incident.path();
    let steps = flight::steps(&path);
    let places = &steps.first().expect("a step").places;
    let of = |i: usize| {
        flight
            .incident
            .place_status(places.get(i).expect("a place"))
    };
    assert_eq!(of(0), ActionStatus::OffPath);
    assert_eq!(of(1), ActionStatus::Running(AttemptId(1)));
}

#[test]
fn an_alternative_of_several_actions_is_chosen_and_left_as_a_whole() {
    let of = |id: &str, branch: Option<&str>| Action {
        choice: Some("way".into()),
        branch: branch.map(Into::into),
        ..action(id, "true")
    };
    let mut it = plan();
    it.procedures = vec![procedure(
        "full",
        vec![step(
            "s",
            vec![
                of("a1", None),
                of("a2", Some("a1")),
                of("b1", None),
                of("b2", Some("b1")),
                action("after", "true"),
            ],
        )],
    )];
    let mut flight = Flight::ready(it);
    let pick = Command::ChooseAlternative {
        choice: "way".into(),
        option: "b1".into(),
    };
    let tail = Command::ChooseAlternative {
        choice: "way".into(),
        option: "b2".into(),
    };
    flight.wants(&tail).expect_err("a tail is no option");
    flight.wants(&pick).expect("chosen");
    let path = flight.incident.path();
    let places = &flight::steps(&path).first().expect("a step").places;
    let all: Vec<ActionStatus> = places
        .iter()
        .map(|p| flight.incident.place_status(p))
        .collect();
    let (left, open) = (ActionStatus::OffPath, ActionStatus::Open);
    assert_eq!(all, [left, left, open, open, open]);
}

#[test]
fn steps_of_one_way_are_flown_in_order_and_offered_once() {
    let of = |id: &str, branch: Option<&str>| crate::domain::plan::Step {
        choice: Some("way".into()),
        branch: branch.map(Into::into),
        ..step(id, vec![action(&format!("{id}/a"), "true")])
    };
    let mut it = plan();
    let steps = vec![of("a1", None), of("a2", Some("a1")), of("b1", None)];
    it.procedures = vec![procedure("full", steps)];
    let full = "full".into();
    let mut chosen = std::collections::BTreeMap::new();
    let open = flight::path(&it, &full, &chosen);
    let [flight::Leg::Choose { options, .. }] = open.as_slice() else {
        panic!("one choice, not {open:?}");
    };
    assert_eq!(
        options.iter().map(|o| o.0).collect::<Vec<_>>(),
        ["a1", "b1"]
    );
    chosen.insert("way".into(), "a1".to_owned());
    let legs = flight::path(&it, &full, &chosen);
    let ids: Vec<&str> = flight::steps(&legs)
        .iter()
        .map(|s| s.step.id.as_str())
        .collect();
    assert_eq!(ids, ["a1", "a2"]);
}

#[test]
fn an_include_is_flown_in_place_and_a_cycle_is_cut() {
    let include = |id: &str, target: &str| Action {
        kind: ActionKind::Include,
        target: Some(target.into()),
        ..action(id, "Follow the other one")
    };
    let mut it = plan();
    it.procedures = vec![
        procedure("full", vec![step("f", vec![include("inc", "other")])]),
        procedure(
            "other",
            vec![step(
                "o",
                vec![action("work", "true"), include("back", "full")],
            )],
        ),
    ];
    let flight = Flight::ready(it);
    let path = flight.incident.path();
    let steps = flight::steps(&path);
    let places: Vec<&str> = steps
        .iter()
        .flat_map(|s| s.places.iter().map(|p| p.at.as_str()))
        .collect();
    assert_eq!(places, ["inc", "inc>work", "inc>back"]);
}

#[test]
fn the_close_waits_for_checkpoints() {
    let mut it = plan();
    let mut late = checklist("late", ChecklistRole::Checkpoint, &["stable"]);
    late.checkpoint = Some(5);
    late.due_after_s = Some(86_400);
    it.checklists.push(late);
    let mut flight = Flight::ready(it);
    let close = Command::Close {
        sign_off: "ana".to_owned(),
    };
    assert_eq!(
        flight.wants(&close),
        Err(Refusal::StillOpen(vec![
            "Checklist late".to_owned(),
            "the rollback is not done, nor marked complete".to_owned(),
        ]))
    );
    let defer = Command::MarkItem {
        item: "late/stable".into(),
        mark: ItemMark::Deferred,
        reason: "tomorrow".to_owned(),
    };
    flight.wants(&defer).expect("deferred");
    flight
        .wants(&Command::CompleteRollback {
            reason: "enough for now".into(),
        })
        .expect("marked");
    flight.wants(&close).expect("closed");
    let left = [
        "stable",
        "not done: git tag",
        "not done: git checkout v1",
        "not done: dropdb orders_new",
    ];
    assert_eq!(flight.incident.left_open, left);
    assert_eq!(flight.tick("pre/told"), Err(Refusal::Closed));
}

#[test]
fn severity_is_the_highest_with_a_ticked_trigger() {
    let mut flight = Flight::open(plan());
    let tick = |t: &str, on| Command::TickTrigger {
        trigger: t.into(),
        on,
    };
    flight.wants(&tick("slow", true)).expect("ticked");
    assert_eq!(
        flight.incident.severity().map(|s| s.name.as_str()),
        Some("LOW")
    );
    assert_eq!(flight.incident.deadline(), None);
    flight.wants(&tick("errors", true)).expect("ticked");
    assert_eq!(
        flight.incident.severity().map(|s| s.name.as_str()),
        Some("HIGH")
    );
    let opened = flight.incident.opened_at.wall;
    let due = flight.incident.deadline().expect("a deadline");
    assert_eq!((due - opened).num_seconds(), 900);
}

#[test]
fn the_outline_shows_the_stages_in_order_and_the_worst_state_of_a_step() {
    let mut flight = Flight::ready(plan());
    flight.start("look", Confirmation::ReadOnly).expect("reads");
    flight.ends(0, "nothing");
    let entries = flight.incident.outline(super::fixture::stamp(60).wall);
    let stages: Vec<Stage> = entries.iter().map(|e| e.stage).collect();
    assert!(stages.is_sorted(), "{stages:?}");
    let step = entries
        .iter()
        .find(|e| e.subject == Subject::Step("full".into(), "look".into()))
        .expect("the step");
    assert_eq!(step.state, EntryState::Failed);
    assert_eq!(flight.incident.stage(), Stage::Execute);
}

#[test]
fn what_is_gathered_stands_before_the_checkpoint_that_ends_the_stage() {
    let mut it = plan();
    let mut gate = checklist("cp1", ChecklistRole::Checkpoint, &["known"]);
    gate.checkpoint = Some(1);
    it.checklists.insert(0, gate);
    let look = step("now", vec![action("version", "git rev-parse HEAD")]);
    let mut gather = procedure("gather", vec![look]);
    gather.phase = super::plan::Phase::Prepare;
    it.procedures.push(gather);
    let entries = Flight::ready(it)
        .incident
        .outline(super::fixture::stamp(60).wall);
    let at = |subject: Subject| entries.iter().position(|e| e.subject == subject);
    let gate = at(Subject::Checklist("cp1".into())).expect("the checkpoint");
    let last = at(Subject::Step("gather".into(), "now".into())).expect("the step");
    assert_eq!(gate, last + 1);
    assert_eq!(entries.get(gate).map(|e| e.stage), Some(Stage::Prepare));
}

#[test]
fn a_checkpoint_after_the_code_stands_before_what_follows_the_code() {
    let mut it = plan();
    let mut after = checklist("cp2", ChecklistRole::Checkpoint, &["healthy"]);
    after.checkpoint = Some(2);
    after.place = Some("After Code Rollback".to_owned());
    it.checklists.push(after);
    it.procedures = vec![procedure(
        "full",
        vec![
            step(
                "code",
                vec![
                    action("checkout", "git checkout v1"),
                    action("build", "npm run build"),
                ],
            ),
            step(
                "queue",
                vec![Action {
                    danger: Danger::Changes,
                    ..action("resume", "curl -X POST host/queue/resume-all")
                }],
            ),
        ],
    )];
    let mut flight = Flight::ready(it);
    for at in ["checkout", "build"] {
        flight.start(at, Confirmation::ReadOnly).expect("starts");
        flight.ends(0, "");
    }
    let held = flight.start("resume", Confirmation::Pressed);
    assert_eq!(
        held,
        Err(Refusal::Gated(vec![Gate::Checklist("cp2".into())]))
    );
    flight.tick("cp2/healthy").expect("ticked");
    flight.start("resume", Confirmation::Pressed).expect("free");
}

#[test]
fn a_changed_decision_wants_a_reason() {
    let mut flight = Flight::ready(plan());
    let change = |reason: &str| Command::Decide {
        decision: Decision::Monitor,
        reason: reason.to_owned(),
    };
    assert_eq!(flight.wants(&change("")), Err(Refusal::ReasonDue));
    flight.wants(&change("errors stopped")).expect("a reason");
    assert_eq!(flight.incident.stage(), Stage::Close);
}
