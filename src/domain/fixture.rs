//! A small plan built by hand, and an incident on it, for tests of the rules.
//!
//! Only compiled for tests.

use std::sync::Arc;

use chrono::{TimeZone as _, Utc};

use super::event::{Confirmation, Decision, Ending, Event, Mode, Person, Recorded};
use super::ids::{ActionRef, AttemptId};
use super::incident::Incident;
use super::plan::{
    Action, ActionKind, Checklist, ChecklistRole, Danger, ExpectRule, Expectation, Item, Phase,
    Plan, Procedure, Severity, Span, Step, Trigger,
};
use super::runbox::RunBox;
use super::time::Stamp;
use super::{Command, Observation, Refusal, decide};

/// An action of the fixture: reads only, no expectation.
pub(crate) fn action(id: &str, code: &str) -> Action {
    Action {
        id: id.into(),
        title: String::new(),
        kind: ActionKind::Shell,
        lang: "bash".to_owned(),
        code: code.to_owned(),
        parameters: Vec::new(),
        expect: Vec::new(),
        danger: Danger::None,
        danger_why: String::new(),
        tunnel: false,
        monitor: false,
        interactive: false,
        opt_in: false,
        choice: None,
        branch: None,
        target: None,
        interpreter: None,
        cwd: None,
        timeout_s: None,
        timeout_line: None,
        backup_check: false,
        sense: false,
        place: None,
        connection: None,
        attributes: Vec::new(),
        span: Span::default(),
    }
}

/// The same with an expectation that its output holds a text.
pub(crate) fn expecting(id: &str, code: &str, text: &str) -> Action {
    let rule = ExpectRule::Contains(text.to_owned());
    Action {
        expect: vec![Expectation::new(text, rule)],
        ..action(id, code)
    }
}

pub(crate) fn step(id: &str, actions: Vec<Action>) -> Step {
    Step {
        id: id.into(),
        title: format!("Step {id}"),
        estimate: None,
        text: String::new(),
        point_of_no_return: false,
        actions,
        choice: None,
        branch: None,
        span: Span::default(),
    }
}

pub(crate) fn procedure(id: &str, steps: Vec<Step>) -> Procedure {
    Procedure {
        id: id.into(),
        title: format!("Procedure {id}"),
        parent: None,
        choice: None,
        off_path: false,
        conditional: false,
        phase: Phase::Execute,
        use_when: String::new(),
        text: String::new(),
        estimate: None,
        steps,
        span: Span::default(),
    }
}

pub(crate) fn checklist(id: &str, role: ChecklistRole, items: &[&str]) -> Checklist {
    let item = |text: &&str| Item {
        id: format!("{id}/{text}").as_str().into(),
        text: (*text).to_owned(),
        details: Vec::new(),
        actions: Vec::new(),
        span: Span::default(),
    };
    Checklist {
        id: id.into(),
        title: format!("Checklist {id}"),
        role,
        checkpoint: None,
        place: None,
        due_after_s: None,
        items: items.iter().map(item).collect(),
        span: Span::default(),
    }
}

/// Two levels, a pre-rollback list of two items, a procedure of two steps: look (reads) and
/// go back (changes), then drop (cannot be undone).
pub(crate) fn plan() -> Plan {
    let trigger = |id: &str| Trigger {
        id: id.into(),
        text: id.to_owned(),
        span: Span::default(),
    };
    let severity = |name: &str, within_s, triggers: &[&str]| Severity {
        id: name.into(),
        name: name.to_owned(),
        response: String::new(),
        within_s,
        triggers: triggers.iter().map(|t| trigger(t)).collect(),
        span: Span::default(),
    };
    let changes = Action {
        danger: Danger::Changes,
        ..action("go-back", "git checkout v1")
    };
    let drops = Action {
        danger: Danger::Irreversible,
        ..action("drop", "dropdb orders_new")
    };
    Plan {
        title: "Fixture".to_owned(),
        severities: vec![
            severity("HIGH", Some(900), &["errors"]),
            severity("LOW", None, &["slow"]),
        ],
        checklists: vec![checklist(
            "pre",
            ChecklistRole::PreRollback,
            &["told", "saved"],
        )],
        procedures: vec![procedure(
            "full",
            vec![
                step("look", vec![expecting("look", "git tag", "v1")]),
                step("back", vec![changes, drops]),
            ],
        )],
        ..Plan::default()
    }
}

/// An incident under test: every command is decided and applied as the recorder would.
pub(crate) struct Flight {
    pub(crate) incident: Incident,
    pub(crate) events: Vec<Recorded>,
}

pub(crate) fn stamp(second: u64) -> Stamp {
    let start = Utc
        .with_ymd_and_hms(2026, 11, 20, 3, 0, 0)
        .single()
        .unwrap_or_default();
    let after = chrono::TimeDelta::seconds(i64::try_from(second).unwrap_or(0));
    Stamp {
        wall: start + after,
        mono_ms: second * 1_000,
        boot: "boot".to_owned(),
    }
}

