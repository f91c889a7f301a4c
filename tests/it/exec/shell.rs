//! What a shell leaves to the one after it, and which of its lines ended it.

use super::bench::Bench;
use std::fs;
use std::path::Path;

#[test]
fn the_line_whose_failure_ended_it_is_known_and_no_other_is_named() {
    let bench = Bench::new();
    let at = |code: &str| {
        let (outcome, output) = bench.run(&bench.shell(code));
        (outcome.exit, outcome.failed_at, output)
    };
    let empty = String::new();
    assert_eq!(at("true\n\ntest -f none\ntrue"), (Some(1), Some(3), empty));
    assert_eq!(at("false || true\ntrue\nexit 4").1, None);
    assert_eq!(at("set +e\nfalse\ntrue\nexit 4").1, None);
    assert_eq!(at("true\nfalse || true").1, None);
    // What bash counts by itself, in another file or in what it puts together, is no line of it.
    fs::write(bench.path("other"), "true\nls none\n").unwrap();
    let other = "echo a >/dev/null\n. ./other\necho innocent";
    assert_eq!(at(other).1, None);
    assert_eq!(at("eval 'true\nls none'\ntrue\necho innocent").1, None);
    assert_eq!(
        at("set -o pipefail\nfor i in 1; do\n  false\ndone | cat").1,
        None
    );
    assert_eq!(at("eval 'true\ntest -f none'\necho testing").1, None);
    assert_eq!(at("cd / &&\n  true &&\n  test -f none").1, Some(3));
    assert_eq!(at("true\ntest -f \\\n  none").1, Some(2));
    assert_eq!(
        at("shopt -s nocasematch; set -E; set +e\nfalse\nexit 4").1,
        None
    );
    let (_, line, traced) = at("set -x\nfalse");
    assert_eq!((line, traced.as_str()), (Some(2), "+ false\r\n"));
}

#[test]
fn shell_state_is_carried_from_a_success() {
    let bench = Bench::new();
    fs::create_dir(bench.path("sub dir")).unwrap();
    let state = bench.path("state");
    let mut first = bench.shell(
        "cd 'sub dir'\nexport E='a \"b\" $c'\nplain=$'two\\nlines'\narr=(1 '2 3')\n\
         f() { echo \"f of $1\"; }\nSECRETLY=x$TOKEN\n",
    );
    first.secret_env = vec![("TOKEN".to_owned(), "tok-1234567".to_owned())];
    first.state_out = Some(state.clone());
    let (outcome, _) = bench.run(&first);
    assert!(outcome.state_captured, "{outcome:?}");
    assert_eq!(
        outcome.cwd_after.as_deref(),
        Some(bench.path("sub dir").as_path())
    );
    assert!(outcome.state_note.unwrap().ends_with(": TOKEN"));
    assert!(!fs::read_to_string(&state).unwrap().contains("tok-1234567"));

    let mut second = bench.shell(
        "echo \"$E|$plain|${arr[1]}|${TOKEN-none}|${SECRETLY-none}|$GIVEN\"; f x; \
         printenv E; [ -z \"${BASH_ENV+x}\" ] && echo clean",
    );
    second.cwd = outcome.cwd_after.unwrap();
    second.state_in = Some(state.clone());
    second.env = vec![("GIVEN".to_owned(), "new".to_owned())];
    let (_, output) = bench.run(&second);
    let expected = "a \"b\" $c|two\r\nlines|2 3|none|none|new\r\nf of x\r\na \"b\" $c\r\nclean\r\n";
    assert_eq!(output, expected);

    // Made from a secret, it is there again for who has the secret.
    let mut third = bench.shell("echo \"${#SECRETLY} $SECRETLY\"");
    third.state_in = Some(state);
    third.secret_env = first.secret_env;
    let (_, output) = bench.run(&third);
    assert_eq!(output, "12 x[secret TOKEN]\r\n");
}

