//! What the supervisor alone knew when it was killed, and the holder goes on with.

use super::disk::SmallDisk;
use super::standing::hears;
use super::*;
use backout::exec::Ear;

/// A spec with a secret in it.
fn with_secret(bench: &Bench, code: &str) -> backout::exec::AttemptSpec {
    let mut spec = bench.shell(code);
    spec.secret_env = vec![("PW".to_owned(), "hunter2000".to_owned())];
    spec
}

#[test]
fn a_stop_is_on_record_although_its_supervisor_was_killed() {
    let bench = Bench::new();
    let code = "trap 'echo heard' INT; echo ready; until [ -e go ]; do sleep 0.05 || true; done";
    let attempt = bench.start(&bench.shell(code));
    attempt.shows("ready");
    let mut control = Control::connect(&attempt.dir).unwrap();
    assert!(control.stop(StopStage::Int, "ana").unwrap());
    attempt.shows("heard");
    kill9(attempt.supervisor());
    fs::write(bench.path("go"), "").unwrap();
    let outcome = attempt.outcome();
    assert_eq!((outcome.exit, outcome.taken_over), (Some(0), true));
    // What it printed is not of a command that was left alone.
    assert_eq!((outcome.ended_by, outcome.stops.len()), (EndedBy::Stop, 1));
    assert_eq!(outcome.stops[0].by, "ana");
}

#[test]
fn a_secret_is_taken_out_of_what_two_supervisors_saw_a_part_of() {
    // Less than half of it is let through at a pause, and more than half is held back.
    for (first, second, shown) in [
        ("hunt", "er2000", "hunt[secret PW]"),
        ("hunter2", "000", "[secret PW]"),
        ("hunter2", "_other", "hunter2_other"),
    ] {
        let bench = Bench::new();
        let code = format!(
            "printf 'before {first}'; touch half; until [ -e go ]; do sleep 0.02; done; \
             echo '{second} after'"
        );
        let attempt = bench.start(&with_secret(&bench, &code));
        wait_for(|| bench.path("half").exists(), || "the half".to_owned());
        attempt.shows("before");
        // The pause after which it is let through is over.
        std::thread::sleep(Duration::from_millis(200));
        kill9(attempt.supervisor());
        fs::write(bench.path("go"), "").unwrap();
        let outcome = attempt.outcome();
        assert_eq!((outcome.exit, outcome.taken_over), (Some(0), true));
        assert_eq!(outcome.error, None, "nothing is missing");
        assert_eq!(attempt.output(), format!("before {shown} after\r\n"));
    }
}

#[test]
fn with_a_secret_to_take_out_a_death_in_a_flood_loses_nothing_and_doubles_nothing() {
    for round in 0..12 {
        let bench = Bench::new();
        let code = "for i in $(seq 1 4000); do echo \"line $i with $PW in it\"; done";
        let attempt = bench.start(&with_secret(&bench, code));
        attempt.shows("line 1 ");
        // Any moment will do.
        std::thread::sleep(Duration::from_millis(round));
        let killed = try_kill9(attempt.supervisor()).is_ok();
        let outcome = attempt.outcome();
        assert_eq!((outcome.exit, outcome.error), (Some(0), None));
        let expected: Vec<String> = (1..=4000)
            .map(|i| format!("line {i} with [secret PW] in it\r\n"))
            .collect();
        assert!(
            attempt.output() == expected.concat(),
            "{round}, killed: {killed}"
        );
    }
}

#[test]
fn keys_that_died_with_the_supervisor_are_said_where_they_are_missing() {
    let bench = Bench::new();
    let code = "stty -icanon -echo; echo ready; until [ -e go ]; do sleep 0.05; done";
    let attempt = bench.start(&bench.shell(code));
    attempt.shows("ready");
    let mut control = Control::connect(&attempt.dir).unwrap();
    // Until so much waits that no more is taken: the terminal alone has room for some of it.
    while control.input(&[b'x'; 8_000]).is_ok() {}
    kill9(attempt.supervisor());
    attempt.shows("bytes that were typed did not reach the command: its supervisor was killed]");
    fs::write(bench.path("go"), "").unwrap();
    let outcome = attempt.outcome();
    assert_eq!((outcome.exit, outcome.taken_over), (Some(0), true));
}

#[test]
fn the_time_box_does_not_begin_again_with_another_supervisor() {
    let bench = Bench::new();
    let code = "trap 'echo winding down; sleep 1; exit 0' INT; echo ready; \
                while true; do sleep 0.05 || true; done";
    let mut spec = bench.shell(code);
    spec.timeout_s = Some(1);
    let attempt = bench.start(&spec);
    attempt.shows("winding down");
    kill9(attempt.supervisor());
    let outcome = attempt.outcome();
    assert_eq!(attempt.output().matches("winding down").count(), 1);
    assert_eq!((outcome.exit, outcome.taken_over), (Some(0), true));
    assert_eq!(
        (outcome.ended_by, outcome.stops.len()),
        (EndedBy::TimeBox, 1)
    );
}

#[test]
fn a_result_that_waits_for_room_outlives_its_supervisor() {
    let bench = Bench::new();
    let Some(disk) = SmallDisk::mount(bench.path("disk"), 256) else {
        return;
    };
    let dir = disk.0.join("0001");
    let filler = disk.0.join("filler");
    let code = format!(
        "until [ -e go ]; do sleep 0.02; done; cat /dev/zero > '{}' || exit 3",
        filler.display()
    );
    start_with(exe(), &dir, &bench.shell(&code)).unwrap();
    let attempt = Attempt { dir };
    let mut ear = Ear::at(&attempt.dir);
    fs::write(bench.path("go"), "").unwrap();
    hears(&mut ear, "a result without room", |c| {
        c.trouble.as_ref().is_some_and(|trouble| trouble.ended)
    });
    let known = chrono::Utc::now();
    kill9(attempt.supervisor());
    hears(&mut ear, "the same from another", |c| {
        c.trouble.as_ref().is_some_and(|trouble| trouble.ended)
    });
    fs::remove_file(&filler).unwrap();
    let outcome = attempt.outcome();
    assert_eq!((outcome.exit, outcome.taken_over), (Some(3), true));
    assert!(outcome.ended_at < known, "{outcome:?}");
}