impl Flight {
    pub(crate) fn open(plan: Plan) -> Self {
        let opened = Recorded {
            seq: 1,
            at: stamp(0),
            by: "ana".to_owned(),
            event: Event::Opened {
                incident: "inc-1".into(),
                plan_sha256: String::new(),
                runbook: "plan.md".to_owned(),
                mode: Mode::Real,
                environment: Some("staging".to_owned()),
                driver: Person {
                    name: "ana".to_owned(),
                    ..Person::default()
                },
                start_dir: "/srv".to_owned(),
                trusted: true,
            },
        };
        let incident = Incident::begin(Arc::new(plan), &opened).expect("an opening");
        Self {
            incident,
            events: vec![opened],
        }
    }

    /// Decided to roll back, the pre-rollback list done, the procedure chosen.
    pub(crate) fn ready(plan: Plan) -> Self {
        let mut flight = Self::open(plan);
        let roll_back = Command::Decide {
            decision: Decision::RollBack,
            reason: String::new(),
        };
        flight.wants(&roll_back).expect("decided");
        let items: Vec<_> = flight
            .incident
            .plan
            .checklists
            .iter()
            .filter(|c| c.role == ChecklistRole::PreRollback)
            .flat_map(|c| c.items.iter().map(|i| i.id.clone()))
            .collect();
        for item in items {
            flight.tick(item.as_str()).expect("ticked");
        }
        flight
            .wants(&Command::ChooseProcedure {
                procedure: "full".into(),
                reason: String::new(),
            })
            .expect("chosen");
        flight
    }

    pub(crate) fn wants(&mut self, command: &Command) -> Result<(), Refusal> {
        let at = stamp(u64::try_from(self.events.len()).unwrap_or(0));
        for event in decide(&self.incident, command, &at)? {
            let seq = u64::try_from(self.events.len()).unwrap_or(0) + 1;
            let record = Recorded {
                seq,
                at: at.clone(),
                by: "ana".to_owned(),
                event,
            };
            self.incident.apply(&record);
            self.events.push(record);
        }
        Ok(())
    }

    pub(crate) fn tick(&mut self, item: &str) -> Result<(), Refusal> {
        self.wants(&Command::MarkItem {
            item: item.into(),
            mark: super::event::ItemMark::Done,
            reason: String::new(),
        })
    }

    /// The box that the session would make for an action.
    pub(crate) fn shown(&self, at: &str) -> RunBox {
        let at = ActionRef::new(at);
        let (_, action) = super::flight::find_action(&self.incident.plan, &at).expect("an action");
        let mut shown = RunBox {
            action: at.clone(),
            title: action.label(),
            kind: action.kind,
            code: action.code.clone(),
            sha256: action.code.clone(),
            cwd: "/srv".to_owned(),
            host: "ana@bastion".to_owned(),
            environment: "staging".to_owned(),
            danger: action.danger,
            danger_why: String::new(),
            parameters: Vec::new(),
            missing: Vec::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            bearings: Vec::new(),
            remarks: Vec::new(),
            sources: Vec::new(),
            gates: self.incident.gates_before(&at),
            runs_before: self.incident.runs_of(&at),
            word: None,
            monitor: action.monitor,
            names: Vec::new(),
            interactive: false,
            edited: false,
            wording: None,
            scope: "procedure:full".to_owned(),
            state_from: None,
            meant: None,
            there: None,
            terms: None,
            again_s: None,
            database: None,
            revision: self.incident.run_revision,
        };
        shown.word = self.incident.word_before(&shown);
        shown
    }

    pub(crate) fn start(&mut self, at: &str, confirmation: Confirmation) -> Result<(), Refusal> {
        let shown = Box::new(self.shown(at));
        self.wants(&Command::Start {
            shown,
            confirmation,
        })
    }

    /// The last attempt ends with this status and output.
    pub(crate) fn ends(&mut self, exit: i32, output: &str) {
        let attempt = AttemptId(u32::try_from(self.incident.attempts.len()).unwrap_or(0));
        let at = self
            .incident
            .attempt(attempt)
            .map(|a| a.intent.action.clone());
        let expect = at
            .as_ref()
            .and_then(|at| super::flight::find_action(&self.incident.plan, at))
            .map(|(_, a)| a.expect.clone())
            .unwrap_or_default();
        let judgements = expect
            .iter()
            .map(|e| super::judge::judge(e, output, Some(exit)))
            .collect();
        let ending = Ending {
            exit: Some(exit),
            bytes: u64::try_from(output.len()).unwrap_or(0),
            duration_ms: 1_000,
            ..Ending::default()
        };
        let ended = Observation::Ended {
            attempt,
            ending,
            judgements,
        };
        self.wants(&Command::Observe(ended))
            .expect("an observation");
    }
}
