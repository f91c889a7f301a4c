//! Programs that read and write files and text.

use super::{has, listed, operands, says};
use crate::script::Judged;
use crate::script::shell::calls::Call;

/// Programs that only read, whatever their arguments.
const READERS: &str = "ls dir cat zcat bzcat xzcat tac nl head tail less more grep egrep fgrep zgrep \
    rg ag ack wc cut uniq tr column comm join paste fold fmt rev expand cmp diff diff3 sdiff \
    colordiff stat file md5sum sha1sum sha256sum sha512sum cksum sum b2sum readlink realpath \
    basename dirname pwd tree du df strings od xxd hexdump jq seq expr bc base64 base32 getfacl \
    lsattr locate which whereis type zless zmore printf echo true false test [ : look tsort shuf \
    numfmt pg_isready nproc iconv envsubst exiftool jo xmllint pv";

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    if program == "sort" && has(call, "-o") {
        return Some(Judged::changes("sort -o writes a file"));
    }
    if listed(READERS, program) || program == "sort" {
        return Some(Judged::reads());
    }
    Some(match program {
        "rm" | "unlink" | "rmdir" => removal(call, program),
        "shred" | "wipefs" | "mkfs" | "mkswap" | "blkdiscard" => {
            Judged::irreversible(format!("{program} destroys what is stored"))
        }
        _ if program.starts_with("mkfs.") => {
            Judged::irreversible(format!("{program} destroys what is stored"))
        }
        "dd" => match call.args().find_map(|a| a.strip_prefix("of=")) {
            Some("/dev/null") | None => Judged::reads(),
            Some(target) => Judged::irreversible(format!("dd writes over {target}")),
        },
        "truncate" => Judged::irreversible("truncate cuts files"),
        "sed" | "gsed" => stream_editor(call),
        "awk" | "gawk" | "mawk" => awk(call),
        "yq" => edits_in_place(call, program),
        "find" | "fd" => find(call),
        "tee" => tee(call),
        "tar" => tar(call),
        "unzip" | "zipinfo" if has(call, "-l") || program == "zipinfo" => Judged::reads(),
        "gzip" | "gunzip" | "xz" | "bzip2" | "zstd"
            if has(call, "-l") || has(call, "-t") || has(call, "-c") =>
        {
            Judged::reads()
        }
        // Without a file they pass their input through.
        "gzip" | "gunzip" | "xz" | "bzip2" | "zstd" if operands(call).is_empty() => Judged::reads(),
        "rsync" => rsync(call),
        "rclone" => rclone(call),
        "xargs" => Judged::reads(),
        "cp" | "mv" | "ln" | "mkdir" | "touch" | "chmod" | "chown" | "chgrp" | "install"
        | "scp" | "zip" | "unzip" | "patch" => Judged::changes(format!("{program} changes files")),
        _ => return None,
    })
}

fn removal(call: &Call, program: &str) -> Judged {
    if program == "rmdir" {
        return Judged::changes("rmdir removes an empty directory");
    }
    let tree = has(call, "-r") || has(call, "-R") || says(call, "--recursive");
    let how = if tree {
        "rm -r removes whole trees for good"
    } else {
        "rm removes files for good"
    };
    Judged::irreversible(how)
}

fn stream_editor(call: &Call) -> Judged {
    if has(call, "-i") || call.args().any(|a| a.starts_with("--in-place")) {
        return Judged::changes("sed -i changes files in place");
    }
    // `w file` and `e` of a sed program write and run.
    let script = operands(call).first().copied().unwrap_or("");
    let writes = script.contains("w ") || script.ends_with("/e") || script.ends_with("/w");
    if writes {
        Judged::changes("the sed program may write files")
    } else {
        Judged::reads()
    }
}

fn awk(call: &Call) -> Judged {
    let program = call.args().find(|a| a.contains('{')).unwrap_or("");
    let acts = ["system(", "print >", "printf >", ">>", "| \"", "|\""];
    if has(call, "-f") || acts.iter().any(|act| program.contains(act)) || has(call, "-i") {
        return Judged::changes("the awk program may write files or run commands");
    }
    Judged::reads()
}

fn edits_in_place(call: &Call, program: &str) -> Judged {
    if has(call, "-i") || says(call, "--inplace") {
        return Judged::changes(format!("{program} -i changes files in place"));
    }
    Judged::reads()
}

fn find(call: &Call) -> Judged {
    if says(call, "-delete") {
        return Judged::irreversible("find -delete removes files for good");
    }
    let runs = [
        "-exec",
        "-execdir",
        "-ok",
        "-okdir",
        "-x",
        "-X",
        "--exec",
        "--exec-batch",
    ];
    if let Some(at) = call
        .words
        .iter()
        .position(|w| runs.contains(&w.text.as_str()))
    {
        let inner = call.without(at + 1);
        let program = inner.program().unwrap_or("").to_owned();
        let found = super::judge(&inner, &program);
        return found
            .unwrap_or_else(|| Judged::changes(format!("find runs {program} on what it finds")));
    }
    let writes = ["-fprint", "-fprintf", "-fls", "-fprint0"];
    if writes.iter().any(|w| says(call, w)) {
        return Judged::changes("find writes a file");
    }
    Judged::reads()
}

fn tee(call: &Call) -> Judged {
    let files = operands(call);
    match files.iter().find(|f| !f.starts_with("/dev/")) {
        Some(file) => Judged::changes(format!("tee writes the file {file}")),
        None => Judged::reads(),
    }
}

fn tar(call: &Call) -> Judged {
    let mode = call.args().next().unwrap_or("");
    let lists = mode.contains('t') && !mode.starts_with("--") || says(call, "--list");
    if lists {
        Judged::reads()
    } else {
        Judged::changes("tar writes files")
    }
}

fn rsync(call: &Call) -> Judged {
    if has(call, "-n") || says(call, "--dry-run") {
        return Judged::reads();
    }
    let deletes = call
        .args()
        .any(|a| a.starts_with("--delete") || a == "--remove-source-files");
    if deletes {
        return Judged::irreversible("rsync --delete removes what the source does not have");
    }
    Judged::changes("rsync changes files")
}

fn rclone(call: &Call) -> Judged {
    let verb = operands(call).first().copied().unwrap_or("").to_owned();
    if says(call, "--dry-run")
        || listed(
            "ls lsl lsd lsf lsjson size check cat about version listremotes",
            &verb,
        )
    {
        return Judged::reads();
    }
    if listed("sync delete purge deletefile rmdirs move", &verb) {
        return Judged::irreversible(format!("rclone {verb} removes files"));
    }
    Judged::changes(format!("rclone {verb} changes files"))
}
