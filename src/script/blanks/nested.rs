//! Program text within program text: the SQL of `psql -c "…"`, the script of `bash -c '…'`, the
//! JSON of `curl -d '{…}'`.
//!
//! A value that is quoted for the outer shell alone would be program text to the inner reader, so
//! the inner language is found out first.

use crate::script::places::{Place, Region};

/// What a quoted string or heredoc is to the program that gets it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Inner {
    /// Data.
    Data,
    /// JSON.
    Json,
    /// SQL; whether that database's strings have backslash escapes.
    Sql { backslash_escapes: bool },
    /// Code of the named program, which only plain values may enter.
    Program(String),
}

const SQL: &[&str] = &[
    "psql",
    "cockroach",
    "sqlite3",
    "duckdb",
    "mysql",
    "mariadb",
    "clickhouse-client",
];
const SHELLS: &[&str] = &["bash", "sh", "zsh", "dash", "ksh", "su", "runuser", "fish"];
const LANGUAGES: &[&str] = &[
    "python",
    "python2",
    "python3",
    "node",
    "perl",
    "ruby",
    "php",
    "mongo",
    "mongosh",
    "deno",
    "bun",
    "rails",
    "osascript",
    "pwsh",
    "powershell",
    "cqlsh",
    "sqlcmd",
    "redis-cli",
    "influx",
    "lua",
    "luajit",
];
/// Programs that read even unquoted words of their arguments again as code.
const REJOINING: &[&str] = &[
    "eval",
    "ssh",
    "watch",
    "parallel",
    "pdsh",
    "clush",
    "pssh",
    "parallel-ssh",
];
/// Those that always read an argument as code, as it is handed to them.
const READERS: &[&str] = &["awk", "gawk", "mawk", "sed", "trap"];

/// Whether an unquoted word of the line so far is read again by another shell, and by which.
pub(super) fn reread(line: &str) -> Option<String> {
    words(line)
        .find(|w| REJOINING.contains(w))
        .map(str::to_owned)
}

/// What a quoted region or heredoc is to its program.
pub(super) fn inner(code: &str, region: &Region) -> Inner {
    let heredoc = matches!(region.place, Place::Heredoc | Place::HeredocRaw);
    let before = code.get(region.command..region.content.start).unwrap_or("");
    let first_line = before.trim_end_matches(['"', '\'', '$']);
    let content = code.get(region.content.clone()).unwrap_or("");
    let piped = if heredoc {
        first_line
    } else {
        rest_of_line(code, region.content.end)
    };
    let calls: Vec<&str> = words(first_line).collect();
    let flag = first_line.split_whitespace().next_back().unwrap_or("");
    let fed = heredoc || first_line.trim_end().ends_with("<<<");

    if let Some(reader) = calls
        .iter()
        .find(|w| REJOINING.contains(w) || READERS.contains(w))
    {
        return Inner::Program((*reader).to_owned());
    }
    if let Some(program) = told_by_words(&calls, flag, first_line, fed) {
        return Inner::Program(program.to_owned());
    }
    let takes_code = fed || is_code_flag(flag);
    let interpreter = |w: &&&str| SHELLS.contains(*w) || LANGUAGES.contains(*w);
    if let Some(program) = calls.iter().find(interpreter).filter(|_| takes_code) {
        return Inner::Program((*program).to_owned());
    }
    if let Some(database) = calls.iter().find(|w| SQL.contains(w)) {
        let positional = matches!(*database, "sqlite3" | "duckdb") && content.contains(' ');
        if takes_code || positional {
            return Inner::Sql {
                backslash_escapes: escapes(database),
            };
        }
    }
    match piped_to(piped) {
        Some(database) if SQL.contains(&database) => Inner::Sql {
            backslash_escapes: escapes(database),
        },
        Some(program)
            if SHELLS.contains(&program)
                || LANGUAGES.contains(&program)
                || matches!(program, "ssh" | "at" | "batch") =>
        {
            Inner::Program(program.to_owned())
        }
        _ if is_json(content) => Inner::Json,
        _ => Inner::Data,
    }
}

