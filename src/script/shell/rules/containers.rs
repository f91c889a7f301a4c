//! Containers and what schedules them.

use super::{has, listed, operands, says};
use crate::script::Judged;
use crate::script::shell::calls::Call;

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "docker" | "podman" | "nerdctl" => docker(call, program),
        "docker-compose" | "podman-compose" => compose(call, 0),
        "kubectl" | "oc" | "k" | "k3s" => kubectl(call, program),
        "helm" | "helmfile" => helm(call),
        "kubectx" | "kubens" if operands(call).is_empty() => Judged::reads(),
        "stern" | "k9s" | "crictl" | "dive" | "skopeo"
            if listed("stern dive", program)
                || listed("ps images logs inspect info stats list-tags", verb(call, 0)) =>
        {
            Judged::reads()
        }
        "argocd" | "flux" => gitops(call, program),
        "nomad" | "consul" => hashicorp(call, program),
        _ => return None,
    })
}

/// The n-th word that is no option and no value of a common one.
fn verb(call: &Call, nth: usize) -> &str {
    words(call).get(nth).copied().unwrap_or("")
}

fn words(call: &Call) -> Vec<&str> {
    let with_value = [
        "-n",
        "--namespace",
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--context",
        "--kubeconfig",
        "-H",
        "--host",
        "--profile",
        "-c",
        "--container",
        "-l",
        "--selector",
        "-o",
        "--output",
        "--env-file",
        "--kube-context",
        "-s",
        "--server",
        "--cluster",
    ];
    let mut skip = false;
    call.args()
        .filter(|arg| {
            let value = std::mem::take(&mut skip);
            skip = !value && with_value.contains(arg);
            !value && !arg.starts_with('-')
        })
        .collect()
}

fn docker(call: &Call, program: &str) -> Judged {
    let (first, second) = (verb(call, 0), verb(call, 1));
    if first == "compose" {
        return compose(call, 1);
    }
    let reads = "ps images logs inspect stats version info top port history diff events search";
    let groups = "container image volume network service stack node system context swarm config secret builder manifest buildx";
    let group_reads = "ls list inspect logs ps df info show top stats port events config";
    if listed(reads, first) || listed(groups, first) && listed(group_reads, second) {
        return Judged::reads();
    }
    let volumes = matches!(
        (first, second),
        ("volume", "rm" | "remove" | "prune") | (_, "prune")
    );
    if volumes || first == "rm" && has(call, "-v") {
        return Judged::irreversible(format!("{program} {first} {second} removes what is stored"));
    }
    Judged::changes(format!("{program} {first} changes containers"))
}

/// `docker-compose x`, or `docker compose x` with the verb one word further.
fn compose(call: &Call, at: usize) -> Judged {
    let verb = verb(call, at);
    if listed(
        "ps logs config images top ls port version events stats",
        verb,
    ) {
        return Judged::reads();
    }
    let volumes = says(call, "-v") || says(call, "--volumes");
    if volumes && listed("down rm", verb) {
        return Judged::irreversible(format!("compose {verb} -v removes the volumes"));
    }
    Judged::changes(format!("compose {verb} changes what runs"))
}

fn kubectl(call: &Call, program: &str) -> Judged {
    let (first, second) = (verb(call, 0), verb(call, 1));
    let reads = "get describe logs top explain version api-resources api-versions cluster-info diff \
        wait events port-forward proxy status whoami projects";
    let dry = call
        .args()
        .any(|a| a.starts_with("--dry-run") && a != "--dry-run=none");
    let looks = matches!(
        (first, second),
        ("rollout", "status" | "history")
            | ("auth", "can-i" | "whoami")
            | (
                "config",
                "view" | "current-context" | "get-contexts" | "get-clusters"
            )
    );
    // Argo's plugin: `kubectl argo rollouts get rollout shop`.
    let third = verb(call, 2);
    let looks = looks
        || (first, second) == ("argo", "rollouts")
            && listed("get list status history version", third);
    if dry || listed(reads, first) || looks {
        return Judged::reads();
    }
    match first {
        "delete" => deletion(call, second, program),
        "replace" if says(call, "--force") => {
            Judged::irreversible(format!("{program} replace --force deletes first"))
        }
        "drain" => Judged::changes(format!("{program} drain moves pods off a node")),
        _ => Judged::changes(
            format!("{program} {first} {second}").trim().to_owned() + " changes the cluster",
        ),
    }
}

fn deletion(call: &Call, kind: &str, program: &str) -> Judged {
    let kind = kind.split('/').next().unwrap_or(kind);
    // What owns a pod starts another.
    if listed("pod pods po", kind) && !says(call, "--all-namespaces") {
        return Judged::changes(format!("{program} delete pod restarts it"));
    }
    Judged::irreversible(
        format!("{program} delete {kind}").trim().to_owned() + " removes it from the cluster",
    )
}

fn helm(call: &Call) -> Judged {
    let first = verb(call, 0);
    let reads = "list ls status history get show search template version lint env diff repo-list dependency-list";
    if listed(reads, first) || says(call, "--dry-run") {
        return Judged::reads();
    }
    if listed("uninstall delete del un destroy", first) {
        return Judged::irreversible(format!("helm {first} removes the release"));
    }
    Judged::changes(format!("helm {first} changes the release"))
}

fn gitops(call: &Call, program: &str) -> Judged {
    let (first, second) = (verb(call, 0), verb(call, 1));
    let reads =
        "get list history diff logs wait resources manifests stats tree trace version check";
    if listed(reads, first) || listed(reads, second) {
        return Judged::reads();
    }
    if first == "delete" || second == "delete" {
        return Judged::irreversible(format!("{program} delete removes it"));
    }
    Judged::changes(format!("{program} changes what is deployed"))
}

fn hashicorp(call: &Call, program: &str) -> Judged {
    let (first, second) = (verb(call, 0), verb(call, 1));
    let reads = "status members info version monitor list history inspect logs get";
    if listed(reads, first) || listed(reads, second) {
        return Judged::reads();
    }
    if listed("delete purge", second) || says(call, "-purge") {
        return Judged::irreversible(format!("{program} {second} cannot be undone"));
    }
    Judged::changes(format!("{program} {first} changes the cluster"))
}
