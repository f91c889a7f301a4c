//! A `PostgreSQL` of the tests' own: a cluster in a temporary directory, over a socket and TCP,
//! encrypted where that is asked for. Without a server on the machine it says why it skips.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server of its own, stopped and removed at the end.
pub struct Cluster {
    pub dir: TempDir,
    pub port: u16,
    pub server: Child,
}

impl Cluster {
    /// Starts one, or says why not.
    pub fn start(encrypted: bool) -> Result<Self, String> {
        let bin = programs().ok_or("no initdb in /usr/lib/postgresql/*/bin")?;
        let (uid, gid) =
            postgres_user().ok_or("no user postgres, and a server must not be root")?;
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        chown(dir.path(), Some(uid), Some(gid)).map_err(|error| error.to_string())?;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = dir.path().join("data");
        let as_postgres = |program: &str| {
            let mut command = Command::new(bin.join(program));
            command.current_dir(dir.path()).stdin(Stdio::null());
            if rustix::process::geteuid().is_root() {
                command.uid(uid).gid(gid);
            }
            command
        };
        let made = as_postgres("initdb")
            .args([
                "-N",
                "-A",
                "trust",
                "-U",
                "ana",
                "-E",
                "UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return Err("initdb failed".to_owned());
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut command = as_postgres("postgres");
        command
            .arg("-D")
            .arg(&data)
            .args(["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]);
        command.arg("-c").arg(format!("port={port}"));
        command
            .arg("-c")
            .arg(format!("unix_socket_directories={}", dir.path().display()));
        if encrypted {
            certificates(dir.path(), &data, uid, gid)?;
            command.args(["-c", "ssl=on"]);
        }
        let log = fs::File::create(dir.path().join("log")).unwrap();
        let server = command
            .stderr(log)
            .spawn()
            .map_err(|error| error.to_string())?;
        let cluster = Self { dir, port, server };
        let ready = || {
            let log = fs::read_to_string(cluster.dir.path().join("log")).unwrap();
            log.contains("ready to accept")
        };
        let end = Instant::now() + Duration::from_mins(1);
        while !ready() {
            assert!(Instant::now() < end, "the server does not start");
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(cluster)
    }

    /// One for all tests that run at the same time, or none, with the reason printed.
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap();
        if let Some(cluster) = shared.upgrade() {
            return Some(cluster);
        }
        let cluster = Self::or_skip(false).map(Arc::new)?;
        *shared = Arc::downgrade(&cluster);
        Some(cluster)
    }

    pub fn or_skip(encrypted: bool) -> Option<Self> {
        Self::start(encrypted)
            .inspect_err(|why| println!("skipped: {why}"))
            .ok()
    }

    /// What a program needs in its environment to get there.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("PGHOST", self.dir.path().to_str().unwrap()),
            ("PGPORT", &self.port.to_string()),
            ("PGUSER", "ana"),
            ("PGDATABASE", "postgres"),
            ("DATABASE_URL", ""),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.server.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
        let _ = self.server.wait();
    }
}

/// Where the server's programs are.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .flatten()
        .map(|found| found.path().join("bin"))
        .find(|bin| bin.join("initdb").exists())
}

fn postgres_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return Some((
            rustix::process::getuid().as_raw(),
            rustix::process::getgid().as_raw(),
        ));
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// An authority (`ca.crt`) and a certificate of its for `localhost`.
fn certificates(dir: &Path, data: &Path, uid: u32, gid: u32) -> Result<(), String> {
    let openssl = |arguments: &str| {
        let done = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(dir)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
            .then_some(())
            .ok_or("openssl is missing or failed")
    };
    fs::write(
        dir.join("san"),
        "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
    )
    .unwrap();
    let key = "-newkey rsa:2048 -nodes";
    openssl(&format!(
        "req -x509 {key} -keyout ca.key -out ca.crt -subj /CN=ca -days 2"
    ))?;
    openssl(&format!(
        "req {key} -keyout data/server.key -out leaf.csr -subj /CN=localhost"
    ))?;
    openssl(
        "x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile san -days 2 \
         -out data/server.crt",
    )?;
    for name in ["server.key", "server.crt"] {
        chown(data.join(name), Some(uid), Some(gid)).unwrap();
        fs::set_permissions(data.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    Ok(())
}
