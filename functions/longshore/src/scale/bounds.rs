//! Step 6: what no need goes beyond.

use super::{deadline::Load, number::tasks, surge::Rates};

/// Half a message: a count that is below it is none.
pub(super) const SOME_MESSAGES: f64 = 0.5;

/// Most tasks that have something to do: no more slots than messages that are there, or will have
/// come when a task that is launched now is ready.
pub(super) fn most(rates: &Rates, load: &Load<'_>) -> u32 {
    let speculated = load.speculation() * rates.per_sec * load.launch_secs;
    let surge = rates.now_per_sec * rates.surge_secs.min(load.launch_secs);
    tasks((load.visible + load.in_flight + speculated + surge) / load.policy.slots)
}

/// Tasks that hold messages, at least. Where fewer stay, one that is at work would have to leave.
pub(super) fn busy(load: &Load<'_>) -> u32 {
    tasks(load.in_flight / load.policy.slots)
}
