//! Everything that ends in the cockpit: `open`, `practice`, `resume`, and home.
//!
//! Makes sure first that there is a terminal, a plan and a place to keep the incident; what is
//! missing is said before anything is written. The cockpit itself is `runtime`'s.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use crate::domain::event::{Event, Mode};
use crate::domain::ids::IncidentId;
use crate::practice::World;
use crate::report::words;
use crate::runbook;
use crate::runtime::{self, Chosen, ExitReport, Options, Why};
use crate::session::driver::{Driver, driver_of};
use crate::session::home::make_private_dir;
use crate::session::open::look;
use crate::session::run::Supervised;
use crate::session::{Home, NewIncident, OpenError, Session};

use super::args::{Everywhere, Open, Resume, When};
use super::blanks;
use super::failure::{Ended, Ending, Failure, Outcome};
use super::output::{self, harmless};
use super::source::Source;

const NAME_A_HOME: &str = "name a directory that you may write with --home";

/// `backout open RUNBOOK`.
pub fn open(open: &Open, everywhere: &Everywhere) -> Ending {
    need_terminal()?;
    if open.runbook.path == Path::new("-") {
        let what = "cannot open a cockpit on a runbook from standard input: that is the keyboard";
        return Err(Failure::new(what, "save it to a file and open that").into());
    }
    let source = Source::read(&open.runbook.path)?;
    let plan = runbook::read(&source.bytes);
    let path = open.runbook.path.display().to_string();
    let findings = blanks::check(&plan, &open.set, &path);
    if !findings.is_empty() {
        return Err(Ended::Failures(findings));
    }
    let new = NewIncident {
        environment: open.env.clone().or_else(|| plan.environment.clone()),
        plan,
        runbook: source.bytes,
        runbook_path: source.name,
        mode: if open.drill { Mode::Drill } else { Mode::Real },
        start_dir: present_dir()?,
        env: Vec::new(),
        trusted: false,
    };
    let session = create(&locate(everywhere)?, new)?;
    blanks::fill_all(&session, &open.set)
        .map_err(|error| Failure::new(error.to_string(), NAME_A_HOME))?;
    Ok(left(&fly(session, everywhere, false)?, everywhere))
}

/// `backout practice`.
pub fn practice(everywhere: &Everywhere) -> Ending {
    need_terminal()?;
    let home = locate(everywhere)?;
    let worlds = home.dir().join("practice");
    make_private_dir(&worlds).map_err(|error| Failure::new(error.to_string(), NAME_A_HOME))?;
    World::sweep(&worlds);
    let stamp = chrono::Utc::now().format("%Y%m%d-%H%M%S");
    let dir = worlds.join(format!("{stamp}-{}", std::process::id()));
    let world = World::create(&dir)
        .map_err(|error| Failure::new(error.to_string(), "see what it says, and try again"))?;
    let source = Source::read(&world.runbook())?;
    let plan = runbook::read(&source.bytes);
    let new = NewIncident {
        environment: plan.environment.clone(),
        plan,
        runbook: source.bytes,
        runbook_path: source.name,
        mode: Mode::Practice,
        start_dir: world.dir().to_owned(),
        env: world.env(),
        trusted: false,
    };
    let session = create(&home, new)?;
    let report = fly(session, everywhere, false)?;
    if report.closed {
        world
            .remove()
            .map_err(|error| Failure::new(error.to_string(), "remove it by hand"))?;
    }
    Ok(left(&report, everywhere))
}

/// `backout resume [ID]`.
pub fn resume(resume: &Resume, everywhere: &Everywhere) -> Ending {
    need_terminal()?;
    let home = locate(everywhere)?;
    let id = match &resume.id {
        Some(id) => IncidentId::new(id),
        None => latest_open(&home)?,
    };
    let over = match driver_of(&home.incident_dir(&id)) {
        Some(driver) => Some(take_over(&home, &id, &driver)?),
        None => None,
    };
    let session = Session::resume_over(&home, &id, Arc::new(Supervised::default()), over).map_err(|error| {
        let todo = match &error {
            OpenError::NoSuch { .. } => "see `backout list`".to_owned(),
            error if error.is_of_the_disk() => format!(
                "what runs goes on; free some space in {} (`df -h` shows it) or make it writable, \
                 then try again; `backout export {id} --format text` shows it meanwhile",
                home.dir().display()
            ),
            OpenError::Journal(crate::journal::JournalError::Locked { .. }) => {
                "leave it there first, with q".to_owned()
            }
            _ => "see `backout list` for the others".to_owned(),
        };
        Failure::new(format!("cannot take up {id}: {error}"), todo)
    })?;
    Ok(left(&fly(session, everywhere, true)?, everywhere))
}

