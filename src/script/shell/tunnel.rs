//! What runs beside the work to carry it: port-forwards, tunnels and proxies, which what comes
//! behind them goes through.
//!
//! A window on something (`tail -f`, `watch`) is none: nothing is lost where it has gone.

use super::calls::Call;
use super::danger::collect;
use super::manner::is_monitor;

/// Options of `ssh` that take a value.
const VALUED: &str = "bBcDEeFIiJLlmOopPQRSWw";

/// Whether a text runs until it is stopped, and what comes behind it goes through it.
#[must_use]
pub fn is_tunnel(code: &str) -> bool {
    if !is_monitor(code) {
        return false;
    }
    let mut found = false;
    collect(code, 0, &mut |call| found |= !call.left && carries(call));
    found
}

/// Whether a call is a tunnel that stays in the foreground.
pub(super) fn carries(call: &Call) -> bool {
    let Some(program) = call.program() else {
        return false;
    };
    let args: Vec<&str> = call.args().collect();
    let plain = || args.iter().copied().filter(|a| !a.starts_with('-'));
    match program {
        // What stands before it may be an option with a value: `kubectl -n shop port-forward`.
        "kubectl" | "oc" => plain()
            .take(4)
            .any(|a| matches!(a, "port-forward" | "proxy")),
        "ssh" | "autossh" => {
            let letters = letters(&args);
            letters.contains('N') && !letters.contains('f')
        }
        "socat" => plain().any(|a| a.to_uppercase().contains("LISTEN:")),
        "cloud_sql_proxy" | "cloud-sql-proxy" => !args
            .iter()
            .any(|a| matches!(*a, "--version" | "-version" | "--help")),
        "gcloud" => args.contains(&"start-iap-tunnel"),
        "aws" => {
            args.starts_with(&["ssm", "start-session"])
                && args.iter().any(|a| a.contains("PortForwarding"))
        }
        "fly" | "flyctl" => plain().next() == Some("proxy"),
        _ => false,
    }
}

/// The letters of the options that `ssh` was given, values left out.
fn letters(args: &[&str]) -> String {
    let mut letters = String::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let Some(cluster) = arg.strip_prefix('-').filter(|c| !c.starts_with('-')) else {
            continue;
        };
        let valued = cluster.find(|c| VALUED.contains(c));
        letters.push_str(cluster.get(..valued.unwrap_or(cluster.len())).unwrap_or(""));
        if valued.is_some_and(|at| at + 1 == cluster.len()) {
            rest.next();
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_the_work_behind_it_is_told_from_what_only_shows() {
        for code in [
            "kubectl port-forward svc/db 15432:5432",
            "kubectl --context prod -n shop port-forward svc/db 15432:5432",
            "sudo kubectl port-forward svc/db 80:80",
            "kubectl proxy --port=8001",
            "ssh -N -L 15432:db:5432 ana@gate",
            "ssh -NL 15432:db:5432 gate",
            "ssh -i key -L 15432:db:5432 gate -N",
            "ssh -o ExitOnForwardFailure=yes -ND 1080 gate",
            "autossh -M 0 -N -L 1:db:2 gate",
            "socat TCP-LISTEN:15432,fork TCP:db:5432",
            "cloud_sql_proxy -instances=a:b:c=tcp:15432",
            "./cloud-sql-proxy a:b:c --port 15432",
            "gcloud compute start-iap-tunnel vm 5432 --local-host-port=localhost:15432",
            "aws ssm start-session --target i-1 --document-name AWS-StartPortForwardingSession",
            "timeout 600 kubectl port-forward svc/db 15432:5432",
        ] {
            assert!(is_tunnel(code), "{code}");
        }
        for code in [
            "tail -f app.log",
            "watch kubectl get pods",
            "kubectl logs -f deploy/app",
            "kubectl get pods",
            "kubectl port-forward svc/x 8080:80 &\nsleep 2\ncurl http://localhost:8080\nkill %1",
            "ssh -fNL 15432:db:5432 gate",
            "ssh -N -f gate",
            "ssh -L 15432:db:5432 gate",
            "ssh -l N gate uptime",
            "ssh gate 'ls -N'",
            "socat - TCP:db:5432",
            "cloud-sql-proxy --version",
        ] {
            assert!(!is_tunnel(code), "{code}");
        }
    }
}
