//! What is asked of which target, for texts as plans have them.

use super::*;

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
        ("git -C $DIR fetch", "git -C \"$DIR\" remote get-url origin"),
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
            "psql -h db -U ana shop < x.sql",
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
