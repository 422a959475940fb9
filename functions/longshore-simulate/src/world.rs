//! How AWS and the workers behave.

/// How AWS and the workers behave; the default is a usual day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct World {
    /// Median time from asking for a task until it receives; lognormal around it.
    pub launch_secs: f64,
    /// Deviation of its logarithm.
    pub launch_sigma: f64,
    /// Time until its image is pulled, from when it is billed (AWS Fargate pricing).
    pub pull_secs: f64,
    /// Least time that is billed (AWS Fargate pricing).
    pub billed_secs_min: f64,
    /// How late CloudWatch tells a minute.
    pub cloudwatch_lag_secs: f64,
    /// Data points of a target tracking policy's alarms: to scale out, and in (Application Auto
    /// Scaling makes them with 3 and 15 of a minute).
    pub tracking_points: (usize, usize),
    /// Most of its tasks that target tracking takes away at once, as a share.
    pub tracking_in_share: f64,
    /// Time from SIGTERM to SIGKILL where a fleet is scaled in without draining it.
    pub grace_secs: f64,
    /// Noise of a queue's counts, as a share of them (they are approximate).
    pub count_noise: f64,
    /// Share of a scaler's ticks that fail.
    pub tick_failures: f64,
    /// How often a worker tells what it did.
    pub report_secs: f64,
    /// From dispatch of a message to its work: a call to SQS.
    pub receive_secs: f64,
}

impl Default for World {
    fn default() -> Self {
        Self {
            launch_secs: 35.0,
            launch_sigma: 0.25,
            pull_secs: 12.0,
            billed_secs_min: 60.0,
            cloudwatch_lag_secs: 60.0,
            tracking_points: (3, 15),
            tracking_in_share: 0.2,
            grace_secs: 30.0,
            count_noise: 0.02,
            tick_failures: 0.0,
            report_secs: 10.0,
            receive_secs: 0.03,
        }
    }
}

impl World {
    /// Shortest and longest launch, as shares of the median: nothing is quicker than the pull.
    pub(crate) fn launch_bounds(&self) -> (f64, f64) {
        (0.43 * self.launch_secs, 2.6 * self.launch_secs)
    }
}
