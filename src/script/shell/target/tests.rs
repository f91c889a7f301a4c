//! What is asked of which target, for texts as plans have them.

use super::*;

/// Why nothing is asked.
fn why(code: &str, key: &str) -> String {
    let all = measures(code, &[key]).into_iter();
    let whys = all.map(|m| match m.how {
        How::Ask(text) => panic!("{code}: it asks {text}"),
        How::Stated(value) => panic!("{code}: it is {value}"),
        How::Unreadable(why) => why,
    });
    whys.collect::<Vec<_>>().join("; ")
}

fn asked(code: &str, key: &str) -> Vec<String> {
    let all = measures(code, &[key]).into_iter();
    all.map(|m| match m.how {
        How::Ask(text) => text,
        How::Stated(value) => format!("= {value}"),
        How::Unreadable(_) => "?".to_owned(),
    })
    .collect()
}

#[test]
fn a_cluster_is_asked_for_the_way_the_command_goes_to_it() {
    for (code, want) in [
        ("kubectl delete pod x", "kubectl config current-context"),
        ("kubectl --context prod delete pod x", "= prod"),
        ("kubectl --context=\"$C\" get pods", "printf '%s\\n' \"$C\""),
        (
            "KUBECONFIG=/k kubectl get po",
            "KUBECONFIG=/k kubectl config current-context",
        ),
        (
            "kubectl --kubeconfig /k get po",
            "kubectl --kubeconfig /k config current-context",
        ),
        (
            "kubectl config use-context blue && kubectl apply -f x",
            "= blue",
        ),
        (
            "sudo -u ops kubectl get po",
            "sudo -n -u ops kubectl config current-context",
        ),
        ("helm --kube-context green rollback a 1", "= green"),
        (
            "watch -n 5 kubectl get po",
            "kubectl config current-context",
        ),
        (
            "export KUBECONFIG=/k\nkubectl get po",
            "export KUBECONFIG=/k; kubectl config current-context",
        ),
    ] {
        assert_eq!(asked(code, "kube_context"), [want], "{code}");
    }
    assert!(asked("echo kubectl", "kube_context").is_empty());
    assert_eq!(
        asked("ssh web 'kubectl delete po x'", "kube_context"),
        ["?"]
    );
}

#[test]
fn a_repository_is_asked_where_the_command_works() {
    for (code, want) in [
        ("git push -f", "git remote get-url --push origin"),
        (
            "git push upstream main",
            "git remote get-url --push upstream",
        ),
        (
            "cd \"my app\" && git reset --hard x",
            "cd 'my app' >/dev/null && git remote get-url origin",
        ),
        (
            "git -C \"$DIR\" fetch",
            "git -C \"$DIR\" remote get-url origin",
        ),
        ("git push git@h:a/b main", "= git@h:a/b"),
    ] {
        assert_eq!(asked(code, "git_remote"), [want], "{code}");
    }
    assert_eq!(
        asked("git checkout main\ngit push", "git_branch"),
        ["= main"]
    );
    assert_eq!(
        asked("cd $(ls -t | head -1) && git push", "git_remote"),
        ["?"]
    );
}

#[test]
fn a_database_is_asked_over_the_way_of_the_command() {
    let psql = "psql -X -w -A -t -q";
    let end = "-c 'SELECT current_database()'";
    for (code, want) in [
        (
            "psql \"$DATABASE_URL\" -c 'DROP TABLE a'",
            format!("{psql} -d \"$DATABASE_URL\" {end}"),
        ),
        (
            "psql -h db -U ana shop -c x",
            format!("{psql} -h db -U ana -d shop {end}"),
        ),
        (
            "pg_restore --clean -d shop x.dump",
            format!("{psql} -d shop {end}"),
        ),
        ("psql -c 'SELECT 1'", format!("{psql} {end}")),
        ("dropdb shop", "= shop".to_owned()),
        (
            "sudo -u postgres psql shop",
            format!("sudo -n -u postgres {psql} -d shop {end}"),
        ),
        ("docker exec db psql shop", "?".to_owned()),
    ] {
        assert_eq!(asked(code, "database"), [want], "{code}");
    }
    for none in [
        "pg_restore -l x.dump",
        "psql -d postgres -c 'SELECT 1'",
        "ls",
    ] {
        assert!(asked(none, "database").is_empty(), "{none}");
    }
}

