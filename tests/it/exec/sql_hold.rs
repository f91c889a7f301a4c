//! SQL that changes things against a real `PostgreSQL`: held before its COMMIT, counted, decided,
//! and what is known of it when somebody dies in between.

use super::sql::spec_at;
use super::{Attempt, Bench, children, kill9, wait_for};
use crate::cluster::Cluster;
use backout::domain::transaction::{Conduct, Fate, Tally, Terms};
use backout::exec::{Control, Outcome, Standing, StopStage, settle, transaction};
use backout::session::run::Supervised;
use backout::session::world::{Found, World};
use std::sync::Arc;

pub(super) fn terms(conduct: Conduct) -> Terms {
    Terms {
        conduct,
        max_affected: None,
        statement_timeout_s: None,
        lock_timeout_s: None,
        patience_s: 120,
        at_once: None,
    }
}

/// A table of ten orders with two lines each, of a name of its own.
pub(super) struct Shop {
    pub(super) cluster: Arc<Cluster>,
    pub(super) bench: Bench,
    name: String,
}

impl Shop {
    pub(super) fn open(name: &str) -> Option<Self> {
        let cluster = Cluster::shared()?;
        let shop = Self {
            cluster,
            bench: Bench::new(),
            name: name.to_owned(),
        };
        let code = "CREATE TABLE orders (id int PRIMARY KEY, paid bool);\n\
            CREATE TABLE lines (id int REFERENCES orders ON DELETE CASCADE DEFERRABLE);\n\
            INSERT INTO orders SELECT n, false FROM generate_series(1, 10) n;\n\
            INSERT INTO lines SELECT n FROM generate_series(1, 10) n, generate_series(1, 2);";
        let (outcome, said) = shop.bench.run(&spec_at(
            &shop.cluster,
            &shop.bench,
            &shop.its(&format!("CREATE SCHEMA {name};\n{code}")),
        ));
        assert_eq!(outcome.exit, Some(0), "{said}");
        Some(shop)
    }

    /// The code with this shop's names.
    pub(super) fn its(&self, code: &str) -> String {
        let name = &self.name;
        code.replace("orders", &format!("{name}.orders"))
            .replace("lines", &format!("{name}.lines"))
    }

    pub(super) fn start(&self, code: &str, terms: Terms) -> Attempt {
        let mut spec = spec_at(&self.cluster, &self.bench, &self.its(code));
        spec.terms = Some(terms);
        self.bench.start(&spec)
    }

    pub(super) fn held(&self, code: &str) -> (Attempt, Tally) {
        let attempt = self.start(code, terms(Conduct::Held));
        let tally = asked(&attempt);
        (attempt, tally)
    }

    pub(super) fn count(&self, what: &str) -> u64 {
        let query = self.its(&format!("SELECT count(*) FROM {what}"));
        let (_, said) = self.bench.run(&spec_at(&self.cluster, &self.bench, &query));
        let number = said.lines().nth(2).unwrap_or_default().trim().parse();
        number.unwrap_or_else(|_| panic!("no number: {said}"))
    }

    pub(super) fn tells(&self, code: &str) {
        let (outcome, said) = self.bench.run(&spec_at(&self.cluster, &self.bench, code));
        assert_eq!(outcome.exit, Some(0), "{said}");
    }
}

pub(super) fn standing(attempt: &Attempt) -> Option<Standing> {
    transaction(&attempt.dir).unwrap().map(|t| t.standing)
}

/// Waits until it asks.
pub(super) fn asked(attempt: &Attempt) -> Tally {
    let look = || match standing(attempt) {
        Some(Standing::Asked(tally)) => Some(tally),
        _ => None,
    };
    wait_for(|| look().is_some(), || attempt.output());
    look().unwrap()
}

pub(super) fn fate(attempt: &Attempt) -> Option<Fate> {
    match Supervised::default().find(&attempt.dir) {
        Found::Ended(ending) => ending.fate,
        other => panic!("{other:?}"),
    }
}

/// The process that runs the SQL.
fn program(attempt: &Attempt) -> i32 {
    let anchor = *children(attempt.holder()).first().expect("an anchor");
    *children(anchor).first().expect("a program")
}

pub(super) fn ended(attempt: &Attempt) -> (Outcome, String) {
    (attempt.outcome(), attempt.output())
}

