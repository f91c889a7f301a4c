//! Facts about this machine and who sits at it: the clock, the host, the person.

use std::path::Path;
use std::sync::OnceLock;

use chrono::Utc;

use crate::domain::event::Person;
use crate::domain::time::Stamp;

/// Now, by all clocks.
#[must_use]
pub fn now() -> Stamp {
    let mono = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(mono.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(mono.tv_nsec).unwrap_or(0);
    Stamp {
        wall: Utc::now(),
        mono_ms: seconds * 1_000 + nanos / 1_000_000,
        boot: boot_id().to_owned(),
    }
}

fn boot_id() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    })
}

/// The person at this terminal, as the system knows them.
#[must_use]
pub fn person() -> Person {
    let uid = rustix::process::getuid().as_raw();
    Person {
        name: user_name(uid),
        uid,
        host: host_name(),
        terminal: terminal_name(),
    }
}

/// The name of this machine.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// The login name of a user id: from the user database, else the environment, else the number.
fn user_name(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let wanted = uid.to_string();
    let known = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == wanted).then(|| name.to_owned())
    });
    known
        .or_else(|| std::env::var("USER").ok().filter(|name| !name.is_empty()))
        .unwrap_or(wanted)
}

fn terminal_name() -> String {
    let link = std::fs::read_link(Path::new("/proc/self/fd/0"));
    let name = link
        .map(|path| path.to_string_lossy().into_owned())
        .unwrap_or_default();
    if name.starts_with("/dev/pts/") || name.starts_with("/dev/tty") {
        name
    } else {
        String::new()
    }
}
