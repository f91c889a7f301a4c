//! Steps with `sudo`, flown by somebody who has to give a password: a user of the test's own with
//! a rule of its own, removed whatever comes. Only root can make one; else it says why it skips.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::pilot::Pilot;
use crate::rounds::secrets::{files_below, finds, traces};
use crate::rounds::{comes, kill9};
use crate::scratch::{Scratch, binary};
use crate::terminal::Terminal;

/// What the user types, and what is in no file.
const PASSWORD: &str = "Canary'99 of sudo";

/// Users and rules of these tests begin with it; the number of the test's process follows.
const PREFIX: &str = "bo-sudo-";

/// What sudo says when it asks.
const ASKS: &str = "[sudo] password for";

const PLAN: &str = "# Undo\n\n## Rollback procedure\n\n### Step 1: First\n\n\
    ```bash {name=first}\nsudo id -u\nsudo id -u\necho \"the first is\" done\n```\n\n### Step 2: Second\n\n\
    ```bash {name=second}\nsudo id -u\necho \"the second is\" done\n```\n";

/// A user who may use sudo with a password, and a directory of theirs.
struct Account {
    name: String,
    scratch: Scratch,
}

fn run(program: &str, args: &[&str], input: &str) -> Result<Output, String> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("{program}: {e}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{program}: {}", said.trim()))
}

fn rule(name: &str) -> PathBuf {
    Path::new("/etc/sudoers.d").join(name)
}

fn remove(name: &str) {
    let _ = fs::remove_file(rule(name));
    let ids = ids(name);
    // What was still running of it goes first; another run may hold the lock of the table of users.
    let gone = || {
        if let Ok((uid, _)) = ids {
            for pid in processes(uid) {
                kill9(pid);
            }
        }
        let _ = run("userdel", &[name], "");
        run("id", &[name], "").is_err()
    };
    if !comes(gone) {
        eprintln!("the user {name} could not be removed");
    }
    let _ = fs::remove_file(Path::new("/run/sudo/ts").join(name));
}

/// The numbers of a user and of their group.
fn ids(name: &str) -> Result<(u32, u32), String> {
    let users = fs::read_to_string("/etc/passwd").map_err(|e| e.to_string())?;
    let mine = |line: &&str| line.split(':').next() == Some(name);
    let line = users.lines().find(mine).ok_or("no such user")?;
    let mut fields = line.split(':').skip(2);
    let mut id = || fields.next()?.parse().ok();
    Ok((id().ok_or("no id")?, id().ok_or("no id")?))
}

/// The processes that a user has started, those included that are root meanwhile.
fn processes(uid: u32) -> Vec<i32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let theirs = all.filter(|entry| {
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let mut lines = status.lines().filter_map(|l| l.strip_prefix("Uid:"));
        let real = lines.next().and_then(|l| l.split_whitespace().next());
        real.and_then(|real| real.parse().ok()) == Some(uid)
    });
    let names = theirs.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.parse().ok()).collect()
}

/// What a run that was killed has left behind.
fn sweep() {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let rules = fs::read_dir("/etc/sudoers.d").into_iter().flatten();
    let rules = rules.flatten().map(|r| r.file_name().into_string());
    let users = users.lines().filter_map(|l| l.split(':').next());
    let names = users.map(str::to_owned).chain(rules.filter_map(Result::ok));
    for name in names.collect::<Vec<_>>() {
        let rest = name.strip_prefix(PREFIX);
        let pid = rest.and_then(|rest| rest.split('-').next());
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            remove(&name);
        }
    }
}

impl Account {
    /// Makes one with these settings of sudo.
    fn or_skip(defaults: &[&str]) -> Option<Self> {
        Self::make(defaults)
            .inspect_err(|why| println!("skipped: {why}"))
            .ok()
    }

