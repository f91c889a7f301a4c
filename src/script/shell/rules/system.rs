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
const LOOKERS: &str = "whoami id groups who w last lastlog users uname arch uptime free \
    vmstat iostat mpstat sar ps pgrep pidof pstree top htop atop iotop lsof netstat ping \
    ping6 traceroute tracepath mtr dig nslookup host whois getent lsblk blkid findmnt lscpu lsmem \
    lsusb lspci lsmod dmidecode sensors cal man info getconf locale nethogs pidstat slabtop \
    numastat lvs vgs pvs lvdisplay vgdisplay pvdisplay";

/// Whether it changes nothing outside the shell, or only looks, whatever it is given.
pub(super) fn always_reads(program: &str) -> bool {
    is_shell_word(program) || only_looks(program)
}

/// Whether a program of the system has this name that only looks.
pub(in crate::script::shell) fn only_looks(program: &str) -> bool {
    listed(LOOKERS, program)
}

/// Whether it is a word of the shell.
pub(super) fn is_shell_word(name: &str) -> bool {
    listed(SHELL, name)
}

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    if always_reads(program) {
        return Some(Judged::reads());
    }
    Some(match program {
        "date" if sets_clock(call) => Judged::changes("date -s sets the clock"),
        "hostname" if !operands(call).is_empty() => Judged::changes("hostname sets the name"),
        "date" | "hostname" => Judged::reads(),
        "trap" | "." | "source" => sourced(call, program),
        "kill" if says(call, "-0") || says(call, "-l") => Judged::reads(),
        "kill" | "pkill" | "killall" => Judged::changes(format!("{program} ends processes")),
        "shutdown" | "reboot" | "poweroff" | "halt" | "init" => {
            Judged::changes(format!("{program} stops the machine"))
        }
        "vi" | "vim" | "nvim" | "nano" | "emacs" | "pico" | "visudo" => {
            Judged::changes(format!("{program} edits a file"))
        }
        "crontab" if has(call, "-r") => Judged::irreversible("crontab -r removes every entry"),
        "crontab" if says(call, "-l") => Judged::reads(),
        "userdel" | "deluser" | "groupdel" => {
            Judged::irreversible(format!("{program} removes an account"))
        }
        _ => {
            return services(call, program)
                .or_else(|| disks(call, program))
                .or_else(|| network(call, program));
        }
    })
}

/// What starts, stops and watches other programs.
fn services(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "systemctl" => systemctl(call),
        "service" => service(call),
        "journalctl" => journalctl(call),
        "supervisorctl" => verbs(call, program, "status tail avail version pid", ""),
        "initctl" | "rc-service" | "sv" => verbs(call, program, "status list", ""),
        "pm2" => verbs(
            call,
            program,
            "list ls l status jlist prettylist logs log show describe info monit ping id env report",
            "",
        ),
        "timedatectl" | "hostnamectl" | "cloud-init" | "localectl" | "loginctl" => {
            let reads = "status show list-timezones timesync-status list-sessions list-users";
            verbs(call, program, reads, "")
        }
        "etcdctl" => verbs(
            call,
            program,
            "get endpoint member version watch check",
            "del",
        ),
        "rabbitmqctl" => {
            let reads = "status list_queues list_connections list_exchanges list_channels \
                cluster_status ping environment report";
            verbs(
                call,
                program,
                reads,
                "reset force_reset purge_queue delete_queue",
            )
        }
        "nginx" | "apachectl" | "apache2ctl" | "httpd" | "haproxy" | "sshd" | "named-checkconf" => {
            return checks_only(call, program);
        }
        _ => return None,
    })
}

fn disks(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "dmesg" if has(call, "-C") || has(call, "-c") => {
            Judged::irreversible("dmesg clears the log")
        }
        "dmesg" if ["-D", "-E", "-n"].iter().any(|o| says(call, o)) => {
            Judged::changes("dmesg -n changes what the console shows")
        }
        "dmesg" => Judged::reads(),
        "fdisk" | "sfdisk" | "parted" | "sgdisk" if says(call, "-l") => Judged::reads(),
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
        "mount" if call.words.len() == 1 => Judged::reads(),
        "sysctl" if !sets_kernel(call) => Judged::reads(),
        "nvidia-smi" if call.words.len() == 1 || says(call, "-q") || says(call, "-L") => {
            Judged::reads()
        }
        _ => return None,
    })
}

