//! SQL attempts against a real `PostgreSQL`, over a socket, over TCP, and encrypted.
//!
//! Skipped, with the reason, where there is no server or no way to run one.

use super::{Bench, wait_for};
use crate::cluster::Cluster;
use backout::exec::{
    AttemptSpec, CONNECTION_SERVICE, CONNECTION_URL, Control, Found, Kind, Outcome, StopStage, find,
};
/// What goes to a cluster over its socket.
pub(super) fn spec_at(cluster: &Cluster, bench: &Bench, code: &str) -> AttemptSpec {
    let mut spec = AttemptSpec::new(Kind::Sql, code, bench.home.path());
    spec.env = cluster.environment();
    spec
}

fn by_url(cluster: &Cluster, bench: &Bench, parameters: &str) -> (Outcome, String) {
    let url = format!(
        "postgresql://ana@localhost:{}/postgres{parameters}",
        cluster.port
    );
    let code = "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)";
    let mut spec = AttemptSpec::new(Kind::Sql, code, bench.home.path());
    spec.env = vec![("DATABASE_URL".to_owned(), url)];
    bench.run(&spec)
}

#[test]
fn tables_tags_and_notices_are_shown() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let code = "-- make it\nCREATE TEMP TABLE t (id int, name text);\n\
        INSERT INTO t VALUES (1, 'ä;b'), (20, NULL);\n\
        DROP TABLE IF EXISTS nothing;\n\
        SELECT * FROM t ORDER BY id;\nSELECT 1 AS one WHERE false;\nUPDATE t SET id = 3;";
    let (outcome, output) = bench.run(&spec_at(&cluster, &bench, code));
    assert_eq!(outcome.exit, Some(0), "{output}");
    let expected = [
        "CREATE TABLE",
        "INSERT 0 2",
        "NOTICE:  table \"nothing\" does not exist, skipping",
        "DROP TABLE",
        " id | name",
        "----+------",
        "  1 | ä;b",
        " 20 | NULL",
        "(2 rows)",
        " one",
        "-----",
        "(0 rows)",
        "UPDATE 2",
        "",
    ];
    assert_eq!(output.replace('\r', ""), expected.join("\n"));
}

#[test]
fn the_first_failure_ends_it_with_its_place() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let code = "SELECT 1;\nSELECT 2,\n       nope;\nCREATE TABLE never ();";
    let (outcome, output) = bench.run(&spec_at(&cluster, &bench, code));
    assert_eq!(outcome.exit, Some(1));
    assert!(
        output.contains("ERROR:  column \"nope\" does not exist (42703)"),
        "{output}"
    );
    assert!(output.contains("line 3, column 8"), "{output}");
    assert!(output.contains("1 of 3 statements"), "{output}");
    let (_, output) = bench.run(&spec_at(&cluster, &bench, "SELECT to_regclass('never')"));
    assert!(output.contains("NULL"), "{output}");
}

#[test]
fn what_reads_only_cannot_write_and_psql_commands_are_refused() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let (_, output) = bench.run(&spec_at(
        &cluster,
        &bench,
        "SELECT current_setting('transaction_read_only')",
    ));
    assert!(output.contains("on\r\n(1 row)"), "{output}");
    let code = "CREATE TABLE early ();\n\\dt";
    let (outcome, output) = bench.run(&spec_at(&cluster, &bench, code));
    assert_eq!(outcome.exit, Some(1));
    assert!(
        output.contains("line 2") && output.contains("nothing was run"),
        "{output}"
    );
    let (_, output) = bench.run(&spec_at(&cluster, &bench, "SELECT to_regclass('early')"));
    assert!(output.contains("NULL"));
}

#[test]
fn an_interrupt_cancels_at_the_server() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let attempt = bench.start(&spec_at(
        &cluster,
        &bench,
        "SELECT 1;\nSELECT pg_sleep(1000);",
    ));
    attempt.shows("(1 row)");
    let running = "SELECT 'sleeps' FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
    wait_for(
        || {
            bench
                .run(&spec_at(&cluster, &bench, running))
                .1
                .contains("sleeps\r")
        },
        || "the long statement".to_owned(),
    );
    Control::connect(&attempt.dir)
        .unwrap()
        .stop(StopStage::Int, "ana")
        .unwrap();
    let outcome = attempt.outcome();
    assert_eq!(outcome.exit, Some(130));
    assert!(attempt.output().contains("57014"), "{}", attempt.output());
    assert!(
        !bench
            .run(&spec_at(&cluster, &bench, running))
            .1
            .contains("sleeps\r")
    );
}

