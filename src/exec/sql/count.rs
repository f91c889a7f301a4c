//! Counting what a transaction has changed before it is final: by the server's own statistics of
//! this transaction, so that triggers, cascades and queries within queries are counted too; and
//! the rows of a table before it is emptied.

use crate::domain::transaction::{Shut, Touched};
use tokio_postgres::{Client, SimpleQueryMessage};

/// Tables of this transaction with what was changed in them. Temporary ones are nobody's data.
const TOUCHED: &str = "SELECT schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del \
    FROM pg_catalog.pg_stat_xact_user_tables \
    WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname NOT LIKE 'pg\\_%' \
    ORDER BY 1, 2";

/// Whether the server counts what is changed in tables; it may be told not to.
pub(super) const COUNTS: &str = "SHOW track_counts";

/// Tables that nobody else can write, or even read, while this transaction is open. What it has
/// made itself is known to nobody else: the row of its first column tells, that is never written
/// again.
const SHUT: &str = "SELECT n.nspname, c.relname, \
    bool_or(l.mode = 'AccessExclusiveLock') FROM pg_catalog.pg_locks l \
    JOIN pg_catalog.pg_class c ON c.oid = l.relation \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = -1 \
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND c.relkind IN ('r', 'p', 'm') \
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
    AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') \
    AND n.nspname NOT LIKE 'pg\\_%' \
    AND a.xmin::text <> (pg_catalog.txid_current() % 4294967296)::text \
    GROUP BY 1, 2 ORDER BY 1, 2";

/// The number of this transaction at the server, if it has written anything.
pub(super) const XID: &str = "SELECT pg_catalog.txid_current_if_assigned()";

/// How long the rows of a table may be counted before an estimate has to do.
const COUNTING: &str = "SET LOCAL statement_timeout = '5s'";

/// The rows of a query that we ask ourselves.
pub(super) async fn ask(
    client: &Client,
    query: &str,
) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
    let messages = client.simple_query(query).await?;
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(
            (0..row.len())
                .map(|at| row.try_get(at).ok().flatten().map(str::to_owned))
                .collect(),
        ),
        _ => None,
    });
    Ok(rows.collect())
}

/// The first value of a query.
pub(super) async fn value(
    client: &Client,
    query: &str,
) -> Result<Option<String>, tokio_postgres::Error> {
    let rows = ask(client, query).await?;
    Ok(rows.into_iter().next().and_then(|r| r.into_iter().next()?))
}

/// What was changed, by table.
pub(super) async fn touched(client: &Client) -> Result<Vec<Touched>, tokio_postgres::Error> {
    let rows = ask(client, TOUCHED).await?;
    Ok(rows.into_iter().filter_map(|row| one(&row)).collect())
}

