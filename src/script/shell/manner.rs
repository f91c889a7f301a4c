//! How a text runs: beside the work until it is stopped, or with a person at its keyboard.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::calls::{Call, calls};
use super::danger::{MOST_WRAPPERS, collect};
use super::inside::Inside;
use super::repl::{PROMPTS, fed, repls};
use super::tunnel::carries;
use super::wrappers::{Inner, unwrap};
use crate::script::lists::Words;

/// The programs of [`does_not_end`] and what begins a loop.
static WATCHING: LazyLock<Words> = LazyLock::new(|| {
    "watch htop iotop nethogs stern ngrok top ping ping6 tail journalctl dmesg docker docker-compose \
     podman oc kubectl pm2 vmstat iostat mpstat heroku fly flyctl vercel supabase railway aws \
     wrangler redis-cli gh npm yarn pnpm bun prisma drizzle-kit next vite nuxt astro uvicorn \
     ssh autossh socat cloud_sql_proxy cloud-sql-proxy gcloud \
     gunicorn nodemon serve http-server flask rails python python3 php while until for"
        .split_whitespace()
        .collect()
});

/// Whether a text may run until it is stopped: it holds one of the words that such a text has, or
/// a word with a quote or a backslash within, which can be any.
fn may_watch(code: &str) -> bool {
    let bytes = code.as_bytes();
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let sign = |b: &u8| matches!(b, b'"' | b'\'' | b'\\');
    let quoted = bytes
        .windows(3)
        .any(|three| matches!(three, [a, q, b] if sign(q) && part(a) && (part(b) || sign(b))));
    quoted
        || code
            .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
            .any(|word| WATCHING.contains(word))
}

/// Whether a text runs until it is stopped: `watch`, `tail -f`, `logs -f`, `while true`, port
/// forwarding, development servers.
#[must_use]
pub fn is_monitor(code: &str) -> bool {
    if !may_watch(code) {
        return false;
    }
    let endless = calls(code).is_ok_and(|found| {
        let watches = |c: &Call| !c.left && bare_program(c) == Some("watch");
        found.endless || found.all.iter().any(watches)
    });
    let (mut follows, mut ended) = (u32::from(endless), 0);
    collect(code, 0, &mut |call| {
        follows += u32::from(!call.left && does_not_end(call));
        ended += u32::from(!call.left && ends_what_feeds_it(call));
    });
    follows > ended
}

/// Whether a text stops by `timeout` what would not end: `timeout 15 tail -f app.log`.
#[must_use]
pub fn is_timed(code: &str) -> bool {
    let stops = |call: &Call| {
        let Some(Inner::Call(inner)) = unwrap(call) else {
            return false;
        };
        let own = matches!(call.program(), Some("timeout" | "gtimeout"));
        own || matches!(inner.program(), Some("timeout" | "gtimeout"))
    };
    is_monitor(code) && calls(code).is_ok_and(|found| found.all.iter().any(stops))
}

/// `tail -f x | head -20`, `… | grep -m 1 ready`: what it has seen enough of ends.
fn ends_what_feeds_it(call: &Call) -> bool {
    let enough = match call.program() {
        Some("head") => true,
        Some("grep") => call
            .args()
            .any(|a| a.starts_with("-m") || a == "-q" || a.starts_with("--max-count")),
        _ => false,
    };
    enough && call.piped.as_deref().is_some_and(does_not_end)
}

/// Whether a text only prepares what comes after it: where it runs and with which variables.
pub(super) fn only_sets_up(code: &str) -> bool {
    calls(code).is_ok_and(|found| {
        found.all.iter().all(|call| {
            let sets = matches!(
                call.program(),
                Some(
                    "cd" | "pushd"
                        | "export"
                        | "declare"
                        | "local"
                        | "readonly"
                        | "set"
                        | "source"
                        | "."
                )
            );
            sets && call.writes.is_empty()
        })
    })
}

fn bare_program(call: &Call) -> Option<&str> {
    let program = call.program()?;
    if matches!(program, "sudo" | "nohup" | "env") {
        return call
            .words
            .iter()
            .skip(1)
            .find(|w| !w.text.starts_with('-'))
            .map(|w| w.text.as_str());
    }
    Some(program)
}

