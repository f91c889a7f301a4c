//! What a block of code really is, whatever its label says.
//!
//! Content outranks the label; an unlabelled block is nothing to run unless it is shell or SQL
//! beyond doubt. The judgements about commands come from `script`; this file only asks.

use super::clicks;
use super::judge;
use super::output;
use super::words::each;
use crate::domain::plan::{ActionKind, Danger};
use crate::script::{self, http, shell, windows};

/// What a block is, and what is wrong with its label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// How it would be carried out.
    pub kind: ActionKind,
    /// What the label hides, if it does.
    pub mislabelled: Option<String>,
}

const SHELL: &[&str] = &[
    "bash|sh|shell|zsh|ksh|console|terminal|shell-session|shellsession",
    "shellscript|sh-session|bash-session|cli",
];
const SQL: &[&str] = &[
    "sql",
    "psql",
    "postgres",
    "postgresql",
    "pgsql",
    "mysql",
    "plpgsql",
    "sqlite",
];

/// The label stands for a shell.
#[must_use]
pub fn is_shell_label(lang: &str) -> bool {
    each(SHELL).any(|w| w == lang)
}

/// The label stands for SQL.
#[must_use]
pub fn is_sql_label(lang: &str) -> bool {
    each(SQL).any(|w| w == lang)
}

/// A block without a label, or with one that says "just text".
#[must_use]
pub fn is_unlabelled(lang: &str) -> bool {
    matches!(lang, "" | "text" | "txt" | "plaintext" | "plain" | "none")
}

/// What a block is.
#[must_use]
pub fn see(lang: &str, code: &str) -> Seen {
    if code.trim().is_empty() {
        return as_labelled(ActionKind::Text);
    }
    let (quiet, _) = output::set_apart(code);
    let code = quiet.as_ref();
    if is_shell_label(lang) {
        return see_shell(lang, code);
    }
    if is_sql_label(lang) {
        if only_comments(code, "--") {
            return as_labelled(ActionKind::Manual);
        }
        if !shell::looks_like_sql(code) && shell::looks_like_shell(code) {
            return lies(ActionKind::Shell, "shell commands");
        }
        return as_labelled(ActionKind::Sql);
    }
    if is_unlabelled(lang) {
        return see_unlabelled(code);
    }
    if windows::dialect(lang).is_some() {
        return as_labelled(ActionKind::Manual);
    }
    if lang == "http" && is_request(code) {
        return as_labelled(ActionKind::Http);
    }
    if matches!(
        lang,
        "python"
            | "py"
            | "javascript"
            | "js"
            | "typescript"
            | "ts"
            | "ruby"
            | "php"
            | "yaml"
            | "ini"
            | "toml"
            | "json"
    ) && shell::looks_like_shell(code)
        && !only_comments(code, "#")
        && !only_comments(code, "//")
    {
        return lies(ActionKind::Shell, "shell commands");
    }
    as_labelled(ActionKind::Text)
}

/// Boxes to tick, in front of things to do or of the ways there are: a shell would take each box
/// for a test.
fn has_boxes(code: &str) -> bool {
    let mut lines = code.lines().map(str::trim).filter(|l| !l.is_empty());
    let several = |l: &str| boxes(l).len() >= 2;
    let boxed = |l: &str| boxes(l).first() == Some(&0);
    let form = code.contains("___");
    let all = lines
        .clone()
        .all(|l| boxed(l) || several(l) || l.ends_with(':'));
    !form && (all && lines.clone().any(|l| !boxes(l).is_empty()) || lines.any(several))
}

/// Where the empty boxes of a line begin, each in front of a word.
#[must_use]
pub fn boxes(line: &str) -> Vec<usize> {
    const BOXES: &[&str] = &["[ ] ", "[] ", "☐ ", "□ "];
    let starts = |at: usize| {
        let rest = line.get(at..).unwrap_or_default();
        BOXES.iter().any(|b| rest.starts_with(b))
    };
    let apart = |at: usize| {
        let before = line.get(..at).and_then(|b| b.chars().next_back());
        before.is_none_or(char::is_whitespace)
    };
    line.char_indices()
        .map(|(at, _)| at)
        .filter(|at| starts(*at) && apart(*at))
        .collect()
}

