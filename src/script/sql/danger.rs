//! How much harm SQL can do, judged statement by statement.
//!
//! By the words of the statement, quoted parts left out; the parser is asked as well before
//! anything is called harmless. What is not known to only read changes things.

use sqlparser::dialect::{GenericDialect, PostgreSqlDialect};
use sqlparser::parser::Parser;

use super::every::{means_every_row, within};
use super::places::{SqlPlace, places};
use super::split::{Statement, split};
use crate::script::{Danger, Judged, shell};

/// Functions that only compute or look. Any other may change things.
const FUNCTIONS: &str = "abs age any_value array_agg array_length array_to_string avg bool_and bool_or \
    btrim cardinality cast ceil ceiling char_length character_length coalesce col_description concat \
    concat_ws convert_from count cume_dist current_database current_date current_schema \
    current_setting current_time current_timestamp current_user date date_part date_trunc datetime \
    decode dense_rank encode every exists extract first_value floor format format_type generate_series \
    greatest has_table_privilege host if ifnull in initcap inet_server_addr inet_server_port \
    iif isfinite json_agg json_array_length json_build_object json_extract jsonb_agg \
    jsonb_array_elements jsonb_array_length jsonb_build_object jsonb_each jsonb_extract_path \
    jsonb_extract_path_text jsonb_object_keys jsonb_pretty jsonb_typeof json_array_elements json_each \
    julianday justify_interval lag last_value lead least left length localtime localtimestamp log lower \
    lpad ltrim make_date make_interval max md5 min mod mode now ntile nullif num_nulls obj_description \
    octet_length overlay percent_rank percentile_cont percentile_disc pg_backend_pid \
    pg_blocking_pids pg_column_size pg_conf_load_time pg_current_wal_lsn pg_database_size \
    pg_encoding_to_char pg_get_constraintdef pg_get_expr pg_get_functiondef pg_get_indexdef \
    pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_index_size pg_indexes_size \
    pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp \
    pg_postmaster_start_time pg_relation_size pg_size_pretty pg_table_is_visible pg_table_size \
    pg_total_relation_size pg_typeof pg_wal_lsn_diff position power rank regexp_count regexp_match \
    regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table repeat replace reverse \
    right round row row_number row_to_json rpad rtrim session_user sign split_part sqrt starts_with \
    statement_timestamp stddev strftime string_agg string_to_array strpos substr substring sum \
    timeofday timezone to_char to_date to_hex to_json to_jsonb to_number to_regclass to_timestamp \
    total translate trim trunc unnest upper values variance version width_bucket \
    varchar char numeric decimal interval timestamp timestamptz time over filter within group as on \
    using materialized and or not when then else select where having from by between like with distinct limit \
    offset any some all union except intersect join lateral array is";

/// A statement with more blanks and marks than this is not read.
const MOST_TOKENS: usize = 2_000;

/// How much harm a text of one or more statements can do.
#[must_use]
pub fn danger(code: &str) -> Judged {
    split(code)
        .iter()
        .fold(Judged::reads(), |worst, s| worst.worse(statement(s)))
}

/// Whether a text does nothing but read.
#[must_use]
pub fn reads_only(code: &str) -> bool {
    danger(code).danger == Danger::None
}

fn statement(statement: &Statement) -> Judged {
    // MySQL runs what stands in such a comment; psql acts on a backslash anywhere in a line.
    if statement.text.contains("/*!") {
        return Judged::changes("a comment in it is run by MySQL");
    }
    let words = words(&statement.text);
    let body = after_comments(&statement.text);
    if statement.psql_only && body.starts_with('\\') {
        return meta(body);
    }
    if let Some(line) = backslash(&statement.text) {
        return meta(line).worse(Judged::changes("a backslash command of psql ends it"));
    }
    let upper: Vec<String> = words.iter().map(|w| w.to_uppercase()).collect();
    let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
    let Some(first) = upper.first().copied() else {
        return Judged::reads();
    };
    match first {
        "SELECT" | "WITH" | "TABLE" | "VALUES" => query(&statement.text, &upper),
        "EXPLAIN" => explain(&statement.text, &upper),
        "SHOW" | "DESCRIBE" | "DESC" | "FETCH" | "USE" | "BEGIN" | "START" | "COMMIT" | "END"
        | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" | "RESET" | "DEALLOCATE" | "PRAGMA"
        | "SET" => harmless(&statement.text, first, &upper),
        "DROP" => dropped(&upper),
        "TRUNCATE" => Judged::irreversible("TRUNCATE empties the table"),
        "DELETE" => filtered("DELETE", &statement.text),
        "UPDATE" => filtered("UPDATE", &statement.text),
        "ALTER" => altered(&upper),
        "COPY" => copied(&statement.text, &upper),
        "CREATE" | "INSERT" | "GRANT" | "REVOKE" | "REINDEX" | "VACUUM" | "ANALYZE" | "REFRESH"
        | "COMMENT" | "MERGE" | "CALL" | "DO" | "LOCK" | "NOTIFY" | "CLUSTER" | "CHECKPOINT"
        | "EXECUTE" | "PREPARE" | "REPLACE" | "RENAME" => hidden_inside(&statement.text, first),
        "REASSIGN" | "FLUSH" | "PURGE" => Judged::irreversible(format!("{first} cannot be undone")),
        other => Judged::changes(format!("{other} is not known to only read")),
    }
}

