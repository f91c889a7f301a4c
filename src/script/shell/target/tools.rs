//! Programs that work on a database which their own configuration names, and those of which
//! nobody can say where they go.

use super::{KUBE, Question, Walk, in_a_shell};
use crate::script::Danger;
use crate::script::shell::calls::Call;
use crate::script::shell::danger::is_installed;
use crate::script::shell::rules;

pub(super) const KEYS: &[&str] = super::databases::KEYS;

/// Their names.
pub(super) const NAMES: &[&str] = &[
    "alembic",
    "flyway",
    "liquibase",
    "sqitch",
    "dbmate",
    "prisma",
    "knex",
    "sequelize",
    "sequelize-cli",
    "typeorm",
    "drizzle-kit",
    "mikro-orm",
    "goose",
    "diesel",
    "sqlx",
    "mysql",
    "mariadb",
    "sqlite3",
    "mongosh",
    "mongo",
    "mongorestore",
    "sqlcmd",
    "clickhouse-client",
];

/// Those that are known to take `DATABASE_URL`.
const BY_URL: &[&str] = &[
    "prisma", "rails", "rake", "dbmate", "knex", "diesel", "sqlx",
];

/// Options of those that do not say where the database is.
const HARMLESS: &str = "--force -f --skip-seed --skip-generate -y --yes --name --create-only --step \
    --steps --trace --verbose -v --accept-data-loss --force-reset --preview-feature --all \
    --applied --rolled-back --strict --no-dump-schema";

/// What is asked of `DATABASE_URL`, and what is said where it is not set.
const URL: &str = "[ -n \"${DATABASE_URL:-}\" ] || { echo 'DATABASE_URL is not set, and its own configuration is not read' >&2; exit 1; }; ";

impl Walk {
    /// A program that is no client, but may know of one.
    pub(super) fn tool(&mut self, call: &Call, prefix: &[String], program: &str) {
        if program == "kubectx" {
            return self.kubectx(call);
        }
        if let Some(by) = moves_kube(call, program) {
            return self.switches(by);
        }
        let Some((name, call)) = worked_on(call, program) else {
            return;
        };
        if BY_URL.contains(&name) {
            self.by_url(&call, prefix, name);
        } else {
            let why = if matches!(name, "mysql" | "mariadb" | "sqlite3" | "mongosh" | "mongo")
                || !NAMES.contains(&name) && name == "sqlcmd"
            {
                format!("{name} is not asked where it goes")
            } else {
                format!("{name} takes its database from its own configuration")
            };
            self.unreadable(KEYS, &why);
        }
    }

    fn by_url(&mut self, call: &Call, prefix: &[String], name: &str) {
        let option = call.args().find(|a| {
            let flag = a.split('=').next().unwrap_or_default();
            a.starts_with('-') && !HARMLESS.split_whitespace().any(|h| h == flag)
        });
        if let Some(option) = option {
            let why = format!("{name} may take its database from {option}");
            return self.unreadable(KEYS, &why);
        }
        // What follows the name in an address may be for the tool alone.
        let url = if name == "prisma" {
            "${DATABASE_URL%%\\?*}"
        } else {
            "$DATABASE_URL"
        };
        let psql = format!("psql -X -w -A -t -q -d \"{url}\" -c ");
        let selects = ["current_database()", "current_user"];
        let checks = self.checks(call);
        for (key, select) in ["database", "role"].into_iter().zip(selects) {
            let text = format!("{URL}{psql}'SELECT {select}'");
            let question = in_a_shell(&text, prefix).and_then(|text| {
                Ok(Question {
                    checks: checks.clone()?,
                    place: true,
                    ..Question::of(text)
                })
            });
            self.ask(key, prefix, question);
        }
        self.unreadable(&["server"], &format!("{name} is not asked where it goes"));
        if KEYS.iter().any(|key| self.keys.iter().any(|k| k == key)) {
            self.remark(format!(
                "{name} is taken to use DATABASE_URL, as it does unless it is set up otherwise"
            ));
        }
    }

