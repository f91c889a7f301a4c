//! What is a blank and what only looks like one.

use super::super::{Blank, Kind, assigned, find, mask};

fn names(code: &str, lang: &str) -> Vec<String> {
    find(code, lang).into_iter().map(|b| b.name).collect()
}

#[test]
fn every_spelling_of_a_name_is_one_name() {
    let code =
        "git checkout <commit-hash> [COMMIT_HASH] {commit_hash} {{ commit-hash }} [Commit Hash]";
    assert_eq!(names(code, "bash"), ["commit_hash"; 5]);
}

#[test]
fn blanks_of_each_kind() {
    for (code, kind, name) in [
        ("pg_dump -h <host>", Kind::Angle, "host"),
        ("psql < <backup_file.sql>", Kind::Angle, "backup_file_sql"),
        ("cp backup_<timestamp>.dump /tmp", Kind::Angle, "timestamp"),
        ("arn=\"<e.g. arn:aws:rds:x>\"", Kind::Angle, "arn_aws_rds_x"),
        (
            "git checkout [STABLE_COMMIT] -- src/",
            Kind::Bracket,
            "stable_commit",
        ),
        ("./rollback.sh [commit-hash]", Kind::Bracket, "commit_hash"),
        (
            "curl http://h/import/{week_id} -F f",
            Kind::Brace,
            "week_id",
        ),
        (
            "aws rds --id ${db-instance-name}",
            Kind::Brace,
            "db_instance_name",
        ),
        ("helm rollback {{ release }} 1", Kind::Mustache, "release"),
        ("curl -X DELETE http://h:1/project/:id", Kind::Colon, "id"),
        (
            "echo \"Ticket: INCIDENT-XXX\"",
            Kind::Shouted,
            "incident_xxx",
        ),
        ("tar xf backup_YYYYMMDD.tgz", Kind::Shouted, "yyyymmdd"),
        ("dropdb your_database", Kind::Shouted, "your_database"),
        (
            "psql $DATABASE_URL -c 'SELECT 1'",
            Kind::Environment,
            "DATABASE_URL",
        ),
        (
            "curl \"${STAGING_URL}/health\"",
            Kind::Environment,
            "STAGING_URL",
        ),
        ("aws x-${environment?}-y", Kind::Environment, "environment"),
        ("git checkout <版本>", Kind::Angle, "版本"),
    ] {
        let found = find(code, "bash");
        assert_eq!(found.len(), 1, "{code}: {found:?}");
        assert_eq!(
            (found[0].kind, found[0].name.as_str()),
            (kind, name),
            "{code}"
        );
        assert_eq!(&code[found[0].range.clone()], found[0].spelling);
    }
}

#[test]
fn capitals_apart_from_their_brackets_are_a_blank_among_arguments() {
    assert_eq!(
        names("helm rollback lift [ FILL IN ] -n [ PREENCHER ]", "bash"),
        ["fill_in", "preencher"]
    );
}