/// The text without the comment lines that head it.
fn after_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    rest
}

/// From the first backslash outside quotes on.
fn backslash(text: &str) -> Option<&str> {
    let seen = places(text);
    let mut found = text.match_indices('\\').map(|(at, _)| at);
    text.get(found.find(|at| seen.at(*at) == SqlPlace::Bare)?..)
}

/// The words outside quotes and comments; dots join (`a.b` is one word), quoted parts are left out.
pub(super) fn words(text: &str) -> Vec<String> {
    let seen = places(text);
    let bare: String = text
        .char_indices()
        .map(|(at, c)| {
            if seen.at(at) == SqlPlace::Bare {
                c
            } else {
                ' '
            }
        })
        .collect();
    bare.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a statement is one to its end: closed by a semicolon, for psql, or read by a parser.
#[must_use]
pub fn is_statement(statement: &Statement) -> bool {
    statement.psql_only || statement.text.ends_with(';') || parses(&statement.text)
}

/// Whether a parser of SQL reads the text.
fn parses(text: &str) -> bool {
    // A chain of operators becomes a tree as deep as it is long, and giving that back to the
    // system goes as deep.
    let marks = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '\'' | '"');
    let seen = places(text);
    let tokens = text
        .char_indices()
        .filter(|(at, c)| marks(*c) && seen.at(*at) == SqlPlace::Bare);
    if tokens.take(MOST_TOKENS).count() == MOST_TOKENS {
        return false;
    }
    Parser::parse_sql(&PostgreSqlDialect {}, text).is_ok()
        || Parser::parse_sql(&GenericDialect {}, text).is_ok()
}

fn query(text: &str, upper: &[&str]) -> Judged {
    if let Some(verb) = within(text) {
        return filtered(verb, verb);
    }
    for (word, why) in [
        ("DELETE", "a query within it deletes rows"),
        ("UPDATE", "a query within it updates or locks rows"),
        ("INSERT", "a query within it inserts rows"),
        ("INTO", "SELECT INTO makes a table"),
        ("MERGE", "a query within it merges rows"),
        ("SHARE", "it locks rows"),
    ] {
        if upper.contains(&word) {
            return Judged::changes(why);
        }
    }
    if let Some(function) = unknown_function(text) {
        return Judged::changes(format!("it calls {function}, which may change things"));
    }
    if parses(text) {
        Judged::reads()
    } else {
        Judged::changes("backout could not read the SQL")
    }
}

/// The first name before a parenthesis that is not known to only read.
fn unknown_function(text: &str) -> Option<String> {
    let seen = places(text);
    // Comments become spaces: `f/**/(1)` calls f.
    let bare: String = text
        .char_indices()
        .map(|(at, c)| match seen.at(at) {
            SqlPlace::Comment => ' ',
            SqlPlace::Bare | SqlPlace::Identifier => c,
            SqlPlace::Text | SqlPlace::Escaped | SqlPlace::Dollar => '\'',
        })
        .collect();
    bare.match_indices('(').find_map(|(at, _)| {
        let before = bare.get(..at).unwrap_or("").trim_end();
        let head = before
            .trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '$'));
        let name = before.get(head.len()..).unwrap_or("");
        if name.is_empty() {
            return None;
        }
        let plain = name.to_lowercase();
        let plain = plain.strip_prefix("pg_catalog.").unwrap_or(&plain);
        // `WITH name (a)` and `AS name (a)` give a name, they call nothing.
        let named = matches!(last_word(head).as_str(), "WITH" | "RECURSIVE" | "AS");
        let known = named || FUNCTIONS.split_whitespace().any(|f| f == plain);
        (!known).then(|| name.to_owned())
    })
}