    /// A script, or a program that nothing is known of: where it goes cannot be told.
    pub(super) fn script(&mut self, call: &Call, program: &str) {
        let concerned = |k: &String| {
            KEYS.contains(&k.as_str()) || matches!(k.as_str(), "kube_context" | "cluster")
        };
        if !self.keys.iter().any(concerned) || worked_on(call, program).is_some() {
            return;
        }
        let first = call
            .words
            .first()
            .map(|w| w.text.as_str())
            .unwrap_or_default();
        let operand = call.args().find(|a| !a.starts_with('-'));
        let what = match program {
            _ if first.contains('/') && !is_installed(first) => Some(program.to_owned()),
            "bash" | "sh" | "zsh" | "dash" | "ksh" | "python" | "python3" | "node" | "ruby"
            | "perl" | "php" | "deno" | "tsx" | "ts-node" => operand
                .filter(|o| o.contains(['/', '.']) && !o.starts_with("http"))
                .map(|o| o.rsplit('/').next().unwrap_or(o).to_owned()),
            "make" | "just" | "task" => operand.map(|o| format!("{program} {o}")),
            "npm" | "yarn" | "pnpm" | "bun" => {
                let words: Vec<&str> = call.args().filter(|a| !a.starts_with('-')).collect();
                match words.as_slice() {
                    ["run" | "run-script", script, ..] => Some(format!("{program} run {script}")),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some(what) = what {
            self.remark(format!("what {what} connects to is not known"));
        }
    }
}

/// The tool that works on a database, where the call is one of those of its verbs that do.
fn worked_on<'c>(call: &'c Call, program: &'c str) -> Option<(&'c str, Call)> {
    let words: Vec<&str> = call.args().filter(|a| !a.starts_with('-')).collect();
    let first = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    let any = |list: &str| {
        words
            .iter()
            .any(|w| list.split_whitespace().any(|l| l == *w))
    };
    let begins = |list: &[&str]| words.iter().any(|w| list.iter().any(|l| w.starts_with(l)));
    let works = match program {
        "alembic" => any("upgrade downgrade stamp current check"),
        "flask" => first == "db" && any("upgrade downgrade stamp current check"),
        "prisma" => {
            first == "migrate" && !matches!(second, "diff" | "")
                || first == "db" && !second.is_empty()
        }
        "python" | "python3" | "manage.py" | "django-admin" => {
            let managed = program.ends_with("manage.py")
                || program == "django-admin"
                || words.iter().any(|w| w.ends_with("manage.py"));
            return (managed && any("migrate flush reset_db loaddata dbshell showmigrations"))
                .then(|| ("manage.py", call.clone()));
        }
        "rails" | "rake" => begins(&["db:"]),
        "php" | "artisan" => {
            let artisan = program == "artisan" || words.iter().any(|w| w.ends_with("artisan"));
            return (artisan && begins(&["migrate", "db:"])).then(|| ("artisan", call.clone()));
        }
        "knex" => begins(&["migrate:", "seed:run"]) && !begins(&["migrate:make"]),
        "sequelize" | "sequelize-cli" => begins(&["db:"]),
        "typeorm" => begins(&["migration:run", "migration:revert", "schema:"]),
        "drizzle-kit" => any("push migrate"),
        "mikro-orm" => begins(&["migration:up", "migration:down", "schema:"]),
        "goose" => any("up up-to up-by-one down down-to redo reset status"),
        "dbmate" => any("up down migrate rollback drop create status"),
        "migrate" => any("up down goto force drop version"),
        "sqitch" => any("deploy revert verify rebase status"),
        "flyway" => any("migrate undo clean repair baseline info validate"),
        "liquibase" => !any("help") && !words.is_empty(),
        "diesel" => any("migration database setup"),
        "sqlx" => any("migrate database"),
        "mix" => begins(&["ecto."]) && !begins(&["ecto.gen"]),
        "wp" => first == "db",
        "mysql" | "mariadb" | "sqlite3" | "mongosh" | "mongo" | "mongorestore" | "sqlcmd"
        | "clickhouse-client" => !call
            .args()
            .any(|a| matches!(a, "--version" | "--help" | "-V")),
        "yarn" | "pnpm" | "bun" | "npm" => {
            let at = call
                .words
                .iter()
                .position(|w| NAMES.contains(&w.text.as_str()))?;
            let before: Vec<&str> = call.args().take(at - 1).collect();
            let runs = before
                .iter()
                .all(|w| matches!(*w, "exec" | "dlx" | "x" | "--"));
            let inner = call.without(at);
            let name = NAMES.iter().find(|n| inner.program() == Some(**n))?;
            return worked_on(&inner, name)
                .filter(|_| runs)
                .map(|_| (*name, inner.clone()));
        }
        _ => false,
    };
    works.then(|| (program, call.clone()))
}

/// What changes the configuration of the clients of Kubernetes.
fn moves_kube(call: &Call, program: &str) -> Option<&'static str> {
    let words: Vec<&str> = call.args().filter(|a| !a.starts_with('-')).collect();
    let begins = |with: &[&str]| words.starts_with(with);
    Some(match program {
        "kubens" if !words.is_empty() => "kubens",
        "az" if begins(&["aks", "get-credentials"]) => "az aks get-credentials",
        "doctl" if begins(&["kubernetes"]) => "doctl",
        "minikube" | "kind" | "k3d" | "kubelogin" => "another program",
        "tsh" if begins(&["kube", "login"]) => "tsh kube login",
        _ => return None,
    })
}

/// Whether nothing has to be said of a program: it only looks, or is one of those that are asked.
pub(super) fn is_quiet(call: &Call, program: &str) -> bool {
    KUBE.contains(&program)
        || rules::always_reads(program)
        || rules::judge(call, program).is_some_and(|j| j.danger == Danger::None)
}
