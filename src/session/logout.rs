//! Whether this system ends a user's processes when they log out, which no supervisor survives.
//!
//! Read from where logind reads it; nothing is asked and nothing is changed. Where no logind
//! watches over sessions there is nothing to say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::machine;

/// Places of logind's settings, the strongest last.
const PLACES: [&str; 4] = ["usr/lib", "usr/local/lib", "run", "etc"];

/// What happens at logout to what is running, in words, with the way round it; none where it goes
/// on.
#[must_use]
pub fn risk() -> Option<String> {
    risk_below(Path::new("/"), &machine::person().name)
}

fn risk_below(root: &Path, user: &str) -> Option<String> {
    if !root.join("run/systemd/system").is_dir() {
        return None;
    }
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let lingers = root.join("var/lib/systemd/linger").join(user).exists();
    let linger = format!("`loginctl enable-linger {user}`");
    match unit(&groups)? {
        Unit::Session if kills(root, user) => {
            let scope = "`systemd-run --user --scope backout …`";
            let way = if lingers {
                format!("start backout with {scope}")
            } else {
                format!("{linger}, then start backout with {scope}")
            };
            Some(format!(
                "this system ends what runs when you log out or lose the connection \
                 (KillUserProcesses): {way}"
            ))
        }
        Unit::Manager if !lingers => Some(format!(
            "what runs ends with your last session here: {linger} lets it go on"
        )),
        Unit::Session | Unit::Manager => None,
    }
}

/// Below what this process stands.
enum Unit {
    /// A login session.
    Session,
    /// The user's own service manager.
    Manager,
}

fn unit(groups: &str) -> Option<Unit> {
    let parts = || groups.lines().flat_map(|line| line.split('/'));
    let is =
        |part: &str, begins: &str, ends: &str| part.starts_with(begins) && part.ends_with(ends);
    if parts().any(|part| is(part, "user@", ".service")) {
        return Some(Unit::Manager);
    }
    parts()
        .any(|part| is(part, "session-", ".scope"))
        .then_some(Unit::Session)
}

/// Whether logind ends this user's processes, by its settings.
fn kills(root: &Path, user: &str) -> bool {
    let settings = settings(root);
    let names = |key| {
        let text: &String = settings.get(key)?;
        Some(text.split_whitespace().any(|name| name == user))
    };
    let yes = settings.get("KillUserProcesses").is_some_and(|value| {
        ["1", "yes", "y", "true", "t", "on"].contains(&value.to_lowercase().as_str())
    });
    let only = settings.get("KillOnlyUsers").is_none_or(String::is_empty)
        || names("KillOnlyUsers").unwrap_or(false);
    let excluded = names("KillExcludeUsers").unwrap_or(user == "root");
    yes && only && !excluded
}

/// The settings: those of the main file, commented ones as what was built in, then those of the
/// files beside it, by name.
fn settings(root: &Path) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let main = PLACES.iter().rev().map(|place| root.join(place));
    let main = main.map(|place| place.join("systemd/logind.conf"));
    if let Some(text) = main
        .into_iter()
        .find_map(|path| fs::read_to_string(path).ok())
    {
        let built_in = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix('#'));
        take(built_in, &mut settings);
        take(text.lines(), &mut settings);
    }
    let mut beside: BTreeMap<_, PathBuf> = BTreeMap::new();
    for place in PLACES {
        let found = fs::read_dir(root.join(place).join("systemd/logind.conf.d"));
        for entry in found.into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|ends| ends == "conf") {
                beside.insert(entry.file_name(), entry.path());
            }
        }
    }
    for path in beside.into_values() {
        take(
            fs::read_to_string(path).unwrap_or_default().lines(),
            &mut settings,
        );
    }
    settings
}

fn take<'a>(lines: impl Iterator<Item = &'a str>, settings: &mut BTreeMap<String, String>) {
    for line in lines {
        if let Some((key, value)) = line.split_once('=') {
            settings.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "0::/user.slice/user-1000.slice/session-3.scope\n";

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(root.path().join("run/systemd/system")).expect("made");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("below the root")).expect("made");
            fs::write(path, text).expect("written");
        }
        root
    }

    fn said(files: &[(&str, &str)], user: &str) -> String {
        risk_below(system(files).path(), user).unwrap_or_default()
    }

    #[test]
    fn a_system_that_kills_at_logout_is_found_with_the_way_round_it() {
        let session = ("proc/self/cgroup", SESSION);
        let main = (
            "etc/systemd/logind.conf",
            "[Login]\n#KillUserProcesses=no\n",
        );
        let on = (
            "etc/systemd/logind.conf.d/50-kill.conf",
            "[Login]\nKillUserProcesses=yes\n",
        );
        assert_eq!(said(&[session, main], "ana"), "");
        assert!(said(&[session, main, on], "ana").contains("enable-linger ana"));
        // root is left out unless it is said otherwise.
        assert_eq!(said(&[session, main, on], "root"), "");
        let nobody = ("etc/systemd/logind.conf.d/60-x.conf", "KillExcludeUsers=\n");
        assert!(said(&[session, main, on, nobody], "root").contains("KillUserProcesses"));
        let only = (
            "etc/systemd/logind.conf.d/60-y.conf",
            "KillOnlyUsers=ben cleo\n",
        );
        assert_eq!(said(&[session, main, on, only], "ana"), "");
        assert!(!said(&[session, main, on, only], "ben").is_empty());
        // What was built in stands as a comment, and a file of the same name hides the weaker one.
        let built_in = ("usr/lib/systemd/logind.conf", "#KillUserProcesses=yes\n");
        assert!(!said(&[session, built_in], "ana").is_empty());
        let weaker = (
            "usr/lib/systemd/logind.conf.d/50-kill.conf",
            "KillUserProcesses=no\n",
        );
        assert!(!said(&[session, weaker, on], "ana").is_empty());
    }

    #[test]
    fn below_the_users_own_manager_it_depends_on_lingering() {
        let manager = (
            "proc/self/cgroup",
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope\n",
        );
        assert!(said(&[manager], "ana").contains("enable-linger ana"));
        let lingers = ("var/lib/systemd/linger/ana", "");
        assert_eq!(said(&[manager, lingers], "ana"), "");
        let service = ("proc/self/cgroup", "0::/system.slice/cron.service\n");
        assert_eq!(said(&[service], "ana"), "");
        let none = tempfile::tempdir().expect("a directory");
        assert_eq!(risk_below(none.path(), "ana"), None);
    }
}
