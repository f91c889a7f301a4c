//! Commands as plans have them, and how much harm they can do.

use super::super::{fed, is_monitor, looks_like_shell, needs_terminal, split, with_http_status};
use super::{danger, programs};
use crate::script::{Danger, blanks, sql};

pub(super) fn all(want: Danger, codes: &[&str]) {
    for code in codes {
        let judged = danger(code);
        assert_eq!(judged.danger, want, "{code}: {}", judged.why);
        assert_eq!(
            judged.why.is_empty(),
            want == Danger::None,
            "{code}: {}",
            judged.why
        );
    }
}

#[test]
fn what_only_reads_is_known_to() {
    all(
        Danger::None,
        &[
            "",
            "# nothing but a comment",
            "git log --oneline -10",
            "git tag -l \"v*\" | tail -5",
            "git rev-parse HEAD; git status; git diff a..b; git show x; git branch -a",
            "ls -lh /backups/*.dump",
            "cat x | grep -i error | wc -l",
            "curl -s https://h/health",
            "curl -H \"Authorization: Bearer $TOKEN\" \\\n  https://h/api?x=1",
            "curl -w \"@f.txt\" -o /dev/null -s http://h",
            "psql $DATABASE_URL -c \"SELECT count(*) FROM projects;\"",
            "psql -h <host> -U <user> -d x -c \\\n  \"SELECT count(*) FROM pg_stat_activity WHERE state = 'active';\"",
            "psql $D << EOF\nSELECT p.id, COUNT(s.id) FROM p LEFT JOIN s ON p.id = s.x GROUP BY p.id LIMIT 10;\nEOF",
            "kubectl get pods -n a && kubectl describe pod x",
            "kubectl argo rollouts get rollout x -n a",
            "kubectl argo rollouts status x --watch --timeout 10m",
            "systemctl status app",
            "sudo systemctl is-active app",
            "df -h; free -h; date; uptime",
            "echo \"done\"",
            "sleep 15",
            "cd backend",
            "export A=b; B=$(git rev-parse HEAD)",
            "pm2 list | grep app",
            "pm2 logs app --err --lines 50",
            "tail -n 100 /var/log/app.log | grep ERROR",
            "aws s3 ls s3://b/ | grep \"$(date +%Y%m%d)\"",
            "npx prisma migrate status",
            "alembic current",
            "redis-cli PING",
            "redis-cli -h h -p 1 KEYS 'a:*'",
            "watch -n 5 'curl -s http://h/health'",
            "while true; do curl -s http://h; sleep 5; done",
            "[ -f x ] && echo yes",
            "for i in 1 2 3; do curl -f http://h && break; done",
            "f() { git log; }; f",
            "find . -name '*.log' -exec grep x {} +",
            "sed -n '1,5p' x",
            "terraform plan",
            "docker ps; docker compose logs api",
            "pg_restore -l x.dump",
            "pg_restore -t projects backup.sql | grep id",
            "command -v psql >/dev/null 2>&1",
            "helm history app",
            "ssh a@b uptime",
            "source venv/bin/activate",
            "cat f | jq '.a'",
            "exec 2>&1",
            "curl -sS -o /dev/null -w '%{http_code}\\n' http://h",
            "curl -sI http://h; curl -fsSL http://h | head -5",
            "awk '$3 > 5 {print $1}' f",
            "sed -e 's/a/b/g' f | sed -n '/x/p'",
            "aws --profile p --region r ec2 describe-instances",
            "gcloud compute instances list --project x",
            "gcloud run services describe shop --region r",
            "gcloud container images list-tags gcr.io/x/shop",
            "gcloud projects get-iam-policy x",
            "wrangler d1 execute shop-db --command=\"SELECT count(*) FROM carts\"",
            "npx wrangler d1 execute shop-db --remote --command 'SELECT 1'",
            "heroku pg:psql -a shop -c 'SELECT 1'",
            "nginx -t",
            "service app status",
            "git tag -ln",
            "kill -0 4711",
            "tar -tzf a.tgz",
        ],
    );
}

