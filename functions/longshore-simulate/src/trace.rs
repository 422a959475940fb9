//! Messages: when each comes, and how long work on it takes.

use crate::number::real;

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