fn does_not_end(call: &Call) -> bool {
    let Some(program) = call.program() else {
        return false;
    };
    let args: Vec<&str> = call.args().collect();
    let says = |word: &str| args.contains(&word);
    let follow = args.iter().any(|a| {
        matches!(*a, "--follow" | "--tail" | "--watch" | "-w" | "-F")
            || a.starts_with('-') && !a.starts_with("--") && a.contains('f') && a.len() <= 4
    });
    if carries(call) {
        return true;
    }
    let words: Vec<&str> = args
        .iter()
        .copied()
        .filter(|a| !a.starts_with('-'))
        .collect();
    let first = words.first().copied().unwrap_or("");
    match program {
        "watch" | "htop" | "iotop" | "nethogs" | "stern" | "ngrok" => true,
        // In batch mode with a count it ends by itself.
        "top" => !args
            .iter()
            .any(|a| a.starts_with("-n") || a.starts_with("-bn")),
        "ping" | "ping6" => !args
            .iter()
            .any(|a| a.starts_with("-c") || a.starts_with("-w")),
        "tail" | "journalctl" | "dmesg" => follow && !(program == "dmesg" && says("-F")),
        "docker" | "docker-compose" | "podman" | "oc" | "kubectl" => {
            let logs = words.contains(&"logs")
                && (says("-f") || says("--follow") || args.contains(&"-tf"));
            let watches = words.contains(&"get") && (says("-w") || says("--watch"));
            logs || watches || first == "proxy" || words.contains(&"stats") && !says("--no-stream")
        }
        "pm2" => (first == "logs" || first == "log") && !says("--nostream") || first == "monit",
        "vmstat" | "iostat" | "mpstat" => {
            words.len() == 1 && words.iter().all(|w| w.bytes().all(|b| b.is_ascii_digit()))
        }
        "heroku" | "fly" | "flyctl" | "vercel" | "supabase" | "railway" => {
            words.contains(&"logs") && follow
        }
        "aws" => words.contains(&"tail") && follow,
        "wrangler" => words.contains(&"tail") && !args.iter().any(|a| a.starts_with("--once")),
        "redis-cli" => args
            .iter()
            .any(|a| a.eq_ignore_ascii_case("monitor") || *a == "--stat" || *a == "--latency"),
        "gh" => words.starts_with(&["run", "watch"]),
        "npm" | "yarn" | "pnpm" | "bun" => {
            let script = if first == "run" {
                words.get(1).copied().unwrap_or("")
            } else {
                first
            };
            script == "dev"
                || script.ends_with(":dev")
                || script.starts_with("dev:")
                || script.ends_with("studio")
                || script == "serve"
                || script.ends_with(":watch")
                || script.ends_with(":follow")
        }
        "prisma" | "drizzle-kit" => words.contains(&"studio"),
        "next" | "vite" | "nuxt" | "astro" => {
            first == "dev" || program == "vite" && first.is_empty()
        }
        "uvicorn" | "gunicorn" | "nodemon" | "serve" | "http-server" => true,
        "flask" => first == "run",
        "rails" => matches!(first, "server" | "s"),
        "python" | "python3" => {
            words.contains(&"runserver")
                || words.contains(&"http.server")
                || words.contains(&"uvicorn")
        }
        "php" => words.contains(&"serve") || says("-S"),
        _ => false,
    }
}

/// Whether a text needs a person at its keyboard: an editor, a database prompt, a remote shell,
/// a password.
#[must_use]
pub fn needs_terminal(code: &str) -> bool {
    // A shell elsewhere may ask for a password before it takes what it is told.
    if repls(code).iter().any(|r| r.inside == Inside::Shell) {
        return true;
    }
    let fed = fed(code);
    let code = fed.as_deref().unwrap_or(code);
    let Ok(found) = calls(code) else { return false };
    let session = |call: &Call| opens_session(call) && !carries(call);
    let mut needs = found.all.iter().any(session);
    collect(code, 0, &mut |call| needs |= asks(call));
    needs
}

