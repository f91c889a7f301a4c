//! The shell's own words, processes, services and the machine.

use super::{has, listed, operands, says};
use crate::script::Judged;
use crate::script::shell::calls::Call;

/// Words of the shell that change nothing outside it.
const SHELL: &str = "cd pushd popd dirs export unset set shopt local declare typeset readonly alias \
    unalias return exit break continue shift wait read mapfile readarray getopts hash umask \
    ulimit jobs let exec command builtin sleep times fg bg disown history help caller compgen \
    printenv env stty tput clear reset tty";

/// Programs that only look.
const LOOKERS: &str = "whoami id groups who w last lastlog users uname hostnamectl arch uptime free \
    vmstat iostat mpstat sar ps pgrep pidof pstree top htop atop iotop lsof fuser netstat ss ping \
    ping6 traceroute tracepath mtr dig nslookup host whois getent lsblk blkid findmnt lscpu lsmem \
    lsusb lspci lsmod dmidecode sensors cal man info timedatectl getconf locale vcgencmd nethogs \
    pidstat slabtop numastat arp cloud-init sleep logger-check nvidia-smi";

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    if listed(SHELL, program) || listed(LOOKERS, program) {
        return Some(Judged::reads());
    }
    Some(match program {
        "date" if has(call, "-s") || says(call, "--set") => {
            Judged::changes("date -s sets the clock")
        }
        "hostname" if !operands(call).is_empty() => Judged::changes("hostname sets the name"),
        "date" | "hostname" => Judged::reads(),
        "trap" | "." | "source" => sourced(call, program),
        "systemctl" => systemctl(call),
        "service" => service(call),
        "supervisorctl" => verbs(call, program, "status tail avail version pid", ""),
        "initctl" | "rc-service" | "sv" => verbs(call, program, "status list", ""),
        "journalctl" => journalctl(call),
        "dmesg" if has(call, "-C") || has(call, "-c") => {
            Judged::irreversible("dmesg clears the log")
        }
        "dmesg" => Judged::reads(),
        "pm2" => verbs(
            call,
            program,
            "list ls l status jlist prettylist logs log show describe info monit ping id env report conf",
            "",
        ),
        "nginx" | "apachectl" | "apache2ctl" | "httpd" | "haproxy" | "sshd" | "named-checkconf"
            if has(call, "-t")
                || has(call, "-T")
                || has(call, "-c")
                || has(call, "-v")
                || has(call, "-V")
                || says(call, "configtest") =>
        {
            Judged::reads()
        }
        "crontab" if has(call, "-l") => Judged::reads(),
        "crontab" if has(call, "-r") => Judged::irreversible("crontab -r removes every entry"),
        "userdel" | "deluser" | "groupdel" => {
            Judged::irreversible(format!("{program} removes an account"))
        }
        "fdisk" | "sfdisk" | "parted" | "sgdisk" if has(call, "-l") => Judged::reads(),
        "fdisk" | "sfdisk" | "parted" | "sgdisk" | "lvremove" | "vgremove" | "pvremove" => {
            Judged::irreversible(format!("{program} changes how disks are divided"))
        }
        "zfs" | "zpool" => verbs(
            call,
            program,
            "list get status history",
            "destroy rollback labelclear",
        ),
        "btrfs" if says(call, "delete") => Judged::irreversible("btrfs delete removes a subvolume"),
        "lvs" | "vgs" | "pvs" | "lvdisplay" | "vgdisplay" | "pvdisplay" => Judged::reads(),
        "ip" => ip(call),
        "ifconfig" if operands(call).len() <= 1 => Judged::reads(),
        "iptables" | "ip6tables" if has(call, "-L") || has(call, "-S") => Judged::reads(),
        "ufw" => verbs(call, program, "status version show", "reset"),
        "nc" | "ncat" if has(call, "-z") => Judged::reads(),
        "openssl" => verbs(
            call,
            program,
            "s_client version x509 verify ciphers dgst crl list",
            "",
        ),
        "sysctl"
            if !has(call, "-w") && !has(call, "-p") && !call.args().any(|a| a.contains('=')) =>
        {
            Judged::reads()
        }
        "mount" if call.words.len() == 1 => Judged::reads(),
        "kill" if has(call, "-0") || has(call, "-l") => Judged::reads(),
        "kill" | "pkill" | "killall" => Judged::changes(format!("{program} ends processes")),
        "shutdown" | "reboot" | "poweroff" | "halt" | "init" => {
            Judged::changes(format!("{program} stops the machine"))
        }
        _ => return None,
    })
}

fn sourced(call: &Call, program: &str) -> Judged {
    let file = call.args().next().unwrap_or("");
    // A virtual environment's or a settings file's only job is to set variables.
    let settings = file.ends_with("/activate")
        || file
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with(".env"))
        || file.rsplit('.').next() == Some("env");
    if settings && program != "trap" {
        return Judged::reads();
    }
    Judged::changes(format!("{program} runs what it is given"))
}

fn verb(call: &Call) -> &str {
    call.args().find(|a| !a.starts_with('-')).unwrap_or("")
}

/// A program whose first word that is no option says what it does.
fn verbs(call: &Call, program: &str, reads: &str, irreversible: &str) -> Judged {
    let verb = verb(call);
    if listed(reads, verb) || verb.is_empty() && call.words.len() > 1 {
        Judged::reads()
    } else if listed(irreversible, verb) {
        Judged::irreversible(format!("{program} {verb} cannot be undone"))
    } else {
        Judged::changes(format!("{program} {verb}").trim().to_owned() + " changes what runs")
    }
}

fn systemctl(call: &Call) -> Judged {
    let reads = "status show cat list-units list-unit-files list-timers list-dependencies list-jobs \
        list-sockets is-active is-enabled is-failed is-system-running get-default help show-environment";
    let verb = verb(call);
    if verb.is_empty() || listed(reads, verb) {
        return Judged::reads();
    }
    Judged::changes(format!("systemctl {verb} changes what runs"))
}

fn service(call: &Call) -> Judged {
    if says(call, "status") || says(call, "--status-all") {
        return Judged::reads();
    }
    Judged::changes("service changes what runs")
}

fn journalctl(call: &Call) -> Judged {
    let cuts = call
        .args()
        .any(|a| a.starts_with("--vacuum") || a == "--rotate" || a == "--flush");
    if cuts {
        Judged::irreversible("journalctl --vacuum removes logs")
    } else {
        Judged::reads()
    }
}

fn ip(call: &Call) -> Judged {
    let acts = [
        "add", "del", "delete", "set", "flush", "replace", "change", "append",
    ];
    if call.args().any(|a| acts.contains(&a)) {
        return Judged::changes("ip changes the network");
    }
    Judged::reads()
}
