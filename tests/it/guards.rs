//! The last looks before a command: the target is the one that the plan is for, measured at the
//! last moment. Identity is changed between preview and run, and nothing may be sent.

use std::fs;

use backout::domain::Command;
use backout::domain::bearing::Found;
use backout::domain::event::{Confirmation, Ending};
use backout::domain::incident::{Attempt, AttemptState};

use crate::flown::{Flown, plan};
use crate::scratch::Scratch;

fn never_ran(attempt: &Attempt) -> String {
    match &attempt.state {
        AttemptState::NeverRan(why) => why.clone(),
        other => panic!("it ran: {other:?}"),
    }
}

/// A program of the test's own that answers with what a file says.
fn stand_in(scratch: &Scratch, name: &str, answers: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let bin = scratch.join("bin");
    let _ = fs::create_dir(&bin);
    let program = bin.join(name);
    fs::write(&program, format!("#!/bin/sh\ncat {answers}\n")).expect("a program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("runnable");
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{}:{path}", bin.display())
}

#[test]
fn a_host_that_is_another_one_blocks_and_the_right_one_does_not() {
    let here = backout::session::machine::host_name();
    let block = ("bash", "echo done >> ran");
    let wrong = Flown::with(&plan("  targets: {host: some-other-host}\n", &[block]), &[]);
    let shown = wrong.shown(0);
    assert!(
        shown.problems[0].contains("some-other-host"),
        "{:?}",
        shown.problems
    );
    assert!(shown.problems[0].contains(&here), "{:?}", shown.problems);
    wrong.starts(&shown).expect_err("refused");
    assert!(!wrong.file("ran").exists());

    let right = Flown::with(
        &plan(&format!("  targets: {{host: {here}}}\n"), &[block]),
        &[],
    );
    let shown = right.shown(0);
    assert_eq!(shown.bearings[0].found, Found::Same(here));
    right.starts(&shown).expect("started");
    assert!(right.ended().ending().is_some_and(Ending::succeeded));
    assert!(right.file("ran").exists());
}

#[test]
fn a_cluster_that_changes_between_the_box_and_the_key_is_noticed() {
    let scratch = Scratch::new();
    let context = scratch.join("context");
    let path = stand_in(
        &scratch,
        "kubectl",
        "context; case $1 in delete) echo >> ran;; esac",
    );
    let text = plan(
        "  targets: {kube_context: blue}\n",
        &[("bash", "kubectl delete pod web-0")],
    );
    fs::write(&context, "blue\n").expect("written");
    let flown = Flown::within(scratch, &text, &[("PATH", path)]);
    for round in 0..3 {
        fs::write(&context, "blue\n").expect("written");
        let shown = flown.shown(0);
        assert_eq!(shown.bearings[0].found, Found::Same("blue".to_owned()));
        fs::write(&context, "green\n").expect("written");
        flown.starts(&shown).expect("confirmed");
        let why = never_ran(&flown.ended());
        assert!(why.contains("nothing was sent"), "{round}: {why}");
        assert!(
            why.contains("kube context blue, and this is green"),
            "{why}"
        );
    }
    assert!(!flown.file("ran").exists(), "nothing was sent");
    // The control: unchanged, the same box runs.
    fs::write(&context, "blue\n").expect("written");
    flown.starts(&flown.shown(0)).expect("confirmed");
    assert!(flown.ended().ending().is_some_and(Ending::succeeded));
    assert!(flown.file("ran").exists());
}

#[test]
fn what_cannot_be_measured_is_said_and_wants_a_person() {
    let scratch = Scratch::new();
    let path = stand_in(
        &scratch,
        "kubectl",
        "nothing-to-see; case $1 in delete) echo >> ran;; esac",
    );
    let text = plan(
        "  targets: {kube_context: blue}\n",
        &[("bash", "kubectl delete pod web-0")],
    );
    let flown = Flown::within(scratch, &text, &[("PATH", path)]);
    let shown = flown.shown(0);
    assert!(matches!(shown.bearings[0].found, Found::Unknown(_)));
    assert_eq!(shown.word.as_deref(), Some("blue"));
    let start = Command::Start {
        shown: Box::new(shown.clone()),
        confirmation: Confirmation::Pressed,
    };
    flown.session.submit_and_wait(start).expect_err("it asks");
    flown.starts(&shown).expect("typed");
    flown.ended();
    assert!(flown.file("ran").exists());
}

#[test]
fn what_an_earlier_action_has_set_is_what_is_measured() {
    let scratch = Scratch::new();
    let path = stand_in(&scratch, "kubectl", "\"$KUBECONFIG\"");
    fs::write(scratch.join("blue"), "blue\n").expect("written");
    fs::write(scratch.join("green"), "green\n").expect("written");
    let at = |name: &str| format!("export KUBECONFIG={}", scratch.join(name).display());
    let text = plan(
        "  targets: {kube_context: blue}\n",
        &[
            ("bash", &at("green")),
            ("bash", "kubectl get pods"),
            ("bash", &at("blue")),
            ("bash", "kubectl get pods"),
        ],
    );
    let flown = Flown::within(scratch, &text, &[("PATH", path)]);
    flown.starts(&flown.shown(0)).expect("started");
    flown.ended();
    let shown = flown.shown(1);
    assert!(
        shown.problems[0].contains("this is green"),
        "{:?}",
        shown.problems
    );
    flown.starts(&shown).expect_err("refused");
}

/// What backout would run of a text that hides something: nothing. The same text without it runs,
/// byte for byte as the box showed it.
#[test]
fn what_a_box_shows_is_what_runs_and_what_hides_does_not() {
    let hidden = [
        '\u{202e}',
        '\u{2066}',
        '\u{200b}',
        '\u{200d}',
        '\u{2060}',
        '\u{feff}',
        '\u{e0041}',
        '\u{ad}',
        '\u{7}',
        '\u{8}',
        '\u{1b}',
        '\u{7f}',
        '\u{9b}',
        '\u{2028}',
        '\u{180e}',
        '\u{115f}',
    ];
    for (n, c) in hidden.into_iter().enumerate() {
        let plain = format!("printf 'part {n}\\n' >> ran");
        let at = plain
            .find(if n % 2 == 0 { "part" } else { ">>" })
            .expect("there");
        let (before, after) = plain.split_at(at);
        let hostile = format!("{before}{c}{after}");
        let flown = Flown::with(&plan("  service: orchard\n", &[("bash", &hostile)]), &[]);
        if let Some(at) = flown.places().first().cloned() {
            let shown = flown.session.prepare(&at, None).expect("a box");
            if shown.code.contains(c) {
                assert!(!shown.is_clear(), "U+{:04X}: {shown:?}", u32::from(c));
                flown.starts(&shown).expect_err("refused");
                assert!(!flown.file("ran").exists());
            } else {
                // What the reader has taken out is not run either: the box has all that is.
                assert!(!shown.code.contains(c));
            }
        }
    }
    let flown = Flown::with(
        &plan(
            "  service: orchard\n",
            &[("bash", "printf '%s' \"$0\" >/dev/null; echo é >> ran")],
        ),
        &[],
    );
    let shown = flown.shown(0);
    flown.starts(&shown).expect("started");
    let attempt = flown.ended();
    let script = flown
        .session
        .evidence_dir(attempt.intent.attempt)
        .join("script");
    assert_eq!(fs::read(script).expect("the script"), shown.code.as_bytes());
    assert!(flown.file("ran").exists());
}

const DUMP: &str = "-- PostgreSQL database dump\\n-- Dumped from database version 15.4\\n-- Dumped by pg_dump version 15.4\\nCREATE TABLE a (id integer);\\nINSERT INTO a VALUES (1);\\n";

#[test]
fn a_backup_that_was_cut_off_is_no_backup_and_is_not_restored_from_unsaid() {
    use backout::domain::event::Gate;
    use backout::domain::judge::Verdict;
    let scratch = Scratch::new();
    fs::write(scratch.join("body"), DUMP.replace("\\n", "\n")).expect("written");
    fs::write(
        scratch.join("end"),
        "-- PostgreSQL database dump complete\n",
    )
    .expect("written");
    let cut = stand_in(&scratch, "pg_dump", "body");
    stand_in(&scratch, "psql", "/dev/null");
    let blocks = [
        ("bash", "pg_dump shop > backup.sql"),
        (
            "bash",
            "psql -c 'DROP TABLE a' shop && psql shop < backup.sql",
        ),
    ];
    let flown = Flown::within(
        scratch,
        &plan("  service: orchard\n", &blocks),
        &[("PATH", cut)],
    );
    flown.starts(&flown.shown(0)).expect("started");
    let made = flown.ended();
    assert_eq!(
        made.judgements[0].verdict,
        Verdict::NotMet,
        "{:?}",
        made.judgements
    );
    assert!(made.judgements[0].because.contains("cut off"));

    let gates = flown.shown(1).gates;
    let of_backup = |g: &&Gate| matches!(g, Gate::Backup(_));
    assert!(gates.iter().any(|g| of_backup(&g)), "{gates:?}");
    flown.starts(&flown.shown(1)).expect_err("gated");

    // Whole, it is one; it is still younger than what is to be undone.
    stand_in(&flown.scratch, "pg_dump", "body end");
    flown.starts(&flown.shown(0)).expect("started again");
    let made = flown.ended();
    assert_eq!(
        made.judgements[0].verdict,
        Verdict::Met,
        "{:?}",
        made.judgements
    );
    let gates = flown.shown(1).gates;
    let young = gates.iter().find(of_backup).expect("a gate");
    assert!(
        matches!(young, Gate::Backup(why) if why.contains("after the trouble was seen")),
        "{young:?}"
    );

    // An operator passes it with a reason, and that finding only.
    flown.wants(Command::WaiveGate {
        gate: young.clone(),
        reason: "the data is right again".to_owned(),
    });
    let gates = flown.shown(1).gates;
    assert!(!gates.iter().any(|g| of_backup(&g)), "{gates:?}");
}

#[test]
fn what_a_command_needs_and_does_not_have_is_said_before_it_runs() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.join("apps/shop")).expect("made");
    fs::write(scratch.join("apps/shop/undo.sh"), "echo undone\n").expect("written");
    let blocks = [
        ("bash", "PIECE=1; SHELF=a; export SHELF"),
        ("bash", "bash undo.sh \"$SHELF\""),
        ("bash", "cd apps/shop && bash undo.sh"),
    ];
    let flown = Flown::within(scratch, &plan("  service: orchard\n", &blocks), &[]);
    let notes = flown.shown(1).notes.join("\n");
    assert!(notes.contains("undo.sh is not in"), "{notes}");
    assert!(notes.contains("apps/shop"), "{notes}");
    assert!(notes.contains("$SHELF is not set"), "{notes}");
    // What an earlier step has left counts, and so does the text's own `cd`.
    flown.starts(&flown.shown(0)).expect("started");
    assert!(flown.ended().ending().is_some_and(Ending::succeeded));
    let notes = flown.shown(1).notes.join("\n");
    assert!(!notes.contains("SHELF"), "{notes}");
    let notes = flown.shown(2).notes.join("\n");
    assert!(!notes.contains("undo.sh"), "{notes}");
}

