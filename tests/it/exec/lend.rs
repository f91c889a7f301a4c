//! A terminal that goes from one attempt to the next: it is as it was at first each time, nobody
//! of an earlier attempt can reach a later one, and its lender loses nothing and outlives nobody.

use super::bench::{Attempt, Bench, is_alive, kill9, wait_for};
use backout::exec::{Control, Found, StopStage, find};
use std::fs;

/// Prints the terminal, the leader of its session, and its modes.
const WHERE: &str = "tty; echo leader $(ps -o sid= -p $$); stty -g";

/// What [`WHERE`] has printed.
fn place(output: &str) -> (String, i32, String) {
    let mut lines = output.lines().map(str::to_owned);
    let tty = lines.next().expect("a terminal");
    let leader = lines.next().expect("a leader");
    let leader = leader.split_whitespace().last().expect("a number").parse();
    (
        tty,
        leader.expect("a number"),
        lines.next().expect("its modes"),
    )
}

fn stand(bench: &Bench) -> (String, i32, String) {
    place(&bench.run(&bench.shell(WHERE)).1)
}

/// A number that an attempt has printed behind a word.
fn number(attempt: &Attempt, word: &str) -> i32 {
    attempt.shows(word);
    let output = attempt.output();
    let rest = output.split(word).nth(1).expect("shown");
    rest.split_whitespace()
        .next()
        .and_then(|n| n.parse().ok())
        .expect("a number")
}

#[test]
fn it_goes_on_as_it_was_at_first() {
    let bench = Bench::new();
    let first = stand(&bench);
    assert!(is_alive(first.1), "its leader stays");
    let spoils = "stty raw -echo; printf '\\033[?1049h'; set -m; (sleep 0.01); echo ready; \
                  until [ -e on ]; do sleep 0.01; done";
    let spoiler = bench.start(&bench.shell(spoils));
    spoiler.shows("ready");
    let mut control = Control::connect(&spoiler.dir).unwrap();
    control
        .input(b"rm -rf everything\nand more without an end\x16")
        .unwrap();
    fs::write(bench.path("on"), "").unwrap();
    assert_eq!(spoiler.outcome().exit, Some(0));
    assert_eq!(stand(&bench), first);
    // Stopped with ctrl-s, and its output with it.
    let stopped = bench.start(&bench.shell("echo ready; until [ -e off ]; do sleep 0.01; done"));
    stopped.shows("ready");
    let mut control = Control::connect(&stopped.dir).unwrap();
    control.input(b"half a line\x16\x13").unwrap();
    control.input(b"\x13").unwrap();
    fs::write(bench.path("off"), "").unwrap();
    assert_eq!(stopped.outcome().exit, Some(0));
    assert_eq!(stand(&bench), first);
    let reads = "read -r -t 0.3 line || echo \"got $? [$line]\"";
    let (_, output) = bench.run(&bench.shell(reads));
    assert_eq!(
        output, "got 142 []\r\n",
        "what was typed for one is read by no other"
    );
    let mut sized = bench.shell("stty size");
    (sized.rows, sized.cols) = (17, 93);
    assert_eq!(bench.run(&sized).1, "17 93\r\n");
}

#[test]
fn what_one_left_running_never_writes_into_the_next() {
    let bench = Bench::new();
    let (_, own, _) = stand(&bench);
    let writes = "(until [ -e on ]; do sleep 0.01; done; echo afterwards) & echo writer $!";
    let left = bench.start(&bench.shell(writes));
    let writer = number(&left, "writer ");
    assert_eq!(left.outcome().exit, Some(0));
    let beside = format!("{WHERE}; until [ -e off ]; do sleep 0.01; done");
    let beside = bench.start(&bench.shell(&beside));
    beside.shows("leader");
    fs::write(bench.path("on"), "").unwrap();
    left.shows("afterwards");
    wait_for(|| !is_alive(writer), || "the writer's end".to_owned());
    fs::write(bench.path("off"), "").unwrap();
    assert_eq!(beside.outcome().exit, Some(0));
    let output = beside.output();
    assert!(!output.contains("afterwards"), "{output}");
    assert_ne!(place(&output).1, own);
    // Once nobody is left it is lent again.
    wait_for(|| stand(&bench).1 == own, || format!("{own} is lent again"));
}

