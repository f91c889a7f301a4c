//! A plan that takes a cache back, on a real Redis of the test's own: what only looks is judged by
//! what the server says, what empties it wants its word, and the emptied cache is seen as empty.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use backout::domain::judge::Verdict;
use backout::domain::plan::Danger;

use crate::flown::{Flown, plan};
use crate::scratch::Scratch;

/// A server on a socket in a directory, stopped at the end.
struct Redis(Child);

impl Redis {
    /// Starts one; none, with the reason printed, where there is no server on the machine.
    fn start(dir: &Path) -> Option<Self> {
        let socket = dir.join("redis.sock");
        let started = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no"])
            .arg("--unixsocket")
            .arg(&socket)
            .arg("--dir")
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let Ok(server) = started else {
            let mut err = std::io::stderr();
            let _ = writeln!(
                err,
                "skipped: no redis-server (apt-get install redis-server)"
            );
            return None;
        };
        let server = Self(server);
        let until = Instant::now() + Duration::from_secs(20);
        while !socket.exists() {
            assert!(Instant::now() < until, "the server never listened");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(server)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_cache_is_looked_at_emptied_and_seen_to_be_empty() {
    let scratch = Scratch::new();
    let Some(_server) = Redis::start(scratch.path()) else {
        return;
    };
    let blocks = [
        ("bash", "redis-cli -s redis.sock PING\n# Expected: PONG"),
        ("bash", "redis-cli -s redis.sock SET cart:7 full"),
        (
            "bash",
            "redis-cli -s redis.sock GET cart:7\n# Expected: empty",
        ),
        ("bash", "redis-cli -s redis.sock FLUSHALL\n# Expected: OK"),
        ("bash", "redis-cli -s redis.sock DBSIZE\n# Expected: 0"),
    ];
    let flown = Flown::within(scratch, &plan("  service: orchard\n", &blocks), &[]);
    let harm: Vec<Danger> = (0..5).map(|n| flown.shown(n).danger).collect();
    let (looks, changes) = (Danger::None, Danger::Changes);
    assert_eq!(
        harm,
        [looks, changes, looks, Danger::Irreversible, looks],
        "of PING, SET, GET, FLUSHALL, DBSIZE"
    );
    assert!(
        flown.shown(3).word.is_some(),
        "what empties it wants a word"
    );
    let mut verdicts = Vec::new();
    for n in 0..5 {
        let mut shown = flown.shown(n);
        while let Some(gate) = shown.gates.first().cloned() {
            flown.wants(backout::domain::Command::WaiveGate {
                gate,
                reason: "the test goes on".to_owned(),
            });
            shown = flown.shown(n);
        }
        flown.starts(&shown).expect("started");
        let ended = flown.ended();
        verdicts.push(ended.judgements.first().map(|j| j.verdict));
    }
    assert_eq!(verdicts[0], Some(Verdict::Met));
    assert_eq!(verdicts[1], None, "nothing was expected of it");
    assert_ne!(verdicts[2], Some(Verdict::Met), "it holds something");
    assert_eq!(verdicts[3], Some(Verdict::Met));
    assert_eq!(verdicts[4], Some(Verdict::Met));
}
