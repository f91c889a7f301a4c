//! Requests over HTTP, and what serves it.

use super::{databases, listed, operands, says, value_of};
use crate::script::Judged;
use crate::script::shell::calls::Call;

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "curl" => curl(call),
        "wget" => wget(call),
        "http" | "https" | "xh" | "httpie" => httpie(call),
        "grpcurl"
            if operands(call)
                .last()
                .is_some_and(|w| listed("list describe", w)) =>
        {
            Judged::reads()
        }
        "grpc_health_probe" => Judged::reads(),
        "ab" | "hey" | "wrk" | "k6" | "siege" => {
            Judged::changes(format!("{program} puts load on a service"))
        }
        _ => return None,
    })
}

/// Letters of curl that take a value, in the same word or the next.
const WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// The options of a curl call, short ones as `-x`, each with its value where it takes one.
fn curl_options(call: &Call) -> Vec<(String, Option<String>)> {
    let args: Vec<&str> = call.args().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let next = args.get(at + 1).map(|v| (*v).to_owned());
        if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, next),
            };
            found.push((format!("--{name}"), value));
        } else if let Some(letters) = arg.strip_prefix('-') {
            for (offset, letter) in letters.char_indices() {
                if WITH_VALUE.contains(letter) {
                    let rest = letters.get(offset + letter.len_utf8()..).unwrap_or("");
                    let own = (!rest.is_empty()).then(|| rest.to_owned());
                    at += usize::from(own.is_none());
                    found.push((format!("-{letter}"), own.or(next)));
                    break;
                }
                found.push((format!("-{letter}"), None));
            }
        }
        at += 1;
    }
    found
}

/// The names of a curl call's options, short ones as `-x`.
pub(in crate::script::shell) fn curl_option_names(call: &Call) -> Vec<String> {
    curl_options(call)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

fn curl(call: &Call) -> Judged {
    let options = curl_options(call);
    let has = |names: &[&str]| {
        options
            .iter()
            .any(|(name, _)| names.contains(&name.as_str()))
    };
    let value = |names: &[&str]| {
        let mut with = options
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        with.find_map(|(_, value)| value.as_deref())
    };
    let method = value(&["-X", "--request"]).map(str::to_uppercase);
    let body = options.iter().any(|(name, _)| {
        matches!(name.as_str(), "-d" | "-F" | "--json" | "--url-query")
            || name.starts_with("--data")
            || name.starts_with("--form")
    });
    let method = match method {
        Some(method) => method,
        None if body && !has(&["-G", "--get"]) => "POST".to_owned(),
        None if has(&["-T", "--upload-file"]) => "PUT".to_owned(),
        None => "GET".to_owned(),
    };
    if let Some(scheme) = call.args().find_map(spoken) {
        let judged = Judged::changes(format!("curl speaks {scheme} with a service"));
        let told = call
            .args()
            .find(|a| spoken(a).is_some())
            .unwrap_or_default();
        let empties = told.to_lowercase().contains("flushall");
        return if empties {
            Judged::irreversible("flushall removes keys for good")
        } else {
            judged.worse(databases::over_a_wire(call).unwrap_or_else(Judged::reads))
        };
    }
    if let Some(what) = call.args().find_map(|url| empties(&method, url)) {
        return Judged::irreversible(format!("{method} removes {what}"));
    }
    if !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        return Judged::changes(format!("curl sends {method}"));
    }
    if has(&[
        "-Q",
        "--quote",
        "-K",
        "--config",
        "--mail-from",
        "--mail-rcpt",
        "--create-dirs",
    ]) {
        return Judged::changes("curl does more than ask");
    }
    if has(&[
        "-O",
        "-J",
        "--remote-name",
        "--remote-name-all",
        "--output-dir",
    ]) {
        return Judged::changes("curl -O writes a file");
    }
    let files = [
        "-o",
        "--output",
        "-D",
        "--dump-header",
        "-c",
        "--cookie-jar",
        "--trace",
        "--trace-ascii",
        "--stderr",
        "--etag-save",
        "--hsts",
        "--alt-svc",
        "--libcurl",
    ];
    let written = options
        .iter()
        .filter(|(name, _)| files.contains(&name.as_str()));
    let mut written = written.filter_map(|(_, value)| value.as_deref());
    match written.find(|file| !matches!(*file, "-" | "/dev/null" | "/dev/stdout" | "/dev/stderr")) {
        Some(file) => Judged::changes(format!("curl writes the file {file}")),
        None => Judged::reads(),
    }
}

