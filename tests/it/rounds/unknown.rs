//! An outcome that is not known is shown as UNKNOWN, nothing runs again by itself, and what
//! depends on it waits until a person has said what it was.

use std::fs;
use std::time::Duration;

use super::death::settled;
use super::{Flight, children, comes, kill9, leave, many, one_of, random, resumed};
use crate::pilot::Pilot;

/// When everybody who could know is killed.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// As soon as it is claimed: before, while or after its command is set off.
    Claimed,
    /// While it prints.
    Running,
    /// While it waits for a line.
    Waiting,
    /// Its command has exited and its result is not written: what it left holds the terminal.
    Draining,
    /// With every process of it, as a machine does that has no memory left.
    All,
    /// The control: nobody is killed.
    Never,
}

const PHASES: [Phase; 5] = [
    Phase::Claimed,
    Phase::Running,
    Phase::Waiting,
    Phase::Draining,
    Phase::All,
];

/// So many rounds whose outcome is lost, and the control.
pub fn run(count: usize) -> bool {
    let tally = many("P7 lost outcomes, flagged and held", count, 4, |number| {
        // An outcome that was known before the kill says nothing here: once more.
        for _ in 0..20 {
            match round(PHASES[number % PHASES.len()]) {
                Ok(None) => {}
                Ok(Some(kind)) => return Ok(kind),
                Err(why) => return Err(why),
            }
        }
        Err("its outcome was known every time".to_owned())
    });
    let control = many("P7 control, nobody killed", 1, 1, |_| {
        match round(Phase::Never) {
            Ok(None) => Ok("not flagged".to_owned()),
            other => Err(format!("flagged: {other:?}")),
        }
    });
    [tally.told(), control.told()] == [true; 2]
}

fn step(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "echo run >> runs; touch begun; read -r x",
        Phase::Draining => "echo run >> runs; sleep 2 & touch begun",
        Phase::Never => "echo run >> runs; touch begun",
        Phase::Claimed | Phase::Running | Phase::All => {
            "echo run >> runs; touch begun; for i in $(seq 1 300); do echo $i; sleep 0.01; done"
        }
    }
}

/// The phase, or none where the outcome was known.
fn round(phase: Phase) -> Result<Option<String>, String> {
    let flight = Flight::with(&[step(phase), "echo after >> afters"]);
    let mut cockpit = flight.flying();
    let begun = || match phase {
        Phase::Claimed => flight.evidence(1).join("claim").exists(),
        _ => flight.scratch.join("begun").exists(),
    };
    if !comes(begun) {
        return Err("it never began".to_owned());
    }
    if matches!(phase, Phase::Running | Phase::Waiting | Phase::All) {
        std::thread::sleep(Duration::from_millis(random() % 1_000));
    }
    // The cockpit sees it, or dies with the rest and finds it when it comes back.
    let with_cockpit = one_of(&[true, false]);
    if with_cockpit {
        cockpit.kill();
    }
    kill_watchers(&flight, phase);
    if with_cockpit {
        drop(cockpit);
        cockpit = resumed(&flight);
    }
    if !settled(&flight) {
        return Err(format!("nothing was ever recorded: {}", flight.journal()));
    }
    if flight.journal().contains("\"attempt-ended\"") {
        let known = flight.evidence(1).join("result.json").exists();
        leave(&mut cockpit);
        return if known {
            Ok(None)
        } else {
            Err("an end is on record, and there is no result".to_owned())
        };
    }
    cockpit.see("UNKNOWN");
    let mut pilot = Pilot { terminal: cockpit };
    depends(&flight, &mut pilot)?;
    if pilot.leave() != 0 {
        return Err("the cockpit ended badly".to_owned());
    }
    Ok(Some(format!("{phase:?}")))
}