/// The last word of a text, in upper case.
fn last_word(text: &str) -> String {
    text.split_whitespace()
        .next_back()
        .unwrap_or("")
        .to_uppercase()
}

fn explain(text: &str, upper: &[&str]) -> Judged {
    if !upper.contains(&"ANALYZE") {
        return Judged::reads();
    }
    let from = upper
        .iter()
        .position(|w| matches!(*w, "SELECT" | "WITH" | "TABLE" | "VALUES"));
    match from {
        Some(from) => query(text, upper.get(from..).unwrap_or_default()),
        None => match within(text) {
            Some(verb) => filtered(verb, verb),
            None => Judged::changes("EXPLAIN ANALYZE runs the statement"),
        },
    }
}

fn harmless(text: &str, first: &str, upper: &[&str]) -> Judged {
    let second = upper.get(1).copied().unwrap_or("");
    match first {
        "PRAGMA" => pragma(text, second),
        "RESET" if matches!(second, "MASTER" | "SLAVE" | "REPLICA" | "BINARY" | "QUERY") => {
            Judged::irreversible(format!("RESET {second} removes logs"))
        }
        "START" if !matches!(second, "TRANSACTION" | "") => {
            Judged::changes(format!("START {second} changes the server"))
        }
        _ if writes_again(first, upper) => {
            Judged::changes(format!("{first} lets what follows write"))
        }
        _ if upper.contains(&"PREPARED") => {
            Judged::changes(format!("{first} PREPARED ends a prepared transaction"))
        }
        "SET"
            if ["GLOBAL", "PERSIST", "PASSWORD"]
                .iter()
                .any(|w| upper.contains(w)) =>
        {
            Judged::changes("SET changes the server")
        }
        _ => Judged::reads(),
    }
}

/// Whether a statement takes away that a transaction only reads.
fn writes_again(first: &str, upper: &[&str]) -> bool {
    let read_write = upper.windows(2).any(|pair| pair == ["READ", "WRITE"]);
    let names_it = upper.iter().any(|w| {
        matches!(
            *w,
            "TRANSACTION_READ_ONLY" | "DEFAULT_TRANSACTION_READ_ONLY"
        )
    });
    read_write || names_it || (first == "RESET" && upper.get(1) == Some(&"ALL"))
}

/// Pragmas of `SQLite` that only look; the first of them take an argument.
fn pragma(text: &str, name: &str) -> Judged {
    let of_something = "TABLE_INFO INDEX_LIST INDEX_INFO FOREIGN_KEY_LIST FOREIGN_KEY_CHECK";
    let plain = "INTEGRITY_CHECK QUICK_CHECK DATABASE_LIST TABLE_LIST COMPILE_OPTIONS USER_VERSION \
        PAGE_COUNT PAGE_SIZE";
    let among = |list: &str| list.split_whitespace().any(|known| known == name);
    let sets = text.contains(['=', '(']);
    if among(of_something) || among(plain) && !sets {
        return Judged::reads();
    }
    Judged::changes("PRAGMA may set something")
}

fn dropped(upper: &[&str]) -> Judged {
    let what = upper.get(1).copied().unwrap_or("");
    // What only speeds up or restricts can be made again from its definition.
    if what == "INDEX" {
        return Judged::changes("DROP INDEX removes an index, which can be built again");
    }
    Judged::irreversible(format!("DROP {what} removes it with all it holds"))
}

fn filtered(verb: &str, text: &str) -> Judged {
    if means_every_row(text) {
        return Judged::irreversible(format!("{verb} without WHERE changes every row"));
    }
    Judged::changes(format!("{verb} changes the rows that match"))
}

fn altered(upper: &[&str]) -> Judged {
    let kept = ["CONSTRAINT", "DEFAULT", "NOT", "EXPRESSION", "IDENTITY"];
    let lost = upper
        .windows(2)
        .any(|pair| matches!(pair, ["DROP", what] if !kept.contains(what)));
    if lost {
        return Judged::irreversible("ALTER … DROP removes a column with its data");
    }
    if upper.contains(&"TYPE") && upper.contains(&"COLUMN") {
        return Judged::changes("ALTER … TYPE rewrites a column");
    }
    Judged::changes("ALTER changes the schema")
}

