//! KEDA's ScaledObject: the operator between none and one, the Kubernetes HPA above.

use std::collections::VecDeque;

use super::{Order, RUN_TASK, Rules, Scaler, TASKS_MAX, View};
use crate::number::{real, whole};

/// `--horizontal-pod-autoscaler-sync-period`, and KEDA's `pollingInterval`.
const CLOCKS_SECS: [f64; 2] = [15.0, 30.0];
/// KEDA's `cooldownPeriod`.
const COOLDOWN_SECS: f64 = 300.0;
/// The HPA's default `stabilizationWindowSeconds` for scaling down.
const STABLE_SECS: f64 = 300.0;
/// The HPA's default tolerance.
const TOLERANCE: f64 = 0.1;
/// The HPA's default policies for scaling up: the larger of 100 % and 4 pods, every 15 s.
const UP_PODS: usize = 4;
const UP_SECS: f64 = 15.0;

/// One pod for so many messages, those in flight included.
#[derive(Debug)]
pub struct KedaObject {
    name: String,
    queue_length: f64,
    wanted: VecDeque<(f64, usize)>,
    went_up: VecDeque<(f64, usize)>,
    active_secs: f64,
}

impl KedaObject {
    /// `queueLength` messages per pod; KEDA's default is 5.
    #[must_use]
    pub fn new(name: &str, queue_length: f64) -> Self {
        Self {
            name: name.to_owned(),
            queue_length,
            wanted: VecDeque::new(),
            went_up: VecDeque::new(),
            active_secs: f64::NEG_INFINITY,
        }
    }

    /// The operator: the first pod, and the end of the last.
    fn operate(&mut self, view: &View) -> Order {
        if view.waiting + view.in_flight > 0.0 {
            self.active_secs = view.at_secs;
            return if view.desired == 0 { Order::Desired(1) } else { Order::Keep };
        }
        let is_over = view.at_secs - self.active_secs >= COOLDOWN_SECS;
        if view.desired > 0 && is_over { Order::Desired(0) } else { Order::Keep }
    }

    /// The HPA: any other number of pods.
    fn autoscale(&mut self, view: &View) -> Order {
        let (at_secs, now) = (view.at_secs, view.desired);
        if now == 0 {
            return Order::Keep;
        }
        let pods = (view.waiting + view.in_flight) / self.queue_length;
        let is_near = (pods / real(now) - 1.0).abs() <= TOLERANCE;
        let want = if is_near { now } else { whole(pods.ceil()) };
        let want = want.clamp(1, TASKS_MAX as usize);
        self.wanted.push_back((at_secs, want));
        while self.wanted.front().is_some_and(|(then, _)| *then < at_secs - STABLE_SECS) {
            self.wanted.pop_front();
        }
        if want > now {
            while self.went_up.front().is_some_and(|(then, _)| *then < at_secs - UP_SECS + 0.1) {
                self.went_up.pop_front();
            }
            let before = self.went_up.front().map_or(now, |(_, pods)| *pods).min(now);
            self.went_up.push_back((at_secs, now));
            let most = (2 * before).max(before + UP_PODS);
            return Order::Desired(want.min(most).max(now));
        }
        let stable = self.wanted.iter().map(|(_, pods)| *pods).max().unwrap_or(now);
        if stable < now { Order::Desired(stable.max(1)) } else { Order::Keep }
    }
}

impl Scaler for KedaObject {
    fn name(&self) -> &str {
        &self.name
    }

    fn rules(&self) -> Rules {
        Rules::new(RUN_TASK, 0, TASKS_MAX as usize)
    }

    fn clocks(&self) -> &[f64] {
        &CLOCKS_SECS
    }

    fn tick(&mut self, clock: usize, view: &View) -> Order {
        if clock == 0 { self.autoscale(view) } else { self.operate(view) }
    }
}