#[test]
fn a_cloud_is_asked_for_its_profile() {
    assert_eq!(asked("aws --profile live s3 ls", "aws_profile"), ["= live"]);
    let asked = asked("aws s3 rm x", "aws_profile");
    assert!(asked[0].contains("AWS_PROFILE"), "{asked:?}");
}

#[test]
fn what_may_have_been_set_on_the_way_is_not_asked() {
    let psql = "psql \"$DATABASE_URL\" -c 'DELETE FROM orders'";
    for before in [
        "source ./stag.env",
        ". ./stag.env",
        "set -a; . ./stag.env; set +a",
        "eval \"$(cat stag.env)\"",
        "export $(grep -v '^#' .env | xargs)",
        "if true; then export DATABASE_URL=\"${DATABASE_URL}_staging\"; fi",
        "case $X in a) DATABASE_URL=b;; esac",
        "test -f x && DATABASE_URL=b",
        "test -f x || DATABASE_URL=b",
        "while read -r DATABASE_URL; do :; done < list",
        "read -r DATABASE_URL",
        "printf -v DATABASE_URL '%s' x",
        "DATABASE_URL=$(cat url)",
        "BASE=$(cat url); DATABASE_URL=\"$BASE/shop\"",
        "to() { DATABASE_URL=$1; }\nto b",
        "for DATABASE_URL in $(cat urls); do :; done",
        "declare -n DATABASE_URL=OTHER",
        ": \"${DATABASE_URL:=$(cat url)}\"",
        "((DATABASE_URL=1))",
        "if x; then PGDATABASE=b; fi",
        "if x; then PATH=/opt:$PATH; fi",
    ] {
        let code = format!("{before}\n{psql}");
        assert!(!why(&code, "database").is_empty(), "{code}");
    }
    // What stands in a shell of its own, or sets something else, takes nothing away.
    for before in [
        "(export DATABASE_URL=b)",
        "echo x | read DATABASE_URL",
        "COUNT=$(ls | wc -l)",
        "for f in *.sql; do echo \"$f\"; done",
        "if [ -z \"$X\" ]; then exit 1; fi",
        "[ -n \"$X\" ] || exit 1",
        "log() { echo \"$1\"; }\nlog x",
    ] {
        let code = format!("{before}\n{psql}");
        let asked = asked(&code, "database");
        assert!(
            asked[0].contains("-d \"$DATABASE_URL\""),
            "{code}: {asked:?}"
        );
    }
}

#[test]
fn what_a_text_plainly_sets_is_set_for_the_question() {
    for (code, want) in [
        (
            "export PGHOST=db PGPORT=5433 PGUSER=ana\nPGDATABASE=shop psql -c 'SELECT 1'",
            "export PGHOST=db; export PGPORT=5433; export PGUSER=ana; PGDATABASE=shop psql",
        ),
        (
            "STAGING=${DATABASE_URL}_staging\npsql \"$STAGING\" -c x",
            "STAGING=\"${DATABASE_URL}\"_staging; psql",
        ),
        // Without export the client does not see it, nor does the question.
        ("PGDATABASE=b\npsql -c x", "PGDATABASE=b; psql"),
        (
            "set -a\nPGDATABASE=b\npsql -c x",
            "set -a; PGDATABASE=b; psql",
        ),
        (
            "(export DATABASE_URL=\"${DATABASE_URL}_staging\"; psql \"$DATABASE_URL\" -c x)",
            "export DATABASE_URL=\"${DATABASE_URL}\"_staging; psql",
        ),
        (
            "if true; then PGDATABASE=b; psql -c x; fi",
            "PGDATABASE=b; psql",
        ),
        ("unset PGDATABASE; psql -c x", "unset PGDATABASE; psql"),
        ("psql $URL -c x", "case \"$URL\" in"),
    ] {
        let asked = asked(code, "database");
        assert!(asked[0].starts_with(want), "{code}: {asked:?}");
    }
    let asked = asked("bash -c 'psql -d \"$DB\" -c x'", "database");
    assert!(asked[0].starts_with("bash -c "), "{asked:?}");
}

