//! Requests over HTTP, and what serves it.

use super::{has, listed, operands, says, value_of};
use crate::script::Judged;
use crate::script::shell::calls::Call;

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "curl" => curl(call),
        "wget" => wget(call),
        "http" | "https" | "xh" | "httpie" => httpie(call),
        "grpcurl" | "grpc_health_probe"
            if says(call, "list") || says(call, "describe") || program != "grpcurl" =>
        {
            Judged::reads()
        }
        "ab" | "hey" | "wrk" | "k6" | "siege" => {
            Judged::changes(format!("{program} puts load on a service"))
        }
        _ => return None,
    })
}

/// The method of a curl call.
pub(in crate::script::shell) fn curl_method(call: &Call) -> String {
    let joined = call
        .args()
        .find_map(|a| a.strip_prefix("-X").filter(|m| !m.is_empty()));
    if let Some(method) = value_of(call, &["-X", "--request"]).or(joined) {
        return method.to_uppercase();
    }
    if sends_body(call) && !has(call, "-G") && !says(call, "--get") {
        return "POST".to_owned();
    }
    if call.args().any(|a| a == "-T" || a == "--upload-file") {
        return "PUT".to_owned();
    }
    if has(call, "-I") || says(call, "--head") {
        "HEAD".to_owned()
    } else {
        "GET".to_owned()
    }
}

fn sends_body(call: &Call) -> bool {
    call.args().any(|a| {
        let short = a.starts_with("-d") || a.starts_with("-F");
        short && !a.starts_with("--")
            || a.starts_with("--data")
            || a.starts_with("--form")
            || a.starts_with("--json")
    })
}

fn curl(call: &Call) -> Judged {
    let method = curl_method(call);
    if !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        return Judged::changes(format!("curl sends {method}"));
    }
    let output = value_of(call, &["-o", "--output"]);
    let named = call.args().any(|a| {
        let letters = a.starts_with('-') && !a.starts_with("--");
        letters && a.contains('O') || a == "--remote-name" || a == "--remote-name-all"
    });
    let others = [
        "-D",
        "--dump-header",
        "-c",
        "--cookie-jar",
        "--trace",
        "--trace-ascii",
    ];
    let files = others
        .iter()
        .filter_map(|o| value_of(call, &[*o]))
        .chain(output);
    match files
        .into_iter()
        .find(|f| !f.starts_with("/dev/") && *f != "-")
    {
        Some(file) => Judged::changes(format!("curl writes the file {file}")),
        None if named => Judged::changes("curl -O writes a file"),
        None if has(call, "-K") || says(call, "--config") => {
            Judged::changes("what curl does is in its configuration file")
        }
        None => Judged::reads(),
    }
}

fn wget(call: &Call) -> Judged {
    let posts = call
        .args()
        .any(|a| a.starts_with("--post") || a.starts_with("--body") || a.starts_with("--method"));
    if posts {
        return Judged::changes("wget sends data");
    }
    let nowhere = says(call, "--spider")
        || call
            .args()
            .any(|a| a == "-O-" || a == "-qO-" || a.ends_with("O-"))
        || matches!(
            value_of(call, &["-O", "-qO", "--output-document"]),
            Some("-" | "/dev/null")
        );
    if nowhere {
        Judged::reads()
    } else {
        Judged::changes("wget writes a file")
    }
}

fn httpie(call: &Call) -> Judged {
    let words = operands(call);
    let method = words.first().copied().unwrap_or("");
    let sends = words
        .iter()
        .skip(1)
        .any(|w| w.contains(":=") || w.contains('=') && !w.contains("==") && !w.contains("://"));
    if listed("POST PUT PATCH DELETE", &method.to_uppercase()) || sends {
        return Judged::changes("the request sends data");
    }
    Judged::reads()
}
