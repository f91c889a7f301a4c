//! Which paths of a text have to be there, and from which directory.

use super::*;

fn read(code: &str) -> Vec<String> {
    let mut expand = |word: &str| {
        let known = word.replace("$BASE", "/srv/shop").replace('~', "/home/ana");
        (!known.contains('$')).then_some(known)
    };
    let found = paths(code, &mut expand);
    let say = |p: PathUse| {
        let what = match p.touch {
            Touch::Reads => "read",
            Touch::Enters => "enter",
            Touch::Runs => "run",
            Touch::Removes => "remove",
        };
        let dir = p.dir.join("");
        format!("{what} {}{}", dir.display(), p.path)
    };
    found.into_iter().map(say).collect()
}

#[test]
fn what_a_text_reads_is_looked_for_where_it_stands_by_then() {
    for (code, want) in [
        ("cat notes/a.txt", vec!["read notes/a.txt"]),
        (
            "cd shop && ./bin/back.sh v3",
            vec!["enter shop", "run shop/./bin/back.sh"],
        ),
        (
            "cd shop\ncd db\npsql -f down.sql \"$URL\"",
            vec!["enter shop", "enter shop/db", "read shop/db/down.sql"],
        ),
        (
            "(cd shop && cat a); cat b",
            vec!["enter shop", "read shop/a", "read b"],
        ),
        ("cd $BASE/x; cat y", vec!["enter $", "read /srv/shop/x/y"]),
        ("cd ~/x", vec!["enter /home/ana/x"]),
        ("cd $(pwd); cat y; cd $OTHER; cat z", vec![]),
        ("head -n 20 log.txt", vec!["read log.txt"]),
        ("grep -i error app.log", vec!["read app.log"]),
        ("mysql shop < old.sql", vec!["read old.sql"]),
        ("sudo bash tools/undo.sh now", vec!["read tools/undo.sh"]),
        ("bash -c 'cd a && cat b'", vec!["enter a", "read a/b"]),
        ("cp -r conf.old conf", vec!["read conf.old"]),
        ("kubectl apply -f k8s/web.yaml", vec!["read k8s/web.yaml"]),
        ("kubectl logs -f web-0", vec![]),
        (
            "docker compose -f prod.yml logs -f web",
            vec!["read prod.yml"],
        ),
        ("rm -rf build", vec!["remove build"]),
        ("tar xzf cfg.tgz", vec!["read cfg.tgz"]),
    ] {
        let want: Vec<String> = want
            .into_iter()
            .map(|w| w.replace('$', "/srv/shop/x"))
            .collect();
        assert_eq!(read(code), want, "{code}");
    }
}

#[test]
fn what_a_text_may_have_made_itself_is_not_missed() {
    for (code, want) in [
        ("pg_dump shop > a.sql && gzip a.sql", vec![]),
        ("mkdir -p out && cd out && cat x", vec![]),
        ("git checkout v1 && cd new && ./run.sh", vec![]),
        ("tar xzf /b/cfg.tgz && cat cfg/a", vec!["read /b/cfg.tgz"]),
        ("./make-it.sh && cat made", vec!["run ./make-it.sh"]),
        ("[ -f a.pid ] && cat a.pid", vec![]),
        ("[[ -f a.pid ]] && cat a.pid", vec![]),
        (
            "if [[ -d conf && -r conf/a ]]; then\n  cat conf/a\nfi",
            vec![],
        ),
        (
            "cd shop && [[ ! -e run/pid ]] || cat run/pid",
            vec!["enter shop"],
        ),
        ("cat b\n[[ -f b ]] && cat c", vec!["read b", "read c"]),
        ("[[ -n b ]] && cat b", vec!["read b"]),
        ("curl -O http://h/b; cat b", vec![]),
        ("ssh host 'cat a'", vec![]),
        ("docker exec web cat a", vec![]),
        ("cat <file>", vec![]),
        ("cat *.log", vec![]),
        ("ls | xargs cat", vec![]),
    ] {
        assert_eq!(read(code), want, "{code}");
    }
}

#[test]
fn what_changes_and_makes_no_file_does_not_end_the_look() {
    let code = "systemctl stop shop\npsql -c 'SELECT 1' shop\ncd shop && cat a";
    assert_eq!(read(code), ["enter shop", "read shop/a"]);
}
