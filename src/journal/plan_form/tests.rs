//! What is written reads back the same, and the published names stay as they are.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{from_json, to_json};
use crate::domain::ids::{ChoiceId, ParameterName, ProcedureId, QuestionId};
use crate::domain::plan::*;

fn at(first: u32, last: u32) -> Span {
    Span { first, last }
}

fn every_rule() -> Vec<Expectation> {
    let text = |t: &str| t.to_owned();
    [
        ExpectRule::Contains(text("PONG")),
        ExpectRule::Absent(vec![text("error"), text("fatal")]),
        ExpectRule::Exactly(text("a\n  b")),
        ExpectRule::JsonSubset(text("{\"a\":1}")),
        ExpectRule::HttpStatus(200),
        ExpectRule::Rows(Compare::Equal, 0),
        ExpectRule::Rows(Compare::Differs, -3),
        ExpectRule::Number(Compare::Less, 1_500),
        ExpectRule::Number(Compare::AtMost, -1),
        ExpectRule::Number(Compare::AtLeast, i64::MAX),
        ExpectRule::Number(Compare::More, i64::MIN),
        ExpectRule::Regex(text("^a+$")),
        ExpectRule::Similar(80, text("about")),
        ExpectRule::Exit(-1),
        ExpectRule::Person,
    ]
    .into_iter()
    .flat_map(|rule| {
        [false, true].map(|partly| Expectation {
            text: "“as planned”".to_owned(),
            rule: rule.clone(),
            partly,
        })
    })
    .collect()
}

fn action(kind: ActionKind, danger: Danger) -> Action {
    Action {
        id: "p/s/a".into(),
        title: "Stop it".to_owned(),
        kind,
        lang: "bash".to_owned(),
        code: "pm2 stop <name>\n".to_owned(),
        parameters: vec![ParameterName::new("name")],
        expect: every_rule(),
        danger,
        danger_why: "it stops".to_owned(),
        tunnel: false,
        monitor: true,
        interactive: true,
        opt_in: true,
        choice: Some(ChoiceId::new("c1")),
        branch: Some("p/s/a0".into()),
        target: Some(ProcedureId::new("p2")),
        interpreter: Some("python3".to_owned()),
        cwd: Some("backend".to_owned()),
        timeout_s: Some(120),
        timeout_line: Some(7),
        backup_check: true,
        sense: true,
        connection: Some("orders".to_owned()),
        attributes: vec![Attribute {
            key: "tag".to_owned(),
            value: "db".to_owned(),
        }],
        place: Some(crate::domain::plan::Elsewhere {
            opener: "docker exec -it web bash".into(),
            through: vec!["ssh deploy@app-1".into()],
            name: "container web".into(),
            line: 41,
            from: String::new(),
        }),
        span: at(10, 12),
    }
}

fn every_action() -> Vec<Action> {
    [
        (ActionKind::Shell, Danger::None),
        (ActionKind::Sql, Danger::Changes),
        (ActionKind::Http, Danger::Irreversible),
        (ActionKind::Manual, Danger::None),
        (ActionKind::Include, Danger::None),
        (ActionKind::Text, Danger::Changes),
    ]
    .map(|(kind, danger)| action(kind, danger))
    .into()
}

fn checklist(role: ChecklistRole, checkpoint: Option<u8>) -> Checklist {
    Checklist {
        id: "c".into(),
        title: "Checkpoint 1".to_owned(),
        role,
        checkpoint,
        place: checkpoint.map(|_| "After Code Rollback".to_owned()),
        due_after_s: checkpoint.map(|n| u64::from(n) * 1_800),
        items: vec![Item {
            id: "c/1".into(),
            text: "Healthy".to_owned(),
            details: vec!["look".to_owned()],
            actions: every_action(),
            span: at(4, 5),
        }],
        span: at(3, 9),
    }
}