fn see_unlabelled(code: &str) -> Seen {
    if has_boxes(code) {
        return as_labelled(ActionKind::Manual);
    }
    if has_prompt(code) || (shell::looks_like_shell(code) && !only_comments(code, "#")) {
        return as_labelled(ActionKind::Shell);
    }
    if shell::looks_like_sql(code) && code.contains(';') {
        return as_labelled(ActionKind::Sql);
    }
    if headed(code).is_some() {
        return as_labelled(ActionKind::Shell);
    }
    if clicks::asks_for_them(code) {
        return as_labelled(ActionKind::Manual);
    }
    as_labelled(ActionKind::Text)
}

/// `wait for the team` begins like shell and is a sentence.
fn is_maybe_sentence(line: &str) -> bool {
    let words = [
        "wait", "select", "exit", "return", "set", "true", "false", "eval",
    ];
    let first = line.split_whitespace().next().unwrap_or_default();
    words.contains(&first) && line != first && shell::commented_out(line).is_none()
}

/// `1. Stop it` with its commands below, and so on: the same text with the numbered lines as
/// comments, where all that stands below them is shell beyond doubt.
#[must_use]
pub fn headed(code: &str) -> Option<String> {
    let mut heads = 0;
    let mut empty = false;
    let mut lines = Vec::new();
    for line in code.lines() {
        let text = line.trim();
        let head = !text.starts_with('#') && shell::number_of(text) == Some(heads + 1);
        if head && !empty && line.starts_with(text) {
            heads += 1;
            empty = true;
            lines.push(format!("# {text}"));
            continue;
        }
        if heads == 0 && !text.is_empty() {
            return None;
        }
        if is_maybe_sentence(text) {
            return None;
        }
        empty &= text.is_empty() || text.starts_with('#');
        lines.push(line.to_owned());
    }
    let commented = lines.join("\n");
    (heads >= 2 && !empty && shell::looks_like_shell(&commented)).then_some(commented)
}

fn see_shell(lang: &str, code: &str) -> Seen {
    if only_comments(code, "#") {
        return as_labelled(ActionKind::Manual);
    }
    if matches!(
        lang,
        "console" | "shell-session" | "shellsession" | "sh-session" | "terminal"
    ) && has_prompt(code)
    {
        return as_labelled(ActionKind::Shell);
    }
    if is_crontab(code) {
        return lies(ActionKind::Text, "lines of a crontab, not commands");
    }
    // A sample says of itself that it is one, and is shown with its command.
    let sample = |l: &str| {
        l.trim()
            .strip_prefix('#')
            .is_some_and(shell::is_expectation)
    };
    if output::is_data(code) && !code.lines().any(sample) {
        return lies(ActionKind::Text, "lines of data, not commands");
    }
    if is_list_of_names(code) {
        return lies(ActionKind::Text, "names of files, not commands");
    }
    // The common case, told by one reading.
    if shell::looks_like_shell(code) {
        return as_labelled(ActionKind::Shell);
    }
    let commands = begins_with_program(code) && shell::parses(code).is_ok();
    if !commands && shell::looks_like_sql(code) {
        return lies(ActionKind::Sql, "SQL");
    }
    if is_bare_url(code) {
        return lies(ActionKind::Text, "an address, not a command");
    }
    if !commands && shell::looks_like_prose(code) {
        return lies(ActionKind::Manual, "words to a person");
    }
    if !begins_with_program(code) && !opens_inside(code) && shell::looks_like_program(code) {
        return lies(ActionKind::Text, "a program in another language");
    }
    if shell::parses(code).is_err()
        && !opens_inside(code)
        && !has_prompt(code)
        && !begins_with_program(code)
        && !shell::begins_commands(code)
    {
        return lies(ActionKind::Text, "something that is no shell script");
    }
    as_labelled(ActionKind::Shell)
}

