//! Clients of databases. SQL that can be seen is judged as SQL; SQL in a file cannot be seen.

use super::{has, has_only, listed, operands, says, value_of};
use crate::script::shell::calls::Call;
use crate::script::shell::feed::{fed, printed};
use crate::script::{Judged, sql};

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "psql" | "pgcli" | "cockroach" => {
            client(call, program, &["-c", "--command", "-e", "--execute"])
        }
        "mysql" | "mariadb" | "clickhouse-client" => {
            client(call, program, &["-e", "--execute", "-q", "--query"])
        }
        "sqlite3" | "duckdb" => embedded(call, program),
        "pg_restore" => pg_restore(call),
        "dropdb" | "dropuser" => {
            Judged::irreversible(format!("{program} drops it with all it holds"))
        }
        "createdb" | "createuser" => Judged::changes(format!("{program} makes it")),
        "pg_dump" | "pg_dumpall" | "mysqldump" | "mariadb-dump" => dump(call, program),
        "pg_basebackup" | "mongodump" | "mongoexport" => {
            Judged::changes(format!("{program} writes files"))
        }
        "mongorestore" | "mongoimport" => {
            Judged::irreversible(format!("{program} writes over data"))
        }
        "mysqladmin" => mysqladmin(call),
        "pg_ctl" | "pg_ctlcluster" if says(call, "status") => Judged::reads(),
        "pg_lsclusters" | "pg_controldata" | "pg_config" | "pg_amcheck" | "pg_verifybackup" => {
            Judged::reads()
        }
        "redis-cli" | "valkey-cli" | "keydb-cli" => redis(call),
        "mongo" | "mongosh" => mongo(call, program),
        "cqlsh" | "vsql" | "usql" | "trino" | "presto" | "impala-shell" | "hive" | "beeline"
        | "snowsql" | "sqlcmd" => {
            let options = ["-e", "--execute", "-c", "-q", "-Q", "--query"];
            told(call, program, &options).unwrap_or_else(|| {
                Judged::changes(format!(
                    "{program} opens a session in which anything may be done"
                ))
            })
        }
        "bq" => bigquery(call),
        "sqlplus" | "sqlcl" | "isql" | "tsql" | "db2" => told_by_input(call, program),
        "nc" | "ncat" | "telnet" | "socat" => over_a_wire(call)?,
        "sftp" | "ftp" | "lftp" => files_there(call, program),
        "patronictl" => patroni(call),
        "pgbackrest" | "wal-g" | "barman" | "restic" | "borg" | "velero" => backups(call, program),
        _ => return None,
    })
}

/// A program that takes SQL by option, by input, or from a file.
fn client(call: &Call, program: &str, options: &[&str]) -> Judged {
    let looks = has_only(call, 'l', "qtAX")
        || says(call, "--list")
        || says(call, "--version")
        || says(call, "-V");
    told(call, program, options).unwrap_or_else(|| {
        if looks {
            Judged::reads()
        } else {
            Judged::changes(format!(
                "{program} opens a session in which anything may be done"
            ))
        }
    })
}

/// What such a program is told; none where nothing tells it what to do.
fn told(call: &Call, program: &str, options: &[&str]) -> Option<Judged> {
    let mut judged: Option<Judged> = None;
    let mut add = |next: Judged| {
        judged = Some(
            judged
                .take()
                .map_or(next.clone(), |worst| worst.worse(next)),
        );
    };
    for text in statements(call, options) {
        add(sql::danger(text));
    }
    for file in file_options(call)
        .into_iter()
        .chain(call.reads.iter().map(String::as_str))
    {
        add(from_file(program, file));
    }
    if let Some(text) = &call.input {
        add(sql::danger(text));
    }
    if let Some(piped) = &call.piped {
        add(from_pipe(piped, program));
    }
    if let Some(file) = value_of(call, &["-o", "--output", "-L", "--log-file"]) {
        add(Judged::changes(format!("{program} writes the file {file}")));
    }
    judged
}

/// `bq query 'DELETE …'`, `bq rm -r x`
fn bigquery(call: &Call) -> Judged {
    let words = operands(call);
    match words.first().copied().unwrap_or_default() {
        "rm" => Judged::irreversible("bq rm removes it"),
        "ls" | "show" | "head" | "version" | "help" => Judged::reads(),
        "query" => {
            let judged = words.iter().skip(1).filter(|w| w.contains(' '));
            judged.fold(
                Judged::changes("bq query runs SQL where what it costs and changes is not known"),
                |worst, text| worst.worse(sql::danger(text)),
            )
        }
        first => Judged::changes(format!("bq {first} changes data or jobs")),
    }
}

