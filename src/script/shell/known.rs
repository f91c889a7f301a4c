//! Whether a text looks like shell, SQL or prose to somebody who knows the usual programs.
//!
//! A heuristic, used where a fence has no label or a lying one, and for comments. It is strict:
//! what is not a command beyond doubt stays text.

use std::sync::LazyLock;

use super::parse::parses;
use crate::script::lists::Words;
use crate::script::places::{Place, scanned};
use crate::script::{blanks, sql};

/// Programs that plans call. One name a word, in alphabetical order.
const PROGRAMS: &str = "7z alembic amtool ansible ansible-playbook apachectl apt apt-get ark artisan aws \
    awk az base64 bash bundle bun cap cargo cat cd certbot chgrp chmod chown cp createdb crictl \
    crontab curl cut date dd deno df diff dig django-admin docker docker-compose dotnet dpkg drush \
    du dropdb echo eksctl env etcdctl exit export fdisk find firebase flask fly flyctl flyway free gcloud \
    gds-cli gitlab-runner gem gh git glab go goose gpg gradle grep gsutil gunicorn gunzip gzip head helm heroku \
    host hostname htop httpie id ifconfig initctl ip iptables java journalctl jq kafka-topics kill \
    killall knex kubectl kubectx kubens kustomize launchctl less liquibase ln ls lsof make md5sum \
    mix mkdir mongo mongodump mongorestore mongosh mount mv mvn mysql mysqladmin mysqlcheck mysqldump nano nc \
    netlify netstat nginx ncat node nohup npm npx nslookup oc openssl patronictl perl pg_basebackup \
    pg_ctl pg_dump pg_dumpall pg_isready pg_restore pgbackrest php ping pip pip3 pipenv pkill pm2 \
    pnpm podman poetry popd printenv printf prisma ps psql pulumi pwsh pytest pushd pwd python python3 rails \
    railway rabbitmqctl rake rclone read rbenv reboot redis-cli redis-server restic rm rmdir rsync ruby sam \
    scp screen sed sequelize serverless service set sh sha256sum skaffold sleep sops sort source \
    sqlite3 ss ssh stat stern strace su sudo supabase supervisorctl swift sysctl systemctl tail \
    tar tee telnet terraform terragrunt test time timeout tmux top touch tr traceroute tree trap \
    typeorm ufw umount uname uniq unset unzip uptime uv vault velero vercel vi vim vmstat watch \
    wc wget which while wrangler xargs yarn yq yum zcat zip zsh";

/// Second words that make a command of two plain words beyond doubt.
const SUBCOMMANDS: &str = "add apply attach branch build bundle checkout ci clean clone commit \
    config create current db delete deploy describe destroy diff disable down downgrade enable \
    exec fetch get head history images info init install list log login logs ls merge migrate \
    pause plan ps pull push rebase reload reset resolve restart restore resume revert rm rollback \
    rollout run save scale set show start stash stats status stop switch sync tag test top uninstall \
    up update upgrade use validate version ping flushall flushdb all pods deployments services";

/// Programs whose names are words of sentences too: these need an argument that no sentence has.
const WORDS_TOO: &str = "ark cap cat cut echo export find flask fly free go head host id java kill less \
    make mount node ping read reboot ruby screen sed service set sleep sort source split stern \
    strace swift tail test time timeout top touch tree trap unset vault watch which while \
    serve";

/// The words of a list, for quick look-ups: it is asked about every line of a plan.
type Listed = LazyLock<Words>;

static PROGRAM: Listed = LazyLock::new(|| PROGRAMS.split_whitespace().collect());
static SUBCOMMAND: Listed = LazyLock::new(|| SUBCOMMANDS.split_whitespace().collect());
static WORD_TOO: Listed = LazyLock::new(|| WORDS_TOO.split_whitespace().collect());

fn is_listed(list: &Listed, word: &str) -> bool {
    list.contains(word)
}

/// Whether a word calls a program by its path: `./x.sh`, `/usr/bin/x`, `scripts/x.sh`.
fn is_path(word: &str) -> bool {
    let plain = word
        .chars()
        .all(|c| c.is_alphanumeric() || "._/-~$".contains(c));
    let rooted = ["./", "../", "~/", "/"]
        .iter()
        .any(|p| word.len() > p.len() && word.starts_with(p));
    // `// words` is a comment of another language.
    plain
        && !word.starts_with("//")
        && (rooted || word.contains('/') && word.split('.').next_back() == Some("sh"))
}