fn as_labelled(kind: ActionKind) -> Seen {
    Seen {
        kind,
        mislabelled: None,
    }
}

fn lies(kind: ActionKind, what: &str) -> Seen {
    Seen {
        kind,
        mislabelled: Some(what.to_owned()),
    }
}

fn only_comments(code: &str, mark: &str) -> bool {
    code.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .all(|l| l.starts_with(mark) && !l.starts_with("#!"))
}

fn is_bare_url(code: &str) -> bool {
    let mut lines = code
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .peekable();
    lines.peek().is_some()
        && lines
            .all(|l| (l.starts_with("http://") || l.starts_with("https://")) && !l.contains(' '))
}

/// Lines of a schedule: `0 3 * * * /opt/backup.sh`, `@daily backup`. They are written into a
/// crontab, not run.
#[must_use]
pub fn is_crontab(code: &str) -> bool {
    let mut lines = code
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .peekable();
    lines.peek().is_some() && lines.all(is_schedule)
}

fn is_schedule(line: &str) -> bool {
    let mut words = line.split_whitespace();
    if let Some(name) = words.clone().next().and_then(|w| w.strip_prefix('@')) {
        let names = [
            "reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly",
        ];
        return names.contains(&name);
    }
    let fields: Vec<&str> = words.by_ref().take(5).collect();
    let field = |f: &&str| {
        f.starts_with(|c: char| c == '*' || c.is_ascii_digit())
            && f.chars()
                .all(|c| c.is_ascii_alphanumeric() || "*/,-".contains(c))
    };
    fields.len() == 5 && fields.iter().all(field) && fields.contains(&"*") && words.next().is_some()
}

/// Nothing but names and patterns of files, one a line, as in a `.gitignore`.
fn is_list_of_names(code: &str) -> bool {
    let mut named = 0;
    let mut telling = 0;
    for line in code.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let hidden = line.starts_with('.') && !line.starts_with("./") && !line.starts_with("..");
        let pattern = line.contains('*') || (line.ends_with('/') && line.len() > 1);
        if line.contains(char::is_whitespace) || line.contains(['=', '$', '(', ';', '&', '|', '`'])
        {
            return false;
        }
        named += 1;
        telling += usize::from(hidden || pattern);
    }
    named >= 2 && telling * 2 > named
}

fn is_request(code: &str) -> bool {
    let first = code.split_whitespace().next().unwrap_or_default();
    matches!(
        first,
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS"
    )
}

/// The first command opens something that the lines after it are meant for.
#[must_use]
pub fn opens_inside(code: &str) -> bool {
    code.lines().map(str::trim).any(|l| {
        let first = l.split_whitespace().next().unwrap_or_default();
        matches!(
            first,
            "psql" | "mysql" | "sqlite3" | "redis-cli" | "mongo" | "mongosh" | "ssh" | "su"
        ) || l.contains("exec -it")
            || l.contains("dbshell")
    })
}

fn begins_with_program(code: &str) -> bool {
    let first = code
        .lines()
        .map(str::trim)
        .find(|l| !l.is_empty() && !l.starts_with('#'))
        .unwrap_or_default();
    shell::looks_like_shell(first)
}

/// The prompt that a line of a console session begins with.
#[must_use]
pub fn prompt(line: &str) -> Option<&str> {
    let text = line.trim_start();
    if let Some(rest) = text.strip_prefix("$ ").or_else(|| text.strip_prefix("% ")) {
        return Some(rest);
    }
    let end = text.find(['#', '$'])?;
    let host = text.get(..end)?;
    let named = host.len() >= 3
        && !host.contains(' ')
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_@.:~/[]".contains(c))
        && (host.contains('-') || host.contains('@'));
    let rest = text.get(end + 1..)?.strip_prefix(' ')?;
    named.then_some(rest)
}

fn has_prompt(code: &str) -> bool {
    code.lines()
        .find(|l| !l.trim().is_empty() && !l.trim_start().starts_with("# "))
        .is_some_and(|l| prompt(l).is_some())
}