fn kill_watchers(flight: &Flight, phase: Phase) {
    if matches!(phase, Phase::Never) {
        return;
    }
    let claim = fs::read_to_string(flight.evidence(1).join("claim")).unwrap_or_default();
    let pid = claim.split("\"pid\":").nth(1).unwrap_or_default();
    let pid = pid.split(|c: char| !c.is_ascii_digit()).next();
    let Some(supervisor) = pid.and_then(|pid| pid.parse().ok()) else {
        return;
    };
    let holders = children(supervisor);
    let rest = match phase {
        Phase::All => commands(&flight.evidence(1)),
        _ => Vec::new(),
    };
    kill9(supervisor);
    for pid in holders.into_iter().chain(rest) {
        kill9(pid);
    }
    // A holder that was forked at the last moment has another parent by now.
    for pid in orphans(&flight.evidence(1)) {
        kill9(pid);
    }
}

/// The command of an attempt and its anchor, whoever has forked that.
fn commands(evidence: &std::path::Path) -> Vec<i32> {
    let script = evidence.join("script").display().to_string();
    let runs_it = |pid: &i32| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains(&script)
    };
    let commands = processes().filter(runs_it).collect::<Vec<_>>();
    let parent = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?
            .1
            .split_whitespace()
            .nth(1)?
            .parse()
            .ok()
    };
    let is_anchor = |pid: &i32| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.trim() == "backout-anchor")
    };
    let anchors: Vec<i32> = commands
        .iter()
        .filter_map(parent)
        .filter(is_anchor)
        .collect();
    [commands, anchors].concat()
}

fn processes() -> impl Iterator<Item = i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|p| p.file_name().to_str()?.parse().ok())
}

/// Holders of an attempt, known by the claim that they have open.
fn orphans(evidence: &std::path::Path) -> Vec<i32> {
    // It was opened under the name that it had before it was published.
    let claim = evidence.join(".claim.").display().to_string();
    let has_it = |pid: &i32| {
        let open = fs::read_dir(format!("/proc/{pid}/fd"));
        let mut open = open.into_iter().flatten().flatten();
        open.any(|fd| {
            fs::read_link(fd.path()).is_ok_and(|path| path.to_string_lossy().starts_with(&claim))
        })
    };
    // A cockpit that fences the attempt at this moment is none of them.
    let supervises = |pid: &i32| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains("__supervise")
    };
    processes().filter(supervises).filter(has_it).collect()
}

/// What comes after waits for a person, and goes on after them.
fn depends(flight: &Flight, pilot: &mut Pilot) -> Result<(), String> {
    // Keys that might have been meant for the step are dropped for a moment.
    std::thread::sleep(Duration::from_secs(1));
    pilot.select("Do part 2").keys(&["enter"]);
    pilot.see("an earlier action is not done");
    // An order of steps yields to a reason; an outcome that is not known does not.
    pilot.terminal.key("m").see("Why");
    pilot.terminal.type_("in a hurry");
    pilot.keys(&["enter"]).gone("Why").see("r run it");
    pilot.terminal.key("r").see("settle it first");
    let starts = flight.journal().matches("\"attempt-intended\"").count();
    if starts != 1 || flight.lines("afters") != 0 {
        return Err("what depends on it ran before anybody had said what it was".to_owned());
    }
    judge(flight)?;
    if pilot.terminal.screen().contains("┌ Run ") {
        pilot.terminal.key("esc").gone("┌ Run ");
    }
    pilot.select("Do part 1").key("m", "What became of");
    pilot.key("s", "On what ground?");
    pilot.terminal.type_("looked by hand");
    pilot.keys(&["enter"]).gone("On what ground?");
    pilot.select("Do part 2").key("enter", "r run it");
    pilot.terminal.key("r");
    if !comes(|| flight.lines("afters") == 1) {
        return Err("what depends on it did not run after it was settled".to_owned());
    }
    Ok(())
}

fn judge(flight: &Flight) -> Result<(), String> {
    let (journal, runs) = (flight.journal(), flight.lines("runs"));
    if runs > 1 {
        return Err(format!("it ran {runs} times"));
    }
    let lost = journal.matches("\"attempt-lost\"").count();
    if lost != 1 || journal.contains("\"attempt-ended\"") {
        return Err(format!("it is recorded as lost {lost} times: {journal}"));
    }
    Ok(())
}