#[test]
fn a_commit_is_what_somebody_decided_with_the_count_before_them() {
    let Some(shop) = Shop::open("decided") else {
        return;
    };
    let (attempt, tally) = shop.held("-- old ones\nDELETE FROM orders WHERE id <= 3;");
    assert_eq!(tally.headline(), "DELETE 3 rows in decided.orders");
    assert_eq!((tally.rows(), tally.statements[0].line), (9, 2));
    let touched: Vec<String> = tally
        .tables
        .iter()
        .map(|t| format!("{} {}", t.table, t.words()))
        .collect();
    assert_eq!(
        touched,
        ["decided.lines 6 deleted", "decided.orders 3 deleted"]
    );
    let place = format!("postgres on this machine:{} as ana", shop.cluster.port);
    assert_eq!(tally.place, place);
    assert_eq!(shop.count("orders"), 10, "nothing is final yet");
    assert!(settle(&attempt.dir, true).unwrap());
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(0), "{said}");
    assert!(said.contains("To be committed: DELETE 3 rows"), "{said}");
    assert!(said.ends_with("COMMIT\r\n"), "{said}");
    assert_eq!(fate(&attempt), Some(Fate::Committed));
    assert_eq!((shop.count("orders"), shop.count("lines")), (7, 14));
}

#[test]
fn without_the_decision_nothing_stays() {
    let Some(shop) = Shop::open("undecided") else {
        return;
    };
    let code = "UPDATE orders SET paid = true;";
    let (attempt, tally) = shop.held(code);
    assert_eq!(tally.headline(), "UPDATE 10 rows in undecided.orders");
    settle(&attempt.dir, false).unwrap();
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(3), "{said}");
    assert_eq!(
        fate(&attempt),
        Some(Fate::RolledBack("it was decided so".to_owned()))
    );
    let mut soon = terms(Conduct::Held);
    soon.patience_s = 1;
    let attempt = shop.start(code, soon);
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(3), "{said}");
    assert!(said.contains("nobody decided in time"), "{said}");
    assert_eq!(shop.count("orders WHERE paid"), 0);
}

#[test]
fn more_rows_than_allowed_are_rolled_back_without_a_question() {
    let Some(shop) = Shop::open("allowed") else {
        return;
    };
    let most = |most, code: &str| {
        let mut terms = terms(Conduct::Held);
        terms.max_affected = Some(most);
        shop.start(code, terms)
    };
    // Three orders and, by their cascade, six lines.
    let attempt = most(8, "DELETE FROM orders WHERE id <= 3;");
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(3), "{said}");
    assert!(
        said.contains("it changes 9 rows, and the plan allows at most 8"),
        "{said}"
    );
    assert!(said.contains("allowed.lines: 6 deleted"), "{said}");
    assert!(!said.contains("Waiting"), "{said}");
    assert_eq!(shop.count("orders"), 10);
    let attempt = most(9, "DELETE FROM orders WHERE id <= 3;");
    asked(&attempt);
    settle(&attempt.dir, false).unwrap();
    assert_eq!(ended(&attempt).0.exit, Some(3));
    // A query within a query hides its count from the statement's own tag.
    let hidden = "WITH gone AS (DELETE FROM lines RETURNING 1) SELECT 1;";
    let attempt = most(19, hidden);
    assert!(ended(&attempt).1.contains("it changes 20 rows"));
    // What is emptied is counted before; what goes with it is not known.
    let attempt = most(19, "TRUNCATE lines;");
    assert!(ended(&attempt).1.contains("it changes 20 rows"));
    let attempt = most(100, "TRUNCATE orders CASCADE;");
    assert!(ended(&attempt).1.contains("its rows cannot be counted"));
    assert_eq!(shop.count("lines"), 20);
}

