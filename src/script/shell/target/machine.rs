//! Whether it matters to a text which machine it runs on.

use crate::script::shell::calls::calls;

/// Whether a text only asks for what is elsewhere, whichever machine it runs on: by `ssh`, by the
/// client of a cluster or a cloud, of an address that is not this machine's.
pub(super) fn goes_away(code: &str) -> bool {
    const AWAY: &[&str] = &[
        "ssh",
        "scp",
        "sftp",
        "rsync",
        "kubectl",
        "oc",
        "helm",
        "aws",
        "az",
        "gcloud",
        "gsutil",
        "bq",
        "terraform",
        "heroku",
        "flyctl",
        "doctl",
        "gh",
        "curl",
        "wget",
        "ping",
        "dig",
        "nslookup",
        "host",
    ];
    const BESIDE: &[&str] = &[
        "echo", "printf", "sleep", "true", "grep", "jq", "head", "tail", "awk", "sed", "cut",
        "sort", "wc", "export", "set", "date", "[", "[[", "test",
    ];
    let Ok(found) = calls(code) else {
        return false;
    };
    let own = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];
    let programs = || {
        found
            .all
            .iter()
            .map(|call| call.program().unwrap_or_default())
    };
    programs().any(|p| AWAY.contains(&p))
        && programs().all(|p| AWAY.contains(&p) || BESIDE.contains(&p))
        && !own.iter().any(|name| code.contains(name))
}