/// What nobody else can use meanwhile.
pub(super) async fn shut(client: &Client) -> Result<Vec<Shut>, tokio_postgres::Error> {
    let rows = ask(client, SHUT).await?;
    let one = |row: Vec<Option<String>>| match row.as_slice() {
        [Some(schema), Some(table), unreadable] => Some(Shut {
            table: full_name(schema, table),
            unreadable: unreadable.as_deref() == Some("t"),
        }),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

fn full_name(schema: &str, table: &str) -> String {
    match schema {
        "public" => table.to_owned(),
        _ => format!("{schema}.{table}"),
    }
}

fn one(row: &[Option<String>]) -> Option<Touched> {
    let [schema, table, inserted, updated, deleted] = row else {
        return None;
    };
    let number = |text: &Option<String>| text.as_ref().and_then(|t| t.parse().ok()).unwrap_or(0);
    let (schema, table) = (schema.as_deref()?, table.as_deref()?);
    Some(Touched {
        table: full_name(schema, table),
        inserted: number(inserted),
        updated: number(updated),
        deleted: number(deleted),
        emptied: None,
    })
}

/// What the tables hold that are about to be emptied or dropped.
pub(super) struct Emptied {
    pub tables: Vec<Touched>,
    /// All of them were counted, and nothing else goes with them.
    pub exact: bool,
}

/// What a statement is about to take away with all it holds. Leaves the transaction as it was.
pub(super) async fn emptied(
    client: &Client,
    statement: &str,
) -> Result<Emptied, tokio_postgres::Error> {
    let (names, cascades) = taken_away(statement);
    let mut exact = !names.is_empty() && !cascades;
    let mut tables = Vec::new();
    for name in names {
        let literal = name.replace('\'', "''");
        let known = format!(
            "SELECT reltuples::bigint FROM pg_catalog.pg_class \
             WHERE oid = pg_catalog.to_regclass('{literal}')"
        );
        client.batch_execute("SAVEPOINT backout_counts").await?;
        let about = value(client, &known).await.ok().flatten();
        let counted = match about {
            Some(_) => count(client, &name).await,
            None => None,
        };
        client
            .batch_execute("ROLLBACK TO backout_counts; RELEASE backout_counts")
            .await?;
        let Some(about) = about else {
            continue;
        };
        let estimate = about.parse::<u64>().unwrap_or(0);
        let table = match counted {
            Some(_) => name,
            None => format!("{name} (by an estimate)"),
        };
        exact &= counted.is_some();
        tables.push(Touched {
            table,
            emptied: Some(counted.unwrap_or(estimate)),
            ..Touched::default()
        });
    }
    Ok(Emptied { tables, exact })
}

async fn count(client: &Client, name: &str) -> Option<u64> {
    client.batch_execute(COUNTING).await.ok()?;
    let rows = value(client, &format!("SELECT count(*) FROM {name}")).await;
    rows.ok().flatten()?.parse().ok()
}

/// The tables that `TRUNCATE` or `DROP TABLE` names, and whether others go with them.
fn taken_away(statement: &str) -> (Vec<String>, bool) {
    use crate::script::sql::{SqlPlace, places};
    let seen = places(statement);
    let bare: String = statement
        .char_indices()
        .filter(|(at, c)| seen.at(*at) != SqlPlace::Comment && *c != ';')
        .map(|(_, c)| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = bare.split(' ').filter(|w| !w.is_empty()).collect();
    let upper: Vec<String> = words.iter().map(|w| w.to_uppercase()).collect();
    let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
    let skip = match upper.as_slice() {
        ["TRUNCATE", "TABLE", ..] | ["DROP", "TABLE"] => 2,
        ["TRUNCATE", ..] => 1,
        ["DROP", "TABLE", "IF", "EXISTS", ..] => 4,
        ["DROP", "TABLE", ..] => 2,
        _ => return (Vec::new(), false),
    };
    let ends = ["RESTART", "CONTINUE", "CASCADE", "RESTRICT"];
    let names: Vec<&str> = words
        .iter()
        .zip(&upper)
        .skip(skip)
        .take_while(|(_, upper)| !ends.contains(upper))
        .filter(|(_, upper)| **upper != "ONLY")
        .map(|(word, _)| *word)
        .collect();
    // A blank or a comma in a quoted name is beyond this: such a name is found nowhere.
    let names = names.join(" ");
    let names = names.split(',').map(|n| n.trim().trim_end_matches('*'));
    let names = names.map(|n| n.trim().to_owned()).filter(|n| is_name(n));
    (names.collect(), upper.contains(&"CASCADE"))
}

/// Whether a text can only be a name: it becomes part of a query.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_that_go_are_named() {
        for (statement, want, cascades) in [
            ("TRUNCATE orders;", &["orders"][..], false),
            (
                "truncate table only a, b.c RESTART IDENTITY CASCADE",
                &["a", "b.c"],
                true,
            ),
            ("-- x\nDROP TABLE IF EXISTS \"Old\";", &["\"Old\""], false),
            ("DROP TABLE a;", &["a"], false),
            ("DROP TABLE \"a b\"", &[], false),
            ("DELETE FROM a", &[], false),
        ] {
            let (names, others) = taken_away(statement);
            assert_eq!(
                (names.as_slice(), others),
                (want.map_owned().as_slice(), cascades)
            );
        }
    }

    trait Owned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl Owned for &[&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|s| (*s).to_owned()).collect()
        }
    }
}
