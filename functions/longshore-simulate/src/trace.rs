//! Messages: when each comes, and how long work on it takes.

use crate::{dice::Dice, number::real};

/// Time after the last message that a fleet is looked at: it must come back to rest.
const END_SECS: f64 = 600.0;

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

    /// Seconds of a task that the work takes if all its slots are always busy.
    #[must_use]
    pub fn task_secs(&self) -> f64 {
        self.work_secs.iter().sum::<f64>() / real(self.slots)
    }
}
