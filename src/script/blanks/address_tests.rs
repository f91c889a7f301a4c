//! Values in addresses, forms and connection strings are read there as the values they are.

use std::collections::BTreeMap;

use crate::script::blanks::secret::variables;
use crate::script::blanks::{Filled, fill, fill_with_secrets, find};

fn filled(code: &str, lang: &str, value: &str) -> Result<Filled, String> {
    let names = find(code, lang)
        .into_iter()
        .map(|b| (b.name, value.to_owned()));
    fill(code, lang, &names.collect()).map_err(|problem| problem.to_string())
}

#[test]
fn a_value_in_an_address_is_read_there_as_the_value() {
    for (code, value, want) in [
        (
            "psql \"postgresql://ana:<pw>@127.0.0.1:1/db\"",
            "Tr0ub@dor-horse/#",
            "psql \"postgresql://ana:Tr0ub%40dor-horse%2F%23@127.0.0.1:1/db\"",
        ),
        (
            "curl -X POST \"http://h/deploy?ref=<note>&dry_run=true\"",
            "fix/issue#12",
            "curl -X POST \"http://h/deploy?ref=fix/issue%2312&dry_run=true\"",
        ),
        (
            "curl -X POST 'http://h/deploy?ref=<note>'",
            "a&dry_run=false",
            "curl -X POST 'http://h/deploy?ref=a%26dry_run%3Dfalse'",
        ),
        (
            "curl $BASE/deploy?ref=<note>",
            "v1+2",
            "curl $BASE/deploy?ref='v1%2B2'",
        ),
        ("curl <host>/x?ref=<host>", "a", "curl a/x?ref=a"),
        (
            "wget --post-data=\"a=<x>\" http://h",
            "b&c",
            "wget --post-data=\"a=b%26c\" http://h",
        ),
        (
            "curl -sd \"ref=<note>&dry_run=true\" http://h",
            "a&dry_run=false",
            "curl -sd \"ref=a%26dry_run%3Dfalse&dry_run=true\" http://h",
        ),
        ("curl http://h/a/<x>/c", "b d", "curl http://h/a/'b%20d'/c"),
        ("curl http://h/a/<x>", "b/c", "curl http://h/a/b/c"),
        (
            "curl https://<x>@h/",
            "ana:p@s",
            "curl https://'ana:p%40s'@h/",
        ),
        (
            "psql \"host=h password=<pw> dbname=x\"",
            "it's \\ one",
            "psql \"host=h password='it\\\\'s \\\\\\\\ one' dbname=x\"",
        ),
        (
            "psql \"host=h password='<pw>' dbname=x\"",
            "a b",
            "psql \"host=h password='a b' dbname=x\"",
        ),
        (
            "curl -d '{\"u\": \"http://h/?a=<x>\"}' http://h",
            "b&c",
            "curl -d '{\"u\": \"http://h/?a=b%26c\"}' http://h",
        ),
    ] {
        let filled = filled(code, "bash", value);
        assert_eq!(filled.map(|f| f.text).as_deref(), Ok(want), "{code}");
    }
    let sql = "CREATE SUBSCRIPTION s CONNECTION 'host=h password=<pw>' PUBLICATION p";
    let text = filled(sql, "sql", "a b").map(|f| f.text);
    assert_eq!(text, Ok(sql.replace("<pw>", "''a b''")));
    let request = filled("GET http://h/?a=<x>", "http", "b&c").map(|f| f.text);
    assert_eq!(request.as_deref(), Ok("GET http://h/?a=b%26c"));
}

#[test]
fn what_is_not_sure_to_be_meant_is_refused_and_says_why() {
    for (code, value, why) in [
        ("curl http://h/a/<x>", "b#c", "path of a URL, where # would"),
        ("curl http://h/a/<x>", "../admin", "only dots"),
        ("curl http://h/a/<x>", "b%2Fc", "path of a URL"),
        ("curl http://h/?a=<x>", "b%2Fc", "encoded for a URL already"),
        ("curl http://<x>/a", "ana@evil", "host of a URL"),
        ("curl http://h/?<x>", "a b", "query of a URL, where a space"),
        ("psql \"host=<x>.net user=a\"", "b c", "a piece of a value"),
        (
            "R=<x>; curl \"http://h/?ref=$R\"",
            "a&b",
            "$R takes it further",
        ),
        ("curl \"http://h/?ref=$R\"", "a&b", "encoded for the URL"),
        (
            "psql \"postgres://a:$R@h/db\"",
            "a@b",
            "encoded for the URL",
        ),
    ] {
        let refused = filled(code, "bash", value).map(|f| f.text).unwrap_err();
        assert!(
            refused.to_lowercase().contains(&why.to_lowercase()),
            "{code}: {refused}"
        );
    }
}