#[test]
fn lookalikes_are_left_alone() {
    for code in [
        "[ -f x ] && echo y",
        "[ DEBUG ] && echo y || [ QUIET ]; if [ READY ]; then ls; fi",
        "echo '[ FAILED ] two tests'",
        "[[ $? == 0 ]]",
        "cp a.{js,css} /tmp; ls {1..3}",
        "echo ${HOME:-/root} ${y:-z} ${1:-\"HEAD~1\"}",
        "sort < input > output; sort <a.txt>b.txt",
        "cat <<EOF\nhello\nEOF\n",
        "curl http://h/ | grep \"<!DOCTYPE html>\"",
        "grep '<html>' index.html",
        "curl -d '{\"id\":\"x\",\"a\":[1,2]}' http://h",
        "curl -s -w '%{http_code}' http://h",
        "kubectl get pods -o jsonpath='{.items[0].metadata.name}'",
        "docker ps --format '{{.Names}}' ; docker inspect -f '{{json .State}}' c",
        "awk '{print}' f | awk '{print $1}'",
        "jq '{id}' f",
        "git reset --hard HEAD@{1}; git rev-parse @{u}",
        "for f in a b; do echo $f ${f%.x}; done",
        "TAG=v1; echo \"$TAG\"; export A=b; echo ${A}",
        "read -r line rest; echo $line $rest; mapfile -t L; echo ${L[0]}",
        "echo \"[ERROR] x\"; grep '\\[X\\]' f; ls file[0-9].txt; tr '[a-z]' '[A-Z]'",
        "echo '$NOT_EXPANDED' \\$NOR_THIS",
        "cat <<'EOF'\n$RAW\nEOF\n",
        "f=(a b); echo ${f[i]} ${#f[@]} $# $? $1 $@",
        "ls | xargs -I {file} mv {file} /tmp",
        "# <host> $DATABASE_URL [STABLE_COMMIT]",
        "mktemp /tmp/dump-XXXX",
        "git log --format='%h' origin/main..HEAD",
        "date +%Y-%m-%d; date '+%H:%M'",
        "cat > my.cnf <<'E'\n[mysqld]\nport=1\nE\n",
        "git commit -m 'x' --author='A <a@b.c>'",
        "grep -E '[A-Z]{2,}' f",
        "echo see [docs](http://h/x)",
    ] {
        assert_eq!(names(code, "bash"), Vec::<String>::new(), "{code}");
    }
    for code in [
        "SELECT ARRAY[a], tags[1] FROM t WHERE a<b AND c>d",
        "SELECT '{admin}'::text[]",
        "SELECT to_char(now(), 'YYYY-MM-DD')",
        "-- DELETE FROM t WHERE at > '<timestamp>'",
        "SELECT $1, $$body$$",
    ] {
        assert_eq!(names(code, "sql"), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn names_of_routes_and_words_for_a_pipeline_are_no_blanks() {
    for code in [
        "git checkout a1b2c3d -- src/app/orders/[id]/page.tsx",
        "rm web/pages/[user]/index.js",
        "git commit -m \"Back to the old tag [skip ci]\"",
    ] {
        assert_eq!(names(code, "bash"), [] as [String; 0], "{code}");
    }
    for code in ["cp backups/[date]/index.js dist/", "ls app/[release]/bin"] {
        assert_eq!(names(code, "bash").len(), 1, "{code}");
    }
}

#[test]
fn a_variable_is_asked_for_until_it_is_set() {
    assert_eq!(names("echo $TAG; TAG=1; echo $TAG", "bash"), ["TAG"]);
    assert_eq!(names("TAG=$TAG-x", "bash"), ["TAG"]);
    let set = assigned("export A=1\nfor f in x; do :; done\nread -r B C\necho 'D=2' # E=3\n");
    assert_eq!(set.into_iter().collect::<Vec<_>>(), ["A", "B", "C", "f"]);
}

#[test]
fn masks_keep_every_offset() {
    let code = "pg_dump -h <host> -d {db} > $OUT/[STAMP].sql";
    let masked = mask(code, "bash");
    assert_eq!(masked, "pg_dump -h xxxxxx -d xxxx > $OUT/xxxxxxx.sql");
    assert_eq!(masked.len(), code.len());
}

#[test]
fn blanks_without_a_name_are_found_each_in_its_place() {
    for (code, lang, count) in [
        ("kubectl -n [FILL IN] undo deploy/[fill in]", "bash", 2),
        ("docker run [PREENCHER] [ausfüllen] [填写]", "bash", 3),
        ("psql -h <...> -U <…> -d [...] ____", "bash", 4),
        ("helm rollback ??? XXX TBD {{TODO}} {{ ... }}", "bash", 5),
        ("export KEY=CHANGEME; kubectl -n TODO get pods", "bash", 2),
        ("pg_restore backup_____.sql", "bash", 1),
        ("curl https://xxx.example.test/<value>", "bash", 2),
        ("DELETE FROM ___ WHERE id = XXX AND a = '???'", "sql", 3),
        ("cat <<E | psql\nSELECT 1 WHERE id = XXX\nE\n", "bash", 1),
    ] {
        let found = find(code, lang);
        assert!(found.iter().all(Blank::names_nothing), "{code}: {found:?}");
        assert_eq!(found.len(), count, "{code}: {found:?}");
    }
}

#[test]
fn words_that_are_meant_are_no_blanks() {
    for (code, lang) in [
        ("grep -rn TODO src; grep '___' x; rg XXX", "bash"),
        ("cat TODO; vim TODO.md; git add FIXME", "bash"),
        ("echo \"TODO: TBD\"; echo ________________", "bash"),
        ("git commit -m \"later TBD\"", "bash"),
        ("mktemp /tmp/shop.XXXXXX; f=$(mktemp -t XXXX)", "bash"),
        ("ls dump.??? __init__.py a___b", "bash"),
        ("pip install shop[text]", "bash"),
        (
            "cat > notes.md <<E\nCause: **TBD**\n# Later\nTBD\n____\nE\n",
            "bash",
        ),
        ("SELECT 1 FROM t WHERE eta = 'TBD' AND a LIKE '___'", "sql"),
        ("python3 -c 'print(\"x\" * 3)'; sed -i s/XXX/1/ f", "bash"),
    ] {
        let found = find(code, lang);
        assert_eq!(found, [], "{code}");
    }
}