/// What stands behind the word PROGRAM outside quotes.
fn program(text: &str) -> Option<&str> {
    let seen = places(text);
    let upper = text.to_ascii_uppercase();
    let mut found = upper.match_indices(" PROGRAM").map(|(at, _)| at);
    let at = found.find(|at| seen.at(*at) == SqlPlace::Bare)?;
    text.get(at + " PROGRAM".len()..)
}

/// A command that the server or the client runs, from its first quote on.
fn command(text: &str) -> Judged {
    let quoted = text.split('\'').nth(1).unwrap_or_default();
    Judged::changes("COPY … PROGRAM runs a command").worse(shell::danger(quoted))
}

fn copied(text: &str, upper: &[&str]) -> Judged {
    if let Some(after) = program(text) {
        return command(after);
    }
    let to = upper.iter().position(|w| *w == "TO");
    match to {
        Some(at) if upper.get(at + 1) == Some(&"STDOUT") => match unknown_function(text) {
            Some(function) => {
                Judged::changes(format!("it calls {function}, which may change things"))
            }
            None => Judged::reads(),
        },
        Some(_) => Judged::changes("COPY TO writes a file"),
        None => Judged::changes("COPY FROM adds rows"),
    }
}

/// Whether a statement copies from or to the client.
pub(super) fn copies_by_client(text: &str) -> bool {
    let words: Vec<String> = words(text).iter().map(|w| w.to_uppercase()).collect();
    let client = |w: &String| w == "STDIN" || w == "STDOUT";
    words.first().is_some_and(|w| w == "COPY") && words.iter().any(client)
}

/// `DO $$ … $$`, `CREATE FUNCTION`, `EXECUTE`: what they run is text; what destroys shows in it.
fn hidden_inside(text: &str, first: &str) -> Judged {
    let upper = text.to_uppercase();
    let destroys = [
        "DROP TABLE",
        "DROP DATABASE",
        "DROP SCHEMA",
        "TRUNCATE",
        "DROP COLUMN",
    ];
    if let Some(what) = destroys
        .iter()
        .find(|d| first == "DO" && upper.contains(*d))
    {
        return Judged::irreversible(format!("{first} runs {what}"));
    }
    Judged::changes(format!("{first} changes the database"))
}

