//! SQL that would get past the question before its COMMIT, were it not held: what stands beside a
//! transaction, what is read otherwise by the server, what does not wait, a network that fails.

use super::sql::spec_at;
use super::sql_hold::{Shop, asked, ended, fate, terms};
use backout::domain::transaction::{Conduct, Fate};
use backout::exec::settle;
use std::net::TcpStream;

#[test]
fn what_stands_beside_a_transaction_of_its_own_can_only_read() {
    let Some(shop) = Shop::open("beside") else {
        return;
    };
    shop.tells(&shop.its(
        "CREATE FUNCTION beside.f() RETURNS int LANGUAGE sql AS 'DELETE FROM lines; SELECT 1';\n\
        CREATE VIEW beside.innocent AS SELECT beside.f() AS one;",
    ));
    let own = || terms(Conduct::HeldOwn(Some(3)));
    let code = "SET search_path = beside;\nBEGIN;\nDELETE FROM lines WHERE id = 1;\nCOMMIT;\n\
        SHOW search_path;\nSHOW default_transaction_read_only;\nSELECT * FROM innocent;";
    let attempt = shop.start(code, own());
    asked(&attempt);
    settle(&attempt.dir, true).unwrap();
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(1), "{said}");
    assert!(said.contains("25006"), "{said}");
    assert!(
        said.contains(" beside\r") && said.contains(" off\r"),
        "{said}"
    );
    assert_eq!(fate(&attempt), Some(Fate::Committed));
    assert_eq!(shop.count("lines"), 18, "what was decided, and no more");
    let attempt = shop.start("SELECT * FROM beside.innocent;\nBEGIN;", own());
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(1), "{said}");
    assert!(matches!(fate(&attempt), Some(Fate::RolledBack(_))));
    let several = "BEGIN;\nDELETE FROM lines;\nROLLBACK;\nDELETE FROM lines;";
    let attempt = shop.start(several, own());
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(1), "{said}");
    assert!(said.contains("more than one transaction"), "{said}");
    assert_eq!(shop.count("lines"), 18);
}

#[test]
fn a_commit_that_hides_from_backout_does_not_get_past_the_server() {
    let Some(shop) = Shop::open("hiding") else {
        return;
    };
    let start = |code: &str, conduct, variable: (&str, &str)| {
        let mut spec = spec_at(&shop.cluster, &shop.bench, &shop.its(code));
        spec.terms = Some(terms(conduct));
        spec.env
            .push((variable.0.to_owned(), variable.1.to_owned()));
        shop.bench.start(&spec)
    };
    // To a server of the old manner a backslash escapes in every string.
    let code = "DELETE FROM lines WHERE 'a\\' <> '; COMMIT; --';";
    let old = ("PGOPTIONS", "-c standard_conforming_strings=off");
    for conduct in [Conduct::Held, Conduct::ReadOnly] {
        let (outcome, said) = ended(&start(code, conduct, old));
        assert_eq!(outcome.exit, Some(1), "{said}");
        assert!(said.contains("the server does not"), "{said}");
        assert_eq!(shop.count("lines"), 20);
    }
    let secret = "DELETE FROM lines;\n${BACKOUT_SECRET_X};\nSELECT 1 / 0;";
    let hidden = ("BACKOUT_SECRET_X", "COMMIT");
    let (outcome, said) = ended(&start(secret, Conduct::Held, hidden));
    assert_eq!(outcome.exit, Some(1), "{said}");
    assert!(said.contains("another statement"), "{said}");
    assert_eq!(shop.count("lines"), 20);
}

#[test]
fn what_the_server_refuses_in_a_transaction_is_known_and_done_as_it_is_written() {
    use backout::script::sql::{Manner, manner};
    let Some(shop) = Shop::open("refused") else {
        return;
    };
    for code in [
        "VACUUM lines;",
        "CREATE INDEX CONCURRENTLY refused_i ON orders (paid);",
        "REINDEX INDEX CONCURRENTLY refused.refused_i;",
        "REINDEX SCHEMA refused;",
        "DROP INDEX CONCURRENTLY refused.refused_i;",
        "CREATE DATABASE refused_copy;",
        "DROP DATABASE refused_copy;",
        "ALTER SYSTEM SET work_mem = '5MB';",
        "DO $$ BEGIN DELETE FROM lines WHERE id = 1; COMMIT; END $$;",
    ] {
        assert!(matches!(manner(code), Manner::Bare(_)), "{code}");
        let (outcome, said) = ended(&shop.start(code, terms(Conduct::Held)));
        assert_eq!(outcome.exit, Some(1), "{code}: {said}");
        let refused = said.contains("25001") || said.contains("2D000");
        assert!(refused, "{code}: {said}");
        let as_written = terms(Conduct::AsWritten(String::new()));
        let (outcome, said) = ended(&shop.start(code, as_written));
        assert_eq!(outcome.exit, Some(0), "{code}: {said}");
    }
    assert_eq!(shop.count("lines"), 18);
}

