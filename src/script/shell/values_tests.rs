//! Commands with variables in their words, as plans have them, and how much harm they can do.

use super::tests::all;
use super::{danger, danger_given};
use crate::script::Danger;

#[test]
fn what_a_variable_holds_is_judged_where_the_text_says_it() {
    all(
        Danger::Irreversible,
        &[
            "FINDOPTS=\"-type f -delete\"; find /srv $FINDOPTS",
            "X='-delete'; find /srv $X",
            "RMALL=\"rm -rf\"; $RMALL $DIR/d1",
            "K=\"kubectl -n prod\"; $K delete pvc data",
            "PSQL=\"psql -h $HOST\"; $PSQL -c \"DROP TABLE users\"",
            "DC=\"docker compose\"\n$DC down -v",
            "SSH=\"ssh app1\"; $SSH \"rm -rf /srv/old\"",
            "CMD='rm -rf /srv/old'; bash -c \"$CMD\"",
            "CMD='rm -rf /srv/old'; eval $CMD",
            "CMD='rm -rf /srv/old'; ssh app1 \"cd /srv && $CMD\"",
            "SQL='drop table users'; psql -c \"$SQL\"",
            "SQL='drop table users'; echo \"$SQL\" | psql",
            "SQL='drop table users'; psql <<< \"$SQL\"",
            "SQL='drop table users'; psql <<E\n$SQL\nE\n",
            "DISK=/dev/sdb; cat x > $DISK",
            "ARGS=(-type f); ARGS+=(-delete); find /srv \"${ARGS[@]}\"",
            "if t; then O=; else O=-delete; fi; find /srv $O",
            "find /srv ${O:--delete}",
            "$SUDO rm -rf /srv/old",
            "f() { find /srv $O; }; O=-delete; f",
            "for o in -print -delete; do find /srv $o; done",
        ],
    );
    all(
        Danger::Changes,
        &[
            "OPTS=\"-X DELETE\"; curl -s $OPTS http://h/x",
            "K=kubectl; $K get pods",
            "find /srv $FINDOPTS",
            "curl -s $CURL_OPTS http://h/x",
            "OPTS=$(cat opts); sudo curl $OPTS http://h",
            "OPTS=\"-X DELETE\"; OPTS2=-s; curl '$OPTS' $OPTS2 $OPTS http://h/x",
        ],
    );
    all(
        Danger::None,
        &[
            "URL=http://h; curl -s $URL/health",
            "curl -s $URL/health",
            "find $DIR -name x",
            "D=/srv; find $D -name x",
            "OPTS=-s; curl $OPTS http://h/health",
            "OPTS='-s -f'; curl ${OPTS} http://h/health",
            "echo $ARGS",
            "ls $OPTS",
            "O=-delete; find /srv \"$P\"; echo $O",
            "O=-delete find /srv -name x",
            "N=shop; kubectl get pods -n $N",
            "for h in a b; do ssh $h uptime; done",
            "X=\"rm -rf /\"; echo $X",
        ],
    );
}

#[test]
fn what_is_set_before_the_text_begins_is_known_to_it() {
    let given = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    for (name, value, code) in [
        ("O", "-type f -delete", "find /srv $O"),
        ("R", "rm -rf", "$R /srv/old"),
        ("SQL", "drop table users", "psql -c \"$SQL\""),
    ] {
        let judged = danger_given(code, &given(name, value));
        assert_eq!(
            judged.danger,
            Danger::Irreversible,
            "{code}: {}",
            judged.why
        );
    }
    let judged = danger_given("curl $OPTS http://h", &given("OPTS", "-s"));
    assert_eq!(judged.danger, Danger::None, "{}", judged.why);
}

#[test]
fn texts_with_many_values_within_values_come_back() {
    let mut code = String::new();
    for n in 0..30_u32 {
        for m in 0..9_u32 {
            let next = n + 1;
            let line = [
                "A",
                &n.to_string(),
                "='x",
                &m.to_string(),
                " '\"$A",
                &next.to_string(),
                "\"\n",
            ];
            code.push_str(&line.concat());
        }
    }
    code.push_str("x $A0; bash -c \"$A0\"; bash -c 'bash -c \"$A0\"'");
    assert!(danger(&code).danger >= Danger::Changes);
}