/// The program that reads a string as commands because of the words before it: `salt '*' cmd.run
/// "…"`, `ansible all -a "…"`, `aws ssm send-command --parameters …`.
fn told_by_words<'a>(calls: &[&'a str], flag: &str, before: &str, fed: bool) -> Option<&'a str> {
    let has = |word: &str| calls.contains(&word);
    let first = calls
        .iter()
        .copied()
        .find(|w| *w != "sudo" && !w.starts_with('-'))?;
    let named = |name: &str| calls.iter().copied().find(|w| *w == name);
    let told = match first {
        "salt" | "salt-ssh" | "salt-call" => {
            has("cmd.run") || has("cmd.shell") || has("cmd.script")
        }
        "ansible" => matches!(flag, "-a" | "--args" | "--args="),
        "aws" => has("ssm") && has("send-command") && before.contains("--parameters"),
        "az" => has("run-command") && before.contains("--scripts"),
        "heroku" => has("run"),
        "script" => flag == "--command" || flag.starts_with('-') && flag.ends_with('c'),
        "at" | "batch" => fed,
        _ => false,
    };
    if told {
        return Some(first);
    }
    if has("rails") && (has("runner") || has("r")) {
        return named("rails");
    }
    named("jq").filter(|_| is_filter(before))
}

/// Whether what follows is the filter of jq: no word before it is one, and none wants a value.
fn is_filter(before: &str) -> bool {
    let after = before.rsplit("jq").next().unwrap_or_default();
    let mut words = after.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "--arg" | "--argjson" | "--slurpfile" | "--rawfile" => {
                if words.next().is_none() || words.next().is_none() {
                    return false;
                }
            }
            "--indent" | "-L" | "-f" | "--from-file" => {
                words.next();
            }
            _ if word.starts_with('-') => {}
            _ => return false,
        }
    }
    true
}

fn escapes(database: &str) -> bool {
    matches!(database, "mysql" | "mariadb" | "clickhouse-client")
}

/// The names of what a stretch of a line calls or passes, without their directories.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', '\t', '\n', '|', ';', '&', '(', '`'])
        .filter(|w| !w.is_empty())
        .map(|w| w.rsplit('/').next().unwrap_or(w))
}

fn rest_of_line(code: &str, from: usize) -> &str {
    code.get(from..).unwrap_or("").lines().next().unwrap_or("")
}

/// The program after the first pipe of the rest of a line.
fn piped_to(rest: &str) -> Option<&str> {
    let (_, after) = rest.split_once('|')?;
    words(after).find(|w| *w != "sudo" && !w.starts_with('-'))
}

/// `-c`, `-lc`, `-tAc`, `-e`, `-r`, `--command=`, `--eval`, `--execute`
fn is_code_flag(flag: &str) -> bool {
    let long = flag.split('=').next().unwrap_or(flag);
    let short = flag.strip_prefix('-').filter(|f| !f.starts_with('-'));
    matches!(
        long,
        "--command" | "--eval" | "--execute" | "--exec" | "--run"
    ) || short
        .is_some_and(|f| f.ends_with(['c', 'e', 'r']) && f.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Whether the text begins as a JSON object or array does.
fn is_json(content: &str) -> bool {
    let content = content.trim_start();
    let after = |open: char| content.strip_prefix(open).map(str::trim_start);
    let object = after('{').is_some_and(|r| r.starts_with(['"', '}']) || r.starts_with("\\\""));
    let array = after('[').is_some_and(|r| r.starts_with(['{', '"']) || r.starts_with("\\\""));
    object || array
}

/// Whether a blank after this much of a JSON text stands inside a string of it.
pub(super) fn in_json_string(before: &str, place: Place) -> bool {
    // Inside double quotes of the shell every quote of the JSON is escaped once.
    let text = if place == Place::Double {
        before.replace("\\\"", "\"")
    } else {
        before.to_owned()
    };
    let mut inside = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '"' => inside = !inside,
            _ => {}
        }
    }
    inside
}