#[test]
fn a_named_connection_beats_the_environment_and_never_falls_back_to_it() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let spec = spec_at(&cluster, &bench, "SELECT current_database()");
    let with = |settings: &[(&str, &str)]| {
        let mut spec = spec.clone();
        for (name, value) in settings {
            spec.env.push(((*name).to_owned(), (*value).to_owned()));
        }
        bench.run(&spec)
    };
    let url = "dbname=template1";
    let (outcome, said) = with(&[(CONNECTION_URL, "$OTHER"), ("OTHER", url)]);
    assert_eq!(outcome.exit, Some(0), "{said}");
    assert!(said.contains("template1"), "{said}");
    let (outcome, said) = with(&[(CONNECTION_URL, "$NOWHERE_SET")]);
    assert_eq!(outcome.exit, Some(2), "{said}");
    assert!(said.contains("$NOWHERE_SET"), "{said}");
    let file = bench.home.path().join("services");
    std::fs::write(&file, "[copy]\ndbname=template1\n").unwrap();
    let file = file.to_str().unwrap();
    let (outcome, said) = with(&[("PGSERVICEFILE", file), (CONNECTION_SERVICE, "copy")]);
    assert_eq!(outcome.exit, Some(0), "{said}");
    assert!(said.contains("template1"), "{said}");
    let (outcome, said) = with(&[("PGSERVICEFILE", file), (CONNECTION_SERVICE, "other")]);
    assert_eq!(outcome.exit, Some(2), "{said}");
}

#[test]
fn a_secret_gets_into_a_statement_as_it_is_sent_and_into_no_file() {
    use backout::script::blanks::secret;
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let value = "canary'sql \\ seven";
    let plain = secret::variable("pw");
    let code = format!(
        "SELECT length('${{{plain}__sql}}') AS n, '${{{plain}__sql}}' AS v;\nSELECT '${{{plain}__sql}}'::int;"
    );
    let mut spec = spec_at(&cluster, &bench, &code);
    spec.secret_env = secret::variables(&plain, value, &code);
    let attempt = bench.start(&spec);
    let outcome = attempt.outcome();
    assert_eq!(outcome.exit, Some(1));
    let why = outcome.error.expect("the server's sentence");
    assert!(
        why.starts_with("ERROR: invalid input syntax for type integer"),
        "{why}"
    );
    assert!(why.ends_with("line 2, column 8"), "{why}");
    let output = attempt.output();
    assert!(output.contains(&value.len().to_string()), "{output}");
    assert!(
        output.contains("invalid input syntax for type integer"),
        "{output}"
    );
    for file in std::fs::read_dir(&attempt.dir).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("canary"),
            "{}: {text}",
            file.path().display()
        );
    }
}

#[test]
fn no_connection_is_a_status_of_its_own_and_shows_no_password() {
    let bench = Bench::new();
    let mut spec = AttemptSpec::new(Kind::Sql, "SELECT 1", bench.home.path());
    let url = "postgresql://ana:sesame-open@127.0.0.1:1/db".to_owned();
    spec.secret_env = vec![("DATABASE_URL".to_owned(), url)];
    let attempt = bench.start(&spec);
    assert_eq!(attempt.outcome().exit, Some(2));
    assert!(matches!(find(&attempt.dir).unwrap(), Found::Ended(_)));
    assert!(attempt.output().contains("FATAL:"));
    assert!(!attempt.output().contains("sesame"));
}

#[test]
fn encryption_means_what_libpq_means_by_it() {
    let Some(cluster) = Cluster::or_skip(true) else {
        return;
    };
    let bench = Bench::new();
    let ca = cluster.dir.path().join("ca.crt").display().to_string();
    let cases = [
        ("?sslmode=disable".to_owned(), Some("f")),
        (String::new(), Some("t")),
        ("?sslmode=require&schema=public".to_owned(), Some("t")),
        (format!("?sslmode=verify-full&sslrootcert={ca}"), Some("t")),
        (format!("?sslmode=verify-ca&sslrootcert={ca}"), Some("t")),
        (
            "?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt".to_owned(),
            None,
        ),
    ];
    for (parameters, expected) in cases {
        let (outcome, output) = by_url(&cluster, &bench, &parameters);
        match expected {
            Some(value) => assert!(output.contains(&format!(" {value}\r\n(1 row)")), "{output}"),
            None => assert_eq!(outcome.exit, Some(2), "{output}"),
        }
    }
}

#[test]
fn a_connection_that_was_killed_is_unknown_unless_it_only_read() {
    let bench = Bench::new();
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let cases = [
        ("create table cut_off (n int); select pg_sleep(60);", true),
        (
            "select 'begun'; select count(*) from generate_series(1, 20000000000);",
            false,
        ),
    ];
    for (code, unknown) in cases {
        let attempt = bench.start(&spec_at(&cluster, &bench, code));
        attempt.shows(if unknown { "CREATE" } else { "begun" });
        let holder = attempt.holder();
        let anchor = super::children(holder)[0];
        super::kill9(super::children(anchor)[0]);
        let outcome = attempt.outcome();
        assert_eq!((outcome.signal, outcome.status_unknown), (Some(9), unknown));
        assert!(!outcome.succeeded());
    }
}