/// SQL that a hosting client hands to a database: `wrangler d1 execute shop --command="…"`,
/// `heroku pg:psql -c "…"`.
pub(super) fn hosted(call: &Call, program: &str) -> Option<Judged> {
    const OPTIONS: &[&str] = &["-c", "--command", "-q", "--query"];
    let words = operands(call);
    let into = match program {
        "wrangler" => words.starts_with(&["d1", "execute"]),
        "heroku" => listed("pg:psql", words.first().copied().unwrap_or("")),
        "supabase" | "turso" => {
            words.first() == Some(&"db")
                && words
                    .get(1)
                    .is_some_and(|w| listed("query execute shell", w))
        }
        _ => false,
    };
    let told = !statements(call, OPTIONS).is_empty() || !file_options(call).is_empty();
    (into && told).then(|| client(call, program, OPTIONS))
}

/// The values of the options that hold SQL: `-c x`, `-tAc x`, `--command=x`.
fn statements<'a>(call: &'a Call, options: &[&str]) -> Vec<&'a str> {
    let args: Vec<&str> = call.args().collect();
    let letters: Vec<char> = options
        .iter()
        .filter(|o| !o.starts_with("--"))
        .filter_map(|o| o.chars().nth(1))
        .collect();
    let mut found = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        let long = arg
            .split_once('=')
            .filter(|(name, _)| name.starts_with("--") && options.contains(name));
        let short = arg.starts_with('-')
            && !arg.starts_with("--")
            && arg.chars().skip(1).all(|c| c.is_ascii_alphabetic())
            && letters.iter().any(|l| arg.ends_with(*l));
        if let Some((_, text)) = long {
            found.push(text);
        } else if options.contains(arg) || short {
            found.extend(args.get(at + 1).copied());
        } else if let Some(text) = letters
            .iter()
            .find_map(|l| arg.strip_prefix(&format!("-{l}")[..]))
            && text.contains(' ')
        {
            found.push(text);
        }
    }
    found
}

fn file_options(call: &Call) -> Vec<&str> {
    value_of(call, &["-f", "--file"]).into_iter().collect()
}

/// SQL in a file is not seen; a backup or a restoring script takes the place of what is there.
fn from_file(program: &str, file: &str) -> Judged {
    let lower = file.to_lowercase();
    let replaces = [
        "backup",
        "dump",
        "restore",
        "rollback",
        "down",
        "drop",
        "reset",
        "pre_deploy",
        "snapshot",
    ];
    if replaces.iter().any(|word| lower.contains(word)) {
        return Judged::irreversible(format!(
            "{program} runs {file}, which is not seen here, over the database"
        ));
    }
    Judged::changes(format!("{program} runs {file}, which is not seen here"))
}

/// SQL that another command prints.
fn from_pipe(piped: &Call, program: &str) -> Judged {
    if let Some(text) = printed(piped) {
        let judged = sql::danger(&text.text);
        return if text.whole {
            judged
        } else {
            Judged::changes(format!("{program} runs what another command prints")).worse(judged)
        };
    }
    let unpacks = piped.program().is_some_and(|p| {
        matches!(
            p,
            "gunzip" | "zcat" | "cat" | "pg_restore" | "gzip" | "xzcat" | "zstd" | "bzcat"
        )
    });
    if unpacks {
        let file = operands(piped)
            .last()
            .copied()
            .unwrap_or("a file")
            .to_owned();
        return from_file(program, &file).worse(Judged::irreversible(format!(
            "{program} runs what {file} holds over the database"
        )));
    }
    Judged::changes(format!("{program} runs what another command prints"))
}

fn embedded(call: &Call, program: &str) -> Judged {
    let texts = operands(call);
    let mut judged = texts.iter().skip(1).fold(Judged::reads(), |worst, text| {
        let harmless = [
            ".tables",
            ".schema",
            ".databases",
            ".indexes",
            ".headers",
            ".mode",
        ];
        let one = if harmless.iter().any(|h| text.starts_with(h)) {
            Judged::reads()
        } else {
            sql::danger(text)
        };
        worst.worse(one)
    });
    for file in &call.reads {
        judged = judged.worse(from_file(program, file));
    }
    if let Some(text) = &call.input {
        judged = judged.worse(sql::danger(text));
    }
    if let Some(piped) = &call.piped {
        judged = judged.worse(from_pipe(piped, program));
    }
    let session =
        texts.len() < 2 && call.reads.is_empty() && call.input.is_none() && call.piped.is_none();
    if session {
        return Judged::changes(format!(
            "{program} opens a session in which anything may be done"
        ));
    }
    judged
}