/// `X=1` in front of a command, or alone.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether one line reads as a command: a known program with something that sentences lack.
pub(super) fn reads_as_command(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim();
    let mut words = line.split_whitespace();
    let mut first = words.next().unwrap_or("");
    while matches!(first, "sudo" | "time" | "nohup" | "exec") || is_assignment(first) {
        let Some(next) = words.next() else {
            return is_assignment(first) && !line.contains(' ');
        };
        first = next;
    }
    let sentence =
        line.ends_with(['.', ':', '?', '!', ',']) && !line.ends_with("..") && !line.ends_with(" .");
    if sentence {
        return false;
    }
    if is_path(first) || first.starts_with('>') {
        return true;
    }
    if !is_listed(&PROGRAM, first) {
        return false;
    }
    let rest: Vec<&str> = words.collect();
    let common = is_listed(&WORD_TOO, first);
    match rest.as_slice() {
        [] => matches!(
            first,
            "ls" | "pwd" | "exit" | "htop" | "df" | "uptime" | "reboot"
        ),
        [number] if matches!(first, "sleep" | "kill") => number.bytes().all(|b| b.is_ascii_digit()),
        [second, ..] if !common && is_listed(&SUBCOMMAND, second) => true,
        [target] if first == "make" => *target != "sure",
        words => {
            let telling = |w: &&str| {
                is_listed(&SUBCOMMAND, w)
                    || w.contains('-')
                    || w.contains(|c: char| c.is_ascii_digit())
            };
            words.iter().any(|word| is_technical(word))
                || !common && (words.len() <= 2 || words.iter().any(telling))
        }
    }
}

/// Whether a word is of a kind that sentences do not have.
fn is_technical(word: &str) -> bool {
    let inner = word.trim_end_matches(['.', ',', ')', ':']);
    word.starts_with(['-', '$', '/', '~', '"', '\'', '<', '|', '>', '{', '['])
        || inner.contains(['/', '=', '$', '*', '|', '@'])
        || inner.contains('.') && !inner.starts_with("e.g") && !inner.starts_with("i.e")
        || inner.contains('_')
        || inner == ".."
        || word == "&&"
}

/// Whether a text is shell beyond doubt: it parses, and every statement calls something known.
#[must_use]
pub fn looks_like_shell(text: &str) -> bool {
    // JSON parses as a group of commands.
    let json = || {
        let begins = text
            .trim_start()
            .starts_with(|c: char| "{[\"-tfn".contains(c) || c.is_ascii_digit());
        begins && serde_json::from_str::<serde_json::Value>(text).is_ok()
    };
    if json() || looks_like_sql(text) || parses(text).is_err() {
        return false;
    }
    let starts = statement_starts(text);
    !starts.is_empty() && starts.iter().all(|line| begins_as_shell(line))
}

/// Whether a statement begins as shell does; the rest of it parsed already.
fn begins_as_shell(line: &str) -> bool {
    let keywords = [
        "if", "for", "while", "until", "case", "function", "[[", "[", "{", "(", "((", "set", "cd",
        "exit", "return", "local", "declare", "eval", "true", "false", "wait", "select", ":", ".",
    ];
    let first = line.split_whitespace().next().unwrap_or("");
    let opener = keywords.contains(&first) || first.ends_with("()") || first.starts_with("((");
    let prompt = line.strip_prefix("$ ").unwrap_or(line);
    opener || is_assignment(first) || reads_as_command(prompt)
}

/// Whether the lines of a text, which a shell cannot read to its end, are commands for a good
/// part: a quote that is left open does not make words of them.
#[must_use]
pub fn begins_commands(text: &str) -> bool {
    let lines = text.lines().map(str::trim_end);
    let lines = lines.filter(|l| !l.is_empty() && !l.starts_with(['#', ' ', '\t']));
    let (mut commands, mut others) = (0, 0);
    for line in lines {
        let line = line.strip_prefix("$ ").unwrap_or(line);
        let first = line.split_whitespace().next().unwrap_or("");
        let inner = [
            "then", "do", "done", "else", "elif", "fi", "esac", "}", ")", ";;",
        ];
        if opens_compound(line) || begins_plainly(line) {
            commands += 1;
        } else if is_of_config(line) {
            return false;
        } else if !inner.contains(&first.trim_end_matches(';')) && !is_listed(&PROGRAM, first) {
            others += 1;
        }
    }
    commands > 0 && commands >= others
}

/// The head of a section, of a block or of a rule: `[client]`, `server {`, `all: main.o`.
fn is_of_config(line: &str) -> bool {
    let name = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || "_.- ".contains(c))
    };
    let section = line.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
    let block = line.strip_suffix('{').map(str::trim_end);
    let rule = line.split_once(':').map(|(head, _)| head);
    section.is_some_and(name)
        || block.is_some_and(name) && !line.starts_with("function ")
        || line.ends_with(':')
        || rule.is_some_and(|head| name(head) && !head.contains(' ') && head.len() > 1)
}