#[test]
fn a_loop_over_plain_words_is_asked_for_each() {
    let code = "for db in shop shop_staging; do psql -h h -d $db -c 'DELETE FROM a'; done";
    let all = asked(code, "database");
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].starts_with("db=shop; ") && all[1].starts_with("db=shop_staging; "));
    let code = "for c in staging prod; do kubectl --context $c delete pod x; done";
    let all = asked(code, "kube_context");
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[1].contains("c=prod; ") && all[1].contains("printf '%s\\n' \"$c\""));
    for code in [
        "for db in $(cat list); do psql -d $db -c x; done",
        "for db in shop*; do psql -d $db -c x; done",
        "for db; do psql -d $db -c x; done",
        "while read db; do psql -d $db -c x; done < list",
        "for i in 1 2; do psql -d \"$db\" -c x; db=b; done",
        "cat list | xargs -I{} psql -d {} -c x",
        "cat list | xargs psql -c x",
    ] {
        assert!(!why(code, "database").is_empty(), "{code}");
    }
}

#[test]
fn what_is_run_in_a_way_that_is_not_followed_is_not_asked() {
    for code in [
        "q() { psql -d \"$1\" -c x; }\nq shop_staging",
        "psql() { command psql -h other \"$@\"; }\npsql -d shop -c x",
        "CMD=\"psql -d shop_staging\"; $CMD -c x",
        "PSQL=psql; $PSQL shop_staging -c x",
        "$PSQL shop -c x",
        "psql \"$@\"",
        "psql -c x \"${ARGS[@]}\"",
        "parallel psql -d {} ::: a b",
        "doppler run -- psql \"$DATABASE_URL\" -c x",
        "bash -c \"psql -d $DB -c x\"",
        "psql --db=shop -c x",
        "vacuumdb --all",
    ] {
        let found = asked(code, "database");
        assert!(
            !found.is_empty() && found.iter().all(|f| f == "?"),
            "{code}: {found:?}"
        );
    }
}

#[test]
fn what_leads_psql_elsewhere_is_not_asked() {
    for code in [
        "psql \"$DATABASE_URL\" <<'EOF'\n\\c shop_staging\nDELETE FROM a;\nEOF",
        "psql \"$DATABASE_URL\" -c '\\c shop_staging' -c 'DELETE FROM a'",
        "psql \"$DATABASE_URL\" <<'EOF'\n\\connect shop_staging\nEOF",
        "psql \"$DATABASE_URL\" <<'EOF'\n\\i down.sql\nEOF",
        "echo '\\c b' | psql shop",
        "psql shop -c \"$(cat x.sql)\"",
        "sed s/a/b/ x.sql | psql shop",
        "psql shop <<EOF\n$(cat x.sql)\nEOF",
        "while read -r line; do psql shop; done < x.sql",
    ] {
        assert!(!why(code, "database").is_empty(), "{code}");
    }
    // A file is looked into by the question itself.
    for code in [
        "psql shop -f down.sql",
        "psql shop < down.sql",
        "cat down.sql | psql shop",
    ] {
        let found = asked(code, "database");
        assert!(
            found[0].contains("grep -aEq") && found[0].contains("down.sql"),
            "{found:?}"
        );
    }
    let role = "psql shop <<'EOF'\nSET ROLE owner;\nDELETE FROM a;\nEOF";
    assert_eq!(asked(role, "role"), ["?"]);
    assert_ne!(asked(role, "database"), ["?"]);
}

#[test]
fn a_database_that_is_worked_on_as_a_whole_is_the_target() {
    for (code, want) in [
        (
            "psql -d postgres -c 'DROP DATABASE orders_prod'",
            "= orders_prod",
        ),
        ("createdb shop", "= shop"),
        (
            "psql postgres -c 'ALTER DATABASE shop RENAME TO old'",
            "= shop",
        ),
        (
            "psql -d postgres -c \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='shop'\"",
            "= shop",
        ),
        ("psql -d postgres -c 'SELECT pg_reload_conf()'", "?"),
        ("psql -d postgres -c \"DROP DATABASE $OLD\"", "?"),
        (
            "pg_restore -C -d postgres x.dump",
            "pg_restore -l x.dump | sed -n 's/^; *dbname: //p'",
        ),
    ] {
        assert_eq!(asked(code, "database"), [want], "{code}");
    }
    let both = asked("psql shop -c 'DROP DATABASE orders_prod'", "database");
    assert_eq!(both.last().map(String::as_str), Some("= orders_prod"));
    assert_eq!(both.len(), 2);
}

