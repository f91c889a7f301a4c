//! What bash would run while it counts never gets there: shown by asking bash itself.

use std::collections::BTreeMap;
use std::process::Command;

use crate::script::blanks::{fill, fill_with_secrets};

fn filled(code: &str, value: &str) -> Result<String, String> {
    let names = ["x", "N"].map(|name| (name.to_owned(), value.to_owned()));
    let filled = fill(code, "bash", &BTreeMap::from(names));
    filled
        .map(|f| f.text)
        .map_err(|problem| problem.to_string())
}

const COUNTING: &[&str] = &[
    "[[ <x> -eq 1 ]]",
    "[[ '<x>' -gt 100 ]]",
    "[[ 1 -lt \"<x>\" ]]",
    "if [[ -n a && <x> -gt 100 ]]; then echo many; fi",
    "a[<x>]=1",
    "a['<x>']=1",
    "declare -i X=<x>",
    "declare -i X; X=<x>",
    "declare -i X\nX+='<x>'",
    "(( <x> > 3 ))",
    "(( '<x>' > 3 ))",
    "if (( <x> )); then :; fi",
    "v=abcdefgh; echo ${v:<x>}",
    "v=abcdefgh; echo \"${v:'<x>'}\"",
    "v=abcdefgh; echo ${v:1:\"<x>\"}",
    "b=(1 2); echo ${b[\"<x>\"]}",
    "let <x>",
    "let \"Y=<x>\"",
    "for ((i=0; i < <x>; i++)); do break; done",
    "n=<x>; [[ $n -gt 1 ]]",
    "n=<x>; (( n > 1 ))",
    "n=<x>; echo $(( n + 1 ))",
    "n=\"<x>\"; m=$n; [[ 1 -lt \"$m\" ]]",
    "[[ $N -gt 1 ]]",
    "v=abc; n=<x>; echo ${v:$n}",
];

const NAMING: &[&str] = &[
    "unset <x>",
    "[[ -v <x> ]]",
    "test -v '<x>'",
    "printf -v <x> a",
    "read <x> <<< a",
];

#[test]
fn bash_counts_with_numbers_only() {
    let dir = std::env::temp_dir().join(format!("backout-counted-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    for code in COUNTING.iter().chain(NAMING) {
        let Err(why) = filled(code, "a[$(touch ran)]") else {
            panic!("{code} was filled");
        };
        assert!(
            why.contains("number") || why.contains("name") || why.contains("${…}"),
            "{code}: {why}"
        );
        assert!(!why.contains("touch"), "{why}");
        // The place is one where bash would have run it.
        let plain = code.replace("<x>", "a[$(touch ran)]");
        let ran = Command::new("bash")
            .args(["--norc", "-c", &plain])
            .current_dir(&dir)
            .output();
        assert!(ran.is_ok(), "{code}");
    }
    assert!(dir.join("ran").exists(), "no place was one");
    let _ = std::fs::remove_dir_all(&dir);
    for code in COUNTING {
        for number in ["7", "-7"] {
            assert!(
                filled(code, number).is_ok(),
                "{code}: {:?}",
                filled(code, number)
            );
        }
    }
    for code in NAMING {
        assert!(filled(code, "some_1").is_ok(), "{code}");
    }
}

#[test]
fn where_bash_does_not_count_a_text_is_a_text() {
    let value = "a[$(b)] c";
    for code in [
        "[[ <x> == a ]]",
        "[[ 1 -eq 1 && '<x>' == a ]]",
        "[ <x> = a ] && [[ 1 -gt 2 ]]",
        "[[ 1 -eq 1 ]]; echo <x>",
        "X=<x>; echo \"$X\"",
        "declare X=<x>",
        "export X=<x>; declare -i Y=1",
        "read -p <x> y <<< a",
        "echo \"${v:-\"<x>\"}\"",
        "(( 1 > 0 )) && echo <x>",
        "for i in <x>; do echo \"$i\"; done; (( 1 ))",
        "n=<x>; echo \"n $n\"; [[ $m -gt 1 ]]",
        "declare -A m; m['<x>']=1",
    ] {
        assert!(
            filled(code, value).is_ok(),
            "{code}: {:?}",
            filled(code, value)
        );
    }
}

#[test]
fn a_secret_is_no_number() {
    let secrets = BTreeMap::from([("pw".to_owned(), "BACKOUT_SECRET_PW".to_owned())]);
    for code in ["[[ <pw> -eq 1 ]]", "declare -i X=<pw>", "a[\"<pw>\"]=1"] {
        let filled = fill_with_secrets(code, "bash", &BTreeMap::new(), &secrets);
        assert!(filled.is_err(), "{code}");
    }
}