fn procedure(phase: Phase, whole: bool) -> Procedure {
    let estimate = whole.then_some(Estimate {
        low_s: 300,
        high_s: 600,
    });
    Procedure {
        id: "p".into(),
        title: "Option 1".to_owned(),
        parent: whole.then(|| ProcedureId::new("p0")),
        choice: whole.then(|| ChoiceId::new("c0")),
        off_path: whole,
        conditional: whole,
        phase,
        use_when: "when it broke".to_owned(),
        text: "carefully".to_owned(),
        estimate,
        steps: vec![Step {
            id: "p/s".into(),
            title: "1".to_owned(),
            estimate,
            text: "prose".to_owned(),
            point_of_no_return: whole,
            actions: every_action(),
            choice: whole.then(|| ChoiceId::new("c2")),
            branch: whole.then(|| "p/s0".into()),
            span: at(20, 30),
        }],
        span: at(19, 31),
    }
}

fn template(kind: TemplateKind) -> Template {
    Template {
        id: "t".into(),
        kind,
        title: "Log".to_owned(),
        moment: "before".to_owned(),
        every_s: Some(900),
        text: "Severity: [ ] A [ ] B\nBy: X / Y\n".to_owned(),
        fields: vec![
            Field {
                id: "t/1".into(),
                section: "HEAD".to_owned(),
                label: "Severity".to_owned(),
                blank: (10, 21),
                choices: vec![
                    FieldChoice {
                        text: "A".to_owned(),
                        tick_at: Some(11),
                    },
                    FieldChoice {
                        text: "B".to_owned(),
                        tick_at: None,
                    },
                ],
                line: 41,
            },
            Field {
                id: "t/2".into(),
                section: String::new(),
                label: "By".to_owned(),
                blank: (26, 31),
                choices: Vec::new(),
                line: 42,
            },
        ],
        span: at(40, 43),
    }
}

