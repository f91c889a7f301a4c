//! git and the forges' own clients.

use super::{has, has_only, listed, operands, says};
use crate::script::Judged;
use crate::script::shell::calls::Call;

/// Subcommands that only read.
const READS: &str = "log show diff status rev-parse rev-list describe blame shortlog ls-files \
    ls-remote ls-tree cat-file grep whatchanged name-rev merge-base for-each-ref show-ref \
    count-objects fsck verify-commit verify-tag version help cherry range-diff var check-ignore \
    diff-tree diff-index";

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    match program {
        "git" => Some(git(call)),
        "gh" | "glab" => Some(forge(call, program)),
        _ => None,
    }
}

/// The call from its subcommand on: `-C dir`, `-c x=y` and the like taken off.
fn from_subcommand(call: &Call) -> Call {
    let mut at = 1;
    while let Some(word) = call.words.get(at) {
        match word.text.as_str() {
            "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace" => at += 2,
            text if text.starts_with('-') => at += 1,
            _ => break,
        }
    }
    call.without(at)
}

fn git(call: &Call) -> Judged {
    let configured = call
        .args()
        .take_while(|a| a.starts_with('-'))
        .any(|a| a == "-c" || a.starts_with("--exec-path=") || a.starts_with("--config-env"));
    let call = &from_subcommand(call);
    let Some(first) = call.words.first() else {
        return Judged::reads();
    };
    if !first.fixed {
        return Judged::changes("what git does is only known when it runs");
    }
    let sub = first.text.as_str();
    if configured {
        return Judged::changes("git runs with settings of its own (-c)");
    }
    if listed(READS, sub) {
        return looking(call, sub);
    }
    match sub {
        "reset" if says(call, "--hard") => {
            Judged::irreversible("git reset --hard discards changes that are not committed")
        }
        "clean" if !has_only(call, 'n', "fdxXq") && !says(call, "--dry-run") => {
            Judged::irreversible("git clean removes files that git does not track")
        }
        "clean" => Judged::reads(),
        "push" => push(call),
        "branch" => branch(call),
        "tag" => tag(call),
        "stash" => stash(call),
        "reflog" if says(call, "expire") || says(call, "delete") => {
            Judged::irreversible("git reflog expire removes the way back")
        }
        "reflog" => Judged::reads(),
        "filter-branch" | "filter-repo" | "gc" | "prune" => {
            Judged::irreversible(format!("git {sub} may remove commits for good"))
        }
        "remote" | "worktree" | "submodule" | "config" | "notes" | "bisect" | "lfs" => {
            looks_or_changes(call, sub)
        }
        "fetch" if says(call, "--dry-run") => Judged::reads(),
        "symbolic-ref" if operands(call).len() <= 1 => Judged::reads(),
        "checkout" | "switch" | "restore" => {
            Judged::changes(format!("git {sub} changes the working tree"))
        }
        _ => Judged::changes(format!("git {sub} changes the repository")),
    }
}

/// A subcommand that looks, unless an option makes it write or run something.
fn looking(call: &Call, sub: &str) -> Judged {
    let acts = [
        "--output",
        "--upload-pack",
        "--exec",
        "--lost-found",
        "--open-files-in-pager",
        "-O",
        "--ext-diff",
    ];
    let with = |a: &str| {
        sub == "grep" && a.starts_with("-O")
            || acts
                .iter()
                .any(|o| a == *o || a.starts_with(&format!("{o}=")))
    };
    if call.args().any(with) {
        return Judged::changes(format!("git {sub} writes a file or runs a program"));
    }
    Judged::reads()
}

fn push(call: &Call) -> Judged {
    if says(call, "-n") || says(call, "--dry-run") {
        return Judged::reads();
    }
    let forced = has(call, "-f")
        || call
            .args()
            .any(|a| a.starts_with("--force") || a.starts_with('+'))
        || says(call, "--mirror");
    let deletes =
        says(call, "--delete") || has(call, "-d") || call.args().any(|a| a.starts_with(':'));
    if forced {
        return Judged::irreversible("git push --force replaces what others have");
    }
    if deletes {
        return Judged::irreversible("git push --delete removes it for everybody");
    }
    Judged::changes("git push changes the remote repository")
}

fn branch(call: &Call) -> Judged {
    if has(call, "-D") {
        return Judged::irreversible("git branch -D removes commits that are nowhere else");
    }
    let acts = ["-d", "-m", "-M", "-c", "-C", "-f", "-u"];
    let lists = operands(call).is_empty()
        || says(call, "--list")
        || says(call, "--contains")
        || has(call, "-l");
    let named = acts.iter().any(|a| call.args().any(|arg| arg == *a));
    let set = call.args().any(|a| {
        a.starts_with("--set")
            || a.starts_with("--edit")
            || a.starts_with("--unset")
            || a.starts_with("--delete")
    });
    if lists && !named && !set {
        Judged::reads()
    } else {
        Judged::changes("git branch changes branches")
    }
}

fn tag(call: &Call) -> Judged {
    let lists = operands(call).is_empty()
        || has_only(call, 'l', "ni")
        || call.args().any(|a| {
            a.starts_with("--list")
                || a.starts_with("--sort")
                || a.starts_with("--contains")
                || a.starts_with("--points-at")
        });
    if has(call, "-d") || says(call, "--delete") {
        return Judged::changes("git tag -d removes a tag");
    }
    if lists {
        Judged::reads()
    } else {
        Judged::changes("git tag makes a tag")
    }
}

fn stash(call: &Call) -> Judged {
    match operands(call).first().copied().unwrap_or("") {
        "list" | "show" => Judged::reads(),
        "drop" | "clear" => Judged::irreversible("git stash drop discards what was put aside"),
        _ => Judged::changes("git stash changes the working tree"),
    }
}

fn looks_or_changes(call: &Call, sub: &str) -> Judged {
    let looks = "show get-url list status summary --list --get --get-all -l -v log ls-files env";
    let first = call.args().next().unwrap_or("");
    if first.is_empty() || listed(looks, first) {
        Judged::reads()
    } else {
        Judged::changes(format!("git {sub} changes the repository"))
    }
}

fn forge(call: &Call, program: &str) -> Judged {
    let words = operands(call);
    let verb = words.get(1).copied().unwrap_or("");
    if listed("view list status diff checks watch download", verb)
        || words.first() == Some(&"status")
    {
        return Judged::reads();
    }
    if listed("delete archive", verb) {
        return Judged::irreversible(format!("{program} {verb} cannot be undone"));
    }
    Judged::changes(format!("{program} changes things on the forge"))
}
