//! What must hold, and whether it does.

use longshore_simulate::{Outcome, Shape};

use crate::{
    grid::{BALANCED, CHEAP, DEAR, FAILURES, Grid, LIGHT, NOISE},
    table::{mean, real},
};

/// Peers that the bars are about.
const KEDA: &str = "KEDA ScaledObject (queueLength = slots)";
const BACKLOG: &str = "target tracking (backlog per task)";
const PER_MESSAGE: &str = "one RunTask per message";
/// Loads that grow at once, and that do not.
const SPIKES: [Shape; 3] = [Shape::Flash, Shape::Dump10k, Shape::Heavy];
const SMOOTH: [Shape; 3] = [Shape::Steady, Shape::Diurnal, Shape::Drift];
/// Work of less than 10 s.
const SHORT: [Shape; 4] = [Shape::Steady, Shape::Drift, Shape::Flash, Shape::Dump10k];
/// Most that each shape may cost, as a multiple of its work.
const COSTS: [(Shape, f64); 7] = [
    (Shape::Steady, 1.30),
    (Shape::Flash, 1.55),
    (Shape::Dump10k, 2.3),
    (Shape::Dump100k, 1.15),
    (Shape::Dump1m, 1.15),
    (Shape::LongWork, 1.15),
    (Shape::Sparse, 3.6),
];

/// Prints each bar; whether all are met whose shapes were run.
pub(crate) fn print(grid: &Grid, shapes: &[Shape]) -> bool {
    let bars = Bars { grid, shapes };
    println!("\nbars");
    let sections = [bars.waits(), bars.costs(), bars.peers(), bars.scale_in(), bars.robustness()];
    // All of them are to be seen, not only up to the first that is missed.
    let met: Vec<bool> = sections.concat();
    met.into_iter().all(|is_met| is_met)
}

/// Says whether a measure is within its bar.
pub(crate) fn judge(what: &str, measure: f64, most: f64) -> bool {
    let is_met = measure <= most;
    let word = if is_met { "met   " } else { "MISSED" };
    println!("  {word} {what}: {measure:.3}, at most {most}");
    is_met
}

struct Bars<'a> {
    grid: &'a Grid,
    shapes: &'a [Shape],
}

