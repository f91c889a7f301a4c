//! Probes that are sensed again by themselves: only what was run once and only reads, with a
//! record that holds what turns and counts the rest.

use std::fs;
use std::time::{Duration, Instant};

use backout::domain::Command;
use backout::domain::event::{ActionMark, Confirmation, Event};
use backout::domain::flight;
use backout::domain::ids::ActionRef;
use backout::domain::judge::Verdict;
use backout::domain::probes::{Sensing, Watch};

use crate::flown::Flown;
use crate::scratch::Scratch;

const PLAN: &str = "---\nbackout:\n  service: orchard\n  probes:\n    health: {run: \"cat health; cat tries\", expect: \"all well\", every: 1s}\n    touches: {run: \"echo x >> touched\", every: 1s}\n    script: {run: \"./look.sh\", every: 1s}\n---\n# Orchard\n\n## Rollback Procedure\n\n1. **Back**\n   ```bash\n   echo back >> ran\n   ```\n";

fn flown() -> Flown {
    let scratch = Scratch::new();
    fs::write(scratch.join("health"), "all well\n").expect("written");
    fs::write(scratch.join("tries"), "").expect("written");
    Flown::within(scratch, PLAN, &[])
}

/// The action of a probe, by its name.
fn probe(flown: &Flown, name: &str) -> ActionRef {
    let incident = flown.session.incident();
    let named = |a: &&backout::domain::plan::Action| {
        incident.plan.probe_of(a).is_some_and(|p| p.name == name)
    };
    let action = flight::actions(&incident.plan)
        .find(named)
        .expect("a probe");
    ActionRef::new(action.id.as_str())
}

fn runs(flown: &Flown, at: &ActionRef) {
    let shown = flown.session.prepare(at, None).expect("a box");
    let confirmation = Confirmation::Pressed;
    let start = Command::Start {
        shown: Box::new(shown),
        confirmation,
    };
    flown.session.submit_and_wait(start).expect("started");
    flown.ended();
}

fn watch(flown: &Flown) -> Option<Watch> {
    flown
        .session
        .present()
        .borrow()
        .probes
        .values()
        .next()
        .cloned()
}

fn comes(flown: &Flown, what: &str, is: impl Fn(&Watch) -> bool) -> Watch {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(watch) = watch(flown).filter(&is) {
            return watch;
        }
        assert!(Instant::now() < until, "{what}: {:?}", watch(flown));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What is on record of sensings: the last of each, how many, how many turns.
fn records(flown: &Flown) -> Vec<(Sensing, u32, u32)> {
    let all = flown.session.records(0).into_iter();
    all.filter_map(|r| match r.event {
        Event::ProbeSensed {
            sensing,
            times,
            turns,
            ..
        } => Some((sensing, times, turns)),
        _ => None,
    })
    .collect()
}

#[test]
fn a_probe_that_was_run_once_is_sensed_again_and_its_turns_are_on_record() {
    let flown = flown();
    let at = probe(&flown, "health");
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(watch(&flown), None, "nobody has accepted it");
    let shown = flown.session.prepare(&at, None).expect("a box");
    assert_eq!(shown.again_s, Some(1));
    runs(&flown, &at);
    let well = comes(&flown, "it is sensed", |w| w.times >= 2);
    assert_eq!(well.last.expect("a look").verdict, Verdict::Met);
    assert_eq!(records(&flown), [], "nothing has turned");

    fs::write(flown.file("health"), "all broken\n").expect("written");
    let red = |w: &Watch| {
        w.last
            .as_ref()
            .is_some_and(|l| l.verdict == Verdict::NotMet)
    };
    comes(&flown, "it turns red", red);
    let many = comes(&flown, "and is sensed on", |w| w.times >= 6);
    let told = records(&flown);
    assert_eq!(told.len(), 1, "once, however often: {told:?}");
    let (turned, times, _) = &told[0];
    assert_eq!(turned.verdict, Verdict::NotMet);
    assert!(*times >= 3, "those before it are counted: {times}");
    let now = many.last.expect("a look");
    assert!(now.at > turned.at, "each has a time of its own");
    // The attempt that a person ran is as it was, and no other was made.
    let incident = flown.session.incident();
    assert_eq!(incident.attempts.len(), 1);
    assert_eq!(incident.attempts[0].judgements[0].verdict, Verdict::Met);
    let kept = fs::read_dir(flown.session.dir().join("probes/0001")).expect("kept");
    assert!(
        kept.count() <= 2,
        "the outputs of turns are kept, and one may be under way"
    );

    // What is said of it ends it, and the rest is counted.
    flown.wants(Command::MarkAction {
        action: at,
        mark: ActionMark::Skipped,
        reason: "seen enough".to_owned(),
        done_at: None,
        pasted: String::new(),
    });
    let until = Instant::now() + Duration::from_secs(10);
    while watch(&flown).is_some() {
        assert!(Instant::now() < until, "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    let told = records(&flown);
    assert_eq!(told.len(), 2, "{told:?}");
    let counted: u32 = told.iter().map(|(_, times, _)| times).sum();
    assert!(counted >= many.times, "every one is counted: {counted}");
}

#[test]
fn what_could_do_more_than_read_is_never_sensed_again_whatever_the_plan_says() {
    let flown = flown();
    fs::write(flown.file("look.sh"), "#!/bin/sh\necho x >> looked\n").expect("written");
    for name in ["touches", "script"] {
        let at = probe(&flown, name);
        let shown = flown.session.prepare(&at, None).expect("a box");
        assert_eq!(shown.again_s, None, "{name}");
        let said = |n: &String| n.contains("not sensed again every 1 s by itself");
        assert!(shown.notes.iter().any(said), "{name}: {:?}", shown.notes);
        runs(&flown, &at);
    }
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(watch(&flown), None);
    let touched = fs::read_to_string(flown.file("touched")).expect("once");
    assert_eq!(touched, "x\n");
}

#[test]
fn what_an_operator_made_of_a_probe_is_not_sensed_again() {
    let flown = flown();
    let at = probe(&flown, "health");
    let own = flown.session.prepare(&at, Some("cat health health"));
    assert_eq!(own.expect("a box").again_s, None);
}

#[test]
fn a_probe_is_counted_when_the_incident_is_left_and_goes_on_when_it_is_taken_up() {
    let flown = flown();
    runs(&flown, &probe(&flown, "health"));
    comes(&flown, "it is sensed", |w| w.times >= 2);
    flown.wants(Command::Leave);
    let told = records(&flown);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].1 >= 2);
    let incident = flown.session.incident();
    assert_eq!(incident.repeats().len(), 1, "accepted, and still so");
}
