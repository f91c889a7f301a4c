//! Migration tools, frameworks' own commands, package managers and test runners.

use super::{has, listed, operands, says};
use crate::script::Judged;
use crate::script::shell::calls::Call;

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "alembic" => alembic(call),
        "flask" if says(call, "db") => alembic(&call.without(1)),
        "prisma" => prisma(call),
        "python" | "python2" | "python3" | "./manage.py" | "manage.py" | "django-admin" => {
            python(call, program)?
        }
        "rails" | "rake" | "bin/rails" => rails(call, program)?,
        "php" | "artisan" => artisan(call)?,
        "wp" => wordpress(call)?,
        "knex" | "sequelize" | "sequelize-cli" | "typeorm" | "drizzle-kit" | "mikro-orm"
        | "goose" | "dbmate" | "migrate" | "sqitch" | "flyway" | "liquibase" | "diesel"
        | "sqlx" | "ecto" | "mix" => generic(call, program),
        "npm" | "yarn" | "pnpm" | "bun" => packages(call, program),
        "pip" | "pip3" | "gem" | "composer" | "cargo" | "apt" | "apt-get" | "apt-cache"
        | "dpkg" | "yum" | "dnf" | "rpm" | "brew" | "snap" | "apk" => installers(call, program),
        "node" | "ruby" | "perl" | "java" | "go" | "deno" | "dotnet" | "rustc" | "mvn"
        | "gradle" | "make"
            if only_version(call) =>
        {
            Judged::reads()
        }
        _ => return None,
    })
}

fn only_version(call: &Call) -> bool {
    call.words.len() == 2
        && call
            .args()
            .all(|a| matches!(a, "--version" | "-v" | "-V" | "version" | "-version"))
}

fn alembic(call: &Call) -> Judged {
    let words: Vec<&str> = call.args().filter(|a| !a.starts_with("--")).collect();
    let at = words.iter().position(|w| {
        listed("current history heads branches show check downgrade upgrade stamp revision merge edit migrate init", w)
    });
    let Some(at) = at else {
        return Judged::changes("alembic changes the database");
    };
    let (verb, target) = (
        words.get(at).copied().unwrap_or(""),
        words.get(at + 1).copied().unwrap_or(""),
    );
    if listed("current history heads branches show check", verb) || says(call, "--sql") {
        return Judged::reads();
    }
    match verb {
        "downgrade" if target == "base" => {
            Judged::irreversible("alembic downgrade base takes back every migration")
        }
        "downgrade" => Judged::changes("alembic downgrade takes back migrations"),
        _ => Judged::changes(format!("alembic {verb} changes the database")),
    }
}

fn prisma(call: &Call) -> Judged {
    let words = operands(call);
    let (first, second) = (
        words.first().copied().unwrap_or(""),
        words.get(1).copied().unwrap_or(""),
    );
    if matches!(
        (first, second),
        ("migrate", "status" | "diff") | ("validate" | "version" | "format", _)
    ) && !says(call, "--exit")
    {
        return if first == "format" {
            Judged::changes("prisma format rewrites the schema file")
        } else {
            Judged::reads()
        };
    }
    let resets = (first, second) == ("migrate", "reset")
        || says(call, "--force-reset")
        || says(call, "--accept-data-loss");
    if resets {
        return Judged::irreversible("prisma drops the data in the database");
    }
    match first {
        "migrate" | "db" => Judged::changes(format!(
            "prisma {first} {second} changes the database or its history"
        )),
        _ => Judged::changes(format!("prisma {first} changes files")),
    }
}

fn python(call: &Call, program: &str) -> Option<Judged> {
    if only_version(call) || has(call, "-V") && call.words.len() == 2 {
        return Some(Judged::reads());
    }
    let words = operands(call);
    let managed = program.ends_with("manage.py") || program == "django-admin";
    let at = words.iter().position(|w| w.ends_with("manage.py"));
    let rest = match at {
        Some(at) => words.get(at + 1..)?,
        None if managed => words.as_slice(),
        None => {
            let module = words.contains(&"json.tool");
            return module.then(Judged::reads);
        }
    };
    Some(django(call, rest))
}

fn django(call: &Call, words: &[&str]) -> Judged {
    let verb = words.first().copied().unwrap_or("");
    if listed(
        "showmigrations check diffsettings sqlmigrate inspectdb version help",
        verb,
    ) || says(call, "--plan")
        || says(call, "--dry-run")
    {
        return Judged::reads();
    }
    match verb {
        "flush" | "reset_db" => {
            Judged::irreversible(format!("manage.py {verb} empties the database"))
        }
        "migrate" if words.last() == Some(&"zero") => {
            Judged::irreversible("manage.py migrate … zero takes back every migration of the app")
        }
        _ => Judged::changes(format!("manage.py {verb} changes things")),
    }
}

