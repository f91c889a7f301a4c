//! What kind of work an action is, by its command: the database, the code, the services.
//!
//! A log asks for "database rollback" and "services restarted"; a plan says `alembic downgrade`
//! and `systemctl start`. What only reads, and what only saves a copy, is none of these.

use crate::domain::plan::{ActionKind, Danger};

/// A kind of work in a rollback.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Work {
    /// The database or its schema was taken back.
    Database,
    /// The code or the artefact was taken back.
    Code,
    /// Services were started or restarted.
    Services,
}

const DATABASE: &[&str] = &[
    "psql",
    "alembic",
    "prisma",
    "pg_restore",
    "mysql",
    "mongorestore",
    "sqlite3",
    "dropdb",
    "createdb",
    "flyway",
    "liquibase",
    "knex",
    "sequelize",
    "typeorm",
    "goose",
    "migrate",
    "migrations",
    "db:rollback",
    "db:migrate",
    "supabase",
    "redis-cli",
];

const CODE: &[&str] = &[
    "git checkout",
    "git reset",
    "git revert",
    "git pull",
    "git switch",
    "git restore",
    "run build",
    "docker build",
    "npm ci",
    "npm install",
    "yarn install",
    "pip install",
    "rollout undo",
    "helm rollback",
    "vercel rollback",
    "set image",
    "make build",
    "cargo build",
    "docker pull",
    "compose pull",
];

const SERVICE_TOOLS: &[&str] = &[
    "systemctl",
    "service",
    "pm2",
    "docker",
    "docker-compose",
    "supervisorctl",
    "kubectl",
    "rc-service",
    "launchctl",
    "nginx",
    "flyctl",
    "heroku",
];

const SERVICE_VERBS: &[&str] = &["start", "restart", "reload", "up", "resume", "scale"];

/// The kinds of work that a command does; it may do several.
#[must_use]
pub fn work(kind: ActionKind, danger: Danger, code: &str) -> Vec<Work> {
    if danger == Danger::None {
        return Vec::new();
    }
    if kind == ActionKind::Sql {
        return vec![Work::Database];
    }
    let mut found = Vec::new();
    for line in code.lines().map(str::trim) {
        if line.starts_with('#') {
            continue;
        }
        for one in of_line(&line.to_lowercase()) {
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

fn of_line(line: &str) -> Vec<Work> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '/' | '\'' | '"'))
        .filter(|w| !w.is_empty())
        .collect();
    let says = |sign: &str| {
        if sign.contains(' ') {
            let joined = words.join(" ");
            joined.contains(sign)
        } else {
            words.contains(&sign)
        }
    };
    let mut found = Vec::new();
    if DATABASE.iter().any(|s| says(s)) && !says("pg_dump") {
        found.push(Work::Database);
    }
    if CODE.iter().any(|s| says(s)) {
        found.push(Work::Code);
    }
    let tool = SERVICE_TOOLS.iter().any(|s| words.contains(s));
    let verb = SERVICE_VERBS.iter().any(|v| words.contains(v)) || says("rollout restart");
    if tool && verb {
        found.push(Work::Services);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Vec<Work> {
        work(ActionKind::Shell, Danger::Changes, code)
    }

    #[test]
    fn a_command_is_known_by_its_tool_and_verb() {
        assert_eq!(of("cd /srv\nalembic downgrade -1"), [Work::Database]);
        assert_eq!(of("pg_restore -d shop a.dump"), [Work::Database]);
        assert_eq!(of("git reset --hard v1 && npm run build"), [Work::Code]);
        assert_eq!(of("sudo systemctl restart shop"), [Work::Services]);
        assert_eq!(
            of("git checkout v1\npm2 restart all"),
            [Work::Code, Work::Services]
        );
    }

    #[test]
    fn stopping_looking_and_saving_are_none_of_them() {
        assert_eq!(of("sudo systemctl stop shop"), []);
        assert_eq!(of("pg_dump shop > a.dump"), []);
        assert_eq!(of("# git checkout v1"), []);
        let looked = work(ActionKind::Shell, Danger::None, "psql -c 'select 1'");
        assert_eq!(looked, []);
    }
}