#[test]
fn what_nobody_else_can_use_meanwhile_is_said_and_what_does_not_wait_too() {
    let Some(shop) = Shop::open("meanwhile") else {
        return;
    };
    let code = "CREATE TABLE meanwhile.kept AS SELECT * FROM orders;\n\
        ALTER TABLE lines ADD note text;\nLOCK TABLE orders IN EXCLUSIVE MODE;\n\
        CREATE SEQUENCE meanwhile.s;\nSELECT setval('meanwhile.s', 7);";
    let mut held = terms(Conduct::Held);
    held.at_once = backout::script::sql::at_once(code);
    let attempt = shop.start(code, held);
    let tally = asked(&attempt);
    assert_eq!(
        tally.shut_words().as_deref(),
        Some(
            "nobody else can read or write meanwhile.lines; nobody else can write meanwhile.orders"
        )
    );
    settle(&attempt.dir, false).unwrap();
    let (_, said) = ended(&attempt);
    assert!(said.contains("meanwhile nobody else can read"), "{said}");
    let stays = "but setval (line 5) took effect at once and stays";
    assert!(said.contains(stays), "{said}");
    let (attempt, tally) = shop.held("DELETE FROM lines;");
    assert_eq!(tally.shut_words(), None, "rows only");
    settle(&attempt.dir, false).unwrap();
    attempt.outcome();
    // It changes no row, and yet somebody would hear of it.
    let (attempt, tally) = shop.held("NOTIFY meanwhile_jobs;");
    assert_eq!(tally.headline(), "NOTIFY");
    settle(&attempt.dir, true).unwrap();
    assert_eq!(ended(&attempt).0.exit, Some(0));
}

#[test]
fn rows_that_the_server_does_not_count_are_not_taken_for_few() {
    let Some(shop) = Shop::open("uncounted") else {
        return;
    };
    let mut few = terms(Conduct::Held);
    few.max_affected = Some(100);
    let code = "SET track_counts = off;\nWITH gone AS (DELETE FROM lines RETURNING 1) SELECT 1;";
    let (outcome, said) = ended(&shop.start(code, few));
    assert_eq!(outcome.exit, Some(3), "{said}");
    assert!(said.contains("its rows cannot be counted"), "{said}");
    assert_eq!(shop.count("lines"), 20);
}

/// A way to the server that can be cut at a word of the client.
struct Wire {
    port: u16,
}

impl Wire {
    /// Passes on until the client sends the word; then, with or without passing that on, it cuts
    /// that connection. Others go through.
    fn to(server: u16, word: &'static [u8], passes_on: bool) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let Ok(there) = TcpStream::connect(("127.0.0.1", server)) else {
                    return;
                };
                let (mut back, mut to_client) =
                    (there.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut back, &mut to_client));
                std::thread::spawn(move || carry(client, there, word, passes_on));
            }
        });
        Self { port }
    }
}

fn carry(mut client: TcpStream, mut there: TcpStream, word: &[u8], passes_on: bool) {
    use std::io::{Read, Write};
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = client.read(&mut bytes) {
        let found = bytes[..read].windows(word.len()).any(|w| w == word);
        if found && !passes_on {
            break;
        }
        if found {
            // The server gets it, and whoever sent it hears no more, however fast the answer is.
            let _ = client.shutdown(std::net::Shutdown::Both);
        }
        let _ = there.write_all(&bytes[..read]);
        if found {
            std::thread::sleep(std::time::Duration::from_millis(300));
            break;
        }
    }
    let _ = client.shutdown(std::net::Shutdown::Both);
    let _ = there.shutdown(std::net::Shutdown::Both);
}

#[test]
fn a_network_that_fails_at_the_commit_leaves_nobody_in_doubt() {
    let Some(shop) = Shop::open("network") else {
        return;
    };
    let decided = |passes_on| {
        let wire = Wire::to(shop.cluster.port, b"COMMIT", passes_on);
        let mut spec = spec_at(
            &shop.cluster,
            &shop.bench,
            &shop.its("DELETE FROM lines WHERE id = 1;"),
        );
        spec.terms = Some(terms(Conduct::Held));
        spec.env.push(("PGHOST".to_owned(), "127.0.0.1".to_owned()));
        spec.env.push(("PGPORT".to_owned(), wire.port.to_string()));
        let attempt = shop.bench.start(&spec);
        asked(&attempt);
        settle(&attempt.dir, true).unwrap();
        let (outcome, said) = ended(&attempt);
        assert!(said.contains("no answer to COMMIT"), "{said}");
        (outcome.exit, fate(&attempt), said)
    };
    let (exit, became, said) = decided(false);
    assert_eq!(exit, Some(3), "{said}");
    assert!(matches!(became, Some(Fate::RolledBack(_))), "{said}");
    assert_eq!(shop.count("lines"), 20);
    let (exit, became, said) = decided(true);
    assert_eq!((exit, became), (Some(0), Some(Fate::Committed)), "{said}");
    assert_eq!(shop.count("lines"), 18);
}