fn rails(call: &Call, program: &str) -> Option<Judged> {
    let verb = operands(call).first().copied().unwrap_or("").to_owned();
    if listed(
        "db:migrate:status db:version routes about stats notes db:abort_if_pending_migrations",
        &verb,
    ) {
        return Some(Judged::reads());
    }
    if verb.starts_with("db:drop")
        || verb.starts_with("db:reset")
        || verb.starts_with("db:purge")
        || verb.starts_with("db:schema:load")
        || verb == "db:migrate:reset"
    {
        return Some(Judged::irreversible(format!(
            "{program} {verb} drops the data"
        )));
    }
    verb.starts_with("db:")
        .then(|| Judged::changes(format!("{program} {verb} changes the database")))
}

fn wordpress(call: &Call) -> Option<Judged> {
    let words = operands(call);
    let (group, verb) = (words.first().copied()?, words.get(1).copied().unwrap_or(""));
    if group == "db" && verb == "query" {
        let text = words.get(2).copied().unwrap_or_default();
        let judged = Judged::changes("wp db query runs SQL in the database");
        return Some(judged.worse(crate::script::sql::danger(text)));
    }
    let lost = group == "db" && listed("reset drop clean import", verb)
        || group == "site" && listed("empty delete", verb);
    lost.then(|| Judged::irreversible(format!("wp {group} {verb} removes what the site holds")))
}

fn artisan(call: &Call) -> Option<Judged> {
    let words = operands(call);
    let at = words.iter().position(|w| w.ends_with("artisan"));
    let verb = at
        .map_or(words.first(), |at| words.get(at + 1))
        .copied()
        .unwrap_or("");
    if listed(
        "migrate:status about list route:list queue:failed --version",
        verb,
    ) {
        return Some(Judged::reads());
    }
    if listed("migrate:fresh migrate:reset migrate:refresh db:wipe", verb) {
        return Some(Judged::irreversible(format!(
            "artisan {verb} drops the data"
        )));
    }
    at.is_some()
        .then(|| Judged::changes(format!("artisan {verb} changes things")))
}

/// Migration tools whose words say what they do.
fn generic(call: &Call, program: &str) -> Judged {
    let words: Vec<&str> = call.args().collect();
    let any = |list: &str| words.iter().copied().find(|w| listed(list, w));
    let lost = "clean dropAll drop-all drop reset db:drop schema:drop db:migrate:undo:all ecto.drop ecto.reset down-to rollback-all --all";
    if let Some(word) = any(lost) {
        return Judged::irreversible(format!("{program} {word} drops what is there"));
    }
    let verbs = operands(call);
    let looks = "status info migrate:status migrate:list db:migrate:status version validate \
        history check list ecto.migrations";
    let acts = "up down migrate update latest run apply push create rollback redo force generate \
        seed to undo repair baseline sync deploy revert execute";
    let reads = [verbs.first(), verbs.last()]
        .iter()
        .flatten()
        .any(|w| listed(looks, w));
    if reads && !verbs.iter().any(|w| listed(acts, w)) {
        return Judged::reads();
    }
    Judged::changes(format!("{program} changes the database"))
}

fn packages(call: &Call, program: &str) -> Judged {
    let words = operands(call);
    let (first, second) = (
        words.first().copied().unwrap_or(""),
        words.get(1).copied().unwrap_or(""),
    );
    let reads = match program {
        "npm" => "ls list view info outdated why explain ping whoami root prefix bin doctor",
        _ => "ls list info outdated why",
    };
    let looks = listed(reads, first)
        || first == "audit" && second != "fix"
        || first == "config" && listed("get list ls", second);
    if looks || only_version(call) {
        return Judged::reads();
    }
    if listed("exec dlx x", first) && !says(call, "--") {
        let inner = call.without(call.words.iter().position(|w| w.text == first).unwrap_or(0) + 1);
        let name = inner.program().unwrap_or("").to_owned();
        return super::judge(&inner, &name)
            .unwrap_or_else(|| Judged::changes(format!("{program} runs {name}")));
    }
    if first == "unpublish" {
        return Judged::irreversible(format!("{program} unpublish removes a release"));
    }
    let script = if first == "run" { second } else { first };
    // A script's name is the author's own word for what it does.
    let drops = ["reset", "drop", "wipe", "purge", "destroy", "fresh"];
    if drops
        .iter()
        .any(|d| script.split([':', '-', '_']).any(|part| part == *d))
    {
        return Judged::irreversible(format!("{program} {script} says that it removes things"));
    }
    let run = if first == "run" { "run " } else { "" };
    Judged::changes(format!(
        "{program} {run}{script} runs what the project defines"
    ))
}

fn installers(call: &Call, program: &str) -> Judged {
    let verb = operands(call).first().copied().unwrap_or("").to_owned();
    let reads = match program {
        "cargo" => "search tree metadata version",
        "pip" | "pip3" => "list show freeze check",
        _ => "list show search info outdated policy depends",
    };
    let queries = matches!(program, "dpkg" | "rpm")
        && (has(call, "-l") || has(call, "-q") || has(call, "-L") || has(call, "-s"));
    if listed(reads, &verb) || queries || program == "apt-cache" || only_version(call) {
        return Judged::reads();
    }
    Judged::changes(format!("{program} {verb} changes what is installed"))
}