#[test]
fn what_cannot_be_undone_waits_for_a_fresh_answer_after_a_change() {
    use backout::domain::event::Gate;
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("old")).expect("made");
    fs::write(scratch.join("state"), "ready\n").expect("written");
    let text = "---\nbackout:\n  service: orchard\n---\n# Orchard\n\n## Rollback\n\n1. **Change**\n   ```bash\n   echo x >> changed\n   ```\n\n2. **Look**\n   ```bash\n   cat state\n   ```\n   Expected output: `ready`\n\n3. **Wipe**\n   ```bash\n   rm -rf old\n   ```\n";
    let flown = Flown::within(scratch, text, &[]);
    let runs = |nth: usize| {
        flown.starts(&flown.shown(nth)).expect("started");
        flown.ended()
    };
    runs(0);
    assert_eq!(
        runs(1).judgements[0].verdict,
        backout::domain::judge::Verdict::Met
    );
    let stale = || {
        let gates = flown.shown(2).gates;
        gates.into_iter().find(|g| matches!(g, Gate::Stale(..)))
    };
    assert_eq!(stale(), None, "the answer is fresh");

    runs(0);
    let shown = flown.shown(2);
    assert!(stale().is_some(), "{:?}", shown.gates);
    assert!(
        shown.notes.iter().any(|n| n.contains("has run since")),
        "{:?}",
        shown.notes
    );
    flown.starts(&shown).expect_err("gated");
    assert!(flown.file("old").exists());

    // An answer that is another one keeps it from running, a right one lets it.
    fs::write(flown.file("state"), "broken\n").expect("written");
    runs(1);
    flown.starts(&flown.shown(2)).expect_err("not met");
    fs::write(flown.file("state"), "ready\n").expect("written");
    runs(1);
    assert_eq!(stale(), None);
    runs(2);
    assert!(!flown.file("old").exists());
}

