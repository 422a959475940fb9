//! Messages: when each comes, and how long work on it takes.

use crate::{dice::Dice, number::real};

/// Time after the last message that a fleet is looked at: it must come back to rest.
const END_SECS: f64 = 600.0;

/// As long as a rate must last to be one.
const BUSY_SECS: f64 = 300.0;

/// Messages: when each comes, how long work on it takes, and what is asked of whoever scales.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What it is called.
    pub name: String,
    /// When each message comes, in seconds, ascending.
    pub arrivals: Vec<f64>,
    /// Seconds of work on each.
    pub work_secs: Vec<f64>,
    /// Messages that a task works on at once.
    pub slots: usize,
    /// Longest that a message should wait.
    pub max_wait_secs: f64,
    /// When it ends; work may go on for longer.
    pub end_secs: f64,
    /// Waits of messages that came before do not count: nobody starts from nothing for ever.
    pub warm_up_secs: f64,
}

impl Trace {
    /// Messages that come at `arrivals`, ascending, with work of `mean_work_secs` and a deviation
    /// as large, made up from a seed.
    #[must_use]
    pub fn of(
        name: &str,
        arrivals: Vec<f64>,
        mean_work_secs: f64,
        slots: usize,
        max_wait_secs: f64,
        seed: u64,
    ) -> Self {
        let mut dice = Dice::new(seed, "work");
        let work_secs = arrivals.iter().map(|_| dice.lognormal(mean_work_secs, 1.0)).collect();
        let end_secs = arrivals.last().copied().unwrap_or(0.0) + END_SECS;
        let (name, warm_up_secs) = (name.to_owned(), 0.0);
        Self { name, arrivals, work_secs, slots, max_wait_secs, end_secs, warm_up_secs }
    }

    /// Mean seconds of work on a message.
    #[must_use]
    pub fn mean_work_secs(&self) -> f64 {
        self.work_secs.iter().sum::<f64>() / real(self.work_secs.len().max(1))
    }

    /// Messages a second in the five busiest minutes.
    #[must_use]
    pub fn busiest_per_sec(&self) -> f64 {
        let mut first = 0;
        let within = self.arrivals.iter().enumerate().map(|(last, at)| {
            while at - self.arrivals[first] >= BUSY_SECS {
                first += 1;
            }
            last + 1 - first
        });
        real(within.max().unwrap_or(0)) / BUSY_SECS
    }

    /// Seconds of a task that the work takes if all its slots are always busy.
    #[must_use]
    pub fn task_secs(&self) -> f64 {
        self.work_secs.iter().sum::<f64>() / real(self.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_minutes_are_found_wherever_they_are() {
        let quiet = (0..100).map(|nth| f64::from(nth) * 60.0);
        let busy = (0..3_000).map(|nth| 6_000.0 + f64::from(nth) / 10.0);
        let trace = |arrivals: Vec<f64>| Trace::of("made up", arrivals, 1.0, 1, 60.0, 1);
        let rate = trace(quiet.clone().chain(busy).collect()).busiest_per_sec();
        assert!((rate - 10.0).abs() < 0.1, "{rate}");
        assert!(trace(quiet.collect()).busiest_per_sec() < 0.02);
        assert!(trace(Vec::new()).busiest_per_sec() < f64::EPSILON);
    }
}