fn network(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "ip" => ip(call),
        "ifconfig" if operands(call).len() <= 1 => Judged::reads(),
        "iptables" | "ip6tables" | "nft" if lists_rules(call) => Judged::reads(),
        "ufw" => verbs(call, program, "status version show", "reset"),
        "nc" | "ncat" if has(call, "-z") => Judged::reads(),
        "ss" if has(call, "-K") || says(call, "--kill") => {
            Judged::changes("ss -K ends connections")
        }
        "fuser" if has(call, "-k") || says(call, "--kill") => {
            Judged::changes("fuser -k ends processes")
        }
        "arp" if ["-d", "-s", "-f"].iter().any(|o| says(call, o)) => {
            Judged::changes("arp changes the network")
        }
        "ss" | "fuser" | "arp" => Judged::reads(),
        "openssl"
            if call
                .args()
                .any(|a| matches!(a, "-out" | "-keyout" | "-writerand")) =>
        {
            Judged::changes("openssl writes a file")
        }
        "openssl" => verbs(
            call,
            program,
            "s_client version x509 verify ciphers dgst crl list",
            "",
        ),
        _ => return None,
    })
}

/// `date -s x`, `date 11210555`; while `date +%H` and `date -d yesterday` show a time.
fn sets_clock(call: &Call) -> bool {
    let digits = |a: &str| a.len() >= 8 && a.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    has(call, "-s") || call.args().any(|a| a.starts_with("--set") || digits(a))
}

fn sets_kernel(call: &Call) -> bool {
    let long = |a: &str| matches!(a, "--system" | "--load" | "--write");
    ["-w", "-p", "-f"].iter().any(|o| has(call, o))
        || call.args().any(|a| a.contains('=') || long(a))
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

/// A server's own check of its configuration.
fn checks_only(call: &Call, program: &str) -> Option<Judged> {
    let any = |options: &[&str]| call.args().any(|a| options.contains(&a));
    let checks = match program {
        "nginx" => any(&["-t", "-T", "-v", "-V"]) && !any(&["-s"]),
        "haproxy" => any(&["-c", "-v", "-vv"]),
        "sshd" => any(&["-t", "-T"]),
        "named-checkconf" => true,
        _ => any(&["-t", "-v", "-V", "-S", "-M", "configtest"]) && !any(&["-k"]),
    };
    checks.then(Judged::reads)
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
        list-sockets is-active is-enabled is-failed is-system-running get-default help \
        show-environment";
    let verb = verb(call);
    if verb.is_empty() || listed(reads, verb) {
        return Judged::reads();
    }
    Judged::changes(format!("systemctl {verb} changes what runs"))
}

fn service(call: &Call) -> Judged {
    if call.args().last() == Some("status") || says(call, "--status-all") {
        return Judged::reads();
    }
    Judged::changes("service changes what runs")
}

fn journalctl(call: &Call) -> Judged {
    let cuts = [
        "--vacuum",
        "--rotate",
        "--flush",
        "--relinquish",
        "--setup",
        "--update",
    ];
    if call.args().any(|a| cuts.iter().any(|c| a.starts_with(c))) {
        return Judged::irreversible("journalctl --vacuum removes logs");
    }
    Judged::reads()
}

/// `iptables -L`, `nft list ruleset`, and nothing that changes them beside it.
fn lists_rules(call: &Call) -> bool {
    let acts = "-A -D -I -R -F -X -N -P -E -Z -C --append --delete --insert --flush --zero";
    let lists = "-L -S --list --list-rules list -nL -vnL -nvL";
    call.args().any(|a| listed(lists, a)) && !call.args().any(|a| listed(acts, a))
}

fn ip(call: &Call) -> Judged {
    let acts = "add del delete set flush replace change append exec restore";
    if call.args().any(|a| listed(acts, a)) {
        return Judged::changes("ip changes the network");
    }
    Judged::reads()
}