#[test]
fn what_is_emptied_is_counted_and_said() {
    let Some(shop) = Shop::open("emptied") else {
        return;
    };
    let (attempt, tally) = shop.held("TRUNCATE lines;");
    assert_eq!(tally.headline(), "TRUNCATE: 20 rows in emptied.lines");
    settle(&attempt.dir, false).unwrap();
    attempt.outcome();
    assert_eq!(shop.count("lines"), 20);
    let (attempt, tally) = shop.held("ALTER TABLE orders ADD COLUMN note text;");
    assert_eq!(tally.headline(), "ALTER TABLE");
    settle(&attempt.dir, true).unwrap();
    assert_eq!(ended(&attempt).0.exit, Some(0));
    let attempt = shop.start("DELETE FROM orders WHERE id = 99;", terms(Conduct::Held));
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(0), "{said}");
    assert_eq!(fate(&attempt), Some(Fate::Unchanged));
}

#[test]
fn a_failure_takes_back_what_was_done_before_it() {
    let Some(shop) = Shop::open("failing") else {
        return;
    };
    let code = "DELETE FROM lines;\nDELETE FROM orders WHERE nope = 1;";
    let attempt = shop.start(code, terms(Conduct::Held));
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(1));
    assert!(said.contains("(42703), line 2, column 34"), "{said}");
    let marked = "   2 | DELETE FROM failing.orders WHERE nope = 1;\r\n     |                                  ^^^^";
    assert!(said.contains(marked), "{said}");
    assert!(said.contains("nothing of it is in the database"), "{said}");
    assert!(matches!(fate(&attempt), Some(Fate::RolledBack(_))));
    assert_eq!(shop.count("lines"), 20);
    // A constraint that is looked at only at the COMMIT.
    let code = "SET CONSTRAINTS ALL DEFERRED; INSERT INTO lines VALUES (77);";
    let (attempt, _) = shop.held(code);
    settle(&attempt.dir, true).unwrap();
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(3), "{said}");
    assert!(
        matches!(fate(&attempt), Some(Fate::RolledBack(why)) if why.contains("COMMIT failed")),
        "{said}"
    );
    assert_eq!(shop.count("lines"), 20);
}

#[test]
fn a_transaction_of_its_own_is_held_before_its_own_commit() {
    let Some(shop) = Shop::open("own") else {
        return;
    };
    let code = "BEGIN;\nDELETE FROM lines;\nCOMMIT;\nSELECT count(*) FROM lines;";
    let attempt = shop.start(code, terms(Conduct::HeldOwn(Some(3))));
    asked(&attempt);
    assert_eq!(shop.count("lines"), 20);
    settle(&attempt.dir, false).unwrap();
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(3));
    assert!(
        !said.contains("count"),
        "what follows it does not run: {said}"
    );
    let open = "BEGIN;\nDELETE FROM lines WHERE id = 1;\n-- COMMIT;";
    let attempt = shop.start(open, terms(Conduct::HeldOwn(None)));
    asked(&attempt);
    settle(&attempt.dir, true).unwrap();
    assert_eq!(ended(&attempt).0.exit, Some(0));
    assert_eq!(shop.count("lines"), 18);
    let attempt = shop.start(code, terms(Conduct::HeldOwn(Some(3))));
    asked(&attempt);
    settle(&attempt.dir, true).unwrap();
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(0), "{said}");
    assert!(said.contains("    0\r\n(1 row)"), "{said}");
}

#[test]
fn a_commit_that_nothing_begins_is_held_too() {
    let Some(shop) = Shop::open("stray") else {
        return;
    };
    let code = "DELETE FROM lines;\nCOMMIT;\nSELECT count(*) FROM lines;";
    for (commits, left) in [(false, 20), (true, 0)] {
        let attempt = shop.start(code, terms(Conduct::HeldOwn(Some(2))));
        asked(&attempt);
        assert_eq!(shop.count("lines"), 20);
        settle(&attempt.dir, commits).unwrap();
        let (outcome, said) = ended(&attempt);
        assert_eq!(outcome.exit, Some(if commits { 0 } else { 3 }), "{said}");
        assert!(!said.contains("no transaction in progress"), "{said}");
        assert_eq!(shop.count("lines"), left);
    }
}

#[test]
fn as_it_is_written_each_statement_is_final_and_an_open_transaction_is_no_success() {
    let Some(shop) = Shop::open("written") else {
        return;
    };
    let as_written = || terms(Conduct::AsWritten("VACUUM".to_owned()));
    let attempt = shop.start(
        "DELETE FROM lines WHERE id = 1;\nVACUUM lines;",
        as_written(),
    );
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(0), "{said}");
    assert_eq!((shop.count("lines"), standing(&attempt)), (18, None));
    let attempt = shop.start("BEGIN; DELETE FROM lines;", as_written());
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(3), "{said}");
    assert!(said.contains("left its transaction open"), "{said}");
    assert_eq!(shop.count("lines"), 18);
}