#[test]
fn what_means_nothing_there_stays_and_what_is_no_address_is_left_alone() {
    for (code, value) in [
        ("curl \"http://h/?a=<x>\"", "v1.2-rc/3:4@x"),
        ("curl <x>/health", "http://h:1/a?b=1"),
        ("aws s3 cp \"s3://b/<x>\" .", "a b#1"),
        ("echo \"see http://h/ and <x>\"", "a&b"),
        ("curl -H \"X-Note: a?b=<x>\" http://h", "a&b"),
        (
            "curl -H 'Content-Type: application/json' -d \"a=<x>\" http://h",
            "a&b",
        ),
        ("curl --data-urlencode \"a=<x>\" http://h", "a&b"),
        ("git commit -m \"host=<x>\"", "a b"),
        ("curl \"http://h/?ref=$R\"", "a%26b"),
        ("curl $R", "http://h/?a=b c"),
        ("psql \"host=h password=<x>\"", "p@s:/?#"),
        ("docker run -d \"a=<x>\"", "b&c"),
    ] {
        let filled = filled(code, "bash", value).unwrap_or_else(|why| panic!("{code}: {why}"));
        assert!(filled.rewritten.is_empty(), "{code}: {filled:?}");
        assert!(
            code.contains("$R") || filled.text.contains(value),
            "{filled:?}"
        );
    }
}

#[test]
fn a_secret_has_a_form_for_each_of_them() {
    let secrets = BTreeMap::from([("pw".to_owned(), "BACKOUT_SECRET_PW".to_owned())]);
    let with = |code: &str, lang: &str| {
        let filled = fill_with_secrets(code, lang, &BTreeMap::new(), &secrets);
        filled.map_err(|problem| problem.to_string())
    };
    for (code, form) in [
        ("psql \"postgresql://a:<pw>@h/db\"", "url"),
        ("psql 'postgresql://a:<pw>@h/db'", "url"),
        ("git clone https://<pw>@h/x.git", "login"),
        ("curl https://hooks.example.com/services/<pw>", "path"),
        ("curl \"http://h/?key=<pw>\"", "url"),
        ("curl -d \"user=a&key=<pw>\" http://h", "url"),
        ("psql \"host=h password=<pw> dbname=x\"", "conninfo"),
        ("psql \"host=h password='<pw>' dbname=x\"", "conninfo_text"),
        ("psql -c \"SELECT dblink('postgres://a:<pw>@h/db')\"", "url"),
        ("curl -d '{\"u\": \"http://a:<pw>@h\"}' http://h", "url"),
    ] {
        let filled = with(code, "bash").unwrap_or_else(|why| panic!("{code}: {why}"));
        let reference = format!("${{BACKOUT_SECRET_PW__{form}}}");
        assert!(filled.text.contains(&reference), "{code}: {filled:?}");
        assert!(!filled.rewritten.is_empty(), "{code}");
        let needed = variables("BACKOUT_SECRET_PW", "a'b c", &filled.text);
        assert_eq!(needed.len(), 2, "{code}");
    }
    let inside = with("SELECT dblink('host=h password=<pw>')", "sql").unwrap_err();
    assert!(inside.contains("postgresql://user:"), "{inside}");
    // What the plain value would do on its way through a variable is known of a secret too.
    let values = BTreeMap::from([("pw".to_owned(), "a@b".to_owned())]);
    let code = "P=<pw>; psql \"postgres://a:$P@h/db\"";
    let refused = fill_with_secrets(code, "bash", &values, &secrets)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("$P takes it further") && !refused.contains("a@b"),
        "{refused}"
    );
}
