//! SQL attempts against a real `PostgreSQL`, over a socket, over TCP, and encrypted.
//!
//! Skipped, with the reason, where there is no server or no way to run one.

use super::{Bench, wait_for};
use backout::exec::{
    AttemptSpec, CONNECTION_SERVICE, CONNECTION_URL, Control, Found, Kind, Outcome, StopStage, find,
};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use tempfile::TempDir;

/// A server of its own, stopped and removed at the end.
struct Cluster {
    dir: TempDir,
    port: u16,
    server: Child,
}

impl Cluster {
    /// Starts one, or says why not.
    fn start(encrypted: bool) -> Result<Self, String> {
        let bin = programs().ok_or("no initdb in /usr/lib/postgresql/*/bin")?;
        let (uid, gid) =
            postgres_user().ok_or("no user postgres, and a server must not be root")?;
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        chown(dir.path(), Some(uid), Some(gid)).map_err(|error| error.to_string())?;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = dir.path().join("data");
        let as_postgres = |program: &str| {
            let mut command = Command::new(bin.join(program));
            command.current_dir(dir.path()).stdin(Stdio::null());
            if rustix::process::geteuid().is_root() {
                command.uid(uid).gid(gid);
            }
            command
        };
        let made = as_postgres("initdb")
            .args([
                "-N",
                "-A",
                "trust",
                "-U",
                "ana",
                "-E",
                "UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return Err("initdb failed".to_owned());
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut command = as_postgres("postgres");
        command
            .arg("-D")
            .arg(&data)
            .args(["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]);
        command.arg("-c").arg(format!("port={port}"));
        command
            .arg("-c")
            .arg(format!("unix_socket_directories={}", dir.path().display()));
        if encrypted {
            certificates(dir.path(), &data, uid, gid)?;
            command.args(["-c", "ssl=on"]);
        }
        let log = fs::File::create(dir.path().join("log")).unwrap();
        let server = command
            .stderr(log)
            .spawn()
            .map_err(|error| error.to_string())?;
        let cluster = Self { dir, port, server };
        let ready = || {
            let log = fs::read_to_string(cluster.dir.path().join("log")).unwrap();
            log.contains("ready to accept")
        };
        wait_for(ready, || {
            fs::read_to_string(cluster.dir.path().join("log")).unwrap()
        });
        Ok(cluster)
    }

    /// One for all tests that run at the same time, or none, with the reason printed.
    fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap();
        if let Some(cluster) = shared.upgrade() {
            return Some(cluster);
        }
        let cluster = Self::or_skip(false).map(Arc::new)?;
        *shared = Arc::downgrade(&cluster);
        Some(cluster)
    }

    fn or_skip(encrypted: bool) -> Option<Self> {
        Self::start(encrypted)
            .inspect_err(|why| println!("skipped: {why}"))
            .ok()
    }

    fn spec(&self, bench: &Bench, code: &str) -> AttemptSpec {
        let mut spec = AttemptSpec::new(Kind::Sql, code, bench.home.path());
        for (name, value) in [
            ("PGHOST", self.dir.path().to_str().unwrap()),
            ("PGPORT", &self.port.to_string()),
            ("PGUSER", "ana"),
            ("PGDATABASE", "postgres"),
            ("DATABASE_URL", ""),
        ] {
            spec.env.push((name.to_owned(), value.to_owned()));
        }
        spec
    }

    fn by_url(&self, bench: &Bench, parameters: &str) -> (Outcome, String) {
        let url = format!(
            "postgresql://ana@localhost:{}/postgres{parameters}",
            self.port
        );
        let code =
            "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)";
        let mut spec = AttemptSpec::new(Kind::Sql, code, bench.home.path());
        spec.env = vec![("DATABASE_URL".to_owned(), url)];
        bench.run(&spec)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.server.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
        let _ = self.server.wait();
    }
}

fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .flatten()
        .map(|found| found.path().join("bin"))
        .find(|bin| bin.join("initdb").exists())
}

fn postgres_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return Some((
            rustix::process::getuid().as_raw(),
            rustix::process::getgid().as_raw(),
        ));
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// An authority (`ca.crt`) and a certificate of its for `localhost`.
fn certificates(dir: &Path, data: &Path, uid: u32, gid: u32) -> Result<(), String> {
    let openssl = |arguments: &str| {
        let done = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(dir)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
            .then_some(())
            .ok_or("openssl is missing or failed")
    };
    fs::write(
        dir.join("san"),
        "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
    )
    .unwrap();
    let key = "-newkey rsa:2048 -nodes";
    openssl(&format!(
        "req -x509 {key} -keyout ca.key -out ca.crt -subj /CN=ca -days 2"
    ))?;
    openssl(&format!(
        "req {key} -keyout data/server.key -out leaf.csr -subj /CN=localhost"
    ))?;
    openssl(
        "x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile san -days 2 \
         -out data/server.crt",
    )?;
    for name in ["server.key", "server.crt"] {
        chown(data.join(name), Some(uid), Some(gid)).unwrap();
        fs::set_permissions(data.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    Ok(())
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
    let (outcome, output) = bench.run(&cluster.spec(&bench, code));
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
    let (outcome, output) = bench.run(&cluster.spec(&bench, code));
    assert_eq!(outcome.exit, Some(1));
    assert!(
        output.contains("ERROR:  column \"nope\" does not exist (42703)"),
        "{output}"
    );
    assert!(output.contains("AT:  3:8"), "{output}");
    assert!(output.contains("1 of 3 statements"), "{output}");
    let (_, output) = bench.run(&cluster.spec(&bench, "SELECT to_regclass('never')"));
    assert!(output.contains("NULL"), "{output}");
}

#[test]
fn what_reads_only_cannot_write_and_psql_commands_are_refused() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let (_, output) =
        bench.run(&cluster.spec(&bench, "SELECT current_setting('transaction_read_only')"));
    assert!(output.contains("on\r\n(1 row)"), "{output}");
    let code = "CREATE TABLE early ();\n\\dt";
    let (outcome, output) = bench.run(&cluster.spec(&bench, code));
    assert_eq!(outcome.exit, Some(1));
    assert!(
        output.contains("line 2") && output.contains("nothing was run"),
        "{output}"
    );
    let (_, output) = bench.run(&cluster.spec(&bench, "SELECT to_regclass('early')"));
    assert!(output.contains("NULL"));
}

#[test]
fn an_interrupt_cancels_at_the_server() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let bench = Bench::new();
    let attempt = bench.start(&cluster.spec(&bench, "SELECT 1;\nSELECT pg_sleep(1000);"));
    attempt.shows("(1 row)");
    let running = "SELECT 'sleeps' FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
    wait_for(
        || {
            bench
                .run(&cluster.spec(&bench, running))
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
            .run(&cluster.spec(&bench, running))
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
    let spec = cluster.spec(&bench, "SELECT current_database()");
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
        let (outcome, output) = cluster.by_url(&bench, &parameters);
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
        let attempt = bench.start(&cluster.spec(&bench, code));
        attempt.shows(if unknown { "CREATE" } else { "begun" });
        let holder = attempt.holder();
        let anchor = super::children(holder)[0];
        super::kill9(super::children(anchor)[0]);
        let outcome = attempt.outcome();
        assert_eq!((outcome.signal, outcome.status_unknown), (Some(9), unknown));
        assert!(!outcome.succeeded());
    }
}