#[test]
fn what_is_said_to_read_only_cannot_write() {
    let Some(shop) = Shop::open("reading") else {
        return;
    };
    shop.tells(&shop.its(
        "CREATE FUNCTION reading.f() RETURNS int LANGUAGE sql AS 'DELETE FROM lines; SELECT 1';\n\
        CREATE VIEW reading.innocent AS SELECT reading.f() AS one;",
    ));
    for (code, code_of_error) in [
        ("SELECT * FROM reading.innocent;", "25006"),
        ("SET TRANSACTION READ WRITE; DELETE FROM lines;", "25006"),
        ("BEGIN READ WRITE; DELETE FROM lines; COMMIT;", "25006"),
        (
            "SET \"default_transaction_read_only\" = off; COMMIT; DELETE FROM lines;",
            "25006",
        ),
    ] {
        let attempt = shop.start(code, terms(Conduct::ReadOnly));
        let (outcome, said) = ended(&attempt);
        assert_eq!(outcome.exit, Some(1), "{code}: {said}");
        assert!(said.contains(code_of_error), "{code}: {said}");
        assert_eq!(shop.count("lines"), 20, "{code}");
    }
    let written = terms(Conduct::AsWritten(String::new()));
    let attempt = shop.start("SELECT * FROM reading.innocent;", written);
    assert_eq!(ended(&attempt).0.exit, Some(0));
    assert_eq!(shop.count("lines"), 0, "the same text does write");
}

#[test]
fn a_stop_rolls_back_whenever_it_comes() {
    let Some(shop) = Shop::open("stopped") else {
        return;
    };
    let stop = |attempt: &Attempt| {
        let mut control = Control::connect(&attempt.dir).unwrap();
        control.stop(StopStage::Int, "ana").unwrap();
    };
    let (attempt, _) = shop.held("DELETE FROM lines;");
    stop(&attempt);
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(130), "{said}");
    assert!(matches!(fate(&attempt), Some(Fate::RolledBack(_))));
    let code = "DELETE FROM lines;\n\
        DO $$ BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(1000); END $$;";
    let attempt = shop.start(code, terms(Conduct::Held));
    attempt.shows("asleep");
    stop(&attempt);
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(130), "{said}");
    assert!(said.contains("57014"), "{said}");
    assert!(matches!(fate(&attempt), Some(Fate::RolledBack(_))));
    assert_eq!(shop.count("lines"), 20);
}

#[test]
fn a_cancel_that_ends_nothing_is_asked_for_again() {
    let Some(shop) = Shop::open("caught") else {
        return;
    };
    let code = "DO $$ BEGIN\n\
        BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(1000);\n\
        EXCEPTION WHEN query_canceled THEN NULL; END;\n\
        DELETE FROM lines; PERFORM pg_sleep(1000); END $$;";
    for conduct in [Conduct::Held, Conduct::AsWritten(String::new())] {
        let attempt = shop.start(code, terms(conduct));
        attempt.shows("asleep");
        let mut control = Control::connect(&attempt.dir).unwrap();
        control.stop(StopStage::Int, "ana").unwrap();
        let (outcome, said) = ended(&attempt);
        assert_eq!(outcome.exit, Some(130), "{said}");
        assert!(said.contains("57014"), "{said}");
        assert_eq!(shop.count("lines"), 20);
    }
}

