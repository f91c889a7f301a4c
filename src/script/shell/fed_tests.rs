//! Commands that are told by their input what to do, as plans have them, and how much harm they can
//! do.

use super::tests::all;
use crate::script::Danger;

#[test]
fn what_is_typed_into_a_session_is_judged_by_what_it_says() {
    all(
        Danger::Irreversible,
        &[
            "ssh app-1 bash -s <<'X'\ncd /srv\nrm -rf releases\nX\n",
            "ssh app-1 <<EOF\nrm -rf /srv/releases\nEOF\n",
            "ssh app-1 sudo -i <<EOF\nrm -rf /srv/releases\nEOF\n",
            "sudo -s <<X\nrm -rf /srv/releases\nX\n",
            "sudo -i <<X\nrm -rf /srv/releases\nX\n",
            "su - postgres <<X\ndropdb shop\nX\n",
            "sudo su - postgres <<X\npsql -c 'drop table carts'\nX\n",
            "bash <<X\nrm -rf /srv/releases\nX\n",
            "bash -es -- v1 <<X\nrm -rf /srv/releases\nX\n",
            "echo 'rm -rf /srv/releases' | ssh app-1",
            "echo 'rm -rf /srv/releases' | sudo bash",
            "printf '%s\\n' 'rm -rf /srv/releases' | ssh app-1 sh -s",
            "cat <<X | ssh app-1 bash\nrm -rf /srv/releases\nX\n",
            "ssh app-1 <<< 'rm -rf /srv/releases'",
            "docker exec -i web sh <<X\nrm -rf /data\nX\n",
            "kubectl exec -i web-0 -- sh <<X\nrm -rf /data\nX\n",
            "echo 'rm -rf /srv/old' | at now + 1 hour",
        ],
    );
    all(
        Danger::Changes,
        &[
            "ssh app-1 bash -s <<'X'\nsystemctl restart shop\nX\n",
            "ssh app-1 <<EOF\nuptime\nEOF\n",
            "ssh app-1 bash -s < deploy.sh",
            "bash deploy.sh <<X\nyes\nX\n",
            "bash deploy.sh <<< ''",
            "echo yes | bash deploy.sh",
        ],
    );
    all(
        Danger::None,
        &["bash <<X\nuptime\nX\n", "ssh app-1 uptime < /dev/null"],
    );
}

#[test]
fn what_a_database_gets_as_input_is_judged_by_what_it_says() {
    all(
        Danger::Irreversible,
        &[
            "redis-cli -h cache <<X\nSELECT 2\nFLUSHALL\nX\n",
            "redis-cli --tls --cacert ca.pem FLUSHALL",
            "docker exec -i cache redis-cli <<X\nflushdb\nX\n",
            "echo flushall | redis-cli",
            "printf 'AUTH x\\r\\nFLUSHALL\\r\\n' | nc cache 6379",
            "redis-cli EVAL \"return redis.call('flushall')\" 0",
            "kubectl exec -i db-0 -- psql -U shop <<X\nDROP TABLE carts;\nX\n",
            "sqlplus -s shop/x <<X\nDROP TABLE carts;\nX\n",
            "echo \"DROP TABLE carts\" | psql",
            "echo \"DROP TABLE $T\" | psql",
            "echo 'DROP TABLE carts' | tee log | psql",
            "(echo 'BEGIN;'; echo 'DROP TABLE carts;') | psql shop",
            "for t in a b; do echo \"DROP TABLE $t;\"; done | psql shop",
            "ssh db-1 'psql shop' <<X\nDROP TABLE carts;\nX\n",
            "ssh db-1 'psql shop' < backup_friday.sql",
            "echo 'db.carts.drop()' | mongosh shop",
            "sftp app-1 <<X\ncd /srv\nrm old.tgz\nX\n",
        ],
    );
    all(
        Danger::Changes,
        &[
            "redis-cli <<X\nSET a 1\nX\n",
            "redis-cli",
            "redis-cli < commands.txt",
            "echo \"SELECT $N\" | psql",
            "echo 'SELECT 1' | sed 's/SELECT 1/DROP TABLE a/' | psql",
            "sqlplus -s shop/x @rollforward.sql",
            "sftp app-1 <<X\nput shop.tgz\nX\n",
            "echo ruok | nc keeper 2181",
        ],
    );
    all(
        Danger::None,
        &[
            "echo PING | redis-cli",
            "echo 'SELECT 1' | psql shop",
            "cat <<X | psql shop\nSELECT 1;\nX\n",
            "nc -z cache 6379",
        ],
    );
}