#[test]
fn a_migration_tool_takes_its_database_from_its_own_configuration() {
    for code in [
        "alembic downgrade -1",
        "python manage.py migrate app 0003",
        "flyway undo",
        "npx sequelize db:migrate:undo",
        "mysql shop -e 'DELETE FROM a'",
        "npx prisma migrate deploy --schema other.prisma",
    ] {
        assert!(!why(code, "database").is_empty(), "{code}");
    }
    for code in [
        "npx prisma migrate deploy",
        "bundle exec rails db:rollback",
        "yarn knex migrate:rollback",
        "dbmate down",
    ] {
        let found = asked(code, "database");
        assert!(found[0].contains("DATABASE_URL"), "{code}: {found:?}");
        assert!(
            remarks(code, &["database"])[0].contains("DATABASE_URL"),
            "{code}"
        );
    }
    for code in [
        "alembic history",
        "npx prisma generate",
        "rails server",
        "python manage.py collectstatic",
        "npm ci",
        "systemctl stop shop",
        "./health.sh",
    ] {
        assert!(asked(code, "database").is_empty(), "{code}");
    }
    for (code, want) in [
        ("./mig.sh", "what mig.sh connects to is not known"),
        ("bash deploy/mig.sh", "what mig.sh connects to is not known"),
        (
            "npm run migrate:down",
            "what npm run migrate:down connects to is not known",
        ),
    ] {
        assert_eq!(remarks(code, &["database"]), [want], "{code}");
    }
    for code in [
        "ls",
        "systemctl stop shop",
        "git push",
        "npm ci",
        "alembic downgrade -1",
    ] {
        assert_eq!(remarks(code, &["database"]), [""; 0], "{code}");
    }
    assert_eq!(remarks("./mig.sh", &["host"]), [""; 0]);
}

#[test]
fn what_is_moved_on_the_way_is_not_asked() {
    for (code, key) in [
        (
            "git remote set-url origin x\ngit push origin main",
            "git_remote",
        ),
        (
            "git config remote.origin.pushurl x\ngit push origin main",
            "git_remote",
        ),
        (
            "if x; then git checkout b; fi\ngit reset --hard x",
            "git_branch",
        ),
        ("git --exec-path=x push", "git_remote"),
        (
            "gcloud container clusters get-credentials c\nkubectl get po",
            "kube_context",
        ),
        (
            "if x; then kubectl config use-context b; fi\nkubectl apply -f y",
            "cluster",
        ),
        (
            "kubectl --context a --context b delete po x",
            "kube_context",
        ),
        ("kubectl --server http://h delete po x", "cluster"),
        (
            "k() { kubectl \"$@\"; }\nk --context prod delete po x",
            "kube_context",
        ),
        ("kubectl $OPTS delete po x", "kube_context"),
    ] {
        let found = asked(code, key);
        let last = found.last().map(String::as_str);
        assert!(
            last == Some("?") || last.is_some_and(|l| l.contains("case")),
            "{code}: {found:?}"
        );
    }
    assert_eq!(
        asked("git --git-dir=/srv/r push", "git_remote"),
        ["git '--git-dir=/srv/r' remote get-url --push origin"]
    );
}

#[test]
fn the_machine_matters_to_what_acts_on_it_and_not_to_what_only_asks_elsewhere() {
    for (code, matters) in [
        ("systemctl restart shop", true),
        ("tail /var/log/shop.log", true),
        ("curl -s http://localhost:8080/health", true),
        ("ssh app-1 uptime && systemctl stop shop", true),
        ("ssh app-1 uptime | grep load", false),
        ("kubectl get pods -n shop", false),
        ("curl -s https://shop.example/health | jq .state", false),
    ] {
        let found = measures(code, &["machine"]);
        assert_eq!(!found.is_empty(), matters, "{code}: {found:?}");
    }
}