/// The scheme of an address with which curl hands on whatever it is given.
fn spoken(url: &str) -> Option<&'static str> {
    const SCHEMES: &[&str] = &[
        "telnet", "dict", "gopher", "gophers", "tftp", "smtp", "smtps", "imap", "imaps", "pop3",
        "pop3s", "mqtt", "ldap", "ldaps", "rtsp", "ws", "wss",
    ];
    let scheme = url.split_once("://")?.0.to_lowercase();
    SCHEMES.iter().find(|known| **known == scheme).copied()
}

/// What a request removes that is not one thing but many: an index, a database or a collection of
/// a store, whatever matches, or all below a key. The removal of one thing by its address can
/// mostly be made good, and is a change.
fn empties(method: &str, url: &str) -> Option<&'static str> {
    // Indices and databases stand first in the path of these.
    const PORTS: &[&str] = &["9200", "9201", "9243", "5984"];
    const NAMES: &[&str] = &["elastic", "opensearch", "couchdb"];
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    if parts.last() == Some(&"_delete_by_query") && method == "POST" {
        return Some("what the query finds");
    }
    if method != "DELETE" || url.starts_with('-') {
        return None;
    }
    let store = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| PORTS.contains(&port))
        || NAMES.iter().any(|name| host.contains(name));
    if parts.iter().any(|p| *p == "_all" || p.contains('*')) {
        return Some("whatever matches");
    }
    if store && parts.len() == 1 || parts.first() == Some(&"_data_stream") {
        return Some("an index or a database");
    }
    let vectors = host.contains("qdrant") || host.ends_with(":6333");
    if vectors && parts.len() == 2 {
        return Some("a collection");
    }
    query
        .split('&')
        .any(|q| q.starts_with("recurse"))
        .then_some("all below it")
}

fn wget(call: &Call) -> Judged {
    let sends = [
        "--post",
        "--body",
        "--method",
        "--use-askpass",
        "--execute",
        "--config",
    ];
    if call
        .args()
        .any(|a| sends.iter().any(|s| a.starts_with(s)) || a == "-e")
    {
        return Judged::changes("wget sends data");
    }
    let log = value_of(call, &["-o", "-a", "--output-file", "--append-output"]);
    let nowhere = says(call, "--spider")
        || call.args().any(|a| matches!(a, "-O-" | "-qO-" | "-nvO-"))
        || matches!(
            value_of(call, &["-O", "-qO", "-nvO", "--output-document"]),
            Some("-" | "/dev/null" | "/dev/stdout")
        );
    if nowhere && log.is_none_or(|f| f == "/dev/null") {
        Judged::reads()
    } else {
        Judged::changes("wget writes a file")
    }
}

fn httpie(call: &Call) -> Judged {
    let words = operands(call);
    let first = words.first().copied().unwrap_or("");
    let named = first.chars().all(|c| c.is_ascii_uppercase()) && !first.is_empty();
    let sends = words.iter().skip(1).any(|w| {
        w.contains(":=")
            || w.contains('@')
            || w.contains('=') && !w.contains("==") && !w.contains("://")
    });
    let reads = !named || matches!(first, "GET" | "HEAD" | "OPTIONS");
    let files = ["-d", "--download", "-o", "--output", "--session"];
    let saves = call.args().any(|a| {
        files
            .iter()
            .any(|f| a == *f || a.starts_with(&format!("{f}=")))
    });
    if reads && !sends && !saves && call.piped.is_none() && call.input.is_none() {
        return Judged::reads();
    }
    Judged::changes("the request sends data or writes a file")
}
