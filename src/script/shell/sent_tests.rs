//! Commands that are handed to other machines, and those that remove much by one word, as plans
//! have them.

use super::tests::all;
use crate::script::Danger;

#[test]
fn what_is_sent_to_other_machines_is_judged_by_what_it_says() {
    all(
        Danger::Irreversible,
        &[
            "pdsh -w web[1-3] rm -rf /srv/old",
            "pdsh -R ssh -w web1 'rm -rf /srv/old'",
            "clush -b -w @web 'rm -rf /srv/old'",
            "pssh -h hosts -i 'rm -rf /srv/old'",
            "parallel-ssh -h hosts rm -rf /srv/old",
            "salt '*' cmd.run 'rm -rf /srv/old'",
            "salt -G role:web cmd.run 'rm -rf /srv/old' cwd=/",
            "ansible web -m shell -a 'rm -rf /srv/old'",
            "ansible web --args='rm -rf /srv/old' -b",
            "sshpass -p x ssh web1 'rm -rf /srv/old'",
            "sshpass -f pw ssh web1 'rm -rf /srv/old'",
            "parallel -j 4 ssh {} 'rm -rf /srv/old' ::: web1 web2",
            "runuser -u postgres -- dropdb shop",
            "runuser -u postgres dropdb shop",
            "aws ssm send-command --targets x --document-name AWS-RunShellScript --parameters 'commands=[\"cd /srv\",\"rm -rf old\"]'",
            "az vm run-command invoke -g g -n n --command-id RunShellScript --scripts 'rm -rf /srv/old'",
            "script -qc 'rm -rf /srv/old' log",
            "busybox rm -rf /srv/old",
            "gosu app rm -rf /srv/old",
            "lxc exec web -- rm -rf /srv/old",
            "tsh ssh root@web rm -rf /srv/old",
        ],
    );
    all(
        Danger::Changes,
        &[
            "pdsh -w rm uptime",
            "ansible web -m service -a 'name=shop state=restarted'",
            "salt '*' test.ping",
            "runuser -u app -- systemctl restart shop",
            "runuser -l app -c 'systemctl restart shop'",
            "parallel ssh {} uptime ::: web1 web2",
        ],
    );
    all(Danger::None, &["runuser -u postgres -- psql -c 'select 1'"]);
}

#[test]
fn what_removes_much_by_one_word_says_so() {
    all(
        Danger::Irreversible,
        &[
            "terragrunt run-all destroy --terragrunt-non-interactive",
            "terragrunt run --all destroy",
            "curl -XDELETE es:9200/_all",
            "curl -X DELETE 'http://search:9200/carts-2024'",
            "curl -X DELETE \"https://elastic.shop.test/carts-*\"",
            "curl -X POST 'http://h:9200/carts/_delete_by_query' -d '{}'",
            "curl -X DELETE 'http://consul:8500/v1/kv/shop?recurse=true'",
            "cqlsh -e 'truncate shop.carts'",
            "bq query --use_legacy_sql=false 'DELETE FROM shop.carts WHERE true'",
            "bq rm -r -f shop",
            "wp db reset --yes",
            "wp site empty --yes",
            "hdfs dfs -rm -r /data/old",
            "hadoop fs -rm -r /data/old",
            "mc rm --recursive --force s3/old",
            "s3cmd del --recursive s3://old",
            "psql -c 'DELETE FROM carts WHERE 1=1'",
            "psql -c 'DELETE FROM carts WHERE true'",
            "psql -c 'WITH d AS (DELETE FROM users RETURNING *) SELECT count(*) FROM d'",
            "psql -c 'EXPLAIN ANALYZE DELETE FROM users'",
            "psql -c \"COPY t TO PROGRAM 'rm -rf /srv/old'\"",
            "psql -c \"\\\\! rm -rf /srv/old\"",
        ],
    );
    all(
        Danger::Changes,
        &[
            "terragrunt run-all apply",
            "curl -X DELETE http://h/x/1",
            "curl -X DELETE http://search:9200/carts/_doc/7",
            "curl -X DELETE http://shop/collections/5",
            "cqlsh -e \"UPDATE shop.flags SET on = false WHERE id = 1\"",
            "bq query 'SELECT 1'",
            "wp plugin deactivate x",
            "mc cp a s3/b",
            "psql -c 'DELETE FROM carts WHERE id = 3'",
            "psql -c 'WITH d AS (DELETE FROM users WHERE id = 1 RETURNING *) SELECT * FROM d'",
            "psql -c 'EXPLAIN ANALYZE UPDATE t SET a = 1 WHERE id = 2'",
            "psql -c \"COPY t TO PROGRAM 'gzip > /tmp/t.gz'\"",
        ],
    );
    all(
        Danger::None,
        &[
            "terragrunt run-all plan",
            "cqlsh -e 'SELECT * FROM shop.carts'",
            "bq ls shop",
            "psql -c 'EXPLAIN ANALYZE SELECT 1'",
        ],
    );
}
