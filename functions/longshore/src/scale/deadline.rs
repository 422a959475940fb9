//! Step 5, second half: tasks that let every message begin in time.

use super::{
    backlog::{Backlog, Segment},
    policy::{Policy, Tuning},
    supply::Supply,
    surge::Rates,
};

/// Share of the wait that is planned with; the rest is for what cannot be foreseen.
const WAIT_SHARE: f64 = 0.8;
/// Least time over which work that is there is spread before tasks are let go.
const KEEP_SECS_MIN: f64 = 10.0;

/// What a need is reckoned with.
#[derive(Debug)]
pub(super) struct Load<'a> {
    pub(super) policy: &'a Policy,
    pub(super) tuning: Tuning,
    pub(super) supply: &'a Supply,
    pub(super) at_secs: f64,
    /// Messages that wait.
    pub(super) visible: f64,
    /// Messages that tasks work on which stay.
    pub(super) in_flight: f64,
    /// Seconds of work on a message.
    pub(super) service_secs: f64,
    /// Seconds that a task takes to start.
    pub(super) launch_secs: f64,
}

impl Load<'_> {
    /// Seconds of the wait that are planned with.
    pub(super) fn planned_secs(&self) -> f64 {
        WAIT_SHARE * self.policy.max_wait_secs
    }

    /// Nothing is planned sooner than a new task could start and be of use.
    fn secs_min(&self) -> f64 {
        self.launch_secs + self.tuning.useful_secs
    }

    /// How far arrivals that are not there yet are launched for: only as far as the wait leaves no
    /// time to launch once they are there.
    pub(super) fn speculation(&self) -> f64 {
        let too_late = 2.0 * self.launch_secs - self.planned_secs();
        self.tuning.speculation.unwrap_or((too_late / self.launch_secs).clamp(0.0, 1.0))
    }
}

/// Tasks for the backlog, by earliest deadline first: each segment, with all that is older, must
/// have begun when its time is up. Also tells the segment that asks for the most.
///
/// Where there are enough tasks, as many are kept as the work needs that is there: otherwise tasks
/// would be let go and launched again until the deadline is near.
pub(super) fn deadline(backlog: &Backlog, load: &Load<'_>) -> (f64, Option<Segment>) {
    let mut most = (0.0, None);
    for prefix in backlog.prefixes() {
        let left_secs = prefix.at_secs + load.planned_secs() - load.at_secs;
        let tasks = needed(prefix.messages + load.in_flight, left_secs, load);
        if tasks > most.0 {
            most = (tasks, Some(prefix));
        }
    }
    most
}

fn needed(messages: f64, left_secs: f64, load: &Load<'_>) -> f64 {
    let supply = load.supply;
    let secs = left_secs.max(load.secs_min());
    let tasks = supply.needed(messages * load.service_secs.min(secs), secs, load.launch_secs);
    let keep_secs = left_secs.max(KEEP_SECS_MIN);
    let busy = messages * load.service_secs.min(keep_secs) / (supply.slots() * keep_secs);
    tasks.max(busy.min(supply.tasks()))
}

/// Tasks for what waits and what is to come within the time that is planned with. A surge is taken
/// to last as long again as it has lasted.
pub(super) fn forecast(rates: &Rates, load: &Load<'_>) -> f64 {
    let secs = load.planned_secs().max(load.secs_min());
    let surge_secs = load.speculation() * rates.surge_secs.min(secs);
    let to_come = rates.now_per_sec * surge_secs + rates.per_sec * (secs - surge_secs);
    let messages = load.visible + to_come + load.in_flight;
    load.supply.needed(messages * load.service_secs.min(secs), secs, load.launch_secs)
}

#[cfg(test)]
mod tests;
