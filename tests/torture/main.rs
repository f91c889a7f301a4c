//! Torture, run on purpose: the promises of what must never happen, each as often as one wants,
//! each with a control in which it is broken and must be seen to be.
//!
//! `cargo test --test torture -- [NAME…] [COUNT]`: the names are those of the table below; without
//! one all are run, without a count each has its own. Ends with status 1 when something did not
//! hold. A few rounds of each run with every test (`tests/it/promises.rs`).

#[allow(dead_code)] // The guards use more of it than the torture does.
#[path = "../it/flown.rs"]
mod flown;
#[allow(dead_code)] // The flights use more of it than the torture does.
#[path = "../it/pilot.rs"]
mod pilot;
#[path = "../it/rounds/mod.rs"]
mod rounds;
#[path = "../it/scratch.rs"]
mod scratch;
#[allow(dead_code)] // As above.
#[path = "../it/terminal.rs"]
mod terminal;

use std::time::Instant;

/// Runs so many rounds; true where all of them held.
type Run = fn(usize) -> bool;

/// Name, rounds unless told, what runs them.
const ALL: [(&str, usize, Run); 9] = [
    ("cockpit", 50, rounds::cockpit::run),
    ("death", 200, rounds::death::run),
    ("unknown", 100, rounds::unknown::run),
    ("order", 50, rounds::order::run),
    ("secrets", 100_000, rounds::secrets::run),
    ("shown", 1_000, rounds::shown::run),
    ("meant", 60, rounds::meant::run),
    ("cancel", 500, rounds::cancel::run),
    ("screen", 300, rounds::screen::run),
];

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|w| !w.starts_with('-'))
        .collect();
    let count = words.iter().find_map(|word| word.parse().ok());
    let names: Vec<&String> = words
        .iter()
        .filter(|word| word.parse::<usize>().is_err())
        .collect();
    if let Some(unknown) = names
        .iter()
        .find(|name| ALL.iter().all(|(known, ..)| *known != name.as_str()))
    {
        let known: Vec<&str> = ALL.iter().map(|(name, ..)| *name).collect();
        eprintln!(
            "there is no torture {unknown}; there are {}",
            known.join(", ")
        );
        std::process::exit(2);
    }
    let mut held = true;
    for (name, usual, run) in ALL {
        if names.is_empty() || names.iter().any(|wanted| *wanted == name) {
            let begun = Instant::now();
            held &= run(count.unwrap_or(usual));
            println!("{name}: {} s", begun.elapsed().as_secs());
        }
    }
    std::process::exit(i32::from(!held));
}
