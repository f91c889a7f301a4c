//! The fuzzer of the reader, run on purpose: any bytes give a plan, and nothing of them is lost.
//!
//! `cargo test --release --test fuzz [-- INPUTS [SEED]]` (100,000 inputs unless told, on every
//! core). Each input is a document put together from pieces that real plans have, or such a
//! document damaged in a few places, or bytes without sense; each is held against what
//! [`holds`] promises. Prints what it tried, and the first inputs that did not hold with the seed
//! that makes them again; ends with status 1 when there are any.

mod holds;
mod inputs;

use std::any::Any;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use inputs::{Dice, Input};

/// A reading that takes longer than this hangs, as far as an operator is concerned.
const HANGS: Duration = Duration::from_secs(2);

/// How many inputs that did not hold are printed.
const SHOWN: usize = 5;

#[derive(Default)]
struct Tally {
    tried: [AtomicU64; 3],
    bytes: AtomicU64,
    slowest: Mutex<(Duration, u64)>,
    failed: Mutex<Vec<(u64, String, Vec<u8>)>>,
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let inputs = numbers.first().copied().unwrap_or(100_000);
    let seed = numbers.get(1).copied().unwrap_or(1);
    let tally = Tally::default();
    let next = AtomicU64::new(0);
    // A panic is caught and reported with its input; the message on the way is noise.
    std::panic::set_hook(Box::new(|_| {}));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= inputs {
                        break;
                    }
                    try_one(&tally, seed + number);
                }
            });
        }
    });
    let took = start.elapsed();
    let _ = std::panic::take_hook();
    std::process::exit(report(&tally, inputs, seed, took));
}

fn try_one(tally: &Tally, seed: u64) {
    let input = inputs::make(&mut Dice::new(seed));
    let (kind, bytes) = match &input {
        Input::Plan(text) => (0, text.as_bytes()),
        Input::Damaged(bytes) => (1, bytes.as_slice()),
        Input::Noise(bytes) => (2, bytes.as_slice()),
    };
    tally.tried[kind].fetch_add(1, Ordering::Relaxed);
    tally.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    let start = Instant::now();
    let found = std::panic::catch_unwind(|| holds::all(&input));
    let took = start.elapsed();
    let why = match found {
        Err(panic) => Some(format!("it panicked: {}", said(panic.as_ref()))),
        Ok(Err(why)) => Some(why),
        Ok(Ok(())) if took > HANGS => Some(format!("it took {took:?}")),
        Ok(Ok(())) => None,
    };
    if let Ok(mut slowest) = tally.slowest.lock()
        && took > slowest.0
    {
        *slowest = (took, seed);
    }
    if let (Some(why), Ok(mut failed)) = (why, tally.failed.lock()) {
        let bytes = match &input {
            Input::Plan(text) => smaller(text, &why).into_bytes(),
            _ => bytes.to_vec(),
        };
        failed.push((seed, why, bytes));
    }
}

/// The document without the lines that are not needed for it to fail about the same thing.
fn smaller(text: &str, why: &str) -> String {
    let about = |why: &str| why.split(' ').next().map(str::to_owned);
    let wanted = about(why);
    let fails = |text: String| {
        let input = Input::Plan(text);
        let held = std::panic::catch_unwind(|| holds::all(&input));
        held.is_ok_and(|held| held.is_err_and(|e| about(&e) == wanted))
    };
    let mut lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        if fails(without.join("\n")) {
            lines = without;
        } else {
            at += 1;
        }
    }
    lines.join("\n")
}

fn report(tally: &Tally, inputs: u64, seed: u64, took: Duration) -> i32 {
    let failed = tally.failed.lock().map(|f| f.clone()).unwrap_or_default();
    for (seed, why, bytes) in failed.iter().take(SHOWN) {
        println!("seed {seed}: {why}");
        println!("{}\n", String::from_utf8_lossy(bytes));
    }
    let count = |n: usize| tally.tried[n].load(Ordering::Relaxed);
    let (slow, slow_seed) = tally.slowest.lock().map(|s| *s).unwrap_or_default();
    println!(
        "{} of {inputs} inputs held (seeds {seed} to {}): {} plans, {} damaged plans, {} of noise; \
         {:.1} MB in {:.0} s, the slowest took {:.1} ms (seed {slow_seed})",
        inputs - failed.len() as u64,
        seed + inputs.saturating_sub(1),
        count(0),
        count(1),
        count(2),
        tally.bytes.load(Ordering::Relaxed) as f64 / 1e6,
        took.as_secs_f64(),
        slow.as_secs_f64() * 1e3,
    );
    i32::from(!failed.is_empty())
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_else(|| "without words".to_owned())
}
