//! What one action leaves to the next: all of its shell where it went well by the plan's word, and
//! a warning where it left nothing; and that nothing runs which the shell cannot read to its end.

use backout::domain::event::Ending;
use backout::domain::flight::find_action;
use backout::domain::plan::Danger;
use backout::domain::status::{ActionStatus, attempt_status};

use crate::flown::{Flown, plan};

fn good(flown: &Flown) -> bool {
    flown.ended().ending().is_some_and(Ending::succeeded)
}

#[test]
fn a_search_that_rightly_finds_nothing_leaves_its_shell() {
    let look = "mkdir -p deep\ncd deep\nexport PLACE=here\nset -o pipefail\ngrep FATAL /dev/null # Expected: no FATAL errors";
    let blocks = [("bash", look), ("bash", "false | sort\ntouch \"$PLACE\"")];
    let flown = Flown::with(&plan("", &blocks), &[]);
    flown.starts(&flown.shown(0)).expect("started");
    assert_eq!(flown.ended().ending().and_then(|e| e.exit), Some(1));
    let shown = flown.shown(1);
    assert!(shown.cwd.ends_with("/deep"), "{}", shown.cwd);
    assert!(shown.state_from.is_some());
    flown.starts(&shown).expect("started");
    assert!(!good(&flown), "a failure in front of a pipe passed");
    assert!(!flown.file("deep/here").exists());
}

#[test]
fn nothing_found_is_no_pass_where_the_search_was_never_reached() {
    let good = "# Expected: no FATAL errors";
    let passed = |s| matches!(s, ActionStatus::Passed(_));
    let failed = |s| matches!(s, ActionStatus::Failed(_));
    let judge = |s| matches!(s, ActionStatus::Judge(_));
    let cases: [(&str, &dyn Fn(ActionStatus) -> bool); 9] = [
        ("grep FATAL /dev/null", &passed),
        ("true\ncat /dev/null |\n  grep FATAL", &passed),
        ("cd /tmp && grep FATAL /dev/null", &judge),
        ("cat /dev/null |\n# the bad ones\n  grep FATAL", &passed),
        ("false | grep FATAL", &judge),
        ("test -d /nonexistent\ngrep FATAL /dev/null", &failed),
        ("cd /nonexistent && grep FATAL /dev/null", &failed),
        ("test -d /nonexistent && grep FATAL /dev/null", &failed),
        ("look() {\n  grep FATAL /dev/null\n}\nlook", &failed),
    ];
    for (code, is) in cases {
        let code = format!("{code} {good}");
        let flown = Flown::with(&plan("", &[("bash", &code)]), &[]);
        flown.starts(&flown.shown(0)).expect("started");
        let ended = flown.ended();
        let plan = &flown.session.incident().plan;
        let (_, action) = find_action(plan, &ended.intent.action).expect("an action");
        let status = attempt_status(&ended, action);
        assert!(is(status), "{code}: {status:?}, {:?}", ended.ending());
    }
}

#[test]
fn a_function_that_was_left_is_what_its_name_means_from_then_on() {
    let blocks = [
        ("bash", "reset() { echo \"$1\" > current; }"),
        ("bash", "reset v1.4"),
        ("bash", "clear"),
    ];
    let flown = Flown::with(&plan("", &blocks), &[]);
    let reads = Danger::None;
    assert_eq!(flown.shown(1).danger, reads, "as far as anybody knows");
    flown.starts(&flown.shown(0)).expect("started");
    assert!(good(&flown));
    let shown = flown.shown(1);
    assert_eq!(shown.danger, Danger::Changes);
    assert!(shown.danger_why.contains("current"), "{}", shown.danger_why);
    assert_eq!(flown.shown(2).danger, reads);
}

#[test]
fn what_a_variable_was_left_with_is_known_to_what_uses_it() {
    let blocks = [
        ("bash", "export FOPTS='-type f -delete'\nWIPE=(rm -rf)"),
        ("bash", "find . $FOPTS"),
        ("bash", "\"${WIPE[@]}\" old"),
        ("bash", "find . -name '*.log'"),
    ];
    let flown = Flown::with(&plan("", &blocks), &[]);
    let reads = Danger::None;
    assert_eq!(
        flown.shown(1).danger,
        Danger::Changes,
        "options of any kind"
    );
    flown.starts(&flown.shown(0)).expect("started");
    assert!(good(&flown));
    for at in [1, 2] {
        let shown = flown.shown(at);
        assert_eq!(shown.danger, Danger::Irreversible, "{}", shown.danger_why);
        assert!(shown.word.is_some());
    }
    assert_eq!(flown.shown(3).danger, reads);
}

#[test]
fn a_shell_that_left_nothing_is_said_to_whoever_follows() {
    let blocks = [
        ("bash", "cd /tmp\nX=1"),
        ("bash", "cd /usr\ntrap 'true' EXIT"),
        ("bash", "pwd"),
    ];
    let flown = Flown::with(&plan("", &blocks), &[]);
    let says = |notes: &[String]| notes.iter().any(|n| n.contains("EXIT trap of its own"));
    flown.starts(&flown.shown(0)).expect("started");
    assert!(good(&flown));
    assert!(!says(&flown.shown(1).notes));
    flown.starts(&flown.shown(1)).expect("started");
    assert!(good(&flown));
    let shown = flown.shown(2);
    assert!(says(&shown.notes), "{:?}", shown.notes);
    assert_eq!(shown.cwd, "/tmp");
    flown.starts(&shown).expect("started");
    assert!(good(&flown));
    assert!(!says(&flown.shown(2).notes), "it left its own");
}

#[test]
fn what_the_shell_cannot_read_is_not_begun() {
    let blocks = [
        ("bash", "shopt -s extglob\ntouch read\nls !(none)"),
        ("bash", "touch begun\nfor x in a b; do\n  echo \"$x\n"),
    ];
    let flown = Flown::with(&plan("", &blocks), &[]);
    let shown = flown.shown(0);
    assert_eq!(shown.problems, Vec::<String>::new());
    flown.starts(&shown).expect("started");
    assert!(good(&flown));
    assert!(flown.file("read").exists());
    let shown = flown.shown(1);
    let [problem] = shown.problems.as_slice() else {
        panic!("{shown:?}");
    };
    assert!(
        problem.starts_with("bash cannot read line 3: "),
        "{problem}"
    );
    flown.starts(&shown).expect_err("refused");
    assert!(!flown.file("begun").exists());
}
