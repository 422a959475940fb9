//! A task for each message, launched when it comes: EventBridge to RunTask.

use super::{Order, RUN_TASK, Rules, Scaler, View};

/// Most of them at once; the account's quota of vCPUs ends it somewhere.
const TASKS_MAX: usize = 1_000;
/// It has no clock; the simulation wants one.
const CLOCK_SECS: f64 = 3_600.0;

/// A task for each message.
#[derive(Debug)]
pub struct PerMessage;

impl Scaler for PerMessage {
    fn name(&self) -> &'static str {
        "one RunTask per message"
    }

    fn rules(&self) -> Rules {
        Rules {
            is_one_message: true,
            is_task_per_message: true,
            ..Rules::new(RUN_TASK, 0, TASKS_MAX)
        }
    }

    fn clocks(&self) -> &[f64] {
        &[CLOCK_SECS]
    }

    fn tick(&mut self, _: usize, _: &View) -> Order {
        Order::Keep
    }
}
