//! Values stay values, whatever they are made of: shown by asking bash itself.

use std::collections::BTreeMap;
use std::process::Command;

use proptest::prelude::*;

use super::super::{fill, fill_placed, fill_with_secrets, find};
use super::FillProblem;

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn filled(code: &str, lang: &str, value: &str) -> Result<String, FillProblem> {
    let names = find(code, lang);
    let all = names
        .iter()
        .map(|b| (b.name.clone(), value.to_owned()))
        .collect();
    fill(code, lang, &all).map(|f| f.text)
}

fn bash(script: &str) -> Option<Vec<u8>> {
    let output = Command::new("bash")
        .args(["--norc", "-c", script])
        .output()
        .ok()?;
    Some(output.stdout)
}

#[test]
fn a_missing_value_names_its_blank_and_place() {
    let problem = fill(
        "echo a\ncurl http://<host>/{id}\n",
        "bash",
        &values(&[("id", "7")]),
    );
    let problem = problem.expect_err("host is open");
    let missing: Vec<_> = problem
        .missing
        .iter()
        .map(|m| (m.name.as_str(), m.line, m.column))
        .collect();
    assert_eq!(missing, [("host", 2, 13)]);
    assert!(problem.to_string().contains("<host> is not filled in"));
}

#[test]
fn blanks_that_name_nothing_take_the_values_of_their_places() {
    let code = "kubectl -n [FILL IN] undo deploy/[FILL IN] --to <release>";
    let places = ["first".to_owned(), "second".to_owned()];
    let all = values(&[
        ("first", "prod"),
        ("second", "web"),
        ("release", "7"),
        ("fill_in", "no"),
    ]);
    let filled = fill_placed(code, "bash", &all, &values(&[]), &places).expect("filled");
    assert_eq!(filled.text, "kubectl -n prod undo deploy/web --to 7");
    let one = values(&[("first", "prod"), ("release", "7")]);
    let problem = fill_placed(code, "bash", &one, &values(&[]), &places).expect_err("one is open");
    assert_eq!(problem.missing.len(), 1);
    assert_eq!(
        (problem.missing[0].name.as_str(), problem.missing[0].column),
        ("second", 34)
    );
}

