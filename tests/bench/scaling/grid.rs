//! Every shape with every seed and everybody who scales.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use longshore::scale::{Bias, Settings};
use longshore_simulate::{Longshore, Observing, Outcome, Shape, Trace, World, peers, simulate};

/// The names that the bars are about.
pub(crate) const BALANCED: &str = "longshore";
pub(crate) const CHEAP: &str = "longshore cheap";
pub(crate) const FAST: &str = "longshore fast";
pub(crate) const BLIND: &str = "longshore (CloudWatch only)";
pub(crate) const NOISE: &str = "longshore, counts ± 20 %";
pub(crate) const FAILURES: &str = "longshore, 30 % of calls fail";
pub(crate) const DEAR: &str = "longshore, expects 5 × the work";
pub(crate) const LIGHT: &str = "longshore, expects 1/5 of the work";

/// What came out, by shape and by who scaled: one outcome per seed.
pub(crate) type Grid = BTreeMap<(Shape, String), Vec<Outcome>>;

/// The shapes that are too many messages for those that launch a task for each.
fn is_huge(shape: Shape) -> bool {
    matches!(shape, Shape::Diurnal | Shape::Dump100k | Shape::Dump1m)
}

/// Runs it all, on as many threads as there are cores; the seeds of a shape in order.
pub(crate) fn run(shapes: &[Shape], from: u64, seeds: u64) -> Grid {
    let work: Vec<(Shape, u64)> =
        shapes.iter().flat_map(|shape| (from..from + seeds).map(|seed| (*shape, seed))).collect();
    let (next, grid) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(&(shape, seed)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcomes = one(shape, seed);
                    let mut grid = grid.lock().unwrap_or_else(PoisonError::into_inner);
                    for outcome in outcomes {
                        let key = (shape, outcome.scaler.clone());
                        grid.entry(key).or_insert_with(Vec::new).push((seed, outcome));
                    }
                }
            });
        }
    });
    let grid = grid.into_inner().unwrap_or_else(PoisonError::into_inner);
    let in_order = |mut outcomes: Vec<(u64, Outcome)>| {
        outcomes.sort_by_key(|(seed, _)| *seed);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    };
    grid.into_iter().map(|(key, outcomes)| (key, in_order(outcomes))).collect()
}

fn one(shape: Shape, seed: u64) -> Vec<Outcome> {
    let trace = shape.trace(seed);
    let world = World::default();
    let mut outcomes: Vec<Outcome> = peers(&trace)
        .iter_mut()
        .filter(|peer| !(is_huge(shape) && peer.rules().is_one_message))
        .map(|peer| simulate(&trace, &world, peer.as_mut(), seed))
        .collect();
    // What is expected is wrong by a factor of two, either way, or right.
    let wrong = [0.5, 1.0, 2.0][usize::try_from(seed % 3).unwrap_or(0)];
    let mut add = |name: &str, bias: Bias, wrong: f64, observing: Observing, world: &World| {
        let mut scaler = ours(name, &trace, bias, wrong, observing);
        outcomes.push(simulate(&trace, world, &mut scaler, seed));
    };
    add(BALANCED, Bias::Balanced, wrong, Observing::Workers, &world);
    add(CHEAP, Bias::Cheap, wrong, Observing::Workers, &world);
    add(FAST, Bias::Fast, wrong, Observing::Workers, &world);
    add(BLIND, Bias::Balanced, wrong, Observing::CloudWatch, &world);
    let noise = World { count_noise: 0.2, ..world };
    add(NOISE, Bias::Balanced, wrong, Observing::Workers, &noise);
    let failures = World { tick_failures: 0.3, ..world };
    add(FAILURES, Bias::Balanced, wrong, Observing::Workers, &failures);
    add(DEAR, Bias::Balanced, 5.0, Observing::Workers, &world);
    add(LIGHT, Bias::Balanced, 0.2, Observing::Workers, &world);
    outcomes
}

/// longshore for a trace, expecting `wrong` times the work that it is.
fn ours(name: &str, trace: &Trace, bias: Bias, wrong: f64, observing: Observing) -> Longshore {
    let settings = Settings {
        expected_seconds: Some(trace.mean_work_secs() * wrong),
        ..Longshore::settings(trace, bias)
    };
    Longshore::new(name, &settings, observing).expect("settings of a benchmark")
}
