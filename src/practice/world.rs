//! One practice world on the disk: made, described, stopped.
//!
//! [`World::create`] leaves a world in which the bad release runs and is failing. It writes only
//! below the directory that it is given, which must be empty or absent, and reads none of the
//! user's git configuration.

use super::RUNBOOK;
use super::story::{CURL, IGNORED, OLD_BACKUP, ORDERS, RELEASES, Release, TOOLS};
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Why a practice world could not be made or stopped.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// A program that the world is made with is missing.
    #[error("practice needs {program}, which is not installed; install it and try again")]
    Missing {
        /// The program.
        program: &'static str,
    },
    /// Something is in the way.
    #[error("{} is not empty; name another directory for the practice world", .0.display())]
    NotEmpty(PathBuf),
    /// The disk said no.
    #[error("cannot write the practice world at {}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A tool of the world failed.
    #[error("`{command}` failed while the practice world was made: {said}")]
    Tool {
        /// The command.
        command: String,
        /// What it printed last.
        said: String,
    },
    /// The service did not leave.
    #[error("the practice service at {} did not stop within ten seconds", .0.display())]
    StillRunning(PathBuf),
}

/// A practice world.
#[derive(Clone, Debug)]
pub struct World {
    dir: PathBuf,
    port: u16,
    curl: bool,
}

impl World {
    /// Makes a world in `dir` and starts its service, as the program that is running now.
    ///
    /// # Errors
    /// When git or bash is missing, `dir` is not empty, or something cannot be written or run.
    pub fn create(dir: &Path) -> Result<Self, PracticeError> {
        let program = std::env::current_exe().map_err(|source| PracticeError::Io {
            path: dir.to_owned(),
            source,
        })?;
        Self::create_with(dir, &program)
    }

    /// As [`World::create`], with the `backout` binary that is to serve.
    ///
    /// # Errors
    /// As [`World::create`].
    pub fn create_with(dir: &Path, program: &Path) -> Result<Self, PracticeError> {
        for needed in ["git", "bash"] {
            if !is_installed(needed) {
                return Err(PracticeError::Missing { program: needed });
            }
        }
        make_empty(dir).map_err(at(dir))??;
        let dir = dir.canonicalize().map_err(at(dir))?;
        let world = Self {
            port: free_port().map_err(at(&dir))?,
            curl: is_installed("curl"),
            dir,
        };
        world.write_files(program).map_err(at(&world.dir))?;
        world.commit_releases()?;
        world.tool("bin/migrate", "up")?;
        world.tool("bin/service", "start")?;
        Ok(world)
    }

    /// Finds a world that was made earlier.
    ///
    /// # Errors
    /// When there is none in `dir`.
    pub fn open(dir: &Path) -> Result<Self, PracticeError> {
        let dir = dir.canonicalize().map_err(at(dir))?;
        let path = dir.join("run/port");
        let text = fs::read_to_string(&path).map_err(at(&path))?;
        let port = text.trim().parse().map_err(|error| PracticeError::Io {
            source: io::Error::new(io::ErrorKind::InvalidData, error),
            path,
        })?;
        Ok(Self {
            port,
            curl: is_installed("curl"),
            dir,
        })
    }

    /// The directory: where the plan's commands run.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The plan, as it lies in the world.
    #[must_use]
    pub fn runbook(&self) -> PathBuf {
        self.dir.join("ROLLBACK.md")
    }

    /// Where the service listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// What the environment of the plan's commands needs beyond that of this process.
    ///
    /// `PATH` is among it only where there is no curl: it then ends with a stand-in for it.
    #[must_use]
    pub fn env(&self) -> Vec<(String, String)> {
        let mut env = vec![("PRACTICE_URL".to_owned(), self.url())];
        if !self.curl {
            let path = std::env::var("PATH").unwrap_or_default();
            env.push((
                "PATH".to_owned(),
                format!("{path}:{}/shims", self.dir.display()),
            ));
        }
        env
    }

