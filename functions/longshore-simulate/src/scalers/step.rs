//! The steps of CDK's QueueProcessingFargateService.

use std::collections::VecDeque;

use super::{Order, Rules, SERVICE, Scaler, View};

/// Period of its metric and cooldown of its alarms, both five minutes by default.
const PERIOD_SECS: f64 = 300.0;
/// How late CloudWatch tells a minute.
const LAG_SECS: f64 = 60.0;
/// Fewest messages of each step upwards, and how many tasks it adds (aws-cdk,
/// `scalingSteps`: `[{upper: 0, change: -1}, {lower: 100, change: +1}, {lower: 500, change: +5}]`).
const STEPS: [(f64, usize); 2] = [(500.0, 5), (100.0, 1)];

/// Step scaling on the messages that are visible.
#[derive(Debug)]
pub struct Step {
    name: String,
    tasks_max: usize,
    points: VecDeque<(f64, f64)>,
    changed_secs: f64,
}

impl Step {
    /// The default steps; the default maximum is 2.
    #[must_use]
    pub fn cdk(tasks_max: usize) -> Self {
        let name = format!("CDK step scaling (max {tasks_max})");
        Self { name, tasks_max, points: VecDeque::new(), changed_secs: f64::NEG_INFINITY }
    }
}

impl Scaler for Step {
    fn name(&self) -> &str {
        &self.name
    }

    fn rules(&self) -> Rules {
        Rules::new(SERVICE, 1, self.tasks_max)
    }

    fn clocks(&self) -> &[f64] {
        &[PERIOD_SECS]
    }

    fn tick(&mut self, _: usize, view: &View) -> Order {
        self.points.push_back((view.at_secs + LAG_SECS, view.waiting));
        let told = |points: &VecDeque<(f64, f64)>| {
            let at_secs = view.at_secs + 0.5;
            points.iter().rposition(|(told, _)| *told <= at_secs)
        };
        let Some(newest) = told(&self.points) else { return Order::Keep };
        self.points.drain(..newest);
        let visible = self.points.front().map_or(0.0, |(_, visible)| *visible);
        if view.at_secs - self.changed_secs < PERIOD_SECS - 1.0 {
            return Order::Keep;
        }
        let step = STEPS.iter().find(|(from, _)| visible >= *from);
        let desired = match step {
            Some((_, more)) => view.desired + more,
            None if visible <= 0.0 => view.desired.saturating_sub(1),
            None => return Order::Keep,
        };
        self.changed_secs = view.at_secs;
        Order::Desired(desired)
    }
}
