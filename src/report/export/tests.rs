//! What a reader of tomorrow asks, and that no content can break the form.

use proptest::prelude::*;

use super::super::fixture::{self, plan, time, utc};
use super::{Kept, json, lay, markdown, text};
use crate::domain::event::{ActionMark, Event, Gate, ParameterValue};
use crate::domain::fixture::Flight;
use crate::domain::plan::{Objective, ObjectiveKind, Span};

const HEAD: &str = "c0ffee";

fn kept() -> Kept<'static> {
    Kept {
        head: HEAD,
        runbook: None,
    }
}

fn flown() -> Flight {
    let mut plan = plan();
    plan.objectives.push(Objective {
        kind: ObjectiveKind::Rto,
        component: "shop".to_owned(),
        within_s: 300,
        note: String::new(),
        span: Span::default(),
    });
    let mut flight = Flight::ready(plan);
    let approved = Event::Approved {
        name: "Ben".to_owned(),
        role: "Lead".to_owned(),
        how: "by phone".to_owned(),
    };
    fixture::record(&mut flight, 8, approved);
    let token = Event::ParameterFilled {
        name: "token".into(),
        value: ParameterValue::Secret,
    };
    fixture::record(&mut flight, 9, token);
    let gate = Gate::Checklist("pre".into());
    fixture::record(
        &mut flight,
        9,
        Event::GateWaived {
            gate,
            reason: "a | b".to_owned(),
        },
    );
    fixture::run(&mut flight, "look", 0, "v1");
    let skip = Event::ActionMarked {
        action: "down-1".into(),
        mark: ActionMark::Skipped,
        reason: "never migrated".to_owned(),
        done_at: None,
        pasted: String::new(),
    };
    fixture::record(&mut flight, 40, skip);
    let shown = crate::domain::RunBox {
        edited: true,
        wording: Some("alembic downgrade base".to_owned()),
        code: "alembic downgrade base".to_owned(),
        ..flight.shown("down-2")
    };
    let mut intent = shown;
    intent.sha256.clone_from(&intent.code);
    let start = crate::domain::Command::Start {
        shown: Box::new(intent),
        confirmation: crate::domain::event::Confirmation::Pressed,
    };
    flight.wants(&start).expect("started");
    flight.ends(0, "");
    fixture::complete(&mut flight);
    flight
}

#[test]
fn what_was_done_out_of_order_and_what_ran_at_the_end_are_deviations() {
    let mut flight = Flight::ready(plan());
    fixture::run(&mut flight, "look", 1, "none");
    let ahead = crate::domain::Command::GoAhead {
        to: "down-2".into(),
        reason: "the schema cannot wait".to_owned(),
    };
    flight.wants(&ahead).expect("goes on");
    fixture::record(
        &mut flight,
        60,
        Event::RollbackCompleted {
            at: time(60),
            reason: "enough".to_owned(),
            running: vec!["“load” (attempt 0002)".to_owned()],
        },
    );
    let text = as_text(&flight);
    for said in [
        "out of order; not done before it: ",
        "the schema cannot wait",
        "while this was still running: “load” (attempt 0002)",
    ] {
        let (_, deviations) = text.split_once("DEVIATIONS").expect("a section");
        assert!(deviations.contains(said), "{said} in\n{text}");
    }
}

fn as_text(flight: &Flight) -> String {
    text(&flight.incident, &flight.events, &kept(), time(700), &utc())
}

fn as_markdown(flight: &Flight) -> String {
    markdown(&flight.incident, &flight.events, &kept(), time(700), &utc())
}

fn as_json(flight: &Flight) -> serde_json::Value {
    let text = json(&flight.incident, &flight.events, &kept(), time(700), &utc());
    serde_json::from_str(&text).expect("valid JSON")
}

#[test]
fn a_reader_of_tomorrow_finds_who_did_what_and_who_allowed_it() {
    let flight = flown();
    let text = as_text(&flight);
    for line in [
        "Approval           Ben (Lead), by phone, 2026-11-20 03:00:08 UTC, recorded by ana",
        "Rollback complete  2026-11-20 03:10:00 UTC",
        "passed the checklist Checklist pre without it: a | b",
        "action “Step db › alembic downgrade -1” skipped: never migrated",
        "    - alembic downgrade -1\n    + alembic downgrade base\n",
        "- token = (a secret, not recorded)",
        "  [x] told · done by ana",
        "evidence/0002/output",
        "head c0ffee",
    ] {
        assert!(text.contains(line), "{line}\nnot in\n{text}");
    }
    let log = super::super::log::filled(&flight.incident, &flight.events, time(700), &utc());
    assert!(text.starts_with(&super::super::log::render(&log)));
}

