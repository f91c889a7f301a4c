//! The practice world by hand: the plan's commands, typed into bash, mend what is broken.

use crate::scratch::{Scratch, binary};
use backout::practice::{PracticeError, RUNBOOK, World};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A world that is stopped when the test is over, also when it fails.
struct Bench {
    world: World,
    scratch: Scratch,
}

impl Bench {
    fn new() -> Self {
        let scratch = Scratch::new();
        let world = World::create_with(&scratch.join("world"), binary()).expect("a world");
        Self { world, scratch }
    }

    /// Types a command into bash at the world's directory.
    #[track_caller]
    fn type_(&self, command: &str) -> String {
        let output = self.run(command, &self.world.env());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {text}{error}");
        text
    }

    fn run(&self, command: &str, env: &[(String, String)]) -> Output {
        let log = self.scratch.join("output");
        // To a file, not to a pipe: the service would keep the pipe open.
        let file = fs::File::create(&log).expect("a file for the output");
        let status = Command::new("bash")
            .args(["-e", "-c", command])
            .current_dir(self.world.dir())
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .status()
            .expect("bash runs");
        Output {
            status,
            stdout: fs::read(&log).expect("the output"),
            stderr: Vec::new(),
        }
    }

    fn pid_file(&self) -> PathBuf {
        self.world.dir().join("run/pid")
    }

    fn health(&self) -> String {
        self.type_("curl -s \"$PRACTICE_URL/health\"")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.world.stop();
    }
}

/// The commands of the runbook's fences under a heading, comments left out, in order.
fn commands_under(heading: &str) -> Vec<String> {
    let rest = RUNBOOK.split_once(heading).expect("the heading is there").1;
    let end = rest
        .find("\n### ")
        .into_iter()
        .chain(rest.find("\n## "))
        .min();
    let section = &rest[..end.unwrap_or(rest.len())];
    let mut commands = Vec::new();
    let mut inside = false;
    for line in section.lines().map(str::trim) {
        match line {
            "```bash" => inside = true,
            "```" => inside = false,
            _ if inside && !line.is_empty() && !line.starts_with('#') => {
                commands.push(line.to_owned());
            }
            _ => {}
        }
    }
    commands
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "still not so: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_plan_mends_the_shop() {
    let bench = Bench::new();
    assert!(bench.health().contains("failing"), "{}", bench.health());
    assert_eq!(
        bench.type_("curl -s \"$PRACTICE_URL/version\""),
        "{\"version\":\"2.5.0\"}\n"
    );
    assert!(
        bench
            .type_("git tag -n1 --sort=-v:refname")
            .contains("v2.4.2          Last good release")
    );
    until("customers see errors", || {
        let metrics = bench.type_("curl -s \"$PRACTICE_URL/metrics\"");
        !metrics.contains("orders_errors_total 0\n")
    });

    for command in commands_under("## Pre-Rollback Checklist") {
        bench.type_(&command);
    }
    assert_eq!(bench.type_("bin/migrate status"), "schema 3\n");
    assert!(bench.type_("bin/backup create").contains("written"));
    assert!(bench.type_("bin/backup verify").contains("usable"));

    let full = commands_under("### Option 2: Full Rollback");
    let quick = commands_under("### Option 1: Quick Rollback");
    let (before, after) = full.split_at(2);
    assert_eq!(before, ["bin/service stop", "bin/migrate down"]);
    for command in before.iter().chain(&quick) {
        bench.type_(&command.replace("<stable_tag>", "v2.4.2"));
    }
    assert!(
        bench.health().contains("stale cache"),
        "the first check fails: {}",
        bench.health()
    );
    for command in after {
        bench.type_(command);
    }
    assert_eq!(bench.health(), "{\"status\":\"ok\"}\n");
    assert_eq!(
        bench.type_("curl -s \"$PRACTICE_URL/version\""),
        "{\"version\":\"2.4.2\"}\n"
    );
    assert_eq!(bench.type_("bin/migrate status"), "schema 2\n");
    let same = "diff backups/orders-before-v2.5.0.csv data/orders.csv && echo same orders";
    assert_eq!(bench.type_(same), "same orders\n");
    for _ in 0..12 {
        assert!(
            bench
                .type_("curl -s \"$PRACTICE_URL/orders\"")
                .contains("\"gbp\":")
        );
    }
}