    /// Stops the service and waits until it is gone. The files stay.
    ///
    /// # Errors
    /// When it does not leave within ten seconds.
    pub fn stop(&self) -> Result<(), PracticeError> {
        let run = self.dir.join("run");
        if !process_lives(&run.join("pid")) {
            return Ok(());
        }
        fs::write(run.join("stop"), "").map_err(at(&run))?;
        let started = Instant::now();
        while run.join("pid").exists() && process_lives(&run.join("pid")) {
            if started.elapsed() > Duration::from_secs(10) {
                return Err(PracticeError::StillRunning(self.dir.clone()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Stops the service and removes the world.
    ///
    /// # Errors
    /// When it does not leave, or something cannot be removed.
    pub fn remove(self) -> Result<(), PracticeError> {
        self.stop()?;
        fs::remove_dir_all(&self.dir).map_err(at(&self.dir))
    }

    /// Removes the worlds below `parent` that nobody has used for a day and whose service is
    /// gone. What is no world, or cannot be removed, stays.
    pub fn sweep(parent: &Path) {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        for world in entries.filter_map(|entry| Self::open(&entry.path()).ok()) {
            let touched = world
                .dir
                .join("run")
                .metadata()
                .and_then(|found| found.modified());
            let day = Duration::from_hours(24);
            let is_old = touched.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > day));
            if is_old && !process_lives(&world.dir.join("run/pid")) {
                // It is swept the next time if it cannot be swept now.
                let _ = fs::remove_dir_all(&world.dir);
            }
        }
    }

    fn write_files(&self, program: &Path) -> io::Result<()> {
        for name in ["backups", "bin", "data", "run", "shims"] {
            private_dir().create(self.dir.join(name))?;
        }
        let program = quoted(program);
        for (name, text) in TOOLS {
            write_tool(
                &self.dir.join("bin").join(name),
                &text.replace("@PROGRAM@", &program),
            )?;
        }
        write_tool(&self.dir.join("shims/curl"), CURL)?;
        fs::write(self.dir.join("run/port"), self.port.to_string())?;
        fs::write(self.dir.join("data/orders.csv"), ORDERS)?;
        fs::write(self.dir.join("backups").join(OLD_BACKUP), ORDERS)?;
        fs::write(self.runbook(), RUNBOOK)
    }

    /// Makes the repository: a commit and a tag for each release, the last one checked out.
    fn commit_releases(&self) -> Result<(), PracticeError> {
        self.git(&["init", "--quiet", "--initial-branch=main", "."], 0)?;
        self.git(&["config", "advice.detachedHead", "false"], 0)?;
        self.git(&["config", "user.name", "Kettle release desk"], 0)?;
        self.git(&["config", "user.email", "releases@kettle.invalid"], 0)?;
        fs::write(self.dir.join(".gitignore"), IGNORED).map_err(at(&self.dir))?;
        for release in &RELEASES {
            self.commit(release)?;
        }
        Ok(())
    }

    fn commit(&self, release: &Release) -> Result<(), PracticeError> {
        fs::write(self.dir.join("service.conf"), release.conf()).map_err(at(&self.dir))?;
        let (tag, days) = (release.tag, release.age_days);
        self.git(&["add", "--all"], days)?;
        self.git(
            &[
                "commit",
                "--quiet",
                "--no-verify",
                "-m",
                &format!("Release {tag}"),
            ],
            days,
        )?;
        self.git(&["tag", "--annotate", "-m", release.note, tag], days)
    }

    /// Runs git without the user's configuration, dated `age_days` ago.
    fn git(&self, words: &[&str], age_days: u64) -> Result<(), PracticeError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let date = format!("@{} +0000", now.saturating_sub(age_days * 86_400));
        let mut command = Command::new("git");
        command
            .args(["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"])
            .args(words)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date);
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_TEMPLATE_DIR",
        ] {
            command.env_remove(name);
        }
        self.run(command, &format!("git {}", words.join(" ")))
    }

    fn tool(&self, tool: &str, word: &str) -> Result<(), PracticeError> {
        let mut command = Command::new("bash");
        command.args([tool, word]);
        self.run(command, &format!("{tool} {word}"))
    }

    /// Runs to the end. What it prints goes to a file: a pipe would be held open by the service.
    fn run(&self, mut command: Command, shown: &str) -> Result<(), PracticeError> {
        let failed = |said: String| PracticeError::Tool {
            command: shown.to_owned(),
            said,
        };
        let mut log = tempfile::tempfile().map_err(at(&self.dir))?;
        let status = command
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(at(&self.dir))?)
            .stderr(log.try_clone().map_err(at(&self.dir))?)
            .status()
            .map_err(|error| failed(error.to_string()))?;
        if status.success() {
            return Ok(());
        }
        let mut said = String::new();
        let _ = io::Seek::rewind(&mut log);
        let _ = io::Read::read_to_string(&mut log, &mut said);
        Err(failed(said.trim().to_owned()))
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> PracticeError {
    let path = path.to_owned();
    move |source| PracticeError::Io {
        path: path.clone(),
        source,
    }
}

fn private_dir() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

fn make_empty(dir: &Path) -> io::Result<Result<(), PracticeError>> {
    if dir.exists() {
        let empty = fs::read_dir(dir)?.next().is_none();
        return Ok(if empty {
            Ok(())
        } else {
            Err(PracticeError::NotEmpty(dir.to_owned()))
        });
    }
    private_dir().recursive(true).create(dir)?;
    Ok(Ok(()))
}

fn write_tool(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// The path in single quotes, as a shell reads it back.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| {
        fs::metadata(dir.join(program))
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}

/// A port that nobody listens on, below the range from which the kernel hands out ports to
/// connections: the service leaves it and comes back to it whenever it is restarted.
fn free_port() -> io::Result<u16> {
    let clock = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .subsec_nanos();
    let seed = clock.wrapping_mul(31).wrapping_add(std::process::id());
    for step in 0..1000_u32 {
        let offset = seed.wrapping_add(step.wrapping_mul(7919)) % 10_000;
        let port = 20_000 + u16::try_from(offset).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AddrInUse,
        "no free port between 20000 and 29999",
    ))
}

fn process_lives(pid_file: &Path) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let pid = text
        .trim()
        .parse()
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}
