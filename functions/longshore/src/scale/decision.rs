//! How many tasks there should be, and why.

use serde::{Deserialize, Serialize};

/// How many tasks there should be, what to do about it now, and why. Says itself in a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Tasks that receive, or will when they have started.
    pub from: u32,
    /// How many there should be.
    pub to: u32,
    /// Tasks to launch now.
    pub launch: u32,
    /// Tasks to drain now, those with the fewest messages first: they stop receiving, finish what
    /// they hold, and leave. Nothing else ever ends a task.
    pub drain: u32,
    /// What bound the number.
    pub reason: Reason,
    /// What it was reckoned with.
    pub numbers: Numbers,
}

/// What bound the number of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Messages keep coming.
    Steady,
    /// Messages that wait must begin in time.
    Deadline,
    /// More messages will have come before another task could be ready.
    Forecast,
    /// There is not more to do.
    Cap,
    /// `minTasks`.
    Min,
    /// `maxTasks`.
    Max,
    /// The first message can wait, and others will share its task.
    Later,
    /// More were needed a moment ago, or are at work.
    Hold,
    /// Fewer are needed, but those that could leave are in their first minute, which is paid, or at
    /// work.
    PaidMinute,
    /// The queue could not be read.
    Stale,
    /// ECS takes no more launches now.
    Throttled,
    /// Launches fail.
    Failing,
}

/// What a decision was reckoned with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// Messages that wait.
    pub visible: f64,
    /// Messages in flight.
    pub in_flight: f64,
    /// Tasks that receive.
    pub running: u32,
    /// Tasks that start.
    pub starting: u32,
    /// Arrivals that are expected per second.
    pub arrivals_per_sec: f64,
    /// Messages that were finished per second, over about the last minute.
    #[serde(default)]
    pub completions_per_sec: f64,
    /// Seconds of work on a message, as planned with.
    pub service_secs: f64,
    /// Seconds that a task takes to start.
    pub launch_secs: f64,
    /// Longest that a message which waits now will have waited; none if it would for ever.
    pub longest_wait_secs: Option<f64>,
    /// The messages that ask for the most tasks.
    pub urgent: Option<Urgent>,
    /// Failures among the last ten launches.
    pub launches_failed: u32,
    /// Seconds since the queue was read.
    pub read_secs_ago: Option<f64>,
}

/// Messages, and how long the newest of them has waited.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Urgent {
    /// How many.
    pub messages: f64,
    /// Seconds.
    pub waited_secs: f64,
}
