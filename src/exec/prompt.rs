//! Whether the command waits for somebody to type, as its terminal and the kernel say.
//!
//! An echo that is switched off while lines are read is a password prompt. With the echo on, a
//! process of the foreground that is blocked in a read of the terminal waits for a line. Of a
//! program that has taken over its keyboard (an editor, a pager) nothing can be said from here.

use crate::domain::condition::Input;
use rustix::termios::{LocalModes, tcgetattr};
use std::fs;
use std::os::fd::OwnedFd;

/// What the modes of the terminal say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Modes {
    /// Lines with the echo off.
    Hidden,
    /// Lines with the echo on.
    Lines,
    /// The program reads keys, or the terminal has gone.
    Keys,
}

/// Asks the terminal.
pub(super) fn modes(master: &OwnedFd) -> Modes {
    match tcgetattr(master).map(|modes| modes.local_modes) {
        Ok(modes) if !modes.contains(LocalModes::ICANON) => Modes::Keys,
        Ok(modes) if modes.contains(LocalModes::ECHO) => Modes::Lines,
        Ok(_) => Modes::Hidden,
        Err(_) => Modes::Keys,
    }
}

/// What is to be said of the modes and of whether a process of the foreground reads.
pub(super) fn input(modes: Modes, reads: bool) -> Input {
    match (modes, reads) {
        (Modes::Hidden, _) => Input::Hidden,
        (Modes::Lines, true) => Input::Line,
        (Modes::Lines, false) => Input::Busy,
        (Modes::Keys, _) => Input::Untold,
    }
}

/// Whether a descendant of the anchor that has the foreground is blocked in a read of a terminal.
pub(super) fn is_read(anchor: i32, foreground: i32) -> bool {
    let mut left = vec![anchor];
    // Enough for any step; a tree that grows while it is looked at must not keep us here.
    for _ in 0..512 {
        let Some(pid) = left.pop() else {
            return false;
        };
        if pid != anchor && reads_terminal(pid, foreground) {
            return true;
        }
        left.extend(children(pid));
    }
    false
}

fn children(pid: i32) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let tasks = tasks.into_iter().flatten().flatten();
    let texts = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    texts
        .flat_map(|text| {
            let pids = text.split_ascii_whitespace().map(str::to_owned);
            pids.collect::<Vec<_>>()
        })
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

fn reads_terminal(pid: i32, foreground: i32) -> bool {
    if group(pid) != Some(foreground) {
        return false;
    }
    let call = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
    match read_descriptor(&call) {
        Some(fd) => fs::read_link(format!("/proc/{pid}/fd/{fd}"))
            .is_ok_and(|link| link.starts_with("/dev/pts") || link.starts_with("/dev/tty")),
        // Where the system call cannot be seen, the place in the kernel may be.
        None => fs::read_to_string(format!("/proc/{pid}/wchan"))
            .is_ok_and(|place| place.trim() == "n_tty_read"),
    }
}

/// The process group, from `pid (name) state parent group …`.
fn group(pid: i32) -> Option<i32> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(2)?.parse().ok()
}

/// The descriptor that a blocked process reads: `0 0x3 0x7ffe… …` is a read of descriptor 3.
fn read_descriptor(call: &str) -> Option<u64> {
    let mut words = call.split_ascii_whitespace();
    let number: libc::c_long = words.next()?.parse().ok()?;
    if number != libc::SYS_read {
        return None;
    }
    u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_blocked_read_has_a_descriptor() {
        let call = format!("{} 0x3 0x7ffe 0x1 0x0", libc::SYS_read);
        assert_eq!(read_descriptor(&call), Some(3));
        let other = format!("{} 0x3 0x7ffe", libc::SYS_wait4);
        assert_eq!(read_descriptor(&other), None);
        assert_eq!(read_descriptor("running\n"), None);
        assert_eq!(read_descriptor(""), None);
    }

    #[test]
    fn an_echo_that_is_off_is_a_password_whoever_reads() {
        assert_eq!(input(Modes::Hidden, false), Input::Hidden);
        assert_eq!(input(Modes::Lines, true), Input::Line);
        assert_eq!(input(Modes::Lines, false), Input::Busy);
        assert_eq!(input(Modes::Keys, true), Input::Untold);
    }

    #[test]
    fn the_modes_of_a_terminal_are_seen_from_its_master() {
        use rustix::termios::{OptionalActions, tcsetattr};
        let pty = crate::exec::pty::open(24, 80).unwrap();
        assert_eq!(modes(&pty.master), Modes::Lines);
        let mut changed = tcgetattr(&pty.slave).unwrap();
        changed.local_modes -= LocalModes::ECHO;
        tcsetattr(&pty.slave, OptionalActions::Now, &changed).unwrap();
        assert_eq!(modes(&pty.master), Modes::Hidden);
        changed.local_modes -= LocalModes::ICANON;
        tcsetattr(&pty.slave, OptionalActions::Now, &changed).unwrap();
        assert_eq!(modes(&pty.master), Modes::Keys);
    }
}
