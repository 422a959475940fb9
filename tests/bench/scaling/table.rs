//! The table that a person reads.

use longshore_simulate::{Outcome, Shape};

use crate::grid::Grid;

/// Mean of a measure over the seeds.
pub(crate) fn mean(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> f64 {
    let count = u32::try_from(outcomes.len()).unwrap_or(u32::MAX);
    outcomes.iter().map(of).sum::<f64>() / f64::from(count.max(1))
}

/// A count as a measure.
pub(crate) fn real(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// Prints the mean of every measure.
pub(crate) fn print(grid: &Grid, shapes: &[Shape]) {
    for shape in shapes {
        println!("\n{}", shape.name());
        println!(
            "  {:42} {:>8} {:>8} {:>8} {:>9} {:>7} {:>7} {:>9} {:>8} {:>6} {:>6}",
            "",
            "p50 s",
            "p95 s",
            "p99 s",
            "max s",
            "over %",
            "cost",
            "dollars",
            "launches",
            "redel",
            "turns"
        );
        for ((_, scaler), outcomes) in grid.iter().filter(|((of, _), _)| of == shape) {
            let left = mean(outcomes, |outcome| real(outcome.unfinished));
            println!(
                "  {scaler:42} {:8.1} {:8.1} {:8.1} {:9.1} {:7.2} {:7.2} {:9.3} {:8.0} {:6.1} {:6.0}{}",
                mean(outcomes, |outcome| outcome.wait_p50_secs),
                mean(outcomes, |outcome| outcome.wait_p95_secs),
                mean(outcomes, |outcome| outcome.wait_p99_secs),
                mean(outcomes, |outcome| outcome.wait_max_secs),
                100.0 * mean(outcomes, |outcome| outcome.over_share),
                mean(outcomes, |outcome| outcome.cost_ratio),
                mean(outcomes, |outcome| outcome.dollars),
                mean(outcomes, |outcome| real(outcome.launches)),
                mean(outcomes, |outcome| real(outcome.redeliveries)),
                mean(outcomes, |outcome| real(outcome.reversals)),
                if left > 0.0 { format!("  {left:.0} never done") } else { String::new() },
            );
        }
    }
}