/// Somebody drives the incident: says who, since when and whether they answer, and takes it from
/// them if the person here wants that. Gives from whom, for the record.
fn take_over(home: &Home, id: &IncidentId, driver: &Driver) -> Result<String, Failure> {
    let (incident, records, dir) =
        look(home, id).map_err(|error| Failure::new(error.to_string(), NAME_A_HOME))?;
    let now = chrono::Utc::now();
    let ago = |from: chrono::DateTime<chrono::Utc>| {
        crate::report::when::seconds((now - from).to_std().unwrap_or_default().as_secs())
    };
    let since = records.iter().rev().find_map(|record| match record.event {
        Event::Opened { .. } | Event::Resumed { .. } => Some(record.at.wall),
        _ => None,
    });
    let since = since.map_or(String::new(), |at| {
        format!(" since {} UTC ({} ago)", at.format("%H:%M:%S"), ago(at))
    });
    let what = format!("{id} is driven by {}{since}.", driver.who);
    output::say(&harmless(&what));
    let last = records.last().map(|record| ago(record.at.wall));
    let last = last.unwrap_or_default();
    output::say(&if driver.answers() {
        format!("That cockpit answers; its last record is {last} old.")
    } else if driver.suspended {
        format!("That cockpit does not answer: it is suspended. Its last record is {last} old.")
    } else {
        let silent = crate::report::when::seconds(driver.silent_for.as_secs());
        format!(
            "That cockpit does not answer: no sign of it for {silent}. Its last record is {last} old."
        )
    });
    for attempt in incident
        .attempts
        .iter()
        .filter(|attempt| attempt.is_alive())
    {
        output::say(&format!("runs: {}", harmless(&words::under_way(attempt))));
    }
    output::say(if driver.answers() {
        "To take it over, that cockpit is asked to leave. What runs goes on, and it is recorded."
    } else {
        "To take it over, that cockpit is ended: it can write nothing more, and its terminal may \
         need `reset`. What runs goes on, and it is recorded."
    });
    output::ask("Type take to take it over, anything else to leave it: ");
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    if read.is_err() || answer.trim() != "take" {
        let what = format!("{id} was left to {}", driver.who);
        return Err(Failure::new(what, "leave it there with q, or take it over"));
    }
    // Time has passed; it is taken from whoever has it now.
    let Some(driver) = driver_of(&dir) else {
        return Ok(format!("{}, which had left meanwhile", driver.who));
    };
    driver.take_over(&dir).map_err(|why| {
        let what = format!("cannot take over {id}: {why}");
        Failure::new(what, "see there what holds it up")
    })
}

/// `backout` alone: the home screen; where there is no terminal, the same as a text.
pub fn home(everywhere: &Everywhere) -> Ending {
    if need_terminal().is_err() {
        return super::list::home(everywhere);
    }
    let home = locate(everywhere)?;
    let chosen = runtime::home(&home, options(everywhere, false))
        .map_err(|error| Failure::new(error.to_string(), NAME_A_HOME))?;
    match chosen {
        Chosen::Resume(id) => resume(
            &Resume {
                id: Some(id.to_string()),
            },
            everywhere,
        ),
        Chosen::Practise => practice(everywhere),
        Chosen::Nothing => Ok(Outcome::Good),
    }
}

fn options(everywhere: &Everywhere, resumed: bool) -> Options {
    let colour = match everywhere.color {
        When::Auto => None,
        When::Always => Some(true),
        When::Never => Some(false),
    };
    Options::new(colour, everywhere.ascii, resumed)
}

