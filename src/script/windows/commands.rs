//! What single commands do: cmdlets by verb, the tools of Windows by name.

use super::danger::listed;
use crate::script::{Judged, shell};

/// Verbs of cmdlets that only look, or only say something.
const LOOKING: &str = "get test select where foreach sort measure format out write compare \
    convertto convertfrom convert resolve find search show join split wait read group trace";

/// Cmdlets of such verbs that write all the same, and of others that only look.
const WRITING: &str = "out-file out-printer tee-object write-eventlog";
const HARMLESS: &str = "start-sleep set-location push-location pop-location set-strictmode \
    import-module import-csv import-clixml clear-host new-object new-timespan start-transcript \
    stop-transcript set-variable remove-variable invoke-command";

/// What takes something away for good.
const REMOVING: &str = "remove clear drop purge destroy delete";

/// Cmdlets that take away only what belongs to the session.
const OF_SESSION: &str = "remove-module remove-pssession remove-psdrive remove-job clear-variable \
    clear-dnsclientcache";

/// The harm of a cmdlet; nothing where the word is none.
pub fn cmdlet(name: &str, args: &[&str]) -> Option<Judged> {
    let lower = name.to_lowercase();
    let (verb, noun) = lower.split_once('-')?;
    let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphabetic());
    let noun_fits = noun.chars().all(|c| c.is_ascii_alphanumeric());
    if !word(verb)
        || noun.is_empty()
        || !noun_fits
        || !name.starts_with(char::is_uppercase) && !known(verb)
    {
        return None;
    }
    let says = |flag: &str| args.iter().any(|a| a.eq_ignore_ascii_case(flag));
    if says("-whatif") || listed(HARMLESS, &lower) {
        return Some(Judged::reads());
    }
    if matches!(lower.as_str(), "format-volume" | "initialize-disk") {
        return Some(Judged::irreversible(format!(
            "{name} destroys what is stored"
        )));
    }
    if matches!(lower.as_str(), "invoke-webrequest" | "invoke-restmethod") {
        return Some(request(name, args));
    }
    if lower == "invoke-sqlcmd"
        && args
            .iter()
            .any(|a| shell::looks_like_sql(a.trim_matches(['"', '\''])))
    {
        return Some(Judged::reads());
    }
    if listed(REMOVING, verb) && !listed(OF_SESSION, &lower) {
        return Some(Judged::irreversible(format!(
            "{name} removes something for good"
        )));
    }
    if listed(LOOKING, verb) && !listed(WRITING, &lower) {
        return Some(Judged::reads());
    }
    Some(Judged::changes(format!("{name} changes things")))
}

/// Verbs that people write in lower case, too.
fn known(verb: &str) -> bool {
    listed(LOOKING, verb)
        || listed(REMOVING, verb)
        || listed(
            "set new start stop restart enable disable copy move rename invoke add import export",
            verb,
        )
}

/// A request only reads where it says no method, or one that reads.
fn request(name: &str, args: &[&str]) -> Judged {
    let mut args = args
        .iter()
        .map(|a| a.trim_matches(['"', '\'']).to_lowercase());
    let sends = args
        .clone()
        .any(|a| a == "-body" || a == "-infile" || a == "-outfile");
    let method = args
        .by_ref()
        .find(|a| a == "-method")
        .and_then(|_| args.next());
    if sends || method.is_some_and(|m| m != "get" && m != "head") {
        return Judged::changes(format!("{name} may change things there"));
    }
    Judged::reads()
}

/// The harm of a program or an alias.
pub fn program(first: &str, args: &[&str]) -> Judged {
    let path = first.trim_matches(['"', '\'']);
    let file = path
        .rsplit(['\\', '/'])
        .next()
        .unwrap_or(path)
        .to_lowercase();
    let name = file.strip_suffix(".exe").unwrap_or(&file);
    let says = |words: &str| args.iter().any(|a| listed(words, &a.to_lowercase()));
    let gone = || Judged::irreversible(format!("{name} removes something for good"));
    let changes = || Judged::changes(format!("{name} changes things"));
    let query = |only: &str| {
        if says("delete /delete") {
            gone()
        } else if says(only) {
            Judged::reads()
        } else {
            changes()
        }
    };
    match name {
        "dir" | "type" | "gci" | "gc" | "ls" | "cat" | "cd" | "chdir" | "sl" | "pwd" | "where"
        | "select" | "sort" | "findstr" | "find" | "more" | "fc" | "tree" | "ver" | "vol" | "?"
        | "%" | "foreach" | "ft" | "fl" | "tasklist" | "systeminfo" | "ipconfig" | "hostname"
        | "whoami" | "ping" | "tracert" | "nslookup" | "pushd" | "popd" | "write" => {
            Judged::reads()
        }
        "del" | "erase" | "rd" | "rmdir" | "rm" | "ri" | "format" | "diskpart" | "cipher" => gone(),
        "iwr" | "irm" => request(name, args),
        "sc" => query("query qc queryex"),
        "reg" => query("query export"),
        "schtasks" => query("/query"),
        "net" => query("view user"),
        "wmic" | "vssadmin" | "netsh" | "bcdedit" => query("list get show /enum"),
        "appcmd" => query("list"),
        "iisreset" => query("/status"),
        "robocopy" if says("/mir /purge") => {
            Judged::irreversible("robocopy removes what the source does not have")
        }
        "copy" | "xcopy" | "robocopy" | "move" | "ren" | "rename" | "mkdir" | "md" | "icacls"
        | "takeown" | "taskkill" | "shutdown" | "msiexec" | "attrib" | "mklink" | "setx" => {
            changes()
        }
        "sqlcmd"
            if args
                .iter()
                .any(|a| shell::looks_like_sql(a.trim_matches(['"', '\'']))) =>
        {
            Judged::reads()
        }
        _ if path.contains('\\') || [".ps1", ".bat", ".cmd"].iter().any(|e| file.ends_with(e)) => {
            Judged::changes(format!("what {path} does is not known"))
        }
        _ => shell::danger(&format!("{name} {}", args.join(" "))),
    }
}
