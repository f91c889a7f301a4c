//! Values that a text puts into a variable, and where they may go from there.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use crate::script::blanks::fill;

fn refused(code: &str, value: &str) -> Option<String> {
    let names = ["x", "TAG"].map(|name| (name.to_owned(), value.to_owned()));
    fill(code, "bash", &BTreeMap::from(names))
        .err()
        .map(|problem| problem.to_string())
}

#[test]
fn a_value_that_a_variable_takes_into_a_program_is_held_to_what_it_allows() {
    for code in [
        "TAG=<x>\nssh app1 \"echo checkout $TAG\"",
        "export TAG=\"<x>\"\nssh app1 git checkout ${TAG}",
        "CMD=\"ls <x>\"; bash -c \"$CMD\"",
        "X=<x>; eval \"$X\"",
        "X='a <x>'; Y=\"b $X\"; ssh app1 \"$Y\"",
        "for h in <x> b; do ssh \"$h\" uptime; done",
        "HS=(<x> b); for h in \"${HS[@]}\"; do pdsh -w a \"ping $h\"; done",
        "T=<x>; ssh app1 bash <<E\ncheckout $T\nE\n",
        "ssh app1 \"checkout $TAG\"",
        "salt '*' cmd.run \"ls <x>\"",
        "ansible web -a \"ls <x>\"",
        "clush -w a \"ls <x>\"",
        "echo \"ls <x>\" | at now",
        "script -qc \"ls <x>\" log",
        "rails runner \"User.find(<x>)\"",
        "heroku run \"ls <x>\"",
        "lua -e \"print(<x>)\"",
        "az vm run-command invoke --scripts \"ls <x>\"",
    ] {
        for value in ["v1;touch /tmp/x", "$(touch x)", "a|b"] {
            let why = refused(code, value);
            assert!(why.is_some(), "{code} with {value}");
            assert!(!why.unwrap_or_default().contains("touch"), "{code}");
        }
        assert_eq!(refused(code, "v1.2"), None, "{code}");
    }
    assert!(refused("jq \".[] | .<x>\" f", "a|input").is_some());
    let why = refused("TAG=<x>\nssh app1 \"echo $TAG\"", "v1;w").expect("refused");
    assert!(
        why.contains("$TAG takes it further") && why.contains("program for ssh"),
        "{why}"
    );
}

#[test]
fn a_value_that_a_variable_takes_into_sql_is_held_to_what_it_allows() {
    for code in [
        "SQL=\"select '<x>'\"; psql -c \"$SQL\"",
        "T=<x>; psql -c \"select '$T'\"",
        "psql -c \"select '$TAG'\"",
        "W=\"name = '<x>'\"; psql -c \"select 1 from t where $W\"",
        "T=<x>; psql <<E\nselect '$T'\nE\n",
    ] {
        assert!(refused(code, "a'; drop table t; --").is_some(), "{code}");
        assert_eq!(refused(code, "a b"), None, "{code}");
        assert_eq!(refused(code, "5"), None, "{code}");
    }
    assert!(refused("T=<x>; psql -c \"drop table $T\"", "a; drop table b").is_some());
    assert_eq!(refused("T=<x>; psql -c \"drop table $T\"", "users"), None);
}

#[test]
fn values_that_go_nowhere_or_in_quotes_are_let_stand() {
    for (code, value) in [
        ("M=<x>; echo \"$M\"; git commit -m \"$M\"", "a; b $(c)"),
        ("M=<x>; ssh app1 'echo $M'", "a; b"),
        (
            "U=<x>; ssh app1 \"psql '$U' -c 'select 1'\"",
            "postgres://h/d?a=1&b=2",
        ),
        (
            "U=<x>; curl \"$U/health\"; ssh app1 uptime",
            "http://h/?a=1&b=2",
        ),
        ("ssh app1 \"docker run $TAG img\"", "-e A=1 -p 1:2"),
        ("U=<x>; watch \"curl -s $U/health\"", "http://h/?a=1"),
        ("jq --arg v \"<x>\" '.a == $v' f", "a b|c"),
        (
            "M=<x>\ncurl -d \"{\\\"text\\\": \\\"$M\\\"}\" http://h",
            "a b; c",
        ),
        ("cat > script <<E\n<x>\nE\n", "a; b"),
    ] {
        assert_eq!(refused(code, value), None, "{code} with {value}");
    }
    let json = "M=<x>\ncurl -d \"{\\\"text\\\": \\\"$M\\\"}\" http://h";
    assert!(refused(json, "a\",\"admin\":\"b").is_some());
}

#[test]
fn a_value_that_an_earlier_text_put_into_a_variable_is_held_to_the_same() {
    let refused = |code: &str, held: &str| super::super::carried(code, "TAG", held, "v1; reboot");
    let held = "v1; reboot";
    for code in [
        "ssh app1 \"deploy $TAG\"",
        "ssh app1 deploy $TAG",
        "FULL=\"shop:$TAG\"; ssh app1 \"docker pull $FULL\"",
        "bash -c \"echo $TAG\"",
        "kubectl exec pod -- sh -c \"deploy ${TAG}\"",
    ] {
        let why = refused(code, held).expect_err(code);
        assert!(why.contains("TAG") || why.contains("FULL"), "{why}");
    }
    for code in [
        "git checkout \"$TAG\"",
        "echo $TAG",
        "ssh app1 'deploy $TAG'",
        "ssh app1 \"deploy $OTHER\"",
    ] {
        assert_eq!(refused(code, held), Ok(()), "{code}");
    }
    // What the plan itself has put there is its author's.
    assert_eq!(refused("ssh app1 \"$TAG\"", "stop; start"), Ok(()));
}

/// Code that takes its blank through a variable into the program of another shell, which prints it.
const PRINTERS: &[&str] = &[
    "v=<x>; bash -c \"printf %s $v\"",
    "v=<x>; bash -c \"printf %s '$v'\"",
    "v=<x>; bash -c \"printf %s \\\"$v\\\"\"",
    "v=\"<x>\"; w=\"printf %s $v\"; eval \"$w\"",
    "for v in <x>; do eval \"printf %s '$v'\"; done",
    "v=<x>; eval printf %s $v",
    "v=<x>; bash <<E\nprintf %s \"$v\"\nE\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_other_shell_reads_the_value_or_it_is_refused(
        value in "[ -~]{1,6}",
        printer in proptest::sample::select(PRINTERS),
    ) {
        let values = BTreeMap::from([("x".to_owned(), value.clone())]);
        let Ok(filled) = fill(printer, "bash", &values) else {
            return Ok(());
        };
        let empty = std::env::temp_dir().join("backout-through-an-empty-place");
        std::fs::create_dir_all(&empty).expect("a directory");
        let ran = Command::new("bash")
            .args(["--norc", "-c", &filled.text])
            .current_dir(empty)
            .stdin(Stdio::null())
            .output();
        let Ok(ran) = ran else {
            eprintln!("skipped: no bash on this machine");
            return Ok(());
        };
        prop_assert_eq!(String::from_utf8_lossy(&ran.stdout), value, "{}", filled.text);
    }
}