#[test]
fn whoever_is_left_has_a_terminal_that_nobody_lends_again() {
    let bench = Bench::new();
    let (_, own, _) = stand(&bench);
    let quiet = "(until [ -e on ]; do sleep 0.01; done; echo x >/dev/tty || echo gone > gone) \
                 </dev/null >/dev/null 2>&1 & echo left $!";
    let left = bench.start(&bench.shell(quiet));
    let child = number(&left, "left ");
    left.outcome();
    let next = stand(&bench);
    assert_ne!(next.1, own, "it could have opened the terminal again");
    // From then on there is another, for all of them.
    wait_for(
        || stand(&bench) == stand(&bench),
        || "a lender of another terminal".to_owned(),
    );
    assert!(is_alive(child) && is_alive(own), "nobody is hung up");
    fs::write(bench.path("on"), "").unwrap();
    let gone = bench.path("gone");
    wait_for(|| gone.exists(), || "a terminal that is closed".to_owned());
    let daemon = "setsid sleep 1000 </dev/null >/dev/null 2>&1 & sleep 0.2; echo left $!";
    let (_, own, _) = stand(&bench);
    let left = bench.start(&bench.shell(daemon));
    let daemon = number(&left, "left ");
    let outcome = left.outcome();
    assert_eq!(
        outcome.left_running,
        [u32::try_from(daemon).unwrap()],
        "{outcome:?}"
    );
    assert_eq!(stand(&bench).1, own, "a session of its own holds nothing");
    // A kill of the next reaches nobody of the earlier one, its anchor included.
    let next = bench.start(&bench.shell("trap '' INT TERM; echo ready; sleep 1000; sleep 1000"));
    next.shows("ready");
    let mut control = Control::connect(&next.dir).unwrap();
    assert!(control.stop(StopStage::Kill, "ana").unwrap());
    let outcome = next.outcome();
    assert_eq!((outcome.signal, outcome.left_running.len()), (Some(9), 0));
    assert!(is_alive(daemon));
    assert_eq!(stand(&bench).1, own);
    kill9(daemon);
}

#[test]
fn it_is_not_lent_while_somebody_watches_what_has_ended() {
    let bench = Bench::new();
    let (_, own, _) = stand(&bench);
    let slow = bench.start(&bench.shell("echo ready; until [ -e on ]; do sleep 0.01; done"));
    slow.shows("ready");
    let holder = rustix::process::Pid::from_raw(slow.holder()).unwrap();
    rustix::process::kill_process(holder, rustix::process::Signal::STOP).unwrap();
    fs::write(bench.path("on"), "").unwrap();
    assert_eq!(slow.outcome().exit, Some(0));
    assert_ne!(stand(&bench).1, own);
    rustix::process::kill_process(holder, rustix::process::Signal::CONT).unwrap();
    wait_for(|| stand(&bench).1 == own, || format!("{own} lent again"));
}

#[test]
fn nobody_stops_it_who_could_not_wake_it() {
    let bench = Bench::new();
    let attempt = bench.start(&bench.shell("echo ready; sleep 0.3; echo woke"));
    attempt.shows("ready");
    let mut control = Control::connect(&attempt.dir).unwrap();
    control.input(b"\x1a").unwrap();
    let outcome = attempt.outcome();
    assert_eq!(outcome.exit, Some(0), "{outcome:?}");
    attempt.shows("woke");
}

#[test]
fn a_dead_lender_is_missed_by_nobody() {
    let bench = Bench::new();
    let (_, lender, _) = stand(&bench);
    kill9(lender);
    wait_for(|| !is_alive(lender), || "its death".to_owned());
    assert!(stand(&bench).0.starts_with("/dev/pts/"));
    // While it lends, its death is the terminal's: that is said as it was, and is no success.
    let bench = Bench::new();
    let attempt = bench.start(&bench.shell(&format!("{WHERE}; echo ready; sleep 1000")));
    attempt.shows("ready");
    kill9(place(&attempt.output()).1);
    let outcome = attempt.outcome();
    assert_eq!((outcome.exit, outcome.signal), (None, Some(1)));
    assert!(outcome.error.unwrap().contains("backout-lender"));
}

#[test]
fn a_step_outlives_whoever_set_the_lender_off_and_the_lender_outlives_nobody() {
    let mut bench = Bench::new();
    let code =
        format!("{WHERE}; echo ready; until [ -e on ]; do sleep 0.01; done; seq 500; exit 7");
    let attempt = bench.start(&bench.shell(&code));
    attempt.shows("ready");
    let (_, lender, _) = place(&attempt.output());
    bench.is_left();
    fs::write(bench.path("on"), "").unwrap();
    let outcome = attempt.outcome();
    assert_eq!((outcome.exit, outcome.taken_over), (Some(7), false));
    assert!(attempt.output().ends_with("500\r\n"));
    wait_for(|| !is_alive(lender), || "the lender leaves".to_owned());
    // It stays while somebody is left whom a kernel would hang up without it.
    let mut bench = Bench::new();
    let code = format!("{WHERE}; sleep 1000 & echo left $!");
    let attempt = bench.start(&bench.shell(&code));
    let child = number(&attempt, "left ");
    let (_, lender, _) = place(&attempt.output());
    assert_eq!(attempt.outcome().exit, Some(0));
    bench.is_left();
    assert!(is_alive(child) && is_alive(lender));
    kill9(child);
    wait_for(|| !is_alive(lender), || "the lender leaves".to_owned());
}

#[test]
fn the_death_of_both_who_watched_closes_the_terminal_as_one_of_its_own() {
    for bench in [Bench::new(), Bench::own()] {
        let code = "echo ready; cat || true; echo told > told";
        let attempt = bench.start(&bench.shell(code));
        attempt.shows("ready");
        attempt.loses_both();
        let told = bench.path("told");
        wait_for(|| told.exists(), || "the end of its input".to_owned());
        assert_eq!(find(&attempt.dir).unwrap(), Found::Unknown);
        let (outcome, output) = bench.run(&bench.shell("echo next"));
        assert_eq!((outcome.exit, output.as_str()), (Some(0), "next\r\n"));
    }
}