fn pg_restore(call: &Call) -> Judged {
    if says(call, "-l") || says(call, "--list") {
        return Judged::reads();
    }
    let named = |a: &str| a.starts_with("--dbname") || a.contains("://");
    let target = has(call, "-d") || call.args().any(named);
    if !target && has(call, "-f") && value_of(call, &["-f"]) != Some("-") {
        return Judged::changes("pg_restore writes a file");
    }
    match value_of(call, &["-f", "--file"]) {
        _ if target => Judged::irreversible("pg_restore writes over the database"),
        Some(file) if file != "-" => Judged::changes(format!("pg_restore writes the file {file}")),
        // Without a database it prints the script.
        _ => Judged::reads(),
    }
}

fn dump(call: &Call, program: &str) -> Judged {
    let joined = program.starts_with("pg_") && has(call, "-f");
    let deletes = call
        .args()
        .any(|a| a.starts_with("--delete") || a.starts_with("--flush"));
    if deletes {
        return Judged::changes(format!("{program} changes the server's logs"));
    }
    match value_of(
        call,
        &["-f", "--file", "-r", "--result-file", "--tab", "-T"],
    ) {
        Some("-") => Judged::reads(),
        Some(file) => Judged::changes(format!("{program} writes the file {file}")),
        None if joined => Judged::changes(format!("{program} writes a file")),
        None => Judged::reads(),
    }
}

fn mysqladmin(call: &Call) -> Judged {
    if says(call, "drop") {
        return Judged::irreversible("mysqladmin drop drops a database");
    }
    let reads = [
        "status",
        "extended-status",
        "ping",
        "processlist",
        "variables",
        "version",
    ];
    if call.args().any(|a| reads.contains(&a)) {
        Judged::reads()
    } else {
        Judged::changes("mysqladmin changes the server")
    }
}

fn redis(call: &Call) -> Judged {
    let with_value = [
        "-h",
        "-p",
        "-a",
        "-n",
        "-u",
        "-s",
        "--user",
        "--pass",
        "-r",
        "-i",
        "-d",
        "-D",
        "-X",
        "--cacert",
        "--cacertdir",
        "--cert",
        "--key",
        "--sni",
    ];
    let args: Vec<&str> = call.args().collect();
    let mut at = 0;
    while let Some(arg) = args.get(at).filter(|a| a.starts_with('-')) {
        if matches!(
            *arg,
            "--stat" | "--latency" | "--bigkeys" | "--memkeys" | "--hotkeys" | "--scan"
        ) {
            return Judged::reads();
        }
        if *arg == "--rdb" {
            return Judged::changes("redis-cli --rdb writes a dump of the store to a file");
        }
        at += if with_value.contains(arg) { 2 } else { 1 };
    }
    let command = args.get(at..).unwrap_or_default();
    if !command.is_empty() {
        return redis_command(command);
    }
    let session = Judged::changes("redis-cli opens a session in which anything may be done");
    let Some(told) = fed(call) else {
        return session;
    };
    let lines = told.text.lines().map(str::trim).filter(|l| !l.is_empty());
    let judged = lines.fold(Judged::reads(), |worst, line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        worst.worse(redis_command(&words))
    });
    if told.whole {
        judged
    } else {
        session.worse(judged)
    }
}

/// A command of redis: its name and what it is given.
fn redis_command(words: &[&str]) -> Judged {
    let upper = |at: usize| words.get(at).map(|w| w.to_uppercase()).unwrap_or_default();
    let (verb, next) = (upper(0), upper(1));
    let reads = "PING INFO GET MGET KEYS SCAN EXISTS TTL PTTL TYPE LLEN LRANGE LINDEX HGET HGETALL HKEYS \
        HLEN HMGET SMEMBERS SCARD SISMEMBER ZRANGE ZCARD ZSCORE ZCOUNT XLEN XRANGE XINFO DBSIZE TIME \
        LASTSAVE STRLEN GETRANGE OBJECT MONITOR ECHO ROLE SELECT AUTH QUIT EXIT";
    let looks = listed("CONFIG CLIENT CLUSTER MEMORY SLOWLOG ACL LATENCY", &verb)
        && listed(
            "GET LIST INFO NODES STATS USAGE WHOAMI SLOTS ID DOCTOR",
            &next,
        );
    if listed(reads, &verb) || looks {
        return Judged::reads();
    }
    let script = listed("EVAL EVALSHA FCALL", &verb);
    let flushes = |w: &&str| {
        ["flushall", "flushdb", "'del'", "'unlink'"]
            .iter()
            .any(|f| w.to_lowercase().contains(f))
    };
    if script && words.iter().any(flushes) {
        return Judged::irreversible("the script removes keys for good");
    }
    if listed("FLUSHALL FLUSHDB DEL UNLINK SWAPDB GETDEL", &verb) {
        return Judged::irreversible(format!("{verb} removes keys for good"));
    }
    Judged::changes(format!("redis-cli {verb} changes the store"))
}