#[test]
fn a_step_left_out_leaves_it_broken() {
    let bench = Bench::new();
    bench.type_("git checkout -q v2.4.2");
    assert!(
        bench
            .type_("curl -s \"$PRACTICE_URL/version\"")
            .contains("2.5.0"),
        "no restart yet"
    );
    bench.type_("rm -rf data/cache");
    bench.type_("bin/service restart");
    assert!(
        bench.health().contains("the data is at schema 3"),
        "{}",
        bench.health()
    );
    let refused = bench.run("bin/migrate down", &[]);
    assert!(
        !refused.status.success(),
        "the data is not migrated under a running service"
    );
}

#[test]
fn the_stand_in_for_curl_answers_as_curl_does() {
    let bench = Bench::new();
    let url = bench.world.url();
    let shim = |words: &str| bench.run(&format!("shims/curl {words}"), &[]);
    let health = shim(&format!("-s {url}/health"));
    assert!(health.status.success());
    assert!(String::from_utf8_lossy(&health.stdout).starts_with("{\"status\":\"failing\""));
    assert_eq!(shim(&format!("-fsS {url}/health")).status.code(), Some(22));
    assert_eq!(shim("-s http://127.0.0.1:1/").status.code(), Some(7));
}

#[test]
fn the_service_leaves_when_asked_and_when_its_directory_is_gone() {
    let bench = Bench::new();
    bench.world.stop().expect("it stops");
    assert!(!bench.pid_file().exists());
    bench.world.stop().expect("stopping twice is no error");

    assert!(
        bench
            .type_("bin/service start")
            .contains("started (release 2.5.0)")
    );
    let pid = fs::read_to_string(bench.pid_file()).expect("a pid");
    fs::remove_dir_all(bench.world.dir()).expect("the world is removed");
    let stat = PathBuf::from(format!("/proc/{pid}/stat"));
    until("the service is gone", || {
        // A process that nobody waits for stays as a zombie where there is no init.
        fs::read_to_string(&stat).map_or(true, |text| text.contains(") Z "))
    });
}

#[test]
fn a_world_is_made_in_an_empty_directory_only() {
    let scratch = Scratch::new();
    fs::write(scratch.join("precious"), "text").expect("a file");
    let refused = World::create_with(scratch.path(), binary());
    assert!(
        matches!(refused, Err(PracticeError::NotEmpty(_))),
        "{refused:?}"
    );
    let names: Vec<_> = fs::read_dir(scratch.path()).expect("readable").collect();
    assert_eq!(names.len(), 1, "nothing was written");
}

#[test]
fn a_world_is_found_again() {
    let bench = Bench::new();
    let again = World::open(bench.world.dir()).expect("the same world");
    assert_eq!(again.url(), bench.world.url());
    assert_eq!(
        fs::read_to_string(again.runbook()).expect("the plan"),
        RUNBOOK
    );
    assert!(World::open(bench.scratch.path()).is_err());
}

#[test]
fn a_drill_of_the_plan_stops_where_the_plan_says_it_will() {
    let bench = Bench::new();
    let words = [
        "drill",
        "ROLLBACK.md",
        "--procedure",
        "Full",
        "--set",
        "stable_tag=v2.4.2",
    ];
    let log = bench.scratch.join("drill");
    let file = fs::File::create(&log).expect("a file");
    let status = Command::new(binary())
        .args(words)
        .args(["--assume-manual", "--allow-destructive"])
        .current_dir(bench.world.dir())
        .env("BACKOUT_HOME", bench.scratch.join("home"))
        .envs(bench.world.env())
        .stdout(file.try_clone().expect("a handle"))
        .stderr(file)
        .status()
        .expect("backout runs");
    let said = fs::read_to_string(&log).expect("what it said");
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("passed  bin/migrate down"), "{said}");
    assert!(said.contains("passed  git checkout <stable_tag>"), "{said}");
    assert!(said.contains("Remove the cached prices"), "{said}");
    assert!(bench.health().contains("stale cache"), "{said}");
    assert!(
        bench.world.dir().join("data/cache").exists(),
        "it stopped before: {said}"
    );
}