/// What the box said of a backup holds for that file alone: another one in its place is not
/// restored from, and the same one is.
#[test]
fn a_backup_that_is_swapped_after_the_box_was_shown_is_not_restored_from() {
    let scratch = Scratch::new();
    let whole = DUMP.replace("\\n", "\n") + "-- PostgreSQL database dump complete\n";
    let dump = scratch.join("shop.dump.sql");
    fs::write(&dump, &whole).expect("written");
    let day = std::time::SystemTime::now() - std::time::Duration::from_hours(24);
    let old = |path: &std::path::Path| {
        let file = fs::File::options().write(true).open(path).expect("open");
        file.set_modified(day).expect("set");
    };
    old(&dump);
    let path = stand_in(&scratch, "psql", "/dev/null; cat > restored");
    let text = plan(
        "  service: orchard\n",
        &[(
            "bash",
            "psql -c 'DROP TABLE a' shop < /dev/null && psql shop < shop.dump.sql",
        )],
    );
    let flown = Flown::within(scratch, &text, &[("PATH", path)]);
    let never_sent = |said: &str| {
        let why = never_ran(&flown.ended());
        assert!(why.contains("nothing was sent"), "{why}");
        assert!(why.contains("shop.dump.sql") && why.contains(said), "{why}");
        assert!(!flown.file("restored").exists());
    };

    // The same size, the same times, one byte of another row.
    let shown = flown.shown(0);
    assert_eq!(shown.gates, [], "{:?}", shown.notes);
    assert_eq!(shown.sources.len(), 1);
    fs::write(&dump, whole.replace("(1)", "(2)")).expect("written");
    old(&dump);
    flown.starts(&shown).expect("confirmed");
    never_sent("another content");

    // Another good file in its place, as a rotation puts it there.
    let shown = flown.shown(0);
    fs::write(flown.file("next"), &whole).expect("written");
    old(&flown.file("next"));
    fs::rename(flown.file("next"), &dump).expect("rotated");
    flown.starts(&shown).expect("confirmed");
    never_sent("another file");

    let shown = flown.shown(0);
    fs::rename(&dump, flown.file("aside")).expect("moved");
    flown.starts(&shown).expect("confirmed");
    never_sent("is gone");

    // The control: looked at again and left alone, it is restored from, once.
    fs::rename(flown.file("aside"), &dump).expect("back");
    let shown = flown.shown(0);
    assert_eq!(shown.runs_before, 0, "nothing has run");
    flown.starts(&shown).expect("confirmed");
    assert!(flown.ended().ending().is_some_and(Ending::succeeded));
    let restored = fs::read_to_string(flown.file("restored")).expect("restored");
    assert_eq!(restored, whole);
}