/// Whether the call or what it wraps is a session.
pub(super) fn opens_session(call: &Call) -> bool {
    let mut call = Cow::Borrowed(call);
    for _ in 0..MOST_WRAPPERS {
        match unwrap(&call) {
            Some(Inner::Session) => {
                let fed = call.piped.is_some() || call.input.is_some();
                return call.program() != Some("exec") && !fed;
            }
            Some(Inner::Call(inner)) => call = Cow::Owned(inner),
            _ => return false,
        }
    }
    false
}

/// Whether a call opens a prompt that takes SQL: nothing tells it what to do.
pub(super) fn opens_prompt(call: &Call) -> bool {
    let fed = call.fed || call.piped.is_some() || call.input.is_some() || !call.reads.is_empty();
    let Some(program) = call.program().filter(|p| PROMPTS.contains(p) && !fed) else {
        return false;
    };
    let args: Vec<&str> = call.args().collect();
    let told = args.iter().any(|a| {
        let long = a.split('=').next().unwrap_or(a);
        let last = a
            .strip_prefix('-')
            .filter(|l| !l.starts_with('-'))
            .and_then(|l| l.chars().last());
        matches!(
            long,
            "--command" | "--file" | "--list" | "--version" | "--execute" | "--help"
        ) || match program {
            "mysql" | "mariadb" => last == Some('e') || a.starts_with("-e"),
            "sqlite3" | "duckdb" => false,
            _ => matches!(last, Some('c' | 'f' | 'l' | 'e')) || a.starts_with("-c"),
        }
    });
    let operands = args.iter().filter(|a| !a.starts_with('-')).count();
    let statement = matches!(program, "sqlite3" | "duckdb") && operands >= 2;
    !told && !statement
}