/// A backslash command of psql.
fn meta(text: &str) -> Judged {
    let word = text.trim_start().trim_start_matches('\\');
    let name: String = word
        .chars()
        .take_while(|c| c.is_ascii_alphabetic() || *c == '!')
        .collect();
    if let Some(after) = program(text).filter(|_| name == "copy") {
        return command(after);
    }
    match name.as_str() {
        "copy" if text.to_uppercase().contains(" TO STDOUT") => Judged::reads(),
        "copy" => Judged::changes("\\copy reads or writes a file"),
        "i" | "ir" | "include" | "gexec" => {
            Judged::changes(format!("\\{name} runs SQL that is not seen here"))
        }
        "!" => Judged::changes("\\! runs a command")
            .worse(shell::danger(word.strip_prefix('!').unwrap_or_default())),
        "o" | "out" | "w" | "write" | "s" | "g" | "gx" if word.len() > name.len() => {
            Judged::changes(format!("\\{name} writes a file"))
        }
        "password" | "lo" => Judged::changes(format!("\\{name} changes the database")),
        _ => Judged::reads(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_judged_by_what_they_do() {
        for (code, want) in [
            (
                "SELECT table_name FROM information_schema.tables WHERE x LIKE '%DROP TABLE%';",
                Danger::None,
            ),
            (
                "SELECT COUNT(*) as n, COUNT(DISTINCT a) FROM t GROUP BY b HAVING count(*) > 1",
                Danger::None,
            ),
            (
                "-- note\nSELECT CASE WHEN value = '\"v\"'::jsonb THEN 'a' ELSE 'b' END AS s FROM c WHERE k IN ('x')",
                Danger::None,
            ),
            ("WITH a AS (SELECT 1) SELECT * FROM a", Danger::None),
            (
                "WITH RECURSIVE a (n) AS (SELECT 1) SELECT n FROM (VALUES (1)) AS t (n)",
                Danger::None,
            ),
            (
                "SELECT x::numeric(10,2), count(*) FILTER (WHERE y IN (1)) OVER (PARTITION BY z) FROM t",
                Danger::None,
            ),
            ("PRAGMA table_info(a)", Danger::None),
            ("EXPLAIN DELETE FROM t", Danger::None),
            (
                "SHOW server_version; BEGIN; ROLLBACK; SET x = 1;",
                Danger::None,
            ),
            ("\\dt\n\\d projects\n", Danger::None),
            ("", Danger::None),
            (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
                Danger::Changes,
            ),
            ("SELECT setval('s', 1)", Danger::Changes),
            ("SELECT * INTO b FROM a", Danger::Changes),
            (
                "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
                Danger::Irreversible,
            ),
            ("EXPLAIN ANALYZE DELETE FROM t", Danger::Irreversible),
            ("SELECT a FROM (", Danger::Changes),
            ("SELECT setval/**/('s', 1)", Danger::Changes),
            (
                "WITH x AS (SELECT 1) SELECT  setval ('s', 1)",
                Danger::Changes,
            ),
            ("SELECT \"pg_terminate_backend\"(1)", Danger::Changes),
            ("SELECT evil.count(*)", Danger::Changes),
            ("SELECT 1 /*! ; DROP TABLE a */", Danger::Changes),
            ("SELECT 'drop table a' \\gexec", Danger::Changes),
            ("COPY (SELECT setval('s', 1)) TO STDOUT", Danger::Changes),
            ("SET GLOBAL x = 1", Danger::Changes),
            ("COMMIT PREPARED 'x'", Danger::Changes),
            ("PRAGMA user_version = 5", Danger::Changes),
            ("RESET MASTER", Danger::Irreversible),
            ("UPDATE a SET b = 1 WHERE c = 2", Danger::Changes),
            ("DELETE FROM a WHERE c = 2", Danger::Changes),
            ("COPY t TO '/tmp/x.csv' CSV HEADER;", Danger::Changes),
            ("DROP INDEX IF EXISTS i;", Danger::Changes),
            ("ALTER TABLE a DROP CONSTRAINT c", Danger::Changes),
            ("INSERT INTO a VALUES (1)", Danger::Changes),
            ("\\i x.sql\n", Danger::Changes),
            ("\\! rm x\n", Danger::Irreversible),
            ("please look", Danger::Changes),
            ("UPDATE a SET b = 'WHERE'", Danger::Irreversible),
            ("DELETE FROM a", Danger::Irreversible),
            ("DELETE FROM a -- WHERE x\n", Danger::Irreversible),
            ("BEGIN; DROP TABLE a CASCADE; COMMIT;", Danger::Irreversible),
            ("DROP DATABASE x", Danger::Irreversible),
            ("TRUNCATE a, b", Danger::Irreversible),
            (
                "ALTER TABLE a\n  DROP COLUMN IF EXISTS b,\n  DROP COLUMN c;",
                Danger::Irreversible,
            ),
            (
                "DO $$ BEGIN EXECUTE 'DROP TABLE a'; END $$",
                Danger::Irreversible,
            ),
        ] {
            let judged = danger(code);
            assert_eq!(judged.danger, want, "{code}: {}", judged.why);
            assert_eq!(reads_only(code), want == Danger::None);
        }
    }

    #[test]
    fn deep_and_long_statements_are_judged_and_never_overflow() {
        for shape in [
            format!("SELECT 1{}", "+1".repeat(50_000)),
            format!("SELECT {}1", "(".repeat(20_000)),
            format!("SELECT {}1", "NOT ".repeat(20_000)),
            format!("SELECT {}1", "CASE WHEN ".repeat(5_000)),
            format!("SELECT 1{}", " UNION SELECT 1".repeat(5_000)),
            format!("SELECT {}1", "- ".repeat(20_000)),
            format!("SELECT a{}", "[1]".repeat(20_000)),
            format!("SELECT a{}", "::int".repeat(20_000)),
            format!("SELECT 1{}", " AND a".repeat(20_000)),
            format!("WITH {}", "a AS (WITH ".repeat(5_000)),
        ] {
            assert!(danger(&shape).danger <= Danger::Changes, "{}", &shape[..20]);
        }
    }
}
