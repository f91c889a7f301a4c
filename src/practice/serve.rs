//! The practice service: the hidden subcommand `__practice-serve DIR`.
//!
//! Reads the checked-out release once, when it starts, like any deployed program; customers of
//! its own order four times a second, so that the metrics move. It leaves when `run/stop`
//! appears, when the directory is gone, and after [`LIFETIME`]: no practice world outlives its
//! use by more than that.

use super::http::{self, Response};
use super::shop::{Conf, Meter, Shop};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// After this long the service stops by itself.
const LIFETIME: Duration = Duration::from_hours(6);
/// How often it looks whether it should stop.
const GLANCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};
/// How often one of its own customers orders.
const CUSTOMER: Duration = Duration::from_millis(250);

/// Runs the service when the arguments ask for it; `None` when they are somebody else's.
///
/// `arguments` are those of the process, its name included.
#[must_use]
pub fn hidden_main(arguments: &[OsString]) -> Option<ExitCode> {
    let [_, word, dir] = arguments else {
        return None;
    };
    if word != "__practice-serve" {
        return None;
    }
    match serve(Path::new(dir)) {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(error) => {
            eprintln!("practice service: {error}");
            Some(ExitCode::FAILURE)
        }
    }
}

struct Service {
    shop: Shop,
    meter: Mutex<Meter>,
    turn: AtomicUsize,
    over: AtomicBool,
}

/// Serves until it is time to leave.
fn serve(dir: &Path) -> io::Result<()> {
    // A session of its own: the terminal that started it may go without taking it along. It
    // fails for a process that already leads one, which is as good.
    let _ = rustix::process::setsid();
    let listener = listen(dir)?;
    let service = Arc::new(Service {
        shop: open_shop(dir)?,
        meter: Mutex::default(),
        turn: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    });
    let run = dir.join("run");
    fs::write(run.join("pid"), std::process::id().to_string())?;
    fs::write(run.join("release"), &service.shop.conf.version)?;
    fs::write(run.join("ready"), "")?;

    let customers = Arc::clone(&service);
    let customers = thread::spawn(move || customers.serve_customers());
    let result = service.accept_until_over(&listener, &run);
    service.over.store(true, Ordering::Relaxed);
    let _ = customers.join();
    for name in ["ready", "stop", "pid"] {
        let _ = fs::remove_file(run.join(name));
    }
    result
}

fn listen(dir: &Path) -> io::Result<TcpListener> {
    let text = fs::read_to_string(dir.join("run/port"))?;
    let port: u16 = text.trim().parse().map_err(io::Error::other)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot listen on port {port}: {error}"),
        )
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Reads release, data and cache; writes the cache of this release where there is none.
fn open_shop(dir: &Path) -> io::Result<Shop> {
    let conf = Conf::parse(&fs::read_to_string(dir.join("service.conf"))?)
        .ok_or_else(|| io::Error::other("service.conf cannot be read: check out a release"))?;
    let orders = fs::read_to_string(dir.join("data/orders.csv"))?;
    let cache = dir.join("data/cache/prices");
    let label = match fs::read_to_string(&cache) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = format!(
                "# schema {}\n# prices as release {} wants them\n",
                conf.schema, conf.version
            );
            fs::create_dir_all(dir.join("data/cache"))?;
            fs::write(&cache, &text)?;
            text
        }
        Err(error) => return Err(error),
    };
    Ok(Shop::open(conf, &orders, &label))
}

impl Service {
    fn accept_until_over(self: &Arc<Self>, listener: &TcpListener, run: &Path) -> io::Result<()> {
        let stop: PathBuf = run.join("stop");
        let started = Instant::now();
        while run.is_dir() && !stop.exists() && started.elapsed() < LIFETIME {
            match poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&GLANCE)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            while let Ok((stream, _)) = listener.accept() {
                let service = Arc::clone(self);
                thread::spawn(move || {
                    // A client that went away is its own affair.
                    let _ = http::answer(stream, |path| service.respond(path));
                });
            }
        }
        Ok(())
    }

    fn respond(&self, path: &str) -> Response {
        let json = |status, body| Response {
            status,
            media: "application/json",
            body,
        };
        match path {
            "/health" => {
                let (ok, body) = self.shop.health();
                json(if ok { 200 } else { 503 }, body)
            }
            "/version" => json(
                200,
                format!("{{\"version\":\"{}\"}}\n", self.shop.conf.version),
            ),
            "/orders" => match self.order() {
                Ok(body) => json(200, body),
                Err(body) => json(500, body),
            },
            "/metrics" => Response {
                status: 200,
                media: "text/plain",
                body: self.meter().render(),
            },
            _ => json(
                404,
                "{\"error\":\"there are /health /version /orders /metrics\"}\n".to_owned(),
            ),
        }
    }

    /// One order: takes as long as the release takes, and is counted.
    fn order(&self) -> Result<String, String> {
        let started = Instant::now();
        thread::sleep(Duration::from_millis(self.shop.conf.lookup_ms));
        let answer = self.shop.order(self.turn.fetch_add(1, Ordering::Relaxed));
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.meter().count(answer.is_ok(), millis);
        answer
    }

    fn serve_customers(&self) {
        while !self.over.load(Ordering::Relaxed) {
            // Whether it worked is in the metrics.
            let _ = self.order();
            thread::sleep(CUSTOMER);
        }
    }

    fn meter(&self) -> std::sync::MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