/// A backup from before the trouble was seen may still be from after what causes it: when that
/// was, a person says, and it is asked for where it matters.
#[test]
fn a_backup_from_between_the_deployment_and_the_trouble_is_gated_once_the_deployment_is_stated() {
    use backout::domain::Moment;
    use backout::domain::event::Gate;
    let scratch = Scratch::new();
    let dump = scratch.join("shop.dump.sql");
    let whole = DUMP.replace("\\n", "\n") + "-- PostgreSQL database dump complete\n";
    fs::write(&dump, whole).expect("written");
    let day = std::time::Duration::from_hours(24);
    let file = fs::File::options().write(true).open(&dump).expect("open");
    file.set_modified(std::time::SystemTime::now() - day)
        .expect("set");
    let path = stand_in(&scratch, "psql", "/dev/null");
    let text = plan(
        "  service: orchard\n",
        &[("bash", "psql -c 'DROP TABLE a' && psql < shop.dump.sql")],
    );
    let flown = Flown::within(scratch, &text, &[("PATH", path)]);
    let shown = flown.shown(0);
    assert_eq!(shown.gates, []);
    let asks = |notes: &[String]| notes.iter().any(|n| n.contains("deployed is not stated"));
    assert!(asks(&shown.notes), "{:?}", shown.notes);

    let deployed = |days: i64, reason: &str| {
        flown.wants(Command::StateTime {
            moment: Moment::Deployed,
            at: chrono::Utc::now() - chrono::Duration::days(days),
            reason: reason.to_owned(),
        });
        flown.shown(0)
    };
    let gates = deployed(2, "").gates;
    let late = |g: &Gate| matches!(g, Gate::Backup(why) if why.contains("the bad deployment"));
    assert!(gates.iter().any(late), "{gates:?}");

    // Corrected, it is from before.
    let shown = deployed(0, "read the wrong line");
    assert_eq!(shown.gates, []);
    assert!(!asks(&shown.notes), "{:?}", shown.notes);
}

