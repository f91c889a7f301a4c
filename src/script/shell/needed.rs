//! The programs that a shell text needs on the machine it runs on.
//!
//! Not what bash does itself, not what the text defines, not what runs at the far end of ssh or
//! inside a container, not what npx brings. Whether they are there is for the caller to find out.

use super::calls::{Call, Calls, calls};
use super::repl::outside_with_openers;
use super::wrappers::{Inner, unwrap};
use crate::script::blanks;

/// Words that bash carries out itself.
const BUILTINS: &str = ". : [ alias bg bind break builtin caller cd command compgen complete \
    continue declare dirs disown echo enable eval exec exit export false fc fg getopts hash help \
    history jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return \
    set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait";

/// Programs whose command runs somewhere else, or is brought by them.
pub(super) const ELSEWHERE: &str = "ssh docker podman docker-compose kubectl oc heroku fly flyctl railway eb \
    chroot npx bunx pnpx bundle poetry pipenv uv pdm rye hatch su runuser";

/// Each program once, as written (with its path, where it has one), in the order of the text.
#[must_use]
pub fn needed_here(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    // Inner lines of a database prompt are no commands; the prompt is.
    collect(&outside_with_openers(code), &mut names, 0);
    names
}

fn collect(code: &str, names: &mut Vec<String>, depth: u32) {
    let Ok(found) = calls(code) else { return };
    let masked: Vec<usize> = blanks::find(code, "bash")
        .iter()
        .map(|b| b.range.len())
        .collect();
    for call in &found.all {
        through(call, &found, &masked, names, depth);
    }
}

fn through(call: &Call, found: &Calls, masked: &[usize], names: &mut Vec<String>, depth: u32) {
    let Some(name) = call
        .words
        .first()
        .filter(|w| w.fixed)
        .map(|w| w.text.as_str())
    else {
        return;
    };
    if depth > super::danger::MOST_WRAPPERS {
        return;
    }
    let blank = name.bytes().all(|b| b == b'x') && masked.contains(&name.len());
    let own = listed(BUILTINS, name) || found.functions.iter().any(|f| f == name);
    if !own && !blank && !name.is_empty() && !names.iter().any(|n| n == name) {
        names.push(name.to_owned());
    }
    let elsewhere = call.program().is_some_and(|p| listed(ELSEWHERE, p));
    match unwrap(call).filter(|_| !elsewhere) {
        Some(Inner::Call(inner)) => through(&inner, found, masked, names, depth + 1),
        Some(Inner::Text(text)) => collect(&text, names, depth + 1),
        Some(Inner::Unknown | Inner::Session) | None => {}
    }
}

pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_must_have_is_named_as_written() {
        for (code, want) in [
            ("cd x && export A=1; echo done", vec![]),
            (
                "sudo systemctl stop a | tee b",
                vec!["sudo", "systemctl", "tee"],
            ),
            (
                "./scripts/rollback.sh <commit>",
                vec!["./scripts/rollback.sh"],
            ),
            ("ssh host 'pm2 restart all'", vec!["ssh"]),
            ("docker exec db psql -c 'SELECT 1'", vec!["docker"]),
            ("npx prisma migrate status", vec!["npx"]),
            ("f() { jq .; }; f; $CMD x; <tool> y", vec!["jq"]),
            (
                "watch -n 5 'curl -s http://h | jq'",
                vec!["watch", "curl", "jq"],
            ),
            ("psql $D\nSELECT 1;\n\\dt\n", vec!["psql"]),
            ("if git diff; then time npm ci; fi", vec!["git", "npm"]),
        ] {
            assert_eq!(needed_here(code), want, "{code}");
        }
    }
}