/// A plan in which every field is filled and every case of every enum stands.
fn full() -> Plan {
    let trigger = |text: &str| Trigger {
        id: text.into(),
        text: text.to_owned(),
        span: at(2, 2),
    };
    let question = |yes: Branch, no: Branch| Question {
        id: "q1".into(),
        ask: "Down?".to_owned(),
        yes,
        no,
        span: at(5, 6),
    };
    let parameter = |environment: bool| Parameter {
        name: "name".into(),
        syntax: "<name>".to_owned(),
        spellings: vec!["<name>".to_owned(), "[NAME]".to_owned()],
        uses: vec![3, 4_000_000_000],
        environment,
        default: environment.then(|| "x".to_owned()),
        pattern: environment.then(|| "a+".to_owned()),
        secret: !environment,
        secret_from: (!environment).then(|| SecretSource::File("~/.pw".to_owned())),
        help: "which".to_owned(),
        pick_from: environment.then(|| "git tag".to_owned()),
        kind: ParameterKind::Duration,
        min: environment.then(|| "1m".to_owned()),
        max: None,
        choices: vec!["5m".to_owned()],
        place: (!environment).then(|| BlankPlace {
            action: "a1".into(),
            nth: 2,
        }),
    };
    Plan {
        title: "Plan ✅".to_owned(),
        sha256: "00ff".to_owned(),
        service: Some("shop".to_owned()),
        aims: vec![Aim {
            key: "host".to_owned(),
            value: "bastion".to_owned(),
            span: at(2, 2),
        }],
        connections: vec![Connection {
            name: "orders".to_owned(),
            url: Some("$DATABASE_URL".to_owned()),
            service: None,
            span: at(2, 2),
        }],
        probes: vec![Probe {
            name: "health".to_owned(),
            kind: ActionKind::Http,
            code: "GET https://x".to_owned(),
            expect: every_rule().into_iter().next(),
            every_s: Some(30),
            span: at(2, 2),
        }],
        channels: vec![Channel {
            name: "customers".to_owned(),
            channel: "status page".to_owned(),
            every_s: None,
            span: at(2, 2),
        }],
        facts: vec![Fact {
            key: "Owner".to_owned(),
            value: "me".to_owned(),
            span: at(2, 2),
        }],
        environment: Some("production".to_owned()),
        commit_within_s: Some(90),
        severities: vec![Severity {
            id: "s".into(),
            name: "P0".to_owned(),
            response: "now".to_owned(),
            within_s: Some(900),
            triggers: vec![trigger("down")],
            span: at(1, 3),
        }],
        triggers: vec![trigger("slow")],
        decision_matrix: Some(Table {
            columns: vec!["a".to_owned(), "b".to_owned()],
            rows: vec![vec!["1".to_owned(), String::new()]],
            span: at(7, 9),
        }),
        questions: vec![question(
            Branch {
                outcome: Some("go back".to_owned()),
                next: None,
            },
            Branch {
                outcome: None,
                next: Some(QuestionId::new("q2")),
            },
        )],
        approvals: vec![ApprovalRule {
            when: "P0".to_owned(),
            who: "lead".to_owned(),
            notify: "all".to_owned(),
            respond_within_s: Some(300),
            respond: "5 min".to_owned(),
            span: at(8, 8),
        }],
        checklists: [
            ChecklistRole::PreRollback,
            ChecklistRole::Verification,
            ChecklistRole::Success,
            ChecklistRole::FollowUp,
            ChecklistRole::Other,
        ]
        .map(|role| checklist(role, None))
        .into_iter()
        .chain([checklist(ChecklistRole::Checkpoint, Some(4))])
        .collect(),
        procedures: [Phase::Prepare, Phase::Execute, Phase::Verify, Phase::Close]
            .into_iter()
            .flat_map(|phase| [procedure(phase, true), procedure(phase, false)])
            .collect(),
        files: vec![PlanFile {
            path: "x.sh".to_owned(),
            lang: "bash".to_owned(),
            code: "#!/bin/sh\n".to_owned(),
            span: at(50, 52),
        }],
        templates: [
            TemplateKind::IncidentLog,
            TemplateKind::Message,
            TemplateKind::PostMortem,
            TemplateKind::Metrics,
        ]
        .map(template)
        .into(),
        targets: vec![Target {
            metric: "errors".to_owned(),
            target: "< 1%".to_owned(),
            for_s: Some(1_800),
            how: "look".to_owned(),
            span: at(60, 60),
        }],
        contacts: vec![Contact {
            role: "DBA".to_owned(),
            contact: "[TBD]".to_owned(),
            span: at(61, 61),
        }],
        objectives: [ObjectiveKind::Rto, ObjectiveKind::Rpo]
            .map(|kind| Objective {
                kind,
                component: "db".to_owned(),
                within_s: 120,
                note: "by code".to_owned(),
                span: at(62, 62),
            })
            .into(),
        parameters: vec![parameter(true), parameter(false)],
        unplaced: [
            UnplacedKind::Code,
            UnplacedKind::List,
            UnplacedKind::Table,
            UnplacedKind::Text,
        ]
        .map(|kind| Unplaced {
            kind,
            heading: "H".to_owned(),
            text: "t".to_owned(),
            span: at(70, 71),
        })
        .into(),
        diagnostics: [Level::Note, Level::Warning, Level::Error]
            .map(|level| Diagnostic {
                line: 1,
                column: 2,
                width: 3,
                level,
                code: "fence-label".to_owned(),
                message: "m".to_owned(),
                help: "h".to_owned(),
            })
            .into(),
    }
}

/// Through the text, as a file would hold it.
fn through_text(plan: &Plan) -> Plan {
    let text = serde_json::to_string(&to_json(plan)).expect("text");
    from_json(&serde_json::from_str(&text).expect("JSON")).expect("a plan")
}

#[test]
fn a_plan_with_everything_reads_back_the_same() {
    assert!(through_text(&full()) == full());
    assert_eq!(through_text(&Plan::default()), Plan::default());
}

