//! Fourteen bad backups, each refused for its own reason, and good ones that are not.

use super::*;
use std::os::unix::fs::symlink;

const DUMP: &str = "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.4\n-- Dumped by pg_dump version 15.4\n\n\\connect shop\n\nCREATE TABLE public.orders (\n    id integer\n);\n\nCOPY public.orders (id) FROM stdin;\n1\n2\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n";

fn gzip(path: &Path) {
    let done = Command::new("gzip").arg("-k").arg(path).status();
    assert!(done.expect("gzip").success());
}

fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2031, 3, 1, hour, 0, 0)
        .single()
        .expect("a time")
}

fn shop() -> Wanted {
    Wanted {
        database: Some("shop".to_owned()),
        ..Wanted::default()
    }
}

fn why(path: &Path, wanted: &Wanted) -> String {
    match examine(path, wanted) {
        Examined::Bad(why) => why,
        other => panic!("{}: {other:?}", path.display()),
    }
}

#[test]
fn fourteen_bad_backups_are_refused_and_the_good_one_is_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("written");
        path
    };
    let good = write("good.sql", DUMP);
    gzip(&good);
    for name in ["good.sql", "good.sql.gz"] {
        let seen = examine(&dir.path().join(name), &shop());
        assert!(
            matches!(&seen, Examined::Good(e) if e.contains("1 tables, 1 with data")),
            "{name}: {seen:?}"
        );
    }
    let packed = fs::read(dir.path().join("good.sql.gz")).expect("read");
    let cut = dir.path().join("cut.sql.gz");
    fs::write(&cut, &packed[..packed.len() - 12]).expect("written");
    let archive = dir.path().join("cut.dump");
    fs::write(&archive, b"PGDMP\x01\x0e\x00\x04\x08\x01\x01\x01\x00").expect("written");
    let folder = dir.path().join("folder.dump");
    fs::create_dir(&folder).expect("a directory");
    let dangling = dir.path().join("latest.dump");
    symlink("nowhere.dump", &dangling).expect("a link");
    let pipe = dir.path().join("pipe.dump");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo")
            .success()
    );
    let made = |hour| {
        DUMP.replace(
            "-- Dumped from",
            &format!("-- Started on 2031-03-01 {hour:02}:00:00 UTC\n\n-- Dumped from"),
        )
    };
    let source = Wanted {
        not_after: Some((at(10), "the bad deployment".to_owned())),
        ..shop()
    };
    let safety = Wanted {
        not_before: Some((at(12), "the incident began".to_owned())),
        ..shop()
    };
    let structure = DUMP.replace("COPY public.orders (id) FROM stdin;\n1\n2\n\\.\n", "");
    let cases = [
        (write("empty.sql", ""), shop(), "empty"),
        (archive, shop(), ""),
        (cut, shop(), "unexpected end of file"),
        (write("schema.sql", &structure), shop(), "no data"),
        (
            write("other.sql", &DUMP.replace("shop", "mail")),
            shop(),
            "database mail",
        ),
        (
            write("late.sql", &made(11)),
            source.clone(),
            "after the bad deployment",
        ),
        (
            write("early.sql", &made(9)),
            safety.clone(),
            "before the incident began",
        ),
        (
            write("none.sql", &structure.replace("CREATE TABLE", "-- no")),
            shop(),
            "no table",
        ),
        (
            write(
                "page.sql",
                "<!DOCTYPE html>\n<html><body>502</body></html>\n",
            ),
            shop(),
            "web page",
        ),
        (
            write("open.sql", &DUMP.replace("dump complete", "dump")),
            shop(),
            "cut off",
        ),
        (
            write(
                "old.sql",
                &DUMP.replace("pg_dump version 15", "pg_dump version 12"),
            ),
            shop(),
            "versions",
        ),
        (folder, shop(), "directory"),
        (dangling, shop(), "link"),
        (pipe, shop(), "regular"),
    ];
    assert_eq!(cases.len(), 14);
    for (path, wanted, reason) in &cases {
        let said = why(path, wanted);
        assert!(said.contains(reason), "{}: {said}", path.display());
    }
    // The controls: at the right side of time they are good.
    let seen = examine(&write("early2.sql", &made(9)), &source);
    assert!(matches!(seen, Examined::Good(_)), "{seen:?}");
    let seen = examine(&write("late2.sql", &made(13)), &safety);
    assert!(matches!(seen, Examined::Good(_)), "{seen:?}");
}

#[test]
fn what_cannot_be_judged_is_not_good() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("a.dump.zst");
    fs::write(&path, b"\x28\xb5\x2f\xfd....").expect("written");
    assert!(matches!(examine(&path, &shop()), Examined::Open(_)));
    fs::write(&path, "pg_dump: error: connection refused\n").expect("written");
    assert!(why(&path, &shop()).contains("no dump"));
}