fn fly(session: Session, everywhere: &Everywhere, resumed: bool) -> Result<ExitReport, Ended> {
    runtime::fly(session, options(everywhere, resumed))
        .map_err(|error| Ended::Fault(color_eyre::Report::new(error)))
}

/// The option by which the incident is found again, where it is not in the usual directory and the
/// environment does not say so either.
fn home_option(everywhere: &Everywhere) -> String {
    let of_environment = std::env::var_os("BACKOUT_HOME");
    let given = everywhere.home.as_ref();
    let given = given.filter(|dir| of_environment.as_deref() != Some(dir.as_os_str()));
    given.map_or_else(String::new, |dir| {
        let dir = dir.to_string_lossy();
        let word = shlex::try_quote(&dir).map_or_else(|_| dir.to_string(), |q| q.to_string());
        format!(" --home {}", harmless(&word))
    })
}

/// Says on the bare terminal what goes on, and the way back.
fn left(report: &ExitReport, everywhere: &Everywhere) -> Outcome {
    let id = &report.incident;
    for title in &report.running {
        output::say(&format!("goes on running: {}", harmless(title)));
    }
    for title in &report.unkept {
        let title = harmless(title);
        output::say(&format!(
            "has ended, its result waits for space on the disk: {title}"
        ));
    }
    if let Why::TakenOver(who) = &report.why {
        output::say(&format!("{id} was taken over by {}", harmless(who)));
    } else if report.closed {
        output::say(&format!("{id} is closed; everything about it is kept"));
    } else {
        let elsewhere = home_option(everywhere);
        output::say(&format!(
            "{id} stays open; take it up again with: backout{elsewhere} resume {id}"
        ));
    }
    match report.why {
        Why::Left | Why::TerminalGone | Why::TakenOver(_) => Outcome::Good,
        Why::Terminated => Outcome::Interrupted,
    }
}

/// The last incident that was opened and is not closed. One that cannot be read and is newer is not
/// passed over: whoever comes back after a crash would take up another incident unawares.
fn latest_open(home: &Home) -> Result<IncidentId, Failure> {
    let ids = home
        .incidents()
        .map_err(|error| Failure::new(error.to_string(), NAME_A_HOME))?;
    for id in ids.into_iter().rev() {
        match look(home, &id) {
            Ok((incident, _, _)) if incident.closed.is_none() => return Ok(id),
            Ok(_) => {}
            Err(error) => {
                let what = format!("cannot tell whether {id} is the one to take up: {error}");
                let todo = "name the one you mean: `backout resume ID`; `backout list` has them";
                return Err(Failure::new(what, todo));
            }
        }
    }
    let what = format!("there is no open incident in {}", home.dir().display());
    Err(Failure::new(
        what,
        "open a plan with `backout open RUNBOOK`",
    ))
}

fn create(home: &Home, new: NewIncident) -> Result<Session, Failure> {
    Session::create(home, new, Arc::new(Supervised::default()))
        .map_err(|error| Failure::new(format!("cannot keep an incident: {error}"), NAME_A_HOME))
}

fn locate(everywhere: &Everywhere) -> Result<Home, Failure> {
    Home::locate(everywhere.home.clone())
        .map_err(|error| Failure::new(error.to_string(), NAME_A_HOME))
}

fn present_dir() -> Result<std::path::PathBuf, Failure> {
    std::env::current_dir().map_err(|error| {
        Failure::new(
            format!("cannot tell the present directory: {error}"),
            "go to one that exists",
        )
    })
}

/// The cockpit's keyboard and screen; without them a pipe would be read as keys.
fn need_terminal() -> Result<(), Failure> {
    for (is, what) in [
        (io::stdin().is_terminal(), "standard input"),
        (io::stdout().is_terminal(), "standard output"),
    ] {
        if !is {
            let what = format!("the cockpit needs a terminal, and {what} is none");
            let todo = "run it in a terminal, or use `backout show` or `backout drill`";
            return Err(Failure::new(what, todo));
        }
    }
    Ok(())
}