fn asks(call: &Call) -> bool {
    let Some(program) = call.program() else {
        return false;
    };
    let fed = call.fed || call.piped.is_some() || call.input.is_some() || !call.reads.is_empty();
    let args: Vec<&str> = call.args().collect();
    let has = |options: &[&str]| {
        args.iter().any(|a| {
            options
                .iter()
                .any(|o| a == o || a.starts_with(&format!("{o}=")))
        })
    };
    let operands = args.iter().filter(|a| !a.starts_with('-')).count();
    match program {
        "vi" | "vim" | "nvim" | "nano" | "emacs" | "pico" | "visudo" | "vipw" | "less" | "more"
        | "man" | "htop" | "tmux" | "screen" | "mc" | "k9s" | "passwd" | "dialog" | "whiptail" => {
            true
        }
        "top" => !args.iter().any(|a| a.starts_with("-b")),
        "ftp" | "sftp" | "telnet" => !fed,
        "crontab" => has(&["-e"]),
        "systemctl" => args.first() == Some(&"edit"),
        // What stands before it may be an option with a value: `kubectl -n shop edit`.
        "kubectl" | "oc" => args.iter().take(4).any(|a| *a == "edit"),
        "git" => {
            let interactive =
                has(&["-i", "--interactive", "-p", "--patch"]) && !args.contains(&"log");
            interactive
                && args.first().is_some_and(|a| {
                    matches!(
                        *a,
                        "rebase" | "add" | "checkout" | "commit" | "stash" | "reset"
                    )
                })
        }
        "mysql" | "mariadb" => {
            opens_prompt(call) || args.iter().any(|a| matches!(*a, "-p" | "--password"))
        }
        "mysqldump" | "mysqladmin" | "mysqlcheck" | "mysqlimport" | "mysqlshow"
        | "mariadb-dump" | "mariadb-admin" | "mariadb-check" => {
            args.iter().any(|a| matches!(*a, "-p" | "--password"))
        }
        _ if PROMPTS.contains(&program) => opens_prompt(call),
        "redis-cli" => {
            !fed && operands == 0 && !has(&["--stat", "--scan", "--bigkeys", "--latency"])
        }
        "mongo" | "mongosh" => {
            !fed && !has(&["--eval", "-e", "--version"])
                && !args
                    .iter()
                    .any(|a| a.to_lowercase().rsplit('.').next() == Some("js"))
        }
        "python" | "python3" | "node" | "irb" | "ipython" | "php" => {
            args.is_empty() && !fed && program != "php"
                || has(&["-i"])
                || args
                    .iter()
                    .any(|a| matches!(*a, "dbshell" | "shell" | "tinker"))
        }
        "rails" => args
            .first()
            .is_some_and(|a| matches!(*a, "c" | "console" | "dbconsole" | "db")),
        "read" => !fed && !args.iter().any(|a| a.starts_with("-t")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_end_is_a_monitor() {
        for code in [
            "watch -n 5 'curl -s http://h'",
            "tail -f /var/log/app.log | grep ERROR",
            "journalctl -u app -f",
            "kubectl logs -f deploy/app",
            "docker compose logs -f api",
            "pm2 logs app",
            "pm2 logs app --err --lines 50",
            "while true; do curl http://h; sleep 5; done",
            "npm run dev",
            "npm run db:studio",
            "npm run logs:follow",
            "wrangler tail shop",
            "npx prisma studio",
            "kubectl port-forward svc/x 8080:80",
            "sudo tail -F x",
            "htop",
            "iotop",
            "top",
            "nethogs",
            "stern api",
            "ngrok http 80",
            "ping6 host",
            "dmesg --follow",
            "podman stats",
            "oc proxy",
            "vmstat 1",
            "iostat 5",
            "mpstat 2",
            "heroku logs --tail",
            "fly logs -f",
            "vercel logs --follow",
            "supabase logs -f",
            "railway logs -f",
            "aws logs tail group --follow",
            "redis-cli MONITOR",
            "gh run watch",
            "yarn dev",
            "pnpm serve",
            "bun dev",
            "drizzle-kit studio",
            "next dev",
            "vite",
            "nuxt dev",
            "astro dev",
            "uvicorn app:main",
            "gunicorn app",
            "nodemon x",
            "serve",
            "http-server",
            "flask run",
            "rails s",
            "python3 -m http.server",
            "php artisan serve",
            "until false; do :; done",
            "for ((;;)); do :; done",
            "w'at'ch ls",
            "\\watch ls",
        ] {
            assert!(is_monitor(code), "{code}");
        }
        for code in [
            "tail -n 100 x | grep ERROR",
            "tail -50 file",
            "pm2 logs app --err --lines 50 --nostream",
            "top -bn1 | head -20",
            "kubectl logs app",
            "for i in 1 2; do a; done",
            "rm -f x",
            "grep -f pats x",
            "ping -c 3 host",
            "npm run build",
            "tail -f x | head -20",
            "docker logs -f app | grep -m 1 ready",
            "kubectl port-forward svc/x 8080:80 &\nsleep 2\ncurl http://localhost:8080\nkill %1",
            "while true; do a; sleep 1; done &",
            "wrangler tail shop --once",
            "kubectl rollout status deploy/x",
        ] {
            assert!(!is_monitor(code), "{code}");
        }
    }

    #[test]
    fn a_time_box_of_its_own_is_known() {
        for code in [
            "timeout 15 tail -f app.log",
            "sudo timeout -k 5 15 tail -f app.log",
        ] {
            assert!(is_timed(code), "{code}");
        }
        for code in [
            "tail -f app.log",
            "timeout 15 make",
            "echo timeout; tail -f x",
        ] {
            assert!(!is_timed(code), "{code}");
        }
    }

    #[test]
    fn what_asks_needs_a_terminal() {
        for code in [
            "psql $DATABASE_URL",
            "vim x",
            "ssh a@b",
            "docker exec -it db psql -U postgres",
            "su - app",
            "mysql -u root -p",
            "python manage.py dbshell",
            "read -p 'go? ' x",
            "sudo -i",
            "kubectl exec -it pod -- bash",
            "kubectl -n shop edit pvc data",
            "mysqldump -u root -p shop > shop.sql",
            "crontab -e",
        ] {
            assert!(needs_terminal(code), "{code}");
        }
        for code in [
            "psql $DATABASE_URL -c 'SELECT 1'",
            "psql $DATABASE_URL < x.sql",
            "psql d -tAc 'SELECT 1'",
            "ssh a@b uptime",
            "sudo systemctl restart x",
            "python x.py",
            "psql d <<E\nSELECT 1;\nE\n",
            "redis-cli PING",
            "mysqldump -u root shop > shop.sql",
            "kubectl get pods",
            "echo a | mysql d",
            "while read x; do a; done < f",
        ] {
            assert!(!needs_terminal(code), "{code}");
        }
    }
}