/// The first word is a program with its arguments, or a value that is put together there.
fn begins_plainly(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or("");
    let second = words.next().unwrap_or("");
    let value = first.split_once('=').map_or("", |(_, value)| value);
    let opens = |quote: char| value.starts_with(quote) && line.matches(quote).count() == 1;
    let opens = opens('"') || opens('\'');
    let sets = is_assignment(first) && (value.starts_with("$(") || opens);
    let moves = match first {
        "cd" => second.starts_with(['/', '~', '.', '$', '"']) || words.next() == Some("&&"),
        "set" => second.starts_with(['-', '+']),
        _ => false,
    };
    let only_sets = is_assignment(first) && second.is_empty();
    let says = is_listed(&PROGRAM, first) && !line.matches('"').count().is_multiple_of(2);
    sets || moves || says || first != "set" && !only_sets && reads_as_command(line)
}

/// The first line of a loop, a choice, a group, a test or a function.
fn opens_compound(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or("");
    let next = words.find(|word| *word != "!").unwrap_or("");
    let ends = |words: &[&str]| words.iter().any(|word| line.ends_with(word));
    let tests = matches!(next, "[" | "[[") && ends(&["]", "]]"]);
    match first {
        "for" | "select" => {
            words.next() == Some("in") && ends(&["; do", ";", ")", "\\", "}"])
                || line.starts_with("for ((")
        }
        "while" | "until" => ends(&["; do"]) || tests,
        "if" => ends(&["; then"]) || tests,
        "case" => words.next() == Some("in") && line.ends_with(" in"),
        "[" | "[[" => line.contains(']'),
        "function" => line.ends_with('{') && !line.contains('(') || line.ends_with("() {"),
        _ => first.ends_with("()") && line.trim_end_matches(['{', ' ']).ends_with("()"),
    }
}

/// The first line of every top-level statement of a shell text.
fn statement_starts(text: &str) -> Vec<String> {
    let masked = blanks::mask(text, "bash");
    let places = scanned(&masked);
    let mut starts = Vec::new();
    let (mut fresh, mut offset) = (true, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim();
        let comment = content.starts_with('#') && places.at(offset) != Place::Heredoc;
        if fresh && !content.is_empty() && !comment {
            starts.push(content.trim_end_matches('\\').trim_end().to_owned());
        }
        if !content.is_empty() {
            fresh = comment && fresh
                || places.line_closed.get(index).copied().unwrap_or(true) && !comment;
        }
        offset += line.len();
    }
    starts
}

/// Whether a text is SQL: its first word is a statement's, and it reads as statements.
#[must_use]
pub fn looks_like_sql(text: &str) -> bool {
    if !sql::may_begin_as_sql(text) {
        return false;
    }
    let statements = sql::split(&blanks::mask(text, "sql"));
    !statements.is_empty()
        && statements
            .iter()
            .all(|s| sql::begins_as_sql(&s.text) && sql::is_statement(s))
        && statements.iter().any(|s| !s.psql_only)
}

/// Whether a text is sentences rather than code: most of its lines begin as sentences do.
#[must_use]
pub fn looks_like_prose(text: &str) -> bool {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#') && !l.starts_with("--"))
        .collect();
    let prose = lines.iter().filter(|line| is_sentence(line)).count();
    !lines.is_empty() && prose * 2 > lines.len()
}

/// Whether a text is a program in a language such as JavaScript or Python: most of its statements
/// are calls with their arguments in brackets, declarations or `//` comments.
#[must_use]
pub fn looks_like_program(text: &str) -> bool {
    let starts = statement_starts(text);
    let foreign = starts.iter().filter(|line| is_of_program(line)).count();
    foreign * 2 > starts.len()
}

fn is_of_program(line: &str) -> bool {
    let declares = [
        "// ",
        "const ",
        "let ",
        "var ",
        "await ",
        "import ",
        "def ",
        "class ",
        "async ",
        "return ",
        "function ",
        "});",
        "})",
    ];
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    // `console.log('x')`; a function of a shell is declared by empty brackets.
    let call = line.find('(').is_some_and(|at| {
        let (before, rest) = line.split_at(at);
        let called = before.rsplit(' ').next().unwrap_or_default();
        !called.is_empty() && called.chars().all(name) && !rest.starts_with("()")
            || called.contains('.') && called.chars().all(name)
    });
    declares.iter().any(|d| line.starts_with(d)) && !line.starts_with("import -")
        || call
            && !line.contains("$(")
            && !is_listed(&PROGRAM, line.split(' ').next().unwrap_or(""))
}

