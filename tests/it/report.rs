//! Logs, messages and exports over whole runbooks: read, flown in events, written out.
//!
//! The plans in reach are those of the folder in `BACKOUT_SEEDS`; where it is not set, the test
//! says so and only the plan of this file is used.

use std::path::PathBuf;
use std::sync::Arc;

use backout::domain::event::{Decision, Event, Mode, Person, Recorded};
use backout::domain::plan::{Phase, Plan, TemplateKind};
use backout::domain::{Incident, Stamp};
use backout::report::{export, log, messages};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

const KEPT: export::Kept<'static> = export::Kept {
    head: "head",
    runbook: None,
};

const PLAN: &str = "\
# Going back: the parcel desk

## Severity

**HIGH Issues (Rollback Within 1 Hour):**
- Labels come out empty

## Rollback procedure

### Option 1: Full rollback (10 minutes)

1. **Take the schema back**
   ```bash
   alembic downgrade -1
   ```
2. **Take the code back**
   ```bash
   git checkout v4
   ```

## Incident log

```
DESK LOG
========
Incident ID: ________
Severity: [ ] HIGH  [ ] LOW
What went wrong: ________
Weather: ________
Approved by: ________
```

## Communication

### During

```
Subject: [SEVERITY] the parcel desk is going back

Reason: [ISSUE DESCRIPTION]
Parcels waiting: [COUNT]
```
";

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}

fn utc() -> FixedOffset {
    FixedOffset::east_opt(0).expect("UTC")
}

/// An incident on a plan after these events, one a minute.
fn incident(plan: Plan, events: Vec<Event>) -> (Incident, Vec<Recorded>) {
    let opened = Event::Opened {
        incident: "inc-test".into(),
        plan_sha256: plan.sha256.clone(),
        runbook: "plan.md".to_owned(),
        mode: Mode::Real,
        environment: None,
        driver: Person {
            name: "ana".to_owned(),
            ..Person::default()
        },
        start_dir: "/srv".to_owned(),
        trusted: false,
    };
    let record = |(index, event)| Recorded {
        seq: u64::try_from(index).unwrap_or(0) + 1,
        at: Stamp {
            wall: start() + TimeDelta::minutes(i64::try_from(index).unwrap_or(0)),
            mono_ms: 0,
            boot: "boot".to_owned(),
        },
        by: "ana".to_owned(),
        event,
    };
    let records: Vec<Recorded> = std::iter::once(opened)
        .chain(events)
        .enumerate()
        .map(record)
        .collect();
    let mut incident = Incident::begin(Arc::new(plan), &records[0]).expect("an opening");
    for record in &records[1..] {
        incident.apply(record);
    }
    (incident, records)
}

/// The first trigger ticked, decided, approved, the first procedure chosen.
fn triaged(plan: Plan) -> (Incident, Vec<Recorded>) {
    let mut events = Vec::new();
    let trigger = plan.severities.iter().flat_map(|s| &s.triggers).next();
    events.extend(trigger.map(|t| Event::TriggerTicked {
        trigger: t.id.clone(),
        on: true,
    }));
    events.push(Event::Decided {
        decision: Decision::RollBack,
        reason: "labels".to_owned(),
    });
    events.push(Event::Approved {
        name: "Ben".to_owned(),
        role: "Lead".to_owned(),
        how: String::new(),
    });
    let procedure = plan
        .procedures
        .iter()
        .find(|p| !p.off_path && p.phase == Phase::Execute);
    events.extend(procedure.map(|p| Event::ProcedureChosen {
        procedure: p.id.clone(),
        reason: String::new(),
    }));
    incident(plan, events)
}

fn seeds() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("BACKOUT_SEEDS") else {
        println!("skipped: BACKOUT_SEEDS is not set");
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).expect("the folder of the plans");
    let paths = entries.filter_map(Result::ok).map(|e| e.path());
    paths
        .filter(|p| p.extension().is_some_and(|e| e == "txt" || e == "md"))
        .collect()
}

fn plans() -> Vec<Plan> {
    let mut plans = vec![backout::runbook::read(PLAN.as_bytes())];
    plans.extend(
        seeds()
            .iter()
            .map(|p| backout::runbook::read(&std::fs::read(p).expect("a plan"))),
    );
    plans
}

#[test]
fn a_runbooks_own_form_is_filled_in_place() {
    let (incident, records) = triaged(plans().remove(0));
    let log = log::filled(&incident, &records, start(), &utc());
    let expected = "\
DESK LOG
========
Incident ID: inc-test
Severity: [x] HIGH  [ ] LOW
What went wrong: Labels come out empty
Weather: ________
Approved by: Ben, Lead
";
    assert_eq!(log::render(&log).trim_end(), expected.trim_end());
    let message = messages::messages(&incident, start(), &utc()).remove(0);
    assert!(
        message.text.starts_with("Subject: HIGH the"),
        "{}",
        message.text
    );
    assert!(
        message.text.contains("Reason: Labels come out empty\n"),
        "{}",
        message.text
    );
    assert_eq!(message.open_blanks, ["[COUNT]"]);
}

#[test]
fn between_the_blanks_no_plans_template_changes() {
    for plan in plans() {
        let (incident, records) = triaged(plan);
        for template in &incident.plan.templates {
            if template.kind == TemplateKind::Metrics {
                continue;
            }
            let log = log::fill_in(template.clone(), &incident, &records, start(), &utc());
            let filled = log::render(&log);
            let mut rest = filled.as_str();
            let mut done = 0;
            for field in &template.fields {
                // What stands before a blank stands there still, in this order.
                let kept = template
                    .text
                    .get(done..field.blank.0)
                    .expect("a place in the text");
                let at = rest
                    .find(kept)
                    .unwrap_or_else(|| panic!("{kept:?} is gone from\n{filled}"));
                rest = &rest[at + kept.len()..];
                done = field.blank.1;
            }
            let kept = template.text.get(done..).expect("the end of the text");
            assert!(rest.ends_with(kept), "{filled}");
        }
    }
}

#[test]
fn every_plan_can_be_exported_in_every_form() {
    for plan in plans() {
        let items: usize = plan.checklists.iter().map(|l| l.items.len()).sum();
        let (incident, records) = triaged(plan);
        let text = export::text(&incident, &records, &KEPT, start(), &utc());
        assert!(text.contains("Approval           Ben (Lead)"));
        let markdown = export::markdown(&incident, &records, &KEPT, start(), &utc());
        assert!(markdown.matches("\n- [").count() >= items);
        let json = export::json(&incident, &records, &KEPT, start(), &utc());
        let json: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
        assert_eq!(
            json["timeline"].as_array().map(Vec::len),
            Some(records.len())
        );
    }
}
