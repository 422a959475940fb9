//! A fleet that nobody scales.

use super::{Order, Rules, SERVICE, Scaler, TASKS_MAX, View};
use crate::{
    number::{real, whole},
    trace::Trace,
};

const MINUTE_SECS: f64 = 60.0;
/// Room above the busiest minute.
const ROOM: f64 = 1.2;

/// As many tasks as the busiest minute needs, and a fifth more, all the time.
#[derive(Debug)]
pub struct Fixed {
    tasks: usize,
}

impl Fixed {
    /// For the busiest minute of a trace, which nobody knows beforehand.
    #[must_use]
    pub fn for_peak(trace: &Trace) -> Self {
        let mut minutes = vec![0.0; whole(trace.end_secs / MINUTE_SECS) + 2];
        for (at_secs, work_secs) in trace.arrivals.iter().zip(&trace.work_secs) {
            if let Some(minute) = minutes.get_mut(whole(at_secs / MINUTE_SECS)) {
                *minute += work_secs / MINUTE_SECS;
            }
        }
        let peak = minutes.into_iter().fold(0.0, f64::max) / real(trace.slots);
        Self { tasks: whole((ROOM * peak).ceil()).clamp(1, TASKS_MAX as usize) }
    }
}

impl Scaler for Fixed {
    fn name(&self) -> &'static str {
        "fixed fleet (1.2 × the busiest minute)"
    }

    fn rules(&self) -> Rules {
        Rules::new(SERVICE, self.tasks, self.tasks)
    }

    fn clocks(&self) -> &[f64] {
        &[MINUTE_SECS]
    }

    fn tick(&mut self, _: usize, _: &View) -> Order {
        Order::Keep
    }
}