    fn make(defaults: &[&str]) -> Result<Self, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if !rustix::process::geteuid().is_root() {
            return Err("not root, so no user with a password can be made".to_owned());
        }
        if run("sudo", &["-V"], "").is_err() {
            return Err("there is no sudo".to_owned());
        }
        sweep();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", std::process::id());
        let scratch = Scratch::new();
        let home = scratch.path().to_str().ok_or("a path")?.to_owned();
        // Whatever fails from here on, the rest is taken back.
        let account = Self { name, scratch };
        let name = account.name.as_str();
        let words = ["-M", "-N", "-d", &home, "-s", "/bin/bash", name];
        let mut why = String::new();
        let made = || match run("useradd", &words, "") {
            Ok(_) => true,
            Err(error) => {
                let locked = error.contains("lock");
                why = error;
                !locked
            }
        };
        comes(made);
        let Ok(ids) = ids(name) else {
            return Err(why);
        };
        run("chpasswd", &[], &format!("{name}:{PASSWORD}\n"))?;
        let rules = ["!lecture"].iter().chain(defaults);
        let mut rules: Vec<String> = rules.map(|r| format!("Defaults:{name} {r}\n")).collect();
        rules.push(format!("{name} ALL=(root) PASSWD: /usr/bin/id\n"));
        let draft = account.scratch.join("rule");
        fs::write(&draft, rules.concat()).map_err(|e| e.to_string())?;
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o440))
            .map_err(|e| e.to_string())?;
        // A rule that cannot be read would take sudo from everybody.
        run("visudo", &["-cf", &draft.to_string_lossy()], "")?;
        fs::copy(&draft, rule(name)).map_err(|e| e.to_string())?;
        account.furnish(ids).map_err(|e| e.to_string())?;
        Ok(account)
    }

    /// What the user needs: a plan, and a binary in a place that they can reach.
    fn furnish(&self, (uid, gid): (u32, u32)) -> std::io::Result<()> {
        let plan = self.scratch.join("UNDO.md");
        fs::write(&plan, PLAN)?;
        let own = self.scratch.join("backout");
        if fs::hard_link(binary(), &own).is_err() {
            fs::copy(binary(), &own)?;
        }
        chown(self.scratch.path(), Some(uid), Some(gid))
    }

    /// The cockpit as this user has it, with the run box of the first step open.
    fn fly(&self) -> Pilot {
        let (uid, gid) = ids(&self.name).expect("a user");
        let mut command = Command::new(self.scratch.join("backout"));
        command
            .args(["open", "UNDO.md"])
            .current_dir(self.scratch.path())
            .uid(uid)
            .gid(gid)
            .env("HOME", self.scratch.path())
            .env("USER", &self.name)
            .env("LOGNAME", &self.name)
            .env("BACKOUT_HOME", self.scratch.join("home"))
            .env_remove("XDG_RUNTIME_DIR")
            .env_remove("NO_COLOR")
            .env_remove("TMUX");
        let terminal = Terminal::start(command, 120, 40);
        let mut pilot = Pilot { terminal };
        pilot.see("Flight plan").key("d", "Fix forward");
        pilot.key("r", "Why?").keys(&["enter"]).see("Triage ✔");
        pilot.key("3", "First");
        pilot.keys(&["enter"]).see("can run commands");
        pilot.key("y", "r run it");
        pilot
    }

    /// How often the password was asked for in an attempt.
    fn asked(&self, attempt: &str) -> usize {
        let output = Path::new("evidence").join(attempt).join("output");
        let files = files_below(&self.scratch.join("home"));
        let found = files.iter().find(|(path, _)| path.ends_with(&output));
        let text = found.map_or(&[][..], |(_, text)| text);
        String::from_utf8_lossy(text).matches(ASKS).count()
    }

    /// Whether what was typed is in no file; that the search finds something is shown first.
    #[track_caller]
    fn kept_out(&self) {
        let files = files_below(&self.scratch.join("home"));
        assert!(files.iter().any(|(_, text)| finds(text, b"the first is")));
        for never in traces(PASSWORD) {
            let found = files.iter().find(|(_, b)| finds(b, never.as_bytes()));
            assert!(found.is_none(), "{never} is in {:?}", found.map(|(p, _)| p));
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// Runs the first step, of which the box is open.
#[track_caller]
fn run_first(pilot: &mut Pilot) {
    std::thread::sleep(Duration::from_millis(800));
    pilot.terminal.key("r");
    pilot.gone("r run it");
    pilot.see("waits for a password: i types into it");
    pilot.key("i", "neither shown nor kept");
    give_password(pilot);
}

#[track_caller]
fn give_password(pilot: &mut Pilot) {
    pilot.see("neither shown nor kept");
    // Keys are dropped for a moment after they went to the step without being asked to.
    std::thread::sleep(Duration::from_millis(900));
    pilot.terminal.type_(PASSWORD).key("enter");
}

/// Starts the second step once the first has ended: it only reads, and enter runs it.
#[track_caller]
fn run_second(pilot: &mut Pilot) {
    pilot.see("the first is done").see("Step 2 of 2");
    // Keys are dropped for a moment after they may have been meant for the step.
    std::thread::sleep(Duration::from_secs(1));
    pilot.keys(&["enter"]).see("Output 0002");
}

/// As [`run_second`], where sudo asks again.
#[track_caller]
fn run_second_asked(pilot: &mut Pilot) {
    run_second(pilot);
    pilot.see("waits for a password: i types into it");
    pilot.key("i", "neither shown nor kept");
    give_password(pilot);
}

#[track_caller]
fn finish(account: &Account, pilot: &mut Pilot) {
    pilot.see("the second is done");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(pilot.leave(), 0);
    account.kept_out();
    let raw = String::from_utf8_lossy(&pilot.terminal.raw()).into_owned();
    assert!(!raw.contains(PASSWORD));
}

#[test]
fn sudo_asks_once_in_a_procedure() {
    // Its ticket holds for a terminal and its session, by default, or for the user.
    for defaults in [&[][..], &["timestamp_type=global"]] {
        let Some(account) = Account::or_skip(defaults) else {
            return;
        };
        let mut pilot = account.fly();
        run_first(&mut pilot);
        run_second(&mut pilot);
        finish(&account, &mut pilot);
        assert_eq!((account.asked("0001"), account.asked("0002")), (1, 0));
    }
}

#[test]
fn sudo_asks_again_where_a_step_has_left_somebody_in_the_terminal() {
    let left = PLAN.replace("echo \"the first", "sleep 60 &\necho \"the first");
    assert_ne!(left, PLAN);
    let Some(account) = Account::or_skip(&[]) else {
        return;
    };
    fs::write(account.scratch.join("UNDO.md"), left).expect("a plan");
    let mut pilot = account.fly();
    run_first(&mut pilot);
    run_second_asked(&mut pilot);
    finish(&account, &mut pilot);
    assert_eq!((account.asked("0001"), account.asked("0002")), (1, 1));
}

#[test]
fn sudo_without_a_ticket_asks_each_time() {
    let defaults = ["timestamp_type=global", "timestamp_timeout=0"];
    let Some(account) = Account::or_skip(&defaults) else {
        return;
    };
    let mut pilot = account.fly();
    run_first(&mut pilot);
    assert!(comes(|| account.asked("0001") == 2), "asked once only");
    give_password(&mut pilot);
    run_second_asked(&mut pilot);
    finish(&account, &mut pilot);
    assert_eq!((account.asked("0001"), account.asked("0002")), (2, 1));
}