#[test]
fn the_objective_is_held_against_what_was_measured() {
    let flight = flown();
    let text = as_text(&flight);
    let row = text
        .lines()
        .find(|l| l.starts_with("RTO shop"))
        .expect("a row");
    assert_eq!(row, "RTO shop   5 min   10 min from the opening  no");
    assert_eq!(as_json(&flight)["objectives"][0]["met"], false);
}

#[test]
fn the_json_says_the_same_and_carries_its_version() {
    let document = as_json(&flown());
    assert_eq!(document["version"], 1);
    assert_eq!(document["journal"]["head"], HEAD);
    assert_eq!(document["attempts"][1]["command"], "alembic downgrade base");
    assert_eq!(document["attempts"][1]["by"], "ana");
    let edits = document["deviations"].as_array().expect("a list").iter();
    let before: Vec<_> = edits.filter_map(|d| d["before"].as_str()).collect();
    assert_eq!(before, ["alembic downgrade -1"]);
    assert_eq!(document["incident"]["approvals"][0]["name"], "Ben");
    assert_eq!(
        document["timeline"].as_array().map(Vec::len),
        Some(flown().events.len())
    );
}

#[test]
fn foreign_text_cannot_command_a_terminal_or_break_a_table() {
    let mut flight = flown();
    let note = "\u{1b}]0;owned\u{7} | pipe\nsecond <b>line</b> \u{202e}";
    fixture::record(
        &mut flight,
        620,
        Event::NoteAdded {
            text: note.to_owned(),
        },
    );
    let markdown = as_markdown(&flight);
    assert!(
        markdown
            .contains("note: ^[\\]0;owned^G \\| pipe<br>second &lt;b\\>line&lt;/b\\> \\u{202e}"),
        "{markdown}"
    );
    let harmless = |c: char| !c.is_control() || c == '\n' || c == '\t';
    assert!(as_text(&flight).chars().all(harmless));
    assert!(markdown.chars().all(harmless));
}

#[test]
fn an_incident_that_was_only_opened_can_be_exported() {
    let flight = Flight::open(plan());
    assert!(as_text(&flight).contains("still open"));
    assert!(as_markdown(&flight).contains("## Attempts\n\nNone.\n"));
    assert_eq!(
        as_json(&flight)["incident"]["decision"],
        serde_json::Value::Null
    );
}

#[test]
fn changed_commands_are_a_patch_to_the_runbook_with_its_margins_and_line_ends() {
    let mut flight = flown();
    let runbook = "# Back\r\n\r\n> ```bash\r\n> alembic downgrade -1\r\n> ```\r\n";
    let mut plan = (*flight.incident.plan).clone();
    let steps = plan.procedures.iter_mut().flat_map(|p| &mut p.steps);
    for action in steps.flat_map(|s| &mut s.actions) {
        action.span = Span { first: 3, last: 5 };
    }
    flight.incident.plan = std::sync::Arc::new(plan);
    let patch = super::patch(&flight.incident, &flight.events, runbook).expect("a patch");
    assert_eq!(
        patch,
        "--- a/plan.md\n+++ b/plan.md\n@@ -1,5 +1,5 @@\n # Back\r\n \r\n > ```bash\r\n\
         -> alembic downgrade -1\r\n+> alembic downgrade base\r\n > ```\r\n"
    );
    let elsewhere = runbook.replace("downgrade -1", "downgrade -2");
    assert_eq!(
        super::patch(&flight.incident, &flight.events, &elsewhere),
        None
    );
    // What no patch has is named.
    let left_out =
        |text: &str| super::patch::patch(&flight.incident, &flight.events, text).left_out;
    assert_eq!(left_out(runbook), Vec::<String>::new());
    assert_eq!(left_out(&elsewhere), ["alembic downgrade -1"]);
}

proptest! {
    #[test]
    fn no_content_closes_its_fence(content in "[`a~\n]{0,60}") {
        let fenced = lay::fence("text", &content);
        let ticks: String = fenced.chars().take_while(|c| *c == '`').collect();
        let inside: Vec<&str> = fenced.lines().skip(1).collect();
        let (last, inside) = inside.split_last().expect("a last line");
        prop_assert_eq!(*last, ticks.as_str());
        prop_assert!(inside.iter().all(|l| !l.contains(ticks.as_str())));
    }

    #[test]
    fn no_content_ends_its_cell(content in "[|\\\\`a\n<]{0,40}") {
        for cell in [lay::cell(&content), lay::code_cell(&content)] {
            prop_assert!(!cell.contains('\n'));
            let bytes = cell.as_bytes();
            for (at, _) in cell.match_indices('|') {
                prop_assert!(at > 0 && bytes[at - 1] == b'\\');
            }
        }
    }
}
