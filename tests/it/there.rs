//! What a plan means for another machine, flown over a real sshd on loopback: asked first, then run
//! there, with the directory and the variables of the one before.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::pilot::Pilot;
use crate::scratch::Scratch;

/// An sshd of the test's own, for the current user, with a key of its own.
struct Sshd {
    child: Child,
    command: String,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sshd_path() -> Option<PathBuf> {
    let known = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"];
    known.iter().map(PathBuf::from).find(|p| p.exists())
}

fn key(path: &Path) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status();
    assert!(made.expect("ssh-keygen").success());
}

/// Starts one, or says why not.
fn sshd(scratch: &Scratch) -> Option<Sshd> {
    let Some(program) = sshd_path() else {
        println!("skipped: there is no sshd on this machine (openssh-server)");
        return None;
    };
    // As root it wants its own empty directory.
    let _ = fs::create_dir_all("/run/sshd");
    let dir = scratch.join("sshd");
    fs::create_dir(&dir).expect("a directory");
    let (host, user) = (dir.join("host"), dir.join("user"));
    key(&host);
    key(&user);
    fs::copy(dir.join("user.pub"), dir.join("allowed")).expect("the key");
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port")
        .port();
    let at = |name: &str| dir.join(name).display().to_string();
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile {}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nSetEnv PLACE=there PATH={}:/usr/bin:/bin\n",
        at("host"),
        at("allowed"),
        at("pid"),
        scratch.join("tools").display()
    );
    fs::write(dir.join("config"), config).expect("the configuration");
    let mut child = Command::new(program)
        .args(["-D", "-e", "-f"])
        .arg(dir.join("config"))
        .stderr(Stdio::from(
            fs::File::create(dir.join("log")).expect("a log"),
        ))
        .spawn()
        .expect("sshd");
    let until = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > until || child.try_wait().ok().flatten().is_some() {
            let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
            println!("skipped: sshd does not start here: {}", log.trim());
            return None;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let command = format!(
        "ssh -F none -p {port} -i {} -o StrictHostKeyChecking=no -o UserKnownHostsFile={} 127.0.0.1",
        at("user"),
        at("known")
    );
    Some(Sshd { child, command })
}

/// Writes a plan of these blocks, a step each.
fn plan(scratch: &Scratch, blocks: &[&str]) {
    let mut text = "# Orchard rollback\n\n## Rollback Procedure\n\n".to_owned();
    for (n, block) in blocks.iter().enumerate() {
        let step = format!(
            "### Step {}: Part {}\n\n```bash\n{block}\n```\n\n",
            n + 1,
            n + 1
        );
        text.push_str(&step);
    }
    fs::write(scratch.join("ROLLBACK.md"), text).expect("a plan");
}

/// Decided, and at the steps.
fn under_way(scratch: &Scratch) -> Pilot {
    let mut pilot = Pilot::sized(scratch, scratch.path(), &["open", "ROLLBACK.md"], (140, 44));
    pilot.see("Flight plan").key("d", "Fix forward");
    pilot.key("r", "Why?").keys(&["enter"]).gone("Why?");
    pilot.key("3", "Step 1 of");
    pilot
}

fn journal(scratch: &Scratch) -> String {
    let all = fs::read_dir(scratch.join("home/incidents")).expect("incidents");
    let dir = all.flatten().next().expect("an incident").path();
    fs::read_to_string(dir.join("journal.jsonl")).expect("a journal")
}