#[test]
fn the_published_names_are_there_with_their_kinds() {
    let form = to_json(&full());
    let is = |pointer: &str, want: Value| {
        assert_eq!(form.pointer(pointer), Some(&want), "{pointer}");
    };
    is("/version", json!(1));
    is("/severities/0/within_s", json!(900));
    is("/severities/0/triggers", json!(["down"]));
    is("/triggers", json!(["slow"]));
    is("/decision_matrix/rows", json!([["1", ""]]));
    is(
        "/questions/0/yes",
        json!({"outcome": "go back", "next": null}),
    );
    is("/questions/0/no", json!({"outcome": null, "next": "q2"}));
    is("/approvals/0/respond_within_s", json!(300));
    is("/checklists/5/role", json!("checkpoint"));
    is("/checklists/5/checkpoint", json!(4));
    is("/checklists/0/role", json!("pre_rollback"));
    is("/checklists/0/items/0/details", json!(["look"]));
    is("/procedures/0/estimate_s", json!([300, 600]));
    is("/procedures/1/estimate_s", Value::Null);
    is("/procedures/1/parent", Value::Null);
    is("/procedures/0/steps/0/actions/0/kind", json!("shell"));
    is("/procedures/0/steps/0/actions/0/span", json!([10, 12]));
    is(
        "/procedures/0/steps/0/actions/0/parameters",
        json!(["name"]),
    );
    is(
        "/procedures/0/steps/0/actions/0/expect/0/sensed",
        json!(true),
    );
    is(
        "/procedures/0/steps/0/actions/0/expect/28/sensed",
        json!(false),
    );
    is(
        "/procedures/0/steps/0/actions/2/danger",
        json!("irreversible"),
    );
    is("/templates/0/kind", json!("incident_log"));
    is("/templates/0/fields/0/choices", json!(["A", "B"]));
    is("/templates/0/fields/0/ticks", json!([11, null]));
    is("/objectives/1/kind", json!("rpo"));
    is("/parameters/0/uses", json!([3, 4_000_000_000_u32]));
    is("/unplaced/0/span", json!([70, 71]));
    is("/diagnostics/1/severity", json!("warning"));
}

/// Calls `see` with every way to reach a value of the document.
fn pointers(value: &Value, here: &str, see: &mut impl FnMut(String)) {
    see(here.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                pointers(inner, &format!("{here}/{name}"), see);
            }
        }
        Value::Array(items) => {
            // The first of each list stands for the others, the rules of expectations apart.
            let kinds = if here.ends_with("/expect") {
                items.len()
            } else {
                1
            };
            for (index, inner) in items.iter().take(kinds).enumerate() {
                pointers(inner, &format!("{here}/{index}"), see);
            }
        }
        _ => {}
    }
}

#[test]
fn a_value_of_a_wrong_kind_is_an_error_or_is_not_read_and_never_a_panic() {
    let form = to_json(&full());
    let mut all = Vec::new();
    pointers(&form, "", &mut |pointer| all.push(pointer));
    let mut refused = 0;
    for pointer in all.iter().filter(|p| !p.is_empty()) {
        let mut broken = form.clone();
        if let Some(slot) = broken.pointer_mut(pointer) {
            *slot = json!([[{}]]);
        }
        match from_json(&broken) {
            Err(error) => {
                refused += 1;
                assert!(!error.path.is_empty() && !error.message.is_empty());
            }
            // What is published for others alone is not read back.
            Ok(plan) => assert!(plan == full(), "{pointer}"),
        }
    }
    assert!(refused * 10 > all.len() * 8, "{refused} of {}", all.len());
}

#[test]
fn a_later_version_is_refused() {
    let mut form = to_json(&full());
    form["version"] = json!(2);
    assert!(from_json(&form).is_err());
    assert!(from_json(&json!([])).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(title in any::<String>(), code in any::<String>(), bytes in any::<(usize, usize)>()) {
        let mut plan = full();
        plan.title = title;
        plan.procedures[0].steps[0].actions[0].code = code;
        plan.templates[0].fields[0].blank = bytes;
        prop_assert!(through_text(&plan) == plan);
    }
}
