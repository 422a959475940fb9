//! Promise: one run per event and an end for each, whatever fails, whenever it fails.

use std::{thread, time::Instant};

use longshore_tests::simulation::{Planted, Stats, simulate};

/// Histories of the test: what a debug build plays in about 15 s on two cores. `cargo sim` plays
/// millions.
const SEEDS: u64 = 5_000;
/// Histories in which every planted bug must show.
const SEEDS_TO_FIND_BUG: u64 = 2_000;

#[test]
#[expect(clippy::print_stdout, reason = "shown with --nocapture")]
fn every_event_ends_as_one_run() {
    let begin = Instant::now();
    let half = |from: u64| {
        let mut stats = Stats::default();
        for seed in (from..SEEDS).step_by(2) {
            let played = simulate(seed, Planted::Nothing);
            stats.add(&played.unwrap_or_else(|violation| panic!("{violation}")));
        }
        stats
    };
    let (mut stats, other) = thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        (half(0), other.join().unwrap())
    });
    stats.add(&other);
    assert!(stats.runs > SEEDS && stats.faults > SEEDS && stats.uncertain > 0, "{stats:?}");
    println!("{SEEDS} seeds in {:?}, 0 violations: {stats:?}", begin.elapsed());
}

#[test]
#[expect(clippy::print_stdout, reason = "shown with --nocapture")]
fn every_planted_bug_is_found() {
    for &planted in Planted::ALL {
        let found = (0..SEEDS_TO_FIND_BUG).find_map(|seed| simulate(seed, planted).err());
        let violation = found.unwrap_or_else(|| panic!("{planted:?} was not found"));
        println!("{planted:?}: seed {}, {}", violation.seed, violation.invariant);
    }
}

#[test]
fn a_seed_is_one_history() {
    let found = |seed| simulate(seed, Planted::NeverSwept).err();
    let seed = (0..SEEDS_TO_FIND_BUG).find(|&seed| found(seed).is_some()).unwrap();
    let (first, second) = (found(seed).unwrap(), found(seed).unwrap());
    assert_eq!(first, second);
    assert!(!first.history.is_empty());
}