#[test]
fn what_is_meant_for_another_machine_runs_there_and_keeps_its_directory() {
    let scratch = Scratch::new();
    let Some(sshd) = sshd(&scratch) else { return };
    fs::create_dir_all(scratch.join("far/release")).expect("a directory");
    let far = scratch.join("far").display().to_string();
    plan(
        &scratch,
        &[
            &sshd.command,
            &format!("cd {far}\nexport RELEASE=v41\nNOTE='two words'"),
            "echo \"$PLACE $RELEASE $NOTE\" > release/mark\npwd >> release/mark",
            "sh -c 'exit 7'",
            "exit",
        ],
    );
    let mut pilot = under_way(&scratch);
    pass_the_opener(&mut pilot);
    pilot.see("say where it is to run").see("t run it there");
    // Nothing is settled, so r runs nothing.
    pilot.keys(&["r"]).see("say first where it is to run");
    pilot.keys(&["t"]).see("it runs there");
    run_shown(&mut pilot);
    pilot.see("release/mark").keys(&["enter"]);
    pilot.see("BACKOUT_THERE");
    run_shown(&mut pilot);
    let wanted = format!("there v41 two words\n{far}\n");
    wait_for(&scratch.join("far/release/mark"), &wanted);
    let journal = journal(&scratch);
    assert!(journal.contains("place-chosen"), "{journal}");
    drop(sshd);
}

/// The opener is a person's; here it is passed over, and the first command behind it is opened.
fn pass_the_opener(pilot: &mut Pilot) {
    pilot.select("ssh -F none").key("m", "Skip…");
    pilot.key("s", "Why skipped?");
    pilot.answer("Why skipped?", "each goes there by itself");
    pilot.see("by the ssh of line 8").keys(&["enter"]);
    pilot.see("can run commands").keys(&["y"]);
}

