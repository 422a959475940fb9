//! Application Auto Scaling's target tracking on a queue metric.

use std::collections::VecDeque;

use super::{Order, Rules, SERVICE, Scaler, TASKS_MAX, View};
use crate::{
    number::{real, whole},
    trace::Trace,
    world::World,
};

/// A minute of CloudWatch.
const MINUTE_SECS: f64 = 60.0;
/// Data points that are looked back at.
const POINTS_MAX: usize = 40;
/// Share of the target below which it scales in (Application Auto Scaling user guide: the alarm
/// for it is 10 % lower).
const IN_SHARE: f64 = 0.9;

/// Target tracking: the metric is kept at its target.
#[derive(Debug)]
pub struct Tracking {
    name: String,
    target: f64,
    per_task: bool,
    cooldown_out_secs: f64,
    cooldown_in_secs: f64,
    world: World,
    /// When each data point is told, and what it says.
    points: VecDeque<(f64, f64)>,
    out_at_secs: f64,
    in_at_secs: f64,
}

impl Tracking {
    /// ApproximateNumberOfMessagesVisible at a target, with the default cooldowns of 300 s.
    #[must_use]
    pub fn visible(target: f64) -> Self {
        let name = format!("target tracking (visible {target})");
        Self::new(name, target, false, (300.0, 300.0))
    }

    /// Backlog per task as AWS Copilot sets it up: a metric per minute, the acceptable wait divided
    /// by the time per message, cooldowns of 60 and 120 s.
    #[must_use]
    pub fn backlog_per_task(trace: &Trace) -> Self {
        let target = trace.max_wait_secs * real(trace.slots) / trace.mean_work_secs();
        let name = "target tracking (backlog per task)".to_owned();
        Self::new(name, target.max(1.0), true, (60.0, 120.0))
    }

    fn new(name: String, target: f64, per_task: bool, cooldowns: (f64, f64)) -> Self {
        let (cooldown_out_secs, cooldown_in_secs) = cooldowns;
        Self {
            name,
            target,
            per_task,
            cooldown_out_secs,
            cooldown_in_secs,
            world: World::default(),
            points: VecDeque::new(),
            out_at_secs: f64::NEG_INFINITY,
            in_at_secs: f64::NEG_INFINITY,
        }
    }
}

impl Scaler for Tracking {
    fn name(&self) -> &str {
        &self.name
    }

    fn rules(&self) -> Rules {
        Rules::new(SERVICE, 1, TASKS_MAX as usize)
    }

    fn clocks(&self) -> &[f64] {
        &[MINUTE_SECS]
    }

    fn tick(&mut self, _: usize, view: &View) -> Order {
        let at_secs = view.at_secs;
        let point = if self.per_task {
            (view.waiting / real(view.running.max(1))).ceil()
        } else {
            view.waiting
        };
        self.points.push_back((at_secs + self.world.cloudwatch_lag_secs, point));
        if self.points.len() > POINTS_MAX {
            self.points.pop_front();
        }
        let told = self.points.iter().filter(|(told, _)| *told <= at_secs + 0.5);
        let told: Vec<f64> = told.map(|(_, point)| *point).collect();
        let Some(&last) = told.last() else { return Order::Keep };
        let (points_out, points_in) = self.world.tracking_points;
        let now = real(view.desired.max(1));
        let proportional = (now * last / self.target).ceil();
        let target = self.target;
        if lasts(&told, points_out, |point| point > target)
            && at_secs - self.out_at_secs >= self.cooldown_out_secs
        {
            self.out_at_secs = at_secs;
            return Order::Desired(whole(proportional));
        }
        if lasts(&told, points_in, |point| point < IN_SHARE * target)
            && at_secs - self.in_at_secs.max(self.out_at_secs) >= self.cooldown_in_secs
        {
            self.in_at_secs = at_secs;
            let gradual = (now * (1.0 - self.world.tracking_in_share)).floor().min(now - 1.0);
            return Order::Desired(whole(proportional.max(gradual)));
        }
        Order::Keep
    }
}

/// Whether the newest `count` points are all so.
fn lasts(told: &[f64], count: usize, is_so: impl Fn(f64) -> bool) -> bool {
    told.len() >= count && told.iter().rev().take(count).all(|point| is_so(*point))
}