fn mongo(call: &Call, program: &str) -> Judged {
    let told = fed(call);
    let text = value_of(call, &["--eval", "-e"]).or(told.as_ref().map(|t| t.text.as_str()));
    let whole = told.as_ref().is_none_or(|t| t.whole);
    let Some(text) = text else {
        return Judged::changes(format!(
            "{program} opens a session in which anything may be done"
        ));
    };
    let lower = text.to_lowercase();
    let any = |list: &'static str| list.split_whitespace().find(|word| lower.contains(word));
    let lost =
        ".drop dropdatabase deletemany deleteone .remove dropindex dropcollection $out $merge";
    if let Some(word) = any(lost) {
        let word = word.trim_matches(['.', '$']);
        return Judged::irreversible(format!("{word} removes data"));
    }
    let reads =
        ".find( .findone( .count .stats( show rs.status serverstatus .getindexes db.version";
    let acts = "update insert replace save create rs.re rs.step rs.add rs.init run command shutdown \
        rename write delete modify load( set kill fsync grant revoke eval require while function";
    if whole && any(reads).is_some() && any(acts).is_none() {
        Judged::reads()
    } else {
        Judged::changes(format!("{program} runs code in the database"))
    }
}

/// A client that takes its SQL as input, or from a file that `@` names.
fn told_by_input(call: &Call, program: &str) -> Judged {
    let session = Judged::changes(format!(
        "{program} opens a session in which anything may be done"
    ));
    let files = call.args().filter_map(|a| a.strip_prefix('@'));
    let files = files.chain(call.reads.iter().map(String::as_str));
    let run = files.fold(Judged::reads(), |worst, file| {
        worst.worse(from_file(program, file))
    });
    let Some(told) = fed(call) else {
        return session.worse(run);
    };
    let judged = sql::danger(&told.text).worse(run);
    if told.whole {
        judged
    } else {
        session.worse(judged)
    }
}

/// Commands that empty a store and are sent to its port by hand.
pub(super) fn over_a_wire(call: &Call) -> Option<Judged> {
    let told = fed(call)?.text.to_lowercase();
    let empties = ["flushall", "flushdb", "flush_all"];
    let word = empties.iter().find(|word| told.contains(*word))?;
    Some(Judged::irreversible(format!(
        "{word} removes keys for good"
    )))
}

/// Files on another machine, by commands that are given as input or by option.
fn files_there(call: &Call, program: &str) -> Judged {
    let told = fed(call).map(|told| told.text).unwrap_or_default();
    let option = value_of(call, &["-c", "-e"]).unwrap_or_default();
    let mut commands = told.lines().chain(option.split(';'));
    let removes = commands.any(|command| {
        let first = command.split_whitespace().next().unwrap_or_default();
        listed(
            "rm rmdir del delete mdelete mrm glob-rm",
            first.trim_start_matches('-'),
        ) || first == "mirror" && command.contains("--delete")
    });
    if removes {
        return Judged::irreversible(format!("{program} removes files on the other machine"));
    }
    Judged::changes(format!("{program} may change files on either side"))
}

fn patroni(call: &Call) -> Judged {
    let words = operands(call);
    if words
        .iter()
        .any(|w| listed("list topology history show-config version dsn", w))
    {
        return Judged::reads();
    }
    if words.contains(&"remove") || words.contains(&"reinit") {
        return Judged::irreversible("patronictl removes a member's data");
    }
    Judged::changes("patronictl changes the cluster")
}

fn backups(call: &Call, program: &str) -> Judged {
    let words = operands(call);
    let first = words.first().copied().unwrap_or("");
    let last = words.last().copied().unwrap_or("");
    let reads = "info list check verify snapshots ls stats diff get describe logs version list-backup \
        list-backups show-backup backup-list wal-show status";
    if listed(reads, first) || listed(reads, last) {
        return Judged::reads();
    }
    if words.iter().any(|w| {
        w.contains("restore")
            || w.contains("delete")
            || w.contains("forget")
            || w.contains("prune")
            || w.contains("expire")
            || w.contains("fetch")
            || w.contains("recover")
    }) {
        return Judged::irreversible(format!("{program} {first} writes over or removes data"));
    }
    Judged::changes(format!("{program} {first} changes backups"))
}