#[test]
fn what_changes_things_says_so() {
    all(
        Danger::Changes,
        &[
            "sudo systemctl stop app",
            "gcloud run deploy shop --image i",
            "gcloud run services update-traffic shop --to-revisions r=100",
            "gcloud container clusters get-credentials c",
            "wrangler d1 execute shop-db --command=\"UPDATE carts SET n = 0 WHERE id = 1\"",
            "wrangler d1 execute shop-db --file=schema.sql",
            "wrangler secret put CLOSED",
            "pm2 restart all",
            "git checkout v1",
            "npm ci",
            "npm run build",
            "npm run test:smoke",
            "curl -X POST http://h/pause",
            "curl -d a=b http://h",
            "curl -X DELETE http://h/x/1",
            "curl -o f http://h",
            "echo x >> /var/log/y",
            "git rev-parse HEAD > f.txt",
            "pg_dump $D > b.sql",
            "pg_dump -h <host> -F c -f b.dump",
            "psql $D -c \"UPDATE f SET e = false WHERE n = 'x';\"",
            "psql $D",
            "alembic downgrade -1",
            "npx prisma migrate resolve --rolled-back x",
            "kubectl rollout undo deployment/x",
            "kubectl argo rollouts abort x",
            "docker-compose restart",
            "cp -r build/* /var/www/",
            "./scripts/rollback.sh",
            "$CMD --now",
            "foo $(bar",
            "SELECT 1 (",
            "bash deploy.sh",
            "curl https://x | bash",
            "ssh a@b",
            "kubectl delete pod x",
            "aws cloudfront create-invalidation --distribution-id $C --paths '/*'",
            "tee f < x",
            "for x in a; do echo $x; done > f",
            "{ date; uptime; } >> f",
            "eval \"$X\"",
            "python scripts/x.py --service y",
            "unknown-tool --do",
            "echo $((1 + $(touch x)))",
            "source ./setup.sh",
            "psql $D -c \"SELECT pg_terminate_backend(1)\"",
            "curl -sX POST http://h",
            "curl -sd a=b http://h",
            "curl -so f http://h",
            "curl -sSLO http://h/f",
            "kill -10 4711",
            "kill -kill 4711",
            "nginx -c x.conf",
            "nginx -s reload",
            "uniq a b",
            "sort --output=x y",
            "awk '{print $1 > \"f\"}' x",
            "sed -n 's/a/b/w f' x",
            "sed 's/a/b/e' x",
            "sed --file=x y",
            "git -c core.pager=evil log",
            "git diff --output=f",
            "git tag -mlabel v2",
            "pg_dump -Fcf x d",
            "date 112105552026",
            "fuser -k 80/tcp",
            "hostnamectl set-hostname x",
            "dnf history undo 5",
            "flyway migrate info",
            "terraform plan -out=x",
            "psql -hlocalhost -d x",
            "tar xtf a.tar",
            "ip netns exec x rm y",
            "mongosh --eval 'db.a.findOneAndUpdate({},{})'",
            "rg --pre evil x",
            "service x restart",
        ],
    );
}

#[test]
fn what_cannot_be_undone_says_so() {
    all(
        Danger::Irreversible,
        &[
            "gcloud sql backups restore 77 --restore-instance=shop",
            "gcloud beta sql instances restore-backup shop --backup-id=77",
            "rm -rf outputs/cache/*",
            "cd x && rm -rf *",
            "sudo rm -r /srv",
            "ls | xargs rm -f",
            "find . -delete",
            "find . -exec rm {} \\;",
            "git reset --hard <commit_hash>",
            "git push --force",
            "git push origin +main",
            "git clean -fd",
            "git -C /srv branch -D x",
            "dropdb your_database",
            "psql -h <host> -c \"DROP DATABASE cortex;\"",
            "psql $D <<EOF\nDROP TABLE IF EXISTS a CASCADE;\nEOF",
            "echo 'TRUNCATE t' | psql $D",
            "psql $D -c 'DELETE FROM t'",
            "wrangler d1 execute shop-db --command='DROP TABLE carts'",
            "wrangler d1 execute shop-db --file=backups/friday.sql",
            "wrangler d1 delete shop-db",
            "psql $D < backup_pre_deploy.sql",
            "gunzip -c b.sql.gz | psql $D",
            "pg_restore -h h -d x -F c b.dump",
            "redis-cli FLUSHALL",
            "redis-cli KEYS 'g:*' | xargs redis-cli DEL",
            "redis-cli -n 1 flushdb",
            "aws s3 sync dist/ s3://b/ --delete",
            "aws ec2 terminate-instances --instance-ids i",
            "terraform destroy -auto-approve",
            "kubectl delete deployment x",
            "kubectl exec p -- rm -rf /data",
            "mkfs.ext4 /dev/sdb1",
            "dd if=/dev/zero of=/dev/sda",
            "cat x > /dev/sda",
            "prisma migrate reset --force",
            "npx prisma db push --accept-data-loss",
            "docker volume rm v",
            "docker compose down -v",
            "alembic downgrade base",
            "bash -c 'rm -rf x'",
            "ssh a@b 'cd /srv && rm -rf x'",
            "bash <<E\nrm -rf x\nE",
            "f() { rm -rf x; }; f",
            "if a; then rm -rf b; fi",
            "echo \"$(rm -rf x)\"",
            "sqlite3 m.db \"DELETE FROM e;\"",
            "python manage.py flush",
            "rake db:drop",
            "helm uninstall x",
            "time rm -rf x",
            "timeout 5 rm -rf x",
            "crontab -r",
            "docker exec -i db psql -U p -c 'DROP TABLE x'",
            "rsync -a --delete a/ b/",
            "pg_restore -vd x b.dump",
            "aws --region r s3 rm s3://b/k",
        ],
    );
}

#[test]
fn reasons_name_blanks_as_they_are_written() {
    assert_eq!(
        danger("pg_dump x > dump_<date>.sql").why,
        "it writes the file dump_<date>.sql"
    );
}