/// What cannot be told from the text has no ✔ in the box, and wants the name typed; a script that
/// nobody knows has a row that holds nothing.
#[test]
fn what_may_go_elsewhere_is_not_called_measured() {
    let blocks = [
        (
            "bash",
            "source ./stag.env\npsql \"$DATABASE_URL\" -c 'DELETE FROM a'",
        ),
        ("bash", "alembic downgrade -1"),
        ("bash", "./mig.sh"),
        ("bash", "systemctl stop shop"),
    ];
    let text = plan("  targets: {database: orchard}\n", &blocks);
    let flown = Flown::with(
        &text,
        &[("DATABASE_URL", "postgres://127.0.0.1:1/orchard".to_owned())],
    );
    for (at, why) in [(0, "stag.env"), (1, "its own configuration")] {
        let shown = flown.shown(at);
        let Found::Unknown(said) = &shown.bearings[0].found else {
            panic!("{:?}", shown.bearings);
        };
        assert!(said.contains(why), "{said}");
        assert_eq!(shown.word.as_deref(), Some("orchard"));
    }
    let script = flown.shown(2);
    assert_eq!(
        script.remarks,
        ["database orchard: what mig.sh connects to is not known"]
    );
    assert_eq!((script.bearings.len(), script.word), (0, None));
    let other = flown.shown(3);
    assert!(other.bearings.is_empty() && other.remarks.is_empty());
}

/// What is dropped is what the plan has to be for, whatever it is sent over.
#[test]
fn a_database_that_is_dropped_is_the_target() {
    let drop = "psql -h 127.0.0.1 -p 1 -d postgres -c 'DROP DATABASE orders_prod'";
    let text = plan("  targets: {database: orchard}\n", &[("bash", drop)]);
    let shown = Flown::with(&text, &[]).shown(0);
    assert!(
        shown.problems[0].contains("this is orders_prod"),
        "{:?}",
        shown.problems
    );
    let text = plan("  targets: {database: orders_prod}\n", &[("bash", drop)]);
    let shown = Flown::with(&text, &[]).shown(0);
    assert_eq!(
        shown.bearings[0].found,
        Found::Same("orders_prod".to_owned())
    );
    assert_eq!(shown.word.as_deref(), Some("orders_prod"));
}
