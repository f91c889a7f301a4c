//! F7: how long it takes to read a plan of 1,000, 10,000 and 100,000 lines.
//!
//! `cargo bench --bench reading [-- ROUNDS]`. The first reading of the process is printed apart:
//! it is what an operator waits for, and it pays for whatever is built at first use. Medians are
//! printed and nothing is asserted: the clock of a shared machine proves nothing by itself.

use backout::runbook;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let rounds = std::env::args()
        .find_map(|argument| argument.parse::<usize>().ok())
        .unwrap_or(7)
        .max(1);
    let first = plan(1_000);
    println!("first reading, 1000 lines: {}", shown(timed(&first)));
    println!("medians of {rounds} readings");
    println!("{:>8} {:>12} {:>14}", "lines", "time", "per line");
    for lines in [1_000, 10_000, 100_000] {
        let text = plan(lines);
        let mut times: Vec<Duration> = (0..rounds).map(|_| timed(&text)).collect();
        times.sort();
        let median = times[rounds / 2];
        let per_line = median.as_secs_f64() * 1e6 / f64::from(lines);
        println!("{lines:>8} {:>12} {per_line:>11.2} us", shown(median));
    }
}

fn timed(text: &str) -> Duration {
    let start = Instant::now();
    let plan = runbook::read(black_box(text.as_bytes()));
    let time = start.elapsed();
    assert!(!plan.procedures.is_empty(), "the plan was not understood");
    time
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// A plan of that many lines or a few more: headings, numbered steps with commands, SQL, tables,
/// things to tick and sentences, with names that differ from part to part.
fn plan(lines: u32) -> String {
    let mut text = String::from("# Taking the harbour service back\n\n## Rollback procedures\n\n");
    let mut part = 0;
    let mut written = 4;
    while written < lines {
        part += 1;
        let from = text.len();
        write_part(&mut text, part);
        let added = text[from..].bytes().filter(|b| *b == b'\n').count();
        written += u32::try_from(added).unwrap_or(u32::MAX);
    }
    text
}

fn write_part(text: &mut String, part: u32) {
    let _ = write!(
        text,
        "### Option {part}: bring quay {part} back\n\n\
         Use when ships wait at quay {part} for longer than 10 minutes.\n\n\
         **Estimated Time:** 5-10 minutes\n\n\
         1. **Stop crane {part}**\n\
         \x20  ```bash\n\
         \x20  sudo systemctl stop crane-{part}\n\
         \x20  # Expected: inactive\n\
         \x20  systemctl is-active crane-{part}\n\
         \x20  ```\n\n\
         2. **Load the earlier manifest**\n\
         \x20  ```bash\n\
         \x20  cd /srv/quay-{part}\n\
         \x20  git checkout <manifest-tag>\n\
         \x20  for dock in north south; do\n\
         \x20    ./bin/load --dock \"$dock\" | tee load-{part}.log\n\
         \x20  done\n\
         \x20  ```\n\n\
         3. **Count what is left**\n\
         \x20  ```sql\n\
         \x20  -- Should return 0 rows\n\
         \x20  SELECT id FROM cargo WHERE quay = {part} AND state = 'lost';\n\
         \x20  ```\n\n\
         4. **Tell the pilots**\n\
         \x20  - call the tower and wait for their word\n\
         \x20  - note the tide in the log\n\n\
         #### Verification of quay {part}\n\n\
         - [ ] Crane {part} answers\n\
         - [ ] No ship waits longer than 5 minutes\n\n\
         | Metric | Target | How to check |\n\
         |---|---|---|\n\
         | Waiting ships | < {part} | tower board |\n\
         | Errors | < 1% for 30 minutes | harbour log |\n\n"
    );
}