#[test]
fn each_place_has_its_own_quoting() {
    let value = "it's $HOME";
    for (code, want) in [
        ("echo <x>", r"echo 'it'\''s $HOME'"),
        ("echo 'a <x>'", r"echo 'a it'\''s $HOME'"),
        ("echo \"a <x>\"", r#"echo "a it's \$HOME""#),
        ("cat <<EOF\n<x>\nEOF\n", "cat <<EOF\nit's \\$HOME\nEOF\n"),
        ("cat <<'EOF'\n<x>\nEOF\n", "cat <<'EOF'\nit's $HOME\nEOF\n"),
        (
            "psql -c \"SELECT '<x>'\"",
            r#"psql -c "SELECT 'it''s \$HOME'""#,
        ),
        (
            "curl -d '{\"a\":\"<x>\"}' http://h",
            r#"curl -d '{"a":"it'\''s $HOME"}' http://h"#,
        ),
    ] {
        assert_eq!(filled(code, "bash", value).as_deref(), Ok(want), "{code}");
    }
}

#[test]
fn a_secret_is_referred_to_and_never_spelled() {
    let secrets = values(&[("password", "BACKOUT_SECRET_PASSWORD")]);
    let with = |code: &str| fill_with_secrets(code, "bash", &values(&[]), &secrets).map(|f| f.text);
    for code in [
        "printf %s <password>",
        "printf %s \"<password>\"",
        "printf %s '<password>'",
        "cat <<EOF | tr -d '\\n'\n<password>\nEOF\n",
    ] {
        let text = with(code).expect("a place for a reference");
        assert!(text.contains("${BACKOUT_SECRET_PASSWORD}"), "{text}");
        let printed = bash(&format!("BACKOUT_SECRET_PASSWORD='a b$\"*'\n{text}"));
        assert!(printed.is_none_or(|p| p == b"a b$\"*"), "{text}");
    }
    for code in [
        "bash -c 'login <password>'",
        "psql -c 'SELECT 1 AS \"<password>\"'",
        "ssh h x <password>",
        "cat <<'E'\n<password>\nE\n",
        "echo $((<password>))",
    ] {
        assert!(with(code).is_err(), "{code}");
    }
}

#[test]
fn a_secret_in_another_language_is_referred_to_in_its_way() {
    let secrets = values(&[("password", "BACKOUT_SECRET_PASSWORD")]);
    let with = |code: &str, lang: &str| {
        fill_with_secrets(code, lang, &values(&[]), &secrets).map(|f| f.text)
    };
    for (code, lang, form) in [
        ("ALTER ROLE a PASSWORD '<password>'", "sql", "'${S__sql}'"),
        ("ALTER ROLE a PASSWORD <password>;", "sql", "'${S__sql}'"),
        ("SELECT E'<password>'", "sql", "E'${S__sql_escaped}'"),
        ("psql -c \"SELECT '<password>'\"", "bash", "'${S__sql}'\""),
        (
            "psql <<EOF\nSELECT '<password>';\nEOF\n",
            "bash",
            "'${S__sql}'",
        ),
        (
            "mysql -e \"SET PASSWORD = '<password>'\"",
            "bash",
            "'${S__sql_escaped}'",
        ),
        (
            "curl -d '{\"p\": \"<password>\"}' h",
            "bash",
            "\"'\"${S__json}\"'\"",
        ),
        ("GET https://h/?t=<password>", "http", "?t=${S__url}"),
        ("GET https://h/\nX-Key: <password>", "http", "X-Key: ${S}"),
        (
            "POST https://h/\n\n{\"p\": \"<password>\"}",
            "http",
            "\"${S__json}\"",
        ),
    ] {
        let text = with(code, lang).expect("a place for a reference");
        let form = form.replace("${S", "${BACKOUT_SECRET_PASSWORD");
        assert!(text.contains(&form), "{code} became {text}");
    }
    for (code, lang) in [
        ("SELECT <password>", "sql"),
        ("SELECT $$<password>$$", "sql"),
        ("POST https://h/\n\n{\"p\": <password>}", "http"),
        ("print(<password>)", "python"),
    ] {
        assert!(with(code, lang).is_err(), "{code}");
    }
}

#[test]
fn program_text_takes_plain_values_only() {
    for code in [
        "bash -c 'rm <x>'",
        "ssh host rm <x>",
        "ssh host \"rm <x>\"",
        "eval rm <x>",
        "echo `rm <x>`",
        "python3 -c 'print(\"<x>\")'",
        "awk '/<x>/'",
        "cat <<EOF | bash\nrm <x>\nEOF\n",
        "echo $((1 + <x>))",
        "echo ${y:-<x>}",
        "cat <<EOF\n$(rm <x>)\nEOF\n",
    ] {
        assert!(filled(code, "bash", "a; rm -rf /").is_err(), "{code}");
        let number = filled(code, "bash", "42").expect("a number is plain everywhere");
        assert!(number.contains("42"), "{code}");
    }
}

#[test]
fn a_heredoc_is_not_ended_by_a_value() {
    let problem = filled("cat <<EOF\n<x>\nEOF\n", "bash", "EOF");
    assert!(problem.is_err(), "{problem:?}");
}

#[test]
fn empty_and_unseen_values_are_refused() {
    for value in ["", "a\u{202E}b", "a\u{200B}", "a\nb", "a\u{1b}[0m"] {
        assert!(
            filled("rm -rf <x>/build", "bash", value).is_err(),
            "{value:?}"
        );
    }
}

#[test]
fn sql_places_take_names_numbers_and_text() {
    for (code, value, want) in [
        ("SELECT * FROM <t>", "users", Some("SELECT * FROM users")),
        (
            "SELECT * FROM <t>",
            "a; DROP TABLE b",
            Some("SELECT * FROM \"a; DROP TABLE b\""),
        ),
        (
            "SELECT * FROM <t>",
            "order",
            Some("SELECT * FROM \"order\""),
        ),
        (
            "SELECT * FROM t WHERE a = <x>",
            "5",
            Some("SELECT * FROM t WHERE a = 5"),
        ),
        (
            "SELECT * FROM t WHERE a = <x>",
            "5 OR 1=1",
            Some("SELECT * FROM t WHERE a = '5 OR 1=1'"),
        ),
        ("SELECT '<x>'", "O'Hara", Some("SELECT 'O''Hara'")),
        ("SELECT E'<x>'", "a\\'", Some("SELECT E'a\\\\'''")),
        ("SELECT \"<x>\"", "a\"b", Some("SELECT \"a\"\"b\"")),
        ("DROP TABLE bak_<x>", "1; x", None),
        ("SELECT 1 -<x>", "-1", None),
        ("SELECT <x>", "a b", None),
    ] {
        assert_eq!(
            filled(code, "sql", value).ok().as_deref(),
            want,
            "{code} with {value}"
        );
    }
}

#[test]
fn a_number_before_a_redirection_stays_a_word() {
    assert_eq!(
        filled("echo <n>>out", "bash", "2").as_deref(),
        Ok("echo '2'>out")
    );
}

#[test]
fn environment_stays_in_the_text_and_is_named() {
    let filled = fill("psql $DATABASE_URL -c 'x' # <no>", "bash", &values(&[])).expect("filled");
    assert_eq!(filled.environment, ["DATABASE_URL"]);
    assert_eq!(filled.text, "psql $DATABASE_URL -c 'x' # <no>");
}

/// Code that prints its blank, and nothing else, in each place that bash can print from.
const PRINTERS: &[&str] = &[
    "printf %s <x>",
    "printf %s '<x>'",
    "printf %s \"<x>\"",
    "printf %s $'<x>'",
    "printf %s \"$(printf %s <x>)\"",
    "printf %s \"$(printf %s \"<x>\")\"",
    "cat <<EOF | tr -d '\\n'\n<x>\nEOF\n",
    "cat <<'EOF' | tr -d '\\n'\n<x>\nEOF\n",
    "for v in <x>; do printf %s \"$v\"; done",
    "v=<x>; printf %s \"$v\"",
    "tr -d '\\n' <<< <x>",
    "case <x> in <x>) printf %s <x>;; esac",
    "[[ <x> == <x> ]] && printf %s <x>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn bash_prints_what_was_filled_in(
        value in "[ -~éß語]{1,24}",
        printer in proptest::sample::select(PRINTERS),
    ) {
        let Ok(script) = filled(printer, "bash", &value) else {
            // Only a line that ends the heredoc may be refused.
            prop_assert!(value == "EOF");
            return Ok(());
        };
        let Some(printed) = bash(&script) else {
            eprintln!("skipped: no bash on this machine");
            return Ok(());
        };
        prop_assert_eq!(String::from_utf8_lossy(&printed), value, "{}", script);
    }

    #[test]
    fn filling_never_panics(code in ".{0,80}", value in ".{0,12}") {
        for lang in ["bash", "sql", "python"] {
            let _ = filled(&code, lang, &value);
        }
    }

    #[test]
    fn hostile_shapes_never_panic(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "<x>", "'", "\"", "$(", ")", "`", "<<EOF\n", "EOF\n", "${", "}", "\\", "#", "case a in ",
                "((", "))", " ", "\n", "[A_B]", "{x}", "é", "$'", "<<-'E'\n", "$x",
            ]),
            0..24,
        ),
    ) {
        let code = parts.concat();
        for lang in ["bash", "sql"] {
            let _ = filled(&code, lang, "a'b\"c$d`e\\");
        }
    }
}
