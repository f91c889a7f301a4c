//! Programs that read and write files and text.

use super::{has, has_only, listed, operands, says};
use crate::script::Judged;
use crate::script::shell::calls::Call;

/// Programs that only read, whatever their arguments.
const READERS: &str = "ls dir cat zcat bzcat xzcat tac nl head tail less more grep egrep fgrep zgrep \
    rg ag ack wc cut tr column comm join paste fold fmt rev expand cmp diff diff3 colordiff \
    stat md5sum sha1sum sha256sum sha512sum cksum sum b2sum readlink realpath \
    basename dirname pwd du df strings od hexdump jq seq expr bc base64 base32 getfacl \
    lsattr locate which whereis type zless zmore printf echo true false test [ : look tsort \
    numfmt pg_isready nproc envsubst jo pv";

/// Whether it only reads, whatever it is given.
pub(super) fn always_reads(program: &str) -> bool {
    // These run what an option names.
    listed(READERS, program) && !listed("rg ag ack less more zless zmore", program)
}

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    let output = has(call, "-o") || call.args().any(|a| a.starts_with("--out"));
    if listed("sort shuf tree iconv xmllint", program) {
        let programs = says(call, "--compress-program");
        let writes = output || programs;
        return Some(if writes {
            Judged::changes(format!("{program} -o writes a file"))
        } else {
            Judged::reads()
        });
    }
    // A second file is where these write to.
    if listed("uniq xxd", program) {
        let writes = operands(call).len() > 1;
        return Some(if writes {
            Judged::changes(format!("{program} writes a file"))
        } else {
            Judged::reads()
        });
    }
    if listed(READERS, program) {
        let runs = call
            .args()
            .any(|a| a == "--pre" || a.starts_with("--pre=") || a.starts_with("--pager"));
        return Some(if runs {
            Judged::changes(format!("{program} runs another program"))
        } else {
            Judged::reads()
        });
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
        "unzip" | "zipinfo" if has_only(call, 'l', "vqZ1") || program == "zipinfo" => {
            Judged::reads()
        }
        "gzip" | "gunzip" | "xz" | "bzip2" | "zstd"
            if ['l', 't', 'c']
                .iter()
                .any(|l| has_only(call, *l, "dkvq123456789")) =>
        {
            Judged::reads()
        }
        // Without a file they pass their input through.
        "gzip" | "gunzip" | "xz" | "bzip2" | "zstd" if operands(call).is_empty() => Judged::reads(),
        "rsync" => rsync(call),
        "rclone" => rclone(call),
        "hdfs" | "hadoop" => hadoop(call, program)?,
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
    let places = call
        .args()
        .any(|a| a.starts_with("--in-place") || a.starts_with("-i"));
    if places || has(call, "-i") {
        return Judged::changes("sed -i changes files in place");
    }
    if has(call, "-f") || call.args().any(|a| a.starts_with("--file")) {
        return Judged::changes("what sed does is in a file");
    }
    // `w file` and `e` of a sed program write and run.
    let acts = |program: &str| {
        program.contains("w ")
            || program.contains("W ")
            || program.split([';', '\n', '}', '{']).any(|one| {
                let one = one.trim();
                let flags = one.rsplit(['/', '|', '#', ',', '@']).next().unwrap_or("");
                let command =
                    one.trim_start_matches(|c: char| c.is_ascii_digit() || "$,!/ ".contains(c));
                flags.contains(['w', 'e'])
                    && flags.chars().all(|c| "gpiIMmwe0123456789".contains(c))
                    || command == "e"
                    || command.starts_with("e ")
            })
    };
    if call.args().any(acts) {
        return Judged::changes("the sed program may write files or run commands");
    }
    Judged::reads()
}

fn awk(call: &Call) -> Judged {
    let loads = [
        "-f",
        "-i",
        "-l",
        "-E",
        "--file",
        "--include",
        "--load",
        "--exec",
    ];
    let loaded = call.args().any(|a| {
        loads
            .iter()
            .any(|l| a == *l || a.starts_with(&format!("{l}=")))
    });
    // Output of awk goes elsewhere by `print … > x` or `| x`.
    let sends = |program: &str| {
        program.match_indices("print").any(|(at, _)| {
            let rest = program.get(at..).unwrap_or("");
            let statement = rest.split([';', '}', '\n']).next().unwrap_or("");
            statement.contains(['>', '|'])
        })
    };
    let acts =
        |a: &str| a.contains("system") || a.contains("getline") || a.contains("|&") || sends(a);
    if loaded || call.args().any(acts) {
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

fn hadoop(call: &Call, program: &str) -> Option<Judged> {
    let removes = "-rm -rmr -rmdir -expunge -truncate -deleteSnapshot -format";
    let verb = call.args().find(|a| listed(removes, a))?;
    Some(Judged::irreversible(format!(
        "{program} {verb} removes files for good"
    )))
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
    let letters = mode.strip_prefix('-').unwrap_or(mode);
    let lists =
        letters.contains('t') && letters.chars().all(|c| "tvfzjJa".contains(c)) || mode == "--list";
    let runs = call.args().any(|a| {
        a == "-I"
            || a.starts_with("--use-compress")
            || a.starts_with("--to-command")
            || a.starts_with("--checkpoint")
    });
    if lists && !runs {
        Judged::reads()
    } else {
        Judged::changes("tar writes files")
    }
}

fn rsync(call: &Call) -> Judged {
    if has_only(call, 'n', "avzrhPiuctgolDpHAXSx") || says(call, "--dry-run") {
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