/// Waits until a file holds exactly this.
fn wait_for(path: &Path, wanted: &str) {
    let until = Instant::now() + crate::terminal::patience();
    while fs::read_to_string(path).unwrap_or_default() != wanted {
        assert!(Instant::now() < until, "{:?}", fs::read_to_string(path));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs what the open box shows, once it has been in view long enough.
fn run_shown(pilot: &mut Pilot) {
    pilot.see("r run it");
    std::thread::sleep(Duration::from_millis(900));
    pilot.keys(&["r"]).gone("r run it");
}

#[test]
fn a_secret_goes_there_and_into_no_file_here() {
    use crate::typed::{SECRET, kept_out};
    let scratch = Scratch::new();
    let Some(sshd) = sshd(&scratch) else { return };
    fs::create_dir_all(scratch.join("far")).expect("a directory");
    let far = scratch.join("far").display().to_string();
    let first = format!(
        "cd {far}\nprintf %s <db_password> > given\nexport COPY=\"a <db_password>\"\necho \"is <db_password>\""
    );
    plan(
        &scratch,
        &[
            &sshd.command,
            &first,
            "printf %s \"$COPY\" > copied\necho done",
            "exit",
        ],
    );
    let mut pilot = under_way(&scratch);
    pass_the_opener(&mut pilot);
    pilot.see("e fill it").key("e", "Value of db_password");
    pilot.answer("Value of db_password", SECRET);
    pilot
        .see("t run it there")
        .keys(&["t"])
        .see("it runs there");
    run_shown(&mut pilot);
    pilot.see("COPY").see("> copied").keys(&["enter"]);
    run_shown(&mut pilot);
    wait_for(&scratch.join("far/copied"), &format!("a {SECRET}"));
    let given = fs::read_to_string(scratch.join("far/given")).expect("given");
    assert_eq!(given, SECRET);
    kept_out(&scratch);
    drop(sshd);
}

#[test]
fn what_the_plan_means_for_here_runs_where_a_person_has_sent_it() {
    let scratch = Scratch::new();
    let Some(sshd) = sshd(&scratch) else { return };
    let far = scratch.join("far");
    fs::create_dir(&far).expect("a directory");
    let dir = far.display().to_string();
    plan(
        &scratch,
        &[
            &format!("cd {dir}\necho \"first ${{PLACE:-here}}\" > first"),
            "echo \"second ${PLACE:-here}\" > second",
            "echo \"third ${PLACE:-here}\" > third",
            &format!("pwd > {dir}/where"),
        ],
    );
    let mut pilot = under_way(&scratch);
    // What opens no session is said, and nothing is changed.
    pilot.key("o", "Where the procedure runs").keys(&["w"]);
    pilot.see("Run it where?").keys(&["x", "y", "enter"]);
    pilot.see("“xy” opens no session").keys(&["ctrl-u"]);
    pilot.answer("Run it where?", &sshd.command);
    pilot.see("on 127.0.0.1, by ssh");
    pilot.select("cd ").key("enter", "can run commands");
    pilot.keys(&["y"]).see("Sent there");
    run_shown(&mut pilot);
    wait_for(&far.join("first"), "first there\n");
    // The directory of the one before is kept there.
    pilot.see("Step 2 of 4").key("enter", "Sent there");
    run_shown(&mut pilot);
    wait_for(&far.join("second"), "second there\n");
    // One of them here.
    pilot.see("Step 3 of 4").keys(&["m"]);
    pilot.key("o", "Run it where?");
    pilot.answer("Run it where?", "here").gone("Run it where?");
    pilot.key("enter", "run it").see("not on 127.0.0.1");
    run_shown(&mut pilot);
    wait_for(&scratch.join("third"), "third here\n");
    pilot.leave();
    let journal = journal(&scratch);
    assert_eq!(
        journal.matches("\"sent-elsewhere\"").count(),
        2,
        "{journal}"
    );
}

/// A stand-in for docker on the far side: `exec … web SHELL…` runs the shell.
fn docker(scratch: &Scratch) {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = scratch.join("tools");
    fs::create_dir_all(&dir).expect("a directory");
    let text =
        "#!/bin/sh\nwhile [ \"$1\" != web ]; do shift; done\nshift\nINSIDE=web exec \"$@\"\n";
    fs::write(dir.join("docker"), text).expect("a program");
    fs::set_permissions(dir.join("docker"), fs::Permissions::from_mode(0o755)).expect("its mode");
}

#[test]
fn the_plans_container_is_that_of_the_machine_where_the_procedure_was_sent() {
    let scratch = Scratch::new();
    docker(&scratch);
    let Some(sshd) = sshd(&scratch) else { return };
    let far = scratch.join("far");
    fs::create_dir(&far).expect("a directory");
    let dir = far.display();
    plan(
        &scratch,
        &[
            &format!("echo \"${{PLACE:-here}}\" > {dir}/outside"),
            "docker exec -it web bash",
            &format!("echo \"${{PLACE:-here}} ${{INSIDE:-outside}}\" > {dir}/inside"),
            "exit",
        ],
    );
    let mut pilot = under_way(&scratch);
    pilot.key("o", "Where the procedure runs").keys(&["w"]);
    pilot.answer("Run it where?", &sshd.command);
    pilot.see("on 127.0.0.1, by ssh").keys(&["enter"]);
    pilot.see("can run commands").keys(&["y"]).see("Sent there");
    run_shown(&mut pilot);
    wait_for(&far.join("outside"), "there\n");
    // The opener is a person's; what follows it is asked for, and goes through the machine.
    pilot
        .see("Step 2 of 4")
        .key("m", "Skip…")
        .key("s", "Why skipped?");
    pilot.answer("Why skipped?", "each goes there by itself");
    pilot
        .see("in container web, through 127.0.0.1")
        .keys(&["enter"]);
    pilot
        .see("t run it there")
        .see("docker exec -i web bash -s")
        .keys(&["t"]);
    pilot.see("run it in container web, through 127.0.0.1");
    run_shown(&mut pilot);
    wait_for(&far.join("inside"), "there web\n");
    pilot.leave();
    drop(sshd);
}

#[test]
fn a_value_of_an_earlier_step_is_no_part_of_what_another_shell_reads() {
    let scratch = Scratch::new();
    plan(
        &scratch,
        &[
            "TAG=<tag>\necho \"$TAG\" > first",
            "bash -c \"echo $TAG > second\"",
        ],
    );
    let mut pilot = under_way(&scratch);
    pilot
        .select("TAG=")
        .key("enter", "can run commands")
        .keys(&["y"]);
    pilot.see("e fill it").key("e", "Value of tag");
    pilot.answer("Value of tag", "v1; touch third");
    run_shown(&mut pilot);
    wait_for(&scratch.join("first"), "v1; touch third\n");
    pilot
        .see("Step 2 of 2")
        .key("enter", "$TAG takes it further");
    pilot
        .see("for bash, where ; would be a")
        .keys(&["r", "esc"]);
    pilot.leave();
    assert!(!scratch.join("second").exists() && !scratch.join("third").exists());
}

#[test]
fn the_machine_that_a_plan_names_is_held_against_where_a_command_runs() {
    let scratch = Scratch::new();
    let Some(sshd) = sshd(&scratch) else { return };
    plan(&scratch, &["touch mark", "date"]);
    let file = scratch.join("ROLLBACK.md");
    let text = fs::read_to_string(&file).expect("a plan");
    let text = text.replacen("\n\n", "\n\n**Host:** app-9\n\n", 1);
    fs::write(&file, text).expect("a plan");
    let mut pilot = under_way(&scratch);
    pilot.select("touch mark").key("enter", "can run commands");
    pilot
        .keys(&["y"])
        .see("the plan is for the host app-9, and");
    pilot
        .see("send it to the right machine")
        .keys(&["r", "esc"]);
    pilot.gone("the plan is for the host");
    // Sent to a machine, that one is asked, before anything of it is done.
    pilot.key("o", "Where the procedure runs").keys(&["w"]);
    pilot.answer("Run it where?", &sshd.command);
    pilot.select("touch mark").key("enter", "Sent there");
    pilot.see("asked where it goes");
    run_shown(&mut pilot);
    pilot.see("Not done").keys(&["esc"]);
    pilot.see("it never ran: nothing was sent: the plan is for");
    pilot.leave();
    assert!(!scratch.join("mark").exists() && !home_mark().exists());
    drop(sshd);
}

/// Where the first command would leave its mark on the other machine: where a session begins.
fn home_mark() -> PathBuf {
    PathBuf::from(std::env::var("HOME").unwrap_or_default()).join("mark")
}

#[test]
fn a_connection_that_is_lost_is_not_taken_for_the_end_of_what_runs_there() {
    let scratch = Scratch::new();
    let Some(sshd) = sshd(&scratch) else { return };
    plan(
        &scratch,
        &["touch /dev/null; kill -9 $PPID; sleep 1", "date"],
    );
    let mut pilot = sent_there(&scratch, &sshd);
    run_shown(&mut pilot);
    pilot
        .see("backout: the connection ended before")
        .see("UNKNOWN");
    pilot.leave();
    drop(sshd);
}

/// At the run box of the plan's step, which was sent to the machine.
fn sent_there(scratch: &Scratch, sshd: &Sshd) -> Pilot {
    let mut pilot = under_way(scratch);
    pilot.key("o", "Where the procedure runs").keys(&["w"]);
    pilot.answer("Run it where?", &sshd.command);
    pilot.select("touch /dev").key("enter", "can run commands");
    pilot.keys(&["y"]).see("Sent there");
    pilot
}

#[test]
fn what_ends_with_255_itself_has_ended() {
    let scratch = Scratch::new();
    let Some(sshd) = sshd(&scratch) else { return };
    plan(&scratch, &["touch /dev/null; exit 255", "date"]);
    let mut pilot = sent_there(&scratch, &sshd);
    run_shown(&mut pilot);
    pilot.see("exit status 255");
    assert!(!journal(&scratch).contains("attempt-lost"));
    pilot.leave();
    drop(sshd);
}

#[test]
fn what_never_got_there_never_ran() {
    let scratch = Scratch::new();
    let Some(sshd) = sshd(&scratch) else { return };
    plan(&scratch, &["touch /dev/null; date", "date"]);
    let mut pilot = sent_there(&scratch, &sshd);
    drop(sshd);
    run_shown(&mut pilot);
    pilot.see("no shell answered there");
    assert!(journal(&scratch).contains("attempt-never-ran"));
    pilot.leave();
}