/// The code of a console session as commands with what each printed.
#[must_use]
pub fn session(code: &str) -> Option<Vec<(u32, String, String)>> {
    if !has_prompt(code) {
        return None;
    }
    let mut found: Vec<(u32, String, String)> = Vec::new();
    let mut goes_on = false;
    for (at, line) in code.lines().enumerate() {
        let number = u32::try_from(at).unwrap_or(0);
        if let Some(command) = prompt(line) {
            found.push((number, command.to_owned(), String::new()));
            goes_on = command.trim_end().ends_with('\\');
        } else if let Some((_, command, output)) = found.last_mut() {
            let into = if goes_on { &mut *command } else { &mut *output };
            if goes_on || !into.is_empty() {
                into.push('\n');
            }
            into.push_str(line);
            goes_on = goes_on && line.trim_end().ends_with('\\');
        }
    }
    Some(found)
}

/// How much harm an action can do, and why it is thought so.
#[must_use]
pub fn danger(kind: ActionKind, code: &str) -> (Danger, String) {
    match kind {
        ActionKind::Shell => judge::shell(code),
        ActionKind::Sql => judge::sql(code),
        ActionKind::Http => match http::danger(code).danger {
            script::Danger::None => (Danger::None, String::new()),
            _ => (
                Danger::Changes,
                "a request that may change things".to_owned(),
            ),
        },
        ActionKind::Manual | ActionKind::Include | ActionKind::Text => {
            (Danger::None, String::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_outranks_the_label() {
        let cases = [
            ("bash", "npm ci\nnpm run build", ActionKind::Shell, false),
            (
                "bash",
                "# tell the team\n# wait for them",
                ActionKind::Manual,
                false,
            ),
            (
                "bash",
                "DELETE FROM shop WHERE id = 1;",
                ActionKind::Sql,
                true,
            ),
            ("bash", "https://ci.example/job", ActionKind::Text, true),
            (
                "python",
                "python tools/check.py --all",
                ActionKind::Shell,
                true,
            ),
            (
                "python",
                "from a import b\nc = b()\nc.go(x='y')",
                ActionKind::Text,
                false,
            ),
            ("", "Click the green button", ActionKind::Manual, false),
            ("", "systemctl stop shop", ActionKind::Shell, false),
            (
                "http",
                "GET http://localhost/health",
                ActionKind::Http,
                false,
            ),
            ("json", "{\"a\": 1}", ActionKind::Text, false),
            (
                "bash",
                "# keep these out:\n.secrets\n*.pem\nbuild/",
                ActionKind::Text,
                true,
            ),
            ("bash", "./stop.sh\n./start.sh", ActionKind::Shell, false),
        ];
        for (lang, code, kind, lies) in cases {
            let seen = see(lang, code);
            assert_eq!(
                (seen.kind, seen.mislabelled.is_some()),
                (kind, lies),
                "{lang}: {code}"
            );
        }
    }

    #[test]
    fn numbered_lines_over_commands_are_their_comments() {
        let code = "1. Stop it\n   systemctl stop till\n\n2. Start it\n   systemctl start till";
        assert_eq!(see("", code).kind, ActionKind::Shell);
        let commented = headed(code).unwrap_or_default();
        assert_eq!(commented.lines().count(), code.lines().count());
        assert!(commented.starts_with("# 1. Stop it\n"));
        for words in [
            "1. Stop it\n2. Start it",
            "1. Stop it\n   wait for the team\n2. Start it\n   systemctl start till",
            "1. Look\n   git log -3",
            "Plan:\n1. Stop\n   systemctl stop till\n2. Start\n   systemctl start till",
        ] {
            assert_ne!(see("", words).kind, ActionKind::Shell, "{words}");
        }
    }

    #[test]
    fn console_sessions_are_commands_and_output() {
        let got = session("$ systemctl is-active shop\nactive\n$ curl \\\n  localhost\nok\n");
        assert_eq!(
            got,
            Some(vec![
                (0, "systemctl is-active shop".into(), "active".into()),
                (2, "curl \\\n  localhost".into(), "ok".into()),
            ])
        );
        assert_eq!(session("echo a"), None);
    }
}
