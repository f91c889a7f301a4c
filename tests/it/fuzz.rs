//! A sample of the fuzzer's inputs, with every run of the tests; the full run is made on purpose.

#[path = "../fuzz/holds.rs"]
mod holds;
#[path = "../fuzz/inputs.rs"]
mod inputs;

/// Few enough for a run of all tests, and others than those of the full run's first seeds.
const SEEDS: std::ops::Range<u64> = 900_000_000..900_000_400;

#[test]
fn whatever_is_read_gives_a_plan_and_nothing_is_lost() {
    for seed in SEEDS {
        let input = inputs::make(&mut inputs::Dice::new(seed));
        if let Err(why) = holds::all(&input) {
            panic!("seed {seed}: {why}\n{input:?}");
        }
    }
}
