//! KEDA's ScaledJob, with the default strategy: a Kubernetes Job for each message.

use super::{Order, RUN_TASK, Rules, Scaler, TASKS_MAX, View};
use crate::number::whole;

/// KEDA's `pollingInterval`.
const POLL_SECS: f64 = 30.0;

/// A pod for each message, most of them at once `maxReplicaCount`.
#[derive(Debug)]
pub struct KedaJobs;

impl Scaler for KedaJobs {
    fn name(&self) -> &'static str {
        "KEDA ScaledJob"
    }

    fn rules(&self) -> Rules {
        Rules { is_one_message: true, ..Rules::new(RUN_TASK, 0, TASKS_MAX as usize) }
    }

    fn clocks(&self) -> &[f64] {
        &[POLL_SECS]
    }

    fn tick(&mut self, _: usize, view: &View) -> Order {
        let messages = whole(view.waiting + view.in_flight).min(TASKS_MAX as usize);
        Order::Add(messages.saturating_sub(view.running + view.launching))
    }
}