#[test]
fn a_shell_that_was_made_stricter_stays_so() {
    let bench = Bench::new();
    let state = bench.path("state");
    let mut first = bench.shell("set -euo pipefail; shopt -s nullglob");
    first.state_out = Some(state.clone());
    assert!(bench.run(&first).0.state_captured);
    let after = |code: &str, given: &Path| {
        let mut spec = bench.shell(code);
        spec.state_in = Some(given.to_owned());
        spec.state_out = Some(state.clone());
        let (outcome, output) = bench.run(&spec);
        (outcome.exit == Some(0), output)
    };
    assert!(!after("false | sort\necho restored", &state).0);
    assert!(!after("echo \"$NOBODY_SETS_IT\"", &state).0);
    assert_eq!(
        after("echo [ none* ]", &state),
        (true, "[ ]\r\n".to_owned())
    );
    // As a script says it, and in one that follows nothing.
    assert!(after("set +u +o pipefail", &state).0);
    assert!(after("false | sort; echo \"$NOBODY_SETS_IT\"", &state).0);
    assert!(after("false | sort", &bench.path("nothing")).0);
    // What is exported by itself stays so.
    assert!(after("set -a", &bench.path("nothing")).0);
    assert!(after("PGHOST=db-7; set +a", &state).0);
    assert_eq!(after("printenv PGHOST", &state).1, "db-7\r\n");
}

#[test]
fn what_a_script_of_its_own_allows_itself_it_allows_nobody_else() {
    let bench = Bench::new();
    let state = bench.path("state");
    for (code, interpreter) in [
        ("#!/bin/bash\nshopt -s nullglob\nX=1", None),
        ("shopt -s nullglob; X=1", Some("bash -u")),
    ] {
        let mut own = bench.shell(code);
        own.interpreter = interpreter.map(str::to_owned);
        own.state_out = Some(state.clone());
        assert!(bench.run(&own).0.state_captured);
        let mut next = bench.shell("echo $X none* ${NOBODY_SETS_IT}");
        next.state_in = Some(state.clone());
        assert_eq!(bench.run(&next).1, "1 none*\r\n");
    }
}

#[test]
fn a_debug_trap_of_the_script_takes_no_part_in_what_it_leaves() {
    let bench = Bench::new();
    let state = bench.path("state");
    let mut first = bench.shell("set -T\ntrap 'echo DBG' DEBUG\nX=1");
    first.state_out = Some(state.clone());
    let (outcome, _) = bench.run(&first);
    assert!(outcome.state_captured, "{outcome:?}");
    let mut second = bench.shell("echo \"$X\"");
    second.state_in = Some(state);
    assert_eq!(bench.run(&second).1, "1\r\n");
}

#[test]
fn a_bash_that_reads_nothing_of_ours_stops_at_its_first_failure_all_the_same() {
    let bench = Bench::new();
    for interpreter in [
        "bash --posix",
        "bash -p",
        "/usr/bin/env -S bash",
        "nice bash",
    ] {
        let mut spec = bench.shell("false\necho on");
        spec.interpreter = Some(interpreter.to_owned());
        let (outcome, output) = bench.run(&spec);
        assert_eq!(
            (outcome.exit, output.as_str()),
            (Some(1), ""),
            "{interpreter}"
        );
    }
}

#[test]
fn a_failure_leaves_its_shell_and_a_replaced_shell_is_said() {
    let bench = Bench::new();
    let state = bench.path("state");
    let cases = [
        ("exec true", Some(0), "exec"),
        ("trap 'echo bye' EXIT; true", Some(0), "EXIT trap"),
    ];
    for (code, exit, note) in cases {
        let mut spec = bench.shell(code);
        spec.state_out = Some(state.clone());
        let (outcome, _) = bench.run(&spec);
        assert_eq!(outcome.exit, exit, "{code}");
        assert!(!outcome.state_captured && !state.exists());
        assert!(outcome.state_note.unwrap().contains(note), "{code}");
    }
    // Whether this was a failure is for whoever reads the plan to say.
    let mut spec = bench.shell("x=1; false");
    spec.state_out = Some(state.clone());
    let (outcome, _) = bench.run(&spec);
    assert_eq!(outcome.exit, Some(1));
    assert!(outcome.state_captured && state.exists());
}

#[test]
fn a_descriptor_that_a_script_takes_for_its_lock_gets_nothing_of_ours() {
    let bench = Bench::new();
    let state = bench.path("state");
    for (number, kept) in [(200, true), (217, false)] {
        let code = format!("exec {number}>lock\necho held >&{number}\nX=1");
        let mut spec = bench.shell(&code);
        spec.state_out = Some(state.clone());
        let (outcome, _) = bench.run(&spec);
        assert_eq!((outcome.exit, outcome.state_captured), (Some(0), kept));
        assert_eq!(fs::read_to_string(bench.path("lock")).unwrap(), "held\n");
    }
}