#[test]
fn whoever_is_killed_while_it_waits_it_is_known_to_be_rolled_back() {
    let Some(shop) = Shop::open("killed") else {
        return;
    };
    // The program itself.
    let (attempt, _) = shop.held("DELETE FROM lines;");
    kill9(program(&attempt));
    attempt.outcome();
    assert!(matches!(fate(&attempt), Some(Fate::RolledBack(_))));
    // The supervisor: its holder goes on, and so does the wait.
    let (attempt, _) = shop.held("DELETE FROM lines WHERE id = 1;");
    kill9(attempt.supervisor());
    settle(&attempt.dir, true).unwrap();
    assert_eq!(attempt.outcome().exit, Some(0));
    assert_eq!(fate(&attempt), Some(Fate::Committed));
    // Everybody who watched it.
    let (attempt, _) = shop.held("DELETE FROM lines;");
    attempt.loses_both();
    let gone = || matches!(Supervised::default().find(&attempt.dir), Found::Ended(_));
    wait_for(gone, || {
        format!("{:?}", Supervised::default().find(&attempt.dir))
    });
    assert!(matches!(fate(&attempt), Some(Fate::RolledBack(_))));
    // The server's side of the connection.
    let (attempt, _) = shop.held("DELETE FROM lines;");
    shop.tells(
        &shop.its(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'lines'::regclass",
        ),
    );
    let (outcome, said) = ended(&attempt);
    assert_eq!(outcome.exit, Some(3), "{said}");
    assert!(
        said.contains("connection was lost while it waited"),
        "{said}"
    );
    assert_eq!(shop.count("lines"), 18);
}

#[test]
fn a_commit_without_an_answer_is_asked_for_and_else_not_known() {
    // A server of its own: a COMMIT that waits for a standby which never comes is final and
    // unanswered.
    let Some(cluster) = Cluster::or_skip(false) else {
        return;
    };
    let bench = Bench::new();
    let start = |code: &str, conduct| {
        let mut spec = spec_at(&cluster, &bench, code);
        spec.terms = Some(terms(conduct));
        bench.start(&spec)
    };
    let tell = |code: &str| {
        let attempt = start(code, Conduct::AsWritten(String::new()));
        assert_eq!(attempt.outcome().exit, Some(0), "{}", attempt.output());
        attempt.output()
    };
    tell("CREATE TABLE t (n int);\nALTER SYSTEM SET synchronous_standby_names = 'nobody';");
    tell("SELECT pg_reload_conf();");
    let hangs = "SELECT 'hangs' FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let commit = || {
        let attempt = start("INSERT INTO t VALUES (1);", Conduct::Held);
        asked(&attempt);
        settle(&attempt.dir, true).unwrap();
        wait_for(|| tell(hangs).contains("hangs\r"), || attempt.output());
        attempt
    };
    let end_it =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let attempt = commit();
    tell(end_it);
    assert_eq!(attempt.outcome().exit, Some(0), "{}", attempt.output());
    assert!(attempt.output().contains("no answer to COMMIT"));
    assert_eq!(fate(&attempt), Some(Fate::Committed));
    let attempt = commit();
    kill9(program(&attempt));
    attempt.outcome();
    match Supervised::default().find(&attempt.dir) {
        Found::Lost(why) => assert!(why.contains("txid_status("), "{why}"),
        other => panic!("{other:?}"),
    }
    tell(end_it);
}

#[test]
fn limits_are_kept_and_a_server_that_is_silent_is_not_waited_for() {
    let Some(shop) = Shop::open("limits") else {
        return;
    };
    let (holds, _) = shop.held("LOCK TABLE lines; DELETE FROM lines WHERE id = 1;");
    let mut short = terms(Conduct::Held);
    short.lock_timeout_s = Some(1);
    let (outcome, said) = ended(&shop.start("DELETE FROM lines;", short));
    assert_eq!(outcome.exit, Some(1));
    assert!(said.contains("lock timeout (55P03)"), "{said}");
    settle(&holds.dir, false).unwrap();
    holds.outcome();
    let mut short = terms(Conduct::ReadOnly);
    short.statement_timeout_s = Some(1);
    let (outcome, said) = ended(&shop.start("SELECT pg_sleep(1000);", short));
    assert_eq!(outcome.exit, Some(1));
    assert!(said.contains("statement timeout (57014)"), "{said}");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut spec = spec_at(&shop.cluster, &shop.bench, "SELECT 1");
    let url = format!("postgresql://ana@127.0.0.1:{port}/shop?connect_timeout=1");
    spec.env.push(("DATABASE_URL".to_owned(), url));
    spec.env.push(("PGHOST".to_owned(), String::new()));
    let (outcome, said) = shop.bench.run(&spec);
    assert_eq!(outcome.exit, Some(2), "{said}");
    assert!(said.contains("did not answer within 1 s"), "{said}");
}
