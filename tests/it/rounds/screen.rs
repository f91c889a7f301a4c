//! The screen is never hostage: from key to paint while the disk syncs for five seconds, while a
//! database accepts and says nothing, and while a step prints as fast as it can.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::{Flight, preload, signal, to_first_action};
use crate::terminal::Terminal;

/// The figure to reach, for the 99th of a hundred.
const MOST: Duration = Duration::from_millis(100);

/// So many keys under each fault, and the control.
pub fn run(count: usize) -> bool {
    let control = {
        let flight = Flight::with(&["sleep 600", "true", "true"]);
        let mut terminal = flight.flying();
        let pid = terminal.pid().as_raw_nonzero().get();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            signal(pid, rustix::process::Signal::STOP);
            std::thread::sleep(Duration::from_millis(400));
            signal(pid, rustix::process::Signal::CONT);
        });
        !told(
            "P17 control, stopped for 400 ms",
            &mut keys(&mut terminal, 40),
        )
    };
    if !control {
        println!("P17 control: the measure does not see a screen that stands still");
    }
    [
        control,
        flood(count),
        dead_database(count),
        slow_disk(count),
    ] == [true; 4]
}

fn flood(count: usize) -> bool {
    let flight = Flight::with(&["yes 'a line of a flood that does not end'", "true", "true"]);
    let mut terminal = flight.flying();
    terminal.see("a line of a flood");
    told("P17 a flood of output", &mut keys(&mut terminal, count))
}

/// Accepts, and says nothing.
fn dead_database(count: usize) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (asked, was_asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            open.push(stream);
            let _ = asked.send(());
        }
    });
    let blocks = [
        "```sql\n   UPDATE orders SET state = 'new' WHERE id = 7;\n   ```",
        "```bash\n   true\n   ```",
        "```bash\n   true\n   ```",
    ];
    let flight = Flight::on(&blocks.map(str::to_owned));
    let mut command = flight.command(&["open", "ROLLBACK.md"]);
    command
        .env("PGHOST", "127.0.0.1")
        .env("PGPORT", port.to_string())
        .envs([
            ("PGUSER", "ana"),
            ("PGDATABASE", "shop"),
            ("PGSSLMODE", "disable"),
        ]);
    let mut terminal = Terminal::start(command, 140, 40);
    to_first_action(&mut terminal);
    terminal.key("r").gone("r run it");
    if was_asked.recv_timeout(crate::terminal::patience()).is_err() {
        println!("P17: the database was never asked:\n{}", terminal.screen());
        return false;
    }
    let mut all = keys(&mut terminal, count);
    told("P17 a dead database", &mut all)
}

fn slow_disk(count: usize) -> bool {
    let flight = Flight::with(&["sleep 600", "true", "true"]);
    let Some(library) = preload(flight.scratch.path(), SLOW) else {
        return true;
    };
    let switch = flight.scratch.join("slow");
    let mut command = flight.command(&["open", "ROLLBACK.md"]);
    command.env("LD_PRELOAD", library).env("SLOW_WHEN", &switch);
    let mut terminal = Terminal::start(command, 140, 40);
    to_first_action(&mut terminal);
    terminal.key("r").gone("r run it").see("running");
    let mut all = Vec::new();
    while all.len() < count {
        let before = flight.journal().len();
        fs::write(&switch, "").expect("a switch");
        terminal.key("n").see("┌ Note").type_("seen").key("enter");
        terminal.gone("┌ Note");
        let asked = Instant::now();
        // As long as the disk stands still; a note is on it before it can be read as synced.
        while asked.elapsed() < Duration::from_millis(4_500) && all.len() < count {
            all.extend(keys(&mut terminal, 5));
        }
        fs::remove_file(&switch).expect("the switch");
        if !super::comes(|| flight.journal().len() > before) {
            println!("P17: the note never came to the disk");
            return false;
        }
        // Till that sync is over.
        std::thread::sleep(Duration::from_millis(5_200).saturating_sub(asked.elapsed()));
    }
    told("P17 a disk that syncs for five seconds", &mut all)
}

/// Stands before the C library's: sleeps in a sync while the switch is there.
const SLOW: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static void wait_for_it(void) {
    const char *when = getenv("SLOW_WHEN");
    if (when && access(when, F_OK) == 0) sleep(5);
}
int fsync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    wait_for_it();
    return real(fd);
}
int fdatasync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    wait_for_it();
    return real(fd);
}
"#;

/// Moves the cursor down and up, and measures each from the key to the screen that shows it.
fn keys(terminal: &mut Terminal, count: usize) -> Vec<Duration> {
    let mut all = Vec::with_capacity(count);
    for number in 0..count {
        let before = cursor(&terminal.screen());
        let key = if before.as_deref().is_some_and(|row| row.contains("part 3")) || number % 2 == 1
        {
            "k"
        } else {
            "j"
        };
        let begun = Instant::now();
        // At once: the pause that a hand leaves is not the screen's.
        terminal.type_(key);
        terminal.until("the cursor to move", |screen| cursor(screen) != before);
        all.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(15));
    }
    all
}

fn cursor(screen: &str) -> Option<String> {
    let rows = screen.lines().filter_map(|line| line.split_once("││"));
    let mut rows = rows.map(|(_, right)| right.to_owned());
    rows.find(|row| row.starts_with('▶'))
}

/// Prints the figures; true where the 99th of a hundred is in time.
fn told(name: &str, all: &mut [Duration]) -> bool {
    all.sort_unstable();
    let at = |percent: usize| {
        let place = (all.len() * percent).div_ceil(100).max(1) - 1;
        all.get(place).copied().unwrap_or_default()
    };
    let [half, most, last] = [at(50), at(99), at(100)].map(|d| d.as_secs_f64() * 1000.0);
    println!(
        "{name}: key to paint p50 {half:.1} ms, p99 {most:.1} ms, max {last:.1} ms of {}",
        all.len()
    );
    at(99) <= MOST
}
