//! Promise: one run per event and an end for each, whatever fails, whenever it fails.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    thread,
    time::Instant,
};

use longshore_tests::simulation::{Planted, Stats, Violation, simulate};

/// Histories of the test: what two cores play in a minute. `cargo sim` plays millions.
const SEEDS: u64 = 50_000;
/// Histories in which every planted bug must show.
const SEEDS_TO_FIND_BUG: u64 = 2_000;
/// Histories that play at once.
const THREADS: usize = 2;

#[test]
#[expect(clippy::print_stdout, reason = "shown with --nocapture")]
fn every_event_ends_as_one_run() {
    let begin = Instant::now();
    let next = AtomicU64::new(0);
    let play = || {
        let mut stats = Stats::default();
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= SEEDS {
                return stats;
            }
            let played = simulate(seed, Planted::Nothing);
            stats.add(&played.unwrap_or_else(|violation| panic!("{violation}")));
        }
    };
    let (mut stats, other) = thread::scope(|scope| {
        let other = scope.spawn(play);
        (play(), other.join().unwrap())
    });
    stats.add(&other);
    assert!(stats.runs > SEEDS && stats.faults > SEEDS && stats.uncertain > 0, "{stats}");
    assert!(stats.batches > 0 && stats.splits > 0, "{stats}");
    assert!(stats.skipped > 0 && stats.missed > 0 && stats.replaced > 0, "{stats}");
    assert!(stats.unheard > 0 && stats.caught_up > 0, "{stats}");
    assert!(stats.pooled > 0 && stats.doubted > 0 && stats.mates_lost > 0, "{stats}");
    assert!(stats.lost_launches.count() > 0 && stats.lost_stops.count() > 0, "{stats}");
    println!("{SEEDS} seeds in {:?}, 0 violations\n{stats}", begin.elapsed());
}

#[test]
#[expect(clippy::print_stdout, reason = "shown with --nocapture")]
fn every_planted_bug_is_found() {
    let next = AtomicUsize::new(0);
    let find = || {
        while let Some(planted) = Planted::ALL.get(next.fetch_add(1, Relaxed)) {
            let violation = found(*planted);
            println!("{planted:?}: seed {}, {}", violation.seed, violation.invariant);
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(find);
        }
    });
}

fn found(planted: Planted) -> Violation {
    let found = (0..SEEDS_TO_FIND_BUG).find_map(|seed| simulate(seed, planted).err());
    *found.unwrap_or_else(|| panic!("{planted:?} was not found"))
}

#[test]
fn a_seed_is_one_history() {
    let first = found(Planted::NeverSwept);
    let second = *simulate(first.seed, Planted::NeverSwept).unwrap_err();
    assert_eq!(first, second);
    assert!(!first.history.is_empty());
}
