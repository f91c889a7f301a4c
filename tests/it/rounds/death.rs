//! A running step survives the death of the cockpit, of its terminal, and of any one of
//! supervisor and holder: it finishes, its status and all its output are recovered, and nothing
//! runs a second time.

use std::fs;
use std::time::Duration;

use super::{Flight, children, comes, kill9, leave, lives, many, one_of, random, resumed, signal};

/// Lines that a step prints, ten milliseconds apart.
pub const LINES: usize = 200;

/// The step: leaves a mark of its run, prints, and ends with a status of its own.
pub fn counts() -> String {
    format!(
        "echo run >> runs; for i in $(seq 1 {LINES}); do echo \"line $i\"; sleep 0.01; done; exit 7"
    )
}

/// Who dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Cockpit,
    Supervisor,
    Holder,
    HangUp,
    ClosedTerminal,
    /// The control: with both gone nothing is left that could know.
    Both,
}

const VICTIMS: [Victim; 5] = [
    Victim::Cockpit,
    Victim::Supervisor,
    Victim::Holder,
    Victim::HangUp,
    Victim::ClosedTerminal,
];

/// So many rounds, every victim in turn, and the control.
pub fn run(count: usize) -> bool {
    let tally = many("P6 shell steps that outlive a death", count, 4, |number| {
        round(VICTIMS[number % VICTIMS.len()])
    });
    let requests = many(
        "P6 HTTP steps that outlive a death",
        count.div_ceil(20),
        2,
        request,
    );
    let control = many("P6 control, both watchers killed", 1, 1, |_| {
        match round(Victim::Both) {
            Err(_) => Ok("seen as broken".to_owned()),
            Ok(_) => Err("nothing was seen of it".to_owned()),
        }
    });
    [tally.told(), requests.told(), control.told()] == [true; 3]
}

fn round(victim: Victim) -> Result<String, String> {
    let flight = Flight::with(&[&counts(), "true"]);
    let mut cockpit = flight.flying();
    // It runs, so that a death is a death during it.
    if !comes(|| flight.lines("runs") == 1) {
        return Err("it never began".to_owned());
    }
    std::thread::sleep(Duration::from_millis(random() % 1_800));
    let (supervisor, holder) = flight.watchers(1);
    let (Some(supervisor), Some(holder)) = (supervisor, holder) else {
        return Err("it had ended before anybody could die".to_owned());
    };
    match victim {
        Victim::Cockpit => cockpit.kill(),
        Victim::Supervisor => drop(kill9(supervisor)),
        Victim::Holder => drop(kill9(holder)),
        Victim::HangUp => {
            signal(
                cockpit.pid().as_raw_nonzero().get(),
                rustix::process::Signal::HUP,
            );
            cockpit.exit_code();
        }
        Victim::ClosedTerminal => {
            cockpit.hang_up();
            cockpit.exit_code();
        }
        Victim::Both => {
            kill9(holder);
            kill9(supervisor);
        }
    }
    if !matches!(victim, Victim::Supervisor | Victim::Holder | Victim::Both) {
        drop(cockpit);
        // At once, in the middle, or when it is over.
        std::thread::sleep(Duration::from_millis(one_of(&[0, 300, 2_500])));
        cockpit = resumed(&flight);
    }
    if !settled(&flight) {
        return Err(format!("its end was never recorded: {}", flight.journal()));
    }
    if leave(&mut cockpit) != 0 {
        return Err("the cockpit ended badly".to_owned());
    }
    whole(&flight, LINES)?;
    Ok(format!("{victim:?}"))
}

/// Whether an end is on record, in time.
pub fn settled(flight: &Flight) -> bool {
    comes(|| {
        let journal = flight.journal();
        ["attempt-ended", "attempt-never-ran", "attempt-lost"]
            .iter()
            .any(|end| journal.contains(&format!("\"{end}\"")))
    })
}

/// What is on disk against what the step did.
pub fn whole(flight: &Flight, lines: usize) -> Result<(), String> {
    let (journal, runs) = (flight.journal(), flight.lines("runs"));
    if runs != 1 {
        return Err(format!("it ran {runs} times"));
    }
    let ends = journal.matches("\"attempt-ended\"").count();
    if ends != 1 || journal.contains("\"attempt-lost\"") {
        return Err(format!("{ends} ends are on record: {journal}"));
    }
    if journal.matches("\"attempt-intended\"").count() != 1 {
        return Err("more than one start is on record".to_owned());
    }
    if !journal.contains("\"exit\":7") {
        return Err(format!("its status is not on record: {journal}"));
    }
    let output =
        fs::read_to_string(flight.evidence(1).join("output")).map_err(|e| e.to_string())?;
    let found: Vec<&str> = output.lines().map(str::trim_end).collect();
    let expected: Vec<String> = (1..=lines).map(|i| format!("line {i}")).collect();
    if found != expected {
        return Err(format!(
            "{} of {lines} lines are in the evidence",
            found.len()
        ));
    }
    Ok(())
}

/// A request that changes something, answered slowly: its watchers may die, and where its own
/// process dies nobody knows what became of it.
fn request(number: usize) -> Result<String, String> {
    use backout::exec::{AttemptSpec, Found, Kind, find, start_with};
    use std::io::{Read as _, Write as _};
    let home = crate::scratch::Scratch::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut asked = [0; 4096];
        let _ = stream.read(&mut asked);
        std::thread::sleep(Duration::from_millis(600));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
        // A second request would be a second run.
        listener.set_nonblocking(true).expect("it can be set");
        std::thread::sleep(Duration::from_millis(300));
        listener.accept().is_ok()
    });
    let code = format!("POST http://127.0.0.1:{port}/release");
    let spec = AttemptSpec::new(Kind::Http, code, home.path());
    let dir = home.join("0001");
    start_with(crate::scratch::binary(), &dir, &spec).map_err(|e| e.to_string())?;
    std::thread::sleep(Duration::from_millis(200));
    let Ok(Found::Running { supervisor, .. }) = find(&dir) else {
        return Err("it does not run".to_owned());
    };
    let supervisor = i32::try_from(supervisor).expect("a pid");
    let holder = children(supervisor).first().copied().ok_or("no holder")?;
    let anchor = children(holder).first().copied().ok_or("no anchor")?;
    let request = children(anchor).first().copied().ok_or("no request")?;
    let kind = ["supervisor", "holder", "the request itself"][number % 3];
    kill9([supervisor, holder, request][number % 3]);
    let mut end = None;
    comes(|| {
        if let Ok(Found::Ended(outcome)) = find(&dir) {
            end = Some(outcome);
        }
        end.is_some()
    });
    let end = end.ok_or("no result")?;
    let again = server.join().map_err(|_| "the server failed")?;
    if again {
        return Err("it was sent a second time".to_owned());
    }
    let known = (end.exit, end.status_unknown);
    let expected = match kind {
        "the request itself" => (None, true),
        _ => (Some(0), false),
    };
    if known != expected || lives(request) {
        return Err(format!("{kind} killed: {end:?}"));
    }
    Ok(format!("{kind} killed"))
}