impl Bars<'_> {
    /// The mean of a measure over the seeds, where the shape was run with that scaler.
    fn of(&self, shape: Shape, scaler: &str, measure: impl Fn(&Outcome) -> f64) -> Option<f64> {
        self.grid.get(&(shape, scaler.to_owned())).map(|outcomes| mean(outcomes, measure))
    }

    /// The shapes that the constants of the law were chosen with.
    fn known(&self) -> impl Iterator<Item = Shape> {
        self.shapes.iter().copied().filter(|shape| Shape::KNOWN.contains(shape))
    }

    fn over(&self, shape: Shape, scaler: &str) -> Option<f64> {
        Some(100.0 * self.of(shape, scaler, |outcome| outcome.over_share)?)
    }

    fn cost(&self, shape: Shape, scaler: &str) -> Option<f64> {
        self.of(shape, scaler, |outcome| outcome.cost_ratio)
    }

    /// Share over the wait: a cold start alone can be longer than what `sparse` allows.
    fn waits(&self) -> Vec<bool> {
        let mut met = Vec::new();
        let mut all = Vec::new();
        for shape in self.shapes {
            let Some(over) = self.over(*shape, BALANCED) else { continue };
            all.push(over);
            if *shape != Shape::Sparse {
                met.push(judge(&format!("% over the wait, {}", shape.name()), over, 0.5));
            }
        }
        met.push(judge("% over the wait, mean of the shapes", average(&all), 0.25));
        met
    }

    fn costs(&self) -> Vec<bool> {
        let mut met = Vec::new();
        for (scaler, most) in [(BALANCED, 1.55), (CHEAP, 1.40)] {
            let costs: Vec<f64> = self.known().filter_map(|it| self.cost(it, scaler)).collect();
            met.push(judge(
                &format!("cost / work of {scaler}, geometric mean"),
                root(&costs),
                most,
            ));
        }
        for (shape, most) in COSTS {
            if let Some(cost) = self.cost(shape, BALANCED) {
                met.push(judge(&format!("cost / work, {}", shape.name()), cost, most));
            }
        }
        met
    }

    fn peers(&self) -> Vec<bool> {
        let mut met = Vec::new();
        for (peer, most) in [(KEDA, 0.5), (BACKLOG, 0.25)] {
            let share = |it: &Shape| Some(self.cost(*it, BALANCED)? / self.cost(*it, peer)?);
            let shares: Vec<f64> = self.shapes.iter().filter_map(share).collect();
            met.push(judge(&format!("cost / that of {peer}, geometric mean"), root(&shares), most));
            let unseen = self.shapes.iter().filter(|shape| Shape::UNSEEN.contains(shape));
            let shares: Vec<f64> = unseen.filter_map(share).collect();
            if !shares.is_empty() {
                let what = format!("the same, loads that the law was not made with: {peer}");
                met.push(judge(&what, root(&shares), most));
            }
        }
        let wait = |shape, scaler| Some(1.0 + self.of(shape, scaler, |it| it.wait_p99_secs)?);
        for (shapes, most) in [(SPIKES, 1.0 / 3.0), (SMOOTH, 1.0 / 20.0)] {
            for shape in shapes {
                let Some((ours, theirs)) = wait(shape, BALANCED).zip(wait(shape, BACKLOG)) else {
                    continue;
                };
                let what = format!("p99 wait / that of {BACKLOG}, {}", shape.name());
                met.push(judge(&what, ours / theirs, most));
            }
        }
        let costs = SHORT.map(|shape| (shape, 1.0 / 20.0)).into_iter();
        for (shape, most) in costs.chain([(Shape::LongWork, 1.15)]) {
            let costs = self.cost(shape, BALANCED).zip(self.cost(shape, PER_MESSAGE));
            let Some((ours, theirs)) = costs else { continue };
            let what = format!("cost / that of {PER_MESSAGE}, {}", shape.name());
            met.push(judge(&what, ours / theirs, most));
        }
        met
    }

    fn scale_in(&self) -> Vec<bool> {
        let mut met = Vec::new();
        let redelivered = |(of, outcomes): (&(Shape, String), &Vec<Outcome>)| {
            let ours = of.1.starts_with(BALANCED);
            ours.then(|| mean(outcomes, |outcome| real(outcome.redeliveries)))
        };
        let all: f64 = self.grid.iter().filter_map(redelivered).sum();
        met.push(judge("messages redelivered by scaling in", all, 0.0));
        let launches = |scaler| self.of(Shape::Flash, scaler, |outcome| real(outcome.launches));
        if let Some((ours, theirs)) = launches(BALANCED).zip(launches(KEDA)) {
            met.push(judge(
                &format!("launches / those of {KEDA}, flash"),
                ours / theirs,
                1.0 / 3.0,
            ));
        }
        met
    }

    fn robustness(&self) -> Vec<bool> {
        let mut met = Vec::new();
        for scaler in [NOISE, FAILURES, DEAR, LIGHT] {
            for shape in self.shapes.iter().filter(|shape| **shape != Shape::Sparse) {
                if let Some(over) = self.over(*shape, scaler) {
                    let what = format!("% over the wait, {}: {scaler}", shape.name());
                    met.push(judge(&what, over, 2.0));
                }
            }
        }
        met
    }
}

fn average(measures: &[f64]) -> f64 {
    measures.iter().sum::<f64>() / real(measures.len().max(1))
}

/// Geometric mean.
fn root(measures: &[f64]) -> f64 {
    let logs: Vec<f64> = measures.iter().map(|measure| measure.ln()).collect();
    average(&logs).exp()
}