fn is_sentence(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let listed = words.len() > 1
        && words
            .first()
            .is_some_and(|w| matches!(*w, "-" | "•" | "*" | "□" | "☐" | "✅" | "✓"));
    let numbered = words.first().is_some_and(|w| {
        w.ends_with(['.', ')'])
            && w.trim_end_matches(['.', ')'])
                .bytes()
                .all(|b| b.is_ascii_digit())
    });
    let capital = line.starts_with(char::is_uppercase)
        && words.len() >= 3
        && !words.iter().any(|w| is_technical(w))
        && !sql::begins_as_sql(line);
    listed || numbered || capital
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_is_recognised_beyond_doubt() {
        for text in [
            "git checkout v1\nnpm ci && npm run build\n",
            "python scripts/health_check.py --comprehensive\n",
            "# Emergency\n./scripts/rollback.sh [commit-hash]\n",
            "export A=1\nfor x in a b; do\n  echo $x\ndone\n",
            "cat > f <<EOF\nnot a command at all\nEOF\n",
            "sudo systemctl restart app\nB=$(date)\n",
            "vercel ls\nvercel rollback\n",
            "gcloud secrets versions list key\nmake test\n",
        ] {
            assert!(looks_like_shell(text), "{text}");
        }
    }

    #[test]
    fn a_quote_left_open_makes_no_words_of_a_command() {
        for text in [
            "systemctl start \"shop\n",
            "touch flag\nfor db in a b; do\n  restore \"$db\n",
            "if [ -f x ]; then\n  rm x\n",
            "undo() {\n  pg_restore x\nundo\n",
            "NAME=\"a b\necho $NAME\n",
            "[[ -f /x ] && rm /x\n",
            "for i in a; do\n  x\ndone\necho \"Restored:\n./start.sh\n",
        ] {
            assert!(parses(text).is_err() && begins_commands(text), "{text}");
        }
        for text in [
            "server:\n  port: 8080\n  (none)\n",
            "if in doubt, don't\n",
            "for help, ask the team (any of them\n",
            "while you wait, don't touch anything\n",
            "{ \"a\": [1, 2 }\n",
            "case closed (\n",
            "const a = () => {\n",
            "[client]\nuser=app\npassword=it's\n",
            "[Unit]\nDescription=Shop (api)\nExecStart=\"/opt/shop\n",
            "if ($host ~ [a-z]) {\n  return 1;\n}\n",
            "while x [0]:\n  (y\n",
            "all: main.o\n\tgcc -o x (y\n",
            "if the service is down [see above] (or slow), call\n",
            "for every shop in the list (see above), ask\n",
            "declare an incident (SEV-1\n",
            "case by case (see above) in\n",
            "Subject=Shop's down\nTo=all\n",
        ] {
            assert!(!begins_commands(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_shell_is_not_taken_for_it() {
        for text in [
            "",
            "# only a comment\n",
            "Click \"Run workflow\" button\n",
            "Subject: [URGENT] Rollback\n\nTeam, we are rolling back.\n",
            "1. Schedule drill\n2. Deploy to staging\n",
            "from config_manager import ConfigManager\nconfig = ConfigManager()\n",
            "NAME READY STATUS\nshop-1 1/1 Running\n",
            "SELECT 1;\n",
            "console.time('x');\n",
            "https://example.invalid/x\n",
            "{\n  \"a\": 1\n}\n",
            "Issue Detected\n    ↓\nIs it down? → YES\n",
        ] {
            assert!(!looks_like_shell(text), "{text}");
        }
    }

    #[test]
    fn sql_is_recognised() {
        assert!(looks_like_sql("-- check\nSELECT count(*) FROM t;\n\\dt\n"));
        assert!(looks_like_sql("BEGIN;\nDROP TABLE x;\nCOMMIT;\n"));
        assert!(!looks_like_sql("psql -c 'SELECT 1'\n"));
        assert!(!looks_like_sql("update the docs\n"));
        assert!(!looks_like_sql(
            "# Start database (if stopped)\nsystemctl start postgresql\n"
        ));
        assert!(!looks_like_sql(
            "ROLLBACK INCIDENT LOG\n=====\n\nIncident ID: ____\n"
        ));
        assert!(looks_like_sql("SELECT * FROM t WHERE id = <id>\n"));
        assert!(!looks_like_sql("-- only a comment\n"));
    }

    #[test]
    fn programs_in_other_languages_are_recognised() {
        for text in [
            "console.time('x');\n// Reload\nconsole.timeEnd('x');\n",
            "const a = 1;\nawait queue.close();\n",
            "import shop\nshop.back(to='v1')\n",
        ] {
            assert!(looks_like_program(text), "{text}");
        }
        for text in [
            "back() {\n  git checkout v1\n}\nback\n",
            "my-tool --do\nother-tool\n",
            "echo $(date)\n",
            "",
        ] {
            assert!(!looks_like_program(text), "{text}");
        }
    }

    #[test]
    fn prose_is_recognised() {
        assert!(looks_like_prose(
            "# Drill\n\n1. Schedule the drill\n2. Execute it\n"
        ));
        assert!(looks_like_prose(
            "Open the dashboard and look.\nRestart the service by hand now.\n"
        ));
        assert!(!looks_like_prose("git tag\nnpm ci\n"));
    }
}