#[test]
fn programs_are_named_without_their_wrappers() {
    assert_eq!(
        programs("sudo systemctl stop a && cat x | sudo tee y"),
        ["systemctl", "cat", "tee"]
    );
    assert_eq!(programs("npx prisma migrate status"), ["prisma"]);
    assert_eq!(programs("ssh h 'uptime; df'"), ["uptime", "df"]);
}

#[test]
fn deep_and_long_texts_are_judged_or_refused_and_never_overflow() {
    let shapes = [
        "true && ".repeat(5_000) + "rm x",
        "cat | ".repeat(990) + "rm x",
        "( ".repeat(400) + "rm x" + &" )".repeat(400),
        "$( ".repeat(400) + "rm x" + &" )".repeat(400),
        "if true; then ".repeat(200) + "rm x" + &"; fi".repeat(200),
        "bash -c 'bash -c \"".repeat(50),
        "echo \"".to_owned() + &"$(echo \"".repeat(300),
        "sudo ".repeat(3_000) + "rm x",
        "${a:-".repeat(500),
        "((".repeat(500),
        "<<E ".repeat(500),
        "f() { ".repeat(300),
    ];
    for shape in shapes {
        assert!(danger(&shape).danger >= Danger::Changes, "{}", &shape[..20]);
        // The others only have to come back.
        let _ = (programs(&shape), is_monitor(&shape), needs_terminal(&shape));
        let _ = (
            split(&shape),
            looks_like_shell(&shape),
            fed(&shape),
            with_http_status(&shape),
        );
        let _ = (
            blanks::find(&shape, "bash"),
            sql::danger(&shape),
            blanks::assigned(&shape),
        );
    }
}

#[test]
fn a_script_of_ones_own_is_not_the_program_whose_name_it_has() {
    all(
        Danger::Changes,
        &[
            "tools/git status",
            "./kubectl get pods",
            "/tmp/git status",
            "/usr/../tmp/git status",
            "~/bin/git status",
            "./sudo ls",
            "tools/psql -c 'select 1'",
            "git() { :; }; ./git status",
            "/usr/src/app/git status",
            "frob() { :; }; sudo frob",
            "psql() { docker exec -i db psql \"$@\"; }\npsql -c 'select 1'",
        ],
    );
    all(
        Danger::None,
        &[
            "/usr/bin/git status",
            "/usr/lib/postgresql/15/bin/psql -c 'select 1'",
            "/opt/kafka/bin/kubectl get pods",
            "~/.local/bin/kubectl get pods",
            "./manage.py showmigrations",
            "bin/rails db:migrate:status",
        ],
    );
    all(
        Danger::Irreversible,
        &[
            "./kubectl delete ns prod",
            "rm() { echo no; }; sudo rm -rf /data",
            "psql() { docker exec -i db psql \"$@\"; }\npsql -c 'drop table users'",
        ],
    );
}

#[test]
fn a_function_that_hands_on_what_it_is_given_is_more_than_its_own_words() {
    all(
        Danger::Changes,
        &[
            "api() { curl -fsS --max-time 3 \"$@\"; }\napi -X DELETE http://h/pools/blue",
            "f() { find /srv/releases \"$@\"; }; f -mtime +7",
            "pgl() { psql -l \"$@\"; }; pgl",
            "sorted() { sort $@; }; sorted -o x",
            "ip \"${args[@]}\"",
            "find /srv \"${args[@]:1}\"",
            "sort ${*:2}",
            "f() { find /srv/releases $1; }; f -mtime",
            "s() { rg \"$@\"; }; s --pre ./wipe.sh x",
        ],
    );
    all(
        Danger::Irreversible,
        &[
            "wipe() { dd if=/dev/zero \"$@\"; }; wipe of=/dev/sdb",
            "q() { psql -c 'select 1' \"$@\"; }; q -c 'drop table users'",
            "run() { \"$@\"; }; run rm -rf /data/current",
            "run() { sudo \"$@\"; }; run rm -rf /data/current",
            "f() { find /srv/releases $1; }; f -delete",
            "db() { psql \"$DATABASE_URL\" \"$@\"; }; db -c 'drop table users'",
            "dc() { docker compose \"$@\"; }; dc down -v",
        ],
    );
    all(
        Danger::None,
        &[
            "log() { echo \"[$(date)] $*\"; }; log began",
            "say() { printf '%s\\n' \"$@\"; }; say a b",
            "curl -s \"$API/health\"",
        ],
    );
}

#[test]
fn a_script_is_not_the_word_of_the_shell_whose_name_it_has() {
    all(
        Danger::Changes,
        &[
            "/opt/shop/bin/reset --hard",
            "/opt/shop/bin/clear --all",
            "/opt/shop/bin/users purge",
            "/usr/local/bin/test --wipe",
            "node_modules/.bin/../../git status",
        ],
    );
    all(
        Danger::None,
        &["/usr/bin/test -f x", "/opt/pg/bin/pg_isready"],
    );
}
